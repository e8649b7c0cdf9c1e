/*
 * Turns UTF-8 text into what consoles and Windows tools write: UTF-16 in
 * either order, and the code pages 850, 866 and 1252.
 * Relies on the texts of text.c: a letter that a page lacks ends the run.
 */
#include "forge.h"

#include <string.h>

static const struct {
	uint32_t	point;
	uint8_t		cp850;
	uint8_t		cp1252;
} latin[] = {
	{ 0xc4, 0x8e, 0xc4 }, { 0xd6, 0x99, 0xd6 }, { 0xdc, 0x9a, 0xdc },
	{ 0xdf, 0xe1, 0xdf }, { 0xe4, 0x84, 0xe4 }, { 0xe9, 0x82, 0xe9 },
	{ 0xf6, 0x94, 0xf6 }, { 0xfc, 0x81, 0xfc },
};

static uint32_t
next_point(const uint8_t **p)
{
	uint32_t c = *(*p)++;
	unsigned more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (more > 0)
		c &= 0x3f >> more;
	while (more-- > 0)
		c = c << 6 | (*(*p)++ & 0x3f);
	return c;
}

static unsigned
page_byte(uint32_t c, const char *encoding)
{
	size_t i;

	if (c < 0x80)
		return c;
	if (strcmp(encoding, "cp866") == 0) {
		if (c >= 0x410 && c <= 0x43f)
			return c - 0x410 + 0x80;
		if (c >= 0x440 && c <= 0x44f)
			return c - 0x440 + 0xe0;
		if (c == 0x401 || c == 0x451)
			return c == 0x401 ? 0xf0 : 0xf1;
	} else
		for (i = 0; i < COUNT(latin); i++)
			if (latin[i].point == c)
				return strcmp(encoding, "cp850") == 0 ?
				    latin[i].cp850 : latin[i].cp1252;
	die("%s has no U+%04X", encoding, (unsigned)c);
}

void
text_encode(struct buf *b, const char *encoding, bool bom)
{
	struct buf out = { NULL, 0, 0 };
	const uint8_t *p, *end;
	uint32_t c;

	if (strcmp(encoding, "utf-8") == 0) {
		if (bom)
			buf_insert(b, 0, "\xef\xbb\xbf", 3);
		return;
	}
	if (bom && strcmp(encoding, "utf-16le") == 0)
		buf_put(&out, "\xff\xfe", 2);
	if (bom && strcmp(encoding, "utf-16be") == 0)
		buf_put(&out, "\xfe\xff", 2);
	for (p = b->p, end = b->p + b->n; p < end;) {
		c = next_point(&p);
		if (strcmp(encoding, "utf-16le") == 0)
			buf_le(&out, c, 2);
		else if (strcmp(encoding, "utf-16be") == 0)
			buf_be(&out, c, 2);
		else
			buf_byte(&out, page_byte(c, encoding));
	}
	buf_free(b);
	*b = out;
}
