/*
 * Who signs the certificates of TLS connections: products that open TLS on
 * its way, programs that capture, and the service's own CAs.
 * Relies on data/inspection.tsv, which is short and read from its start.
 */
#include "knowledge/table.h"

#include <strings.h>

enum { PRODUCT, KIND, MARK, SOURCE };

static bool
holds(const char *p, size_t n, struct str mark)
{
	size_t i;

	for (i = 0; mark.n <= n && i <= n - mark.n; i++)
		if (strncasecmp(p + i, mark.p, mark.n) == 0)
			return (true);
	return (false);
}

bool
inspection_find(const char *p, size_t n, struct inspection_info *ret)
{
	static const char *const kinds[] = { "inspector", "tool", "server" };
	struct table t;
	struct row row;
	size_t kind, off;

	*ret = (struct inspection_info){ .kind = INSPECTION_SERVER };
	table_open(&t, "data/inspection.tsv",
	    "product\tkind\tmark\tsource\n");
	/* A name that claims to be both is the inspector's. */
	for (kind = 0; kind < 3; kind++)
		for (off = 0; table_next(&t, &off, &row);) {
			if (!str_is(row.col[KIND], kinds[kind]) ||
			    !holds(p, n, row.col[MARK]))
				continue;
			ret->product = row.col[PRODUCT];
			ret->source = row.col[SOURCE];
			ret->kind = (enum inspection_kind)kind;
			return (true);
		}
	return (false);
}
