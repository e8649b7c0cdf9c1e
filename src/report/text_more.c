/*
 * The long half of the text report: all findings, attempts stage by stage,
 * codes, certificates, coverage, how much was read.
 * Relies on model.h and page.h.
 */
#include "report/text_more.h"

#include <string.h>

static void
more_findings(const struct text_out *out)
{
	const struct row_finding	*row;
	struct list			 shown = { 0 };
	size_t				 i, k;

	if (out->model->findings.n == 0)
		return;
	page_heading(&out->page, "All findings");
	for (i = 0; i < out->model->findings.n; i++) {
		row = out->model->findings.v[i];
		text_finding(out, row, SIZE_MAX, &shown);
		shown = (struct list){ 0 };
		if (row->finding->why != NULL)
			page_text(&out->page, 13, NULL, COLOR_NONE, 13,
			    COLOR_NONE, str_of(row->finding->why));
		for (k = 0; k < row->rule->nsee; k++)
			page_printf(&out->page, 13, "see %s",
			    row->rule->see[k]);
	}
}

static void
more_stage(const struct text_out *out, const struct row_stage *row)
{
	struct arena	*arena = out->page.arena;
	const char	*text;

	text = arena_printf(arena, "%-20.*s %-12.*s", (int)row->name.n,
	    row->name.p, (int)row->state.n, row->state.p);
	if (row->time != ABSENT)
		text = arena_printf(arena, "%s %s", text,
		    time_text(arena, row->time));
	if (row->duration_ms != ABSENT)
		text = arena_printf(arena, "%s %lld ms", text,
		    (long long)row->duration_ms);
	if (row->http_status != ABSENT)
		text = arena_printf(arena, "%s HTTP %lld", text,
		    (long long)row->http_status);
	if (row->pki_status != ABSENT)
		text = arena_printf(arena, "%s pkiStatus %lld", text,
		    (long long)row->pki_status);
	if (!str_empty(row->hresult))
		text = arena_printf(arena, "%s %.*s", text,
		    (int)row->hresult.n, row->hresult.p);
	page_line(&out->page, 4, COLOR_NONE, str_of(text));
	if (!str_empty(row->message))
		page_text(&out->page, 8, NULL, COLOR_NONE, 8, COLOR_DIM,
		    row->message);
}

static void
more_attempts(const struct text_out *out)
{
	const struct row_attempt	*row;
	size_t				 i, k;

	if (out->model->attempts.n == 0)
		return;
	page_heading(&out->page, "Attempts");
	for (i = 0; i < out->model->attempts.n; i++) {
		row = out->model->attempts.v[i];
		page_printf(&out->page, 2, "%zu. %.*s %s %.*s%s%.*s", i + 1,
		    (int)row->outcome.n, row->outcome.p,
		    row->time == ABSENT ? "" :
		    time_text(out->page.arena, row->time),
		    (int)row->host.n, row->host.p,
		    str_empty(row->listed) ? "" : ", listed: ",
		    (int)row->listed.n, row->listed.p);
		for (k = 0; k < row->stages.n; k++)
			more_stage(out, row->stages.v[k]);
	}
}

static void
more_codes(const struct text_out *out)
{
	const struct row_code	*row;
	size_t			 i, k;

	if (out->model->codes.n == 0)
		return;
	page_heading(&out->page, "Codes");
	for (i = 0; i < out->model->codes.n; i++) {
		row = out->model->codes.v[i];
		page_printf(&out->page, 2, "0x%08x %.*s: %.*s",
		    (unsigned int)row->code,
		    row->known ? (int)row->info.symbol.n : 13,
		    row->known ? row->info.symbol.p : "no known name",
		    row->known ? (int)row->info.meaning.n : 20,
		    row->known ? row->info.meaning.p : "not in these tables");
		for (k = 0; k < row->where.n; k++)
			page_line(&out->page, 15, COLOR_DIM,
			    str_of(model_brief(out->model,
			    citation_text(out->model,
			    &((struct proof *)row->where.v[k])->at))));
	}
}

static void
more_texts(const struct text_out *out, const char *what,
    const struct list *texts, enum color color)
{
	size_t	i;

	for (i = 0; i < texts->n; i++)
		page_text(&out->page, 22, what, color, 22, COLOR_NONE,
		    str_of(texts->v[i]));
}

/* Paths to a root where they lack something, and what a re-issue changed. */
static void
more_paths(const struct text_out *out, const struct row_certificate *row)
{
	if (row->complete != TRI_TRUE || row->broken.n > 0)
		more_texts(out, "path:", &row->paths, COLOR_YELLOW);
	more_texts(out, "signature not right:", &row->broken, COLOR_RED);
	more_texts(out, "an issuer is not here:", &row->missing, COLOR_YELLOW);
	more_texts(out, "it can be had from", &row->missing_at,
	    COLOR_DIM);
	more_texts(out, "differs from the one before:", &row->differs,
	    COLOR_DIM);
}

static void
more_weak(const struct text_out *out)
{
	const struct row_weak	*row;
	const struct proof	*proof;
	size_t			 i, k;

	for (i = 0; i < out->model->weak.n; i++) {
		row = out->model->weak.v[i];
		if (i == 0)
			page_heading(&out->page,
			    "Weak algorithms in the messages");
		page_printf(&out->page, 2, "%.*s, in %zu message%s",
		    (int)row->what.n, row->what.p, row->messages,
		    row->messages == 1 ? "" : "s");
		for (k = 0; k < row->proofs.n; k++) {
			proof = row->proofs.v[k];
			page_line(&out->page, 4, COLOR_DIM,
			    str_of(model_brief(out->model,
			    citation_text(out->model, &proof->at))));
		}
	}
}

static void
more_certificates(const struct text_out *out)
{
	const struct row_certificate	*row;
	size_t				 i, k;

	if (out->model->certificates.n == 0)
		return;
	page_heading(&out->page, "Certificates");
	for (i = 0; i < out->model->certificates.n; i++) {
		row = out->model->certificates.v[i];
		page_text(&out->page, 2, arena_printf(out->page.arena,
		    "%u. %.*s", row->number, (int)row->role.n, row->role.p),
		    COLOR_CYAN, 22, COLOR_NONE, str_empty(row->subject) ?
		    str_of("(empty subject)") : row->subject);
		page_printf(&out->page, 22, "serial %.*s, %s to %s%s%s",
		    (int)row->serial.n, row->serial.p,
		    row->not_before == ABSENT ? "?" :
		    time_text(out->page.arena, row->not_before),
		    row->not_after == ABSENT ? "?" :
		    time_text(out->page.arena, row->not_after),
		    row->up == NULL ? "" : ", issued by number ",
		    row->up == NULL ? "" : arena_printf(out->page.arena, "%u",
		    row->up->number));
		for (k = 0; k < row->problems.n; k++)
			page_text(&out->page, 22, NULL, COLOR_NONE, 22,
			    COLOR_YELLOW, str_of(row->problems.v[k]));
		more_paths(out, row);
	}
}

static void
more_coverage(const struct text_out *out)
{
	const struct row_coverage	*row;
	size_t				 i;

	if (out->model->coverage.n == 0)
		return;
	page_heading(&out->page, "Coverage: every rule and how it ended");
	for (i = 0; i < out->model->coverage.n; i++) {
		row = out->model->coverage.v[i];
		page_text(&out->page, 2,
		    rule_state_names[row->coverage->state],
		    row->coverage->state == STATE_FIRED ? COLOR_BOLD :
		    COLOR_DIM, 18, COLOR_NONE,
		    str_of(row->coverage->rule));
	}
}

static void
more_read(const struct text_out *out)
{
	const struct row_input	*row;
	const struct fact	*fact;
	const struct item	*item;
	size_t			 facts, items, i;
	unsigned int		 kind;

	page_heading(&out->page, "What was read");
	for (i = 0; i < out->model->inputs.n; i++) {
		row = out->model->inputs.v[i];
		page_printf(&out->page, 2, "%s: %s, %llu bytes",
		    row->input->path, row->input->kind,
		    (unsigned long long)row->input->size);
	}
	for (kind = 0; kind < ITEM_KIND_COUNT; kind++) {
		items = facts = 0;
		for (item = ev_first(out->model->ev, kind); item != NULL;
		    item = item->next) {
			items++;
			for (fact = item->facts; fact != NULL;
			    fact = fact->next)
				facts++;
		}
		if (items > 0)
			page_printf(&out->page, 2,
			    "%zu %s item%s with %zu facts", items,
			    kinds[kind].name, items == 1 ? "" : "s", facts);
	}
	page_printf(&out->page, 2, "aiktriage %s, rules %s",
	    out->model->version, out->model->rules_sha256);
}

void
text_more(const struct text_out *out)
{
	more_findings(out);
	more_attempts(out);
	more_codes(out);
	more_certificates(out);
	more_weak(out);
	more_coverage(out);
	more_read(out);
}
