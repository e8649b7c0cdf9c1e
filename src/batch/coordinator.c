/*
 * A coordinator reads no content but to digest it; that is left to the
 * workers it forks.  It may be begun while outputs are open, and so it gives
 * up all descriptors of the parent first.
 * Relies on coordinator.h, Unix sockets and prctl(2).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "batch/coordinator.h"
#include "batch/processor.h"
#include "batch/row.h"
#include "command.h"
#include "log.h"

/* No file can be opened by a longer name; the rest of it is not sent. */
#define PATH_BYTES	((size_t)16 << 10)

struct question {
	uint64_t	 index;
	uint32_t	 tries;
	char		 path[PATH_BYTES];	/* as much as there is */
};
#define QUESTION_HEAD	offsetof(struct question, path)

/* ---- the process itself ---- */

static int
answer_send(int socket, const struct answer *answer, int fd)
{
	union {
		struct cmsghdr	 align;
		char		 space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { (void *)(uintptr_t)answer, sizeof(*answer) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t sent;

	if (fd != -1) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	do
		sent = sendmsg(socket, &msg, MSG_NOSIGNAL);
	while (sent == -1 && errno == EINTR);
	return sent == -1 ? -1 : 0;
}

/* Of the first 60 bits of the content's digest. */
static bool
is_elsewhere(const struct pool_job *job, const char *content)
{
	char digits[16];

	if (job->shards == 0)
		return false;
	memcpy(digits, content, 15);
	digits[15] = '\0';
	return strtoull(digits, NULL, 16) % job->shards != job->shard;
}

/* Where the folder does not take it, the outputs have it all the same. */
static int
record_make(const struct pool_job *job, const struct case_job *each,
    const struct case_result *result, const char *content, const char *key,
    bool *ret_unkept)
{
	static bool said;
	char read[65];
	int fd;

	/*
	 * A case that changed while it was read, or that ended for want of
	 * time or memory, is done again next time.
	 */
	if (job->state != NULL && *key != '\0' && result->died[0] == '\0' &&
	    record_case_id(each, read) && strcmp(read, content) == 0) {
		fd = state_store(job->state, key, each, result);
		if (fd != -1)
			return fd;
		if (!said)
			log_error("%s: a result could not be kept: %s",
			    job->state, strerror(errno));
		said = true;
		*ret_unkept = true;
	}
	fd = memfd_create("record", MFD_CLOEXEC);
	if (fd == -1 || record_write(each, result, fd) == -1) {
		log_error("no memory for a result: %s", strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}

/*
 * Did what was read differ from what was digested because it changes?  Where
 * the digest is still the same, it did not.
 */
static bool
is_changing(const struct pool_job *job, const struct case_job *each,
    const struct case_result *result, const char *path, const char *content)
{
	char read[65], now[65], key[65];

	if (result->died[0] == '\0' && record_case_id(each, read) &&
	    strcmp(read, content) == 0)
		return false;
	case_digest(each, path, job->settings, now, key);
	return strcmp(now, content) != 0;
}

static int
case_do(const struct pool_job *job, const struct question *q,
    struct answer *answer)
{
	struct case_output outputs[3] = {
		{ .reporter = reporter_find("ndjson") },
		{ .reporter = &row_reporter },
		{ .reporter = reporter_find("html") }
	};
	size_t i;
	struct case_job each = *job->each;
	struct case_result result;
	char content[65] = "", key[65] = "";
	char *path = (char *)(uintptr_t)q->path;
	int fd;

	*answer = (struct answer){ .index = q->index,
	    .kind = ANSWER_ELSEWHERE };
	if (job->watch && access(path, F_OK) == -1) {
		answer->kind = ANSWER_GONE;
		return -1;
	}
	if (job->state != NULL || job->shards > 0 || job->watch)
		case_digest(&each, path, job->settings, content, key);
	memcpy(answer->key, key, sizeof(key));
	if (is_elsewhere(job, content))
		return -1;
	answer->kind = ANSWER_KEPT;
	if (*key != '\0' && job->state != NULL &&
	    (fd = state_find(job->state, key)) != -1)
		return fd;
	answer->kind = ANSWER_FAILED;
	each.paths = &path;
	each.npaths = 1;
	each.outputs = outputs;
	each.noutputs = each.pages ? 3 : 2;
	each.sound = record_sound;
	if (q->tries >= COORDINATOR_TRIES)
		each.lost = "the process that took care of it was killed, "
		    "twice";
	if (case_run(&each, &result) == -1)
		return -1;
	if (job->watch && is_changing(job, &each, &result, path, content)) {
		answer->kind = ANSWER_GONE;
		fd = -1;
	} else {
		fd = record_make(job, &each, &result, content, key,
		    &answer->unkept);
		if (fd != -1)
			answer->kind = ANSWER_DONE;
	}
	for (i = 0; i < each.noutputs; i++)
		close(outputs[i].fd);
	return fd;
}

static void __attribute__((noreturn))
coordinate(const struct pool_job *job, int socket, int processor,
    pid_t parent)
{
	static struct question q;
	struct answer answer;
	ssize_t got;
	int fd, rc;

	/* An interrupt is the parent's to answer; what is begun is ended. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(EXIT_INCOMPLETE);
	if (processor != -1)
		processor_keep((unsigned int)processor);
	for (;;) {
		got = recv(socket, &q, sizeof(q) - 1, 0);
		if (got == -1 && errno == EINTR)
			continue;
		if (got < (ssize_t)QUESTION_HEAD)
			break;
		((char *)&q)[got] = '\0';
		fd = case_do(job, &q, &answer);
		rc = answer_send(socket, &answer, fd);
		if (fd != -1)
			close(fd);
		if (rc == -1)
			break;
	}
	_exit(EXIT_COMPLETE);
}

/*
 * Ours are all closed on exec; what the user's shell left open for us, as
 * /dev/fd/63, is not.
 */
static void
descriptors_leave(int but)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *entry;
	int fd, flags;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		fd = atoi(entry->d_name);
		if (fd <= STDERR_FILENO || fd == but || fd == dirfd(d))
			continue;
		flags = fcntl(fd, F_GETFD);
		if (flags != -1 && (flags & FD_CLOEXEC) != 0)
			close(fd);
	}
	if (d != NULL)
		closedir(d);
}

/* ---- what the parent does with it ---- */

int
coordinator_start(struct coordinator *c, const struct pool_job *job)
{
	pid_t parent = getpid();
	int sockets[2], error;

	*c = (struct coordinator){ .socket = -1, .processor = c->processor };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) ==
	    -1)
		return -1;
	/* It must not write again what is ours to write. */
	fflush(NULL);
	c->pid = fork();
	if (c->pid == 0) {
		descriptors_leave(sockets[1]);
		coordinate(job, sockets[1], c->processor, parent);
	}
	error = errno;
	close(sockets[1]);
	if (c->pid == -1) {
		close(sockets[0]);
		c->pid = 0;
		errno = error;
		return -1;
	}
	c->socket = sockets[0];
	return 0;
}

int
coordinator_ask(struct coordinator *c, uint64_t index, unsigned int tries,
    const char *path)
{
	static struct question q;
	size_t n = strlen(path);
	ssize_t sent;

	if (n > sizeof(q.path) - 1)
		n = sizeof(q.path) - 1;
	q.index = index;
	q.tries = tries;
	memcpy(q.path, path, n);
	do
		sent = send(c->socket, &q, QUESTION_HEAD + n, MSG_NOSIGNAL);
	while (sent == -1 && errno == EINTR);
	if (sent == -1)
		return -1;
	c->asked[c->busy++] = index;
	return 0;
}

bool
coordinator_answer(struct coordinator *c, struct answer *answer, int *ret_fd)
{
	union {
		struct cmsghdr	 align;
		char		 space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { answer, sizeof(*answer) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control.space,
	    .msg_controllen = sizeof(control.space) };
	struct cmsghdr *header;
	ssize_t got;

	*ret_fd = -1;
	do
		got = recvmsg(c->socket, &msg, MSG_CMSG_CLOEXEC);
	while (got == -1 && errno == EINTR);
	header = got > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(header), sizeof(*ret_fd));
	if (got != sizeof(*answer) || c->busy == 0 ||
	    answer->index != c->asked[0]) {
		if (*ret_fd != -1)
			close(*ret_fd);
		*ret_fd = -1;
		return false;
	}
	memmove(c->asked, c->asked + 1, --c->busy * sizeof(c->asked[0]));
	return true;
}

void
coordinator_close(struct coordinator *c)
{
	if (c->socket != -1)
		close(c->socket);
	c->socket = -1;
}
