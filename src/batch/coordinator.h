/*
 * One coordinator of a batch: a process that gets the path of a case at a
 * time, has a worker judge it and answers with the descriptor of a finished
 * record.  For pool.c alone.
 * Relies on pool.h.
 */
#ifndef BATCH_COORDINATOR_H
#define BATCH_COORDINATOR_H

#include <sys/types.h>

#include "batch/pool.h"

/* One more than it works on, so that it never waits for us. */
#define COORDINATOR_AHEAD	2
/* How often a case is begun whose coordinator ends meanwhile. */
#define COORDINATOR_TRIES	2

enum answer_kind {
	ANSWER_DONE,
	ANSWER_KEPT,		/* it was there */
	ANSWER_ELSEWHERE,	/* of another shard */
	ANSWER_GONE,		/* or it changed meanwhile: of a watch */
	ANSWER_FAILED		/* no record; said */
};

struct answer {
	uint64_t	 index;
	uint32_t	 kind;
	bool		 unkept;	/* the folder did not take it */
	char		 key[65];	/* "" where nobody needs it */
};

struct coordinator {
	pid_t		 pid;		/* 0: none was begun */
	int		 socket;	/* -1: it is gone */
	int		 processor;	/* to keep to, from 0; -1: any */
	unsigned int	 busy;		/* questions without an answer */
	uint64_t	 asked[COORDINATOR_AHEAD];
};

/* Begins it; what was buffered in streams is written before.  -1: errno. */
int	coordinator_start(struct coordinator *, const struct pool_job *);
/*
 * Asks for a case by its index, `tries` of which ended with their
 * coordinator; -1: it is gone.
 */
int	coordinator_ask(struct coordinator *, uint64_t index,
	    unsigned int tries, const char *path);
/* Takes an answer, with a descriptor or -1; false: it is gone. */
bool	coordinator_answer(struct coordinator *, struct answer *,
	    int *ret_fd);
/* No more questions; it ends by itself. */
void	coordinator_close(struct coordinator *);

#endif
