/*
 * From a span to what a reader can find: input, member, offset, and the steps
 * that made the bytes.  Relies on the chain of blobs.
 */
#include <string.h>

#include "evidence/evidence.h"

/* How many bytes of the source n composed bytes of a piece take. */
static size_t
source_bytes(const struct blob *b, const struct piece *piece, size_t n)
{
	size_t i, units = 0;
	uint8_t c;

	if (piece->unit == PIECE_SAME)
		return n;
	for (i = 0; i < n; i++) {
		c = b->p[piece->off + i];
		if ((c & 0xc0) == 0x80)
			continue;
		units += piece->unit == PIECE_UTF16 ? c >= 0xf0 ? 4 : 2 : 1;
	}
	return units;
}

/* What a span of a composed blob stands for, in the blob it was made from. */
static struct span
composed_origin(const struct blob *b, struct span at)
{
	size_t end = at.off + at.len, from, to, low = SIZE_MAX, high = 0, i;
	const struct piece *p;

	for (i = 0; i < b->npieces; i++) {
		p = &b->pieces[i];
		if (p->off + p->n <= at.off || p->off >= end)
			continue;
		from = 0;
		to = p->from.len;
		if (p->unit != PIECE_WHOLE && at.off > p->off)
			from = source_bytes(b, p, at.off - p->off);
		if (p->unit != PIECE_WHOLE && end < p->off + p->n)
			to = source_bytes(b, p, end - p->off);
		if (from > p->from.len)
			from = p->from.len;
		if (to > p->from.len)
			to = p->from.len;
		if (p->from.off + from < low)
			low = p->from.off + from;
		if (p->from.off + to > high)
			high = p->from.off + to;
	}
	if (low >= high)
		return b->from;
	return (struct span){ b->from.blob, low, high - low };
}

struct span
ev_origin(const struct evidence *ev, struct span at)
{
	const struct blob *b;

	if (at.blob == BLOB_NONE)
		return at;
	for (b = ev_blob(ev, at.blob); b->kind == BLOB_SLICE ||
	    b->kind == BLOB_COMPOSED; b = ev_blob(ev, at.blob)) {
		if (b->kind == BLOB_COMPOSED)
			at = composed_origin(b, at);
		else
			at = (struct span){ b->from.blob,
			    b->from.off + at.off, at.len };
	}
	return at;
}

bool
ev_cite(struct evidence *ev, struct span at, struct citation *ret)
{
	struct arena *a = ev_arena(ev);
	const struct blob *b, *up;
	size_t n, inputs, i;
	const char *member = "";

	*ret = (struct citation){ .member = "" };
	if (at.blob == BLOB_NONE)
		return false;
	/* Slices are the parent's own bytes, up to the first step or member. */
	at = ev_origin(ev, at);
	b = ev_blob(ev, at.blob);
	ret->offset = at.off;
	ret->length = at.len;
	/* Steps after the innermost member; those before it made its archive. */
	n = 0;
	for (up = b; up->kind == BLOB_SLICE || up->kind == BLOB_STEP ||
	    up->kind == BLOB_COMPOSED; up = ev_blob(ev, up->from.blob))
		n += up->kind == BLOB_STEP;
	if (n > 0)
		ret->via = arena_alloc(a, n * sizeof(*ret->via));
	ret->nvia = i = n;
	for (up = b; up->kind != BLOB_INPUT; up = ev_blob(ev, up->from.blob)) {
		if (up->kind == BLOB_STEP && i > 0)
			ret->via[--i] = up->how;
		if (up->kind == BLOB_MEMBER)
			member = *member == '\0' ? up->name :
			    arena_printf(a, "%s!/%s", up->name, member);
	}
	ret->member = member;
	ret->input = &ev_inputs(ev, &inputs)[up->input];
	return true;
}

const uint8_t *
ev_bytes(const struct evidence *ev, struct span at)
{
	const struct blob *b;

	if (at.blob == BLOB_NONE)
		return NULL;
	b = ev_blob(ev, at.blob);
	if (at.off > b->n || at.len > b->n - at.off)
		return NULL;
	return b->p + at.off;
}
