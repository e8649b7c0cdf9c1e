/*
 * Logs of test scripts: what each form tells, that the later of two lines
 * counts, that other tools inside stay theirs, and that a script's own source
 * or an article that quotes it shows nothing.  Relies on sample.h.
 */
#include <time.h>

#include "correlate/correlator.h"
#include "parsers/fields.h"
#include "tests/unit/sample.h"

static struct evidence *ev;

static struct item *
read_text(const char *text)
{
	evidence_free(ev);
	ev = sample_evidence("log.txt", (const uint8_t *)text, strlen(text));
	return ev_first(ev, ITEM_TOOL);
}

static void
shows(const struct item *it, const struct field *field, const char *want)
{
	tap_is_text(sample_show(ev, it, field), want, field->name);
}

#define ROW(details)	"2026-06-05 10:12:01 [FAIL] A | B | FAIL | r | "	\
			    details "\n"

static void
columns(void)
{
	struct item *it;

	it = read_text(ROW("EK certificate appears to be missing.")
	    ROW("TPM is not present.") ROW("TPM is not owned.")
	    ROW("IsKeyAttestationCapable returned 2150105091.")
	    ROW("ekop.intel.com:443 not reachable")
	    ROW("AIK ErrorCode: -2145844844"));
	shows(it, &script_ek_certificate, "false");
	shows(it, &get_tpm_present, "false");
	shows(it, &get_tpm_owned, "false");
	shows(it, &script_capable, "false");
	shows(it, &script_unreachable, "ekop.intel.com");
	shows(it, &script_aik_error, "0x80190194");
	it = read_text(ROW("IsReadyInformation returned 262144.")
	    ROW("IsReadyInformation returned 0. TPM reports it")
	    ROW("Present=True; Ready=False; Owned=True; Enabled=True"));
	shows(it, &script_ready_bits, "0");
	shows(it, &get_tpm_present, "true");
	shows(it, &get_tpm_ready, "false");
	shows(it, &get_tpm_enabled, "true");
	it = read_text("2026-06-05 10:12:01 [PASS] EK Certificate | Additional "
	    "certificate | PASS | t | Thumbprint: 00112233445566778899AABBCCDDEEFF00112233"
	    ". Subject: . Issuer: CN=Example CA, O=A. B. Valid until: "
	    "31.12.2049.\n");
	tap_ok(ev_first(ev, ITEM_LISTED) != NULL, "a certificate is listed");
	shows(ev_first(ev, ITEM_LISTED), &listed_issuer,
	    "CN=Example CA, O=A. B");
	shows(ev_first(ev, ITEM_LISTED), &listed_not_after, "31.12.2049");
	shows(ev_first(ev, ITEM_LISTED), &listed_list, "additional");
	/* certreq's own output stands inside such a log. */
	read_text(ROW("x") "2026-06-05 10:12:02 [DEBUG] certreq AIK attempt "
	    "1. Output: \nTPM-Version:2.0 -Level:0-Revision:1.38-VendorID:"
	    "'IFX '-Firmware:327680.278786\nIFX-KeyId-"
	    "9c7df5a91c3d49bbe7378d4aba12ff8e78a2d75c\nGetCACaps: Not Found\n"
	    "Not found (404). 0x80190194 (-2145844844 HTTP_E_STATUS_NOT_"
	    "FOUND)\n" ROW("IsReadyInformation returned 0."));
	shows(ev_first(ev, ITEM_RUN), &run_operation, "GetCACaps");
	shows(ev_last(ev, ITEM_TOOL), &script_ready_bits, "0");
}

static void
spoken(void)
{
	struct item *it;

	it = read_text("2025-05-01 10:11:12 - Endorsementkey reporting for "
	    "duty\n2025-05-01 10:11:12 - Ek Certificate seems to be "
	    "missing, x\n2025-05-01 10:11:13 - Reason:it did not run\n"
	    "2025-05-01 10:11:14 - WARNING: We have found one of the required "
	    "certificates\n2025-05-01 10:11:15 - TPM_Intel - Error \n"
	    "2025-05-01 10:11:15 - TPM_AMD - Success \n"
	    "2025-05-01 10:11:16 - This Infineon firmware version 7.62 TPM is "
	    "safe.\n");
	shows(it, &script_ek_certificate, "true");
	shows(it, &script_failed, "it did not run");
	shows(it, &script_unreachable, "TPM_Intel");
	shows(it, &script_firmware, "7.62");
	shows(it, &script_vulnerable, "false");
	it = read_text("TPM Version is 1.15. x\nReason: x\nDetermining if the "
	    "TPM has vulnerable Firmware\nAIK CA Url seems valid\n");
	tap_ok(it != NULL && item_fact(it, &script_tpm_version) == NULL,
	    "the revision of a virtual TPM is no version");
	/* tpmtool's output behind a sentence is tpmtool's. */
	read_text("Reason: x\nReason: y\nReason: TPM doesn't seems capable\n\n"
	    "-TPM Present: True\n-TPM Version: 2.0\n-TPM Manufacturer ID: "
	    "IFX\n-Is Initialized: True\n");
	shows(ev_last(ev, ITEM_TOOL), &tpmtool_manufacturer, "IFX");
	shows(ev_first(ev, ITEM_TOOL), &script_capable, "false");
}

static void
others(void)
{
	struct item *it;

	it = read_text("AUTOPILOT DIAGNOSTICS\n\nOS version: 10.0.22621.1702\n"
	    "Profile: P\nTenantDomain: d.example\nTenantID: t\nZTDID: z\n"
	    "OobeConfig: 1310\n");
	shows(it, &autopilot_profile, "P");
	shows(it, &autopilot_oobe_config, "1310");
	shows(it, &tool_build_revision, "1702");
	it = read_text("TPM INFO TOOL - v1 - PowerShell: 5.1\n"
	    "TPM Version:  TPM 2.0 Not Supported\nTPM Status:   Ready: False, "
	    "Present: True\nCRITICAL: TPM 2.0 Not Supported\n"
	    "Local Attestation: FAILED / NOT SUPPORTED\n"
	    "RESULT: TPM Endorsement: CN=A, C=DE | CN=B, C=DE\n");
	tap_ok(it != NULL && item_fact(it, &script_tpm_version) == NULL,
	    "not supported is no version");
	shows(it, &get_tpm_ready, "false");
	shows(it, &script_capable, "false");
	shows(it, &script_failed, "TPM 2.0 Not Supported");
	shows(ev_first(ev, ITEM_LISTED), &listed_issuer, "CN=A, C=DE");
	shows(ev_last(ev, ITEM_LISTED), &listed_issuer, "CN=B, C=DE");
}

/* The same text with a console's colours, and padded with zeros. */
static void
consoles(void)
{
	static const char text[] = "\x1b[0mIFX-KeyId-9c7df5a91c3d49bbe7378d4a"
	    "ba12ff8e78a2d75c\x1b[0m\n\x1b[31;1mGetCACaps: Not Found\x1b[0m\n"
	    "\x1b[32mHTTP/1.1 404 Not Found\x1b[0m\n\x1b[0mNot found (404). "
	    "0x80190194 (-2145844844 HTTP_E_STATUS_NOT_FOUND)\x1b[0m\n";
	static uint8_t padded[sizeof(text) + 200];
	const struct item *run;

	memcpy(padded, text, sizeof(text) - 1);
	evidence_free(ev);
	ev = sample_evidence("log.txt", padded, sizeof(padded));
	run = ev_first(ev, ITEM_RUN);
	shows(run, &run_authority, "IFX-KeyId-9c7df5a91c3d49bbe7378d4aba12ff8e"
	    "78a2d75c");
	shows(run, &run_http_status, "404");
	shows(run, &run_code, "0x80190194");
}

/* Nobody's device is accused by these. */
static void
wrong_guesses(void)
{
	static const char *const texts[] = {
		"Write-Host \"TPM is NOT Ready For Attestation\"\n"
		    "write-host 'Ek Certificate seems to be missing'\n"
		    "Write-Warning \"Reason: AIK Cert Enroll Failed!\"\n",
		"TPM is NOT Ready For Attestation\n\nThis is what the script "
		    "says when the TPM is not ready.\n",
		"AUTOPILOT DIAGNOSTICS\n\nThe script prints the profile.\n",
		"The TPM INFO TOOL - see its page - prints RESULT: lines.\n",
		"2026-06-05 10:12:01 [FAIL] the build of something else\n"
		    "2026-06-05 10:12:01 [INFO] Endorsementkey\n",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		tap_ok(read_text(texts[i]) == NULL, "no log: %.20s",
		    texts[i]);
}

/* A page that explains the output is none. */
static void
explained(void)
{
	read_text("The first line is `TPM-Version:2.0 -Level:0-Revision:1.38-"
	    "VendorID:'IFX '-Firmware:327680.278786`, and PkiStatus(2) means "
	    "a refusal, `EnrollStatus(32)` that it goes on.\nA request has "
	    "PlatformType: TPM-Version:2.0 -Level:0-Revision:1.38-VendorID:"
	    "'IFX '-Firmware:327680.278786 in its head.\n");
	tap_ok(ev_first(ev, ITEM_RUN) == NULL, "no run is made of a page "
	    "about them");
}

/* Lines that could make the search look again and again. */
static void
slow(void)
{
	static const char *const units[] = {
		"Reason: x\n\n\n\n", "2026-06-05 10:11:12 [INFO] x y\n",
		"AUTOPILOT DIAGNOSTICS\n", "[ OVERALL: TPM Attestation \n",
		"TPM INFO TOOL - \nx\n", "Azure - \nhttp://\n",
		"2026-06-05 10:11:12 [FAIL] |||||||\n"
	};
	size_t i, j, n = 100000, len;
	clock_t began = clock();
	struct evidence *e;
	char *text;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		len = strlen(units[i]);
		text = malloc(n * len);
		for (j = 0; j < n * len; j += len)
			memcpy(text + j, units[i], len);
		e = sample_evidence("slow.txt", (uint8_t *)text, j);
		evidence_free(e);
		free(text);
	}
	tap_ok((clock() - began) / CLOCKS_PER_SEC < 20,
	    "a log of one line again and again takes no time (%ld ms)",
	    (long)((clock() - began) * 1000 / CLOCKS_PER_SEC));
}

int
main(void)
{
	columns();
	spoken();
	others();
	consoles();
	wrong_guesses();
	explained();
	slow();
	evidence_free(ev);
	return tap_done();
}
