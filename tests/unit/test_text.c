/*
 * Text in every encoding that Windows writes: what is found, how it is
 * decoded, and that each part is cited in the very bytes it came from.
 * Relies on text.h.
 */
#include "evidence/text_scan.h"
#include "tests/unit/text_make.h"

static const char german[] =
    "Fehler bei der Initialisierung der SCEP-Zertifikatregistrierung "
    "f\xc3\xbcr X \xc3\xbc" "ber Y:\r\nUng\xc3\xbcltige Anforderung (400). "
    "0x80190190\r\nGr\xc3\xb6\xc3\x9f" "e und \xc3\x84nderung\r\n";
static const char russian[] =
    "\xd0\x9e\xd1\x88\xd0\xb8\xd0\xb1\xd0\xba\xd0\xb0 "
    "\xd0\xb8\xd0\xbd\xd0\xb8\xd1\x86\xd0\xb8\xd0\xb0\xd0\xbb\xd0\xb8\xd0\xb7"
    "\xd0\xb0\xd1\x86\xd0\xb8\xd0\xb8\r\n\xd0\x9c\xd0\xb5\xd1\x82\xd0\xbe"
    "\xd0\xb4: GET(47ms)\r\n\xd0\x9d\xd0\xb5 \xd0\xbd\xd0\xb0\xd0\xb9\xd0\xb4"
    "\xd0\xb5\xd0\xbd\xd0\xbe (404). 0x80190194\r\n";

/* Does the span of each line hold the line, encoded anew? */
static bool
spans_true(const struct text *t)
{
	struct bytes b;
	struct span at;
	size_t i;
	bool good;

	for (i = 0; i < t->nlines; i++) {
		b = make(t->lines[i].p, t->lines[i].n, t->encoding, false);
		at = text_span(t, t->lines[i].off, t->lines[i].n);
		good = at.len == b.n &&
		    memcmp(t->blob->p + at.off, b.p, b.n) == 0;
		free(b.p);
		if (!good)
			return false;
	}
	return true;
}

static void
check(const char *utf8, enum text_encoding e, bool bom,
    enum text_encoding found, const char *name)
{
	struct bytes b = make_str(utf8, e, bom);
	struct evidence *ev;
	struct blob *blob;
	struct text t;

	ev = evidence_of(b, "a.txt", &blob);
	tap_ok(text_bid(blob) >= 60 && text_decode(ev, blob, &t) &&
	    t.encoding == found && t.bom == bom && !t.damaged &&
	    t.n == strlen(utf8) && memcmp(t.p, utf8, t.n) == 0 &&
	    spans_true(&t), "%s%s", name, bom ? ", with a mark" : "");
	evidence_free(ev);
	free(b.p);
}

static void
encodings(void)
{
	check("plain 0x0\r\n", TEXT_ASCII, false, TEXT_ASCII, "ASCII");
	check(german, TEXT_UTF8, false, TEXT_UTF8, "German in UTF-8");
	check(german, TEXT_UTF8, true, TEXT_UTF8, "German in UTF-8");
	check(german, TEXT_UTF16LE, true, TEXT_UTF16LE, "German in UTF-16LE");
	check(german, TEXT_UTF16LE, false, TEXT_UTF16LE, "German in UTF-16LE");
	check(german, TEXT_UTF16BE, true, TEXT_UTF16BE, "German in UTF-16BE");
	check(german, TEXT_UTF16BE, false, TEXT_UTF16BE, "German in UTF-16BE");
	check(german, TEXT_CP850, false, TEXT_CP850, "German in CP850");
	check(german, TEXT_CP1252, false, TEXT_CP1252, "German in CP1252");
	check(german, TEXT_CP437, false, TEXT_CP850,
	    "German in CP437, which has the same letters as CP850");
	check(russian, TEXT_UTF8, false, TEXT_UTF8, "Russian in UTF-8");
	check(russian, TEXT_UTF16LE, false, TEXT_UTF16LE,
	    "Russian in UTF-16LE");
	check(russian, TEXT_UTF16BE, false, TEXT_UTF16BE,
	    "Russian in UTF-16BE");
	check(russian, TEXT_UTF16LE, true, TEXT_UTF16LE,
	    "Russian in UTF-16LE");
	check(russian, TEXT_CP866, false, TEXT_CP866, "Russian in CP866");
	check(russian, TEXT_CP1251, false, TEXT_CP1251, "Russian in CP1251");
}

struct decoded {
	struct evidence	*ev;
	struct blob	*blob;
	struct text	 t;
	bool		 text;
};

static struct decoded
decode(const void *p, size_t n, const struct limits *limits)
{
	static const uint8_t sha256[32];
	struct decoded d;

	d.ev = evidence_new(limits != NULL ? limits : &limits_default);
	d.blob = ev_input(d.ev, "a.txt", true, p, n, sha256);
	d.text = text_decode(d.ev, d.blob, &d.t);
	return d;
}

static void
damage(void)
{
	struct decoded d;
	struct span at;
	uint8_t odd[] = { 0xff, 0xfe, 'a', 0, 'b', 0, 'c' };
	uint8_t lone[] = { 0xff, 0xfe, 'a', 0, 0x00, 0xd8, 'b', 0, 0x00, 0xdc };
	uint8_t pair[] = { 0xff, 0xfe, 0x3d, 0xd8, 0x00, 0xde, 'b', 0 };
	uint8_t bad[] = "\xc3\xbc\xc3\xb6\xc3\xa4\xc3\x9f\xc3\xbc ab\xff" "cd";
	uint8_t nul[200];

	d = decode(odd, sizeof(odd), NULL);
	tap_ok(d.text && d.t.damaged && strcmp(d.t.p, "ab\xef\xbf\xbd") == 0,
	    "an odd last byte of UTF-16 is a replacement");
	at = text_span(&d.t, 2, 3);
	tap_ok(at.off == 6 && at.len == 1, "and cited as one byte");
	evidence_free(d.ev);
	d = decode(lone, sizeof(lone), NULL);
	tap_ok(d.text && d.t.damaged &&
	    strcmp(d.t.p, "a\xef\xbf\xbd" "b\xef\xbf\xbd") == 0,
	    "lone surrogates are replacements");
	at = text_span(&d.t, 4, 1);
	tap_ok(at.off == 6 && at.len == 2, "what follows has its own place");
	evidence_free(d.ev);
	d = decode(pair, sizeof(pair), NULL);
	at = text_span(&d.t, 0, 4);
	tap_ok(d.text && !d.t.damaged && at.off == 2 && at.len == 4 &&
	    strcmp(d.t.p, "\xf0\x9f\x98\x80" "b") == 0, "a surrogate pair");
	evidence_free(d.ev);
	d = decode(bad, sizeof(bad) - 1, NULL);
	at = text_span(&d.t, d.t.n - 2, 2);
	tap_ok(d.t.encoding == TEXT_UTF8 && d.t.damaged &&
	    memcmp(d.blob->p + at.off, "cd", 2) == 0 && at.len == 2,
	    "one bad byte leaves UTF-8 what it is");
	tap_ok(ev_problems(d.ev) != NULL &&
	    ev_problems(d.ev)->level == PROBLEM_NOTED, "and is noted");
	evidence_free(d.ev);
	memset(nul, 'a', sizeof(nul));
	nul[150] = 0;
	d = decode(nul, sizeof(nul), NULL);
	at = text_span(&d.t, 153, 4);
	tap_ok(d.text && d.t.damaged && at.off == 151 && at.len == 4,
	    "a NUL is a replacement");
	evidence_free(d.ev);
	d = decode("", 0, NULL);
	tap_ok(d.text && d.t.n == 0 && d.t.nlines == 0, "an empty text");
	at = text_span(&d.t, 0, 0);
	tap_ok(at.off == 0 && at.len == 0, "an empty citation");
	evidence_free(d.ev);
	d = decode("\x30\x82\x01\x00\x02\x01\x00\x00\x00\x01\x02", 11, NULL);
	tap_ok(!d.text && text_bid(d.blob) == 0, "DER is no text");
	evidence_free(d.ev);
	d = decode("\xff\xfe", 2, NULL);
	tap_ok(d.text && d.t.n == 0, "a mark alone");
	evidence_free(d.ev);
}

static void
lines(void)
{
	struct limits limits = limits_default;
	struct decoded d;
	char *big;
	size_t i;

	d = decode("a\nb\r\nc\r\r\nd\re\n\nf", 15, NULL);
	tap_is_number((long long)d.t.nlines, 7, "LF, CRLF, CRCRLF and CR");
	tap_ok(d.t.lines[3].n == 1 && d.t.lines[3].p[0] == 'd' &&
	    d.t.lines[6].off == 14 && text_line_at(&d.t, 14) == 6 &&
	    text_line_at(&d.t, 0) == 0, "lines know their places");
	evidence_free(d.ev);
	limits.line_bytes = 100;
	limits.text_lines = 10;
	big = malloc(100000);
	memset(big, 'x', 100000);
	d = decode(big, 100000, &limits);
	tap_ok(d.t.n == 100000 && d.t.nlines == 1 && d.t.lines[0].n == 100 &&
	    ev_problems(d.ev)->level == PROBLEM_LIMIT, "a huge line is cut");
	evidence_free(d.ev);
	for (i = 1; i < 100000; i += 2)
		big[i] = '\n';
	d = decode(big, 100000, &limits);
	tap_ok(d.t.n == 20 && d.t.nlines == 10 &&
	    ev_problems(d.ev)->level == PROBLEM_LIMIT, "many lines are cut");
	evidence_free(d.ev);
	limits.text_bytes = 50;
	d = decode(big, 100000, &limits);
	tap_ok(d.t.n == 20, "a huge text is cut");
	evidence_free(d.ev);
	d = decode(big, 100000, NULL);
	tap_is_number((long long)d.t.nlines, 50000, "50,000 lines");
	evidence_free(d.ev);
	free(big);
}

static void
scanning(void)
{
	static const struct {
		const char *text;
		size_t	 n;
		const char *time;
	} times[] = {
		{ "2023-03-29T08:00:01Z", 20, "2023-03-29T08:00:01Z" },
		{ "2023-03-29T08:00:01.5000000Z", 28,
		    "2023-03-29T08:00:01.5Z" },
		{ "2023-03-29 08:00:01 +02:00", 26, "2023-03-29T06:00:01Z" },
		{ "2023-03-29T08:00:01-0730", 24, "2023-03-29T15:30:01Z" },
		{ "2023-03-29 08:00:01 UTC", 23, "2023-03-29T08:00:01Z" },
		{ "2023-03-29 08:00:01", 0, NULL },
		{ "2023-13-29T08:00:01Z", 0, NULL },
		{ "2023-03-29T08:00:01Zulu", 0, NULL },
	};
	char found[40];
	struct text_line l = { "> > * 3. Stage: GetCACaps |\t", 28, 0 };
	struct text_part part = text_content(&l);
	size_t i, off, n;
	int64_t us;

	for (i = 0; i < sizeof(times) / sizeof(*times); i++) {
		n = text_time(times[i].text, strlen(times[i].text), &us);
		time_format(us, found);
		tap_ok(n == times[i].n && (n == 0 ||
		    strcmp(found, times[i].time) == 0), "time %s",
		    times[i].text);
	}
	n = text_http_date("Wed, 29 Mar 2023 08:00:01 GMT", 29, &us);
	time_format(us, found);
	tap_ok(n == 29 && strcmp(found, "2023-03-29T08:00:01Z") == 0,
	    "a date of HTTP");
	tap_ok(part.n == 16 && memcmp(l.p + part.off, "Stage: GetCACaps", 16)
	    == 0, "marks of quoting and lists");
	tap_ok(text_event_id("Event ID:      86\r\n", 19, &off, &n, &us) > 0 &&
	    us == 86 && off == 15 && n == 2, "Event ID");
	tap_ok(text_event_id("Ereignis-ID: 171", 16, &off, &n, &us) > 0 &&
	    us == 171, "Ereignis-ID");
	tap_ok(text_event_id("EventID Qualifiers='49754'>87</EventID>", 39,
	    &off, &n, &us) > 0 && us == 87, "EventID of XML");
	tap_ok(text_event_id("Process ID: 1234", 16, &off, &n, &us) == 0,
	    "another id is none of an event");
}

int
main(void)
{
	encodings();
	damage();
	lines();
	scanning();
	return tap_done();
}
