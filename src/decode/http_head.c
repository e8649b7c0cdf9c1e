/*
 * Reads the start line and the header fields of an HTTP/1 message and keeps
 * the place of every part; what captures write in other forms is accepted.
 * Relies on evidence.h alone.  RFC 9112, sections 2 to 5; RFC 3986.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "decode/http_head.h"
#include "decode/parser.h"

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool
starts(const struct blob *b, struct span s, const char *text)
{
	size_t n = strlen(text);

	return s.len >= n && memcmp(b->p + s.off, text, n) == 0;
}

static struct span
trim(const struct blob *b, struct span s)
{
	while (s.len > 0 && is_blank(b->p[s.off])) {
		s.off++;
		s.len--;
	}
	while (s.len > 0 && is_blank(b->p[s.off + s.len - 1]))
		s.len--;
	return s;
}

struct lines {
	const struct blob *blob;
	size_t		 off;		/* of the next line */
	size_t		 end;		/* where reading stops */
	bool		 bare_lf;
};

/* A line without its end; false where no line end is left. */
static bool
lines_next(struct lines *l, struct span *ret)
{
	const uint8_t *p = l->blob->p + l->off, *nl;
	size_t n;

	*ret = (struct span){ l->blob->id, l->off, 0 };
	if (l->off >= l->end)
		return false;
	nl = memchr(p, '\n', l->end - l->off);
	if (nl == NULL) {
		ret->len = l->end - l->off;
		l->off = l->end;
		return false;
	}
	n = (size_t)(nl - p);
	l->off += n + 1;
	if (n > 0 && p[n - 1] == '\r')
		n--;
	else
		l->bare_lf = true;
	ret->len = n;
	return true;
}

/* The first word of a span; the span moves behind it and the blanks. */
static struct span
take_word(const struct blob *b, struct span *s)
{
	struct span word = *s;

	for (word.len = 0; word.len < s->len; word.len++)
		if (is_blank(b->p[s->off + word.len]))
			break;
	s->off += word.len;
	s->len -= word.len;
	*s = trim(b, *s);
	return word;
}

static bool
three_digits(const struct blob *b, struct span at, int *ret)
{
	size_t i;

	*ret = 0;
	for (i = 0; i < at.len && i < 3; i++) {
		if (b->p[at.off + i] < '0' || b->p[at.off + i] > '9')
			return false;
		*ret = 10 * *ret + (b->p[at.off + i] - '0');
	}
	return at.len == 3;
}

static bool
parse_status_line(const struct blob *b, struct span line, struct http_head *h)
{
	struct span word;

	if (!starts(b, line, "HTTP/"))
		return false;
	line = trim(b, line);
	h->version = take_word(b, &line);
	word = take_word(b, &line);
	h->reason = line;
	if (three_digits(b, word, &h->status))
		h->status_at = word;
	else
		h->status = 0;
	return true;
}

/* sure: the capture says that it is a request, whatever the line is. */
static bool
parse_request_line(const struct blob *b, struct span line, bool sure,
    struct http_head *h)
{
	struct span rest = trim(b, line), word;
	size_t i;

	for (i = 0; i < line.len; i++)
		if (b->p[line.off + i] < 0x20 && b->p[line.off + i] != '\t')
			return false;
	h->method = take_word(b, &rest);
	h->target = rest;
	for (i = rest.len; i > 0 && !is_blank(b->p[rest.off + i - 1]); i--)
		continue;
	word = (struct span){ b->id, rest.off + i, rest.len - i };
	if (starts(b, word, "HTTP/")) {
		h->version = word;
		rest.len = i;
		h->target = trim(b, rest);
	} else if (!sure)
		return false;
	if (sure)
		return h->method.len > 0;
	for (i = 0; i < h->method.len; i++)
		if (b->p[h->method.off + i] < 'A' ||
		    b->p[h->method.off + i] > 'Z')
			return false;
	return h->method.len > 0 && h->target.len > 0;
}

/* Splits a field line at its colon; HTTP/2 names start with one. */
static bool
parse_field(const struct blob *b, struct span line, struct http_field *f)
{
	const uint8_t *colon;
	size_t skip = line.len > 0 && b->p[line.off] == ':';

	if (line.len <= skip)
		return false;
	colon = memchr(b->p + line.off + skip, ':', line.len - skip);
	if (colon == NULL)
		return false;
	f->name = line;
	f->name.len = (size_t)(colon - b->p) - line.off;
	f->name = trim(b, f->name);
	f->value = line;
	f->value.off = (size_t)(colon - b->p) + 1;
	f->value.len = line.off + line.len - f->value.off;
	f->value = trim(b, f->value);
	return f->name.len > 0;
}

static void
parse_fields(struct evidence *ev, const struct blob *b, struct lines *l,
    struct http_head *h)
{
	const struct limits *lim = ev_limits(ev);
	struct http_field f, *last = NULL, *more;
	struct lines ahead = *l;
	struct span line = SPAN_NONE;
	size_t n = 0;

	while (n <= lim->headers && lines_next(&ahead, &line) && line.len > 0)
		n++;
	n += line.len > 0;		/* one that the end cut short */
	if (n > lim->headers) {
		n = (size_t)lim->headers;
		h->limited = true;
	}
	h->fields = arena_alloc(ev_arena(ev), (n + 1) * sizeof(*h->fields));
	for (;;) {
		h->body = l->off;
		if (!lines_next(l, &line) && line.len == 0)
			return;
		if (line.len == 0) {
			h->complete = true;
			h->body = l->off;
			return;
		}
		if (line.len > lim->header_line_bytes) {
			h->limited = true;
			return;
		}
		more = last;
		last = NULL;
		if (is_blank(b->p[line.off])) {
			/* A folded line goes on with the one before. */
			if (more == NULL)
				continue;
			h->folded = true;
			line = trim(b, line);
			if (line.len > 0)
				more->value.len = line.off + line.len -
				    more->value.off;
			last = more;
		} else if (h->nfields < n && parse_field(b, line, &f)) {
			last = &h->fields[h->nfields++];
			*last = f;
		}
		h->body = l->off;
	}
}

/*
 * HTTP/2 has no start line: what it says stands in fields whose names begin
 * with a colon.  false: these are none.
 */
static bool
parse_pseudo(const struct blob *b, struct http_head *h)
{
	const struct http_field *method = http_head_field(b, h, ":method"),
	    *path = http_head_field(b, h, ":path"),
	    *status = http_head_field(b, h, ":status");

	if (method != NULL) {
		h->request = true;
		h->method = method->value;
		h->target = path != NULL ? path->value : method->value;
		if (path == NULL)
			h->target.len = 0;
		return method->value.len > 0;
	}
	if (status != NULL && three_digits(b, status->value, &h->status))
		h->status_at = status->value;
	return status != NULL;
}

bool
http_head_parse(struct evidence *ev, const struct blob *b,
    struct http_head *h)
{
	const struct limits *lim = ev_limits(ev);
	bool request = blob_hint_is(b, "message/http") &&
	    strcasecmp(b->hint, HINT_REQUEST) == 0;
	struct lines l = { .blob = b, .end = b->n };
	struct span line;
	bool whole;

	*h = (struct http_head){ .status_at = SPAN_NONE };
	h->method = h->target = h->version = h->reason = SPAN_NONE;
	if (l.end > lim->head_bytes)
		l.end = (size_t)lim->head_bytes;
	/* An empty line before a message is skipped (RFC 9112, 2.2). */
	do
		whole = lines_next(&l, &line);
	while (whole && line.len == 0 && l.off < 8);
	if (line.len == 0)
		return false;
	if (line.len > lim->header_line_bytes) {
		line.len = (size_t)lim->header_line_bytes;
		h->limited = true;
		whole = false;
	}
	if (blob_hint_is(b, "message/http") && b->p[line.off] == ':') {
		l.off = line.off;
		parse_fields(ev, b, &l, h);
		h->bare_lf = l.bare_lf;
		return parse_pseudo(b, h);
	}
	if (!request && parse_status_line(b, line, h))
		;
	else if (b->hint != NULL && strcasecmp(b->hint, HINT_RESPONSE) == 0)
		return false;
	else if (parse_request_line(b, line, request, h))
		h->request = true;
	else
		return false;
	h->body = l.off;
	if (whole)
		parse_fields(ev, b, &l, h);
	h->bare_lf = l.bare_lf;
	if (!h->complete && l.end < b->n && l.off >= l.end)
		h->limited = true;
	return true;
}

void
http_trailer_parse(struct evidence *ev, const struct blob *b, struct span at,
    struct http_head *h)
{
	const struct limits *lim = ev_limits(ev);
	struct lines l = { .blob = b, .off = at.off, .end = at.off + at.len };

	*h = (struct http_head){ .status_at = SPAN_NONE };
	h->method = h->target = h->version = h->reason = SPAN_NONE;
	if (at.len > lim->head_bytes)
		l.end = at.off + (size_t)lim->head_bytes;
	parse_fields(ev, b, &l, h);
}

const struct http_field *
http_head_field(const struct blob *b, const struct http_head *h,
    const char *name)
{
	size_t i, n = strlen(name);

	for (i = 0; i < h->nfields; i++)
		if (h->fields[i].name.len == n && strncasecmp(
		    (const char *)b->p + h->fields[i].name.off, name, n) == 0)
			return &h->fields[i];
	return NULL;
}

bool
http_date_parse(const struct blob *b, struct span at, int64_t *ret)
{
	return http_date_read((const char *)b->p + at.off, at.len, ret);
}

/* IMF-fixdate, RFC 850's and asctime's form (RFC 9110, 5.6.7). */
bool
http_date_read(const char *date, size_t n, int64_t *ret)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int d, y, h, min, s, end = 0;
	char text[40], mon[4];
	const char *p;

	if (n >= sizeof(text))
		return false;
	memcpy(text, date, n);
	text[n] = '\0';
	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
	    &d, mon, &y, &h, &min, &s, &end) == 6 && end > 0)
		;
	else if (sscanf(text, "%*[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d "
	    "GMT%n", &d, mon, &y, &h, &min, &s, &end) == 6 && end > 0)
		y += y < 70 ? 2000 : 1900;
	else if (sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n",
	    mon, &d, &h, &min, &s, &y, &end) != 6 || end == 0)
		return false;
	p = strlen(mon) == 3 ? strstr(months, mon) : NULL;
	if (p == NULL || (p - months) % 3 != 0 || d < 1 || d > 31 || h < 0 ||
	    h > 23 || min < 0 || min > 59 || s < 0 || s > 60 || y < 1)
		return false;
	*ret = time_make(y, (int)(p - months) / 3 + 1, d, h, min, s);
	return true;
}

/* ---- the request's target ---- */

static size_t
find(const struct blob *b, struct span s, const char *set)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (b->p[s.off + i] != '\0' &&
		    strchr(set, b->p[s.off + i]) != NULL)
			break;
	return i;
}

static struct span
from(struct span s, size_t n)
{
	s.off += n;
	s.len -= n;
	return s;
}

/* [user@]host[:port]; the host is kept in lower case. */
static void
parse_authority(struct evidence *ev, const struct blob *b, struct span s,
    struct http_target *t)
{
	const uint8_t *at = memrchr(b->p + s.off, '@', s.len);
	struct span host;
	size_t i;
	char *to;

	if (at != NULL)
		s = from(s, (size_t)(at - b->p) + 1 - s.off);
	host = s;
	host.len = find(b, s, ":");
	if (s.len > 0 && b->p[s.off] == '[') {
		/* An IPv6 address has colons of its own. */
		i = find(b, s, "]");
		host.len = i < s.len ? i + 1 : s.len;
	}
	s = from(s, host.len);
	if (s.len > 1 && b->p[s.off] == ':')
		for (i = 1; i < s.len && i < 6; i++) {
			if (b->p[s.off + i] < '0' || b->p[s.off + i] > '9')
				break;
			t->port = 10 * t->port + (b->p[s.off + i] - '0');
		}
	t->host_at = host;
	t->host = to = arena_text(ev_arena(ev), (const char *)b->p + host.off,
	    host.len);
	for (; *to != '\0'; to++)
		if (*to >= 'A' && *to <= 'Z')
			*to += 'a' - 'A';
}

static void
parse_operation(struct evidence *ev, const struct blob *b,
    struct http_target *t)
{
	static const char name[] = "operation=";
	struct span s = from(t->path_at, find(b, t->path_at, "?"));

	while (s.len > 0) {
		s = from(s, 1);		/* the ? or & */
		if (s.len >= sizeof(name) - 1 && strncasecmp((const char *)
		    b->p + s.off, name, sizeof(name) - 1) == 0) {
			s = from(s, sizeof(name) - 1);
			s.len = find(b, s, "&#");
			t->operation = arena_text(ev_arena(ev),
			    (const char *)b->p + s.off, s.len);
			t->operation_at = s;
			return;
		}
		s = from(s, find(b, s, "&#"));
		if (s.len > 0 && b->p[s.off] == '#')
			return;
	}
}

bool
http_target_parse(struct evidence *ev, const struct blob *b,
    const struct http_head *h, struct http_target *t)
{
	static const char connect[] = "CONNECT";
	const struct http_field *f;
	struct span s = h->target, authority;
	size_t n;

	*t = (struct http_target){ .host = "", .path = "" };
	t->host_at = t->path_at = t->operation_at = SPAN_NONE;
	if (!h->request || s.blob == BLOB_NONE)
		return false;
	t->path_at = s;
	n = find(b, s, ":/?#");
	if (h->method.len == sizeof(connect) - 1 &&
	    memcmp(b->p + h->method.off, connect, h->method.len) == 0 &&
	    memmem(b->p + s.off, s.len, "://", 3) == NULL) {
		f = http_head_field(b, h, ":authority");
		parse_authority(ev, b, s.len == 0 && f != NULL ? f->value : s,
		    t);
		t->path_at = from(s, s.len);
	} else if (n > 0 && n < sizeof(t->scheme) && s.len - n >= 3 &&
	    memcmp(b->p + s.off + n, "://", 3) == 0) {
		memcpy(t->scheme, b->p + s.off, n);
		authority = from(s, n + 3);
		authority.len = find(b, authority, "/?#");
		parse_authority(ev, b, authority, t);
		t->path_at = from(s, n + 3 + authority.len);
	} else {
		f = http_head_field(b, h, "host");
		if (f == NULL)
			f = http_head_field(b, h, ":authority");
		if (f != NULL)
			parse_authority(ev, b, f->value, t);
	}
	t->path = arena_text(ev_arena(ev), (const char *)b->p + t->path_at.off,
	    t->path_at.len);
	parse_operation(ev, b, t);
	return true;
}
