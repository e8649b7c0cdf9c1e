/*
 * A ZIP writer that leaves the marks of Fiddler's three archive libraries:
 * versions, flags, extra fields, Zip64 in every entry, the archive comment.
 * Relies on zlib for deflate and CRC-32.
 */
#include "forge.h"

#include <string.h>
#include <zlib.h>

#define	METHOD_DEFLATE	8

static void
deflate_raw(struct buf *ret, const struct buf *in)
{
	z_stream z;

	memset(&z, 0, sizeof(z));
	if (deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		die("deflateInit2 failed");
	ret->cap = deflateBound(&z, in->n) + 16;
	ret->p = xcalloc(ret->cap, 1);
	z.next_in = in->p;
	z.avail_in = (uInt)in->n;
	z.next_out = ret->p;
	z.avail_out = (uInt)ret->cap;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("deflate failed");
	ret->n = z.total_out;
	deflateEnd(&z);
}

static void
dos_time(int64_t when, unsigned *ret_time, unsigned *ret_date)
{
	int t[7];

	time_civil(when, t);
	*ret_time = (unsigned)(t[3] << 11 | t[4] << 5 | t[5] / 2);
	*ret_date = (unsigned)((t[0] - 1980) << 9 | t[1] << 5 | t[2]);
}

/* Style A: Xceed's Unicode name, Info-ZIP's Unicode name, NTFS times. */
static void
extra_a(struct buf *b, const char *name, int64_t when, bool local)
{
	uint64_t filetime = (uint64_t)(when / SECOND + INT64_C(11644473600)) *
	    10000000;
	size_t n = strlen(name), i;

	buf_le(b, 0x554e, 2);
	buf_le(b, 4 + 2 + (local ? 0 : 2 + 2 * n), 2);
	buf_str(b, "NUCX");
	buf_le(b, local ? 0 : n, 2);
	if (!local) {
		buf_le(b, 0, 2);
		for (i = 0; i < n; i++)
			buf_le(b, (uint8_t)name[i], 2);
	}
	buf_le(b, 0x7075, 2);
	buf_le(b, 5 + n, 2);
	buf_byte(b, 1);
	buf_le(b, crc32(0, (const Bytef *)name, (uInt)n), 4);
	buf_str(b, name);
	buf_le(b, 0x000a, 2);
	buf_le(b, 32, 2);
	buf_le(b, 0, 4);
	buf_le(b, 1, 2);
	buf_le(b, 24, 2);
	for (i = 0; i < 3; i++)
		buf_le(b, filetime, 8);
}

static void
extra_zip64(struct buf *b, uint64_t size, uint64_t packed)
{
	buf_le(b, 0x0001, 2);
	buf_le(b, 16, 2);
	buf_le(b, size, 8);
	buf_le(b, packed, 8);
}

/* A name that ends in "/" is a directory; content is then NULL. */
void
zip_entry(struct zip *z, const char *name, const struct buf *content)
{
	static const struct buf none = { NULL, 0, 0 };
	const struct buf *data = content != NULL ? content : &none;
	struct buf packed = { NULL, 0, 0 }, local = { NULL, 0, 0 };
	struct buf central = { NULL, 0, 0 };
	bool big = z->style == 'C', store;
	unsigned need, made, flags, method, time, date;
	uint32_t crc;
	size_t at = z->out.n;

	store = content == NULL && z->style != 'C';
	deflate_raw(&packed, data);
	if (store || (z->style != 'C' && packed.n >= data->n)) {
		store = true;
		packed.n = 0;
		buf_add(&packed, data);
	}
	crc = (uint32_t)crc32(0, data->p, (uInt)data->n);
	need = z->style == 'C' ? 45 : 20;
	made = z->style == 'A' ? 45 : z->style == 'B' ? 0 : 51;
	flags = z->style == 'C' ? 0x800 : 0;
	method = store ? 0 : METHOD_DEFLATE;
	dos_time(z->when, &time, &date);
	if (z->style == 'A') {
		extra_a(&local, name, z->when, true);
		extra_a(&central, name, z->when, false);
	} else if (z->style == 'B' && content != NULL) {
		buf_le(&local, 0x9999, 2);	/* a placeholder for Zip64 */
		buf_le(&local, 16, 2);
		buf_le(&local, 0, 8);
		buf_le(&local, 0, 8);
	} else if (big) {
		extra_zip64(&local, data->n, packed.n);
		extra_zip64(&central, data->n, packed.n);
	}

	buf_le(&z->out, 0x04034b50, 4);
	buf_le(&z->out, need, 2);
	buf_le(&z->out, flags, 2);
	buf_le(&z->out, method, 2);
	buf_le(&z->out, time, 2);
	buf_le(&z->out, date, 2);
	buf_le(&z->out, crc, 4);
	buf_le(&z->out, big ? 0xffffffff : packed.n, 4);
	buf_le(&z->out, big ? 0xffffffff : data->n, 4);
	buf_le(&z->out, strlen(name), 2);
	buf_le(&z->out, local.n, 2);
	buf_str(&z->out, name);
	buf_add(&z->out, &local);
	buf_add(&z->out, &packed);

	buf_le(&z->directory, 0x02014b50, 4);
	buf_le(&z->directory, made, 2);
	buf_le(&z->directory, need, 2);
	buf_le(&z->directory, flags, 2);
	buf_le(&z->directory, method, 2);
	buf_le(&z->directory, time, 2);
	buf_le(&z->directory, date, 2);
	buf_le(&z->directory, crc, 4);
	buf_le(&z->directory, big ? 0xffffffff : packed.n, 4);
	buf_le(&z->directory, big ? 0xffffffff : data->n, 4);
	buf_le(&z->directory, strlen(name), 2);
	buf_le(&z->directory, central.n, 2);
	buf_le(&z->directory, 0, 2);	/* comment */
	buf_le(&z->directory, 0, 2);	/* disk */
	buf_le(&z->directory, 0, 2);	/* internal attributes */
	buf_le(&z->directory, content == NULL ? 0x10 : 0, 4);
	buf_le(&z->directory, at, 4);
	buf_str(&z->directory, name);
	buf_add(&z->directory, &central);
	z->entries++;
	buf_free(&packed);
	buf_free(&local);
	buf_free(&central);
}

void
zip_end(struct zip *z, const char *comment)
{
	size_t at = z->out.n;

	buf_add(&z->out, &z->directory);
	buf_le(&z->out, 0x06054b50, 4);
	buf_le(&z->out, 0, 2);
	buf_le(&z->out, 0, 2);
	buf_le(&z->out, z->entries, 2);
	buf_le(&z->out, z->entries, 2);
	buf_le(&z->out, z->directory.n, 4);
	buf_le(&z->out, at, 4);
	buf_le(&z->out, strlen(comment), 2);
	buf_str(&z->out, comment);
}
