/*
 * The truth: what stands inside the envelopes of a case, field by field as
 * the forge wrote it, for the tests that open them again.
 * Relies on the names of the program's facts, not on its code.
 */
#include "forge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct buf	lines;
static unsigned		current;	/* try; 0: nothing is kept */

void
truth_try(unsigned n)
{
	current = n;
}

void
truth_text(const char *field, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (current == 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_printf(&lines, "%s\t%s\n", field, text);
}

void
truth_bytes(const char *field, const void *p, size_t n)
{
	char *hex = xcalloc(2 * n + 1, 1);

	if (current != 0) {
		hex_put(p, n, false, hex);
		buf_printf(&lines, "%s\t%s\n", field, hex);
	}
	free(hex);
}

void
truth_cert(const struct cert *c)
{
	uint8_t digest[32];

	sha256(c->der.p, c->der.n, digest);
	truth_bytes("cert.sha256", digest, sizeof(digest));
}

void
truth_write(const char *dir)
{
	buf_write_file(&lines, dir, "truth.tsv");
}
