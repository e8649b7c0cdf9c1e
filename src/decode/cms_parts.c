/*
 * Reads the small parts of signed and enveloped data and digests the large
 * ones; the frame's digest is over all bytes that no other part holds.
 * Relies on decode/cms_parts.h and libcrypto; RFC 5652.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "decode/cms_parts.h"
#include "evidence/oid.h"
#include "evidence/signature.h"

#define MESSAGE		(ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER))
#define PARTS_MAX	8	/* that a frame leaves out */

#define FIELD(id, dotted, kind, of, ...)				\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##of, .kinds = KIND(kind),			\
	    .artifacts = MESSAGE, __VA_ARGS__ }

FIELD(cms_version, "cms.version", PKI_MESSAGE, INT,
    .help = "version of the signed data");
FIELD(cms_digest_algorithm, "cms.digest_algorithm", PKI_MESSAGE, TEXT,
    .repeated = true, .help = "digest algorithm that the message announces");
FIELD(cms_content_type, "cms.content_type", PKI_MESSAGE, TEXT,
    .help = "type of the content that is signed");
FIELD(cms_content_sha256, "cms.content_sha256", PKI_MESSAGE, BYTES,
    .help = "SHA-256 of the content that is signed");
FIELD(cms_crls, "cms.crls", PKI_MESSAGE, INT,
    .help = "how many revocation lists travel in it");
FIELD(cms_signer_version, "cms.signer_version", PKI_MESSAGE, INT,
    .help = "version of the signer's information");
FIELD(cms_signature_algorithm, "cms.signature_algorithm", PKI_MESSAGE, TEXT,
    .help = "algorithm of the signer's signature");
FIELD(cms_signature_sha256, "cms.signature_sha256", PKI_MESSAGE, BYTES,
    .help = "SHA-256 of the signature's bytes");
FIELD(cms_attribute_type, "cms.attribute", PKI_MESSAGE, TEXT,
    .repeated = true, .help = "type of a signed attribute");
FIELD(cms_attributes_sha256, "cms.attributes_sha256", PKI_MESSAGE, BYTES,
    .help = "SHA-256 of the signed attributes");
FIELD(cms_unsigned_type, "cms.unsigned_attribute", PKI_MESSAGE, TEXT,
    .repeated = true, .help = "type of an attribute that is not signed");
FIELD(cms_frame_sha256, "cms.frame_sha256", PKI_MESSAGE, BYTES,
    .help = "SHA-256 of the message without content, certificates, signed "
	"attributes and signature");
FIELD(envelope_version, "envelope.version", ENVELOPE, INT,
    .help = "version of the enveloped data");
FIELD(envelope_content_type, "envelope.content_type", ENVELOPE, TEXT,
    .help = "type of the sealed content");
FIELD(envelope_iv, "envelope.iv", ENVELOPE, BYTES,
    .help = "initialisation vector of the cipher");
FIELD(envelope_sha256, "envelope.sha256", ENVELOPE, BYTES,
    .help = "SHA-256 of the encrypted content");
FIELD(envelope_key_sha256, "envelope.key_sha256", ENVELOPE, BYTES,
    .repeated = true, .help = "SHA-256 of an encrypted content key");
FIELD(envelope_frame_sha256, "envelope.frame_sha256", ENVELOPE, BYTES,
    .help = "SHA-256 of the envelope without its content and keys");

/* What is being read. */
struct reading {
	struct evidence	*ev;
	const struct blob *blob;
	struct item	*item;
	struct span	 parts[PARTS_MAX];	/* outside the frame */
	size_t		 nparts;
};

static bool
take(struct reading *r, struct der_iter *it, enum der_class class,
    uint32_t tag, struct der *d)
{
	(void)r;
	if (der_want(it, class, tag, d))
		return true;
	d->blob = NULL;
	return false;
}

static void
leave_out(struct reading *r, struct span at)
{
	if (at.len > 0 && r->nparts < PARTS_MAX)
		r->parts[r->nparts++] = at;
}

static void
digest_fact(struct reading *r, const struct field *field, struct span at)
{
	const uint8_t *p = ev_bytes(r->ev, at);
	uint8_t digest[DIGEST_MAX];
	size_t n;

	if (p != NULL && digest_bytes("sha256", p, at.len, digest, &n))
		ev_derive(r->ev, r->item, field, value_bytes(digest, n), at,
		    NULL, 0, NULL);
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
oid_fact(struct reading *r, const struct field *field, const struct der *d)
{
	char dotted[OID_SIZE];
	const char *name;

	if (d->cut || !der_oid(d, dotted, sizeof(dotted)))
		return;
	name = oid_label(dotted);
	if (name == NULL)
		ev_fact(r->ev, r->item, field, value_str(dotted),
		    der_span(d));
	else
		ev_derive(r->ev, r->item, field, value_str(name),
		    der_span(d), NULL, 0, "names of object identifiers");
}

/* First identifier inside an AlgorithmIdentifier or Attribute. */
static void
inner_oid_fact(struct reading *r, const struct field *field,
    const struct der *d)
{
	struct der_iter it;
	struct der oid;

	der_enter(&it, r->ev, d);
	if (der_want(&it, DER_UNIVERSAL, DER_OID, &oid))
		oid_fact(r, field, &oid);
}

static void
each_oid_fact(struct reading *r, const struct field *field,
    const struct der *set, uint64_t max)
{
	struct der_iter it;
	struct der d;

	der_enter(&it, r->ev, set);
	while (max-- > 0 && der_next(&it, &d))
		inner_oid_fact(r, field, &d);
}

/* All bytes of the message but those of the parts. */
static void
frame_fact(struct reading *r, const struct field *field,
    const struct der *outer)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const uint8_t *p = r->blob->p;
	uint8_t digest[EVP_MAX_MD_SIZE];
	size_t at = outer->off, end = r->blob->n, next, skip, i;
	unsigned int n = 0;

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		goto out;
	while (at < end) {	/* with what follows the message */
		next = end;
		skip = next;
		for (i = 0; i < r->nparts; i++)
			if (r->parts[i].off >= at && r->parts[i].off < next) {
				next = r->parts[i].off;
				skip = next + r->parts[i].len;
			}
		if (EVP_DigestUpdate(ctx, p + at, next - at) != 1)
			goto out;
		at = skip;
	}
	if (EVP_DigestFinal_ex(ctx, digest, &n) == 1)
		ev_derive(r->ev, r->item, field, value_bytes(digest, n),
		    blob_part(r->blob, outer->off, end - outer->off), NULL, 0,
		    NULL);
out:
	EVP_MD_CTX_free(ctx);
}

/* The SEQUENCE inside ContentInfo's [0]. */
static bool
content_of(struct reading *r, const struct der *outer, struct der_iter *it)
{
	struct der_iter in;
	struct der d;

	der_enter(&in, r->ev, outer);
	if (!take(r, &in, DER_UNIVERSAL, DER_OID, &d) ||
	    !take(r, &in, DER_CONTEXT, 0, &d))
		return false;
	der_enter(&in, r->ev, &d);
	if (!take(r, &in, DER_UNIVERSAL, DER_SEQUENCE, &d))
		return false;
	der_enter(it, r->ev, &d);
	return true;
}

static void
signer_parts(struct reading *r, const struct der *set)
{
	struct der_iter it, in;
	struct der d;

	der_enter(&it, r->ev, set);
	if (!take(r, &it, DER_UNIVERSAL, DER_SEQUENCE, &d))
		return;
	der_enter(&in, r->ev, &d);
	if (!take(r, &in, DER_UNIVERSAL, DER_INTEGER, &d))
		return;
	number_fact(r, &cms_signer_version, &d);
	if (!take(r, &in, DER_UNIVERSAL, DER_SEQUENCE, &d))
		take(r, &in, DER_CONTEXT, 0, &d);
	if (!take(r, &in, DER_UNIVERSAL, DER_SEQUENCE, &d))
		return;
	if (take(r, &in, DER_CONTEXT, 0, &d)) {
		each_oid_fact(r, &cms_attribute_type, &d,
		    ev_limits(r->ev)->cms_attributes);
		digest_fact(r, &cms_attributes_sha256, der_span(&d));
		leave_out(r, der_span(&d));
	}
	if (!take(r, &in, DER_UNIVERSAL, DER_SEQUENCE, &d))
		return;
	inner_oid_fact(r, &cms_signature_algorithm, &d);
	if (!take(r, &in, DER_UNIVERSAL, DER_OCTET_STRING, &d))
		return;
	digest_fact(r, &cms_signature_sha256, der_body(&d));
	leave_out(r, der_body(&d));
	if (take(r, &in, DER_CONTEXT, 1, &d))
		each_oid_fact(r, &cms_unsigned_type, &d,
		    ev_limits(r->ev)->cms_attributes);
}

void
cms_parts_signed(struct evidence *ev, const struct blob *b,
    struct item *item, const struct der *outer)
{
	struct reading r = { .ev = ev, .blob = b, .item = item };
	struct der_iter it, in;
	struct der d, encap;
	int64_t n = 0;

	if (!content_of(&r, outer, &it))
		goto out;
	if (take(&r, &it, DER_UNIVERSAL, DER_INTEGER, &d))
		number_fact(&r, &cms_version, &d);
	if (take(&r, &it, DER_UNIVERSAL, DER_SET, &d))
		each_oid_fact(&r, &cms_digest_algorithm, &d,
		    ev_limits(ev)->cms_signers);
	if (take(&r, &it, DER_UNIVERSAL, DER_SEQUENCE, &encap)) {
		der_enter(&in, ev, &encap);
		if (take(&r, &in, DER_UNIVERSAL, DER_OID, &d))
			oid_fact(&r, &cms_content_type, &d);
		if (take(&r, &in, DER_CONTEXT, 0, &d)) {
			digest_fact(&r, &cms_content_sha256, der_body(&d));
			leave_out(&r, der_body(&d));
		}
	}
	if (take(&r, &it, DER_CONTEXT, 0, &d)) {
		struct der_iter certificates;
		struct der c;

		/* each has digests of its own; what is none stays */
		der_enter(&certificates, ev, &d);
		if (!d.cut && d.len > 0 && der_next(&certificates, &c)) {
			struct span all = der_span(&c);

			while (der_is(&c, DER_UNIVERSAL, DER_SEQUENCE) &&
			    !c.cut && (uint64_t)++n <=
			    ev_limits(ev)->cms_certificates) {
				all.len = c.end - all.off;
				if (!der_next(&certificates, &c))
					break;
			}
			if (n > 0 && certificates.off >= certificates.end)
				leave_out(&r, all);
		}
	}
	if (take(&r, &it, DER_CONTEXT, 1, &d)) {
		struct der_iter crls;
		struct der c;

		der_enter(&crls, ev, &d);
		for (n = 0; der_next(&crls, &c); n++)
			continue;
		ev_derive(ev, item, &cms_crls, value_int(n), der_span(&d),
		    NULL, 0, NULL);
	}
	if (take(&r, &it, DER_UNIVERSAL, DER_SET, &d))
		signer_parts(&r, &d);
out:
	frame_fact(&r, &cms_frame_sha256, outer);
}

static void
key_parts(struct reading *r, const struct der *recipient)
{
	struct der_iter it;
	struct der d;

	if (!der_is(recipient, DER_UNIVERSAL, DER_SEQUENCE))
		return;
	der_enter(&it, r->ev, recipient);
	while (der_next(&it, &d))
		if (der_is(&d, DER_UNIVERSAL, DER_OCTET_STRING))
			digest_fact(r, &envelope_key_sha256, der_body(&d));
}

void
cms_parts_enveloped(struct evidence *ev, const struct blob *b,
    struct item *item, const struct der *outer)
{
	struct reading r = { .ev = ev, .blob = b, .item = item };
	struct der_iter it, in;
	struct der d, info;
	uint64_t n;

	if (!content_of(&r, outer, &it))
		goto out;
	if (take(&r, &it, DER_UNIVERSAL, DER_INTEGER, &d))
		number_fact(&r, &envelope_version, &d);
	take(&r, &it, DER_CONTEXT, 0, &d);
	if (take(&r, &it, DER_UNIVERSAL, DER_SET, &d)) {
		der_enter(&in, ev, &d);
		for (n = ev_limits(ev)->cms_recipients; n > 0 &&
		    der_next(&in, &info); n--)
			key_parts(&r, &info);
	}
	if (!take(&r, &it, DER_UNIVERSAL, DER_SEQUENCE, &info))
		goto out;
	der_enter(&in, ev, &info);
	if (take(&r, &in, DER_UNIVERSAL, DER_OID, &d))
		oid_fact(&r, &envelope_content_type, &d);
	if (take(&r, &in, DER_UNIVERSAL, DER_SEQUENCE, &info)) {
		struct der_iter parameters;

		der_enter(&parameters, ev, &info);
		if (der_next(&parameters, &d) && der_next(&parameters, &d) &&
		    der_is(&d, DER_UNIVERSAL, DER_OCTET_STRING) &&
		    !d.constructed && !d.cut)
			ev_fact(ev, item, &envelope_iv,
			    value_bytes(der_bytes(&d), d.len), der_span(&d));
	}
	if (take(&r, &in, DER_CONTEXT, 0, &d)) {
		digest_fact(&r, &envelope_sha256, der_body(&d));
		leave_out(&r, der_body(&d));
	}
out:
	frame_fact(&r, &envelope_frame_sha256, outer);
}
