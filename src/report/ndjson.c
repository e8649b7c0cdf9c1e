/*
 * The JSON report on one line, as a batch writes one a case.
 * Relies on json.c.
 */
#include "report/json_parts.h"

static int
ndjson_write(const struct report *report, FILE *f)
{
	json_t	*root = json_report(model_new(report));
	int	 rc;

	rc = json_write(root, true, f);
	json_decref(root);
	return rc;
}

const struct reporter	reporter_ndjson = {
	.name = "ndjson",
	.suffix = ".ndjson",
	.write = ndjson_write,
};
