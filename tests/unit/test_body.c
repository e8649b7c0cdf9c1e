/*
 * Bodies of HTTP messages: chunks and encodings, whole, cut, wrong and too
 * large.  Relies on zlib to make them; the brotli stream is a constant.
 */
#include <zlib.h>

#include "decode/http_head.h"
#include "sample.h"

static const char	text[] = "{\"Message\":\"hello hello hello hello\"}";
static struct evidence	*ev;
static struct blob	*message;
static enum body_state	 state;
static struct span	 trailer;
static uint8_t		 packed[1 << 20];

/* The body of a response with these header fields. */
static struct blob *
body_of(const char *fields, const void *p, size_t n)
{
	static const uint8_t sha256[32];
	size_t nhead = strlen(fields) + 19;
	char *all = arena_alloc(ev_arena(ev), nhead + n + 1);
	struct http_head h;

	snprintf(all, nhead + 1, "HTTP/1.1 200 OK\r\n%s\r\n", fields);
	if (n > 0)
		memcpy(all + nhead, p, n);
	message = ev_input(ev, "x", true, (uint8_t *)all, nhead + n, sha256);
	if (!http_head_parse(ev, message, &h))
		return NULL;
	return http_body_read(ev, message, &h, message->item, "text/plain",
	    &state, &trailer);
}

static struct blob *
body_text(const char *fields, const char *p)
{
	return body_of(fields, p, strlen(p));
}

static bool
is(const struct blob *b, const char *want)
{
	return b != NULL && b->n == strlen(want) &&
	    memcmp(b->p, want, b->n) == 0;
}

/* bits as zlib's: 15 zlib, 31 gzip, -15 raw. */
static size_t
pack(int bits, const void *p, size_t n)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)p, .avail_in = (uInt)n,
	    .next_out = packed, .avail_out = sizeof(packed) };

	deflateInit2(&z, 9, Z_DEFLATED, bits, 9, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return z.total_out;
}

static size_t
steps(struct blob *b)
{
	struct citation c;

	return b != NULL && ev_cite(ev, blob_span(b), &c) ? c.nvia : 99;
}

static void
plain(void)
{
	struct citation c;
	struct blob *b;

	b = body_text("", "abc");
	tap_ok(is(b, "abc") && state == BODY_OK && steps(b) == 0 &&
	    ev_cite(ev, blob_span(b), &c) && c.offset == message->n - 3,
	    "a plain body is a slice");
	tap_ok(body_text("", "") == NULL && state == BODY_NONE, "none");
	tap_ok(is(body_text("Content-Length: 5\r\n", "abc"), "abc") &&
	    state == BODY_TRUNCATED, "shorter than its length");
	tap_ok(is(body_text("Content-Length: 2\r\n", "abc"), "abc") &&
	    state == BODY_OK, "longer than its length");
	tap_ok(is(body_text("Content-Length: -1\r\n", "abc"), "abc") &&
	    state == BODY_OK, "a negative length");
	tap_ok(is(body_text("Content-Length: 99999999999999999999999\r\n",
	    "abc"), "abc") && state == BODY_TRUNCATED, "a huge length");
	tap_ok(body_text("Content-Length: 5\r\n", "") == NULL &&
	    state == BODY_TRUNCATED, "nothing of it");
}

static void
chunks(void)
{
	static const char te[] = "Transfer-Encoding: chunked\r\n";
	static const struct {
		const char	*name, *body, *want;
		enum body_state	 state;
	} cases[] = {
		{ "one chunk", "3\r\nabc\r\n0\r\n\r\n", "abc", BODY_OK },
		{ "two chunks", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
		    "abcde", BODY_OK },
		{ "trailers", "3\r\nabc\r\n0\r\nA: b\r\n\r\n", "abc",
		    BODY_OK },
		{ "line ends without CR", "3\nabc\n1\nd\n0\n\n", "abcd",
		    BODY_OK },
		{ "cut inside", "3\r\nabc\r\n5\r\nde", "abcde",
		    BODY_TRUNCATED },
		{ "no last chunk", "3\r\nabc\r\n", "abc", BODY_TRUNCATED },
		{ "2^64-1", "ffffffffffffffff\r\nabc\r\n", "abc\r\n",
		    BODY_TRUNCATED },
		{ "17 digits", "00000000000000003\r\nabc\r\n0\r\n\r\n",
		    "00000000000000003\r\nabc\r\n0\r\n\r\n", BODY_OK },
		{ "no chunks", "hello", "hello", BODY_OK },
		{ "negative", "-3\r\nabc", "-3\r\nabc", BODY_OK },
		{ "0x", "0x3\r\nabc", "0x3\r\nabc", BODY_OK },
		{ "then garbage", "3\r\nabc\r\nzz\r\n", "abc",
		    BODY_TRUNCATED },
		{ "too little between", "3\r\nabcX5\r\n", "abc",
		    BODY_TRUNCATED }
	};
	struct blob *b;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		b = body_text(te, cases[i].body);
		if (!tap_ok(is(b, cases[i].want) && state == cases[i].state,
		    "chunks: %s", cases[i].name))
			printf("# state %d\n", (int)state);
	}
	b = body_text(te, "3\r\nabc\r\n0\r\n\r\n");
	tap_ok(steps(b) == 0, "one chunk is a slice");
	b = body_text(te, "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
	tap_ok(steps(b) == 1, "two are a step");
	tap_ok(body_text(te, "0\r\n\r\n") == NULL && state == BODY_NONE,
	    "an empty body in chunks");
}

/* The fields behind the last chunk, each at its own bytes. */
static void
trailers(void)
{
	static const char te[] = "Transfer-Encoding: chunked\r\n";
	const struct http_field *f;
	struct http_head h;

	body_text(te, "3\r\nabc\r\n0\r\nA: b\r\nX-Sum:  9f \r\n\r\nmore");
	http_trailer_parse(ev, message, trailer, &h);
	tap_ok(h.complete && h.nfields == 2 &&
	    (f = http_head_field(message, &h, "x-sum")) != NULL &&
	    f->value.len == 2 && memcmp(message->p + f->value.off, "9f", 2)
	    == 0, "a trailer's fields stand at their bytes");
	body_text(te, "3\r\nabc\r\n0\r\nA: b\r\nX-Su");
	http_trailer_parse(ev, message, trailer, &h);
	tap_ok(!h.complete && h.nfields == 1, "a trailer that is cut");
	body_text(te, "3\r\nabc\r\n0\r\n\r\n");
	http_trailer_parse(ev, message, trailer, &h);
	tap_ok(h.complete && h.nfields == 0, "chunks without a trailer");
	body_text(te, "3\r\nabc\r\n");
	tap_ok(trailer.blob == BLOB_NONE, "no last chunk, no trailer");
	body_text("", "3\r\nabc\r\n0\r\nA: b\r\n\r\n");
	tap_ok(trailer.blob == BLOB_NONE, "no chunks, no trailer");
}

static void
many_chunks(void)
{
	size_t n = 1000000, i;
	char *p = malloc(6 * n);
	struct blob *b;

	for (i = 0; i < n; i++)
		memcpy(p + 6 * i, "1\r\na\r\n", 6);
	b = body_of("Transfer-Encoding: chunked\r\n", p, 6 * n);
	tap_ok(b != NULL && b->n == n && state == BODY_TRUNCATED,
	    "a million chunks of one byte");
	free(p);
}

static void
encodings(void)
{
	static const uint8_t brotli[] = "\x1b\x24\x00\x00\x04\x19\x72\xa4\xed"
	    "\x82\xb1\xb6\x5a\x92\x4a\x36\x51\x46\x1e\x9c\xe7\x84\x4a\xfd\xfd"
	    "\x81\x03";
	static const uint8_t zstd[] = "\x28\xb5\x2f\xfd\x20\x03\x19\x00\x00"
	    "abc";
	struct blob *b;
	size_t n, m;

	n = pack(31, text, sizeof(text) - 1);
	b = body_of("Content-Encoding: gzip\r\n", packed, n);
	tap_ok(is(b, text) && state == BODY_OK && steps(b) == 1, "gzip");
	b = body_of("Content-Encoding: GZIP\r\n", packed, n - 12);
	tap_ok(b != NULL && b->n > 0 && state == BODY_TRUNCATED, "gzip, cut");
	m = pack(31, text, sizeof(text) - 1);
	memmove(packed + m, packed, m);
	b = body_of("Content-Encoding: x-gzip\r\n", packed, 2 * m);
	tap_ok(b != NULL && b->n == 2 * (sizeof(text) - 1),
	    "two gzip members");
	n = pack(15, text, sizeof(text) - 1);
	tap_ok(is(body_of("Content-Encoding: deflate\r\n", packed, n), text),
	    "deflate as zlib");
	n = pack(-15, text, sizeof(text) - 1);
	tap_ok(is(body_of("Content-Encoding: deflate\r\n", packed, n), text),
	    "deflate, raw");
	b = body_of("Content-Encoding: br\r\n", brotli, sizeof(brotli) - 1);
#ifdef HAVE_BROTLI
	tap_ok(is(b, text) && state == BODY_OK, "brotli");
#else
	tap_ok(b != NULL && state == BODY_UNDECODED, "no brotli");
#endif
	b = body_of("Content-Encoding: br\r\n", brotli, sizeof(brotli) - 4);
	tap_ok(b != NULL && state != BODY_OK, "brotli, cut");
	tap_ok(is(body_of("Content-Encoding: zstd\r\n", zstd,
	    sizeof(zstd) - 1), "abc") && state == BODY_OK, "zstd");
	tap_ok(is(body_text("Content-Encoding: gzip\r\n", text), text) &&
	    state == BODY_UNDECODED, "decoded already");
	tap_ok(is(body_text("Content-Encoding: br\r\n", "\x0bzz"), "\x0bzz"),
	    "not brotli");
	tap_ok(is(body_text("Content-Encoding: rot13\r\n", text), text) &&
	    state == BODY_UNDECODED, "an unknown encoding");
	tap_ok(is(body_text("Content-Encoding: identity\r\n", text), text) &&
	    state == BODY_OK, "identity");
	tap_ok(is(body_text("Content-Encoding: br,br,br,br,br\r\n", text),
	    text) && state == BODY_UNDECODED, "too many encodings");
}

static void
stacked(void)
{
	static uint8_t twice[1000];
	char chunked[1000];
	struct blob *b;
	size_t n;
	int m;

	n = pack(31, text, sizeof(text) - 1);
	memcpy(twice, packed, n);
	n = pack(15, twice, n);
	b = body_of("Content-Encoding: gzip, deflate\r\n", packed, n);
	tap_ok(is(b, text) && steps(b) == 2, "deflate over gzip");
	m = snprintf(chunked, sizeof(chunked), "%zx\r\n", n);
	memcpy(chunked + m, packed, n);
	memcpy(chunked + m + n, "\r\n0\r\n\r\n", 7);
	b = body_of("Content-Encoding: gzip\r\nContent-Encoding: deflate\r\n"
	    "Transfer-Encoding: chunked\r\n", chunked, (size_t)m + n + 7);
	tap_ok(is(b, text) && steps(b) == 3, "in a chunk: a step of its own");
}

static void
bombs(void)
{
	struct limits l = limits_default;
	struct evidence *all = ev;
	size_t n = 64 << 20, m;
	char *zeros = calloc(1, n);
	struct blob *b;

	m = pack(31, zeros, n);
	free(zeros);
	limits_set(&l, "body_bytes=1M");
	ev = evidence_new(&l);
	b = body_of("Content-Encoding: gzip\r\n", packed, m);
	tap_ok(b != NULL && b->n == 1 << 20 && state == BODY_TRUNCATED &&
	    ev_problems(ev) != NULL && ev_problems(ev)->level == PROBLEM_LIMIT,
	    "64 MiB of zeros are kept to the limit");
	evidence_free(ev);
	ev = all;
}

static void
kinds_of_content(void)
{
	static const struct {
		const char	*body, *kind;
	} cases[] = {
		{ "\xef\xbb\xbf {\"Message\":\"x\"}\r\n", "json" },
		{ "[1]", "json" },
		{ "[Fiddler] The connection failed.", "text" },
		{ "<!DOCTYPE html><p>", "html" },
		{ "<html><body>", "html" },
		{ "<?xml version='1.0'?><html xmlns='x'>", "html" },
		{ "SHA-256\r\nSHA-1\r\n", "text" },
		{ "\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
		    "cms" },
		{ "\x30\x04\x30\x02\x05\x01", "certificate" },
		{ "\x01\x02\x03", "binary" },
		{ "-----BEGIN CERTIFICATE-----\nMII", "certificate" }
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tap_is_text(body_kind(body_text("", cases[i].body)),
		    cases[i].kind, cases[i].kind);
}

int
main(void)
{
	ev = evidence_new(&limits_default);
	plain();
	chunks();
	trailers();
	many_chunks();
	encodings();
	stacked();
	bombs();
	kinds_of_content();
	evidence_free(ev);
	return tap_done();
}
