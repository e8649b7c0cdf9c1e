/*
 * Reads the logs of the public attestation test scripts, as far as their
 * lines are known, and the banner that a console prints.
 * Relies on tool_blocks.h to have found them in their text.
 */
#include <string.h>

#include "decode/parser.h"
#include "decode/tool_blocks.h"
#include "parsers/fields.h"

#define F(id, n, t, a, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(TOOL), .artifacts = a, __VA_ARGS__ }

F(script_ready_bits, "script.ready_bits", INT, ARTIFACT(TPMTOOL), .help =
    "IsReadyInformation that a test script logs; 0 is ready");
F(script_capable, "script.capable", BOOL, ARTIFACT(TPMTOOL), .help =
    "IsKeyAttestationCapable that a test script logs");
F(script_manufacturer_count, "script.manufacturer_count", INT,
    ARTIFACT(EK_INFO), .help =
    "ManufacturerCertificates that a test script counts");
F(script_additional_count, "script.additional_count", INT, ARTIFACT(EK_INFO),
    .help = "AdditionalCertificates that a test script counts");
F(script_failed, "script.failed", TEXT, 0, .repeated = true, .help =
    "a check of the script that failed");

static const struct field *const fields[] = {
	&script_additional_count, &script_capable, &script_failed,
	&script_manufacturer_count, &script_ready_bits, NULL
};

static const struct phrase {
	const char	*words;
	const struct field *field;
	bool		 skip;		/* a word stands between: "is", ":" */
} phrases[] = {
	{ "IsReadyInformation returned ", &script_ready_bits, false },
	{ "IsKeyAttestationCapable returned ", &script_capable, false },
	{ "ManufacturerCertificates=", &script_manufacturer_count, false },
	{ "AdditionalCertificates=", &script_additional_count, false },
	{ "AIK ErrorCode is ", &tool_code, false },
	{ "AIK ErrorCode: ", &tool_code, false },
};

static void
phrase(struct evidence *ev, struct item *it, const struct text *t,
    struct text_part line, const struct phrase *ph)
{
	const char *p = t->p + line.off;
	size_t at = text_find(p, line.n, ph->words), n = 0;

	if (at >= line.n || (!ph->field->repeated && item_fact(it,
	    ph->field) != NULL))
		return;
	at += strlen(ph->words);
	while (at + n < line.n && strchr(" .;,|", p[at + n]) == NULL)
		n++;
	tool_fact(ev, it, t, ph->field, (struct text_part){ line.off + at,
	    n });
}

/* "time [FAIL] Category | Check | FAIL | ...": the second column. */
static void
failed(struct evidence *ev, struct item *it, const struct text *t,
    struct text_part line)
{
	const char *p = t->p + line.off, *from, *to;

	if (text_find(p, line.n, "[FAIL]") >= line.n)
		return;
	from = memchr(p, '|', line.n);
	if (from == NULL)
		return;
	from++;
	to = memchr(from, '|', line.n - (size_t)(from - p));
	if (to == NULL)
		return;
	while (from < to && *from == ' ')
		from++;
	while (to > from && to[-1] == ' ')
		to--;
	if (to > from)
		ev_fact(ev, it, &script_failed, value_text(from,
		    (size_t)(to - from)), text_span(t, (size_t)(from - t->p),
		    (size_t)(to - from)));
}

static void
script(struct evidence *ev, struct blob *b, const struct text *t,
    struct text_part first)
{
	struct item *it = tool_item(ev, b, "script", blob_span(b),
	    text_span(t, first.off, first.n));
	struct text_part line;
	size_t i, j;

	for (i = 0; i < t->nlines; i++) {
		line = text_content(&t->lines[i]);
		for (j = 0; j < sizeof(phrases) / sizeof(*phrases); j++)
			phrase(ev, it, t, line, &phrases[j]);
		failed(ev, it, t, line);
	}
	if (item_fact(it, &script_ready_bits) != NULL)
		ev_artifact(it, ARTIFACT_TPMTOOL);
	if (item_fact(it, &script_manufacturer_count) != NULL)
		ev_artifact(it, ARTIFACT_EK_INFO);
}

/* Microsoft Windows [Version 10.0.19045.2728] */
static void
banner(struct evidence *ev, struct blob *b, const struct text *t,
    struct text_part line)
{
	const char *p = t->p + line.off;
	size_t i;

	for (i = 0; i < line.n && !text_is_digit(p[i]); i++)
		continue;
	tool_build_facts(ev, tool_item(ev, b, "ver", blob_span(b),
	    text_span(t, line.off, line.n)), t,
	    (struct text_part){ line.off + i, line.n - i });
}

static int
scripts_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return blob_hint_is(b, HINT_SCRIPT) || blob_hint_is(b, HINT_VER) ?
	    99 : 0;
}

static void
scripts_read(struct evidence *ev, struct blob *b)
{
	struct text_part line;
	struct text t;
	size_t i;

	if (!text_decode(ev, b, &t))
		return;
	for (i = 0; i < t.nlines; i++) {
		line = text_content(&t.lines[i]);
		if (blob_hint_is(b, HINT_VER) ? text_starts(t.p + line.off,
		    line.n, "Microsoft Windows [") : line.n > 0)
			break;
	}
	if (i == t.nlines)
		return;
	if (blob_hint_is(b, HINT_VER))
		banner(ev, b, &t, line);
	else
		script(ev, b, &t, line);
}

const struct parser parser_scripts = {
	.name = "scripts", .bid = scripts_bid, .read = scripts_read,
	.fields = fields
};
