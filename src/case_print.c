/*
 * Runs a case for facts and decode: the worker writes into memory, and it is
 * copied when it is whole.  Relies on case_print.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case_print.h"
#include "log.h"

int
case_print(const struct options *o, const char *name, case_emit *emit,
    void *arg, const char *nothing, int nothing_status)
{
	struct case_output output = { .fd = -1 };
	struct case_result result;
	struct case_job job;
	struct observer observer;
	struct stat st;
	int status = EXIT_USAGE, rc;

	output.fd = memfd_create(name, MFD_CLOEXEC);
	if (output.fd == -1) {
		log_error("no memory file: %s", strerror(errno));
		return EXIT_INCOMPLETE;
	}
	options_job(o, NULL, &job);
	job.emit = emit;
	job.emit_arg = arg;
	job.emit_fd = output.fd;
	options_observe(o, &job, &observer);
	case_warm();
	rc = case_run(&job, &result);
	observer_end(&observer);
	if (rc == -1)
		goto out;
	status = result.exit_status;
	if (result.died[0] != '\0')
		log_error("%s", result.died);
	else if (nothing != NULL && fstat(output.fd, &st) == 0 &&
	    st.st_size == 0) {
		log_error("%s", nothing);
		status = nothing_status;
	}
	if (case_output_copy(&output, STDOUT_FILENO) == -1) {
		log_error("standard output: %s", strerror(errno));
		status = EXIT_INCOMPLETE;
	}
out:
	(void)close(output.fd);
	return status;
}
