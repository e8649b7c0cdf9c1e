/*
 * Cabinets, stored: one folder, blocks of 32 KiB without compression, which
 * expand.exe and every other reader takes.
 * Relies on out.h; MS-CAB.
 */
#include <stdlib.h>
#include <string.h>

#include "redact/internal.h"
#include "redact/out.h"

#define HEADER		36
#define FOLDER		8
#define FILE_ENTRY	16
#define BLOCK		32768
#define BLOCK_HEADER	8
#define NAME_UTF8	0x80
#define ARCHIVE		0x20

/* The sum of a block (MS-CAB 3.1). */
static uint32_t
checksum(const uint8_t *p, size_t n, uint32_t seed)
{
	uint32_t sum = seed, last = 0;
	size_t i;

	for (i = 0; i + 4 <= n; i += 4)
		sum ^= p[i] | (uint32_t)p[i + 1] << 8 |
		    (uint32_t)p[i + 2] << 16 | (uint32_t)p[i + 3] << 24;
	for (; i < n; i++)
		last = last << 8 | p[i];
	return sum ^ last;
}

static bool
is_ascii(const char *name)
{
	for (; *name != '\0'; name++)
		if ((unsigned char)*name >= 0x80)
			return false;
	return true;
}

uint8_t *
cab_write(const struct members *m, size_t *ret_n)
{
	size_t data = 0, names = 0, files = 0, blocks, start, size, i, at, k;
	uint8_t *out, *p, *all;
	char *c;

	*ret_n = 0;
	for (i = 0; i < m->n; i++)
		if (!m->v[i].directory) {
			data += m->v[i].n;
			names += FILE_ENTRY + strlen(m->v[i].name) + 1;
			files++;
		}
	blocks = (data + BLOCK - 1) / BLOCK;
	start = HEADER + FOLDER + names;
	size = start + data + blocks * BLOCK_HEADER;
	if (blocks > UINT16_MAX || files > UINT16_MAX || size > INT32_MAX)
		return NULL;
	out = calloc(1, size + 1);
	all = malloc(data + 1);
	if (out == NULL || all == NULL)
		abort();
	memcpy(out, "MSCF", 4);
	p = put32(out + 8, size);
	p = put32(p + 4, HEADER + FOLDER);
	p[4] = 3;		/* version 1.3 */
	p[5] = 1;
	p = put16(p + 6, 1);	/* folders */
	p = put16(p, files);
	p += 6;			/* flags, set, number */
	p = put32(p, start);
	p = put16(p, blocks);
	p = put16(p, 0);	/* stored */
	for (i = at = 0; i < m->n; i++) {
		const struct member *v = &m->v[i];

		if (v->directory)
			continue;
		if (v->n > 0)
			memcpy(all + at, v->p, v->n);
		p = put32(p, v->n);
		p = put32(p, at);
		p = put16(p, 0);
		p = put16(p, v->date != 0 ? v->date : 0x21);
		p = put16(p, v->time);
		p = put16(p, ARCHIVE | (is_ascii(v->name) ? 0 : NAME_UTF8));
		k = strlen(v->name) + 1;
		memcpy(p, v->name, k);
		for (c = (char *)p; *c != '\0'; c++)
			if (*c == '/')
				*c = '\\';
		p += k;
		at += v->n;
	}
	for (at = 0; at < data; at += k) {
		uint8_t *head = p;

		k = data - at < BLOCK ? data - at : BLOCK;
		p = put16(p + 4, k);
		p = put16(p, k);
		memcpy(p, all + at, k);
		put32(head, checksum(head + 4, 4, checksum(p, k, 0)));
		p += k;
	}
	free(all);
	*ret_n = size;
	return out;
}
