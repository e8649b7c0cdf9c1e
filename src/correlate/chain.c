/*
 * The EK's issuing CA of each attempt: which certificate it is, and what its
 * chain lacks.  Relies on roles.c and the table of vendors' CAs.
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
    "where that certificate was found: pkiMessage, request file, download, "
    "given, or listed in words by a tool, without its bytes");
FIELD(ek_issuer_known, "ek_issuer.known", BOOL, KIND(ATTEMPT), EK,
    "its key id or name stands in the table of vendors' CAs");
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

/* CAs made on a chip that may stand above each other. */
#define CHAIN_MAX	8
#define ISSUERS		"rules/data/issuers.tsv"

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

/* A store element of an enrolment by SCEP: it has one of its properties. */
static bool
is_request(const struct item *element)
{
	const struct fact *f;

	for (f = item_fact(element, &store_property); f != NULL;
	    f = fact_next(f))
		if (f->value.number >= 108 && f->value.number <= 116)
			return true;
	return false;
}

/*
 * Files of the user, members that belong to no attempt's session, certificates
 * of Windows' stores, and what the device fetched in a capture.
 */
static bool
given(const struct item *cert)
{
	const struct item *store = item_up((struct item *)cert,
	    ITEM_STORE_ELEMENT);

	return (item_up((struct item *)cert, ITEM_SESSION) == NULL ||
	    item_fact(cert, &cert_fetched) != NULL) &&
	    (store == NULL || !is_request(store));
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

/* A file beside the case tells nothing of itself, but the host may name it. */
static bool
may_issue(struct evidence *ev, const struct attempt *at,
    const struct item *cert, enum place place)
{
	return is_ek_ca(cert) || (place == GIVEN &&
	    item_truth(cert, &cert_ca, false) && named_by_host(ev, at, cert));
}

/* The EK's certificates of one place, so that a search stays in it. */
struct place_set {
	struct item	**p;
	size_t		 n;
};

static struct place_set
collect(struct evidence *ev, const struct attempt *at, enum place place)
{
	struct place_set set = { NULL, 0 };
	struct item *it;
	size_t n = 0;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		n += stands(at, it, place) && may_issue(ev, at, it, place);
	set.p = arena_alloc(ev_arena(ev), (n + 1) * sizeof(*set.p));
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL && set.n < n;
	    it = it->next)
		if (stands(at, it, place) && may_issue(ev, at, it, place))
			set.p[set.n++] = it;
	return set;
}

/* In this place, the issuer of `cert`; or NULL. */
static struct item *
issuer_in(const struct place_set *set, const struct item *cert)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (!certificate_same(set->p[i], cert) &&
		    certificate_issued(set->p[i], cert))
			return set->p[i];
	return NULL;
}

/* Does some other EK CA of the place have it as issuer? */
static bool
issues_another(struct evidence *ev, const struct place_set *set,
    const struct item *cert)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (!certificate_same(set->p[i], cert) &&
		    certificate_issued(cert, set->p[i]) &&
		    !made_on_chip(ev, set->p[i]))
			return true;
	return false;
}

/* Of several certificates of one CA in the place, the latest. */
static struct item *
latest(const struct place_set *set, struct item *cert)
{
	struct item *best = cert;
	size_t i;

	for (i = 0; cert != NULL && i < set->n; i++)
		if (certificate_twin(set->p[i], best) &&
		    certificate_later(set->p[i], best))
			best = set->p[i];
	return best;
}

/* From an EK certificate up to the first CA that is not made on the chip. */
static struct item *
issuer_of_ek(struct evidence *ev, const struct place_set *set,
    const struct item *ek)
{
	struct item *up = issuer_in(set, ek);
	size_t steps;

	for (steps = 0; up != NULL && made_on_chip(ev, up); steps++)
		up = steps < CHAIN_MAX ? issuer_in(set, up) : NULL;
	return up;
}

/*
 * The issuer of an EK certificate that stands here or was given beside; what
 * was given of an ECC key says nothing of the RSA key's host.
 */
static struct item *
issuer_by_ek(struct evidence *ev, struct attempt *at, enum place place,
    const struct place_set *set)
{
	struct item *it, *up;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		if (fact_is(item_fact(it, &cert_role), "ek") &&
		    (stands(at, it, place) || given(it)) &&
		    (up = issuer_of_ek(ev, set, it)) != NULL &&
		    (place != GIVEN || named_by_host(ev, at, up) ||
		    fact_is(item_fact(it, &cert_key), "RSA 2048"))) {
			at->ek = it;
			return up;
		}
	return NULL;
}

/*
 * The lowest CA of the EK's chain that is not made on the chip.  From the EK
 * certificate where there is one whose issuer stands there; else the CA that
 * issued no other, and of several the one that the host's id names.
 */
static struct item *
find_issuer(struct evidence *ev, struct attempt *at, enum place place)
{
	struct place_set set = collect(ev, at, place);
	struct item *best;
	size_t i;

	if (set.n == 0)
		return NULL;
	if ((best = issuer_by_ek(ev, at, place, &set)) != NULL)
		return latest(&set, best);
	for (i = 0; i < set.n; i++) {
		if (made_on_chip(ev, set.p[i]) ||
		    issues_another(ev, &set, set.p[i]))
			continue;
		if (best == NULL || (named_by_host(ev, at, set.p[i]) &&
		    !named_by_host(ev, at, best)))
			best = set.p[i];
	}
	/* What a user gives beside the case may be anybody's. */
	if (place == GIVEN && best != NULL && !named_by_host(ev, at, best))
		return NULL;
	return latest(&set, best);
}

static void
derive_from(struct evidence *ev, struct item *to, const struct field *field,
    const struct item *cert, const struct field *of)
{
	const struct fact *f = item_fact(cert, of);

	if (f != NULL)
		ev_derive(ev, to, field, f->value, SPAN_NONE, &f, 1, NULL);
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
		if (is_ek_ca(it) && travels(at, it) &&	/* in the clear */
		    item_up((struct item *)it, ITEM_ENVELOPE) == NULL)
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
		    value_str(place == GIVEN && item_fact(cert,
		    &cert_fetched) != NULL ? "download" :
		    place_names[place]), SPAN_NONE, &why, 1, NULL);
	}
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
	&ek_issuer_known, &ek_chain_travels, &ek_chain_incomplete,
	&ek_chain_missing, &ek_chain_expired, &ek_chain_expired_name, NULL
};

const struct correlator correlator_chain = {
	.name = "chain", .run = run, .fields = fields
};
