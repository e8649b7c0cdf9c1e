/*
 * Reads a newer TrustedTpm.cab: the worker opens it as it opens any archive,
 * puts what it holds together with the tables that are in use and writes new
 * tables to memory; the parent stores them.  Nothing is asked over a network.
 * Relies on authority.h, knowledge/change_log.h and batch/case.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority.h"
#include "import_tables.h"
#include "log.h"

/* Tables that a worker may write, and no other file. */
static const char *const	tables[] = {
	"authorities.tsv", "authority-events.tsv", "issuers.tsv",
	"lists.tsv", "reissues.tsv"
};
#define NTABLES		(sizeof(tables) / sizeof(tables[0]))

/* Certificates of the real one: some 2,300, years ago. */
#define CERTIFICATES	20000

static bool
table_name(const char *name)
{
	size_t i;

	for (i = 0; i < NTABLES; i++)
		if (strcmp(tables[i], name) == 0)
			return true;
	return false;
}

/* All of it under a temporary name, then under its own. */
static int
file_store(const char *dir, const char *name, const char *p, size_t n)
{
	char path[4096], temporary[4128];
	FILE *f;
	int bad;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	(void)unlink(temporary);
	f = fopen(temporary, "wxe");
	if (f == NULL) {
		log_error("%s: %s", temporary, strerror(errno));
		return -1;
	}
	bad = fwrite(p, 1, n, f) != n;
	bad |= fflush(f) != 0;
	bad |= fclose(f) != 0;
	if (bad || rename(temporary, path) == -1) {
		log_error("%s: %s", path, strerror(errno));
		(void)unlink(temporary);
		return -1;
	}
	return 0;
}

/*
 * Goes through "@NAME LENGTH\n" and LENGTH bytes each; stores the tables if
 * there is a folder, prints the last part, the report.
 */
static int
parts_take(const char *p, size_t n, const char *dir)
{
	char name[64];
	size_t at = 0, length, report = 0;
	int head;

	while (at < n) {
		if (sscanf(p + at, "@%63s %zu\n%n", name, &length,
		    &head) != 2 || length > n - at - (size_t)head) {
			log_error("the worker's tables are not whole");
			return -1;
		}
		at += (size_t)head;
		if (strcmp(name, "report") == 0)
			report = fwrite(p + at, 1, length, stdout);
		else if (!table_name(name)) {
			log_error("the worker's tables are not whole");
			return -1;
		} else if (file_store(dir, name, p + at, length) == -1)
			return -1;
		at += length;
	}
	return report > 0 ? 0 : -1;
}

static char *
memory_read(int fd, size_t *ret_n)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *p;
	ssize_t got;

	*ret_n = 0;
	if (size < 0 || (p = malloc((size_t)size + 1)) == NULL)
		return NULL;
	while (*ret_n < (size_t)size) {
		got = pread(fd, p + *ret_n, (size_t)size - *ret_n,
		    (off_t)*ret_n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		*ret_n += (size_t)got;
	}
	p[*ret_n] = '\0';
	return p;
}

/* The folder is there, and holds no tables unless --force allows that. */
static bool
folder_ready(const struct options *o)
{
	char path[4096];
	size_t i;

	if (mkdir(o->to, 0777) == -1 && errno != EEXIST) {
		log_error("%s: %s", o->to, strerror(errno));
		return false;
	}
	for (i = 0; i < NTABLES && !o->force; i++) {
		snprintf(path, sizeof(path), "%s/%s", o->to, tables[i]);
		if (access(path, F_OK) == 0) {
			log_error("%s exists; --force replaces it", path);
			return false;
		}
	}
	return true;
}

/* What the worker says where it could not make tables: "!TEXT". */
static int
tables_store(const struct options *o, const char *p, size_t n)
{
	char why[512];

	if (n > 0 && *p == '!') {
		log_error("%s: %s", o->import, p + 1);
		return EXIT_INCOMPLETE;
	}
	if (!folder_ready(o))
		return EXIT_USAGE;
	if (parts_take(p, n, o->to) == -1)
		return EXIT_INCOMPLETE;
	if (!knowledge_load(o->to, why, sizeof(why))) {
		log_error("%s", why);
		return EXIT_INCOMPLETE;
	}
	printf("tables: %s (use them with --data %s)\n", o->to, o->to);
	return EXIT_COMPLETE;
}

int
authority_import(const struct options *o)
{
	struct options one = *o;
	char *path = (char *)(uintptr_t)o->import, *p;
	struct case_result result;
	struct case_job job;
	size_t n;
	int fd = memfd_create("tables", MFD_CLOEXEC), status;

	if (fd == -1) {
		log_error("no memory file: %s", strerror(errno));
		return EXIT_INCOMPLETE;
	}
	if (one.limits.certificates < CERTIFICATES)
		one.limits.certificates = CERTIFICATES;
	one.paths = &path;
	one.npaths = 1;
	options_job(&one, NULL, &job);
	job.emit = import_emit;
	job.emit_fd = fd;
	case_warm();
	status = EXIT_USAGE;
	if (case_run(&job, &result) == 0) {
		p = memory_read(fd, &n);
		if (result.died[0] != '\0')
			log_error("%s", result.died);
		/* From a part of it, authorities would seem to be gone. */
		if (result.exit_status != EXIT_COMPLETE && (n == 0 ||
		    *p != '!')) {
			log_error("%s could not be read as a whole, so no "
			    "tables were written", o->import);
			status = EXIT_INCOMPLETE;
		} else
			status = p != NULL ? tables_store(o, p, n) :
			    EXIT_INCOMPLETE;
		free(p);
	}
	(void)close(fd);
	return status;
}
