/*
 * --why in the JSON report: for each item that a rule was judged on, the tree
 * of its conditions with values, citations and what is missing.
 * Relies on judge/why.h and model.h.
 */
#include "report/json_parts.h"

#include <string.h>

#include "judge/why.h"

#define CASES_MAX	1000

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

static json_t *
facts(struct model *model, const struct why *w)
{
	json_t		*array = json_array(), *fact;
	struct list	 proofs;
	struct str	 value;
	size_t		 i;

	for (i = 0; i < w->nfacts && i < PROOFS_MAX; i++) {
		fact = json_object();
		value = fact_show(model->ev, w->facts[i]);
		set(fact, "field", text(w->facts[i]->field->name));
		set(fact, "value", json_text(value.p, value.n));
		proofs = (struct list){ 0 };
		proof_collect(model, &proofs, w->facts[i]);
		set(fact, "because", json_proofs(&proofs));
		(void)json_array_append_new(array, fact);
	}
	return array;
}

/* What an open test wants: any of these artifacts. */
static json_t *
missing(const struct why *w)
{
	json_t	*array = json_array();
	size_t	 i;

	for (i = 0; w->value == TRI_UNKNOWN && w->nparts == 0 &&
	    i < ARTIFACT_COUNT; i++)
		if (w->missing & UINT32_C(1) << i)
			(void)json_array_append_new(array,
			    text(artifacts[i].name));
	return array;
}

/* Parts follow what they are parts of, one deeper. */
static void
node(struct model *model, json_t *to, const struct why *w, int depth)
{
	json_t	*object = json_object();
	size_t	 i;

	set(object, "depth", json_integer(depth));
	set(object, "test", text(w->text));
	set(object, "value", text(tri_names[w->value]));
	set(object, "decided", json_boolean(w->decided));
	set(object, "facts", facts(model, w));
	set(object, "missing", missing(w));
	(void)json_array_append_new(to, object);
	for (i = 0; i < w->nparts; i++)
		node(model, to, w->parts[i], depth + 1);
}

static json_t *
tree(struct model *model, const struct why *w)
{
	json_t	*array = json_array();

	if (w != NULL)
		node(model, array, w, 0);
	return array;
}

static json_t *
one_case(struct model *model, const struct why_case *c)
{
	json_t	*object = json_object(), *array = json_array(), *level;
	size_t	 i;

	set(object, "rule", text(c->rule->id));
	if (c->rule->variant != NULL)
		set(object, "variant", text(c->rule->variant));
	set(object, "item", text(arena_printf(ev_arena(model->ev), "%s %u",
	    kinds[c->item->kind].name, c->item->number)));
	set(object, "state", text(rule_state_names[c->state]));
	set(object, "when", tree(model, c->when));
	for (i = 0; i < c->nlevels; i++) {
		level = json_object();
		set(level, "level", text(confidence_names[
		    c->rule->confidences[i].level]));
		set(level, "when", tree(model, c->levels[i]));
		(void)json_array_append_new(array, level);
	}
	set(object, "confidence", array);
	return object;
}

json_t *
json_why(struct model *model)
{
	const struct report	*report = model->report;
	const struct why_case	*cases;
	json_t			*array = json_array();
	size_t			 i, k, n, more;

	for (i = 0; i < report->nwhy; i++) {
		cases = why_rule(report->ev, report->rules, report->why[i],
		    CASES_MAX, &n, &more);
		for (k = 0; k < n; k++)
			(void)json_array_append_new(array,
			    one_case(model, &cases[k]));
	}
	return array;
}
