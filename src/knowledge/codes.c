/*
 * Error codes: every reading that a number has, the best first.
 * Relies on data/codes.tsv (sorted by code) and data/facilities.tsv.
 * HRESULT: [MS-ERREF] 2.1; TPM 2.0: TCG Library Part 2, 6.6.
 */
#include "knowledge/table.h"

#include <stdio.h>
#include <string.h>

#define FACILITY_WIN32	7
#define FACILITY_HTTP	25
#define FACILITY_TPM	40
#define NT_BIT		UINT32_C(0x10000000)

enum { CODE, KIND, SYMBOL, MEANING, FIRST_STEP, SOURCE };

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
	table_open(t, "data/codes.tsv",
	    "code\tkind\tsymbol\tmeaning\tfirst_step\tsource\n");
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

static void
row_read(const struct row *row, struct code_info *ret)
{
	ret->code = str_code(row->col[CODE]);
	ret->kind = row->col[KIND];
	ret->symbol = row->col[SYMBOL];
	ret->meaning = row->col[MEANING];
	ret->first_step = row->col[FIRST_STEP];
	ret->source = row->col[SOURCE];
	ret->facility = str_is(ret->kind, "HRESULT") ?
	    code_facility(ret->code >> 16 & 0x7ff) : none;
}

/*
 * Adds the rows of a code that are of this kind, those with a meaning of
 * their own first; the others of the code then share it.  `as` renames the
 * kind where the number was read out of another one.
 */
static void
add(struct readings *r, uint32_t code, const char *kind, const char *as)
{
	struct code_info info, best = { .code = 0 };
	struct table t;
	struct row row;
	char key[32];
	size_t start, off, n, pass;

	codes_open(&t);
	(void)snprintf(key, sizeof(key), "0x%08x\t%s\t", (unsigned int)code,
	    kind);
	n = strlen(key);
	start = table_seek(&t, key, n);
	for (pass = 0; pass < 2; pass++) {
		off = start;
		while (table_at(&t, off, key, n) &&
		    table_next(&t, &off, &row)) {
			bool has = row.col[MEANING].n > 0;

			if (has != (pass == 0))
				continue;
			row_read(&row, &info);
			if (has && best.code == 0 && best.meaning.n == 0)
				best = info;
			if (!has && best.meaning.n > 0) {
				info.meaning = best.meaning;
				info.first_step = best.first_step;
			}
			if (as != NULL)
				info.kind = str_of(as);
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
	add(r, rc & 0xbf, "TPM 2.0", (rc & 0x40) != 0 ?
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
 * 0x8007xxxx: the Win32 names are the better ones (WININET_E_DECODING_FAILED
 * is WinHTTP's ERROR_WINHTTP_SECURE_FAILURE), and it is one error, so the
 * HRESULT's own names share what is known of the Win32 ones.
 */
static void
add_win32_hresult(struct readings *r, uint32_t code)
{
	size_t i, first;

	add(r, code & 0xffff, "Win32", NULL);
	first = r->n;
	add(r, code, "HRESULT", NULL);
	for (i = first; first > 0 && i < r->n && i < r->max; i++) {
		if (r->p[i].meaning.n == 0) {
			r->p[i].meaning = r->p[0].meaning;
			r->p[i].first_step = r->p[0].first_step;
		}
	}
}

size_t
code_lookup(uint32_t code, struct code_info *ret, size_t max)
{
	struct readings r = { ret, 0, max };
	uint32_t low = code & 0xffff;

	if (code >> 16 == 0x8000 + FACILITY_WIN32)
		add_win32_hresult(&r, code);
	else
		add(&r, code, "HRESULT", NULL);
	add(&r, code, "NTSTATUS", NULL);
	if (code >> 28 == 0xd)
		add(&r, code & ~NT_BIT, "NTSTATUS", "NTSTATUS as HRESULT");
	if (code >> 16 == 0x8000 + FACILITY_HTTP)
		add_http(&r, low);
	if (code >> 16 == 0x8000 + FACILITY_TPM)
		add_tpm2(&r, low);
	if (code < 0x10000) {
		add(&r, code, "Win32", NULL);
		add(&r, code, "HTTP", NULL);
		add_tpm2(&r, code);
		if (code > 0 && (code < 0x80 || code >> 4 == 0x80))
			add(&r, UINT32_C(0x80280000) | code, "HRESULT",
			    "TPM 1.2");
	}
	return (r.n);
}

size_t
code_by_symbol(const char *symbol, struct code_info *ret, size_t max)
{
	struct readings r = { ret, 0, max };
	struct code_info info;
	struct table t;
	struct row row;
	size_t off = 0, n = strlen(symbol), shared, known = 0;

	codes_open(&t);
	while (n > 0 && table_next(&t, &off, &row)) {
		struct code_info all[32];

		if (!str_same(row.col[SYMBOL], symbol, n))
			continue;
		row_read(&row, &info);
		/* Through the number, for what other names know of it. */
		shared = code_lookup(info.code, all, 32);
		for (size_t i = 0; i < shared && i < 32; i++) {
			if (all[i].symbol.p == info.symbol.p)
				info = all[i];
		}
		/* E_FAIL is also a code of 16-bit Windows: not that first. */
		if (r.n < max && info.meaning.n > 0) {
			memmove(r.p + known + 1, r.p + known,
			    (r.n - known) * sizeof(info));
			r.p[known++] = info;
		} else if (r.n < max)
			r.p[r.n] = info;
		r.n++;
	}
	return (r.n);
}

struct str
code_symbol(uint32_t code)
{
	struct code_info all[16];
	size_t n = code_lookup(code, all, 16);

	for (size_t i = 0; i < n && i < 16; i++) {
		/* "Not Found" names an HTTP status, not the code. */
		if (all[i].symbol.n > 0 && !str_is(all[i].kind, "HTTP"))
			return (all[i].symbol);
	}
	return (none);
}

size_t
code_count(void)
{
	struct table t;
	struct row row;
	struct str last = none;
	size_t off = 0, n = 0;

	codes_open(&t);
	while (table_next(&t, &off, &row)) {
		if (!str_same(row.col[CODE], last.p, last.n))
			n++;
		last = row.col[CODE];
	}
	return (n);
}
