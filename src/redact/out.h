/*
 * What the writers of archives share: bytes that grow, numbers with the least
 * significant byte first, names in UTF-16, times of DOS.
 * Relies on nothing.
 */
#ifndef REDACT_OUT_H
#define REDACT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct out {
	uint8_t		*p;		/* malloc(3)ed */
	size_t		 n, room;
};

/* Room for n bytes more, which count as written. */
uint8_t	*out_room(struct out *, size_t n);
void	out_bytes(struct out *, const void *, size_t n);
/* The lowest n bytes of a number; n is at most 8. */
void	out_le(struct out *, uint64_t, size_t n);
/*
 * A name's characters in UTF-16.  What is no UTF-8 becomes U+FFFD; then it
 * returns false.
 */
bool	out_utf16(struct out *, const char *name, size_t n);
/* CRC-32, as zlib has it, of any length. */
uint32_t out_crc(const uint8_t *, size_t n);

/* Units of 100 ns since 1601, as Windows counts; 0 is none. */
#define FILETIME_SECOND	10000000
#define FILETIME_1970	((int64_t)11644473600)
/* In local time, as DOS has it; a time that it cannot have is 1980. */
void	dos_time(uint64_t filetime, uint16_t *ret_date, uint16_t *ret_time);

static inline uint8_t *
put16(uint8_t *p, uint32_t v)
{
	*p++ = (uint8_t)v;
	*p++ = (uint8_t)(v >> 8);
	return p;
}

static inline uint8_t *
put32(uint8_t *p, uint32_t v)
{
	return put16(put16(p, v), v >> 16);
}

#endif
