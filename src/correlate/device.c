/*
 * What the case tells of the device: TPM vendor, firmware and version, the
 * Windows build that the client names.  Relies on certreq's first line and on
 * the headers that the AIK client sends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "correlate/device.h"
#include "knowledge/knowledge.h"

#define SAID	(ARTIFACT(CERTREQ) | ARTIFACT(CAPTURE))

FIELD(device_vendor, "device.vendor", TEXT, KIND(DEVICE),
    SAID | ARTIFACT(TPMTOOL), "TCG id of the TPM's manufacturer");
FIELD(device_firmware, "device.firmware", TEXT, KIND(DEVICE),
    SAID | ARTIFACT(TPMTOOL), "version of the TPM's firmware, four numbers");
FIELD(device_tpm_version, "device.tpm_version", TEXT, KIND(DEVICE),
    SAID | ARTIFACT(TPMTOOL), "2.0 or 1.2");
FIELD(device_tpm_revision, "device.tpm_revision", TEXT, KIND(DEVICE),
    SAID | ARTIFACT(TPMTOOL), "revision of the TPM specification: 1.38, 1.59");
FIELD(device_tpm_level, "device.tpm_level", TEXT, KIND(DEVICE), SAID,
    "level of the TPM specification");
FIELD(device_windows_build, "device.windows_build", TEXT, KIND(DEVICE),
    ARTIFACT(BUILD), "full build of Windows with its revision, from an MDM "
    "report, a registry export, dsregcmd or a console's banner");
FIELD(device_client_build, "device.client_build", TEXT, KIND(DEVICE), SAID,
    "the build that the AIK client names in its User-Agent: a hint, without "
    "the revision of the system");
FIELD(device_machine, "device.machine", TEXT, KIND(DEVICE), SAID,
    "name of the machine as Windows gave it", .personal = true);

/* What one attempt tells; where a case has several devices these differ. */
FIELD(attempt_firmware, "attempt.firmware", TEXT, KIND(ATTEMPT), SAID,
    "version of the TPM's firmware that this attempt names");
FIELD(attempt_tpm_version, "attempt.tpm_version", TEXT, KIND(ATTEMPT), SAID,
    "version of the TPM that this attempt names: 2.0 or 1.2");
FIELD(attempt_client_build, "attempt.client_build", TEXT, KIND(ATTEMPT), SAID,
    "the build that the AIK client of this attempt names in its User-Agent");

void
device_add(struct evidence *ev, const struct field *field, struct value v,
    const struct fact *why)
{
	struct item *to = device_of(ev);

	if ((v.n > 0 || (v.type != VALUE_TEXT && v.type != VALUE_BYTES)) &&
	    item_fact(to, field) == NULL)
		ev_derive(ev, to, field, v, SPAN_NONE, &why, 1, NULL);
}

struct item *
device_of(struct evidence *ev)
{
	struct item *it = ev_first(ev, ITEM_DEVICE);

	return it != NULL ? it : ev_item(ev, ITEM_DEVICE, ev_case(ev),
	    SPAN_NONE);
}

/* The text after `key` up to the next blank, comma, quote or '-'. */
static struct value
after(const struct fact *f, const char *key, const char *ends)
{
	const char *p = memmem(f->value.p, f->value.n, key, strlen(key));
	size_t n = 0, left;

	if (p == NULL)
		return value_text("", 0);
	p += strlen(key);
	left = f->value.n - (size_t)(p - f->value.p);
	while (n < left && strchr(ends, p[n]) == NULL)
		n++;
	return value_text(p, n);
}

/* To the device, and to the attempt that told it, if it keeps such a value. */
static void
told(struct evidence *ev, struct item *attempt, const struct field *field,
    struct value v, const struct fact *why)
{
	static const struct {
		const struct field *of_device, *of_attempt;
	} same[] = {
		{ &device_firmware, &attempt_firmware },
		{ &device_tpm_version, &attempt_tpm_version },
		{ &device_client_build, &attempt_client_build },
	};
	size_t i;

	device_add(ev, field, v, why);
	for (i = 0; i < sizeof(same) / sizeof(*same); i++)
		if (same[i].of_device == field && v.n > 0 &&
		    item_fact(attempt, same[i].of_attempt) == NULL)
			ev_derive(ev, attempt, same[i].of_attempt, v,
			    SPAN_NONE, &why, 1, NULL);
}

/*
 * PlatformType: TPM-Version:2.0 -Level:0-Revision:1.59-VendorID:'IFX '
 * -Firmware:393248.6; the two numbers are 32 bits, high and low halves.
 */
static void
platform_type(struct evidence *ev, struct item *attempt, const struct fact *f)
{
	struct value v = after(f, "VendorID:'", "'"), fw;
	unsigned long long a, b;
	char text[32], *end;

	while (v.n > 0 && v.p[v.n - 1] == ' ')
		v.n--;
	told(ev, attempt, &device_vendor, v, f);
	told(ev, attempt, &device_tpm_version, after(f, "TPM-Version:", " -"),
	    f);
	told(ev, attempt, &device_tpm_level, after(f, "-Level:", " -"), f);
	told(ev, attempt, &device_tpm_revision, after(f, "-Revision:", " -"),
	    f);
	fw = after(f, "Firmware:", " \t-");
	if (fw.n == 0 || fw.n >= sizeof(text))
		return;
	memcpy(text, fw.p, fw.n);
	text[fw.n] = '\0';
	a = strtoull(text, &end, 10);
	if (*end != '.')
		return;
	b = strtoull(end + 1, &end, 10);
	if (*end != '\0' || a > UINT32_MAX || b > UINT32_MAX)
		return;
	told(ev, attempt, &device_firmware, value_str(arena_printf(
	    ev_arena(ev), "%llu.%llu.%llu.%llu", a >> 16, a & 0xffff, b >> 16,
	    b & 0xffff)), f);
}

static void
from_run(struct evidence *ev, struct item *attempt, const struct item *run)
{
	static const struct {
		const struct field *of_run, *of_device;
	} same[] = {
		{ &run_vendor, &device_vendor },
		{ &run_firmware, &device_firmware },
		{ &run_tpm_version, &device_tpm_version },
		{ &run_tpm_revision, &device_tpm_revision },
		{ &run_machine, &device_machine },
	};
	const struct fact *f;
	struct value v;
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(*same); i++) {
		f = item_fact(run, same[i].of_run);
		if (f == NULL)
			continue;
		v = f->value;
		while (v.n > 0 && v.p[v.n - 1] == ' ')
			v.n--;
		told(ev, attempt, same[i].of_device, v, f);
	}
}

static void
run(struct evidence *ev, int64_t as_of)
{
	const struct fact *f;
	struct item *it;
	size_t i;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		const struct attempt *at = it->attempt;

		for (i = 0; i < at->nruns; i++)
			from_run(ev, it, at->runs[i]);
		for (i = 0; i < at->nexchanges; i++) {
			const struct item *request = at->exchanges[i]->request;

			if (request == NULL)
				continue;
			f = item_keyed(request, &http_header, "platformtype");
			if (f != NULL)
				platform_type(ev, it, f);
			f = item_keyed(request, &http_header, "user-agent");
			if (f != NULL)
				told(ev, it, &device_client_build,
				    after(f, "NDES client ", "/) "), f);
		}
		f = item_fact(it, &attempt_vendor);
		if (f != NULL)
			device_add(ev, &device_vendor, f->value, f);
	}
	/* What a key opened. */
	for (it = ev_first(ev, ITEM_ATTESTATION); it != NULL; it = it->next)
		if ((f = item_fact(it, &attest_firmware_version)) != NULL)
			device_add(ev, &device_firmware, f->value, f);
	for (it = ev_first(ev, ITEM_PKCS10); it != NULL; it = it->next)
		if ((f = item_fact(it, &pkcs10_machine)) != NULL)
			device_add(ev, &device_machine, f->value, f);
	for (it = ev_first(ev, ITEM_STORE_ELEMENT); it != NULL; it = it->next)
		if ((f = item_fact(it, &store_machine)) != NULL)
			device_add(ev, &device_machine, f->value, f);
}

static const struct field *const fields[] = {
	&device_vendor, &device_firmware, &device_tpm_version,
	&device_tpm_revision, &device_tpm_level, &device_windows_build,
	&device_client_build, &device_machine, &attempt_firmware,
	&attempt_tpm_version, &attempt_client_build, NULL
};

const struct correlator correlator_device = {
	.name = "device", .run = run, .fields = fields
};
