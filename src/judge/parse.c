/*
 * Makes a typed tree of a condition and refuses what cannot be meant: unknown
 * names, wrong types, missing operands, facts out of reach.
 * Relies on the vocabulary of correlate/correlator.h.
 */
#include <string.h>

#include "correlate/correlator.h"
#include "evidence/text_scan.h"
#include "judge/expr.h"

#define NESTING_MAX	64

struct parse {
	struct lexer	*lx;
	enum item_kind	 kind;
	unsigned int	 depth;
};

static const char *const	type_names[] = {
	[VALUE_BOOL] = "yes or no", [VALUE_INT] = "a number",
	[VALUE_TIME] = "a time", [VALUE_TEXT] = "text",
	[VALUE_BYTES] = "bytes", [VALUE_CODE] = "a code",
};

static const struct {
	const char	*word;
	enum comparison	 comparison;
	uint32_t	 types;		/* bits 1 << value_type */
} comparisons[] = {
#define T(x)	(UINT32_C(1) << VALUE_##x)
#define T_ALL	(T(BOOL) | T(INT) | T(TIME) | T(TEXT) | T(BYTES) | T(CODE))
	{ "==", COMPARE_EQ, T_ALL },
	{ "!=", COMPARE_NE, T_ALL },
	{ "<", COMPARE_LT, T(INT) | T(TIME) },
	{ "<=", COMPARE_LE, T(INT) | T(TIME) },
	{ ">", COMPARE_GT, T(INT) | T(TIME) },
	{ ">=", COMPARE_GE, T(INT) | T(TIME) },
	{ "contains", COMPARE_CONTAINS, T(TEXT) },
	{ "starts", COMPARE_STARTS, T(TEXT) },
	{ "ends", COMPARE_ENDS, T(TEXT) },
	{ "like", COMPARE_LIKE, T(TEXT) },
#undef T_ALL
#undef T
};
#define NCOMPARISONS	(sizeof(comparisons) / sizeof(comparisons[0]))

static const char *const	keywords[] = {
	"and", "or", "not", "in", "count", "where", "contains", "starts",
	"ends", "like", "true", "false", "when", "otherwise",
};

static const struct expr	*parse_or(struct parse *);

uint32_t
kind_reach(enum item_kind kind)
{
	uint32_t reach = UINT32_C(1) << kind, before;
	unsigned int i;

	do {
		before = reach;
		for (i = 0; i < ITEM_KIND_COUNT; i++)
			if (reach & UINT32_C(1) << i)
				reach |= kinds[i].parents;
	} while (reach != before);
	return reach;
}

int
kind_find(const char *p, size_t n)
{
	int i;

	for (i = 0; i < ITEM_KIND_COUNT; i++)
		if (strlen(kinds[i].name) == n &&
		    memcmp(kinds[i].name, p, n) == 0)
			return i;
	return -1;
}

const char *
suggestion(struct arena *a, const char *p, size_t n)
{
	const char *like = field_suggest(p, n);

	return like == NULL ? "" :
	    arena_printf(a, " (did you mean %s?)", like);
}

static bool
is_keyword(const struct token *t)
{
	size_t i;

	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (token_is(t, keywords[i]))
			return true;
	return false;
}

static const struct token *
look(struct parse *ps)
{
	return &ps->lx->token;
}

static bool
take(struct parse *ps, const char *word)
{
	if (!token_is(look(ps), word))
		return false;
	lexer_next(ps->lx);
	return true;
}

/* What stands here instead, for messages. */
static const char *
found(struct parse *ps)
{
	const struct token *t = look(ps);

	if (t->kind == TOKEN_END)
		return "the end";
	return arena_printf(ps->lx->arena, "%.*s", (int)t->len,
	    ps->lx->src->p + t->off);
}

/* Mistakes after a bad token were said already. */
#define FAIL(ps, off, ...) do {						\
	if (look(ps)->kind != TOKEN_BAD)				\
		source_error((ps)->lx->src, off, __VA_ARGS__);		\
	return NULL;							\
} while (0)

static bool
want(struct parse *ps, const char *word, const char *where)
{
	if (take(ps, word))
		return true;
	if (look(ps)->kind != TOKEN_BAD)
		source_error(ps->lx->src, look(ps)->off,
		    "%s wants %s here, not %s", where, word, found(ps));
	return false;
}

static struct expr *
expr_new(struct parse *ps, enum expr_op op)
{
	struct expr *e = arena_alloc(ps->lx->arena, sizeof(*e));

	e->op = op;
	return e;
}

/* The rule's own words from `off` to the token before this one. */
static const char *
words_since(struct parse *ps, size_t off)
{
	const char *p = ps->lx->src->p;
	size_t end = look(ps)->off, n = 0;
	char *text = arena_alloc(ps->lx->arena, end - off + 1);

	for (; off < end; off++)
		if (p[off] != ' ' && p[off] != '\t' && p[off] != '\n' &&
		    p[off] != '\r')
			text[n++] = p[off];
		else if (n > 0 && text[n - 1] != ' ')
			text[n++] = ' ';
	while (n > 0 && text[n - 1] == ' ')
		n--;
	text[n] = '\0';
	return text;
}

/* A field's name, with its key in brackets; NULL after a mistake. */
static const struct field *
parse_field(struct parse *ps, struct expr_field *ret)
{
	struct lexer *lx = ps->lx;
	struct token t = lx->token;
	const struct field *f;
	uint32_t reach = kind_reach(ps->kind);
	unsigned int i;

	*ret = (struct expr_field){ NULL, NULL };
	f = field_find(t.text, t.n);
	if (f == NULL)
		FAIL(ps, t.off, "there is no field %.*s%s", (int)t.n, t.text,
		    suggestion(lx->arena, t.text, t.n));
	if ((f->kinds & reach) == 0) {
		for (i = 0; i + 1 < ITEM_KIND_COUNT; i++)
			if (f->kinds & UINT32_C(1) << i)
				break;
		FAIL(ps, t.off, "%s belongs to %s, which cannot be seen from "
		    "%s", f->name, kinds[i].name, kinds[ps->kind].name);
	}
	lexer_next(lx);
	if (take(ps, "[")) {
		const struct token *k = look(ps);
		char *key;

		if (!f->keyed)
			FAIL(ps, k->off, "%s takes no key", f->name);
		if (k->kind != TOKEN_STRING)
			FAIL(ps, k->off, "%s wants a key in quotes, like "
			    "%s[\"Date\"]", f->name, f->name);
		key = arena_text(lx->arena, k->text, k->n);
		ret->key = key;
		for (; *key != '\0'; key++)
			if (*key >= 'A' && *key <= 'Z')
				*key += 'a' - 'A';
		lexer_next(lx);
		if (!want(ps, "]", "a key"))
			return NULL;
	} else if (f->keyed) {
		FAIL(ps, t.off, "%s wants a key, like %s[\"Date\"]", f->name,
		    f->name);
	}
	ret->field = f;
	return f;
}

static bool
bytes_value(struct parse *ps, const struct token *t, struct value *ret)
{
	unsigned char *to = arena_alloc(ps->lx->arena, t->n / 2 + 1);
	size_t i;

	if (t->n % 2 != 0)
		return false;
	for (i = 0; i < t->n; i += 2) {
		int a = text_hex_digit((uint8_t)t->text[i]);
		int b = text_hex_digit((uint8_t)t->text[i + 1]);

		if (a < 0 || b < 0)
			return false;
		to[i / 2] = (unsigned char)(a << 4 | b);
	}
	*ret = value_bytes(to, t->n / 2);
	return true;
}

static const char *
names_of(struct parse *ps, const struct field *f)
{
	const struct named *nm;
	const char *list = "";

	for (nm = f->named; nm != NULL && nm->name != NULL; nm++)
		list = arena_printf(ps->lx->arena, "%s%s%s", list,
		    *list != '\0' ? ", " : "", nm->name);
	return list;
}

/* A value of the field's type, as it is written; false after a mistake. */
static bool
parse_value(struct parse *ps, const struct field *f, struct value *ret)
{
	const struct token *t = look(ps);
	const struct named *nm;
	const char *wanted = type_names[f->type];
	bool ok = false;

	switch (f->type) {
	case VALUE_BOOL:
		if ((ok = token_is(t, "true") || token_is(t, "false")))
			*ret = value_bool(token_is(t, "true"));
		wanted = "true or false";
		break;
	case VALUE_INT:
		if (t->kind == TOKEN_NUMBER || t->kind == TOKEN_DURATION ||
		    t->kind == TOKEN_CODE) {
			*ret = value_int(t->number);
			ok = true;
		} else if (t->kind == TOKEN_WORD && f->named != NULL) {
			for (nm = f->named; nm->name != NULL && !ok; nm++)
				if (strlen(nm->name) == t->n &&
				    memcmp(nm->name, t->text, t->n) == 0) {
					*ret = value_int(nm->value);
					ok = true;
				}
			if (!ok)
				wanted = arena_printf(ps->lx->arena,
				    "a number or one of %s", names_of(ps, f));
		}
		break;
	case VALUE_TIME:
		if ((ok = t->kind == TOKEN_TIME))
			*ret = value_time(t->number);
		wanted = "a time like 2023-03-29";
		break;
	case VALUE_TEXT:
		if ((ok = t->kind == TOKEN_STRING))
			*ret = value_text(t->text, t->n);
		wanted = "text in \"quotes\"";
		break;
	case VALUE_BYTES:
		ok = t->kind == TOKEN_STRING && bytes_value(ps, t, ret);
		wanted = "hex digits in \"quotes\"";
		break;
	case VALUE_CODE:
		if ((ok = t->kind == TOKEN_CODE))
			*ret = value_code((uint32_t)t->number);
		wanted = "a code like 0x80190190";
		break;
	}
	if (!ok) {
		if (t->kind != TOKEN_BAD)
			source_error(ps->lx->src, t->off,
			    "%s is %s: wants %s here, not %s", f->name,
			    type_names[f->type], wanted, found(ps));
		return false;
	}
	lexer_next(ps->lx);
	return true;
}

static int
parse_operator(struct parse *ps)
{
	size_t i;

	for (i = 0; i < NCOMPARISONS; i++)
		if (take(ps, comparisons[i].word))
			return (int)i;
	return -1;
}

static bool
named_value(const struct field *f, const struct token *t)
{
	const struct named *nm;

	for (nm = f->named; nm != NULL && nm->name != NULL; nm++)
		if (strlen(nm->name) == t->n &&
		    memcmp(nm->name, t->text, t->n) == 0)
			return true;
	return false;
}

static struct expr *
parse_in(struct parse *ps, struct expr *e)
{
	struct value *values = NULL, *more;
	size_t room = 0;

	e->op = EXPR_IN;
	if (e->field.field->type == VALUE_BOOL)
		FAIL(ps, look(ps)->off, "%s is yes or no: in makes no sense",
		    e->field.field->name);
	if (!want(ps, "{", "in"))
		return NULL;
	do {
		if (e->nvalues == room) {
			room = room == 0 ? 8 : room * 2;
			more = arena_alloc(ps->lx->arena,
			    room * sizeof(*more));
			if (e->nvalues > 0)
				memcpy(more, values,
				    e->nvalues * sizeof(*more));
			values = more;
		}
		if (!parse_value(ps, e->field.field, &values[e->nvalues]))
			return NULL;
		e->nvalues++;
	} while (take(ps, ","));
	e->values = values;
	return want(ps, "}", "a list") ? e : NULL;
}

/* field | field OP value | field OP field | field in {values} */
static struct expr *
parse_test(struct parse *ps)
{
	struct expr *e = expr_new(ps, EXPR_FIELD);
	const struct field *f = parse_field(ps, &e->field), *g;
	struct token t;
	struct value *value;
	int op;

	if (f == NULL)
		return NULL;
	if (take(ps, "in"))
		return parse_in(ps, e);
	t = *look(ps);
	if ((op = parse_operator(ps)) < 0)
		return e;
	e->op = EXPR_COMPARE;
	e->comparison = comparisons[op].comparison;
	if ((comparisons[op].types & UINT32_C(1) << f->type) == 0)
		FAIL(ps, t.off, "%s is %s: %s does not compare such", f->name,
		    type_names[f->type], comparisons[op].word);
	t = *look(ps);
	if (t.kind == TOKEN_END || token_is(&t, ")") || token_is(&t, ";"))
		FAIL(ps, t.off, "%s wants something to compare %s with",
		    comparisons[op].word, f->name);
	if (t.kind == TOKEN_WORD && !is_keyword(&t) && !named_value(f, &t) &&
	    (f->named == NULL || field_find(t.text, t.n) != NULL)) {
		if ((g = parse_field(ps, &e->other)) == NULL)
			return NULL;
		if (g->type != f->type)
			FAIL(ps, t.off, "%s is %s, but %s is %s", f->name,
			    type_names[f->type], g->name,
			    type_names[g->type]);
		return e;
	}
	value = arena_alloc(ps->lx->arena, sizeof(*value));
	if (!parse_value(ps, f, value))
		return NULL;
	e->values = value;
	e->nvalues = 1;
	return e;
}

/* count(kind [where condition]) OP number; the word count is taken. */
static struct expr *
parse_count(struct parse *ps)
{
	struct expr *e = expr_new(ps, EXPR_COUNT);
	enum item_kind outer = ps->kind;
	const struct token *t;
	int kind, op;

	if (!want(ps, "(", "count"))
		return NULL;
	t = look(ps);
	kind = t->kind == TOKEN_WORD ? kind_find(t->text, t->n) : -1;
	if (kind < 0)
		FAIL(ps, t->off, "count wants a kind of item here, not %s",
		    found(ps));
	if ((kind_reach((enum item_kind)kind) & UINT32_C(1) << outer) == 0 ||
	    kind == (int)outer)
		FAIL(ps, t->off, "no %s stands below %s", kinds[kind].name,
		    kinds[outer].name);
	e->kind = (enum item_kind)kind;
	lexer_next(ps->lx);
	if (take(ps, "where")) {
		ps->kind = e->kind;
		e->left = parse_or(ps);
		ps->kind = outer;
		if (e->left == NULL)
			return NULL;
	}
	if (!want(ps, ")", "count"))
		return NULL;
	t = look(ps);
	op = parse_operator(ps);
	if (op < 0 || comparisons[op].comparison > COMPARE_GE)
		FAIL(ps, t->off, "count wants == != < <= > >= here, not %s",
		    found(ps));
	e->comparison = comparisons[op].comparison;
	t = look(ps);
	if (t->kind != TOKEN_NUMBER || t->number < 0)
		FAIL(ps, t->off, "count is compared with a number, not %s",
		    found(ps));
	e->number = t->number;
	lexer_next(ps->lx);
	return e;
}

static const struct expr *
parse_not(struct parse *ps)
{
	const struct expr *inner;
	struct expr *e;
	size_t off = look(ps)->off;

	if (ps->depth >= NESTING_MAX)
		FAIL(ps, off, "more than %d levels", NESTING_MAX);
	ps->depth++;
	if (take(ps, "not")) {
		if ((inner = parse_not(ps)) == NULL)
			return NULL;
		e = expr_new(ps, EXPR_NOT);
		e->left = inner;
		inner = e;
	} else if (take(ps, "(")) {
		if ((inner = parse_or(ps)) == NULL ||
		    !want(ps, ")", "a parenthesis"))
			return NULL;
	} else if (take(ps, "count")) {
		inner = e = parse_count(ps);
		if (e != NULL)
			e->text = words_since(ps, off);
	} else if (look(ps)->kind == TOKEN_WORD && !is_keyword(look(ps))) {
		inner = e = parse_test(ps);
		if (e != NULL)
			e->text = words_since(ps, off);
	} else {
		FAIL(ps, off, "a condition is missing here: found %s",
		    found(ps));
	}
	ps->depth--;
	return inner;
}

static const struct expr *
parse_and(struct parse *ps)
{
	const struct expr *left = parse_not(ps), *right;
	struct expr *e;

	while (left != NULL && take(ps, "and")) {
		if ((right = parse_not(ps)) == NULL)
			return NULL;
		e = expr_new(ps, EXPR_AND);
		e->left = left;
		e->right = right;
		left = e;
	}
	return left;
}

static const struct expr *
parse_or(struct parse *ps)
{
	const struct expr *left = parse_and(ps), *right;
	struct expr *e;

	while (left != NULL && take(ps, "or")) {
		if ((right = parse_and(ps)) == NULL)
			return NULL;
		e = expr_new(ps, EXPR_OR);
		e->left = left;
		e->right = right;
		left = e;
	}
	return left;
}

const struct expr *
expr_parse(struct lexer *lx, enum item_kind kind)
{
	struct parse ps = { .lx = lx, .kind = kind };

	return parse_or(&ps);
}

const struct expr *
expr_from_text(struct arena *a, const char *text, enum item_kind kind,
    FILE *err)
{
	struct source src = { .file = "text", .p = text, .n = strlen(text),
	    .err = err };
	struct lexer lx;
	const struct expr *e;

	lexer_init(&lx, &src, a, 0, src.n);
	e = expr_parse(&lx, kind);
	if (e != NULL && lx.token.kind != TOKEN_END) {
		if (lx.token.kind != TOKEN_BAD)
			source_error(&src, lx.token.off, "and, or or the end "
			    "wanted here");
		return NULL;
	}
	return e;
}
