/*
 * Readers for what people and tools write: quoted lines, numbers, times,
 * labels of events in several languages.  Relies on text.h.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/text_scan.h"

#define ITEMS(a)	(sizeof(a) / sizeof((a)[0]))

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
text_starts(const char *p, size_t n, const char *word)
{
	size_t i;

	for (i = 0; word[i] != '\0'; i++)
		if (i >= n || lower(p[i]) != lower(word[i]))
			return false;
	return true;
}

size_t
text_find(const char *p, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (lower(p[i]) == lower(word[0]) &&
		    text_starts(p + i, n - i, word))
			return i;
	return n;
}

bool
text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
text_is_hex(char c)
{
	c = lower(c);
	return text_is_digit(c) || (c >= 'a' && c <= 'f');
}

bool
text_is_word(char c)
{
	return text_is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
	    c == '_' || (uint8_t)c >= 0x80;
}

/* The longest of some marks at p; 0 if it is none of them. */
static size_t
one_of(const char *const *marks, size_t nmarks, const char *p, size_t n)
{
	size_t i, len;

	for (i = 0; i < nmarks; i++) {
		len = strlen(marks[i]);
		if (len <= n && memcmp(p, marks[i], len) == 0)
			return len;
	}
	return 0;
}

size_t
text_blank(const char *p, size_t n)
{
	static const char *const blanks[] = {
		" ", "\t", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x8b",
		"\xef\xbb\xbf"
	};

	if (n == 0 || strchr(" \t\xc2\xe2\xef", p[0]) == NULL)
		return 0;
	return one_of(blanks, ITEMS(blanks), p, n);
}

size_t
text_blanks(const char *p, size_t n)
{
	size_t i = 0, len;

	while (i < n && (len = text_blank(p + i, n - i)) > 0)
		i += len;
	return i;
}

size_t
text_quote(const char *p, size_t n)
{
	static const char *const quotes[] = {
		"\"", "\\\"", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e",
		"\xe2\x80\x9f", "\xc2\xab", "\xc2\xbb", "&quot;", "&#34;"
	};

	if (n == 0 || strchr("\"\\&\xc2\xe2", p[0]) == NULL)
		return 0;
	return one_of(quotes, ITEMS(quotes), p, n);
}

/* A colour of a console: ESC [ 32 m; its length, or 0. */
static size_t
colour(const char *p, size_t n)
{
	size_t i = 2;

	if (n < 3 || p[0] != '\x1b' || p[1] != '[')
		return 0;
	while (i < n && i < 16 && (text_is_digit(p[i]) || p[i] == ';'))
		i++;
	return i < n && p[i] == 'm' ? i + 1 : 0;
}

size_t
text_marks(const char *p, size_t n)
{
	static const char *const always[] = {
		">", "|", "\xe2\x80\xa2", "\xc2\xb7", "\xe2\x80\xa3",
		"\xe2\x97\xa6", "\xe2\x96\xaa", "\xe2\x80\x9c",
		"\xe2\x80\x9e", "\xc2\xab", "\"", "`"
	};
	size_t i = 0, len, j;

	while (i < n) {
		len = text_blank(p + i, n - i);
		if (len == 0)
			len = one_of(always, ITEMS(always), p + i, n - i);
		if (len == 0)
			len = colour(p + i, n - i);
		if (len == 0 && (p[i] == '-' || p[i] == '*' || p[i] == '+') &&
		    (i + 1 == n || text_blank(p + i + 1, n - i - 1) > 0))
			len = 1;
		if (len == 0 && text_is_digit(p[i])) {
			for (j = i; j < n && j - i < 4 && text_is_digit(p[j]);
			    j++)
				continue;
			if (j + 1 < n && (p[j] == '.' || p[j] == ')') &&
			    text_blank(p + j + 1, n - j - 1) > 0)
				len = j + 1 - i;
		}
		if (len == 0)
			break;
		i += len;
	}
	return i;
}

/* The colour that ends the text, or 0. */
static size_t
colour_before(const char *p, size_t n)
{
	size_t len;

	if (n < 3 || p[n - 1] != 'm')
		return 0;
	for (len = 3; len <= n && len <= 17; len++)
		if (colour(p + n - len, len) == len)
			return len;
	return 0;
}

struct text_part
text_content(const struct text_line *l)
{
	static const char *const tails[] = {
		" ", "\t", "|", "\"", "`", "\xc2\xa0", "\xe2\x80\x9d",
		"\xe2\x80\x9c", "\xc2\xbb", "\xe2\x80\x8b"
	};
	size_t off = text_marks(l->p, l->n), end = l->n, i, len;

	for (i = 0; i < ITEMS(tails) && end > off; i++) {
		len = strlen(tails[i]);
		if (end - off >= len &&
		    memcmp(l->p + end - len, tails[i], len) == 0) {
			end -= len;
			i = SIZE_MAX;	/* and once more from the first */
		} else if (i == 0 && (len = colour_before(l->p + off,
		    end - off)) > 0) {
			end -= len;
			i = SIZE_MAX;
		}
	}
	return (struct text_part){ l->off + off, end - off };
}

struct text_part
text_last_line(const struct text *t, size_t limit)
{
	struct text_part part = { 0, 0 };

	while (limit > 0 && part.n == 0)
		part = text_content(&t->lines[--limit]);
	return part;
}

size_t
text_soft_blanks(const char *p, size_t n)
{
	size_t i = text_blanks(p, n), end = i;

	while (end < n && p[end] == '\r')
		end++;
	if (end < n && p[end] == '\n')
		return end + 1 + text_marks(p + end + 1, n - end - 1);
	return i;
}

size_t
text_digits(const char *p, size_t n, int64_t *ret)
{
	size_t i;

	*ret = 0;
	for (i = 0; i < n && text_is_digit(p[i]); i++) {
		if (i == 18)
			return 0;
		*ret = *ret * 10 + (p[i] - '0');
	}
	return i;
}

size_t
text_hex(const char *p, size_t n, uint32_t *ret)
{
	size_t i;
	char c;

	*ret = 0;
	for (i = 0; i < n && text_is_hex(p[i]); i++) {
		c = lower(p[i]);
		*ret = *ret << 4 | (uint32_t)(text_is_digit(c) ? c - '0' :
		    c - 'a' + 10);
	}
	return i;
}

/* ---- times ---- */

/* Exactly `count` digits. */
static bool
fixed(const char *p, size_t n, size_t off, size_t count, int *ret)
{
	size_t i;

	*ret = 0;
	if (off > n || count > n - off)
		return false;
	for (i = off; i < off + count; i++) {
		if (!text_is_digit(p[i]))
			return false;
		*ret = *ret * 10 + (p[i] - '0');
	}
	return true;
}

static bool
date_exists(int y, int mon, int d, int h, int m, int s)
{
	return y >= 1970 && y <= 9999 && mon >= 1 && mon <= 12 && d >= 1 &&
	    d <= 31 && h <= 23 && m <= 59 && s <= 60;
}

size_t
text_time(const char *p, size_t n, int64_t *ret_us)
{
	int y, mon, d, h, m, s, zh, zm = 0;
	int64_t fraction = 0, unit = 100000;
	size_t i = 19, colon;

	*ret_us = 0;
	if (!fixed(p, n, 0, 4, &y) || !fixed(p, n, 5, 2, &mon) ||
	    !fixed(p, n, 8, 2, &d) || !fixed(p, n, 11, 2, &h) ||
	    !fixed(p, n, 14, 2, &m) || !fixed(p, n, 17, 2, &s) ||
	    p[4] != '-' || p[7] != '-' ||
	    (p[10] != 'T' && p[10] != 't' && p[10] != ' ') || p[13] != ':' ||
	    p[16] != ':' || !date_exists(y, mon, d, h, m, s))
		return 0;
	if (i < n && (p[i] == '.' || p[i] == ','))
		for (i++; i < n && text_is_digit(p[i]); i++, unit /= 10)
			fraction += unit * (p[i] - '0');
	*ret_us = time_make(y, mon, d, h, m, s) + fraction;
	if (i < n && (p[i] == 'Z' || p[i] == 'z') &&
	    (i + 1 == n || !text_is_word(p[i + 1])))
		return i + 1;
	if (i < n && p[i] == ' ' && (text_starts(p + i + 1, n - i - 1, "UTC") ||
	    text_starts(p + i + 1, n - i - 1, "GMT")) &&
	    (i + 4 == n || !text_is_word(p[i + 4])) &&
	    (i + 4 == n || (p[i + 4] != '+' && p[i + 4] != '-')))
		return i + 4;
	if (i + 1 < n && p[i] == ' ')
		i++;
	if (i < n && (p[i] == '+' || p[i] == '-') &&
	    fixed(p, n, i + 1, 2, &zh) && zh <= 14) {
		colon = i + 3 < n && p[i + 3] == ':';
		if (!fixed(p, n, i + 3 + colon, 2, &zm) || zm > 59)
			return 0;
		*ret_us += (p[i] == '-' ? 1 : -1) *
		    ((int64_t)zh * 60 + zm) * 60000000;
		return i + 5 + colon;
	}
	return 0;
}

size_t
text_http_date(const char *p, size_t n, int64_t *ret_us)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int y, mon, d, h, m, s;

	*ret_us = 0;
	if (n < 29 || p[3] != ',' || p[4] != ' ' || p[7] != ' ' ||
	    p[11] != ' ' || p[16] != ' ' || p[19] != ':' || p[22] != ':' ||
	    !text_starts(p + 25, n - 25, " GMT") || !fixed(p, n, 5, 2, &d) ||
	    !fixed(p, n, 12, 4, &y) || !fixed(p, n, 17, 2, &h) ||
	    !fixed(p, n, 20, 2, &m) || !fixed(p, n, 23, 2, &s))
		return 0;
	for (mon = 0; mon < 12; mon++)
		if (memcmp(months + 3 * mon, p + 8, 3) == 0)
			break;
	if (mon == 12 || !date_exists(y, mon + 1, d, h, m, s))
		return 0;
	*ret_us = time_make(y, mon + 1, d, h, m, s);
	return 29;
}

/* ---- Windows events, mails, pages ---- */

size_t
text_event_id(const char *p, size_t n, size_t *ret_off, size_t *ret_n,
    int64_t *ret)
{
	static const char *const events[] = {
		"event", "ereignis", "v\xc3\xa9nement", "gebeurtenis",
		"zdarzeni", "\xd1\x81\xd0\xbe\xd0\xb1\xd1\x8b\xd1\x82"
		"\xd0\xb8"
	};
	size_t i, end, colon;
	bool named = false;

	*ret_off = *ret_n = 0;
	*ret = 0;
	if (n > 96)
		n = 96;
	for (end = 0; end < n && p[end] != '\n' && p[end] != '\r'; end++)
		continue;
	n = end;
	if (text_starts(p, n, "EventID") || text_starts(p, n, "Event ID") ||
	    text_starts(p, n, "Event-ID")) {
		i = p[5] == 'I' || p[5] == 'i' ? 7 : 8;
		/* Attributes of the XML element. */
		if (i < n && p[i] == ' ' && memchr(p + i, '>', n - i) != NULL)
			i = (size_t)((const char *)memchr(p + i, '>', n - i) -
			    p);
	} else {
		/* A short label of another language, up to its colon. */
		for (colon = 0; colon < n && colon < 48 && p[colon] != ':';
		    colon++)
			continue;
		if (colon == n || colon == 48)
			return 0;
		for (i = 0; i < ITEMS(events); i++)
			named |= text_find(p, colon, events[i]) < colon;
		end = colon - (colon > 0 && p[colon - 1] == ' ');
		while (end > 0 && p[end - 1] == ' ')
			end--;
		if (!named && !(end == 2 && text_starts(p, end, "id")))
			return 0;
		i = colon;
	}
	while (i < n && (p[i] == ':' || p[i] == '=' || p[i] == '>' ||
	    text_blank(p + i, n - i) > 0 || p[i] == '"' || p[i] == '\''))
		i += p[i] == ':' || p[i] == '=' || p[i] == '>' ||
		    p[i] == '"' || p[i] == '\'' ? 1 : text_blank(p + i, n - i);
	end = text_digits(p + i, n - i, ret);
	if (end == 0 || end > 5 || (i + end < n && text_is_word(p[i + end])))
		return 0;
	*ret_off = i;
	*ret_n = end;
	return i + end;
}

bool
text_event_record(const char *p, size_t n)
{
	static const char *const labels[] = {
		"Log Name:", "LogName:", "Protokollname:",
		"\xd0\x98\xd0\xbc\xd1\x8f \xd0\xb6\xd1\x83\xd1\x80\xd0\xbd"
		"\xd0\xb0\xd0\xbb\xd0\xb0:",		/* Russian */
		"Nom du journal", "Nombre de registro:", "Nome registro:",
		"Logboeknaam:", "Nome do Log:", "Nazwa dziennika:",
		"TimeCreated"
	};
	size_t i, j;

	for (i = 0; i < ITEMS(labels); i++)
		if (text_starts(p, n, labels[i])) {
			j = strlen(labels[i]);
			j += text_blanks(p + j, n - j);
			return p[strlen(labels[i]) - 1] == ':' ||
			    (j < n && p[j] == ':');
		}
	return text_starts(p, n, "<Event ") || text_starts(p, n, "<Event>");
}

bool
text_repeats_event(const struct text *t, size_t line)
{
	struct text_part part;
	size_t i;

	for (i = line; i > 0 && i + 4 > line; i--) {
		part = text_content(&t->lines[i - 1]);
		if (part.n > 0)
			return part.n >= 4 && text_starts(t->p + part.off +
			    part.n - 4, 4, "xml:");
	}
	return false;
}

size_t
text_mail_head(const struct text *t)
{
	static const char *const fields[] = {
		"From:", "To:", "Cc:", "Subject:", "Date:", "Sent:",
		"Reply-To:", "Message-ID:", "MIME-Version:", "Received:",
		"Return-Path:", "Content-Type:", "Delivered-To:", "X-",
		"Von:", "An:", "Betreff:", "Gesendet:", "Datum:",
		"\xd0\x9e\xd1\x82:", "\xd0\x9a\xd0\xbe\xd0\xbc\xd1\x83:",
		"\xd0\xa2\xd0\xb5\xd0\xbc\xd0\xb0:",
		"\xd0\x94\xd0\xb0\xd1\x82\xd0\xb0:",
		"\xd0\x9e\xd1\x82\xd0\xbf\xd1\x80\xd0\xb0\xd0\xb2\xd0\xbb\xd0"
		"\xb5\xd0\xbd\xd0\xbe:"
	};
	static const char *const senders[] = {
		"From:", "Von:", "\xd0\x9e\xd1\x82:", "Subject:", "Betreff:",
		"\xd0\xa2\xd0\xb5\xd0\xbc\xd0\xb0:"
	};
	size_t line = 0, found = 0, i;
	bool sender = false;

	while (line < t->nlines && t->lines[line].n == 0)
		line++;
	for (; line < t->nlines && line < 400; line++) {
		const struct text_line *l = &t->lines[line];

		if (l->n == 0)
			break;
		if (found > 0 && text_blank(l->p, l->n) > 0)
			continue;	/* a folded field */
		for (i = 0; i < ITEMS(fields); i++)
			if (text_starts(l->p, l->n, fields[i]))
				break;
		if (i == ITEMS(fields)) {
			/* Fields that are not in the table: "Name: value". */
			for (i = 0; i < l->n && i < 40 && (l->p[i] == '-' ||
			    text_is_word(l->p[i])); i++)
				continue;
			if (found == 0 || i == 0 || i == l->n ||
			    l->p[i] != ':')
				break;
			continue;
		}
		found++;
		for (i = 0; i < ITEMS(senders); i++)
			sender |= text_starts(l->p, l->n, senders[i]);
	}
	return found >= 2 && sender ? line : 0;
}

bool
text_is_html(const struct text *t)
{
	size_t n = t->n < 2048 ? t->n : 2048, i = 0;

	while (i < n && (t->p[i] == '\n' || t->p[i] == '\r' ||
	    text_blank(t->p + i, n - i) > 0))
		i++;
	if (i == n || t->p[i] != '<')
		return false;
	return text_find(t->p, n, "<html") < n ||
	    text_find(t->p, n, "<!doctype html") < n ||
	    text_find(t->p, n, "<body") < n;
}

/* ---- base64 ---- */

int
text_base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
text_hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

uint8_t *
text_base64(const char *p, size_t n, size_t *ret_n)
{
	uint8_t *to = malloc(n / 4 * 3 + 4);
	size_t i = 0, out = 0;
	uint32_t bits = 0;
	int have = 0, digit;

	*ret_n = 0;
	if (to == NULL)
		return NULL;
	while (i < n) {
		if (p[i] == '\n' || p[i] == '\r') {
			i++;
			i += text_marks(p + i, n - i);
			continue;
		}
		if (text_blank(p + i, n - i) > 0) {
			i += text_blank(p + i, n - i);
			continue;
		}
		digit = text_base64_digit((uint8_t)p[i]);
		if (digit < 0)
			break;
		i++;
		bits = bits << 6 | (uint32_t)digit;
		if ((have += 6) >= 8) {
			have -= 8;
			to[out++] = (uint8_t)(bits >> have);
		}
	}
	for (; i < n; i++)
		if (p[i] != '=' && p[i] != '\n' && p[i] != '\r' &&
		    text_blank(p + i, n - i) == 0 && p[i] != '>' &&
		    (uint8_t)p[i] < 0x80)
			out = 0;
	if (out == 0) {
		free(to);
		return NULL;
	}
	*ret_n = out;
	return to;
}

size_t
word_distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[WORD_MAX + 1], diagonal, above, i, j;

	if (na > WORD_MAX || nb > WORD_MAX)
		return SIZE_MAX;
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
