/*
 * What the files of the judge share and nobody else needs.
 * Relies on judge.h and expr.h.
 */
#ifndef JUDGE_INTERNAL_H
#define JUDGE_INTERNAL_H

#include "judge/expr.h"
#include "judge/judge.h"

/* ---- catalogue.c ---- */

/* The row of an id in the contract's table, from 0; -1: not of it. */
int	catalogue_row(const char *id);
/* The ids in that order; ends with NULL. */
extern const char *const	catalogue[];
/* Stages of an attempt in their order; ends with NULL. */
extern const char *const	stage_names[];
int	stage_row(const char *p, size_t n);

/* ---- expand.c ---- */

/* {field}, {field:date}, {header["Date"]}, {field|said when absent} */
struct placeholder {
	const char	*name;
	size_t		 name_n;
	const char	*key;		/* not yet lower case; or NULL */
	size_t		 key_n;
	bool		 date;
	const char	*otherwise;	/* or NULL */
	size_t		 otherwise_n;
	size_t		 n;		/* with both braces */
};
/* At p, which is '{'; false: not one. */
bool	placeholder_parse(const char *p, size_t n, struct placeholder *);
/* The text with values of the item and outward for each placeholder. */
const char *text_expand(struct evidence *, const struct item *,
	    const char *text);

/* ---- rules.c ---- */

bool	rule_explains(const struct rule *, const char *id);

/* ---- verdict.c ---- */

struct court {
	struct evidence	*ev;
	struct arena	*arena;
	const struct rules *rules;
	struct judgement *jd;
	struct item	**attempts;
	size_t		 nattempts;
	const struct item *last_failed;
	unsigned int	 missing[ARTIFACT_COUNT]; /* undecided causes that
					   lack this */
};

void	verdict_make(struct evidence *, const struct rules *,
	    struct judgement *);
/* A mechanism or a cause. */
bool	rule_is_fault(const struct rule *);

/* ---- attempts.c ---- */

/* "failed", "succeeded", "unfinished" or NULL without an attempt. */
const char *attempt_state(const struct item *attempt);
bool	attempt_is(const struct item *attempt, const char *state);
/* All attempts, earliest first. */
struct item **attempts_ordered(struct evidence *, size_t *ret_n);
bool	attempt_same_device(const struct item *, const struct item *);
/* The last attempt of the device that made this one; itself without later. */
const struct item *attempt_last_of_device(struct item **, size_t n,
	    const struct item *);
/* Did an attempt of the same device succeed after this one? */
bool	attempt_overtaken(struct item **, size_t n, const struct item *);
/* The last that failed and was not overtaken, else the last, or NULL. */
struct item *attempt_last_failed(struct item **, size_t n);
/* Of attempts alone: failed if a device's last one did not succeed after a
   failure. */
enum outcome attempts_outcome(struct item **, size_t n);
/* How many devices there are whose last attempt is in this state; NULL: any. */
size_t	attempts_devices(struct item **, size_t n, const char *state);

/* ---- quality.c ---- */

/* A finding's confidence, as far as its evidence goes; what held it back. */
enum confidence verdict_capped(const struct court *, const struct finding *,
	    const char **ret_why);
/* Why a verdict is less sure where Fiddler had a hand in it. */
#define CAP_ALTERED	"a rule of Fiddler's changed or answered the session"

/* ---- words.c ---- */

void	verdict_words(struct court *, struct verdict *);

const struct finding *finding_first(const struct judgement *, enum rule_kind);

#endif
