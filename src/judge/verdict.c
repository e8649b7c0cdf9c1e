/*
 * One verdict over the findings: the outcome, the cause that no other cause
 * explains, the chain from the symptom to it, and what was left out or open.
 * Relies on attempts.c and on the facts of the correlators.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "judge/internal.h"
#include "parsers/fields.h"

const char *const	outcome_names[] = {
	"succeeded", "failed", "undetermined", NULL
};

/* ---- what explains what ---- */

bool
rule_is_fault(const struct rule *rule)
{
	return rule->kind == RULE_MECHANISM || rule->kind == RULE_CAUSE;
}

static bool
general_symptom(const char *id)
{
	static const char *const ids[] = { "attestation-retries-exhausted",
	    "attestation-failed", "device-join-refused", "oobe-wait-expired" };
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

/* By the rules' own words; variants of one id speak together. */
static bool
says(const struct finding *f, const struct finding *of)
{
	for (; f != NULL; f = f->same)
		if (rule_explains(f->rule, of->rule->id))
			return true;
	return false;
}

static bool
explains_mechanism(const struct court *c, const struct finding *f)
{
	size_t i;

	for (i = 0; i < c->jd->nfindings; i++)
		if (c->jd->findings[i]->rule->kind == RULE_MECHANISM &&
		    !c->jd->findings[i]->overtaken &&
		    says(f, c->jd->findings[i]))
			return true;
	return false;
}

/* Directly: f is a reason of `of`. */
static bool
explains(const struct court *c, const struct finding *f,
    const struct finding *of)
{
	const struct item *at = item_up(f->item, ITEM_ATTEMPT);

	if (f == of || of->overtaken)
		return false;
	if (says(f, of))
		return true;
	return rule_is_fault(f->rule) && general_symptom(of->rule->id) &&
	    (at == NULL || !attempt_is(at, "succeeded")) &&
	    !explains_mechanism(c, f);
}

/* Through others that fired, too. */
static bool
explains_far(const struct court *c, const struct finding *f,
    const struct finding *of, size_t depth)
{
	size_t i;

	if (explains(c, f, of))
		return true;
	for (i = 0; depth > 0 && i < c->jd->nfindings; i++)
		if (explains(c, f, c->jd->findings[i]) &&
		    explains_far(c, c->jd->findings[i], of, depth - 1))
			return true;
	return false;
}

/* ---- the cause ---- */

/* Is the stage one of the rule's list?  A rule without a list breaks any. */
static bool
breaks(const struct rule *rule, const struct item *attempt)
{
	const char *stage = item_text(attempt, &attempt_failed_stage);
	const char *p = rule->stage;
	size_t n;

	if (p == NULL || stage == NULL)
		return true;
	for (;;) {
		n = strcspn(p, ",");
		if (strlen(stage) == n && memcmp(p, stage, n) == 0)
			return true;
		if (p[n] == '\0')
			return false;
		p += n + 1 + strspn(p + n + 1, " ");
	}
}

static bool
breaks_now(const struct court *c, const struct rule *rule,
    const struct item *at)
{
	return attempt_is(at, "failed") && breaks(rule, at) &&
	    !attempt_overtaken(c->attempts, c->nattempts, at);
}

/*
 * Of a device's state: what the attempt failed with is known, and it is
 * nothing that this explains.  A state that breaks any stage needs no such
 * word: nothing works with a TPM 1.2, whatever the answer says.
 */
static bool
beside_the_point(const struct court *c, const struct finding *f,
    const struct item *at)
{
	const struct finding *of;
	bool told = false;
	size_t i;

	if (f->rule->stage == NULL)
		return false;
	for (i = 0; i < c->jd->nfindings; i++)
		for (of = c->jd->findings[i]; of != NULL; of = of->same) {
			if (of->rule->kind != RULE_MECHANISM ||
			    item_up(of->item, ITEM_ATTEMPT) != at)
				continue;
			if (explains_far(c, f, of, c->jd->nfindings))
				return false;
			told = true;
		}
	return told;
}

/*
 * Seen in an attempt that did not fail of it, as a wrong clock is: the reason
 * of what another attempt failed with, if it explains that.
 */
static bool
explains_another(const struct court *c, const struct finding *f)
{
	const struct item *at = item_up(f->item, ITEM_ATTEMPT), *other;
	const struct finding *of;
	size_t i;

	if (attempt_is(at, "succeeded"))
		return false;
	for (i = 0; i < c->jd->nfindings; i++)
		for (of = c->jd->findings[i]; of != NULL; of = of->same) {
			other = item_up(of->item, ITEM_ATTEMPT);
			if (of->rule->kind == RULE_MECHANISM &&
			    other != NULL && says(f, of) &&
			    item_number(other, &attempt_device, 0) ==
			    item_number(at, &attempt_device, 0) &&
			    breaks_now(c, f->rule, other))
				return true;
		}
	return false;
}

static bool
eligible(const struct court *c, const struct finding *f)
{
	const struct item *at = item_up(f->item, ITEM_ATTEMPT);
	size_t i;

	if (f->overtaken)
		return false;
	if (at != NULL) {
		/* A mechanism may stop an attempt that then just ends. */
		if (f->rule->kind == RULE_MECHANISM)
			return !attempt_is(at, "succeeded");
		return breaks_now(c, f->rule, at) || explains_another(c, f);
	}
	if (c->nattempts == 0)
		return f->rule->witness == WITNESS_DEVICE;
	for (i = 0; i < c->nattempts; i++)
		if (breaks_now(c, f->rule, c->attempts[i]) &&
		    !beside_the_point(c, f, c->attempts[i]))
			return true;
	return false;
}

/* Of the findings of one rule the first that may stand; or NULL. */
static const struct finding *
candidate(const struct court *c, const struct finding *f)
{
	for (; f != NULL; f = f->same)
		if (eligible(c, f))
			return f;
	return NULL;
}

static enum witness
witness_of(const struct court *c, const struct finding *f)
{
	const struct item *at = item_up(f->item, ITEM_ATTEMPT);

	if (f->rule->witness == WITNESS_DATE || at == NULL)
		return f->rule->witness == WITNESS_DATE ? WITNESS_DATE :
		    WITNESS_DEVICE;
	return at == c->last_failed ? WITNESS_LAST_ATTEMPT : WITNESS_ATTEMPT;
}

static int
stage_of(const struct finding *f)
{
	const struct item *at = item_up(f->item, ITEM_ATTEMPT);
	const char *s = NULL;

	if (f->item->kind == ITEM_STAGE)
		s = item_text(f->item, &stage_name);
	else if (at != NULL)
		s = item_text(at, &attempt_failed_stage);
	return s == NULL ? -1 : stage_row(s, strlen(s));
}

/* Does a come before b?  Equals stand in the catalogue's order already. */
static bool
before(const struct court *c, const struct finding *a,
    const struct finding *b)
{
	enum witness wa = witness_of(c, a), wb = witness_of(c, b);

	if (wa != wb)
		return wa < wb;
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence;
	return stage_of(a) > stage_of(b);
}

/* A cause of low confidence is an alternative to what is proven, no more. */
static bool
guessed(const struct finding *f)
{
	return f->rule->kind == RULE_CAUSE && f->confidence == CONFIDENCE_LOW;
}

static const struct finding *
choose(const struct court *c, enum rule_kind kind)
{
	const struct finding *best = NULL, *f;
	size_t i, j, n = c->jd->nfindings;

	for (i = 0; i < n; i++) {
		if (c->jd->findings[i]->rule->kind != kind ||
		    (f = candidate(c, c->jd->findings[i])) == NULL ||
		    guessed(f))
			continue;
		for (j = 0; j < n; j++)
			if (i != j && c->jd->findings[j]->rule->kind == kind &&
			    candidate(c, c->jd->findings[j]) != NULL &&
			    !guessed(candidate(c, c->jd->findings[j])) &&
			    explains_far(c, c->jd->findings[j],
			    c->jd->findings[i], n))
				break;
		if (j == n && (best == NULL || before(c, f, best)))
			best = f;
	}
	return best;
}

/* The list's first finding of the same rule id. */
static const struct finding *
primary(const struct court *c, const struct finding *f)
{
	size_t i;

	for (i = 0; i < c->jd->nfindings; i++)
		if (strcmp(c->jd->findings[i]->rule->id, f->rule->id) == 0)
			return c->jd->findings[i];
	return f;
}

/* ---- the chain ---- */

struct path {
	const struct finding **best, **now;
	size_t		 nbest;
};

/* now[0..n-1] leads from the cause outward; keeps the longest that ends so. */
static void
walk(const struct court *c, struct path *path, size_t n, enum rule_kind end)
{
	const struct finding *f = path->now[n - 1], *of;
	size_t i, j;

	if (f->rule->kind == end && n > path->nbest) {
		memcpy(path->best, path->now, n * sizeof(*path->best));
		path->nbest = n;
	}
	for (i = 0; i < c->jd->nfindings; i++) {
		of = c->jd->findings[i];
		for (j = 0; j < n && path->now[j] != of; j++)
			continue;
		if (j < n || of->rule->kind == RULE_CONTEXT ||
		    of->rule->kind == RULE_QUALITY || !explains(c, f, of))
			continue;
		path->now[n] = of;
		walk(c, path, n + 1, end);
	}
}

static void
make_chain(struct court *c, struct verdict *v)
{
	size_t room = c->jd->nfindings + 1, i;
	struct path path = { 0 };

	path.best = arena_alloc(c->arena, room * sizeof(*path.best));
	path.now = arena_alloc(c->arena, room * sizeof(*path.now));
	path.now[0] = primary(c, v->cause);
	walk(c, &path, 1, RULE_SYMPTOM);
	if (path.nbest == 0)
		walk(c, &path, 1, RULE_MECHANISM);
	if (path.nbest == 0)
		path.best[path.nbest++] = path.now[0];
	v->chain = arena_alloc(c->arena, path.nbest * sizeof(*v->chain));
	for (i = 0; i < path.nbest; i++)
		v->chain[i] = path.best[path.nbest - 1 - i];
	v->chain[path.nbest - 1] = v->cause;
	v->nchain = path.nbest;
}

/* ---- what else is possible ---- */

/* Would this rule explain something that fired, by the rules' words alone? */
static bool
concerns(const struct court *c, const char *id, size_t depth)
{
	const struct finding *f;
	const struct rule *rule;
	bool mechanism = false;
	size_t i, j;

	for (i = 0; i < c->jd->nfindings; i++)
		mechanism = mechanism ||
		    (c->jd->findings[i]->rule->kind == RULE_MECHANISM &&
		    !c->jd->findings[i]->overtaken);
	for (j = 0; j < rules_count(c->rules); j++) {
		rule = rules_get(c->rules, j);
		if (strcmp(rule->id, id) != 0)
			continue;
		for (i = 0; i < c->jd->nfindings; i++) {
			f = c->jd->findings[i];
			if (f->overtaken || (f->rule->kind != RULE_MECHANISM &&
			    (f->rule->kind != RULE_SYMPTOM || mechanism)))
				continue;
			if (rule_explains(rule, f->rule->id) ||
			    (f->rule->kind == RULE_SYMPTOM &&
			    general_symptom(f->rule->id)))
				return true;
		}
		for (i = 0; depth > 0 && i < rule->nexplains; i++)
			if (concerns(c, rule->explains[i], depth - 1))
				return true;
	}
	return false;
}

static void
make_open(struct court *c, struct verdict *v)
{
	const struct coverage *cover;
	size_t i, n = c->jd->ncoverage;
	unsigned int k;

	v->excluded = arena_alloc(c->arena, (n + 1) * sizeof(*v->excluded));
	v->undecided = arena_alloc(c->arena, (n + 1) * sizeof(*v->undecided));
	if (v->outcome != OUTCOME_FAILED)
		return;
	for (i = 0; i < n; i++) {
		cover = &c->jd->coverage[i];
		if ((cover->state != STATE_SILENT &&
		    cover->state != STATE_CANNOT_SAY) ||
		    rules_find(c->rules, cover->rule)->kind != RULE_CAUSE ||
		    !concerns(c, cover->rule, 4))
			continue;
		if (cover->state == STATE_SILENT) {
			v->excluded[v->nexcluded++] = cover->rule;
		} else {
			v->undecided[v->nundecided++] = cover->rule;
			for (k = 0; k < ARTIFACT_COUNT; k++)
				c->missing[k] +=
				    cover->missing >> k & 1;
		}
	}
}

/* ---- the verdict ---- */

/* Does a note say so that was written after all attempts? */
static bool
is_late(const struct court *c, const struct fact *f, unsigned int depth)
{
	const struct item *note = item_up(f->item, ITEM_NOTE);
	size_t i;

	if (note != NULL) {
		for (i = 0; i < c->nattempts; i++)
			if (item_number(note, &note_time, 0) <= item_number(
			    c->attempts[i], &attempt_time, 0))
				return false;
		return true;
	}
	for (i = 0; depth > 0 && i < f->nfrom; i++)
		if (is_late(c, f->from[i], depth - 1))
			return true;
	return false;
}

/* A code that no symptom names says nothing of the success before it. */
static bool
symptom_late(const struct court *c)
{
	const struct finding *f;
	size_t i, k;

	if (!item_truth(ev_case(c->ev), &symptom_after_success, false))
		return false;
	for (i = 0; i < c->jd->nfindings; i++)
		for (f = c->jd->findings[i]; f != NULL &&
		    f->rule->kind == RULE_SYMPTOM; f = f->same)
			for (k = 0; k < f->n; k++)
				if (is_late(c, f->because[k], 8))
					return true;
	return false;
}

static enum outcome
outcome_of(const struct court *c)
{
	enum outcome outcome = attempts_outcome(c->attempts, c->nattempts);
	bool symptom = finding_first(c->jd, RULE_SYMPTOM) != NULL;

	if (outcome == OUTCOME_SUCCEEDED ? symptom_late(c) : symptom)
		return OUTCOME_FAILED;
	return outcome;
}

static void
mark_overtaken(struct court *c, enum outcome outcome)
{
	const struct item *at;
	struct finding *f;
	size_t i;

	for (i = 0; i < c->jd->nfindings; i++)
		for (f = c->jd->findings[i]; f != NULL; f = f->same) {
			if (!rule_is_fault(f->rule) &&
			    f->rule->kind != RULE_SYMPTOM)
				continue;
			at = item_up(f->item, ITEM_ATTEMPT);
			if (at != NULL)
				f->overtaken = !attempt_is(at, "succeeded") &&
				    (outcome == OUTCOME_SUCCEEDED ||
				    attempt_overtaken(c->attempts,
				    c->nattempts, at));
			else
				f->overtaken = outcome == OUTCOME_SUCCEEDED;
		}
}

/* ---- other causes ---- */

static void
make_alternatives(struct court *c, struct verdict *v)
{
	const struct finding *f, *cause, *of, **ranked;
	size_t i, k, n = c->jd->nfindings;
	struct alternative *alt;
	const char *why;

	v->alternatives = arena_alloc(c->arena,
	    (n + 1) * sizeof(*v->alternatives));
	if (v->cause == NULL)
		return;
	ranked = arena_alloc(c->arena, (n + 1) * sizeof(*ranked));
	cause = primary(c, v->cause);
	for (i = 0; i < n; i++) {
		of = c->jd->findings[i];
		if (of->rule->kind != RULE_CAUSE || of == cause ||
		    (f = candidate(c, of)) == NULL ||
		    explains_far(c, cause, of, n))
			continue;
		for (k = v->nalternatives++; k > 0 &&
		    before(c, f, ranked[k - 1]); k--)
			ranked[k] = ranked[k - 1];
		ranked[k] = f;
	}
	for (i = 0; i < v->nalternatives; i++) {
		alt = &v->alternatives[i];
		alt->rule = ranked[i]->rule->id;
		alt->confidence = verdict_capped(c, ranked[i], &why);
		alt->decide = ranked[i]->rule->decide;
		if (alt->decide == NULL)
			alt->decide = "a capture of another failed attempt, "
			    "after this has been put right";
	}
}

void
verdict_make(struct evidence *ev, const struct rules *rules,
    struct judgement *jd)
{
	struct court c = { .ev = ev, .arena = ev_arena(ev), .rules = rules,
	    .jd = jd };
	struct verdict *v = &jd->verdict;

	c.attempts = attempts_ordered(ev, &c.nattempts);
	c.last_failed = attempt_last_failed(c.attempts, c.nattempts);
	v->outcome = outcome_of(&c);
	mark_overtaken(&c, v->outcome);
	if (v->outcome != OUTCOME_SUCCEEDED) {
		v->cause = choose(&c, RULE_CAUSE);
		if (v->cause == NULL)
			v->cause = choose(&c, RULE_MECHANISM);
	}
	v->confidence = v->cause != NULL ?
	    verdict_capped(&c, v->cause, &v->capped) :
	    v->outcome == OUTCOME_SUCCEEDED ? CONFIDENCE_HIGH :
	    CONFIDENCE_LOW;
	if (v->cause != NULL)
		make_chain(&c, v);
	make_open(&c, v);
	make_alternatives(&c, v);
	verdict_words(&c, v);
}
