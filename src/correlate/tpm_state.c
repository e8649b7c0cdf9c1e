/*
 * The state of the device, gathered from every tool's output and export: is
 * there a TPM, is it ready, flawed, locked, virtual, has it an EK certificate,
 * and which build of Windows runs.  A bad state that one witness shows is not
 * undone by another, because texts seldom say when they were made.
 * Relies on device.c, attempts.c, roles.c and other_tpm.c.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "correlate/device.h"
#include "knowledge/knowledge.h"

#define BOTH	(KIND(DEVICE) | KIND(CASE))
#define TPM	ARTIFACT(TPMTOOL)

FIELD(device_tpm_present, "device.tpm_present", BOOL, BOTH, TPM,
    "Windows finds a TPM");
FIELD(device_ready, "device.ready", BOOL, BOTH, TPM,
    "the TPM is ready for attestation");
FIELD(device_not_ready, "device.not_ready", TEXT, BOTH, TPM,
    "a reason why it is not ready", .repeated = true);
FIELD(device_vulnerable, "device.vulnerable", BOOL, BOTH, TPM,
    "the TPM's firmware is known to be vulnerable");
FIELD(device_flaw, "device.flaw", TEXT, BOTH, TPM,
    "what is published of this version of the firmware");
FIELD(device_locked_out, "device.locked_out", BOOL, BOTH, TPM,
    "the TPM is locked after too many wrong authorisations");
FIELD(device_ek_certificate, "device.ek_certificate", BOOL, BOTH,
    ARTIFACT(EK_INFO), "the device has an EK certificate");
FIELD(device_virtual, "device.virtual", BOOL, BOTH,
    TPM | ARTIFACT(CERTREQ) | ARTIFACT(CAPTURE),
    "the TPM is that of a virtual machine, by its manufacturer");
FIELD(device_ek_key, "device.ek_key", TEXT, BOTH,
    ARTIFACT(EK_INFO) | ARTIFACT(EK_CERTIFICATE),
    "kind and length of the key in an EK certificate", .repeated = true);
FIELD(device_ek_rsa3072_only, "device.ek_rsa3072_only", BOOL, BOTH,
    ARTIFACT(EK_CERTIFICATE),
    "an EK certificate of RSA 3072 is in evidence and none of RSA 2048");
FIELD(device_build, "device.build", INT, BOTH, ARTIFACT(BUILD),
    "number of the build of Windows: 19045");
FIELD(device_revision, "device.revision", INT, BOTH, ARTIFACT(BUILD),
    "revision of that build: 2728");
FIELD(device_aik_error, "device.aik_error", CODE, BOTH, TPM,
    "what the last AIK enrolment task ended with, as the registry keeps it");
FIELD(device_model, "device.model", TEXT, KIND(DEVICE), 0,
    "model of the device, from its hash file");

/* ---- yes or no ---- */

/* What a fact of a tool says of the device. */
static const struct says {
	const struct field *of_tool, *of_device;
	bool		 when, then;	/* when the tool says this, then that */
} says[] = {
	{ &tpmtool_present, &device_tpm_present, false, false },
	{ &get_tpm_present, &device_tpm_present, false, false },
	{ &tpmtool_present, &device_tpm_present, true, true },
	{ &get_tpm_present, &device_tpm_present, true, true },

	{ &tpmtool_ready_for_attestation, &device_ready, false, false },
	{ &hli_ready_for_attestation, &device_ready, false, false },
	{ &registry_ready_for_attestation, &device_ready, false, false },
	{ &hli_no_event_log, &device_ready, true, false },
	{ &hli_no_valid_ek, &device_ready, true, false },
	{ &hli_lost_auths, &device_ready, true, false },
	{ &hli_no_srk, &device_ready, true, false },
	{ &get_tpm_ready, &device_ready, false, false },
	{ &script_ready, &device_ready, false, false },
	{ &tpminfo_ready, &device_ready, false, false },
	{ &tpmtool_ready_for_attestation, &device_ready, true, true },
	{ &hli_ready_for_attestation, &device_ready, true, true },
	{ &registry_ready_for_attestation, &device_ready, true, true },
	{ &script_ready, &device_ready, true, true },

	{ &tpmtool_vulnerable_firmware, &device_vulnerable, true, true },
	{ &script_vulnerable, &device_vulnerable, true, true },
	{ &tpmtool_vulnerable_firmware, &device_vulnerable, false, false },
	{ &script_vulnerable, &device_vulnerable, false, false },

	{ &tpmtool_locked_out, &device_locked_out, true, true },
	{ &get_tpm_locked_out, &device_locked_out, true, true },
	{ &tpmtool_locked_out, &device_locked_out, false, false },
	{ &get_tpm_locked_out, &device_locked_out, false, false },

	{ &hli_no_valid_ek, &device_ek_certificate, true, false },
	{ &registry_ek_certificate, &device_ek_certificate, false, false },
	{ &script_ek_certificate, &device_ek_certificate, false, false },
};

/* Said after all lists were counted. */
static const struct says	says_ek[] = {
	{ &registry_ek_certificate, &device_ek_certificate, true, true },
	{ &script_ek_certificate, &device_ek_certificate, true, true },
	{ &hli_no_valid_ek, &device_ek_certificate, false, true },
};

static const enum item_kind	witnesses[] = { ITEM_TOOL, ITEM_KEY };
#define WITNESSES	(sizeof(witnesses) / sizeof(witnesses[0]))

/* The next item that is no output of a tool about another TPM. */
static struct item *
ours(struct item *it)
{
	while (it != NULL && item_fact(it, &tool_other_tpm) != NULL)
		it = it->next;
	return it;
}

/* Every fact of the field on a tool or a key of the registry. */
static const struct fact *
witness(struct evidence *ev, const struct field *field, bool when)
{
	const struct fact *f;
	const struct item *it;
	size_t i;

	for (i = 0; i < WITNESSES; i++)
		for (it = ours(ev_first(ev, witnesses[i])); it != NULL;
		    it = ours(it->next))
			if ((f = item_fact(it, field)) != NULL &&
			    f->value.truth == when)
				return f;
	return NULL;
}

static void
say(struct evidence *ev, const struct says *s, size_t n)
{
	const struct fact *f;
	size_t i;

	for (i = 0; i < n; i++)
		if ((f = witness(ev, s[i].of_tool, s[i].when)) != NULL)
			device_add(ev, s[i].of_device, value_bool(s[i].then),
			    f);
}

/* ---- EK certificates ---- */

/* Two lists that are both empty, or one that is not. */
static void
lists(struct evidence *ev, const struct item *tool, const struct field *a,
    const struct field *b)
{
	const struct fact *why[2] = { item_fact(tool, a), item_fact(tool, b) };
	int64_t n;

	if (why[0] == NULL || why[1] == NULL)
		return;
	n = why[0]->value.number + why[1]->value.number;
	if (item_fact(device_of(ev), &device_ek_certificate) == NULL)
		ev_derive(ev, device_of(ev), &device_ek_certificate,
		    value_bool(n > 0), SPAN_NONE, why, 2, NULL);
}

static bool
in_ek_store(const struct item *cert)
{
	const struct item *key = item_up((struct item *)cert, ITEM_KEY);
	const struct fact *store = key == NULL ? NULL :
	    item_fact(key, &registry_store);

	return fact_holds(store, "EKCertStore");
}

static bool
key_seen(const struct item *device, const struct fact *key)
{
	const struct fact *f;

	for (f = item_fact(device, &device_ek_key); f != NULL;
	    f = fact_next(f))
		if (fact_equal(f, key))
			return true;
	return false;
}

static void
ek_certificates(struct evidence *ev)
{
	const struct fact *key, *rsa3072 = NULL;
	const struct item *it;
	bool rsa2048 = false;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		if (!fact_is(item_fact(it, &cert_role), "ek"))
			continue;
		if (in_ek_store(it))
			device_add(ev, &device_ek_certificate,
			    value_bool(true), item_fact(it, &cert_role));
		key = item_fact(it, &cert_key);
		if (key == NULL)
			continue;
		if (!key_seen(device_of(ev), key))
			ev_derive(ev, device_of(ev), &device_ek_key,
			    key->value, SPAN_NONE, &key, 1, NULL);
		if (fact_is(key, "RSA 3072"))
			rsa3072 = key;
		rsa2048 |= fact_is(key, "RSA 2048");
		ev_artifact(device_of(ev), ARTIFACT_EK_CERTIFICATE);
	}
	if (rsa3072 != NULL)
		device_add(ev, &device_ek_rsa3072_only, value_bool(!rsa2048),
		    rsa3072);
}

/* The host's name is made of the EK certificate: so there was one. */
static void
ek_of_host(struct evidence *ev)
{
	const struct fact *id;
	const struct item *it;

	if (ev_first(ev, ITEM_DEVICE) == NULL || item_fact(device_of(ev),
	    &device_ek_certificate) != NULL)
		return;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		if ((id = item_fact(it, &attempt_id)) != NULL) {
			ev_derive(ev, device_of(ev), &device_ek_certificate,
			    value_bool(true), SPAN_NONE, &id, 1,
			    "the host's id is that of the EK's issuer");
			ev_artifact(device_of(ev), ARTIFACT_EK_INFO);
			return;
		}
}

/* ---- why it is not ready ---- */

static void
reasons(struct evidence *ev, struct item *it)
{
	static const struct {
		const struct field *field;
		const char	*text;
	} bits[] = {
		{ &hli_no_event_log, "there is no TCG event log" },
		{ &hli_no_valid_ek, "there is no valid EK certificate" },
		{ &hli_lost_auths, "authorisations are set and lost" },
		{ &hli_no_srk, "there is no storage root key" },
	};
	const struct fact *f;
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if ((f = item_fact(it, bits[i].field)) != NULL &&
		    f->value.truth)
			ev_derive(ev, device_of(ev), &device_not_ready,
			    value_str(bits[i].text), SPAN_NONE, &f, 1, NULL);
	for (f = item_fact(it, &win32_tpm_not_ready); f != NULL;
	    f = fact_next(f))
		ev_derive(ev, device_of(ev), &device_not_ready, f->value,
		    SPAN_NONE, &f, 1, NULL);
}

static void
ready_bits(struct evidence *ev, const struct item *it)
{
	static const struct field *const fields[] = {
		&win32_tpm_ready_bits, &script_ready_bits,
		&registry_ready_bits
	};
	const struct fact *f;
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		f = item_fact(it, fields[i]);
		if (f == NULL)
			continue;
		device_add(ev, &device_ready, value_bool(f->value.number == 0),
		    f);
		/* 0x40000: the EK certificate was not read. */
		if (f->value.number & 0x40000)
			device_add(ev, &device_ek_certificate,
			    value_bool(false), f);
	}
}

/* ---- values ---- */

static size_t
dots(const struct value *v)
{
	size_t i, n = 0;

	for (i = 0; i < v->n; i++)
		n += v->p[i] == '.';
	return n;
}

static void
values(struct evidence *ev, const struct item *it)
{
	static const struct {
		const struct field *of_tool, *of_device;
	} same[] = {
		{ &tpmtool_manufacturer, &device_vendor },
		{ &get_tpm_manufacturer, &device_vendor },
		{ &registry_manufacturer, &device_vendor },
		{ &tpmtool_firmware, &device_firmware },
		{ &get_tpm_firmware, &device_firmware },
		{ &registry_firmware, &device_firmware },
		{ &tpmtool_version, &device_tpm_version },
		{ &hli_tpm_version, &device_tpm_version },
		{ &script_tpm_version, &device_tpm_version },
		{ &tpmtool_spec_version, &device_tpm_revision },
		{ &tool_build_f, &device_windows_build },
		{ &tool_build_number, &device_build },
		{ &tool_build_revision, &device_revision },
		{ &device_hash_model, &device_model },
		{ &script_model, &device_model },
		{ &registry_aik_error, &device_aik_error },
		{ &script_aik_error, &device_aik_error },
	};
	const struct fact *f;
	struct value v;
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(*same); i++) {
		f = item_fact(it, same[i].of_tool);
		if (f == NULL)
			continue;
		v = f->value;
		while (v.type == VALUE_TEXT && v.n > 0 && v.p[v.n - 1] == ' ')
			v.n--;
		device_add(ev, same[i].of_device, v, f);
	}
	/* A script may log only its first two numbers. */
	f = item_fact(it, &script_firmware);
	if (f != NULL && dots(&f->value) == 3)
		device_add(ev, &device_firmware, f->value, f);
	if ((f = item_fact(it, &get_tpm_old)) != NULL)
		device_add(ev, &device_tpm_version, value_str("1.2"), f);
	/* "1.2, 2, 3": version, level, revision. */
	f = item_fact(it, &win32_tpm_spec_version);
	if (f != NULL && f->value.n >= 3)
		device_add(ev, &device_tpm_version, value_text(f->value.p, 3),
		    f);
}

/* Two values of one key of the registry, else of the last start in a log. */
static void
build(struct evidence *ev)
{
	const struct fact *why[2];
	const struct item *it;

	for (it = ev_first(ev, ITEM_KEY); it != NULL; it = it->next) {
		why[0] = item_fact(it, &registry_build);
		why[1] = item_fact(it, &registry_revision);
		if (why[0] == NULL || why[1] == NULL)
			continue;
		device_add(ev, &device_build, why[0]->value, why[0]);
		device_add(ev, &device_revision, why[1]->value, why[1]);
		if (item_fact(device_of(ev), &device_windows_build) == NULL)
			ev_derive(ev, device_of(ev), &device_windows_build,
			    value_str(arena_printf(ev_arena(ev),
			    "10.0.%lld.%lld", (long long)why[0]->value.number,
			    (long long)why[1]->value.number)), SPAN_NONE, why,
			    2, NULL);
		return;
	}
	for (it = ev_first(ev, ITEM_FILE); it != NULL; it = it->next) {
		why[0] = item_fact(it, &eventlog_build);
		why[1] = item_fact(it, &eventlog_revision);
		if (why[0] == NULL || why[1] == NULL)
			continue;
		ev_artifact(device_of(ev), ARTIFACT_BUILD);
		if (item_fact(device_of(ev), &device_build) != NULL)
			return;
		device_add(ev, &device_build, why[0]->value, why[0]);
		device_add(ev, &device_revision, why[1]->value, why[1]);
	}
}

/* ---- what follows from them ---- */

static void
present(struct evidence *ev)
{
	const struct item *it;
	const struct fact *f;

	if (ev_first(ev, ITEM_DEVICE) == NULL)
		return;
	/* certreq and the client read the TPM's own properties. */
	for (it = ev_first(ev, ITEM_RUN); it != NULL; it = it->next)
		if ((f = item_fact(it, &run_firmware)) != NULL)
			device_add(ev, &device_tpm_present, value_bool(true),
			    f);
	for (it = ev_first(ev, ITEM_REQUEST); it != NULL; it = it->next)
		if ((f = item_keyed(it, &http_header, "platformtype")) != NULL)
			device_add(ev, &device_tpm_present, value_bool(true),
			    f);
}

static void
flaw(struct evidence *ev)
{
	const struct item *device = ev_first(ev, ITEM_DEVICE);
	const struct fact *why[2];
	struct firmware_info info;
	unsigned long v[2];
	char text[64], *end;

	if (device == NULL)
		return;
	why[0] = item_fact(device, &device_vendor);
	why[1] = item_fact(device, &device_firmware);
	if (why[0] == NULL || why[1] == NULL ||
	    why[1]->value.n >= sizeof(text))
		return;
	memcpy(text, why[1]->value.p, why[1]->value.n);
	text[why[1]->value.n] = '\0';
	v[0] = strtoul(text, &end, 10);
	if (*end != '.' || end == text)
		return;
	v[1] = strtoul(end + 1, NULL, 10);
	if (v[0] > 0xffff || v[1] > 0xffff || !firmware_flawed(why[0]->value.p,
	    why[0]->value.n, (unsigned int)v[0], (unsigned int)v[1], &info))
		return;
	ev_derive(ev, device_of(ev), &device_flaw, value_text(info.what.p,
	    info.what.n), SPAN_NONE, why, 2, "rules/data/firmware.tsv");
	/* What the tool itself says comes first. */
	if (item_fact(device, &device_vulnerable) == NULL)
		ev_derive(ev, device_of(ev), &device_vulnerable,
		    value_bool(true), SPAN_NONE, why, 2,
		    "rules/data/firmware.tsv");
}

/* A host of no authority that ever was, while the list was kept. */
static bool
unheard_of(const struct item *attempt)
{
	const struct fact *state = item_fact(attempt, &authority_state_f);

	return fact_is(state, "no");
}

/* Microsoft's id is that of its virtual TPM and of Pluton. */
static const struct fact *
pluton(struct evidence *ev)
{
	const struct item *it;
	const struct fact *f;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		if (fact_holds(f = item_fact(it, &attempt_host),
		    "msft-keyid-") && !unheard_of(it))
			return f;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		if (fact_holds(f = item_fact(it, &cert_issuer), "Pluton"))
			return f;
	for (it = ev_first(ev, ITEM_LISTED); it != NULL; it = it->next)
		if (fact_holds(f = item_fact(it, &listed_issuer), "Pluton"))
			return f;
	return NULL;
}

static void
virtual_tpm(struct evidence *ev)
{
	const struct item *device = ev_first(ev, ITEM_DEVICE);
	const struct fact *why[2] = { NULL, NULL };
	struct vendor_info info;
	bool is = false;

	if (device == NULL)
		return;
	why[0] = item_fact(device, &device_vendor);
	if (why[0] == NULL || !vendor_by_id(why[0]->value.p, why[0]->value.n,
	    &info))
		return;
	is = info.virtual;
	if (is && str_is(info.id, "MSFT") && (why[1] = pluton(ev)) != NULL)
		is = false;
	ev_derive(ev, device_of(ev), &device_virtual, value_bool(is),
	    SPAN_NONE, why, 2, "rules/data/vendors.tsv");
}

/* Rules of attempts look outward: they find the same on the case. */
static void
copy_to_case(struct evidence *ev)
{
	const struct item *device = ev_first(ev, ITEM_DEVICE);
	struct item *root = ev_case(ev);
	const struct fact *f;

	if (device == NULL)
		return;
	for (f = device->facts; f != NULL; f = f->next)
		if (f->field->kinds & KIND(CASE))
			ev_copy(ev, root, f);
	root->artifacts |= device->artifacts & (TPM | ARTIFACT(EK_INFO) |
	    ARTIFACT(BUILD) | ARTIFACT(EK_CERTIFICATE));
}

/* certutil -tpminfo fails with what the TPM itself answered. */
static void
tpminfo_codes(struct evidence *ev, const struct item *tool)
{
	const struct fact *f;

	if (!fact_is(item_fact(tool, &tool_name), "tpm-info"))
		return;
	for (f = item_fact(tool, &tool_code); f != NULL; f = fact_next(f))
		if (f->value.number == 0x80280921)
			device_add(ev, &device_locked_out, value_bool(true),
			    f);
		else if (f->value.number == 0x8028400f)
			device_add(ev, &device_tpm_present, value_bool(false),
			    f);
}

/* What a tool reports of a refused join is a symptom like a note's. */
static void
symptoms(struct evidence *ev, const struct item *tool)
{
	const struct fact *f, *g;
	struct item *root = ev_case(ev);

	if (!fact_is(item_fact(tool, &tool_name), "dsregcmd"))
		return;
	for (f = item_fact(tool, &tool_code); f != NULL; f = fact_next(f)) {
		for (g = item_fact(root, &symptom_code); g != NULL;
		    g = fact_next(g))
			if (fact_equal(f, g))
				break;
		if (g == NULL && f->value.number != 0)
			ev_derive(ev, root, &symptom_code, f->value,
			    SPAN_NONE, &f, 1, NULL);
	}
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;
	size_t i;

	(void)as_of;
	say(ev, says, sizeof(says) / sizeof(*says));
	for (it = ours(ev_first(ev, ITEM_TOOL)); it != NULL;
	    it = ours(it->next)) {
		lists(ev, it, &ekinfo_manufacturer_count,
		    &ekinfo_additional_count);
		lists(ev, it, &script_manufacturer_count,
		    &script_additional_count);
		reasons(ev, it);
		symptoms(ev, it);
		tpminfo_codes(ev, it);
	}
	for (i = 0; i < WITNESSES; i++)
		for (it = ours(ev_first(ev, witnesses[i])); it != NULL;
		    it = ours(it->next)) {
			ready_bits(ev, it);
			values(ev, it);
			if (it->artifacts != 0)
				device_of(ev)->artifacts |= it->artifacts;
		}
	say(ev, says_ek, sizeof(says_ek) / sizeof(*says_ek));
	build(ev);
	ek_certificates(ev);
	ek_of_host(ev);
	present(ev);
	flaw(ev);
	virtual_tpm(ev);
	copy_to_case(ev);
}

static const struct field *const fields[] = {
	&device_aik_error, &device_build, &device_ek_certificate,
	&device_ek_key, &device_ek_rsa3072_only, &device_flaw,
	&device_locked_out, &device_model, &device_not_ready, &device_ready,
	&device_revision, &device_tpm_present, &device_virtual,
	&device_vulnerable, NULL
};

const struct correlator correlator_tpm_state = {
	.name = "tpm_state", .run = run, .fields = fields
};
