/*
 * Text that is written in another way: with the escapes of JSON, XML, URLs or
 * mail, as UTF-16 or in a code page.  It is decoded to UTF-8, worked on, and
 * each character that changed is written back in the way it stood there.
 * Relies on leaf.c; a token's characters have the length of the value's.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/codepage.h"
#include "redact/internal.h"

struct out {
	uint8_t		*p;
	uint32_t	*from;
	size_t		 n;
};

static void
put(struct out *o, uint32_t c, size_t from)
{
	uint8_t b[4];
	size_t n, i;

	if (c < 0x80) {
		b[0] = (uint8_t)c;
		n = 1;
	} else if (c < 0x800) {
		b[0] = (uint8_t)(0xc0 | c >> 6);
		n = 2;
	} else if (c < 0x10000) {
		b[0] = (uint8_t)(0xe0 | c >> 12);
		n = 3;
	} else {
		b[0] = (uint8_t)(0xf0 | c >> 18);
		n = 4;
	}
	for (i = 1; i < n; i++)
		b[i] = (uint8_t)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
	for (i = 0; i < n; i++) {
		o->p[o->n] = b[i];
		o->from[o->n++] = (uint32_t)from;
	}
}

static int
hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* count digits of hexadecimal; false: they are none. */
static bool
hex_read(const uint8_t *p, size_t n, size_t count, uint32_t *ret)
{
	size_t i;

	*ret = 0;
	if (n < count)
		return false;
	for (i = 0; i < count; i++) {
		if (hex(p[i]) < 0)
			return false;
		*ret = *ret << 4 | (uint32_t)hex(p[i]);
	}
	return true;
}

/* ---- decoding: the length of what stands at p, its character ---- */

static size_t
json_one(const uint8_t *p, size_t n, uint32_t *ret)
{
	uint32_t low;

	*ret = p[0];
	if (p[0] != '\\' || n < 2)
		return 1;
	switch (p[1]) {
	case 'n':
		*ret = '\n';
		return 2;
	case 'r':
		*ret = '\r';
		return 2;
	case 't':
		*ret = '\t';
		return 2;
	case 'u':
		if (!hex_read(p + 2, n - 2, 4, ret)) {
			*ret = '\\';
			return 1;
		}
		if (*ret >= 0xd800 && *ret < 0xdc00 && n >= 12 &&
		    p[6] == '\\' && p[7] == 'u' &&
		    hex_read(p + 8, n - 8, 4, &low) && low >= 0xdc00 &&
		    low < 0xe000) {
			*ret = 0x10000 + ((*ret - 0xd800) << 10) +
			    (low - 0xdc00);
			return 12;
		}
		return 6;
	default:
		*ret = p[1];
		return p[1] < 0x80 ? 2 : 1;
	}
}

static size_t
xml_one(const uint8_t *p, size_t n, uint32_t *ret)
{
	static const struct { const char *name; uint32_t c; } names[] = {
		{ "amp;", '&' }, { "lt;", '<' }, { "gt;", '>' },
		{ "quot;", '"' }, { "apos;", '\'' }, { "nbsp;", 0xa0 },
		{ "auml;", 0xe4 }, { "ouml;", 0xf6 }, { "uuml;", 0xfc },
		{ "Auml;", 0xc4 }, { "Ouml;", 0xd6 }, { "Uuml;", 0xdc },
		{ "szlig;", 0xdf }, { "eacute;", 0xe9 }
	};
	uint32_t c = 0;
	size_t i, k;

	*ret = p[0];
	if (p[0] != '&')
		return 1;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		k = strlen(names[i].name);
		if (n > k && memcmp(p + 1, names[i].name, k) == 0) {
			*ret = names[i].c;
			return k + 1;
		}
	}
	if (n < 4 || p[1] != '#')
		return 1;
	k = (p[2] | 0x20) == 'x' ? 3 : 2;
	for (i = k; i < n && i < 12; i++) {
		if (p[i] == ';')
			break;
		if (hex(p[i]) < 0 || (k == 2 && hex(p[i]) > 9))
			return 1;
		c = c * (k == 3 ? 16 : 10) + (uint32_t)hex(p[i]);
	}
	if (i == k || i == n || p[i] != ';' || c == 0 || c > 0x10ffff)
		return 1;
	*ret = c;
	return i + 1;
}

static bool
decode(struct view *v, const uint8_t *p, struct out *o)
{
	size_t i, len;
	uint32_t c, low;

	for (i = 0; i < v->n; i += len) {
		len = 1;
		c = p[i];
		switch (v->kind) {
		case VIEW_JSON:
			len = json_one(p + i, v->n - i, &c);
			break;
		case VIEW_XML:
			len = xml_one(p + i, v->n - i, &c);
			break;
		case VIEW_URL:
			if (c == '%' && hex_read(p + i + 1, v->n - i - 1, 2,
			    &c))
				len = 3;
			else
				c = p[i] == '+' ? ' ' : p[i];
			break;
		case VIEW_QUOTED:
			if (c == '=' && hex_read(p + i + 1, v->n - i - 1, 2,
			    &c))
				len = 3;
			else
				c = p[i];
			if (c == '=' && v->n - i > 1 && (p[i + 1] == '\n' ||
			    (p[i + 1] == '\r' && v->n - i > 2))) {
				len = p[i + 1] == '\n' ? 2 : 3;
				continue;
			}
			break;
		case VIEW_UTF16LE:
		case VIEW_UTF16BE:
			if (v->n - i < 2)
				return false;
			c = v->kind == VIEW_UTF16LE ? p[i] |
			    (uint32_t)p[i + 1] << 8 : (uint32_t)p[i] << 8 |
			    p[i + 1];
			len = 2;
			if (c >= 0xd800 && c < 0xdc00 && v->n - i >= 4) {
				low = v->kind == VIEW_UTF16LE ? p[i + 2] |
				    (uint32_t)p[i + 3] << 8 :
				    (uint32_t)p[i + 2] << 8 | p[i + 3];
				if (low >= 0xdc00 && low < 0xe000) {
					c = 0x10000 + ((c - 0xd800) << 10) +
					    (low - 0xdc00);
					len = 4;
				}
			}
			break;
		case VIEW_CODEPAGE:
			c = c < 0x80 ? c : codepages[v->page][c - 0x80];
			break;
		case VIEW_PLAIN:
			break;
		}
		/* Bytes that stand for themselves stay bytes of UTF-8. */
		if (len == 1 && c >= 0x80 && v->kind != VIEW_CODEPAGE) {
			o->p[o->n] = p[i];
			o->from[o->n++] = (uint32_t)i;
		} else if (len == 3 && v->kind <= VIEW_QUOTED &&
		    v->kind >= VIEW_URL) {
			o->p[o->n] = (uint8_t)c;
			o->from[o->n++] = (uint32_t)i;
		} else
			put(o, c, i);
	}
	o->from[o->n] = (uint32_t)v->n;
	return true;
}

bool
view_open(struct view *v, struct leaf *up, size_t off, size_t n,
    enum view_kind kind, unsigned int page)
{
	struct out o = { .n = 0 };

	*v = (struct view){ .up = up, .kind = kind, .page = page, .off = off,
	    .n = n };
	if (n > UINT32_MAX / 4 || !leaf_free(up, off, n))
		return false;
	o.p = malloc(3 * n + 4);
	o.from = malloc((3 * n + 4) * sizeof(*o.from));
	if (o.p == NULL || o.from == NULL)
		abort();
	if (!decode(v, up->orig + off, &o)) {
		free(o.p);
		free(o.from);
		return false;
	}
	v->text = o.p;
	v->from = o.from;
	leaf_init(&v->leaf, up->r, up->place, up, o.p, o.n);
	v->leaf.from = o.from;
	v->leaf.base = off;
	return true;
}

/* ---- writing back ---- */

static void
hex_write(uint8_t *p, size_t count, uint32_t c, const uint8_t *like)
{
	static const char small[] = "0123456789abcdef",
	    large[] = "0123456789ABCDEF";
	bool up = false;
	size_t i;

	for (i = 0; i < count; i++)
		up |= like[i] >= 'A' && like[i] <= 'F';
	for (i = count; i-- > 0; c >>= 4)
		p[i] = (uint8_t)(up ? large : small)[c & 15];
}

static uint32_t
character(const uint8_t *p, size_t *ret_len)
{
	uint32_t c = p[0];
	size_t i, n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	c &= n == 1 ? 0xff : 0xffu >> (n + 1);
	for (i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	*ret_len = n;
	return c;
}

/* "&#" digits ";" in the room that the old ones had. */
static void
entity_write(uint8_t *p, size_t n, uint32_t c)
{
	bool as_hex = (p[2] | 0x20) == 'x' && p[1] == '#';
	size_t i = n - 1, first = as_hex ? 3 : 2;

	p[1] = '#';
	if (as_hex) {
		hex_write(p + first, n - 1 - first, c, p + first);
	} else
		while (i-- > first) {
			p[i] = (uint8_t)('0' + c % 10);
			c /= 10;
		}
	p[n - 1] = ';';
}

static void
write_back(struct view *v, uint8_t *raw, size_t len, const uint8_t *p,
    size_t n, const uint8_t *old)
{
	size_t used;
	uint32_t c;
	unsigned int k;

	if ((v->kind <= VIEW_QUOTED || v->kind == VIEW_PLAIN) && len == n &&
	    memcmp(raw, old, n) == 0) {
		memcpy(raw, p, n);
		return;
	}
	c = n == 1 ? p[0] : character(p, &used);
	switch (v->kind) {
	case VIEW_JSON:
		if (len == 6)
			hex_write(raw + 2, 4, c, raw + 2);
		break;
	case VIEW_XML:
		if (len >= 5 && raw[0] == '&')
			entity_write(raw, len, c);
		break;
	case VIEW_URL:
	case VIEW_QUOTED:
		if (len == 3)
			hex_write(raw + 1, 2, c, raw + 1);
		else
			raw[0] = p[0];
		break;
	case VIEW_UTF16LE:
	case VIEW_UTF16BE:
		if (len != 2)
			break;
		raw[v->kind == VIEW_UTF16BE] = (uint8_t)c;
		raw[v->kind == VIEW_UTF16LE] = (uint8_t)(c >> 8);
		break;
	case VIEW_CODEPAGE:
		for (k = 0; c >= 0x80 && k < 128; k++)
			if (codepages[v->page][k] == c)
				break;
		raw[0] = (uint8_t)(c < 0x80 ? c : k < 128 ? 0x80 + k : 'x');
		break;
	case VIEW_PLAIN:
		break;
	}
}

/* How a byte of an edit stands in the bytes around it. */
static uint8_t *
edit_encode(const struct view *v, const struct edit *e, size_t *ret_n)
{
	static const char special[] = "+/=";
	uint8_t *p = malloc(3 * e->size + 2);
	size_t i, k = 0;

	if (p == NULL)
		abort();
	for (i = 0; i < e->size; i++) {
		bool wide = v->kind == VIEW_UTF16LE ||
		    v->kind == VIEW_UTF16BE;

		if (wide && v->kind == VIEW_UTF16BE)
			p[k++] = 0;
		if (v->kind == VIEW_URL && memchr(special, e->p[i], 3)) {
			p[k++] = '%';
			hex_write(p + k, 2, e->p[i], (const uint8_t *)"AA");
			k += 2;
		} else if (v->kind == VIEW_QUOTED && e->p[i] == '=') {
			memcpy(p + k, "=3D", 3);
			k += 3;
		} else
			p[k++] = e->p[i];
		if (wide && v->kind == VIEW_UTF16LE)
			p[k++] = 0;
	}
	*ret_n = k;
	return p;
}

void
view_close(struct view *v)
{
	struct leaf *l = &v->leaf;
	size_t i, len, n, k, size;
	uint8_t *p;

	for (i = 0; i < l->n; i += n) {
		/* All bytes that came from the same place. */
		for (n = 1; i + n < l->n && v->from[i + n] == v->from[i]; n++)
			continue;
		len = v->from[i + n] - v->from[i];
		for (k = 0; k < n && !l->done[i + k]; k++)
			continue;
		if (k < n)
			memset(v->up->done + v->off + v->from[i], 1, len);
		if (memcmp(l->p + i, l->orig + i, n) != 0)
			write_back(v, v->up->p + v->off + v->from[i], len,
			    l->p + i, n, l->orig + i);
	}
	for (i = 0; i < l->nedits; i++) {
		const struct edit *e = &l->edits[i];

		p = edit_encode(v, e, &size);
		k = v->from[e->off];
		leaf_edit(v->up, v->off + k, v->from[e->off + e->n] - k, p,
		    size);
	}
	leaf_clear(l);
	free(v->text);
	free(v->from);
}
