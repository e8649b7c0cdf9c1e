/*
 * The text report: verdict, chain from symptom to cause, proof of the joins,
 * what to do, escalation block, what was not examined.  One screen; -v adds the
 * rest (text_more.c).  Relies on model.h and page.h.
 */
#include "report/text_more.h"

#include <stdlib.h>
#include <string.h>

/* Columns of the chain: the kind, then what is said. */
#define AT_KIND		2
#define AT_SAID		13
#define AT_PROOF	15

/* What a screen has room for; -v shows all. */
#define JOINS_MAX	2
#define VALUE_MAX	60

static enum color
kind_color(enum rule_kind kind)
{
	switch (kind) {
	case RULE_SYMPTOM:
		return COLOR_YELLOW;
	case RULE_MECHANISM:
		return COLOR_CYAN;
	case RULE_CAUSE:
		return COLOR_RED;
	case RULE_CONTEXT:
	case RULE_QUALITY:
		break;
	}
	return COLOR_DIM;
}

static enum color
outcome_color(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SUCCEEDED:
		return COLOR_GREEN;
	case OUTCOME_FAILED:
		return COLOR_RED;
	case OUTCOME_UNDETERMINED:
		break;
	}
	return COLOR_YELLOW;
}

/* The last part of a field's name: "status" of http.status. */
static struct str
field_brief(struct str field)
{
	size_t	i;

	for (i = field.n; i > 0 && field.p[i - 1] != '.'; i--)
		if (field.p[i - 1] == ']')
			return field;
	return (struct str){ field.p + i, field.n - i };
}

/* "12+4 status 400" of one place; -v: the field's whole name. */
static void
proof_put(const struct text_out *out, FILE *f, const struct proof *proof)
{
	struct str	 field = proof->field, value = proof->value;
	const char	*more = "";

	if (!out->model->report->verbose) {
		field = field_brief(field);
		if (value.n > VALUE_MAX) {
			value.n = VALUE_MAX;
			while (value.n > 0 &&
			    ((unsigned char)value.p[value.n] & 0xc0) == 0x80)
				value.n--;
			more = "...";
		}
	}
	(void)fprintf(f, "%zu+%zu ", proof->at.offset, proof->at.length);
	(void)fwrite(field.p, 1, field.n, f);
	(void)fputc(' ', f);
	(void)fwrite(value.p, 1, value.n, f);
	(void)fputs(more, f);
}

/* Both stand in the same member, and after the same steps. */
static bool
same_place(const struct citation *a, const struct citation *b)
{
	size_t	i;

	if (a->input != b->input || strcmp(a->member, b->member) != 0 ||
	    a->nvia != b->nvia)
		return false;
	for (i = 0; i < a->nvia; i++)
		if (strcmp(a->via[i], b->via[i]) != 0)
			return false;
	return true;
}

/*
 * "capture.saz!/raw/1_c.txt@12+4 field value, @20+8 field value" for the
 * proofs p[0..n-1], which stand in one member.
 */
static void
text_place(const struct text_out *out, struct proof *const *p, size_t n)
{
	const struct citation	*at = &p[0]->at;
	struct str		 line;
	size_t			 i;
	char			*text;
	FILE			*f;

	if (p[0]->fact == NULL) {
		page_printf(&out->page, AT_PROOF, "gap: %s", p[0]->gap);
		return;
	}
	if ((f = open_memstream(&text, &line.n)) == NULL)
		abort();
	(void)fputs(model_brief(out->model, arena_printf(out->page.arena,
	    "%s%s%s", at->input->path, at->member[0] == '\0' ? "" : "!/",
	    at->member)), f);
	for (i = 0; i < n; i++) {
		(void)fputs(i == 0 ? "@" : ", @", f);
		proof_put(out, f, p[i]);
	}
	for (i = 0; i < at->nvia; i++)
		(void)fprintf(f, "%s%s", i == 0 ? " (" : ", ", at->via[i]);
	if (at->nvia > 0)
		(void)fputc(')', f);
	if (fclose(f) != 0)
		abort();
	line.p = text;
	page_text(&out->page, AT_PROOF, NULL, COLOR_DIM, AT_PROOF + 2,
	    COLOR_DIM, line);
	free(text);
}

/* The verdict or a title of the chain holds the value, or its day. */
static bool
value_said(const struct text_out *out, const char *known)
{
	const struct model		*model = out->model;
	const struct row_finding	*row;
	const char			*value = strrchr(known, ' ');
	size_t				 i, n;

	if (value == NULL)
		return false;
	n = strlen(++value);
	if (n == strlen("2018-08-20T12:40:01Z") && value[10] == 'T')
		n = 10;
	value = arena_text(out->page.arena, value, n);
	for (i = 0; i < model->chain.n; i++) {
		row = model->chain.v[i];
		if (strstr(row->finding->title, value) != NULL)
			return true;
	}
	return strstr(model->verdict->sentence, value) != NULL;
}

/* The host of the escalation block shows it: a key id. */
static bool
value_in_host(const struct text_out *out, const struct proof *proof)
{
	struct str	host = out->model->escalation.authority;

	return !out->model->report->verbose && proof->value.n >= 16 &&
	    host.n > 0 && memmem(host.p, host.n, proof->value.p,
	    proof->value.n) != NULL;
}

/* "built-in tables: ek_issuer.old_serial 00f29ed2, ..." */
static void
text_known(const struct text_out *out, const struct row_finding *row)
{
	const char	*text = "";
	size_t		 i;

	for (i = 0; i < row->known.n; i++) {
		if (!out->model->report->verbose &&
		    value_said(out, row->known.v[i]))
			continue;
		text = arena_printf(out->page.arena, "%s%s%s", text,
		    *text == '\0' ? "built-in tables: " : ", ",
		    (char *)row->known.v[i]);
	}
	if (*text != '\0')
		page_text(&out->page, AT_PROOF, NULL, COLOR_DIM, AT_PROOF + 2,
		    COLOR_DIM, str_of(text));
}

/* At most `max` proofs, first those that no finding before has shown. */
static void
text_proofs(const struct text_out *out, const struct row_finding *row,
    size_t max, struct list *shown)
{
	struct proof	*proof, *p[PROOFS_MAX];
	size_t		 i, k, n = 0, pass;

	if (max > PROOFS_MAX)
		max = PROOFS_MAX;
	for (pass = 0; pass < 2 && n == 0; pass++)
		for (i = 0; i < row->proofs.n && n < max; i++) {
			proof = row->proofs.v[i];
			if (pass == 0 && (proof_in(shown, proof) ||
			    value_in_host(out, proof)))
				continue;
			p[n++] = proof;
			list_add(out->page.arena, shown, proof);
		}
	for (i = 0; i < n; i = k) {
		for (k = i + 1; k < n && p[i]->fact != NULL &&
		    p[k]->fact != NULL &&
		    same_place(&p[i]->at, &p[k]->at); k++)
			continue;
		text_place(out, p + i, k - i);
	}
}

/* The verdict has said it already. */
static bool
said_by_verdict(const struct text_out *out, const struct row_finding *row)
{
	const struct verdict	*v = out->model->verdict;

	return !out->model->report->verbose && v->cause == row->finding &&
	    strncmp(v->sentence, row->finding->title,
	    strlen(row->finding->title)) == 0;
}

/* What the finding says; without -v its first sentence. */
static const char *
title_shown(const struct text_out *out, const struct row_finding *row)
{
	const char	*title = row->finding->title, *end;

	if (said_by_verdict(out, row))
		return "";
	if (!out->model->report->verbose &&
	    (end = strstr(title, ". ")) != NULL)
		title = arena_text(out->page.arena, title,
		    (size_t)(end - title));
	return arena_printf(out->page.arena, ": %s", title);
}

void
text_finding(const struct text_out *out, const struct row_finding *row,
    size_t max, struct list *shown)
{
	enum rule_kind	kind = row->rule->kind;

	page_text(&out->page, AT_KIND, rule_kind_names[kind],
	    kind_color(kind), AT_SAID, COLOR_NONE,
	    str_of(arena_printf(out->page.arena, "%s (%s%s)%s", row->id,
	    confidence_names[row->finding->confidence],
	    row->finding->overtaken ? ", overtaken by a later success" : "",
	    title_shown(out, row))));
	text_proofs(out, row, max, shown);
	if (max > 1)
		text_known(out, row);
}

/* How much of a link's proof fits on the screen: most for the cause. */
static size_t
proofs_max(const struct text_out *out, const struct row_finding *row,
    bool last)
{
	if (out->model->report->verbose)
		return SIZE_MAX;
	return last || row->rule->kind == RULE_MECHANISM ? 3 : 1;
}

static void
text_chain(const struct text_out *out)
{
	const struct model		*model = out->model;
	const struct row_finding	*row;
	struct list			 shown = { 0 };
	size_t				 i;

	if (model->chain.n > 0)
		page_heading(&out->page, "From the symptom to the cause");
	else if (model->findings.n > 0)
		page_heading(&out->page, "Findings");
	for (i = 0; i < model->chain.n; i++) {
		row = model->chain.v[i];
		text_finding(out, row, proofs_max(out, row,
		    i + 1 == model->chain.n), &shown);
	}
	if (model->chain.n > 0)
		return;
	for (i = 0; i < model->findings.n && i < 6; i++)
		text_finding(out, model->findings.v[i], 1, &shown);
	if (i < model->findings.n)
		page_printf(&out->page, AT_KIND, "(%zu more with -v)",
		    model->findings.n - i);
}

static void
text_next(const struct text_out *out)
{
	const struct verdict	*v = out->model->verdict;
	const struct rule	*rule;
	size_t			 i, n = 1;

	page_heading(&out->page, "What to do next");
	page_text(&out->page, 2, "1.", COLOR_NONE, 5, COLOR_NONE,
	    str_of(v->next_step));
	if (v->cause != NULL) {
		rule = v->cause->rule;
		for (i = 0; i < rule->nfix; i++)
			if (strncmp(v->cause->fix[i], v->next_step,
			    strlen(v->cause->fix[i])) != 0)
				page_text(&out->page, 2,
				    arena_printf(out->page.arena, "%zu.",
				    ++n), COLOR_NONE, 5, COLOR_NONE,
				    str_of(v->cause->fix[i]));
	}
	for (i = 0; i < v->nalternatives; i++)
		page_printf(&out->page, 2, "Also possible: %s (%s)%s%s",
		    v->alternatives[i].rule,
		    confidence_names[v->alternatives[i].confidence],
		    v->alternatives[i].decide == NULL ? "" : ": ",
		    v->alternatives[i].decide == NULL ? "" :
		    v->alternatives[i].decide);
}

/* What is missing to judge the others stands under "Not examined". */
static void
text_open_brief(const struct text_out *out, size_t excluded, size_t undecided)
{
	struct arena	*arena = out->page.arena;

	page_printf(&out->page, 2, "%s%s%s (which: -v).",
	    excluded == 0 ? "" : excluded == 1 ?
	    "1 other cause is excluded" : arena_printf(arena,
	    "%zu other causes are excluded", excluded),
	    excluded == 0 || undecided == 0 ? "" : ", ",
	    undecided == 0 ? "" : arena_printf(arena,
	    "%zu %s cannot be judged", undecided, excluded > 0 ? "more" :
	    undecided == 1 ? "other cause" : "other causes"));
}

/* What else was looked at: in numbers, with -v by name. */
static void
text_open(const struct text_out *out)
{
	const struct verdict	*v = out->model->verdict;
	const char		*text = "";
	size_t			 i;

	if (v->open == NULL)
		return;
	if (!out->model->report->verbose) {
		text_open_brief(out, v->nexcluded, v->nundecided);
		return;
	}
	page_printf(&out->page, 2, "%s", v->open);
	for (i = 0; i < v->nexcluded; i++)
		text = arena_printf(out->page.arena, "%s%s%s", text,
		    i == 0 ? "" : ", ", v->excluded[i]);
	if (i > 0)
		page_text(&out->page, 2, "excluded:", COLOR_DIM, 17,
		    COLOR_NONE, str_of(text));
	text = "";
	for (i = 0; i < v->nundecided; i++)
		text = arena_printf(out->page.arena, "%s%s%s", text,
		    i == 0 ? "" : ", ", v->undecided[i]);
	if (i > 0)
		page_text(&out->page, 2, "cannot judge:", COLOR_DIM, 17,
		    COLOR_NONE, str_of(text));
}

/* Which pieces belong together, under the claims that rest on it. */
static void
text_joins(const struct text_out *out)
{
	const struct model	*model = out->model;
	const struct row_join	*row;
	size_t			 i;

	if (model->joins.n > 0 && model->findings.n == 0)
		page_heading(&out->page, "Which pieces belong together");
	for (i = 0; i < model->joins.n; i++) {
		row = model->joins.v[i];
		if (i == JOINS_MAX && !model->report->verbose) {
			page_printf(&out->page, AT_SAID, "(%zu more with -v)",
			    model->joins.n - i);
			break;
		}
		page_text(&out->page, AT_KIND, arena_printf(out->page.arena,
		    "%.*s", (int)row->grade.n, row->grade.p), COLOR_DIM,
		    AT_SAID, COLOR_NONE, str_of(model_brief(model,
		    arena_printf(out->page.arena, "%.*s and %.*s: %.*s",
		    (int)row->a.n, row->a.p, (int)row->b.n, row->b.p,
		    (int)row->by.n, row->by.p))));
	}
}

static void
text_escalation(const struct text_out *out)
{
	const struct escalation	*esc = &out->model->escalation;

	if (*esc->text == '\0')
		return;
	page_heading(&out->page, out->model->report->verbose ?
	    "Escalation block (paste it into the support request)" :
	    "Escalation block (for the support request; the whole of it: -v)");
	(void)fputs(out->model->report->verbose ? esc->text : esc->brief,
	    out->page.f);
}

static int
text_write(const struct report *report, FILE *f)
{
	struct model		*model = model_new(report);
	const struct verdict	*v = model->verdict;
	struct text_out		 out = {
		.model = model,
		.page = { .f = f, .arena = ev_arena(report->ev),
		    .color = report->color,
		    .columns = report->columns == 0 ? 80 : report->columns }
	};

	page_text(&out.page, 0, NULL, COLOR_NONE, 0, outcome_color(v->outcome),
	    str_of(v->sentence));
	page_printf(&out.page, 0, "%s; cause: %s; confidence: %s%s%s%s",
	    outcome_names[v->outcome],
	    v->cause == NULL ? "none named" : v->cause->rule->id,
	    confidence_names[v->confidence], v->capped == NULL ? "" : " (",
	    v->capped == NULL ? "" : v->capped, v->capped == NULL ? "" : ")");
	text_chain(&out);
	text_joins(&out);
	text_next(&out);
	text_open(&out);
	text_escalation(&out);
	text_gaps(&out);
	text_why(&out);
	if (report->verbose)
		text_more(&out);
	return ferror(f) ? -1 : 0;
}

const struct reporter	reporter_text = {
	.name = "text",
	.suffix = ".txt",
	.write = text_write,
};
