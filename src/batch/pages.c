/*
 * Writes the pages of cases and finds the way to them.
 * Relies on pages.h and POSIX files.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/pages.h"
#include "log.h"

static bool
is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	bool empty = true;

	while (d != NULL && empty && (entry = readdir(d)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0;
	if (d != NULL)
		closedir(d);
	return empty;
}

int
pages_open(const char *dir, bool force)
{
	struct stat st;

	if (mkdir(dir, 0777) == -1 && errno != EEXIST) {
		log_error("%s: %s", dir, strerror(errno));
		return -1;
	}
	if (stat(dir, &st) == -1 || !S_ISDIR(st.st_mode) ||
	    access(dir, W_OK | X_OK) == -1) {
		log_error("%s: is no folder that can be written", dir);
		return -1;
	}
	if (!force && !is_empty(dir)) {
		log_error("%s holds something; --force replaces pages in it",
		    dir);
		return -1;
	}
	return 0;
}

/* n bytes from a place of one descriptor to the end of another. */
static int
copy(int from, off_t at, uint64_t n, int to)
{
	char buffer[65536];
	ssize_t got, put, done;

	while (n > 0) {
		got = pread(from, buffer, n < sizeof(buffer) ? (size_t)n :
		    sizeof(buffer), at);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got == 0)
				errno = EIO;
			return -1;
		}
		for (done = 0; done < got; done += put) {
			put = write(to, buffer + done, (size_t)(got - done));
			if (put == -1 && errno == EINTR)
				put = 0;
			else if (put == -1)
				return -1;
		}
		at += got;
		n -= (uint64_t)got;
	}
	return 0;
}

int
pages_write(const char *dir, const struct pool_result *r)
{
	const struct record_head *head = r->head;
	char *name = NULL, *temporary = NULL;
	mode_t mask;
	int fd = -1, rc = -1;

	if (asprintf(&name, "%s/" PAGE_NAME, dir,
	    (unsigned long long)r->position) == -1)
		name = NULL;
	else if (asprintf(&temporary, "%s.XXXXXX", name) == -1)
		temporary = NULL;
	else if ((fd = mkostemp(temporary, O_CLOEXEC)) != -1) {
		mask = umask(0);
		umask(mask);
		(void)fchmod(fd, 0666 & ~mask);
		rc = copy(r->fd, (off_t)(sizeof(*head) + head->report_n +
		    head->row_n), head->page_n, fd);
		if (close(fd) == -1)
			rc = -1;
		if (rc == 0)
			rc = rename(temporary, name);
	}
	if (rc == -1) {
		log_error("%s: %s", name != NULL ? name : dir,
		    strerror(errno));
		if (fd != -1)
			(void)unlink(temporary);
	}
	free(temporary);
	free(name);
	return rc;
}

/* ---- links ---- */

/* RFC 3986: all but what may stand in a path is "%XX". */
static void
encode(FILE *f, const char *s)
{
	for (; *s != '\0'; s++)
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		    (*s >= '0' && *s <= '9') || strchr("/-._~", *s) != NULL)
			(void)fputc(*s, f);
		else
			(void)fprintf(f, "%%%02X", (unsigned char)*s);
}

/* The folder that a file is or will be in; malloc()ed or NULL. */
static char *
folder_of(const char *file)
{
	char *path = strdup(file), *slash, *real;

	if (path == NULL)
		return NULL;
	slash = strrchr(path, '/');
	if (slash != NULL)
		slash[1] = '\0';
	real = realpath(slash != NULL ? path : ".", NULL);
	free(path);
	return real;
}

char *
pages_link(const char *dir, const char *from)
{
	char *to = realpath(dir, NULL);
	char *here = folder_of(from != NULL && strcmp(from, "-") != 0 ?
	    from : ".");
	char *link = NULL;
	size_t i, same = 0, n = 0;
	FILE *f = NULL;

	if (to != NULL && here != NULL)
		f = open_memstream(&link, &n);
	if (f == NULL) {
		log_error("%s: %s", dir, strerror(errno));
		goto out;
	}
	/* As far as whole names are the same. */
	for (i = 0; to[i] != '\0' && to[i] == here[i]; i++)
		if (to[i] == '/')
			same = i + 1;
	if ((to[i] == '\0' || to[i] == '/') &&
	    (here[i] == '\0' || here[i] == '/'))
		same = i;
	for (i = same; here[i] != '\0'; i++)
		if (here[i] != '/' && (i == same || here[i - 1] == '/'))
			(void)fputs("../", f);
	while (to[same] == '/')
		same++;
	if (to[same] != '\0') {
		encode(f, to + same);
		(void)fputc('/', f);
	} else if (n == 0)
		(void)fputs("./", f);
	if (fclose(f) != 0)
		abort();
out:
	free(to);
	free(here);
	return link;
}
