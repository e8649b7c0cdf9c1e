/*
 * One case in a child process: the parent opens inputs and outputs and never
 * parses; the child limits and sandboxes itself, reads, judges and writes.
 * A crash, a limit or a timeout of the child becomes a report of its own.
 * Relies on report.h.
 */
#ifndef BATCH_CASE_H
#define BATCH_CASE_H

#include "report/report.h"

struct key_ring;
struct observer;

struct case_output {
	const struct reporter *reporter;
	const char	*path;		/* a file that is no input, or NULL */
	bool		 color;
	int		 fd;		/* set by case_run(): the report, from its
					   start, in memory; close it */
};

/*
 * For commands that want something else than a report (facts, rules test):
 * called in the child when all is judged; the judgement is NULL if the job
 * has no rules.  Writes to the job's emit_fd; 0 or -1.
 */
typedef int	 case_emit(struct evidence *, const struct judgement *, FILE *,
		    void *arg);

struct case_job {
	char		**paths;	/* files, directories, "-" */
	size_t		 npaths;
	const char	*const *certs;	/* more certificates: --certs */
	size_t		 ncerts;
	struct case_output *outputs;
	size_t		 noutputs;
	case_emit	*emit;		/* or NULL */
	void		*emit_arg;
	int		 emit_fd;
	const struct rules *rules;	/* NULL: nothing is judged */
	struct limits	 limits;
	int64_t		 as_of;		/* us UTC; 0: the capture's time */
	enum severity	 fail_on;
	bool		 fail_on_set;
	enum severity	 min_severity;	/* findings below it are not shown */
	const char	*const *only;	/* only these rules' findings */
	size_t		 nonly;
	const char	*const *why;	/* rules to explain */
	size_t		 nwhy;
	bool		 verbose, csv_bom, require_sandbox;
	unsigned int	 columns;
	const char *const *passwords;	/* tried in turn */
	size_t		 npasswords;
	const struct key_ring *keys;	/* that open envelopes, or NULL */
	bool		 pages;		/* of a batch: reports of HTML, too */
	struct observer	*observer;	/* who wants to see it work, or NULL */
	/* Of a batch: what cannot be read gets a report, too, and what a
	   worker wrote is looked at before it is believed; or NULL. */
	bool		 (*sound)(const struct case_job *);
	/* Why no worker is begun, as the report of it says; or NULL. */
	const char	*lost;
};

/* The row a child sends back; also made by the parent for a dead child. */
struct case_result {
	int		 exit_status;
	enum outcome	 outcome;
	char		 cause[64];	/* rule id or "" */
	enum confidence	 confidence;
	char		 died[128];	/* "" or why the worker ended */
};

/* Default limits, 80 columns, nothing else set. */
void	case_job_init(struct case_job *);
/* Libraries made ready once, before the first fork. */
void	case_warm(void);
/* 0, or -1 when nothing was analysed (said with log_error). */
int	case_run(const struct case_job *, struct case_result *);
/* Writes a finished report to a descriptor; -1 with errno. */
int	case_output_copy(const struct case_output *, int to);

/*
 * The same pipeline in this process and without any protection, for unit
 * tests and fuzzers: reads, decodes and correlates.  The evidence is the
 * caller's; -1 if a path could not be opened.
 */
int	case_evidence(struct evidence *, char *const *paths, size_t npaths,
	    int64_t as_of);

#endif
