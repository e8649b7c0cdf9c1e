/*
 * The files of --key, read by the parent before any worker starts: they are
 * the user's own, and a mistake in them ends the program.
 * Relies on decode/keys.h.
 */
#ifndef KEY_FILE_H
#define KEY_FILE_H

#include "decode/keys.h"

/* The keys of all files; NULL after what is wrong was said. */
struct key_ring	*key_files_load(const char *const *paths, size_t npaths,
		    const char *const *passwords, size_t npasswords);
void		 key_files_free(struct key_ring *);

#endif
