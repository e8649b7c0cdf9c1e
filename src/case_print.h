/*
 * A case whose worker prints something else than a report.
 * Relies on options.h.
 */
#ifndef CASE_PRINT_H
#define CASE_PRINT_H

#include "options.h"

/*
 * Runs the case of the options without rules and copies what the emitter
 * wrote to standard output; the exit status.  Where it wrote nothing and
 * nothing went wrong, the text is said and the other status taken; NULL: to
 * write nothing is right.
 */
int	case_print(const struct options *, const char *name, case_emit *,
	    void *arg, const char *nothing, int nothing_status);

#endif
