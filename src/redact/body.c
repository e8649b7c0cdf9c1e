/*
 * Encodings of HTTP bodies, undone and done again: gzip, deflate of both
 * kinds, brotli, zstd.
 * Relies on decode/http_head.h, zlib, brotli and libarchive.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>
#ifdef HAVE_BROTLI
#include <brotli/encode.h>
#endif

#include "decode/http_head.h"
#include "redact/internal.h"

uint8_t *
body_undo(struct redactor *r, const char *encoding, const uint8_t *p,
    size_t n, size_t *ret_n)
{
	static const uint8_t none[32];
	struct evidence *ev = evidence_new(ev_limits(r->ev));
	struct blob *b = ev_input(ev, "body", false, p, n, none);
	struct span at;
	uint8_t *own = NULL;

	b->queued = false;
	at = http_body_undo(ev, blob_span(b), encoding, strlen(encoding),
	    NULL);
	if (at.blob != b->id && at.len <= r->left) {
		r->left -= at.len;
		own = malloc(at.len + 1);
		if (own == NULL)
			abort();
		memcpy(own, ev_bytes(ev, at), at.len);
		*ret_n = at.len;
	}
	evidence_free(ev);
	return own;
}

static uint8_t *
deflate_with(int bits, const uint8_t *p, size_t n, size_t *ret_n)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)p,
	    .avail_in = (uInt)n };
	uint8_t *out;
	size_t room;

	if (n > INT32_MAX || deflateInit2(&z, Z_DEFAULT_COMPRESSION,
	    Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return NULL;
	room = deflateBound(&z, (uLong)n) + 32;
	out = malloc(room);
	if (out == NULL)
		abort();
	z.next_out = out;
	z.avail_out = (uInt)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
		free(out);
		out = NULL;
	}
	*ret_n = room - z.avail_out;
	deflateEnd(&z);
	return out;
}

uint8_t *
raw_deflate(const uint8_t *p, size_t n, size_t *ret_n)
{
	return deflate_with(-15, p, n, ret_n);
}

/* One file through a filter of libarchive's. */
uint8_t *
filter_encode(int (*filter)(struct archive *), const uint8_t *p, size_t n,
    size_t *ret_n)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();
	size_t room = n + n / 8 + 65536, used = 0;
	uint8_t *out = malloc(room);

	if (out == NULL || a == NULL || e == NULL)
		abort();
	archive_entry_set_pathname(e, "data");
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_size(e, (la_int64_t)n);
	if (archive_write_set_format_raw(a) != ARCHIVE_OK ||
	    filter(a) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
	    archive_write_open_memory(a, out, room, &used) != ARCHIVE_OK ||
	    archive_write_header(a, e) != ARCHIVE_OK ||
	    archive_write_data(a, p, n) != (la_ssize_t)n ||
	    archive_write_close(a) != ARCHIVE_OK) {
		free(out);
		out = NULL;
	}
	archive_entry_free(e);
	archive_write_free(a);
	*ret_n = used;
	return out;
}

#ifdef HAVE_BROTLI
static uint8_t *
brotli(const uint8_t *p, size_t n, size_t *ret_n)
{
	size_t room = BrotliEncoderMaxCompressedSize(n) + 16;
	uint8_t *out = malloc(room);

	if (out == NULL)
		abort();
	if (!BrotliEncoderCompress(5, 18, BROTLI_MODE_GENERIC, n, p, &room,
	    out)) {
		free(out);
		out = NULL;
	}
	*ret_n = room;
	return out;
}
#endif

uint8_t *
body_encode(const char *encoding, const uint8_t *was, const uint8_t *p,
    size_t n, size_t *ret_n)
{
	*ret_n = 0;
	if (strcasecmp(encoding, "gzip") == 0 ||
	    strcasecmp(encoding, "x-gzip") == 0)
		return deflate_with(15 + 16, p, n, ret_n);
	if (strcasecmp(encoding, "deflate") == 0)
		return deflate_with((was[0] & 15) == 8 &&
		    (was[0] << 8 | was[1]) % 31 == 0 ? 15 : -15, p, n, ret_n);
#ifdef HAVE_BROTLI
	if (strcasecmp(encoding, "br") == 0)
		return brotli(p, n, ret_n);
#endif
	if (strcasecmp(encoding, "zstd") == 0)
		return filter_encode(archive_write_add_filter_zstd, p, n,
		    ret_n);
	return NULL;
}
