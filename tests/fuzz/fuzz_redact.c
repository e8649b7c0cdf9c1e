/*
 * Fuzzes redact: any bytes are an input, are learned from and written anew.
 * Relies on libFuzzer's entry point, or on driver.c without it.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "ready.h"
#include "redact/redact.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ready *ready = ready_get();
	struct redact_order order = { .json = size % 2 == 0,
	    .keep_unknown = size % 4 < 2 };
	struct evidence *ev;

	ev = ready_evidence(data, size);
	if (redact_emit(ev, judge_run(ev, ready->rules), ready->null,
	    &order) != 0)
		abort();
	evidence_free(ev);
	return 0;
}
