/*
 * Finds the reporter of a format.  Relies on the table that is made from
 * Makefile.am.
 */
#include "report/report.h"

#include <string.h>

const struct reporter *
reporter_find(const char *name)
{
	size_t	i;

	for (i = 0; reporters[i] != NULL; i++)
		if (strcmp(reporters[i]->name, name) == 0)
			return reporters[i];
	return NULL;
}
