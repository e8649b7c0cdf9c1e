/*
 * Texts for the unit tests in any encoding, and the evidence of one file.
 * Relies on codepage.h for the single-byte encodings; include it once.
 */
#ifndef TESTS_UNIT_TEXT_MAKE_H
#define TESTS_UNIT_TEXT_MAKE_H

#include <stdlib.h>
#include <string.h>

#include "decode/parser.h"
#include "evidence/codepage.h"
#include "evidence/text.h"
#include "tests/unit/tap.h"

struct bytes {
	uint8_t	*p;
	size_t	 n;
};

/* UTF-8 in the given encoding; characters that it lacks become '?'. */
static struct bytes
make(const char *utf8, size_t n, enum text_encoding e, bool bom)
{
	struct bytes b = { malloc(4 * n + 4), 0 };
	size_t i, len, j;
	uint32_t c;
	int k;

	if (b.p == NULL)
		abort();
	if (bom && e == TEXT_UTF8) {
		memcpy(b.p, "\xef\xbb\xbf", 3);
		b.n = 3;
	}
	if (bom && (e == TEXT_UTF16LE || e == TEXT_UTF16BE)) {
		memcpy(b.p, e == TEXT_UTF16LE ? "\xff\xfe" : "\xfe\xff", 2);
		b.n = 2;
	}
	for (i = 0; i < n; i += len) {
		c = (uint8_t)utf8[i];
		len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		if (len > 1)
			c &= 0x7fu >> len;
		for (j = 1; j < len; j++)
			c = c << 6 | ((uint8_t)utf8[i + j] & 0x3f);
		switch (e) {
		case TEXT_ASCII:
		case TEXT_UTF8:
			memcpy(b.p + b.n, utf8 + i, len);
			b.n += len;
			break;
		case TEXT_UTF16LE:
			b.p[b.n++] = (uint8_t)c;
			b.p[b.n++] = (uint8_t)(c >> 8);
			break;
		case TEXT_UTF16BE:
			b.p[b.n++] = (uint8_t)(c >> 8);
			b.p[b.n++] = (uint8_t)c;
			break;
		default:
			for (k = 0; c >= 0x80 && k < 128; k++)
				if (codepages[e - TEXT_CP437][k] == c)
					break;
			b.p[b.n++] = c < 0x80 ? (uint8_t)c :
			    k < 128 ? (uint8_t)(k + 128) : '?';
			break;
		}
	}
	return b;
}

static struct bytes
make_str(const char *utf8, enum text_encoding e, bool bom)
{
	return make(utf8, strlen(utf8), e, bom);
}

static struct evidence *
evidence_of(struct bytes b, const char *name, struct blob **ret_blob)
{
	static const uint8_t sha256[32];
	struct evidence *ev = evidence_new(&limits_default);

	*ret_blob = ev_input(ev, name, true, b.p, b.n, sha256);
	return ev;
}

#endif
