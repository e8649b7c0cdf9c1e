/*
 * Writes the columns that a batch keeps of a case, each value with its length
 * and cut where it is too long, and reads them again with every length
 * checked.  Relies on the model of the reports.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch/row.h"
#include "correlate/attempt.h"
#include "report/escape.h"
#include "report/model.h"

#define REQUEST_IDS	16		/* in the row of the case */

const struct row_table_info row_tables[ROW_TABLE_COUNT] = {
#define COUNT(...)							\
	(sizeof((const char *const []){ __VA_ARGS__ }) / sizeof(char *))
#define T(ID, name, ...) [ROW_##ID] = { name, { __VA_ARGS__ },		\
	COUNT(__VA_ARGS__) },
	ROW_TABLES(T)
#undef T
};

/* ---- writing ---- */

struct row {
	FILE		*f;
	struct model	*model;
	struct arena	*arena;
	size_t		 records[ROW_TABLE_COUNT];
};

/* Begins a record; false when there are enough of its kind. */
static bool
record(struct row *row, enum row_table table)
{
	if (row->records[table] == ROW_RECORDS)
		return false;
	row->records[table]++;
	(void)fputc((int)table, row->f);
	return true;
}

static void
put(struct row *row, struct str s)
{
	size_t n = s.n;

	if (n > ROW_CELL_BYTES) {
		n = ROW_CELL_BYTES;
		while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n--;
	}
	(void)fputc((int)(n & 0xff), row->f);
	(void)fputc((int)(n >> 8), row->f);
	if (n > 0)
		(void)fwrite(s.p, 1, n, row->f);
}

static void
put_text(struct row *row, const char *s)
{
	put(row, str_of(s));
}

static void
put_number(struct row *row, int64_t n)
{
	put_text(row, n == ABSENT ? "" : arena_printf(row->arena, "%lld",
	    (long long)n));
}

static void
put_time(struct row *row, int64_t us)
{
	put_text(row, us == ABSENT ? "" : time_text(row->arena, us));
}

static void
put_code(struct row *row, uint32_t code)
{
	put_text(row, arena_printf(row->arena, "0x%08x", (unsigned int)code));
}

/* Up to a number of texts with blanks between. */
static void
put_texts(struct row *row, const struct list *texts)
{
	const char *s = "";
	size_t i;

	for (i = 0; i < texts->n && i < REQUEST_IDS; i++)
		s = arena_printf(row->arena, "%s%s%s", s, i == 0 ? "" : " ",
		    (const char *)texts->v[i]);
	put_text(row, s);
}

/* Where the first bytes of a list of proofs stand. */
static void
put_place(struct row *row, const struct list *proofs,
    const struct proof **ret_proof)
{
	const struct proof *proof = proofs->n > 0 ? proofs->v[0] : NULL;
	bool read = proof != NULL && proof->fact != NULL;

	put_text(row, read ? proof->at.input->path : "");
	put_text(row, read ? proof->at.member : "");
	put_number(row, read ? (int64_t)proof->at.offset : ABSENT);
	put_number(row, read ? (int64_t)proof->at.length : ABSENT);
	*ret_proof = proof;
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
put_case_code(struct row *row, const struct row_attempt *at)
{
	const struct finding *cause = row->model->verdict->cause;
	const struct row_stage *stage;
	size_t i;

	for (i = 0; at != NULL && i < at->stages.n; i++) {
		stage = at->stages.v[i];
		if (str_is(stage->state, "failed") &&
		    !str_empty(stage->hresult)) {
			put(row, stage->hresult);
			return;
		}
	}
	if (cause != NULL && cause->ncodes > 0)
		put_code(row, cause->codes[0]);
	else
		put_text(row, "");
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

static void
write_case(struct row *row)
{
	static const struct row_attempt none = { .time = ABSENT };
	const struct model *model = row->model;
	const struct verdict *v = model->verdict;
	const struct row_attempt *at = last_attempt(model);
	const struct row_attempt *a = at != NULL ? at : &none;
	struct str ca = at != NULL ? item_show(model->ev, at->at,
	    &ek_issuer_name) : str_of("");

	if (str_empty(ca))
		ca = common_name(a->issuer);
	(void)record(row, ROW_CASE);
	put_text(row, model->case_id);
	put_text(row, outcome_names[v->outcome]);
	put_text(row, v->cause == NULL ? "" : v->cause->rule->id);
	put_text(row, v->cause == NULL ? "" : confidence_names[v->confidence]);
	put(row, a->failed_stage);
	put_case_code(row, at);
	put(row, str_empty(model->device.vendor) ? a->vendor :
	    model->device.vendor);
	put(row, ca);
	put(row, model->device.firmware);
	put(row, model->device.tpm_version);
	put(row, model->device.windows_build);
	put(row, a->host);
	put(row, a->id);
	put_time(row, a->time);
	put(row, a->transaction);
	put_texts(row, &model->escalation.request_ids);
	put_texts(row, &model->escalation.client_request_ids);
	put_text(row, v->sentence);
	put_text(row, v->next_step);
	put_text(row, model->version);
	put_text(row, model->rules_sha256);
}

static void
write_inputs(struct row *row)
{
	static const char *const states[] = {
		[INPUT_READ] = "read", [INPUT_PARTIAL] = "partial",
		[INPUT_UNREADABLE] = "unreadable", [INPUT_SKIPPED] = "skipped"
	};
	const struct row_input *in;
	size_t i;

	for (i = 0; i < row->model->inputs.n && record(row, ROW_INPUT); i++) {
		in = row->model->inputs.v[i];
		put_text(row, in->input->path);
		put_text(row, in->input->kind);
		put_number(row, (int64_t)in->input->size);
		put_text(row, in->sha256);
		put_text(row, states[in->input->state]);
		put_text(row, in->problems.n > 0 ? in->problems.v[0] : "");
	}
}

static void
write_findings(struct row *row)
{
	const struct row_finding *found;
	const struct proof *proof;
	const char *codes;
	size_t i, k;

	for (i = 0; i < row->model->findings.n && record(row, ROW_FINDING);
	    i++) {
		found = row->model->findings.v[i];
		for (codes = "", k = 0; k < found->ncodes; k++)
			codes = arena_printf(row->arena, "%s%s0x%08x", codes,
			    k == 0 ? "" : " ", (unsigned int)found->codes[k]);
		put_text(row, found->id);
		put_text(row, rule_kind_names[found->rule->kind]);
		put_text(row, severity_names[found->rule->severity]);
		put_text(row, confidence_names[found->finding->confidence]);
		put_number(row, found->finding->overtaken);
		put_text(row, codes);
		put_text(row, found->finding->title);
		put_place(row, &found->proofs, &proof);
		put(row, proof == NULL || proof->fact == NULL ? str_of("") :
		    proof->field);
		put(row, proof == NULL ? str_of("") : proof->fact == NULL ?
		    str_of(proof->gap) : proof->value);
	}
}

static void
write_codes(struct row *row)
{
	const struct row_code *code;
	const struct proof *proof;
	size_t i;

	for (i = 0; i < row->model->codes.n && record(row, ROW_CODE); i++) {
		code = row->model->codes.v[i];
		put_code(row, code->code);
		put(row, code->known ? code->info.symbol : str_of(""));
		put(row, code->known ? code->info.meaning : str_of(""));
		put_place(row, &code->where, &proof);
	}
}

static void
write_certificates(struct row *row)
{
	const struct row_certificate *cert;
	size_t i;

	for (i = 0; i < row->model->certificates.n &&
	    record(row, ROW_CERTIFICATE); i++) {
		cert = row->model->certificates.v[i];
		put_text(row, cert->id);
		put(row, cert->role);
		put(row, cert->subject);
		put(row, cert->issuer);
		put(row, cert->vendor);
		put(row, cert->key);
		put(row, cert->serial);
		put(row, cert->ski);
		put_time(row, cert->not_before);
		put_time(row, cert->not_after);
	}
}

static void
write_requests(struct row *row, const struct row_attempt *at, size_t number)
{
	const struct row_stage *stage;
	size_t i;

	for (i = 0; i < at->stages.n; i++) {
		stage = at->stages.v[i];
		if (str_is(stage->state, "missing") ||
		    str_is(stage->state, "not-captured") ||
		    !record(row, ROW_REQUEST))
			continue;
		put_number(row, (int64_t)number);
		put(row, stage->name);
		put(row, stage->state);
		put_time(row, stage->time);
		put(row, at->host);
		put_number(row, stage->http_status);
		put(row, stage->hresult);
		put(row, stage->request_id);
		put(row, stage->client_request_id);
	}
}

static void
write_attempts(struct row *row)
{
	const struct row_attempt *at;
	size_t i;

	for (i = 0; i < row->model->attempts.n && record(row, ROW_ATTEMPT);
	    i++) {
		at = row->model->attempts.v[i];
		put(row, at->source);
		put(row, at->outcome);
		put(row, at->failed_stage);
		put(row, at->host);
		put(row, at->vendor);
		put(row, at->id);
		put(row, at->issuer);
		put_time(row, at->time);
		put(row, at->transaction);
		put_number(row, at->last);
		write_requests(row, at, i + 1);
	}
}

static int
row_write(const struct report *report, FILE *f)
{
	struct row row = { .f = f, .model = model_new(report),
	    .arena = ev_arena(report->ev) };

	write_case(&row);
	write_inputs(&row);
	write_findings(&row);
	write_codes(&row);
	write_certificates(&row);
	write_attempts(&row);
	return ferror(f) ? -1 : 0;
}

const struct reporter row_reporter = {
	.name = "row",
	.suffix = ".row",
	.write = row_write
};

/* ---- reading ---- */

static bool
cell_next(struct row_reader *r, const char **ret_p, size_t *ret_n)
{
	size_t n;

	if (r->n - r->at < 2)
		return false;
	n = r->p[r->at] | (size_t)r->p[r->at + 1] << 8;
	r->at += 2;
	if (n > ROW_CELL_BYTES || n > r->n - r->at)
		return false;
	*ret_p = (const char *)r->p + r->at;
	*ret_n = n;
	r->at += n;
	return true;
}

static bool
cell_number(struct row_cell *cell)
{
	char *end;

	errno = 0;
	cell->value = strtoll(cell->p, &end, 10);
	return errno == 0 && *end == '\0' && end != cell->p;
}

bool
row_next(struct row_reader *r, struct arena *arena, enum row_table *ret_table,
    struct row_cell cells[ROW_COLUMNS])
{
	const struct row_table_info *info;
	const char *p;
	size_t n, i;

	if (r->bad || r->at == r->n)
		return false;
	r->bad = true;
	if (r->p[r->at] >= ROW_TABLE_COUNT)
		return false;
	*ret_table = (enum row_table)r->p[r->at++];
	info = &row_tables[*ret_table];
	for (i = 0; i < info->ncolumns; i++) {
		if (!cell_next(r, &p, &n))
			return false;
		cells[i] = (struct row_cell){ "", 0, false, 0 };
		if (n == 0)
			continue;
		cells[i].p = escape_text(arena, p, n, &cells[i].n);
		if (*info->columns[i] == '#') {
			cells[i].number = true;
			if (!cell_number(&cells[i]))
				return false;
		}
	}
	r->bad = false;
	return true;
}

bool
row_sound(const uint8_t *p, size_t n)
{
	struct row_reader r = { .p = p, .n = n };
	struct row_cell cells[ROW_COLUMNS];
	struct arena *arena = arena_new();
	enum row_table table;
	size_t records = 0;
	bool good = n <= ROW_BYTES;

	while (good && row_next(&r, arena, &table, cells)) {
		good = (table == ROW_CASE) == (records == 0) &&
		    records < (size_t)ROW_RECORDS * ROW_TABLE_COUNT;
		records++;
	}
	arena_free(arena);
	return good && !r.bad && records > 0;
}
