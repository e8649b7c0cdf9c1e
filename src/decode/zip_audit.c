/*
 * Reads a ZIP's central directory for what libarchive does not tell: the
 * archive's comment, members that overlap, names that differ.  It never
 * inflates and takes time linear in the directory; relies on cursor.h.
 * APPNOTE.TXT 4.3.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/container.h"
#include "evidence/cursor.h"

#define EOCD_SIZE	22
#define CENTRAL_SIZE	46
#define LOCAL_SIZE	30
#define WINDOW		((size_t)128 << 10)	/* comment and junk after */

static const uint8_t sig_eocd[4] = { 'P', 'K', 5, 6 };
static const uint8_t sig_eocd64[4] = { 'P', 'K', 6, 6 };
static const uint8_t sig_locator[4] = { 'P', 'K', 6, 7 };
static const uint8_t sig_central[4] = { 'P', 'K', 1, 2 };
static const uint8_t sig_local[4] = { 'P', 'K', 3, 4 };

struct directory {
	size_t		 eocd;		/* place of the end record */
	size_t		 comment;	/* its length, as far as it is there */
	size_t		 at, size;	/* of the directory */
	size_t		 base;		/* what offsets count from */
	uint64_t	 entries;	/* as the record says */
};

struct entry {
	const char	*name;
	size_t		 nname;
	uint16_t	 flags;
	uint64_t	 packed, off;
};

static bool
has(const struct blob *b, size_t off, const uint8_t sig[4])
{
	return off <= b->n && b->n - off >= 4 && memcmp(b->p + off, sig, 4) == 0;
}

static struct cursor
cursor_at(const struct blob *b, size_t off)
{
	struct cursor c;

	cursor_init(&c, b);
	cursor_skip(&c, off);
	return c;
}

/* The Zip64 end record before an end record; false if there is none. */
static bool
read_eocd64(const struct blob *b, size_t eocd, struct directory *d)
{
	struct cursor c;
	uint64_t at, total, size, off;

	if (eocd < 20 || !has(b, eocd - 20, sig_locator))
		return false;
	c = cursor_at(b, eocd - 20 + 8);
	if (!cursor_u64le(&c, &at))
		return false;
	/* With junk before the archive it stands right before the locator. */
	if (at > b->n || !has(b, (size_t)at, sig_eocd64)) {
		if (eocd < 76 || !has(b, eocd - 76, sig_eocd64))
			return false;
		at = eocd - 76;
	}
	c = cursor_at(b, (size_t)at + 32);
	if (!cursor_u64le(&c, &total) || !cursor_u64le(&c, &size) ||
	    !cursor_u64le(&c, &off) || size > at)
		return false;
	d->at = (size_t)(at - size);
	d->size = (size_t)size;
	d->entries = total;
	d->base = off <= d->at ? (size_t)(d->at - off) : 0;
	return size == 0 || has(b, d->at, sig_central);
}

/* Is this end record one that has its directory? */
static bool
read_eocd(const struct blob *b, size_t eocd, struct directory *d)
{
	struct cursor c = cursor_at(b, eocd + 8);
	uint16_t here, total, comment;
	uint32_t size, off;

	*d = (struct directory){ .eocd = eocd };
	if (!cursor_u16le(&c, &here) || !cursor_u16le(&c, &total) ||
	    !cursor_u32le(&c, &size) || !cursor_u32le(&c, &off) ||
	    !cursor_u16le(&c, &comment))
		return false;
	d->comment = comment < cursor_left(&c) ? comment : cursor_left(&c);
	if (read_eocd64(b, eocd, d))
		return true;
	d->entries = total;
	d->size = size;
	if (size == 0 && total == 0) {
		d->at = eocd;
		d->base = off <= eocd ? eocd - off : 0;
		return true;
	}
	if (size <= eocd && has(b, eocd - size, sig_central)) {
		d->at = eocd - size;
		d->base = off <= d->at ? d->at - off : 0;
		return true;
	}
	/* Something stands between the directory and its end record. */
	d->at = off;
	d->base = 0;
	return off < eocd && size <= eocd - off && has(b, off, sig_central);
}

static bool
find_directory(const struct blob *b, struct directory *d)
{
	size_t low = b->n > WINDOW ? b->n - WINDOW : 0;
	size_t end = b->n;
	const uint8_t *p;

	if (b->n < EOCD_SIZE)
		return false;
	while (end > low) {
		p = memrchr(b->p + low, 'P', end - low);
		if (p == NULL)
			return false;
		end = (size_t)(p - b->p);
		if (has(b, end, sig_eocd) && read_eocd(b, end, d))
			return true;
	}
	return false;
}

/* Sizes and offset that stand in the Zip64 extra field. */
static void
read_extra64(const struct blob *b, struct span extra, bool plain64,
    struct entry *e)
{
	struct cursor c, x;
	uint16_t id, n;
	uint64_t v;

	cursor_init_span(&c, b, extra);
	while (cursor_u16le(&c, &id) && cursor_u16le(&c, &n)) {
		if (id != 1) {
			if (!cursor_skip(&c, n))
				return;
			continue;
		}
		cursor_init_span(&x, b, blob_part(b, c.off, n));
		if (plain64)
			cursor_u64le(&x, &v);
		if (e->packed == UINT32_MAX && cursor_u64le(&x, &v))
			e->packed = v;
		if (e->off == UINT32_MAX && cursor_u64le(&x, &v))
			e->off = v;
		return;
	}
}

static bool
next_entry(struct cursor *c, struct entry *e)
{
	const uint8_t *sig = cursor_take(c, 4);
	uint16_t nname, nextra, ncomment;
	uint32_t packed, plain, off;
	struct span extra;

	*e = (struct entry){ .name = NULL };
	if (sig == NULL || memcmp(sig, sig_central, 4) != 0)
		return false;
	if (!cursor_skip(c, 4) || !cursor_u16le(c, &e->flags) ||
	    !cursor_skip(c, 10) || !cursor_u32le(c, &packed) ||
	    !cursor_u32le(c, &plain) || !cursor_u16le(c, &nname) ||
	    !cursor_u16le(c, &nextra) || !cursor_u16le(c, &ncomment) ||
	    !cursor_skip(c, 8) || !cursor_u32le(c, &off))
		return false;
	e->packed = packed;
	e->off = off;
	e->nname = nname;
	e->name = (const char *)cursor_take(c, nname);
	extra = (struct span){ c->blob->id, c->off, nextra };
	if (e->name == NULL || !cursor_skip(c, nextra) ||
	    !cursor_skip(c, ncomment))
		return false;
	read_extra64(c->blob, extra, plain == UINT32_MAX, e);
	return true;
}

/* ---- the audit ---- */

struct place {
	size_t		 off, end;
};

static int
place_compare(const void *a, const void *b)
{
	const struct place *p = a, *q = b;

	return p->off < q->off ? -1 : p->off > q->off;
}

/* Where a member's bytes stand; counts names that differ. */
static struct place
local_place(const struct blob *b, const struct directory *d,
    const struct entry *e, struct zip_audit *ret)
{
	struct place at = { 0, 0 };
	uint16_t nname = 0, nextra = 0;
	struct cursor c;
	const uint8_t *name;
	size_t left;

	if (e->off > b->n - d->base || !has(b, d->base + (size_t)e->off,
	    sig_local)) {
		ret->mismatched++;
		return at;
	}
	at.off = d->base + (size_t)e->off;
	c = cursor_at(b, at.off + 26);
	if (!cursor_u16le(&c, &nname) || !cursor_u16le(&c, &nextra)) {
		ret->mismatched++;
		return at;
	}
	name = cursor_take(&c, nname);
	if (name == NULL || nname != e->nname ||
	    memcmp(name, e->name, nname) != 0)
		ret->mismatched++;
	cursor_skip(&c, nextra);
	left = cursor_left(&c);
	at.end = c.off + (e->packed < left ? (size_t)e->packed : left);
	return at;
}

static size_t
count_overlaps(struct place *places, size_t n, size_t directory)
{
	size_t i, overlaps = 0, end = 0;

	qsort(places, n, sizeof(*places), place_compare);
	for (i = 0; i < n; i++) {
		if (places[i].end == 0)
			continue;
		if (places[i].off < end || places[i].end > directory)
			overlaps++;
		if (places[i].end > end)
			end = places[i].end;
	}
	return overlaps;
}

struct names {
	struct entry	*slots;		/* a power of two of them */
	size_t		 mask;
};

/* Was the name there already? */
static bool
names_add(struct names *s, const struct entry *e)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < e->nname; i++)
		h = (h ^ (uint8_t)e->name[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 29;
	for (i = (size_t)h & s->mask; s->slots[i].name != NULL;
	    i = (i + 1) & s->mask)
		if (s->slots[i].nname == e->nname &&
		    memcmp(s->slots[i].name, e->name, e->nname) == 0)
			return true;
	s->slots[i] = *e;
	return false;
}

static void
audit_entries(const struct blob *b, const struct directory *d,
    struct zip_audit *ret)
{
	size_t max = d->size / CENTRAL_SIZE, n = 0, size = 16, first;
	struct place *places;
	struct names names = { NULL, 0 };
	struct cursor c;
	struct entry e;

	if (max > limits_default.members)
		max = (size_t)limits_default.members;
	while (size < 2 * max)
		size *= 2;
	names.mask = size - 1;
	names.slots = calloc(size, sizeof(*names.slots));
	places = calloc(max + 1, sizeof(*places));
	if (names.slots == NULL || places == NULL)
		goto out;
	cursor_init_span(&c, b, (struct span){ b->id, d->at, d->size });
	first = d->at;
	while (n < max && next_entry(&c, &e)) {
		ret->encrypted += (e.flags & 1) != 0;
		ret->duplicates += names_add(&names, &e);
		places[n] = local_place(b, d, &e, ret);
		if (places[n].end != 0 && places[n].off < first)
			first = places[n].off;
		n++;
	}
	ret->entries = n;
	/* More than is looked at here: counted, not compared. */
	while (n >= limits_default.members && next_entry(&c, &e))
		ret->entries++;
	if (n > 0)
		ret->junk_before = first;
	ret->overlapping = count_overlaps(places, n, d->at);
out:
	free(places);
	free(names.slots);
}

bool
zip_audit(const struct blob *b, struct zip_audit *ret)
{
	struct directory d;

	*ret = (struct zip_audit){ .comment = { b->id, 0, 0 } };
	if (!find_directory(b, &d)) {
		ret->truncated = true;
		return has(b, 0, sig_local) || has(b, 0, sig_eocd);
	}
	ret->comment = blob_part(b, d.eocd + EOCD_SIZE, d.comment);
	ret->junk_before = d.base;
	ret->junk_after = b->n - d.eocd - EOCD_SIZE - d.comment;
	audit_entries(b, &d, ret);
	return true;
}

bool
zip_any_name(const struct blob *b, bool (*match)(const char *, size_t))
{
	struct directory d;
	struct cursor c;
	struct entry e;
	const uint8_t *p;
	uint16_t nname, nextra;
	uint32_t packed;

	if (find_directory(b, &d)) {
		cursor_init_span(&c, b, (struct span){ b->id, d.at, d.size });
		while (next_entry(&c, &e))
			if (match(e.name, e.nname))
				return true;
		return false;
	}
	/* A cut archive has only its local headers. */
	cursor_init(&c, b);
	while (cursor_left(&c) >= LOCAL_SIZE) {
		p = memmem(b->p + c.off, cursor_left(&c), sig_local, 4);
		if (p == NULL)
			return false;
		cursor_skip(&c, (size_t)(p - b->p) - c.off);
		if (!cursor_skip(&c, 18) || !cursor_u32le(&c, &packed) ||
		    !cursor_skip(&c, 4) || !cursor_u16le(&c, &nname) ||
		    !cursor_u16le(&c, &nextra))
			return false;
		p = cursor_take(&c, nname);
		if (p == NULL)
			return false;
		if (match((const char *)p, nname))
			return true;
		if (packed != UINT32_MAX)
			cursor_skip(&c, packed);
	}
	return false;
}
