/*
 * The tables that a TrustedTpm.cab, laid out as evidence, makes together with
 * those in use.  Runs in the worker.  Relies on batch/case.h.
 */
#ifndef IMPORT_TABLES_H
#define IMPORT_TABLES_H

#include "batch/case.h"

/*
 * Writes "@NAME LENGTH\n" and the table for each of the five, then a report
 * of the same form; or "!" and why there are none.
 */
int	import_emit(struct evidence *, const struct judgement *, FILE *,
	    void *arg);

#endif
