/*
 * What a parser is, and the worklist that lets all of them bid for each blob.
 * Relies on evidence.h.
 */
#ifndef DECODE_PARSER_H
#define DECODE_PARSER_H

#include "evidence/evidence.h"

/*
 * Bids are by content; a hint only breaks ties.  The highest one reads:
 *   0   not mine
 *   1-20  fallback (any text, any bytes)
 *   21-60 looks like it
 *   61-90 structure checked
 *   91-100 certain (a hint of our own, or a checked magic)
 * A parser cannot fail: it adds what it understood and says ev_problem() for
 * the rest.  It never calls another parser: what it finds inside becomes a
 * child blob with a hint.
 */
struct parser {
	const char	*name;
	int		 (*bid)(const struct evidence *, const struct blob *);
	void		 (*read)(struct evidence *, struct blob *);
	const struct field *const *fields;	/* NULL-terminated */
};

extern const struct parser *const	parsers[];	/* NULL-terminated */

/* Hints that are ours. */
#define HINT_NONE	"-"				/* nobody reads it */
#define HINT_FIDDLER_META "application/vnd.fiddler.metadata+xml"
#define HINT_BRIEF	";brief"	/* added: only what every session shows */
#define HINT_WEBSOCKET	"text/vnd.fiddler.websocket"	/* raw/N_w.txt */
#define HINT_REQUEST	"message/http;msgtype=request"
#define HINT_RESPONSE	"message/http;msgtype=response"
#define HINT_CONNECT	"text/vnd.fiddler.connect"	/* CONNECT bodies */
#define HINT_CERT	"application/pkix-cert"		/* DER */
#define HINT_CMS	"application/cms"		/* a ContentInfo */
#define HINT_SCEP_ATTRS	"application/vnd.scep-attributes" /* signedAttrs */
#define HINT_SECRET	"application/vnd.aiktriage.secret" /* of a challenge */
#define HINT_JSON	"application/json"
#define HINT_SCEP	"application/x-pki-message"
#define HINT_TEXT	"text/plain"
#define HINT_EVENT	"text/vnd.aiktriage.event"	/* decode/event.h */
/* What stands around the runs of a text: short, and longer. */
#define HINT_NOTE	"text/vnd.aiktriage.note"
#define HINT_ARTICLE	"text/vnd.aiktriage.article"

/* Lets the parsers read blobs until none is left. */
void	worklist_run(struct evidence *);

/* Case-insensitive test of the hint's media type. */
bool	blob_hint_is(const struct blob *, const char *media_type);

#endif
