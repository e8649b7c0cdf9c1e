/*
 * Reads the change log of TrustedTpm.cab.  Sections begin with a date such as
 * "3-April-2023"; a line that begins with Added, Removed, Renewed, Replaced
 * or Renamed says what happened to the files that it or the lines below it
 * name.  Relies on change_log.h alone; there is no grammar by Microsoft.
 */
#include "knowledge/change_log.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "evidence/evidence.h"
#include "knowledge/table.h"

const char *const	log_action_names[] = {
	[LOG_ADD] = "add", [LOG_REMOVE] = "remove", [LOG_RENEW] = "renew",
	[LOG_REPLACE] = "replace", [LOG_RENAME_AWAY] = "rename-away",
	[LOG_RENAME_HERE] = "rename-here"
};

struct log_reader {
	const struct change_log_ops *ops;
	void		*ctx;
	size_t		 line;
	int64_t		 date;		/* 0: no section yet */
	bool		 acting;	/* an action is in force */
	enum log_action	 action;
	size_t		 heading;	/* its line, 0: it named files */
	struct str	 heading_text;
};

static struct str
str_trim(struct str s)
{
	while (s.n > 0 && (unsigned char)*s.p <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return (s);
}

static void
str_skip(struct str *s, size_t n)
{
	s->p += n;
	s->n -= n;
	*s = str_trim(*s);
}

/* ---- dates ---- */

static size_t
number_read(struct str s, size_t most, int *ret)
{
	size_t n = 0;

	for (*ret = 0; n < s.n && n < most && s.p[n] >= '0' && s.p[n] <= '9';
	    n++)
		*ret = *ret * 10 + (s.p[n] - '0');
	return (n);
}

/* A month's name or its first letters, three at least; its number. */
static size_t
month_read(struct str s, int *ret)
{
	static const char *const months[] = {
		"january", "february", "march", "april", "may", "june",
		"july", "august", "september", "october", "november",
		"december"
	};
	size_t n = 0;

	while (n < s.n && ((s.p[n] | 0x20) >= 'a' && (s.p[n] | 0x20) <= 'z'))
		n++;
	for (int i = 0; n >= 3 && i < 12; i++) {
		if (n > strlen(months[i]) ||
		    strncasecmp(s.p, months[i], n) != 0)
			continue;
		*ret = i + 1;
		return (n);
	}
	return (0);
}

/* "3-April-2023", "07-Nov-2017", "3 April 2023", "2023-04-03"; its length. */
static size_t
date_read(struct str s, int64_t *ret)
{
	struct str rest = s;
	int y, mon, d;
	size_t n;

	n = number_read(rest, 4, &y);
	if (n == 4 && s.n >= 10 && s.p[4] == '-' && s.p[7] == '-' &&
	    number_read((struct str){ s.p + 5, 2 }, 2, &mon) == 2 &&
	    number_read((struct str){ s.p + 8, 2 }, 2, &d) == 2) {
		n = 10;
		goto out;
	}
	d = y;
	if (n == 0 || n > 2 || n >= s.n ||
	    strchr("- .", s.p[n]) == NULL)
		return (0);
	rest = (struct str){ s.p + n + 1, s.n - n - 1 };
	if ((n = month_read(rest, &mon)) == 0 || n >= rest.n ||
	    strchr("- .,", rest.p[n]) == NULL)
		return (0);
	rest = (struct str){ rest.p + n + 1, rest.n - n - 1 };
	if (number_read(rest, 4, &y) != 4)
		return (0);
	n = (size_t)(rest.p + 4 - s.p);
out:
	if (y < 2000 || y > 2199 || mon < 1 || mon > 12 || d < 1 || d > 31 ||
	    (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') ||
	    ((s.p[n] | 0x20) >= 'a' && (s.p[n] | 0x20) <= 'z'))))
		return (0);
	*ret = time_make(y, mon, d, 0, 0, 0);
	return (n);
}

/* ---- actions ---- */

static size_t
action_read(struct str s, enum log_action *ret)
{
	static const struct {
		const char	*word;
		enum log_action	 action;
	} words[] = {
		{ "added", LOG_ADD }, { "add", LOG_ADD }, { "new", LOG_ADD },
		{ "removed", LOG_REMOVE }, { "remove", LOG_REMOVE },
		{ "deleted", LOG_REMOVE }, { "withdrawn", LOG_REMOVE },
		{ "renewed", LOG_RENEW }, { "renew", LOG_RENEW },
		{ "re-issued", LOG_RENEW }, { "reissued", LOG_RENEW },
		{ "recreated", LOG_RENEW },
		{ "replaced", LOG_REPLACE }, { "replace", LOG_REPLACE },
		{ "updated", LOG_REPLACE },
		{ "renamed", LOG_RENAME_AWAY }, { "rename", LOG_RENAME_AWAY }
	};
	size_t n = 0;

	while (n < s.n && (unsigned char)s.p[n] > ' ' && s.p[n] != ':')
		n++;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_same((struct str){ s.p, n }, words[i].word,
		    strlen(words[i].word)))
			continue;
		*ret = words[i].action;
		return (n);
	}
	return (0);
}

/* ---- files ---- */

static bool
str_starts(struct str s, const char *word)
{
	size_t n = strlen(word);

	return (s.n >= n && strncasecmp(s.p, word, n) == 0);
}

/* Where the first file name of the text ends; 0 if there is none. */
static size_t
file_end(struct str s)
{
	static const char *const endings[] = {
		".cer", ".crt", ".der", ".pem"
	};

	for (size_t i = 0; i + 4 <= s.n; i++) {
		for (size_t k = 0; k < 4; k++) {
			if (!str_starts((struct str){ s.p + i, s.n - i },
			    endings[k]))
				continue;
			if (i > 0 && (i + 4 == s.n ||
			    strchr(" \t,;:)\"'", s.p[i + 4]) != NULL))
				return (i + 4);
		}
	}
	return (0);
}

/* Without bullets, quotes, "to" and folders. */
static struct str
file_clean(struct str s)
{
	static const char *const before[] = {
		"to ", "as ", "by ", "with ", "and ", "->", "=>", "-", "*",
		"\"", "'", "(", ",", ";", ":"
	};
	struct aik_host host;
	size_t i;

	s = str_trim(s);
	for (i = 0; i < sizeof(before) / sizeof(before[0]);) {
		if (str_starts(s, before[i])) {
			str_skip(&s, strlen(before[i]));
			i = 0;
		} else
			i++;
	}
	for (i = s.n; i > 0; i--) {
		if (strchr("\\/:", s.p[i - 1]) != NULL) {
			str_skip(&s, i);
			break;
		}
	}
	/* AIK CAs' files have no blanks: words before them are words. */
	for (i = s.n; i > 0 && s.p[i - 1] != ' '; i--)
		;
	if (i > 0 && !aik_file_parse(s.p, s.n, &host) &&
	    aik_file_parse(s.p + i, s.n - i, &host))
		str_skip(&s, i);
	return (s);
}

static void
file_change(struct log_reader *r, enum log_action action, struct str file)
{
	struct log_change change = {
		.date = r->date, .action = action, .file = file,
		.line = r->line
	};

	r->ops->change(r->ctx, &change);
}

/* All files that a text names; how many.  Names without ending are AIK's. */
static size_t
files_read(struct log_reader *r, struct str s)
{
	enum log_action action = r->action;
	struct aik_host host;
	size_t n, files = 0;
	struct str word;

	while ((n = file_end(s)) > 0) {
		word = file_clean((struct str){ s.p, n });
		if (files % 2 == 1 && r->action == LOG_RENAME_AWAY)
			action = LOG_RENAME_HERE;
		else
			action = r->action;
		if (r->date != 0 && r->acting && word.n > 4)
			file_change(r, action, word);
		files++;
		str_skip(&s, n);
	}
	for (; s.n > 0; str_skip(&s, n)) {
		for (n = 0; n < s.n && strchr(" \t,;", s.p[n]) == NULL; n++)
			;
		word = file_clean((struct str){ s.p, n });
		n += n < s.n;
		if (!aik_file_parse(word.p, word.n, &host))
			continue;
		if (files % 2 == 1 && r->action == LOG_RENAME_AWAY)
			action = LOG_RENAME_HERE;
		else
			action = r->action;
		if (r->date != 0 && r->acting)
			file_change(r, action, word);
		files++;
	}
	return (files);
}

/* ---- lines ---- */

/* A heading that no file followed says something that is not understood. */
static void
heading_end(struct log_reader *r)
{
	if (r->heading != 0)
		r->ops->odd(r->ctx, r->heading, r->heading_text,
		    "it names no file");
	r->heading = 0;
}

static bool
has_letters(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z') ||
		    (s.p[i] >= '0' && s.p[i] <= '9'))
			return (true);
	}
	return (false);
}

static void
line_read(struct log_reader *r, struct str line)
{
	struct str s = str_trim(line), whole = str_trim(line);
	enum log_action action;
	size_t n, files;
	bool dated;

	if (!has_letters(s))
		return;
	if ((n = date_read(s, &r->date)) > 0) {
		heading_end(r);
		r->acting = false;
		str_skip(&s, n);
		while (s.n > 0 && strchr("-:.,", *s.p) != NULL)
			str_skip(&s, 1);
		if (s.n == 0)
			return;
	}
	dated = n > 0;
	while (s.n > 1 && strchr("-*", *s.p) != NULL)
		str_skip(&s, 1);
	if ((n = action_read(s, &action)) > 0) {
		heading_end(r);
		r->acting = true;
		r->action = action;
		str_skip(&s, n);
	}
	files = files_read(r, s);
	if (files > 0 && r->date == 0)
		r->ops->odd(r->ctx, r->line, whole, "no date stands above it");
	else if (files > 0 && !r->acting)
		r->ops->odd(r->ctx, r->line, whole,
		    "it does not say what was done");
	else if (files > 0)
		r->heading = 0;
	else if (n > 0) {
		r->heading = r->line;
		r->heading_text = whole;
	} else if (r->date != 0 || dated)
		r->ops->odd(r->ctx, r->line, whole,
		    "neither a date, an action nor a file");
}

void
change_log_read(const char *p, size_t n, const struct change_log_ops *ops,
    void *ctx)
{
	struct log_reader r = { .ops = ops, .ctx = ctx };
	const char *nl;
	size_t len;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	while (n > 0) {
		nl = memchr(p, '\n', n);
		len = nl == NULL ? n : (size_t)(nl - p);
		r.line++;
		line_read(&r, (struct str){ p, len });
		len += nl != NULL;
		p += len;
		n -= len;
	}
	heading_end(&r);
}

bool
aik_file_parse(const char *p, size_t n, struct aik_host *ret)
{
	char name[160];
	const char *mark;
	size_t end;

	memset(ret, 0, sizeof(*ret));
	if (!lower_copy(name, sizeof(name), p, n))
		return (false);
	if ((mark = strstr(name, "-keyid-")) != NULL)
		mark += 7;
	else if ((mark = strstr(name, "-nameid-")) != NULL)
		mark += 8;
	else
		return (false);
	end = (size_t)(mark - name) + strspn(mark, "0123456789abcdef");
	/* "_2", "_new", " (1)", ".cer" may follow. */
	if (name[end] != '\0' && strchr("_-. (", name[end]) == NULL)
		return (false);
	return (aik_host_parse(name, end, ret));
}
