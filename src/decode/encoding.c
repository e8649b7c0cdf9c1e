/*
 * Undoes the content encodings of HTTP: gzip, deflate of both kinds, br, zstd.
 * Relies on zlib, brotli, and libarchive for zstd; RFC 9110, section 8.4.
 */
#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#ifdef HAVE_BROTLI
#include <brotli/decode.h>
#endif

#include "decode/encoding.h"

/* Room for some more bytes; false when the output may not grow. */
static bool
output_room(struct output *o)
{
	size_t size = o->size == 0 ? 16384 : 2 * o->size;

	if (o->n < o->size)
		return true;
	if (size > o->most)
		size = o->most;
	if (size <= o->size)
		return false;
	o->p = realloc(o->p, size);
	if (o->p == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	o->size = size;
	return true;
}

static enum decoded
inflate_with(const uint8_t *p, size_t n, int bits, struct output *o)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)p,
	    .avail_in = n < UINT_MAX ? (uInt)n : UINT_MAX };
	size_t step;
	enum decoded result = CUT;
	int r = Z_OK;

	if (inflateInit2(&z, bits) != Z_OK)
		return NOT_SO;
	for (;;) {
		if (!output_room(o)) {
			result = OVER;
			break;
		}
		step = o->size - o->n < 1 << 20 ? o->size - o->n : 1 << 20;
		z.next_out = o->p + o->n;
		z.avail_out = (uInt)step;
		r = inflate(&z, Z_NO_FLUSH);
		o->n += step - z.avail_out;
		if (r == Z_STREAM_END) {
			result = DECODED;
			/* gzip members may follow each other (RFC 1952, 2.2). */
			if (bits < 16 || z.avail_in < 2 ||
			    z.next_in[0] != 0x1f || z.next_in[1] != 0x8b)
				break;
			result = CUT;
			if (inflateReset(&z) != Z_OK)
				break;
		} else if (r != Z_OK)
			break;
	}
	inflateEnd(&z);
	return result == CUT && o->n == 0 ? NOT_SO : result;
}

static enum decoded
decode_gzip(const uint8_t *p, size_t n, struct output *o)
{
	if (n < 2 || p[0] != 0x1f || p[1] != 0x8b)
		return NOT_SO;
	return inflate_with(p, n, 15 + 16, o);
}

/* zlib's format is what the standard means, raw deflate what some send. */
static enum decoded
decode_deflate(const uint8_t *p, size_t n, struct output *o)
{
	if (n >= 2 && (p[0] & 15) == 8 && (p[0] << 8 | p[1]) % 31 == 0)
		return inflate_with(p, n, 15, o);
	return inflate_with(p, n, -15, o);
}

#ifdef HAVE_BROTLI
static enum decoded
decode_brotli(const uint8_t *p, size_t n, struct output *o)
{
	BrotliDecoderState *s = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	enum decoded result = NOT_SO;
	BrotliDecoderResult r;
	size_t room, left;
	uint8_t *to;

	if (s == NULL)
		return NOT_SO;
	do {
		if (!output_room(o)) {
			result = OVER;
			break;
		}
		room = left = o->size - o->n;
		to = o->p + o->n;
		r = BrotliDecoderDecompressStream(s, &n, &p, &left, &to, NULL);
		o->n += room - left;
		result = r == BROTLI_DECODER_RESULT_SUCCESS ? DECODED :
		    o->n > 0 ? CUT : NOT_SO;
	} while (r == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
	BrotliDecoderDestroyInstance(s);
	return result;
}
#endif

static enum decoded
decode_zstd(const uint8_t *p, size_t n, struct output *o)
{
	struct archive *a;
	struct archive_entry *e;
	enum decoded result = NOT_SO;
	la_ssize_t r;

	if (archive_libzstd_version() == NULL)
		return UNKNOWN;
	a = archive_read_new();
	if (a == NULL)
		return NOT_SO;
	archive_read_support_filter_zstd(a);
	archive_read_support_format_raw(a);
	if (n < 4 || memcmp(p, "\x28\xb5\x2f\xfd", 4) != 0 ||
	    archive_read_open_memory(a, p, n) != ARCHIVE_OK ||
	    archive_read_next_header(a, &e) != ARCHIVE_OK)
		goto out;
	for (;;) {
		if (!output_room(o)) {
			result = OVER;
			break;
		}
		r = archive_read_data(a, o->p + o->n, o->size - o->n);
		result = r == 0 ? DECODED : o->n > 0 ? CUT : NOT_SO;
		if (r <= 0)
			break;
		o->n += (size_t)r;
	}
out:
	archive_read_free(a);
	return result;
}

static const struct encoding encodings[] = {
	{ "gzip", "gunzip", decode_gzip },
	{ "x-gzip", "gunzip", decode_gzip },
	{ "deflate", "inflate", decode_deflate },
#ifdef HAVE_BROTLI
	{ "br", "brotli", decode_brotli },
#endif
	{ "zstd", "unzstd", decode_zstd },
	{ "identity", NULL, NULL },
	{ "chunked", NULL, NULL },
};

const struct encoding *
encoding_find(const uint8_t *name, size_t n)
{
	const struct encoding *e;
	size_t i;

	for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		e = &encodings[i];
		if (strlen(e->name) == n && strncasecmp(e->name,
		    (const char *)name, n) == 0)
			return e;
	}
	return NULL;
}
