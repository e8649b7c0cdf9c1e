/*
 * The outputs of a batch that have one entry a case: NDJSON, CSV, JUnit and,
 * where it is built in, a database of SQLite.  Relies on pool.h and row.h.
 */
#ifndef BATCH_SUMMARY_H
#define BATCH_SUMMARY_H

#include "batch/pool.h"
#include "batch/row.h"
#include "batch/whole.h"

struct summary {
	const char	*format;	/* "ndjson", "csv", "junit", "db" */
	const char	*path;
	struct whole	 whole;
	FILE		*body;		/* of JUnit, whose head has counts */
	size_t		 cases, failures, errors, skipped;
	struct db	*db;
};

/* A case as the outputs need it; `fd` and `row` say the same. */
struct summary_case {
	const struct pool_result *result;
	const uint8_t	*row;
	size_t		 row_n;
};

/* Is it a format that a batch can write? */
bool	summary_format(const char *);
int	summary_open(struct summary *, const char *format, const char *path,
	    bool csv_bom);
int	summary_add(struct summary *, const struct summary_case *);
int	summary_close(struct summary *, bool good, bool force);

/* Every line of a batch's NDJSON begins so; the position follows. */
#define NDJSON_BEGIN	"{\"batch\":{\"position\":"

/* ---- db.c ---- */

struct db	*db_open(const char *file);	/* NULL: said */
int		 db_add(struct db *, const struct summary_case *);
/* Adds all of another one; -1: said. */
int		 db_merge(struct db *, const char *file);
/* The positions of its cases, in their order; -1: said. */
int		 db_positions(struct db *, void (*see)(uint64_t, void *),
		    void *arg);
int		 db_close(struct db *, bool good);

#endif
