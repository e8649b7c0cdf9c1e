/*
 * Adds lines to a file so that each is there whole and once.
 * Relies on appended.h and OpenSSL's SHA-256.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "batch/appended.h"
#include "command.h"
#include "log.h"

#define JOURNAL_HEAD	"aiktriage watch 1\n"
#define JOURNAL_END	"end\n"
#define ID_DIGITS	64
#define LINE_MAX_BYTES	128		/* of the journal */

static void *
memory(void *p)
{
	if (p == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	return p;
}

/* ---- what is known: a table with open addresses ---- */

static uint8_t *
known_place(const struct appended *a, const uint8_t id[32])
{
	static const uint8_t none[32];
	uint64_t at;

	memcpy(&at, id, sizeof(at));
	for (;; at++) {
		at &= a->room - 1;
		if (memcmp(a->known[at], none, 32) == 0 ||
		    memcmp(a->known[at], id, 32) == 0)
			return a->known[at];
	}
}

static void
known_add(struct appended *a, const uint8_t id[32])
{
	struct appended old = *a;
	size_t i;

	if (2 * (a->nknown + 1) > a->room) {
		a->room = a->room == 0 ? 1024 : 2 * a->room;
		a->known = memory(calloc(a->room, sizeof(*a->known)));
		a->nknown = 0;
		for (i = 0; i < old.room; i++)
			known_add(a, old.known[i]);
		free(old.known);
	}
	if (!appended_knows(a, id)) {
		memcpy(known_place(a, id), id, 32);
		a->nknown++;
	}
}

bool
appended_knows(const struct appended *a, const uint8_t id[32])
{
	return a->room > 0 && memcmp(known_place(a, id), id, 32) == 0;
}

void
appended_id(const char *name, const char *key, uint8_t ret[32])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestUpdate(ctx, name, strlen(name) + 1) != 1 ||
	    EVP_DigestUpdate(ctx, key, strlen(key)) != 1 ||
	    EVP_DigestFinal_ex(ctx, ret, NULL) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
}

/* ---- files ---- */

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t put;

	for (; n > 0; p += put, n -= (size_t)put) {
		put = write(fd, p, n);
		if (put == -1 && errno == EINTR)
			put = 0;
		else if (put == -1)
			return -1;
	}
	return 0;
}

static int
sync_file(int fd)
{
	return fdatasync(fd) == -1 && errno != EINVAL && errno != EROFS ? -1 :
	    0;
}

/* Opened to add to; locked, so that nobody else does; -1: said. */
static int
file_open(const char *path, bool *ret_regular)
{
	struct stat st;
	int fd;

	fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
	    0666);
	if (fd == -1 && (errno == EACCES || errno == EINVAL))
		fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	if (fd == -1 || fstat(fd, &st) == -1) {
		log_error("%s: %s", path, strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	*ret_regular = S_ISREG(st.st_mode);
	if (*ret_regular && flock(fd, LOCK_EX | LOCK_NB) == -1) {
		log_error("%s: %s", path, errno == EWOULDBLOCK ?
		    "another aiktriage is watching and writes it" :
		    strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* Where the last line begins, of a file that ends in a line feed or not. */
static off_t
last_line(int fd, off_t end)
{
	char buffer[4096];
	ssize_t n;
	off_t from;

	/* The line feed that ends it is none before it. */
	for (end--; end > 0; end = from) {
		from = end > (off_t)sizeof(buffer) ? end -
		    (off_t)sizeof(buffer) : 0;
		n = pread(fd, buffer, (size_t)(end - from), from);
		if (n != end - from)
			return -1;
		for (; n > 0; n--)
			if (buffer[n - 1] == '\n')
				return from + n;
	}
	return 0;
}

/*
 * What a write left that was cut is taken off again, if it is ours; the
 * number of the last line that is whole is the one to go on from.
 */
static int
output_mend(struct appended *a)
{
	static const char begin[] = NDJSON_BEGIN;
	char head[sizeof(begin) + 24] = "";
	struct stat st;
	off_t at;
	char last;
	ssize_t n;

	if (!a->regular || fstat(a->fd, &st) == -1 || st.st_size == 0)
		return 0;
	for (;;) {
		at = last_line(a->fd, st.st_size);
		n = pread(a->fd, head, sizeof(head) - 1, at);
		if (at == -1 || n <= 0 || pread(a->fd, &last, 1,
		    st.st_size - 1) != 1)
			return -1;
		head[n] = '\0';
		if (strncmp(head, begin, n < (ssize_t)sizeof(begin) - 1 ?
		    (size_t)n : sizeof(begin) - 1) != 0) {
			log_error("%s: its last line is no result of a batch",
			    a->path);
			errno = 0;
			return -1;
		}
		if (last == '\n')
			break;
		log_warn("%s: takes off %lld bytes of a line that is not "
		    "whole", a->path, (long long)(st.st_size - at));
		if (ftruncate(a->fd, at) == -1)
			return -1;
		if ((st.st_size = at) == 0)
			return 0;
	}
	a->lines = strtoull(head + sizeof(begin) - 1, NULL, 10);
	return 0;
}

/* ---- the journal ---- */

static bool
id_read(const char *digits, uint8_t ret[32])
{
	char two[3] = "", *end;
	size_t i;

	for (i = 0; i < 32; i++) {
		memcpy(two, digits + 2 * i, 2);
		ret[i] = (uint8_t)strtoul(two, &end, 16);
		if (end != two + 2)
			return false;
	}
	return true;
}

/* Was the line written that began there, to its end? */
static bool
is_written(const struct appended *a, off_t at)
{
	char buffer[4096];
	struct stat st;
	ssize_t n;

	/* Who reads a pipe gets it twice rather than never. */
	if (!a->regular || at < 0 || fstat(a->fd, &st) == -1)
		return false;
	/* The file was begun anew since. */
	if (st.st_size < at)
		return true;
	for (; (n = pread(a->fd, buffer, sizeof(buffer), at)) > 0; at += n)
		if (memchr(buffer, '\n', (size_t)n) != NULL)
			return true;
	return false;
}

static int
journal_read(struct appended *a, const char *path)
{
	int fd = fcntl(a->journal, F_DUPFD_CLOEXEC, 3);
	FILE *f = fd == -1 ? NULL : fdopen(fd, "r");
	char line[LINE_MAX_BYTES];
	uint8_t id[32];
	off_t end = 0, before = 0, at = -1;
	bool doubt = false;
	int rc = 0;

	if (f == NULL || fseeko(f, 0, SEEK_SET) == -1) {
		if (f != NULL)
			fclose(f);
		else if (fd != -1)
			close(fd);
		return -1;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		/* Cut by what killed us; nothing was written for it. */
		if (strchr(line, '\n') == NULL)
			break;
		if (end == 0) {
			if (strcmp(line, JOURNAL_HEAD) != 0) {
				log_error("%s: is no journal of this "
				    "version", path);
				rc = -2;
				break;
			}
		} else {
			if (doubt)
				known_add(a, id);
			doubt = strlen(line) > ID_DIGITS + 1 &&
			    id_read(line, id);
			if (doubt)
				at = (off_t)strtoll(line + ID_DIGITS + 1,
				    NULL, 10);
		}
		before = end;
		end += (off_t)strlen(line);
	}
	if (rc == 0 && doubt) {
		if (is_written(a, at))
			known_add(a, id);
		else
			end = before;	/* it says what was not done */
	}
	fclose(f);
	if (rc == 0 && ftruncate(a->journal, end) == -1)
		rc = -1;
	if (rc == 0 && end == 0 && write_all(a->journal, JOURNAL_HEAD,
	    sizeof(JOURNAL_HEAD) - 1) == -1)
		rc = -1;
	return rc;
}

static int
journal_open(struct appended *a, const char *dir)
{
	char real[PATH_MAX], *path = NULL;
	uint8_t id[32];
	bool regular;
	int rc = -1;

	if (realpath(dir, real) == NULL) {
		log_error("%s: %s", dir, strerror(errno));
		return -1;
	}
	appended_id(real, "", id);
	if (asprintf(&path, "%s/watch.%02x%02x%02x%02x%02x%02x%02x%02x",
	    a->state, id[0], id[1], id[2], id[3], id[4], id[5], id[6],
	    id[7]) == -1)
		path = memory(NULL);
	a->journal = file_open(path, &regular);
	if (a->journal != -1 && (rc = journal_read(a, path)) == -1)
		log_error("%s: %s", path, strerror(errno));
	if (rc == 0 && a->nknown > a->lines)
		a->lines = a->nknown;
	free(path);
	return rc == 0 ? 0 : -1;
}

/* ---- all of it ---- */

int
appended_open(struct appended *a, const char *path, const char *state,
    const char *dir)
{
	struct stat st;

	*a = (struct appended){ .path = path, .state = state, .fd = -1,
	    .journal = -1 };
	if (path == NULL) {
		a->fd = STDOUT_FILENO;
		a->regular = fstat(a->fd, &st) == 0 && S_ISREG(st.st_mode);
	} else
		a->fd = file_open(path, &a->regular);
	if (a->fd == -1)
		return -1;
	/* Of standard output we do not know who else writes there. */
	if (path == NULL)
		a->regular = false;
	errno = 0;
	/* The journal asks what was written before that is mended. */
	if ((state != NULL && journal_open(a, dir) == -1) ||
	    output_mend(a) == -1) {
		if (errno != 0)
			log_error("%s: %s", path != NULL ? path : dir,
			    strerror(errno));
		appended_close(a, false);
		return -1;
	}
	return 0;
}

size_t
appended_next(const struct appended *a)
{
	return (size_t)(a->lines + 1);
}

static int
journal_add(struct appended *a, const uint8_t id[32], off_t at)
{
	char line[LINE_MAX_BYTES];
	size_t i, n;

	for (i = 0; i < 32; i++)
		snprintf(line + 2 * i, 3, "%02x", id[i]);
	n = 2 * i;
	n += (size_t)snprintf(line + n, sizeof(line) - n, " %lld\n",
	    a->regular ? (long long)at : -1LL);
	return write_all(a->journal, line, n) == -1 ||
	    sync_file(a->journal) == -1 ? -1 : 0;
}

int
appended_add(struct appended *a, const uint8_t id[32],
    const struct summary_case *c)
{
	const char *name = a->path != NULL ? a->path : "standard output";
	struct stat st = { .st_size = 0 };
	char *line = NULL;
	size_t n = 0;
	int rc;
	FILE *f;

	/* What the journal says last must be what failed. */
	if (a->failed)
		return -1;
	f = memory(open_memstream(&line, &n));
	rc = summary_line(f, c);
	if (fclose(f) != 0)
		(void)memory(NULL);
	if (rc == 0 && a->regular && fstat(a->fd, &st) == -1)
		rc = -1;
	if (rc == 0 && a->journal != -1 &&
	    journal_add(a, id, st.st_size) == -1) {
		log_error("%s: its journal: %s", a->state, strerror(errno));
		rc = -1;
	} else if (rc == 0 && (write_all(a->fd, line, n) == -1 ||
	    (a->regular && sync_file(a->fd) == -1))) {
		log_error("%s: %s", name, strerror(errno));
		rc = -1;
		if (a->regular)
			(void)!ftruncate(a->fd, st.st_size);
	}
	free(line);
	a->failed = rc == -1;
	if (rc == 0) {
		a->lines++;
		known_add(a, id);
	}
	return rc;
}

void
appended_close(struct appended *a, bool good)
{
	if (a->journal != -1) {
		if (good && (write_all(a->journal, JOURNAL_END,
		    sizeof(JOURNAL_END) - 1) == -1 ||
		    sync_file(a->journal) == -1))
			log_error("%s: its journal: %s", a->state,
			    strerror(errno));
		close(a->journal);
	}
	if (a->path != NULL && a->fd != -1)
		close(a->fd);
	free(a->known);
	a->known = NULL;
	a->room = a->nknown = 0;
	a->fd = a->journal = -1;
}
