/*
 * TPM vendors by id, number or host prefix, and the hosts that belong to the
 * enrolment.  Relies on data/vendors.tsv and hosts.tsv, both short.
 */
#include "knowledge/table.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { ID, HEX, PREFIXES, NAME, VIRTUAL };

const char *const host_scope_names[] = {
	[HOST_OTHER] = "other",
	[HOST_AIK] = "aik",
	[HOST_EK_SERVICE] = "ek-service",
	[HOST_AIA] = "aia",
	[HOST_ENROLMENT] = "enrolment",
	[HOST_SIGN_IN] = "sign-in",
	[HOST_DEVICE_HEALTH] = "device-health",
	NULL
};

/* Cuts the first word off; false when there is none. */
static bool
word_next(struct str *s, struct str *ret)
{
	size_t i = 0;

	while (i < s->n && s->p[i] != ' ')
		i++;
	ret->p = s->p;
	ret->n = i;
	s->p += i < s->n ? i + 1 : i;
	s->n -= i < s->n ? i + 1 : i;
	return (ret->n > 0);
}

static bool
vendor_search(int column, const char *p, size_t n, struct vendor_info *ret)
{
	struct table t;
	struct row row;
	size_t off = 0;

	memset(ret, 0, sizeof(*ret));
	table_open(&t, "data/vendors.tsv",
	    "id\thex\tprefixes\tname\tvirtual\tsource\n");
	while (n > 0 && table_next(&t, &off, &row)) {
		struct str words = row.col[column], word;

		while (word_next(&words, &word)) {
			if (!str_same(word, p, n))
				continue;
			words = row.col[PREFIXES];
			ret->id = row.col[ID];
			ret->hex = row.col[HEX];
			(void)word_next(&words, &ret->prefix);
			ret->name = row.col[NAME];
			ret->virtual = str_is(row.col[VIRTUAL], "yes");
			return (true);
		}
	}
	return (false);
}

bool
vendor_by_id(const char *p, size_t n, struct vendor_info *ret)
{
	/* Four bytes, filled up with blanks or NULs. */
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\0'))
		n--;
	return (vendor_search(ID, p, n, ret));
}

bool
vendor_by_attribute(const char *p, size_t n, struct vendor_info *ret)
{
	char hex[8];
	size_t i;

	if (n != 11 || strncasecmp(p, "id:", 3) != 0)
		return (false);
	for (i = 0; i < sizeof(hex); i++)
		hex[i] = (char)toupper((unsigned char)p[3 + i]);
	return (vendor_search(HEX, hex, sizeof(hex), ret));
}

bool
vendor_by_prefix(const char *p, size_t n, struct vendor_info *ret)
{
	return (vendor_search(PREFIXES, p, n, ret));
}

/* A pattern with at most one "*", which stands for one byte or more. */
static bool
host_fits(struct str pattern, const char *host, size_t n)
{
	const char *star = memchr(pattern.p, '*', pattern.n);
	size_t before, after;

	if (star == NULL)
		return (str_same(pattern, host, n));
	before = (size_t)(star - pattern.p);
	after = pattern.n - before - 1;
	return (n > before + after &&
	    strncasecmp(host, pattern.p, before) == 0 &&
	    strncasecmp(host + n - after, star + 1, after) == 0);
}

enum host_scope
host_scope(const char *host)
{
	enum host_scope scope = HOST_OTHER;
	struct table t;
	struct row row;
	size_t off = 0, n = strcspn(host, ":"), best = 0;

	if (n > 0 && host[n - 1] == '.')
		n--;
	table_open(&t, "data/hosts.tsv", "pattern\tscope\tsource\n");
	while (table_next(&t, &off, &row)) {
		if (row.col[0].n <= best || !host_fits(row.col[0], host, n))
			continue;
		for (int i = 0; host_scope_names[i] != NULL; i++) {
			if (str_is(row.col[1], host_scope_names[i])) {
				scope = (enum host_scope)i;
				best = row.col[0].n;
			}
		}
	}
	return (scope);
}

/* Rows with a path are for that part of a host alone. */
enum host_scope
url_scope(const char *host, const char *path)
{
	enum host_scope scope = host_scope(host);
	struct table t;
	struct row row;
	const char *slash;
	size_t off = 0, n, len;

	if (scope != HOST_OTHER)
		return (scope);
	table_open(&t, "data/hosts.tsv", "pattern\tscope\tsource\n");
	while (table_next(&t, &off, &row)) {
		slash = memchr(row.col[0].p, '/', row.col[0].n);
		if (slash == NULL)
			continue;
		n = (size_t)(slash - row.col[0].p);
		len = row.col[0].n - n;
		if (strcspn(host, ":") != n ||
		    memcmp(host, row.col[0].p, n) != 0 ||
		    strncmp(path, slash, len) != 0)
			continue;
		for (int i = 0; host_scope_names[i] != NULL; i++)
			if (str_is(row.col[1], host_scope_names[i]))
				return ((enum host_scope)i);
	}
	return (HOST_OTHER);
}
