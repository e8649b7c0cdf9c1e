/*
 * Chains, twins and checks over certificates and messages made here: every
 * path, what is missing, broken or not valid then, what a re-issued
 * certificate says otherwise, and the further facts of a certificate.
 * Relies on libcrypto and the correlators.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "correlate/correlator.h"
#include "correlate/signatures.h"
#include "parsers/fields.h"
#include "sample.h"

static EVP_PKEY	*root_key, *ca_key, *leaf_key;

struct wish {
	const char	*subject, *issuer;	/* common names */
	EVP_PKEY	*key, *signer;
	const char	*from, *to;
	long		 serial;
	int		 type;			/* string type of the names */
	const char	*extensions[8][2];
};

static X509_NAME *
name_make(const char *cn, int type)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(name, "O", type,
	    (const unsigned char *)"Example Silicon", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", type,
	    (const unsigned char *)cn, -1, -1, 0);
	return name;
}

static X509 *
make(const struct wish *w)
{
	X509 *x = X509_new();
	X509_NAME *subject = name_make(w->subject, w->type);
	X509_NAME *issuer = name_make(w->issuer, w->type);
	X509V3_CTX ctx;
	size_t i;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), w->serial);
	X509_set_subject_name(x, subject);
	X509_set_issuer_name(x, issuer);
	ASN1_TIME_set_string(X509_getm_notBefore(x), w->from);
	ASN1_TIME_set_string(X509_getm_notAfter(x), w->to);
	X509_set_pubkey(x, w->key);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	for (i = 0; i < 8 && w->extensions[i][0] != NULL; i++) {
		X509_EXTENSION *e = X509V3_EXT_nconf(NULL, &ctx,
		    w->extensions[i][0], w->extensions[i][1]);

		if (e != NULL)
			X509_add_ext(x, e, -1);
		else
			printf("# no extension %s\n", w->extensions[i][0]);
		X509_EXTENSION_free(e);
	}
	X509_sign(x, w->signer, EVP_sha256());
	X509_NAME_free(subject);
	X509_NAME_free(issuer);
	return x;
}

static void
add(BIO *out, const struct wish *w)
{
	X509 *x = make(w);

	PEM_write_bio_X509(out, x);
	X509_free(x);
}

static const struct wish root = {
	"Root CA", "Root CA", NULL, NULL, "200101000000Z", "400101000000Z", 1,
	V_ASN1_PRINTABLESTRING,
	{ { "basicConstraints", "critical,CA:TRUE" },
	    { "keyUsage", "critical,keyCertSign,cRLSign" } }
}, ca = {
	"CA 7", "Root CA", NULL, NULL, "200201000000Z", "300201000000Z", 2,
	V_ASN1_PRINTABLESTRING,
	{ { "basicConstraints", "critical,CA:TRUE,pathlen:0" },
	    { "keyUsage", "critical,keyCertSign" },
	    { "nameConstraints", "permitted;email:.example.com" } }
}, ca_again = {
	"CA 7", "Root CA", NULL, NULL, "230201000000Z", "380201000000Z", 9,
	V_ASN1_UTF8STRING,
	{ { "basicConstraints", "critical,CA:TRUE,pathlen:0" },
	    { "keyUsage", "critical,keyCertSign" } }
}, leaf = {
	"EK", "CA 7", NULL, NULL, "210301000000Z", "99991231235959Z", 77,
	V_ASN1_UTF8STRING,
	{ { "extendedKeyUsage", "2.23.133.8.1" },
	    { "keyUsage", "critical,keyEncipherment" },
	    { "authorityInfoAccess", "caIssuers;URI:http://pki.example/ca7.crt,"
		"OCSP;URI:http://ocsp.example/" },
	    { "crlDistributionPoints", "URI:http://pki.example/ca7.crl" },
	    /* tpmSpecification 2.0, 0, 138 */
	    { "2.5.29.9", "DER:30193017060567810502103"
		"10E300C0C03322E300201000202008A" },
	    { "subjectAltName", "email:ek@example.com" } }
};

static char *
bundle(const struct wish *const *wishes, size_t n, size_t *ret_n)
{
	BIO *out = BIO_new(BIO_s_mem());
	struct wish w;
	char *p, *copy;
	size_t i;
	long len;

	for (i = 0; i < n; i++) {
		w = *wishes[i];
		w.key = wishes[i] == &root ? root_key : wishes[i] == &leaf ?
		    leaf_key : ca_key;
		w.signer = wishes[i] == &leaf ? ca_key : root_key;
		add(out, &w);
	}
	len = BIO_get_mem_data(out, &p);
	copy = malloc((size_t)len);
	memcpy(copy, p, (size_t)len);
	*ret_n = (size_t)len;
	BIO_free(out);
	return copy;
}

static struct item *
named(struct evidence *ev, const char *cn, int64_t serial)
{
	struct item *it;
	const struct fact *f, *s;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		f = item_fact(it, &cert_cn);
		s = item_fact(it, &cert_serial);
		if (f != NULL && f->value.n == strlen(cn) &&
		    memcmp(f->value.p, cn, f->value.n) == 0 && s != NULL &&
		    (uint8_t)s->value.p[s->value.n - 1] == (uint8_t)serial)
			return it;
	}
	return NULL;
}

/* All values of a field by name, with "; " between. */
static const char *
values(struct evidence *ev, const struct item *it, const char *field)
{
	static char text[8192];
	const struct field *of = field_find(field, strlen(field));
	const struct fact *f;
	size_t n;

	text[0] = '\0';
	for (f = it != NULL && of != NULL ? item_fact(it, of) : NULL;
	    f != NULL; f = fact_next(f))
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s", text[0] != '\0' ? "; " : "",
		    value_show(ev, of, &f->value, true, &n));
	return text;
}

static void
is_value(struct evidence *ev, const struct item *it, const char *field,
    const char *wanted)
{
	tap_is_text(values(ev, it, field), wanted, field);
}

static void
further_facts(void)
{
	const struct wish *const all[] = { &leaf, &ca, &root };
	struct evidence *ev;
	size_t n;
	char *p = bundle(all, 3, &n);
	const struct item *ek;

	ev = sample_evidence("ek.pem", (uint8_t *)p, n);
	correlate_run(ev, time_make(2024, 1, 1, 0, 0, 0));
	ek = named(ev, "EK", 77);
	is_value(ev, ek, "cert.version", "v3 (2)");
	is_value(ev, ek, "cert.key_usage", "keyEncipherment");
	is_value(ev, ek, "cert.critical", "2.5.29.15");
	is_value(ev, ek, "cert.ocsp", "http://ocsp.example/");
	is_value(ev, ek, "cert.crl", "http://pki.example/ca7.crl");
	is_value(ev, ek, "cert.no_end", "true");
	is_value(ev, ek, "cert.san", "ek@example.com");
	is_value(ev, ek, "tpm.spec_family", "2.0");
	is_value(ev, ek, "tpm.spec_level", "0");
	is_value(ev, ek, "tpm.spec_revision", "138");
	is_value(ev, named(ev, "CA 7", 2), "cert.path_length", "0");
	is_value(ev, named(ev, "CA 7", 2), "cert.name_constraints", "true");
	is_value(ev, ek, "cert.signature_valid", "true");
	is_value(ev, named(ev, "Root CA", 1), "cert.signature_valid", "true");
	/* names in two encodings */
	is_value(ev, ek, "chain.complete", "true");
	is_value(ev, ek, "chain.path", "EK < CA 7 < Root CA");
	is_value(ev, ek, "chain.time", "2024-01-01T00:00:00Z");
	is_value(ev, ek, "chain.missing", "");
	evidence_free(ev);
	free(p);
}

static void
twins(void)
{
	const struct wish *const all[] = { &leaf, &ca, &ca_again, &root };
	struct evidence *ev;
	size_t n;
	char *p = bundle(all, 4, &n);
	const struct item *ek, *again;

	ev = sample_evidence("ek.pem", (uint8_t *)p, n);
	correlate_run(ev, time_make(2022, 1, 1, 0, 0, 0));
	ek = named(ev, "EK", 77);
	again = named(ev, "CA 7", 9);
	is_value(ev, ek, "chain.paths", "2");
	is_value(ev, ek, "chain.path", "EK < CA 7 < Root CA; "
	    "EK < CA 7 (not valid then) < Root CA");
	is_value(ev, ek, "chain.expired", "CA 7");
	tap_ok(strstr(values(ev, again, "cert.differs"),
	    "cert.serial: 02 -> 09; cert.not_before: 2020-02-01T00:00:00Z -> "
	    "2023-02-01T00:00:00Z; cert.not_after: 2030-02-01T00:00:00Z -> "
	    "2038-02-01T00:00:00Z") != NULL, "a twin, field by field");
	tap_ok(strstr(values(ev, again, "cert.differs"),
	    "encoding of the names") != NULL, "another encoding of the names");
	is_value(ev, named(ev, "CA 7", 2), "cert.differs", "");
	evidence_free(ev);
	free(p);
}

static void
missing(void)
{
	const struct wish *const all[] = { &leaf }, *const ups[] = { &ca,
	    &root };
	struct evidence *ev, *given;
	size_t n, m;
	char *p = bundle(all, 1, &n), *q = bundle(ups, 2, &m);
	static const uint8_t sha256[32];

	ev = sample_evidence("ek.pem", (uint8_t *)p, n);
	correlate_run(ev, 0);
	is_value(ev, named(ev, "EK", 77), "chain.complete", "false");
	is_value(ev, named(ev, "EK", 77), "chain.missing",
	    "O=Example Silicon, CN=CA 7");
	is_value(ev, named(ev, "EK", 77), "chain.missing_aia",
	    "http://pki.example/ca7.crt");
	is_value(ev, named(ev, "EK", 77), "cert.signature_valid", "");
	evidence_free(ev);

	/* the same with certificates that are given */
	ev = evidence_new(&limits_default);
	given = evidence_new(&limits_default);
	ev_input(ev, "ek.pem", true, (uint8_t *)p, n, sha256);
	ev_input(given, "cas.pem", true, (uint8_t *)q, m, sha256);
	ev_give(ev, given);
	worklist_run(given);
	worklist_run(ev);
	correlate_run(ev, 0);
	is_value(ev, named(ev, "EK", 77), "chain.complete", "true");
	is_value(ev, named(ev, "EK", 77), "chain.given", "true");
	is_value(ev, named(ev, "EK", 77), "chain.path",
	    "EK < CA 7 (given) < Root CA (given)");
	tap_ok(named(ev, "CA 7", 2) == NULL,
	    "what is given is no evidence of the case");
	evidence_free(ev);
	free(p);
	free(q);
}

static void
broken(void)
{
	struct wish bad = leaf, self = root;
	BIO *out = BIO_new(BIO_s_mem());
	struct evidence *ev;
	char *p;
	long n;

	bad.key = leaf_key;
	bad.signer = leaf_key;		/* not the CA's */
	add(out, &bad);
	bad = ca;
	bad.key = ca_key;
	bad.signer = root_key;
	add(out, &bad);
	self.key = root_key;
	self.signer = ca_key;		/* not its own */
	add(out, &self);
	n = BIO_get_mem_data(out, &p);
	ev = sample_evidence("ek.pem", (uint8_t *)p, (size_t)n);
	correlate_run(ev, 0);
	is_value(ev, named(ev, "EK", 77), "cert.signature_valid", "false");
	is_value(ev, named(ev, "EK", 77), "chain.complete", "false");
	is_value(ev, named(ev, "EK", 77), "chain.broken", "EK");
	is_value(ev, named(ev, "Root CA", 1), "cert.signature_valid", "false");
	evidence_free(ev);
	BIO_free(out);
}

int
main(void)
{
	root_key = EVP_EC_gen("P-256");
	ca_key = EVP_RSA_gen(2048);
	leaf_key = EVP_RSA_gen(2048);
	further_facts();
	twins();
	missing();
	broken();
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(leaf_key);
	return tap_done();
}
