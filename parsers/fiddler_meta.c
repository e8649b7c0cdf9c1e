/*
 * Reads a session's metadata as Fiddler writes it (raw/N_m.xml): ids, times
 * and flags.  It relies on libxml2's SAX2 without network, DTD or foreign
 * encodings; unknown elements are skipped.
 */
#include <libxml/parser.h>
#include <string.h>
#include <strings.h>

#include "decode/parser.h"
#include "decode/session_meta.h"
#include "evidence/text.h"
#include "parsers/fields.h"

#define FLAGS		1000	/* session flags that are kept */
#define ATTRIBUTES	500	/* of one element: libxml2 needs n^2 time */
#define TIMERS		64	/* of one session that are kept */
#define SENT_TO_GATEWAY	0x800

struct flag {
	const char	*name;
	struct value	 value;
	struct span	 at;
};

/* An attribute as libxml2 has it, with the place of its raw value. */
struct attribute {
	const char	*p;
	size_t		 n;
	struct span	 at;
};

struct meta {
	struct evidence	*ev;
	struct blob	*blob;
	struct item	*session;
	xmlParserCtxtPtr ctxt;
	const char	*p;		/* UTF-8 without BOM */
	size_t		 n;
	size_t		 skip;		/* bytes of the BOM */
	const struct text *text;	/* of UTF-16, else NULL */
	struct flag	*flags;
	size_t		 nflags, max_flags;
	size_t		 tag;		/* place of the element's '<' in p */
	size_t		 tag_end;
	bool		 doctype;
	bool		 brief;		/* only what every session shows */
	struct attribute bits;		/* BitFlags, kept for the end */
	bool		 decimal;	/* the writer uses no hexadecimal */
	bool		 forwarded;
	struct span	 forwarded_at;
};

static struct span
source_span(const struct meta *m, size_t off, size_t n)
{
	if (m->text != NULL)
		return text_span(m->text, off, n);
	return blob_part(m->blob, m->skip + off, n);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Finds name="value" in the tag; well-formed, as libxml2 has read it. */
static bool
find_value(const struct meta *m, const char *name, struct span *ret)
{
	size_t off = m->tag + 1, end = m->tag_end, at, n = strlen(name);
	const char *p = m->p, *quote;
	bool this;

	while (off < end && !is_blank(p[off]))
		off++;
	for (;;) {
		while (off < end && is_blank(p[off]))
			off++;
		for (at = off; off < end && p[off] != '=' && !is_blank(p[off]);)
			off++;
		this = off - at == n && memcmp(p + at, name, n) == 0;
		while (off < end && p[off] != '"' && p[off] != '\'')
			off++;
		if (off == end)
			return false;
		at = off + 1;
		quote = memchr(p + at, p[off], end - at);
		if (quote == NULL)
			return false;
		off = (size_t)(quote - p);
		if (this) {
			*ret = source_span(m, at, off - at);
			return true;
		}
		off++;
	}
}

static bool
find_attribute(const struct meta *m, int n, const xmlChar **attributes,
    const char *name, struct attribute *ret)
{
	const xmlChar **a;
	int i;

	for (i = 0; i < n; i++) {
		a = attributes + 5 * i;
		if (strcmp((const char *)a[0], name) != 0)
			continue;
		ret->p = (const char *)a[3];
		ret->n = (size_t)(a[4] - a[3]);
		return find_value(m, name, &ret->at);
	}
	return false;
}

/* ---- elements ---- */

static void
read_session(struct meta *m, int n, const xmlChar **attributes)
{
	struct attribute a;
	int64_t v;

	if (item_fact(m->session, &session_aborted) != NULL)
		return;
	if (find_attribute(m, n, attributes, "SID", &a) &&
	    meta_number(a.p, a.n, 10, &v))
		ev_fact(m->ev, m->session, &session_sid, value_int(v), a.at);
	if (find_attribute(m, n, attributes, "BitFlags", &a)) {
		m->bits = a;
		m->bits.p = arena_text(ev_arena(m->ev), a.p, a.n);
	}
	if (find_attribute(m, n, attributes, "Aborted", &a))
		ev_fact(m->ev, m->session, &session_aborted, value_bool(
		    a.n == 4 && strncasecmp(a.p, "true", 4) == 0), a.at);
	else
		ev_derive(m->ev, m->session, &session_aborted,
		    value_bool(false), source_span(m, m->tag, m->tag_end -
		    m->tag), NULL, 0, "no attribute Aborted");
}

/* "12", "12.5", "-1": milliseconds, rounded down; it is read if it is whole. */
static void
read_duration(struct meta *m, const char *name, const struct attribute *a)
{
	size_t i = a->n > 0 && a->p[0] == '-', digits = i;
	struct fact *f;
	int64_t v = 0;

	for (; i < a->n && a->p[i] >= '0' && a->p[i] <= '9' && i < 15; i++)
		v = 10 * v + (a->p[i] - '0');
	if (i == digits || (i < a->n && a->p[i] != '.' && a->p[i] != ','))
		return;
	f = ev_fact_keyed(m->ev, m->session, &session_ms, name,
	    value_int(a->p[0] == '-' ? -v : v), a->at);
	f->derived = i < a->n;
}

static bool
is_duration(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, "Time") == 0;
}

static void
read_timers(struct meta *m, int n, const xmlChar **attributes)
{
	static const struct timer {
		const char	*name;
		const struct field *field;
	} timers[] = {
		{ "ClientBeginRequest", &session_begin },
		{ "ClientDoneResponse", &session_end },
		{ NULL, NULL }
	};
	const struct timer *t;
	struct attribute a;
	const char *name;
	int64_t v;
	int i;

	for (t = timers; t->name != NULL; t++)
		if (find_attribute(m, n, attributes, t->name, &a) &&
		    meta_time(a.p, a.n, &v) &&
		    item_fact(m->session, t->field) == NULL)
			ev_fact(m->ev, m->session, t->field, value_time(v),
			    a.at);
	for (i = 0; i < n && i < TIMERS; i++) {
		name = (const char *)attributes[5 * i];
		if (!find_attribute(m, n, attributes, name, &a))
			continue;
		/* Fiddler writes no zone where a step did not happen. */
		if (a.n > 19 && strncmp(a.p, "0001-01-01T", 11) == 0 &&
		    memchr(a.p, '+', a.n) != NULL)
			m->decimal = true;
		if (m->brief)
			continue;
		if (is_duration(name))
			read_duration(m, name, &a);
		else if (meta_time(a.p, a.n, &v))
			ev_fact_keyed(m->ev, m->session, &session_time, name,
			    value_time(v), a.at);
	}
}

/*
 * Hexadecimal without a prefix; Fluxzy, which leaves its own marks, writes
 * decimal numbers, and always this one.
 */
static void
read_bits(struct meta *m)
{
	static const char fluxzy[] = "1121";
	const struct fact *f = NULL;
	int64_t v;

	if (m->bits.n == strlen(fluxzy) &&
	    memcmp(m->bits.p, fluxzy, m->bits.n) == 0)
		m->decimal = true;
	if (m->bits.n > 0 && meta_number(m->bits.p, m->bits.n,
	    m->decimal ? 10 : 16, &v))
		f = ev_fact(m->ev, m->session, &session_flags, value_int(v),
		    m->bits.at);
	if (f != NULL && (v & SENT_TO_GATEWAY) != 0)
		ev_derive(m->ev, m->session, &session_gateway,
		    value_bool(true), SPAN_NONE, &f, 1, NULL);
	else if (m->forwarded)
		ev_derive(m->ev, m->session, &session_gateway,
		    value_bool(true), m->forwarded_at, NULL, 0, NULL);
}

static void
read_pipe(struct meta *m, int n, const xmlChar **attributes)
{
	struct attribute a;

	if (find_attribute(m, n, attributes, "Forwarded", &a) && a.n == 4 &&
	    strncasecmp(a.p, "true", 4) == 0) {
		m->forwarded = true;
		m->forwarded_at = a.at;
	}
}

/* "35,588", "1 752" with any blank: digits in the groups of some language. */
static void
read_transfer(struct meta *m, const struct flag *flag)
{
	struct fact *f;
	int64_t v = 0;
	size_t i, n = 0;

	for (i = 0; i < flag->value.n && n < 15; i++)
		if (flag->value.p[i] >= '0' && flag->value.p[i] <= '9') {
			v = 10 * v + (flag->value.p[i] - '0');
			n++;
		}
	if (n == 0)
		return;
	f = ev_fact(m->ev, m->session, &session_transfer, value_int(v),
	    flag->at);
	f->derived = n < flag->value.n;
}

static void
add_flag(struct meta *m, const struct flag *flag)
{
	const struct field *field = session_flag_meaning(flag->name);

	if (!m->brief || strncasecmp(flag->name, "x-process", 9) == 0 ||
	    strncasecmp(flag->name, "x-hostip", 8) == 0)
		ev_fact_keyed(m->ev, m->session, &session_flag, flag->name,
		    flag->value, flag->at);
	if (field != NULL && (flag->value.n > 0 || field == &session_altered))
		ev_fact(m->ev, m->session, field, flag->value, flag->at);
	if (!m->brief && strcasecmp(flag->name,
	    "x-responsebodytransferlength") == 0)
		read_transfer(m, flag);
}

/* Kept until the end: of two flags with one name the last counts. */
static void
read_flag(struct meta *m, int n, const xmlChar **attributes)
{
	size_t max = (size_t)ev_limits(m->ev)->value_bytes, i;
	struct attribute name, value;
	struct flag *f;

	if (!find_attribute(m, n, attributes, "N", &name) ||
	    !find_attribute(m, n, attributes, "V", &value) || name.n == 0)
		return;
	for (i = 0; i < m->nflags; i++)
		if (strlen(m->flags[i].name) == name.n &&
		    strncasecmp(m->flags[i].name, name.p, name.n) == 0)
			break;
	if (i == m->max_flags)
		return;
	f = &m->flags[i];
	if (i == m->nflags) {
		f->name = arena_text(ev_arena(m->ev), name.p, name.n);
		m->nflags++;
	}
	if (value.n > max)
		value.n = value.at.len = max;
	f->value = value_text(arena_text(ev_arena(m->ev), value.p, value.n),
	    value.n);
	f->at = value.at;
}

static void
start_element(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int nns, const xmlChar **ns, int nattributes,
    int ndefaulted, const xmlChar **attributes)
{
	struct meta *m = ctx;
	long at = xmlByteConsumed(m->ctxt);
	const char *tag;

	(void)prefix;
	(void)uri;
	(void)nns;
	(void)ns;
	(void)ndefaulted;
	if (at <= 0 || (size_t)at > m->n)
		return;
	/* No raw '<' may stand in an attribute's value. */
	tag = memrchr(m->p, '<', (size_t)at);
	if (tag == NULL)
		return;
	m->tag = (size_t)(tag - m->p);
	m->tag_end = (size_t)at;
	if (strcmp((const char *)name, "Session") == 0)
		read_session(m, nattributes, attributes);
	else if (strcmp((const char *)name, "SessionTimers") == 0 ||
	    strcmp((const char *)name, "SessionMetrics") == 0)
		read_timers(m, nattributes, attributes);
	else if (strcmp((const char *)name, "PipeInfo") == 0)
		read_pipe(m, nattributes, attributes);
	else if (strcmp((const char *)name, "SessionFlag") == 0)
		read_flag(m, nattributes, attributes);
}

/* No genuine metadata has a DOCTYPE; entities live there. */
static void
internal_subset(void *ctx, const xmlChar *name, const xmlChar *public,
    const xmlChar *system)
{
	struct meta *m = ctx;

	(void)name;
	(void)public;
	(void)system;
	m->doctype = true;
	xmlStopParser(m->ctxt);
}

/* ---- the parser ---- */

/* libxml2 would have iconv load a module for a foreign encoding. */
static bool
encoding_good(const struct meta *m, struct span *ret)
{
	size_t n = m->n < 256 ? m->n : 256, len;
	const char *end = memmem(m->p, n, "?>", 2), *p, *quote;

	if (n < 5 || memcmp(m->p, "<?xml", 5) != 0 || end == NULL)
		return true;
	p = memmem(m->p, (size_t)(end - m->p), "encoding", 8);
	if (p == NULL)
		return true;
	for (p += 8; p < end && *p != '"' && *p != '\''; p++)
		continue;
	if (p == end)
		return true;
	quote = memchr(p + 1, *p, (size_t)(end - p) - 1);
	if (quote == NULL)
		return true;
	p++;
	len = (size_t)(quote - p);
	*ret = source_span(m, (size_t)(p - m->p), len);
	return (len == 5 && strncasecmp(p, "utf-8", 5) == 0) ||
	    (len == 4 && strncasecmp(p, "utf8", 4) == 0) ||
	    (len >= 6 && strncasecmp(p, "utf-16", 6) == 0) ||
	    (len == 8 && strncasecmp(p, "us-ascii", 8) == 0);
}

static bool
too_many_attributes(const struct meta *m)
{
	size_t i, n = 0;

	for (i = 0; i < m->n; i++) {
		if (m->p[i] == '<')
			n = 0;
		else if (m->p[i] == '=' && ++n > ATTRIBUTES)
			return true;
	}
	return false;
}

/* How many flags there may be at most. */
static size_t
count_flags(const struct meta *m)
{
	static const char tag[] = "<SessionFlag ";
	const char *p = m->p, *end = m->p + m->n;
	size_t n;

	for (n = 0; n < FLAGS; n++) {
		p = memmem(p, (size_t)(end - p), tag, sizeof(tag) - 1);
		if (p == NULL)
			break;
		p += sizeof(tag) - 1;
	}
	return n;
}

static void
parse(struct meta *m)
{
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
	    .startElementNs = start_element,
	    .internalSubset = internal_subset };
	xmlErrorPtr error;

	m->ctxt = xmlCreatePushParserCtxt(&sax, m, NULL, 0, NULL);
	if (m->ctxt == NULL)
		return;
	xmlCtxtUseOptions(m->ctxt, XML_PARSE_NONET | XML_PARSE_NOENT |
	    XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC);
	xmlParseChunk(m->ctxt, m->p, (int)m->n, 1);
	error = xmlCtxtGetLastError(m->ctxt);
	if (m->doctype)
		ev_damage(m->ev, blob_span(m->blob), "the metadata of session "
		    "%u has a DOCTYPE, which Fiddler never writes; it is not "
		    "read", m->session->number);
	else if (m->ctxt->wellFormed == 0)
		ev_damage(m->ev, blob_span(m->blob), "the metadata of session "
		    "%u ends being XML in line %d: %.*s", m->session->number,
		    error != NULL ? error->line : 0, error != NULL &&
		    error->message != NULL ? (int)strcspn(error->message,
		    "\n") : 0, error != NULL && error->message != NULL ?
		    error->message : "");
	if (m->ctxt->myDoc != NULL)
		xmlFreeDoc(m->ctxt->myDoc);
	xmlFreeParserCtxt(m->ctxt);
	m->ctxt = NULL;
}

static int
meta_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return blob_hint_is(b, HINT_FIDDLER_META) ? 95 : 0;
}

static void
meta_read(struct evidence *ev, struct blob *b)
{
	struct meta m = { .ev = ev, .blob = b,
	    .session = item_up(b->item, ITEM_SESSION),
	    .p = (const char *)b->p, .n = b->n,
	    .brief = strcmp(b->hint, HINT_FIDDLER_META) != 0 };
	struct span at = blob_span(b);
	struct text text;
	size_t i;

	if (m.session == NULL)
		return;
	if (b->n > ev_limits(ev)->meta_bytes || (b->full > b->n &&
	    b->n == ev_limits(ev)->meta_bytes)) {
		ev_limit(ev, at, "meta_bytes", "the metadata of session %u "
		    "has %zu bytes; it is not read", m.session->number,
		    b->full);
		return;
	}
	if (b->n >= 2 && (b->p[0] == 0 || b->p[1] == 0 || b->p[0] >= 0xfe)) {
		if (!text_decode(ev, b, &text))
			return;
		m.text = &text;
		m.p = text.p;
		m.n = text.n;
	} else if (b->n >= 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0) {
		m.skip = 3;
		m.p += 3;
		m.n -= 3;
	}
	if (m.n == 0)
		return;		/* nothing was recorded */
	if (!encoding_good(&m, &at)) {
		ev_damage(ev, at, "the metadata of session %u claims an "
		    "encoding that is not UTF-8 or UTF-16; it is not read",
		    m.session->number);
		return;
	}
	if (too_many_attributes(&m)) {
		ev_damage(ev, at, "the metadata of session %u has an element "
		    "of more than %d attributes; it is not read",
		    m.session->number, ATTRIBUTES);
		return;
	}
	m.max_flags = count_flags(&m);
	m.flags = arena_alloc(ev_arena(ev), m.max_flags * sizeof(*m.flags));
	parse(&m);
	if (m.max_flags == FLAGS)
		ev_problem(ev, PROBLEM_NOTED, at, "the metadata of session %u "
		    "has %d flags or more; the first are kept",
		    m.session->number, FLAGS);
	read_bits(&m);
	for (i = 0; i < m.nflags; i++)
		add_flag(&m, &m.flags[i]);
}

static const struct field *const meta_fields[] = {
	&session_sid, &session_flags, &session_aborted, &session_begin,
	&session_end, &session_flag, &session_process, &session_time,
	&session_ms, &session_gateway, &session_transfer,
	&session_aborted_when, &session_failed_when, &session_no_decrypt,
	&session_violation, &session_retried, &session_altered,
	&session_loaded_from, &session_comment, NULL
};

const struct parser parser_fiddler_meta = {
	.name = "fiddler-meta", .bid = meta_bid, .read = meta_read,
	.fields = meta_fields
};
