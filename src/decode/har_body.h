/*
 * Bodies as HTTP archives hold them: text in a JSON string, base64, or binary
 * bytes that somebody took for characters.  Relies on json_walk.h and
 * http_item.h.
 */
#ifndef DECODE_HAR_BODY_H
#define DECODE_HAR_BODY_H

#include "decode/http_item.h"
#include "decode/json_walk.h"

struct har_body {
	struct scan_value text;
	struct scan_value form;		/* "base64", or none */
	struct scan_value size;		/* bytes that it should have */
	struct scan_value length, encoding;	/* header fields */
	const char	*type;		/* media type, or NULL */
};

/* As http_body_read(). */
struct blob	*har_body_read(struct evidence *, const struct har_body *,
		    struct item *, const char *hint, enum body_state *);

#endif
