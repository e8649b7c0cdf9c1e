/*
 * The parent of a batch's coordinators.  It hands out cases, never more than a
 * window ahead of the next result in order, and gets descriptors of finished
 * records back; a coordinator that was killed is begun again.
 * Relies on coordinator.h.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "batch/coordinator.h"
#include "batch/processor.h"
#include "command.h"
#include "log.h"

#define PATIENCE_MS	2000
#define WINDOW_EACH	16
#define WINDOW_MAX	256		/* descriptors that are held */
/* Coordinators that end without any answer: something kills them all. */
#define DEATHS_MAX	16

/* A case between being handed out and being given back. */
struct slot {
	bool		 have, again;	/* its answer; to be asked again */
	bool		 given;
	unsigned int	 tries;
	enum answer_kind kind;
	int		 fd;
	char		 key[65];
};

struct pool {
	struct pool_job	 job;
	struct coordinator *v;
	struct slot	*slots;		/* `window` of them, by index */
	size_t		 window;
	size_t		 next, emit;	/* to hand out; to give back */
	struct pool_progress progress;
	unsigned int	 deaths;	/* since the last answer */
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

struct pool *
pool_new(const struct pool_job *job)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	unsigned int i, all = processor_count();
	unsigned int jobs = job->jobs > 0 ? job->jobs : all;

	if (!job->watch && jobs > job->cases->n)
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
	/*
	 * A coordinator and its worker take turns.  Where they fill the
	 * machine, a scheduler that lets two pairs share a processor for
	 * some milliseconds leaves another one idle.
	 */
	for (i = 0; i < jobs; i++, pool->job.jobs++) {
		pool->v[i].processor = jobs == all ? (int)i : -1;
		if (coordinator_start(&pool->v[i], &pool->job) == -1)
			goto bad;
	}
	return pool;
bad:
	log_error("the batch cannot begin: %s", strerror(errno));
	if (pool != NULL)
		pool_free(pool);
	return NULL;
}

/* ---- handing out ---- */

/* What it was asked for is asked again; false: they all end so. */
static bool
coordinator_lost(struct pool *pool, struct coordinator *c)
{
	struct slot *slot;
	unsigned int i;

	coordinator_close(c);
	if (c->pid != 0) {
		(void)kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
	for (i = 0; i < c->busy; i++) {
		slot = &pool->slots[c->asked[i] % pool->window];
		/* It worked on the first one. */
		slot->tries += i == 0;
		slot->again = true;
	}
	c->busy = 0;
	c->pid = 0;
	if (pool->killed)
		return true;
	log_warn("a process of the batch was killed; another one goes on");
	return ++pool->deaths < DEATHS_MAX;
}

/* The least busy one that can take another, begun again if need be. */
static struct coordinator *
coordinator_least(struct pool *pool, bool *failed)
{
	struct coordinator *c, *least = NULL;

	for (c = pool->v; c < pool->v + pool->job.jobs; c++)
		if (c->busy < COORDINATOR_AHEAD && (least == NULL ||
		    c->busy < least->busy))
			least = c;
	if (least != NULL && least->socket == -1 &&
	    coordinator_start(least, &pool->job) == -1) {
		log_error("a process of the batch cannot be begun: %s",
		    strerror(errno));
		*failed = true;
		return NULL;
	}
	return least;
}

static bool
hand_out_one(struct pool *pool, size_t index, bool *failed)
{
	struct slot *slot = &pool->slots[index % pool->window];
	struct coordinator *c = coordinator_least(pool, failed);

	if (c == NULL)
		return false;
	if (coordinator_ask(c, index, slot->tries,
	    pool->job.cases->v[index]) == -1) {
		*failed |= !coordinator_lost(pool, c);
		return false;
	}
	slot->again = false;
	return true;
}

static void
hand_out(struct pool *pool, bool *failed)
{
	size_t i;

	for (i = pool->emit; i < pool->next; i++)
		if (pool->slots[i % pool->window].again &&
		    !hand_out_one(pool, i, failed))
			return;
	while (pool->next < pool->progress.all &&
	    pool->next - pool->emit < pool->window) {
		pool->slots[pool->next % pool->window] = (struct slot){
		    .fd = -1 };
		if (!hand_out_one(pool, pool->next, failed))
			return;
		pool->next++;
	}
}

/* ---- giving back ---- */

static void
result_give(struct pool *pool, size_t index, const struct pool_calls *calls,
    bool *failed)
{
	struct slot *slot = &pool->slots[index % pool->window];
	struct pool_progress *progress = &pool->progress;
	struct record_head head;
	struct pool_result result = { .position = index + 1,
	    .path = pool->job.cases->v[index], .head = &head,
	    .fd = slot->fd, .key = slot->key };

	if (pread(slot->fd, &head, sizeof(head), 0) != sizeof(head)) {
		log_error("%s: its result is gone", result.path);
		*failed = true;
		return;
	}
	progress->failed += head.outcome == OUTCOME_FAILED;
	progress->died += head.died[0] != '\0';
	if (calls->result(&result, calls->arg) == -1)
		*failed = true;
}

/* Gives back one of the list; false: it is not there. */
static bool
give(struct pool *pool, size_t index, const struct pool_calls *calls,
    bool *failed)
{
	struct slot *slot = &pool->slots[index % pool->window];
	struct pool_progress *progress = &pool->progress;

	if (!slot->have)
		return false;
	slot->have = false;
	slot->given = true;
	progress->done += slot->kind != ANSWER_FAILED;
	progress->kept += slot->kind == ANSWER_KEPT;
	progress->elsewhere += slot->kind == ANSWER_ELSEWHERE;
	if (slot->kind == ANSWER_FAILED)
		*failed = true;
	else if (slot->kind == ANSWER_DONE || slot->kind == ANSWER_KEPT)
		result_give(pool, index, calls, failed);
	if (slot->fd != -1)
		close(slot->fd);
	slot->fd = -1;
	return true;
}

/* The next ones of the list; of a watch, all that are there. */
static void
give_all(struct pool *pool, const struct pool_calls *calls, bool *failed)
{
	size_t i;

	for (i = pool->emit; i < pool->next; i++)
		if (!give(pool, i, calls, failed) && !pool->job.watch)
			break;
	for (; pool->emit < pool->next &&
	    pool->slots[pool->emit % pool->window].given; pool->emit++)
		if (pool->job.watch)
			cases_forget(pool->job.cases, pool->emit);
}

static void
answer_take(struct pool *pool, struct coordinator *c, bool *failed)
{
	struct answer answer;
	struct slot *slot;
	int fd;

	if (!coordinator_answer(c, &answer, &fd)) {
		*failed |= !coordinator_lost(pool, c);
		return;
	}
	pool->deaths = 0;
	pool->progress.unkept += answer.unkept;
	slot = &pool->slots[answer.index % pool->window];
	slot->have = true;
	slot->kind = (enum answer_kind)answer.kind;
	slot->fd = fd;
	memcpy(slot->key, answer.key, sizeof(slot->key) - 1);
	slot->key[sizeof(slot->key) - 1] = '\0';
}

/* Waits for answers, for what comes, or for so many milliseconds. */
static void
answers_wait(struct pool *pool, int more_fd, int ms, bool *failed)
{
	struct pollfd *p = calloc(pool->job.jobs + 1, sizeof(*p));
	unsigned int i;

	for (i = 0; p != NULL && i < pool->job.jobs; i++)
		p[i] = (struct pollfd){ pool->v[i].socket, POLLIN, 0 };
	if (p != NULL)
		p[i] = (struct pollfd){ more_fd, POLLIN, 0 };
	if (p != NULL && poll(p, pool->job.jobs + 1, ms) > 0)
		for (i = 0; i < pool->job.jobs; i++)
			if (p[i].revents != 0)
				answer_take(pool, &pool->v[i], failed);
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

/* Is there nothing left to do, or to wait for? */
static bool
is_over(struct pool *pool, const struct pool_calls *calls, int *ret_ms,
    bool *failed)
{
	bool ending = *failed || interrupted;
	int ms;

	/* Wakes up for the progress, too, and for a signal just before. */
	*ret_ms = 500;
	if (!ending && pool->job.watch) {
		ms = calls->more(calls->arg);
		pool->progress.all = pool->job.cases->n;
		if (ms == -1)
			*failed = ending = true;
		else
			*ret_ms = ms < 1000 ? ms : 1000;
	}
	if (ending)
		return !is_busy(pool);
	return !pool->job.watch && pool->emit == pool->progress.all;
}

enum pool_end
pool_run(struct pool *pool, const struct pool_calls *calls)
{
	struct sigaction act = { .sa_handler = on_interrupt };
	bool failed = false;
	int ms;

	interrupted = 0;
	(void)sigaction(SIGINT, &act, &pool->old_int);
	(void)sigaction(SIGTERM, &act, &pool->old_term);
	while (!is_over(pool, calls, &ms, &failed)) {
		if (!failed && !interrupted)
			hand_out(pool, &failed);
		if (interrupted)
			patience(pool);
		if (is_busy(pool) || pool->job.watch)
			answers_wait(pool, pool->job.watch && !interrupted ?
			    calls->more_fd : -1, ms, &failed);
		give_all(pool, calls, &failed);
		calls->progress(&pool->progress, calls->arg);
	}
	/* What is done behind a gap that will not be filled. */
	for (; pool->emit < pool->next; pool->emit++)
		(void)give(pool, pool->emit, calls, &failed);
	(void)sigaction(SIGINT, &pool->old_int, NULL);
	(void)sigaction(SIGTERM, &pool->old_term, NULL);
	return failed ? POOL_FAILED : pool->job.watch ||
	    pool->progress.done < pool->progress.all ? POOL_INTERRUPTED :
	    POOL_DONE;
}

void
pool_free(struct pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->job.jobs; i++)
		coordinator_close(&pool->v[i]);
	for (i = 0; i < pool->job.jobs; i++)
		while (pool->v[i].pid != 0 &&
		    waitpid(pool->v[i].pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	free(pool->v);
	free(pool->slots);
	free(pool);
}
