/*
 * Which certificates the device fetched in a capture: its EK certificate from
 * a service, CA certificates from the addresses of their vendors.  They are
 * the device's own, as those that somebody exports are.
 * Relies on the captures' requests.
 */
#include "correlate/attempt.h"

FIELD(cert_fetched, "cert.fetched", TEXT, KIND(CERTIFICATE), 0,
    "the device fetched it, from: ek-service, aia");

/* The request of each session, by the session's number. */
static const struct fact **
scopes(struct evidence *ev)
{
	const struct item *last = ev_last(ev, ITEM_SESSION), *it, *session;
	const struct fact **scope;
	size_t i;

	if (last == NULL)
		return NULL;
	scope = arena_alloc(ev_arena(ev), (last->number + 1) * sizeof(*scope));
	for (i = 0; i <= last->number; i++)
		scope[i] = NULL;
	for (it = ev_first(ev, ITEM_REQUEST); it != NULL; it = it->next) {
		session = it->parent;
		if (session != NULL && session->kind == ITEM_SESSION)
			scope[session->number] = item_fact(it, &request_scope);
	}
	return scope;
}

static void
run(struct evidence *ev, int64_t as_of)
{
	const struct fact **scope = scopes(ev), *f;
	const struct item *session;
	struct item *it;

	(void)as_of;
	if (scope == NULL)
		return;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		session = item_up(it, ITEM_SESSION);
		if (session == NULL || item_up(it, ITEM_RESPONSE) == NULL)
			continue;
		f = scope[session->number];
		if (fact_is(f, "ek-service") || fact_is(f, "aia"))
			ev_derive(ev, it, &cert_fetched, f->value, SPAN_NONE,
			    &f, 1, NULL);
	}
}

static const struct field *const fields[] = { &cert_fetched, NULL };

const struct correlator correlator_fetched = {
	.name = "fetched", .run = run, .fields = fields
};
