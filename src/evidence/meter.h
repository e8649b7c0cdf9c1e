/*
 * What a worker tells of its work while it runs: how much is read and, where
 * it is asked, how long each part took.  It lies in memory that the parent
 * shares, which believes numbers alone.
 * Relies on clock_gettime(2).
 */
#ifndef EVIDENCE_METER_H
#define EVIDENCE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum meter_stage {
	METER_START, METER_READ, METER_DECODE, METER_CORRELATE, METER_JUDGE,
	METER_REPORT, METER_STAGES
};

#define METER_PARTS	96	/* parsers, correlators or outputs */

struct meter_time {
	volatile uint64_t wall_ns, cpu_ns, times;
};

struct meter {
	bool		 timed;
	volatile uint32_t stage;
	volatile uint64_t files, bytes;		/* read */
	volatile uint64_t pieces, all_pieces;	/* blobs that were decoded */
	volatile uint64_t items;
	struct meter_time stages[METER_STAGES], bids;
	struct meter_time parsers[METER_PARTS], correlators[METER_PARTS],
			  outputs[METER_PARTS];
};

struct meter_lap {
	uint64_t	 wall_ns, cpu_ns;
};

/* Both do nothing for NULL, and where no times are asked for. */
void	meter_start(const struct meter *, struct meter_lap *);
/* Adds the time since the lap began, and begins the next lap. */
void	meter_stop(struct meter *, struct meter_lap *, struct meter_time *);
/* The stage that begins now; the lap is that of the one before. */
void	meter_stage(struct meter *, struct meter_lap *, enum meter_stage);

#endif
