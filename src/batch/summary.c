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

bool
summary_format(const char *format)
{
	return strcmp(format, "ndjson") == 0 || strcmp(format, "csv") == 0 ||
	    strcmp(format, "junit") == 0;
}

/* ---- NDJSON ---- */

static void
json_put(FILE *f, const char *s)
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

static int
ndjson_add(FILE *f, const struct summary_case *c)
{
	const struct pool_result *r = c->result;
	uint64_t left = r->head->report_n - 1;
	off_t at = (off_t)sizeof(*r->head) + 1;
	char buffer[65536];
	ssize_t got;

	(void)fprintf(f, NDJSON_BEGIN "%zu,\"path\":", r->position);
	json_put(f, r->path);
	(void)fprintf(f, ",\"exit_status\":%d,\"died\":",
	    (int)r->head->exit_status);
	if (r->head->died[0] != '\0')
		json_put(f, r->head->died);
	else
		(void)fputs("null", f);
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

/* ---- CSV ---- */

static void
csv_head(FILE *f, struct arena *arena, bool bom)
{
	static const char *const own[] = {
		"position", "path", "exit_status", "died"
	};
	const struct row_table_info *info = &row_tables[ROW_CASE];
	size_t i;

	csv_begin(f, bom);
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		csv_cell(f, arena, str_of(own[i]), i == 0);
	for (i = 0; i < info->ncolumns; i++)
		csv_cell(f, arena, str_of(info->columns[i]), false);
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
	for (i = 0; i < row_tables[ROW_CASE].ncolumns; i++)
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
	enum { OUTCOME = 1, CAUSE = 2, SENTENCE = 17, NEXT = 18 };
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
	} else if (strcmp(cells[OUTCOME].p, "failed") == 0) {
		(void)fputs("><failure", f);
		attribute(f, "type", cells[CAUSE].n > 0 ? cells[CAUSE].p :
		    "failed");
		attribute(f, "message", cells[SENTENCE].p);
		(void)fputc('>', f);
		html_str(f, cells[NEXT].p);
		(void)fputs("</failure></testcase>\n", f);
		s->failures++;
	} else if (strcmp(cells[OUTCOME].p, "succeeded") != 0) {
		(void)fputs("><skipped", f);
		attribute(f, "message", cells[SENTENCE].p);
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

int
summary_open(struct summary *s, const char *format, const char *path,
    bool csv_bom)
{
	bool db = strcmp(format, "db") == 0;
	struct arena *arena;

	*s = (struct summary){ .format = format, .path = path };
	if (whole_open(&s->whole, path, !db) == -1)
		return -1;
	if (db && (s->db = db_open(s->whole.temporary)) == NULL) {
		(void)whole_close(&s->whole, false, false);
		return -1;
	}
	if (strcmp(format, "junit") == 0) {
		s->body = tmpfile();
		if (s->body == NULL || fcntl(fileno(s->body), F_SETFD,
		    FD_CLOEXEC) == -1) {
			log_error("no temporary file: %s", strerror(errno));
			if (s->body != NULL)
				fclose(s->body);
			(void)whole_close(&s->whole, false, false);
			return -1;
		}
	}
	if (strcmp(format, "csv") == 0) {
		arena = arena_new();
		csv_head(s->whole.f, arena, csv_bom);
		arena_free(arena);
	}
	return 0;
}

int
summary_add(struct summary *s, const struct summary_case *c)
{
	struct row_reader r = { .p = c->row, .n = c->row_n };
	struct row_cell cells[ROW_COLUMNS];
	enum row_table table;
	struct arena *arena;
	int rc = 0;

	s->cases++;
	if (s->db != NULL)
		return db_add(s->db, c);
	if (strcmp(s->format, "ndjson") == 0)
		rc = ndjson_add(s->whole.f, c);
	else {
		arena = arena_new();
		if (!row_next(&r, arena, &table, cells) || table != ROW_CASE)
			rc = -1;
		else if (s->body != NULL)
			junit_add(s, c, cells, arena);
		else
			csv_add(s->whole.f, c, cells, arena);
		arena_free(arena);
	}
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
	if (s->body != NULL) {
		if (good)
			junit_end(s);
		fclose(s->body);
	}
	s->body = NULL;
	s->db = NULL;
	return whole_close(&s->whole, good, force) == -1 || !good ? -1 : 0;
}
