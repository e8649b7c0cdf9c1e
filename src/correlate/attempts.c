/*
 * Finds the enrolment attempts of the case: groups a capture's sessions into
 * tries, and gives each text of certreq or of an event the attempt that it
 * speaks of, or one of its own.  Relies on stages.h.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/stages.h"
#include "knowledge/knowledge.h"

FIELD(attempt_source, "attempt.source", TEXT, KIND(ATTEMPT), 0,
    "what witnesses the attempt: capture, certreq, event, store",
    .repeated = true);
FIELD(attempt_host, "attempt.host", TEXT, KIND(ATTEMPT), ARTIFACT(AUTHORITY),
    "the AIK host that was asked, in lower case");
FIELD(attempt_vendor, "attempt.vendor", TEXT, KIND(ATTEMPT),
    ARTIFACT(AUTHORITY), "TCG id of the TPM's vendor in the host's name");
FIELD(attempt_form, "attempt.form", TEXT, KIND(ATTEMPT), ARTIFACT(AUTHORITY),
    "keyid or nameid: what the host's id is made of");
FIELD(attempt_id, "attempt.id", TEXT, KIND(ATTEMPT), ARTIFACT(AUTHORITY),
    "the id in the host's name, lower-case hex");
FIELD(attempt_time, "attempt.time", TIME, KIND(ATTEMPT), ARTIFACT(TIME),
    "time of the attempt: the server's Date, else the client's clock");
FIELD(attempt_time_source, "attempt.time_source", TEXT, KIND(ATTEMPT),
    ARTIFACT(TIME), "server, client or text");
FIELD(attempt_transaction, "attempt.transaction", TEXT, KIND(ATTEMPT),
    ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER), "the SCEP transaction id");
FIELD(attempt_last, "attempt.last", BOOL, KIND(ATTEMPT), 0,
    "no later attempt is in evidence");

/* A capture that lasts this much longer would have shown the next step: the
   TPM answers a challenge within seconds. */
#define GOES_ON_US	(INT64_C(10) * 1000000)

/* Two clocks of one run that differ by less speak of the same run. */
#define SAME_RUN_US	(INT64_C(120) * 1000000)

struct attempts {
	struct attempt	**p;
	size_t		 n, max;
};

/* Grows a table in the arena: doubled at powers of two. */
static void *
push(struct evidence *ev, void *p, size_t n, size_t size)
{
	void *to;

	if (n != 0 && (n & (n - 1)) != 0)
		return p;
	to = arena_alloc(ev_arena(ev), (n == 0 ? 1 : 2 * n) * size);
	if (n > 0)
		memcpy(to, p, n * size);
	return to;
}

static struct attempt *
attempt_new(struct evidence *ev, struct attempts *all, struct item *archive,
    struct span at)
{
	struct attempt *a;

	if (all->n >= ev_limits(ev)->attempts) {
		ev_limit(ev, at, "attempts", "more than %zu attempts; the "
		    "rest is not told apart", all->n);
		return NULL;
	}
	a = arena_alloc(ev_arena(ev), sizeof(*a));
	a->item = ev_item(ev, ITEM_ATTEMPT, ev_case(ev), SPAN_NONE);
	a->item->attempt = a;
	a->archive = archive;
	all->p = push(ev, all->p, all->n, sizeof(*all->p));
	all->p[all->n++] = a;
	return a;
}

static void
source_add(struct evidence *ev, struct attempt *a, const char *source,
    const struct fact *why)
{
	ev_derive(ev, a->item, &attempt_source, value_str(source), SPAN_NONE,
	    &why, 1, NULL);
}

/* ---- sessions of a capture ---- */

static void
exchange_add(struct evidence *ev, struct attempt *a, struct exchange *x)
{
	a->exchanges = push(ev, a->exchanges, a->nexchanges,
	    sizeof(*a->exchanges));
	a->exchanges[a->nexchanges++] = x;
	if (strcmp(x->operation, "PKIOperation") == 0 && !x->connect) {
		if (a->request == NULL)
			a->request = x->sent;
		if (x->answer != NULL)
			a->answer = x->answer;
	}
	if (strcmp(x->operation, "GetCACertChain") == 0 && x->answer != NULL)
		a->ca_chain = x->answer;
}

static const struct exchange *
last_exchange(const struct attempt *a)
{
	return a->nexchanges > 0 ? a->exchanges[a->nexchanges - 1] : NULL;
}

static int64_t
status_of(const struct exchange *x)
{
	return x->response == NULL ? 0 :
	    item_number(x->response, &http_status, 0);
}

static const char *
transaction_of(const struct exchange *x)
{
	const char *t = NULL;

	if (x->sent != NULL)
		t = item_text(x->sent, &scep_transaction_id);
	if (t == NULL && x->answer != NULL)
		t = item_text(x->answer, &scep_transaction_id);
	return t;
}

/* How often the attempt asked for the operation. */
static size_t
asked(const struct attempt *a, const char *operation)
{
	size_t i, n = 0;

	for (i = 0; i < a->nexchanges; i++)
		n += !a->exchanges[i]->connect &&
		    strcmp(a->exchanges[i]->operation, operation) == 0;
	return n;
}

static bool
only_tunnels(const struct attempt *a)
{
	size_t i;

	for (i = 0; i < a->nexchanges; i++)
		if (!a->exchanges[i]->connect)
			return false;
	return true;
}

/* Is x one more step of the attempt a, rather than a new try? */
static bool
continues(const struct attempt *a, const struct exchange *x)
{
	const struct exchange *last = last_exchange(a);
	const char *t, *u = NULL;
	size_t i;

	if (strcmp(a->exchanges[0]->host, x->host) != 0)
		return false;
	if (x->connect)
		/* Tunnels that follow each other closely are one try. */
		return only_tunnels(a) && (x->begin == 0 || last->begin == 0 ||
		    x->begin - last->begin < 10 * INT64_C(1000000));
	if (only_tunnels(a))
		return true;
	/* The same question again after 407 is the proxy's handshake. */
	if (strcmp(last->operation, x->operation) == 0 &&
	    status_of(last) == 407)
		return true;
	if (strcmp(x->operation, "GetCACaps") == 0)
		return false;
	if (strcmp(x->operation, "PKIOperation") != 0)
		return asked(a, "PKIOperation") == 0 &&
		    asked(a, x->operation) == 0;
	t = transaction_of(x);
	for (i = 0; i < a->nexchanges && u == NULL; i++)
		u = transaction_of(a->exchanges[i]);
	if (t != NULL && u != NULL)
		return strcmp(t, u) == 0;
	if (asked(a, "PKIOperation") == 0)
		return true;
	/* Bodies that were not captured: the order has to do. */
	if (x->sent != NULL && item_number(x->sent, &scep_message_type, -1) ==
	    41)
		return true;
	return asked(a, "PKIOperation") == 1 && last->answer != NULL &&
	    item_number(last->answer, &scep_pki_status, -1) == 11;
}

/* The attempt of this archive that x belongs to; the latest first. */
static struct attempt *
attempt_for(const struct attempts *all, size_t first, const struct exchange *x)
{
	size_t i;
	bool newest = true;
	const char *t = transaction_of(x);

	for (i = all->n; i-- > first;) {
		struct attempt *a = all->p[i];

		if (strcmp(a->exchanges[0]->host, x->host) != 0)
			continue;
		if (newest && continues(a, x))
			return a;
		newest = false;
		/* Two runs at once: the transaction id tells them apart. */
		if (t != NULL && a->request != NULL) {
			const char *u = item_text(a->request,
			    &scep_transaction_id);

			if (u != NULL && strcmp(t, u) == 0)
				return a;
		}
	}
	return NULL;
}

/* Does the capture x[0..n-1] go on after the attempt's last exchange? */
static bool
goes_on(const struct attempt *a, const struct exchange *x, size_t n)
{
	const struct exchange *last = last_exchange(a);
	size_t i;

	for (i = (size_t)(last - x) + 1; i < n; i++)
		if (x[i].begin == 0 || last->begin == 0 ||
		    x[i].begin - last->begin >= GOES_ON_US)
			return true;
	return false;
}

static void
attempts_of_archive(struct evidence *ev, struct attempts *all,
    struct item *archive)
{
	struct exchange *x;
	struct attempt *a;
	size_t n, i, first = all->n;
	const struct fact *why;

	x = exchanges_of(ev, archive, &n);
	for (i = 0; i < n; i++) {
		if (host_scope(x[i].host) != HOST_AIK)
			continue;
		a = attempt_for(all, first, &x[i]);
		if (a == NULL)
			a = attempt_new(ev, all, archive, x[i].session->at);
		if (a == NULL)
			break;
		exchange_add(ev, a, &x[i]);
	}
	for (i = first; i < all->n; i++) {
		a = all->p[i];
		why = item_fact(a->exchanges[0]->request, &request_host);
		source_add(ev, a, "capture", why);
		ev_artifact(a->item, ARTIFACT_CAPTURE);
		stages_of_exchanges(ev, a, goes_on(a, x, n));
	}
}

/* ---- texts ---- */

/* Header fields or facts with the same text on both sides. */
static const struct fact *
stage_fact_like(struct evidence *ev, const struct attempt *a,
    const struct field *field, const struct fact *like)
{
	const struct fact *f;
	struct item *it;

	for (it = ev_first(ev, ITEM_STAGE); like != NULL && it != NULL;
	    it = it->next)
		if (it->parent == a->item)
			for (f = item_fact(it, field); f != NULL;
			    f = fact_next(f))
				if (fact_equal(f, like))
					return f;
	return NULL;
}

/* The AIK host of a run; from its URL, else from its authority line. */
static const struct fact *
run_host_fact(const struct item *run)
{
	const struct fact *f = item_fact(run, &run_host);

	return f != NULL ? f : item_fact(run, &run_authority);
}

static bool
same_authority(const struct fact *a, const struct fact *b)
{
	struct aik_host x, y;

	return a != NULL && b != NULL &&
	    aik_host_parse(a->value.p, a->value.n, &x) &&
	    aik_host_parse(b->value.p, b->value.n, &y) &&
	    strcmp(x.prefix, y.prefix) == 0 && strcmp(x.form, y.form) == 0 &&
	    strcmp(x.id, y.id) == 0;
}

/* Time of a run: the server's Date, else the event's. */
static const struct fact *
run_time_fact(const struct item *run)
{
	const struct fact *f = item_fact(run, &run_date);

	return f != NULL ? f : item_fact(run, &run_event_time);
}

/* Host of the attempt before attempt.host is derived. */
static const struct fact *
attempt_host_fact(const struct attempt *a)
{
	return a->nexchanges > 0 ?
	    item_fact(a->exchanges[0]->request, &request_host) :
	    run_host_fact(a->runs[0]);
}

/* Is the run the attempt?  2: proven by an id; 1: by time and authority. */
static int
run_is(struct evidence *ev, const struct attempt *a, const struct item *run)
{
	const struct fact *t, *u;
	size_t i;

	if (stage_fact_like(ev, a, &stage_request_id,
	    item_fact(run, &run_request_id)) != NULL ||
	    stage_fact_like(ev, a, &stage_client_request_id,
	    item_fact(run, &run_client_request_id)) != NULL)
		return 2;
	/* Ids that are known on both sides and differ: another exchange. */
	if (item_fact(run, &run_request_id) != NULL)
		for (i = 0; i < a->nexchanges; i++)
			if (a->exchanges[i]->response != NULL && item_keyed(
			    a->exchanges[i]->response, &http_header,
			    "x-ms-request-id") != NULL)
				return 0;
	if (!same_authority(attempt_host_fact(a), run_host_fact(run)))
		return 0;
	t = run_time_fact(run);
	if (t == NULL)
		return 0;
	for (i = 0; i < a->nexchanges; i++) {
		const struct exchange *x = a->exchanges[i];

		u = x->response == NULL ? NULL :
		    item_fact(x->response, &http_date);
		if (u == NULL)
			u = item_fact(x->session, &session_begin);
		if (u != NULL && llabs(u->value.number - t->value.number) <
		    SAME_RUN_US)
			return 1;
	}
	for (i = 0; i < a->nruns; i++) {
		u = run_time_fact(a->runs[i]);
		if (u != NULL && llabs(u->value.number - t->value.number) <
		    SAME_RUN_US)
			return 1;
	}
	return 0;
}

static void
run_add(struct evidence *ev, struct attempt *a, struct item *run)
{
	static const struct field *const copied[] = {
		&run_code, &run_symbol, &run_cut, &run_enroll_status,
		&run_operation, &run_http_status, &run_pki_status,
		&run_fail_info, &run_event, NULL
	};
	const struct field *const *f;
	const struct fact *g;

	a->runs = push(ev, a->runs, a->nruns, sizeof(*a->runs));
	a->runs[a->nruns++] = run;
	a->item->artifacts |= run->artifacts;
	if ((g = item_fact(run, &run_source)) != NULL)
		source_add(ev, a, g->value.p, g);
	for (f = copied; *f != NULL; f++)
		for (g = item_fact(run, *f); g != NULL; g = fact_next(g))
			ev_copy(ev, a->item, g);
}

static void
attempts_of_runs(struct evidence *ev, struct attempts *all)
{
	struct attempt *best;
	struct item *run;
	int grade, most;
	size_t i;

	for (run = ev_first(ev, ITEM_RUN); run != NULL; run = run->next) {
		best = NULL;
		most = 0;
		for (i = 0; i < all->n; i++) {
			grade = run_is(ev, all->p[i], run);
			/* Of equal ones the later: certreq prints the last. */
			if (grade > 0 && grade >= most) {
				most = grade;
				best = all->p[i];
			}
		}
		if (best != NULL) {
			run_add(ev, best, run);
			stages_join_run(ev, best, run);
			continue;
		}
		best = attempt_new(ev, all, NULL, run->at);
		if (best == NULL)
			break;
		run_add(ev, best, run);
		stages_of_run(ev, best, run);
	}
}

/* ---- request files ---- */

/*
 * Without a capture or text, the leftover of an enrolment is the only witness
 * that there was one: not how it ended.
 */
static void
attempts_of_stores(struct evidence *ev, struct attempts *all)
{
	const struct fact *why;
	struct attempt *a;
	struct item *it;

	if (all->n > 0)
		return;
	for (it = ev_first(ev, ITEM_STORE_ELEMENT); it != NULL;
	    it = it->next) {
		if ((why = item_fact(it, &store_scep_signer)) == NULL &&
		    (why = item_fact(it, &store_scep_nonce)) == NULL)
			continue;
		if ((a = attempt_new(ev, all, NULL, it->at)) == NULL)
			break;
		a->store = it;
		a->item->artifacts |= it->artifacts;
		source_add(ev, a, "store", why);
	}
}

/* The AIK CA that the request file's certificates name. */
static const struct fact *
store_authority_fact(struct evidence *ev, const struct attempt *a,
    struct aik_host *h)
{
	const struct item *it;
	const struct fact *f;

	for (it = ev_first(ev, ITEM_CERTIFICATE); a->store != NULL &&
	    it != NULL; it = it->next) {
		f = item_fact(it, &cert_cn);
		if (item_within(it, a->store) && aik_ca_name(f, h))
			return f;
	}
	return NULL;
}

/* ---- facts of an attempt ---- */

static void
attempt_authority(struct evidence *ev, struct attempt *a)
{
	const struct fact *f = NULL;
	struct vendor_info vendor;
	struct aik_host h;
	size_t i;

	if (a->nexchanges > 0)
		f = item_fact(a->exchanges[0]->request, &request_host);
	for (i = 0; i < a->nruns && f == NULL; i++)
		f = run_host_fact(a->runs[i]);
	if (f != NULL && !aik_host_parse(f->value.p, f->value.n, &h))
		return;
	if (f == NULL && (f = store_authority_fact(ev, a, &h)) == NULL)
		return;
	ev_artifact(a->item, ARTIFACT_AUTHORITY);
	ev_derive(ev, a->item, &attempt_host, value_str(arena_printf(
	    ev_arena(ev), "%s-%s-%s.%s", h.prefix, h.form, h.id, h.test ?
	    "microsoftaik-int.azure-int.net" : "microsoftaik.azure.net")),
	    SPAN_NONE, &f, 1, NULL);
	ev_derive(ev, a->item, &attempt_form, value_str(h.form), SPAN_NONE, &f,
	    1, NULL);
	ev_derive(ev, a->item, &attempt_id, value_str(h.id), SPAN_NONE, &f, 1,
	    NULL);
	if (vendor_by_prefix(h.prefix, strlen(h.prefix), &vendor))
		ev_derive(ev, a->item, &attempt_vendor,
		    value_from(vendor.id.p, vendor.id.n), SPAN_NONE, &f, 1,
		    "rules/data/vendors.tsv");
}

static void
attempt_when(struct evidence *ev, struct attempt *a)
{
	const struct fact *f = NULL;
	const char *source = "server";
	size_t i;

	for (i = a->nexchanges; i-- > 0 && f == NULL;)
		if (a->exchanges[i]->response != NULL &&
		    !fact_is(item_fact(a->exchanges[i]->response,
		    &http_made_by), "fiddler"))
			f = item_fact(a->exchanges[i]->response, &http_date);
	for (i = 0; i < a->nruns && f == NULL; i++)
		f = item_fact(a->runs[i], &run_date);
	if (f == NULL)
		source = "client";
	for (i = 0; i < a->nexchanges && f == NULL; i++)
		f = item_fact(a->exchanges[i]->session, &session_begin);
	for (i = 0; i < a->nruns && f == NULL; i++) {
		f = item_fact(a->runs[i], &run_event_time);
		source = "text";
	}
	if (f == NULL)
		return;
	a->time = f->value.number;
	ev_artifact(a->item, ARTIFACT_TIME);
	ev_derive(ev, a->item, &attempt_time, f->value, SPAN_NONE, &f, 1, NULL);
	ev_derive(ev, a->item, &attempt_time_source, value_str(source),
	    SPAN_NONE, &f, 1, NULL);
}

static void
attempt_messages(struct evidence *ev, struct attempt *a)
{
	const struct fact *f = NULL;
	size_t i;

	if (a->request != NULL) {
		f = item_fact(a->request, &scep_transaction_id);
		if (f != NULL)
			ev_artifact(a->item, ARTIFACT_PKI_MESSAGE);
	}
	if (a->answer != NULL) {
		ev_artifact(a->item, ARTIFACT_PKI_ANSWER);
		if (f == NULL)
			f = item_fact(a->answer, &scep_transaction_id);
	}
	if (a->ca_chain != NULL)
		ev_artifact(a->item, ARTIFACT_CA_CHAIN);
	for (i = 0; i < a->nexchanges; i++)
		if (status_of(a->exchanges[i]) != 0 &&
		    !a->exchanges[i]->connect)
			ev_artifact(a->item, ARTIFACT_ANSWER);
	if (f != NULL)
		ev_derive(ev, a->item, &attempt_transaction, f->value,
		    SPAN_NONE, &f, 1, NULL);
}

/* Later than: by time where both have one; texts without a time come first. */
static bool
later(const struct attempt *a, const struct attempt *b)
{
	if ((a->time == 0) != (b->time == 0))
		return a->time != 0;
	if (a->time != b->time)
		return a->time > b->time;
	return a->item->number > b->item->number;
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct attempts all = { NULL, 0, 0 };
	struct attempt *last = NULL;
	const struct fact *f;
	struct item *it;
	size_t i;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ARCHIVE); it != NULL; it = it->next)
		attempts_of_archive(ev, &all, it);
	attempts_of_runs(ev, &all);
	attempts_of_stores(ev, &all);
	for (i = 0; i < all.n; i++) {
		attempt_authority(ev, all.p[i]);
		attempt_when(ev, all.p[i]);
		attempt_messages(ev, all.p[i]);
		stages_outcome(ev, all.p[i]);
		if (last == NULL || later(all.p[i], last))
			last = all.p[i];
	}
	for (i = 0; i < all.n; i++) {
		f = item_fact(all.p[i]->item, &attempt_source);
		ev_derive(ev, all.p[i]->item, &attempt_last,
		    value_bool(all.p[i] == last), SPAN_NONE, &f, 1, NULL);
	}
}

static const struct field *const fields[] = {
	&attempt_source, &attempt_host, &attempt_vendor, &attempt_form,
	&attempt_id, &attempt_time, &attempt_time_source,
	&attempt_transaction, &attempt_last, &stage_name, &stage_state,
	&stage_time, &stage_duration, &stage_item, &stage_request_id,
	&stage_client_request_id, &stage_code, &attempt_outcome,
	&attempt_failed_stage, &rejected_ek, NULL
};

const struct correlator correlator_attempts = {
	.name = "attempts", .run = run, .fields = fields
};
