/*
 * The full reports of a batch's cases, a file of HTML each in one folder, and
 * the links to them.  Relies on pool.h.
 */
#ifndef BATCH_PAGES_H
#define BATCH_PAGES_H

#include "batch/pool.h"

#define PAGE_NAME	"case-%06llu.html"	/* of the case's position */

/* Makes the folder; -1: said, also where it holds something and may not. */
int	pages_open(const char *dir, bool force);
/* Writes the page of a case, whole or not at all; -1: said. */
int	pages_write(const char *dir, const struct pool_result *);
/*
 * How a file (NULL: one in the current folder) links to the folder:
 * "../reports/", as it stands in an address; malloc()ed, NULL: said.
 */
char	*pages_link(const char *dir, const char *from);

#endif
