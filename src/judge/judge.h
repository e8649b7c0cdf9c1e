/*
 * Rules, their evaluation, and the verdict over the findings.
 * Relies on evidence.h and correlate/ (fields only).
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <stdio.h>

#include "evidence/evidence.h"

enum rule_kind {
	RULE_SYMPTOM, RULE_MECHANISM, RULE_CAUSE, RULE_CONTEXT, RULE_QUALITY
};
enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };
enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };
/* Order of unrelated causes; design/CAUSES "Verdict". */
enum witness {
	WITNESS_LAST_ATTEMPT, WITNESS_ATTEMPT, WITNESS_DEVICE, WITNESS_DATE
};
/* Where the fault lies; the verdict's sentence speaks of it. */
enum fault {
	FAULT_UNSAID, FAULT_SERVICE, FAULT_DEVICE, FAULT_NETWORK
};
extern const char *const	rule_kind_names[], *const severity_names[],
				*const confidence_names[];

struct expr;
struct rules;

struct rule {
	const char	*id;		/* the catalogue's; same for variants */
	const char	*variant;	/* or NULL */
	const char	*file;		/* "causes/x.rule" or a path */
	enum item_kind	 on;
	const struct expr *when;
	enum rule_kind	 kind;
	enum severity	 severity;
	/* "high when EXPR; medium when EXPR; otherwise low" */
	struct confidence_case {
		enum confidence	 level;
		const struct expr *when;	/* NULL: otherwise */
	}		*confidences;
	size_t		 nconfidences;
	enum witness	 witness;	/* default by `on`; "witness date" */
	const char	*title, *why;	/* with {field} */
	const char	**fix;		size_t nfix;
	const char	**see;		size_t nsee;
	const char	**explains;	size_t nexplains;
	const char	**fires;	size_t nfires;
	const char	**silent;	size_t nsilent;
	const char	**unknown;	size_t nunknown; /* cannot-say samples */
	const struct field **cites;	size_t ncites;	/* shown where present */
	const char	*decide;	/* what would decide for or against it */
	const char	*stage;		/* those it can break, with ", "
					   between; NULL: any */
	enum fault	 fault;
	const char	*source;	/* text of the rule file */
	size_t		 source_n;
};

/* ---- rules.c: loading; 0, or -1 with every mistake written to `err` as
   file:line:column: text ---- */
struct rules	*rules_new(void);
void		 rules_free(struct rules *);
int		 rules_load_embedded(struct rules *, FILE *err);
int		 rules_load_dir(struct rules *, const char *dir, FILE *err);
int		 rules_load_text(struct rules *, const char *file,
		    const char *p, size_t n, FILE *err);
/* Built-in rules whose ids are not loaded yet: what a set of own rules that
   replaces some of them is checked and tried with. */
int		 rules_load_rest(struct rules *, FILE *err);
/* Unknown ids and cycles in explains; call once after loading.  Sorts the
   rules as the catalogue. */
int		 rules_finish(struct rules *, FILE *err);
size_t		 rules_count(const struct rules *);
const struct rule *rules_get(const struct rules *, size_t);
const struct rule *rules_find(const struct rules *, const char *id);
/* Hex SHA-256 over all loaded rule texts and tables. */
const char	*rules_sha256(const struct rules *);

/* ---- judging ---- */

enum rule_state {
	STATE_FIRED, STATE_CANNOT_SAY, STATE_SILENT, STATE_NOT_APPLICABLE
};
extern const char *const	rule_state_names[];

struct finding {
	const struct rule *rule;
	struct item	*item;
	enum confidence	 confidence;
	const struct fact **because;	/* at least one, or gap is set */
	size_t		 n;
	const char	*gap;
	const char	*title, *why;	/* expanded, in the arena */
	const char	**fix;		/* rule->nfix, expanded */
	uint32_t	*codes;		size_t ncodes;
	bool		 overtaken;	/* by a later success */
	struct finding	*same;		/* next one of the same rule */
};

struct coverage {
	const char	*rule;		/* id, once for all variants */
	enum rule_state	 state;
	uint32_t	 missing;	/* ARTIFACT() bits */
};

enum outcome { OUTCOME_SUCCEEDED, OUTCOME_FAILED, OUTCOME_UNDETERMINED };
extern const char *const	outcome_names[];

struct alternative {
	const char	*rule;
	enum confidence	 confidence;
	const char	*decide;
};

struct verdict {
	enum outcome	 outcome;
	const struct finding *cause;	/* or NULL */
	enum confidence	 confidence;
	const char	*capped;	/* why it is lower than the rule's; or
					   NULL */
	const char	*sentence, *next_step;	/* in the arena */
	const char	*open;		/* what is excluded and what cannot be
					   judged; or NULL */
	struct alternative *alternatives; size_t nalternatives;
	const char	**excluded;	size_t nexcluded;
	const char	**undecided;	size_t nundecided;
	const struct finding **chain;	size_t nchain;
};

struct judgement {
	struct finding	**findings;	/* one for each rule that fired: that
					   of the last failed attempt, others
					   in ->same; catalogue order */
	size_t		 nfindings;
	struct coverage	*coverage;	/* every rule id, catalogue order */
	size_t		 ncoverage;
	struct verdict	 verdict;
};

/* All in the evidence's arena. */
struct judgement	*judge_run(struct evidence *, const struct rules *);

#endif
