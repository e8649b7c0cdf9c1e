/*
 * The verdict's two sentences: what happened, and what to do next.
 * Relies on the titles and fixes of the rules, which are expanded already.
 */
#include <string.h>

#include "judge/internal.h"
#include "parsers/fields.h"

static const char *
sentence_end(struct court *c, const char *text)
{
	size_t n = strlen(text);

	return n > 0 && (text[n - 1] == '.' || text[n - 1] == '!' ||
	    text[n - 1] == '?') ? text : arena_printf(c->arena, "%s.", text);
}

static bool
device_fault(const struct court *c)
{
	const struct finding *f;
	size_t i;

	for (i = 0; i < c->jd->nfindings; i++)
		for (f = c->jd->findings[i]; f != NULL; f = f->same)
			if (!f->overtaken && f->rule->fault == FAULT_DEVICE)
				return true;
	return false;
}

/* What most of the undecided causes lack: at most two artifacts. */
static const char *
ask_for(const struct court *c)
{
	bool taken[ARTIFACT_COUNT] = { false };
	const char *text = NULL;
	unsigned int round, i, best;

	for (round = 0; round < 2; round++) {
		best = ARTIFACT_COUNT;
		for (i = 0; i < ARTIFACT_COUNT; i++)
			if (!taken[i] && c->missing[i] > 0 &&
			    (best == ARTIFACT_COUNT ||
			    c->missing[i] > c->missing[best]))
				best = i;
		if (best == ARTIFACT_COUNT)
			break;
		taken[best] = true;
		text = text == NULL ? artifacts[best].ask :
		    arena_printf(c->arena, "%s; and %s", text,
		    artifacts[best].ask);
	}
	return text;
}

static bool
cause_open(const struct verdict *v, const char *id)
{
	size_t i;

	for (i = 0; i < v->nundecided; i++)
		if (strcmp(v->undecided[i], id) == 0)
			return true;
	return false;
}

/*
 * "5 causes are excluded; 3 cannot be judged because the EK certificate of the
 * device is not there, 1 because ... is not": what would decide most is first.
 */
static const char *
open_words(struct court *c, const struct verdict *v)
{
	bool done[ARTIFACT_COUNT] = { false }, *told;
	const struct coverage *cover;
	size_t i, n, most, best = 0, left = v->nundecided, parts = 0;
	const char *text;
	unsigned int k;

	if (v->nexcluded == 0 && v->nundecided == 0)
		return NULL;
	text = arena_printf(c->arena, "%zu other cause%s", v->nexcluded,
	    v->nexcluded == 1 ? " is excluded" : "s are excluded");
	told = arena_alloc(c->arena, (c->jd->ncoverage + 1) * sizeof(*told));
	while (left > 0) {
		for (most = k = 0; k < ARTIFACT_COUNT; k++) {
			for (i = n = 0; i < c->jd->ncoverage; i++) {
				cover = &c->jd->coverage[i];
				n += !told[i] && cause_open(v, cover->rule) &&
				    (cover->missing >> k & 1) != 0;
			}
			if (!done[k] && n > most) {
				most = n;
				best = k;
			}
		}
		if (most == 0)
			break;
		done[best] = true;
		for (i = 0; i < c->jd->ncoverage; i++) {
			cover = &c->jd->coverage[i];
			if (cause_open(v, cover->rule) &&
			    (cover->missing >> best & 1) != 0)
				told[i] = true;
		}
		text = arena_printf(c->arena, "%s%s %zu %sbecause %s is not "
		    "there", text, parts == 0 ? ";" : ",", most,
		    parts == 0 ? "cannot be judged " : "",
		    artifacts[best].ask);
		parts++;
		left -= most;
	}
	if (left > 0)
		text = arena_printf(c->arena, "%s; %zu cannot be judged",
		    text, left);
	return arena_printf(c->arena, "%s.", text);
}

const struct finding *
finding_first(const struct judgement *jd, enum rule_kind kind)
{
	size_t i;

	for (i = 0; i < jd->nfindings; i++)
		if (jd->findings[i]->rule->kind == kind)
			return jd->findings[i];
	return NULL;
}

/* Said where one case holds several devices. */
static const char *
devices_words(const struct court *c)
{
	size_t n = attempts_devices(c->attempts, c->nattempts, NULL);
	size_t ok = attempts_devices(c->attempts, c->nattempts, "succeeded");

	if (n < 2)
		return "";
	return arena_printf(c->arena, " The attempts are of %zu devices; %s "
	    "of them succeeded in the end.", n, ok == 0 ? "none" :
	    ok == n ? "all" : arena_printf(c->arena, "%zu", ok));
}

static const struct finding *
finding_with_code(const struct judgement *jd, enum rule_kind kind)
{
	size_t i;

	for (i = 0; i < jd->nfindings; i++)
		if (jd->findings[i]->rule->kind == kind &&
		    jd->findings[i]->ncodes > 0)
			return jd->findings[i];
	return NULL;
}

static void
words_succeeded(struct court *c, struct verdict *v)
{
	const struct item *at = c->attempts[c->nattempts - 1];
	const struct finding *f = NULL;
	const char *what = NULL;
	size_t i;

	for (i = 0; i < c->jd->nfindings; i++)
		if (c->jd->findings[i]->overtaken &&
		    rule_is_fault(c->jd->findings[i]->rule) &&
		    (f == NULL || f->rule->kind == RULE_CAUSE))
			f = c->jd->findings[i];
	what = text_expand(c->ev, at, "The last attempt succeeded: the "
	    "service of {attempt.host|the authority} issued an AIK "
	    "certificate");
	v->sentence = f == NULL ? arena_printf(c->arena, "%s.", what) :
	    arena_printf(c->arena, "%s. Before it: %s", what,
	    sentence_end(c, f->title));
	v->next_step = "Nothing is left to do for the attestation itself; "
	    "if the device still shows an error, collect new evidence of it.";
}

/* A failure without a cause: what was seen, and what stands in the way. */
static void
words_unexplained(struct court *c, struct verdict *v, const char *ask)
{
	const struct finding *symptom = finding_first(c->jd, RULE_SYMPTOM);
	const struct finding *hint = finding_first(c->jd, RULE_QUALITY);
	const char *text;

	if (hint == NULL && symptom == NULL)
		hint = finding_with_code(c->jd, RULE_CONTEXT);
	text = symptom != NULL ? symptom->title : text_expand(c->ev,
	    c->last_failed, "The attempt failed at "
	    "{attempt.failed_stage|a stage that cannot be seen}");
	v->sentence = arena_printf(c->arena, "%s %s", sentence_end(c, text),
	    hint != NULL ? sentence_end(c, hint->title) :
	    "The evidence does not show why.");
	v->next_step = hint != NULL && hint->rule->nfix > 0 ? hint->fix[0] :
	    arena_printf(c->arena, "Collect %s.", ask != NULL ? ask :
	    arena_printf(c->arena, "%s; and %s",
	    artifacts[ARTIFACT_CERTREQ].ask,
	    artifacts[ARTIFACT_CAPTURE].ask));
}

/* The finding that says so of a session. */
static const struct finding *
finding_altered(const struct court *c)
{
	const struct finding *f;
	size_t i, k;

	for (i = 0; i < c->jd->nfindings; i++) {
		f = c->jd->findings[i];
		for (k = 0; k < f->n; k++)
			if (f->because[k]->field == &session_altered)
				return f;
	}
	return NULL;
}

/* What Fiddler made is put right before anything else. */
static void
words_altered(struct court *c, struct verdict *v)
{
	const struct finding *f = finding_altered(c);

	v->sentence = arena_printf(c->arena, "%s But %s: the service itself "
	    "may have answered otherwise.", v->sentence, CAP_ALTERED);
	if (f != NULL && f->rule->nfix > 0)
		v->next_step = f->fix[0];
}

static void
words_failed(struct court *c, struct verdict *v)
{
	const struct finding *f = v->cause;
	const char *ask = ask_for(c), *text;

	if (f == NULL) {
		words_unexplained(c, v, ask);
		return;
	}
	text = sentence_end(c, f->title);
	if (f->rule->kind == RULE_MECHANISM)
		v->sentence = arena_printf(c->arena,
		    "%s What caused it is not proven.", text);
	else if (f->rule->fault == FAULT_SERVICE && !device_fault(c))
		v->sentence = arena_printf(c->arena, "%s Nothing in the "
		    "evidence points at a fault of the device.", text);
	else
		v->sentence = text;
	v->next_step = f->rule->nfix > 0 ? f->fix[0] : "";
	if (ask != NULL && (f->rule->kind == RULE_MECHANISM ||
	    f->confidence < CONFIDENCE_HIGH))
		v->next_step = arena_printf(c->arena, "%s To %s, collect %s.",
		    sentence_end(c, v->next_step),
		    f->rule->kind == RULE_MECHANISM ? "find the cause" :
		    "be surer of the cause", ask);
	if (v->capped != NULL && strcmp(v->capped, CAP_ALTERED) == 0)
		words_altered(c, v);
}

static void
words_undetermined(struct court *c, struct verdict *v)
{
	const struct finding *f = v->cause != NULL ? v->cause :
	    finding_first(c->jd, RULE_QUALITY);

	if (f != NULL) {
		v->sentence = sentence_end(c, f->title);
		v->next_step = f->rule->nfix > 0 ? f->fix[0] : "";
		return;
	}
	v->sentence = c->nattempts > 0 ? "An attempt is in evidence, but not "
	    "how it ended." : "The evidence holds no enrolment attempt and no "
	    "symptom.";
	v->next_step = arena_printf(c->arena, "Collect %s; and %s.",
	    artifacts[ARTIFACT_CERTREQ].ask, artifacts[ARTIFACT_CAPTURE].ask);
}

void
verdict_words(struct court *c, struct verdict *v)
{
	v->open = open_words(c, v);
	switch (v->outcome) {
	case OUTCOME_SUCCEEDED:
		words_succeeded(c, v);
		break;
	case OUTCOME_FAILED:
		words_failed(c, v);
		break;
	case OUTCOME_UNDETERMINED:
		words_undetermined(c, v);
		break;
	}
	v->sentence = arena_printf(c->arena, "%s%s", v->sentence,
	    devices_words(c));
}
