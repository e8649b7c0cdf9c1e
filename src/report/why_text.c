/*
 * --why in the text report: the conditions of a rule as an indented tree, one
 * line a part, with the values that were looked at and their places.
 * Relies on judge/why.h, model.h and page.h.
 */
#include "report/text_more.h"

#include <string.h>

#include "judge/why.h"

#define CASES_MAX	20
#define VALUES_SHOWN	3
#define VALUE_WIDTH	60

/* "2. attempt (2023-03-29T...)": the item as a reader finds it. */
static const char *
item_words(const struct text_out *out, const struct item *it)
{
	struct arena	*arena = out->page.arena;
	struct citation	 at;

	if (it->kind == ITEM_CASE)
		return "the case";
	if (!ev_cite(out->model->ev, it->at, &at))
		return arena_printf(arena, "%s %u", kinds[it->kind].name,
		    it->number);
	return arena_printf(arena, "%s %u, %s", kinds[it->kind].name,
	    it->number, model_brief(out->model,
	    citation_text(out->model, &at)));
}

/* " = true, false [capture.saz!/raw/3_s.txt@10+4]" */
static const char *
values_words(const struct text_out *out, const struct why *w)
{
	struct arena		*arena = out->page.arena;
	struct list		 proofs = { 0 };
	const struct proof	*proof;
	const char		*text = "";
	struct str		 value;
	size_t			 i;

	for (i = 0; i < w->nfacts && i < VALUES_SHOWN; i++) {
		value = fact_show(out->model->ev, w->facts[i]);
		/* "rejected_ek=true" has said its test already. */
		text = strcmp(w->text, w->facts[i]->field->name) == 0 ?
		    arena_printf(arena, "%s=", i == 0 ? "" : text) :
		    arena_printf(arena, "%s%s%s=", text,
		    i == 0 ? ": " : ", ", w->facts[i]->field->name);
		text = arena_printf(arena, "%s%.*s%s", text,
		    value.n > VALUE_WIDTH ? VALUE_WIDTH : (int)value.n,
		    value.p, value.n > VALUE_WIDTH ? "..." : "");
		proofs = (struct list){ 0 };
		proof_collect(out->model, &proofs, w->facts[i]);
		proof = proofs.n > 0 ? proofs.v[0] : NULL;
		if (proof != NULL && proof->fact != NULL)
			text = arena_printf(arena, "%s %s%s", text,
			    proof->fact == w->facts[i] ? "at " : "from ",
			    model_brief(out->model,
			    citation_text(out->model, &proof->at)));
	}
	if (i < w->nfacts)
		text = arena_printf(arena, "%s, %zu more", text,
		    w->nfacts - i);
	return text;
}

static const char *
absent_words(const struct text_out *out, const struct why *w)
{
	struct arena	*arena = out->page.arena;
	const char	*text = "", *ask = "";
	size_t		 i;

	for (i = 0; i < w->nabsent; i++)
		text = arena_printf(arena, "%s; no %s%s", text,
		    w->absent[i]->name, w->value == TRI_UNKNOWN ? "" :
		    " in what was read");
	if (w->value != TRI_UNKNOWN || w->nabsent == 0)
		return text;
	for (i = 0; i < ARTIFACT_COUNT; i++)
		if (w->missing & UINT32_C(1) << i)
			ask = arena_printf(arena, "%s%s%s", ask,
			    *ask == '\0' ? ", wants " : " or ",
			    artifacts[i].ask);
	return arena_printf(arena, "%s%s", text, ask);
}

static void
node(const struct text_out *out, const struct why *w, unsigned int indent)
{
	struct arena	*arena = out->page.arena;
	const char	*text = w->text;
	size_t		 i;

	if (w->expr != NULL && w->expr->op == EXPR_COUNT)
		text = arena_printf(arena, "%s: %zu counted", text,
		    w->counted);
	text = arena_printf(arena, "%s%s%s", text, values_words(out, w),
	    absent_words(out, w));
	page_text(&out->page, 2, arena_printf(arena, "%c %s",
	    w->decided ? '*' : ' ', tri_names[w->value]), w->decided ?
	    COLOR_BOLD : COLOR_DIM, indent, w->decided ? COLOR_NONE :
	    COLOR_DIM, str_of(text));
	if (indent < out->page.columns / 2)
		indent += 2;
	for (i = 0; i < w->nparts; i++)
		node(out, w->parts[i], indent);
	if (w->omitted > 0)
		page_printf(&out->page, indent, "(%zu more)", w->omitted);
}

static void
one_case(const struct text_out *out, const struct why_case *c)
{
	const struct rule	*rule = c->rule;
	size_t			 i;

	page_printf(&out->page, 0, "%s%s%s on %s: %s", rule->id,
	    rule->variant == NULL ? "" : ", variant ",
	    rule->variant == NULL ? "" : rule->variant,
	    item_words(out, c->item), rule_state_names[c->state]);
	node(out, c->when, 12);
	for (i = 0; i < c->nlevels; i++) {
		page_printf(&out->page, 4, "confidence %s %s",
		    confidence_names[rule->confidences[i].level],
		    c->levels[i] == NULL ? "otherwise" : "when");
		if (c->levels[i] != NULL)
			node(out, c->levels[i], 12);
		if (c->levels[i] == NULL || c->levels[i]->value == TRI_TRUE)
			break;		/* this one holds */
	}
}

void
text_why(const struct text_out *out)
{
	const struct report	*report = out->model->report;
	const struct why_case	*cases;
	const struct rule	*rule;
	size_t			 i, k, n, more;

	for (i = 0; i < report->nwhy; i++) {
		rule = rules_find(report->rules, report->why[i]);
		page_heading(&out->page, arena_printf(out->page.arena,
		    "Why %s (* decided)", report->why[i]));
		cases = why_rule(report->ev, report->rules, report->why[i],
		    CASES_MAX, &n, &more);
		for (k = 0; k < n; k++)
			one_case(out, &cases[k]);
		if (n == 0)
			page_printf(&out->page, 2, "not-applicable: the case "
			    "has no %s", rule == NULL ? "such item" :
			    kinds[rule->on].name);
		if (more > 0)
			page_printf(&out->page, 2, "(%zu more)", more);
	}
}
