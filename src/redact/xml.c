/*
 * XML and HTML: texts between tags and values of attributes, each with its
 * name; markup itself stays.  Tags that do not close are no hindrance.
 * Relies on text.c.
 */
#include <string.h>
#include <strings.h>

#include "redact/internal.h"

struct name {
	size_t		 off, n;
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
starts(const struct leaf *l, size_t at, const char *word)
{
	size_t n = strlen(word);

	return at <= l->n && l->n - at >= n &&
	    memcmp(l->orig + at, word, n) == 0;
}

static size_t
find(const struct leaf *l, size_t at, const char *word)
{
	size_t n = strlen(word);

	for (; at + n <= l->n; at++)
		if (memcmp(l->orig + at, word, n) == 0)
			return at;
	return l->n;
}

static void
text(struct leaf *l, size_t off, size_t n, struct name key, bool plain)
{
	struct place place = *l->place;
	struct view v;

	while (n > 0 && is_blank(l->orig[off])) {
		off++;
		n--;
	}
	while (n > 0 && is_blank(l->orig[off + n - 1]))
		n--;
	if (n == 0)
		return;
	/* A view of what has no entity gives the bytes themselves. */
	if (!view_open(&v, l, off, n, plain ? VIEW_PLAIN : VIEW_XML,
	    0))
		return;
	place.depth++;
	v.leaf.place = &place;
	redact_text(&v.leaf, key.n > 0 ? (const char *)l->orig + key.off :
	    NULL, key.n);
	v.leaf.place = l->place;
	view_close(&v);
}

/* Without "m:" before it. */
static struct name
local(const struct leaf *l, size_t off, size_t end)
{
	size_t i;

	for (i = off; i < end; i++)
		if (l->orig[i] == ':')
			off = i + 1;
	return (struct name){ off, end - off };
}

static bool
is(const struct leaf *l, struct name a, const char *word)
{
	return a.n == strlen(word) && strncasecmp((const char *)l->orig +
	    a.off, word, a.n) == 0;
}

/* The attributes of a tag; the one that names what the element holds. */
static struct name
attributes(struct leaf *l, size_t at, size_t end, struct name element)
{
	struct name said = { 0, 0 }, name;
	size_t start, stop;
	uint8_t quote;

	while (at < end) {
		while (at < end && (is_blank(l->orig[at]) ||
		    l->orig[at] == '/'))
			at++;
		for (start = at; at < end && l->orig[at] != '=' &&
		    !is_blank(l->orig[at]); at++)
			continue;
		name = local(l, start, at);
		while (at < end && is_blank(l->orig[at]))
			at++;
		if (at == end || l->orig[at] != '=') {
			if (at == start)
				at++;
			continue;
		}
		for (at++; at < end && is_blank(l->orig[at]);)
			at++;
		if (at == end)
			break;
		quote = l->orig[at];
		if (quote == '"' || quote == '\'') {
			for (stop = ++at; stop < end &&
			    l->orig[stop] != quote; stop++)
				continue;
		} else
			for (stop = at; stop < end &&
			    !is_blank(l->orig[stop]); stop++)
				continue;
		/* <SessionFlag N="x" V="y">, <Data Name="x">y</Data> */
		if (is(l, name, "name") || is(l, name, "n") ||
		    is(l, name, "key"))
			said = (struct name){ at, stop - at };
		else if ((is(l, name, "value") || is(l, name, "v")) &&
		    said.n > 0)
			text(l, at, stop - at, said, false);
		else
			text(l, at, stop - at, name, false);
		at = stop + 1;
	}
	return said.n > 0 ? said : element;
}

/* Tags wherever they stand. */
void
redact_tags(struct leaf *l)
{
	struct name key = { 0, 0 }, said = { 0, 0 }, cell = { 0, 0 }, of;
	size_t at, start, end, i;
	uint8_t quote;

	for (at = 0; at < l->n; at = end) {
		for (start = at; at < l->n && l->orig[at] != '<'; at++)
			continue;
		/* <Name>x</Name><Value>y</Value> */
		if (is(l, key, "name") && at > start)
			said = (struct name){ start, at - start };
		of = is(l, key, "value") && said.n > 0 ? said : key;
		/* <td>Name</td><td>x</td> */
		if (is(l, key, "td") || is(l, key, "th") || is(l, key, "dt") ||
		    is(l, key, "dd")) {
			of = cell;
			cell = (struct name){ start, at - start };
		}
		text(l, start, at - start, of, false);
		if (at == l->n)
			break;
		if (starts(l, at, "<!--")) {
			end = find(l, at, "-->");
			text(l, at + 4, end > at + 4 ? end - at - 4 : 0,
			    (struct name){ 0, 0 }, true);
			end = end < l->n ? end + 3 : end;
			continue;
		}
		if (starts(l, at, "<![CDATA[")) {
			end = find(l, at, "]]>");
			text(l, at + 9, end > at + 9 ? end - at - 9 : 0, key,
			    true);
			end = end < l->n ? end + 3 : end;
			continue;
		}
		for (i = at + 1, quote = 0; i < l->n && (quote != 0 ||
		    l->orig[i] != '>'); i++)
			if (quote != 0 && l->orig[i] == quote)
				quote = 0;
			else if (quote == 0 && (l->orig[i] == '"' ||
			    l->orig[i] == '\'') && l->orig[i - 1] == '=')
				quote = l->orig[i];
		end = i < l->n ? i + 1 : i;
		if (l->orig[at + 1 < l->n ? at + 1 : at] == '/') {
			key.n = 0;
			continue;
		}
		for (start = ++at; at < i && !is_blank(l->orig[at]) &&
		    l->orig[at] != '/'; at++)
			continue;
		key = local(l, start, at);
		key = attributes(l, at, i, key);
	}
}

bool
redact_xml(struct leaf *l)
{
	size_t at = starts(l, 0, "\xef\xbb\xbf") ? 3 : 0;

	while (at < l->n && is_blank(l->orig[at]))
		at++;
	if (at + 3 > l->n || l->orig[at] != '<' || find(l, at, ">") == l->n ||
	    !(l->orig[at + 1] == '?' || l->orig[at + 1] == '!' ||
	    ((l->orig[at + 1] | 0x20) >= 'a' &&
	    (l->orig[at + 1] | 0x20) <= 'z')))
		return false;
	redact_tags(l);
	return true;
}
