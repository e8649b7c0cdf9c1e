/*
 * How much the evidence of a finding is worth: damage, words alone, captures
 * that a rule of Fiddler's changed.  Relies on the facts that it cites.
 */
#include "correlate/attempt.h"
#include "judge/internal.h"
#include "parsers/fields.h"

static bool
cites_damaged(const struct court *c, const struct fact *f, unsigned int depth)
{
	const struct input *in;
	size_t i;

	if (f->at.blob != BLOB_NONE) {
		in = ev_input_of(c->ev, ev_blob(c->ev, f->at.blob));
		if (in != NULL && in->state == INPUT_PARTIAL)
			return true;
	}
	for (i = 0; depth > 0 && i < f->nfrom; i++)
		if (cites_damaged(c, f->from[i], depth - 1))
			return true;
	return false;
}

/* Was it read in a session that a rule of Fiddler's changed or answered? */
static bool
cites_altered(const struct fact *f, unsigned int depth)
{
	const struct item *session = item_up(f->item, ITEM_SESSION);
	size_t i;

	if (session != NULL && item_fact(session, &session_altered) != NULL)
		return true;
	for (i = 0; depth > 0 && i < f->nfrom; i++)
		if (cites_altered(f->from[i], depth - 1))
			return true;
	return false;
}

/* Does everything that was read for it stand in what somebody wrote? */
static bool
only_words(const struct fact *f, unsigned int depth)
{
	size_t i;

	if (f->nfrom == 0 || depth == 0)
		return item_up(f->item, ITEM_NOTE) != NULL &&
		    item_up(f->item, ITEM_RUN) == NULL;
	for (i = 0; i < f->nfrom; i++)
		if (!only_words(f->from[i], depth - 1))
			return false;
	return true;
}

/* The most that evidence of this quality can give, and why. */
static enum confidence
cap(const struct court *c, const struct finding *f, const char **ret_why)
{
	struct item *at = item_up(f->item, ITEM_ATTEMPT);
	size_t i;

	*ret_why = NULL;
	for (i = 0; i < f->n && only_words(f->because[i], 8); i++)
		continue;
	if (f->n > 0 && i == f->n) {
		*ret_why = "only free text says so";
		return CONFIDENCE_LOW;
	}
	for (i = 0; i < f->n; i++)
		if (cites_altered(f->because[i], 8)) {
			*ret_why = CAP_ALTERED;
			return CONFIDENCE_LOW;
		}
	for (i = 0; i < f->n; i++)
		if (cites_damaged(c, f->because[i], 8)) {
			*ret_why = "an input that it rests on is damaged";
			return CONFIDENCE_MEDIUM;
		}
	if (at != NULL && at->attempt != NULL &&
	    at->attempt->archive != NULL &&
	    item_truth(at->attempt->archive, &capture_incomplete, false)) {
		*ret_why = "the capture is incomplete";
		return CONFIDENCE_MEDIUM;
	}
	if (item_truth(ev_case(c->ev), &evidence_contradicted, false)) {
		*ret_why = "pieces of the evidence contradict each other";
		return CONFIDENCE_MEDIUM;
	}
	return CONFIDENCE_HIGH;
}

enum confidence
verdict_capped(const struct court *c, const struct finding *f,
    const char **ret_why)
{
	enum confidence most = cap(c, f, ret_why);

	if (f->confidence > most)
		return most;
	*ret_why = NULL;
	return f->confidence;
}
