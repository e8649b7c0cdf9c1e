/*
 * The child of one case: it gives up its rights, takes the inputs over the
 * socket, reads and judges them, and writes the reports and one row of fixed
 * size.  Relies on sandbox.h and everything that the parent made warm.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "batch/sandbox.h"
#include "batch/observe.h"
#include "batch/worker.h"
#include "command.h"
#include "correlate/correlator.h"
#include "decode/container.h"
#include "decode/keys.h"
#include "decode/parser.h"
#include "log.h"

#define BUFFER		((size_t)64 << 10)
/* Standard ones, socket, row, those of one batch, and some to spare. */
#define DESCRIPTORS	(HANDED_AT_ONCE + 32)

#ifdef WITH_GCOV
void	__gcov_dump(void);
#define END(status)	(__gcov_dump(), _exit(status))
#else
#define END(status)	_exit(status)
#endif

static int	row_fd = -1;

static void
row_write(const struct case_result *row)
{
	ssize_t n;

	/* Less than PIPE_BUF, so it arrives whole. */
	do
		n = write(row_fd, row, sizeof(*row));
	while (n == -1 && errno == EINTR);
}

/* The filter met a call that is not on its list. */
static void
on_trap(int signal_number, siginfo_t *info, void *context)
{
	static struct case_result row;
	char name[64];

	(void)signal_number;
	(void)context;
	sandbox_call_name(info->si_syscall, name, sizeof(name));
	snprintf(row.died, sizeof(row.died), "it made system call %d%s%s%s, "
	    "which the sandbox refuses", info->si_syscall,
	    *name != '\0' ? " (" : "", name, *name != '\0' ? ")" : "");
	row.exit_status = EXIT_INCOMPLETE;
	row_write(&row);
	_exit(WORKER_TRAPPED);
}

/* ---- inputs ---- */

/* The next batch; the number of inputs, 0 at the end. */
static size_t
batch_receive(int socket, struct handed handed[HANDED_AT_ONCE],
    int fds[HANDED_AT_ONCE])
{
	union {
		struct cmsghdr	 align;
		char		 space[CMSG_SPACE(HANDED_AT_ONCE *
				    sizeof(int))];
	} control;
	struct iovec iov = { handed, HANDED_AT_ONCE * sizeof(*handed) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control.space,
	    .msg_controllen = sizeof(control.space) };
	struct cmsghdr *c;
	size_t n, i, given = 0, next = 0;
	int descriptors[HANDED_AT_ONCE];
	ssize_t got;

	do
		got = recvmsg(socket, &msg, 0);
	while (got == -1 && errno == EINTR);
	if (got <= 0)
		return 0;
	n = (size_t)got / sizeof(*handed);
	for (c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			given = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(descriptors, CMSG_DATA(c), given * sizeof(int));
		}
	for (i = 0; i < n; i++)
		fds[i] = handed[i].error == 0 && next < given ?
		    descriptors[next++] : -1;
	return n;
}

static void
inputs_take(struct evidence *ev, struct evidence *given,
    const struct listing *list, int socket)
{
	struct handed handed[HANDED_AT_ONCE];
	struct taken taken[HANDED_AT_ONCE];
	int fds[HANDED_AT_ONCE];
	struct input_bytes bytes;
	const struct listed *in;
	size_t n, i;

	while ((n = batch_receive(socket, handed, fds)) > 0) {
		for (i = 0; i < n; i++) {
			in = &list->v[handed[i].index];
			bytes = (struct input_bytes){ NULL, 0, false };
			taken[i] = (struct taken){ .index = handed[i].index,
			    .error = handed[i].error };
			if (fds[i] != -1) {
				taken[i].error = input_read(fds[i],
				    handed[i].size,
				    ev_limits(ev)->input_bytes, ev_meter(ev),
				    &bytes);
				close(fds[i]);
			}
			taken[i].size = bytes.n;
			input_sha256(bytes.p != NULL ? bytes.p :
			    (const void *)"", bytes.n, taken[i].sha256);
			if (ev_meter(ev) != NULL)
				ev_meter(ev)->files++;
			input_add(in->given ? given : ev, in,
			    in->odd != NULL ? 0 : taken[i].error, &bytes,
			    taken[i].sha256);
		}
		if (write(socket, taken, n * sizeof(*taken)) == -1)
			END(WORKER_WORLD);
	}
}

/* ---- what is shown ---- */

static bool
shown(const struct case_job *job, const struct finding *f)
{
	size_t i;

	if (f->rule->severity < job->min_severity)
		return false;
	for (i = 0; i < job->nonly; i++)
		if (strcmp(job->only[i], f->rule->id) == 0)
			return true;
	return job->nonly == 0;
}

/* --only and --min-severity; the verdict stays that of all findings. */
static void
findings_select(const struct case_job *job, struct judgement *j)
{
	size_t i, n = 0;

	for (i = 0; i < j->nfindings; i++)
		if (shown(job, j->findings[i]))
			j->findings[n++] = j->findings[i];
	j->nfindings = n;
}

static int
exit_status(const struct case_job *job, const struct evidence *ev,
    const struct judgement *j)
{
	int status = inputs_exit_status(ev);
	size_t i;

	if (status != EXIT_COMPLETE || !job->fail_on_set || j == NULL)
		return status;
	for (i = 0; i < j->nfindings; i++)
		if (j->findings[i]->rule->severity >= job->fail_on)
			return EXIT_FOUND;
	return EXIT_COMPLETE;
}

static FILE *
output_stream(int fd)
{
	FILE *f = fdopen(fd, "w");
	char *buffer = malloc(BUFFER);

	/* Before the filter: stdio asks nothing of the descriptor later. */
	if (f == NULL || buffer == NULL ||
	    setvbuf(f, buffer, _IOFBF, BUFFER) != 0) {
		log_error("a report cannot be written: %s", strerror(errno));
		END(WORKER_WORLD);
	}
	return f;
}

static void
output_finish(FILE *f, int rc, const char *name)
{
	if (rc != 0 || fflush(f) != 0 || ferror(f)) {
		log_error("the %s report could not be written: %s", name,
		    strerror(errno));
		END(WORKER_WORLD);
	}
}

/* ---- all of it ---- */

static void
confine(const struct case_job *job)
{
	struct sigaction trap = { .sa_sigaction = on_trap,
	    .sa_flags = SA_SIGINFO };
	char absent[256];
	bool limited;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)sigaction(SIGSYS, &trap, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	limited = sandbox_limits(&job->limits, DESCRIPTORS +
	    (unsigned int)job->noutputs);
	if (!limited)
		log_info("the worker's resource limits could not be set");
	if (!sandbox_enter(absent, sizeof(absent))) {
		if (job->require_sandbox) {
			log_error("the worker cannot be confined: %s", absent);
			END(WORKER_REFUSED);
		}
		log_info("the worker runs without %s", absent);
	}
}

void
worker_run(const struct case_job *job, const struct listing *list,
    int socket, int row)
{
	struct case_result result = { .exit_status = EXIT_COMPLETE };
	struct meter *meter = job->observer != NULL ?
	    job->observer->meter : NULL;
	struct judgement *judgement = NULL;
	struct meter_lap stage, lap;
	FILE **streams, *emit = NULL;
	struct evidence *ev;
	struct model *model = NULL;
	struct report report;
	size_t i;

	row_fd = row;
	meter_start(meter, &stage);
	streams = calloc(job->noutputs + 1, sizeof(*streams));
	if (streams == NULL)
		END(WORKER_MEMORY);
	for (i = 0; i < job->noutputs; i++)
		streams[i] = output_stream(job->outputs[i].fd);
	if (job->emit != NULL)
		emit = output_stream(job->emit_fd);
	confine(job);

	ev = evidence_new(&job->limits);
	container_passwords(ev, job->passwords, job->npasswords);
	keys_give(ev, job->keys);
	ev_watch(ev, meter);
	meter_stage(meter, &stage, METER_READ);
	if (job->ncerts > 0)
		ev_give(ev, evidence_new(&job->limits));
	inputs_take(ev, ev_given(ev), list, socket);
	if (list->full)
		ev_limit(ev, SPAN_NONE, "inputs", "there are more than %zu "
		    "files; the rest is not read", list->n);
	meter_stage(meter, &stage, METER_DECODE);
	if (ev_given(ev) != NULL) {
		ev_watch(ev_given(ev), meter);
		worklist_run(ev_given(ev));
	}
	worklist_run(ev);
	inputs_settle(ev);
	meter_stage(meter, &stage, METER_CORRELATE);
	correlate_run(ev, job->as_of);
	meter_stage(meter, &stage, METER_JUDGE);
	if (job->rules != NULL) {
		judgement = judge_run(ev, job->rules);
		findings_select(job, judgement);
		result.outcome = judgement->verdict.outcome;
		result.confidence = judgement->verdict.confidence;
		if (judgement->verdict.cause != NULL)
			snprintf(result.cause, sizeof(result.cause), "%s",
			    judgement->verdict.cause->rule->id);
	}
	result.exit_status = exit_status(job, ev, judgement);
	meter_stage(meter, &stage, METER_REPORT);
	meter_start(meter, &lap);

	report = (struct report){ .ev = ev, .judgement = judgement,
	    .rules = job->rules, .why = job->why, .nwhy = job->nwhy,
	    .verbose = job->verbose, .csv_bom = job->csv_bom,
	    .columns = job->columns, .exit_status = result.exit_status,
	    .model = &model };
	for (i = 0; i < job->noutputs; i++) {
		report.color = job->outputs[i].color;
		output_finish(streams[i], job->outputs[i].reporter->write(
		    &report, streams[i]), job->outputs[i].reporter->name);
		if (meter != NULL && i < METER_PARTS)
			meter_stop(meter, &lap, &meter->outputs[i]);
	}
	if (emit != NULL)
		output_finish(emit, job->emit(ev, judgement, emit,
		    job->emit_arg), "command's");
	meter_stage(meter, &stage, METER_REPORT);
	row_write(&result);
	END(EXIT_COMPLETE);
}
