/*
 * aiktriage redact: the same evidence without secrets and personal data.  One
 * worker reads the case and makes the new bytes, this process writes them,
 * and a second worker reads what was written; the findings are compared.
 * Relies on options.h, batch/case.h, batch/whole.h and redact/redact.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/whole.h"
#include "log.h"
#include "options.h"
#include "redact/redact.h"

extern const struct command	command_redact;

#define MAP_BYTES	((size_t)256 << 20)	/* of a map that is read */

struct text {
	char		*p;
	size_t		 n;
};

/* One run of the command. */
struct run {
	struct options	 o;
	char		 folder[PATH_MAX];
	char		 map[PATH_MAX];
	bool		 map_there;	/* it was read */
	struct text	 old_map;
	struct text	 report, before, after, new_map;
	char		**written;	/* paths, to read again */
	size_t		 nwritten, room;
};

static bool
text_copy(struct text *t, const uint8_t *p, size_t n)
{
	free(t->p);
	t->p = malloc(n + 1);
	t->n = n;
	if (t->p == NULL)
		return false;
	memcpy(t->p, p, n);
	t->p[n] = '\0';
	return true;
}

/* ---- files ---- */

/* Only plain components: nothing leaves the folder. */
static bool
name_good(const char *name)
{
	const char *p, *end;

	if (*name == '\0' || *name == '/')
		return false;
	for (p = name; ; p = end + 1) {
		end = strchrnul(p, '/');
		if (end == p || (end == p + 1 && p[0] == '.') ||
		    (end == p + 2 && p[0] == '.' && p[1] == '.'))
			return false;
		if (*end == '\0')
			return true;
	}
}

static int
folders_make(char *path, size_t from)
{
	char *slash;

	for (slash = path + from; (slash = strchr(slash, '/')) != NULL;
	    slash++) {
		*slash = '\0';
		if (mkdir(path, 0777) == -1 && errno != EEXIST) {
			log_error("%s: %s", path, strerror(errno));
			*slash = '/';
			return -1;
		}
		*slash = '/';
	}
	return 0;
}

/* Whole or not at all; an existing file only with --force. */
static int
file_write(const char *path, mode_t mode, bool force, const uint8_t *p,
    size_t n)
{
	char temporary[PATH_MAX];
	int fd, rc = -1;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >=
	    (int)sizeof(temporary)) {
		errno = ENAMETOOLONG;
		log_error("%s: %s", path, strerror(errno));
		return -1;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd == -1) {
		log_error("%s: %s", temporary, strerror(errno));
		return -1;
	}
	if (fchmod(fd, mode) == 0 && write_all(fd, p, n) == 0)
		rc = 0;
	if (close(fd) == -1)
		rc = -1;
	if (rc == 0 && !force) {
		rc = link(temporary, path);
		(void)unlink(temporary);
	} else if (rc == 0)
		rc = rename(temporary, path);
	if (rc == -1) {
		log_error("%s: %s", path, strerror(errno));
		(void)unlink(temporary);
	}
	return rc;
}

static int
output_write(struct run *run, const char *name, const uint8_t *p, size_t n)
{
	char path[PATH_MAX];
	mode_t mask = umask(0);

	umask(mask);
	if (!name_good(name)) {
		log_error("the worker gave a name that is no path in %s",
		    run->folder);
		return -1;
	}
	if (snprintf(path, sizeof(path), "%s/%s", run->folder, name) >=
	    (int)sizeof(path)) {
		log_error("%s/%s: %s", run->folder, name,
		    strerror(ENAMETOOLONG));
		return -1;
	}
	if (folders_make(path, strlen(run->folder) + 1) == -1 ||
	    file_write(path, 0666 & ~mask, run->o.force, p, n) == -1)
		return -1;
	if (run->nwritten == run->room) {
		run->room = run->room == 0 ? 64 : 2 * run->room;
		run->written = realloc(run->written, run->room *
		    sizeof(*run->written));
	}
	if (run->written == NULL || (run->written[run->nwritten] =
	    strdup(path)) == NULL) {
		log_error("out of memory");
		return -1;
	}
	run->nwritten++;
	return 0;
}

/* ---- before anything is read ---- */

/* The real path of a file that may not be there yet. */
static bool
real(const char *path, char ret[PATH_MAX])
{
	char folder[PATH_MAX], base[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (realpath(path, ret) != NULL)
		return true;
	snprintf(folder, sizeof(folder), "%.*s", slash == NULL ? 1 :
	    slash == path ? 1 : (int)(slash - path), slash == NULL ? "." :
	    path);
	snprintf(base, sizeof(base), "%s", slash == NULL ? path : slash + 1);
	if (realpath(folder, ret) == NULL)
		return false;
	return strlen(ret) + strlen(base) + 2 < PATH_MAX &&
	    strcat(strcat(ret, "/"), base) != NULL;
}

static bool
is_inside(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && (path[n] == '/' ||
	    path[n] == '\0');
}

static int
places_check(struct run *run)
{
	char folder[PATH_MAX], map[PATH_MAX], input[PATH_MAX];
	struct stat st;
	size_t i, n;

	n = strlen(run->o.to);
	while (n > 1 && run->o.to[n - 1] == '/')
		n--;
	if (n + 5 >= PATH_MAX) {
		log_error("--to: %s", strerror(ENAMETOOLONG));
		return -1;
	}
	snprintf(run->folder, sizeof(run->folder), "%.*s", (int)n, run->o.to);
	if (run->o.map != NULL)
		snprintf(run->map, sizeof(run->map), "%s", run->o.map);
	else
		snprintf(run->map, sizeof(run->map), "%.*s.map", (int)n,
		    run->o.to);
	if (!real(run->folder, folder)) {
		log_error("%s: %s", run->folder, strerror(errno));
		return -1;
	}
	if (!real(run->map, map)) {
		log_error("%s: %s", run->map, strerror(errno));
		return -1;
	}
	if (is_inside(map, folder)) {
		log_error("the map tells every secret: %s must not stand in "
		    "%s", run->map, run->folder);
		return -1;
	}
	for (i = 0; i < run->o.npaths; i++)
		if (strcmp(run->o.paths[i], "-") != 0 &&
		    realpath(run->o.paths[i], input) != NULL &&
		    (is_inside(input, folder) || (stat(input, &st) == 0 &&
		    S_ISDIR(st.st_mode) && is_inside(folder, input)))) {
			log_error("%s and %s lie in each other, want a folder "
			    "apart from the case", run->o.paths[i],
			    run->folder);
			return -1;
		}
	return 0;
}

static int
folder_make(const struct run *run)
{
	if (mkdir(run->folder, 0777) == 0)
		return 0;
	if (errno == EEXIST && (run->o.force || rmdir(run->folder) == 0)) {
		if (run->o.force || mkdir(run->folder, 0777) == 0)
			return 0;
	} else if (errno == ENOTEMPTY || errno == EEXIST) {
		log_error("%s is there and not empty; --force writes into "
		    "it", run->folder);
		return -1;
	}
	log_error("%s: %s", run->folder, strerror(errno));
	return -1;
}

/* One that --map names is gone on with; another is in the way. */
static int
map_open(struct run *run)
{
	struct stat st;
	FILE *f;

	if (lstat(run->map, &st) == -1)
		return errno == ENOENT ? 0 : (log_error("%s: %s", run->map,
		    strerror(errno)), -1);
	if (run->o.map == NULL) {
		if (run->o.force)
			return 0;
		log_error("%s exists; --map=%s goes on with it, --force "
		    "replaces it", run->map, run->map);
		return -1;
	}
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size > MAP_BYTES) {
		log_error("%s is no map", run->map);
		return -1;
	}
	f = fopen(run->map, "re");
	run->old_map.p = calloc(1, (size_t)st.st_size + 1);
	if (f == NULL || run->old_map.p == NULL) {
		log_error("%s: %s", run->map, strerror(errno));
		if (f != NULL)
			(void)fclose(f);
		return -1;
	}
	run->old_map.n = fread(run->old_map.p, 1, (size_t)st.st_size, f);
	(void)fclose(f);
	if (strncmp(run->old_map.p, REDACT_MAP_MARK,
	    strlen(REDACT_MAP_MARK)) != 0) {
		log_error("%s is no map, want one that begins with \"%s\"",
		    run->map, REDACT_MAP_MARK);
		return -1;
	}
	run->map_there = true;
	return 0;
}

/* ---- what the worker hands over ---- */

static int
frames_read(struct run *run, int fd, struct text *state)
{
	struct stat st;
	struct frame frame;
	const uint8_t *p, *q;
	char name[PATH_MAX];
	size_t at = 0, n;
	int rc = -1;

	if (fstat(fd, &st) == -1 || st.st_size == 0) {
		log_error("the worker gave nothing");
		return -1;
	}
	n = (size_t)st.st_size;
	p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {
		log_error("mmap: %s", strerror(errno));
		return -1;
	}
	for (;;) {
		if (n - at < sizeof(frame))
			break;
		memcpy(&frame, p + at, sizeof(frame));
		at += sizeof(frame);
		if (frame.name_n >= sizeof(name) || frame.name_n > n - at ||
		    frame.size > n - at - frame.name_n)
			break;
		memcpy(name, p + at, frame.name_n);
		name[frame.name_n] = '\0';
		q = p + at + frame.name_n;
		at += frame.name_n + (size_t)frame.size;
		if (frame.kind == FRAME_END) {
			rc = *name == '\0' ? 0 : 1;
			break;
		}
		if ((frame.kind == FRAME_FILE && output_write(run, name, q,
		    (size_t)frame.size) == -1) ||
		    (frame.kind == FRAME_STATE && !text_copy(state, q,
		    (size_t)frame.size)) ||
		    (frame.kind == FRAME_REPORT && !text_copy(&run->report, q,
		    (size_t)frame.size)) ||
		    (frame.kind == FRAME_MAP && !text_copy(&run->new_map, q,
		    (size_t)frame.size))) {
			(void)munmap((void *)(uintptr_t)p, n);
			return -1;
		}
	}
	(void)munmap((void *)(uintptr_t)p, n);
	if (rc == 1)
		log_error("%s is no map of this program", run->map);
	else if (rc == -1)
		log_error("the worker's answer is cut short");
	return rc == 0 ? 0 : -1;
}

static int
worker(struct run *run, struct case_job *job, struct text *state,
    struct case_result *result)
{
	int rc = -1;

	job->emit_fd = memfd_create("redact", MFD_CLOEXEC);
	if (job->emit_fd == -1) {
		log_error("no memory file: %s", strerror(errno));
		return -1;
	}
	if (case_run(job, result) == 0) {
		if (result->died[0] != '\0')
			log_error("%s", result->died);
		else
			rc = frames_read(run, job->emit_fd, state);
	}
	(void)close(job->emit_fd);
	return rc;
}

/* ---- the findings of both readings ---- */

/* Is the line of n bytes one of the text's? */
static bool
has_line(const struct text *t, const char *line, size_t n)
{
	const char *p = t->p, *end;

	for (; p != NULL && *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = strchrnul(p, '\n');
		if ((size_t)(end - p) == n && memcmp(p, line, n) == 0)
			return true;
	}
	return false;
}

/* Lines of a that b has not; how many. */
static size_t
lines_only(const struct text *a, const struct text *b, const char *word,
    bool json, size_t before, FILE *f)
{
	const char *p, *end;
	size_t n = 0;

	for (p = a->p; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = strchrnul(p, '\n');
		if (has_line(b, p, (size_t)(end - p)))
			continue;
		if (f != NULL && json)
			fprintf(f, "%s{\"%s\":\"%.*s\"}", before + n > 0 ?
			    "," : "", word, (int)(end - p), p);
		else if (f != NULL)
			fprintf(f, "  %s: %.*s\n", word, (int)(end - p), p);
		n++;
	}
	return n;
}

static size_t
report_write(const struct run *run, bool json)
{
	size_t n = 0;

	n = lines_only(&run->before, &run->after, "gone", json, 0, NULL);
	n += lines_only(&run->after, &run->before, "new", json, n, NULL);
	if (run->o.quiet && !json)
		return n;
	(void)fwrite(run->report.p, 1, run->report.n, stdout);
	if (json)
		printf(",\"same\":%s,\"changes\":[", n == 0 ? "true" :
		    "false");
	else if (n == 0)
		printf("\nThe verdict and all findings are the same.\n");
	else
		printf("\nFindings changed:\n");
	n = lines_only(&run->before, &run->after, "gone", json, 0, stdout);
	n += lines_only(&run->after, &run->before, "new", json, n, stdout);
	if (json)
		printf("]}\n");
	else
		printf("\nThe private map is %s: keep it, and do not send it."
		    "\n", run->map);
	return n;
}

/* ---- all of it ---- */

static int
options_check(struct run *run, bool *ret_json)
{
	const char *format = run->o.format;

	*ret_json = format != NULL && strcmp(format, "json") == 0;
	if (run->o.npaths == 0 || run->o.to == NULL) {
		log_error("redact wants a FILE and --to=DIR; aiktriage redact "
		    "--help says more");
		return -1;
	}
	if (format != NULL && !*ret_json && strcmp(format, "text") != 0) {
		log_error("redact has no format \"%s\", want text or json",
		    format);
		return -1;
	}
	return 0;
}

/* Reads what was written as analyze would; the same certificates beside. */
static int
read_again(struct run *run, const struct rules *rules,
    struct case_result *result)
{
	struct options again = run->o;
	struct case_job job;

	again.paths = run->written;
	again.npaths = run->nwritten;
	options_job(&again, rules, &job);
	job.emit = redact_state_emit;
	return worker(run, &job, &run->after, result);
}

static int
run(int argc, char **argv)
{
	struct run r = { .nwritten = 0 };
	struct redact_order order = { .map = NULL };
	struct rules *rules = NULL;
	struct case_job job;
	struct case_result first, second;
	bool json;
	int status;
	size_t i;

	status = options_parse(&r.o, &command_redact, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	if (options_check(&r, &json) == -1 || places_check(&r) == -1 ||
	    map_open(&r) == -1)
		goto out;
	rules = options_rules(&r.o);
	if (rules == NULL || folder_make(&r) == -1)
		goto out;
	order = (struct redact_order){ .map = (const uint8_t *)r.old_map.p,
	    .map_n = r.old_map.n, .passwords =
	    (const char *const *)r.o.passwords, .npasswords = r.o.npasswords,
	    .keep_unknown = r.o.keep_unknown, .json = json };
	options_job(&r.o, rules, &job);
	job.emit = redact_emit;
	job.emit_arg = &order;
	case_warm();
	status = EXIT_INCOMPLETE;
	if (worker(&r, &job, &r.before, &first) == -1 ||
	    file_write(r.map, 0600, r.o.force || r.map_there,
	    (const uint8_t *)r.new_map.p, r.new_map.n) == -1 ||
	    read_again(&r, rules, &second) == -1)
		goto out;
	status = report_write(&r, json) > 0 ? EXIT_FOUND : EXIT_COMPLETE;
	if (first.exit_status == EXIT_INCOMPLETE)
		status = EXIT_INCOMPLETE;
	if (fflush(stdout) != 0)
		status = EXIT_INCOMPLETE;
out:
	for (i = 0; i < r.nwritten; i++)
		free(r.written[i]);
	free(r.written);
	free(r.old_map.p);
	free(r.new_map.p);
	free(r.report.p);
	free(r.before.p);
	free(r.after.p);
	rules_free(rules);
	options_clear(&r.o);
	return status;
}

const struct command command_redact = {
	.name = "redact",
	.usage = "FILE... --to DIR",
	.help = "write the case without secrets and personal data",
	.options = OPTIONS_CASE | OPTIONS_RULES | OPTIONS_FORMAT |
	    OPTIONS_REDACT,
	.run = run
};
