/*
 * Dated, sourced incidents that an attempt falls into: by time, vendor, CA,
 * stage, and the service's code or message.
 * Relies on authority.c and rules/data/incidents.tsv.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

FIELD(incident_matches, "incident.matches", BOOL, KIND(ATTEMPT),
    ARTIFACT(TIME) | ARTIFACT(ANSWER),
    "a known incident fits the attempt in time, vendor, CA, stage and answer",
    .needs_all = true);
FIELD(incident_id, "incident.id", TEXT, KIND(ATTEMPT),
    ARTIFACT(TIME) | ARTIFACT(ANSWER), "id of the incident", .needs_all = true);
FIELD(incident_what, "incident.what", TEXT, KIND(ATTEMPT),
    ARTIFACT(TIME) | ARTIFACT(ANSWER), "what happened then", .needs_all = true);
FIELD(incident_source, "incident.source", TEXT, KIND(ATTEMPT),
    ARTIFACT(TIME) | ARTIFACT(ANSWER), "where the incident is described",
    .needs_all = true);

#define TABLE	"rules/data/incidents.tsv"

/* One of the blank-separated words. */
static bool
has_word(struct str words, const char *w)
{
	size_t n = strlen(w), i;

	for (i = 0; n > 0 && i + n <= words.n; i++)
		if (memcmp(words.p + i, w, n) == 0 &&
		    (i == 0 || words.p[i - 1] == ' ') &&
		    (i + n == words.n || words.p[i + n] == ' '))
			return true;
	return false;
}

static const struct fact *
message_with(struct evidence *ev, const struct item *it, struct str part)
{
	const struct fact *f;

	for (f = item_fact(it, &service_message); f != NULL; f = fact_next(f))
		if (fact_holds(f, arena_text(ev_arena(ev), part.p, part.n)))
			return f;
	return NULL;
}

static const struct fact *
code_is(const struct item *it, struct str code)
{
	const struct fact *f;
	char buf[16];

	if (code.n == 0 || code.n >= sizeof(buf))
		return NULL;
	memcpy(buf, code.p, code.n);
	buf[code.n] = '\0';
	for (f = item_fact(it, &stage_code); f != NULL; f = fact_next(f))
		if (f->value.number == (int64_t)strtoul(buf, NULL, 16))
			return f;
	return NULL;
}

/* All of the incident's conditions; their facts go to why[0..*n-1]. */
static bool
fits(struct evidence *ev, const struct attempt *at,
    const struct incident_info *i, const struct fact **why, size_t *n)
{
	const struct item *it = at->item;
	const struct fact *stage = item_fact(it, &attempt_failed_stage);
	const struct fact *vendor = item_fact(it, &attempt_vendor);
	const struct fact *ski = item_fact(it, &ek_issuer_ski), *said;
	const struct fact *id = item_fact(it, &attempt_id);

	*n = 0;
	if (at->time < i->from || at->time > i->to)
		return false;
	why[(*n)++] = item_fact(it, &attempt_time);
	if (i->stage.n > 0) {
		if (stage == NULL ||
		    !str_same(i->stage, stage->value.p, stage->value.n))
			return false;
		why[(*n)++] = stage;
	}
	if (i->vendor.n > 0) {
		if (vendor == NULL ||
		    !str_same(i->vendor, vendor->value.p, vendor->value.n))
			return false;
		why[(*n)++] = vendor;
	}
	if (i->cas.n > 0) {
		/* Incidents of named CAs are re-issues: the old one is none. */
		if (!item_truth(it, &ek_issuer_reissued, true))
			return false;
		if (ski != NULL && has_word(i->cas, fact_hex(ev, ski)))
			why[(*n)++] = ski;
		else if (id != NULL && has_word(i->cas, id->value.p))
			why[(*n)++] = id;
		else
			return false;
	}
	if (i->message.n > 0 && (said = message_with(ev, it,
	    i->message)) != NULL)
		why[(*n)++] = said;
	else if (i->message.n == 0 && (said = code_is(it, i->code)) != NULL)
		why[(*n)++] = said;
	else if (i->message.n > 0 || i->code.n > 0)
		return false;
	return true;
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct incident_info i;
	const struct fact *why[8];
	struct item *it;
	size_t k, n = 0;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		if (it->attempt->time == 0)
			continue;
		for (k = 0; incident_get(k, &i); k++)
			if (fits(ev, it->attempt, &i, why, &n))
				break;
		if (!incident_get(k, &i)) {
			why[0] = item_fact(it, &attempt_time);
			ev_derive(ev, it, &incident_matches, value_bool(false),
			    SPAN_NONE, why, 1, TABLE);
			continue;
		}
		ev_derive(ev, it, &incident_matches, value_bool(true),
		    SPAN_NONE, why, n, TABLE);
		ev_derive(ev, it, &incident_id, value_from(i.id.p, i.id.n),
		    SPAN_NONE, why, n, TABLE);
		ev_derive(ev, it, &incident_what,
		    value_from(i.what.p, i.what.n), SPAN_NONE, why, n, TABLE);
		ev_derive(ev, it, &incident_source,
		    value_from(i.source.p, i.source.n), SPAN_NONE, why, n,
		    TABLE);
	}
}

static const struct field *const fields[] = {
	&incident_matches, &incident_id, &incident_what, &incident_source, NULL
};

const struct correlator correlator_incidents = {
	.name = "incidents", .run = run, .fields = fields
};
