/*
 * The codings that HTTP puts on a body, by name, and how each is undone.
 * Relies on zlib, brotli, and libarchive for zstd.
 */
#ifndef DECODE_ENCODING_H
#define DECODE_ENCODING_H

#include <stddef.h>
#include <stdint.h>

/* The content; p is of malloc(3). */
struct output {
	uint8_t		*p;
	size_t		 n, size;
	size_t		 most;		/* what it may grow to */
};

enum decoded {
	DECODED,
	CUT,			/* it ends early; what there is was read */
	NOT_SO,			/* the bytes have not this encoding */
	OVER,			/* there is more than fits */
	UNKNOWN			/* nothing here can undo it */
};

struct encoding {
	const char	*name;
	const char	*how;		/* the word for the step; NULL: none */
	enum decoded	 (*decode)(const uint8_t *, size_t, struct output *);
};

/* By name, of either case; NULL: not known. */
const struct encoding *encoding_find(const uint8_t *name, size_t n);

#endif
