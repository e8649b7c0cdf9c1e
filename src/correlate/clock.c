/*
 * The client's clock against the server's, from the exchange of the attempt in
 * which they differ least: a Date inside the session's own begin and end is no
 * difference at all.
 * Relies on sessions' times, which carry their zone.
 */
#include <stdlib.h>

#include "correlate/attempt.h"

FIELD(clock_skew, "clock.skew", INT, KIND(ATTEMPT), ARTIFACT(CAPTURE),
    "seconds that the client's clock was ahead of the server's Date");

#define US	INT64_C(1000000)

/* Seconds by which the client's clock is surely ahead in that exchange. */
static int64_t
skew_of(const struct exchange *x, int64_t date)
{
	/* Date has whole seconds. */
	if (x->begin > date + US)
		return (x->begin - date) / US;
	if (x->end != 0 && x->end < date)
		return (x->end - date) / US;
	if (x->end == 0 && x->begin + 60 * US < date)
		return (x->begin - date) / US;
	return 0;
}

/* The Date of the server itself: not of a proxy, and of no cache. */
static const struct fact *
server_date(const struct exchange *x)
{
	const struct fact *by;

	if (x->response == NULL || x->connect || x->begin == 0)
		return NULL;
	by = item_fact(x->response, &http_made_by);
	if (fact_is(by, "fiddler") || fact_is(by, "proxy") ||
	    item_keyed(x->response, &http_header, "age") != NULL)
		return NULL;
	return item_fact(x->response, &http_date);
}

/*
 * A clock is wrong in every answer; an old Date in one alone is that of a
 * cache which does not say so.
 */
static void
attempt_clock(struct evidence *ev, struct attempt *at)
{
	const struct exchange *x, *least = NULL;
	const struct fact *why[3], *date;
	int64_t skew, best = 0;
	size_t i;

	for (i = 0; i < at->nexchanges; i++) {
		x = at->exchanges[i];
		if ((date = server_date(x)) == NULL)
			continue;
		skew = skew_of(x, date->value.number);
		if (least != NULL && llabs(skew) >= llabs(best))
			continue;
		least = x;
		best = skew;
		why[0] = date;
	}
	if (least == NULL)
		return;
	why[1] = item_fact(least->session, &session_begin);
	why[2] = item_fact(least->session, &session_end);
	ev_derive(ev, at->item, &clock_skew, value_int(best), SPAN_NONE, why,
	    3, NULL);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		attempt_clock(ev, it->attempt);
}

static const struct field *const fields[] = { &clock_skew, NULL };

const struct correlator correlator_clock = {
	.name = "clock", .run = run, .fields = fields
};
