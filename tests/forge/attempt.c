/*
 * The enrolment runs of a case: which requests were made, what the service
 * answered, and when by whose clock.
 * Relies on scep.c for the messages; saz.c and text.c only show what is here.
 */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	REJECTED	"No valid TPM EK/Platform certificate provided in " \
			"the TPM identity request message."

static const char caps_text[] =
	"SHA-256\r\nSHA-1\r\nAES256\r\nAES128\r\nDES3\r\nPOSTPKIOperation\r\n"
	"IdentityKeyAttestation\r\nGetCaCertChain\r\n";

/* Where a run ends, and how the last answer looks. */
static const struct outcome {
	const char	*name;
	enum step	 last;
	int		 status;	/* of the last answer; 0: none */
	const char	*message;	/* NULL: no JSON */
	bool		 pki;		/* the last answer is a CertRep */
} outcomes[] = {
	{ "success", STEP_ANSWER, 200, NULL, true },
	{ "rejected", STEP_REQUEST, 400, REJECTED, false },
	{ "parse-failed", STEP_REQUEST, 400, "Failed to parse SCEP request.",
	    false },
	{ "not-found", STEP_CAPS, 404, "", false },
	{ "http", STEP_REQUEST, 500, "An error has occurred.", false },
	{ "refused", STEP_REQUEST, 200, NULL, true },
	{ "unanswered", STEP_REQUEST, 200, NULL, true },
	{ "aborted", STEP_REQUEST, 0, NULL, false },
	{ "caps-only", STEP_CAPS, 200, NULL, true },
	{ "tunnel", STEPS, 0, NULL, false },
	{ "dns", STEPS, 0, NULL, false },
	{ "dns-worded", STEPS, 0, NULL, false },
	{ "dns-coded", STEPS, 0, NULL, false },
	{ "connection-refused", STEPS, 0, NULL, false },
	{ "connection-timeout", STEPS, 0, NULL, false },
	{ "proxy-407", STEPS, 0, NULL, false },
	{ "local", STEPS, 0, NULL, false },
};

static const struct {
	int		 status;
	const char	*reason;
} reasons[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 407, "Proxy Authentication Required" },
	{ 429, "Too Many Requests" },
	{ 500, "Internal Server Error" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
};

static const char *
reason_of(int status)
{
	size_t i;

	for (i = 0; i < COUNT(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

static void
json_message(struct buf *b, const char *text)
{
	buf_str(b, "{\"Message\":\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_byte(b, '\\');
		buf_byte(b, (uint8_t)*text);
	}
	buf_str(b, "\"}");
}

static struct exchange *
exchange_add(struct attempt *a, enum step step, int64_t *clock, int pause)
{
	struct exchange *x = &a->exchanges[a->nexchanges];
	unsigned index = a->n * 10 + (unsigned)a->nexchanges;

	a->nexchanges++;
	x->step = step;
	x->start = *clock + pause * (SECOND / 1000) +
	    rng_below("start", index, 900) * 10 + 7;
	x->ms = 120 + (int)rng_below("duration", index, 700);
	if (step >= STEP_REQUEST)
		x->ms += 600;
	*clock = x->start + x->ms * (SECOND / 1000);
	x->status = 200;
	x->reason = "OK";
	x->type = "application/x-pki-message";
	rng_guid("request id", index, x->request_id);
	return x;
}

static void
exchange_fail(struct exchange *x, const struct attempt *a,
    const struct line *l, const struct outcome *o)
{
	const char *message = option(l, "message", o->message);
	char text[256];
	size_t i;

	x->status = (int)option_long(l, "status", o->status);
	x->reason = option(l, "reason", reason_of(x->status));
	x->type = option(l, "type", "application/json; charset=utf-8");
	x->server = option(l, "server", NULL);
	x->via = option(l, "via", NULL);
	x->answer.n = 0;
	if (x->status == 0)
		return;
	if (strcmp(o->name, "not-found") == 0 && *message == '\0') {
		snprintf(text, sizeof(text),
		    "The authority \"%s\" does not exist.", a->host);
		for (i = 15; text[i] != '\0' && text[i] != '"'; i++)
			if (text[i] >= 'A' && text[i] <= 'Z')
				text[i] |= 0x20;
		message = xstrdup(text);
	}
	if (option(l, "body", NULL) != NULL)
		buf_str(&x->answer, option(l, "body", NULL));
	else {
		x->message = message;
		json_message(&x->answer, message);
	}
}

/* CertRep: signed by the RA, enveloped to the SCEP signer (or empty). */
static void
cert_rep(struct attempt *a, struct exchange *x, const char *status,
    const struct buf *plain)
{
	const struct cert *certs[1] = { &a->device->service.ra_signing };
	unsigned index = a->n * 10 + (unsigned)x->step;
	struct buf content = { NULL, 0, 0 };
	struct scep_attrs attrs;
	uint8_t sender[16], recipient[16], id[20];
	char transaction[41];

	memset(&attrs, 0, sizeof(attrs));
	rng_bytes("answer nonce", index, sender, sizeof(sender));
	memcpy(recipient, a->sender, sizeof(recipient));
	if (x->step == STEP_ANSWER)
		rng_bytes("second nonce", a->n, recipient, sizeof(recipient));
	attrs.type = "3";
	attrs.status = status;
	attrs.transaction = a->transaction;
	if (strcmp(a->mix, "transaction") == 0) {
		rng_bytes("other transaction", index, id, sizeof(id));
		hex_put(id, sizeof(id), false, transaction);
		attrs.transaction = transaction;
	}
	if (strcmp(a->mix, "nonce") == 0)
		rng_bytes("other nonce", index, recipient, sizeof(recipient));
	attrs.sender = sender;
	attrs.recipient = recipient;
	if (plain == NULL) {
		attrs.fail_info = a->fail_info;
		attrs.error = a->error;
	} else {
		envelope(&content, &a->signer, "answer", index, plain);
		buf_add(&x->answer_plain, plain);
	}
	pki_message(&x->answer, &a->device->service.ra_signing, certs, 1,
	    &attrs, plain != NULL ? &content : NULL);
	a->pki_status = atoi(status);
	buf_free(&content);
}

static void
server_state(struct buf *b, unsigned n)
{
	uint8_t state[512];
	size_t mark = der_begin(b, 0x30), set;

	rng_bytes("server state", n, state, sizeof(state));
	truth_bytes("challenge.server_state", state, sizeof(state));
	der_oid(b, "1.3.6.1.4.1.311.21.34");
	set = der_begin(b, 0x31);
	der_tlv(b, 0x04, state, sizeof(state));
	der_end(b, set);
	der_end(b, mark);
}

static void
request_send(struct attempt *a, struct exchange *x, const struct line *l)
{
	const char *chain = a->device->ek_chain;
	const struct cert *certs[4], *to = &a->device->service.ra_encryption;
	struct buf request = { NULL, 0, 0 }, content = { NULL, 0, 0 };
	const struct ca *ca = a->device->ca;
	struct scep_attrs attrs;
	size_t n = 0;

	memset(&attrs, 0, sizeof(attrs));
	attrs.type = "19";
	attrs.transaction = a->transaction;
	attrs.sender = a->sender;
	certs[n++] = &a->signer;
	if (strcmp(chain, "full") == 0 && ca->issuer != NULL) {
		if (ca->issuer->issuer != NULL)
			certs[n++] = &ca->issuer->issuer->cert;
		certs[n++] = &ca->issuer->cert;
	}
	if (strcmp(chain, "none") != 0)
		certs[n++] = &ca->cert;
	if (strcmp(option(l, "recipient", ""), "stale") == 0)
		to = &a->device->service.stale;
	aik_request(&request, a->device, &a->signer, a->process, a->n);
	envelope(&content, to, "request", a->n, &request);
	buf_add(&x->request_plain, &request);
	pki_message(&x->request, &a->signer, certs, n, &attrs, &content);
	if (strcmp(option(l, "damage", ""), "digest") == 0)
		/* inside the ciphertext, so that the DER stays whole */
		x->request.p[content.n - 40] ^= 0x21;
	if (strcmp(option(l, "damage", ""), "cut") == 0)
		x->request.n -= 400;
	buf_free(&request);
	buf_free(&content);
}

/* The challenge's own layout: 24 bytes of header, then two TPM2B. */
static void
truth_tach(const struct buf *tach)
{
	const uint8_t *p = tach->p + 24;
	unsigned object = be16(p), hmac = be16(p + 2);

	truth_text("challenge.version", "1");
	truth_text("challenge.platform", "2");
	truth_text("challenge.length", "%zu", tach->n - 24);
	truth_text("challenge.opaque", "0");
	truth_bytes("challenge.integrity_hmac", p + 4, hmac);
	truth_bytes("challenge.enc_identity", p + 4 + hmac,
	    object - 2 - hmac);
	truth_bytes("challenge.encrypted_secret", p + 2 + object + 2,
	    be16(p + 2 + object));
}

static void
challenge_send(struct attempt *a, struct exchange *x)
{
	struct buf plain = { NULL, 0, 0 }, tach = { NULL, 0, 0 };
	size_t set, seq, values;
	uint8_t secret[32];

	tach_make(&tach, a->device, a->n, secret);
	set = der_begin(&plain, 0x31);
	seq = der_begin(&plain, 0x30);
	truth_text("challenge.kind", "challenge");
	truth_tach(&tach);
	der_oid(&plain, "1.3.6.1.4.1.311.21.28");
	values = der_begin(&plain, 0x31);
	der_tlv(&plain, 0x04, tach.p, tach.n);
	der_end(&plain, values);
	der_end(&plain, seq);
	server_state(&plain, a->n);
	der_end(&plain, set);
	cert_rep(a, x, "11", &plain);
	buf_free(&plain);
	buf_free(&tach);
}

static void
answer_send(struct attempt *a, struct exchange *x)
{
	const struct cert *certs[1] = { &a->signer };
	struct buf plain = { NULL, 0, 0 }, secret = { NULL, 0, 0 };
	struct buf tach = { NULL, 0, 0 }, content = { NULL, 0, 0 };
	struct scep_attrs attrs;
	uint8_t value[32], sender[16];
	size_t set, seq, values;

	tach_make(&tach, a->device, a->n, value);
	buf_put(&secret, value, sizeof(value));
	truth_text("challenge.kind", "answer");
	truth_bytes("challenge.secret", value, sizeof(value));
	set = der_begin(&plain, 0x31);
	seq = der_begin(&plain, 0x30);
	der_oid(&plain, "1.3.6.1.4.1.311.21.35");
	values = der_begin(&plain, 0x31);
	envelope(&plain, &a->device->service.ra_encryption, "secret", a->n,
	    &secret);
	der_end(&plain, values);
	der_end(&plain, seq);
	server_state(&plain, a->n);
	der_end(&plain, set);
	envelope(&content, &a->device->service.ra_encryption, "challenge",
	    a->n, &plain);
	buf_add(&x->request_plain, &plain);
	memset(&attrs, 0, sizeof(attrs));
	rng_bytes("second nonce", a->n, sender, sizeof(sender));
	attrs.type = "41";
	attrs.transaction = a->transaction;
	attrs.sender = sender;
	pki_message(&x->request, &a->signer, certs, 1, &attrs, &content);
	buf_free(&plain);
	buf_free(&secret);
	buf_free(&tach);
	buf_free(&content);
}

static void
certificate_send(const struct scenario *s, struct attempt *a,
    struct exchange *x)
{
	const struct cert *certs[1] = { &a->aik };
	struct buf plain = { NULL, 0, 0 };

	aik_certificate_make(&a->aik, a->device, a->n, x->start - s->skew);
	truth_cert(&a->aik);
	certs_only(&plain, certs, 1);
	cert_rep(a, x, "0", &plain);
	buf_free(&plain);
}

static void
attempt_make(const struct scenario *s, struct attempt *a,
    const struct line *l)
{
	const struct service *service;
	const struct outcome *o = NULL;
	enum step last;
	const struct cert *chain[4];
	int64_t clock = a->start;
	struct exchange *x;
	uint8_t id[20];
	size_t i;

	for (i = 0; i < COUNT(outcomes); i++)
		if (strcmp(outcomes[i].name, a->outcome) == 0)
			o = &outcomes[i];
	if (o == NULL)
		die("line %u: no outcome \"%s\"", l->number, a->outcome);
	service = &a->device->service;
	snprintf(a->host, sizeof(a->host), "%s-%s-%s.microsoftaik.azure.net",
	    a->device->host_vendor, option(l, "form", "KeyId"),
	    a->device->host_id);
	rng_guid("client request id", a->n, a->client_request_id);
	rng_bytes("transaction", a->n, id, sizeof(id));
	hex_put(id, sizeof(id), false, a->transaction);
	rng_bytes("sender nonce", a->n, a->sender, sizeof(a->sender));
	scep_signer_make(&a->signer, a->n, a->start);
	chain[0] = &service->root;
	chain[1] = &service->aik_ca;
	chain[2] = &service->ra_signing;
	chain[3] = &service->ra_encryption;
	certs_only(&a->chain, chain, COUNT(chain));
	a->fail_info = option(l, "fail_info", "2");
	a->error = option(l, "error", NULL);
	a->mix = option(l, "mix", "");
	a->pki_status = -1;

	last = o->last;
	if (strcmp(option(l, "step", ""), "caps") == 0)
		last = STEP_CAPS;
	if (strcmp(option(l, "step", ""), "answer") == 0)
		last = STEP_ANSWER;
	for (i = 0; i <= last && last < STEPS; i++) {
		x = exchange_add(a, (enum step)i, &clock,
		    i == STEP_REQUEST ? 900 : i == STEP_ANSWER ? 1400 : 40);
		if (i == STEP_CAPS)
			buf_str(&x->answer, caps_text);
		if (i == STEP_CHAIN)
			buf_add(&x->answer, &a->chain);
		if (i == STEP_REQUEST)
			request_send(a, x, l);
		if (i == STEP_ANSWER)
			answer_send(a, x);
		x->chunked = strcmp(option(l, "chunked", "no"), "yes") == 0;
		if (i == last && !o->pki)
			exchange_fail(x, a, l, o);
		else if (i == STEP_REQUEST && strcmp(o->name, "refused") == 0)
			cert_rep(a, x, "2", NULL);
		else if (i == STEP_REQUEST)
			challenge_send(a, x);
		else if (i == STEP_ANSWER)
			certificate_send(s, a, x);
	}
	a->tunnel_only = strcmp(o->name, "tunnel") == 0;
	if (last == STEPS && !a->tunnel_only)
		a->connect = o->name;
}

void
attempts_make(struct scenario *s)
{
	struct attempt *a;
	struct line *l;
	size_t i, n = 0;

	for (i = 0; i < s->nlines; i++)
		n += strcmp(s->lines[i].verb, "try") == 0;
	s->attempts = xcalloc(n, sizeof(*s->attempts));
	for (i = 0; i < s->nlines; i++) {
		l = &s->lines[i];
		if (strcmp(l->verb, "try") != 0)
			continue;
		a = &s->attempts[s->nattempts++];
		a->n = (unsigned)s->nattempts;
		a->outcome = option(l, "outcome", "rejected");
		a->process = option(l, "process", "taskhostw");
		a->captured = strcmp(option(l, "captured", "yes"), "yes") == 0;
		a->altered = option(l, "altered", NULL);
		a->issuer = option(l, "issuer", NULL);
		a->gateway = strcmp(option(l, "gateway", "no"), "yes") == 0;
		a->interim = strcmp(option(l, "interim", "no"), "yes") == 0;
		a->cached = option_long(l, "cached", 0) * SECOND;
		a->device = option_device(s, l);
		a->start = s->time + option_long(l, "after", 0) * SECOND;
		truth_try(a->captured && option(l, "damage", NULL) == NULL ?
		    a->n : 0);
		attempt_make(s, a, l);
	}
}
