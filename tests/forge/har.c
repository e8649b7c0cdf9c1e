/*
 * The same sessions in other forms than Fiddler's archive: HAR as five
 * programs write it, and text with a line of dashes between the sessions.
 * Relies on saz.c for the sessions of the scenario, and on zlib.
 */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#define	MS	(SECOND / 1000)

/* How binary bodies of requests are written. */
enum binary { LATIN1, LATIN1_ESCAPED, BASE64, LOST };

static const struct dialect {
	const char	*name;
	const char	*creator, *version, *browser, *browser_version;
	const char	*error;		/* of a session without an answer */
	enum binary	 binary;
	bool		 bom;
	bool		 tunnels;	/* CONNECT is written, too */
	bool		 comments;	/* with the session's number */
	bool		 crlf;
	int		 digits;	/* of a second's fraction */
} dialects[] = {
	{ "chrome", "WebInspector", "537.36", NULL, NULL, "net::ERR_ABORTED",
	    LATIN1, false, false, false, false, 3 },
	{ "edge", "WebInspector", "537.36", NULL, NULL, "net::ERR_ABORTED",
	    LATIN1, true, false, false, true, 3 },
	{ "firefox", "Firefox", "115.0", "Firefox", "115.0", NULL,
	    LATIN1_ESCAPED, false, false, false, false, 3 },
	{ "fiddler", "Fiddler", "5.0.20253.3311", NULL, NULL, NULL, BASE64,
	    false, true, true, true, 7 },
	{ "mitmproxy", "mitmproxy", "10.1.5", NULL, NULL, NULL, BASE64, false,
	    false, false, false, 6 },
	{ "lossy", "Lossy", "1", NULL, NULL, NULL, LOST, false, false, false,
	    false, 3 },
};

/* ---- JSON ---- */

static void
json_char(struct buf *b, unsigned c, bool escape)
{
	if (c == '"' || c == '\\')
		buf_printf(b, "\\%c", (int)c);
	else if (c == '\n')
		buf_str(b, "\\n");
	else if (c == '\r')
		buf_str(b, "\\r");
	else if (c == '\t')
		buf_str(b, "\\t");
	else if (c < 0x20 || (escape && c > 0x7e))
		buf_printf(b, "\\u%04x", c);
	else if (c < 0x80)
		buf_byte(b, c);
	else {
		buf_byte(b, 0xc0 | c >> 6);
		buf_byte(b, 0x80 | (c & 0x3f));
	}
}

/* Text is UTF-8 already; of binary bytes each is a character. */
static void
json_string(struct buf *b, const void *p, size_t n, bool binary, bool escape)
{
	const uint8_t *c = p;
	size_t i;

	buf_byte(b, '"');
	for (i = 0; i < n; i++)
		if (binary || c[i] < 0x80)
			json_char(b, c[i], escape);
		else
			buf_byte(b, c[i]);
	buf_byte(b, '"');
}

void
base64_put(struct buf *b, const void *p, size_t n, size_t line)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
	    "pqrstuvwxyz0123456789+/";
	const uint8_t *c = p;
	size_t i, k, at = 0;
	uint32_t v;

	for (i = 0; i < n; i += 3) {
		v = (uint32_t)c[i] << 16;
		v |= i + 1 < n ? (uint32_t)c[i + 1] << 8 : 0;
		v |= i + 2 < n ? (uint32_t)c[i + 2] : 0;
		for (k = 0; k < 4; k++)
			buf_byte(b, i + k > n ? '=' :
			    (uint8_t)digits[v >> (18 - 6 * k) & 0x3f]);
		at += 4;
		if (line > 0 && at >= line) {
			buf_str(b, "\r\n");
			at = 0;
		}
	}
	if (line > 0 && at > 0)
		buf_str(b, "\r\n");
}

/* ---- messages ---- */

struct message {
	char		*words[3];	/* of the first line */
	struct { char *name, *value; } fields[32];
	size_t		 nfields;
	struct buf	 body;		/* as the program shows it */
};

static const char *
field(const struct message *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->nfields; i++)
		if (strcasecmp(m->fields[i].name, name) == 0)
			return m->fields[i].value;
	return NULL;
}

static void
dechunk(struct buf *body)
{
	size_t at = 0, to = 0, n;
	char *end;

	while (at < body->n && (n = strtoul((char *)body->p + at, &end,
	    16)) > 0) {
		at = (size_t)((uint8_t *)end - body->p) + 2;
		memmove(body->p + to, body->p + at, n);
		to += n;
		at += n + 2;
	}
	body->n = to;
}

static void
gunzip(struct buf *body)
{
	uint8_t out[65536];
	z_stream z;

	memset(&z, 0, sizeof(z));
	z.next_in = body->p;
	z.avail_in = (uInt)body->n;
	z.next_out = out;
	z.avail_out = sizeof(out);
	if (inflateInit2(&z, 15 + 16) != Z_OK ||
	    inflate(&z, Z_FINISH) != Z_STREAM_END)
		die("a body of the noise does not inflate");
	body->n = 0;
	buf_put(body, out, z.total_out);
	inflateEnd(&z);
}

/* Cuts a message into its parts; `raw` is changed. */
static void
message_parse(struct message *m, struct buf *raw)
{
	char *p, *end, *next, *colon;
	size_t i;

	memset(m, 0, sizeof(*m));
	buf_byte(raw, 0);
	raw->n--;
	p = (char *)raw->p;
	for (i = 0; i < 3; i++) {
		m->words[i] = p;
		end = strpbrk(p, i < 2 ? " \r" : "\r");
		if (end == NULL)
			die("a message without a first line");
		if (*end == '\r') {
			for (; i < 2; i++)
				m->words[i + 1] = end;
			*end = '\0';
			p = end + 2;
			break;
		}
		*end = '\0';
		p = end + 1;
	}
	for (; (end = strstr(p, "\r\n")) != NULL && end != p; p = next) {
		next = end + 2;
		*end = '\0';
		colon = strchr(p, ':');
		if (colon == NULL || m->nfields == COUNT(m->fields))
			continue;
		*colon = '\0';
		m->fields[m->nfields].name = p;
		m->fields[m->nfields++].value = colon + 1 +
		    strspn(colon + 1, " ");
	}
	p = end != NULL ? end + 2 : (char *)raw->p + raw->n;
	buf_put(&m->body, p, (size_t)((char *)raw->p + raw->n - p));
	if (field(m, "Transfer-Encoding") != NULL)
		dechunk(&m->body);
	if (field(m, "Content-Encoding") != NULL && m->body.n > 0)
		gunzip(&m->body);
}

static bool
is_binary(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->p[i] >= 0x80 || (b->p[i] < 0x20 &&
		    strchr("\t\r\n", b->p[i]) == NULL) || b->p[i] == 0)
			return true;
	return false;
}

static void
put_fields(struct buf *b, const struct message *m)
{
	size_t i;

	buf_str(b, "\"headers\":[");
	for (i = 0; i < m->nfields; i++) {
		buf_str(b, i > 0 ? ",{\"name\":" : "{\"name\":");
		json_string(b, m->fields[i].name, strlen(m->fields[i].name),
		    false, false);
		buf_str(b, ",\"value\":");
		json_string(b, m->fields[i].value, strlen(m->fields[i].value),
		    false, false);
		buf_byte(b, '}');
	}
	buf_str(b, "],");
}

static void
put_body(struct buf *b, const struct message *m, enum binary binary)
{
	struct buf lost = { NULL, 0, 0 };
	size_t i;

	buf_str(b, "\"text\":");
	if (!is_binary(&m->body))
		json_string(b, m->body.p, m->body.n, false, false);
	else if (binary == BASE64) {
		buf_byte(b, '"');
		base64_put(b, m->body.p, m->body.n, 0);
		buf_str(b, "\",\"encoding\":\"base64\"");
	} else if (binary == LOST) {
		for (i = 0; i < m->body.n; i++)
			if (m->body.p[i] < 0x80)
				buf_byte(&lost, m->body.p[i]);
			else
				buf_str(&lost, "\xef\xbf\xbd");
		json_string(b, lost.p, lost.n, false, false);
		buf_free(&lost);
	} else
		json_string(b, m->body.p, m->body.n, true,
		    binary == LATIN1_ESCAPED);
}

static void
put_request(struct buf *b, struct session *x, const struct dialect *d)
{
	const char *type;
	struct message m;

	message_parse(&m, &x->c);
	type = field(&m, "Content-Type");
	buf_printf(b, "\"request\":{\"method\":\"%s\",\"url\":", m.words[0]);
	json_string(b, m.words[1], strlen(m.words[1]), false, false);
	buf_str(b, ",\"httpVersion\":\"HTTP/1.1\",");
	put_fields(b, &m);
	buf_str(b, "\"queryString\":[],\"cookies\":[],\"headersSize\":-1,");
	if (m.body.n > 0 && !x->connect) {
		buf_printf(b, "\"bodySize\":%zu,\"postData\":{\"mimeType\":",
		    m.body.n);
		json_string(b, type != NULL ? type : "", type != NULL ?
		    strlen(type) : 0, false, false);
		buf_byte(b, ',');
		put_body(b, &m, d->binary);
		buf_str(b, "}}");
	} else
		buf_str(b, "\"bodySize\":0}");
	buf_free(&m.body);
}

static void
put_response(struct buf *b, struct session *x, const struct dialect *d)
{
	const char *type;
	struct message m;

	if (x->s.n == 0) {
		buf_str(b, "\"response\":{\"status\":0,\"statusText\":\"\","
		    "\"httpVersion\":\"\",\"headers\":[],\"cookies\":[],"
		    "\"content\":{\"size\":0,\"mimeType\":\"x-unknown\"},"
		    "\"redirectURL\":\"\",\"headersSize\":-1,\"bodySize\":-1");
		if (d->error != NULL)
			buf_printf(b, ",\"_error\":\"%s\"", d->error);
		buf_byte(b, '}');
		return;
	}
	message_parse(&m, &x->s);
	type = field(&m, "Content-Type");
	buf_printf(b, "\"response\":{\"status\":%s,\"statusText\":",
	    m.words[1]);
	json_string(b, m.words[2], strlen(m.words[2]), false, false);
	buf_str(b, ",\"httpVersion\":\"HTTP/1.1\",");
	put_fields(b, &m);
	buf_printf(b, "\"cookies\":[],\"content\":{\"size\":%zu,"
	    "\"mimeType\":", m.body.n);
	json_string(b, type != NULL ? type : "", type != NULL ? strlen(type) :
	    0, false, false);
	if (m.body.n > 0) {
		buf_byte(b, ',');
		put_body(b, &m, d->binary == LOST ? LOST : BASE64);
	}
	buf_str(b, "},\"redirectURL\":\"\",\"headersSize\":-1,"
	    "\"bodySize\":-1}");
	buf_free(&m.body);
}

static void
put_entry(struct buf *b, struct session *x, int zone, const struct dialect *d)
{
	char text[48], *dot;
	int keep;

	time_roundtrip(x->start, zone, text, sizeof(text));
	/* The fraction in as many digits as the program writes. */
	dot = strchr(text, '.');
	keep = dot != NULL ? (int)strspn(dot + 1, "0123456789") : 0;
	buf_str(b, "{\"startedDateTime\":\"");
	buf_put(b, text, 19);
	buf_byte(b, '.');
	for (int i = 0; i < d->digits; i++)
		buf_byte(b, (uint8_t)(i < keep ? dot[1 + i] : '0'));
	buf_str(b, dot != NULL ? dot + 1 + keep : text + 19);
	buf_printf(b, "\",\"time\":%d.0,", x->ms);
	put_request(b, x, d);
	buf_byte(b, ',');
	put_response(b, x, d);
	buf_printf(b, ",\"cache\":{},\"timings\":{\"send\":0,\"wait\":%d,"
	    "\"receive\":0}", x->ms);
	if (x->host_ip != NULL)
		buf_printf(b, ",\"serverIPAddress\":\"%s\"", x->host_ip);
	if (d->comments)
		buf_printf(b, ",\"comment\":\"[#%u]\"", x->sid);
	buf_byte(b, '}');
}

void
har_make(struct buf *ret, const struct scenario *s, const struct line *l)
{
	const char *name = option(l, "dialect", "chrome"), *eol;
	const struct dialect *d = dialects;
	struct sessions all = { NULL, 0 };
	bool first = true;
	size_t i;

	while (strcmp(d->name, name) != 0)
		if (++d == dialects + COUNT(dialects))
			die("line %u: no dialect \"%s\"", l->number, name);
	eol = d->crlf ? "\r\n" : "\n";
	capture_make(&all, s, l, 'A');
	if (d->bom)
		buf_str(ret, "\xef\xbb\xbf");
	buf_printf(ret, "{%s  \"log\": {%s    \"version\": \"1.2\",%s    "
	    "\"creator\": {\"name\": \"%s\", \"version\": \"%s\"},%s", eol,
	    eol, eol, d->creator, d->version, eol);
	if (d->browser != NULL)
		buf_printf(ret, "    \"browser\": {\"name\": \"%s\", "
		    "\"version\": \"%s\"},%s", d->browser, d->browser_version,
		    eol);
	buf_printf(ret, "    \"pages\": [],%s    \"entries\": [", eol);
	for (i = 0; i < all.n; i++) {
		if (all.v[i].connect && !d->tunnels)
			continue;
		buf_printf(ret, "%s%s      ", first ? "" : ",", eol);
		first = false;
		put_entry(ret, &all.v[i], s->zone, d);
	}
	buf_printf(ret, "%s    ]%s  }%s}%s", eol, eol, eol, eol);
	capture_clear(&all);
}

/* Request and answer one after another, and a line of dashes. */
void
sessions_text(struct buf *ret, const struct scenario *s, const struct line *l)
{
	static const char dashes[] = "-----------------------------------------"
	    "-------------------------";
	struct sessions all = { NULL, 0 };
	size_t i;

	capture_make(&all, s, l, 'A');
	for (i = 0; i < all.n; i++) {
		buf_add(ret, &all.v[i].c);
		buf_str(ret, "\r\n");
		buf_add(ret, &all.v[i].s);
		buf_printf(ret, "\r\n\r\n%s\r\n\r\n", dashes);
	}
	capture_clear(&all);
}
