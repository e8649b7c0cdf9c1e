/*
 * The members of objects that every JSON of the program is made of: reports,
 * SARIF, facts and decoded trees.  Relies on json_parts.h and jansson.
 */
#include <string.h>

#include "report/json_parts.h"

static json_t *
json_text_of(const char *s)
{
	return json_text(s, strlen(s));
}

void
json_set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value);
}

void
json_set_text(json_t *object, const char *key, const char *s)
{
	if (s != NULL)
		json_set(object, key, json_text_of(s));
}

void
json_set_str(json_t *object, const char *key, struct str s)
{
	if (!str_empty(s))
		json_set(object, key, json_text(s.p, s.n));
}

void
json_set_number(json_t *object, const char *key, int64_t number)
{
	if (number != ABSENT)
		json_set(object, key, json_integer(number));
}

void
json_set_time(struct model *model, json_t *object, const char *key, int64_t us)
{
	if (us != ABSENT)
		json_set_text(object, key,
		    time_text(ev_arena(model->ev), us));
}

json_t *
json_texts(const struct list *list)
{
	json_t	*array = json_array();
	size_t	 i;

	for (i = 0; i < list->n; i++)
		(void)json_array_append_new(array, json_text_of(list->v[i]));
	return array;
}

json_t *
json_strings(const char *const *v, size_t n)
{
	json_t	*array = json_array();
	size_t	 i;

	for (i = 0; i < n; i++)
		(void)json_array_append_new(array, json_text_of(v[i]));
	return array;
}

void
json_set_citation(json_t *object, const struct citation *at)
{
	json_set_text(object, "input", at->input->path);
	json_set_text(object, "member", at->member);
	json_set(object, "offset", json_integer((json_int_t)at->offset));
	json_set(object, "length", json_integer((json_int_t)at->length));
	json_set(object, "via", json_strings(at->via, at->nvia));
}

json_t *
json_citation(const struct citation *at)
{
	json_t	*object = json_object();

	json_set_citation(object, at);
	return object;
}
