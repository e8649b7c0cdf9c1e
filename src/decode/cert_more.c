/*
 * The further extensions of a certificate as facts, each with its place.
 * Relies on decode/cert_more.h; RFC 5280 4.2, TCG EK Credential Profile 3.1,
 * TCG Platform Certificate Profile.
 */
#include <stdio.h>
#include <string.h>

#include "decode/cert_more.h"
#include "evidence/oid.h"
#include "evidence/signature.h"

#define ANY	(ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER) |		\
		ARTIFACT(CA_CHAIN) | ARTIFACT(REQUEST_FILE) |		\
		ARTIFACT(EK_CERTIFICATE) | ARTIFACT(EK_ISSUER))
#define EK	ARTIFACT(EK_CERTIFICATE)
#define YEAR_10000 INT64_C(253402300800000000)

#define FIELD(id, dotted, of, from, ...)				\
	const struct field id = { .name = dotted, .type = VALUE_##of,	\
	    .kinds = KIND(CERTIFICATE), .artifacts = from, __VA_ARGS__ }

static const struct named versions[] = {
	{ 0, "v1" }, { 1, "v2" }, { 2, "v3" }, { 0, NULL }
};

FIELD(cert_version, "cert.version", INT, ANY, .named = versions,
    .help = "version of the certificate's format");
FIELD(cert_key_usage, "cert.key_usage", TEXT, ANY, .repeated = true,
    .help = "what the key may be used for: keyCertSign, keyEncipherment ...");
FIELD(cert_path_length, "cert.path_length", INT, ANY,
    .help = "how many CAs may stand below it");
FIELD(cert_ocsp, "cert.ocsp", TEXT, ANY, .repeated = true,
    .help = "where the revocation can be asked for (OCSP)");
FIELD(cert_policy_cps, "cert.policy_cps", TEXT, ANY, .repeated = true,
    .help = "where the statement of a policy can be read");
FIELD(cert_policy_notice, "cert.policy_notice", TEXT, ANY, .repeated = true,
    .help = "notice that a policy wants to be shown");
FIELD(cert_san, "cert.san", TEXT, ANY, .repeated = true,
    .help = "alternative name of the subject");
FIELD(cert_name_constraints, "cert.name_constraints", BOOL, ANY,
    .help = "does the CA limit the names below it");
FIELD(cert_no_end, "cert.no_end", BOOL, ANY,
    .help = "is the end of the validity 9999-12-31, which means none");
FIELD(cert_critical, "cert.critical", TEXT, ANY, .repeated = true,
    .help = "critical extension, an object identifier");
FIELD(cert_extension, "cert.extension", TEXT, ANY, .repeated = true,
    .help = "extension, an object identifier");
FIELD(cert_subject_normal, "cert.subject_normal", BYTES, ANY,
    .help = "SHA-1 of the subject without regard to case, blanks and string "
	"types: the same for two encodings of one name");
FIELD(cert_issuer_normal, "cert.issuer_normal", BYTES, ANY,
    .help = "the same of the issuer");
FIELD(tpm_spec_family, "tpm.spec_family", TEXT, EK,
    .help = "family of the TPM specification: 2.0");
FIELD(tpm_spec_level, "tpm.spec_level", INT, EK,
    .help = "level of the TPM specification");
FIELD(tpm_spec_revision, "tpm.spec_revision", INT, EK,
    .help = "revision of the TPM specification");
FIELD(tpm_assertion, "tpm.assertion", TEXT, EK, .repeated = true,
    .help = "what the vendor asserts of the TPM's security");
FIELD(platform_manufacturer, "platform.manufacturer", TEXT, ANY,
    .help = "platform manufacturer attribute");
FIELD(platform_model, "platform.model", TEXT, ANY,
    .help = "platform model attribute");
FIELD(platform_version, "platform.version", TEXT, ANY,
    .help = "platform version attribute");

struct reading {
	struct evidence	*ev;
	struct item	*item;
};

/* ---- small facts ---- */

static void
string_fact(struct reading *r, const struct field *field, const struct der *d)
{
	const char *p;
	size_t n;

	if (!d->cut && der_text(r->ev, d, &p, &n))
		ev_fact(r->ev, r->item, field, value_text(p, n), der_span(d));
}

/* The contents of an implicitly tagged IA5String. */
static void
ia5_fact(struct reading *r, const struct field *field, const struct der *d)
{
	if (!d->cut && !d->constructed)
		ev_fact(r->ev, r->item, field, value_text(
		    (const char *)der_bytes(d), d->len), der_span(d));
}

static void
number_fact(struct reading *r, const struct field *field,
    const struct der *d)
{
	int64_t v;

	if (der_int(d, &v))
		ev_fact(r->ev, r->item, field, value_int(v), der_span(d));
}

static void
normal_fact(struct reading *r, const struct field *field,
    const struct der *name)
{
	uint8_t digest[DIGEST_MAX];
	const char *p;
	size_t n, size;

	if (CERT_HAS(*name) && !name->cut && name_normal(r->ev, name, &p, &n) &&
	    digest_bytes("sha1", p, n, digest, &size))
		ev_derive(r->ev, r->item, field, value_bytes(digest, size),
		    der_span(name), NULL, 0, NULL);
}

/* ---- extensions ---- */

static void
read_usage(struct reading *r, const struct der *d)
{
	static const char *const names[] = {
		"digitalSignature", "nonRepudiation", "keyEncipherment",
		"dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign",
		"encipherOnly", "decipherOnly"
	};
	const uint8_t *p = der_bytes(d);
	size_t i;

	if (!der_is(d, DER_UNIVERSAL, DER_BIT_STRING) || d->constructed)
		return;
	for (i = 0; i < 9 && 1 + i / 8 < d->len; i++)
		if (p[1 + i / 8] & 0x80 >> i % 8)
			ev_derive(r->ev, r->item, &cert_key_usage,
			    value_str(names[i]), der_span(d), NULL, 0, NULL);
}

static void
read_constraints(struct reading *r, const struct der *d)
{
	struct der_iter it;
	struct der length;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &length))
		if (der_is(&length, DER_UNIVERSAL, DER_INTEGER))
			number_fact(r, &cert_path_length, &length);
}

static void
read_access(struct reading *r, const struct der *d)
{
	struct der_iter it, in;
	struct der access, method, place;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &access)) {
		der_enter(&in, r->ev, &access);
		if (der_next(&in, &method) && der_next(&in, &place) &&
		    der_oid_is(&method, "1.3.6.1.5.5.7.48.1") &&
		    der_is(&place, DER_CONTEXT, 6))
			ia5_fact(r, &cert_ocsp, &place);
	}
}

static void
read_qualifier(struct reading *r, const struct der *qualifier)
{
	struct der_iter it, in;
	struct der oid, value, part;

	der_enter(&it, r->ev, qualifier);
	if (!der_next(&it, &oid) || !der_next(&it, &value))
		return;
	if (der_oid_is(&oid, "1.3.6.1.5.5.7.2.1")) {
		string_fact(r, &cert_policy_cps, &value);
		return;
	}
	if (!der_oid_is(&oid, "1.3.6.1.5.5.7.2.2"))
		return;
	der_enter(&in, r->ev, &value);
	while (der_next(&in, &part))
		if (!part.constructed)
			string_fact(r, &cert_policy_notice, &part);
}

static void
read_policies(struct reading *r, const struct der *d)
{
	struct der_iter it, in, each;
	struct der policy, oid, list, qualifier;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &policy)) {
		der_enter(&in, r->ev, &policy);
		if (!der_next(&in, &oid) || !der_next(&in, &list))
			continue;
		der_enter(&each, r->ev, &list);
		while (der_next(&each, &qualifier))
			read_qualifier(r, &qualifier);
	}
}

/* ---- names with attributes of the TCG ---- */

static const struct {
	const char	*oid;
	const struct field *field;
} platform_attributes[] = {
	{ "2.23.133.2.4", &platform_manufacturer },
	{ "2.23.133.2.5", &platform_model },
	{ "2.23.133.2.6", &platform_version },
	{ "2.23.133.5.1.1", &platform_manufacturer },
	{ "2.23.133.5.1.4", &platform_model },
	{ "2.23.133.5.1.5", &platform_version },
};

static void
read_attribute(struct reading *r, const struct der *attribute)
{
	struct der_iter it;
	struct der oid, value;
	size_t i;

	der_enter(&it, r->ev, attribute);
	if (!der_next(&it, &oid) || !der_next(&it, &value))
		return;
	for (i = 0; i < sizeof(platform_attributes) /
	    sizeof(platform_attributes[0]); i++)
		if (der_oid_is(&oid, platform_attributes[i].oid) &&
		    item_fact(r->item, platform_attributes[i].field) == NULL)
			string_fact(r, platform_attributes[i].field, &value);
}

static void
read_directory_name(struct reading *r, const struct der *name)
{
	struct der_iter rdns, attributes;
	struct der rdn, attribute;
	const char *p;
	size_t n;

	if (der_name(r->ev, name, &p, &n))
		ev_fact(r->ev, r->item, &cert_san, value_text(p, n),
		    der_span(name));
	der_enter(&rdns, r->ev, name);
	while (der_next(&rdns, &rdn)) {
		der_enter(&attributes, r->ev, &rdn);
		while (der_next(&attributes, &attribute))
			read_attribute(r, &attribute);
	}
}

static void
read_san(struct reading *r, const struct der *d)
{
	struct der_iter it, in;
	struct der name, inside;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &name)) {
		if (name.class != DER_CONTEXT)
			continue;
		if (name.tag == 1 || name.tag == 2 || name.tag == 6)
			ia5_fact(r, &cert_san, &name);
		if (name.tag != 4)
			continue;
		der_enter(&in, r->ev, &name);
		if (der_next(&in, &inside))
			read_directory_name(r, &inside);
	}
}

static void
read_name_constraints(struct reading *r, const struct der *d)
{
	ev_derive(r->ev, r->item, &cert_name_constraints, value_bool(true),
	    der_span(d), NULL, 0, NULL);
}

/* ---- attributes of the subject's directory entry ---- */

static void
read_specification(struct reading *r, const struct der *d)
{
	struct der_iter it;
	struct der part;

	der_enter(&it, r->ev, d);
	if (!der_next(&it, &part))
		return;
	string_fact(r, &tpm_spec_family, &part);
	if (!der_next(&it, &part))
		return;
	number_fact(r, &tpm_spec_level, &part);
	if (der_next(&it, &part))
		number_fact(r, &tpm_spec_revision, &part);
}

/* The number inside, through an explicit tag; false if it is none. */
static bool
number_inside(struct reading *r, const struct der *d, int64_t *ret)
{
	struct der in = *d;
	struct der_iter it;

	if (d->constructed) {
		der_enter(&it, r->ev, d);
		if (!der_next(&it, &in))
			return false;
	}
	in.class = DER_UNIVERSAL;
	in.tag = DER_INTEGER;
	return der_int(&in, ret);
}

static void
read_assertions(struct reading *r, const struct der *d)
{
	static const char *const types[] = {
		"internal", "injected", "internalRevocable",
		"injectedRevocable"
	};
	static const char *const places[] = {
		"tpmManufacturer", "platformManufacturer", "ekCertSigner"
	};
	static const char *const names[] = {
		"ekGenerationType", "ekGenerationLocation",
		"ekCertificateGenerationLocation", "ccInfo", "fipsLevel",
		"iso9000Certified"
	};
	struct der_iter it;
	struct der part;
	const char *text;
	int64_t v;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &part)) {
		text = NULL;
		if (der_is(&part, DER_UNIVERSAL, DER_BOOLEAN) && part.len == 1)
			text = der_bytes(&part)[0] != 0 ? "fieldUpgradable" :
			    "not fieldUpgradable";
		else if (part.class == DER_CONTEXT && part.tag < 3 &&
		    number_inside(r, &part, &v)) {
			if (part.tag == 0 && v >= 0 && v < 4)
				text = types[v];
			else if (part.tag > 0 && v >= 0 && v < 3)
				text = places[v];
			text = text != NULL ? arena_printf(ev_arena(r->ev),
			    "%s %s", names[part.tag], text) :
			    arena_printf(ev_arena(r->ev), "%s %lld",
			    names[part.tag], (long long)v);
		} else if (part.class == DER_CONTEXT && part.tag < 6)
			text = names[part.tag];
		if (text != NULL)
			ev_derive(r->ev, r->item, &tpm_assertion,
			    value_str(text), der_span(&part), NULL, 0, NULL);
	}
}

static void
read_directory(struct reading *r, const struct der *d)
{
	struct der_iter it, in, values;
	struct der attribute, oid, set, value;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &attribute)) {
		der_enter(&in, r->ev, &attribute);
		if (!der_next(&in, &oid) || !der_next(&in, &set))
			continue;
		der_enter(&values, r->ev, &set);
		if (!der_next(&values, &value))
			continue;
		if (der_oid_is(&oid, "2.23.133.2.16") &&
		    item_fact(r->item, &tpm_spec_family) == NULL)
			read_specification(r, &value);
		else if (der_oid_is(&oid, "2.23.133.2.18") &&
		    item_fact(r->item, &tpm_assertion) == NULL)
			read_assertions(r, &value);
	}
}

static const struct {
	const char	*oid;
	void		 (*read)(struct reading *, const struct der *);
} extensions[] = {
	{ "2.5.29.9", read_directory },
	{ "2.5.29.15", read_usage },
	{ "2.5.29.17", read_san },
	{ "2.5.29.19", read_constraints },
	{ "2.5.29.30", read_name_constraints },
	{ "2.5.29.32", read_policies },
	{ "1.3.6.1.5.5.7.1.1", read_access },
};

#define EXTENSIONS	(sizeof(extensions) / sizeof(extensions[0]))

static void
extensions_read(struct reading *r, const struct der *all)
{
	struct cert_extension x;
	struct der_iter it, in;
	bool seen[EXTENSIONS] = { false };
	char dotted[OID_SIZE];
	struct der value;
	size_t i, n = 0;

	der_enter(&it, r->ev, all);
	while (n++ < 64 && cert_extension_next(r->ev, &it, &x)) {
		if (!der_oid(&x.oid, dotted, sizeof(dotted)))
			continue;
		ev_fact(r->ev, r->item, &cert_extension, value_str(dotted),
		    der_span(&x.oid));
		if (CERT_HAS(x.critical) && x.critical.len == 1 &&
		    der_bytes(&x.critical)[0] != 0)
			ev_fact(r->ev, r->item, &cert_critical,
			    value_str(dotted), der_span(&x.oid));
		for (i = 0; i < EXTENSIONS; i++)
			if (strcmp(extensions[i].oid, dotted) == 0)
				break;
		if (i == EXTENSIONS || seen[i] || !CERT_HAS(x.value) ||
		    x.value.cut)
			continue;
		seen[i] = true;
		der_enter(&in, r->ev, &x.value);
		if (der_next(&in, &value) && !value.cut)
			extensions[i].read(r, &value);
	}
}

void
cert_more_read(struct evidence *ev, struct item *item,
    const struct cert_parts *c)
{
	struct reading r = { ev, item };
	int64_t us;

	if (CERT_HAS(c->version))
		number_fact(&r, &cert_version, &c->version);
	normal_fact(&r, &cert_subject_normal, &c->subject);
	normal_fact(&r, &cert_issuer_normal, &c->issuer);
	if (CERT_HAS(c->not_after) && der_time(&c->not_after, &us))
		ev_derive(ev, item, &cert_no_end, value_bool(us <
		    YEAR_10000 && us >= YEAR_10000 - INT64_C(86400000000)),
		    der_span(&c->not_after), NULL, 0, NULL);
	if (CERT_HAS(c->extensions))
		extensions_read(&r, &c->extensions);
}
