/*
 * aiktriage analyze: all operands are one case; one report goes to standard
 * output and others to the files of -o, which appear whole or not at all.
 * Relies on options.h, batch/case.h and batch/whole.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "batch/whole.h"
#include "log.h"
#include "options.h"

extern const struct command	command_analyze;

static int
report_write(const struct case_output *output, bool force)
{
	struct whole w;
	int rc;

	if (whole_open(&w, output->path, true) == -1)
		return -1;
	rc = case_output_copy(output, fileno(w.f));
	if (rc == -1)
		log_error("%s: %s", output->path != NULL ? output->path :
		    "standard output", strerror(errno));
	return whole_close(&w, rc == 0, force) == -1 ? -1 : rc;
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
	struct observer observer;
	const struct reporter *format;
	size_t i, n = 0;
	int status, rc;

	status = options_parse(&o, &command_analyze, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	if (o.npaths == 0) {
		log_error("analyze wants a FILE; aiktriage --help says more");
		goto out;
	}
	format = reporter_find(o.format != NULL ? o.format : "text");
	outputs = calloc(o.noutputs + 1, sizeof(*outputs));
	if (outputs == NULL) {
		log_error("out of memory");
		goto out;
	}
	if (o.format != NULL || !o.quiet)
		outputs[n++] = (struct case_output){ .reporter = format,
		    .color = want_color(&o) };
	for (i = 0; i < o.noutputs; i++) {
		if (whole_check(o.outputs[i].path, o.force) == -1)
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
	options_observe(&o, &job, &observer);
	case_warm();
	rc = case_run(&job, &result);
	observer_end(&observer);
	if (rc == -1)
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
	    OPTIONS_FORMAT | OPTIONS_ONE | OPTIONS_OBSERVE,
	.run = run
};
