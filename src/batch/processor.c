/*
 * Asks for the affinity of a process and narrows it to one processor.
 * Relies on processor.h and sched_getaffinity(2), which says no where there
 * are more processors than a cpu_set_t holds.
 */
#include <sched.h>
#include <unistd.h>

#include "batch/processor.h"

unsigned int
processor_count(void)
{
	cpu_set_t set;
	long n;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	else
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (unsigned int)n : 1;
}

void
processor_keep(unsigned int nth)
{
	cpu_set_t all, one;
	int i;

	if (sched_getaffinity(0, sizeof(all), &all) == -1)
		return;
	for (i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &all) && nth-- == 0)
			break;
	if (i == CPU_SETSIZE)
		return;
	CPU_ZERO(&one);
	CPU_SET(i, &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
}
