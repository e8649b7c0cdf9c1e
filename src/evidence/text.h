/*
 * Text of any Windows encoding as UTF-8 lines that know the bytes they came
 * from.  Own tables for the single-byte code pages: iconv would load modules
 * inside the sandbox.  Relies on evidence.h.
 */
#ifndef EVIDENCE_TEXT_H
#define EVIDENCE_TEXT_H

#include "evidence/evidence.h"

enum text_encoding {
	TEXT_ASCII, TEXT_UTF8, TEXT_UTF16LE, TEXT_UTF16BE,
	TEXT_CP437, TEXT_CP850, TEXT_CP866, TEXT_CP1251, TEXT_CP1252
};

struct text_line {
	const char	*p;		/* UTF-8, no line end, NUL-terminated */
	size_t		 n;
	size_t		 off;		/* of p in text->p */
};

struct text {
	const struct blob *blob;
	enum text_encoding encoding;
	bool		 bom;
	bool		 damaged;	/* some bytes were not of the encoding */
	const char	*p;		/* the whole as UTF-8, NUL-terminated */
	size_t		 n;
	const struct text_line *lines;
	size_t		 nlines;
	const uint32_t	*map;		/* source offset of each byte of p, n+1;
					   NULL: the same offsets plus `skip` */
	size_t		 skip;
};

/* Is this text at all?  Looks at the first 4 KiB; 0 (no) to 100 (sure). */
int		 text_bid(const struct blob *);
const char	*text_encoding_name(enum text_encoding);
/*
 * Decodes a blob (limits.text_bytes, limits.line_bytes).  All in the arena.
 * Lines end with LF, CRLF, CR CRLF or CR.
 */
bool		 text_decode(struct evidence *, const struct blob *,
		    struct text *ret_text);
/* The source bytes of n bytes at off of text->p. */
struct span	 text_span(const struct text *, size_t off, size_t n);

#endif
