/*
 * Small readers for text that people and tools wrote: content of quoted
 * lines, quotation marks, numbers, times, labels of Windows events.  All work
 * on UTF-8 in memory and never look past n.  Relies on text.h.
 */
#ifndef EVIDENCE_TEXT_SCAN_H
#define EVIDENCE_TEXT_SCAN_H

#include "evidence/text.h"

/* ASCII case is ignored. */
bool	 text_starts(const char *p, size_t n, const char *word);
/* Offset of the first occurrence, n if there is none. */
size_t	 text_find(const char *p, size_t n, const char *word);

bool	 text_is_word(char);		/* letter, digit, '_', any non-ASCII */
bool	 text_is_digit(char);
bool	 text_is_hex(char);
/* Length of a blank (space, tab, no-break space, zero width) at p, or 0. */
size_t	 text_blank(const char *p, size_t n);
size_t	 text_blanks(const char *p, size_t n);		/* all of them */
/* Length of a quotation mark of any kind at p, or 0. */
size_t	 text_quote(const char *p, size_t n);
/*
 * Marks that quote or list a line: '>', '|', bullets, "12.", opening quotes
 * and blanks.  Length of all of them at the start of p.
 */
size_t	 text_marks(const char *p, size_t n);
/* What a line says without such marks and without blanks at its end. */
struct text_part {
	size_t	 off, n;	/* off in text->p */
};
struct text_part text_content(const struct text_line *);
/* Content of the last line before line `limit` that says something. */
struct text_part text_last_line(const struct text *, size_t limit);
/* Blanks, and at most one line end with the marks after it, at p. */
size_t	 text_soft_blanks(const char *p, size_t n);

/* Decimal digits at p: how many (0: none, or more than 18). */
size_t	 text_digits(const char *p, size_t n, int64_t *ret);
/* Hex digits at p: how many; the last 8 make the value. */
size_t	 text_hex(const char *p, size_t n, uint32_t *ret);

/*
 * "2023-03-29T08:00:01.5Z", also with a blank for T, offsets, " UTC": its
 * length, 0 if none stands at p or it names no zone.  Microseconds UTC.
 */
size_t	 text_time(const char *p, size_t n, int64_t *ret_us);
/* "Wed, 29 Mar 2023 08:00:01 GMT" (RFC 9110): its length, or 0. */
size_t	 text_http_date(const char *p, size_t n, int64_t *ret_us);

/*
 * The id of a Windows event where a label or element of any language names
 * it: "Event ID: 86", "Ereignis-ID: 86", "<EventID Qualifiers='0'>86".
 * p stands at the label.  Length up to the number's end, 0 if there is none;
 * the number's own place in *ret_off, *ret_n.
 */
size_t	 text_event_id(const char *p, size_t n, size_t *ret_off,
	    size_t *ret_n, int64_t *ret);
/* Does a record of an event log start with this line's content? */
bool	 text_event_record(const char *p, size_t n);
/* Does this line tell the event above it once more, after "Event Xml:"? */
bool	 text_repeats_event(const struct text *, size_t line);
/* Do header fields of a mail stand on top?  Lines up to the text, else 0. */
size_t	 text_mail_head(const struct text *);
bool	 text_is_html(const struct text *);

/* The value of a sign of base64 (RFC 4648, 4) or of a hex digit, or -1. */
int	 text_base64_digit(uint8_t);
int	 text_hex_digit(uint8_t);
/*
 * Base64 with line ends and quoting marks between, as malloc(3)ed bytes; NULL
 * where other signs stand in it or nothing is left.
 */
uint8_t	*text_base64(const char *p, size_t n, size_t *ret_n);

/*
 * Letters put in, left out or changed between two words; SIZE_MAX where one has
 * more than WORD_MAX bytes.
 */
#define WORD_MAX	64
size_t	 word_distance(const char *a, size_t na, const char *b, size_t nb);

#endif
