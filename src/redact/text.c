/*
 * Text: lines of tools, logs and notes, and what is left of other formats.
 * Names with a value behind them, URLs and header fields are read here; then
 * follow patterns, codings, and all that is known already.
 * Relies on evidence/secret.h, pattern.c and coded.c.
 */
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "redact/internal.h"

#define VALUE_MAX	65536	/* bytes of a value behind a name */
#define LOOK_MAX	16384	/* of one in a line of text */

static bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' &&
	    (c | 0x20) <= 'z');
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool
starts(const uint8_t *p, size_t n, const char *word)
{
	size_t k = strlen(word);

	return n >= k && strncasecmp((const char *)p, word, k) == 0;
}

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
is_hex_run(const uint8_t *p, size_t n)
{
	size_t i, digits = 0;

	for (i = 0; i < n; i++)
		if ((p[i] >= '0' && p[i] <= '9') ||
		    ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f'))
			digits++;
		else if (p[i] != ' ' && p[i] != ':' && p[i] != '-')
			return false;
	return digits >= 12;
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
		if (l->orig[off] == '{' && n == 38) {
			off++;
			n -= 2;
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
		if (!is_hex_run(l->orig + off, n) &&
		    !redact_kept(l->r, l->orig + off, n))
			leaf_claim(l, off, n, kind);
		break;
	default:
		leaf_claim(l, off, n, kind);
	}
}

/* ---- parameters ---- */

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

/* ---- names with a value behind them ---- */

static bool
is_key_byte(uint8_t c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.';
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
	/* Of text in one line, line ends may be two letters. */
	bool folded = memchr(p, '\n', l->n < LOOK_MAX ? l->n : LOOK_MAX) ==
	    NULL;

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

/* "-Password x", "/p x": the word behind an option. */
static void
argument(struct leaf *l, size_t key, size_t end, enum secret_kind kind)
{
	size_t n = 0, i;
	bool digit = false;

	if ((kind != SECRET_PASSWORD && kind != SECRET_TOKEN) || key == 0 ||
	    (l->orig[key] != '-' && l->orig[key - 1] != '/') ||
	    end == l->n || l->orig[end] != ' ')
		return;
	for (i = end + 1; i + n < l->n && l->orig[i + n] > ' ' &&
	    strchr("\"'<>,;", l->orig[i + n]) == NULL; n++)
		digit |= l->orig[i + n] >= '0' && l->orig[i + n] <= '9';
	l->r->here = !digit;	/* it may be a word like any other */
	leaf_claim(l, i, n, kind);
	l->r->here = false;
}

static void
named_values(struct leaf *l)
{
	const uint8_t *p = l->orig;
	size_t i, end, start, off, n;
	enum secret_kind kind;

	for (i = 0; i < l->n; i = end + 1) {
		for (end = i; end < l->n && is_key_byte(p[end]); end++)
			continue;
		if (end == i || end == l->n)
			continue;
		kind = key_kind((const char *)p + i, end - i);
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
		named_values(l);
	redact_coded(l);
	leaf_known(l);
}
