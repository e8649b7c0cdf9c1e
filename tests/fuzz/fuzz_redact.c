/*
 * Fuzzes redact: any bytes are an input, are learned from and written anew.
 * Relies on libFuzzer's entry point, or on driver.c without it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "batch/case.h"
#include "correlate/correlator.h"
#include "decode/parser.h"
#include "fuzz.h"
#include "redact/redact.h"

static const struct rules	*rules;
static FILE			*null;

static void
ready(void)
{
	struct rules *all = rules_new();

	null = fopen("/dev/null", "w");
	if (null == NULL || rules_load_embedded(all, stderr) == -1 ||
	    rules_finish(all, stderr) == -1)
		abort();
	rules = all;
	case_warm();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t sha256[32];
	struct limits limits = limits_default;
	struct redact_order order = { .json = size % 2 == 0,
	    .keep_unknown = size % 4 < 2 };
	struct evidence *ev;

	if (rules == NULL)
		ready();
	/* Small enough that a slow input is a finding and not a bomb. */
	limits.body_bytes = 1 << 22;
	limits.total_bytes = 1 << 24;
	limits.members = 2000;
	limits.blobs = 20000;
	limits.facts = 200000;
	ev = evidence_new(&limits);
	ev_input(ev, "input", true, data, size, sha256);
	worklist_run(ev);
	correlate_run(ev, 0);
	if (redact_emit(ev, judge_run(ev, rules), null, &order) != 0)
		abort();
	evidence_free(ev);
	return 0;
}
