/*
 * The plain tables of the HTML report: timeline, joins, codes, inputs and
 * coverage.  Relies on model.h.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "parsers/fields.h"
#include "report/html.h"

/* ---- timeline ---- */

struct moment {
	int64_t		 time;
	size_t		 order;
	struct str	 what;
	const struct item *item;	/* who has the time, and as what */
	const struct field *field;
};

static int
moment_compare(const void *a, const void *b)
{
	const struct moment	*x = *(void *const *)a, *y = *(void *const *)b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void
moment_add(struct html *html, struct list *list, const struct item *item,
    const struct field *field, struct str what)
{
	struct arena	*arena = ev_arena(html->model->ev);
	int64_t		 time = item_count(item, field);
	struct moment	*moment, *other;
	size_t		 i;

	if (time == ABSENT || time == 0)
		return;
	for (i = 0; i < list->n; i++) {
		other = list->v[i];
		if (other->time == time && other->what.n == what.n &&
		    memcmp(other->what.p, what.p, what.n) == 0)
			return;
	}
	moment = arena_alloc(arena, sizeof(*moment));
	moment->time = time;
	moment->order = list->n;
	moment->what = what;
	moment->item = item;
	moment->field = field;
	list_add(arena, list, moment);
}

static struct str
join3(struct arena *arena, const char *a, struct str b, const char *c)
{
	return str_of(arena_printf(arena, "%s%.*s%s", a, (int)b.n, b.p, c));
}

/* When an attempt began and how it ended; its stages stand with it. */
static void
moments_stages(struct html *html, struct list *list,
    const struct row_attempt *row, size_t number)
{
	struct arena		*arena = ev_arena(html->model->ev);
	const struct row_stage	*stage, *last = NULL;
	bool			 begun = false;
	size_t			 i;

	for (i = 0; i < row->stages.n; i++) {
		stage = row->stages.v[i];
		if (stage->time == ABSENT)
			continue;
		if (!begun)
			moment_add(html, list, stage->at, &stage_time,
			    str_of(
			    arena_printf(arena, "Attempt %zu begins: %.*s",
			    number, (int)stage->name.n, stage->name.p)));
		begun = true;
		last = stage;
	}
	if (last != NULL)
		moment_add(html, list, last->at, &stage_time,
		    str_of(arena_printf(arena,
		    "Attempt %zu: %.*s, %.*s", number, (int)last->name.n,
		    last->name.p, (int)last->state.n, last->state.p)));
	else
		moment_add(html, list, row->at, &attempt_time,
		    str_of(arena_printf(arena,
		    "Attempt %zu: %.*s", number, (int)row->outcome.n,
		    row->outcome.p)));
}

static void
moments_attempt(struct html *html, struct list *list,
    const struct row_attempt *row, size_t number)
{
	struct arena	*arena = ev_arena(html->model->ev);
	struct str	 name;

	moments_stages(html, list, row, number);
	name = item_show(html->model->ev, row->at, &ek_issuer_name);
	moment_add(html, list, row->at, &ek_issuer_old_not_before,
	    join3(arena, "Older certificate of ", name, " begins"));
	moment_add(html, list, row->at, &ek_issuer_not_before,
	    join3(arena, "Certificate of ", name, ", as sent, begins"));
	moment_add(html, list, row->at, &ek_issuer_loaded,
	    join3(arena, "The service's list takes the new certificate of ",
	    name, ""));
	moment_add(html, list, row->at, &authority_since,
	    join3(arena, "Authority ", row->id, " listed since then"));
	moment_add(html, list, row->at, &authority_until,
	    join3(arena, "Authority ", row->id, " listed until then"));
}

void
html_timeline(struct html *html)
{
	struct arena		*arena = ev_arena(html->model->ev);
	struct list		 list = { 0 };
	const struct item	*item;
	const struct moment	*moment;
	size_t			 i;

	for (i = 0; i < html->model->attempts.n; i++)
		moments_attempt(html, &list, html->model->attempts.v[i],
		    i + 1);
	for (item = ev_first(html->model->ev, ITEM_RUN); item != NULL;
	    item = item->next)
		moment_add(html, &list, item, &run_event_time,
		    str_of("Event of the enrolment"));
	for (item = ev_first(html->model->ev, ITEM_NOTE); item != NULL;
	    item = item->next)
		moment_add(html, &list, item, &note_time,
		    str_of("Note or event"));
	html_raw(html, "<section id=\"timeline\"><h2>Timeline (UTC)</h2>\n"
	    "<h3>What happened when</h3>\n");
	if (list.n == 0)
		html_raw(html, "<p>The evidence gives no time.</p>\n");
	else
		HTML_TABLE(html, "Timeline", "Time", "What");
	if (list.n > 1)
		qsort(list.v, list.n, sizeof(*list.v), moment_compare);
	for (i = 0; i < list.n; i++) {
		moment = list.v[i];
		html_raw(html, "<tr><td class=\"nowrap\">");
		html_value(html, moment->item, moment->field,
		    str_of(time_text(arena, moment->time)));
		html_raw(html, "</td><td>");
		html_string(html, moment->what);
		html_raw(html, "</td></tr>\n");
	}
	if (list.n > 0)
		html_table_end(html->f);
	html_sessions(html);
	html_raw(html, "</section>\n");
}

/* ---- joins, codes ---- */

void
html_joins(struct html *html)
{
	const struct row_join	*row;
	size_t			 i;

	if (html->model->joins.n == 0)
		return;
	html_raw(html, "<section id=\"joins\"><h2>Which pieces belong "
	    "together</h2>\n<ul>\n");
	for (i = 0; i < html->model->joins.n; i++) {
		row = html->model->joins.v[i];
		html_raw(html, "<li><strong>");
		html_string(html, row->grade);
		html_raw(html, "</strong>: ");
		html_code(html, row->a);
		html_raw(html, " and ");
		html_code(html, row->b);
		html_raw(html, ": ");
		html_string(html, row->by);
		html_proofs(html, &row->proofs, NULL);
		html_raw(html, "</li>\n");
	}
	html_raw(html, "</ul></section>\n");
}

void
html_codes(struct html *html)
{
	const struct row_code	*row;
	size_t			 i, k;

	if (html->model->codes.n == 0)
		return;
	html_raw(html, "<section id=\"codes\"><h2>Codes</h2>\n");
	HTML_TABLE(html, "Codes", "Code", "Name", "Meaning", "Where");
	for (i = 0; i < html->model->codes.n; i++) {
		row = html->model->codes.v[i];
		html_raw(html, "<tr><th scope=\"row\" class=\"nowrap\">"
		    "<code>0x%08x</code></th><td class=\"id\">",
		    (unsigned int)row->code);
		if (row->known)
			html_string(html, row->info.symbol);
		html_raw(html, "</td><td>");
		html_string(html, row->known ? row->info.meaning :
		    str_of("not in these tables"));
		html_raw(html, "</td><td class=\"id\">");
		for (k = 0; k < row->where.n; k++) {
			if (k > 0)
				html_raw(html, "<br>");
			html_cite(html, row->where.v[k]);
		}
		html_raw(html, "</td></tr>\n");
	}
	html_table_end(html->f);
	html_raw(html, "</section>\n");
}

/* ---- inputs, coverage ---- */

/* What is wrong with an input, each linked to where. */
static void
input_problems(struct html *html, const struct row_input *row)
{
	struct evidence		*ev = html->model->ev;
	const struct problem	*problem;
	const struct input	*inputs;
	struct citation		 at;
	struct list		 shown = { 0 };
	const char		*text;
	size_t			 n, which;
	bool			 placed;

	inputs = ev_inputs(ev, &n);
	for (problem = ev_problems(ev); problem != NULL;
	    problem = problem->next) {
		which = problem->at.blob == BLOB_NONE ? 0 :
		    ev_blob(ev, problem->at.blob)->input;
		if (which >= n || &inputs[which] != row->input)
			continue;
		/* That of a whole file is about no bytes in particular. */
		placed = ev_cite(ev, problem->at, &at) &&
		    (at.member[0] != '\0' || at.offset != 0);
		text = placed ? model_brief(html->model,
		    citation_text(html->model, &at)) : "";
		if (!list_add_text(ev_arena(ev), &shown, arena_printf(
		    ev_arena(ev), "%s: %s", text, problem->text)))
			continue;
		html_raw(html, "<tr><td></td><td colspan=\"4\" "
		    "class=\"warning id\">");
		html_str(html->f, problem->text);
		if (placed) {
			html_raw(html, ", at ");
			html_bytes(html, problem->at, problem->text,
			    str_of(text));
		}
		html_raw(html, "</td></tr>\n");
	}
}

void
html_inputs(struct html *html)
{
	static const char *const states[] = {
		[INPUT_READ] = "read", [INPUT_PARTIAL] = "partial",
		[INPUT_UNREADABLE] = "unreadable", [INPUT_SKIPPED] = "skipped"
	};
	const struct row_input	*row;
	size_t			 i;

	html_raw(html, "<section id=\"inputs\"><h2>Inputs</h2>\n");
	HTML_TABLE(html, "Inputs", "File", "Kind", "State", "Bytes",
	    "SHA-256");
	for (i = 0; i < html->model->inputs.n; i++) {
		row = html->model->inputs.v[i];
		html_raw(html, "<tr><th scope=\"row\" class=\"id\">");
		html_str(html->f, row->input->path);
		html_raw(html, "</th><td>");
		html_str(html->f, row->input->kind);
		html_raw(html, "</td><td class=\"%s\">%s</td><td>%llu</td>"
		    "<td class=\"id\"><code>%s</code></td></tr>\n",
		    row->input->state == INPUT_READ ? "ok" : "warning",
		    states[row->input->state],
		    (unsigned long long)row->input->size, row->sha256);
		input_problems(html, row);
	}
	html_table_end(html->f);
	html_raw(html, "</section>\n");
}

static void
html_sealed(struct html *html)
{
	const struct row_sealed	*row;
	size_t			 i;

	if (html->model->sealed.n == 0)
		return;
	html_raw(html, "<section id=\"sealed\"><h2>Sealed: opened only with "
	    "<code>--key</code></h2>\n");
	HTML_TABLE(html, "Sealed messages", "For", "Bytes", "Cipher",
	    "What opens it");
	for (i = 0; i < html->model->sealed.n; i++) {
		row = html->model->sealed.v[i];
		html_raw(html, "<tr><td>%s", row->named ? "" :
		    "a certificate of ");
		html_text(html->f, row->to.p, row->to.n);
		html_raw(html, "</td><td>");
		if (row->bytes != ABSENT)
			html_raw(html, "%lld", (long long)row->bytes);
		html_raw(html, "</td><td>");
		html_text(html->f, row->cipher.p, row->cipher.n);
		html_raw(html, "</td><td>");
		html_text(html->f, row->opens_with.p, row->opens_with.n);
		html_raw(html, "</td></tr>\n");
	}
	html_table_end(html->f);
	html_raw(html, "</section>\n");
}

/* Rules that lack something, and what would decide them. */
static void
coverage_asks(const struct html *html)
{
	const struct row_coverage	*row;
	size_t				 i, n = 0;

	for (i = 0; i < html->model->coverage.n; i++) {
		row = html->model->coverage.v[i];
		if (row->coverage->state != STATE_CANNOT_SAY)
			continue;
		if (n++ == 0)
			HTML_TABLE(html, "Rules without an answer",
			    "Cannot be judged", "What would decide it");
		html_raw(html, "<tr><th scope=\"row\" class=\"id\">");
		html_str(html->f, row->coverage->rule);
		html_raw(html, "</th><td>");
		html_str(html->f, row->ask);
		html_raw(html, "</td></tr>\n");
	}
	if (n > 0)
		html_table_end(html->f);
	else
		html_raw(html, "<p>Every rule that applies could be judged."
		    "</p>\n");
}

static void
coverage_state(const struct html *html, enum rule_state state,
    const char *what)
{
	const struct row_coverage	*row;
	size_t				 i, n = 0;

	for (i = 0; i < html->model->coverage.n; i++) {
		row = html->model->coverage.v[i];
		n += row->coverage->state == state;
	}
	if (n == 0)
		return;
	html_raw(html, "<details><summary>%zu %s</summary>\n"
	    "<p class=\"id\">", n, what);
	for (i = 0, n = 0; i < html->model->coverage.n; i++) {
		row = html->model->coverage.v[i];
		if (row->coverage->state != state)
			continue;
		html_raw(html, "%s", n++ > 0 ? ", " : "");
		html_str(html->f, row->coverage->rule);
	}
	html_raw(html, "</p></details>\n");
}

void
html_coverage(struct html *html)
{
	size_t	i;

	for (i = 0; i < html->model->limits.n; i++) {
		html_raw(html, "%s<li>", i > 0 ? "" :
		    "<section><h2>Limits that were reached</h2>\n<ul>\n");
		html_str(html->f, html->model->limits.v[i]);
		html_raw(html, "</li>\n");
	}
	if (html->model->limits.n > 0)
		html_raw(html, "</ul></section>\n");
	html_sealed(html);
	if (html->model->coverage.n == 0)
		return;
	html_raw(html, "<section id=\"coverage\"><h2>Coverage: how every rule "
	    "ended</h2>\n");
	coverage_asks(html);
	coverage_state(html, STATE_FIRED, "fired");
	coverage_state(html, STATE_CANNOT_SAY, "cannot say, see above");
	coverage_state(html, STATE_SILENT,
	    "silent: looked at, does not apply");
	coverage_state(html, STATE_NOT_APPLICABLE,
	    "not applicable: the case has no such item");
	html_raw(html, "</section>\n");
}
