/*
 * Replaces what names persons and machines, and what is secret, by tokens of
 * the same length, so that no offset moves and every relation stays.  All of
 * it runs in the worker that read the case.
 * Relies on evidence.h and judge.h.
 */
#ifndef REDACT_REDACT_H
#define REDACT_REDACT_H

#include <stdio.h>

#include "judge/judge.h"

/*
 * What the worker writes to the parent: frames, each with this before its n
 * bytes of name and its size bytes of content.
 */
enum frame_kind {
	FRAME_FILE = 1,		/* an output: path in the folder, content */
	FRAME_MAP,		/* the private map */
	FRAME_REPORT,		/* the report as far as the worker knows it */
	FRAME_STATE,		/* the findings, a line each */
	FRAME_END
};

struct frame {
	uint32_t	 kind;
	uint32_t	 name_n;
	uint64_t	 size;
};

/* A map begins with this. */
#define REDACT_MAP_MARK	"# aiktriage-redact-map/1"

/* What the command asks for. */
struct redact_order {
	const uint8_t	*map;		/* of an earlier run, or NULL */
	size_t		 map_n;
	const char	*const *passwords;
	size_t		 npasswords;
	bool		 keep_unknown, json;
};

/* A case_emit: arg is a struct redact_order. */
int	redact_emit(struct evidence *, const struct judgement *, FILE *,
	    void *arg);
/* A case_emit of the second reading: the frame of findings alone. */
int	redact_state_emit(struct evidence *, const struct judgement *, FILE *,
	    void *arg);

#endif
