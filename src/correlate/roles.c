/*
 * What each certificate is: EK, its CAs, the service's CAs and RAs, the SCEP
 * signer, or another's.  Relies on the certificate's own extensions first,
 * then on its place in the exchange, then on the table of TPM vendors' CAs.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "decode/tpm_id.h"
#include "knowledge/knowledge.h"

FIELD(cert_role, "cert.role", TEXT, KIND(CERTIFICATE), 0,
    "ek, ek-intermediate, ek-root, aik, aik-ca, aik-root, ra-signing, "
    "ra-encryption, scep-signer, platform, tls or other");
FIELD(cert_vendor, "cert.vendor", TEXT, KIND(CERTIFICATE), 0,
    "TCG id of the TPM vendor that the certificate belongs to");
FIELD(cert_known, "cert.known", BOOL, KIND(CERTIFICATE), 0,
    "the certificate's key id or name stands in the table of vendors' CAs");

#define EKU_EK		"2.23.133.8.1"
#define EKU_PLATFORM	"2.23.133.8.2"
#define EKU_AIK		"2.23.133.8.3"
#define EKU_PRIVACY_CA	"1.3.6.1.4.1.311.21.36"
#define EKU_SERVER	"1.3.6.1.5.5.7.3.1"
#define SOURCE		"rules/data/issuers.tsv"

static const struct fact *
eku(const struct item *cert, const char *oid)
{
	const struct fact *f;

	for (f = item_fact(cert, &cert_eku); f != NULL; f = fact_next(f))
		if (fact_is(f, oid))
			return f;
	return NULL;
}

/* The certificate in the table: itself, or a CA with its key id or name. */
static bool
in_table(struct evidence *ev, const struct item *cert,
    const struct fact **why, struct issuer_info *info)
{
	const struct fact *f;

	if ((f = item_fact(cert, &cert_sha256)) != NULL &&
	    issuer_by_sha256(fact_hex(ev, f), info)) {
		*why = f;
		return true;
	}
	if (!item_truth(cert, &cert_ca, false))
		return false;
	if ((f = item_fact(cert, &cert_ski)) != NULL &&
	    issuer_by_ski(fact_hex(ev, f), 0, info)) {
		*why = f;
		return true;
	}
	if ((f = item_fact(cert, &cert_subject_sha1)) != NULL &&
	    issuer_by_name(fact_hex(ev, f), 0, info)) {
		*why = f;
		return true;
	}
	return false;
}

/* A CA of the table issued it. */
static bool
issuer_in_table(struct evidence *ev, const struct item *cert,
    const struct fact **why, struct issuer_info *info)
{
	const struct fact *f;

	if ((f = item_fact(cert, &cert_aki)) != NULL &&
	    issuer_by_ski(fact_hex(ev, f), 0, info)) {
		*why = f;
		return true;
	}
	if ((f = item_fact(cert, &cert_issuer_sha1)) != NULL &&
	    issuer_by_name(fact_hex(ev, f), 0, info)) {
		*why = f;
		return true;
	}
	return false;
}

/* The message that the certificate travels in. */
static struct item *
message_of(const struct item *cert)
{
	struct item *up = cert->parent;

	return up != NULL && up->kind == ITEM_PKI_MESSAGE ? up : NULL;
}

static bool
signed_by(const struct item *message, const struct item *cert)
{
	return message != NULL && fact_equal(
	    item_fact(message, &cms_signer_sha1), item_fact(cert, &cert_sha1));
}

/* Signer of a request: the throw-away certificate of the client. */
static bool
is_request(const struct item *message)
{
	int64_t type = message == NULL ? -1 :
	    item_number(message, &scep_message_type, -1);

	return type == 17 || type == 19 || type == 20 || type == 41;
}

/* Some envelope of the case is addressed to it. */
static const struct fact *
addressed(struct evidence *ev, const struct item *cert)
{
	const struct item *it;

	for (it = ev_first(ev, ITEM_ENVELOPE); it != NULL; it = it->next)
		if (fact_equal(item_fact(it, &envelope_recipient_serial),
		    item_fact(cert, &cert_serial)) && fact_equal(
		    item_fact(it, &envelope_recipient_issuer),
		    item_fact(cert, &cert_issuer)))
			return item_fact(it, &envelope_recipient_serial);
	return NULL;
}

/* A store element names the certificate as one of the service's. */
static const struct fact *
named_by_store(const struct item *cert, const struct field *field)
{
	const struct item *up;
	const struct fact *f;

	for (up = cert->parent; up != NULL; up = up->parent)
		if (up->kind == ITEM_STORE_ELEMENT) {
			f = item_fact(up, field);
			return fact_equal(f, item_fact(cert, &cert_sha1)) ? f :
			    NULL;
		}
	return NULL;
}

/* The role by the certificate itself and its place; why: what tells it. */
static const char *
role_of(struct evidence *ev, const struct item *cert, const struct fact **why)
{
	const struct item *message = message_of(cert);
	const struct fact *cn = item_fact(cert, &cert_cn);
	const struct fact *issuer = item_fact(cert, &cert_issuer), *f;
	bool ca = item_truth(cert, &cert_ca, false);
	struct issuer_info info;
	struct aik_host host;

	if (!ca && (*why = eku(cert, EKU_EK)) != NULL)
		return "ek";
	if (!ca && (*why = eku(cert, EKU_PLATFORM)) != NULL)
		return "platform";
	/* What a device tells of its EK: that, and the CAs above it. */
	if (cert->parent != NULL && cert->parent->kind == ITEM_EK_INFO) {
		*why = ca ? item_fact(cert, &cert_ca) :
		    item_fact(cert->parent, &ek_info_certificate);
		return !ca ? "ek" : item_truth(cert, &cert_self_issued,
		    false) ? "ek-root" : "ek-intermediate";
	}
	if (is_request(message) && signed_by(message, cert) && !ca) {
		*why = item_fact(message, &cms_signer_sha1);
		return "scep-signer";
	}
	if (fact_holds(*why = cn, "Microsoft TPM Root Certificate Authority"))
		return "aik-root";
	if (aik_ca_name(*why = cn, &host) && (ca ||
	    item_fact(cert, &cert_ca) == NULL))
		return "aik-ca";
	if ((f = addressed(ev, cert)) != NULL && fact_holds(issuer, "-KEYID-")) {
		*why = f;
		return "ra-encryption";
	}
	if (fact_holds(*why = cn, "RA Signing") ||
	    (*why = named_by_store(cert, &store_ra_signing)) != NULL)
		return "ra-signing";
	if (fact_holds(*why = cn, "RA Encryption") ||
	    (*why = named_by_store(cert, &store_ra_encryption)) != NULL)
		return "ra-encryption";
	if (message != NULL && !is_request(message) && !ca &&
	    signed_by(message, cert)) {
		*why = item_fact(message, &cms_signer_sha1);
		return "ra-signing";
	}
	if (!ca && (*why = eku(cert, EKU_AIK)) != NULL)
		return "aik";
	if (ca && (*why = eku(cert, EKU_PRIVACY_CA)) != NULL)
		return "aik-ca";
	if (fact_holds(*why = cn, "SCEP Protocol Certificate"))
		return "scep-signer";
	if (!ca && (*why = eku(cert, EKU_SERVER)) != NULL)
		return "tls";
	if (ca && (in_table(ev, cert, why, &info) ||
	    issuer_in_table(ev, cert, why, &info)))
		return item_truth(cert, &cert_self_issued, false) ? "ek-root" :
		    "ek-intermediate";
	/* Other CAs that travel with a request are the EK's own chain. */
	if (ca && is_request(message)) {
		*why = item_fact(cert, &cert_ca);
		return item_truth(cert, &cert_self_issued, false) ? "ek-root" :
		    "ek-intermediate";
	}
	*why = cn != NULL ? cn : item_fact(cert, &cert_sha256);
	return "other";
}

static void
vendor_add(struct evidence *ev, struct item *cert)
{
	const struct fact *f = item_fact(cert, &tpm_vendor), *why;
	struct issuer_info info;
	struct vendor_info vendor;
	struct aik_host host;

	if (f != NULL)
		ev_derive(ev, cert, &cert_vendor, f->value, SPAN_NONE, &f, 1,
		    NULL);
	else if (in_table(ev, cert, &why, &info) ||
	    issuer_in_table(ev, cert, &why, &info))
		ev_derive(ev, cert, &cert_vendor,
		    value_from(info.vendor.p, info.vendor.n), SPAN_NONE, &why,
		    1, SOURCE);
	else if (aik_ca_name(f = item_fact(cert, &cert_cn), &host) &&
	    vendor_by_prefix(host.prefix, strlen(host.prefix), &vendor))
		ev_derive(ev, cert, &cert_vendor,
		    value_from(vendor.id.p, vendor.id.n), SPAN_NONE, &f, 1,
		    NULL);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	const struct fact *why, *seen;
	struct issuer_info info;
	struct item *cert;
	const char *role;

	(void)as_of;
	for (cert = ev_first(ev, ITEM_CERTIFICATE); cert != NULL;
	    cert = cert->next) {
		why = NULL;
		role = role_of(ev, cert, &why);
		/* A certificate that was cut too early tells nothing. */
		if (why == NULL)
			continue;
		ev_derive(ev, cert, &cert_role, value_str(role), SPAN_NONE,
		    &why, 1, NULL);
		vendor_add(ev, cert);
		if (strncmp(role, "ek-", 3) != 0)
			continue;
		seen = in_table(ev, cert, &why, &info) ? why :
		    item_fact(cert, &cert_subject);
		if (seen != NULL)
			ev_derive(ev, cert, &cert_known, value_bool(
			    in_table(ev, cert, &why, &info)), SPAN_NONE, &seen,
			    1, SOURCE);
	}
}

static const struct field *const fields[] = {
	&cert_role, &cert_vendor, &cert_known, NULL
};

const struct correlator correlator_roles = {
	.name = "roles", .run = run, .fields = fields
};
