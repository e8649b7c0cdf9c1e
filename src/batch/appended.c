/*
 * Adds lines to a file so that each is there whole and once.
 * Relies on appended.h, whole.h and OpenSSL's SHA-256.
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
#include "batch/whole.h"
#include "command.h"
#include "log.h"

#define JOURNAL_HEAD	"aiktriage watch 1\n"
#define JOURNAL_END	"end\n"
#define ID_DIGITS	64
#define LINE_MAX_BYTES	128		/* of the journal */
#define GROUP_BYTES	((size_t)1 << 20)	/* written at once */

struct waiting {
	uint8_t		 id[32];
	off_t		 at;		/* in the text, or in the output */
	off_t		 in_journal;	/* of one that was read there */
};

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

/* Lines of which it is not known whether they were written. */
struct doubts {
	struct waiting	*v;
	size_t		 n;
	off_t		 base;		/* where the first one begins */
};

static void
doubts_add(struct doubts *d, const struct waiting *w)
{
	d->v = memory(reallocarray(d->v, d->n + 1, sizeof(*d->v)));
	d->v[d->n++] = *w;
}

/* How many of them were, from the first one. */
static size_t
doubts_written(const struct appended *a, const struct doubts *d)
{
	char buffer[4096];
	off_t at = d->base, end = d->base;
	struct stat st;
	const char *last;
	ssize_t n;
	size_t i;

	/* Who reads a pipe gets them twice rather than never. */
	if (!a->regular || d->base < 0 || fstat(a->fd, &st) == -1)
		return 0;
	/* The file was begun anew since. */
	if (st.st_size < d->base)
		return d->n;
	for (; (n = pread(a->fd, buffer, sizeof(buffer), at)) > 0; at += n) {
		last = memrchr(buffer, '\n', (size_t)n);
		if (last != NULL)
			end = at + (last - buffer) + 1;
	}
	for (i = 0; i < d->n && d->v[i].at < end; i++)
		continue;
	return i;
}

/* A line of the journal; false for one without an id. */
static bool
journal_line(const char *line, struct waiting *w, off_t *ret_base)
{
	char *end;

	if (strlen(line) <= ID_DIGITS + 1 || !id_read(line, w->id))
		return false;
	w->at = (off_t)strtoll(line + ID_DIGITS + 1, &end, 10);
	*ret_base = (off_t)strtoll(end, NULL, 10);
	return true;
}

/* The lines of the journal; the place up to which it is to be kept. */
static int
journal_lines(struct appended *a, FILE *f, const char *path, off_t *ret_end)
{
	struct doubts d = { NULL, 0, -1 };
	char line[LINE_MAX_BYTES];
	struct waiting w;
	off_t base;
	size_t i, n;
	bool is_id;

	*ret_end = 0;
	/* One that is cut is of nothing that was written. */
	while (fgets(line, sizeof(line), f) != NULL &&
	    strchr(line, '\n') != NULL) {
		if (*ret_end == 0 && strcmp(line, JOURNAL_HEAD) != 0) {
			log_error("%s: is no journal of this version", path);
			free(d.v);
			return -1;
		}
		is_id = journal_line(line, &w, &base);
		if (!is_id || base != d.base || base < 0) {
			for (i = 0; i < d.n; i++)
				known_add(a, d.v[i].id);
			d.n = 0;
		}
		w.in_journal = *ret_end;
		if (is_id) {
			d.base = base;
			doubts_add(&d, &w);
		}
		*ret_end += (off_t)strlen(line);
	}
	n = d.n > 0 ? doubts_written(a, &d) : 0;
	for (i = 0; i < n; i++)
		known_add(a, d.v[i].id);
	/* What says what was not done is taken off. */
	if (n < d.n)
		*ret_end = d.v[n].in_journal;
	free(d.v);
	return 0;
}

static int
journal_read(struct appended *a, const char *path)
{
	int fd = fcntl(a->journal, F_DUPFD_CLOEXEC, 3);
	FILE *f = fd == -1 ? NULL : fdopen(fd, "r");
	off_t end = 0;
	int rc = -1;

	if (f == NULL || fseeko(f, 0, SEEK_SET) == -1)
		log_error("%s: %s", path, strerror(errno));
	else if (journal_lines(a, f, path, &end) == 0) {
		rc = ftruncate(a->journal, end);
		if (rc == 0 && end == 0)
			rc = write_all(a->journal, JOURNAL_HEAD,
			    sizeof(JOURNAL_HEAD) - 1);
		if (rc == -1)
			log_error("%s: %s", path, strerror(errno));
	}
	if (f != NULL)
		fclose(f);
	else if (fd != -1)
		close(fd);
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
	if (a->journal != -1)
		rc = journal_read(a, path);
	if (rc == 0 && a->nknown > a->lines)
		a->lines = a->nknown;
	free(path);
	errno = 0;
	return rc;
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

int
appended_add(struct appended *a, const uint8_t id[32],
    const struct summary_case *c)
{
	struct waiting *w;
	char *line = NULL;
	size_t n = 0;
	int rc;
	FILE *f;

	if (a->failed)
		return -1;
	f = memory(open_memstream(&line, &n));
	rc = summary_line(f, c);
	if (fclose(f) != 0)
		(void)memory(NULL);
	if (rc == -1) {
		free(line);
		return -1;
	}
	a->waiting = memory(reallocarray(a->waiting, a->nwaiting + 1,
	    sizeof(*a->waiting)));
	w = &a->waiting[a->nwaiting++];
	*w = (struct waiting){ .at = (off_t)a->text_n };
	memcpy(w->id, id, sizeof(w->id));
	a->text = memory(realloc(a->text, a->text_n + n));
	memcpy(a->text + a->text_n, line, n);
	a->text_n += n;
	free(line);
	a->lines++;
	known_add(a, id);
	return a->regular && a->text_n < GROUP_BYTES ? 0 : appended_flush(a);
}

/* All that is to be written, from this place of the output on. */
static int
journal_add(struct appended *a, off_t base)
{
	const struct waiting *w;
	char *text = NULL;
	size_t i, k, n = 0;
	FILE *f;
	int rc;

	f = memory(open_memstream(&text, &n));
	for (i = 0; i < a->nwaiting; i++) {
		w = &a->waiting[i];
		for (k = 0; k < sizeof(w->id); k++)
			(void)fprintf(f, "%02x", w->id[k]);
		(void)fprintf(f, " %lld %lld\n", a->regular ?
		    (long long)(base + w->at) : -1LL, a->regular ?
		    (long long)base : -1LL);
	}
	if (fclose(f) != 0)
		(void)memory(NULL);
	rc = write_all(a->journal, text, n) == -1 ||
	    sync_file(a->journal) == -1 ? -1 : 0;
	free(text);
	return rc;
}

int
appended_flush(struct appended *a)
{
	struct stat st = { .st_size = 0 };

	if (a->failed || a->nwaiting == 0)
		return a->failed ? -1 : 0;
	if (a->regular && fstat(a->fd, &st) == -1)
		a->failed = true;
	else if (a->journal != -1 && journal_add(a, st.st_size) == -1) {
		log_error("%s: its journal: %s", a->state, strerror(errno));
		a->failed = true;
		return -1;
	} else if (write_all(a->fd, a->text, a->text_n) == -1 ||
	    (a->regular && sync_file(a->fd) == -1))
		a->failed = true;
	if (a->failed) {
		log_error("%s: %s", a->path != NULL ? a->path :
		    "standard output", strerror(errno));
		if (a->regular)
			(void)!ftruncate(a->fd, st.st_size);
		return -1;
	}
	a->nwaiting = 0;
	a->text_n = 0;
	return 0;
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
	free(a->text);
	free(a->waiting);
	a->known = NULL;
	a->text = NULL;
	a->waiting = NULL;
	a->room = a->nknown = 0;
	a->fd = a->journal = -1;
}
