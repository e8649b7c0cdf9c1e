/*
 * Firmware versions of TPMs with a published flaw.
 * Relies on data/firmware.tsv, which is short and read from its start.
 */
#include "knowledge/table.h"

#include <string.h>

/* "5.61" as one number that compares: 16 bits each. */
static uint32_t
version(struct str s)
{
	uint32_t v[2] = { 0, 0 };
	size_t i, part = 0;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && part == 0)
			part = 1;
		else if (s.p[i] >= '0' && s.p[i] <= '9')
			v[part] = (v[part] * 10 + (uint32_t)(s.p[i] - '0')) &
			    0xffff;
	}
	return (v[0] << 16 | v[1]);
}

bool
firmware_flawed(const char *vendor, size_t n, unsigned int major,
    unsigned int minor, struct firmware_info *ret)
{
	uint32_t is = (uint32_t)major << 16 | minor;
	struct table t;
	struct row row;
	size_t off = 0;

	memset(ret, 0, sizeof(*ret));
	if (major > 0xffff || minor > 0xffff)
		return (false);
	table_open(&t, "data/firmware.tsv",
	    "vendor\tfrom\tto\twhat\tsource\n");
	while (table_next(&t, &off, &row)) {
		if (!str_same(row.col[0], vendor, n) ||
		    is < version(row.col[1]) || is > version(row.col[2]))
			continue;
		ret->vendor = row.col[0];
		ret->from = row.col[1];
		ret->to = row.col[2];
		ret->what = row.col[3];
		ret->source = row.col[4];
		return (true);
	}
	return (false);
}
