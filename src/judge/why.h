/*
 * Why a rule ended as it did: its conditions as a tree with the value of each
 * part, the facts that were looked at, and what an open part wants.
 * Relies on expr.h.
 */
#ifndef JUDGE_WHY_H
#define JUDGE_WHY_H

#include "judge/expr.h"
#include "judge/judge.h"

struct why {
	const struct expr *expr;	/* NULL: an item that was counted */
	const char	*text;		/* "and", "or", "not", a test's words */
	enum tri	 value;
	bool		 decided;	/* the whole has its value through it */
	const struct fact **facts;	/* that a test looked at */
	size_t		 nfacts;
	const struct field *absent[2];	/* that it found nothing of */
	size_t		 nabsent;
	uint32_t	 missing;	/* artifacts that an open test wants */
	size_t		 counted;	/* items that a count has found */
	const struct why **parts;
	size_t		 nparts, omitted;
};

/* One rule on one item. */
struct why_case {
	const struct rule *rule;
	const struct item *item;
	enum rule_state	 state;
	const struct why *when;
	/* Of the rule's levels of confidence, if it fired; or NULL. */
	const struct why **levels;
	size_t		 nlevels;
};

extern const char *const	tri_names[];	/* "false", "unknown", "true" */

/* In the evidence's arena. */
const struct why	*why_tree(struct evidence *, const struct expr *,
			    const struct item *);
/*
 * The rule's variants on every item of their kinds, at most `max`; how many
 * more there are goes to ret_more.
 */
struct why_case		*why_rule(struct evidence *, const struct rules *,
			    const char *id, size_t max, size_t *ret_n,
			    size_t *ret_more);

#endif
