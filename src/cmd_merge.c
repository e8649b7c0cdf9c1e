/*
 * aiktriage merge: results of a batch, or of its shards, as one: lines of
 * NDJSON in the order of their positions, also into the other formats, or
 * databases into one.
 * Relies on options.h and batch/summary.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/summary.h"
#include "log.h"
#include "options.h"

extern const struct command	command_merge;

struct line {
	uint64_t	 position;
	size_t		 file;
	off_t		 at;
	size_t		 n;
};

struct merge {
	char		**paths;
	FILE		**files;
	size_t		 nfiles;
	struct line	*lines;
	size_t		 nlines, room;
};

/* ---- is there one of each case? ---- */

struct seen {
	uint64_t	 last, missing;
	char		 text[160];	/* "3, 7-9": as many as fit */
};

static void
seen_missing(struct seen *seen, uint64_t from, uint64_t to)
{
	size_t n = strlen(seen->text);

	seen->missing += to - from + 1;
	if (n > 0 && seen->text[n - 1] == '.')
		return;
	if (n > sizeof(seen->text) - 60)
		(void)snprintf(seen->text + n, sizeof(seen->text) - n,
		    ", ...");
	else
		(void)snprintf(seen->text + n, sizeof(seen->text) - n,
		    from == to ? "%s%llu" : "%s%llu-%llu", n > 0 ? ", " : "",
		    (unsigned long long)from, (unsigned long long)to);
}

/* They come in order; the same one may come again. */
static void
seen_add(uint64_t position, void *arg)
{
	struct seen *seen = arg;

	if (position > seen->last + 1)
		seen_missing(seen, seen->last + 1, position - 1);
	seen->last = position;
}

static int
seen_all(struct seen *seen, uint64_t cases)
{
	if (cases == 0)
		return 0;
	if (seen->last > cases) {
		log_error("there is a result of case %llu of %llu",
		    (unsigned long long)seen->last,
		    (unsigned long long)cases);
		return -1;
	}
	if (seen->last < cases)
		seen_missing(seen, seen->last + 1, cases);
	if (seen->missing == 0)
		return 0;
	log_error("%llu of %llu cases have no result: %s",
	    (unsigned long long)seen->missing, (unsigned long long)cases,
	    seen->text);
	return -1;
}

/* ---- NDJSON ---- */

/* The position that the line begins with, 0 if it is no such line. */
static uint64_t
line_position(const char *line, size_t n)
{
	const size_t begin = sizeof(NDJSON_BEGIN) - 1;
	uint64_t position = 0;
	size_t i;

	if (n < begin + 4 || memcmp(line, NDJSON_BEGIN, begin) != 0 ||
	    line[n - 1] != '\n' || line[n - 2] != '}')
		return 0;
	for (i = begin; line[i] >= '0' && line[i] <= '9' && i < begin + 18;
	    i++)
		position = position * 10 + (uint64_t)(line[i] - '0');
	return line[i] == ',' ? position : 0;
}

static int
lines_read(struct merge *m, size_t file)
{
	struct line line = { .file = file };
	struct line *larger;
	char *text = NULL;
	size_t room = 0, number = 0;
	ssize_t n;

	while ((n = getline(&text, &room, m->files[file])) > 0) {
		number++;
		line.n = (size_t)n;
		line.position = line_position(text, line.n);
		if (line.position == 0) {
			log_error("%s:%zu: is no whole result of a batch",
			    m->paths[file], number);
			free(text);
			return -1;
		}
		if (m->nlines == m->room) {
			m->room = m->room == 0 ? 1024 : 2 * m->room;
			larger = reallocarray(m->lines, m->room,
			    sizeof(*larger));
			if (larger == NULL) {
				log_error("out of memory");
				exit(EXIT_INCOMPLETE);
			}
			m->lines = larger;
		}
		m->lines[m->nlines++] = line;
		line.at += (off_t)n;
	}
	free(text);
	if (ferror(m->files[file])) {
		log_error("%s: %s", m->paths[file], strerror(errno));
		return -1;
	}
	return 0;
}

static int
by_position(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static char *
line_text(const struct merge *m, const struct line *line)
{
	char *text = malloc(line->n + 1);

	if (text == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	if (fseeko(m->files[line->file], line->at, SEEK_SET) == -1 ||
	    fread(text, 1, line->n, m->files[line->file]) != line->n) {
		log_error("%s: changed while it was read",
		    m->paths[line->file]);
		free(text);
		return NULL;
	}
	return text;
}

/* One line to all outputs; -1: said. */
static int
line_add(const struct merge *m, const struct line *line, const char *text,
    bool read, struct outputs *outputs)
{
	struct record_head head = { .magic = "" };
	struct pool_result result = { .head = &head, .fd = -1 };
	struct summary_case c = { .result = &result, .line = text,
	    .line_n = line->n };
	struct row_line row;
	char why[256];
	int rc;

	if (!read)
		return summary_add(&outputs->v[0], &c);
	if (!row_line_read(text, line->n, &row, why, sizeof(why))) {
		log_error("%s: case %llu: %s", m->paths[line->file],
		    (unsigned long long)line->position, why);
		return -1;
	}
	head.exit_status = row.exit_status;
	head.outcome = (int32_t)row.outcome;
	snprintf(head.died, sizeof(head.died), "%s", row.died);
	result.position = (size_t)row.position;
	result.path = row.path;
	c.row = row.row;
	c.row_n = row.row_n;
	rc = outputs_add(outputs, &c);
	row_line_clear(&row);
	return rc;
}

/* The same line twice is one; two of one position are a mistake. */
static int
lines_write(const struct merge *m, bool read, struct outputs *outputs)
{
	const struct line *line, *last = NULL;
	char *text, *before = NULL;
	size_t i;
	int rc = 0;

	for (i = 0; i < m->nlines && rc == 0; i++, last = line) {
		line = &m->lines[i];
		text = line_text(m, line);
		if (text == NULL)
			rc = -1;
		else if (last == NULL || last->position != line->position)
			rc = line_add(m, line, text, read, outputs);
		else if (last->n != line->n ||
		    memcmp(before, text, line->n) != 0) {
			log_error("%s and %s have different results of case "
			    "%llu", m->paths[last->file],
			    m->paths[line->file],
			    (unsigned long long)line->position);
			rc = -1;
		}
		free(before);
		before = text;
	}
	free(before);
	return rc;
}

/* Lines that are only passed on are not read. */
static int
merge_lines(const struct options *o, const struct summary_output *to,
    size_t n)
{
	struct merge m = { .paths = o->paths, .nfiles = o->npaths };
	bool read = n != 1 || strcmp(to[0].format, "ndjson") != 0;
	struct outputs outputs;
	struct seen seen = { 0, 0, "" };
	size_t i;
	int rc = 0;

	m.files = calloc(m.nfiles, sizeof(*m.files));
	for (i = 0; m.files != NULL && i < m.nfiles && rc == 0; i++) {
		m.files[i] = fopen(m.paths[i], "re");
		if (m.files[i] == NULL) {
			log_error("%s: %s", m.paths[i], strerror(errno));
			rc = -1;
		} else
			rc = lines_read(&m, i);
	}
	if (m.nlines > 0)
		qsort(m.lines, m.nlines, sizeof(*m.lines), by_position);
	for (i = 0; rc == 0 && i < m.nlines; i++)
		seen_add(m.lines[i].position, &seen);
	if (rc == 0)
		rc = seen_all(&seen, o->cases);
	if (rc == 0) {
		rc = outputs_open(&outputs, to, n);
		if (rc == 0)
			rc = lines_write(&m, read, &outputs);
		if (outputs_close(&outputs, rc == 0, o->force) == -1)
			rc = -1;
	}
	for (i = 0; m.files != NULL && i < m.nfiles; i++)
		if (m.files[i] != NULL)
			fclose(m.files[i]);
	free(m.files);
	free(m.lines);
	return rc;
}

/* ---- databases ---- */

static int
merge_databases(const struct options *o, const struct summary_output *to)
{
	struct seen seen = { 0, 0, "" };
	struct summary s;
	size_t i;
	int rc = 0;

	if (summary_open(&s, to, NULL) == -1)
		return -1;
	for (i = 0; i < o->npaths && rc == 0; i++)
		rc = db_merge(s.db, o->paths[i]);
	if (rc == 0 && o->cases > 0 &&
	    ((rc = db_positions(s.db, seen_add, &seen)) == -1 ||
	    (rc = seen_all(&seen, o->cases)) == -1))
		rc = -1;
	return summary_close(&s, rc == 0, o->force);
}

static int
run(int argc, char **argv)
{
	struct summary_output *to = NULL;
	struct options o;
	size_t i, n = 0;
	int status;

	status = options_parse(&o, &command_merge, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	if (o.npaths == 0) {
		log_error("merge wants a RESULT");
		goto out;
	}
	if (o.noutputs > 0 && o.db != NULL) {
		log_error("--db joins databases and -o lines of NDJSON; "
		    "merge does one of both");
		goto out;
	}
	to = calloc(o.noutputs + 1, sizeof(*to));
	if (to == NULL) {
		log_error("out of memory");
		goto out;
	}
	for (i = 0; i < o.noutputs; i++)
		to[n++] = (struct summary_output){ o.outputs[i].format,
		    o.outputs[i].path, o.csv_bom, o.reports };
	if (n == 0)
		to[n++] = (struct summary_output){ o.db != NULL ? "db" :
		    "ndjson", o.db, false, NULL };
	if (outputs_check(to, n, o.force) == -1)
		goto out;
	status = (o.db != NULL ? merge_databases(&o, to) : merge_lines(&o, to,
	    n)) == -1 ? EXIT_INCOMPLETE : EXIT_COMPLETE;
out:
	free(to);
	options_clear(&o);
	return status;
}

const struct command command_merge = {
	.name = "merge",
	.usage = "RESULT...",
	.help = "join results of a batch, or of its shards",
	.formats = SUMMARY_FORMATS,
	.options = OPTIONS_OUTPUT | OPTIONS_DB | OPTIONS_MERGE,
	.run = run
};
