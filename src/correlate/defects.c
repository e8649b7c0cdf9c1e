/*
 * Known defects of Windows: the device's build is below the one with the fix,
 * and it shows the defect's own sign.  A User-Agent names the build of the
 * client only, so it says nothing here.
 * Relies on tpm_state.c, ek_service.c and rules/data/defects.tsv.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "correlate/device.h"
#include "knowledge/knowledge.h"

#define TABLE	"rules/data/defects.tsv"

FIELD(defect_sign, "defect.sign", TEXT, KIND(CASE), 0,
    "sign of a known defect of Windows that was seen, whatever the build: a "
    "code, or ek-missing");
FIELD(defect_matches, "defect.matches", BOOL, KIND(CASE), ARTIFACT(BUILD),
    "the build of Windows has a known defect, and its sign was seen");
FIELD(defect_kb, "defect.kb", TEXT, KIND(CASE), ARTIFACT(BUILD),
    "the update that fixed it");
FIELD(defect_fixed_in, "defect.fixed_in", TEXT, KIND(CASE), ARTIFACT(BUILD),
    "the first revision of that build without the defect");
FIELD(defect_what, "defect.what", TEXT, KIND(CASE), ARTIFACT(BUILD),
    "what the defect does");
FIELD(defect_source, "defect.source", TEXT, KIND(CASE), ARTIFACT(BUILD),
    "where it is described");

static const struct fact *
code_in(const struct item *it, const struct field *field, int64_t code)
{
	const struct fact *f = item_fact(it, field);

	while (f != NULL && f->value.number != code)
		f = fact_next(f);
	return f;
}

/* Of the device, if the case has one. */
static const struct fact *
device_fact(const struct evidence *ev, const struct field *field)
{
	const struct item *it = ev_first(ev, ITEM_DEVICE);

	return it == NULL ? NULL : item_fact(it, field);
}

/* Chips whose EK certificate comes from a service keep none on the die. */
static bool
asks_service(struct evidence *ev)
{
	return device_fact(ev, &ek_service_host) != NULL;
}

/* What shows the sign of the defect; or NULL. */
static const struct fact *
sign_of(struct evidence *ev, const struct defect_info *d)
{
	const struct fact *f = NULL;
	const struct item *it;
	int64_t code;

	if (str_is(d->sign, "ek-missing")) {
		f = device_fact(ev, &device_ek_certificate);
		return f == NULL || f->value.truth || asks_service(ev) ? NULL :
		    f;
	}
	code = (int64_t)strtoul(arena_text(ev_arena(ev), d->sign.p,
	    d->sign.n), NULL, 16);
	f = code_in(ev_case(ev), &symptom_code, code);
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL && f == NULL;
	    it = it->next)
		f = code_in(it, &stage_code, code);
	return f;
}

static void
say(struct evidence *ev, const struct field *field, struct value v,
    const struct fact **why, size_t n)
{
	ev_derive(ev, ev_case(ev), field, v, SPAN_NONE, why, n, TABLE);
}

/* Its facts go to why[2] and on; why[0] and [1] are build and revision. */
static bool
shows(struct evidence *ev, const struct defect_info *d,
    const struct fact **why, size_t *n)
{
	const struct fact *vendor = device_fact(ev, &device_vendor);

	*n = 2;
	if (d->vendor.n > 0) {
		if (vendor == NULL || !str_same(d->vendor, vendor->value.p,
		    vendor->value.n))
			return false;
		why[(*n)++] = vendor;
	}
	if ((why[*n] = sign_of(ev, d)) == NULL)
		return false;
	(*n)++;
	return true;
}

static void
run(struct evidence *ev, int64_t as_of)
{
	const struct fact *why[4];
	struct defect_info d, match;
	bool known, matches = false;
	size_t i, n = 0;

	(void)as_of;
	why[0] = device_fact(ev, &device_build);
	why[1] = device_fact(ev, &device_revision);
	known = why[0] != NULL && why[1] != NULL;
	for (i = 0; defect_get(i, &d) && !matches; i++) {
		if (!shows(ev, &d, why, &n))
			continue;
		if (item_fact(ev_case(ev), &defect_sign) == NULL)
			say(ev, &defect_sign, value_from(d.sign.p, d.sign.n),
			    why + 2, n - 2);
		match = d;
		matches = known && why[0]->value.number >= d.from &&
		    why[0]->value.number <= d.to &&
		    why[1]->value.number < d.below;
	}
	if (!matches) {
		if (known)
			say(ev, &defect_matches, value_bool(false), why, 2);
		return;
	}
	say(ev, &defect_matches, value_bool(true), why, n);
	say(ev, &defect_kb, value_from(match.kb.p, match.kb.n), why, n);
	say(ev, &defect_fixed_in, value_str(arena_printf(ev_arena(ev),
	    "10.0.%lld.%lld", (long long)why[0]->value.number,
	    (long long)match.below)), why, n);
	say(ev, &defect_what, value_from(match.what.p, match.what.n), why, n);
	say(ev, &defect_source, value_from(match.source.p, match.source.n),
	    why, n);
}

static const struct field *const fields[] = {
	&defect_matches, &defect_kb, &defect_fixed_in, &defect_what,
	&defect_sign, &defect_source, NULL
};

const struct correlator correlator_defects = {
	.name = "defects", .run = run, .fields = fields
};
