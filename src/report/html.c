/*
 * The HTML report: one file that needs no network and no script.  This file
 * writes the frame, the verdict, the chain and the findings.
 * Relies on model.h and html.h.
 */
#include "report/html.h"

#include <string.h>

void
html_string(const struct html *html, struct str s)
{
	html_text(html->f, s.p, s.n);
}

void
html_raw(const struct html *html, const char *fmt, ...)
{
	va_list	ap;

	va_start(ap, fmt);
	(void)vfprintf(html->f, fmt, ap);
	va_end(ap);
}

void
html_code(const struct html *html, struct str s)
{
	html_raw(html, "<code>");
	html_string(html, s);
	html_raw(html, "</code>");
}

struct str
html_short(const struct html *html, struct str s, size_t max)
{
	struct arena	*arena = ev_arena(html->model->ev);
	char		*text;
	int32_t		 c;
	size_t		 i, n;

	for (i = 0, n = 0; i < s.n && n < max; n++)
		i += character_next(s.p + i, s.n - i, &c);
	if (i == s.n)
		return s;
	text = arena_alloc(arena, i + 4);
	memcpy(text, s.p, i);
	memcpy(text + i, "\xe2\x80\xa6", 3);
	return (struct str){ text, i + 3 };
}

static void
html_verdict(const struct html *html)
{
	static const char *const parts[][2] = {
		{ "chain", "Cause" }, { "next", "What to do" },
		{ "attempts", "Attempts" }, { "certificates", "Certificates" },
		{ "timeline", "Timeline" }, { "findings", "All findings" },
		{ "inputs", "Inputs" }, { "coverage", "Coverage" },
		{ "bytes", "Bytes" }
	};
	const struct verdict	*v = html->model->verdict;
	size_t			 i;

	html_raw(html, "<header id=\"top\">\n<p>"
	    "<span class=\"badge %s\">%s</span>\n"
	    "<span class=\"badge soft\">confidence: %s%s%s</span>\n",
	    outcome_names[v->outcome], outcome_names[v->outcome],
	    confidence_names[v->confidence], v->capped == NULL ? "" : ": ",
	    v->capped == NULL ? "" : v->capped);
	if (v->cause != NULL) {
		html_raw(html, "<span class=\"badge cause\">");
		html_str(html->f, v->cause->rule->id);
		html_raw(html, "</span>\n");
	}
	html_raw(html, "</p>\n<h1>");
	html_str(html->f, v->sentence);
	html_raw(html, "</h1>\n<nav aria-label=\"Parts of the report\"><ul>\n");
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		/* A link goes nowhere where a part has nothing to say. */
		if ((i == 0 && html->model->chain.n == 0) ||
		    (i == 2 && html->model->attempts.n == 0) ||
		    (i == 3 && html->model->certificates.n == 0) ||
		    (i == 5 && html->model->findings.n == 0) ||
		    (i == 7 && html->model->coverage.n == 0) ||
		    (i == 8 && html->model->findings.n == 0 &&
		    html->model->codes.n == 0))
			continue;
		html_raw(html, "<li><a href=\"#%s\">%s</a></li>\n",
		    parts[i][0], parts[i][1]);
	}
	html_raw(html, "</ul></nav>\n</header>\n<main id=\"main\">\n");
}

static void
html_finding(struct html *html, const struct row_finding *row,
    const struct list *proofs, bool full)
{
	const struct rule	*rule = row->rule;
	size_t			 i;

	html_raw(html, "<p><span class=\"badge %s\">%s</span> "
	    "<strong>", rule_kind_names[rule->kind],
	    rule_kind_names[rule->kind]);
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
	html_proofs(html, proofs, full ? NULL : row->id);
	for (i = 0; i < row->known.n; i++) {
		html_raw(html, "%s", i == 0 ?
		    "<p class=\"soft\">From the built-in tables: " : ", ");
		html_str(html->f, row->known.v[i]);
	}
	if (row->known.n > 0)
		html_raw(html, "</p>\n");
	if (!full)
		return;
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
		html_raw(html, "<p>See <a rel=\"noreferrer\" href=\"");
		html_str(html->f, rule->see[i]);
		html_raw(html, "\">");
		html_str(html->f, rule->see[i]);
		html_raw(html, "</a></p>\n");
	}
	if (rule->source_n > 0) {
		html_raw(html, "<details><summary>The rule that says so "
		    "(");
		html_str(html->f, rule->file);
		html_raw(html, ")</summary>\n<pre class=\"wrap\">");
		for (i = 0; i < rule->source_n; i++)
			if (rule->source[i] == '\n')
				html_raw(html, "\n");
			else if (rule->source[i] == '\t')
				html_raw(html, "\t");
			else {
				size_t	n = i;

				while (n < rule->source_n &&
				    rule->source[n] != '\n' &&
				    rule->source[n] != '\t')
					n++;
				html_text(html->f, rule->source + i, n - i);
				i = n - 1;
			}
		html_raw(html, "</pre></details>\n");
	}
}

/* A link of the chain begins with what the links before did not show. */
static struct list
chain_proofs(const struct html *html, size_t link)
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

static void
html_chain(struct html *html)
{
	struct list	proofs;
	size_t		i;

	if (html->model->chain.n == 0)
		return;
	html_raw(html, "<section id=\"chain\"><h2>From the symptom to the "
	    "cause</h2>\n<ol class=\"chain\">\n");
	for (i = 0; i < html->model->chain.n; i++) {
		html_raw(html, "<li>");
		proofs = chain_proofs(html, i);
		html_finding(html, html->model->chain.v[i], &proofs, false);
		html_why(html, ((struct row_finding *)
		    html->model->chain.v[i])->id);
		html_raw(html, "</li>\n");
	}
	html_raw(html, "</ol></section>\n");
}

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
static void
html_open(const struct html *html)
{
	const struct verdict	*v = html->model->verdict;

	if (v->open == NULL)
		return;
	html_raw(html, "<h3>Other causes</h3>\n<p>");
	html_str(html->f, v->open);
	html_raw(html, "</p>\n<ul class=\"proof\">\n");
	html_rules(html, "Excluded", v->excluded, v->nexcluded);
	html_rules(html, "Cannot be judged", v->undecided, v->nundecided);
	html_raw(html, "</ul>\n");
}

static void
html_next(const struct html *html)
{
	const struct verdict	*v = html->model->verdict;
	size_t			 i;

	html_raw(html, "<section id=\"next\"><h2>What to do next</h2>\n<ol>"
	    "<li>");
	html_str(html->f, v->next_step);
	html_raw(html, "</li>\n");
	for (i = 0; v->cause != NULL && i < v->cause->rule->nfix; i++) {
		if (strncmp(v->cause->fix[i], v->next_step,
		    strlen(v->cause->fix[i])) == 0)
			continue;
		html_raw(html, "<li>");
		html_str(html->f, v->cause->fix[i]);
		html_raw(html, "</li>\n");
	}
	html_raw(html, "</ol>\n");
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
	html_open(html);
	if (html->model->escalation.text[0] != '\0') {
		html_raw(html, "<h3>Escalation block for the service's "
		    "support</h3>\n");
		html_copy(html->f, "escalation", "Escalation block",
		    html->model->escalation.text);
	}
	html_raw(html, "</section>\n");
}

static void
html_findings(struct html *html)
{
	struct row_finding	*row;
	size_t			 i;

	if (html->model->findings.n == 0)
		return;
	html_raw(html, "<section id=\"findings\"><h2>All findings</h2>\n");
	for (i = 0; i < html->model->findings.n; i++) {
		row = html->model->findings.v[i];
		html_raw(html, "<article id=\"f-");
		html_str(html->f, row->id);
		html_raw(html, "\">");
		html_finding(html, row, &row->proofs, true);
		html_raw(html, "</article>\n");
	}
	html_raw(html, "</section>\n");
}

static int
html_write(const struct report *report, FILE *f)
{
	struct html	html = { .f = f, .model = model_new(report) };

	html_begin(f, arena_printf(ev_arena(report->ev), "aiktriage: %s",
	    html.model->verdict->cause == NULL ?
	    outcome_names[html.model->verdict->outcome] :
	    html.model->verdict->cause->rule->id), html.model->version);
	html_verdict(&html);
	html_chain(&html);
	html_next(&html);
	html_attempts(&html);
	html_certificates(&html);
	html_timeline(&html);
	html_joins(&html);
	html_findings(&html);
	html_why_asked(&html);
	html_codes(&html);
	html_inputs(&html);
	html_coverage(&html);
	html_excerpts(&html);
	html_raw(&html, "</main>\n<footer><p>aiktriage %s, rules %s, case %s"
	    "</p></footer>\n", html.model->version, html.model->rules_sha256,
	    html.model->case_id);
	html_end(f);
	return ferror(f) ? -1 : 0;
}

const struct reporter	reporter_html = {
	.name = "html",
	.suffix = ".html",
	.write = html_write,
};
