/*
 * Warms the libraries and loads the rules once for all inputs, and reads each
 * input within limits so small that a slow one is a finding and not a bomb.
 * Relies on batch/case.h as the program does.
 */
#include <stdlib.h>

#include "batch/case.h"
#include "correlate/correlator.h"
#include "decode/parser.h"
#include "ready.h"

const struct ready *
ready_get(void)
{
	static struct ready ready;
	struct rules *all;

	if (ready.rules != NULL)
		return &ready;
	all = rules_new();
	ready.null = fopen("/dev/null", "w");
	if (ready.null == NULL || rules_load_embedded(all, stderr) == -1 ||
	    rules_finish(all, stderr) == -1)
		abort();
	ready.rules = all;
	case_warm();
	return &ready;
}

struct evidence *
ready_evidence(const uint8_t *data, size_t size)
{
	static const uint8_t sha256[32];
	struct limits limits = limits_default;
	struct evidence *ev;

	limits.body_bytes = 1 << 22;
	limits.total_bytes = 1 << 24;
	limits.members = 2000;
	limits.blobs = 20000;
	limits.facts = 200000;
	ev = evidence_new(&limits);
	ev_input(ev, "input", true, data, size, sha256);
	worklist_run(ev);
	correlate_run(ev, 0);
	return ev;
}
