/*
 * aiktriage batch --watch: judges what arrives in a folder.
 * Relies on options.h.
 */
#ifndef BATCH_WATCH_H
#define BATCH_WATCH_H

#include "options.h"

/* Until it is interrupted; the exit status. */
int	batch_watch(const struct options *);

#endif
