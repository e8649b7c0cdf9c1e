/*
 * Logs of test scripts for the attestation in the forms that are public:
 * columns, sentences, a sheet with certreq's output inside, and a profile.
 * Only the words by which a line is known are theirs; what follows is made.
 * Relies on tools.c for the lines of the scenario.
 */
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const char *
yes_no(const struct line *l, const char *key, const char *yes, const char *no)
{
	return strcmp(option(l, key, "True"), "True") == 0 ? yes : no;
}

static bool
has_certificate(const struct line *l)
{
	return strcmp(option(l, "certificates", "none"), "none") != 0;
}

static void
row(struct buf *b, unsigned second, const char *state, const char *area,
    const char *check, const char *details)
{
	buf_printf(b, "2026-06-05 10:12:%02u [%s] %s | %s | %s | %s | %s\n",
	    second, state, area, check, state, strcmp(state, "PASS") == 0 ?
	    "OK" : "made", details);
}

static void
certificate_row(struct buf *b, const struct device *d)
{
	uint8_t hash[20];
	char text[41];

	sha1(d->ek.der.p, d->ek.der.n, hash);
	hex_put(hash, sizeof(hash), true, text);
	buf_printf(b, "2026-06-05 10:12:09 [PASS] EK Certificate | "
	    "Manufacturer certificate | PASS | Thumbprint=%.12s... | "
	    "Thumbprint: %s. Subject: TPMVersion=id:%s, TPMModel=%s, "
	    "TPMManufacturer=id:%s. Issuer: ", text, text, d->version,
	    d->model, vendor_id(d->ca->vendor));
	tool_name_reversed(b, d->ca->cert.text);
	buf_str(b, ". Valid until: ");
	tool_date(b, d->ek.not_after);
	buf_str(b, ".\n");
}

void
script_columns(struct buf *b, const struct device *d, const struct line *l)
{
	long bits = option_long(l, "bits", 0);
	bool certificate = has_certificate(l);

	buf_str(b, "2026-06-05 10:12:00 [INFO] Made for a test\n");
	row(b, 1, "PASS", "Connectivity", "ZTD service",
	    "ztd.dds.microsoft.com:443 reachable");
	row(b, 5, "WARN", "Connectivity", "EK service",
	    "ftpm.amd.com:443 not reachable");
	row(b, 6, "PASS", "TPM", "Present", "TPM is present.");
	row(b, 6, yes_no(l, "ready", "PASS", "FAIL"), "TPM", "Ready",
	    yes_no(l, "ready", "TPM is ready.", "TPM is not ready."));
	row(b, 7, "PASS", "TPM", "Version", "SpecVersion: 2.0, 0, 1.38");
	if (bits == 0x40000)
		row(b, 8, "FAIL", "Attestation", "Ready information",
		    "EK certificate appears to be missing.");
	else {
		buf_printf(b, "2026-06-05 10:12:08 [%s] Attestation | Ready "
		    "information | %s | IsReady=%ld | IsReadyInformation "
		    "returned %ld.\n", bits == 0 ? "PASS" : "FAIL",
		    bits == 0 ? "PASS" : "FAIL", bits, bits);
	}
	if (certificate)
		certificate_row(b, d);
	buf_printf(b, "2026-06-05 10:12:10 [%s] EK Certificate | Lists | %s | "
	    "made | Manufacturer certificates: %d. Additional certificates: "
	    "0.\n", certificate ? "PASS" : "FAIL",
	    certificate ? "PASS" : "FAIL", certificate);
	row(b, 12, "PASS", "Attestation", "Key attestation",
	    "IsKeyAttestationCapable returned 0.");
	if (option(l, "code", NULL) != NULL)
		buf_printf(b, "2026-06-05 10:12:14 [FAIL] Attestation | AIK "
		    "task | FAIL | made | AIK ErrorCode: %ld\n",
		    (long)(int32_t)strtoul(option(l, "code", "0"), NULL, 16));
	row(b, 20, "WARN", "Attestation", "AIK certificate",
	    "No test AIK certificate returned after 10 tries.");
	buf_str(b, "2026-06-05 10:12:21 [DEBUG] made, with an exit code\n");
}

void
script_spoken(struct buf *b, const struct device *d, const struct line *l)
{
	unsigned long bits = (unsigned long)option_long(l, "bits", 0);
	bool ready = bits == 0, certificate = has_certificate(l);

	buf_str(b, "ZTD.DDS.Microsoft.Com - Success\nTPM_AMD - Error \n"
	    "Azure - Success\n");
	buf_printf(b, "Computer Model: \t %s\n\nTPM Version is %s\n",
	    "Example 14 G1", option(l, "version", "2.0"));
	buf_str(b, "Performing the first Ready For Attestation\n\n");
	if (strcmp(d->ca->vendor, "IFX") == 0)
		buf_printf(b, "This Infineon firmware version %.4s TPM is %s."
		    "\n", d->firmware, yes_no(l, "vulnerable", "not safe",
		    "safe"));
	else
		buf_str(b, "This non-Infineon TPM is not affected (made)\n");
	buf_printf(b, "%s (made)\n", ready ?
	    "TPM seems Ready For Attestation" :
	    "WARNING: TPM is NOT Ready For Attestation");
	if (bits & 0x40000)
		buf_str(b, "Ek Certificate seems to be missing (made)\n"
		    "Reason: the maintenance task did not run (made)\n");
	buf_printf(b, "\nEndorsementkey reporting for duty (made)\n%s (made)"
	    "\n\n", certificate ?
	    "We have found one of the required certificates" :
	    "This is definitely not good! Additional and/or "
	    "ManufacturerCerts");
	if (ready)
		buf_str(b, "Retrieving AIK Certificate\n"
		    "Fetching test-AIK cert - 1\nAIK CA Url is not valid\n"
		    "AIK TEST Certificate could not be retrieved\n"
		    "Reason: TPM doesn't seems capable (made)\n");
	else
		buf_str(b, "TPM is still NOT suited (made)\n");
}

void
script_sheet(struct buf *b, const struct device *d, const struct line *l)
{
	const char *verdict = yes_no(l, "passed", "PASS", "FAIL");

	buf_printf(b, "=======================================\n"
	    "|      [ OVERALL: TPM Attestation %s ]      |\n"
	    "=======================================\n"
	    "TPM INFO TOOL - v0.0 - PowerShell: 5.1.19041.2673\n"
	    "--- HARDWARE (made) ---\n"
	    "OS:           Windows (made)\nPC Model:     Example 14 G1\n"
	    "TPM Version:  2.0 - (v%s)\n"
	    "TPM Status:   Ready: %s, Present: %s\n\n"
	    "--- REPORT (made) ---\n"
	    "RESULT: TPM 2.0 Version (made)\n", verdict, d->firmware,
	    option(l, "ready", "True"), option(l, "present", "True"));
	if (strcmp(option(l, "ready", "True"), "True") != 0)
		buf_str(b, "CRITICAL: the TPM is not ready (made)\n");
	buf_printf(b, "Local Attestation: %s\nRESULT: TPM Endorsement: ",
	    yes_no(l, "capable", "SUPPORTED", "FAILED / made"));
	if (has_certificate(l))
		tool_name_reversed(b, d->ca->cert.text);
	else
		buf_str(b, "No AdditionalCertificates (made)");
	buf_str(b, "\n\n");
}

void
script_sheet_end(struct buf *b, const struct device *d, const struct line *l)
{
	(void)d;
	buf_printf(b, "\n|      [ OVERALL: TPM Attestation %s ]      |\n"
	    "FAILED: TPM Attestation (made)\n", yes_no(l, "passed", "PASS",
	    "FAIL"));
}

void
script_profile(struct buf *b, const struct device *d, const struct line *l)
{
	(void)l;
	buf_printf(b, "\nAUTOPILOT DIAGNOSTICS\n\nOS version: %s\n"
	    "Profile: Example profile\n"
	    "TenantDomain: example.onmicrosoft.example\n"
	    "TenantID: 66666666-7777-4888-8999-aaaaaaaaaaaa\n"
	    "ZTDID: bbbbbbbb-cccc-4ddd-8eee-ffffffffffff\n"
	    "EntDMID: 00000000-AAAA-4BBB-8CCC-DDDDDDDDDDDD\n"
	    "OobeConfig: 1310\n", d->windows);
}
