/*
 * aiktriage compare A B: two cases laid side by side in the order of the
 * protocol; the first difference that matters comes first.
 * Relies on batch/case.h for two confined workers, of whose output only the
 * lines of report/compare_rows.h are read here, and within bounds.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "options.h"
#include "report/compare_rows.h"
#include "report/escape.h"

extern const struct command	command_compare;

#define DUMP_MAX	((off_t)COMPARE_ROWS_MAX * COMPARE_PARTS * \
			    COMPARE_TEXT_MAX)

struct row {
	char		 weight;
	const char	*stage, *part, *field, *value, *at;
	bool		 taken;		/* has its like on the other side */
};

struct side {
	const char	*name;		/* as it was given */
	char		*text;		/* the worker's lines */
	struct row	*rows;
	size_t		 n;
	int		 status;
};

struct difference {
	const struct row *a, *b;	/* one may be NULL */
};

struct comparison {
	struct side	 sides[2];
	struct difference *list;
	size_t		 n, equal, alone[2];
};

/* ---- reading what a worker wrote ---- */

/* Cuts a line at its tabs; false unless there are as many parts as wanted. */
static bool
parts_cut(char *line, char *parts[COMPARE_PARTS])
{
	size_t i, n = 0;

	for (;;) {
		parts[n++] = line;
		line = strchr(line, '\t');
		if (line == NULL || n == COMPARE_PARTS)
			break;
		*line++ = '\0';
	}
	if (line != NULL || n != COMPARE_PARTS)
		return false;
	for (i = 0; i < n; i++) {
		if (strlen(parts[i]) >= COMPARE_TEXT_MAX)
			return false;
		for (line = parts[i]; *line != '\0'; line++)
			if ((unsigned char)*line < 0x20 || *line == 0x7f)
				return false;
	}
	return parts[0][0] >= COMPARE_SUMMARY &&
	    parts[0][0] <= COMPARE_MINOR && parts[0][1] == '\0';
}

/* The lines between the first and the last; false if they are not ours. */
static bool
rows_read(struct side *side)
{
	char *line = side->text, *end, *parts[COMPARE_PARTS];
	size_t n = 0;

	side->rows = calloc(COMPARE_ROWS_MAX, sizeof(*side->rows));
	if (side->rows == NULL || (end = strchr(line, '\n')) == NULL)
		return false;
	*end = '\0';
	if (strcmp(line, COMPARE_MAGIC) != 0)
		return false;
	for (line = end + 1; (end = strchr(line, '\n')) != NULL;
	    line = end + 1) {
		*end = '\0';
		if (strncmp(line, "end\t", 4) == 0) {
			side->n = n;
			return strtoul(line + 4, NULL, 10) == n &&
			    end[1] == '\0';
		}
		if (n == COMPARE_ROWS_MAX || !parts_cut(line, parts))
			return false;
		side->rows[n++] = (struct row){ parts[0][0], parts[1],
		    parts[2], parts[3], parts[4], parts[5], false };
	}
	return false;
}

static int
dump_read(struct side *side, int fd)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) == -1 || st.st_size > DUMP_MAX)
		return -1;
	side->text = malloc((size_t)st.st_size + 1);
	if (side->text == NULL)
		return -1;
	got = pread(fd, side->text, (size_t)st.st_size, 0);
	if (got != (ssize_t)st.st_size)
		return -1;
	side->text[got] = '\0';
	return memchr(side->text, '\0', (size_t)got) == NULL &&
	    rows_read(side) ? 0 : -1;
}

/* An exit status; EXIT_COMPLETE: it can be compared. */
static int
side_run(const struct options *o, const struct rules *rules, char *path,
    struct side *side)
{
	struct case_result result;
	struct case_job job;
	struct observer observer;
	char *paths[1] = { path };
	int rc = EXIT_USAGE;

	side->name = path;
	options_job(o, rules, &job);
	job.paths = paths;
	job.npaths = 1;
	job.emit = compare_rows_emit;
	job.emit_fd = memfd_create("compare", MFD_CLOEXEC);
	if (job.emit_fd == -1) {
		log_error("no memory file: %s", strerror(errno));
		return EXIT_INCOMPLETE;
	}
	options_observe(o, &job, &observer);
	if (case_run(&job, &result) == 0) {
		side->status = result.exit_status;
		rc = dump_read(side, job.emit_fd) == 0 ? EXIT_COMPLETE :
		    EXIT_INCOMPLETE;
		if (rc == EXIT_INCOMPLETE)
			log_error("%s: the worker gave no comparison%s%s",
			    path, result.died[0] != '\0' ? ": " : "",
			    result.died);
	}
	observer_end(&observer);
	close(job.emit_fd);
	return rc;
}

/* ---- laying side by side ---- */

static struct row *
row_like(const struct side *side, const struct row *r)
{
	size_t i;

	for (i = 0; i < side->n; i++)
		if (strcmp(side->rows[i].stage, r->stage) == 0 &&
		    strcmp(side->rows[i].part, r->part) == 0 &&
		    strcmp(side->rows[i].field, r->field) == 0)
			return &side->rows[i];
	return NULL;
}

static const char *
value_of(const struct side *side, const char *stage, const char *field)
{
	size_t i;

	for (i = 0; i < side->n; i++)
		if (strcmp(side->rows[i].stage, stage) == 0 &&
		    strcmp(side->rows[i].field, field) == 0)
			return side->rows[i].value;
	return "";
}

/* Parts of which each row counts, so that a missing one is a difference. */
static bool
is_whole(const char *part, const char *field)
{
	static const char *const parts[] = { "request", "response",
	    "message sent", "message received", "envelope sent",
	    "envelope received", "certificates sent",
	    "certificates received" };
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(parts[i], part) == 0)
			return true;
	/* Who answers well says nothing. */
	return strcmp(field, "service.message") == 0;
}

static bool
has_part(const struct side *side, const struct row *r)
{
	size_t i;

	for (i = 0; i < side->n; i++)
		if (strcmp(side->rows[i].stage, r->stage) == 0 &&
		    strcmp(side->rows[i].part, r->part) == 0)
			return true;
	return false;
}

/* Was the stage's outcome seen on that side at all? */
static bool
was_reached(const struct side *side, const char *stage)
{
	const char *state;

	if (*stage == '\0')
		return true;
	state = value_of(side, stage, "stage.state");
	return strcmp(state, "ok") == 0 || strcmp(state, "failed") == 0;
}

static void
differ(struct comparison *c, const struct row *a, const struct row *b)
{
	c->list[c->n++] = (struct difference){ a, b };
}

/* A row that only one side has: a difference, or nothing to compare with. */
static void
alone(struct comparison *c, size_t which, const struct row *r)
{
	const struct side *other = &c->sides[1 - which];

	if (r->weight == COMPARE_SUMMARY)
		return;
	if (!is_whole(r->part, r->field) || !has_part(other, r) ||
	    !was_reached(other, r->stage)) {
		c->alone[which]++;
		return;
	}
	differ(c, which == 0 ? r : NULL, which == 0 ? NULL : r);
}

/* A stage that one capture does not hold cannot be compared. */
static bool
not_captured(const struct row *a, const struct row *b)
{
	return strcmp(a->field, "stage.state") == 0 &&
	    (strcmp(a->value, "not-captured") == 0 ||
	    strcmp(b->value, "not-captured") == 0);
}

static char
weight_of(const struct difference *d)
{
	return d->a != NULL ? d->a->weight : d->b->weight;
}

/* Rows of B that A lacks come where B has them: after their like. */
static void
compare(struct comparison *c)
{
	const struct side *a = &c->sides[0], *b = &c->sides[1];
	struct row *other;
	size_t i, k = 0;

	for (i = 0; i < a->n; i++) {
		other = row_like(b, &a->rows[i]);
		if (other == NULL) {
			alone(c, 0, &a->rows[i]);
			continue;
		}
		other->taken = true;
		/* What only B has before this row. */
		for (; k < b->n && &b->rows[k] != other; k++)
			if (row_like(a, &b->rows[k]) == NULL &&
			    !b->rows[k].taken) {
				b->rows[k].taken = true;
				alone(c, 1, &b->rows[k]);
			} else if (!b->rows[k].taken)
				break;
		if (a->rows[i].weight == COMPARE_SUMMARY ||
		    not_captured(&a->rows[i], other))
			continue;
		if (strcmp(a->rows[i].value, other->value) == 0)
			c->equal++;
		else
			differ(c, &a->rows[i], other);
	}
	for (i = 0; i < b->n; i++)
		if (!b->rows[i].taken)
			alone(c, 1, &b->rows[i]);
}

/* ---- writing ---- */

static const char *
row_value(const struct row *r)
{
	return r == NULL ? COMPARE_ABSENT : r->value;
}

static void
side_text(const char *letter, const struct side *side)
{
	const char *cause = value_of(side, "", "verdict.cause");

	printf("%s  %s: %s%s%s\n", letter, side->name,
	    value_of(side, "", "verdict.outcome"),
	    strcmp(cause, COMPARE_ABSENT) != 0 ? ", cause: " : "",
	    strcmp(cause, COMPARE_ABSENT) != 0 ? cause : "");
}

static void
difference_text(const struct difference *d)
{
	const struct row *r = d->a != NULL ? d->a : d->b;

	printf("  %s%s%s: %s\n", *r->stage != '\0' ? r->stage : "",
	    *r->stage != '\0' ? ", " : "", r->part, r->field);
	printf("    A  %s%s%s\n", row_value(d->a),
	    d->a != NULL && *d->a->at != '\0' ? "  at " : "",
	    d->a != NULL ? d->a->at : "");
	printf("    B  %s%s%s\n", row_value(d->b),
	    d->b != NULL && *d->b->at != '\0' ? "  at " : "",
	    d->b != NULL ? d->b->at : "");
}

static void
compare_text(const struct comparison *c, bool verbose)
{
	size_t i, shown = 0, minor = 0;

	side_text("A", &c->sides[0]);
	side_text("B", &c->sides[1]);
	for (i = 0; i < c->n; i++) {
		if (weight_of(&c->list[i]) != COMPARE_MATTERS) {
			minor++;
			continue;
		}
		if (shown++ == 0)
			printf("\nThe first difference that matters\n");
		else if (shown == 2)
			printf("\nOther differences\n");
		difference_text(&c->list[i]);
	}
	if (minor > 0 && (verbose || shown == 0)) {
		printf("\nMinor differences\n");
		for (i = 0; i < c->n; i++)
			if (weight_of(&c->list[i]) == COMPARE_MINOR)
				difference_text(&c->list[i]);
	}
	printf("\n%zu values differ%s, %zu are equal", c->n,
	    minor > 0 && !verbose && shown > 0 ?
	    " (headers and other minor ones: -v)" : "", c->equal);
	if (c->alone[0] + c->alone[1] > 0)
		printf("; %zu of A and %zu of B have nothing to be compared "
		    "with", c->alone[0], c->alone[1]);
	printf(".\n");
}

static json_t *
row_json(const struct row *r)
{
	json_t *o;

	if (r == NULL)
		return json_null();
	o = json_object();
	json_object_set_new(o, "value", json_text(r->value,
	    strlen(r->value)));
	if (*r->at != '\0')
		json_object_set_new(o, "at", json_text(r->at,
		    strlen(r->at)));
	return o;
}

static json_t *
side_json(const struct side *side)
{
	const char *cause = value_of(side, "", "verdict.cause");
	const char *slash = strrchr(side->name, '/'), *outcome;
	json_t *o = json_object();

	/* The last component: no path of this machine stands in a report. */
	slash = slash != NULL && slash[1] != '\0' ? slash + 1 : side->name;
	outcome = value_of(side, "", "verdict.outcome");
	json_object_set_new(o, "path", json_text(slash, strlen(slash)));
	json_object_set_new(o, "outcome", json_text(outcome,
	    strlen(outcome)));
	json_object_set_new(o, "cause", strcmp(cause, COMPARE_ABSENT) == 0 ?
	    json_null() : json_text(cause, strlen(cause)));
	return o;
}

static void
compare_json(const struct comparison *c)
{
	json_t *root = json_object(), *list = json_array(), *o;
	const struct row *r;
	size_t i, pass;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < c->n; i++) {
			if ((weight_of(&c->list[i]) == COMPARE_MATTERS) !=
			    (pass == 0))
				continue;
			r = c->list[i].a != NULL ? c->list[i].a :
			    c->list[i].b;
			o = json_object();
			json_object_set_new(o, "stage", *r->stage == '\0' ?
			    json_null() : json_text(r->stage,
			    strlen(r->stage)));
			json_object_set_new(o, "part", json_text(r->part,
			    strlen(r->part)));
			json_object_set_new(o, "field", json_text(r->field,
			    strlen(r->field)));
			json_object_set_new(o, "minor",
			    json_boolean(pass == 1));
			json_object_set_new(o, "a", row_json(c->list[i].a));
			json_object_set_new(o, "b", row_json(c->list[i].b));
			json_array_append_new(list, o);
		}
	json_object_set_new(root, "schema", json_string(COMPARE_MAGIC));
	json_object_set_new(root, "a", side_json(&c->sides[0]));
	json_object_set_new(root, "b", side_json(&c->sides[1]));
	json_object_set_new(root, "differences", list);
	json_object_set_new(root, "equal", json_integer((json_int_t)
	    c->equal));
	json_object_set_new(root, "only_a", json_integer((json_int_t)
	    c->alone[0]));
	json_object_set_new(root, "only_b", json_integer((json_int_t)
	    c->alone[1]));
	(void)json_write(root, false, stdout);
	json_decref(root);
}

/* ---- the command ---- */

static int
run(int argc, char **argv)
{
	struct comparison c = { 0 };
	struct rules *rules = NULL;
	struct options o;
	bool json;
	int status;
	size_t i;

	status = options_parse(&o, &command_compare, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	json = o.format != NULL && strcmp(o.format, "json") == 0;
	if (o.npaths != 2 || strcmp(o.paths[0], "-") == 0 ||
	    strcmp(o.paths[1], "-") == 0) {
		log_error("compare wants two cases, each a file or a folder");
		goto out;
	}
	if ((rules = options_rules(&o)) == NULL)
		goto out;
	case_warm();
	for (i = 0; i < 2; i++)
		if ((status = side_run(&o, rules, o.paths[i],
		    &c.sides[i])) != EXIT_COMPLETE)
			goto out;
	c.list = calloc(c.sides[0].n + c.sides[1].n + 1, sizeof(*c.list));
	if (c.list == NULL) {
		log_error("out of memory");
		goto out;
	}
	compare(&c);
	if (json)
		compare_json(&c);
	else
		compare_text(&c, o.verbose);
	status = c.sides[0].status == EXIT_INCOMPLETE ||
	    c.sides[1].status == EXIT_INCOMPLETE ? EXIT_INCOMPLETE :
	    c.n > 0 ? EXIT_FOUND : EXIT_COMPLETE;
	if (fflush(stdout) == EOF) {
		log_error("standard output: %s", strerror(errno));
		status = EXIT_INCOMPLETE;
	}
out:
	for (i = 0; i < 2; i++) {
		free(c.sides[i].text);
		free(c.sides[i].rows);
	}
	free(c.list);
	rules_free(rules);
	options_clear(&o);
	return status;
}

const struct command command_compare = {
	.name = "compare",
	.usage = "A B",
	.help = "two cases side by side: where they begin to differ",
	.formats = "text|json",
	.options = OPTIONS_CASE | OPTIONS_RULES | OPTIONS_FORMAT |
	    OPTIONS_OBSERVE,
	.run = run
};
