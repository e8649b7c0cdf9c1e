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
	const char	*p;		/* UTF-8, without its line end */
	size_t		 n;
	size_t		 off;		/* of p in text->p */
};

struct text {
	const struct blob *blob;
	enum text_encoding encoding;
	bool		 bom;
	bool		 damaged;	/* some bytes are not of the encoding */
	const char	*p;		/* the whole as UTF-8, NUL-terminated */
	size_t		 n;
	const struct text_line *lines;
	size_t		 nlines;
	const uint32_t	*marks;		/* source offset of the character that
					   holds every 64th byte of p; NULL:
					   the same offsets plus `skip` */
	size_t		 skip;		/* bytes of the byte order mark */
	size_t		 source_end;	/* where the decoded bytes end */
};

/* Is this text at all?  Looks at the first 4 KiB; 0 (no) to 100 (sure). */
int		 text_bid(const struct blob *);
const char	*text_encoding_name(enum text_encoding);
/*
 * Decodes a blob (limits.text_bytes, line_bytes, text_lines).  All in the
 * arena.  Lines end with LF, CRLF, CR CRLF or CR.  An empty blob is a text
 * without lines; false: the bytes are no text, and *ret_text is empty.
 */
bool		 text_decode(struct evidence *, const struct blob *,
		    struct text *ret_text);
/* The source bytes of n bytes at off of text->p. */
struct span	 text_span(const struct text *, size_t off, size_t n);
/* The line that holds byte off of text->p; 0 for a text without lines. */
size_t		 text_line_at(const struct text *, size_t off);

#endif
