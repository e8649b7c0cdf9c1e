/*
 * The processors that a batch may use: how many there are, and one of them
 * for a process to keep to.  sched_setaffinity(2).
 */
#ifndef BATCH_PROCESSOR_H
#define BATCH_PROCESSOR_H

/* Those that this process may run on, by its affinity; at least 1. */
unsigned int	processor_count(void);
/*
 * Keeps this process, and those that it will fork, to the nth of them, from
 * 0; where that cannot be, nothing changes.
 */
void		processor_keep(unsigned int nth);

#endif
