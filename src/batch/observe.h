/*
 * How far the worker of one case is, and where its time went: a line on a
 * terminal, an object of JSON a second, and a table at the end, all on
 * standard error.  Relies on meter.h, listing.h and progress.h.
 */
#ifndef BATCH_OBSERVE_H
#define BATCH_OBSERVE_H

#include "batch/listing.h"
#include "batch/progress.h"
#include "evidence/meter.h"

struct observer {
	enum progress_kind kind;
	struct meter	*meter;		/* shared with the worker; NULL where
					   nobody asks */
	const struct case_job *job;	/* of the case at hand */
	uint64_t	 all_files, all_bytes;
	int64_t		 begin_ms, shown_ms;
	int64_t		 begin_cpu_us;
	bool		 verbose;
};

/* AUTO is a line on a terminal that can clear it, and nothing elsewhere. */
void	observer_begin(struct observer *, enum progress_kind, bool timed,
	    bool verbose);
/* Before the worker starts; an observer may see several cases. */
void	observer_case(struct observer *, const struct case_job *,
	    const struct listing *);
/*
 * Waits until there is something to read: 1, or 0 at its end (milliseconds
 * of observer_now()), or -1.  The observer may be NULL.
 */
int	observer_wait(struct observer *, int fd, int64_t end_ms);
int64_t	observer_now(void);
/* Clears the line; writes the last object and the table. */
void	observer_end(struct observer *);

#endif
