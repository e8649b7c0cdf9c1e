/*
 * The table of a capture's sessions by the names of their parts, and the
 * items that they become.  Relies on sessions.h and the table of hosts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/http_head.h"
#include "decode/parser.h"
#include "decode/sessions.h"
#include "knowledge/knowledge.h"

#define NUMBER_DIGITS	9
#define HELD		ARTIFACT(CAPTURE)

const struct field session_number = {
	.name = "session.number", .type = VALUE_INT, .kinds = KIND(SESSION),
	.artifacts = HELD,
	.help = "number in the names of the session's members, raw/12_c.txt; "
	    "else its place in the capture"
};
const struct field session_parts = {
	.name = "session.parts", .type = VALUE_TEXT, .kinds = KIND(SESSION),
	.artifacts = HELD,
	.help = "members that the session has: c (request), s (response), "
	    "m (metadata), w (WebSocket), g (gRPC)"
};
const struct field session_flags = {
	.name = "session.flags", .type = VALUE_INT, .kinds = KIND(SESSION),
	.artifacts = HELD,
	.help = "Fiddler's BitFlags, hexadecimal in the file: 0x100 is a "
	    "response that Fiddler made"
};

static const char letters[] = "csmwg";

/* ---- names ---- */

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* "12_c.txt" at base; what stands before it is the caller's. */
static bool
parse_base(const char *p, size_t n, size_t base, struct part_name *ret)
{
	const char *letter;
	size_t i, digits;

	for (i = base; i < n && p[i] >= '0' && p[i] <= '9'; i++)
		if (i - base < NUMBER_DIGITS)
			ret->number = 10 * ret->number +
			    (unsigned long)(p[i] - '0');
	digits = i - base;
	if (digits < 1 || digits > NUMBER_DIGITS || n - i != 6 || p[i] != '_' ||
	    p[i + 1] == '\0')
		return false;
	letter = strchr(letters, p[i + 1] | 0x20);
	if (letter == NULL || *letter == '\0')
		return false;
	ret->part = (enum part)(letter - letters);
	return strncasecmp(p + i + 2, ret->part == PART_M ? ".xml" : ".txt",
	    4) == 0;
}

static size_t
base_of(const char *p, size_t n)
{
	while (n > 0 && !is_slash(p[n - 1]))
		n--;
	return n;
}

bool
part_name_parse(const char *p, size_t n, struct part_name *ret)
{
	size_t base = base_of(p, n);

	*ret = (struct part_name){ .folder = p };
	if (base < 4 || strncasecmp(p + base - 4, "raw", 3) != 0)
		return false;
	ret->nfolder = base - 4;
	if (ret->nfolder > 0 && !is_slash(p[ret->nfolder - 1]))
		return false;
	return parse_base(p, n, base, ret);
}

bool
part_name_bare(const char *p, size_t n, struct part_name *ret)
{
	*ret = (struct part_name){ .folder = p, .nfolder = base_of(p, n) };
	return parse_base(p, n, ret->nfolder, ret);
}

bool
part_name_extra(const char *name)
{
	name += base_of(name, strlen(name));
	return strcasecmp(name, "_index.htm") == 0 ||
	    strcasecmp(name, "[Content_Types].xml") == 0;
}

/* ---- the table ---- */

static void *
memory(void *p)
{
	if (p == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	return p;
}

void
sessions_clear(struct sessions *s)
{
	size_t i, j;

	for (i = 0; i < s->n; i++)
		for (j = 0; j < PART_COUNT; j++)
			free(s->p[i].parts[j].p);
	free(s->p);
	free(s->slots);
	*s = (struct sessions){ .p = NULL };
}

static size_t
slot_of(const struct sessions *all, const struct part_name *name)
{
	uint64_t h = name->number * UINT64_C(0x9e3779b97f4a7c15);
	const struct session *s;
	size_t i;

	for (i = 0; i < name->nfolder; i++)
		h = (h ^ (uint8_t)(name->folder[i] | 0x20)) *
		    UINT64_C(0x100000001b3);
	h ^= h >> 32;
	for (i = (size_t)h & (all->nslots - 1); all->slots[i] != 0;
	    i = (i + 1) & (all->nslots - 1)) {
		s = &all->p[all->slots[i] - 1];
		if (s->number == name->number && s->nfolder == name->nfolder &&
		    strncasecmp(s->folder, name->folder, name->nfolder) == 0)
			break;
	}
	return i;
}

static void
slots_grow(struct sessions *all)
{
	struct part_name name;
	size_t i, n = all->nslots == 0 ? 256 : 2 * all->nslots;

	if (2 * all->n < all->nslots)
		return;
	free(all->slots);
	all->slots = memory(calloc(n, sizeof(*all->slots)));
	all->nslots = n;
	for (i = 0; i < all->n; i++) {
		name = (struct part_name){ .folder = all->p[i].folder,
		    .nfolder = all->p[i].nfolder,
		    .number = all->p[i].number };
		all->slots[slot_of(all, &name)] = i + 1;
	}
}

size_t
sessions_find(struct sessions *all, const struct part_name *name)
{
	size_t slot;

	slots_grow(all);
	slot = slot_of(all, name);
	if (all->slots[slot] == 0) {
		if (all->n == all->max) {
			all->max = all->max == 0 ? 64 : 2 * all->max;
			all->p = memory(realloc(all->p,
			    all->max * sizeof(*all->p)));
		}
		all->p[all->n++] = (struct session){
			.folder = name->folder, .nfolder = name->nfolder,
			.number = name->number
		};
		all->slots[slot] = all->n;
	}
	return all->slots[slot] - 1;
}

static int
session_compare(const void *a, const void *b)
{
	const struct session *s = a, *t = b;
	size_t n = s->nfolder < t->nfolder ? s->nfolder : t->nfolder;
	int r = strncasecmp(s->folder, t->folder, n);

	if (r != 0)
		return r;
	if (s->nfolder != t->nfolder)
		return s->nfolder < t->nfolder ? -1 : 1;
	return s->number < t->number ? -1 : s->number > t->number;
}

void
sessions_sort(struct sessions *all)
{
	if (all->n > 0)
		qsort(all->p, all->n, sizeof(*all->p), session_compare);
}

/* A request without a host may be of anyone; it is kept. */
bool
session_is_other(struct evidence *ev, const struct blob *archive,
    const uint8_t *p, size_t n)
{
	struct blob b = { .id = archive->id, .hint = HINT_REQUEST, .p = p,
	    .n = n };
	struct http_head h;
	struct http_target t;

	if (p == NULL || !http_head_parse(ev, &b, &h))
		return false;
	/* These places are of no blob yet; http.c finds them again. */
	return http_target_parse(ev, &b, &h, &t) && *t.host != '\0' &&
	    url_scope(t.host, t.path) == HOST_OTHER;
}

/* ---- items ---- */

/* The bytes up to the empty line. */
static size_t
head_length(const struct session_part *m)
{
	const uint8_t *crlf = memmem(m->p, m->n, "\r\n\r\n", 4);
	const uint8_t *lf = memmem(m->p, m->n, "\n\n", 2);

	if (crlf != NULL && (lf == NULL || crlf < lf))
		return (size_t)(crlf - m->p) + 4;
	return lf != NULL ? (size_t)(lf - m->p) + 2 : m->n;
}

static const struct blob *
part_add(struct evidence *ev, const struct blob *archive, const char *how,
    struct session_part *m, const char *hint, bool head_only,
    struct item *session)
{
	const struct blob *b;
	uint8_t *less;
	size_t n;

	if (m->blob != NULL)
		return ev_slice(ev, blob_span(m->blob), how, hint, session);
	if (head_only && m->p != NULL && (n = head_length(m)) < m->n) {
		less = realloc(m->p, n);
		m->p = less != NULL ? less : m->p;
		m->n = n;
	}
	if (m->n == 0 && m->closed)
		hint = HINT_NONE;
	b = ev_member(ev, archive, m->name, how, hint, session, m->p, m->n,
	    m->full);
	m->p = NULL;
	return b;
}

/* Whether a message of the session could be read. */
static bool
session_add(struct evidence *ev, struct session *s, struct item *archive,
    const struct blob *b, const char *how)
{
	static const struct order {
		enum part	 part;
		const char	*hint, *other;
	} orders[] = {
		{ PART_M, HINT_FIDDLER_META, HINT_FIDDLER_META HINT_BRIEF },
		{ PART_C, HINT_REQUEST, HINT_REQUEST },
		{ PART_S, HINT_RESPONSE, HINT_RESPONSE },
		{ PART_W, HINT_WEBSOCKET, HINT_WEBSOCKET },
		{ PART_G, HINT_NONE, HINT_NONE }
	};
	struct item *it = ev_item(ev, ITEM_SESSION, archive, SPAN_NONE);
	const struct blob *added[PART_COUNT] = { NULL }, *first = b;
	const struct order *o;
	char parts[2 * PART_COUNT + 1] = "";
	size_t i, n = 0;
	bool readable = false;

	for (o = orders; o < orders + PART_COUNT; o++) {
		if (s->parts[o->part].name == NULL)
			continue;
		readable |= o->part <= PART_S && s->parts[o->part].n > 0;
		added[o->part] = part_add(ev, b, how, &s->parts[o->part],
		    s->other ? o->other : o->hint, s->other &&
		    o->part <= PART_S, it);
	}
	for (i = PART_COUNT; i-- > 0;)
		if (added[i] != NULL)
			first = added[i];
	if (added[PART_G] != NULL)
		ev_problem(ev, PROBLEM_NOTED, blob_span(added[PART_G]),
		    "the gRPC messages of session %lu are there and not read: "
		    "their form is not published", s->number);
	for (i = 0; i < PART_COUNT; i++)
		if (s->parts[i].name != NULL) {
			if (n > 0)
				parts[n++] = ' ';
			parts[n++] = letters[i];
		}
	ev_derive(ev, it, &session_number, value_int((int64_t)s->number),
	    blob_span(first), NULL, 0, "the names of the members");
	ev_derive(ev, it, &session_parts, value_str(parts),
	    blob_span(first), NULL, 0, "the names of the members");
	return readable;
}

bool
sessions_add(struct evidence *ev, struct sessions *all, struct item *archive,
    const struct blob *b, const char *how)
{
	bool readable = false;
	size_t i;

	for (i = 0; i < all->n; i++)
		readable |= session_add(ev, &all->p[i], archive, b, how);
	return readable;
}
