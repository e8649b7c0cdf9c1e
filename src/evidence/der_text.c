/*
 * Strings of DER as UTF-8 and X.501 names as one line.
 * Relies on der.h; X.680 41, X.501, RFC 4514, TCG EK Credential Profile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/der.h"

/* ---- a growing buffer with a maximum ---- */

struct buffer {
	char	*p;
	size_t	 n, max;
};

static void
buffer_add(struct buffer *b, const void *p, size_t n)
{
	if (n > b->max - b->n)
		n = b->max - b->n;
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void
buffer_str(struct buffer *b, const char *s)
{
	buffer_add(b, s, strlen(s));
}

static void
buffer_utf8(struct buffer *b, uint32_t c)
{
	uint8_t u[4];
	size_t n;

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = 0xfffd;
	if (c < 0x80) {
		u[0] = (uint8_t)c;
		n = 1;
	} else if (c < 0x800) {
		u[0] = (uint8_t)(0xc0 | c >> 6);
		u[1] = (uint8_t)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		u[0] = (uint8_t)(0xe0 | c >> 12);
		u[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		u[2] = (uint8_t)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		u[0] = (uint8_t)(0xf0 | c >> 18);
		u[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		u[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		u[3] = (uint8_t)(0x80 | (c & 0x3f));
		n = 4;
	}
	if (n <= b->max - b->n)
		buffer_add(b, u, n);
}

/* ---- strings ---- */

static void
text_latin1(struct buffer *b, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buffer_utf8(b, p[i]);
}

/* UTF-16BE; a lone surrogate or a last odd byte becomes U+FFFD. */
static void
text_bmp(struct buffer *b, const uint8_t *p, size_t n)
{
	uint32_t c, low;
	size_t i;

	for (i = 0; i + 1 < n; i += 2) {
		c = (uint32_t)p[i] << 8 | p[i + 1];
		if (c >= 0xd800 && c < 0xdc00 && n - i >= 4) {
			low = (uint32_t)p[i + 2] << 8 | p[i + 3];
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) +
				    (low - 0xdc00);
				i += 2;
			}
		}
		buffer_utf8(b, c);
	}
	if (n % 2 != 0)
		buffer_utf8(b, 0xfffd);
}

static void
text_universal(struct buffer *b, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; n - i >= 4; i += 4)
		buffer_utf8(b, (uint32_t)p[i] << 24 |
		    (uint32_t)p[i + 1] << 16 | (uint32_t)p[i + 2] << 8 |
		    p[i + 3]);
	if (n - i > 0)
		buffer_utf8(b, 0xfffd);
}

static void
text_bytes(struct buffer *b, const uint8_t *p, size_t n)
{
	buffer_add(b, p, n);
}

static const struct {
	uint32_t	 tag;
	void		 (*convert)(struct buffer *, const uint8_t *, size_t);
	size_t		 grows;		/* UTF-8 bytes for one byte, at most */
} strings[] = {
	{ DER_UTF8_STRING, text_bytes, 1 },
	{ DER_NUMERIC_STRING, text_bytes, 1 },
	{ DER_PRINTABLE_STRING, text_bytes, 1 },
	{ DER_T61_STRING, text_latin1, 2 },
	{ DER_IA5_STRING, text_bytes, 1 },
	{ DER_VISIBLE_STRING, text_bytes, 1 },
	{ 25 /* GraphicString */, text_bytes, 1 },
	{ 27 /* GeneralString */, text_bytes, 1 },
	{ DER_UNIVERSAL_STRING, text_universal, 3 },
	{ DER_BMP_STRING, text_bmp, 3 },
};

bool
der_text(struct evidence *ev, const struct der *d, const char **ret_p,
    size_t *ret_n)
{
	struct buffer b = { 0 };
	uint8_t *joined;
	size_t i, n;

	*ret_p = NULL;
	*ret_n = 0;
	if (d->class != DER_UNIVERSAL)
		return false;
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		if (strings[i].tag == d->tag)
			break;
	if (i == sizeof(strings) / sizeof(strings[0]) ||
	    !der_octets(ev, d, &joined, &n))
		return false;
	/* A fact keeps no more than value_bytes; one byte more shows it. */
	b.max = n < ev_limits(ev)->value_bytes ? n :
	    (size_t)ev_limits(ev)->value_bytes + 1;
	b.max = b.max * strings[i].grows + 3;
	b.p = arena_alloc(ev_arena(ev), b.max + 1);
	if (n > b.max)
		n = b.max;
	strings[i].convert(&b, joined != NULL ? joined : der_bytes(d), n);
	free(joined);
	*ret_p = b.p;
	*ret_n = b.n;
	return true;
}

/* ---- names ---- */

static const struct {
	const char	*oid, *name;
} attribute_types[] = {
	{ "2.5.4.3", "CN" },
	{ "2.5.4.4", "SN" },
	{ "2.5.4.5", "SERIALNUMBER" },
	{ "2.5.4.6", "C" },
	{ "2.5.4.7", "L" },
	{ "2.5.4.8", "ST" },
	{ "2.5.4.9", "STREET" },
	{ "2.5.4.10", "O" },
	{ "2.5.4.11", "OU" },
	{ "2.5.4.12", "T" },
	{ "2.5.4.17", "PostalCode" },
	{ "2.5.4.42", "GN" },
	{ "2.5.4.46", "DNQ" },
	{ "2.5.4.97", "organizationIdentifier" },
	{ "0.9.2342.19200300.100.1.1", "UID" },
	{ "0.9.2342.19200300.100.1.25", "DC" },
	{ "1.2.840.113549.1.9.1", "E" },
	{ "1.2.840.113549.1.9.2", "unstructuredName" },
	{ "1.2.840.113549.1.9.8", "unstructuredAddress" },
	{ "2.23.133.2.1", "TPMManufacturer" },
	{ "2.23.133.2.2", "TPMModel" },
	{ "2.23.133.2.3", "TPMVersion" },
	{ "2.23.133.2.4", "PlatformManufacturer" },
	{ "2.23.133.2.5", "PlatformModel" },
	{ "2.23.133.2.6", "PlatformVersion" },
};

static void
name_type(struct buffer *b, const struct der *oid)
{
	char dotted[128];
	size_t i;

	if (!der_oid(oid, dotted, sizeof(dotted))) {
		buffer_str(b, "?");
		return;
	}
	for (i = 0; i < sizeof(attribute_types) / sizeof(attribute_types[0]);
	    i++) {
		if (strcmp(attribute_types[i].oid, dotted) == 0) {
			buffer_str(b, attribute_types[i].name);
			return;
		}
	}
	buffer_str(b, dotted);
}

/* Text, or "#" and the TLV in hex where it is no string (RFC 4514 2.4). */
static void
name_value(struct evidence *ev, struct buffer *b, const struct der *value)
{
	struct span s = der_span(value);
	const char *text;
	char hex[3];
	size_t i, n;

	if (der_text(ev, value, &text, &n)) {
		buffer_add(b, text, n);
		return;
	}
	buffer_str(b, "#");
	for (i = 0; i < s.len && b->n < b->max; i++) {
		snprintf(hex, sizeof(hex), "%02x", value->blob->p[s.off + i]);
		buffer_str(b, hex);
	}
}

bool
der_name(struct evidence *ev, const struct der *name, const char **ret_p,
    size_t *ret_n)
{
	struct der_iter rdns, attributes, parts;
	struct der rdn, attribute, oid, value;
	struct buffer b = { 0 };
	bool first = true, inside;

	*ret_p = NULL;
	*ret_n = 0;
	if (!der_is(name, DER_UNIVERSAL, DER_SEQUENCE) || !name->constructed)
		return false;
	b.max = (size_t)ev_limits(ev)->value_bytes;
	b.p = malloc(b.max + 1);
	if (b.p == NULL)
		return false;
	der_enter(&rdns, ev, name);
	while (b.n < b.max && der_next(&rdns, &rdn)) {
		inside = false;
		der_enter(&attributes, ev, &rdn);
		while (b.n < b.max && der_next(&attributes, &attribute)) {
			der_enter(&parts, ev, &attribute);
			if (!der_next(&parts, &oid) ||
			    !der_next(&parts, &value))
				continue;
			if (!first)
				buffer_str(&b, inside ? " + " : ", ");
			first = false;
			inside = true;
			name_type(&b, &oid);
			buffer_str(&b, "=");
			name_value(ev, &b, &value);
		}
	}
	*ret_p = arena_text(ev_arena(ev), b.p, b.n);
	*ret_n = b.n;
	free(b.p);
	return true;
}
