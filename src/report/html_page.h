/*
 * What all HTML pages of the program share: the frame with its strict
 * content security policy, the style sheet and the one script that there is.
 * Relies on escape.h for all text.
 */
#ifndef REPORT_HTML_PAGE_H
#define REPORT_HTML_PAGE_H

#include "report/escape.h"

/*
 * Classes: badge (with failed, succeeded, undetermined, symptom, mechanism,
 * cause, soft), ok, warning, error, soft, scroll (around wide tables and
 * drawings), nowrap and id (of cells), proof (of lists), wrap (of pre).
 * SVG: small, bold, badtext, bar, barold, barbad, box, grid, now.
 */
extern const char	html_style[];

/*
 * From the doctype to the link that skips to "#main", which the caller opens
 * as <main id="main">.  The policy allows the two strings of this module and
 * nothing else: no attribute style=, no handler on..=, no image.
 */
void	html_begin(FILE *, const char *title, const char *version);
/* The same, which also allows a style sheet, written here, and a script, which
   the caller writes; or NULL. */
void	html_begin_more(FILE *, const char *title, const char *version,
	    const char *more_style, const char *more_script);
/*
 * "<pre id=ID>" of that text, with a button that copies it where scripts may
 * run; without them the page has no button.
 */
void	html_copy(FILE *, const char *id, const char *label, const char *text);
/*
 * A table that scrolls by itself where it is too wide, reachable by keyboard:
 * its name for those who do not see it, and the heads of its columns.  Rows
 * are the caller's: "<tr><th scope="row">...".
 */
void	html_table(FILE *, const char *label, const char *const columns[],
	    size_t ncolumns);
void	html_table_end(FILE *);
/* The script, and the end of the page; </main> is the caller's. */
void	html_end(FILE *);

#endif
