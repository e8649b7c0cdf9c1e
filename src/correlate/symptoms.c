/*
 * What the person or Windows itself reported: codes of notes, mails and
 * events, for the whole case.  Relies on the parsers' scope: articles and
 * other hosts' pages never come here.
 */
#include "correlate/attempt.h"

FIELD(symptom_code, "symptom.code", CODE, KIND(CASE),
    ARTIFACT(NOTE) | ARTIFACT(EVENT), "a code that a note, a mail, a screen "
    "or an event gives", .repeated = true);
FIELD(symptom_phrase, "symptom.phrase", TEXT, KIND(CASE), 0,
    "what Windows' set-up said of the attestation, in a note or an event",
    .repeated = true);
FIELD(symptom_after_success, "symptom.after_success", BOOL, KIND(CASE),
    ARTIFACT(NOTE) | ARTIFACT(EVENT), "a code or words of a note are later "
    "than the last attempt, which succeeded");

/* More codes than this come from a list of codes, not from a failure. */
#define CODES_MAX	200

static bool
seen(const struct item *to, const struct field *field, const struct fact *like)
{
	const struct fact *f;

	for (f = item_fact(to, field); f != NULL; f = fact_next(f))
		if (fact_equal(f, like))
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

/* Was the note written after the attempt, and does it say when? */
static bool
is_late(const struct item *note, const struct item *last)
{
	return last != NULL && last->attempt->time != 0 &&
	    item_number(note, &note_time, 0) > last->attempt->time;
}

static void
take(struct evidence *ev, const struct item *note, size_t *n)
{
	static const struct {
		const struct field	*from, *to;
	} taken[] = {
		{ &note_code, &symptom_code }, { &note_phrase, &symptom_phrase }
	};
	struct item *all = ev_case(ev);
	const struct fact *f;
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		for (f = item_fact(note, taken[i].from); f != NULL;
		    f = fact_next(f))
			if (*n < CODES_MAX && !seen(all, taken[i].to, f) &&
			    ++*n > 0)
				ev_derive(ev, all, taken[i].to, f->value,
				    SPAN_NONE, &f, 1, NULL);
}

/* Late notes first: of two with one code, that one is to be cited. */
static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *all = ev_case(ev), *it, *last = last_attempt(ev);
	const struct fact *why[3];
	size_t n = 0;
	int late;

	(void)as_of;
	for (late = 1; late >= 0; late--)
		for (it = ev_first(ev, ITEM_NOTE); it != NULL; it = it->next)
			if (is_late(it, last) == (late != 0))
				take(ev, it, &n);
	for (it = ev_first(ev, ITEM_NOTE); it != NULL; it = it->next) {
		all->artifacts |= it->artifacts;
		why[0] = item_fact(it, &note_time);
		why[1] = item_fact(it, &note_code);
		if (why[1] == NULL)
			why[1] = item_fact(it, &note_phrase);
		if (why[1] == NULL || !is_late(it, last) || !fact_is(item_fact(
		    last, &attempt_outcome), "succeeded") ||
		    item_fact(all, &symptom_after_success) != NULL)
			continue;
		why[2] = item_fact(last, &attempt_time);
		ev_derive(ev, all, &symptom_after_success, value_bool(true),
		    SPAN_NONE, why, 3, NULL);
	}
}

static const struct field *const fields[] = {
	&symptom_code, &symptom_phrase, &symptom_after_success, NULL
};

const struct correlator correlator_symptoms = {
	.name = "symptoms", .run = run, .fields = fields
};
