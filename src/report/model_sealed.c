/*
 * What stayed sealed: enveloped data that no key of --key opened, for whom it
 * is, how large, and whose key would open it.  Relies on model.h and
 * parsers/fields.h.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "report/model.h"

void
model_sealed(struct model *model)
{
	struct arena		*arena = ev_arena(model->ev);
	struct row_sealed	*row;
	struct item		*it;

	for (it = ev_first(model->ev, ITEM_ENVELOPE); it != NULL;
	    it = it->next) {
		if (item_truth(it, &envelope_opened, false))
			continue;
		row = arena_alloc(arena, sizeof(*row));
		row->to = item_show(model->ev, it, &envelope_recipient);
		if (str_empty(row->to))
			row->to = item_show(model->ev, it,
			    &envelope_recipient_issuer);
		row->named = item_fact(it, &envelope_recipient) != NULL;
		row->cipher = item_show(model->ev, it, &envelope_cipher);
		row->opens_with = item_show(model->ev, it,
		    &envelope_opens_with);
		row->bytes = item_count(it, &envelope_length);
		if (ev_cite(model->ev, it->at, &row->at))
			list_add(arena, &model->sealed, row);
	}
}

bool
sealed_alike(const struct row_sealed *a, const struct row_sealed *b)
{
	return a->named == b->named && a->to.n == b->to.n &&
	    memcmp(a->to.p, b->to.p, a->to.n) == 0 &&
	    a->opens_with.n == b->opens_with.n && memcmp(a->opens_with.p,
	    b->opens_with.p, a->opens_with.n) == 0;
}
