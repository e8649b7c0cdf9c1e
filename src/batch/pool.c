/*
 * The parent and the coordinators of a batch.  The parent hands out numbers
 * of cases, never more than a window ahead of the next result in order, and
 * gets descriptors of finished records back.  A coordinator reads no content
 * but to digest it; that is left to the workers it forks.
 * Relies on pool.h, Unix sockets and prctl(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "batch/pool.h"
#include "batch/row.h"
#include "command.h"
#include "log.h"

/* One more than it works on, so that it never waits for us. */
#define AHEAD		2
#define PATIENCE_MS	2000
#define WINDOW_EACH	16
#define WINDOW_MAX	256		/* descriptors that are held */

enum answer_kind { ANSWER_DONE, ANSWER_KEPT, ANSWER_ELSEWHERE, ANSWER_FAILED };

struct answer {
	uint64_t	 index;
	uint32_t	 kind;
};

struct coordinator {
	pid_t		 pid;
	int		 socket;	/* -1: it is gone */
	unsigned int	 busy;
};

struct slot {
	bool		 have;
	enum answer_kind kind;
	int		 fd;
};

struct pool {
	struct pool_job	 job;
	struct coordinator *v;
	struct slot	*slots;		/* `window` of them, by index */
	size_t		 window;
	size_t		 next, emit;	/* to hand out; to give back */
	struct pool_progress progress;
	int64_t		 end_ms;	/* of the patience; 0: not interrupted */
	bool		 killed;
	struct sigaction old_int, old_term;
};

static volatile sig_atomic_t	interrupted;

static void
on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted++;
	/* Who asks twice does not want to wait. */
	if (interrupted > 1)
		_exit(EXIT_INCOMPLETE);
}

/* ---- a coordinator ---- */

static ssize_t
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
	return sent;
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

static int
record_make(const struct pool_job *job, const struct case_job *each,
    const struct case_result *result, const char *content, const char *key)
{
	char read[65];
	int fd;

	/*
	 * A case that changed while it was read, or that ended for want of
	 * time or memory, is done again next time.
	 */
	if (job->state != NULL && *key != '\0' && result->died[0] == '\0' &&
	    record_case_id(each, read) && strcmp(read, content) == 0)
		return state_store(job->state, key, each, result);
	fd = memfd_create("record", MFD_CLOEXEC);
	if (fd == -1 || record_write(each, result, fd) == -1) {
		log_error("no memory for a result: %s", strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}

static enum answer_kind
case_do(const struct pool_job *job, size_t index, int *ret_fd)
{
	struct case_output outputs[2] = {
		{ .reporter = reporter_find("ndjson") },
		{ .reporter = &row_reporter }
	};
	struct case_job each = *job->each;
	struct case_result result;
	char content[65] = "", key[65] = "";
	char *path = job->cases->v[index];

	*ret_fd = -1;
	if (job->state != NULL || job->shards > 0)
		case_digest(&each, path, job->settings, content, key);
	if (is_elsewhere(job, content))
		return ANSWER_ELSEWHERE;
	if (*key != '\0' && job->state != NULL &&
	    (*ret_fd = state_find(job->state, key)) != -1)
		return ANSWER_KEPT;
	each.paths = &path;
	each.npaths = 1;
	each.outputs = outputs;
	each.noutputs = 2;
	each.sound = record_sound;
	if (case_run(&each, &result) == -1)
		return ANSWER_FAILED;
	*ret_fd = record_make(job, &each, &result, content, key);
	close(outputs[0].fd);
	close(outputs[1].fd);
	return *ret_fd == -1 ? ANSWER_FAILED : ANSWER_DONE;
}

static void __attribute__((noreturn))
coordinate(const struct pool_job *job, int socket, pid_t parent)
{
	struct answer answer = { 0, 0 };
	uint64_t index;
	ssize_t got;
	int fd;

	/* An interrupt is the parent's to answer; what is begun is ended. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(EXIT_INCOMPLETE);
	for (;;) {
		got = recv(socket, &index, sizeof(index), 0);
		if (got == -1 && errno == EINTR)
			continue;
		if (got != sizeof(index) || index >= job->cases->n)
			break;
		answer.index = index;
		answer.kind = case_do(job, (size_t)index, &fd);
		got = answer_send(socket, &answer, fd);
		if (fd != -1)
			close(fd);
		if (got == -1)
			break;
	}
	_exit(EXIT_COMPLETE);
}

struct pool *
pool_new(const struct pool_job *job)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	pid_t parent = getpid();
	unsigned int i, k, jobs = job->jobs;
	int sockets[2];

	if (jobs > job->cases->n)
		jobs = job->cases->n > 0 ? (unsigned int)job->cases->n : 1;
	if (pool == NULL)
		goto bad;
	pool->job = *job;
	pool->job.jobs = 0;
	pool->window = (size_t)WINDOW_EACH * jobs;
	if (pool->window > WINDOW_MAX)
		pool->window = WINDOW_MAX;
	pool->v = calloc(jobs, sizeof(*pool->v));
	pool->slots = calloc(pool->window, sizeof(*pool->slots));
	if (pool->v == NULL || pool->slots == NULL)
		goto bad;
	pool->progress.all = job->cases->n;
	fflush(NULL);
	for (i = 0; i < jobs; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
		    sockets) == -1)
			goto bad;
		pool->v[i].socket = sockets[0];
		pool->v[i].pid = fork();
		if (pool->v[i].pid == 0) {
			for (k = 0; k <= i; k++)
				close(pool->v[k].socket);
			coordinate(&pool->job, sockets[1], parent);
		}
		close(sockets[1]);
		if (pool->v[i].pid == -1) {
			close(sockets[0]);
			goto bad;
		}
		pool->job.jobs++;
	}
	return pool;
bad:
	log_error("the batch cannot begin: %s", strerror(errno));
	if (pool != NULL)
		pool_free(pool);
	return NULL;
}

/* ---- the parent ---- */

static void
hand_out(struct pool *pool)
{
	struct coordinator *least;
	uint64_t index;
	unsigned int i;

	while (pool->next < pool->progress.all &&
	    pool->next - pool->emit < pool->window) {
		least = NULL;
		for (i = 0; i < pool->job.jobs; i++)
			if (pool->v[i].socket != -1 &&
			    pool->v[i].busy < AHEAD && (least == NULL ||
			    pool->v[i].busy < least->busy))
				least = &pool->v[i];
		if (least == NULL)
			return;
		index = pool->next;
		if (send(least->socket, &index, sizeof(index),
		    MSG_NOSIGNAL) == -1)
			return;		/* its end is seen in poll(2) */
		least->busy++;
		pool->next++;
	}
}

/* One answer; false: the coordinator is gone. */
static bool
answer_take(struct pool *pool, struct coordinator *c)
{
	union {
		struct cmsghdr	 align;
		char		 space[CMSG_SPACE(sizeof(int))];
	} control;
	struct answer answer;
	struct iovec iov = { &answer, sizeof(answer) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = control.space,
	    .msg_controllen = sizeof(control.space) };
	struct cmsghdr *header;
	struct slot *slot;
	ssize_t got;
	int fd = -1;

	do
		got = recvmsg(c->socket, &msg, MSG_CMSG_CLOEXEC);
	while (got == -1 && errno == EINTR);
	header = got > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (header != NULL && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	if (got != sizeof(answer) || answer.index < pool->emit ||
	    answer.index >= pool->next) {
		if (fd != -1)
			close(fd);
		return false;
	}
	slot = &pool->slots[answer.index % pool->window];
	*slot = (struct slot){ true, (enum answer_kind)answer.kind, fd };
	c->busy--;
	return true;
}

/* Gives back the next of the list; false: it is not there. */
static bool
emit(struct pool *pool, const struct pool_calls *calls, bool *failed)
{
	struct slot *slot = &pool->slots[pool->emit % pool->window];
	struct pool_progress *progress = &pool->progress;
	struct record_head head;
	struct pool_result result = { .position = pool->emit + 1,
	    .path = pool->job.cases->v[pool->emit], .head = &head,
	    .fd = slot->fd };

	if (!slot->have)
		return false;
	slot->have = false;
	pool->emit++;
	progress->done += slot->kind != ANSWER_FAILED;
	progress->kept += slot->kind == ANSWER_KEPT;
	progress->elsewhere += slot->kind == ANSWER_ELSEWHERE;
	if (slot->kind == ANSWER_FAILED)
		*failed = true;
	else if (slot->kind != ANSWER_ELSEWHERE) {
		if (pread(slot->fd, &head, sizeof(head), 0) != sizeof(head)) {
			log_error("%s: its result is gone", result.path);
			*failed = true;
		} else {
			progress->failed += head.outcome == OUTCOME_FAILED;
			progress->died += head.died[0] != '\0';
			if (calls->result(&result, calls->arg) == -1)
				*failed = true;
		}
	}
	if (slot->fd != -1)
		close(slot->fd);
	return true;
}

static void
answers_wait(struct pool *pool, bool *failed)
{
	struct pollfd *p = calloc(pool->job.jobs, sizeof(*p));
	unsigned int i;

	for (i = 0; p != NULL && i < pool->job.jobs; i++)
		p[i] = (struct pollfd){ pool->v[i].socket, POLLIN, 0 };
	/* Wakes up for the progress, too. */
	if (p != NULL && poll(p, pool->job.jobs, 500) > 0)
		for (i = 0; i < pool->job.jobs; i++)
			if (p[i].revents != 0 &&
			    !answer_take(pool, &pool->v[i])) {
				if (!pool->killed)
					log_error("a process of the batch "
					    "ended before its time");
				close(pool->v[i].socket);
				pool->v[i].socket = -1;
				pool->v[i].busy = 0;
				*failed |= !pool->killed;
			}
	free(p);
}

static bool
is_busy(const struct pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->job.jobs; i++)
		if (pool->v[i].busy > 0)
			return true;
	return false;
}

/* Who interrupts waits no longer than that for the cases that are begun. */
static void
patience(struct pool *pool)
{
	struct timespec t;
	unsigned int i;
	int64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	if (pool->end_ms == 0)
		pool->end_ms = now + PATIENCE_MS;
	if (now < pool->end_ms || pool->killed)
		return;
	pool->killed = true;
	for (i = 0; i < pool->job.jobs; i++)
		if (pool->v[i].busy > 0)
			(void)kill(pool->v[i].pid, SIGKILL);
}

enum pool_end
pool_run(struct pool *pool, const struct pool_calls *calls)
{
	struct sigaction act = { .sa_handler = on_interrupt };
	bool failed = false;

	interrupted = 0;
	(void)sigaction(SIGINT, &act, &pool->old_int);
	(void)sigaction(SIGTERM, &act, &pool->old_term);
	while (pool->emit < pool->progress.all) {
		if (!failed && !interrupted)
			hand_out(pool);
		else if (!is_busy(pool))
			break;
		if (interrupted)
			patience(pool);
		if (is_busy(pool))
			answers_wait(pool, &failed);
		while (pool->emit < pool->next && emit(pool, calls, &failed))
			continue;
		calls->progress(&pool->progress, calls->arg);
	}
	/* What is done behind a gap that will not be filled. */
	for (; pool->emit < pool->next; )
		if (!emit(pool, calls, &failed))
			pool->emit++;
	(void)sigaction(SIGINT, &pool->old_int, NULL);
	(void)sigaction(SIGTERM, &pool->old_term, NULL);
	return failed ? POOL_FAILED : pool->progress.done <
	    pool->progress.all ? POOL_INTERRUPTED : POOL_DONE;
}

void
pool_free(struct pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->job.jobs; i++)
		if (pool->v[i].socket != -1)
			close(pool->v[i].socket);
	for (i = 0; i < pool->job.jobs; i++)
		while (waitpid(pool->v[i].pid, NULL, 0) == -1 &&
		    errno == EINTR)
			continue;
	free(pool->v);
	free(pool->slots);
	free(pool);
}
