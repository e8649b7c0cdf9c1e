/*
 * Reads the MDM diagnostics report of Windows: MDMDiagReport.xml, and the
 * HTML page that goes with it; of both the build of Windows and what manages
 * the device.  Relies on libxml2's SAX2 without network, DTD or foreign
 * entities for XML, and on a scan for the places of its values.
 */
#include <libxml/parser.h>
#include <string.h>

#include "decode/parser.h"
#include "decode/tool_blocks.h"
#include "parsers/fields.h"

#define ROOT		"MDMEnterpriseDiagnosticsReport"
#define HEAD_BYTES	4096
#define DEPTH		64
#define AREAS		64	/* policy areas that are kept */
#define NAME_BYTES	64
#define VALUE_BYTES	256	/* longer ones are none of ours */
#define MISSES		8	/* values whose place was not found */
#define SERVERS		16

#define F(id, n, t, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(TOOL), .artifacts = 0, __VA_ARGS__ }

F(mdm_enrollments, "mdm.enrollments", INT, .help =
    "enrolments that the MDM report lists");
F(mdm_server, "mdm.server", TEXT, .repeated = true, .help =
    "MDMServerName of an enrolment");
F(mdm_policy_area, "mdm.policy_area", TEXT, .repeated = true, .help =
    "an area in which policies are set");

static const struct field *const fields[] = {
	&mdm_enrollments, &mdm_policy_area, &mdm_server, NULL
};

/* ---- XML ---- */

struct reader {
	struct evidence	*ev;
	struct blob	*blob;
	struct text	 text;
	struct item	*item;
	size_t		 at;		/* in text.p: elements before were had */
	char		 name[NAME_BYTES];	/* of the innermost element */
	char		 value[VALUE_BYTES];
	size_t		 nvalue;
	bool		 leaf;		/* no element began inside of it */
	unsigned int	 depth;
	size_t		 areas, servers, misses;
	int64_t		 enrollments;
	const char	*stop;		/* why reading ended early, or NULL */
};

static bool
is_build_name(const char *name)
{
	static const char *const names[] = {
		"OSBuild", "OSBuildNumber", "OsBuild", "OSVersion",
		"OsVersion", "SwV", "WindowsVersion", "BuildVersion"
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The value between <name ...> and </name>, from the last one on. */
static bool
place_find(struct reader *r, struct text_part *ret)
{
	const char *p = r->text.p;
	size_t n = strlen(r->name), at = r->at, end;
	const char *open, *tail;

	while (r->misses < MISSES && at < r->text.n &&
	    (open = memchr(p + at, '<', r->text.n - at)) != NULL) {
		at = (size_t)(open - p) + 1;
		if (r->text.n - at <= n || memcmp(p + at, r->name, n) != 0 ||
		    strchr(" \t\r\n>", p[at + n]) == NULL)
			continue;
		tail = memchr(p + at, '>', r->text.n - at);
		if (tail == NULL)
			break;
		at = (size_t)(tail - p) + 1;
		for (end = at; end < r->text.n && p[end] != '<'; end++)
			continue;
		while (at < end && strchr(" \t\r\n", p[at]) != NULL)
			at++;
		while (end > at && strchr(" \t\r\n", p[end - 1]) != NULL)
			end--;
		if (end - at != r->nvalue || memcmp(p + at, r->value,
		    r->nvalue) != 0)
			continue;	/* another, or one with entities */
		*ret = (struct text_part){ at, end - at };
		r->at = end;
		return true;
	}
	r->misses++;
	return false;
}

static void
value_fact(struct reader *r, const struct field *field)
{
	struct text_part at;

	if (place_find(r, &at))
		tool_fact(r->ev, r->item, &r->text, field, at);
}

static bool
area_seen(const struct reader *r)
{
	const struct fact *f;

	for (f = item_fact(r->item, &mdm_policy_area); f != NULL;
	    f = fact_next(f))
		if (f->value.n == r->nvalue && memcmp(f->value.p, r->value,
		    r->nvalue) == 0)
			return true;
	return false;
}

static void
element_value(struct reader *r)
{
	struct text_part at;
	int64_t build, revision;
	char *v = r->value;

	while (r->nvalue > 0 && strchr(" \t\r\n", v[r->nvalue - 1]) != NULL)
		r->nvalue--;
	if (r->nvalue == 0)
		return;
	if (is_build_name(r->name)) {
		if (tool_build(v, r->nvalue, &build, &revision) ==
		    r->nvalue && place_find(r, &at))
			tool_build_facts(r->ev, r->item, &r->text, at);
	} else if (strcmp(r->name, "MDMServerName") == 0) {
		if (r->servers++ < SERVERS)
			value_fact(r, &mdm_server);
	}
	else if (strcmp(r->name, "EnrollmentId") == 0 ||
	    strcmp(r->name, "EnrollmentID") == 0)
		r->enrollments++;
	else if (strcmp(r->name, "PolicyAreaName") == 0 && r->areas < AREAS &&
	    !area_seen(r)) {
		r->areas++;
		value_fact(r, &mdm_policy_area);
	}
}

static void
stop(struct reader *r, xmlParserCtxtPtr ctxt, const char *why)
{
	if (r->stop == NULL)
		r->stop = why;
	xmlStopParser(ctxt);
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int nns, const xmlChar **ns, int nattr, int ndef,
    const xmlChar **attr)
{
	xmlParserCtxtPtr ctxt = ctx;
	struct reader *r = ctxt->_private;

	(void)prefix;
	(void)uri;
	(void)nns;
	(void)ns;
	(void)nattr;
	(void)ndef;
	(void)attr;
	if (++r->depth > DEPTH) {
		stop(r, ctxt, "its elements stand too deep in each other");
		return;
	}
	strncpy(r->name, (const char *)name, NAME_BYTES - 1);
	r->nvalue = 0;
	r->leaf = true;
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct reader *r = ((xmlParserCtxtPtr)ctx)->_private;

	(void)name;
	(void)prefix;
	(void)uri;
	if (r->leaf && r->nvalue < VALUE_BYTES)
		element_value(r);
	r->leaf = false;
	r->depth--;
}

static void
on_text(void *ctx, const xmlChar *p, int n)
{
	struct reader *r = ((xmlParserCtxtPtr)ctx)->_private;
	size_t room = VALUE_BYTES - r->nvalue, len = (size_t)n;

	if (r->nvalue == 0)
		while (len > 0 && strchr(" \t\r\n", *p) != NULL && *p != 0) {
			p++;
			len--;
		}
	if (len > room)
		len = room;
	memcpy(r->value + r->nvalue, p, len);
	r->nvalue += len;
}

static void
on_dtd(void *ctx, const xmlChar *name, const xmlChar *external,
    const xmlChar *system)
{
	xmlParserCtxtPtr ctxt = ctx;

	(void)name;
	(void)external;
	(void)system;
	stop(ctxt->_private, ctxt, "it has a document type, which no such "
	    "report has");
}

static void
xml_read(struct reader *r)
{
	xmlSAXHandler sax = {
		.initialized = XML_SAX2_MAGIC, .startElementNs = on_start,
		.endElementNs = on_end, .characters = on_text,
		.cdataBlock = on_text, .internalSubset = on_dtd
	};
	struct span whole = blob_span(r->blob), root;
	xmlParserCtxtPtr ctxt;
	size_t at = text_find(r->text.p, r->text.n, "<" ROOT), from, n;
	int error = 0;

	if (at >= r->text.n)
		return;
	root = text_span(&r->text, at + 1, sizeof(ROOT) - 1);
	r->item = tool_item(r->ev, r->blob, "mdm-report", whole, root);
	ctxt = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	if (ctxt == NULL)
		return;
	ctxt->_private = r;
	/* The text is UTF-8 by now, whatever its first line says. */
	xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR |
	    XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC);
	for (from = 0; from < r->text.n && error == 0 && r->stop == NULL;
	    from += n) {
		n = r->text.n - from < 65536 ? r->text.n - from : 65536;
		error = xmlParseChunk(ctxt, r->text.p + from, (int)n,
		    from + n == r->text.n);
	}
	if (r->stop != NULL || error != 0)
		ev_damage(r->ev, whole, "the MDM report is read in part: %s",
		    r->stop != NULL ? r->stop : "its XML is cut or damaged");
	if (r->enrollments > 0)
		ev_derive(r->ev, r->item, &mdm_enrollments,
		    value_int(r->enrollments), root, NULL, 0, NULL);
	xmlFreeParserCtxt(ctxt);
}

/* ---- HTML ---- */

/* The next text of the page, from *at on, without tags and blanks. */
static struct text_part
page_text(const struct text *t, size_t *at)
{
	const char *p = t->p;
	size_t from, end;

	while (*at < t->n) {
		if (p[*at] == '<') {
			while (*at < t->n && p[*at] != '>')
				++*at;
			if (*at < t->n)
				++*at;
			continue;
		}
		for (from = *at; *at < t->n && p[*at] != '<'; ++*at)
			continue;
		end = *at;
		while (from < end && strchr(" \t\r\n", p[from]) != NULL)
			from++;
		while (end > from && strchr(" \t\r\n", p[end - 1]) != NULL)
			end--;
		if (end > from)
			return (struct text_part){ from, end - from };
	}
	return (struct text_part){ t->n, 0 };
}

/* "OS Build" in one cell, the build in the next. */
static void
html_read(struct reader *r)
{
	struct text_part label, value = { 0, 0 };
	const struct text *t = &r->text;
	size_t at = 0, from = text_find(t->p, t->n < HEAD_BYTES ? t->n :
	    HEAD_BYTES, "<");

	r->item = tool_item(r->ev, r->blob, "mdm-report", blob_span(r->blob),
	    text_span(t, from < t->n ? from : 0, from < t->n ? 1 : 0));
	do {
		label = value;
		value = page_text(t, &at);
		while (label.n > 0 && (t->p[label.off + label.n - 1] == ':' ||
		    t->p[label.off + label.n - 1] == ' '))
			label.n--;
		if (tool_key_is(t, label, "OS Build") ||
		    tool_key_is(t, label, "OS Version") ||
		    tool_key_is(t, label, "Build"))
			tool_build_facts(r->ev, r->item, t, value);
	} while (value.n > 0);
}

/* ---- the parser ---- */

static bool
named(const struct blob *b)
{
	return tool_named(b, "MDMDiagReport.html") ||
	    tool_named(b, "MDMDiagHtmlReport.html");
}

static bool
head_holds(const struct blob *b, const char *word)
{
	size_t n = b->n < HEAD_BYTES ? b->n : HEAD_BYTES, len = strlen(word);
	size_t i, j;

	if (memmem(b->p, n, word, len) != NULL)
		return true;
	for (i = 0; i + 2 * len <= n; i++) {
		for (j = 0; j < len && b->p[i + 2 * j] == (uint8_t)word[j] &&
		    (j == 0 || b->p[i + 2 * j - 1] == 0); j++)
			continue;
		if (j == len)
			return true;
	}
	return false;
}

static int
mdm_report_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	if (b->item->kind != ITEM_FILE || b->n == 0 || (b->hint != NULL &&
	    strncmp(b->hint, "text/vnd.aiktriage.", 19) == 0))
		return 0;
	if (head_holds(b, "<" ROOT) && text_bid(b) > 0)
		return 94;
	return named(b) && head_holds(b, "<") && text_bid(b) > 0 ? 94 : 0;
}

static void
mdm_report_read(struct evidence *ev, struct blob *b)
{
	struct reader r = { .ev = ev, .blob = b };

	ev_input_kind(ev, b, "mdm-report");
	if (!text_decode(ev, b, &r.text))
		return;
	if (named(b) && !head_holds(b, "<" ROOT))
		html_read(&r);
	else
		xml_read(&r);
}

const struct parser parser_mdm_report = {
	.name = "mdm_report", .bid = mdm_report_bid, .read = mdm_report_read,
	.fields = fields
};
