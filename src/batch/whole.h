/*
 * An output file that appears whole or not at all: it is written under
 * another name beside the place and gets its own at the end; and bytes of
 * which all are written.
 * Relies on POSIX.
 */
#ifndef BATCH_WHOLE_H
#define BATCH_WHOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct whole {
	const char	*path;		/* NULL or "-": standard output */
	char		*temporary;	/* NULL: written in place */
	FILE		*f;		/* NULL after whole_open(..., false) */
};

/* Can the file be written, and need none be replaced?  -1: said. */
int	whole_check(const char *path, bool force);
/* Without a stream there is only the temporary file; -1: said. */
int	whole_open(struct whole *, const char *path, bool stream);
/* Gives it its name if all went well, else removes it; -1: said. */
int	whole_close(struct whole *, bool good, bool force);

/* All n bytes, whatever signals come between; -1 and errno. */
int	write_all(int fd, const void *p, size_t n);

#endif
