/*
 * Options of a batch: what is a case, how many at a time, which part, and
 * where results are kept.  Relies on option_table.h.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "option_table.h"

static int
set_case(struct options *o, const struct option_info *info, const char *arg)
{
	int i = option_word(info, arg);

	o->case_folders = i == 1;
	return i == -1 ? OPTION_MISTAKE : OPTION_SET;
}

static int
set_jobs(struct options *o, const struct option_info *info, const char *arg)
{
	uint64_t n;

	if (option_number(info, arg, 1024, &n) == -1)
		return OPTION_MISTAKE;
	o->jobs = (unsigned int)n;
	return OPTION_SET;
}

static int
set_timeout(struct options *o, const struct option_info *info,
    const char *arg)
{
	return option_number(info, arg, 1000000, &o->limits.wall_s);
}

/* "2/4" is the second of four. */
static int
set_shard(struct options *o, const struct option_info *info, const char *arg)
{
	const char *slash = strchr(arg, '/');
	char k[24];

	snprintf(k, sizeof(k), "%.*s", slash != NULL && slash - arg < 20 ?
	    (int)(slash - arg) : 0, arg);
	if (slash == NULL) {
		log_error("--shard: \"%s\", want K/N", arg);
		return OPTION_MISTAKE;
	}
	if (option_number(info, slash + 1, 1000000, &o->shards) == -1 ||
	    option_number(info, k, o->shards, &o->shard) == -1)
		return OPTION_MISTAKE;
	o->shard--;
	return OPTION_SET;
}

static int
set_exit(struct options *o, const struct option_info *info, const char *arg)
{
	int i = option_word(info, arg);

	o->exit_batch = i == 1;
	return i == -1 ? OPTION_MISTAKE : OPTION_SET;
}

static int
set_settle(struct options *o, const struct option_info *info,
    const char *arg)
{
	return option_number(info, arg, 86400, &o->settle_s);
}

static int
set_cases(struct options *o, const struct option_info *info, const char *arg)
{
	return option_number(info, arg, INT64_MAX, &o->cases);
}

const struct option_info options_batch_list[] = {
	{ OPTIONS_BATCH, 0, "case", "file|dir",
	    "what of a folder is a case: each file or each folder",
	    set_case, 0 },
	{ OPTIONS_BATCH, 0, "files-from", "FILE",
	    "cases from a list, one a line; - is standard input",
	    option_text, offsetof(struct options, files_from) },
	{ OPTIONS_BATCH, '0', "null", NULL,
	    "names in the list end with NUL",
	    option_true, offsetof(struct options, nul) },
	{ OPTIONS_BATCH, 'j', "jobs", "N",
	    "cases that are worked on at a time; all processors",
	    set_jobs, 0 },
	{ OPTIONS_BATCH, 0, "timeout", "SECONDS",
	    "for one case; the same as --limits wall_s=SECONDS",
	    set_timeout, 0 },
	{ OPTIONS_BATCH, 0, "state", "DIR",
	    "keep results there and do not do them again",
	    option_text, offsetof(struct options, state) },
	{ OPTIONS_DB, 0, "db", "FILE",
	    "write a database of SQLite",
	    option_text, offsetof(struct options, db) },
	{ OPTIONS_BATCH, 0, "shard", "K/N",
	    "only the cases of part K of N (from 1), by their content",
	    set_shard, 0 },
	{ OPTIONS_BATCH | OPTIONS_MERGE, 0, "reports", "DIR",
	    "full reports of HTML in a folder, linked from the page",
	    option_text, offsetof(struct options, reports) },
	{ OPTIONS_BATCH, 0, "exit", "cases|batch",
	    "what the exit status tells: the worst case, or whether all "
	    "have a row", set_exit, 0 },
	{ OPTIONS_BATCH, 0, "watch", "DIR",
	    "judge what arrives in this folder, until interrupted",
	    option_text, offsetof(struct options, watch) },
	{ OPTIONS_BATCH, 0, "settle", "SECONDS",
	    "with --watch: how long a folder must stay the same",
	    set_settle, 0 },
	{ OPTIONS_MERGE, 0, "cases", "N",
	    "want a result of each of N cases", set_cases, 0 },
	{ .name = NULL }
};
