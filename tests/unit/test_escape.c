/*
 * Escaping for text, JSON, HTML and CSV, over every code point and over bytes
 * that are not UTF-8.  Relies on report/escape.h, csv_cell.h and page.h.
 */
#include <locale.h>

#include "report/csv_cell.h"
#include "report/escape.h"
#include "report/page.h"
#include "tap.h"

static struct str
str_lit(const char *text)
{
	return (struct str){ text, strlen(text) };
}

static void
check_text(struct arena *arena, const char *in, size_t n, const char *wanted,
    const char *name)
{
	const char	*out;
	size_t		 out_n;

	out = escape_text(arena, in, n, &out_n);
	tap_ok(out_n == strlen(wanted) && memcmp(out, wanted, out_n) == 0,
	    "%s", name);
}

static void
check_cell(struct arena *arena, struct str in, const char *wanted,
    const char *name)
{
	char	*text = NULL;
	size_t	 size = 0;
	FILE	*f = open_memstream(&text, &size);

	csv_cell(f, arena, in, true);
	(void)fclose(f);
	tap_ok(size == strlen(wanted) && memcmp(text, wanted, size) == 0,
	    "csv: %s: %s", name, text);
	free(text);
}

static void
check_csv(struct arena *arena)
{
	static const char *const plain[] = { "a=1", " =1", "1-2", "'=" };
	char	 in[8], wanted[16];
	size_t	 i;

	for (i = 0; i < 6; i++) {
		snprintf(in, sizeof(in), "%c1+1", "=+-@\t\r"[i]);
		snprintf(wanted, sizeof(wanted), i < 4 ? "\"'%c1+1\"" :
		    "\"'\\x%02x1+1\"", "=+-@\t\r"[i]);
		check_cell(arena, str_lit(in), wanted, "a formula");
	}
	check_cell(arena, str_lit("\n=1"), "\"'\\x0a=1\"", "behind a line end");
	check_cell(arena, str_lit("\xef\xbc\x9d" "1"),
	    "\"'\xef\xbc\x9d" "1\"", "a wide sign");
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		snprintf(wanted, sizeof(wanted), "\"%s\"", plain[i]);
		check_cell(arena, str_lit(plain[i]), wanted, "no formula");
	}
	check_cell(arena, str_lit("a\"b"), "\"a\"\"b\"", "quotes");
	check_cell(arena, (struct str){ "a\0b", 3 }, "\"a\\x00b\"", "NUL");
	check_cell(arena, (struct str){ "\0=", 2 }, "\"\\x00=\"",
	    "NUL is no sign");
	check_cell(arena, str_lit(""), "", "nothing");
}

static char *
html(const char *p, size_t n)
{
	char	*text = NULL;
	size_t	 size = 0;
	FILE	*f = open_memstream(&text, &size);

	html_text(f, p, n);
	(void)fclose(f);
	return text;
}

static char *
json(const char *p, size_t n)
{
	char	*text = NULL;
	size_t	 size = 0;
	FILE	*f = open_memstream(&text, &size);
	json_t	*array = json_array();

	(void)json_array_append_new(array, json_text(p, n));
	(void)json_write(array, true, f);
	(void)fclose(f);
	json_decref(array);
	return text;
}

/* UTF-8 of a code point; how many bytes. */
static size_t
encode(int32_t c, char buf[4])
{
	if (c < 0x80) {
		buf[0] = (char)c;
		return 1;
	} else if (c < 0x800) {
		buf[0] = (char)(0xc0 | c >> 6);
		buf[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	} else if (c < 0x10000) {
		buf[0] = (char)(0xe0 | c >> 12);
		buf[1] = (char)(0x80 | (c >> 6 & 0x3f));
		buf[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	buf[0] = (char)(0xf0 | c >> 18);
	buf[1] = (char)(0x80 | (c >> 12 & 0x3f));
	buf[2] = (char)(0x80 | (c >> 6 & 0x3f));
	buf[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void
test_all(void)
{
	char	buf[4];
	int32_t	c, got;
	size_t	n, bad = 0, surrogates = 0;

	for (c = 0; c <= 0x10ffff; c++) {
		n = encode(c, buf);
		if (c >= 0xd800 && c <= 0xdfff) {
			surrogates += character_next(buf, n, &got) == 1 &&
			    got == CHARACTER_BAD;
			continue;
		}
		if (character_next(buf, n, &got) != n || got != c)
			bad++;
		/* Cut short, none begins. */
		if (n > 1 && (character_next(buf, n - 1, &got) != 1 ||
		    got != CHARACTER_BAD))
			bad++;
	}
	tap_is_number((long long)bad, 0, "every character is read");
	tap_is_number((long long)surrogates, 0x800, "no surrogate is one");
}

static void
test_html(void)
{
	static const char	evil[] = "<a href='x' onload=\"y\">&\x1b\xff";
	char			*out = html(evil, sizeof(evil) - 1);

	tap_is_text(out, "&lt;a href=&#39;x&#39; onload=&quot;y&quot;&gt;"
	    "&amp;\\x1b\\xff", "HTML");
	free(out);
}

static void
test_json(void)
{
	char	*out;

	out = json("a\0b\x7f\xc2\x9b\xe2\x80\xae\xff" "\"\\\n\xc3\xa4", 15);
	tap_is_text(out, "[\"a\\u0000b\\u007f\\u009b\\u202e\xef\xbf\xbd"
	    "\\\"\\\\\\n\xc3\xa4\"]\n", "JSON");
	free(out);
	out = json("\xf3\xa0\x80\x81", 4);
	tap_is_text(out, "[\"\\udb40\\udc01\"]\n", "a tag as two surrogates");
	free(out);
}

static void
test_page(struct arena *arena)
{
	char		*text = NULL;
	size_t		 size = 0;
	struct page	 page = { .arena = arena, .columns = 30 };

	page.f = open_memstream(&text, &size);
	page_text(&page, 2, "label", COLOR_RED, 9, COLOR_NONE,
	    str_lit("one two three four \xe4\xb8\xad\xe6\x96\x87 five"));
	page_text(&page, 2, NULL, COLOR_NONE, 4, COLOR_NONE,
	    str_lit("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"));
	page_line(&page, 0, COLOR_NONE,
	    str_lit("a line that is longer than thirty columns"));
	(void)fclose(page.f);
	tap_is_text(text,
	    "  label  one two three four\n"
	    "         \xe4\xb8\xad\xe6\x96\x87 five\n"
	    "  aaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
	    "    aaaaaaaaaaaaaaaaaaaaa b\n"
	    "a line that is longer than ...\n", "lines are wrapped and cut");
	free(text);
}

int
main(void)
{
	struct arena	*arena = arena_new();

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	json_object_seed(1);
	check_text(arena, "plain \xc3\xa4", 8, "plain \xc3\xa4", "plain text");
	check_text(arena, "\x1b[31m\x07\0\t", 8,
	    "\\x1b[31m\\x07\\x00\\x09", "C0");
	check_text(arena, "\x7f", 1, "\\x7f", "DEL");
	check_text(arena, "\xc2\x9b", 2, "\\u009b", "C1");
	check_text(arena, "\x9b", 1, "\\x9b", "a raw C1 byte is not UTF-8");
	check_text(arena, "\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b", 9,
	    "\\u202e\\u2066\\u200b", "bidirectional and zero-width marks");
	check_text(arena, "\xc0\xaf\xed\xa0\x80", 5,
	    "\\xc0\\xaf\\xed\\xa0\\x80", "overlong forms and surrogates");
	check_text(arena, "", 0, "", "nothing");
	test_all();
	test_html();
	test_json();
	test_page(arena);
	check_csv(arena);
	arena_free(arena);
	return tap_done();
}
