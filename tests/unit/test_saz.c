/*
 * Captures from the ZIP to the facts: names of members, scope, metadata,
 * tunnels, answers, nesting, hostile metadata.  Relies on ZIPs made by hand.
 */
#include "decode/container.h"
#include "parsers/fields.h"
#include "held.h"
#include "zip.h"

#define HOST	"IFX-KeyId-5d0815951f5f60638a69e7252f3ec4becd7554b2" \
		".microsoftaik.azure.net"

static struct zip	 z;

static void
begin(void)
{
	free(z.p);
	memset(&z, 0, sizeof(z));
}

static void
end(void)
{
	static const uint8_t sha256[32];

	zip_end(&z);
	evidence_free(ev);
	ev = evidence_new(&limits_default);
	ev_input(ev, "x.saz", true, z.p, z.n, sha256);
	worklist_run(ev);
}

static void
whole(void)
{
	begin();
	z.comment = "Fiddler (v5.0.1.0) Session Archive";
	zip_text(&z, "[Content_Types].xml", "<Types/>");
	zip_text(&z, "raw/1_s.txt", "HTTP/1.1 400 Bad Request\r\n"
	    "Date: Wed, 29 Mar 2023 12:05:13 GMT\r\nContent-Length: 28\r\n"
	    "Content-Type: application/json; charset=utf-8\r\n"
	    "x-ms-request-id: 1-2\r\n\r\n{\"Message\":\"No \\\"EK\\\" here\"}");
	zip_text(&z, "raw/1_c.txt", "GET https://" HOST "/templates/Aik/scep"
	    "?operation=GetCACaps HTTP/1.1\r\nHost: " HOST "\r\n\r\n");
	zip_text(&z, "raw/1_m.xml", "\xef\xbb\xbf<?xml version=\"1.0\" "
	    "encoding=\"utf-8\"?>\r\n<Session SID=\"17\" BitFlags=\"2100\" "
	    "Aborted=\"true\">\r\n<SessionTimers ClientDoneResponse='0001-01-"
	    "01T00:00:00' New=\"a>b\" ClientBeginRequest=\""
	    "2023-03-29T15:05:13.5+03:00\" GatewayTime=\"\" />\r\n<Unknown/>"
	    "<SessionFlags><SessionFlag N=\"x-processinfo\" V=\"old:1\" />"
	    "<SessionFlag N=\"X-ProcessInfo\" V=\"a&amp;b:2\" />"
	    "</SessionFlags></Session>");
	end();
	tap_is_text(sample_kind(ev), "saz", "the kind");
	is(ITEM_ARCHIVE, 1, &archive_comment, z.comment);
	cites(ITEM_ARCHIVE, 1, &archive_comment, z.comment);
	is(ITEM_SESSION, 1, &session_number, "1");
	is(ITEM_SESSION, 1, &session_parts, "c s m");
	is(ITEM_SESSION, 1, &session_sid, "17");
	is(ITEM_SESSION, 1, &session_flags, "8448");
	cites(ITEM_SESSION, 1, &session_flags, "2100");
	is(ITEM_SESSION, 1, &session_aborted, "true");
	is(ITEM_SESSION, 1, &session_begin, "2023-03-29T12:05:13.5Z");
	cites(ITEM_SESSION, 1, &session_begin, "2023-03-29T15:05:13.5+03:00");
	is(ITEM_SESSION, 1, &session_end, "");
	is(ITEM_SESSION, 1, &session_process, "a&b:2");
	cites(ITEM_SESSION, 1, &session_process, "a&amp;b:2");
	is(ITEM_REQUEST, 1, &request_scope, "aik");
	is(ITEM_REQUEST, 1, &request_operation, "GetCACaps");
	cites(ITEM_REQUEST, 1, &request_operation, "GetCACaps");
	is(ITEM_RESPONSE, 1, &http_status, "400");
	is(ITEM_RESPONSE, 1, &http_date, "2023-03-29T12:05:13Z");
	is(ITEM_RESPONSE, 1, &http_made_by, "server");
	is(ITEM_RESPONSE, 1, &http_content, "json");
	is(ITEM_RESPONSE, 1, &service_message, "No \"EK\" here");
	cites(ITEM_RESPONSE, 1, &service_message, "No \\\"EK\\\" here");
	tap_ok(item(ITEM_ARCHIVE, 1)->artifacts & ARTIFACT(CAPTURE),
	    "a capture was read");
	tap_ok(item(ITEM_RESPONSE, 1)->artifacts & ARTIFACT(ANSWER),
	    "an answer was read");
	tap_ok(ev_problems(ev) == NULL, "no problems");
}

static void
names(void)
{
	begin();
	zip_text(&z, "Case\\RAW\\010_C.TXT", "GET http://a.example/ "
	    "HTTP/1.1\r\nA: 1\r\n\r\nbody");
	zip_text(&z, "Case\\raw\\9_s.txt", "");
	zip_text(&z, "Case\\raw\\10_c.txt", "GET http://b.example/ "
	    "HTTP/1.1\r\n\r\n");
	zip_text(&z, "Case\\raw\\11_w.txt", "\r\nRequest-Length: 0\r\n");
	zip_text(&z, "raw/1234567890_c.txt", "GET / HTTP/1.1\r\n\r\n");
	zip_text(&z, "raw/12_c.txt/", "");
	zip_text(&z, "other.txt", "hello");
	end();
	tap_is_number((long long)count(ITEM_SESSION), 3, "three sessions");
	is(ITEM_SESSION, 1, &session_number, "9");
	is(ITEM_SESSION, 1, &session_parts, "s");
	is(ITEM_SESSION, 2, &session_number, "10");
	is(ITEM_SESSION, 3, &session_parts, "w");
	/* The first request is the file that is no part of a session. */
	is(ITEM_REQUEST, 2, &request_host, "a.example");
	is(ITEM_REQUEST, 2, &http_body, "dropped");
	tap_ok(said(PROBLEM_NOTED, "same part of session 10"),
	    "a part twice is said");
	tap_is_number((long long)count(ITEM_RESPONSE), 0, "no response");
	/* Case, the capture, 1234567890_c.txt and other.txt. */
	tap_is_number((long long)count(ITEM_FILE), 3, "other members");
}

static void
others(void)
{
	struct item *it;

	begin();
	zip_text(&z, "raw/1_c.txt", "POST https://www.example/ HTTP/1.1\r\n"
	    "Content-Length: 4\r\n\r\nbody");
	zip_text(&z, "raw/1_s.txt", "HTTP/1.1 400 No\r\nContent-Type: "
	    "application/json\r\n\r\n{\"Message\":\"No valid TPM EK/Platform "
	    "certificate provided in the TPM identity request message.\"}");
	zip_text(&z, "raw/2_s.txt", "HTTP/1.1 200 OK\r\n\r\n{\"Message\":1}");
	end();
	it = item(ITEM_RESPONSE, 1);
	is(ITEM_RESPONSE, 1, &http_body, "dropped");
	tap_ok(item_fact(it, &service_message) == NULL &&
	    (it->artifacts & ARTIFACT(ANSWER)) == 0,
	    "another host's word is no answer");
	is(ITEM_RESPONSE, 2, &http_body, "ok");
	is(ITEM_SESSION, 2, &session_parts, "s");
}

static void
tunnels(void)
{
	begin();
	zip_text(&z, "raw/1_c.txt", "CONNECT " HOST ":443 HTTP/1.1\r\nHost: "
	    HOST ":443\r\n\r\nA SSLv3-compatible ClientHello handshake was "
	    "found.\r\n\r\nVersion: 3.4 (TLS/1.3)\r\n");
	zip_text(&z, "raw/1_s.txt", "HTTP/1.1 200 Connection Established\r\n"
	    "FiddlerGateway: Direct\r\n\r\nEncrypted HTTPS traffic flows "
	    "through this CONNECT tunnel. HTTPS Decryption is enabled.\r\n\r\n"
	    "Secure Protocol: Tls12\r\nCipher: Aes256 256bits\r\n\r\n"
	    "== Server Certificate ==========\r\n[Subject]\r\n  CN=a, O=b\r\n"
	    "\r\n[Issuer]\r\n  CN=c\r\n\r\n[Not Before]\r\n  01.02.2021\r\n\r\n"
	    "[Thumbprint]\r\n  0102030405060708090A0B0C0D0E0F1011121314\r\n");
	zip_text(&z, "raw/2_c.txt", "CONNECT " HOST ":443 HTTP/1.1\r\n\r\n");
	zip_text(&z, "raw/2_s.txt", "HTTP/1.1 200 Connection Established\r\n"
	    "\r\nfiddler.network.https> HTTPS handshake to " HOST " (for #3) "
	    "failed. System.IO.IOException Fehler <inner>");
	zip_text(&z, "raw/3_c.txt", "CONNECT " HOST ":443 HTTP/1.1\r\n\r\n");
	zip_text(&z, "raw/3_s.txt", "HTTP/1.1 502 Fiddler - Connection Failed"
	    "\r\nContent-Type: text/html\r\n\r\n[Fiddler] The connection to "
	    "'h' failed. <br />Error: TimedOut (0x274c).      ");
	zip_text(&z, "raw/4_c.txt", "CONNECT " HOST ":443 HTTP/1.1\r\n\r\n");
	zip_text(&z, "raw/4_s.txt", "HTTP/1.1 407 Auth\r\nContent-Type: "
	    "text/html\r\n\r\n<html><body>no</body></html>");
	end();
	is(ITEM_SESSION, 1, &connect_version, "Tls12");
	is(ITEM_SESSION, 1, &connect_cipher, "Aes256 256bits");
	is(ITEM_SESSION, 1, &connect_subject, "CN=a, O=b");
	is(ITEM_SESSION, 1, &connect_issuer, "CN=c");
	cites(ITEM_SESSION, 1, &connect_issuer, "CN=c");
	is(ITEM_SESSION, 1, &connect_not_before, "01.02.2021");
	is(ITEM_SESSION, 1, &connect_thumbprint,
	    "0102030405060708090a0b0c0d0e0f1011121314");
	cites(ITEM_SESSION, 1, &connect_thumbprint,
	    "0102030405060708090A0B0C0D0E0F1011121314");
	is(ITEM_SESSION, 1, &connect_decrypted, "true");
	is(ITEM_SESSION, 1, &connect_failed, "false");
	is(ITEM_RESPONSE, 1, &http_made_by, "fiddler");
	is(ITEM_SESSION, 2, &connect_failed, "true");
	tap_ok(strncmp(sample_show(ev, item(ITEM_SESSION, 2),
	    &connect_failure), "fiddler.network.https> HTTPS handshake to",
	    41) == 0, "a failure behind a 200");
	is(ITEM_RESPONSE, 3, &http_made_by, "fiddler");
	is(ITEM_RESPONSE, 3, &http_winsock, "0x0000274c");
	is(ITEM_RESPONSE, 3, &http_error_text, "[Fiddler] The connection to "
	    "'h' failed. <br />Error: TimedOut (0x274c).");
	is(ITEM_RESPONSE, 4, &http_made_by, "proxy");
}

static void
keywords(void)
{
	const struct fact *f;

	begin();
	zip_text(&z, "raw/1_c.txt", "GET https://" HOST "/templates/Aik/scep"
	    "?operation=GetCACaps HTTP/1.1\r\n\r\n");
	zip_text(&z, "raw/1_s.txt", "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
	    "chunked\r\n\r\n11\r\nSHA-256\r\nAES256 \r\r\n5\r\nDES3\n\r\n"
	    "0\r\n\r\n");
	end();
	f = item_fact(item(ITEM_RESPONSE, 1), &getcacaps_keyword);
	tap_ok(f != NULL && strcmp(f->value.p, "SHA-256") == 0, "SHA-256");
	f = f != NULL ? fact_next(f) : NULL;
	tap_ok(f != NULL && strcmp(f->value.p, "AES256") == 0 &&
	    f->at.len == 6, "AES256 without its blank");
	f = f != NULL ? fact_next(f) : NULL;
	tap_ok(f != NULL && strcmp(f->value.p, "DES3") == 0, "DES3");
}

static void
meta_of(const char *name, const char *xml, size_t n, const char *want_sid,
    const char *problem)
{
	begin();
	zip_add(&z, "raw/1_m.xml", xml, n, true);
	end();
	if (!tap_ok(strcmp(sample_show(ev, item(ITEM_SESSION, 1),
	    &session_sid), want_sid) == 0 && (problem != NULL ?
	    said(PROBLEM_NOTED, problem) || said(PROBLEM_LIMIT, problem) :
	    ev_problems(ev) == NULL), "metadata: %s", name))
		said(PROBLEM_NOTED, "");
}

static void
metadata(void)
{
	static const char laughs[] = "<!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\">"
	    "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><Session SID=\"&b;\" "
	    "BitFlags=\"1\"/>";
	static const char file[] = "<!DOCTYPE l SYSTEM \"file:///etc/passwd\">"
	    "<Session SID=\"1\"/>";
	static const char korean[] = "<?xml version='1.0' encoding='EUC-KR'?>"
	    "<Session SID='1'/>";
	static const char cut[] = "\xef\xbb\xbf<Session SID=\"4\"><SessionT";
	static const char plain[] = "<Session SID=\"5\"/>";
	char utf16[80] = "\xff\xfe", *big;
	size_t i, n = 200000;

	meta_of("a bomb", laughs, sizeof(laughs) - 1, "", "DOCTYPE");
	meta_of("a DTD", file, sizeof(file) - 1, "", "DOCTYPE");
	meta_of("EUC-KR", korean, sizeof(korean) - 1, "", "encoding");
	meta_of("cut", cut, sizeof(cut) - 1, "4", "ends being XML");
	meta_of("a BOM alone", cut, 3, "", NULL);
	meta_of("no BOM", plain, sizeof(plain) - 1, "5", NULL);
	for (i = 0; i < sizeof(plain) - 1; i++) {
		utf16[2 + 2 * i] = plain[i];
		utf16[3 + 2 * i] = 0;
	}
	meta_of("UTF-16", utf16, 2 * sizeof(plain), "5", NULL);
	tap_ok(item_fact(item(ITEM_SESSION, 1), &session_sid)->at.len == 2,
	    "the place in UTF-16");
	meta_of("no SID", "<Session/>", 10, "", NULL);
	meta_of("a bad SID", "<Session SID='-1'/>", 19, "", NULL);
	big = malloc(n + 1);
	strcpy(big, "<Session SID='1' ");
	for (i = strlen(big); i + 10 < n; i += 10)
		snprintf(big + i, 11, "a%05u='' ", (unsigned int)i / 10 % 100000);
	meta_of("20,000 attributes", big, i, "", "attributes");
	memset(big, ' ', n);
	for (i = 0; i + 3 < n; i += 3)
		memcpy(big + i, "<a>", 3);
	meta_of("66,000 levels", big, i, "", "ends being XML");
	big = realloc(big, 300000);
	memset(big, ' ', 300000);
	memcpy(big, plain, sizeof(plain) - 1);
	meta_of("300,000 bytes", big, 300000, "", "meta_bytes");
	free(big);
}

static void
nested(void)
{
	struct zip inner = { .comment = "" };
	uint8_t *p;
	size_t n;
	int i;

	zip_text(&inner, "raw/1_c.txt", "GET http://a.example/ HTTP/1.1\r\n"
	    "\r\n");
	zip_end(&inner);
	p = inner.p;
	n = inner.n;
	for (i = 0; i < 5; i++) {
		begin();
		zip_add(&z, "inner.zip", p, n, false);
		if (i < 4)
			zip_end(&z);
		else
			end();
		free(p);
		p = malloc(z.n);
		memcpy(p, z.p, z.n);
		n = z.n;
	}
	free(p);
	tap_ok(count(ITEM_ARCHIVE) == 4 && said(PROBLEM_LIMIT, "depth"),
	    "containers are opened four deep");
	is(ITEM_ARCHIVE, 1, &archive_members, "1");
}

/* A message that is a file of its own. */
static void
alone(void)
{
	static const char text[] = "HTTP/1.1 404 Not Found\r\nContent-Type: "
	    "application/json\r\nx-ms-request-id: 5\r\n\r\n"
	    "{\"Message\":\"The authority does not exist.\"}";

	evidence_free(ev);
	ev = sample_evidence("answer.txt", (const uint8_t *)text,
	    sizeof(text) - 1);
	tap_is_text(sample_kind(ev), "http", "a message alone");
	is(ITEM_RESPONSE, 1, &service_message,
	    "The authority does not exist.");
}

static void
real(void)
{
	static const struct {
		const char	*name;
		size_t		 sessions;
	} files[] = {
		{ "joelverhagen-httpbin-test.saz", 6 },
		{ "joelverhagen-images.saz", 3 },
		{ "node-saz-parser-multipleSessions.saz", 4 },
		{ "node-saz-parser-notASazFile.saz", 0 },
		{ "node-saz-parser-simple.saz", 1 },
		{ "real-saz2har-demo.saz", 1 },
		{ "saz-viewer-e2e-sample.saz", 4 }
	};
	const char *folder = sample_shared("saz");
	char path[8192];
	size_t i, n;
	uint8_t *p;

	if (folder == NULL) {
		tap_ok(true, "real captures # SKIP no ../shared/data/saz");
		return;
	}
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i].name);
		p = sample_read(path, &n);
		if (p == NULL)
			continue;
		evidence_free(ev);
		ev = sample_evidence(files[i].name, p, n);
		tap_ok(count(ITEM_SESSION) == files[i].sessions &&
		    sample_bad_spans(ev, ITEM_SESSION, false) == 0 &&
		    sample_bad_spans(ev, ITEM_RESPONSE, false) == 0,
		    "%s: %zu sessions", files[i].name, files[i].sessions);
		evidence_free(ev);
		ev = NULL;
		free(p);
	}
}

#define META(bits, more, flags)						\
	"<?xml version=\"1.0\" encoding=\"utf-8\"?><Session SID=\"3\" "	\
	"BitFlags=\"" bits "\"><SessionTimers DNSTime=\"12\" TCPConnectTime="	\
	"\"7.5\" GatewayTime=\"\" HTTPSHandshakeTime=\"-1\" ServerConnected="	\
	"\"2023-03-29T14:05:10.123+02:00\" ClientDoneResponse=\"0001-01-01"	\
	"T00:00:00" more "\"/><PipeInfo/><SessionFlags>" flags			\
	"</SessionFlags></Session>"
#define FLAG(name, value)	"<SessionFlag N=\"" name "\" V=\"" value "\"/>"
#define REQUEST	"POST https://" HOST "/templates/Aik/scep?operation="		\
		"PKIOperation HTTP/1.1\r\nHost: " HOST "\r\n"			\
		"Content-Length: 9\r\n\r\n"

static const char *
keyed(const struct field *field, const char *key)
{
	const struct fact *f = item_keyed(item(ITEM_SESSION, 1), field, key);
	size_t n;

	return f == NULL ? "" : value_show(ev, field, &f->value, false, &n);
}

static void
flags(void)
{
	begin();
	zip_text(&z, "raw/1_c.txt", REQUEST);
	zip_text(&z, "raw/1_s.txt", "HTTP/1.1 502 Bad Gateway\r\n"
	    "Content-Length: 50\r\n\r\n");
	zip_text(&z, "raw/1_m.xml", META("120900", "",
	    FLAG("x-aborted-when", "SendingRequest")
	    FLAG("X-AutoResponder", "Rule 3")
	    FLAG("x-responsebodytransferlength", "1\xc2\xa0" "752")
	    FLAG("x-no-decrypt", "PeekYieldedUnknownProtocol")
	    FLAG("x-loadedfrom", "raw/01_s.txt") FLAG("acme.note", "17")));
	zip_text(&z, "raw/1_w.txt", "\r\nRequest-Length: 6\r\nID: 1\r\n\r\n"
	    "abcdef\r\nResponse-Length: 2\r\n\r\n\r\n");
	end();
	is(ITEM_SESSION, 1, &session_flags, "1181952");
	is(ITEM_SESSION, 1, &session_gateway, "true");
	is(ITEM_SESSION, 1, &session_aborted_when, "SendingRequest");
	is(ITEM_SESSION, 1, &session_altered, "Rule 3");
	is(ITEM_SESSION, 1, &session_transfer, "1752");
	is(ITEM_SESSION, 1, &session_no_decrypt,
	    "PeekYieldedUnknownProtocol");
	is(ITEM_SESSION, 1, &session_loaded_from, "raw/01_s.txt");
	tap_is_text(keyed(&session_flag, "acme.note"), "17",
	    "flags of others are kept");
	tap_is_text(keyed(&session_ms, "dnstime"), "12", "a duration");
	tap_is_text(keyed(&session_ms, "tcpconnecttime"), "7",
	    "a duration with a fraction");
	tap_is_text(keyed(&session_ms, "httpshandshaketime"), "-1",
	    "a negative duration");
	tap_is_text(keyed(&session_ms, "gatewaytime"), "", "an empty one");
	tap_is_text(keyed(&session_time, "serverconnected"),
	    "2023-03-29T12:05:10.123Z", "a timer");
	is(ITEM_REQUEST, 1, &http_body, "dropped");
	is(ITEM_RESPONSE, 1, &http_body, "dropped");
	is(ITEM_RESPONSE, 1, &http_made_by, "fiddler");
	is(ITEM_SESSION, 1, &websocket_messages, "2");
	is(ITEM_SESSION, 1, &websocket_message, "Request-Length: 6");
	sample_torture("x.saz", z.p, z.n, 300);

	begin();
	zip_text(&z, "raw/1_c.txt", REQUEST);
	zip_text(&z, "raw/1_m.xml", META("1121", ".0000000+01:00", ""));
	end();
	is(ITEM_SESSION, 1, &session_flags, "1121");

	begin();
	zip_text(&z, "raw/1_c.txt", REQUEST);
	zip_text(&z, "raw/1_g.txt", "whatever Fiddler Everywhere writes");
	end();
	is(ITEM_SESSION, 1, &session_parts, "c g");
	tap_ok(strstr(ev_problems(ev)->text, "gRPC") != NULL &&
	    ev_problems(ev)->level == PROBLEM_NOTED,
	    "that gRPC is there and not read is said");
}

/* Without raw/, without HTTP, with HTTP/2's pseudo fields. */
static void
odd(void)
{
	begin();
	zip_text(&z, "01_c.txt", REQUEST "123456789");
	zip_text(&z, "01_s.txt", "HTTP/2 200\r\n\r\n");
	end();
	tap_is_text(sample_kind(ev), "saz", "files of raw/ without raw/");
	is(ITEM_RESPONSE, 1, &http_status, "200");
	begin();
	zip_text(&z, "raw/1_c.txt", "A list of what is in this folder.\n");
	zip_text(&z, "raw/1_s.txt", "Nothing.\n");
	end();
	tap_is_text(sample_kind(ev), "archive", "names alone are no capture");
	tap_ok(count(ITEM_SESSION) == 0 && count(ITEM_NOTE) == 2,
	    "its files are notes");
	begin();
	zip_text(&z, "raw/1_c.txt", ":method: GET\r\n:scheme: https\r\n"
	    ":authority: " HOST "\r\n:path: /x?operation=GetCACaps\r\n\r\n");
	zip_text(&z, "raw/1_s.txt", ":status: 404\r\nserver: Zscaler/6.2\r\n"
	    "\r\n<html></html>");
	end();
	is(ITEM_REQUEST, 1, &request_method, "GET");
	is(ITEM_REQUEST, 1, &request_scope, "aik");
	is(ITEM_REQUEST, 1, &request_operation, "GetCACaps");
	is(ITEM_RESPONSE, 1, &http_status, "404");
	is(ITEM_RESPONSE, 1, &http_proxy_vendor, "Zscaler");
	is(ITEM_RESPONSE, 1, &http_made_by, "proxy");
}

/* Base64 of a sample's certificate, with this between its lines of 76. */
static void
put_base64(char *to, const uint8_t *p, size_t n, const char *between)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
	    "mnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	unsigned int have = 0;
	size_t i, signs = 0;

	for (i = 0; i < n || have > 0; i++) {
		bits = bits << 8 | (i < n ? p[i] : 0);
		for (have += 8; have >= 6; have -= 6) {
			*to++ = digits[bits >> (have - 6) & 63];
			if (++signs % 76 == 0)
				to += sprintf(to, "%s", between);
		}
		if (i >= n)
			break;
	}
	*to = '\0';
}

/* No form of the answer is published but Intel's: any string may be one. */
static void
ek_answers(void)
{
	static const struct {
		const char	*head, *tail, *between;
	} forms[] = {
		{ "{\"certificate\":\"", "\"}", "" },
		{ "{\"a\":1,\"EkCert\":{\"Raw\":[\"", "\"]}}", "" },
		{ "\"", "\"", "\\r\\n" },
		{ "[\"-----BEGIN CERTIFICATE-----\\n",
		    "\\n-----END CERTIFICATE-----\\n\"]", "\\n" },
		{ "", "", "\r\n" },
	};
	const char *srcdir = getenv("srcdir");
	char path[4096], *text;
	size_t i, n;
	uint8_t *p;

	snprintf(path, sizeof(path), "%s/samples/ek-certificate-expired/"
	    "ek.cer", srcdir != NULL ? srcdir : ".");
	p = sample_read(path, &n);
	text = malloc(2 * n + 600);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		sprintf(text, "HTTP/1.1 200 OK\r\nContent-Type: "
		    "application/json\r\n\r\n%s", forms[i].head);
		put_base64(text + strlen(text), p, n, forms[i].between);
		strcat(text, forms[i].tail);
		begin();
		zip_text(&z, "raw/1_c.txt", "POST https://ekcert.spserv."
		    "microsoft.com/EKCertificate/GetEKCertificate/v1 HTTP/1.1"
		    "\r\n\r\n{}");
		zip_text(&z, "raw/1_s.txt", text);
		end();
		tap_is_text(sample_show(ev, item(ITEM_CERTIFICATE, 1),
		    &cert_key), "RSA 2048", *forms[i].head == '\0' ?
		    "base64 alone" : forms[i].head);
	}
	begin();
	zip_text(&z, "raw/1_c.txt", "POST https://login.live.com/ HTTP/1.1\r\n"
	    "\r\n{}");
	zip_text(&z, "raw/1_s.txt", "HTTP/1.1 200 OK\r\nContent-Type: "
	    "application/json\r\n\r\n{\"x\":\"MIIB\"}");
	end();
	tap_ok(count(ITEM_CERTIFICATE) == 0, "a short string is none");
	free(text);
	free(p);
}

int
main(void)
{
	whole();
	sample_torture("x.saz", z.p, z.n, 500);
	names();
	others();
	tunnels();
	sample_torture("x.saz", z.p, z.n, 500);
	keywords();
	metadata();
	flags();
	odd();
	nested();
	ek_answers();
	alone();
	real();
	evidence_free(ev);
	free(z.p);
	return tap_done();
}
