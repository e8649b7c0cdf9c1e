/*
 * Options that one command or few have, and the observer that two of them
 * ask for.
 * Relies on option_table.h.
 */
#include <stddef.h>
#include <string.h>

#include "option_table.h"

static int
set_progress(struct options *o, const struct option_info *info,
    const char *arg)
{
	/* "none" is the older name of never. */
	int i = strcmp(arg, "none") == 0 ? PROGRESS_NONE :
	    option_word(info, arg);

	if (i == -1)
		return OPTION_MISTAKE;
	o->progress = (enum progress_kind)i;
	return OPTION_SET;
}

const struct option_info options_more_list[] = {
	{ OPTIONS_AUTHORITY, 0, "list-date", NULL,
	    "show how far the lists reach",
	    option_true, offsetof(struct options, list_date) },
	{ OPTIONS_AUTHORITY, 0, "import", "CAB",
	    "make tables from a newer TrustedTpm.cab",
	    option_text, offsetof(struct options, import) },
	{ OPTIONS_AUTHORITY, 0, "to", "DIR",
	    "where --import writes them",
	    option_text, offsetof(struct options, to) },
	{ OPTIONS_DECODE, 0, "at", "MEMBER[@OFFSET]",
	    "decode what stands at this place of the case",
	    option_text, offsetof(struct options, at) },
	{ OPTIONS_REDACT, 0, "to", "DIR",
	    "the folder to write the case to",
	    option_text, offsetof(struct options, to) },
	{ OPTIONS_REDACT, 0, "map", "FILE",
	    "the private map of tokens; one that is there is gone on with",
	    option_text, offsetof(struct options, map) },
	{ OPTIONS_REDACT, 0, "keep-unknown", NULL,
	    "keep members of no known kind, searched for known values alone",
	    option_true, offsetof(struct options, keep_unknown) },
	{ OPTIONS_BATCH | OPTIONS_OBSERVE, 0, "progress",
	    "auto|bar|json|never", "how far it is, on standard error",
	    set_progress, 0 },
	{ OPTIONS_OBSERVE, 0, "time", NULL,
	    "where the time went, on standard error",
	    option_true, offsetof(struct options, time) },
	{ .name = NULL }
};

void
options_observe(const struct options *o, struct case_job *job,
    struct observer *observer)
{
	observer_begin(observer, o->progress == PROGRESS_AUTO && o->quiet ?
	    PROGRESS_NONE : o->progress, o->time, o->verbose);
	job->observer = observer;
}
