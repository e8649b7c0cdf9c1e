/*
 * aiktriage analyze: all operands are one case; one report goes to standard
 * output and others to the files of -o, which appear whole or not at all.
 * Relies on options.h and batch/case.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "options.h"

extern const struct command	command_analyze;

/* May the file be written?  Asked before anything is read. */
static int
path_check(const char *path, bool force)
{
	struct stat st;
	char *folder, *slash;
	int rc = 0;

	if (strcmp(path, "-") == 0)
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
	if (slash != NULL) {
		slash[1] = '\0';
		rc = access(folder, W_OK | X_OK);
	} else
		rc = access(".", W_OK | X_OK);
	if (rc == -1)
		log_error("%s: %s", path, strerror(errno));
	free(folder);
	return rc;
}

/*
 * Gives a written file its name; link(2) refuses one that came up meanwhile,
 * and where a file system has no links rename(2) must do.
 */
static int
name_give(const char *temporary, const char *path, bool force)
{
	if (!force) {
		if (link(temporary, path) == 0)
			return unlink(temporary);
		if (errno == EEXIST)
			return -1;
	}
	return rename(temporary, path);
}

/* A file appears whole or not at all; what is no file is written in place. */
static int
report_write(const struct case_output *output, bool force)
{
	char *temporary = NULL;
	struct stat st;
	mode_t mask;
	int fd, rc;

	if (output->path == NULL || strcmp(output->path, "-") == 0)
		fd = STDOUT_FILENO;
	else if (stat(output->path, &st) == 0 && !S_ISREG(st.st_mode))
		fd = open(output->path, O_WRONLY | O_CLOEXEC);
	else if (asprintf(&temporary, "%s.XXXXXX", output->path) == -1) {
		temporary = NULL;
		fd = -1;
	} else if ((fd = mkostemp(temporary, O_CLOEXEC)) != -1) {
		mask = umask(0);
		umask(mask);
		(void)fchmod(fd, 0666 & ~mask);
	}
	rc = fd == -1 ? -1 : case_output_copy(output, fd);
	if (fd > STDERR_FILENO && close(fd) == -1)
		rc = -1;
	if (rc == 0 && temporary != NULL)
		rc = name_give(temporary, output->path, force);
	if (rc == -1) {
		log_error("%s: %s", output->path != NULL ? output->path :
		    "standard output", strerror(errno));
		if (temporary != NULL && fd != -1)
			unlink(temporary);
	}
	free(temporary);
	return rc;
}

static bool
want_color(const struct options *o)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) &&
	    (no_color == NULL || *no_color == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

/* Of the terminal; 80 for a file or a pipe. */
static unsigned int
columns(void)
{
	struct winsize w;

	if (isatty(STDOUT_FILENO) &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= 60)
		return w.ws_col > 160 ? 160 : w.ws_col;
	return 80;
}

static int
run(int argc, char **argv)
{
	struct options o;
	struct rules *rules = NULL;
	struct case_output *outputs = NULL;
	struct case_job job;
	struct case_result result;
	const struct reporter *format;
	size_t i, n = 0;
	int status;

	status = options_parse(&o, &command_analyze, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	if (o.npaths == 0) {
		log_error("analyze wants a FILE; aiktriage --help says more");
		goto out;
	}
	format = reporter_find(o.format != NULL ? o.format : "text");
	if (format == NULL) {
		options_format_unknown(o.format != NULL ? o.format : "text");
		goto out;
	}
	outputs = calloc(o.noutputs + 1, sizeof(*outputs));
	if (outputs == NULL) {
		log_error("out of memory");
		goto out;
	}
	if (o.format != NULL || !o.quiet)
		outputs[n++] = (struct case_output){ .reporter = format,
		    .color = want_color(&o) };
	for (i = 0; i < o.noutputs; i++) {
		if (path_check(o.outputs[i].path, o.force) == -1)
			goto out;
		outputs[n++] = (struct case_output){
			.reporter = o.outputs[i].reporter,
			.path = o.outputs[i].path,
			.color = o.color == COLOR_ALWAYS
		};
	}
	rules = options_rules(&o);
	if (rules == NULL)
		goto out;
	options_job(&o, rules, &job);
	job.outputs = outputs;
	job.noutputs = n;
	job.columns = columns();
	case_warm();
	if (case_run(&job, &result) == -1)
		goto out;
	status = result.exit_status;
	for (i = 0; i < n; i++) {
		if (report_write(&outputs[i], o.force) == -1)
			status = EXIT_INCOMPLETE;
		close(outputs[i].fd);
	}
out:
	free(outputs);
	rules_free(rules);
	options_clear(&o);
	return status;
}

const struct command command_analyze = {
	.name = "analyze",
	.usage = "FILE...",
	.help = "say what failed in one case, and why",
	.options = OPTIONS_CASE | OPTIONS_RULES | OPTIONS_REPORT |
	    OPTIONS_FORMAT,
	.run = run
};
