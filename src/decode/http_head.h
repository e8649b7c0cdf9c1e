/*
 * The head of an HTTP/1 message with the place of each part, and the decoding
 * of its body.  LF-only line ends, folding, HTTP/2 names, pseudo fields in the
 * place of a start line and missing reason phrases are accepted.
 * Relies on evidence.h, zlib and brotli.  RFC 9112; RFC 9113, section 8.3.
 */
#ifndef DECODE_HTTP_HEAD_H
#define DECODE_HTTP_HEAD_H

#include "evidence/evidence.h"

struct http_field {
	struct span	 name, value;	/* value without surrounding blanks */
};

struct http_head {
	bool		 request;	/* else response */
	struct span	 method, target, version, reason;
	int		 status;	/* 0 if none could be read */
	struct span	 status_at;
	struct http_field *fields;	/* in the arena */
	size_t		 nfields;
	size_t		 body;		/* offset after the empty line */
	bool		 complete;	/* the empty line was found */
	bool		 bare_lf;
	bool		 folded;	/* a field goes on in a second line */
	bool		 limited;	/* a limit ended the reading */
};

/* false: not an HTTP head at all. Nothing is added to the evidence. */
bool	http_head_parse(struct evidence *, const struct blob *,
	    struct http_head *);
/*
 * The fields that follow the last chunk of a body (RFC 9112, 7.1.2), as those
 * of a head without a start line; not complete: no empty line ends them.
 */
void	http_trailer_parse(struct evidence *, const struct blob *,
	    struct span, struct http_head *);
/* First field of that name (case-insensitive), or NULL. */
const struct http_field *http_head_field(const struct blob *,
	    const struct http_head *, const char *name);
/* IMF-fixdate, RFC 850's or asctime's form (RFC 9110, 5.6.7); us UTC. */
bool	http_date_parse(const struct blob *, struct span, int64_t *);
bool	http_date_read(const char *p, size_t n, int64_t *);

/* scheme, host, port, path+query of a request; absolute and origin form. */
struct http_target {
	char		 scheme[8];
	const char	*host;		/* lower case, in the arena; "" if none */
	struct span	 host_at;
	unsigned int	 port;		/* 0: the scheme's own */
	const char	*path;		/* with the query, as it stands */
	struct span	 path_at;
	const char	*operation;	/* value of operation=, or NULL */
	struct span	 operation_at;
};
bool	http_target_parse(struct evidence *, const struct blob *,
	    const struct http_head *, struct http_target *);

enum body_state {
	BODY_NONE,		/* none is due, none is there */
	BODY_OK,
	BODY_TRUNCATED,		/* shorter than Content-Length or its chunks */
	BODY_UNDECODED,		/* an encoding did not fit: bytes as they are */
	BODY_DROPPED		/* the capture did not keep it */
};

/*
 * The body as slices and steps: dechunked, then each Content-Encoding undone
 * (gzip, x-gzip, deflate of both kinds, br, zstd), within limits.  A body that
 * does not have the encoding it claims stays as it is, with a problem noted.
 * The result is a queued blob with `hint`, or NULL where there is none.
 * ret_trailer: what follows the last chunk, SPAN_NONE without one.
 */
struct blob	*http_body_read(struct evidence *, const struct blob *,
	    const struct http_head *, struct item *, const char *hint,
	    enum body_state *, struct span *ret_trailer);

/*
 * Undoes one encoding of bytes that have it for sure: a capture that says that
 * it undid it already may be wrong.  The span of the content, else `at`.
 */
struct span	 http_body_undo(struct evidence *, struct span at,
	    const char *encoding, size_t n, struct item *);

/* json, html, certificate, cms, text or binary: by the bytes alone. */
const char	*body_kind(const struct blob *);

#endif
