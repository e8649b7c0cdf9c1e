/*
 * Writes wrapped text.  Relies on escape.h for what is safe to show and how
 * wide it is.
 */
#include "report/page.h"

#include <string.h>

static const char *const	colors[] = {
	[COLOR_NONE] = "", [COLOR_BOLD] = "\033[1m", [COLOR_DIM] = "\033[2m",
	[COLOR_RED] = "\033[1;31m", [COLOR_YELLOW] = "\033[33m",
	[COLOR_GREEN] = "\033[1;32m", [COLOR_CYAN] = "\033[36m",
};

static void
color_begin(const struct page *page, enum color color)
{
	if (page->color && color != COLOR_NONE)
		(void)fputs(colors[color], page->f);
}

static void
color_end(const struct page *page, enum color color)
{
	if (page->color && color != COLOR_NONE)
		(void)fputs("\033[0m", page->f);
}

static void
paint(const struct page *page, enum color color, const char *p, size_t n)
{
	color_begin(page, color);
	(void)fwrite(p, 1, n, page->f);
	color_end(page, color);
}

static void
blanks(const struct page *page, unsigned int n)
{
	(void)fprintf(page->f, "%*s", (int)n, "");
}

void
page_heading(const struct page *page, const char *text)
{
	(void)fputc('\n', page->f);
	paint(page, COLOR_BOLD, text, strlen(text));
	(void)fputc('\n', page->f);
}

/* Bytes of p that fit into `room` columns; at least one character. */
static size_t
fit(const char *p, size_t n, size_t room)
{
	int32_t	c;
	size_t	i, len, width = 0, w;

	for (i = 0; i < n; i += len) {
		len = character_next(p + i, n - i, &c);
		w = text_width(p + i, len);
		if (i > 0 && width + w > room)
			break;
		width += w;
	}
	return i;
}

/* Newlines and tabs are blanks; all else that is hidden is escaped. */
static struct str
flow(const struct page *page, struct str text)
{
	struct str	 s = text;
	char		*copy;
	size_t		 i;

	copy = arena_text(page->arena, text.p == NULL ? "" : text.p, text.n);
	for (i = 0; i < text.n; i++)
		if (copy[i] == '\n' || copy[i] == '\t')
			copy[i] = ' ';
	s.p = escape_text(page->arena, copy, text.n, &s.n);
	return s;
}

/* Columns right of `indent`; some even on a very narrow page. */
static size_t
room_at(const struct page *page, unsigned int indent)
{
	return page->columns > indent + 20 ? page->columns - indent : 20;
}

/* Ends a line inside a paragraph; the next begins at `indent`. */
static void
line_next(const struct page *page, unsigned int indent, enum color color)
{
	color_end(page, color);
	(void)fputc('\n', page->f);
	blanks(page, indent);
	color_begin(page, color);
}

/* Writes words from column `column` on; lines after the first begin at
   `indent`. */
static void
wrap(const struct page *page, unsigned int column, unsigned int indent,
    enum color color, struct str s)
{
	size_t	i = 0, end, n, room = room_at(page, column), width = 0;
	bool	first = true;

	color_begin(page, color);
	while (i < s.n) {
		if (s.p[i] == ' ') {
			i++;
			continue;
		}
		for (end = i; end < s.n && s.p[end] != ' ';)
			end++;
		if (!first && width + 1 + text_width(s.p + i, end - i) > room) {
			line_next(page, indent, color);
			room = room_at(page, indent);
			width = 0;
			first = true;
		}
		if (!first) {
			(void)fputc(' ', page->f);
			width++;
		}
		/* A word that is longer than a line is broken. */
		while (text_width(s.p + i, end - i) > room - width) {
			n = fit(s.p + i, end - i, room - width);
			(void)fwrite(s.p + i, 1, n, page->f);
			i += n;
			line_next(page, indent, color);
			room = room_at(page, indent);
			width = 0;
		}
		(void)fwrite(s.p + i, 1, end - i, page->f);
		width += text_width(s.p + i, end - i);
		first = false;
		i = end;
	}
	color_end(page, color);
	(void)fputc('\n', page->f);
}

void
page_text(const struct page *page, unsigned int at, const char *label,
    enum color label_color, unsigned int indent, enum color color,
    struct str text)
{
	unsigned int	column = at;

	blanks(page, at);
	if (label != NULL) {
		paint(page, label_color, label, strlen(label));
		column += (unsigned int)text_width(label, strlen(label));
		if (column >= indent) {
			(void)fputc(' ', page->f);
			column++;
		}
	}
	if (label != NULL && column < indent) {
		blanks(page, indent - column);
		column = indent;
	}
	wrap(page, column, indent, color, flow(page, text));
}

void
page_printf(const struct page *page, unsigned int indent, const char *fmt,
    ...)
{
	char	*text;
	va_list	 ap;

	va_start(ap, fmt);
	text = arena_vprintf(page->arena, fmt, ap);
	va_end(ap);
	page_text(page, indent, NULL, COLOR_NONE, indent, COLOR_NONE,
	    (struct str){ text, strlen(text) });
}

void
page_line(const struct page *page, unsigned int indent, enum color color,
    struct str text)
{
	struct str	s;
	size_t		room, n;

	s.p = escape_text(page->arena, text.p, text.n, &s.n);
	room = room_at(page, indent);
	blanks(page, indent);
	if (text_width(s.p, s.n) <= room)
		paint(page, color, s.p, s.n);
	else {
		n = fit(s.p, s.n, room - 3);
		paint(page, color, s.p, n);
		paint(page, color, "...", 3);
	}
	(void)fputc('\n', page->f);
}
