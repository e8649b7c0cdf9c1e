/*
 * Digests and signatures over bytes of a blob, checked by OpenSSL with the
 * key and the algorithms as they stand there.  Relies on der.h and libcrypto.
 */
#ifndef EVIDENCE_SIGNATURE_H
#define EVIDENCE_SIGNATURE_H

#include "evidence/der.h"

enum signature_state {
	SIGNATURE_VALID, SIGNATURE_INVALID,
	SIGNATURE_UNABLE	/* says nothing about the bytes */
};

#define DIGEST_MAX	64

/* Digest by name ("sha256"); false where OpenSSL has none of that name. */
bool	digest_bytes(const char *name, const void *p, size_t n,
	    uint8_t ret[DIGEST_MAX], size_t *ret_n);

/* The digest that a DigestAlgorithmIdentifier names, or NULL. */
const char *digest_name(const struct evidence *, const struct der *algorithm);

/*
 * What aiktriage redact writes over a signature that can no longer verify:
 * again and again, as far as there is room.  Such a one says nothing.
 */
#define REDACTED_SIGNATURE	"removed by aiktriage redact; "
bool	signature_redacted(const uint8_t *p, size_t n);

struct signature {
	struct der	 spki;		/* SubjectPublicKeyInfo */
	struct der	 digest;	/* AlgorithmIdentifier */
	struct der	 algorithm;	/* AlgorithmIdentifier */
	struct der	 value;		/* OCTET STRING */
};

/* ret_why is set where it is unable: "the key is RSA 16384". */
enum signature_state
	signature_check(struct evidence *, const struct signature *,
	    const void *p, size_t n, const char **ret_why);

#endif
