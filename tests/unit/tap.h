/*
 * The few lines that a unit test needs to speak TAP: a plan first, then one
 * line a check.  Relies on stdio; include it once in a test program.
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int	tap_count, tap_failed, tap_planned;

/* 0: the plan is written at the end, by tap_done(). */
__attribute__((unused)) static void
tap_plan(int n)
{
	tap_planned = n;
	if (n > 0)
		printf("1..%d\n", n);
}

__attribute__((unused, format(printf, 2, 3))) static bool
tap_ok(bool good, const char *fmt, ...)
{
	va_list ap;

	if (!good)
		tap_failed++;
	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	return good;
}

/* Shows both where they differ. */
__attribute__((unused)) static bool
tap_is_text(const char *found, const char *wanted, const char *name)
{
	bool good;

	good = found == wanted || (found != NULL && wanted != NULL &&
	    strcmp(found, wanted) == 0);
	tap_ok(good, "%s", name);
	if (!good)
		printf("# found  %s\n# wanted %s\n", found != NULL ? found :
		    "(none)", wanted != NULL ? wanted : "(none)");
	return good;
}

__attribute__((unused)) static bool
tap_is_number(long long found, long long wanted, const char *name)
{
	bool good = found == wanted;

	tap_ok(good, "%s", name);
	if (!good)
		printf("# found  %lld\n# wanted %lld\n", found, wanted);
	return good;
}

__attribute__((unused, noreturn)) static void
tap_skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(0);
}

/*
 * The exit status of main().  The lines say what failed; a status would count
 * it once more.
 */
__attribute__((unused)) static int
tap_done(void)
{
	if (tap_planned <= 0)
		printf("1..%d\n", tap_count);
	else if (tap_planned != tap_count)
		printf("# planned %d, ran %d\n", tap_planned, tap_count);
	if (tap_failed > 0)
		printf("# %d of %d failed\n", tap_failed, tap_count);
	return 0;
}

#endif
