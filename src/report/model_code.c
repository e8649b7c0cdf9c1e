/*
 * Every code that stands in the case with its meaning and places, and the
 * joins between pieces of evidence.  Relies on model.h and the tables of
 * codes.
 */
#include <stdlib.h>

#include "correlate/attempt.h"
#include "report/model.h"

static struct row_code *
code_row(struct model *model, uint32_t code)
{
	struct row_code	*row;
	size_t		 i;

	for (i = 0; i < model->codes.n; i++) {
		row = model->codes.v[i];
		if (row->code == code)
			return row;
	}
	row = arena_alloc(ev_arena(model->ev), sizeof(*row));
	row->code = code;
	row->known = code_lookup(code, &row->info, 1) > 0;
	list_add(ev_arena(model->ev), &model->codes, row);
	return row;
}

static int
code_compare(const void *a, const void *b)
{
	const struct row_code	*x = *(void *const *)a, *y = *(void *const *)b;

	return (x->code > y->code) - (x->code < y->code);
}

static void
joins(struct model *model)
{
	struct evidence		*ev = model->ev;
	struct row_join		*row;
	const struct fact	*fact;
	const struct item	*item;
	size_t			 i;

	for (item = ev_first(ev, ITEM_JOIN); item != NULL;
	    item = item->next) {
		row = arena_alloc(ev_arena(ev), sizeof(*row));
		row->a = item_show(ev, item, &join_a);
		row->b = item_show(ev, item, &join_b);
		row->grade = item_show(ev, item, &join_grade);
		row->by = item_show(ev, item, &join_by);
		/* What was compared; the join's own words stand beside it. */
		for (fact = item->facts; fact != NULL; fact = fact->next)
			for (i = 0; i < fact->nfrom; i++)
				proof_collect(model, &row->proofs,
				    fact->from[i]);
		list_add(ev_arena(ev), &model->joins, row);
	}
}

void
model_codes(struct model *model)
{
	const struct fact	*fact;
	const struct item	*item;
	unsigned int		 kind;

	for (kind = 0; kind < ITEM_KIND_COUNT; kind++)
		for (item = ev_first(model->ev, kind); item != NULL;
		    item = item->next)
			for (fact = item->facts; fact != NULL;
			    fact = fact->next)
				if (fact->value.type == VALUE_CODE &&
				    fact->value.number != 0)
					proof_collect(model, &code_row(model,
					    (uint32_t)fact->value.number)
					    ->where, fact);
	if (model->codes.n > 1)
		qsort(model->codes.v, model->codes.n,
		    sizeof(*model->codes.v), code_compare);
	joins(model);
}
