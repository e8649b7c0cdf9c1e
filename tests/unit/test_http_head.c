/*
 * Heads of HTTP messages: the place of each part, odd forms, limits, targets,
 * dates.  Relies on hand-made messages.
 */
#include "decode/http_head.h"
#include "sample.h"

static struct evidence	*ev;

static struct blob *
blob_of(const char *text, size_t n, const char *hint)
{
	static const uint8_t sha256[32];
	struct blob *b = ev_input(ev, "x", true,
	    arena_copy(ev_arena(ev), text, n), n, sha256);

	b->hint = hint;
	return b;
}

static bool
is(const struct blob *b, struct span at, const char *text)
{
	const uint8_t *p = ev_bytes(ev, at);

	return p != NULL && at.blob == b->id && at.len == strlen(text) &&
	    memcmp(p, text, at.len) == 0;
}

static bool
field_is(const struct blob *b, const struct http_head *h, const char *name,
    const char *value)
{
	const struct http_field *f = http_head_field(b, h, name);

	return f != NULL && is(b, f->value, value);
}

static struct blob *
parse(const char *text, const char *hint, struct http_head *h, bool *ret_ok)
{
	struct blob *b = blob_of(text, strlen(text), hint);

	*ret_ok = http_head_parse(ev, b, h);
	return b;
}

static void
responses(void)
{
	struct http_head h;
	struct blob *b;
	bool ok;

	b = parse("HTTP/1.1 400 Bad Request\r\nDate:  x y \r\nEmpty:\r\n"
	    "x-Ms-Request-Id: 1\r\n\r\nbody", NULL, &h, &ok);
	tap_ok(ok && !h.request && h.status == 400 && h.complete &&
	    is(b, h.status_at, "400") && is(b, h.reason, "Bad Request") &&
	    is(b, h.version, "HTTP/1.1"), "status line");
	tap_ok(field_is(b, &h, "date", "x y") && field_is(b, &h, "empty", "") &&
	    field_is(b, &h, "X-MS-REQUEST-ID", "1"), "fields");
	tap_ok(is(b, blob_part(b, h.body, SIZE_MAX), "body"), "body");
	tap_ok(!h.bare_lf && !h.folded && !h.limited, "nothing odd");
	b = parse("HTTP/2 200\r\n:a: b\r\n\r\n", NULL, &h, &ok);
	tap_ok(ok && h.status == 200 && h.reason.len == 0 &&
	    field_is(b, &h, ":a", "b"), "HTTP/2 without reason");
	b = parse("HTTP/1.1 502 Fiddler - DNS Lookup Failed\nA: 1\n\nx", NULL,
	    &h, &ok);
	tap_ok(ok && h.bare_lf && h.complete && is(b, h.reason,
	    "Fiddler - DNS Lookup Failed") && field_is(b, &h, "a", "1") &&
	    h.body == b->n - 1, "line ends without CR");
	b = parse("HTTP/1.1 200 OK\r\nA: 1\r\n\t 2\r\nB: 3\r\n\r\n", NULL, &h,
	    &ok);
	tap_ok(ok && h.folded && field_is(b, &h, "a", "1\r\n\t 2") &&
	    field_is(b, &h, "b", "3"), "a folded field");
	parse("HTTP/1.1 200 OK\r\nA: 1", NULL, &h, &ok);
	tap_ok(ok && !h.complete && h.nfields == 1, "no end");
	parse("HTTP/1.1 2x0 OK\r\n\r\n", NULL, &h, &ok);
	tap_ok(ok && h.status == 0, "a status that is no number");
	b = parse("HTTP/1.1 200 OK\r\nno colon\r\nA:1\r\n\r\n", NULL, &h, &ok);
	tap_ok(ok && h.complete && h.nfields == 1 && field_is(b, &h, "a", "1"),
	    "a line without a colon is left out");
	parse("", NULL, &h, &ok);
	tap_ok(!ok, "nothing");
	parse("hello world\r\n\r\n", NULL, &h, &ok);
	tap_ok(!ok, "text");
}

static void
requests(void)
{
	struct http_head h;
	struct http_target t;
	struct blob *b;
	bool ok;

	b = parse("GET https://IFX-KeyId-ab.microsoftaik.azure.net:8443/"
	    "templates/Aik/scep?operation=GetCACaps&x=1 HTTP/1.1\r\n\r\n",
	    NULL, &h, &ok);
	tap_ok(ok && h.request && is(b, h.method, "GET") &&
	    is(b, h.version, "HTTP/1.1"), "request line");
	tap_ok(http_target_parse(ev, b, &h, &t) && strcmp(t.host,
	    "ifx-keyid-ab.microsoftaik.azure.net") == 0 && t.port == 8443 &&
	    is(b, t.host_at, "IFX-KeyId-ab.microsoftaik.azure.net") &&
	    strcmp(t.scheme, "https") == 0, "absolute target");
	tap_ok(t.operation != NULL && strcmp(t.operation, "GetCACaps") == 0 &&
	    is(b, t.operation_at, "GetCACaps") && strcmp(t.path,
	    "/templates/Aik/scep?operation=GetCACaps&x=1") == 0, "operation");
	b = parse("POST /a?b=operation=x&OPERATION=PKIOperation HTTP/1.0\r\n"
	    "HOST: H.example:80\r\n\r\n", NULL, &h, &ok);
	tap_ok(ok && http_target_parse(ev, b, &h, &t) &&
	    strcmp(t.host, "h.example") == 0 && t.port == 80 &&
	    is(b, t.host_at, "H.example") &&
	    is(b, t.operation_at, "PKIOperation"), "origin target");
	b = parse("CONNECT host.example:443 HTTP/1.1\r\n\r\n", NULL, &h, &ok);
	tap_ok(ok && http_target_parse(ev, b, &h, &t) &&
	    is(b, t.host_at, "host.example") && t.port == 443, "authority");
	b = parse("GET http://u:p@[::1]:99/ HTTP/1.1\r\n\r\n", NULL, &h, &ok);
	tap_ok(ok && http_target_parse(ev, b, &h, &t) &&
	    is(b, t.host_at, "[::1]") && t.port == 99, "IPv6 and a user");
	b = parse("CNT 1 CON 305\r\nHost: h\r\n\r\n",
	    "message/http;msgtype=request", &h, &ok);
	tap_ok(ok && h.request && is(b, h.method, "CNT") &&
	    http_target_parse(ev, b, &h, &t) && strcmp(t.host, "h") == 0,
	    "an odd first line of a capture");
	parse("CNT 1 CON 305\r\nHost: h\r\n\r\n", NULL, &h, &ok);
	tap_ok(!ok, "which is no request elsewhere");
	b = parse("GET / HTTP/1.1\r\n\r\n", NULL, &h, &ok);
	tap_ok(ok && http_target_parse(ev, b, &h, &t) && *t.host == '\0',
	    "no host");
}

static void
limits(void)
{
	size_t n = 2 << 20, i;
	char *text = malloc(n + 1);
	struct http_head h;
	struct blob *b;

	memset(text, 'a', n);
	memcpy(text, "HTTP/1.1 200 OK\r\nA: ", 20);
	b = blob_of(text, n, NULL);
	tap_ok(http_head_parse(ev, b, &h) && h.limited && !h.complete,
	    "a field of 2 MiB");
	memcpy(text, "HTTP/1.1 200 OK\r\n", 17);
	for (i = 17; i + 5 <= n; i += 5)
		memcpy(text + i, "a:b\r\n", 5);
	b = blob_of(text, n, NULL);
	tap_ok(http_head_parse(ev, b, &h) && h.limited &&
	    h.nfields == limits_default.headers, "400,000 fields");
	memset(text, 'G', n);
	b = blob_of(text, n, "message/http;msgtype=request");
	tap_ok(http_head_parse(ev, b, &h) && h.limited, "a line of 2 MiB");
	free(text);
}

static void
dates(void)
{
	static const struct {
		const char	*text;
		int64_t		 time;	/* seconds; 0: none */
	} cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
		{ "Sun Nov  6 08:49:37 1994", 784111777 },
		{ "Wed, 29 Mar 2023 12:05:13 GMT", 1680091513 },
		{ "Wed, 29 Mar 2023 12:05:13", 0 },
		{ "Wed, 29 Mrz 2023 12:05:13 GMT", 0 },
		{ "Wed, 99 Mar 2023 12:05:13 GMT", 0 },
		{ "Wed, 29 Mar 2023 25:05:13 GMT", 0 },
		{ "", 0 },
		{ "-1", 0 },
		{ "Wed, 29 Mar 2023 12:05:13 GMT                    ", 0 }
	};
	struct blob *b;
	int64_t t;
	size_t i;
	bool ok;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		b = blob_of(cases[i].text, strlen(cases[i].text), NULL);
		ok = http_date_parse(b, blob_span(b), &t);
		tap_ok(cases[i].time == 0 ? !ok : ok && t ==
		    cases[i].time * 1000000, "date \"%s\"", cases[i].text);
	}
}

int
main(void)
{
	ev = evidence_new(&limits_default);
	responses();
	requests();
	limits();
	dates();
	evidence_free(ev);
	return tap_done();
}
