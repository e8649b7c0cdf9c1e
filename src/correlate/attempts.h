/*
 * The inside of the attempts correlator: the list of attempts while it grows.
 * Relies on stages.h.
 */
#ifndef CORRELATE_ATTEMPTS_H
#define CORRELATE_ATTEMPTS_H

#include "correlate/stages.h"

struct attempts {
	struct attempt	**p;
	size_t		 n, max;
};

/* Grows a table in the arena: call before adding one more to p[0..n-1]. */
void		*attempts_push(struct evidence *, void *p, size_t n, size_t size);
/* NULL where the limit is reached. */
struct attempt	*attempts_new(struct evidence *, struct attempts *,
		    struct item *archive, struct span at);
void		 attempt_source_add(struct evidence *, struct attempt *,
		    const char *source, const struct fact *why);
void		 attempt_exchange_add(struct evidence *, struct attempt *,
		    struct exchange *);
const char	*exchange_transaction(const struct exchange *);	/* or NULL */
int64_t		 exchange_status(const struct exchange *);	/* 0: none */

/* witnesses.c: what is no capture. */
void		 attempts_of_messages(struct evidence *, struct attempts *);
void		 attempts_of_runs(struct evidence *, struct attempts *);
void		 attempts_of_stores(struct evidence *, struct attempts *);
/* The AIK host that a run or an attempt asked, as it was read; or NULL. */
const struct fact *run_asked_host(const struct item *run);
const struct fact *attempt_asked_host(const struct attempt *);

/* attempt_facts.c: authority, time, messages of an attempt. */
void		 attempt_facts(struct evidence *, struct attempt *);

#endif
