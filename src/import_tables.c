/*
 * New tables of authorities out of a TrustedTpm.cab.  The dated changes up to
 * the end of the list in use stay as they are; the cab's log adds the later
 * ones, and the certificates in it say which authorities there are now.
 * Relies on import_tables.h, import_issuers.h and knowledge/change_log.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import_issuers.h"
#include "import_tables.h"
#include "knowledge/table.h"
#include "parsers/fields.h"
#include "report/escape.h"

/* An authority by its key "prefix\tform\tid". */
struct known {
	const char	*key;
	const char	*issuer;	/* subject of its EK issuer, or "" */
	bool		 before;	/* stands in the table in use */
	bool		 present;	/* a certificate of it is in the cab */
};

/* A change of the cab's log after the end of the list in use. */
struct later {
	const char	*key;
	int64_t		 date;
	enum log_action	 action;
	size_t		 order;
};

struct import {
	struct evidence	*ev;
	struct arena	*arena;
	struct list_info was;		/* of the list in use */
	int64_t		 to;		/* last date of the cab's log */
	struct known	*known;
	size_t		 nknown;
	struct later	*later;
	size_t		 nlater, nadded;
	struct lines	 odd, notes;
	struct log_files files;		/* all files that the log names */
};

/* ---- lists of lines ---- */

void
lines_add(struct lines *lines, const char *line)
{
	lines->v = reallocarray(lines->v, lines->n + 1, sizeof(*lines->v));
	if (lines->v == NULL)
		abort();
	lines->v[lines->n++] = line;
}

static int
line_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* For people: bytes of the cab may be anything. */
static void
lines_print(struct arena *arena, const struct lines *lines, FILE *f)
{
	const char *text;
	size_t i, n;

	for (i = 0; i < lines->n; i++) {
		text = escape_text(arena, lines->v[i], strlen(lines->v[i]),
		    &n);
		(void)fprintf(f, "%s\n", text);
	}
}

/* Column names and the rows in order, each once. */
static void
table_write(const char *name, const char *columns, struct lines *lines,
    FILE *f)
{
	char *text = NULL;
	size_t n = 0, i;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		abort();
	(void)fprintf(out, "# Made by aiktriage authority --import.\n%s",
	    columns);
	if (lines->n > 0)
		qsort(lines->v, lines->n, sizeof(*lines->v), line_compare);
	for (i = 0; i < lines->n; i++)
		if (i == 0 || strcmp(lines->v[i - 1], lines->v[i]) != 0)
			(void)fprintf(out, "%s\n", lines->v[i]);
	if (fclose(out) != 0)
		abort();
	(void)fprintf(f, "@%s %zu\n", name, n);
	(void)fwrite(text, 1, n, f);
	free(text);
}

const char *
day_text(struct arena *arena, int64_t us)
{
	char text[40];

	time_format(us, text);
	return arena_text(arena, text, 10);
}

/* ---- what is known ---- */

static struct known *
known_find(struct import *im, const char *key)
{
	size_t i;

	for (i = 0; i < im->nknown; i++)
		if (strcmp(im->known[i].key, key) == 0)
			return &im->known[i];
	im->known = reallocarray(im->known, im->nknown + 1,
	    sizeof(*im->known));
	if (im->known == NULL)
		abort();
	im->known[im->nknown] = (struct known){ arena_text(im->arena, key,
	    strlen(key)), "", false, false };
	return &im->known[im->nknown++];
}

static const char *
host_key(struct import *im, const struct aik_host *host)
{
	return arena_printf(im->arena, "%s\t%s\t%s", host->prefix, host->form,
	    host->id);
}

static void
known_before(struct import *im)
{
	struct known *known;
	struct table t;
	struct row row;
	size_t off = 0;

	table_open(&t, "data/authorities.tsv",
	    "prefix\tform\tid\tstate\tissuer\n");
	while (table_next(&t, &off, &row)) {
		known = known_find(im, arena_printf(im->arena,
		    "%.*s\t%.*s\t%.*s", (int)row.col[0].n, row.col[0].p,
		    (int)row.col[1].n, row.col[1].p, (int)row.col[2].n,
		    row.col[2].p));
		known->before = true;
		known->issuer = arena_text(im->arena, row.col[4].p,
		    row.col[4].n);
	}
}

/* AIK CAs by the names of their files and their own; how many there are. */
static size_t
known_present(struct import *im)
{
	const struct item *file, *cert;
	const struct fact *name;
	struct aik_host host;
	size_t n = 0;

	for (file = ev_first(im->ev, ITEM_FILE); file != NULL;
	    file = file->next) {
		name = item_fact(file, &file_name);
		if (name == NULL || !aik_file_parse(name->value.p,
		    name->value.n, &host))
			continue;
		known_find(im, host_key(im, &host))->present = true;
		n++;
	}
	for (cert = ev_first(im->ev, ITEM_CERTIFICATE); cert != NULL;
	    cert = cert->next) {
		name = item_fact(cert, &cert_cn);
		if (name == NULL || !aik_file_parse(name->value.p,
		    name->value.n, &host))
			continue;
		known_find(im, host_key(im, &host))->present = true;
		n++;
	}
	return n;
}

/* ---- the log ---- */

static void
on_change(void *ctx, const struct log_change *change)
{
	struct import *im = ctx;
	struct aik_host host;
	struct later *later;

	if (change->date > im->to)
		im->to = change->date;
	log_files_add(im->arena, &im->files, change);
	if (change->date <= im->was.to ||
	    !aik_file_parse(change->file.p, change->file.n, &host))
		return;
	im->later = reallocarray(im->later, im->nlater + 1,
	    sizeof(*im->later));
	if (im->later == NULL)
		abort();
	later = &im->later[im->nlater];
	*later = (struct later){ host_key(im, &host), change->date,
	    change->action, im->nlater };
	im->nlater++;
	(void)known_find(im, later->key);
}

static void
on_odd(void *ctx, size_t line, struct str text, const char *why)
{
	struct import *im = ctx;

	lines_add(&im->odd, arena_printf(im->arena, "  %6zu  %.*s (%s)", line,
	    text.n < 200 ? (int)text.n : 200, text.p, why));
}

/* version.txt, wherever it lies. */
static bool
log_read(struct import *im)
{
	static const struct change_log_ops ops = {
		.change = on_change, .odd = on_odd
	};
	const struct item *file;
	const struct fact *name;
	const struct blob *b;

	for (file = ev_first(im->ev, ITEM_FILE); file != NULL;
	    file = file->next) {
		name = item_fact(file, &file_name);
		if (name == NULL || name->value.n != 11 ||
		    strncasecmp(name->value.p, "version.txt", 11) != 0 ||
		    file->at.blob == BLOB_NONE)
			continue;
		b = ev_blob(im->ev, file->at.blob);
		if (b->p == NULL || b->n < b->full)
			continue;
		change_log_read((const char *)b->p, b->n, &ops, im);
		return true;
	}
	return false;
}

/* ---- dated changes ---- */

static bool
ends(enum log_action action)
{
	return action == LOG_REMOVE || action == LOG_RENAME_AWAY;
}

/* By authority and day; on a day as far apart as `present` wants it. */
static int
later_compare(const void *a, const void *b)
{
	const struct later *x = a, *y = b;
	int d = strcmp(x->key, y->key);

	if (d != 0)
		return d;
	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void
event_add(struct import *im, struct lines *lines, const char *key,
    int64_t date, unsigned int step, enum log_action action)
{
	lines_add(lines, arena_printf(im->arena, "%s\t%s\t%u\t%s", key,
	    day_text(im->arena, date), step, log_action_names[action]));
	im->nadded++;
}

static const char *
key_name(struct import *im, const char *key)
{
	char *name = arena_text(im->arena, key, strlen(key));

	for (char *p = name; *p != '\0'; p++)
		if (*p == '\t')
			*p = '-';
	return name;
}

/*
 * One day of one authority: each action once, in the order after which the
 * authority is there or is not, as the day ended.
 */
static void
day_add(struct import *im, struct lines *lines, const struct later *v,
    size_t n)
{
	bool seen[LOG_RENAME_HERE + 1] = { false };
	bool listed = !ends(v[n - 1].action);
	unsigned int step = 1;
	size_t i;
	int pass;

	for (i = 0; i < n; i++)
		seen[v[i].action] = true;
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
			if (seen[i] && ends((enum log_action)i) ==
			    (listed == (pass == 0)))
				event_add(im, lines, v->key, v->date, step++,
				    (enum log_action)i);
}

/* The later changes of one authority, whose last state the cab tells. */
static void
authority_changes(struct import *im, struct lines *lines,
    const struct later *v, size_t n, bool present)
{
	size_t day, i, last = n;

	/* Removals after the last addition took single files only. */
	if (present) {
		while (last > 0 && ends(v[last - 1].action))
			last--;
		if (last < n)
			lines_add(&im->notes, arena_printf(im->arena,
			    "  %s: removals after %s are left out: a "
			    "certificate of it is in the cab",
			    key_name(im, v->key), day_text(im->arena,
			    last > 0 ? v[last - 1].date : im->was.to)));
	}
	for (i = 0; i < last; i = day) {
		for (day = i; day < last && v[day].date == v[i].date; day++)
			continue;
		day_add(im, lines, v + i, day - i);
	}
	if (present || (last > 0 && ends(v[last - 1].action)))
		return;
	event_add(im, lines, v->key, im->to, 9, LOG_REMOVE);
	lines_add(&im->notes, arena_printf(im->arena, "  %s: not in the cab, "
	    "and the log does not say since when; dated %s",
	    key_name(im, v->key), day_text(im->arena, im->to)));
}

/* An authority that the log after the list's end does not name. */
static void
unnamed_change(struct import *im, struct lines *lines,
    const struct known *known)
{
	struct authority_info info;
	char prefix[16], form[8], id[64];

	if (sscanf(known->key, "%15[^\t]\t%7[^\t]\t%63s", prefix, form, id) !=
	    3)
		return;
	authority_at(prefix, form, id, 0, &info);
	if ((info.state == AUTHORITY_LISTED) == known->present)
		return;
	event_add(im, lines, known->key, im->to, 1, known->present ? LOG_ADD :
	    LOG_REMOVE);
	lines_add(&im->notes, arena_printf(im->arena, "  %s: %s in the cab, "
	    "and the log does not say since when; dated %s",
	    key_name(im, known->key), known->present ? "new" : "no longer",
	    day_text(im->arena, im->to)));
}

static void
events_write(struct import *im, FILE *f)
{
	static const char columns[] = "prefix\tform\tid\tdate\tstep\taction\n";
	struct lines lines = { NULL, 0 };
	struct table t;
	const char *end;
	size_t off = 0, start, i, n;

	table_open(&t, "data/authority-events.tsv", columns);
	for (start = 0; start < t.n; start = off) {
		end = memchr(t.p + start, '\n', t.n - start);
		off = end == NULL ? t.n : (size_t)(end - t.p) + 1;
		lines_add(&lines, arena_text(im->arena, t.p + start,
		    off - start - (end != NULL)));
	}
	if (im->nlater > 0)
		qsort(im->later, im->nlater, sizeof(*im->later),
		    later_compare);
	for (i = 0; i < im->nlater; i += n) {
		for (n = 1; i + n < im->nlater &&
		    strcmp(im->later[i + n].key, im->later[i].key) == 0; n++)
			continue;
		authority_changes(im, &lines, im->later + i, n,
		    known_find(im, im->later[i].key)->present);
	}
	for (i = 0; i < im->nknown; i++) {
		for (n = 0; n < im->nlater; n++)
			if (strcmp(im->later[n].key, im->known[i].key) == 0)
				break;
		if (n == im->nlater)
			unnamed_change(im, &lines, &im->known[i]);
	}
	table_write("authority-events.tsv", columns, &lines, f);
	free(lines.v);
}

/* ---- the other tables ---- */

static void
authorities_write(struct import *im, const struct issuers *issuers, FILE *f)
{
	struct lines lines = { NULL, 0 };
	const struct known *k;
	size_t i;

	for (i = 0; i < im->nknown; i++) {
		k = &im->known[i];
		lines_add(&lines, arena_printf(im->arena, "%s\t%s\t%s", k->key,
		    k->present ? "listed" : "removed", *k->issuer != '\0' ?
		    k->issuer : issuers_subject(issuers, k->key)));
	}
	table_write("authorities.tsv", "prefix\tform\tid\tstate\tissuer\n",
	    &lines, f);
	free(lines.v);
}

static void
lists_write(struct import *im, FILE *f)
{
	struct lines lines = { NULL, 0 };
	struct table t;
	struct row row;
	size_t off = 0;

	table_open(&t, "data/lists.tsv", "list\tfrom\tto\tsource\n");
	while (table_next(&t, &off, &row)) {
		if (str_is(row.col[0], "authorities"))
			continue;
		lines_add(&lines, arena_printf(im->arena,
		    "%.*s\t%.*s\t%.*s\t%.*s", (int)row.col[0].n, row.col[0].p,
		    (int)row.col[1].n, row.col[1].p, (int)row.col[2].n,
		    row.col[2].p, (int)row.col[3].n, row.col[3].p));
	}
	lines_add(&lines, arena_printf(im->arena, "authorities\t%s\t%s\t"
	    "version.txt in TrustedTpm.cab", day_text(im->arena,
	    im->was.from), day_text(im->arena, im->to)));
	table_write("lists.tsv", "list\tfrom\tto\tsource\n", &lines, f);
	free(lines.v);
}

static void
report_write(struct import *im, const struct issuers *issuers, FILE *f)
{
	char *text = NULL;
	size_t n = 0, i, fresh = 0, gone = 0;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		abort();
	for (i = 0; i < im->nknown; i++) {
		fresh += !im->known[i].before;
		gone += !im->known[i].present;
	}
	(void)fprintf(out, "list: %s to %s (was to %s)\n"
	    "authorities: %zu, %zu of them new, %zu removed by now\n"
	    "changes: %zu new\nissuers: %zu new, %zu re-issues new\n",
	    day_text(im->arena, im->was.from), day_text(im->arena, im->to),
	    day_text(im->arena, im->was.to), im->nknown, fresh, gone,
	    im->nadded, issuers->nnew, issuers->nreissues);
	if (im->notes.n > 0)
		(void)fprintf(out, "where log and certificates differ:\n");
	lines_print(im->arena, &im->notes, out);
	if (issuers->notes.n > 0)
		(void)fprintf(out, "certificates that were left out:\n");
	lines_print(im->arena, &issuers->notes, out);
	if (im->odd.n > 0)
		(void)fprintf(out, "lines of version.txt that were not "
		    "understood:\n");
	lines_print(im->arena, &im->odd, out);
	if (fclose(out) != 0)
		abort();
	(void)fprintf(f, "@report %zu\n", n);
	(void)fwrite(text, 1, n, f);
	free(text);
}

int
import_emit(struct evidence *ev, const struct judgement *judgement, FILE *f,
    void *arg)
{
	struct import im = { .ev = ev, .arena = ev_arena(ev) };
	struct issuers issuers = { .n = 0 };

	(void)judgement;
	(void)arg;
	authority_list(&im.was);
	known_before(&im);
	if (!log_read(&im))
		(void)fputs("!there is no version.txt in it", f);
	else if (known_present(&im) == 0)
		(void)fputs("!there is no certificate of an AIK authority in "
		    "it", f);
	else if (im.to < im.was.to)
		(void)fprintf(f, "!its log ends on %s, before the list in "
		    "use, which ends on %s", day_text(im.arena, im.to),
		    day_text(im.arena, im.was.to));
	else {
		issuers_read(ev, &im.files, im.to, &issuers);
		events_write(&im, f);
		authorities_write(&im, &issuers, f);
		lists_write(&im, f);
		table_write("issuers.tsv", ISSUERS_COLUMNS, &issuers.rows, f);
		table_write("reissues.tsv", REISSUES_COLUMNS,
		    &issuers.reissues, f);
		report_write(&im, &issuers, f);
	}
	issuers_clear(&issuers);
	free(im.known);
	free(im.later);
	free(im.odd.v);
	free(im.notes.v);
	free(im.files.v);
	return ferror(f) ? -1 : 0;
}
