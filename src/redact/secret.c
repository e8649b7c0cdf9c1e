/*
 * The secrets of a case: each value once, with its token, found again in
 * every place by its first bytes.
 * Relies on token.c for what tokens look like.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/codepage.h"
#include "redact/internal.h"

#define FORM_BYTES	3	/* that a form is looked up by */
#define VALUE_MAX	65536

const struct secret_info secret_infos[SECRET_COUNT] = {
#define S(ID, name, word, exact) [SECRET_##ID] = { name, word, exact },
	SECRETS(S)
#undef S
};

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool
is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
	    c >= 0x80;
}

static uint32_t
hash(const uint8_t *p, size_t n)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ lower(p[i])) * 16777619u;
	return (h ^ h >> 16) % HASH_SIZE;
}

static bool
same(const uint8_t *a, const uint8_t *b, size_t n, bool exact)
{
	size_t i;

	if (exact)
		return memcmp(a, b, n) == 0;
	for (i = 0; i < n; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool
secret_is_token(const struct redactor *r, const uint8_t *p, size_t n)
{
	const struct secret *s;

	for (s = r->secrets.by_token[hash(p, n)]; s != NULL; s = s->next)
		if (s->n == n && same(s->token, p, n, false))
			return true;
	return false;
}

static struct secret *
find(const struct redactor *r, const uint8_t *p, size_t n, bool binary)
{
	struct secret *s;

	for (s = r->secrets.by_value[hash(p, n)]; s != NULL; s = s->next)
		if (s->n == n && s->binary == binary && same(s->value, p, n,
		    binary || secret_infos[s->kind].exact))
			return s;
	return NULL;
}

const struct secret *
secret_find(const struct redactor *r, const uint8_t *p, size_t n)
{
	return find(r, p, n, false);
}

/* ---- forms ---- */

static void
form_add(struct redactor *r, const struct secret *s, const uint8_t *value,
    const uint8_t *token, size_t n, unsigned int unit, bool big, bool raw)
{
	struct form *f = arena_alloc(r->arena, sizeof(*f));
	uint32_t h;

	if (n < FORM_BYTES)
		return;
	*f = (struct form){ s, value, token, n, unit, big, raw, NULL };
	h = hash(value, FORM_BYTES);
	f->next = r->secrets.forms[h];
	r->secrets.forms[h] = f;
}

/* Code points of UTF-8 that is known to be right. */
static size_t
points(const uint8_t *p, size_t n, uint32_t *ret)
{
	size_t i = 0, k, len, count = 0;
	uint32_t c;

	while (i < n) {
		c = p[i];
		len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
		c &= len == 1 ? 0x7f : 0xff >> (len + 1);
		for (k = 1; k < len && i + k < n; k++)
			c = c << 6 | (p[i + k] & 0x3f);
		ret[count++] = c;
		i += len;
	}
	return count;
}

static size_t
wide(const uint32_t *c, size_t n, bool big, uint8_t *ret)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		uint32_t u[2] = { c[i], 0 };
		size_t j, m = 1;

		if (c[i] > 0xffff) {
			u[0] = 0xd800 + ((c[i] - 0x10000) >> 10);
			u[1] = 0xdc00 + ((c[i] - 0x10000) & 0x3ff);
			m = 2;
		}
		for (j = 0; j < m; j++) {
			ret[k++] = (uint8_t)(big ? u[j] >> 8 : u[j]);
			ret[k++] = (uint8_t)(big ? u[j] : u[j] >> 8);
		}
	}
	return k;
}

static bool
narrow(const uint32_t *c, size_t n, unsigned int page, uint8_t *ret)
{
	unsigned int k;
	size_t i;

	for (i = 0; i < n; i++) {
		for (k = 0; c[i] >= 0x80 && k < 128; k++)
			if (codepages[page][k] == c[i])
				break;
		if (c[i] >= 0x80 && k == 128)
			return false;
		ret[i] = (uint8_t)(c[i] < 0x80 ? c[i] : 0x80 + k);
	}
	return true;
}

static void
text_forms(struct redactor *r, const struct secret *s)
{
	uint32_t *a = calloc(2 * s->n + 2, sizeof(*a)), *b = a + s->n + 1;
	uint8_t *buf[4], bin[2][16];
	size_t n, size = 4 * s->n + 4;
	unsigned int i, page;

	if (a == NULL)
		abort();
	form_add(r, s, s->value, s->token, s->n, 1, false, false);
	n = points(s->value, s->n, a);
	if (points(s->token, s->n, b) == n)
		for (i = 0; i < 2; i++) {
			buf[0] = arena_alloc(r->arena, size);
			buf[1] = arena_alloc(r->arena, size);
			(void)wide(b, n, i == 1, buf[1]);
			form_add(r, s, buf[0], buf[1], wide(a, n, i == 1,
			    buf[0]), 2, i == 1, false);
		}
	for (page = 0; n < s->n && page < CODEPAGE_COUNT; page++) {
		buf[2] = arena_alloc(r->arena, n);
		buf[3] = arena_alloc(r->arena, n);
		if (narrow(a, n, page, buf[2]) && narrow(b, n, page, buf[3]))
			form_add(r, s, buf[2], buf[3], n, 1, false, false);
	}
	/* The same number as bytes. */
	for (i = 0; i < 2; i++) {
		n = token_bytes(s->kind, s->value, s->n, (unsigned int)i,
		    bin[0]);
		if (n > 0 && token_bytes(s->kind, s->token, s->n,
		    (unsigned int)i, bin[1]) == n)
			form_add(r, s, arena_copy(r->arena, bin[0], n),
			    arena_copy(r->arena, bin[1], n), n, 1, false,
			    true);
	}
	free(a);
}

/* ---- adding ---- */

/* From now on it is looked for everywhere. */
static void
spread(struct redactor *r, struct secret *s)
{
	if (s->binary)
		form_add(r, s, s->value, s->token, s->n, 1, false, true);
	else
		text_forms(r, s);
	r->grown = true;
}

/* A chain has its own link: that of the tokens holds a copy. */
static void
token_known(struct redactor *r, const struct secret *s)
{
	struct secret *again = arena_copy(r->arena, s, sizeof(*s));
	uint32_t h = hash(s->token, s->n);

	again->next = r->secrets.by_token[h];
	r->secrets.by_token[h] = again;
}

static void
insert(struct redactor *r, struct secret *s)
{
	struct secrets *all = &r->secrets;
	uint32_t h = hash(s->value, s->n);

	all->v = grow(all->v, &all->room, all->n, sizeof(struct secret *));
	all->v[all->n++] = s;
	s->next = all->by_value[h];
	all->by_value[h] = s;
	if (s->named)
		token_known(r, s);
	if (s->named && s->everywhere)
		spread(r, s);
	r->grown = true;
}

/* A token that is another's, or a value of this case, says too much. */
static void
name(struct redactor *r, struct secret *s)
{
	int tries;

	for (tries = 0; tries < 100000; tries++) {
		token_make(s, ++r->secrets.numbers[s->kind]);
		if (!secret_is_token(r, s->token, s->n) &&
		    find(r, s->token, s->n, s->binary) == NULL)
			break;
	}
	s->named = true;
	token_known(r, s);
	if (s->everywhere)
		spread(r, s);
}

void
secrets_name(struct redactor *r)
{
	size_t i;

	for (i = 0; i < r->secrets.n; i++)
		if (!r->secrets.v[i]->named)
			name(r, r->secrets.v[i]);
}

/* May it be looked for everywhere?  A short one would hit other words. */
static bool
wide_enough(enum secret_kind kind, const uint8_t *p, size_t n, bool binary)
{
	bool digit = false, letter = false;
	size_t i;

	if (binary)
		return n >= 4;
	for (i = 0; i < n; i++) {
		digit |= p[i] >= '0' && p[i] <= '9';
		letter |= lower(p[i]) >= 'a' && lower(p[i]) <= 'z';
	}
	if (secret_is_common(p, n))
		return false;
	if (kind == SECRET_USER || kind == SECRET_MACHINE ||
	    kind == SECRET_DOMAIN)
		return n >= 3 && !(digit && !letter && n < 6);
	return n >= 6 || (n >= 4 && digit && letter);
}

const struct secret *
secret_of(struct redactor *r, enum secret_kind kind, const uint8_t *p,
    size_t n, bool binary)
{
	struct secret *s, *known;
	bool word = false;
	size_t i;

	if (n == 0 || n > VALUE_MAX)
		return NULL;
	known = find(r, p, n, binary);
	if (known != NULL) {
		if (!known->everywhere && !r->here &&
		    wide_enough(kind, p, n, binary)) {
			known->everywhere = true;
			if (known->named)
				spread(r, known);
		}
		return known;
	}
	for (i = 0; i < n && !binary; i++)
		word |= is_word(p[i]);
	if ((!binary && !word) || secret_is_token(r, p, n))
		return NULL;
	if (secret_is_common(p, n) && kind != SECRET_PASSWORD &&
	    kind != SECRET_COOKIE)
		return NULL;
	s = arena_alloc(r->arena, sizeof(*s));
	*s = (struct secret){ .kind = kind, .binary = binary, .n = n,
	    .value = arena_copy(r->arena, p, n),
	    .token = arena_copy(r->arena, p, n),
	    .everywhere = !r->here && wide_enough(kind, p, n, binary) };
	insert(r, s);
	/* While learning it has none: all values have to be known first. */
	if (!r->learning)
		name(r, s);
	return s;
}

void
secret_follow(struct redactor *r, enum secret_kind kind, const uint8_t *p,
    const uint8_t *token, size_t n)
{
	struct secret *s = find(r, p, n, true);

	if (s != NULL) {
		if (s->kind == kind && memcmp(s->token, token, n) != 0) {
			memcpy(s->token, token, n);
			token_known(r, s);
			s->followed = true;
			r->grown = true;
		}
		return;
	}
	if (secret_is_token(r, p, n))
		return;
	s = arena_alloc(r->arena, sizeof(*s));
	*s = (struct secret){ .kind = kind, .binary = true, .n = n,
	    .value = arena_copy(r->arena, p, n),
	    .token = arena_copy(r->arena, token, n), .everywhere = true,
	    .followed = true, .named = true };
	insert(r, s);
}

void
secret_known(struct redactor *r, enum secret_kind kind, const uint8_t *p,
    const uint8_t *token, size_t n, bool binary)
{
	struct secret *s;

	if (n == 0 || find(r, p, n, binary) != NULL)
		return;
	s = arena_alloc(r->arena, sizeof(*s));
	*s = (struct secret){ .kind = kind, .binary = binary, .n = n,
	    .value = arena_copy(r->arena, p, n),
	    .token = arena_copy(r->arena, token, n),
	    .everywhere = wide_enough(kind, p, n, binary), .named = true };
	r->secrets.numbers[kind]++;
	insert(r, s);
}

/* ---- finding ---- */

static uint32_t
unit_at(const struct form *f, const uint8_t *p)
{
	if (f->unit == 1)
		return p[0];
	return f->big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* Does a word end on both sides? */
static bool
bounded(const struct form *f, const uint8_t *p, size_t n, size_t off)
{
	size_t end = off + f->n;
	uint32_t c;

	if (f->raw || (f->unit == 2 && f->n >= 12) ||
	    (f->n >= 16 && secret_infos[f->secret->kind].exact))
		return true;
	c = unit_at(f, f->value);
	if (off >= f->unit && is_word((uint8_t)(c > 0xff ? 0x80 : c))) {
		c = unit_at(f, p + off - f->unit);
		if (c < 0x80 && is_word((uint8_t)c))
			return false;
	}
	c = unit_at(f, f->value + f->n - f->unit);
	if (n - end >= f->unit && is_word((uint8_t)(c > 0xff ? 0x80 : c))) {
		c = unit_at(f, p + end);
		if (c < 0x80 && is_word((uint8_t)c))
			return false;
	}
	return true;
}

const struct form *
secret_at(const struct redactor *r, const uint8_t *p, size_t n, size_t off)
{
	const struct form *f, *best = NULL;

	if (n - off < FORM_BYTES)
		return NULL;
	for (f = r->secrets.forms[hash(p + off, FORM_BYTES)]; f != NULL;
	    f = f->next)
		if (f->n <= n - off && (best == NULL || f->n > best->n) &&
		    same(f->value, p + off, f->n, f->raw ||
		    secret_infos[f->secret->kind].exact) &&
		    bounded(f, p, n, off))
			best = f;
	return best;
}

/* Upper case where the value has no letter of lower case. */
static bool
shouts(const uint8_t *p, size_t n)
{
	bool upper = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] >= 'a' && p[i] <= 'z')
			return false;
		upper |= p[i] >= 'A' && p[i] <= 'Z';
	}
	return upper;
}

static void
write_token(const struct secret *s, const uint8_t *token, size_t n, bool raw,
    uint8_t *p)
{
	bool up = !raw && !secret_infos[s->kind].exact && shouts(p, n);
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = up && token[i] >= 'a' && token[i] <= 'z' ?
		    token[i] - ('a' - 'A') : token[i];
}

void
secret_write(const struct secret *s, uint8_t *p)
{
	write_token(s, s->token, s->n, s->binary, p);
}

void
form_write(const struct form *f, uint8_t *p)
{
	write_token(f->secret, f->token, f->n, f->raw, p);
}
