/*
 * Builds the trees of why.h: evaluates each part of a condition once more and
 * keeps what the evaluation saw.  Relies on eval.c for the values.
 */
#include <string.h>

#include "judge/why.h"

#define COUNTED_SHOWN	4

const char *const	tri_names[] = { "false", "unknown", "true", NULL };

static const struct why *tree(struct evidence *, const struct expr *,
    const struct item *, bool decided);

static void
looked_at(struct evidence *ev, struct why *w, const struct item *it,
    const struct expr_field *field)
{
	struct support s = { .arena = ev_arena(ev), .facts = w->facts,
	    .n = w->nfacts, .room = w->nfacts };
	const struct fact *f;

	if (field->field == NULL)
		return;
	f = field_seen(it, field->field, field->key);
	if (f == NULL)
		w->absent[w->nabsent++] = field->field;
	for (; f != NULL; f = field_again(f))
		support_fact(&s, f);
	w->facts = s.facts;
	w->nfacts = s.n;
}

static void
add_part(struct evidence *ev, struct why *w, const struct why *part)
{
	const struct why **more;

	more = arena_alloc(ev_arena(ev), (w->nparts + 1) * sizeof(*more));
	if (w->nparts > 0)
		memcpy(more, w->parts, w->nparts * sizeof(*more));
	more[w->nparts++] = part;
	w->parts = more;
}

/* "a and b and c" are three parts of one. */
static void
flatten(struct evidence *ev, struct why *w, const struct expr *e,
    const struct item *it)
{
	if (e->op == w->expr->op) {
		flatten(ev, w, e->left, it);
		flatten(ev, w, e->right, it);
		return;
	}
	add_part(ev, w, tree(ev, e, it, w->decided &&
	    expr_eval(e, ev, it, NULL) == w->value));
}

static bool
below(const struct item *it, const struct item *top)
{
	for (it = it->parent; it != NULL; it = it->parent)
		if (it == top)
			return true;
	return false;
}

/* The items that were counted come first; the others tell why not. */
static void
count_parts(struct evidence *ev, struct why *w, const struct item *top)
{
	const struct expr *e = w->expr;
	const struct item *it;
	enum tri pass;

	for (pass = TRI_TRUE + 1; pass-- > TRI_FALSE;)
		for (it = ev_first(ev, e->kind); it != NULL; it = it->next) {
			struct why *part;

			if (!below(it, top) || (e->left == NULL ? TRI_TRUE :
			    expr_eval(e->left, ev, it, NULL)) != pass)
				continue;
			w->counted += pass == TRI_TRUE;
			if (e->left == NULL)
				continue;
			if (w->nparts == COUNTED_SHOWN) {
				w->omitted++;
				continue;
			}
			part = arena_alloc(ev_arena(ev), sizeof(*part));
			part->text = arena_printf(ev_arena(ev), "%s %u",
			    kinds[it->kind].name, it->number);
			part->value = pass;
			part->decided = w->decided && pass == TRI_TRUE;
			add_part(ev, part, tree(ev, e->left, it,
			    part->decided));
			add_part(ev, w, part);
		}
}

static const struct why *
tree(struct evidence *ev, const struct expr *e, const struct item *it,
    bool decided)
{
	struct why *w = arena_alloc(ev_arena(ev), sizeof(*w));

	w->expr = e;
	w->text = e->text;
	w->decided = decided;
	w->value = expr_eval(e, ev, it, &w->missing);
	switch (e->op) {
	case EXPR_AND:
	case EXPR_OR:
		w->text = e->op == EXPR_AND ? "and" : "or";
		flatten(ev, w, e, it);
		break;
	case EXPR_NOT:
		w->text = "not";
		add_part(ev, w, tree(ev, e->left, it, decided));
		break;
	case EXPR_FIELD:
	case EXPR_COMPARE:
	case EXPR_IN:
		looked_at(ev, w, it, &e->field);
		looked_at(ev, w, it, &e->other);
		break;
	case EXPR_COUNT:
		count_parts(ev, w, it);
		break;
	}
	return w;
}

const struct why *
why_tree(struct evidence *ev, const struct expr *e, const struct item *it)
{
	return tree(ev, e, it, true);
}

static void
levels(struct evidence *ev, struct why_case *c)
{
	const struct rule *rule = c->rule;
	size_t i;

	c->levels = arena_alloc(ev_arena(ev),
	    (rule->nconfidences + 1) * sizeof(*c->levels));
	c->nlevels = rule->nconfidences;
	for (i = 0; i < rule->nconfidences; i++)
		if (rule->confidences[i].when != NULL)
			c->levels[i] = why_tree(ev, rule->confidences[i].when,
			    c->item);
}

struct why_case *
why_rule(struct evidence *ev, const struct rules *rules, const char *id,
    size_t max, size_t *ret_n, size_t *ret_more)
{
	struct why_case *all, *c;
	const struct rule *rule;
	struct item *it;
	size_t i;

	*ret_n = *ret_more = 0;
	all = arena_alloc(ev_arena(ev), (max + 1) * sizeof(*all));
	for (i = 0; (rule = rules_get(rules, i)) != NULL; i++) {
		if (strcmp(rule->id, id) != 0)
			continue;
		for (it = ev_first(ev, rule->on); it != NULL; it = it->next) {
			if (*ret_n == max) {
				++*ret_more;
				continue;
			}
			c = &all[(*ret_n)++];
			c->rule = rule;
			c->item = it;
			c->when = why_tree(ev, rule->when, it);
			c->state = c->when->value == TRI_TRUE ? STATE_FIRED :
			    c->when->value == TRI_UNKNOWN ? STATE_CANNOT_SAY :
			    STATE_SILENT;
			if (c->state == STATE_FIRED)
				levels(ev, c);
		}
	}
	return all;
}
