/*
 * Key transport and content decryption through EVP, so that every padding is
 * checked here; key agreement through libcrypto's CMS.
 * Relies on libcrypto, its legacy provider for DES and RC2; RFC 3370, 3565,
 * 5753, 8017.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "decode/open.h"
#include "evidence/oid.h"
#include "evidence/signature.h"

#define RSA_BYTES	2048		/* of the largest modulus */

/* ---- key transport ---- */

/* RSAES-OAEP-params (RFC 4055 4.1): SHA-1, MGF1 with it, no label. */
bool
open_oaep_read(const struct evidence *ev, const struct der *algorithm,
    struct open_oaep *oaep)
{
	struct der_iter it, inside, parts;
	struct der oid, parameters, d, value, inner;
	const char *name;

	*oaep = (struct open_oaep){ "sha1", "sha1", NULL, 0 };
	der_enter(&it, ev, algorithm);
	if (!der_next(&it, &oid))
		return false;
	if (!der_next(&it, &parameters))
		return true;
	der_enter(&it, ev, &parameters);
	while (der_next(&it, &d)) {
		der_enter(&inside, ev, &d);
		if (d.class != DER_CONTEXT || !der_next(&inside, &value))
			return false;
		if (d.tag == 0) {
			name = digest_name(ev, &value);
			oaep->digest = name;
		} else if (d.tag == 1 || d.tag == 2) {
			der_enter(&parts, ev, &value);
			if (!der_next(&parts, &oid) ||
			    !der_next(&parts, &inner))
				return false;
			if (d.tag == 1) {
				oaep->mask = digest_name(ev, &inner);
			} else if (inner.len > 0) {
				oaep->label = der_bytes(&inner);
				oaep->label_n = inner.len;
			}
		}
	}
	return oaep->digest != NULL && oaep->mask != NULL;
}

/* 00 02, eight or more bytes that are not 0, 00, and the key. */
static bool
unpad(const uint8_t *p, size_t n, uint8_t ret[OPEN_KEY_MAX], size_t *ret_n)
{
	size_t i = 2;

	if (n < 11 || p[0] != 0 || p[1] != 2)
		return false;
	while (i < n && p[i] != 0)
		i++;
	if (i == n || i < 10 || n - i - 1 > OPEN_KEY_MAX || n - i - 1 < 5)
		return false;
	*ret_n = n - i - 1;
	memcpy(ret, p + i + 1, *ret_n);
	return true;
}

static bool
oaep_set(EVP_PKEY_CTX *ctx, const struct open_oaep *oaep)
{
	unsigned char *label;

	if (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, oaep->digest, NULL) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, oaep->mask, NULL) <= 0)
		return false;
	if (oaep->label_n == 0)
		return true;
	label = OPENSSL_memdup(oaep->label, oaep->label_n);
	if (label != NULL && oaep->label_n <= 1024 &&
	    EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label,
	    (int)oaep->label_n) > 0)
		return true;
	OPENSSL_free(label);
	return false;
}

bool
open_transport(const struct key *key, const struct open_oaep *oaep,
    const uint8_t *wrapped, size_t n, uint8_t ret[OPEN_KEY_MAX], size_t *ret_n)
{
	uint8_t block[RSA_BYTES];
	size_t len = sizeof(block);
	EVP_PKEY_CTX *ctx = NULL;
	bool ok = false;

	*ret_n = 0;
	if (!EVP_PKEY_is_a(key->pkey, "RSA") || n > sizeof(block) ||
	    n != (size_t)EVP_PKEY_get_size(key->pkey))
		return false;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	if (ctx == NULL || EVP_PKEY_decrypt_init(ctx) <= 0)
		goto out;
	if (oaep != NULL ? !oaep_set(ctx, oaep) :
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) <= 0)
		goto out;
	if (EVP_PKEY_decrypt(ctx, block, &len, wrapped, n) <= 0)
		goto out;
	if (oaep == NULL) {
		ok = unpad(block, len, ret, ret_n);
	} else if (len > 0 && len <= OPEN_KEY_MAX) {
		memcpy(ret, block, len);
		*ret_n = len;
		ok = true;
	}
out:
	OPENSSL_cleanse(block, sizeof(block));
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

/* ---- content ---- */

/* The key in its context; the parameters hold the IV, of RC2 its size too. */
static bool
cipher_begin(EVP_CIPHER_CTX *ctx, const EVP_CIPHER *cipher, X509_ALGOR *alg,
    const uint8_t *key, size_t key_n, const char **ret_why)
{
	ASN1_TYPE *parameters = alg->parameter;

	*ret_why = "OpenSSL cannot use the parameters of the cipher";
	if (EVP_DecryptInit_ex(ctx, cipher, NULL, NULL, NULL) != 1 ||
	    EVP_CIPHER_asn1_to_param(ctx, parameters) <= 0)
		return false;
	*ret_why = "the content key has not the size of the cipher's";
	if ((size_t)EVP_CIPHER_CTX_get_key_length(ctx) != key_n &&
	    ((EVP_CIPHER_get_flags(cipher) & EVP_CIPH_VARIABLE_LENGTH) == 0 ||
	    EVP_CIPHER_CTX_set_key_length(ctx, (int)key_n) <= 0))
		return false;
	return EVP_DecryptInit_ex(ctx, NULL, NULL, key, NULL) == 1;
}

uint8_t *
open_content(const struct evidence *ev, const struct der *algorithm,
    const uint8_t *key, size_t key_n, const uint8_t *content, size_t n,
    size_t *ret_n, const char **ret_why)
{
	struct span at = der_span(algorithm);
	const unsigned char *p = ev_bytes(ev, at);
	X509_ALGOR *alg = NULL;
	EVP_CIPHER *cipher = NULL;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *out = NULL;
	int got = 0, more = 0;

	*ret_n = 0;
	*ret_why = "the cipher cannot be read";
	if (p == NULL || algorithm->cut || ctx == NULL ||
	    (alg = d2i_X509_ALGOR(NULL, &p, (long)at.len)) == NULL)
		goto out;
	*ret_why = "OpenSSL does not offer the cipher";
	cipher = EVP_CIPHER_fetch(NULL, OBJ_nid2sn(OBJ_obj2nid(
	    alg->algorithm)), NULL);
	/* CBC alone: what proves nothing is never shown. */
	if (cipher == NULL || EVP_CIPHER_get_mode(cipher) != EVP_CIPH_CBC_MODE)
		goto out;
	if (n > INT32_MAX - 64 || !cipher_begin(ctx, cipher, alg, key, key_n,
	    ret_why))
		goto out;
	*ret_why = "its content is damaged";
	out = malloc(n + 64);
	if (out == NULL || EVP_DecryptUpdate(ctx, out, &got, content,
	    (int)n) != 1 || EVP_DecryptFinal_ex(ctx, out + got, &more) != 1) {
		free(out);
		out = NULL;
		goto out;
	}
	*ret_n = (size_t)got + (size_t)more;
	*ret_why = NULL;
out:
	EVP_CIPHER_free(cipher);
	EVP_CIPHER_CTX_free(ctx);
	X509_ALGOR_free(alg);
	ERR_clear_error();
	return out;
}

/* ---- key agreement ---- */

/* Wrapped keys are checked by the wrapping itself (RFC 3394). */
static bool
agree(CMS_ContentInfo *cms, const struct key *key)
{
	STACK_OF(CMS_RecipientInfo) *all = CMS_get0_RecipientInfos(cms);
	STACK_OF(CMS_RecipientEncryptedKey) *keys;
	CMS_RecipientInfo *ri;
	int i, k;

	for (i = 0; all != NULL && i < sk_CMS_RecipientInfo_num(all); i++) {
		ri = sk_CMS_RecipientInfo_value(all, i);
		if (CMS_RecipientInfo_type(ri) != CMS_RECIPINFO_AGREE)
			continue;
		keys = CMS_RecipientInfo_kari_get0_reks(ri);
		for (k = 0; keys != NULL &&
		    k < sk_CMS_RecipientEncryptedKey_num(keys); k++) {
			if (CMS_RecipientInfo_kari_set0_pkey(ri,
			    key->pkey) == 1 &&
			    CMS_RecipientInfo_kari_decrypt(cms, ri,
			    sk_CMS_RecipientEncryptedKey_value(keys, k)) == 1)
				return true;
			(void)CMS_RecipientInfo_kari_set0_pkey(ri, NULL);
		}
	}
	return false;
}

uint8_t *
open_agreement(const struct key *key, const uint8_t *p, size_t n,
    size_t *ret_n)
{
	const unsigned char *at = p;
	CMS_ContentInfo *cms;
	uint8_t *out = NULL;
	BIO *bio = NULL;
	char *data;
	long len;

	*ret_n = 0;
	if (!EVP_PKEY_is_a(key->pkey, "EC") || n > INT32_MAX)
		return NULL;
	cms = d2i_CMS_ContentInfo(NULL, &at, (long)n);
	/* Never AuthEnvelopedData. */
	if (cms == NULL || OBJ_obj2nid(CMS_get0_type(cms)) !=
	    NID_pkcs7_enveloped || !agree(cms, key) ||
	    (bio = BIO_new(BIO_s_mem())) == NULL)
		goto out;
	if (CMS_decrypt(cms, NULL, NULL, NULL, bio, CMS_BINARY) != 1)
		goto out;
	len = BIO_get_mem_data(bio, &data);
	if (len > 0 && (out = malloc((size_t)len)) != NULL) {
		memcpy(out, data, (size_t)len);
		*ret_n = (size_t)len;
	}
out:
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return out;
}
