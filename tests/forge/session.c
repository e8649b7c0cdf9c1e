/*
 * The sessions of a capture: those of the attempts, of single lines of the
 * scenario, and the tunnels, in which Fiddler writes its own words.
 * Relies on attempt.c for what was sent and answered.
 */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	MS	(SECOND / 1000)

#define GATEWAY	0x800u			/* BitFlags: SentToGateway */

struct session *
session_add(struct sessions *all)
{
	all->v = realloc(all->v, (all->n + 1) * sizeof(*all->v));
	if (all->v == NULL)
		die("out of memory");
	memset(&all->v[all->n], 0, sizeof(*all->v));
	return &all->v[all->n++];
}

/* What Fiddler writes into a CONNECT session: its own words, no wire data. */
void
session_tunnel(struct session *x, const char *host, int64_t when, int zone,
    bool decrypted, const char *issuer)
{
	char random[65], id[65], clock[16];
	uint8_t bytes[32];
	unsigned index;
	int t[7];

	index = (unsigned)(when / MS % 1000000);
	x->connect = true;
	x->start = when;
	x->flags = decrypted ? 0x2100 : 0x1100;
	rng_bytes("client random", index, bytes, sizeof(bytes));
	hex_put(bytes, sizeof(bytes), true, random);
	rng_bytes("session id", index, bytes, sizeof(bytes));
	hex_put(bytes, sizeof(bytes), true, id);
	buf_printf(&x->c, "CONNECT %s:443 HTTP/1.1\r\n"
	    "Connection: Keep-Alive\r\nHost: %s:443\r\n\r\n"
	    "A SSLv3-compatible ClientHello handshake was found. Fiddler "
	    "extracted the parameters below.\r\n\r\n"
	    "Version: 3.3 (TLS/1.2)\r\nRandom: %s\r\nSessionID: empty\r\n"
	    "Extensions: \r\n\tserver_name\t%s\r\n"
	    "\tsupported_groups\tx25519 [0x1d], secp256r1 [0x17]\r\n"
	    "\tec_point_formats\tuncompressed [0x0]\r\n"
	    "Ciphers: \r\n"
	    "\t[C02C]\tTLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\r\n"
	    "\t[C030]\tTLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\r\n\r\n"
	    "Compression: \r\n\t[00]\tNO_COMPRESSION\r\n", host, host, random,
	    host);
	time_civil(when + zone * 60 * SECOND, t);
	snprintf(clock, sizeof(clock), "%02d:%02d:%02d.%03d", t[3], t[4], t[5],
	    (int)(when / MS % 1000));
	buf_printf(&x->s, "HTTP/1.1 200 Connection Established\r\n"
	    "FiddlerGateway: Direct\r\nStartTime: %s\r\nConnection: close\r\n",
	    clock);
	if (decrypted)
		buf_printf(&x->s, "\r\n"
		    "Encrypted HTTPS traffic flows through this CONNECT "
		    "tunnel. HTTPS Decryption is enabled in Fiddler, so "
		    "decrypted sessions running in this tunnel will be shown "
		    "in the Web Sessions list.\r\n\r\n"
		    "Secure Protocol: Tls12\r\nCipher: Aes256 256bits\r\n"
		    "Hash Algorithm: Sha384 ?bits\r\n"
		    "Key Exchange: ECDHE_RSA (0xae06) 255bits\r\n\r\n"
		    "== Server Certificate ==========\r\n"
		    "[Subject]\r\n  CN=%s\r\n\r\n"
		    "[Issuer]\r\n  %s\r\n\r\n"
		    "[Thumbprint]\r\n  %.40s\r\n", host, issuer != NULL ?
		    issuer : "CN=Microsoft Azure RSA TLS Issuing CA 04, "
		    "O=Microsoft Corporation, C=US", id);
	else
		buf_printf(&x->s, "EndTime: %s\r\nClientToServerBytes: %u\r\n"
		    "ServerToClientBytes: %u\r\n\r\n"
		    "This is a CONNECT tunnel, through which encrypted HTTPS "
		    "traffic flows.\r\n"
		    "To view the encrypted sessions inside this tunnel, enable "
		    "the Tools > Options > HTTPS > Decrypt HTTPS traffic "
		    "option.\r\n\r\n"
		    "A SSLv3-compatible ServerHello handshake was found. "
		    "Fiddler extracted the parameters below.\r\n\r\n"
		    "Version: 3.3 (TLS/1.2)\r\nSessionID: %s\r\n"
		    "Cipher: TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 "
		    "[0xC030]\r\n", clock, 2100 + index % 900,
		    6400 + index % 2000, id);
}

static const struct {
	const char	*outcome;
	const char	*reason;
	const char	*what;		/* printf: the host */
	const char	*error;
	const char	*exception;
} failures[] = {
	{ "dns", "DNS Lookup Failed", "DNS Lookup for \"%s\" failed.",
	    "HostNotFound (0x2af9)", "No such host is known" },
	/* Fiddlers that give no code, or do not speak of DNS. */
	{ "dns-worded", "DNS Lookup Failed", "DNS Lookup for \"%s\" failed.",
	    "HostNotFound", "No such host is known" },
	{ "dns-coded", "Connection Failed", "The connection to '%s' failed.",
	    "NoData (0x2afc)", "The requested name is valid, but no data of "
	    "the requested type was found" },
	{ "connection-refused", "Connection Failed",
	    "The connection to '%s' failed.", "ConnectionRefused (0x274d)",
	    "No connection could be made because the target machine actively "
	    "refused it 198.51.100.9:443" },
	{ "connection-timeout", "Connection Failed",
	    "The connection to '%s' failed.", "TimedOut (0x274c)",
	    "A connection attempt failed because the connected party did not "
	    "properly respond after a period of time 198.51.100.9:443" },
};

/* The tunnel could not be made: an answer of Fiddler's own, or the proxy's. */
static void
tunnel_fails(struct session *x, const struct attempt *a, int zone)
{
	int t[7];
	size_t i;

	x->s.n = 0;
	if (strcmp(a->connect, "proxy-407") == 0) {
		x->flags = 0x900;
		buf_str(&x->s, "HTTP/1.1 407 Proxy Authentication Required\r\n"
		    "Via: 1.1 proxy.corp.example\r\n"
		    "Proxy-Authenticate: NTLM\r\n"
		    "Proxy-Authenticate: Basic realm=\"corp.example\"\r\n"
		    "Content-Type: text/html\r\nConnection: close\r\n"
		    "Content-Length: 72\r\n\r\n"
		    "<html><body><h1>407</h1>The proxy wants to know who you "
		    "are.</body></html>");
		return;
	}
	for (i = 0; strcmp(failures[i].outcome, a->connect) != 0; i++)
		if (i + 1 == COUNT(failures))
			die("%s: no tunnel fails so", a->connect);
	time_civil(x->start + 90 * MS + zone * 60 * SECOND, t);
	x->flags = 0x100;
	buf_printf(&x->s, "HTTP/1.1 502 Fiddler - %s\r\n"
	    "Content-Type: text/html; charset=UTF-8\r\n"
	    "Connection: close\r\nCache-Control: no-cache, must-revalidate\r\n"
	    "Timestamp: %02d:%02d:%02d.%03d\r\n\r\n[Fiddler] ",
	    failures[i].reason, t[3], t[4], t[5],
	    (int)((x->start + 90 * MS) / MS % 1000));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_printf(&x->s, failures[i].what, a->host);
#pragma GCC diagnostic pop
	buf_printf(&x->s, " <br />Error: %s. <br />System.Net.Sockets."
	    "SocketException %s", failures[i].error, failures[i].exception);
	while (x->s.n < 512 + 180)
		buf_byte(&x->s, ' ');
}

static void
request_head(struct buf *b, const struct attempt *a, const struct exchange *x)
{
	static const char *const operations[] = {
		"GetCACaps", "GetCACertChain&message=default", "PKIOperation",
		"PKIOperation",
	};
	const struct device *d = a->device;
	unsigned v[4] = { 0, 0, 0, 0 };

	sscanf(d->firmware, "%u.%u.%u.%u", &v[0], &v[1], &v[2], &v[3]);
	buf_printf(b, "%s https://%s/templates/Aik/scep?operation=%s "
	    "HTTP/1.1\r\n", x->step >= STEP_REQUEST ? "POST" : "GET", a->host,
	    operations[x->step]);
	buf_str(b, "Cache-Control: no-cache\r\nConnection: Keep-Alive\r\n"
	    "Pragma: no-cache\r\nContent-Type: application/x-pki-message\r\n");
	buf_printf(b, "User-Agent: Mozilla/4.0 (compatible; Win32; NDES client "
	    "%s/%s)\r\n", d->windows, d->branch);
	buf_printf(b, "PlatformType: TPM-Version:2.0 -Level:0-Revision:1.38-"
	    "VendorID:'%-4s'-Firmware:%u.%u\r\n", d->ca->vendor,
	    v[0] << 16 | v[1], v[2] << 16 | v[3]);
	buf_printf(b, "x-ms-client-request-id: %s\r\n", a->client_request_id);
	if (x->step >= STEP_REQUEST)
		buf_printf(b, "Content-Length: %zu\r\n", x->request.n);
	buf_printf(b, "Host: %s\r\n\r\n", a->host);
	buf_add(b, &x->request);
}

/* In two chunks and with a trailer, as a gateway may pass an answer on. */
static void
chunks_put(struct buf *b, const struct buf *body)
{
	size_t half = body->n / 2;

	buf_printf(b, "%zx\r\n", half);
	buf_put(b, body->p, half);
	buf_printf(b, "\r\n%zX;ext=\"1\"\r\n", body->n - half);
	buf_put(b, body->p + half, body->n - half);
	buf_printf(b, "\r\n0\r\nX-Body-Length: %zu\r\n"
	    "Server-Timing: total;dur=41\r\n\r\n", body->n);
}

static void
answer_message(struct buf *b, const struct scenario *s,
    const struct attempt *a, const struct exchange *x)
{
	int64_t age = x->step == STEP_CAPS ? a->cached : 0;
	char date[40];

	if (x->status == 0)
		return;
	if (a->interim && x->step >= STEP_REQUEST)
		buf_str(b, "HTTP/1.1 100 Continue\r\n\r\n");
	time_http(x->start + x->ms * MS - s->skew - age, date, sizeof(date));
	if (x->server != NULL) {
		buf_printf(b, "HTTP/1.1 %d %s\r\nServer: %s\r\n", x->status,
		    x->reason, x->server);
		if (x->via != NULL)
			buf_printf(b, "Via: %s\r\n", x->via);
		buf_printf(b, "Date: %s\r\nContent-Type: %s\r\n"
		    "Connection: close\r\nContent-Length: %zu\r\n\r\n",
		    date, x->type, x->answer.n);
		buf_add(b, &x->answer);
		return;
	}
	buf_printf(b, "HTTP/1.1 %d %s\r\n", x->status, x->reason);
	if (x->via != NULL)
		buf_printf(b, "Via: %s\r\n", x->via);
	if (x->chunked)
		buf_str(b, "Transfer-Encoding: chunked\r\n"
		    "Trailer: X-Body-Length, Server-Timing\r\n");
	else
		buf_printf(b, "Content-Length: %zu\r\n", x->answer.n);
	buf_printf(b,
	    "Content-Type: %s\r\nX-Content-Type-Options: nosniff\r\n"
	    "Strict-Transport-Security: max-age=31536000;includeSubDomains\r\n"
	    "x-ms-request-id: %s\r\nDate: %s\r\n\r\n",
	    x->type, x->request_id, date);
	if (x->chunked)
		chunks_put(b, &x->answer);
	else
		buf_add(b, &x->answer);
}

/* A rule of AutoResponder answered; NULL: none did. */
static void
session_altered(struct session *x, const char *rule)
{
	if (rule == NULL)
		return;
	x->extra[0].key = xstrdup("x-autoresponder");
	x->extra[0].value = xstrdup(rule);
	x->nextra = 1;
}

void
attempt_sessions(struct sessions *all, const struct scenario *s,
    const struct attempt *a)
{
	const struct exchange *e;
	struct session *x;
	int64_t when;
	size_t i;

	when = (a->nexchanges > 0 ? a->exchanges[0].start : a->start) - 95 * MS;
	x = session_add(all);
	session_tunnel(x, a->host, when, s->zone, !a->tunnel_only ||
	    a->issuer != NULL, a->issuer);
	x->flags |= a->gateway ? GATEWAY : 0;
	x->ms = 90;
	x->process = a->process;
	x->host_ip = "20.190.128.17";
	if (a->connect != NULL) {
		tunnel_fails(x, a, s->zone);
		x->host_ip = NULL;
	}
	for (i = 0; i < a->nexchanges; i++) {
		e = &a->exchanges[i];
		x = session_add(all);
		x->start = e->start;
		x->ms = e->ms;
		x->flags = i == 0 ? 0x1 : 0x19;
		x->flags |= a->gateway ? GATEWAY : 0;
		x->process = a->process;
		x->host_ip = "20.190.128.17";
		request_head(&x->c, a, e);
		answer_message(&x->s, s, a, e);
		x->aborted = e->status == 0;
		session_altered(x, a->altered);
	}
}

/* session HOST ...: one session of any other host, as the scenario says. */
void
session_of_line(struct sessions *all, const struct scenario *s,
    const struct line *l)
{
	const char *body = option(l, "body", ""), *host = option(l, "host", "");
	struct buf made = { NULL, 0, 0 };
	struct session *x;
	char date[40];

	x = session_add(all);
	x->start = s->time + option_long(l, "after", 0) * SECOND + 31 * MS;
	x->ms = 84;
	x->flags = 0x19;
	x->process = option(l, "process", "msedge");
	x->host_ip = "203.0.113.80";
	session_altered(x, option(l, "altered", NULL));
	if (option(l, "of", NULL) != NULL)
		certificate_make(&made, s, l);
	else
		buf_str(&made, body);
	buf_printf(&x->c, "%s https://%s%s HTTP/1.1\r\nHost: %s\r\n"
	    "Connection: keep-alive\r\nAccept: */*\r\n\r\n",
	    option(l, "method", "GET"), host, option(l, "path", "/"), host);
	time_http(x->start + x->ms * MS - s->skew, date, sizeof(date));
	buf_printf(&x->s, "HTTP/1.1 %ld %s\r\nDate: %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\n\r\n", option_long(l, "status", 200),
	    option(l, "reason", "OK"), date, option(l, "type",
	    "application/json"), made.n);
	buf_add(&x->s, &made);
	buf_free(&made);
}
