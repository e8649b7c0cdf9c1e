/*
 * What the heads of a RAR archive say of its members: libarchive gives sealed
 * bytes of RAR 5 as if they were the content, and compares no check sum of
 * what is only stored.  Relies on cursor.h; the RAR 5.0 technical note, and
 * for older archives that of RAR 2.02.
 */
#include "decode/container_open.h"
#include "evidence/cursor.h"

#define SIGNATURE	7	/* and one byte more in RAR 5 */
#define HEAD_MAX	(2 << 20)	/* bytes of one head, by the note */

/* RAR 5 */
enum { FILE5 = 2, HAS_EXTRA = 1, HAS_DATA = 2, SPLIT5 = 8 | 16 };
enum { HAS_TIME = 2, HAS_CRC = 4, RECORD_ENCRYPTION = 1 };
/* RAR 1.5 to 4 */
enum { FILE4 = 0x74, SPLIT4 = 3, LOCKED4 = 4, LARGE4 = 0x100,
    HAS_DATA4 = 0x8000 };

/* Seven bits a byte, the lowest first; at most ten bytes. */
static bool
number(struct cursor *c, uint64_t *ret)
{
	unsigned int shift;
	uint8_t byte;

	*ret = 0;
	for (shift = 0; shift < 64 && cursor_u8(c, &byte); shift += 7) {
		*ret |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return true;
	}
	return false;
}

/* Does a record of the extra area, the last bytes of a head, say so? */
static bool
is_encrypted(const struct blob *b, size_t end, size_t extra)
{
	struct cursor c;
	uint64_t size, type;
	size_t next;

	cursor_init_span(&c, b, blob_part(b, end - extra, extra));
	while (number(&c, &size)) {
		if (size == 0 || size > cursor_left(&c))
			return false;
		next = c.off + (size_t)size;
		if (number(&c, &type) && type == RECORD_ENCRYPTION)
			return true;
		c.off = next;
	}
	return false;
}

/* Flags, size, attributes, time, check sum. */
static void
member5(struct cursor *c, struct rar_member *m)
{
	uint64_t flags, size, attributes;
	uint32_t time;

	if (number(c, &flags) && number(c, &size) && number(c, &attributes) &&
	    ((flags & HAS_TIME) == 0 || cursor_u32le(c, &time)))
		m->has_crc = (flags & HAS_CRC) != 0 &&
		    cursor_u32le(c, &m->crc);
}

static bool
skip_data(struct cursor *c, size_t end, uint64_t data)
{
	c->off = end;
	return cursor_skip(c, data < cursor_left(c) ? (size_t)data :
	    cursor_left(c));
}

/* The next head; false: no more, or it cannot be one. */
static bool
next5(struct cursor *c, bool *ret_file, struct rar_member *m)
{
	uint64_t size, type, flags, extra = 0, data = 0;
	size_t end;

	if (!cursor_skip(c, 4) || !number(c, &size) || size == 0 ||
	    size > HEAD_MAX || size > cursor_left(c))
		return false;
	end = c->off + (size_t)size;
	if (!number(c, &type) || !number(c, &flags) ||
	    ((flags & HAS_EXTRA) != 0 && !number(c, &extra)) ||
	    ((flags & HAS_DATA) != 0 && !number(c, &data)) ||
	    c->off > end || extra > end - c->off)
		return false;
	*ret_file = type == FILE5;
	if (type == FILE5) {
		m->locked = is_encrypted(c->blob, end, (size_t)extra);
		if ((flags & SPLIT5) == 0)
			member5(c, m);
	}
	return skip_data(c, end, data);
}

static bool
next4(struct cursor *c, bool *ret_file, struct rar_member *m)
{
	uint16_t flags, size;
	uint32_t packed = 0, full, high;
	uint64_t data;
	uint8_t type, os;
	size_t start = c->off;

	if (!cursor_skip(c, 2) || !cursor_u8(c, &type) ||
	    !cursor_u16le(c, &flags) || !cursor_u16le(c, &size) || size < 7 ||
	    size - 7U > cursor_left(c))
		return false;
	*ret_file = type == FILE4;
	if ((flags & HAS_DATA4) != 0 && !cursor_u32le(c, &packed))
		return false;
	data = packed;
	if (type == FILE4) {
		m->locked = (flags & LOCKED4) != 0;
		m->has_crc = cursor_u32le(c, &full) && cursor_u8(c, &os) &&
		    cursor_u32le(c, &m->crc) && (flags & SPLIT4) == 0;
		if ((flags & LARGE4) != 0 && cursor_skip(c, 12) &&
		    cursor_u32le(c, &high))
			data |= (uint64_t)high << 32;
	}
	return skip_data(c, start + size, data);
}

struct rar_member *
rar_members(struct arena *arena, const struct blob *b, bool rar5, size_t max,
    size_t *ret_n)
{
	bool (*next)(struct cursor *, bool *, struct rar_member *) = rar5 ?
	    next5 : next4;
	size_t from = SIGNATURE + rar5, n = 0;
	struct rar_member one, *all;
	struct cursor c;
	bool file;

	*ret_n = 0;
	cursor_init(&c, b);
	if (!cursor_skip(&c, from))
		return NULL;
	while (n < max && next(&c, &file, &one))
		n += file;
	all = arena_alloc(arena, n * sizeof(*all) + 1);
	cursor_init(&c, b);
	cursor_skip(&c, from);
	for (;;) {
		one = (struct rar_member){ 0 };
		if (*ret_n == n || !next(&c, &file, &one))
			return all;
		if (file)
			all[(*ret_n)++] = one;
	}
}
