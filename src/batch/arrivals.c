/*
 * Names on which something happened stand on a list with the time when to
 * look at them; what is complete then is a case.  Looking costs little and
 * may be done too often: what decides is what is found, not the event.
 * Relies on arrivals.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "batch/arrivals.h"
#include "log.h"

#ifdef HAVE_SYS_INOTIFY_H
#include <sys/inotify.h>

#include "batch/complete.h"

#define TOP_EVENTS	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |	\
	IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
#define BELOW_EVENTS	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |	\
	IN_CREATE | IN_DELETE | IN_MODIFY | IN_ONLYDIR)

/* Why a name stands on the list, from what says least. */
enum reason { FOUND, CLOSED, MOVED };

struct pending {
	char		*name;
	enum reason	 reason;
	int64_t		 due_ms, wait_ms;
	struct look	 last;		/* when it was looked at before */
};

struct arrivals {
	const char	*dir;
	bool		 folders;
	int64_t		 settle_ms;
	const struct stat *skip;
	size_t		 nskip;
	int		 fd;		/* of inotify */
	int		 top, top_wd;	/* of the folder; it is not open while
					   we wait, or we would not hear of its
					   end */
	struct pending	*v;
	size_t		 n, room;
	char		**below;	/* by watch: the case it stands in */
	size_t		 nbelow;
	bool		 said;
};

static void *
memory(void *p)
{
	if (p == NULL) {
		log_error("out of memory");
		exit(3);
	}
	return p;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the list ---- */

/* To be looked at; an event that says more than the last one counts. */
static void
pending_add(struct arrivals *a, const char *name, enum reason reason,
    int64_t due_ms)
{
	struct pending *p;
	size_t i;

	if (name_unfinished(name))
		return;
	for (i = 0; i < a->n && strcmp(a->v[i].name, name) != 0; i++)
		continue;
	if (i == a->n) {
		if (a->n == a->room) {
			a->room = a->room == 0 ? 64 : 2 * a->room;
			a->v = memory(reallocarray(a->v, a->room,
			    sizeof(*a->v)));
		}
		a->v[a->n++] = (struct pending){ .reason = reason,
		    .name = memory(strdup(name)), .due_ms = due_ms };
		return;
	}
	p = &a->v[i];
	if (reason >= p->reason)
		p->due_ms = due_ms;
	if (reason > p->reason)
		p->reason = reason;
}

static void
pending_remove(struct arrivals *a, size_t i)
{
	free(a->v[i].name);
	memmove(a->v + i, a->v + i + 1, (a->n - i - 1) * sizeof(*a->v));
	a->n--;
}

static void
pending_forget(struct arrivals *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (strcmp(a->v[i].name, name) == 0) {
			pending_remove(a, i);
			return;
		}
}

/* ---- watches below ---- */

/* Called for each folder of a case. */
static void
below_watch(const char *name, int folder, void *arg)
{
	struct arrivals *a = arg;
	char path[64];
	int wd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", folder);
	wd = inotify_add_watch(a->fd, path, BELOW_EVENTS);
	if (wd == -1) {
		if (!a->said)
			log_warn("%s/%s: what changes in it later is not "
			    "seen: %s%s", a->dir, name, strerror(errno),
			    errno == ENOSPC ? " for more watches, see "
			    "fs.inotify.max_user_watches" : "");
		a->said = true;
		return;
	}
	if ((size_t)wd >= a->nbelow) {
		size_t n = (size_t)wd + 64;

		a->below = memory(reallocarray(a->below, n,
		    sizeof(*a->below)));
		memset(a->below + a->nbelow, 0, (n - a->nbelow) *
		    sizeof(*a->below));
		a->nbelow = n;
	}
	free(a->below[wd]);
	a->below[wd] = memory(strdup(name));
}

static void
below_forget(struct arrivals *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->nbelow; i++)
		if (a->below[i] != NULL && strcmp(a->below[i], name) == 0) {
			(void)inotify_rm_watch(a->fd, (int)i);
			free(a->below[i]);
			a->below[i] = NULL;
		}
}

/* ---- events ---- */

static void
scan(struct arrivals *a)
{
	DIR *d = opendir(a->dir);
	struct dirent *entry;

	if (d == NULL) {
		log_error("%s: %s", a->dir, strerror(errno));
		return;
	}
	while ((entry = readdir(d)) != NULL)
		pending_add(a, entry->d_name, FOUND, 0);
	closedir(d);
}

static int
by_name(const void *a, const void *b)
{
	const struct pending *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
top_event(struct arrivals *a, const struct inotify_event *e, int64_t now)
{
	if ((e->mask & (IN_MOVED_FROM | IN_DELETE)) != 0) {
		pending_forget(a, e->name);
		if ((e->mask & IN_ISDIR) != 0)
			below_forget(a, e->name);
	} else if ((e->mask & IN_MOVED_TO) != 0)
		pending_add(a, e->name, MOVED, now);
	else if ((e->mask & IN_CLOSE_WRITE) != 0)
		pending_add(a, e->name, CLOSED, now);
	else if ((e->mask & IN_CREATE) != 0 && (e->mask & IN_ISDIR) != 0)
		pending_add(a, e->name, FOUND, now);
	else if ((e->mask & IN_CREATE) != 0)
		/* Most are closed before that. */
		pending_add(a, e->name, FOUND, now + a->settle_ms);
}

/* Something in a folder that is a case: it does not stay the same. */
static void
below_event(struct arrivals *a, const struct inotify_event *e, int64_t now)
{
	const char *name = (size_t)e->wd < a->nbelow ? a->below[e->wd] : NULL;

	if (name == NULL)
		return;
	if ((e->mask & IN_IGNORED) != 0) {
		free(a->below[e->wd]);
		a->below[e->wd] = NULL;
		return;
	}
	pending_add(a, name, FOUND, now + a->settle_ms);
}

/* -1: the folder is gone. */
static int
events_read(struct arrivals *a, int64_t now)
{
	_Alignas(struct inotify_event) char buffer[65536];
	const struct inotify_event *e;
	ssize_t n, at;

	while ((n = read(a->fd, buffer, sizeof(buffer))) > 0)
		for (at = 0; at < n; at += (ssize_t)(sizeof(*e) + e->len)) {
			e = (const void *)(buffer + at);
			if ((e->mask & IN_Q_OVERFLOW) != 0)
				scan(a);
			else if (e->wd != a->top_wd)
				below_event(a, e, now);
			else if ((e->mask & (IN_DELETE_SELF | IN_MOVE_SELF |
			    IN_UNMOUNT | IN_IGNORED)) != 0) {
				log_error("%s: is not there any more",
				    a->dir);
				return -1;
			} else if (e->len > 0)
				top_event(a, e, now);
		}
	return 0;
}

/* ---- looking ---- */

/* Is it to be taken?  Else it stays on the list, with a time, or not. */
static enum verdict_of_look
look_at(struct arrivals *a, struct pending *p, int64_t now)
{
	struct look look;
	enum verdict_of_look v;

	v = look_take(&look, a->top, p->name, a->folders ? below_watch :
	    NULL, a, a->skip, a->nskip);
	if (v == LOOK_UNKNOWN) {
		/* A folder moved in, a file that was closed: enough. */
		if ((look.folder && p->reason == MOVED) || (!look.folder &&
		    p->reason >= CLOSED) || look_same(&look, &p->last))
			v = LOOK_COMPLETE;
		else
			v = LOOK_BUSY;
	}
	p->last = look;
	if (v != LOOK_BUSY)
		return v;
	/*
	 * Who closes a file has it open for a moment after the event.  A
	 * folder that is written to after it was moved in is as any other.
	 */
	p->wait_ms = p->reason == FOUND || look.folder ? a->settle_ms :
	    p->wait_ms == 0 ? 10 : 2 * p->wait_ms;
	if (p->wait_ms > a->settle_ms)
		p->wait_ms = a->settle_ms;
	p->due_ms = now + p->wait_ms;
	if (look.folder)
		p->reason = FOUND;
	return v;
}

int
arrivals_take(struct arrivals *a, struct cases *cases)
{
	int64_t now = now_ms(), next = now + INT_MAX;
	enum verdict_of_look v;
	char *path;
	size_t i;

	if (events_read(a, now) == -1)
		return -1;
	a->top = open(a->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; i < a->n && a->top != -1; ) {
		v = a->v[i].due_ms > now ? LOOK_BUSY :
		    look_at(a, &a->v[i], now);
		if (v == LOOK_BUSY) {
			if (a->v[i].due_ms < next)
				next = a->v[i].due_ms;
			i++;
			continue;
		}
		if (v == LOOK_COMPLETE) {
			if (asprintf(&path, "%s%s%s", a->dir,
			    a->dir[strlen(a->dir) - 1] == '/' ? "" : "/",
			    a->v[i].name) == -1)
				path = NULL;
			cases_add_one(cases, memory(path));
			free(path);
		}
		pending_remove(a, i);
	}
	if (a->top == -1) {
		log_error("%s: %s", a->dir, strerror(errno));
		return -1;
	}
	close(a->top);
	a->top = -1;
	return (int)(next - now);
}

/* ---- the whole ---- */

struct arrivals *
arrivals_open(const char *dir, bool folders, unsigned int settle_s,
    const struct stat *skip, size_t nskip)
{
	struct arrivals *a = memory(calloc(1, sizeof(*a)));

	*a = (struct arrivals){ .dir = dir, .folders = folders,
	    .settle_ms = (int64_t)settle_s * 1000, .skip = skip,
	    .nskip = nskip, .top = -1 };
	a->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (a->fd != -1)
		a->top_wd = inotify_add_watch(a->fd, dir, TOP_EVENTS);
	if (a->fd == -1 || a->top_wd == -1) {
		log_error("%s: %s", dir, strerror(errno));
		arrivals_free(a);
		return NULL;
	}
	/* Who writes to a file at the moment of our look makes one. */
	(void)signal(SIGIO, SIG_IGN);
	scan(a);
	if (a->n > 0)
		qsort(a->v, a->n, sizeof(*a->v), by_name);
	return a;
}

int
arrivals_fd(const struct arrivals *a)
{
	return a->fd;
}

void
arrivals_free(struct arrivals *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++)
		free(a->v[i].name);
	for (i = 0; i < a->nbelow; i++)
		free(a->below[i]);
	free(a->v);
	free(a->below);
	if (a->fd != -1)
		close(a->fd);
	free(a);
}
#else
struct arrivals *
arrivals_open(const char *dir, bool folders, unsigned int settle_s,
    const struct stat *skip, size_t nskip)
{
	(void)folders;
	(void)settle_s;
	(void)skip;
	(void)nskip;
	log_error("%s: --watch needs inotify, which only Linux has", dir);
	return NULL;
}

int
arrivals_fd(const struct arrivals *a)
{
	(void)a;
	return -1;
}

int
arrivals_take(struct arrivals *a, struct cases *cases)
{
	(void)a;
	(void)cases;
	return -1;
}

void
arrivals_free(struct arrivals *a)
{
	(void)a;
}
#endif
