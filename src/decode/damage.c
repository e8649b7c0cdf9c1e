/*
 * Looks at damaged messages byte by byte: what kind of damage it is, and
 * where certificates and SCEP attributes still stand.
 * Relies on nothing but the bytes; RFC 8894 3.2.1 for the attributes.
 */
#include <string.h>

#include "decode/damage.h"

/* 30 82 .. .. 30 82 .. .. A0 03 02 01 .. */
#define CERTIFICATE_HEAD	13

/* 06 0A and the arc 2.16.840.1.113733.1.9 of the SCEP attributes */
static const uint8_t scep_arc[] = {
	0x06, 0x0a, 0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x45, 0x01, 0x09
};

static bool
match(const struct blob *b, size_t off, const void *p, size_t n)
{
	return off <= b->n && n <= b->n - off && memcmp(b->p + off, p, n) == 0;
}

/* Length of the UTF-8 sequence at off, or 0. */
static size_t
utf8_at(const struct blob *b, size_t off)
{
	uint8_t c = b->p[off];
	size_t i, n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 :
	    c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;

	if (n > b->n - off)
		return 0;
	for (i = 1; i < n; i++)
		if ((b->p[off + i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* DER is never valid UTF-8 for long: a key or digest breaks it. */
static bool
is_utf8(const struct blob *b)
{
	size_t off, n, wide = 0;

	for (off = 0; off < b->n; off += n) {
		n = utf8_at(b, off);
		if (n == 0 && b->n - off >= 4)
			return false;
		if (n == 0)
			break;		/* cut inside a sequence */
		wide += n > 1;
	}
	return wide >= 16;
}

const char *
damage_kind(const struct blob *b, bool cut)
{
	size_t i, replaced = 0, lf = 0, bare = 0;

	for (i = 0; i < b->n; i++) {
		replaced += match(b, i, "\xef\xbf\xbd", 3);
		if (b->p[i] == '\n') {
			lf++;
			bare += i == 0 || b->p[i - 1] != '\r';
		}
	}
	if (replaced >= 3 || is_utf8(b))
		return "text";
	if (lf >= 4 && bare == 0)
		return "line-ends";
	return cut ? "cut" : "structure";
}

bool
damage_certificate(const struct blob *b, size_t *off, struct span *ret)
{
	const uint8_t *p;
	size_t len;

	*ret = SPAN_NONE;
	for (; *off < b->n && b->n - *off >= CERTIFICATE_HEAD; (*off)++) {
		p = b->p + *off;
		if (p[0] != 0x30 || p[1] != 0x82 || p[4] != 0x30 ||
		    p[5] != 0x82 || memcmp(p + 8, "\xa0\x03\x02\x01", 4) != 0)
			continue;
		len = ((size_t)p[2] << 8 | p[3]) + 4;
		if (len > b->n - *off)
			continue;
		*ret = (struct span){ b->id, *off, len };
		*off += len;
		return true;
	}
	return false;
}

bool
damage_attributes(const struct blob *b, size_t from, struct span *ret)
{
	size_t i;

	*ret = SPAN_NONE;
	for (i = from < 2 ? 2 : from; i < b->n; i++) {
		if (!match(b, i, scep_arc, sizeof(scep_arc)) ||
		    b->p[i - 2] != 0x30)
			continue;
		*ret = (struct span){ b->id, i - 2, b->n - (i - 2) };
		return true;
	}
	return false;
}
