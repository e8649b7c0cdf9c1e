/*
 * The compact report of a case that a page of a batch opens: the verdict, the
 * chain with its citations, the next step, the escalation block and what could
 * not be read.  Relies on dashboard.h.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "batch/dashboard.h"
#include "command.h"
#include "log.h"
#include "report/escape.h"

#define PROOFS_SHOWN	4	/* of a link of the chain */
#define LINKS_MAX	64
#define OTHERS_MAX	40	/* findings beside the chain */

/* ---- words ---- */

struct word {
	const char	*text;
	uint32_t	 number;
};

static int
word_compare(const void *a, const void *b)
{
	return strcmp(((const struct word *)a)->text,
	    ((const struct word *)b)->text);
}

void
words_init(struct words *words)
{
	*words = (struct words){ .arena = arena_new() };
	(void)word_of(words, "");
}

static void
word_free(void *word)
{
	(void)word;			/* it is the arena's */
}

void
words_clear(struct words *words)
{
	tdestroy(words->tree, word_free);
	free(words->v);
	if (words->arena != NULL)
		arena_free(words->arena);
	*words = (struct words){ .arena = NULL };
}

uint32_t
word_of(struct words *words, const char *text)
{
	struct word *word, wanted = { .text = text };
	struct word **found = tfind(&wanted, &words->tree, word_compare);

	if (found != NULL)
		return (*found)->number;
	if (words->n == words->room) {
		words->room = words->room == 0 ? 256 : 2 * words->room;
		words->v = reallocarray(words->v, words->room,
		    sizeof(*words->v));
		if (words->v == NULL) {
			log_error("out of memory");
			exit(EXIT_INCOMPLETE);
		}
	}
	word = arena_alloc(words->arena, sizeof(*word));
	word->text = arena_text(words->arena, text, strlen(text));
	word->number = (uint32_t)words->n;
	words->v[words->n++] = word->text;
	if (tsearch(word, &words->tree, word_compare) == NULL)
		abort();
	return word->number;
}

/* ---- JSON inside of HTML ---- */

/* "<" ends no script and begins no comment when it is \u003c. */
void
script_quote(FILE *f, const char *s)
{
	char *text = NULL;
	size_t n = 0, i;
	FILE *to = open_memstream(&text, &n);

	if (to == NULL)
		abort();
	json_quote(to, s);
	if (fclose(to) != 0)
		abort();
	for (i = 0; i < n; i++)
		if (text[i] == '<')
			(void)fputs("\\u003c", f);
		else
			(void)fputc(text[i], f);
	free(text);
}

void
script_words(FILE *f, const struct words *words)
{
	size_t i;

	for (i = 0; i < words->n; i++) {
		(void)fputs(i == 0 ? "[" : ",\n", f);
		script_quote(f, words->v[i]);
	}
	(void)fputc(']', f);
}

/* ---- the report ---- */

struct link {
	const char	*rule, *kind, *title, *confidence;
};

struct shown {				/* a proof */
	const char	*rule, *cite, *field, *value;
};

struct compact {
	struct words	*words;
	struct arena	*arena;
	FILE		*f;
	struct row_cell	 cells[ROW_COLUMNS];	/* of the case */
	struct link	 chain[LINKS_MAX];
	size_t		 nchain;
	struct shown	*proofs;
	size_t		 nproofs, proofs_room;
	const char	*others[OTHERS_MAX];
	size_t		 nothers;
	struct list_of {
		const char	**v;
		size_t		 n, room;
	}		 lines, problems;
};

static void
add(struct list_of *list, const char *text)
{
	if (list->n == list->room) {
		list->room = list->room == 0 ? 32 : 2 * list->room;
		list->v = reallocarray(list->v, list->room,
		    sizeof(*list->v));
		if (list->v == NULL) {
			log_error("out of memory");
			exit(EXIT_INCOMPLETE);
		}
	}
	list->v[list->n++] = text;
}

/* "capture.saz!/raw/012_s.txt@9+3 (dechunked)", as reports cite. */
static const char *
cite(struct compact *c, const struct row_cell *cells, size_t input)
{
	const struct row_cell *at = cells + input;	/* then member ... */

	if (at[0].n == 0 && at[1].n == 0)
		return "";
	return arena_printf(c->arena, "%s%s%s@%s+%s%s%s%s", at[0].p,
	    at[1].n > 0 ? "!/" : "", at[1].p, at[2].p, at[3].p,
	    at[4].n > 0 ? " (" : "", at[4].p, at[4].n > 0 ? ")" : "");
}

static void
finding_take(struct compact *c, const struct row_cell *cells)
{
	int64_t link = cells[FINDING_CHAIN].n > 0 ?
	    cells[FINDING_CHAIN].value : 0;

	if (link >= 1 && link <= LINKS_MAX) {
		c->chain[link - 1] = (struct link){ cells[FINDING_RULE].p,
		    cells[FINDING_KIND].p, cells[FINDING_TITLE].p,
		    cells[FINDING_CONFIDENCE].p };
		if ((size_t)link > c->nchain)
			c->nchain = (size_t)link;
	} else if (c->nothers < OTHERS_MAX)
		c->others[c->nothers++] = cells[FINDING_RULE].p;
}

static void
proof_take(struct compact *c, const struct row_cell *cells)
{
	struct shown *larger;

	if (c->nproofs == c->proofs_room) {
		c->proofs_room = c->proofs_room == 0 ? 32 :
		    2 * c->proofs_room;
		larger = reallocarray(c->proofs, c->proofs_room,
		    sizeof(*larger));
		if (larger == NULL) {
			log_error("out of memory");
			exit(EXIT_INCOMPLETE);
		}
		c->proofs = larger;
	}
	c->proofs[c->nproofs++] = (struct shown){ cells[PROOF_RULE].p,
	    cite(c, cells, PROOF_INPUT), cells[PROOF_FIELD].p,
	    cells[PROOF_VALUE].p };
}

static void
input_take(struct compact *c, const struct row_cell *cells)
{
	if (cells[INPUT_PROBLEM].n == 0 &&
	    strcmp(cells[INPUT_STATE].p, "read") == 0)
		return;
	add(&c->problems, arena_printf(c->arena, "%s: %s%s%s",
	    cells[INPUT_PATH].p, cells[INPUT_STATE].p,
	    cells[INPUT_PROBLEM].n > 0 ? ": " : "", cells[INPUT_PROBLEM].p));
}

static bool
row_take(struct compact *c, const struct summary_case *from)
{
	struct row_reader r = { .p = from->row, .n = from->row_n };
	struct row_cell cells[ROW_COLUMNS];
	enum row_table table;

	while (row_next(&r, c->arena, &table, cells))
		if (table == ROW_CASE)
			memcpy(c->cells, cells, sizeof(cells));
		else if (table == ROW_FINDING)
			finding_take(c, cells);
		else if (table == ROW_PROOF)
			proof_take(c, cells);
		else if (table == ROW_INPUT)
			input_take(c, cells);
		else if (table == ROW_ESCALATION)
			add(&c->lines, cells[0].p);
	return !r.bad && c->cells[CASE_ID].p != NULL;
}

static void
word(struct compact *c, const char *comma, const char *text)
{
	(void)fprintf(c->f, "%s%u", comma, (unsigned int)word_of(c->words,
	    text == NULL ? "" : text));
}

static void
put_list(struct compact *c, const char *const *v, size_t n)
{
	size_t i;

	(void)fputs(",[", c->f);
	for (i = 0; i < n; i++)
		word(c, i == 0 ? "" : ",", v[i]);
	(void)fputc(']', c->f);
}

static bool
proof_same(const struct shown *a, const struct shown *b)
{
	return strcmp(a->cite, b->cite) == 0 && strcmp(a->field, b->field) ==
	    0 && strcmp(a->value, b->value) == 0;
}

/* Of a link: first what no link before it had shown. */
static void
put_proofs(struct compact *c, const struct link *link)
{
	const struct shown *proof;
	const char *comma = "";
	size_t i, k, n = 0, pass;
	bool before;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < c->nproofs && n < PROOFS_SHOWN; i++) {
			proof = &c->proofs[i];
			if (link->rule == NULL ||
			    strcmp(proof->rule, link->rule) != 0)
				continue;
			for (before = false, k = 0; k < i && !before; k++)
				before = strcmp(c->proofs[k].rule,
				    link->rule) != 0 &&
				    proof_same(proof, &c->proofs[k]);
			/* The old ones only where there is nothing new. */
			if (before != (pass == 1) || (pass == 1 && n > 0))
				continue;
			word(c, comma, proof->cite);
			word(c, ",", proof->field);
			word(c, ",", proof->value);
			comma = ",";
			n++;
		}
}

static void
put_chain(struct compact *c)
{
	const struct link *link;
	size_t i;

	(void)fputs(",[", c->f);
	for (i = 0; i < c->nchain; i++) {
		link = &c->chain[i];
		word(c, i == 0 ? "[" : ",[", link->rule);
		word(c, ",", link->kind);
		word(c, ",", link->title);
		(void)fputs(",[", c->f);
		put_proofs(c, link);
		(void)fputs("]]", c->f);
	}
	(void)fputc(']', c->f);
}

/*
 * [sentence, next step, why it died, chain, lines of the escalation block,
 * problems, other findings, columns of the case ...]; the script knows.
 */
static void
compact_write(struct compact *c, const struct summary_case *from)
{
	static const enum case_column columns[] = { CASE_CONFIDENCE,
	    CASE_HOST, CASE_FIRMWARE, CASE_TPM_VERSION, CASE_WINDOWS_BUILD,
	    CASE_DEVICE, CASE_TRANSACTION, CASE_REQUEST_IDS,
	    CASE_CLIENT_REQUEST_IDS, CASE_ID };
	size_t i;

	(void)fputc('[', c->f);
	word(c, "", c->cells[CASE_SENTENCE].p);
	word(c, ",", c->cells[CASE_NEXT_STEP].p);
	word(c, ",", from->result->head->died);
	put_chain(c);
	put_list(c, c->lines.v, c->lines.n);
	put_list(c, c->problems.v, c->problems.n);
	put_list(c, c->others, c->nothers);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		word(c, ",", c->cells[columns[i]].p);
	(void)fputc(']', c->f);
}

int
dashboard_report(struct words *words, const struct summary_case *from,
    FILE *f)
{
	struct compact c = { .words = words, .arena = arena_new(), .f = f };
	int rc = -1;

	if (row_take(&c, from)) {
		compact_write(&c, from);
		rc = 0;
	}
	free(c.proofs);
	free(c.lines.v);
	free(c.problems.v);
	arena_free(c.arena);
	return rc;
}
