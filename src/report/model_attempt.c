/*
 * Attempts with their stages.
 * Relies on the correlators' facts (correlate/attempt.h).
 */
#include "report/model.h"

#include "correlate/attempt.h"
#include "correlate/device.h"
#include "parsers/fields.h"

/* The first code that is an error; 0 is none. */
static struct str
stage_hresult(struct evidence *ev, const struct item *item)
{
	const struct fact	*fact;

	for (fact = item_fact(item, &stage_code); fact != NULL;
	    fact = fact_next(fact))
		if (fact->value.number != 0)
			return fact_show(ev, fact);
	return str_of(NULL);
}

static void
stage_row(struct model *model, struct row_attempt *attempt,
    const struct item *item)
{
	struct evidence		*ev = model->ev;
	struct row_stage	*row = arena_alloc(ev_arena(ev), sizeof(*row));

	row->at = item;
	row->name = item_show(ev, item, &stage_name);
	row->state = item_show(ev, item, &stage_state);
	row->item = item_show(ev, item, &stage_item);
	row->message = item_show(ev, item, &service_message);
	row->reason = item_show(ev, item, &http_reason);
	row->made_by = item_show(ev, item, &http_made_by);
	row->request_id = item_show(ev, item, &stage_request_id);
	row->client_request_id = item_show(ev, item,
	    &stage_client_request_id);
	row->hresult = stage_hresult(ev, item);
	row->time = item_count(item, &stage_time);
	row->date = item_count(item, &http_date);
	row->duration_ms = item_count(item, &stage_duration);
	row->http_status = item_count(item, &http_status);
	row->pki_status = item_count(item, &scep_pki_status);
	row->fail_info = item_count(item, &scep_fail_info);
	list_add(ev_arena(ev), &attempt->stages, row);
}

static void
attempt_row(struct model *model, const struct item *item)
{
	struct evidence		*ev = model->ev;
	struct row_attempt	*row = arena_alloc(ev_arena(ev), sizeof(*row));
	const struct item	*stage;

	row->at = item;
	row->source = item_show(ev, item, &attempt_source);
	row->outcome = item_show(ev, item, &attempt_outcome);
	row->failed_stage = item_show(ev, item, &attempt_failed_stage);
	row->host = item_show(ev, item, &attempt_host);
	row->vendor = item_show(ev, item, &attempt_vendor);
	row->form = item_show(ev, item, &attempt_form);
	row->id = item_show(ev, item, &attempt_id);
	row->issuer = item_show(ev, item, &authority_issuer);
	row->listed = item_show(ev, item, &authority_state_f);
	row->transaction = item_show(ev, item, &attempt_transaction);
	row->since = item_count(item, &authority_since);
	row->until = item_count(item, &authority_until);
	row->list_date = item_count(item, &authority_list_date);
	row->time = item_count(item, &attempt_time);
	row->firmware = item_show(ev, item, &attempt_firmware);
	row->tpm_version = item_show(ev, item, &attempt_tpm_version);
	row->windows_build = item_show(ev, item, &attempt_client_build);
	row->device = item_count(item, &attempt_device);
	if (row->device == ABSENT)
		row->device = 1;
	row->last = item_truth(item, &attempt_last, false);
	for (stage = ev_first(ev, ITEM_STAGE); stage != NULL;
	    stage = stage->next)
		if (stage->parent == item)
			stage_row(model, row, stage);
	list_add(ev_arena(ev), &model->attempts, row);
	if (row->time != ABSENT && (model->time == ABSENT ||
	    row->time > model->time))
		model->time = row->time;
}

void
model_attempts(struct model *model)
{
	const struct item	*item;

	for (item = ev_first(model->ev, ITEM_ATTEMPT); item != NULL;
	    item = item->next)
		attempt_row(model, item);
}
