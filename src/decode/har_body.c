/*
 * Brings the body of an HTTP archive's entry back to the bytes that were on
 * the wire, as steps that a citation can name.  Relies on har_body.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/har_body.h"
#include "decode/parser.h"
#include "evidence/text_scan.h"

/* A number in a string or a number, -1 for none. */
static int64_t
number_of(const struct scan_value *v)
{
	int64_t n = 0;
	size_t i;

	if (v->type == SCAN_NUMBER)
		return scan_thousandths(v, &n) ? n / 1000 : -1;
	if (v->type != SCAN_STRING || v->at.len == 0 || v->at.len > 15)
		return -1;
	for (i = 0; i < v->at.len; i++) {
		uint8_t c = v->blob->p[v->at.off + i];

		if (c < '0' || c > '9')
			return -1;
		n = 10 * n + (c - '0');
	}
	return n;
}

static bool
is_textual(const char *type)
{
	return type != NULL && (strncmp(type, "text/", 5) == 0 ||
	    strstr(type, "json") != NULL || strstr(type, "xml") != NULL ||
	    strstr(type, "javascript") != NULL ||
	    strstr(type, "urlencoded") != NULL);
}

static struct span
step(struct evidence *ev, struct span from, const char *how,
    struct item *item, uint8_t *p, size_t n)
{
	struct blob *b;
	uint8_t *less;

	less = realloc(p, n > 0 ? n : 1);
	b = ev_step(ev, from, how, HINT_NONE, item, less != NULL ? less : p,
	    n);
	return b != NULL ? blob_span(b) : SPAN_NONE;
}

static const uint8_t *
bytes_of(struct evidence *ev, struct span at)
{
	return ev_blob(ev, at.blob)->p + at.off;
}

/* Base64 that is some: as many signs as it must have, and no others. */
static struct span
undo_base64(struct evidence *ev, struct span at, struct item *item)
{
	const char *p = (const char *)bytes_of(ev, at);
	size_t i, signs = 0, n;
	uint8_t *to;

	for (i = 0; i < at.len; i++)
		signs += (uint8_t)p[i] > ' ';
	if (signs == 0 || signs % 4 == 1 ||
	    (to = text_base64(p, at.len, &n)) == NULL)
		return SPAN_NONE;
	return step(ev, at, "base64", item, to, n);
}

/* ---- bytes that were taken for characters ---- */

struct characters {
	size_t		 n;
	bool		 wide;		/* some are beyond Latin-1 */
	bool		 lost;		/* U+FFFD stands for what was no text */
	bool		 high;		/* some are beyond ASCII */
};

/* A character of UTF-8 up to U+00FF, or its length alone. */
static size_t
character(const uint8_t *p, size_t n, unsigned int *ret)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	*ret = p[0];
	if (len > n)
		len = n;
	if (p[0] >= 0x80)
		*ret = len == 2 && (p[0] == 0xc2 || p[0] == 0xc3) ?
		    (unsigned int)(p[0] & 3) << 6 | (p[1] & 0x3f) : 0x100;
	return len;
}

static struct characters
characters_of(const uint8_t *p, size_t n)
{
	struct characters c = { .n = 0 };
	unsigned int value;
	size_t i, len;

	for (i = 0; i < n; i += len, c.n++) {
		len = character(p + i, n - i, &value);
		c.high |= value > 0x7f;
		c.wide |= value > 0xff;
		c.lost |= len == 3 && memcmp(p + i, "\xef\xbf\xbd", 3) == 0;
	}
	return c;
}

/* The first byte of DER with the length that its header says. */
static bool
is_der(const uint8_t *p, size_t n)
{
	size_t len = 0, i, k;

	if (n < 4 || p[0] != 0x30)
		return false;
	if (p[1] < 0x80)
		return p[1] == n - 2;
	k = p[1] & 0x7f;
	if (k < 1 || k > 3)
		return false;
	for (i = 0; i < k; i++)
		len = len << 8 | p[2 + i];
	return len == n - 2 - k;
}

/*
 * Each character a byte, as programs write binary bodies.  It is so if the
 * head's length or the bytes themselves say so.
 */
static struct span
undo_latin1(struct evidence *ev, struct span at, int64_t length,
    const char *type, struct item *item)
{
	const uint8_t *p = bytes_of(ev, at);
	struct characters c = characters_of(p, at.len);
	unsigned int value;
	size_t i, n = 0;
	uint8_t *to;
	bool sure;

	if (!c.high || c.wide)
		return at;
	sure = length == (int64_t)c.n;
	if (!sure && is_textual(type))
		return at;
	to = malloc(c.n);
	if (to == NULL)
		return at;
	for (i = 0; i < at.len && n < c.n;) {
		i += character(p + i, at.len - i, &value);
		to[n++] = (uint8_t)value;
	}
	if (!sure && !is_der(to, n)) {
		free(to);
		return at;
	}
	return step(ev, at, "Latin-1", item, to, n);
}

/* A capture may keep the encoding of the wire; only a sure sign counts. */
static struct span
undo_encoding(struct evidence *ev, struct span at,
    const struct scan_value *encoding, struct item *item)
{
	const uint8_t *p = bytes_of(ev, at);
	const char *name;
	size_t n;

	name = scan_text(ev, encoding, &n);
	if (at.len > 4 && n > 0 && ((p[0] == 0x1f && p[1] == 0x8b) ||
	    memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0))
		return http_body_undo(ev, at, name, n, item);
	return at;
}

struct blob *
har_body_read(struct evidence *ev, const struct har_body *b,
    struct item *item, const char *hint, enum body_state *ret_state)
{
	int64_t size = number_of(&b->size), length = number_of(&b->length);
	bool encoded = b->encoding.at.len > 0, base64;
	struct span at = b->text.at, decoded;
	struct characters c;
	uint8_t *p;

	*ret_state = BODY_NONE;
	if (b->text.type != SCAN_STRING || at.len == 0) {
		if (size > 0 || (size < 0 && length > 0))
			*ret_state = BODY_DROPPED;
		return NULL;
	}
	*ret_state = BODY_OK;
	if (encoded)
		length = -1;		/* of other bytes than these */
	if (b->text.escapes) {
		p = malloc(at.len);
		if (p == NULL)
			return NULL;
		at = step(ev, at, "JSON string", item, p,
		    scan_unescape(b->text.blob->p + at.off, at.len, p));
		if (at.blob == BLOB_NONE)
			return NULL;
	}
	base64 = b->form.type == SCAN_STRING && b->form.at.len == 6 &&
	    strncasecmp((const char *)b->form.blob->p + b->form.at.off,
	    "base64", 6) == 0;
	decoded = base64 ? undo_base64(ev, at, item) : SPAN_NONE;
	if (base64 && decoded.blob == BLOB_NONE) {
		/* Firefox once called text so that it did not encode. */
		ev_problem(ev, PROBLEM_NOTED, at, "the body is not base64 as "
		    "the archive says; kept as it is");
		base64 = false;
	}
	if (base64) {
		at = decoded;
	} else {
		c = characters_of(bytes_of(ev, at), at.len);
		at = undo_latin1(ev, at, length >= 0 ? length : size, b->type,
		    item);
		if (at.blob == BLOB_NONE)
			return NULL;
		if (c.lost && !is_textual(b->type))
			*ret_state = BODY_UNDECODED;
	}
	if ((base64 && size > (int64_t)at.len && !encoded) ||
	    !scan_ends(&b->text))
		*ret_state = BODY_TRUNCATED;
	if (length > (int64_t)at.len && *ret_state == BODY_OK && base64)
		*ret_state = BODY_TRUNCATED;
	at = undo_encoding(ev, at, &b->encoding, item);
	return ev_slice(ev, at, "body", hint, item);
}
