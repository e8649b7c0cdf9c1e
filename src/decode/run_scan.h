/*
 * Inside of run_tokens.h: the scan and its matchers, of which each looks for
 * one token at a place.  Relies on run_tokens.h.
 */
#ifndef DECODE_RUN_SCAN_H
#define DECODE_RUN_SCAN_H

#include "decode/run_tokens.h"

/* Where the scan stands. */
struct scan {
	const struct text *t;
	struct run_tokens *to;
	const char	*p;		/* t->p */
	size_t		 n;
	size_t		 line;		/* that holds the place of the scan */
	struct text_part content;	/* of that line */
};

size_t	scan_left(const struct scan *, size_t off);
bool	scan_word_before(const struct scan *, size_t off);
bool	scan_word_at(const struct scan *, size_t off);
/* Blank-free bytes at off, up to a mark that ends a word in prose or XML. */
size_t	scan_word_length(const struct scan *, size_t off, size_t max);
/* The end of the content of the line, off at least. */
size_t	scan_line_stop(const struct scan *, size_t off);
struct run_token *scan_token(struct scan *, enum run_token_kind, size_t off,
	    size_t end);

/* Length of the token at off, which was added; 0: there is none. */
size_t	match_record(struct scan *, size_t off);
size_t	match_command(struct scan *, size_t off);
size_t	match_tpm(struct scan *, size_t off);
size_t	match_authority(struct scan *, size_t off);
size_t	match_url(struct scan *, size_t off);
size_t	match_operation(struct scan *, size_t off);
size_t	match_status(struct scan *, size_t off);
size_t	match_message(struct scan *, size_t off);
size_t	match_http(struct scan *, size_t off);
size_t	match_header(struct scan *, size_t off);
size_t	match_method(struct scan *, size_t off);
size_t	match_stage(struct scan *, size_t off);
size_t	match_code(struct scan *, size_t off);
size_t	match_thumbprint(struct scan *, size_t off);
size_t	match_line(struct scan *, size_t off);
size_t	match_pem(struct scan *, size_t off);
size_t	match_time(struct scan *, size_t off);
size_t	match_event_id(struct scan *, size_t off);

#endif
