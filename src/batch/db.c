/*
 * The database of a batch: the rows of all cases in tables of SQLite, with
 * indexes and views for the usual questions.  Every value is bound, none is
 * ever part of a statement.  Relies on summary.h and, unless it is built
 * without it, libsqlite3.
 */
#include <stdlib.h>
#include <string.h>

#include "batch/db.h"
#include "log.h"
#include "report/escape.h"

#ifdef HAVE_SQLITE
#define APPLICATION	0x41494b54	/* "AIKT" */
#define LAYOUT		2

int
db_failed(const struct db *db)
{
	log_error("%s: %s", db->file, sqlite3_errmsg(db->sql));
	return -1;
}

int
db_run(struct db *db, const char *statement)
{
	return sqlite3_exec(db->sql, statement, NULL, NULL, NULL) ==
	    SQLITE_OK ? 0 : db_failed(db);
}

/* Column lists and question marks, from the table of columns alone. */
static int
table_make(struct db *db, enum row_table table)
{
	const struct row_table_info *info = &row_tables[table];
	struct arena *arena = arena_new();
	const char *columns, *marks;
	size_t i;
	int rc;

	columns = table == ROW_CASE ? "position INTEGER PRIMARY KEY, "
	    "path TEXT NOT NULL, exit_status INTEGER NOT NULL, died TEXT" :
	    "position INTEGER NOT NULL, n INTEGER NOT NULL";
	marks = table == ROW_CASE ? "?, ?, ?, ?" : "?, ?";
	for (i = 0; i < info->ncolumns; i++) {
		columns = arena_printf(arena, "%s, %s %s", columns,
		    row_column(table, i),
		    *info->columns[i] == '#' ? "INTEGER" : "TEXT");
		marks = arena_printf(arena, "%s, ?", marks);
	}
	rc = db_run(db, arena_printf(arena, "CREATE TABLE %s (%s%s", info->name,
	    columns, table == ROW_CASE ? ")" :
	    ", PRIMARY KEY (position, n)) WITHOUT ROWID"));
	if (rc == 0 && sqlite3_prepare_v2(db->sql, arena_printf(arena,
	    "INSERT INTO %s VALUES (%s)", info->name, marks), -1,
	    &db->insert[table], NULL) != SQLITE_OK)
		rc = db_failed(db);
	arena_free(arena);
	return rc;
}

struct db *
db_open(const char *file)
{
	struct db *db = calloc(1, sizeof(*db));
	char pragma[256];
	unsigned int i;
	int rc = -1;

	if (db == NULL || (db->file = strdup(file)) == NULL) {
		log_error("out of memory");
		free(db);
		return NULL;
	}
	if (sqlite3_open_v2(file, &db->sql, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		(void)db_failed(db);
	else {
		/* The file has another name until it is whole. */
		snprintf(pragma, sizeof(pragma), "PRAGMA journal_mode = OFF; "
		    "PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF; "
		    "PRAGMA cache_size = -16384; "
		    "PRAGMA application_id = %d; PRAGMA user_version = %d",
		    APPLICATION, LAYOUT);
		rc = db_run(db, pragma);
		for (i = 0; rc == 0 && i < ROW_TABLE_COUNT; i++)
			rc = table_make(db, (enum row_table)i);
		if (rc == 0)
			rc = db_run(db, db_schema);
	}
	if (rc == -1) {
		(void)db_close(db, false);
		return NULL;
	}
	return db;
}

static void
bind(sqlite3_stmt *s, int at, const struct row_cell *cell)
{
	if (cell->n == 0)
		sqlite3_bind_null(s, at);
	else if (cell->number)
		sqlite3_bind_int64(s, at, cell->value);
	else
		sqlite3_bind_text(s, at, cell->p, (int)cell->n,
		    SQLITE_TRANSIENT);
}

static int
record_add(struct db *db, const struct pool_result *r, enum row_table table,
    const struct row_cell *cells, size_t number, struct arena *arena)
{
	sqlite3_stmt *s = db->insert[table];
	const char *path;
	size_t i, n;
	int at = 1;

	sqlite3_bind_int64(s, at++, (sqlite3_int64)r->position);
	if (table == ROW_CASE) {
		path = escape_text(arena, r->path, strlen(r->path), &n);
		sqlite3_bind_text(s, at++, path, (int)n, SQLITE_TRANSIENT);
		sqlite3_bind_int(s, at++, r->head->exit_status);
		if (r->head->died[0] != '\0')
			sqlite3_bind_text(s, at++, r->head->died, -1,
			    SQLITE_TRANSIENT);
		else
			sqlite3_bind_null(s, at++);
	} else
		sqlite3_bind_int64(s, at++, (sqlite3_int64)number);
	for (i = 0; i < row_tables[table].ncolumns; i++)
		bind(s, at++, &cells[i]);
	if (sqlite3_step(s) != SQLITE_DONE)
		return db_failed(db);
	return sqlite3_reset(s) == SQLITE_OK ? 0 : db_failed(db);
}

int
db_add(struct db *db, const struct summary_case *c)
{
	struct row_reader r = { .p = c->row, .n = c->row_n };
	size_t numbers[ROW_TABLE_COUNT] = { 0 };
	struct row_cell cells[ROW_COLUMNS];
	struct arena *arena = arena_new();
	enum row_table table;
	int rc = db_run(db, sqlite3_get_autocommit(db->sql) ? "BEGIN" : "");

	while (rc == 0 && row_next(&r, arena, &table, cells))
		rc = record_add(db, c->result, table, cells,
		    ++numbers[table], arena);
	arena_free(arena);
	return rc;
}

/* One number; -1 where the statement fails. */
static int64_t
number(struct db *db, const char *statement)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db->sql, statement, -1, &s, NULL) ==
	    SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static int
attach(struct db *db, const char *file)
{
	sqlite3_stmt *s = NULL;
	int rc = -1;

	if (!sqlite3_get_autocommit(db->sql) && db_run(db, "COMMIT") == -1)
		return -1;
	if (sqlite3_prepare_v2(db->sql, "ATTACH ? AS other", -1, &s, NULL) ==
	    SQLITE_OK &&
	    sqlite3_bind_text(s, 1, file, -1, SQLITE_TRANSIENT) ==
	    SQLITE_OK && sqlite3_step(s) == SQLITE_DONE)
		rc = 0;
	sqlite3_finalize(s);
	return rc;
}

int
db_merge(struct db *db, const char *file)
{
	char statement[512];
	unsigned int i;
	int rc = 0;

	if (attach(db, file) == -1) {
		log_error("%s: %s", file, sqlite3_errmsg(db->sql));
		return -1;
	}
	if (number(db, "PRAGMA other.application_id") != APPLICATION ||
	    number(db, "PRAGMA other.user_version") != LAYOUT) {
		log_error("%s: is no database of a batch", file);
		rc = -1;
	}
	/* Plain tables, not views that a stranger put in their place. */
	for (i = 0; rc == 0 && i < ROW_TABLE_COUNT; i++) {
		snprintf(statement, sizeof(statement), "SELECT count(*) FROM "
		    "other.sqlite_master WHERE type = 'table' AND name = '%s'",
		    row_tables[i].name);
		if (number(db, statement) != 1) {
			log_error("%s: has no table %s", file,
			    row_tables[i].name);
			rc = -1;
		}
	}
	/* The same case twice is fine, another one in its place is not. */
	if (rc == 0 && number(db, "SELECT count(*) FROM (SELECT c.* FROM "
	    "other.cases c JOIN main.cases m ON c.position = m.position "
	    "EXCEPT SELECT * FROM main.cases)") != 0) {
		log_error("%s: has other cases at the same positions", file);
		rc = -1;
	}
	if (rc == 0)
		rc = db_run(db, "BEGIN");
	for (i = 0; rc == 0 && i < ROW_TABLE_COUNT; i++) {
		snprintf(statement, sizeof(statement), "INSERT OR IGNORE INTO "
		    "main.%s SELECT * FROM other.%s ORDER BY 1, 2",
		    row_tables[i].name, row_tables[i].name);
		rc = db_run(db, statement);
	}
	if (rc == 0)
		rc = db_run(db, "COMMIT");
	else if (!sqlite3_get_autocommit(db->sql))
		(void)db_run(db, "ROLLBACK");
	(void)db_run(db, "DETACH other");
	return rc;
}

int
db_positions(struct db *db, void (*see)(uint64_t, void *), void *arg)
{
	sqlite3_stmt *s = NULL;
	int rc;

	rc = sqlite3_prepare_v2(db->sql, "SELECT position FROM cases ORDER "
	    "BY position", -1, &s, NULL);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(s);
		if (rc == SQLITE_ROW)
			see((uint64_t)sqlite3_column_int64(s, 0), arg);
	}
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? 0 : db_failed(db);
}

int
db_close(struct db *db, bool good)
{
	unsigned int i;
	int rc = 0;

	for (i = 0; i < ROW_TABLE_COUNT; i++)
		sqlite3_finalize(db->insert[i]);
	if (good && sqlite3_get_autocommit(db->sql))
		rc = db_run(db, "BEGIN");
	if (good && rc == 0)
		rc = db_clusters(db);
	if (good && rc == 0)
		rc = db_run(db, "COMMIT");
	if (sqlite3_close(db->sql) != SQLITE_OK)
		rc = -1;
	free(db->file);
	free(db);
	return rc;
}
#else
struct db *
db_open(const char *file)
{
	(void)file;
	log_error("databases are not built in (configured without sqlite)");
	return NULL;
}

int
db_add(struct db *db, const struct summary_case *c)
{
	(void)db;
	(void)c;
	return -1;
}

int
db_merge(struct db *db, const char *file)
{
	(void)db;
	(void)file;
	return -1;
}

int
db_positions(struct db *db, void (*see)(uint64_t, void *), void *arg)
{
	(void)db;
	(void)see;
	(void)arg;
	return -1;
}

int
db_close(struct db *db, bool good)
{
	(void)db;
	(void)good;
	return -1;
}
#endif
