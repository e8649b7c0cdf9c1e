/*
 * From a span to what a reader can find: input, member, offset, and the steps
 * that made the bytes.  Relies on the chain of blobs.
 */
#include <string.h>

#include "evidence/evidence.h"

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
	b = ev_blob(ev, at.blob);
	ret->offset = at.off;
	ret->length = at.len;
	/* Slices are the parent's own bytes, up to the first step or member. */
	for (; b->kind == BLOB_SLICE; b = ev_blob(ev, b->from.blob))
		ret->offset += b->from.off;
	/* Steps after the innermost member; those before it made its archive. */
	n = 0;
	for (up = b; up->kind == BLOB_SLICE || up->kind == BLOB_STEP;
	    up = ev_blob(ev, up->from.blob))
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
