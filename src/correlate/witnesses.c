/*
 * Attempts that no capture shows: pkiMessages that are files of their own,
 * the texts of certreq and of events, request files.  A text or message that
 * speaks of an attempt that is known already joins it.  Relies on attempts.h.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempts.h"
#include "knowledge/knowledge.h"

/* Two clocks of one run that differ by less speak of the same run. */
#define SAME_RUN_US	(INT64_C(120) * 1000000)

/* One witness tells a run once; a copy of what it says has the same time. */
#define SAME_WITNESS_US	(INT64_C(2) * 1000000)

/* ---- messages that are files of their own ---- */

/* Its place in an attempt: request, challenge answer, answers. */
enum message_order { FIRST_REQUEST, LATER_REQUEST, ANSWER, MESSAGE_ORDERS };

static enum message_order
order_of(const struct item *message)
{
	int64_t type = item_number(message, &scep_message_type, -1);

	return type == 3 ? ANSWER : type == 17 || type == 19 ? FIRST_REQUEST :
	    LATER_REQUEST;
}

static bool
is_sent(const struct item *message)
{
	return order_of(message) != ANSWER;
}

/* The exchange whose other half this message is, or NULL. */
static struct exchange *
other_half(const struct attempt *a, const struct item *message)
{
	struct exchange *x;
	size_t i;

	for (i = 0; i < a->nexchanges; i++) {
		x = a->exchanges[i];
		if (is_sent(message) ? x->sent == NULL && x->answer != NULL &&
		    fact_equal(item_fact(message, &scep_sender_nonce),
		    item_fact(x->answer, &scep_recipient_nonce)) :
		    x->answer == NULL && x->sent != NULL &&
		    fact_equal(item_fact(message, &scep_recipient_nonce),
		    item_fact(x->sent, &scep_sender_nonce)))
			return x;
	}
	return NULL;
}

/* The transaction of the first message that has one, or NULL. */
static const char *
transaction_of(const struct attempt *a)
{
	const char *t = NULL;
	size_t i;

	for (i = 0; i < a->nexchanges && t == NULL; i++)
		t = exchange_transaction(a->exchanges[i]);
	return t;
}

/* Requests before answers, so that answers find theirs. */
static void
messages_of_order(struct evidence *ev, struct attempts *all,
    enum message_order order)
{
	bool sent = order != ANSWER;
	const struct fact *type;
	struct exchange *x;
	struct attempt *a;
	struct item *it;
	const char *t, *u;
	size_t i;

	for (it = ev_first(ev, ITEM_PKI_MESSAGE); it != NULL; it = it->next) {
		type = item_fact(it, &scep_message_type);
		t = item_text(it, &scep_transaction_id);
		if (it->parent->kind != ITEM_FILE || type == NULL ||
		    t == NULL || order_of(it) != order)
			continue;
		for (a = NULL, i = 0; i < all->n && a == NULL; i++)
			if ((u = transaction_of(all->p[i])) != NULL &&
			    strcmp(t, u) == 0)
				a = all->p[i];
		if (a != NULL && a->archive != NULL)
			continue;	/* a copy of what a capture holds */
		if (a == NULL) {
			if ((a = attempts_new(ev, all, NULL, it->at)) == NULL)
				return;
			attempt_source_add(ev, a, "message", type);
		}
		if ((x = other_half(a, it)) == NULL) {
			x = arena_alloc(ev_arena(ev), sizeof(*x));
			*x = (struct exchange){ .session = it->parent,
			    .host = "", .operation = "PKIOperation" };
			*(sent ? &x->sent : &x->answer) = it;
			attempt_exchange_add(ev, a, x);
		} else
			*(sent ? &x->sent : &x->answer) = it;
		if (!sent)
			a->answer = it;
	}
}

void
attempts_of_messages(struct evidence *ev, struct attempts *all)
{
	size_t first = all->n, i;
	int order;

	for (order = 0; order < MESSAGE_ORDERS; order++)
		messages_of_order(ev, all, (enum message_order)order);
	for (i = first; i < all->n; i++)
		stages_of_exchanges(ev, all->p[i], false);
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
				if (fact_same_id(f, like))
					return f;
	return NULL;
}

/* The AIK host of a run; from its URL, else from its authority line. */
const struct fact *
run_asked_host(const struct item *run)
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
const struct fact *
attempt_asked_host(const struct attempt *a)
{
	if (a->nexchanges > 0)
		return a->exchanges[0]->request == NULL ? NULL :
		    item_fact(a->exchanges[0]->request, &request_host);
	return a->nruns > 0 ? run_asked_host(a->runs[0]) : NULL;
}

/*
 * The run ended otherwise than what is known of the attempt, or with another
 * exchange: who tries again at once makes another attempt.
 */
static bool
contradicts(struct evidence *ev, const struct attempt *a,
    const struct item *run)
{
	const struct fact *id = item_fact(run, &run_request_id), *f;
	enum run_outcome mine = run_outcome(run, &f), other;
	const struct item *it;
	size_t i;

	for (i = 0; i < a->nruns; i++) {
		other = run_outcome(a->runs[i], &f);
		f = item_fact(a->runs[i], &run_request_id);
		if ((id != NULL && f != NULL && !fact_same_id(id, f)) ||
		    (mine == RUN_SUCCEEDED && other == RUN_FAILED) ||
		    (mine == RUN_FAILED && other == RUN_SUCCEEDED))
			return true;
	}
	for (it = ev_first(ev, ITEM_STAGE); it != NULL; it = it->next)
		if (mine == RUN_SUCCEEDED && it->parent == a->item &&
		    fact_is(item_fact(it, &stage_state), "failed"))
			return true;
	return false;
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
	if (!same_authority(attempt_asked_host(a), run_asked_host(run)) ||
	    contradicts(ev, a, run))
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
		    (fact_equal(item_fact(a->runs[i], &run_source),
		    item_fact(run, &run_source)) ? SAME_WITNESS_US :
		    SAME_RUN_US))
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

	a->runs = attempts_push(ev, a->runs, a->nruns, sizeof(*a->runs));
	a->runs[a->nruns++] = run;
	a->item->artifacts |= run->artifacts;
	if ((g = item_fact(run, &run_source)) != NULL)
		attempt_source_add(ev, a, g->value.p, g);
	for (f = copied; *f != NULL; f++)
		for (g = item_fact(run, *f); g != NULL; g = fact_next(g))
			ev_copy(ev, a->item, g);
}

void
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
		best = attempts_new(ev, all, NULL, run->at);
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
void
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
		if ((a = attempts_new(ev, all, NULL, it->at)) == NULL)
			break;
		a->store = it;
		a->item->artifacts |= it->artifacts;
		attempt_source_add(ev, a, "store", why);
	}
}
