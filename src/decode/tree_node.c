/*
 * Nodes of a tree: adding them, saying something of them, and finding them
 * again.  Relies on tree.h; every node lives in the arena of the evidence.
 */
#include <stdarg.h>
#include <string.h>

#include "decode/tree.h"

struct tree_node *
tree_add(struct tree *t, struct tree_node *parent, enum tree_kind kind,
    const struct blob *b, size_t off, size_t len)
{
	struct tree_node *n = arena_alloc(ev_arena(t->ev), sizeof(*n));

	n->kind = kind;
	n->blob = b;
	n->off = off;
	n->len = len;
	n->parent = parent;
	t->nodes++;
	if (parent == NULL)
		return n;
	n->depth = parent->depth + 1;
	if (parent->last != NULL)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	return n;
}

void
tree_note(struct tree *t, struct tree_node *n, const char *fmt, ...)
{
	struct tree_note *note = arena_alloc(ev_arena(t->ev), sizeof(*note));
	struct tree_note **last;
	va_list ap;

	va_start(ap, fmt);
	note->text = arena_vprintf(ev_arena(t->ev), fmt, ap);
	va_end(ap);
	for (last = &n->notes; *last != NULL; last = &(*last)->next)
		continue;
	*last = note;
}

void
tree_hex(struct tree *t, struct tree_node *n, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = arena_alloc(ev_arena(t->ev), 2 * len + 1);
	size_t i;

	for (i = 0; i < len; i++) {
		hex[2 * i] = digits[p[i] >> 4];
		hex[2 * i + 1] = digits[p[i] & 15];
	}
	n->value = hex;
	n->value_n = 2 * len;
	n->hex = true;
}

struct tree_node *
tree_field(struct tree *t, struct tree_node *parent, size_t off, size_t len,
    const char *label, const char *name, const char *value)
{
	struct tree_node *n = tree_add(t, parent, TREE_FIELD, parent->blob,
	    off, len);

	n->label = label;
	n->name = name;
	if (value != NULL) {
		n->value = value;
		n->value_n = strlen(value);
	} else {
		tree_hex(t, n, parent->blob->p + off, len);
	}
	return n;
}

struct tree_node *
tree_rest(struct tree *t, struct tree_node *parent, size_t off, size_t end,
    const char *fmt, ...)
{
	struct tree_node *n;
	va_list ap;
	char *text;

	if (off >= end)
		return NULL;
	n = tree_add(t, parent, TREE_BYTES, parent->blob, off, end - off);
	n->label = "bytes";
	tree_hex(t, n, parent->blob->p + off, end - off);
	va_start(ap, fmt);
	text = arena_vprintf(ev_arena(t->ev), fmt, ap);
	va_end(ap);
	tree_note(t, n, "%s", text);
	return n;
}

struct tree_node *
tree_next(const struct tree_node *top, const struct tree_node *n)
{
	if (n->first != NULL)
		return n->first;
	for (; n != NULL && n != top; n = n->parent)
		if (n->next != NULL)
			return n->next;
	return NULL;
}

struct tree_node *
tree_find(struct tree_node *top, size_t off, size_t len)
{
	struct tree_node *n, *best = NULL;

	if (off < top->off || len > top->head + top->len + top->tail ||
	    off - top->off > top->head + top->len + top->tail - len)
		return NULL;
	for (best = top, n = top->first; n != NULL; n = n->next) {
		if (n->kind == TREE_VIEW || off < n->off ||
		    len > n->head + n->len + n->tail ||
		    off - n->off > n->head + n->len + n->tail - len)
			continue;
		best = n;
		n = n->first;
		if (n == NULL)
			break;
		return tree_find(best, off, len);
	}
	return best;
}

const char *
tree_path(struct evidence *ev, const struct tree_node *n)
{
	const char *names[TREE_DEPTH * 2];
	char *path;
	size_t count = 0, size = 1, used = 0, i;

	for (; n != NULL && count < sizeof(names) / sizeof(names[0]);
	    n = n->parent) {
		const char *name = n->name != NULL ? n->name :
		    n->parent != NULL && n->parent->kind == TREE_ROOT ?
		    n->type : NULL;

		if (name == NULL)
			continue;
		names[count++] = name;
		size += strlen(name) + 1;
	}
	path = arena_alloc(ev_arena(ev), size);
	for (i = count; i-- > 0;) {
		if (used > 0 && names[i][0] != '[')
			path[used++] = '.';
		memcpy(path + used, names[i], strlen(names[i]));
		used += strlen(names[i]);
	}
	return path;
}
