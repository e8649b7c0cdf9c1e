/*
 * Reads a JSON answer: the service's word {"Message":"..."}, and certificates
 * of the EK services: Intel's is {"pubhash":"...","certificate":"..."}, what
 * the others call theirs is not published.
 * Relies on jansson for what JSON is and means, and on json_scan.h and
 * json_walk.h for the places of strings.  RFC 8259, RFC 4648 5.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/json_scan.h"
#include "decode/json_walk.h"
#include "decode/parser.h"
#include "parsers/fields.h"

#define CERTIFICATES	16	/* of one answer */
#define DEPTH		4	/* objects and lists around one */
#define MIN_DER		64	/* shorter strings are no certificate */

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
	if (off == b->n || strchr("{[\"", b->p[off]) == NULL ||
	    b->p[off] == 0)
		return 0;
	/* More than PEM, whose lines a string may hold. */
	return blob_hint_is(b, HINT_JSON) ? 88 : 50;
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
		if (c == '\r' || c == '\n')
			continue;
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

/* A certificate or a message of them: DER in base64, or PEM. */
static bool
string_read(struct evidence *ev, const struct scan_value *v)
{
	size_t n, der_n;
	const char *text = scan_text(ev, v, &n);
	const char *how = v->escapes ? "JSON string" : NULL;
	uint8_t *der;

	if (memmem(text, n, "-----BEGIN ", 11) != NULL) {
		if (how == NULL) {
			ev_slice(ev, v->at, "JSON string", NULL, NULL);
		} else if ((der = malloc(n)) != NULL) {
			memcpy(der, text, n);
			ev_step(ev, v->at, how, NULL, NULL, der, n);
		}
		return true;
	}
	der = base64_any(text, n, &der_n);
	if (der == NULL || der_n < MIN_DER || der[0] != 0x30 ||
	    der[1] < 0x81 || der[1] > 0x83) {
		free(der);
		return false;
	}
	ev_step(ev, v->at, "base64url", NULL, NULL, der, der_n);
	return true;
}

static void
value_walk(struct evidence *ev, const struct scan_value *v,
    unsigned int depth, size_t *left)
{
	struct scan_value inner;
	struct scan scan;

	if (*left == 0 || depth > DEPTH)
		return;
	if (v->type == SCAN_STRING) {
		*left -= string_read(ev, v);
		return;
	}
	scan_open(&scan, v);
	while (*left > 0 && scan_next(&scan, NULL, &inner))
		value_walk(ev, &inner, depth + 1, left);
}

/* Does the answer come from a service that gives EK certificates? */
static bool
of_ek_service(const struct evidence *ev, const struct item *response)
{
	const struct item *request = ev_first(ev, ITEM_REQUEST);
	const char *scope;

	while (request != NULL && (response == NULL ||
	    request->parent != response->parent))
		request = request->next;
	scope = request == NULL ? NULL : item_text(request, &request_scope);
	return scope != NULL && strcmp(scope, "ek-service") == 0;
}

static void
certificates_read(struct evidence *ev, struct blob *b,
    const struct item *response)
{
	struct scan_value root, named;
	size_t left = CERTIFICATES;

	if (!scan_root(b, &root))
		return;
	if (of_ek_service(ev, response)) {
		value_walk(ev, &root, 0, &left);
		named = (struct scan_value){ .type = SCAN_NONE };
	} else if (scan_get(&root, "certificate", &named))
		value_walk(ev, &named, 0, &left);
	if (left == CERTIFICATES && scan_get(&root, "certificate", &named) &&
	    named.type == SCAN_STRING && named.at.len > 0)
		ev_problem(ev, PROBLEM_NOTED, named.at, "the certificate in "
		    "an EK service's answer is no base64 of one");
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
	    JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
	if (root == NULL) {
		ev_damage(ev, blob_span(b), "JSON ends being JSON at byte %d: "
		    "%s", error.position, error.text);
		return;
	}
	certificates_read(ev, b, response);
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
