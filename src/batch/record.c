/*
 * Makes, checks and stores the results of cases.  Nothing that a worker left
 * is believed: its report must be one line and its row whole.
 * Relies on record.h and OpenSSL's SHA-256.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "batch/record.h"
#include "batch/row.h"
#include "batch/whole.h"
#include "log.h"

#define MAGIC		"AIKRES2"	/* and a NUL */
#define LEFT_OVER_S	86400		/* older than any run would be */

struct bytes {
	const uint8_t	*p;
	size_t		 n;
};

/* The bytes of a descriptor; none for an empty one.  False with errno. */
static bool
bytes_map(int fd, struct bytes *ret)
{
	struct stat st;
	void *p;

	*ret = (struct bytes){ NULL, 0 };
	if (fstat(fd, &st) == -1)
		return false;
	if (st.st_size <= 0)
		return true;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	*ret = (struct bytes){ p, (size_t)st.st_size };
	return true;
}

static void
bytes_unmap(struct bytes b)
{
	if (b.p != NULL)
		(void)munmap((void *)(uintptr_t)b.p, b.n);
}

static bool
is_line(struct bytes b)
{
	size_t i;

	if (b.n < 4 || b.p[0] != '{' || b.p[1] != '"' || b.p[b.n - 2] != '}' ||
	    b.p[b.n - 1] != '\n')
		return false;
	for (i = 0; i < b.n - 1; i++)
		if (b.p[i] < 0x20)
			return false;
	return true;
}

bool
record_sound(const struct case_job *job)
{
	struct bytes report, row;
	bool good;

	if (!bytes_map(job->outputs[0].fd, &report))
		return false;
	if (!bytes_map(job->outputs[1].fd, &row)) {
		bytes_unmap(report);
		return false;
	}
	good = is_line(report) && row.n <= ROW_BYTES &&
	    row_sound(row.p, row.n);
	bytes_unmap(report);
	bytes_unmap(row);
	return good;
}

bool
record_case_id(const struct case_job *job, char ret_id[65])
{
	struct row_cell cells[ROW_COLUMNS];
	struct row_reader r = { .p = NULL };
	struct arena *arena;
	enum row_table table;
	struct bytes row;
	bool good;

	*ret_id = '\0';
	if (!bytes_map(job->outputs[1].fd, &row))
		return false;
	r.p = row.p;
	r.n = row.n;
	arena = arena_new();
	good = row_next(&r, arena, &table, cells) && table == ROW_CASE &&
	    cells[0].n == 64;
	if (good)
		memcpy(ret_id, cells[0].p, 65);
	arena_free(arena);
	bytes_unmap(row);
	return good;
}

/* ---- one record ---- */

/* The parts of a record, in their order. */
enum { PART_REPORT, PART_ROW, PART_PAGE, PARTS };

static bool
seal(struct record_head *head, const struct bytes part[PARTS],
    uint8_t ret[32])
{
	struct record_head plain = *head;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t i;
	bool good;

	memset(plain.sha256, 0, sizeof(plain.sha256));
	good = ctx != NULL &&
	    EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(ctx, &plain, sizeof(plain)) == 1;
	for (i = 0; i < PARTS && good; i++)
		good = EVP_DigestUpdate(ctx, part[i].p, part[i].n) == 1;
	good = good && EVP_DigestFinal_ex(ctx, ret, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

int
record_write(const struct case_job *job, const struct case_result *result,
    int fd)
{
	struct bytes part[PARTS] = { { NULL, 0 } };
	struct record_head head;
	size_t i;
	int rc = 0;

	for (i = 0; i < PARTS && i < job->noutputs && rc == 0; i++)
		if (!bytes_map(job->outputs[i].fd, &part[i]))
			rc = -1;
	/* Its padding is digested, too. */
	memset(&head, 0, sizeof(head));
	memcpy(head.magic, MAGIC, sizeof(head.magic));
	head.report_n = part[PART_REPORT].n;
	head.row_n = part[PART_ROW].n;
	head.page_n = part[PART_PAGE].n;
	head.exit_status = result->exit_status;
	head.outcome = (int32_t)result->outcome;
	snprintf(head.died, sizeof(head.died), "%s", result->died);
	if (rc == 0 && (!seal(&head, part, head.sha256) ||
	    write_all(fd, &head, sizeof(head)) == -1))
		rc = -1;
	for (i = 0; i < PARTS && rc == 0; i++)
		rc = write_all(fd, part[i].p, part[i].n);
	for (i = 0; i < PARTS; i++)
		bytes_unmap(part[i]);
	return rc;
}

bool
record_read(int fd, struct record_head *head)
{
	struct bytes all, part[PARTS];
	uint8_t sha256[32];
	bool good = false;
	size_t n;

	if (!bytes_map(fd, &all))
		return false;
	if (all.n >= sizeof(*head)) {
		memcpy(head, all.p, sizeof(*head));
		n = all.n - sizeof(*head);
		good = memcmp(head->magic, MAGIC, sizeof(head->magic)) == 0 &&
		    head->report_n <= n && head->row_n <= n -
		    head->report_n && head->page_n == n - head->report_n -
		    head->row_n;
	}
	if (good) {
		part[PART_REPORT] = (struct bytes){ all.p + sizeof(*head),
		    (size_t)head->report_n };
		part[PART_ROW] = (struct bytes){ part[PART_REPORT].p +
		    head->report_n, (size_t)head->row_n };
		part[PART_PAGE] = (struct bytes){ part[PART_ROW].p +
		    head->row_n, (size_t)head->page_n };
		head->died[sizeof(head->died) - 1] = '\0';
		good = seal(head, part, sha256) &&
		    memcmp(sha256, head->sha256, sizeof(sha256)) == 0 &&
		    is_line(part[PART_REPORT]) &&
		    part[PART_ROW].n <= ROW_BYTES &&
		    row_sound(part[PART_ROW].p, part[PART_ROW].n);
	}
	bytes_unmap(all);
	return good;
}

uint8_t *
record_row(int fd, const struct record_head *head, const char *path)
{
	uint8_t *row = NULL;

	if (head->row_n > ROW_BYTES ||
	    (row = malloc((size_t)head->row_n + 1)) == NULL) {
		log_error("%s: no memory for its row", path);
		return NULL;
	}
	if (pread(fd, row, (size_t)head->row_n, (off_t)(sizeof(*head) +
	    head->report_n)) != (ssize_t)head->row_n) {
		log_error("%s: its result is gone", path);
		free(row);
		return NULL;
	}
	return row;
}

/* ---- a folder of them: KEY's first two digits, then the rest ---- */

static bool
state_path(const char *dir, const char *key, char *ret, size_t size)
{
	return snprintf(ret, size, "%s/%.2s/%s", dir, key, key + 2) <
	    (int)size;
}

/* Temporary files of a run that was killed long ago. */
static void
left_over_remove(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	struct stat st;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (strncmp(entry->d_name, "tmp.", 4) == 0 &&
		    fstatat(dirfd(d), entry->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    time(NULL) - st.st_mtime > LEFT_OVER_S)
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	if (d != NULL)
		closedir(d);
}

int
state_open(const char *dir)
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
	left_over_remove(dir);
	return 0;
}

int
state_find(const char *dir, const char *key)
{
	struct record_head head;
	char path[4096];
	int fd;

	if (!state_path(dir, key, path, sizeof(path)))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd != -1 && !record_read(fd, &head)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The name must be on the disk as well as what it names. */
static int
folder_sync(const char *path)
{
	char *folder = strdup(path), *slash;
	int fd = -1, rc = -1;

	if (folder != NULL && (slash = strrchr(folder, '/')) != NULL) {
		*slash = '\0';
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd != -1) {
		/* Some file systems have no such thing. */
		rc = fsync(fd) == -1 && errno != EINVAL ? -1 : 0;
		close(fd);
	}
	free(folder);
	return rc;
}

int
state_store(const char *dir, const char *key, const struct case_job *job,
    const struct case_result *result)
{
	char path[4096], *temporary = NULL, folder[4096];
	int fd = -1, error;

	if (!state_path(dir, key, path, sizeof(path)) ||
	    snprintf(folder, sizeof(folder), "%s/%.2s", dir, key) >=
	    (int)sizeof(folder)) {
		errno = ENAMETOOLONG;
		goto bad;
	}
	if (asprintf(&temporary, "%s/tmp.XXXXXX", dir) == -1) {
		temporary = NULL;
		goto bad;
	}
	if (mkdir(folder, 0777) == 0 ? folder_sync(folder) == -1 :
	    errno != EEXIST)
		goto bad;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd == -1)
		goto bad;
	if (record_write(job, result, fd) == -1 || fsync(fd) == -1 ||
	    rename(temporary, path) == -1) {
		error = errno;
		(void)unlink(temporary);
		errno = error;
		goto bad;
	}
	if (folder_sync(path) == -1)
		goto bad;
	free(temporary);
	return fd;
bad:
	error = errno;
	if (fd != -1)
		close(fd);
	free(temporary);
	errno = error;
	return -1;
}
