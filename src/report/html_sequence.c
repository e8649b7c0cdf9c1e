/*
 * Each attempt as a sequence diagram: the device at the left, the service at
 * the right, one row for each stage, the failing one marked by colour and
 * word.  Relies on model.h; a table beside it says the same.
 */
#include <string.h>

#include "report/html.h"

#define WIDTH		820
#define LEFT		150	/* life line of the device */
#define RIGHT		520	/* life line of the service */
#define NOTES		540	/* text beside the diagram */
#define TOP		64
#define ROW		46
#define ROW_ANSWER	24

/* Stages that the service sends; all others go out from the device. */
static bool
stage_back(const struct row_stage *stage)
{
	return str_is(stage->name, "challenge") ||
	    str_is(stage->name, "certificate");
}

static void
text_at(const struct html *html, int x, int y, const char *class,
    const char *anchor, struct str s)
{
	html_raw(html, "<text x=\"%d\" y=\"%d\" class=\"%s\" "
	    "text-anchor=\"%s\">", x, y, class, anchor);
	html_string(html, s);
	html_raw(html, "</text>\n");
}

static void
arrow(const struct html *html, int y, bool back, const char *line,
    const char *head)
{
	int	from = back ? RIGHT : LEFT, to = back ? LEFT : RIGHT,
		side = back ? 9 : -9;

	html_raw(html, "<path class=\"arrow %s\" d=\"M%d %dH%d\"/>"
	    "<path class=\"%s\" d=\"M%d %dl%d -5v10z\"/>\n", line, from, y,
	    to, head, to, y, side);
}

static struct str
stage_note(const struct html *html, const struct row_stage *stage)
{
	struct arena	*arena = ev_arena(html->model->ev);
	const char	*text = "";
	char		 buf[40], *t;

	if (stage->time != ABSENT) {
		time_format(stage->time, buf);
		if ((t = strchr(buf, 'T')) != NULL)
			text = arena_printf(arena, "%.12s UTC", t + 1);
		if ((t = strchr(text, 'Z')) != NULL)
			text = arena_printf(arena, "%.*s UTC",
			    (int)(t - text), text);
	}
	if (stage->http_status != ABSENT)
		text = arena_printf(arena, "%s%sHTTP %lld", text,
		    *text == '\0' ? "" : ", ", (long long)stage->http_status);
	if (stage->pki_status != ABSENT)
		text = arena_printf(arena, "%s%spkiStatus %lld", text,
		    *text == '\0' ? "" : ", ", (long long)stage->pki_status);
	return str_of(text);
}

/* A stage that failed with an answer has a second arrow, for that answer. */
static bool
stage_answered(const struct row_stage *stage)
{
	return str_is(stage->state, "failed") && !stage_back(stage) &&
	    (stage->http_status != ABSENT || !str_empty(stage->message));
}

static int
stage_height(const struct row_stage *stage)
{
	return stage_answered(stage) ? ROW + ROW_ANSWER : ROW;
}

static void
sequence_stage(const struct html *html, const struct row_stage *stage, int y)
{
	struct arena	*arena = ev_arena(html->model->ev);
	bool		 failed = str_is(stage->state, "failed"),
			 gone = str_is(stage->state, "missing") ||
			     str_is(stage->state, "not-captured"),
			 back = stage_back(stage);
	const char	*class = failed ? "badtext" : "bold";

	if (failed)
		html_raw(html, "<rect class=\"badrow\" x=\"0\" y=\"%d\" "
		    "width=\"%d\" height=\"%d\" rx=\"4\"/>\n", y - 24, WIDTH,
		    stage_height(stage) - 2);
	text_at(html, (LEFT + RIGHT) / 2, y - 8, gone ? "small" : class,
	    "middle", stage->name);
	if (stage_answered(stage)) {
		arrow(html, y, false, "", "head");
		arrow(html, y + ROW_ANSWER, true, "bad", "headbad");
	} else
		arrow(html, y, back, gone ? "gone" : failed ? "bad" : "",
		    gone ? "headgone" : failed ? "headbad" : "head");
	text_at(html, NOTES, y - 8, failed ? "badtext" : "small", "start",
	    str_of(arena_printf(arena, "%s%.*s%s%.*s%s",
	    failed ? "\xe2\x9c\x97 " : gone ? "" : "\xe2\x9c\x93 ",
	    (int)stage->state.n, stage->state.p,
	    str_empty(stage->hresult) ? "" : ", ", (int)stage->hresult.n,
	    stage->hresult.p, stage->duration_ms == ABSENT ? "" :
	    arena_printf(arena, ", %lld ms",
	    (long long)stage->duration_ms))));
	text_at(html, NOTES, y + 8, "small", "start", stage_note(html, stage));
	if (!str_empty(stage->message))
		text_at(html, (LEFT + RIGHT) / 2, y + 18, "small", "middle",
		    html_short(html, stage->message, 58));
}

static void
sequence_svg(const struct html *html, const struct row_attempt *row,
    size_t number)
{
	const struct device	*device = &html->model->device;
	struct arena		*arena = ev_arena(html->model->ev);
	int			 height, y = TOP + 34;
	size_t			 i;

	height = TOP + 20;
	for (i = 0; i < row->stages.n; i++)
		height += stage_height(row->stages.v[i]);
	html_raw(html, "<div class=\"scroll\"><svg role=\"img\" "
	    "aria-labelledby=\"seq%zu\" viewBox=\"0 0 %d %d\">\n"
	    "<title id=\"seq%zu\">Attempt %zu: ", number, WIDTH, height,
	    number, number);
	html_string(html, str_empty(row->outcome) ? str_of("unfinished") :
	    row->outcome);
	if (!str_empty(row->failed_stage)) {
		html_raw(html, " at ");
		html_string(html, row->failed_stage);
	}
	html_raw(html, "</title>\n");
	html_raw(html, "<path class=\"life\" d=\"M%d %dV%dM%d %dV%d\"/>\n",
	    LEFT, TOP - 12, height - 4, RIGHT, TOP - 12, height - 4);
	html_raw(html, "<rect class=\"box\" x=\"%d\" y=\"4\" width=\"240\" "
	    "height=\"46\" rx=\"6\"/><rect class=\"box\" x=\"%d\" y=\"4\" "
	    "width=\"290\" height=\"46\" rx=\"6\"/>\n", LEFT - 120,
	    RIGHT - 145);
	text_at(html, LEFT, 23, "bold", "middle", str_of("Device"));
	text_at(html, LEFT, 41, "small", "middle", html_short(html,
	    str_of(arena_printf(arena, "%.*s%s%.*s",
	    (int)device->vendor.n, device->vendor.p,
	    str_empty(device->firmware) ? "" : " firmware ",
	    (int)device->firmware.n, device->firmware.p)), 34));
	text_at(html, RIGHT, 23, "bold", "middle", str_of("AIK service"));
	text_at(html, RIGHT, 41, "small", "middle",
	    html_short(html, row->host, 36));
	for (i = 0; i < row->stages.n; i++) {
		sequence_stage(html, row->stages.v[i], y);
		y += stage_height(row->stages.v[i]);
	}
	html_raw(html, "</svg></div>\n");
}

static void
cell(const struct html *html, const char *class, struct str s)
{
	html_raw(html, "<td%s%s%s>", *class == '\0' ? "" : " class=\"", class,
	    *class == '\0' ? "" : "\"");
	html_string(html, s);
	html_raw(html, "</td>");
}

static void
sequence_table(const struct html *html, const struct row_attempt *row)
{
	const struct row_stage	*stage;
	size_t			 i;

	html_raw(html, "<div class=\"scroll\"><table><caption class=\"soft\">"
	    "The same, stage by stage</caption><thead><tr>"
	    "<th scope=\"col\">Stage</th><th scope=\"col\">State</th>"
	    "<th scope=\"col\">Seen in</th><th scope=\"col\">Answer</th>"
	    "<th scope=\"col\">Message of the service</th>"
	    "<th scope=\"col\">Request ids</th></tr></thead><tbody>\n");
	for (i = 0; i < row->stages.n; i++) {
		stage = row->stages.v[i];
		html_raw(html, "<tr><th scope=\"row\">");
		html_string(html, stage->name);
		html_raw(html, "</th>");
		cell(html, str_is(stage->state, "failed") ? "failed" :
		    str_is(stage->state, "ok") ? "ok" : "soft", stage->state);
		cell(html, "nowrap", stage->item);
		cell(html, "", stage_note(html, stage));
		cell(html, "", stage->message);
		html_raw(html, "<td class=\"id\">");
		html_string(html, stage->request_id);
		if (!str_empty(stage->request_id) &&
		    !str_empty(stage->client_request_id))
			html_raw(html, "<br>");
		html_string(html, stage->client_request_id);
		html_raw(html, "</td></tr>\n");
	}
	html_raw(html, "</tbody></table></div>\n");
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

void
html_attempts(struct html *html)
{
	const struct row_attempt	*row;
	size_t				 i, open;

	if (html->model->attempts.n == 0)
		return;
	open = attempt_shown(html->model);
	html_raw(html, "<section id=\"attempts\"><h2>Attempts</h2>\n");
	for (i = 0; i < html->model->attempts.n; i++) {
		row = html->model->attempts.v[i];
		html_raw(html, "<details%s><summary>Attempt %zu: <span "
		    "class=\"badge %s\">", i == open ? " open" : "", i + 1,
		    str_is(row->outcome, "failed") ? "failed" :
		    str_is(row->outcome, "succeeded") ? "succeeded" :
		    "unfinished");
		html_string(html, str_empty(row->outcome) ?
		    str_of("unfinished") : row->outcome);
		html_raw(html, "</span> ");
		if (row->time != ABSENT)
			html_str(html->f, time_text(
			    ev_arena(html->model->ev), row->time));
		html_raw(html, "</summary>\n<figure>\n");
		sequence_svg(html, row, i + 1);
		html_raw(html, "<figcaption>");
		html_string(html, row->host);
		if (!str_empty(row->listed)) {
			html_raw(html, " (listed: ");
			html_string(html, row->listed);
			html_raw(html, ")");
		}
		if (!str_empty(row->transaction)) {
			html_raw(html, ", transaction ");
			html_code(html, row->transaction);
		}
		html_raw(html, "</figcaption></figure>\n");
		sequence_table(html, row);
		html_raw(html, "</details>\n");
	}
	html_raw(html, "</section>\n");
}
