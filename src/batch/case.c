/*
 * The parent of one case: it lists the inputs, starts the worker, opens and
 * hands over files, watches the clock, and where the worker ends badly makes
 * the report that says so.  It never reads an input's content but to hash it.
 * Relies on worker.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "batch/observe.h"
#include "batch/whole.h"
#include "batch/worker.h"
#include "command.h"
#include "correlate/correlator.h"
#include "decode/parser.h"
#include "log.h"

void
case_job_init(struct case_job *job)
{
	*job = (struct case_job){ .limits = limits_default, .columns = 80,
	    .emit_fd = -1 };
}

/* ---- the inputs ---- */

static int
inputs_list(const struct case_job *job, struct listing *list)
{
	struct stat *skip;
	uint64_t size;
	size_t i;
	int fd;

	listing_init(list, (size_t)job->limits.inputs);
	skip = calloc(job->noutputs + 1, sizeof(*skip));
	for (i = 0; skip != NULL && i < job->noutputs; i++)
		if (job->outputs[i].path != NULL &&
		    stat(job->outputs[i].path, &skip[list->nskip]) == 0)
			list->nskip++;
	list->skip = skip;
	for (i = 0; i < job->npaths; i++)
		listing_add(list, job->paths[i]);
	if (job->sound != NULL && list->n == 0)
		listing_add_odd(list, job->paths[0],
		    "a folder without any file");
	list->given = true;
	for (i = 0; i < job->ncerts; i++)
		listing_add(list, job->certs[i]);
	listing_finish(list);
	list->skip = NULL;
	list->nskip = 0;
	free(skip);
	if (job->sound != NULL)
		return 0;
	/* Is there anything at all? */
	for (i = 0; i < list->n; i++) {
		if (list->v[i].given)
			continue;
		if (strcmp(list->v[i].path, "-") == 0)
			return 0;
		fd = listed_open(&list->v[i], &size);
		if (fd != -1) {
			close(fd);
			return 0;
		}
	}
	for (i = 0; i < list->n; i++) {
		(void)listed_open(&list->v[i], &size);
		log_error("%s: %s", list->v[i].path, list->v[i].odd != NULL ?
		    list->v[i].odd : strerror(errno));
	}
	log_error("there is no file that can be read");
	listing_clear(list);
	return -1;
}

/* ---- handing over ---- */

static int
batch_send(int socket, const struct handed *handed, size_t n, const int *fds,
    size_t nfds)
{
	union {
		struct cmsghdr	 align;
		char		 space[CMSG_SPACE(HANDED_AT_ONCE *
				    sizeof(int))];
	} control;
	struct iovec iov = { (void *)(uintptr_t)handed, n * sizeof(*handed) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t sent;

	if (nfds > 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	do
		sent = sendmsg(socket, &msg, MSG_NOSIGNAL);
	while (sent == -1 && errno == EINTR);
	return sent == -1 ? -1 : 0;
}

/*
 * Hands over all inputs, a batch at a time; the next one goes when the last
 * was read.  False: the worker is gone.
 */
static bool
inputs_hand(const struct listing *list, struct observer *observer, int socket,
    struct taken *taken, uint64_t seconds, bool *ret_late)
{
	/* A pipe that nobody writes to would wait for ever. */
	int64_t most = seconds > INT32_MAX ? (int64_t)INT32_MAX * 1000 :
	    (int64_t)seconds * 1000;
	struct handed handed[HANDED_AT_ONCE];
	struct taken answer[HANDED_AT_ONCE];
	int fds[HANDED_AT_ONCE], fd;
	size_t i, n, nfds, at = 0;
	ssize_t got;
	bool gone;

	*ret_late = false;
	while (at < list->n) {
		for (n = nfds = 0; n < HANDED_AT_ONCE && at < list->n; n++) {
			handed[n] = (struct handed){ .index = (uint32_t)at };
			fd = listed_open(&list->v[at], &handed[n].size);
			if (fd != -1)
				fds[nfds++] = fd;
			else {
				handed[n].error = errno;
				if (list->v[at].odd == NULL)
					log_warn("%s: %s", list->v[at].path,
					    strerror(errno));
			}
			at++;
		}
		gone = batch_send(socket, handed, n, fds, nfds) == -1;
		for (i = 0; i < nfds; i++)
			close(fds[i]);
		if (gone)
			return false;
		*ret_late = observer_wait(observer, socket,
		    observer_now() + most) == 0;
		if (*ret_late)
			return false;
		do
			got = recv(socket, answer, sizeof(answer), 0);
		while (got == -1 && errno == EINTR);
		if (got != (ssize_t)(n * sizeof(*answer)))
			return false;
		/* Their place in the list is ours, not the worker's word. */
		for (i = 0; i < n; i++) {
			taken[at - n + i] = answer[i];
			taken[at - n + i].index = 1;
		}
	}
	return true;
}

/* ---- waiting ---- */

/* The row, or an end of the worker without one; it is killed at its time. */
static bool
row_wait(struct observer *observer, int row, pid_t pid, uint64_t seconds,
    struct case_result *ret, bool *ret_late)
{
	ssize_t got;
	int rc;

	if (seconds > INT64_MAX / 2000)
		seconds = INT64_MAX / 2000;
	rc = observer_wait(observer, row,
	    observer_now() + (int64_t)seconds * 1000);
	*ret_late = rc == 0;
	if (rc == 0)
		kill(pid, SIGKILL);
	if (rc != 1)
		return false;
	do
		got = read(row, ret, sizeof(*ret));
	while (got == -1 && errno == EINTR);
	if (got != sizeof(*ret))
		return false;
	ret->died[sizeof(ret->died) - 1] = '\0';
	ret->cause[sizeof(ret->cause) - 1] = '\0';
	return true;
}

/* How it ended, as text and as the limit that was reached (or NULL). */
static void
ending_text(int status, bool late, const struct limits *l, char *text,
    size_t size, const char **ret_limit)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	*ret_limit = NULL;
	if (late) {
		*ret_limit = "wall_s";
		snprintf(text, size, "it took more than %llu seconds",
		    (unsigned long long)l->wall_s);
	} else if (sig == SIGXCPU || (sig == SIGKILL && l->cpu_s > 0)) {
		*ret_limit = "cpu_s";
		snprintf(text, size, sig == SIGXCPU ? "it took more than %llu "
		    "seconds of processor time" : "it was killed, by the "
		    "system or after %llu seconds of processor time",
		    (unsigned long long)l->cpu_s);
	} else if (sig == SIGXFSZ) {
		*ret_limit = "output_bytes";
		snprintf(text, size, "a report passed %llu bytes",
		    (unsigned long long)l->output_bytes);
	} else if (sig != 0)
		snprintf(text, size, "it crashed: %s", strsignal(sig));
	else if (WEXITSTATUS(status) == WORKER_MEMORY) {
		*ret_limit = "memory_bytes";
		snprintf(text, size, "it needed more than %llu bytes of "
		    "memory", (unsigned long long)l->memory_bytes);
	} else
		snprintf(text, size, "it ended with status %d",
		    WEXITSTATUS(status));
}

/* ---- the report of a worker that died ---- */

static bool
is_file(const char *path)
{
	struct stat st;

	return strcmp(path, "-") != 0 && stat(path, &st) == 0 &&
	    S_ISREG(st.st_mode);
}

/* Inputs that it did not come to are hashed here; nothing is parsed. */
static void
dead_inputs(struct evidence *ev, const struct listing *list,
    struct taken *taken, const char *died)
{
	const struct input_bytes none = { NULL, 0, false };
	const struct listed *in;
	struct input_bytes bytes;
	struct input *input;
	uint64_t size;
	size_t i;
	int fd;

	for (i = 0; i < list->n; i++) {
		in = &list->v[i];
		if (in->given)
			continue;
		if (taken[i].index == 0 && is_file(in->path) &&
		    (fd = listed_open(in, &size)) != -1) {
			taken[i].error = input_read(fd, size,
			    ev_limits(ev)->input_bytes, NULL, &bytes);
			close(fd);
			taken[i].size = bytes.n;
			input_sha256(bytes.p != NULL ? bytes.p :
			    (const void *)"", bytes.n, taken[i].sha256);
			free(bytes.p);
		} else if (taken[i].index == 0)
			input_sha256("", 0, taken[i].sha256);
		if (in->odd != NULL || taken[i].error != 0) {
			input_add(ev, in, taken[i].error, &none,
			    taken[i].sha256);
			continue;
		}
		input = ev_input_of(ev, ev_input(ev, in->shown, in->named,
		    NULL, 0, taken[i].sha256));
		input->size = taken[i].size;
		ev_blob(ev, input->blob)->queued = false;
		ev_problem(ev, PROBLEM_UNREADABLE,
		    blob_span(ev_blob(ev, input->blob)),
		    "was not read: the worker did not finish; %s", died);
	}
}

static int
dead_report(const struct case_job *job, const struct listing *list,
    struct taken *taken, struct case_result *result, const char *limit)
{
	struct evidence *ev = evidence_new(&job->limits);
	struct judgement *judgement = NULL;
	struct report report;
	size_t i;
	int rc = 0, fd;
	FILE *f;

	dead_inputs(ev, list, taken, result->died);
	if (limit != NULL)
		ev_limit(ev, SPAN_NONE, limit, "%s", result->died);
	correlate_run(ev, job->as_of);
	if (job->rules != NULL)
		judgement = judge_run(ev, job->rules);
	report = (struct report){ .ev = ev, .judgement = judgement,
	    .rules = job->rules, .why = job->why, .nwhy = job->nwhy,
	    .verbose = job->verbose, .csv_bom = job->csv_bom,
	    .columns = job->columns, .exit_status = EXIT_INCOMPLETE };
	for (i = 0; i < job->noutputs && rc == 0; i++) {
		report.color = job->outputs[i].color;
		fd = job->outputs[i].fd;
		if (ftruncate(fd, 0) == -1 || lseek(fd, 0, SEEK_SET) == -1 ||
		    (fd = fcntl(fd, F_DUPFD_CLOEXEC, 3)) == -1 ||
		    (f = fdopen(fd, "w")) == NULL) {
			rc = -1;
			break;
		}
		rc = job->outputs[i].reporter->write(&report, f);
		if (fclose(f) != 0)
			rc = -1;
	}
	if (rc != 0)
		log_error("a report could not be written: %s",
		    strerror(errno));
	evidence_free(ev);
	result->exit_status = EXIT_INCOMPLETE;
	result->outcome = OUTCOME_UNDETERMINED;
	result->cause[0] = '\0';
	return rc;
}

/* ---- all of it ---- */

/* A file that has no name: written by the worker, copied when it is whole. */
static int
outputs_make(const struct case_job *job)
{
	size_t i;

	for (i = 0; i < job->noutputs; i++) {
		job->outputs[i].fd = memfd_create("report", MFD_CLOEXEC);
		if (job->outputs[i].fd == -1) {
			log_error("no memory for a report: %s",
			    strerror(errno));
			while (i > 0)
				close(job->outputs[--i].fd);
			return -1;
		}
	}
	return 0;
}

int
case_output_copy(const struct case_output *output, int to)
{
	char buffer[65536];
	ssize_t got;

	if (lseek(output->fd, 0, SEEK_SET) == -1)
		return -1;
	while ((got = read(output->fd, buffer, sizeof(buffer))) > 0)
		if (write_all(to, buffer, (size_t)got) == -1)
			return -1;
	return got == 0 ? 0 : -1;
}

/* Starts the worker; its pid, and our ends of socket and pipe. */
static pid_t
worker_start(const struct case_job *job, const struct listing *list,
    int *ret_socket, int *ret_row)
{
	int sockets[2], row[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) ==
	    -1) {
		log_error("socketpair: %s", strerror(errno));
		return -1;
	}
	if (pipe2(row, O_CLOEXEC) == -1) {
		log_error("pipe: %s", strerror(errno));
		close(sockets[0]);
		close(sockets[1]);
		return -1;
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(sockets[0]);
		close(row[0]);
		worker_run(job, list, sockets[1], row[1]);
	}
	if (pid == -1)
		log_error("fork: %s", strerror(errno));
	close(sockets[1]);
	close(row[1]);
	if (pid == -1) {
		close(sockets[0]);
		close(row[0]);
	}
	*ret_socket = sockets[0];
	*ret_row = row[0];
	return pid;
}

int
case_run(const struct case_job *job, struct case_result *ret)
{
	struct listing list;
	struct taken *taken;
	const char *limit;
	bool whole, late, stuck;
	int socket, row, status = 0, rc = -1;
	size_t i;
	pid_t pid;

	*ret = (struct case_result){ .exit_status = EXIT_INCOMPLETE,
	    .outcome = OUTCOME_UNDETERMINED };
	for (i = 0; i < job->noutputs; i++)
		job->outputs[i].fd = -1;
	if (inputs_list(job, &list) == -1)
		return -1;
	taken = calloc(list.n, sizeof(*taken));
	if (taken == NULL || outputs_make(job) == -1)
		goto out;
	if (job->lost != NULL) {
		snprintf(ret->died, sizeof(ret->died), "%s", job->lost);
		log_error("%s: %s", job->paths[0], ret->died);
		rc = dead_report(job, &list, taken, ret, NULL);
		goto out;
	}
	observer_case(job->observer, job, &list);
	pid = worker_start(job, &list, &socket, &row);
	if (pid == -1)
		goto out;
	whole = inputs_hand(&list, job->observer, socket, taken,
	    job->limits.wall_s, &stuck);
	close(socket);
	if (stuck)
		kill(pid, SIGKILL);
	whole = row_wait(job->observer, row, pid, job->limits.wall_s, ret,
	    &late) && whole && ret->died[0] == '\0';
	close(row);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (whole && job->sound != NULL && !job->sound(job)) {
		whole = false;
		snprintf(ret->died, sizeof(ret->died),
		    "its report is not whole");
	}
	if (whole) {
		rc = 0;
		goto out;
	}
	if (WIFEXITED(status) && (WEXITSTATUS(status) == WORKER_REFUSED ||
	    WEXITSTATUS(status) == WORKER_WORLD))
		goto out;	/* said by the worker */
	limit = NULL;
	if (ret->died[0] == '\0')
		ending_text(status, late || stuck, &job->limits, ret->died,
		    sizeof(ret->died), &limit);
	log_error("%s%sthe worker did not finish: %s", job->sound != NULL ?
	    job->paths[0] : "", job->sound != NULL ? ": " : "", ret->died);
	rc = dead_report(job, &list, taken, ret, limit);
out:
	if (rc == -1)
		for (i = 0; i < job->noutputs; i++)
			if (job->outputs[i].fd != -1) {
				close(job->outputs[i].fd);
				job->outputs[i].fd = -1;
			}
	free(taken);
	listing_clear(&list);
	return rc;
}

/* ---- without a worker ---- */

int
case_evidence(struct evidence *ev, char *const *paths, size_t npaths,
    int64_t as_of)
{
	struct listing list;
	struct input_bytes bytes, kept;
	uint8_t sha256[32];
	uint64_t size;
	int fd, rc = 0;
	size_t i;

	listing_init(&list, (size_t)ev_limits(ev)->inputs);
	for (i = 0; i < npaths; i++)
		listing_add(&list, paths[i]);
	listing_finish(&list);
	for (i = 0; i < list.n; i++) {
		fd = listed_open(&list.v[i], &size);
		if (fd == -1 || input_read(fd, size,
		    ev_limits(ev)->input_bytes, NULL, &bytes) != 0) {
			log_error("%s: cannot be read", list.v[i].path);
			rc = -1;
		} else {
			kept = bytes;
			kept.p = arena_copy(ev_arena(ev), bytes.p, bytes.n);
			input_sha256(kept.p, kept.n, sha256);
			input_add(ev, &list.v[i], 0, &kept, sha256);
			free(bytes.p);
		}
		if (fd != -1)
			close(fd);
	}
	listing_clear(&list);
	worklist_run(ev);
	inputs_settle(ev);
	correlate_run(ev, as_of);
	return rc;
}
