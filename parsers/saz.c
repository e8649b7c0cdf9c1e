/*
 * Reads a Fiddler capture (SAZ): finds the parts of each session by their
 * names, looks at the requests first, and keeps of hosts that are not of the
 * enrolment only the heads.  Relies on decode/container.h and the table of
 * hosts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/container.h"
#include "decode/http_head.h"
#include "decode/parser.h"
#include "knowledge/knowledge.h"
#include "parsers/fields.h"

#define HEAD_BYTES	65536	/* read of a message before its host is known */
#define NUMBER_DIGITS	9

const struct field session_number = {
	.name = "session.number", .type = VALUE_INT, .kinds = KIND(SESSION),
	.artifacts = ARTIFACT(CAPTURE),
	.help = "number in the names of the session's members: raw/12_c.txt"
};
const struct field session_parts = {
	.name = "session.parts", .type = VALUE_TEXT, .kinds = KIND(SESSION),
	.artifacts = ARTIFACT(CAPTURE),
	.help = "members that the session has: c (request), s (response), "
	    "m (metadata), w (WebSocket), g (gRPC)"
};

extern const struct parser parser_saz;

enum part { PART_C, PART_S, PART_M, PART_W, PART_G, PART_COUNT };

static const char letters[] = "csmwg";

struct member {
	const char	*name;		/* NULL: the session has none */
	enum container_state state;
	uint8_t		*p;
	size_t		 n, full;
};

struct session {
	const char	*folder;	/* what stands before raw/ */
	size_t		 nfolder;
	unsigned long	 number;
	struct member	 parts[PART_COUNT];
	bool		 other;		/* its host is not of the enrolment */
};

struct place {			/* what a member of the archive is */
	size_t		 session;	/* SIZE_MAX: of none */
	enum part	 part;
	bool		 twice;
};

struct capture {
	struct evidence	*ev;
	const struct blob *blob;
	struct item	*archive;
	struct session	*sessions;
	size_t		 nsessions, max_sessions;
	struct place	*places;	/* by the member's index */
	size_t		 nplaces, max_places;
	size_t		*slots;		/* hash table: session + 1 */
	size_t		 nslots;
};

/* ---- names ---- */

struct name {
	const char	*folder;
	size_t		 nfolder;
	unsigned long	 number;
	enum part	 part;
};

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* [folder/]raw/<1 to 9 digits>_<c|s|m|w|g>.<txt|xml>, in any case. */
static bool
parse_name(const char *p, size_t n, struct name *ret)
{
	size_t base = n, i, digits;
	const char *letter;

	*ret = (struct name){ .folder = p };
	while (base > 0 && !is_slash(p[base - 1]))
		base--;
	if (base < 4 || strncasecmp(p + base - 4, "raw", 3) != 0)
		return false;
	ret->nfolder = base - 4;
	if (ret->nfolder > 0 && !is_slash(p[ret->nfolder - 1]))
		return false;
	for (i = base; i < n && p[i] >= '0' && p[i] <= '9'; i++)
		ret->number = 10 * ret->number + (unsigned long)(p[i] - '0');
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

static bool
is_session_name(const char *p, size_t n)
{
	struct name name;

	return parse_name(p, n, &name);
}

/* What Fiddler adds for people and for ZIP programs. */
static bool
is_fiddlers(const char *name)
{
	const char *base = strrchr(name, '/');

	base = base != NULL ? base + 1 : name;
	return strcasecmp(base, "_index.htm") == 0 ||
	    strcasecmp(base, "[Content_Types].xml") == 0;
}

/* ---- the table of sessions ---- */

static void *
grow(void *p, size_t n, size_t *max, size_t size)
{
	if (n < *max)
		return p;
	*max = *max == 0 ? 64 : 2 * *max;
	p = realloc(p, *max * size);
	if (p == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	return p;
}

static size_t
slot_of(const struct capture *c, const struct name *name)
{
	uint64_t h = name->number * UINT64_C(0x9e3779b97f4a7c15);
	const struct session *s;
	size_t i;

	for (i = 0; i < name->nfolder; i++)
		h = (h ^ (uint8_t)(name->folder[i] | 0x20)) *
		    UINT64_C(0x100000001b3);
	h ^= h >> 32;
	for (i = (size_t)h & (c->nslots - 1); c->slots[i] != 0;
	    i = (i + 1) & (c->nslots - 1)) {
		s = &c->sessions[c->slots[i] - 1];
		if (s->number == name->number && s->nfolder == name->nfolder &&
		    strncasecmp(s->folder, name->folder, name->nfolder) == 0)
			break;
	}
	return i;
}

static void
slots_grow(struct capture *c)
{
	struct name name;
	size_t i, n = c->nslots == 0 ? 256 : 2 * c->nslots;

	if (2 * c->nsessions < c->nslots)
		return;
	free(c->slots);
	c->slots = calloc(n, sizeof(*c->slots));
	if (c->slots == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	c->nslots = n;
	for (i = 0; i < c->nsessions; i++) {
		name = (struct name){ .folder = c->sessions[i].folder,
		    .nfolder = c->sessions[i].nfolder,
		    .number = c->sessions[i].number };
		c->slots[slot_of(c, &name)] = i + 1;
	}
}

static size_t
session_of(struct capture *c, const struct name *name)
{
	size_t slot;

	slots_grow(c);
	slot = slot_of(c, name);
	if (c->slots[slot] == 0) {
		c->sessions = grow(c->sessions, c->nsessions, &c->max_sessions,
		    sizeof(*c->sessions));
		c->sessions[c->nsessions++] = (struct session){
			.folder = name->folder, .nfolder = name->nfolder,
			.number = name->number
		};
		c->slots[slot] = c->nsessions;
	}
	return c->slots[slot] - 1;
}

/* ---- first walk: all names, and the heads of the requests ---- */

/* Every member is asked for once, in order. */
static void
place_member(struct capture *c, const struct container_entry *e)
{
	struct place at = { .session = SIZE_MAX };
	struct member *m;
	struct name name;
	const char *own;

	if (e->index < c->nplaces)
		return;
	if (!e->directory && is_session_name(e->name, strlen(e->name))) {
		own = arena_text(ev_arena(c->ev), e->name, strlen(e->name));
		parse_name(own, strlen(own), &name);
		at.session = session_of(c, &name);
		at.part = name.part;
		m = &c->sessions[at.session].parts[at.part];
		at.twice = m->name != NULL;
		if (at.twice)
			ev_problem(c->ev, PROBLEM_NOTED, blob_span(c->blob),
			    "members %s and %s are the same part of session "
			    "%lu; the first is read", m->name, own,
			    name.number);
		else
			m->name = own;
	}
	while (c->nplaces <= e->index) {
		c->places = grow(c->places, c->nplaces, &c->max_places,
		    sizeof(*c->places));
		c->places[c->nplaces++] = at;
	}
}

static size_t
first_select(void *ctx, const struct container_entry *e)
{
	struct capture *c = ctx;
	const struct place *at;

	place_member(c, e);
	at = &c->places[e->index];
	return at->session != SIZE_MAX && at->part == PART_C && !at->twice ?
	    HEAD_BYTES : 0;
}

static void
keep(struct capture *c, const struct place *at, enum container_state state,
    uint8_t *p, size_t n, size_t full)
{
	struct member *m = &c->sessions[at->session].parts[at->part];

	free(m->p);
	m->state = state;
	m->p = p;
	m->n = n;
	m->full = full;
}

static void
first_got(void *ctx, const struct container_entry *e,
    enum container_state state, uint8_t *p, size_t n, size_t full)
{
	struct capture *c = ctx;
	const struct place *at;

	place_member(c, e);
	at = &c->places[e->index];
	if (at->session == SIZE_MAX || at->twice) {
		free(p);
		return;
	}
	keep(c, at, state, p, n, full);
}

/* A request without a host may be of anyone; it is kept. */
static void
look_at_request(struct capture *c, struct session *s)
{
	const struct member *m = &s->parts[PART_C];
	struct blob b = { .id = c->blob->id, .hint = HINT_REQUEST, .p = m->p,
	    .n = m->n };
	struct http_head h;
	struct http_target t;

	if (m->p == NULL || !http_head_parse(c->ev, &b, &h))
		return;
	/* These places are of no blob yet; http.c finds them again. */
	s->other = http_target_parse(c->ev, &b, &h, &t) && *t.host != '\0' &&
	    host_scope(t.host) == HOST_OTHER;
}

/* ---- second walk: the rest ---- */

static size_t
second_select(void *ctx, const struct container_entry *e)
{
	struct capture *c = ctx;
	const struct place *at;
	const struct session *s;

	if (e->index >= c->nplaces)
		return 0;
	at = &c->places[e->index];
	if (at->session == SIZE_MAX)
		return is_fiddlers(e->name) ? 0 : SIZE_MAX;
	s = &c->sessions[at->session];
	if (at->twice)
		return 0;
	switch (at->part) {
	case PART_C:
		return !s->other && s->parts[PART_C].n == HEAD_BYTES ?
		    SIZE_MAX : 0;
	case PART_S:
		return s->other ? HEAD_BYTES : SIZE_MAX;
	case PART_M:
		return (size_t)ev_limits(c->ev)->meta_bytes;
	default:
		return 0;
	}
}

static void
second_got(void *ctx, const struct container_entry *e,
    enum container_state state, uint8_t *p, size_t n, size_t full)
{
	struct capture *c = ctx;
	const struct place *at;

	if (e->index >= c->nplaces) {
		free(p);
		return;
	}
	at = &c->places[e->index];
	if (at->session == SIZE_MAX && !e->directory && !is_fiddlers(e->name))
		archive_file(c->ev, c->archive, c->blob, e, state, p, n, full);
	else if (at->session == SIZE_MAX || at->twice ||
	    state == CONTAINER_LISTED)
		free(p);
	else
		keep(c, at, state, p, n, full);
}

/* ---- sessions as items ---- */

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

/* The bytes up to the empty line. */
static size_t
head_length(const struct member *m)
{
	const uint8_t *crlf = memmem(m->p, m->n, "\r\n\r\n", 4);
	const uint8_t *lf = memmem(m->p, m->n, "\n\n", 2);

	if (crlf != NULL && (lf == NULL || crlf < lf))
		return (size_t)(crlf - m->p) + 4;
	return lf != NULL ? (size_t)(lf - m->p) + 2 : m->n;
}

static const struct blob *
add_member(struct capture *c, struct member *m, const char *hint, bool other,
    struct item *session)
{
	const struct blob *b;
	uint8_t *less;
	size_t n;

	if (m->name == NULL)
		return NULL;
	if (other && m->p != NULL && (n = head_length(m)) < m->n) {
		less = realloc(m->p, n);
		m->p = less != NULL ? less : m->p;
		m->n = n;
	}
	if (m->n == 0 && m->state != CONTAINER_OK)
		hint = HINT_NONE;
	b = ev_member(c->ev, c->blob, m->name, archive_how(c->ev, c->archive),
	    hint, session, m->p, m->n, m->full);
	m->p = NULL;
	return b;
}

/* Whether a message of the session could be read. */
static bool
add_session(struct capture *c, struct session *s)
{
	static const char *const hints[] = {
		HINT_REQUEST, HINT_RESPONSE, HINT_FIDDLER_META, HINT_NONE,
		HINT_NONE
	};
	struct item *it = ev_item(c->ev, ITEM_SESSION, c->archive, SPAN_NONE);
	const struct blob *b, *first = NULL;
	char parts[2 * PART_COUNT + 1] = "";
	size_t i, n = 0;
	bool readable = false;

	for (i = 0; i < PART_COUNT; i++) {
		if (s->parts[i].name == NULL)
			continue;
		if (n > 0)
			parts[n++] = ' ';
		parts[n++] = letters[i];
		readable |= i <= PART_S && s->parts[i].n > 0;
		b = add_member(c, &s->parts[i], hints[i], s->other && i <=
		    PART_S, it);
		if (first == NULL)
			first = b;
	}
	if (first == NULL)
		first = c->blob;
	ev_derive(c->ev, it, &session_number, value_int((int64_t)s->number),
	    blob_span(first), NULL, 0, "the names of the members");
	ev_derive(c->ev, it, &session_parts, value_str(parts),
	    blob_span(first), NULL, 0, "the names of the members");
	return readable;
}

/* ---- the parser ---- */

static int
saz_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return container_any_name(b, is_session_name) ? 90 : 0;
}

/* Is it too deep inside other captures or containers? */
static bool
is_too_deep(struct evidence *ev, const struct blob *b)
{
	const struct limits *l = ev_limits(ev);
	const struct blob *up = b;
	size_t captures = 0;

	while (up->kind != BLOB_INPUT) {
		up = ev_blob(ev, up->from.blob);
		captures += up->parser == &parser_saz;
	}
	if (captures > l->saz_depth)
		ev_limit(ev, blob_span(b), "saz_depth", "a capture inside %zu "
		    "others is not opened", captures);
	else if (b->depth >= l->depth)
		ev_limit(ev, blob_span(b), "depth", "a container inside %u "
		    "others is not opened", b->depth);
	else
		return false;
	return true;
}

static void
saz_read(struct evidence *ev, struct blob *b)
{
	static const struct container_ops first = {
		.select = first_select, .got = first_got
	}, second = {
		.select = second_select, .got = second_got, .again = true
	};
	struct capture c = { .ev = ev, .blob = b };
	struct container_result r1, r2;
	bool readable = false;
	size_t i, j;

	ev_input_kind(ev, b, "saz");
	if (is_too_deep(ev, b))
		return;
	c.archive = archive_item(ev, b);
	container_walk(ev, b, &first, &c, &r1);
	for (i = 0; i < c.nsessions; i++)
		look_at_request(&c, &c.sessions[i]);
	container_walk(ev, b, &second, &c, &r2);
	if (r2.locked && !r1.locked)
		ev_problem(ev, PROBLEM_LOCKED, blob_span(b), "no given "
		    "password opens some of the members, or they are damaged");
	r1.locked |= r2.locked;
	r1.damaged |= r2.damaged;
	archive_facts(ev, c.archive, b, &r1);
	if (c.nsessions > 0)
		qsort(c.sessions, c.nsessions, sizeof(*c.sessions),
		    session_compare);
	for (i = 0; i < c.nsessions; i++)
		readable |= add_session(&c, &c.sessions[i]);
	if (readable)
		ev_artifact(c.archive, ARTIFACT_CAPTURE);
	for (i = 0; i < c.nsessions; i++)
		for (j = 0; j < PART_COUNT; j++)
			free(c.sessions[i].parts[j].p);
	free(c.sessions);
	free(c.places);
	free(c.slots);
}

static const struct field *const saz_fields[] = {
	&session_number, &session_parts, NULL
};

const struct parser parser_saz = {
	.name = "saz", .bid = saz_bid, .read = saz_read, .fields = saz_fields
};
