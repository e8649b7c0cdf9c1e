/*
 * Certificate revocation lists: where their parts stand.
 * Relies on der.h.  RFC 5280, 5.1.
 */
#ifndef DECODE_CRL_H
#define DECODE_CRL_H

#include "evidence/der.h"

struct crl_parts {
	struct der	 whole, issuer, this_update, next_update, revoked;
	bool		 has_next, has_revoked;
};

/* false: the span holds no CRL; it may be cut behind thisUpdate. */
bool	crl_walk(const struct evidence *, const struct blob *, struct span,
	    struct crl_parts *);
/* The entry's serial that is this one; SPAN_NONE without. */
struct span	 crl_find(const struct evidence *, const struct crl_parts *,
	    const uint8_t *serial, size_t n, size_t *ret_entries);

#endif
