/*
 * From operands to the list of inputs of a case: a file is one, a directory
 * is its regular files in the order of their bytes.  Nothing is read.
 * Relies on POSIX directories.
 */
#ifndef BATCH_LISTING_H
#define BATCH_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct listed {
	char		*path;		/* to open; "-" is standard input */
	char		*shown;		/* as the report shows it */
	bool		 named;		/* by the user, not found in a folder */
	bool		 given;		/* with --certs: no part of the case */
	const char	*odd;		/* why it is not opened, or NULL */
	int		 error;		/* errno of what could not be listed */
};

struct listing {
	struct listed	*v;
	size_t		 n, room;
	size_t		 max;		/* limits.inputs */
	bool		 full;		/* there were more */
	const struct stat *skip;	/* not to list: our own outputs */
	size_t		 nskip;
	bool		 given;		/* what is added now is */
};

void	listing_init(struct listing *, size_t max);
void	listing_clear(struct listing *);
/* Adds what an operand stands for. */
void	listing_add(struct listing *, const char *operand);
/* Adds something that is not opened, and why. */
void	listing_add_odd(struct listing *, const char *path, const char *why);
/* Makes the shown names different: "#2" after the second of a name. */
void	listing_finish(struct listing *);
/*
 * Opens one for reading; -1 with errno.  Of what was found in a directory
 * only a regular file is opened, and no link is followed.
 */
int	listed_open(const struct listed *, uint64_t *ret_size);

#endif
