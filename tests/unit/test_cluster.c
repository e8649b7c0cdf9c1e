/*
 * Weeks of the calendar, firmware families, and the chance that an outbreak
 * is judged by.  Relies on batch/cluster.h.
 */
#include <math.h>
#include <string.h>

#include "batch/cluster.h"
#include "tap.h"

static void
week(const char *date, const char *wanted)
{
	char time[32], found[16];
	int64_t us;

	snprintf(time, sizeof(time), "%sT23:59:59.999Z", date);
	tap_ok(calendar_time(time, &us), "%s is a time", date);
	calendar_week_text(calendar_day(us), found);
	tap_ok(strcmp(found, wanted) == 0, "%s is of %s (%s)", date, wanted,
	    found);
}

static void
weeks(void)
{
	int64_t us;
	char day[16];

	/* Years that begin on each day of the week, and leap years. */
	week("1969-12-28", "1969-W52");
	week("1969-12-29", "1970-W01");
	week("1970-01-01", "1970-W01");
	week("2016-01-03", "2015-W53");
	week("2016-01-04", "2016-W01");
	week("2018-12-30", "2018-W52");
	week("2018-12-31", "2019-W01");
	week("2020-12-31", "2020-W53");
	week("2021-01-03", "2020-W53");
	week("2021-01-04", "2021-W01");
	week("2022-01-02", "2021-W52");
	week("2022-12-31", "2022-W52");
	week("2023-01-01", "2022-W52");
	week("2023-01-02", "2023-W01");
	week("2023-03-29", "2023-W13");
	week("2024-12-29", "2024-W52");
	week("2024-12-30", "2025-W01");
	week("2026-12-31", "2026-W53");
	week("2027-01-03", "2026-W53");
	week("2000-02-29", "2000-W09");
	tap_ok(!calendar_time("2023-03-29", &us), "a date is no time");
	tap_ok(!calendar_time("2023-03-29T10:00:00+02:00", &us),
	    "rows have UTC alone");
	tap_ok(!calendar_time("", &us), "nor is nothing");
	calendar_day_text(-1, day);
	tap_ok(strcmp(day, "1969-12-31") == 0, "days before 1970");
	tap_ok(calendar_day(-1) == -1 && calendar_day(0) == 0,
	    "a day begins at midnight");
	tap_ok(calendar_monday(0) == -3 && calendar_monday(-4) == -10 &&
	    calendar_monday(4) == 4, "Mondays");
}

static void
family(const char *vendor, const char *firmware, const char *wanted)
{
	struct arena *arena = arena_new();
	const char *found = row_firmware_family(arena,
	    (struct str){ vendor, strlen(vendor) },
	    (struct str){ firmware, strlen(firmware) });

	tap_ok(strcmp(found, wanted) == 0, "%s %s is of \"%s\" (\"%s\")", vendor,
	    firmware, wanted, found);
	arena_free(arena);
}

static void
families(void)
{
	family("IFX", "7.63.3353.0", "7.63");
	family("IFX", "7.63", "7.63");
	family("NTC", "7.2.3.1", "7.2");
	family("INTC", "403.1.0.0", "403.1");
	family("AMD", "3.46.0.5", "3.*.0");
	family("AMD", "6.32.0.6", "6.*.0");
	family("AMD", "3.58.2.5", "3.*.2");
	family("AMD", "3.46", "3.46");
	family("STM", "1.258.0.0", "1.258");
	family("IFX", "", "");
	family("IFX", "7", "");
	family("IFX", "unknown.1", "");
}

static void
near(double found, double wanted, const char *what)
{
	tap_ok(fabs(found - wanted) <= wanted * 1e-9, "%s: %g (%g)", what,
	    wanted, found);
}

static void
chances(void)
{
	/* With none before, it is a geometric distribution. */
	near(rate_tail(5, 0, 1.0 / 14), pow(1.0 / 14, 5), "none before");
	near(rate_tail(1, 1, 0.5), 0.75, "one before, as long");
	near(rate_tail(2, 1, 0.5), 0.5, "two after one");
	near(rate_tail(0, 7, 0.25), 1, "none or more");
	near(rate_tail(3, 2, 1.0 / 3), 0.2098765432098765,
	    "three after two in twice the time");
	near(rate_tail(3, 2, 0), 0, "no exposure");
	near(rate_tail(3, 2, 1), 1, "nothing but exposure");
	tap_ok(rate_tail(500, 20, 0.07) < 1e-300, "a great number");
	tap_ok(rate_tail(21, 20, 0.5) > 0.4 && rate_tail(21, 20, 0.5) < 0.6,
	    "as many as before are no surprise");
}

int
main(void)
{
	weeks();
	families();
	chances();
	return tap_done();
}
