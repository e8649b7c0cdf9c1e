/*
 * A code taken apart as an HRESULT, an NTSTATUS, a Win32 error, an HTTP
 * status or a TPM's response code, each in a line of its own.
 * HRESULT and NTSTATUS: [MS-ERREF] 2.1 and 2.3; TPM 2.0: TCG Library Part 2,
 * 6.6.  Relies on codes.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "knowledge/knowledge.h"

#define FACILITY_WIN32	7
#define FACILITY_HTTP	25
#define FACILITY_TPM	40

struct parts {
	struct code_part *p;
	size_t		 n, max;
};

static void __attribute__((format(printf, 3, 4)))
part_add(struct parts *parts, const char *label, const char *format, ...)
{
	struct code_part *part = &parts->p[parts->n];
	va_list ap;

	if (parts->n >= parts->max)
		return;
	parts->n++;
	part->label = label;
	va_start(ap, format);
	(void)vsnprintf(part->text, sizeof(part->text), format, ap);
	va_end(ap);
}

static bool
has_kind(const struct code_info *all, size_t n, const char *kind)
{
	size_t len = strlen(kind);

	for (size_t i = 0; i < n; i++)
		if (all[i].kind.n >= len &&
		    memcmp(all[i].kind.p, kind, len) == 0)
			return true;
	return false;
}

static void
part_hresult(struct parts *parts, uint32_t code)
{
	uint32_t facility = code >> 16 & 0x7ff;
	struct str name = code_facility(facility);
	unsigned int low = code & 0xffff;

	part_add(parts, "HRESULT", "%s, facility %.*s%s%u%s, code %u (0x%x)%s",
	    code >> 31 != 0 ? "failure" : "success", (int)name.n, name.p,
	    name.n > 0 ? " (" : "", (unsigned int)facility,
	    name.n > 0 ? ")" : " (no name known)", low, low,
	    (code & UINT32_C(0x20000000)) != 0 ? ", customer-defined" : "");
	if (code >> 28 == 0xd)
		part_add(parts, "", "NTSTATUS 0x%08x in HRESULT form",
		    (unsigned int)(code & ~UINT32_C(0x10000000)));
}

static void
part_ntstatus(struct parts *parts, uint32_t code)
{
	static const char *const severity[] = {
		"success", "information", "warning", "error"
	};
	unsigned int low = code & 0xffff;

	part_add(parts, "NTSTATUS", "%s, facility %u, code %u (0x%x)",
	    severity[code >> 30], (unsigned int)(code >> 16 & 0xfff), low,
	    low);
}

/*
 * Format one (bit 7): bit 6 tells a parameter (number in bits 8 to 11) from
 * a handle (bits 8 to 10) or, with bit 11, a session; bits 0 to 5 the error.
 * Format zero: bit 8 TPM 2.0, bit 10 the vendor's, bit 11 a warning.
 */
static void
part_tpm2(struct parts *parts, uint32_t rc)
{
	unsigned int number = rc >> 8 & 0xf;
	const char *what = "handle";

	if ((rc & 0x80) == 0) {
		part_add(parts, "TPM 2.0", "response code 0x%03x: format "
		    "zero, %s%s 0x%02x", (unsigned int)rc,
		    (rc & 0x400) != 0 ? "the vendor's " : "",
		    (rc & 0x800) != 0 ? "warning" : "error",
		    (unsigned int)(rc & 0x7f));
		return;
	}
	if ((rc & 0x40) != 0)
		what = "parameter";
	else if (number >= 8) {
		what = "session";
		number -= 8;
	}
	if (number == 0)
		part_add(parts, "TPM 2.0", "response code 0x%03x: format "
		    "one, error 0x%02x, of a %s without number",
		    (unsigned int)rc, (unsigned int)(rc & 0x3f), what);
	else
		part_add(parts, "TPM 2.0", "response code 0x%03x: format "
		    "one, error 0x%02x, of %s %u", (unsigned int)rc,
		    (unsigned int)(rc & 0x3f), what, number);
}

static void
parts_tpm(struct parts *parts, uint32_t rc, const struct code_info *all,
    size_t n)
{
	if (rc > 0 && rc < 0x80 && !has_kind(all, n, "TPM 2.0"))
		part_add(parts, "TPM 1.2", "return code %u (0x%02x)",
		    (unsigned int)rc, (unsigned int)rc);
	else if (rc >= 0x80 && rc <= 0xfff && (rc >> 8 != 4 ||
	    (rc & 0x80) != 0) && rc >> 4 != 0x80)
		part_tpm2(parts, rc);
}

size_t
code_parts(uint32_t code, const struct code_info *all, size_t n,
    struct code_part *ret, size_t max)
{
	struct parts parts = { ret, 0, max };
	unsigned int low = code & 0xffff;
	bool nt = n > 0 && str_is(all[0].kind, "NTSTATUS");

	if (code == 0)
		return 0;
	if (code < 0x10000) {
		part_add(&parts, "number", "%u; as a Win32 error it is "
		    "0x%08x in HRESULT form", (unsigned int)code,
		    (unsigned int)(UINT32_C(0x80070000) | code));
		if (has_kind(all, n, "TPM 2.0"))
			parts_tpm(&parts, code, all, n);
		return parts.n;
	}
	if (nt)
		part_ntstatus(&parts, code);
	part_hresult(&parts, code);
	if (!nt && (code >> 30 == 3 || has_kind(all, n, "NTSTATUS")) &&
	    code >> 28 != 0xd)
		part_ntstatus(&parts, code);
	switch (code >> 16) {
	case 0x8000 + FACILITY_WIN32:
		part_add(&parts, "Win32", "error %u", low);
		break;
	case 0x8000 + FACILITY_HTTP:
		if (low >= 100 && low < 600)
			part_add(&parts, "HTTP", "status %u", low);
		break;
	case 0x8000 + FACILITY_TPM:
		parts_tpm(&parts, low, all, n);
		break;
	case 0x87d1:
		if (low >= 200 && low < 600)
			part_add(&parts, "OMA-DM", "status %u", low);
		break;
	}
	return parts.n;
}
