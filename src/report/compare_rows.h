/*
 * A case as lines that another case's lines can be laid beside: decoded values
 * of its last attempt, stage by stage, without what differs in any two cases.
 * Relies on judge.h.
 */
#ifndef REPORT_COMPARE_ROWS_H
#define REPORT_COMPARE_ROWS_H

#include "judge/judge.h"

/*
 * The first line; then a line for each row, its parts with tabs between them:
 * weight, stage, part, field, value, citation; then "end" and how many.
 * Nothing in a row is a tab, a newline or another control character.
 */
#define COMPARE_MAGIC		"aiktriage-compare/1"
#define COMPARE_ROWS_MAX	4000
#define COMPARE_TEXT_MAX	1024	/* bytes of one part of a row */
#define COMPARE_PARTS		6
#define COMPARE_ABSENT		"(none)"

/* How much a difference says. */
enum compare_weight {
	COMPARE_SUMMARY = '0',		/* of the whole case; no row of a list */
	COMPARE_MATTERS = '1',
	COMPARE_MINOR = '2'		/* headers, kinds of evidence */
};

/* A case_emit of batch/case.h; arg is not used. */
int	compare_rows_emit(struct evidence *, const struct judgement *, FILE *,
	    void *arg);

#endif
