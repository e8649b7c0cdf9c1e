/*
 * Walks JSON in place: every value knows its bytes, nothing is built, and
 * what is cut short is read up to there.  For files that are too large for a
 * tree.  Relies on evidence.h.  RFC 8259.
 */
#ifndef DECODE_JSON_WALK_H
#define DECODE_JSON_WALK_H

#include "evidence/evidence.h"

enum scan_type {
	SCAN_NONE, SCAN_OBJECT, SCAN_ARRAY, SCAN_STRING, SCAN_NUMBER,
	SCAN_TRUE, SCAN_FALSE, SCAN_NULL
};

struct scan_value {
	const struct blob *blob;
	enum scan_type	 type;
	struct span	 at;		/* of a string: between its quotes; of an
					   object or array: from its bracket
					   to the end of the blob */
	bool		 escapes;	/* a string that is not its bytes */
};

/* The outermost value; false: nothing of JSON begins there. */
bool	scan_root(const struct blob *, struct scan_value *);

struct scan {
	const struct blob *blob;
	struct scan_value last;		/* the value given last */
	size_t		 off;
	bool		 object, first;
	bool		 cut;		/* no closing bracket */
};

/* The members of an object or array; of anything else there are none. */
void	scan_open(struct scan *, const struct scan_value *);
/* key: of an object's members, may be NULL. */
bool	scan_next(struct scan *, struct scan_value *ret_key,
	    struct scan_value *);

/* A value with its own end, in the place of the blob's. */
struct scan_value scan_whole(struct scan_value);
/* Does it end before the blob does?  Else it may be cut. */
bool	scan_ends(const struct scan_value *);

bool	scan_key_is(const struct scan_value *key, const char *name);
/* A member by its name; the first of that name. */
bool	scan_get(const struct scan_value *object, const char *name,
	    struct scan_value *);
/* Undoes the escapes; `to` has room for the raw bytes.  Returns the length. */
size_t	scan_unescape(const uint8_t *p, size_t n, uint8_t *to);
/* A string without escapes, in the arena where there were some. */
const char *scan_text(struct evidence *, const struct scan_value *,
	    size_t *ret_n);
/* A number in thousandths; false for others. */
bool	scan_thousandths(const struct scan_value *, int64_t *);

#endif
