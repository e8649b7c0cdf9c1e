/*
 * Writes NDJSON, CSV and JUnit with one entry a case.  The report's line goes
 * through as it is, behind what the batch says of the case; all else comes
 * from the row.  Relies on summary.h and escape.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/summary.h"
#include "log.h"
#include "report/csv_cell.h"
#include "report/escape.h"
#include "report/model.h"

/* ---- NDJSON ---- */

void
json_quote(FILE *f, const char *s)
{
	size_t n = strlen(s), len;
	int32_t c;

	(void)fputc('"', f);
	for (; n > 0; s += len, n -= len) {
		len = character_next(s, n, &c);
		if (c == CHARACTER_BAD)
			(void)fputs("\\ufffd", f);
		else if (c == '"' || c == '\\')
			(void)fprintf(f, "\\%c", (int)c);
		else if (!character_hidden(c) && c >= 0x20)
			(void)fwrite(s, 1, len, f);
		else if (c > 0xffff)
			(void)fprintf(f, "\\u%04x\\u%04x",
			    (unsigned int)(0xd800 + ((c - 0x10000) >> 10)),
			    (unsigned int)(0xdc00 + (c & 0x3ff)));
		else
			(void)fprintf(f, "\\u%04x", (unsigned int)c);
	}
	(void)fputc('"', f);
}

/* The columns of the case that do not stand in its report. */
static void
ndjson_beside(FILE *f, const struct row_cell *cells)
{
	size_t i;

	for (i = 0; i < CASE_COLUMN_COUNT; i++) {
		if (!row_beside((enum case_column)i) || cells[i].n == 0)
			continue;
		(void)fprintf(f, ",\"%s\":", row_column(ROW_CASE, i));
		if (cells[i].number)
			(void)fprintf(f, "%lld", (long long)cells[i].value);
		else
			json_quote(f, cells[i].p);
	}
}

static int
ndjson_add(FILE *f, const struct summary_case *c,
    const struct row_cell *cells)
{
	const struct pool_result *r = c->result;
	uint64_t left = r->head->report_n - 1;
	off_t at = (off_t)sizeof(*r->head) + 1;
	char buffer[65536];
	ssize_t got;

	(void)fprintf(f, NDJSON_BEGIN "%zu,\"path\":", r->position);
	json_quote(f, r->path);
	(void)fprintf(f, ",\"exit_status\":%d,\"died\":",
	    (int)r->head->exit_status);
	if (r->head->died[0] != '\0')
		json_quote(f, r->head->died);
	else
		(void)fputs("null", f);
	ndjson_beside(f, cells);
	(void)fputs("},", f);
	while (left > 0) {
		got = pread(r->fd, buffer, left < sizeof(buffer) ?
		    (size_t)left : sizeof(buffer), at);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0) {
			log_error("%s: its result is gone", r->path);
			return -1;
		}
		(void)fwrite(buffer, 1, (size_t)got, f);
		at += got;
		left -= (uint64_t)got;
	}
	return 0;
}

int
summary_line(FILE *f, const struct summary_case *c)
{
	struct row_reader r = { .p = c->row, .n = c->row_n };
	struct row_cell cells[ROW_COLUMNS];
	struct arena *arena = arena_new();
	enum row_table table;
	int rc = -1;

	if (row_next(&r, arena, &table, cells) && table == ROW_CASE)
		rc = ndjson_add(f, c, cells);
	arena_free(arena);
	return rc;
}

/* ---- CSV ---- */

static void
csv_head(FILE *f, struct arena *arena, bool bom)
{
	static const char *const own[] = {
		"position", "path", "exit_status", "died"
	};
	size_t i;

	csv_begin(f, bom);
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		csv_cell(f, arena, str_of(own[i]), i == 0);
	for (i = 0; i < CASE_COLUMN_COUNT; i++)
		csv_cell(f, arena, str_of(row_column(ROW_CASE, i)), false);
	(void)fputs("\r\n", f);
}

static void
csv_add(FILE *f, const struct summary_case *c, const struct row_cell *cells,
    struct arena *arena)
{
	const struct pool_result *r = c->result;
	size_t i;

	csv_cell(f, arena, str_of(arena_printf(arena, "%zu", r->position)),
	    true);
	csv_cell(f, arena, str_of(r->path), false);
	csv_cell(f, arena, str_of(arena_printf(arena, "%d",
	    (int)r->head->exit_status)), false);
	csv_cell(f, arena, str_of(r->head->died), false);
	for (i = 0; i < CASE_COLUMN_COUNT; i++)
		csv_cell(f, arena, (struct str){ cells[i].p, cells[i].n },
		    false);
	(void)fputs("\r\n", f);
}

/* ---- JUnit ---- */

static void
attribute(FILE *f, const char *name, const char *value)
{
	(void)fprintf(f, " %s=\"", name);
	html_str(f, value);
	(void)fputc('"', f);
}

static void
junit_add(struct summary *s, const struct summary_case *c,
    const struct row_cell *cells, struct arena *arena)
{
	const struct pool_result *r = c->result;
	FILE *f = s->body;
	size_t n;

	(void)fputs("<testcase classname=\"aiktriage\"", f);
	attribute(f, "name", escape_text(arena, r->path, strlen(r->path),
	    &n));
	if (r->head->died[0] != '\0') {
		(void)fputs("><error", f);
		attribute(f, "message", r->head->died);
		(void)fputs("/></testcase>\n", f);
		s->errors++;
	} else if (strcmp(cells[CASE_OUTCOME].p, "failed") == 0) {
		(void)fputs("><failure", f);
		attribute(f, "type", cells[CASE_CAUSE].n > 0 ? cells[CASE_CAUSE].p :
		    "failed");
		attribute(f, "message", cells[CASE_SENTENCE].p);
		(void)fputc('>', f);
		html_str(f, cells[CASE_NEXT_STEP].p);
		(void)fputs("</failure></testcase>\n", f);
		s->failures++;
	} else if (strcmp(cells[CASE_OUTCOME].p, "succeeded") != 0) {
		(void)fputs("><skipped", f);
		attribute(f, "message", cells[CASE_SENTENCE].p);
		(void)fputs("/></testcase>\n", f);
		s->skipped++;
	} else
		(void)fputs("/>\n", f);
}

static void
junit_end(struct summary *s)
{
	FILE *f = s->whole.f;
	char buffer[65536];
	size_t n;

	(void)fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n<testsuite name=\"aiktriage batch\" "
	    "tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
	    "skipped=\"%zu\">\n", s->cases, s->failures, s->errors,
	    s->skipped);
	rewind(s->body);
	while ((n = fread(buffer, 1, sizeof(buffer), s->body)) > 0)
		(void)fwrite(buffer, 1, n, f);
	(void)fputs("</testsuite>\n</testsuites>\n", f);
}

/* ---- all of them ---- */

bool
summary_format(const char *format)
{
	const char *p = SUMMARY_FORMATS;
	size_t n = strlen(format), len;

	for (; *p != '\0'; p += len + (p[len] == '|')) {
		len = strcspn(p, "|");
		if (len == n && memcmp(p, format, n) == 0)
			return true;
	}
	return false;
}

int
summary_format_check(const char *format)
{
	if (summary_format(format))
		return 0;
	log_error("\"%s\" is no format of a batch; there are ndjson, csv, "
	    "junit, clusters and html", format);
	return -1;
}

int
summary_open(struct summary *s, const struct summary_output *to,
    const struct clusters *clusters)
{
	const char *format = to->format;
	bool db = strcmp(format, "db") == 0;
	struct arena *arena;

	*s = (struct summary){ .format = format, .path = to->path,
	    .clusters = clusters };
	if (whole_open(&s->whole, to->path, !db) == -1)
		return -1;
	if (db)
		s->db = db_open(s->whole.temporary);
	else if (strcmp(format, "html") == 0)
		s->dashboard = dashboard_new(to);
	else if (strcmp(format, "junit") == 0 && ((s->body = tmpfile()) ==
	    NULL || fcntl(fileno(s->body), F_SETFD, FD_CLOEXEC) == -1)) {
		log_error("no temporary file: %s", strerror(errno));
		if (s->body != NULL)
			fclose(s->body);
		s->body = NULL;
	}
	if ((db && s->db == NULL) ||
	    (strcmp(format, "html") == 0 && s->dashboard == NULL) ||
	    (strcmp(format, "junit") == 0 && s->body == NULL)) {
		(void)whole_close(&s->whole, false, false);
		return -1;
	}
	if (strcmp(format, "csv") == 0) {
		arena = arena_new();
		csv_head(s->whole.f, arena, to->csv_bom);
		arena_free(arena);
	}
	return 0;
}

/* Of the formats that need the row of the case alone. */
static int
entry_add(struct summary *s, const struct summary_case *c)
{
	struct row_reader r = { .p = c->row, .n = c->row_n };
	struct row_cell cells[ROW_COLUMNS];
	enum row_table table;
	struct arena *arena = arena_new();
	int rc = 0;

	if (!row_next(&r, arena, &table, cells) || table != ROW_CASE)
		rc = -1;
	else if (strcmp(s->format, "ndjson") == 0)
		rc = ndjson_add(s->whole.f, c, cells);
	else if (s->body != NULL)
		junit_add(s, c, cells, arena);
	else
		csv_add(s->whole.f, c, cells, arena);
	arena_free(arena);
	return rc;
}

int
summary_add(struct summary *s, const struct summary_case *c)
{
	int rc = 0;

	s->cases++;
	if (s->db != NULL)
		return db_add(s->db, c);
	if (s->dashboard != NULL)
		rc = dashboard_add(s->dashboard, c);
	else if (strcmp(s->format, "ndjson") == 0 && c->line != NULL)
		(void)fwrite(c->line, 1, c->line_n, s->whole.f);
	else if (strcmp(s->format, "clusters") != 0)
		rc = entry_add(s, c);
	if (rc == -1 || ferror(s->whole.f) ||
	    (s->body != NULL && ferror(s->body))) {
		log_error("%s: %s", s->path != NULL ? s->path :
		    "standard output", strerror(errno));
		return -1;
	}
	return 0;
}

int
summary_close(struct summary *s, bool good, bool force)
{
	if (s->db != NULL && db_close(s->db, good) == -1)
		good = false;
	if (s->dashboard != NULL && good &&
	    dashboard_write(s->dashboard, s->clusters, s->whole.f) == -1) {
		log_error("%s: %s", s->path != NULL ? s->path :
		    "standard output", strerror(errno));
		good = false;
	}
	dashboard_free(s->dashboard);
	if (good && strcmp(s->format, "clusters") == 0)
		clusters_json(s->clusters, s->whole.f);
	if (s->body != NULL) {
		if (good)
			junit_end(s);
		fclose(s->body);
	}
	s->body = NULL;
	s->db = NULL;
	s->dashboard = NULL;
	return whole_close(&s->whole, good, force) == -1 || !good ? -1 : 0;
}

/* ---- outputs ---- */

int
outputs_check(const struct summary_output *v, size_t n, bool force)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(v[i].format, "db") != 0 &&
		    summary_format_check(v[i].format) == -1)
			return -1;
	for (i = 0; i < n; i++)
		if (whole_check(v[i].path, force) == -1)
			return -1;
	return 0;
}

int
outputs_open(struct outputs *o, const struct summary_output *v, size_t n)
{
	*o = (struct outputs){ .v = calloc(n + 1, sizeof(*o->v)),
	    .clusters = clusters_new() };
	if (o->v == NULL) {
		log_error("out of memory");
		return -1;
	}
	for (; o->n < n; o->n++)
		if (summary_open(&o->v[o->n], &v[o->n], o->clusters) == -1)
			return -1;
	return 0;
}

int
outputs_add(struct outputs *o, const struct summary_case *c)
{
	struct row_reader r = { .p = c->row, .n = c->row_n };
	struct row_cell cells[ROW_COLUMNS];
	enum row_table table;
	struct arena *arena = arena_new();
	size_t i;
	int rc = 0;

	if (row_next(&r, arena, &table, cells) && table == ROW_CASE)
		clusters_add(o->clusters, c->result->position, cells);
	arena_free(arena);
	for (i = 0; i < o->n && rc == 0; i++)
		rc = summary_add(&o->v[i], c);
	return rc;
}

int
outputs_close(struct outputs *o, bool good, bool force)
{
	size_t i;
	int rc = 0;

	clusters_finish(o->clusters);
	for (i = 0; i < o->n; i++)
		if (summary_close(&o->v[i], good, force) == -1)
			rc = -1;
	if (good)
		clusters_say(o->clusters);
	clusters_free(o->clusters);
	free(o->v);
	return rc;
}
