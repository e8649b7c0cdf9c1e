/*
 * One cell of CSV by RFC 4180, harmless in a spreadsheet: what it would take
 * for a formula starts with an apostrophe.  Relies on escape.h.
 */
#include "report/csv_cell.h"

#include <string.h>

#include "report/escape.h"

/*
 * OWASP's list: these begin a formula, also behind a tab or a line end; the
 * wide ones do so where Excel speaks Japanese.
 */
static bool
is_formula(struct str s)
{
	static const char *const wide[] = {
		"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"
	};
	size_t i;

	if (s.n == 0)
		return false;
	if (s.p[0] != '\0' && strchr("=+-@\t\r\n", s.p[0]) != NULL)
		return true;
	for (i = 0; i < sizeof(wide) / sizeof(wide[0]) && s.n >= 3; i++)
		if (memcmp(s.p, wide[i], 3) == 0)
			return true;
	return false;
}

void
csv_cell(FILE *f, struct arena *arena, struct str s, bool first)
{
	size_t i;

	if (!first)
		(void)fputc(',', f);
	if (s.n == 0)
		return;
	(void)fputs(is_formula(s) ? "\"'" : "\"", f);
	s.p = escape_text(arena, s.p, s.n, &s.n);
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			(void)fputc('"', f);
		(void)fputc(s.p[i], f);
	}
	(void)fputc('"', f);
}

void
csv_begin(FILE *f, bool bom)
{
	if (bom)
		(void)fputs("\xef\xbb\xbf", f);
}
