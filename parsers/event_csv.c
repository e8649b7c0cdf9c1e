/*
 * Reads events that were exported as a table: the Event Viewer's CSV and tab
 * delimited text in its languages, and Get-WinEvent | Export-Csv.
 * Relies on event.h for what a column is and for the text of an event.
 */
#include <string.h>
#include <strings.h>

#include "decode/event.h"
#include "decode/parser.h"

#define COLUMNS		64
#define HEAD_BYTES	2048	/* of the first lines, as the bid sees them */
#define RECORD_BYTES	1048576	/* of one row */
#define MESSAGE		EVENT_SLOTS	/* the column after the slots */

struct table {
	char		 separator;
	int		 columns[COLUMNS];	/* slot, MESSAGE or -1 */
	size_t		 ncolumns;
};

/* One cell, its raw text without the quotes. */
struct cell {
	size_t		 off, n;
	bool		 quoted;
};

/*
 * The cell at off; *ret_next is behind its separator, or at the end of the
 * row.  false: a quote is not closed.
 */
static bool
cell_read(const char *p, size_t n, size_t off, char separator,
    struct cell *ret, size_t *ret_next)
{
	size_t i = off;

	ret->quoted = i < n && p[i] == '"';
	if (ret->quoted) {
		ret->off = ++i;
		for (;; i++) {
			if (i >= n)
				return false;
			if (p[i] != '"')
				continue;
			if (i + 1 < n && p[i + 1] == '"')
				i++;
			else
				break;
		}
		ret->n = i - ret->off;
		i++;
	} else
		ret->off = i;
	while (i < n && p[i] != separator && p[i] != '\n' && p[i] != '\r')
		i++;
	if (!ret->quoted)
		ret->n = i - ret->off;
	*ret_next = i;
	return true;
}

static bool
is_message(const char *p, size_t n)
{
	return (n == 7 && strncasecmp(p, "Message", n) == 0) ||
	    (n == 11 && strncasecmp(p, "Description", n) == 0);
}

/* The columns that the line at *off names; *off is moved behind it. */
static bool
table_head(const char *p, size_t n, size_t *off, struct table *ret)
{
	static const char separators[] = ",;\t";
	bool id = false, source = false, time = false;
	size_t line, next, i;
	struct cell cell;
	int slot;

	*ret = (struct table){ 0 };
	/* "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord" */
	while (*off < n && (p[*off] == '#' || p[*off] == '\r' ||
	    p[*off] == '\n')) {
		while (*off < n && p[*off] != '\n')
			(*off)++;
		if (*off < n)
			(*off)++;
	}
	for (line = *off; line < n && p[line] != '\n' && p[line] != '\r';
	    line++)
		continue;
	for (i = 0; separators[i] != '\0'; i++)
		if (memchr(p + *off, separators[i], line - *off) != NULL) {
			ret->separator = separators[i];
			break;
		}
	if (ret->separator == '\0')
		return false;
	for (i = *off; i <= line && ret->ncolumns < COLUMNS; i = next + 1) {
		if (!cell_read(p, line, i, ret->separator, &cell, &next))
			return false;
		slot = event_label(p + cell.off, cell.n);
		if (is_message(p + cell.off, cell.n))
			slot = MESSAGE;
		id |= slot == EVENT_ID;
		source |= slot == EVENT_PROVIDER;
		time |= slot == EVENT_TIME;
		ret->columns[ret->ncolumns++] = slot;
	}
	*off = line;
	return id && source && time;
}

/* The first bytes as UTF-8, as far as the bid needs them. */
static size_t
head_bytes(const struct blob *b, char to[HEAD_BYTES])
{
	size_t i, n = 0;
	uint32_t c;

	if (b->n < 2 || b->p[0] != 0xff || b->p[1] != 0xfe) {
		i = b->n >= 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
		n = b->n - i < HEAD_BYTES ? b->n - i : HEAD_BYTES;
		memcpy(to, b->p + i, n);
		return n;
	}
	for (i = 2; i + 1 < b->n && n + 3 < HEAD_BYTES; i += 2) {
		c = (uint32_t)b->p[i] | (uint32_t)b->p[i + 1] << 8;
		if (c < 0x80)
			to[n++] = (char)c;
		else if (c < 0x800) {
			to[n++] = (char)(0xc0 | c >> 6);
			to[n++] = (char)(0x80 | (c & 0x3f));
		} else {
			to[n++] = (char)(0xe0 | c >> 12);
			to[n++] = (char)(0x80 | (c >> 6 & 0x3f));
			to[n++] = (char)(0x80 | (c & 0x3f));
		}
	}
	return n;
}

static int
event_csv_bid(const struct evidence *ev, const struct blob *b)
{
	char head[HEAD_BYTES];
	struct table table;
	size_t off = 0;

	(void)ev;
	if (b->item->kind != ITEM_FILE || blob_hint_is(b, HINT_EVENT) ||
	    blob_hint_is(b, HINT_NOTE) || blob_hint_is(b, HINT_ARTICLE))
		return 0;
	if (text_bid(b) == 0 || !table_head(head, head_bytes(b, head), &off,
	    &table))
		return 0;
	return 88;
}

/* The cell's text; a doubled quote is one. */
static void
cell_add(const struct text *t, const struct cell *cell,
    struct event_value *to)
{
	size_t off = cell->off, end = cell->off + cell->n, i;

	for (i = off; i < end; i++) {
		if (!cell->quoted || t->p[i] != '"')
			continue;
		event_value_add(to, t->p + off, i - off, text_span(t, off,
		    i - off), event_unit(t));
		event_value_add(to, "\"", 1, text_span(t, i, 2), PIECE_WHOLE);
		off = ++i + 1;
	}
	event_value_add(to, t->p + off, end - off, text_span(t, off,
	    end - off), event_unit(t));
}

static void
event_csv_read(struct evidence *ev, struct blob *b)
{
	struct event event = { 0 };
	struct event_log log = { 0 };
	size_t off = 0, from, next, i;
	struct table table;
	struct cell cell;
	struct text t;
	int column;

	if (!text_decode(ev, b, &t))
		return;
	if (!table_head(t.p, t.n, &off, &table)) {
		ev_problem(ev, PROBLEM_NOTED, blob_span(b), "the head of a "
		    "table of events names no columns that are known");
		return;
	}
	for (;;) {
		while (off < t.n && (t.p[off] == '\r' || t.p[off] == '\n'))
			off++;
		if (off == t.n)
			break;
		event_reset(&event);
		from = off;
		for (i = 0;; i++, off = next + 1) {
			if (!cell_read(t.p, t.n, off, table.separator, &cell,
			    &next) || next - from > RECORD_BYTES) {
				ev_damage(ev, text_span(&t, from, t.n - from),
				    "row %zu of the table of events does not "
				    "end", log.records + 1);
				next = t.n;
				/* What stands in it is still read. */
				cell = (struct cell){ off + 1,
				    t.n > off + 1 ? t.n - off - 1 : 0, true };
				if (cell.n > RECORD_BYTES)
					cell.n = RECORD_BYTES;
			}
			/* The Viewer's description has no name. */
			column = i < table.ncolumns ? table.columns[i] :
			    i == table.ncolumns ? MESSAGE : -1;
			if (column == MESSAGE && event.message.n == 0)
				cell_add(&t, &cell, &event.message);
			else if (column >= 0 && column < EVENT_SLOTS &&
			    event.slots[column].n == 0)
				cell_add(&t, &cell, &event.slots[column]);
			if (next >= t.n || t.p[next] != table.separator)
				break;
		}
		off = next;
		event.at = text_span(&t, from, off - from);
		event_add(ev, &event, &log);
	}
	event_log_end(ev, b, &log);
	ev_input_kind(ev, b, "event-text");
	event_free(&event);
}

static const struct field *const fields[] = { NULL };

const struct parser parser_event_csv = {
	.name = "event-csv", .bid = event_csv_bid, .read = event_csv_read,
	.fields = fields
};
