/*
 * Writes the row of a case from the model of its reports.
 * Relies on row.h and model.h.
 */
#include <string.h>

#include "batch/calendar.h"
#include "batch/row.h"
#include "correlate/attempt.h"
#include "report/model.h"

#define REQUEST_IDS	16		/* in the row of the case */

struct writer {
	struct row	 row;
	struct model	*model;
};

static void
put_time(struct writer *w, int64_t us)
{
	row_put_text(&w->row, us == ABSENT ? "" : time_text(w->row.arena, us));
}

static void
put_code(struct writer *w, uint32_t code)
{
	row_put_text(&w->row, arena_printf(w->row.arena, "0x%08x",
	    (unsigned int)code));
}

/* Up to a number of texts with blanks between. */
static void
put_texts(struct writer *w, const struct list *texts)
{
	const char *s = "";
	size_t i;

	for (i = 0; i < texts->n && i < REQUEST_IDS; i++)
		s = arena_printf(w->row.arena, "%s%s%s", s, i == 0 ? "" : " ",
		    (const char *)texts->v[i]);
	row_put_text(&w->row, s);
}

/* Where the bytes of a proof stand; nowhere for a gap, and for NULL. */
static void
put_place(struct writer *w, const struct proof *proof)
{
	bool read = proof != NULL && proof->fact != NULL;
	const char *via = "";
	size_t i;

	row_put_text(&w->row, read ? proof->at.input->path : "");
	row_put_text(&w->row, read ? proof->at.member : "");
	row_put_number(&w->row, read ? (int64_t)proof->at.offset : ABSENT);
	row_put_number(&w->row, read ? (int64_t)proof->at.length : ABSENT);
	for (i = 0; read && i < proof->at.nvia; i++)
		via = arena_printf(w->row.arena, "%s%s%s", via,
		    i == 0 ? "" : ", ", proof->at.via[i]);
	row_put_text(&w->row, via);
}

/* The same with the field and its value, or what the gap is. */
static void
put_proof(struct writer *w, const struct proof *proof)
{
	put_place(w, proof);
	row_put(&w->row, proof == NULL || proof->fact == NULL ? str_of("") :
	    proof->field);
	row_put(&w->row, proof == NULL ? str_of("") : proof->fact == NULL ?
	    str_of(proof->gap) : proof->value);
}

/* The attempt that the verdict speaks of: the last one. */
static const struct row_attempt *
last_attempt(const struct model *model)
{
	const struct row_attempt *at, *last = NULL;
	size_t i;

	for (i = 0; i < model->attempts.n; i++) {
		at = model->attempts.v[i];
		if (last == NULL || at->last)
			last = at;
	}
	return last;
}

/* The code of the stage that failed, else one of the cause's. */
static void
put_case_code(struct writer *w, const struct row_attempt *at)
{
	const struct finding *cause = w->model->verdict->cause;
	const struct row_stage *stage;
	size_t i;

	for (i = 0; at != NULL && i < at->stages.n; i++) {
		stage = at->stages.v[i];
		if (str_is(stage->state, "failed") &&
		    !str_empty(stage->hresult)) {
			row_put(&w->row, stage->hresult);
			return;
		}
	}
	if (cause != NULL && cause->ncodes > 0)
		put_code(w, cause->codes[0]);
	else
		row_put_text(&w->row, "");
}

/* "CA 042" of "C=DE, O=..., CN=CA 042": as a certificate names it. */
static struct str
common_name(struct str s)
{
	struct str cn = s;
	size_t i, n;

	for (i = 0; i + 3 <= s.n; i++)
		if (memcmp(s.p + i, "CN=", 3) == 0 &&
		    (i == 0 || s.p[i - 1] == ' ')) {
			for (n = 0; i + 3 + n < s.n && s.p[i + 3 + n] != ',';
			    n++)
				continue;
			cn = (struct str){ s.p + i + 3, n };
		}
	return cn;
}

/* The status of the stage that failed. */
static int64_t
failed_status(const struct row_attempt *at)
{
	const struct row_stage *stage;
	size_t i;

	for (i = 0; i < at->stages.n; i++) {
		stage = at->stages.v[i];
		if (str_is(stage->state, "failed"))
			return stage->http_status;
	}
	return ABSENT;
}

/* The SHA-256 of the device's EK certificate, where one is known. */
static const char *
device_id(const struct model *model, const struct row_attempt *at)
{
	const struct row_certificate *cert = NULL;

	if (at != NULL && at->at->attempt->ek != NULL)
		cert = model_certificate(model, at->at->attempt->ek);
	return cert != NULL ? cert->id : "";
}

static const char *
week_of(struct arena *arena, int64_t us)
{
	char week[16];

	if (us == ABSENT)
		return "";
	calendar_week_text(calendar_day(us), week);
	return arena_printf(arena, "%s", week);
}

static void
write_case(struct writer *w)
{
	static const struct row_attempt none = { .time = ABSENT };
	const struct model *model = w->model;
	const struct verdict *v = model->verdict;
	const struct row_attempt *at = last_attempt(model);
	const struct row_attempt *a = at != NULL ? at : &none;
	struct str ca = at != NULL ? item_show(model->ev, at->at,
	    &ek_issuer_name) : str_of("");
	struct str vendor = str_empty(model->device.vendor) ? a->vendor :
	    model->device.vendor;

	if (str_empty(ca))
		ca = common_name(a->issuer);
	(void)row_begin(&w->row, ROW_CASE);
	row_put_text(&w->row, model->case_id);
	row_put_text(&w->row, outcome_names[v->outcome]);
	row_put_text(&w->row, v->cause == NULL ? "" : v->cause->rule->id);
	row_put_text(&w->row, v->cause == NULL ? "" :
	    confidence_names[v->confidence]);
	row_put(&w->row, a->failed_stage);
	put_case_code(w, at);
	row_put_number(&w->row, failed_status(a));
	row_put(&w->row, vendor);
	row_put(&w->row, ca);
	row_put(&w->row, model->device.firmware);
	row_put_text(&w->row, row_firmware_family(w->row.arena, vendor,
	    model->device.firmware));
	row_put(&w->row, model->device.tpm_version);
	row_put(&w->row, model->device.windows_build);
	row_put(&w->row, a->host);
	row_put(&w->row, a->id);
	row_put_text(&w->row, device_id(model, at));
	put_time(w, a->time);
	row_put_text(&w->row, week_of(w->row.arena, a->time));
	row_put(&w->row, a->transaction);
	put_texts(w, &model->escalation.request_ids);
	put_texts(w, &model->escalation.client_request_ids);
	row_put_text(&w->row, v->sentence);
	row_put_text(&w->row, v->next_step);
	row_put_text(&w->row, model->version);
	row_put_text(&w->row, model->rules_sha256);
}

static void
write_inputs(struct writer *w)
{
	static const char *const states[] = {
		[INPUT_READ] = "read", [INPUT_PARTIAL] = "partial",
		[INPUT_UNREADABLE] = "unreadable", [INPUT_SKIPPED] = "skipped"
	};
	const struct row_input *in;
	size_t i;

	for (i = 0; i < w->model->inputs.n &&
	    row_begin(&w->row, ROW_INPUT); i++) {
		in = w->model->inputs.v[i];
		row_put_text(&w->row, in->input->path);
		row_put_text(&w->row, in->input->kind);
		row_put_number(&w->row, (int64_t)in->input->size);
		row_put_text(&w->row, in->sha256);
		row_put_text(&w->row, states[in->input->state]);
		row_put_text(&w->row, in->problems.n > 0 ?
		    in->problems.v[0] : "");
	}
}

/* Which link of the chain it is, from 1. */
static int64_t
chain_link(const struct model *model, const struct row_finding *found)
{
	size_t i;

	for (i = 0; i < model->chain.n; i++)
		if (model->chain.v[i] == found)
			return (int64_t)i + 1;
	return ABSENT;
}

static void
write_findings(struct writer *w)
{
	const struct row_finding *found;
	const char *codes;
	size_t i, k;

	for (i = 0; i < w->model->findings.n &&
	    row_begin(&w->row, ROW_FINDING); i++) {
		found = w->model->findings.v[i];
		for (codes = "", k = 0; k < found->ncodes; k++)
			codes = arena_printf(w->row.arena, "%s%s0x%08x",
			    codes, k == 0 ? "" : " ",
			    (unsigned int)found->codes[k]);
		row_put_text(&w->row, found->id);
		row_put_text(&w->row, rule_kind_names[found->rule->kind]);
		row_put_text(&w->row, severity_names[found->rule->severity]);
		row_put_text(&w->row,
		    confidence_names[found->finding->confidence]);
		row_put_number(&w->row, found->finding->overtaken);
		row_put_number(&w->row, chain_link(w->model, found));
		row_put_text(&w->row, codes);
		row_put_text(&w->row, found->finding->title);
		put_proof(w, found->proofs.n > 0 ? found->proofs.v[0] : NULL);
	}
}

static void
write_codes(struct writer *w)
{
	const struct row_code *code;
	size_t i;

	for (i = 0; i < w->model->codes.n &&
	    row_begin(&w->row, ROW_CODE); i++) {
		code = w->model->codes.v[i];
		put_code(w, code->code);
		row_put(&w->row, code->known ? code->info.symbol :
		    str_of(""));
		row_put(&w->row, code->known ? code->info.meaning :
		    str_of(""));
		put_place(w, code->where.n > 0 ? code->where.v[0] : NULL);
	}
}

static void
write_certificates(struct writer *w)
{
	const struct row_certificate *cert;
	size_t i;

	for (i = 0; i < w->model->certificates.n &&
	    row_begin(&w->row, ROW_CERTIFICATE); i++) {
		cert = w->model->certificates.v[i];
		row_put_text(&w->row, cert->id);
		row_put(&w->row, cert->role);
		row_put(&w->row, cert->subject);
		row_put(&w->row, cert->issuer);
		row_put(&w->row, cert->vendor);
		row_put(&w->row, cert->key);
		row_put(&w->row, cert->serial);
		row_put(&w->row, cert->ski);
		put_time(w, cert->not_before);
		put_time(w, cert->not_after);
	}
}

static void
write_requests(struct writer *w, const struct row_attempt *at, size_t number)
{
	const struct row_stage *stage;
	size_t i;

	for (i = 0; i < at->stages.n; i++) {
		stage = at->stages.v[i];
		if (str_is(stage->state, "missing") ||
		    str_is(stage->state, "not-captured") ||
		    !row_begin(&w->row, ROW_REQUEST))
			continue;
		row_put_number(&w->row, (int64_t)number);
		row_put(&w->row, stage->name);
		row_put(&w->row, stage->state);
		put_time(w, stage->time);
		row_put(&w->row, at->host);
		row_put_number(&w->row, stage->http_status);
		row_put(&w->row, stage->hresult);
		row_put(&w->row, stage->request_id);
		row_put(&w->row, stage->client_request_id);
	}
}

static void
write_attempts(struct writer *w)
{
	const struct row_attempt *at;
	size_t i;

	for (i = 0; i < w->model->attempts.n && row_begin(&w->row, ROW_ATTEMPT);
	    i++) {
		at = w->model->attempts.v[i];
		row_put(&w->row, at->source);
		row_put(&w->row, at->outcome);
		row_put(&w->row, at->failed_stage);
		row_put(&w->row, at->host);
		row_put(&w->row, at->vendor);
		row_put(&w->row, at->id);
		row_put(&w->row, at->issuer);
		put_time(w, at->time);
		row_put(&w->row, at->transaction);
		row_put_number(&w->row, at->last);
		write_requests(w, at, i + 1);
	}
}

/* What the links of the chain rest on. */
static void
write_proofs(struct writer *w)
{
	const struct row_finding *found;
	size_t i, k;

	for (i = 0; i < w->model->chain.n; i++) {
		found = w->model->chain.v[i];
		for (k = 0; k < found->proofs.n && k < ROW_PROOFS &&
		    row_begin(&w->row, ROW_PROOF); k++) {
			row_put_text(&w->row, found->id);
			put_proof(w, found->proofs.v[k]);
		}
	}
}

static void
write_escalation(struct writer *w)
{
	const char *text = w->model->escalation.text;

	row_put_escalation(&w->row, text, strlen(text));
}

static int
row_write(const struct report *report, FILE *f)
{
	struct writer w = { { .f = f, .arena = ev_arena(report->ev) },
	    model_new(report) };

	write_case(&w);
	write_inputs(&w);
	write_findings(&w);
	write_codes(&w);
	write_certificates(&w);
	write_attempts(&w);
	write_proofs(&w);
	write_escalation(&w);
	return ferror(f) ? -1 : 0;
}

const struct reporter row_reporter = {
	.name = "row",
	.suffix = ".row",
	.write = row_write
};
