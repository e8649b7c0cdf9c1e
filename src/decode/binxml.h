/*
 * The binary XML of an event log's record, with the place of every value.
 * Relies on event.h, which puts the values together.
 */
#ifndef DECODE_BINXML_H
#define DECODE_BINXML_H

#include "decode/event.h"

/*
 * Reads the record's n bytes of binary XML at off of the blob into the event;
 * names and templates are offsets in the chunk.  Returns NULL, or what was
 * found that could not be read.
 */
const char *binxml_read(struct evidence *, const struct blob *,
	    struct span chunk, size_t off, size_t n, struct event *);

#endif
