/*
 * Proxies that stand between a capture and the service, and what they do to
 * bodies: seen where a message of one run stands in two captures, sound in
 * the one and damaged in the other.
 * Relies on exchange.c and tls.c.
 */
#include <string.h>

#include "correlate/attempt.h"

FIELD(attempt_gateway, "attempt.gateway", BOOL, KIND(ATTEMPT),
    ARTIFACT(CAPTURE), "the requests went through another proxy, behind the "
    "one that captured");
FIELD(body_changed, "body_changed", BOOL, KIND(ATTEMPT), ARTIFACT(CAPTURE),
    "a request of the attempt is sound in one capture and damaged in "
    "another");

/* What shows that a proxy had the exchange in its hands; or NULL. */
static const struct fact *
gateway_of(const struct exchange *x)
{
	const struct fact *f = item_fact(x->session, &session_gateway);

	if ((f == NULL || !f->value.truth) && x->response != NULL &&
	    (f = item_fact(x->response, &http_proxy_vendor)) == NULL)
		f = item_keyed(x->response, &http_header, "via");
	return f;
}

static void
gateway(struct evidence *ev, const struct attempt *at)
{
	const struct fact *f = item_fact(at->item, &tls_inspected);
	size_t i;

	if (f != NULL && !f->value.truth)
		f = NULL;
	for (i = 0; i < at->nexchanges && f == NULL; i++)
		f = gateway_of(at->exchanges[i]);
	if (f != NULL)
		ev_derive(ev, at->item, &attempt_gateway, value_bool(true),
		    SPAN_NONE, &f, 1, NULL);
}

/* Sound or damaged, by a fact that is kept; not if a tool did it. */
static const struct fact *
state_of(const struct item *message, bool *damaged)
{
	static const struct field *const checks[] = {
		&cms_digest_valid, &cms_signature_valid
	};
	const struct fact *f = item_fact(message, &cms_damage), *sound = NULL;
	size_t i;

	*damaged = false;
	if (fact_is(f, "text") || fact_is(f, "line-ends"))
		return NULL;
	f = item_fact(message, &cms_damaged);
	*damaged = f != NULL && f->value.truth;
	for (i = 0; i < sizeof(checks) / sizeof(*checks) && !*damaged; i++)
		if ((f = item_fact(message, checks[i])) != NULL) {
			*damaged = !f->value.truth;
			sound = f;
		}
	return *damaged ? f : sound;
}

/* The answer to the request that the message was the body of, or NULL. */
static const struct item *
answer_to(struct evidence *ev, const struct item *message)
{
	const struct item *session = item_up((struct item *)message,
	    ITEM_SESSION), *it;

	if (session == NULL || message->parent->kind != ITEM_REQUEST)
		return NULL;
	for (it = ev_first(ev, ITEM_RESPONSE); it != NULL; it = it->next)
		if (it->parent == session)
			return it;
	return NULL;
}

/* A message that was cut has no signer; the service's answer has an id. */
static bool
one_answer(struct evidence *ev, const struct item *a, const struct item *b)
{
	const struct item *to[2] = { answer_to(ev, a), answer_to(ev, b) };

	return to[0] != NULL && to[1] != NULL &&
	    fact_same_id(item_keyed(to[0], &http_header, "x-ms-request-id"),
	    item_keyed(to[1], &http_header, "x-ms-request-id")) &&
	    !fact_is(item_fact(a->parent, &http_body), "truncated") &&
	    !fact_is(item_fact(b->parent, &http_body), "truncated");
}

static bool
one_message(struct evidence *ev, const struct item *a, const struct item *b)
{
	static const struct field *const same[] = {
		&scep_transaction_id, &scep_message_type, &scep_sender_nonce
	};
	const struct fact *f;
	size_t i;

	if (item_fact(a, same[0]) == NULL || item_fact(b, same[0]) == NULL)
		return one_answer(ev, a, b);
	for (i = 0; i < sizeof(same) / sizeof(*same); i++)
		if ((f = item_fact(a, same[i])) == NULL ||
		    !fact_equal(f, item_fact(b, same[i])))
			return false;
	return true;
}

/* The same message elsewhere, in the other state. */
static bool
compare(struct evidence *ev, const struct attempt *at,
    const struct item *message)
{
	const struct fact *why[2];
	const struct item *it;
	bool here, there;

	if ((why[0] = state_of(message, &here)) == NULL)
		return false;
	for (it = ev_first(ev, ITEM_PKI_MESSAGE); it != NULL; it = it->next) {
		if (it == message || item_up((struct item *)it,
		    ITEM_ARCHIVE) == at->archive ||
		    !one_message(ev, message, it) ||
		    (why[1] = state_of(it, &there)) == NULL || here == there)
			continue;
		ev_derive(ev, at->item, &body_changed, value_bool(true),
		    SPAN_NONE, why, 2, NULL);
		return true;
	}
	return false;
}

static void
run(struct evidence *ev, int64_t as_of)
{
	const struct attempt *at;
	struct item *it;
	size_t i;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		at = it->attempt;
		gateway(ev, at);
		for (i = 0; i < at->nexchanges; i++)
			if (at->archive != NULL &&
			    at->exchanges[i]->sent != NULL &&
			    compare(ev, at, at->exchanges[i]->sent))
				break;
	}
}

static const struct field *const fields[] = {
	&attempt_gateway, &body_changed, NULL
};

const struct correlator correlator_gateway = {
	.name = "gateway", .run = run, .fields = fields
};
