/*
 * 7-Zip archives, stored: one folder whose coder is Copy.  libarchive's own
 * writer keeps the members in a temporary file, which the sandbox forbids.
 * Relies on out.h; 7zFormat.txt of the LZMA SDK.
 */
#include <stdlib.h>
#include <string.h>

#include "redact/internal.h"
#include "redact/out.h"

#define HEAD	32		/* of the file, before the members */

enum {
	END = 0x00, HEADER = 0x01, STREAMS = 0x04, FILES = 0x05, PACK = 0x06,
	UNPACK = 0x07, SUBSTREAMS = 0x08, SIZE = 0x09, CRC = 0x0a,
	FOLDER = 0x0b, UNPACK_SIZE = 0x0c, COUNT = 0x0d, EMPTY_STREAM = 0x0e,
	EMPTY_FILE = 0x0f, NAMES = 0x11, MTIME = 0x14, ATTRIBUTES = 0x15
};
#define ATTRIBUTE_DIRECTORY	0x10
#define ATTRIBUTE_ARCHIVE	0x20

/* The leading ones of the first byte say how many bytes follow it. */
static void
number(struct out *o, uint64_t v)
{
	unsigned int n;

	for (n = 0; n < 8 && v >> (7 * n + 7) != 0; n++)
		continue;
	out_le(o, ((0xff00U >> n) & 0xff) | (n < 8 ? v >> (8 * n) : 0), 1);
	out_le(o, v, n);
}

static bool
has_stream(const struct member *v)
{
	return !v->directory && v->n > 0;
}

static bool
has_no_stream(const struct member *v)
{
	return !has_stream(v);
}

static bool
is_file(const struct member *v)
{
	return !v->directory;
}

static bool
has_time(const struct member *v)
{
	return v->mtime != 0;
}

static size_t
count(const struct members *m, bool (*is)(const struct member *))
{
	size_t i, n = 0;

	for (i = 0; i < m->n; i++)
		n += is(&m->v[i]);
	return n;
}

/* A bit for each member that is `of`, the highest first. */
static void
bits(struct out *o, const struct members *m, bool (*of)(const struct member *),
    bool (*is)(const struct member *))
{
	unsigned int byte = 0, k = 0;
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (of != NULL && !of(&m->v[i]))
			continue;
		byte |= (unsigned int)is(&m->v[i]) << (7 - k);
		if (++k == 8) {
			out_le(o, byte, 1);
			byte = k = 0;
		}
	}
	if (k > 0)
		out_le(o, byte, 1);
}

static void
property(struct out *o, unsigned int id, struct out *value)
{
	out_le(o, id, 1);
	number(o, value->n);
	out_bytes(o, value->p, value->n);
	value->n = 0;
}

/* Where the bytes are, what they make, and how they are divided. */
static void
streams(struct out *o, const struct members *m, size_t size)
{
	size_t n = count(m, has_stream), i, k = 0;

	out_le(o, STREAMS, 1);
	out_le(o, PACK, 1);
	number(o, 0);			/* right behind the head */
	number(o, 1);
	out_le(o, SIZE, 1);
	number(o, size);
	out_le(o, END, 1);

	out_le(o, UNPACK, 1);
	out_le(o, FOLDER, 1);
	number(o, 1);
	out_le(o, 0, 1);		/* it follows here */
	number(o, 1);			/* coders */
	out_le(o, 1, 1);		/* bytes of its id */
	out_le(o, 0, 1);		/* Copy */
	out_le(o, UNPACK_SIZE, 1);
	number(o, size);
	out_le(o, END, 1);

	out_le(o, SUBSTREAMS, 1);
	out_le(o, COUNT, 1);
	number(o, n);
	out_le(o, SIZE, 1);
	for (i = 0; i < m->n; i++)	/* the last one's is the rest */
		if (has_stream(&m->v[i]) && ++k < n)
			number(o, m->v[i].n);
	out_le(o, CRC, 1);
	out_le(o, 1, 1);		/* all have one */
	for (i = 0; i < m->n; i++)
		if (has_stream(&m->v[i]))
			out_le(o, out_crc(m->v[i].p, m->v[i].n) ^
			    (m->v[i].damaged ? 1 : 0), 4);
	out_le(o, END, 1);
	out_le(o, END, 1);
}

static void
files(struct out *o, const struct members *m)
{
	struct out value = { .n = 0 };
	size_t i, n, times = count(m, has_time);

	out_le(o, FILES, 1);
	number(o, m->n);
	if (count(m, has_stream) < m->n) {
		bits(&value, m, NULL, has_no_stream);
		property(o, EMPTY_STREAM, &value);
		bits(&value, m, has_no_stream, is_file);
		property(o, EMPTY_FILE, &value);
	}
	out_le(&value, 0, 1);		/* it follows here */
	for (i = 0; i < m->n; i++) {
		n = strlen(m->v[i].name);
		if (m->v[i].directory && n > 0 && m->v[i].name[n - 1] == '/')
			n--;
		(void)out_utf16(&value, m->v[i].name, n);
		out_le(&value, 0, 2);
	}
	property(o, NAMES, &value);
	if (times > 0) {
		out_le(&value, times == m->n, 1);
		if (times < m->n)
			bits(&value, m, NULL, has_time);
		out_le(&value, 0, 1);
		for (i = 0; i < m->n; i++)
			if (has_time(&m->v[i]))
				out_le(&value, m->v[i].mtime, 8);
		property(o, MTIME, &value);
	}
	out_le(&value, 1, 1);
	out_le(&value, 0, 1);
	for (i = 0; i < m->n; i++)
		out_le(&value, m->v[i].directory ? ATTRIBUTE_DIRECTORY :
		    ATTRIBUTE_ARCHIVE, 4);
	property(o, ATTRIBUTES, &value);
	out_le(o, END, 1);
	free(value.p);
}

uint8_t *
sevenz_write(const struct members *m, size_t *ret_n)
{
	struct out o = { .n = 0 }, header = { .n = 0 }, head = { .n = 0 };
	size_t i, size;

	(void)memset(out_room(&o, HEAD), 0, HEAD);
	for (i = 0; i < m->n; i++)
		if (has_stream(&m->v[i]))
			out_bytes(&o, m->v[i].p, m->v[i].n);
	size = o.n - HEAD;
	if (m->n > 0) {
		out_le(&header, HEADER, 1);
		if (size > 0)
			streams(&header, m, size);
		files(&header, m);
		out_le(&header, END, 1);
		out_bytes(&o, header.p, header.n);
	}
	out_le(&head, size, 8);
	/* Of one that is cut the header is what was lost. */
	out_le(&head, m->cut && m->n == 0 ? HEAD :
	    header.n, 8);
	out_le(&head, out_crc(header.p, header.n), 4);
	memcpy(o.p, "7z\xbc\xaf\x27\x1c\0\4", 8);
	(void)put32(o.p + 8, out_crc(head.p, head.n));
	memcpy(o.p + 12, head.p, head.n);
	free(head.p);
	free(header.p);
	*ret_n = o.n;
	return o.p;
}
