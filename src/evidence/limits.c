/*
 * The table behind limits.h and the parsing of NAME=VALUE.
 * Relies on limits.h alone.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/limits.h"

const struct limit limits_table[] = {
#define LIMIT(name, value, why)						\
	{ #name, UINT64_C(value), why, offsetof(struct limits, name) },
	LIMITS(LIMIT)
#undef LIMIT
	{ NULL, 0, NULL, 0 }
};

const struct limits limits_default = {
#define LIMIT(name, value, why) .name = UINT64_C(value),
	LIMITS(LIMIT)
#undef LIMIT
};

/* "body-bytes" is "body_bytes". */
static int
name_is(const char *name, const char *given, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (name[i] != (given[i] == '-' ? '_' : given[i]))
			return 0;
	return name[n] == '\0';
}

int
limits_set(struct limits *l, const char *assignment)
{
	const char *eq = strchr(assignment, '=');
	const struct limit *t;
	unsigned int shift = 0;
	uintmax_t v;
	char *end;

	if (eq == NULL || eq[1] < '0' || eq[1] > '9')
		return -1;
	errno = 0;
	v = strtoumax(eq + 1, &end, 10);
	if (errno != 0)
		return -1;
	switch (*end) {
	case 'k': case 'K':
		shift = 10;
		break;
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	}
	if (shift > 0)
		end++;
	if (*end != '\0' || v > (UINT64_MAX >> 1) >> shift)
		return -1;
	for (t = limits_table; t->name != NULL; t++)
		if (name_is(t->name, assignment, (size_t)(eq - assignment))) {
			*(uint64_t *)((char *)l + t->offset) = v << shift;
			return 0;
		}
	return -1;
}
