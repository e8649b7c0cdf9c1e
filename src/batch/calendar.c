/*
 * Reads the times of rows and names their days and weeks.
 * Relies on calendar.h; time_make() and time_format() know the calendar.
 */
#include <stdio.h>
#include <string.h>

#include "batch/calendar.h"
#include "evidence/evidence.h"

#define DAY_US	INT64_C(86400000000)

/* n digits; false if there are fewer. */
static bool
digits(const char **p, int n, int *ret)
{
	for (*ret = 0; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*ret = *ret * 10 + (**p - '0');
	}
	return true;
}

bool
calendar_time(const char *p, int64_t *ret_us)
{
	int y, mon, d, h, m, s;
	int64_t us = 0, unit;

	*ret_us = 0;
	if (!digits(&p, 4, &y) || *p++ != '-' || !digits(&p, 2, &mon) ||
	    *p++ != '-' || !digits(&p, 2, &d) || *p++ != 'T' ||
	    !digits(&p, 2, &h) || *p++ != ':' || !digits(&p, 2, &m) ||
	    *p++ != ':' || !digits(&p, 2, &s) || mon < 1 || mon > 12 ||
	    d < 1 || d > 31 || h > 23 || m > 59 || s > 60)
		return false;
	if (*p == '.')
		for (p++, unit = 100000; *p >= '0' && *p <= '9'; p++) {
			us += (*p - '0') * unit;
			unit /= 10;
		}
	if (strcmp(p, "Z") != 0)
		return false;
	*ret_us = time_make(y, mon, d, h, m, s) + us;
	return true;
}

int64_t
calendar_day(int64_t us)
{
	return us / DAY_US - (us % DAY_US < 0);
}

void
calendar_day_text(int64_t day, char ret[16])
{
	char buf[40];

	time_format(day * DAY_US, buf);
	snprintf(ret, 16, "%.*s", (int)(strcspn(buf, "T") & 15), buf);
}

int64_t
calendar_monday(int64_t day)
{
	/* 1970-01-01 was a Thursday. */
	int64_t weekday = (day + 3) % 7;

	return day - (weekday < 0 ? weekday + 7 : weekday);
}

void
calendar_week_text(int64_t day, char ret[16])
{
	int64_t thursday = calendar_monday(day) + 3;
	char text[16];
	int year = 0;

	calendar_day_text(thursday, text);
	(void)sscanf(text, "%d", &year);
	snprintf(ret, 16, "%04d-W%02d", year & 0x3fff, (int)((thursday -
	    calendar_day(time_make(year, 1, 1, 0, 0, 0))) / 7 + 1) & 63);
}
