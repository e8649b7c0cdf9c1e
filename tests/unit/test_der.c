/*
 * The DER walker: headers, cut and indefinite elements, values, text, names.
 * Relies on hand-made bytes.
 */
#include "evidence/der.h"
#include "evidence/oid.h"
#include "sample.h"

static struct evidence	*ev;
static uint8_t		 bytes[70000];

/* A blob of hex text; the element at its start. */
static struct blob *
blob_of(const char *hex)
{
	static const uint8_t sha256[32];
	uint8_t *p;
	size_t n = sample_hex(hex, bytes);

	p = arena_copy(ev_arena(ev), bytes, n);
	return ev_input(ev, "x", true, p, n, sha256);
}

static bool
at(const char *hex, struct der *d)
{
	struct blob *b = blob_of(hex);

	return der_at(ev, b, blob_span(b), d);
}

static void
headers(void)
{
	struct der d;
	struct der_iter it;
	size_t n;

	tap_ok(at("0203010001", &d) && d.len == 3 && d.end == 5 &&
	    der_is(&d, DER_UNIVERSAL, DER_INTEGER) && !d.cut, "short form");
	tap_ok(at("3081050203010001", &d) && d.constructed && d.len == 5 &&
	    d.body == 3, "long form");
	tap_ok(at("308400000002 0500", &d) && d.body == 6 && d.len == 2,
	    "more length octets than needed");
	tap_ok(at("3088000000000000000205 00", &d) && d.len == 2,
	    "eight length octets");
	tap_ok(!at("30890000000000000000020500", &d), "nine are refused");
	tap_ok(at("30848000000005 00", &d) && d.cut && d.len == 2,
	    "2 GiB are clamped and cut");
	tap_ok(at("3088ffffffffffffffff0500", &d) && d.cut && d.len == 2 &&
	    d.end == 12, "2^64-1 is clamped and cut");
	tap_ok(at("bf8148020500", &d) && d.class == DER_CONTEXT &&
	    d.tag == 200 && d.len == 2, "long tag");
	tap_ok(!at("bfffffffffff0100", &d), "too long a tag");
	tap_ok(!at("30", &d) && !at("3082", &d) && !at("", &d),
	    "no header");
	tap_ok(!at("0480", &d), "primitive and indefinite");
	tap_ok(at("3080 0500 0000 ff", &d) && d.indefinite && d.len == 2 &&
	    d.end == 6 && !d.cut, "indefinite");
	tap_ok(at("3080 3080 0500 0000 0000", &d) && d.len == 6 &&
	    d.end == 10, "indefinite in indefinite");
	tap_ok(at("3080 3080 0500 0000", &d) && d.cut && d.len == 6,
	    "indefinite without an end");
	at("300a 0500 0101ff 0000 0500 05", &d);
	der_enter(&it, ev, &d);
	for (n = 0; der_next(&it, &d); n++)
		continue;
	tap_ok(n == 2 && it.off < it.end, "end-of-contents stops a walk");
}

static void
limits(void)
{
	struct limits few = limits_default;
	struct evidence *own;
	struct der_iter it;
	struct blob *b;
	struct der d;
	static const uint8_t sha256[32];
	size_t i, n;

	for (i = 0; i < 30000; i++) {
		bytes[2 * i] = 0x30;
		bytes[2 * i + 1] = 0x80;
	}
	b = ev_input(ev, "deep", true, bytes, 60000, sha256);
	tap_ok(der_at(ev, b, blob_span(b), &d) && d.cut,
	    "30,000 levels are not followed");
	/* definite: each level holds the next */
	der_begin(&it, ev, b, blob_span(b));
	for (n = 0; der_next(&it, &d); n++)
		der_enter(&it, ev, &d);
	tap_ok(n <= limits_default.der_depth + 1 && it.limit,
	    "walking down stops at the depth limit");
	few.der_nodes = 10;
	own = evidence_new(&few);
	for (i = 0; i < 100; i++) {
		bytes[2 * i] = 0x05;
		bytes[2 * i + 1] = 0x00;
	}
	b = ev_input(own, "wide", true, bytes, 200, sha256);
	der_begin(&it, own, b, blob_span(b));
	for (n = 0; der_next(&it, &d); n++)
		continue;
	tap_ok(n == 10 && it.limit, "the node limit holds");
	evidence_free(own);
}

static void
oid(const char *hex, const char *wanted)
{
	char buf[OID_SIZE];
	struct der d;

	if (!at(hex, &d) || !der_oid(&d, buf, sizeof(buf)))
		buf[0] = '\0';
	tap_is_text(buf, wanted, wanted[0] != '\0' ? wanted : hex);
}

static void
oids(void)
{
	char small[8], long_oid[600] = "067f";
	struct der d;
	int i;

	oid("06092a864886f70d010702", "1.2.840.113549.1.7.2");
	oid("060a6086480186f845010902", "2.16.840.1.113733.1.9.2");
	oid("0603883703", "2.999.3");
	oid("0600", "");
	oid("06022a86", "");
	oid("060b8180808080808080808000", "");	/* 64 bits and more */
	at("06092a864886f70d010702", &d);
	tap_ok(!der_oid(&d, small, sizeof(small)) && small[0] == '\0',
	    "a buffer that is too small");
	for (i = 0; i < 0x7f; i++)
		strcat(long_oid, "01");
	tap_ok(at(long_oid, &d) && der_oid(&d, (char[OID_SIZE]){ 0 },
	    OID_SIZE), "127 bytes fit");
	tap_ok(!der_oid_is(&d, "1.2"), "and are not 1.2");
}

static void
integer(const char *hex, bool good, int64_t wanted)
{
	struct der d;
	int64_t v;

	if (!good)
		tap_ok(!at(hex, &d) || !der_int(&d, &v), "no number: %s", hex);
	else
		tap_ok(at(hex, &d) && der_int(&d, &v) && v == wanted,
		    "integer %lld", (long long)wanted);
}

static void
integers(void)
{
	integer("020100", true, 0);
	integer("0201ff", true, -1);
	integer("02020080", true, 128);
	integer("02087fffffffffffffff", true, INT64_MAX);
	integer("02088000000000000000", true, INT64_MIN);
	integer("020c000000000000000000000007", true, 7);
	integer("0209010000000000000000", false, 0);
	integer("0200", false, 0);
	integer("020201", false, 0);
	integer("040101", false, 0);
}

static void
time_is(const char *type, const char *text, const char *wanted)
{
	char hex[200], buf[40];
	struct der d;
	int64_t us;
	size_t i, n = strlen(text);

	n = (size_t)snprintf(hex, sizeof(hex), "%s%02zx", type, n);
	for (i = 0; text[i] != '\0'; i++)
		n += (size_t)snprintf(hex + n, sizeof(hex) - n, "%02x",
		    (unsigned char)text[i]);
	buf[0] = '\0';
	if (at(hex, &d) && der_time(&d, &us))
		time_format(us, buf);
	tap_is_text(buf, wanted, text);
}

static void
times(void)
{
	time_is("17", "230208101112Z", "2023-02-08T10:11:12Z");
	time_is("17", "500101000000Z", "1950-01-01T00:00:00Z");
	time_is("17", "2302081011Z", "2023-02-08T10:11:00Z");
	time_is("17", "230208101112-0400", "2023-02-08T14:11:12Z");
	time_is("17", "230208101112+0130", "2023-02-08T08:41:12Z");
	time_is("18", "20230208101112Z", "2023-02-08T10:11:12Z");
	time_is("18", "20230208101112.25Z", "2023-02-08T10:11:12.25Z");
	time_is("18", "99991231235959Z", "9999-12-31T23:59:59Z");
	time_is("18", "20240229000000Z", "2024-02-29T00:00:00Z");
	time_is("18", "20230229000000Z", "");
	time_is("17", "230208101112", "");
	time_is("17", "231308101112Z", "");
	time_is("17", "2302081011124Z", "");
	time_is("17", "230208101112Z ", "");
	time_is("17", "", "");
}

static void
text_is(const char *hex, const char *wanted)
{
	const char *p = "(no text)";
	struct der d;
	size_t n;

	if (!at(hex, &d) || !der_text(ev, &d, &p, &n))
		p = "(no text)";
	tap_is_text(p, wanted, hex);
}

static void
texts(void)
{
	text_is("0c03c3a441", "\xc3\xa4" "A");
	text_is("13024142", "AB");
	text_is("1402e441", "\xc3\xa4" "A");
	text_is("1e0400e40041", "\xc3\xa4" "A");
	text_is("1e04d83dde00", "\xf0\x9f\x98\x80");
	text_is("1e04d83d0041", "\xef\xbf\xbd" "A");
	text_is("1e03004100", "A\xef\xbf\xbd");
	text_is("1c080001f60000000041", "\xf0\x9f\x98\x80" "A");
	text_is("1c0400ffffff", "\xef\xbf\xbd");
	text_is("3380 0c0141 0c0142 0000", "AB");
	text_is("2c80 0401 41 0401 42 0000", "AB");
	text_is("0201 41", "(no text)");
}

static void
name_is(const char *hex, const char *wanted)
{
	const char *p = "(no name)";
	struct der d;
	size_t n;

	if (!at(hex, &d) || !der_name(ev, &d, &p, &n))
		p = "(no name)";
	tap_is_text(p, wanted, wanted);
}

static void
names(void)
{
	name_is("3000", "");
	name_is("301a 310b 3009 0603550406 1302 4445 "
	    "310b 3009 0603550403 0c02 4341", "C=DE, CN=CA");
	name_is("3018 3116 3009 0603550406 1302 4445 "
	    "3009 0603550403 0c02 4341", "C=DE + CN=CA");
	name_is("3012 3110 300e 0605 6781050201 0c05 69643a3439",
	    "TPMManufacturer=id:49");
	name_is("300f 310d 300b 0604 2a030405 0c03 616263",
	    "1.2.3.4.5=abc");
	name_is("300d 310b 3009 0604 2a030405 0201 07", "1.2.3.4.5=#020107");
	name_is("0500", "(no name)");
}

static void
octets(void)
{
	uint8_t *joined;
	struct der d;
	size_t n;

	tap_ok(at("0402 4142", &d) && der_octets(ev, &d, &joined, &n) &&
	    joined == NULL && n == 2, "primitive octets are not copied");
	tap_ok(at("2480 0401 41 2404 0402 4243 0000", &d) &&
	    der_octets(ev, &d, &joined, &n) && joined != NULL && n == 3 &&
	    memcmp(joined, "ABC", 3) == 0, "segments are joined");
	free(joined);
	tap_ok(at("2480 0000", &d) && der_octets(ev, &d, &joined, &n) &&
	    n == 0, "no segments");
	free(joined);
}

/* Any bytes: the walk ends, inside the blob. */
static void
noise(void)
{
	static const uint8_t sha256[32];
	struct der_iter stack[64];
	struct blob *b;
	struct der d;
	const char *text;
	char buf[OID_SIZE];
	size_t i, level, round, n, outside = 0;
	int64_t v;
	uint8_t *joined;

	for (round = 0; round < 3000; round++) {
		n = sample_random() % 200;
		for (i = 0; i < n; i++) {
			bytes[i] = (uint8_t)sample_random();
			if (sample_random() % 3 == 0)
				bytes[i] = "\x30\x31\x80\x24\x04\x06\x17\x00"
				    [sample_random() % 8];
		}
		b = ev_input(ev, "noise", true,
		    arena_copy(ev_arena(ev), bytes, n), n, sha256);
		level = 0;
		der_begin(&stack[0], ev, b, blob_span(b));
		for (i = 0; i < 500; i++) {
			if (!der_next(&stack[level], &d)) {
				if (level-- == 0)
					break;
				continue;
			}
			outside += d.body < d.off || d.len > n - d.body ||
			    d.end > n;
			der_oid(&d, buf, sizeof(buf));
			der_int(&d, &v);
			der_time(&d, &v);
			der_text(ev, &d, &text, &n);
			der_name(ev, &d, &text, &n);
			if (der_octets(ev, &d, &joined, &n))
				free(joined);
			n = b->n;
			if (d.constructed && level < 60)
				der_enter(&stack[++level], ev, &d);
		}
	}
	tap_ok(outside == 0, "no element leaves its blob");
}

int
main(void)
{
	ev = evidence_new(&limits_default);
	headers();
	limits();
	oids();
	integers();
	times();
	texts();
	names();
	octets();
	noise();
	evidence_free(ev);
	return tap_done();
}
