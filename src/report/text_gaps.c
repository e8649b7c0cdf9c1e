/*
 * "Not examined": inputs that could not be read, messages that no key opened,
 * evidence that is not there and what it would decide.
 * Relies on model.h and page.h.
 */
#include "report/text_more.h"

/* What a screen has room for; -v shows all. */
#define MISSING_MAX	2
#define PROBLEMS_MAX	2

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

/*
 * The artifacts that are not there, those that would decide most first: what
 * each would decide and how to get it with -v.
 */
static void
text_missing(const struct text_out *out)
{
	bool		 done[ARTIFACT_COUNT] = { false };
	const char	*names, *best_names = "", *text = "";
	size_t		 a, n, best = 0, most, shown;

	for (shown = 0;; shown++) {
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
		if (out->model->report->verbose)
			page_text(&out->page, 2, "not there:", COLOR_DIM, 14,
			    COLOR_NONE, str_of(arena_printf(out->page.arena,
			    "%s; would decide %s. To get it: %s",
			    artifacts[best].ask, best_names,
			    artifacts[best].command)));
		else if (shown < MISSING_MAX)
			text = arena_printf(out->page.arena, "%s%s%s", text,
			    shown == 0 ? "" : "; ", artifacts[best].ask);
	}
	if (*text != '\0')
		page_text(&out->page, 2, "not there:", COLOR_DIM, 14,
		    COLOR_NONE, str_of(arena_printf(out->page.arena,
		    "%s%s (how to get each: -v)", text,
		    shown <= MISSING_MAX ? "" : arena_printf(out->page.arena,
		    "; %zu more", shown - MISSING_MAX))));
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

	max = model->report->verbose ? SIZE_MAX : PROBLEMS_MAX;
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
		    str_of(model->report->verbose ? arena_printf(arena,
		    "%zu message%s, %lld bytes; opened only by %.*s (--key)",
		    n, n == 1 ? "" : "s", (long long)bytes,
		    (int)row->opens_with.n, row->opens_with.p) :
		    arena_printf(arena, "%zu message%s for \"%.*s\" (--key)",
		    n, n == 1 ? "" : "s", (int)row->to.n, row->to.p)));
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

void
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
