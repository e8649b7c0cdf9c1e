/*
 * The part of a batch's database that follows from all of its cases: clusters,
 * outbreaks and cases that were sent twice.  Made from the table of cases, so
 * that databases that were joined hold what one batch would have written.
 * Relies on db.h and cluster.h.
 */
#include "batch/db.h"

#ifdef HAVE_SQLITE
#include <stdlib.h>
#include <string.h>

#include "batch/cluster.h"

static const char empty[] =
    "DELETE FROM outbreaks;\n"
    "DELETE FROM clusters;\n"
    "DELETE FROM members;\n";

/* One value of a statement: text or a number. */
struct column {
	const char	*text;		/* NULL: the number, */
	int64_t		 number;
	bool		 null;		/* or none */
};

static struct column
of_text(const char *text)
{
	return (struct column){ .text = text, .null = *text == '\0' };
}

static struct column
of_number(uint64_t number)
{
	return (struct column){ .number = (int64_t)number };
}

static struct column
of_day(struct arena *arena, int64_t day)
{
	char text[16];

	calendar_day_text(day, text);
	return of_text(arena_printf(arena, "%s", text));
}

static struct column
of_time(struct arena *arena, bool known, int64_t us)
{
	char text[40];

	if (!known)
		return of_text("");
	time_format(us, text);
	return of_text(arena_printf(arena, "%s", text));
}

static int
insert(struct db *db, const char *statement, const struct column *v, size_t n)
{
	sqlite3_stmt *s = NULL;
	size_t i;
	int rc = 0;

	if (sqlite3_prepare_v2(db->sql, statement, -1, &s, NULL) !=
	    SQLITE_OK)
		return db_failed(db);
	for (i = 0; i < n; i++)
		if (v[i].null)
			sqlite3_bind_null(s, (int)i + 1);
		else if (v[i].text != NULL)
			sqlite3_bind_text(s, (int)i + 1, v[i].text, -1,
			    SQLITE_TRANSIENT);
		else
			sqlite3_bind_int64(s, (int)i + 1, v[i].number);
	if (sqlite3_step(s) != SQLITE_DONE)
		rc = db_failed(db);
	sqlite3_finalize(s);
	return rc;
}

/* Every row of `cases`, in order. */
static int
rows_read(struct db *db, struct clusters *c)
{
	struct row_cell cells[ROW_COLUMNS];
	sqlite3_stmt *s = NULL;
	const char *columns = "position";
	struct arena *arena = arena_new();
	size_t i;
	int rc = 0, step;

	for (i = 0; i < CASE_COLUMN_COUNT; i++)
		columns = arena_printf(arena, "%s, %s", columns,
		    row_column(ROW_CASE, i));
	if (sqlite3_prepare_v2(db->sql, arena_printf(arena,
	    "SELECT %s FROM cases ORDER BY position", columns), -1, &s, NULL)
	    != SQLITE_OK)
		rc = db_failed(db);
	while (rc == 0 && (step = sqlite3_step(s)) != SQLITE_DONE) {
		if (step != SQLITE_ROW) {
			rc = db_failed(db);
			break;
		}
		for (i = 0; i < CASE_COLUMN_COUNT; i++) {
			cells[i] = (struct row_cell){ .p = (const char *)
			    sqlite3_column_text(s, (int)i + 1) };
			if (cells[i].p == NULL)
				cells[i].p = "";
			cells[i].n = strlen(cells[i].p);
			cells[i].number = *row_tables[ROW_CASE].columns[i] ==
			    '#';
			cells[i].value = sqlite3_column_int64(s, (int)i + 1);
		}
		clusters_add(c, (uint64_t)sqlite3_column_int64(s, 0), cells);
	}
	sqlite3_finalize(s);
	arena_free(arena);
	return rc;
}

static int
clusters_write(struct db *db, const struct clusters *c, struct arena *arena)
{
	const struct cluster *const *v;
	const struct cluster *at;
	size_t n, i, k;
	int rc = 0;

	v = clusters_list(c, &n);
	for (i = 0; i < n && rc == 0; i++) {
		struct column row[9 + SIGNATURE_COUNT];

		at = v[i];
		row[0] = of_text(at->id);
		for (k = 0; k < SIGNATURE_COUNT; k++)
			row[1 + k] = of_text(at->part[k]);
		k = 1 + SIGNATURE_COUNT;
		row[k++] = of_number(at->cases);
		row[k++] = of_number(at->duplicates);
		row[k++] = of_number(at->devices);
		row[k++] = of_time(arena, at->timed > 0, at->first);
		row[k++] = of_time(arena, at->timed > 0, at->last);
		row[k++] = of_text(at->near == NULL ? "" : at->near->id);
		row[k++] = of_text(at->near == NULL ? "" :
		    signature_names[at->near_part]);
		row[k] = of_number(at->outbreak == NULL ? 0 :
		    at->outbreak->number);
		row[k++].null = at->outbreak == NULL;
		rc = insert(db, "INSERT INTO clusters VALUES (?, ?, ?, ?, ?, "
		    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row, k);
	}
	return rc;
}

static int
outbreaks_write(struct db *db, const struct clusters *c, struct arena *arena)
{
	const struct outbreak *v, *o;
	size_t n, i, k, parts;
	int rc = 0;

	v = clusters_outbreaks(c, &n);
	for (i = 0; i < n && rc == 0; i++) {
		struct column row[10 + SIGNATURE_COUNT];

		o = &v[i];
		parts = o->stem ? SIGNATURE_STEM : SIGNATURE_COUNT;
		row[0] = of_number(o->number);
		row[1] = of_text(o->stem ? "" : o->cluster->id);
		for (k = 0; k < SIGNATURE_COUNT; k++)
			row[2 + k] = of_text(k < parts ? o->cluster->part[k] :
			    "");
		k = 2 + SIGNATURE_COUNT;
		row[k++] = of_text(o->kind == BIN_DAY ? "day" : "week");
		row[k++] = of_day(arena, o->from);
		row[k++] = of_day(arena, o->to);
		row[k++] = of_number(o->devices);
		row[k++] = of_text(arena_printf(arena, "%.1f", o->expected));
		row[k++] = of_text(arena_printf(arena, "1e%d",
		    o->p_exponent));
		row[k++] = of_day(arena, o->peak);
		row[k++] = of_number(o->peak_devices);
		rc = insert(db, "INSERT INTO outbreaks VALUES (?, ?, ?, ?, ?, "
		    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row, k);
	}
	return rc;
}

static int
members_write(struct db *db, const struct clusters *c)
{
	const struct member *v;
	struct column row[4];
	size_t n, i;
	int rc = 0;

	v = clusters_members(c, &n);
	for (i = 0; i < n && rc == 0; i++) {
		if (v[i].cluster == NULL && v[i].duplicate_of == 0)
			continue;
		row[0] = of_number(v[i].position);
		row[1] = of_text(v[i].cluster == NULL ? "" :
		    v[i].cluster->id);
		row[2] = of_number(v[i].duplicate_of);
		row[2].null = v[i].duplicate_of == 0;
		row[3] = of_text(v[i].duplicate_of == 0 ? "" :
		    v[i].duplicate_by);
		rc = insert(db, "INSERT INTO members VALUES (?, ?, ?, ?)",
		    row, 4);
	}
	return rc;
}

int
db_clusters(struct db *db)
{
	struct clusters *c = clusters_new();
	struct arena *arena = arena_new();
	int rc = db_run(db, empty);

	if (rc == 0)
		rc = rows_read(db, c);
	clusters_finish(c);
	if (rc == 0)
		rc = clusters_write(db, c, arena);
	if (rc == 0)
		rc = outbreaks_write(db, c, arena);
	if (rc == 0)
		rc = members_write(db, c);
	arena_free(arena);
	clusters_free(c);
	return rc;
}
#endif
