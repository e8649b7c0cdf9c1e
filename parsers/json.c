/*
 * Reads a JSON answer: the service's word {"Message":"..."}, and the EK
 * certificate of Intel's service, {"pubhash":"...","certificate":"..."}.
 * Relies on jansson for what JSON is and means, and on json_scan.h for the
 * places of strings.  RFC 8259, RFC 4648 5.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/json_scan.h"
#include "decode/parser.h"
#include "parsers/fields.h"

const struct field service_message = {
	.name = "service.message", .type = VALUE_TEXT,
	.kinds = KIND(RESPONSE) | KIND(STAGE) | KIND(ATTEMPT),
	.artifacts = ARTIFACT(MESSAGE),
	.help = "what the service said in its JSON error: {\"Message\":\"...\"}"
};

static int
json_bid(const struct evidence *ev, const struct blob *b)
{
	size_t off;

	(void)ev;
	/* A JSON file of its own is text that may hold a note. */
	if (item_up(b->item, ITEM_RESPONSE) == NULL)
		return 0;
	off = json_skip_blanks(b, json_skip_bom(b));
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

/* Base64 in either alphabet, with or without its padding; else NULL. */
static uint8_t *
base64_any(const char *p, size_t n, size_t *ret_n)
{
	uint8_t *to = malloc(n / 4 * 3 + 3);
	uint32_t bits = 0, digit;
	unsigned int have = 0;
	size_t i;
	char c;

	*ret_n = 0;
	if (to == NULL)
		return NULL;
	for (i = 0; i < n && p[i] != '='; i++) {
		c = p[i];
		if (c >= 'A' && c <= 'Z')
			digit = (uint32_t)(c - 'A');
		else if (c >= 'a' && c <= 'z')
			digit = (uint32_t)(c - 'a') + 26;
		else if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0') + 52;
		else if (c == '+' || c == '-')
			digit = 62;
		else if (c == '/' || c == '_')
			digit = 63;
		else {
			free(to);
			return NULL;
		}
		bits = (bits << 6 | digit) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[(*ret_n)++] = (uint8_t)(bits >> have);
		}
	}
	return to;
}

/* ekop.intel.com: the certificate as base64url of its DER. */
static void
certificate_read(struct evidence *ev, struct blob *b, json_t *root)
{
	json_t *value = json_object_get(root, "certificate");
	struct span at;
	uint8_t *der;
	size_t n;

	if (!json_is_string(value) || json_string_length(value) == 0 ||
	    !json_find_member(b, "certificate", &at))
		return;
	der = base64_any(json_string_value(value), json_string_length(value),
	    &n);
	if (der == NULL)
		ev_problem(ev, PROBLEM_NOTED, at, "the certificate in an EK "
		    "service's answer is no base64");
	else
		ev_step(ev, at, "base64url", HINT_CERT, NULL, der, n);
}

static void
json_read(struct evidence *ev, struct blob *b)
{
	const struct limits *l = ev_limits(ev);
	struct item *response = item_up(b->item, ITEM_RESPONSE);
	size_t skip = json_skip_bom(b), n;
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
	if (json_is_object(root))
		certificate_read(ev, b, root);
	key = json_is_object(root) ? message_key(root) : NULL;
	if (key == NULL || !json_find_member(b, key, &at))
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
