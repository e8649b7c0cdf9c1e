/*
 * An attempt as a sequence diagram: the device at the left, the service at
 * the right, one row for each stage and each earlier try, the failing one
 * marked by colour and word.  Relies on model.h; a table says the same.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "report/html.h"

#define WIDTH		820
#define LEFT		150	/* life line of the device */
#define RIGHT		520	/* life line of the service */
#define NOTES		540	/* text beside the diagram */
#define TOP		64
#define ROW		46
#define ROW_ANSWER	26
#define ROW_LINE	15	/* of a message below its arrow */
#define ROW_TRY		32
#define LINE		56	/* characters of such a line */
#define LINES_MAX	4
#define TRIES_MAX	24

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

const char *
html_clock(struct arena *arena, int64_t us)
{
	char	buf[40], *t;

	if (us == ABSENT || us == 0)
		return "";
	time_format(us, buf);
	t = strchr(buf, 'T');
	if (t == NULL)
		return "";
	t++;
	return arena_printf(arena, "%.*s UTC", (int)strcspn(t, "Z") < 12 ?
	    (int)strcspn(t, "Z") : 12, t);
}

static const char *
answer_text(struct arena *arena, const struct row_stage *stage)
{
	const char	*text = "";

	if (stage->http_status != ABSENT)
		text = arena_printf(arena, "HTTP %lld",
		    (long long)stage->http_status);
	if (stage->pki_status != ABSENT)
		text = arena_printf(arena, "%s%spkiStatus %lld", text,
		    *text == '\0' ? "" : ", ", (long long)stage->pki_status);
	if (stage->fail_info != ABSENT)
		text = arena_printf(arena, "%s, failInfo %lld", text,
		    (long long)stage->fail_info);
	return text;
}

bool
html_stage_bad(const struct row_attempt *row, const struct row_stage *stage)
{
	return str_is(stage->state, "failed") ||
	    (!str_empty(row->failed_stage) && str_is(row->outcome, "failed") &&
	    str_is(stage->name, row->failed_stage.p));
}

/* ---- rows: stages, and tries before them ---- */

/* One row: a stage, or a session of the attempt that no stage shows. */
struct step {
	const struct row_stage	*stage;
	const struct exchange	*try;
	bool			 bad;	/* the stage at which it failed */
};

static bool
is_witness(const struct row_attempt *row, const struct exchange *x,
    struct arena *arena)
{
	const struct row_stage	*stage;
	const char		*item;
	size_t			 i;

	item = arena_printf(arena, "session %lld",
	    (long long)item_number(x->session, &session_number, 0));
	for (i = 0; i < row->stages.n; i++) {
		stage = row->stages.v[i];
		if (str_is(stage->item, item))
			return true;
	}
	return false;
}

static void
step_add(struct arena *arena, struct list *steps,
    const struct row_stage *stage, const struct exchange *try)
{
	struct step	*step = arena_alloc(arena, sizeof(*step));

	step->stage = stage;
	step->try = try;
	list_add(arena, steps, step);
}

/* In the order of time, as far as it is known. */
static struct list
steps_of(const struct html *html, const struct row_attempt *row,
    size_t *ret_left_out)
{
	struct arena		*arena = ev_arena(html->model->ev);
	const struct attempt	*attempt = row->at->attempt;
	const struct row_stage	*stage;
	const struct exchange	**tries;
	struct list		 steps = { 0 };
	size_t			 i, n = 0, next = 0;

	tries = arena_alloc(arena, ((attempt == NULL ? 0 :
	    attempt->nexchanges) + 1) * sizeof(*tries));
	*ret_left_out = 0;
	for (i = 0; attempt != NULL && i < attempt->nexchanges; i++) {
		if (is_witness(row, attempt->exchanges[i], arena))
			continue;
		if (n < TRIES_MAX)
			tries[n++] = attempt->exchanges[i];
		else
			(*ret_left_out)++;
	}
	for (i = 0; i < row->stages.n; i++) {
		stage = row->stages.v[i];
		while (next < n && stage->time != ABSENT &&
		    tries[next]->begin != 0 &&
		    tries[next]->begin < stage->time)
			step_add(arena, &steps, NULL, tries[next++]);
		step_add(arena, &steps, stage, NULL);
		((struct step *)steps.v[steps.n - 1])->bad =
		    html_stage_bad(row, stage);
	}
	while (next < n)
		step_add(arena, &steps, NULL, tries[next++]);
	return steps;
}

/* ---- the drawing ---- */

/* A stage that failed with an answer has a second arrow, for that answer. */
static bool
stage_answered(const struct row_stage *stage)
{
	return str_is(stage->state, "failed") && !stage_back(stage) &&
	    (stage->http_status != ABSENT || !str_empty(stage->message));
}

/* Lines of a message below its arrow: words, LINE characters each. */
static size_t
message_lines(const struct html *html, struct str message,
    struct str lines[LINES_MAX])
{
	struct str	s;
	int32_t		c;
	size_t		n, i, at, blank, width;

	s.p = escape_text(ev_arena(html->model->ev), message.p, message.n,
	    &s.n);
	for (n = 0; s.n > 0 && n < LINES_MAX; n++) {
		for (i = at = blank = 0, width = 0; i < s.n && width < LINE;
		    width++) {
			if (s.p[i] == ' ')
				blank = i;
			i += character_next(s.p + i, s.n - i, &c);
		}
		at = i < s.n && blank > 0 ? blank : i;
		lines[n] = (struct str){ s.p, at };
		if (n == LINES_MAX - 1 && at < s.n)
			lines[n] = html_short(html, s, LINE - 1);
		s.p += at;
		s.n -= at;
		while (s.n > 0 && *s.p == ' ') {
			s.p++;
			s.n--;
		}
	}
	return n;
}

static int
step_height(const struct html *html, const struct step *step)
{
	struct str	lines[LINES_MAX];
	int		height = ROW;

	if (step->stage == NULL)
		return ROW_TRY;
	if (stage_answered(step->stage))
		height += ROW_ANSWER;
	if (!str_empty(step->stage->message))
		height += ROW_LINE * (int)message_lines(html,
		    step->stage->message, lines);
	return height;
}

static void
draw_stage(const struct html *html, const struct step *step, int y)
{
	struct arena	*arena = ev_arena(html->model->ev);
	const struct row_stage *stage = step->stage;
	struct str	 lines[LINES_MAX];
	bool		 failed = step->bad,
			 gone = str_is(stage->state, "missing") ||
			     str_is(stage->state, "not-captured"),
			 back = stage_back(stage);
	const char	*at = html_clock(arena, stage->time),
			*answer = answer_text(arena, stage);
	size_t		 i, n;

	if (failed)
		html_raw(html, "<rect class=\"badrow\" x=\"0\" y=\"%d\" "
		    "width=\"%d\" height=\"%d\" rx=\"4\"/>\n", y - 24, WIDTH,
		    step_height(html, step) - 4);
	text_at(html, (LEFT + RIGHT) / 2, y - 8, failed ? "badtext" :
	    gone ? "small" : "bold", "middle", stage->name);
	text_at(html, NOTES, y - 8, failed ? "badtext" : "small", "start",
	    str_of(arena_printf(arena, "%s%.*s%s%.*s%s",
	    failed ? "\xe2\x9c\x97 " : gone ? "" : "\xe2\x9c\x93 ",
	    (int)stage->state.n, stage->state.p,
	    str_empty(stage->hresult) ? "" : ", ", (int)stage->hresult.n,
	    stage->hresult.p, stage->duration_ms == ABSENT ? "" :
	    arena_printf(arena, ", %lld ms",
	    (long long)stage->duration_ms))));
	text_at(html, NOTES, y + 8, "small", "start", str_of(arena_printf(
	    arena, "%s%s%s", at, *at != '\0' && *answer != '\0' ? ", " : "",
	    answer)));
	if (stage_answered(stage)) {
		arrow(html, y, false, "", "head");
		y += ROW_ANSWER;
		arrow(html, y, true, "bad", "headbad");
	} else
		arrow(html, y, back, gone && failed ? "gone bad" :
		    gone ? "gone" : failed ? "bad" : "", failed ? "headbad" :
		    gone ? "headgone" : "head");
	if (str_empty(stage->message))
		return;
	n = message_lines(html, stage->message, lines);
	for (i = 0; i < n; i++)
		text_at(html, (LEFT + RIGHT) / 2, y + 17 + ROW_LINE * (int)i,
		    failed ? "badsmall" : "small", "middle", lines[i]);
}

static const char *
try_name(const struct exchange *x)
{
	return x->connect ? "CONNECT" : *x->operation == '\0' ? "request" :
	    x->operation;
}

static const char *
try_answer(struct arena *arena, const struct exchange *x)
{
	int64_t	status = x->response == NULL ? 0 :
		    item_number(x->response, &http_status, 0);

	return status == 0 ? "no answer" :
	    arena_printf(arena, "HTTP %lld", (long long)status);
}

/* A session that a later one of the same stage has overtaken. */
static void
draw_try(const struct html *html, const struct exchange *x, int y)
{
	struct arena	*arena = ev_arena(html->model->ev);
	const char	*at = html_clock(arena, x->begin);

	text_at(html, (LEFT + RIGHT) / 2, y - 7, "small", "middle",
	    str_of(arena_printf(arena, "%s, another try", try_name(x))));
	arrow(html, y, false, "gone", "headgone");
	text_at(html, NOTES, y + 1, "small", "start", str_of(arena_printf(
	    arena, "%s%s%s", at, *at == '\0' ? "" : ", ",
	    try_answer(arena, x))));
}

/* For those who do not see the drawing. */
static void
sequence_text(const struct html *html, const struct row_attempt *row,
    const struct list *steps, size_t number)
{
	struct arena		*arena = ev_arena(html->model->ev);
	const struct step	*step;
	const char		*answer;
	size_t			 i;

	html_raw(html, "<title id=\"seq%zu\">Attempt %zu: ", number, number);
	html_string(html, str_empty(row->outcome) ? str_of("unfinished") :
	    row->outcome);
	if (!str_empty(row->failed_stage)) {
		html_raw(html, " at ");
		html_string(html, row->failed_stage);
	}
	html_raw(html, "</title>\n<desc>");
	for (i = 0; i < steps->n; i++) {
		step = steps->v[i];
		html_raw(html, "%s", i == 0 ? "" : "; ");
		if (step->stage == NULL) {
			html_raw(html, "%s, another try: %s",
			    try_name(step->try), try_answer(arena,
			    step->try));
			continue;
		}
		html_string(html, step->stage->name);
		html_raw(html, " ");
		html_string(html, step->stage->state);
		answer = answer_text(arena, step->stage);
		html_raw(html, "%s%s", *answer == '\0' ? "" : ", ", answer);
	}
	html_raw(html, "</desc>\n");
}

void
html_sequence(const struct html *html, const struct row_attempt *row,
    size_t number)
{
	bool			 several = html->model->devices.n > 1;
	struct str		 vendor = several ? row->vendor :
				    html->model->device.vendor,
				 firmware = several ? row->firmware :
				    html->model->device.firmware;
	struct arena		*arena = ev_arena(html->model->ev);
	const struct step	*step;
	struct list		 steps;
	int			 height = TOP + 20, y = TOP + 34;
	size_t			 i, left_out;

	steps = steps_of(html, row, &left_out);
	for (i = 0; i < steps.n; i++)
		height += step_height(html, steps.v[i]);
	html_raw(html, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"Attempt %zu, diagram\"><svg role=\"img\" "
	    "aria-labelledby=\"seq%zu\" viewBox=\"0 0 %d %d\">\n", number,
	    number, WIDTH, height);
	sequence_text(html, row, &steps, number);
	html_raw(html, "<path class=\"life\" d=\"M%d %dV%dM%d %dV%d\"/>\n",
	    LEFT, TOP - 12, height - 4, RIGHT, TOP - 12, height - 4);
	html_raw(html, "<rect class=\"box\" x=\"%d\" y=\"4\" width=\"240\" "
	    "height=\"46\" rx=\"6\"/><rect class=\"box\" x=\"%d\" y=\"4\" "
	    "width=\"290\" height=\"46\" rx=\"6\"/>\n", LEFT - 120,
	    RIGHT - 145);
	text_at(html, LEFT, 23, "bold", "middle", several ?
	    str_of(arena_printf(arena, "Device %lld",
	    (long long)row->device)) : str_of("Device"));
	text_at(html, LEFT, 41, "small", "middle", html_short(html,
	    str_of(arena_printf(arena, "%.*s%s%.*s",
	    (int)vendor.n, vendor.p, str_empty(firmware) ? "" : " firmware ",
	    (int)firmware.n, firmware.p)), 34));
	text_at(html, RIGHT, 23, "bold", "middle", str_of("AIK service"));
	text_at(html, RIGHT, 41, "small", "middle",
	    html_short(html, row->host, 36));
	for (i = 0; i < steps.n; i++) {
		step = steps.v[i];
		if (step->stage == NULL)
			draw_try(html, step->try, y);
		else
			draw_stage(html, step, y);
		y += step_height(html, step);
	}
	html_raw(html, "</svg></div>\n");
	if (left_out > 0)
		html_raw(html, "<p class=\"soft\">%zu more tries of this "
		    "attempt are not drawn.</p>\n", left_out);
}
