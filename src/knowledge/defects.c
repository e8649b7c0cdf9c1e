/*
 * Defects of Windows that stop the attestation, with the builds that have
 * them.  Relies on data/defects.tsv, which is short and read from its start.
 */
#include "knowledge/table.h"

#include <string.h>

enum { KB, FROM, TO, BELOW, SIGN, VENDOR, WHAT, DATE, SOURCE };

static int64_t
number(struct str s)
{
	int64_t v = 0;
	size_t i;

	for (i = 0; i < s.n && i < 9; i++)
		v = v * 10 + (s.p[i] - '0');
	return (v);
}

bool
defect_get(size_t index, struct defect_info *ret)
{
	struct table t;
	struct row row;
	size_t off = 0;

	memset(ret, 0, sizeof(*ret));
	table_open(&t, "data/defects.tsv",
	    "kb\tfrom\tto\tbelow\tsign\tvendor\twhat\tdate\tsource\n");
	while (table_next(&t, &off, &row)) {
		if (index-- > 0)
			continue;
		ret->kb = row.col[KB];
		ret->from = number(row.col[FROM]);
		ret->to = number(row.col[TO]);
		ret->below = number(row.col[BELOW]);
		ret->sign = row.col[SIGN];
		ret->vendor = row.col[VENDOR];
		ret->what = row.col[WHAT];
		ret->source = row.col[SOURCE];
		return (true);
	}
	return (false);
}
