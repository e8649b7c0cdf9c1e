/*
 * The chains of the EK and of the AIK as diagrams: who issued whom, how long
 * each certificate is valid, the time of the capture across them, and the
 * twin of a re-issued certificate beside it.  Relies on model.h; the table
 * below the diagrams says the same.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "report/html.h"

#define WIDTH		820
#define BARS		380	/* where the bars begin */
#define RIGHT		805
#define ROW		38
#define TOP		46
#define INDENT		14
#define DEPTH_MAX	6
#define ROWS_MAX	24	/* of one diagram */
#define DAY		(INT64_C(86400) * 1000000)
#define YOUNG_DAYS	366

enum bar_kind {
	BAR_CERTIFICATE,
	BAR_TWIN,		/* an older certificate of the same key */
	BAR_GAP			/* an issuer that is not in the evidence */
};

struct bar {
	enum bar_kind	 kind;
	struct str	 name, note;
	int64_t		 from, to;	/* ABSENT: none */
	const struct row_certificate *row;	/* or NULL */
	const struct bar *up;
	unsigned int	 depth;
	int		 y;
};

struct chart {
	struct html	*html;
	const char	*id, *title;
	const char	*const *roles;	/* ends with NULL */
	const char	*ca, *leaf;	/* role of a leaf and its issuer's */
	const char	*no_leaf;	/* said where there is no leaf */
	bool		 ages;		/* of young certificates are told */
	struct list	 bars;
	size_t		 left_out;
	int64_t		 from, to;	/* of the axis */
};

/* ---- which rows ---- */

static bool
in_chart(const struct chart *chart, const struct row_certificate *row)
{
	const char	*const *role;

	if (row == NULL)
		return false;
	for (role = chart->roles; *role != NULL; role++)
		if (str_is(row->role, *role))
			return true;
	return false;
}

static bool
is_drawn(const struct chart *chart, const struct row_certificate *row)
{
	const struct bar	*bar;
	size_t			 i;

	for (i = 0; i < chart->bars.n; i++) {
		bar = chart->bars.v[i];
		if (bar->row == row)
			return true;
	}
	return false;
}

static struct bar *
bar_add(struct chart *chart, enum bar_kind kind, const struct bar *up)
{
	struct arena	*arena = ev_arena(chart->html->model->ev);
	struct bar	*bar = arena_alloc(arena, sizeof(*bar));

	bar->kind = kind;
	bar->up = up;
	bar->depth = up == NULL ? 0 : up->depth + 1;
	if (bar->depth > DEPTH_MAX)
		bar->depth = DEPTH_MAX;
	bar->from = bar->to = ABSENT;
	bar->y = TOP + ROW * (int)chart->bars.n;
	list_add(arena, &chart->bars, bar);
	return bar;
}

/* One name and one key, and another certificate. */
static bool
is_twin(const struct row_certificate *a, const struct row_certificate *b)
{
	return a != b && !str_empty(a->ski) && !str_empty(a->subject) &&
	    str_same(a->ski, b->ski.p, b->ski.n) && a->ski.n == b->ski.n &&
	    a->subject.n == b->subject.n &&
	    memcmp(a->subject.p, b->subject.p, b->subject.n) == 0;
}

static bool
is_older(const struct row_certificate *a, const struct row_certificate *b)
{
	if (a->not_before != b->not_before)
		return a->not_before < b->not_before;
	return a->not_after < b->not_after;
}

/* Is there a newer certificate of the same name and key? */
static bool
is_replaced(const struct chart *chart, const struct row_certificate *row)
{
	const struct model		*model = chart->html->model;
	const struct row_certificate	*other;
	size_t				 i;

	for (i = 0; i < model->certificates.n; i++) {
		other = model->certificates.v[i];
		if (in_chart(chart, other) && is_twin(row, other) &&
		    is_older(row, other))
			return true;
	}
	return false;
}

static const char *
dates(const struct chart *chart, int64_t from, int64_t to)
{
	struct arena	*arena = ev_arena(chart->html->model->ev);

	return arena_printf(arena, "%s to %s",
	    from == ABSENT ? "?" : date_text(arena, from),
	    to == ABSENT ? "?" : date_text(arena, to));
}

/* The predecessor that an attempt knows from the built-in table. */
static void
table_twin(struct chart *chart, const struct bar *of)
{
	struct evidence			*ev = chart->html->model->ev;
	const struct row_attempt	*attempt;
	struct bar			*bar;
	struct str			 serial, old;
	int64_t				 from, to;
	size_t				 i;

	for (i = 0; i < chart->html->model->attempts.n; i++) {
		attempt = chart->html->model->attempts.v[i];
		serial = item_show(ev, attempt->at, &ek_issuer_serial);
		old = item_show(ev, attempt->at, &ek_issuer_old_serial);
		from = item_count(attempt->at, &ek_issuer_old_not_before);
		to = item_count(attempt->at, &ek_issuer_old_not_after);
		if (str_empty(old) || from == ABSENT || to == ABSENT ||
		    !str_same(serial, of->row->serial.p, of->row->serial.n) ||
		    serial.n != of->row->serial.n)
			continue;
		bar = bar_add(chart, BAR_TWIN, of->up);
		bar->name = str_of("Older twin: same name, same key");
		bar->note = str_of(arena_printf(ev_arena(ev),
		    "built-in table: %.*s, %s", (int)old.n, old.p,
		    dates(chart, from, to)));
		bar->from = from;
		bar->to = to;
		return;
	}
}

static const char *
row_note(const struct chart *chart, const struct row_certificate *row)
{
	struct arena	*arena = ev_arena(chart->html->model->ev);
	int64_t		 now = chart->html->model->time, days;
	const char	*text;

	text = arena_printf(arena, "%u. %.*s, ", row->number,
	    (int)row->role.n, row->role.p);
	if (now != ABSENT && row->not_after != ABSENT && row->not_after < now)
		return arena_printf(arena, "%sEXPIRED on %s", text,
		    date_text(arena, row->not_after));
	if (now != ABSENT && row->not_before != ABSENT &&
	    row->not_before > now)
		return arena_printf(arena, "%sNOT VALID before %s", text,
		    date_text(arena, row->not_before));
	text = arena_printf(arena, "%s%s", text,
	    dates(chart, row->not_before, row->not_after));
	if (chart->ages && now != ABSENT && row->not_before != ABSENT &&
	    (days = (now - row->not_before) / DAY) < YOUNG_DAYS)
		return arena_printf(arena, "%s, %lld days old", text,
		    (long long)days);
	return text;
}

static void	row_add(struct chart *, const struct row_certificate *,
		    const struct bar *up, bool replaced);

/* Those that it issued; an older twin comes after the one that replaced it. */
static void
issued_add(struct chart *chart, const struct bar *of)
{
	const struct model		*model = chart->html->model;
	const struct row_certificate	*row;
	size_t				 i;

	for (i = 0; i < model->certificates.n; i++) {
		row = model->certificates.v[i];
		if (row->up == of->row && row != of->row &&
		    in_chart(chart, row) && !is_drawn(chart, row) &&
		    !is_replaced(chart, row))
			row_add(chart, row, of, false);
	}
}

static size_t
role_count(const struct model *model, const char *role)
{
	const struct row_certificate	*row;
	size_t				 i, n = 0;

	for (i = 0; i < model->certificates.n; i++) {
		row = model->certificates.v[i];
		n += str_is(row->role, role);
	}
	return n;
}

/* The end of a chain that nobody sees stands below the only CA there is. */
static void
leaf_gap(struct chart *chart, const struct bar *of)
{
	const struct model	*model = chart->html->model;
	struct bar		*bar;

	if (chart->leaf == NULL || !str_is(of->row->role, chart->ca) ||
	    of->kind != BAR_CERTIFICATE || chart->bars.n >= ROWS_MAX ||
	    role_count(model, chart->ca) != 1 ||
	    role_count(model, chart->leaf) > 0)
		return;
	bar = bar_add(chart, BAR_GAP, of);
	bar->name = str_of(chart->no_leaf);
	bar->note = str_of("not in clear in the evidence");
}

static void
row_add(struct chart *chart, const struct row_certificate *row,
    const struct bar *up, bool replaced)
{
	const struct model		*model = chart->html->model;
	const struct row_certificate	*other;
	struct bar			*bar;
	size_t				 i;

	if (chart->bars.n >= ROWS_MAX) {
		chart->left_out++;
		return;
	}
	bar = bar_add(chart, replaced ? BAR_TWIN : BAR_CERTIFICATE, up);
	bar->row = row;
	bar->name = str_empty(row->cn) ? row->subject : row->cn;
	if (str_empty(bar->name))
		bar->name = str_of("(empty subject)");
	if (replaced)
		bar->name = str_of("Older twin: same name, same key");
	bar->note = str_of(row_note(chart, row));
	bar->from = row->not_before;
	bar->to = row->not_after;
	if (!replaced) {
		for (i = 0; i < model->certificates.n; i++) {
			other = model->certificates.v[i];
			if (in_chart(chart, other) && is_twin(other, row) &&
			    is_older(other, row) && !is_drawn(chart, other))
				row_add(chart, other, up, true);
		}
		if (bar == chart->bars.v[chart->bars.n - 1])
			table_twin(chart, bar);
	}
	issued_add(chart, bar);
	leaf_gap(chart, bar);
}

/* From the top down: those that nothing in the diagram issued come first. */
static void
chart_rows(struct chart *chart)
{
	const struct model		*model = chart->html->model;
	const struct row_certificate	*row;
	struct bar			*gap;
	const char			*const *role;
	size_t				 i, pass;

	/* The second pass takes what a ring of names has left over. */
	for (pass = 0; pass < 2; pass++)
		for (role = chart->roles; *role != NULL; role++)
			for (i = 0; i < model->certificates.n; i++) {
				row = model->certificates.v[i];
				if (!str_is(row->role, *role) ||
				    is_drawn(chart, row) || (pass == 0 &&
				    (in_chart(chart, row->up) ||
				    is_replaced(chart, row))))
					continue;
				gap = NULL;
				if (row->missing.n > 0 &&
				    chart->bars.n < ROWS_MAX) {
					gap = bar_add(chart, BAR_GAP, NULL);
					gap->name = str_of(
					    row->missing.v[0]);
					gap->note = str_of("the issuer: not "
					    "in the evidence");
				}
				row_add(chart, row, gap, false);
			}
}

/* ---- drawing ---- */

static int
axis_x(const struct chart *chart, int64_t us)
{
	double	span = (double)chart->to - (double)chart->from;

	if (us < chart->from)
		us = chart->from;
	if (us > chart->to)
		us = chart->to;
	return BARS + (int)((RIGHT - BARS) *
	    (((double)us - (double)chart->from) / (span <= 0 ? 1 : span)));
}

static void
axis_set(struct chart *chart)
{
	const struct bar	*bar;
	int64_t			 now = chart->html->model->time;
	size_t			 i;

	chart->from = INT64_MAX;
	chart->to = INT64_MIN;
	for (i = 0; i < chart->bars.n; i++) {
		bar = chart->bars.v[i];
		if (bar->from != ABSENT && bar->from < chart->from)
			chart->from = bar->from;
		if (bar->to != ABSENT && bar->to > chart->to)
			chart->to = bar->to;
	}
	if (now != ABSENT && now < chart->from)
		chart->from = now;
	if (now != ABSENT && now > chart->to)
		chart->to = now;
	/* A certificate "valid to 9999" must not press all others together. */
	if (chart->to > time_make(2060, 1, 1, 0, 0, 0))
		chart->to = time_make(2060, 1, 1, 0, 0, 0);
	if (chart->from < time_make(2000, 1, 1, 0, 0, 0))
		chart->from = time_make(2000, 1, 1, 0, 0, 0);
	if (chart->from > chart->to)
		chart->from = chart->to;
}

static void
label(const struct html *html, int x, int y, const char *class, struct str s)
{
	html_raw(html, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	html_string(html, s);
	html_raw(html, "</text>\n");
}

static void
chart_grid(const struct chart *chart, int height)
{
	char	buf[40];
	int	year, first, last, step, x;

	time_format(chart->from, buf);
	first = (int)strtol(buf, NULL, 10);
	time_format(chart->to, buf);
	last = (int)strtol(buf, NULL, 10);
	step = (last - first) / 8 + 1;
	for (year = first + 1; year <= last; year += step) {
		x = axis_x(chart, time_make(year, 1, 1, 0, 0, 0));
		html_raw(chart->html, "<path class=\"grid\" d=\"M%d 22V%d\"/>"
		    "<text x=\"%d\" y=\"16\" class=\"small\" "
		    "text-anchor=\"middle\">%d</text>\n", x, height - 22, x,
		    year);
	}
}

/* Capitals are wide: a name of many is cut sooner. */
static struct str
bar_name(const struct html *html, struct str name, int in)
{
	size_t	i, capitals = 0, room = 47 - (size_t)in / 7;

	for (i = 0; i < name.n && i < room; i++)
		capitals += name.p[i] >= 'A' && name.p[i] <= 'Z';
	return html_short(html, name, room - capitals / 3);
}

static bool
bar_bad(const struct chart *chart, const struct bar *bar)
{
	int64_t	now = chart->html->model->time;

	return bar->kind == BAR_CERTIFICATE && now != ABSENT &&
	    ((bar->from != ABSENT && bar->from > now) ||
	    (bar->to != ABSENT && bar->to < now));
}

static void
chart_row(const struct chart *chart, const struct bar *bar)
{
	const struct html	*html = chart->html;
	int			 in = 6 + INDENT * (int)bar->depth, x, w,
				 y = bar->y;
	bool			 bad = bar_bad(chart, bar);

	if (bar->up != NULL)
		html_raw(html, "<path class=\"tree\" d=\"M%d %dV%dH%d\"/>\n",
		    in - INDENT + 3, bar->up->y + 18, y - 2, in - 3);
	label(html, in, y, bar->kind == BAR_CERTIFICATE ? "bold" : "small",
	    bar_name(html, bar->name, in));
	label(html, in, y + 14, bad ? "badsmall" : "small",
	    html_short(html, bar->note, 64));
	if (bar->from == ABSENT || bar->to == ABSENT) {
		html_raw(html, "<rect class=\"gap\" x=\"%d\" y=\"%d\" "
		    "width=\"%d\" height=\"14\" rx=\"3\"/>\n", BARS, y - 7,
		    RIGHT - BARS);
		return;
	}
	x = axis_x(chart, bar->from);
	w = axis_x(chart, bar->to) - x;
	html_raw(html, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
	    "height=\"14\" rx=\"3\"/>\n", bad ? "barbad" :
	    bar->kind == BAR_TWIN ? "barold" : "bar", x, y - 7,
	    w < 3 ? 3 : w);
}

static void
chart_text(const struct chart *chart)
{
	const struct html	*html = chart->html;
	const struct bar	*bar;
	size_t			 i;

	html_raw(html, "<desc>");
	for (i = 0; i < chart->bars.n; i++) {
		bar = chart->bars.v[i];
		html_raw(html, "%s", i == 0 ? "" : "; ");
		html_string(html, bar->name);
		html_raw(html, " (");
		html_string(html, bar->note);
		html_raw(html, ")");
	}
	html_raw(html, "</desc>\n");
}

static void
chart_draw(struct chart *chart)
{
	struct html	*html = chart->html;
	int64_t		 now = html->model->time;
	int		 height, x;
	size_t		 i;

	chart_rows(chart);
	if (chart->bars.n == 0)
		return;
	axis_set(chart);
	height = TOP + 16 + ROW * (int)chart->bars.n;
	html_raw(html, "<figure><figcaption>%s</figcaption>\n"
	    "<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
	    "aria-label=\"%s, diagram\"><svg role=\"img\" "
	    "aria-labelledby=\"%s\" viewBox=\"0 0 %d %d\">"
	    "<title id=\"%s\">%s</title>\n", chart->title, chart->title,
	    chart->id, WIDTH, height, chart->id, chart->title);
	chart_text(chart);
	chart_grid(chart, height);
	for (i = 0; i < chart->bars.n; i++)
		chart_row(chart, chart->bars.v[i]);
	if (now != ABSENT) {
		x = axis_x(chart, now);
		html_raw(html, "<path class=\"now\" d=\"M%d 22V%d\"/>"
		    "<text x=\"%d\" y=\"%d\" class=\"badtext\" "
		    "text-anchor=\"%s\">capture: %s</text>\n", x, height - 20,
		    x > RIGHT - 80 ? RIGHT : x < BARS + 80 ? BARS : x,
		    height - 5, x > RIGHT - 80 ? "end" :
		    x < BARS + 80 ? "start" : "middle",
		    date_text(ev_arena(html->model->ev), now));
	}
	html_raw(html, "</svg></div></figure>\n");
	if (chart->left_out > 0)
		html_raw(html, "<p class=\"soft\">%zu more: see the table."
		    "</p>\n", chart->left_out);
}

void
html_chains(struct html *html)
{
	static const char *const ek[] = {
		"ek-root", "ek-intermediate", "ek", NULL
	}, *const aik[] = {
		"aik-root", "aik-ca", "aik", "ra-signing", "ra-encryption",
		NULL
	}, *const other[] = {
		"platform", "scep-signer", "tls", "other", NULL
	};
	struct chart	charts[] = {
		{ .id = "chain-ek", .roles = ek, .ages = true,
		    .ca = "ek-intermediate", .leaf = "ek",
		    .no_leaf = "The EK certificate itself",
		    .title = "Chain of the TPM's endorsement key (EK)" },
		{ .id = "chain-aik", .roles = aik,
		    .ca = "aik-ca", .leaf = "aik",
		    .no_leaf = "An AIK certificate",
		    .title = "Chain of the AIK and the service's own "
		    "certificates" },
		{ .id = "chain-other", .roles = other,
		    .title = "Other certificates" },
	};
	size_t		i;

	for (i = 0; i < sizeof(charts) / sizeof(charts[0]); i++) {
		charts[i].html = html;
		chart_draw(&charts[i]);
	}
	html_raw(html, "<p class=\"soft\">Bars show from when to when a "
	    "certificate is valid. %s</p>\n", html->model->time == ABSENT ?
	    "The evidence does not give the time of the capture." :
	    "The dashed line is the time of the capture.");
}
