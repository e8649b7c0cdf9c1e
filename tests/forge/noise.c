/*
 * Sessions that have nothing to do with the enrolment: a browser, Windows'
 * own services and a line-of-business application, with small bodies.
 * Relies on the seed for times and contents; hosts are public or of .example.
 */
#include "forge.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum coding { PLAIN, CHUNKED, GZIP, GZIP_CHUNKED, EMPTY };

static const struct visit {
	const char	*process;
	const char	*host;
	const char	*method;
	const char	*path;
	int		 status;
	const char	*reason;
	const char	*type;
	enum coding	 coding;
	const char	*body;		/* %s: a GUID */
	const char	*request;	/* body of the request, or NULL */
	bool		 blind;		/* only the tunnel is seen */
} visits[] = {
	{ "svchost", "www.msftconnecttest.com", "GET", "/connecttest.txt", 200,
	    "OK", "text/plain", PLAIN, "Microsoft Connect Test", NULL, false },
	{ "msedge", "portal.contoso.example", "GET", "/", 200, "OK",
	    "text/html; charset=utf-8", GZIP_CHUNKED,
	    "<!DOCTYPE html><html><head><title>Start</title></head><body>"
	    "<h1>Start page</h1><p>Build %s</p></body></html>", NULL, false },
	{ "msedge", "portal.contoso.example", "GET", "/favicon.ico", 404,
	    "Not Found", "text/html", PLAIN,
	    "<html><body>Not found</body></html>", NULL, false },
	{ "msedge", "static.contoso.example", "GET", "/app/main.css", 304,
	    "Not Modified", NULL, EMPTY, "", NULL, false },
	{ "svchost", "settings-win.data.microsoft.com", "GET",
	    "/settings/v3.0/wsd/muse", 200, "OK", "application/json", PLAIN,
	    "{\"refreshInterval\":1440,\"queryUrl\":\"/settings/v3.0/wsd\","
	    "\"id\":\"%s\"}", NULL, false },
	{ "svchost", "v10.events.data.microsoft.com", "POST",
	    "/OneCollector/1.0/", 200, "OK", "application/json", PLAIN,
	    "{\"acc\":3}", "{\"name\":\"Sample.Event\",\"ver\":\"4.0\"}",
	    false },
	{ "svchost", "ctldl.windowsupdate.com", "GET",
	    "/msdownload/update/v3/static/trustedr/en/authrootstl.cab", 304,
	    "Not Modified", NULL, EMPTY, "", NULL, false },
	{ "crm", "api.fabrikam.example", "POST", "/v2/orders/search", 200,
	    "OK", "application/json; charset=utf-8", CHUNKED,
	    "{\"orders\":[{\"id\":\"%s\",\"state\":\"open\"}],\"next\":null}",
	    "{\"state\":\"open\",\"limit\":10}", false },
	{ "crm", "api.fabrikam.example", "GET", "/v2/profile", 401,
	    "Unauthorized", "application/json", PLAIN,
	    "{\"error\":\"token_expired\"}", NULL, false },
	{ "crm", "api.fabrikam.example", "GET", "/v2/profile", 200, "OK",
	    "application/json", GZIP,
	    "{\"name\":\"Test User\",\"id\":\"%s\",\"roles\":[\"reader\"]}",
	    NULL, false },
	{ "teams", "chat.northwind.example", "GET", "/", 200, "OK", NULL,
	    EMPTY, "", NULL, true },
	{ "svchost", "login.live.com", "GET", "/ppsecure/deviceaddcredential"
	    ".srf", 200, "OK", "text/xml", PLAIN,
	    "<?xml version=\"1.0\"?><Response Success=\"true\"><id>%s</id>"
	    "</Response>", NULL, false },
	{ "svchost", "fe3cr.delivery.mp.microsoft.com", "POST",
	    "/ClientWebService/client.asmx", 200, "OK",
	    "application/soap+xml; charset=utf-8", PLAIN,
	    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\">"
	    "<s:Body><id>%s</id></s:Body></s:Envelope>",
	    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"/>",
	    false },
	{ "msedge", "metrics.fabrikam.example", "POST", "/collect", 204,
	    "No Content", NULL, EMPTY, "", "v=1&t=pageview", false },
	{ "msedge", "metrics.fabrikam.example", "POST", "/collect", 503,
	    "Service Unavailable", "text/plain", PLAIN, "try again later",
	    "v=1&t=timing", false },
	{ "onedrive", "sync.tailspin.example", "GET", "/", 200, "OK", NULL,
	    EMPTY, "", NULL, true },
	{ "svchost", "ocsp.digicert.com", "GET", "/ocsp/MFEwTzBNMEswSTAJBgUr",
	    200, "OK", "application/ocsp-response", PLAIN, "0\003\n\001\006",
	    NULL, false },
	{ "msedge", "news.wingtip.example", "GET", "/rss.xml", 200, "OK",
	    "application/rss+xml", CHUNKED,
	    "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>News"
	    "</title><guid>%s</guid></channel></rss>", NULL, false },
};

static void
gzip(struct buf *ret, const char *text)
{
	uint8_t out[4096];
	z_stream z;

	memset(&z, 0, sizeof(z));
	if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		die("deflateInit2 failed");
	z.next_in = (Bytef *)(uintptr_t)text;
	z.avail_in = (uInt)strlen(text);
	z.next_out = out;
	z.avail_out = sizeof(out);
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		die("deflate failed");
	buf_put(ret, out, z.total_out);
	deflateEnd(&z);
}

static void
chunks(struct buf *ret, const struct buf *body)
{
	size_t at, n;

	for (at = 0; at < body->n; at += n) {
		n = body->n - at < 100 ? body->n - at : 100;
		buf_printf(ret, "%zx\r\n", n);
		buf_put(ret, body->p + at, n);
		buf_str(ret, "\r\n");
	}
	buf_str(ret, "0\r\n\r\n");
}

static void
answer(struct session *x, const struct visit *v, unsigned index,
    int64_t server_time)
{
	struct buf body = { NULL, 0, 0 }, framed = { NULL, 0, 0 };
	char date[40], guid[37], text[1024];

	rng_guid("noise body", index, guid);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof(text), v->body, guid);
#pragma GCC diagnostic pop
	if (v->coding == GZIP || v->coding == GZIP_CHUNKED)
		gzip(&body, text);
	else
		buf_str(&body, text);
	if (v->coding == CHUNKED || v->coding == GZIP_CHUNKED)
		chunks(&framed, &body);
	else
		buf_add(&framed, &body);
	time_http(server_time, date, sizeof(date));
	buf_printf(&x->s, "HTTP/1.1 %d %s\r\nDate: %s\r\nServer: test\r\n",
	    v->status, v->reason, date);
	if (v->type != NULL)
		buf_printf(&x->s, "Content-Type: %s\r\n", v->type);
	if (v->coding == GZIP || v->coding == GZIP_CHUNKED)
		buf_str(&x->s, "Content-Encoding: gzip\r\n");
	if (v->coding == CHUNKED || v->coding == GZIP_CHUNKED)
		buf_str(&x->s, "Transfer-Encoding: chunked\r\n");
	else if (v->coding != EMPTY)
		buf_printf(&x->s, "Content-Length: %zu\r\n", framed.n);
	buf_str(&x->s, "Connection: keep-alive\r\n\r\n");
	buf_add(&x->s, &framed);
	buf_free(&body);
	buf_free(&framed);
}

/* count sessions, tunnels included, between from and to. */
void
noise_add(struct sessions *all, const struct scenario *s, unsigned count,
    int64_t from, int64_t to)
{
	const struct visit *v;
	const char *host = "";
	struct session *x;
	unsigned i, visit = 0;
	char ip[2][24];
	int64_t when;

	snprintf(ip[0], sizeof(ip[0]), "198.51.100.%u", 7u);
	snprintf(ip[1], sizeof(ip[1]), "203.0.113.%u", 21u);
	for (i = 0; i < count; i++) {
		v = &visits[visit % COUNT(visits)];
		when = from + (to - from) / (count + 1) * (i + 1) +
		    rng_below("noise time", i, 2000) * 100 + i;
		x = session_add(all);
		if (strcmp(host, v->host) != 0) {
			session_tunnel(x, v->host, when, s->zone, !v->blind,
			    NULL);
			x->ms = 60;
			host = v->host;
			if (v->blind)
				visit++;
		} else {
			x->start = when;
			x->ms = 20 + (int)rng_below("noise ms", i, 300);
			x->flags = 0x19;
			buf_printf(&x->c, "%s https://%s%s HTTP/1.1\r\n"
			    "Host: %s\r\nUser-Agent: test\r\nAccept: */*\r\n",
			    v->method, v->host, v->path, v->host);
			if (v->request != NULL)
				buf_printf(&x->c, "Content-Type: text/plain\r\n"
				    "Content-Length: %zu\r\n",
				    strlen(v->request));
			buf_printf(&x->c, "\r\n%s",
			    v->request != NULL ? v->request : "");
			answer(x, v, i, when + x->ms * 1000 - s->skew);
			visit++;
		}
		x->process = v->process;
		x->host_ip = xstrdup(ip[strlen(v->host) % 2]);
	}
}
