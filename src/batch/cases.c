/*
 * Finds the cases of a batch and digests them, so that a case is known again
 * wherever it stands and however it is called.
 * Relies on cases.h, listing.h and OpenSSL's SHA-256.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "batch/cases.h"
#include "batch/row.h"
#include "batch/worker.h"
#include "command.h"
#include "decode/keys.h"
#include "log.h"

const char	cases_version[] = PACKAGE_VERSION
#ifdef HAVE_BROTLI
    " brotli"
#endif
#ifdef HAVE_EVTX
    " libevtx"
#endif
    "";

#define CASES_MAX	((size_t)1 << 31)

static void *
memory(void *p)
{
	if (p == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	return p;
}

/* ---- the list ---- */

static void
case_add(struct cases *cases, const char *path)
{
	if (cases->n == cases->room) {
		cases->room = cases->room == 0 ? 256 : 2 * cases->room;
		cases->v = memory(reallocarray(cases->v, cases->room,
		    sizeof(*cases->v)));
	}
	cases->v[cases->n++] = memory(strdup(path));
}

/*
 * The folders at the top of a sorted listing and the files beside them; a
 * folder without folders is a case itself.
 */
static void
add_folders(struct cases *cases, const struct listing *list, const char *top)
{
	size_t skip = strlen(top), i, n;
	const char *slash;
	char *path, *last = NULL;
	bool some = false;

	while (skip > 1 && top[skip - 1] == '/')
		skip--;
	for (i = 0; i < list->n && !some; i++)
		some = strlen(list->v[i].path) > skip + 1 &&
		    strchr(list->v[i].path + strlen(top) +
		    (top[strlen(top) - 1] != '/'), '/') != NULL;
	if (!some) {
		case_add(cases, top);
		return;
	}
	skip = strlen(top) + (top[strlen(top) - 1] != '/');
	for (i = 0; i < list->n; i++) {
		slash = strchr(list->v[i].path + skip, '/');
		if (slash == NULL) {
			if (list->v[i].odd == NULL)
				case_add(cases, list->v[i].path);
			continue;
		}
		n = (size_t)(slash - list->v[i].path);
		if (last != NULL && strlen(last) == n &&
		    strncmp(last, list->v[i].path, n) == 0)
			continue;
		path = memory(strndup(list->v[i].path, n));
		case_add(cases, path);
		free(last);
		last = path;
	}
	free(last);
}

void
cases_add(struct cases *cases, const char *operand, bool folders,
    const struct stat *skip, size_t nskip)
{
	struct listing list;
	struct stat st;
	size_t i;

	if (stat(operand, &st) == -1 || !S_ISDIR(st.st_mode)) {
		case_add(cases, operand);
		return;
	}
	listing_init(&list, CASES_MAX);
	list.skip = skip;
	list.nskip = nskip;
	listing_add(&list, operand);
	if (folders)
		add_folders(cases, &list, operand);
	else
		for (i = 0; i < list.n; i++)
			if (list.v[i].odd == NULL)
				case_add(cases, list.v[i].path);
	list.skip = NULL;
	listing_clear(&list);
}

int
cases_read(struct cases *cases, const char *file, bool nul)
{
	bool standard = strcmp(file, "-") == 0;
	FILE *f = standard ? stdin : fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int rc = 0;

	if (f == NULL) {
		log_error("%s: %s", file, strerror(errno));
		return -1;
	}
	while ((n = getdelim(&line, &room, nul ? '\0' : '\n', f)) > 0) {
		if (line[n - 1] == (nul ? '\0' : '\n'))
			line[--n] = '\0';
		if (strlen(line) != (size_t)n) {
			log_error("%s: a name holds a NUL; -0 reads such "
			    "lists", file);
			rc = -1;
			break;
		}
		if (n > 0)
			case_add(cases, line);
	}
	if (ferror(f)) {
		log_error("%s: %s", file, strerror(errno));
		rc = -1;
	}
	free(line);
	if (!standard)
		fclose(f);
	return rc;
}

void
cases_add_one(struct cases *cases, const char *path)
{
	case_add(cases, path);
}

void
cases_forget(struct cases *cases, size_t index)
{
	free(cases->v[index]);
	cases->v[index] = NULL;
}

void
cases_clear(struct cases *cases)
{
	size_t i;

	for (i = 0; i < cases->n; i++)
		free(cases->v[i]);
	free(cases->v);
	*cases = (struct cases){ NULL, 0, 0 };
}

/* ---- digests ---- */

static EVP_MD_CTX *
digest_begin(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		abort();
	return ctx;
}

static void
digest_end(EVP_MD_CTX *ctx, uint8_t ret[32])
{
	if (EVP_DigestFinal_ex(ctx, ret, NULL) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
}

/* With its length, so that two texts never read as two others. */
static void
digest_add(EVP_MD_CTX *ctx, const void *p, size_t n)
{
	uint64_t length = n;

	if (EVP_DigestUpdate(ctx, &length, sizeof(length)) != 1 ||
	    EVP_DigestUpdate(ctx, p, n) != 1)
		abort();
}

static void
digest_text(EVP_MD_CTX *ctx, const char *s)
{
	digest_add(ctx, s, strlen(s));
}

/* Up to the limit that a worker reads; an errno or 0.  Pipes stay unread. */
static int
digest_file(const struct listed *in, uint64_t max, uint8_t ret[32],
    bool *ret_pipe)
{
	struct stat st;
	EVP_MD_CTX *ctx = digest_begin();
	char buffer[65536];
	uint64_t size, left = max;
	ssize_t got = 0;
	int fd, error = 0;

	fd = listed_open(in, &size);
	if (fd == -1)
		error = errno;
	else if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		*ret_pipe = true;
		left = 0;
	}
	while (fd != -1 && left > 0) {
		got = read(fd, buffer, left < sizeof(buffer) ? (size_t)left :
		    sizeof(buffer));
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			error = errno;
		if (got <= 0)
			break;
		if (EVP_DigestUpdate(ctx, buffer, (size_t)got) != 1)
			abort();
		left -= (uint64_t)got;
	}
	if (fd != -1)
		close(fd);
	digest_end(ctx, ret);
	/* As the report has it: of no bytes. */
	if (error != 0)
		input_sha256("", 0, ret);
	return error;
}

/* Names and content of everything that a path stands for. */
static void
digest_path(EVP_MD_CTX *ctx, const char *path)
{
	struct listing list;
	uint8_t sha256[32];
	bool pipe;
	size_t i;

	listing_init(&list, CASES_MAX);
	listing_add(&list, path);
	listing_finish(&list);
	for (i = 0; i < list.n; i++) {
		(void)digest_file(&list.v[i], UINT64_MAX, sha256, &pipe);
		digest_text(ctx, list.v[i].shown);
		digest_add(ctx, sha256, sizeof(sha256));
	}
	listing_clear(&list);
}

void
cases_settings(const struct case_job *job, const char *version,
    const char *tables, uint8_t ret[32])
{
	EVP_MD_CTX *ctx = digest_begin();
	struct limits limits = job->limits;
	unsigned char *der;
	size_t i, k;
	int n;

	/* A case that meets this one is not stored. */
	limits.wall_s = 0;
	digest_text(ctx, version);
	for (i = 0; i < ROW_TABLE_COUNT; i++)
		for (k = 0; k < row_tables[i].ncolumns; k++)
			digest_text(ctx, row_tables[i].columns[k]);
	digest_text(ctx, job->pages ? "pages" : "");
	digest_text(ctx, rules_sha256(job->rules));
	digest_add(ctx, &limits, sizeof(limits));
	digest_add(ctx, &job->as_of, sizeof(job->as_of));
	digest_add(ctx, &job->min_severity, sizeof(job->min_severity));
	digest_add(ctx, &job->fail_on, sizeof(job->fail_on));
	digest_text(ctx, job->fail_on_set ? "fail-on" : "");
	digest_text(ctx, job->verbose ? "verbose" : "");
	for (i = 0; i < job->nonly; i++)
		digest_text(ctx, job->only[i]);
	digest_text(ctx, "why");
	for (i = 0; i < job->nwhy; i++)
		digest_text(ctx, job->why[i]);
	digest_text(ctx, "passwords");
	for (i = 0; i < job->npasswords; i++)
		digest_text(ctx, job->passwords[i]);
	digest_text(ctx, "keys");
	for (i = 0; job->keys != NULL && i < job->keys->n; i++) {
		der = NULL;
		n = i2d_PUBKEY(job->keys->v[i].pkey, &der);
		if (n > 0)
			digest_add(ctx, der, (size_t)n);
		OPENSSL_free(der);
		digest_text(ctx, job->keys->v[i].file);
	}
	digest_text(ctx, "certificates");
	for (i = 0; i < job->ncerts; i++)
		digest_path(ctx, job->certs[i]);
	digest_text(ctx, "tables");
	if (tables != NULL)
		digest_path(ctx, tables);
	digest_end(ctx, ret);
}

static int
by_digest(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void
hex(const uint8_t md[32], char ret[65])
{
	size_t i;

	for (i = 0; i < 32; i++)
		snprintf(ret + 2 * i, 3, "%02x", md[i]);
}

void
case_digest(const struct case_job *job, const char *path,
    const uint8_t settings[32], char ret_content[65], char ret_key[65])
{
	EVP_MD_CTX *key = digest_begin(), *content = digest_begin();
	struct listing list;
	uint8_t *all, md[32];
	bool pipe = false;
	size_t i;
	int error;

	digest_add(key, settings, 32);
	listing_init(&list, (size_t)job->limits.inputs);
	listing_add(&list, path);
	if (list.n == 0)	/* as a worker sees it */
		listing_add_odd(&list, path, "a folder without any file");
	listing_finish(&list);
	all = memory(calloc(list.n + 1, 32));
	for (i = 0; i < list.n; i++) {
		error = digest_file(&list.v[i], job->limits.input_bytes,
		    all + 32 * i, &pipe);
		digest_text(key, list.v[i].shown);
		digest_text(key, list.v[i].odd != NULL ? list.v[i].odd : "");
		digest_add(key, &error, sizeof(error));
		digest_add(key, all + 32 * i, 32);
	}
	digest_text(key, list.full ? "full" : "");
	qsort(all, list.n, 32, by_digest);
	if (list.n > 0 && EVP_DigestUpdate(content, all, 32 * list.n) != 1)
		abort();
	digest_end(content, md);
	hex(md, ret_content);
	digest_end(key, md);
	*ret_key = '\0';
	if (!pipe)
		hex(md, ret_key);
	free(all);
	listing_clear(&list);
}
