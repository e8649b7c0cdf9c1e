/*
 * Reads what tpmtool getdeviceinformation prints: lines "-Key: Value", and
 * the block of the lockout, whose lines are indented.
 * Relies on tool_blocks.h to have found it in its text.
 */
#include <string.h>

#include "decode/parser.h"
#include "decode/tool_blocks.h"
#include "parsers/fields.h"

#define F(id, n, t, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(TOOL), .artifacts = ARTIFACT(TPMTOOL),	\
	    __VA_ARGS__ }

F(tpmtool_present, "tpmtool.present", BOOL, .help =
    "TPM Present: does Windows find a TPM");
F(tpmtool_version, "tpmtool.version", TEXT, .help =
    "TPM Version: 2.0 or 1.2");
F(tpmtool_manufacturer, "tpmtool.manufacturer", TEXT, .help =
    "TPM Manufacturer ID: IFX, AMD, MSFT ...");
F(tpmtool_manufacturer_name, "tpmtool.manufacturer_name", TEXT, .help =
    "TPM Manufacturer Full Name");
F(tpmtool_firmware, "tpmtool.firmware", TEXT, .help =
    "TPM Manufacturer Version: the firmware's version");
F(tpmtool_ppi_version, "tpmtool.ppi_version", TEXT, .help =
    "PPI Version: of the physical presence interface");
F(tpmtool_initialized, "tpmtool.initialized", BOOL, .help =
    "Is Initialized");
F(tpmtool_ready_for_storage, "tpmtool.ready_for_storage", BOOL, .help =
    "Ready For Storage");
F(tpmtool_ready_for_attestation, "tpmtool.ready_for_attestation", BOOL,
    .help = "Ready For Attestation");
F(tpmtool_capable_for_attestation, "tpmtool.capable_for_attestation", BOOL,
    .help = "Is Capable For Attestation");
F(tpmtool_clear_needed, "tpmtool.clear_needed", BOOL, .help =
    "Clear Needed To Recover");
F(tpmtool_clear_possible, "tpmtool.clear_possible", BOOL, .help =
    "Clear Possible");
F(tpmtool_vulnerable_firmware, "tpmtool.vulnerable_firmware", BOOL, .help =
    "TPM Has Vulnerable Firmware");
F(tpmtool_pcr7, "tpmtool.pcr7", TEXT, .help =
    "Bitlocker PCR7 Binding State: a text or a number");
F(tpmtool_maintenance_complete, "tpmtool.maintenance_complete", BOOL, .help =
    "Maintenance Task Complete");
F(tpmtool_spec_version, "tpmtool.spec_version", TEXT, .help =
    "TPM Spec Version: the revision of the specification, 1.38");
F(tpmtool_errata_date, "tpmtool.errata_date", TEXT, .help =
    "TPM Errata Date, as Windows writes it");
F(tpmtool_pc_client_version, "tpmtool.pc_client_version", TEXT, .help =
    "PC Client Version: of the platform profile");
F(tpmtool_locked_out, "tpmtool.locked_out", BOOL, .help =
    "Is Locked Out, in the block Lockout Information");
F(tpmtool_lockout_counter, "tpmtool.lockout_counter", INT, .help =
    "Lockout Counter: authorisations that failed");
F(tpmtool_max_auth_fail, "tpmtool.max_auth_fail", INT, .help =
    "Max Auth Fail: how many of them lock the TPM");
F(tpmtool_lockout_interval, "tpmtool.lockout_interval", INT, .help =
    "Lockout Interval: seconds after which one is forgotten");
F(tpmtool_lockout_recovery, "tpmtool.lockout_recovery", INT, .help =
    "Lockout Recovery: seconds that the lockout lasts");

static const struct field *const fields[] = {
	&tpmtool_present, &tpmtool_version, &tpmtool_manufacturer,
	&tpmtool_manufacturer_name, &tpmtool_firmware, &tpmtool_ppi_version,
	&tpmtool_initialized, &tpmtool_ready_for_storage,
	&tpmtool_ready_for_attestation, &tpmtool_capable_for_attestation,
	&tpmtool_clear_needed, &tpmtool_clear_possible,
	&tpmtool_vulnerable_firmware, &tpmtool_pcr7,
	&tpmtool_maintenance_complete, &tpmtool_spec_version,
	&tpmtool_errata_date, &tpmtool_pc_client_version, &tpmtool_locked_out,
	&tpmtool_lockout_counter, &tpmtool_max_auth_fail,
	&tpmtool_lockout_interval, &tpmtool_lockout_recovery, NULL
};

/* Older Windows prints fewer of them. */
static const struct tool_key	keys[] = {
	{ "TPM Present", &tpmtool_present, NULL },
	{ "TPM Version", &tpmtool_version, NULL },
	{ "TPM Manufacturer ID", &tpmtool_manufacturer, NULL },
	{ "TPM Manufacturer Full Name", &tpmtool_manufacturer_name, NULL },
	{ "TPM Manufacturer Version", &tpmtool_firmware, NULL },
	{ "PPI Version", &tpmtool_ppi_version, NULL },
	{ "Is Initialized", &tpmtool_initialized, NULL },
	{ "Ready For Storage", &tpmtool_ready_for_storage, NULL },
	{ "Ready For Attestation", &tpmtool_ready_for_attestation, NULL },
	{ "Is Capable For Attestation", &tpmtool_capable_for_attestation,
	    NULL },
	{ "Clear Needed To Recover", &tpmtool_clear_needed, NULL },
	{ "Clear Possible", &tpmtool_clear_possible, NULL },
	{ "TPM Has Vulnerable Firmware", &tpmtool_vulnerable_firmware, NULL },
	{ "Bitlocker PCR7 Binding State", &tpmtool_pcr7, NULL },
	{ "Maintenance Task Complete", &tpmtool_maintenance_complete, NULL },
	{ "TPM Spec Version", &tpmtool_spec_version, NULL },
	{ "TPM Errata Date", &tpmtool_errata_date, NULL },
	{ "PC Client Version", &tpmtool_pc_client_version, NULL },
	{ NULL, NULL, NULL }
};

/* Of the block that "Lockout Information:" opens. */
static const struct tool_key	lockout_keys[] = {
	{ "Is Locked Out", &tpmtool_locked_out, NULL },
	{ "Lockout Counter", &tpmtool_lockout_counter, NULL },
	{ "Max Auth Fail", &tpmtool_max_auth_fail, NULL },
	{ "Lockout Interval", &tpmtool_lockout_interval, NULL },
	{ "Lockout Recovery", &tpmtool_lockout_recovery, NULL },
	{ NULL, NULL, NULL }
};

static int
tpmtool_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return blob_hint_is(b, HINT_TPMTOOL) ? 99 : 0;
}

static void
tpmtool_read(struct evidence *ev, struct blob *b)
{
	struct tool_line l;
	struct text t;
	struct item *it;
	size_t first, heading;

	if (!text_decode(ev, b, &t))
		return;
	if (!tool_first(&t, keys, &first, &l) &&
	    !tool_first(&t, lockout_keys, &first, &l))
		return;
	it = tool_item(ev, b, "tpmtool", blob_span(b),
	    text_span(&t, l.key.off, l.key.n));
	ev_artifact(it, ARTIFACT_TPMTOOL);
	for (heading = first; heading < t.nlines; heading++)
		if (tool_line_read(&t, heading, &l) &&
		    tool_key_is(&t, l.key, "Lockout Information"))
			break;
	tool_facts(ev, it, &t, first, t.nlines, keys);
	tool_facts(ev, it, &t, heading, t.nlines, lockout_keys);
	ev_input_kind(ev, b, "tpmtool");
}

const struct parser parser_tpmtool = {
	.name = "tpmtool", .bid = tpmtool_bid, .read = tpmtool_read,
	.fields = fields
};
