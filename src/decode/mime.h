/*
 * Heads and bodies of mail: fields, parameters, and the transfer encodings.
 * Relies on evidence.h.  RFC 5322; RFC 2045, 2046, 2047, 2183 and 2231.
 */
#ifndef DECODE_MIME_H
#define DECODE_MIME_H

#include "evidence/evidence.h"

enum mime_encoding { MIME_PLAIN, MIME_BASE64, MIME_QUOTED };

struct mime_head {
	const char	*type;		/* lower case; "text/plain" by default */
	const char	*boundary;	/* NULL: none */
	const char	*name;		/* of a file, NULL: none */
	enum mime_encoding encoding;
	bool		 attachment;
	bool		 mime;		/* says anything of its content */
	unsigned int	 mail;		/* fields that only mails have */
	size_t		 body;		/* offset after the empty line */
};

/* The head at a span's beginning; false: no head of fields is there. */
bool	mime_head_parse(struct evidence *, const struct blob *, struct span,
	    struct mime_head *);

/* Decoded bytes, malloc(3)ed; NULL where nothing is left. */
uint8_t	*mime_decode(enum mime_encoding, const uint8_t *p, size_t n,
	    size_t *ret_n);

#endif
