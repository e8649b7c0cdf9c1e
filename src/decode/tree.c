/*
 * Builds the tree: walks elements, gives each the name and type that the
 * grammar has for its place, descends into strings that hold a structure, and
 * keeps what cannot be read as bytes with a note that says where.
 * Relies on tree.h and der.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/tree.h"

const struct tree_layout *const tree_layouts[] = {
	&tree_sst, &tree_tpm, &tree_store, NULL
};

/* ---- elements ---- */

/* What is expected at a place. */
struct slot {
	const char	*name;
	const struct tree_type *type;
	bool		 explicit;	/* the type stands inside */
	const char	*oid;		/* the identifier before it */
};

static void	contents_read(struct tree *, struct tree_node *,
		    const struct blob *, size_t, size_t, const struct slot *,
		    bool);

static bool
member_fits(const struct tree_member *m, const struct der *d)
{
	const struct tree_member *a;

	if (m->tag != TAG_ANY)
		return der_is(d, m->class, m->tag);
	if (m->type == NULL || m->type->shape != SHAPE_CHOICE)
		return true;
	for (a = m->type->members; a->name != NULL; a++)
		if (member_fits(a, d))
			return true;
	return false;
}

/* Well-formed to its end, without anything odd? */
static bool
der_whole(const struct evidence *ev, const struct blob *b, size_t off,
    size_t end, unsigned int depth)
{
	struct der_iter it;
	struct der d;
	bool any = false;

	if (depth == 0)
		return false;
	der_begin(&it, ev, b, (struct span){ b->id, off, end - off });
	while (der_next(&it, &d)) {
		any = true;
		if (d.cut || (d.constructed && d.len > 0 && !der_whole(ev, b,
		    d.body, d.body + d.len, depth - 1)))
			return false;
	}
	return it.off == end && (any || depth != TREE_DEPTH);
}

/* One element of exactly these bytes? */
static bool
der_single(const struct evidence *ev, const struct blob *b, size_t off,
    size_t end)
{
	struct der d;

	return end > off && der_at(ev, b, (struct span){ b->id, off,
	    end - off }, &d) && !d.cut && d.end == end &&
	    der_whole(ev, b, off, end, TREE_DEPTH);
}

/* The contents of a string: another layout, a structure, or just bytes. */
static void
string_read(struct tree *t, struct tree_node *n, const struct blob *b,
    size_t off, size_t end, const struct tree_type *type, const char *oid)
{
	const struct tree_type *of = type != NULL ? type->of : NULL;
	struct slot slot = { .type = of, .oid = oid };
	bool holds = type != NULL && type->holds;
	const struct tree_layout *const *l;
	const struct tree_type *guess;
	struct tree_node *c;
	struct der d;

	if (off >= end || (type != NULL && type->opaque))
		return;
	if (of != NULL && of->shape == SHAPE_OPEN) {
		slot.type = oid != NULL ? tree_type_of(oid) : NULL;
		/* content that is just data */
		if (!holds && (slot.type == NULL ||
		    slot.type->shape == SHAPE_PRIMITIVE)) {
			slot.type = NULL;
			of = NULL;
		}
	}
	for (l = tree_layouts; *l != NULL && of == NULL; l++)
		if (*l != &tree_store && (*l)->looks(b->p + off, end - off)) {
			(*l)->read(t, n, b, off, end);
			for (c = n->first; c != NULL; c = c->next)
				c->nested = true;
			return;
		}
	guess = NULL;
	if (der_at(t->ev, b, (struct span){ b->id, off, end - off }, &d))
		guess = tree_guess(t->ev, &d);
	/* A damaged structure counts where contents of messages stand. */
	if (!holds && !((b->p[off] == 0x30 || b->p[off] == 0x31) &&
	    der_single(t->ev, b, off, end)) && (guess == NULL ||
	    type == NULL || type->of == NULL ||
	    type->of->shape != SHAPE_OPEN))
		return;
	if (guess != NULL) {
		/* Some put a ContentInfo where its content belongs. */
		if (slot.type == NULL || (!holds &&
		    guess == &type_content_info))
			slot.type = guess;
	}
	contents_read(t, n, b, off, end, &slot, true);
}

/* Segments of a constructed string: their bytes joined are one more view. */
static void
segments_read(struct tree *t, struct tree_node *n, const struct tree_type *type,
    const char *oid)
{
	struct blob *b;
	struct tree_node *view, *only;
	uint8_t *joined;
	size_t size;

	contents_read(t, n, n->blob, n->der.body, n->der.body + n->der.len,
	    &(struct slot){ .type = type != NULL && type->opaque ? type :
	    NULL }, false);
	only = n->first;
	if (only == NULL || (type != NULL && type->opaque))
		return;
	if (only->next == NULL && only->kind == TREE_ELEMENT &&
	    !only->der.constructed) {
		if (only->first == NULL)
			string_read(t, only, only->blob, only->der.body,
			    only->der.body + only->der.len, type, oid);
		return;
	}
	if (n->der.cut || !der_octets(t->ev, &n->der, &joined, &size))
		return;
	b = arena_alloc(ev_arena(t->ev), sizeof(*b));
	*b = (struct blob){ .id = BLOB_NONE, .n = size, .full = size,
	    .p = arena_copy(ev_arena(t->ev), joined, size),
	    .name = "joined segments", .item = n->blob->item };
	free(joined);
	view = tree_add(t, n, TREE_VIEW, b, 0, size);
	view->name = "(joined segments)";
	view->label = "view";
	string_read(t, view, b, 0, size, type, oid);
}

/* Alternatives and open types until a type is left that says something. */
static void
slot_resolve(struct slot *slot, const struct der *d, const char **ret_choice)
{
	const struct tree_member *a;
	int turns;

	*ret_choice = NULL;
	for (turns = 0; turns < 4 && slot->type != NULL && !slot->explicit;
	    turns++) {
		if (slot->type->shape == SHAPE_OPEN) {
			slot->type = slot->oid != NULL ?
			    tree_type_of(slot->oid) : NULL;
			continue;
		}
		if (slot->type->shape != SHAPE_CHOICE)
			return;
		for (a = slot->type->members; a->name != NULL; a++)
			if (member_fits(a, d))
				break;
		if (a->name == NULL) {
			slot->type = NULL;
			return;
		}
		*ret_choice = a->name;
		slot->type = a->type;
		slot->explicit = (a->flags & MEMBER_EXPLICIT) != 0;
	}
}

/* The length that a header of definite length states. */
static uint64_t
stated(const struct der *d)
{
	const uint8_t *p = d->blob->p + d->off;
	uint64_t v = 0;
	size_t i = 1;

	if ((p[0] & 0x1f) == 0x1f)
		while (p[i++] & 0x80)
			continue;
	if (!(p[i] & 0x80))
		return p[i];
	for (i++; d->off + i < d->body; i++)
		v = v << 8 | p[i];
	return v;
}

/* Tagged explicitly where the standard says implicitly (or nobody knows). */
static bool
is_explicit(const struct tree *t, const struct der *d,
    const struct tree_type *type)
{
	struct der in;

	if (d->class != DER_CONTEXT || !d->constructed || type == NULL ||
	    type->tag == 0 || type->tag == DER_OCTET_STRING ||
	    (type->shape == SHAPE_SEQUENCE && type->members[0].tag ==
	    type->tag && (type->members[1].name == NULL ||
	    (type->members[1].flags & MEMBER_OPTIONAL) != 0)) ||
	    type->shape == SHAPE_OF)
		return false;
	return der_at(t->ev, d->blob, (struct span){ d->blob->id, d->body,
	    d->len }, &in) && in.end == d->body + d->len &&
	    der_is(&in, DER_UNIVERSAL, type->tag);
}

static void
element_read(struct tree *t, struct tree_node *n, struct slot slot)
{
	const struct der *d = &n->der;
	const struct tree_type *type;
	struct slot inside;
	const char *choice;
	uint32_t tag;

	slot_resolve(&slot, d, &choice);
	type = slot.type;
	slot.explicit = slot.explicit || is_explicit(t, d, type);
	if (choice != NULL)
		n->name = n->name == NULL || n->name[0] != '[' ? choice :
		    arena_printf(ev_arena(t->ev), "%s.%s", n->name, choice);
	n->label = tree_tag_name(t, d);
	if (type != NULL && !slot.explicit)
		n->type = type->name;
	if (d->cut && d->indefinite)
		tree_note(t, n, "cut: nothing ends it in the %zu bytes that "
		    "are here", d->len);
	else if (d->cut)
		tree_note(t, n, "cut: it states %llu bytes, %zu are here",
		    (unsigned long long)stated(d), d->len);
	tag = d->class == DER_UNIVERSAL ? d->tag :
	    type != NULL && !slot.explicit && type->tag != 0 ? type->tag :
	    TAG_ANY;
	if (!d->constructed) {
		tree_value(t, n, tag, slot.explicit ? NULL : type);
		if (slot.explicit)
			tree_note(t, n, "primitive where a structure belongs");
		else if (tag == DER_OCTET_STRING)
			string_read(t, n, n->blob, d->body, d->body + d->len,
			    type, slot.oid);
		else if (tag == DER_BIT_STRING && d->len > 1 &&
		    (type == NULL || type->named == NULL)) {
			string_read(t, n, n->blob, d->body + 1,
			    d->body + d->len, type, slot.oid);
		}
		if (tag == DER_BIT_STRING && n->first != NULL) {
			/* the octet that counts unused bits goes first */
			struct tree_node *u = tree_field(t, n, d->body, 1,
			    "byte", "unusedBits", NULL), *c = n->first;

			for (; c->next != u; c = c->next)
				continue;
			c->next = NULL;
			n->last = c;
			u->next = n->first;
			n->first = u;
		}
		/* What is taken apart is not shown again as a whole. */
		if (n->first != NULL) {
			n->value = NULL;
			n->meaning = NULL;
		}
		return;
	}
	if (tag == DER_OCTET_STRING) {
		segments_read(t, n, type, slot.oid);
		return;
	}
	inside = (struct slot){ .type = type, .oid = slot.oid,
	    .explicit = slot.explicit };
	contents_read(t, n, n->blob, d->body, d->body + d->len, &inside,
	    false);
	if (type != NULL && !slot.explicit && type->show != NULL)
		type->show(t, n);
}

/* ---- what stands in a range ---- */

/* Finds the member that the next element is; skipped ones are missing. */
static const struct tree_member *
member_next(struct tree *t, struct tree_node *parent,
    const struct tree_member **m, const struct der *d)
{
	const struct tree_member *try, *found;

	for (try = *m; try->name != NULL; try++)
		if (member_fits(try, d))
			break;
	if (try->name == NULL)
		return NULL;
	for (found = try, try = *m; try < found; try++)
		if (!(try->flags & MEMBER_OPTIONAL))
			tree_note(t, parent, "%s is missing", try->name);
	*m = found + 1;
	return found;
}

static const char *
index_name(struct tree *t, size_t i)
{
	return arena_printf(ev_arena(t->ev), "[%zu]", i);
}

/*
 * `top` is what the parent is (or, for contents of strings, what one element
 * inside is).
 */
static void
contents_read(struct tree *t, struct tree_node *parent, const struct blob *b,
    size_t off, size_t end, const struct slot *top, bool inside_string)
{
	const struct tree_type *type = top->type;
	bool direct = inside_string || top->explicit;
	const struct tree_member *m = !direct && type != NULL &&
	    type->shape == SHAPE_SEQUENCE ? type->members : NULL, *found;
	const char *oid = top->oid;
	struct der_iter it;
	struct der d;
	size_t i = 0;

	if (parent->depth >= t->max_depth) {
		tree_rest(t, parent, off, end, "nested too deeply: not read "
		    "from byte %zu on", off);
		return;
	}
	der_begin(&it, t->ev, b, (struct span){ b->id, off, end - off });
	while (t->nodes < t->max_nodes && der_next(&it, &d)) {
		struct tree_node *n = tree_add(t, parent, TREE_ELEMENT, b,
		    d.off, d.len);
		struct slot slot = { .oid = oid };

		n->der = d;
		n->head = d.body - d.off;
		n->tail = d.end - d.body - d.len;
		n->nested = inside_string;
		if (direct) {
			slot.type = i == 0 ? type : NULL;
			if (slot.type == NULL && inside_string)
				slot.type = tree_guess(t->ev, &d);
		} else if (m != NULL) {
			found = member_next(t, parent, &m, &d);
			if (found != NULL) {
				n->name = found->name;
				slot.type = found->type;
				slot.explicit = (found->flags &
				    MEMBER_EXPLICIT) != 0;
			} else
				tree_note(t, n, "not expected here");
		} else if (type != NULL && type->shape == SHAPE_OF) {
			n->name = index_name(t, i);
			slot.type = type->of;
		} else if (type != NULL && type->shape == SHAPE_PRIMITIVE) {
			slot.type = type;	/* segments of a string */
			n->name = index_name(t, i);
		} else if (parent->kind == TREE_ELEMENT && i < 100000) {
			n->name = index_name(t, i);
		}
		element_read(t, n, slot);
		if (n->oid != NULL)
			oid = n->oid;
		i++;
	}
	if (it.off >= end) {
		/* What had to come is missing where all was read. */
		if (m != NULL && !parent->der.cut)
			for (; m->name != NULL; m++)
				if (!(m->flags & MEMBER_OPTIONAL))
					tree_note(t, parent, "%s is missing",
					    m->name);
		return;
	}
	if (t->nodes >= t->max_nodes || it.limit)
		tree_rest(t, parent, it.off, end, "too many elements: not "
		    "read from byte %zu on", it.off);
	else
		tree_rest(t, parent, it.off, end, "no element can be read "
		    "from byte %zu on: %zu byte%s left over", it.off,
		    end - it.off, end - it.off == 1 ? "" : "s");
}

void
tree_elements(struct tree *t, struct tree_node *parent, const struct blob *b,
    size_t off, size_t end, const struct tree_type *type, const char *name)
{
	struct tree_node *n;
	struct slot slot = { .type = type };
	struct der d;

	if (off < end && type == NULL && der_at(t->ev, b,
	    (struct span){ b->id, off, end - off }, &d))
		slot.type = tree_guess(t->ev, &d);
	n = parent->last;
	contents_read(t, parent, b, off, end, &slot, true);
	n = n == NULL ? parent->first : n->next;
	if (n != NULL && n->name == NULL && name != NULL)
		n->name = name;
}

/* ---- a blob ---- */

static bool
all_zero(const uint8_t *p, size_t n)
{
	while (n > 0 && p[n - 1] == 0)
		n--;
	return n == 0;
}

static void
trailing(struct tree *t, struct tree_node *root, const struct blob *b,
    size_t off, size_t end)
{
	char bytes[3 * 8 + 8] = "";
	struct tree_node *n;
	size_t i;

	if (off >= end)
		return;
	for (i = 0; i < end - off && i < 8; i++)
		(void)snprintf(bytes + strlen(bytes), sizeof(bytes) -
		    strlen(bytes), " %02x", b->p[off + i]);
	n = tree_rest(t, root, off, end, "%zu trailing byte%s at %zu:%s%s%s",
	    end - off, end - off == 1 ? "" : "s", off, bytes,
	    end - off > 8 ? " ..." : "", all_zero(b->p + off, end - off) ?
	    " (zeros: padding)" : "");
	n->name = "trailing";
}

void
tree_contents(struct tree *t, struct tree_node *parent, const struct blob *b,
    size_t off, size_t end)
{
	const struct tree_layout *const *l;
	struct tree_node *n;
	struct der_iter it;
	struct der d;

	for (l = tree_layouts; *l != NULL; l++)
		if ((*l)->looks(b->p + off, end - off)) {
			parent->type = (*l)->name;
			(*l)->read(t, parent, b, off, end);
			return;
		}
	/* A byte order mark does not hide what follows. */
	if (end - off > 3 && memcmp(b->p + off, "\xef\xbb\xbf", 3) == 0) {
		tree_rest(t, parent, off, off + 3, "a byte order mark");
		off += 3;
	}
	der_begin(&it, t->ev, b, (struct span){ b->id, off, end - off });
	while (t->nodes < t->max_nodes && off < end) {
		struct slot slot = { 0 };

		/* Elements of end-of-contents and zeros are no structure. */
		if (b->p[off] == 0 || !der_next(&it, &d))
			break;
		if (parent->first != NULL && d.cut)
			break;
		slot.type = tree_guess(t->ev, &d);
		n = tree_add(t, parent, TREE_ELEMENT, b, d.off, d.len);
		n->der = d;
		n->head = d.body - d.off;
		n->tail = d.end - d.body - d.len;
		element_read(t, n, slot);
		off = d.end;
	}
	if (parent->first == NULL)
		tree_rest(t, parent, off, end, "no element of ASN.1 begins "
		    "here");
	else
		trailing(t, parent, b, off, end);
}

struct tree_node *
tree_view(struct tree *t, struct tree_node *parent, const struct blob *b,
    const char *name)
{
	struct tree_node *view = tree_add(t, parent, TREE_VIEW, b, 0, b->n);

	view->name = name;
	view->label = "view";
	tree_contents(t, view, b, 0, b->n);
	return view;
}

struct tree_node *
tree_build(struct evidence *ev, const struct blob *b, struct span at)
{
	struct tree t = {
		.ev = ev, .max_nodes = (size_t)ev_limits(ev)->der_nodes,
		.max_depth = TREE_DEPTH
	};
	size_t off = at.off < b->n ? at.off : b->n;
	size_t len = at.len > b->n - off ? b->n - off : at.len;

	t.root = tree_add(&t, NULL, TREE_ROOT, b, off, len);
	t.root->label = "blob";
	if (len > 0)
		tree_contents(&t, t.root, b, off, off + len);
	return t.root;
}
