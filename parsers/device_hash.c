/*
 * Reads the files that Autopilot knows a device by: DeviceHash CSV, whose
 * hash names the device and is neither kept nor cited, and the profile in
 * AutopilotDDSZTDFile.json.
 * Relies on jansson for JSON and on json_scan.h for places in it.
 */
#include <jansson.h>
#include <string.h>

#include "decode/json_scan.h"
#include "decode/parser.h"
#include "decode/tool_lines.h"
#include "parsers/fields.h"

#define COLUMNS	16

#define F(id, n, t, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(TOOL), .artifacts = 0, __VA_ARGS__ }

F(device_hash_present, "device_hash.present", BOOL, .help =
    "a hardware hash stands in the file; it is not shown");
F(device_hash_rows, "device_hash.rows", INT, .help =
    "devices that the file describes");
F(device_hash_serial, "device_hash.serial", TEXT, .personal = true, .help =
    "serial number of the first device");
F(device_hash_manufacturer, "device_hash.manufacturer", TEXT, .help =
    "its manufacturer, where the file has that column");
F(device_hash_model, "device_hash.model", TEXT, .help =
    "its model, where the file has that column");
F(autopilot_profile, "autopilot.profile", TEXT, .personal = true, .help =
    "DeploymentProfileName of the Autopilot file");
F(autopilot_tenant_id, "autopilot.tenant_id", TEXT, .personal = true, .help =
    "CloudAssignedTenantId");
F(autopilot_tenant_domain, "autopilot.tenant_domain", TEXT, .personal = true,
    .help = "CloudAssignedTenantDomain");
F(autopilot_oobe_config, "autopilot.oobe_config", INT, .help =
    "CloudAssignedOobeConfig: bits that say how the device is set up");
F(autopilot_correlation, "autopilot.correlation", TEXT, .help =
    "AutopilotServiceCorrelationId: the service's support asks for it");
F(autopilot_registration, "autopilot.registration", TEXT, .personal = true,
    .help = "ZtdRegistrationId");
F(autopilot_downloaded, "autopilot.downloaded", TIME, .help =
    "PolicyDownloadDate");

static const struct field *const fields[] = {
	&autopilot_correlation, &autopilot_downloaded, &autopilot_oobe_config,
	&autopilot_profile, &autopilot_registration, &autopilot_tenant_domain,
	&autopilot_tenant_id, &device_hash_manufacturer, &device_hash_model,
	&device_hash_present, &device_hash_rows, &device_hash_serial, NULL
};

/* ---- CSV ---- */

static const struct column {
	const char	*name;
	const struct field *field;	/* NULL: only that it is there */
} columns[] = {
	{ "Device Serial Number", &device_hash_serial },
	{ "Windows Product ID", NULL },
	{ "Hardware Hash", NULL },
	{ "Manufacturer name", &device_hash_manufacturer },
	{ "Device model", &device_hash_model },
};

/* Cells of a line, without their quotes (RFC 4180). */
static size_t
cells(const struct text *t, size_t line, struct text_part *ret)
{
	const struct text_line *l = &t->lines[line];
	size_t i = 0, n = 0, from, end;
	bool quoted;

	while (n < COLUMNS) {
		quoted = i < l->n && l->p[i] == '"';
		i += quoted;
		for (from = i; i < l->n && l->p[i] != (quoted ? '"' : ',');
		    i++)
			continue;
		end = i;
		while (i < l->n && l->p[i] != ',')
			i++;
		ret[n++] = (struct text_part){ l->off + from, end - from };
		if (i++ >= l->n)
			break;
	}
	return n;
}

/* The columns of the first line: which of ours stands where. */
static bool
head_read(const struct text *t, size_t line, const struct column **ret)
{
	struct text_part cell[COLUMNS];
	size_t n = cells(t, line, cell), i, j;
	bool hash = false, serial = false;

	for (i = 0; i < COLUMNS; i++)
		ret[i] = NULL;
	for (i = 0; i < n; i++)
		for (j = 0; j < sizeof(columns) / sizeof(*columns); j++)
			if (tool_key_is(t, cell[i], columns[j].name)) {
				ret[i] = &columns[j];
				serial |= j == 0;
				hash |= j == 2;
			}
	return serial && hash;
}

static void
csv_read(struct evidence *ev, struct blob *b)
{
	const struct column *head[COLUMNS];
	struct text_part cell[COLUMNS], hash = { 0, 0 };
	struct item *it;
	struct text t;
	size_t i, n, line, rows = 0;
	bool present = false;

	if (!text_decode(ev, b, &t) || t.nlines == 0 ||
	    !head_read(&t, 0, head)) {
		ev_slice(ev, blob_span(b), "text",
		    "text/vnd.aiktriage.rest", NULL);
		return;
	}
	n = cells(&t, 0, cell);
	for (i = 0; i < n; i++)
		if (head[i] == &columns[2])
			hash = cell[i];
	it = tool_item(ev, b, "device-hash", blob_span(b), text_span(&t,
	    hash.off, hash.n));
	for (line = 1; line < t.nlines; line++) {
		if (t.lines[line].n == 0)
			continue;
		n = cells(&t, line, cell);
		for (i = 0; i < n; i++) {
			if (head[i] == &columns[2])
				present |= cell[i].n >= 64;
			else if (rows == 0 && head[i] != NULL &&
			    head[i]->field != NULL && cell[i].n > 0)
				tool_fact(ev, it, &t, head[i]->field, cell[i]);
		}
		rows++;
	}
	/* The column's heading is cited, never the hash. */
	ev_derive(ev, it, &device_hash_present, value_bool(present),
	    text_span(&t, hash.off, hash.n), NULL, 0, NULL);
	ev_derive(ev, it, &device_hash_rows, value_int((int64_t)rows),
	    text_span(&t, hash.off, hash.n), NULL, 0, NULL);
	ev_input_kind(ev, b, "mdm-report");
}

/* ---- JSON ---- */

static const struct member {
	const char	*name;
	const struct field *field;
} members[] = {
	{ "DeploymentProfileName", &autopilot_profile },
	{ "CloudAssignedTenantId", &autopilot_tenant_id },
	{ "CloudAssignedTenantDomain", &autopilot_tenant_domain },
	{ "CloudAssignedOobeConfig", &autopilot_oobe_config },
	{ "AutopilotServiceCorrelationId", &autopilot_correlation },
	{ "ZtdRegistrationId", &autopilot_registration },
	{ "PolicyDownloadDate", &autopilot_downloaded },
};

static void
member_read(struct evidence *ev, const struct blob *b, struct item *it,
    json_t *root, const struct member *m)
{
	json_t *v = json_object_get(root, m->name);
	struct span at;
	int64_t us;

	if (v == NULL || !json_find_member(b, m->name, &at) || at.len == 0)
		return;
	switch (m->field->type) {
	case VALUE_INT:
		if (json_is_integer(v))
			ev_fact(ev, it, m->field,
			    value_int(json_integer_value(v)), at);
		break;
	case VALUE_TIME:
		if (json_is_string(v) && text_time(json_string_value(v),
		    json_string_length(v), &us) > 0)
			ev_fact(ev, it, m->field, value_time(us), at);
		break;
	default:
		if (json_is_string(v) && json_string_length(v) <=
		    ev_limits(ev)->value_bytes)
			ev_fact(ev, it, m->field,
			    value_text(json_string_value(v),
			    json_string_length(v)), at);
		break;
	}
}

static void
profile_read(struct evidence *ev, struct blob *b)
{
	size_t skip = json_skip_bom(b), i;
	struct span at = SPAN_NONE;
	json_error_t error;
	struct item *it;
	json_t *root;

	if (b->n > ev_limits(ev)->json_bytes) {
		ev_limit(ev, blob_span(b), "json_bytes", "a JSON file has "
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
	for (i = 0; i < sizeof(members) / sizeof(*members) &&
	    at.blob == BLOB_NONE; i++)
		if (!json_find_member(b, members[i].name, &at))
			at = SPAN_NONE;
	if (json_is_object(root) && at.blob != BLOB_NONE) {
		it = tool_item(ev, b, "autopilot-file", blob_span(b), at);
		for (i = 0; i < sizeof(members) / sizeof(*members); i++)
			member_read(ev, b, it, root, &members[i]);
		ev_input_kind(ev, b, "mdm-report");
	}
	json_decref(root);
}

/* ---- the parser ---- */

/* In the first line, in ASCII or with NULs between as in UTF-16. */
static size_t
word_at(const struct blob *b, size_t from, const char *word)
{
	size_t n = b->n < 512 ? b->n : 512, len = strlen(word), i, j, wide;

	for (i = from; i < n && b->p[i] != '\n'; i++)
		for (wide = 1; wide <= 2; wide++) {
			for (j = 0; j < len && i + wide * j < n &&
			    b->p[i + wide * j] == (uint8_t)word[j]; j++)
				continue;
			if (j == len)
				return i;
		}
	return SIZE_MAX;
}

static bool
is_csv(const struct blob *b)
{
	return word_at(b, 0, "Device Serial Number") <= 4 &&
	    word_at(b, 0, ",") != SIZE_MAX &&
	    word_at(b, 0, "Hardware Hash") != SIZE_MAX;
}

static bool
is_profile(const struct blob *b)
{
	size_t off = json_skip_blanks(b, json_skip_bom(b));

	return off < b->n && b->p[off] == '{' &&
	    (memmem(b->p, b->n, "\"CloudAssignedTenantId\"", 23) != NULL ||
	    memmem(b->p, b->n, "\"ZtdRegistrationId\"", 19) != NULL ||
	    memmem(b->p, b->n, "\"AutopilotServiceCorrelationId\"", 31) !=
	    NULL);
}

static int
device_hash_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	if (b->item->kind != ITEM_FILE || (b->hint != NULL &&
	    strncmp(b->hint, "text/vnd.aiktriage.", 19) == 0))
		return 0;
	if (is_profile(b))
		return 90;
	return is_csv(b) && text_bid(b) > 0 ? 90 : 0;
}

static void
device_hash_read(struct evidence *ev, struct blob *b)
{
	if (is_profile(b))
		profile_read(ev, b);
	else
		csv_read(ev, b);
}

const struct parser parser_device_hash = {
	.name = "device_hash", .bid = device_hash_bid,
	.read = device_hash_read, .fields = fields
};
