/*
 * The EK's issuing CA of each attempt: which certificate it is, whether it is
 * a re-issue and how young, and what its chain lacks.  Relies on roles.c and
 * the tables of vendors' CAs.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

#define EK	ARTIFACT(EK_ISSUER)
#define CHAIN	(ARTIFACT(EK_ISSUER) | ARTIFACT(PKI_MESSAGE))

FIELD(ek_issuer_name, "ek_issuer.name", TEXT, KIND(ATTEMPT), EK,
    "common name of the CA that issued the EK certificate");
FIELD(ek_issuer_ski, "ek_issuer.ski", BYTES, KIND(ATTEMPT), EK,
    "subject key identifier of that CA");
FIELD(ek_issuer_serial, "ek_issuer.serial", BYTES, KIND(ATTEMPT), EK,
    "serial of the certificate of that CA that is in evidence");
FIELD(ek_issuer_not_before, "ek_issuer.not_before", TIME, KIND(ATTEMPT), EK,
    "start of its validity");
FIELD(ek_issuer_not_after, "ek_issuer.not_after", TIME, KIND(ATTEMPT), EK,
    "end of its validity");
FIELD(ek_issuer_where, "ek_issuer.where", TEXT, KIND(ATTEMPT), EK,
    "where that certificate was found: pkiMessage, request file or given");
FIELD(ek_issuer_known, "ek_issuer.known", BOOL, KIND(ATTEMPT), EK,
    "its key id or name stands in the table of vendors' CAs");
FIELD(ek_issuer_reissued, "ek_issuer.reissued", BOOL, KIND(ATTEMPT), EK,
    "a certificate with the same name and key and an earlier validity is "
    "known: this one is the later of the two");
FIELD(ek_issuer_young, "ek_issuer.young", BOOL, KIND(ATTEMPT),
    ARTIFACT(TIME) | EK, "at the time of the attempt the service had not "
    "loaded the re-issue, or it was at most 180 days old",
    .needs_all = true);
FIELD(ek_issuer_old_serial, "ek_issuer.old_serial", BYTES, KIND(ATTEMPT), EK,
    "serial of the predecessor");
FIELD(ek_issuer_old_not_before, "ek_issuer.old_not_before", TIME,
    KIND(ATTEMPT), EK, "start of the predecessor's validity");
FIELD(ek_issuer_old_not_after, "ek_issuer.old_not_after", TIME, KIND(ATTEMPT),
    EK, "end of the predecessor's validity");
FIELD(ek_issuer_loaded, "ek_issuer.loaded", TIME, KIND(ATTEMPT), EK,
    "day on which the service loaded the re-issue, where it is known");
FIELD(ek_issuer_listed, "ek_issuer.listed", TEXT, KIND(ATTEMPT), EK,
    "state of the issuer's own id in the service's list at that time");
FIELD(ek_issuer_newer_than_list, "ek_issuer.newer_than_list", BOOL,
    KIND(ATTEMPT), EK, "the CA or the attempt is newer than the list");
FIELD(ek_chain_travels, "ek_chain.travels", BOOL, KIND(ATTEMPT),
    ARTIFACT(PKI_MESSAGE), "CA certificates of the EK travel in the clear in "
    "the pkiMessage");
FIELD(ek_chain_incomplete, "ek_chain.incomplete", BOOL, KIND(ATTEMPT), CHAIN,
    "an EK intermediate that travels has no issuer in the request, the case "
    "or the table");
FIELD(ek_chain_missing, "ek_chain.missing", TEXT, KIND(ATTEMPT), CHAIN,
    "name of the issuer that lacks");
FIELD(ek_chain_expired, "ek_chain.expired", BOOL, KIND(ATTEMPT),
    ARTIFACT(TIME) | EK, "a certificate of the EK's chain was outside its "
    "validity at the time of the attempt", .needs_all = true);
FIELD(ek_chain_expired_name, "ek_chain.expired_name", TEXT, KIND(ATTEMPT),
    ARTIFACT(TIME) | EK, "subject of that certificate", .needs_all = true);

#define YOUNG_US	(INT64_C(180) * 86400 * 1000000)
#define ISSUERS		"rules/data/issuers.tsv"
#define REISSUES	"rules/data/reissues.tsv"
#define AUTHORITIES	"rules/data/authority-events.tsv"

static bool
is_ek_ca(const struct item *cert)
{
	const struct fact *role = item_fact(cert, &cert_role);

	return fact_is(role, "ek-intermediate") || fact_is(role, "ek-root");
}

/* The request of the attempt that the certificate stands in. */
static bool
travels(const struct attempt *at, const struct item *cert)
{
	size_t i;

	for (i = 0; i < at->nexchanges; i++)
		if (at->exchanges[i]->sent != NULL &&
		    item_within(cert, at->exchanges[i]->sent))
			return true;
	return false;
}

/* Files of the user and members that belong to no attempt's session. */
static bool
given(const struct item *cert)
{
	return item_up((struct item *)cert, ITEM_SESSION) == NULL &&
	    item_up((struct item *)cert, ITEM_STORE_ELEMENT) == NULL;
}

enum place { IN_MESSAGE, IN_STORE, GIVEN, PLACES };
static const char *const place_names[PLACES] = {
	"pkiMessage", "request file", "given"
};

static bool
stands(const struct attempt *at, const struct item *cert, enum place place)
{
	switch (place) {
	case IN_MESSAGE:
		return travels(at, cert);
	case IN_STORE:
		return at->store != NULL && item_within(cert, at->store);
	default:
		return given(cert);
	}
}

/* Chip-made CAs: the EK's issuer is the CA above them. */
static bool
made_on_chip(struct evidence *ev, const struct item *cert)
{
	const struct fact *vendor = item_fact(cert, &cert_vendor);
	const struct fact *name = item_fact(cert, &cert_subject);
	struct issuer_info info;

	if (issuer_by_ski(fact_hex(ev, item_fact(cert, &cert_ski)), 0, &info))
		return false;
	return (fact_is(vendor, "INTC") && (fact_holds(name, "CSME") ||
	    fact_holds(name, "ODCA"))) || fact_is(vendor, "MSFT") ||
	    (fact_is(vendor, "AMD") && fact_holds(name, "EKICA"));
}

/* In this place, the issuer of `cert`; or NULL. */
static struct item *
issuer_in(struct evidence *ev, const struct attempt *at, enum place place,
    const struct item *cert)
{
	struct item *it;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		if (it != cert && stands(at, it, place) && is_ek_ca(it) &&
		    !certificate_same(it, cert) && certificate_issued(it, cert))
			return it;
	return NULL;
}

/* The host's id names this CA: by key id or by the hash of its name. */
static bool
named_by_host(struct evidence *ev, const struct attempt *at,
    const struct item *cert)
{
	const char *id = item_text(at->item, &attempt_id);

	return id != NULL &&
	    (strcmp(id, fact_hex(ev, item_fact(cert, &cert_ski))) == 0 ||
	    strcmp(id, fact_hex(ev, item_fact(cert, &cert_subject_sha1))) == 0);
}

/* Does some other EK CA of the place have it as issuer? */
static bool
issues_another(struct evidence *ev, const struct attempt *at,
    enum place place, const struct item *cert)
{
	const struct item *it;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		if (it != cert && is_ek_ca(it) && stands(at, it, place) &&
		    !made_on_chip(ev, it) && !certificate_same(it, cert) &&
		    certificate_issued(cert, it))
			return true;
	return false;
}

/* Is a the later of two certificates of one CA? */
static bool
is_later(int64_t a_before, int64_t a_after, int64_t b_before, int64_t b_after)
{
	return a_before > b_before || (a_before == b_before &&
	    a_after > b_after);
}

static bool
is_twin(const struct item *a, const struct item *b)
{
	return a != b && !certificate_same(a, b) &&
	    fact_equal(item_fact(a, &cert_ski), item_fact(b, &cert_ski)) &&
	    fact_equal(item_fact(a, &cert_subject),
	    item_fact(b, &cert_subject)) &&
	    !fact_equal(item_fact(a, &cert_serial),
	    item_fact(b, &cert_serial)) &&
	    item_fact(a, &cert_not_before) != NULL &&
	    item_fact(b, &cert_not_before) != NULL &&
	    item_fact(a, &cert_not_after) != NULL &&
	    item_fact(b, &cert_not_after) != NULL;
}

static bool
later_than(const struct item *a, const struct item *b)
{
	return is_later(item_number(a, &cert_not_before, 0),
	    item_number(a, &cert_not_after, 0),
	    item_number(b, &cert_not_before, 0),
	    item_number(b, &cert_not_after, 0));
}

/* Of several certificates of one CA in the place, the latest. */
static struct item *
latest(struct evidence *ev, const struct attempt *at, enum place place,
    struct item *cert)
{
	struct item *it, *best = cert;

	for (it = ev_first(ev, ITEM_CERTIFICATE); cert != NULL && it != NULL;
	    it = it->next)
		if (stands(at, it, place) && is_twin(it, best) &&
		    later_than(it, best))
			best = it;
	return best;
}

/* From an EK certificate up to the first CA that is not made on the chip. */
static struct item *
issuer_of_ek(struct evidence *ev, const struct attempt *at, enum place place,
    const struct item *ek)
{
	struct item *up = issuer_in(ev, at, place, ek);

	while (up != NULL && made_on_chip(ev, up))
		up = issuer_in(ev, at, place, up);
	return up;
}

/*
 * The lowest CA of the EK's chain that is not made on the chip.  From the EK
 * certificate where there is one whose issuer stands there; else the CA that
 * issued no other, and of several the one that the host's id names.
 */
static struct item *
find_issuer(struct evidence *ev, struct attempt *at, enum place place)
{
	struct item *it, *up, *best = NULL;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		if (fact_is(item_fact(it, &cert_role), "ek") &&
		    (stands(at, it, place) || given(it)) &&
		    (up = issuer_of_ek(ev, at, place, it)) != NULL) {
			at->ek = it;
			return latest(ev, at, place, up);
		}
		if (!stands(at, it, place) || !is_ek_ca(it) ||
		    made_on_chip(ev, it) || issues_another(ev, at, place, it))
			continue;
		if (best == NULL || (named_by_host(ev, at, it) &&
		    !named_by_host(ev, at, best)))
			best = it;
	}
	/* What a user gives beside the case may be anybody's. */
	if (place == GIVEN && best != NULL && !named_by_host(ev, at, best))
		return NULL;
	return latest(ev, at, place, best);
}

static void
derive_from(struct evidence *ev, struct item *to, const struct field *field,
    const struct item *cert, const struct field *of)
{
	const struct fact *f = item_fact(cert, of);

	if (f != NULL)
		ev_derive(ev, to, field, f->value, SPAN_NONE, &f, 1, NULL);
}

static struct value
hex_value(struct evidence *ev, struct str hex)
{
	unsigned char *to = arena_alloc(ev_arena(ev), hex.n / 2 + 1);
	size_t i;
	int c, v;

	for (i = 0; i < hex.n / 2 * 2; i++) {
		c = hex.p[i];
		v = c >= '0' && c <= '9' ? c - '0' :
		    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		    c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
		to[i / 2] = (unsigned char)(to[i / 2] << 4 | v);
	}
	return value_bytes(to, hex.n / 2);
}

/* The predecessor as a table row or an item of the case. */
struct predecessor {
	bool		 found;
	struct value	 serial, not_before, not_after;
	const struct fact *cite[4];	/* of a copy in the case */
	size_t		 ncite;
	int64_t		 loaded;
	const char	*source;
};

static void
predecessor_in_table(struct evidence *ev, const struct item *cert,
    struct predecessor *ret)
{
	const char *ski = fact_hex(ev, item_fact(cert, &cert_ski));
	const char *serial = fact_hex(ev, item_fact(cert, &cert_serial));
	const struct fact *cn = item_fact(cert, &cert_cn);
	int64_t from = item_number(cert, &cert_not_before, 0);
	int64_t to = item_number(cert, &cert_not_after, 0);
	struct reissue_info pair;
	struct issuer_info info;
	size_t i;

	if (*ski == '\0' || cn == NULL)
		return;
	for (i = 0; issuer_by_ski(ski, i, &info); i++) {
		if (!str_same(info.cn, cn->value.p, cn->value.n) ||
		    str_is(info.serial, serial) ||
		    !is_later(from, to, info.not_before, info.not_after))
			continue;
		*ret = (struct predecessor){
			.found = true, .serial = hex_value(ev, info.serial),
			.not_before = value_time(info.not_before),
			.not_after = value_time(info.not_after),
			.source = ISSUERS };
		break;
	}
	if (ret->found && reissue_find(ski, serial, &pair)) {
		ret->loaded = pair.loaded;
		ret->source = REISSUES;
	}
}

static void
predecessor_in_case(struct evidence *ev, const struct item *cert,
    struct predecessor *ret)
{
	const struct item *it;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL && !ret->found;
	    it = it->next) {
		if (!is_twin(it, cert) || !later_than(cert, it))
			continue;
		ret->found = true;
		ret->cite[0] = item_fact(it, &cert_serial);
		ret->cite[1] = item_fact(it, &cert_not_before);
		ret->cite[2] = item_fact(it, &cert_not_after);
		ret->ncite = 3;
		ret->serial = ret->cite[0]->value;
		ret->not_before = value_time(item_number(it,
		    &cert_not_before, 0));
		ret->not_after = ret->cite[2]->value;
		ret->source = NULL;
	}
}

static void
derive_reissue(struct evidence *ev, struct attempt *at,
    const struct item *cert, int64_t when)
{
	const struct fact *why[8] = {
		item_fact(cert, &cert_serial), item_fact(cert, &cert_ski),
		item_fact(cert, &cert_not_before),
		item_fact(cert, &cert_not_after)
	}, *time[3];
	struct predecessor old = { .found = false };
	int64_t from = item_number(cert, &cert_not_before, 0);
	bool young;
	size_t n = 4;

	if (why[0] == NULL || why[1] == NULL || why[2] == NULL)
		return;
	predecessor_in_table(ev, cert, &old);
	predecessor_in_case(ev, cert, &old);
	if (old.found) {
		memcpy(why + n, old.cite, old.ncite * sizeof(*why));
		n += old.ncite;
	}
	ev_derive(ev, at->item, &ek_issuer_reissued, value_bool(old.found),
	    SPAN_NONE, why, n, old.found ? old.source : ISSUERS);
	if (!old.found)
		return;
	ev_derive(ev, at->item, &ek_issuer_old_serial, old.serial, SPAN_NONE,
	    why, n, old.source);
	ev_derive(ev, at->item, &ek_issuer_old_not_before, old.not_before,
	    SPAN_NONE, why, n, old.source);
	ev_derive(ev, at->item, &ek_issuer_old_not_after, old.not_after,
	    SPAN_NONE, why, n, old.source);
	if (old.loaded != 0)
		ev_derive(ev, at->item, &ek_issuer_loaded,
		    value_time(old.loaded), SPAN_NONE, why, n, old.source);
	if (when == 0)
		return;
	/* Where the day of loading is known, only that counts. */
	if (old.loaded != 0)
		young = when < old.loaded;
	else
		young = when >= from && when - from <= YOUNG_US &&
		    from != old.not_before.number;
	time[0] = item_fact(at->item, &attempt_time);
	time[1] = why[2];
	time[2] = why[0];
	ev_derive(ev, at->item, &ek_issuer_young, value_bool(young), SPAN_NONE,
	    time, 3, old.source);
}

/* Its own id in the service's list: by key id, else by name. */
static void
derive_listed(struct evidence *ev, struct attempt *at,
    const struct item *cert, int64_t when)
{
	const struct fact *why[3] = {
		item_fact(cert, &cert_ski), item_fact(cert, &cert_subject_sha1),
		item_fact(at->item, &attempt_time)
	};
	const struct fact *vendor = item_fact(cert, &cert_vendor);
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
	    AUTHORITIES);
	newer = when > found.list_date ||
	    item_number(cert, &cert_not_before, 0) > found.list_date;
	why[0] = item_fact(cert, &cert_not_before);
	ev_derive(ev, at->item, &ek_issuer_newer_than_list, value_bool(newer),
	    SPAN_NONE, why, 3, AUTHORITIES);
}

/* A CA that could be the issuer: in the case or in the table. */
static bool
has_issuer(struct evidence *ev, const struct item *cert)
{
	struct issuer_info info;
	const struct item *it;

	if (item_truth(cert, &cert_self_issued, false) ||
	    issuer_by_ski(fact_hex(ev, item_fact(cert, &cert_aki)), 0, &info) ||
	    issuer_by_name(fact_hex(ev, item_fact(cert, &cert_issuer_sha1)), 0,
	    &info))
		return true;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		if (it != cert && certificate_issued(it, cert))
			return true;
	return false;
}

static void
derive_chain(struct evidence *ev, struct attempt *at, int64_t when)
{
	const struct fact *missing = NULL, *expired = NULL, *some = NULL;
	const struct fact *why[4];
	struct item *it;
	int64_t from, to;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		bool ek = it == at->ek;

		if (!ek && !(is_ek_ca(it) && travels(at, it)) &&
		    it != at->ek_issuer)
			continue;
		some = item_fact(it, &cert_not_after);
		if (!ek && travels(at, it) && missing == NULL &&
		    !has_issuer(ev, it))
			missing = item_fact(it, &cert_issuer);
		from = item_number(it, &cert_not_before, INT64_MIN);
		to = item_number(it, &cert_not_after, INT64_MAX);
		if (expired == NULL && when != 0 && (when < from || when > to))
			expired = item_fact(it, when < from ?
			    &cert_not_before : &cert_not_after);
	}
	if (some == NULL)
		return;
	why[0] = missing != NULL ? missing : some;
	ev_derive(ev, at->item, &ek_chain_incomplete,
	    value_bool(missing != NULL), SPAN_NONE, why, 1, ISSUERS);
	if (missing != NULL)
		ev_derive(ev, at->item, &ek_chain_missing, missing->value,
		    SPAN_NONE, why, 1, NULL);
	if (when == 0)
		return;
	why[0] = expired != NULL ? expired : some;
	why[1] = item_fact(at->item, &attempt_time);
	ev_derive(ev, at->item, &ek_chain_expired, value_bool(expired != NULL),
	    SPAN_NONE, why, 2, NULL);
	if (expired != NULL) {
		why[0] = item_fact(expired->item, &cert_subject);
		if (why[0] != NULL)
			ev_derive(ev, at->item, &ek_chain_expired_name,
			    why[0]->value, SPAN_NONE, why, 1, NULL);
	}
}

static void
derive_travels(struct evidence *ev, struct attempt *at)
{
	const struct fact *why = NULL;
	const struct item *it;

	if (at->request == NULL)
		return;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL && why == NULL;
	    it = it->next)
		if (is_ek_ca(it) && travels(at, it))
			why = item_fact(it, &cert_subject);
	if (why != NULL)
		ev_derive(ev, at->item, &ek_chain_travels, value_bool(true),
		    SPAN_NONE, &why, 1, NULL);
	else if ((why = item_fact(at->request, &scep_message_type)) != NULL)
		ev_derive(ev, at->item, &ek_chain_travels, value_bool(false),
		    SPAN_NONE, &why, 1, NULL);
}

static void
attempt_chain(struct evidence *ev, struct attempt *at, int64_t as_of)
{
	int64_t when = as_of != 0 ? as_of : at->time;
	struct item *cert = NULL;
	const struct fact *why;
	enum place place;

	derive_travels(ev, at);
	for (place = 0; place < PLACES && cert == NULL; place++)
		cert = find_issuer(ev, at, place);
	at->ek_issuer = cert;
	if (cert == NULL)
		return;
	place--;
	ev_artifact(at->item, ARTIFACT_EK_ISSUER);
	if (at->ek != NULL)
		ev_artifact(at->item, ARTIFACT_EK_CERTIFICATE);
	derive_from(ev, at->item, &ek_issuer_name, cert, &cert_cn);
	derive_from(ev, at->item, &ek_issuer_ski, cert, &cert_ski);
	derive_from(ev, at->item, &ek_issuer_serial, cert, &cert_serial);
	derive_from(ev, at->item, &ek_issuer_not_before, cert,
	    &cert_not_before);
	derive_from(ev, at->item, &ek_issuer_not_after, cert, &cert_not_after);
	if ((why = item_fact(cert, &cert_known)) != NULL) {
		ev_derive(ev, at->item, &ek_issuer_known, why->value,
		    SPAN_NONE, &why, 1, ISSUERS);
		ev_derive(ev, at->item, &ek_issuer_where,
		    value_str(place_names[place]), SPAN_NONE, &why, 1, NULL);
	}
	derive_reissue(ev, at, cert, when);
	derive_listed(ev, at, cert, when);
	derive_chain(ev, at, when);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		attempt_chain(ev, it->attempt, as_of);
}

static const struct field *const fields[] = {
	&ek_issuer_name, &ek_issuer_ski, &ek_issuer_serial,
	&ek_issuer_not_before, &ek_issuer_not_after, &ek_issuer_where,
	&ek_issuer_known, &ek_issuer_reissued, &ek_issuer_young,
	&ek_issuer_old_serial, &ek_issuer_old_not_before,
	&ek_issuer_old_not_after, &ek_issuer_loaded, &ek_issuer_listed,
	&ek_issuer_newer_than_list, &ek_chain_travels, &ek_chain_incomplete,
	&ek_chain_missing, &ek_chain_expired, &ek_chain_expired_name, NULL
};

const struct correlator correlator_chain = {
	.name = "chain", .run = run, .fields = fields
};
