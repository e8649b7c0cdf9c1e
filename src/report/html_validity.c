/*
 * The certificates of the case: validity bars against the time of the capture,
 * the older twin of a re-issued EK issuer beside it, and a table.
 * Relies on model.h.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "report/html.h"

#define WIDTH		820
#define BARS		375	/* where the bars begin */
#define RIGHT		800
#define ROW		34
#define ROWS_MAX	24

/* One bar; the predecessor of the built-in table is no row of the case. */
struct bar {
	struct str	 name, note;
	int64_t		 from, to;
	bool		 old, bad;
	unsigned int	 depth;
};

struct axis {
	int64_t	from, to;
};

static int
axis_x(const struct axis *axis, int64_t us)
{
	double	span = (double)axis->to - (double)axis->from;

	if (us < axis->from)
		us = axis->from;
	if (us > axis->to)
		us = axis->to;
	return BARS + (int)((RIGHT - BARS) *
	    (((double)us - (double)axis->from) / (span <= 0 ? 1 : span)));
}

static struct bar *
bar_add(struct html *html, struct list *bars)
{
	struct arena	*arena = ev_arena(html->model->ev);
	struct bar	*bar;

	bar = arena_alloc(arena, sizeof(*bar));
	list_add(arena, bars, bar);
	return bar;
}

/* The predecessor of this certificate, as an attempt knows it. */
static void
bar_twin(struct html *html, struct list *bars,
    const struct row_certificate *row)
{
	struct evidence			*ev = html->model->ev;
	const struct row_attempt	*attempt;
	struct bar			*bar;
	struct str			 serial, old;
	int64_t				 from, to;
	size_t				 i;

	for (i = 0; i < html->model->attempts.n; i++) {
		attempt = html->model->attempts.v[i];
		serial = item_show(ev, attempt->at, &ek_issuer_serial);
		old = item_show(ev, attempt->at, &ek_issuer_old_serial);
		from = item_count(attempt->at, &ek_issuer_old_not_before);
		to = item_count(attempt->at, &ek_issuer_old_not_after);
		if (str_empty(old) || from == ABSENT || to == ABSENT ||
		    !str_same(serial, row->serial.p, row->serial.n))
			continue;
		bar = bar_add(html, bars);
		bar->name = str_of("older certificate, same key");
		bar->note = str_of(arena_printf(ev_arena(ev), "serial %.*s",
		    (int)old.n, old.p));
		bar->from = from;
		bar->to = to;
		bar->old = true;
		bar->depth = (unsigned int)row->chain.n;
		return;
	}
}

static void
bars_make(struct html *html, struct list *bars)
{
	static const char *const roles[] = {
		"ek-root", "ek-intermediate", "ek", "aik-root", "aik-ca",
		"aik", "ra-signing", "ra-encryption", "platform",
		"scep-signer", "tls"
	};
	const struct row_certificate	*row;
	struct bar			*bar;
	size_t				 i, k;

	for (k = 0; k < sizeof(roles) / sizeof(roles[0]); k++)
		for (i = 0; i < html->model->certificates.n; i++) {
			row = html->model->certificates.v[i];
			if (!str_is(row->role, roles[k]) ||
			    row->not_before == ABSENT ||
			    row->not_after == ABSENT || bars->n >= ROWS_MAX)
				continue;
			bar = bar_add(html, bars);
			bar->name = str_empty(row->cn) ? row->subject :
			    row->cn;
			if (str_empty(bar->name))
				bar->name = str_of("(empty subject)");
			bar->note = row->role;
			bar->from = row->not_before;
			bar->to = row->not_after;
			bar->bad = row->problems.n > 0;
			bar->depth = (unsigned int)row->chain.n;
			bar_twin(html, bars, row);
		}
}

static void
label(const struct html *html, int x, int y, const char *class, struct str s)
{
	html_raw(html, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	html_string(html, s);
	html_raw(html, "</text>\n");
}

static void
bars_grid(const struct html *html, const struct axis *axis, int height)
{
	char	buf[40];
	int	year, first, last, step, x;

	time_format(axis->from, buf);
	first = (int)strtol(buf, NULL, 10);
	time_format(axis->to, buf);
	last = (int)strtol(buf, NULL, 10);
	step = (last - first) / 8 + 1;
	for (year = first + 1; year <= last; year += step) {
		x = axis_x(axis, time_make(year, 1, 1, 0, 0, 0));
		html_raw(html, "<path class=\"grid\" d=\"M%d 22V%d\"/>"
		    "<text x=\"%d\" y=\"16\" class=\"small\" "
		    "text-anchor=\"middle\">%d</text>\n", x, height - 22, x,
		    year);
	}
}

/* Capitals are wide: a name of many is cut sooner. */
static struct str
bar_name(const struct html *html, const struct bar *bar, int in)
{
	size_t	i, capitals = 0, room = 47 - (size_t)in / 8;

	for (i = 0; i < bar->name.n && i < room; i++)
		capitals += bar->name.p[i] >= 'A' && bar->name.p[i] <= 'Z';
	return html_short(html, bar->name, room - capitals / 3);
}

static void
bars_row(const struct html *html, const struct axis *axis,
    const struct bar *bar, int y)
{
	struct arena	*arena = ev_arena(html->model->ev);
	int		 x = axis_x(axis, bar->from),
			 w = axis_x(axis, bar->to) - x,
			 in = 4 + 10 * (int)(bar->depth > 4 ? 4 : bar->depth);

	label(html, in, y - 2, bar->old ? "small" : "bold",
	    bar_name(html, bar, in));
	label(html, in, y + 12, "small", html_short(html,
	    str_of(arena_printf(arena, "%.*s%s, %s to %s", (int)bar->note.n,
	    bar->note.p, bar->bad ? ", not valid then" : "",
	    date_text(arena, bar->from), date_text(arena, bar->to))), 56));
	html_raw(html, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
	    "height=\"14\" rx=\"3\"/>\n", bar->bad ? "barbad" :
	    bar->old ? "barold" : "bar", x, y - 8, w < 3 ? 3 : w);
}

static void
bars_svg(struct html *html)
{
	const struct bar	*bar;
	struct list		 bars = { 0 };
	struct axis		 axis = { INT64_MAX, INT64_MIN };
	int64_t			 now = html->model->time;
	int			 height, x;
	size_t			 i;

	bars_make(html, &bars);
	for (i = 0; i < bars.n; i++) {
		bar = bars.v[i];
		axis.from = bar->from < axis.from ? bar->from : axis.from;
		axis.to = bar->to > axis.to ? bar->to : axis.to;
	}
	if (bars.n == 0)
		return;
	/* A certificate "valid to 9999" must not press all others together. */
	if (axis.to > time_make(2060, 1, 1, 0, 0, 0))
		axis.to = time_make(2060, 1, 1, 0, 0, 0);
	if (axis.from < time_make(2000, 1, 1, 0, 0, 0))
		axis.from = time_make(2000, 1, 1, 0, 0, 0);
	height = 58 + ROW * (int)bars.n;
	html_raw(html, "<figure><div class=\"scroll\"><svg role=\"img\" "
	    "aria-labelledby=\"val\" viewBox=\"0 0 %d %d\"><title id=\"val\">"
	    "Validity of the certificates against the time of the capture; "
	    "the table below has the dates</title>\n", WIDTH, height);
	bars_grid(html, &axis, height);
	for (i = 0; i < bars.n; i++)
		bars_row(html, &axis, bars.v[i], 42 + ROW * (int)i);
	if (now != ABSENT) {
		x = axis_x(&axis, now);
		html_raw(html, "<path class=\"now\" d=\"M%d 22V%d\"/>"
		    "<text x=\"%d\" y=\"%d\" class=\"badtext\" "
		    "text-anchor=\"%s\">capture: %s</text>\n", x, height - 20,
		    x > RIGHT - 80 ? RIGHT : x, height - 5,
		    x > RIGHT - 80 ? "end" : "middle",
		    date_text(ev_arena(html->model->ev), now));
	}
	html_raw(html, "</svg></div><figcaption>Validity of the certificates; "
	    "the dashed line is the time of the capture.%s</figcaption>"
	    "</figure>\n", now == ABSENT ?
	    " The evidence does not give that time." : "");
}

static void
certificate_line(const struct html *html, const struct row_certificate *row)
{
	struct arena	*arena = ev_arena(html->model->ev);
	size_t		 i;

	html_raw(html, "<tr><td>%u</td><td class=\"nowrap\">", row->number);
	html_string(html, row->role);
	html_raw(html, "</td><td class=\"id\">");
	html_string(html, str_empty(row->subject) ?
	    str_of("(empty subject)") : row->subject);
	for (i = 0; i < row->problems.n; i++) {
		html_raw(html, "<br><span class=\"warning\">");
		html_str(html->f, row->problems.v[i]);
		html_raw(html, "</span>");
	}
	html_raw(html, "</td><td class=\"id\">");
	html_code(html, row->serial);
	html_raw(html, "</td><td class=\"nowrap\">%s<br>%s</td><td>",
	    row->not_before == ABSENT ? "" :
	    time_text(arena, row->not_before),
	    row->not_after == ABSENT ? "" : time_text(arena, row->not_after));
	if (row->up != NULL)
		html_raw(html, "number %u", row->up->number);
	else
		html_string(html, html_short(html, row->issuer, 120));
	html_raw(html, "</td></tr>\n");
}

void
html_certificates(struct html *html)
{
	size_t	i;

	if (html->model->certificates.n == 0)
		return;
	html_raw(html, "<section id=\"certificates\"><h2>Certificates</h2>\n");
	bars_svg(html);
	html_raw(html, "<div class=\"scroll\"><table><thead><tr>"
	    "<th scope=\"col\">No.</th><th scope=\"col\">Role</th>"
	    "<th scope=\"col\">Subject</th><th scope=\"col\">Serial</th>"
	    "<th scope=\"col\">Valid from, to</th>"
	    "<th scope=\"col\">Issued by</th></tr></thead><tbody>\n");
	for (i = 0; i < html->model->certificates.n; i++)
		certificate_line(html, html->model->certificates.v[i]);
	html_raw(html, "</tbody></table></div></section>\n");
}
