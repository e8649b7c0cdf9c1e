/*
 * One rule file.  Relies on internal.h.
 */
#ifndef JUDGE_RULE_FILE_H
#define JUDGE_RULE_FILE_H

#include "judge/internal.h"

#define RULE_ID_MAX	63

/* NULL after mistakes, which were said.  The text must live on. */
struct rule	*rule_read(struct arena *, struct source *);
/* The id that a file's text or name gives, without reading it all. */
void		 rule_id_of_text(const char *file, const char *p, size_t n,
		    char ret_id[RULE_ID_MAX + 1]);

#endif
