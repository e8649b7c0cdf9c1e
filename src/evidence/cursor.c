/*
 * Bounded reading of a blob, by subtraction and never past the end.
 * Relies on evidence.h.
 */
#include "evidence/cursor.h"

void
cursor_init(struct cursor *c, const struct blob *b)
{
	*c = (struct cursor){ .blob = b, .off = 0, .end = b->n };
}

void
cursor_init_span(struct cursor *c, const struct blob *b, struct span s)
{
	s = blob_part(b, s.off, s.len);
	*c = (struct cursor){ .blob = b, .off = s.off, .end = s.off + s.len };
}

size_t
cursor_left(const struct cursor *c)
{
	return c->end - c->off;
}

const uint8_t *
cursor_peek(const struct cursor *c, size_t n)
{
	return n <= cursor_left(c) ? c->blob->p + c->off : NULL;
}

const uint8_t *
cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *p = cursor_peek(c, n);

	if (p != NULL)
		c->off += n;
	return p;
}

bool
cursor_skip(struct cursor *c, size_t n)
{
	return cursor_take(c, n) != NULL;
}

/* n bytes as a number, least significant first or last. */
static bool
take_number(struct cursor *c, unsigned int n, bool little, uint64_t *ret)
{
	const uint8_t *p = cursor_take(c, n);
	unsigned int i;

	*ret = 0;
	if (p == NULL)
		return false;
	for (i = 0; i < n; i++)
		*ret = *ret << 8 | p[little ? n - 1 - i : i];
	return true;
}

#define CURSOR_NUMBER(name, type, n, little)				\
bool									\
name(struct cursor *c, type *ret)					\
{									\
	uint64_t v;							\
	bool ok = take_number(c, n, little, &v);			\
									\
	*ret = (type)v;							\
	return ok;							\
}

CURSOR_NUMBER(cursor_u8, uint8_t, 1, false)
CURSOR_NUMBER(cursor_u16le, uint16_t, 2, true)
CURSOR_NUMBER(cursor_u32le, uint32_t, 4, true)
CURSOR_NUMBER(cursor_u64le, uint64_t, 8, true)
CURSOR_NUMBER(cursor_u16be, uint16_t, 2, false)
CURSOR_NUMBER(cursor_u32be, uint32_t, 4, false)

struct span
cursor_behind(const struct cursor *c, size_t n)
{
	if (n > c->off)
		n = c->off;
	return (struct span){ c->blob->id, c->off - n, n };
}
