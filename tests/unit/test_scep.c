/*
 * SCEP messages of every type, made here, and the checks that need no second
 * message: weak algorithms, undefined numbers, nonces of other lengths,
 * missing attributes, signers, OAEP, keywords of GetCACaps.
 * Relies on libcrypto and the correlators.
 */
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "correlate/correlator.h"
#include "parsers/fields.h"
#include "sample.h"

#define PKI	"2.16.840.1.113733.1.9."

struct recipe {
	const char	*type, *status, *failure;
	int		 nonce;		/* bytes, -1: none */
	EVP_PKEY	*key;
	const EVP_MD	*md;
	const EVP_CIPHER *cipher;
	bool		 oaep;
};

static EVP_PKEY	*rsa, *weak, *ec;

static X509 *
certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_NAME_new();

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 5);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"SCEP Protocol Certificate", -1, -1, 0);
	X509_set_subject_name(x, name);
	X509_set_issuer_name(x, name);
	ASN1_TIME_set_string(X509_getm_notBefore(x), "230329000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(x), "240329000000Z");
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	X509_NAME_free(name);
	return x;
}

static void
attribute(CMS_SignerInfo *si, const char *oid, int type, const char *p,
    int n)
{
	ASN1_OBJECT *o;

	if (p == NULL)
		return;
	o = OBJ_txt2obj(oid, 1);
	CMS_signed_add1_attr_by_OBJ(si, o, type, p,
	    n < 0 ? (int)strlen(p) : n);
	ASN1_OBJECT_free(o);
}

static struct evidence *
evidence_of(const struct recipe *r, uint8_t **ret_der)
{
	static const char nonce[32] = "0123456789abcdef0123456789abcde";
	const unsigned int flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP;
	X509 *cert = certificate(r->key), *to = certificate(rsa);
	BIO *plain = BIO_new_mem_buf("request", -1);
	BIO *content = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *inner, *outer;
	CMS_RecipientInfo *ri;
	CMS_SignerInfo *si;
	struct evidence *ev;
	char *p;
	long n;

	inner = CMS_encrypt(NULL, NULL, r->cipher, CMS_PARTIAL | CMS_BINARY);
	ri = CMS_add1_recipient_cert(inner, to, r->oaep ? CMS_KEY_PARAM : 0);
	if (r->oaep)
		EVP_PKEY_CTX_set_rsa_padding(CMS_RecipientInfo_get0_pkey_ctx(
		    ri), RSA_PKCS1_OAEP_PADDING);
	CMS_final(inner, plain, NULL, CMS_BINARY);
	i2d_CMS_bio(content, inner);
	outer = CMS_sign(NULL, NULL, NULL, content, flags);
	si = CMS_add1_signer(outer, cert, r->key, r->md, flags);
	attribute(si, PKI "2", V_ASN1_PRINTABLESTRING, r->type, -1);
	attribute(si, PKI "3", V_ASN1_PRINTABLESTRING, r->status, -1);
	attribute(si, PKI "4", V_ASN1_PRINTABLESTRING, r->failure, -1);
	attribute(si, PKI "7", V_ASN1_PRINTABLESTRING, "b45527d1", -1);
	if (r->nonce >= 0)
		attribute(si, PKI "5", V_ASN1_OCTET_STRING, nonce, r->nonce);
	CMS_final(outer, content, NULL, flags);
	i2d_CMS_bio(out, outer);
	n = BIO_get_mem_data(out, &p);
	*ret_der = malloc((size_t)n);
	memcpy(*ret_der, p, (size_t)n);
	ev = sample_evidence("message.p7m", *ret_der, (size_t)n);
	correlate_run(ev, 0);
	CMS_ContentInfo_free(inner);
	CMS_ContentInfo_free(outer);
	X509_free(cert);
	X509_free(to);
	BIO_free(plain);
	BIO_free(content);
	BIO_free(out);
	return ev;
}

/* All values of a field of all items of a kind, with "; " between. */
static const char *
values(struct evidence *ev, enum item_kind kind, const char *field)
{
	static char text[4096];
	const struct field *of = field_find(field, strlen(field));
	const struct item *it;
	const struct fact *f;
	size_t n;

	text[0] = '\0';
	for (it = ev_first(ev, kind); of != NULL && it != NULL; it = it->next)
		for (f = item_fact(it, of); f != NULL; f = fact_next(f))
			snprintf(text + strlen(text), sizeof(text) -
			    strlen(text), "%s%s", text[0] != '\0' ? "; " : "",
			    value_show(ev, of, &f->value, true, &n));
	return text;
}

static void
types(void)
{
	static const char *const all[][2] = {
		{ "3", "CertRep (3)" }, { "17", "RenewalReq (17)" },
		{ "18", "UpdateReq (18)" }, { "19", "PKCSReq (19)" },
		{ "20", "CertPoll (20)" }, { "21", "GetCert (21)" },
		{ "22", "GetCRL (22)" }, { "41", "ClaimChallengeAnswer (41)" },
		{ "23", "23" }
	};
	struct recipe r = { .nonce = 16, .key = rsa, .md = EVP_sha256(),
	    .cipher = EVP_aes_128_cbc() };
	struct evidence *ev;
	uint8_t *der;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		r.type = all[i][0];
		ev = evidence_of(&r, &der);
		tap_is_text(values(ev, ITEM_PKI_MESSAGE, "scep.message_type"),
		    all[i][1], all[i][1]);
		tap_is_text(values(ev, ITEM_PKI_MESSAGE,
		    "cms.signature_valid"), "true", "its signature is right");
		tap_is_text(values(ev, ITEM_PKI_MESSAGE, "scep.undefined"),
		    strcmp(r.type, "23") == 0 ? "messageType 23" : "",
		    "undefined numbers");
		evidence_free(ev);
		free(der);
	}
}

static void
sound(void)
{
	struct recipe r = { .type = "19", .nonce = 16, .key = ec,
	    .md = EVP_sha256(), .cipher = EVP_aes_256_cbc(), .oaep = true };
	struct evidence *ev;
	uint8_t *der;

	ev = evidence_of(&r, &der);
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "cms.weak"), "",
	    "nothing weak");
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "cms.signer_key"),
	    "EC P-256", "an EC signer");
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "cms.signature_valid"),
	    "true", "its signature is right");
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "cms.signer_valid"), "true",
	    "its certificate's signature is right");
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "cms.signer_self"), "true",
	    "it made its certificate itself");
	tap_is_text(values(ev, ITEM_ENVELOPE, "envelope.oaep"), "true",
	    "an OAEP recipient");
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "scep.missing"), "",
	    "nothing is missing");
	evidence_free(ev);
	free(der);
}

static void
unsound(void)
{
	struct recipe r = { .type = "3", .status = "2", .failure = "14606",
	    .nonce = 8, .key = weak, .md = EVP_md5(),
	    .cipher = EVP_des_ede3_cbc() };
	struct evidence *ev;
	uint8_t *der;

	ev = evidence_of(&r, &der);
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "cms.weak"),
	    "MD5; RSA 1024", "a weak digest and a short key");
	tap_is_text(values(ev, ITEM_ENVELOPE, "cms.weak"), "3DES",
	    "a weak cipher");
	tap_is_text(values(ev, ITEM_ENVELOPE, "envelope.oaep"), "false",
	    "a recipient by PKCS#1 1.5");
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "scep.undefined"),
	    "failInfo 14606", "a failInfo that is not defined");
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "scep.nonce_length"),
	    "senderNonce has 8 bytes, want 16", "a short nonce");
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "scep.missing"),
	    "recipientNonce", "a missing nonce");
	evidence_free(ev);
	free(der);
	r.nonce = -1;
	r.failure = NULL;
	ev = evidence_of(&r, &der);
	tap_is_text(values(ev, ITEM_PKI_MESSAGE, "scep.missing"),
	    "senderNonce; recipientNonce; failInfo", "what a failure lacks");
	evidence_free(ev);
	free(der);
}

static void
keywords(void)
{
	static const uint8_t text[] = "SHA-1\nDES3\nAES128\n";
	static const uint8_t sha256[32];
	struct evidence *ev = evidence_new(&limits_default);
	struct blob *b = ev_input(ev, "caps", true, text, sizeof(text) - 1,
	    sha256);
	struct item *response = ev_item(ev, ITEM_RESPONSE, b->item,
	    blob_span(b));

	ev_fact(ev, response, &getcacaps_keyword, value_str("SHA-1"),
	    blob_part(b, 0, 5));
	ev_fact(ev, response, &getcacaps_keyword, value_str("AES128"),
	    blob_part(b, 11, 6));
	correlate_run(ev, 0);
	tap_is_text(values(ev, ITEM_RESPONSE, "getcacaps.missing"),
	    "POSTPKIOperation; SHA-256; IdentityKeyAttestation; "
	    "GetCaCertChain", "keywords that GetCACaps lacks");
	evidence_free(ev);
}

int
main(void)
{
	rsa = EVP_RSA_gen(2048);
	weak = EVP_RSA_gen(1024);
	ec = EVP_EC_gen("P-256");
	types();
	sound();
	unsound();
	keywords();
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(weak);
	EVP_PKEY_free(ec);
	return tap_done();
}
