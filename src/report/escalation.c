/*
 * The escalation pack of --escalation: the block of every report in a file of
 * its own, also where nothing failed.  Relies on model.h.
 */
#include "report/model.h"

static int
escalation_write(const struct report *report, FILE *f)
{
	(void)fputs(model_new(report)->escalation.pack, f);
	return ferror(f) ? -1 : 0;
}

const struct reporter	reporter_escalation = {
	.name = "escalation",
	.suffix = ".txt",
	.write = escalation_write,
};
