/*
 * Excerpts of the cited bytes, as hex and text, and the links to them.
 * Relies on the chain of blobs: a slice is shown in the bytes of the member or
 * step that it is part of, as its citation counts.
 */
#include <string.h>

#include "report/html.h"

#define ROW		16
#define ROWS_AROUND	1	/* of 16 bytes before and after */
#define ROWS_MAX	20

#define PROOFS_SHOWN	5
#define SUPPORTS_SHOWN	3

static size_t
excerpt_number(struct html *html, const struct proof *proof)
{
	const struct proof	*other;
	size_t			 i;

	for (i = 0; i < html->excerpts.n; i++) {
		other = html->excerpts.v[i];
		if (other->span.blob == proof->span.blob &&
		    other->span.off == proof->span.off &&
		    other->span.len == proof->span.len)
			return i + 1;
	}
	list_add(ev_arena(html->model->ev), &html->excerpts,
	    (void *)(uintptr_t)proof);
	return html->excerpts.n;
}

void
html_cite(struct html *html, const struct proof *proof)
{
	html_raw(html, "<a href=\"#b%zu\">", excerpt_number(html, proof));
	html_str(html->f, model_brief(html->model,
	    citation_text(html->model, &proof->at)));
	html_raw(html, "</a>");
}

static void
html_proof(struct html *html, const struct proof *proof)
{
	size_t	k;

	html_raw(html, "<li>");
	if (proof->fact == NULL) {
		html_raw(html, "Not shown by bytes: ");
		html_str(html->f, proof->gap);
		html_raw(html, "</li>\n");
		return;
	}
	html_code(html, proof->field);
	html_raw(html, " = ");
	html_code(html, html_short(html, proof->value, 300));
	html_raw(html, " %s", proof->derived ? "computed from " : "at ");
	html_cite(html, proof);
	for (k = 0; k < proof->supports.n; k++) {
		if (k == SUPPORTS_SHOWN) {
			html_raw(html, " and %zu more",
			    proof->supports.n - k);
			break;
		}
		html_raw(html, "%s", k == 0 ?
		    " <span class=\"soft\">shows " : ", ");
		html_str(html->f, proof->supports.v[k]);
	}
	if (proof->supports.n > 0)
		html_raw(html, "</span>");
	html_raw(html, "</li>\n");
}

void
html_proofs(struct html *html, const struct list *proofs, const char *whole)
{
	bool	folded = false;
	size_t	i;

	html_raw(html, "<ul class=\"proof\">\n");
	for (i = 0; i < proofs->n; i++) {
		/* One more than fits is shown rather than announced. */
		if (i == PROOFS_SHOWN && proofs->n > PROOFS_SHOWN + 1) {
			if (whole != NULL) {
				html_raw(html, "<li><a href=\"#f-");
				html_str(html->f, whole);
				html_raw(html, "\">%zu more</a></li>\n",
				    proofs->n - i);
				break;
			}
			html_raw(html, "</ul>\n<details><summary>%zu more"
			    "</summary>\n<ul class=\"proof\">\n",
			    proofs->n - i);
			folded = true;
		}
		html_proof(html, proofs->v[i]);
	}
	html_raw(html, "</ul>%s\n", folded ? "</details>" : "");
}

static void
hex_row(const struct html *html, const struct blob *b, size_t row, size_t from,
    size_t to)
{
	bool	marked = false, mark;
	size_t	i;
	char	c;

	html_raw(html, "%08zx ", row);
	for (i = row; i < row + ROW; i++) {
		mark = i < b->n && i >= from && i < to;
		if (marked && !mark)
			html_raw(html, "</mark>");
		html_raw(html, i % ROW == 8 ? "  " : " ");
		if (mark && !marked)
			html_raw(html, "<mark>");
		marked = mark;
		if (i < b->n)
			html_raw(html, "%02x", b->p[i]);
		else
			html_raw(html, "  ");
	}
	html_raw(html, "%s  ", marked ? "</mark>" : "");
	marked = false;
	for (i = row; i < row + ROW && i < b->n; i++) {
		mark = i >= from && i < to;
		if (mark != marked)
			html_raw(html, mark ? "<mark>" : "</mark>");
		marked = mark;
		c = b->p[i] >= 0x20 && b->p[i] < 0x7f ? (char)b->p[i] : '.';
		html_text(html->f, &c, 1);
	}
	html_raw(html, "%s\n", marked ? "</mark>" : "");
}

static void
excerpt_rows(const struct html *html, const struct proof *proof)
{
	struct span		 at = ev_origin(html->model->ev, proof->span);
	const struct blob	*b = ev_blob(html->model->ev, at.blob);
	size_t			 off = at.off, row, end, rows = 0;

	if (b->p == NULL || off > b->n || at.len > b->n - off) {
		html_raw(html, "<p class=\"soft\">These bytes were not kept; "
		    "they stand in the input at this place.</p>\n");
		return;
	}
	row = off / ROW;
	row = row > ROWS_AROUND ? (row - ROWS_AROUND) * ROW : 0;
	end = off + at.len;
	html_raw(html, "<div class=\"scroll\"><pre tabindex=\"0\" "
	    "aria-label=\"bytes in hexadecimal and as text\">");
	for (; row < b->n && row < end + ROWS_AROUND * ROW; row += ROW) {
		if (rows++ == ROWS_MAX) {
			html_raw(html, "... %zu bytes more\n", end - row);
			break;
		}
		hex_row(html, b, row, off, end);
	}
	html_raw(html, "</pre></div>\n");
}

void
html_excerpts(struct html *html)
{
	const struct proof	*proof;
	size_t			 i;

	if (html->excerpts.n == 0)
		return;
	html_raw(html, "<section id=\"bytes\"><h2>The bytes behind the "
	    "claims</h2>\n<p class=\"soft\">Offsets count in the member that "
	    "is named, after the steps in parentheses. The cited bytes are "
	    "marked.</p>\n");
	for (i = 0; i < html->excerpts.n; i++) {
		proof = html->excerpts.v[i];
		html_raw(html, "<article id=\"b%zu\"><h3>", i + 1);
		html_str(html->f, citation_text(html->model, &proof->at));
		html_raw(html, "</h3>\n<p>");
		html_code(html, proof->field);
		html_raw(html, " = ");
		html_code(html, html_short(html, proof->value, 1000));
		html_raw(html, "</p>\n");
		excerpt_rows(html, proof);
		html_raw(html, "</article>\n");
	}
	html_raw(html, "</section>\n");
}
