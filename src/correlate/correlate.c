/*
 * Runs the correlators and answers for the vocabulary of all fields.
 * Relies on the registries of parsers and correlators.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/correlator.h"
#include "decode/parser.h"
#include "evidence/text_scan.h"

#define FIELDS_MAX	1000

extern const struct field	file_name;

void
correlate_run(struct evidence *ev, int64_t as_of)
{
	struct meter *meter = ev_meter(ev);
	struct meter_lap lap;
	size_t i;

	meter_start(meter, &lap);
	for (i = 0; correlators[i] != NULL; i++) {
		correlators[i]->run(ev, as_of);
		if (meter != NULL && i < METER_PARTS)
			meter_stop(meter, &lap, &meter->correlators[i]);
	}
}

static const struct field	*all[FIELDS_MAX];
static size_t			 nall;

static int
by_name(const void *a, const void *b)
{
	const struct field *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void
fields_add(const struct field *const *list)
{
	for (; list != NULL && *list != NULL; list++) {
		assert(nall < FIELDS_MAX);
		all[nall++] = *list;
	}
}

const struct field *const *
fields_all(size_t *ret_n)
{
	size_t i;

	if (nall == 0) {
		all[nall++] = &file_name;
		for (i = 0; parsers[i] != NULL; i++)
			fields_add(parsers[i]->fields);
		for (i = 0; correlators[i] != NULL; i++)
			fields_add(correlators[i]->fields);
		qsort(all, nall, sizeof(*all), by_name);
		for (i = 1; i < nall; i++)
			assert(strcmp(all[i - 1]->name, all[i]->name) != 0);
	}
	*ret_n = nall;
	return all;
}

const struct field *
field_find(const char *name, size_t n)
{
	size_t count, lo = 0, hi, mid;
	const struct field *const *f = fields_all(&count);
	int c;

	for (hi = count; lo < hi;) {
		mid = lo + (hi - lo) / 2;
		c = strncmp(f[mid]->name, name, n);
		if (c == 0 && f[mid]->name[n] == '\0')
			return f[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* The name without its dots and underscores, for a second look. */
static size_t
squeeze(const char *p, size_t n, char buf[WORD_MAX])
{
	size_t i, k = 0;

	for (i = 0; i < n && k < WORD_MAX; i++)
		if (p[i] != '.' && p[i] != '_')
			buf[k++] = p[i];
	return k;
}

const char *
field_suggest(const char *name, size_t n)
{
	size_t count, i, ka, kb;
	const struct field *const *f = fields_all(&count);
	char a[WORD_MAX], b[WORD_MAX];
	size_t d, least = n / 3 + 1;
	const char *best = NULL;

	ka = squeeze(name, n, a);
	for (i = 0; i < count; i++) {
		kb = squeeze(f[i]->name, strlen(f[i]->name), b);
		d = word_distance(a, ka, b, kb);
		if (d < least) {
			least = d;
			best = f[i]->name;
		}
	}
	return best;
}
