/*
 * Building the evidence of a case: its inputs, blobs and items.
 * Relies on arena.h for all memory but the bytes of members and steps.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/evidence.h"
#include "evidence/internal.h"

const struct kind kinds[ITEM_KIND_COUNT] = {
#define K(ID, name, parents, help) [ITEM_##ID] = { name, parents, help },
	ITEM_KINDS(K)
#undef K
};

const struct artifact_info artifacts[ARTIFACT_COUNT] = {
#define A(ID, name, ask, command) [ARTIFACT_##ID] = { name, ask, command },
	ARTIFACTS(A)
#undef A
};

const struct field file_name = {
	.name = "file.name", .type = VALUE_TEXT, .kinds = KIND(FILE),
	.personal = false,
	.help = "name of a file of the case, or of a member, without folders"
};

struct evidence *
evidence_new(const struct limits *limits)
{
	struct arena *a = arena_new();
	struct evidence *ev = arena_alloc(a, sizeof(*ev));

	ev->arena = a;
	ev->limits = *limits;
	ev->problems_last = &ev->problems;
	ev->root = ev_item(ev, ITEM_CASE, NULL, SPAN_NONE);
	return ev;
}

void
evidence_free(struct evidence *ev)
{
	size_t i;

	if (ev == NULL)
		return;
	for (i = 0; i < ev->nblobs; i++)
		free(ev->owned[i]);
	free(ev->owned);
	free(ev->blobs);
	free(ev->inputs);
	evidence_free(ev->given);
	arena_free(ev->arena);
}

void
ev_give(struct evidence *ev, struct evidence *given)
{
	ev->given = given;
}

struct evidence *
ev_given(const struct evidence *ev)
{
	return ev->given;
}

struct arena *
ev_arena(struct evidence *ev)
{
	return ev->arena;
}

void
ev_watch(struct evidence *ev, struct meter *meter)
{
	ev->meter = meter;
}

struct meter *
ev_meter(const struct evidence *ev)
{
	return ev->meter;
}

const struct limits *
ev_limits(const struct evidence *ev)
{
	return &ev->limits;
}

struct item *
ev_case(const struct evidence *ev)
{
	return ev->root;
}

/* A table that is about to hold one more; doubled at powers of two. */
static void *
grow(void *p, size_t n, size_t size)
{
	if (n != 0 && (n & (n - 1)) != 0)
		return p;
	if (n > SIZE_MAX / 2 / size)
		n = SIZE_MAX / 2 / size;	/* realloc will refuse it */
	p = realloc(p, (n == 0 ? 1 : 2 * n) * size);
	if (p == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	return p;
}

/* ---- blobs ---- */

static struct blob *
blob_add(struct evidence *ev, struct blob b, uint8_t *owned)
{
	struct blob *to = arena_alloc(ev->arena, sizeof(*to));

	ev->blobs = grow(ev->blobs, ev->nblobs, sizeof(*ev->blobs));
	ev->owned = grow(ev->owned, ev->nblobs, sizeof(*ev->owned));
	b.id = (uint32_t)ev->nblobs;
	b.full = b.full < b.n ? b.n : b.full;
	b.queued = b.hint == NULL || strcmp(b.hint, "-") != 0;
	if (b.p == NULL)
		b.p = (const uint8_t *)"";
	*to = b;
	ev->blobs[ev->nblobs] = to;
	ev->owned[ev->nblobs++] = owned;
	if (ev->meter != NULL)
		ev->meter->all_pieces++;
	return to;
}

struct blob *
ev_input(struct evidence *ev, const char *path, bool named, const uint8_t *p,
    size_t n, const uint8_t sha256[32])
{
	const char *base = strrchr(path, '/');
	struct input *in;
	struct item *file;
	struct blob *b;

	ev->inputs = grow(ev->inputs, ev->ninputs, sizeof(*ev->inputs));
	in = &ev->inputs[ev->ninputs];
	*in = (struct input){
		.path = arena_text(ev->arena, path, strlen(path)),
		.kind = "unknown", .size = n, .state = INPUT_READ,
		.named = named
	};
	memcpy(in->sha256, sha256, 32);
	b = blob_add(ev, (struct blob){
		.kind = BLOB_INPUT, .input = (uint32_t)ev->ninputs++,
		.name = in->path, .how = "input", .from = SPAN_NONE,
		.p = p, .n = n }, NULL);
	in->blob = b->id;
	ev->input_bytes += n;
	file = ev_item(ev, ITEM_FILE, ev->root, blob_span(b));
	b->item = file;
	base = base == NULL ? path : base + 1;
	ev_derive(ev, file, &file_name, value_str(base), blob_span(b), NULL, 0,
	    "the name of the file");
	return b;
}

static uint64_t
bytes_allowed(const struct evidence *ev)
{
	uint64_t total = ev->limits.total_bytes;

	if (ev->input_bytes > total / 64)
		total = ev->input_bytes * 64;
	return total;
}

uint64_t
ev_bytes_left(const struct evidence *ev)
{
	return bytes_allowed(ev) - ev->made_bytes;
}

/* May one more piece of n new bytes be added? */
static bool
blob_allowed(struct evidence *ev, struct span from, size_t n)
{
	uint64_t total = bytes_allowed(ev);

	if (ev->nblobs >= ev->limits.blobs) {
		ev_limit(ev, from, "blobs", "more than %zu pieces; the rest "
		    "is not read", ev->nblobs);
		return false;
	}
	if (n > total - ev->made_bytes) {
		ev_limit(ev, from, "total_bytes", "the decoded pieces of this "
		    "case pass %llu bytes; the rest is not read",
		    (unsigned long long)total);
		return false;
	}
	ev->made_bytes += n;
	return true;
}

struct blob *
ev_slice(struct evidence *ev, struct span from, const char *how,
    const char *hint, struct item *item)
{
	struct blob *parent = ev_blob(ev, from.blob);

	from = blob_part(parent, from.off, from.len);
	if (!blob_allowed(ev, from, 0))
		return NULL;
	return blob_add(ev, (struct blob){
		.kind = BLOB_SLICE, .input = parent->input,
		.name = parent->name, .how = how, .hint = hint, .from = from,
		.p = parent->p + from.off, .n = from.len,
		.depth = parent->depth,
		.item = item != NULL ? item : parent->item }, NULL);
}

struct blob *
ev_member(struct evidence *ev, const struct blob *parent, const char *name,
    const char *how, const char *hint, struct item *item, uint8_t *p, size_t n,
    size_t full)
{
	if (!blob_allowed(ev, blob_span(parent), n)) {
		free(p);
		return NULL;
	}
	return blob_add(ev, (struct blob){
		.kind = BLOB_MEMBER, .input = parent->input,
		.name = arena_text(ev->arena, name, strlen(name)), .how = how,
		.hint = hint, .from = blob_span(parent), .p = p, .n = n,
		.full = full, .depth = parent->depth + 1,
		.item = item != NULL ? item : parent->item }, p);
}

struct blob *
ev_step(struct evidence *ev, struct span from, const char *how,
    const char *hint, struct item *item, uint8_t *p, size_t n)
{
	struct blob *parent = ev_blob(ev, from.blob);

	if (!blob_allowed(ev, from, n)) {
		free(p);
		return NULL;
	}
	return blob_add(ev, (struct blob){
		.kind = BLOB_STEP, .input = parent->input, .name = parent->name,
		.how = how, .hint = hint,
		.from = blob_part(parent, from.off, from.len), .p = p, .n = n,
		.depth = parent->depth,
		.item = item != NULL ? item : parent->item }, p);
}

struct blob *
ev_compose(struct evidence *ev, struct span from, const char *how,
    const char *hint, struct item *item, uint8_t *p, size_t n,
    const struct piece *pieces, size_t npieces)
{
	struct blob *parent = ev_blob(ev, from.blob);
	struct piece *kept;

	if (!blob_allowed(ev, from, n)) {
		free(p);
		return NULL;
	}
	kept = arena_alloc(ev->arena, npieces * sizeof(*kept));
	if (npieces > 0)
		memcpy(kept, pieces, npieces * sizeof(*kept));
	return blob_add(ev, (struct blob){
		.kind = BLOB_COMPOSED, .input = parent->input,
		.name = parent->name, .how = how, .hint = hint,
		.from = blob_part(parent, from.off, from.len), .p = p, .n = n,
		.depth = parent->depth, .pieces = kept, .npieces = npieces,
		.item = item != NULL ? item : parent->item }, p);
}

void
ev_blob_trim(struct evidence *ev, struct blob *b, size_t keep)
{
	uint8_t *p = ev->owned[b->id], *less;

	if (keep >= b->n || b->kind != BLOB_MEMBER || p == NULL)
		return;
	ev->made_bytes -= b->n - keep;
	less = realloc(p, keep > 0 ? keep : 1);
	if (less == NULL)
		less = p;
	ev->owned[b->id] = less;
	b->p = less;
	b->n = keep;
}

struct blob *
ev_blob(const struct evidence *ev, uint32_t id)
{
	assert(id < ev->nblobs);
	return ev->blobs[id];
}

size_t
ev_blob_count(const struct evidence *ev)
{
	return ev->nblobs;
}

struct blob *
ev_blob_take(struct evidence *ev)
{
	while (ev->taken < ev->nblobs) {
		struct blob *b = ev->blobs[ev->taken++];

		if (b->queued) {
			b->queued = false;
			return b;
		}
	}
	return NULL;
}

struct span
blob_span(const struct blob *b)
{
	return (struct span){ b->id, 0, b->n };
}

struct span
blob_part(const struct blob *b, size_t off, size_t len)
{
	if (off > b->n)
		off = b->n;
	if (len > b->n - off)
		len = b->n - off;
	return (struct span){ b->id, off, len };
}

bool
blob_line(const struct blob *b, size_t *off, struct span *ret)
{
	const uint8_t *nl;

	if (*off >= b->n)
		return false;
	nl = memchr(b->p + *off, '\n', b->n - *off);
	*ret = blob_part(b, *off, nl != NULL ? (size_t)(nl - b->p) - *off :
	    b->n - *off);
	*off += ret->len + 1;
	if (ret->len > 0 && b->p[ret->off + ret->len - 1] == '\r')
		ret->len--;
	return true;
}

/* ---- items ---- */

struct item *
ev_item(struct evidence *ev, enum item_kind kind, struct item *parent,
    struct span at)
{
	struct item *it = arena_alloc(ev->arena, sizeof(*it));
	struct item_list *l = &ev->items[kind];

	if (ev->meter != NULL)
		ev->meter->items++;
	*it = (struct item){ .kind = kind, .number = ++l->n, .parent = parent,
	    .at = at };
	if (l->last == NULL)
		l->first = it;
	else
		l->last->next = it;
	l->last = it;
	return it;
}

struct item *
ev_first(const struct evidence *ev, enum item_kind kind)
{
	return ev->items[kind].first;
}

struct item *
ev_last(const struct evidence *ev, enum item_kind kind)
{
	return ev->items[kind].last;
}

struct item *
item_up(struct item *it, enum item_kind kind)
{
	while (it != NULL && it->kind != kind)
		it = it->parent;
	return it;
}

void
ev_artifact(struct item *it, enum artifact a)
{
	it->artifacts |= UINT32_C(1) << a;
}

/* ---- inputs ---- */

void
ev_input_kind(struct evidence *ev, const struct blob *b, const char *kind)
{
	struct input *in = &ev->inputs[b->input];
	const struct blob *up;

	/* A slice that is all of an input is that input. */
	while (b->kind == BLOB_SLICE && b->from.off == 0 &&
	    (up = ev_blob(ev, b->from.blob))->n == b->n)
		b = up;
	if (b->kind == BLOB_INPUT && strcmp(in->kind, "unknown") == 0)
		in->kind = kind;
}

const struct input *
ev_inputs(const struct evidence *ev, size_t *ret_n)
{
	*ret_n = ev->ninputs;
	return ev->inputs;
}

struct input *
ev_input_of(struct evidence *ev, const struct blob *b)
{
	return &ev->inputs[b->input];
}
