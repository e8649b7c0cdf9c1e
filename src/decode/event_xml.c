/*
 * Reads one <Event> element: its structure is libxml2's, without network, DTD
 * or entities; the bytes of a value are found beside it, in the text.
 * Relies on event.h.
 */
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#include "decode/event.h"

#define ATTRIBUTES	100	/* of one element: libxml2 needs n^2 time */
#define DEPTH		64

struct reader {
	struct evidence	*ev;
	const struct text *t;
	bool		 located;
	struct event	*event;
	xmlParserCtxtPtr ctxt;
	const char	*p;		/* of the element */
	size_t		 n;
	size_t		 off;		/* of p in t->p */
	size_t		 content;	/* where the open leaf's text begins */
	bool		 leaf;		/* no child was met in it */
	bool		 refused;	/* a DOCTYPE */
};

static void
add(const struct reader *r, const char *p, size_t n, size_t off, size_t len,
    bool same)
{
	struct span from = r->located ? text_span(r->t, r->off + off, len) :
	    SPAN_NONE;

	event_text(r->event, p, n, from, same ? event_unit(r->t) : PIECE_WHOLE);
}

/* The character of "&lt;", "&#10;", "&#xD;" at off: its length, or 0. */
static size_t
reference(const char *p, size_t n, char ret[5], size_t *ret_n)
{
	static const struct {
		const char	*name;
		char		 c;
	} names[] = {
		{ "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' },
		{ "&quot;", '"' }, { "&apos;", '\'' },
	};
	unsigned long c = 0;
	size_t i, digit;
	bool hex;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i].name) <= n &&
		    memcmp(p, names[i].name, strlen(names[i].name)) == 0) {
			ret[0] = names[i].c;
			*ret_n = 1;
			return strlen(names[i].name);
		}
	if (n < 4 || p[1] != '#')
		return 0;
	hex = p[2] == 'x';
	for (i = hex ? 3 : 2; i < n && i < 12 && p[i] != ';'; i++) {
		digit = p[i] >= '0' && p[i] <= '9' ? (size_t)(p[i] - '0') :
		    (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f' ?
		    (size_t)((p[i] | 32) - 'a' + 10) : 99;
		if (digit >= (hex ? 16u : 10u))
			return 0;
		c = c * (hex ? 16 : 10) + digit;
	}
	if (i == n || p[i] != ';' || c == 0 || c > 0x10ffff)
		return 0;
	*ret_n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	if (*ret_n == 1)
		ret[0] = (char)c;
	else {
		for (digit = *ret_n - 1; digit > 0; digit--, c >>= 6)
			ret[digit] = (char)(0x80 | (c & 0x3f));
		ret[0] = (char)((0xf00u >> *ret_n & 0xff) | c);
	}
	return i + 1;
}

/* Raw text as the value it means, piece by piece. */
static void
raw_text(const struct reader *r, size_t off, size_t end)
{
	const char *p = r->p, *stop;
	size_t from = off, n, len;
	char c[5];

	while (off < end) {
		n = 0;
		if (p[off] == '&')
			n = reference(p + off, end - off, c, &len);
		else if (end - off >= 9 && memcmp(p + off, "<![CDATA[", 9) ==
		    0 && (stop = memmem(p + off + 9, end - off - 9, "]]>", 3))
		    != NULL) {
			add(r, p + from, off - from, from, off - from, true);
			from = off + 9;
			len = (size_t)(stop - p) - from;
			add(r, p + from, len, from, len, true);
			off = from = from + len + 3;
			continue;
		} else if (end - off >= 4 && memcmp(p + off, "<!--", 4) == 0 &&
		    (stop = memmem(p + off, end - off, "-->", 3)) != NULL) {
			add(r, p + from, off - from, from, off - from, true);
			off = from = (size_t)(stop - p) + 3;
			continue;
		}
		if (n == 0) {
			off++;
			continue;
		}
		add(r, p + from, off - from, from, off - from, true);
		add(r, c, len, off, n, false);
		off = from = off + n;
	}
	add(r, p + from, end - from, from, end - from, true);
}

/* Names and values of a start tag, as they stand in it. */
static void
attributes_read(struct reader *r, size_t off, size_t end)
{
	const char *p = r->p, *quote;
	size_t name, n;

	while (off < end && strchr(" \t\r\n", p[off]) == NULL)
		off++;
	for (;;) {
		while (off < end && strchr(" \t\r\n/", p[off]) != NULL)
			off++;
		for (name = off; off < end && p[off] != '=' &&
		    strchr(" \t\r\n", p[off]) == NULL; off++)
			continue;
		n = off - name;
		while (off < end && p[off] != '"' && p[off] != '\'')
			off++;
		if (off >= end)
			return;
		quote = memchr(p + off + 1, p[off], end - off - 1);
		if (quote == NULL)
			return;
		event_attribute(r->event, p + name, n);
		raw_text(r, off + 1, (size_t)(quote - p));
		event_attribute_end(r->event);
		off = (size_t)(quote - p) + 1;
	}
}

static void
start_element(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int nns, const xmlChar **ns, int nattributes,
    int ndefaulted, const xmlChar **attributes)
{
	struct reader *r = ctx;
	long at = xmlByteConsumed(r->ctxt);
	const char *tag;

	(void)prefix;
	(void)uri;
	(void)nns;
	(void)ns;
	(void)nattributes;
	(void)ndefaulted;
	(void)attributes;
	if (at <= 0 || (size_t)at > r->n || r->event->depth == DEPTH) {
		r->refused = true;
		xmlStopParser(r->ctxt);
		return;
	}
	event_start(r->event, (const char *)name, strlen((const char *)name));
	/* No raw '<' may stand in an attribute's value. */
	tag = memrchr(r->p, '<', (size_t)at);
	if (tag != NULL)
		attributes_read(r, (size_t)(tag - r->p) + 1, (size_t)at);
	r->leaf = true;
	r->content = (size_t)at + 1;	/* after '>' */
}

static void
end_element(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct reader *r = ctx;
	long at = xmlByteConsumed(r->ctxt);
	const char *tag;
	size_t end;

	(void)name;
	(void)prefix;
	(void)uri;
	if (r->leaf && at > 0 && (size_t)at <= r->n) {
		tag = memrchr(r->p, '<', (size_t)at);
		end = tag == NULL ? 0 : (size_t)(tag - r->p);
		if (tag != NULL && r->content <= end && end + 1 < r->n &&
		    tag[1] == '/')
			raw_text(r, r->content, end);
	}
	r->leaf = false;
	event_end(r->event);
}

/* No genuine event has a DOCTYPE; entities live there. */
static void
internal_subset(void *ctx, const xmlChar *name, const xmlChar *public,
    const xmlChar *system)
{
	struct reader *r = ctx;

	(void)name;
	(void)public;
	(void)system;
	r->refused = true;
	xmlStopParser(r->ctxt);
}

static bool
too_many_attributes(const char *p, size_t n)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++) {
		if (p[i] == '<' || p[i] == '>')
			found = 0;
		else if (p[i] == '=' && i + 1 < n && (p[i + 1] == '"' ||
		    p[i + 1] == '\'') && ++found > ATTRIBUTES)
			return true;
	}
	return false;
}

const char *
event_xml_read(struct evidence *ev, const struct text *t, size_t off,
    size_t n, bool located, struct event *event)
{
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
	    .startElementNs = start_element, .endElementNs = end_element,
	    .internalSubset = internal_subset };
	struct reader r = { .ev = ev, .t = t, .located = located,
	    .event = event, .p = t->p + off, .n = n, .off = off };
	const char *why = NULL;
	xmlErrorPtr error;

	if (n > INT32_MAX)
		return "it is too long";
	if (too_many_attributes(r.p, n))
		return "it has an element of too many attributes";
	r.ctxt = xmlCreatePushParserCtxt(&sax, &r, NULL, 0, NULL);
	if (r.ctxt == NULL)
		return "libxml2 has no memory";
	xmlCtxtUseOptions(r.ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR |
	    XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC);
	xmlParseChunk(r.ctxt, r.p, (int)n, 1);
	error = xmlCtxtGetLastError(r.ctxt);
	if (r.refused)
		why = "it holds what no event has";
	else if (r.ctxt->wellFormed == 0)
		why = error != NULL && error->message != NULL ?
		    arena_printf(ev_arena(ev), "%.*s",
		    (int)strcspn(error->message, "\n"), error->message) :
		    "it is not well-formed";
	if (r.ctxt->myDoc != NULL)
		xmlFreeDoc(r.ctxt->myDoc);
	xmlFreeParserCtxt(r.ctxt);
	return why;
}
