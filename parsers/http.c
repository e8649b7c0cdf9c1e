/*
 * Reads an HTTP request or response: of a capture's session, or a file of its
 * own.  It relies on decode/ for the head, the body and what they say.
 * RFC 9110, RFC 9112.
 */
#include <string.h>
#include <strings.h>

#include "decode/http_item.h"
#include "decode/parser.h"
#include "parsers/fields.h"

struct message {
	struct http_item said;		/* first: what is common to all */
	struct blob	*blob;
	struct http_head head;
};

static bool
starts(const struct blob *b, size_t off, const char *text)
{
	size_t n = strlen(text);

	return off <= b->n && b->n - off >= n &&
	    strncasecmp((const char *)b->p + off, text, n) == 0;
}

static const char *
media_type(struct message *m)
{
	const struct http_field *f = http_head_field(m->blob, &m->head,
	    "content-type");

	return f == NULL ? NULL : http_media_type(m->said.ev,
	    (const char *)m->blob->p + f->value.off, f->value.len);
}

static void
read_fields(struct message *m)
{
	const struct http_field *f;
	size_t i;

	for (i = 0; i < m->head.nfields; i++) {
		f = &m->head.fields[i];
		http_say_field(&m->said, http_words(m->blob, f->name),
		    http_words(m->blob, f->value));
	}
}

/* A trailer is no part of the head: whoever sent it may be another. */
static void
read_trailer(struct message *m, struct span at)
{
	struct http_head h;
	size_t i;

	if (at.blob == BLOB_NONE || at.len == 0)
		return;
	http_trailer_parse(m->said.ev, m->blob, at, &h);
	for (i = 0; i < h.nfields; i++)
		http_say_trailer(&m->said, http_words(m->blob,
		    h.fields[i].name), http_words(m->blob, h.fields[i].value));
	if (h.limited)
		ev_limit(m->said.ev, at, "head_bytes", "a trailer of %zu "
		    "fields is too long; its rest is not read", h.nfields);
	else if (!h.complete)
		ev_problem(m->said.ev, PROBLEM_NOTED, at, "no empty line ends "
		    "the trailer of the body");
}

static void
read_body(struct message *m, const char *hint)
{
	struct http_item *said = &m->said;
	struct blob *b = m->blob;
	struct span at = blob_part(b, 0, m->head.body), trailer;
	enum body_state state;

	if (said->other) {
		if (b->full > m->head.body)
			http_say_left_out(said, at);
		ev_blob_trim(said->ev, b, m->head.body);
		return;
	}
	said->body = http_body_read(said->ev, b, &m->head, said->item, hint,
	    &state, &trailer);
	read_trailer(m, trailer);
	if (state == BODY_OK && b->full > b->n)
		state = BODY_TRUNCATED;
	http_say_body(said, state, at, http_head_field(b, &m->head,
	    "content-length") != NULL ? item_keyed(said->item, &http_header,
	    "content-length") : NULL);
}

static void
say_oddities(struct message *m)
{
	const struct http_head *h = &m->head;
	struct evidence *ev = m->said.ev;

	if (h->limited)
		ev_limit(ev, blob_part(m->blob, 0, h->body), "head_bytes",
		    "an HTTP head of %zu fields is too long; its rest is not "
		    "read", h->nfields);
	else if (!h->complete)
		ev_damage(ev, blob_span(m->blob), "the HTTP head ends "
		    "after %zu bytes, an empty line was wanted", m->blob->n);
	if (m->said.other)
		return;
	if (h->bare_lf && h->complete)
		ev_problem(ev, PROBLEM_NOTED, blob_part(m->blob, 0, h->body),
		    "lines of the HTTP head end without CR");
	if (h->folded)
		ev_problem(ev, PROBLEM_NOTED, blob_part(m->blob, 0, h->body),
		    "a header field is folded over two lines");
}

static void
read_request(struct message *m)
{
	struct http_item *said = &m->said;
	struct http_target t;

	http_target_parse(said->ev, m->blob, &m->head, &t);
	http_say_request(said, http_words(m->blob, m->head.method),
	    http_words(m->blob, m->head.target), &t);
	say_oddities(m);
	read_fields(m);
	read_body(m, said->connect ? HINT_CONNECT : media_type(m));
}

static void
read_response(struct message *m)
{
	struct http_item *said = &m->said;
	const struct http_head *h = &m->head;

	http_find_request(said);
	said->status = h->status;
	if (h->status > 0)
		ev_fact(said->ev, said->item, &http_status,
		    value_int(h->status), h->status_at);
	if (h->reason.blob != BLOB_NONE && h->reason.len > 0)
		http_say(said, said->item, &http_reason, http_words(m->blob,
		    h->reason));
	say_oddities(m);
	read_fields(m);
	said->fiddler = starts(m->blob, h->body, "[Fiddler]") ||
	    starts(m->blob, h->reason.blob == BLOB_NONE ? m->blob->n :
	    h->reason.off, "Fiddler -") ||
	    http_head_field(m->blob, h, "fiddlergateway") != NULL;
	read_body(m, http_answer_hint(said, media_type(m)));
	http_answer_done(said);
}

/* ---- the parser ---- */

/* METHOD target HTTP/1.1, and nothing else in the first line. */
static bool
is_request_line(const struct blob *b)
{
	size_t i, n = b->n < 65536 ? b->n : 65536, at;
	const uint8_t *nl = memchr(b->p, '\n', n);

	if (nl != NULL)
		n = (size_t)(nl - b->p);
	if (n > 0 && b->p[n - 1] == '\r')
		n--;
	for (i = 0; i < n && i < 16 && b->p[i] >= 'A' && b->p[i] <= 'Z'; i++)
		continue;
	if (i < 3 || i >= n || b->p[i] != ' ')
		return false;
	for (at = ++i; i < n && b->p[i] != ' '; i++)
		continue;
	return i > at && starts(b, i, " HTTP/") && n - i <= 9;
}

static int
http_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	if (blob_hint_is(b, "message/http"))
		return 95;
	if (b->item->kind != ITEM_FILE)
		return 0;
	if ((starts(b, 0, "HTTP/1.") && b->n > 9 && b->p[8] == ' ') ||
	    starts(b, 0, "HTTP/2 ") || starts(b, 0, "HTTP/2.0 ") ||
	    starts(b, 0, "HTTP/3 "))
		return 85;
	return is_request_line(b) ? 85 : 0;
}

/* "100 Continue" and the like, with the answer behind it. */
static bool
interim(const struct blob *b, const struct http_head *head)
{
	return head->status >= 100 && head->status < 200 &&
	    head->status != 101 && head->complete &&
	    starts(b, head->body, "HTTP/");
}

static void
http_read(struct evidence *ev, struct blob *b)
{
	struct message m = { .said = { .ev = ev }, .blob = b };
	struct item *parent;

	if (b->n == 0)
		return;		/* nothing was recorded: session.parts */
	m.said.session = item_up(b->item, ITEM_SESSION);
	parent = m.said.session != NULL ? m.said.session :
	    item_up(b->item, ITEM_FILE);
	if (parent == NULL || !http_head_parse(ev, b, &m.head)) {
		ev_damage(ev, blob_span(b), "%zu bytes begin with no HTTP "
		    "start line", b->n);
		return;
	}
	ev_input_kind(ev, b, "http");
	if (!m.head.request && interim(b, &m.head)) {
		ev_slice(ev, blob_part(b, m.head.body, b->n - m.head.body),
		    "response", HINT_RESPONSE, b->item);
		return;
	}
	m.said.item = ev_item(ev, m.head.request ? ITEM_REQUEST : ITEM_RESPONSE,
	    parent, blob_span(b));
	if (m.head.request)
		read_request(&m);
	else
		read_response(&m);
}

static const struct field *const http_fields[] = {
	&request_method, &request_url, &request_host, &request_scope,
	&request_operation, &http_status, &http_reason, &http_header,
	&http_trailer, &http_date, &http_body, &http_body_length, &http_made_by,
	&http_proxy_vendor, &http_winsock, &http_error_text, &http_content,
	&getcacaps_keyword, &connect_host, NULL
};

const struct parser parser_http = {
	.name = "http", .bid = http_bid, .read = http_read,
	.fields = http_fields
};
