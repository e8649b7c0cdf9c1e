/*
 * The sessions of each capture on an axis of time: those of the attestation
 * one by one, all others as a profile of how many there were, so that 60 and
 * 5,000 read alike; and lists of both.
 * Relies on correlate/attempt.h for the sessions in the order of time.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "report/html.h"

#define WIDTH		820
#define LEFT		120	/* the axis */
#define RIGHT		805
#define BIN		5
#define BINS		((RIGHT - LEFT) / BIN)
#define LABELS		4	/* rows of labels of attempts */
#define LABEL_ROW	16
#define LABEL_WIDTH	150
#define LANE		30
#define PROFILE		46	/* height of the highest bin */
#define MARKS_MAX	2000
#define LIST_MAX	1000
#define HOSTS_MAX	300
#define CAPTURES_MAX	8
#define SECOND		INT64_C(1000000)

enum lane { LANE_AIK, LANE_NEAR, LANE_OTHER, LANE_COUNT };

static const char *const lane_names[] = {
	[LANE_AIK] = "AIK service", [LANE_NEAR] = "enrolment, other",
	[LANE_OTHER] = "all other"
};

struct track {
	struct html	*html;
	struct exchange	*v;
	size_t		 n, untimed;
	const char	*name;
	int64_t		 from, to;
	size_t		 lanes[LANE_COUNT];
	int		 height;
};

static enum lane
lane_of(const struct exchange *x)
{
	switch (host_scope(x->host)) {
	case HOST_AIK:
		return LANE_AIK;
	case HOST_OTHER:
		return LANE_OTHER;
	default:
		return LANE_NEAR;
	}
}

static int64_t
status_of(const struct exchange *x)
{
	return x->response == NULL ? 0 :
	    item_number(x->response, &http_status, 0);
}

static bool
is_bad(const struct exchange *x)
{
	int64_t	status = status_of(x);

	return status == 0 || status >= 400;
}

static int
track_x(const struct track *t, int64_t us)
{
	double	span = (double)(t->to - t->from);

	if (us < t->from)
		us = t->from;
	if (us > t->to)
		us = t->to;
	return LEFT + (int)((RIGHT - LEFT) * ((double)(us - t->from) /
	    (span <= 0 ? 1 : span)));
}

/* ---- the drawing ---- */

static void
text_at(const struct html *html, int x, int y, const char *class,
    const char *anchor, const char *text)
{
	html_raw(html, "<text x=\"%d\" y=\"%d\" class=\"%s\" "
	    "text-anchor=\"%s\">", x, y, class, anchor);
	html_str(html->f, text);
	html_raw(html, "</text>\n");
}

/* At most eight round times, and lines through all lanes. */
static void
track_axis(const struct track *t)
{
	static const int64_t steps[] = {
		1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
		14400, 21600, 43200, 86400, 172800, 604800, 2592000, 31536000
	};
	int64_t	step = 0, us;
	char	buf[40];
	size_t	i;
	int	x;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		step = steps[i] * SECOND;
		if ((t->to - t->from) / step < 8)
			break;
	}
	if ((t->to - t->from) / step >= 80)
		return;
	for (us = t->from / step * step; us <= t->to; us += step) {
		if (us < t->from)
			continue;
		x = track_x(t, us);
		time_format(us, buf);
		html_raw(t->html, "<path class=\"grid\" d=\"M%d %dV%d\"/>\n",
		    x, LABELS * LABEL_ROW, t->height - 18);
		/* The time of day, or for longer captures the date. */
		buf[step < 86400 * SECOND ? 19 : 10] = '\0';
		text_at(t->html, x, t->height - 4, "small", x > RIGHT - 30 ?
		    "end" : "middle", step < 86400 * SECOND ? buf + 11 : buf);
	}
}

/*
 * Labels of attempts in the first row that has room, so that no line to a mark
 * crosses a label; the others go without.  Returns how many rows are used;
 * draws them above the lanes where `rows` says so.
 */
static int
track_labels(const struct track *t, int rows)
{
	const struct row_attempt	*row;
	const struct attempt		*attempt;
	struct arena			*arena = ev_arena(t->html->model->ev);
	int				 busy[LABELS] = { 0 }, used = 0, x, at,
					 k, y;
	size_t				 i, m;

	for (i = 0; i < t->html->model->attempts.n; i++) {
		row = t->html->model->attempts.v[i];
		attempt = row->at->attempt;
		if (attempt == NULL || attempt->nexchanges == 0)
			continue;
		for (m = 0; m < t->n; m++)
			if (t->v[m].session == attempt->exchanges[0]->session)
				break;
		if (m == t->n || attempt->exchanges[0]->begin == 0)
			continue;
		x = track_x(t, attempt->exchanges[0]->begin);
		at = x > RIGHT - LABEL_WIDTH ? RIGHT - LABEL_WIDTH : x;
		for (k = 0; k < LABELS && busy[k] > at; k++)
			continue;
		if (k == LABELS)
			continue;
		busy[k] = at + LABEL_WIDTH;
		used = k + 1 > used ? k + 1 : used;
		if (rows == 0)
			continue;
		y = (LABELS - rows + k + 1) * LABEL_ROW - 4;
		html_raw(t->html, "<path class=\"lead\" d=\"M%d %dV%d\"/>\n",
		    x, y + 3, LABELS * LABEL_ROW + 6);
		text_at(t->html, at + 3, y, str_is(row->outcome, "failed") ?
		    "badsmall" : "small", "start", arena_printf(arena,
		    "attempt %zu: %.*s", i + 1, (int)row->outcome.n,
		    row->outcome.p));
	}
	return used;
}

static void
track_marks(const struct track *t, enum lane lane, int y)
{
	const struct exchange	*x;
	size_t			 i, drawn = 0;
	int			 from, w;

	for (i = 0; i < t->n && drawn < MARKS_MAX; i++) {
		x = &t->v[i];
		if (x->begin == 0 || lane_of(x) != lane)
			continue;
		drawn++;
		from = track_x(t, x->begin);
		w = x->end > x->begin ? track_x(t, x->end) - from : 0;
		html_raw(t->html, "<rect class=\"%s\" x=\"%d\" y=\"%d\" "
		    "width=\"%d\" height=\"16\"/>\n",
		    is_bad(x) ? "barbad" : "bar", from > RIGHT - 3 ?
		    RIGHT - 3 : from, y, w < 3 ? 3 : w);
	}
}

/* How many sessions began in each stretch of the axis. */
static void
track_profile(const struct track *t, int y)
{
	struct arena	*arena = ev_arena(t->html->model->ev);
	size_t		 counts[BINS + 1] = { 0 }, top = 0, i;
	int		 height;

	for (i = 0; i < t->n; i++) {
		if (t->v[i].begin == 0 || lane_of(&t->v[i]) != LANE_OTHER)
			continue;
		counts[(track_x(t, t->v[i].begin) - LEFT) / BIN]++;
	}
	for (i = 0; i <= BINS; i++)
		top = counts[i] > top ? counts[i] : top;
	for (i = 0; i <= BINS && top > 0; i++) {
		if (counts[i] == 0)
			continue;
		height = (int)(counts[i] * PROFILE / top);
		height = height < 2 ? 2 : height;
		html_raw(t->html, "<rect class=\"barold\" x=\"%d\" y=\"%d\" "
		    "width=\"%d\" height=\"%d\"/>\n",
		    LEFT + (int)i * BIN, y + PROFILE - height, BIN - 1,
		    height);
	}
	text_at(t->html, LEFT - 8, y + PROFILE - 2, "small", "end",
	    arena_printf(arena, "%zu at most", top));
}

static void
track_draw(struct track *t, size_t number)
{
	struct arena	*arena = ev_arena(t->html->model->ev);
	int		 y = LABELS * LABEL_ROW + 6, rows = track_labels(t, 0),
			 top = (LABELS - rows) * LABEL_ROW;
	unsigned int	 lane;

	t->height = y + 2 * LANE + PROFILE + 34;
	html_raw(t->html, "<div class=\"scroll\" tabindex=\"0\" "
	    "role=\"group\" aria-label=\"Sessions of capture %zu, diagram\">"
	    "<svg role=\"img\" aria-labelledby=\"track%zu\" "
	    "viewBox=\"0 %d %d %d\"><title id=\"track%zu\">Sessions on an axis "
	    "of time</title>\n<desc>%zu with the AIK service, %zu with other "
	    "hosts of the enrolment, %zu others, from %s to %s</desc>\n",
	    number, number, top, WIDTH, t->height - top, number,
	    t->lanes[LANE_AIK], t->lanes[LANE_NEAR], t->lanes[LANE_OTHER],
	    time_text(arena, t->from), time_text(arena, t->to));
	track_axis(t);
	(void)track_labels(t, rows);
	for (lane = 0; lane < LANE_COUNT; lane++) {
		text_at(t->html, LEFT - 8, y + 12, lane == LANE_AIK ? "bold" :
		    "small", "end", arena_printf(arena, "%s: %zu",
		    lane_names[lane], t->lanes[lane]));
		if (lane == LANE_OTHER)
			track_profile(t, y);
		else
			track_marks(t, lane, y);
		y += LANE;
	}
	html_raw(t->html, "</svg></div>\n");
}

/* ---- the lists ---- */

/* Where a session stands in the attempts: "2 (PKIOperation-request)". */
static const char *
attempt_of(const struct track *t, const struct exchange *x)
{
	const struct row_attempt	*row;
	const struct attempt		*attempt;
	size_t				 i, k;

	for (i = 0; i < t->html->model->attempts.n; i++) {
		row = t->html->model->attempts.v[i];
		attempt = row->at->attempt;
		for (k = 0; attempt != NULL && k < attempt->nexchanges; k++)
			if (attempt->exchanges[k]->session == x->session)
				return arena_printf(ev_arena(
				    t->html->model->ev), "%zu", i + 1);
	}
	return "";
}

static void
session_line(struct html *html, const struct track *t,
    const struct exchange *x)
{
	struct arena		*arena = ev_arena(html->model->ev);
	struct str		 method = { "", 0 };
	int64_t			 status = status_of(x);

	if (x->request != NULL)
		method = item_show(html->model->ev, x->request,
		    &request_method);
	html_raw(html, "<tr><th scope=\"row\">%lld</th><td class=\"nowrap\">",
	    (long long)item_number(x->session, &session_number, 0));
	if (x->begin != 0 && lane_of(x) == LANE_OTHER)
		html_str(html->f, html_clock(arena, x->begin));
	else if (x->begin != 0)
		html_value(html, x->session, &session_begin,
		    str_of(html_clock(arena, x->begin)));
	html_raw(html, "</td><td class=\"nowrap\">");
	if (x->begin != 0 && x->end >= x->begin)
		html_raw(html, "%lld", (long long)((x->end - x->begin) /
		    1000));
	html_raw(html, "</td><td>");
	html_string(html, method);
	html_raw(html, " ");
	html_str(html->f, x->operation);
	html_raw(html, "</td><td class=\"id\">");
	html_str(html->f, x->host);
	html_raw(html, "</td><td class=\"%s\">", is_bad(x) ? "warning" : "");
	if (status == 0)
		html_raw(html, "none");
	else if (lane_of(x) == LANE_OTHER)
		html_raw(html, "%lld", (long long)status);
	else
		html_value(html, x->response, &http_status,
		    str_of(arena_printf(arena, "%lld", (long long)status)));
	html_raw(html, "</td><td>%s</td></tr>\n", attempt_of(t, x));
}

static void
session_list(struct track *t, bool attestation)
{
	struct html	*html = t->html;
	size_t		 i, n = 0, all;

	all = attestation ? t->lanes[LANE_AIK] + t->lanes[LANE_NEAR] : t->n;
	if (all == 0 || (!attestation && all > LIST_MAX))
		return;
	html_raw(html, "<details%s><summary>%s%zu session%s</summary>\n",
	    attestation && all <= 24 ? " open" : "",
	    attestation ? "Of the enrolment: " : "All: ", all,
	    all == 1 ? "" : "s");
	HTML_TABLE(html, "Sessions", "Session", "Time", "ms", "Request",
	    "Host", "Answer", "Attempt");
	for (i = 0; i < t->n && n < LIST_MAX; i++) {
		if (attestation && lane_of(&t->v[i]) == LANE_OTHER)
			continue;
		session_line(html, t, &t->v[i]);
		n++;
	}
	html_table_end(html->f);
	if (n < all)
		html_raw(html, "<p class=\"soft\">%zu more: see "
		    "aiktriage facts.</p>\n", all - n);
	html_raw(html, "</details>\n");
}

struct host {
	const char	*name;
	size_t		 sessions, bad;
	int64_t		 first, last;
};

/* All others, counted by host in the order in which they came. */
static void
host_list(struct track *t)
{
	struct arena	*arena = ev_arena(t->html->model->ev);
	struct list	 hosts = { 0 };
	struct host	*host;
	size_t		 i, k, left = 0;

	for (i = 0; i < t->n; i++) {
		if (lane_of(&t->v[i]) != LANE_OTHER)
			continue;
		for (k = 0, host = NULL; k < hosts.n && host == NULL; k++) {
			host = hosts.v[k];
			if (strcmp(host->name, t->v[i].host) != 0)
				host = NULL;
		}
		if (host == NULL && hosts.n == HOSTS_MAX) {
			left++;
			continue;
		}
		if (host == NULL) {
			host = arena_alloc(arena, sizeof(*host));
			host->name = t->v[i].host;
			host->first = t->v[i].begin;
			list_add(arena, &hosts, host);
		}
		host->sessions++;
		host->bad += is_bad(&t->v[i]);
		host->last = t->v[i].begin;
	}
	if (hosts.n == 0)
		return;
	html_raw(t->html, "<details><summary>All other sessions, by host: %zu"
	    "</summary>\n", t->lanes[LANE_OTHER]);
	HTML_TABLE(t->html, "Hosts", "Host", "Sessions",
	    "Errors or no answer", "First", "Last");
	for (i = 0; i < hosts.n; i++) {
		host = hosts.v[i];
		html_raw(t->html, "<tr><th scope=\"row\" class=\"id\">");
		html_str(t->html->f, *host->name == '\0' ? "(unknown)" :
		    host->name);
		html_raw(t->html, "</th><td>%zu</td><td>%zu</td>"
		    "<td class=\"nowrap\">%s</td><td class=\"nowrap\">%s</td>"
		    "</tr>\n", host->sessions, host->bad,
		    html_clock(arena, host->first),
		    html_clock(arena, host->last));
	}
	html_table_end(t->html->f);
	html_raw(t->html, "%s</details>\n", left == 0 ?
	    "" : arena_printf(arena, "<p class=\"soft\">and %zu sessions with "
	    "still other hosts</p>\n", left));
}

/* ---- all captures ---- */

static void
track_count(struct track *t)
{
	int64_t	end;
	size_t	i;

	t->from = INT64_MAX;
	t->to = INT64_MIN;
	for (i = 0; i < t->n; i++) {
		t->lanes[lane_of(&t->v[i])]++;
		if (t->v[i].begin == 0) {
			t->untimed++;
			continue;
		}
		end = t->v[i].end > t->v[i].begin ? t->v[i].end :
		    t->v[i].begin;
		t->from = t->v[i].begin < t->from ? t->v[i].begin : t->from;
		t->to = end > t->to ? end : t->to;
	}
}

static const char *
capture_name(struct model *model, const struct item *archive)
{
	struct citation	 at;

	if (!ev_cite(model->ev, archive->at, &at))
		return "capture";
	return model_brief(model, *at.member == '\0' ? at.input->path :
	    arena_printf(ev_arena(model->ev), "%s!/%s", at.input->path,
	    at.member));
}

static void
track_show(struct track *t, size_t number)
{
	struct html	*html = t->html;
	struct arena	*arena = ev_arena(html->model->ev);

	track_count(t);
	html_raw(html, "<h3>Sessions of ");
	html_str(html->f, t->name);
	html_raw(html, "</h3>\n<p>%zu session%s", t->n, t->n == 1 ? "" : "s");
	if (t->from <= t->to)
		html_raw(html, " from %s to %s", time_text(arena, t->from),
		    time_text(arena, t->to));
	html_raw(html, ": %zu with the AIK service, %zu with other hosts of "
	    "the enrolment, %zu others.", t->lanes[LANE_AIK],
	    t->lanes[LANE_NEAR], t->lanes[LANE_OTHER]);
	if (t->untimed > 0)
		html_raw(html, " %zu without a time %s not drawn.",
		    t->untimed, t->untimed == 1 ? "is" : "are");
	html_raw(html, " Red: an error or no answer.</p>\n");
	if (t->from < t->to)
		track_draw(t, number);
	session_list(t, true);
	host_list(t);
	session_list(t, false);
}

void
html_sessions(struct html *html)
{
	const struct item	*archive;
	struct track		 t;
	size_t			 number = 0, left = 0;

	for (archive = ev_first(html->model->ev, ITEM_ARCHIVE);
	    archive != NULL; archive = archive->next) {
		t = (struct track){ .html = html };
		t.v = exchanges_of(html->model->ev, archive, &t.n);
		if (t.n == 0)
			continue;
		if (number == CAPTURES_MAX) {
			left++;
			continue;
		}
		t.name = capture_name(html->model, archive);
		track_show(&t, ++number);
	}
	if (left > 0)
		html_raw(html, "<p class=\"soft\">%zu more captures: see "
		    "aiktriage facts.</p>\n", left);
}
