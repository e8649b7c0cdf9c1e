/*
 * The embedded tables and the look-ups in them.  Relies on the library's
 * tables; two checks compare them with a collection that may be absent.
 */
#include "tap.h"

#include <stdint.h>
#include <strings.h>

#include "evidence/evidence.h"
#include "knowledge/knowledge.h"
#include "knowledge/table.h"

#define DAY	(INT64_C(86400) * 1000000)

static bool
is(struct str s, const char *text)
{
	if (!str_is(s, text))
		printf("# found  %.*s\n# wanted %s\n", (int)s.n, s.p, text);
	return str_is(s, text);
}

static int64_t
day(int y, int m, int d)
{
	return time_make(y, m, d, 12, 0, 0);
}

/* ---- tables ---- */

static void
test_tables(void)
{
	struct table t;
	struct row row;
	size_t off, i, rows, n;
	bool sorted = true;

	tap_ok(embedded_find("data/codes.tsv") != NULL, "a table is found");
	tap_ok(embedded_find("data/none.tsv") == NULL, "no table is not");
	for (i = 1; embedded_files[i - 1].name != NULL &&
	    embedded_files[i].name != NULL; i++)
		if (strcmp(embedded_files[i - 1].name,
		    embedded_files[i].name) >= 0)
			sorted = false;
	tap_ok(sorted, "embedded files are sorted by name");
	tap_is_number((long long)strlen(embedded_sha256), 64,
	    "the digest has 64 digits");

	/* Each row of a sorted table is found by its own text. */
	table_open(&t, "data/authorities.tsv",
	    "prefix\tform\tid\tstate\tissuer\n");
	n = 0;
	for (off = rows = 0; table_next(&t, &off, &row); rows++) {
		size_t want = (size_t)(row.col[0].p - t.p);

		if (table_seek(&t, row.col[0].p, (size_t)(row.col[3].p -
		    row.col[0].p)) != want)
			n++;
	}
	tap_ok(rows > 300 && n == 0, "each of %zu rows is found", rows);
	tap_is_number((long long)table_seek(&t, "\x7f", 1), (long long)t.n,
	    "a key after all rows gives the end");
	tap_is_number((long long)table_seek(&t, "", 0), 0,
	    "an empty key gives the start");
	tap_is_number(str_time((struct str){ "2023-04-03", 10 }),
	    time_make(2023, 4, 3, 0, 0, 0), "a date");
	tap_is_number(str_time((struct str){ "2023-02-08T15:28:15Z", 20 }),
	    time_make(2023, 2, 8, 15, 28, 15), "a time");
}

/* ---- codes ---- */

static void
test_codes(void)
{
	static const struct {
		uint32_t code;
		const char *symbol, *kind;
	} cases[] = {
		{ 0x81039001, "E_AUTOPILOT_CLIENT_TPM_MAX_ATTESTATION_RETRY_"
		    "EXCEEDED", "HRESULT" },
		{ 0x80190190, "HTTP_E_STATUS_BAD_REQUEST", "HRESULT" },
		{ 0x80190194, "HTTP_E_STATUS_NOT_FOUND", "HRESULT" },
		{ 0x801901ad, "", "HRESULT" },
		{ 0x80070490, "ERROR_NOT_FOUND", "Win32" },
		{ 0x800705b4, "ERROR_TIMEOUT", "Win32" },
		{ 0x80070057, "ERROR_INVALID_PARAMETER", "Win32" },
		{ 0x80072ee7, "ERROR_WINHTTP_NAME_NOT_RESOLVED", "Win32" },
		{ 0x80072f8f, "ERROR_WINHTTP_SECURE_FAILURE", "Win32" },
		{ 0x80090016, "NTE_BAD_KEYSET", "HRESULT" },
		{ 0x802800a5, "TPM_20_E_BINDING", "HRESULT" },
		{ 0x8028400f, "TBS_E_TPM_NOT_FOUND", "HRESULT" },
		{ 0x80280921, "TPM_20_E_LOCKOUT", "HRESULT" },
		{ 0x801c0003, "DSREG_E_DEVICE_AUTHORIZATION_ERROR",
		    "HRESULT" },
		{ 0x80180014, "MENROLL_E_DEVICENOTSUPPORTED", "HRESULT" },
		{ 1168, "ERROR_NOT_FOUND", "Win32" },
		{ 0x802801c4, "TPM_RC_VALUE", "TPM 2.0, parameter 1" },
		{ 0x80280b8e, "TPM_RC_AUTH_FAIL", "TPM 2.0, session 3" },
		{ 0x8028028b, "TPM_RC_HANDLE", "TPM 2.0, handle 2" },
		{ 0xc0290001, "STATUS_TPM_AUTHFAIL", "NTSTATUS" },
		{ 0xd0290001, "STATUS_TPM_AUTHFAIL", "NTSTATUS as HRESULT" },
		{ 0x801901c3, "Unavailable For Legal Reasons", "HTTP" },
		{ 0, "S_OK", "HRESULT" },
	};
	struct code_info all[16];
	size_t i, n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		n = code_lookup(cases[i].code, all, 16);
		tap_ok(n > 0 && is(all[0].symbol, cases[i].symbol) &&
		    is(all[0].kind, cases[i].kind) && all[0].source.n > 0,
		    "0x%08x is %s", (unsigned int)cases[i].code,
		    cases[i].symbol);
	}
	tap_is_number((long long)code_lookup(0x80ab1234, all, 16), 0,
	    "an unknown code has no reading");
	n = code_lookup(0x80190190, NULL, 0);
	tap_is_number((long long)n, 3, "readings are counted without room");
	n = code_lookup(0x80190001, all, 16);
	tap_ok(n == 2, "0x80190001 has both of its names");
	n = code_lookup(404, all, 16);
	tap_ok(n >= 2 && is(all[0].kind, "Win32") && is(all[1].kind, "HTTP"),
	    "404 is read as Win32 and as HTTP");
	n = code_lookup(0x80070057, all, 16);
	tap_ok(n >= 2 && is(all[1].symbol, "E_INVALIDARG") &&
	    all[1].meaning.n > 0 && all[1].meaning.p == all[0].meaning.p,
	    "names of one code share the meaning");
	n = code_lookup(0x1e, all, 16);
	tap_ok(n >= 2, "a low number is Win32 and TPM");
	tap_is_number((long long)code_by_symbol("hTtP_e_status_BAD_request",
	    all, 16), 1, "a name is found in any case");
	tap_is_number(all[0].code, 0x80190190, "and gives the code");
	tap_is_number((long long)code_by_symbol("E_NONE_SUCH", all, 16), 0,
	    "an unknown name is not");
	tap_is_number((long long)code_by_symbol("", all, 16), 0,
	    "nor is an empty one");
	tap_ok(is(code_symbol(0x80190190), "HTTP_E_STATUS_BAD_REQUEST") &&
	    is(code_symbol(0x801901ad), "") && is(code_symbol(0x80ab1234),
	    ""), "the best symbol, or none");
	tap_ok(is(code_facility(25), "HTTP") && is(code_facility(0x7ff), ""),
	    "facilities have names");
	tap_ok(code_count() >= 25000, "%zu codes", code_count());
	tap_ok(code_advised() >= 400, "%zu codes with advice",
	    code_advised());
}

/* ---- authorities ---- */

static void
test_authorities(void)
{
	static const char ifx039[] =
	    "0d9969519b979d32ee4b803165664e9cc86f9d0d";
	static const char cz[] = "1482fd9cb88afbb7f917ca14225f8916f310400d";
	static const char pluton[] =
	    "bb960cfc5436fa70f7e5c5a0d32cb65b743e112f";
	struct authority_info a;
	struct table t;
	struct row row;
	char prefix[16], form[8], id[64];
	size_t off = 0, rows = 0, wrong = 0;

	table_open(&t, "data/authorities.tsv",
	    "prefix\tform\tid\tstate\tissuer\n");
	for (; table_next(&t, &off, &row); rows++) {
		bool listed = str_is(row.col[3], "listed");

		(void)lower_copy(prefix, sizeof(prefix), row.col[0].p,
		    row.col[0].n);
		(void)lower_copy(form, sizeof(form), row.col[1].p,
		    row.col[1].n);
		(void)lower_copy(id, sizeof(id), row.col[2].p, row.col[2].n);
		authority_at(prefix, form, id, 0, &a);
		if (!a.known || a.state != (listed ? AUTHORITY_LISTED :
		    AUTHORITY_REMOVED)) {
			printf("# %s-%s-%s\n", prefix, form, id);
			wrong++;
		}
		authority_at(prefix, form, id, day(2024, 11, 21), &a);
		if (a.state != (listed ? AUTHORITY_LISTED :
		    AUTHORITY_REMOVED))
			wrong++;
	}
	tap_ok(rows == 350 && wrong == 0,
	    "the changes lead to the list's last state in all %zu rows", rows);

	authority_at("IFX", "KeyId", ifx039, day(2023, 3, 29), &a);
	tap_ok(a.state == AUTHORITY_LISTED && a.known &&
	    a.since == time_make(2018, 12, 12, 0, 0, 0) && a.until == 0,
	    "Infineon 039 is listed on 2023-03-29, in any case");
	tap_ok(strstr(a.issuer.p, "RSA CA 039") != NULL, "with its CA");
	authority_at("ifx", "keyid", ifx039, day(2018, 12, 11), &a);
	tap_ok(a.state == AUTHORITY_NOT_YET &&
	    a.since == time_make(2018, 12, 12, 0, 0, 0),
	    "not yet on the day before");
	authority_at("ifx", "keyid", ifx039, day(2016, 1, 1), &a);
	tap_ok(a.state == AUTHORITY_UNKNOWN, "unknown before the log");
	authority_at("ifx", "keyid", ifx039, day(2024, 11, 22), &a);
	tap_ok(a.state == AUTHORITY_NEWER_THAN_LIST && a.since != 0,
	    "newer than the list on the day after it");

	authority_at("amd", "keyid", cz, day(2022, 7, 31), &a);
	tap_ok(a.state == AUTHORITY_LISTED &&
	    a.until == time_make(2022, 8, 1, 0, 0, 0),
	    "AMD CZ is listed until its removal");
	authority_at("amd", "keyid", cz, day(2023, 12, 14), &a);
	tap_ok(a.state == AUTHORITY_REMOVED &&
	    a.until == time_make(2022, 8, 1, 0, 0, 0) &&
	    a.last_removed == a.until, "and removed after it");
	authority_at("amd", "keyid", cz, day(2026, 1, 1), &a);
	tap_ok(a.state == AUTHORITY_NEWER_THAN_LIST && a.until != 0,
	    "after the list: newer, the removal is still told");
	authority_at("amd", "keyid",
	    "578c545f796951421221a4a578acdb5f682f89c8", day(2022, 3, 16), &a);
	tap_ok(a.state == AUTHORITY_REMOVED,
	    "AMD's root is removed on 2022-03-15");
	authority_at("amd", "keyid", pluton, day(2022, 1, 30), &a);
	tap_ok(a.state == AUTHORITY_LISTED, "a renamed id before");
	authority_at("amd", "keyid", pluton, day(2022, 1, 31), &a);
	tap_ok(a.state == AUTHORITY_REMOVED, "its old prefix ends");
	authority_at("msft", "keyid", pluton, day(2022, 1, 30), &a);
	tap_ok(a.state == AUTHORITY_NOT_YET, "its new one is not yet");
	authority_at("msft", "keyid", pluton, day(2022, 1, 31), &a);
	tap_ok(a.state == AUTHORITY_LISTED, "and then is");
	authority_at("ifx", "keyid",
	    "9c7df5a91c3d49bbe7378d4aba12ff8e78a2d75c", day(2017, 11, 6), &a);
	tap_ok(a.state == AUTHORITY_LISTED && a.since == 0,
	    "a first change that removes: listed before");
	authority_at("ifx", "keyid",
	    "9c7df5a91c3d49bbe7378d4aba12ff8e78a2d75c", day(2018, 1, 1), &a);
	tap_ok(a.state == AUTHORITY_REMOVED, "removed between");
	authority_at("ifx", "keyid",
	    "9c7df5a91c3d49bbe7378d4aba12ff8e78a2d75c", day(2021, 10, 1), &a);
	tap_ok(a.state == AUTHORITY_LISTED &&
	    a.since == time_make(2018, 9, 26, 0, 0, 0), "listed again");
	authority_at("ntc", "keyid",
	    "a52cb647e0909bda2e7f7d913f62d88b1389e2c6", day(2024, 5, 5), &a);
	tap_ok(a.state == AUTHORITY_LISTED &&
	    a.since == time_make(2021, 6, 17, 0, 0, 0),
	    "removed and added on one day: never gone");
	authority_at("ntc", "keyid",
	    "a52cb647e0909bda2e7f7d913f62d88b1389e2c6", day(2024, 5, 1), &a);
	tap_ok(a.state == AUTHORITY_LISTED && a.until == 0,
	    "nor about to go");
	authority_at("intl", "keyid",
	    "145126d0fdb53e99907d6fc6ff1b90455b9e324a", day(2020, 1, 1), &a);
	tap_ok(a.state == AUTHORITY_LISTED,
	    "listed without a change: since before the log");
	authority_at("intc", "keyid",
	    "145126d0fdb53e99907d6fc6ff1b90455b9e324a", day(2020, 1, 1), &a);
	tap_ok(a.known, "intl and intc are two prefixes");
	authority_at("ifx", "nameid", ifx039, day(2023, 3, 29), &a);
	tap_ok(!a.known && a.state == AUTHORITY_NO,
	    "the form belongs to the id");
	authority_at("ifx", "keyid", "00112233445566778899aabbccddeeff"
	    "00112233", day(2023, 3, 29), &a);
	tap_ok(!a.known && a.state == AUTHORITY_NO, "an id in no list");
	authority_at("ifx", "keyid", "00112233445566778899aabbccddeeff"
	    "00112233", day(2025, 3, 29), &a);
	tap_ok(a.state == AUTHORITY_NEWER_THAN_LIST,
	    "which says nothing after the list");
	authority_at("", "", "", 0, &a);
	tap_ok(!a.known, "nothing is no authority");
}

static void
test_hosts(void)
{
	static const struct {
		const char *name, *prefix, *form;
		size_t id;
		bool test;
	} good[] = {
		{ "ifx-keyid-0d9969519b979d32ee4b803165664e9cc86f9d0d."
		    "microsoftaik.azure.net", "ifx", "keyid", 40, false },
		{ "IFX-KeyId-0D9969519B979D32EE4B803165664E9CC86F9D0D",
		    "ifx", "keyid", 40, false },
		{ "NTC-NameId-3507d82bfb03c0db46cf9b6f59e3b20f18bfb29c."
		    "MicrosoftAIK.Azure.NET.", "ntc", "nameid", 40, false },
		{ "NTZ-keyid-6ea5bcbda0be52890507175a3c12e8a3b8386f0cc",
		    "ntz", "keyid", 41, false },
		{ "amd-keyid-bc8eac10844f5c7ebfe8bac2ceb50e8cdf34ef88."
		    "microsoftaik-int.azure-int.net:443", "amd", "keyid", 40,
		    true },
		{ "EUS-NTC-KEYID-882F047B87121CF9885F31160BC7BB5586AF471B",
		    "ntc", "keyid", 40, false },
	};
	static const char *const bad[] = {
		"", "microsoftaik.azure.net", "ifx-keyid-",
		"ifx-keyid-xyz.microsoftaik.azure.net",
		"keyid-0d9969519b979d32ee4b803165664e9cc86f9d0d",
		"ifx-keyid-0d9969519b979d32ee4b803165664e9cc86f9d0d."
		    "evil.example",
		"ifx-keyid-0d9969519b979d32ee4b803165664e9cc86f9d0d."
		    "microsoftaik.azure.net.evil.example",
		"eus-ifx-keyid-0d9969519b979d32ee4b803165664e9cc86f9d0d."
		    "microsoftaik.azure.net",
		"verylongvendorname-keyid-0d9969519b979d32ee4b803165664e9cc8"
	};
	static const struct {
		const char *host;
		enum host_scope scope;
	} scopes[] = {
		{ "ifx-keyid-1.microsoftaik.azure.net", HOST_AIK },
		{ "IFX-KEYID-1.MICROSOFTAIK.AZURE.NET:443", HOST_AIK },
		{ "eusaikpublish.microsoftaik.azure.net", HOST_AIA },
		{ "azcsprodeusaikpublish.blob.core.windows.net", HOST_AIA },
		{ "pki.infineon.com", HOST_AIA },
		{ "ekop.intel.com", HOST_EK_SERVICE },
		{ "ftpm.amd.com", HOST_EK_SERVICE },
		{ "ztd.dds.microsoft.com", HOST_ENROLMENT },
		{ "fef.msua01.manage.microsoft.com", HOST_ENROLMENT },
		{ "login.live.com.", HOST_SIGN_IN },
		{ "has.spserv.microsoft.com", HOST_DEVICE_HEALTH },
		{ "microsoftaik.azure.net", HOST_OTHER },
		{ "www.microsoft.com", HOST_OTHER },
		{ "notekop.intel.com", HOST_OTHER },
		{ "evil-microsoftaik.azure.net", HOST_OTHER },
		{ "ifx.microsoftaik.azure.net.evil.example", HOST_OTHER },
		{ "", HOST_OTHER },
	};
	struct aik_host h;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		tap_ok(aik_host_parse(good[i].name, strlen(good[i].name),
		    &h) && strcmp(h.prefix, good[i].prefix) == 0 &&
		    strcmp(h.form, good[i].form) == 0 &&
		    strlen(h.id) == good[i].id && h.test == good[i].test,
		    "an authority: %s", good[i].name);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		tap_ok(!aik_host_parse(bad[i], strlen(bad[i]), &h) &&
		    h.prefix[0] == '\0', "no authority: %s", bad[i]);
	for (i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
		tap_ok(host_scope(scopes[i].host) == scopes[i].scope,
		    "%s is %s", scopes[i].host,
		    host_scope_names[scopes[i].scope]);
}

/* ---- issuers ---- */

static void
test_issuers(void)
{
	static const char ski[] = "5D0815951F5F60638A69E7252F3EC4BECD7554B2";
	struct issuer_info info, other;
	struct reissue_info r;
	struct table t;
	struct row row;
	size_t off = 0, n, ifx = 0, ntz = 0, odd = 0;
	char key[64], old[64], new[64], digest[80];

	for (n = 0; issuer_by_ski(ski, n, &info); n++)
		;
	tap_is_number((long long)n, 2, "Infineon 042 has two certificates");
	tap_ok(issuer_by_ski(ski, 0, &info) && is(info.vendor, "IFX") &&
	    is(info.kind, "intermediate") && is(info.serial, "00f29ed2") &&
	    is(info.cn, "Infineon OPTIGA(TM) TPM 2.0 RSA CA 042") &&
	    is(info.key, "RSA 2048"), "the older comes first");
	tap_ok(info.not_before == time_make(2018, 8, 20, 12, 40, 1) &&
	    info.not_after == time_make(2038, 8, 20, 12, 40, 1), "its dates");
	tap_ok(!issuer_by_ski("", 0, &info) && !issuer_by_ski("00", 0, &info),
	    "no key id, no certificate");
	tap_ok(issuer_by_ski(ski, 1, &info), "the newer one");
	(void)lower_copy(key, sizeof(key), info.name_sha1.p,
	    info.name_sha1.n);
	tap_ok(issuer_by_name(key, 1, &other) &&
	    str_is(other.subject, "C=DE, O=Infineon Technologies AG, "
	    "OU=OPTIGA(TM), CN=Infineon OPTIGA(TM) TPM 2.0 RSA CA 042"),
	    "both by the digest of the name");
	(void)lower_copy(digest, sizeof(digest), info.sha256.p,
	    info.sha256.n);
	tap_ok(issuer_by_sha256(digest, &other) &&
	    str_is(other.serial, "5ff5747b"), "one by its own digest");
	digest[0] = digest[0] == '0' ? '1' : '0';
	tap_ok(!issuer_by_sha256(digest, &other) &&
	    !issuer_by_sha256("", &other), "not by another one");
	tap_ok(issuer_by_name("3E6C3B35EF144B0A76CDCFA4080B8B7BCA3CC8EE", 0,
	    &other) && is(other.vendor, "NTC") && is(other.kind, "root") &&
	    is(other.cn, "Nuvoton TPM Root CA 1110"),
	    "a NameId is the digest of a Nuvoton root's name");
	tap_ok(issuer_by_ski("dcbb56abf118fca69a7511106584129ed54192b9", 0,
	    &info) && is(info.kind, "root") && issuer_signs_cas(info.ski),
	    "Infineon's RSA root signs CAs");
	(void)lower_copy(key, sizeof(key), ski, strlen(ski));
	tap_ok(!issuer_signs_cas((struct str){ key, strlen(key) }) &&
	    !issuer_signs_cas((struct str){ "", 0 }), "042 does not");

	table_open(&t, "data/reissues.tsv", "ski\tnew_serial\tvendor\tcn\t"
	    "old_serial\told_not_before\told_not_after\tnew_not_before\t"
	    "new_not_after\tloaded\tsource\n");
	while (table_next(&t, &off, &row)) {
		ifx += str_is(row.col[2], "IFX");
		ntz += str_is(row.col[2], "NTZ");
		(void)lower_copy(key, sizeof(key), row.col[0].p,
		    row.col[0].n);
		(void)lower_copy(new, sizeof(new), row.col[1].p,
		    row.col[1].n);
		(void)lower_copy(old, sizeof(old), row.col[4].p,
		    row.col[4].n);
		if (!reissue_find(key, new, &r) || reissue_find(key, old, &r)
		    || !reissue_by_ski(key, &r))
			odd++;
		if (r.new_not_after <= r.old_not_after || r.loaded == 0)
			odd++;
		if (!issuer_by_ski(key, 1, &info) ||
		    issuer_by_ski(key, 2, &info))
			odd++;
	}
	tap_ok(ifx == 16 && ntz == 3 && odd == 0,
	    "16 pairs of Infineon, 3 of Nationz, each in order");
	tap_ok(reissue_find(ski, "5FF5747B", &r) &&
	    r.loaded == time_make(2023, 4, 3, 0, 0, 0) &&
	    r.new_not_before == time_make(2023, 2, 8, 15, 28, 15) &&
	    is(r.old_serial, "00f29ed2"), "042's newer certificate");
	tap_ok(!reissue_find(ski, "f29ed2", &r), "not its older one");
	tap_ok(!reissue_by_ski("cf23e59526e446c3fe4f13eb686f624d705305f2",
	    &r), "a serial written twice is no re-issue");
}

/* ---- incidents and vendors ---- */

static void
test_incidents(void)
{
	struct incident_info i;
	struct issuer_info ca;
	bool found = false, known = true;
	char key[64];
	size_t n, at, cas = 0;

	for (n = 0; incident_get(n, &i); n++) {
		if (i.from >= i.to || i.source.n == 0 || i.what.n == 0)
			known = false;
		if (!str_is(i.id, "ifx-reissue-2023"))
			continue;
		found = i.from == time_make(2023, 2, 8, 0, 0, 0) &&
		    i.to == time_make(2023, 4, 4, 0, 0, 0) - 1 &&
		    str_is(i.code, "0x80190190") &&
		    str_is(i.stage, "PKIOperation-request");
		for (at = 0; at + 40 <= i.cas.n; at += 41, cas++) {
			(void)lower_copy(key, sizeof(key), i.cas.p + at, 40);
			if (!issuer_by_ski(key, 0, &ca))
				known = false;
		}
	}
	tap_ok(found && cas == 16, "the Infineon incident with its 16 CAs");
	tap_ok(known && n >= 2, "%zu incidents, each with dates and source",
	    n);
	tap_ok(!incident_get(n, &i) && !incident_get(SIZE_MAX, &i),
	    "none after the last");
}

static void
test_vendors(void)
{
	struct vendor_info v;

	tap_ok(vendor_by_id("ifx", 3, &v) && is(v.hex, "49465800") &&
	    is(v.prefix, "ifx") && !v.virtual, "IFX");
	tap_ok(vendor_by_id("STM ", 4, &v) && is(v.id, "STM"),
	    "a blank at the end");
	tap_ok(vendor_by_attribute("id:4e545A00", 11, &v) && is(v.id, "NTZ"),
	    "NTZ is not NTC");
	tap_ok(vendor_by_prefix("intl", 4, &v) && is(v.id, "INTC") &&
	    is(v.prefix, "intc"), "intl is Intel");
	tap_ok(vendor_by_id("VMW", 3, &v) && v.virtual, "VMware is virtual");
	tap_ok(!vendor_by_id("XXXX", 4, &v) && !vendor_by_id("", 0, &v) &&
	    !vendor_by_attribute("4E545A00", 8, &v) &&
	    !vendor_by_prefix("", 0, &v) && !vendor_by_id("   ", 3, &v),
	    "no vendor");
}

/* ---- against the collection, where it is ---- */

static FILE *
collection(const char *name)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];

	snprintf(path, sizeof(path), "%s/../shared/data/%s",
	    srcdir != NULL ? srcdir : ".", name);
	return fopen(path, "r");
}

/* Each row of a collected table is known by its name (column `name`). */
static void
test_collection(const char *table, size_t name, size_t least)
{
	FILE *f = collection(table);
	char line[4096], *col[4], *p;
	struct code_info all[CODE_READINGS];
	size_t rows = 0, wrong = 0, n, i, c;

	if (f == NULL) {
		tap_ok(true, "every collected code is known "
		    "# SKIP no ../shared");
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		for (p = line, c = 0; c < 4 && p != NULL; c++) {
			col[c] = p;
			if ((p = strchr(p, '\t')) != NULL)
				*p++ = '\0';
		}
		if (c <= name || strcmp(col[0], "code") == 0)
			continue;
		rows++;
		n = code_lookup((uint32_t)strtoull(col[0], NULL, 0), all,
		    CODE_READINGS);
		for (i = 0; i < n && i < CODE_READINGS; i++)
			if (str_is(all[i].symbol, col[name]))
				break;
		if (i >= n && ++wrong < 10)
			printf("# %s %s\n", col[0], col[name]);
	}
	fclose(f);
	tap_ok(rows > least && wrong == 0, "all %zu codes of %s are known "
	    "by their names", rows, table);
}

static bool
part_is(uint32_t code, const char *label, const char *text)
{
	struct code_info all[CODE_READINGS];
	struct code_part parts[8];
	size_t n = code_lookup(code, all, CODE_READINGS), i;

	n = code_parts(code, all, n < CODE_READINGS ? n : CODE_READINGS,
	    parts, 8);
	for (i = 0; i < n; i++)
		if (strcmp(parts[i].label, label) == 0)
			return strcmp(parts[i].text, text) == 0;
	return text == NULL;
}

static void
test_parts(void)
{
	struct code_info all[CODE_READINGS];

	tap_ok(part_is(0x80190194, "HRESULT", "failure, facility HTTP (25), "
	    "code 404 (0x194)") && part_is(0x80190194, "HTTP", "status 404"),
	    "an HTTP status in an HRESULT");
	tap_ok(part_is(0x802803c4, "TPM 2.0", "response code 0x3c4: format "
	    "one, error 0x04, of parameter 3"), "a parameter");
	tap_ok(part_is(0x8028028b, "TPM 2.0", "response code 0x28b: format "
	    "one, error 0x0b, of handle 2"), "a handle");
	tap_ok(part_is(0x8028098e, "TPM 2.0", "response code 0x98e: format "
	    "one, error 0x0e, of session 1"), "a session");
	tap_ok(part_is(0x8028009f, "TPM 2.0", "response code 0x09f: format "
	    "one, error 0x1f, of a handle without number"), "no number");
	tap_ok(part_is(0x80280101, "TPM 2.0", "response code 0x101: format "
	    "zero, error 0x01"), "format zero");
	tap_ok(part_is(0x80280921, "TPM 2.0", "response code 0x921: format "
	    "zero, warning 0x21"), "a warning");
	tap_ok(part_is(0x80280009, "TPM 1.2", "return code 9 (0x09)") &&
	    part_is(0x80280009, "TPM 2.0", NULL), "TPM 1.2");
	tap_ok(part_is(0x80280400, "TPM 2.0", NULL) &&
	    part_is(0x8028400f, "TPM 2.0", NULL), "Windows's own are none");
	tap_ok(code_parts(0, NULL, 0, NULL, 0) == 0, "0 has no parts");

	tap_ok(code_lookup_kind(2, "SCEP failInfo", all, CODE_READINGS) == 2 &&
	    is(all[0].symbol, "badRequest") && all[0].meaning.n > 0,
	    "failInfo 2");
	tap_ok(code_lookup_kind(11, "SCEP pkiStatus", all, CODE_READINGS) ==
	    1 && all[0].first_step.n > 0, "pkiStatus 11");
	tap_ok(code_lookup_kind(7, "SCEP failInfo", all, CODE_READINGS) == 0,
	    "there is no failInfo 7");
}

int
main(void)
{
	tap_plan(0);
	test_tables();
	test_codes();
	test_authorities();
	test_hosts();
	test_issuers();
	test_incidents();
	test_vendors();
	test_parts();
	test_collection("errors/errors.tsv", 2, 10000);
	test_collection("errors/errors-errexe-extra.tsv", 1, 15000);
	return tap_done();
}
