/*
 * Reads what a mail's head says of its content, and undoes base64 and
 * quoted-printable.  What is not as the standards want it is read as far as
 * it can be.  Relies on mime.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/mime.h"
#include "evidence/text_scan.h"

#define FIELDS		1000	/* of one head */
#define VALUE_BYTES	((size_t)16384)
#define PIECES		64	/* of one parameter (RFC 2231) */

/* ---- encodings ---- */

/* Signs that are none of base64's are skipped (RFC 2045, 6.8). */
static size_t
decode_base64(const uint8_t *p, size_t n, uint8_t *to)
{
	uint32_t bits = 0;
	size_t i, k = 0;
	int have = 0, digit;

	for (i = 0; i < n; i++) {
		if (p[i] == '=') {
			have = 0;
			continue;
		}
		digit = text_base64_digit(p[i]);
		if (digit < 0)
			continue;
		bits = bits << 6 | (uint32_t)digit;
		if ((have += 6) >= 8) {
			have -= 8;
			to[k++] = (uint8_t)(bits >> have);
		}
	}
	return k;
}

/* word: "_" is a blank, as in RFC 2047. */
static size_t
decode_quoted(const uint8_t *p, size_t n, bool word, uint8_t *to)
{
	size_t i, k = 0, skip;

	for (i = 0; i < n; i++) {
		if (word && p[i] == '_') {
			to[k++] = ' ';
			continue;
		}
		if (p[i] != '=') {
			to[k++] = p[i];
			continue;
		}
		if (i + 2 < n && text_hex_digit(p[i + 1]) >= 0 &&
		    text_hex_digit(p[i + 2]) >= 0) {
			to[k++] = (uint8_t)(text_hex_digit(p[i + 1]) << 4 |
			    text_hex_digit(p[i + 2]));
			i += 2;
			continue;
		}
		/* A soft line break, with blanks that were added on the way. */
		for (skip = 1; i + skip < n && (p[i + skip] == ' ' ||
		    p[i + skip] == '\t'); skip++)
			continue;
		if (i + skip < n && p[i + skip] == '\r')
			skip++;
		if (i + skip < n && p[i + skip] == '\n')
			i += skip;
		else if (i + skip < n)
			to[k++] = p[i];
		else
			i = n;
	}
	return k;
}

uint8_t *
mime_decode(enum mime_encoding encoding, const uint8_t *p, size_t n,
    size_t *ret_n)
{
	uint8_t *to = malloc(n > 0 ? n : 1), *less;

	*ret_n = 0;
	if (to == NULL)
		return NULL;
	if (encoding == MIME_BASE64)
		*ret_n = decode_base64(p, n, to);
	else if (encoding == MIME_QUOTED)
		*ret_n = decode_quoted(p, n, false, to);
	else {
		memcpy(to, p, n);
		*ret_n = n;
	}
	if (*ret_n == 0) {
		free(to);
		return NULL;
	}
	less = realloc(to, *ret_n);
	return less != NULL ? less : to;
}

/* ---- values ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char *
lower(struct evidence *ev, const char *p, size_t n)
{
	char *text = arena_text(ev_arena(ev), p, n), *c;

	for (c = text; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	return text;
}

/*
 * The value of a parameter as it is written, without its quotes; NULL for
 * none.  from: where to look.
 */
static char *
parameter_raw(struct evidence *ev, const char *from, const char *name)
{
	size_t n = strlen(name), k;
	const char *p = from;
	char *to;
	bool quoted;

	while ((p = strchr(p, ';')) != NULL) {
		for (p++; is_blank(*p); p++)
			continue;
		if (strncasecmp(p, name, n) != 0)
			continue;
		for (from = p + n; is_blank(*from); from++)
			continue;
		if (*from != '=')
			continue;
		for (from++; is_blank(*from); from++)
			continue;
		quoted = *from == '"';
		from += quoted;
		to = arena_text(ev_arena(ev), from, strlen(from));
		for (k = 0; *from != '\0' && (quoted ? *from != '"' :
		    *from != ';' && !is_blank(*from)); from++) {
			if (quoted && *from == '\\' && from[1] != '\0')
				from++;
			to[k++] = *from;
		}
		to[k] = '\0';
		return to;
	}
	return NULL;
}

/* charset'language'percent-encoded; later pieces have no charset. */
static void
percent_decode(char *text, bool first)
{
	char *from = text, *to = text, *quote;

	if (first && (quote = strchr(text, '\'')) != NULL &&
	    (quote = strchr(quote + 1, '\'')) != NULL)
		from = quote + 1;
	for (; *from != '\0'; from++) {
		if (*from == '%' && text_hex_digit((uint8_t)from[1]) >= 0 &&
		    text_hex_digit((uint8_t)from[2]) >= 0) {
			*to++ = (char)(text_hex_digit((uint8_t)from[1]) << 4 |
			    text_hex_digit((uint8_t)from[2]));
			from += 2;
		} else
			*to++ = *from;
	}
	*to = '\0';
}

/* =?utf-8?B?...?= (RFC 2047), one or more; else the text itself. */
static const char *
words_decode(struct evidence *ev, const char *text)
{
	const char *p = text, *set, *mark, *end;
	uint8_t *to = arena_alloc(ev_arena(ev), strlen(text) + 1);
	size_t k = 0;

	while (*p != '\0') {
		if (p[0] != '=' || p[1] != '?' ||
		    (set = strchr(p + 2, '?')) == NULL || set[1] == '\0' ||
		    set[2] != '?' || (end = strstr(set + 3, "?=")) == NULL) {
			to[k++] = (uint8_t)*p++;
			continue;
		}
		mark = set + 1;
		if ((*mark | 0x20) == 'b')
			k += decode_base64((const uint8_t *)mark + 2,
			    (size_t)(end - mark) - 2, to + k);
		else
			k += decode_quoted((const uint8_t *)mark + 2,
			    (size_t)(end - mark) - 2, true, to + k);
		p = end + 2;
		/* Blanks between two words are not the text's. */
		for (end = p; is_blank(*end); end++)
			continue;
		if (end[0] == '=' && end[1] == '?')
			p = end;
	}
	to[k] = '\0';
	return (const char *)to;
}

static const char *
parameter(struct evidence *ev, const char *value, const char *name)
{
	char *piece, *all = NULL;
	bool first = true;
	unsigned int i;

	piece = parameter_raw(ev, value, arena_printf(ev_arena(ev), "%s*",
	    name));
	if (piece != NULL) {
		percent_decode(piece, true);
		return piece;
	}
	for (i = 0; i < PIECES; i++) {
		piece = parameter_raw(ev, value, arena_printf(ev_arena(ev),
		    "%s*%u*", name, i));
		if (piece != NULL)
			percent_decode(piece, first);
		else
			piece = parameter_raw(ev, value, arena_printf(
			    ev_arena(ev), "%s*%u", name, i));
		if (piece == NULL)
			break;
		all = first ? piece : arena_printf(ev_arena(ev), "%s%s", all,
		    piece);
		first = false;
	}
	if (all != NULL)
		return all;
	piece = parameter_raw(ev, value, name);
	return piece == NULL ? NULL : words_decode(ev, piece);
}

/* ---- heads ---- */

static void
field_read(struct evidence *ev, const char *name, const char *value,
    struct mime_head *h)
{
	static const char *const mail[] = {
		"from", "to", "subject", "date", "received", "message-id",
		"return-path", "delivered-to", "sender", "cc", "reply-to",
		NULL
	};
	const char *file;
	size_t i;

	for (i = 0; mail[i] != NULL; i++)
		h->mail += strcmp(name, mail[i]) == 0;
	if (strcmp(name, "mime-version") == 0)
		h->mime = true;
	else if (strcmp(name, "content-type") == 0) {
		h->mime = true;
		i = strcspn(value, "; \t\r\n");
		if (i > 0)
			h->type = lower(ev, value, i);
		h->boundary = parameter(ev, value, "boundary");
		if (h->name == NULL)
			h->name = parameter(ev, value, "name");
	} else if (strcmp(name, "content-transfer-encoding") == 0) {
		if (strncasecmp(value, "base64", 6) == 0)
			h->encoding = MIME_BASE64;
		else if (strncasecmp(value, "quoted-printable", 16) == 0)
			h->encoding = MIME_QUOTED;
	} else if (strcmp(name, "content-disposition") == 0) {
		h->attachment = strncasecmp(value, "attachment", 10) == 0;
		file = parameter(ev, value, "filename");
		h->name = file != NULL ? file : h->name;
	}
}

bool
mime_head_parse(struct evidence *ev, const struct blob *b, struct span at,
    struct mime_head *h)
{
	size_t off = at.off, end = at.off + at.len, next, n, fields = 0;
	const uint8_t *p, *colon;
	char *value;

	*h = (struct mime_head){ .type = "text/plain" };
	while (off < end && fields < FIELDS) {
		p = b->p + off;
		n = 0;
		/* A field goes on in lines that begin with a blank. */
		do {
			const uint8_t *nl = memchr(p + n, '\n', end - off - n);

			n = nl != NULL ? (size_t)(nl - p) + 1 : end - off;
			if (n <= 2 && (p[0] == '\n' || p[0] == '\r'))
				break;
		} while (off + n < end && (p[n] == ' ' || p[n] == '\t'));
		next = off + n;
		while (n > 0 && is_blank((char)p[n - 1]))
			n--;
		if (n == 0) {
			h->body = next;
			return true;	/* no fields: all of it is a body */
		}
		colon = memchr(p, ':', n);
		if (colon == NULL || colon == p ||
		    memchr(p, ' ', (size_t)(colon - p)) != NULL)
			return false;
		n = n - (size_t)(colon - p) - 1;
		value = arena_text(ev_arena(ev), (const char *)colon + 1,
		    n < VALUE_BYTES ? n : VALUE_BYTES);
		while (is_blank(*value))
			value++;
		if ((size_t)(colon - p) < 64)
			field_read(ev, lower(ev, (const char *)p,
			    (size_t)(colon - p)), value, h);
		fields++;
		off = next;
	}
	h->body = end;
	return off >= end;
}
