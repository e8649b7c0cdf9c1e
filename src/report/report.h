/*
 * What a reporter gets and how it is registered.  A reporter only writes: it
 * computes nothing that another format would not say too.
 * Relies on judge.h.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "judge/judge.h"

struct report {
	struct evidence		*ev;
	const struct judgement	*judgement;
	const struct rules	*rules;
	const char	*const *why;	/* rules whose trees are shown */
	size_t		 nwhy;
	bool		 verbose;
	bool		 csv_bom;	/* CSV begins with U+FEFF */
	bool		 color;
	unsigned int	 columns;	/* of the text report, 80 */
	int		 exit_status;	/* what the program will end with */
	struct model	**model;	/* made once for all formats; or NULL */
};

struct reporter {
	const char	*name;		/* "text", "json", "html" */
	const char	*suffix;	/* ".json" */
	int		 (*write)(const struct report *, FILE *);  /* 0 or -1 */
};

extern const struct reporter *const	reporters[];	/* NULL-terminated */
/* No format of its own: the file of --escalation. */
extern const struct reporter	reporter_escalation;
const struct reporter	*reporter_find(const char *name);

#endif
