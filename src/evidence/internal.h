/*
 * The inside of struct evidence, for the files of evidence/ alone.
 * Relies on evidence.h.
 */
#ifndef EVIDENCE_INTERNAL_H
#define EVIDENCE_INTERNAL_H

#include "evidence/evidence.h"

struct item_list {
	struct item	*first, *last;
	uint32_t	 n;
};

struct evidence {
	struct arena	*arena;
	struct limits	 limits;
	struct item	*root;
	struct item_list items[ITEM_KIND_COUNT];
	struct blob	**blobs;
	uint8_t		**owned;	/* bytes of blobs to free, or NULL */
	size_t		 nblobs, taken;
	uint64_t	 input_bytes, made_bytes;
	size_t		 nfacts;
	struct input	*inputs;
	size_t		 ninputs;
	struct problem	*problems, **problems_last;
	size_t		 nproblems, nnotes;
	struct evidence	*given;		/* of --certs, or NULL */
	struct meter	*meter;		/* who watches, or NULL */
};

#endif
