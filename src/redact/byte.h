/*
 * What single bytes of text are, in ASCII, and how a text begins.
 * Relies on nothing.
 */
#ifndef REDACT_BYTE_H
#define REDACT_BYTE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static inline bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' &&
	    (c | 0x20) <= 'z');
}

static inline bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Letter case is of no matter. */
static inline bool
starts(const uint8_t *p, size_t n, const char *word)
{
	size_t k = strlen(word);

	return n >= k && strncasecmp((const char *)p, word, k) == 0;
}

#endif
