/*
 * The evidence browser: excerpts of the cited bytes as hex and text, by file
 * and place, with the way to each through the structure that it stands in.
 * Relies on html_place.c for that way, and on the facts that name what must
 * not be shown.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/secret.h"
#include "parsers/fields.h"
#include "report/html.h"

#define ROW		16
#define ROWS_AROUND	1	/* of 16 bytes before and after */
#define ROWS_MAX	20
#define LOOK_BACK	8192	/* bytes in which a secret's name may stand */
#define LOOK_ON		256

/* ---- what is not shown ---- */

static bool
fact_hidden(const struct fact *fact)
{
	if (fact->at.blob == BLOB_NONE)
		return false;
	return fact->field->personal || (fact->field == &http_header &&
	    fact->key != NULL && secret_header(fact->key));
}

/* Ranges of these bytes that are hidden; marks them in shown[0..n-1]. */
static void
hide(const struct html *html, struct span part, bool *hidden)
{
	const struct span	*s;
	size_t			 i, k;

	for (i = 0; i < html->hidden.n; i++) {
		s = html->hidden.v[i];
		if (s->blob != part.blob || s->off >= part.off + part.len ||
		    s->off + s->len <= part.off)
			continue;
		for (k = 0; k < part.len; k++)
			if (part.off + k >= s->off &&
			    part.off + k < s->off + s->len)
				hidden[k] = true;
	}
}

static void
hidden_collect(struct html *html)
{
	struct evidence		*ev = html->model->ev;
	const struct item	*item;
	const struct fact	*fact;
	struct span		*s;
	unsigned int		 kind;

	for (kind = 0; kind < ITEM_KIND_COUNT; kind++)
		for (item = ev_first(ev, kind); item != NULL;
		    item = item->next)
			for (fact = item->facts; fact != NULL;
			    fact = fact->next) {
				if (!fact_hidden(fact))
					continue;
				s = arena_alloc(ev_arena(ev), sizeof(*s));
				*s = ev_origin(ev, fact->at);
				if (fact->derived && s->len > 4096)
					continue;
				list_add(ev_arena(ev), &html->hidden, s);
			}
}

/* What is secret in the bytes of some rows and before them. */
struct mask {
	bool		*hidden;	/* of the bytes from `off` on */
	size_t		 off, n;
};

static bool
mask_make(const struct html *html, const struct blob *b, size_t off,
    struct mask *ret)
{
	size_t end = off + (ROWS_MAX + 1) * ROW + LOOK_ON;

	ret->off = off > LOOK_BACK ? off - LOOK_BACK : 0;
	ret->n = (end < b->n ? end : b->n) - ret->off;
	ret->hidden = arena_alloc(ev_arena(html->model->ev), ret->n + 1);
	return secret_mark(b->p + ret->off, ret->n, ret->hidden);
}

/* ---- hex and text ---- */

struct row {
	const struct blob *blob;
	size_t		 off;
	size_t		 from, to;	/* the cited bytes */
	bool		 hidden[ROW];
};

static bool
row_marks(const struct row *row, size_t i)
{
	return row->off + i < row->blob->n && row->off + i >= row->from &&
	    row->off + i < row->to;
}

static void
hex_row(const struct html *html, const struct row *row)
{
	const struct blob	*b = row->blob;
	bool			 marked = false, mark;
	size_t			 i;
	char			 c;

	html_raw(html, "%08zx ", row->off);
	for (i = 0; i < ROW; i++) {
		mark = row_marks(row, i);
		if (marked && !mark)
			html_raw(html, "</mark>");
		html_raw(html, i == ROW / 2 ? "  " : " ");
		if (mark && !marked)
			html_raw(html, "<mark>");
		marked = mark;
		if (row->off + i >= b->n)
			html_raw(html, "  ");
		else if (row->hidden[i])
			html_raw(html, "--");
		else
			html_raw(html, "%02x", b->p[row->off + i]);
	}
	html_raw(html, "%s  ", marked ? "</mark>" : "");
	marked = false;
	for (i = 0; i < ROW && row->off + i < b->n; i++) {
		mark = row_marks(row, i);
		if (mark != marked)
			html_raw(html, mark ? "<mark>" : "</mark>");
		marked = mark;
		c = (char)b->p[row->off + i];
		if (row->hidden[i])
			c = '-';
		else if (c < 0x20 || c >= 0x7f)
			c = '.';
		html_text(html->f, &c, 1);
	}
	html_raw(html, "%s\n", marked ? "</mark>" : "");
}

static void
excerpt_rows(const struct html *html, const struct excerpt *e)
{
	const struct blob	*b = ev_blob(html->model->ev, e->span.blob);
	struct row		 row = { .blob = b, .from = e->span.off,
				     .to = e->span.off + e->span.len };
	struct mask		 mask;
	size_t			 rows = 0, i;
	bool			 secret;

	if (b->p == NULL || row.from > b->n || e->span.len > b->n - row.from) {
		html_raw(html, "<p class=\"soft\">These bytes were not kept; "
		    "they stand in the input at this place.</p>\n");
		return;
	}
	row.off = row.from / ROW;
	row.off = row.off > ROWS_AROUND ? (row.off - ROWS_AROUND) * ROW : 0;
	secret = mask_make(html, b, row.off, &mask);
	html_raw(html, "<div class=\"scroll\"><pre class=\"hex\" "
	    "tabindex=\"0\" role=\"group\" aria-label=\"Bytes of excerpt "
	    "%zu\">", e->number);
	for (; row.off < b->n && row.off < row.to + ROWS_AROUND * ROW;
	    row.off += ROW) {
		if (rows++ == ROWS_MAX) {
			if (row.off < row.to)
				html_raw(html, "... %zu cited bytes more\n",
				    row.to - row.off);
			break;
		}
		memset(row.hidden, 0, sizeof(row.hidden));
		hide(html, (struct span){ b->id, row.off, ROW }, row.hidden);
		for (i = 0; i < ROW && row.off - mask.off + i < mask.n; i++)
			row.hidden[i] |= mask.hidden[row.off - mask.off + i];
		hex_row(html, &row);
	}
	html_raw(html, "</pre></div>\n");
	if (secret)
		html_raw(html, "<p class=\"soft\">Credentials in or near "
		    "these bytes are dashes.</p>\n");
}

/* ---- one excerpt ---- */

static void
excerpt_claims(const struct html *html, const struct excerpt *e)
{
	const struct proof	*proof;
	size_t			 i;

	html_raw(html, "<ul class=\"proof\">\n");
	for (i = 0; i < e->claims.n; i++) {
		proof = e->claims.v[i];
		html_raw(html, "<li>");
		html_code(html, proof->field);
		html_raw(html, " %s ", proof->derived ? "computed:" : "=");
		html_code(html, html_short(html, proof->value, 1000));
		if (proof->fact != NULL) {
			html_raw(html, " <span class=\"soft\">");
			html_str(html->f, proof->fact->field->help);
			html_raw(html, "</span>");
		}
		html_raw(html, "</li>\n");
	}
	html_raw(html, "</ul>\n");
}

static void
excerpt_show(struct html *html, const struct excerpt *e)
{
	const char	*place = html_place(html, e->first);

	html_raw(html, "<article id=\"b%zu\"%s><h4>", e->number,
	    e->minor ? " class=\"minor\"" : "");
	html_str(html->f, citation_text(html->model, &e->at));
	html_raw(html, "</h4>\n");
	if (place != NULL) {
		html_raw(html, "<p class=\"place\">");
		html_str(html->f, place);
		html_raw(html, "</p>\n");
	}
	excerpt_claims(html, e);
	excerpt_rows(html, e);
	html_raw(html, "<p class=\"back\"><a href=\"#r%zu\">Back to the claim"
	    "</a></p>\n</article>\n", e->number);
}

static int
excerpt_compare(const void *a, const void *b)
{
	const struct excerpt	*x = *(void *const *)a, *y = *(void *const *)b;

	if (x->at.input != y->at.input)
		return x->at.input < y->at.input ? -1 : 1;
	if (x->span.blob != y->span.blob)
		return x->span.blob < y->span.blob ? -1 : 1;
	if (x->span.off != y->span.off)
		return x->span.off < y->span.off ? -1 : 1;
	return (x->span.len > y->span.len) - (x->span.len < y->span.len);
}

/* What all excerpts of a group stand in: the citation without its range. */
static const char *
group_name(const struct html *html, const struct excerpt *e)
{
	const char	*text = citation_text(html->model, &e->at), *at, *end;

	at = strrchr(text, '@');
	if (at == NULL)
		return text;
	end = at + 1 + strspn(at + 1, "0123456789+");
	return arena_printf(ev_arena(html->model->ev), "%.*s%s",
	    (int)(at - text), text, end);
}

static void
groups_list(const struct html *html)
{
	const struct excerpt	*e;
	size_t			 i, k, groups = 0;

	html_raw(html, "<nav aria-label=\"Files of the excerpts\"><ul>\n");
	for (i = 0; i < html->excerpts.n; i = k) {
		e = html->excerpts.v[i];
		for (k = i; k < html->excerpts.n && ((struct excerpt *)
		    html->excerpts.v[k])->span.blob == e->span.blob;)
			k++;
		html_raw(html, "<li><a href=\"#g%zu\">", ++groups);
		html_str(html->f, model_brief(html->model,
		    group_name(html, e)));
		html_raw(html, "</a> <span class=\"soft\">%zu</span></li>\n",
		    k - i);
	}
	html_raw(html, "</ul></nav>\n");
}

void
html_excerpts(struct html *html)
{
	const struct excerpt	*e;
	uint32_t		 blob = BLOB_NONE;
	size_t			 i, groups = 0;

	if (html->excerpts.n == 0)
		return;
	hidden_collect(html);
	qsort(html->excerpts.v, html->excerpts.n, sizeof(*html->excerpts.v),
	    excerpt_compare);
	html_raw(html, "<section id=\"bytes\"><h2>The bytes behind the "
	    "claims</h2>\n<p class=\"soft\">Every link of this report leads "
	    "to one of these excerpts. The cited bytes are marked; offsets "
	    "count in the file that is named, after the steps in "
	    "parentheses.%s</p>\n", html->hidden.n == 0 ? "" :
	    " Dashes stand for names of persons and machines and for "
	    "credentials.");
	html_raw(html, "<p class=\"soft paper\">On paper stand those that "
	    "findings rest on.</p>\n");
	groups_list(html);
	for (i = 0; i < html->excerpts.n; i++) {
		e = html->excerpts.v[i];
		if (e->span.blob != blob) {
			html_raw(html, "<h3 id=\"g%zu\">", ++groups);
			html_str(html->f, model_brief(html->model,
			    group_name(html, e)));
			html_raw(html, "</h3>\n");
			blob = e->span.blob;
		}
		excerpt_show(html, e);
	}
	html_raw(html, "</section>\n");
}
