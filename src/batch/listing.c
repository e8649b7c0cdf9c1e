/*
 * Lists the inputs of a case.  In directories only regular files count; links,
 * pipes and devices are listed as odd, so that the report can say that they
 * were not read.  Relies on listing.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/listing.h"
#include "log.h"

/* Folders inside folders that are entered; each holds a descriptor. */
#define FOLDERS_DEEP	64

static void *
memory(void *p)
{
	if (p == NULL) {
		log_error("out of memory");
		exit(3);
	}
	return p;
}

void
listing_init(struct listing *l, size_t max)
{
	*l = (struct listing){ .max = max };
}

void
listing_clear(struct listing *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].shown);
	}
	free(l->v);
	*l = (struct listing){ .max = l->max };
}

static void
add(struct listing *l, const char *path, const char *shown, bool named,
    const char *odd, int error)
{
	if (l->n >= l->max) {
		l->full = true;
		return;
	}
	if (l->n == l->room) {
		l->room = l->room == 0 ? 64 : 2 * l->room;
		l->v = memory(reallocarray(l->v, l->room, sizeof(*l->v)));
	}
	l->v[l->n++] = (struct listed){ .path = memory(strdup(path)),
	    .shown = memory(strdup(shown)), .named = named,
	    .given = l->given, .odd = odd, .error = error };
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, sorted; the descriptor is closed. */
static char **
names_read(int fd, size_t *ret_n, int *ret_error)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	char **names = NULL;
	size_t n = 0, room = 0;

	*ret_n = 0;
	*ret_error = 0;
	if (dir == NULL) {
		*ret_error = errno;
		close(fd);
		return NULL;
	}
	while (errno = 0, (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (n == room) {
			room = room == 0 ? 64 : 2 * room;
			names = memory(reallocarray(names, room,
			    sizeof(*names)));
		}
		names[n++] = memory(strdup(entry->d_name));
	}
	*ret_error = errno;
	closedir(dir);
	if (n > 0)
		qsort(names, n, sizeof(*names), by_bytes);
	*ret_n = n;
	return names;
}

static char *
join(const char *folder, const char *name)
{
	size_t n = strlen(folder);
	char *path;

	if (asprintf(&path, "%s%s%s", folder,
	    n > 0 && folder[n - 1] != '/' ? "/" : "", name) == -1)
		path = NULL;
	return memory(path);
}

static bool
is_skipped(const struct listing *l, const struct stat *st)
{
	size_t i;

	for (i = 0; i < l->nskip; i++)
		if (l->skip[i].st_dev == st->st_dev &&
		    l->skip[i].st_ino == st->st_ino)
			return true;
	return false;
}

static void
add_folder(struct listing *l, int fd, const char *path, const char *shown,
    unsigned int depth)
{
	char **names, *below, *below_shown;
	size_t n, i;
	struct stat st;
	int error, again;

	/* The list of names closes its descriptor; one stays to look with. */
	again = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	names = names_read(fd, &n, &error);
	if (error != 0)
		add(l, path, shown, depth == 0, NULL, error);
	for (i = 0; i < n; i++) {
		below = join(path, names[i]);
		below_shown = join(shown, names[i]);
		if (l->full || again == -1 ||
		    fstatat(again, names[i], &st, AT_SYMLINK_NOFOLLOW) == -1)
			add(l, below, below_shown, false, NULL, errno);
		else if (is_skipped(l, &st))
			;
		else if (S_ISDIR(st.st_mode)) {
			if (depth + 1 >= FOLDERS_DEEP)
				add(l, below, below_shown, false,
				    "a folder too deep inside others", 0);
			else if ((fd = openat(again, names[i], O_RDONLY |
			    O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) == -1)
				add(l, below, below_shown, false, NULL, errno);
			else
				add_folder(l, fd, below, below_shown,
				    depth + 1);
		} else if (S_ISREG(st.st_mode))
			add(l, below, below_shown, false, NULL, 0);
		else
			add(l, below, below_shown, false,
			    S_ISLNK(st.st_mode) ? "a symbolic link in a "
			    "folder is not followed" : S_ISFIFO(st.st_mode) ?
			    "a pipe in a folder is not read" :
			    "what is no file is not read", 0);
		free(below);
		free(below_shown);
		free(names[i]);
	}
	free(names);
	if (again != -1)
		close(again);
}

/* The last component; of "." and ".." that of the folder they stand for. */
static char *
last_component(const char *operand)
{
	const char *base;
	char *real = NULL, *copy;
	size_t n;

	copy = memory(strdup(operand));
	for (n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	base = strrchr(copy, '/');
	base = base == NULL ? copy : base + 1;
	if (strcmp(base, ".") == 0 || strcmp(base, "..") == 0) {
		real = realpath(operand, NULL);
		base = real == NULL ? base : strrchr(real, '/') + 1;
	}
	if (*base == '\0')
		base = "root";
	base = memory(strdup(base));
	free(real);
	free(copy);
	return (char *)base;
}

void
listing_add(struct listing *l, const char *operand)
{
	char *shown;
	int fd;

	if (strcmp(operand, "-") == 0) {
		add(l, operand, operand, true, NULL, 0);
		return;
	}
	shown = last_component(operand);
	fd = open(operand, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1)
		add_folder(l, fd, operand, shown, 0);
	else
		add(l, operand, shown, true, NULL,
		    errno == ENOTDIR ? 0 : errno);
	free(shown);
}

void
listing_add_odd(struct listing *l, const char *path, const char *why)
{
	char *shown = last_component(path);

	add(l, path, shown, true, why, 0);
	free(shown);
}

static int
by_shown(const void *a, const void *b)
{
	const struct listed *const *x = a, *const *y = b;
	int c = strcmp((*x)->shown, (*y)->shown);

	return c != 0 ? c : *x < *y ? -1 : 1;
}

void
listing_finish(struct listing *l)
{
	struct listed **sorted;
	const char *name;
	char *numbered;
	unsigned int number;
	size_t i;

	if (l->n == 0)
		return;
	sorted = memory(reallocarray(NULL, l->n, sizeof(*sorted)));
	for (i = 0; i < l->n; i++)
		sorted[i] = &l->v[i];
	qsort(sorted, l->n, sizeof(*sorted), by_shown);
	for (i = 1, name = sorted[0]->shown, number = 1; i < l->n; i++) {
		if (strcmp(sorted[i]->shown, name) != 0) {
			name = sorted[i]->shown;
			number = 1;
			continue;
		}
		if (asprintf(&numbered, "%s#%u", name, ++number) == -1)
			numbered = NULL;
		free(sorted[i]->shown);
		sorted[i]->shown = memory(numbered);
	}
	free(sorted);
}

int
listed_open(const struct listed *in, uint64_t *ret_size)
{
	struct stat st;
	int fd, error;

	*ret_size = 0;
	if (in->error != 0 || in->odd != NULL) {
		errno = in->error != 0 ? in->error : EINVAL;
		return -1;
	}
	if (strcmp(in->path, "-") == 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		/* Without O_NONBLOCK a pipe with no writer would wait here. */
		fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
		    O_NONBLOCK | (in->named ? 0 : O_NOFOLLOW));
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || (!in->named && !S_ISREG(st.st_mode)) ||
	    S_ISDIR(st.st_mode)) {
		error = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		close(fd);
		errno = error;
		return -1;
	}
	if (strcmp(in->path, "-") != 0)
		(void)fcntl(fd, F_SETFL, 0);
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		*ret_size = (uint64_t)st.st_size;
	return fd;
}
