/*
 * A bounded reader of a blob's bytes that never reads outside and always
 * knows where it is.  Relies on evidence.h.
 */
#ifndef EVIDENCE_CURSOR_H
#define EVIDENCE_CURSOR_H

#include "evidence/evidence.h"

struct cursor {
	const struct blob *blob;
	size_t		 off, end;	/* off <= end <= blob->n */
};

void		 cursor_init(struct cursor *, const struct blob *);
/* Within a span of the blob; clamped to it. */
void		 cursor_init_span(struct cursor *, const struct blob *,
		    struct span);
size_t		 cursor_left(const struct cursor *);
/* The next n bytes, without and with moving on; NULL when fewer are left. */
const uint8_t	*cursor_peek(const struct cursor *, size_t n);
const uint8_t	*cursor_take(struct cursor *, size_t n);
bool		 cursor_skip(struct cursor *, size_t n);
bool		 cursor_u8(struct cursor *, uint8_t *);
bool		 cursor_u16le(struct cursor *, uint16_t *);
bool		 cursor_u32le(struct cursor *, uint32_t *);
bool		 cursor_u64le(struct cursor *, uint64_t *);
bool		 cursor_u16be(struct cursor *, uint16_t *);
bool		 cursor_u32be(struct cursor *, uint32_t *);
/* The last n bytes before the cursor, as a citation. */
struct span	 cursor_behind(const struct cursor *, size_t n);

#endif
