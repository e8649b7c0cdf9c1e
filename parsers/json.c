/*
 * Reads the service's word in a JSON answer: {"Message":"..."}.
 * Relies on jansson for what JSON is and means, and on an own scan for the
 * place of the string, which jansson does not tell.  RFC 8259.
 */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "decode/parser.h"
#include "parsers/fields.h"

const struct field service_message = {
	.name = "service.message", .type = VALUE_TEXT,
	.kinds = KIND(RESPONSE) | KIND(STAGE) | KIND(ATTEMPT),
	.artifacts = ARTIFACT(MESSAGE),
	.help = "what the service said in its JSON error: {\"Message\":\"...\"}"
};

static size_t
skip_bom(const struct blob *b)
{
	return b->n >= 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static size_t
skip_blanks(const struct blob *b, size_t off)
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

/*
 * The string value of a member of the outermost object, in JSON that jansson
 * has read without complaint.
 */
static bool
find_member(const struct blob *b, const char *name, struct span *ret)
{
	size_t off = skip_blanks(b, skip_bom(b)), depth = 0;
	struct span key = SPAN_NONE, at;
	bool found = false;

	while (off < b->n) {
		switch (b->p[off]) {
		case '"':
			off = skip_string(b, off, &at);
			if (depth != 1)
				break;
			/* As for jansson, the last of two counts. */
			if (key.blob != BLOB_NONE && key.len == strlen(name) &&
			    memcmp(b->p + key.off, name, key.len) == 0) {
				*ret = at;
				found = true;
			}
			off = skip_blanks(b, off);
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
			off++;
		}
	}
	return found;
}

static int
json_bid(const struct evidence *ev, const struct blob *b)
{
	size_t off;

	(void)ev;
	/* A JSON file of its own is text that may hold a note. */
	if (item_up(b->item, ITEM_RESPONSE) == NULL)
		return 0;
	off = skip_blanks(b, skip_bom(b));
	if (off == b->n || (b->p[off] != '{' && b->p[off] != '['))
		return 0;
	return blob_hint_is(b, HINT_JSON) ? 80 : 50;
}

/* The key as it is written: the service's is "Message". */
static const char *
message_key(json_t *root)
{
	json_t *value;
	const char *key;

	json_object_foreach(root, key, value)
		if (strcasecmp(key, "Message") == 0 && json_is_string(value))
			return key;
	return NULL;
}

static void
json_read(struct evidence *ev, struct blob *b)
{
	const struct limits *l = ev_limits(ev);
	struct item *response = item_up(b->item, ITEM_RESPONSE);
	size_t skip = skip_bom(b), n;
	const char *key, *text;
	json_error_t error;
	json_t *root, *message;
	struct span at;

	if (b->n > l->json_bytes) {
		ev_limit(ev, blob_span(b), "json_bytes", "a JSON message has "
		    "%zu bytes; it is not read", b->n);
		return;
	}
	root = json_loadb((const char *)b->p + skip, b->n - skip,
	    JSON_ALLOW_NUL, &error);
	if (root == NULL) {
		ev_damage(ev, blob_span(b), "JSON ends being JSON at byte %d: "
		    "%s", error.position, error.text);
		return;
	}
	key = json_is_object(root) ? message_key(root) : NULL;
	if (key == NULL || !find_member(b, key, &at))
		goto out;
	message = json_object_get(root, key);
	text = json_string_value(message);
	n = json_string_length(message);
	if (n > l->value_bytes) {
		n = (size_t)l->value_bytes;
		at.len = at.len < n ? at.len : n;
	}
	ev_fact(ev, response, &service_message, value_text(text, n), at);
out:
	json_decref(root);
}

static const struct field *const json_fields[] = { &service_message, NULL };

const struct parser parser_json = {
	.name = "json", .bid = json_bid, .read = json_read,
	.fields = json_fields
};
