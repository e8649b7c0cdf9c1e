/*
 * What a TPM attestation can prove by itself: names, hashes and the signature
 * with the key that it attests.  Relies on tpm.h and evidence/signature.h;
 * TPM 2.0 Library Part 1, 16 (names) and 31 (attestation).
 */
#ifndef DECODE_TPM_CHECK_H
#define DECODE_TPM_CHECK_H

#include "decode/tpm.h"
#include "evidence/signature.h"

/* The checks of a statement whose paths begin with prefix ("idBinding."). */
struct tpm_checks {
	/* SIGNATURE_UNABLE where the parts are not there */
	enum signature_state name;	/* objectName = nameAlg, hash(public) */
	enum signature_state creation;	/* creationHash = hash(creation) */
	enum signature_state signature;	/* by the key of the public area */
	const char	*why;		/* the signature is not checkable */
};

void	tpm_check(struct evidence *, const struct tpm_tree *,
	    const char *prefix, struct tpm_checks *);

#endif
