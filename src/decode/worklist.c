/*
 * The worklist: every queued blob is offered to all parsers, and the highest
 * bid reads it.  Relies on parser.h.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "decode/parser.h"

bool
blob_hint_is(const struct blob *b, const char *media_type)
{
	size_t n = strlen(media_type);

	return b->hint != NULL && strncasecmp(b->hint, media_type, n) == 0 &&
	    (b->hint[n] == '\0' || b->hint[n] == ';' || b->hint[n] == ' ');
}

void
worklist_run(struct evidence *ev)
{
	struct meter *meter = ev_meter(ev);
	const struct parser *best;
	struct meter_lap lap;
	struct blob *b;
	int bid, most;
	size_t i, chosen = 0;

	meter_start(meter, &lap);

	while ((b = ev_blob_take(ev)) != NULL) {
		best = NULL;
		most = 0;
		for (i = 0; parsers[i] != NULL; i++) {
			bid = parsers[i]->bid(ev, b);
			if (bid > most) {
				most = bid;
				best = parsers[i];
				chosen = i;
			}
		}
		b->parser = best;
		if (meter != NULL) {
			meter->pieces++;
			meter_stop(meter, &lap, &meter->bids);
		}
		if (best == NULL)
			continue;
		best->read(ev, b);
		if (meter != NULL && chosen < METER_PARTS)
			meter_stop(meter, &lap, &meter->parsers[chosen]);
	}
}
