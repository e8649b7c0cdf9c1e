/*
 * Days and ISO weeks of the times that rows hold.  Relies on evidence.h for
 * the calendar.
 */
#ifndef BATCH_CALENDAR_H
#define BATCH_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define DAY_NONE	INT64_MIN

/* Microseconds of "2023-03-29T12:40:02.5Z", the form of rows. */
bool	calendar_time(const char *, int64_t *ret_us);
/* Days since 1970-01-01. */
int64_t	calendar_day(int64_t us);
/* "2023-03-29" */
void	calendar_day_text(int64_t day, char ret[16]);
/* The Monday of a day's week. */
int64_t	calendar_monday(int64_t day);
/* "2023-W13": ISO 8601, where a week belongs to the year of its Thursday. */
void	calendar_week_text(int64_t day, char ret[16]);

#endif
