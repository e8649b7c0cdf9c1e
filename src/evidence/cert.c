/*
 * Walks a certificate and its public key without decoding what is not asked.
 * Relies on der.h and oid.h; RFC 5280 4.1, RFC 3279 2.3.
 */
#include <stdio.h>
#include <string.h>

#include "evidence/cert.h"
#include "evidence/oid.h"

static bool
is_time(const struct der *d)
{
	return der_is(d, DER_UNIVERSAL, DER_UTC_TIME) ||
	    der_is(d, DER_UNIVERSAL, DER_GENERALIZED_TIME);
}

/* der_want() that also remembers a cut and forgets what is not there. */
static bool
take(struct der_iter *it, struct cert_parts *c, enum der_class class,
    uint32_t tag, struct der *to)
{
	struct der d;

	if (!der_want(it, class, tag, &d))
		return false;
	*to = d;
	c->cut |= d.cut;
	return true;
}

static void
walk_validity(const struct evidence *ev, struct cert_parts *c,
    const struct der *validity)
{
	struct der_iter it;
	struct der d;

	der_enter(&it, ev, validity);
	if (der_next(&it, &d) && is_time(&d))
		c->not_before = d;
	if (CERT_HAS(c->not_before) && der_next(&it, &d) && is_time(&d))
		c->not_after = d;
}

static int
walk_tbs(const struct evidence *ev, struct cert_parts *c)
{
	struct der_iter it, inside;
	struct der d, wrapped;
	int shape = 1;

	der_enter(&it, ev, &c->tbs);
	if (take(&it, c, DER_CONTEXT, 0, &wrapped)) {
		der_enter(&inside, ev, &wrapped);
		take(&inside, c, DER_UNIVERSAL, DER_INTEGER, &c->version);
	}
	if (!take(&it, c, DER_UNIVERSAL, DER_INTEGER, &c->serial))
		return CERT_HAS(c->version) ? 2 : shape;
	if (CERT_HAS(c->version))
		shape = 2;
	if (!take(&it, c, DER_UNIVERSAL, DER_SEQUENCE, &c->algorithm) ||
	    !take(&it, c, DER_UNIVERSAL, DER_SEQUENCE, &c->issuer) ||
	    !take(&it, c, DER_UNIVERSAL, DER_SEQUENCE, &d))
		return shape;
	walk_validity(ev, c, &d);
	if (!CERT_HAS(c->not_before))
		return shape;
	shape = 3;
	if (!take(&it, c, DER_UNIVERSAL, DER_SEQUENCE, &c->subject) ||
	    !take(&it, c, DER_UNIVERSAL, DER_SEQUENCE, &c->spki))
		return shape;
	while (der_next(&it, &d)) {
		c->cut |= d.cut;
		if (!der_is(&d, DER_CONTEXT, 3) || CERT_HAS(c->extensions))
			continue;
		der_enter(&inside, ev, &d);
		take(&inside, c, DER_UNIVERSAL, DER_SEQUENCE, &c->extensions);
	}
	return shape;
}

int
cert_walk(const struct evidence *ev, const struct blob *b, struct span at,
    struct cert_parts *c)
{
	struct der_iter it, inside;
	int shape;

	*c = (struct cert_parts){ 0 };
	der_begin(&it, ev, b, at);
	if (!take(&it, c, DER_UNIVERSAL, DER_SEQUENCE, &c->cert))
		return 0;
	der_enter(&inside, ev, &c->cert);
	if (!take(&inside, c, DER_UNIVERSAL, DER_SEQUENCE, &c->tbs))
		return 0;
	shape = walk_tbs(ev, c);
	if (take(&inside, c, DER_UNIVERSAL, DER_SEQUENCE,
	    &c->outer_algorithm))
		take(&inside, c, DER_UNIVERSAL, DER_BIT_STRING, &c->signature);
	c->complete = !c->cut && CERT_HAS(c->spki) && CERT_HAS(c->signature);
	return shape;
}

/* ---- extensions ---- */

bool
cert_extension_next(const struct evidence *ev, struct der_iter *it,
    struct cert_extension *x)
{
	struct der_iter parts;

	*x = (struct cert_extension){ 0 };
	if (!der_want(it, DER_UNIVERSAL, DER_SEQUENCE, &x->whole))
		return false;
	der_enter(&parts, ev, &x->whole);
	if (!der_want(&parts, DER_UNIVERSAL, DER_OID, &x->oid))
		return false;
	/* `critical FALSE` is not DER but stands in Intel's and AMD's. */
	if (!der_want(&parts, DER_UNIVERSAL, DER_BOOLEAN, &x->critical))
		x->critical.blob = NULL;
	if (!der_want(&parts, DER_UNIVERSAL, DER_OCTET_STRING, &x->value))
		x->value.blob = NULL;
	return true;
}

bool
cert_extension_find(const struct evidence *ev, const struct cert_parts *c,
    const char *dotted, struct der *ret)
{
	struct cert_extension x;
	struct der_iter it, inside;

	*ret = (struct der){ 0 };
	if (!CERT_HAS(c->extensions))
		return false;
	der_enter(&it, ev, &c->extensions);
	while (cert_extension_next(ev, &it, &x)) {
		if (!CERT_HAS(x.value) || !der_oid_is(&x.oid, dotted))
			continue;
		der_enter(&inside, ev, &x.value);
		return der_next(&inside, ret);
	}
	return false;
}

/* ---- the key ---- */

static unsigned int
integer_bits(const struct der *d)
{
	const uint8_t *p = der_bytes(d);
	size_t n = d->len;
	unsigned int bits, top;

	while (n > 0 && *p == 0) {
		p++;
		n--;
	}
	if (n == 0 || n > UINT32_MAX / 16)
		return 0;
	bits = (unsigned int)(n - 1) * 8;
	for (top = *p; top != 0; top >>= 1)
		bits++;
	return bits;
}

/* RSAPublicKey inside the BIT STRING; also of keys restricted to OAEP. */
static void
key_rsa(const struct evidence *ev, const struct der *bit_string,
    struct cert_key *key)
{
	struct span s = der_body(bit_string);
	struct der_iter it;
	struct der seq, n, e;

	key->rsa = true;
	snprintf(key->text, sizeof(key->text), "RSA");
	if (s.len < 1)
		return;
	s.off++;
	s.len--;
	if (!der_at(ev, bit_string->blob, s, &seq) ||
	    !der_is(&seq, DER_UNIVERSAL, DER_SEQUENCE))
		return;
	der_enter(&it, ev, &seq);
	if (!der_want(&it, DER_UNIVERSAL, DER_INTEGER, &n) || n.cut)
		return;
	key->bits = integer_bits(&n);
	snprintf(key->text, sizeof(key->text), "RSA %u", key->bits);
	if (der_want(&it, DER_UNIVERSAL, DER_INTEGER, &e))
		key->exponent_bits = integer_bits(&e);
}

static void
key_ec(const struct der *curve, struct cert_key *key)
{
	char dotted[OID_SIZE];
	const char *name;

	key->ec = true;
	if (curve == NULL || !der_oid(curve, dotted, sizeof(dotted))) {
		snprintf(key->text, sizeof(key->text),
		    "EC explicit parameters");
		return;
	}
	key->named = true;
	name = oid_name(dotted);
	snprintf(key->text, sizeof(key->text), "EC %.56s",
	    name != NULL ? name : dotted);
}

bool
cert_key_read(const struct evidence *ev, const struct der *spki,
    struct cert_key *key)
{
	struct der_iter it, parts;
	struct der algorithm, oid, parameters, bits;
	char dotted[OID_SIZE];
	const char *name;
	bool has_parameters;

	*key = (struct cert_key){ 0 };
	der_enter(&it, ev, spki);
	if (!der_want(&it, DER_UNIVERSAL, DER_SEQUENCE, &algorithm))
		return false;
	der_enter(&parts, ev, &algorithm);
	if (!der_want(&parts, DER_UNIVERSAL, DER_OID, &oid) ||
	    !der_oid(&oid, dotted, sizeof(dotted)))
		return false;
	has_parameters = der_next(&parts, &parameters);
	name = oid_name(dotted);
	if (name != NULL && strcmp(name, "ecPublicKey") == 0) {
		key_ec(has_parameters ? &parameters : NULL, key);
		return true;
	}
	if (name != NULL && (strncmp(name, "rsa", 3) == 0)) {
		if (!der_want(&it, DER_UNIVERSAL, DER_BIT_STRING, &bits))
			return false;
		key_rsa(ev, &bits, key);
		return true;
	}
	snprintf(key->text, sizeof(key->text), "%.60s",
	    name != NULL ? name : dotted);
	return true;
}
