/*
 * HTTP messages: the start line and the fields by their names, the body with
 * its chunks and encodings undone, worked on and done again, and its length
 * in the head corrected where it changed.
 * Relies on body.c and text.c.  RFC 9112.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "redact/byte.h"
#include "redact/internal.h"

#define CODINGS_MAX	4

struct message {
	struct redactor	*r;
	struct leaf	 head;
	size_t		 length_off, length_n;	/* of Content-Length */
	char		 codings[CODINGS_MAX][16];
	size_t		 ncodings;
	bool		 chunked;
	char		 type[64];	/* of the content */
};

bool
is_http(const uint8_t *p, size_t n)
{
	size_t i, k;

	if (n > 12 && starts(p, n, "HTTP/") && p[5] >= '0' && p[5] <= '9')
		return true;
	for (i = 0; i < n && i < 20 && p[i] >= 'A' && p[i] <= 'Z'; i++)
		continue;
	if (i < 3 || i == n || p[i] != ' ')
		return false;
	for (k = i + 1; k < n && k < 65536 && p[k] != '\n'; k++)
		continue;
	while (k > 0 && k < n && (p[k] == '\n' || p[k] == '\r'))
		k--;
	return k < n && k > i + 9 && starts(p + k - 7, 5, "HTTP/");
}

/* After the empty line; n where none is. */
static size_t
head_end(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < n; i++)
		if (p[i] == '\n' && (p[i + 1] == '\n' || (p[i + 1] == '\r' &&
		    i + 2 < n && p[i + 2] == '\n')))
			return i + (p[i + 1] == '\n' ? 2 : 3);
	return n;
}

/* ---- the head ---- */

/* A host that only this network knows. */
static void
host(struct leaf *l, size_t off, size_t n)
{
	static const char *const inner[] = {
		".local", ".lan", ".corp", ".internal", ".intra", ".intranet",
		".home", ".home.arpa", ".private", ".ad", ".localdomain", NULL
	};
	size_t k, i, len;

	for (k = 0; k < n && l->orig[off + k] != ':'; k++)
		continue;
	for (i = 0; inner[i] != NULL; i++) {
		len = strlen(inner[i]);
		if (k > len && starts(l->orig + off + k - len, len,
		    inner[i])) {
			k -= len;
			break;
		}
	}
	if (inner[i] == NULL && memchr(l->orig + off, '.', k) != NULL) {
		redact_host(l, off, k);
		return;
	}
	if (k > 0 && l->orig[off] != '[')
		redact_value(l, off, k, SECRET_MACHINE);
}

/* "1.1 name (product), 1.0 other": a machine with a name of its own. */
static void
via(struct leaf *l, size_t off, size_t n)
{
	size_t i = 0, k;

	while (i < n) {
		while (i < n && l->orig[off + i] != ' ')
			i++;
		for (k = ++i; k < n && strchr(" ,(:", l->orig[off + k]) ==
		    NULL; k++)
			continue;
		/* A word without a dot or a digit is a product. */
		if (k < n && k > i && memchr(l->orig + off + i, '-', k - i) !=
		    NULL)
			host(l, off + i, k - i);
		while (i < n && l->orig[off + i] != ',')
			i++;
		while (i < n && (l->orig[off + i] == ',' ||
		    l->orig[off + i] == ' '))
			i++;
	}
}

static void
field(struct leaf *l, size_t name, size_t name_n, size_t off, size_t n)
{
	const char *p = (const char *)l->orig + name;
	enum secret_kind kind = header_kind(p, name_n);

	while (n > 0 && (l->orig[off] == ' ' || l->orig[off] == '\t')) {
		off++;
		n--;
	}
	if (n == 0)
		return;
	if (name_n == 4 && strncasecmp(p, "Host", 4) == 0) {
		host(l, off, n);
		return;
	}
	if (name_n == 3 && strncasecmp(p, "Via", 3) == 0)
		via(l, off, n);
	else if ((name_n == 16 && strncasecmp(p, "WWW-Authenticate", 16) == 0)
	    || (name_n == 18 && strncasecmp(p, "Proxy-Authenticate", 18) ==
	    0))
		return;		/* a scheme; patterns know its tokens */
	else if (name_n == 10 && strncasecmp(p, "Set-Cookie", 10) == 0) {
		redact_value(l, off, n, SECRET_COOKIE);
		return;
	} else if (kind == SECRET_COOKIE || kind == SECRET_AUTHORIZATION ||
	    kind == SECRET_TOKEN || kind == SECRET_PASSWORD)
		redact_value(l, off, n, kind);
}

static bool
is_name(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' &&
	    (c | 0x20) <= 'z') || c == '-' || c == '_';
}

/* Fields of a head, a line each, for what text.c does not know. */
void
redact_fields(struct leaf *l, size_t off, size_t n)
{
	size_t end = off + n, at, stop, colon;

	for (at = off; at < end; at = stop + 1) {
		for (stop = at; stop < end && l->orig[stop] != '\n'; stop++)
			continue;
		for (colon = at; colon < stop && is_name(l->orig[colon]);
		    colon++)
			continue;
		if (colon == at || colon == stop || l->orig[colon] != ':')
			continue;
		field(l, at, colon - at, colon + 1, (stop > at &&
		    l->orig[stop - 1] == '\r' ? stop - 1 : stop) - colon - 1);
	}
}

static void
start_line(struct leaf *l)
{
	size_t at, end;

	for (at = 0; at < l->n && l->orig[at] != ' ' && l->orig[at] != '\n';
	    at++)
		continue;
	for (end = ++at; end < l->n && l->orig[end] > ' '; end++)
		continue;
	if (at < l->n && !starts(l->orig, l->n, "HTTP/"))
		redact_url(l, at, end - at);
}

/* What the head says of the body. */
static void
head_read(struct message *m)
{
	const uint8_t *p = m->head.orig;
	size_t n = m->head.n, at, stop, off, k;

	for (at = 0; at < n; at = stop + 1) {
		for (stop = at; stop < n && p[stop] != '\n'; stop++)
			continue;
		off = at;
		if (starts(p + at, stop - at, "content-length:"))
			off += 15;
		else if (starts(p + at, stop - at, "content-type:"))
			off += 13;
		else if (starts(p + at, stop - at, "content-encoding:"))
			off += 17;
		else if (starts(p + at, stop - at, "transfer-encoding:"))
			off += 18;
		else
			continue;
		while (off < stop && (p[off] == ' ' || p[off] == '\t'))
			off++;
		for (k = 0; off + k < stop && p[off + k] > ' '; k++)
			continue;
		if ((p[at + 8] | 0x20) == 'l') {
			m->length_off = off;
			m->length_n = k;
			continue;
		}
		if ((p[at + 8] | 0x20) == 't' && (p[at] | 0x20) == 'c') {
			snprintf(m->type, sizeof(m->type), "%.*s", (int)k,
			    (const char *)p + off);
			continue;
		}
		while (off < stop) {
			for (k = 0; off + k < stop && p[off + k] > ' ' &&
			    p[off + k] != ','; k++)
				continue;
			if (k == 7 && starts(p + off, 7, "chunked"))
				m->chunked = true;
			else if (k > 0 && k < 16 && m->ncodings < CODINGS_MAX)
				snprintf(m->codings[m->ncodings++], 16, "%.*s",
				    (int)k, (const char *)p + off);
			off += k > 0 ? k : 1;
		}
	}
}

/* ---- chunks ---- */

struct chunk {
	size_t		 off, n;
};

/* Where the chunks stand; 0: they are none.  *ret_end: after the last. */
static size_t
chunks_find(const uint8_t *p, size_t n, struct chunk *v, size_t max,
    size_t *ret_end)
{
	size_t at = 0, count = 0, size, digits;

	for (;;) {
		for (size = digits = 0; at < n; at++, digits++) {
			uint8_t c = p[at] | 0x20;

			if (p[at] >= '0' && p[at] <= '9')
				size = size << 4 | (p[at] - '0');
			else if (c >= 'a' && c <= 'f')
				size = size << 4 | (unsigned int)(c - 'a' +
				    10);
			else
				break;
			if (digits > 8)
				return 0;
		}
		while (at < n && p[at] != '\n')
			at++;
		if (digits == 0 || at == n)
			return count == 0 ? 0 : count;
		at++;
		*ret_end = at;
		if (size == 0 || count == max)
			return count;
		v[count++] = (struct chunk){ at, size < n - at ? size :
		    n - at };
		at += v[count - 1].n;
		*ret_end = at;
		if (at < n && p[at] == '\r')
			at++;
		if (at == n || p[at] != '\n')
			return count;
		at++;
	}
}

/* ---- the body ---- */

static uint8_t *
copy(const uint8_t *p, size_t n)
{
	uint8_t *q = malloc(n + 1);

	if (q == NULL)
		abort();
	if (n > 0)
		memcpy(q, p, n);
	return q;
}

/* The content with the k outermost codings of the list on it. */
static uint8_t *
content(struct message *m, const struct place *place, size_t k,
    const uint8_t *p, size_t n, size_t *ret_n)
{
	struct place inner = *place;
	uint8_t *plain, *changed, *out = NULL;
	size_t plain_n, changed_n;

	if (k == 0)
		return redact_blob(m->r, place, m->type, p, n, USE_BODY,
		    ret_n);
	if (strcasecmp(m->codings[k - 1], "identity") == 0)
		return content(m, place, k - 1, p, n, ret_n);
	plain = n > 1 ? body_undo(m->r, m->codings[k - 1], p, n, &plain_n) :
	    NULL;
	if (plain == NULL)
		return content(m, place, k - 1, p, n, ret_n);
	inner.via = *place->via == '\0' ? m->codings[k - 1] :
	    arena_printf(m->r->arena, "%s, %s", place->via,
	    m->codings[k - 1]);
	inner.via = arena_text(m->r->arena, inner.via, strlen(inner.via));
	changed = content(m, &inner, k - 1, plain, plain_n, &changed_n);
	if (changed != NULL && changed_n == plain_n &&
	    memcmp(changed, plain, plain_n) == 0) {
		out = copy(p, n);
		*ret_n = n;
	} else if (changed != NULL) {
		out = body_encode(m->codings[k - 1], p, changed, changed_n,
		    ret_n);
		if (out == NULL)
			remark_add(m->r, place, "left-out",
			    "a body cannot be encoded again");
	}
	free(changed);
	free(plain);
	if (out == NULL) {
		out = copy(p, 0);
		*ret_n = 0;
	}
	return out;
}

static uint8_t *
chunked(struct message *m, const struct place *place, const uint8_t *p,
    size_t n, size_t *ret_n)
{
	struct chunk *v = malloc((n / 4 + 2) * sizeof(*v));
	struct place inner = *place;
	size_t count, i, end = 0, total = 0, got, at;
	uint8_t *joined, *q, *out;
	int k;

	if (v == NULL)
		abort();
	count = chunks_find(p, n, v, n / 4 + 1, &end);
	if (count == 0) {
		free(v);
		return content(m, place, m->ncodings, p, n, ret_n);
	}
	joined = copy(p, n);
	for (i = 0; i < count; i++) {
		memmove(joined + total, p + v[i].off, v[i].n);
		total += v[i].n;
	}
	inner.via = *place->via == '\0' ? "dechunked" : place->via;
	q = content(m, &inner, m->ncodings, joined, total, &got);
	if (got == total) {	/* each chunk keeps its size */
		out = copy(p, n);
		for (i = at = 0; i < count; i++) {
			memcpy(out + v[i].off, q + at, v[i].n);
			at += v[i].n;
		}
		*ret_n = n;
	} else {
		out = malloc(got + n - end + 64);
		if (out == NULL)
			abort();
		k = snprintf((char *)out, 32, "%zx\r\n", got);
		memcpy(out + k, q, got);
		*ret_n = (size_t)k + got;
		/* The end as it was; a cut one stays cut. */
		memcpy(out + *ret_n, "\r\n0\r\n\r\n", 7);
		*ret_n += v[count - 1].off + v[count - 1].n < n ? 7 : 0;
	}
	free(q);
	free(joined);
	free(v);
	return out;
}

uint8_t *
redact_http(struct redactor *r, const struct place *place, const uint8_t *p,
    size_t n, size_t *ret_n)
{
	struct message m = { .r = r };
	size_t end = head_end(p, n), body_n = 0, head_n;
	uint8_t *body = NULL, *head, *out;
	char number[24];

	leaf_init(&m.head, r, place, NULL, p, end);
	head_read(&m);
	start_line(&m.head);
	redact_fields(&m.head, 0, m.head.n);
	redact_text(&m.head, NULL, 0);
	if (end < n) {
		struct place inner = *place;

		/* Places in the body count from the message's start only
		   where nothing was undone. */
		if (m.chunked || m.ncodings > 0)
			body = m.chunked ? chunked(&m, &inner, p + end,
			    n - end, &body_n) : content(&m, &inner, m.ncodings,
			    p + end, n - end, &body_n);
		else {
			inner.base += end;
			body = content(&m, &inner, 0, p + end, n - end,
			    &body_n);
		}
	}
	if (body != NULL && body_n != n - end && m.length_n > 0) {
		size_t said = (size_t)strtoull((const char *)p + m.length_off,
		    NULL, 10);

		/* What did not fit before does not fit by as much. */
		snprintf(number, sizeof(number), "%zu",
		    said + body_n >= n - end ? said + body_n - (n - end) :
		    body_n);
		leaf_edit(&m.head, m.length_off, m.length_n,
		    copy((const uint8_t *)number, strlen(number)),
		    strlen(number));
	}
	head = leaf_bytes(&m.head, &head_n);
	leaf_clear(&m.head);
	out = malloc(head_n + body_n + 1);
	if (out == NULL)
		abort();
	memcpy(out, head, head_n);
	if (body_n > 0)
		memcpy(out + head_n, body, body_n);
	free(head);
	free(body);
	*ret_n = head_n + body_n;
	return out;
}
