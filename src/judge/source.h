/*
 * The text of a rule file, and mistakes reported at a place in it.
 * Relies on stdio alone.
 */
#ifndef JUDGE_SOURCE_H
#define JUDGE_SOURCE_H

#include <stddef.h>
#include <stdio.h>

struct source {
	const char	*file;
	const char	*p;
	size_t		 n;
	FILE		*err;		/* NULL: count only */
	unsigned int	 errors;
};

/* Writes "file:line:column: text"; the column counts bytes from 1. */
void	source_error(struct source *, size_t off, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/*
 * Which of the words (NULL ends them) p[0..n-1] was most likely meant to be;
 * NULL where none is like it.
 */
const char	*word_meant(const char *const *words, const char *p, size_t n);

#endif
