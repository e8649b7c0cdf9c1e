/*
 * The walk over JSON: strings are skipped by their quotes, everything else by
 * counting brackets.  Relies on json_walk.h.
 */
#include <string.h>

#include "decode/json_walk.h"

static size_t
skip_blanks(const struct blob *b, size_t off)
{
	while (off < b->n && (b->p[off] == ' ' || b->p[off] == '\t' ||
	    b->p[off] == '\r' || b->p[off] == '\n'))
		off++;
	return off;
}

/* The end of the string whose inside begins at off; b->n if it has none. */
static size_t
string_end(const struct blob *b, size_t off, bool *ret_escapes)
{
	*ret_escapes = false;
	for (; off < b->n && b->p[off] != '"'; off++)
		if (b->p[off] == '\\') {
			*ret_escapes = true;
			if (off + 1 < b->n)
				off++;
		}
	return off;
}

static bool
read_value(const struct blob *b, size_t off, struct scan_value *v)
{
	static const struct word {
		const char	*text;
		enum scan_type	 type;
	} words[] = {
		{ "true", SCAN_TRUE }, { "false", SCAN_FALSE },
		{ "null", SCAN_NULL }, { NULL, SCAN_NONE }
	};
	const struct word *w;
	size_t end = off, n;

	*v = (struct scan_value){ .blob = b, .at = { b->id, off, 0 } };
	if (off >= b->n)
		return false;
	switch (b->p[off]) {
	case '{':
	case '[':
		v->type = b->p[off] == '{' ? SCAN_OBJECT : SCAN_ARRAY;
		v->at.len = b->n - off;
		return true;
	case '"':
		v->type = SCAN_STRING;
		v->at.off = off + 1;
		end = string_end(b, off + 1, &v->escapes);
		v->at.len = end - v->at.off;
		return true;
	}
	for (w = words; w->text != NULL; w++) {
		n = strlen(w->text);
		if (b->n - off >= n && memcmp(b->p + off, w->text, n) == 0) {
			v->type = w->type;
			v->at.len = n;
			return true;
		}
	}
	while (end < b->n && b->p[end] != '\0' &&
	    strchr("+-.eE0123456789", b->p[end]) != NULL)
		end++;
	if (end == off)
		return false;
	v->type = SCAN_NUMBER;
	v->at.len = end - off;
	return true;
}

/* After the value; b->n and true in *cut where it does not end. */
static size_t
value_end(const struct scan_value *v, bool *cut)
{
	const struct blob *b = v->blob;
	size_t off = v->at.off, depth = 0;
	bool escapes;

	if (v->type == SCAN_STRING) {
		off += v->at.len;
		*cut |= off >= b->n;
		return off < b->n ? off + 1 : off;
	}
	if (v->type != SCAN_OBJECT && v->type != SCAN_ARRAY)
		return off + v->at.len;
	for (; off < b->n; off++)
		switch (b->p[off]) {
		case '"':
			off = string_end(b, off + 1, &escapes);
			break;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (--depth == 0)
				return off + 1;
			break;
		}
	*cut = true;
	return b->n;
}

bool
scan_root(const struct blob *b, struct scan_value *ret)
{
	size_t off = b->n >= 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	return read_value(b, skip_blanks(b, off), ret);
}

void
scan_open(struct scan *s, const struct scan_value *v)
{
	*s = (struct scan){ .blob = v->blob, .object = v->type == SCAN_OBJECT,
	    .first = true };
	s->off = v->type == SCAN_OBJECT || v->type == SCAN_ARRAY ?
	    v->at.off + 1 : v->blob->n;
	s->last.type = SCAN_NONE;
}

bool
scan_next(struct scan *s, struct scan_value *ret_key, struct scan_value *ret)
{
	const struct blob *b = s->blob;
	struct scan_value key = { .blob = b };

	if (s->last.type != SCAN_NONE)
		s->off = value_end(&s->last, &s->cut);
	s->last.type = SCAN_NONE;
	s->off = skip_blanks(b, s->off);
	if (!s->first && s->off < b->n && b->p[s->off] == ',')
		s->off = skip_blanks(b, s->off + 1);
	s->first = false;
	if (s->off >= b->n)
		s->cut = true;
	if (s->cut || b->p[s->off] == '}' || b->p[s->off] == ']')
		return false;
	if (s->object) {
		if (!read_value(b, s->off, &key) || key.type != SCAN_STRING) {
			s->cut = true;
			return false;
		}
		s->off = skip_blanks(b, value_end(&key, &s->cut));
		if (s->off >= b->n || b->p[s->off] != ':') {
			s->cut = true;
			return false;
		}
		s->off = skip_blanks(b, s->off + 1);
	}
	if (!read_value(b, s->off, ret)) {
		s->cut = true;
		return false;
	}
	s->last = *ret;
	if (ret_key != NULL)
		*ret_key = key;
	return true;
}

struct scan_value
scan_whole(struct scan_value v)
{
	bool cut = false;

	if (v.type == SCAN_OBJECT || v.type == SCAN_ARRAY)
		v.at.len = value_end(&v, &cut) - v.at.off;
	return v;
}

bool
scan_ends(const struct scan_value *v)
{
	return v->at.off + v->at.len < v->blob->n;
}

bool
scan_key_is(const struct scan_value *key, const char *name)
{
	size_t n = strlen(name);

	return key->at.len == n &&
	    memcmp(key->blob->p + key->at.off, name, n) == 0;
}

bool
scan_get(const struct scan_value *object, const char *name,
    struct scan_value *ret)
{
	struct scan_value key;
	struct scan s;

	scan_open(&s, object);
	while (s.object && scan_next(&s, &key, ret))
		if (scan_key_is(&key, name))
			return true;
	*ret = (struct scan_value){ .blob = object->blob };
	return false;
}

/* ---- strings ---- */

static size_t
hex4(const uint8_t *p, size_t n, uint32_t *ret)
{
	size_t i;

	*ret = 0;
	for (i = 0; i < 4 && i < n; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			*ret = *ret << 4 | (p[i] - '0');
		else if ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')
			*ret = *ret << 4 | ((p[i] | 0x20) - 'a' + 10);
		else
			return 0;
	}
	return i == 4 ? 4 : 0;
}

static size_t
put_utf8(uint32_t c, uint8_t *to)
{
	if (c < 0x80) {
		to[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (uint8_t)(0xc0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (uint8_t)(0xe0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (uint8_t)(0xf0 | c >> 18);
	to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	to[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/* The character of \uXXXX at p (behind the u), with its second half. */
static size_t
unicode(const uint8_t *p, size_t n, uint32_t *ret)
{
	uint32_t low;

	if (hex4(p, n, ret) == 0)
		return 0;
	if (*ret >= 0xd800 && *ret < 0xdc00 && n >= 10 && p[4] == '\\' &&
	    p[5] == 'u' && hex4(p + 6, n - 6, &low) == 4 && low >= 0xdc00 &&
	    low < 0xe000) {
		*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
		return 10;
	}
	if (*ret >= 0xd800 && *ret < 0xe000)
		*ret = 0xfffd;		/* half of a character */
	return 4;
}

size_t
scan_unescape(const uint8_t *p, size_t n, uint8_t *to)
{
	static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
	const char *e;
	size_t i, k = 0, used;
	uint32_t c;

	for (i = 0; i < n; i++) {
		if (p[i] != '\\' || i + 1 == n) {
			to[k++] = p[i];
			continue;
		}
		i++;
		if (p[i] == 'u' && (used = unicode(p + i + 1, n - i - 1,
		    &c)) > 0) {
			k += put_utf8(c, to + k);
			i += used;
			continue;
		}
		e = p[i] != '\0' ? strchr(from, p[i]) : NULL;
		to[k++] = e != NULL ? (uint8_t)into[e - from] : p[i];
	}
	return k;
}

const char *
scan_text(struct evidence *ev, const struct scan_value *v, size_t *ret_n)
{
	uint8_t *to;

	*ret_n = 0;
	if (v->type != SCAN_STRING)
		return "";
	*ret_n = v->at.len;
	if (!v->escapes)
		return (const char *)v->blob->p + v->at.off;
	to = arena_alloc(ev_arena(ev), v->at.len + 1);
	*ret_n = scan_unescape(v->blob->p + v->at.off, v->at.len, to);
	return (const char *)to;
}

bool
scan_thousandths(const struct scan_value *v, int64_t *ret)
{
	const uint8_t *p = v->blob->p + v->at.off;
	size_t i = 0, digits = 0, fraction = 0;
	bool negative = false, point = false;

	*ret = 0;
	if (v->type != SCAN_NUMBER)
		return false;
	if (v->at.len > 0 && p[0] == '-') {
		negative = true;
		i = 1;
	}
	for (; i < v->at.len; i++) {
		if (p[i] == '.' && !point)
			point = true;
		else if (p[i] < '0' || p[i] > '9')
			return false;	/* exponents: no such times */
		else if (!point || fraction < 3) {
			if (++digits > 15)
				return false;
			*ret = 10 * *ret + (p[i] - '0');
			fraction += point;
		}
	}
	for (; fraction < 3; fraction++)
		*ret *= 10;
	if (negative)
		*ret = -*ret;
	return digits > 0;
}
