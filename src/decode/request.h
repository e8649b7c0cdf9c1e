/*
 * The parts of a PKCS#10 certificate request by place, also of a damaged one,
 * and the hash that an AIK request has in place of a signature.
 * Relies on der.h; RFC 2986 4, MS-WCCE 3.1.2.4.2.2.2.10.
 */
#ifndef DECODE_REQUEST_H
#define DECODE_REQUEST_H

#include "evidence/der.h"

/* An absent part has no blob. */
struct request_parts {
	struct der	 outer, info;
	struct der	 version, subject, spki;
	struct der	 key;		/* BIT STRING inside spki */
	struct der	 attributes;	/* [0] */
	struct der	 algorithm, signature;
};

/* false: it has not the shape of a request. */
bool	request_walk(const struct evidence *, const struct blob *, struct span,
	    struct request_parts *);

/* The bytes of the key: of RSA the modulus, of EC the point behind 04. */
bool	request_key(const struct evidence *, const struct request_parts *,
	    bool *ret_rsa, struct span *ret_at);

/* false: the algorithm is no digest alone, or OpenSSL has none of its name. */
bool	request_hash(const struct evidence *, const struct request_parts *,
	    bool *ret_valid);

#endif
