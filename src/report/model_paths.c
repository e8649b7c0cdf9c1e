/*
 * What the correlators say of certificates beyond their own bytes: paths to a
 * root, how a re-issued one differs from the one before it, weak algorithms
 * in messages.  Relies on the facts of correlate/paths.c, twins.c and
 * scep_checks.c.
 */
#include "report/model.h"

#include "correlate/attempt.h"

static void
texts(struct evidence *ev, struct list *list, const struct item *item,
    const struct field *field)
{
	const struct fact	*fact;

	for (fact = item_fact(item, field); fact != NULL;
	    fact = fact_next(fact))
		list_add_text(ev_arena(ev), list, fact_show(ev, fact).p);
}

/* The same certificate stands in several places; each says the same. */
static void
certificate_paths(struct evidence *ev, struct row_certificate *row)
{
	const struct fact	*fact;
	const struct item	*item;
	size_t			 i;

	row->complete = TRI_UNKNOWN;
	row->paths_time = ABSENT;
	for (i = 0; i < row->items.n; i++) {
		item = row->items.v[i];
		texts(ev, &row->paths, item, &chain_path);
		texts(ev, &row->missing, item, &chain_missing);
		texts(ev, &row->missing_at, item, &chain_missing_aia);
		texts(ev, &row->broken, item, &chain_broken);
		texts(ev, &row->differs, item, &cert_differs);
		if ((fact = item_fact(item, &chain_complete)) != NULL &&
		    row->complete != TRI_TRUE)
			row->complete = fact->value.truth ? TRI_TRUE :
			    TRI_FALSE;
		if (row->paths_time == ABSENT)
			row->paths_time = item_count(item, &chain_time);
	}
}

static void
weak_add(struct model *model, const struct fact *fact)
{
	struct arena	*arena = ev_arena(model->ev);
	struct str	 what = fact_show(model->ev, fact);
	struct row_weak	*row = NULL;
	size_t		 i;

	for (i = 0; i < model->weak.n && row == NULL; i++) {
		row = model->weak.v[i];
		if (!str_same(row->what, what.p, what.n))
			row = NULL;
	}
	if (row == NULL) {
		row = arena_alloc(arena, sizeof(*row));
		row->what = what;
		list_add(arena, &model->weak, row);
	}
	row->messages++;
	proof_collect(model, &row->proofs, fact);
}

void
model_paths(struct model *model)
{
	static const enum item_kind kind[] = {
		ITEM_PKI_MESSAGE, ITEM_ENVELOPE
	};
	const struct fact	*fact;
	const struct item	*item;
	size_t			 i;

	for (i = 0; i < model->certificates.n; i++)
		certificate_paths(model->ev, model->certificates.v[i]);
	for (i = 0; i < sizeof(kind) / sizeof(kind[0]); i++)
		for (item = ev_first(model->ev, kind[i]); item != NULL;
		    item = item->next)
			for (fact = item_fact(item, &cms_weak); fact != NULL;
			    fact = fact_next(fact))
				weak_add(model, fact);
}
