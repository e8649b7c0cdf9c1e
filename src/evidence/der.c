/*
 * The walker over BER and DER: headers, ends of indefinite elements, and the
 * primitive values with their text.  Relies on evidence.h; X.690.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/der.h"

#define OID_BYTES	128	/* contents of one OBJECT IDENTIFIER */
#define TAG_MAX		(UINT32_C(1) << 28)

/* ---- headers ---- */

struct header {
	enum der_class	 class;
	bool		 constructed, indefinite;
	uint32_t	 tag;
	size_t		 size;		/* of identifier and length octets */
	uint64_t	 len;
};

/* Identifier and length octets (8.1.2, 8.1.3) of p[0..n-1]. */
static bool
header_read(const uint8_t *p, size_t n, struct header *h)
{
	size_t i = 0, octets;

	*h = (struct header){ 0 };
	if (n < 2)
		return false;
	h->class = p[0] >> 6;
	h->constructed = (p[0] & 0x20) != 0;
	h->tag = p[0] & 0x1f;
	i = 1;
	if (h->tag == 0x1f) {
		h->tag = 0;
		do {
			if (i >= n || h->tag >= TAG_MAX >> 7)
				return false;
			h->tag = h->tag << 7 | (p[i] & 0x7f);
		} while (p[i++] & 0x80);
	}
	if (i >= n)
		return false;
	octets = p[i] & 0x7f;
	if ((p[i++] & 0x80) == 0) {
		h->len = octets;
	} else if (octets == 0) {
		if (!h->constructed)
			return false;
		h->indefinite = true;
	} else {
		if (octets > 8 || octets > n - i)
			return false;
		while (octets-- > 0)
			h->len = h->len << 8 | p[i++];
	}
	h->size = i;
	return true;
}

static bool
header_is_end(const struct header *h)
{
	return h->class == DER_UNIVERSAL && h->tag == 0 && !h->constructed &&
	    h->len == 0;
}

/*
 * The end of an indefinite element's contents p[0..n-1]: the offset of its
 * end-of-contents octets, or false where they are not reached.
 */
static bool
contents_end(struct der_iter *it, const uint8_t *p, size_t n, size_t *ret_off)
{
	struct header h;
	size_t off = 0;
	unsigned int open = 1;

	*ret_off = n;
	while (off < n) {
		if (it->nodes == 0) {
			it->limit = true;
			return false;
		}
		it->nodes--;
		if (!header_read(p + off, n - off, &h))
			return false;
		if (header_is_end(&h)) {
			if (--open == 0) {
				*ret_off = off;
				return true;
			}
			off += h.size;
		} else if (h.indefinite) {
			if (it->depth + ++open > it->max_depth) {
				it->limit = true;
				return false;
			}
			off += h.size;
		} else {
			if (h.len > n - off - h.size)
				return false;
			off += h.size + (size_t)h.len;
		}
	}
	return false;
}

/* ---- walking ---- */

static void
iter_limits(struct der_iter *it, const struct evidence *ev)
{
	it->max_depth = (unsigned int)ev_limits(ev)->der_depth;
	it->nodes = (size_t)ev_limits(ev)->der_nodes;
}

void
der_begin(struct der_iter *it, const struct evidence *ev,
    const struct blob *b, struct span s)
{
	*it = (struct der_iter){ .blob = b };
	iter_limits(it, ev);
	if (s.blob != b->id || s.off > b->n)
		return;
	it->off = s.off;
	it->end = s.len > b->n - s.off ? b->n : s.off + s.len;
}

void
der_enter(struct der_iter *it, const struct evidence *ev, const struct der *d)
{
	*it = (struct der_iter){
		.blob = d->blob, .off = d->body, .end = d->body + d->len,
		.depth = d->depth + 1
	};
	iter_limits(it, ev);
	if (it->depth > it->max_depth) {
		it->end = it->off;
		it->limit = true;
	}
}

static bool
iter_peek(struct der_iter *it, struct der *d)
{
	const uint8_t *p = it->blob->p;
	struct header h;
	size_t left, off;

	*d = (struct der){ .blob = it->blob };
	if (it->off >= it->end)
		return false;
	if (it->nodes == 0) {
		it->limit = true;
		return false;
	}
	if (!header_read(p + it->off, it->end - it->off, &h) ||
	    header_is_end(&h))
		return false;
	d->class = h.class;
	d->constructed = h.constructed;
	d->tag = h.tag;
	d->off = it->off;
	d->body = it->off + h.size;
	d->depth = it->depth;
	d->indefinite = h.indefinite;
	left = it->end - d->body;
	if (h.indefinite) {
		d->cut = !contents_end(it, p + d->body, left, &off);
		d->len = off;
		d->end = d->body + off + (d->cut ? 0 : 2);
	} else {
		d->cut = h.len > left;
		d->len = d->cut ? left : (size_t)h.len;
		d->end = d->body + d->len;
	}
	return true;
}

bool
der_next(struct der_iter *it, struct der *d)
{
	if (!iter_peek(it, d))
		return false;
	it->off = d->end;
	if (it->nodes > 0)
		it->nodes--;
	return true;
}

bool
der_want(struct der_iter *it, enum der_class class, uint32_t tag,
    struct der *d)
{
	const uint8_t *p = it->blob->p;
	struct header h;

	*d = (struct der){ .blob = it->blob };
	/* The header alone decides, so that no contents are searched twice. */
	if (it->off >= it->end ||
	    !header_read(p + it->off, it->end - it->off, &h) ||
	    h.class != class || h.tag != tag)
		return false;
	return der_next(it, d);
}

bool
der_at(const struct evidence *ev, const struct blob *b, struct span s,
    struct der *d)
{
	struct der_iter it;

	der_begin(&it, ev, b, s);
	return der_next(&it, d);
}

struct span
der_span(const struct der *d)
{
	return (struct span){ d->blob->id, d->off, d->end - d->off };
}

struct span
der_body(const struct der *d)
{
	return (struct span){ d->blob->id, d->body, d->len };
}

const uint8_t *
der_bytes(const struct der *d)
{
	return d->blob->p + d->body;
}

bool
der_is(const struct der *d, enum der_class class, uint32_t tag)
{
	return d->class == class && d->tag == tag;
}

/* ---- primitive values ---- */

/* 8.19; every sub-identifier in 64 bits. */
bool
der_oid(const struct der *d, char *buf, size_t size)
{
	const uint8_t *p = der_bytes(d);
	size_t i, used = 0;
	uint64_t v = 0;
	bool first = true;
	int n;

	if (size > 0)
		buf[0] = '\0';
	if (!der_is(d, DER_UNIVERSAL, DER_OID) || d->constructed || d->cut ||
	    d->len == 0 || d->len > OID_BYTES || (p[d->len - 1] & 0x80) != 0)
		return false;
	for (i = 0; i < d->len; i++) {
		if (v > UINT64_MAX >> 7)
			return false;
		v = v << 7 | (p[i] & 0x7f);
		if (p[i] & 0x80)
			continue;
		if (first) {
			unsigned int arc = v < 40 ? 0 : v < 80 ? 1 : 2;

			n = snprintf(buf, size, "%u.%llu", arc,
			    (unsigned long long)(v - arc * 40));
			first = false;
		} else {
			n = snprintf(buf + used, size - used, ".%llu",
			    (unsigned long long)v);
		}
		if (n < 0 || (size_t)n >= size - used) {
			if (size > 0)
				buf[0] = '\0';
			return false;
		}
		used += (size_t)n;
		v = 0;
	}
	return true;
}

bool
der_oid_is(const struct der *d, const char *dotted)
{
	char buf[OID_BYTES * 3];

	return der_oid(d, buf, sizeof(buf)) && strcmp(buf, dotted) == 0;
}

/* 8.3; leading octets that only repeat the sign are accepted. */
bool
der_int(const struct der *d, int64_t *ret)
{
	const uint8_t *p = der_bytes(d);
	size_t n = d->len;
	uint64_t v;

	*ret = 0;
	if ((!der_is(d, DER_UNIVERSAL, DER_INTEGER) &&
	    !der_is(d, DER_UNIVERSAL, DER_ENUMERATED)) || d->constructed ||
	    d->cut || n == 0)
		return false;
	while (n > 1 && ((p[0] == 0 && (p[1] & 0x80) == 0) ||
	    (p[0] == 0xff && (p[1] & 0x80) != 0))) {
		p++;
		n--;
	}
	if (n > 8)
		return false;
	v = (p[0] & 0x80) != 0 ? UINT64_MAX : 0;
	while (n-- > 0)
		v = v << 8 | *p++;
	*ret = (int64_t)v;
	return true;
}

/* ---- times ---- */

struct digits {
	const uint8_t	*p;
	size_t		 n;
};

static bool
digits_take(struct digits *t, size_t n, int *ret)
{
	int v = 0;

	*ret = 0;
	if (t->n < n)
		return false;
	for (; n > 0; n--, t->p++, t->n--) {
		if (*t->p < '0' || *t->p > '9')
			return false;
		v = v * 10 + (*t->p - '0');
	}
	*ret = v;
	return true;
}

static bool
digits_here(const struct digits *t)
{
	return t->n > 0 && t->p[0] >= '0' && t->p[0] <= '9';
}

static int
days_of_month(int y, int m)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	if (m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0)))
		return 29;
	return days[m - 1];
}

/* Z, +hhmm or -hhmm as seconds east; a time without zone is no time. */
static bool
zone_take(struct digits *t, int *ret_s)
{
	int sign, h, m = 0;

	*ret_s = 0;
	if (t->n == 0)
		return false;
	if (*t->p == 'Z') {
		t->p++;
		t->n--;
		return true;
	}
	if (*t->p != '+' && *t->p != '-')
		return false;
	sign = *t->p == '-' ? -1 : 1;
	t->p++;
	t->n--;
	if (!digits_take(t, 2, &h) || (digits_here(t) &&
	    !digits_take(t, 2, &m)) || h > 14 || m > 59)
		return false;
	*ret_s = sign * (h * 3600 + m * 60);
	return true;
}

bool
der_time(const struct der *d, int64_t *ret)
{
	struct digits t = { der_bytes(d), d->len };
	int y, mon, day, h, m = 0, s = 0, zone, digit;
	int64_t us = 0, unit = 100000;

	*ret = 0;
	if (d->class != DER_UNIVERSAL || d->constructed || d->cut)
		return false;
	if (d->tag == DER_UTC_TIME) {
		if (!digits_take(&t, 2, &y))
			return false;
		y += y < 50 ? 2000 : 1900;	/* RFC 5280 4.1.2.5.1 */
	} else if (d->tag != DER_GENERALIZED_TIME || !digits_take(&t, 4, &y)) {
		return false;
	}
	if (!digits_take(&t, 2, &mon) || !digits_take(&t, 2, &day) ||
	    !digits_take(&t, 2, &h))
		return false;
	if (digits_here(&t) && !digits_take(&t, 2, &m))
		return false;
	if (digits_here(&t) && !digits_take(&t, 2, &s))
		return false;
	if (t.n > 0 && (*t.p == '.' || *t.p == ',')) {
		t.p++;
		t.n--;
		for (; digits_here(&t); unit /= 10) {
			if (!digits_take(&t, 1, &digit))
				return false;
			us += digit * unit;
		}
	}
	if (mon < 1 || mon > 12 || day < 1 || day > days_of_month(y, mon) ||
	    h > 23 || m > 59 || s > 60 || !zone_take(&t, &zone) || t.n != 0)
		return false;
	*ret = time_make(y, mon, day, h, m, s) + us -
	    (int64_t)zone * 1000000;
	return true;
}

/* ---- constructed strings ---- */

/*
 * Copies the contents of all primitive leaves of a constructed string to `to`
 * (NULL: counts only), in order and without recursion.
 */
static bool
leaves(const struct evidence *ev, const struct der *top, uint8_t *to,
    size_t *ret_n)
{
	struct der_iter stack[64];
	struct der d;
	size_t level = 0, n = 0, nodes = (size_t)ev_limits(ev)->der_nodes;

	*ret_n = 0;
	der_enter(&stack[0], ev, top);
	for (;;) {
		if (!der_next(&stack[level], &d)) {
			if (level-- == 0)
				break;
			continue;
		}
		if (nodes-- == 0)
			return false;
		if (d.constructed) {
			if (level + 1 == sizeof(stack) / sizeof(stack[0]))
				return false;
			der_enter(&stack[++level], ev, &d);
			continue;
		}
		if (to != NULL && d.len > 0)
			memcpy(to + n, der_bytes(&d), d.len);
		n += d.len;
	}
	*ret_n = n;
	return true;
}

bool
der_octets(const struct evidence *ev, const struct der *d,
    uint8_t **ret_joined, size_t *ret_n)
{
	uint8_t *p;
	size_t n;

	*ret_joined = NULL;
	*ret_n = 0;
	if (!d->constructed) {
		*ret_n = d->len;
		return true;
	}
	if (!leaves(ev, d, NULL, &n))
		return false;
	p = malloc(n > 0 ? n : 1);
	if (p == NULL || !leaves(ev, d, p, ret_n)) {
		free(p);
		return false;
	}
	*ret_joined = p;
	return true;
}
