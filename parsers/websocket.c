/*
 * Lists the messages of a WebSocket as Fiddler keeps them (raw/N_w.txt): a
 * record each, with the length of the frame that follows.  Relies on the
 * lengths alone; frames are not looked into.
 */
#include <string.h>
#include <strings.h>

#include "decode/parser.h"
#include "parsers/fields.h"

#define RECORDS		1000	/* that are kept one by one */

const struct field websocket_messages = {
	.name = "websocket.messages", .type = VALUE_INT,
	.kinds = KIND(SESSION), .artifacts = ARTIFACT(CAPTURE),
	.help = "messages that the capture kept of a WebSocket"
};
const struct field websocket_message = {
	.name = "websocket.message", .type = VALUE_TEXT,
	.kinds = KIND(SESSION), .artifacts = ARTIFACT(CAPTURE),
	.repeated = true,
	.help = "a message: Request-Length (sent) or Response-Length "
	    "(received) and the bytes of its frame"
};

/* "Request-Length: 12"; false: another line. */
static bool
record_length(const struct blob *b, struct span line, uint64_t *ret)
{
	static const char *const names[] = {
		"Request-Length:", "Response-Length:"
	};
	size_t i, n;

	for (i = 0; i < 2; i++) {
		n = strlen(names[i]);
		if (line.len > n && strncasecmp((const char *)b->p + line.off,
		    names[i], n) == 0)
			break;
	}
	if (i == 2)
		return false;
	*ret = 0;
	for (i = n; i < line.len; i++) {
		uint8_t c = b->p[line.off + i];

		if (c >= '0' && c <= '9') {
			if (*ret > UINT32_MAX)
				return false;
			*ret = 10 * *ret + (c - '0');
		} else if (c != ' ')
			return false;
	}
	return true;
}

static int
websocket_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return blob_hint_is(b, HINT_WEBSOCKET) ? 95 : 0;
}

static void
websocket_read(struct evidence *ev, struct blob *b)
{
	struct item *session = item_up(b->item, ITEM_SESSION);
	size_t off = 0, n = 0;
	uint64_t length = 0, l;
	struct span line;
	bool record = false, cut = false;

	if (session == NULL)
		return;
	while (!cut && blob_line(b, &off, &line)) {
		if (record_length(b, line, &l)) {
			length = l;
			record = true;
			if (n++ < RECORDS)
				ev_fact(ev, session, &websocket_message,
				    value_text((const char *)b->p + line.off,
				    line.len), line);
		} else if (line.len == 0 && record) {
			cut = off > b->n || length > b->n - off;
			off += cut ? 0 : (size_t)length;
			record = false;
		}
	}
	if (cut)
		ev_damage(ev, blob_span(b), "WebSocket message %zu of session "
		    "%u is cut short", n, session->number);
	ev_derive(ev, session, &websocket_messages, value_int((int64_t)n),
	    blob_span(b), NULL, 0, NULL);
}

static const struct field *const websocket_fields[] = {
	&websocket_messages, &websocket_message, NULL
};

const struct parser parser_websocket = {
	.name = "websocket", .bid = websocket_bid, .read = websocket_read,
	.fields = websocket_fields
};
