/*
 * The block that a person pastes into a support request: what each device
 * asked of whom, with which CA, what was answered, and the digests of the
 * evidence.  Names of persons and machines are tokens in it, files have
 * numbers in place of their names.
 * Relies on model.h and private.h.
 */
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/model.h"
#include "report/private.h"

struct block {
	struct model	*model;
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

	s = private_hide(block->model->names, s, false);
	return escape_text(block->arena, s.p, s.n, &n);
}

/* Of a text that somebody wrote: a proxy may tell who asked. */
static const char *
clean_message(const struct block *block, struct str s)
{
	size_t	n;

	s = private_hide(block->model->names, s, true);
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

/* Of one device also what no attempt tells; a row may be NULL. */
static void
block_device(const struct block *block, const struct row_attempt *row)
{
	const struct device	*all = &block->model->device;
	bool			 several = block->model->devices.n > 1;
	const char		*text = "";

	if (several && row == NULL)
		return;
	part(block, &text, "vendor ", several ? row->vendor : all->vendor);
	part(block, &text, "firmware ", several ? row->firmware :
	    all->firmware);
	part(block, &text, "TPM ", several ? row->tpm_version :
	    all->tpm_version);
	part(block, &text, "Windows ", several ? row->windows_build :
	    all->windows_build);
	if (*text != '\0')
		words(block, "Device:", text);
}

static void
block_validity(const struct block *block, const char *label, struct str serial,
    int64_t from, int64_t to)
{
	const char	*text = "";

	if (str_empty(serial))
		return;
	part(block, &text, "serial ", serial);
	if (from != ABSENT && to != ABSENT)
		text = arena_printf(block->arena, "%s, valid %s to %s", text,
		    date_text(block->arena, from),
		    date_text(block->arena, to));
	words(block, label, text);
}

static void
block_issuer(const struct block *block, const struct row_host *row)
{
	struct str	host = row->attempt->host, ski = row->ek_ski;

	if (str_empty(row->ek_name) && str_empty(row->ek_serial) &&
	    str_empty(ski))
		return;
	words(block, "EK issuer:", str_empty(row->ek_name) ?
	    "(name not known)" : clean(block, row->ek_name));
	/* Most hosts are named by it. */
	if (!str_empty(ski) && memmem(host.p, host.n, ski.p, ski.n) == NULL)
		(void)fprintf(block->f, LABEL "key id %s\n", "",
		    clean(block, ski));
	block_validity(block, "", row->ek_serial, row->ek_from, row->ek_to);
	block_validity(block, "Replaces:", row->ek_old_serial,
	    row->ek_old_from, row->ek_old_to);
}

/* Whole seconds are enough to find a request. */
static const char *
second_text(struct arena *arena, int64_t us)
{
	int64_t	rest = us % 1000000;

	return time_text(arena, us - (rest < 0 ? rest + 1000000 : rest));
}

/*
 * By the server's clock where the client's is far from it: the service's
 * support looks for the request in its own logs.
 */
static int64_t
stage_when(const struct row_stage *stage)
{
	const int64_t	minute = INT64_C(60) * 1000000;

	if (stage->date == ABSENT || stage->time == ABSENT ||
	    (stage->time > stage->date - minute &&
	    stage->time < stage->date + minute))
		return stage->time;
	return stage->date;
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

	text = stage_when(stage) == ABSENT ? "(time not known)" :
	    second_text(block->arena, stage_when(stage));
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

/* The ids that the client gave them. */
static void
block_clients(const struct block *block, const struct list *answers)
{
	const struct row_stage	*stage;
	struct list		 ids = { 0 };
	size_t			 i;

	for (i = 0; i < answers->n; i++) {
		stage = answers->v[i];
		if (!str_empty(stage->client_request_id))
			list_add_text(block->arena, &ids,
			    clean(block, stage->client_request_id));
	}
	for (i = 0; i < ids.n; i++)
		(void)fprintf(block->f, "%s  %s\n", i == 0 ?
		    "x-ms-client-request-id:\n" : "", (char *)ids.v[i]);
}

static void
block_answers(const struct block *block, const struct row_host *row)
{
	const struct list	*answers = &row->answers;
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
		block_answer(block, answers->v[i], row->attempt->failed_stage);
	if (!block->brief)
		block_clients(block, answers);
	for (i = 0; i < answers->n; i++) {
		stage = answers->v[i];
		if (!str_empty(stage->message))
			list_add_text(block->arena, &messages,
			    clean_message(block, stage->message));
	}
	for (i = 0; i < messages.n && (i == 0 || !block->brief); i++)
		words(block, i == 0 ? "Message:" : "",
		    arena_printf(block->arena, "\"%s\"",
		    (char *)messages.v[i]));
}

static void
block_host(const struct block *block, const struct row_host *row)
{
	block_authority(block, row->attempt);
	block_device(block, row->attempt);
	block_issuer(block, row);
	block_answers(block, row);
}

/* " fails at STAGE", " succeeds". */
static const char *
ending(const struct block *block, const struct row_attempt *row)
{
	if (str_is(row->outcome, "succeeded"))
		return " succeeds";
	if (!str_is(row->outcome, "failed"))
		return " is not finished";
	return str_empty(row->failed_stage) ? " fails" :
	    arena_printf(block->arena, " fails at %s",
	    clean(block, row->failed_stage));
}

/* What the first line says behind the name of it all. */
static const char *
block_title(const struct block *block)
{
	const struct list	*hosts = &block->model->escalation.hosts;
	bool			 failed = block->model->verdict->outcome ==
				    OUTCOME_FAILED;
	const struct row_host	*row = hosts->n > 0 ? hosts->v[0] : NULL;

	if (row == NULL)
		return failed ? " fails." : ": no attempt is in evidence.";
	if (block->brief && hosts->n > 1)
		return arena_printf(block->arena, "%s (1 of %zu).",
		    ending(block, row->attempt), hosts->n);
	if (hosts->n > 1)
		return ", by device and host.";
	if (failed && !str_is(row->attempt->outcome, "failed"))
		return arena_printf(block->arena, " fails; the attempt%s.",
		    ending(block, row->attempt));
	return arena_printf(block->arena, "%s.", ending(block, row->attempt));
}

/* One host: the whole block.  More: one after the other, by device. */
static void
block_hosts(const struct block *block)
{
	const struct escalation	*esc = &block->model->escalation;
	const struct row_host	*row;
	size_t			 i;

	(void)fprintf(block->f, "Windows AIK enrolment (TPM attestation)%s\n",
	    block_title(block));
	if (esc->hosts.n == 0)
		block_device(block, NULL);
	for (i = 0; i < esc->hosts.n && (i == 0 || !block->brief); i++) {
		row = esc->hosts.v[i];
		if (esc->hosts.n > 1 && !block->brief)
			(void)fprintf(block->f, "%zu. Device %lld%s:\n",
			    i + 1, (long long)row->attempt->device,
			    ending(block, row->attempt));
		block_host(block, row);
	}
	if (!str_empty(esc->windows_build))
		words(block, "Windows:", arena_printf(block->arena,
		    "%s, of one of the devices; which is not known",
		    clean(block, esc->windows_build)));
}

static void
block_evidence(const struct block *block)
{
	const struct model	*model = block->model;
	const struct row_input	*input;
	size_t			 i;

	(void)fprintf(block->f, "Evidence (SHA-256):\n");
	for (i = 0; i < model->inputs.n; i++) {
		input = model->inputs.v[i];
		(void)fprintf(block->f, "%s %s\n", input->sha256,
		    input->token);
	}
	(void)fprintf(block->f, "Made by aiktriage %s with these rules:\n%s\n",
	    model->version, model->rules_sha256);
}

static const char *
block_write(struct model *model, bool brief)
{
	struct block	 block = { .model = model,
			     .arena = ev_arena(model->ev), .brief = brief };
	const char	*kept;
	char		*text = NULL;
	size_t		 n = 0;

	if ((block.f = open_memstream(&text, &n)) == NULL)
		abort();
	block_hosts(&block);
	if (!brief)
		block_evidence(&block);
	if (fclose(block.f) != 0)
		abort();
	kept = arena_text(block.arena, text, n);
	free(text);
	return kept;
}

/* What programs read: the ids and times, beside the text. */
static void
collect_answer(struct model *model, const struct row_stage *stage)
{
	struct escalation	*esc = &model->escalation;
	struct arena		*arena = ev_arena(model->ev);
	size_t			 n;

	if (stage_when(stage) != ABSENT)
		list_add_text(arena, &esc->times,
		    time_text(arena, stage_when(stage)));
	if (!str_empty(stage->request_id))
		list_add_text(arena, &esc->request_ids, escape_text(arena,
		    stage->request_id.p, stage->request_id.n, &n));
	if (!str_empty(stage->client_request_id))
		list_add_text(arena, &esc->client_request_ids,
		    escape_text(arena, stage->client_request_id.p,
		    stage->client_request_id.n, &n));
}

/* Of the verdict's host; without one, of all that failed. */
static void
collect(struct model *model)
{
	const struct row_host	*row;
	size_t			 i, k;

	for (i = 0; i < model->escalation.hosts.n; i++) {
		if (model->chosen != NULL && i > 0)
			break;
		row = model->escalation.hosts.v[i];
		for (k = 0; k < row->answers.n; k++)
			collect_answer(model, row->answers.v[k]);
	}
	if (model->chosen != NULL)
		model->escalation.authority = model->chosen->host;
}

void
model_escalation(struct model *model)
{
	struct escalation	*esc = &model->escalation;

	esc->pack = block_write(model, false);
	esc->text = esc->brief = "";
	if (model->verdict->outcome != OUTCOME_FAILED)
		return;
	collect(model);
	esc->text = esc->pack;
	esc->brief = block_write(model, true);
}
