/*
 * Knows the note that aiktriage redact leaves beside what it wrote, and says
 * that tokens stand in the place of values and how many signatures are gone.
 * Relies on jansson; src/redact/report.c writes it.
 */
#include <string.h>

#include <jansson.h>

#include "decode/parser.h"
#include "parsers/fields.h"

#define SCHEMA	"aiktriage-redaction/1"

static int
redaction_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return b->n > 2 && b->n < 65536 && b->p[0] == '{' &&
	    memmem(b->p, b->n, "\"" SCHEMA "\"", strlen(SCHEMA) + 2) != NULL ?
	    95 : 0;
}

static void
redaction_read(struct evidence *ev, struct blob *b)
{
	json_t *root = json_loadb((const char *)b->p, b->n,
	    JSON_REJECT_DUPLICATES, NULL);
	const char *schema = json_string_value(json_object_get(root,
	    "schema"));
	json_int_t signatures = json_integer_value(json_object_get(root,
	    "signatures_removed"));

	ev_input_kind(ev, b, "text");
	if (schema == NULL || strcmp(schema, SCHEMA) != 0)
		ev_problem(ev, PROBLEM_NOTED, blob_span(b),
		    "the note of a redaction cannot be read");
	else
		ev_problem(ev, PROBLEM_NOTED, blob_span(b), "the case was "
		    "redacted: tokens stand for values, %lld signatures were "
		    "removed", (long long)signatures);
	json_decref(root);
}

static const struct field *const redaction_fields[] = { NULL };

const struct parser parser_redaction = {
	.name = "redaction", .bid = redaction_bid, .read = redaction_read,
	.fields = redaction_fields
};
