/*
 * The block that a person pastes into a support request: whom was asked, by
 * what device, with which CA, what was answered, and the digests of the
 * evidence.  Names of persons and machines never stand in it.
 * Relies on model.h.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "parsers/fields.h"
#include "report/escape.h"
#include "report/model.h"

struct block {
	struct arena	*arena;
	FILE		*f;
};

/* One line: a label in its column, or under the one before. */
#define LABEL	"%-11s"
#define WORDS	68		/* columns right of it */

static const char *
clean(const struct block *block, struct str s)
{
	size_t	n;

	return escape_text(block->arena, s.p, s.n, &n);
}

/* Words of a text in lines that begin under the label. */
static void
words(const struct block *block, const char *label, const char *text)
{
	size_t	at = 0, n;

	(void)fprintf(block->f, LABEL, label);
	for (; *text != '\0'; text += n + (text[n] == ' ')) {
		n = strcspn(text, " ");
		if (at > 0 && at + 1 + text_width(text, n) > WORDS) {
			(void)fprintf(block->f, "\n" LABEL, "");
			at = 0;
		}
		(void)fprintf(block->f, "%s%.*s", at > 0 ? " " : "", (int)n,
		    text);
		at += (at > 0) + text_width(text, n);
	}
	(void)fputc('\n', block->f);
}

/* ", PREFIX value" or nothing. */
static void
part(const struct block *block, bool *first, const char *prefix, struct str s)
{
	if (str_empty(s))
		return;
	(void)fprintf(block->f, "%s%s%s", *first ? "" : ", ", prefix,
	    clean(block, s));
	*first = false;
}

static void
block_authority(const struct block *block, const struct row_attempt *row)
{
	bool	first = true;

	if (str_empty(row->host))
		return;
	/* The longest names leave no room for the label's column. */
	(void)fprintf(block->f, "Host: %s\n", clean(block, row->host));
	if (str_empty(row->listed))
		return;
	(void)fprintf(block->f, LABEL, "Authority:");
	part(block, &first, "listed: ", row->listed);
	if (row->since != ABSENT)
		part(block, &first, "since ",
		    str_of(date_text(block->arena, row->since)));
	if (row->until != ABSENT)
		part(block, &first, "until ",
		    str_of(date_text(block->arena, row->until)));
	if (row->list_date != ABSENT)
		part(block, &first, "list of ",
		    str_of(date_text(block->arena, row->list_date)));
	(void)fputc('\n', block->f);
}

static void
block_device(const struct block *block, const struct device *device)
{
	bool	first = true;

	if (str_empty(device->vendor) && str_empty(device->firmware) &&
	    str_empty(device->tpm_version) && str_empty(device->windows_build))
		return;
	(void)fprintf(block->f, LABEL, "Device:");
	part(block, &first, "vendor ", device->vendor);
	part(block, &first, "firmware ", device->firmware);
	part(block, &first, "TPM ", device->tpm_version);
	part(block, &first, "Windows ", device->windows_build);
	(void)fputc('\n', block->f);
}

static void
block_validity(const struct block *block, const char *label, struct str serial,
    int64_t from, int64_t to)
{
	if (str_empty(serial))
		return;
	(void)fprintf(block->f, LABEL "serial %s", label,
	    clean(block, serial));
	if (from != ABSENT && to != ABSENT)
		(void)fprintf(block->f, ", valid %s to %s",
		    date_text(block->arena, from),
		    date_text(block->arena, to));
	(void)fputc('\n', block->f);
}

static void
block_issuer(const struct block *block, struct model *model,
    const struct row_attempt *row)
{
	struct evidence	*ev = model->ev;
	const struct item *item = row->at;
	struct str	 name = item_show(ev, item, &ek_issuer_name),
			 ski = item_show(ev, item, &ek_issuer_ski),
			 serial = item_show(ev, item, &ek_issuer_serial),
			 old = item_show(ev, item, &ek_issuer_old_serial);

	/* What the list says of the id that was asked for. */
	if (str_empty(name))
		name = row->issuer;
	if (str_empty(name) && str_empty(serial) && str_empty(ski))
		return;
	if (str_empty(name))
		name = str_of("(name not known)");
	words(block, "EK issuer:", clean(block, name));
	if (!str_empty(ski))
		(void)fprintf(block->f, LABEL "key id %s\n", "",
		    clean(block, ski));
	block_validity(block, "", serial,
	    item_count(item, &ek_issuer_not_before),
	    item_count(item, &ek_issuer_not_after));
	block_validity(block, "Replaces:", old,
	    item_count(item, &ek_issuer_old_not_before),
	    item_count(item, &ek_issuer_old_not_after));
}

/* Whole seconds are enough to find a request. */
static const char *
second_text(struct arena *arena, int64_t us)
{
	int64_t	rest = us % 1000000;

	return time_text(arena, us - (rest < 0 ? rest + 1000000 : rest));
}

static bool
stage_failed(const struct row_stage *stage)
{
	return str_is(stage->state, "failed");
}

/* Two lines: when and what; the ids of the request. */
static void
block_answer(const struct block *block, struct model *model,
    const struct row_stage *stage)
{
	struct escalation	*esc = &model->escalation;
	const char		*id, *client;

	(void)fprintf(block->f, "  %s %s", stage->time == ABSENT ?
	    "(time not known)" : second_text(block->arena, stage->time),
	    clean(block, stage->name));
	if (stage->http_status != ABSENT)
		(void)fprintf(block->f, " HTTP %lld",
		    (long long)stage->http_status);
	if (stage->pki_status != ABSENT)
		(void)fprintf(block->f, " pkiStatus %lld",
		    (long long)stage->pki_status);
	if (stage->fail_info != ABSENT)
		(void)fprintf(block->f, " failInfo %lld",
		    (long long)stage->fail_info);
	if (!str_empty(stage->hresult))
		(void)fprintf(block->f, " %s", clean(block, stage->hresult));
	(void)fputc('\n', block->f);
	if (stage->time != ABSENT)
		list_add_text(block->arena, &esc->times,
		    time_text(block->arena, stage->time));
	if (str_empty(stage->request_id) &&
	    str_empty(stage->client_request_id))
		return;
	id = clean(block, stage->request_id);
	client = clean(block, stage->client_request_id);
	(void)fprintf(block->f, "  %s %s\n", *id == '\0' ? "-" : id,
	    *client == '\0' ? "-" : client);
	if (*id != '\0')
		list_add_text(block->arena, &esc->request_ids, id);
	if (*client != '\0')
		list_add_text(block->arena, &esc->client_request_ids, client);
}

/* Every answer of that host which failed an attempt. */
static void
block_attempts(const struct block *block, struct model *model,
    const struct row_attempt *chosen)
{
	const struct row_attempt	*row;
	const struct row_stage		*stage;
	struct list			 messages = { 0 };
	size_t				 i, k, n = 0;

	for (i = 0; i < model->attempts.n; i++) {
		row = model->attempts.v[i];
		if (chosen != NULL && !str_same(row->host, chosen->host.p,
		    chosen->host.n))
			continue;
		for (k = 0; k < row->stages.n; k++) {
			stage = row->stages.v[k];
			if (!stage_failed(stage))
				continue;
			if (n++ == 0)
				(void)fprintf(block->f, "Answers (UTC; "
				    "x-ms-request-id, "
				    "x-ms-client-request-id):\n");
			block_answer(block, model, stage);
			if (!str_empty(stage->message))
				list_add_text(block->arena, &messages,
				    clean(block, stage->message));
		}
	}
	for (i = 0; i < messages.n; i++)
		words(block, i == 0 ? "Message:" : "",
		    arena_printf(block->arena, "\"%s\"",
		    (char *)messages.v[i]));
}

/* The attempt that the verdict is about, else the last that failed. */
static const struct row_attempt *
attempt_chosen(const struct model *model)
{
	const struct finding		*cause = model->verdict->cause;
	const struct row_attempt	*row, *chosen = NULL;
	const struct item		*item;
	size_t				 i;

	item = cause == NULL || cause->item == NULL ? NULL :
	    item_up(cause->item, ITEM_ATTEMPT);
	for (i = 0; item != NULL && i < model->attempts.n; i++) {
		row = model->attempts.v[i];
		if (row->at == item)
			return row;
	}
	for (i = 0; i < model->attempts.n; i++) {
		row = model->attempts.v[i];
		if (str_is(row->outcome, "failed") &&
		    (chosen == NULL || chosen->time == ABSENT ||
		    (row->time != ABSENT && row->time >= chosen->time)))
			chosen = row;
	}
	return chosen;
}

static void
block_write(const struct block *block, struct model *model)
{
	const struct row_attempt	*chosen = attempt_chosen(model);
	const struct row_input		*input;
	const char			*path;
	size_t				 i;

	(void)fprintf(block->f,
	    "Windows AIK enrolment (TPM attestation) fails%s%s.\n",
	    chosen == NULL || str_empty(chosen->failed_stage) ? "" : " at ",
	    chosen == NULL ? "" : clean(block, chosen->failed_stage));
	if (chosen != NULL) {
		model->escalation.authority = chosen->host;
		block_authority(block, chosen);
	}
	block_device(block, &model->device);
	if (chosen != NULL)
		block_issuer(block, model, chosen);
	block_attempts(block, model, chosen);
	(void)fprintf(block->f, ESCALATION_DIGESTS "\n");
	for (i = 0; i < model->inputs.n; i++) {
		input = model->inputs.v[i];
		path = clean(block, str_of(model_brief(model,
		    input->input->path)));
		(void)fprintf(block->f, "%s%s%s\n", input->sha256,
		    strlen(path) > 15 ? "\n    " : " ", path);
	}
	(void)fprintf(block->f, "Made by aiktriage %s, rules %.16s\n",
	    model->version, model->rules_sha256);
}

void
model_escalation(struct model *model)
{
	struct block	 block = { .arena = ev_arena(model->ev) };
	char		*text = NULL;
	size_t		 n = 0;

	model->escalation.text = "";
	if (model->verdict->outcome != OUTCOME_FAILED)
		return;
	if ((block.f = open_memstream(&text, &n)) == NULL)
		abort();
	block_write(&block, model);
	if (fclose(block.f) != 0)
		abort();
	model->escalation.text = arena_text(block.arena, text, n);
	free(text);
}
