/*
 * Says what the content of a body is by its bytes alone, whatever its head
 * calls it.  Relies on http_head.h; RFC 5652 for what begins a CMS message.
 */
#include <string.h>
#include <strings.h>

#include "decode/http_head.h"

static bool
starts(const struct blob *b, size_t off, const char *text)
{
	size_t n = strlen(text);

	return off <= b->n && b->n - off >= n &&
	    strncasecmp((const char *)b->p + off, text, n) == 0;
}

static bool
is_text(const struct blob *b)
{
	size_t i, n = b->n < 1024 ? b->n : 1024;

	for (i = 0; i < n; i++)
		if ((b->p[i] < 0x20 && strchr("\t\r\n\f\x1b", b->p[i]) ==
		    NULL) || b->p[i] == 0 || b->p[i] == 0x7f)
			return false;
	return n > 0;
}

/* The length of a DER header at off, if its content is all there. */
static size_t
der_header(const struct blob *b, size_t off, bool whole)
{
	size_t n, len = 0, i;

	if (off > b->n || b->n - off < 2)
		return 0;
	if (b->p[off + 1] == 0x80)
		return 2;
	if (b->p[off + 1] < 0x80)
		return !whole || b->p[off + 1] == b->n - off - 2 ? 2 : 0;
	n = b->p[off + 1] & 0x7f;
	if (n > 4 || b->n - off - 2 < n)
		return 0;
	for (i = 0; i < n; i++)
		len = len << 8 | b->p[off + 2 + i];
	return !whole || len == b->n - off - 2 - n ? 2 + n : 0;
}

const char *
body_kind(const struct blob *b)
{
	static const char pkcs7[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
	size_t off = starts(b, 0, "\xef\xbb\xbf") ? 3 : 0, h, end = b->n;

	if (b->n > 0 && b->p[0] == 0x30) {
		h = der_header(b, 0, false);
		if (h > 0 && b->n - h >= sizeof(pkcs7) - 1 &&
		    memcmp(b->p + h, pkcs7, sizeof(pkcs7) - 1) == 0)
			return "cms";
		h = der_header(b, 0, true);
		if (h > 0 && b->n > h && b->p[h] == 0x30)
			return "certificate";
	}
	while (off < end && strchr(" \t\r\n", b->p[off]) != NULL &&
	    b->p[off] != 0)
		off++;
	while (end > off && strchr(" \t\r\n", b->p[end - 1]) != NULL)
		end--;
	if (off == end)
		return is_text(b) ? "text" : "binary";
	if ((b->p[off] == '{' && b->p[end - 1] == '}') ||
	    (b->p[off] == '[' && b->p[end - 1] == ']' &&
	    !starts(b, off, "[Fiddler")))
		return "json";
	if (starts(b, off, "-----BEGIN CERTIFICATE"))
		return "certificate";
	if (b->p[off] == '<' && is_text(b) &&
	    (starts(b, off, "<!doctype html") || memmem(b->p + off,
	    end - off < 4096 ? end - off : 4096, "<html", 5) != NULL ||
	    memmem(b->p + off, end - off < 4096 ? end - off : 4096, "<HTML",
	    5) != NULL || starts(b, off, "<head") || starts(b, off, "<body")))
		return "html";
	return is_text(b) ? "text" : "binary";
}
