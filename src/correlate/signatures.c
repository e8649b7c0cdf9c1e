/*
 * Signatures of certificates, verified with the key of the issuer where that
 * is the certificate itself or stands in the case too.  Relies on
 * evidence/signature.h; RFC 5280 4.1.1.3.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "correlate/signatures.h"
#include "evidence/cert.h"
#include "evidence/signature.h"

FIELD(cert_signature_valid, "cert.signature_valid", BOOL, KIND(CERTIFICATE),
    0, "does its signature verify with the issuer's key, its own or that of "
    "a certificate of the case; absent: no issuer here, or not checkable");
FIELD(cert_signature_by, "cert.signature_by", BYTES, KIND(CERTIFICATE), 0,
    "SHA-1 of the certificate whose key verified it");

enum signature_state
certificate_verify(struct evidence *ev, struct evidence *other,
    const struct item *cert, const struct item *issuer)
{
	const struct blob *b = ev_blob(ev, cert->at.blob);
	struct evidence *of_issuer = other != NULL ? other : ev;
	struct cert_parts c, i;
	struct signature s;
	struct der bits;
	const char *why;

	if (b->p == NULL || cert_walk(ev, b, cert->at, &c) < 2 ||
	    !c.complete || ev_blob(of_issuer, issuer->at.blob)->p == NULL ||
	    cert_walk(of_issuer, ev_blob(of_issuer, issuer->at.blob),
	    issuer->at, &i) < 2 || !CERT_HAS(i.spki))
		return SIGNATURE_UNABLE;
	/* contents of the BIT STRING behind its count of unused bits */
	bits = c.signature;
	if (bits.len < 2 || bits.constructed)
		return SIGNATURE_UNABLE;
	bits.body++;
	bits.len--;
	s = (struct signature){ .spki = i.spki, .algorithm =
	    c.outer_algorithm, .value = bits };
	return signature_check(of_issuer, &s, b->p + c.tbs.off,
	    c.tbs.end - c.tbs.off, &why);
}

bool
certificate_names(const struct item *issuer, const struct item *cert)
{
	const struct fact *aki = item_fact(cert, &cert_aki);
	const struct fact *ski = item_fact(issuer, &cert_ski);

	if (!fact_equal(item_fact(issuer, &cert_subject_normal),
	    item_fact(cert, &cert_issuer_normal)))
		return false;
	return aki == NULL || ski == NULL || fact_equal(aki, ski);
}

/* A certificate with what it is looked up by; twins share a verdict. */
struct entry {
	struct item	*item;
	const struct fact *sha256, *subject, *issuer;
	size_t		 first;		/* the same certificate before it */
	enum signature_state state;
	const struct item *by;
};

struct checking {
	struct evidence	*ev;
	struct entry	*v;
	size_t		 n;
	uint64_t	 left;		/* of limits.verifications */
};

static enum signature_state
verify(struct checking *c, const struct item *cert,
    const struct item *issuer)
{
	if (c->left == 0) {
		ev_limit(c->ev, cert->at, "verifications", "more than %llu "
		    "signatures of certificates; the rest is not verified",
		    (unsigned long long)ev_limits(c->ev)->verifications);
		return SIGNATURE_UNABLE;
	}
	c->left--;
	return certificate_verify(c->ev, NULL, cert, issuer);
}

/* Its own key where it names itself, else that of any that it names. */
static void
entry_check(struct checking *c, struct entry *e)
{
	enum signature_state found;
	size_t i;

	if (fact_equal(e->subject, e->issuer) &&
	    certificate_names(e->item, e->item)) {
		e->state = verify(c, e->item, e->item);
		e->by = e->item;
		return;
	}
	for (i = 0; i < c->n && e->state != SIGNATURE_VALID; i++) {
		if (c->v[i].first != i || &c->v[i] == e ||
		    !fact_equal(c->v[i].subject, e->issuer) ||
		    !certificate_names(c->v[i].item, e->item))
			continue;
		found = verify(c, e->item, c->v[i].item);
		if (found == SIGNATURE_UNABLE)
			continue;
		e->state = found;
		e->by = c->v[i].item;
	}
}

/* A request's certificate may be a dummy whose key cannot sign it. */
static bool
may_be_dummy(const struct item *cert)
{
	return cert->parent != NULL &&
	    cert->parent->kind == ITEM_STORE_ELEMENT;
}

static void
entry_facts(struct evidence *ev, const struct entry *e, struct item *cert)
{
	const struct fact *why[2];

	if (e->state == SIGNATURE_UNABLE || e->by == NULL ||
	    (e->state == SIGNATURE_INVALID && e->by == e->item &&
	    may_be_dummy(cert)))
		return;
	why[0] = item_fact(cert, &cert_sha256);
	why[1] = item_fact(e->by, &cert_sha1);
	ev_derive(ev, cert, &cert_signature_valid,
	    value_bool(e->state == SIGNATURE_VALID), SPAN_NONE, why, 2, NULL);
	if (e->state == SIGNATURE_VALID && why[1] != NULL)
		ev_derive(ev, cert, &cert_signature_by, why[1]->value,
		    SPAN_NONE, why, 2, NULL);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct checking c = { .ev = ev,
	    .left = ev_limits(ev)->verifications };
	struct item *it;
	size_t i, k, n = 0;

	(void)as_of;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		n++;
	c.v = arena_alloc(ev_arena(ev), (n + 1) * sizeof(*c.v));
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		struct entry *e = &c.v[c.n];

		*e = (struct entry){ .item = it, .first = c.n,
		    .sha256 = item_fact(it, &cert_sha256),
		    .subject = item_fact(it, &cert_subject_normal),
		    .issuer = item_fact(it, &cert_issuer_normal),
		    .state = SIGNATURE_UNABLE };
		if (e->sha256 == NULL)
			continue;
		for (k = 0; k < c.n; k++)
			if (fact_equal(c.v[k].sha256, e->sha256)) {
				e->first = c.v[k].first;
				break;
			}
		c.n++;
	}
	for (i = 0; i < c.n; i++) {
		if (c.v[i].first == i)
			entry_check(&c, &c.v[i]);
		entry_facts(ev, &c.v[c.v[i].first], c.v[i].item);
	}
}

static const struct field *const fields[] = {
	&cert_signature_valid, &cert_signature_by, NULL
};

const struct correlator correlator_signatures = {
	.name = "signatures", .run = run, .fields = fields
};
