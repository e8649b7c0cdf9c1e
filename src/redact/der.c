/*
 * DER inside bytes.  Of EK certificates the key and the serial number are
 * learned; where something was replaced, a signature over it is overwritten
 * by words that say so, and digests of what changed are followed wherever
 * they stand.
 * Relies on evidence/cert.h and libcrypto; RFC 5280, RFC 5652.
 */
#include <string.h>

#include "evidence/cert.h"
#include "evidence/signature.h"
#include "redact/internal.h"

#define DEPTH_MAX	24
#define FOLLOW_MIN	16	/* bytes of something whose digest matters */

/* ---- learning ---- */

static bool
has(const uint8_t *p, size_t n, const void *word, size_t k)
{
	return memmem(p, n, word, k) != NULL;
}

/* tcg-kp-EKCertificate as extended key usage, and no CA. */
static bool
is_ek(const uint8_t *p, size_t n)
{
	return has(p, n, "\x06\x05\x67\x81\x05\x08\x01", 7) &&
	    !has(p, n, "\x30\x03\x01\x01\xff", 5) &&
	    !has(p, n, "\x30\x06\x01\x01\xff", 5);
}

/* The modulus, or the point, of a SubjectPublicKeyInfo. */
static void
key_learn(struct redactor *r, struct evidence *ev, const struct der *spki)
{
	struct der_iter it, inside;
	struct der algorithm, bits, d, modulus;
	const uint8_t *p;
	size_t n;

	der_enter(&it, ev, spki);
	if (!der_want(&it, DER_UNIVERSAL, DER_SEQUENCE, &algorithm) ||
	    !der_want(&it, DER_UNIVERSAL, DER_BIT_STRING, &bits) ||
	    bits.len < 34 || bits.constructed)
		return;
	p = der_bytes(&bits) + 1;
	n = bits.len - 1;
	if (p[0] == 0x30) {
		der_begin(&inside, ev, bits.blob, (struct span){
		    bits.blob->id, bits.body + 1, n });
		if (!der_next(&inside, &d))
			return;
		der_enter(&inside, ev, &d);
		if (!der_want(&inside, DER_UNIVERSAL, DER_INTEGER, &modulus))
			return;
		p = der_bytes(&modulus);
		n = modulus.len;
		if (n > 0 && *p == 0) {
			p++;
			n--;
		}
	} else if (p[0] == 4) {		/* x and y, each alone too */
		p++;
		n--;
		if (n / 2 >= 16) {
			(void)secret_of(r, SECRET_KEY, p, n / 2, true);
			(void)secret_of(r, SECRET_KEY, p + n / 2, n - n / 2,
			    true);
		}
		return;
	}
	if (n >= 32)
		(void)secret_of(r, SECRET_KEY, p, n, true);
}

static void
certificate_learn(struct redactor *r, struct evidence *ev,
    const struct blob *b, struct span at)
{
	struct cert_parts c;
	const uint8_t *p;
	size_t n;

	if (cert_walk(ev, b, at, &c) < 3 || !CERT_HAS(c.spki))
		return;
	key_learn(r, ev, &c.spki);
	p = der_bytes(&c.serial);
	n = c.serial.len;
	if (n > 0 && *p == 0) {
		p++;
		n--;
	}
	if (n >= 4)
		(void)secret_of(r, SECRET_SERIAL, p, n, true);
}

/* The length of the element that may begin here, 0: none does. */
static size_t
element_length(const uint8_t *p, size_t n)
{
	size_t len, k, i;

	if (n < 4 || p[0] != 0x30)
		return 0;
	if (p[1] < 0x80)
		return 0;	/* too short to matter */
	k = p[1] & 0x7f;
	if (k == 0 || k > 3 || n < 2 + k)
		return 0;
	for (len = i = 0; i < k; i++)
		len = len << 8 | p[2 + i];
	return len <= n - 2 - k ? len + 2 + k : 0;
}

static const struct blob *
scratch(struct redactor *r, const uint8_t *p, size_t n,
    struct evidence **ret_ev)
{
	static const uint8_t none[32];

	*ret_ev = evidence_new(ev_limits(r->ev));
	return ev_input(*ret_ev, "der", false, p, n, none);
}

void
redact_learn_certificate(struct redactor *r, const uint8_t *p, size_t n)
{
	struct evidence *ev;
	const struct blob *b = scratch(r, p, n, &ev);

	certificate_learn(r, ev, b, blob_span(b));
	evidence_free(ev);
}

void
redact_learn_der(struct leaf *l, size_t off, size_t n)
{
	const uint8_t *p = l->orig + off;
	struct evidence *ev = NULL;
	const struct blob *b = NULL;
	size_t i, len;

	for (i = 0; i < n; i++) {
		len = element_length(p + i, n - i);
		if (len < 256 || !is_ek(p + i, len) || p[i + 4] != 0x30)
			continue;
		/* An outer one holds it as well: only what is a certificate
		   is taken. */
		if (b == NULL)
			b = scratch(l->r, p, n, &ev);
		certificate_learn(l->r, ev, b, (struct span){ b->id, i,
		    len });
	}
	if (ev != NULL)
		evidence_free(ev);
}

/* BCRYPT_RSAKEY_BLOB of a public key, as the registry holds that of the EK. */
void
redact_learn_blob(struct leaf *l)
{
	const uint8_t *p = l->orig, *at;
	size_t exponent, modulus, off;

	for (off = 0; off + 24 < l->n && (at = memmem(p + off, l->n - off,
	    "RSA1", 4)) != NULL; off++) {
		off = (size_t)(at - p);
		if (l->n - off < 24)
			return;
		exponent = at[8] | (size_t)at[9] << 8;
		modulus = at[12] | (size_t)at[13] << 8;
		if (exponent <= 8 && modulus >= 128 && modulus <= 1024 &&
		    l->n - off >= 24 + exponent + modulus)
			leaf_claim_binary(l, off + 24 + exponent, modulus,
			    SECRET_KEY);
	}
}

/* ---- after the replacing ---- */

struct walk {
	struct redactor	*r;
	struct evidence	*ev;
	struct leaf	*l;
	size_t		 base;		/* of the blob in the leaf */
};

/* Digests of the old bytes become those of the new ones. */
static void
follow(struct redactor *r, const uint8_t *old, const uint8_t *new, size_t n)
{
	static const char *const names[] = { "sha1", "sha256", "md5" };
	uint8_t a[DIGEST_MAX], b[DIGEST_MAX];
	size_t i, k, m;

	if (n < FOLLOW_MIN)
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (digest_bytes(names[i], old, n, a, &k) &&
		    digest_bytes(names[i], new, n, b, &m))
			secret_follow(r, SECRET_DIGEST, a, b, k);
}

static bool
changed(const struct walk *w, size_t off, size_t n)
{
	return memcmp(w->l->orig + w->base + off, w->l->p + w->base + off,
	    n) != 0;
}

/* Is it the digest of what changed, which followed? */
static bool
is_digest(const struct walk *w, const struct der *d, size_t skip)
{
	return d->len - skip <= 32 ||
	    changed(w, d->body + skip, d->len - skip);
}

static void
signature_write(struct walk *w, const struct der *d, size_t skip)
{
	static const char words[] = REDACTED_SIGNATURE;
	uint8_t *p = w->l->p + w->base + d->body + skip;
	size_t i, n = d->len - skip;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)words[i % (sizeof(words) - 1)];
	memset(w->l->done + w->base + d->body + skip, 1, n);
	leaf_say(w->l, SECRET_SIGNATURE, w->base + d->body + skip, n);
	w->r->signatures++;
}

static size_t
list(const struct walk *w, const struct der *d, struct der *v, size_t max)
{
	struct der_iter it;
	size_t n = 0;

	der_enter(&it, w->ev, d);
	while (n < max && der_next(&it, &v[n]))
		n++;
	return n;
}

/* SIGNED{}: what is signed, an algorithm, a BIT STRING. */
static void
signed_check(struct walk *w, const struct der *v, size_t n)
{
	if (n == 3 && der_is(&v[0], DER_UNIVERSAL, DER_SEQUENCE) &&
	    der_is(&v[1], DER_UNIVERSAL, DER_SEQUENCE) &&
	    der_is(&v[2], DER_UNIVERSAL, DER_BIT_STRING) && v[2].len > 17 &&
	    changed(w, v[0].off, v[0].end - v[0].off) &&
	    !is_digest(w, &v[2], 1))
		signature_write(w, &v[2], 1);
	/* SignerInfo: version, who, digest, [0] attributes, algorithm,
	   signature. */
	else if (n >= 6 && der_is(&v[0], DER_UNIVERSAL, DER_INTEGER) &&
	    der_is(&v[2], DER_UNIVERSAL, DER_SEQUENCE) &&
	    der_is(&v[3], DER_CONTEXT, 0) &&
	    der_is(&v[4], DER_UNIVERSAL, DER_SEQUENCE) &&
	    der_is(&v[5], DER_UNIVERSAL, DER_OCTET_STRING) &&
	    v[5].len > 16 && changed(w, v[3].off, v[3].end - v[3].off))
		signature_write(w, &v[5], 0);
}

static void	element(struct walk *, const struct der *, unsigned int);

/* An element that stands inside a string. */
static void
wrapped(struct walk *w, const struct der *d, size_t skip, unsigned int depth)
{
	struct der inner;

	if (d->len <= skip + 8 || element_length(w->l->orig + w->base +
	    d->body + skip, d->len - skip) != d->len - skip)
		return;
	if (der_at(w->ev, d->blob, (struct span){ d->blob->id, d->body + skip,
	    d->len - skip }, &inner))
		element(w, &inner, depth + 1);
}

static void
element(struct walk *w, const struct der *d, unsigned int depth)
{
	const uint8_t *old = w->l->orig + w->base, *new = w->l->p + w->base;
	struct der v[8];
	struct der_iter it;
	struct der child;
	size_t n;

	if (depth > DEPTH_MAX || d->cut || d->end > d->blob->n)
		return;
	if (!changed(w, d->off, d->end - d->off))
		return;
	if (d->constructed) {
		der_enter(&it, w->ev, d);
		while (der_next(&it, &child))
			element(w, &child, depth + 1);
		n = list(w, d, v, 8);
		signed_check(w, v, n);
	} else if (der_is(d, DER_UNIVERSAL, DER_OCTET_STRING) ||
	    d->class == DER_CONTEXT)
		wrapped(w, d, 0, depth);
	else if (der_is(d, DER_UNIVERSAL, DER_BIT_STRING)) {
		wrapped(w, d, 1, depth);
		if (d->len > 1)
			follow(w->r, old + d->body + 1, new + d->body + 1,
			    d->len - 1);
	}
	follow(w->r, old + d->off, new + d->off, d->end - d->off);
	follow(w->r, old + d->body, new + d->body, d->len);
}

/* Ids of EK certificate services are made of the modulus and the exponent. */
static void
service_ids(struct redactor *r, const uint8_t *old, const uint8_t *new,
    size_t n)
{
	uint8_t a[1200], b[1200], x[DIGEST_MAX], y[DIGEST_MAX];
	size_t k;

	if (n > 1024)
		return;
	memcpy(a, old, n);
	memcpy(b, new, n);
	memcpy(a + n, "\1\0\1", 3);
	memcpy(b + n, "\1\0\1", 3);
	follow(r, a, b, n + 3);
	memcpy(a, "\0\0\x22\x22\0\1\0\1", 8);
	memcpy(b, a, 8);
	memcpy(a + 8, old, n);
	memcpy(b + 8, new, n);
	if (digest_bytes("sha256", a, n + 8, x, &k) &&
	    digest_bytes("sha256", b, n + 8, y, &k))
		secret_follow(r, SECRET_DIGEST, x, y, 16);
	follow(r, old, new, n);
}

void
redact_keys(struct redactor *r)
{
	const struct secret *s;
	size_t i, n = r->secrets.n;

	for (i = 0; i < n; i++) {
		s = r->secrets.v[i];
		if (s->kind == SECRET_KEY && s->binary && s->n >= 128)
			service_ids(r, s->value, s->token, s->n);
	}
}

void
redact_der(struct leaf *l, size_t off, size_t n)
{
	const uint8_t *p = l->orig + off;
	struct walk w = { .r = l->r, .l = l, .base = off };
	struct span at;
	const struct blob *b = NULL;
	struct der d;
	size_t i, len;

	for (i = 0; i < n; i += len > 0 ? len : 1) {
		len = element_length(p + i, n - i);
		if (len < 64 || (!memchr(l->done + off + i, 1, len) &&
		    i > 0))
			continue;
		if (b == NULL)
			b = scratch(l->r, p, n, &w.ev);
		at = (struct span){ b->id, i, len };
		if (!der_at(w.ev, b, at, &d) || d.end - d.off != len) {
			len = 1;
			continue;
		}
		element(&w, &d, 0);
	}
	if (w.ev != NULL)
		evidence_free(w.ev);
}

/* Envelopes stay closed: they are counted. */
size_t
redact_sealed(const uint8_t *p, size_t n)
{
	static const char oid[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
	    "\x03\xa0";
	const uint8_t *at = p;
	size_t count = 0;

	while ((at = memmem(at, n - (size_t)(at - p), oid, 12)) != NULL) {
		count++;
		at += 12;
	}
	return count;
}
