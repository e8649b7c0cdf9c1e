/*
 * A walker over BER and DER that keeps offsets: definite and indefinite
 * lengths, bounded depth, cut input read as far as it goes.  It gives places;
 * meaning (names, keys, signatures) is asked from OpenSSL for those places.
 * Relies on evidence.h.  X.690.
 */
#ifndef EVIDENCE_DER_H
#define EVIDENCE_DER_H

#include "evidence/evidence.h"

enum der_class { DER_UNIVERSAL, DER_APPLICATION, DER_CONTEXT, DER_PRIVATE };

enum {
	DER_BOOLEAN = 1, DER_INTEGER = 2, DER_BIT_STRING = 3,
	DER_OCTET_STRING = 4, DER_NULL = 5, DER_OID = 6, DER_ENUMERATED = 10,
	DER_UTF8_STRING = 12, DER_SEQUENCE = 16, DER_SET = 17,
	DER_NUMERIC_STRING = 18, DER_PRINTABLE_STRING = 19,
	DER_T61_STRING = 20, DER_IA5_STRING = 22, DER_UTC_TIME = 23,
	DER_GENERALIZED_TIME = 24, DER_VISIBLE_STRING = 26,
	DER_UNIVERSAL_STRING = 28, DER_BMP_STRING = 30
};

/* One element.  All offsets are absolute in the blob. */
struct der {
	const struct blob *blob;
	enum der_class	 class;
	bool		 constructed;
	uint32_t	 tag;
	size_t		 off;		/* of the identifier octet */
	size_t		 body;		/* of the contents */
	size_t		 len;		/* of the contents, without 00 00 */
	size_t		 end;		/* after the element, with 00 00 */
	bool		 indefinite;
	bool		 cut;		/* the input ends inside: clamped */
	unsigned int	 depth;
};

/* Walks the elements of a range. */
struct der_iter {
	const struct blob *blob;
	size_t		 off, end;
	unsigned int	 depth;
	unsigned int	 max_depth;
	size_t		 nodes;		/* elements it may still read */
	bool		 limit;		/* it stopped at limits.der_* */
};

/* All of the blob, or the contents of an element. */
void	der_begin(struct der_iter *, const struct evidence *,
	    const struct blob *, struct span);
void	der_enter(struct der_iter *, const struct evidence *,
	    const struct der *);
/* The next element; false at the end or where no element can be read. */
bool	der_next(struct der_iter *, struct der *);
/* der_next() that also wants this; else the iterator does not move. */
bool	der_want(struct der_iter *, enum der_class, uint32_t tag, struct der *);
/* The element at the start of a span. */
bool	der_at(const struct evidence *, const struct blob *, struct span,
	    struct der *);

struct span	 der_span(const struct der *);		/* the whole TLV */
struct span	 der_body(const struct der *);		/* its contents */
const uint8_t	*der_bytes(const struct der *);		/* contents */
bool	der_is(const struct der *, enum der_class, uint32_t tag);

/* Dotted text; false if it is no OID or does not fit. */
bool	der_oid(const struct der *, char *buf, size_t size);
bool	der_oid_is(const struct der *, const char *dotted);
/* Up to 64 bits, signed. */
bool	der_int(const struct der *, int64_t *);
/* UTCTime or GeneralizedTime, zone offsets accepted; microseconds UTC. */
bool	der_time(const struct der *, int64_t *);
/*
 * Any string type as UTF-8 in the arena (BMPString, UniversalString and
 * T61String are converted; others are taken as they are).
 */
bool	der_text(struct evidence *, const struct der *, const char **, size_t *);
/*
 * Contents of an OCTET STRING: primitive ones as they are; constructed ones
 * are joined into malloc(3)ed *ret_joined, for ev_step().
 */
bool	der_octets(const struct evidence *, const struct der *,
	    uint8_t **ret_joined, size_t *ret_n);
/*
 * An X.501 Name as one line of RFC 4514 text in reading order of the DER
 * ("C=DE, O=Infineon Technologies AG, CN=..."), in the arena.  Multi-valued
 * RDNs join with " + ".  Unknown attribute types are shown by OID.
 */
bool	der_name(struct evidence *, const struct der *, const char **, size_t *);

#endif
