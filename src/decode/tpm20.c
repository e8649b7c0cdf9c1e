/*
 * The TPM 2.0 structures of an attestation, big-endian: public areas,
 * creation data, attestations, signatures, credentials.
 * Relies on decode/tpm_read.h; TPM 2.0 Library Part 2, sections 10 to 12.
 */
#include "decode/tpm_read.h"

#define ALG_RSA		0x0001
#define ALG_HMAC	0x0005
#define ALG_KEYEDHASH	0x0008
#define ALG_XOR		0x000a
#define ALG_NULL	0x0010
#define ALG_RSASSA	0x0014
#define ALG_RSAES	0x0015
#define ALG_RSAPSS	0x0016
#define ALG_ECDSA	0x0018
#define ALG_ECDAA	0x001a
#define ALG_SM2		0x001b
#define ALG_ECSCHNORR	0x001c
#define ALG_ECC		0x0023
#define ALG_SYMCIPHER	0x0025

#define LIST_MAX	64	/* entries of a list that are read */

static uint64_t
alg(struct tpm_reader *r, const char *name, const char *type)
{
	return tpm_big(r, name, type, 2, tpm_name_alg);
}

/* ---- TPMT_PUBLIC ---- */

/* TPMT_SYM_DEF_OBJECT */
static void
symmetric_read(struct tpm_reader *r)
{
	if (alg(r, "symmetric", "TPMI_ALG_SYM_OBJECT") == ALG_NULL)
		return;
	tpm_big(r, "symmetric.keyBits", "TPMI_KEY_BITS", 2, NULL);
	tpm_big(r, "symmetric.mode", "TPMI_ALG_SYM_MODE", 2, tpm_name_alg);
}

static void
scheme_read(struct tpm_reader *r, const char *type)
{
	uint64_t scheme = alg(r, "scheme", type);

	if (r->bad || scheme == ALG_NULL || scheme == ALG_RSAES)
		return;
	alg(r, "scheme.hashAlg", "TPMI_ALG_HASH");
	if (scheme == ALG_ECDAA)
		tpm_big(r, "scheme.count", "UINT16", 2, NULL);
	if (scheme == ALG_XOR)
		alg(r, "scheme.kdf", "TPMI_ALG_KDF");
}

static void
parameters_read(struct tpm_reader *r, uint64_t type)
{
	switch (type) {
	case ALG_RSA:
		symmetric_read(r);
		scheme_read(r, "TPMI_ALG_RSA_SCHEME");
		tpm_big(r, "keyBits", "TPMI_RSA_KEY_BITS", 2, NULL);
		tpm_big(r, "exponent", "UINT32", 4, tpm_name_exponent);
		break;
	case ALG_ECC:
		symmetric_read(r);
		scheme_read(r, "TPMI_ALG_ECC_SCHEME");
		tpm_big(r, "curveID", "TPMI_ECC_CURVE", 2, tpm_name_curve);
		if (alg(r, "kdf", "TPMI_ALG_KDF") != ALG_NULL)
			alg(r, "kdf.hashAlg", "TPMI_ALG_HASH");
		break;
	case ALG_KEYEDHASH:
		scheme_read(r, "TPMI_ALG_KEYEDHASH_SCHEME");
		break;
	case ALG_SYMCIPHER:
		symmetric_read(r);
		break;
	default:
		tpm_bad(r, "it is no type of key that is known");
	}
}

void
tpm_public_read(struct tpm_reader *r)
{
	uint64_t n = tpm_big(r, "public.size", "UINT16", 2, NULL), type;
	struct tpm_group g = tpm_enter_sized(r, "public", "TPMT_PUBLIC", n);
	struct tpm_group in;

	type = alg(r, "type", "TPMI_ALG_PUBLIC");
	alg(r, "nameAlg", "TPMI_ALG_HASH");
	tpm_big(r, "objectAttributes", "TPMA_OBJECT", 4, tpm_name_object);
	tpm_buffer(r, "authPolicy", "TPM2B_DIGEST");
	in = tpm_enter(r, "parameters", "TPMU_PUBLIC_PARMS");
	if (!r->bad)
		parameters_read(r, type);
	tpm_leave(r, &in);
	if (type == ALG_ECC) {
		in = tpm_enter(r, "unique", "TPMS_ECC_POINT");
		tpm_buffer(r, "x", "TPM2B_ECC_PARAMETER");
		tpm_buffer(r, "y", "TPM2B_ECC_PARAMETER");
		tpm_leave(r, &in);
	} else {
		tpm_buffer(r, "unique", type == ALG_RSA ?
		    "TPM2B_PUBLIC_KEY_RSA" : "TPM2B_DIGEST");
	}
	tpm_leave(r, &g);
}

/* ---- TPMS_CREATION_DATA ---- */

/* TPML_PCR_SELECTION */
static void
selection_read(struct tpm_reader *r)
{
	struct tpm_group g = tpm_enter(r, "pcrSelect", "TPML_PCR_SELECTION");
	uint64_t n = tpm_big(r, "count", "UINT32", 4, NULL), i, size;
	struct tpm_group in;

	if (n > LIST_MAX)
		tpm_bad(r, "it selects PCRs of too many banks");
	for (i = 0; i < n && !r->bad; i++) {
		in = tpm_enter(r, "pcrSelections", "TPMS_PCR_SELECTION");
		alg(r, "hash", "TPMI_ALG_HASH");
		size = tpm_big(r, "sizeofSelect", "UINT8", 1, NULL);
		tpm_bytes(r, "pcrSelect", "BYTE[]", size);
		tpm_leave(r, &in);
	}
	tpm_leave(r, &g);
}

void
tpm_creation_read(struct tpm_reader *r)
{
	uint64_t n = tpm_big(r, "creationData.size", "UINT16", 2, NULL);
	struct tpm_group g = tpm_enter_sized(r, "creationData",
	    "TPMS_CREATION_DATA", n);

	selection_read(r);
	tpm_buffer(r, "pcrDigest", "TPM2B_DIGEST");
	tpm_big(r, "locality", "TPMA_LOCALITY", 1, tpm_name_locality);
	alg(r, "parentNameAlg", "TPM_ALG_ID");
	tpm_buffer(r, "parentName", "TPM2B_NAME");
	tpm_buffer(r, "parentQualifiedName", "TPM2B_NAME");
	tpm_buffer(r, "outsideInfo", "TPM2B_DATA");
	tpm_leave(r, &g);
}

/* ---- TPMS_ATTEST ---- */

static void
clock_read(struct tpm_reader *r)
{
	struct tpm_group g = tpm_enter(r, "clockInfo", "TPMS_CLOCK_INFO");

	tpm_big(r, "clock", "UINT64", 8, tpm_name_clock);
	tpm_big(r, "resetCount", "UINT32", 4, NULL);
	tpm_big(r, "restartCount", "UINT32", 4, NULL);
	tpm_big(r, "safe", "TPMI_YES_NO", 1, tpm_name_yes);
	tpm_leave(r, &g);
}

static void
attested_read(struct tpm_reader *r, uint64_t type)
{
	switch (type) {
	case 0x801a:
		tpm_buffer(r, "objectName", "TPM2B_NAME");
		tpm_buffer(r, "creationHash", "TPM2B_DIGEST");
		break;
	case 0x8017:
		tpm_buffer(r, "name", "TPM2B_NAME");
		tpm_buffer(r, "qualifiedName", "TPM2B_NAME");
		break;
	case 0x8018:
		selection_read(r);
		tpm_buffer(r, "pcrDigest", "TPM2B_DIGEST");
		break;
	case 0x8016:
		tpm_big(r, "exclusiveSession", "TPMI_YES_NO", 1, tpm_name_yes);
		tpm_buffer(r, "sessionDigest", "TPM2B_DIGEST");
		break;
	case 0x8015:
		tpm_big(r, "auditCounter", "UINT64", 8, NULL);
		alg(r, "digestAlg", "TPM_ALG_ID");
		tpm_buffer(r, "auditDigest", "TPM2B_DIGEST");
		tpm_buffer(r, "commandDigest", "TPM2B_DIGEST");
		break;
	case 0x8019:
		tpm_big(r, "time", "UINT64", 8, tpm_name_clock);
		clock_read(r);
		tpm_big(r, "firmwareVersion", "UINT64", 8, tpm_name_firmware);
		break;
	case 0x8014:
		tpm_buffer(r, "indexName", "TPM2B_NAME");
		tpm_big(r, "offset", "UINT16", 2, NULL);
		tpm_buffer(r, "nvContents", "TPM2B_MAX_NV_BUFFER");
		break;
	default:
		tpm_bad(r, "it is no type of attestation that is known");
	}
}

static void
attest_fields(struct tpm_reader *r)
{
	struct tpm_group g;
	uint64_t type;

	tpm_big(r, "magic", "TPM_GENERATED", 4, tpm_name_magic);
	type = tpm_big(r, "type", "TPMI_ST_ATTEST", 2, tpm_name_attest);
	tpm_buffer(r, "qualifiedSigner", "TPM2B_NAME");
	tpm_buffer(r, "extraData", "TPM2B_DATA");
	clock_read(r);
	tpm_big(r, "firmwareVersion", "UINT64", 8, tpm_name_firmware);
	g = tpm_enter(r, "attested", "TPMU_ATTEST");
	if (!r->bad)
		attested_read(r, type);
	tpm_leave(r, &g);
}

void
tpm_attest_read(struct tpm_reader *r)
{
	struct tpm_group g = tpm_enter(r, "attest", "TPMS_ATTEST");

	attest_fields(r);
	tpm_leave(r, &g);
}

void
tpm_attest_sized_read(struct tpm_reader *r)
{
	uint64_t n = tpm_big(r, "attest.size", "UINT16", 2, NULL);
	struct tpm_group g = tpm_enter_sized(r, "attest", "TPMS_ATTEST", n);

	attest_fields(r);
	tpm_leave(r, &g);
}

/* ---- TPMT_SIGNATURE ---- */

void
tpm_signature_read(struct tpm_reader *r)
{
	struct tpm_group g = tpm_enter(r, "signature", "TPMT_SIGNATURE");

	switch (alg(r, "sigAlg", "TPMI_ALG_SIG_SCHEME")) {
	case ALG_RSASSA:
	case ALG_RSAPSS:
		alg(r, "hash", "TPMI_ALG_HASH");
		tpm_buffer(r, "sig", "TPM2B_PUBLIC_KEY_RSA");
		break;
	case ALG_ECDSA:
	case ALG_ECDAA:
	case ALG_SM2:
	case ALG_ECSCHNORR:
		alg(r, "hash", "TPMI_ALG_HASH");
		tpm_buffer(r, "signatureR", "TPM2B_ECC_PARAMETER");
		tpm_buffer(r, "signatureS", "TPM2B_ECC_PARAMETER");
		break;
	case ALG_HMAC:
		alg(r, "hash", "TPMI_ALG_HASH");
		tpm_bytes(r, "digest", "TPMU_HA", cursor_left(&r->c));
		break;
	case ALG_NULL:
		break;
	default:
		tpm_bad(r, "it is no signature scheme that is known");
	}
	tpm_leave(r, &g);
}

/* ---- TPM2B_ID_OBJECT ---- */

void
tpm_id_object_read(struct tpm_reader *r)
{
	uint64_t n = tpm_big(r, "credentialBlob.size", "UINT16", 2, NULL);
	struct tpm_group g = tpm_enter_sized(r, "credentialBlob",
	    "TPMS_ID_OBJECT", n);

	tpm_buffer(r, "integrityHMAC", "TPM2B_DIGEST");
	tpm_bytes(r, "encIdentity", "TPM2B_DIGEST, encrypted",
	    cursor_left(&r->c));
	tpm_leave(r, &g);
}
