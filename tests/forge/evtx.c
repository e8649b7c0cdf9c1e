/*
 * Writes an event log as Windows does: chunks of 64 KiB with their check sums,
 * records of binary XML whose templates stand in the chunk at first use.
 * Relies on event.c for the records and on zlib for CRC-32.
 */
#include "event.h"

#include <zlib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	CHUNK		65536
#define	CHUNK_HEAD	512
#define	FILE_HEAD	4096
#define	NAMES		256
#define	TEMPLATES	32

/* Types of values beside those of enum data_type. */
enum {
	TYPE_NULL = 0x00, TYPE_UINT8 = 0x04, TYPE_UINT16 = 0x06,
	TYPE_UINT64 = 0x0a, TYPE_GUID = 0x0f, TYPE_FILETIME = 0x11,
	TYPE_HEX64 = 0x15, TYPE_XML = 0x21, TYPE_TEXTS = 0x81
};

struct chunk {
	struct buf	 b;		/* offsets count in it */
	uint64_t	 first, last;	/* record numbers */
	size_t		 last_record;
	struct {
		char	 name[64];
		uint32_t off;
	} names[NAMES];
	size_t		 nnames;
	struct {
		char	 shape[600];	/* what it was made from */
		uint32_t off, id;
	} templates[TEMPLATES];
	size_t		 ntemplates;
	bool		 direct;	/* elements stand in no template */
};

static void
poke(struct buf *b, size_t at, uint64_t v, unsigned octets)
{
	unsigned i;

	for (i = 0; i < octets; i++)
		b->p[at + i] = (uint8_t)(v >> (8 * i));
}

static uint32_t
peek32(const struct buf *b, size_t at)
{
	return (uint32_t)b->p[at] | (uint32_t)b->p[at + 1] << 8 |
	    (uint32_t)b->p[at + 2] << 16 | (uint32_t)b->p[at + 3] << 24;
}

static void
zeros(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_byte(b, 0);
}

/* UTF-8 as UTF-16LE, without an end. */
static void
wide(struct buf *b, const void *p, size_t n)
{
	struct buf text = { NULL, 0, 0 };

	buf_put(&text, p, n);
	text_encode(&text, "utf-16le", false);
	buf_add(b, &text);
	buf_free(&text);
}

/* ---- names and tokens ---- */

/* A reference to a name, which follows at its first use in the chunk. */
static void
name_put(struct chunk *c, const char *name)
{
	uint32_t hash = 0, bucket;
	size_t i;

	for (i = 0; i < c->nnames; i++)
		if (strcmp(c->names[i].name, name) == 0) {
			buf_le(&c->b, c->names[i].off, 4);
			return;
		}
	if (c->nnames == NAMES)
		die("too many names in one chunk");
	snprintf(c->names[i].name, sizeof(c->names[i].name), "%s", name);
	c->names[c->nnames++].off = (uint32_t)c->b.n + 4;
	buf_le(&c->b, c->b.n + 4, 4);
	for (i = 0; name[i] != '\0'; i++)
		hash = hash * 65599 + (uint8_t)name[i];
	bucket = 128 + 4 * (hash % 64);
	buf_le(&c->b, peek32(&c->b, bucket), 4);
	poke(&c->b, bucket, c->b.n - 4, 4);
	buf_le(&c->b, hash & 0xffff, 2);
	buf_le(&c->b, strlen(name), 2);
	wide(&c->b, name, strlen(name));
	buf_le(&c->b, 0, 2);
}

static size_t
element(struct chunk *c, const char *name, bool attributes)
{
	size_t mark;

	buf_byte(&c->b, attributes ? 0x41 : 0x01);
	if (!c->direct)
		buf_le(&c->b, 0xffff, 2);
	mark = c->b.n;
	buf_le(&c->b, 0, 4);
	name_put(c, name);
	if (!attributes)
		buf_byte(&c->b, 0x02);
	return mark;
}

static void
element_end(struct chunk *c, size_t mark, bool empty)
{
	buf_byte(&c->b, empty ? 0x03 : 0x04);
	poke(&c->b, mark, c->b.n - mark - 4, 4);
}

static void
text_value(struct chunk *c, const char *text, size_t n)
{
	size_t at;

	buf_byte(&c->b, 0x05);
	buf_byte(&c->b, 0x01);
	buf_le(&c->b, 0, 2);
	at = c->b.n;
	wide(&c->b, text, n);
	poke(&c->b, at - 2, (c->b.n - at) / 2, 2);
}

static void
substitution(struct chunk *c, unsigned number, unsigned type)
{
	buf_byte(&c->b, 0x0e);
	buf_le(&c->b, number, 2);
	buf_byte(&c->b, type);
}

/* One attribute; text NULL: a substitution. */
static void
attribute(struct chunk *c, bool more, const char *name, const char *text,
    unsigned number, unsigned type)
{
	buf_byte(&c->b, more ? 0x46 : 0x06);
	name_put(c, name);
	if (text != NULL)
		text_value(c, text, strlen(text));
	else
		substitution(c, number, type);
}

static void
simple(struct chunk *c, const char *name, unsigned number, unsigned type)
{
	size_t mark = element(c, name, false);

	substitution(c, number, type);
	element_end(c, mark, false);
}

/* ---- templates ---- */

static size_t
list_begin(struct chunk *c)
{
	buf_le(&c->b, 0, 4);
	return c->b.n - 4;
}

static void
list_end(struct chunk *c, size_t mark, bool empty)
{
	poke(&c->b, mark, c->b.n - mark - 4, 4);
	if (!empty)
		buf_byte(&c->b, 0x02);
}

static void
system_elements(struct chunk *c, const struct record *r)
{
	size_t event, system, at, list;
	char guid[40];

	event = element(c, "Event", true);
	list = list_begin(c);
	attribute(c, false, "xmlns",
	    "http://schemas.microsoft.com/win/2004/08/events/event", 0, 0);
	list_end(c, list, false);
	system = element(c, "System", false);
	at = element(c, "Provider", true);
	list = list_begin(c);
	attribute(c, r->guid != NULL || r->source != NULL, "Name",
	    r->provider, 0, 0);
	if (r->guid != NULL) {
		snprintf(guid, sizeof(guid), "{%s}", r->guid);
		attribute(c, r->source != NULL, "Guid", guid, 0, 0);
	}
	if (r->source != NULL)
		attribute(c, false, "EventSourceName", r->source, 0, 0);
	list_end(c, list, true);
	element_end(c, at, true);
	at = element(c, "EventID", true);
	list = list_begin(c);
	attribute(c, false, "Qualifiers", NULL, 4, TYPE_UINT16);
	list_end(c, list, false);
	substitution(c, 3, TYPE_UINT16);
	element_end(c, at, false);
	simple(c, "Version", 11, TYPE_UINT8);
	simple(c, "Level", 0, TYPE_UINT8);
	simple(c, "Task", 2, TYPE_UINT16);
	simple(c, "Opcode", 1, TYPE_UINT8);
	simple(c, "Keywords", 5, TYPE_HEX64);
	at = element(c, "TimeCreated", true);
	list = list_begin(c);
	attribute(c, false, "SystemTime", NULL, 6, TYPE_FILETIME);
	list_end(c, list, true);
	element_end(c, at, true);
	simple(c, "EventRecordID", 10, TYPE_UINT64);
	at = element(c, "Execution", true);
	list = list_begin(c);
	attribute(c, true, "ProcessID", NULL, 8, DATA_UINT32);
	attribute(c, false, "ThreadID", NULL, 9, DATA_UINT32);
	list_end(c, list, true);
	element_end(c, at, true);
	simple(c, "Channel", 14, DATA_TEXT);
	simple(c, "Computer", 15, DATA_TEXT);
	element_end(c, system, false);
	substitution(c, 16, TYPE_XML);
	element_end(c, event, false);
}

static void
data_elements(struct chunk *c, const struct record *r)
{
	size_t event = element(c, "EventData", false), at, list, i;

	for (i = 0; i < r->ndata; i++) {
		at = element(c, "Data", r->data[i].name != NULL);
		if (r->data[i].name != NULL) {
			list = list_begin(c);
			attribute(c, false, "Name", r->data[i].name, 0, 0);
			list_end(c, list, false);
		}
		substitution(c, (unsigned)i, r->data[i].name != NULL ?
		    r->data[i].type : TYPE_TEXTS);
		element_end(c, at, false);
	}
	element_end(c, event, false);
}

/* A template instance up to its values. */
static void
instance(struct chunk *c, const struct record *r, bool system)
{
	char shape[600];
	size_t i, n, start, bucket;
	uint8_t guid[16];

	n = (size_t)snprintf(shape, sizeof(shape), "%s %s", system ? "system" :
	    "data", r->provider);
	for (i = 0; i < r->ndata && !system && n < sizeof(shape); i++)
		n += (size_t)snprintf(shape + n, sizeof(shape) - n, " %s:%d",
		    r->data[i].name != NULL ? r->data[i].name : "",
		    (int)r->data[i].type);
	buf_put(&c->b, "\x0f\x01\x01\x00\x0c\x01", 6);
	for (i = 0; i < c->ntemplates; i++)
		if (strcmp(c->templates[i].shape, shape) == 0) {
			buf_le(&c->b, c->templates[i].id, 4);
			buf_le(&c->b, c->templates[i].off, 4);
			return;
		}
	if (i == TEMPLATES)
		die("too many templates in one chunk");
	rng_bytes(shape, 0, guid, sizeof(guid));
	strcpy(c->templates[i].shape, shape);
	c->templates[i].id = (uint32_t)guid[0] | (uint32_t)guid[1] << 8 |
	    (uint32_t)guid[2] << 16 | (uint32_t)guid[3] << 24;
	c->templates[c->ntemplates++].off = (uint32_t)c->b.n + 8;
	buf_le(&c->b, c->templates[i].id, 4);
	buf_le(&c->b, c->b.n + 4, 4);
	bucket = 384 + 4 * (c->templates[i].id % 32);
	buf_le(&c->b, peek32(&c->b, bucket), 4);
	poke(&c->b, bucket, c->b.n - 4, 4);
	buf_put(&c->b, guid, sizeof(guid));
	buf_le(&c->b, 0, 4);
	start = c->b.n;
	buf_put(&c->b, "\x0f\x01\x01\x00", 4);
	if (system)
		system_elements(c, r);
	else
		data_elements(c, r);
	buf_byte(&c->b, 0);
	poke(&c->b, start - 4, c->b.n - start, 4);
}

/* ---- values ---- */

#define	VALUES		17

struct values {
	struct buf	 v[VALUES];
	unsigned	 types[VALUES];
	size_t		 n;
};

static void
value(struct values *to, size_t i, unsigned type, uint64_t v, unsigned octets)
{
	to->types[i] = type;
	buf_le(&to->v[i], v, octets);
}

static void
values_put(struct chunk *c, struct values *from)
{
	size_t i;

	buf_le(&c->b, from->n, 4);
	for (i = 0; i < from->n; i++) {
		buf_le(&c->b, from->v[i].n, 2);
		buf_byte(&c->b, from->types[i]);
		buf_byte(&c->b, 0);
	}
	for (i = 0; i < from->n; i++) {
		buf_add(&c->b, &from->v[i]);
		buf_free(&from->v[i]);
	}
}

static uint64_t
filetime(int64_t us)
{
	return (uint64_t)(us + INT64_C(11644473600) * SECOND) * 10;
}

/* The values of EventData, whose fragment is itself a value of the event. */
static void
data_values(struct chunk *c, const struct record *r)
{
	struct values v;
	size_t i;

	memset(&v, 0, sizeof(v));
	v.n = r->ndata;
	for (i = 0; i < r->ndata; i++) {
		v.types[i] = r->data[i].type;
		if (r->data[i].type != DATA_TEXT) {
			buf_le(&v.v[i], r->data[i].number, 4);
			continue;
		}
		wide(&v.v[i], r->data[i].text.p, r->data[i].text.n);
		if (r->data[i].name == NULL) {
			v.types[i] = TYPE_TEXTS;
			buf_le(&v.v[i], 0, 2);
		}
	}
	values_put(c, &v);
}

/* The same without a template, as some providers write it: all is text. */
static void
data_direct(struct chunk *c, const struct record *r)
{
	size_t event, at, list, i;
	char number[16];

	c->direct = true;
	buf_put(&c->b, "\x0f\x01\x01\x00", 4);
	event = element(c, "EventData", false);
	for (i = 0; i < r->ndata; i++) {
		const struct datum *d = &r->data[i];

		at = element(c, "Data", d->name != NULL);
		if (d->name != NULL) {
			list = list_begin(c);
			attribute(c, false, "Name", d->name, 0, 0);
			list_end(c, list, false);
		}
		snprintf(number, sizeof(number), d->type == DATA_INT32 ? "%d" :
		    d->type == DATA_UINT32 ? "%u" : "0x%x",
		    (unsigned)d->number);
		if (d->type == DATA_TEXT)
			text_value(c, (const char *)d->text.p, d->text.n);
		else
			text_value(c, number, strlen(number));
		element_end(c, at, false);
	}
	element_end(c, event, false);
	c->direct = false;
}

static void
record_put(struct chunk *c, const struct record *r, uint64_t number,
    bool direct)
{
	struct buf *b = &c->b;
	size_t start = b->n, descriptor, from, i;
	struct values v;

	buf_put(b, "**\0\0", 4);
	buf_le(b, 0, 4);
	buf_le(b, number, 8);
	buf_le(b, filetime(r->when), 8);
	instance(c, r, true);
	memset(&v, 0, sizeof(v));
	v.n = VALUES;
	value(&v, 0, TYPE_UINT8, r->level, 1);
	value(&v, 1, TYPE_UINT8, 0, 1);
	value(&v, 2, TYPE_UINT16, 0, 2);
	value(&v, 3, TYPE_UINT16, r->id, 2);
	value(&v, 4, TYPE_UINT16, r->qualifiers, 2);
	value(&v, 5, TYPE_HEX64, UINT64_C(0x80000000000000), 8);
	value(&v, 6, TYPE_FILETIME, filetime(r->when), 8);
	v.types[7] = TYPE_NULL;
	value(&v, 8, DATA_UINT32, 4, 4);
	value(&v, 9, DATA_UINT32, 8, 4);
	value(&v, 10, TYPE_UINT64, number, 8);
	value(&v, 11, TYPE_UINT8, 0, 1);
	v.types[12] = v.types[13] = TYPE_NULL;
	v.types[14] = v.types[15] = DATA_TEXT;
	wide(&v.v[14], r->channel, strlen(r->channel));
	wide(&v.v[15], r->computer, strlen(r->computer));
	v.types[16] = TYPE_XML;
	descriptor = b->n + 4 + 4 * 16;
	values_put(c, &v);
	/* The last value knows its offset in the chunk only here. */
	from = b->n;
	if (direct)
		data_direct(c, r);
	else {
		instance(c, r, false);
		data_values(c, r);
	}
	buf_byte(b, 0);
	poke(b, descriptor, b->n - from, 2);
	buf_byte(b, 0);
	for (i = (b->n - start + 4) % 8; i % 8 != 0; i++)
		buf_byte(b, 0);
	poke(b, start + 4, b->n + 4 - start, 4);
	buf_le(b, b->n + 4 - start, 4);
	c->last_record = start;
	c->last = number;
}

/* ---- chunks and the file ---- */

static void
chunk_begin(struct chunk *c, uint64_t first)
{
	buf_free(&c->b);
	memset(c, 0, sizeof(*c));
	zeros(&c->b, CHUNK_HEAD);
	memcpy(c->b.p, "ElfChnk", 8);
	c->first = first;
}

static void
chunk_end(struct chunk *c, struct buf *file)
{
	size_t end = c->b.n;
	uint32_t crc;

	poke(&c->b, 8, c->first, 8);
	poke(&c->b, 16, c->last, 8);
	poke(&c->b, 24, c->first, 8);
	poke(&c->b, 32, c->last, 8);
	poke(&c->b, 40, 128, 4);
	poke(&c->b, 44, c->last_record, 4);
	poke(&c->b, 48, end, 4);
	crc = (uint32_t)crc32(0, c->b.p + CHUNK_HEAD,
	    (uInt)(end - CHUNK_HEAD));
	poke(&c->b, 52, crc, 4);
	crc = (uint32_t)crc32(0, c->b.p, 120);
	crc = (uint32_t)crc32(crc, c->b.p + 128, CHUNK_HEAD - 128);
	poke(&c->b, 124, crc, 4);
	zeros(&c->b, CHUNK - end);
	buf_add(file, &c->b);
}

/* The chunk's room: a record that does not fit begins the next one. */
static bool
fits(struct chunk *c, const struct record *r, uint64_t number, bool direct)
{
	struct chunk *copy = xcalloc(1, sizeof(*copy));
	bool good;

	*copy = *c;
	memset(&copy->b, 0, sizeof(copy->b));
	buf_add(&copy->b, &c->b);
	record_put(copy, r, number, direct);
	good = copy->b.n <= CHUNK;
	buf_free(&copy->b);
	free(copy);
	return good;
}

/* damage=N: a hole in the records of chunk N, which begins in its first. */
static void
hole(struct buf *b, long n)
{
	size_t at = FILE_HEAD + (size_t)(n - 1) * CHUNK + CHUNK_HEAD + 40;

	if (n < 1 || at + 900 > b->n)
		die("there is no chunk %ld to damage", n);
	memset(b->p + at, 0xee, 900);
}

void
evtx_make(struct buf *b, const struct scenario *s, const struct line *l)
{
	uint64_t number = (uint64_t)option_long(l, "first", 1000), chunks = 0;
	bool direct = strcmp(option(l, "direct", "no"), "yes") == 0;
	long most = option_long(l, "per_chunk", 0);
	struct chunk *c = xcalloc(1, sizeof(*c));
	struct records all;
	size_t i;

	records_make(&all, s, l);
	zeros(b, FILE_HEAD);
	chunk_begin(c, number);
	for (i = 0; i < all.n; i++, number++) {
		if (c->last_record != 0 && (!fits(c, &all.v[i], number, direct) ||
		    (most > 0 && number - c->first >= (uint64_t)most))) {
			chunk_end(c, b);
			chunks++;
			chunk_begin(c, number);
		}
		record_put(c, &all.v[i], number, direct);
		if (c->b.n > CHUNK)
			die("line %u: a record has %zu bytes", l->number,
			    c->b.n);
	}
	chunk_end(c, b);
	memcpy(b->p, "ElfFile", 8);
	poke(b, 8, 0, 8);
	poke(b, 16, chunks, 8);
	poke(b, 24, number, 8);
	poke(b, 32, 128, 4);
	poke(b, 36, 1, 2);
	poke(b, 38, 3, 2);
	poke(b, 40, FILE_HEAD, 2);
	poke(b, 42, chunks + 1, 2);
	poke(b, 124, crc32(0, b->p, 120), 4);
	if (option(l, "damage", NULL) != NULL)
		hole(b, option_long(l, "damage", 1));
	buf_free(&c->b);
	free(c);
	records_free(&all);
}
