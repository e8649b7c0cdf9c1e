/*
 * The findings in the HTML report: the chain from the symptom to the cause in
 * short, each finding in full, and other causes that were looked at.
 * Relies on model.h and html.h.
 */
#include <string.h>

#include "report/html.h"

#define CHAIN_PROOFS	3	/* of a link, before they are folded */

static void
finding_head(const struct html *html, const struct row_finding *row)
{
	const struct rule	*rule = row->rule;

	html_raw(html, "<p><span class=\"badge %s\">%s</span> <strong>",
	    rule_kind_names[rule->kind], rule_kind_names[rule->kind]);
	html_str(html->f, row->id);
	html_raw(html, "</strong> <span class=\"soft\">%s, confidence %s%s"
	    "</span></p>\n<h3>", severity_names[rule->severity],
	    confidence_names[row->finding->confidence],
	    row->finding->overtaken ? ", overtaken by a later success" : "");
	html_str(html->f, row->finding->title);
	html_raw(html, "</h3>\n");
	if (row->finding->why != NULL) {
		html_raw(html, "<p>");
		html_str(html->f, row->finding->why);
		html_raw(html, "</p>\n");
	}
}

static void
finding_known(const struct html *html, const struct row_finding *row)
{
	size_t	i;

	for (i = 0; i < row->known.n; i++) {
		html_raw(html, "%s", i == 0 ?
		    "<p class=\"soft\">From the built-in tables: " : ", ");
		html_str(html->f, row->known.v[i]);
	}
	if (row->known.n > 0)
		html_raw(html, "</p>\n");
}

static void
finding_fixes(const struct html *html, const struct row_finding *row)
{
	const struct rule	*rule = row->rule;
	size_t			 i;

	if (rule->nfix > 0)
		html_raw(html, "<p class=\"soft\">What to do:</p>\n<ul>\n");
	for (i = 0; i < rule->nfix; i++) {
		html_raw(html, "<li>");
		html_str(html->f, row->finding->fix[i]);
		html_raw(html, "</li>\n");
	}
	if (rule->nfix > 0)
		html_raw(html, "</ul>\n");
	for (i = 0; i < rule->nsee; i++) {
		/* Links come from the rule set alone. */
		if (strncmp(rule->see[i], "https://", 8) != 0)
			continue;
		html_raw(html, "<p class=\"id\">See <a rel=\"noreferrer\" "
		    "href=\"");
		html_str(html->f, rule->see[i]);
		html_raw(html, "\">");
		html_str(html->f, rule->see[i]);
		html_raw(html, "</a></p>\n");
	}
}

/* The rule file; its tabs and line ends are layout, not hidden. */
static void
finding_source(const struct html *html, const struct rule *rule)
{
	size_t	i, n;

	if (rule->source_n == 0)
		return;
	html_raw(html, "<details><summary>The rule that says so (");
	html_str(html->f, rule->file);
	html_raw(html, ")</summary>\n<pre class=\"wrap\">");
	for (i = 0; i < rule->source_n; i += n) {
		n = 1;
		if (rule->source[i] == '\n' || rule->source[i] == '\t') {
			html_raw(html, "%c", rule->source[i]);
			continue;
		}
		while (i + n < rule->source_n && rule->source[i + n] != '\n' &&
		    rule->source[i + n] != '\t')
			n++;
		html_text(html->f, rule->source + i, n);
	}
	html_raw(html, "</pre></details>\n");
}

/* ---- the chain ---- */

struct list
html_link_proofs(const struct html *html, size_t link)
{
	const struct row_finding	*row = html->model->chain.v[link];
	struct arena			*arena = ev_arena(html->model->ev);
	struct list			 proofs = { 0 };
	size_t				 i, k, pass;
	bool				 before;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < row->proofs.n; i++) {
			before = false;
			for (k = 0; k < link; k++)
				before |= proof_in(
				    &((struct row_finding *)
				    html->model->chain.v[k])->proofs,
				    row->proofs.v[i]);
			if (before == (pass == 1))
				list_add(arena, &proofs, row->proofs.v[i]);
		}
	return proofs;
}

static bool
in_chain(const struct html *html, const struct row_finding *row)
{
	size_t	i;

	for (i = 0; i < html->model->chain.n; i++)
		if (((struct row_finding *)html->model->chain.v[i])->rule ==
		    row->rule)
			return true;
	return false;
}

static void
chain_link(struct html *html, size_t link)
{
	const struct row_finding	*row = html->model->chain.v[link];
	struct list			 proofs = html_link_proofs(html, link),
					 rest = proofs;

	html_raw(html, "<li id=\"c-");
	html_str(html->f, row->id);
	html_raw(html, "\">");
	finding_head(html, row);
	/* One more than fits is shown rather than announced. */
	if (proofs.n > CHAIN_PROOFS + 1)
		proofs.n = CHAIN_PROOFS;
	html_proofs(html, &proofs, NULL);
	if (rest.n > proofs.n) {
		rest.v += proofs.n;
		rest.n -= proofs.n;
		html_raw(html, "<details><summary>%zu more proofs</summary>\n",
		    rest.n);
		html_proofs(html, &rest, model_finding(html->model,
		    row->id) == NULL ? NULL : row->id);
		html_raw(html, "</details>\n");
	}
	finding_known(html, row);
	html_why(html, row->id);
	html_raw(html, "</li>\n");
}

void
html_chain(struct html *html)
{
	size_t	i;

	if (html->model->chain.n == 0)
		return;
	html_raw(html, "<section id=\"chain\"><h2>From the symptom to the "
	    "cause</h2>\n<ol class=\"chain\">\n");
	for (i = 0; i < html->model->chain.n; i++)
		chain_link(html, i);
	html_raw(html, "</ol></section>\n");
}

/* ---- other causes ---- */

static void
html_rules(const struct html *html, const char *what, const char **ids,
    size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++) {
		html_raw(html, "%s", i == 0 ? "<li>" : ", ");
		if (i == 0)
			html_raw(html, "%s: ", what);
		html_code(html, str_of(ids[i]));
	}
	if (n > 0)
		html_raw(html, "</li>\n");
}

/* Causes that were looked at: in numbers and by name. */
void
html_others(const struct html *html)
{
	const struct verdict	*v = html->model->verdict;
	size_t			 i;

	if (v->nalternatives == 0 && v->open == NULL)
		return;
	html_raw(html, "<section id=\"others\"><h2>Other causes that were "
	    "looked at</h2>\n");
	if (v->nalternatives > 0)
		html_raw(html, "<h3>Also possible</h3>\n<ul>\n");
	for (i = 0; i < v->nalternatives; i++) {
		html_raw(html, "<li><strong>");
		html_str(html->f, v->alternatives[i].rule);
		html_raw(html, "</strong> (confidence %s) ",
		    confidence_names[v->alternatives[i].confidence]);
		html_str(html->f, v->alternatives[i].decide);
		html_raw(html, "</li>\n");
	}
	if (v->nalternatives > 0)
		html_raw(html, "</ul>\n");
	if (v->open != NULL) {
		html_raw(html, "<p>");
		html_str(html->f, v->open);
		html_raw(html, "</p>\n");
	}
	html_raw(html, "<ul class=\"proof\">\n");
	html_rules(html, "Excluded", v->excluded, v->nexcluded);
	html_rules(html, "Cannot be judged", v->undecided, v->nundecided);
	html_raw(html, "</ul></section>\n");
}

/* ---- all of them ---- */

void
html_findings(struct html *html)
{
	const struct row_finding	*row;
	size_t				 i;

	if (html->model->findings.n == 0)
		return;
	html_raw(html, "<section id=\"findings\"><h2>All findings</h2>\n");
	for (i = 0; i < html->model->findings.n; i++) {
		row = html->model->findings.v[i];
		html_raw(html, "<article id=\"f-");
		html_str(html->f, row->id);
		html_raw(html, "\">");
		finding_head(html, row);
		html_proofs(html, &row->proofs, NULL);
		finding_known(html, row);
		finding_fixes(html, row);
		if (in_chain(html, row)) {
			html_raw(html, "<p><a href=\"#c-");
			html_str(html->f, row->id);
			html_raw(html, "\">Its place in the chain, and its "
			    "conditions with their values</a></p>\n");
		} else
			html_why(html, row->id);
		finding_source(html, row->rule);
		html_raw(html, "</article>\n");
	}
	html_raw(html, "</section>\n");
}
