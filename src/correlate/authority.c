/*
 * What the service's list said of the asked AIK authority at the time of each
 * attempt, and whether the device asked the right one.
 * Relies on chain.c and the dated changes of the list.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

#define HOST	ARTIFACT(AUTHORITY)

const struct field authority_state_f = {
	.name = "authority.state", .type = VALUE_TEXT, .kinds = KIND(ATTEMPT),
	.artifacts = HOST, .open = "newer-than-list",
	.open_artifact = ARTIFACT_AUTHORITY_LIST,
	.help = "listed, removed, no, not-yet, newer-than-list or unknown"
};
FIELD(authority_since, "authority.since", TIME, KIND(ATTEMPT), HOST,
    "start of the listing around that time");
FIELD(authority_until, "authority.until", TIME, KIND(ATTEMPT), HOST,
    "end of that listing: when the authority was removed");
FIELD(authority_first_added, "authority.first_added", TIME, KIND(ATTEMPT),
    HOST, "when the authority was first listed");
FIELD(authority_list_date, "authority.list_date", TIME, KIND(ATTEMPT), HOST,
    "end of the list that is built in");
FIELD(authority_issuer, "authority.issuer", TEXT, KIND(ATTEMPT), HOST,
    "the EK-issuing CA that the authority is for, by the list or the table");
FIELD(authority_is_root, "authority.is_root", BOOL, KIND(ATTEMPT), HOST,
    "the host's id is that of a root or upper CA that issues no EK "
    "certificate");
FIELD(authority_mismatch, "authority.mismatch", BOOL, KIND(ATTEMPT),
    ARTIFACT(EK_ISSUER), "the host's id is neither the key id nor the hash "
    "of the name of the CA that issued the EK certificate");

const struct field ek_issuer_listed = {
	.name = "ek_issuer.listed", .type = VALUE_TEXT, .kinds = KIND(ATTEMPT),
	.artifacts = ARTIFACT(EK_ISSUER), .open = "newer-than-list",
	.open_artifact = ARTIFACT_AUTHORITY_LIST,
	.help = "state of the issuer's own id in the service's list at that "
	    "time"
};
FIELD(ek_issuer_newer_than_list, "ek_issuer.newer_than_list", BOOL,
    KIND(ATTEMPT), ARTIFACT(EK_ISSUER), "the CA or the attempt is newer than "
    "the list");

#define EVENTS		"rules/data/authority-events.tsv"
#define ISSUERS		"rules/data/issuers.tsv"

/* AMD's RSA root was listed by mistake for a while: never an EK's issuer. */
#define AMD_ROOT	"578c545f796951421221a4a578acdb5f682f89c8"

/* A CA of the table that issues CAs, or a root; not one that signs EKs. */
static bool
is_upper(const struct fact *id, bool keyid)
{
	struct issuer_info info;

	if (strcmp(id->value.p, AMD_ROOT) == 0)
		return true;
	if (keyid ? !issuer_by_ski(id->value.p, 0, &info) :
	    !issuer_by_name(id->value.p, 0, &info))
		return false;
	/* Nuvoton's roots sign EK certificates themselves. */
	if (str_is(info.vendor, "NTC") || str_is(info.vendor, "WEC"))
		return false;
	return str_is(info.kind, "root") || issuer_signs_cas(info.ski);
}

static void
add_time(struct evidence *ev, struct item *to, const struct field *field,
    int64_t us, const struct fact *const *why, size_t n)
{
	if (us != 0)
		ev_derive(ev, to, field, value_time(us), SPAN_NONE, why, n,
		    EVENTS);
}

static void
attempt_authority(struct evidence *ev, struct attempt *at, int64_t as_of)
{
	struct item *to = at->item;
	const struct fact *id = item_fact(to, &attempt_id);
	const struct fact *form = item_fact(to, &attempt_form);
	const struct fact *host = item_fact(to, &attempt_host);
	const struct fact *why[3] = { host, item_fact(to, &attempt_time) };
	const struct fact *ski, *name;
	struct authority_info info;
	struct issuer_info ca;
	struct aik_host h;
	bool keyid;

	if (id == NULL || form == NULL || !aik_host_parse(host->value.p,
	    host->value.n, &h))
		return;
	keyid = fact_is(form, "keyid");
	authority_at(h.prefix, h.form, h.id, as_of != 0 ? as_of : at->time,
	    &info);
	/* Without a time only what holds at all times can be said. */
	if (at->time == 0 && as_of == 0 && (info.known ||
	    info.state != AUTHORITY_NO))
		info.state = AUTHORITY_UNKNOWN;
	ev_derive(ev, to, &authority_state_f,
	    value_str(authority_state_names[info.state]), SPAN_NONE, why, 2,
	    EVENTS);
	add_time(ev, to, &authority_since, info.since, why, 2);
	add_time(ev, to, &authority_until, info.until, why, 2);
	add_time(ev, to, &authority_first_added, info.first_added, why, 2);
	add_time(ev, to, &authority_list_date, info.list_date, why, 2);
	if (info.issuer.n > 0)
		ev_derive(ev, to, &authority_issuer,
		    value_from(info.issuer.p, info.issuer.n), SPAN_NONE, &host,
		    1, EVENTS);
	else if (keyid ? issuer_by_ski(h.id, 0, &ca) :
	    issuer_by_name(h.id, 0, &ca))
		ev_derive(ev, to, &authority_issuer,
		    value_from(ca.subject.p, ca.subject.n), SPAN_NONE, &host,
		    1, ISSUERS);
	ev_derive(ev, to, &authority_is_root, value_bool(is_upper(id, keyid) &&
	    (info.state != AUTHORITY_LISTED ||
	    strcmp(h.id, AMD_ROOT) == 0)), SPAN_NONE, &host, 1, ISSUERS);
	if (at->ek_issuer != NULL) {
		ski = item_fact(at->ek_issuer, &cert_ski);
		name = item_fact(at->ek_issuer, &cert_subject_sha1);
	} else if (at->ek_alone != NULL) {
		ski = item_fact(at->ek_alone, &cert_aki);
		name = item_fact(at->ek_alone, &cert_issuer_sha1);
	} else {
		return;
	}
	if (ski == NULL && name == NULL)
		return;
	why[0] = host;
	why[1] = ski;
	why[2] = name;
	ev_derive(ev, to, &authority_mismatch, value_bool(
	    strcmp(h.id, fact_hex(ev, ski)) != 0 &&
	    strcmp(h.id, fact_hex(ev, name)) != 0), SPAN_NONE, why, 3, NULL);
}

/* Its own id in the service's list: by key id, else by name. */
static void
derive_listed(struct evidence *ev, struct attempt *at, int64_t when)
{
	const struct item *cert = at->ek_issuer, *to = at->item;
	const struct fact *why[3] = {
		item_fact(cert != NULL ? cert : to, cert != NULL ? &cert_ski :
		    &ek_issuer_ski),
		cert != NULL ? item_fact(cert, &cert_subject_sha1) :
		    at->ek_alone == NULL ? NULL : item_fact(at->ek_alone,
		    &cert_issuer_sha1),
		item_fact(at->item, &attempt_time)
	};
	const struct fact *vendor = cert == NULL ? NULL : item_fact(cert,
	    &cert_vendor);
	const struct fact *from = cert != NULL ? item_fact(cert,
	    &cert_not_before) : at->ek_alone != NULL ?
	    item_fact(at->ek_alone, &cert_not_before) :	/* not older */
	    item_fact(to, &ek_issuer_not_before);
	const struct fact *host = item_fact(at->item, &attempt_vendor);
	static const char *const forms[2] = { "keyid", "nameid" };
	struct authority_info info, found = { .state = AUTHORITY_UNKNOWN };
	struct vendor_info v;
	char prefix[16];
	bool any = false, newer;
	size_t i;

	if (host == NULL)
		host = vendor;
	if (host == NULL || !vendor_by_id(host->value.p, host->value.n, &v) ||
	    v.prefix.n == 0 || v.prefix.n >= sizeof(prefix))
		return;
	memcpy(prefix, v.prefix.p, v.prefix.n);
	prefix[v.prefix.n] = '\0';
	for (i = 0; i < 2; i++) {
		if (why[i] == NULL)
			continue;
		authority_at(prefix, forms[i], fact_hex(ev, why[i]), when,
		    &info);
		if (!any || info.state == AUTHORITY_LISTED ||
		    (info.known && found.state != AUTHORITY_LISTED))
			found = info;
		any = true;
	}
	if (!any)
		return;
	ev_derive(ev, at->item, &ek_issuer_listed,
	    value_str(authority_state_names[found.state]), SPAN_NONE, why, 3,
	    EVENTS);
	newer = when > found.list_date || (from != NULL &&
	    from->value.number > found.list_date);
	why[0] = from;
	ev_derive(ev, at->item, &ek_issuer_newer_than_list, value_bool(newer),
	    SPAN_NONE, why, 3, EVENTS);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		attempt_authority(ev, it->attempt, as_of);
		derive_listed(ev, it->attempt, as_of != 0 ? as_of :
		    it->attempt->time);
	}
}

static const struct field *const fields[] = {
	&authority_state_f, &authority_since, &authority_until,
	&authority_first_added, &authority_list_date, &authority_issuer,
	&authority_is_root, &authority_mismatch, &ek_issuer_listed,
	&ek_issuer_newer_than_list, NULL
};

const struct correlator correlator_authority = {
	.name = "authority", .run = run, .fields = fields
};
