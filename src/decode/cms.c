/*
 * The walk over ContentInfo and SignerInfo that parsers of CMS share.
 * Relies on der.h, cert.h and oid.h; RFC 5652.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/cms.h"
#include "evidence/oid.h"

#define OID_CONTENT_TYPE "1.2.840.113549.1.9.3"
#define OID_DIGEST	"1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME "1.2.840.113549.1.9.5"
#define OID_SCEP_ARC	"2.16.840.1.113733.1.9."

/* ---- walking and damage ---- */

void
cms_broken(struct cms_walk *w, struct span at)
{
	if (w->broken.blob == BLOB_NONE)
		w->broken = at;
}

bool
cms_take(struct cms_walk *w, struct der_iter *it, enum der_class class,
    uint32_t tag, struct der *d)
{
	if (!der_want(it, class, tag, d)) {
		d->blob = NULL;
		return false;
	}
	if (d->cut) {
		w->cut = true;
		cms_broken(w, der_span(d));
	}
	return true;
}

bool
cms_need(struct cms_walk *w, struct der_iter *it, enum der_class class,
    uint32_t tag, struct der *d)
{
	if (cms_take(w, it, class, tag, d))
		return true;
	cms_broken(w, (struct span){ w->blob->id, it->off,
	    it->end - it->off });
	return false;
}

void
cms_finish(struct cms_walk *w, struct der_iter *it)
{
	struct der d;

	while (der_next(it, &d))
		if (d.cut) {
			w->cut = true;
			cms_broken(w, der_span(&d));
		}
	if (it->limit)
		ev_limit(w->ev, blob_span(w->blob), "der_depth", "elements "
		    "nested too deeply or too many of them are not read");
	if (it->off < it->end)
		cms_broken(w, (struct span){ w->blob->id, it->off,
		    it->end - it->off });
}

/* ---- ContentInfo (RFC 5652 3) ---- */

void
cms_content_info(struct cms_walk *w, struct span at, struct der *ret_outer,
    char ret_type[OID_SIZE], struct der *ret_content)
{
	struct der_iter it, inside;
	struct der type;

	ret_type[0] = '\0';
	*ret_content = (struct der){ 0 };
	der_begin(&it, w->ev, w->blob, at);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, ret_outer))
		*ret_outer = (struct der){ .blob = w->blob, .off = at.off,
		    .body = at.off, .end = at.off + at.len };
	else if (it.off < it.end)
		ev_problem(w->ev, PROBLEM_NOTED, (struct span){ w->blob->id,
		    it.off, it.end - it.off }, "%zu bytes follow the end of "
		    "the message", it.end - it.off);
	der_enter(&inside, w->ev, ret_outer);
	if (!cms_need(w, &inside, DER_UNIVERSAL, DER_OID, &type) ||
	    !der_oid(&type, ret_type, OID_SIZE))
		return;
	cms_need(w, &inside, DER_CONTEXT, 0, ret_content);
	cms_finish(w, &inside);
}

/* 30 EF BF BD or 30 C2 82 where 30 82 was, and the low bytes of the OID. */
static bool
looks_like_text(const uint8_t *p, size_t n)
{
	bool arc = false;
	size_t i;

	if (n < 64 || p[0] != 0x30 || (memcmp(p + 1, "\xef\xbf\xbd", 3) != 0 &&
	    memcmp(p + 1, "\xc2\x82", 2) != 0 &&
	    memcmp(p + 1, "\xc2\x80", 2) != 0))
		return false;
	for (i = 3; i + 3 <= 64; i++) {
		if (memcmp(p + i, "\x06\x09\x2a", 3) == 0)
			arc = true;
		else if (arc && memcmp(p + i, "\x0d\x01\x07", 3) == 0)
			return true;
	}
	return false;
}

int
cms_looks_like(const uint8_t *p, size_t n, int *ret_arc)
{
	static const uint8_t arc[] = {
		0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07
	};
	size_t off = 2;

	*ret_arc = 0;
	if (n < 2 || p[0] != 0x30)
		return 0;
	if (p[1] & 0x80)
		off += p[1] & 0x7f;
	if (off < n && n - off > sizeof(arc) &&
	    memcmp(p + off, arc, sizeof(arc)) == 0) {
		*ret_arc = p[off + sizeof(arc)];
		return 2;
	}
	return looks_like_text(p, n);
}

struct item *
cms_parent(enum item_kind kind, struct item *it)
{
	struct item *up;

	for (up = it; up != NULL; up = up->parent)
		if (kinds[kind].parents & UINT32_C(1) << up->kind)
			return up;
	return it;
}

/* ---- facts ---- */

void
cms_name_fact(struct evidence *ev, struct item *item,
    const struct field *field, const struct der *name)
{
	const char *text;
	size_t n;

	if (!name->cut && der_name(ev, name, &text, &n))
		ev_fact(ev, item, field, value_text(text, n), der_span(name));
}

void
cms_serial_fact(struct evidence *ev, struct item *item,
    const struct field *field, const struct der *serial)
{
	if (!serial->cut)
		ev_fact(ev, item, field, value_bytes(der_bytes(serial),
		    serial->len), der_span(serial));
}

void
cms_algorithm_fact(struct evidence *ev, struct item *item,
    const struct field *field, const struct der *algorithm)
{
	struct der_iter it;
	struct der oid;
	char dotted[OID_SIZE];

	der_enter(&it, ev, algorithm);
	if (der_want(&it, DER_UNIVERSAL, DER_OID, &oid) && !oid.cut)
		ev_fact(ev, item, field, value_str(oid_show(&oid, dotted)),
		    der_span(&oid));
}

/* ---- signed attributes ---- */

size_t
cms_attribute(struct cms_walk *w, const struct der *attributes,
    const char *dotted, struct der *ret_value)
{
	struct der_iter it, inside, values;
	struct der attribute, oid, set, value;
	size_t n = 0;

	*ret_value = (struct der){ 0 };
	if (attributes->blob == NULL)
		return 0;
	der_enter(&it, w->ev, attributes);
	while (der_next(&it, &attribute)) {
		der_enter(&inside, w->ev, &attribute);
		if (!der_next(&inside, &oid) || !der_oid_is(&oid, dotted) ||
		    !der_next(&inside, &set))
			continue;
		der_enter(&values, w->ev, &set);
		while (der_next(&values, &value))
			if (n++ == 0)
				*ret_value = value;
	}
	return n;
}

bool
cms_attributes_are_scep(struct cms_walk *w, const struct der *attributes)
{
	struct der_iter it, inside;
	struct der attribute, oid;
	char dotted[OID_SIZE];

	der_enter(&it, w->ev, attributes);
	while (der_next(&it, &attribute)) {
		der_enter(&inside, w->ev, &attribute);
		if (der_next(&inside, &oid) &&
		    der_oid(&oid, dotted, sizeof(dotted)) &&
		    strncmp(dotted, OID_SCEP_ARC, strlen(OID_SCEP_ARC)) == 0)
			return true;
	}
	return false;
}

static bool
same_body(const struct der *a, const struct der *b)
{
	return a->blob != NULL && b->blob != NULL && a->len == b->len &&
	    memcmp(der_bytes(a), der_bytes(b), a->len) == 0;
}

/*
 * Serials are compared as bytes: those of Windows's throw-away SCEP
 * certificates can be negative.
 */
void
cms_signer_find(struct cms_walk *w, const struct span *certificates,
    size_t n, struct cms_signer *s)
{
	struct cert_parts parts;
	struct der ski;
	size_t i;
	bool found;

	for (i = 0; i < n; i++) {
		if (cert_walk(w->ev, w->blob, certificates[i], &parts) < 2)
			continue;
		found = s->ski.blob != NULL ?
		    cert_extension_find(w->ev, &parts, "2.5.29.14", &ski) &&
		    same_body(&ski, &s->ski) :
		    same_body(&parts.serial, &s->serial) &&
		    same_body(&parts.issuer, &s->issuer);
		if (!found)
			continue;
		s->certificate = certificates[i];
		s->parts = parts;
		return;
	}
}

/* RFC 5652 11.1 to 11.3 */
const char *
cms_attributes_fault(struct cms_walk *w, const struct der *attributes)
{
	struct der value;
	int64_t us;

	if (attributes->cut)
		return "the signed attributes are cut";
	if (cms_attribute(w, attributes, OID_CONTENT_TYPE, &value) != 1)
		return "there is not exactly one contentType attribute";
	if (cms_attribute(w, attributes, OID_DIGEST, &value) != 1)
		return "there is not exactly one messageDigest attribute";
	if (cms_attribute(w, attributes, OID_SIGNING_TIME, &value) > 0 &&
	    !der_time(&value, &us))
		return "the signingTime attribute is no time";
	return NULL;
}

/*
 * The attributes as the signer hashed them: a SET instead of [0], with a
 * definite length (RFC 5652 5.4).
 */
uint8_t *
cms_attributes_retag(const struct der *attributes, size_t *ret_n)
{
	size_t len = attributes->len, octets = 0, head, i;
	uint8_t *p;

	for (i = len; i > 0; i >>= 8)
		octets++;
	head = len < 128 ? 2 : 2 + octets;
	p = malloc(head + len);
	if (p == NULL)
		return NULL;
	p[0] = 0x31;
	p[1] = (uint8_t)(len < 128 ? len : 0x80 | octets);
	for (i = 0; len >= 128 && i < octets; i++)
		p[2 + i] = (uint8_t)(len >> 8 * (octets - 1 - i));
	if (len > 0)
		memcpy(p + head, der_bytes(attributes), len);
	*ret_n = head + len;
	return p;
}

/* ---- SignerInfo ---- */

bool
cms_signer_walk(struct cms_walk *w, const struct der *whole,
    struct cms_signer *s)
{
	struct der_iter it, inside;
	struct der d, sid;

	*s = (struct cms_signer){ .whole = *whole, .certificate = SPAN_NONE };
	der_enter(&it, w->ev, whole);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_INTEGER, &d))
		return false;
	if (cms_take(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &sid)) {
		der_enter(&inside, w->ev, &sid);
		if (cms_need(w, &inside, DER_UNIVERSAL, DER_SEQUENCE,
		    &s->issuer))
			cms_need(w, &inside, DER_UNIVERSAL, DER_INTEGER,
			    &s->serial);
	} else if (cms_take(w, &it, DER_CONTEXT, 0, &sid)) {
		s->ski = sid;
	}
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &s->digest))
		return s->issuer.blob != NULL || s->ski.blob != NULL;
	cms_take(w, &it, DER_CONTEXT, 0, &s->attributes);
	if (cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &s->algorithm))
		cms_need(w, &it, DER_UNIVERSAL, DER_OCTET_STRING, &s->value);
	cms_finish(w, &it);
	return true;
}
