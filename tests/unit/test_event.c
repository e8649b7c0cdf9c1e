/*
 * Composed blobs and their citations, one event as XML in several encodings,
 * and binary XML that lies about itself.  Relies on decode/event.h.
 */
#include "decode/binxml.h"
#include "decode/parser.h"
#include "tests/unit/tap.h"

static const uint8_t	sha256[32];

static struct evidence *
evidence_of(const void *p, size_t n, struct blob **ret)
{
	struct evidence *ev = evidence_new(&limits_default);

	*ret = ev_input(ev, "input", true, p, n, sha256);
	return ev;
}

/* Does the citation of n composed bytes at off cut `want` out of the input? */
static bool
cites(struct evidence *ev, const struct blob *b, size_t off, size_t n,
    const char *want, size_t nwant)
{
	struct citation at;
	const uint8_t *p;

	if (!ev_cite(ev, blob_part(b, off, n), &at) || at.nvia != 0 ||
	    at.length != nwant)
		return false;
	p = ev_bytes(ev, (struct span){ 0, at.offset, at.length });
	return p != NULL && memcmp(p, want, nwant) == 0;
}

static void
composed(void)
{
	/* "cd" as it is, U+00E9 U+10348 'x' in UTF-16LE, three code page
	 * letters. */
	static const char input[] = "abcdef" "\xe9\0\0\xd8\x48\xdfx\0"
	    "\xe4\xf6z";
	static const char text[] = "[cd]" "\xc3\xa9\xf0\x90\x8d\x88x" "="
	    "\xc3\xa4\xc3\xb6z" "!";
	struct piece pieces[3] = {
		{ 1, 2, { 0, 2, 2 }, PIECE_SAME },
		{ 4, 7, { 0, 6, 8 }, PIECE_UTF16 },
		{ 12, 5, { 0, 14, 3 }, PIECE_BYTE },
	};
	struct evidence *ev;
	struct blob *b, *c, *slice;
	uint8_t *copy = malloc(sizeof(text) - 1);

	if (copy == NULL)
		exit(1);
	memcpy(copy, text, sizeof(text) - 1);
	ev = evidence_of(input, sizeof(input) - 1, &b);
	c = ev_compose(ev, blob_span(b), "event", HINT_NONE, NULL, copy,
	    sizeof(text) - 1, pieces, 3);
	tap_ok(cites(ev, c, 1, 2, "cd", 2), "a piece as it is");
	tap_ok(cites(ev, c, 2, 1, "d", 1), "a part of it");
	tap_ok(cites(ev, c, 4, 2, "\xe9\0", 2), "a letter of UTF-16");
	tap_ok(cites(ev, c, 6, 4, "\0\xd8\x48\xdf", 4), "a pair of UTF-16");
	tap_ok(cites(ev, c, 10, 1, "x\0", 2), "what follows it");
	tap_ok(cites(ev, c, 14, 2, "\xf6", 1), "a letter of a code page");
	tap_ok(cites(ev, c, 1, 10, input + 2, 12), "two pieces");
	tap_ok(cites(ev, c, 3, 1, input, sizeof(input) - 1),
	    "a word that stands nowhere cites what it was made from");
	tap_ok(cites(ev, c, 0, 3, "cd", 2), "words around a piece are no part");
	pieces[0] = (struct piece){ 0, 5, { 0, 0, 6 }, PIECE_WHOLE };
	copy = malloc(5);
	if (copy == NULL)
		exit(1);
	memcpy(copy, "2.718", 5);
	slice = ev_slice(ev, blob_span(ev_compose(ev, blob_span(b), "event",
	    HINT_NONE, NULL, copy, 5, pieces, 1)), "part", HINT_NONE, NULL);
	tap_ok(cites(ev, slice, 2, 2, "abcdef", 6),
	    "another form of a value is cited as a whole, through a slice");
	evidence_free(ev);
}

/* ---- XML ---- */

static bool
value_is(const struct event_value *v, const char *want)
{
	bool good = v->n == strlen(want) && memcmp(v->p, want, v->n) == 0;

	if (!good)
		printf("# found %.*s\n", (int)v->n, v->p);
	return good;
}

static void
xml(void)
{
	static const char text[] =
	    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/"
	    "event'><System><Provider Name=\"A&amp;B\" Guid='{0}'/><EventID "
	    "Qualifiers='7'>86</EventID><Level>2</Level></System><EventData>"
	    "<Data Name='Context'>a&lt;b &#x41;&#66;&quot;<![CDATA[<c>&amp;]]>"
	    "<!-- no -->d</Data><Data/><Data>second</Data></EventData>"
	    "<UserData><Wrap xmlns='x'><Result>5</Result></Wrap></UserData>"
	    "</Event>";
	struct event e = { 0 };
	struct evidence *ev;
	struct blob *b;
	struct text t;
	const char *why;
	size_t i, lost = 0;

	ev = evidence_of(text, sizeof(text) - 1, &b);
	tap_ok(text_decode(ev, b, &t), "an event as text");
	why = event_xml_read(ev, &t, 0, t.n, true, &e);
	tap_ok(why == NULL, "it is well-formed: %s", why != NULL ? why : "");
	tap_ok(value_is(&e.slots[EVENT_PROVIDER], "A&B"), "an attribute");
	tap_ok(value_is(&e.slots[EVENT_ID], "86"), "an element, not its "
	    "attribute");
	tap_ok(e.ndata == 4, "four values, one of them empty");
	tap_ok(value_is(&e.data[0].value, "a<b AB\"<c>&amp;d"),
	    "references, CDATA and a comment");
	tap_ok(value_is(&e.data[0].name, "Context") &&
	    value_is(&e.data[2].value, "second") &&
	    value_is(&e.data[3].name, "Result") &&
	    value_is(&e.data[3].value, "5"), "names and values");
	for (i = 0; i < e.data[0].value.npieces; i++) {
		const struct piece *p = &e.data[0].value.pieces[i];

		if (p->unit == PIECE_SAME && memcmp(text + p->from.off,
		    e.data[0].value.p + p->off, p->n) != 0)
			lost++;
	}
	tap_ok(lost == 0 && e.data[0].value.npieces == 8,
	    "every piece of a value knows its bytes");
	for (i = 1; i < t.n; i++) {
		event_reset(&e);
		lost += event_xml_read(ev, &t, 0, i, true, &e) == NULL;
	}
	tap_ok(lost == 0, "no part of it is well-formed");
	event_free(&e);
	evidence_free(ev);
}

static void
xml_refused(void)
{
	static const char *const texts[] = {
		"<!DOCTYPE Event [<!ENTITY a 'b'>]><Event>&a;</Event>",
		"<!DOCTYPE Event SYSTEM 'file:///etc/passwd'><Event/>",
		"<Event>&a;</Event>", "<Event><System></Event>", "<Event",
	};
	struct event e = { 0 };
	struct evidence *ev;
	struct blob *b;
	struct text t;
	size_t i, bad = 0;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		ev = evidence_of(texts[i], strlen(texts[i]), &b);
		event_reset(&e);
		if (text_decode(ev, b, &t))
			bad += event_xml_read(ev, &t, 0, t.n, true, &e) ==
			    NULL;
		evidence_free(ev);
	}
	tap_ok(bad == 0, "entities, DOCTYPEs and damage are refused");
	event_free(&e);
}

/* ---- binary XML ---- */

static const char *
binary(const void *p, size_t n, struct event *e)
{
	struct evidence *ev;
	struct blob *b;
	const char *why;

	ev = evidence_of(p, n, &b);
	event_reset(e);
	why = binxml_read(ev, b, blob_span(b), 0, n, e);
	evidence_free(ev);
	return why;
}

static void
binxml(void)
{
	/* A template instance at 0, whose definition's only part is itself. */
	static const uint8_t loop[] = {
		0x0c, 1, 0, 0, 0, 0, 10, 0, 0, 0,
		0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		15, 0, 0, 0,
		0x0c, 1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0
	};
	static const uint8_t outside[] = { 0x01, 9, 0, 0, 0,
		0, 0, 1, 0, 0x02, 0x04, 0 };
	static const uint8_t no_value[] = { 0x0e, 1, 0, 1, 0 };
	static const uint8_t unknown[] = { 0x1f };
	static const uint8_t cut[] = { 0x05, 0x01, 0xff, 0xff, 'a', 0 };
	uint8_t many[4000];
	struct event e = { 0 };
	size_t i;

	tap_ok(binary(loop, sizeof(loop), &e) != NULL,
	    "a template inside of itself");
	tap_ok(binary(outside, sizeof(outside), &e) != NULL,
	    "a name outside of the chunk");
	tap_ok(binary(no_value, sizeof(no_value), &e) != NULL,
	    "a substitution without its value");
	tap_ok(binary(unknown, sizeof(unknown), &e) != NULL,
	    "an unknown token");
	tap_ok(binary(cut, sizeof(cut), &e) != NULL, "a text that is cut");
	tap_ok(binary("", 0, &e) == NULL && e.ndata == 0, "nothing at all");
	/* <a><a><a>..., each by a name that stands at 0 of the chunk */
	memset(many, 0, sizeof(many));
	many[6] = 1;
	many[8] = 'a';
	for (i = 16; i + 9 < sizeof(many); i += 9)
		many[i] = 0x01;
	{
		struct evidence *ev;
		struct blob *b;

		ev = evidence_of(many, sizeof(many), &b);
		event_reset(&e);
		tap_ok(binxml_read(ev, b, blob_span(b), 16, sizeof(many) - 16,
		    &e) != NULL, "elements inside of too many others");
		evidence_free(ev);
	}
	event_free(&e);
}

int
main(void)
{
	tap_plan(0);
	composed();
	xml();
	xml_refused();
	binxml();
	return tap_done();
}
