/*
 * aiktriage decode: every byte of a message, certificate, store element or
 * TPM structure as a tree, in a file or anywhere inside a case.
 * Relies on case_print.h, decode/tree.h and decode_show.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_print.h"
#include "decode/tree.h"
#include "decode_show.h"
#include "log.h"
#include "report/json_parts.h"

extern const struct command	command_decode;

#define WHOLE_MAX	16	/* pieces of one input that are all shown */

struct request {
	const char	*at;		/* --at, or NULL */
	bool		 json, all;
};

/* ---- what can be decoded ---- */

static bool
all_text(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < 4096; i++)
		if ((p[i] < 0x20 && p[i] != '\t' && p[i] != '\r' &&
		    p[i] != '\n') || p[i] > 0x7e)
			return false;
	return true;
}

static bool
decodable(struct evidence *ev, const uint8_t *p, size_t n)
{
	struct blob b = { .id = BLOB_NONE, .p = p, .n = n };
	const struct tree_layout *const *l;
	struct der d;

	if (p == NULL || n < 2)
		return false;
	if (n > 3 && memcmp(p, "\xef\xbb\xbf\x30", 4) == 0)
		return true;
	for (l = tree_layouts; *l != NULL; l++)
		if ((*l)->looks(p, n))
			return true;
	if ((p[0] != 0x30 && p[0] != 0x31 && p[0] != 0xa0) || all_text(p, n))
		return false;
	return der_at(ev, &b, (struct span){ BLOB_NONE, 0, n }, &d) &&
	    (!d.cut || tree_guess(ev, &d) != NULL || n > 256);
}

/* The blob below whose bytes these are, through slices; and where. */
static const struct blob *
base_of(const struct evidence *ev, struct span at, size_t *ret_off)
{
	const struct blob *b = ev_blob(ev, at.blob);

	while (b->kind == BLOB_SLICE) {
		at.off += b->from.off;
		b = ev_blob(ev, b->from.blob);
	}
	*ret_off = at.off;
	return b;
}

/* Stands `b` in or below the bytes of `above`? */
static bool
below(const struct evidence *ev, const struct blob *b,
    const struct blob *above)
{
	while (b != above && b->from.blob != BLOB_NONE)
		b = ev_blob(ev, b->from.blob);
	return b == above;
}

/* The first blobs that can be decoded, going down from `top`. */
static size_t
pieces(struct evidence *ev, const struct blob *top, const struct blob **ret,
    size_t max)
{
	const struct blob *b;
	size_t i, k, n = 0;

	for (i = 0; i < ev_blob_count(ev); i++) {
		b = ev_blob(ev, (uint32_t)i);
		if (!below(ev, b, top) || !decodable(ev, b->p, b->n))
			continue;
		for (k = 0; k < n; k++)
			if (below(ev, b, ret[k]))
				break;
		if (k < n)
			continue;
		if (n == max)
			break;
		ret[n++] = b;
	}
	return n;
}

/* ---- one tree, with what was made of its bytes ---- */

static void
views_add(struct evidence *ev, struct tree_node *root, const struct blob *b)
{
	struct { uint32_t blob; struct tree_node *top; } known[64];
	struct tree t = { .ev = ev, .root = root,
	    .max_nodes = (size_t)ev_limits(ev)->der_nodes, .max_depth = 96 };
	size_t n = 1, off, i, k;

	known[0].blob = base_of(ev, blob_span(b), &off)->id;
	known[0].top = root;
	for (i = 0; i < ev_blob_count(ev) && n < 64; i++) {
		const struct blob *step = ev_blob(ev, (uint32_t)i), *base;
		struct tree_node *place;

		/* joined segments are a view of the tree's own */
		if (step->kind != BLOB_STEP || step->p == NULL ||
		    strcmp(step->name != NULL ? step->name : "",
		    "joined segments") == 0 || strcmp(step->how,
		    "joined segments") == 0 || strcmp(step->how,
		    "CRLF to LF") == 0 || !below(ev, step, b))
			continue;
		base = base_of(ev, step->from, &off);
		for (k = 0; k < n; k++)
			if (known[k].blob == base->id)
				break;
		if (k == n)
			continue;
		if (k == 0) {
			size_t own;

			(void)base_of(ev, blob_span(b), &own);
			if (off < own)
				continue;
			off -= own;
		}
		place = tree_find(known[k].top, off, step->from.len);
		if (place == NULL || (place->kind == TREE_ROOT &&
		    place->first != NULL && k == 0))
			continue;
		known[n].blob = step->id;
		known[n++].top = tree_view(&t, place, step, step->how);
	}
}

static void
place_text(struct evidence *ev, const char *before, const struct blob *b,
    size_t off, FILE *f)
{
	struct citation c;
	const char *text;
	size_t i, n;

	if (!ev_cite(ev, blob_part(b, off, b->n - off), &c))
		return;
	text = arena_printf(ev_arena(ev), "%s%s%s", c.input->path,
	    c.member[0] != '\0' ? "!/" : "", c.member);
	if (c.offset > 0)
		text = arena_printf(ev_arena(ev), "%s@%zu", text, c.offset);
	for (i = 0; i < c.nvia; i++)
		text = arena_printf(ev_arena(ev), "%s, %s", text, c.via[i]);
	text = arena_printf(ev_arena(ev), "%s%s: %zu bytes", before, text,
	    b->n - off);
	text = escape_text(ev_arena(ev), text, strlen(text), &n);
	tree_fold(text, n, 0, f);
}

static void
decode_one(struct evidence *ev, const struct blob *b, size_t off,
    const struct request *r, bool first, json_t *list, FILE *f)
{
	struct tree_node *root = tree_build(ev, b, blob_part(b, off,
	    b->n - off));
	struct citation c;
	json_t *o;

	if (off == 0)
		views_add(ev, root, b);
	if (list == NULL) {
		if (!first)
			(void)fputc('\n', f);
		place_text(ev, "", b, off, f);
		tree_text(ev, root, r->all, f);
		return;
	}
	o = json_object();
	if (ev_cite(ev, blob_part(b, off, b->n - off), &c))
		json_set_citation(o, &c);
	/* Through steps the citation's is that of what they were made of. */
	json_set(o, "length", json_integer((json_int_t)(b->n - off)));
	json_set(o, "tree", tree_json(ev, root));
	(void)json_array_append_new(list, o);
}

/* ---- choosing ---- */

/* "MEMBER@OFFSET": the offset behind the last @ if it is a number. */
static bool
address_split(const char *at, size_t *ret_n, size_t *ret_off)
{
	const char *mark = strrchr(at, '@');
	char *end;
	unsigned long long v;

	*ret_n = strlen(at);
	*ret_off = 0;
	if (mark == NULL || mark[1] < '0' || mark[1] > '9')
		return false;
	v = strtoull(mark + 1, &end, 0);
	if (*end != '\0' || v > SIZE_MAX / 2)
		return false;
	*ret_n = (size_t)(mark - at);
	*ret_off = (size_t)v;
	return true;
}

/* The member's name, the input's, or both with "!/" between. */
static bool
address_names(struct evidence *ev, const struct citation *c, const char *at,
    size_t n)
{
	const char *both;

	if (n == strlen(c->member) && memcmp(at, c->member, n) == 0)
		return true;
	both = c->member[0] == '\0' ? c->input->path :
	    arena_printf(ev_arena(ev), "%s!/%s", c->input->path, c->member);
	return n == strlen(both) && memcmp(at, both, n) == 0;
}

/*
 * The blob that begins there: one that can be decoded rather than another,
 * then one made of the bytes, then the longest.  Else the member around it.
 */
static const struct blob *
address_find(struct evidence *ev, const char *at, size_t *ret_off)
{
	const struct blob *b, *best = NULL, *around = NULL, *first = NULL;
	size_t n, off, i, best_rank = 0, rank;
	bool with_offset = address_split(at, &n, &off);
	struct citation c;

	*ret_off = 0;
	for (i = 0; i < ev_blob_count(ev); i++) {
		b = ev_blob(ev, (uint32_t)i);
		if (b->p == NULL || b->n == 0 ||
		    !ev_cite(ev, blob_span(b), &c) ||
		    !address_names(ev, &c, at, n))
			continue;
		if (first == NULL && decodable(ev, b->p, b->n))
			first = b;
		if (with_offset && c.nvia == 0 && c.offset <= off &&
		    off - c.offset < b->n && (around == NULL ||
		    b->n > around->n)) {
			around = b;
			*ret_off = off - c.offset;
		}
		if (!with_offset || c.offset != off)
			continue;
		rank = (decodable(ev, b->p, b->n) ? 4 : 0) +
		    (b->kind == BLOB_STEP ? 2 : 0) + 1;
		if (rank > best_rank || (rank == best_rank &&
		    b->n > best->n)) {
			best = b;
			best_rank = rank;
		}
	}
	if (best_rank > 4 || (best != NULL && around == NULL)) {
		*ret_off = 0;
		return best;
	}
	if (with_offset)
		return around;
	return first;
}

static void
address_list(struct evidence *ev, const struct blob *b, FILE *f)
{
	struct der d;
	const struct tree_type *type = NULL;
	const struct tree_layout *const *l;
	const char *what = "data";

	for (l = tree_layouts; *l != NULL; l++)
		if ((*l)->looks(b->p, b->n)) {
			what = (*l)->name;
			break;
		}
	if (*l == NULL && der_at(ev, b, blob_span(b), &d)) {
		type = tree_guess(ev, &d);
		what = type != NULL && type->name != NULL ? type->name :
		    "ASN.1";
	}
	place_text(ev, arena_printf(ev_arena(ev), "  %s in ", what), b, 0, f);
}

static int
decode_emit(struct evidence *ev, const struct judgement *judgement, FILE *f,
    void *arg)
{
	const struct request *r = arg;
	const struct blob *found[256], *b;
	const struct input *inputs;
	json_t *list = r->json ? json_array() : NULL;
	size_t ninputs, i, k, n, off = 0, shown = 0;
	struct citation c;

	(void)judgement;
	inputs = ev_inputs(ev, &ninputs);
	if (r->at != NULL) {
		b = address_find(ev, r->at, &off);
		if (b != NULL)
			decode_one(ev, b, off, r, true, list, f);
		shown = b != NULL;
	}
	for (i = 0; i < ninputs && r->at == NULL; i++) {
		if (inputs[i].blob == BLOB_NONE)
			continue;
		b = ev_blob(ev, inputs[i].blob);
		n = pieces(ev, b, found, sizeof(found) / sizeof(found[0]));
		/* Bytes that are nothing known are shown as they are. */
		if (n == 0 && b->p != NULL && b->n > 0 &&
		    !all_text(b->p, b->n) && b->parser == NULL) {
			found[0] = b;
			n = 1;
		}
		if (n > 1 && list == NULL && (n > WHOLE_MAX ||
		    (ev_cite(ev, blob_span(found[0]), &c) &&
		    c.member[0] != '\0'))) {
			(void)fprintf(f, "%s%s is no single structure; "
			    "--at MEMBER@OFFSET decodes one of these:\n",
			    shown > 0 ? "\n" : "", inputs[i].path);
			for (k = 0; k < n; k++)
				address_list(ev, found[k], f);
			shown++;
			continue;
		}
		for (k = 0; k < n; k++)
			decode_one(ev, found[k], 0, r, shown++ == 0, list, f);
	}
	if (list != NULL && shown > 0)
		(void)json_write(list, false, f);
	json_decref(list);
	return ferror(f) ? -1 : 0;
}

static int
run(int argc, char **argv)
{
	struct options	o;
	struct request	request = { 0 };
	const char	*nothing = NULL;
	char		*text = NULL;
	int		status;

	status = options_parse(&o, &command_decode, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	if (o.npaths == 0) {
		log_error("decode wants a FILE; aiktriage decode --help says "
		    "more");
		goto out;
	}
	request.json = o.format != NULL && strcmp(o.format, "json") == 0;
	request.at = o.at;
	request.all = o.verbose;
	if (o.at == NULL)
		nothing = "there is nothing to decode: no ASN.1, no "
		    "certificate store, no TPM structure";
	else if (asprintf(&text, "nothing stands at \"%s\"; without --at the "
	    "places are listed", o.at) != -1)
		nothing = text;
	/* A wrong place is a mistake on the command line. */
	status = case_print(&o, "decode", decode_emit, &request, nothing,
	    o.at != NULL ? EXIT_USAGE : EXIT_INCOMPLETE);
out:
	free(text);
	options_clear(&o);
	return status;
}

const struct command	command_decode = {
	.name = "decode",
	.usage = "FILE... [--at MEMBER[@OFFSET]]",
	.help = "show every byte of a message or certificate as a tree",
	.formats = "text|json",
	.options = OPTIONS_CASE | OPTIONS_FORMAT | OPTIONS_DECODE |
	    OPTIONS_OBSERVE,
	.run = run,
};
