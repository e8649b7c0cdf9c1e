/*
 * Reads an HTTP request or response: of a capture's session, or a file of its
 * own.  It relies on decode/ for the head and the body, and on the table of
 * hosts for what belongs to the enrolment.  RFC 9110, RFC 9112.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "decode/http_head.h"
#include "decode/parser.h"
#include "knowledge/knowledge.h"
#include "parsers/fields.h"

#define IN_MESSAGE	(KIND(REQUEST) | KIND(RESPONSE) | KIND(STAGE) |	\
			    KIND(ATTEMPT))
#define IN_ANSWER	(KIND(RESPONSE) | KIND(STAGE) | KIND(ATTEMPT))
#define IN_REQUEST	(KIND(REQUEST) | KIND(STAGE) | KIND(ATTEMPT))
#define HELD		(ARTIFACT(ANSWER) | ARTIFACT(CAPTURE))
#define KEYWORDS	64	/* lines of a GetCACaps answer that are kept */

const struct field request_method = {
	.name = "request.method", .type = VALUE_TEXT, .kinds = IN_REQUEST,
	.artifacts = ARTIFACT(CAPTURE), .help = "method of the request: GET"
};
const struct field request_url = {
	.name = "request.url", .type = VALUE_TEXT, .kinds = IN_REQUEST,
	.artifacts = ARTIFACT(CAPTURE),
	.help = "target of the request as it stands in its first line"
};
const struct field request_host = {
	.name = "request.host", .type = VALUE_TEXT, .kinds = IN_REQUEST,
	.artifacts = ARTIFACT(CAPTURE),
	.help = "host that was asked, in lower case"
};
const struct field request_scope = {
	.name = "request.scope", .type = VALUE_TEXT, .kinds = IN_REQUEST,
	.artifacts = ARTIFACT(CAPTURE),
	.help = "what the host is for: aik, ek-service, aia, enrolment, "
	    "sign-in, device-health or other"
};
const struct field request_operation = {
	.name = "request.operation", .type = VALUE_TEXT, .kinds = IN_REQUEST,
	.artifacts = ARTIFACT(CAPTURE),
	.help = "SCEP operation in the query: GetCACaps, GetCACertChain, "
	    "PKIOperation"
};
const struct field http_status = {
	.name = "http.status", .type = VALUE_INT, .kinds = IN_ANSWER,
	.artifacts = HELD, .help = "status code of the response"
};
const struct field http_reason = {
	.name = "http.reason", .type = VALUE_TEXT, .kinds = IN_ANSWER,
	.artifacts = HELD, .help = "reason phrase of the response"
};
const struct field http_header = {
	.name = "header", .type = VALUE_TEXT, .kinds = IN_MESSAGE,
	.artifacts = HELD, .keyed = true, .repeated = true,
	.help = "a header field, by its name in lower case: header[\"date\"]"
};
const struct field http_date = {
	.name = "http.date", .type = VALUE_TIME, .kinds = IN_ANSWER,
	.artifacts = HELD, .help = "time of the Date header: the server's clock"
};
const struct field http_body = {
	.name = "http.body", .type = VALUE_TEXT, .kinds = IN_MESSAGE,
	.artifacts = HELD,
	.help = "state of the body: none, ok, truncated, undecoded, dropped"
};
const struct field http_body_length = {
	.name = "http.body_length", .type = VALUE_INT, .kinds = IN_MESSAGE,
	.artifacts = HELD, .help = "bytes of the decoded body"
};
const struct field http_made_by = {
	.name = "http.made_by", .type = VALUE_TEXT, .kinds = IN_ANSWER,
	.artifacts = HELD,
	.help = "who made the response, where it shows: fiddler, proxy, server"
};
const struct field http_winsock = {
	.name = "http.winsock", .type = VALUE_CODE, .kinds = IN_ANSWER,
	.artifacts = HELD,
	.help = "WinSock code in a response that Fiddler made"
};
const struct field http_error_text = {
	.name = "http.error_text", .type = VALUE_TEXT, .kinds = IN_ANSWER,
	.artifacts = HELD, .help = "text of a response that Fiddler made"
};
const struct field http_content = {
	.name = "http.content", .type = VALUE_TEXT, .kinds = IN_MESSAGE,
	.artifacts = HELD,
	.help = "what the body is by its bytes: json, html, certificate, cms, "
	    "text, binary"
};
const struct field getcacaps_keyword = {
	.name = "getcacaps.keyword", .type = VALUE_TEXT, .kinds = IN_ANSWER,
	.artifacts = HELD, .repeated = true,
	.help = "a capability that the service names in its GetCACaps answer"
};
const struct field connect_host = {
	.name = "connect.host", .type = VALUE_TEXT,
	.kinds = KIND(SESSION) | KIND(STAGE) | KIND(ATTEMPT),
	.artifacts = ARTIFACT(TLS) | ARTIFACT(CAPTURE),
	.help = "host that a CONNECT tunnel leads to, in lower case"
};

struct message {
	struct evidence	*ev;
	struct blob	*blob;
	struct http_head head;
	struct item	*session;	/* NULL for a file of its own */
	struct item	*item;		/* the request or the response */
	struct item	*request;	/* of a response; NULL unknown */
	bool		 connect;	/* of a CONNECT tunnel */
	bool		 other;		/* the host is not of the enrolment */
	bool		 aik;		/* the host is an AIK authority's */
	struct blob	*body;		/* decoded, or NULL */
};

/* A long value is cited and kept to limits.value_bytes. */
static struct span
span_cut(struct message *m, struct span at)
{
	if (at.len > ev_limits(m->ev)->value_bytes)
		at.len = (size_t)ev_limits(m->ev)->value_bytes;
	return at;
}

static const struct fact *
text_fact(struct message *m, struct item *it, const struct field *field,
    struct span at)
{
	at = span_cut(m, at);
	return ev_fact(m->ev, it, field, value_text((const char *)
	    m->blob->p + at.off, at.len), at);
}

/* A token in lower case; it is only read if it stands there like that. */
static const struct fact *
lower_fact(struct message *m, struct item *it, const struct field *field,
    const char *lower, struct span at)
{
	struct value v = value_str(lower);

	if (v.n == at.len && memcmp(m->blob->p + at.off, lower, v.n) == 0)
		return ev_fact(m->ev, it, field, v, at);
	return ev_derive(m->ev, it, field, v, at, NULL, 0,
	    "the name in lower case");
}

static bool
starts(const struct blob *b, size_t off, const char *text)
{
	size_t n = strlen(text);

	return off <= b->n && b->n - off >= n &&
	    strncasecmp((const char *)b->p + off, text, n) == 0;
}

/* ---- facts of the head and the body ---- */

/* The media type of Content-Type in lower case, or NULL. */
static const char *
media_type(struct message *m)
{
	const struct http_field *f = http_head_field(m->blob, &m->head,
	    "content-type");
	size_t n = 0;
	char *text, *p;

	if (f == NULL)
		return NULL;
	while (n < f->value.len && strchr("; \t,", m->blob->p[f->value.off +
	    n]) == NULL)
		n++;
	if (n == 0 || n > 255)
		return NULL;
	p = text = arena_text(ev_arena(m->ev), (const char *)m->blob->p +
	    f->value.off, n);
	for (; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	/* Nobody may take an outside hint for one of ours. */
	return strcmp(text, HINT_NONE) == 0 || strncmp(text, "message/http",
	    12) == 0 || strstr(text, "vnd.fiddler") != NULL ||
	    strstr(text, "vnd.scep") != NULL ? NULL : text;
}

static void
read_fields(struct message *m)
{
	const struct http_field *f;
	char name[64];
	struct span at;
	size_t i, n;
	int64_t t;

	for (i = 0; i < m->head.nfields; i++) {
		f = &m->head.fields[i];
		n = f->name.len < sizeof(name) ? f->name.len : sizeof(name) - 1;
		memcpy(name, m->blob->p + f->name.off, n);
		name[n] = '\0';
		if (!m->other) {
			at = span_cut(m, f->value);
			ev_fact_keyed(m->ev, m->item, &http_header, name,
			    value_text((const char *)m->blob->p + at.off,
			    at.len), at);
		}
		if (!m->head.request && strcasecmp(name, "date") == 0 &&
		    item_fact(m->item, &http_date) == NULL &&
		    http_date_parse(m->blob, f->value, &t))
			ev_fact(m->ev, m->item, &http_date, value_time(t),
			    f->value);
	}
}

static void
read_body(struct message *m, const char *hint)
{
	static const char *const names[] = {
		[BODY_NONE] = "none", [BODY_OK] = "ok",
		[BODY_TRUNCATED] = "truncated", [BODY_UNDECODED] = "undecoded"
	};
	const char *method = m->request != NULL ?
	    item_text(m->request, &request_method) : NULL;
	struct blob *b = m->blob;
	const struct fact *from = http_head_field(b, &m->head,
	    "content-length") != NULL ? item_keyed(m->item, &http_header,
	    "content-length") : NULL;
	struct span at = blob_part(b, 0, m->head.body);
	enum body_state state;

	if (m->other) {
		if (b->full > m->head.body)
			ev_derive(m->ev, m->item, &http_body,
			    value_str("dropped"), at, NULL, 0, NULL);
		ev_blob_trim(m->ev, b, m->head.body);
		return;
	}
	m->body = http_body_read(m->ev, b, &m->head, m->item, hint, &state);
	if (m->body == NULL && state == BODY_TRUNCATED && method != NULL &&
	    strcmp(method, "HEAD") == 0)
		state = BODY_NONE;
	if (state == BODY_OK && b->full > b->n)
		state = BODY_TRUNCATED;
	if (m->body != NULL)
		at = blob_span(m->body);
	ev_derive(m->ev, m->item, &http_body, value_str(names[state]), at,
	    &from, 1, NULL);
	if (m->body == NULL)
		return;
	ev_derive(m->ev, m->item, &http_body_length,
	    value_int((int64_t)m->body->n), at, NULL, 0, NULL);
	ev_derive(m->ev, m->item, &http_content,
	    value_str(body_kind(m->body)), at, NULL, 0, NULL);
}

static void
say_oddities(struct message *m)
{
	const struct http_head *h = &m->head;

	if (h->limited)
		ev_limit(m->ev, blob_part(m->blob, 0, h->body), "head_bytes",
		    "an HTTP head of %zu fields is too long; its rest is not "
		    "read", h->nfields);
	else if (!h->complete)
		ev_damage(m->ev, blob_span(m->blob), "the HTTP head ends "
		    "after %zu bytes, an empty line was wanted", m->blob->n);
	if (m->other)
		return;
	if (h->bare_lf && h->complete)
		ev_problem(m->ev, PROBLEM_NOTED, blob_part(m->blob, 0,
		    h->body), "lines of the HTTP head end without CR");
	if (h->folded)
		ev_problem(m->ev, PROBLEM_NOTED, blob_part(m->blob, 0,
		    h->body), "a header field is folded over two lines");
}

/* ---- requests ---- */

static void
read_request(struct message *m)
{
	const struct fact *host = NULL;
	struct http_target t;
	enum host_scope scope = HOST_OTHER;

	http_target_parse(m->ev, m->blob, &m->head, &t);
	m->connect = m->head.method.len == 7 && starts(m->blob,
	    m->head.method.off, "CONNECT");
	text_fact(m, m->item, &request_method, m->head.method);
	if (m->head.target.len > 0)
		text_fact(m, m->item, &request_url, m->head.target);
	if (*t.host != '\0') {
		host = lower_fact(m, m->item, &request_host, t.host,
		    t.host_at);
		scope = host_scope(t.host);
		ev_derive(m->ev, m->item, &request_scope,
		    value_str(host_scope_names[scope]), SPAN_NONE, &host, 1,
		    "the table of hosts");
		if (m->connect && m->session != NULL)
			lower_fact(m, m->session, &connect_host, t.host,
			    t.host_at);
		m->other = m->session != NULL && scope == HOST_OTHER;
		m->aik = scope == HOST_AIK;
	}
	if (t.operation != NULL && t.operation_at.len > 0)
		text_fact(m, m->item, &request_operation, t.operation_at);
	say_oddities(m);
	read_fields(m);
	read_body(m, m->connect ? HINT_CONNECT : media_type(m));
}

/* ---- responses ---- */

/* Fiddler's text of what went wrong, and the code in it: "(0x2af9)". */
static void
read_fiddler_text(struct message *m)
{
	const struct blob *b = m->body;
	struct span at = blob_span(b);
	const uint8_t *p;
	uint32_t code = 0;
	size_t n = 0;
	char c;

	while (at.len > 0 && strchr(" \t\r\n", b->p[at.len - 1]) != NULL)
		at.len--;
	p = memmem(b->p, at.len, "(0x", 3);
	at = span_cut(m, at);
	ev_fact(m->ev, m->item, &http_error_text,
	    value_text((const char *)b->p, at.len), at);
	if (p == NULL)
		return;
	at.off = (size_t)(p - b->p) + 1;
	for (n = 2; n < 10 && at.off + n < b->n; n++) {
		c = (char)b->p[at.off + n];
		if (c >= '0' && c <= '9')
			code = code << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			code = code << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			break;
	}
	at.len = n;
	if (n > 2 && at.off + n < b->n && b->p[at.off + n] == ')')
		ev_fact(m->ev, m->item, &http_winsock, value_code(code), at);
}

static void
made_by(struct message *m, const char *who, const struct fact *a,
    const struct fact *b)
{
	const struct fact *from[] = { a, b };

	ev_derive(m->ev, m->item, &http_made_by, value_str(who), SPAN_NONE,
	    from, 2, NULL);
}

/* Left open where nothing shows it. */
static void
read_maker(struct message *m, bool fiddler)
{
	static const char *const proxies[] = {
		"via", "proxy-authenticate", "proxy-connection", "proxy-agent",
		"x-squid-error", "x-bluecoat-via", "proxy-status", NULL
	};
	const struct fact *status = item_fact(m->item, &http_status);
	const struct fact *content = item_fact(m->item, &http_content);
	const struct fact *id = item_keyed(m->item, &http_header,
	    "x-ms-request-id"), *reason = item_fact(m->item, &http_reason), *f;
	const char *kind = content != NULL ? content->value.p : "";
	size_t i;

	f = item_fact(m->item, &http_error_text);
	if (fiddler) {
		made_by(m, "fiddler", reason != NULL ? reason : status,
		    f != NULL ? f : item_keyed(m->item, &http_header,
		    "fiddlergateway"));
		return;
	}
	if (m->other)
		return;
	if (m->head.status == 407 || (m->connect && m->head.status >= 300)) {
		made_by(m, "proxy", status, m->request != NULL ?
		    item_fact(m->request, &request_method) : NULL);
		return;
	}
	if (id != NULL || (m->aik && (strcmp(kind, "json") == 0 ||
	    strcmp(kind, "cms") == 0))) {
		made_by(m, "server", id != NULL ? id : content, NULL);
		return;
	}
	for (i = 0; proxies[i] != NULL; i++) {
		f = item_keyed(m->item, &http_header, proxies[i]);
		if (f != NULL && strcmp(kind, "html") == 0) {
			made_by(m, "proxy", f, content);
			return;
		}
	}
}

/* One keyword a line (RFC 8894, 3.5.2). */
static void
read_keywords(struct message *m)
{
	const struct blob *b = m->body;
	struct span at = { b->id, 0, 0 };
	size_t off = 0, n = 0, i;
	bool good;

	while (off < b->n && n < KEYWORDS) {
		for (at.off = off; off < b->n && b->p[off] != '\n' &&
		    b->p[off] != '\r'; off++)
			continue;
		at.len = off - at.off;
		while (at.len > 0 && b->p[at.off + at.len - 1] == ' ')
			at.len--;
		good = at.len > 0 && at.len <= 64;
		for (i = 0; good && i < at.len; i++)
			good = b->p[at.off + i] > 0x20 &&
			    b->p[at.off + i] < 0x7f;
		if (good) {
			ev_fact(m->ev, m->item, &getcacaps_keyword, value_text(
			    (const char *)b->p + at.off, at.len), at);
			n++;
		}
		off++;
	}
}

static void
find_request(struct message *m)
{
	struct item *last = ev_last(m->ev, ITEM_REQUEST);
	const char *host, *method;

	if (last == NULL || m->session == NULL || last->parent != m->session)
		return;
	m->request = last;
	host = item_text(last, &request_host);
	method = item_text(last, &request_method);
	m->connect = method != NULL && strcmp(method, "CONNECT") == 0;
	if (host != NULL) {
		m->other = host_scope(host) == HOST_OTHER;
		m->aik = host_scope(host) == HOST_AIK;
	}
}

static void
read_response(struct message *m)
{
	const char *hint, *operation = NULL, *content;
	const struct http_head *h = &m->head;
	bool text, fiddler;

	find_request(m);
	if (h->status > 0)
		ev_fact(m->ev, m->item, &http_status, value_int(h->status),
		    h->status_at);
	if (h->reason.len > 0)
		text_fact(m, m->item, &http_reason, h->reason);
	say_oddities(m);
	read_fields(m);
	text = starts(m->blob, h->body, "[Fiddler]");
	fiddler = text || starts(m->blob, h->reason.blob == BLOB_NONE ?
	    m->blob->n : h->reason.off, "Fiddler -") ||
	    http_head_field(m->blob, h, "fiddlergateway") != NULL;
	hint = m->connect && h->status >= 200 && h->status < 300 ?
	    HINT_CONNECT : fiddler ? HINT_NONE : media_type(m);
	if (m->request != NULL)
		operation = item_text(m->request, &request_operation);
	if (operation != NULL && strcasecmp(operation, "GetCACaps") == 0 &&
	    h->status == 200)
		hint = HINT_NONE;
	read_body(m, hint);
	if (text && m->body != NULL)
		read_fiddler_text(m);
	read_maker(m, fiddler);
	content = item_text(m->item, &http_content);
	if (operation != NULL && strcasecmp(operation, "GetCACaps") == 0 &&
	    h->status == 200 && content != NULL && strcmp(content, "text") == 0)
		read_keywords(m);
	/* What Fiddler or a proxy says in its place is an answer as well. */
	if (h->status > 0 && !m->connect && (m->aik || m->session == NULL))
		ev_artifact(m->item, ARTIFACT_ANSWER);
	else if (h->status > 0 && m->connect && m->aik)
		ev_artifact(m->session, ARTIFACT_TLS);
}

/* ---- the parser ---- */

static bool
is_method(const struct blob *b)
{
	size_t i, n = b->n < 16 ? b->n : 16;

	for (i = 0; i < n && b->p[i] >= 'A' && b->p[i] <= 'Z'; i++)
		continue;
	return i >= 3 && i < n && b->p[i] == ' ';
}

static int
http_bid(const struct evidence *ev, const struct blob *b)
{
	const uint8_t *nl;
	size_t n;

	(void)ev;
	if (blob_hint_is(b, "message/http"))
		return 95;
	if (b->item->kind != ITEM_FILE)
		return 0;
	if ((starts(b, 0, "HTTP/1.") && b->n > 9 && b->p[8] == ' ') ||
	    starts(b, 0, "HTTP/2 "))
		return 85;
	if (!is_method(b))
		return 0;
	n = b->n < 65536 ? b->n : 65536;
	nl = memchr(b->p, '\n', n);
	if (nl != NULL)
		n = (size_t)(nl - b->p);
	return memmem(b->p, n, " HTTP/", 6) != NULL ? 85 : 0;
}

static void
http_read(struct evidence *ev, struct blob *b)
{
	struct message m = { .ev = ev, .blob = b };
	struct item *parent;

	if (b->n == 0)
		return;		/* nothing was recorded: session.parts */
	m.session = item_up(b->item, ITEM_SESSION);
	parent = m.session != NULL ? m.session : item_up(b->item, ITEM_FILE);
	if (parent == NULL || !http_head_parse(ev, b, &m.head)) {
		ev_damage(ev, blob_span(b), "%zu bytes begin with no HTTP "
		    "start line", b->n);
		return;
	}
	ev_input_kind(ev, b, "http");
	m.item = ev_item(ev, m.head.request ? ITEM_REQUEST : ITEM_RESPONSE,
	    parent, blob_span(b));
	if (m.head.request)
		read_request(&m);
	else
		read_response(&m);
}

static const struct field *const http_fields[] = {
	&request_method, &request_url, &request_host, &request_scope,
	&request_operation, &http_status, &http_reason, &http_header,
	&http_date, &http_body, &http_body_length, &http_made_by,
	&http_winsock, &http_error_text, &http_content, &getcacaps_keyword,
	&connect_host, NULL
};

const struct parser parser_http = {
	.name = "http", .bid = http_bid, .read = http_read,
	.fields = http_fields
};
