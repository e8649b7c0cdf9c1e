/*
 * TPM structures as Windows sends them for an attestation, field by field
 * with the TCG's names, types and places: statement (KAST), challenge (TACH),
 * Microsoft's key blob (PCPM), and the TPM 2.0 structures inside.
 * Relies on cursor.h; TPM 2.0 Library Part 2, MS-WCCE 2.2.2.5.
 */
#ifndef DECODE_TPM_H
#define DECODE_TPM_H

#include "evidence/evidence.h"

/* One field, or a structure that holds those after it of greater depth. */
struct tpm_node {
	const char	*path;		/* "idBinding.public.nameAlg" */
	const char	*name;		/* last part of the path */
	const char	*type;		/* "TPMI_ALG_HASH" */
	struct span	 at;		/* of a TPM2B's buffer without its size */
	unsigned int	 depth;
	bool		 group;		/* a structure */
	bool		 is_number;
	uint64_t	 number;
	const char	*meaning;	/* "sha256", "7.85.4555.0"; or NULL */
};

/* What was read; broken and why say where and why it ended too early. */
struct tpm_tree {
	struct tpm_node	*v;		/* in the order of the bytes */
	size_t		 n;
	struct span	 broken;	/* SPAN_NONE: nothing is broken */
	const char	*why;
};

enum tpm_structure {
	TPM_KAST,			/* attestation statement */
	TPM_TACH,			/* challenge */
	TPM_KADS,			/* key attestation inside KAST */
	TPM_PCPM,			/* Microsoft's key blob */
	TPM_PUBLIC,			/* TPM2B_PUBLIC */
	TPM_CREATION_DATA,		/* TPM2B_CREATION_DATA */
	TPM_ATTEST,			/* TPMS_ATTEST */
	TPM_SIGNATURE,			/* TPMT_SIGNATURE */
	TPM_ID_OBJECT,			/* TPM2B_ID_OBJECT */
	TPM_ENCRYPTED_SECRET,		/* TPM2B_ENCRYPTED_SECRET */
	TPM_STRUCTURES
};

/* The structure that these first bytes are, by their magic and header. */
bool	tpm_looks_like(const uint8_t *, size_t, enum tpm_structure *ret);

/* Reads as far as it goes; false where something is broken. */
bool	tpm_read(struct evidence *, const struct blob *, struct span,
	    enum tpm_structure, struct tpm_tree *ret);
const struct tpm_node *tpm_find(const struct tpm_tree *, const char *path);

/* "KAST attestation statement"; what a structure is for people. */
const char *tpm_structure_name(enum tpm_structure);

/* "sha256", "RSA", "RSASSA"; NULL for an unknown TPM_ALG_ID. */
const char *tpm_alg(uint64_t);
/* OpenSSL's name of a digest, or NULL. */
const char *tpm_digest(uint64_t alg);
/* What a policy digest is known as, or NULL. */
const char *tpm_policy(const uint8_t *, size_t);
/* The names of TPMA_OBJECT's bits: TPM_OBJECT_BITS of them, NULL reserved. */
#define TPM_OBJECT_BITS	32
extern const char *const tpm_object_bits[TPM_OBJECT_BITS];

#endif
