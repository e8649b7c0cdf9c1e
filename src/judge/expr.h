/*
 * Conditions as typed trees: made once when a rule is loaded, evaluated in
 * three values against items, and able to name the facts that decided.
 * Relies on correlate/correlator.h for the vocabulary.
 */
#ifndef JUDGE_EXPR_H
#define JUDGE_EXPR_H

#include "evidence/evidence.h"
#include "judge/lex.h"

enum expr_op {
	EXPR_AND, EXPR_OR, EXPR_NOT,
	EXPR_FIELD,		/* BOOL: its truth; others: presence */
	EXPR_COMPARE,		/* with values[0], or with the field `other` */
	EXPR_IN,		/* one of the values */
	EXPR_COUNT		/* count(kind where left) compare number */
};

enum comparison {
	COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE,
	COMPARE_CONTAINS, COMPARE_STARTS, COMPARE_ENDS, COMPARE_LIKE
};

struct expr_field {
	const struct field *field;
	const char	*key;		/* lower case, of keyed fields */
};

struct expr {
	enum expr_op	 op;
	enum comparison	 comparison;
	const struct expr *left, *right;
	struct expr_field field, other;	/* other.field NULL: values */
	const struct value *values;
	size_t		 nvalues;
	enum item_kind	 kind;		/* of a count */
	int64_t		 number;
	const char	*text;		/* as the rule says it, in one line;
					   NULL of and, or, not */
};

/*
 * Parses what the lexer stands on, for rules on `kind`, up to a token that
 * cannot go on.  NULL after mistakes, which were said.
 */
const struct expr *expr_parse(struct lexer *, enum item_kind);

/* The kinds whose facts an item of that kind can see: itself and outward. */
uint32_t	 kind_reach(enum item_kind);
/* By name; -1 if there is none. */
int		 kind_find(const char *p, size_t n);
/* " (did you mean X?)" in the arena, or "". */
const char	*suggestion(struct arena *, const char *p, size_t n);

enum tri { TRI_FALSE, TRI_UNKNOWN, TRI_TRUE };

/* `missing` gets the artifacts that would turn an unknown; may be NULL. */
enum tri	 expr_eval(const struct expr *, const struct evidence *,
		    const struct item *, uint32_t *missing);

/* What made an expression true or false. */
struct support {
	struct arena	*arena;
	const struct fact **facts;	/* each once, in order of use */
	size_t		 n, room;
	const struct field **absent;	/* fields whose absence decided */
	size_t		 nabsent, absent_room;
	uint32_t	 none;		/* kinds of which no item was counted */
};
void		 support_fact(struct support *, const struct fact *);
void		 support_absent(struct support *, const struct field *);
/* Adds what decided the value, which is TRI_TRUE or TRI_FALSE. */
void		 expr_support(const struct expr *, const struct evidence *,
		    const struct item *, struct support *);

/* The nearest item, from `it` outward, that has the field; its first fact. */
const struct fact *field_seen(const struct item *it, const struct field *,
		    const char *key);
/* The next fact of the same field, key and item. */
const struct fact *field_again(const struct fact *);

/* A condition that stands alone, for tests; mistakes go to err. */
const struct expr *expr_from_text(struct arena *, const char *text,
		    enum item_kind, FILE *err);

#endif
