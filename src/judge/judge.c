/*
 * Tests every rule on every item of its kind and keeps what fired, with the
 * facts that made it so.  A finding is made in one place only, which refuses
 * to make one without a fact or a named gap.  Relies on expr.h.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "judge/internal.h"

const char *const	rule_state_names[] = {
	"fired", "cannot-say", "silent", "not-applicable", NULL
};

/* Why there is nothing to cite: the fields and items that are not there. */
static const char *
gap_text(struct arena *a, const struct support *s)
{
	const char *text = NULL;
	size_t i;

	for (i = 0; i < s->nabsent; i++)
		text = arena_printf(a, "%s%s%s (%s)",
		    text == NULL ? "the evidence gives no " : text,
		    text == NULL ? "" : ", no ", s->absent[i]->name,
		    s->absent[i]->help);
	for (i = 0; i < ITEM_KIND_COUNT; i++)
		if (s->none & UINT32_C(1) << i)
			text = arena_printf(a, "%s%s%s",
			    text == NULL ? "the evidence has no such " : text,
			    text == NULL ? "" : ", no such ", kinds[i].name);
	return text;
}

static void
cite(struct support *s, const struct item *it, const struct field *field)
{
	const struct fact *f;

	for (; it != NULL; it = it->parent) {
		if ((field->kinds & UINT32_C(1) << it->kind) == 0)
			continue;
		f = item_fact(it, field);
		if (f == NULL)
			continue;
		for (; f != NULL; f = fact_next(f))
			support_fact(s, f);
		return;
	}
}

static enum confidence
confidence_of(const struct rule *rule, const struct evidence *ev,
    const struct item *it, struct support *s)
{
	const struct confidence_case *c;
	size_t i;

	for (i = 0; i < rule->nconfidences; i++) {
		c = &rule->confidences[i];
		if (c->when == NULL)
			return c->level;
		if (expr_eval(c->when, ev, it, NULL) == TRI_TRUE) {
			expr_support(c->when, ev, it, s);
			return c->level;
		}
	}
	return rule->nconfidences == 0 ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
}

static void
codes_add(struct arena *a, struct finding *f, uint32_t code)
{
	uint32_t *more;
	size_t i;

	for (i = 0; i < f->ncodes; i++)
		if (f->codes[i] == code)
			return;
	more = arena_alloc(a, (f->ncodes + 1) * sizeof(*more));
	if (f->ncodes > 0)
		memcpy(more, f->codes, f->ncodes * sizeof(*more));
	more[f->ncodes++] = code;
	f->codes = more;
}

/* The only place that makes a finding; NULL where nothing can be shown. */
static struct finding *
finding_new(struct evidence *ev, const struct rule *rule, struct item *it)
{
	struct arena *a = ev_arena(ev);
	struct support s = { .arena = a };
	struct finding *f;
	enum confidence level;
	const char *gap = NULL;
	size_t i;

	expr_support(rule->when, ev, it, &s);
	if (s.n == 0)
		gap = gap_text(a, &s);
	level = confidence_of(rule, ev, it, &s);
	for (i = 0; i < rule->ncites; i++)
		cite(&s, it, rule->cites[i]);
	if (s.n == 0 && gap == NULL)
		return NULL;
	f = arena_alloc(a, sizeof(*f));
	*f = (struct finding){ .rule = rule, .item = it, .confidence = level,
	    .because = s.facts, .n = s.n, .gap = gap };
	f->title = text_expand(ev, it, rule->title);
	f->why = text_expand(ev, it, rule->why);
	f->fix = arena_alloc(a, rule->nfix * sizeof(*f->fix));
	for (i = 0; i < rule->nfix; i++)
		f->fix[i] = text_expand(ev, it, rule->fix[i]);
	for (i = 0; i < s.n; i++)
		if (s.facts[i]->value.type == VALUE_CODE)
			codes_add(a, f, (uint32_t)s.facts[i]->value.number);
	return f;
}

/* ---- one finding for each id ---- */

struct order {
	struct item	**attempts;
	size_t		 n;
	const struct item *last_failed;
};

/* 0: of the last failed attempt; then later failed ones, then the others. */
static size_t
place(const struct order *o, const struct finding *f)
{
	const struct item *at = item_up(f->item, ITEM_ATTEMPT);
	const char *state = attempt_state(at);
	size_t i;

	if (at == NULL)
		return 3 * o->n + 3;
	if (at == o->last_failed)
		return 0;
	for (i = 0; i < o->n && o->attempts[i] != at; i++)
		continue;
	return (strcmp(state, "failed") == 0 ? 1 : o->n + 1) + o->n - i;
}

/* Sorted insertion: a rule has few findings in one case. */
static struct finding *
insert(struct finding *first, struct finding *f, const struct order *o)
{
	struct finding **at = &first;
	size_t p = place(o, f), q;

	for (; *at != NULL; at = &(*at)->same) {
		q = place(o, *at);
		if (p < q || (p == q && f->confidence > (*at)->confidence))
			break;
	}
	f->same = *at;
	*at = f;
	return first;
}

/*
 * A code that another attempt's text gives belongs to the same finding: the
 * first one shows it too, with the fact that it was read from.
 */
static void
share_codes(struct arena *a, struct finding *first)
{
	struct support s = { .arena = a };
	const struct finding *f;
	size_t i;

	if (first->ncodes > 0 || first->same == NULL)
		return;
	for (i = 0; i < first->n; i++)
		support_fact(&s, first->because[i]);
	for (f = first->same; f != NULL && first->ncodes == 0; f = f->same)
		for (i = 0; i < f->n; i++)
			if (f->because[i]->value.type == VALUE_CODE) {
				support_fact(&s, f->because[i]);
				codes_add(a, first, (uint32_t)
				    f->because[i]->value.number);
			}
	first->because = s.facts;
	first->n = s.n;
}

/* What a device's last attempt decides is not left open by one before it. */
static bool
decided_later(const struct evidence *ev, const struct rule *rule,
    const struct order *o, const struct item *it)
{
	const struct item *last;

	if (it->kind != ITEM_ATTEMPT)
		return false;
	last = attempt_last_of_device(o->attempts, o->n, it);
	return last != it &&
	    expr_eval(rule->when, ev, last, NULL) != TRI_UNKNOWN;
}

static void
judge_rule(struct evidence *ev, const struct rule *rule,
    const struct order *o, struct finding **first, struct coverage *cover)
{
	struct finding *f;
	enum rule_state state;
	struct item *it;
	uint32_t missing;
	enum tri t;

	for (it = ev_first(ev, rule->on); it != NULL; it = it->next) {
		missing = 0;
		t = expr_eval(rule->when, ev, it, &missing);
		if (t == TRI_UNKNOWN && decided_later(ev, rule, o, it))
			t = TRI_FALSE;
		state = t == TRI_UNKNOWN ? STATE_CANNOT_SAY : STATE_SILENT;
		if (t == TRI_UNKNOWN)
			cover->missing |= missing;
		if (t == TRI_TRUE && (f = finding_new(ev, rule, it)) != NULL) {
			state = STATE_FIRED;
			*first = insert(*first, f, o);
		}
		if (state < cover->state)
			cover->state = state;
	}
}

struct judgement *
judge_run(struct evidence *ev, const struct rules *rules)
{
	struct arena *a = ev_arena(ev);
	struct judgement *jd = arena_alloc(a, sizeof(*jd));
	size_t i, n = rules_count(rules);
	struct finding *first = NULL;
	struct coverage *cover = NULL;
	struct order o = { 0 };
	const struct rule *rule, *next;

	o.attempts = attempts_ordered(ev, &o.n);
	o.last_failed = attempt_last_failed(o.attempts, o.n);
	jd->findings = arena_alloc(a, (n + 1) * sizeof(*jd->findings));
	jd->coverage = arena_alloc(a, (n + 1) * sizeof(*jd->coverage));
	for (i = 0; i < n; i++) {
		rule = rules_get(rules, i);
		if (cover == NULL) {
			cover = &jd->coverage[jd->ncoverage++];
			*cover = (struct coverage){ .rule = rule->id,
			    .state = STATE_NOT_APPLICABLE };
		}
		judge_rule(ev, rule, &o, &first, cover);
		next = rules_get(rules, i + 1);
		if (next != NULL && strcmp(next->id, rule->id) == 0)
			continue;	/* a variant of the same id */
		if (cover->state != STATE_CANNOT_SAY)
			cover->missing = 0;
		if (first != NULL) {
			share_codes(a, first);
			jd->findings[jd->nfindings++] = first;
		}
		first = NULL;
		cover = NULL;
	}
	verdict_make(ev, rules, jd);
	return jd;
}
