/*
 * Which certificate issued which, and whether the signature says so.
 * Relies on attempt.h and evidence/signature.h.
 */
#ifndef CORRELATE_SIGNATURES_H
#define CORRELATE_SIGNATURES_H

#include "decode/cert_more.h"
#include "evidence/signature.h"

extern const struct field	cert_signature_valid;	/* BOOL */
extern const struct field	cert_signature_by;	/* BYTES SHA-1 */

/* `other`: the evidence that the issuer stands in, NULL: the same. */
enum signature_state
	certificate_verify(struct evidence *, struct evidence *other,
	    const struct item *cert, const struct item *issuer);
/* By names in their normal form, and by key ids where both have them. */
bool	certificate_names(const struct item *issuer, const struct item *cert);

#endif
