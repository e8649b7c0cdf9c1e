/*
 * TPM structures as nodes: what decode/tpm.h reads, made to tile (a TPM2B's
 * size stands before its buffer).  Relies on tree.h and tpm.h.
 */
#include <stdio.h>
#include <string.h>

#include "decode/tpm.h"
#include "decode/tree.h"

#define LEVELS	32

static bool
tpm_looks(const uint8_t *p, size_t n)
{
	enum tpm_structure what;

	return tpm_looks_like(p, n, &what);
}

/* What stands before a field and is not one: the size of a TPM2B. */
static void
gap(struct tree *t, struct tree_node *parent, size_t from, size_t to)
{
	const uint8_t *p = parent->blob->p + from;

	if (from >= to)
		return;
	if (to - from == 2)
		tree_field(t, parent, from, 2, "UINT16", "size",
		    arena_printf(ev_arena(t->ev), "%u", p[0] << 8 | p[1]));
	else
		tree_rest(t, parent, from, to, "%zu bytes that no field "
		    "claims", to - from);
}

static void
tpm_tree_read(struct tree *t, struct tree_node *parent, const struct blob *b,
    size_t off, size_t end)
{
	struct tree_node *open[LEVELS] = { parent };
	size_t done[LEVELS] = { off }, stop[LEVELS] = { end }, level = 0, i;
	enum tpm_structure what;
	struct tpm_tree tpm;

	if (!tpm_looks_like(b->p + off, end - off, &what))
		return;
	parent->type = tpm_structure_name(what);
	(void)tpm_read(t->ev, b, (struct span){ b->id, off, end - off }, what,
	    &tpm);
	for (i = 0; i < tpm.n; i++) {
		const struct tpm_node *v = &tpm.v[i];
		struct tree_node *n;

		/* leave what ends before it, and what it does not fit in */
		while (level > 0 && (v->at.off >= stop[level] ||
		    v->at.len > stop[level] - v->at.off)) {
			gap(t, open[level], done[level], stop[level]);
			level--;
		}
		if (v->at.off < done[level] || v->at.off > stop[level] ||
		    v->at.len > stop[level] - v->at.off ||
		    t->nodes >= t->max_nodes)
			continue;
		gap(t, open[level], done[level], v->at.off);
		done[level] = v->at.off + v->at.len;
		n = tree_field(t, open[level], v->at.off, v->at.len, v->type,
		    v->name, v->group ? "" : v->is_number ?
		    arena_printf(ev_arena(t->ev), v->number > 0xffff ?
		    "0x%llx" : "%llu", (unsigned long long)v->number) : NULL);
		n->meaning = v->meaning;
		if (v->group)
			n->value = NULL;
		if (v->group && v->at.len > 0 && level + 1 < LEVELS) {
			level++;
			open[level] = n;
			done[level] = v->at.off;
			stop[level] = v->at.off + v->at.len;
		}
	}
	for (; level > 0; level--)
		gap(t, open[level], done[level], stop[level]);
	if (tpm.broken.blob != BLOB_NONE && tpm.why != NULL)
		tree_note(t, parent, "%s at byte %zu", tpm.why,
		    tpm.broken.off);
	tree_rest(t, parent, done[0], end, "%zu bytes after the %s",
	    end - done[0], tpm_structure_name(what));
}

const struct tree_layout	tree_tpm = {
	"TPM structure", tpm_looks, tpm_tree_read
};
