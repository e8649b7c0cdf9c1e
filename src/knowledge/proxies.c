/*
 * Proxies and filters by the headers and pages that they leave in answers.
 * Relies on data/proxies.tsv, which is short.
 */
#include "knowledge/table.h"

#include <strings.h>

enum { VENDOR, WHERE, NAME, MARK, OWN };

/* Place of the mark in n bytes at p, ASCII case ignored; false: not there. */
static bool
mark_find(const char *p, size_t n, struct str mark, size_t *ret_off)
{
	size_t i;

	for (i = 0; mark.n <= n && i <= n - mark.n; i++)
		if (strncasecmp(p + i, mark.p, mark.n) == 0) {
			*ret_off = i;
			return (true);
		}
	return (false);
}

/* name: of a header field, NULL for a page. */
static bool
proxy_search(const char *name, const char *p, size_t n,
    struct proxy_info *ret)
{
	struct table t;
	struct row row;
	size_t off = 0, at = 0;

	*ret = (struct proxy_info){ .own = false };
	table_open(&t, "data/proxies.tsv",
	    "vendor\twhere\tname\tmark\town\tsource\n");
	while (table_next(&t, &off, &row)) {
		if (!str_is(row.col[WHERE], name == NULL ? "page" : "header") ||
		    (name != NULL && !str_is(row.col[NAME], name)) ||
		    !mark_find(p, n, row.col[MARK], &at))
			continue;
		ret->vendor = row.col[VENDOR];
		ret->own = str_is(row.col[OWN], "yes");
		ret->off = row.col[MARK].n > 0 ? at : 0;
		ret->n = row.col[MARK].n > 0 ? row.col[MARK].n : n;
		return (true);
	}
	return (false);
}

bool
proxy_by_header(const char *name, const char *p, size_t n,
    struct proxy_info *ret)
{
	return (proxy_search(name, p, n, ret));
}

bool
proxy_by_page(const char *p, size_t n, struct proxy_info *ret)
{
	return (proxy_search(NULL, p, n, ret));
}
