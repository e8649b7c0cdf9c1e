/*
 * What the writers of archives share.
 * Relies on out.h and zlib's CRC-32.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#include "redact/out.h"

#define NO_CHARACTER	0xfffd
#define CRC_BYTES	((size_t)1 << 30)	/* zlib counts in 32 bits */

uint8_t *
out_room(struct out *o, size_t n)
{
	if (o->room - o->n < n) {
		o->room = 2 * o->room + n + 4096;
		o->p = realloc(o->p, o->room);
		if (o->p == NULL)
			abort();
	}
	o->n += n;
	return o->p + o->n - n;
}

void
out_bytes(struct out *o, const void *p, size_t n)
{
	if (n > 0)
		memcpy(out_room(o, n), p, n);
}

void
out_le(struct out *o, uint64_t v, size_t n)
{
	uint8_t *p = out_room(o, n);

	for (; n > 0; n--, v >>= 8)
		*p++ = (uint8_t)v;
}

/* The character at p and its bytes; 0 bytes: it is none. */
static size_t
character(const uint8_t *p, size_t n, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len, i;

	len = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 :
	    p[0] < 0xf0 ? 3 : p[0] < 0xf8 ? 4 : 0;
	*ret = len < 2 ? p[0] : p[0] & (0x7fU >> len);
	if (len > n)
		return 0;
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*ret = *ret << 6 | (p[i] & 0x3f);
	}
	return *ret < least[len] || *ret > 0x10ffff ||
	    (*ret >= 0xd800 && *ret < 0xe000) ? 0 : len;
}

bool
out_utf16(struct out *o, const char *name, size_t n)
{
	const uint8_t *p = (const uint8_t *)name;
	bool good = true;
	uint32_t c;
	size_t i, len;

	for (i = 0; i < n; i += len) {
		len = character(p + i, n - i, &c);
		if (len == 0) {
			good = false;
			len = 1;
			c = NO_CHARACTER;
		}
		if (c >= 0x10000) {
			out_le(o, 0xd800 + ((c - 0x10000) >> 10), 2);
			c = 0xdc00 + (c & 0x3ff);
		}
		out_le(o, c, 2);
	}
	return good;
}

uint32_t
out_crc(const uint8_t *p, size_t n)
{
	uLong crc = crc32(0, NULL, 0);
	size_t k;

	for (; n > 0; p += k, n -= k) {
		k = n < CRC_BYTES ? n : CRC_BYTES;
		crc = crc32(crc, p, (uInt)k);
	}
	return (uint32_t)crc;
}

void
dos_time(uint64_t filetime, uint16_t *ret_date, uint16_t *ret_time)
{
	time_t t = (time_t)((int64_t)(filetime / FILETIME_SECOND) -
	    FILETIME_1970);
	struct tm tm;

	*ret_date = 1 << 5 | 1;
	*ret_time = 0;
	/* Local, as libarchive took it for when it read it. */
	if (filetime == 0 || localtime_r(&t, &tm) == NULL ||
	    tm.tm_year < 80 || tm.tm_year > 80 + 127)
		return;
	*ret_date = (uint16_t)((tm.tm_year - 80) << 9 | (tm.tm_mon + 1) << 5 |
	    tm.tm_mday);
	*ret_time = (uint16_t)(tm.tm_hour << 11 | tm.tm_min << 5 |
	    tm.tm_sec / 2);
}
