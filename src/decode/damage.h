/*
 * What went wrong with a damaged DER message, and what can still be found in
 * it by its bytes alone.  Relies on der.h.
 */
#ifndef DECODE_DAMAGE_H
#define DECODE_DAMAGE_H

#include "evidence/der.h"

/*
 * "text": a tool stored the bytes as text (U+FFFD, or each byte as UTF-8);
 * "line-ends": every LF became CRLF; "cut": the input ends too early;
 * "structure": anything else.
 */
const char	*damage_kind(const struct blob *, bool cut);

/*
 * The next certificate (from *off) by its first bytes, for messages whose
 * structure is lost; *off moves on.  Only whole ones.
 */
bool		 damage_certificate(const struct blob *, size_t *off,
		    struct span *);
/* From the first SCEP attribute to the end; false if there is none. */
bool		 damage_attributes(const struct blob *, size_t from,
		    struct span *);

#endif
