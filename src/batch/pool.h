/*
 * Works through the cases of a batch with several coordinators, processes
 * that are forked once and in turn fork a worker for each case.  Results come
 * back in the order of the list, and few of them are held at a time.
 * Relies on cases.h and record.h.
 */
#ifndef BATCH_POOL_H
#define BATCH_POOL_H

#include "batch/cases.h"
#include "batch/record.h"

struct pool_job {
	const struct case_job *each;	/* paths and outputs are the pool's */
	struct cases	*cases;
	unsigned int	 jobs;		/* coordinators; 0: as many as there
					   are processors */
	const char	*state;		/* folder of results, or NULL */
	const uint8_t	*settings;	/* of cases_settings() */
	uint64_t	 shard, shards;	/* from 0; shards 0: all cases */
	bool		 watch;		/* cases come while it runs; those that
					   are gone or change have no result */
};

/* A finished case; in the order of the list, or, of a watch, of their ends. */
struct pool_result {
	size_t		 position;	/* from 1 */
	const char	*path;
	const struct record_head *head;
	int		 fd;		/* of the record */
	const char	*key;		/* under which it is kept, or "" */
};

/*
 * How far it is; kept ones were not done again, and for unkept ones there was
 * no room in the folder of results.
 */
struct pool_progress {
	size_t		 done, all, failed, died, kept, elsewhere, unkept;
};

struct pool_calls {
	int	 (*result)(const struct pool_result *, void *); /* -1: end */
	void	 (*progress)(const struct pool_progress *, void *);
	void	*arg;
	/*
	 * Of a watch: adds cases to the list, and says in how many
	 * milliseconds it wants to be asked again at the latest; it is, too,
	 * when the descriptor can be read.  -1: end.
	 */
	int	 (*more)(void *);
	int	 more_fd;
};

enum pool_end { POOL_DONE, POOL_INTERRUPTED, POOL_FAILED };

/*
 * Begins the coordinators; it must come before any output is buffered.  NULL
 * where there are none (said).
 */
struct pool	*pool_new(const struct pool_job *);
/* SIGINT and SIGTERM end it early, with all that is finished; a watch has no
   other end than these that is good. */
enum pool_end	 pool_run(struct pool *, const struct pool_calls *);
void		 pool_free(struct pool *);

#endif
