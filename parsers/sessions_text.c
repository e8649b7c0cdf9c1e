/*
 * Reads sessions that were saved or copied as text, as Fiddler does: request
 * and response one after another, with lines of dashes between the sessions.
 * Each message is handed on as the bytes that it is; relies on http_head.h.
 */
#include <string.h>
#include <strings.h>

#include "decode/container.h"
#include "decode/http_head.h"
#include "decode/parser.h"
#include "parsers/fields.h"

#define LOOK_BYTES	((size_t)1 << 20)	/* of the bid */
#define RULE_SIGNS	8	/* of a line that separates */

/* The line at off without its end; where the next one begins. */
static struct span
line_at(const struct blob *b, size_t off, size_t *ret_next)
{
	const uint8_t *nl = off < b->n ? memchr(b->p + off, '\n', b->n - off) :
	    NULL;
	struct span at = blob_part(b, off, nl != NULL ? (size_t)(nl - b->p) -
	    off : SIZE_MAX);

	*ret_next = at.off + at.len + (nl != NULL);
	if (at.len > 0 && b->p[at.off + at.len - 1] == '\r')
		at.len--;
	return at;
}

static bool
version_at(const struct blob *b, size_t off, size_t end)
{
	return end - off >= 6 && memcmp(b->p + off, "HTTP/", 5) == 0 &&
	    b->p[off + 5] >= '0' && b->p[off + 5] <= '9';
}

/* METHOD target HTTP/1.1 */
static bool
is_request(const struct blob *b, struct span line)
{
	size_t end = line.off + line.len, off = line.off, n;
	const uint8_t *blank;

	while (off < end && b->p[off] >= 'A' && b->p[off] <= 'Z')
		off++;
	n = off - line.off;
	if (n < 3 || n > 20 || off >= end || b->p[off] != ' ')
		return false;
	off++;
	blank = memchr(b->p + off, ' ', end - off);
	return blank != NULL && blank > b->p + off &&
	    version_at(b, (size_t)(blank - b->p) + 1, end) &&
	    end - (size_t)(blank - b->p) <= 10;
}

/* HTTP/1.1 200 */
static bool
is_response(const struct blob *b, struct span line)
{
	size_t end = line.off + line.len, off = line.off, i;

	if (!version_at(b, off, end))
		return false;
	while (off < end && b->p[off] != ' ')
		off++;
	if (off - line.off > 8 || end - off < 4)
		return false;
	for (i = 1; i < 4; i++)
		if (b->p[off + i] < '0' || b->p[off + i] > '9')
			return false;
	return end - off == 4 || b->p[off + 4] == ' ';
}

/* A line of one sign, again and again. */
static bool
is_rule(const struct blob *b, struct span line)
{
	size_t i;

	if (line.len < RULE_SIGNS || b->p[line.off] == '\0' ||
	    strchr("-=*_#~", b->p[line.off]) == NULL)
		return false;
	for (i = 1; i < line.len; i++)
		if (b->p[line.off + i] != b->p[line.off])
			return false;
	return true;
}

static size_t
skip_bom(const struct blob *b)
{
	return b->n >= 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* ---- the extent of a message ---- */

/* Does anything but a message or the end stand at off? */
static bool
is_boundary(const struct blob *b, size_t off)
{
	struct span line;
	size_t next;

	for (; off < b->n; off = next) {
		line = line_at(b, off, &next);
		if (line.len > 0)
			return is_rule(b, line) || is_request(b, line) ||
			    is_response(b, line);
	}
	return true;
}

static bool
content_length(struct evidence *ev, struct span head, size_t *ret_body,
    size_t *ret_length)
{
	const struct blob *of = ev_blob(ev, head.blob);
	struct blob b = { .id = of->id, .hint = HINT_REQUEST,
	    .p = of->p + head.off, .n = head.len };
	const struct http_field *f;
	struct http_head h;
	size_t i, n = 0;

	if (version_at(&b, 0, b.n))
		b.hint = HINT_RESPONSE;
	if (!http_head_parse(ev, &b, &h) || !h.complete)
		return false;
	*ret_body = head.off + h.body;
	f = http_head_field(&b, &h, "content-length");
	if (f == NULL || f->value.len == 0 || f->value.len > 12)
		return false;
	for (i = 0; i < f->value.len; i++) {
		if (b.p[f->value.off + i] < '0' || b.p[f->value.off + i] > '9')
			return false;
		n = 10 * n + (b.p[f->value.off + i] - '0');
	}
	*ret_length = n;
	return true;
}

/* Where the message that begins at off ends, and where to go on. */
static size_t
message_end(struct evidence *ev, const struct blob *b, size_t off,
    size_t *ret_next)
{
	size_t body = 0, length, next, end, floor, i, most = b->n - off;
	struct span line;

	if (most > ev_limits(ev)->head_bytes)
		most = (size_t)ev_limits(ev)->head_bytes;
	if (content_length(ev, blob_part(b, off, most), &body, &length) &&
	    length <= b->n - body && is_boundary(b, body + length)) {
		*ret_next = body + length;
		return body + length;
	}
	line_at(b, off, &next);
	for (end = next; end < b->n; end = next) {
		line = line_at(b, end, &next);
		if (is_rule(b, line) || is_request(b, line) ||
		    is_response(b, line))
			break;
	}
	*ret_next = end;
	/* A line end and an empty line before the next are not the body's. */
	floor = body > off && body <= end ? body : off;
	for (i = 0; i < 2 && end > floor && b->p[end - 1] == '\n'; i++) {
		end--;
		if (end > floor && b->p[end - 1] == '\r')
			end--;
	}
	return end;
}

/* ---- the parser ---- */

static int
text_bid(const struct evidence *ev, const struct blob *b)
{
	size_t off = skip_bom(b), next;
	bool request = false;
	struct span line;

	(void)ev;
	if (b->item->kind != ITEM_FILE ||
	    (b->hint != NULL && !blob_hint_is(b, HINT_TEXT)))
		return 0;
	for (; off < b->n && off < LOOK_BYTES; off = next) {
		line = line_at(b, off, &next);
		if (!request) {
			/* Nothing but rules may stand before the first. */
			request = is_request(b, line);
			if (!request && line.len > 0 && !is_rule(b, line))
				return 0;
		} else if (is_response(b, line))
			return 88;
	}
	return 0;
}

static struct item *
session_new(struct evidence *ev, struct item *archive, struct span at,
    size_t number)
{
	struct item *it = ev_item(ev, ITEM_SESSION, archive, at);

	ev_derive(ev, it, &session_number, value_int((int64_t)number), at,
	    NULL, 0, "its place in the text");
	return it;
}

static void
parts_add(struct evidence *ev, struct item *session, bool request,
    bool response)
{
	if (session != NULL)
		ev_derive(ev, session, &session_parts, value_str(!response ?
		    "c" : request ? "c s" : "s"), session->at, NULL, 0, NULL);
}

static void
text_read(struct evidence *ev, struct blob *b)
{
	struct container_result result = { .members = 0 };
	struct item *archive, *session = NULL;
	bool request = false, response = false, is_new;
	size_t off = skip_bom(b), next, end;
	struct span line, at;

	ev_input_kind(ev, b, "http");
	archive = ev_item(ev, ITEM_ARCHIVE, b->item, blob_span(b));
	ev_derive(ev, archive, &archive_format_f, value_str("text"),
	    blob_span(b), NULL, 0, NULL);
	for (; off < b->n; off = next) {
		line = line_at(b, off, &next);
		is_new = is_request(b, line);
		if (!is_new && !is_response(b, line))
			continue;
		if (result.members >= ev_limits(ev)->members) {
			ev_limit(ev, line, "members", "more than %zu "
			    "sessions; the rest is not read", result.members);
			break;
		}
		end = message_end(ev, b, off, &next);
		at = blob_part(b, off, end - off);
		if (is_new || response || session == NULL) {
			parts_add(ev, session, request, response);
			session = session_new(ev, archive, at,
			    ++result.members);
			request = is_new;
			response = !is_new;
		} else {
			/* "100 Continue" is not the answer yet. */
			response = b->p[line.off + line.len - 1] == '\0' ||
			    memmem(b->p + line.off, line.len, " 100", 4) ==
			    NULL;
			session->at.len = at.off + at.len - session->at.off;
		}
		ev_slice(ev, at, is_new ? "request" : "response", is_new ?
		    HINT_REQUEST : HINT_RESPONSE, session);
	}
	parts_add(ev, session, request, response);
	archive_facts(ev, archive, b, &result);
	ev_artifact(archive, ARTIFACT_CAPTURE);
}

static const struct field *const text_fields[] = { NULL };

const struct parser parser_sessions_text = {
	.name = "sessions-text", .bid = text_bid, .read = text_read,
	.fields = text_fields
};
