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
	bool		 brief;		/* what fits on a screen */
};

/* The answers that a brief block holds: the last ones. */
#define BRIEF_ANSWERS	3

/* One line: a label in its column, or under the one before. */
#define LABEL	"%-11s"
#define WORDS	68		/* columns right of it */

static const char *
clean(const struct block *block, struct str s)
{
	size_t	n;

	return escape_text(block->arena, s.p, s.n, &n);
}

/* Words of a text in lines that begin under the label; one that is too long
   for its column has a line of its own. */
static void
words(const struct block *block, const char *label, const char *text)
{
	size_t	at = 0, n, width;
	bool	wide;

	(void)fprintf(block->f, LABEL, label);
	for (; *text != '\0'; text += n + (text[n] == ' ')) {
		n = strcspn(text, " ");
		width = text_width(text, n);
		wide = width > WORDS;
		if (at > 0 && (wide || at + 1 + width > WORDS)) {
			(void)fprintf(block->f, "\n");
			(void)fprintf(block->f, wide ? "  " : LABEL, "");
			at = 0;
		}
		(void)fprintf(block->f, "%s%.*s", at > 0 ? " " : "", (int)n,
		    text);
		at += (at > 0) + width;
	}
	(void)fputc('\n', block->f);
}

/* Adds ", PREFIX value" to a text, if there is a value. */
static void
part(const struct block *block, const char **text, const char *prefix,
    struct str s)
{
	if (str_empty(s))
		return;
	*text = arena_printf(block->arena, "%s%s%s%s", *text,
	    **text == '\0' ? "" : ", ", prefix, clean(block, s));
}

static struct str
day(const struct block *block, int64_t time)
{
	return str_of(time == ABSENT ? "" : date_text(block->arena, time));
}

static void
block_authority(const struct block *block, const struct row_attempt *row)
{
	const char	*text = "";

	if (str_empty(row->host))
		return;
	/* The longest names leave no room for the label's column. */
	(void)fprintf(block->f, "Host: %s\n", clean(block, row->host));
	/* The service knows that its authority exists. */
	if (str_empty(row->listed) ||
	    (block->brief && str_is(row->listed, "yes")))
		return;
	part(block, &text, "listed: ", row->listed);
	part(block, &text, "since ", day(block, row->since));
	part(block, &text, "until ", day(block, row->until));
	part(block, &text, "list of ", day(block, row->list_date));
	words(block, "Authority:", text);
}

static void
block_device(const struct block *block, const struct device *device)
{
	const char	*text = "";

	part(block, &text, "vendor ", device->vendor);
	part(block, &text, "firmware ", device->firmware);
	part(block, &text, "TPM ", device->tpm_version);
	part(block, &text, "Windows ", device->windows_build);
	if (*text != '\0')
		words(block, "Device:", text);
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
	/* Most hosts are named by it. */
	if (!str_empty(ski) && memmem(row->host.p, row->host.n, ski.p,
	    ski.n) == NULL)
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

/*
 * "  TIME STAGE HTTP 400 ID": when, at which stage if not the one named above,
 * what, and the service's id, which goes below where the line is full.
 */
static void
block_answer(const struct block *block, const struct row_stage *stage,
    struct str named)
{
	const char	*id = clean(block, stage->request_id), *text;

	text = stage->time == ABSENT ? "(time not known)" :
	    second_text(block->arena, stage->time);
	if (!str_same(stage->name, named.p, named.n))
		text = arena_printf(block->arena, "%s %s", text,
		    clean(block, stage->name));
	if (stage->http_status != ABSENT)
		text = arena_printf(block->arena, "%s HTTP %lld", text,
		    (long long)stage->http_status);
	if (stage->pki_status != ABSENT)
		text = arena_printf(block->arena, "%s pkiStatus %lld", text,
		    (long long)stage->pki_status);
	if (stage->fail_info != ABSENT)
		text = arena_printf(block->arena, "%s failInfo %lld", text,
		    (long long)stage->fail_info);
	if (!str_empty(stage->hresult))
		text = arena_printf(block->arena, "%s %s", text,
		    clean(block, stage->hresult));
	(void)fprintf(block->f, "  %s%s%s\n", text, *id == '\0' ? "" :
	    strlen(text) + strlen(id) + 3 > 80 ? "\n  " : " ", id);
}

/* What programs read: the ids and times, beside the text. */
static void
collect_answer(struct arena *arena, struct escalation *esc,
    const struct row_stage *stage)
{
	size_t	n;

	if (stage->time != ABSENT)
		list_add_text(arena, &esc->times,
		    time_text(arena, stage->time));
	if (!str_empty(stage->request_id))
		list_add_text(arena, &esc->request_ids, escape_text(arena,
		    stage->request_id.p, stage->request_id.n, &n));
	if (!str_empty(stage->client_request_id))
		list_add_text(arena, &esc->client_request_ids,
		    escape_text(arena, stage->client_request_id.p,
		    stage->client_request_id.n, &n));
}

/* Every answer of that host which failed an attempt. */
static struct list
answers_failed(const struct model *model, const struct row_attempt *chosen)
{
	const struct row_attempt	*row;
	struct row_stage		*stage;
	struct list			 answers = { 0 };
	size_t				 i, k;

	for (i = 0; i < model->attempts.n; i++) {
		row = model->attempts.v[i];
		if (chosen != NULL && !str_same(row->host, chosen->host.p,
		    chosen->host.n))
			continue;
		for (k = 0; k < row->stages.n; k++) {
			stage = row->stages.v[k];
			if (stage_failed(stage))
				list_add(ev_arena(model->ev), &answers,
				    stage);
		}
	}
	return answers;
}

static void
block_answers(const struct block *block, const struct list *answers,
    struct str named)
{
	const struct row_stage	*stage;
	struct list		 messages = { 0 };
	size_t			 i;

	if (answers->n == 0)
		return;
	i = block->brief && answers->n > BRIEF_ANSWERS ?
	    answers->n - BRIEF_ANSWERS : 0;
	(void)fprintf(block->f, "Answers (UTC; x-ms-request-id):\n");
	if (i > 0)
		(void)fprintf(block->f, "  (%zu before these)\n", i);
	for (; i < answers->n; i++)
		block_answer(block, answers->v[i], named);
	for (i = 0; i < answers->n; i++) {
		stage = answers->v[i];
		if (!str_empty(stage->message))
			list_add_text(block->arena, &messages,
			    clean(block, stage->message));
	}
	for (i = 0; i < messages.n && (i == 0 || !block->brief); i++)
		words(block, i == 0 ? "Message:" : "",
		    arena_printf(block->arena, "\"%s\"",
		    (char *)messages.v[i]));
}

static void
block_evidence(const struct block *block, struct model *model)
{
	const struct row_input	*input;
	const char		*path;
	size_t			 i;

	if (model->escalation.client_request_ids.n > 0)
		(void)fprintf(block->f, "x-ms-client-request-id:\n");
	for (i = 0; i < model->escalation.client_request_ids.n; i++)
		(void)fprintf(block->f, "  %s\n",
		    (char *)model->escalation.client_request_ids.v[i]);
	(void)fprintf(block->f, "Evidence (SHA-256):\n");
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

static const char *
block_write(struct model *model, const struct row_attempt *chosen,
    const struct list *answers, bool brief)
{
	struct block	 block = { .arena = ev_arena(model->ev),
			     .brief = brief };
	struct str	 named = { 0 };
	const char	*kept;
	char		*text = NULL;
	size_t		 n = 0;

	if ((block.f = open_memstream(&text, &n)) == NULL)
		abort();
	if (chosen != NULL)
		named = chosen->failed_stage;
	(void)fprintf(block.f,
	    "Windows AIK enrolment (TPM attestation) fails%s%s.\n",
	    str_empty(named) ? "" : " at ", clean(&block, named));
	if (chosen != NULL)
		block_authority(&block, chosen);
	block_device(&block, &model->device);
	if (chosen != NULL)
		block_issuer(&block, model, chosen);
	block_answers(&block, answers, named);
	if (!brief)
		block_evidence(&block, model);
	if (fclose(block.f) != 0)
		abort();
	kept = arena_text(block.arena, text, n);
	free(text);
	return kept;
}

void
model_escalation(struct model *model)
{
	const struct row_attempt	*chosen;
	struct escalation		*esc = &model->escalation;
	struct list			 answers;
	size_t				 i;

	esc->text = esc->brief = "";
	if (model->verdict->outcome != OUTCOME_FAILED)
		return;
	chosen = attempt_chosen(model);
	if (chosen != NULL)
		esc->authority = chosen->host;
	answers = answers_failed(model, chosen);
	for (i = 0; i < answers.n; i++)
		collect_answer(ev_arena(model->ev), esc, answers.v[i]);
	esc->text = block_write(model, chosen, &answers, false);
	esc->brief = block_write(model, chosen, &answers, true);
}
