/*
 * Signature checks through EVP, limited to keys and algorithms that are cheap
 * and safe to try.  Relies on libcrypto; RFC 5652 5.4, RFC 4056, RFC 5753.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "evidence/cert.h"
#include "evidence/oid.h"
#include "evidence/signature.h"

#define EXPONENT_BITS	64

bool
digest_bytes(const char *name, const void *p, size_t n,
    uint8_t ret[DIGEST_MAX], size_t *ret_n)
{
	EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
	unsigned int size = 0;
	bool ok = false;

	*ret_n = 0;
	if (md != NULL && EVP_MD_get_size(md) <= DIGEST_MAX)
		ok = EVP_Digest(p, n, ret, &size, md, NULL) == 1;
	if (ok)
		*ret_n = size;
	EVP_MD_free(md);
	ERR_clear_error();
	return ok;
}

/* The OID of an AlgorithmIdentifier; its parameters if it has some. */
static bool
algorithm_oid(const struct evidence *ev, const struct der *algorithm,
    char dotted[OID_SIZE], struct der *ret_parameters)
{
	struct der_iter it;
	struct der oid;

	*ret_parameters = (struct der){ 0 };
	if (algorithm->blob == NULL)
		return false;
	der_enter(&it, ev, algorithm);
	if (!der_want(&it, DER_UNIVERSAL, DER_OID, &oid) ||
	    !der_oid(&oid, dotted, OID_SIZE))
		return false;
	if (!der_next(&it, ret_parameters))
		ret_parameters->blob = NULL;
	return true;
}

const char *
digest_name(const struct evidence *ev, const struct der *algorithm)
{
	char dotted[OID_SIZE];
	struct der parameters;
	const char *name;

	if (!algorithm_oid(ev, algorithm, dotted, &parameters))
		return NULL;
	/* Old signers put a signature's algorithm there. */
	name = oid_signature_digest(dotted);
	return name != NULL ? name : oid_name(dotted);
}

/* RSASSA-PSS-params; both digests are SHA-1 by default (RFC 4055 3.1). */
struct pss {
	const char	*digest, *mask;
};

static void
pss_read(const struct evidence *ev, const struct der *parameters,
    struct pss *pss)
{
	struct der_iter it, inside, mask;
	struct der d, algorithm, oid;
	const char *name;

	*pss = (struct pss){ "sha1", "sha1" };
	if (parameters->blob == NULL)
		return;
	der_enter(&it, ev, parameters);
	while (der_next(&it, &d)) {
		der_enter(&inside, ev, &d);
		if (d.class != DER_CONTEXT || d.tag > 1 ||
		    !der_next(&inside, &algorithm))
			continue;
		if (d.tag == 1) {
			der_enter(&mask, ev, &algorithm);
			if (!der_next(&mask, &oid) ||
			    !der_next(&mask, &algorithm))
				continue;
		}
		name = digest_name(ev, &algorithm);
		if (name != NULL && d.tag == 0)
			pss->digest = name;
		else if (name != NULL)
			pss->mask = name;
	}
}

/* BIT STRING { SEQUENCE { INTEGER n, INTEGER e } } and nothing else. */
static bool
rsa_numbers(const struct evidence *ev, const struct der *bits,
    BIGNUM *ret[2])
{
	struct span s = der_body(bits);
	struct der_iter it;
	struct der seq, number, more;
	const uint8_t *p;
	size_t n;
	int i;

	ret[0] = ret[1] = NULL;
	p = ev_bytes(ev, s);
	if (p == NULL || s.len < 1 || p[0] != 0)
		return false;
	s.off++;
	s.len--;
	if (!der_at(ev, bits->blob, s, &seq) || seq.cut ||
	    !der_is(&seq, DER_UNIVERSAL, DER_SEQUENCE) ||
	    der_span(&seq).len != s.len)
		return false;
	der_enter(&it, ev, &seq);
	for (i = 0; i < 2; i++) {
		if (!der_want(&it, DER_UNIVERSAL, DER_INTEGER, &number) ||
		    number.cut)
			return false;
		p = der_bytes(&number);
		n = der_body(&number).len;
		if (p == NULL || n == 0 || (p[0] & 0x80) != 0 ||
		    (n > 1 && p[0] == 0 && (p[1] & 0x80) == 0))
			return false;
		ret[i] = BN_bin2bn(p, (int)n, NULL);
	}
	return !der_next(&it, &more);
}

/*
 * An RSA key that is written as RFC 3279 2.3.1 says, made from its numbers:
 * OpenSSL 3's decoders take ten times as long.  NULL: ask them.
 */
static EVP_PKEY *
key_rsa(const struct evidence *ev, const struct der *spki)
{
	struct der_iter it, parts;
	struct der algorithm, parameters, bits, more;
	char dotted[OID_SIZE];
	const char *name;
	OSSL_PARAM_BLD *build = NULL;
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *key = NULL;
	BIGNUM *numbers[2] = { NULL, NULL };

	der_enter(&it, ev, spki);
	if (!der_want(&it, DER_UNIVERSAL, DER_SEQUENCE, &algorithm) ||
	    !algorithm_oid(ev, &algorithm, dotted, &parameters) ||
	    (name = oid_name(dotted)) == NULL ||
	    strcmp(name, "rsaEncryption") != 0 || parameters.blob == NULL ||
	    !der_is(&parameters, DER_UNIVERSAL, DER_NULL) ||
	    der_body(&parameters).len != 0)
		return NULL;
	der_enter(&parts, ev, &algorithm);
	if (!der_next(&parts, &more) || !der_next(&parts, &more) ||
	    der_next(&parts, &more) ||
	    !der_want(&it, DER_UNIVERSAL, DER_BIT_STRING, &bits) ||
	    bits.cut || der_next(&it, &more))
		return NULL;
	if (!rsa_numbers(ev, &bits, numbers) || numbers[0] == NULL ||
	    numbers[1] == NULL ||
	    (build = OSSL_PARAM_BLD_new()) == NULL ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N,
	    numbers[0]) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E,
	    numbers[1]) != 1 ||
	    (params = OSSL_PARAM_BLD_to_param(build)) == NULL ||
	    (ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL)) == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(numbers[0]);
	BN_free(numbers[1]);
	return key;
}

/* May this key be tried? */
static EVP_PKEY *
key_load(struct evidence *ev, const struct der *spki, const char **ret_why)
{
	struct span at = der_span(spki);
	const uint8_t *p = ev_bytes(ev, at);
	struct cert_key key;
	EVP_PKEY *pkey;

	if (p == NULL || spki->cut || !cert_key_read(ev, spki, &key)) {
		*ret_why = "the signer's key cannot be read";
		return NULL;
	}
	if (key.rsa && (key.bits > ev_limits(ev)->rsa_bits ||
	    key.exponent_bits > EXPONENT_BITS)) {
		ev_limit(ev, at, "rsa_bits", "a signature of a key of %u bits "
		    "with an exponent of %u bits is not checked", key.bits,
		    key.exponent_bits);
		*ret_why = "the signer's RSA key is too large";
		return NULL;
	}
	if (key.ec && !key.named) {
		*ret_why = "the signer's key is on no named curve";
		return NULL;
	}
	pkey = key_rsa(ev, spki);
	if (pkey == NULL)
		pkey = d2i_PUBKEY(NULL, &p, (long)at.len);
	if (pkey == NULL)
		*ret_why = "OpenSSL cannot use the signer's key";
	return pkey;
}

static enum signature_state
verify(EVP_PKEY *key, const char *digest, const struct pss *pss,
    const uint8_t *value, size_t value_n, const void *p, size_t n)
{
	enum signature_state state = SIGNATURE_UNABLE;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *kctx = NULL;

	if (ctx == NULL || EVP_DigestVerifyInit_ex(ctx, &kctx, digest, NULL,
	    NULL, key, NULL) != 1)
		goto out;
	if (pss != NULL && (EVP_PKEY_CTX_set_rsa_padding(kctx,
	    RSA_PKCS1_PSS_PADDING) <= 0 || EVP_PKEY_CTX_set_rsa_pss_saltlen(
	    kctx, RSA_PSS_SALTLEN_AUTO) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(kctx, pss->mask, NULL) <= 0))
		goto out;
	state = EVP_DigestVerify(ctx, value, value_n, p, n) == 1 ?
	    SIGNATURE_VALID : SIGNATURE_INVALID;
out:
	EVP_MD_CTX_free(ctx);
	return state;
}

bool
signature_redacted(const uint8_t *p, size_t n)
{
	static const char words[] = REDACTED_SIGNATURE;
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != (uint8_t)words[i % (sizeof(words) - 1)])
			return false;
	return n >= 16;
}

enum signature_state
signature_check(struct evidence *ev, const struct signature *s,
    const void *p, size_t n, const char **ret_why)
{
	enum signature_state state = SIGNATURE_UNABLE;
	char dotted[OID_SIZE];
	const char *name, *digests[2];
	struct der parameters;
	struct pss pss;
	EVP_PKEY *key = NULL;
	uint8_t *joined = NULL;
	size_t value_n = 0;
	bool is_pss;
	int i;

	*ret_why = NULL;
	if (!algorithm_oid(ev, &s->algorithm, dotted, &parameters) ||
	    (name = oid_name(dotted)) == NULL) {
		*ret_why = "the signature algorithm is unknown";
		return SIGNATURE_UNABLE;
	}
	if (s->value.cut || !der_octets(ev, &s->value, &joined, &value_n)) {
		*ret_why = "the signature is not complete";
		return SIGNATURE_UNABLE;
	}
	if (signature_redacted(joined != NULL ? joined :
	    der_bytes(&s->value), value_n)) {
		*ret_why = "the signature was removed by aiktriage redact";
		goto out;
	}
	key = key_load(ev, &s->spki, ret_why);
	if (key == NULL)
		goto out;
	is_pss = strcmp(name, "rsassaPss") == 0;
	pss_read(ev, &parameters, &pss);
	digests[0] = is_pss ? pss.digest : digest_name(ev, &s->digest);
	/* Some signers name another digest in the signature's algorithm. */
	digests[1] = is_pss ? NULL : oid_signature_digest(dotted);
	if (EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 ||
	    EVP_PKEY_get_id(key) == EVP_PKEY_ED448) {
		state = verify(key, NULL, NULL, joined != NULL ? joined :
		    der_bytes(&s->value), value_n, p, n);
		goto out;
	}
	for (i = 0; i < 2 && state != SIGNATURE_VALID; i++) {
		if (digests[i] == NULL || (i == 1 && digests[0] != NULL &&
		    strcmp(digests[0], digests[1]) == 0))
			continue;
		state = verify(key, digests[i], is_pss ? &pss : NULL,
		    joined != NULL ? joined : der_bytes(&s->value), value_n,
		    p, n);
	}
	if (state == SIGNATURE_UNABLE)
		*ret_why = "OpenSSL does not offer its algorithms";
out:
	EVP_PKEY_free(key);
	free(joined);
	ERR_clear_error();
	return state;
}
