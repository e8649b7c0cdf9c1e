/*
 * The client's clock against the server's, from one exchange of the attempt:
 * a Date inside the session's own begin and end is no difference at all.
 * Relies on sessions' times, which carry their zone.
 */
#include <stdlib.h>

#include "correlate/attempt.h"

FIELD(clock_skew, "clock.skew", INT, KIND(ATTEMPT), ARTIFACT(CAPTURE),
    "seconds that the client's clock was ahead of the server's Date");

#define US	INT64_C(1000000)

static void
attempt_clock(struct evidence *ev, struct attempt *at)
{
	const struct fact *why[3], *by;
	const struct exchange *x;
	int64_t date, skew;
	size_t i;

	for (i = 0; i < at->nexchanges; i++) {
		x = at->exchanges[i];
		if (x->response == NULL || x->connect || x->begin == 0)
			continue;
		by = item_fact(x->response, &http_made_by);
		if (fact_is(by, "fiddler") || fact_is(by, "proxy"))
			continue;
		why[0] = item_fact(x->response, &http_date);
		why[1] = item_fact(x->session, &session_begin);
		why[2] = item_fact(x->session, &session_end);
		if (why[0] == NULL)
			continue;
		date = why[0]->value.number;
		skew = 0;
		/* Date has whole seconds. */
		if (x->begin > date + US)
			skew = (x->begin - date) / US;
		else if (x->end != 0 && x->end < date)
			skew = (x->end - date) / US;
		else if (x->end == 0 && x->begin + 60 * US < date)
			skew = (x->begin - date) / US;
		ev_derive(ev, at->item, &clock_skew, value_int(skew),
		    SPAN_NONE, why, 3, NULL);
		return;
	}
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
