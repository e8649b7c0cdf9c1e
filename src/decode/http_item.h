/*
 * What an HTTP request or response says, whatever wrote it down: the facts of
 * its lines and its body, and who made it.  For every parser that reads
 * messages; relies on http_head.h and the tables of hosts and proxies.
 */
#ifndef DECODE_HTTP_ITEM_H
#define DECODE_HTTP_ITEM_H

#include "decode/http_head.h"

/* Words of a message and where they stand. */
struct http_words {
	const char	*p;
	size_t		 n;
	struct span	 at;
	bool		 same;		/* they are the very bytes there */
};

struct http_item {
	struct evidence	*ev;
	struct item	*item;		/* the request or the response */
	struct item	*session;	/* NULL for a file of its own */
	struct item	*request;	/* of a response; NULL unknown */
	int		 status;
	bool		 connect;	/* of a CONNECT tunnel */
	bool		 other;		/* the host is not of the enrolment */
	bool		 aik;		/* the host is an AIK authority's */
	bool		 fiddler;	/* Fiddler made the response */
	struct blob	*body;		/* decoded, or NULL */
};

/* The words that are the bytes of a span. */
struct http_words http_words(const struct blob *, struct span);

/* Cut to limits.value_bytes; derived where escapes were undone. */
const struct fact *http_say(struct http_item *, struct item *,
	    const struct field *, struct http_words);
void	http_say_field(struct http_item *, struct http_words name,
	    struct http_words value);
/* One that follows the chunks of the body and not the first line. */
void	http_say_trailer(struct http_item *, struct http_words name,
	    struct http_words value);
/* Method, target and what the target names; its places are the target's. */
void	http_say_request(struct http_item *, struct http_words method,
	    struct http_words target, const struct http_target *);

/* The session's request, and with it whose host it was. */
void	http_find_request(struct http_item *);

/* A media type in lower case, or NULL: nobody may take it for one of ours. */
const char *http_media_type(struct evidence *, const char *p, size_t n);
/* What the answer's body shall be read as; type: of http_media_type(). */
const char *http_answer_hint(const struct http_item *, const char *type);

/*
 * State and kind of m->body; cites it, else `at`.  Metadata that says that
 * the body was dropped wins over its absence.
 */
void	http_say_body(struct http_item *, enum body_state, struct span at,
	    const struct fact *length);
/* The body of a host that is not of the enrolment was left out. */
void	http_say_left_out(struct http_item *, struct span at);

/* Who made the answer, by which proxy it came, and what it is good for. */
void	http_answer_done(struct http_item *);

#endif
