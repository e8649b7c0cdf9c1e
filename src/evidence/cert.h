/*
 * The parts of an X.509 certificate by place, also where OpenSSL refuses the
 * certificate or its end is cut off.  Relies on der.h; RFC 5280 4.1.
 */
#ifndef EVIDENCE_CERT_H
#define EVIDENCE_CERT_H

#include "evidence/der.h"

/* An absent part has no blob. */
struct cert_parts {
	struct der	 cert, tbs;
	struct der	 version;	/* INTEGER inside [0] */
	struct der	 serial;
	struct der	 algorithm;	/* AlgorithmIdentifier of tbs */
	struct der	 issuer;
	struct der	 not_before, not_after;
	struct der	 subject;
	struct der	 spki;
	struct der	 extensions;	/* SEQUENCE inside [3] */
	struct der	 outer_algorithm;
	struct der	 signature;	/* BIT STRING */
	bool		 cut;		/* the input ends inside */
	bool		 complete;	/* up to the signature */
};

#define CERT_HAS(part)	((part).blob != NULL)

/*
 * Reads as far as it goes.  Returns how much is certificate-shaped: 0 nothing,
 * 1 two nested SEQUENCEs, 2 with [0] version and serial, 3 with validity.
 */
int	cert_walk(const struct evidence *, const struct blob *, struct span,
	    struct cert_parts *);

/* An Extension: its OID and the OCTET STRING with the value. */
struct cert_extension {
	struct der	 whole, oid, critical, value;
};
bool	cert_extension_next(const struct evidence *, struct der_iter *,
	    struct cert_extension *);
/* The element inside the value of the extension of that OID. */
bool	cert_extension_find(const struct evidence *,
	    const struct cert_parts *, const char *dotted, struct der *);

/* "RSA 2048", "EC P-256"; bits is 0 where it has no meaning. */
struct cert_key {
	char		 text[64];
	unsigned int	 bits;
	bool		 named;		/* EC: a named curve */
	bool		 rsa, ec;
	unsigned int	 exponent_bits;	/* RSA */
};
bool	cert_key_read(const struct evidence *, const struct der *spki,
	    struct cert_key *);

/*
 * A Name for comparing: its text in lower case with single blanks, whatever
 * string types it is encoded in (RFC 5280 7.1, without its tables).  In the
 * arena.
 */
bool	name_normal(struct evidence *, const struct der *name,
	    const char **ret_p, size_t *ret_n);

#endif
