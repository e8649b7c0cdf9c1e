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
moment_add(struct html *html, struct list *list, int64_t time,
    struct str what)
{
	struct arena	*arena = ev_arena(html->model->ev);
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
	list_add(arena, list, moment);
}

static struct str
join3(struct arena *arena, const char *a, struct str b, const char *c)
{
	return str_of(arena_printf(arena, "%s%.*s%s", a, (int)b.n, b.p, c));
}

static void
moments_attempt(struct html *html, struct list *list,
    const struct row_attempt *row, size_t number)
{
	struct arena		*arena = ev_arena(html->model->ev);
	const struct row_stage	*stage;
	struct str		 name;
	size_t			 i;

	for (i = 0; i < row->stages.n; i++) {
		stage = row->stages.v[i];
		moment_add(html, list, stage->time, str_of(arena_printf(arena,
		    "Attempt %zu: %.*s %.*s", number, (int)stage->name.n,
		    stage->name.p, (int)stage->state.n, stage->state.p)));
	}
	name = item_show(html->model->ev, row->at, &ek_issuer_name);
	moment_add(html, list, item_count(row->at, &ek_issuer_old_not_before),
	    join3(arena, "Older certificate of ", name, " begins"));
	moment_add(html, list, item_count(row->at, &ek_issuer_not_before),
	    join3(arena, "Certificate of ", name, ", as sent, begins"));
	moment_add(html, list, item_count(row->at, &ek_issuer_loaded),
	    join3(arena, "The service's list takes the new certificate of ",
	    name, ""));
	moment_add(html, list, row->since,
	    join3(arena, "Authority ", row->id, " listed since then"));
	moment_add(html, list, row->until,
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
		moment_add(html, &list, item_count(item, &run_event_time),
		    str_of("Event of the enrolment"));
	for (item = ev_first(html->model->ev, ITEM_NOTE); item != NULL;
	    item = item->next)
		moment_add(html, &list, item_count(item, &note_time),
		    str_of("Note or event"));
	html_raw(html, "<section id=\"timeline\"><h2>Timeline (UTC)</h2>\n");
	if (list.n == 0)
		html_raw(html, "<p>The evidence gives no time.</p>\n");
	else
		html_raw(html, "<div class=\"scroll\"><table><thead><tr>"
		    "<th scope=\"col\">Time</th><th scope=\"col\">What</th>"
		    "</tr></thead><tbody>\n");
	if (list.n > 1)
		qsort(list.v, list.n, sizeof(*list.v), moment_compare);
	for (i = 0; i < list.n; i++) {
		moment = list.v[i];
		html_raw(html, "<tr><td class=\"nowrap\">%s</td><td>",
		    time_text(arena, moment->time));
		html_string(html, moment->what);
		html_raw(html, "</td></tr>\n");
	}
	html_raw(html, "%s</section>\n", list.n == 0 ? "" :
	    "</tbody></table></div>");
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
	html_raw(html, "<section id=\"codes\"><h2>Codes</h2>\n"
	    "<div class=\"scroll\"><table><thead><tr>"
	    "<th scope=\"col\">Code</th><th scope=\"col\">Name</th>"
	    "<th scope=\"col\">Meaning</th><th scope=\"col\">Where</th></tr>"
	    "</thead><tbody>\n");
	for (i = 0; i < html->model->codes.n; i++) {
		row = html->model->codes.v[i];
		html_raw(html, "<tr><td class=\"nowrap\"><code>0x%08x</code>"
		    "</td><td class=\"id\">", (unsigned int)row->code);
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
	html_raw(html, "</tbody></table></div></section>\n");
}

/* ---- inputs, coverage ---- */

void
html_inputs(struct html *html)
{
	static const char *const states[] = {
		[INPUT_READ] = "read", [INPUT_PARTIAL] = "partial",
		[INPUT_UNREADABLE] = "unreadable", [INPUT_SKIPPED] = "skipped"
	};
	const struct row_input	*row;
	size_t			 i, k;

	html_raw(html, "<section id=\"inputs\"><h2>Inputs</h2>\n"
	    "<div class=\"scroll\"><table><thead><tr>"
	    "<th scope=\"col\">File</th><th scope=\"col\">Kind</th>"
	    "<th scope=\"col\">State</th><th scope=\"col\">Bytes</th>"
	    "<th scope=\"col\">SHA-256</th></tr></thead><tbody>\n");
	for (i = 0; i < html->model->inputs.n; i++) {
		row = html->model->inputs.v[i];
		html_raw(html, "<tr><td class=\"id\">");
		html_str(html->f, row->input->path);
		html_raw(html, "</td><td>");
		html_str(html->f, row->input->kind);
		html_raw(html, "</td><td class=\"%s\">%s</td><td>%llu</td>"
		    "<td class=\"id\"><code>%s</code></td></tr>\n",
		    row->input->state == INPUT_READ ? "ok" : "warning",
		    states[row->input->state],
		    (unsigned long long)row->input->size, row->sha256);
		for (k = 0; k < row->problems.n; k++) {
			html_raw(html, "<tr><td></td><td colspan=\"4\" "
			    "class=\"warning\">");
			html_str(html->f, row->problems.v[k]);
			html_raw(html, "</td></tr>\n");
		}
	}
	html_raw(html, "</tbody></table></div></section>\n");
}

static void
html_sealed(struct html *html)
{
	const struct row_sealed	*row;
	size_t			 i;

	if (html->model->sealed.n == 0)
		return;
	html_raw(html, "<section id=\"sealed\"><h2>Sealed: opened only with "
	    "<code>--key</code></h2>\n<div class=\"scroll\"><table><thead>"
	    "<tr><th scope=\"col\">For</th><th scope=\"col\">Bytes</th>"
	    "<th scope=\"col\">Cipher</th><th scope=\"col\">What opens it"
	    "</th></tr></thead><tbody>\n");
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
	html_raw(html, "</tbody></table></div></section>\n");
}

void
html_coverage(struct html *html)
{
	const struct row_coverage	*row;
	size_t				 i;

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
	html_raw(html, "<section id=\"coverage\"><h2>Coverage: every rule and "
	    "how it ended</h2>\n<div class=\"scroll\"><table><thead><tr>"
	    "<th scope=\"col\">Rule</th><th scope=\"col\">State</th>"
	    "<th scope=\"col\">What would decide it</th></tr></thead>"
	    "<tbody>\n");
	for (i = 0; i < html->model->coverage.n; i++) {
		row = html->model->coverage.v[i];
		html_raw(html, "<tr><td class=\"id\">");
		html_str(html->f, row->coverage->rule);
		html_raw(html, "</td><td class=\"nowrap %s\">%s</td><td>",
		    row->coverage->state == STATE_FIRED ? "cause" : "soft",
		    rule_state_names[row->coverage->state]);
		html_str(html->f, row->ask);
		html_raw(html, "</td></tr>\n");
	}
	html_raw(html, "</tbody></table></div></section>\n");
}
