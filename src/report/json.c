/*
 * The JSON report, schema aiktriage-report/1: one object with sorted keys, the
 * same bytes for the same input.  Relies on model.h and jansson.
 */
#include <string.h>

#include "report/json_parts.h"

static void
set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

static json_t *
text(const char *s)
{
	return json_text(s, strlen(s));
}

/* What is absent is left out. */
static void
set_str(json_t *object, const char *key, struct str s)
{
	if (!str_empty(s))
		set(object, key, json_text(s.p, s.n));
}

static void
set_number(json_t *object, const char *key, int64_t number)
{
	if (number != ABSENT)
		set(object, key, json_integer(number));
}

static void
set_time(struct model *model, json_t *object, const char *key, int64_t us)
{
	if (us != ABSENT)
		set(object, key, text(time_text(ev_arena(model->ev), us)));
}

static json_t *
texts(const struct list *list)
{
	json_t	*array = json_array();
	size_t	 i;

	for (i = 0; i < list->n; i++)
		(void)json_array_append_new(array, text(list->v[i]));
	return array;
}

static json_t *
strings(const char *const *v, size_t n)
{
	json_t	*array = json_array();
	size_t	 i;

	for (i = 0; i < n; i++)
		(void)json_array_append_new(array, text(v[i]));
	return array;
}

static json_t *
code_text(uint32_t code)
{
	char	buf[16];

	(void)snprintf(buf, sizeof(buf), "0x%08x", (unsigned int)code);
	return text(buf);
}

static json_t *
json_citation(const struct citation *at)
{
	json_t	*object = json_object();

	set(object, "input", text(at->input->path));
	set(object, "member", text(at->member));
	set(object, "offset", json_integer((json_int_t)at->offset));
	set(object, "length", json_integer((json_int_t)at->length));
	set(object, "via", strings(at->via, at->nvia));
	return object;
}

static json_t *
json_proof(const struct proof *proof)
{
	json_t	*object;

	if (proof->fact == NULL) {
		object = json_object();
		set(object, "gap", text(proof->gap));
		return object;
	}
	object = json_citation(&proof->at);
	set(object, "field", json_text(proof->field.p, proof->field.n));
	set(object, "value", json_text(proof->value.p, proof->value.n));
	if (proof->derived)
		set(object, "derived", json_true());
	if (proof->supports.n > 0)
		set(object, "for", texts(&proof->supports));
	if (proof->tables.n > 0)
		set(object, "tables", texts(&proof->tables));
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
		set(input, "path", text(row->input->path));
		set(input, "kind", text(row->input->kind));
		set(input, "size", json_integer((json_int_t)row->input->size));
		set(input, "sha256", text(row->sha256));
		set(input, "state", text(states[row->input->state]));
		set(input, "problems", texts(&row->problems));
		(void)json_array_append_new(inputs, input);
	}
	set(object, "id", text(model->case_id));
	set(object, "inputs", inputs);
	return object;
}

static json_t *
json_verdict(struct model *model)
{
	const struct verdict	*v = model->verdict;
	json_t			*object = json_object(), *array, *other;
	size_t			 i;

	set(object, "outcome", text(outcome_names[v->outcome]));
	set(object, "cause", v->cause == NULL ? json_null() :
	    text(v->cause->rule->id));
	set(object, "confidence", text(confidence_names[v->confidence]));
	if (v->capped != NULL)
		set(object, "capped", text(v->capped));
	set(object, "sentence", text(v->sentence));
	set(object, "next_step", text(v->next_step));
	array = json_array();
	for (i = 0; i < v->nalternatives; i++) {
		other = json_object();
		set(other, "rule", text(v->alternatives[i].rule));
		set(other, "confidence",
		    text(confidence_names[v->alternatives[i].confidence]));
		set(other, "decide", text(v->alternatives[i].decide == NULL ?
		    "" : v->alternatives[i].decide));
		(void)json_array_append_new(array, other);
	}
	set(object, "alternatives", array);
	set(object, "excluded", strings(v->excluded, v->nexcluded));
	set(object, "undecided", strings(v->undecided, v->nundecided));
	return object;
}

static json_t *
json_finding(const struct row_finding *row)
{
	const struct rule	*rule = row->rule;
	const struct finding	*finding = row->finding;
	json_t			*object = json_object(), *codes;
	size_t			 i;

	set(object, "rule", text(row->id));
	set(object, "kind", text(rule_kind_names[rule->kind]));
	set(object, "severity", text(severity_names[rule->severity]));
	set(object, "confidence", text(confidence_names[finding->confidence]));
	set(object, "title", text(finding->title));
	set(object, "why", text(finding->why == NULL ? "" : finding->why));
	set(object, "fix", strings(finding->fix, rule->nfix));
	set(object, "see", strings(rule->see, rule->nsee));
	set(object, "explains", strings(rule->explains, rule->nexplains));
	codes = json_array();
	for (i = 0; i < row->ncodes; i++)
		(void)json_array_append_new(codes, code_text(row->codes[i]));
	set(object, "codes", codes);
	set(object, "because", json_proofs(&row->proofs));
	if (finding->overtaken)
		set(object, "overtaken", json_true());
	return object;
}

static json_t *
json_stage(struct model *model, const struct row_stage *row)
{
	json_t	*object = json_object();

	set(object, "stage", json_text(row->name.p, row->name.n));
	set(object, "state", json_text(row->state.p, row->state.n));
	set_str(object, "item", row->item);
	set_time(model, object, "time", row->time);
	set_number(object, "duration_ms", row->duration_ms);
	set_number(object, "http_status", row->http_status);
	set_number(object, "pki_status", row->pki_status);
	set_number(object, "fail_info", row->fail_info);
	set_str(object, "hresult", row->hresult);
	set_str(object, "message", row->message);
	set_str(object, "request_id", row->request_id);
	set_str(object, "client_request_id", row->client_request_id);
	return object;
}

static json_t *
json_attempt(struct model *model, const struct row_attempt *row)
{
	json_t	*object = json_object(), *authority = json_object(), *stages;
	size_t	 i;

	set_str(authority, "host", row->host);
	set_str(authority, "vendor", row->vendor);
	set_str(authority, "form", row->form);
	set_str(authority, "id", row->id);
	set_str(authority, "issuer", row->issuer);
	set(authority, "listed", str_empty(row->listed) ? text("unknown") :
	    json_text(row->listed.p, row->listed.n));
	set_time(model, authority, "since", row->since);
	set_time(model, authority, "until", row->until);
	set_time(model, authority, "list_date", row->list_date);
	set(object, "authority", authority);
	set(object, "outcome", str_empty(row->outcome) ? text("unfinished") :
	    json_text(row->outcome.p, row->outcome.n));
	set_str(object, "transaction_id", row->transaction);
	stages = json_array();
	for (i = 0; i < row->stages.n; i++)
		(void)json_array_append_new(stages,
		    json_stage(model, row->stages.v[i]));
	set(object, "stages", stages);
	return object;
}

static json_t *
json_code(const struct row_code *row)
{
	json_t	*object = json_object(), *where = json_array();
	size_t	 i;

	set(object, "code", code_text(row->code));
	set(object, "name", json_text(row->info.symbol.p,
	    row->known ? row->info.symbol.n : 0));
	set(object, "meaning", json_text(row->info.meaning.p,
	    row->known ? row->info.meaning.n : 0));
	set(object, "source", json_text(row->info.source.p,
	    row->known ? row->info.source.n : 0));
	for (i = 0; i < row->where.n; i++)
		(void)json_array_append_new(where,
		    json_citation(&((struct proof *)row->where.v[i])->at));
	set(object, "where", where);
	return object;
}

static json_t *
json_certificate(struct model *model, const struct row_certificate *row)
{
	json_t	*object = json_object(), *tpm, *chain = json_array();
	size_t	 i;

	set(object, "id", text(row->id));
	set(object, "role", str_empty(row->role) ? text("other") :
	    json_text(row->role.p, row->role.n));
	set(object, "subject", json_text(row->subject.p, row->subject.n));
	set(object, "issuer", json_text(row->issuer.p, row->issuer.n));
	set_str(object, "serial", row->serial);
	set_time(model, object, "not_before", row->not_before);
	set_time(model, object, "not_after", row->not_after);
	set_str(object, "sha1", row->sha1);
	set(object, "sha256", text(row->id));
	set_str(object, "ski", row->ski);
	set_str(object, "aki", row->aki);
	set_str(object, "key", row->key);
	set_str(object, "vendor", row->vendor);
	if (!str_empty(row->tpm_manufacturer) || !str_empty(row->tpm_model) ||
	    !str_empty(row->tpm_version)) {
		tpm = json_object();
		set_str(tpm, "manufacturer", row->tpm_manufacturer);
		set_str(tpm, "model", row->tpm_model);
		set_str(tpm, "version", row->tpm_version);
		set(object, "tpm", tpm);
	}
	for (i = 0; i < row->chain.n; i++)
		(void)json_array_append_new(chain, text(
		    ((struct row_certificate *)row->chain.v[i])->id));
	set(object, "chain", chain);
	set(object, "problems", texts(&row->problems));
	return object;
}

static json_t *
json_join(const struct row_join *row)
{
	json_t	*object = json_object();

	set(object, "a", json_text(row->a.p, row->a.n));
	set(object, "b", json_text(row->b.p, row->b.n));
	set(object, "grade", json_text(row->grade.p, row->grade.n));
	set(object, "by", json_text(row->by.p, row->by.n));
	return object;
}

static json_t *
json_device(const struct device *device)
{
	json_t	*object = json_object();

	set_str(object, "vendor", device->vendor);
	set_str(object, "firmware", device->firmware);
	set_str(object, "tpm_version", device->tpm_version);
	set_str(object, "windows_build", device->windows_build);
	set_number(object, "clock_skew_s", device->clock_skew_s);
	return object;
}

static json_t *
json_escalation(const struct escalation *esc)
{
	json_t	*object = json_object();

	set(object, "request_ids", texts(&esc->request_ids));
	set(object, "client_request_ids", texts(&esc->client_request_ids));
	set(object, "times_utc", texts(&esc->times));
	set_str(object, "authority", esc->authority);
	set(object, "text", text(esc->text));
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
		set(object, "recipient", json_text(row->to.p, row->to.n));
		set(object, "cipher", json_text(row->cipher.p,
		    row->cipher.n));
		set(object, "opens_with", json_text(row->opens_with.p,
		    row->opens_with.n));
		set(object, "bytes", json_integer(row->bytes == ABSENT ? 0 :
		    row->bytes));
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
		set(rule, "rule", text(row->coverage->rule));
		set(rule, "state",
		    text(rule_state_names[row->coverage->state]));
		set(rule, "missing", texts(&row->missing));
		set(rule, "ask", text(row->ask == NULL ? "" : row->ask));
		(void)json_array_append_new(rules, rule);
	}
	set(object, "rules", rules);
	set(object, "limits_hit", texts(&model->limits));
	set(object, "sealed", json_sealed(model));
	return object;
}

json_t *
json_report(struct model *model)
{
	json_t	*root = json_object(), *tool = json_object(), *array;
	size_t	 i;

	set(root, "schema", text("aiktriage-report/1"));
	set(tool, "name", text("aiktriage"));
	set(tool, "version", text(model->version));
	set(tool, "rules_sha256", text(model->rules_sha256));
	set(root, "tool", tool);
	set(root, "case", json_case(model));
	set(root, "verdict", json_verdict(model));
	array = json_array();
	for (i = 0; i < model->chain.n; i++)
		(void)json_array_append_new(array, text(
		    ((struct row_finding *)model->chain.v[i])->id));
	set(root, "chain", array);
	array = json_array();
	for (i = 0; i < model->findings.n; i++)
		(void)json_array_append_new(array,
		    json_finding(model->findings.v[i]));
	set(root, "findings", array);
	array = json_array();
	for (i = 0; i < model->attempts.n; i++)
		(void)json_array_append_new(array,
		    json_attempt(model, model->attempts.v[i]));
	set(root, "attempts", array);
	array = json_array();
	for (i = 0; i < model->codes.n; i++)
		(void)json_array_append_new(array,
		    json_code(model->codes.v[i]));
	set(root, "codes", array);
	array = json_array();
	for (i = 0; i < model->certificates.n; i++)
		(void)json_array_append_new(array,
		    json_certificate(model, model->certificates.v[i]));
	set(root, "certificates", array);
	array = json_array();
	for (i = 0; i < model->joins.n; i++)
		(void)json_array_append_new(array,
		    json_join(model->joins.v[i]));
	set(root, "joins", array);
	set(root, "device", json_device(&model->device));
	set(root, "escalation", json_escalation(&model->escalation));
	set(root, "coverage", json_coverage(model));
	if (model->report->nwhy > 0)
		set(root, "why", json_why(model));
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
