/*
 * Walks a CRL to its parts and looks for a serial among its entries.
 * Relies on der.h.  RFC 5280, 5.1:
 *   CertificateList ::= SEQUENCE { tbsCertList, algorithm, signature }
 *   TBSCertList ::= SEQUENCE { [version], signature, issuer, thisUpdate,
 *       [nextUpdate], [revokedCertificates], [0] extensions }
 */
#include <string.h>

#include "decode/crl.h"

static bool
take_time(struct der_iter *it, struct der *ret)
{
	return der_want(it, DER_UNIVERSAL, DER_UTC_TIME, ret) ||
	    der_want(it, DER_UNIVERSAL, DER_GENERALIZED_TIME, ret);
}

bool
crl_walk(const struct evidence *ev, const struct blob *b, struct span at,
    struct crl_parts *ret)
{
	struct der_iter it, inside;
	struct der tbs, part;

	memset(ret, 0, sizeof(*ret));
	if (at.len < 2 || b->p[at.off] != 0x30 ||
	    !der_at(ev, b, at, &ret->whole))
		return false;
	der_enter(&it, ev, &ret->whole);
	if (!der_want(&it, DER_UNIVERSAL, DER_SEQUENCE, &tbs))
		return false;
	der_enter(&inside, ev, &tbs);
	/* A certificate of version 1 has its serial here, and no time below. */
	der_want(&inside, DER_UNIVERSAL, DER_INTEGER, &part);
	if (!der_want(&inside, DER_UNIVERSAL, DER_SEQUENCE, &part) ||
	    !der_want(&inside, DER_UNIVERSAL, DER_SEQUENCE, &ret->issuer) ||
	    !take_time(&inside, &ret->this_update))
		return false;
	ret->has_next = take_time(&inside, &ret->next_update);
	ret->has_revoked = der_want(&inside, DER_UNIVERSAL, DER_SEQUENCE,
	    &ret->revoked);
	return true;
}

struct span
crl_find(const struct evidence *ev, const struct crl_parts *crl,
    const uint8_t *serial, size_t n, size_t *ret_entries)
{
	struct der_iter it, inside;
	struct der entry, number;
	struct span found = SPAN_NONE;

	*ret_entries = 0;
	if (!crl->has_revoked)
		return found;
	der_enter(&it, ev, &crl->revoked);
	while (der_want(&it, DER_UNIVERSAL, DER_SEQUENCE, &entry)) {
		der_enter(&inside, ev, &entry);
		if (!der_want(&inside, DER_UNIVERSAL, DER_INTEGER, &number) ||
		    number.cut)
			break;
		++*ret_entries;
		if (serial != NULL && number.len == n &&
		    memcmp(der_bytes(&number), serial, n) == 0)
			found = der_span(&number);
	}
	return found;
}
