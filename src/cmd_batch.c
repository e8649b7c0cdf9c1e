/*
 * aiktriage batch: many cases, each judged by itself on all processors; one
 * entry a case in each output, in the order of the list.
 * Relies on options.h and the files of batch/.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "batch/pages.h"
#include "batch/progress.h"
#include "batch/summary.h"
#include "batch_watch.h"
#include "log.h"
#include "options.h"

extern const struct command	command_batch;

struct batch {
	struct outputs	 outputs;
	const char	*pages;		/* folder of full reports, or NULL */
	int		 status;	/* the worst of the cases */
	bool		 written;	/* all outputs */
	size_t		 outcomes[3];
	struct progress	 progress;
	struct pool_progress at;
};

/* 3 is worse than 1, which is worse than 0. */
static void
status_add(struct batch *b, int status)
{
	if (status < EXIT_COMPLETE || status > EXIT_INCOMPLETE)
		status = EXIT_INCOMPLETE;
	if (status > b->status)
		b->status = status;
}

static int
on_result(const struct pool_result *r, void *arg)
{
	struct batch *b = arg;
	struct summary_case c = { .result = r, .row_n = (size_t)r->head->row_n };
	uint8_t *row;
	int rc;

	status_add(b, r->head->exit_status);
	if (r->head->outcome >= 0 && r->head->outcome < 3)
		b->outcomes[r->head->outcome]++;
	c.row = row = record_row(r->fd, r->head, r->path);
	if (row == NULL)
		return -1;
	rc = outputs_add(&b->outputs, &c);
	if (rc == 0 && b->pages != NULL)
		rc = pages_write(b->pages, r);
	free(row);
	return rc;
}

static void
on_progress(const struct pool_progress *at, void *arg)
{
	struct batch *b = arg;

	b->at = *at;
	progress_show(&b->progress, at);
}

/* ---- before it begins ---- */

static int
cases_list(const struct options *o, struct cases *cases)
{
	struct stat *skip = calloc(o->noutputs + 3, sizeof(*skip));
	size_t i, n = 0;
	int rc = 0;

	/* What is written is no case of the next run. */
	for (i = 0; skip != NULL && i < o->noutputs; i++)
		n += stat(o->outputs[i].path, &skip[n]) == 0;
	if (skip != NULL && o->db != NULL)
		n += stat(o->db, &skip[n]) == 0;
	if (skip != NULL && o->state != NULL)
		n += stat(o->state, &skip[n]) == 0;
	if (skip != NULL && o->reports != NULL)
		n += stat(o->reports, &skip[n]) == 0;
	for (i = 0; i < o->npaths; i++)
		cases_add(cases, o->paths[i], o->case_folders, skip, n);
	if (o->files_from != NULL)
		rc = cases_read(cases, o->files_from, o->nul);
	free(skip);
	for (i = 0; i < cases->n; i++)
		if (strcmp(cases->v[i], "-") == 0) {
			log_error("a batch reads no case from standard "
			    "input");
			rc = -1;
		}
	return rc;
}

/* What is written, in the order of the command line. */
static struct summary_output *
outputs_list(const struct options *o, size_t *ret_n)
{
	struct summary_output *v = calloc(o->noutputs + 2, sizeof(*v));
	size_t i, n = 0;

	if (v == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	if (o->format != NULL || (o->noutputs == 0 && o->db == NULL &&
	    !o->quiet))
		v[n++] = (struct summary_output){ o->format != NULL ?
		    o->format : "ndjson", NULL, o->csv_bom, o->reports };
	for (i = 0; i < o->noutputs; i++)
		v[n++] = (struct summary_output){ o->outputs[i].format,
		    o->outputs[i].path, o->csv_bom, o->reports };
	if (o->db != NULL)
		v[n++] = (struct summary_output){ "db", o->db, false, NULL };
	*ret_n = n;
	return v;
}

/* ---- after it ---- */

static void
say_end(const struct batch *b, enum pool_end end)
{
	const struct pool_progress *at = &b->at;

	log_warn("%zu %s: %zu failed, %zu succeeded, %zu undetermined",
	    at->done - at->elsewhere, at->done - at->elsewhere == 1 ? "case" :
	    "cases", b->outcomes[OUTCOME_FAILED],
	    b->outcomes[OUTCOME_SUCCEEDED],
	    b->outcomes[OUTCOME_UNDETERMINED]);
	if (at->kept > 0)
		log_warn("%zu of them were done before", at->kept);
	if (at->died > 0)
		log_warn("%zu of them did not finish", at->died);
	if (at->unkept > 0)
		log_error("%zu of them could not be kept and are done again "
		    "next time", at->unkept);
	if (end != POOL_DONE)
		log_error("%s with %zu of %zu cases done", end ==
		    POOL_INTERRUPTED ? "interrupted" : "ended early",
		    at->done, at->all);
}

static int
batch_run(const struct options *o, struct batch *b, struct pool *pool,
    const struct summary_output *outputs, size_t n)
{
	struct pool_calls calls = { on_result, on_progress, b };
	enum pool_end end = POOL_FAILED;
	bool good = outputs_open(&b->outputs, outputs, n) == 0;

	if (good) {
		progress_begin(&b->progress, o->progress);
		end = pool_run(pool, &calls);
		progress_end(&b->progress, &b->at);
		say_end(b, end);
	}
	if (outputs_close(&b->outputs, good, o->force) == -1)
		b->written = false;
	if (!b->written)
		status_add(b, EXIT_INCOMPLETE);
	if (!good)
		return EXIT_INCOMPLETE;
	if (o->exit_batch && b->written)
		b->status = EXIT_COMPLETE;
	if (end != POOL_DONE)
		status_add(b, EXIT_INCOMPLETE);
	return b->status;
}

static int
run(int argc, char **argv)
{
	struct batch b = { .status = EXIT_COMPLETE, .written = true };
	struct cases cases = { NULL, 0, 0 };
	struct pool_job job = { .cases = &cases };
	struct rules *rules = NULL;
	struct summary_output *outputs = NULL;
	struct pool *pool = NULL;
	struct case_job each;
	uint8_t settings[32];
	struct options o;
	size_t n = 0;
	int status;

	status = options_parse(&o, &command_batch, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	if (o.watch != NULL) {
		status = batch_watch(&o);
		goto out;
	}
	if (o.npaths == 0 && o.files_from == NULL) {
		log_error("batch wants a PATH or --files-from");
		goto out;
	}
	outputs = outputs_list(&o, &n);
	if (outputs_check(outputs, n, o.force) == -1 ||
	    (o.reports != NULL && pages_open(o.reports, o.force) == -1) ||
	    cases_list(&o, &cases) == -1 ||
	    (o.state != NULL && state_open(o.state) == -1) ||
	    (rules = options_rules(&o)) == NULL)
		goto out;
	options_job(&o, rules, &each);
	each.pages = o.reports != NULL;
	b.pages = o.reports;
	case_warm();
	cases_settings(&each, cases_version, *o.tables != '\0' ? o.tables :
	    NULL, settings);
	job.each = &each;
	job.jobs = o.jobs;
	job.state = o.state;
	job.settings = settings;
	job.shard = o.shard;
	job.shards = o.shards;
	b.at.all = cases.n;
	pool = pool_new(&job);
	status = EXIT_INCOMPLETE;
	if (pool != NULL)
		status = batch_run(&o, &b, pool, outputs, n);
out:
	if (pool != NULL)
		pool_free(pool);
	free(outputs);
	cases_clear(&cases);
	rules_free(rules);
	options_clear(&o);
	return status;
}

const struct command command_batch = {
	.name = "batch",
	.usage = "PATH...",
	.help = "judge many cases, each by itself",
	.formats = SUMMARY_FORMATS,
	.options = OPTIONS_CASE | OPTIONS_RULES | OPTIONS_REPORT |
	    OPTIONS_FORMAT | OPTIONS_BATCH | OPTIONS_DB,
	.run = run
};
