/*
 * Checks of one evidence at a time, which the test holds as `ev`: its items
 * by number, their values, what these cite, and the problems that were said.
 * Relies on sample.h; include it once.
 */
#ifndef TESTS_UNIT_HELD_H
#define TESTS_UNIT_HELD_H

#include "tests/unit/sample.h"

static struct evidence	*ev;

__attribute__((unused)) static struct item *
item(enum item_kind kind, unsigned int number)
{
	struct item *it = ev_first(ev, kind);

	while (it != NULL && it->number != number)
		it = it->next;
	return it;
}

__attribute__((unused)) static size_t
count(enum item_kind kind)
{
	struct item *it = ev_last(ev, kind);

	return it != NULL ? it->number : 0;
}

__attribute__((unused)) static void
is(enum item_kind kind, unsigned int number, const struct field *field,
    const char *want)
{
	const char *found = sample_show(ev, item(kind, number), field);

	if (!tap_ok(strcmp(found, want) == 0, "%s %u: %s is \"%s\"",
	    kinds[kind].name, number, field->name, want))
		printf("# found %s\n", found);
}

/* The bytes that the fact cites. */
__attribute__((unused)) static void
cites(enum item_kind kind, unsigned int number, const struct field *field,
    const char *want)
{
	struct item *it = item(kind, number);
	const struct fact *f = it != NULL ? item_fact(it, field) : NULL;
	const uint8_t *p = f != NULL ? ev_bytes(ev, f->at) : NULL;

	tap_ok(p != NULL && f->at.len == strlen(want) &&
	    memcmp(p, want, f->at.len) == 0, "%s %u: %s cites \"%s\"",
	    kinds[kind].name, number, field->name, want);
}

__attribute__((unused)) static bool
said(enum problem_level level, const char *text)
{
	const struct problem *q;

	for (q = ev_problems(ev); q != NULL; q = q->next)
		if (q->level == level && strstr(q->text, text) != NULL)
			return true;
	for (q = ev_problems(ev); q != NULL; q = q->next)
		printf("# %d %s\n", (int)q->level, q->text);
	return false;
}

#endif
