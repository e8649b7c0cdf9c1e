/*
 * What arrives in a folder that is watched: a case is found when it is
 * complete, and only then.
 *
 * A file is complete when it was closed after writing or moved in, and nobody
 * has it open for writing.  One that was there before, or that was linked in,
 * is complete when nobody has it open for writing; where the system does not
 * tell, when it stays the same for a while.  A folder that is a case is
 * complete when nothing in it is open for writing and all of it stays the
 * same for a while; when it was moved in, at once.
 *
 * Not taken: what is empty, links, names that begin with a dot or end in ~,
 * .part, .partial, .tmp, .crdownload, .filepart or .download, and what is
 * ours.
 * Relies on inotify(7) and leases of fcntl(2).
 */
#ifndef BATCH_ARRIVALS_H
#define BATCH_ARRIVALS_H

#include "batch/cases.h"

struct arrivals;
struct stat;

/*
 * NULL: said.  With `folders` each folder in it is a case, and each file
 * beside those; else each file in it.  `skip` are ours; they must stay.
 */
struct arrivals	*arrivals_open(const char *dir, bool folders,
		    unsigned int settle_s, const struct stat *skip,
		    size_t nskip);
int		 arrivals_fd(const struct arrivals *);
/*
 * Adds what is complete; in how many milliseconds to ask again.  -1: the
 * folder is not there any more, said.
 */
int		 arrivals_take(struct arrivals *, struct cases *);
void		 arrivals_free(struct arrivals *);

#endif
