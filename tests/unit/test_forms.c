/*
 * Sessions in other forms than a SAZ (HAR, text), mails, and the walk over
 * JSON that they rely on.  Relies on the parsers through the worklist.
 */
#include "decode/json_walk.h"
#include "decode/mime.h"
#include "parsers/fields.h"
#include "held.h"

#define HOST	"ifx-keyid-5d0815951f5f60638a69e7252f3ec4becd7554b2" \
		".microsoftaik.azure.net"

static void
read_bytes(const char *name, const char *p, size_t n)
{
	evidence_free(ev);
	ev = sample_evidence(name, (const uint8_t *)p, n);
}

static void
read_text(const char *name, const char *text)
{
	read_bytes(name, text, strlen(text));
}

/* ---- the walk ---- */

static void
walk(void)
{
	static const char text[] = "\xef\xbb\xbf {\"a\":[1, 2.5 ,{\"x\":\"}]\"}],"
	    "\"b\\\"\":\"q\\u00e4\\ud83d\\ude00\\n\\/\",\"c\":null}  ";
	struct scan_value root, a, v, key;
	struct scan s;
	int64_t number;
	size_t n, members = 0;
	const char *p;

	read_text("x.json", text);
	tap_ok(scan_root(ev_blob(ev, 0), &root) && root.type == SCAN_OBJECT,
	    "an object after a byte order mark");
	scan_open(&s, &root);
	while (scan_next(&s, &key, &v))
		members++;
	tap_ok(members == 3 && !s.cut, "its three members");
	tap_ok(scan_get(&root, "a", &a) && scan_whole(a).at.len == 20,
	    "an array has its own end");
	scan_open(&s, &a);
	tap_ok(scan_next(&s, NULL, &v) && scan_thousandths(&v, &number) &&
	    number == 1000, "a number");
	tap_ok(scan_next(&s, NULL, &v) && scan_thousandths(&v, &number) &&
	    number == 2500, "a number with a fraction");
	tap_ok(scan_next(&s, NULL, &v) && scan_get(&v, "x", &a) &&
	    a.at.len == 2, "brackets inside of a string are none");
	scan_open(&s, &root);
	scan_next(&s, &key, &v);
	scan_next(&s, &key, &v);
	p = scan_text(ev, &v, &n);
	tap_ok(v.escapes && n == 9 &&
	    memcmp(p, "q\xc3\xa4\xf0\x9f\x98\x80\n/", 9) == 0,
	    "escapes are undone");
	read_text("x.json", "{\"a\":[1,{\"b\":\"cut");
	scan_root(ev_blob(ev, 0), &root);
	scan_open(&s, &root);
	tap_ok(scan_next(&s, &key, &v), "a member of what is cut");
	tap_ok(!scan_next(&s, &key, &v) && s.cut, "and that it is cut");
}

/* ---- HAR ---- */

#define ENTRY(method, url, more, status, content)			\
	"{\"startedDateTime\":\"2023-03-29T14:05:13.500+02:00\","	\
	"\"time\":250.75,\"request\":{\"method\":\"" method "\",\"url\":\"" \
	url "\",\"headers\":[{\"name\":\"Host\",\"value\":\"x\"}]" more	\
	"},\"response\":{\"status\":" status ",\"statusText\":\"\","	\
	"\"headers\":[{\"name\":\"Date\",\"value\":\"Wed, 29 Mar 2023 "	\
	"12:05:14 GMT\"},{\"name\":\"x-ms-request-id\",\"value\":\"i\"}]," \
	"\"content\":{" content "}},\"comment\":\"[#12]\"}"
#define HAR(entries)							\
	"{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"Maker\","	\
	"\"version\":\"1\"},\"entries\":[" entries "]}}"
#define SCEP	"https://" HOST "/templates/Aik/scep?operation="

static void
har(void)
{
	read_text("any", HAR(ENTRY("GET", SCEP "GetCACaps", "", "200",
	    "\"size\":14,\"mimeType\":\"text/plain\",\"text\":"
	    "\"Renewal\\r\\nSHA-1\"") "," ENTRY("GET", "https://x.example/",
	    "", "200", "\"size\":2,\"text\":\"ab\"")));
	tap_is_text(sample_kind(ev), "har", "the kind");
	is(ITEM_ARCHIVE, 1, &archive_format_f, "har");
	is(ITEM_ARCHIVE, 1, &har_program, "Maker");
	is(ITEM_ARCHIVE, 1, &archive_members, "2");
	is(ITEM_SESSION, 1, &session_number, "1");
	is(ITEM_SESSION, 1, &session_sid, "12");
	is(ITEM_SESSION, 1, &session_begin, "2023-03-29T12:05:13.5Z");
	cites(ITEM_SESSION, 1, &session_begin,
	    "2023-03-29T14:05:13.500+02:00");
	is(ITEM_SESSION, 1, &session_end, "2023-03-29T12:05:13.75075Z");
	is(ITEM_SESSION, 1, &session_parts, "c s");
	is(ITEM_REQUEST, 1, &request_host, HOST);
	cites(ITEM_REQUEST, 1, &request_host, HOST);
	is(ITEM_REQUEST, 1, &request_operation, "GetCACaps");
	cites(ITEM_REQUEST, 1, &request_operation, "GetCACaps");
	is(ITEM_RESPONSE, 1, &http_status, "200");
	cites(ITEM_RESPONSE, 1, &http_status, "200");
	is(ITEM_RESPONSE, 1, &http_date, "2023-03-29T12:05:14Z");
	is(ITEM_RESPONSE, 1, &getcacaps_keyword, "Renewal");
	is(ITEM_RESPONSE, 1, &http_made_by, "server");
	is(ITEM_RESPONSE, 2, &http_body, "dropped");
	tap_ok(sample_bad_spans(ev, ITEM_RESPONSE, false) == 0,
	    "all spans are inside");
}

static void
har_escapes(void)
{
	read_text("any", HAR(ENTRY("POST", "https:\\/\\/" HOST "\\/templates"
	    "\\/Aik\\/scep?operation=PKIOperation", ",\"bodySize\":6,"
	    "\"postData\":{\"mimeType\":\"application/x-pki-message\","
	    "\"text\":\"0\xc2\x80\\u0001\xc3\xbf\\\"a\"}", "400",
	    "\"size\":20,\"mimeType\":\"application/json\",\"text\":"
	    "\"{\\\"Message\\\":\\\"No \\u00e4\\\"}\"")));
	is(ITEM_REQUEST, 1, &request_host, HOST);
	is(ITEM_REQUEST, 1, &request_operation, "PKIOperation");
	cites(ITEM_REQUEST, 1, &request_operation, "PKIOperation");
	is(ITEM_REQUEST, 1, &http_body, "ok");
	is(ITEM_REQUEST, 1, &http_body_length, "6");
	is(ITEM_RESPONSE, 1, &service_message, "No \xc3\xa4");
	is(ITEM_RESPONSE, 1, &http_content, "json");
}

static void
har_bodies(void)
{
	read_text("any", HAR(ENTRY("POST", SCEP "PKIOperation",
	    ",\"bodySize\":5,\"postData\":{\"mimeType\":\"a/b\",\"text\":"
	    "\"MAOAAf8=\",\"encoding\":\"base64\"}", "200",
	    "\"size\":5,\"mimeType\":\"application/x-pki-message\"")));
	is(ITEM_REQUEST, 1, &http_body_length, "5");
	is(ITEM_RESPONSE, 1, &http_body, "dropped");
	read_text("any", HAR(ENTRY("POST", SCEP "PKIOperation", "", "200",
	    "\"size\":20,\"text\":\"MAOAAf8=\",\"encoding\":\"base64\"")));
	is(ITEM_RESPONSE, 1, &http_body, "truncated");
	read_text("any", HAR(ENTRY("POST", SCEP "PKIOperation", "", "200",
	    "\"size\":5,\"text\":\"plain\",\"encoding\":\"base64\"")));
	is(ITEM_RESPONSE, 1, &http_content, "text");
	tap_ok(said(PROBLEM_NOTED, "not base64"), "text that is no base64");
	read_text("any", HAR(ENTRY("POST", SCEP "PKIOperation", "", "200",
	    "\"size\":9,\"mimeType\":\"application/x-pki-message\",\"text\":"
	    "\"0\\ufffd\\ufffd\\ufffd\"")));
	is(ITEM_RESPONSE, 1, &http_body, "undecoded");
	read_text("any", HAR(ENTRY("GET", SCEP "GetCACaps", "", "0",
	    "\"size\":0},\"_error\":\"net::ERR_NAME_NOT_RESOLVED\",\"x\":{")));
	tap_ok(count(ITEM_RESPONSE) == 0, "status 0 is no answer");
	is(ITEM_SESSION, 1, &session_error, "net::ERR_NAME_NOT_RESOLVED");
	is(ITEM_SESSION, 1, &session_parts, "c");
}

/* Every length of an archive ends well, and what is whole is kept. */
static void
har_cut(void)
{
	static const char text[] = HAR(ENTRY("GET", SCEP "GetCACaps", "",
	    "200", "\"text\":\"a\"") "," ENTRY("GET", SCEP "GetCACaps", "",
	    "404", "\"text\":\"b\""));
	size_t n, bad = 0;

	for (n = 0; n < sizeof(text) - 1; n++) {
		read_bytes("any", text, n);
		bad += sample_bad_spans(ev, ITEM_REQUEST, false) +
		    sample_bad_spans(ev, ITEM_RESPONSE, false);
	}
	tap_ok(bad == 0, "every length");
	read_bytes("any", text, sizeof(text) - 40);
	tap_ok(count(ITEM_SESSION) == 2, "the cut entry is there as well");
	tap_ok(said(PROBLEM_PARTIAL, "cut short"), "the cut is told");
	sample_torture("HAR", (const uint8_t *)text, sizeof(text) - 1, 200);
}

static void
no_har(void)
{
	read_text("a.har", "{\"log\":{\"entries\":\"none\"}}");
	tap_ok(count(ITEM_ARCHIVE) == 0, "entries that are no array");
	read_text("a.har", "{\"entries\":[]}");
	tap_ok(count(ITEM_ARCHIVE) == 0, "no log");
	read_text("a.har", "[{\"log\":{\"entries\":[]}}]");
	tap_ok(count(ITEM_ARCHIVE) == 0, "an array");
}

/* ---- text ---- */

static void
text(void)
{
	read_text("sessions.txt", "GET " SCEP "GetCACaps HTTP/1.1\r\nHost: "
	    HOST "\r\n\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not "
	    "Found\r\nContent-Length: 17\r\n\r\n{\"Message\":\"gone\"}\r\n"
	    "\r\n-------------------------\r\n\r\n"
	    "CONNECT " HOST ":443 HTTP/1.1\r\n\r\n");
	tap_is_text(sample_kind(ev), "http", "the kind");
	tap_ok(count(ITEM_SESSION) == 2, "two sessions");
	is(ITEM_SESSION, 1, &session_parts, "c s");
	is(ITEM_SESSION, 2, &session_parts, "c");
	is(ITEM_RESPONSE, 2, &http_status, "404");
	is(ITEM_RESPONSE, 2, &http_body, "ok");
	is(ITEM_RESPONSE, 2, &service_message, "gone");
	is(ITEM_REQUEST, 2, &request_method, "CONNECT");
	read_text("prose.txt", "GET means to fetch a thing. HTTP/1.1 200\n");
	tap_ok(count(ITEM_SESSION) == 0 && count(ITEM_REQUEST) == 0,
	    "prose is no request");
	read_text("one.txt", "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	tap_ok(count(ITEM_SESSION) == 0 && count(ITEM_REQUEST) == 1,
	    "one request alone is a message");
}

/* ---- mail ---- */

static void
mime(void)
{
	struct mime_head h;
	uint8_t *p;
	size_t n;

	read_text("x", "From: a\r\nContent-Type: Text/Plain;\r\n charset=x;"
	    "\r\n\tname=\"a \\\"b\\\".txt\"\r\nContent-Transfer-Encoding: "
	    "BASE64\r\n\r\nbody");
	tap_ok(mime_head_parse(ev, ev_blob(ev, 0), blob_span(ev_blob(ev, 0)),
	    &h), "a head");
	tap_is_text(h.type, "text/plain", "its type in lower case");
	tap_is_text(h.name, "a \"b\".txt", "a quoted name");
	tap_ok(h.encoding == MIME_BASE64 && h.mail == 1, "its encoding");
	read_text("x", "Content-Disposition: attachment;\n filename*0*=utf-8"
	    "''%e4%bd;\n filename*1=\"x.saz\"\n\n");
	mime_head_parse(ev, ev_blob(ev, 0), blob_span(ev_blob(ev, 0)), &h);
	tap_is_text(h.name, "\xe4\xbdx.saz", "a name in pieces (RFC 2231)");
	tap_ok(h.attachment, "an attachment");
	read_text("x", "Content-Type: a/b; name=\"=?utf-8?B?w6Q=?= "
	    "=?utf-8?q?_=2Etxt?=\"\n\n");
	mime_head_parse(ev, ev_blob(ev, 0), blob_span(ev_blob(ev, 0)), &h);
	tap_is_text(h.name, "\xc3\xa4 .txt", "encoded words (RFC 2047)");
	p = mime_decode(MIME_QUOTED, (const uint8_t *)"a=3Db=  \r\nc=\nd=zz",
	    17, &n);
	tap_ok(p != NULL && n == 8 && memcmp(p, "a=bcd=zz", 8) == 0,
	    "quoted-printable");
	free(p);
	p = mime_decode(MIME_BASE64, (const uint8_t *)"YW\r\nJj!ZA==YQ", 14,
	    &n);
	tap_ok(p != NULL && n == 5 && memcmp(p, "abcda", 5) == 0, "base64");
	free(p);
}

#define MAIL								\
	"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"	\
	"Content-Type: multipart/mixed; boundary=\"B\"\r\n\r\nold\r\n"	\
	"--B\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"	\
	"The screen said 0x8103=\r\n9001.\r\n--B\r\nContent-Type: "	\
	"application/octet-stream; name=n.txt\r\n"			\
	"Content-Transfer-Encoding: base64\r\n\r\n"			\
	"Q29kZSAweDgwMTkwMTk0\r\n--B--\r\n"

static void
mail(void)
{
	read_text("m", MAIL);
	tap_is_text(sample_kind(ev), "mail", "the kind");
	is(ITEM_NOTE, 1, &note_code, "0x81039001");
	is(ITEM_FILE, 2, &file_name, "n.txt");
	is(ITEM_NOTE, 2, &note_code, "0x80190194");
	read_text("m", "From x Wed Mar 29 2023\nFrom: a@b.example\nSubject: "
	    "y\n\nNothing.\n\nFrom y Wed Mar 29 2023\n" MAIL);
	tap_is_text(sample_kind(ev), "mail", "a mailbox");
	is(ITEM_NOTE, 2, &note_code, "0x81039001");
	read_text("m", "From: a@b.example\nSubject: y\nContent-Type: "
	    "text/plain\n\nThe code was 0x81039001\n");
	tap_ok(count(ITEM_ARCHIVE) == 0 && count(ITEM_NOTE) == 1,
	    "a plain mail is a note");
	read_text("m", "From: me\nContent-Type of the answer was wrong.\n");
	tap_ok(count(ITEM_ARCHIVE) == 0, "words are no mail");
	sample_torture("mail", (const uint8_t *)MAIL, sizeof(MAIL) - 1, 200);
}

int
main(void)
{
	walk();
	har();
	har_escapes();
	har_bodies();
	har_cut();
	no_har();
	text();
	mime();
	mail();
	evidence_free(ev);
	return tap_done();
}
