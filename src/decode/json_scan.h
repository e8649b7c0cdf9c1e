/*
 * Places in JSON text, which jansson does not tell.  Relies on evidence.h, and
 * on jansson having read the text without complaint before.  RFC 8259.
 */
#ifndef DECODE_JSON_SCAN_H
#define DECODE_JSON_SCAN_H

#include "evidence/evidence.h"

/* Bytes of a byte order mark in UTF-8 at the start, or 0. */
size_t	json_skip_bom(const struct blob *);
size_t	json_skip_blanks(const struct blob *, size_t off);
/*
 * The value of a member of the outermost object: of a string what stands
 * between its quotes, else the number or word.  Of two the last counts.
 */
bool	json_find_member(const struct blob *, const char *name,
	    struct span *ret);

#endif
