/* What the parts of the text report share.  Relies on model.h, page.h. */
#ifndef REPORT_TEXT_MORE_H
#define REPORT_TEXT_MORE_H

#include "report/model.h"
#include "report/page.h"

struct text_out {
	struct page	 page;
	struct model	*model;
};

/* A finding with at most `max` proofs; those shown are added to the list. */
void	text_finding(const struct text_out *, const struct row_finding *,
	    size_t max, struct list *shown);
/* The trees of --why (why_text.c). */
void	text_why(const struct text_out *);
/* What was not examined (text_gaps.c). */
void	text_gaps(const struct text_out *);
/* What -v adds. */
void	text_more(const struct text_out *);

#endif
