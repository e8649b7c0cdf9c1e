/*
 * The result of one case as one sequence of bytes: how it ended, its report,
 * its row and its page, sealed by a digest.  It travels as a descriptor, and in a
 * folder of results it is a file under the key of what it was made from.
 * Relies on case.h and row.h.
 */
#ifndef BATCH_RECORD_H
#define BATCH_RECORD_H

#include "batch/case.h"

struct record_head {
	char		 magic[8];
	uint64_t	 report_n, row_n, page_n; /* they follow, in this order */
	int32_t		 exit_status, outcome;
	char		 died[128];		/* "" or why the worker ended */
	uint8_t		 sha256[32];		/* of all the rest */
};

/*
 * Is what a worker left one line of JSON and a whole row?  The outputs are
 * those of a job of a batch: the report, then the row, then
 * its page of HTML, where it has one.
 */
bool	record_sound(const struct case_job *);
/* Writes the record of a case to a descriptor; -1 with errno. */
int	record_write(const struct case_job *, const struct case_result *,
	    int fd);
/* Is this a whole record?  Reads all of it. */
bool	record_read(int fd, struct record_head *);
/* The row of a record, to be freed, or NULL: said. */
uint8_t	*record_row(int fd, const struct record_head *, const char *path);
/* The id of the case in the row: what was really read. */
bool	record_case_id(const struct case_job *, char ret_id[65]);

/* ---- a folder of results ---- */

/* Makes it where it is missing and removes what was left half; -1: said. */
int	state_open(const char *dir);
/* A descriptor of a whole record under the key, or -1. */
int	state_find(const char *dir, const char *key);
/*
 * Stores a record under the key, all of it or nothing, so that it survives
 * whatever happens next.  A descriptor of it, or -1 with errno.
 */
int	state_store(const char *dir, const char *key, const struct case_job *,
	    const struct case_result *);

#endif
