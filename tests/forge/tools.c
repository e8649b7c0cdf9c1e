/*
 * Outputs of Windows' tools: tpmtool, Get-Tpm, Get-TpmEndorsementKeyInfo,
 * TpmHliInfo, certutil, dsregcmd, test scripts, MDM reports; several in one
 * text where the scenario asks for it.
 * Relies on text.c for prompts around them, ends of lines and encodings.
 */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the scenario's line says in place of the usual value. */
static const char *
or_usual(const struct line *l, const char *key, const char *usual)
{
	return option(l, key, usual);
}

static bool
is_true(const struct line *l, const char *key, bool usual)
{
	return strcmp(or_usual(l, key, usual ? "True" : "False"), "True") == 0;
}

static const char *
vendor_of(const struct device *d, const struct line *l)
{
	return or_usual(l, "manufacturer", d->ca->vendor);
}

static void
tpmtool(struct buf *b, const struct device *d, const struct line *l)
{
	buf_str(b, "\n");
	if (!is_true(l, "present", true)) {
		buf_str(b, "-TPM Present: False\n");
		return;
	}
	buf_printf(b, "-TPM Present: True\n-TPM Version: %s\n"
	    "-TPM Manufacturer ID: %s\n-TPM Manufacturer Full Name: %s\n"
	    "-TPM Manufacturer Version: %s\n-PPI Version: 1.3\n"
	    "-Is Initialized: True\n-Ready For Storage: True\n"
	    "-Ready For Attestation: %s\n-Is Capable For Attestation: %s\n"
	    "-Clear Needed To Recover: False\n-Clear Possible: True\n"
	    "-TPM Has Vulnerable Firmware: %s\n",
	    or_usual(l, "version", "2.0"), vendor_of(d, l),
	    or_usual(l, "full_name", vendor_of(d, l)),
	    or_usual(l, "firmware", d->firmware),
	    or_usual(l, "ready", "True"), or_usual(l, "capable", "True"),
	    or_usual(l, "vulnerable", "False"));
	if (strcmp(option(l, "old", "no"), "yes") != 0)
		buf_printf(b, "-Bitlocker PCR7 Binding State: 0\n"
		    "-Maintenance Task Complete: True\n"
		    "-TPM Spec Version: 1.38\n"
		    "-TPM Errata Date: Wednesday, June 13, 2018\n"
		    "-PC Client Version: 1.04\n");
	buf_printf(b, "-Lockout Information: \n\t-Is Locked Out: %s\n"
	    "\t-Lockout Counter: %s\n\t-Max Auth Fail: 31\n"
	    "\t-Lockout Interval: 600s\n\t-Lockout Recovery: 86400s\n",
	    or_usual(l, "locked", "False"),
	    is_true(l, "locked", false) ? "31" : "0");
}

static void
get_tpm(struct buf *b, const struct device *d, const struct line *l)
{
	bool old = strcmp(or_usual(l, "version", "2.0"), "1.2") == 0;
	const char *id = vendor_id(d->ca->vendor);

	buf_printf(b, "\n\nTpmPresent                : %s\n"
	    "TpmReady                  : %s\n"
	    "TpmEnabled                : True\n"
	    "TpmActivated              : True\n"
	    "TpmOwned                  : True\n"
	    "RestartPending            : False\n"
	    "ManufacturerId            : %lu\n"
	    "ManufacturerIdTxt         : %s\n"
	    "ManufacturerVersion       : %.4s\n"
	    "ManufacturerVersionFull20 : %s\n\n"
	    "ManagedAuthLevel          : Full\n"
	    "OwnerAuth                 : \n"
	    "OwnerClearDisabled        : False\n"
	    "AutoProvisioning          : Enabled\n"
	    "LockedOut                 : %s\n"
	    "LockoutHealTime           : %s\n"
	    "LockoutCount              : %s\n"
	    "LockoutMax                : %s\n"
	    "SelfTest                  : {}\n\n\n",
	    or_usual(l, "present", "True"), or_usual(l, "ready", "True"),
	    strtoul(id, NULL, 16), vendor_of(d, l), d->firmware,
	    old ? "Not Supported for TPM 1.2" :
	    or_usual(l, "firmware", d->firmware),
	    or_usual(l, "locked", "False"),
	    old ? "Not Supported for TPM 1.2" : "10 minutes",
	    is_true(l, "locked", false) ? "31" : "0", "31");
}

static void
win32_tpm(struct buf *b, const struct device *d, const struct line *l)
{
	buf_printf(b, "\n\nIsActivated_InitialValue    : True\n"
	    "IsEnabled_InitialValue      : True\n"
	    "IsOwned_InitialValue        : True\n"
	    "ManufacturerId              : %lu\n"
	    "ManufacturerIdTxt           : %s\n"
	    "ManufacturerVersion         : %s\n"
	    "PhysicalPresenceVersionInfo : 1.3\n"
	    "SpecVersion                 : %s, 0, 1.38\n"
	    "IsReadyInformation          : %s\n"
	    "PSComputerName              : \n\n",
	    strtoul(vendor_id(d->ca->vendor), NULL, 16), vendor_of(d, l),
	    d->firmware, or_usual(l, "version", "2.0"),
	    or_usual(l, "bits", "0"));
}

/* A name from its last RDN to its first, as Windows prints it. */
void
tool_name_reversed(struct buf *b, const char *text)
{
	char *copy = xstrdup(text), *at;

	while ((at = strrchr(copy, ',')) != NULL && at[1] == ' ') {
		buf_printf(b, "%s, ", at + 2);
		*at = '\0';
	}
	buf_str(b, copy);
	free(copy);
}

void
tool_date(struct buf *b, int64_t us)
{
	int t[7];

	time_civil(us, t);
	buf_printf(b, "%d/%d/%04d %d:%02d:%02d %s", t[1], t[2], t[0],
	    t[3] % 12 ? t[3] % 12 : 12, t[4], t[5], t[3] < 12 ? "AM" : "PM");
}

static void
hex(struct buf *b, const uint8_t *p, size_t n, bool upper)
{
	char text[129];

	hex_put(p, n, upper, text);
	buf_str(b, text);
}

#define PAD	"                           "

static void
ek_certificate(struct buf *b, const struct device *d, const struct line *l)
{
	const char *dialect = option(l, "names", "TPM");
	bool oid = strcmp(dialect, "OID") == 0;
	uint8_t hash[20];

	sha1(d->ek.der.p, d->ek.der.n, hash);
	buf_printf(b, "{[Subject]\n" PAD "  %s=id:%s, %s=%s, %s=id:%s\n\n"
	    PAD "[Issuer]\n" PAD "  ",
	    oid ? "OID.2.23.133.2.3" : "TPMVersion", d->version,
	    oid ? "OID.2.23.133.2.2" : "TPMModel", d->model,
	    oid ? "OID.2.23.133.2.1" : "TPMManufacturer",
	    vendor_id(d->ca->vendor));
	tool_name_reversed(b, d->ca->cert.text);
	buf_str(b, "\n\n" PAD "[Serial Number]\n" PAD "  ");
	hex(b, d->ek.serial.p + 2, d->ek.serial.n - 2, true);
	buf_str(b, "\n\n" PAD "[Not Before]\n" PAD "  ");
	tool_date(b, d->ek.not_before);
	buf_str(b, "\n\n" PAD "[Not After]\n" PAD "  ");
	tool_date(b, d->ek.not_after);
	buf_str(b, "\n\n" PAD "[Thumbprint]\n" PAD "  ");
	hex(b, hash, sizeof(hash), true);
	buf_str(b, "\n" PAD "}\n");
}

static void
ek_info(struct buf *b, const struct device *d, const struct line *l)
{
	const char *where = option(l, "certificates", "manufacturer");
	uint8_t hash[32];

	sha256(d->ek.spki.p, d->ek.spki.n, hash);
	buf_str(b, "\n\nIsPresent                : True\n"
	    "PublicKey                : System.Security.Cryptography."
	    "AsnEncodedData\nPublicKeyHash            : ");
	hex(b, hash, sizeof(hash), false);
	buf_str(b, "\nManufacturerCertificates : ");
	if (strcmp(where, "manufacturer") == 0)
		ek_certificate(b, d, l);
	else
		buf_str(b, "{}\n");
	buf_str(b, "AdditionalCertificates   : ");
	if (strcmp(where, "additional") == 0)
		ek_certificate(b, d, l);
	else
		buf_str(b, "{}\n");
	buf_str(b, "\n\n");
}

static void
hli(struct buf *b, const struct device *d, const struct line *l)
{
	static const char *const lines[] = {
		"  -NoTcgEventLog: No TCG event log found\n",
		"  -NoValidEkCert: No valid EK cert found\n",
		"  -LostAuths: The OwnerAuth and EndorsementAuth have been "
		    "set and are not available\n",
		"  -SrkNotPresent: The Storage Root Key (SRK) is not found\n",
	};
	unsigned bits = (unsigned)option_long(l, "bits", 0), i;

	(void)d;
	buf_str(b, "2023-03-29 08:09:10\n\n");
	if (strcmp(or_usual(l, "version", "2.0"), "unknown") == 0)
		buf_str(b, "Warning! Unknown TPM Version detected!\n");
	else
		buf_printf(b, "TPM Version: %s\n",
		    or_usual(l, "version", "2.0"));
	buf_printf(b, "Uefi Is Present: True\n"
	    "TpmHLI IsReady for Storage result: 0x00000000\nReady: True\n"
	    "Bits:  0x0000000000000000\n"
	    "TpmHLI IsReady for Attestation result: 0x00000000\nReady: %s\n"
	    "Bits:  0x%016X\n", bits == 0 ? "True" : "False", bits);
	for (i = 0; i < COUNT(lines); i++)
		if (bits >> i & 1)
			buf_str(b, lines[i]);
}

static void
tpminfo(struct buf *b, const struct device *d, const struct line *l)
{
	const char *code = option(l, "code", NULL);

	(void)d;
	if (code != NULL)
		buf_printf(b, "CertUtil: -TPMInfo command FAILED: %s (%ld)\n"
		    "CertUtil: An error occurred in the TPM.\n", code,
		    (long)(int32_t)strtoul(code, NULL, 16));
	else
		buf_printf(b, "Attestation:\n  fIsReady = %s\n"
		    "CertUtil: -TPMInfo command completed successfully.\n",
		    is_true(l, "ready", true) ? "1" : "0");
}

static void
dsregcmd(struct buf *b, const struct device *d, const struct line *l)
{
	static const char rule[] = "+---------------------------------------"
	    "-------------------------------+\n";

	buf_printf(b, "\n%s| Device State                                  "
	    "                       |\n%s\n"
	    "             AzureAdJoined : NO\n"
	    "          EnterpriseJoined : NO\n"
	    "              DomainJoined : NO\n"
	    "               Device Name : %s\n\n"
	    "%s| Diagnostic Data                                      "
	    "                |\n%s\n"
	    "     Diagnostics Reference : www.microsoft.com/aadjerrors\n"
	    "              User Context : SYSTEM\n"
	    "               Client Time : 2023-03-29 08:12:16.000 UTC\n"
	    "          OsVersionUpdated : %s\n",
	    rule, rule, d->machine, rule, rule, d->windows);
	if (option(l, "code", NULL) != NULL) {
		buf_printf(b,
		    "     Previous Registration : 2023-03-29 08:10:43.000 UTC\n"
		    "         Registration Type : device\n"
		    "               Error Phase : join\n"
		    "          Client ErrorCode : %s\n"
		    "          Server ErrorCode : AuthorizationError\n",
		    option(l, "code", NULL));
		if (option(l, "subcode", NULL) != NULL)
			buf_printf(b, "       Server ErrorSubCode : %s\n",
			    option(l, "subcode", NULL));
		buf_str(b, "              Https Status : 400\n"
		    "                Request Id : "
		    "00000000-1111-4222-8333-444444444444\n");
	}
	buf_str(b, "\n");
}

static void
certutil(struct buf *b, const struct device *d, const struct line *l)
{
	const char *names = option(l, "of_ca", NULL);
	const struct cert *c = names != NULL ? &ca_find(names)->cert : &d->ek;
	uint8_t hash[20];

	buf_str(b, "CA \"Intermediate Certification Authorities\"\n"
	    "================ Certificate 0 ================\n"
	    "X509 Certificate:\nVersion: 3\nSerial Number: ");
	hex(b, c->serial.p + 2, c->serial.n - 2, false);
	buf_str(b, "\nIssuer:\n    ");
	if (names != NULL && ca_find(names)->issuer != NULL)
		tool_name_reversed(b, ca_find(names)->issuer->cert.text);
	else
		tool_name_reversed(b, d->ca->cert.text);
	buf_str(b, "\n\n NotBefore: ");
	tool_date(b, c->not_before);
	buf_str(b, "\n NotAfter: ");
	tool_date(b, c->not_after);
	buf_str(b, "\n\nSubject:\n    ");
	if (names != NULL)
		tool_name_reversed(b, c->text);
	else
		buf_str(b, "EMPTY");
	buf_str(b, "\n\nPublic Key Length: 2048 bits\n"
	    "Certificate Extensions: 1\n"
	    "    2.5.29.14: Flags = 0, Length = 16\n"
	    "    Subject Key Identifier\n        ");
	hex(b, c->ski, sizeof(c->ski), false);
	sha1(c->der.p, c->der.n, hash);
	buf_str(b, "\n\nCert Hash(sha1): ");
	hex(b, hash, sizeof(hash), false);
	buf_str(b, "\n  No key provider information\n"
	    "CertUtil: -store command completed successfully.\n");
}

static void
script(struct buf *b, const struct device *d, const struct line *l)
{
	unsigned n = strcmp(option(l, "certificates", "none"), "none") != 0;

	(void)d;
	buf_printf(b, "2026-06-05 10:11:12 [INFO] Script | Start | INFO | OK "
	    "| Test started\n"
	    "2026-06-05 10:11:14 [%s] TPM | Ready information | %s | "
	    "IsReady=%s | IsReadyInformation returned %s.\n"
	    "2026-06-05 10:11:15 [%s] TPM | EK certificate | %s | Mfg=%u; "
	    "Add=0 | ManufacturerCertificates=%u; AdditionalCertificates=0\n",
	    option_long(l, "bits", 0) == 0 ? "PASS" : "FAIL",
	    option_long(l, "bits", 0) == 0 ? "PASS" : "FAIL",
	    or_usual(l, "bits", "0"), or_usual(l, "bits", "0"),
	    n > 0 ? "PASS" : "FAIL", n > 0 ? "PASS" : "FAIL", n, n);
}

static void
ver(struct buf *b, const struct device *d, const struct line *l)
{
	(void)l;
	buf_printf(b, "Microsoft Windows [Version %s]\n"
	    "(c) Microsoft Corporation. All rights reserved.\n\n", d->windows);
}

static const struct {
	const char	*name, *command;
	void		(*make)(struct buf *, const struct device *,
			    const struct line *);
} tools[] = {
	{ "ver", NULL, ver },
	{ "tpmtool", "C:\\Windows\\system32>tpmtool getdeviceinformation\n",
	    tpmtool },
	{ "get-tpm", "PS C:\\Windows\\system32> Get-Tpm\n", get_tpm },
	{ "win32-tpm", "PS C:\\> Get-CimInstance -Namespace "
	    "root\\cimv2\\Security\\MicrosoftTpm Win32_Tpm | fl *\n",
	    win32_tpm },
	{ "ek-info", "PS C:\\> Get-TpmEndorsementKeyInfo -HashAlgorithm "
	    "sha256\n", ek_info },
	{ "hli", NULL, hli },
	{ "tpminfo", "C:\\>certutil -tpminfo\n", tpminfo },
	{ "dsregcmd", "C:\\>dsregcmd /status\n", dsregcmd },
	{ "certutil", "C:\\>certutil -store CA\n", certutil },
	{ "script", NULL, script },
	{ "script-columns", NULL, script_columns },
	{ "script-spoken", NULL, script_spoken },
	{ "script-sheet", NULL, script_sheet },
	{ "script-sheet-end", NULL, script_sheet_end },
	{ "script-profile", NULL, script_profile },
};

static const struct device *
device_of(const struct scenario *s, const struct line *l)
{
	return option_device(s, l);
}

/* A run between the tools, before ends of lines and encoding are made. */
static void
certreq(struct buf *b, const struct scenario *s, const struct line *l,
    bool prompts)
{
	static const char *const passed[] = { "code", "try", "bare" };
	struct option options[COUNT(passed) + 1];
	struct line plain = *l;
	struct buf run = { NULL, 0, 0 };
	size_t i;

	plain.options = options;
	plain.n = 0;
	options[plain.n++] = (struct option){ xstrdup("eol"), xstrdup("lf") };
	for (i = 0; i < COUNT(passed); i++)
		if (option(l, passed[i], NULL) != NULL)
			options[plain.n++] = (struct option){
			    xstrdup(passed[i]),
			    xstrdup(option(l, passed[i], NULL)) };
	text_certreq(&run, s, &plain);
	if (prompts)
		buf_str(b, "C:\\>certreq -enrollaik -config \"\"\n");
	buf_add(b, &run);
	buf_free(&run);
}

/* tool of="ver tpmtool get-tpm ..." prompts=yes: one after another */
void
tools_make(struct buf *b, const struct scenario *s, const struct line *l)
{
	char *names = xstrdup(option(l, "of", "tpmtool")), *save = NULL, *name;
	bool prompts = strcmp(option(l, "prompts", "no"), "yes") == 0;
	size_t i;

	for (name = strtok_r(names, " ", &save); name != NULL;
	    name = strtok_r(NULL, " ", &save)) {
		if (strcmp(name, "certreq") == 0) {
			certreq(b, s, l, prompts);
			continue;
		}
		for (i = 0; i < COUNT(tools); i++)
			if (strcmp(tools[i].name, name) == 0)
				break;
		if (i == COUNT(tools))
			die("line %u: no tool \"%s\"", l->number, name);
		if (prompts && tools[i].command != NULL)
			buf_str(b, tools[i].command);
		tools[i].make(b, device_of(s, l), l);
		if (prompts)
			buf_str(b, "\n");
	}
	free(names);
	text_finish(b, l);
}

/* ---- files of the MDM cabinet ---- */

void
mdm_report_make(struct buf *b, const struct scenario *s, const struct line *l)
{
	const struct device *d = device_of(s, l);

	if (strcmp(option(l, "form", "xml"), "html") == 0) {
		buf_printf(b, "<!DOCTYPE html>\n<html><head><title>MDM "
		    "Diagnostic Information</title></head>\n<body><h1>Device "
		    "Info</h1>\n<table>\n<tr><td>PC name</td><td>%s</td></tr>\n"
		    "<tr><td>OS Build</td><td>%s</td></tr>\n</table>\n"
		    "</body></html>\n", d->machine, d->windows);
	} else {
		buf_printf(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		    "<MDMEnterpriseDiagnosticsReport>\n"
		    "  <Version>1.0</Version>\n"
		    "  <DeviceManagementAccount><Enrollment>\n"
		    "    <EnrollmentId>00000000-AAAA-4BBB-8CCC-DDDDDDDDDDDD"
		    "</EnrollmentId>\n    <ProtectedInformation>\n"
		    "      <MDMServerName>Example MDM</MDMServerName>\n"
		    "    </ProtectedInformation>\n"
		    "  </Enrollment></DeviceManagementAccount>\n"
		    "  <DevDetail><SwV>%s</SwV></DevDetail>\n"
		    "  <PolicyManager><ConfigSource><PolicyScope><Area>\n"
		    "    <PolicyAreaName>Defender</PolicyAreaName>\n"
		    "  </Area></PolicyScope></ConfigSource></PolicyManager>\n"
		    "</MDMEnterpriseDiagnosticsReport>\n", d->windows);
	}
	text_finish(b, l);
}

/* A hash that is made of nothing, for a device that does not exist. */
void
device_hash_make(struct buf *b, const struct scenario *s,
    const struct line *l)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
	    "mnopqrstuvwxyz0123456789+/";
	uint8_t noise[512];
	size_t i;

	(void)s;
	rng_bytes("device hash", 0, noise, sizeof(noise));
	buf_str(b, "Device Serial Number,Windows Product ID,Hardware Hash,"
	    "Manufacturer name,Device model\nMADE-0001,,T0");
	for (i = 0; i < sizeof(noise); i++)
		buf_byte(b, (uint8_t)digits[noise[i] % 64]);
	buf_str(b, ",Example Computers,Example 14 G1\n");
	text_finish(b, l);
}

void
autopilot_file_make(struct buf *b, const struct scenario *s,
    const struct line *l)
{
	(void)s;
	buf_str(b, "{\"AutopilotServiceCorrelationId\":"
	    "\"11111111-2222-4333-8444-555555555555\","
	    "\"CloudAssignedOobeConfig\":1310,"
	    "\"CloudAssignedTenantDomain\":\"example.onmicrosoft.example\","
	    "\"CloudAssignedTenantId\":"
	    "\"66666666-7777-4888-8999-aaaaaaaaaaaa\","
	    "\"DeploymentProfileName\":\"Example profile\","
	    "\"PolicyDownloadDate\":\"2023-03-29T08:01:02Z\","
	    "\"ZtdRegistrationId\":"
	    "\"bbbbbbbb-cccc-4ddd-8eee-ffffffffffff\"}");
	(void)l;
}

/* A file that nothing reads. */
void
noise_file_make(struct buf *b, const struct scenario *s,
    const struct line *l)
{
	uint8_t noise[300];

	(void)s;
	(void)l;
	rng_bytes("noise file", 0, noise, sizeof(noise));
	noise[0] = 0xfe;
	buf_put(b, noise, sizeof(noise));
}
