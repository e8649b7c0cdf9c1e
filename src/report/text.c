/*
 * The text report: verdict, chain from symptom to cause, what to do, proof of
 * the joins, escalation block, what was not examined.  One screen; -v adds the
 * rest (text_more.c).  Relies on model.h and page.h.
 */
#include "report/text_more.h"

#include <stdlib.h>
#include <string.h>

/* Columns of the chain: the kind, then what is said. */
#define AT_KIND		2
#define AT_SAID		13
#define AT_PROOF	15

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

/* What a value takes of the screen; all of it with -v. */
#define VALUE_MAX	100

/* "12+4 field value" of one place. */
static void
proof_put(const struct text_out *out, FILE *f, const struct proof *proof)
{
	struct str	 value = proof->value;
	const char	*more = "";

	if (!out->model->report->verbose && value.n > VALUE_MAX) {
		value.n = VALUE_MAX;
		more = "...";
	}
	(void)fprintf(f, "%zu+%zu ", proof->at.offset, proof->at.length);
	(void)fwrite(proof->field.p, 1, proof->field.n, f);
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

/* "built-in tables: ek_issuer.old_serial 00f29ed2, ..." */
static void
text_known(const struct text_out *out, const struct row_finding *row)
{
	const char	*text = "";
	size_t		 i;

	for (i = 0; i < row->known.n; i++)
		text = arena_printf(out->page.arena, "%s%s%s", text,
		    i == 0 ? "built-in tables: " : ", ",
		    (char *)row->known.v[i]);
	if (row->known.n > 0)
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
			if (pass == 0 && proof_in(shown, proof))
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

void
text_finding(const struct text_out *out, const struct row_finding *row,
    size_t max, struct list *shown)
{
	enum rule_kind	kind = row->rule->kind;

	page_text(&out->page, AT_KIND, rule_kind_names[kind],
	    kind_color(kind), AT_SAID, COLOR_NONE,
	    str_of(arena_printf(out->page.arena, "%s (%s%s)%s%s", row->id,
	    confidence_names[row->finding->confidence],
	    row->finding->overtaken ? ", overtaken by a later success" : "",
	    said_by_verdict(out, row) ? "" : ": ",
	    said_by_verdict(out, row) ? "" : row->finding->title)));
	text_proofs(out, row, max, shown);
	if (max > 3)
		text_known(out, row);
}

/* How much of a link's proof fits on the screen: most for the cause. */
static size_t
proofs_max(const struct text_out *out, const struct row_finding *row,
    bool last)
{
	if (out->model->report->verbose)
		return SIZE_MAX;
	if (last)
		return 4;
	return row->rule->kind == RULE_MECHANISM ? 3 : 1;
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

/* What else was looked at: in numbers, with -v by name. */
static void
text_open(const struct text_out *out)
{
	const struct verdict	*v = out->model->verdict;
	const char		*text = "";
	size_t			 i;

	if (v->open == NULL)
		return;
	page_printf(&out->page, 2, "%s", v->open);
	if (!out->model->report->verbose)
		return;
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

static void
text_joins(const struct text_out *out)
{
	const struct model	*model = out->model;
	const struct row_join	*row;
	size_t			 i;

	if (model->joins.n == 0)
		return;
	page_heading(&out->page, "Which pieces belong together");
	for (i = 0; i < model->joins.n; i++) {
		row = model->joins.v[i];
		if (i >= 4 && !model->report->verbose) {
			page_printf(&out->page, 2, "(%zu more with -v)",
			    model->joins.n - i);
			break;
		}
		page_text(&out->page, 2, NULL, COLOR_NONE, 4, COLOR_NONE,
		    str_of(model_brief(model, arena_printf(out->page.arena,
		    "%.*s: %.*s and %.*s: %.*s", (int)row->grade.n,
		    row->grade.p, (int)row->a.n, row->a.p, (int)row->b.n,
		    row->b.p, (int)row->by.n, row->by.p))));
	}
}

static void
text_escalation(const struct text_out *out)
{
	const char	*line = out->model->escalation.text, *end;

	if (*line == '\0')
		return;
	page_heading(&out->page,
	    "Escalation block (paste it into the support request)");
	for (; *line != '\0'; line = end + 1) {
		if ((end = strchr(line, '\n')) == NULL)
			break;
		/* The digests are the last part and take most lines. */
		if (!out->model->report->verbose &&
		    strncmp(line, ESCALATION_DIGESTS,
		    strlen(ESCALATION_DIGESTS)) == 0) {
			(void)fprintf(out->page.f, "%s %zu files: -v\n",
			    ESCALATION_DIGESTS, out->model->inputs.n);
			break;
		}
		(void)fprintf(out->page.f, "%.*s\n", (int)(end - line),
		    line);
	}
}

/* Rules that cannot be judged without this artifact. */
static size_t
missing_rules(const struct text_out *out, size_t artifact,
    const char **ret_names)
{
	const struct row_coverage	*row;
	size_t				 i, n = 0;

	*ret_names = "";
	for (i = 0; i < out->model->coverage.n; i++) {
		row = out->model->coverage.v[i];
		if (row->coverage->state != STATE_CANNOT_SAY ||
		    (row->coverage->missing & UINT32_C(1) << artifact) == 0)
			continue;
		*ret_names = arena_printf(out->page.arena, "%s%s%s",
		    *ret_names, n++ == 0 ? "" : ", ", row->coverage->rule);
	}
	return n;
}

/* What would decide most comes first. */
static void
text_missing(const struct text_out *out)
{
	bool		 done[ARTIFACT_COUNT] = { false },
			 all = out->model->report->verbose;
	const char	*names, *best_names = "";
	size_t		 a, n, best = 0, most, shown = 0, left = 0;

	for (;;) {
		most = 0;
		for (a = 0; a < ARTIFACT_COUNT; a++) {
			if (done[a])
				continue;
			n = missing_rules(out, a, &names);
			if (n > most) {
				most = n;
				best = a;
				best_names = names;
			}
		}
		if (most == 0)
			break;
		done[best] = true;
		if (shown == 2 && !all) {
			left++;
			continue;
		}
		shown++;
		page_text(&out->page, 2, "not there:", COLOR_DIM, 14,
		    COLOR_NONE, str_of(arena_printf(out->page.arena,
		    "%s; would decide %s%s. To get it: %s",
		    artifacts[best].ask, all ? best_names :
		    arena_printf(out->page.arena, "%zu", most),
		    all ? "" : most == 1 ? " rule" : " rules",
		    artifacts[best].command)));
	}
	if (left > 0)
		page_printf(&out->page, 14, "(%zu more, and which rules: -v)",
		    left);
}

static void
text_unread(const struct text_out *out)
{
	static const char *const states[] = {
		[INPUT_READ] = "note:", [INPUT_PARTIAL] = "partial:",
		[INPUT_UNREADABLE] = "unreadable:", [INPUT_SKIPPED] = "skipped:"
	};
	const struct model	*model = out->model;
	const struct row_input	*row;
	size_t			 i, k, max;

	max = model->report->verbose ? SIZE_MAX : 2;
	for (i = 0; i < model->inputs.n; i++) {
		row = model->inputs.v[i];
		if (row->problems.n == 0 && row->input->state != INPUT_READ)
			page_text(&out->page, 2, states[row->input->state],
			    COLOR_YELLOW, 14, COLOR_NONE,
			    str_of(model_brief(model, row->input->path)));
		for (k = 0; k < row->problems.n && k < max; k++)
			page_text(&out->page, 2, states[row->input->state],
			    COLOR_YELLOW, 14, COLOR_NONE,
			    str_of(model_brief(model, arena_printf(
			    out->page.arena, "%s: %s", row->input->path,
			    (char *)row->problems.v[k]))));
		if (k < row->problems.n)
			page_printf(&out->page, 14, "(%zu more with -v)",
			    row->problems.n - k);
	}
}

/* One line for all that one key would open; -v: each with its place. */
static void
text_sealed(const struct text_out *out)
{
	const struct model	*model = out->model;
	const struct row_sealed	*row, *other;
	struct arena		*arena = out->page.arena;
	size_t			 i, k, n;
	int64_t			 bytes;

	for (i = 0; i < model->sealed.n; i++) {
		row = model->sealed.v[i];
		for (k = 0; k < i; k++)
			if (sealed_alike(model->sealed.v[k], row))
				break;
		if (k < i)
			continue;
		for (n = 0, bytes = 0; k < model->sealed.n; k++) {
			other = model->sealed.v[k];
			if (!sealed_alike(other, row))
				continue;
			n++;
			bytes += other->bytes == ABSENT ? 0 : other->bytes;
		}
		page_text(&out->page, 2, "sealed:", COLOR_DIM, 14, COLOR_NONE,
		    str_of(arena_printf(arena, "%zu message%s, %lld bytes; "
		    "opened only by %.*s (--key)", n, n == 1 ? "" : "s",
		    (long long)bytes, (int)row->opens_with.n,
		    row->opens_with.p)));
		for (k = i; k < model->sealed.n && model->report->verbose;
		    k++) {
			other = model->sealed.v[k];
			if (!sealed_alike(other, row))
				continue;
			page_line(&out->page, 14, COLOR_DIM, str_of(
			    arena_printf(arena, "[%s]", citation_text(
			    out->model, &other->at))));
		}
	}
}

static void
text_gaps(const struct text_out *out)
{
	const struct model	*model = out->model;
	size_t			 i;
	bool			 any = false;

	for (i = 0; i < model->coverage.n; i++)
		any |= ((struct row_coverage *)model->coverage.v[i])
		    ->coverage->state == STATE_CANNOT_SAY;
	for (i = 0; i < model->inputs.n; i++) {
		const struct row_input *row = model->inputs.v[i];

		any |= row->problems.n > 0 || row->input->state != INPUT_READ;
	}
	if (!any && model->sealed.n == 0)
		return;
	page_heading(&out->page, "Not examined");
	text_unread(out);
	text_sealed(out);
	text_missing(out);
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
	text_next(&out);
	text_open(&out);
	text_joins(&out);
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
