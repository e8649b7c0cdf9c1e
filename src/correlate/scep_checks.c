/*
 * Checks of SCEP messages by themselves: weak algorithms, numbers that the
 * standard does not define, nonces of odd length, what a GetCACaps answer
 * lacks.  Relies on attempt.h; RFC 8894, RFC 8017.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "correlate/attempt.h"
#include "correlate/signatures.h"
#include "decode/cms_parts.h"

#define BOTH	(ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER))
#define WEAK_BITS	2048

FIELD(cms_weak, "cms.weak", TEXT, KIND(PKI_MESSAGE) | KIND(ENVELOPE), BOTH,
    "weak algorithm or short key that the message uses: MD5, SHA-1, DES, "
    "3DES, RC2, RSA 1024", .repeated = true);
FIELD(cms_signer_valid, "cms.signer_valid", BOOL, KIND(PKI_MESSAGE), BOTH,
    "does the signature of the signer's own certificate verify; absent: its "
    "issuer is not here");
FIELD(cms_signer_self, "cms.signer_self", BOOL, KIND(PKI_MESSAGE), BOTH,
    "did the signer make its certificate itself");
FIELD(cms_signer_key, "cms.signer_key", TEXT, KIND(PKI_MESSAGE), BOTH,
    "kind and size of the signer's key: RSA 2048, EC P-256");
FIELD(envelope_oaep, "envelope.oaep", BOOL, KIND(ENVELOPE), BOTH,
    "is the content key wrapped with RSAES-OAEP rather than PKCS#1 1.5");
FIELD(scep_undefined, "scep.undefined", TEXT, KIND(PKI_MESSAGE), BOTH,
    "attribute whose number no standard defines, with the number",
    .repeated = true);
FIELD(scep_nonce_length, "scep.nonce_length", TEXT, KIND(PKI_MESSAGE), BOTH,
    "nonce that has not 16 bytes, and how many it has", .repeated = true);
FIELD(scep_missing, "scep.missing", TEXT, KIND(PKI_MESSAGE), BOTH,
    "attribute that a message of this type has to have and lacks",
    .repeated = true);
FIELD(getcacaps_missing, "getcacaps.missing", TEXT, KIND(RESPONSE),
    ARTIFACT(CAPTURE), "keyword of RFC 8894 or of the AIK enrolment that the "
    "GetCACaps answer lacks", .repeated = true);

/* ---- weak algorithms ---- */

static const struct {
	const char	*name, *weak;
} weak_names[] = {
	{ "md2", "MD2" }, { "md4", "MD4" }, { "md5", "MD5" },
	{ "sha1", "SHA-1" }, { "md2WithRSAEncryption", "MD2" },
	{ "md4WithRSAEncryption", "MD4" }, { "md5WithRSAEncryption", "MD5" },
	{ "sha1WithRSAEncryption", "SHA-1" }, { "sha1WithRSA", "SHA-1" },
	{ "ecdsa-with-SHA1", "SHA-1" }, { "dsa-with-SHA1", "SHA-1" },
	{ "des-cbc", "DES" }, { "des-ede3-cbc", "3DES" },
	{ "rc2-cbc", "RC2" }, { "rc4", "RC4" },
};

static void
weak_once(struct evidence *ev, struct item *item, const char *weak,
    const struct fact *why)
{
	const struct fact *f;

	for (f = item_fact(item, &cms_weak); f != NULL; f = fact_next(f))
		if (fact_is(f, weak))
			return;
	ev_derive(ev, item, &cms_weak, value_str(weak), SPAN_NONE, &why, 1,
	    NULL);
}

static void
weak_name(struct evidence *ev, struct item *item, const struct fact *f)
{
	size_t i;

	for (; f != NULL; f = fact_next(f))
		for (i = 0; i < sizeof(weak_names) / sizeof(weak_names[0]);
		    i++)
			if (fact_is(f, weak_names[i].name))
				weak_once(ev, item, weak_names[i].weak, f);
}

static void
weak_key(struct evidence *ev, struct item *item, const struct fact *key)
{
	const char *text;

	if (key == NULL || key->value.n < 5 || key->value.n > 20 ||
	    memcmp(key->value.p, "RSA ", 4) != 0)
		return;
	text = arena_text(ev_arena(ev), key->value.p, key->value.n);
	if (atoi(text + 4) < WEAK_BITS)
		weak_once(ev, item, text, key);
}

/* ---- the signer ---- */

/* The certificate of the message that signed it. */
static const struct item *
signer_of(const struct evidence *ev, const struct item *message)
{
	const struct fact *sha1 = item_fact(message, &cms_signer_sha1);
	const struct item *it;

	if (sha1 == NULL)
		return NULL;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		if (it->parent == message &&
		    fact_equal(item_fact(it, &cert_sha1), sha1))
			return it;
	return NULL;
}

static void
signer_check(struct evidence *ev, struct item *message)
{
	const struct item *signer = signer_of(ev, message);
	const struct fact *f;

	weak_name(ev, message, item_fact(message, &cms_digest));
	weak_name(ev, message, item_fact(message, &cms_signature_algorithm));
	if (signer == NULL)
		return;
	if ((f = item_fact(signer, &cert_signature_valid)) != NULL)
		ev_derive(ev, message, &cms_signer_valid, f->value, SPAN_NONE,
		    &f, 1, NULL);
	if ((f = item_fact(signer, &cert_self_issued)) != NULL)
		ev_derive(ev, message, &cms_signer_self, f->value, SPAN_NONE,
		    &f, 1, NULL);
	if ((f = item_fact(signer, &cert_key)) != NULL)
		ev_derive(ev, message, &cms_signer_key, f->value, SPAN_NONE,
		    &f, 1, NULL);
	weak_key(ev, message, f);
	weak_name(ev, message, item_fact(signer, &cert_signature));
}

/* ---- attributes ---- */

static bool
is_named(const struct fact *f)
{
	const struct named *n;

	for (n = f->field->named; n->name != NULL; n++)
		if (n->value == f->value.number)
			return true;
	return false;
}

static void
undefined(struct evidence *ev, struct item *m, const struct field *field,
    const char *name)
{
	const struct fact *f = item_fact(m, field);

	if (f != NULL && !is_named(f))
		ev_derive(ev, m, &scep_undefined, value_str(arena_printf(
		    ev_arena(ev), "%s %lld", name,
		    (long long)f->value.number)), SPAN_NONE, &f, 1, NULL);
}

static void
nonce_check(struct evidence *ev, struct item *m, const struct field *field,
    const char *name)
{
	const struct fact *f = item_fact(m, field);

	if (f != NULL && f->value.n != 16)
		ev_derive(ev, m, &scep_nonce_length, value_str(arena_printf(
		    ev_arena(ev), "%s has %zu bytes, want 16", name,
		    f->value.n)), SPAN_NONE, &f, 1, NULL);
}

static void
missing(struct evidence *ev, struct item *m, const struct field *field,
    const char *name, const struct fact *type)
{
	if (item_fact(m, field) == NULL)
		ev_derive(ev, m, &scep_missing, value_str(name), SPAN_NONE,
		    &type, 1, NULL);
}

/* RFC 8894 3.2 table 1; only of messages that are whole. */
static void
missing_check(struct evidence *ev, struct item *m, const struct fact *type)
{
	const struct fact *status = item_fact(m, &scep_pki_status);

	if (item_truth(m, &cms_damaged, true))
		return;
	missing(ev, m, &scep_transaction_id, "transactionID", type);
	missing(ev, m, &scep_sender_nonce, "senderNonce", type);
	if (type->value.number != 3)
		return;
	missing(ev, m, &scep_recipient_nonce, "recipientNonce", type);
	missing(ev, m, &scep_pki_status, "pkiStatus", type);
	if (status != NULL && status->value.number == 2)
		missing(ev, m, &scep_fail_info, "failInfo", status);
}

static void
message_check(struct evidence *ev, struct item *m)
{
	const struct fact *type = item_fact(m, &scep_message_type);

	signer_check(ev, m);
	if (type == NULL)
		return;
	undefined(ev, m, &scep_message_type, "messageType");
	undefined(ev, m, &scep_pki_status, "pkiStatus");
	undefined(ev, m, &scep_fail_info, "failInfo");
	nonce_check(ev, m, &scep_sender_nonce, "senderNonce");
	nonce_check(ev, m, &scep_recipient_nonce, "recipientNonce");
	missing_check(ev, m, type);
}

static void
envelope_check(struct evidence *ev, struct item *envelope)
{
	const struct fact *f = item_fact(envelope, &envelope_key_algorithm);

	weak_name(ev, envelope, item_fact(envelope, &envelope_cipher));
	if (f != NULL)
		ev_derive(ev, envelope, &envelope_oaep,
		    value_bool(fact_is(f, "rsaesOaep")), SPAN_NONE, &f, 1,
		    NULL);
}

/* ---- GetCACaps ---- */

/* What stands for a keyword; SCEPStandard is AES, POST and SHA-256. */
static const struct {
	const char	*keyword, *other[3];
} wanted[] = {
	{ "AES", { "SCEPStandard", "AES128", "AES256" } },
	{ "POSTPKIOperation", { "SCEPStandard", NULL, NULL } },
	{ "SHA-256", { "SCEPStandard", "SHA-512", NULL } },
	{ "IdentityKeyAttestation", { NULL, NULL, NULL } },
	{ "GetCaCertChain", { NULL, NULL, NULL } },
};

static bool
has_keyword(const struct item *response, const char *word)
{
	const struct fact *f;

	for (f = item_fact(response, &getcacaps_keyword); f != NULL;
	    f = fact_next(f))
		if (strlen(word) == f->value.n &&
		    strncasecmp(f->value.p, word, f->value.n) == 0)
			return true;
	return false;
}

static void
caps_check(struct evidence *ev, struct item *response)
{
	const struct fact *any = item_fact(response, &getcacaps_keyword);
	size_t i, k;
	bool has;

	if (any == NULL)
		return;
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		has = has_keyword(response, wanted[i].keyword);
		for (k = 0; k < 3 && wanted[i].other[k] != NULL && !has; k++)
			has = has_keyword(response, wanted[i].other[k]);
		if (!has)
			ev_derive(ev, response, &getcacaps_missing,
			    value_str(wanted[i].keyword), SPAN_NONE, &any, 1,
			    NULL);
	}
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;

	(void)as_of;
	for (it = ev_first(ev, ITEM_PKI_MESSAGE); it != NULL; it = it->next)
		message_check(ev, it);
	for (it = ev_first(ev, ITEM_ENVELOPE); it != NULL; it = it->next)
		envelope_check(ev, it);
	for (it = ev_first(ev, ITEM_RESPONSE); it != NULL; it = it->next)
		caps_check(ev, it);
}

static const struct field *const fields[] = {
	&cms_weak, &cms_signer_valid, &cms_signer_self, &cms_signer_key,
	&envelope_oaep, &scep_undefined, &scep_nonce_length, &scep_missing,
	&getcacaps_missing, NULL
};

const struct correlator correlator_scep_checks = {
	.name = "scep_checks", .run = run, .fields = fields
};
