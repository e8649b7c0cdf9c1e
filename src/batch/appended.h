/*
 * The output of a watch: lines of NDJSON that are added to a file, each whole
 * and each once, also when the program was killed in between.
 *
 * A journal in the folder of results says of each line, before it is written,
 * what it is about and where in the output it will begin.  Lines are written
 * in groups, each to the disk before the next one begins.  So only the last
 * group of a journal leaves a doubt, and the output settles it.
 * Relies on summary.h, flock(2) and fdatasync(2).
 */
#ifndef BATCH_APPENDED_H
#define BATCH_APPENDED_H

#include <sys/stat.h>

#include "batch/summary.h"

struct waiting;

struct appended {
	const char	*path;		/* NULL: standard output */
	const char	*state;		/* NULL: no journal */
	int		 fd, journal;
	bool		 regular;	/* the output has an end */
	bool		 failed;	/* nothing more is added */
	uint64_t	 lines;		/* the number of the last one */
	char		*text;		/* of lines that are not yet written */
	size_t		 text_n;
	struct waiting	*waiting;
	size_t		 nwaiting;
	uint8_t		(*known)[32];	/* a table of `room`, a power of 2 */
	size_t		 nknown, room;
};

/*
 * Opens, locks and mends both; a folder that is watched has a journal of its
 * own.  -1: said.
 */
int	appended_open(struct appended *, const char *path, const char *state,
	    const char *dir);
/* What a case is known by: its name in the folder and its key. */
void	appended_id(const char *name, const char *key, uint8_t ret[32]);
bool	appended_knows(const struct appended *, const uint8_t id[32]);
/* The position that the next line should have. */
size_t	appended_next(const struct appended *);
/* Adds the line of a case to those that will be written; -1: said. */
int	appended_add(struct appended *, const uint8_t id[32],
	    const struct summary_case *);
/* Writes them; -1: said, none was written, and no others will be. */
int	appended_flush(struct appended *);
/* `good`: nothing is in doubt. */
void	appended_close(struct appended *, bool good);

#endif
