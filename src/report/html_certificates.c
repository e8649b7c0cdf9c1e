/*
 * The certificates in tables: what stands in each, its paths to a root, how a
 * re-issued one differs, and weak algorithms of the messages.
 * Relies on model.h.
 */
#include "parsers/fields.h"
#include "report/html.h"

#define ROWS_MAX	500

static void
certificate_line(struct html *html, const struct row_certificate *row)
{
	struct arena	*arena = ev_arena(html->model->ev);
	size_t		 i;

	html_raw(html, "<tr id=\"cert%u\"><th scope=\"row\">%u</th>"
	    "<td class=\"nowrap\">", row->number, row->number);
	html_string(html, row->role);
	html_raw(html, "</td><td class=\"id\">");
	if (str_empty(row->subject))
		html_raw(html, "(empty subject)");
	html_value(html, row->at, &cert_subject, row->subject);
	for (i = 0; i < row->problems.n; i++) {
		html_raw(html, "<br><span class=\"warning\">");
		html_str(html->f, row->problems.v[i]);
		html_raw(html, "</span>");
	}
	html_raw(html, "</td><td class=\"id\"><code>");
	html_value(html, row->at, &cert_serial, row->serial);
	html_raw(html, "</code></td><td class=\"nowrap\">");
	if (row->not_before != ABSENT)
		html_value(html, row->at, &cert_not_before,
		    str_of(time_text(arena, row->not_before)));
	html_raw(html, "<br>");
	if (row->not_after != ABSENT)
		html_value(html, row->at, &cert_not_after,
		    str_of(time_text(arena, row->not_after)));
	html_raw(html, "</td><td class=\"id\">");
	if (row->up != NULL)
		html_raw(html, "<a href=\"#cert%u\">number %u</a>",
		    row->up->number, row->up->number);
	else if (str_same(row->issuer, row->subject.p, row->subject.n) &&
	    row->issuer.n == row->subject.n)
		html_value(html, row->at, &cert_issuer, str_of("itself"));
	else
		html_value(html, row->at, &cert_issuer,
		    html_short(html, row->issuer, 120));
	html_raw(html, "</td></tr>\n");
}

static void
certificate_table(struct html *html)
{
	const struct model	*model = html->model;
	size_t			 i;

	html_raw(html, "<h3>What stands in them</h3>\n");
	HTML_TABLE(html, "Certificates", "No.", "Role", "Subject", "Serial",
	    "Valid from, to", "Issued by");
	for (i = 0; i < model->certificates.n && i < ROWS_MAX; i++)
		certificate_line(html, model->certificates.v[i]);
	html_table_end(html->f);
	if (i < model->certificates.n)
		html_raw(html, "<p class=\"soft\">%zu more: see the JSON "
		    "report.</p>\n", model->certificates.n - i);
}

/* ---- paths to a root ---- */

static void
text_list(const struct html *html, const char *before,
    const struct list *texts)
{
	size_t	i;

	for (i = 0; i < texts->n; i++) {
		html_raw(html, "<br>%s ", before);
		html_code(html, html_short(html, str_of(texts->v[i]), 200));
	}
}

static void
path_line(const struct html *html, const struct row_certificate *row)
{
	bool	good = row->complete == TRI_TRUE && row->broken.n == 0;
	size_t	i;

	html_raw(html, "<tr><th scope=\"row\"><a href=\"#cert%u\">%u</a>"
	    "</th><td class=\"%s\">%s</td><td class=\"id\">", row->number,
	    row->number, good ? "ok" : "warning",
	    row->complete == TRI_TRUE ? "complete" :
	    row->complete == TRI_FALSE ? "incomplete" : "cannot be checked");
	for (i = 0; i < row->paths.n; i++) {
		html_raw(html, "%s", i > 0 ? "<br>" : "");
		html_str(html->f, row->paths.v[i]);
	}
	text_list(html, "Missing:", &row->missing);
	text_list(html, "It can be had from", &row->missing_at);
	text_list(html, "The signature is not right of", &row->broken);
	html_raw(html, "</td></tr>\n");
}

static void
path_table(const struct html *html)
{
	const struct row_certificate	*row;
	int64_t				 when = ABSENT;
	bool				 open = false;
	size_t				 i, n = 0;

	for (i = 0; i < html->model->certificates.n; i++) {
		row = html->model->certificates.v[i];
		n += row->paths.n > 0;
		open |= row->paths.n > 0 && (row->complete != TRI_TRUE ||
		    row->broken.n > 0);
		if (when == ABSENT)
			when = row->paths_time;
	}
	if (n == 0)
		return;
	html_raw(html, "<h3>Do the chains end at a root?</h3>\n"
	    "<details%s><summary>%zu certificate%s looked at%s%s</summary>\n",
	    open ? " open" : "", n, n == 1 ? "" : "s",
	    when == ABSENT ? "" : ", as of ", when == ABSENT ? "" :
	    time_text(ev_arena(html->model->ev), when));
	HTML_TABLE(html, "Paths to a root", "No.", "Chain",
	    "Path, from the certificate up to its root");
	for (i = 0; i < html->model->certificates.n; i++) {
		row = html->model->certificates.v[i];
		if (row->paths.n > 0 && n > 0) {
			path_line(html, row);
			n--;
		}
	}
	html_table_end(html->f);
	html_raw(html, "</details>\n");
}

/* ---- twins and weak algorithms ---- */

static void
twin_list(const struct html *html)
{
	const struct row_certificate	*row;
	bool				 any = false;
	size_t				 i, k;

	for (i = 0; i < html->model->certificates.n; i++) {
		row = html->model->certificates.v[i];
		if (row->differs.n == 0)
			continue;
		if (!any)
			html_raw(html, "<h3>Certificates of one name and one "
			    "key</h3>\n");
		any = true;
		html_raw(html, "<p>What <a href=\"#cert%u\">number %u</a> "
		    "says otherwise than the certificate before it:</p>\n"
		    "<ul class=\"proof\">\n", row->number, row->number);
		for (k = 0; k < row->differs.n; k++) {
			html_raw(html, "<li>");
			html_code(html, html_short(html,
			    str_of(row->differs.v[k]), 500));
			html_raw(html, "</li>\n");
		}
		html_raw(html, "</ul>\n");
	}
}

static void
weak_list(struct html *html)
{
	const struct row_weak	*row;
	size_t			 i;

	for (i = 0; i < html->model->weak.n; i++) {
		row = html->model->weak.v[i];
		html_raw(html, "%s<p>", i > 0 ? "" :
		    "<h3>Weak algorithms in the messages</h3>\n");
		html_string(html, row->what);
		html_raw(html, ", in %zu message%s</p>\n", row->messages,
		    row->messages == 1 ? "" : "s");
		html_proofs(html, &row->proofs, NULL);
	}
}

void
html_certificates(struct html *html)
{
	if (html->model->certificates.n == 0 && html->model->weak.n == 0)
		return;
	html_raw(html, "<section id=\"certificates\"><h2>Certificates</h2>\n");
	if (html->model->certificates.n > 0) {
		html_chains(html);
		certificate_table(html);
		path_table(html);
		twin_list(html);
	}
	weak_list(html);
	html_raw(html, "</section>\n");
}
