/*
 * TPM 2.0 structures as the AIK enrolment carries them: the attestation
 * statement (MS-WCCE 2.2.2.5, "KAST") and the credential challenge ("TACH").
 * Relies on TPM 2.0 Library Part 1 (names, KDFa, credential protection).
 */
#include "forge.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <stdio.h>
#include <string.h>

#define	ALG_SHA1	0x0004
#define	ALG_SHA256	0x000b
#define	ALG_NULL	0x0010
#define	ALG_RSA		0x0001
#define	ALG_RSASSA	0x0014

static void
tpm2b(struct buf *b, const void *p, size_t n)
{
	buf_be(b, n, 2);
	buf_put(b, p, n);
}

/* TPMT_PUBLIC of the AIK: restricted signing key, RSASSA with SHA-1. */
static void
public_area(struct buf *b, EVP_PKEY *key)
{
	uint8_t policy[32], modulus[256];
	BIGNUM *n = NULL;

	hex_get("9dffcbf36c383ae699fb9868dc6dcb89"
	    "d7153884be2803922c124158bfad22ae", policy, sizeof(policy));
	if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) ||
	    BN_bn2binpad(n, modulus, sizeof(modulus)) != sizeof(modulus))
		die("an AIK is not an RSA 2048 key");
	BN_free(n);
	buf_be(b, ALG_RSA, 2);
	buf_be(b, ALG_SHA256, 2);
	buf_be(b, 0x000500f2, 4);
	tpm2b(b, policy, sizeof(policy));
	buf_be(b, ALG_NULL, 2);
	buf_be(b, ALG_RSASSA, 2);
	buf_be(b, ALG_SHA1, 2);
	buf_be(b, 2048, 2);
	buf_be(b, 0, 4);
	tpm2b(b, modulus, sizeof(modulus));
}

static void
name_of(const struct buf *public, uint8_t ret[34])
{
	ret[0] = ALG_SHA256 >> 8;
	ret[1] = ALG_SHA256 & 0xff;
	sha256(public->p, public->n, ret + 2);
}

static void
random_name(const char *label, uint8_t ret[34])
{
	ret[0] = ALG_SHA256 >> 8;
	ret[1] = ALG_SHA256 & 0xff;
	rng_bytes(label, 0, ret + 2, 32);
}

void
kast_make(struct buf *b, const struct device *d, unsigned n)
{
	struct buf public = { NULL, 0, 0 }, creation = { NULL, 0, 0 };
	struct buf attest = { NULL, 0, 0 }, id = { NULL, 0, 0 };
	struct buf signature = { NULL, 0, 0 };
	uint8_t name[34], digest[32], nonce[20];
	unsigned a, c, e, f;

	public_area(&public, d->aik);
	truth_text("public.type", "RSA");
	truth_text("public.name_alg", "sha256");
	truth_text("public.object_attributes", "0x000500f2");
	truth_bytes("public.auth_policy", public.p + 10, 32);
	truth_text("public.symmetric", "none");
	truth_text("public.scheme", "RSASSA");
	truth_text("public.scheme_hash", "sha1");
	truth_text("public.key_bits", "2048");
	truth_text("public.exponent", "0");
	truth_bytes("public.unique", public.p + public.n - 256, 256);
	truth_bytes("pkcs10.modulus", public.p + public.n - 256, 256);

	buf_be(&creation, 0, 4);		/* no PCR */
	sha256("", 0, digest);
	tpm2b(&creation, digest, sizeof(digest));
	truth_text("creation.pcr_banks", "0");
	truth_bytes("creation.pcr_digest", digest, sizeof(digest));
	truth_text("creation.locality", "0");
	truth_text("creation.parent_name_alg", "sha256");
	truth_text("creation.outside_info", "%s", "");
	buf_byte(&creation, 1);			/* locality 0 */
	buf_be(&creation, ALG_SHA256, 2);
	random_name("parent name", name);
	tpm2b(&creation, name, sizeof(name));
	truth_bytes("creation.parent_name", name, sizeof(name));
	random_name("parent qualified name", name);
	tpm2b(&creation, name, sizeof(name));
	truth_bytes("creation.parent_qualified_name", name, sizeof(name));
	tpm2b(&creation, NULL, 0);

	buf_be(&attest, 0xff544347, 4);
	buf_be(&attest, 0x801a, 2);
	random_name("qualified signer", name);
	tpm2b(&attest, name, sizeof(name));
	truth_text("attest.magic", "0xff544347");
	truth_text("attest.type", "creation");
	truth_bytes("attest.qualified_signer", name, sizeof(name));
	rng_bytes("id binding nonce", n, nonce, sizeof(nonce));
	tpm2b(&attest, nonce, sizeof(nonce));
	truth_bytes("attest.extra_data", nonce, sizeof(nonce));
	truth_text("attest.clock", "%u", 123456 + 75000 * n);
	truth_text("attest.reset_count", "7");
	truth_text("attest.restart_count", "1");
	truth_text("attest.safe", "true");
	buf_be(&attest, 123456 + 75000 * n, 8);	/* clock */
	buf_be(&attest, 7, 4);			/* resets */
	buf_be(&attest, 1, 4);			/* restarts */
	buf_byte(&attest, 1);			/* safe */
	if (sscanf(d->firmware, "%u.%u.%u.%u", &a, &c, &e, &f) != 4)
		die("%s: not a firmware version", d->firmware);
	buf_be(&attest, (a & 0xffff) << 16 | (c & 0xffff), 4);
	buf_be(&attest, (e & 0xffff) << 16 | (f & 0xffff), 4);
	truth_text("attest.firmware_version", "%u.%u.%u.%u", a & 0xffff,
	    c & 0xffff, e & 0xffff, f & 0xffff);
	name_of(&public, name);
	tpm2b(&attest, name, sizeof(name));
	truth_bytes("attest.object_name", name, sizeof(name));
	sha256(creation.p, creation.n, digest);
	tpm2b(&attest, digest, sizeof(digest));
	truth_bytes("attest.creation_hash", digest, sizeof(digest));
	key_sign(d->aik, "SHA1", attest.p, attest.n, &signature);
	truth_text("attest.signature_alg", "RSASSA");
	truth_text("attest.signature_hash", "sha1");
	truth_bytes("attest.signature", signature.p, signature.n);

	tpm2b(&id, public.p, public.n);
	tpm2b(&id, creation.p, creation.n);
	tpm2b(&id, attest.p, attest.n);
	buf_be(&id, ALG_RSASSA, 2);
	buf_be(&id, ALG_SHA1, 2);
	tpm2b(&id, signature.p, signature.n);

	truth_text("kast.version", "1");
	truth_text("kast.platform", "2");
	truth_text("kast.id_binding", "%zu", id.n);
	truth_text("kast.key_attestation", "0");
	truth_text("kast.aik_opaque", "0");
	buf_le(b, 0x5453414b, 4);
	buf_le(b, 1, 4);
	buf_le(b, 2, 4);
	buf_le(b, 28, 4);
	buf_le(b, id.n, 4);
	buf_le(b, 0, 4);
	buf_le(b, 0, 4);
	buf_add(b, &id);
	buf_free(&public);
	buf_free(&creation);
	buf_free(&attest);
	buf_free(&id);
	buf_free(&signature);
}

/* KDFa with SHA-256 (Part 1, 11.4.10.2); bits is a multiple of 8, <= 256. */
static void
kdfa(const uint8_t seed[32], const char *label, const void *context, size_t n,
    unsigned bits, uint8_t *ret)
{
	struct buf m = { NULL, 0, 0 };
	uint8_t mac[32];
	unsigned len;

	buf_be(&m, 1, 4);
	buf_put(&m, label, strlen(label) + 1);
	buf_put(&m, context, n);
	buf_be(&m, bits, 4);
	HMAC(EVP_sha256(), seed, 32, m.p, m.n, mac, &len);
	memcpy(ret, mac, bits / 8);
	buf_free(&m);
}

/* MakeCredential (Part 1, 24) for the device's EK and AIK. */
void
tach_make(struct buf *b, const struct device *d, unsigned n,
    uint8_t secret[32])
{
	struct buf public = { NULL, 0, 0 }, plain = { NULL, 0, 0 };
	struct buf protected = { NULL, 0, 0 }, out = { NULL, 0, 0 };
	struct buf object = { NULL, 0, 0 };
	uint8_t seed[32], name[34], key[16], hmac_key[32], mac[32], iv[16];
	uint8_t cipher[64], wrapped[512], *label;
	size_t wrapped_len = sizeof(wrapped);
	EVP_CIPHER_CTX *ctx;
	EVP_PKEY_CTX *pctx;
	unsigned len;
	int got, more;

	rng_bytes("credential seed", n, seed, sizeof(seed));
	rng_bytes("credential secret", n, secret, 32);
	public_area(&public, d->aik);
	name_of(&public, name);
	kdfa(seed, "STORAGE", name, sizeof(name), 128, key);
	kdfa(seed, "INTEGRITY", NULL, 0, 256, hmac_key);
	tpm2b(&plain, secret, 32);
	memset(iv, 0, sizeof(iv));
	ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL || !EVP_EncryptInit_ex(ctx, EVP_aes_128_cfb128(), NULL,
	    key, iv) || !EVP_EncryptUpdate(ctx, cipher, &got, plain.p,
	    (int)plain.n) || !EVP_EncryptFinal_ex(ctx, cipher + got, &more))
		die("credential cannot be encrypted");
	EVP_CIPHER_CTX_free(ctx);
	buf_put(&protected, cipher, (size_t)(got + more));
	buf_put(&protected, name, sizeof(name));
	HMAC(EVP_sha256(), hmac_key, sizeof(hmac_key), protected.p,
	    protected.n, mac, &len);
	tpm2b(&object, mac, sizeof(mac));
	buf_put(&object, cipher, (size_t)(got + more));

	label = OPENSSL_memdup("IDENTITY", 9);
	pctx = EVP_PKEY_CTX_new(d->ek.key, NULL);
	if (pctx == NULL || EVP_PKEY_encrypt_init(pctx) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_OAEP_PADDING) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_oaep_md(pctx, EVP_sha256()) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, EVP_sha256()) <= 0 ||
	    EVP_PKEY_CTX_set0_rsa_oaep_label(pctx, label, 9) <= 0 ||
	    EVP_PKEY_encrypt(pctx, wrapped, &wrapped_len, seed,
	    sizeof(seed)) <= 0)
		die("credential seed cannot be encrypted");
	EVP_PKEY_CTX_free(pctx);

	tpm2b(&out, object.p, object.n);
	tpm2b(&out, wrapped, wrapped_len);
	buf_le(b, 0x48434154, 4);
	buf_le(b, 1, 4);
	buf_le(b, 2, 4);
	buf_le(b, 24, 4);
	buf_le(b, out.n, 4);
	buf_le(b, 0, 4);
	buf_add(b, &out);
	buf_free(&public);
	buf_free(&plain);
	buf_free(&protected);
	buf_free(&object);
	buf_free(&out);
}
