/*
 * Reads HTTP archives (HAR 1.2) of browsers, Fiddler and mitmproxy: each
 * entry becomes a session like a capture's, with every value cited in the
 * file.  Relies on decode/json_walk.h and http_item.h.
 * http://www.softwareishard.com/blog/har-12-spec/
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/container.h"
#include "decode/har_body.h"
#include "decode/parser.h"
#include "evidence/text_scan.h"
#include "parsers/fields.h"

#define HINT_HAR	"application/har+json"
#define LOOK		16	/* members of "log" that the bid looks at */

const struct field har_program = {
	.name = "har.program", .type = VALUE_TEXT, .kinds = KIND(ARCHIVE),
	.artifacts = ARTIFACT(CAPTURE), .repeated = true,
	.help = "program that wrote an HTTP archive, and the browser it was in"
};
const struct field har_program_version = {
	.name = "har.program_version", .type = VALUE_TEXT,
	.kinds = KIND(ARCHIVE), .artifacts = ARTIFACT(CAPTURE),
	.repeated = true, .help = "version of that program"
};
const struct field session_error = {
	.name = "session.error", .type = VALUE_TEXT, .kinds = KIND(SESSION),
	.artifacts = ARTIFACT(CAPTURE),
	.help = "why there is no answer, in the words of the program that "
	    "captured: net::ERR_NAME_NOT_RESOLVED"
};

struct har {
	struct evidence	*ev;
	struct blob	*blob;
	struct item	*archive;
	size_t		 entries, odd;
	bool		 readable, cut;
};

struct entry {
	struct har	*har;
	struct item	*session;
	struct http_item said;		/* of the message at hand */
	struct scan_value type, length, encoding;	/* header fields */
};

static struct http_words
words(struct evidence *ev, const struct scan_value *v)
{
	struct http_words w = { .at = v->at, .same = !v->escapes };

	w.p = scan_text(ev, v, &w.n);
	return w;
}

static void
say_if(struct entry *e, struct item *it, const struct field *field,
    const struct scan_value *v)
{
	if (v->type == SCAN_STRING && v->at.len > 0)
		http_say(&e->said, it, field, words(e->har->ev, v));
}

/* ---- messages ---- */

static void
read_headers(struct entry *e, const struct scan_value *message)
{
	static const struct wanted {
		const char	*name;
		size_t		 at;
	} wanted[] = {
		{ "content-type", offsetof(struct entry, type) },
		{ "content-length", offsetof(struct entry, length) },
		{ "content-encoding", offsetof(struct entry, encoding) },
		{ NULL, 0 }
	};
	struct evidence *ev = e->har->ev;
	struct scan_value list, field, name, value;
	const struct wanted *w;
	struct scan s;
	uint64_t n = 0;

	e->type = e->length = e->encoding = (struct scan_value){
		.blob = e->har->blob };
	scan_get(message, "headers", &list);
	scan_open(&s, &list);
	while (list.type == SCAN_ARRAY && scan_next(&s, NULL, &field)) {
		if (!scan_get(&field, "name", &name) ||
		    !scan_get(&field, "value", &value) ||
		    name.type != SCAN_STRING || value.type != SCAN_STRING)
			continue;
		if (++n > ev_limits(ev)->headers) {
			ev_limit(ev, field.at, "headers", "a message of an "
			    "HTTP archive has more than %llu header fields",
			    (unsigned long long)n - 1);
			return;
		}
		http_say_field(&e->said, words(ev, &name), words(ev, &value));
		for (w = wanted; w->name != NULL; w++)
			if (name.at.len == strlen(w->name) &&
			    strncasecmp((const char *)name.blob->p +
			    name.at.off, w->name, name.at.len) == 0)
				*(struct scan_value *)((char *)e + w->at) =
				    value;
	}
}

static const char *
media_type(struct entry *e, const struct scan_value *body)
{
	struct scan_value mime;
	const char *p;
	size_t n;

	p = scan_text(e->har->ev, &e->type, &n);
	if (n == 0 && scan_get(body, "mimeType", &mime))
		p = scan_text(e->har->ev, &mime, &n);
	return http_media_type(e->har->ev, p, n);
}

/* text and encoding of postData or content; size: "bodySize", "size". */
static void
read_body(struct entry *e, const struct scan_value *body,
    const struct scan_value *size, const char *hint)
{
	struct har_body text = { .length = e->length, .size = *size,
	    .encoding = e->encoding, .type = media_type(e, body) };
	struct span at = e->said.item->at;
	enum body_state state;

	if (!scan_get(body, "text", &text.text))
		(void)scan_get(body, "_text", &text.text);
	if (!scan_get(body, "encoding", &text.form))
		(void)scan_get(body, "_encoding", &text.form);
	if (e->said.other) {
		if (text.text.at.len > 0)
			http_say_left_out(&e->said, at);
		return;
	}
	e->said.body = har_body_read(e->har->ev, &text, e->said.item, hint,
	    &state);
	http_say_body(&e->said, state, at, item_keyed(e->said.item,
	    &http_header, "content-length"));
}

/* The URL as bytes that are it: its own, or those of a step. */
static bool
read_target(struct entry *e, const struct scan_value *url,
    const struct scan_value *method)
{
	struct evidence *ev = e->har->ev;
	struct http_head head = { .request = true };
	struct http_target t;
	struct http_words target;
	const struct blob *b = e->har->blob;
	uint8_t *p;

	head.target = url->at;
	if (url->type != SCAN_STRING || url->at.len == 0 || !scan_ends(url))
		return false;
	if (url->escapes) {
		p = malloc(url->at.len);
		if (p == NULL)
			return false;
		b = ev_step(ev, url->at, "JSON string", HINT_NONE,
		    e->said.item, p, scan_unescape(url->blob->p + url->at.off,
		    url->at.len, p));
		if (b == NULL)
			return false;
		head.target = blob_span(b);
	}
	head.method = (struct span){ b->id, 0, 0 };
	if (b == e->har->blob && method->type == SCAN_STRING)
		head.method = method->at;
	http_target_parse(ev, b, &head, &t);
	target = http_words(b, head.target);
	http_say_request(&e->said, words(ev, method), target, &t);
	return true;
}

static void
read_request(struct entry *e, const struct scan_value *request)
{
	struct scan_value method, url, body, size;

	e->said = (struct http_item){ .ev = e->har->ev,
	    .session = e->session };
	if (request->type != SCAN_OBJECT)
		return;
	e->said.item = ev_item(e->har->ev, ITEM_REQUEST, e->session,
	    scan_whole(*request).at);
	(void)scan_get(request, "method", &method);
	(void)scan_get(request, "url", &url);
	(void)scan_get(request, "postData", &body);
	(void)scan_get(request, "bodySize", &size);
	if (method.type == SCAN_STRING && method.at.len > 0)
		(void)read_target(e, &url, &method);
	read_headers(e, request);
	read_body(e, &body, &size, e->said.connect ? HINT_CONNECT :
	    media_type(e, &body));
}

/* False: there was no answer. */
static bool
read_response(struct entry *e, const struct scan_value *response)
{
	struct evidence *ev = e->har->ev;
	struct scan_value status, reason, body, size, error;
	struct scan_value header;
	int64_t number;

	e->said = (struct http_item){ .ev = ev, .session = e->session };
	if (response->type != SCAN_OBJECT)
		return false;
	if (scan_get(response, "_error", &error))
		say_if(e, e->session, &session_error, &error);
	if (!scan_get(response, "status", &status) ||
	    !scan_thousandths(&status, &number) || number < 100000 ||
	    number > 999000)
		return false;
	e->said.item = ev_item(ev, ITEM_RESPONSE, e->session,
	    scan_whole(*response).at);
	http_find_request(&e->said);
	e->said.status = (int)(number / 1000);
	ev_fact(ev, e->said.item, &http_status, value_int(e->said.status),
	    status.at);
	(void)scan_get(response, "statusText", &reason);
	say_if(e, e->said.item, &http_reason, &reason);
	read_headers(e, response);
	(void)scan_get(response, "content", &body);
	if (!scan_get(&body, "size", &size))
		(void)scan_get(response, "bodySize", &size);
	(void)scan_get(&body, "text", &header);
	e->said.fiddler = (reason.at.len >= 9 && memcmp(reason.blob->p +
	    reason.at.off, "Fiddler -", 9) == 0) || (header.at.len >= 9 &&
	    memcmp(header.blob->p + header.at.off, "[Fiddler]", 9) == 0) ||
	    item_keyed(e->said.item, &http_header, "fiddlergateway") != NULL;
	read_body(e, &body, &size, http_answer_hint(&e->said,
	    media_type(e, &body)));
	http_answer_done(&e->said);
	return true;
}

/* ---- entries ---- */

static void
read_times(struct entry *e, const struct scan_value *started,
    const struct scan_value *time)
{
	const struct fact *begin;
	int64_t us, ms;
	const char *p;
	size_t n;

	p = scan_text(e->har->ev, started, &n);
	if (n == 0 || text_time(p, n, &us) != n)
		return;
	begin = ev_fact(e->har->ev, e->session, &session_begin,
	    value_time(us), started->at);
	/* "time" is in milliseconds, with a fraction. */
	if (scan_thousandths(time, &ms) && ms > 0)
		ev_derive(e->har->ev, e->session, &session_end,
		    value_time(us + ms), time->at, &begin, 1,
		    "startedDateTime and time");
}

/* Fiddler's number of the session in its comment: "[#12]". */
static void
read_comment(struct entry *e, const struct scan_value *comment)
{
	const uint8_t *p = comment->blob->p + comment->at.off;
	struct span at = { comment->at.blob, comment->at.off + 2, 0 };
	int64_t sid = 0;

	if (comment->type != SCAN_STRING || comment->at.len == 0)
		return;
	if (comment->at.len > 3 && p[0] == '[' && p[1] == '#') {
		while (at.len < 9 && 2 + at.len < comment->at.len &&
		    p[2 + at.len] >= '0' && p[2 + at.len] <= '9')
			sid = 10 * sid + (p[2 + at.len++] - '0');
		if (at.len > 0 && 2 + at.len < comment->at.len &&
		    p[2 + at.len] == ']') {
			ev_fact(e->har->ev, e->session, &session_sid,
			    value_int(sid), at);
			return;
		}
	}
	say_if(e, e->session, &session_comment, comment);
}

static void
read_sockets(struct entry *e, const struct scan_value *list)
{
	struct scan_value message;
	struct scan s;
	int64_t n = 0;

	scan_open(&s, list);
	while (list->type == SCAN_ARRAY && scan_next(&s, NULL, &message))
		n++;
	if (n > 0)
		ev_derive(e->har->ev, e->session, &websocket_messages,
		    value_int(n), (struct span){ list->at.blob, list->at.off,
		    s.off - list->at.off }, NULL, 0, NULL);
}

static void
read_entry(struct har *h, struct scan_value *v)
{
	static const char *const names[] = {
		"request", "response", "startedDateTime", "time", "comment",
		"_error", "_webSocketMessages"
	};
	enum { REQUEST, RESPONSE, STARTED, TIME, COMMENT, ERROR, SOCKETS,
	    NAMES };
	struct entry e = { .har = h, .said = { .ev = h->ev } };
	struct scan_value found[NAMES] = { { .blob = NULL } }, key, value;
	bool answered;
	struct scan s;
	size_t i;

	for (i = 0; i < NAMES; i++)
		found[i].blob = h->blob;
	scan_open(&s, v);
	while (v->type == SCAN_OBJECT && scan_next(&s, &key, &value))
		for (i = 0; i < NAMES; i++)
			if (scan_key_is(&key, names[i]))
				found[i] = value;
	if (s.cut) {
		h->cut = true;
		v->at.len = h->blob->n - v->at.off;
	} else
		v->at.len = s.off + 1 - v->at.off;
	if (found[REQUEST].type != SCAN_OBJECT &&
	    found[RESPONSE].type != SCAN_OBJECT) {
		h->odd++;
		return;
	}
	h->entries++;
	e.session = ev_item(h->ev, ITEM_SESSION, h->archive, v->at);
	ev_derive(h->ev, e.session, &session_number,
	    value_int((int64_t)h->entries), v->at, NULL, 0,
	    "its place in the archive");
	read_times(&e, &found[STARTED], &found[TIME]);
	read_comment(&e, &found[COMMENT]);
	say_if(&e, e.session, &session_error, &found[ERROR]);
	read_sockets(&e, &found[SOCKETS]);
	read_request(&e, &found[REQUEST]);
	answered = read_response(&e, &found[RESPONSE]);
	ev_derive(h->ev, e.session, &session_parts, value_str(
	    found[REQUEST].type != SCAN_OBJECT ? "s" : answered ? "c s" :
	    "c"), v->at, NULL, 0, NULL);
	h->readable = true;
}

static void
read_program(struct har *h, const struct scan_value *program)
{
	struct http_item said = { .ev = h->ev };
	struct scan_value v;

	if (scan_get(program, "name", &v) && v.type == SCAN_STRING &&
	    v.at.len > 0)
		http_say(&said, h->archive, &har_program, words(h->ev, &v));
	if (scan_get(program, "version", &v) && v.type == SCAN_STRING &&
	    v.at.len > 0)
		http_say(&said, h->archive, &har_program_version,
		    words(h->ev, &v));
}

static void
read_log(struct har *h, const struct scan_value *log)
{
	struct scan_value key, value, entry;
	struct scan s, list;

	scan_open(&s, log);
	while (scan_next(&s, &key, &value)) {
		if (scan_key_is(&key, "creator") ||
		    scan_key_is(&key, "browser"))
			read_program(h, &value);
		if (!scan_key_is(&key, "entries") || value.type != SCAN_ARRAY)
			continue;
		scan_open(&list, &value);
		while (scan_next(&list, NULL, &entry)) {
			if (h->entries + h->odd >= ev_limits(h->ev)->members) {
				ev_limit(h->ev, entry.at, "members", "more "
				    "than %zu entries; the rest is not read",
				    h->entries);
				return;
			}
			read_entry(h, &entry);
		}
		h->cut |= list.cut;
	}
	h->cut |= s.cut;
}

/* ---- the parser ---- */

/* {"log": {... "entries": [ ...: the first members tell. */
static bool
find_log(const struct blob *b, struct scan_value *ret)
{
	struct scan_value root, key, value;
	struct scan s;
	size_t i;

	if (!scan_root(b, &root) || root.type != SCAN_OBJECT ||
	    !scan_get(&root, "log", ret) || ret->type != SCAN_OBJECT)
		return false;
	scan_open(&s, ret);
	for (i = 0; i < LOOK && scan_next(&s, &key, &value); i++)
		if (scan_key_is(&key, "entries"))
			return value.type == SCAN_ARRAY;
	return false;
}

static bool
is_utf16(const struct blob *b)
{
	static const char log[] = "\"\0l\0o\0g\0\"", all[] =
	    "\"\0e\0n\0t\0r\0i\0e\0s\0\"";
	size_t n = b->n < 65536 ? b->n : 65536;
	const uint8_t *p;

	if (b->n < 4 || b->p[0] + b->p[1] != 0xff + 0xfe)
		return false;
	p = memmem(b->p, n < 256 ? n : 256, log, sizeof(log) - 1);
	return p != NULL && memmem(p, n - (size_t)(p - b->p), all,
	    sizeof(all) - 1) != NULL;
}

static int
har_bid(const struct evidence *ev, const struct blob *b)
{
	struct scan_value log;

	(void)ev;
	if (b->item->kind != ITEM_FILE || b->n < 16)
		return 0;
	/* Most files are told by their first byte. */
	return is_utf16(b) || find_log(b, &log) ? 92 : 0;
}

static void
har_read(struct evidence *ev, struct blob *b)
{
	struct har h = { .ev = ev, .blob = b };
	struct container_result result = { .members = 0 };
	struct scan_value log;
	struct text text;
	uint8_t *p;

	if (is_utf16(b)) {
		if (!text_decode(ev, b, &text) || (p = malloc(text.n + 1)) ==
		    NULL)
			return;
		memcpy(p, text.p, text.n);
		ev_input_kind(ev, b, "har");
		ev_step(ev, blob_span(b), "UTF-16", HINT_HAR, NULL, p, text.n);
		return;
	}
	ev_input_kind(ev, b, "har");
	h.archive = ev_item(ev, ITEM_ARCHIVE, b->item, blob_span(b));
	ev_derive(ev, h.archive, &archive_format_f, value_str("har"),
	    blob_span(b), NULL, 0, NULL);
	if (find_log(b, &log))
		read_log(&h, &log);
	if (h.cut)
		ev_problem(ev, PROBLEM_PARTIAL, blob_span(b), "the HTTP "
		    "archive is cut short or no JSON from some place on; %zu "
		    "entries are read", h.entries);
	if (h.odd > 0)
		ev_problem(ev, PROBLEM_NOTED, blob_span(b), "%zu of the "
		    "entries have neither a request nor a response", h.odd);
	result.members = h.entries;
	result.damaged = h.cut;
	archive_facts(ev, h.archive, b, &result);
	if (h.readable)
		ev_artifact(h.archive, ARTIFACT_CAPTURE);
}

static const struct field *const har_fields[] = {
	&har_program, &har_program_version, &session_error, NULL
};

const struct parser parser_har = {
	.name = "har", .bid = har_bid, .read = har_read, .fields = har_fields
};
