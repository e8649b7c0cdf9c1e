/*
 * Finds from the bytes what they are and has them worked on in that way.
 * Relies on evidence/text.h for the encoding of text.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "evidence/codepage.h"
#include "evidence/text.h"
#include "redact/internal.h"

#define LOOK_BYTES	((size_t)256 << 10)	/* that tell the encoding */
#define DEPTH_MAX	24

void
remark_add(struct redactor *r, const struct place *place, const char *what,
    const char *text)
{
	r->remarks = grow(r->remarks, &r->room_remarks, r->nremarks,
	    sizeof(*r->remarks));
	r->remarks[r->nremarks++] = (struct remark){ what, place->input,
	    place->member, text };
}

/* ---- text ---- */

/* The parts of a mail that are quoted-printable. */
static void
quoted_parts(struct leaf *l)
{
	static const char field[] = "\ncontent-transfer-encoding: quoted-";
	size_t i, start, end;
	struct view v;

	for (i = 0; i + sizeof(field) < l->n; i++) {
		if (l->orig[i] != '\n' || strncasecmp((const char *)l->orig +
		    i, field, sizeof(field) - 1) != 0)
			continue;
		for (start = i + 1; start + 2 < l->n; start++)
			if (l->orig[start] == '\n' && (l->orig[start + 1] ==
			    '\n' || (l->orig[start + 1] == '\r' &&
			    l->orig[start + 2] == '\n')))
				break;
		for (end = start + 1; end + 3 < l->n; end++)
			if (l->orig[end] == '\n' && l->orig[end + 1] == '-' &&
			    l->orig[end + 2] == '-')
				break;
		if (end + 3 >= l->n)
			end = l->n;
		if (start + 1 >= end)
			break;
		if (view_open(&v, l, start + 1, end - start - 1, VIEW_QUOTED,
		    0)) {
			redact_text(&v.leaf, NULL, 0);
			view_close(&v);
		}
		i = end - 1;
	}
}

static void
text_leaf(struct leaf *l)
{
	if (memmem(l->orig, l->n, "quoted-printable", 16) != NULL)
		quoted_parts(l);
	redact_text(l, NULL, 0);
}

/* false: it is no text. */
static bool
as_text(struct leaf *l)
{
	static const uint8_t none[32];
	static const unsigned int pages[] = {
		[TEXT_CP437] = CODEPAGE_437, [TEXT_CP850] = CODEPAGE_850,
		[TEXT_CP866] = CODEPAGE_866, [TEXT_CP1251] = CODEPAGE_1251,
		[TEXT_CP1252] = CODEPAGE_1252
	};
	struct evidence *ev = evidence_new(ev_limits(l->r->ev));
	struct blob *b = ev_input(ev, "text", false, l->orig, l->n <
	    LOOK_BYTES ? l->n : LOOK_BYTES, none);
	struct text text;
	struct view v;
	bool good;
	enum text_encoding encoding;
	size_t skip;

	b->queued = false;
	good = text_bid(b) > 0 && text_decode(ev, b, &text);
	encoding = good ? text.encoding : TEXT_ASCII;
	skip = good && text.bom ? 2 : 0;
	evidence_free(ev);
	if (!good)
		return false;
	switch (encoding) {
	case TEXT_UTF16LE:
	case TEXT_UTF16BE:
		good = view_open(&v, l, skip, (l->n - skip) & ~(size_t)1,
		    encoding == TEXT_UTF16LE ? VIEW_UTF16LE : VIEW_UTF16BE,
		    0);
		break;
	case TEXT_ASCII:
	case TEXT_UTF8:
		text_leaf(l);
		return true;
	default:
		good = view_open(&v, l, 0, l->n, VIEW_CODEPAGE,
		    pages[encoding]);
	}
	if (!good)
		return false;
	text_leaf(&v.leaf);
	view_close(&v);
	return true;
}

/* ---- bytes ---- */

/* Did a parser understand these bytes? */
static bool
was_read(const struct redactor *r, const uint8_t *p, size_t n)
{
	const struct blob *b;
	size_t i, count = ev_blob_count(r->ev);

	for (i = 0; i < count; i++) {
		b = ev_blob(r->ev, (uint32_t)i);
		if (b->n == n && b->parser != NULL && b->p != NULL &&
		    memcmp(b->p, p, n) == 0)
			return true;
	}
	return false;
}

static bool
is_known(const struct redactor *r, const uint8_t *p, size_t n)
{
	return (n > 16 && p[0] == 0x30 && p[1] >= 0x80 && p[1] <= 0x84) ||
	    (n > 12 && memcmp(p, "\0\0\0\0CERT", 8) == 0) ||
	    (n > 28 && memcmp(p, "KAST", 4) == 0) || was_read(r, p, n);
}

uint8_t *
redact_blob(struct redactor *r, const struct place *place, const char *name,
    const uint8_t *p, size_t n, enum blob_use use, size_t *ret_n)
{
	struct leaf l;
	uint8_t *out;

	(void)name;
	*ret_n = n;
	if (n > 8 && place->depth < DEPTH_MAX && is_container(p, n)) {
		out = redact_container(r, place, p, n, ret_n);
		if (out != NULL || use == USE_MEMBER)
			return out;
		*ret_n = 0;	/* in a body nothing stands in its place */
		return calloc(1, 1);
	}
	if (place->depth < DEPTH_MAX && is_http(p, n))
		return redact_http(r, place, p, n, ret_n);
#ifndef HAVE_EVTX
	if (is_evtx(p, n) && use == USE_MEMBER) {
		remark_add(r, place, "left-out", "event logs are not read "
		    "by this program");
		return NULL;
	}
#endif
	leaf_init(&l, r, place, NULL, p, n);
	r->sealed += redact_sealed(p, n);
	if (is_evtx(p, n))
		redact_evtx(&l);
	else if (n > 0 && !as_text(&l)) {
		if (use == USE_CODED || r->order->keep_unknown ||
		    is_known(r, p, n))
			redact_binary(&l);
		else {
			remark_add(r, place, use == USE_MEMBER ? "left-out" :
			    "blanked", "bytes of no known kind");
			if (use == USE_MEMBER) {
				leaf_clear(&l);
				return NULL;
			}
			memset(l.p, 0, n);
		}
	}
	out = leaf_bytes(&l, ret_n);
	leaf_clear(&l);
	return out;
}
