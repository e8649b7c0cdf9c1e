/*
 * What is sealed and what would open it; and where a key opened it, whether
 * its parts belong together: request and signer, request and statement, state
 * of challenge and answer.  Relies on roles.c; RFC 8894 3, MS-WCCE 3.1.2.4.
 */
#include <string.h>

#include "correlate/attempt.h"

#define MESSAGE	(ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER))

FIELD(envelope_recipient_known, "envelope.recipient_known", BOOL,
    KIND(ENVELOPE), MESSAGE, "is the certificate of a recipient in the case");
FIELD(envelope_recipient, "envelope.recipient", TEXT, KIND(ENVELOPE), MESSAGE,
    "for whom it is sealed: the name of the recipient's certificate");
FIELD(envelope_opens_with, "envelope.opens_with", TEXT, KIND(ENVELOPE),
    MESSAGE, "whose private key opens it");
FIELD(pkcs10_signer_matches, "pkcs10.signer_matches", BOOL, KIND(PKCS10),
    ARTIFACT(OPENED), "is the hash of the SCEP signer in the request that of "
    "the message's signer");
FIELD(attest_key_matches, "attest.key_matches", BOOL, KIND(ATTESTATION),
    ARTIFACT(OPENED), "is the attested key the key of the request");
FIELD(challenge_state_returned, "challenge.state_returned", BOOL,
    KIND(CHALLENGE), ARTIFACT(OPENED), "does the answer return the server's "
    "state unchanged");

FIELD(scep_payload, "scep.payload", TEXT, KIND(PKI_MESSAGE), MESSAGE,
    "what a SCEP message carries: envelope, none, empty, one zero byte (a "
    "failure of NDES), other");

/* The certificate that issuer and serial number, or key id, name. */
static struct item *
certificate_named(struct evidence *ev, const struct fact *issuer,
    const struct fact *serial, const struct fact *ski)
{
	struct item *it;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		if (serial != NULL ? fact_equal(serial, item_fact(it,
		    &cert_serial)) && fact_equal(issuer, item_fact(it,
		    &cert_issuer)) : fact_equal(ski, item_fact(it,
		    &cert_ski)))
			return it;
	return NULL;
}

/* Who is meant, of several the first that the case knows. */
struct recipient {
	const struct fact *issuer, *serial, *ski;
	struct item	*cert;		/* or NULL */
};

static bool
recipient_of(struct evidence *ev, const struct item *envelope,
    struct recipient *r)
{
	const struct fact *issuer = item_fact(envelope,
	    &envelope_recipient_issuer);
	const struct fact *serial = item_fact(envelope,
	    &envelope_recipient_serial);
	const struct fact *ski = item_fact(envelope,
	    &envelope_recipient_ski);
	struct item *cert = NULL;

	*r = (struct recipient){ issuer, serial, serial == NULL ? ski : NULL,
	    NULL };
	while (issuer != NULL && serial != NULL && cert == NULL) {
		cert = certificate_named(ev, issuer, serial, NULL);
		if (cert != NULL)
			*r = (struct recipient){ issuer, serial, NULL, cert };
		issuer = fact_next(issuer);
		serial = fact_next(serial);
	}
	for (; ski != NULL && cert == NULL; ski = fact_next(ski)) {
		cert = certificate_named(ev, NULL, NULL, ski);
		if (cert != NULL)
			*r = (struct recipient){ NULL, NULL, ski, cert };
	}
	return r->serial != NULL || r->ski != NULL;
}

static const char *
hex(struct evidence *ev, const struct fact *f)
{
	const char *text = fact_hex(ev, f);

	return *text != '\0' ? text : "?";
}

/* Whose key, and whether anybody can have it. */
static const char *
opener(struct evidence *ev, const struct recipient *r)
{
	const struct fact *role = r->cert == NULL ? NULL :
	    item_fact(r->cert, &cert_role);
	const struct fact *name = r->cert == NULL ? NULL :
	    item_fact(r->cert, &cert_subject);
	struct arena *a = ev_arena(ev);

	if (fact_is(role, "scep-signer"))
		return "the SCEP signer's own key, on the device only "
		    "during the enrolment";
	if (fact_is(role, "ra-encryption") || fact_is(role, "aik-ca"))
		return arena_printf(a, "the private key of \"%s\", the "
		    "service's own", name != NULL ? name->value.p : "?");
	if (name != NULL)
		return arena_printf(a, "the private key of \"%s\"",
		    name->value.p);
	if (r->serial == NULL)
		return arena_printf(a, "the private key with the key id %s",
		    hex(ev, r->ski));
	/* Its issuer's name may still tell whose it is. */
	return arena_printf(a, "the private key of the certificate %s of "
	    "\"%s\"%s", hex(ev, r->serial),
	    r->issuer != NULL ? r->issuer->value.p : "?",
	    fact_holds(r->issuer, "-KEYID-") ? ", the service's own" : "");
}

static void
envelope_judge(struct evidence *ev, struct item *envelope)
{
	const struct fact *why[2], *name;
	struct recipient r;

	if (!recipient_of(ev, envelope, &r))
		return;
	name = r.cert == NULL ? NULL : item_fact(r.cert, &cert_subject);
	why[0] = r.serial != NULL ? r.serial : r.ski;
	why[1] = r.cert == NULL ? r.issuer : item_fact(r.cert, r.serial !=
	    NULL ? &cert_serial : &cert_ski);
	ev_derive(ev, envelope, &envelope_recipient_known,
	    value_bool(r.cert != NULL), SPAN_NONE, why, 2, NULL);
	if (name != NULL)
		ev_derive(ev, envelope, &envelope_recipient, name->value,
		    SPAN_NONE, &name, 1, NULL);
	ev_derive(ev, envelope, &envelope_opens_with,
	    value_str(opener(ev, &r)), SPAN_NONE, why, 2, NULL);
}

/* ---- what a message carries ---- */

static const struct fact *
envelope_in(struct evidence *ev, const struct item *message)
{
	const struct item *it;

	for (it = ev_first(ev, ITEM_ENVELOPE); it != NULL; it = it->next)
		if (it->parent == message)
			return it->facts;
	return NULL;
}

/* The digest's check cites the content, or what stands in its place. */
static void
payload_judge(struct evidence *ev, struct item *message)
{
	const struct fact *why[2] = { NULL, NULL };
	const uint8_t *p;
	const char *payload;

	if (item_fact(message, &scep_message_type) == NULL ||
	    (why[0] = item_fact(message, &cms_digest_valid)) == NULL ||
	    (p = ev_bytes(ev, why[0]->at)) == NULL)
		return;
	why[1] = envelope_in(ev, message);
	if (why[1] != NULL)
		payload = "envelope";
	else if (why[0]->at.len == 0)
		payload = "empty";
	else if (why[0]->at.len == 1 && *p == 0)
		payload = "one zero byte";
	else if (why[0]->at.len > 2 && p[0] == 0x30 && p[2] == 0x06)
		payload = "none";
	else
		payload = "other";
	ev_derive(ev, message, &scep_payload, value_str(payload), why[0]->at,
	    why, 2, NULL);
}

/* ---- what was opened ---- */

/* The message that an item was sealed in; not one inside an envelope. */
static const struct item *
message_of(struct item *it)
{
	return item_up(it, ITEM_PKI_MESSAGE);
}

static void
request_judge(struct evidence *ev, struct item *request)
{
	const struct item *message = message_of(request);
	const struct fact *why[2] = { NULL, NULL };

	why[0] = item_fact(request, &pkcs10_signer_hash);
	if (message != NULL)
		why[1] = item_fact(message, &cms_signer_sha1);
	if (why[0] != NULL && why[1] != NULL)
		ev_derive(ev, request, &pkcs10_signer_matches,
		    value_bool(fact_equal(why[0], why[1])), SPAN_NONE, why, 2,
		    NULL);
}

/* Leading zeros may be left out of a number. */
static bool
number_equal(const struct fact *a, const struct fact *b)
{
	struct value x = a->value, y = b->value;

	for (; x.n > 0 && *x.p == '\0'; x.p++)
		x.n--;
	for (; y.n > 0 && *y.p == '\0'; y.p++)
		y.n--;
	return x.n == y.n && memcmp(x.p, y.p, x.n) == 0;
}

/* An EC point is x and y of the same length. */
static bool
point_equal(const struct fact *point, const struct fact *x,
    const struct fact *y)
{
	struct fact half = *point;
	bool same;

	half.value.n /= 2;
	same = number_equal(&half, x);
	half.value.p += half.value.n;
	return same && number_equal(&half, y);
}

static void
statement_judge(struct evidence *ev, struct item *statement)
{
	const struct item *request = item_up(statement, ITEM_PKCS10);
	const struct fact *why[3];

	if (request == NULL)
		return;
	why[0] = item_fact(request, &pkcs10_modulus);
	why[1] = item_fact(statement, &public_unique);
	if (why[0] != NULL && why[1] != NULL) {
		ev_derive(ev, statement, &attest_key_matches,
		    value_bool(number_equal(why[0], why[1])), SPAN_NONE, why,
		    2, NULL);
		return;
	}
	why[0] = item_fact(request, &pkcs10_point);
	why[1] = item_fact(statement, &public_x);
	why[2] = item_fact(statement, &public_y);
	if (why[0] != NULL && why[1] != NULL && why[2] != NULL)
		ev_derive(ev, statement, &attest_key_matches,
		    value_bool(point_equal(why[0], why[1], why[2])),
		    SPAN_NONE, why, 3, NULL);
}

/* The challenge of the same transaction. */
static void
answer_judge(struct evidence *ev, struct item *answer)
{
	const struct item *mine = message_of(answer), *other;
	const struct fact *why[2];
	struct item *it;

	if (mine == NULL || !fact_is(item_fact(answer, &challenge_kind),
	    "answer"))
		return;
	why[0] = item_fact(answer, &challenge_server_state);
	for (it = ev_first(ev, ITEM_CHALLENGE); it != NULL; it = it->next) {
		other = message_of(it);
		why[1] = item_fact(it, &challenge_server_state);
		if (it == answer || other == NULL || why[0] == NULL ||
		    why[1] == NULL || !fact_is(item_fact(it,
		    &challenge_kind), "challenge") ||
		    !fact_equal(item_fact(mine, &scep_transaction_id),
		    item_fact(other, &scep_transaction_id)))
			continue;
		ev_derive(ev, answer, &challenge_state_returned,
		    value_bool(fact_equal(why[0], why[1])), SPAN_NONE, why, 2,
		    NULL);
		return;
	}
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;

	(void)as_of;
	for (it = ev_first(ev, ITEM_PKI_MESSAGE); it != NULL; it = it->next)
		payload_judge(ev, it);
	for (it = ev_first(ev, ITEM_ENVELOPE); it != NULL; it = it->next)
		envelope_judge(ev, it);
	for (it = ev_first(ev, ITEM_PKCS10); it != NULL; it = it->next)
		request_judge(ev, it);
	for (it = ev_first(ev, ITEM_ATTESTATION); it != NULL; it = it->next)
		statement_judge(ev, it);
	for (it = ev_first(ev, ITEM_CHALLENGE); it != NULL; it = it->next)
		answer_judge(ev, it);
}

static const struct field *const fields[] = {
	&envelope_recipient_known, &envelope_recipient, &envelope_opens_with,
	&pkcs10_signer_matches, &attest_key_matches,
	&challenge_state_returned, &scep_payload, NULL
};

const struct correlator correlator_envelopes = {
	.name = "envelopes", .run = run, .fields = fields
};
