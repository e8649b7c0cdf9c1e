/*
 * Opens and reads the files of --key.  Relies on decode/keys.h for what is in
 * them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "key_file.h"
#include "log.h"

/* Up to one byte more than a file of keys may have; the number, or -1. */
static ssize_t
file_read(const char *path, uint8_t *p)
{
	size_t n = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;

	if (fd == -1)
		return -1;
	do {
		got = read(fd, p + n, KEY_FILE_BYTES + 1 - n);
		if (got > 0)
			n += (size_t)got;
	} while ((got > 0 && n <= KEY_FILE_BYTES) ||
	    (got == -1 && errno == EINTR));
	error = errno;
	close(fd);
	errno = error;
	return got == -1 ? -1 : (ssize_t)n;
}

static int
file_add(struct key_ring *ring, const char *path, uint8_t *p,
    const char *const *passwords, size_t npasswords)
{
	ssize_t n = file_read(path, p);
	const char *why;

	if (n == -1) {
		log_error("--key %s: %s", path, strerror(errno));
		return -1;
	}
	why = keys_add(ring, path, p, (size_t)n, passwords, npasswords);
	explicit_bzero(p, (size_t)n);
	if (why == NULL)
		return 0;
	log_error("--key %s: the file %s", path, why);
	return -1;
}

struct key_ring *
key_files_load(const char *const *paths, size_t npaths,
    const char *const *passwords, size_t npasswords)
{
	struct key_ring *ring = calloc(1, sizeof(*ring));
	uint8_t *p = malloc(KEY_FILE_BYTES + 1);
	size_t i;

	if (ring == NULL || p == NULL) {
		log_error("out of memory");
		free(ring);
		free(p);
		return NULL;
	}
	for (i = 0; i < npaths; i++)
		if (file_add(ring, paths[i], p, passwords, npasswords) == -1) {
			key_files_free(ring);
			free(p);
			return NULL;
		}
	free(p);
	keys_warm(ring);
	return ring;
}

void
key_files_free(struct key_ring *ring)
{
	if (ring != NULL)
		keys_clear(ring);
	free(ring);
}
