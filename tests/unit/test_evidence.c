/*
 * The evidence model: arena, limits, values and times, cursor, blobs and their
 * citations, items, facts and problems.
 */
#include "evidence/cursor.h"
#include "evidence/evidence.h"
#include "tests/unit/tap.h"

static const struct field text_field = {
	.name = "test.text", .type = VALUE_TEXT,
	.kinds = KIND(FILE) | KIND(SESSION), .help = "text" };
static const struct field int_field = {
	.name = "test.int", .type = VALUE_INT,
	.kinds = KIND(FILE) | KIND(SESSION), .help = "number",
	.named = (const struct named[]){ { 3, "three" }, { 0, NULL } } };
static const struct field keyed_field = {
	.name = "header", .type = VALUE_TEXT, .kinds = KIND(SESSION),
	.keyed = true, .help = "header" };

static const uint8_t digest[32];

static void
test_arena(void)
{
	struct arena *a = arena_new();
	char *p, *q;
	size_t i;

	p = arena_alloc(a, 100);
	for (i = 0; i < 100 && p[i] == 0; i++)
		continue;
	tap_is_number((long long)i, 100, "arena: memory is zeroed");
	q = arena_alloc(a, 3000000);
	q[2999999] = 1;
	p[0] = 1;
	tap_ok((uintptr_t)q % sizeof(long double) == 0, "arena: large pieces "
	    "are aligned");
	p = arena_alloc(a, 1);
	tap_ok(p != NULL && *p == 0, "arena: small piece after a large one");
	tap_is_text(arena_text(a, "abcdef", 3), "abc", "arena: text is cut");
	tap_is_text(arena_printf(a, "%d-%s", 7, "x"), "7-x", "arena: printf");
	tap_ok(arena_size(a) >= 3000101, "arena: knows its size");
	arena_free(a);
	arena_free(NULL);
}

static void
test_limits(void)
{
	struct limits l = limits_default;

	tap_is_number(limits_set(&l, "body-bytes=2M"), 0, "limits: suffix");
	tap_is_number((long long)l.body_bytes, 2 << 20, "limits: value");
	tap_is_number(limits_set(&l, "depth=1"), 0, "limits: plain number");
	tap_is_number(limits_set(&l, "dept=1"), -1, "limits: unknown name");
	tap_is_number(limits_set(&l, "depth"), -1, "limits: no value");
	tap_is_number(limits_set(&l, "depth=-1"), -1, "limits: negative");
	tap_is_number(limits_set(&l, "depth=1x"), -1, "limits: bad suffix");
	tap_is_number(limits_set(&l, "depth=99999999999999999999"), -1,
	    "limits: too large");
	tap_is_number(limits_set(&l, "depth=17179869184G"), -1,
	    "limits: overflow by suffix");
}

static void
test_times(void)
{
	static const struct {
		int y, mon, d, h, m, s;
		const char *text;
	} t[] = {
		{ 1970, 1, 1, 0, 0, 0, "1970-01-01T00:00:00Z" },
		{ 2000, 2, 29, 23, 59, 59, "2000-02-29T23:59:59Z" },
		{ 2023, 3, 29, 8, 0, 1, "2023-03-29T08:00:01Z" },
		{ 1969, 12, 31, 23, 59, 58, "1969-12-31T23:59:58Z" },
		{ 9999, 12, 31, 23, 59, 59, "9999-12-31T23:59:59Z" },
		{ 1601, 1, 1, 0, 0, 0, "1601-01-01T00:00:00Z" },
	};
	char buf[40];
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		time_format(time_make(t[i].y, t[i].mon, t[i].d, t[i].h, t[i].m,
		    t[i].s), buf);
		tap_is_text(buf, t[i].text, "time: there and back");
	}
	time_format(time_make(2023, 3, 29, 8, 0, 1) + 250000, buf);
	tap_is_text(buf, "2023-03-29T08:00:01.25Z", "time: fraction");
	time_format(INT64_MIN, buf);
	time_format(INT64_MAX, buf);
	tap_ok(strlen(buf) < 40, "time: extremes fit");
	tap_is_number(time_make(2023, 3, 29, 0, 0, 0) / 1000000, 1680048000,
	    "time: seconds since 1970");
}

static void
test_values(struct evidence *ev)
{
	struct value a = value_bytes("\x00\xff", 2), b = value_int(3);
	struct value c = value_code(0x81039001), d = value_text("a\0b", 3);
	size_t n;

	tap_is_text(value_show(ev, NULL, &a, false, &n), "00ff",
	    "value: bytes are hex");
	tap_is_text(value_show(ev, &int_field, &b, true, &n), "three (3)",
	    "value: named number");
	tap_is_text(value_show(ev, &int_field, &b, false, &n), "3",
	    "value: number");
	tap_is_text(value_show(ev, NULL, &c, false, &n), "0x81039001",
	    "value: code");
	value_show(ev, NULL, &d, false, &n);
	tap_is_number((long long)n, 3, "value: text may hold NUL");
	tap_ok(!value_equal(&a, &b), "value: types differ");
	a = value_text("x", 1);
	b = value_str("x");
	tap_ok(value_equal(&a, &b), "value: equal texts");
}

static void
test_cursor(struct evidence *ev)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7 };
	struct blob *b = ev_input(ev, "bytes", true, bytes, sizeof(bytes),
	    digest);
	struct cursor c;
	struct span s;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	cursor_init(&c, b);
	tap_ok(cursor_u16le(&c, &u16) && u16 == 0x0201, "cursor: u16le");
	tap_ok(cursor_u32be(&c, &u32) && u32 == 0x03040506, "cursor: u32be");
	s = cursor_behind(&c, 4);
	tap_ok(s.blob == b->id && s.off == 2 && s.len == 4,
	    "cursor: cites what it read");
	tap_ok(!cursor_u16le(&c, &u16) && u16 == 0, "cursor: not past the end");
	tap_ok(!cursor_u64le(&c, &u64), "cursor: 8 bytes are not there");
	tap_ok(cursor_peek(&c, 2) == NULL && cursor_take(&c, 1) != NULL,
	    "cursor: the last byte");
	tap_ok(!cursor_skip(&c, SIZE_MAX), "cursor: huge skip");
	cursor_init_span(&c, b, (struct span){ b->id, 5, 100 });
	tap_is_number((long long)cursor_left(&c), 2, "cursor: clamped span");
	cursor_init_span(&c, b, (struct span){ b->id, 100, 1 });
	tap_is_number((long long)cursor_left(&c), 0, "cursor: span outside");
}

static uint8_t *
heap(const char *s)
{
	return (uint8_t *)strdup(s);
}

static void
test_citations(struct evidence *ev)
{
	static const uint8_t zip[] = "PK..archive bytes..";
	struct blob *in, *member, *slice, *step, *inner, *deep;
	struct citation c;

	in = ev_input(ev, "case/capture.saz", false, zip, sizeof(zip), digest);
	member = ev_member(ev, in, "raw/1_s.txt", "zip member", NULL, NULL,
	    heap("HTTP/1.1 200\r\n\r\nbody"), 20, 20);
	slice = ev_slice(ev, blob_part(member, 16, 4), "body", NULL, NULL);
	inner = ev_slice(ev, blob_part(slice, 1, 3), "part", NULL, NULL);
	ev_cite(ev, blob_part(inner, 1, 1), &c);
	tap_ok(c.offset == 18 && c.length == 1 && c.nvia == 0,
	    "cite: slices cite the member's own bytes");
	tap_is_text(c.member, "raw/1_s.txt", "cite: member");
	tap_is_text(c.input->path, "case/capture.saz", "cite: input");
	step = ev_step(ev, blob_span(slice), "gunzip", NULL, NULL,
	    heap("decoded"), 7);
	slice = ev_slice(ev, blob_part(step, 2, 5), "inside", NULL, NULL);
	ev_cite(ev, blob_part(slice, 1, 2), &c);
	tap_ok(c.offset == 3 && c.nvia == 1 && strcmp(c.via[0], "gunzip") == 0,
	    "cite: a step is a via");
	deep = ev_member(ev, step, "inner.txt", "zip member", NULL, NULL,
	    heap("hello"), 5, 5);
	ev_cite(ev, blob_part(deep, 1, 3), &c);
	tap_is_text(c.member, "raw/1_s.txt!/inner.txt", "cite: levels of "
	    "members");
	tap_ok(c.offset == 1 && c.nvia == 0, "cite: steps above a member do "
	    "not count");
	tap_ok(memcmp(ev_bytes(ev, blob_part(deep, 1, 3)), "ell", 3) == 0,
	    "cite: the bytes");
	tap_ok(!ev_cite(ev, SPAN_NONE, &c), "cite: nothing to cite");
	ev_blob_trim(ev, deep, 2);
	tap_ok(deep->n == 2 && deep->full == 5, "blob: trimmed");
	tap_ok(ev_bytes(ev, (struct span){ deep->id, 1, 3 }) == NULL,
	    "blob: dropped bytes are gone");
}

static void
test_facts(struct evidence *ev)
{
	static const uint8_t bytes[] = "some bytes";
	struct blob *b = ev_input(ev, "f", true, bytes, 10, digest);
	struct item *session = ev_item(ev, ITEM_SESSION, b->item,
	    blob_span(b));
	const struct fact *f, *g;

	f = ev_fact(ev, b->item, &int_field, value_int(3), blob_part(b, 0, 1));
	g = ev_fact(ev, b->item, &int_field, value_int(4), blob_part(b, 1, 1));
	tap_ok(item_fact(b->item, &int_field) == f && fact_next(f) == g &&
	    fact_next(g) == NULL, "facts: in order");
	tap_ok(item_fact(session, &int_field) == NULL &&
	    item_find(session, &int_field) == f, "facts: found in the parent");
	ev_fact_keyed(ev, session, &keyed_field, "X-Ms-Request-Id",
	    value_str("id"), blob_part(b, 0, 2));
	tap_ok(item_keyed(session, &keyed_field, "x-ms-request-id") != NULL,
	    "facts: keys are lower case");
	f = ev_copy(ev, session, g);
	tap_ok(f->derived && f->nfrom == 1 && f->from[0] == g,
	    "facts: a copy cites its original");
	tap_ok(item_up(session, ITEM_CASE) == ev_case(ev),
	    "items: up to the case");
}

static void
test_problems(void)
{
	struct limits l = limits_default;
	struct evidence *ev;
	static const uint8_t bytes[] = "xxxxxxxxxx";
	struct blob *b, *m;
	const struct problem *p;
	size_t n;

	l.blobs = 3;
	l.total_bytes = 8;
	l.problems = 3;
	ev = evidence_new(&l);
	b = ev_input(ev, "x", true, bytes, 0, digest);
	ev_damage(ev, blob_span(b), "cut at %d", 5);
	tap_is_number(ev_inputs(ev, &n)->state, INPUT_PARTIAL,
	    "problems: a damaged input is partial");
	m = ev_member(ev, b, "m", "zip member", NULL, NULL, heap("12345678"),
	    8, 8);
	tap_ok(m != NULL, "limits: eight bytes are allowed");
	tap_ok(ev_step(ev, blob_span(m), "gunzip", NULL, NULL, heap("9"), 1) ==
	    NULL, "limits: a ninth byte is not");
	tap_ok(ev_slice(ev, blob_span(m), "s", "-", NULL) != NULL &&
	    ev_slice(ev, blob_span(m), "s", "-", NULL) == NULL,
	    "limits: as many blobs as allowed");
	for (n = 0, p = ev_problems(ev); p != NULL; p = p->next)
		n += p->level == PROBLEM_LIMIT;
	tap_is_number((long long)n, 2, "limits: each is said");
	for (n = 0; n < 10; n++)
		ev_problem(ev, PROBLEM_NOTED, blob_span(b), "p");
	for (n = 0, p = ev_problems(ev); p != NULL; p = p->next)
		n++;
	tap_is_number((long long)n, 7, "problems: their number is limited");
	for (n = 0, p = ev_problems(ev); p != NULL; p = p->next)
		n += p->level == PROBLEM_LIMIT;
	tap_is_number((long long)n, 2, "problems: too many notes are no gap");
	evidence_free(ev);
}

static void
test_worklist_order(void)
{
	struct evidence *ev = evidence_new(&limits_default);
	static const uint8_t bytes[] = "abc";
	struct blob *a, *b;

	a = ev_input(ev, "a", true, bytes, 3, digest);
	ev_slice(ev, blob_span(a), "unread", "-", NULL);
	b = ev_slice(ev, blob_part(a, 0, 2), "read", NULL, NULL);
	tap_ok(ev_blob_take(ev) == a && ev_blob_take(ev) == b &&
	    ev_blob_take(ev) == NULL, "worklist: in order, without \"-\"");
	ev_input_kind(ev, b, "saz");
	ev_input_kind(ev, a, "text");
	ev_input_kind(ev, a, "mail");
	tap_is_text(ev_input_of(ev, b)->kind, "text",
	    "inputs: the first kind of the input itself holds");
	evidence_free(ev);
	evidence_free(NULL);
}

int
main(void)
{
	struct evidence *ev = evidence_new(&limits_default);

	(void)text_field;
	tap_plan(0);
	test_arena();
	test_limits();
	test_times();
	test_values(ev);
	test_cursor(ev);
	test_citations(ev);
	test_facts(ev);
	test_problems();
	test_worklist_order();
	evidence_free(ev);
	return tap_done();
}
