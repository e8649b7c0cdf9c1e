/*
 * The types that object identifiers bring with them: contents, attributes,
 * extensions, parameters; and what an element without a place looks like.
 * Relies on tree_types.h and cert.h; RFC 8894, wincrypt.h, MS-WCCE.
 */
#include <string.h>

#include "decode/tree_types.h"
#include "evidence/cert.h"

#define END	{ NULL, DER_UNIVERSAL, 0, 0, NULL }
#define U(name, tag, flags, type)	{ name, DER_UNIVERSAL, tag, flags, type }
#define A(name, flags, type)	{ name, DER_UNIVERSAL, TAG_ANY, flags, type }

/* ---- SCEP ---- */

static const struct named message_types[] = {
	{ 0, "Reserved" }, { 3, "CertRep" }, { 17, "RenewalReq" },
	{ 18, "UpdateReq" }, { 19, "PKCSReq" }, { 20, "CertPoll" },
	{ 21, "GetCert" }, { 22, "GetCRL" },
	{ 41, "ClaimChallengeAnswer (Microsoft)" }, { 0, NULL }
};
static const struct named statuses[] = {
	{ 0, "SUCCESS" }, { 2, "FAILURE" }, { 3, "PENDING" },
	{ 11, "PendingChallenge (Microsoft)" }, { 0, NULL }
};
static const struct named failures[] = {
	{ 0, "badAlg" }, { 1, "badMessageCheck" }, { 2, "badRequest" },
	{ 3, "badTime" }, { 4, "badCertId" }, { 0, NULL }
};

static void
show_message_type(struct tree *t, struct tree_node *n)
{
	show_number(t, n, message_types);
}

static void
show_status(struct tree *t, struct tree_node *n)
{
	show_number(t, n, statuses);
}

static void
show_failure(struct tree *t, struct tree_node *n)
{
	show_number(t, n, failures);
}

static const struct tree_type
	type_message_type = { .shape = SHAPE_PRIMITIVE,
	    .show = show_message_type },
	type_status = { .shape = SHAPE_PRIMITIVE, .show = show_status },
	type_failure = { .shape = SHAPE_PRIMITIVE, .show = show_failure },
	type_hresult = { .shape = SHAPE_PRIMITIVE, .show = show_hresult },
	type_transaction = { .shape = SHAPE_PRIMITIVE,
	    .show = show_transaction };

/* ---- Microsoft ---- */

static const struct named client_ids[] = {
	{ 0, "none" }, { 1, "XEnroll2003" }, { 2, "AutoEnroll2003" },
	{ 3, "Wizard2003" }, { 4, "CertReq2003" }, { 5, "DefaultRequest" },
	{ 6, "AutoEnroll" }, { 7, "RequestWizard" }, { 8, "EOBO" },
	{ 9, "CertReq" }, { 10, "Test" }, { 11, "WinRT" }, { 0, NULL }
};
static const struct tree_type type_client_id = { .shape = SHAPE_PRIMITIVE,
    .tag = DER_INTEGER, .named = client_ids };

#define STRUCTURE(id, text, ...)					\
	static const struct tree_member id##_members[] = {		\
	    __VA_ARGS__, END };						\
	static const struct tree_type type_##id = { .name = text,	\
	    .shape = SHAPE_SEQUENCE, .tag = DER_SEQUENCE,		\
	    .members = id##_members }

STRUCTURE(client_info, "RequestClientInfo",
    U("clientId", DER_INTEGER, 0, &type_client_id), A("machine", 0, NULL),
    A("user", 0, NULL), A("process", 0, NULL));
STRUCTURE(csp_provider, "EnrollmentCSPProvider",
    U("keySpec", DER_INTEGER, 0, NULL), A("provider", 0, NULL),
    U("signature", DER_BIT_STRING, MEMBER_OPTIONAL, &type_bits));
STRUCTURE(name_value, "EnrollmentNameValuePair",
    A("name", 0, NULL), A("value", 0, NULL));
STRUCTURE(key_affinity, "KeyAffinity",
    U("salt", DER_OCTET_STRING, 0, &type_opaque),
    U("hash", DER_OCTET_STRING, 0, &type_digest));
static const struct tree_member key_affinity_choices[] = {
	U("none", DER_NULL, 0, NULL),
	U("affinity", DER_SEQUENCE, 0, &type_key_affinity), END
};
static const struct tree_type type_affinity = { .shape = SHAPE_CHOICE,
    .members = key_affinity_choices };
STRUCTURE(template, "CertificateTemplate",
    U("templateID", DER_OID, 0, NULL),
    U("templateMajorVersion", DER_INTEGER, MEMBER_OPTIONAL, NULL),
    U("templateMinorVersion", DER_INTEGER, MEMBER_OPTIONAL, NULL));
static const struct tree_member ek_info_members[] = {
	U("endorsementKey", DER_SEQUENCE, 0, &type_spki),
	U("noCertificate", DER_NULL, MEMBER_OPTIONAL, NULL),
	U("endorsementCertificate", DER_SEQUENCE, MEMBER_OPTIONAL,
	    &type_certificate),
	U("issuer1", DER_SEQUENCE, MEMBER_OPTIONAL, &type_certificate),
	U("issuer2", DER_SEQUENCE, MEMBER_OPTIONAL, &type_certificate),
	U("issuer3", DER_SEQUENCE, MEMBER_OPTIONAL, &type_certificate), END
};
static const struct tree_type type_ek_info = {
	.name = "EndorsementKeyInfo", .shape = SHAPE_SEQUENCE,
	.tag = DER_SEQUENCE, .members = ek_info_members
};
/* The capabilities of S/MIME are algorithms. */
static const struct tree_type type_capabilities = {
	.name = "SMIMECapabilities", .shape = SHAPE_OF,
	.tag = DER_SEQUENCE, .of = &type_algorithm
};
static const struct tree_type type_policy_list = {
	.name = "ApplicationCertPolicies", .shape = SHAPE_OF,
	.tag = DER_SEQUENCE, .of = &type_policy
};
static const struct tree_type type_safe_octets = {
	.shape = SHAPE_PRIMITIVE, .tag = DER_OCTET_STRING
};

/* ---- by identifier ---- */

static const struct {
	const char	*oid;
	const struct tree_type *type;
} open_types[] = {
	/* contents */
	{ "1.2.840.113549.1.7.1", &type_safe_octets },
	{ "1.2.840.113549.1.7.2", &type_signed_data },
	{ "1.2.840.113549.1.7.3", &type_enveloped },
	{ "1.2.840.113549.1.7.4", &type_signed_enveloped },
	{ "1.2.840.113549.1.7.5", &type_digested },
	{ "1.2.840.113549.1.7.6", &type_encrypted },
	{ "1.2.840.113549.1.9.16.1.9", &type_compressed },
	{ "1.2.840.113549.1.9.16.1.23", &type_auth_enveloped },
	{ "1.3.6.1.4.1.311.10.1", &type_trust_list },
	/* attributes */
	{ "1.2.840.113549.1.9.3", &type_oid },
	{ "1.2.840.113549.1.9.4", &type_digest },
	{ "1.2.840.113549.1.9.6", &type_signer_info },
	{ "1.2.840.113549.1.9.14", &type_extensions },
	{ "1.2.840.113549.1.9.15", &type_capabilities },
	{ "1.3.6.1.4.1.311.2.1.14", &type_extensions },
	{ "2.16.840.1.113733.1.9.2", &type_message_type },
	{ "2.16.840.1.113733.1.9.3", &type_status },
	{ "2.16.840.1.113733.1.9.4", &type_failure },
	{ "2.16.840.1.113733.1.9.5", &type_nonce },
	{ "2.16.840.1.113733.1.9.6", &type_nonce },
	{ "2.16.840.1.113733.1.9.7", &type_transaction },
	{ "2.16.840.1.113733.1.9.8", &type_extensions },
	{ "1.3.6.1.4.1.311.13.1", &type_certificate },
	{ "1.3.6.1.4.1.311.13.2.1", &type_name_value },
	{ "1.3.6.1.4.1.311.13.2.2", &type_csp_provider },
	{ "1.3.6.1.4.1.311.21.20", &type_client_info },
	{ "1.3.6.1.4.1.311.21.23", &type_content_info },
	{ "1.3.6.1.4.1.311.21.33", &type_hresult },
	{ "1.3.6.1.4.1.311.21.35", &type_content_info },
	{ "1.3.6.1.4.1.311.21.37", &type_request },
	{ "1.3.6.1.4.1.311.21.39", &type_content_info },
	{ "1.3.6.1.4.1.311.21.41", &type_affinity },
	{ "1.3.6.1.4.1.311.21.42", &type_digest },
	{ "2.23.133.2.1", &type_tpm_id },
	{ "2.23.133.2.3", &type_tpm_id },
	{ "2.23.133.2.16", &type_tpm_specification },
	{ "2.23.133.2.18", &type_security_assertions },
	{ "2.5.4.52", &type_algorithms },
	/* extensions */
	{ "2.5.29.9", &type_directory_attributes },
	{ "2.5.29.14", &type_key_id },
	{ "2.5.29.15", &type_key_usage },
	{ "2.5.29.16", &type_key_period },
	{ "2.5.29.17", &type_general_names },
	{ "2.5.29.18", &type_general_names },
	{ "2.5.29.19", &type_constraints },
	{ "2.5.29.20", &type_integer },
	{ "2.5.29.21", &type_reason },
	{ "2.5.29.27", &type_integer },
	{ "2.5.29.28", &type_issuing_point },
	{ "2.5.29.29", &type_general_names },
	{ "2.5.29.30", &type_name_constraints },
	{ "2.5.29.31", &type_points },
	{ "2.5.29.32", &type_policies },
	{ "2.5.29.33", &type_mappings },
	{ "2.5.29.35", &type_authority_key },
	{ "2.5.29.36", &type_policy_constraints },
	{ "2.5.29.37", &type_enhanced_usage },
	{ "2.5.29.46", &type_points },
	{ "1.3.6.1.5.5.7.1.1", &type_access_list },
	{ "1.3.6.1.5.5.7.1.11", &type_access_list },
	{ "1.3.6.1.4.1.311.21.7", &type_template },
	{ "1.3.6.1.4.1.311.21.10", &type_policy_list },
	{ "2.16.840.1.113730.1.1", &type_netscape_type },
	/* policy qualifiers */
	{ "1.3.6.1.5.5.7.2.2", &type_user_notice },
	/* parameters */
	{ "1.2.840.113549.1.1.10", &type_pss },
	{ "1.2.840.113549.1.1.7", &type_oaep },
	{ "1.2.840.113549.1.1.8", &type_algorithm },
	{ "1.2.840.113549.1.1.9", &type_opaque },
	{ "1.2.840.113549.3.2", &type_rc2 },
	{ "1.2.840.113549.3.7", &type_iv },
	{ "1.3.14.3.2.7", &type_iv },
	{ "2.16.840.1.101.3.4.1.2", &type_iv },
	{ "2.16.840.1.101.3.4.1.22", &type_iv },
	{ "2.16.840.1.101.3.4.1.42", &type_iv },
	{ "2.16.840.1.101.3.4.1.6", &type_gcm },
	{ "2.16.840.1.101.3.4.1.26", &type_gcm },
	{ "2.16.840.1.101.3.4.1.46", &type_gcm },
	{ "1.2.840.113549.1.5.12", &type_pbkdf2 },
	{ "1.2.840.113549.1.5.13", &type_pbes2 },
};

const struct tree_type *
tree_type_of(const char *dotted)
{
	size_t i;

	for (i = 0; i < sizeof(open_types) / sizeof(open_types[0]); i++)
		if (strcmp(open_types[i].oid, dotted) == 0)
			return open_types[i].type;
	return NULL;
}

/* ---- by shape ---- */

#define PARTS	10

struct parts {
	struct der	 d[PARTS];
	size_t		 n;
	bool		 more;
};

static void
parts_read(struct evidence *ev, const struct der *d, struct parts *p)
{
	struct der_iter it;
	struct der extra;

	*p = (struct parts){ .n = 0 };
	if (!d->constructed)
		return;
	der_enter(&it, ev, d);
	while (p->n < PARTS && der_next(&it, &p->d[p->n]))
		p->n++;
	p->more = p->n == PARTS && der_next(&it, &extra);
}

static bool
is(const struct parts *p, size_t i, uint32_t tag)
{
	return i < p->n && der_is(&p->d[i], DER_UNIVERSAL, tag);
}

/* AlgorithmIdentifier? */
static bool
is_algorithm(struct evidence *ev, const struct parts *p, size_t i)
{
	struct parts in;

	if (!is(p, i, DER_SEQUENCE))
		return false;
	parts_read(ev, &p->d[i], &in);
	return in.n >= 1 && in.n <= 2 && is(&in, 0, DER_OID);
}

static bool
is_name(struct evidence *ev, const struct der *d)
{
	struct parts in;

	if (!der_is(d, DER_UNIVERSAL, DER_SEQUENCE))
		return false;
	parts_read(ev, d, &in);
	return in.n > 0 && is(&in, 0, DER_SET);
}

static bool
is_spki(struct evidence *ev, const struct der *d)
{
	struct parts in;

	parts_read(ev, d, &in);
	return in.n == 2 && is_algorithm(ev, &in, 0) &&
	    is(&in, 1, DER_BIT_STRING);
}

/* Signed structures: what is signed, an algorithm, a BIT STRING. */
static const struct tree_type *
guess_signed(struct evidence *ev, const struct der *d, const struct parts *p)
{
	struct cert_parts cert;
	struct parts tbs;

	if (cert_walk(ev, d->blob, (struct span){ d->blob->id, d->off,
	    d->end - d->off }, &cert) >= 2)
		return &type_certificate;
	parts_read(ev, &p->d[0], &tbs);
	if (is(&tbs, 0, DER_INTEGER) && is(&tbs, 1, DER_SEQUENCE) &&
	    tbs.n >= 3 && is_spki(ev, &tbs.d[2]))
		return &type_request;
	if (tbs.n >= 3 && (is(&tbs, 2, DER_UTC_TIME) ||
	    is(&tbs, 3, DER_UTC_TIME) || is(&tbs, 2, DER_GENERALIZED_TIME) ||
	    is(&tbs, 3, DER_GENERALIZED_TIME)))
		return &type_crl;
	return NULL;
}

static const struct tree_type *
guess_integers(struct evidence *ev, const struct parts *p)
{
	if (p->n == 9 && is(p, 8, DER_INTEGER))
		return &type_rsa_private;
	if (is_algorithm(ev, p, 1) && is(p, 2, DER_OCTET_STRING))
		return &type_private_key;
	if (p->n >= 2 && is(p, 1, DER_SEQUENCE)) {
		struct parts in;

		parts_read(ev, &p->d[1], &in);
		if (is(&in, 0, DER_OID) && in.n == 2 &&
		    der_is(&in.d[1], DER_CONTEXT, 0))
			return &type_pkcs12;
	}
	if (p->n == 2 && is(p, 1, DER_INTEGER))
		return p->d[0].len > 33 ? &type_rsa_public :
		    &type_ecdsa_signature;
	if (p->n == 4 && !is(p, 1, DER_INTEGER))
		return &type_client_info;
	return NULL;
}

static const struct tree_type *
guess_sequence(struct evidence *ev, const struct der *d)
{
	struct parts p, in;

	parts_read(ev, d, &p);
	if (p.n == 0)
		return NULL;
	if (is(&p, 0, DER_OID)) {
		char dotted[OID_SIZE];

		if (p.n <= 2 && der_oid(&p.d[0], dotted, sizeof(dotted)) &&
		    (p.n == 1 || der_is(&p.d[1], DER_CONTEXT, 0)) &&
		    tree_type_of(dotted) != NULL)
			return &type_content_info;
		if (p.n == 2 && is(&p, 1, DER_SET))
			return &type_attribute;
		if (p.n >= 2 && p.n <= 3 && is(&p, p.n - 1, DER_OCTET_STRING))
			return &type_extension;
		return p.n == 2 ? &type_algorithm : NULL;
	}
	if (is(&p, 0, DER_INTEGER))
		return guess_integers(ev, &p);
	if (is(&p, 0, DER_SET))
		return &type_name;
	if (!is(&p, 0, DER_SEQUENCE))
		return NULL;
	if (p.n >= 2 && is_spki(ev, &p.d[0]) &&
	    (is(&p, 1, DER_NULL) || is(&p, 1, DER_SEQUENCE)))
		return &type_ek_info;
	if (is_spki(ev, d))
		return &type_spki;
	if (p.n == 2 && is_algorithm(ev, &p, 0) && is(&p, 1, DER_OCTET_STRING))
		return &type_encrypted_key;
	if (p.n == 2 && is_name(ev, &p.d[0]) && is(&p, 1, DER_INTEGER))
		return &type_issuer_serial;
	if (p.n == 2 && is_name(ev, &p.d[0]) && is_name(ev, &p.d[1]))
		return &type_issuer_subject;
	parts_read(ev, &p.d[0], &in);
	if (is(&in, 0, DER_OID) && in.n >= 2 &&
	    is(&in, in.n - 1, DER_OCTET_STRING))
		return &type_extensions;
	return guess_signed(ev, d, &p);
}

const struct tree_type *
tree_guess(struct evidence *ev, const struct der *d)
{
	struct parts p, in;

	if (!d->constructed)
		return NULL;
	if (der_is(d, DER_UNIVERSAL, DER_SEQUENCE))
		return guess_sequence(ev, d);
	if (!der_is(d, DER_UNIVERSAL, DER_SET) && !der_is(d, DER_CONTEXT, 0))
		return NULL;
	parts_read(ev, d, &p);
	if (p.n == 0)
		return NULL;
	parts_read(ev, &p.d[0], &in);
	if (in.n == 2 && is(&in, 0, DER_OID) && is(&in, 1, DER_SET))
		return &type_attributes;
	return der_is(d, DER_CONTEXT, 0) && is(&p, 0, DER_SEQUENCE) &&
	    guess_sequence(ev, &p.d[0]) == &type_certificate ?
	    &type_certificates : NULL;
}
