/*
 * Reads the list that the cmdlet Get-Tpm prints, and that of the WMI class
 * Win32_Tpm, with the bits that say why a TPM is not ready.
 * Relies on tool_blocks.h to have found them in their text.
 */
#include <string.h>

#include "decode/parser.h"
#include "decode/tool_blocks.h"
#include "parsers/fields.h"

#define F(id, n, t, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(TOOL), .artifacts = ARTIFACT(TPMTOOL),	\
	    __VA_ARGS__ }

F(get_tpm_present, "get_tpm.present", BOOL, .help =
    "TpmPresent of Get-Tpm");
F(get_tpm_ready, "get_tpm.ready", BOOL, .help =
    "TpmReady of Get-Tpm: ready for use, not for attestation alone");
F(get_tpm_enabled, "get_tpm.enabled", BOOL, .help = "TpmEnabled");
F(get_tpm_activated, "get_tpm.activated", BOOL, .help = "TpmActivated");
F(get_tpm_owned, "get_tpm.owned", BOOL, .help = "TpmOwned");
F(get_tpm_restart_pending, "get_tpm.restart_pending", BOOL, .help =
    "RestartPending");
F(get_tpm_manufacturer, "get_tpm.manufacturer", TEXT, .help =
    "ManufacturerIdTxt: IFX, AMD, MSFT ...");
F(get_tpm_manufacturer_id, "get_tpm.manufacturer_id", INT, .help =
    "ManufacturerId: the four characters as a number");
F(get_tpm_firmware, "get_tpm.firmware", TEXT, .help =
    "ManufacturerVersionFull20, or ManufacturerVersion where there is none");
F(get_tpm_locked_out, "get_tpm.locked_out", BOOL, .help = "LockedOut");
F(get_tpm_lockout_count, "get_tpm.lockout_count", INT, .help =
    "LockoutCount: authorisations that failed");
F(get_tpm_lockout_max, "get_tpm.lockout_max", INT, .help =
    "LockoutMax: how many of them lock the TPM");
F(get_tpm_lockout_heal_time, "get_tpm.lockout_heal_time", TEXT, .help =
    "LockoutHealTime, as Windows writes it");
F(get_tpm_old, "get_tpm.version_12", BOOL, .help =
    "a value is \"Not Supported for TPM 1.2\"");
F(win32_tpm_spec_version, "win32_tpm.spec_version", TEXT, .help =
    "SpecVersion: version, level and revision of the specification");
F(win32_tpm_ready_bits, "win32_tpm.ready_bits", INT, .help =
    "IsReadyInformation: 0 is ready, each bit a reason why not");
F(win32_tpm_not_ready, "win32_tpm.not_ready", TEXT, .repeated = true, .help =
    "a reason that a bit of it names");

static const struct field *const fields[] = {
	&get_tpm_present, &get_tpm_ready, &get_tpm_enabled,
	&get_tpm_activated, &get_tpm_owned, &get_tpm_restart_pending,
	&get_tpm_manufacturer, &get_tpm_manufacturer_id, &get_tpm_firmware,
	&get_tpm_locked_out, &get_tpm_lockout_count, &get_tpm_lockout_max,
	&get_tpm_lockout_heal_time, &get_tpm_old, &win32_tpm_spec_version,
	&win32_tpm_ready_bits, &win32_tpm_not_ready, NULL
};

/* Bits of Win32_Tpm.IsReadyInformation (MS Learn). */
static const struct named	ready_bits[] = {
	{ 0x00000002, "the system has to be shut down" },
	{ 0x00000004, "the system has to be restarted" },
	{ 0x00000008, "the TPM has to be cleared" },
	{ 0x00000010, "a person has to confirm at the machine" },
	{ 0x00000020, "the TPM is disabled" },
	{ 0x00000040, "ownership has to be taken" },
	{ 0x00000080, "an EK has to be created" },
	{ 0x00000100, "there is no owner authorisation" },
	{ 0x00000200, "there is no SRK authorisation" },
	{ 0x00000800, "the SRK is not the one in the registry" },
	{ 0x00020000, "its configuration is that of an old Windows" },
	{ 0x00040000, "no EK certificate was read" },
	{ 0x00080000, "the TCG event log is empty" },
	{ 0x00100000, "the TPM is not owned" },
	{ 0x00200000, "a general error" },
	{ 0x00400000, "the counter of the device lock is not there" },
	{ 0x00800000, "the device's id is not there" },
	{ 0, NULL }
};

static void
old_fact(struct evidence *ev, struct item *it, const struct text *t,
    struct text_part v)
{
	if (text_find(t->p + v.off, v.n, "Not Supported for TPM 1.2") < v.n &&
	    item_fact(it, &get_tpm_old) == NULL)
		ev_derive(ev, it, &get_tpm_old, value_bool(true),
		    text_span(t, v.off, v.n), NULL, 0, NULL);
}

/* A version is digits and points; else a word why there is none. */
static void
firmware(struct evidence *ev, struct item *it, const struct text *t,
    const struct field *field, struct text_part v)
{
	size_t i;

	old_fact(ev, it, t, v);
	for (i = 0; i < v.n; i++)
		if (!text_is_digit(t->p[v.off + i]) && t->p[v.off + i] != '.')
			return;
	if (item_fact(it, field) == NULL)
		tool_fact(ev, it, t, field, v);
}

static void
ready(struct evidence *ev, struct item *it, const struct text *t,
    const struct field *field, struct text_part v)
{
	const char *p = t->p + v.off;
	const struct fact *why;
	int64_t bits;
	uint32_t hex;
	size_t i, n;

	if (item_fact(it, field) != NULL)
		return;
	if (v.n > 2 && p[0] == '0' && (p[1] | 0x20) == 'x') {
		n = text_hex(p + 2, v.n - 2, &hex);
		bits = hex;
		n += n > 0 ? 2 : 0;
	} else
		n = text_digits(p, v.n, &bits);
	if (n == 0 || n != v.n)
		return;
	why = ev_fact(ev, it, field, value_int(bits),
	    text_span(t, v.off, v.n));
	for (i = 0; ready_bits[i].name != NULL; i++)
		if (bits & ready_bits[i].value)
			ev_derive(ev, it, &win32_tpm_not_ready,
			    value_str(ready_bits[i].name), SPAN_NONE, &why, 1,
			    "bits of Win32_Tpm.IsReadyInformation");
}

static void
healing(struct evidence *ev, struct item *it, const struct text *t,
    const struct field *field, struct text_part v)
{
	old_fact(ev, it, t, v);
	if (item_fact(it, field) == NULL)
		tool_fact(ev, it, t, field, v);
}

/* The full version is asked for before the short one. */
static const struct tool_key	full_keys[] = {
	{ "ManufacturerVersionFull20", &get_tpm_firmware, firmware },
	{ NULL, NULL, NULL }
};
static const struct tool_key	keys[] = {
	{ "TpmPresent", &get_tpm_present, NULL },
	{ "TpmReady", &get_tpm_ready, NULL },
	{ "TpmEnabled", &get_tpm_enabled, NULL },
	{ "TpmActivated", &get_tpm_activated, NULL },
	{ "TpmOwned", &get_tpm_owned, NULL },
	{ "IsEnabled_InitialValue", &get_tpm_enabled, NULL },
	{ "IsActivated_InitialValue", &get_tpm_activated, NULL },
	{ "IsOwned_InitialValue", &get_tpm_owned, NULL },
	{ "RestartPending", &get_tpm_restart_pending, NULL },
	{ "ManufacturerIdTxt", &get_tpm_manufacturer, NULL },
	{ "ManufacturerId", &get_tpm_manufacturer_id, NULL },
	{ "ManufacturerVersion", &get_tpm_firmware, firmware },
	{ "LockedOut", &get_tpm_locked_out, NULL },
	{ "LockoutCount", &get_tpm_lockout_count, NULL },
	{ "LockoutMax", &get_tpm_lockout_max, NULL },
	{ "LockoutHealTime", &get_tpm_lockout_heal_time, healing },
	{ "SpecVersion", &win32_tpm_spec_version, NULL },
	{ "IsReadyInformation", &win32_tpm_ready_bits, ready },
	{ NULL, NULL, NULL }
};

static int
get_tpm_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return blob_hint_is(b, HINT_GET_TPM) ||
	    blob_hint_is(b, HINT_WIN32_TPM) ? 99 : 0;
}

static void
get_tpm_read(struct evidence *ev, struct blob *b)
{
	bool win32 = blob_hint_is(b, HINT_WIN32_TPM);
	struct tool_line l;
	struct item *it;
	struct text t;
	size_t i;

	if (!text_decode(ev, b, &t))
		return;
	if (!tool_first(&t, keys, &i, &l))
		return;
	it = tool_item(ev, b, win32 ? "win32-tpm" : "get-tpm", blob_span(b),
	    text_span(&t, l.key.off, l.key.n));
	ev_artifact(it, ARTIFACT_TPMTOOL);
	tool_facts(ev, it, &t, i, t.nlines, full_keys);
	tool_facts(ev, it, &t, i, t.nlines, keys);
	ev_input_kind(ev, b, "tpmtool");
}

const struct parser parser_get_tpm = {
	.name = "get_tpm", .bid = get_tpm_bid, .read = get_tpm_read,
	.fields = fields
};
