/*
 * Facts: adds them to items, read or derived, and finds them again.
 * Relies on internal.h and, for what values hold, on arena.h.
 */
#include <assert.h>
#include <string.h>

#include "evidence/evidence.h"
#include "evidence/internal.h"

static struct value
value_keep(struct evidence *ev, struct value v, struct span at)
{
	size_t max = (size_t)ev->limits.value_bytes;

	if (v.type != VALUE_TEXT && v.type != VALUE_BYTES)
		return v;
	if (v.n > max) {
		ev_limit(ev, at, "value_bytes", "a value of %zu bytes is kept "
		    "to %zu", v.n, max);
		v.n = max;
	}
	v.p = arena_text(ev->arena, v.p, v.n);
	return v;
}

static struct fact *
fact_add(struct evidence *ev, struct item *it, const struct field *field,
    const char *key, struct value v, struct span at)
{
	struct fact *f;

	assert(field->type == v.type);
	assert(field->kinds & UINT32_C(1) << it->kind);
	f = arena_alloc(ev->arena, sizeof(*f));
	*f = (struct fact){ .field = field, .value = value_keep(ev, v, at),
	    .at = at, .item = it };
	if (key != NULL) {
		char *k = arena_text(ev->arena, key, strlen(key));

		f->key = k;
		for (; *k != '\0'; k++)
			if (*k >= 'A' && *k <= 'Z')
				*k += 'a' - 'A';
	}
	/* Past the limit a fact still has its address, but nobody sees it. */
	if (ev->nfacts >= ev->limits.facts) {
		ev_limit(ev, at, "facts", "more than %zu facts; the rest is "
		    "not kept", ev->nfacts);
		return f;
	}
	ev->nfacts++;
	if (it->last == NULL)
		it->facts = f;
	else
		it->last->next = f;
	it->last = f;
	return f;
}

struct fact *
ev_fact(struct evidence *ev, struct item *it, const struct field *field,
    struct value v, struct span at)
{
	assert(at.blob != BLOB_NONE);
	return fact_add(ev, it, field, NULL, v, at);
}

struct fact *
ev_fact_keyed(struct evidence *ev, struct item *it, const struct field *field,
    const char *key, struct value v, struct span at)
{
	assert(at.blob != BLOB_NONE);
	return fact_add(ev, it, field, key, v, at);
}

struct fact *
ev_derive(struct evidence *ev, struct item *it, const struct field *field,
    struct value v, struct span at, const struct fact *const *from, size_t n,
    const char *source)
{
	struct fact *f = fact_add(ev, it, field, NULL, v, at);
	size_t i;

	f->derived = true;
	f->source = source;
	if (n > 0)
		f->from = arena_alloc(ev->arena, n * sizeof(*f->from));
	for (i = 0; i < n; i++)
		if (from[i] != NULL)
			f->from[f->nfrom++] = from[i];
	assert(f->nfrom > 0 || at.blob != BLOB_NONE);
	return f;
}

struct fact *
ev_copy(struct evidence *ev, struct item *it, const struct fact *of)
{
	struct fact *f = fact_add(ev, it, of->field, of->key, of->value,
	    SPAN_NONE);

	f->derived = true;
	f->from = arena_alloc(ev->arena, sizeof(*f->from));
	f->from[0] = of;
	f->nfrom = 1;
	return f;
}

const struct fact *
fact_next(const struct fact *f)
{
	const struct fact *g;

	for (g = f->next; g != NULL && g->field != f->field; g = g->next)
		continue;
	return g;
}

const struct fact *
item_fact(const struct item *it, const struct field *field)
{
	const struct fact *f;

	for (f = it->facts; f != NULL && f->field != field; f = f->next)
		continue;
	return f;
}

const struct fact *
item_keyed(const struct item *it, const struct field *field, const char *key)
{
	const struct fact *f;

	for (f = item_fact(it, field); f != NULL; f = fact_next(f))
		if (f->key != NULL && strcmp(f->key, key) == 0)
			break;
	return f;
}

const struct fact *
item_find(const struct item *it, const struct field *field)
{
	const struct fact *f = NULL;

	for (; it != NULL && f == NULL; it = it->parent)
		f = item_fact(it, field);
	return f;
}

bool
item_truth(const struct item *it, const struct field *field, bool otherwise)
{
	const struct fact *f = item_fact(it, field);

	return f != NULL ? f->value.truth : otherwise;
}

int64_t
item_number(const struct item *it, const struct field *field,
    int64_t otherwise)
{
	const struct fact *f = item_fact(it, field);

	return f != NULL ? f->value.number : otherwise;
}

const char *
item_text(const struct item *it, const struct field *field)
{
	const struct fact *f = item_fact(it, field);

	return f != NULL ? f->value.p : NULL;
}
