/*
 * Tells the stages of an attempt from the sessions of a capture: which were
 * reached, which failed, what was answered.  Relies on the order of the
 * protocol (RFC 8894 with Microsoft's challenge).
 */
#include <string.h>

#include "correlate/stages.h"

FIELD(stage_name, "stage.name", TEXT, KIND(STAGE), 0,
    "dns, connect, tls, GetCACaps, GetCACertChain, PKIOperation-request, "
    "challenge, challenge-answer or certificate");
FIELD(stage_state, "stage.state", TEXT, KIND(STAGE), 0,
    "ok, failed, missing (the capture goes on without it) or not-captured");
FIELD(stage_time, "stage.time", TIME, KIND(STAGE), ARTIFACT(TIME),
    "when the stage began");
FIELD(stage_duration, "stage.duration", INT, KIND(STAGE), ARTIFACT(CAPTURE),
    "milliseconds that the stage took");
FIELD(stage_item, "stage.item", TEXT, KIND(STAGE), 0,
    "the session or text that witnesses the stage");
FIELD(stage_request_id, "stage.request_id", TEXT, KIND(STAGE),
    ARTIFACT(ANSWER), "x-ms-request-id of the service's answer");
FIELD(stage_client_request_id, "stage.client_request_id", TEXT, KIND(STAGE),
    ARTIFACT(ANSWER), "x-ms-client-request-id of the client's request");
FIELD(stage_code, "stage.code", CODE, KIND(STAGE) | KIND(ATTEMPT),
    ARTIFACT(CERTREQ) | ARTIFACT(EVENT) | ARTIFACT(ANSWER) | ARTIFACT(TLS),
    "an HRESULT that certreq, an event or the service gave for the stage",
    .repeated = true);
FIELD(attempt_outcome, "attempt.outcome", TEXT, KIND(ATTEMPT), 0,
    "succeeded, failed or unfinished");
FIELD(attempt_failed_stage, "attempt.failed_stage", TEXT, KIND(ATTEMPT), 0,
    "the stage at which the attempt failed");

static const struct field *const of_response[] = {
	&http_status, &http_reason, &http_made_by, &http_proxy_vendor,
	&http_winsock, &http_error_text, &http_content, &http_body, &http_date,
	&service_message, NULL
};
static const struct field *const of_answer[] = {
	&scep_pki_status, &scep_fail_info, &scep_fail_info_text, &scep_error,
	&scep_server_message, NULL
};

static void
copy_all(struct evidence *ev, struct item *to, const struct item *from,
    const struct field *const *fields)
{
	const struct fact *f;

	if (from == NULL)
		return;
	for (; *fields != NULL; fields++)
		for (f = item_fact(from, *fields); f != NULL; f = fact_next(f))
			ev_copy(ev, to, f);
}

/* A stage that `why` proves; the facts of x are copied by the caller. */
static struct item *
stage_new(struct evidence *ev, struct attempt *at, const char *name,
    const char *state, const struct fact *const *why, size_t n)
{
	struct item *it = ev_item(ev, ITEM_STAGE, at->item, SPAN_NONE);

	ev_derive(ev, it, &stage_name, value_str(name), SPAN_NONE, why, n,
	    NULL);
	ev_derive(ev, it, &stage_state, value_str(state), SPAN_NONE, why, n,
	    NULL);
	return it;
}

/* Why the session exists at all: its request line, else its number. */
static const struct fact *
exchange_fact(const struct exchange *x)
{
	const struct fact *f = NULL;

	if (x->request != NULL)
		f = item_fact(x->request, &request_url);
	if (f == NULL && x->response != NULL)
		f = item_fact(x->response, &http_status);
	if (f == NULL)
		f = item_fact(x->session, &session_number);
	if (f == NULL)	/* messages that are files of their own */
		f = item_fact(x->sent != NULL ? x->sent : x->answer,
		    &scep_message_type);
	return f;
}

static void
stage_times(struct evidence *ev, struct item *it, const struct exchange *x)
{
	const struct fact *span[2] = {
		item_fact(x->session, &session_begin),
		item_fact(x->session, &session_end)
	};
	const struct fact *date = x->response == NULL ? NULL :
	    item_fact(x->response, &http_date);
	const struct fact *number = item_fact(x->session, &session_number);

	if (span[0] != NULL)
		ev_derive(ev, it, &stage_time, span[0]->value, SPAN_NONE, span,
		    1, NULL);
	else if (date != NULL)
		ev_derive(ev, it, &stage_time, date->value, SPAN_NONE, &date,
		    1, NULL);
	if (span[0] != NULL && span[1] != NULL && x->end >= x->begin)
		ev_derive(ev, it, &stage_duration,
		    value_int((x->end - x->begin) / 1000), SPAN_NONE, span, 2,
		    NULL);
	if (number != NULL)
		ev_derive(ev, it, &stage_item, value_str(arena_printf(
		    ev_arena(ev), "session %lld",
		    (long long)number->value.number)), SPAN_NONE, &number, 1,
		    NULL);
	else if ((number = exchange_fact(x)) != NULL)
		ev_derive(ev, it, &stage_item, value_str(arena_printf(
		    ev_arena(ev), "message %u",
		    (unsigned int)number->item->number)), SPAN_NONE, &number,
		    1, NULL);
}

static void
stage_id(struct evidence *ev, struct item *it, const struct field *field,
    const struct item *http, const char *header)
{
	const struct fact *f = http == NULL ? NULL :
	    item_keyed(http, &http_header, header);

	if (f != NULL)
		ev_derive(ev, it, field, f->value, SPAN_NONE, &f, 1, NULL);
}

/* Everything that a session tells of the stage. */
static void
stage_fill(struct evidence *ev, struct item *it, const struct exchange *x)
{
	const struct fact *f;

	copy_all(ev, it, x->response, of_response);
	copy_all(ev, it, x->answer, of_answer);
	for (f = item_fact(it, &scep_error); f != NULL; f = fact_next(f))
		ev_derive(ev, it, &stage_code, f->value, SPAN_NONE, &f, 1,
		    NULL);
	stage_times(ev, it, x);
	stage_id(ev, it, &stage_request_id, x->response, "x-ms-request-id");
	stage_id(ev, it, &stage_client_request_id, x->request,
	    "x-ms-client-request-id");
	if (x->response != NULL)
		ev_artifact(it, ARTIFACT_ANSWER);
	derive_answers(ev, it);
}

/* The stage was not seen; the last thing that was seen is cited. */
static void
stage_absent(struct evidence *ev, struct attempt *at, const char *name,
    bool goes_on, const struct fact *last)
{
	if (last != NULL)
		stage_new(ev, at, name, goes_on ? "missing" : "not-captured",
		    &last, 1);
}

/* Name of the CONNECT stage that failed, or NULL. */
static const char *
connect_failure_stage(const struct exchange *x, const struct fact **why)
{
	const struct fact *f;
	int64_t code;

	if ((f = item_fact(x->session, &connect_failed)) != NULL &&
	    f->value.truth) {
		*why = f;
		return "tls";
	}
	if (x->response == NULL)
		return NULL;
	if ((f = item_fact(x->response, &http_winsock)) != NULL) {
		*why = f;
		code = f->value.number;
		return code >= 0x2af9 && code <= 0x2afc ? "dns" : "connect";
	}
	if ((f = item_fact(x->response, &http_status)) != NULL &&
	    f->value.number != 200) {
		*why = f;
		return "connect";
	}
	return NULL;
}

/* Did somebody at the far side answer? */
static bool
was_answered(const struct exchange *x)
{
	return x->response != NULL &&
	    !fact_is(item_fact(x->response, &http_made_by), "fiddler") &&
	    item_number(x->response, &http_status, 0) != 407;
}

/* dns, connect, tls from the last CONNECT of the attempt. */
static bool
stages_connect(struct evidence *ev, struct attempt *at)
{
	const struct exchange *x = NULL;
	const struct fact *why = NULL;
	const char *failed;
	struct item *it;
	bool inner = false;
	size_t i;

	for (i = 0; i < at->nexchanges; i++)
		if (at->exchanges[i]->connect) {
			x = at->exchanges[i];
			inner = false;
		} else
			inner = inner || was_answered(at->exchanges[i]);
	if (x == NULL)
		return true;
	ev_artifact(at->item, ARTIFACT_TLS);
	failed = connect_failure_stage(x, &why);
	/* What came through later went another way than this tunnel. */
	if (failed != NULL && inner)
		return true;
	if (failed != NULL) {
		if (strcmp(failed, "tls") == 0) {
			const struct fact *f = exchange_fact(x);

			stage_new(ev, at, "connect", "ok", &f, 1);
		}
		it = stage_new(ev, at, failed, "failed", &why, 1);
		stage_fill(ev, it, x);
		return false;
	}
	why = x->response == NULL ? NULL : item_fact(x->response, &http_status);
	if (why == NULL)
		why = exchange_fact(x);
	it = stage_new(ev, at, "connect", x->response == NULL ?
	    "not-captured" : "ok", &why, 1);
	stage_fill(ev, it, x);
	why = item_fact(x->session, &connect_version);
	if (why != NULL)
		stage_times(ev, stage_new(ev, at, "tls", "ok", &why, 1), x);
	return true;
}

/* The last exchange of the attempt that answers `operation`. */
static const struct exchange *
exchange_last(const struct attempt *at, const char *operation)
{
	size_t i;

	for (i = at->nexchanges; i-- > 0;)
		if (!at->exchanges[i]->connect &&
		    strcmp(at->exchanges[i]->operation, operation) == 0)
			return at->exchanges[i];
	return NULL;
}

/* The exchange is a POST of the challenge answer. */
static bool
is_challenge_answer(const struct exchange *x, bool challenged)
{
	int64_t type;

	if (x->sent != NULL &&
	    (type = item_number(x->sent, &scep_message_type, -1)) != -1)
		return type == 41;
	return challenged;
}

/* State of an answer by HTTP alone: "ok", "failed", "not-captured". */
static const char *
http_state(const struct exchange *x, const struct fact **why)
{
	const struct fact *status, *content;

	*why = exchange_fact(x);
	if (x->response == NULL && x->answer != NULL)
		return "ok";
	if (x->response == NULL ||
	    (status = item_fact(x->response, &http_status)) == NULL)
		return "not-captured";
	*why = status;
	if (status->value.number != 200)
		return "failed";
	content = item_fact(x->response, &http_content);
	if (fact_is(content, "html")) {
		*why = content;
		return "failed";
	}
	return "ok";
}

/* GetCACaps and GetCACertChain. Returns false where the attempt ended. */
static bool
stage_get(struct evidence *ev, struct attempt *at, const char *name,
    bool later, const struct fact **last)
{
	const struct exchange *x = exchange_last(at, name);
	const char *state;
	const struct fact *why;
	struct item *it;

	if (x == NULL) {
		if (later && *last != NULL)
			stage_new(ev, at, name, "not-captured", last, 1);
		return true;
	}
	state = http_state(x, &why);
	it = stage_new(ev, at, name, state, &why, 1);
	stage_fill(ev, it, x);
	*last = why;
	return strcmp(state, "ok") == 0;
}

/* What pkiStatus says of the stage that was due. */
static const char *
pki_stage(struct evidence *ev, struct attempt *at, const struct exchange *x,
    const char *due, const struct fact **last)
{
	const struct fact *status;
	const char *name = due, *state;
	struct item *it;

	if (x->answer == NULL ||
	    (status = item_fact(x->answer, &scep_pki_status)) == NULL)
		return NULL;
	switch (status->value.number) {
	case 0:
		name = "certificate";
		state = "ok";
		break;
	case 11:
		name = "challenge";
		state = "ok";
		break;
	case 2:
		state = "failed";
		break;
	default:
		return NULL;
	}
	it = stage_new(ev, at, name, state, &status, 1);
	stage_fill(ev, it, x);
	*last = status;
	return strcmp(state, "failed") == 0 ? NULL : name;
}

/* The POSTs of the attempt in their order. */
static void
stages_post(struct evidence *ev, struct attempt *at, bool goes_on,
    const struct fact *last)
{
	const struct exchange *x, *post[2] = { NULL, NULL };
	const char *state, *reached = NULL;
	const struct fact *why;
	struct item *it;
	bool challenged = false;
	size_t i, k;

	for (i = 0; i < at->nexchanges; i++) {
		x = at->exchanges[i];
		if (strcmp(x->operation, "PKIOperation") != 0 || x->connect)
			continue;
		k = is_challenge_answer(x, challenged);
		post[k] = x;
		if (x->answer != NULL && item_number(x->answer,
		    &scep_pki_status, -1) == 11)
			challenged = true;
	}
	if (post[0] == NULL && post[1] != NULL)
		stage_new(ev, at, "PKIOperation-request", "not-captured", &last,
		    last != NULL);
	for (k = 0; k < 2; k++) {
		if ((x = post[k]) == NULL)
			continue;
		state = http_state(x, &why);
		/* A 200 that should hold a pkiMessage and does not. */
		if (strcmp(state, "ok") == 0 && x->answer == NULL &&
		    !fact_is(item_fact(x->response, &http_content), "cms") &&
		    item_fact(x->response, &http_content) != NULL) {
			state = "failed";
			why = item_fact(x->response, &http_content);
		}
		it = stage_new(ev, at, k == 0 ? "PKIOperation-request" :
		    "challenge-answer", state, &why, 1);
		stage_fill(ev, it, x);
		last = why;
		if (strcmp(state, "ok") != 0)
			return;
		reached = pki_stage(ev, at, x, k == 0 ? "challenge" :
		    "certificate", &last);
		if (reached == NULL)
			return;
	}
	if (post[0] == NULL && post[1] == NULL)
		stage_absent(ev, at, "PKIOperation-request", goes_on, last);
	else if (reached != NULL && strcmp(reached, "challenge") == 0)
		stage_absent(ev, at, "challenge-answer", goes_on, last);
}

void
stages_of_exchanges(struct evidence *ev, struct attempt *at, bool goes_on)
{
	const struct fact *last = NULL;
	bool caps, chain, post, inner = false;
	size_t i;

	if (!stages_connect(ev, at))
		return;
	caps = exchange_last(at, "GetCACaps") != NULL;
	chain = exchange_last(at, "GetCACertChain") != NULL;
	post = exchange_last(at, "PKIOperation") != NULL;
	for (i = 0; i < at->nexchanges; i++) {
		inner = inner || !at->exchanges[i]->connect;
		if (last == NULL)
			last = exchange_fact(at->exchanges[i]);
	}
	if (!inner) {
		stage_absent(ev, at, "GetCACaps", false, last);
		return;
	}
	if (!stage_get(ev, at, "GetCACaps", chain || post, &last))
		return;
	if (!stage_get(ev, at, "GetCACertChain", post, &last))
		return;
	if (caps && !chain && !post) {
		stage_absent(ev, at, "GetCACertChain", goes_on, last);
		return;
	}
	stages_post(ev, at, goes_on, last);
}

/* ---- what it came to ---- */

/* The stage item with that state, the last one; or NULL. */
static struct item *
stage_with(struct evidence *ev, const struct attempt *at, const char *state)
{
	struct item *it, *found = NULL;

	for (it = ev_first(ev, ITEM_STAGE); it != NULL; it = it->next)
		if (it->parent == at->item &&
		    fact_is(item_fact(it, &stage_state), state))
			found = it;
	return found;
}

/* Does the code tell an HTTP status?  Then there was an answer. */
static bool
is_status_code(const struct fact *f)
{
	return f->value.type == VALUE_CODE &&
	    f->value.number >= INT64_C(0x80190064) &&
	    f->value.number <= INT64_C(0x801903e7);
}

void
stages_outcome(struct evidence *ev, struct attempt *at)
{
	struct item *failed = stage_with(ev, at, "failed");
	struct item *missing = stage_with(ev, at, "missing");
	struct item *done = stage_with(ev, at, "ok"), *it;
	const struct fact *why, *name;
	const char *outcome = "unfinished";
	size_t i;

	why = item_fact(at->item, &attempt_source);
	/* The capture goes on and the next step was never made. */
	if (failed == NULL)
		failed = missing;
	if (failed != NULL) {
		outcome = "failed";
		why = item_fact(failed, &stage_state);
	} else if (done != NULL &&
	    fact_is(item_fact(done, &stage_name), "certificate")) {
		outcome = "succeeded";
		why = item_fact(done, &stage_state);
	} else
		for (i = 0; i < at->nruns; i++)
			if (run_outcome(at->runs[i], &name) == RUN_FAILED) {
				outcome = "failed";
				why = name;
				if (is_status_code(name))
					run_tell(ev, at->item, at->runs[i]);
			}
	ev_derive(ev, at->item, &attempt_outcome, value_str(outcome),
	    SPAN_NONE, &why, 1, NULL);
	if (failed != NULL) {
		name = item_fact(failed, &stage_name);
		ev_derive(ev, at->item, &attempt_failed_stage, name->value,
		    SPAN_NONE, &name, 1, NULL);
	}
	/* The attempt speaks with the voice of its decisive stage. */
	it = failed != NULL ? failed : done;
	if (it != NULL) {
		copy_all(ev, at->item, it, of_response);
		copy_all(ev, at->item, it, of_answer);
		for (why = item_fact(it, &stage_code); why != NULL;
		    why = fact_next(why))
			ev_copy(ev, at->item, why);
		at->item->artifacts |= it->artifacts;
	}
	derive_answers(ev, at->item);
}
