/*
 * Reads events that were exported as XML: wevtutil's (one <Event> after the
 * other, without a root), the Event Viewer's <Events>, a single <Event>.
 * Relies on event.h, which reads one element and composes its text.
 */
#include <string.h>

#include "decode/event.h"
#include "decode/parser.h"

#define NAMESPACE	"schemas.microsoft.com/win/2004/08/events/event"
#define RECORD_BYTES	1048576	/* of one event; a log's record has 64 KiB */

/* Does the element of that name begin at off? */
static bool
element_at(const struct text *t, size_t off, const char *name)
{
	size_t n = strlen(name);

	return t->n - off > n && memcmp(t->p + off, name, n) == 0 &&
	    strchr(" \t\r\n>", t->p[off + n]) != NULL;
}

static size_t
find(const struct text *t, size_t off, size_t end, const char *what)
{
	const char *p = memmem(t->p + off, end - off, what, strlen(what));

	return p == NULL ? end : (size_t)(p - t->p);
}

/* The next <Event> from off on; the end of the text if there is none. */
static size_t
event_next(const struct text *t, size_t off)
{
	for (; off < t->n; off++) {
		off = find(t, off, t->n, "<Event");
		if (off < t->n && element_at(t, off, "<Event"))
			return off;
	}
	return t->n;
}

static void
event_read(struct evidence *ev, const struct text *t, size_t off, size_t n,
    struct event *event, struct event_log *log)
{
	const char *why;

	event_reset(event);
	event->at = text_span(t, off, n);
	why = event_xml_read(ev, t, off, n, true, event);
	if (why != NULL)
		ev_damage(ev, event->at, "event %zu of the export is damaged: "
		    "%s", log->records + 1, why);
	if (event->slots[EVENT_PROVIDER].n > 0)
		event_add(ev, event, log);
	else
		log->records++;
}

/* In its first bytes, of any encoding: '<' and the namespace of events. */
static bool
looks_like_events(const struct blob *b)
{
	static const char mark[] = NAMESPACE;
	size_t n = b->n < 8192 ? b->n : 8192, step, i, k;

	for (i = 0; i < n && (b->p[i] >= 0x80 || b->p[i] <= ' '); i++)
		continue;
	if (i == n || b->p[i] != '<')
		return false;
	for (step = 1; step <= 2; step++)
		for (i = 0; i < n; i++) {
			for (k = 0; mark[k] != '\0' && i + k * step < n &&
			    b->p[i + k * step] == (uint8_t)mark[k]; k++)
				continue;
			if (mark[k] == '\0')
				return true;
		}
	return false;
}

static int
event_xml_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	if (b->item->kind != ITEM_FILE || blob_hint_is(b, HINT_EVENT) ||
	    !looks_like_events(b))
		return 0;
	return text_bid(b) > 0 ? 90 : 0;
}

static void
event_xml_read_blob(struct evidence *ev, struct blob *b)
{
	struct event event = { 0 };
	struct event_log log = { 0 };
	size_t off, next, end;
	struct text t;

	if (!text_decode(ev, b, &t))
		return;
	if (find(&t, 0, t.n, "<!DOCTYPE") < t.n) {
		ev_damage(ev, blob_span(b), "the export of events has a "
		    "DOCTYPE, which Windows never writes; it is not read");
		return;
	}
	for (off = event_next(&t, 0); off < t.n; off = next) {
		next = event_next(&t, off + 1);
		end = find(&t, off, next, "</Event>");
		if (end < next)
			end += strlen("</Event>");
		else if (next < t.n)
			end = next;
		else if ((end = find(&t, off, t.n, "</Events>")) == t.n)
			end = t.n;
		if (end - off > RECORD_BYTES) {
			ev_damage(ev, text_span(&t, off, end - off),
			    "event %zu of the export has %zu bytes; it is not "
			    "read", log.records + 1, end - off);
			log.records++;
			continue;
		}
		event_read(ev, &t, off, end - off, &event, &log);
	}
	event_log_end(ev, b, &log);
	ev_input_kind(ev, b, "event-text");
	event_free(&event);
}

static const struct field *const fields[] = {
	&event_channel, &event_provider, &event_level, &event_computer,
	&eventlog_records, &eventlog_unread, &eventlog_other, &eventlog_build,
	&eventlog_revision, NULL
};

const struct parser parser_event_xml = {
	.name = "event-xml", .bid = event_xml_bid,
	.read = event_xml_read_blob, .fields = fields
};
