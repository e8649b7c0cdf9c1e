/*
 * What the files of a batch's database share.  Relies on libsqlite3, where it
 * is built in.
 */
#ifndef BATCH_DB_H
#define BATCH_DB_H

#include "batch/summary.h"

#ifdef HAVE_SQLITE
#include <sqlite3.h>

struct db {
	sqlite3		*sql;
	sqlite3_stmt	*insert[ROW_TABLE_COUNT];
	char		*file;
};

/* Tables that follow from all cases, indexes and views. */
extern const char	db_schema[];

/* Says why the last call failed; -1. */
int	db_failed(const struct db *);
int	db_run(struct db *, const char *statement);
/* Fills the tables of clusters; -1: said. */
int	db_clusters(struct db *);
#endif

#endif
