/*
 * Walks a PKCS#10 certificate request and checks the bare hash of one.
 * Relies on evidence/cert.h and evidence/signature.h.
 */
#include <string.h>

#include "decode/request.h"
#include "evidence/cert.h"
#include "evidence/oid.h"
#include "evidence/signature.h"

static bool
take(struct der_iter *it, enum der_class class, uint32_t tag, struct der *d)
{
	if (der_want(it, class, tag, d))
		return true;
	d->blob = NULL;
	return false;
}

bool
request_walk(const struct evidence *ev, const struct blob *b, struct span at,
    struct request_parts *r)
{
	struct der_iter it, inside, parts;
	struct der algorithm;

	*r = (struct request_parts){ 0 };
	der_begin(&it, ev, b, at);
	if (!take(&it, DER_UNIVERSAL, DER_SEQUENCE, &r->outer))
		return false;
	der_enter(&it, ev, &r->outer);
	if (!take(&it, DER_UNIVERSAL, DER_SEQUENCE, &r->info))
		return false;
	der_enter(&inside, ev, &r->info);
	if (!take(&inside, DER_UNIVERSAL, DER_INTEGER, &r->version) ||
	    r->version.len != 1 || der_bytes(&r->version)[0] > 2 ||
	    !take(&inside, DER_UNIVERSAL, DER_SEQUENCE, &r->subject) ||
	    !take(&inside, DER_UNIVERSAL, DER_SEQUENCE, &r->spki) ||
	    !take(&inside, DER_CONTEXT, 0, &r->attributes))
		return false;
	der_enter(&parts, ev, &r->spki);
	if (take(&parts, DER_UNIVERSAL, DER_SEQUENCE, &algorithm))
		take(&parts, DER_UNIVERSAL, DER_BIT_STRING, &r->key);
	if (take(&it, DER_UNIVERSAL, DER_SEQUENCE, &r->algorithm))
		take(&it, DER_UNIVERSAL, DER_BIT_STRING, &r->signature);
	return true;
}

bool
request_key(const struct evidence *ev, const struct request_parts *r,
    bool *ret_rsa, struct span *ret_at)
{
	struct cert_key key;
	struct der_iter it;
	struct der number;
	struct span at;

	*ret_rsa = false;
	*ret_at = SPAN_NONE;
	if (r->spki.cut || r->key.blob == NULL || r->key.len < 2 ||
	    !cert_key_read(ev, &r->spki, &key) || (!key.rsa && !key.ec))
		return false;
	at = der_body(&r->key);
	at.off++;		/* the octet that counts unused bits */
	at.len--;
	*ret_rsa = key.rsa;
	if (key.ec) {
		*ret_at = (struct span){ at.blob, at.off + 1, at.len - 1 };
		return *ev_bytes(ev, at) == 4;
	}
	if (!der_at(ev, r->key.blob, at, &number))
		return false;
	der_enter(&it, ev, &number);
	if (!der_want(&it, DER_UNIVERSAL, DER_INTEGER, &number) || number.cut)
		return false;
	for (at = der_body(&number); at.len > 0 && *ev_bytes(ev, at) == 0;
	    at.len--)
		at.off++;
	*ret_at = at;
	return at.len > 0;
}

bool
request_hash(const struct evidence *ev, const struct request_parts *r,
    bool *ret_valid)
{
	struct span at = der_span(&r->info);
	const uint8_t *p = ev_bytes(ev, at);
	char dotted[OID_SIZE];
	uint8_t digest[DIGEST_MAX];
	struct der_iter it;
	struct der oid;
	const char *name;
	size_t n;

	*ret_valid = false;
	if (r->algorithm.blob == NULL || r->signature.blob == NULL)
		return false;
	der_enter(&it, ev, &r->algorithm);
	if (!der_next(&it, &oid) || !der_oid(&oid, dotted, sizeof(dotted)) ||
	    oid_signature_digest(dotted) != NULL ||
	    (name = oid_name(dotted)) == NULL || p == NULL ||
	    !digest_bytes(name, p, at.len, digest, &n))
		return false;
	*ret_valid = r->signature.len == n + 1 &&
	    memcmp(der_bytes(&r->signature) + 1, digest, n) == 0;
	return true;
}
