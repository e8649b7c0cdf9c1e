/*
 * The CSV report: a header, then one row a finding, or one row without a
 * finding; RFC 4180 with CRLF.  Relies on model.h and csv_cell.h.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "report/csv_cell.h"
#include "report/model.h"

static const char *const columns[] = {
	"case", "outcome", "cause", "cause_confidence", "rule", "kind",
	"severity", "confidence", "overtaken", "codes", "title", "authority",
	"vendor", "ek_issuer", "time", "input", "member", "offset", "length",
	"field", "value", "device", "firmware", "windows_build",
	"request_ids", "client_request_ids"
};

struct csv {
	FILE		*f;
	struct arena	*arena;
	bool		 begun;		/* the row has a cell already */
};

static void
cell(struct csv *csv, struct str s)
{
	csv_cell(csv->f, csv->arena, s, !csv->begun);
	csv->begun = true;
}

static void
cell_text(struct csv *csv, const char *s)
{
	cell(csv, str_of(s));
}

static void
cell_number(struct csv *csv, size_t n)
{
	cell_text(csv, arena_printf(csv->arena, "%zu", n));
}

static void
row_end(struct csv *csv)
{
	(void)fputs("\r\n", csv->f);
	csv->begun = false;
}

/* The attempt that a row is about: the finding's, else the verdict's. */
static const struct row_attempt *
attempt_of(const struct model *model, const struct row_finding *finding)
{
	const struct row_attempt *row, *last = model->chosen;
	const struct item *item = NULL;
	size_t i;

	if (finding != NULL && finding->finding->item != NULL)
		item = item_up(finding->finding->item, ITEM_ATTEMPT);
	for (i = 0; i < model->attempts.n; i++) {
		row = model->attempts.v[i];
		if (item != NULL && row->at == item)
			return row;
		if (last == NULL || (row->last && model->chosen == NULL))
			last = row;
	}
	return last;
}

/* The ids of its answers that failed, with blanks between. */
static const char *
ids_text(struct arena *arena, const struct row_attempt *at, bool client)
{
	const struct row_stage *stage;
	const char *s = "";
	struct str id;
	size_t i;

	for (i = 0; at != NULL && i < at->stages.n; i++) {
		stage = at->stages.v[i];
		id = client ? stage->client_request_id : stage->request_id;
		if (str_is(stage->state, "failed") && !str_empty(id))
			s = arena_printf(arena, "%s%s%.*s", s,
			    *s == '\0' ? "" : " ", (int)id.n, id.p);
	}
	return s;
}

static const char *
codes_text(struct arena *arena, const struct row_finding *row)
{
	const char *s = "";
	size_t i;

	for (i = 0; i < row->ncodes; i++)
		s = arena_printf(arena, "%s%s0x%08x", s, i == 0 ? "" : " ",
		    (unsigned int)row->codes[i]);
	return s;
}

static void
cells_finding(struct csv *csv, const struct row_finding *row)
{
	const struct rule *rule = row->rule;

	cell_text(csv, row->id);
	cell_text(csv, rule_kind_names[rule->kind]);
	cell_text(csv, severity_names[rule->severity]);
	cell_text(csv, confidence_names[row->finding->confidence]);
	cell_text(csv, row->finding->overtaken ? "true" : "false");
	cell_text(csv, codes_text(csv->arena, row));
	cell_text(csv, row->finding->title);
}

static void
cells_proof(struct csv *csv, const struct proof *proof)
{
	size_t i;

	if (proof == NULL || proof->fact == NULL) {
		for (i = 0; i < 5; i++)
			cell_text(csv, "");
		cell_text(csv, proof == NULL ? "" : proof->gap);
		return;
	}
	cell_text(csv, proof->at.input->path);
	cell_text(csv, proof->at.member);
	cell_number(csv, proof->at.offset);
	cell_number(csv, proof->at.length);
	cell(csv, proof->field);
	cell(csv, proof->value);
}

/* Of several devices only what this attempt tells. */
static void
cells_device(struct csv *csv, const struct model *model,
    const struct row_attempt *at)
{
	bool several = model->devices.n > 1;
	struct str none = { "", 0 };

	if (at == NULL)
		cell(csv, none);
	else
		cell_number(csv, (size_t)at->device);
	cell(csv, !several ? model->device.firmware : at == NULL ? none :
	    at->firmware);
	cell(csv, !several ? model->device.windows_build : at == NULL ? none :
	    at->windows_build);
	cell_text(csv, ids_text(csv->arena, at, false));
	cell_text(csv, ids_text(csv->arena, at, true));
}

static void
row_write(struct csv *csv, struct model *model, const struct row_finding *row)
{
	const struct row_attempt *at = attempt_of(model, row);
	const struct verdict *v = model->verdict;
	struct str vendor = model->device.vendor;
	size_t i;

	if (model->devices.n > 1)
		vendor = at == NULL ? str_of("") : at->vendor;
	cell_text(csv, model->case_id);
	cell_text(csv, outcome_names[v->outcome]);
	cell_text(csv, v->cause == NULL ? "" : v->cause->rule->id);
	cell_text(csv, v->cause == NULL ? "" :
	    confidence_names[v->confidence]);
	if (row != NULL)
		cells_finding(csv, row);
	else
		for (i = 0; i < 7; i++)
			cell_text(csv, "");
	cell(csv, at == NULL ? str_of("") : at->host);
	cell(csv, vendor);
	cell(csv, at == NULL ? str_of("") : item_show(model->ev, at->at,
	    &ek_issuer_name));
	cell_text(csv, at == NULL || at->time == ABSENT ? "" :
	    time_text(csv->arena, at->time));
	cells_proof(csv, row == NULL || row->proofs.n == 0 ? NULL :
	    row->proofs.v[0]);
	cells_device(csv, model, at);
	row_end(csv);
}

static int
csv_write(const struct report *report, FILE *f)
{
	struct model *model = model_new(report);
	struct csv csv = { .f = f, .arena = ev_arena(report->ev) };
	size_t i;

	csv_begin(f, report->csv_bom);
	for (i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		cell_text(&csv, columns[i]);
	row_end(&csv);
	for (i = 0; i < model->findings.n; i++)
		row_write(&csv, model, model->findings.v[i]);
	if (model->findings.n == 0)
		row_write(&csv, model, NULL);
	return ferror(f) ? -1 : 0;
}

const struct reporter	reporter_csv = {
	.name = "csv",
	.suffix = ".csv",
	.write = csv_write,
};
