/*
 * Checks the hashes of an attestation and verifies its signature with the
 * public key in the same statement.  Relies on libcrypto.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "decode/tpm_check.h"

#define ALG_RSA		0x0001
#define ALG_RSASSA	0x0014
#define ALG_RSAPSS	0x0016
#define ALG_ECDSA	0x0018
#define ALG_ECC		0x0023
#define POINT_MAX	(1 + 2 * 66)

/* The tree that is checked, from its prefix on. */
struct checking {
	struct evidence	*ev;
	const struct tpm_tree *tree;
	const char	*prefix;
};

static const struct tpm_node *
find(const struct checking *c, const char *path)
{
	return tpm_find(c->tree, arena_printf(ev_arena(c->ev), "%s%s",
	    c->prefix, path));
}

static const uint8_t *
bytes(const struct checking *c, const struct tpm_node *node)
{
	return ev_bytes(c->ev, node->at);
}

static enum signature_state
same(const uint8_t *p, size_t n, const uint8_t *q, size_t m)
{
	return n == m && memcmp(p, q, n) == 0 ? SIGNATURE_VALID :
	    SIGNATURE_INVALID;
}

/* Is the tree whole up to this node's end? */
static bool
whole(const struct checking *c, const struct tpm_node *node)
{
	return node != NULL && (c->tree->broken.blob == BLOB_NONE ||
	    node->at.off + node->at.len <= c->tree->broken.off);
}

static enum signature_state
name_check(const struct checking *c)
{
	const struct tpm_node *public = find(c, "public");
	const struct tpm_node *alg = find(c, "public.nameAlg");
	const struct tpm_node *name = find(c, "attest.attested.objectName");
	uint8_t made[2 + DIGEST_MAX];
	size_t n;

	if (!whole(c, public) || alg == NULL || name == NULL ||
	    tpm_digest(alg->number) == NULL ||
	    !digest_bytes(tpm_digest(alg->number), bytes(c, public),
	    public->at.len, made + 2, &n))
		return SIGNATURE_UNABLE;
	made[0] = (uint8_t)(alg->number >> 8);
	made[1] = (uint8_t)alg->number;
	return same(made, n + 2, bytes(c, name), name->at.len);
}

/* With the nameAlg of the object. */
static enum signature_state
creation_check(const struct checking *c)
{
	const struct tpm_node *data = find(c, "creationData");
	const struct tpm_node *alg = find(c, "public.nameAlg");
	const struct tpm_node *hash = find(c, "attest.attested.creationHash");
	uint8_t made[DIGEST_MAX];
	size_t n;

	if (!whole(c, data) || alg == NULL || hash == NULL ||
	    tpm_digest(alg->number) == NULL ||
	    !digest_bytes(tpm_digest(alg->number), bytes(c, data),
	    data->at.len, made, &n))
		return SIGNATURE_UNABLE;
	return same(made, n, bytes(c, hash), hash->at.len);
}

/* ---- the signature ---- */

static EVP_PKEY *
key_from(const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (params == NULL || ctx == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *
rsa_key(const struct checking *c, const char **ret_why)
{
	const struct tpm_node *modulus = find(c, "public.unique");
	const struct tpm_node *exponent = find(c,
	    "public.parameters.exponent");
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *n = NULL, *e = BN_new();
	EVP_PKEY *key = NULL;

	*ret_why = "the public area has no modulus";
	if (build == NULL || e == NULL || !whole(c, modulus) ||
	    exponent == NULL || modulus->at.len == 0)
		goto out;
	*ret_why = "the key is too large";
	if (modulus->at.len * 8 > ev_limits(c->ev)->rsa_bits)
		goto out;
	*ret_why = "OpenSSL cannot use the key of the public area";
	n = BN_bin2bn(bytes(c, modulus), (int)modulus->at.len, NULL);
	if (n != NULL && BN_set_word(e, exponent->number == 0 ? 65537 :
	    exponent->number) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		key = key_from("RSA", build);
out:
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	return key;
}

static EVP_PKEY *
ec_key(const struct checking *c, const char **ret_why)
{
	const struct tpm_node *x = find(c, "public.unique.x");
	const struct tpm_node *y = find(c, "public.unique.y");
	const struct tpm_node *curve = find(c, "public.parameters.curveID");
	OSSL_PARAM_BLD *build;
	uint8_t point[POINT_MAX] = { 4 };
	size_t size;
	EVP_PKEY *key = NULL;

	*ret_why = "its curve is not one that OpenSSL is asked for";
	if (curve == NULL || curve->number < 3 || curve->number > 5 ||
	    !whole(c, x) || !whole(c, y))
		return NULL;
	size = curve->number == 3 ? 32 : curve->number == 4 ? 48 : 66;
	*ret_why = "the point is longer than its curve allows";
	if (x->at.len > size || y->at.len > size)
		return NULL;
	/* leading zeros may be left out */
	memcpy(point + 1 + size - x->at.len, bytes(c, x), x->at.len);
	memcpy(point + 1 + 2 * size - y->at.len, bytes(c, y), y->at.len);
	*ret_why = "OpenSSL cannot use the key of the public area";
	build = OSSL_PARAM_BLD_new();
	if (build != NULL && OSSL_PARAM_BLD_push_utf8_string(build,
	    OSSL_PKEY_PARAM_GROUP_NAME, curve->meaning, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	    point, 1 + 2 * size) == 1)
		key = key_from("EC", build);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* r and s as the DER that OpenSSL wants; from OPENSSL_malloc. */
static uint8_t *
ecdsa_der(const struct checking *c, size_t *ret_n)
{
	const struct tpm_node *r = find(c, "signature.signatureR");
	const struct tpm_node *s = find(c, "signature.signatureS");
	ECDSA_SIG *sig;
	BIGNUM *a, *b;
	uint8_t *der = NULL;
	int n;

	*ret_n = 0;
	if (r == NULL || s == NULL || (sig = ECDSA_SIG_new()) == NULL)
		return NULL;
	a = BN_bin2bn(bytes(c, r), (int)r->at.len, NULL);
	b = BN_bin2bn(bytes(c, s), (int)s->at.len, NULL);
	if (a == NULL || b == NULL || ECDSA_SIG_set0(sig, a, b) != 1) {
		BN_free(a);
		BN_free(b);
	} else if ((n = i2d_ECDSA_SIG(sig, &der)) > 0) {
		*ret_n = (size_t)n;
	}
	ECDSA_SIG_free(sig);
	return der;
}

static enum signature_state
verify(EVP_PKEY *key, const char *digest, bool pss, const uint8_t *sig,
    size_t sig_n, const uint8_t *p, size_t n)
{
	enum signature_state state = SIGNATURE_UNABLE;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *kctx = NULL;

	if (ctx != NULL && EVP_DigestVerifyInit_ex(ctx, &kctx, digest, NULL,
	    NULL, key, NULL) == 1 && (!pss || (EVP_PKEY_CTX_set_rsa_padding(
	    kctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(kctx,
	    RSA_PSS_SALTLEN_AUTO) > 0)))
		state = EVP_DigestVerify(ctx, sig, sig_n, p, n) == 1 ?
		    SIGNATURE_VALID : SIGNATURE_INVALID;
	EVP_MD_CTX_free(ctx);
	return state;
}

static enum signature_state
signature_state_of(const struct checking *c, const char **ret_why)
{
	const struct tpm_node *attest = find(c, "attest");
	const struct tpm_node *type = find(c, "public.type");
	const struct tpm_node *alg = find(c, "signature.sigAlg");
	const struct tpm_node *hash = find(c, "signature.hash");
	const struct tpm_node *sig = find(c, "signature.sig");
	enum signature_state state = SIGNATURE_UNABLE;
	uint8_t *der = NULL;
	size_t n = 0;
	EVP_PKEY *key;

	*ret_why = "its parts are not all there";
	if (!whole(c, attest) || type == NULL || alg == NULL || hash == NULL)
		return SIGNATURE_UNABLE;
	*ret_why = "the hash is unknown";
	if (tpm_digest(hash->number) == NULL)
		return SIGNATURE_UNABLE;
	*ret_why = "its scheme does not fit its key";
	if (type->number == ALG_RSA && (alg->number == ALG_RSASSA ||
	    alg->number == ALG_RSAPSS) && whole(c, sig)) {
		key = rsa_key(c, ret_why);
	} else if (type->number == ALG_ECC && alg->number == ALG_ECDSA) {
		der = ecdsa_der(c, &n);
		key = der != NULL ? ec_key(c, ret_why) : NULL;
	} else {
		return SIGNATURE_UNABLE;
	}
	if (key != NULL) {
		*ret_why = "OpenSSL does not offer its algorithms";
		state = verify(key, tpm_digest(hash->number),
		    alg->number == ALG_RSAPSS,
		    der != NULL ? der : bytes(c, sig),
		    der != NULL ? n : sig->at.len,
		    bytes(c, attest), attest->at.len);
	}
	EVP_PKEY_free(key);
	OPENSSL_free(der);
	ERR_clear_error();
	return state;
}

void
tpm_check(struct evidence *ev, const struct tpm_tree *tree,
    const char *prefix, struct tpm_checks *ret)
{
	struct checking c = { ev, tree, prefix };

	ret->why = NULL;
	ret->name = name_check(&c);
	ret->creation = creation_check(&c);
	ret->signature = signature_state_of(&c, &ret->why);
}
