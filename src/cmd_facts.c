/*
 * aiktriage facts: every fact that was read or computed, with the bytes it
 * stands on; a table for people, or one JSON object a line.
 * Relies on case_print.h and report/model.h for values and
 * citations.
 */
#include <stdio.h>
#include <string.h>

#include "case_print.h"
#include "log.h"
#include "report/json_parts.h"

extern const struct command	command_facts;

static const char *
item_name(struct evidence *ev, const struct item *item)
{
	if (item->kind == ITEM_CASE)
		return kinds[item->kind].name;
	return arena_printf(ev_arena(ev), "%s %u", kinds[item->kind].name,
	    (unsigned int)item->number);
}

static const char *
field_name(struct evidence *ev, const struct fact *fact)
{
	if (fact->key == NULL)
		return fact->field->name;
	return arena_printf(ev_arena(ev), "%s[\"%s\"]", fact->field->name,
	    fact->key);
}

/* ---- JSON, one object a line ---- */

static void
fact_json(struct evidence *ev, const struct fact *fact, FILE *f)
{
	static const char *const types[] = {
		[VALUE_BOOL] = "bool", [VALUE_INT] = "int",
		[VALUE_TIME] = "time", [VALUE_TEXT] = "text",
		[VALUE_BYTES] = "bytes", [VALUE_CODE] = "code"
	};
	struct str	 value = fact_show(ev, fact);
	json_t		*object = json_object();
	struct list	 from = { 0 };
	struct citation	 at;
	size_t		 i;

	json_set_text(object, "item", item_name(ev, fact->item));
	json_set_text(object, "field", field_name(ev, fact));
	json_set_text(object, "type", types[fact->value.type]);
	json_set(object, "value", json_text(value.p, value.n));
	json_set(object, "derived", json_boolean(fact->derived));
	if (fact->field->personal)
		json_set(object, "personal", json_true());
	json_set_text(object, "table", fact->source);
	if (ev_cite(ev, fact->at, &at))
		json_set_citation(object, &at);
	for (i = 0; i < fact->nfrom; i++)
		list_add(ev_arena(ev), &from, arena_printf(ev_arena(ev),
		    "%s: %s", item_name(ev, fact->from[i]->item),
		    field_name(ev, fact->from[i])));
	if (from.n > 0)
		json_set(object, "from", json_texts(&from));
	(void)json_write(object, true, f);
	json_decref(object);
}

/* ---- text ---- */

static void
fact_text(struct evidence *ev, const struct fact *fact, FILE *f)
{
	struct arena	*arena = ev_arena(ev);
	struct model	 model = { .ev = ev };
	const char	*field = field_name(ev, fact), *where;
	struct str	 value;
	struct citation	 at;
	size_t		 n, i;

	value.p = value_show(ev, fact->field, &fact->value, true, &value.n);
	if (value.p == NULL || fact->key != NULL)
		value = fact_show(ev, fact);
	if (ev_cite(ev, fact->at, &at))
		where = citation_text(&model, &at);
	else {
		where = "from";
		for (i = 0; i < fact->nfrom; i++)
			where = arena_printf(arena, "%s%s %s: %s", where,
			    i == 0 ? "" : ",",
			    item_name(ev, fact->from[i]->item),
			    field_name(ev, fact->from[i]));
	}
	field = escape_text(arena, field, strlen(field), &n);
	value.p = escape_text(arena, value.p, value.n, &value.n);
	where = escape_text(arena, where, strlen(where), &n);
	(void)fprintf(f, "  %-28s %s  [%s%s]\n", field, value.p,
	    fact->derived && fact->at.blob != BLOB_NONE ? "computed: " : "",
	    where);
}

/* ---- both ---- */

static int
facts_emit(struct evidence *ev, const struct judgement *judgement, FILE *f,
    void *arg)
{
	const struct fact	*fact;
	const struct item	*item;
	unsigned int		 kind;
	bool			 json = *(bool *)arg;

	(void)judgement;
	for (kind = 0; kind < ITEM_KIND_COUNT; kind++)
		for (item = ev_first(ev, kind); item != NULL;
		    item = item->next) {
			if (!json && item->facts != NULL)
				(void)fprintf(f, "%s\n", item_name(ev, item));
			for (fact = item->facts; fact != NULL;
			    fact = fact->next)
				if (json)
					fact_json(ev, fact, f);
				else
					fact_text(ev, fact, f);
		}
	return ferror(f) ? -1 : 0;
}

static int
run(int argc, char **argv)
{
	struct options	o;
	bool		json;
	int		status;

	status = options_parse(&o, &command_facts, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	if (o.npaths == 0) {
		log_error("facts wants a FILE; aiktriage facts --help says "
		    "more");
		goto out;
	}
	json = o.format != NULL && strcmp(o.format, "text") != 0;
	status = case_print(&o, "facts", facts_emit, &json, NULL, 0);
out:
	options_clear(&o);
	return status;
}

const struct command	command_facts = {
	.name = "facts",
	.usage = "FILE...",
	.help = "list every fact with the bytes it stands on",
	.formats = "text|json|ndjson",
	.options = OPTIONS_CASE | OPTIONS_FORMAT | OPTIONS_OBSERVE,
	.run = run,
};
