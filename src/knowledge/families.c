/*
 * Which chips a vendor's CA signs for, by patterns of its common name.
 * Relies on data/families.tsv, which is short.
 */
#include "knowledge/table.h"

#include <string.h>

/* "*" stands for any text; the rest is compared as it is. */
static bool
pattern_fits(struct str pattern, struct str text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;

	while (t < text.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			mark = t;
		} else if (p < pattern.n && pattern.p[p] == text.p[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++mark;
		} else
			return (false);
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return (p == pattern.n);
}

bool
family_find(struct str vendor, struct str cn, size_t index,
    struct family_info *ret)
{
	struct table t;
	struct row row;
	size_t off = 0;

	memset(ret, 0, sizeof(*ret));
	table_open(&t, "data/families.tsv", "vendor\tcn\twhat\tsource\n");
	while (table_next(&t, &off, &row)) {
		if (!str_same(row.col[0], vendor.p, vendor.n) ||
		    !pattern_fits(row.col[1], cn) || index-- > 0)
			continue;
		ret->what = row.col[2];
		ret->source = row.col[3];
		return (true);
	}
	return (false);
}
