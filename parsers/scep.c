/*
 * The signed attributes of a SCEP message: its type, status, failure, nonces,
 * transaction and Microsoft's additions, as facts of the message.
 * Relies on decode/cms.h's hint and der.h; RFC 8894 3.2.1.
 */
#include <limits.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "decode/parser.h"
#include "evidence/oid.h"
#include "parsers/fields.h"

#define BOTH	(ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER))
#define ANSWER	ARTIFACT(PKI_ANSWER)
/* Answers are also told of the stage and the attempt they belong to. */
#define OUTWARD	(KIND(PKI_MESSAGE) | KIND(STAGE) | KIND(ATTEMPT))

#define CERT_REP	3

/* certpol.h and RFC 8894 3.2.1.2 */
static const struct named message_types[] = {
	{ 0, "Reserved" },
	{ 3, "CertRep" },
	{ 17, "RenewalReq" },
	{ 18, "UpdateReq" },
	{ 19, "PKCSReq" },
	{ 20, "CertPoll" },
	{ 21, "GetCert" },
	{ 22, "GetCRL" },
	{ 41, "ClaimChallengeAnswer" },
	{ 0, NULL }
};

static const struct named statuses[] = {
	{ 0, "SUCCESS" },
	{ 2, "FAILURE" },
	{ 3, "PENDING" },
	{ 11, "PendingChallenge" },
	{ 0, NULL }
};

static const struct named failures[] = {
	{ 0, "badAlg" },
	{ 1, "badMessageCheck" },
	{ 2, "badRequest" },
	{ 3, "badTime" },
	{ 4, "badCertId" },
	{ 0, NULL }
};

const struct field scep_message_type = {
	.name = "scep.message_type", .type = VALUE_INT,
	.named = message_types, .kinds = KIND(PKI_MESSAGE), .artifacts = BOTH,
	.help = "type of a SCEP message: 19 asks, 3 answers, 41 answers a "
	    "challenge"
};
const struct field scep_pki_status = {
	.name = "scep.pki_status", .type = VALUE_INT, .named = statuses,
	.kinds = OUTWARD, .artifacts = ANSWER,
	.help = "status of a SCEP answer; 11 is Microsoft's challenge"
};
const struct field scep_fail_info = {
	.name = "scep.fail_info", .type = VALUE_INT, .named = failures,
	.kinds = OUTWARD, .artifacts = ANSWER,
	.help = "why a SCEP request failed"
};
const struct field scep_fail_info_text = {
	.name = "scep.fail_info_text", .type = VALUE_TEXT,
	.kinds = OUTWARD, .artifacts = ANSWER,
	.help = "the failure in the server's words"
};
const struct field scep_transaction_id = {
	.name = "scep.transaction_id", .type = VALUE_TEXT,
	.kinds = KIND(PKI_MESSAGE), .artifacts = BOTH,
	.help = "transaction id; in hex where it is not printable"
};
const struct field scep_sender_nonce = {
	.name = "scep.sender_nonce", .type = VALUE_BYTES,
	.kinds = KIND(PKI_MESSAGE), .artifacts = BOTH,
	.help = "nonce of the sender"
};
const struct field scep_recipient_nonce = {
	.name = "scep.recipient_nonce", .type = VALUE_BYTES,
	.kinds = KIND(PKI_MESSAGE), .artifacts = BOTH,
	.help = "nonce of the message that is answered"
};
const struct field scep_error = {
	.name = "scep.error", .type = VALUE_CODE,
	.kinds = OUTWARD, .artifacts = ANSWER,
	.help = "HRESULT of a failed request (1.3.6.1.4.1.311.21.33)"
};
const struct field scep_server_message = {
	.name = "scep.server_message", .type = VALUE_TEXT,
	.kinds = OUTWARD, .artifacts = ANSWER,
	.help = "message of a Microsoft CA, also of success "
	    "(1.3.6.1.4.1.311.21.38)"
};
const struct field scep_signing_time = {
	.name = "scep.signing_time", .type = VALUE_TIME,
	.kinds = KIND(PKI_MESSAGE), .artifacts = BOTH,
	.help = "when the message was signed, by the signer's clock"
};

static const struct field *const fields[] = {
	&scep_message_type, &scep_pki_status, &scep_fail_info,
	&scep_fail_info_text, &scep_transaction_id, &scep_sender_nonce,
	&scep_recipient_nonce, &scep_error, &scep_server_message,
	&scep_signing_time, NULL
};

/* ---- values; false: not what the attribute has to be ---- */

/* Any string as text; OCTET STRINGs and odd ones by their bytes. */
static bool
text_of(struct evidence *ev, const struct der *d, const char **ret_p,
    size_t *ret_n)
{
	if (der_text(ev, d, ret_p, ret_n))
		return true;
	*ret_p = (const char *)der_bytes(d);
	*ret_n = d->len;
	return !d->constructed && (der_is(d, DER_UNIVERSAL,
	    DER_OCTET_STRING) || d->class == DER_CONTEXT);
}

/* Decimal text in a string, or an INTEGER. */
static bool
number_of(struct evidence *ev, const struct der *d, int64_t *ret)
{
	const char *p;
	size_t i, n;
	int64_t v = 0;
	bool minus;

	if (der_int(d, ret))
		return true;
	if (!text_of(ev, d, &p, &n))
		return false;
	minus = n > 0 && p[0] == '-';
	if (n - minus == 0 || n - minus > 11)
		return false;
	for (i = minus; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (p[i] - '0');
	}
	*ret = minus ? -v : v;
	return true;
}

static bool
read_number(struct evidence *ev, struct item *item, const struct field *field,
    const struct der *d)
{
	int64_t v;

	if (!number_of(ev, d, &v) || v < INT32_MIN || v > UINT32_MAX)
		return false;
	ev_fact(ev, item, field, value_int(v), der_span(d));
	return true;
}

/* An HRESULT as signed decimal text: "-2147024809" is 0x80070057. */
static bool
read_code(struct evidence *ev, struct item *item, const struct field *field,
    const struct der *d)
{
	int64_t v;

	if (!number_of(ev, d, &v) || v < INT32_MIN || v > UINT32_MAX)
		return false;
	ev_fact(ev, item, field, value_code((uint32_t)v), der_span(d));
	return true;
}

static bool
read_text(struct evidence *ev, struct item *item, const struct field *field,
    const struct der *d)
{
	const char *p;
	size_t n;

	if (!text_of(ev, d, &p, &n))
		return false;
	ev_fact(ev, item, field, value_text(p, n), der_span(d));
	return true;
}

/* Some clients send 16 raw bytes in a PrintableString. */
static bool
read_id(struct evidence *ev, struct item *item, const struct field *field,
    const struct der *d)
{
	static const char digits[] = "0123456789abcdef";
	const char *p;
	char *hex;
	size_t i, n, max;

	if (!text_of(ev, d, &p, &n))
		return false;
	for (i = 0; i < n && p[i] >= 0x20 && p[i] < 0x7f; i++)
		continue;
	if (i == n)
		return read_text(ev, item, field, d);
	max = (size_t)ev_limits(ev)->value_bytes / 2;
	n = d->len > max ? max : d->len;
	hex = arena_alloc(ev_arena(ev), 2 * n + 1);
	for (i = 0; i < n; i++) {
		hex[2 * i] = digits[der_bytes(d)[i] >> 4];
		hex[2 * i + 1] = digits[der_bytes(d)[i] & 15];
	}
	ev_fact(ev, item, field, value_text(hex, 2 * n), der_span(d));
	return true;
}

static bool
read_nonce(struct evidence *ev, struct item *item, const struct field *field,
    const struct der *d)
{
	uint8_t *joined;
	size_t n;

	if (!der_octets(ev, d, &joined, &n))
		return false;
	ev_fact(ev, item, field, value_bytes(joined != NULL ?
	    joined : der_bytes(d), n), der_span(d));
	free(joined);
	if (n != 16)
		ev_problem(ev, PROBLEM_NOTED, der_span(d), "%s has %zu bytes, "
		    "want 16", field->name, n);
	return true;
}

static bool
read_time(struct evidence *ev, struct item *item, const struct field *field,
    const struct der *d)
{
	int64_t us;

	if (!der_time(d, &us))
		return false;
	ev_fact(ev, item, field, value_time(us), der_span(d));
	return true;
}

/* ---- attributes ---- */

static const struct attribute {
	const char	*oid, *name;
	const struct field *field;
	bool		 (*read)(struct evidence *, struct item *,
	    const struct field *, const struct der *);
} attributes[] = {
	{ "2.16.840.1.113733.1.9.2", "messageType",
	    &scep_message_type, read_number },
	{ "2.16.840.1.113733.1.9.3", "pkiStatus",
	    &scep_pki_status, read_number },
	{ "2.16.840.1.113733.1.9.4", "failInfo",
	    &scep_fail_info, read_number },
	{ "2.16.840.1.113733.1.9.5", "senderNonce",
	    &scep_sender_nonce, read_nonce },
	{ "2.16.840.1.113733.1.9.6", "recipientNonce",
	    &scep_recipient_nonce, read_nonce },
	{ "2.16.840.1.113733.1.9.7", "transactionID",
	    &scep_transaction_id, read_id },
	{ "1.3.6.1.5.5.7.24.1", "failInfoText",
	    &scep_fail_info_text, read_text },
	{ "1.3.6.1.4.1.311.21.33", "SCEP error",
	    &scep_error, read_code },
	{ "1.3.6.1.4.1.311.21.38", "SCEP server message",
	    &scep_server_message, read_text },
	{ "1.2.840.113549.1.9.5", "signingTime",
	    &scep_signing_time, read_time },
};

#define ATTRIBUTES	(sizeof(attributes) / sizeof(attributes[0]))

/* The first value of the first attribute counts; others are noted. */
static void
values_read(struct evidence *ev, struct item *item,
    const struct attribute *a, const struct der *set)
{
	struct der_iter it;
	struct der value, more;

	der_enter(&it, ev, set);
	if (!der_next(&it, &value)) {
		ev_problem(ev, PROBLEM_NOTED, der_span(set),
		    "%s has no value", a->name);
		return;
	}
	if (value.cut)
		return;
	if (!a->read(ev, item, a->field, &value))
		ev_problem(ev, PROBLEM_NOTED, der_span(&value), "the value of "
		    "%s cannot be read as what it has to be", a->name);
	if (der_next(&it, &more))
		ev_problem(ev, PROBLEM_NOTED, der_span(&more),
		    "%s has a second value; the first one counts", a->name);
}

static void
attribute_read(struct evidence *ev, struct item *item,
    const struct der *oid, const struct der *set, bool seen[ATTRIBUTES])
{
	size_t i;

	for (i = 0; i < ATTRIBUTES; i++) {
		if (!der_oid_is(oid, attributes[i].oid))
			continue;
		if (seen[i])
			ev_problem(ev, PROBLEM_NOTED, der_span(set),
			    "a second attribute %s; the first one counts",
			    attributes[i].name);
		else
			values_read(ev, item, &attributes[i], set);
		seen[i] = true;
		return;
	}
}

/*
 * Says that the message was read, so that what it lacks is known to be
 * absent: a request, or an answer.
 */
static void
mark(struct item *item, const struct fact *type)
{
	enum artifact a;
	struct item *up;

	if (type == NULL)
		return;
	a = type->value.number == CERT_REP ? ARTIFACT_PKI_ANSWER :
	    ARTIFACT_PKI_MESSAGE;
	ev_artifact(item, a);
	up = item_up(item, a == ARTIFACT_PKI_ANSWER ? ITEM_RESPONSE :
	    ITEM_REQUEST);
	if (up != NULL)
		ev_artifact(up, a);
}

static int
scep_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	/* The hint alone could be a server's Content-Type. */
	return blob_hint_is(b, HINT_SCEP_ATTRS) &&
	    b->item->kind == ITEM_PKI_MESSAGE ? 100 : 0;
}

/* [0] or SET around the attributes, or the bare series of them. */
static void
scep_read(struct evidence *ev, struct blob *b)
{
	bool seen[ATTRIBUTES] = { false }, whole = true;
	struct der_iter it, inside;
	struct der d, oid, set;
	uint64_t n = 0;

	der_begin(&it, ev, b, blob_span(b));
	if (der_at(ev, b, blob_span(b), &d) && d.constructed &&
	    !der_is(&d, DER_UNIVERSAL, DER_SEQUENCE)) {
		whole = !d.cut;
		der_enter(&it, ev, &d);
	}
	while (der_want(&it, DER_UNIVERSAL, DER_SEQUENCE, &d)) {
		if (n++ == ev_limits(ev)->cms_attributes) {
			ev_limit(ev, blob_span(b), "cms_attributes", "more "
			    "than %llu signed attributes are not read",
			    (unsigned long long)(n - 1));
			break;
		}
		whole &= !d.cut;
		der_enter(&inside, ev, &d);
		if (!der_want(&inside, DER_UNIVERSAL, DER_OID, &oid))
			continue;
		if (der_next(&inside, &set) && set.constructed)
			attribute_read(ev, b->item, &oid, &set, seen);
	}
	if (whole && it.off >= it.end)
		mark(b->item, item_fact(b->item, &scep_message_type));
}

const struct parser parser_scep = {
	.name = "scep", .bid = scep_bid, .read = scep_read, .fields = fields
};
