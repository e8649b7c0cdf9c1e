/*
 * A text page of a given width: words wrapped by the columns they take, bytes
 * of the evidence escaped, colours only where they are wanted.
 * Relies on escape.h.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "knowledge/knowledge.h"
#include "report/escape.h"

enum color {
	COLOR_NONE, COLOR_BOLD, COLOR_DIM, COLOR_RED, COLOR_YELLOW,
	COLOR_GREEN, COLOR_CYAN
};

struct page {
	FILE		*f;
	struct arena	*arena;
	unsigned int	 columns;
	bool		 color;
};

/* An empty line and a heading. */
void	page_heading(const struct page *, const char *);
/*
 * A paragraph: `label` in the column `at`, the text from column `indent` on,
 * wrapped.  Without a label the first line begins at `at`.  Newlines in the
 * text count as blanks.
 */
void	page_text(const struct page *, unsigned int at, const char *label,
	    enum color label_color, unsigned int indent, enum color,
	    struct str);
/* The same with a text that is made like printf(3). */
void	page_printf(const struct page *, unsigned int indent, const char *fmt,
	    ...) __attribute__((format(printf, 3, 4)));
/* One line, cut with "..." where it is too long. */
void	page_line(const struct page *, unsigned int indent, enum color,
	    struct str);

#endif
