/*
 * What each device of the case asked of each host, for the escalation: the
 * one that the verdict is about comes first, then those that failed.
 * Relies on model.h and the facts of the EK's issuer.
 */
#include "report/model.h"

#include "correlate/attempt.h"
#include "report/private.h"

static struct row_host *
host_row(struct model *model, const struct row_attempt *attempt)
{
	struct list	*hosts = &model->escalation.hosts;
	struct row_host	*row;
	size_t		 i;

	for (i = 0; i < hosts->n; i++) {
		row = hosts->v[i];
		if (row->attempt->device == attempt->device && str_same(
		    row->attempt->host, attempt->host.p, attempt->host.n))
			return row;
	}
	row = arena_alloc(ev_arena(model->ev), sizeof(*row));
	row->attempt = attempt;
	list_add(ev_arena(model->ev), hosts, row);
	return row;
}

static void
answers_add(struct model *model, struct row_host *host,
    const struct row_attempt *attempt)
{
	const struct row_stage	*stage;
	size_t			 i;

	for (i = 0; i < attempt->stages.n; i++) {
		stage = attempt->stages.v[i];
		if (str_is(stage->state, "failed"))
			list_add(ev_arena(model->ev), &host->answers,
			    attempt->stages.v[i]);
	}
}

static void
issuer_fill(struct model *model, struct row_host *row)
{
	struct evidence		*ev = model->ev;
	const struct item	*at = row->attempt->at;

	row->ek_name = item_show(ev, at, &ek_issuer_name);
	row->ek_ski = item_show(ev, at, &ek_issuer_ski);
	row->ek_serial = item_show(ev, at, &ek_issuer_serial);
	row->ek_old_serial = item_show(ev, at, &ek_issuer_old_serial);
	row->ek_from = item_count(at, &ek_issuer_not_before);
	row->ek_to = item_count(at, &ek_issuer_not_after);
	row->ek_old_from = item_count(at, &ek_issuer_old_not_before);
	row->ek_old_to = item_count(at, &ek_issuer_old_not_after);
	/* What the list says of the id that was asked for. */
	if (str_empty(row->ek_name))
		row->ek_name = row->attempt->issuer;
}

/* First of a host is the attempt of the verdict, then one that failed. */
static bool
better(const struct model *model, const struct row_attempt *a,
    const struct row_attempt *b)
{
	if (b == model->chosen || a == b)
		return false;
	return a == model->chosen || str_is(a->outcome, "failed") ||
	    !str_is(b->outcome, "failed");
}

/* The verdict's first, those that failed next; else as they came. */
static void
hosts_sort(struct model *model)
{
	struct list	*hosts = &model->escalation.hosts, sorted = { 0 };
	struct row_host	*row;
	size_t		 rank, i;
	bool		 failed, first;

	for (rank = 0; rank < 3; rank++)
		for (i = 0; i < hosts->n; i++) {
			row = hosts->v[i];
			first = row->attempt == model->chosen;
			failed = row->answers.n > 0 ||
			    str_is(row->attempt->outcome, "failed");
			if ((first ? 0u : failed ? 1u : 2u) == rank)
				list_add(ev_arena(model->ev), &sorted, row);
		}
	*hosts = sorted;
}

/* The service finds a request by its ids, and an authority by its own. */
static void
keep_ids(struct model *model)
{
	const struct row_attempt *attempt;
	const struct row_stage	*stage;
	const struct row_host	*host;
	size_t			 i, k;

	for (i = 0; i < model->attempts.n; i++) {
		attempt = model->attempts.v[i];
		private_keep(model->names, attempt->id);
		private_keep(model->names, attempt->transaction);
		for (k = 0; k < attempt->stages.n; k++) {
			stage = attempt->stages.v[k];
			private_keep(model->names, stage->request_id);
			private_keep(model->names, stage->client_request_id);
		}
	}
	for (i = 0; i < model->escalation.hosts.n; i++) {
		host = model->escalation.hosts.v[i];
		private_keep(model->names, host->ek_ski);
		private_keep(model->names, host->ek_serial);
		private_keep(model->names, host->ek_old_serial);
	}
}

/* A name that a message tells at its end, or another one, goes from all. */
static void
learn_names(struct model *model)
{
	const struct row_host	*host;
	const struct row_stage	*stage;
	size_t			 i, k;

	for (i = 0; i < model->escalation.hosts.n; i++) {
		host = model->escalation.hosts.v[i];
		for (k = 0; k < host->answers.n; k++) {
			stage = host->answers.v[k];
			(void)private_hide(model->names, stage->message, true);
		}
	}
}

void
model_hosts(struct model *model)
{
	struct list		*hosts = &model->escalation.hosts;
	const struct row_attempt *attempt;
	struct row_host		*row;
	size_t			 i;

	model->names = private_new(model->ev);
	for (i = 0; i < model->attempts.n; i++) {
		attempt = model->attempts.v[i];
		row = host_row(model, attempt);
		if (better(model, attempt, row->attempt))
			row->attempt = attempt;
		answers_add(model, row, attempt);
	}
	for (i = 0; i < hosts->n; i++)
		issuer_fill(model, hosts->v[i]);
	hosts_sort(model);
	keep_ids(model);
	learn_names(model);
}
