/*
 * Evaluates conditions in three values and names the facts that decided.
 * An absent field is false where an artifact that would hold it was read, and
 * unknown elsewhere.  Relies on evidence.h.
 */
#include <string.h>

#include "judge/expr.h"

/* ---- finding facts ---- */

static bool
key_same(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

const struct fact *
field_seen(const struct item *it, const struct field *field, const char *key)
{
	const struct fact *f;

	for (; it != NULL; it = it->parent) {
		if ((field->kinds & UINT32_C(1) << it->kind) == 0)
			continue;
		f = key == NULL ? item_fact(it, field) :
		    item_keyed(it, field, key);
		if (f != NULL)
			return f;
	}
	return NULL;
}

const struct fact *
field_again(const struct fact *f)
{
	const struct fact *g;

	for (g = fact_next(f); g != NULL && !key_same(g->key, f->key);)
		g = fact_next(g);
	return g;
}

/* What an absent field means here. */
static enum tri
absent(const struct item *it, const struct field *field, uint32_t *missing)
{
	uint32_t lacking = field->artifacts;

	for (; it != NULL; it = it->parent)
		lacking &= ~it->artifacts;
	if (lacking == 0 ||
	    (!field->needs_all && lacking != field->artifacts))
		return TRI_FALSE;
	if (missing != NULL)
		*missing |= lacking;
	return TRI_UNKNOWN;
}

/* ---- comparing values ---- */

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool
text_same(const char *a, const char *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

static bool
text_contains(const struct value *v, const struct value *part)
{
	size_t i;

	if (part->n > v->n)
		return false;
	for (i = 0; i <= v->n - part->n; i++)
		if (text_same(v->p + i, part->p, part->n))
			return true;
	return false;
}

/* '*' is any run of characters, '?' one.  Linear but for the last '*'. */
static bool
text_like(const struct value *v, const struct value *pattern)
{
	size_t i = 0, j = 0, star = SIZE_MAX, mark = 0;

	while (i < v->n) {
		if (j < pattern->n && pattern->p[j] == '*') {
			star = j++;
			mark = i;
		} else if (j < pattern->n && (pattern->p[j] == '?' ||
		    lower(pattern->p[j]) == lower(v->p[i]))) {
			i++;
			j++;
		} else if (star != SIZE_MAX) {
			j = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (j < pattern->n && pattern->p[j] == '*')
		j++;
	return j == pattern->n;
}

static bool
same(const struct value *a, const struct value *b)
{
	if (a->type == VALUE_TEXT)
		return a->n == b->n && text_same(a->p, b->p, a->n);
	return value_equal(a, b);
}

/* Everything but COMPARE_NE, which is about all values at once. */
static bool
compare(enum comparison c, const struct value *a, const struct value *b)
{
	switch (c) {
	case COMPARE_EQ:
	case COMPARE_NE:
		return same(a, b);
	case COMPARE_LT:
		return a->number < b->number;
	case COMPARE_LE:
		return a->number <= b->number;
	case COMPARE_GT:
		return a->number > b->number;
	case COMPARE_GE:
		return a->number >= b->number;
	case COMPARE_CONTAINS:
		return text_contains(a, b);
	case COMPARE_STARTS:
		return a->n >= b->n && text_same(a->p, b->p, b->n);
	case COMPARE_ENDS:
		return a->n >= b->n &&
		    text_same(a->p + (a->n - b->n), b->p, b->n);
	case COMPARE_LIKE:
		return text_like(a, b);
	}
	return false;
}

static bool
compare_numbers(enum comparison c, int64_t a, int64_t b)
{
	struct value x = value_int(a), y = value_int(b);
	bool result = compare(c, &x, &y);

	return c == COMPARE_NE ? !result : result;
}

/* Does this fact of the left field meet one of the values or other facts? */
static bool
meets(const struct expr *e, const struct fact *f, const struct fact *others)
{
	const struct fact *g;
	size_t i;

	for (i = 0; i < e->nvalues; i++)
		if (compare(e->comparison, &f->value, &e->values[i]))
			return true;
	for (g = others; g != NULL; g = field_again(g))
		if (compare(e->comparison, &f->value, &g->value))
			return true;
	return false;
}

/* Says this value that others might hold, and is it none that was asked for? */
static bool
is_open(const struct expr *e, const struct fact *f, uint32_t *missing)
{
	const char *open = f->field->open;

	if (open == NULL || f->value.n != strlen(open) ||
	    memcmp(f->value.p, open, f->value.n) != 0 || meets(e, f, NULL))
		return false;
	*missing |= UINT32_C(1) << f->field->open_artifact;
	return true;
}

static enum tri
eval_compare(const struct expr *e, const struct item *it, uint32_t *missing)
{
	const struct fact *f, *others = NULL;
	enum tri a = TRI_TRUE, b = TRI_TRUE;
	bool met = false;

	f = field_seen(it, e->field.field, e->field.key);
	if (f == NULL)
		a = absent(it, e->field.field, missing);
	if (e->other.field != NULL) {
		others = field_seen(it, e->other.field, e->other.key);
		if (others == NULL)
			b = absent(it, e->other.field, missing);
	}
	if (f == NULL || (e->other.field != NULL && others == NULL))
		return a < b ? a : b;
	if (is_open(e, f, missing))
		return TRI_UNKNOWN;
	for (; f != NULL && !met; f = field_again(f))
		met = meets(e, f, others);
	if (e->op == EXPR_COMPARE && e->comparison == COMPARE_NE)
		met = !met;
	return met ? TRI_TRUE : TRI_FALSE;
}

static enum tri
eval_field(const struct expr *e, const struct item *it, uint32_t *missing)
{
	const struct fact *f = field_seen(it, e->field.field, e->field.key);

	if (f == NULL)
		return absent(it, e->field.field, missing);
	if (f->value.type != VALUE_BOOL)
		return TRI_TRUE;
	for (; f != NULL; f = field_again(f))
		if (f->value.truth)
			return TRI_TRUE;
	return TRI_FALSE;
}

static bool
below(const struct item *it, const struct item *top)
{
	for (it = it->parent; it != NULL; it = it->parent)
		if (it == top)
			return true;
	return false;
}

static enum tri
eval_count(const struct expr *e, const struct evidence *ev,
    const struct item *top, uint32_t *missing)
{
	const struct item *it;
	int64_t least = 0, most = 0, n;
	uint32_t lacking = 0;
	bool first;
	enum tri t;

	for (it = ev_first(ev, e->kind); it != NULL; it = it->next) {
		if (!below(it, top))
			continue;
		t = e->left == NULL ? TRI_TRUE :
		    expr_eval(e->left, ev, it, &lacking);
		least += t == TRI_TRUE;
		most += t != TRI_FALSE;
	}
	/* Known only if every possible count gives the same answer. */
	first = compare_numbers(e->comparison, least, e->number);
	for (n = least; n <= most; n++)
		if (compare_numbers(e->comparison, n, e->number) != first) {
			if (missing != NULL)
				*missing |= lacking;
			return TRI_UNKNOWN;
		}
	return first ? TRI_TRUE : TRI_FALSE;
}

enum tri
expr_eval(const struct expr *e, const struct evidence *ev,
    const struct item *it, uint32_t *missing)
{
	uint32_t lacking = 0;
	enum tri a, b, result;

	switch (e->op) {
	case EXPR_AND:
	case EXPR_OR:
		a = expr_eval(e->left, ev, it, &lacking);
		b = expr_eval(e->right, ev, it, &lacking);
		result = e->op == EXPR_AND ? (a < b ? a : b) :
		    (a > b ? a : b);
		break;
	case EXPR_NOT:
		a = expr_eval(e->left, ev, it, &lacking);
		result = (enum tri)(TRI_TRUE - a);
		break;
	case EXPR_FIELD:
		result = eval_field(e, it, &lacking);
		break;
	case EXPR_COMPARE:
	case EXPR_IN:
		result = eval_compare(e, it, &lacking);
		break;
	case EXPR_COUNT:
		result = eval_count(e, ev, it, &lacking);
		break;
	default:
		result = TRI_FALSE;
		break;
	}
	if (result == TRI_UNKNOWN && missing != NULL)
		*missing |= lacking;
	return result;
}

/* ---- what decided ---- */

void
support_fact(struct support *s, const struct fact *f)
{
	const struct fact **more;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->facts[i] == f)
			return;
	if (s->n == s->room) {
		s->room = s->room == 0 ? 8 : s->room * 2;
		more = arena_alloc(s->arena, s->room * sizeof(*more));
		if (s->n > 0)
			memcpy(more, s->facts, s->n * sizeof(*more));
		s->facts = more;
	}
	s->facts[s->n++] = f;
}

void
support_absent(struct support *s, const struct field *field)
{
	const struct field **more;
	size_t i;

	for (i = 0; i < s->nabsent; i++)
		if (s->absent[i] == field)
			return;
	if (s->nabsent == s->absent_room) {
		s->absent_room = s->absent_room == 0 ? 4 : s->absent_room * 2;
		more = arena_alloc(s->arena, s->absent_room * sizeof(*more));
		if (s->nabsent > 0)
			memcpy(more, s->absent, s->nabsent * sizeof(*more));
		s->absent = more;
	}
	s->absent[s->nabsent++] = field;
}

/* The facts of a comparison: those that meet it, else all. */
static void
support_compare(const struct expr *e, const struct item *it,
    struct support *s)
{
	const struct fact *f, *g, *others = NULL;
	bool some = false;

	f = field_seen(it, e->field.field, e->field.key);
	if (f == NULL)
		support_absent(s, e->field.field);
	if (e->other.field != NULL) {
		others = field_seen(it, e->other.field, e->other.key);
		if (others == NULL)
			support_absent(s, e->other.field);
	}
	for (g = f; g != NULL; g = field_again(g))
		if (meets(e, g, others)) {
			support_fact(s, g);
			some = true;
		}
	for (g = f; g != NULL && !some; g = field_again(g))
		support_fact(s, g);
	for (g = others; g != NULL; g = field_again(g))
		support_fact(s, g);
}

static void
support_field(const struct expr *e, const struct item *it, struct support *s)
{
	const struct fact *f = field_seen(it, e->field.field, e->field.key);
	bool truth = false;

	if (f == NULL)
		support_absent(s, e->field.field);
	else if (f->value.type != VALUE_BOOL)
		support_fact(s, f);
	if (f == NULL || f->value.type != VALUE_BOOL)
		return;
	truth = eval_field(e, it, NULL) == TRI_TRUE;
	for (; f != NULL; f = field_again(f))
		if (f->value.truth == truth)
			support_fact(s, f);
}

static void
support_count(const struct expr *e, const struct evidence *ev,
    const struct item *top, struct support *s)
{
	const struct item *it;
	bool some = false;

	for (it = ev_first(ev, e->kind); it != NULL; it = it->next)
		if (e->left != NULL && below(it, top) &&
		    expr_eval(e->left, ev, it, NULL) == TRI_TRUE) {
			expr_support(e->left, ev, it, s);
			some = true;
		}
	if (!some)
		s->none |= UINT32_C(1) << e->kind;
}

void
expr_support(const struct expr *e, const struct evidence *ev,
    const struct item *it, struct support *s)
{
	enum tri a, b, deciding;

	switch (e->op) {
	case EXPR_AND:
	case EXPR_OR:
		/* One side alone decides where it has this value. */
		deciding = e->op == EXPR_AND ? TRI_FALSE : TRI_TRUE;
		a = expr_eval(e->left, ev, it, NULL);
		b = expr_eval(e->right, ev, it, NULL);
		if (a == deciding || b == deciding) {
			if (a == deciding)
				expr_support(e->left, ev, it, s);
			if (b == deciding)
				expr_support(e->right, ev, it, s);
			break;
		}
		expr_support(e->left, ev, it, s);
		expr_support(e->right, ev, it, s);
		break;
	case EXPR_NOT:
		expr_support(e->left, ev, it, s);
		break;
	case EXPR_FIELD:
		support_field(e, it, s);
		break;
	case EXPR_COMPARE:
	case EXPR_IN:
		support_compare(e, it, s);
		break;
	case EXPR_COUNT:
		support_count(e, ev, it, s);
		break;
	}
}
