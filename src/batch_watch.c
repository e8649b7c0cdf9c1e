/*
 * Judges what arrives in a folder that is watched, and adds a line for each
 * case to the output: once, whole, and when the case is complete.
 * Relies on options.h and the files of batch/.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "batch/appended.h"
#include "batch/arrivals.h"
#include "batch/pages.h"
#include "batch_watch.h"
#include "log.h"

#define SETTLE_S	5

struct watch {
	const struct options *o;
	struct cases	 cases;
	struct arrivals	*arrivals;
	struct appended	 output;
	struct stat	 ours[3];	/* that are no cases */
	size_t		 nours;
	size_t		 outcomes[3], known;
};

static int
on_result(const struct pool_result *r, void *arg)
{
	struct watch *w = arg;
	struct pool_result numbered = *r;
	struct summary_case c = { .row_n = (size_t)r->head->row_n };
	uint8_t id[32], *row;
	int rc;

	appended_id(strrchr(r->path, '/') + 1, r->key, id);
	if (appended_knows(&w->output, id)) {
		w->known++;
		log_info("%s: is the same as before", r->path);
		return 0;
	}
	if (r->head->outcome >= 0 && r->head->outcome < 3)
		w->outcomes[r->head->outcome]++;
	c.row = row = record_row(r->fd, r->head, r->path);
	if (row == NULL)
		return -1;
	/* Its page is there before its line. */
	numbered.position = appended_next(&w->output);
	c.result = &numbered;
	if (w->o->reports != NULL &&
	    pages_write(w->o->reports, &numbered) == -1)
		w->output.failed = true;
	rc = appended_add(&w->output, id, &c);
	free(row);
	if (rc == 0)
		log_info("%s: done", r->path);
	return rc;
}

static void
on_progress(const struct pool_progress *at, void *arg)
{
	struct watch *w = arg;

	(void)at;
	/* All that is there together; a failure is seen in on_more(). */
	(void)appended_flush(&w->output);
}

static int
on_more(void *arg)
{
	struct watch *w = arg;

	return w->output.failed ? -1 : arrivals_take(w->arrivals, &w->cases);
}

/* ---- before it begins ---- */

/* What has no meaning for lines that are added; -1: said. */
static int
options_check(const struct options *o)
{
	const char *bad = NULL;
	struct stat st;

	if (o->npaths > 0 || o->files_from != NULL)
		bad = "--watch takes no PATH and no --files-from";
	else if (o->db != NULL)
		bad = "--watch writes NDJSON alone, no --db";
	else if (o->shards > 0)
		bad = "--watch takes no --shard";
	else if ((o->format != NULL && strcmp(o->format, "ndjson") != 0) ||
	    (o->noutputs > 0 && strcmp(o->outputs[0].format, "ndjson") != 0))
		bad = "--watch writes NDJSON alone";
	else if (o->noutputs > 1 || (o->noutputs == 1 && o->format != NULL))
		bad = "--watch has one output";
	if (bad != NULL) {
		log_error("%s", bad);
		return -1;
	}
	if (stat(o->watch, &st) == -1 || !S_ISDIR(st.st_mode)) {
		log_error("%s: is no folder", o->watch);
		return -1;
	}
	return 0;
}

static void
ours_add(struct watch *w, const char *path)
{
	if (path != NULL && stat(path, &w->ours[w->nours]) == 0)
		w->nours++;
}

static const char *
output_path(const struct options *o)
{
	const char *path = o->noutputs > 0 ? o->outputs[0].path : NULL;

	return path == NULL || strcmp(path, "-") == 0 ? NULL : path;
}

static void
say_end(const struct watch *w, enum pool_end end)
{
	size_t all = w->outcomes[OUTCOME_FAILED] +
	    w->outcomes[OUTCOME_SUCCEEDED] +
	    w->outcomes[OUTCOME_UNDETERMINED];

	log_warn("%s: %s; %zu new %s: %zu failed, %zu succeeded, %zu "
	    "undetermined", w->o->watch, end == POOL_INTERRUPTED ?
	    "interrupted" : "ended early", all, all == 1 ? "case" : "cases",
	    w->outcomes[OUTCOME_FAILED], w->outcomes[OUTCOME_SUCCEEDED],
	    w->outcomes[OUTCOME_UNDETERMINED]);
	if (w->known > 0)
		log_warn("%zu that were there had a result before", w->known);
}

static int
watch_run(struct watch *w, struct pool *pool)
{
	struct pool_calls calls = { on_result, on_progress, w, on_more, -1 };
	enum pool_end end = POOL_FAILED;

	if (appended_open(&w->output, output_path(w->o), w->o->state,
	    w->o->watch) == -1)
		return EXIT_USAGE;
	ours_add(w, output_path(w->o));
	ours_add(w, w->o->state);
	ours_add(w, w->o->reports);
	w->arrivals = arrivals_open(w->o->watch, w->o->case_folders,
	    w->o->settle_s > 0 ? (unsigned int)w->o->settle_s : SETTLE_S,
	    w->ours, w->nours);
	if (w->arrivals != NULL) {
		log_warn("%s: watching", w->o->watch);
		calls.more_fd = arrivals_fd(w->arrivals);
		end = pool_run(pool, &calls);
		if (appended_flush(&w->output) == -1)
			end = POOL_FAILED;
		say_end(w, end);
	}
	appended_close(&w->output, end == POOL_INTERRUPTED);
	arrivals_free(w->arrivals);
	return end == POOL_INTERRUPTED ? EXIT_COMPLETE : EXIT_INCOMPLETE;
}

int
batch_watch(const struct options *o)
{
	struct watch w = { .o = o };
	struct pool_job job = { .cases = &w.cases, .state = o->state,
	    .watch = true };
	struct pool *pool;
	struct rules *rules;
	struct case_job each;
	uint8_t settings[32];
	int status = EXIT_USAGE;

	if (options_check(o) == -1 ||
	    (o->state != NULL && state_open(o->state) == -1) ||
	    (o->reports != NULL && pages_open(o->reports, true) == -1) ||
	    (rules = options_rules(o)) == NULL)
		return EXIT_USAGE;
	options_job(o, rules, &each);
	each.pages = o->reports != NULL;
	case_warm();
	cases_settings(&each, cases_version, *o->tables != '\0' ? o->tables :
	    NULL, settings);
	job.each = &each;
	job.jobs = o->jobs;
	job.settings = settings;
	pool = pool_new(&job);
	if (pool != NULL) {
		status = watch_run(&w, pool);
		pool_free(pool);
	}
	cases_clear(&w.cases);
	rules_free(rules);
	return status;
}
