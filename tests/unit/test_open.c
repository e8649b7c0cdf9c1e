/*
 * Opening what the forge seals needs its keys, so tests/open.sh does that;
 * here are the structures themselves: statements, challenges, requests, EK
 * information, whole, cut at each byte and flipped bit by bit, and the plain
 * texts of ../shared where they are.
 * Relies on sample.h.
 */
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "decode/keys.h"
#include "decode/open.h"
#include "decode/tpm_check.h"
#include "evidence/cursor.h"
#include "parsers/fields.h"
#include "sample.h"

#define SHARED	"../shared/data/scep/synthetic/parts"

/* ---- making structures ---- */

struct out {
	uint8_t	 p[4096];
	size_t	 n;
};

static void
put(struct out *o, const void *p, size_t n)
{
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void
number(struct out *o, uint64_t v, unsigned int octets, bool little)
{
	unsigned int i;

	for (i = 0; i < octets; i++)
		o->p[o->n++] = (uint8_t)(v >> 8 * (little ? i :
		    octets - 1 - i));
}

static void
buffer(struct out *o, const void *p, size_t n)
{
	number(o, n, 2, false);
	put(o, p, n);
}

static void
hash(const struct out *o, uint8_t ret[32])
{
	EVP_Digest(o->p, o->n, ret, NULL, EVP_sha256(), NULL);
}

/* An attestation by an EC key of P-256, which the forge does not make. */
static void
ec_statement(struct out *o, EVP_PKEY *key)
{
	static struct out public, creation, attest, binding;
	uint8_t point[65], name[34] = { 0, 0x0b }, digest[32] = { 0 };
	uint8_t der[128];
	size_t n, der_n = sizeof(der), r, s;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const uint8_t *at;

	public.n = creation.n = attest.n = binding.n = o->n = 0;
	EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", point,
	    sizeof(point), &n);
	number(&public, 0x0023, 2, false);
	number(&public, 0x000b, 2, false);
	number(&public, 0x00050072, 4, false);
	buffer(&public, "", 0);
	number(&public, 0x0010, 2, false);	/* symmetric */
	number(&public, 0x0018, 2, false);	/* ECDSA */
	number(&public, 0x000b, 2, false);
	number(&public, 3, 2, false);		/* P-256 */
	number(&public, 0x0010, 2, false);	/* kdf */
	buffer(&public, point + 1, 32);
	buffer(&public, point + 33, 32);

	number(&creation, 1, 4, false);		/* one bank of PCRs */
	number(&creation, 0x000b, 2, false);
	number(&creation, 3, 1, false);
	put(&creation, "\x81\0\0", 3);
	buffer(&creation, digest, 32);
	number(&creation, 8, 1, false);		/* locality 3 */
	number(&creation, 0x000b, 2, false);
	buffer(&creation, "parent", 6);
	buffer(&creation, "qualified", 9);
	buffer(&creation, "outside", 7);

	number(&attest, 0xff544347, 4, false);
	number(&attest, 0x801a, 2, false);
	buffer(&attest, "signer", 6);
	buffer(&attest, "extra", 5);
	number(&attest, 1234567, 8, false);
	number(&attest, 5, 4, false);
	number(&attest, 6, 4, false);
	number(&attest, 0, 1, false);
	number(&attest, UINT64_C(0x0007005511cb0002), 8, false);
	hash(&public, name + 2);
	buffer(&attest, name, sizeof(name));
	hash(&creation, digest);
	buffer(&attest, digest, sizeof(digest));

	EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key);
	EVP_DigestSign(ctx, der, &der_n, attest.p, attest.n);
	EVP_MD_CTX_free(ctx);

	buffer(&binding, public.p, public.n);
	buffer(&binding, creation.p, creation.n);
	buffer(&binding, attest.p, attest.n);
	number(&binding, 0x0018, 2, false);
	number(&binding, 0x000b, 2, false);
	at = der + 2;				/* SEQUENCE, INTEGER r, s */
	r = at[1];
	buffer(&binding, at + 2, r);
	s = at[2 + r + 1];
	buffer(&binding, at + 2 + r + 2, s);

	put(o, "KAST", 4);
	number(o, 1, 4, true);
	number(o, 2, 4, true);
	number(o, 28, 4, true);
	number(o, binding.n, 4, true);
	number(o, 10, 4, true);
	number(o, 0, 4, true);
	put(o, binding.p, binding.n);
	put(o, "ten bytes!", 10);
}

static const struct item *
first(struct evidence *ev, enum item_kind kind)
{
	return ev_first(ev, kind);
}

static const char *
of(struct evidence *ev, enum item_kind kind, const struct field *field)
{
	return sample_show(ev, first(ev, kind), field);
}

extern const struct field attest_name_matches, attest_creation_matches,
    attest_magic, attest_clock, attest_safe, creation_locality,
    creation_pcr_banks, kast_key_attestation, public_curve, public_policy_known;

static void
test_ec(EVP_PKEY *key)
{
	static struct out o;
	struct evidence *ev;
	enum item_kind k = ITEM_ATTESTATION;

	ec_statement(&o, key);
	ev = sample_evidence("kast.bin", o.p, o.n);
	tap_is_text(sample_kind(ev), "scep", "a statement of its own is read");
	tap_is_text(of(ev, k, &public_curve), "P-256", "curve");
	tap_is_text(of(ev, k, &attest_magic), "0xff544347", "magic");
	tap_is_text(of(ev, k, &attest_clock), "1234567", "clock");
	tap_is_text(of(ev, k, &attest_safe), "false", "safe");
	tap_is_text(of(ev, k, &attest_firmware_version), "7.85.4555.2",
	    "firmware");
	tap_is_text(of(ev, k, &creation_locality), "3", "locality");
	tap_is_text(of(ev, k, &creation_pcr_banks), "1", "PCR banks");
	tap_is_text(of(ev, k, &kast_key_attestation), "10",
	    "other part's size");
	tap_is_text(of(ev, k, &public_policy_known), "false", "unknown policy");
	tap_is_text(of(ev, k, &attest_name_matches), "true", "name");
	tap_is_text(of(ev, k, &attest_creation_matches), "true",
	    "creation hash");
	tap_is_text(of(ev, k, &attest_signature_valid), "true",
	    "ECDSA signature");
	evidence_free(ev);
}

/* Each byte matters: changed, something else is said. */
static size_t
said(struct evidence *ev, char *text, size_t size)
{
	const struct problem *p;
	const struct fact *f;
	struct item *it;
	const char *s;
	size_t used = 0, n;
	int kind;

	for (kind = ITEM_PKCS10; kind <= ITEM_CHALLENGE; kind++)
		for (it = ev_first(ev, (enum item_kind)kind); it != NULL;
		    it = it->next)
			for (f = it->facts; f != NULL; f = f->next) {
				s = value_show(ev, f->field, &f->value, false,
				    &n);
				if (n < size - used) {
					memcpy(text + used, s, n);
					used += n;
				}
			}
	for (p = ev_problems(ev); p != NULL; p = p->next) {
		n = strlen(p->text);
		if (n < size - used) {
			memcpy(text + used, p->text, n);
			used += n;
		}
	}
	return used;
}

static void
test_robust(const char *name, const uint8_t *p, size_t n)
{
	static char whole[65536], text[65536];
	size_t i, len, whole_n, silent = 0, bad = 0;
	uint8_t *copy = malloc(n);
	struct evidence *ev;
	char label[128];

	ev = sample_evidence(name, p, n);
	whole_n = said(ev, whole, sizeof(whole));
	bad = sample_bad_spans(ev, ITEM_ATTESTATION, false);
	evidence_free(ev);
	for (i = 0; i < n; i++) {
		memcpy(copy, p, n);
		copy[i] ^= 0x41;
		ev = sample_evidence(name, copy, n);
		len = said(ev, text, sizeof(text));
		silent += len == whole_n && memcmp(text, whole, len) == 0;
		evidence_free(ev);
	}
	snprintf(label, sizeof(label), "%s: no change goes unseen", name);
	tap_is_number((long long)silent, 0, label);
	for (i = 0; i < n; i++) {
		memcpy(copy, p, i);
		ev = sample_evidence(name, copy, i);
		bad += sample_bad_spans(ev, ITEM_ATTESTATION, false);
		evidence_free(ev);
	}
	snprintf(label, sizeof(label), "%s: cut anywhere, citations hold",
	    name);
	tap_is_number((long long)bad, 0, label);
	free(copy);
}

/* ---- plain texts that are given ---- */

static uint8_t *
shared(const char *name, size_t *ret_n)
{
	char path[512];
	const char *srcdir = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/" SHARED "/%s",
	    srcdir != NULL ? srcdir : ".", name);
	return sample_read(path, ret_n);
}

static void
test_shared(void)
{
	static const struct {
		const char *name;
		enum item_kind kind;
		const struct field *field;
		const char *value;
	} given[] = {
		{ "aik_pkcs10.der", ITEM_PKCS10, &pkcs10_hash_valid, "true" },
		{ "aik_pkcs10_ekcert_NULL.der", ITEM_PKCS10,
		    &pkcs10_hash_valid, "true" },
		{ "answer_inner.der", ITEM_CHALLENGE, &challenge_kind,
		    "answer" },
		{ "challenge_inner.der", ITEM_CHALLENGE, &challenge_kind,
		    "challenge" },
		{ "challenge_tach.bin", ITEM_CHALLENGE, &challenge_kind,
		    "challenge" },
		{ "ek_info_plain.der", ITEM_EK_INFO, &ek_info_certificate,
		    "true" },
		{ "ek_info_plain_ekcert_NULL.der", ITEM_EK_INFO,
		    &ek_info_certificate, "false" },
		{ "kast.bin", ITEM_ATTESTATION, &attest_signature_valid,
		    "true" },
	};
	struct evidence *ev;
	uint8_t *p;
	size_t i, n;

	for (i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		p = shared(given[i].name, &n);
		if (p == NULL) {
			tap_ok(true, "%s # SKIP there is no " SHARED,
			    given[i].name);
			continue;
		}
		ev = sample_evidence(given[i].name, p, n);
		tap_is_text(of(ev, given[i].kind, given[i].field),
		    given[i].value, given[i].name);
		evidence_free(ev);
		free(p);
	}
}

/* ---- keys and padding ---- */

static void
test_keys(EVP_PKEY *rsa)
{
	struct key_ring ring = { .n = 0 };
	struct key key = { rsa, NULL };
	uint8_t block[256], wrapped[256], cek[OPEN_KEY_MAX], *der = NULL;
	size_t n, len, i, opened = 0;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa, NULL);
	int size = i2d_PrivateKey(rsa, &der);

	tap_ok(keys_add(&ring, "a/key.der", der, (size_t)size, NULL, 0) == NULL,
	    "a key as DER");
	tap_is_text(ring.v[0].file, "key.der", "is known by its file's name");
	tap_ok(keys_add(&ring, "x", (const uint8_t *)"nothing", 7, NULL, 0) !=
	    NULL, "text is no key");
	for (i = 0; i < (size_t)size; i += 7)
		(void)keys_add(&ring, "x", der, i, NULL, 0);
	tap_is_number((long long)ring.n, 1, "no part of a key is one");
	keys_clear(&ring);
	OPENSSL_free(der);

	/* 00 02, bytes, 00, key; and each of these broken */
	memset(block, 0x55, sizeof(block));
	block[0] = 0;
	block[1] = 2;
	block[sizeof(block) - 17] = 0;
	EVP_PKEY_encrypt_init(ctx);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING);
	len = sizeof(wrapped);
	EVP_PKEY_encrypt(ctx, wrapped, &len, block, sizeof(block));
	tap_ok(open_transport(&key, NULL, wrapped, len, cek, &n) && n == 16,
	    "key transport opens");
	tap_ok(!open_transport(&key, NULL, wrapped, len - 1, cek, &n),
	    "a short one does not");
	for (i = 0; i < 64; i++) {
		wrapped[i * 3] ^= 1;
		opened += open_transport(&key, NULL, wrapped, len, cek, &n);
		wrapped[i * 3] ^= 1;
	}
	tap_is_number((long long)opened, 0, "nor does one that was changed");
	block[1] = 1;
	len = sizeof(wrapped);
	EVP_PKEY_encrypt(ctx, wrapped, &len, block, sizeof(block));
	tap_ok(!open_transport(&key, NULL, wrapped, len, cek, &n),
	    "nor one of another block type");
	EVP_PKEY_CTX_free(ctx);
}

/* ---- messages of the forge with its keys ---- */

static const char *
source(const char *name)
{
	static char path[512];
	const char *srcdir = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/%s", srcdir != NULL ? srcdir : ".",
	    name);
	return path;
}

static struct evidence *
opened(const struct key_ring *ring, const uint8_t *p, size_t n)
{
	static const uint8_t sha256[32];
	struct evidence *ev = evidence_new(&limits_default);

	keys_give(ev, ring);
	ev_input(ev, "message.p7m", true, p, n, sha256);
	worklist_run(ev);
	return ev;
}

/* What was damaged on its way is never taken for what was sent. */
static void
test_message(const struct key_ring *ring, const char *name,
    enum item_kind kind, const struct field *field, const char *value)
{
	uint8_t *p, *copy;
	size_t n, i, wrong = 0, bad = 0;
	struct evidence *ev;
	const struct item *m;
	char label[128];

	p = sample_read(source(name), &n);
	if (p == NULL) {
		tap_ok(false, "%s is there", name);
		return;
	}
	ev = opened(ring, p, n);
	snprintf(label, sizeof(label), "%s opens", name);
	tap_is_text(of(ev, kind, field), value, label);
	bad += sample_bad_spans(ev, kind, false);
	evidence_free(ev);
	copy = malloc(n);
	for (i = 0; i < n; i += 11) {
		memcpy(copy, p, n);
		copy[i] ^= (uint8_t)(1 + i % 255);
		ev = opened(ring, copy, n);
		m = first(ev, ITEM_PKI_MESSAGE);
		/* Opened and called sound only as it was sent. */
		if (m != NULL && strcmp(of(ev, kind, field), value) != 0 &&
		    first(ev, kind) != NULL)
			wrong += item_truth(m, &cms_digest_valid, false) &&
			    item_truth(m, &cms_signature_valid, false);
		bad += sample_bad_spans(ev, kind, false);
		evidence_free(ev);
		ev = opened(ring, p, i);
		bad += sample_bad_spans(ev, kind, false);
		evidence_free(ev);
	}
	snprintf(label, sizeof(label), "%s: damage is not believed", name);
	tap_is_number((long long)wrong, 0, label);
	snprintf(label, sizeof(label), "%s: citations hold", name);
	tap_is_number((long long)bad, 0, label);
	free(copy);
	free(p);
}

static void
test_messages(void)
{
	static const char *const files[] = {
		"tests/forge/keys/ra-encryption.pem",
		"tests/forge/keys/scep-1.pem", "tests/forge/keys/scep-2.pem",
		"tests/forge/keys/scep-3.pem"
	};
	struct key_ring ring = { .n = 0 };
	uint8_t *p;
	size_t i, n;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		p = sample_read(source(files[i]), &n);
		if (p != NULL)
			(void)keys_add(&ring, files[i], p, n, NULL, 0);
		free(p);
	}
	test_message(&ring, "samples/messages-as-files/request.p7m",
	    ITEM_PKCS10, &pkcs10_hash_valid, "true");
	test_message(&ring, "samples/messages-as-files/challenge.p7m",
	    ITEM_CHALLENGE, &challenge_kind, "challenge");
	test_message(&ring, "samples/messages-as-files/answer.p7m",
	    ITEM_CHALLENGE, &challenge_kind, "answer");
	keys_clear(&ring);
}

int
main(void)
{
	EVP_PKEY *ec = EVP_EC_gen("P-256"), *rsa = EVP_RSA_gen(2048);
	static struct out o;
	uint8_t *p;
	size_t n;

	test_ec(ec);
	ec_statement(&o, ec);
	test_robust("kast.bin", o.p, o.n);
	if ((p = shared("challenge_inner.der", &n)) != NULL)
		test_robust("challenge.der", p, n);
	free(p);
	test_shared();
	test_keys(rsa);
	test_messages();
	EVP_PKEY_free(ec);
	EVP_PKEY_free(rsa);
	return tap_done();
}
