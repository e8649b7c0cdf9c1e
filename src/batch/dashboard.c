/*
 * The page of a batch: takes the cases in and writes counts, causes over time,
 * clusters and a table whose rows open reports.  All of it is one file that
 * needs no network, and without scripts the first cases can be read.
 * Relies on dashboard.h and html_page.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "batch/dashboard.h"
#include "batch/pages.h"
#include "command.h"
#include "judge/judge.h"
#include "log.h"
#include "report/html_page.h"

/* ---- cases ---- */

static int
chunk_begin(struct dashboard *d)
{
	words_init(&d->chunk_words);
	d->chunk_f = open_memstream(&d->chunk, &d->chunk_n);
	return d->chunk_f == NULL ? -1 : 0;
}

/* The chunk of reports that is full, or the last one. */
static int
chunk_end(struct dashboard *d)
{
	int rc = fclose(d->chunk_f) != 0 ? -1 : 0;

	d->chunk_f = NULL;
	(void)fprintf(d->reports, "<script type=\"application/json\" "
	    "id=\"reports-%zu\">{\"words\":", (d->n - 1) / DASH_CHUNK);
	script_words(d->reports, &d->chunk_words);
	(void)fputs(",\"reports\":[\n", d->reports);
	(void)fwrite(d->chunk, 1, d->chunk_n, d->reports);
	(void)fputs("]}</script>\n", d->reports);
	free(d->chunk);
	d->chunk = NULL;
	words_clear(&d->chunk_words);
	return rc == -1 || ferror(d->reports) ? -1 : 0;
}

struct dashboard *
dashboard_new(const struct summary_output *to)
{
	struct dashboard *d = calloc(1, sizeof(*d));
	char *pages = NULL;

	if (to->pages != NULL &&
	    (pages = pages_link(to->pages, to->path)) == NULL) {
		free(d);
		return NULL;
	}

	if (d == NULL || (d->reports = tmpfile()) == NULL ||
	    fcntl(fileno(d->reports), F_SETFD, FD_CLOEXEC) == -1) {
		log_error("no temporary file: %s", strerror(errno));
		if (d != NULL && d->reports != NULL)
			fclose(d->reports);
		free(pages);
		free(d);
		return NULL;
	}
	words_init(&d->words);
	d->version = PACKAGE_VERSION;
	d->pages = pages;
	return d;
}

void
dashboard_free(struct dashboard *d)
{
	if (d == NULL)
		return;
	if (d->chunk_f != NULL) {
		fclose(d->chunk_f);
		free(d->chunk);
	}
	words_clear(&d->chunk_words);
	words_clear(&d->words);
	fclose(d->reports);
	free(d->pages);
	free(d->v);
	free(d);
}

static struct dash_case *
case_room(struct dashboard *d)
{
	if (d->n == d->room) {
		d->room = d->room == 0 ? 256 : 2 * d->room;
		d->v = reallocarray(d->v, d->room, sizeof(*d->v));
		if (d->v == NULL) {
			log_error("out of memory");
			exit(EXIT_INCOMPLETE);
		}
	}
	return &d->v[d->n++];
}

/* Bytes that are no UTF-8 as NDJSON has them, so that shards are the same. */
static const char *
path_of(struct arena *arena, const char *path)
{
	struct row_cell cells[ROW_COLUMNS];
	struct row row = { .arena = arena };
	struct row_reader r = { .n = 0 };
	enum row_table table;
	char *bytes = NULL;
	const char *text = "";

	if ((row.f = open_memstream(&bytes, &r.n)) == NULL)
		abort();
	if (row_begin(&row, ROW_ESCALATION))
		row_put_text(&row, path);
	if (fclose(row.f) != 0)
		abort();
	r.p = (const uint8_t *)bytes;
	if (row_next(&r, arena, &table, cells))
		text = cells[0].p;
	free(bytes);
	return text;
}

static void
case_take(struct dashboard *d, const struct summary_case *c,
    const struct row_cell *cells, struct arena *arena)
{
	const struct record_head *head = c->result->head;
	struct dash_case *at = case_room(d);
	const char *code = cells[CASE_CODE].p;

	if (*code == '\0' && cells[CASE_HTTP_STATUS].n > 0)
		code = arena_printf(arena, "HTTP %s",
		    cells[CASE_HTTP_STATUS].p);
	*at = (struct dash_case){ .position = c->result->position,
	    .exit_status = head->exit_status, .word = {
		[DASH_PATH] = word_of(&d->words, path_of(arena,
		    c->result->path)),
		[DASH_OUTCOME] = word_of(&d->words, outcome_names[
		    head->outcome >= 0 && head->outcome < 3 ? head->outcome :
		    OUTCOME_UNDETERMINED]),
		[DASH_CAUSE] = word_of(&d->words, cells[CASE_CAUSE].p),
		[DASH_STAGE] = word_of(&d->words, cells[CASE_STAGE].p),
		[DASH_CODE] = word_of(&d->words, code),
		[DASH_VENDOR] = word_of(&d->words, cells[CASE_VENDOR].p),
		[DASH_CA] = word_of(&d->words, cells[CASE_CA].n > 0 ?
		    cells[CASE_CA].p : cells[CASE_AUTHORITY].p),
		[DASH_FAMILY] = word_of(&d->words, cells[CASE_FAMILY].p),
		[DASH_TIME] = word_of(&d->words, cells[CASE_TIME].p)
	    } };
	if (d->n <= DASH_STATIC)
		at->sentence = word_of(&d->words, cells[CASE_SENTENCE].p);
	if (head->outcome >= 0 && head->outcome < 3)
		d->outcomes[head->outcome]++;
	d->died += head->died[0] != '\0';
	d->incomplete += head->exit_status == EXIT_INCOMPLETE;
}

int
dashboard_add(struct dashboard *d, const struct summary_case *c)
{
	struct row_reader r = { .p = c->row, .n = c->row_n };
	struct row_cell cells[ROW_COLUMNS];
	struct arena *arena = arena_new();
	enum row_table table;
	int rc = -1;

	if (row_next(&r, arena, &table, cells) && table == ROW_CASE) {
		case_take(d, c, cells, arena);
		rc = d->chunk_f == NULL ? chunk_begin(d) : 0;
	}
	arena_free(arena);
	if (rc == 0 && d->n % DASH_CHUNK != 1)
		(void)fputs(",\n", d->chunk_f);
	if (rc == 0)
		rc = dashboard_report(&d->chunk_words, c, d->chunk_f);
	if (rc == 0 && d->n % DASH_CHUNK == 0)
		rc = chunk_end(d);
	return rc;
}

/* ---- the page ---- */

static const char *
word_at(const struct dashboard *d, uint32_t number)
{
	return d->words.v[number];
}

static const char *
plural(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static void
put_top(const struct dashboard *d, const struct clusters *clusters, FILE *f)
{
	static const char *const order[] = { [OUTCOME_FAILED] = "failed",
	    [OUTCOME_SUCCEEDED] = "succeeded",
	    [OUTCOME_UNDETERMINED] = "undetermined" };
	size_t nclusters, noutbreaks, i, twice = d->n -
	    clusters_distinct(clusters);
	const struct cluster *const *v = clusters_list(clusters, &nclusters);
	const struct outbreak *worst = clusters_outbreaks(clusters,
	    &noutbreaks);
	char from[16], *text = NULL;

	(void)fprintf(f, "<header class=\"wide\" id=\"top\"><p>");
	for (i = 0; i < 3; i++)
		(void)fprintf(f, "<span class=\"badge %s\">%zu %s</span>\n",
		    order[i], d->outcomes[i], order[i]);
	if (noutbreaks > 0)
		(void)fprintf(f, "<span class=\"badge failed\">%zu %s"
		    "</span>\n", noutbreaks, plural(noutbreaks, "outbreak",
		    "outbreaks"));
	(void)fprintf(f, "</p>\n<h1>%zu %s", d->n, plural(d->n, "case",
	    "cases"));
	if (noutbreaks > 0) {
		calendar_day_text(worst->from, from);
		text = cluster_text(worst->cluster, worst->stem);
		(void)fprintf(f, "; outbreak from %s on: ", from);
	} else if (nclusters > 0) {
		text = cluster_text(v[0], false);
		(void)fprintf(f, "; most often (%zu): ", v[0]->cases);
	}
	html_str(f, text);
	free(text);
	(void)fputs("</h1>\n<p class=\"soft\">", f);
	(void)fprintf(f, "%zu %s of failures. ", nclusters,
	    plural(nclusters, "cluster", "clusters"));
	if (twice > 0)
		(void)fprintf(f, "%zu %s sent before and not counted "
		    "again. ", twice, plural(twice, "case was",
		    "cases were"));
	if (d->incomplete > 0)
		(void)fprintf(f, "Of %zu not all could be read. ",
		    d->incomplete);
	if (d->died > 0)
		(void)fprintf(f, "%zu did not finish. ", d->died);
	(void)fprintf(f, "</p>\n<nav aria-label=\"Parts of the page\"><ul>"
	    "%s<li><a href=\"#causes\">Causes</a></li><li><a href=\"#time\">"
	    "Over time</a></li><li><a href=\"#clusters\">Clusters</a></li>"
	    "<li><a href=\"#cases\">Cases</a></li></ul></nav></header>\n"
	    "<main class=\"wide\" id=\"main\">\n", noutbreaks > 0 ?
	    "<li><a href=\"#outbreaks\">Outbreaks</a></li>" : "");
}

static void
put_outbreaks(const struct clusters *clusters, FILE *f)
{
	const struct outbreak *v, *o;
	char from[16], to[16], peak[16], *text;
	size_t n, i;

	v = clusters_outbreaks(clusters, &n);
	if (n == 0)
		return;
	(void)fputs("<section id=\"outbreaks\"><h2>Outbreaks</h2>\n<ol>\n",
	    f);
	for (i = 0; i < n; i++) {
		o = &v[i];
		calendar_day_text(o->from, from);
		calendar_day_text(o->to, to);
		calendar_day_text(o->peak, peak);
		text = cluster_text(o->cluster, o->stem);
		(void)fprintf(f, "<li id=\"outbreak-%u\"><strong>%s to %s"
		    "</strong>: ", o->number, from, to);
		html_str(f, text);
		(void)fprintf(f, ". %zu %s where %.1f were to be expected; "
		    "%zu on %s. <span class=\"soft\">A chance below 1e%d in a "
		    "batch of this size.</span> <button type=\"button\" "
		    "hidden data-outbreak=\"%u\" aria-label=\"Show outbreak "
		    "%u\">Show</button></li>\n", o->devices,
		    plural(o->devices, "device", "devices"), o->expected,
		    o->peak_devices, peak, o->p_exponent, o->number,
		    o->number);
		free(text);
	}
	(void)fputs("</ol>\n<p class=\"soft\">aiktriage-batch(1) says how "
	    "this is judged.</p></section>\n", f);
}

struct cause {
	uint32_t	 word;
	size_t		 n;
};

static int
by_count(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->word < y->word ? -1 : x->word > y->word;
}

/* A bar of some percent, for the eye alone. */
static void
put_bar(FILE *f, size_t n, size_t all)
{
	(void)fprintf(f, "<td class=\"bars\"><svg viewBox=\"0 0 100 10\" "
	    "preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect "
	    "class=\"bar\" width=\"%.1f\" height=\"10\"/></svg></td>",
	    all == 0 ? 0.0 : 100.0 * (double)n / (double)all);
}

static void
put_causes(const struct dashboard *d, const struct clusters *clusters,
    FILE *f)
{
	static const char *const heads[] = { "Cause", "Cases", "Percent",
	    "" };
	const struct member *members;
	struct cause *counts = calloc(d->words.n, sizeof(*counts));
	size_t i, nmembers, distinct = clusters_distinct(clusters);
	const char *name;

	if (counts == NULL)
		abort();
	members = clusters_members(clusters, &nmembers);
	for (i = 0; i < d->words.n; i++)
		counts[i].word = (uint32_t)i;
	for (i = 0; i < d->n && i < nmembers; i++)
		if (members[i].duplicate_of == 0 &&
		    strcmp(word_at(d, d->v[i].word[DASH_OUTCOME]),
		    "succeeded") != 0)
			counts[d->v[i].word[DASH_CAUSE]].n++;
	qsort(counts, d->words.n, sizeof(*counts), by_count);
	(void)fputs("<section id=\"causes\"><h2>Causes</h2>\n", f);
	html_table(f, "Causes", heads, 4);
	for (i = 0; i < d->words.n && counts[i].n > 0; i++) {
		if (i == DASH_CAUSES) {
			html_table_end(f);
			(void)fputs("<details><summary>Those that are less "
			    "often</summary>\n", f);
			html_table(f, "More causes", heads, 4);
		}
		name = word_at(d, counts[i].word);
		(void)fputs("<tr><th scope=\"row\" class=\"name\">", f);
		html_str(f, *name != '\0' ? name : "no cause found");
		(void)fprintf(f, "</th><td class=\"number\">%zu</td><td "
		    "class=\"number\">%.1f</td>", counts[i].n, distinct == 0 ?
		    0.0 : 100.0 * (double)counts[i].n / (double)distinct);
		put_bar(f, counts[i].n, counts[0].n);
		(void)fputs("</tr>\n", f);
	}
	html_table_end(f);
	if (i > DASH_CAUSES)
		(void)fputs("</details>\n", f);
	(void)fprintf(f, "<p class=\"soft\">Of %zu different attempts; what "
	    "succeeded has no cause.</p></section>\n", distinct);
	free(counts);
}

static void
put_cell(FILE *f, const char *text)
{
	(void)fputs("<td>", f);
	html_str(f, text);
	(void)fputs("</td>", f);
}

static void
put_seen(FILE *f, const struct cluster *cluster, int64_t us)
{
	char buf[40] = "";

	if (cluster->timed > 0)
		time_format(us, buf);
	(void)fprintf(f, "<td class=\"nowrap\">%.10s</td>", buf);
}

static void
put_marks(FILE *f, const struct cluster *cluster)
{
	(void)fprintf(f, "<td><button type=\"button\" hidden data-cluster="
	    "\"%zu\" aria-label=\"Show cluster %zu\">Show</button> ",
	    cluster->number, cluster->number);
	if (cluster->outbreak != NULL)
		(void)fprintf(f, "<a class=\"badge failed\" "
		    "href=\"#outbreak-%u\">outbreak %u</a> ",
		    cluster->outbreak->number, cluster->outbreak->number);
	if (cluster->cases == 1)
		(void)fputs("<span class=\"badge soft\">alone</span> ", f);
	if (cluster->near != NULL)
		(void)fprintf(f, "<span class=\"soft\">differs from %zu "
		    "(%zu cases) in %s</span>", cluster->near->number,
		    cluster->near->cases,
		    signature_names[cluster->near_part]);
	(void)fputs("</td>", f);
}

static void
put_clusters(const struct clusters *clusters, FILE *f)
{
	static const char *const heads[] = { "No.", "Cause", "Cases",
	    "Percent", "Marks", "Stage", "Code", "Vendor", "CA", "Firmware",
	    "Devices known", "First seen", "Last seen" };
	size_t n, i, k, lone = 0, distinct = clusters_distinct(clusters);
	const struct cluster *const *v = clusters_list(clusters, &n), *at;

	for (i = 0; i < n; i++)
		lone += v[i]->cases == 1;
	(void)fputs("<section id=\"clusters\"><h2>Clusters of the same "
	    "failure</h2>\n", f);
	html_table(f, "Clusters", heads, sizeof(heads) / sizeof(heads[0]));
	for (i = 0; i < n && i < DASH_CLUSTERS; i++) {
		at = v[i];
		(void)fprintf(f, "<tr id=\"cluster-%zu\"><td>%zu</td><th "
		    "scope=\"row\" class=\"name\">", i + 1, i + 1);
		html_str(f, *at->part[SIGNATURE_CAUSE] != '\0' ?
		    at->part[SIGNATURE_CAUSE] : "no cause found");
		(void)fputs("</th>", f);
		(void)fprintf(f, "<td class=\"number\">%zu%s</td><td "
		    "class=\"number\">%.1f</td>", at->cases,
		    at->duplicates > 0 ? "*" : "", distinct == 0 ? 0.0 :
		    100.0 * (double)at->cases / (double)distinct);
		put_marks(f, at);
		for (k = SIGNATURE_STAGE; k < SIGNATURE_COUNT; k++)
			put_cell(f, at->part[k]);
		(void)fprintf(f, "<td class=\"number\">%zu</td>",
		    at->devices);
		put_seen(f, at, at->first);
		put_seen(f, at, at->last);
		(void)fputs("</tr>\n", f);
	}
	html_table_end(f);
	(void)fprintf(f, "<p class=\"soft\">%zu of %zu %s alone.%s "
	    "* without those that were sent before.</p></section>\n", lone, n,
	    plural(n, "cluster is", "clusters are"), n > DASH_CLUSTERS ?
	    " The smaller ones can be found in the table of cases." : "");
}

/* Rows that are there without scripts. */
static void
put_static(const struct dashboard *d, FILE *f)
{
	static const char *const heads[] = { "No.", "Case", "Outcome",
	    "Cause", "What happened", "Time (UTC)" };
	const struct dash_case *at;
	size_t i;

	(void)fprintf(f, "<div id=\"static\"><p class=\"soft\">%s%zu of %zu "
	    "cases%s</p>\n", d->n > DASH_STATIC ? "The first " : "",
	    d->n > DASH_STATIC ? (size_t)DASH_STATIC : d->n, d->n,
	    d->n > DASH_STATIC ? "; a browser that runs scripts shows all, "
	    "with their reports." : ".");
	html_table(f, "Cases", heads, sizeof(heads) / sizeof(heads[0]));
	for (i = 0; i < d->n && i < DASH_STATIC; i++) {
		at = &d->v[i];
		(void)fprintf(f, "<tr><td>%llu</td><th scope=\"row\" "
		    "class=\"path\">", (unsigned long long)at->position);
		if (d->pages != NULL)
			(void)fprintf(f, "<a href=\"%s" PAGE_NAME "\">",
			    d->pages, (unsigned long long)at->position);
		html_str(f, word_at(d, at->word[DASH_PATH]));
		if (d->pages != NULL)
			(void)fputs("</a>", f);
		(void)fprintf(f, "</th><td class=\"%s\">",
		    word_at(d, at->word[DASH_OUTCOME]));
		html_str(f, word_at(d, at->word[DASH_OUTCOME]));
		(void)fputs("</td>", f);
		put_cell(f, word_at(d, at->word[DASH_CAUSE]));
		put_cell(f, word_at(d, at->sentence));
		(void)fputs("<td class=\"nowrap\">", f);
		html_str(f, word_at(d, at->word[DASH_TIME]));
		(void)fputs("</td></tr>\n", f);
	}
	html_table_end(f);
	(void)fputs("</div>\n", f);
}

/* First and last day of each outbreak, and the clusters it may be of. */
static void
put_outbreak_data(const struct clusters *clusters, FILE *f)
{
	const struct cluster *const *v;
	const struct outbreak *outbreaks, *o;
	char from[16], to[16];
	const char *comma;
	size_t i, k, n, nclusters;

	v = clusters_list(clusters, &nclusters);
	outbreaks = clusters_outbreaks(clusters, &n);
	(void)fputs("],\n\"outbreaks\":[", f);
	for (i = 0; i < n; i++) {
		o = &outbreaks[i];
		calendar_day_text(o->from, from);
		calendar_day_text(o->to, to);
		(void)fprintf(f, "%s[\"%s\",\"%s\",[", i == 0 ? "" : ",\n",
		    from, to);
		for (comma = "", k = 0; k < nclusters; k++)
			if (v[k] == o->cluster ||
			    (o->stem && v[k]->stem == o->cluster->stem)) {
				(void)fprintf(f, "%s%zu", comma, k + 1);
				comma = ",";
			}
		(void)fputs("]]", f);
	}
}

/* The rows as numbers of words; the script knows the order. */
static void
put_data(const struct dashboard *d, const struct clusters *clusters, FILE *f)
{
	const struct cluster *const *v;
	const struct member *members;
	const struct dash_case *at;
	size_t i, k, n, nmembers;
	char *text;

	v = clusters_list(clusters, &n);
	members = clusters_members(clusters, &nmembers);
	(void)fprintf(f, "<script type=\"application/json\" id=\"data\">"
	    "{\"chunk\":%d,\"pages\":", DASH_CHUNK);
	script_quote(f, d->pages != NULL ? d->pages : "");
	(void)fputs(",\"words\":", f);
	script_words(f, &d->words);
	(void)fputs(",\n\"clusters\":[", f);
	for (i = 0; i < n; i++) {
		text = cluster_text(v[i], false);
		(void)fprintf(f, "%s[%zu,", i == 0 ? "" : ",\n",
		    v[i]->cases);
		script_quote(f, text);
		(void)fputc(']', f);
		free(text);
	}
	put_outbreak_data(clusters, f);
	(void)fputs("],\n\"rows\":[", f);
	for (i = 0; i < d->n && i < nmembers; i++) {
		at = &d->v[i];
		(void)fprintf(f, "%s[%llu", i == 0 ? "" : ",\n",
		    (unsigned long long)at->position);
		for (k = 0; k < DASH_COLUMNS; k++)
			(void)fprintf(f, ",%u", (unsigned int)at->word[k]);
		(void)fprintf(f, ",%zu,%llu,%d]", members[i].cluster != NULL ?
		    members[i].cluster->number : 0,
		    (unsigned long long)members[i].duplicate_of,
		    at->exit_status);
	}
	(void)fputs("]}</script>\n", f);
}

static int
put_reports(struct dashboard *d, FILE *f)
{
	char buffer[65536];
	size_t n;

	rewind(d->reports);
	while ((n = fread(buffer, 1, sizeof(buffer), d->reports)) > 0)
		(void)fwrite(buffer, 1, n, f);
	return ferror(d->reports) ? -1 : 0;
}

int
dashboard_write(struct dashboard *d, const struct clusters *clusters, FILE *f)
{
	char title[64];
	int rc;

	if (d->chunk_f != NULL && chunk_end(d) == -1)
		return -1;
	snprintf(title, sizeof(title), "aiktriage: %zu %s", d->n,
	    plural(d->n, "case", "cases"));
	html_begin_more(f, title, d->version, dashboard_style,
	    dashboard_script);
	put_top(d, clusters, f);
	put_outbreaks(clusters, f);
	put_causes(d, clusters, f);
	dashboard_chart(d, clusters, f);
	put_clusters(clusters, f);
	(void)fputs("<section id=\"cases\"><h2>Cases</h2>\n"
	    "<div id=\"table\" hidden></div>\n", f);
	put_static(d, f);
	(void)fputs("</section>\n</main>\n<footer class=\"wide\"><p>"
	    "aiktriage ", f);
	html_str(f, d->version);
	(void)fputs("</p></footer>\n", f);
	put_data(d, clusters, f);
	rc = put_reports(d, f);
	(void)fprintf(f, "<script>%s</script>\n", dashboard_script);
	html_end(f);
	return rc == -1 || ferror(f) ? -1 : 0;
}
