/*
 * Finds members of a JSON object by a scan of its own that keeps the places.
 * Relies on the text being JSON.
 */
#include <string.h>

#include "decode/json_scan.h"

size_t
json_skip_bom(const struct blob *b)
{
	return b->n >= 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

size_t
json_skip_blanks(const struct blob *b, size_t off)
{
	while (off < b->n && (b->p[off] == ' ' || b->p[off] == '\t' ||
	    b->p[off] == '\r' || b->p[off] == '\n'))
		off++;
	return off;
}

/* After the string whose first quote is at off; its inside in *ret. */
static size_t
skip_string(const struct blob *b, size_t off, struct span *ret)
{
	size_t at = off + 1;

	for (off = at; off < b->n && b->p[off] != '"'; off++)
		if (b->p[off] == '\\' && off + 1 < b->n)
			off++;
	*ret = blob_part(b, at, off - at);
	return off < b->n ? off + 1 : off;
}

static bool
is_key(const struct blob *b, struct span key, const char *name)
{
	return key.blob != BLOB_NONE && key.len == strlen(name) &&
	    memcmp(b->p + key.off, name, key.len) == 0;
}

bool
json_find_member(const struct blob *b, const char *name, struct span *ret)
{
	size_t off = json_skip_blanks(b, json_skip_bom(b)), depth = 0, from;
	struct span key = SPAN_NONE, at;
	bool found = false;

	while (off < b->n) {
		switch (b->p[off]) {
		case '"':
			off = skip_string(b, off, &at);
			if (depth != 1)
				break;
			if (is_key(b, key, name)) {
				*ret = at;
				found = true;
			}
			off = json_skip_blanks(b, off);
			key = off < b->n && b->p[off] == ':' ? at : SPAN_NONE;
			break;
		case '{':
		case '[':
			depth++;
			off++;
			break;
		case '}':
		case ']':
			depth--;
			off++;
			break;
		case ',':
			key = SPAN_NONE;
			off++;
			break;
		default:
			from = off++;
			if (strchr(":\t\r\n ", b->p[from]) != NULL)
				break;
			while (off < b->n && strchr(",]} \t\r\n",
			    b->p[off]) == NULL)
				off++;
			if (depth == 1 && is_key(b, key, name)) {
				*ret = blob_part(b, from, off - from);
				found = true;
			}
			break;
		}
	}
	return found;
}
