/*
 * JSON: each string is text of its own, with the name of its member.  Only
 * what is JSON from end to end is taken as such.
 * Relies on text.c.
 */
#include <stdlib.h>
#include <string.h>

#include "redact/internal.h"

#define DEPTH_MAX	64

struct scan {
	struct leaf	*l;
	size_t		 at;
	bool		 act;		/* else only: is it JSON? */
};

static bool	value(struct scan *, size_t, size_t, unsigned int);

static void
blanks(struct scan *s)
{
	while (s->at < s->l->n && strchr(" \t\r\n", s->l->orig[s->at]) !=
	    NULL && s->l->orig[s->at] != '\0')
		s->at++;
}

static bool
take(struct scan *s, char c)
{
	blanks(s);
	if (s->at == s->l->n || s->l->orig[s->at] != (uint8_t)c)
		return false;
	s->at++;
	return true;
}

static bool
string(struct scan *s, size_t *ret_off, size_t *ret_n)
{
	if (!take(s, '"'))
		return false;
	*ret_off = s->at;
	while (s->at < s->l->n && s->l->orig[s->at] != '"')
		s->at += s->l->orig[s->at] == '\\' ? 2 : 1;
	if (s->at >= s->l->n)
		return false;
	*ret_n = s->at++ - *ret_off;
	return true;
}

/* A member "name" beside "value", as HAR writes headers and parameters. */
static void
text(struct scan *s, size_t off, size_t n, size_t key, size_t key_n)
{
	struct place place = *s->l->place;
	const char *name = (const char *)s->l->orig + key;
	struct view v;

	if (!s->act || n == 0 || !view_open(&v, s->l, off, n, VIEW_JSON, 0))
		return;
	place.depth++;
	v.leaf.place = &place;
	if (header_kind(name, key_n) != SECRET_COUNT &&
	    key_kind(name, key_n) == SECRET_COUNT)
		redact_value(&v.leaf, 0, v.leaf.n, header_kind(name, key_n));
	redact_text(&v.leaf, name, key_n);
	v.leaf.place = s->l->place;
	view_close(&v);
}

static bool
is(const struct scan *s, size_t off, size_t n, const char *word)
{
	return n == strlen(word) && memcmp(s->l->orig + off, word, n) == 0;
}

static bool
object(struct scan *s, unsigned int depth)
{
	size_t key, key_n, name = 0, name_n = 0, at, k, n;

	if (take(s, '}'))
		return true;
	do {
		if (!string(s, &key, &key_n) || !take(s, ':'))
			return false;
		blanks(s);
		at = s->at;
		if (name_n > 0 && is(s, key, key_n, "value")) {
			key = name;
			key_n = name_n;
		}
		if (!value(s, key, key_n, depth + 1))
			return false;
		if ((is(s, key, key_n, "name") || is(s, key, key_n, "Name")) &&
		    s->l->orig[at] == '"') {
			k = s->at;
			s->at = at;
			(void)string(s, &name, &n);
			name_n = n;
			s->at = k;
		}
	} while (take(s, ','));
	return take(s, '}');
}

static bool
value(struct scan *s, size_t key, size_t key_n, unsigned int depth)
{
	size_t off, n;
	enum secret_kind kind;

	blanks(s);
	if (depth > DEPTH_MAX || s->at == s->l->n)
		return false;
	switch (s->l->orig[s->at]) {
	case '{':
		s->at++;
		return object(s, depth);
	case '[':
		s->at++;
		if (take(s, ']'))
			return true;
		do
			if (!value(s, key, key_n, depth + 1))
				return false;
		while (take(s, ','));
		return take(s, ']');
	case '"':
		if (!string(s, &off, &n))
			return false;
		text(s, off, n, key, key_n);
		return true;
	default:
		for (off = s->at; s->at < s->l->n && strchr(
		    "+-.0123456789abcdefghijklmnopqrstuvwxyzE",
		    s->l->orig[s->at]) != NULL; s->at++)
			continue;
		n = s->at - off;
		kind = key_kind((const char *)s->l->orig + key, key_n);
		if (s->act && n > 3 && s->l->orig[off] >= '0' &&
		    s->l->orig[off] <= '9' && kind != SECRET_COUNT)
			redact_value(s->l, off, n, kind);
		return n > 0;
	}
}

bool
redact_json(struct leaf *l)
{
	struct scan s = { .l = l };
	size_t start = 0;

	if (l->n >= 3 && memcmp(l->orig, "\xef\xbb\xbf", 3) == 0)
		start = 3;
	s.at = start;
	blanks(&s);
	if (s.at == l->n || (l->orig[s.at] != '{' && l->orig[s.at] != '['))
		return false;
	if (!value(&s, 0, 0, 0))
		return false;
	blanks(&s);
	if (s.at != l->n)
		return false;
	s.at = start;
	s.act = true;
	return value(&s, 0, 0, 0);
}
