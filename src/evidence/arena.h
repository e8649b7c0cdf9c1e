/*
 * Bump allocation: everything of a case lives until the case ends.
 * Relies on malloc(3) only; running out of memory ends the process.
 */
#ifndef EVIDENCE_ARENA_H
#define EVIDENCE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena	*arena_new(void);
void		 arena_free(struct arena *);

/* n zeroed bytes, aligned for any type; never NULL. */
void	*arena_alloc(struct arena *, size_t n);

/* Copies of n bytes; the text form adds a NUL that is not counted. */
void	*arena_copy(struct arena *, const void *p, size_t n);
char	*arena_text(struct arena *, const char *p, size_t n);
char	*arena_printf(struct arena *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
char	*arena_vprintf(struct arena *, const char *fmt, va_list)
	    __attribute__((format(printf, 2, 0)));

/* Bytes handed out so far. */
size_t	 arena_size(const struct arena *);

#endif
