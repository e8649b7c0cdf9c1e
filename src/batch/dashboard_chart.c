/*
 * Draws the causes of a batch over time as stacked bars, by days, weeks,
 * months or years as it fits, and says the same as a table.
 * Relies on dashboard.h and html_page.h.
 */
#include <stdlib.h>
#include <string.h>

#include "batch/dashboard.h"
#include "report/html_page.h"

#define NAMED		6	/* causes with a colour of their own */
#define SERIES		(NAMED + 3)
#define OTHER		NAMED
#define NO_CAUSE	(NAMED + 1)
#define SUCCEEDED	(NAMED + 2)

#define BINS_MAX	62	/* before they become coarser */
#define MANY		100	/* cases of which a few may be far away */
#define BINS_EVER	400

#define WIDTH		960
#define LEFT		40
#define TOP		24
#define HEIGHT		200
#define BOTTOM		30

enum step { STEP_DAY, STEP_WEEK, STEP_MONTH, STEP_YEAR };

struct chart {
	const struct dashboard *d;
	const char	*names[SERIES];
	uint32_t	 words[NAMED];	/* of the named causes */
	size_t		 nnamed;
	size_t		 totals[SERIES];
	enum step	 step;
	int64_t		 first, last;	/* bins */
	size_t		 (*v)[SERIES];	/* by bin */
	size_t		 nbins, most;	/* cases in a bin */
	size_t		 before, after, timeless;
};

/* Year and month of a day. */
static void
day_parts(int64_t day, int *ret_year, int *ret_month)
{
	char text[16];

	*ret_year = *ret_month = 1;
	calendar_day_text(day, text);
	(void)sscanf(text, "%d-%d", ret_year, ret_month);
}

static int64_t
bin_of(enum step step, int64_t day)
{
	int year, month;

	if (step == STEP_DAY)
		return day;
	if (step == STEP_WEEK)
		return (calendar_monday(day) + 3) / 7;
	day_parts(day, &year, &month);
	return step == STEP_MONTH ? year * 12 + month - 1 : year;
}

/* "2023-03-29", "2023-W13", "2023-03", "2023" */
static void
bin_text(enum step step, int64_t bin, char ret[16])
{
	if (step == STEP_DAY)
		calendar_day_text(bin, ret);
	else if (step == STEP_WEEK)
		calendar_week_text(bin * 7 - 3, ret);
	else if (step == STEP_MONTH)
		snprintf(ret, 16, "%04d-%02d", (int)(bin / 12) & 0x3fff,
		    (int)(bin % 12 + 1) & 63);
	else
		snprintf(ret, 16, "%04d", (int)bin & 0x3fff);
}

static bool
day_of(const struct chart *chart, size_t i, int64_t *ret)
{
	int64_t us;

	if (!calendar_time(chart->d->words.v[chart->d->v[i].word[DASH_TIME]],
	    &us))
		return false;
	*ret = calendar_day(us);
	return true;
}

static int
by_day(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The time that is drawn: of many cases without the few at its ends. */
static bool
range_choose(struct chart *chart, const struct member *members)
{
	int64_t *days = calloc(chart->d->n + 1, sizeof(*days));
	size_t i, n = 0, few;

	if (days == NULL)
		abort();
	for (i = 0; i < chart->d->n; i++)
		if (members[i].duplicate_of == 0) {
			if (day_of(chart, i, &days[n]))
				n++;
			else
				chart->timeless++;
		}
	qsort(days, n, sizeof(*days), by_day);
	few = n >= MANY ? n / MANY : 0;
	for (i = STEP_DAY; n > 0 && i <= STEP_YEAR; i++) {
		chart->step = (enum step)i;
		chart->first = bin_of(chart->step, days[few]);
		chart->last = bin_of(chart->step, days[n - 1 - few]);
		if (chart->last - chart->first < BINS_MAX)
			break;
	}
	if (n > 0 && chart->last - chart->first >= BINS_EVER)
		chart->first = chart->last - BINS_EVER + 1;
	chart->nbins = n == 0 ? 0 : (size_t)(chart->last - chart->first + 1);
	free(days);
	return n > 0;
}

static size_t
series_of(const struct chart *chart, size_t i)
{
	const struct dash_case *at = &chart->d->v[i];
	size_t k;

	if (strcmp(chart->d->words.v[at->word[DASH_OUTCOME]], "succeeded") ==
	    0)
		return SUCCEEDED;
	if (at->word[DASH_CAUSE] == 0)
		return NO_CAUSE;
	for (k = 0; k < chart->nnamed; k++)
		if (chart->words[k] == at->word[DASH_CAUSE])
			return k;
	return OTHER;
}

/* The causes that are the most often seen. */
static void
names_choose(struct chart *chart, const struct member *members)
{
	size_t *counts = calloc(chart->d->words.n, sizeof(*counts));
	size_t i, k, best;

	if (counts == NULL)
		abort();
	for (i = 0; i < chart->d->n; i++)
		if (members[i].duplicate_of == 0 &&
		    strcmp(chart->d->words.v[chart->d->v[i].word[
		    DASH_OUTCOME]], "succeeded") != 0)
			counts[chart->d->v[i].word[DASH_CAUSE]]++;
	for (k = 0; k < NAMED; k++) {
		for (best = 0, i = 1; i < chart->d->words.n; i++)
			if (counts[i] > 0 && (best == 0 ||
			    counts[i] > counts[best]))
				best = i;
		if (best == 0)
			break;
		chart->words[k] = (uint32_t)best;
		chart->names[k] = chart->d->words.v[best];
		counts[best] = 0;
		chart->nnamed++;
	}
	chart->names[OTHER] = "other causes";
	chart->names[NO_CAUSE] = "no cause found";
	chart->names[SUCCEEDED] = "succeeded";
	free(counts);
}

static void
count(struct chart *chart, const struct member *members)
{
	size_t i, k, sum;
	int64_t day, bin;

	chart->v = calloc(chart->nbins + 1, sizeof(*chart->v));
	if (chart->v == NULL)
		abort();
	for (i = 0; i < chart->d->n; i++) {
		if (members[i].duplicate_of != 0 || !day_of(chart, i, &day))
			continue;
		bin = bin_of(chart->step, day);
		chart->before += bin < chart->first;
		chart->after += bin > chart->last;
		if (bin < chart->first || bin > chart->last)
			continue;
		k = series_of(chart, i);
		chart->v[bin - chart->first][k]++;
		chart->totals[k]++;
	}
	for (i = 0; i < chart->nbins; i++) {
		for (sum = 0, k = 0; k < SERIES; k++)
			sum += chart->v[i][k];
		if (sum > chart->most)
			chart->most = sum;
	}
}

/* ---- writing ---- */

/* What a bar says to those who point at it. */
static void
put_title(const struct chart *chart, size_t i, FILE *f)
{
	char label[16];
	size_t k;

	bin_text(chart->step, chart->first + (int64_t)i, label);
	(void)fprintf(f, "<title>%s", label);
	for (k = 0; k < SERIES; k++)
		if (chart->v[i][k] > 0) {
			(void)fputs("; ", f);
			html_str(f, chart->names[k]);
			(void)fprintf(f, " %zu", chart->v[i][k]);
		}
	(void)fputs("</title>", f);
}

/* 1, 2 or 5 of some power of ten: so that there are about five lines. */
static size_t
tick_of(size_t most)
{
	size_t unit = 1;

	for (;; unit *= 10) {
		if (most <= unit * 5)
			return unit;
		if (most <= unit * 10)
			return unit * 2;
		if (most <= unit * 25)
			return unit * 5;
	}
}

static void
put_grid(const struct chart *chart, size_t top, FILE *f)
{
	size_t at, tick = tick_of(chart->most);
	double y;

	for (at = 0; at <= top; at += tick) {
		y = TOP + HEIGHT - HEIGHT * (double)at / (double)top;
		(void)fprintf(f, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" "
		    "y1=\"%.1f\" y2=\"%.1f\"/><text class=\"small\" "
		    "text-anchor=\"end\" x=\"%d\" y=\"%.1f\">%zu</text>\n",
		    LEFT, WIDTH, y, y, LEFT - 6, y + 4, at);
	}
}

static void
put_bars(const struct chart *chart, size_t top, FILE *f)
{
	double wide = (double)(WIDTH - LEFT) / (double)chart->nbins, x, y, h;
	size_t i, k, each = (chart->nbins + 11) / 12;
	char label[16];

	for (i = 0; i < chart->nbins; i++) {
		x = LEFT + wide * (double)i;
		y = TOP + HEIGHT;
		(void)fputs("<g>", f);
		put_title(chart, i, f);
		for (k = 0; k < SERIES; k++) {
			if (chart->v[i][k] == 0)
				continue;
			h = HEIGHT * (double)chart->v[i][k] / (double)top;
			y -= h;
			(void)fprintf(f, "<rect class=\"s%zu\" x=\"%.1f\" "
			    "y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
			    k, x + wide * 0.1, y, wide * 0.8, h);
		}
		(void)fputs("</g>", f);
		/* Of the last ones there may be no room for it. */
		if (i % each != 0 || x > WIDTH - 70)
			continue;
		bin_text(chart->step, chart->first + (int64_t)i, label);
		(void)fprintf(f, "<text class=\"small\" x=\"%.1f\" y=\"%d\">"
		    "%s</text>\n", x + wide * 0.1, TOP + HEIGHT + 18, label);
	}
}

/* A triangle and a number above the bars in which an outbreak is. */
static void
put_outbreaks(const struct chart *chart, const struct clusters *clusters,
    size_t top, FILE *f)
{
	double wide = (double)(WIDTH - LEFT) / (double)chart->nbins, x, y;
	const struct outbreak *v;
	int64_t bin;
	size_t n, i, k, sum;

	v = clusters_outbreaks(clusters, &n);
	for (i = 0; i < n; i++) {
		bin = bin_of(chart->step, v[i].peak);
		if (bin < chart->first || bin > chart->last)
			continue;
		for (sum = 0, k = 0; k < SERIES; k++)
			sum += chart->v[bin - chart->first][k];
		x = LEFT + wide * ((double)(bin - chart->first) + 0.5);
		y = TOP + HEIGHT - HEIGHT * (double)sum / (double)top;
		(void)fprintf(f, "<path class=\"mark\" d=\"M%.1f %.1fl5 -9h"
		    "-10z\"/><text class=\"badsmall\" text-anchor=\"middle\" "
		    "x=\"%.1f\" y=\"%.1f\">%u</text>\n", x, y - 2, x, y - 13,
		    v[i].number);
	}
}

static void
put_legend(const struct chart *chart, FILE *f)
{
	size_t k;

	(void)fputs("<ul class=\"legend\">\n", f);
	for (k = 0; k < SERIES; k++) {
		if (chart->totals[k] == 0)
			continue;
		(void)fprintf(f, "<li><svg viewBox=\"0 0 10 10\" "
		    "aria-hidden=\"true\"><rect class=\"s%zu\" width=\"10\" "
		    "height=\"10\"/></svg>", k);
		html_str(f, chart->names[k]);
		(void)fprintf(f, " (%zu)</li>\n", chart->totals[k]);
	}
	(void)fputs("</ul>\n", f);
}

static void
put_table(const struct chart *chart, FILE *f)
{
	const char *heads[SERIES + 1];
	char label[16];
	size_t i, k, n = 0, sum;

	heads[n++] = "Time";
	for (k = 0; k < SERIES; k++)
		if (chart->totals[k] > 0)
			heads[n++] = chart->names[k];
	(void)fputs("<details><summary>The same as a table</summary>\n", f);
	html_table(f, "Causes over time", heads, n);
	for (i = 0; i < chart->nbins; i++) {
		for (sum = 0, k = 0; k < SERIES; k++)
			sum += chart->v[i][k];
		if (sum == 0)
			continue;
		bin_text(chart->step, chart->first + (int64_t)i, label);
		(void)fprintf(f, "<tr><th scope=\"row\">%s</th>", label);
		for (k = 0; k < SERIES; k++)
			if (chart->totals[k] > 0)
				(void)fprintf(f, "<td>%zu</td>",
				    chart->v[i][k]);
		(void)fputs("</tr>\n", f);
	}
	html_table_end(f);
	(void)fputs("</details>\n", f);
}

void
dashboard_chart(const struct dashboard *d, const struct clusters *clusters,
    FILE *f)
{
	static const char *const steps[] = { "day", "week", "month", "year" };
	struct chart chart = { .d = d };
	const struct member *members;
	size_t n, top, tick;

	members = clusters_members(clusters, &n);
	(void)fputs("<section id=\"time\"><h2>Causes over time</h2>\n", f);
	if (n < d->n || !range_choose(&chart, members)) {
		(void)fputs("<p>No case tells a time.</p></section>\n", f);
		return;
	}
	names_choose(&chart, members);
	count(&chart, members);
	tick = tick_of(chart.most);
	top = (chart.most + tick - 1) / tick * tick;
	put_legend(&chart, f);
	(void)fprintf(f, "<div class=\"scroll chart\" tabindex=\"0\" "
	    "role=\"group\" aria-label=\"Causes over time\"><svg viewBox=\"0 0 %d %d\" "
	    "role=\"img\" aria-labelledby=\"chart-title\">\n<title "
	    "id=\"chart-title\">Cases a %s by cause, at most %zu; the table "
	    "below says the same</title>\n", WIDTH, TOP + HEIGHT + BOTTOM,
	    steps[chart.step], chart.most);
	put_grid(&chart, top, f);
	put_bars(&chart, top, f);
	put_outbreaks(&chart, clusters, top, f);
	(void)fputs("</svg></div>\n", f);
	(void)fprintf(f, "<p class=\"soft\">Cases a %s, UTC, by the times of "
	    "the captures.", steps[chart.step]);
	if (chart.before + chart.after > 0)
		(void)fprintf(f, " %zu are earlier and %zu later than this.",
		    chart.before, chart.after);
	if (chart.timeless > 0)
		(void)fprintf(f, " %zu tell no time.", chart.timeless);
	(void)fputs("</p>\n", f);
	put_table(&chart, f);
	(void)fputs("</section>\n", f);
	free(chart.v);
}
