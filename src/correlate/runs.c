/*
 * Tells the stages of an attempt from the text of certreq or of an event, and
 * adds the codes of such a text to an attempt that a capture shows.
 * Relies on stages.h.
 */
#include <string.h>

#include "correlate/stages.h"

/* Codes whose number alone tells how far the run got. */
static const struct {
	uint32_t	 code;
	const char	*stage;
} code_stages[] = {
	{ 0x80072ee7, "dns" },		/* name not resolved */
	{ 0x80072ee2, "connect" },	/* timeout */
	{ 0x80072efd, "connect" },	/* cannot connect */
	{ 0x80072efe, "connect" },	/* connection aborted */
	{ 0x80072f05, "tls" },		/* certificate date */
	{ 0x80072f06, "tls" },		/* certificate name */
	{ 0x80072f0d, "tls" },		/* unknown authority */
	{ 0x80072f7d, "tls" },		/* channel error */
	{ 0x80072f8f, "tls" },		/* secure failure */
};

static const char *
stage_of_code(const struct item *run)
{
	const struct fact *f;
	size_t i;

	for (f = item_fact(run, &run_code); f != NULL; f = fact_next(f))
		for (i = 0; i < sizeof(code_stages) / sizeof(*code_stages); i++)
			if (f->value.number == code_stages[i].code)
				return code_stages[i].stage;
	return NULL;
}

/* The code of a failure, or NULL. */
static const struct fact *
failure_code(const struct item *run)
{
	const struct fact *f;

	for (f = item_fact(run, &run_code); f != NULL; f = fact_next(f))
		if (f->value.number != 0)
			return f;
	return NULL;
}

enum run_outcome
run_outcome(const struct item *run, const struct fact **ret_why)
{
	const struct fact *code = failure_code(run), *f;

	*ret_why = NULL;
	if ((f = item_fact(run, &run_enroll_status)) != NULL &&
	    f->value.number == 1 && code == NULL) {
		*ret_why = f;
		return RUN_SUCCEEDED;
	}
	if ((f = item_fact(run, &run_event)) != NULL && f->value.number == 88 &&
	    code == NULL) {
		*ret_why = f;
		return RUN_SUCCEEDED;
	}
	if (code != NULL) {
		*ret_why = code;
		return RUN_FAILED;
	}
	if ((f = item_fact(run, &run_http_status)) != NULL &&
	    f->value.number >= 400) {
		*ret_why = f;
		return RUN_FAILED;
	}
	if ((f = item_fact(run, &run_pki_status)) != NULL &&
	    f->value.number == 2) {
		*ret_why = f;
		return RUN_FAILED;
	}
	if ((f = item_fact(run, &run_enroll_status)) != NULL &&
	    f->value.number == 256) {
		*ret_why = f;
		return RUN_FAILED;
	}
	return RUN_UNFINISHED;
}

/* A fact of the run under the name that captures use for the same thing. */
static const struct {
	const struct field	*of_run, *of_stage;
} same[] = {
	{ &run_http_status, &http_status },
	{ &run_message, &service_message },
	{ &run_date, &http_date },
	{ &run_pki_status, &scep_pki_status },
	{ &run_fail_info, &scep_fail_info },
	{ &run_request_id, &stage_request_id },
	{ &run_client_request_id, &stage_client_request_id },
	{ &run_code, &stage_code },
};

static void
take(struct evidence *ev, struct item *to, const struct item *run, size_t i)
{
	const struct fact *f;

	if (!(same[i].of_stage->kinds & UINT32_C(1) << to->kind))
		return;
	for (f = item_fact(run, same[i].of_run); f != NULL; f = fact_next(f))
		ev_derive(ev, to, same[i].of_stage, f->value, SPAN_NONE, &f, 1,
		    NULL);
}

/*
 * A text keeps no body, but tells its kind.  What matters is a page in the
 * place of the service's words: a refusal, or what is called a success.
 */
static void
page(struct evidence *ev, struct item *to, const struct item *run)
{
	const struct fact *why[2] = { item_fact(run, &run_content_type),
	    item_fact(run, &run_http_status) };
	int64_t status = why[1] == NULL ? 0 : why[1]->value.number;

	/* The service's own marks say whose answer it is. */
	if (why[0] == NULL || !fact_holds(why[0], "text/html") ||
	    item_fact(run, &run_request_id) != NULL ||
	    item_fact(run, &run_message) != NULL ||
	    !(http_content.kinds & UINT32_C(1) << to->kind))
		return;
	if ((status >= 200 && status < 300) || status == 401 ||
	    status == 403 || status == 451)
		ev_derive(ev, to, &http_content, value_str("html"), SPAN_NONE,
		    why, 2, NULL);
}

void
run_tell(struct evidence *ev, struct item *to, const struct item *run)
{
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(*same); i++)
		take(ev, to, run, i);
	page(ev, to, run);
}

static struct item *
run_stage_new(struct evidence *ev, struct attempt *at, const char *name,
    const char *state, const struct fact *why, const struct item *run,
    bool full)
{
	struct item *it = ev_item(ev, ITEM_STAGE, at->item, SPAN_NONE);
	const struct fact *f;

	ev_derive(ev, it, &stage_name, value_str(name), SPAN_NONE, &why, 1,
	    NULL);
	ev_derive(ev, it, &stage_state, value_str(state), SPAN_NONE, &why, 1,
	    NULL);
	ev_derive(ev, it, &stage_item, value_str(arena_printf(ev_arena(ev),
	    "text %u", (unsigned int)run->number)), SPAN_NONE, &why, 1, NULL);
	f = item_fact(run, &run_event_time);
	if (f == NULL)
		f = item_fact(run, &run_date);
	if (f != NULL)
		ev_derive(ev, it, &stage_time, f->value, SPAN_NONE, &f, 1,
		    NULL);
	if (full)
		run_tell(ev, it, run);
	it->artifacts |= run->artifacts;
	derive_answers(ev, it);
	return it;
}

/* "Submit(Request)" -> PKIOperation-request; NULL: it says nothing. */
static const char *
stage_of_operation(const struct fact *f)
{
	if (f == NULL)
		return NULL;
	if (fact_is(f, "GetCACaps") || fact_is(f, "GetCACertChain"))
		return f->value.p;
	if (fact_holds(f, "ChallengeAnswer"))
		return "challenge-answer";
	if (fact_holds(f, "Submit"))
		return "PKIOperation-request";
	return NULL;
}

static const struct fact *
last_of(const struct item *it, const struct field *field)
{
	const struct fact *f, *last = NULL;

	for (f = item_fact(it, field); f != NULL; f = fact_next(f))
		last = f;
	return last;
}

/* joined: the capture has told the rest, only the failure is wanted. */
static void
run_stages(struct evidence *ev, struct attempt *at, struct item *run,
    bool joined)
{
	const struct fact *op = last_of(run, &run_operation), *why, *pki, *code;
	const char *stage = stage_of_operation(op);
	enum run_outcome outcome = run_outcome(run, &why);
	int64_t status;

	if (op == NULL || stage == NULL) {
		op = item_fact(run, &run_stage);
		stage = stage_of_operation(op);
	}
	pki = last_of(run, &run_pki_status);
	status = pki != NULL ? pki->value.number : -1;
	code = failure_code(run);
	if (outcome == RUN_SUCCEEDED) {
		run_stage_new(ev, at, "certificate", "ok", why, run, true);
		return;
	}
	if (status == 11) {
		/* The challenge came; what the client did with it did not. */
		if (!joined) {
			run_stage_new(ev, at, "PKIOperation-request", "ok",
			    pki, run, false);
			run_stage_new(ev, at, "challenge", "ok", pki, run,
			    outcome != RUN_FAILED);
		}
		if (outcome == RUN_FAILED)
			run_stage_new(ev, at, "challenge-answer", "failed",
			    code != NULL ? code : why, run, true);
		else if (!item_truth(run, &run_cut, false))
			run_stage_new(ev, at, "challenge-answer", "missing",
			    pki, run, false);
		return;
	}
	if (outcome != RUN_FAILED) {
		if (stage != NULL)
			run_stage_new(ev, at, stage, "not-captured", op, run,
			    true);
		return;
	}
	/* Without any HTTP answer the code tells how far it got. */
	if (item_fact(run, &run_http_status) == NULL &&
	    stage_of_code(run) != NULL)
		stage = stage_of_code(run);
	else if (status == 2 && stage != NULL) {
		if (!joined)
			run_stage_new(ev, at, stage, "ok", pki, run, false);
		stage = strcmp(stage, "challenge-answer") == 0 ?
		    "certificate" : "challenge";
		why = pki;
	}
	if (stage != NULL)
		run_stage_new(ev, at, stage, "failed", why, run, true);
}

void
stages_of_run(struct evidence *ev, struct attempt *at, struct item *run)
{
	run_stages(ev, at, run, false);
}

void
stages_join_run(struct evidence *ev, struct attempt *at, struct item *run)
{
	struct item *it, *failed = NULL;
	const struct fact *f, *g;

	for (it = ev_first(ev, ITEM_STAGE); it != NULL; it = it->next)
		if (it->parent == at->item &&
		    (fact_is(item_fact(it, &stage_state), "failed") ||
		    fact_is(item_fact(it, &stage_state), "missing")))
			failed = it;
	if (failed == NULL) {
		/* The capture does not show how it ended; the text may. */
		if (run_outcome(run, &f) == RUN_FAILED)
			run_stages(ev, at, run, true);
		return;
	}
	for (f = item_fact(run, &run_code); f != NULL; f = fact_next(f)) {
		for (g = item_fact(failed, &stage_code); g != NULL &&
		    !fact_equal(f, g); g = fact_next(g))
			continue;
		if (g == NULL && f->value.number != 0)
			ev_derive(ev, failed, &stage_code, f->value, SPAN_NONE,
			    &f, 1, NULL);
	}
	failed->artifacts |= run->artifacts;
	f = item_fact(run, &run_source);
	if (item_fact(failed, &stage_item) == NULL && f != NULL)
		ev_derive(ev, failed, &stage_item, value_str(arena_printf(
		    ev_arena(ev), "text %u", (unsigned int)run->number)),
		    SPAN_NONE, &f, 1, NULL);
}
