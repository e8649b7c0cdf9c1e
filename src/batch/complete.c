/*
 * A read lease is refused while anybody has the file open for writing; where
 * it can be had, nobody has.  It is given back at once.
 * Relies on complete.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "batch/complete.h"

#define FOLDERS_DEEP	64

bool
name_unfinished(const char *name)
{
	static const char *const ends[] = { "~", ".part", ".partial", ".tmp",
	    ".crdownload", ".filepart", ".download" };
	size_t i, n = strlen(name), len;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		len = strlen(ends[i]);
		if (n > len && strcmp(name + n - len, ends[i]) == 0)
			return true;
	}
	return *name == '.' || *name == '\0';
}

static enum verdict_of_look
writers(int fd)
{
#ifdef F_SETLEASE
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
		(void)fcntl(fd, F_SETLEASE, F_UNLCK);
		return LOOK_COMPLETE;
	}
	if (errno == EAGAIN)
		return LOOK_BUSY;
#else
	(void)fd;
#endif
	/* Another one's file, or a file system without leases. */
	return LOOK_UNKNOWN;
}

/* FNV-1a */
static void
seen_add(struct look *look, const void *p, size_t n)
{
	const uint8_t *byte = p;

	for (; n > 0; n--, byte++)
		look->seen = (look->seen ^ *byte) *
		    UINT64_C(0x100000001b3);
}

static void
seen_stat(struct look *look, const char *name, const struct stat *st)
{
	seen_add(look, name, strlen(name) + 1);
	seen_add(look, &st->st_ino, sizeof(st->st_ino));
	seen_add(look, &st->st_size, sizeof(st->st_size));
	seen_add(look, &st->st_mtim, sizeof(st->st_mtim));
}

static enum verdict_of_look
file_look(struct look *look, int folder, const char *name,
    const struct stat *st)
{
	enum verdict_of_look v;
	int fd;

	if (st->st_size > 0)
		look->files++;
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return errno == ENOENT ? LOOK_NOTHING : LOOK_UNKNOWN;
	v = writers(fd);
	close(fd);
	return v;
}

/* Adds what differs with the order of names, too: it stays for a folder. */
static enum verdict_of_look
folder_look(struct look *look, int folder, const char *top, unsigned int deep,
    void (*each)(const char *, int, void *), void *arg)
{
	enum verdict_of_look v = LOOK_UNKNOWN;
	struct dirent *entry;
	struct stat st;
	DIR *d;
	int fd;

	each(top, folder, arg);
	d = fdopendir(folder);
	if (d == NULL) {
		close(folder);
		return LOOK_UNKNOWN;
	}
	while (v != LOOK_BUSY && (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    fstatat(dirfd(d), entry->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		seen_stat(look, entry->d_name, &st);
		if (S_ISREG(st.st_mode)) {
			if (file_look(look, dirfd(d), entry->d_name, &st) ==
			    LOOK_BUSY)
				v = LOOK_BUSY;
		} else if (S_ISDIR(st.st_mode) && deep < FOLDERS_DEEP &&
		    (fd = openat(dirfd(d), entry->d_name, O_RDONLY |
		    O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) != -1)
			v = folder_look(look, fd, top, deep + 1, each, arg);
	}
	closedir(d);
	return v;
}

enum verdict_of_look
look_take(struct look *look, int top, const char *name,
    void (*each)(const char *, int, void *), void *arg,
    const struct stat *skip, size_t nskip)
{
	enum verdict_of_look v;
	struct stat st;
	size_t i;
	int fd;

	*look = (struct look){ .seen = UINT64_C(0xcbf29ce484222325) };
	if (fstatat(top, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return LOOK_NOTHING;
	for (i = 0; i < nskip; i++)
		if (skip[i].st_dev == st.st_dev && skip[i].st_ino ==
		    st.st_ino)
			return LOOK_NOTHING;
	seen_stat(look, name, &st);
	if (S_ISREG(st.st_mode))
		return st.st_size == 0 ? LOOK_NOTHING :
		    file_look(look, top, name, &st);
	if (!S_ISDIR(st.st_mode) || each == NULL)
		return LOOK_NOTHING;
	look->folder = true;
	fd = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd == -1)
		return LOOK_NOTHING;
	v = folder_look(look, fd, name, 0, each, arg);
	return v == LOOK_UNKNOWN && look->files == 0 ? LOOK_NOTHING : v;
}

bool
look_same(const struct look *a, const struct look *b)
{
	return a->folder == b->folder && a->files == b->files &&
	    a->seen == b->seen && b->seen != 0;
}
