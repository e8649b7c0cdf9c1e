/*
 * Failures of a batch that are alike: clusters by signature, which cases are
 * sent twice, which stand alone, and when a signature's rate jumped.
 * Relies on row.h.
 */
#ifndef BATCH_CLUSTER_H
#define BATCH_CLUSTER_H

#include "batch/calendar.h"
#include "batch/row.h"

/* What makes a signature; SIGNATURE(ID, "column"). */
#define SIGNATURE_PARTS(S)						\
	S(CAUSE, "cause") S(STAGE, "stage") S(CODE, "code")		\
	S(VENDOR, "vendor") S(CA, "ca") S(FAMILY, "firmware_family")
#define S(ID, name)	SIGNATURE_##ID,
enum signature_part { SIGNATURE_PARTS(S) SIGNATURE_COUNT };
#undef S
extern const char *const	signature_names[SIGNATURE_COUNT];
/* A stem is a signature without its CA and firmware. */
#define SIGNATURE_STEM	SIGNATURE_CA

#define CLUSTER_BIG	10	/* cases of what a small one is compared to */

struct outbreak;

struct cluster {
	size_t		 number;	/* in clusters_list(), from 1 */
	char		 id[17];	/* of its signature, the same everywhere */
	const char	*part[SIGNATURE_COUNT];	/* "" where it is not known */
	size_t		 cases;		/* distinct attempts */
	size_t		 duplicates;	/* sent again, not in `cases` */
	size_t		 devices;	/* different ones that are known */
	int64_t		 first, last;	/* us; only if `timed` > 0 */
	size_t		 timed;		/* cases with a time */
	size_t		 stem;		/* number of its stem */
	uint64_t	 position;	/* of its first case */
	/* The big cluster that it differs from in this one part, or NULL. */
	const struct cluster *near;
	enum signature_part near_part;
	const struct outbreak *outbreak;	/* the worst one, or NULL */
};

/* A case of the batch. */
struct member {
	uint64_t	 position;
	const struct cluster *cluster;	/* NULL: no failure was seen */
	uint64_t	 duplicate_of;	/* a position, or 0 */
	const char	*duplicate_by;	/* "transaction_id" ... */
};

enum bin_kind { BIN_DAY, BIN_WEEK };

/* A time in which a signature, or all of a stem, was seen too often. */
struct outbreak {
	unsigned int	 number;	/* from 1 */
	const struct cluster *cluster;	/* one of it; parts from
					   SIGNATURE_CA on do not count when */
	bool		 stem;		/* this is set */
	enum bin_kind	 kind;
	int64_t		 from, to;	/* first and last day */
	size_t		 devices;	/* seen in that time */
	double		 expected;	/* of them, at the most */
	int		 p_exponent;	/* chance below 10 to this, of the
					   worst bin, for the whole batch */
	int64_t		 peak;		/* the day with the most */
	size_t		 peak_devices;
};

struct clusters;

struct clusters	*clusters_new(void);
void		 clusters_free(struct clusters *);
/* In the order of positions; the cells are those of `cases`. */
void		 clusters_add(struct clusters *, uint64_t position,
		    const struct row_cell cells[ROW_COLUMNS]);
/* After the last: computes all that follows from the whole. */
void		 clusters_finish(struct clusters *);

/* ---- what was found, after clusters_finish() ---- */

/* The largest first; the same order everywhere. */
const struct cluster *const *clusters_list(const struct clusters *,
		    size_t *ret_n);
/* In the order of positions. */
const struct member *clusters_members(const struct clusters *,
		    size_t *ret_n);
const struct outbreak *clusters_outbreaks(const struct clusters *,
		    size_t *ret_n);
/* All cases but those that were sent twice. */
size_t		 clusters_distinct(const struct clusters *);

/* "ek-issuer-renewed at PKIOperation-request, HTTP 400, IFX, CA 042". */
char		*cluster_text(const struct cluster *, bool stem);

/* ---- outbreak.c ---- */

/* A device that was seen in a cluster; sorted by outbreaks_find(). */
struct sighting {
	size_t		 cluster, stem;
	int64_t		 day;
	uint64_t	 device;
};

/* What outbreaks_find() knows of a cluster; NO_CLUSTER for other cases. */
#define NO_CLUSTER	SIZE_MAX

/*
 * Groups are numbered from 0: clusters, or stems.  malloc()ed outbreaks, with
 * `group` in the order of groups and time.
 */
struct rate_jump {
	size_t		 group;
	bool		 stem;
	struct outbreak	 outbreak;	/* without number and cluster */
};
size_t		 outbreaks_find(struct sighting *, size_t n,
		    size_t nclusters, size_t nstems,
		    const size_t *members_of_stem, struct rate_jump **ret);

/* The chance of c or more where n were seen before; q: the exposure's part. */
double		 rate_tail(size_t c, size_t n, double q);

/* ---- cluster_write.c ---- */

/* One object of JSON, schema aiktriage-clusters/1. */
void		 clusters_json(const struct clusters *, FILE *);
/* The outbreaks and largest clusters, a line each, to standard error. */
void		 clusters_say(const struct clusters *);

#endif
