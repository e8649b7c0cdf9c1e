/*
 * Outputs of Windows' tools, registry exports and the files of the MDM
 * cabinet: what is read of them, that every value cites its very bytes in any
 * encoding, and that texts which only name a tool show nothing.
 * Relies on text_make.h and sample.h.
 */
#include <time.h>

#include "correlate/correlator.h"
#include "parsers/fields.h"
#include "tests/unit/sample.h"
#include "tests/unit/text_make.h"

static const char tpmtool[] = "\r\n-TPM Present: True\r\n-TPM Version: 2.0\r\n"
    "-TPM Manufacturer ID: IFX\r\n-TPM Manufacturer Version: 7.85.4555.0\r\n"
    "-Ready For Attestation: False\r\n-TPM Has Vulnerable Firmware: True\r\n"
    "-Bitlocker PCR7 Binding State: Bound\r\n-Lockout Information: \r\n"
    "\t-Is Locked Out: True\r\n\t-Lockout Counter: 31\r\n"
    "\t-Lockout Recovery: 86400s\r\n";

static const char ek_info[] = "IsPresent                : True\n"
    "PublicKeyHash            : 00112233445566778899aabbccddeeff00112233445566"
    "778899aabbccddeeff\n"
    "ManufacturerCertificates : {[Subject]\n"
    "                             OID.2.23.133.2.3=id:0755,\n"
    "                           OID.2.23.133.2.2=SLB 9670 TPM2.0,\n"
    "                           OID.2.23.133.2.1=id:49465800\n\n"
    "                           [Issuer]\n"
    "                             CN=Example CA, C=DE\n\n"
    "                           [Serial Number]\n"
    "                             0A0B0C\n\n"
    "                           [Thumbprint]\n"
    "                             00112233445566778899AABBCCDDEEFF00112233\n"
    "                           }\n"
    "AdditionalCertificates   : {}\n";

/* One text as a file with this name; free it with evidence_free() first. */
static struct evidence *
text_evidence(const char *name, const char *utf8, enum text_encoding e,
    bool bom, struct bytes *ret)
{
	*ret = make_str(utf8, e, bom);
	return sample_evidence(name, ret->p, ret->n);
}

/* Does the citation hold the value, in the encoding of its blob? */
static bool
cites_value(struct evidence *ev, const struct fact *f)
{
	const uint8_t *p = ev_bytes(ev, f->at);
	char text[4096];
	size_t i, n = 0;
	bool wide = f->at.len >= 2 && p != NULL && p[1] == 0;

	if (p == NULL || f->at.len / 2 >= sizeof(text))
		return false;
	for (i = 0; i < f->at.len; i += wide ? 2 : 1)
		text[n++] = (char)p[i];
	switch (f->value.type) {
	case VALUE_TEXT:
		return n == f->value.n && memcmp(text, f->value.p, n) == 0;
	case VALUE_BOOL:
		return n > 0 && n <= 8;
	case VALUE_INT:
	case VALUE_CODE:
	case VALUE_TIME:
		return n > 0 && text[n - 1] != ' ' && text[0] != ' ';
	case VALUE_BYTES:
		return n >= 2 * f->value.n;
	}
	return false;
}

static size_t
bad_citations(struct evidence *ev)
{
	static const enum item_kind kinds_of[] = {
		ITEM_TOOL, ITEM_LISTED, ITEM_KEY
	};
	const struct item *it;
	const struct fact *f;
	size_t i, bad = 0;

	for (i = 0; i < 3; i++)
		for (it = ev_first(ev, kinds_of[i]); it != NULL; it = it->next)
			for (f = it->facts; f != NULL; f = f->next)
				if (!f->derived && !cites_value(ev, f)) {
					printf("# %s\n", f->field->name);
					bad++;
				}
	return bad;
}

static size_t
count(const struct evidence *ev, enum item_kind kind)
{
	const struct item *it;
	size_t n = 0;

	for (it = ev_first(ev, kind); it != NULL; it = it->next)
		n++;
	return n;
}

static void
test_tpmtool(void)
{
	static const struct {
		enum text_encoding e;
		bool	 bom;
		const char *name;
	} forms[] = {
		{ TEXT_UTF8, false, "UTF-8" }, { TEXT_UTF8, true, "with BOM" },
		{ TEXT_UTF16LE, true, "UTF-16LE" },
		{ TEXT_UTF16LE, false, "UTF-16LE without BOM" },
		{ TEXT_UTF16BE, true, "UTF-16BE" }
	};
	struct evidence *ev;
	struct bytes b;
	struct item *it;
	size_t i;

	for (i = 0; i < 5; i++) {
		ev = text_evidence("t.txt", tpmtool, forms[i].e, forms[i].bom,
		    &b);
		it = ev_first(ev, ITEM_TOOL);
		tap_is_text(sample_show(ev, it, &tpmtool_firmware),
		    "7.85.4555.0", forms[i].name);
		tap_ok(it != NULL && item_truth(it, &tpmtool_locked_out,
		    false) && !item_truth(it, &tpmtool_ready_for_attestation,
		    true) && item_number(it, &tpmtool_lockout_recovery, 0) ==
		    86400, "%s: values", forms[i].name);
		tap_is_number((long long)(forms[i].e == TEXT_UTF16BE ? 0 :
		    bad_citations(ev)), 0, "every value cites its bytes");
		tap_is_text(sample_kind(ev), "tpmtool", "the input's kind");
		tap_is_number((long long)count(ev, ITEM_NOTE), 0,
		    "and nothing else");
		evidence_free(ev);
		free(b.p);
	}
	ev = text_evidence("t.txt", "-TPM Present: True\n-TPM Version: 2.0\n"
	    "-Something New: 7\n-Ready For Attestation: True\n", TEXT_UTF8,
	    false, &b);
	tap_ok(count(ev, ITEM_TOOL) == 1 && count(ev, ITEM_NOTE) == 0 &&
	    item_truth(ev_first(ev, ITEM_TOOL),
	    &tpmtool_ready_for_attestation, false),
	    "a line that is not known belongs to it");
	evidence_free(ev);
	free(b.p);
	ev = text_evidence("t.txt", "\n-TPM Present: False\n", TEXT_UTF8,
	    false, &b);
	it = ev_first(ev, ITEM_TOOL);
	tap_ok(it != NULL && !item_truth(it, &tpmtool_present, true),
	    "without a TPM there is one line");
	evidence_free(ev);
	free(b.p);
	ev = text_evidence("t.txt", "> \xe2\x80\x93TPM Present: True\n"
	    "> \xe2\x80\x93TPM Version: 1.2\n> -TPM Manufacturer ID: IFX\n",
	    TEXT_UTF8, false, &b);
	tap_is_text(sample_show(ev, ev_first(ev, ITEM_TOOL),
	    &tpmtool_version), "1.2", "quoted, with a mailer's hyphens");
	evidence_free(ev);
	free(b.p);
}

static void
test_ek_info(void)
{
	struct evidence *ev;
	struct bytes b;
	struct item *it;

	ev = text_evidence("ek.txt", ek_info, TEXT_UTF8, false, &b);
	it = ev_first(ev, ITEM_TOOL);
	tap_ok(it != NULL && item_number(it, &ekinfo_manufacturer_count, -1) ==
	    1 && item_number(it, &ekinfo_additional_count, -1) == 0,
	    "one certificate, and an empty list");
	it = ev_first(ev, ITEM_LISTED);
	tap_is_text(sample_show(ev, it, &listed_subject),
	    "OID.2.23.133.2.3=id:0755, OID.2.23.133.2.2=SLB 9670 TPM2.0, "
	    "OID.2.23.133.2.1=id:49465800", "a subject over several lines");
	tap_is_text(sample_show(ev, it, &listed_model), "SLB 9670 TPM2.0",
	    "an attribute of it");
	tap_is_text(sample_show(ev, it, &listed_vendor), "IFX", "its vendor");
	tap_is_text(sample_show(ev, it, &listed_serial), "0a0b0c", "serial");
	tap_is_number((long long)bad_citations(ev), 0,
	    "every value cites its bytes");
	evidence_free(ev);
	free(b.p);

	ev = text_evidence("ek.txt", "IsPresent : True\n"
	    "PublicKeyHash : 00\nManufacturerCertificates : {[Subject]\n",
	    TEXT_UTF8, false, &b);
	it = ev_first(ev, ITEM_TOOL);
	tap_ok(it != NULL && item_fact(it, &ekinfo_manufacturer_count) == NULL,
	    "a list that is cut counts nothing");
	evidence_free(ev);
	free(b.p);
}

/* Texts that name the tools and show nothing of them. */
static void
test_mentions(void)
{
	static const char *const texts[] = {
		"tpmtool getdeviceinformation says TPM Present: False.\n",
		"TPM Present: False\n",
		"Is Locked Out: True is what I feared\nIs it?\n",
		"Ready For Attestation: what is that?\n",
		"ManufacturerCertificates : {} and nothing\n",
		"The NoValidEkCert bit of TpmHliInfo_Output.txt\n",
		"AzureAdJoined : YES is what dsregcmd should say\n",
		"X509 Certificate:\nno more\n",
		"Microsoft Windows [Version 10.0.19045.2728] is installed\n",
		"2023-03-29 see [FAIL] in the log | or not | really |\n",
		"Windows Registry Editor is what I used\n",
		"{\"TPM Present\":\"False\"}",
		"<html><body>-TPM Present: False<br>\n"
		    "-TPM Present: False\n</body></html>"
	};
	struct evidence *ev;
	struct bytes b;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		ev = text_evidence("note.txt", texts[i], TEXT_UTF8, false, &b);
		tap_ok(ev_first(ev, ITEM_TOOL) == NULL &&
		    ev_first(ev, ITEM_KEY) == NULL, "only words: %.*s",
		    (int)strcspn(texts[i], "\n"), texts[i]);
		evidence_free(ev);
		free(b.p);
	}
}

static void
test_several(void)
{
	char text[4096];
	struct evidence *ev;
	struct bytes b;
	const struct item *it;

	snprintf(text, sizeof(text), "Hello,\n\n"
	    "Microsoft Windows [Version 10.0.22631.3880]\n"
	    "(c) Microsoft Corporation. All rights reserved.\n\n"
	    "C:\\>tpmtool getdeviceinformation\n%s\nPS C:\\> "
	    "Get-TpmEndorsementKeyInfo\n%s\nThe screen says 0x81039001.\n"
	    "C:\\>certreq -enrollaik -config \"\"\n"
	    "GetCACaps: Not Found\nHTTP/1.1 404 Not Found\n\n"
	    "Not found (404). 0x80190194 (-2145844844 "
	    "HTTP_E_STATUS_NOT_FOUND)\n", tpmtool, ek_info);
	ev = text_evidence("all.txt", text, TEXT_UTF16LE, true, &b);
	tap_is_number((long long)count(ev, ITEM_TOOL), 3, "three tools");
	tap_is_number((long long)count(ev, ITEM_RUN), 1, "and a run");
	tap_is_text(sample_show(ev, ev_first(ev, ITEM_TOOL), &tool_build_f),
	    "10.0.22631.3880", "the banner's build");
	for (it = ev_first(ev, ITEM_NOTE); it != NULL; it = it->next)
		if (item_fact(it, &note_code) != NULL)
			break;
	tap_is_text(sample_show(ev, it, &note_code), "0x81039001",
	    "and the words between");
	tap_is_number((long long)bad_citations(ev), 0,
	    "every value cites its bytes");
	tap_is_text(sample_kind(ev), "certreq", "the input's kind");
	evidence_free(ev);
	free(b.p);
}

static void
test_registry(void)
{
	static const char reg[] = "Windows Registry Editor Version 5.00\r\n\r\n"
	    "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\"
	    "Cryptography\\Ngc\\AIKCertEnroll]\r\n"
	    "\"ErrorCode\"=dword:80190194\r\n\r\n"
	    "[-HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\TPM\\"
	    "WMI]\r\n\"EkCertificatePresent\"=dword:00000000\r\n\r\n"
	    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Other\\SystemCertificates\\CA\\"
	    "Certificates\\00112233445566778899AABBCCDDEEFF00112233]\r\n"
	    "\"Blob\"=hex:03,00,00,00,01,00,00,00,14,00,00,00,00,11,22,33,\\"
	    "\r\n  44,55,66,77,88,99,aa,bb,cc,dd,ee,ff,00,11,22,33,zz\r\n"
	    "\"Other\"=hex:00,\\\r\n  \"ErrorCode\"=dword:00000001\r\n";
	struct evidence *ev;
	struct bytes b;
	struct item *it;
	struct citation c;

	ev = text_evidence("dump.reg", reg, TEXT_UTF16LE, true, &b);
	tap_is_text(sample_kind(ev), "registry", "the input's kind");
	it = ev_first(ev, ITEM_KEY);
	tap_is_text(sample_show(ev, it, &registry_aik_error), "0x80190194",
	    "the AIK task's code");
	tap_is_number((long long)bad_citations(ev), 0,
	    "every value cites its bytes");
	tap_is_number((long long)count(ev, ITEM_KEY), 2,
	    "a key that is removed says nothing");
	it = ev_first(ev, ITEM_STORE_ELEMENT);
	tap_is_text(sample_show(ev, it, &store_sha1),
	    "00112233445566778899aabbccddeeff00112233",
	    "a Blob over two lines is a store element");
	tap_ok(it != NULL && ev_cite(ev, item_fact(it, &store_sha1)->at, &c) &&
	    c.nvia == 1 && strcmp(c.via[0], "hex") == 0 && c.offset == 12,
	    "it cites the bytes that the digits are");
	tap_ok(ev_problems(ev) != NULL, "what is no hex is said");
	evidence_free(ev);
	free(b.p);
}

/* Other ways to write down the same: reg query, no head, hex(3). */
static void
test_registry_forms(void)
{
	static const char *const texts[] = {
		"[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates"
		    "\\CA\\Certificates\\0011]\n\"blob\"=hex(3):03,00,00,00,"
		    "01,00,00,00,\\\n02,00,00,00,aa,bb\n",
		"\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\System"
		    "Certificates\\CA\\Certificates\\0011\r\n    Blob    "
		    "REG_BINARY    030000000100000002000000AABB\r\n",
	};
	static const char query[] = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControl"
	    "Set\\Control\\Cryptography\\Ngc\\AIKCertEnroll\r\n    ErrorCode"
	    "    REG_DWORD    0x80190194\r\n    Other    REG_SZ    x\r\n";
	struct evidence *ev;
	struct bytes b;
	size_t i;

	for (i = 0; i < 2; i++) {
		ev = text_evidence("x.txt", texts[i], TEXT_UTF8, false, &b);
		tap_is_text(sample_show(ev, ev_first(ev, ITEM_STORE_ELEMENT),
		    &store_sha1), "aabb", i == 0 ? "hex(3), and no head" :
		    "reg query");
		evidence_free(ev);
		free(b.p);
	}
	for (i = 0; i < 2; i++) {
		ev = text_evidence("x.txt", query, i == 0 ? TEXT_UTF8 :
		    TEXT_UTF16LE, i == 1, &b);
		tap_is_text(sample_show(ev, ev_first(ev, ITEM_KEY),
		    &registry_aik_error), "0x80190194", "a number of it");
		tap_is_number((long long)bad_citations(ev), 0, "which cites");
		evidence_free(ev);
		free(b.p);
	}
}

static void
test_mdm(void)
{
	static const char hli[] = "Warning! Unknown TPM Version detected!\n"
	    "TpmHLI IsReady for Attestation result: 0x00000000\nReady: False\n"
	    "Bits:  0x000000000000000A\n";
	static const char words[] = "TPM Version: 2.0\n  - NoValidEkCert\n"
	    "LostAuths: False\nNoTcgEventLog: 0\nNoValidEkCertOfMine\n";
	static const char dtd[] = "<?xml version=\"1.0\"?>\n<!DOCTYPE a "
	    "[<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n"
	    "<MDMEnterpriseDiagnosticsReport><SwV>&x;</SwV>"
	    "</MDMEnterpriseDiagnosticsReport>";
	static const char csv[] = "Device Serial Number,Windows Product ID,"
	    "Hardware Hash\n\"S, 1\",,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
	struct evidence *ev;
	struct bytes b;
	struct item *it;
	const struct fact *f;
	bool shown = false;

	ev = text_evidence("TpmHliInfo_Output.txt", hli, TEXT_UTF16LE, false,
	    &b);
	it = ev_first(ev, ITEM_TOOL);
	tap_ok(it != NULL && item_truth(it, &hli_no_valid_ek, false) &&
	    item_truth(it, &hli_no_srk, false) &&
	    !item_truth(it, &hli_no_event_log, true) &&
	    item_truth(it, &hli_unknown_version, false),
	    "bits without their words");
	evidence_free(ev);
	free(b.p);
	ev = text_evidence("TpmHliInfo_Output.txt", words, TEXT_UTF8, false,
	    &b);
	it = ev_first(ev, ITEM_TOOL);
	tap_ok(it != NULL && item_truth(it, &hli_no_valid_ek, false) &&
	    !item_truth(it, &hli_lost_auths, false) &&
	    !item_truth(it, &hli_no_event_log, false),
	    "the words without their bits, and what is denied");
	evidence_free(ev);
	free(b.p);
	ev = text_evidence("MDMDiagReport.xml", dtd, TEXT_UTF8, false, &b);
	it = ev_first(ev, ITEM_TOOL);
	tap_ok(it != NULL && item_fact(it, &tool_build_f) == NULL &&
	    ev_problems(ev) != NULL, "a document type ends the reading");
	evidence_free(ev);
	free(b.p);
	ev = text_evidence("hash.csv", csv, TEXT_UTF8, false, &b);
	it = ev_first(ev, ITEM_TOOL);
	tap_ok(it != NULL && item_truth(it, &device_hash_present, false),
	    "a hash is there");
	tap_is_text(sample_show(ev, it, &device_hash_serial), "S, 1",
	    "a quoted cell");
	for (f = it != NULL ? it->facts : NULL; f != NULL; f = f->next)
		shown |= f->at.len > 8 && memmem(ev_bytes(ev, f->at),
		    f->at.len, "AAAAAAAA", 8) != NULL &&
		    f->field != &tool_name;
	tap_ok(!shown, "but no value cites it");
	evidence_free(ev);
	free(b.p);
}

/* Texts that make a careless search slow. */
static void
test_slow(void)
{
	static const char *const units[] = {
		"Ready: x\n", "AzureAdJoined : x\n", "PublicKey : {\n",
		"X509 Certificate:\n", "C:\\>certutil -tpminfo\n",
		"==== Certificate 0 =\n", "-TPM Present: x\n", "TpmPresent\n",
		"[HKEY_X\\SystemCertificates\\A\\Certificates\\B]\n",
		"\"Blob\"=hex:00,\\\n"
	};
	size_t i, j, n = 200000, len;
	struct evidence *ev;
	clock_t began = clock();
	char *text;
	bool head;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		len = strlen(units[i]);
		head = i >= 8;
		text = malloc(n * len + 64);
		j = (size_t)sprintf(text, "%s", head ? "REGEDIT4\n\n" :
		    "IsReadyInformation\n");
		for (; j < n * len; j += len)
			memcpy(text + j, units[i], len);
		ev = sample_evidence("slow.txt", (uint8_t *)text, j);
		evidence_free(ev);
		free(text);
	}
	tap_ok((clock() - began) / CLOCKS_PER_SEC < 20,
	    "texts of one line again and again take no time (%ld ms)",
	    (long)((clock() - began) * 1000 / CLOCKS_PER_SEC));
}

/* Cuts and changes of the samples; the sanitizers judge. */
static void
test_damage(void)
{
	static const char *const files[] = {
		"tool-ready/console.txt", "tool-locked-out/tpmtool.txt",
		"tools-in-a-mail/mail.txt", "dsregcmd-join-refused/dsregcmd.txt",
		"ek-info-only/ek.txt", "script-log/log.txt",
		"registry-ek-stores/endorsement.reg",
		"registry-ansi/endorsement.reg",
		"mdm-no-ek-certificate/DiagLogs.zip",
		"amd-ek-service-404/TpmHliInfo_Output.txt",
		"system-certificates/SystemCertificates.zip"
	};
	const char *srcdir = getenv("srcdir"), *name;
	char path[4096];
	uint8_t *p;
	size_t i, n;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/samples/%s",
		    srcdir != NULL ? srcdir : ".", files[i]);
		p = sample_read(path, &n);
		name = strrchr(files[i], '/') + 1;
		if (p != NULL)
			sample_torture(name, p, n, 100);
		tap_ok(p != NULL, "%s cut and changed", files[i]);
		free(p);
	}
}

/* A folder of the SYSTEM profile in an archive keeps its names. */
static void
test_folder(void)
{
	const char *srcdir = getenv("srcdir");
	struct evidence *ev;
	struct item *it;
	char path[4096];
	uint8_t *p;
	size_t n;

	snprintf(path, sizeof(path), "%s/samples/system-certificates/"
	    "SystemCertificates.zip", srcdir != NULL ? srcdir : ".");
	p = sample_read(path, &n);
	ev = sample_evidence("SystemCertificates.zip", p, n);
	it = ev_first(ev, ITEM_STORE_ELEMENT);
	tap_ok(it != NULL && item_truth(it, &store_name_matches, false),
	    "an element in a folder of a ZIP is named by its thumbprint");
	evidence_free(ev);
	free(p);
}

int
main(void)
{
	(void)evidence_of;
	test_tpmtool();
	test_ek_info();
	test_mentions();
	test_several();
	test_registry();
	test_registry_forms();
	test_mdm();
	test_slow();
	test_damage();
	test_folder();
	return tap_done();
}
