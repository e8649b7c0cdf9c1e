/*
 * A tree as text of 80 columns, or as JSON.
 * Relies on decode/tree.h and report/escape.h.
 */
#ifndef DECODE_SHOW_H
#define DECODE_SHOW_H

#include "decode/tree.h"
#include "report/escape.h"

/* `all` shows long values to their end. */
void	 tree_text(struct evidence *, const struct tree_node *, bool all,
	    FILE *);
/* Folds escaped text that begins in column `left`. */
void	 tree_fold(const char *, size_t, unsigned int left, FILE *);
json_t	*tree_json(struct evidence *, const struct tree_node *);

#endif
