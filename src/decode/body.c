/*
 * Undoes what HTTP did to a body: chunks, then each content encoding, as
 * slices where the bytes are the same and as steps where they are not.
 * Relies on encoding.h; RFC 9112, sections 6 and 7.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/encoding.h"
#include "decode/http_head.h"
#include "decode/parser.h"
#include "evidence/cursor.h"

#define CHUNK_DIGITS	16

/* ---- chunks ---- */

/* "1f;name=value" CRLF; false: no such line. */
static bool
take_chunk_size(struct cursor *c, uint64_t *ret_size)
{
	const uint8_t *p = cursor_peek(c, cursor_left(c)), *nl;
	size_t left = cursor_left(c), n = 0, line;
	unsigned int digit;

	*ret_size = 0;
	while (n < left && (p[n] == ' ' || p[n] == '\t'))
		n++;
	p += n;
	left -= n;
	for (n = 0; n < left; n++) {
		if (p[n] >= '0' && p[n] <= '9')
			digit = p[n] - '0';
		else if ((p[n] | 0x20) >= 'a' && (p[n] | 0x20) <= 'f')
			digit = (p[n] | 0x20) - 'a' + 10;
		else
			break;
		if (n == CHUNK_DIGITS)
			return false;
		*ret_size = *ret_size << 4 | digit;
	}
	if (n == 0 || n == left || strchr(" \t;\r\n", p[n]) == NULL ||
	    p[n] == '\0')
		return false;
	nl = memchr(p + n, '\n', left - n);
	if (nl == NULL)
		return false;
	line = (size_t)(nl - p) + 1;
	return cursor_skip(c, (size_t)(p - cursor_peek(c, 0)) + line);
}

/*
 * Joins the chunks.  With one chunk *ret_only is its place and nothing is
 * copied; *ret_rest is what follows the last one.  NOT_SO: not even the first
 * chunk is one.
 */
static enum decoded
join_chunks(const struct blob *b, struct span body, struct output *o,
    struct span *ret_only, struct span *ret_rest)
{
	struct cursor c;
	const uint8_t *p;
	uint64_t size;
	size_t n, chunks = 0;

	*ret_only = *ret_rest = SPAN_NONE;
	cursor_init_span(&c, b, body);
	for (;;) {
		if (!take_chunk_size(&c, &size))
			return chunks == 0 ? NOT_SO : CUT;
		if (size == 0) {
			*ret_rest = (struct span){ b->id, c.off,
			    cursor_left(&c) };
			return DECODED;
		}
		n = size < cursor_left(&c) ? (size_t)size : cursor_left(&c);
		if (++chunks == 1) {
			*ret_only = (struct span){ b->id, c.off, n };
		} else if (chunks == 2) {
			/* All of them fit in what is there. */
			o->p = malloc(body.len);
			if (o->p == NULL)
				return OVER;
			memcpy(o->p, b->p + ret_only->off, ret_only->len);
			o->n = ret_only->len;
			*ret_only = SPAN_NONE;
		}
		p = cursor_take(&c, n);
		if (chunks > 1) {
			memcpy(o->p + o->n, p, n);
			o->n += n;
		}
		if (n < size)
			return CUT;
		p = cursor_peek(&c, 1);
		if (p != NULL && *p == '\r')
			cursor_skip(&c, 1);
		p = cursor_take(&c, 1);
		if (p == NULL || *p != '\n')
			return CUT;
	}
}

/* ---- content encodings ---- */

/* The encodings in the order they were applied; how many there are. */
static size_t
list_encodings(const struct blob *b, const struct http_head *h,
    const char *name, struct span *list, size_t n, size_t max)
{
	const struct http_field *f;
	struct span word;
	size_t i, end;

	for (i = 0; i < h->nfields; i++) {
		f = &h->fields[i];
		if (f->name.len != strlen(name) || strncasecmp((const char *)
		    b->p + f->name.off, name, f->name.len) != 0)
			continue;
		word = (struct span){ b->id, f->value.off, 0 };
		end = f->value.off + f->value.len;
		for (; word.off < end; word.off += word.len + 1) {
			while (word.off < end && b->p[word.off] == ' ')
				word.off++;
			for (word.len = 0; word.off + word.len < end &&
			    strchr(", ;", b->p[word.off + word.len]) == NULL;)
				word.len++;
			if (word.len == 0)
				continue;
			if (n < max)
				list[n] = word;
			n++;
		}
	}
	return n;
}

static const struct encoding *
encoding_of(const struct blob *b, struct span word)
{
	return encoding_find(b->p + word.off, word.len);
}

/* ---- the body ---- */

struct body {
	struct evidence	*ev;
	struct item	*item;
	struct span	 at;		/* the bytes so far */
	size_t		 steps;		/* how many made them */
	enum body_state	 state;
};

static size_t
most_bytes(struct evidence *ev)
{
	uint64_t left = ev_bytes_left(ev);
	uint64_t most = ev_limits(ev)->body_bytes;

	return (size_t)(left < most ? left : most);
}

/* The new bytes as a blob nobody reads yet. */
static bool
body_step(struct body *body, const char *how, struct output *o)
{
	struct blob *b;
	uint8_t *less = realloc(o->p, o->n > 0 ? o->n : 1);

	b = ev_step(body->ev, body->at, how, HINT_NONE, body->item,
	    less != NULL ? less : o->p, o->n);
	o->p = NULL;
	if (b == NULL)
		return false;
	body->at = blob_span(b);
	body->steps++;
	return true;
}

static bool
body_decode(struct body *body, const struct blob *head, struct span word)
{
	const struct encoding *e = encoding_of(head, word);
	const struct blob *b = ev_blob(body->ev, body->at.blob);
	struct output o = { .most = most_bytes(body->ev) };
	const char *name = (const char *)head->p + word.off;
	int n = word.len < 40 ? (int)word.len : 40;
	enum decoded r;

	if (e != NULL && e->decode == NULL)
		return true;
	r = e == NULL ? UNKNOWN : e->decode(b->p + body->at.off,
	    body->at.len, &o);
	if (r == UNKNOWN) {
		ev_problem(body->ev, PROBLEM_NOTED, word, "the body's "
		    "encoding %.*s is not known here; kept as it is", n, name);
		body->state = BODY_UNDECODED;
		return false;
	}
	if (r == NOT_SO) {
		free(o.p);
		ev_problem(body->ev, PROBLEM_NOTED, body->at, "the body is "
		    "not %.*s as its head says; kept as it is", n, name);
		body->state = BODY_UNDECODED;
		return false;
	}
	if (r == OVER)
		ev_limit(body->ev, body->at, o.most < ev_limits(body->ev)->
		    body_bytes ? "total_bytes" : "body_bytes", "a body is "
		    "kept to %zu bytes", o.n);
	else if (r == CUT)
		ev_damage(body->ev, body->at, "the body's %.*s data ends "
		    "early; %zu bytes of content are read", n, name, o.n);
	if (r != DECODED)
		body->state = BODY_TRUNCATED;
	return body_step(body, e->how, &o);
}

/*
 * coded: other encodings stand below the chunks.  Their step has to begin at
 * bytes that a reader can get from the steps before, so that even one chunk
 * is a step then and no slice.
 */
static void
body_dechunk(struct body *body, const struct blob *b, bool coded,
    struct span *ret_trailer)
{
	struct output o = { .most = body->at.len };
	struct span only;

	switch (join_chunks(b, body->at, &o, &only, ret_trailer)) {
	case NOT_SO:
		ev_problem(body->ev, PROBLEM_NOTED, body->at, "the body is "
		    "not in chunks as its head says; kept as it is");
		free(o.p);
		return;
	case DECODED:
		break;
	default:
		body->state = BODY_TRUNCATED;
		ev_damage(body->ev, body->at, "the body's chunks end early");
	}
	if (coded && o.p == NULL && only.blob != BLOB_NONE &&
	    (o.p = malloc(only.len + 1)) != NULL) {
		memcpy(o.p, b->p + only.off, only.len);
		o.n = only.len;
	}
	if (o.p != NULL)
		body_step(body, "dechunked", &o);
	else if (only.blob != BLOB_NONE)
		body->at = only;
	else
		body->at.len = 0;
}

/* Content-Length as a number; false if absent, SIZE_MAX if it is none. */
static bool
content_length(const struct blob *b, const struct http_head *h,
    size_t *ret_length)
{
	const struct http_field *f = http_head_field(b, h, "content-length");
	size_t i, length = 0;
	uint8_t c;

	*ret_length = 0;
	if (f == NULL || f->value.len == 0)
		return false;
	for (i = 0; i < f->value.len; i++) {
		c = b->p[f->value.off + i];
		if (c < '0' || c > '9')
			return false;
		if (length > (SIZE_MAX - 9) / 10)
			length = SIZE_MAX;
		else
			length = 10 * length + (c - '0');
	}
	*ret_length = length;
	return true;
}

static bool
has_no_body(const struct http_head *h)
{
	return !h->request && (h->status == 204 || h->status == 304 ||
	    (h->status >= 100 && h->status < 200));
}

struct blob *
http_body_read(struct evidence *ev, const struct blob *b,
    const struct http_head *h, struct item *item, const char *hint,
    enum body_state *ret_state, struct span *ret_trailer)
{
	struct body body = { .ev = ev, .item = item, .state = BODY_OK };
	const struct encoding *e;
	size_t max = (size_t)ev_limits(ev)->encodings, n, length, i;
	struct span *list, *words = arena_alloc(ev_arena(ev),
	    2 * max * sizeof(*words) + 1);
	bool chunked = false;

	*ret_state = BODY_NONE;
	*ret_trailer = SPAN_NONE;
	if (!h->complete)
		return NULL;
	body.at = blob_part(b, h->body, SIZE_MAX);
	list = words + max;
	n = list_encodings(b, h, "transfer-encoding", list, 0, max);
	for (i = 0; i < n && i < max; i++)
		chunked |= (e = encoding_of(b, list[i])) != NULL &&
		    strcmp(e->name, "chunked") == 0;
	if (body.at.len == 0) {
		if (!has_no_body(h) && (chunked ||
		    (content_length(b, h, &length) && length > 0)))
			*ret_state = BODY_TRUNCATED;
		return NULL;
	}
	if (chunked) {
		body_dechunk(&body, b, list_encodings(b, h, "content-encoding",
		    words, 0, max) + n > 1, ret_trailer);
	} else if (content_length(b, h, &length)) {
		if (length > body.at.len)
			body.state = BODY_TRUNCATED;
		else if (length < body.at.len)
			ev_problem(ev, PROBLEM_NOTED, body.at, "the body has "
			    "%zu bytes, its Content-Length says %zu",
			    body.at.len, length);
	}
	n = list_encodings(b, h, "content-encoding", words, 0, max);
	n = list_encodings(b, h, "transfer-encoding", words, n, max);
	if (n > max) {
		ev_limit(ev, body.at, "encodings", "%zu encodings stand on one "
		    "body; it is kept as it is", n);
		body.state = BODY_UNDECODED;
	} else {
		while (n > 0 && body.at.len > 0 &&
		    body_decode(&body, b, words[n - 1]))
			n--;
	}
	*ret_state = body.at.len == 0 && body.state == BODY_OK ? BODY_NONE :
	    body.state;
	if (body.at.len == 0)
		return NULL;
	return ev_slice(ev, body.at, "body", hint, item);
}

struct span
http_body_undo(struct evidence *ev, struct span at, const char *name,
    size_t n, struct item *item)
{
	struct body body = { .ev = ev, .item = item, .at = at };
	const struct blob *b = ev_blob(ev, at.blob);
	struct output o = { .most = most_bytes(ev) };
	const struct encoding *e = encoding_find((const uint8_t *)name, n);

	if (e == NULL || e->decode == NULL)
		return at;
	if (e->decode(b->p + at.off, at.len, &o) == DECODED)
		body_step(&body, e->how, &o);
	free(o.p);
	return body.at;
}
