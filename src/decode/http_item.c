/*
 * The facts of HTTP requests and responses: lines, fields, bodies, and whose
 * answer it was.  Relies on http_item.h.  RFC 9110; RFC 8894, 3.5.2.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "decode/crl.h"
#include "decode/http_item.h"
#include "decode/parser.h"
#include "decode/query_message.h"
#include "knowledge/knowledge.h"

#define IN_MESSAGE	(KIND(REQUEST) | KIND(RESPONSE) | KIND(STAGE) |	\
			    KIND(ATTEMPT))
#define IN_ANSWER	(KIND(RESPONSE) | KIND(STAGE) | KIND(ATTEMPT))
#define IN_REQUEST	(KIND(REQUEST) | KIND(STAGE) | KIND(ATTEMPT))
#define CAPTURED	ARTIFACT(CAPTURE)
#define HELD		(ARTIFACT(ANSWER) | CAPTURED)
#define KEYWORDS	64	/* lines of a GetCACaps answer that are kept */
#define PAGE_BYTES	65536	/* of a page that are searched for marks */

/* BitFlags of Fiddler's metadata. */
#define MADE_BY_FIDDLER	0x100
#define RESPONSE_DROPPED 0x20000
#define REQUEST_DROPPED	0x100000

#define F(id, dotted, of, in, from, ...)				\
	const struct field id = { .name = dotted, .type = VALUE_##of,	\
	    .kinds = in, .artifacts = from, __VA_ARGS__ }

F(request_method, "request.method", TEXT, IN_REQUEST, CAPTURED, .help =
    "method of the request: GET");
F(request_url, "request.url", TEXT, IN_REQUEST, CAPTURED, .help =
    "target of the request as it stands in its first line");
F(request_host, "request.host", TEXT, IN_REQUEST, CAPTURED, .help =
    "host that was asked, in lower case");
F(request_scope, "request.scope", TEXT, IN_REQUEST, CAPTURED, .help =
    "what the host is for: aik, ek-service, aia, enrolment, sign-in, "
    "device-health or other");
F(request_operation, "request.operation", TEXT, IN_REQUEST, CAPTURED,
    .help = "SCEP operation in the query: GetCACaps, GetCACertChain, "
	"PKIOperation");
F(http_status, "http.status", INT, IN_ANSWER, HELD, .help =
    "status code of the response");
F(http_reason, "http.reason", TEXT, IN_ANSWER, HELD, .help =
    "reason phrase of the response");
F(http_header, "header", TEXT, IN_MESSAGE, HELD,
    .keyed = true, .repeated = true,
    .help = "a header field, by its name in lower case: header[\"date\"]");
F(http_trailer, "trailer", TEXT, IN_MESSAGE, HELD,
    .keyed = true, .repeated = true,
    .help = "a field that follows the last chunk of the body, by its name in "
	"lower case: trailer[\"x-checksum\"]");
F(http_date, "http.date", TIME, IN_ANSWER, HELD, .help =
    "time of the Date header: the server's clock");
F(http_body, "http.body", TEXT, IN_MESSAGE, HELD, .help =
    "state of the body: none, ok, truncated, undecoded, dropped");
F(http_body_length, "http.body_length", INT, IN_MESSAGE, HELD, .help =
    "bytes of the decoded body");
F(http_made_by, "http.made_by", TEXT, IN_ANSWER, HELD, .help =
    "who made the response, where it shows: fiddler, proxy, server (the "
    "service itself) or front-end (a web server of Microsoft, most likely the "
    "one before the service)");
F(http_proxy_vendor, "http.proxy_vendor", TEXT, IN_ANSWER, HELD, .help =
    "vendor of the proxy or filter that the response came from or through");
F(http_winsock, "http.winsock", CODE, IN_ANSWER, HELD, .help =
    "WinSock code in a response that Fiddler made");
F(http_error_text, "http.error_text", TEXT, IN_ANSWER, HELD, .help =
    "text of a response that Fiddler made");
F(http_content, "http.content", TEXT, IN_MESSAGE, HELD, .help =
    "what the body is by its bytes: json, html, certificate, crl, cms, text, "
    "binary");
F(getcacaps_keyword, "getcacaps.keyword", TEXT, IN_ANSWER, HELD,
    .repeated = true,
    .help = "a capability that the service names in its GetCACaps answer");
F(connect_host, "connect.host", TEXT,
    KIND(SESSION) | KIND(STAGE) | KIND(ATTEMPT), ARTIFACT(TLS) | CAPTURED,
    .help = "host that a CONNECT tunnel leads to, in lower case");

/* sessions.c */
extern const struct field session_flags;

/* ---- words ---- */

struct http_words
http_words(const struct blob *b, struct span at)
{
	return (struct http_words){ .p = (const char *)b->p + at.off,
	    .n = at.len, .at = at, .same = true };
}

static struct http_words
words_cut(struct http_item *m, struct http_words w)
{
	size_t max = (size_t)ev_limits(m->ev)->value_bytes;

	if (w.n > max)
		w.n = max;
	if (w.at.len > max)
		w.at.len = max;
	return w;
}

const struct fact *
http_say(struct http_item *m, struct item *it, const struct field *field,
    struct http_words w)
{
	w = words_cut(m, w);
	if (w.same)
		return ev_fact(m->ev, it, field, value_text(w.p, w.n), w.at);
	return ev_derive(m->ev, it, field, value_text(w.p, w.n), w.at, NULL, 0,
	    "escapes undone");
}

/* A token in lower case; it is only read if it stands there like that. */
static const struct fact *
say_lower(struct http_item *m, struct item *it, const struct field *field,
    const char *lower, struct span at)
{
	struct value v = value_str(lower);
	const struct blob *b = ev_blob(m->ev, at.blob);

	if (v.n == at.len && memcmp(b->p + at.off, lower, v.n) == 0)
		return ev_fact(m->ev, it, field, v, at);
	return ev_derive(m->ev, it, field, v, at, NULL, 0,
	    "the name in lower case");
}

/* Its name is the key, which is kept in lower case. */
static void
say_keyed(struct http_item *m, const struct field *field,
    struct http_words name, struct http_words value, char key[64])
{
	size_t n = name.n < 63 ? name.n : 63;
	struct http_words cut = words_cut(m, value);

	memcpy(key, name.p, n);
	key[n] = '\0';
	/* One that is not the very bytes is still cited by them. */
	if (!m->other)
		ev_fact_keyed(m->ev, m->item, field, key,
		    value_text(cut.p, cut.n), cut.at)->derived = !cut.same;
}

void
http_say_trailer(struct http_item *m, struct http_words name,
    struct http_words value)
{
	char key[64];

	say_keyed(m, &http_trailer, name, value, key);
}

void
http_say_field(struct http_item *m, struct http_words name,
    struct http_words value)
{
	char key[64];
	int64_t t;

	say_keyed(m, &http_header, name, value, key);
	if (m->item->kind == ITEM_RESPONSE && strcasecmp(key, "date") == 0 &&
	    item_fact(m->item, &http_date) == NULL &&
	    http_date_read(value.p, value.n, &t))
		ev_fact(m->ev, m->item, &http_date, value_time(t), value.at);
}

/* ---- the request ---- */

void
http_say_request(struct http_item *m, struct http_words method,
    struct http_words target, const struct http_target *t)
{
	enum host_scope scope = HOST_OTHER;
	const struct fact *host;

	m->connect = method.n == 7 && strncasecmp(method.p, "CONNECT", 7) == 0;
	http_say(m, m->item, &request_method, method);
	if (target.n > 0)
		http_say(m, m->item, &request_url, target);
	if (*t->host != '\0') {
		host = say_lower(m, m->item, &request_host, t->host,
		    t->host_at);
		scope = url_scope(t->host, t->path);
		ev_derive(m->ev, m->item, &request_scope,
		    value_str(host_scope_names[scope]), SPAN_NONE, &host, 1,
		    "the table of hosts");
		if (m->connect && m->session != NULL)
			say_lower(m, m->session, &connect_host, t->host,
			    t->host_at);
		m->other = m->session != NULL && scope == HOST_OTHER;
		m->aik = scope == HOST_AIK;
	}
	if (t->operation != NULL && t->operation_at.len > 0)
		http_say(m, m->item, &request_operation, http_words(ev_blob(
		    m->ev, t->operation_at.blob), t->operation_at));
	/* A message that is sent by GET stands in the query. */
	if (t->operation != NULL && !m->other && target.same &&
	    strncasecmp(t->operation, "PKIOperation", 12) == 0)
		query_message_read(m->ev, m->item, target.at);
}

void
http_find_request(struct http_item *m)
{
	struct item *last = ev_last(m->ev, ITEM_REQUEST);
	const char *scope, *method;

	if (last == NULL || m->session == NULL || last->parent != m->session)
		return;
	m->request = last;
	scope = item_text(last, &request_scope);
	method = item_text(last, &request_method);
	m->connect = method != NULL && strcmp(method, "CONNECT") == 0;
	if (scope != NULL) {
		m->other = strcmp(scope, host_scope_names[HOST_OTHER]) == 0;
		m->aik = strcmp(scope, host_scope_names[HOST_AIK]) == 0;
	}
}

/* ---- bodies ---- */

const char *
http_media_type(struct evidence *ev, const char *p, size_t n)
{
	size_t len = 0;
	char *text, *c;

	while (len < n && strchr("; \t,", p[len]) == NULL)
		len++;
	if (len == 0 || len > 255)
		return NULL;
	c = text = arena_text(ev_arena(ev), p, len);
	for (; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	/* Nobody may take an outside hint for one of ours. */
	return strcmp(text, HINT_NONE) == 0 || strncmp(text, "message/http",
	    12) == 0 || strstr(text, "vnd.fiddler") != NULL ||
	    strstr(text, "vnd.aiktriage") != NULL ||
	    strstr(text, "vnd.scep") != NULL ? NULL : text;
}

static bool
asked_for_caps(const struct http_item *m)
{
	const char *operation = m->request == NULL ? NULL :
	    item_text(m->request, &request_operation);

	return operation != NULL && strcasecmp(operation, "GetCACaps") == 0 &&
	    m->status == 200;
}

const char *
http_answer_hint(const struct http_item *m, const char *type)
{
	if (asked_for_caps(m))
		return HINT_NONE;
	if (m->connect && m->status >= 200 && m->status < 300)
		return HINT_CONNECT;
	return m->fiddler ? HINT_NONE : type;
}

/* Does the metadata say that the body was not kept? */
static const struct fact *
dropped_by_flags(const struct http_item *m)
{
	const struct fact *flags = m->session == NULL ? NULL :
	    item_fact(m->session, &session_flags);
	int64_t bit = m->item->kind == ITEM_REQUEST ? REQUEST_DROPPED :
	    RESPONSE_DROPPED;

	return flags != NULL && (flags->value.number & bit) != 0 ? flags : NULL;
}

void
http_say_body(struct http_item *m, enum body_state state, struct span at,
    const struct fact *length)
{
	static const char *const names[] = {
		[BODY_NONE] = "none", [BODY_OK] = "ok",
		[BODY_TRUNCATED] = "truncated", [BODY_UNDECODED] = "undecoded",
		[BODY_DROPPED] = "dropped"
	};
	const struct fact *from[2] = { length, NULL };
	struct crl_parts crl;
	const char *method = m->request != NULL ?
	    item_text(m->request, &request_method) : NULL;

	if (m->body == NULL && state == BODY_TRUNCATED && method != NULL &&
	    strcmp(method, "HEAD") == 0)
		state = BODY_NONE;
	if ((state == BODY_NONE || state == BODY_TRUNCATED) &&
	    (m->status < 100 || m->status > 199) && m->status != 204 &&
	    m->status != 304) {
		from[1] = dropped_by_flags(m);
		if (from[1] != NULL)
			state = BODY_DROPPED;
	}
	if (m->body != NULL)
		at = blob_span(m->body);
	ev_derive(m->ev, m->item, &http_body, value_str(names[state]), at,
	    from, 2, NULL);
	if (m->body == NULL)
		return;
	ev_derive(m->ev, m->item, &http_body_length,
	    value_int((int64_t)m->body->n), at, NULL, 0, NULL);
	ev_derive(m->ev, m->item, &http_content, value_str(crl_walk(m->ev,
	    m->body, at, &crl) ? "crl" : body_kind(m->body)), at, NULL, 0,
	    NULL);
}

void
http_say_left_out(struct http_item *m, struct span at)
{
	ev_derive(m->ev, m->item, &http_body, value_str("dropped"), at, NULL,
	    0, NULL);
}

/* ---- whose answer it was ---- */

static bool
body_starts(const struct http_item *m, const char *text)
{
	size_t n = strlen(text);

	return m->body != NULL && m->body->n >= n &&
	    strncasecmp((const char *)m->body->p, text, n) == 0;
}

/* Fiddler's text of what went wrong, and the code in it: "(0x2af9)". */
static void
read_fiddler_text(struct http_item *m)
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
	http_say(m, m->item, &http_error_text, http_words(b, at));
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
made_by(struct http_item *m, const char *who, const struct fact *a,
    const struct fact *b)
{
	const struct fact *from[] = { a, b };

	if (item_fact(m->item, &http_made_by) == NULL &&
	    (a != NULL || b != NULL))
		ev_derive(m->ev, m->item, &http_made_by, value_str(who),
		    SPAN_NONE, from, 2, NULL);
}

/* The mark of a proxy in a header or a page; a sure one first. */
static const struct fact *
read_vendor(struct http_item *m, const char *kind, bool *ret_own)
{
	struct proxy_info info, best = { .own = false };
	const struct fact *f, *why = NULL;
	struct span at = SPAN_NONE;
	size_t n;

	*ret_own = false;
	for (f = item_fact(m->item, &http_header); f != NULL && !best.own;
	    f = fact_next(f))
		if (proxy_by_header(f->key, f->value.p, f->value.n, &info) &&
		    (why == NULL || info.own)) {
			best = info;
			why = f;
		}
	if (!best.own && m->body != NULL && strcmp(kind, "html") == 0) {
		n = m->body->n < PAGE_BYTES ? m->body->n : PAGE_BYTES;
		if (proxy_by_page((const char *)m->body->p, n, &info)) {
			best = info;
			why = NULL;
			at = blob_part(m->body, info.off, info.n);
		}
	}
	if (best.vendor.p == NULL)
		return NULL;
	*ret_own = best.own;
	return ev_derive(m->ev, m->item, &http_proxy_vendor,
	    value_text(best.vendor.p, best.vendor.n), at, &why, 1,
	    "the table of proxies");
}

/* What Azure answers with when the service behind it does not. */
static bool
front_end(const struct fact *server)
{
	static const char *const names[] = {
		"Microsoft-IIS/", "Microsoft-HTTPAPI/",
		"Microsoft-Azure-Application-Gateway/", NULL
	};
	size_t i;

	for (i = 0; server != NULL && names[i] != NULL; i++)
		if (server->value.n > strlen(names[i]) &&
		    strncasecmp(server->value.p, names[i],
		    strlen(names[i])) == 0)
			return true;
	return false;
}

/* Left open where nothing shows it. */
static void
read_maker(struct http_item *m)
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
	bool own;
	size_t i;

	f = item_fact(m->item, &http_error_text);
	if (m->fiddler) {
		made_by(m, "fiddler", reason != NULL ? reason : status,
		    f != NULL ? f : item_keyed(m->item, &http_header,
		    "fiddlergateway"));
		return;
	}
	if (m->other)
		return;
	f = read_vendor(m, kind, &own);
	if (own && id == NULL)
		made_by(m, "proxy", f, NULL);
	if (m->status == 407 || (m->connect && m->status >= 300))
		made_by(m, "proxy", status, m->request != NULL ?
		    item_fact(m->request, &request_method) : NULL);
	if (id != NULL || (m->aik && (strcmp(kind, "json") == 0 ||
	    strcmp(kind, "cms") == 0)))
		made_by(m, "server", id != NULL ? id : content, NULL);
	for (i = 0; proxies[i] != NULL; i++) {
		f = item_keyed(m->item, &http_header, proxies[i]);
		if (f != NULL && strcmp(kind, "html") == 0)
			made_by(m, "proxy", f, content);
	}
	f = item_keyed(m->item, &http_header, "server");
	if (m->aik && m->status >= 500 && front_end(f))
		made_by(m, "front-end", f, NULL);
}

/* One keyword a line (RFC 8894, 3.5.2). */
static void
read_keywords(struct http_item *m)
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

void
http_answer_done(struct http_item *m)
{
	const char *content = item_text(m->item, &http_content);
	const struct fact *flags = m->session == NULL ? NULL :
	    item_fact(m->session, &session_flags);

	if (body_starts(m, "[Fiddler]")) {
		m->fiddler = true;
		read_fiddler_text(m);
	}
	/* The flag is a hint; the service's own id is more than that. */
	if (flags != NULL && (flags->value.number & MADE_BY_FIDDLER) != 0 &&
	    !m->fiddler && item_keyed(m->item, &http_header,
	    "x-ms-request-id") == NULL) {
		m->fiddler = true;
		made_by(m, "fiddler", flags, NULL);
	}
	read_maker(m);
	if (asked_for_caps(m) && content != NULL &&
	    strcmp(content, "text") == 0)
		read_keywords(m);
	/* What Fiddler or a proxy says in its place is an answer as well. */
	if (m->status > 0 && !m->connect && (m->aik || m->session == NULL))
		ev_artifact(m->item, ARTIFACT_ANSWER);
	else if (m->status > 0 && m->connect && m->aik)
		ev_artifact(m->session, ARTIFACT_TLS);
}
