/*
 * The JSON report, schema aiktriage-report/1: one object with sorted keys, the
 * same bytes for the same input.  Relies on model.h and jansson.
 */
#include <string.h>

#include "report/json_parts.h"

static json_t *
text(const char *s)
{
	return json_text(s, strlen(s));
}

json_t *
json_outcome(struct str outcome)
{
	return str_empty(outcome) ? text("unfinished") :
	    json_text(outcome.p, outcome.n);
}

static json_t *
code_text(uint32_t code)
{
	char	buf[16];

	(void)snprintf(buf, sizeof(buf), "0x%08x", (unsigned int)code);
	return text(buf);
}

static json_t *
json_proof(const struct proof *proof)
{
	json_t	*object;

	if (proof->fact == NULL) {
		object = json_object();
		json_set(object, "gap", text(proof->gap));
		return object;
	}
	object = json_citation(&proof->at);
	json_set(object, "field", json_text(proof->field.p, proof->field.n));
	json_set(object, "value", json_text(proof->value.p, proof->value.n));
	if (proof->derived)
		json_set(object, "derived", json_true());
	if (proof->supports.n > 0)
		json_set(object, "for", json_texts(&proof->supports));
	if (proof->tables.n > 0)
		json_set(object, "tables", json_texts(&proof->tables));
	return object;
}

json_t *
json_proofs(const struct list *proofs)
{
	json_t	*array = json_array();
	size_t	 i;

	for (i = 0; i < proofs->n; i++)
		(void)json_array_append_new(array, json_proof(proofs->v[i]));
	return array;
}

static json_t *
json_case(struct model *model)
{
	static const char *const states[] = {
		[INPUT_READ] = "read", [INPUT_PARTIAL] = "partial",
		[INPUT_UNREADABLE] = "unreadable", [INPUT_SKIPPED] = "skipped"
	};
	const struct row_input	*row;
	json_t			*object = json_object(), *inputs, *input;
	size_t			 i;

	inputs = json_array();
	for (i = 0; i < model->inputs.n; i++) {
		row = model->inputs.v[i];
		input = json_object();
		json_set(input, "path", text(row->input->path));
		json_set(input, "kind", text(row->input->kind));
		json_set(input, "size",
		    json_integer((json_int_t)row->input->size));
		json_set(input, "sha256", text(row->sha256));
		json_set(input, "state", text(states[row->input->state]));
		json_set(input, "problems", json_texts(&row->problems));
		(void)json_array_append_new(inputs, input);
	}
	json_set(object, "id", text(model->case_id));
	json_set(object, "inputs", inputs);
	return object;
}

static json_t *
json_verdict(struct model *model)
{
	const struct verdict	*v = model->verdict;
	json_t			*object = json_object(), *array, *other;
	size_t			 i;

	json_set(object, "outcome", text(outcome_names[v->outcome]));
	json_set(object, "cause", v->cause == NULL ? json_null() :
	    text(v->cause->rule->id));
	json_set(object, "confidence", text(confidence_names[v->confidence]));
	if (v->capped != NULL)
		json_set(object, "capped", text(v->capped));
	json_set(object, "sentence", text(v->sentence));
	json_set(object, "next_step", text(v->next_step));
	array = json_array();
	for (i = 0; i < v->nalternatives; i++) {
		other = json_object();
		json_set(other, "rule", text(v->alternatives[i].rule));
		json_set(other, "confidence",
		    text(confidence_names[v->alternatives[i].confidence]));
		json_set(other, "decide",
		    text(v->alternatives[i].decide == NULL ? "" :
		    v->alternatives[i].decide));
		(void)json_array_append_new(array, other);
	}
	json_set(object, "alternatives", array);
	json_set(object, "excluded", json_strings(v->excluded, v->nexcluded));
	json_set(object, "undecided",
	    json_strings(v->undecided, v->nundecided));
	return object;
}

static json_t *
json_finding(const struct row_finding *row)
{
	const struct rule	*rule = row->rule;
	const struct finding	*finding = row->finding;
	json_t			*object = json_object(), *codes;
	size_t			 i;

	json_set(object, "rule", text(row->id));
	json_set(object, "kind", text(rule_kind_names[rule->kind]));
	json_set(object, "severity", text(severity_names[rule->severity]));
	json_set(object, "confidence",
	    text(confidence_names[finding->confidence]));
	json_set(object, "title", text(finding->title));
	json_set(object, "why", text(finding->why == NULL ? "" : finding->why));
	json_set(object, "fix", json_strings(finding->fix, rule->nfix));
	json_set(object, "see", json_strings(rule->see, rule->nsee));
	json_set(object, "explains",
	    json_strings(rule->explains, rule->nexplains));
	codes = json_array();
	for (i = 0; i < row->ncodes; i++)
		(void)json_array_append_new(codes, code_text(row->codes[i]));
	json_set(object, "codes", codes);
	json_set(object, "because", json_proofs(&row->proofs));
	if (finding->overtaken)
		json_set(object, "overtaken", json_true());
	return object;
}

static json_t *
json_stage(struct model *model, const struct row_stage *row)
{
	json_t	*object = json_object();

	json_set(object, "stage", json_text(row->name.p, row->name.n));
	json_set(object, "state", json_text(row->state.p, row->state.n));
	json_set_str(object, "item", row->item);
	json_set_time(model, object, "time", row->time);
	json_set_number(object, "duration_ms", row->duration_ms);
	json_set_number(object, "http_status", row->http_status);
	json_set_number(object, "pki_status", row->pki_status);
	json_set_number(object, "fail_info", row->fail_info);
	json_set_str(object, "hresult", row->hresult);
	json_set_str(object, "message", row->message);
	json_set_str(object, "request_id", row->request_id);
	json_set_str(object, "client_request_id", row->client_request_id);
	return object;
}

static json_t *
json_attempt(struct model *model, const struct row_attempt *row)
{
	json_t	*object = json_object(), *authority = json_object(), *stages;
	size_t	 i;

	json_set_str(authority, "host", row->host);
	json_set_str(authority, "vendor", row->vendor);
	json_set_str(authority, "form", row->form);
	json_set_str(authority, "id", row->id);
	json_set_str(authority, "issuer", row->issuer);
	json_set(authority, "listed", str_empty(row->listed) ? text("unknown") :
	    json_text(row->listed.p, row->listed.n));
	json_set_time(model, authority, "since", row->since);
	json_set_time(model, authority, "until", row->until);
	json_set_time(model, authority, "list_date", row->list_date);
	json_set(object, "authority", authority);
	json_set(object, "device", json_integer(row->device));
	json_set(object, "outcome", json_outcome(row->outcome));
	json_set_str(object, "transaction_id", row->transaction);
	stages = json_array();
	for (i = 0; i < row->stages.n; i++)
		(void)json_array_append_new(stages,
		    json_stage(model, row->stages.v[i]));
	json_set(object, "stages", stages);
	return object;
}

static json_t *
json_code(const struct row_code *row)
{
	json_t	*object = json_object(), *where = json_array();
	size_t	 i;

	json_set(object, "code", code_text(row->code));
	json_set(object, "name", json_text(row->info.symbol.p,
	    row->known ? row->info.symbol.n : 0));
	json_set(object, "meaning", json_text(row->info.meaning.p,
	    row->known ? row->info.meaning.n : 0));
	json_set(object, "source", json_text(row->info.source.p,
	    row->known ? row->info.source.n : 0));
	for (i = 0; i < row->where.n; i++)
		(void)json_array_append_new(where,
		    json_citation(&((struct proof *)row->where.v[i])->at));
	json_set(object, "where", where);
	return object;
}

static json_t *
json_certificate(struct model *model, const struct row_certificate *row)
{
	json_t	*object = json_object(), *tpm, *chain = json_array();
	size_t	 i;

	json_set(object, "id", text(row->id));
	json_set(object, "role", str_empty(row->role) ? text("other") :
	    json_text(row->role.p, row->role.n));
	json_set(object, "subject", json_text(row->subject.p, row->subject.n));
	json_set(object, "issuer", json_text(row->issuer.p, row->issuer.n));
	json_set_str(object, "serial", row->serial);
	json_set_time(model, object, "not_before", row->not_before);
	json_set_time(model, object, "not_after", row->not_after);
	json_set_str(object, "sha1", row->sha1);
	json_set(object, "sha256", text(row->id));
	json_set_str(object, "ski", row->ski);
	json_set_str(object, "aki", row->aki);
	json_set_str(object, "key", row->key);
	json_set_str(object, "vendor", row->vendor);
	if (!str_empty(row->tpm_manufacturer) || !str_empty(row->tpm_model) ||
	    !str_empty(row->tpm_version)) {
		tpm = json_object();
		json_set_str(tpm, "manufacturer", row->tpm_manufacturer);
		json_set_str(tpm, "model", row->tpm_model);
		json_set_str(tpm, "version", row->tpm_version);
		json_set(object, "tpm", tpm);
	}
	for (i = 0; i < row->chain.n; i++)
		(void)json_array_append_new(chain, text(
		    ((struct row_certificate *)row->chain.v[i])->id));
	json_set(object, "chain", chain);
	json_set(object, "problems", json_texts(&row->problems));
	return object;
}

static json_t *
json_join(const struct row_join *row)
{
	json_t	*object = json_object();

	json_set(object, "a", json_text(row->a.p, row->a.n));
	json_set(object, "b", json_text(row->b.p, row->b.n));
	json_set(object, "grade", json_text(row->grade.p, row->grade.n));
	json_set(object, "by", json_text(row->by.p, row->by.n));
	return object;
}

static json_t *
json_device(const struct device *device)
{
	json_t	*object = json_object();

	json_set_str(object, "vendor", device->vendor);
	json_set_str(object, "firmware", device->firmware);
	json_set_str(object, "tpm_version", device->tpm_version);
	json_set_str(object, "windows_build", device->windows_build);
	json_set_number(object, "clock_skew_s", device->clock_skew_s);
	return object;
}

static json_t *
json_sealed(struct model *model)
{
	const struct row_sealed	*row;
	json_t			*list = json_array(), *object;
	size_t			 i;

	for (i = 0; i < model->sealed.n; i++) {
		row = model->sealed.v[i];
		object = json_citation(&row->at);
		json_set(object, "recipient", json_text(row->to.p, row->to.n));
		json_set(object, "cipher", json_text(row->cipher.p,
		    row->cipher.n));
		json_set(object, "opens_with", json_text(row->opens_with.p,
		    row->opens_with.n));
		json_set(object, "bytes",
		    json_integer(row->bytes == ABSENT ? 0 : row->bytes));
		(void)json_array_append_new(list, object);
	}
	return list;
}

static json_t *
json_coverage(struct model *model)
{
	const struct row_coverage	*row;
	json_t				*object = json_object(), *rules, *rule;
	size_t				 i;

	rules = json_array();
	for (i = 0; i < model->coverage.n; i++) {
		row = model->coverage.v[i];
		rule = json_object();
		json_set(rule, "rule", text(row->coverage->rule));
		json_set(rule, "state",
		    text(rule_state_names[row->coverage->state]));
		json_set(rule, "missing", json_texts(&row->missing));
		json_set(rule, "ask", text(row->ask == NULL ? "" : row->ask));
		(void)json_array_append_new(rules, rule);
	}
	json_set(object, "rules", rules);
	json_set(object, "limits_hit", json_texts(&model->limits));
	json_set(object, "sealed", json_sealed(model));
	return object;
}

json_t *
json_report(struct model *model)
{
	json_t	*root = json_object(), *tool = json_object(), *array;
	size_t	 i;

	json_set(root, "schema", text("aiktriage-report/1"));
	json_set(tool, "name", text("aiktriage"));
	json_set(tool, "version", text(model->version));
	json_set(tool, "rules_sha256", text(model->rules_sha256));
	json_set(root, "tool", tool);
	json_set(root, "case", json_case(model));
	json_set(root, "verdict", json_verdict(model));
	array = json_array();
	for (i = 0; i < model->chain.n; i++)
		(void)json_array_append_new(array, text(
		    ((struct row_finding *)model->chain.v[i])->id));
	json_set(root, "chain", array);
	array = json_array();
	for (i = 0; i < model->findings.n; i++)
		(void)json_array_append_new(array,
		    json_finding(model->findings.v[i]));
	json_set(root, "findings", array);
	array = json_array();
	for (i = 0; i < model->attempts.n; i++)
		(void)json_array_append_new(array,
		    json_attempt(model, model->attempts.v[i]));
	json_set(root, "attempts", array);
	array = json_array();
	for (i = 0; i < model->codes.n; i++)
		(void)json_array_append_new(array,
		    json_code(model->codes.v[i]));
	json_set(root, "codes", array);
	array = json_array();
	for (i = 0; i < model->certificates.n; i++)
		(void)json_array_append_new(array,
		    json_certificate(model, model->certificates.v[i]));
	json_set(root, "certificates", array);
	array = json_array();
	for (i = 0; i < model->joins.n; i++)
		(void)json_array_append_new(array,
		    json_join(model->joins.v[i]));
	json_set(root, "joins", array);
	json_set(root, "device", json_device(&model->device));
	json_set(root, "devices", json_devices(model));
	json_set(root, "escalation", json_escalation(model));
	json_set(root, "coverage", json_coverage(model));
	if (model->report->nwhy > 0)
		json_set(root, "why", json_why(model));
	return root;
}

static int
json_report_write(const struct report *report, FILE *f)
{
	json_t	*root = json_report(model_new(report));
	int	 rc;

	rc = json_write(root, false, f);
	json_decref(root);
	return rc;
}

const struct reporter	reporter_json = {
	.name = "json",
	.suffix = ".json",
	.write = json_report_write,
};
