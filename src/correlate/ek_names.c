/*
 * The EK's issuing CA of an attempt where no certificate of that CA is there:
 * the EK certificate alone names it, by key id and name.
 * Relies on chain.c, listed.c and the table of vendors' CAs.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

#define ISSUERS		"rules/data/issuers.tsv"
#define WHERE		"named by the EK certificate"

static bool
named(struct evidence *ev, const struct item *ek, const char *id)
{
	return id != NULL &&
	    (strcmp(id, fact_hex(ev, item_fact(ek, &cert_aki))) == 0 ||
	    strcmp(id, fact_hex(ev, item_fact(ek, &cert_issuer_sha1))) == 0);
}

static bool
in_table(struct evidence *ev, const struct item *ek, struct issuer_info *ret)
{
	return issuer_by_ski(fact_hex(ev, item_fact(ek, &cert_aki)), 0, ret) ||
	    issuer_by_name(fact_hex(ev, item_fact(ek, &cert_issuer_sha1)), 0,
	    ret);
}

/*
 * An EK certificate that tells: of RSA 2048, because the host is not that of
 * the ECC key's issuer, and of a vendor whose chips issue none themselves,
 * unless its issuer is a known CA.
 */
static bool
tells(struct evidence *ev, const struct item *ek, const struct attempt *at)
{
	const struct fact *vendor = item_fact(ek, &cert_vendor);
	const struct fact *asked = item_fact(at->item, &attempt_vendor);
	struct issuer_info info;

	if (!fact_is(item_fact(ek, &cert_role), "ek") ||
	    item_fact(ek, &cert_aki) == NULL ||
	    (item_up((struct item *)ek, ITEM_SESSION) != NULL &&
	    item_fact(ek, &cert_fetched) == NULL))
		return false;
	if (named(ev, ek, item_text(at->item, &attempt_id)))
		return true;
	if (!fact_is(item_fact(ek, &cert_key), "RSA 2048") ||
	    !fact_equal(vendor, asked))
		return false;
	return in_table(ev, ek, &info) || !(fact_is(vendor, "INTC") ||
	    fact_is(vendor, "AMD") || fact_is(vendor, "MSFT") ||
	    fact_is(vendor, "QCOM"));
}

/* Does the host of some attempt name its issuer?  Then it is that device's. */
static bool
taken(struct evidence *ev, const struct item *ek)
{
	const struct item *it;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		if (named(ev, ek, item_text(it, &attempt_id)))
			return true;
	return false;
}

/* The one that the host names; else the only issuer that all agree on. */
static struct item *
find(struct evidence *ev, const struct attempt *at)
{
	const char *id = item_text(at->item, &attempt_id);
	struct item *it, *best = NULL;
	bool one = true;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		if (!tells(ev, it, at))
			continue;
		if (named(ev, it, id))
			return it;
		if (taken(ev, it))
			continue;
		if (best != NULL && !fact_equal(item_fact(best, &cert_aki),
		    item_fact(it, &cert_aki)))
			one = false;
		best = it;
	}
	return one ? best : NULL;
}

static void
identify(struct evidence *ev, struct attempt *at, struct item *ek)
{
	const struct fact *aki = item_fact(ek, &cert_aki);
	const struct fact *name = item_fact(ek, &cert_issuer);
	const struct fact *why[2] = { aki, name };
	struct issuer_info info;
	bool known = in_table(ev, ek, &info);

	at->ek_alone = ek;
	ev_artifact(at->item, ARTIFACT_EK_CERTIFICATE);
	ev_artifact(at->item, ARTIFACT_EK_ISSUER);
	if (known)
		ev_derive(ev, at->item, &ek_issuer_name,
		    value_from(info.cn.p, info.cn.n), SPAN_NONE, why, 2,
		    ISSUERS);
	else if (name != NULL)
		ev_derive(ev, at->item, &ek_issuer_name, name->value,
		    SPAN_NONE, &name, 1, NULL);
	ev_derive(ev, at->item, &ek_issuer_ski, aki->value, SPAN_NONE, &aki, 1,
	    NULL);
	ev_derive(ev, at->item, &ek_issuer_known, value_bool(known), SPAN_NONE,
	    why, 2, ISSUERS);
	ev_derive(ev, at->item, &ek_issuer_where, value_str(WHERE), SPAN_NONE,
	    why, 2, NULL);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it, *ek;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		if (it->attempt->ek_issuer == NULL &&
		    item_fact(it, &ek_issuer_ski) == NULL &&
		    item_fact(it, &ek_issuer_name) == NULL &&
		    (ek = find(ev, it->attempt)) != NULL)
			identify(ev, it->attempt, ek);
}

/* Those of chain.c. */
static const struct field *const fields[] = { NULL };

const struct correlator correlator_ek_names = {
	.name = "ek_names", .run = run, .fields = fields
};
