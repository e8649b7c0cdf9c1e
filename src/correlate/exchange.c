/*
 * Checks that need both sides of an exchange: ids and nonces of request and
 * answer, the recipient of the envelope against the CA's answer, and damage
 * on the way.  Relies on attempts.c.  RFC 8894 section 3.2.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "correlate/signatures.h"

FIELD(message_damaged, "message_damaged", BOOL, KIND(ATTEMPT),
    ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER),
    "a pkiMessage of the attempt is cut, or its digest or signature does "
    "not fit");
FIELD(exchange_inconsistent, "exchange_inconsistent", BOOL, KIND(ATTEMPT),
    ARTIFACT(PKI_ANSWER), "transaction id or nonces of request and answer "
    "differ");
FIELD(recipient_stale, "recipient_stale", BOOL, KIND(ATTEMPT),
    ARTIFACT(CA_CHAIN), "the request is enveloped to a certificate that the "
    "GetCACertChain answer of the attempt does not hold");
FIELD(damaged_by_tool, "damaged_by_tool", BOOL, KIND(ATTEMPT),
    ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER),
    "the damage is that of a capture tool: bytes replaced as in text, or an "
    "archive that ends early");

/* A tool took binary bytes for text, or changed its line ends. */
static bool
spoilt_by_tool(const struct item *message)
{
	const struct fact *f = item_fact(message, &cms_damage);

	return fact_is(f, "text") || fact_is(f, "line-ends");
}

/* The signer's own certificate, where the message holds it. */
static const struct item *
signer_of(const struct evidence *ev, const struct item *message)
{
	const struct fact *sha1 = item_fact(message, &cms_signer_sha1);
	const struct item *it;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL && sha1 != NULL;
	    it = it->next)
		if (it->parent == message &&
		    fact_equal(item_fact(it, &cert_sha1), sha1))
			return it;
	return NULL;
}

/* The message ends early because its archive does. */
static bool
cut_with_archive(const struct attempt *at, const struct fact *damage,
    const struct item *http)
{
	const struct fact *body = http == NULL ? NULL :
	    item_fact(http, &http_body);

	return damage->field == &cms_damaged && at->archive != NULL &&
	    item_truth(at->archive, &archive_damaged, false) &&
	    fact_is(body, "truncated");
}

/* The first sign of damage of a message, or of its soundness. */
static const struct fact *
damage_fact(const struct evidence *ev, const struct item *message,
    bool *damaged)
{
	const struct item *signer = signer_of(ev, message);
	const struct fact *own = signer == NULL ? NULL :
	    item_fact(signer, &cert_signature_valid);
	const struct fact *cut = item_fact(message, &cms_damaged);
	const struct fact *digest = item_fact(message, &cms_digest_valid);
	const struct fact *sig = item_fact(message, &cms_signature_valid);

	*damaged = true;
	if (cut != NULL && cut->value.truth)
		return cut;
	if (digest != NULL && !digest->value.truth)
		return digest;
	if (sig != NULL && !sig->value.truth)
		return sig;
	/* A certificate that its own key does not verify was changed. */
	if (own != NULL && !own->value.truth &&
	    item_truth(signer, &cert_self_issued, false))
		return own;
	*damaged = false;
	return sig;
}

/* Damage by a tool that could be undone: a sound form stands beside it. */
static const struct fact *
undone(struct evidence *ev, const struct attempt *at)
{
	const struct item *it;
	size_t i;

	for (it = ev_first(ev, ITEM_PKI_MESSAGE); it != NULL; it = it->next)
		for (i = 0; i < at->nexchanges; i++)
			if (it->parent != NULL && spoilt_by_tool(it) &&
			    (it->parent == at->exchanges[i]->request ||
			    it->parent == at->exchanges[i]->response))
				return item_fact(it, &cms_damage);
	return NULL;
}

static void
attempt_damage(struct evidence *ev, struct attempt *at)
{
	const struct fact *f, *sound = NULL;
	const struct item *m;
	bool damaged;
	size_t i, k;

	for (i = 0; i < at->nexchanges; i++)
		for (k = 0; k < 2; k++) {
			m = k == 0 ? at->exchanges[i]->sent :
			    at->exchanges[i]->answer;
			if (m == NULL ||
			    (f = damage_fact(ev, m, &damaged)) == NULL)
				continue;
			if (!damaged) {
				sound = f;
				continue;
			}
			ev_derive(ev, at->item, &message_damaged,
			    value_bool(true), SPAN_NONE, &f, 1, NULL);
			ev_derive(ev, at->item, &damaged_by_tool,
			    value_bool(spoilt_by_tool(m) ||
			    cut_with_archive(at, f, k == 0 ?
			    at->exchanges[i]->request :
			    at->exchanges[i]->response)), SPAN_NONE, &f, 1,
			    NULL);
			return;
		}
	if (sound != NULL)
		ev_derive(ev, at->item, &message_damaged, value_bool(false),
		    SPAN_NONE, &sound, 1, NULL);
	if ((f = undone(ev, at)) != NULL)
		ev_derive(ev, at->item, &damaged_by_tool, value_bool(true),
		    SPAN_NONE, &f, 1, NULL);
}

static void
attempt_consistency(struct evidence *ev, struct attempt *at)
{
	const struct fact *why[4], *compared[4] = { NULL };
	bool differ = false, ids, nonces;
	const struct exchange *x;
	size_t i;

	for (i = 0; i < at->nexchanges && !differ; i++) {
		x = at->exchanges[i];
		if (x->sent == NULL || x->answer == NULL)
			continue;
		why[0] = item_fact(x->sent, &scep_transaction_id);
		why[1] = item_fact(x->answer, &scep_transaction_id);
		why[2] = item_fact(x->sent, &scep_sender_nonce);
		why[3] = item_fact(x->answer, &scep_recipient_nonce);
		ids = why[0] != NULL && why[1] != NULL;
		nonces = why[2] != NULL && why[3] != NULL;
		if (!ids && !nonces)
			continue;
		differ = (ids && !fact_equal(why[0], why[1])) ||
		    (nonces && !fact_equal(why[2], why[3]));
		memcpy(compared, why, sizeof(compared));
	}
	if (compared[0] != NULL || compared[3] != NULL)
		ev_derive(ev, at->item, &exchange_inconsistent,
		    value_bool(differ), SPAN_NONE, compared, 4, NULL);
}

/* The envelope of a pkiMessage, or NULL. */
static const struct item *
envelope_of(struct evidence *ev, const struct item *message)
{
	const struct item *it;

	for (it = ev_first(ev, ITEM_ENVELOPE); it != NULL; it = it->next)
		if (it->parent == message)
			return it;
	return NULL;
}

/* GetCACert, GetCACertChain: one certificate or several. */
static bool
in_ca_answer(const struct attempt *at, const struct item *cert)
{
	const struct exchange *x;
	size_t i;

	for (i = 0; i < at->nexchanges; i++) {
		x = at->exchanges[i];
		if (x->response != NULL &&
		    strncmp(x->operation, "GetCACert", 9) == 0 &&
		    item_within(cert, x->response))
			return true;
	}
	return at->ca_chain != NULL && cert->parent == at->ca_chain;
}

static void
attempt_recipient(struct evidence *ev, struct attempt *at)
{
	const struct item *it, *envelope;
	const struct fact *why[3];
	bool held = false, any = false;

	if (at->request == NULL ||
	    (envelope = envelope_of(ev, at->request)) == NULL)
		return;
	why[0] = item_fact(envelope, &envelope_recipient_issuer);
	why[1] = item_fact(envelope, &envelope_recipient_serial);
	why[2] = NULL;
	if (why[0] == NULL || why[1] == NULL)
		return;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL && !held;
	    it = it->next) {
		if (!in_ca_answer(at, it))
			continue;
		any = true;
		why[2] = item_fact(it, &cert_serial);
		held = fact_equal(why[1], why[2]) &&
		    fact_equal(why[0], item_fact(it, &cert_issuer));
	}
	/* A cut answer may have lost the very certificate. */
	if (!any || (!held && at->ca_chain != NULL &&
	    item_truth(at->ca_chain, &cms_damaged, false)))
		return;
	ev_derive(ev, at->item, &recipient_stale, value_bool(!held), SPAN_NONE,
	    why, 3, NULL);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		attempt_damage(ev, it->attempt);
		attempt_consistency(ev, it->attempt);
		attempt_recipient(ev, it->attempt);
	}
}

static const struct field *const fields[] = {
	&message_damaged, &exchange_inconsistent, &recipient_stale,
	&damaged_by_tool, NULL
};

const struct correlator correlator_exchange = {
	.name = "exchange", .run = run, .fields = fields
};
