/*
 * Writes files that appear whole or not at all; what is no regular file is
 * written in place.  Relies on whole.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/whole.h"
#include "log.h"

int
write_all(int fd, const void *p, size_t n)
{
	const char *at = p;
	ssize_t put;

	for (; n > 0; at += put, n -= (size_t)put) {
		put = write(fd, at, n);
		if (put == -1 && errno == EINTR)
			put = 0;
		else if (put == -1)
			return -1;
	}
	return 0;
}

static bool
is_standard(const char *path)
{
	return path == NULL || strcmp(path, "-") == 0;
}

int
whole_check(const char *path, bool force)
{
	char *folder, *slash;
	struct stat st;
	int rc;

	if (is_standard(path))
		return 0;
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode)) {
			log_error("%s: is a folder, want a file", path);
			return -1;
		}
		if (S_ISREG(st.st_mode) && !force) {
			log_error("%s exists; --force replaces it", path);
			return -1;
		}
		return 0;
	}
	folder = strdup(path);
	slash = folder != NULL ? strrchr(folder, '/') : NULL;
	if (slash != NULL)
		slash[1] = '\0';
	rc = access(slash != NULL ? folder : ".", W_OK | X_OK);
	if (rc == -1)
		log_error("%s: %s", path, strerror(errno));
	free(folder);
	return rc;
}

int
whole_open(struct whole *w, const char *path, bool stream)
{
	struct stat st;
	mode_t mask;
	int fd = -1;

	*w = (struct whole){ .path = path };
	if (is_standard(path)) {
		w->f = stdout;
		return 0;
	}
	if (stream && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		fd = open(path, O_WRONLY | O_CLOEXEC);
	else if (asprintf(&w->temporary, "%s.XXXXXX", path) == -1)
		w->temporary = NULL;
	else if ((fd = mkostemp(w->temporary, O_CLOEXEC)) != -1) {
		mask = umask(0);
		umask(mask);
		(void)fchmod(fd, 0666 & ~mask);
	}
	if (fd != -1 && stream)
		w->f = fdopen(fd, "w");
	else if (fd != -1)
		close(fd);
	if (fd == -1 || (stream && w->f == NULL)) {
		log_error("%s: %s", path, strerror(errno));
		if (fd != -1) {
			close(fd);
			if (w->temporary != NULL)
				(void)unlink(w->temporary);
		}
		free(w->temporary);
		*w = (struct whole){ NULL, NULL, NULL };
		return -1;
	}
	return 0;
}

/* link(2) refuses to replace a file that came up meanwhile. */
static int
name_give(const struct whole *w, bool force)
{
	if (!force) {
		if (link(w->temporary, w->path) == 0)
			return unlink(w->temporary);
		if (errno == EEXIST)
			return -1;
	}
	return rename(w->temporary, w->path);
}

static int
file_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd == -1)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

int
whole_close(struct whole *w, bool good, bool force)
{
	const char *name = is_standard(w->path) ? "standard output" : w->path;
	bool stream = w->f != NULL;
	int rc = 0;

	if (stream) {
		if (fflush(w->f) != 0 || ferror(w->f) ||
		    (w->temporary != NULL && good &&
		    fsync(fileno(w->f)) == -1))
			rc = -1;
		if (rc == -1)
			log_error("%s: %s", name, strerror(errno));
		if (w->f != stdout && fclose(w->f) != 0 && rc == 0) {
			log_error("%s: %s", name, strerror(errno));
			rc = -1;
		}
	}
	if (w->temporary != NULL && rc == 0 && good && !stream &&
	    file_sync(w->temporary) == -1) {
		log_error("%s: %s", name, strerror(errno));
		rc = -1;
	}
	if (w->temporary != NULL && rc == 0 && good &&
	    name_give(w, force) == -1) {
		log_error("%s: %s", name, strerror(errno));
		rc = -1;
	}
	if (w->temporary != NULL && (rc == -1 || !good))
		(void)unlink(w->temporary);
	free(w->temporary);
	*w = (struct whole){ NULL, NULL, NULL };
	return rc;
}
