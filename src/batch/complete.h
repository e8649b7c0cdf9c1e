/*
 * Is a file or folder complete, or is somebody still writing it?
 * For arrivals.c alone.  Relies on leases of fcntl(2), where there are any.
 */
#ifndef BATCH_COMPLETE_H
#define BATCH_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* What is seen at one time; compared with that of another time. */
struct look {
	bool		 folder;
	uint64_t	 files;		/* that hold something */
	uint64_t	 seen;		/* of names, sizes and times */
};

enum verdict_of_look {
	LOOK_NOTHING,		/* no case: gone, empty, no file, ours */
	LOOK_BUSY,		/* somebody has it open for writing */
	LOOK_UNKNOWN,		/* nobody does now, or it cannot be told */
	LOOK_COMPLETE		/* a file that nobody writes to */
};

/* Do names of this kind stand for what is still being copied? */
bool	name_unfinished(const char *name);
/*
 * Looks at a name in a folder.  A folder is looked into only if `each`, which
 * is called for it and each one below, is not NULL.
 */
enum verdict_of_look	look_take(struct look *, int top, const char *name,
	    void (*each)(const char *name, int folder, void *), void *arg,
	    const struct stat *skip, size_t nskip);
bool	look_same(const struct look *, const struct look *);

#endif
