/*
 * Bytes of the evidence on their way into text, JSON and HTML: escaped once,
 * here, so that no control character, bidirectional mark or markup of a
 * hostile capture reaches a terminal or a browser.  Relies on arena.h and
 * jansson.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "evidence/arena.h"

#define CHARACTER_BAD	(-1)	/* a byte that is not UTF-8 */

/*
 * The character at p (n > 0) by RFC 3629: its code point and how many bytes it
 * has; CHARACTER_BAD and 1 where none begins.
 */
size_t	character_next(const char *p, size_t n, int32_t *ret_character);
/* Not to be shown as it is: controls, bidirectional and zero-width marks. */
bool	character_hidden(int32_t);
/* Columns that n bytes of escaped UTF-8 take. */
size_t	text_width(const char *p, size_t n);

/* For terminals and files: \x1b, \xff, \u202e.  In the arena. */
const char	*escape_text(struct arena *, const char *p, size_t n,
		    size_t *ret_n);

/* A JSON string; bytes that are not UTF-8 become U+FFFD. */
json_t	*json_text(const char *p, size_t n);
/* Writes sorted keys; hidden characters as \u escapes.  0 or -1. */
int	json_write(const json_t *, bool compact, FILE *);

/* Text for an HTML element or a quoted attribute. */
void	html_text(FILE *, const char *p, size_t n);
void	html_str(FILE *, const char *);		/* NUL-terminated */

#endif
