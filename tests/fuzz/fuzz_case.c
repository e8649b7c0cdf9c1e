/*
 * Fuzzes the whole pipeline in one process: any bytes are an input; they are
 * read, correlated, judged and reported in every format.
 * Relies on libFuzzer's entry point, or on driver.c without it.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "ready.h"
#include "report/report.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ready *ready = ready_get();
	struct evidence *ev = ready_evidence(data, size);
	struct report report = { .columns = 80, .ev = ev,
	    .rules = ready->rules, .judgement = judge_run(ev, ready->rules) };
	size_t i;

	for (i = 0; reporters[i] != NULL; i++) {
		report.verbose = i % 2 == 0;
		if (reporters[i]->write(&report, ready->null) != 0)
			abort();
	}
	evidence_free(ev);
	return 0;
}
