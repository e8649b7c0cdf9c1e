/*
 * Whether the certificate of the EK's issuing CA is a re-issue, of which
 * predecessor, and how young it was.  Relies on chain.c, the tables of
 * vendors' CAs and of known re-issues, and on copies in the case.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

#define EK	ARTIFACT(EK_ISSUER)

FIELD(ek_issuer_reissued, "ek_issuer.reissued", BOOL, KIND(ATTEMPT), EK,
    "a certificate with the same name and key and an earlier validity is "
    "known: this one is the later of the two");
FIELD(ek_issuer_young, "ek_issuer.young", BOOL, KIND(ATTEMPT),
    ARTIFACT(TIME) | EK, "at the time of the attempt the service had not yet "
    "loaded the CA's certificate, or it was at most 180 days old",
    .needs_all = true);
FIELD(ek_issuer_same_start, "ek_issuer.same_start", BOOL, KIND(ATTEMPT), EK,
    "the CA's certificate was re-issued with the start of its predecessor");
FIELD(ek_issuer_old_serial, "ek_issuer.old_serial", BYTES, KIND(ATTEMPT), EK,
    "serial of the predecessor");
FIELD(ek_issuer_old_not_before, "ek_issuer.old_not_before", TIME,
    KIND(ATTEMPT), EK, "start of the predecessor's validity");
FIELD(ek_issuer_old_not_after, "ek_issuer.old_not_after", TIME, KIND(ATTEMPT),
    EK, "end of the predecessor's validity");
FIELD(ek_issuer_loaded, "ek_issuer.loaded", TIME, KIND(ATTEMPT), EK,
    "day on which the service loaded the re-issue, where it is known");

#define YOUNG_US	(INT64_C(180) * 86400 * 1000000)
#define ISSUERS		"rules/data/issuers.tsv"
#define REISSUES	"rules/data/reissues.tsv"

/* The predecessor as a table row or an item of the case. */
struct predecessor {
	bool		 found;
	struct value	 serial, not_before, not_after;
	const struct fact *cite[4];	/* of a copy in the case */
	size_t		 ncite;
	int64_t		 loaded;
	const char	*source;
};

/*
 * What is known of the issuer's certificate: from its own bytes, or by the
 * facts that listed.c put on the attempt.
 */
struct seen {
	const struct item *cert;	/* NULL: nothing but words */
	const struct fact *serial, *ski, *cn, *not_before, *not_after;
};

static int64_t
us_of(const struct fact *f)
{
	return f == NULL ? 0 : f->value.number;
}

static void
predecessor_in_table(struct evidence *ev, const struct seen *s,
    struct predecessor *ret)
{
	const char *ski = fact_hex(ev, s->ski);
	const char *serial = fact_hex(ev, s->serial);
	int64_t from = us_of(s->not_before), to = us_of(s->not_after);
	struct reissue_info pair;
	struct issuer_info info;
	size_t i;

	if (*ski == '\0' || s->cn == NULL)
		return;
	for (i = 0; issuer_by_ski(ski, i, &info); i++) {
		if (!str_same(info.cn, s->cn->value.p, s->cn->value.n) ||
		    str_is(info.serial, serial) ||
		    !validity_later(from, to, info.not_before, info.not_after))
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

	for (it = ev_first(ev, ITEM_CERTIFICATE); cert != NULL &&
	    it != NULL && !ret->found; it = it->next) {
		if (!certificate_twin(it, cert) || !certificate_later(cert, it))
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
derive_young(struct evidence *ev, struct attempt *at, const struct seen *s,
    int64_t when, bool young, const char *source)
{
	const struct fact *why[] = {
		item_fact(at->item, &attempt_time), s->not_before, s->serial
	};

	if (when != 0)
		ev_derive(ev, at->item, &ek_issuer_young, value_bool(young),
		    SPAN_NONE, why, 3, source);
}

static void
derive_reissue(struct evidence *ev, struct attempt *at, const struct seen *s,
    int64_t when)
{
	const struct fact *why[8] = {
		s->serial, s->ski, s->not_before, s->not_after
	};
	struct predecessor old = { .found = false };
	int64_t from = us_of(s->not_before);
	bool young;
	size_t n = 4;

	if (why[0] == NULL || why[1] == NULL || why[2] == NULL)
		return;
	predecessor_in_table(ev, s, &old);
	predecessor_in_case(ev, s->cert, &old);
	if (old.found) {
		memcpy(why + n, old.cite, old.ncite * sizeof(*why));
		n += old.ncite;
	}
	ev_derive(ev, at->item, &ek_issuer_reissued, value_bool(old.found),
	    SPAN_NONE, why, n, old.found ? old.source : ISSUERS);
	if (!old.found) {
		derive_young(ev, at, s, when, when >= from &&
		    when - from <= YOUNG_US, NULL);
		return;
	}
	ev_derive(ev, at->item, &ek_issuer_old_serial, old.serial, SPAN_NONE,
	    why, n, old.source);
	ev_derive(ev, at->item, &ek_issuer_old_not_before, old.not_before,
	    SPAN_NONE, why, n, old.source);
	ev_derive(ev, at->item, &ek_issuer_old_not_after, old.not_after,
	    SPAN_NONE, why, n, old.source);
	if (old.loaded != 0)
		ev_derive(ev, at->item, &ek_issuer_loaded,
		    value_time(old.loaded), SPAN_NONE, why, n, old.source);
	ev_derive(ev, at->item, &ek_issuer_same_start, value_bool(
	    from == old.not_before.number), SPAN_NONE, why, n, old.source);
	/* Where the day of loading is known, only that counts. */
	if (old.loaded != 0)
		young = when < old.loaded;
	else
		young = when >= from && when - from <= YOUNG_US &&
		    from != old.not_before.number;
	derive_young(ev, at, s, when, young, old.source);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	const struct item *cert;
	struct item *it;
	struct seen seen;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		cert = it->attempt->ek_issuer;
		if (cert != NULL)
			seen = (struct seen){ cert,
			    item_fact(cert, &cert_serial),
			    item_fact(cert, &cert_ski),
			    item_fact(cert, &cert_cn),
			    item_fact(cert, &cert_not_before),
			    item_fact(cert, &cert_not_after) };
		else
			seen = (struct seen){ NULL,
			    item_fact(it, &ek_issuer_serial),
			    item_fact(it, &ek_issuer_ski),
			    item_fact(it, &ek_issuer_name),
			    item_fact(it, &ek_issuer_not_before),
			    item_fact(it, &ek_issuer_not_after) };
		derive_reissue(ev, it->attempt, &seen, as_of != 0 ? as_of :
		    it->attempt->time);
	}
}

static const struct field *const fields[] = {
	&ek_issuer_reissued, &ek_issuer_same_start, &ek_issuer_young,
	&ek_issuer_old_serial,
	&ek_issuer_old_not_before, &ek_issuer_old_not_after,
	&ek_issuer_loaded, NULL
};

const struct correlator correlator_reissue = {
	.name = "reissue", .run = run, .fields = fields
};
