/*
 * Says where in a rule file a mistake stands, as compilers do, and what may
 * have been meant.  Relies on text_scan.h.
 */
#include <stdarg.h>
#include <string.h>

#include "evidence/text_scan.h"
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

const char *
word_meant(const char *const *words, const char *p, size_t n)
{
	size_t least = n / 3 + 1, d, len;
	const char *best = NULL;

	for (; n <= WORD_MAX && *words != NULL; words++) {
		len = strlen(*words);
		if (len == 0 || len > WORD_MAX)
			continue;
		d = word_distance(p, n, *words, len);
		if (d <= least && (best == NULL || d < least)) {
			least = d;
			best = *words;
		}
	}
	return best;
}
