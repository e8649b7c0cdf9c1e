/*
 * What the person or Windows itself reported: codes of notes, mails and
 * events, for the whole case.  Relies on the parsers' scope: articles and
 * other hosts' pages never come here.
 */
#include "correlate/attempt.h"

FIELD(symptom_code, "symptom.code", CODE, KIND(CASE),
    ARTIFACT(NOTE) | ARTIFACT(EVENT), "a code that a note, a mail, a screen "
    "or an event gives", .repeated = true);
FIELD(symptom_after_success, "symptom.after_success", BOOL, KIND(CASE),
    ARTIFACT(NOTE) | ARTIFACT(EVENT), "a symptom is later than the last "
    "attempt, which succeeded");

/* More codes than this come from a list of codes, not from a failure. */
#define CODES_MAX	200

static bool
seen(const struct item *to, const struct fact *code)
{
	const struct fact *f;

	for (f = item_fact(to, &symptom_code); f != NULL; f = fact_next(f))
		if (fact_equal(f, code))
			return true;
	return false;
}

/* The latest attempt that is the last one of its device. */
static struct item *
last_attempt(struct evidence *ev)
{
	struct item *it, *last = NULL;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		if (item_truth(it, &attempt_last, false) && (last == NULL ||
		    it->attempt->time > last->attempt->time))
			last = it;
	return last;
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *all = ev_case(ev), *it, *last = last_attempt(ev);
	const struct fact *f, *why[3];
	bool late = false;
	size_t n = 0;

	(void)as_of;
	for (it = ev_first(ev, ITEM_NOTE); it != NULL; it = it->next) {
		all->artifacts |= it->artifacts;
		for (f = item_fact(it, &note_code); f != NULL; f = fact_next(f))
			if (n < CODES_MAX && !seen(all, f) && ++n > 0)
				ev_derive(ev, all, &symptom_code, f->value,
				    SPAN_NONE, &f, 1, NULL);
		if (last == NULL || last->attempt->time == 0 ||
		    !fact_is(item_fact(last, &attempt_outcome), "succeeded"))
			continue;
		why[0] = item_fact(it, &note_time);
		why[1] = item_fact(it, &note_code);
		why[2] = item_fact(last, &attempt_time);
		if (why[0] != NULL && why[1] != NULL && !late &&
		    why[0]->value.number > last->attempt->time) {
			late = true;
			ev_derive(ev, all, &symptom_after_success,
			    value_bool(true), SPAN_NONE, why, 3, NULL);
		}
	}
}

static const struct field *const fields[] = {
	&symptom_code, &symptom_after_success, NULL
};

const struct correlator correlator_symptoms = {
	.name = "symptoms", .run = run, .fields = fields
};
