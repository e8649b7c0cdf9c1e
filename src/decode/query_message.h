/*
 * The message of a SCEP PKIOperation that is sent by GET, in the query of the
 * request's target.  Relies on evidence.h.
 */
#ifndef DECODE_QUERY_MESSAGE_H
#define DECODE_QUERY_MESSAGE_H

#include "evidence/evidence.h"

/* Decodes `message=` of a target into a child blob of the item. */
void	query_message_read(struct evidence *, struct item *,
	    struct span target);

#endif
