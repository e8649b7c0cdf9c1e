/*
 * Writes trees: a line a node with its place, folded at 80 columns and
 * indented by depth; or nested JSON objects.
 * Relies on decode_show.h.
 */
#include <stdio.h>
#include <string.h>

#include "decode_show.h"
#include "report/json_parts.h"

#define COLUMNS		80
#define LEFT		18	/* of offset and lengths */
#define INDENT_MAX	34
#define SHOWN_BYTES	64	/* of a long value */

/* ---- text ---- */

/* Two columns a level at first, one below. */
static unsigned int
indent_of(unsigned int depth)
{
	unsigned int n;

	if (depth > 0)
		depth--;
	n = depth <= 6 ? 2 * depth : 12 + (depth - 6);
	return n < INDENT_MAX ? n : INDENT_MAX;
}

/* How many bytes of p fit into so many columns; breaks at a blank. */
static size_t
fold(const char *p, size_t n, size_t columns)
{
	size_t i = 0, used = 0, blank = 0, step, width;
	int32_t c;

	while (i < n) {
		step = character_next(p + i, n - i, &c);
		width = text_width(p + i, step);
		if (used + width > columns)
			return blank > 0 ? blank : i > 0 ? i : step;
		used += width;
		i += step;
		if (c == ' ')
			blank = i;
	}
	return n;
}

void
tree_fold(const char *p, size_t n, unsigned int left, FILE *f)
{
	size_t columns = COLUMNS - left, take, shown;
	bool first = true;

	do {
		take = fold(p, n, columns);
		for (shown = take; shown > 0 && p[shown - 1] == ' ';)
			shown--;
		if (!first)
			(void)fprintf(f, "%*s", (int)left, "");
		(void)fwrite(p, 1, shown, f);
		(void)fputc('\n', f);
		p += take;
		n -= take;
		if (first) {
			left += 2;
			columns -= 2;
			first = false;
		}
	} while (n > 0);
}

/* Numbers, truth values and rows of hex stand without quotes. */
static bool
is_bare(const struct tree_node *n)
{
	if (n->hex)
		return true;
	if (n->kind == TREE_FIELD)
		return n->label == NULL || strcmp(n->label, "UTF-16LE") != 0;
	return n->kind == TREE_ELEMENT && n->der.class == DER_UNIVERSAL &&
	    (n->der.tag == DER_BOOLEAN || n->der.tag == DER_INTEGER ||
	    n->der.tag == DER_ENUMERATED);
}

/* "name LABEL: value (meaning)" */
static const char *
node_text(struct evidence *ev, const struct tree_node *n, bool all,
    size_t *ret_n)
{
	struct arena *a = ev_arena(ev);
	const char *label = n->label != NULL ? n->label : "", *text, *value;
	const char *meaning = n->meaning, *quote = is_bare(n) ? "" : "\"";
	size_t size = n->value_n, i;
	bool cut = false;

	if (strcmp(label, "OBJECT IDENTIFIER") == 0)
		label = "OID";
	text = arena_printf(a, "%s%s%s%s%s%s%s%s", n->nested &&
	    n->parent != NULL && !n->parent->nested ? "> " : "",
	    n->name != NULL ? n->name : "", n->name != NULL ? " " : "",
	    n->type != NULL && (n->name == NULL || n->name[0] == '[') ?
	    n->type : "", n->type != NULL && (n->name == NULL ||
	    n->name[0] == '[') ? " " : "", label,
	    n->kind == TREE_ELEMENT && n->der.constructed &&
	    n->der.class == DER_UNIVERSAL && n->der.tag != DER_SEQUENCE &&
	    n->der.tag != DER_SET ? " (constructed)" : "",
	    n->kind == TREE_ELEMENT && n->der.indefinite ?
	    " (indefinite)" : "");
	if (n->oid != NULL) {
		if (meaning != NULL)
			text = arena_printf(a, "%s: %s (%s)", text, meaning,
			    n->oid);
		else
			text = arena_printf(a, "%s: %s", text, n->oid);
		*ret_n = strlen(text);
		return text;
	}
	if (n->value == NULL) {
		if (meaning != NULL)
			text = arena_printf(a, "%s: %s", text, meaning);
		return escape_text(a, text, strlen(text), ret_n);
	}
	if (n->hex && !all && size > 2 * SHOWN_BYTES) {
		size = SHOWN_BYTES;
		cut = true;
	}
	value = escape_text(a, n->value, size, &size);
	text = escape_text(a, text, strlen(text), &i);
	if (meaning != NULL)
		meaning = escape_text(a, meaning, strlen(meaning), &i);
	text = arena_printf(a, "%s: %s%s%s%s%s%s%s", text,
	    quote, value, quote,
	    cut ? " ..." : "", meaning != NULL ? " (" : "",
	    meaning != NULL ? meaning : "", meaning != NULL ? ")" : "");
	if (cut && meaning == NULL)
		text = arena_printf(a, "%s (%zu bytes)", text,
		    n->value_n / 2);
	*ret_n = strlen(text);
	return text;
}

static void
node_write(struct evidence *ev, const struct tree_node *n, bool all, FILE *f)
{
	unsigned int indent = indent_of(n->depth);
	const struct tree_note *note;
	const char *text;
	char lengths[48];
	size_t size;

	text = node_text(ev, n, all, &size);
	if (n->kind == TREE_ELEMENT)
		(void)snprintf(lengths, sizeof(lengths), "%zu+%zu%s",
		    n->head, n->len, n->tail > 0 ? "+2" : "");
	else
		(void)snprintf(lengths, sizeof(lengths), "%zu", n->len);
	(void)fprintf(f, "%7zu %-9s %*s", n->off, lengths, (int)indent, "");
	/* lengths wider than their column take from the text */
	if (strlen(lengths) > LEFT - 9)
		(void)fprintf(f, "\n%*s", (int)(LEFT + indent), "");
	tree_fold(text, size, LEFT + indent, f);
	for (note = n->notes; note != NULL; note = note->next) {
		text = arena_printf(ev_arena(ev), "! %s", note->text);
		text = escape_text(ev_arena(ev), text, strlen(text), &size);
		(void)fprintf(f, "%*s", (int)(LEFT + indent + 2), "");
		tree_fold(text, size, LEFT + indent + 2, f);
	}
}

void
tree_text(struct evidence *ev, const struct tree_node *root, bool all,
    FILE *f)
{
	const struct tree_node *n;
	const struct tree_note *note;

	(void)fprintf(f, "%7s %-9s %s\n", "offset", "length", "element");
	for (note = root->notes; note != NULL; note = note->next)
		(void)fprintf(f, "%*s! %s\n", LEFT, "", note->text);
	for (n = tree_next(root, root); n != NULL; n = tree_next(root, n))
		node_write(ev, n, all, f);
}

/* ---- JSON ---- */

static json_t *
node_json(struct evidence *ev, const struct tree_node *n, unsigned int depth)
{
	static const char *const names[] = {
		"blob", "element", "field", "bytes", "view"
	};
	static const char *const classes[] = {
		"universal", "application", "context", "private"
	};
	const struct tree_note *note;
	const struct tree_node *c;
	json_t *o = json_object(), *list;

	json_set_text(o, "kind", names[n->kind]);
	json_set_number(o, "offset", (int64_t)n->off);
	json_set_number(o, "header", (int64_t)n->head);
	json_set_number(o, "length", (int64_t)n->len);
	json_set_number(o, "trailer", (int64_t)n->tail);
	json_set_text(o, "label", n->label);
	json_set_text(o, "name", n->name);
	json_set_text(o, "type", n->type);
	json_set_text(o, "oid", n->oid);
	json_set_text(o, "meaning", n->meaning);
	if (n->kind != TREE_ROOT)
		json_set_text(o, "path", tree_path(ev, n));
	if (n->value != NULL)
		json_set(o, "value", json_text(n->value,
		    n->value_n));
	if (n->kind == TREE_ELEMENT) {
		json_set_text(o, "class", classes[n->der.class]);
		json_set_number(o, "tag", (int64_t)n->der.tag);
		json_set(o, "constructed",
		    json_boolean(n->der.constructed));
		if (n->der.indefinite)
			json_set(o, "indefinite",
			    json_true());
		if (n->der.cut)
			json_set(o, "cut", json_true());
	}
	if (n->nested)
		json_set(o, "nested", json_true());
	if (n->notes != NULL) {
		list = json_array();
		for (note = n->notes; note != NULL; note = note->next)
			(void)json_array_append_new(list, json_text(
			    note->text, strlen(note->text)));
		json_set(o, "notes", list);
	}
	if (n->first != NULL && depth < 512) {
		list = json_array();
		for (c = n->first; c != NULL; c = c->next)
			(void)json_array_append_new(list,
			    node_json(ev, c, depth + 1));
		json_set(o, "children", list);
	}
	return o;
}

json_t *
tree_json(struct evidence *ev, const struct tree_node *root)
{
	return node_json(ev, root, 0);
}
