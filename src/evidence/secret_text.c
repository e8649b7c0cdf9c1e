/*
 * Finds what opens doors in text that a report is about to show: values
 * behind names of secrets, credentials behind their scheme, JSON web tokens,
 * passwords in URLs.  Too much rather than too little.
 * Relies on secret_names.c.
 */
#include <string.h>
#include <strings.h>

#include "evidence/secret.h"

#define TOKEN_MIN	16	/* letters behind "Bearer" that are no word */

static bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' &&
	    (c | 0x20) <= 'z');
}

static bool
is_base64(uint8_t c)
{
	return is_alnum(c) || (c != 0 && strchr("+/-_.=~:", c) != NULL);
}

static bool
starts(const uint8_t *p, size_t n, const char *word)
{
	size_t k = strlen(word);

	return n >= k && strncasecmp((const char *)p, word, k) == 0;
}

static bool
opens(enum secret_kind kind)
{
	return kind == SECRET_COOKIE || kind == SECRET_AUTHORIZATION ||
	    kind == SECRET_TOKEN || kind == SECRET_PASSWORD ||
	    kind == SECRET_PRIVATE_KEY;
}

bool
secret_header(const char *name)
{
	return opens(header_kind(name, strlen(name)));
}

/* The credentials at p: behind a scheme, or a JSON web token. */
static size_t
credential(const uint8_t *p, size_t n, size_t *ret_skip)
{
	static const char *const schemes[] = {
		"Bearer ", "Basic ", "Negotiate ", "NTLM ", "SharedKey ",
		"SharedKeyLite ", "SharedAccessSignature ", NULL
	};
	size_t i, k, len = 0;

	*ret_skip = 0;
	if (n > 3 && memcmp(p, "eyJ", 3) == 0) {
		while (len < n && is_base64(p[len]))
			len++;
		return len >= TOKEN_MIN && memchr(p, '.', len) != NULL ? len :
		    0;
	}
	for (i = 0; schemes[i] != NULL; i++) {
		k = strlen(schemes[i]);
		if (!starts(p, n, schemes[i]))
			continue;
		while (k + len < n && is_base64(p[k + len]))
			len++;
		*ret_skip = k;
		return len >= TOKEN_MIN || (len >= 8 && memchr(p + k, '=',
		    len) != NULL) ? len : 0;
	}
	return 0;
}

/* "://user:password@": the password's length, and where it begins. */
static size_t
url_password(const uint8_t *p, size_t n, size_t *ret_skip)
{
	size_t i, colon = 0;

	for (i = 3; i < n && p[i] > ' ' && strchr("/?#\"'<>", p[i]) == NULL;
	    i++) {
		if (p[i] == ':' && colon == 0)
			colon = i;
		if (p[i] == '@' && colon > 0) {
			*ret_skip = colon + 1;
			return i - colon - 1;
		}
	}
	return 0;
}

/* The value behind a name of len bytes at p; 0: there is none. */
static size_t
value(const uint8_t *p, size_t n, size_t len, size_t *ret_skip)
{
	size_t at = len, start;
	uint8_t quote = 0, sep;

	while (at < n && (p[at] == '"' || p[at] == '\'' || p[at] == '\\'))
		at++;
	while (at < n && (p[at] == ' ' || p[at] == '\t'))
		at++;
	if (at == n || (p[at] != ':' && p[at] != '=' && p[at] != '>'))
		return 0;
	sep = p[at++];
	while (at < n && (p[at] == ' ' || p[at] == '\t' || p[at] == '\\'))
		at++;
	if (at < n && (p[at] == '"' || p[at] == '\''))
		quote = p[at++];
	start = at;
	while (at < n && p[at] != '\r' && p[at] != '\n' && p[at] != 0 &&
	    (quote != 0 ? p[at] != quote : sep == '>' ? p[at] != '<' :
	    sep == ':' ? p[at] != '"' : strchr("&; \"'<>", p[at]) == NULL))
		at++;
	*ret_skip = start;
	return at - start;
}

bool
secret_mark(const uint8_t *p, size_t n, bool *hidden)
{
	size_t i, len, skip;
	bool any = false;

	for (i = 0; i < n; i++) {
		if (p[i] == ':' && starts(p + i, n - i, "://")) {
			len = url_password(p + i, n - i, &skip);
		} else if (is_alnum(p[i]) && (i == 0 || (!is_alnum(p[i - 1]) &&
		    p[i - 1] != '-' && p[i - 1] != '_'))) {
			len = credential(p + i, n - i, &skip);
			if (len == 0) {
				for (len = 0; i + len < n && (is_alnum(p[i +
				    len]) || p[i + len] == '-' ||
				    p[i + len] == '_'); len++)
					continue;
				len = opens(header_kind((const char *)p + i,
				    len)) ? value(p + i, n - i, len, &skip) :
				    0;
			}
		} else
			continue;
		if (len > 0) {
			memset(hidden + i + skip, true, len);
			any = true;
		}
	}
	return any;
}

const char *
secret_hide(struct arena *arena, const char *p, size_t n)
{
	bool *hidden = arena_alloc(arena, n + 1);
	char *text;
	size_t i;

	if (!secret_mark((const uint8_t *)p, n, hidden))
		return p;
	text = arena_text(arena, p, n);
	for (i = 0; i < n; i++)
		if (hidden[i])
			text[i] = '*';
	return text;
}
