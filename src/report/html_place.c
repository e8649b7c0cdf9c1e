/*
 * Where cited bytes stand, in words: the way through the ASN.1, through JSON,
 * or the line of a header or text.  Relies on decode/tree.h, which
 * `aiktriage decode` shows, and on decode/json_walk.h.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "decode/json_walk.h"
#include "decode/tree.h"
#include "report/html.h"

/* An element of two bytes takes a node of 200. */
#define TREE_BYTES_MAX	(256U << 10)	/* of a blob whose tree is made */
#define TREES_BYTES_MAX	(2U << 20)	/* of all of them */
#define JSON_DEPTH	32
#define LINES_BYTES_MAX	(8U << 20)	/* in which lines are counted */

struct known_tree {
	const struct blob *blob;
	struct tree_node *root;		/* NULL: it is no such structure */
};

static struct tree_node *
tree_of(struct html *html, const struct blob *b)
{
	struct evidence		*ev = html->model->ev;
	const struct tree_layout *const *l;
	struct known_tree	*known;
	struct der		 d;
	bool			 looks;
	size_t			 i;

	for (i = html->trees.n; i > 0; i--) {
		known = html->trees.v[i - 1];
		if (known->blob == b)
			return known->root;
	}
	if (b->p == NULL || b->n < 2 || b->n > TREE_BYTES_MAX ||
	    b->n > TREES_BYTES_MAX - html->tree_bytes)
		return NULL;
	looks = b->p[0] == 0x30 && der_at(ev, b, blob_span(b), &d) &&
	    tree_guess(ev, &d) != NULL;
	for (l = tree_layouts; *l != NULL && !looks; l++)
		looks = (*l)->looks(b->p, b->n);
	known = arena_alloc(ev_arena(ev), sizeof(*known));
	known->blob = b;
	if (looks)
		html->tree_bytes += b->n;
	known->root = looks ? tree_build(ev, b, blob_span(b)) : NULL;
	list_add(ev_arena(ev), &html->trees, known);
	return known->root;
}

/* What the identifier at its start says that a structure is. */
static const char *
node_kind(const struct tree_node *node)
{
	const struct tree_node	*first = node->first;

	if (first == NULL || first->oid == NULL || node->kind != TREE_ELEMENT)
		return NULL;
	return first->meaning != NULL ? first->meaning : first->oid;
}

/*
 * "ContentInfo / content / SignedData / certificates[2] / certificate /
 * tbsCertificate / validity / notAfter".
 */
static const char *
tree_place(struct html *html, const struct blob *b, size_t off, size_t len)
{
	struct arena		*arena = ev_arena(html->model->ev);
	struct tree_node	*root = tree_of(html, b), *node;
	const char		*text = "", *name, *kind, *between;
	size_t			 n;

	if (root == NULL)
		return NULL;
	node = tree_find(root, off, len);
	if (node != NULL && node->name == NULL && node->type == NULL)
		node = node->parent;
	if (node == NULL || node == root)
		return NULL;
	for (; node != root; node = node->parent) {
		name = node->name != NULL ? node->name : node->type;
		/* A wrapper says less than the index in what it wraps. */
		if (name == NULL || (node->name == NULL && *text == '['))
			continue;
		kind = node_kind(node);
		between = *text == '\0' || *text == '[' ? "" : " / ";
		/* "[2].certificate": the choice is the only one there is. */
		n = name[0] == '[' ? strcspn(name, ".") : strlen(name);
		text = arena_printf(arena, "%.*s%s%s%s%s%s", (int)n, name,
		    kind == NULL ? "" : " (", kind == NULL ? "" : kind,
		    kind == NULL ? "" : ")", between, text);
	}
	return arena_printf(arena, "ASN.1: %s", text);
}

/* ---- JSON ---- */

static bool
span_covers(struct span outer, size_t off, size_t len)
{
	return off >= outer.off && len <= outer.len &&
	    off - outer.off <= outer.len - len;
}

/* "$.Message", "$.log.entries[3].request.url". */
static const char *
json_place(struct html *html, const struct blob *b, size_t off, size_t len)
{
	struct arena		*arena = ev_arena(html->model->ev);
	struct scan_value	 value, key, member;
	struct scan		 scan;
	const char		*path = "$", *name;
	unsigned int		 depth;
	size_t			 i, n;
	bool			 found = true;

	if (b->p == NULL || b->n > LINES_BYTES_MAX || !scan_root(b, &value) ||
	    (value.type != SCAN_OBJECT && value.type != SCAN_ARRAY))
		return NULL;
	for (depth = 0; found && depth < JSON_DEPTH; depth++) {
		found = false;
		if (value.type != SCAN_OBJECT && value.type != SCAN_ARRAY)
			break;
		scan_open(&scan, &value);
		for (i = 0; scan_next(&scan, &key, &member); i++) {
			member = scan_whole(member);
			if (!span_covers(member.at, off, len))
				continue;
			if (value.type == SCAN_OBJECT) {
				name = scan_text(html->model->ev, &key, &n);
				path = arena_printf(arena, "%s.%.*s", path,
				    (int)(n < 80 ? n : 80), name);
			} else
				path = arena_printf(arena, "%s[%zu]", path,
				    i);
			value = member;
			found = true;
			break;
		}
	}
	return strcmp(path, "$") == 0 ? NULL :
	    arena_printf(arena, "JSON: %s", path);
}

/* ---- lines ---- */

/* Text as far as the place: nothing binary before it. */
static bool
is_text(const uint8_t *p, size_t n)
{
	size_t	i;

	for (i = 0; i < n; i++)
		if (p[i] == 0 || (p[i] < 0x20 && p[i] != '\t' &&
		    p[i] != '\r' && p[i] != '\n' && p[i] != '\f'))
			return false;
	return true;
}

static bool
is_utf16(const struct blob *b)
{
	return b->n >= 2 && ((b->p[0] == 0xff && b->p[1] == 0xfe) ||
	    (b->p[0] == 0xfe && b->p[1] == 0xff));
}

static bool
is_http(const struct blob *b)
{
	const uint8_t	*end;
	size_t		 n;

	if (b->n >= 7 && memcmp(b->p, "HTTP/1.", 7) == 0)
		return true;
	end = memchr(b->p, '\n', b->n < 16384 ? b->n : 16384);
	n = end == NULL ? 0 : (size_t)(end - b->p);
	if (n > 0 && b->p[n - 1] == '\r')
		n--;
	return n > 12 && memcmp(b->p + n - 9, " HTTP/1.", 8) == 0;
}

/* Length of head and empty line, or of all that is there. */
static size_t
head_length(const struct blob *b)
{
	size_t	i;

	for (i = 0; i + 1 < b->n; i++)
		if (b->p[i] == '\n' && (b->p[i + 1] == '\n' ||
		    (b->p[i + 1] == '\r' && i + 2 < b->n &&
		    b->p[i + 2] == '\n')))
			return i + (b->p[i + 1] == '\n' ? 2 : 3);
	return b->n;
}

/* The line's number from 1 and where it begins. */
static size_t
line_of(const struct blob *b, size_t from, size_t off, size_t *ret_start)
{
	size_t	i, lines = 1;

	*ret_start = from;
	for (i = from; i < off; i++)
		if (b->p[i] == '\n') {
			lines++;
			*ret_start = i + 1;
		}
	return lines;
}

static const char *
http_place(struct html *html, const struct blob *b, size_t off)
{
	struct arena	*arena = ev_arena(html->model->ev);
	size_t		 head = head_length(b), start, line, n;

	if (off >= head) {
		if (!is_text(b->p + head, off - head))
			return arena_printf(arena, "body of the message, "
			    "byte %zu", off - head);
		line = line_of(b, head, off, &start);
		return arena_printf(arena, "body of the message, line %zu",
		    line);
	}
	line = line_of(b, 0, off, &start);
	if (line == 1)
		return b->p[0] == 'H' && memcmp(b->p, "HTTP/", 5) == 0 ?
		    "status line" : "request line";
	for (n = 0; start + n < head && (isalnum(b->p[start + n]) ||
	    b->p[start + n] == '-' || b->p[start + n] == '_') && n < 60;)
		n++;
	return arena_printf(arena, "header %.*s, line %zu", (int)n,
	    (const char *)b->p + start, line);
}

static const char *
text_place(struct html *html, const struct blob *b, size_t off)
{
	struct arena	*arena = ev_arena(html->model->ev);
	size_t		 start;

	if (off > LINES_BYTES_MAX || !(is_utf16(b) || is_text(b->p, off)))
		return NULL;
	/* A line feed of UTF-16 has one byte 0a as well. */
	return arena_printf(arena, "line %zu", line_of(b, 0, off, &start));
}

/* ---- all of them ---- */

const char *
html_place(struct html *html, struct span span)
{
	struct evidence		*ev = html->model->ev;
	const struct blob	*b, *blobs[16];
	size_t			 offs[16], n = 0;
	const char		*place = NULL;

	/* The blob itself and what it is a part of, as far as bytes go. */
	while (span.blob != BLOB_NONE && n < 16) {
		b = ev_blob(ev, span.blob);
		blobs[n] = b;
		offs[n++] = span.off;
		if (b->kind == BLOB_SLICE)
			span = (struct span){ b->from.blob,
			    b->from.off + span.off, span.len };
		else if (b->kind == BLOB_COMPOSED)
			span = ev_origin(ev, span);
		else
			break;
	}
	/* The outermost structure tells most. */
	while (n-- > 0 && place == NULL) {
		b = blobs[n];
		if (b->p == NULL || offs[n] > b->n ||
		    span.len > b->n - offs[n])
			continue;
		if ((place = tree_place(html, b, offs[n], span.len)) != NULL)
			break;
		place = json_place(html, b, offs[n], span.len);
	}
	if (place != NULL)
		return place;
	b = ev_blob(ev, span.blob);
	if (b->p == NULL || span.off > b->n)
		return NULL;
	return is_http(b) ? http_place(html, b, span.off) :
	    text_place(html, b, span.off);
}
