/*
 * Text: lines of tools, logs and notes, and what is left of other formats.
 * Values of a kind that is known, URLs and parameters are read here; then
 * follow patterns, named values, sentences, codings, and all that is known.
 * Relies on evidence/secret.h, pattern.c, named.c, prose.c and coded.c.
 */
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "redact/byte.h"
#include "redact/internal.h"

#define VALUE_MAX	65536	/* bytes of a value behind a name */
#define ESCAPES_MIN	2	/* %XX in a run */

/* ---- values of a kind that is known ---- */

/* "Bearer abc", "Basic abc": the scheme stays. */
static size_t
scheme_length(const uint8_t *p, size_t n)
{
	static const char *const schemes[] = {
		"bearer ", "basic ", "negotiate ", "ntlm ", "digest ",
		"sharedkey ", "sharedkeylite ", "sharedaccesssignature ",
		"pop ", "pkeyauth ", "wap ", "msauth1.0 ", "token ", NULL
	};
	size_t i;

	for (i = 0; schemes[i] != NULL; i++)
		if (starts(p, n, schemes[i]))
			return strlen(schemes[i]);
	return 0;
}

/* What "Basic" holds is a name and a password that may stand elsewhere. */
static void
basic_learn(struct leaf *l, size_t off, size_t n)
{
	struct redactor *r = l->r;
	const uint8_t *p = l->orig + off, *colon;
	uint8_t *q;
	int got;

	if (!r->learning || n < 4 || n > 1024)
		return;
	q = arena_alloc(r->arena, n + 4);
	got = EVP_DecodeBlock(q, p, (int)(n & ~(size_t)3));
	while (got > 0 && q[got - 1] == '\0')
		got--;
	colon = got > 0 ? memchr(q, ':', (size_t)got) : NULL;
	if (colon == NULL)
		return;
	(void)secret_of(r, SECRET_USER, q, (size_t)(colon - q), false);
	(void)secret_of(r, SECRET_PASSWORD, colon + 1, (size_t)got -
	    (size_t)(colon + 1 - q), false);
}

/* name=value; name=value: the names stay. */
static void
cookies(struct leaf *l, size_t off, size_t n)
{
	static const char *const attributes[] = {
		"path", "domain", "expires", "max-age", "samesite", "version",
		"httponly", "secure", "partitioned", "priority", NULL
	};
	size_t end = off + n, at, eq, stop, i;

	for (at = off; at < end; at = stop + 1) {
		while (at < end && (is_blank(l->orig[at]) ||
		    l->orig[at] == ';'))
			at++;
		for (stop = at; stop < end && l->orig[stop] != ';'; stop++)
			continue;
		for (eq = at; eq < stop && l->orig[eq] != '='; eq++)
			continue;
		for (i = 0; attributes[i] != NULL; i++)
			if (strlen(attributes[i]) == eq - at &&
			    starts(l->orig + at, eq - at, attributes[i]))
				break;
		if (attributes[i] != NULL)
			continue;
		if (eq == stop)		/* no name */
			eq = at;
		else
			eq++;
		leaf_claim(l, eq, stop - eq, SECRET_COOKIE);
	}
}

/* Every label but the last, so that it is the same in every host. */
static void
domain(struct leaf *l, size_t off, size_t n)
{
	size_t end = off + n, at, stop;

	for (at = off; at < end; at = stop + 1) {
		for (stop = at; stop < end && l->orig[stop] != '.'; stop++)
			continue;
		if (stop == end && at > off)
			return;
		if (stop - at >= 3 && !starts(l->orig + at, stop - at,
		    "onmicrosoft"))
			leaf_claim(l, at, stop - at, SECRET_DOMAIN);
	}
}

/* DOMAIN\user, user@domain, or a name. */
static void
account(struct leaf *l, size_t off, size_t n, enum secret_kind kind)
{
	const uint8_t *p = l->orig + off, *slash, *at, *dot;
	size_t k;

	if (n >= 6 && starts(p, n, "S-1-"))
		return;		/* patterns know it */
	/* "user: not found" */
	slash = memchr(p, ' ', n);
	if (slash != NULL && secret_is_common(p, (size_t)(slash - p)))
		return;
	if (memchr(p, '@', n) != NULL) {
		at = memchr(p, '@', n);
		k = (size_t)(at - p);
		if (memchr(p + k, '.', n - k) != NULL)
			return;
		leaf_claim(l, off, k, kind);
		return;
	}
	if (n > 2 && is_guid(p, 36 < n ? 36 : n)) {
		leaf_claim(l, off, n, SECRET_GUID);
		return;
	}
	slash = memchr(p, '\\', n);
	if (slash != NULL) {
		k = (size_t)(slash - p);
		leaf_claim(l, off, k, SECRET_DOMAIN);
		while (k < n && p[k] == '\\')
			k++;
		off += k;
		n -= k;
	}
	if (n > 0 && l->orig[off + n - 1] == '$') {
		n--;
		kind = SECRET_MACHINE;
	}
	/* "host.example.org" */
	dot = kind == SECRET_MACHINE ? memchr(l->orig + off, '.', n) : NULL;
	if (dot != NULL) {
		k = (size_t)(dot - (l->orig + off));
		domain(l, off + k + 1, n - k - 1);
		n = k;
	}
	leaf_claim(l, off, n, kind);
}

static bool
is_hex_run(const uint8_t *p, size_t n, size_t least)
{
	size_t i, digits = 0;

	for (i = 0; i < n; i++)
		if ((p[i] >= '0' && p[i] <= '9') ||
		    ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f'))
			digits++;
		else if (p[i] != ' ' && p[i] != ':' && p[i] != '-')
			return false;
	return digits >= least;
}

void
redact_value(struct leaf *l, size_t off, size_t n, enum secret_kind kind)
{
	size_t skip;

	while (n > 0 && (is_blank(l->orig[off]) || l->orig[off] == '\r' ||
	    l->orig[off] == '\n')) {
		off++;
		n--;
	}
	while (n > 0 && (is_blank(l->orig[off + n - 1]) ||
	    l->orig[off + n - 1] == '\r' || l->orig[off + n - 1] == '\n'))
		n--;
	while (n > 1 && kind != SECRET_PASSWORD && (l->orig[off] == '"' ||
	    l->orig[off] == '\\')) {
		off++;
		n--;
	}
	if (n == 0 || n > VALUE_MAX)
		return;
	switch (kind) {
	case SECRET_COOKIE:
		cookies(l, off, n);
		break;
	case SECRET_AUTHORIZATION:
	case SECRET_TOKEN:
		skip = scheme_length(l->orig + off, n);
		if (starts(l->orig + off, n, "basic "))
			basic_learn(l, off + skip, n - skip);
		leaf_claim(l, off + skip, n - skip, kind);
		break;
	case SECRET_USER:
	case SECRET_MACHINE:
		account(l, off, n, kind);
		break;
	case SECRET_DOMAIN:
		domain(l, off, n);
		break;
	case SECRET_GUID:
		if (l->orig[off] == '{' && n > 36) {
			off++;
			n = 36;
		}
		if (is_guid(l->orig + off, n))
			leaf_claim(l, off, n, kind);
		break;
	case SECRET_IP:
	case SECRET_MAC:
	case SECRET_SID:
		break;		/* patterns find them */
	case SECRET_SERIAL:
		/* That of a certificate: its issuer's words, not a machine's;
		   an EK's is known from its bytes. */
		if (!is_hex_run(l->orig + off, n, 12) &&
		    !redact_kept(l->r, l->orig + off, n))
			leaf_claim(l, off, n, kind);
		break;
	default:
		leaf_claim(l, off, n, kind);
	}
}

/* ---- parameters ---- */

/* A code that a token is given for, a signature of a link: long, and no number
   of an error. */
static bool
is_grant(const uint8_t *name, size_t name_n, const uint8_t *p, size_t n)
{
	bool letter = false, digit = false;
	size_t i;

	if (n < 16 || !((name_n == 4 && starts(name, 4, "code")) ||
	    (name_n == 9 && starts(name, 9, "signature"))))
		return false;
	for (i = 0; i < n; i++) {
		letter |= (p[i] | 0x20) >= 'g' && (p[i] | 0x20) <= 'z';
		digit |= p[i] >= '0' && p[i] <= '9';
	}
	return letter && digit;
}

/* name=value&name=value, each decoded. */
void
redact_form(struct leaf *l, size_t off, size_t n)
{
	size_t end = off + n, at, eq, stop;
	struct view v;

	for (at = off; at < end; at = stop + 1) {
		for (stop = at; stop < end && l->orig[stop] != '&' &&
		    l->orig[stop] != ';'; stop++)
			continue;
		for (eq = at; eq < stop && l->orig[eq] != '='; eq++)
			continue;
		if (eq == stop || stop - eq < 2 ||
		    !view_open(&v, l, eq + 1, stop - eq - 1, VIEW_URL, 0))
			continue;
		if (is_grant(l->orig + at, eq - at, v.leaf.orig, v.leaf.n))
			redact_value(&v.leaf, 0, v.leaf.n, SECRET_TOKEN);
		redact_text(&v.leaf, (const char *)l->orig + at, eq - at);
		view_close(&v);
	}
}

/*
 * The labels of a host before one that is a domain of this case: a machine,
 * unless every network has one of that name.
 */
void
redact_host(struct leaf *l, size_t off, size_t n)
{
	static const char *const usual[] = {
		"www", "login", "mail", "api", "portal", "enterpriseenrollment",
		"enterpriseregistration", "autodiscover", "sts", "adfs", NULL
	};
	size_t at, stop, end = off, k;
	const struct secret *known;

	for (at = off; at < off + n; at = stop + 1) {
		for (stop = at; stop < off + n && l->orig[stop] != '.'; stop++)
			continue;
		known = secret_find(l->r, l->orig + at, stop - at);
		if (at > off && known != NULL &&
		    known->kind == SECRET_DOMAIN)
			end = at - 1;
	}
	for (at = off; at < end; at = stop + 1) {
		for (stop = at; stop < end && l->orig[stop] != '.'; stop++)
			continue;
		for (k = 0; usual[k] != NULL; k++)
			if (stop - at == strlen(usual[k]) &&
			    starts(l->orig + at, stop - at, usual[k]))
				break;
		/* A word of the language is a machine only here. */
		l->r->here = memchr(l->orig + at, '-', stop - at) == NULL &&
		    !(l->orig[stop - 1] >= '0' && l->orig[stop - 1] <= '9');
		if (usual[k] == NULL && stop - at >= 2)
			leaf_claim(l, at, stop - at, SECRET_MACHINE);
	}
	l->r->here = false;
}

/* A host without a dot: a machine of this network. */
static bool
is_single(const uint8_t *p, size_t n)
{
	bool letter = false;
	size_t i;

	for (i = 0; i < n; i++) {
		letter |= (p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'z';
		if (!is_alnum(p[i]) && p[i] != '-' && p[i] != '_')
			return false;
	}
	return letter && n >= 3;
}

/* A whole URL, from its scheme: who it is for, and its query. */
void
redact_url(struct leaf *l, size_t off, size_t n)
{
	const uint8_t *p = l->orig + off, *at, *colon, *q, *hash;
	size_t start, end, k;
	struct view v;

	q = memchr(p, '?', n);
	hash = memchr(p, '#', n);
	end = q != NULL ? (size_t)(q - p) : hash != NULL ?
	    (size_t)(hash - p) : n;
	for (start = 0; start + 3 <= end; start++)
		if (memcmp(p + start, "://", 3) == 0)
			break;
	start = start + 3 <= end ? start + 3 : end;
	for (k = start; k < end && p[k] != '/'; k++)
		continue;
	at = k > start ? memchr(p + start, '@', k - start) : NULL;
	if (at != NULL) {
		colon = memchr(p + start, ':', (size_t)(at - p) - start);
		if (colon != NULL && view_open(&v, l, off + (size_t)(colon -
		    p) + 1, (size_t)(at - colon) - 1, VIEW_URL, 0)) {
			redact_value(&v.leaf, 0, v.leaf.n, SECRET_PASSWORD);
			view_close(&v);
		}
		if (view_open(&v, l, off + start, (size_t)((colon != NULL ?
		    colon : at) - p) - start, VIEW_URL, 0)) {
			redact_value(&v.leaf, 0, v.leaf.n, SECRET_USER);
			view_close(&v);
		}
	}
	if (at != NULL)
		start = (size_t)(at - p) + 1;
	for (k = start; k < end && p[k] != '/' && p[k] != ':'; k++)
		continue;
	redact_host(l, off + start, k - start);
	if (start > 3 && is_single(p + start, k - start))
		leaf_claim(l, off + start, k - start, SECRET_MACHINE);
	if (q != NULL)
		redact_form(l, off + (size_t)(q - p) + 1,
		    n - (size_t)(q - p) - 1);
	else if (hash != NULL)
		redact_form(l, off + (size_t)(hash - p) + 1,
		    n - (size_t)(hash - p) - 1);
}

static void
urls(struct leaf *l)
{
	const uint8_t *p = l->orig;
	size_t i, start, end;

	for (i = 1; i + 3 < l->n; i++) {
		if (p[i] != ':' || p[i + 1] != '/' || p[i + 2] != '/')
			continue;
		for (start = i; start > 0 && is_alnum(p[start - 1]); start--)
			continue;
		for (end = i + 3; end < l->n && p[end] > ' ' &&
		    strchr("\"'<>`|\\)", p[end]) == NULL; end++)
			continue;
		redact_url(l, start, end - start);
		i = end;
	}
}

/* ---- escapes of URLs in lines ---- */

static bool
is_escape(const uint8_t *p, size_t n)
{
	return n > 2 && p[0] == '%' && is_hex_run(p + 1, 2, 2);
}

/* Runs without a blank that have some: "q=C%3A%5CUsers%5Cada". */
static void
escapes(struct leaf *l)
{
	const uint8_t *p = l->orig;
	size_t at, n, found;
	struct view v;

	for (at = 0; at < l->n; at += n + 1) {
		for (n = found = 0; at + n < l->n && p[at + n] > ' ' &&
		    strchr("\"'<>&;=", p[at + n]) == NULL; n++)
			found += is_escape(p + at + n, l->n - at - n);
		if (found < ESCAPES_MIN || n > VALUE_MAX ||
		    !leaf_free(l, at, n) ||
		    !view_open(&v, l, at, n, VIEW_URL, 0))
			continue;
		redact_text(&v.leaf, NULL, 0);
		view_close(&v);
	}
}

/* ---- all of it ---- */

static bool
is_form(const struct leaf *l)
{
	bool eq = false, amp = false;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->orig[i] <= ' ' || strchr("\"<>{}", l->orig[i]) != NULL)
			return false;
		eq |= l->orig[i] == '=';
		amp |= l->orig[i] == '&' && eq;
	}
	return amp;
}

void
redact_text(struct leaf *l, const char *key, size_t key_n)
{
	enum secret_kind kind = key != NULL ? key_kind(key, key_n) :
	    SECRET_COUNT;

	if (kind != SECRET_COUNT)
		redact_value(l, 0, l->n, kind);
	if (l->place->depth < 16 && (redact_json(l) || redact_xml(l))) {
		leaf_known(l);
		return;
	}
	redact_fields(l, 0, l->n);
	if (l->place->depth < 16 && memmem(l->orig, l->n, "</", 2) != NULL)
		redact_tags(l);
	urls(l);
	redact_patterns(l);
	if (is_form(l))
		redact_form(l, 0, l->n);
	else
		redact_named(l);
	redact_prose(l);
	escapes(l);
	redact_coded(l);
	leaf_known(l);
}
