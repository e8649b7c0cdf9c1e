/*
 * The SARIF 2.1.0 report: rules as reporting descriptors, findings as results,
 * every citation as a region of bytes in an artifact; members of an archive
 * are artifacts with a parent.  Relies on json_parts.h.
 */
#include <string.h>

#include "report/json_parts.h"

#define SARIF_SCHEMA							\
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/"	\
	"schemas/sarif-schema-2.1.0.json"
/* Locations of one result; the JSON report has them all. */
#define LOCATIONS_MAX	20

struct artifact_row {
	const char	*name;		/* input path, or member below it */
	size_t		 parent;	/* SIZE_MAX: an input */
	const char	*sha256;	/* of an input */
	uint64_t	 length;
};

struct sarif {
	struct model	*model;
	struct arena	*arena;
	struct list	 artifacts;	/* struct artifact_row */
};

static json_t *
text(const char *s)
{
	return json_text(s, strlen(s));
}

static json_t *
message(const char *s)
{
	json_t *object = json_object();

	json_set(object, "text", text(s));
	return object;
}

/* RFC 3986: all but unreserved characters and '/' by percent. */
static json_t *
uri(struct arena *arena, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	static const char digits[] = "0123456789ABCDEF";
	char *to = arena_alloc(arena, 3 * strlen(s) + 1), *p = to;

	for (; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL) {
			*p++ = *s;
			continue;
		}
		*p++ = '%';
		*p++ = digits[(unsigned char)*s >> 4];
		*p++ = digits[(unsigned char)*s & 15];
	}
	return text(to);
}

static size_t
artifact_of(struct sarif *sarif, const char *name, size_t parent)
{
	struct artifact_row *row;
	size_t i;

	for (i = 0; i < sarif->artifacts.n; i++) {
		row = sarif->artifacts.v[i];
		if (row->parent == parent && strcmp(row->name, name) == 0)
			return i;
	}
	row = arena_alloc(sarif->arena, sizeof(*row));
	row->name = name;
	row->parent = parent;
	list_add(sarif->arena, &sarif->artifacts, row);
	return i;
}

/* The artifact of a citation: the input, or its member. */
static size_t
artifact_cited(struct sarif *sarif, const struct citation *at)
{
	size_t i = artifact_of(sarif, at->input->path, SIZE_MAX);

	return at->member[0] == '\0' ? i :
	    artifact_of(sarif, at->member, i);
}

static json_t *
artifact_location(struct sarif *sarif, size_t i)
{
	const struct artifact_row *row = sarif->artifacts.v[i];
	json_t *object = json_object();

	json_set(object, "uri", uri(sarif->arena, row->name));
	json_set(object, "index", json_integer((json_int_t)i));
	return object;
}

static json_t *
location(struct sarif *sarif, const struct proof *proof)
{
	json_t *object = json_object(), *physical = json_object();
	json_t *region = json_object();

	json_set(physical, "artifactLocation", artifact_location(sarif,
	    artifact_cited(sarif, &proof->at)));
	/* After a step the offsets count in its bytes, not in the file's. */
	if (proof->at.nvia == 0) {
		json_set(region, "byteOffset",
		    json_integer((json_int_t)proof->at.offset));
		json_set(region, "byteLength",
		    json_integer((json_int_t)proof->at.length));
		json_set(physical, "region", region);
	} else
		json_decref(region);
	json_set(object, "physicalLocation", physical);
	json_set(object, "message", message(arena_printf(sarif->arena,
	    "%s: %.*s = %.*s", citation_text(sarif->model, &proof->at),
	    (int)proof->field.n, proof->field.p, (int)proof->value.n,
	    proof->value.p)));
	return object;
}

static json_t *
result(struct sarif *sarif, const struct row_finding *row, size_t index)
{
	json_t *object = json_object(), *places = json_array();
	json_t *properties = json_object();
	const struct proof *proof;
	size_t i;

	for (i = 0; i < row->proofs.n && i < LOCATIONS_MAX; i++) {
		proof = row->proofs.v[i];
		if (proof->fact != NULL)
			(void)json_array_append_new(places,
			    location(sarif, proof));
	}
	json_set(object, "ruleId", text(row->id));
	json_set(object, "ruleIndex", json_integer((json_int_t)index));
	json_set(object, "level", text(severity_names[row->rule->severity]));
	json_set(object, "message", message(row->finding->title));
	json_set(object, "locations", places);
	json_set(properties, "kind", text(rule_kind_names[row->rule->kind]));
	json_set(properties, "confidence",
	    text(confidence_names[row->finding->confidence]));
	json_set(object, "properties", properties);
	return object;
}

static json_t *
descriptor(const struct row_finding *row)
{
	json_t *object = json_object(), *level = json_object();

	json_set(object, "id", text(row->id));
	json_set(object, "shortDescription", message(row->finding->title));
	if (row->finding->why != NULL)
		json_set(object, "fullDescription", message(row->finding->why));
	if (row->rule->nfix > 0)
		json_set(object, "help", message(row->finding->fix[0]));
	if (row->rule->nsee > 0 && strncmp(row->rule->see[0], "https://", 8) ==
	    0)
		json_set(object, "helpUri", text(row->rule->see[0]));
	json_set(level, "level", text(severity_names[row->rule->severity]));
	json_set(object, "defaultConfiguration", level);
	return object;
}

static json_t *
artifacts_json(struct sarif *sarif)
{
	json_t *array = json_array(), *object, *place, *hashes;
	const struct artifact_row *row;
	size_t i;

	for (i = 0; i < sarif->artifacts.n; i++) {
		row = sarif->artifacts.v[i];
		object = json_object();
		place = json_object();
		json_set(place, "uri", uri(sarif->arena, row->name));
		json_set(object, "location", place);
		if (row->parent != SIZE_MAX)
			json_set(object, "parentIndex",
			    json_integer((json_int_t)row->parent));
		if (row->sha256 != NULL) {
			hashes = json_object();
			json_set(hashes, "sha-256", text(row->sha256));
			json_set(object, "hashes", hashes);
			json_set(object, "length",
			    json_integer((json_int_t)row->length));
		}
		(void)json_array_append_new(array, object);
	}
	return array;
}

/* Inputs come first, so that their index is their number. */
static void
inputs_add(struct sarif *sarif)
{
	const struct row_input *input;
	struct artifact_row *row;
	size_t i, index;

	for (i = 0; i < sarif->model->inputs.n; i++) {
		input = sarif->model->inputs.v[i];
		index = artifact_of(sarif, input->input->path, SIZE_MAX);
		row = sarif->artifacts.v[index];
		row->sha256 = input->sha256;
		row->length = input->input->size;
	}
}

/* What was not read is a notification, and the run is not successful. */
static json_t *
invocation(struct sarif *sarif)
{
	json_t *object = json_object(), *notes = json_array(), *note;
	const struct row_input *row;
	size_t i, k;

	for (i = 0; i < sarif->model->inputs.n; i++) {
		row = sarif->model->inputs.v[i];
		for (k = 0; k < row->problems.n; k++) {
			note = json_object();
			json_set(note, "level", text(row->input->state ==
			    INPUT_READ ? "note" : "warning"));
			json_set(note, "message", message(arena_printf(
			    sarif->arena, "%s: %s", row->input->path,
			    (const char *)row->problems.v[k])));
			(void)json_array_append_new(notes, note);
		}
	}
	json_set(object, "executionSuccessful",
	    json_boolean(sarif->model->report->exit_status != 3));
	json_set(object, "exitCode",
	    json_integer(sarif->model->report->exit_status));
	json_set(object, "toolExecutionNotifications", notes);
	return object;
}

static int
sarif_write(const struct report *report, FILE *f)
{
	struct sarif sarif = { .model = model_new(report),
	    .arena = ev_arena(report->ev) };
	const struct list *findings = &sarif.model->findings;
	json_t *root = json_object(), *runs = json_array();
	json_t *run = json_object(), *tool = json_object();
	json_t *driver = json_object(), *rules = json_array();
	json_t *results = json_array(), *properties = json_object();
	json_t *invocations = json_array();
	size_t i;
	int rc;

	inputs_add(&sarif);
	for (i = 0; i < findings->n; i++) {
		(void)json_array_append_new(rules, descriptor(findings->v[i]));
		(void)json_array_append_new(results, result(&sarif,
		    findings->v[i], i));
	}
	json_set(driver, "name", text("aiktriage"));
	json_set(driver, "version", text(sarif.model->version));
	json_set(driver, "rules", rules);
	json_set(tool, "driver", driver);
	json_set(run, "tool", tool);
	(void)json_array_append_new(invocations, invocation(&sarif));
	json_set(run, "invocations", invocations);
	json_set(run, "results", results);
	json_set(run, "artifacts", artifacts_json(&sarif));
	json_set(properties, "verdict", text(sarif.model->verdict->sentence));
	json_set(properties, "case", text(sarif.model->case_id));
	json_set(properties, "rulesSha256", text(sarif.model->rules_sha256));
	json_set(properties, "escalation", json_escalation(sarif.model));
	json_set(run, "properties", properties);
	(void)json_array_append_new(runs, run);
	json_set(root, "$schema", text(SARIF_SCHEMA));
	json_set(root, "version", text("2.1.0"));
	json_set(root, "runs", runs);
	rc = json_write(root, false, f);
	json_decref(root);
	return rc;
}

const struct reporter	reporter_sarif = {
	.name = "sarif",
	.suffix = ".sarif",
	.write = sarif_write,
};
