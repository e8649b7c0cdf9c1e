/*
 * RAR archives, which no free program writes: version 5 and that of 1.5 to 4,
 * with their members stored, and both as they look when they are locked.
 * Relies on zlib for CRC-32; the RAR 5.0 technical note.
 */
#include "forge.h"

#include <string.h>
#include <zlib.h>

/* ---- RAR 5: stored ---- */

static void
vint(struct buf *b, uint64_t v)
{
	for (; v > 0x7f; v >>= 7)
		buf_byte(b, 0x80 | (v & 0x7f));
	buf_byte(b, (uint8_t)v);
}

static void
rar_header(struct buf *ret, const struct buf *header)
{
	struct buf sized = { NULL, 0, 0 };

	vint(&sized, header->n);
	buf_add(&sized, header);
	buf_le(ret, crc32(0, sized.p, (uInt)sized.n), 4);
	buf_add(ret, &sized);
	buf_free(&sized);
}

/*
 * RAR 5.  `locked`: 'h' has the header that says that the others are
 * encrypted, and noise for them; 'd' says so of each member's data.
 */
void
rar5_make(struct buf *ret, const struct files *f, char locked)
{
	struct buf h = { NULL, 0, 0 };
	uint8_t noise[64];
	size_t i;

	buf_put(ret, "Rar!\x1a\x07\x01", 8);
	rng_bytes("rar", 0, noise, sizeof(noise));
	if (locked == 'h') {
		vint(&h, 4);		/* encryption of the archive */
		vint(&h, 0);
		vint(&h, 0);		/* AES-256 */
		vint(&h, 0);
		buf_byte(&h, 15);
		buf_put(&h, noise, 16);
		rar_header(ret, &h);
		buf_put(ret, noise, sizeof(noise));
		buf_free(&h);
		return;
	}
	vint(&h, 1);			/* main header */
	vint(&h, 0);
	vint(&h, 0);
	rar_header(ret, &h);
	for (i = 0; i < f->n; i++) {
		h.n = 0;
		vint(&h, 2);		/* file header with a data area */
		vint(&h, locked == 'd' ? 3 : 2);
		if (locked == 'd')
			vint(&h, 37);	/* of the record of encryption */
		vint(&h, f->v[i].n);
		vint(&h, 4);		/* it has a CRC-32 */
		vint(&h, f->v[i].n);
		vint(&h, 0x20);
		buf_le(&h, crc32(0, f->v[i].p, (uInt)f->v[i].n), 4);
		vint(&h, 0);		/* version 0, method 0: stored */
		vint(&h, 0);		/* Windows */
		vint(&h, strlen(f->names[i]));
		buf_str(&h, f->names[i]);
		if (locked == 'd') {
			vint(&h, 36);	/* size, type, version, flags */
			vint(&h, 1);
			vint(&h, 0);
			vint(&h, 0);
			buf_byte(&h, 15);
			buf_put(&h, noise, 32);
		}
		rar_header(ret, &h);
		buf_add(ret, &f->v[i]);
	}
	h.n = 0;
	vint(&h, 5);			/* end */
	vint(&h, 0);
	vint(&h, 0);
	rar_header(ret, &h);
	buf_free(&h);
}

/* ---- RAR 1.5 to 4: stored ---- */

/* CRC-16 of what follows it, type, flags, size, and the rest. */
static void
rar4_block(struct buf *ret, unsigned type, unsigned flags,
    const struct buf *rest)
{
	struct buf h = { NULL, 0, 0 };

	buf_byte(&h, (uint8_t)type);
	buf_le(&h, flags, 2);
	buf_le(&h, 7 + rest->n, 2);
	buf_add(&h, rest);
	buf_le(ret, crc32(0, h.p, (uInt)h.n) & 0xffff, 2);
	buf_add(ret, &h);
	buf_free(&h);
}

void
rar4_make(struct buf *ret, const struct files *f, char locked)
{
	struct buf h = { NULL, 0, 0 };
	uint8_t noise[64];
	size_t i;

	buf_put(ret, "Rar!\x1a\x07", 7);
	buf_le(&h, 0, 6);
	rar4_block(ret, 0x73, locked == 'h' ? 0x80 : 0, &h);
	if (locked == 'h') {
		rng_bytes("rar", 0, noise, sizeof(noise));
		buf_put(ret, noise, sizeof(noise));
		buf_free(&h);
		return;
	}
	for (i = 0; i < f->n; i++) {
		h.n = 0;
		buf_le(&h, f->v[i].n, 4);
		buf_le(&h, f->v[i].n, 4);
		buf_byte(&h, 2);	/* Windows */
		buf_le(&h, crc32(0, f->v[i].p, (uInt)f->v[i].n), 4);
		buf_le(&h, 0x56c55960, 4);	/* 2023-06-05 11:11 */
		buf_byte(&h, 20);
		buf_byte(&h, 0x30);	/* stored */
		buf_le(&h, strlen(f->names[i]), 2);
		buf_le(&h, 0x20, 4);
		buf_str(&h, f->names[i]);
		rar4_block(ret, 0x74, locked == 'd' ? 0x8004 : 0x8000, &h);
		buf_add(ret, &f->v[i]);
	}
	h.n = 0;
	rar4_block(ret, 0x7b, 0x4000, &h);
	buf_free(&h);
}
