/*
 * What a device tells the service of its endorsement key: the public key, the
 * EK certificate or NULL, and up to three certificates of its chain.
 * Relies on der.h, evidence/cert.h; MS-WCCE 2.2.2.5 (EndorsementKeyInfo).
 */
#include <string.h>

#include "decode/cms.h"
#include "decode/parser.h"
#include "evidence/signature.h"
#include "parsers/fields.h"

#define OPENED	ARTIFACT(OPENED)
#define ELEMENTS_MAX	8

#define FIELD(id, dotted, kind_of_value, ...)				\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##kind_of_value, .kinds = KIND(EK_INFO),	\
	    .artifacts = OPENED, __VA_ARGS__ }

FIELD(ek_info_key, "ek_info.key", TEXT,
    .help = "kind and size of the EK that the device tells of");
FIELD(ek_info_key_sha256, "ek_info.key_sha256", BYTES,
    .help = "SHA-256 of the EK's SubjectPublicKeyInfo");
FIELD(ek_info_certificate, "ek_info.certificate", BOOL,
    .help = "is an EK certificate there; false: NULL stands in its place");
FIELD(ek_info_certificates, "ek_info.certificates", INT,
    .help = "how many certificates there are, the EK's with them");
FIELD(ek_info_key_matches, "ek_info.key_matches", BOOL,
    .help = "is the key of the EK certificate the EK itself");

static const struct field *const fields[] = {
	&ek_info_key, &ek_info_key_sha256, &ek_info_certificate,
	&ek_info_certificates, &ek_info_key_matches, NULL
};

/* SubjectPublicKeyInfo: SEQUENCE { SEQUENCE { OID ...}, BIT STRING } */
static bool
is_key(const struct evidence *ev, const struct der *d)
{
	struct der_iter it, inside;
	struct der algorithm, oid, bits;

	if (!der_is(d, DER_UNIVERSAL, DER_SEQUENCE))
		return false;
	der_enter(&it, ev, d);
	if (!der_want(&it, DER_UNIVERSAL, DER_SEQUENCE, &algorithm))
		return false;
	der_enter(&inside, ev, &algorithm);
	return der_want(&inside, DER_UNIVERSAL, DER_OID, &oid) &&
	    der_want(&it, DER_UNIVERSAL, DER_BIT_STRING, &bits);
}

/* A certificate is no key: what follows its inner SEQUENCE is another. */
static bool
elements(const struct evidence *ev, const struct blob *b, struct der *whole,
    struct der all[ELEMENTS_MAX], size_t *ret_n)
{
	struct der_iter it;

	*ret_n = 0;
	if (b->n < 16 || b->p[0] != 0x30 ||
	    !der_at(ev, b, blob_span(b), whole))
		return false;
	der_enter(&it, ev, whole);
	while (*ret_n < ELEMENTS_MAX && der_next(&it, &all[*ret_n]))
		(*ret_n)++;
	return *ret_n >= 2 && is_key(ev, &all[0]) &&
	    (der_is(&all[1], DER_UNIVERSAL, DER_NULL) ||
	    der_is(&all[1], DER_UNIVERSAL, DER_SEQUENCE));
}

static void
key_read(struct evidence *ev, struct item *item, const struct der *spki)
{
	const struct fact *f;
	struct cert_key key;
	uint8_t digest[DIGEST_MAX];
	size_t n;

	if (spki->cut || !cert_key_read(ev, spki, &key))
		return;
	f = ev_fact(ev, item, &ek_info_key, value_str(key.text),
	    der_span(spki));
	if (digest_bytes("sha256", ev_bytes(ev, der_span(spki)),
	    der_span(spki).len, digest, &n))
		ev_derive(ev, item, &ek_info_key_sha256,
		    value_bytes(digest, n), der_span(spki), &f, 1, NULL);
}

/*
 * The numbers of the keys: their algorithms may differ, as EK certificates
 * can restrict the key to OAEP.
 */
static void
key_compare(struct evidence *ev, struct item *item, const struct der *spki,
    const struct der *certificate)
{
	const struct fact *f = item_fact(item, &ek_info_key);
	struct cert_parts parts;
	struct der_iter it;
	struct der a, b;

	if (cert_walk(ev, certificate->blob, der_span(certificate),
	    &parts) < 3 || !CERT_HAS(parts.spki))
		return;
	der_enter(&it, ev, spki);
	if (!der_next(&it, &a) || !der_next(&it, &a) || a.cut)
		return;
	der_enter(&it, ev, &parts.spki);
	if (!der_next(&it, &b) || !der_next(&it, &b) || b.cut)
		return;
	ev_derive(ev, item, &ek_info_key_matches, value_bool(a.len == b.len &&
	    memcmp(der_bytes(&a), der_bytes(&b), a.len) == 0),
	    der_span(&parts.spki), &f, 1, NULL);
}

static int
endorsement_bid(const struct evidence *ev, const struct blob *b)
{
	struct der whole, all[ELEMENTS_MAX];
	size_t n;

	return elements(ev, b, &whole, all, &n) ? 87 : 0;
}

static void
endorsement_read(struct evidence *ev, struct blob *b)
{
	struct der whole, all[ELEMENTS_MAX];
	struct item *item;
	size_t n, i;
	int64_t certificates = 0;

	if (!elements(ev, b, &whole, all, &n))
		return;
	ev_input_kind(ev, b, "ek-info");
	item = ev_item(ev, ITEM_EK_INFO, cms_parent(ITEM_EK_INFO, b->item),
	    der_span(&whole));
	ev_artifact(item, ARTIFACT_OPENED);
	key_read(ev, item, &all[0]);
	ev_fact(ev, item, &ek_info_certificate,
	    value_bool(!der_is(&all[1], DER_UNIVERSAL, DER_NULL)),
	    der_span(&all[1]));
	for (i = 1; i < n; i++) {
		if (!der_is(&all[i], DER_UNIVERSAL, DER_SEQUENCE))
			continue;
		certificates++;
		ev_slice(ev, der_span(&all[i]), i == 1 ? "EK certificate" :
		    "certificate of the EK's chain", HINT_CERT, item);
		if (i == 1)
			key_compare(ev, item, &all[0], &all[1]);
	}
	ev_derive(ev, item, &ek_info_certificates, value_int(certificates),
	    der_span(&whole), NULL, 0, NULL);
	if (whole.cut || all[n - 1].cut)
		ev_damage(ev, der_span(&whole), "the EK information is cut");
	else if (all[n - 1].end < whole.body + whole.len)
		ev_damage(ev, der_span(&whole), "the EK information cannot be "
		    "read to its end");
}

const struct parser parser_endorsement = {
	.name = "endorsement", .bid = endorsement_bid,
	.read = endorsement_read, .fields = fields
};
