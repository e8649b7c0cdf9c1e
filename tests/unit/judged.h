/*
 * What the tests of the judge share: evidence made by hand over one small
 * input, and error texts caught in memory.
 * Relies on tap.h, judge.h and the fields of parsers and correlators.
 */
#ifndef TESTS_UNIT_JUDGED_H
#define TESTS_UNIT_JUDGED_H

#include "correlate/attempt.h"
#include "judge/expr.h"
#include "judge/judge.h"
#include "parsers/fields.h"
#include "tap.h"

static const uint8_t	judged_text[] = "0123456789abcdef";

struct judged {
	struct evidence	*ev;
	struct blob	*blob;
	size_t		 used;
};

__attribute__((unused)) static void
judged_init(struct judged *j)
{
	static const uint8_t sha256[32];

	j->ev = evidence_new(&limits_default);
	j->blob = ev_input(j->ev, "case.txt", true, judged_text,
	    sizeof(judged_text) - 1, sha256);
	j->used = 0;
}

/* A read fact that cites one byte of the input. */
__attribute__((unused)) static const struct fact *
judged_fact(struct judged *j, struct item *it, const struct field *f,
    struct value v)
{
	return ev_fact(j->ev, it, f, v, blob_part(j->blob, j->used++ % 16, 1));
}

/* An attempt with an outcome and, if not 0, a time in days. */
__attribute__((unused)) static struct item *
judged_attempt(struct judged *j, const char *outcome, const char *stage,
    int day)
{
	struct item *it = ev_item(j->ev, ITEM_ATTEMPT, ev_case(j->ev),
	    SPAN_NONE);

	judged_fact(j, it, &attempt_outcome, value_str(outcome));
	if (stage != NULL)
		judged_fact(j, it, &attempt_failed_stage, value_str(stage));
	if (day != 0)
		judged_fact(j, it, &attempt_time, value_time(
		    time_make(2023, 3, day, 8, 0, 0)));
	return it;
}

/* What was written to `err` while it was open; free it. */
struct caught {
	FILE	*file;
	char	*text;
	size_t	 n;
};

__attribute__((unused)) static FILE *
caught_open(struct caught *c)
{
	c->text = NULL;
	c->file = open_memstream(&c->text, &c->n);
	return c->file;
}

__attribute__((unused)) static const char *
caught_text(struct caught *c)
{
	fclose(c->file);
	return c->text;
}

#endif
