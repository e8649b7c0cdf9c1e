/*
 * Reads TpmHliInfo_Output.txt of the MDM cabinet: whether the TPM is ready for
 * storage and for attestation, and the bits that say why not.
 * Relies on tool_blocks.h, or on the name that Windows gives the file.
 */
#include <string.h>
#include <strings.h>

#include "decode/parser.h"
#include "decode/tool_blocks.h"
#include "parsers/fields.h"

#define NAME	"TpmHliInfo_Output.txt"

#define F(id, n, t, a, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(TOOL), .artifacts = a, __VA_ARGS__ }

F(hli_ready_for_storage, "hli.ready_for_storage", BOOL, ARTIFACT(TPMTOOL),
    .help = "ready for storage, says the MDM cabinet's TpmHliInfo");
F(hli_ready_for_attestation, "hli.ready_for_attestation", BOOL,
    ARTIFACT(TPMTOOL), .help = "ready for attestation");
F(hli_bits, "hli.bits", INT, ARTIFACT(TPMTOOL), .repeated = true,
    .help = "the bits of a Bits line: why the TPM is not ready");
F(hli_no_event_log, "hli.no_event_log", BOOL, ARTIFACT(TPMTOOL), .help =
    "bit 0, NoTcgEventLog: no TCG event log was found");
F(hli_no_valid_ek, "hli.no_valid_ek", BOOL, ARTIFACT(EK_INFO), .help =
    "bit 1, NoValidEkCert: no valid EK certificate was found");
F(hli_lost_auths, "hli.lost_auths", BOOL, ARTIFACT(TPMTOOL), .help =
    "bit 2, LostAuths: authorisations are set and not known");
F(hli_no_srk, "hli.no_srk", BOOL, ARTIFACT(TPMTOOL), .help =
    "bit 3, SrkNotPresent: there is no storage root key");
F(hli_unknown_version, "hli.unknown_version", BOOL, ARTIFACT(TPMTOOL),
    .help = "\"Warning! Unknown TPM Version detected!\"");
F(hli_tpm_version, "hli.tpm_version", TEXT, ARTIFACT(TPMTOOL), .help =
    "version of the TPM, as it stands there");
F(hli_uefi, "hli.uefi", BOOL, ARTIFACT(TPMTOOL), .help =
    "Uefi Is Present");

static const struct field *const fields[] = {
	&hli_bits, &hli_lost_auths, &hli_no_event_log, &hli_no_srk,
	&hli_no_valid_ek, &hli_ready_for_attestation, &hli_ready_for_storage,
	&hli_tpm_version, &hli_uefi, &hli_unknown_version, NULL
};

static const struct bit {
	unsigned int	 bit;
	const char	*name;
	const struct field *field;
} bits[] = {
	{ 0, "NoTcgEventLog", &hli_no_event_log },
	{ 1, "NoValidEkCert", &hli_no_valid_ek },
	{ 2, "LostAuths", &hli_lost_auths },
	{ 3, "SrkNotPresent", &hli_no_srk },
};
#define BITS	(sizeof(bits) / sizeof(bits[0]))

struct reader {
	struct evidence	*ev;
	const struct text *t;
	struct item	*item;
	const struct field *ready;	/* of the section; NULL before one */
};

static struct span
part(const struct reader *r, struct text_part p)
{
	return text_span(r->t, p.off, p.n);
}

/* "0x0000000000000002": bits of both sections are one state. */
static void
bits_read(struct reader *r, struct text_part v)
{
	const char *p = r->t->p + v.off;
	const struct fact *why;
	uint32_t value;
	size_t n, i;

	if (v.n < 3 || p[0] != '0' || (p[1] | 0x20) != 'x')
		return;
	n = text_hex(p + 2, v.n - 2, &value);
	if (n == 0 || n + 2 != v.n)
		return;
	why = ev_fact(r->ev, r->item, &hli_bits, value_int(value), part(r, v));
	for (i = 0; i < BITS; i++)
		if (value >> bits[i].bit & 1 && !item_truth(r->item,
		    bits[i].field, false))
			ev_derive(r->ev, r->item, bits[i].field,
			    value_bool(true), SPAN_NONE, &why, 1,
			    "bits of the Bits line");
}

static void
bit_say(struct reader *r, const struct bit *bit, struct text_part at)
{
	if (!item_truth(r->item, bit->field, false))
		ev_derive(r->ev, r->item, bit->field, value_bool(true),
		    part(r, at), NULL, 0, NULL);
}

/* "NoValidEkCert" alone in its line, perhaps behind a dash. */
static void
bare_read(struct reader *r, struct text_part all)
{
	size_t i;

	for (; all.n > 0 && strchr("-* \t", r->t->p[all.off]) != NULL;
	    all.off++, all.n--)
		continue;
	for (i = 0; i < BITS; i++)
		if (all.n == strlen(bits[i].name) && memcmp(r->t->p + all.off,
		    bits[i].name, all.n) == 0)
			bit_say(r, &bits[i], all);
}

/* "NoValidEkCert: False" says that the bit is not set. */
static bool
is_denied(const struct reader *r, struct text_part v)
{
	return (v.n == 1 && r->t->p[v.off] == '0') || (v.n == 5 &&
	    strncasecmp(r->t->p + v.off, "false", v.n) == 0);
}

static void
line_read(struct reader *r, size_t line)
{
	const struct text *t = r->t;
	struct text_part all = text_content(&t->lines[line]);
	struct tool_line l;
	size_t i;

	i = text_find(t->p + all.off, all.n,
	    "Warning! Unknown TPM Version detected");
	if (i < all.n) {
		ev_derive(r->ev, r->item, &hli_unknown_version,
		    value_bool(true), part(r, all), NULL, 0, NULL);
		return;
	}
	if (!tool_line_read(t, line, &l)) {
		bare_read(r, all);
		return;
	}
	if (text_find(t->p + l.key.off, l.key.n, "IsReady for Storage") <
	    l.key.n)
		r->ready = &hli_ready_for_storage;
	else if (text_find(t->p + l.key.off, l.key.n,
	    "IsReady for Attestation") < l.key.n)
		r->ready = &hli_ready_for_attestation;
	if (text_starts(t->p + l.key.off, l.key.n, "TpmHLI")) {
		const char *p = t->p + l.value.off;
		uint32_t code;

		/* The call itself failed: 0x8... */
		if (l.value.n > 2 && text_hex(p + 2, l.value.n - 2, &code) ==
		    8 && code >> 31)
			ev_fact(r->ev, r->item, &tool_code, value_code(code),
			    part(r, l.value));
	} else if (tool_key_is(t, l.key, "Ready") && r->ready != NULL) {
		if (item_fact(r->item, r->ready) == NULL)
			tool_fact(r->ev, r->item, t, r->ready, l.value);
	} else if (tool_key_is(t, l.key, "Bits"))
		bits_read(r, l.value);
	else if (tool_key_is(t, l.key, "Uefi Is Present") &&
	    item_fact(r->item, &hli_uefi) == NULL)
		tool_fact(r->ev, r->item, t, &hli_uefi, l.value);
	else if (tool_key_is(t, l.key, "TPM Version") &&
	    item_fact(r->item, &hli_tpm_version) == NULL)
		tool_fact(r->ev, r->item, t, &hli_tpm_version, l.value);
	else for (i = 0; i < BITS; i++)
		if (tool_key_is(t, l.key, bits[i].name) &&
		    !is_denied(r, l.value))
			bit_say(r, &bits[i], l.key);
}

/* What was asked and not said is not so. */
static void
absent(struct reader *r)
{
	const struct fact *why = item_fact(r->item, &hli_bits);
	size_t i;

	if (why == NULL)
		why = item_fact(r->item, &hli_ready_for_attestation);
	if (why == NULL)
		return;
	/* Only the section on attestation looks for the certificate. */
	for (i = 0; i < BITS; i++)
		if (item_fact(r->item, bits[i].field) == NULL &&
		    (bits[i].field != &hli_no_valid_ek || item_fact(r->item,
		    &hli_ready_for_attestation) != NULL))
			ev_derive(r->ev, r->item, bits[i].field,
			    value_bool(false), SPAN_NONE, &why, 1,
			    "bits of the Bits line");
}

static int
tpmhli_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	if (blob_hint_is(b, HINT_TPM_HLI))
		return 99;
	return tool_named(b, NAME) && text_bid(b) > 0 ? 95 : 0;
}

static void
tpmhli_read(struct evidence *ev, struct blob *b)
{
	struct reader r = { .ev = ev };
	struct text_part part;
	struct text t;
	size_t i;

	if (!text_decode(ev, b, &t))
		return;
	for (i = 0; i < t.nlines && text_content(&t.lines[i]).n == 0; i++)
		continue;
	if (i == t.nlines)
		return;
	part = text_content(&t.lines[i]);
	r.t = &t;
	r.item = tool_item(ev, b, "tpm-hli", blob_span(b), text_span(&t,
	    part.off, part.n));
	for (; i < t.nlines; i++)
		line_read(&r, i);
	if (r.item->facts != r.item->last) {
		ev_artifact(r.item, ARTIFACT_TPMTOOL);
		if (item_fact(r.item, &hli_ready_for_attestation) != NULL ||
		    item_fact(r.item, &hli_no_valid_ek) != NULL ||
		    item_fact(r.item, &hli_bits) != NULL)
			ev_artifact(r.item, ARTIFACT_EK_INFO);
	}
	absent(&r);
	ev_input_kind(ev, b, "tpm-hli");
}

const struct parser parser_tpmhli = {
	.name = "tpmhli", .bid = tpmhli_bid, .read = tpmhli_read,
	.fields = fields
};
