/*
 * Gathers what the formats write: the frame, the inputs and their problems,
 * and the small helpers of the other model_*.c files.
 * Relies on model.h and on OpenSSL for the digest that names the case.
 */
#include "evidence/secret.h"
#include "report/model.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION	"0"
#endif

void
list_add(struct arena *arena, struct list *list, void *p)
{
	void	**v;

	if (list->n == list->room) {
		list->room = list->room == 0 ? 4 : 2 * list->room;
		v = arena_alloc(arena, list->room * sizeof(*v));
		if (list->n > 0)
			memcpy(v, list->v, list->n * sizeof(*v));
		list->v = v;
	}
	list->v[list->n++] = p;
}

bool
list_add_text(struct arena *arena, struct list *list, const char *text)
{
	size_t	i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return false;
	list_add(arena, list, (void *)(uintptr_t)text);
	return true;
}

bool
str_empty(struct str s)
{
	return s.n == 0;
}

struct str
str_of(const char *text)
{
	return (struct str){ text == NULL ? "" : text,
	    text == NULL ? 0 : strlen(text) };
}

struct str
fact_show(struct evidence *ev, const struct fact *fact)
{
	struct str	s = { "", 0 };

	if (fact != NULL && fact->key != NULL && secret_header(fact->key) &&
	    fact->field->type == VALUE_TEXT)
		return str_of("(hidden)");
	if (fact != NULL)
		s.p = value_show(ev, fact->field, &fact->value, false, &s.n);
	if (s.p == NULL)
		s = (struct str){ "", 0 };
	return s;
}

struct str
item_show(struct evidence *ev, const struct item *item,
    const struct field *field)
{
	return fact_show(ev, item_fact(item, field));
}

int64_t
item_count(const struct item *item, const struct field *field)
{
	const struct fact	*fact = item_fact(item, field);

	return fact == NULL ? ABSENT : fact->value.number;
}

const char *
time_text(struct arena *arena, int64_t us)
{
	char	buf[40];

	time_format(us, buf);
	return arena_text(arena, buf, strlen(buf));
}

const char *
date_text(struct arena *arena, int64_t us)
{
	char	 buf[40], *t;

	time_format(us, buf);
	if ((t = strchr(buf, 'T')) != NULL)
		*t = '\0';
	return arena_text(arena, buf, strlen(buf));
}

static const char *
hex_text(struct arena *arena, const uint8_t *p, size_t n)
{
	char	*text = arena_alloc(arena, 2 * n + 1);
	size_t	 i;

	for (i = 0; i < n; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", p[i]);
	return text;
}

const char *
citation_text(struct model *model, const struct citation *at)
{
	struct arena	*arena = ev_arena(model->ev);
	const char	*via = "";
	size_t		 i;

	for (i = 0; i < at->nvia; i++)
		via = arena_printf(arena, "%s%s%s", via, i == 0 ? "" : ", ",
		    at->via[i]);
	return arena_printf(arena, "%s%s%s@%zu+%zu%s%s%s", at->input->path,
	    at->member[0] == '\0' ? "" : "!/", at->member, at->offset,
	    at->length, at->nvia == 0 ? "" : " (", via,
	    at->nvia == 0 ? "" : ")");
}

const char *
model_brief(const struct model *model, const char *text)
{
	size_t		 n = strlen(model->folder);
	const char	*p;
	char		*out;

	if (n == 0 || strstr(text, model->folder) == NULL)
		return text;
	out = arena_alloc(ev_arena(model->ev), strlen(text) + 1);
	for (; (p = strstr(text, model->folder)) != NULL;
	    text = p + n)
		(void)strncat(out, text, (size_t)(p - text));
	return strcat(out, text);
}

const struct row_finding *
model_finding(const struct model *model, const char *id)
{
	size_t	i;

	for (i = 0; i < model->findings.n; i++) {
		const struct row_finding *row = model->findings.v[i];

		if (strcmp(row->id, id) == 0)
			return row;
	}
	return NULL;
}

/* ---- inputs ---- */

/* The first component of all paths with its slash. */
static const char *
folder_find(struct model *model, const struct input *inputs, size_t n)
{
	const char	*slash;
	size_t		 len, i;

	if (n == 0 || (slash = strchr(inputs[0].path, '/')) == NULL)
		return "";
	len = (size_t)(slash - inputs[0].path) + 1;
	for (i = 1; i < n; i++)
		if (strncmp(inputs[i].path, inputs[0].path, len) != 0)
			return "";
	return arena_text(ev_arena(model->ev), inputs[0].path, len);
}

static int
digest_compare(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

/* case.id: SHA-256 over the inputs' SHA-256, sorted. */
static const char *
case_id(struct model *model, const struct input *inputs, size_t n)
{
	struct arena	*arena = ev_arena(model->ev);
	uint8_t		*all = arena_alloc(arena, 32 * n + 1), id[32];
	unsigned int	 len = 0;
	size_t		 i;

	for (i = 0; i < n; i++)
		memcpy(all + 32 * i, inputs[i].sha256, 32);
	qsort(all, n, 32, digest_compare);
	if (EVP_Digest(all, 32 * n, id, &len, EVP_sha256(), NULL) != 1 ||
	    len != sizeof(id))
		memset(id, 0, sizeof(id));
	return hex_text(arena, id, sizeof(id));
}

static const char *
problem_text(struct model *model, const struct problem *problem)
{
	struct arena	*arena = ev_arena(model->ev);
	struct citation	 at;

	if (!ev_cite(model->ev, problem->at, &at) ||
	    (at.member[0] == '\0' && at.offset == 0))
		return problem->text;
	if (at.member[0] == '\0')
		return arena_printf(arena, "@%zu: %s", at.offset,
		    problem->text);
	return arena_printf(arena, "%s@%zu: %s", at.member, at.offset,
	    problem->text);
}

void
model_inputs(struct model *model)
{
	struct arena		*arena = ev_arena(model->ev);
	const struct problem	*problem;
	const struct input	*inputs;
	struct row_input	*rows;
	const char		*text;
	size_t			 n, i;

	inputs = ev_inputs(model->ev, &n);
	rows = arena_alloc(arena, (n + 1) * sizeof(*rows));
	for (i = 0; i < n; i++) {
		rows[i].input = &inputs[i];
		rows[i].sha256 = hex_text(arena, inputs[i].sha256, 32);
		rows[i].token = arena_printf(arena, "file-%zu", i + 1);
		list_add(arena, &model->inputs, &rows[i]);
	}
	model->folder = folder_find(model, inputs, n);
	model->case_id = case_id(model, inputs, n);
	for (problem = ev_problems(model->ev); problem != NULL;
	    problem = problem->next) {
		text = problem_text(model, problem);
		if (problem->level == PROBLEM_LIMIT)
			list_add_text(arena, &model->limits, text);
		i = problem->at.blob == BLOB_NONE ? 0 :
		    ev_blob(model->ev, problem->at.blob)->input;
		if (i < n)
			list_add_text(arena, &rows[i].problems, text);
	}
}

/* ---- the frame ---- */

/* Of a case that nobody judged: its worker ended early. */
static const struct verdict	no_verdict = {
	.outcome = OUTCOME_UNDETERMINED,
	.confidence = CONFIDENCE_LOW,
	.sentence = "The case could not be judged.",
	.next_step = "See the problems of the inputs below.",
};

struct model *
model_new(const struct report *report)
{
	struct model	*model;

	if (report->model != NULL && *report->model != NULL)
		return *report->model;
	model = arena_alloc(ev_arena(report->ev), sizeof(*model));
	model->report = report;
	model->ev = report->ev;
	model->version = PACKAGE_VERSION;
	model->rules_sha256 = report->rules == NULL ? embedded_sha256 :
	    rules_sha256(report->rules);
	model->time = ABSENT;
	model->verdict = report->judgement == NULL ? &no_verdict :
	    &report->judgement->verdict;
	model_inputs(model);
	model_findings(model);
	model_attempts(model);
	model_devices(model);
	model_certificates(model);
	model_paths(model);
	model_codes(model);
	model_sealed(model);
	model_hosts(model);
	model_escalation(model);
	if (report->model != NULL)
		*report->model = model;
	return model;
}
