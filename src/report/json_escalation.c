/*
 * The escalation and the devices as JSON, for the JSON report and SARIF.
 * Relies on json_parts.h; names of persons and machines are tokens already.
 */
#include <string.h>

#include "report/json_parts.h"
#include "report/private.h"

json_t *
json_devices(const struct model *model)
{
	const struct row_device	*row;
	json_t			*array = json_array(), *object;
	size_t			 i;

	for (i = 0; i < model->devices.n; i++) {
		row = model->devices.v[i];
		object = json_object();
		json_set_number(object, "number", row->number);
		json_set_str(object, "vendor", row->vendor);
		json_set_str(object, "tpm_version", row->tpm_version);
		json_set(object, "firmware", json_texts(&row->firmware));
		json_set(object, "windows_build",
		    json_texts(&row->windows_build));
		json_set(object, "hosts", json_texts(&row->hosts));
		json_set(object, "outcome", json_outcome(row->outcome));
		(void)json_array_append_new(array, object);
	}
	return array;
}

static json_t *
answer(struct model *model, const struct row_stage *row)
{
	json_t	*object = json_object();

	json_set(object, "stage", json_text(row->name.p, row->name.n));
	json_set_time(model, object, "time", row->time);
	json_set_number(object, "http_status", row->http_status);
	json_set_number(object, "pki_status", row->pki_status);
	json_set_number(object, "fail_info", row->fail_info);
	json_set_str(object, "hresult", row->hresult);
	json_set_str(object, "message", private_hide(model->names,
	    row->message, true));
	json_set_str(object, "request_id", row->request_id);
	json_set_str(object, "client_request_id", row->client_request_id);
	return object;
}

static json_t *
ek_issuer(struct model *model, const struct row_host *row)
{
	json_t	*object = json_object();

	json_set_str(object, "name", row->ek_name);
	json_set_str(object, "key_id", row->ek_ski);
	json_set_str(object, "serial", row->ek_serial);
	json_set_time(model, object, "not_before", row->ek_from);
	json_set_time(model, object, "not_after", row->ek_to);
	json_set_str(object, "old_serial", row->ek_old_serial);
	json_set_time(model, object, "old_not_before", row->ek_old_from);
	json_set_time(model, object, "old_not_after", row->ek_old_to);
	return object;
}

static json_t *
host(struct model *model, const struct row_host *row)
{
	const struct row_attempt *at = row->attempt;
	bool	 one = model->devices.n == 1;
	json_t	*object = json_object(), *answers = json_array();
	size_t	 i;

	json_set_number(object, "device", at->device);
	json_set_str(object, "authority", at->host);
	json_set_str(object, "id", at->id);
	json_set(object, "listed", str_empty(at->listed) ?
	    json_text("unknown", 7) :
	    json_text(at->listed.p, at->listed.n));
	json_set_time(model, object, "since", at->since);
	json_set_time(model, object, "until", at->until);
	json_set_time(model, object, "list_date", at->list_date);
	json_set(object, "outcome", json_outcome(at->outcome));
	json_set_str(object, "failed_stage", at->failed_stage);
	/* Of one device also what no attempt tells. */
	json_set_str(object, "vendor", one ? model->device.vendor :
	    at->vendor);
	json_set_str(object, "firmware", one ? model->device.firmware :
	    at->firmware);
	json_set_str(object, "tpm_version", one ? model->device.tpm_version :
	    at->tpm_version);
	json_set_str(object, "windows_build", one ?
	    model->device.windows_build : at->windows_build);
	json_set(object, "ek_issuer", ek_issuer(model, row));
	for (i = 0; i < row->answers.n; i++)
		(void)json_array_append_new(answers,
		    answer(model, row->answers.v[i]));
	json_set(object, "answers", answers);
	return object;
}

json_t *
json_escalation(struct model *model)
{
	const struct escalation	*esc = &model->escalation;
	const struct row_input	*input;
	json_t			*object = json_object(), *hosts, *files, *file;
	size_t			 i;

	json_set(object, "request_ids", json_texts(&esc->request_ids));
	json_set(object, "client_request_ids",
	    json_texts(&esc->client_request_ids));
	json_set(object, "times_utc", json_texts(&esc->times));
	json_set_str(object, "authority", esc->authority);
	json_set_str(object, "windows_build", esc->windows_build);
	json_set(object, "text", json_text(esc->text, strlen(esc->text)));
	hosts = json_array();
	for (i = 0; i < esc->hosts.n && *esc->text != '\0'; i++)
		(void)json_array_append_new(hosts,
		    host(model, esc->hosts.v[i]));
	json_set(object, "hosts", hosts);
	files = json_array();
	for (i = 0; i < model->inputs.n && *esc->text != '\0'; i++) {
		input = model->inputs.v[i];
		file = json_object();
		json_set(file, "name", json_text(input->token,
		    strlen(input->token)));
		json_set(file, "sha256", json_text(input->sha256,
		    strlen(input->sha256)));
		(void)json_array_append_new(files, file);
	}
	json_set(object, "artifacts", files);
	return object;
}
