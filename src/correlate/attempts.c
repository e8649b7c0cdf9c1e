/*
 * Finds the enrolment attempts of the case: groups a capture's sessions into
 * tries; witnesses.c adds what is no capture.  Relies on stages.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "correlate/attempts.h"
#include "knowledge/knowledge.h"

/* A capture that lasts this much longer would have shown the next step: the
   TPM answers a challenge within seconds. */
#define GOES_ON_US	(INT64_C(10) * 1000000)
/* Steps of one run follow each other closer than this. */
#define ALIVE_US	(INT64_C(30) * 1000000)

/* Grows a table in the arena: doubled at powers of two. */
void *
attempts_push(struct evidence *ev, void *p, size_t n, size_t size)
{
	void *to;

	if (n != 0 && (n & (n - 1)) != 0)
		return p;
	to = arena_alloc(ev_arena(ev), (n == 0 ? 1 : 2 * n) * size);
	if (n > 0)
		memcpy(to, p, n * size);
	return to;
}

struct attempt *
attempts_new(struct evidence *ev, struct attempts *all, struct item *archive,
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
	all->p = attempts_push(ev, all->p, all->n, sizeof(*all->p));
	all->p[all->n++] = a;
	return a;
}

void
attempt_source_add(struct evidence *ev, struct attempt *a, const char *source,
    const struct fact *why)
{
	ev_derive(ev, a->item, &attempt_source, value_str(source), SPAN_NONE,
	    &why, 1, NULL);
}

/* ---- sessions of a capture ---- */

void
attempt_exchange_add(struct evidence *ev, struct attempt *a, struct exchange *x)
{
	a->exchanges = attempts_push(ev, a->exchanges, a->nexchanges,
	    sizeof(*a->exchanges));
	a->exchanges[a->nexchanges++] = x;
	if (strcmp(x->operation, "PKIOperation") == 0 && !x->connect) {
		if (a->request == NULL && x->sent != NULL)
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

int64_t
exchange_status(const struct exchange *x)
{
	return x->response == NULL ? 0 :
	    item_number(x->response, &http_status, 0);
}

const char *
exchange_transaction(const struct exchange *x)
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
	    exchange_status(last) == 407)
		return true;
	if (strcmp(x->operation, "GetCACaps") == 0)
		return false;
	if (strcmp(x->operation, "PKIOperation") != 0)
		return asked(a, "PKIOperation") == 0 &&
		    asked(a, x->operation) == 0;
	t = exchange_transaction(x);
	for (i = 0; i < a->nexchanges && u == NULL; i++)
		u = exchange_transaction(a->exchanges[i]);
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

static const struct fact *
header_of(const struct item *http, const char *name)
{
	return http == NULL ? NULL : item_keyed(http, &http_header, name);
}

/* Does a client's own id make x, which is no first step, a step of a? */
static bool
same_client(const struct attempt *a, const struct exchange *x)
{
	const struct fact *id = header_of(x->request, "x-ms-client-request-id");
	const char *t = exchange_transaction(x), *u = NULL;
	bool same = false;
	size_t i;

	if (id == NULL || x->connect || strcmp(x->operation, "GetCACaps") == 0)
		return false;
	for (i = 0; i < a->nexchanges; i++) {
		same = same || fact_same_id(id, header_of(
		    a->exchanges[i]->request, "x-ms-client-request-id"));
		if (u == NULL)
			u = exchange_transaction(a->exchanges[i]);
	}
	if (!same)
		return false;
	if (strcmp(x->operation, "PKIOperation") != 0)
		return asked(a, x->operation) == 0;
	return t != NULL && u != NULL ? strcmp(t, u) == 0 :
	    asked(a, "PKIOperation") == 0;
}

/* Was the attempt answered well a moment before x? */
static bool
alive(const struct attempt *a, const struct exchange *x)
{
	const struct exchange *last = last_exchange(a);

	return !only_tunnels(a) && exchange_status(last) == 200 &&
	    x->begin != 0 && last->begin != 0 &&
	    x->begin - last->begin < ALIVE_US;
}

/* The attempt of this archive that x belongs to; the latest first. */
static struct attempt *
attempt_for(const struct attempts *all, size_t first, const struct exchange *x)
{
	size_t i;
	bool newest = true;
	const char *t = exchange_transaction(x);

	for (i = all->n; i-- > first;)
		if (strcmp(all->p[i]->exchanges[0]->host, x->host) == 0 &&
		    same_client(all->p[i], x))
			return all->p[i];
	for (i = all->n; i-- > first;) {
		struct attempt *a = all->p[i];

		if (strcmp(a->exchanges[0]->host, x->host) != 0)
			continue;
		if ((newest || alive(a, x)) && continues(a, x))
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

/*
 * Does another capture of the case show the very same exchange?  People save
 * a capture twice, or in two formats.
 */
static bool
seen_before(const struct attempts *all, size_t first, const struct exchange *x)
{
	const struct fact *id = header_of(x->response, "x-ms-request-id"), *f;
	const struct exchange *y;
	size_t i, k;

	for (i = 0; i < first; i++)
		for (k = 0; k < all->p[i]->nexchanges; k++) {
			y = all->p[i]->exchanges[k];
			if (x->connect != y->connect ||
			    strcmp(x->host, y->host) != 0 ||
			    strcmp(x->operation, y->operation) != 0)
				continue;
			f = header_of(y->response, "x-ms-request-id");
			if (id != NULL || f != NULL ? fact_same_id(id, f) :
			    x->begin != 0 && x->begin == y->begin)
				return true;
		}
	return false;
}

/*
 * Somebody who opens the host's address in a browser does not enrol by that,
 * nor who asks for the next chain of the CA.
 */
static bool
is_step(const struct exchange *x)
{
	static const char *const operations[] = {
		"GetCACaps", "GetCACert", "GetCACertChain", "PKIOperation"
	};
	size_t i;

	if (x->connect)
		return true;
	for (i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (strcasecmp(x->operation, operations[i]) == 0)
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
		if (host_scope(x[i].host) != HOST_AIK || !is_step(&x[i]) ||
		    seen_before(all, first, &x[i]))
			continue;
		a = attempt_for(all, first, &x[i]);
		if (a == NULL)
			a = attempts_new(ev, all, archive, x[i].session->at);
		if (a == NULL)
			break;
		attempt_exchange_add(ev, a, &x[i]);
	}
	for (i = first; i < all->n; i++) {
		a = all->p[i];
		why = item_fact(a->exchanges[0]->request, &request_host);
		attempt_source_add(ev, a, "capture", why);
		ev_artifact(a->item, ARTIFACT_CAPTURE);
		stages_of_exchanges(ev, a, goes_on(a, x, n));
	}
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct attempts all = { NULL, 0, 0 };
	struct item *it;
	size_t i;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ARCHIVE); it != NULL; it = it->next)
		attempts_of_archive(ev, &all, it);
	attempts_of_messages(ev, &all);
	attempts_of_runs(ev, &all);
	attempts_of_stores(ev, &all);
	for (i = 0; i < all.n; i++) {
		attempt_facts(ev, all.p[i]);
		stages_outcome(ev, all.p[i]);
	}
}

static const struct field *const fields[] = {
	&attempt_source, &attempt_host, &attempt_vendor, &attempt_form,
	&attempt_id, &attempt_time, &attempt_time_source,
	&attempt_transaction, &stage_name, &stage_state,
	&stage_time, &stage_duration, &stage_item, &stage_request_id,
	&stage_client_request_id, &stage_code, &attempt_outcome,
	&attempt_failed_stage, &rejected_ek, &rejected_unnamed,
	&no_authority, NULL
};

const struct correlator correlator_attempts = {
	.name = "attempts", .run = run, .fields = fields
};
