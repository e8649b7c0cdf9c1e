/*
 * Shows how far a batch is, with the rate of cases that were worked on and
 * the time that the rest will take at that rate.  Relies on progress.h.
 */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "batch/progress.h"

#define BAR_MS		200
#define JSON_MS		1000

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
progress_begin(struct progress *p, enum progress_kind kind)
{
	if (kind == PROGRESS_AUTO)
		kind = isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_NONE;
	*p = (struct progress){ .kind = kind, .begin_ms = now_ms() };
}

/* Cases a second, and seconds left; -1 while nothing is known. */
static double
rate(const struct progress *p, const struct pool_progress *at, int64_t now,
    double *ret_left)
{
	double seconds = (double)(now - p->begin_ms) / 1000;
	double r = seconds > 0 ? (double)at->done / seconds : 0;

	*ret_left = r > 0 ? (double)(at->all - at->done) / r : -1;
	return r;
}

static void
show_json(const struct progress *p, const struct pool_progress *at,
    int64_t now)
{
	double left, r = rate(p, at, now, &left);

	fprintf(stderr, "{\"done\":%zu,\"all\":%zu,\"failed\":%zu,"
	    "\"died\":%zu,\"kept\":%zu,\"elsewhere\":%zu,\"rate\":%.1f,"
	    "\"eta_s\":", at->done, at->all, at->failed, at->died, at->kept,
	    at->elsewhere, r);
	if (left < 0)
		fputs("null}\n", stderr);
	else
		fprintf(stderr, "%.0f}\n", left);
}

static void
show_bar(const struct progress *p, const struct pool_progress *at,
    int64_t now)
{
	double left, r = rate(p, at, now, &left);
	char tail[160], bar[64];
	struct winsize w;
	size_t columns = 80, room, full, n;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		columns = w.ws_col;
	n = (size_t)snprintf(tail, sizeof(tail), " %zu/%zu  %.0f/s  ", at->done,
	    at->all, r);
	if (left >= 0)
		n += (size_t)snprintf(tail + n, sizeof(tail) - n,
		    "ETA %02.0f:%02d  ", (double)((long)left / 60),
		    (int)((long)left % 60));
	n += (size_t)snprintf(tail + n, sizeof(tail) - n, "%zu failed",
	    at->failed);
	if (at->died > 0)
		n += (size_t)snprintf(tail + n, sizeof(tail) - n,
		    ", %zu did not finish", at->died);
	room = columns > n + 3 ? columns - n - 3 : 0;
	if (room > sizeof(bar) - 1)
		room = sizeof(bar) - 1;
	full = at->all > 0 ? room * at->done / at->all : room;
	memset(bar, '-', room);
	memset(bar, '#', full);
	bar[room] = '\0';
	fprintf(stderr, "\r[%s]%.*s\033[K", bar,
	    columns > 4 ? (int)(columns - room - 3) : 0, tail);
	fflush(stderr);
}

void
progress_show(struct progress *p, const struct pool_progress *at)
{
	int64_t now = now_ms();

	if (p->kind == PROGRESS_NONE || now - p->shown_ms <
	    (p->kind == PROGRESS_BAR ? BAR_MS : JSON_MS))
		return;
	p->shown_ms = now;
	if (p->kind == PROGRESS_BAR)
		show_bar(p, at, now);
	else
		show_json(p, at, now);
}

void
progress_end(struct progress *p, const struct pool_progress *at)
{
	if (p->kind == PROGRESS_JSON)
		show_json(p, at, now_ms());
	else if (p->kind == PROGRESS_BAR)
		fputs("\r\033[K", stderr);
}
