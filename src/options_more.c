/*
 * Options that one command alone has.
 * Relies on option_table.h.
 */
#include <stddef.h>

#include "option_table.h"

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
	{ .name = NULL }
};
