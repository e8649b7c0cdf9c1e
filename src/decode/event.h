/*
 * An event of a Windows log, in whatever form it was written: its values with
 * the bytes they came from, and the text that is composed of them, so that
 * the same parsers read it as read the Event Viewer's text.
 * Relies on evidence.h; event_head.c reads the head of such a text.
 */
#ifndef DECODE_EVENT_H
#define DECODE_EVENT_H

#include "evidence/text_scan.h"

/* What every event has. */
enum event_slot {
	EVENT_CHANNEL, EVENT_PROVIDER, EVENT_TIME, EVENT_ID, EVENT_LEVEL,
	EVENT_COMPUTER, EVENT_SLOTS
};

/* UTF-8 that grows, and where its bytes stand. */
struct event_value {
	char		*p;
	size_t		 n, room;
	struct piece	*pieces;	/* off counts in p */
	size_t		 npieces, pieces_room;
};

struct event_data {
	struct event_value name, value;
};

/* One event that is being read; used again for the next one. */
struct event {
	struct span	 at;		/* all of it */
	struct event_value slots[EVENT_SLOTS];
	struct event_value message;	/* as Windows rendered it */
	struct event_data *data;
	size_t		 ndata, data_room;
	struct event_value *target;	/* where text goes, or NULL */
	unsigned int	 depth;
	int		 section;	/* of the element at depth 2 */
	char		 leaf[64];	/* name of the innermost element */
};

/* Counts of one log, for the facts on its file. */
#define EVENT_OTHERS	64
struct event_log {
	size_t		 records, taken;
	struct event_other {
		char	*name;		/* of the provider */
		size_t	 n;
		struct span at;		/* first place of it */
	} others[EVENT_OTHERS];
	size_t		 nothers;
	struct event_boot {
		char	 time[40];	/* as the event gives it */
		int64_t	 build, revision; /* 0: no start was seen */
		struct span build_at, revision_at;
	} boot;				/* the last start of Windows */
};

void	event_reset(struct event *);
void	event_free(struct event *);

/*
 * The elements of an <Event> in their order.  Text between goes to the value
 * that the element or attribute names; `from` may be SPAN_NONE.
 */
void	event_start(struct event *, const char *name, size_t n);
void	event_attribute(struct event *, const char *name, size_t n);
void	event_text(struct event *, const char *p, size_t n, struct span from,
	    enum piece_unit);
/* Text ended: of the attribute, back to the element's. */
void	event_attribute_end(struct event *);
void	event_end(struct event *);
/* Appends to any value. */
void	event_value_add(struct event_value *, const char *p, size_t n,
	    struct span from, enum piece_unit);
/* Appends a value with its places. */
void	event_value_join(struct event_value *, const struct event_value *);

/* How a piece of the text stands in its bytes. */
enum piece_unit event_unit(const struct text *);

bool	event_value_is(const struct event_value *, const char *text);
bool	event_value_holds(const struct event_value *, const char *word);
/* -1: it is no number. */
int64_t	event_value_number(const struct event_value *);
/* All pieces of a value as one span. */
struct span event_value_span(const struct event_value *);
/* The first value of that name, or NULL. */
const struct event_value *event_data_named(const struct event *,
	    const char *name);

/* ---- event_text.c ---- */

/* Adds the text of the event as a blob. */
void	event_compose(struct evidence *, const struct event *);

/* ---- event_log.c ---- */

/*
 * Adds the composed text of the event as a blob, if it is one that matters,
 * and counts it in any case.
 */
void	event_add(struct evidence *, struct event *, struct event_log *);
/* The counts as facts of the log's file; frees what the log holds. */
void	event_log_end(struct evidence *, const struct blob *,
	    struct event_log *);

/* ---- event_head.c ---- */

extern const struct field	event_channel, event_provider, event_level,
	    event_computer, eventlog_records, eventlog_unread,
	    eventlog_other, eventlog_build, eventlog_revision;

/* What the head of a record says, as facts of its run or note. */
void	event_head_facts(struct evidence *, struct item *,
	    const struct text *, size_t off, size_t end);
/* The source that the head names; n 0: none. */
struct text_part event_head_source(const struct text *, size_t off,
	    size_t end);
/* The slot that a column of a list or a line of a head names, or -1. */
int	event_label(const char *p, size_t n);
/* Is this source's event of interest?  Short names count too. */
bool	event_source_matters(const char *p, size_t n);

/* ---- event_xml.c ---- */

/*
 * Reads one <Event> at off of the text; `located`: the text's own bytes are
 * cited.  Returns NULL, or what libxml2 objects to.
 */
const char *event_xml_read(struct evidence *, const struct text *, size_t off,
	    size_t n, bool located, struct event *);

#endif
