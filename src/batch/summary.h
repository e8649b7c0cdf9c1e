/*
 * The outputs of a batch: NDJSON, CSV, JUnit, the clusters, a page
 * of HTML and, where it is built in, a database of SQLite.
 * Relies on pool.h, row.h and cluster.h.
 */
#ifndef BATCH_SUMMARY_H
#define BATCH_SUMMARY_H

#include "batch/cluster.h"
#include "batch/pool.h"
#include "batch/row.h"
#include "batch/whole.h"

struct summary_output {
	const char	*format, *path;	/* NULL: standard output */
	bool		 csv_bom;
	const char	*pages;		/* folder of full reports, or NULL */
};

struct summary {
	const char	*format;	/* "ndjson", "csv", "junit", "clusters",
					   "html", "db" */
	const char	*path;
	struct whole	 whole;
	FILE		*body;		/* of JUnit, whose head has counts */
	size_t		 cases, failures, errors, skipped;
	struct db	*db;
	struct dashboard *dashboard;
	const struct clusters *clusters;	/* complete at the end */
};

/* A case as the outputs need it; `fd` and `row` say the same. */
struct summary_case {
	const struct pool_result *result;
	const uint8_t	*row;
	size_t		 row_n;
	const char	*line;		/* its NDJSON, if it is there already */
	size_t		 line_n;
};

/* Is it a format that a batch can write: one of these? */
#define SUMMARY_FORMATS	"ndjson|csv|junit|clusters|html"
bool	summary_format(const char *);
int	summary_format_check(const char *);	/* -1: said */
int	summary_open(struct summary *, const struct summary_output *,
	    const struct clusters *);
int	summary_add(struct summary *, const struct summary_case *);
int	summary_close(struct summary *, bool good, bool force);

/* The case's line of NDJSON alone. */
int	summary_line(FILE *, const struct summary_case *);

/* ---- all outputs of a batch, and the clusters that they tell ---- */

struct outputs {
	struct summary	*v;
	size_t		 n;
	struct clusters	*clusters;
};

/* -1: said. */
int	outputs_check(const struct summary_output *, size_t n, bool force);
int	outputs_open(struct outputs *, const struct summary_output *,
	    size_t n);
int	outputs_add(struct outputs *, const struct summary_case *);
/* Also after outputs_open() that failed, with `good` false. */
int	outputs_close(struct outputs *, bool good, bool force);

/* ---- dashboard.c ---- */

/* `to` and its folder of pages are kept; NULL: said. */
struct dashboard *dashboard_new(const struct summary_output *to);
void	dashboard_free(struct dashboard *);
int	dashboard_add(struct dashboard *, const struct summary_case *);
/* The whole page; -1 with errno. */
int	dashboard_write(struct dashboard *, const struct clusters *, FILE *);

/* A JSON string. */
void	json_quote(FILE *, const char *);

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
