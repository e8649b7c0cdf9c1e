/*
 * Reads the logs of the public attestation test scripts, as far as their
 * lines are known, and the banner that a console prints.  A script tries to
 * mend what it finds, so that of two lines on one matter the later one counts.
 * Relies on script_lines.h, and tool_blocks.h to have found them in their text.
 */
#include <string.h>

#include "decode/parser.h"
#include "decode/script_lines.h"
#include "parsers/fields.h"

#define F(id, n, t, a, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(TOOL), .artifacts = a, __VA_ARGS__ }
#define TPM	ARTIFACT(TPMTOOL)
#define EK	ARTIFACT(EK_INFO)

F(script_ready_bits, "script.ready_bits", INT, TPM, .help =
    "IsReadyInformation that a test script logs; 0 is ready");
F(script_ready, "script.ready", BOOL, TPM, .help =
    "a test script calls the TPM ready for attestation, or not");
F(script_capable, "script.capable", BOOL, TPM, .help =
    "IsKeyAttestationCapable that a test script logs: capable is 0");
F(script_vulnerable, "script.vulnerable", BOOL, TPM, .help =
    "a test script calls the TPM's firmware vulnerable, or safe");
F(script_firmware, "script.firmware", TEXT, TPM, .help =
    "version of the TPM's firmware that a test script logs; may be cut to "
    "two numbers");
F(script_tpm_version, "script.tpm_version", TEXT, TPM, .help =
    "1.2 or 2.0, as a test script logs it");
F(script_ek_certificate, "script.ek_certificate", BOOL, EK, .help =
    "a test script finds an EK certificate, or none");
F(script_manufacturer_count, "script.manufacturer_count", INT, EK, .help =
    "ManufacturerCertificates that a test script counts");
F(script_additional_count, "script.additional_count", INT, EK, .help =
    "AdditionalCertificates that a test script counts");
F(script_aik_error, "script.aik_error", CODE, TPM, .help =
    "ErrorCode of the last AIK enrolment task that a test script logs");
F(script_aik_enrolled, "script.aik_enrolled", BOOL, 0, .help =
    "the AIK enrolment task succeeded, as a test script says");
F(script_aik_issued, "script.aik_issued", BOOL, 0, .help =
    "certreq got a certificate for a test script");
F(script_authority, "script.authority", BOOL, 0, .help =
    "false: a test script saw certreq's \"GetCACaps: Not Found\"");
F(script_unreachable, "script.unreachable", TEXT, 0, .repeated = true, .help =
    "host that a test script could not reach, by its name or the script's");
F(script_model, "script.model", TEXT, 0, .help =
    "model of the device that a test script logs");
F(script_failed, "script.failed", TEXT, 0, .repeated = true, .help =
    "a check of the script that failed");

static const struct field *const fields[] = {
	&script_additional_count, &script_aik_enrolled, &script_aik_error,
	&script_aik_issued, &script_authority, &script_capable,
	&script_ek_certificate, &script_failed, &script_firmware,
	&script_manufacturer_count, &script_model, &script_ready,
	&script_ready_bits, &script_tpm_version, &script_unreachable,
	&script_vulnerable, NULL
};

/* What a sentence tells, as a field. */
static const struct field *const	said_by[SAYS_COUNT] = {
	[SAYS_READY] = &script_ready, [SAYS_EK] = &script_ek_certificate,
	[SAYS_EK_PRESENT] = &ekinfo_present,
	[SAYS_VULNERABLE] = &script_vulnerable,
	[SAYS_CAPABLE] = &script_capable,
	[SAYS_ENROLLED] = &script_aik_enrolled,
	[SAYS_ISSUED] = &script_aik_issued,
	[SAYS_AUTHORITY] = &script_authority,
	[SAYS_TPM_PRESENT] = &get_tpm_present,
	[SAYS_TPM_READY] = &get_tpm_ready, [SAYS_TPM_OWNED] = &get_tpm_owned,
};

/* Values behind words, in whatever line they stand. */
static const struct phrase {
	const char	*words;
	const struct field *field;
	const char	*end;		/* what ends the value; NULL: blanks */
} phrases[] = {
	{ "IsReadyInformation returned ", &script_ready_bits, NULL },
	{ "ManufacturerCertificates=", &script_manufacturer_count, NULL },
	{ "AdditionalCertificates=", &script_additional_count, NULL },
	{ "Manufacturer certificates: ", &script_manufacturer_count, NULL },
	{ "Additional certificates: ", &script_additional_count, NULL },
	{ "AIK ErrorCode is ", &script_aik_error, NULL },
	{ "AIK ErrorCode: ", &script_aik_error, NULL },
	{ "SpecVersion: ", &win32_tpm_spec_version, "" },
};
#define PHRASES	(sizeof(phrases) / sizeof(phrases[0]))

/* Of a line that holds only such values. */
static const struct phrase	states[] = {
	{ "Present=", &get_tpm_present, NULL },
	{ "; Ready=", &get_tpm_ready, NULL },
	{ "; Owned=", &get_tpm_owned, NULL },
	{ "; Enabled=", &get_tpm_enabled, NULL },
	{ "; Activated=", &get_tpm_activated, NULL },
};

/* A log that is being read: the last word on each matter. */
struct log {
	struct evidence	*ev;
	const struct text *t;
	struct item	*item;
	struct text_part values[PHRASES];	/* n 0: none */
	struct text_part said[SAYS_COUNT];
	bool		 truth[SAYS_COUNT];
};

static void
say(struct log *l, enum script_says what, bool truth, struct text_part at)
{
	if (what >= SAYS_COUNT)
		return;
	l->said[what] = at;
	l->truth[what] = truth;
}

static struct text_part
trimmed(const struct text *t, struct text_part v)
{
	size_t skip = text_blanks(t->p + v.off, v.n);

	v.off += skip;
	v.n -= skip;
	while (v.n > 0 && (t->p[v.off + v.n - 1] == ' ' ||
	    t->p[v.off + v.n - 1] == '\t'))
		v.n--;
	return v;
}

/* What follows the words of a phrase; n 0: they do not stand there. */
static struct text_part
behind(const struct text *t, struct text_part in, const struct phrase *ph)
{
	const char *p = t->p + in.off;
	size_t at = text_find(p, in.n, ph->words), n = 0;

	if (at >= in.n)
		return (struct text_part){ in.off, 0 };
	at += strlen(ph->words);
	while (at + n < in.n && (ph->end != NULL ||
	    strchr(" .;,|", p[at + n]) == NULL))
		n++;
	return trimmed(t, (struct text_part){ in.off + at, n });
}

static void
text_add(struct log *l, struct item *it, const struct field *field,
    struct text_part v)
{
	v = trimmed(l->t, v);
	if (v.n > 0 && (field->repeated || item_fact(it, field) == NULL))
		tool_fact(l->ev, it, l->t, field, v);
}

static void
values_read(struct log *l, struct text_part line)
{
	struct text_part v;
	size_t i;

	for (i = 0; i < PHRASES; i++) {
		v = behind(l->t, line, &phrases[i]);
		if (v.n > 0)
			l->values[i] = v;
	}
}

/* ---- columns ---- */

/* "Thumbprint: .. Subject: .. Issuer: .. Valid until: .." of one row. */
static void
listed(struct log *l, struct text_part check, struct text_part details)
{
	static const struct {
		const char	*words;
		const struct field *field;
	} parts[] = {
		{ "Thumbprint: ", &listed_thumbprint },
		{ " Subject: ", &listed_subject },
		{ " Issuer: ", &listed_issuer },
		{ " Valid until: ", &listed_not_after },
	};
	const char *p = l->t->p;
	size_t off[4], at = details.off, end = details.off + details.n, i;
	struct text_part v;
	struct item *it;

	for (i = 0; i < 4; i++) {
		off[i] = at + text_find(p + at, end - at, parts[i].words);
		if (off[i] >= end)
			return;
		at = off[i] + strlen(parts[i].words);
	}
	it = ev_item(l->ev, ITEM_LISTED, l->item, text_span(l->t, details.off,
	    details.n));
	ev_derive(l->ev, it, &listed_list, value_str(text_starts(p + check.off,
	    check.n, "Manufacturer") ? "manufacturer" : "additional"),
	    text_span(l->t, check.off, check.n), NULL, 0, NULL);
	for (i = 0; i < 4; i++) {
		v.off = off[i] + strlen(parts[i].words);
		v.n = (i < 3 ? off[i + 1] : end) - v.off;
		while (v.n > 0 && p[v.off + v.n - 1] == '.')
			v.n--;
		text_add(l, it, parts[i].field, v);
	}
}

static void
column_row(struct log *l, size_t line)
{
	const struct text *t = l->t;
	struct text_part whole = text_content(&t->lines[line]);
	struct text_part check = script_column(t, line, 1), details, v;
	const struct script_phrase *ph;
	const struct phrase capable = { "IsKeyAttestationCapable returned ",
	    NULL, NULL };
	int64_t number;
	size_t i, at;

	if (text_find(t->p + whole.off, whole.n, "[FAIL]") < whole.n)
		text_add(l, l->item, &script_failed, check);
	details = script_column(t, line, 4);
	if (details.n == 0)
		details = script_column(t, line, 3);
	v = behind(t, details, &capable);
	if (v.n > 0 && text_digits(t->p + v.off, v.n, &number) == v.n)
		say(l, SAYS_CAPABLE, number == 0, v);
	ph = script_phrase(SCRIPT_COLUMNS, t->p + details.off, details.n, &at);
	if (ph != NULL)
		say(l, ph->says, ph->truth, (struct text_part){
		    details.off + at, strlen(ph->words) });
	at = text_find(t->p + details.off, details.n, ":443 not reachable");
	if (at < details.n)
		text_add(l, l->item, &script_unreachable,
		    (struct text_part){ details.off, at });
	if (text_starts(t->p + details.off, details.n, "Present="))
		for (i = 0; i < sizeof(states) / sizeof(*states); i++)
			text_add(l, l->item, states[i].field, behind(t,
			    details, &states[i]));
	if (text_starts(t->p + details.off, details.n, "Thumbprint: "))
		listed(l, check, details);
}

/* ---- sentences ---- */

/* "version 7.62 TPM is safe": both numbers, and what it comes to. */
static void
infineon(struct log *l, struct text_part line)
{
	const struct phrase version = { "firmware version ", NULL, "" };
	struct text_part v = behind(l->t, line, &version);
	size_t at = text_find(l->t->p + v.off, v.n, " TPM is ");
	struct text_part state = { v.off + at + 8, v.n - at - 8 };

	if (v.n == 0 || at >= v.n)
		return;
	text_add(l, l->item, &script_firmware, (struct text_part){ v.off,
	    at });
	if (text_starts(l->t->p + state.off, state.n, "not safe"))
		say(l, SAYS_VULNERABLE, true, (struct text_part){ state.off,
		    8 });
	else if (text_starts(l->t->p + state.off, state.n, "safe"))
		say(l, SAYS_VULNERABLE, false, (struct text_part){ state.off,
		    4 });
}

/* "1.2" or "2.0" at the part's start; no other number is a version here. */
static void
version_12_or_20(struct log *l, struct text_part v)
{
	const char *p = l->t->p + v.off;

	if (v.n >= 3 && (memcmp(p, "1.2", 3) == 0 ||
	    memcmp(p, "2.0", 3) == 0) && (v.n == 3 || !text_is_word(p[3])))
		text_add(l, l->item, &script_tpm_version,
		    (struct text_part){ v.off, 3 });
}

static struct text_part
rest(struct text_part line, size_t skip)
{
	return (struct text_part){ line.off + skip, line.n - skip };
}

static void
sentence(struct log *l, struct text_part line)
{
	const char *p = l->t->p + line.off;
	const struct script_phrase *ph;
	size_t at;

	ph = script_phrase(SCRIPT_SPOKEN, p, line.n, &at);
	if (ph == NULL)
		return;
	say(l, ph->says, ph->truth, (struct text_part){ line.off,
	    strlen(ph->words) });
	if (text_starts(p, line.n, "Reason:"))
		text_add(l, l->item, &script_failed, rest(line, 7));
	else if (text_starts(p, line.n, "This Infineon"))
		infineon(l, line);
	else if (text_starts(p, line.n, "TPM Version is "))
		version_12_or_20(l, rest(line, 15));
	else if (text_starts(p, line.n, "Computer Model:"))
		text_add(l, l->item, &script_model, rest(line, 15));
	at = text_find(p, line.n, " - Error");
	if (at < line.n && at + 8 + text_blanks(p + at + 8, line.n - at - 8) ==
	    line.n)
		text_add(l, l->item, &script_unreachable, (struct text_part){
		    line.off, at });
}

/* ---- the sheet ---- */

/* Issuers of the additional certificates, with bars between. */
static void
issuers(struct log *l, struct text_part v)
{
	const char *p = l->t->p;
	size_t end = v.off + v.n, n;
	struct text_part one;
	struct item *it;

	for (; v.off < end; v.off += n + 3) {
		n = text_find(p + v.off, end - v.off, " | ");
		one = trimmed(l->t, (struct text_part){ v.off, n });
		if (memchr(p + one.off, '=', one.n) == NULL)
			continue;
		it = ev_item(l->ev, ITEM_LISTED, l->item, text_span(l->t,
		    one.off, one.n));
		ev_derive(l->ev, it, &listed_list, value_str("additional"),
		    text_span(l->t, one.off, one.n), NULL, 0, NULL);
		text_add(l, it, &listed_issuer, one);
	}
}

static void
sheet_line(struct log *l, struct text_part line)
{
	static const struct phrase status[] = {
		{ "Ready: ", &get_tpm_ready, NULL },
		{ "Present: ", &get_tpm_present, NULL },
	};
	const struct phrase firmware = { "(v", &script_firmware, "" };
	const char *p = l->t->p + line.off;
	const struct script_phrase *ph;
	struct text_part v;
	size_t at;

	ph = script_phrase(SCRIPT_SHEET, p, line.n, &at);
	if (ph == NULL)
		return;
	say(l, ph->says, ph->truth, (struct text_part){ line.off,
	    strlen(ph->words) });
	if (text_starts(p, line.n, "CRITICAL: "))
		text_add(l, l->item, &script_failed, rest(line, 10));
	else if (text_starts(p, line.n, "PC Model:"))
		text_add(l, l->item, &script_model, rest(line, 9));
	else if (text_starts(p, line.n, "TPM Version:")) {
		version_12_or_20(l, trimmed(l->t, rest(line, 12)));
		v = behind(l->t, line, &firmware);
		v.n = v.n > 0 ? text_find(l->t->p + v.off, v.n, ")") : 0;
		text_add(l, l->item, &script_firmware, v);
	} else if (text_starts(p, line.n, "TPM Status:"))
		for (at = 0; at < 2; at++)
			text_add(l, l->item, status[at].field, behind(l->t,
			    line, &status[at]));
	else if (text_starts(p, line.n, "RESULT: TPM Endorsement: "))
		issuers(l, rest(line, 25));
}

/* ---- the list of the Autopilot profile ---- */

static void
os_version(struct evidence *ev, struct item *it, const struct text *t,
    const struct field *field, struct text_part v)
{
	(void)field;
	tool_build_facts(ev, it, t, v);
}

static const struct tool_key	profile_keys[] = {
	{ "OS version", &tool_build_f, os_version },
	{ "Profile", &autopilot_profile, NULL },
	{ "TenantDomain", &autopilot_tenant_domain, NULL },
	{ "TenantID", &autopilot_tenant_id, NULL },
	{ "ZTDID", &autopilot_registration, NULL },
	{ "OobeConfig", &autopilot_oobe_config, NULL },
	{ NULL, NULL, NULL }
};

/* ---- all of it ---- */

static void
log_end(struct log *l)
{
	size_t i;

	for (i = 0; i < PHRASES; i++)
		text_add(l, l->item, phrases[i].field, l->values[i]);
	for (i = 0; i < SAYS_COUNT; i++)
		if (l->said[i].n > 0 && item_fact(l->item, said_by[i]) == NULL)
			ev_derive(l->ev, l->item, said_by[i],
			    value_bool(l->truth[i]), text_span(l->t,
			    l->said[i].off, l->said[i].n), NULL, 0, NULL);
	if (item_fact(l->item, &script_ready_bits) != NULL ||
	    item_fact(l->item, &script_ready) != NULL)
		ev_artifact(l->item, ARTIFACT_TPMTOOL);
	if (item_fact(l->item, &script_manufacturer_count) != NULL ||
	    item_fact(l->item, &script_ek_certificate) != NULL)
		ev_artifact(l->item, ARTIFACT_EK_INFO);
}

static void
script(struct evidence *ev, struct blob *b, const struct text *t,
    size_t first)
{
	struct text_part at = text_content(&t->lines[first]);
	struct log l = { .ev = ev, .t = t, .item = tool_item(ev, b, "script",
	    blob_span(b), text_span(t, at.off, at.n)) };
	enum script_form form = script_form(t, first);
	size_t i;

	if (form == SCRIPT_PROFILE)
		tool_facts(ev, l.item, t, first, t->nlines, profile_keys);
	for (i = first; i < t->nlines && form != SCRIPT_PROFILE; i++) {
		values_read(&l, text_content(&t->lines[i]));
		if (form == SCRIPT_COLUMNS)
			column_row(&l, i);
		else if (form == SCRIPT_SHEET)
			sheet_line(&l, text_content(&t->lines[i]));
		else
			sentence(&l, script_content(t, i));
	}
	log_end(&l);
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
		    line.n, "Microsoft Windows [") : script_form(&t, i) !=
		    SCRIPT_NONE)
			break;
	}
	if (i == t.nlines)
		return;
	if (blob_hint_is(b, HINT_VER))
		banner(ev, b, &t, line);
	else
		script(ev, b, &t, i);
}

const struct parser parser_scripts = {
	.name = "scripts", .bid = scripts_bid, .read = scripts_read,
	.fields = fields
};
