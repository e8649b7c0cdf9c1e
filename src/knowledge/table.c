/*
 * The embedded files by name, and rows of tab-separated tables out of them.
 * Relies on the array that tools/embed.c wrote, which is sorted by name.
 */
#include "knowledge/table.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "evidence/evidence.h"

bool
str_is(struct str s, const char *text)
{
	size_t n = strlen(text);

	return (s.n == n && (n == 0 || memcmp(s.p, text, n) == 0));
}

bool
str_same(struct str s, const char *p, size_t n)
{
	return (s.n == n && (n == 0 || strncasecmp(s.p, p, n) == 0));
}

const struct embedded *
embedded_find(const char *name)
{
	size_t lo = 0, hi = 0, mid;
	int d;

	while (embedded_files[hi].name != NULL)
		hi++;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		d = strcmp(embedded_files[mid].name, name);
		if (d == 0)
			return (&embedded_files[mid]);
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (NULL);
}

/* Tables that --data gave; set before the first fork, then only read. */
static struct embedded	replaced[8];

const char *
table_replace(const char *name, const char *p, size_t n)
{
	const char *old;

	for (size_t i = 0; i < sizeof(replaced) / sizeof(replaced[0]); i++) {
		if (replaced[i].name != NULL &&
		    strcmp(replaced[i].name, name) != 0)
			continue;
		old = replaced[i].p;
		replaced[i] = (struct embedded){ name, p, n };
		return (old);
	}
	assert(!"room for every table");
	return (NULL);
}

static const struct embedded *
table_find(const char *name)
{
	for (size_t i = 0; i < sizeof(replaced) / sizeof(replaced[0]); i++) {
		if (replaced[i].name != NULL &&
		    strcmp(replaced[i].name, name) == 0)
			return (&replaced[i]);
	}
	return (embedded_find(name));
}

/* Offset after the line that starts at off. */
static size_t
line_end(const char *p, size_t n, size_t off)
{
	const char *nl;

	if (off >= n)
		return (n);
	nl = memchr(p + off, '\n', n - off);
	return (nl == NULL ? n : (size_t)(nl - p) + 1);
}

bool
table_head(const char *p, size_t n, struct str *ret_names,
    struct str *ret_rows)
{
	size_t off = 0, end;

	while (off < n && p[off] == '#')
		off = line_end(p, n, off);
	end = line_end(p, n, off);
	*ret_names = (struct str){ p + off, end - off };
	*ret_rows = (struct str){ p + end, n - end };
	return (end > off && p[end - 1] == '\n');
}

void
table_open(struct table *t, const char *name, const char *columns)
{
	const struct embedded *e = table_find(name);
	struct str names, rows;

	assert(e != NULL);
	if (!table_head(e->p, e->n, &names, &rows) ||
	    !str_is(names, columns))
		assert(!"the columns of an embedded table");
	t->p = rows.p;
	t->n = rows.n;
}

bool
table_next(const struct table *t, size_t *off, struct row *ret)
{
	const char *p, *end, *tab;
	size_t next;

	ret->ncol = 0;
	do {
		if (*off >= t->n)
			return (false);
		next = line_end(t->p, t->n, *off);
		p = t->p + *off;
		end = t->p + next;
		*off = next;
	} while (*p == '#');
	if (end > p && end[-1] == '\n')
		end--;
	for (;;) {
		tab = ret->ncol + 1 < TABLE_COLUMNS ?
		    memchr(p, '\t', (size_t)(end - p)) : NULL;
		ret->col[ret->ncol].p = p;
		ret->col[ret->ncol++].n =
		    (size_t)((tab == NULL ? end : tab) - p);
		if (tab == NULL)
			break;
		p = tab + 1;
	}
	/* Columns that the line does not have are empty. */
	for (size_t i = ret->ncol; i < TABLE_COLUMNS; i++) {
		ret->col[i].p = end;
		ret->col[i].n = 0;
	}
	return (true);
}

/* Only the rows that fit are taken apart: a whole table is read quickly. */
bool
table_next_with(const struct table *t, size_t *off, size_t column,
    const char *text, size_t n, struct row *ret)
{
	const char *p, *end;
	size_t next, i;

	for (; *off < t->n; *off = next) {
		next = line_end(t->p, t->n, *off);
		p = t->p + *off;
		end = t->p + next;
		for (i = 0; i < column && p != NULL; i++) {
			p = memchr(p, '\t', (size_t)(end - p));
			p = p == NULL ? NULL : p + 1;
		}
		if (p == NULL || n >= (size_t)(end - p) ||
		    (p[n] != '\t' && p[n] != '\n') ||
		    strncasecmp(p, text, n) != 0)
			continue;
		return (table_next(t, off, ret));
	}
	return (false);
}

/* Order of the line at off against the key, over the key's length. */
static int
line_compare(const struct table *t, size_t off, const char *key, size_t n)
{
	size_t len = line_end(t->p, t->n, off) - off;
	int d = memcmp(t->p + off, key, len < n ? len : n);

	return (d != 0 || len >= n ? d : -1);
}

size_t
table_seek(const struct table *t, const char *key, size_t n)
{
	size_t lo = 0, hi = t->n, mid;

	/* lo and hi are starts of lines, or the end. */
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		while (mid > lo && t->p[mid - 1] != '\n')
			mid--;
		if (line_compare(t, mid, key, n) < 0)
			lo = line_end(t->p, t->n, mid);
		else
			hi = mid;
	}
	return (lo);
}

bool
table_at(const struct table *t, size_t off, const char *key, size_t n)
{
	return (off <= t->n && n <= t->n - off &&
	    memcmp(t->p + off, key, n) == 0);
}

/* n digits at p as a number, or -1. */
static int
digits(const char *p, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return (-1);
		v = v * 10 + (p[i] - '0');
	}
	return (v);
}

int64_t
str_time(struct str s)
{
	int h = 0, m = 0, sec = 0;

	if (s.n < 10)
		return (0);
	if (s.n >= 19) {
		h = digits(s.p + 11, 2);
		m = digits(s.p + 14, 2);
		sec = digits(s.p + 17, 2);
	}
	return (time_make(digits(s.p, 4), digits(s.p + 5, 2),
	    digits(s.p + 8, 2), h, m, sec));
}

uint32_t
str_code(struct str s)
{
	uint32_t v = 0, base = 10, d;
	size_t i = 0;

	if (s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x') {
		base = 16;
		i = 2;
	}
	for (; i < s.n; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			d = (uint32_t)(c - '0');
		else if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			d = (uint32_t)((c | 0x20) - 'a' + 10);
		else
			break;
		v = v * base + d;
	}
	return (v);
}

bool
str_same_number(struct str s, const char *hex)
{
	size_t n = strlen(hex);

	while (s.n > 2 && s.p[0] == '0' && s.p[1] == '0') {
		s.p += 2;
		s.n -= 2;
	}
	while (n > 2 && hex[0] == '0' && hex[1] == '0') {
		hex += 2;
		n -= 2;
	}
	return (str_same(s, hex, n));
}

bool
lower_copy(char *buf, size_t size, const char *p, size_t n)
{
	buf[0] = '\0';
	if (n >= size)
		return (false);
	for (size_t i = 0; i < n; i++)
		buf[i] = p[i] >= 'A' && p[i] <= 'Z' ?
		    (char)(p[i] + 32) : p[i];
	buf[n] = '\0';
	return (true);
}
