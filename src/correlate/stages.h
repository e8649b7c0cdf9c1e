/*
 * Stages of an attempt, made from sessions of a capture or from the text of a
 * run.  Relies on attempt.h.
 */
#ifndef CORRELATE_STAGES_H
#define CORRELATE_STAGES_H

#include "correlate/attempt.h"

/* `goes_on`: the capture has later sessions than the attempt's last one. */
void	stages_of_exchanges(struct evidence *, struct attempt *, bool goes_on);
/* For an attempt without sessions; and the codes of a joined run. */
void	stages_of_run(struct evidence *, struct attempt *, struct item *run);
void	stages_join_run(struct evidence *, struct attempt *, struct item *run);
/* attempt.outcome and attempt.failed_stage, from the stages and runs. */
void	stages_outcome(struct evidence *, struct attempt *);

enum run_outcome { RUN_SUCCEEDED, RUN_FAILED, RUN_UNFINISHED };
enum run_outcome	run_outcome(const struct item *run,
			    const struct fact **ret_why);
/* Gives an item the run's facts under the names that captures use. */
void		 run_tell(struct evidence *, struct item *to,
		    const struct item *run);

#endif
