/*
 * Makes the row of a case again from its line of NDJSON, so that results that
 * are joined give what the batch itself would have given.
 * Relies on row.h and jansson.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "batch/row.h"
#include "report/model.h"

#define REQUEST_IDS	16		/* as row_write.c has them */

bool
row_beside(enum case_column column)
{
	switch (column) {
	case CASE_STAGE: case CASE_CODE: case CASE_HTTP_STATUS:
	case CASE_VENDOR: case CASE_CA: case CASE_FAMILY: case CASE_HOST:
	case CASE_AUTHORITY: case CASE_DEVICE: case CASE_TIME:
	case CASE_WEEK: case CASE_TRANSACTION:
		return true;
	default:
		return false;
	}
}

/* ---- values; what is not there or of another kind is empty ---- */

static struct str
text_of(const json_t *json)
{
	return json_is_string(json) ? (struct str){ json_string_value(json),
	    json_string_length(json) } : str_of("");
}

static struct str
text_at(const json_t *object, const char *key)
{
	return text_of(json_object_get(object, key));
}

static void
put(struct row *row, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_integer(value))
		row_put_number(row, json_integer_value(value));
	else
		row_put(row, text_of(value));
}

/* The first n texts of an array with something between. */
static void
put_joined(struct row *row, const json_t *array, size_t most,
    const char *between)
{
	struct str one;
	char *all = NULL;
	size_t i, n = 0;
	FILE *f = open_memstream(&all, &n);

	if (f == NULL)
		abort();
	for (i = 0; i < json_array_size(array) && i < most; i++) {
		one = text_of(json_array_get(array, i));
		(void)fprintf(f, "%s%.*s", i == 0 ? "" : between, (int)one.n,
		    one.p);
	}
	if (fclose(f) != 0)
		abort();
	row_put(row, (struct str){ all, n });
	free(all);
}

/* ---- tables ---- */

static void
put_case(struct row *row, const json_t *root)
{
	const json_t *batch = json_object_get(root, "batch"),
	    *tool = json_object_get(root, "tool"),
	    *verdict = json_object_get(root, "verdict"),
	    *device = json_object_get(root, "device"),
	    *escalation = json_object_get(root, "escalation");
	const struct {
		enum case_column column;
		const json_t *object;
		const char *key;
	} places[] = {
		{ CASE_ID, json_object_get(root, "case"), "id" },
		{ CASE_OUTCOME, verdict, "outcome" },
		{ CASE_CAUSE, verdict, "cause" },
		{ CASE_CONFIDENCE, json_is_string(json_object_get(verdict,
		    "cause")) ? verdict : NULL, "confidence" },
		{ CASE_FIRMWARE, device, "firmware" },
		{ CASE_TPM_VERSION, device, "tpm_version" },
		{ CASE_WINDOWS_BUILD, device, "windows_build" },
		{ CASE_SENTENCE, verdict, "sentence" },
		{ CASE_NEXT_STEP, verdict, "next_step" },
		{ CASE_TOOL_VERSION, tool, "version" },
		{ CASE_RULES_SHA256, tool, "rules_sha256" }
	};
	const size_t n = sizeof(places) / sizeof(places[0]);
	size_t i, k;

	(void)row_begin(row, ROW_CASE);
	for (i = 0; i < CASE_COLUMN_COUNT; i++) {
		for (k = 0; k < n && places[k].column != i; k++)
			continue;
		if (k < n)
			put(row, places[k].object, places[k].key);
		else if (i == CASE_REQUEST_IDS)
			put_joined(row, json_object_get(escalation,
			    "request_ids"), REQUEST_IDS, " ");
		else if (i == CASE_CLIENT_REQUEST_IDS)
			put_joined(row, json_object_get(escalation,
			    "client_request_ids"), REQUEST_IDS, " ");
		else
			put(row, batch, row_column(ROW_CASE, i));
	}
}

static void
put_inputs(struct row *row, const json_t *inputs)
{
	const json_t *in;
	size_t i;

	for (i = 0; i < json_array_size(inputs) && row_begin(row, ROW_INPUT);
	    i++) {
		in = json_array_get(inputs, i);
		put(row, in, "path");
		put(row, in, "kind");
		put(row, in, "size");
		put(row, in, "sha256");
		put(row, in, "state");
		row_put(row, text_of(json_array_get(json_object_get(in,
		    "problems"), 0)));
	}
}

/* The link of the chain that a rule is, from 1. */
static int64_t
chain_link(const json_t *chain, struct str rule)
{
	struct str link;
	size_t i;

	for (i = 0; i < json_array_size(chain); i++) {
		link = text_of(json_array_get(chain, i));
		if (link.n == rule.n && memcmp(link.p, rule.p, rule.n) == 0)
			return (int64_t)i + 1;
	}
	return ABSENT;
}

/* An entry of `because`, or none. */
static void
put_proof(struct row *row, const json_t *proof)
{
	put(row, proof, "input");
	put(row, proof, "member");
	put(row, proof, "offset");
	put(row, proof, "length");
	put_joined(row, json_object_get(proof, "via"), SIZE_MAX, ", ");
	put(row, proof, "field");
	put(row, proof, json_object_get(proof, "gap") != NULL ? "gap" :
	    "value");
}

static void
put_findings(struct row *row, const json_t *findings, const json_t *chain)
{
	const json_t *found;
	size_t i;

	for (i = 0; i < json_array_size(findings) &&
	    row_begin(row, ROW_FINDING); i++) {
		found = json_array_get(findings, i);
		put(row, found, "rule");
		put(row, found, "kind");
		put(row, found, "severity");
		put(row, found, "confidence");
		row_put_number(row, json_is_true(json_object_get(found,
		    "overtaken")));
		row_put_number(row, chain_link(chain, text_at(found,
		    "rule")));
		put_joined(row, json_object_get(found, "codes"), SIZE_MAX,
		    " ");
		put(row, found, "title");
		put_proof(row, json_array_get(json_object_get(found,
		    "because"), 0));
	}
}

static const json_t *
finding_of(const json_t *findings, struct str rule)
{
	const json_t *found;
	struct str id;
	size_t i;

	for (i = 0; i < json_array_size(findings); i++) {
		found = json_array_get(findings, i);
		id = text_at(found, "rule");
		if (id.n == rule.n && memcmp(id.p, rule.p, rule.n) == 0)
			return found;
	}
	return NULL;
}

static void
put_proofs(struct row *row, const json_t *findings, const json_t *chain)
{
	const json_t *because;
	struct str rule;
	size_t i, k;

	for (i = 0; i < json_array_size(chain); i++) {
		rule = text_of(json_array_get(chain, i));
		because = json_object_get(finding_of(findings, rule),
		    "because");
		for (k = 0; k < json_array_size(because) && k < ROW_PROOFS &&
		    row_begin(row, ROW_PROOF); k++) {
			row_put(row, rule);
			put_proof(row, json_array_get(because, k));
		}
	}
}

/* ---- a line ---- */

static bool
refuse(char *ret_why, size_t size, const char *why)
{
	snprintf(ret_why, size, "%s", why);
	return false;
}

static enum outcome
outcome_of(struct str word)
{
	unsigned int i;

	for (i = 0; i < OUTCOME_UNDETERMINED; i++)
		if (str_is(word, outcome_names[i]))
			return (enum outcome)i;
	return OUTCOME_UNDETERMINED;
}

static char *
copy(struct str s)
{
	char *p = strndup(s.p, s.n);

	if (p == NULL)
		abort();
	return p;
}

static bool
line_take(const json_t *root, struct row_line *ret)
{
	const json_t *batch = json_object_get(root, "batch"), *esc;
	struct row row = { .arena = arena_new() };
	char *bytes = NULL;
	struct str text;

	ret->path = copy(text_at(batch, "path"));
	ret->died = copy(text_at(batch, "died"));
	ret->position = (uint64_t)json_integer_value(json_object_get(batch,
	    "position"));
	ret->exit_status = (int)json_integer_value(json_object_get(batch,
	    "exit_status"));
	ret->outcome = outcome_of(text_at(json_object_get(root, "verdict"),
	    "outcome"));
	if ((row.f = open_memstream(&bytes, &ret->row_n)) == NULL)
		abort();
	put_case(&row, root);
	put_inputs(&row, json_object_get(json_object_get(root, "case"),
	    "inputs"));
	put_findings(&row, json_object_get(root, "findings"),
	    json_object_get(root, "chain"));
	put_proofs(&row, json_object_get(root, "findings"),
	    json_object_get(root, "chain"));
	esc = json_object_get(root, "escalation");
	text = text_at(esc, "text");
	row_put_escalation(&row, text.p, text.n);
	if (fclose(row.f) != 0)
		abort();
	arena_free(row.arena);
	ret->row = (uint8_t *)bytes;
	return row_sound(ret->row, ret->row_n);
}

bool
row_line_read(const char *line, size_t n, struct row_line *ret,
    char *ret_why, size_t why_size)
{
	json_error_t error;
	json_t *root;
	bool good;

	*ret = (struct row_line){ .path = NULL };
	root = json_loadb(line, n, JSON_ALLOW_NUL, &error);
	if (root == NULL)
		return refuse(ret_why, why_size, error.text);
	good = json_is_object(json_object_get(root, "batch")) &&
	    line_take(root, ret);
	json_decref(root);
	if (!good)
		return refuse(ret_why, why_size, "is no result of a batch");
	return true;
}

void
row_line_clear(struct row_line *line)
{
	free(line->path);
	free(line->died);
	free(line->row);
	*line = (struct row_line){ .path = NULL };
}
