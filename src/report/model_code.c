/*
 * Every code that stands in the case with its meaning and places, and the
 * joins between pieces of evidence.  Relies on model.h and the tables of
 * codes.
 */
#include <stdlib.h>

#include "correlate/attempt.h"
#include "report/model.h"

struct seen {
	const struct fact	*fact;
	size_t			 order;
};

/* By code, then as they were found. */
static int
seen_compare(const void *a, const void *b)
{
	const struct seen	*x = a, *y = b;

	if (x->fact->value.number != y->fact->value.number)
		return x->fact->value.number < y->fact->value.number ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* All codes but 0; NULL to count them only. */
static size_t
codes_collect(const struct model *model, struct seen *seen)
{
	const struct fact	*fact;
	const struct item	*item;
	unsigned int		 kind;
	size_t			 n = 0;

	for (kind = 0; kind < ITEM_KIND_COUNT; kind++)
		for (item = ev_first(model->ev, kind); item != NULL;
		    item = item->next)
			for (fact = item->facts; fact != NULL;
			    fact = fact->next) {
				if (fact->value.type != VALUE_CODE ||
				    fact->value.number == 0)
					continue;
				if (seen != NULL)
					seen[n] = (struct seen){ fact, n };
				n++;
			}
	return n;
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
	struct arena	*arena = ev_arena(model->ev);
	struct row_code	*row = NULL;
	struct seen	*seen;
	uint32_t	 code;
	size_t		 n, i;

	n = codes_collect(model, NULL);
	seen = arena_alloc(arena, (n + 1) * sizeof(*seen));
	(void)codes_collect(model, seen);
	qsort(seen, n, sizeof(*seen), seen_compare);
	for (i = 0; i < n; i++) {
		code = (uint32_t)seen[i].fact->value.number;
		if (row == NULL || row->code != code) {
			row = arena_alloc(arena, sizeof(*row));
			row->code = code;
			row->known = code_lookup(code, &row->info, 1) > 0;
			list_add(arena, &model->codes, row);
		}
		proof_collect(model, &row->where, seen[i].fact);
	}
	joins(model);
}
