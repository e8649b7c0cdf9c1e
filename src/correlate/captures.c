/*
 * What each capture holds of the attestation, and what it lacks.
 * Relies on the sessions' hosts and the state of their bodies.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

#define SAZ	ARTIFACT(CAPTURE)

FIELD(capture_sessions, "capture.sessions", INT, KIND(ARCHIVE), SAZ,
    "sessions of the capture");
FIELD(capture_attestation, "capture.attestation", INT, KIND(ARCHIVE), SAZ,
    "decrypted sessions with AIK hosts");
FIELD(capture_tunnels, "capture.tunnels", INT, KIND(ARCHIVE), SAZ,
    "CONNECT tunnels to AIK hosts that were asked for");
FIELD(capture_opened, "capture.opened", INT, KIND(ARCHIVE), SAZ,
    "CONNECT tunnels to AIK hosts through which data flowed");
FIELD(capture_decrypted, "capture.decrypted", BOOL, KIND(ARCHIVE), SAZ,
    "the sessions with AIK hosts are decrypted; absent without any");
FIELD(capture_incomplete, "capture.incomplete", BOOL, KIND(ARCHIVE), SAZ,
    "parts of the attestation's sessions are missing or cut");
FIELD(capture_gap, "capture.gap", TEXT, KIND(ARCHIVE), SAZ,
    "what is missing or cut", .repeated = true);
FIELD(related_errors, "related_errors", INT, KIND(ARCHIVE), SAZ,
    "error answers of other hosts of the enrolment");

struct counts {
	int64_t		 attestation, tunnels, opened, errors;
	const struct fact *first, *tunnel, *error;
};

static const struct fact *
host_fact(const struct exchange *x)
{
	return x->request == NULL ? NULL :
	    item_fact(x->request, &request_host);
}

static void
gap_add(struct evidence *ev, struct item *archive, const struct exchange *x,
    const char *what, const struct fact *why)
{
	if (why == NULL)
		why = item_fact(x->session, &session_number);
	if (why != NULL)
		ev_derive(ev, archive, &capture_gap, value_str(arena_printf(
		    ev_arena(ev), "session %lld: %s", (long long)item_number(
		    x->session, &session_number, 0), what)), SPAN_NONE, &why,
		    1, NULL);
}

/* What a session with an AIK host lacks. */
static void
session_gaps(struct evidence *ev, struct item *archive,
    const struct exchange *x)
{
	const struct fact *f;
	bool post = strcmp(x->operation, "PKIOperation") == 0;

	if ((f = item_fact(x->session, &session_aborted)) != NULL &&
	    f->value.truth)
		gap_add(ev, archive, x, "aborted", f);
	if (x->response == NULL ||
	    item_fact(x->response, &http_status) == NULL)
		gap_add(ev, archive, x, "no response recorded",
		    host_fact(x));
	else if ((f = item_fact(x->response, &http_body)) != NULL &&
	    (fact_is(f, "truncated") || fact_is(f, "dropped")))
		gap_add(ev, archive, x, "the response's body is cut", f);
	f = item_fact(x->request, &http_body);
	if (post && (fact_is(f, "truncated") || fact_is(f, "dropped") ||
	    fact_is(f, "none")))
		gap_add(ev, archive, x, "the request's body is missing or cut",
		    f);
}

static void
session_count(struct evidence *ev, struct item *archive,
    const struct exchange *x, struct counts *c)
{
	enum host_scope scope = host_scope(x->host);
	int64_t status = x->response == NULL ? 0 :
	    item_number(x->response, &http_status, 0);

	if (scope == HOST_AIK && x->connect) {
		c->tunnels++;
		c->tunnel = host_fact(x);
		if (status == 200 &&
		    !item_truth(x->session, &connect_failed, false))
			c->opened++;
		return;
	}
	if (scope == HOST_AIK) {
		if (c->attestation++ == 0)
			c->first = host_fact(x);
		session_gaps(ev, archive, x);
		return;
	}
	if (scope != HOST_OTHER && scope != HOST_AIA && status >= 400 &&
	    status != 407) {
		c->errors++;
		c->error = item_fact(x->response, &http_status);
	}
}

/* A message that did its work, or that a tool spoilt, was damaged later. */
static void
damage_gaps(struct evidence *ev, struct item *archive)
{
	const struct fact *f;
	const struct item *it;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		if (it->attempt->archive != archive)
			continue;
		f = item_fact(it, &damaged_by_tool);
		if (f == NULL || !f->value.truth) {
			f = item_fact(it, &message_damaged);
			if (f == NULL || !f->value.truth || !fact_is(item_fact(
			    it, &attempt_outcome), "succeeded"))
				continue;
		}
		gap_add(ev, archive, it->attempt->exchanges[0],
		    "a message was damaged when it was captured", f);
	}
}

static void
capture(struct evidence *ev, struct item *archive)
{
	struct counts c = { 0 };
	const struct fact *some = NULL, *damaged, *f;
	struct exchange *x;
	size_t n, i;

	x = exchanges_of(ev, archive, &n);
	if (n == 0)
		return;
	for (i = 0; i < n; i++) {
		if (some == NULL && (x[i].request != NULL ||
		    x[i].response != NULL))
			some = item_fact(x[i].session, &session_number);
		session_count(ev, archive, &x[i], &c);
	}
	if (some == NULL)
		return;
	ev_derive(ev, archive, &capture_sessions, value_int((int64_t)n),
	    SPAN_NONE, &some, 1, NULL);
	f = c.first != NULL ? c.first : some;
	ev_derive(ev, archive, &capture_attestation, value_int(c.attestation),
	    SPAN_NONE, &f, 1, NULL);
	f = c.tunnel != NULL ? c.tunnel : some;
	ev_derive(ev, archive, &capture_tunnels, value_int(c.tunnels),
	    SPAN_NONE, &f, 1, NULL);
	ev_derive(ev, archive, &capture_opened, value_int(c.opened),
	    SPAN_NONE, &f, 1, NULL);
	if (c.attestation + c.opened > 0) {
		f = c.first != NULL ? c.first : c.tunnel;
		ev_derive(ev, archive, &capture_decrypted,
		    value_bool(c.attestation > 0), SPAN_NONE, &f, 1, NULL);
	}
	f = c.error != NULL ? c.error : some;
	ev_derive(ev, archive, &related_errors, value_int(c.errors), SPAN_NONE,
	    &f, 1, NULL);
	damage_gaps(ev, archive);
	damaged = item_fact(archive, &archive_damaged);
	f = item_fact(archive, &capture_gap);
	if (f == NULL && damaged != NULL && damaged->value.truth)
		f = damaged;
	if (f != NULL || c.attestation > 0) {
		const struct fact *why = f != NULL ? f : c.first;

		ev_derive(ev, archive, &capture_incomplete,
		    value_bool(f != NULL), SPAN_NONE, &why, 1, NULL);
	}
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ARCHIVE); it != NULL; it = it->next)
		capture(ev, it);
}

static const struct field *const fields[] = {
	&capture_sessions, &capture_attestation, &capture_tunnels,
	&capture_opened, &capture_decrypted, &capture_incomplete, &capture_gap,
	&related_errors, NULL
};

const struct correlator correlator_captures = {
	.name = "captures", .run = run, .fields = fields
};
