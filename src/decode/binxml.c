/*
 * Walks binary XML: tokens, names, templates and their substitutions, so that
 * every value of an event cites its own bytes; libevtx tells values only.
 * Relies on cursor.h; depth and steps are bounded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/binxml.h"
#include "evidence/cursor.h"

#define DEPTH		16	/* of fragments inside of values */
#define STEPS		50000	/* tokens of one record, templates expanded */
#define VALUES		1024	/* of one template instance */
#define NAME_CHARS	256
#define TEXT_BYTES	1048576	/* of all texts of one record, expanded */

/* Tokens without their flag 0x40, "more follows". */
enum {
	TOKEN_END, TOKEN_START, TOKEN_CLOSE_START, TOKEN_CLOSE_EMPTY,
	TOKEN_CLOSE, TOKEN_VALUE, TOKEN_ATTRIBUTE, TOKEN_CDATA,
	TOKEN_CHARACTER, TOKEN_ENTITY, TOKEN_PI_TARGET, TOKEN_PI_DATA,
	TOKEN_TEMPLATE, TOKEN_SUBSTITUTION, TOKEN_OPTIONAL, TOKEN_HEADER
};

enum {
	TYPE_NULL = 0x00, TYPE_TEXT = 0x01, TYPE_ANSI = 0x02, TYPE_INT8 = 0x03,
	TYPE_UINT8 = 0x04, TYPE_INT16 = 0x05, TYPE_UINT16 = 0x06,
	TYPE_INT32 = 0x07, TYPE_UINT32 = 0x08, TYPE_INT64 = 0x09,
	TYPE_UINT64 = 0x0a, TYPE_BOOL = 0x0d, TYPE_SIZE = 0x10,
	TYPE_FILETIME = 0x11, TYPE_HEX32 = 0x14, TYPE_HEX64 = 0x15,
	TYPE_XML = 0x21, TYPE_TEXTS = 0x81
};

struct typed {
	size_t		 off, n;
	unsigned int	 type;
};

struct values {
	struct typed	*v;
	size_t		 n;
};

struct walk {
	struct evidence	*ev;
	const struct blob *blob;
	struct span	 chunk;
	struct event	*event;
	unsigned int	 steps, depth;
	size_t		 texts;		/* bytes so far */
	const char	*why;		/* it ended */
};

static bool
stop(struct walk *w, const char *why)
{
	if (w->why == NULL)
		w->why = why;
	return false;
}

/* ---- values ---- */

static void
add(const struct walk *w, const char *p, size_t n, size_t off, size_t len,
    enum piece_unit unit)
{
	event_text(w->event, p, n, blob_part(w->blob, off, len), unit);
}

/* UTF-16LE of n bytes at off; NULs at its end are no part of it. */
static void
text_add(struct walk *w, size_t off, size_t n)
{
	const uint8_t *p = w->blob->p;
	size_t i, to = 0, room;
	uint32_t c, low;
	char *text;

	n &= ~(size_t)1;
	while (n > 0 && p[off + n - 2] == 0 && p[off + n - 1] == 0)
		n -= 2;
	if (n == 0 || w->event->target == NULL ||
	    n > TEXT_BYTES - w->texts)
		return;
	w->texts += n;
	room = n / 2 * 3;
	text = malloc(room);
	if (text == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	for (i = off; i < off + n; i += 2) {
		c = (uint32_t)p[i] | (uint32_t)p[i + 1] << 8;
		if (c >= 0xd800 && c < 0xdc00 && off + n - i >= 4) {
			low = (uint32_t)p[i + 2] | (uint32_t)p[i + 3] << 8;
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) +
				    (low - 0xdc00);
				i += 2;
			}
		}
		if (c == 0 || (c >= 0xd800 && c < 0xe000))
			c = 0xfffd;
		if (c < 0x80)
			text[to++] = (char)c;
		else if (c < 0x800) {
			text[to++] = (char)(0xc0 | c >> 6);
			text[to++] = (char)(0x80 | (c & 0x3f));
		} else if (c < 0x10000) {
			text[to++] = (char)(0xe0 | c >> 12);
			text[to++] = (char)(0x80 | (c >> 6 & 0x3f));
			text[to++] = (char)(0x80 | (c & 0x3f));
		} else {
			text[to++] = (char)(0xf0 | c >> 18);
			text[to++] = (char)(0x80 | (c >> 12 & 0x3f));
			text[to++] = (char)(0x80 | (c >> 6 & 0x3f));
			text[to++] = (char)(0x80 | (c & 0x3f));
		}
	}
	add(w, text, to, off, n, PIECE_UTF16);
	free(text);
}

/* 100 ns since 1601, as the XML of events has it. */
static void
filetime_add(const struct walk *w, const struct typed *v, uint64_t ticks)
{
	char text[56], seconds[40];
	int64_t us;

	/* Up to the year 9999. */
	if (ticks > UINT64_C(2650467743999999999))
		return;
	us = (int64_t)(ticks / 10) - INT64_C(11644473600000000);
	time_format(us - (us % 1000000 + 1000000) % 1000000, seconds);
	if (seconds[0] == '\0')
		return;
	seconds[strlen(seconds) - 1] = '\0';	/* Z */
	snprintf(text, sizeof(text), "%s.%07uZ", seconds,
	    (unsigned int)(ticks % 10000000));
	add(w, text, strlen(text), v->off, v->n, PIECE_WHOLE);
}

static void
number_add(const struct walk *w, const struct typed *v)
{
	static const struct {
		unsigned int	 type;
		size_t		 n;
		const char	*form;
		bool		 sign;
	} forms[] = {
		{ TYPE_INT8, 1, "%lld", true },
		{ TYPE_UINT8, 1, "%llu", false },
		{ TYPE_INT16, 2, "%lld", true },
		{ TYPE_UINT16, 2, "%llu", false },
		{ TYPE_INT32, 4, "%lld", true },
		{ TYPE_UINT32, 4, "%llu", false },
		{ TYPE_INT64, 8, "%lld", true },
		{ TYPE_UINT64, 8, "%llu", false },
		{ TYPE_BOOL, 4, "%llu", false },
		{ TYPE_SIZE, 4, "0x%llx", false },
		{ TYPE_SIZE, 8, "0x%llx", false },
		{ TYPE_HEX32, 4, "0x%llx", false },
		{ TYPE_HEX64, 8, "0x%llx", false },
	};
	struct cursor c;
	uint64_t number = 0;
	char text[32];
	uint8_t b;
	size_t i, k;

	cursor_init_span(&c, w->blob, (struct span){ w->blob->id, v->off,
	    v->n });
	for (i = 0; i < v->n && i < 8 && cursor_u8(&c, &b); i++)
		number |= (uint64_t)b << (8 * i);
	if (v->type == TYPE_FILETIME) {
		if (v->n == 8)
			filetime_add(w, v, number);
		return;
	}
	for (k = 0; k < sizeof(forms) / sizeof(*forms); k++)
		if (forms[k].type == v->type && forms[k].n == v->n)
			break;
	if (k == sizeof(forms) / sizeof(*forms))
		return;
	if (forms[k].sign && v->n < 8 && number >> (8 * v->n - 1) != 0)
		number |= ~UINT64_C(0) << (8 * v->n);
	snprintf(text, sizeof(text), forms[k].form,
	    (unsigned long long)number);
	add(w, text, strlen(text), v->off, v->n, PIECE_WHOLE);
}

static bool	tokens(struct walk *, size_t *off, size_t end,
		    const struct values *);

/* Every text of an array is an element of its own. */
static void
texts_add(struct walk *w, const struct typed *v)
{
	const uint8_t *p = w->blob->p;
	size_t off = v->off, end = v->off + (v->n & ~(size_t)1), from;
	bool first = true;

	while (off < end && w->steps < STEPS) {
		for (from = off; off < end && (p[off] != 0 ||
		    p[off + 1] != 0); off += 2)
			continue;
		if (!first) {
			w->steps++;
			event_end(w->event);
			event_start(w->event, "Data", 4);
		}
		first = false;
		text_add(w, from, off - from);
		off += 2;
	}
}

static bool
value_add(struct walk *w, const struct typed *v)
{
	size_t off = v->off;
	bool good;

	switch (v->type) {
	case TYPE_TEXT:
		text_add(w, v->off, v->n);
		return true;
	case TYPE_TEXTS:
		texts_add(w, v);
		return true;
	case TYPE_ANSI: {
		size_t n = v->n, i;

		for (i = 0; i < n && w->blob->p[v->off + i] != 0 &&
		    w->blob->p[v->off + i] < 0x80; i++)
			continue;
		add(w, (const char *)w->blob->p + v->off, i, v->off, i,
		    PIECE_SAME);
		return true;
	}
	case TYPE_XML:
		if (w->depth == DEPTH)
			return stop(w, "fragments inside of too many others");
		w->depth++;
		good = tokens(w, &off, v->off + v->n, NULL);
		w->depth--;
		return good;
	default:
		number_add(w, v);
		return true;
	}
}

/* ---- tokens ---- */

static struct cursor
at(const struct walk *w, size_t off, size_t end)
{
	struct cursor c;

	cursor_init_span(&c, w->blob, (struct span){ w->blob->id, off,
	    end > off ? end - off : 0 });
	return c;
}

/*
 * The name that the next four bytes refer to, in ASCII; where it stands right
 * there for the first time it is skipped.
 */
static bool
name_read(struct walk *w, struct cursor *c, char ret[NAME_CHARS])
{
	size_t end = w->chunk.off + w->chunk.len, i;
	uint32_t where, next;
	uint16_t hash, n, unit;
	struct cursor name;

	ret[0] = '\0';
	if (!cursor_u32le(c, &where))
		return stop(w, "a name's place is cut");
	if (where >= w->chunk.len)
		return stop(w, "a name stands outside of the chunk");
	name = at(w, w->chunk.off + where, end);
	if (!cursor_u32le(&name, &next) || !cursor_u16le(&name, &hash) ||
	    !cursor_u16le(&name, &n))
		return stop(w, "a name is cut");
	if (n >= NAME_CHARS)
		return stop(w, "a name is too long");
	for (i = 0; i < n; i++) {
		if (!cursor_u16le(&name, &unit))
			return stop(w, "a name is cut");
		ret[i] = unit > 0 && unit < 0x80 ? (char)unit : '?';
	}
	ret[n] = '\0';
	if (c->off == w->chunk.off + where &&
	    !cursor_skip(c, 10 + 2 * (size_t)n))
		return stop(w, "a name is cut");
	return true;
}

/* Descriptors and values of a template instance at the cursor. */
static bool
values_read(struct walk *w, struct cursor *c, struct values *ret)
{
	uint32_t n, i;
	uint16_t size;
	uint8_t type;
	size_t off;

	*ret = (struct values){ 0 };
	if (!cursor_u32le(c, &n) || n > VALUES ||
	    cursor_left(c) / 4 < n)
		return stop(w, "a template's values are cut or too many");
	ret->v = calloc(n > 0 ? n : 1, sizeof(*ret->v));
	if (ret->v == NULL)
		return stop(w, "there is no memory");
	ret->n = n;
	off = c->off + 4 * (size_t)n;
	for (i = 0; i < n; i++) {
		if (!cursor_u16le(c, &size) || !cursor_u8(c, &type) ||
		    !cursor_skip(c, 1))
			return stop(w, "a template's values are cut");
		if (size > c->end - off)
			return stop(w, "a value is cut");
		ret->v[i] = (struct typed){ off, size, type };
		off += size;
	}
	return cursor_skip(c, off - c->off);
}

static bool
template_read(struct walk *w, struct cursor *c)
{
	size_t chunk_end = w->chunk.off + w->chunk.len, body;
	uint32_t id, where, next, size;
	struct values values = { 0 };
	struct cursor def;
	bool good = false;

	if (!cursor_skip(c, 1) || !cursor_u32le(c, &id) ||
	    !cursor_u32le(c, &where))
		return stop(w, "a template instance is cut");
	if (where >= w->chunk.len)
		return stop(w, "a template stands outside of the chunk");
	def = at(w, w->chunk.off + where, chunk_end);
	if (!cursor_u32le(&def, &next) || !cursor_skip(&def, 16) ||
	    !cursor_u32le(&def, &size) || size > cursor_left(&def))
		return stop(w, "a template is cut");
	body = def.off;
	if (c->off == w->chunk.off + where && !cursor_skip(c, 24 +
	    (size_t)size))
		return stop(w, "a template is cut");
	if (w->depth == DEPTH)
		return stop(w, "templates inside of too many others");
	w->depth++;
	if (values_read(w, c, &values))
		good = tokens(w, &body, body + size, &values);
	w->depth--;
	free(values.v);
	return good;
}

static bool
substitute(struct walk *w, struct cursor *c, const struct values *values)
{
	uint16_t number;

	if (!cursor_u16le(c, &number) || !cursor_skip(c, 1))
		return stop(w, "a substitution is cut");
	if (values == NULL || number >= values->n)
		return stop(w, "a substitution names no value");
	return value_add(w, &values->v[number]);
}

/* The characters of a value token, of CDATA or of PI data. */
static bool
characters(struct walk *w, struct cursor *c, bool kept)
{
	uint16_t n;

	if (!cursor_u16le(c, &n) || cursor_left(c) / 2 < n)
		return stop(w, "a text is cut");
	if (kept)
		text_add(w, c->off, 2 * (size_t)n);
	return cursor_skip(c, 2 * (size_t)n);
}

/* Does a reference to a name stand at the cursor, n bytes further on? */
static bool
name_follows(const struct walk *w, struct cursor c, size_t n)
{
	struct cursor name;
	uint32_t where, next;
	uint16_t hash, chars;

	if (!cursor_skip(&c, n) || !cursor_u32le(&c, &where) ||
	    where >= w->chunk.len)
		return false;
	name = at(w, w->chunk.off + where, w->chunk.off + w->chunk.len);
	return cursor_u32le(&name, &next) && next < w->chunk.len &&
	    cursor_u16le(&name, &hash) && cursor_u16le(&name, &chars) &&
	    chars > 0 && chars < NAME_CHARS &&
	    cursor_left(&name) >= 2 * ((size_t)chars + 1);
}

/*
 * An element in a template begins with the number of the value that it
 * depends on; one that stands in a value itself, or in the record, does not.
 * Readers disagree on that, so that the other form is looked for, too.
 */
static bool
start_read(struct walk *w, struct cursor *c, bool attributes, bool template)
{
	size_t skip = template ? 6 : 4;
	char name[NAME_CHARS];

	if (!name_follows(w, *c, skip) && name_follows(w, *c, 10 - skip))
		skip = 10 - skip;
	if (!cursor_skip(c, skip))
		return stop(w, "an element is cut");
	if (!name_read(w, c, name))
		return false;
	if (attributes && !cursor_skip(c, 4))
		return stop(w, "an element is cut");
	if (w->event->depth >= DEPTH)
		return stop(w, "elements inside of too many others");
	event_start(w->event, name, strlen(name));
	return true;
}

static bool
character_read(struct walk *w, struct cursor *c)
{
	uint16_t unit;

	if (!cursor_u16le(c, &unit))
		return stop(w, "a character is cut");
	text_add(w, c->off - 2, 2);
	return true;
}

static bool
entity_read(struct walk *w, struct cursor *c)
{
	static const struct {
		const char	*name, *text;
	} entities[] = {
		{ "lt", "<" }, { "gt", ">" }, { "amp", "&" },
		{ "quot", "\"" }, { "apos", "'" },
	};
	char name[NAME_CHARS];
	size_t i, off = c->off;

	if (!name_read(w, c, name))
		return false;
	for (i = 0; i < sizeof(entities) / sizeof(*entities); i++)
		if (strcmp(entities[i].name, name) == 0)
			add(w, entities[i].text, 1, off, 4, PIECE_WHOLE);
	return true;
}

/* The tokens from *off on, up to the one that ends them. */
static bool
tokens(struct walk *w, size_t *off, size_t end, const struct values *values)
{
	struct cursor c = at(w, *off, end);
	char name[NAME_CHARS];
	bool attribute = false, good = true;
	uint8_t token;

	while (good && cursor_u8(&c, &token)) {
		unsigned int kind = token & ~0x40u;

		if (++w->steps > STEPS)
			return stop(w, "more parts than a record has");
		if (attribute && kind != TOKEN_VALUE &&
		    kind != TOKEN_SUBSTITUTION && kind != TOKEN_OPTIONAL &&
		    kind != TOKEN_CHARACTER && kind != TOKEN_ENTITY) {
			event_attribute_end(w->event);
			attribute = false;
		}
		switch (kind) {
		case TOKEN_END:
			*off = c.off;
			return true;
		case TOKEN_HEADER:
			good = cursor_skip(&c, 3) ||
			    stop(w, "a fragment's head is cut");
			break;
		case TOKEN_START:
			good = start_read(w, &c, (token & 0x40) != 0,
			    values != NULL);
			break;
		case TOKEN_CLOSE_START:
			break;
		case TOKEN_CLOSE_EMPTY:
		case TOKEN_CLOSE:
			event_end(w->event);
			break;
		case TOKEN_VALUE:
			good = cursor_u8(&c, &token) && token == TYPE_TEXT ?
			    characters(w, &c, true) :
			    stop(w, "a value that is no text");
			break;
		case TOKEN_ATTRIBUTE:
			good = name_read(w, &c, name);
			if (good)
				event_attribute(w->event, name, strlen(name));
			attribute = good;
			break;
		case TOKEN_CDATA:
			good = characters(w, &c, true);
			break;
		case TOKEN_CHARACTER:
			good = character_read(w, &c);
			break;
		case TOKEN_ENTITY:
			good = entity_read(w, &c);
			break;
		case TOKEN_PI_TARGET:
			good = name_read(w, &c, name);
			break;
		case TOKEN_PI_DATA:
			good = characters(w, &c, false);
			break;
		case TOKEN_TEMPLATE:
			good = template_read(w, &c);
			break;
		case TOKEN_SUBSTITUTION:
		case TOKEN_OPTIONAL:
			good = substitute(w, &c, values);
			break;
		default:
			return stop(w, "an unknown token");
		}
	}
	*off = c.off;
	return good;
}

const char *
binxml_read(struct evidence *ev, const struct blob *b, struct span chunk,
    size_t off, size_t n, struct event *event)
{
	struct walk w = { .ev = ev, .blob = b, .chunk = chunk,
	    .event = event };
	struct span part = blob_part(b, off, n);

	off = part.off;
	(void)tokens(&w, &off, part.off + part.len, NULL);
	return w.why;
}
