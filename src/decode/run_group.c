/*
 * Puts tokens together to runs: a new head, a new event record or a complete
 * event ends the run before it.  What has too few tokens of the grammar is
 * somebody's words and no run.  Relies on run_tokens.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/run_group.h"

#define GAP_LINES	120	/* tokens further apart are of two runs */
#define HEAD_LINES	40	/* an event's head is nearer to its sentence */

/* What a token is worth as a witness that certreq or an event speaks. */
static const struct worth {
	unsigned int	 weight;
	bool		 specific;	/* no other program prints it */
	bool		 grammar;	/* more than a name */
	bool		 outcome;	/* says how the run went */
} worth[TOKEN_KINDS] = {
	[TOKEN_COMMAND] = { 2, true, false, false },
	[TOKEN_TPM] = { 3, true, true, false },
	[TOKEN_AUTHORITY] = { 2, true, false, false },
	[TOKEN_URL] = { 2, true, false, false },
	[TOKEN_OPERATION] = { 2, true, true, true },
	[TOKEN_PKI_STATUS] = { 2, true, true, true },
	[TOKEN_ENROLL_STATUS] = { 2, true, true, true },
	[TOKEN_FAIL_INFO] = { 1, false, true, true },
	[TOKEN_DONE] = { 1, false, true, true },
	[TOKEN_MESSAGE] = { 1, false, true, true },
	[TOKEN_HTTP] = { 1, false, true, true },
	[TOKEN_METHOD] = { 1, false, true, true },
	[TOKEN_STAGE] = { 1, false, true, true },
	[TOKEN_CODE] = { 1, false, true, true },
	[TOKEN_TOTAL] = { 1, false, false, false },
	[TOKEN_KEY] = { 1, false, false, false },
};

/* The run that is being put together. */
struct building {
	struct run_group g;
	bool		 any;		/* a token stands in it */
	bool		 body;		/* one that is not of an event's head */
	bool		 outcome;
	bool		 complete;	/* an event up to its code */
	const struct run_token *record, *id, *time;	/* of the head */
};

static bool
is_head(enum run_token_kind kind)
{
	return kind == TOKEN_RECORD || kind == TOKEN_EVENT_ID ||
	    kind == TOKEN_TIME;
}

static void *
grow(void *p, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return p;
	p = realloc(p, (n == 0 ? 1 : 2 * n) * size);
	if (p == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	return p;
}

static void *
zeroed(size_t n)
{
	void *p = calloc(n > 0 ? n : 1, 1);

	if (p == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	return p;
}

static bool
is_run(const struct building *b, bool named)
{
	bool specific = false, grammar = false;
	unsigned int weight = 0, i;

	for (i = 0; i < TOKEN_KINDS; i++)
		if (b->g.first_of[i] != NULL) {
			weight += worth[i].weight;
			specific |= worth[i].specific;
			grammar |= worth[i].grammar;
		}
	if (named && b->g.first_of[TOKEN_CODE] != NULL)
		return true;
	return grammar && ((weight >= 3 && specific) ||
	    (b->g.first_of[TOKEN_MESSAGE] != NULL &&
	    b->g.first_of[TOKEN_HTTP] != NULL &&
	    b->g.first_of[TOKEN_CODE] != NULL));
}

/* Event or certreq, and by which token that is known. */
static void
source_find(struct building *b)
{
	const struct run_group *g = &b->g;
	const struct run_token *url = g->first_of[TOKEN_URL];
	static const enum run_token_kind certreq[] = {
		TOKEN_TPM, TOKEN_AUTHORITY, TOKEN_COMMAND
	};
	size_t i;

	for (i = 0; i < sizeof(certreq) / sizeof(*certreq); i++)
		if (g->first_of[certreq[i]] != NULL) {
			b->g.told_by = g->first_of[certreq[i]];
			return;
		}
	b->g.event = true;
	if (url != NULL && (url->sentence ||
	    g->first_of[TOKEN_METHOD] != NULL))
		b->g.told_by = url;
	else if (g->event_id != NULL)
		b->g.told_by = g->event_id;
	else if (url == NULL && g->first_of[TOKEN_METHOD] != NULL)
		b->g.told_by = g->first_of[TOKEN_METHOD];
	else
		b->g.event = false;
	for (i = 0; i < TOKEN_KINDS && b->g.told_by == NULL; i++)
		if (!is_head((enum run_token_kind)i) && (!b->g.event))
			b->g.told_by = g->first_of[i];
}

/* A line before the first token that belongs to it: "... User context". */
static size_t
line_before(const struct text *t, size_t line)
{
	struct text_part part;
	size_t i;

	if (line == 0)
		return line;
	part = text_content(&t->lines[line - 1]);
	if (part.n == 0 || part.n > 80 || text_find(t->p + part.off, part.n,
	    "0x") < part.n || text_find(t->p + part.off, part.n, "//") <
	    part.n)
		return line;
	for (i = line - 1; i > 0; i--)
		if (text_content(&t->lines[i - 1]).n > 0)
			break;
	return i == 0 || text_find(t->p + part.off, part.n, "context") <
	    part.n ? line - 1 : line;
}

/* A line that certreq prints without a token: "SHA256", "GetCACaps = 9ms". */
static bool
is_certreq_line(const struct text *t, const struct run_group *g, size_t line)
{
	struct text_part part = text_content(&t->lines[line]);
	const char *p = t->p + part.off, *equals;
	size_t i;

	/* The text was cut in the middle of it, perhaps inside a code. */
	i = text_find(p, part.n, "0x");
	if (line + 1 == t->nlines && t->n > 0 && t->p[t->n - 1] != '\n' &&
	    (i == part.n || part.n - i < 9))
		return true;
	if (i < part.n)
		return false;
	for (i = 0; i < part.n && text_is_word(p[i]); i++)
		continue;
	if (i == part.n && i <= 16 && (i == 0 || text_is_digit(p[i - 1])))
		return true;
	if (text_starts(p, part.n, "New Certificate:") ||
	    text_starts(p, part.n, "Serial Number:") ||
	    text_starts(p, part.n, "Subject: EMPTY") ||
	    text_starts(p, part.n, "NotBefore:") ||
	    text_starts(p, part.n, "NotAfter:"))
		return true;
	/* Fields of the HTTP block that bear no token. */
	for (i = 0; i < part.n && (text_is_word(p[i]) || p[i] == '-'); i++)
		continue;
	if (g->last_of[TOKEN_HTTP] != NULL && i > 0 && i + 1 < part.n &&
	    p[i] == ':' && p[i + 1] == ' ')
		return true;
	equals = memchr(p, '=', part.n);
	return equals != NULL && part.n <= 512 &&
	    (size_t)(equals - p) <= 40;
}

/* The line after the run's own, as far as certreq goes on printing. */
static size_t
lines_after(const struct text *t, const struct run_group *g, size_t line)
{
	size_t end = line, i;

	for (i = line; i < t->nlines && i < end + 3 &&
	    is_certreq_line(t, g, i); i++)
		if (text_content(&t->lines[i]).n > 0)
			end = i + 1;
	return end;
}

static void
building_end(const struct text *t, struct building *b, struct run_groups *to,
    bool named)
{
	struct run_group *g = &b->g;
	size_t i, first;

	if (b->body && is_run(b, named)) {
		/* The head of an event: only where it is one. */
		if (b->id != NULL && b->id->number >= 86 &&
		    b->id->number <= 88)
			g->event_id = b->id;
		source_find(b);
		if (g->event)
			g->event_time = b->time;
		else
			g->event_id = NULL;
		for (first = g->first; !g->event &&
		    is_head(to->tokens.p[first].kind); first++)
			continue;
		g->first = first;
		while (is_head(to->tokens.p[g->last].kind) &&
		    g->last > g->first)
			g->last--;
		g->from_line = to->tokens.p[g->first].line;
		if (g->first_of[TOKEN_TPM] == &to->tokens.p[g->first])
			g->from_line = line_before(t, g->from_line);
		g->end_line = to->tokens.p[g->last].last_line + 1;
		if (!g->event)
			g->end_line = lines_after(t, g, g->end_line);
		for (i = g->from_line; i < g->end_line; i++)
			to->covered[i] = true;
		for (i = g->first; i <= g->last; i++)
			if (to->tokens.p[i].kind != TOKEN_BARE_CODE)
				to->used[i] = true;
		to->p = grow(to->p, to->n, sizeof(*to->p));
		to->p[to->n++] = *g;
	}
	*b = (struct building){ 0 };
}

/* Does this token begin another run than the one before it? */
static bool
begins_another(const struct building *b, const struct run_token *k,
    const struct run_token *before)
{
	if (!b->any)
		return false;
	if (k->kind == TOKEN_RECORD)
		return true;
	if (b->body && k->line > before->last_line + GAP_LINES)
		return true;
	if (!b->body)
		return k->line > before->last_line + HEAD_LINES;
	if (b->complete)
		return true;
	switch (k->kind) {
	case TOKEN_EVENT_ID:
		return true;
	case TOKEN_COMMAND:
		return b->outcome;
	case TOKEN_TPM:
		return b->g.first_of[TOKEN_TPM] != NULL || b->outcome ||
		    b->g.first_of[TOKEN_URL] != NULL;
	case TOKEN_AUTHORITY:
	case TOKEN_URL:
		return b->g.first_of[k->kind] != NULL || b->outcome;
	case TOKEN_METHOD:
		return b->g.first_of[TOKEN_METHOD] != NULL;
	case TOKEN_OPERATION:
		/* In certreq a code may stand before the operation. */
		return b->g.first_of[TOKEN_METHOD] != NULL ||
		    (b->g.last_of[TOKEN_OPERATION] != NULL &&
		    b->g.last_of[TOKEN_CODE] > b->g.last_of[TOKEN_OPERATION]);
	default:
		return false;
	}
}

static void
building_add(struct building *b, const struct run_token *k, size_t index)
{
	if (!b->any)
		b->g.first = index;
	b->any = true;
	if (k->kind == TOKEN_RECORD && b->record == NULL)
		b->record = k;
	if (k->kind == TOKEN_EVENT_ID && b->id == NULL)
		b->id = k;
	/* A time counts in an event's own head, or right at its sentence. */
	if (k->kind == TOKEN_TIME && !b->body && (b->record != NULL ||
	    b->time == NULL))
		b->time = b->record != NULL && b->time != NULL ? b->time : k;
	if (is_head(k->kind))
		return;
	if (!b->body && b->record == NULL && b->id == NULL &&
	    b->time != NULL && k->line > b->time->line + 2)
		b->time = NULL;
	b->body = true;
	b->g.last = index;
	b->outcome |= worth[k->kind].outcome;
	if (k->kind == TOKEN_URL)
		b->g.foreign |= k->foreign;
	if (b->g.first_of[k->kind] == NULL)
		b->g.first_of[k->kind] = k;
	b->g.last_of[k->kind] = k;
	if (k->kind == TOKEN_CODE && b->g.first_of[TOKEN_STAGE] != NULL)
		b->complete = true;
}

/* A bare code right after an event's stage is its code. */
static bool
is_last_code(const struct building *b, const struct run_token *k)
{
	const struct run_token *stage = b->g.last_of[TOKEN_STAGE];

	return stage != NULL && !b->complete &&
	    k->line <= stage->last_line + 2;
}

void
run_groups_find(const struct text *t, bool named, struct run_groups *ret)
{
	const struct run_token *k, *before = NULL;
	struct building b = { 0 };
	struct run_group *same = NULL;
	size_t i, j;

	*ret = (struct run_groups){ 0 };
	run_tokens_find(t, &ret->tokens);
	ret->used = zeroed(ret->tokens.n);
	ret->covered = zeroed(t->nlines);
	for (i = 0; i < ret->tokens.n; i++) {
		k = &ret->tokens.p[i];
		if (k->kind == TOKEN_RECORD) {
			building_end(t, &b, ret, named);
			same = ret->n > 0 && t->p[k->at.off] == '<' &&
			    text_repeats_event(t, k->line) ?
			    &ret->p[ret->n - 1] : NULL;
			if (same != NULL && !(same->event &&
			    k->line <= same->end_line + 4))
				same = NULL;
		}
		if (same != NULL) {
			if (k->kind == TOKEN_TIME && same->event_time == NULL)
				same->event_time = k;
			if (k->kind == TOKEN_EVENT_ID &&
			    same->event_id == NULL && k->number >= 86 &&
			    k->number <= 88)
				same->event_id = k;
			ret->used[i] = k->kind != TOKEN_BARE_CODE;
			for (j = same->end_line; j <= k->last_line; j++)
				ret->covered[j] = true;
			same->end_line = k->last_line + 1;
			/* up to </Event>, which bears no token */
			for (j = k->last_line; j < t->nlines && j <
			    k->last_line + 12; j++)
				if (text_find(t->lines[j].p, t->lines[j].n <
				    4096 ? t->lines[j].n : 4096, "</Event>") <
				    t->lines[j].n)
					break;
			if (j < t->nlines && j < k->last_line + 12)
				for (; same->end_line <= j; same->end_line++)
					ret->covered[same->end_line] = true;
			continue;
		}
		if (k->kind == TOKEN_BARE_CODE && !is_last_code(&b, k))
			continue;
		if (begins_another(&b, k, before))
			building_end(t, &b, ret, named);
		building_add(&b, k, i);
		if (k->kind == TOKEN_BARE_CODE) {
			b.complete = true;
			ret->used[i] = true;
		}
		before = k;
	}
	building_end(t, &b, ret, named);
	/* A run that was cut may go on to the next one, or to the end. */
	for (i = 0; i < ret->n; i++) {
		size_t next = i + 1 < ret->n ? ret->p[i + 1].from_line :
		    t->nlines;

		if (next > ret->p[i].end_line)
			ret->p[i].end_line = next;
	}
	/* Codes that no run claims make their line somebody's words. */
	for (i = 0; i < ret->tokens.n; i++)
		if (!ret->used[i] && (ret->tokens.p[i].kind == TOKEN_CODE ||
		    ret->tokens.p[i].kind == TOKEN_BARE_CODE))
			ret->covered[ret->tokens.p[i].line] = false;
}

void
run_groups_clear(struct run_groups *g)
{
	run_tokens_clear(&g->tokens);
	free(g->used);
	free(g->covered);
	free(g->p);
	*g = (struct run_groups){ 0 };
}
