/*
 * Says where in a rule file a mistake stands, as compilers do, and what may
 * have been meant.  Relies on stdio alone.
 */
#include <stdarg.h>
#include <string.h>

#include "judge/source.h"

void
source_error(struct source *src, size_t off, const char *fmt, ...)
{
	size_t i, line = 1, column = 1;
	va_list ap;

	src->errors++;
	if (src->err == NULL)
		return;
	if (off > src->n)
		off = src->n;
	for (i = 0; i < off; i++) {
		column++;
		if (src->p[i] == '\n') {
			line++;
			column = 1;
		}
	}
	fprintf(src->err, "%s:%zu:%zu: ", src->file, line, column);
	va_start(ap, fmt);
	vfprintf(src->err, fmt, ap);
	va_end(ap);
	fputc('\n', src->err);
}

#define WORD_MAX	64

/* Letters put in, left out or changed between two words. */
static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[WORD_MAX + 1], diagonal, above, i, j;

	for (j = 0; j <= nb; j++)
		row[j] = j;
	for (i = 1; i <= na; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= nb; j++) {
			above = row[j];
			row[j] = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[nb];
}

const char *
word_meant(const char *const *words, const char *p, size_t n)
{
	size_t least = n / 3 + 1, d, len;
	const char *best = NULL;

	for (; n <= WORD_MAX && *words != NULL; words++) {
		len = strlen(*words);
		if (len == 0 || len > WORD_MAX)
			continue;
		d = distance(p, n, *words, len);
		if (d <= least && (best == NULL || d < least)) {
			least = d;
			best = *words;
		}
	}
	return best;
}
