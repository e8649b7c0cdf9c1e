/*
 * PKCS#10 certificate requests: those of an AIK, whose "signature" is only a
 * hash, and others; Microsoft's attributes each as a fact.
 * Relies on decode/request.h and evidence/signature.h; RFC 2986, MS-WCCE
 * 2.2.2.7.
 */
#include <string.h>

#include "decode/cms.h"
#include "decode/damage.h"
#include "decode/parser.h"
#include "decode/request.h"
#include "decode/tpm_id.h"
#include "evidence/signature.h"
#include "parsers/fields.h"

#define OPENED	ARTIFACT(OPENED)
#define MS	"1.3.6.1.4.1.311."

static const struct named clients[] = {	/* certenroll.h */
	{ 0, "None" }, { 1, "XEnroll2003" }, { 2, "AutoEnroll2003" },
	{ 3, "Wizard2003" }, { 4, "CertReq2003" }, { 5, "DefaultRequest" },
	{ 6, "AutoEnroll" }, { 7, "RequestWizard" }, { 8, "EOBO" },
	{ 9, "CertReq" }, { 10, "Test" }, { 11, "WinRT" }, { 1000, "User" },
	{ 0, NULL }
};

#define FIELD(id, dotted, kind_of_value, ...)				\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##kind_of_value, .kinds = KIND(PKCS10),	\
	    .artifacts = OPENED, __VA_ARGS__ }

FIELD(pkcs10_version, "pkcs10.version", INT,
    .help = "version of the request: 0");
FIELD(pkcs10_subject, "pkcs10.subject", TEXT, .personal = true,
    .help = "subject that the request asks for; empty for an AIK");
FIELD(pkcs10_key, "pkcs10.key", TEXT,
    .help = "kind and size of the public key");
FIELD(pkcs10_modulus, "pkcs10.modulus", BYTES,
    .help = "modulus of an RSA key, without leading zeros");
FIELD(pkcs10_point, "pkcs10.point", BYTES,
    .help = "x and y of an EC key");
FIELD(pkcs10_signature, "pkcs10.signature", TEXT,
    .help = "signature algorithm; a digest alone for an AIK, which may sign "
	"nothing foreign");
FIELD(pkcs10_hash_valid, "pkcs10.hash_valid", BOOL,
    .help = "is the hash that stands for a signature that of the request");
FIELD(pkcs10_signature_valid, "pkcs10.signature_valid", BOOL,
    .help = "does the signature verify with the request's own key");
FIELD(pkcs10_attribute, "pkcs10.attribute", TEXT, .repeated = true,
    .help = "type of an attribute, an object identifier");
FIELD(pkcs10_os_version, "pkcs10.os_version", TEXT,
    .help = "Windows version (1.3.6.1.4.1.311.13.2.3)");
FIELD(pkcs10_signer_hash, "pkcs10.signer_hash", BYTES,
    .help = "SHA-1 of the SCEP signer's certificate, as the request says "
	"(21.42)");
FIELD(pkcs10_client, "pkcs10.client", INT, .named = clients,
    .help = "what made the request (21.20)");
FIELD(pkcs10_machine, "pkcs10.machine", TEXT, .personal = true,
    .help = "machine that made the request (21.20)");
FIELD(pkcs10_user, "pkcs10.user", TEXT, .personal = true,
    .help = "account that made the request (21.20)");
FIELD(pkcs10_process, "pkcs10.process", TEXT,
    .help = "process that made the request (21.20)");
FIELD(pkcs10_ksp, "pkcs10.ksp", TEXT,
    .help = "key storage provider (21.25)");
FIELD(pkcs10_csp, "pkcs10.csp", TEXT,
    .help = "cryptographic provider (13.2.2)");
FIELD(pkcs10_csp_key_spec, "pkcs10.csp_key_spec", INT,
    .help = "key specification of the provider (13.2.2)");
FIELD(pkcs10_name_value, "pkcs10.name_value", TEXT, .keyed = true,
    .repeated = true, .personal = true,
    .help = "a pair of name and value (13.2.1)");
FIELD(pkcs10_template, "pkcs10.template", TEXT,
    .help = "name of the certificate template (20.2)");
FIELD(pkcs10_extension, "pkcs10.extension", TEXT, .repeated = true,
    .help = "type of an extension that is asked for, an object identifier");
FIELD(pkcs10_san, "pkcs10.san", TEXT, .repeated = true, .personal = true,
    .help = "alternative name that is asked for");
FIELD(pkcs10_ski, "pkcs10.ski", BYTES,
    .help = "subject key identifier that is asked for");
FIELD(pkcs10_ski_matches, "pkcs10.ski_matches", BOOL,
    .help = "is the key identifier the SHA-1 of the request's key");
FIELD(pkcs10_key_affinity, "pkcs10.key_affinity", BOOL,
    .help = "does it ask for key affinity (21.41)");
FIELD(pkcs10_challenge_password, "pkcs10.challenge_password", BOOL,
    .help = "does it carry a challenge password; never shown");
FIELD(pkcs10_challenge_kind, "pkcs10.challenge_kind", TEXT,
    .help = "what the challenge password looks like: Intune, NDES, other");
FIELD(pkcs10_statement, "pkcs10.statement", INT,
    .help = "bytes of the attestation statement (21.24)");

static const struct field *const fields[] = {
	&pkcs10_version, &pkcs10_subject, &pkcs10_key, &pkcs10_modulus,
	&pkcs10_point, &pkcs10_signature, &pkcs10_hash_valid,
	&pkcs10_signature_valid, &pkcs10_attribute, &pkcs10_os_version,
	&pkcs10_signer_hash, &pkcs10_client, &pkcs10_machine, &pkcs10_user,
	&pkcs10_process, &pkcs10_ksp, &pkcs10_csp, &pkcs10_csp_key_spec,
	&pkcs10_name_value, &pkcs10_template, &pkcs10_extension, &pkcs10_san,
	&pkcs10_ski, &pkcs10_ski_matches, &pkcs10_key_affinity,
	&pkcs10_challenge_password, &pkcs10_challenge_kind, &pkcs10_statement,
	NULL
};

/* A request that is being read. */
struct request {
	struct evidence	*ev;
	struct item	*item;
	struct cms_walk	 w;
	struct request_parts parts;
};

static void
text_fact(struct request *r, const struct field *field, const struct der *d)
{
	const char *p;
	size_t n;

	if (!d->cut && der_text(r->ev, d, &p, &n))
		ev_fact(r->ev, r->item, field, value_text(p, n), der_span(d));
	else
		ev_problem(r->ev, PROBLEM_NOTED, der_span(d), "%s is no text",
		    field->name);
}

static void
int_fact(struct request *r, const struct field *field, const struct der *d)
{
	int64_t v;

	if (der_int(d, &v))
		ev_fact(r->ev, r->item, field, value_int(v), der_span(d));
}

static void
oid_fact(struct request *r, const struct field *field, const struct der *d)
{
	char dotted[OID_SIZE];

	if (der_oid(d, dotted, sizeof(dotted)))
		ev_fact(r->ev, r->item, field, value_str(dotted), der_span(d));
}

static void
bytes_fact(struct request *r, const struct field *field, const struct der *d)
{
	if (!d->constructed && !d->cut)
		ev_fact(r->ev, r->item, field, value_bytes(der_bytes(d),
		    d->len), der_span(d));
}

/* ---- extensions ---- */

/* Alternative names; those of a TPM stand in a directoryName. */
static void
san_read(struct request *r, const struct der *d)
{
	struct der_iter it, inside;
	struct der general, name, oid, value;
	const char *p;
	size_t n;

	der_enter(&it, r->ev, d);
	while (der_next(&it, &general)) {
		if (general.class != DER_CONTEXT || general.cut)
			continue;
		der_enter(&inside, r->ev, &general);
		if (general.tag == 4 && der_next(&inside, &name)) {
			tpm_id_read(r->ev, r->item, &name);
			if (der_name(r->ev, &name, &p, &n))
				ev_fact(r->ev, r->item, &pkcs10_san,
				    value_text(p, n), der_span(&name));
		} else if (general.tag == 0 && der_next(&inside, &oid) &&
		    der_next(&inside, &value)) {
			der_enter(&inside, r->ev, &value);
			if (der_next(&inside, &name))
				text_fact(r, &pkcs10_san, &name);
		} else if (!general.constructed && (general.tag == 1 ||
		    general.tag == 2 || general.tag == 6)) {
			ev_fact(r->ev, r->item, &pkcs10_san,
			    value_text((const char *)der_bytes(&general),
			    general.len), der_span(&general));
		}
	}
}

static void
ski_read(struct request *r, const struct der *d)
{
	uint8_t digest[DIGEST_MAX];
	const struct fact *from;
	size_t n;

	if (!der_is(d, DER_UNIVERSAL, DER_OCTET_STRING))
		return;
	bytes_fact(r, &pkcs10_ski, d);
	from = item_fact(r->item, &pkcs10_ski);
	if (from != NULL && r->parts.key.blob != NULL && r->parts.key.len > 1 &&
	    digest_bytes("sha1", der_bytes(&r->parts.key) + 1,
	    r->parts.key.len - 1, digest, &n))
		ev_derive(r->ev, r->item, &pkcs10_ski_matches,
		    value_bool(d->len == n &&
		    memcmp(der_bytes(d), digest, n) == 0),
		    der_span(&r->parts.key), &from, 1, NULL);
}

static void
extensions_read(struct request *r, const struct der *d)
{
	struct cert_extension x;
	struct der_iter it, inside;
	struct der value;

	der_enter(&it, r->ev, d);
	while (cert_extension_next(r->ev, &it, &x)) {
		oid_fact(r, &pkcs10_extension, &x.oid);
		if (!CERT_HAS(x.value) || x.value.cut)
			continue;
		der_enter(&inside, r->ev, &x.value);
		if (!der_next(&inside, &value) || value.cut)
			continue;
		if (der_oid_is(&x.oid, "2.5.29.17"))
			san_read(r, &value);
		else if (der_oid_is(&x.oid, "2.5.29.14"))
			ski_read(r, &value);
		else if (der_oid_is(&x.oid, MS "20.2"))
			text_fact(r, &pkcs10_template, &value);
		else if (der_oid_is(&x.oid, MS "21.41"))
			ev_derive(r->ev, r->item, &pkcs10_key_affinity,
			    value_bool(true), der_span(&x.whole), NULL, 0,
			    NULL);
	}
}

/* ---- attributes; each reader gets the first value ---- */

static void
read_os(struct request *r, const struct der *d)
{
	text_fact(r, &pkcs10_os_version, d);
}

static void
read_signer_hash(struct request *r, const struct der *d)
{
	bytes_fact(r, &pkcs10_signer_hash, d);
}

/* SEQUENCE { clientId, machine, user, process } */
static void
read_client(struct request *r, const struct der *d)
{
	static const struct field *const texts[] = {
		&pkcs10_machine, &pkcs10_user, &pkcs10_process
	};
	struct der_iter it;
	struct der value;
	size_t i;

	der_enter(&it, r->ev, d);
	if (!der_want(&it, DER_UNIVERSAL, DER_INTEGER, &value))
		return;
	int_fact(r, &pkcs10_client, &value);
	for (i = 0; i < 3 && der_next(&it, &value); i++)
		text_fact(r, texts[i], &value);
}

static void
read_ksp(struct request *r, const struct der *d)
{
	text_fact(r, &pkcs10_ksp, d);
}

/* SEQUENCE { keySpec, name, signature } */
static void
read_csp(struct request *r, const struct der *d)
{
	struct der_iter it;
	struct der value;

	der_enter(&it, r->ev, d);
	if (!der_want(&it, DER_UNIVERSAL, DER_INTEGER, &value))
		return;
	int_fact(r, &pkcs10_csp_key_spec, &value);
	if (der_next(&it, &value))
		text_fact(r, &pkcs10_csp, &value);
}

static void
read_pair(struct request *r, const struct der *d)
{
	struct der_iter it;
	struct der name, value;
	const char *key, *text;
	size_t nkey, n;

	der_enter(&it, r->ev, d);
	if (der_next(&it, &name) && der_next(&it, &value) && !value.cut &&
	    der_text(r->ev, &name, &key, &nkey) &&
	    der_text(r->ev, &value, &text, &n))
		ev_fact_keyed(r->ev, r->item, &pkcs10_name_value,
		    arena_text(ev_arena(r->ev), key, nkey),
		    value_text(text, n), der_span(&value));
}

static void
read_statement(struct request *r, const struct der *d)
{
	if (!der_is(d, DER_UNIVERSAL, DER_OCTET_STRING) || d->constructed)
		return;
	ev_derive(r->ev, r->item, &pkcs10_statement,
	    value_int((int64_t)d->len), der_span(d), NULL, 0, NULL);
	ev_slice(r->ev, der_body(d), "attestation statement", NULL, r->item);
}

static void
read_sealed(struct request *r, const struct der *d)
{
	ev_slice(r->ev, der_span(d), "sealed attribute", HINT_CMS, r->item);
}

static void
read_certificate(struct request *r, const struct der *d)
{
	ev_slice(r->ev, der_span(d), "renewed certificate", HINT_CERT,
	    r->item);
}

static bool
all_of(const char *p, size_t n, const char *set)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] == '\0' || strchr(set, p[i]) == NULL)
			return false;
	return n > 0;
}

/* A password: that it is there, and whose it looks like. */
static void
read_challenge(struct request *r, const struct der *d)
{
	const char *p, *kind = "other";
	size_t n;

	ev_derive(r->ev, r->item, &pkcs10_challenge_password,
	    value_bool(true), der_span(d), NULL, 0, NULL);
	if (d->cut || !der_text(r->ev, d, &p, &n))
		return;
	/* Intune's is the base64 of a CMS message. */
	if (n > 100 && memcmp(p, "MI", 2) == 0)
		kind = "Intune";
	else if (n % 16 == 0 && n <= 64 &&
	    all_of(p, n, "0123456789ABCDEFabcdef"))
		kind = "NDES";
	ev_derive(r->ev, r->item, &pkcs10_challenge_kind, value_str(kind),
	    der_span(d), NULL, 0, NULL);
}

static const struct attribute {
	const char	*oid;
	void		 (*read)(struct request *, const struct der *);
} attributes[] = {
	{ MS "13.1", read_certificate },
	{ MS "13.2.1", read_pair },
	{ MS "13.2.2", read_csp },
	{ MS "13.2.3", read_os },
	{ MS "21.20", read_client },
	{ MS "21.23", read_sealed },
	{ MS "21.24", read_statement },
	{ MS "21.25", read_ksp },
	{ MS "21.39", read_sealed },
	{ MS "21.42", read_signer_hash },
	{ "1.2.840.113549.1.9.7", read_challenge },
	{ "1.2.840.113549.1.9.14", extensions_read },
	{ MS "2.1.14", extensions_read },	/* Windows before Vista */
};

#define ATTRIBUTES	(sizeof(attributes) / sizeof(attributes[0]))

static void
attribute_read(struct request *r, const struct der *attribute)
{
	struct der_iter it, inside;
	struct der oid, set, value;
	size_t i;

	der_enter(&it, r->ev, attribute);
	if (!cms_need(&r->w, &it, DER_UNIVERSAL, DER_OID, &oid))
		return;
	oid_fact(r, &pkcs10_attribute, &oid);
	if (!cms_need(&r->w, &it, DER_UNIVERSAL, DER_SET, &set))
		return;
	for (i = 0; i < ATTRIBUTES; i++) {
		if (!der_oid_is(&oid, attributes[i].oid))
			continue;
		der_enter(&inside, r->ev, &set);
		while (der_next(&inside, &value))
			attributes[i].read(r, &value);
		cms_finish(&r->w, &inside);
		return;
	}
}

/* What was looked for among whole attributes and is not there. */
static void
absent(struct request *r, const struct field *field)
{
	if (!r->parts.attributes.cut && item_fact(r->item, field) == NULL)
		ev_derive(r->ev, r->item, field, value_bool(false),
		    der_span(&r->parts.attributes), NULL, 0, NULL);
}

static void
attributes_read(struct request *r)
{
	const uint64_t max = ev_limits(r->ev)->cms_attributes;
	struct der_iter it;
	struct der d;
	uint64_t n = 0;

	der_enter(&it, r->ev, &r->parts.attributes);
	while (der_next(&it, &d)) {
		if (n++ == max) {
			ev_limit(r->ev, der_span(&r->parts.attributes),
			    "cms_attributes", "more than %llu attributes of a "
			    "request are not read", (unsigned long long)max);
			return;
		}
		attribute_read(r, &d);
	}
	cms_finish(&r->w, &it);
	absent(r, &pkcs10_key_affinity);
	absent(r, &pkcs10_challenge_password);
}

/* ---- key and signature ---- */

static void
key_read(struct request *r)
{
	struct cert_key key;
	struct span at;
	bool rsa;

	if (r->parts.spki.cut || !cert_key_read(r->ev, &r->parts.spki, &key))
		return;
	ev_fact(r->ev, r->item, &pkcs10_key, value_str(key.text),
	    der_span(&r->parts.spki));
	if (request_key(r->ev, &r->parts, &rsa, &at))
		ev_fact(r->ev, r->item, rsa ? &pkcs10_modulus : &pkcs10_point,
		    value_bytes(ev_bytes(r->ev, at), at.len), at);
}

static void
signature_read(struct request *r)
{
	struct signature check = { .spki = r->parts.spki,
	    .algorithm = r->parts.algorithm, .digest = r->parts.algorithm,
	    .value = r->parts.signature };
	struct span at = der_span(&r->parts.info);
	enum signature_state state = SIGNATURE_UNABLE;
	const char *why = "there are too many of them";
	bool valid;

	cms_algorithm_fact(r->ev, r->item, &pkcs10_signature, &check.algorithm);
	if (r->parts.info.cut || check.value.cut || check.value.len < 2)
		return;
	if (request_hash(r->ev, &r->parts, &valid)) {
		ev_derive(r->ev, r->item, &pkcs10_hash_valid,
		    value_bool(valid), at, NULL, 0, NULL);
		return;
	}
	/* without the octet that counts unused bits */
	check.value.body++;
	check.value.len--;
	if (r->item->number <= ev_limits(r->ev)->verifications)
		state = signature_check(r->ev, &check, ev_bytes(r->ev, at),
		    at.len, &why);
	if (state == SIGNATURE_UNABLE)
		ev_problem(r->ev, PROBLEM_NOTED, at, "the signature of the "
		    "request is not checkable: %s", why);
	else
		ev_derive(r->ev, r->item, &pkcs10_signature_valid,
		    value_bool(state == SIGNATURE_VALID), at, NULL, 0, NULL);
}

/* ---- the request ---- */

static int
pkcs10_bid(const struct evidence *ev, const struct blob *b)
{
	struct request_parts parts;

	if (b->n < 16 || b->p[0] != 0x30 ||
	    !request_walk(ev, b, blob_span(b), &parts))
		return 0;
	return parts.signature.blob != NULL ? 92 : 70;
}

static void
pkcs10_read(struct evidence *ev, struct blob *b)
{
	struct request r = { .ev = ev,
	    .w = { .ev = ev, .blob = b, .broken = SPAN_NONE } };
	const struct der *outer = &r.parts.outer;
	const char *p;
	size_t n;

	ev_input_kind(ev, b, "pkcs10");
	if (b->n > ev_limits(ev)->cms_bytes) {
		ev_limit(ev, blob_span(b), "cms_bytes", "a request of %zu "
		    "bytes is not read", b->n);
		return;
	}
	if (!request_walk(ev, b, blob_span(b), &r.parts))
		return;
	r.item = ev_item(ev, ITEM_PKCS10, cms_parent(ITEM_PKCS10, b->item),
	    der_span(outer));
	ev_artifact(r.item, ARTIFACT_OPENED);
	int_fact(&r, &pkcs10_version, &r.parts.version);
	if (!r.parts.subject.cut && der_name(ev, &r.parts.subject, &p, &n))
		ev_fact(ev, r.item, &pkcs10_subject, value_text(p, n),
		    der_span(&r.parts.subject));
	key_read(&r);
	attributes_read(&r);
	if (r.parts.signature.blob != NULL)
		signature_read(&r);
	if (outer->cut || r.parts.signature.blob == NULL)
		ev_damage(ev, der_span(outer), "the certificate request is "
		    "cut or damaged: it cannot be read to its end");
	else if (r.w.broken.blob != BLOB_NONE)
		ev_damage(ev, r.w.broken, "the certificate request is "
		    "damaged");
	else if (outer->end < b->n)
		ev_problem(ev, PROBLEM_NOTED, blob_part(b, outer->end,
		    b->n - outer->end), "%zu bytes follow the end of the "
		    "certificate request", b->n - outer->end);
}

const struct parser parser_pkcs10 = {
	.name = "pkcs10", .bid = pkcs10_bid, .read = pkcs10_read,
	.fields = fields
};
