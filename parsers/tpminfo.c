/*
 * Keeps the output of certutil -tpminfo as the text that it is, with the
 * error codes in it and whether it says that the TPM is ready.
 * Relies on the name that Windows gives it in the MDM cabinet, or on
 * tool_blocks.h.
 */
#include <string.h>

#include "decode/parser.h"
#include "decode/tool_blocks.h"
#include "parsers/fields.h"

#define NAME	"CertUtil_tpminfo_Output.txt"
#define CODES	64

const struct field tpminfo_ready = {
	.name = "tpminfo.ready", .type = VALUE_BOOL, .kinds = KIND(TOOL),
	.artifacts = ARTIFACT(TPMTOOL),
	.help = "fIsReady of certutil -tpminfo"
};
const struct field tpminfo_lines = {
	.name = "tpminfo.lines", .type = VALUE_INT, .kinds = KIND(TOOL),
	.artifacts = ARTIFACT(TPMTOOL),
	.help = "lines of certutil -tpminfo that say something"
};

static const struct field *const fields[] = {
	&tpminfo_lines, &tpminfo_ready, NULL
};

static int
tpminfo_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	if (blob_hint_is(b, HINT_TPM_INFO))
		return 99;
	return tool_named(b, NAME) && text_bid(b) > 0 ? 95 : 0;
}

/* "0x80290300 (-2144796928 ...)": only failures, which have bit 31 set. */
static void
codes(struct evidence *ev, struct item *it, const struct text *t)
{
	uint32_t seen[CODES], code;
	size_t off, n, nseen = 0, i;

	for (off = 0; off + 10 <= t->n && nseen < CODES; off++) {
		if (t->p[off] != '0' || (t->p[off + 1] | 0x20) != 'x' ||
		    (off > 0 && text_is_word(t->p[off - 1])))
			continue;
		n = text_hex(t->p + off + 2, t->n - off - 2, &code);
		if (n != 8 || code >> 31 == 0)
			continue;
		for (i = 0; i < nseen && seen[i] != code; i++)
			continue;
		if (i < nseen)
			continue;
		seen[nseen++] = code;
		ev_fact(ev, it, &tool_code, value_code(code),
		    text_span(t, off, n + 2));
	}
}

static void
ready(struct evidence *ev, struct item *it, const struct text *t)
{
	static const char key[] = "fIsReady";
	size_t off = text_find(t->p, t->n, key), n;
	int64_t v;

	if (off >= t->n)
		return;
	off += sizeof(key) - 1;
	off += text_blanks(t->p + off, t->n - off);
	if (off >= t->n || (t->p[off] != '=' && t->p[off] != ':'))
		return;
	off++;
	off += text_blanks(t->p + off, t->n - off);
	n = text_digits(t->p + off, t->n - off, &v);
	if (n > 0 && v <= 1)
		ev_fact(ev, it, &tpminfo_ready, value_bool(v == 1),
		    text_span(t, off, n));
}

static void
tpminfo_read(struct evidence *ev, struct blob *b)
{
	size_t i, first, lines = 0;
	struct text_part part;
	struct item *it;
	struct text t;

	if (!text_decode(ev, b, &t))
		return;
	for (i = t.nlines; i-- > 0; )
		if (text_content(&t.lines[i]).n > 0) {
			lines++;
			first = i;
		}
	if (lines == 0)
		return;
	part = text_content(&t.lines[first]);
	it = tool_item(ev, b, "tpm-info", blob_span(b), text_span(&t, part.off,
	    part.n));
	ev_derive(ev, it, &tpminfo_lines, value_int((int64_t)lines),
	    blob_span(b), NULL, 0, NULL);
	codes(ev, it, &t);
	ready(ev, it, &t);
	ev_input_kind(ev, b, "tpm-info");
}

const struct parser parser_tpminfo = {
	.name = "tpminfo", .bid = tpminfo_bid, .read = tpminfo_read,
	.fields = fields
};
