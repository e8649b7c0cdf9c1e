/*
 * CMS messages: who signed what for whom, whether digest and signature are
 * right, and the pieces inside for other parsers; damaged ones as far as they
 * go.  Relies on the walker for places and evidence/signature.h for meaning;
 * RFC 5652.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/cms.h"
#include "decode/cms_parts.h"
#include "decode/damage.h"
#include "decode/parser.h"
#include "evidence/cert.h"
#include "evidence/oid.h"
#include "evidence/signature.h"
#include "parsers/fields.h"

#define MESSAGE		(ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER))
#define CERTIFICATES_MAX 256	/* places kept for the search of the signer */

#define OID_SIGNED	"1.2.840.113549.1.7.2"
#define OID_DIGEST	"1.2.840.113549.1.9.4"

#define FIELD(id, dotted, kind_of_value, ...)				\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##kind_of_value, .kinds = KIND(PKI_MESSAGE),	\
	    .artifacts = MESSAGE, __VA_ARGS__ }

FIELD(cms_signed, "cms.signed", BOOL,
    .help = "has a signer; certificates alone have none");
FIELD(cms_digest, "cms.digest", TEXT,
    .help = "digest algorithm of the signer");
FIELD(cms_digest_valid, "cms.digest_valid", BOOL,
    .help = "is the content the one that was signed; absent: cannot be "
	"checked");
FIELD(cms_signature_valid, "cms.signature_valid", BOOL,
    .help = "does the signature over the attributes verify with the signer's "
	"certificate in the message; absent: cannot be checked");
FIELD(cms_signer_issuer, "cms.signer_issuer", TEXT,
    .help = "issuer name of the signer's certificate");
FIELD(cms_signer_serial, "cms.signer_serial", BYTES,
    .help = "serial number of the signer's certificate");
FIELD(cms_signer_sha1, "cms.signer_sha1", BYTES,
    .help = "SHA-1 of the signer's certificate, found in the message");
FIELD(cms_damaged, "cms.damaged", BOOL,
    .help = "is the message cut or its structure broken");
FIELD(cms_damage, "cms.damage", TEXT,
    .help = "what damaged it: cut, text (stored as text), line-ends (LF made "
	"CRLF), structure");
FIELD(cms_certificates, "cms.certificates", INT,
    .help = "how many certificates travel in it");

static const struct field *const fields[] = {
	&cms_signed, &cms_digest, &cms_digest_valid, &cms_signature_valid,
	&cms_signer_issuer, &cms_signer_serial, &cms_signer_sha1,
	&cms_damaged, &cms_damage, &cms_certificates,
	&cms_version, &cms_digest_algorithm, &cms_content_type,
	&cms_content_sha256, &cms_crls, &cms_signer_version,
	&cms_signature_algorithm, &cms_signature_sha256, &cms_attribute_type,
	&cms_attributes_sha256, &cms_unsigned_type, &cms_frame_sha256, NULL
};

/* A message that is being read. */
struct message {
	struct cms_walk	 w;
	struct evidence	*ev;
	const struct blob *blob;
	struct item	*item;
	struct der	 outer;		/* ContentInfo */
	struct span	 certificates[CERTIFICATES_MAX];
	size_t		 ncertificates;
	bool		 scep, attributes;
	/* content */
	struct der	 encap;		/* EncapsulatedContentInfo */
	struct der	 econtent;	/* the OCTET STRING, if any */
	uint8_t		*joined;
	const uint8_t	*content;
	size_t		 content_n;
	bool		 content_known;
};

/* ---- certificates and content of signed data ---- */

static void
certificates_read(struct message *m, const struct der *set)
{
	const uint64_t max = ev_limits(m->ev)->cms_certificates;
	struct der_iter it;
	struct der d;
	size_t n = 0;

	der_enter(&it, m->ev, set);
	while (der_next(&it, &d)) {
		if (d.cut) {
			m->w.cut = true;
			cms_broken(&m->w, der_span(&d));
		}
		/* other choices: PKCS#6, attribute certificates */
		if (!der_is(&d, DER_UNIVERSAL, DER_SEQUENCE))
			continue;
		n++;
		if (n > max || n > CERTIFICATES_MAX) {
			ev_limit(m->ev, der_span(set), "cms_certificates",
			    "a message has more than %zu certificates; the "
			    "rest is not read", n - 1);
			break;
		}
		m->certificates[m->ncertificates++] = der_span(&d);
		ev_slice(m->ev, der_span(&d), "certificate of the message",
		    HINT_CERT, m->item);
	}
	if (!set->cut)
		ev_derive(m->ev, m->item, &cms_certificates,
		    value_int((int64_t)n), der_span(set), NULL, 0, NULL);
	if (n <= max && n <= CERTIFICATES_MAX)
		cms_finish(&m->w, &it);
}

/* The contents of eContent; constructed ones are joined. */
static void
content_read(struct message *m)
{
	struct der_iter it, inside;
	struct der type, wrapped, d, segment, more;

	der_enter(&it, m->ev, &m->encap);
	if (!cms_need(&m->w, &it, DER_UNIVERSAL, DER_OID, &type))
		return;
	if (!cms_take(&m->w, &it, DER_CONTEXT, 0, &wrapped)) {
		/* detached, or empty as SCEP wants for failures */
		m->content = (const uint8_t *)"";
		m->content_known = !m->encap.cut;
		cms_finish(&m->w, &it);
		return;
	}
	der_enter(&inside, m->ev, &wrapped);
	if (!der_next(&inside, &d)) {
		cms_broken(&m->w, der_span(&wrapped));
		return;
	}
	if (d.cut) {
		m->w.cut = true;
		cms_broken(&m->w, der_span(&d));
	}
	m->econtent = d;
	if (!der_is(&d, DER_UNIVERSAL, DER_OCTET_STRING) && !d.constructed)
		/* neither the string of CMS nor a structure of PKCS#7 1.5 */
		cms_broken(&m->w, der_span(&d));
	if (!der_is(&d, DER_UNIVERSAL, DER_OCTET_STRING)) {
		/* PKCS#7 1.5: any type; its contents octets are signed */
		m->content = der_bytes(&d);
		m->content_n = d.len;
	} else if (!der_octets(m->ev, &d, &m->joined, &m->content_n)) {
		return;
	} else {
		m->content = m->joined != NULL ? m->joined : der_bytes(&d);
	}
	m->content_known = !d.cut;
	cms_finish(&m->w, &it);
	/* one whole segment is a slice, not a joining */
	if (m->joined != NULL) {
		der_enter(&inside, m->ev, &d);
		if (der_next(&inside, &segment) && !segment.constructed &&
		    !der_next(&inside, &more)) {
			free(m->joined);
			m->joined = NULL;
			m->content = der_bytes(&segment);
			m->econtent = segment;
		}
	}
}

/* Gives a ContentInfo inside to the parsers; call when it is digested. */
static void
content_pass(struct message *m)
{
	uint8_t *joined = m->joined;
	int arc;

	m->joined = NULL;
	if (m->econtent.blob == NULL ||
	    cms_looks_like(m->content, m->content_n, &arc) != 2) {
		free(joined);
		return;
	}
	if (joined != NULL)
		ev_step(m->ev, der_span(&m->econtent), "joined segments",
		    HINT_CMS, m->item, joined, m->content_n);
	else
		ev_slice(m->ev, der_body(&m->econtent),
		    "content of the message", HINT_CMS, m->item);
}

/* ---- the signer ---- */

static void
digest_check(struct message *m, const struct cms_signer *s,
    const struct fact *algorithm)
{
	uint8_t digest[DIGEST_MAX];
	const char *name;
	struct der wanted;
	struct span at;
	bool same;
	size_t n;

	if (!m->content_known || algorithm == NULL || s->attributes.cut ||
	    cms_attribute(&m->w, &s->attributes, OID_DIGEST, &wanted) != 1 ||
	    wanted.cut || !der_is(&wanted, DER_UNIVERSAL, DER_OCTET_STRING))
		return;
	name = digest_name(m->ev, &s->digest);
	if (name == NULL || !digest_bytes(name, m->content, m->content_n,
	    digest, &n)) {
		ev_problem(m->ev, PROBLEM_NOTED, algorithm->at, "the digest of "
		    "the content is not checkable: OpenSSL has no %s",
		    algorithm->value.p);
		return;
	}
	same = n == wanted.len && memcmp(digest, der_bytes(&wanted), n) == 0;
	/* A content that is elsewhere says nothing about this message. */
	if (m->econtent.blob == NULL && !same)
		return;
	at = m->econtent.blob == NULL ? der_span(&m->encap) :
	    m->joined != NULL ? der_span(&m->econtent) :
	    der_body(&m->econtent);
	ev_derive(m->ev, m->item, &cms_digest_valid, value_bool(same), at,
	    &algorithm, 1, NULL);
}

static void
signature_read(struct message *m, const struct cms_signer *s,
    const struct fact *certificate)
{
	struct signature check = { s->parts.spki, s->digest, s->algorithm,
	    s->value };
	bool with_attributes = s->attributes.blob != NULL;
	enum signature_state state = SIGNATURE_UNABLE;
	const char *why = NULL;
	uint8_t *set = NULL;
	size_t n = 0;
	struct span at = der_span(&s->whole);

	if (with_attributes)
		why = cms_attributes_fault(&m->w, &s->attributes);
	else if (!m->content_known || m->econtent.blob == NULL)
		why = "the signed content is not here";
	if (why == NULL && s->certificate.blob == BLOB_NONE)
		why = "the message does not hold the signer's certificate";
	if (why == NULL && s->parts.spki.blob == NULL)
		why = "the signer's certificate has no readable key";
	if (why == NULL && s->value.blob == NULL)
		why = "the signature is not there";
	if (why == NULL &&
	    m->item->number > ev_limits(m->ev)->verifications) {
		ev_limit(m->ev, at, "verifications", "more than %llu "
		    "signatures; the rest is not verified", (unsigned long long)
		    ev_limits(m->ev)->verifications);
		return;
	}
	if (why == NULL && with_attributes)
		set = cms_attributes_retag(&s->attributes, &n);
	if (why == NULL && (set != NULL || !with_attributes))
		state = signature_check(m->ev, &check, with_attributes ? set :
		    m->content, with_attributes ? n : m->content_n, &why);
	free(set);
	if (state == SIGNATURE_UNABLE) {
		ev_problem(m->ev, PROBLEM_NOTED, at, "the signature is not "
		    "checkable: %s", why != NULL ? why : "out of memory");
		return;
	}
	ev_derive(m->ev, m->item, &cms_signature_valid,
	    value_bool(state == SIGNATURE_VALID), der_span(with_attributes ?
	    &s->attributes : &m->econtent), &certificate, 1, NULL);
}

/* The facts are those of the first signer. */
static void
signer_read(struct message *m, const struct der *whole)
{
	struct cms_signer s;
	const struct fact *certificate = NULL;
	uint8_t digest[DIGEST_MAX];
	const uint8_t *p;
	size_t n;

	if (!cms_signer_walk(&m->w, whole, &s))
		return;
	if (s.issuer.blob != NULL)
		cms_name_fact(m->ev, m->item, &cms_signer_issuer, &s.issuer);
	if (s.serial.blob != NULL)
		cms_serial_fact(m->ev, m->item, &cms_signer_serial, &s.serial);
	if (s.digest.blob != NULL)
		cms_algorithm_fact(m->ev, m->item, &cms_digest, &s.digest);
	if (s.attributes.blob != NULL) {
		m->attributes = true;
		m->scep = cms_attributes_are_scep(&m->w, &s.attributes);
		ev_slice(m->ev, der_span(&s.attributes), "signed attributes",
		    HINT_SCEP_ATTRS, m->item);
	}
	cms_signer_find(&m->w, m->certificates, m->ncertificates, &s);
	p = ev_bytes(m->ev, s.certificate);
	if (p != NULL && s.parts.complete &&
	    digest_bytes("sha1", p, s.certificate.len, digest, &n))
		certificate = ev_derive(m->ev, m->item, &cms_signer_sha1,
		    value_bytes(digest, n), s.certificate, NULL, 0, NULL);
	digest_check(m, &s, item_fact(m->item, &cms_digest));
	signature_read(m, &s, certificate);
}

/* ---- signed data (RFC 5652 5) ---- */

static void
signers_read(struct message *m, const struct der *set)
{
	struct der_iter it;
	struct der d;
	uint64_t n = 0;

	der_enter(&it, m->ev, set);
	while (n < ev_limits(m->ev)->cms_signers && der_next(&it, &d)) {
		if (!der_is(&d, DER_UNIVERSAL, DER_SEQUENCE))
			continue;
		if (n++ == 0)
			signer_read(m, &d);
		else
			ev_problem(m->ev, PROBLEM_NOTED, der_span(&d),
			    "signer %llu of the message is not read",
			    (unsigned long long)n);
	}
	if (n > 0 || (!set->cut && set->len == 0))
		ev_derive(m->ev, m->item, &cms_signed, value_bool(n > 0),
		    der_span(set), NULL, 0, NULL);
	if (n == ev_limits(m->ev)->cms_signers)
		ev_limit(m->ev, der_span(set), "cms_signers", "more than %llu "
		    "signers are not read", (unsigned long long)n);
	else
		cms_finish(&m->w, &it);
	if (n == 0 && !set->cut && set->len == 0 && m->ncertificates > 0)
		ev_artifact(m->item, ARTIFACT_CA_CHAIN);
}

static void
signed_read(struct message *m, const struct der *content)
{
	struct der_iter it;
	struct der seq, d, set;

	der_enter(&it, m->ev, content);
	if (!cms_need(&m->w, &it, DER_UNIVERSAL, DER_SEQUENCE, &seq))
		return;
	cms_finish(&m->w, &it);
	der_enter(&it, m->ev, &seq);
	if (!cms_need(&m->w, &it, DER_UNIVERSAL, DER_INTEGER, &d) ||
	    !cms_need(&m->w, &it, DER_UNIVERSAL, DER_SET, &d) ||
	    !cms_need(&m->w, &it, DER_UNIVERSAL, DER_SEQUENCE, &m->encap))
		return;
	content_read(m);
	if (cms_take(&m->w, &it, DER_CONTEXT, 0, &set))
		certificates_read(m, &set);
	else if (it.off < it.end && m->w.broken.blob == BLOB_NONE)
		ev_derive(m->ev, m->item, &cms_certificates, value_int(0),
		    der_span(&seq), NULL, 0, NULL);
	cms_take(&m->w, &it, DER_CONTEXT, 1, &set);
	if (cms_need(&m->w, &it, DER_UNIVERSAL, DER_SET, &set))
		signers_read(m, &set);
	cms_finish(&m->w, &it);
	content_pass(m);
}

/* ---- damage ---- */

/* What can be found by its bytes where the structure is lost. */
static void
recover(struct message *m)
{
	struct span at;
	size_t off = 0, n = 0;

	if (m->ncertificates == 0)
		while (n < ev_limits(m->ev)->cms_certificates &&
		    damage_certificate(m->blob, &off, &at)) {
			ev_slice(m->ev, at, "certificate, recovered",
			    HINT_CERT, m->item);
			ev_problem(m->ev, PROBLEM_NOTED, at, "a certificate "
			    "was found by its first bytes in the damaged "
			    "message");
			n++;
		}
	if (!m->attributes && damage_attributes(m->blob, 0, &at)) {
		ev_slice(m->ev, at, "signed attributes, recovered",
		    HINT_SCEP_ATTRS, m->item);
		ev_problem(m->ev, PROBLEM_NOTED, at, "SCEP attributes were "
		    "found by their object identifier in the damaged "
		    "message; nothing verifies them");
		m->scep = true;
	}
}

/*
 * Undoes LF to CRLF where the message then has exactly the length that it
 * states; its digest and signature tell whether that was right.
 */
static void
line_ends_undo(struct message *m)
{
	const struct blob *b = m->blob;
	struct der_iter it;
	struct der outer;
	uint8_t *p;
	size_t i, n = 0;

	p = malloc(b->n > 0 ? b->n : 1);
	if (p == NULL)
		return;
	for (i = 0; i < b->n; i++)
		if (b->p[i] != '\r' || i + 1 == b->n || b->p[i + 1] != '\n')
			p[n++] = b->p[i];
	der_begin(&it, m->ev, b, blob_span(b));
	if (der_next(&it, &outer) && !outer.cut && outer.end == n)
		ev_step(m->ev, blob_span(b), "CRLF to LF", HINT_CMS,
		    b->item, p, n);
	else
		free(p);
}

static void
damage_read(struct message *m)
{
	bool damaged = m->w.broken.blob != BLOB_NONE;
	struct span at = damaged ? m->w.broken : der_span(&m->outer);
	const char *kind;

	if (m->item != NULL)
		ev_derive(m->ev, m->item, &cms_damaged, value_bool(damaged),
		    at, NULL, 0, NULL);
	if (!damaged)
		return;
	kind = damage_kind(m->blob, m->w.cut);
	if (m->item != NULL)
		ev_derive(m->ev, m->item, &cms_damage, value_str(kind), at,
		    NULL, 0, NULL);
	if (strcmp(kind, "line-ends") == 0)
		line_ends_undo(m);
	else if (m->item != NULL)
		recover(m);
	if (strcmp(kind, "text") == 0)
		ev_damage(m->ev, at, "the message was stored as text; its "
		    "bytes above 127 are lost");
	else if (strcmp(kind, "line-ends") == 0)
		ev_damage(m->ev, at, "every LF of the message became CRLF");
	else if (m->w.cut)
		ev_damage(m->ev, at, "the message is cut: it has %zu bytes, "
		    "its structure goes on", m->blob->n);
	else
		ev_damage(m->ev, at, "the structure of the message breaks off "
		    "at byte %zu", at.off);
}

/* ---- the message ---- */

/* Messages inside messages around this blob. */
static unsigned int
nesting(const struct evidence *ev, const struct blob *b)
{
	unsigned int n = 0;

	for (; b->from.blob != BLOB_NONE; b = ev_blob(ev, b->from.blob))
		n += b->parser != NULL && b->hint != NULL &&
		    strcmp(b->hint, HINT_CMS) == 0;
	return n;
}

static void
content_info_read(struct message *m, struct span at)
{
	char type[OID_SIZE];
	struct der content;

	cms_content_info(&m->w, at, &m->outer, type, &content);
	if (type[0] != '\0' && strcmp(type, OID_SIGNED) != 0) {
		ev_problem(m->ev, PROBLEM_NOTED, der_span(&m->outer),
		    "content of type %s is not read", type);
		return;
	}
	m->item = ev_item(m->ev, ITEM_PKI_MESSAGE,
	    cms_parent(ITEM_PKI_MESSAGE, m->blob->item), der_span(&m->outer));
	if (content.blob != NULL)
		signed_read(m, &content);
	cms_parts_signed(m->ev, m->blob, m->item, &m->outer);
}

static size_t
bom(const struct blob *b)
{
	return b->n >= 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static int
pkcs7_bid(const struct evidence *ev, const struct blob *b)
{
	bool hinted = blob_hint_is(b, HINT_CMS) || blob_hint_is(b, HINT_SCEP) ||
	    blob_hint_is(b, "application/x-x509-ca-ra-cert");
	size_t skip = bom(b);
	int arc;

	(void)ev;
	switch (cms_looks_like(b->p + skip, b->n - skip, &arc)) {
	case 2:
		return hinted ? 96 : 92;
	case 1:
		return 65;
	}
	return hinted && b->n >= 2 && b->p[0] == 0x30 &&
	    (b->p[1] & 0x80) != 0 ? 45 : 0;
}

static void
pkcs7_read(struct evidence *ev, struct blob *b)
{
	struct message m = { .ev = ev, .blob = b,
	    .w = { .ev = ev, .blob = b, .broken = SPAN_NONE } };
	size_t skip = bom(b);

	if (b->n > ev_limits(ev)->cms_bytes) {
		ev_limit(ev, blob_span(b), "cms_bytes", "a message of %zu "
		    "bytes is not read", b->n);
		ev_input_kind(ev, b, "pkcs7");
		return;
	}
	if (nesting(ev, b) > ev_limits(ev)->depth) {
		ev_limit(ev, blob_span(b), "depth", "messages nested more "
		    "than %llu deep are not read",
		    (unsigned long long)ev_limits(ev)->depth);
		return;
	}
	if (skip > 0)
		ev_problem(ev, PROBLEM_NOTED, blob_part(b, 0, skip),
		    "a byte order mark stands before the message");
	content_info_read(&m, blob_part(b, skip, b->n - skip));
	damage_read(&m);
	free(m.joined);
	ev_input_kind(ev, b, m.scep ? "scep" : "pkcs7");
}

const struct parser parser_pkcs7 = {
	.name = "pkcs7", .bid = pkcs7_bid, .read = pkcs7_read, .fields = fields
};
