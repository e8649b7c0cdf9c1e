/*
 * Names of the numbers in TPM structures: algorithms, curves, attributes,
 * kinds of attestation, policies.  Relies on decode/tpm_read.h; TCG Algorithm
 * Registry, TPM 2.0 Library Part 2.
 */
#include <string.h>

#include "decode/tpm_read.h"

static const struct {
	uint16_t	 id;
	const char	*name, *digest;
} algorithms[] = {
	{ 0x0001, "RSA", NULL },
	{ 0x0003, "TDES", NULL },
	{ 0x0004, "sha1", "sha1" },
	{ 0x0005, "HMAC", NULL },
	{ 0x0006, "AES", NULL },
	{ 0x0007, "MGF1", NULL },
	{ 0x0008, "keyedhash", NULL },
	{ 0x000a, "XOR", NULL },
	{ 0x000b, "sha256", "sha256" },
	{ 0x000c, "sha384", "sha384" },
	{ 0x000d, "sha512", "sha512" },
	{ 0x0010, "none", NULL },
	{ 0x0012, "sm3-256", "sm3" },
	{ 0x0013, "SM4", NULL },
	{ 0x0014, "RSASSA", NULL },
	{ 0x0015, "RSAES", NULL },
	{ 0x0016, "RSAPSS", NULL },
	{ 0x0017, "OAEP", NULL },
	{ 0x0018, "ECDSA", NULL },
	{ 0x0019, "ECDH", NULL },
	{ 0x001a, "ECDAA", NULL },
	{ 0x001b, "SM2", NULL },
	{ 0x001c, "ECSCHNORR", NULL },
	{ 0x001d, "ECMQV", NULL },
	{ 0x0020, "KDF1_SP800_56A", NULL },
	{ 0x0021, "KDF2", NULL },
	{ 0x0022, "KDF1_SP800_108", NULL },
	{ 0x0023, "ECC", NULL },
	{ 0x0025, "symcipher", NULL },
	{ 0x0026, "Camellia", NULL },
	{ 0x0027, "sha3-256", "sha3-256" },
	{ 0x0028, "sha3-384", "sha3-384" },
	{ 0x0029, "sha3-512", "sha3-512" },
	{ 0x0040, "CTR", NULL },
	{ 0x0041, "OFB", NULL },
	{ 0x0042, "CBC", NULL },
	{ 0x0043, "CFB", NULL },
	{ 0x0044, "ECB", NULL },
};

const char *
tpm_alg(uint64_t id)
{
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].id == id)
			return algorithms[i].name;
	return NULL;
}

const char *
tpm_digest(uint64_t id)
{
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].id == id)
			return algorithms[i].digest;
	return NULL;
}

static const char *
name_of(const struct named *table, uint64_t v)
{
	for (; table->name != NULL; table++)
		if ((uint64_t)table->value == v)
			return table->name;
	return NULL;
}

const char *
tpm_name_alg(struct evidence *ev, uint64_t v)
{
	(void)ev;
	return tpm_alg(v);
}

const char *
tpm_name_curve(struct evidence *ev, uint64_t v)
{
	static const struct named curves[] = {
		{ 0x0001, "P-192" }, { 0x0002, "P-224" }, { 0x0003, "P-256" },
		{ 0x0004, "P-384" }, { 0x0005, "P-521" }, { 0x0010, "BN-P256" },
		{ 0x0011, "BN-P638" }, { 0x0020, "SM2" }, { 0, NULL }
	};

	(void)ev;
	return name_of(curves, v);
}

const char *
tpm_name_attest(struct evidence *ev, uint64_t v)
{
	static const struct named types[] = {
		{ 0x8014, "NV" }, { 0x8015, "command audit" },
		{ 0x8016, "session audit" }, { 0x8017, "certify" },
		{ 0x8018, "quote" }, { 0x8019, "time" },
		{ 0x801a, "creation" }, { 0x801c, "NV digest" }, { 0, NULL }
	};

	(void)ev;
	return name_of(types, v);
}

const char *
tpm_name_platform(struct evidence *ev, uint64_t v)
{
	static const struct named platforms[] = {
		{ 1, "TPM 1.2" }, { 2, "TPM 2.0" }, { 0, NULL }
	};

	(void)ev;
	return name_of(platforms, v);
}

const char *
tpm_name_magic(struct evidence *ev, uint64_t v)
{
	(void)ev;
	return v == 0xff544347 ? "TPM_GENERATED_VALUE" :
	    "not made by a TPM";
}

const char *
tpm_name_exponent(struct evidence *ev, uint64_t v)
{
	(void)ev;
	return v == 0 ? "65537" : NULL;
}

const char *
tpm_name_yes(struct evidence *ev, uint64_t v)
{
	(void)ev;
	return v == 1 ? "YES" : v == 0 ? "NO" : NULL;
}

const char *
tpm_name_locality(struct evidence *ev, uint64_t v)
{
	const char *text = NULL;
	unsigned int i;

	if (v >= 32)
		return arena_printf(ev_arena(ev), "extended %llu",
		    (unsigned long long)v);
	for (i = 0; i < 5; i++)
		if (v & UINT64_C(1) << i)
			text = arena_printf(ev_arena(ev), "%s%u",
			    text == NULL ? "" : arena_printf(ev_arena(ev),
			    "%s, ", text), i);
	return text;
}

/* Four parts of 16 bits, as Windows and TPM vendors write them. */
const char *
tpm_name_firmware(struct evidence *ev, uint64_t v)
{
	return arena_printf(ev_arena(ev), "%u.%u.%u.%u",
	    (unsigned int)(v >> 48), (unsigned int)(v >> 32 & 0xffff),
	    (unsigned int)(v >> 16 & 0xffff), (unsigned int)(v & 0xffff));
}

/* Milliseconds that the TPM was powered. */
const char *
tpm_name_clock(struct evidence *ev, uint64_t v)
{
	return arena_printf(ev_arena(ev), "%llu d %02u:%02u:%02u.%03u",
	    (unsigned long long)(v / 86400000),
	    (unsigned int)(v / 3600000 % 24), (unsigned int)(v / 60000 % 60),
	    (unsigned int)(v / 1000 % 60), (unsigned int)(v % 1000));
}

const char *const tpm_object_bits[TPM_OBJECT_BITS] = {
	[1] = "fixedTPM", [2] = "stClear", [4] = "fixedParent",
	[5] = "sensitiveDataOrigin", [6] = "userWithAuth",
	[7] = "adminWithPolicy", [8] = "firmwareLimited", [9] = "svnLimited",
	[10] = "noDA", [11] = "encryptedDuplication", [16] = "restricted",
	[17] = "decrypt", [18] = "sign", [19] = "x509sign"
};

const char *
tpm_name_object(struct evidence *ev, uint64_t v)
{
	const char *text = "";
	unsigned int i;

	for (i = 0; i < TPM_OBJECT_BITS; i++)
		if (v & UINT64_C(1) << i)
			text = tpm_object_bits[i] != NULL ?
			    arena_printf(ev_arena(ev), "%s%s%s", text,
			    *text != '\0' ? ", " : "", tpm_object_bits[i]) :
			    arena_printf(ev_arena(ev), "%s%sbit %u", text,
			    *text != '\0' ? ", " : "", i);
	return text;
}

static const struct {
	uint8_t		 digest[32];
	const char	*name;
} policies[] = {
	{ { 0x9d, 0xff, 0xcb, 0xf3, 0x6c, 0x38, 0x3a, 0xe6, 0x99, 0xfb, 0x98,
	    0x68, 0xdc, 0x6d, 0xcb, 0x89, 0xd7, 0x15, 0x38, 0x84, 0xbe, 0x28,
	    0x03, 0x92, 0x2c, 0x12, 0x41, 0x58, 0xbf, 0xad, 0x22, 0xae },
	    "AIK of Windows" },
	{ { 0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
	    0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
	    0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa },
	    "EK of the TCG profile" },
};

const char *
tpm_policy(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		if (n == sizeof(policies[i].digest) &&
		    memcmp(p, policies[i].digest, n) == 0)
			return policies[i].name;
	return NULL;
}
