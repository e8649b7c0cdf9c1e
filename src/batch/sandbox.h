/*
 * What a worker gives up before it reads a byte of input.  Each layer that
 * the machine lacks is named; none is needed unless the user asks.
 * Relies on Linux and, where built in, libseccomp.
 */
#ifndef BATCH_SANDBOX_H
#define BATCH_SANDBOX_H

#include <stdbool.h>

#include "evidence/limits.h"

/* Before the first fork: the filter that every worker enters. */
void	sandbox_prepare(void);
/* Resource limits of a worker that will hold `spare` more descriptors. */
bool	sandbox_limits(const struct limits *, unsigned int spare);
/*
 * No new privileges, Landlock without any path, the filter of system calls;
 * after it, nothing can be opened.  False if a layer is absent; which ones is
 * written to ret_absent ("seccomp (not built in), landlock (ENOSYS)").
 */
bool	sandbox_enter(char *ret_absent, size_t size);
/* The name of a system call by its number, or "". */
void	sandbox_call_name(int number, char *ret_name, size_t size);

#endif
