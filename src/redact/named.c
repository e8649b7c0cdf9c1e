/*
 * Values behind a name, in lines that tools write, in options of commands, and
 * in what is almost JSON, XML or a form.
 * Relies on evidence/secret.h for the names and on text.c for the values.
 */
#include <string.h>
#include <strings.h>

#include "redact/byte.h"
#include "redact/internal.h"

#define LOOK_MAX	16384	/* bytes of a value in a line of text */

static bool
is_key_byte(uint8_t c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.' || c >= 0x80;
}

/*
 * The value behind a name that ends at `at`: "name": "v", name=v, name: v,
 * <name>v<, name='v'.  false: nothing that separates them.
 */
static bool
value_find(const struct leaf *l, size_t at, bool opened, size_t *ret_off,
    size_t *ret_n)
{
	const uint8_t *p = l->orig;
	size_t n = l->n - at > LOOK_MAX ? at + LOOK_MAX : l->n, start;
	uint8_t quote = 0, sep = 0;
	/* Of text in one line, and of JSON in lines, line ends may be two
	   letters. */
	bool folded = memchr(p, '\n', l->n < LOOK_MAX ? l->n : LOOK_MAX) ==
	    NULL || memmem(p + at, n - at, "\\\"", 2) != NULL;

	if (opened && at < n && p[at] == '>') {
		start = ++at;
		while (at < n && p[at] != '<')
			at++;
		*ret_off = start;
		*ret_n = at < n ? at - start : 0;
		return at < n;
	}
	while (at < n && (p[at] == '"' || p[at] == '\'' || p[at] == ']' ||
	    p[at] == '\\'))
		at++;
	while (at < n && (is_blank(p[at]) || p[at] == '.'))
		at++;
	if (at < n && (p[at] == ':' || p[at] == '='))
		sep = p[at++];
	else
		return false;
	/* A drive, a scheme; but \" is the quote of JSON in JSON. */
	for (start = at; start < n && p[start] == '\\'; start++)
		continue;
	if (at < n && sep == ':' && (p[at] == ':' || p[at] == '/' ||
	    (start > at && (start == n || p[start] != '"'))))
		return false;
	while (at < n && is_blank(p[at]))
		at++;
	for (start = at; start < n && p[start] == '\\';)
		start++;
	if (start < n && p[start] == '"')	/* JSON in JSON */
		at = start;
	if (at < n && (p[at] == '"' || p[at] == '\''))
		quote = p[at++];
	start = at;
	if (quote != 0)
		while (at < n && p[at] != quote && p[at] != '\n')
			at += p[at] == '\\' && at + 1 < n &&
			    p[at + 1] != quote ? 2 : 1;
	else if (sep == ':')
		while (at < n && p[at] != '\r' && p[at] != '\n' &&
		    p[at] != '"' && p[at] != '<' && p[at] != '}' &&
		    !(folded && p[at] == '\\' && at + 1 < n &&
		    p[at + 1] == 'n'))
			at++;
	else
		while (at < n && p[at] > ' ' && strchr("\"'&;,<>)}", p[at]) ==
		    NULL && !(folded && p[at] == '\\' && at + 1 < n &&
		    (p[at + 1] == 'n' || p[at + 1] == 'r')))
			at++;
	if (at > n)
		at = n;
	while (quote != 0 && at > start && p[at - 1] == '\\')
		at--;
	*ret_off = start;
	*ret_n = at - start;
	return at > start;
}

/* "name: value, other" of a line: a name ends before what separates. */
static size_t
first_word(const struct leaf *l, size_t off, size_t n, enum secret_kind kind)
{
	size_t k;

	if (kind != SECRET_USER && kind != SECRET_MACHINE &&
	    kind != SECRET_PASSWORD && kind != SECRET_SERIAL &&
	    kind != SECRET_TOKEN && kind != SECRET_DOMAIN)
		return n;
	for (k = 0; k < n; k++)
		if (strchr(",;", l->orig[off + k]) != NULL ||
		    (l->orig[off + k] == ' ' && (kind == SECRET_PASSWORD ||
		    kind == SECRET_MACHINE)))
			break;
	while (k > 0 && (l->orig[off + k - 1] == '.' ||
	    l->orig[off + k - 1] == ')'))
		k--;
	return k;
}

/* With the escapes of a string, or of a parameter. */
static void
value_decode(struct leaf *l, size_t off, size_t n, enum secret_kind kind)
{
	const uint8_t *p = l->orig + off;
	bool json = p[-1] == '"' && memmem(p, n, "\\u", 2) != NULL;
	struct view v;

	if ((json || (p[-1] == '=' && memchr(p, '%', n) != NULL)) &&
	    view_open(&v, l, off, n, json ? VIEW_JSON : VIEW_URL, 0)) {
		redact_value(&v.leaf, 0, v.leaf.n, kind);
		view_close(&v);
	} else
		redact_value(l, off, n, kind);
}

/* Options of tools that are no names elsewhere. */
static enum secret_kind
option_kind(const uint8_t *p, size_t n)
{
	static const struct {
		const char	*name;
		enum secret_kind kind;
	} options[] = {
		{ "ru", SECRET_USER }, { "rp", SECRET_PASSWORD },
		{ "NewName", SECRET_MACHINE }, { "-NewName", SECRET_MACHINE }
	};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strlen(options[i].name) == n && starts(p, n,
		    options[i].name))
			return options[i].kind;
	return SECRET_COUNT;
}

/* "-Password x", "/ru x": the word behind an option. */
static void
argument(struct leaf *l, size_t key, size_t end, enum secret_kind kind)
{
	size_t n = 0, i;
	bool digit = false;

	if ((kind != SECRET_PASSWORD && kind != SECRET_TOKEN &&
	    kind != SECRET_USER && kind != SECRET_MACHINE) || key == 0 ||
	    (l->orig[key] != '-' && l->orig[key - 1] != '/') ||
	    end == l->n || l->orig[end] != ' ')
		return;
	for (i = end + 1; i + n < l->n && l->orig[i + n] > ' ' &&
	    strchr("\"'<>,;", l->orig[i + n]) == NULL; n++)
		digit |= l->orig[i + n] >= '0' && l->orig[i + n] <= '9';
	l->r->here = !digit;	/* it may be a word like any other */
	if (kind == SECRET_USER || kind == SECRET_MACHINE)
		redact_value(l, i, n, kind);
	else
		leaf_claim(l, i, n, kind);
	l->r->here = false;
}

/* "-u name:password" of curl, "-U name%password" of smbclient, "-u name -p
   password" of psexec. */
static void
login(struct leaf *l, size_t at)
{
	const uint8_t *p = l->orig;
	size_t off = at + 3, n, k;

	if (at + 5 > l->n || p[at] != '-' || (p[at + 1] | 0x20) != 'u' ||
	    p[at + 2] != ' ' || (at > 0 && p[at - 1] > ' '))
		return;
	for (n = 0; off + n < l->n && p[off + n] > ' ' &&
	    strchr("\"'", p[off + n]) == NULL; n++)
		continue;
	for (k = 0; k < n && p[off + k] != ':' && p[off + k] != '%'; k++)
		continue;
	if (k == n && l->n - off - n > 5 && memcmp(p + off + n, " -p ", 4) ==
	    0) {
		redact_value(l, off, n, SECRET_USER);
		off += n + 4;
		for (n = 0; off + n < l->n && p[off + n] > ' '; n++)
			continue;
		leaf_claim(l, off, n, SECRET_PASSWORD);
		return;
	}
	if (k == 0 || k + 1 >= n || p[off + k + 1] == '/' ||
	    p[off + k + 1] == '\\')
		return;
	redact_value(l, off, k, SECRET_USER);
	redact_value(l, off + k + 1, n - k - 1, SECRET_PASSWORD);
}

/* What the last words of a longer label say: "the BitLocker recovery key"; but
   "Manufacturer Full Name" is nobody's. */
static enum secret_kind
words_kind(const struct leaf *l, size_t start, size_t end)
{
	enum secret_kind kind = SECRET_COUNT;
	int words;

	for (words = 1; words < 4 && kind == SECRET_COUNT; words++) {
		if (start == 0 || l->orig[start - 1] != ' ')
			break;
		start--;
		while (start > 0 && (is_key_byte(l->orig[start - 1]) ||
		    l->orig[start - 1] == '\'') && end - start < 48)
			start--;
		kind = key_kind((const char *)l->orig + start, end - start);
	}
	return kind == SECRET_PASSWORD || starts(l->orig + start, end - start,
	    "user") || starts(l->orig + start, end - start, "computer") ||
	    starts(l->orig + start, end - start, "host") ? kind :
	    SECRET_COUNT;
}

void
redact_named(struct leaf *l)
{
	const uint8_t *p = l->orig;
	size_t i, end, start, off, n;
	enum secret_kind kind;

	for (i = 0; i < l->n; i = end + 1) {
		login(l, i);
		for (end = i; end < l->n && is_key_byte(p[end]); end++)
			continue;
		if (end == i || end == l->n)
			continue;
		kind = key_kind((const char *)p + i, end - i);
		if (kind == SECRET_COUNT)
			kind = option_kind(p + i, end - i);
		/* "Computer Name", "Device serial number": all of a line
		   before what separates. */
		for (start = i; kind == SECRET_COUNT && start > 0 &&
		    (is_key_byte(p[start - 1]) || p[start - 1] == ' ') &&
		    end - start < 48;)
			start--;
		while (start < i && (p[start] == ' ' || p[start] == '-'))
			start++;
		if (start < i && (start < 2 || strchr("\n \t|*-",
		    p[start - 1]) != NULL))
			kind = key_kind((const char *)p + start, end - start);
		if (kind == SECRET_COUNT)
			kind = words_kind(l, i, end);
		if (kind == SECRET_COUNT && end - i == 1 && i > 1 &&
		    starts(p + i - 2, 3, "S/N"))
			kind = SECRET_SERIAL;
		if (kind == SECRET_COUNT)
			continue;
		if (!value_find(l, end, i > 0 && p[i - 1] == '<', &off, &n)) {
			argument(l, i, end, kind);
			continue;
		}
		if (p[off - 1] != '"' && p[off - 1] != '\'')
			n = first_word(l, off, n, kind);
		value_decode(l, off, n, kind);
	}
}
