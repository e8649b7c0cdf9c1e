/* What fuzzers of whole cases need: rules, a place for output, evidence. */
#ifndef TESTS_FUZZ_READY_H
#define TESTS_FUZZ_READY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "judge/judge.h"

struct ready {
	const struct rules *rules;
	FILE		*null;		/* swallows what is written */
};

/* Made at the first call. */
const struct ready *ready_get(void);
/* The bytes as the one input, read and correlated, within small limits. */
struct evidence	*ready_evidence(const uint8_t *data, size_t size);

#endif
