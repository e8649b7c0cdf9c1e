/*
 * Error codes: every reading that a number has, the best first.
 * Relies on data/codes.tsv (names) and data/advice.tsv (what they mean), both
 * sorted by code and kind, and on data/facilities.tsv.
 * HRESULT: [MS-ERREF] 2.1; TPM 2.0: TCG Library Part 2, 6.6.
 */
#include "knowledge/table.h"

#include <stdio.h>
#include <string.h>

#define FACILITY_WIN32	7
#define FACILITY_HTTP	25
#define FACILITY_TPM	40
#define NT_BIT		UINT32_C(0x10000000)

enum { CODE, KIND, SYMBOL, SOURCE };
enum { A_CODE, A_KIND, A_SYMBOL, A_MEANING, A_FIRST_STEP };

static const struct str	none = { "", 0 };

/* Where an answer is gathered; n goes on counting when it is full. */
struct readings {
	struct code_info	*p;
	size_t			 n, max;
};

/* Format-one TPM 2.0 codes name what they complain about. */
static const char *const	tpm_parameters[16] = {
	"TPM 2.0", "TPM 2.0, parameter 1", "TPM 2.0, parameter 2",
	"TPM 2.0, parameter 3", "TPM 2.0, parameter 4", "TPM 2.0, parameter 5",
	"TPM 2.0, parameter 6", "TPM 2.0, parameter 7", "TPM 2.0, parameter 8",
	"TPM 2.0, parameter 9", "TPM 2.0, parameter 10",
	"TPM 2.0, parameter 11", "TPM 2.0, parameter 12",
	"TPM 2.0, parameter 13", "TPM 2.0, parameter 14",
	"TPM 2.0, parameter 15"
};
static const char *const	tpm_handles[16] = {
	"TPM 2.0", "TPM 2.0, handle 1", "TPM 2.0, handle 2",
	"TPM 2.0, handle 3", "TPM 2.0, handle 4", "TPM 2.0, handle 5",
	"TPM 2.0, handle 6", "TPM 2.0, handle 7", "TPM 2.0, session",
	"TPM 2.0, session 1", "TPM 2.0, session 2", "TPM 2.0, session 3",
	"TPM 2.0, session 4", "TPM 2.0, session 5", "TPM 2.0, session 6",
	"TPM 2.0, session 7"
};

static struct str
str_of(const char *s)
{
	struct str r = { s, strlen(s) };

	return (r);
}

static void
codes_open(struct table *t)
{
	table_open(t, "data/codes.tsv", "code\tkind\tsymbol\tsource\n");
}

static void
advice_open(struct table *t)
{
	table_open(t, "data/advice.tsv",
	    "code\tkind\tsymbol\tmeaning\tfirst_step\n");
}

struct str
code_facility(uint32_t facility)
{
	struct table t;
	struct row row;
	char key[16];
	size_t off;

	table_open(&t, "data/facilities.tsv", "facility\tname\tnote\n");
	(void)snprintf(key, sizeof(key), "0x%04x\t", (unsigned int)facility);
	off = table_seek(&t, key, strlen(key));
	if (!table_at(&t, off, key, strlen(key)) ||
	    !table_next(&t, &off, &row))
		return (none);
	return (row.col[1]);
}

/* Which advice a code has: its own, or that of the code inside it. */
static bool
advice_exact(uint32_t code, const char *kind, struct row *ret)
{
	struct table t;
	char key[40];
	size_t off, n;

	advice_open(&t);
	(void)snprintf(key, sizeof(key), "0x%08x\t%s\t", (unsigned int)code,
	    kind);
	n = strlen(key);
	off = table_seek(&t, key, n);
	return (table_at(&t, off, key, n) && table_next(&t, &off, ret));
}

static uint32_t
tpm2_base(uint32_t rc)
{
	return ((rc & 0x80) == 0 ? rc : rc & 0xbf);
}

static bool
advice_find(uint32_t code, const char *kind, struct row *ret)
{
	uint32_t low = code & 0xffff;

	if (advice_exact(code, kind, ret))
		return (true);
	if (strcmp(kind, "HRESULT") != 0)
		return (false);
	switch (code >> 16) {
	case 0x8000 + FACILITY_WIN32:
		return (advice_exact(low, "Win32", ret));
	case 0x8000 + FACILITY_HTTP:
		return (advice_exact(low, "HTTP", ret));
	case 0x8000 + FACILITY_TPM:
		return (low <= 0xfff &&
		    advice_exact(tpm2_base(low), "TPM 2.0", ret));
	default:
		return (false);
	}
}

/* How far back a name stands: the chosen one, headers, err.exe's headers. */
static size_t
row_rank(const struct row *row, struct str best)
{
	if (best.n > 0 && str_same(row->col[SYMBOL], best.p, best.n))
		return (0);
	return (row->col[SOURCE].n > 8 &&
	    memcmp(row->col[SOURCE].p, "err.exe:", 8) == 0 ? 2 : 1);
}

/*
 * Adds the names of a code that are of this kind, the best first; all share
 * what is known of it.  `as` renames the kind where the number was read out
 * of another one.
 */
static void
add(struct readings *r, uint32_t code, const char *kind, const char *as)
{
	struct code_info info;
	struct row row, advice;
	struct table t;
	char key[40];
	size_t start, off, n, rank;
	bool known = advice_find(code, kind, &advice);

	codes_open(&t);
	(void)snprintf(key, sizeof(key), "0x%08x\t%s\t", (unsigned int)code,
	    kind);
	n = strlen(key);
	start = table_seek(&t, key, n);
	if (!table_at(&t, start, key, n))
		return;
	info.code = code;
	info.meaning = known ? advice.col[A_MEANING] : none;
	info.first_step = known ? advice.col[A_FIRST_STEP] : none;
	info.facility = strcmp(kind, "HRESULT") == 0 ?
	    code_facility(code >> 16 & 0x7ff) : none;
	for (rank = 0; rank < 3; rank++) {
		off = start;
		while (table_at(&t, off, key, n) &&
		    table_next(&t, &off, &row)) {
			if (row_rank(&row, known ? advice.col[A_SYMBOL] :
			    none) != rank)
				continue;
			info.kind = as != NULL ? str_of(as) : row.col[KIND];
			info.symbol = row.col[SYMBOL];
			info.source = row.col[SOURCE];
			if (r->n < r->max)
				r->p[r->n] = info;
			r->n++;
		}
	}
}

/* A TPM 2.0 response code of 12 bits. */
static void
add_tpm2(struct readings *r, uint32_t rc)
{
	uint32_t number;

	if (rc == 0 || rc > 0xfff)
		return;
	if ((rc & 0x80) == 0) {		/* format zero: warning or error */
		add(r, rc, "TPM 2.0", NULL);
		return;
	}
	number = rc >> 8 & 0xf;
	add(r, tpm2_base(rc), "TPM 2.0", (rc & 0x40) != 0 ?
	    tpm_parameters[number] : tpm_handles[number]);
}

/* 0x8019xxxx: each status is one, named or not. */
static void
add_http(struct readings *r, uint32_t status)
{
	size_t before = r->n;

	if (status < 100 || status > 599)
		return;
	add(r, status, "HTTP", NULL);
	if (r->n != before)
		return;
	if (r->n < r->max) {
		struct code_info *info = &r->p[r->n];

		memset(info, 0, sizeof(*info));
		info->code = status;
		info->kind = str_of("HTTP");
		info->symbol = info->first_step = info->facility = none;
		info->meaning = str_of(
		    "An HTTP status without a registered name");
		info->source = str_of("RFC 9110");
	}
	r->n++;
}

/*
 * 0x87d1 and the status of an OMA-DM command: how Intune shows that a setting
 * was refused by the device.
 */
static void
add_omadm(struct readings *r, uint32_t status)
{
	if (status >= 200 && status < 600)
		add(r, status, "OMA-DM", NULL);
}

/* Numbers below 65536 are read as what people write so. */
static void
add_small(struct readings *r, uint32_t code)
{
	static const char *const kinds[] = {
		"HTTP", "SCEP pkiStatus", "SCEP failInfo", "SCEP messageType",
		"EnrollStatus"
	};

	add(r, code, "Win32", NULL);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		add(r, code, kinds[i], NULL);
	add_tpm2(r, code);
	if (code > 0 && (code < 0x80 || code >> 4 == 0x80))
		add(r, UINT32_C(0x80280000) | code, "HRESULT", "TPM 1.2");
	add(r, code, "OMA-DM", NULL);
}

size_t
code_lookup(uint32_t code, struct code_info *ret, size_t max)
{
	struct readings r = { ret, 0, max };
	uint32_t low = code & 0xffff;

	/*
	 * In 0x8007xxxx the Win32 names are the better ones: what WinINet
	 * calls WININET_E_DECODING_FAILED is a TLS failure of WinHTTP.
	 */
	if (code >> 16 == 0x8000 + FACILITY_WIN32)
		add(&r, low, "Win32", NULL);
	add(&r, code, "HRESULT", NULL);
	add(&r, code, "NTSTATUS", NULL);
	if (code >> 28 == 0xd)
		add(&r, code & ~NT_BIT, "NTSTATUS", "NTSTATUS as HRESULT");
	if (code >> 16 == 0x8000 + FACILITY_HTTP)
		add_http(&r, low);
	if (code >> 16 == 0x8000 + FACILITY_TPM)
		add_tpm2(&r, low);
	if (code >> 16 == 0x87d1)
		add_omadm(&r, low);
	if (code < 0x10000)
		add_small(&r, code);
	else if (code >> 28 == 0xe)	/* of an application: SetupAPI */
		add(&r, code, "Win32", NULL);
	add(&r, code, "event", NULL);
	add(&r, code, "bugcheck", NULL);
	add(&r, code, "API", NULL);
	return (r.n);
}

size_t
code_lookup_kind(uint32_t code, const char *kind, struct code_info *ret,
    size_t max)
{
	struct readings r = { ret, 0, max };

	add(&r, code, kind, NULL);
	return (r.n);
}

size_t
code_by_symbol(const char *symbol, struct code_info *ret, size_t max)
{
	struct readings r = { ret, 0, max };
	struct code_info all[CODE_READINGS];
	struct table t;
	struct row row;
	size_t off = 0, n = strlen(symbol), shared, known = 0, i;

	codes_open(&t);
	while (n > 0 &&
	    table_next_with(&t, &off, SYMBOL, symbol, n, &row)) {
		char kind[32];

		/* Through the number, for what is known of it. */
		(void)snprintf(kind, sizeof(kind), "%.*s",
		    (int)row.col[KIND].n, row.col[KIND].p);
		shared = code_lookup_kind(str_code(row.col[CODE]), kind, all,
		    CODE_READINGS);
		for (i = 0; i < shared && i + 1 < CODE_READINGS; i++) {
			if (all[i].symbol.p == row.col[SYMBOL].p)
				break;
		}
		/* E_FAIL is also a code of 16-bit Windows: not that first. */
		if (r.n < max && all[i].meaning.n > 0) {
			memmove(r.p + known + 1, r.p + known,
			    (r.n - known) * sizeof(*r.p));
			r.p[known++] = all[i];
		} else if (r.n < max)
			r.p[r.n] = all[i];
		r.n++;
	}
	return (r.n);
}

/* Is the symbol of such a reading the name of the code itself? */
static bool
names_code(struct str kind)
{
	return (!str_is(kind, "HTTP") && !str_is(kind, "OMA-DM") &&
	    !str_is(kind, "API") && !str_is(kind, "event") &&
	    !str_is(kind, "bugcheck"));
}

struct str
code_symbol(uint32_t code)
{
	struct code_info all[CODE_READINGS];
	size_t n = code_lookup(code, all, CODE_READINGS);

	for (size_t i = 0; i < n && i < CODE_READINGS; i++) {
		/* "Not Found" names an HTTP status, not the code. */
		if (all[i].symbol.n > 0 && names_code(all[i].kind))
			return (all[i].symbol);
	}
	return (none);
}

size_t
code_count(void)
{
	struct code_info all[1];
	struct table t;
	struct row row;
	struct str last = none, win32 = none;
	size_t off = 0, n = 0;

	codes_open(&t);
	while (table_next(&t, &off, &row)) {
		if (!str_same(row.col[CODE], last.p, last.n))
			n++;
		last = row.col[CODE];
		/* Its HRESULT, if that does not stand there by itself. */
		if (str_is(row.col[KIND], "Win32") &&
		    str_code(last) < 0x10000 &&
		    !str_same(last, win32.p, win32.n) &&
		    code_lookup_kind(UINT32_C(0x80070000) | str_code(last),
		    "HRESULT", all, 1) == 0)
			n++;
		if (str_is(row.col[KIND], "Win32"))
			win32 = last;
	}
	return (n);
}

size_t
code_advised(void)
{
	struct table t;
	struct row row;
	size_t off = 0, n = 0;

	advice_open(&t);
	while (table_next(&t, &off, &row)) {
		if (row.col[A_MEANING].n > 0 && row.col[A_FIRST_STEP].n > 0)
			n++;
	}
	return (n);
}
