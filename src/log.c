/*
 * Writes the program's own messages, one line each; bytes that could steer a
 * terminal (file names may hold any) are escaped.  Relies on stdio.
 */
#include <stdarg.h>
#include <stdio.h>

#include "log.h"

static enum log_level	level = LOG_NORMAL;

void
log_level_set(enum log_level new_level)
{
	level = new_level;
}

static void
say(const char *fmt, va_list ap)
{
	char text[2048];
	const unsigned char *p;

	vsnprintf(text, sizeof(text), fmt, ap);
	fputs("aiktriage: ", stderr);
	for (p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p < 0x20 || *p == 0x7f)
			fprintf(stderr, "\\x%02x", *p);
		else if (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f) {
			fprintf(stderr, "\\x%02x\\x%02x", *p, p[1]);
			p++;
		} else
			putc(*p, stderr);
	}
	putc('\n', stderr);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_NORMAL)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_VERBOSE)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}
