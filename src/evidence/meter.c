/*
 * Adds up the time of the parts of a case.  Relies on meter.h.
 */
#include <time.h>

#include "evidence/meter.h"

static uint64_t
now(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) == -1)
		return 0;
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void
meter_start(const struct meter *m, struct meter_lap *lap)
{
	*lap = (struct meter_lap){ 0, 0 };
	if (m == NULL || !m->timed)
		return;
	lap->wall_ns = now(CLOCK_MONOTONIC);
	lap->cpu_ns = now(CLOCK_PROCESS_CPUTIME_ID);
}

void
meter_stop(struct meter *m, struct meter_lap *lap, struct meter_time *to)
{
	struct meter_lap end;

	if (m == NULL || !m->timed)
		return;
	meter_start(m, &end);
	to->wall_ns += end.wall_ns - lap->wall_ns;
	to->cpu_ns += end.cpu_ns - lap->cpu_ns;
	to->times++;
	*lap = end;
}

void
meter_stage(struct meter *m, struct meter_lap *lap, enum meter_stage stage)
{
	if (m == NULL)
		return;
	meter_stop(m, lap, &m->stages[m->stage]);
	m->stage = stage;
}
