/*
 * RAR archives, stored: of version 5 and of those before it, as the archive
 * was that they stand for.  Only RAR's compression may not be written.
 * Relies on out.h; the RAR 5.0 technical note, and that of RAR 2.02 with the
 * names of 3.0.
 */
#include <stdlib.h>
#include <string.h>

#include "redact/internal.h"
#include "redact/out.h"

#define NAME_BYTES	0xf000	/* a head of before RAR 5 has 16 bits */
#define HOST5_WINDOWS	0
#define HOST4_WINDOWS	2

enum { ATTRIBUTE_DIRECTORY = 0x10, ATTRIBUTE_ARCHIVE = 0x20 };

/* Without the '/' that ends a folder's. */
static size_t
name_length(const struct member *v)
{
	size_t n = strlen(v->name);

	return v->directory && n > 0 && v->name[n - 1] == '/' ? n - 1 : n;
}

static uint32_t
content_crc(const struct member *v)
{
	return out_crc(v->p, v->n) ^ (v->damaged ? 1 : 0);
}

/* ---- RAR 5 ---- */

enum { MAIN5 = 1, FILE5 = 2, END5 = 5 };
enum { HAS_EXTRA = 1, HAS_DATA = 2 };
enum { IS_DIRECTORY = 1, HAS_CRC = 4 };
enum { RECORD_TIME = 3, RECORD_TIME_BYTES = 10, TIME_MODIFIED = 2 };

/* Seven bits a byte, the lowest first. */
static void
number(struct out *o, uint64_t v)
{
	for (; v > 0x7f; v >>= 7)
		out_le(o, (v & 0x7f) | 0x80, 1);
	out_le(o, v, 1);
}

/* A head with its sum and its size before it. */
static void
block5(struct out *o, const struct out *body)
{
	size_t start = o->n;

	out_le(o, 0, 4);
	number(o, body->n);
	out_bytes(o, body->p, body->n);
	(void)put32(o->p + start, out_crc(o->p + start + 4, o->n - start - 4));
}

static void
block5_small(struct out *o, unsigned int type)
{
	struct out body = { .n = 0 };

	number(&body, type);
	number(&body, 0);		/* flags, of the head and its own */
	number(&body, 0);
	block5(o, &body);
	free(body.p);
}

static void
member5(struct out *o, const struct member *v)
{
	struct out body = { .n = 0 };

	number(&body, FILE5);
	number(&body, HAS_DATA | (v->mtime != 0 ? HAS_EXTRA : 0));
	if (v->mtime != 0)
		number(&body, RECORD_TIME_BYTES + 1);
	number(&body, v->n);		/* a folder's 0 as well: libarchive */
	number(&body, v->directory ? IS_DIRECTORY : HAS_CRC);
	number(&body, v->n);
	number(&body, v->directory ? ATTRIBUTE_DIRECTORY : ATTRIBUTE_ARCHIVE);
	if (!v->directory)
		out_le(&body, content_crc(v), 4);
	number(&body, 0);		/* stored */
	number(&body, HOST5_WINDOWS);
	number(&body, name_length(v));
	out_bytes(&body, v->name, name_length(v));
	if (v->mtime != 0) {
		number(&body, RECORD_TIME_BYTES);
		number(&body, RECORD_TIME);
		number(&body, TIME_MODIFIED);
		out_le(&body, v->mtime, 8);
	}
	block5(o, &body);
	free(body.p);
	out_bytes(o, v->p, v->n);
}

/* ---- RAR 1.5 to 4 ---- */

enum { MAIN4 = 0x73, FILE4 = 0x74, END4 = 0x7b };
enum { DIRECTORY4 = 0xe0, UNICODE4 = 0x200, EXACT4 = 0x1000,
    SKIP4 = 0x4000, DATA4 = 0x8000 };
enum { VERSION4 = 20, STORED4 = 0x30 };
#define ODD_SECOND	0xc000	/* the modification's time: one second more */

static void
block4(struct out *o, unsigned int type, unsigned int flags,
    const struct out *body)
{
	size_t start = o->n;

	out_le(o, 0, 2);
	out_le(o, type, 1);
	out_le(o, flags, 2);
	out_le(o, 7 + body->n, 2);
	out_bytes(o, body->p, body->n);
	(void)put16(o->p + start, out_crc(o->p + start + 2, o->n - start -
	    2));
}

/*
 * With '\' between its parts.  Where it is not ASCII a zero byte and the name
 * in UTF-16 follow, each unit as both of its bytes; true then.
 */
static bool
name4(struct out *o, const struct member *v)
{
	struct out wide = { .n = 0 };
	size_t n = name_length(v), start = o->n, i;
	bool ascii = true, good;
	uint8_t *p;

	out_bytes(o, v->name, n);
	p = o->p + start;
	for (i = 0; i < n; i++) {
		if (p[i] == '/')
			p[i] = '\\';
		ascii &= p[i] < 0x80;
	}
	good = !ascii && out_utf16(&wide, (const char *)p, n);
	if (good) {
		/* For those who read only this. */
		for (i = 0; i < n; i++)
			if (p[i] >= 0x80)
				p[i] = '_';
		out_le(o, 0, 1);
		out_le(o, 0, 1);	/* the high byte of others */
		for (i = 0; i < wide.n; i += 2) {
			if (i % 8 == 0)
				out_le(o, 0xaa, 1);	/* four of both */
			out_bytes(o, wide.p + i, 2);
		}
	}
	free(wide.p);
	return good;
}

static void
member4(struct out *o, const struct member *v)
{
	struct out body = { .n = 0 }, name = { .n = 0 };
	bool odd = v->mtime / FILETIME_SECOND % 2 == 1;
	unsigned int flags = DATA4;

	if (name4(&name, v))
		flags |= UNICODE4;
	if (v->directory)
		flags |= DIRECTORY4;
	if (odd)
		flags |= EXACT4;
	out_le(&body, v->n, 4);
	out_le(&body, v->n, 4);
	out_le(&body, HOST4_WINDOWS, 1);
	out_le(&body, content_crc(v), 4);
	out_le(&body, v->time, 2);
	out_le(&body, v->date, 2);
	out_le(&body, VERSION4, 1);
	out_le(&body, STORED4, 1);
	out_le(&body, name.n, 2);
	out_le(&body, v->directory ? ATTRIBUTE_DIRECTORY : ATTRIBUTE_ARCHIVE,
	    4);
	out_bytes(&body, name.p, name.n);
	if (odd)
		out_le(&body, ODD_SECOND, 2);
	block4(o, FILE4, flags, &body);
	out_bytes(o, v->p, v->n);
	free(body.p);
	free(name.p);
}

/* ---- both ---- */

static void
member_write(struct out *o, bool rar5, const struct member *v)
{
	if (rar5)
		member5(o, v);
	else
		member4(o, v);
}

static void
start_write(struct out *o, bool rar5)
{
	static uint8_t zero[6];
	const struct out main4 = { .p = zero, .n = sizeof(zero) };

	out_bytes(o, "Rar!\x1a\x07\1", rar5 ? 8 : 6);
	if (rar5)
		block5_small(o, MAIN5);
	else {
		out_le(o, 0, 1);
		block4(o, MAIN4, 0, &main4);
	}
}

/* Of one that was cut: the head of the member that was lost, damaged. */
static void
end_write(struct out *o, bool rar5, bool cut)
{
	static char name[] = "lost";
	const struct member lost = { .name = name };
	const struct out none = { .n = 0 };
	size_t end = o->n;

	if (cut) {
		member_write(o, rar5, &lost);
		o->p[end] ^= 1;
	} else if (rar5)
		block5_small(o, END5);
	else
		block4(o, END4, SKIP4, &none);
}

uint8_t *
rar_write(const struct members *m, bool rar5, size_t *ret_n)
{
	struct out o = { .n = 0 };
	size_t i;

	*ret_n = 0;
	for (i = 0; i < m->n; i++)
		if (3 * name_length(&m->v[i]) > NAME_BYTES ||
		    (!rar5 && m->v[i].n > UINT32_MAX))
			return NULL;
	start_write(&o, rar5);
	for (i = 0; i < m->n; i++)
		member_write(&o, rar5, &m->v[i]);
	end_write(&o, rar5, m->cut);
	*ret_n = o.n;
	return o.p;
}
