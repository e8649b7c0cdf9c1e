/*
 * The command line of every command: lists of options, of which each command
 * takes the groups that its `options` name.
 * Relies on batch/case.h and getopt_long(3).
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "batch/case.h"
#include "batch/progress.h"
#include "batch/observe.h"
#include "command.h"

/* Groups of options that a command takes. */
enum {
	OPTIONS_CASE = 1,	/* limits, passwords, sandbox, --as-of */
	OPTIONS_RULES = 2,	/* --rules, --no-default-rules, --only */
	OPTIONS_REPORT = 4,	/* -o, --json, --color, --fail-on ... */
	OPTIONS_FORMAT = 8,	/* --format */
	OPTIONS_COMMON = 16,	/* --help, --quiet, -v: always taken */
	OPTIONS_DECODE = 32,	/* --at */
	OPTIONS_ONE = 64,	/* --escalation: one case alone */
	OPTIONS_OBSERVE = 128,	/* --progress, --time */
	OPTIONS_AUTHORITY = 4096,	/* --import, --to, --list-date */
	OPTIONS_BATCH = 8192,	/* -j, --case, --files-from, --state ... */
	OPTIONS_DB = 16384,	/* --db */
	OPTIONS_OUTPUT = 32768,	/* -o and --force alone */
	OPTIONS_MERGE = 65536,	/* --cases */
	OPTIONS_REDACT = 131072	/* --to, --map, --keep-unknown */
};

enum options_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct options_output {
	const struct reporter *reporter;	/* NULL: of a batch alone */
	char		 format[32];
	const char	*path;
};

struct options {
	const struct command *command;
	const char	*format;	/* of --format or --json; or NULL */
	struct options_output *outputs;	/* -o */
	size_t		 noutputs;
	bool		 force, csv_bom;
	enum options_color color;
	char		**passwords;
	size_t		 npasswords;
	const char	**key_files;	/* of --key */
	size_t		 nkey_files;
	struct key_ring	*keys;		/* what is in them, or NULL */
	const char	**rule_dirs;
	size_t		 nrule_dirs;
	bool		 no_default_rules;
	const char	**only;		/* rule ids */
	size_t		 nonly;
	const char	**why;		/* rule ids */
	size_t		 nwhy;
	enum severity	 min_severity, fail_on;
	bool		 fail_on_set;
	struct limits	 limits;
	int64_t		 as_of;
	bool		 require_sandbox, quiet, verbose;
	const char	*at;		/* --at, or NULL */
	const char	*import, *to;	/* of --import, or NULL */
	const char	*map;		/* of --map, or NULL */
	bool		 keep_unknown;
	const char	*data;		/* of --data, or NULL */
	bool		 list_date;
	const char	**certs;	/* --certs */
	size_t		 ncerts;
	char		 tables[4096];	/* the folder of --data's kind that was
					   loaded, or "" */
	unsigned int	 jobs;		/* 0: all processors */
	bool		 case_folders, nul;
	bool		 exit_batch;	/* --exit=batch */
	const char	*watch;		/* a folder, or NULL */
	uint64_t	 settle_s;	/* 0: not given */
	uint64_t	 cases;		/* --cases, 0: not asked for */
	const char	*files_from, *state, *db, *reports;	/* or NULL */
	uint64_t	 shard, shards;	/* from 0; shards 0: all */
	enum progress_kind progress;
	bool		 time;		/* --time */
	char		**paths;	/* what is left: operands */
	size_t		 npaths;
};

/*
 * Parses argv[1...] of a command.  -1: go on; else the exit status to end
 * with (after --help: 0; after a mistake, which was said: EXIT_USAGE).
 */
int	options_parse(struct options *, const struct command *, int argc,
	    char **argv);
void	options_clear(struct options *);
/* "aiktriage COMMAND USAGE", the help line and the options taken. */
void	options_help(const struct command *, FILE *);
/* "  LEFT   text", the text wrapped from that column on, in 80 columns. */
void	help_row(FILE *, unsigned int column, const char *left,
	    const char *text);
/*
 * The rules that the options ask for, loaded and checked; NULL after their
 * mistakes were written to standard error.
 */
struct rules	*options_rules(const struct options *);
/* A job with the case's options and operands; outputs are the caller's. */
void	options_job(const struct options *, const struct rules *,
	    struct case_job *);
/* Begins to observe a job with the options' progress and time. */
void	options_observe(const struct options *, struct case_job *,
	    struct observer *);
/* RFC 3339 or a date ("2023-03-29"), UTC; false if it is neither. */
bool	options_time(const char *, int64_t *ret_us);

#endif
