/*
 * How far a batch is: a bar on a terminal, or an object of JSON a second, on
 * standard error.  Relies on pool.h.
 */
#ifndef BATCH_PROGRESS_H
#define BATCH_PROGRESS_H

#include "batch/pool.h"

enum progress_kind { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_JSON,
	PROGRESS_NONE };

struct progress {
	enum progress_kind kind;
	int64_t		 begin_ms, shown_ms;
};

/* AUTO becomes a bar on a terminal and nothing elsewhere. */
void	progress_begin(struct progress *, enum progress_kind);
void	progress_show(struct progress *, const struct pool_progress *);
/* Shows it a last time; the bar's line is cleared. */
void	progress_end(struct progress *, const struct pool_progress *);

#endif
