/*
 * The conditions of a rule in the HTML report, as nested lists with values.
 * Relies on judge/why.h and html.h.
 */
#include "report/html.h"

#include <string.h>

#include "judge/why.h"

#define CASES_MAX	20
#define VALUES_SHOWN	3

static void
facts(struct html *html, const struct why *w)
{
	struct list	 proofs;
	struct proof	*proof;
	size_t		 i;

	for (i = 0; i < w->nfacts && i < VALUES_SHOWN; i++) {
		html_raw(html, "%s", i == 0 ? ": " : ", ");
		html_code(html, str_of(w->facts[i]->field->name));
		html_raw(html, " = ");
		html_code(html, html_short(html, fact_show(html->model->ev,
		    w->facts[i]), 200));
		proofs = (struct list){ 0 };
		proof_collect(html->model, &proofs, w->facts[i]);
		proof = proofs.n > 0 ? proofs.v[0] : NULL;
		if (proof == NULL || proof->fact == NULL)
			continue;
		html_raw(html, proof->fact == w->facts[i] ? " at " :
		    " from ");
		html_cite(html, proof);
	}
	if (i < w->nfacts)
		html_raw(html, ", %zu more", w->nfacts - i);
}

static void
absent(struct html *html, const struct why *w)
{
	size_t	i, n = 0;

	for (i = 0; i < w->nabsent; i++) {
		html_raw(html, "; no ");
		html_code(html, str_of(w->absent[i]->name));
		if (w->value != TRI_UNKNOWN)
			html_raw(html, " in what was read");
	}
	for (i = 0; w->nabsent > 0 && w->value == TRI_UNKNOWN &&
	    i < ARTIFACT_COUNT; i++)
		if (w->missing & UINT32_C(1) << i) {
			html_raw(html, n++ == 0 ? ", wants " : " or ");
			html_str(html->f, artifacts[i].ask);
		}
}

static void
node(struct html *html, const struct why *w)
{
	static const char *const colors[] = { "soft", "warning", "ok" };
	size_t	i;

	html_raw(html, "<li>%s<span class=\"%s\">%s</span>%s ",
	    w->decided ? "<strong>" : "", colors[w->value],
	    tri_names[w->value], w->decided ? "</strong>" : "");
	if (w->expr != NULL && w->expr->op != EXPR_AND &&
	    w->expr->op != EXPR_OR && w->expr->op != EXPR_NOT)
		html_code(html, str_of(w->text));
	else
		html_str(html->f, w->text);
	if (w->expr != NULL && w->expr->op == EXPR_COUNT)
		html_raw(html, ": %zu counted", w->counted);
	facts(html, w);
	absent(html, w);
	if (w->nparts > 0) {
		html_raw(html, "\n<ul>\n");
		for (i = 0; i < w->nparts; i++)
			node(html, w->parts[i]);
		if (w->omitted > 0)
			html_raw(html, "<li>%zu more</li>\n", w->omitted);
		html_raw(html, "</ul>");
	}
	html_raw(html, "</li>\n");
}

static void
one_case(struct html *html, const struct why_case *c)
{
	size_t	i;

	html_raw(html, "<p>On %s", kinds[c->item->kind].name);
	if (c->item->kind != ITEM_CASE)
		html_raw(html, " %u", c->item->number);
	if (c->rule->variant != NULL)
		html_raw(html, ", variant %s", c->rule->variant);
	html_raw(html, ": %s</p>\n<ul class=\"proof\">\n",
	    rule_state_names[c->state]);
	node(html, c->when);
	html_raw(html, "</ul>\n");
	for (i = 0; i < c->nlevels; i++) {
		html_raw(html, "<p>Confidence %s %s</p>\n",
		    confidence_names[c->rule->confidences[i].level],
		    c->levels[i] == NULL ? "otherwise" : "when");
		if (c->levels[i] == NULL)
			break;
		html_raw(html, "<ul class=\"proof\">\n");
		node(html, c->levels[i]);
		html_raw(html, "</ul>\n");
		if (c->levels[i]->value == TRI_TRUE)
			break;
	}
}

void
html_why(struct html *html, const char *id)
{
	const struct report	*report = html->model->report;
	const struct why_case	*cases;
	size_t			 i, n, more;

	if (report->rules == NULL)
		return;
	cases = why_rule(report->ev, report->rules, id, CASES_MAX, &n, &more);
	html_raw(html, "<details><summary>Its conditions with their values"
	    "</summary>\n<p class=\"soft\">What decided stands in bold."
	    "</p>\n");
	for (i = 0; i < n; i++)
		one_case(html, &cases[i]);
	if (n == 0)
		html_raw(html, "<p>not-applicable: the case has no such "
		    "item</p>\n");
	if (more > 0)
		html_raw(html, "<p>%zu more</p>\n", more);
	html_raw(html, "</details>\n");
}

void
html_why_asked(struct html *html)
{
	const struct report	*report = html->model->report;
	size_t			 i;

	if (report->nwhy == 0)
		return;
	html_raw(html, "<section id=\"why\"><h2>Why</h2>\n");
	for (i = 0; i < report->nwhy; i++) {
		html_raw(html, "<article><h3>");
		html_str(html->f, report->why[i]);
		html_raw(html, "</h3>\n");
		html_why(html, report->why[i]);
		html_raw(html, "</article>\n");
	}
	html_raw(html, "</section>\n");
}
