/*
 * Shows what a worker tells of itself in shared memory.  Only numbers are
 * taken from there, so that a worker that was taken over can lie, but not do
 * harm.  Relies on observe.h.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "batch/case.h"
#include "batch/observe.h"
#include "correlate/correlator.h"
#include "decode/parser.h"

#define QUIET_MS	500	/* a short case shows no line */
#define LINE_MS		200
#define JSON_MS		1000
#define MEGABYTE	1e6

static const char *const stage_names[METER_STAGES] = {
	"starting", "reading", "decoding", "correlating", "judging",
	"reporting"
};

int64_t
observer_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Of this process and all workers that ended. */
static int64_t
cpu_us(void)
{
	static const int whose[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
	struct rusage r;
	int64_t us = 0;
	size_t i;

	for (i = 0; i < 2; i++)
		if (getrusage(whose[i], &r) == 0)
			us += ((int64_t)r.ru_utime.tv_sec +
			    r.ru_stime.tv_sec) * 1000000 +
			    r.ru_utime.tv_usec + r.ru_stime.tv_usec;
	return us;
}

void
observer_begin(struct observer *w, enum progress_kind kind, bool timed,
    bool verbose)
{
	const char *term = getenv("TERM");
	void *p;

	if (kind == PROGRESS_AUTO)
		kind = isatty(STDERR_FILENO) && (term == NULL ||
		    strcmp(term, "dumb") != 0) ? PROGRESS_BAR : PROGRESS_NONE;
	*w = (struct observer){ .kind = kind, .verbose = verbose,
	    .begin_ms = observer_now(), .begin_cpu_us = cpu_us() };
	if (kind == PROGRESS_NONE && !timed)
		return;
	p = mmap(NULL, sizeof(*w->meter), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return;		/* then nothing is shown */
	w->meter = p;
	w->meter->timed = timed;
}

void
observer_case(struct observer *w, const struct case_job *job,
    const struct listing *list)
{
	struct stat st;
	size_t i;

	if (w == NULL || w->meter == NULL)
		return;
	w->job = job;
	w->all_files = list->n;
	w->all_bytes = 0;
	for (i = 0; i < list->n; i++)
		if (strcmp(list->v[i].path, "-") != 0 &&
		    stat(list->v[i].path, &st) == 0 && S_ISREG(st.st_mode))
			w->all_bytes += (uint64_t)st.st_size;
	w->meter->stage = METER_START;
	w->meter->files = w->meter->bytes = 0;
	w->meter->pieces = w->meter->all_pieces = w->meter->items = 0;
}

static const char *
stage_name(const struct observer *w)
{
	uint32_t stage = w->meter->stage;

	return stage_names[stage < METER_STAGES ? stage : METER_START];
}

static void
show_line(const struct observer *w)
{
	const struct meter *m = w->meter;
	char text[128];

	switch (m->stage) {
	case METER_READ:
		snprintf(text, sizeof(text), "%llu of %llu files, %.1f of "
		    "%.1f MB", (unsigned long long)m->files,
		    (unsigned long long)w->all_files,
		    (double)m->bytes / MEGABYTE,
		    (double)w->all_bytes / MEGABYTE);
		break;
	case METER_DECODE:
		snprintf(text, sizeof(text), "%llu of %llu pieces, %llu items",
		    (unsigned long long)m->pieces,
		    (unsigned long long)m->all_pieces,
		    (unsigned long long)m->items);
		break;
	default:
		snprintf(text, sizeof(text), "%llu items",
		    (unsigned long long)m->items);
	}
	fprintf(stderr, "\r%s: %.60s\033[K", stage_name(w), text);
	fflush(stderr);
}

static void
show_json(const struct observer *w, bool done)
{
	const struct meter *m = w->meter;

	fprintf(stderr, "{\"stage\":\"%s\",\"files\":%llu,\"all_files\":%llu,"
	    "\"bytes\":%llu,\"all_bytes\":%llu,\"pieces\":%llu,"
	    "\"all_pieces\":%llu,\"items\":%llu,\"elapsed_s\":%.1f}\n",
	    done ? "done" : stage_name(w), (unsigned long long)m->files,
	    (unsigned long long)w->all_files, (unsigned long long)m->bytes,
	    (unsigned long long)w->all_bytes, (unsigned long long)m->pieces,
	    (unsigned long long)m->all_pieces, (unsigned long long)m->items,
	    (double)(observer_now() - w->begin_ms) / 1000);
}

static void
show(struct observer *w)
{
	int64_t now = observer_now();

	if (w == NULL || w->meter == NULL || w->kind == PROGRESS_NONE)
		return;
	if (w->kind == PROGRESS_JSON) {
		if (now - w->shown_ms < JSON_MS)
			return;
		show_json(w, false);
	} else {
		if (now - w->begin_ms < QUIET_MS ||
		    now - w->shown_ms < LINE_MS)
			return;
		show_line(w);
	}
	w->shown_ms = now;
}

int
observer_wait(struct observer *w, int fd, int64_t end_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool shows = w != NULL && w->meter != NULL &&
	    w->kind != PROGRESS_NONE;
	int64_t left;
	int rc;

	for (;;) {
		show(w);
		left = end_ms - observer_now();
		if (left <= 0)
			return 0;
		if (left > 1000000)
			left = 1000000;
		if (shows && left > LINE_MS)
			left = LINE_MS;
		rc = poll(&p, 1, (int)left);
		if (rc > 0)
			return 1;
		if (rc == -1 && errno != EINTR)
			return -1;
	}
}

/* ---- the table ---- */

static void
row(const char *indent, const char *name, const struct meter_time *t,
    const char *what)
{
	fprintf(stderr, "%s%-*s %9.3f %9.3f%s%s\n", indent,
	    (int)(26 - strlen(indent)), name, (double)t->wall_ns / 1e9,
	    (double)t->cpu_ns / 1e9, *what != '\0' ? "  " : "", what);
}

struct part {
	const char	*name;
	const struct meter_time *time;
};

static int
longer(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	uint64_t s = x->time->wall_ns, t = y->time->wall_ns;

	return s < t ? 1 : s > t ? -1 : strcmp(x->name, y->name);
}

/* The longest first; what took less than a thousandth only with -v. */
static void
parts_show(const struct observer *w, struct part *parts, size_t n,
    const char *what)
{
	struct meter_time rest = { 0 };
	char text[64];
	size_t i;

	qsort(parts, n, sizeof(*parts), longer);
	for (i = 0; i < n; i++) {
		const struct meter_time *t = parts[i].time;

		if (t->times == 0)
			continue;
		if (t->wall_ns < 1000000 && !w->verbose) {
			rest.wall_ns += t->wall_ns;
			rest.cpu_ns += t->cpu_ns;
			rest.times++;
			continue;
		}
		snprintf(text, sizeof(text), "%llu %s%s",
		    (unsigned long long)t->times, what,
		    t->times == 1 ? "" : "s");
		row("  ", parts[i].name, t, *what != '\0' ? text : "");
	}
	if (rest.times > 0)
		row("  ", "(others)", &rest, "");
}

static void
decoding_show(const struct observer *w)
{
	struct part parts[METER_PARTS + 1];
	size_t i, n = 0;

	for (i = 0; i < METER_PARTS && parsers[i] != NULL; i++)
		parts[n++] = (struct part){ parsers[i]->name,
		    &w->meter->parsers[i] };
	parts_show(w, parts, n, "piece");
	row("  ", "(finding the parser)", &w->meter->bids, "");
}

static void
correlating_show(const struct observer *w)
{
	struct part parts[METER_PARTS];
	size_t i, n = 0;

	for (i = 0; i < METER_PARTS && correlators[i] != NULL; i++)
		parts[n++] = (struct part){ correlators[i]->name,
		    &w->meter->correlators[i] };
	parts_show(w, parts, n, "");
}

static void
reporting_show(const struct observer *w)
{
	struct part parts[METER_PARTS];
	size_t i, n = 0;

	for (i = 0; i < METER_PARTS && i < w->job->noutputs; i++)
		parts[n++] = (struct part){ w->job->outputs[i].reporter->name,
		    &w->meter->outputs[i] };
	parts_show(w, parts, n, "");
}

static void
table_show(const struct observer *w)
{
	const struct meter *m = w->meter;
	struct meter_time all = {
		.wall_ns = (uint64_t)(observer_now() - w->begin_ms) * 1000000,
		.cpu_ns = (uint64_t)(cpu_us() - w->begin_cpu_us) * 1000
	};
	char text[96];
	size_t i;

	fprintf(stderr, "%-26s %9s %9s\n", "time", "wall s", "CPU s");
	for (i = 0; i < METER_STAGES; i++) {
		text[0] = '\0';
		if (i == METER_READ)
			snprintf(text, sizeof(text), "%llu files, %.1f MB",
			    (unsigned long long)m->files,
			    (double)m->bytes / MEGABYTE);
		if (i == METER_DECODE)
			snprintf(text, sizeof(text), "%llu pieces, %llu items",
			    (unsigned long long)m->all_pieces,
			    (unsigned long long)m->items);
		row("", stage_names[i], &m->stages[i], text);
		if (i == METER_DECODE)
			decoding_show(w);
		else if (i == METER_CORRELATE)
			correlating_show(w);
		else if (i == METER_REPORT)
			reporting_show(w);
	}
	row("", "everything", &all, "with the parent process");
}

void
observer_end(struct observer *w)
{
	if (w->meter == NULL)
		return;
	if (w->kind == PROGRESS_BAR && w->shown_ms != 0)
		fputs("\r\033[K", stderr);
	if (w->kind == PROGRESS_JSON)
		show_json(w, true);
	if (w->meter->timed && w->job != NULL)
		table_show(w);
	(void)munmap(w->meter, sizeof(*w->meter));
	w->meter = NULL;
}
