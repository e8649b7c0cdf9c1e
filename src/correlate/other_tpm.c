/*
 * Outputs of tools that tell of another TPM than the one that made the case's
 * attempts: the helpdesk's own machine, or the wrong file.
 * Relies on attempts.c and joins.c; tpm_state.c leaves such outputs out.
 */
#include "correlate/attempt.h"
#include "correlate/device.h"
#include "knowledge/knowledge.h"

FIELD(tool_other_tpm, "tool.other_tpm", BOOL, KIND(TOOL), 0,
    "the TPM that the tool tells of is of another maker than those of the "
    "case's attempts");

/* One firm may answer to two ids: Pluton is Microsoft's on others' chips. */
static bool
same_maker(const struct fact *tool, const struct fact *attempt)
{
	struct vendor_info a, b;

	if (!vendor_by_id(tool->value.p, tool->value.n, &a) ||
	    !vendor_by_id(attempt->value.p, attempt->value.n, &b))
		return true;
	return str_same(a.id, b.id.p, b.id.n) || str_is(b.id, "MSFT") ||
	    (str_is(a.id, "MSFT") && str_is(b.id, "AMD")) ||
	    (str_is(a.id, "NTC") && str_is(b.id, "WEC")) ||
	    (str_is(a.id, "WEC") && str_is(b.id, "NTC"));
}

static void
run(struct evidence *ev, int64_t as_of)
{
	const struct fact *maker, *vendor, *other, *why[2];
	const struct item *at;
	struct item *it;

	(void)as_of;
	for (it = ev_first(ev, ITEM_TOOL); it != NULL; it = it->next) {
		maker = item_fact(it, &tpmtool_manufacturer);
		if (maker == NULL)
			maker = item_fact(it, &get_tpm_manufacturer);
		if (maker == NULL)
			continue;
		other = NULL;
		for (at = ev_first(ev, ITEM_ATTEMPT); at != NULL;
		    at = at->next) {
			vendor = item_fact(at, &attempt_vendor);
			if (vendor == NULL)
				continue;
			if (same_maker(maker, vendor))
				break;
			other = vendor;
		}
		if (at != NULL || other == NULL)
			continue;
		why[0] = maker;
		why[1] = other;
		ev_derive(ev, it, &tool_other_tpm, value_bool(true), SPAN_NONE,
		    why, 2, "rules/data/vendors.tsv");
		join_contradict(ev, "a tool tells of a TPM of another maker "
		    "than the attempt's", maker, other);
	}
}

static const struct field *const fields[] = { &tool_other_tpm, NULL };

const struct correlator correlator_other_tpm = {
	.name = "other_tpm", .run = run, .fields = fields
};
