/*
 * Says where in a rule file a mistake stands, as compilers do.
 * Relies on stdio alone.
 */
#include <stdarg.h>

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
