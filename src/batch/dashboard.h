/*
 * What the files of the page of a batch share: the cases as they were taken
 * in, and the parts of the page.  Relies on summary.h.
 */
#ifndef BATCH_DASHBOARD_H
#define BATCH_DASHBOARD_H

#include "batch/summary.h"

/* Texts by number, each once; 0 is "". */
struct words {
	struct arena	*arena;
	void		*tree;		/* tsearch(3) */
	const char	**v;
	size_t		 n, room;
};

void	words_init(struct words *);
void	words_clear(struct words *);
uint32_t word_of(struct words *, const char *);

/* Columns of the table of cases, which the script knows, too. */
enum {
	DASH_PATH, DASH_OUTCOME, DASH_CAUSE, DASH_STAGE, DASH_CODE,
	DASH_VENDOR, DASH_CA, DASH_FAMILY, DASH_TIME, DASH_COLUMNS
};

struct dash_case {
	uint64_t	 position;
	uint32_t	 word[DASH_COLUMNS];
	uint32_t	 sentence;	/* of the first DASH_STATIC cases */
	int		 exit_status;
};

#define DASH_STATIC	200	/* cases that are there without scripts */
#define DASH_CHUNK	100	/* reports that are read at a time */
#define DASH_CAUSES	12	/* causes that are not folded away */
#define DASH_CLUSTERS	50	/* clusters that are listed */

struct dashboard {
	struct words	 words;
	struct dash_case *v;
	size_t		 n, room;
	FILE		*reports;	/* what is written of them */
	struct words	 chunk_words;
	char		*chunk;		/* the reports of the chunk */
	size_t		 chunk_n;
	FILE		*chunk_f;
	size_t		 outcomes[3], died, incomplete;
	const char	*version;	/* of the program */
	char		*pages;		/* "reports/", or NULL */
};

/* ---- dashboard_report.c ---- */

/* The compact report of a case as an array of the chunk's words. */
int	dashboard_report(struct words *, const struct summary_case *, FILE *);
/* A string that may stand in a script element. */
void	script_quote(FILE *, const char *);
void	script_words(FILE *, const struct words *);

/* ---- dashboard_chart.c ---- */

/* Causes over time, drawn and as a table. */
void	dashboard_chart(const struct dashboard *, const struct clusters *,
	    FILE *);

/* ---- made from dashboard.css and dashboard.js ---- */

extern const char	dashboard_style[], dashboard_script[];

#endif
