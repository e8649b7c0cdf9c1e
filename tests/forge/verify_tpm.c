/*
 * Checks the TPM structures of a forged message: the attestation statement's
 * hashes and signature, and that the EK's owner can answer the challenge.
 * Relies on libcrypto; written apart from tpm.c, which makes them.
 */
#include "verify.h"

#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <string.h>

/* The statement: names, hashes and the AIK's own signature fit together. */
bool
statement_holds(const uint8_t *p, size_t n, EVP_PKEY *aik)
{
	const uint8_t *at = p + 28, *part[3], *sig;
	size_t len[3], i, left = n - 28;
	uint8_t digest[32];
	EVP_MD_CTX *ctx;
	bool ok;

	if (n < 300 || memcmp(p, "KAST\1\0\0\0\2\0\0\0\x1c\0\0\0", 16) != 0)
		return false;
	for (i = 0; i < 3; i++) {
		if (left < 2 || be16(at) > left - 2)
			return false;
		len[i] = be16(at);
		part[i] = at + 2;
		left -= 2 + len[i];
		at += 2 + len[i];
	}
	if (left != 6 + 256 || be16(at) != 0x14 || be16(at + 2) != 4)
		return false;
	sig = at + 6;
	sha256(part[0], len[0], digest);
	if (memmem(part[2], len[2], digest, 32) == NULL)
		return false;
	sha256(part[1], len[1], digest);
	if (memcmp(part[2] + len[2] - 32, digest, 32) != 0)
		return false;
	ctx = EVP_MD_CTX_new();
	ok = EVP_DigestVerifyInit(ctx, NULL, EVP_sha1(), NULL, aik) == 1 &&
	    EVP_DigestVerify(ctx, sig, 256, part[2], len[2]) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* RSAES-OAEP with SHA-256 and the label that credentials have. */
static bool
seed_open(EVP_PKEY *ek, const uint8_t *p, size_t n, uint8_t ret[32])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ek, NULL);
	uint8_t *label = OPENSSL_memdup("IDENTITY", 9), out[512];
	size_t len = sizeof(out);
	bool ok;

	ok = ctx != NULL && EVP_PKEY_decrypt_init(ctx) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0 &&
	    EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, 9) > 0 &&
	    EVP_PKEY_decrypt(ctx, out, &len, p, n) > 0 && len == 32;
	if (ok)
		memcpy(ret, out, 32);
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

/* "INTEGRITY" key of KDFa, then the outer HMAC over cipher and AIK name. */
static bool
integrity_holds(const uint8_t seed[32], const uint8_t *mac,
    const uint8_t *cipher, size_t n, EVP_PKEY *aik)
{
	static const uint8_t label[] = "\0\0\0\1INTEGRITY\0\0\0\1";
	uint8_t key[32], name[34], found[32], area[512], prefix[54];
	struct buf modulus = { NULL, 0, 0 }, spki = { NULL, 0, 0 };
	struct buf data = { NULL, 0, 0 };
	unsigned len;

	HMAC(EVP_sha256(), seed, 32, label, sizeof(label), key, &len);
	/* the public area as TPM2B_PUBLIC has it, from the key's own SPKI */
	spki_of(aik, &spki);
	buf_put(&modulus, spki.p + spki.n - 5 - 256, 256);
	hex_get("0001000b000500f20020" "9dffcbf36c383ae699fb9868dc6dcb89"
	    "d7153884be2803922c124158bfad22ae" "001000140004080000000000",
	    prefix, sizeof(prefix));
	memcpy(area, prefix, sizeof(prefix));
	area[54] = 1;
	area[55] = 0;
	memcpy(area + 56, modulus.p, 256);
	name[0] = 0;
	name[1] = 0x0b;
	sha256(area, 56 + 256, name + 2);
	buf_put(&data, cipher, n);
	buf_put(&data, name, sizeof(name));
	HMAC(EVP_sha256(), key, sizeof(key), data.p, data.n, found, &len);
	buf_free(&modulus);
	buf_free(&spki);
	buf_free(&data);
	return memcmp(found, mac, 32) == 0;
}

/* The EKs and AIKs of the pool are tried in their pairs. */
bool
challenge_holds(const struct buf *plain)
{
	static const char *const pairs[][2] = {
		{ "ek", "aik" }, { "ek-2", "aik-2" }, { "ek-rsa3072", "aik" },
	};
	const uint8_t *p = memmem(plain->p, plain->n, "TACH", 4), *object;
	size_t i, left, object_len, secret_len;
	EVP_PKEY *ek, *aik;
	uint8_t seed[32];
	bool ok = false;

	if (p == NULL)
		return false;
	left = plain->n - (size_t)(p - plain->p);
	if (left < 24 + 4 + 34 || be16(p + 24) > left - 24 - 4)
		return false;
	object = p + 26;
	object_len = be16(p + 24);
	secret_len = be16(object + object_len);
	if (be16(object) != 32 || secret_len > 384 ||
	    left < 24 + 2 + object_len + 2 + secret_len)
		return false;
	for (i = 0; i < COUNT(pairs) && !ok; i++) {
		ek = key_load(pairs[i][0]);
		aik = key_load(pairs[i][1]);
		ok = seed_open(ek, object + object_len + 2, secret_len,
		    seed) &&
		    integrity_holds(seed, object + 2, object + 34,
		    object_len - 34, aik);
		EVP_PKEY_free(ek);
		EVP_PKEY_free(aik);
	}
	return ok;
}
