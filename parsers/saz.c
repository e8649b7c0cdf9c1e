/*
 * Reads a Fiddler capture (SAZ): finds the parts of each session by their
 * names, looks at the requests first, and keeps of hosts that are not of the
 * enrolment only the heads.  Relies on decode/container.h and sessions.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/container.h"
#include "decode/parser.h"
#include "decode/sessions.h"
#include "parsers/fields.h"

#define HEAD_BYTES	65536	/* read of a message before its host is known */

extern const struct parser parser_saz;

struct place {			/* what a member of the archive is */
	size_t		 session;	/* SIZE_MAX: of none */
	enum part	 part;
	bool		 twice;
};

struct capture {
	struct evidence	*ev;
	const struct blob *blob;
	struct item	*archive;
	struct sessions	 sessions;
	struct place	*places;	/* by the member's index */
	size_t		 nplaces, max_places;
	bool		 bare;		/* the names have no raw/ */
};

static bool
is_session_name(const char *p, size_t n)
{
	struct part_name name;

	return part_name_parse(p, n, &name);
}

/* Somebody packed what stands in raw/: a request and more of a session. */
static bool
is_bare_request(const char *p, size_t n)
{
	struct part_name name;

	return part_name_bare(p, n, &name) && name.part == PART_C;
}

static bool
is_bare_answer(const char *p, size_t n)
{
	struct part_name name;

	return part_name_bare(p, n, &name) && (name.part == PART_S ||
	    name.part == PART_M);
}

static bool
name_parse(const struct capture *c, const char *p, struct part_name *ret)
{
	return c->bare ? part_name_bare(p, strlen(p), ret) :
	    part_name_parse(p, strlen(p), ret);
}

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

/* ---- first walk: all names, and the heads of the requests ---- */

/* Every member is asked for once, in order. */
static void
place_member(struct capture *c, const struct container_entry *e)
{
	struct place at = { .session = SIZE_MAX };
	struct session_part *m;
	struct part_name name;
	const char *own;

	if (e->index < c->nplaces)
		return;
	if (!e->directory && name_parse(c, e->name, &name)) {
		own = arena_text(ev_arena(c->ev), e->name, strlen(e->name));
		name_parse(c, own, &name);
		at.session = sessions_find(&c->sessions, &name);
		at.part = name.part;
		m = &c->sessions.p[at.session].parts[at.part];
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
	struct session_part *m = &c->sessions.p[at->session].parts[at->part];

	free(m->p);
	m->closed = state != CONTAINER_OK;
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

/* Names alone make no capture: one request must look like one. */
static bool
is_capture(const struct capture *c)
{
	const struct session_part *m;
	const struct session *s;
	const uint8_t *nl;
	bool other = false;
	size_t n;

	for (s = c->sessions.p; s < c->sessions.p + c->sessions.n; s++) {
		m = &s->parts[PART_C];
		if (m->n == 0)
			continue;
		other = true;
		nl = memchr(m->p, '\n', m->n);
		n = nl != NULL ? (size_t)(nl - m->p) : m->n;
		if (m->p[0] == ':' || memmem(m->p, n, " HTTP/", 6) != NULL)
			return true;
	}
	return !other && !c->bare;
}

/* It was no capture: all members are files. */
static void
forget_sessions(struct capture *c)
{
	size_t i;

	for (i = 0; i < c->nplaces; i++)
		c->places[i].session = SIZE_MAX;
	sessions_clear(&c->sessions);
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
		return part_name_extra(e->name) ? 0 : SIZE_MAX;
	s = &c->sessions.p[at->session];
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
	case PART_W:
		return SIZE_MAX;
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
	if (at->session == SIZE_MAX && !e->directory &&
	    !part_name_extra(e->name))
		archive_file(c->ev, c->archive, c->blob, e, state, p, n, full);
	else if (at->session == SIZE_MAX || at->twice ||
	    state == CONTAINER_LISTED)
		free(p);
	else
		keep(c, at, state, p, n, full);
}

/* ---- the parser ---- */

static int
saz_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	if (container_any_name(b, is_session_name))
		return 90;
	return container_any_name(b, is_bare_request) &&
	    container_any_name(b, is_bare_answer) ? 88 : 0;
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
	struct capture c = { .ev = ev, .blob = b,
	    .bare = !container_any_name(b, is_session_name) };
	struct container_result r1, r2;
	struct session *s;

	if (is_too_deep(ev, b)) {
		ev_input_kind(ev, b, "saz");
		return;
	}
	c.archive = archive_item(ev, b);
	container_walk(ev, b, &first, &c, &r1);
	if (!r1.locked && !is_capture(&c))
		forget_sessions(&c);
	ev_input_kind(ev, b, c.sessions.n > 0 ? "saz" : "archive");
	for (s = c.sessions.p; s < c.sessions.p + c.sessions.n; s++)
		s->other = session_is_other(ev, b, s->parts[PART_C].p,
		    s->parts[PART_C].n);
	container_walk(ev, b, &second, &c, &r2);
	if (r2.locked && !r1.locked)
		ev_problem(ev, PROBLEM_LOCKED, blob_span(b), "no given "
		    "password opens some of the members, or they are damaged");
	r1.locked |= r2.locked;
	r1.damaged |= r2.damaged;
	archive_facts(ev, c.archive, b, &r1);
	sessions_sort(&c.sessions);
	if (sessions_add(ev, &c.sessions, c.archive, b, archive_how(ev,
	    c.archive)))
		ev_artifact(c.archive, ARTIFACT_CAPTURE);
	sessions_clear(&c.sessions);
	free(c.places);
}

static const struct field *const saz_fields[] = {
	&session_number, &session_parts, NULL
};

const struct parser parser_saz = {
	.name = "saz", .bid = saz_bid, .read = saz_read, .fields = saz_fields
};
