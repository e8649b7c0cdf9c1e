/*
 * Tells logs of test scripts by their lines: columns with a time and a level,
 * the sentences of the console, the sheet of one tool and the list of another.
 * Relies on tool_lines.h.
 */
#include <string.h>

#include "decode/script_lines.h"

#define PROOF		3	/* sentences that make a log */
#define GAP		8	/* lines between that nobody here knows */
#define COLUMNS_SOON	64	/* lines before the first in columns */
#define PROFILE_LINES	16	/* of a list, with its options */

/* Longer ones before their own beginnings. */
static const struct script_phrase	spoken[] = {
	{ "TPM seems Ready For Attestation", SAYS_READY, true },
	{ "TPM is NOT Ready For Attestation", SAYS_READY, false },
	{ "TPM is still NOT suited", SAYS_READY, false },
	{ "Ek Certificate seems to be missing", SAYS_EK, false },
	{ "This is definitely not good! Additional and/or "
	    "ManufacturerCerts", SAYS_EK, false },
	{ "We have found one of the required certificates", SAYS_EK, true },
	{ "Endorsementkey still not present", SAYS_EK_PRESENT, false },
	{ "Endorsementkey reporting for duty", SAYS_EK_PRESENT, true },
	{ "The TPM has a Health Attestation related vulnerability",
	    SAYS_VULNERABLE, true },
	{ "This non-Infineon TPM is not affected", SAYS_VULNERABLE, false },
	{ "This Infineon firmware version", SAYS_NOTHING, false },
	{ "Reason: TPM doesn't seems capable", SAYS_CAPABLE, false },
	{ "We can almost start celebrating", SAYS_CAPABLE, true },
	{ "Reason: AIK Cert Enroll Failed", SAYS_ENROLLED, false },
	{ "AIK Cert Enroll Task Succeeded", SAYS_ENROLLED, true },
	{ "AIK Test AIK Enrollment succeeded", SAYS_ISSUED, true },
	{ "AIK TEST Certificate could not be retrieved", SAYS_ISSUED, false },
	{ "AIK CA Url is not valid", SAYS_AUTHORITY, false },
	{ "AIK CA Url seems valid", SAYS_AUTHORITY, true },
	{ "Reason: TpmOwned is", SAYS_TPM_OWNED, false },
	{ "No TPM found on this system", SAYS_TPM_PRESENT, false },
	{ "Reason:", SAYS_NOTHING, false },
	{ "TPM Version is ", SAYS_NOTHING, false },
	{ "Performing the first Ready For Attestation", SAYS_NOTHING, false },
	{ "Determining if the TPM has vulnerable", SAYS_NOTHING, false },
	{ "Checking if the Endorsementkey has", SAYS_NOTHING, false },
	{ "Fetching test-AIK cert", SAYS_NOTHING, false },
	{ "Launching the real AikCertEnroll", SAYS_NOTHING, false },
	{ "Retrieving AIK Certificate", SAYS_NOTHING, false },
	{ "Found Test AIK Certificate", SAYS_NOTHING, false },
	{ "Checking the Output to determine if the AIK", SAYS_NOTHING, false },
	{ "Computer Supplier:", SAYS_NOTHING, false },
	{ "Computer Model:", SAYS_NOTHING, false },
	{ "Computer Serialnumber:", SAYS_NOTHING, false },
	{ "ZTD.DDS.Microsoft.Com - ", SAYS_NOTHING, false },
	{ "TPM_Intel - ", SAYS_NOTHING, false },
	{ "TPM_Qualcomm - ", SAYS_NOTHING, false },
	{ "TPM_AMD - ", SAYS_NOTHING, false },
	{ "Azure - ", SAYS_NOTHING, false },
	{ NULL, SAYS_NOTHING, false }
};

static const struct script_phrase	columns[] = {
	{ "TPM is present.", SAYS_TPM_PRESENT, true },
	{ "TPM is not present.", SAYS_TPM_PRESENT, false },
	{ "TPM is ready.", SAYS_TPM_READY, true },
	{ "TPM is not ready.", SAYS_TPM_READY, false },
	{ "TPM is owned.", SAYS_TPM_OWNED, true },
	{ "TPM is not owned.", SAYS_TPM_OWNED, false },
	{ "EK certificate appears to be missing", SAYS_EK, false },
	{ "No manufacturer or additional EK certificates", SAYS_EK, false },
	{ "o ManufacturerCertificates or AdditionalCertificates were "
	    "returned", SAYS_EK, false },
	{ "endorsement certificate(s) returned by", SAYS_EK, true },
	{ "Endorsement key is present.", SAYS_EK_PRESENT, true },
	{ "Endorsement key is not present.", SAYS_EK_PRESENT, false },
	{ "TPM health attestation vulnerability state", SAYS_VULNERABLE,
	    true },
	{ "certreq reported GetCACaps: Not Found", SAYS_AUTHORITY, false },
	{ "Test AIK certificate returned on attempt", SAYS_ISSUED, true },
	{ "No test AIK certificate returned", SAYS_ISSUED, false },
	{ NULL, SAYS_NOTHING, false }
};

static const struct script_phrase	sheet[] = {
	{ "Local Attestation: SUPPORTED", SAYS_CAPABLE, true },
	{ "Local Attestation: FAILED", SAYS_CAPABLE, false },
	{ "RESULT: ", SAYS_NOTHING, false },
	{ "CRITICAL: ", SAYS_NOTHING, false },
	{ "WARNING: ", SAYS_NOTHING, false },
	{ "--- ", SAYS_NOTHING, false },
	{ "TPM INFO TOOL", SAYS_NOTHING, false },
	{ "TPM Version:", SAYS_NOTHING, false },
	{ "TPM Status:", SAYS_NOTHING, false },
	{ "PC Model:", SAYS_NOTHING, false },
	{ "FAILED: TPM Attestation", SAYS_NOTHING, false },
	{ "EnrollSuccess Fail", SAYS_NOTHING, false },
	{ NULL, SAYS_NOTHING, false }
};

const struct script_phrase *
script_phrase(enum script_form form, const char *p, size_t n, size_t *ret_off)
{
	const struct script_phrase *ph = form == SCRIPT_COLUMNS ? columns :
	    form == SCRIPT_SHEET ? sheet : spoken;

	*ret_off = 0;
	for (; ph->words != NULL; ph++) {
		if (form == SCRIPT_COLUMNS)
			*ret_off = text_find(p, n, ph->words);
		if (form == SCRIPT_COLUMNS ? *ret_off < n :
		    text_starts(p, n, ph->words))
			return ph;
	}
	return NULL;
}

/* "2025-05-01 10:11:12 - ": its length, or 0. */
static size_t
stamp(const char *p, size_t n)
{
	static const char form[] = "0000-00-00 00:00:00 - ";
	size_t i, len = sizeof(form) - 1;

	if (n < len)
		return 0;
	for (i = 0; i < len; i++)
		if (form[i] == '0' ? !text_is_digit(p[i]) : p[i] != form[i])
			return 0;
	return len;
}

struct text_part
script_content(const struct text *t, size_t line)
{
	static const char warning[] = "WARNING: ";
	struct text_part part = text_content(&t->lines[line]);
	size_t skip = stamp(t->p + part.off, part.n);

	if (text_starts(t->p + part.off + skip, part.n - skip, warning))
		skip += sizeof(warning) - 1;
	return (struct text_part){ part.off + skip, part.n - skip };
}

struct text_part
script_column(const struct text *t, size_t line, size_t column)
{
	struct text_part part = text_content(&t->lines[line]);
	const char *p = t->p, *bar;
	size_t off = part.off, end = part.off + part.n, to;

	for (;; column--) {
		bar = memchr(p + off, '|', end - off);
		/* The last one may hold bars itself. */
		to = bar == NULL ? end : (size_t)(bar - p);
		if (column == 0)
			break;
		if (bar == NULL)
			return (struct text_part){ end, 0 };
		off = to + 1;
	}
	while (off < to && p[off] == ' ')
		off++;
	while (to > off && p[to - 1] == ' ')
		to--;
	return (struct text_part){ off, to - off };
}

/* "... [FAIL] Attestation | Ready information | FAIL | ..." */
static bool
in_columns(const struct text *t, size_t line)
{
	static const char *const levels[] = {
		"[PASS]", "[FAIL]", "[WARN]", "[INFO]"
	};
	struct text_part part = text_content(&t->lines[line]);
	const char *p = t->p + part.off;
	size_t i, bars = 0;
	bool level = false;

	if (part.n < 20 || part.n > 4096 || p[0] != '2' || p[4] != '-' ||
	    p[7] != '-')
		return false;
	for (i = 0; i < part.n; i++)
		bars += p[i] == '|';
	for (i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		level |= text_find(p, part.n, levels[i]) < part.n;
	return bars >= 3 && level;
}

/* The banner that the sheet begins and ends with. */
static bool
is_verdict(const struct text *t, size_t line)
{
	struct text_part part = text_content(&t->lines[line]);

	return text_find(t->p + part.off, part.n,
	    "[ OVERALL: TPM Attestation ") < part.n;
}

static bool
is_blank(const struct text *t, size_t line)
{
	return text_content(&t->lines[line]).n == 0;
}

static bool
known(enum script_form form, const struct text *t, size_t line)
{
	struct text_part part = form == SCRIPT_SPOKEN ?
	    script_content(t, line) : text_content(&t->lines[line]);
	size_t off;

	return part.n > 0 && part.n <= 1024 && (script_phrase(form, t->p +
	    part.off, part.n, &off) != NULL ||
	    (form == SCRIPT_SHEET && is_verdict(t, line)));
}

/* Words that certreq prints, or the first of a tool's list. */
static bool
of_another(const struct text *t, size_t line)
{
	static const char *const words[] = {
		"-KeyId-", "-NameId-", "TPM-Version:", "https://",
		"http://", "HTTP/1.", "-----BEGIN", "PkiStatus(",
		"EnrollStatus(", "GetCACaps", "\"Message\"", "0x",
		"Certificate Request Processor", "certreq", "TPM Present",
		"TpmPresent", "CertUtil:"
	};
	struct text_part part = text_content(&t->lines[line]);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (text_find(t->p + part.off, part.n, words[i]) < part.n)
			return true;
	return false;
}

/* From the line on as far as known lines stand close together. */
static size_t
extent(enum script_form form, const struct text *t, size_t from,
    size_t *ret_known)
{
	size_t i, end = from, gap = 0;

	*ret_known = 0;
	for (i = from; i < t->nlines && gap <= GAP; i++) {
		if (known(form, t, i)) {
			end = i + 1;
			gap = 0;
			(*ret_known)++;
		} else if (of_another(t, i))
			break;
		else
			gap += !is_blank(t, i);
	}
	return end;
}

static bool
starts(const struct text *t, size_t line, const char *with)
{
	struct text_part part = text_content(&t->lines[line]);

	return text_starts(t->p + part.off, part.n, with);
}

/* Its heading, and both keys of the tenant soon below. */
static bool
profile(const struct text *t, size_t from, struct tool_block *ret)
{
	bool domain = false, tenant = false;
	size_t i;

	if (!starts(t, from, "AUTOPILOT DIAGNOSTICS") ||
	    text_content(&t->lines[from]).n != 21)
		return false;
	for (i = from + 1; i < t->nlines && i < from + PROFILE_LINES; i++) {
		domain |= starts(t, i, "TenantDomain:");
		tenant |= starts(t, i, "TenantID:");
		if (starts(t, i, "OobeConfig:")) {
			i++;
			break;
		}
	}
	ret->end = i;
	return domain && tenant;
}

/* "2026-06-05 10:11:12 [INFO] any words": with a time and a level. */
static bool
has_level(const struct text *t, size_t line)
{
	struct text_part part = text_content(&t->lines[line]);

	return part.n > 24 && t->p[part.off] == '2' &&
	    t->p[part.off + 4] == '-' && t->p[part.off + 20] == '[';
}

static bool
columns_block(const struct text *t, size_t from, struct tool_block *ret)
{
	size_t i;
	bool any = false;

	for (i = from; i < t->nlines && (has_level(t, i) ||
	    in_columns(t, i) || is_blank(t, i)) && (any ||
	    i - from < COLUMNS_SOON); i++)
		any |= in_columns(t, i);
	while (i > from && is_blank(t, i - 1))
		i--;
	ret->end = i;
	return any;
}

bool
script_block(const struct text *t, size_t from, struct tool_block *ret)
{
	size_t n;

	*ret = (struct tool_block){ TOOL_SCRIPT, from, from + 1 };
	if ((has_level(t, from) || in_columns(t, from)) &&
	    columns_block(t, from, ret))
		return true;
	if (profile(t, from, ret))
		return true;
	if (starts(t, from, "TPM INFO TOOL - ") || is_verdict(t, from)) {
		ret->end = extent(SCRIPT_SHEET, t, from, &n);
		return n >= 2 || is_verdict(t, from);
	}
	if (!known(SCRIPT_SPOKEN, t, from))
		return false;
	ret->end = extent(SCRIPT_SPOKEN, t, from, &n);
	return n >= PROOF;
}

enum script_form
script_form(const struct text *t, size_t line)
{
	if (in_columns(t, line))
		return SCRIPT_COLUMNS;
	if (starts(t, line, "AUTOPILOT DIAGNOSTICS"))
		return SCRIPT_PROFILE;
	if (starts(t, line, "TPM INFO TOOL - ") || is_verdict(t, line))
		return SCRIPT_SHEET;
	return known(SCRIPT_SPOKEN, t, line) ? SCRIPT_SPOKEN : SCRIPT_NONE;
}
