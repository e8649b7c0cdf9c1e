/*
 * ZIP archives as they were: the names' own bytes, their order, methods,
 * times and attributes, the comment, and the damage, if there was any.
 * libarchive writes neither a comment nor names as they are, so that this is
 * done here with zlib.  APPNOTE.TXT 4.3.
 */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "redact/internal.h"
#include "redact/out.h"

#define EOCD_SIZE	22
#define CENTRAL_SIZE	46
#define LOCAL_SIZE	30
#define STORED		0
#define DEFLATED	8
#define FLAG_UTF8	0x0800

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t
get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

/* ---- what the directory says ---- */

struct listed_member {
	const uint8_t	*at;		/* in the directory */
	uint32_t	 off;
};

static int
by_offset(const void *a, const void *b)
{
	const struct listed_member *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/*
 * The members are those that libarchive gave, in the order of their bytes;
 * where the directory has as many, it tells what they were like.
 */
void
zip_look(const uint8_t *p, size_t n, struct members *m)
{
	struct listed_member *v;
	size_t end, at, count = 0, i, comment;
	const uint8_t *e;

	m->cut = true;
	for (i = 0; i < m->n; i++)
		m->v[i].method = DEFLATED;
	if (n < EOCD_SIZE)
		return;
	for (end = n - EOCD_SIZE; memcmp(p + end, "PK\5\6", 4) != 0; end--)
		if (end == 0 || n - end > 66000)
			return;
	m->cut = false;
	comment = get16(p + end + 20);
	m->comment = p + end + EOCD_SIZE;
	m->comment_n = comment < n - end - EOCD_SIZE ? comment :
	    n - end - EOCD_SIZE;
	at = get32(p + end + 12) <= end ? end - get32(p + end + 12) : end;
	v = calloc(m->n + 1, sizeof(*v));
	if (v == NULL)
		abort();
	while (end - at >= CENTRAL_SIZE && memcmp(p + at, "PK\1\2", 4) == 0 &&
	    count < m->n) {
		e = p + at;
		v[count++] = (struct listed_member){ e, get32(e + 42) };
		at += CENTRAL_SIZE + get16(e + 28) + get16(e + 30) +
		    get16(e + 32);
		if (at > end)
			break;
	}
	if (count == m->n && at <= end)
		qsort(v, count, sizeof(*v), by_offset);
	for (i = 0; count == m->n && at <= end && i < count; i++) {
		e = v[i].at;
		m->v[i].made = get16(e + 4);
		m->v[i].flags = get16(e + 8);
		m->v[i].method = get16(e + 10);
		m->v[i].time = get16(e + 12);
		m->v[i].date = get16(e + 14);
		m->v[i].internal = get16(e + 36);
		m->v[i].attributes = get32(e + 38);
		m->v[i].raw_name = e + CENTRAL_SIZE;
		m->v[i].raw_name_n = get16(e + 28);
		m->v[i].order = (size_t)(e - p);
	}
	free(v);
}

/* ---- writing ---- */

struct written {
	uint32_t	 off, crc, packed;
	uint16_t	 method;
};

static const uint8_t *
name_bytes(const struct member *m, size_t *ret_n)
{
	/* Where redaction changed nothing the bytes are the old ones. */
	if (m->raw_name != NULL && !m->renamed) {
		*ret_n = m->raw_name_n;
		return m->raw_name;
	}
	*ret_n = strlen(m->name);
	return (const uint8_t *)m->name;
}

/* What both headers share, from the flags to the size. */
static uint8_t *
common(uint8_t *p, const struct member *m, const struct written *w)
{
	p = put16(p, (m->raw_name == NULL ? FLAG_UTF8 : m->flags &
	    FLAG_UTF8));
	p = put16(p, w->method);
	p = put16(p, m->time);
	p = put16(p, m->date != 0 ? m->date : 0x21);
	p = put32(p, w->crc);
	p = put32(p, w->packed);
	return put32(p, (uint32_t)m->n);
}

static void
member_write(struct out *o, const struct member *m, struct written *w)
{
	const uint8_t *name;
	uint8_t *packed = NULL, *p;
	size_t packed_n = m->n, name_n;

	name = name_bytes(m, &name_n);
	w->off = (uint32_t)o->n;
	w->method = STORED;
	w->crc = (uint32_t)crc32(0, m->p, (uInt)m->n) ^ (m->damaged ? 1 : 0);
	if (m->method != STORED && (m->n > 0 || m->raw_name != NULL)) {
		packed = raw_deflate(m->p, m->n, &packed_n);
		if (packed != NULL)
			w->method = DEFLATED;
		else
			packed_n = m->n;
	}
	w->packed = (uint32_t)packed_n;
	p = out_room(o, LOCAL_SIZE + name_n + packed_n);
	memcpy(p, "PK\3\4", 4);
	p = put16(p + 4, 20);
	p = common(p, m, w);
	p = put16(p, (uint32_t)name_n);
	p = put16(p, 0);
	memcpy(p, name, name_n);
	if (packed_n > 0)
		memcpy(p + name_n, packed != NULL ? packed : m->p, packed_n);
	free(packed);
}

static void
central_write(struct out *o, const struct member *m, const struct written *w)
{
	const uint8_t *name;
	size_t name_n;
	uint8_t *p;

	name = name_bytes(m, &name_n);
	p = out_room(o, CENTRAL_SIZE + name_n);
	memcpy(p, "PK\1\2", 4);
	p = put16(p + 4, m->raw_name != NULL ? m->made : 20);
	p = put16(p, 20);
	p = common(p, m, w);
	p = put16(p, (uint32_t)name_n);
	p = put32(p, 0);	/* extra field, comment */
	p = put16(p, 0);
	p = put16(p, m->internal);
	p = put32(p, m->attributes);
	p = put32(p, w->off);
	memcpy(p, name, name_n);
}

static const struct members *sorting;

static int
by_directory(const void *a, const void *b)
{
	const struct member *x = &sorting->v[*(const size_t *)a];
	const struct member *y = &sorting->v[*(const size_t *)b];

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return *(const size_t *)a < *(const size_t *)b ? -1 : 1;
}

uint8_t *
zip_write(const struct members *m, size_t *ret_n)
{
	struct out o = { .n = 0 };
	struct written *w = calloc(m->n + 1, sizeof(*w));
	size_t *order = calloc(m->n + 1, sizeof(*order)), i, start, size;
	uint8_t *p;

	*ret_n = 0;
	if (w == NULL || order == NULL)
		abort();
	for (i = 0; i < m->n; i++) {
		order[i] = i;
		member_write(&o, &m->v[i], &w[i]);
		if (o.n > UINT32_MAX || m->n > UINT16_MAX) {
			free(o.p);
			free(w);
			free(order);
			return NULL;	/* it would need Zip64 */
		}
	}
	sorting = m;
	qsort(order, m->n, sizeof(*order), by_directory);
	start = o.n;
	for (i = 0; i < m->n && !m->cut; i++)
		central_write(&o, &m->v[order[i]], &w[order[i]]);
	if (!m->cut) {
		size = o.n - start;
		p = out_room(&o, EOCD_SIZE + m->comment_n);
		memcpy(p, "PK\5\6", 4);
		p = put32(p + 4, 0);
		p = put16(p, (uint32_t)m->n);
		p = put16(p, (uint32_t)m->n);
		p = put32(p, (uint32_t)size);
		p = put32(p, (uint32_t)start);
		p = put16(p, (uint32_t)m->comment_n);
		if (m->comment_n > 0)
			memcpy(p, m->comment, m->comment_n);
	}
	free(w);
	free(order);
	*ret_n = o.n;
	return o.p != NULL ? o.p : calloc(1, 1);
}
