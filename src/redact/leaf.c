/*
 * A run of bytes that is worked on: what is claimed as a secret is replaced
 * in place and said with its offset; what must change its length becomes an
 * edit, which is made last.
 * Relies on secret.c.
 */
#include <stdlib.h>
#include <string.h>

#include "redact/internal.h"

void *
grow(void *v, size_t *room, size_t n, size_t size)
{
	if (n < *room)
		return v;
	*room = *room == 0 ? 64 : 2 * *room;
	v = realloc(v, *room * size);
	if (v == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	return v;
}

static void *
copy(const void *p, size_t n)
{
	uint8_t *own = calloc(n + 1, 1);

	if (own == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	if (p != NULL && n > 0)
		memcpy(own, p, n);
	return own;
}

void
leaf_init(struct leaf *l, struct redactor *r, const struct place *place,
    struct leaf *up, const uint8_t *p, size_t n)
{
	*l = (struct leaf){ .r = r, .place = place, .up = up, .orig = p,
	    .n = n };
	l->p = copy(p, n);
	l->done = copy(NULL, n);
}

void
leaf_clear(struct leaf *l)
{
	size_t i;

	for (i = 0; i < l->nedits; i++)
		free(l->edits[i].p);
	free(l->edits);
	free(l->done);
	free(l->p);
}

bool
leaf_free(const struct leaf *l, size_t off, size_t n)
{
	return off <= l->n && n <= l->n - off &&
	    memchr(l->done + off, 1, n) == NULL;
}

bool
leaf_changed(const struct leaf *l)
{
	return l->nedits > 0 || memcmp(l->p, l->orig, l->n) != 0;
}

/* In the terms of the bytes that are cited: those at the bottom. */
void
leaf_say(struct leaf *l, enum secret_kind kind, size_t off, size_t n)
{
	struct redactor *r = l->r;
	size_t end = off + n;

	if (r->learning || r->quiet)
		return;
	for (; l->up != NULL; l = l->up) {
		off = l->base + (l->from != NULL ? l->from[off] : off);
		end = l->base + (l->from != NULL ? l->from[end] : end);
	}
	r->replaced = grow(r->replaced, &r->room_replaced, r->nreplaced,
	    sizeof(*r->replaced));
	r->replaced[r->nreplaced++] = (struct replaced){ kind,
	    l->place->input, l->place->member, l->place->via,
	    l->place->base + off, end - off };
}

static void
claim(struct leaf *l, size_t off, size_t n, enum secret_kind kind,
    bool binary)
{
	const struct secret *s;

	if (n == 0 || !leaf_free(l, off, n))
		return;
	s = secret_of(l->r, kind, l->orig + off, n, binary);
	if (s == NULL)
		return;
	memset(l->done + off, 1, n);
	if (l->r->learning)
		return;
	secret_write(s, l->p + off);
	leaf_say(l, s->kind, off, n);
}

void
leaf_claim(struct leaf *l, size_t off, size_t n, enum secret_kind kind)
{
	claim(l, off, n, kind, false);
}

void
leaf_claim_binary(struct leaf *l, size_t off, size_t n, enum secret_kind kind)
{
	claim(l, off, n, kind, true);
}

void
leaf_known(struct leaf *l)
{
	const struct form *f;
	size_t i;

	if (l->r->learning)
		return;
	for (i = 0; i + 3 <= l->n; i++) {
		if (l->done[i])
			continue;
		f = secret_at(l->r, l->orig, l->n, i);
		if (f == NULL || !leaf_free(l, i, f->n))
			continue;
		memset(l->done + i, 1, f->n);
		form_write(f, l->p + i);
		leaf_say(l, f->secret->kind, i, f->n);
		i += f->n - 1;
	}
}

/* ---- what changes its length ---- */

void
leaf_edit(struct leaf *l, size_t off, size_t n, uint8_t *p, size_t size)
{
	size_t i;

	/* In the order of their places; they never overlap. */
	l->edits = grow(l->edits, &l->room_edits, l->nedits,
	    sizeof(*l->edits));
	for (i = l->nedits++; i > 0 && l->edits[i - 1].off > off; i--)
		l->edits[i] = l->edits[i - 1];
	l->edits[i] = (struct edit){ off, n, p, size };
	memset(l->done + off, 1, n);
}

uint8_t *
leaf_bytes(struct leaf *l, size_t *ret_n)
{
	size_t n = l->n, at = 0, k = 0, i;
	const struct edit *e;
	uint8_t *p;

	for (i = 0; i < l->nedits; i++)
		n = n - l->edits[i].n + l->edits[i].size;
	p = copy(NULL, n);
	for (i = 0; i < l->nedits; i++) {
		e = &l->edits[i];
		memcpy(p + k, l->p + at, e->off - at);
		k += e->off - at;
		memcpy(p + k, e->p, e->size);
		k += e->size;
		at = e->off + e->n;
	}
	memcpy(p + k, l->p + at, l->n - at);
	*ret_n = n;
	return p;
}
