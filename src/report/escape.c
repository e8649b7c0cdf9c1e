/*
 * Escapes bytes of the evidence for text, JSON and HTML.
 * Relies on jansson for JSON and on wcwidth(3) for the width of characters.
 */
#include "report/escape.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

size_t
character_next(const char *p, size_t n, int32_t *ret_character)
{
	const unsigned char	*s = (const unsigned char *)p;
	int32_t			 c, least;
	size_t			 i, len;

	*ret_character = CHARACTER_BAD;
	if (s[0] < 0x80) {
		*ret_character = s[0];
		return 1;
	} else if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		len = 2;
		c = s[0] & 0x1f;
		least = 0x80;
	} else if (s[0] >= 0xe0 && s[0] <= 0xef) {
		len = 3;
		c = s[0] & 0x0f;
		least = 0x800;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		len = 4;
		c = s[0] & 0x07;
		least = 0x10000;
	} else
		return 1;
	if (n < len)
		return 1;
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 1;
	*ret_character = c;
	return len;
}

/* Sorted ranges beside C0, DEL and C1. */
static const struct {
	int32_t	first, last;
} hidden[] = {
	{ 0x00ad, 0x00ad },	/* soft hyphen */
	{ 0x034f, 0x034f },	/* combining grapheme joiner */
	{ 0x061c, 0x061c },	/* Arabic letter mark */
	{ 0x115f, 0x1160 },	/* Hangul fillers */
	{ 0x17b4, 0x17b5 },	/* Khmer inherent vowels */
	{ 0x180b, 0x180f },	/* Mongolian separators */
	{ 0x200b, 0x200f },	/* zero width, left and right marks */
	{ 0x2028, 0x202e },	/* separators, embeddings, overrides */
	{ 0x2060, 0x206f },	/* joiners, isolates */
	{ 0x3164, 0x3164 },	/* Hangul filler */
	{ 0xfe00, 0xfe0f },	/* variation selectors */
	{ 0xfeff, 0xfeff },	/* byte order mark */
	{ 0xffa0, 0xffa0 },	/* halfwidth Hangul filler */
	{ 0xfff0, 0xfffb },	/* interlinear annotation */
	{ 0xfffe, 0xffff },	/* no characters */
	{ 0x1bca0, 0x1bca3 },	/* shorthand format controls */
	{ 0x1d173, 0x1d17a },	/* musical format controls */
	{ 0xe0000, 0xe0fff },	/* tags */
};

bool
character_hidden(int32_t c)
{
	size_t	i;

	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return true;
	if (c < hidden[0].first)
		return false;
	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

size_t
text_width(const char *p, size_t n)
{
	int32_t	c;
	size_t	i, width = 0;
	int	w;

	for (i = 0; i < n;) {
		i += character_next(p + i, n - i, &c);
		w = c < 0 ? 1 : wcwidth((wchar_t)c);
		/* In the C locale nothing but ASCII has a width. */
		width += w < 0 ? 1 : (size_t)w;
	}
	return width;
}

/* The escape of a byte or character into buf; its length. */
static size_t
escape_make(char buf[16], unsigned char byte, int32_t c)
{
	if (c == CHARACTER_BAD || c < 0x80)
		return (size_t)snprintf(buf, 16, "\\x%02x", byte);
	if (c > 0xffff)
		return (size_t)snprintf(buf, 16, "\\U%08x", (unsigned int)c);
	return (size_t)snprintf(buf, 16, "\\u%04x", (unsigned int)c);
}

const char *
escape_text(struct arena *arena, const char *p, size_t n, size_t *ret_n)
{
	char	 buf[16], *out;
	int32_t	 c;
	size_t	 i, len, need = 0, at = 0;

	*ret_n = 0;
	for (i = 0; i < n; i += len) {
		len = character_next(p + i, n - i, &c);
		need += c < 0 || character_hidden(c) ?
		    escape_make(buf, (unsigned char)p[i], c) : len;
	}
	if (need == n) {
		*ret_n = n;
		return arena_text(arena, p, n);
	}
	out = arena_alloc(arena, need + 1);
	for (i = 0; i < n; i += len) {
		len = character_next(p + i, n - i, &c);
		if (c < 0 || character_hidden(c)) {
			size_t	k;

			k = escape_make(buf, (unsigned char)p[i], c);
			memcpy(out + at, buf, k);
			at += k;
		} else {
			memcpy(out + at, p + i, len);
			at += len;
		}
	}
	*ret_n = at;
	return out;
}

json_t *
json_text(const char *p, size_t n)
{
	char	*out;
	int32_t	 c;
	json_t	*text;
	size_t	 i, len, at = 0, bad = 0;

	for (i = 0; i < n; i += len) {
		len = character_next(p + i, n - i, &c);
		bad += c < 0;
	}
	if (bad == 0)
		return json_stringn(n == 0 ? "" : p, n);
	if ((out = malloc(n + 2 * bad)) == NULL)
		abort();
	for (i = 0; i < n; i += len) {
		len = character_next(p + i, n - i, &c);
		if (c < 0) {
			memcpy(out + at, "\xef\xbf\xbd", 3);
			at += 3;
		} else {
			memcpy(out + at, p + i, len);
			at += len;
		}
	}
	text = json_stringn(out, at);
	free(out);
	return text;
}

/* Printable ASCII, which most of a report is. */
static bool
is_plain(char c)
{
	return c == '\n' || (c >= 0x20 && c < 0x7f);
}

int
json_write(const json_t *json, bool compact, FILE *f)
{
	char	*text;
	int32_t	 c;
	size_t	 i, len, n;

	text = json_dumps(json, JSON_SORT_KEYS |
	    (compact ? JSON_COMPACT : JSON_INDENT(1)));
	if (text == NULL)
		abort();
	/* jansson escapes C0 only; the rest can stand in strings alone. */
	n = strlen(text);
	for (i = 0; i < n; i += len) {
		for (len = 0; i + len < n && is_plain(text[i + len]); )
			len++;
		if (len > 0) {
			(void)fwrite(text + i, 1, len, f);
			continue;
		}
		len = character_next(text + i, n - i, &c);
		if (c == '\n' || !character_hidden(c))
			(void)fwrite(text + i, 1, len, f);
		else if (c > 0xffff)
			(void)fprintf(f, "\\u%04x\\u%04x",
			    (unsigned int)(0xd800 + ((c - 0x10000) >> 10)),
			    (unsigned int)(0xdc00 + (c & 0x3ff)));
		else
			(void)fprintf(f, "\\u%04x", (unsigned int)c);
	}
	(void)fputc('\n', f);
	free(text);
	return ferror(f) ? -1 : 0;
}

void
html_text(FILE *f, const char *p, size_t n)
{
	char	buf[16];
	int32_t	c;
	size_t	i, len;

	for (i = 0; i < n; i += len) {
		len = character_next(p + i, n - i, &c);
		if (c < 0 || character_hidden(c)) {
			(void)fwrite(buf, 1, escape_make(buf,
			    (unsigned char)p[i], c), f);
			continue;
		}
		switch (c) {
		case '&':
			(void)fputs("&amp;", f);
			break;
		case '<':
			(void)fputs("&lt;", f);
			break;
		case '>':
			(void)fputs("&gt;", f);
			break;
		case '"':
			(void)fputs("&quot;", f);
			break;
		case '\'':
			(void)fputs("&#39;", f);
			break;
		default:
			(void)fwrite(p + i, 1, len, f);
		}
	}
}

void
html_str(FILE *f, const char *text)
{
	if (text != NULL)
		html_text(f, text, strlen(text));
}
