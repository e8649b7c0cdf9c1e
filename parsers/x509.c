/*
 * X.509 certificates: every field with its place, the TCG attributes of TPM
 * certificates, and digests; also those that OpenSSL refuses, and cut ones as
 * far as they go.  Relies on evidence/cert.h and libcrypto for digests;
 * RFC 5280, TCG EK Credential Profile 3.2.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "decode/cert_more.h"
#include "decode/parser.h"
#include "decode/tpm_id.h"
#include "evidence/cert.h"
#include "evidence/oid.h"
#include "parsers/fields.h"

#define CERT	KIND(CERTIFICATE)
/* A certificate that was found tells all of these, whatever brought it. */
#define ANY	(ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER) |		\
		ARTIFACT(CA_CHAIN) | ARTIFACT(REQUEST_FILE) |		\
		ARTIFACT(EK_CERTIFICATE) | ARTIFACT(EK_ISSUER))

#define EKU_EK		"2.23.133.8.1"

#define FIELD(id, dotted, kind_of_value, from, ...)			\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##kind_of_value, .kinds = CERT,		\
	    .artifacts = from, __VA_ARGS__ }

FIELD(cert_subject, "cert.subject", TEXT, ANY,
    .help = "subject name, in the order of the certificate");
FIELD(cert_cn, "cert.cn", TEXT, ANY,
    .help = "last common name of the subject");
FIELD(cert_issuer, "cert.issuer", TEXT, ANY,
    .help = "issuer name, in the order of the certificate");
FIELD(cert_serial, "cert.serial", BYTES, ANY,
    .help = "contents of the serial number's INTEGER");
FIELD(cert_not_before, "cert.not_before", TIME, ANY,
    .help = "start of the validity");
FIELD(cert_not_after, "cert.not_after", TIME, ANY,
    .help = "end of the validity");
FIELD(cert_sha1, "cert.sha1", BYTES, ANY,
    .help = "SHA-1 of the certificate: Windows's thumbprint");
FIELD(cert_sha256, "cert.sha256", BYTES, ANY,
    .help = "SHA-256 of the certificate");
FIELD(cert_ski, "cert.ski", BYTES, ANY,
    .help = "subject key identifier");
FIELD(cert_aki, "cert.aki", BYTES, ANY,
    .help = "key identifier of the authority key identifier");
FIELD(cert_crl, "cert.crl", TEXT, ANY, .repeated = true,
    .help = "address of a revocation list (CRL distribution point)");
FIELD(cert_aia, "cert.aia", TEXT, ANY, .repeated = true,
    .help = "where the issuer's certificate can be fetched (caIssuers)");
FIELD(cert_eku, "cert.eku", TEXT, ANY, .repeated = true,
    .help = "extended key usage, an object identifier");
FIELD(cert_policy, "cert.policy", TEXT, ANY, .repeated = true,
    .help = "certificate policy, an object identifier");
FIELD(cert_key, "cert.key", TEXT, ANY,
    .help = "kind and size of the public key: RSA 2048, EC P-256");
FIELD(cert_ca, "cert.ca", BOOL, ANY,
    .help = "is it a CA by its basicConstraints");
FIELD(cert_self_issued, "cert.self_issued", BOOL, ANY,
    .help = "are subject and issuer the same name");
FIELD(cert_subject_sha1, "cert.subject_sha1", BYTES, ANY,
    .help = "SHA-1 of the subject's DER: the NameId of AIK hosts");
FIELD(cert_issuer_sha1, "cert.issuer_sha1", BYTES, ANY,
    .help = "SHA-1 of the issuer's DER");
FIELD(cert_signature, "cert.signature", TEXT, ANY,
    .help = "signature algorithm");

static const struct field *const fields[] = {
	&cert_subject, &cert_cn, &cert_issuer, &cert_serial,
	&cert_not_before, &cert_not_after, &cert_sha1, &cert_sha256,
	&cert_ski, &cert_aki, &cert_aia, &cert_crl, &cert_eku, &cert_policy,
	&cert_key,
	&cert_ca, &cert_self_issued, &cert_subject_sha1, &cert_issuer_sha1,
	&cert_signature, &tpm_manufacturer, &tpm_model, &tpm_version,
	&tpm_vendor,
#define X(id) &id,
	CERT_MORE(X)
#undef X
	NULL
};

/* One certificate that is being read. */
struct reading {
	struct evidence	*ev;
	const struct blob *blob;
	struct item	*item;
	struct cert_parts parts;
	bool		 has_constraints;
};

/* ---- small facts ---- */

static void
digest_fact(struct reading *r, const struct field *field, const EVP_MD *md,
    struct span at)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	const uint8_t *p = ev_bytes(r->ev, at);

	if (p != NULL && EVP_Digest(p, at.len, digest, &n, md, NULL) == 1)
		ev_derive(r->ev, r->item, field, value_bytes(digest, n), at,
		    NULL, 0, NULL);
}

static const struct fact *
bytes_fact(struct reading *r, const struct field *field, const struct der *d)
{
	return ev_fact(r->ev, r->item, field,
	    value_bytes(der_bytes(d), d->len), der_span(d));
}

static void
oid_fact(struct reading *r, const struct field *field, const struct der *d)
{
	char dotted[OID_SIZE];

	if (der_oid(d, dotted, sizeof(dotted)))
		ev_fact(r->ev, r->item, field, value_str(dotted), der_span(d));
}

static void
time_fact(struct reading *r, const struct field *field, const struct der *d)
{
	int64_t us;

	if (!CERT_HAS(*d) || d->cut)
		return;
	if (der_time(d, &us))
		ev_fact(r->ev, r->item, field, value_time(us), der_span(d));
	else
		ev_problem(r->ev, PROBLEM_NOTED, der_span(d),
		    "%s of the certificate is no time with a zone",
		    field->name);
}

/* ---- names ---- */

static void
common_name_read(struct reading *r, const struct der *name)
{
	struct der_iter rdns, attributes, parts;
	struct der rdn, attribute, oid, value, last = { 0 };
	const char *text;
	size_t n;

	der_enter(&rdns, r->ev, name);
	while (der_next(&rdns, &rdn)) {
		der_enter(&attributes, r->ev, &rdn);
		while (der_next(&attributes, &attribute)) {
			der_enter(&parts, r->ev, &attribute);
			if (der_next(&parts, &oid) &&
			    der_next(&parts, &value) &&
			    der_oid_is(&oid, "2.5.4.3"))
				last = value;
		}
	}
	if (CERT_HAS(last) && !last.cut && der_text(r->ev, &last, &text, &n))
		ev_fact(r->ev, r->item, &cert_cn, value_text(text, n),
		    der_span(&last));
}

static const struct fact *
name_read(struct reading *r, const struct der *name,
    const struct field *field, const struct field *sha1)
{
	const struct fact *fact;
	const char *text;
	size_t n;

	if (!CERT_HAS(*name) || !der_name(r->ev, name, &text, &n))
		return NULL;
	fact = ev_fact(r->ev, r->item, field, value_text(text, n),
	    der_span(name));
	if (name->cut)
		return NULL;
	digest_fact(r, sha1, EVP_sha1(), der_span(name));
	return fact;
}

static void
names_read(struct reading *r)
{
	const struct der *s = &r->parts.subject, *i = &r->parts.issuer;
	const struct fact *from[2];

	from[0] = name_read(r, s, &cert_subject, &cert_subject_sha1);
	from[1] = name_read(r, i, &cert_issuer, &cert_issuer_sha1);
	if (CERT_HAS(*s)) {
		common_name_read(r, s);
		tpm_id_read(r->ev, r->item, s);
	}
	if (from[0] != NULL && from[1] != NULL)
		ev_derive(r->ev, r->item, &cert_self_issued,
		    value_bool(s->len == i->len && memcmp(der_bytes(s),
		    der_bytes(i), s->len) == 0), SPAN_NONE, from, 2, NULL);
}

/* ---- extensions; each reader gets the element inside the value ---- */

static void
read_ski(struct reading *r, const struct der *d)
{
	if (der_is(d, DER_UNIVERSAL, DER_OCTET_STRING))
		bytes_fact(r, &cert_ski, d);
}

static void
read_aki(struct reading *r, const struct der *d)
{
	struct der_iter it;
	struct der id;

	der_enter(&it, r->ev, d);
	if (der_want(&it, DER_CONTEXT, 0, &id) && !id.cut)
		bytes_fact(r, &cert_aki, &id);
}

static void
read_constraints(struct reading *r, const struct der *d)
{
	struct der_iter it;
	struct der ca;

	r->has_constraints = true;
	der_enter(&it, r->ev, d);
	if (der_want(&it, DER_UNIVERSAL, DER_BOOLEAN, &ca) && ca.len == 1)
		ev_fact(r->ev, r->item, &cert_ca,
		    value_bool(der_bytes(&ca)[0] != 0), der_span(&ca));
	else	/* cA is FALSE by default */
		ev_fact(r->ev, r->item, &cert_ca, value_bool(false),
		    der_span(d));
}

static void
read_eku(struct reading *r, const struct der *d)
{
	struct der_iter it;
	struct der oid;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &oid)) {
		oid_fact(r, &cert_eku, &oid);
		if (der_oid_is(&oid, EKU_EK))
			ev_artifact(r->item, ARTIFACT_EK_CERTIFICATE);
	}
}

static void
read_policies(struct reading *r, const struct der *d)
{
	struct der_iter it, inside;
	struct der policy, oid;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &policy)) {
		der_enter(&inside, r->ev, &policy);
		if (der_next(&inside, &oid))
			oid_fact(r, &cert_policy, &oid);
	}
}

static void
read_aia(struct reading *r, const struct der *d)
{
	struct der_iter it, inside;
	struct der access, method, place;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &access)) {
		der_enter(&inside, r->ev, &access);
		if (der_next(&inside, &method) && der_next(&inside, &place) &&
		    der_oid_is(&method, "1.3.6.1.5.5.7.48.2") &&
		    der_is(&place, DER_CONTEXT, 6) && !place.constructed &&
		    !place.cut)
			ev_fact(r->ev, r->item, &cert_aia,
			    value_text((const char *)der_bytes(&place),
			    place.len), der_span(&place));
	}
}

/* DistributionPoint: [0] { [0] fullName { [6] uri } } */
static void
read_crl(struct reading *r, const struct der *d)
{
	struct der_iter it, point, name, full;
	struct der one, part, choice, uri;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &one)) {
		der_enter(&point, r->ev, &one);
		if (!der_next(&point, &part) || !der_is(&part, DER_CONTEXT, 0))
			continue;
		der_enter(&name, r->ev, &part);
		if (!der_next(&name, &choice) ||
		    !der_is(&choice, DER_CONTEXT, 0))
			continue;
		der_enter(&full, r->ev, &choice);
		while (der_next(&full, &uri))
			if (der_is(&uri, DER_CONTEXT, 6) && !uri.constructed &&
			    !uri.cut)
				ev_fact(r->ev, r->item, &cert_crl,
				    value_text((const char *)der_bytes(&uri),
				    uri.len), der_span(&uri));
	}
}

/* directoryName is EXPLICIT: Name is a CHOICE. */
static void
read_san(struct reading *r, const struct der *d)
{
	struct der_iter it, inside;
	struct der general, name;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &general)) {
		if (!der_is(&general, DER_CONTEXT, 4))
			continue;
		der_enter(&inside, r->ev, &general);
		if (der_next(&inside, &name))
			tpm_id_read(r->ev, r->item, &name);
	}
}

static const struct extension {
	const char	*oid;
	void		 (*read)(struct reading *, const struct der *);
} extensions[] = {
	{ "2.5.29.14", read_ski },
	{ "2.5.29.17", read_san },
	{ "2.5.29.19", read_constraints },
	{ "2.5.29.31", read_crl },
	{ "2.5.29.32", read_policies },
	{ "2.5.29.35", read_aki },
	{ "2.5.29.37", read_eku },
	{ "1.3.6.1.5.5.7.1.1", read_aia },
};

#define EXTENSIONS	(sizeof(extensions) / sizeof(extensions[0]))

static void
extensions_read(struct reading *r)
{
	const struct der *all = &r->parts.extensions;
	struct cert_extension x;
	struct der_iter it, inside;
	struct der value;
	bool seen[EXTENSIONS] = { false };
	size_t i;

	if (!CERT_HAS(*all))
		return;
	der_enter(&it, r->ev, all);
	while (cert_extension_next(r->ev, &it, &x)) {
		for (i = 0; i < EXTENSIONS; i++)
			if (der_oid_is(&x.oid, extensions[i].oid))
				break;
		if (i == EXTENSIONS || !CERT_HAS(x.value) || x.value.cut)
			continue;
		if (seen[i]) {
			ev_problem(r->ev, PROBLEM_NOTED, der_span(&x.whole),
			    "a second extension %s, the first one counts",
			    extensions[i].oid);
			continue;
		}
		seen[i] = true;
		der_enter(&inside, r->ev, &x.value);
		if (der_next(&inside, &value) && !value.cut)
			extensions[i].read(r, &value);
		else
			ev_problem(r->ev, PROBLEM_NOTED, der_span(&x.value),
			    "extension %s holds no DER element",
			    extensions[i].oid);
	}
	if (!r->has_constraints && r->parts.complete)
		ev_derive(r->ev, r->item, &cert_ca, value_bool(false),
		    der_span(all), NULL, 0, "no basicConstraints");
}

/* ---- the certificate ---- */

static void
serial_read(struct reading *r)
{
	const struct der *d = &r->parts.serial;
	const uint8_t *p;

	if (!CERT_HAS(*d) || d->cut)
		return;
	bytes_fact(r, &cert_serial, d);
	p = der_bytes(d);
	if (d->len == 0)
		ev_problem(r->ev, PROBLEM_NOTED, der_span(d),
		    "the serial number has no bytes");
	else if (d->len > 1 && ((p[0] == 0 && (p[1] & 0x80) == 0) ||
	    (p[0] == 0xff && (p[1] & 0x80) != 0)))
		ev_problem(r->ev, PROBLEM_NOTED, der_span(d),
		    "the serial number is no minimal INTEGER; strict readers "
		    "refuse this certificate");
}

static void
algorithm_read(struct reading *r)
{
	const struct der *a = CERT_HAS(r->parts.outer_algorithm) ?
	    &r->parts.outer_algorithm : &r->parts.algorithm;
	struct der_iter it;
	struct der oid;
	char dotted[OID_SIZE];

	if (!CERT_HAS(*a))
		return;
	der_enter(&it, r->ev, a);
	if (der_want(&it, DER_UNIVERSAL, DER_OID, &oid) && !oid.cut)
		ev_fact(r->ev, r->item, &cert_signature,
		    value_str(oid_show(&oid, dotted)), der_span(&oid));
}

static void
key_read(struct reading *r)
{
	const struct der *spki = &r->parts.spki;
	struct cert_key key;

	if (CERT_HAS(*spki) && !spki->cut &&
	    cert_key_read(r->ev, spki, &key))
		ev_fact(r->ev, r->item, &cert_key, value_str(key.text),
		    der_span(spki));
}

static void
certificate_read(struct evidence *ev, const struct blob *b, struct span at,
    const struct cert_parts *parts)
{
	struct reading r = { .ev = ev, .blob = b, .parts = *parts };
	const struct limits *limits = ev_limits(ev);
	struct span whole = der_span(&parts->cert);

	if (whole.len > limits->certificate_bytes) {
		ev_limit(ev, at, "certificate_bytes", "a certificate of %zu "
		    "bytes is not read", whole.len);
		return;
	}
	r.item = ev_item(ev, ITEM_CERTIFICATE, b->item, whole);
	if (r.item->number > limits->certificates) {
		ev_limit(ev, at, "certificates", "more than %llu certificates; "
		    "the rest is not read",
		    (unsigned long long)limits->certificates);
		return;
	}
	names_read(&r);
	serial_read(&r);
	time_fact(&r, &cert_not_before, &parts->not_before);
	time_fact(&r, &cert_not_after, &parts->not_after);
	algorithm_read(&r);
	key_read(&r);
	extensions_read(&r);
	cert_more_read(ev, r.item, parts);
	if (parts->cert.cut)
		ev_damage(ev, whole, "the certificate is cut: only %zu bytes "
		    "of it are here", whole.len);
	else if (!parts->complete)
		ev_damage(ev, whole, "the certificate is damaged: it cannot "
		    "be read to its signature");
	if (parts->cert.cut)
		return;		/* a digest of a part would mislead */
	digest_fact(&r, &cert_sha1, EVP_sha1(), whole);
	digest_fact(&r, &cert_sha256, EVP_sha256(), whole);
}

static int
x509_bid(const struct evidence *ev, const struct blob *b)
{
	static const int by_shape[] = { 0, 15, 85, 88 };
	struct cert_parts parts;
	int shape;

	if (b->n < 4 || b->p[0] != 0x30)
		return 0;
	shape = cert_walk(ev, b, blob_span(b), &parts);
	if (blob_hint_is(b, HINT_CERT))
		return shape >= 2 ? 95 : 50;
	return shape == 1 ? 0 : by_shape[shape];
}

static void
x509_read(struct evidence *ev, struct blob *b)
{
	struct cert_parts parts;
	struct span at = blob_span(b);
	bool any = false;

	while (at.len > 0) {
		if (cert_walk(ev, b, at, &parts) < (any ? 2 : 1))
			break;
		certificate_read(ev, b, at, &parts);
		any = true;
		at = blob_part(b, parts.cert.end, b->n - parts.cert.end);
	}
	if (!any)
		ev_damage(ev, blob_span(b), "no certificate can be read here");
	else if (at.len > 0)
		ev_problem(ev, PROBLEM_NOTED, at, "%zu bytes follow the end "
		    "of the certificate", at.len);
	ev_input_kind(ev, b, "certificate");
}

const struct parser parser_x509 = {
	.name = "x509", .bid = x509_bid, .read = x509_read, .fields = fields
};
