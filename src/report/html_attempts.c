/*
 * The attempts: one table of all, and each with its diagram and its stages in
 * words.  Relies on model.h and html_sequence.c.
 */
#include "correlate/attempt.h"
#include "report/html.h"

#define ATTEMPTS_MAX	200	/* that are shown */

static const char *
outcome_class(const struct row_attempt *row)
{
	return str_is(row->outcome, "failed") ? "failed" :
	    str_is(row->outcome, "succeeded") ? "succeeded" : "unfinished";
}

static void
stage_line(struct html *html, const struct row_attempt *row,
    const struct row_stage *stage)
{
	struct arena	*arena = ev_arena(html->model->ev);

	html_raw(html, "<tr><th scope=\"row\">");
	html_string(html, stage->name);
	html_raw(html, "</th><td class=\"%s\">",
	    html_stage_bad(row, stage) ? "failed" :
	    str_is(stage->state, "ok") ? "ok" : "soft");
	html_value(html, stage->at, &stage_state, stage->state);
	html_raw(html, "</td><td class=\"nowrap\">");
	if (stage->time != ABSENT)
		html_value(html, stage->at, &stage_time,
		    str_of(html_clock(arena, stage->time)));
	if (stage->duration_ms != ABSENT)
		html_raw(html, "<br>%lld ms", (long long)stage->duration_ms);
	html_raw(html, "</td><td class=\"nowrap\">");
	if (stage->http_status != ABSENT) {
		html_raw(html, "HTTP ");
		html_value(html, stage->at, &http_status,
		    str_of(arena_printf(arena, "%lld",
		    (long long)stage->http_status)));
		html_raw(html, "<br>");
	}
	if (stage->pki_status != ABSENT) {
		html_raw(html, "pkiStatus ");
		html_value(html, stage->at, &scep_pki_status,
		    str_of(arena_printf(arena, "%lld",
		    (long long)stage->pki_status)));
		html_raw(html, "<br>");
	}
	html_value(html, stage->at, &stage_code, stage->hresult);
	html_raw(html, "</td><td class=\"message\">");
	html_value(html, stage->at, &service_message,
	    html_short(html, stage->message, 1000));
	html_raw(html, "</td><td class=\"id\">");
	html_value(html, stage->at, &stage_request_id, stage->request_id);
	if (!str_empty(stage->request_id) &&
	    !str_empty(stage->client_request_id))
		html_raw(html, "<br>");
	html_value(html, stage->at, &stage_client_request_id,
	    stage->client_request_id);
	html_raw(html, "</td><td class=\"nowrap\">");
	html_string(html, stage->item);
	html_raw(html, "</td></tr>\n");
}

static void
sequence_table(struct html *html, const struct row_attempt *row,
    size_t number)
{
	size_t	i;

	HTML_TABLE(html, arena_printf(ev_arena(html->model->ev),
	    "Attempt %zu, stage by stage", number), "Stage", "State", "Time",
	    "Answer", "Message of the service",
	    "x-ms-request-id, client's id", "Seen in");
	for (i = 0; i < row->stages.n; i++)
		stage_line(html, row, row->stages.v[i]);
	html_table_end(html->f);
}

/* All attempts in one table, where there are several. */
static void
attempts_table(struct html *html)
{
	const struct row_attempt	*row;
	struct arena			*arena = ev_arena(html->model->ev);
	int64_t				 before = ABSENT;
	size_t				 i;

	HTML_TABLE(html, "All attempts", "Attempt", "Time (UTC)", "After",
	    "Outcome", "Failed at", "Seen by");
	for (i = 0; i < html->model->attempts.n && i < ATTEMPTS_MAX; i++) {
		row = html->model->attempts.v[i];
		html_raw(html, "<tr><th scope=\"row\"><a href=\"#attempt%zu\">"
		    "%zu</a></th><td class=\"nowrap\">", i + 1, i + 1);
		if (row->time != ABSENT)
			html_value(html, row->at, &attempt_time,
			    str_of(time_text(arena, row->time)));
		html_raw(html, "</td><td class=\"nowrap\">");
		if (row->time != ABSENT && before != ABSENT &&
		    row->time >= before)
			html_raw(html, "%lld s",
			    (long long)((row->time - before) / 1000000));
		if (row->time != ABSENT)
			before = row->time;
		html_raw(html, "</td><td class=\"%s\">", outcome_class(row));
		html_value(html, row->at, &attempt_outcome, row->outcome);
		html_raw(html, "</td><td>");
		html_value(html, row->at, &attempt_failed_stage,
		    row->failed_stage);
		html_raw(html, "</td><td>");
		html_string(html, row->source);
		html_raw(html, "</td></tr>\n");
	}
	html_table_end(html->f);
	if (i < html->model->attempts.n)
		html_raw(html, "<p class=\"soft\">%zu more: see the JSON "
		    "report.</p>\n", html->model->attempts.n - i);
}

/* The one to be shown open: the last that failed, else the last. */
static size_t
attempt_shown(const struct model *model)
{
	const struct row_attempt	*row;
	size_t				 i;

	for (i = model->attempts.n; i > 0; i--) {
		row = model->attempts.v[i - 1];
		if (str_is(row->outcome, "failed"))
			return i - 1;
	}
	return model->attempts.n - 1;
}

static void
attempt_show(struct html *html, const struct row_attempt *row, size_t number,
    bool open)
{
	html_raw(html, "<details id=\"attempt%zu\"%s><summary>Attempt %zu: "
	    "<span class=\"badge %s\">", number, open ? " open" : "", number,
	    outcome_class(row));
	html_string(html, str_empty(row->outcome) ? str_of("unfinished") :
	    row->outcome);
	html_raw(html, "</span> ");
	if (row->time != ABSENT)
		html_str(html->f, time_text(ev_arena(html->model->ev),
		    row->time));
	html_raw(html, "</summary>\n<figure>\n");
	if (row->stages.n > 0)
		html_sequence(html, row, number);
	else
		html_raw(html, "<p>No stage of this attempt can be seen in "
		    "the evidence.</p>\n");
	html_raw(html, "<figcaption>");
	html_value(html, row->at, &attempt_host, row->host);
	if (!str_empty(row->listed)) {
		html_raw(html, " (listed: ");
		html_value(html, row->at, &authority_state_f, row->listed);
		html_raw(html, ")");
	}
	if (!str_empty(row->transaction)) {
		html_raw(html, ", transaction <code>");
		html_value(html, row->at, &attempt_transaction,
		    row->transaction);
		html_raw(html, "</code>");
	}
	html_raw(html, "</figcaption></figure>\n");
	if (row->stages.n > 0)
		sequence_table(html, row, number);
	html_raw(html, "</details>\n");
}

void
html_attempts(struct html *html)
{
	size_t	i, open, n = html->model->attempts.n;

	if (n == 0)
		return;
	open = attempt_shown(html->model);
	html_raw(html, "<section id=\"attempts\"><h2>Attempts: what was "
	    "exchanged</h2>\n");
	if (n > 1)
		attempts_table(html);
	for (i = 0; i < n && i < ATTEMPTS_MAX; i++)
		attempt_show(html, html->model->attempts.v[i], i + 1,
		    i == open);
	html_raw(html, "</section>\n");
}
