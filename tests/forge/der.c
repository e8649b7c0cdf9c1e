/*
 * A small DER writer: constructed values are opened and closed, and their
 * length octets are put in when they close.
 * Relies on bytes.c only; it never reads DER.
 */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t
der_begin(struct buf *b, unsigned tag)
{
	buf_byte(b, tag);
	return b->n;
}

static size_t
length_octets(size_t n, uint8_t ret[5])
{
	size_t len = 0, v;

	if (n < 0x80) {
		ret[0] = (uint8_t)n;
		return 1;
	}
	for (v = n; v > 0; v >>= 8)
		len++;
	ret[0] = (uint8_t)(0x80 | len);
	for (v = 0; v < len; v++)
		ret[1 + v] = (uint8_t)(n >> (8 * (len - 1 - v)));
	return len + 1;
}

void
der_end(struct buf *b, size_t mark)
{
	uint8_t octets[5];
	size_t n;

	n = length_octets(b->n - mark, octets);
	buf_insert(b, mark, octets, n);
}

void
der_tlv(struct buf *b, unsigned tag, const void *p, size_t n)
{
	uint8_t octets[5];

	buf_byte(b, tag);
	buf_put(b, octets, length_octets(n, octets));
	buf_put(b, p, n);
}

void
der_str(struct buf *b, unsigned tag, const char *s)
{
	der_tlv(b, tag, s, strlen(s));
}

/* BMPString of ASCII text. */
void
der_bmp(struct buf *b, const char *s)
{
	size_t mark = der_begin(b, 0x1e);

	for (; *s != '\0'; s++)
		buf_be(b, (uint8_t)*s, 2);
	der_end(b, mark);
}

void
der_oid(struct buf *b, const char *dotted)
{
	size_t mark = der_begin(b, 0x06);
	uint64_t arc, first = 0;
	unsigned i, n, septets;
	char *end;

	for (i = 0; *dotted != '\0'; i++) {
		arc = strtoull(dotted, &end, 10);
		dotted = *end == '.' ? end + 1 : end;
		if (i == 0) {
			first = arc * 40;
			continue;
		}
		if (i == 1)
			arc += first;
		for (septets = 1; septets < 9 && arc >> (7 * septets) != 0;)
			septets++;
		for (n = septets; n > 0; n--)
			buf_byte(b, (unsigned)(arc >> (7 * (n - 1)) & 0x7f) |
			    (n > 1 ? 0x80 : 0));
	}
	der_end(b, mark);
}

/* Minimal INTEGER; a leading 1 bit gets a zero octet unless it may stay. */
void
der_int_bytes(struct buf *b, const void *p, size_t n, bool may_be_negative)
{
	const uint8_t *octets = p;
	size_t mark = der_begin(b, 0x02);

	while (n > 1 && octets[0] == 0) {
		octets++;
		n--;
	}
	if (octets[0] & 0x80 && !may_be_negative)
		buf_byte(b, 0);
	buf_put(b, octets, n);
	der_end(b, mark);
}

void
der_uint(struct buf *b, uint64_t v)
{
	uint8_t octets[8];
	unsigned i;

	for (i = 0; i < 8; i++)
		octets[i] = (uint8_t)(v >> (8 * (7 - i)));
	der_int_bytes(b, octets, sizeof(octets), false);
}

void
der_bits(struct buf *b, const void *p, size_t n, unsigned unused)
{
	size_t mark = der_begin(b, 0x03);

	buf_byte(b, unused);
	buf_put(b, p, n);
	der_end(b, mark);
}

void
der_null(struct buf *b)
{
	der_tlv(b, 0x05, NULL, 0);
}

void
der_bool(struct buf *b, bool v)
{
	der_tlv(b, 0x01, v ? "\xff" : "\0", 1);
}

/* UTCTime to 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5). */
void
der_time(struct buf *b, int64_t us)
{
	char s[32];
	int t[7];

	time_civil(us, t);
	if (t[0] < 2050) {
		snprintf(s, sizeof(s), "%02d%02d%02d%02d%02d%02dZ", t[0] % 100,
		    t[1], t[2], t[3], t[4], t[5]);
		der_str(b, 0x17, s);
	} else {
		snprintf(s, sizeof(s), "%04d%02d%02d%02d%02d%02dZ", t[0], t[1],
		    t[2], t[3], t[4], t[5]);
		der_str(b, 0x18, s);
	}
}

void
der_alg(struct buf *b, const char *oid, bool null)
{
	size_t mark = der_begin(b, 0x30);

	der_oid(b, oid);
	if (null)
		der_null(b);
	der_end(b, mark);
}

/* SET OF in the order DER wants: by encoding, octet by octet. */
void
der_set_of(struct buf *b, unsigned tag, const struct buf *v, size_t n)
{
	const struct buf *sorted[16], *t;
	size_t i, j, len, mark = der_begin(b, tag);

	if (n > COUNT(sorted))
		die("a set of %zu values, at most %zu", n, COUNT(sorted));
	for (i = 0; i < n; i++) {
		for (j = i; j > 0; j--) {
			t = sorted[j - 1];
			len = t->n < v[i].n ? t->n : v[i].n;
			if (memcmp(t->p, v[i].p, len) <= 0)
				break;
			sorted[j] = t;
		}
		sorted[j] = &v[i];
	}
	for (i = 0; i < n; i++)
		buf_add(b, sorted[i]);
	der_end(b, mark);
}
