/*
 * The two ends of one case: what parent and child say to each other over the
 * socket pair, and the child's work.  For the files of batch/ alone.
 * Relies on case.h and listing.h.
 */
#ifndef BATCH_WORKER_H
#define BATCH_WORKER_H

#include "batch/case.h"
#include "batch/listing.h"

#define HANDED_AT_ONCE	64

/* Parent to child: a batch of inputs; opened ones have a descriptor each. */
struct handed {
	uint32_t	 index;		/* in the listing */
	int32_t		 error;		/* errno of the open, 0: opened */
	uint64_t	 size;		/* a hint, 0: not known */
};

/* Child to parent: what was read of each. */
struct taken {
	uint32_t	 index;
	int32_t		 error;
	uint64_t	 size;
	uint8_t		 sha256[32];
};

/* How the worker ends without a row. */
enum {
	WORKER_MEMORY = 3,		/* as the arena ends it */
	WORKER_REFUSED = 4,		/* --require-sandbox */
	WORKER_TRAPPED = 5,		/* a system call; the row says which */
	WORKER_WORLD = 6		/* a report could not be written */
};

/* Does not return. */
void	worker_run(const struct case_job *, const struct listing *,
	    int socket, int row) __attribute__((noreturn));

/* ---- input.c: shared by the worker and the in-process pipeline ---- */

struct input_bytes {
	uint8_t		*p;		/* malloc(3)ed, never NULL after 0 */
	size_t		 n;
	bool		 more;		/* the file has more than the limit */
};
/* Reads to the end or the limit; an errno, or 0.  The meter may be NULL. */
int	input_read(int fd, uint64_t size, uint64_t limit, struct meter *,
	    struct input_bytes *);
void	input_sha256(const void *p, size_t n, uint8_t sha256[32]);
/* Adds what was read, or why nothing could be, to the evidence. */
void	input_add(struct evidence *, const struct listed *, int error,
	    const struct input_bytes *, const uint8_t sha256[32]);
/* After the worklist: inputs that nobody read are `skipped`. */
void	inputs_settle(struct evidence *);
/* 3, 1 or 0 of REPORT's table. */
int	inputs_exit_status(const struct evidence *);

#endif
