/*
 * Takes a text apart that holds outputs of Windows' tools: each becomes a
 * piece for the parser of its format, the words around them pieces for the
 * parsers of runs and notes.  Relies on tool_blocks.h.
 */
#include <string.h>

#include "decode/parser.h"
#include "decode/run_tokens.h"
#include "decode/tool_blocks.h"
#include "parsers/fields.h"

#define NOTE_BYTES	4096	/* longer words around them are an article */

static const struct field *const fields[] = {
	&tool_build_f, &tool_build_number, &tool_build_revision, &tool_code,
	&tool_name, NULL
};

/* REPORT.md's words for what an input is. */
static const char *const	input_kinds[TOOL_KINDS] = {
	[TOOL_TPMTOOL] = "tpmtool", [TOOL_GET_TPM] = "tpmtool",
	[TOOL_WIN32_TPM] = "tpmtool", [TOOL_EK_INFO] = "ek-info",
	[TOOL_TPM_HLI] = "tpm-hli", [TOOL_TPM_INFO] = "tpm-info",
	[TOOL_DSREGCMD] = "text", [TOOL_CERTUTIL] = "text",
	[TOOL_SCRIPT] = "text", [TOOL_VER] = "text",
};

struct reader {
	struct evidence	*ev;
	struct blob	*blob;
	struct text	 text;
	struct tool_blocks blocks;
	bool		 runs;		/* a rest holds runs of certreq */
	bool		 words;		/* a rest says something */
};

static struct span
lines_span(const struct reader *r, size_t first, size_t end)
{
	const struct text *t = &r->text;
	size_t from = t->lines[first].off;
	size_t to = end < t->nlines ? t->lines[end].off : t->n;

	return text_span(t, from, to - from);
}

/* Bytes that lines say which are no frame or prompt of the tools. */
static size_t
words_of(const struct reader *r, size_t first, size_t end)
{
	size_t n = 0, i;

	for (i = first; i < end; i++)
		if (!tool_filler(&r->text, i))
			n += text_content(&r->text.lines[i]).n;
	return n;
}

static size_t
words_around(const struct reader *r)
{
	size_t n = 0, at = 0, i;

	for (i = 0; i < r->blocks.n; i++) {
		n += words_of(r, at, r->blocks.p[i].first);
		at = r->blocks.p[i].end;
	}
	return n + words_of(r, at, r->text.nlines);
}

static void
rest(struct reader *r, size_t first, size_t end, size_t total)
{
	struct blob *piece;

	if (first >= end || words_of(r, first, end) == 0)
		return;
	piece = ev_slice(r->ev, lines_span(r, first, end),
	    "text around the tools", HINT_REST, NULL);
	if (piece == NULL)
		return;
	switch (run_tokens_likely(piece)) {
	case 2:
		r->runs = true;
		break;
	case 1:
		break;
	default:
		piece->hint = total > NOTE_BYTES ? HINT_ARTICLE : HINT_NOTE;
		break;
	}
	r->words = true;
}

/* A page or a text that names a tool and shows nothing of it. */
static void
all_rest(struct reader *r)
{
	ev_slice(r->ev, blob_span(r->blob), "text", HINT_REST, NULL);
}

static void
kind_set(struct reader *r)
{
	const char *kind = input_kinds[r->blocks.p[0].kind];
	size_t i;

	/* A banner is on top of other things. */
	for (i = 0; i < r->blocks.n && strcmp(kind, "text") == 0; i++)
		kind = input_kinds[r->blocks.p[i].kind];
	ev_input_kind(r->ev, r->blob, text_mail_head(&r->text) > 0 ? "mail" :
	    r->runs ? "certreq" : kind);
}

static int
tools_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	if (b->item->kind != ITEM_FILE || (b->hint != NULL &&
	    strncmp(b->hint, "text/vnd.aiktriage.", 19) == 0) ||
	    text_bid(b) == 0 || !tool_blocks_likely(b))
		return 0;
	/* JSON and XML have parsers of their own. */
	return b->p[0] == '{' || b->p[0] == '[' || b->p[0] == '<' ? 0 : 87;
}

static void
tools_read(struct evidence *ev, struct blob *b)
{
	struct reader r = { .ev = ev, .blob = b };
	const struct tool_block *k;
	size_t at = 0, i, total;

	if (!text_decode(ev, b, &r.text))
		return;
	if (!text_is_html(&r.text))
		tool_blocks_find(ev, &r.text, &r.blocks);
	if (r.blocks.n == 0) {
		all_rest(&r);
		return;
	}
	total = words_around(&r);
	for (i = 0; i < r.blocks.n; i++) {
		k = &r.blocks.p[i];
		rest(&r, at, k->first, total);
		ev_slice(ev, lines_span(&r, k->first, k->end), "tool output",
		    tool_hints[k->kind], NULL);
		at = k->end;
	}
	rest(&r, at, r.text.nlines, total);
	kind_set(&r);
}

const struct parser parser_tools = {
	.name = "tools", .bid = tools_bid, .read = tools_read,
	.fields = fields
};
