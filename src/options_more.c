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
	{ .name = NULL }
};
