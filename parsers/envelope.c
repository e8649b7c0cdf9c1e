/*
 * CMS enveloped data: for whom it is, how the key is wrapped, the cipher and
 * how long the content is; the content itself where a key of the user's opens
 * it.  Relies on decode/cms.h and decode/open.h; RFC 5652 6.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "decode/cms.h"
#include "decode/cms_parts.h"
#include "decode/damage.h"
#include "decode/open.h"
#include "decode/parser.h"
#include "evidence/oid.h"
#include "parsers/fields.h"

#define MESSAGE		(ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER))
#define RECIPIENTS_MAX	8	/* of a message that are tried with keys */
#define SECRET_MAX	64	/* bytes of a challenge's secret */

#define FIELD(id, dotted, kind_of_value, ...)				\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##kind_of_value, .kinds = KIND(ENVELOPE),	\
	    .artifacts = MESSAGE, __VA_ARGS__ }

FIELD(envelope_recipient_issuer, "envelope.recipient_issuer", TEXT,
    .repeated = true, .help = "issuer name of the recipient's certificate");
FIELD(envelope_recipient_serial, "envelope.recipient_serial", BYTES,
    .repeated = true, .help = "serial number of the recipient's certificate");
FIELD(envelope_key_algorithm, "envelope.key_algorithm", TEXT,
    .repeated = true, .help = "how the content key is wrapped");
FIELD(envelope_cipher, "envelope.cipher", TEXT,
    .help = "cipher of the content: aes-128-cbc");
FIELD(envelope_length, "envelope.length", INT,
    .help = "bytes of the encrypted content");
FIELD(envelope_recipient_ski, "envelope.recipient_ski", BYTES,
    .repeated = true, .help = "key identifier of the recipient, where it is "
	"not named by issuer and serial number");
FIELD(envelope_opened, "envelope.opened", BOOL,
    .help = "was the content opened with a key of --key");
FIELD(envelope_opened_by, "envelope.opened_by", TEXT,
    .help = "name of the key file that opened it");

static const struct field *const fields[] = {
	&envelope_recipient_issuer, &envelope_recipient_serial,
	&envelope_recipient_ski, &envelope_key_algorithm, &envelope_cipher,
	&envelope_length, &envelope_opened, &envelope_opened_by,
	&envelope_version, &envelope_content_type, &envelope_iv,
	&envelope_sha256, &envelope_key_sha256, &envelope_frame_sha256, NULL
};

/* An envelope that is being read. */
struct envelope {
	struct cms_walk	*w;
	struct evidence	*ev;
	struct item	*item;
	struct der	 outer;		/* ContentInfo */
	struct {
		struct der algorithm, wrapped;
	}		 recipients[RECIPIENTS_MAX];
	size_t		 nrecipients;
	bool		 agreement;	/* some recipient's key is agreed on */
	struct der	 cipher;	/* AlgorithmIdentifier */
	struct der	 content;	/* [0] */
};

/* By issuer and serial number, or by key id: false where neither is there. */
static bool
identifier_read(struct envelope *e, struct der_iter *it)
{
	struct cms_walk *w = e->w;
	struct der_iter inside;
	struct der id, name, part;

	if (cms_take(w, it, DER_UNIVERSAL, DER_SEQUENCE, &id)) {
		der_enter(&inside, w->ev, &id);
		if (!cms_need(w, &inside, DER_UNIVERSAL, DER_SEQUENCE, &name))
			return false;
		cms_name_fact(w->ev, e->item, &envelope_recipient_issuer,
		    &name);
		if (!cms_need(w, &inside, DER_UNIVERSAL, DER_INTEGER, &part))
			return false;
		cms_serial_fact(w->ev, e->item, &envelope_recipient_serial,
		    &part);
		return true;
	}
	if (!cms_need(w, it, DER_CONTEXT, 0, &id))
		return false;
	part = id;
	if (id.constructed) {	/* of key agreement: a key id and a date */
		der_enter(&inside, w->ev, &id);
		if (!cms_need(w, &inside, DER_UNIVERSAL, DER_OCTET_STRING,
		    &part))
			return false;
	}
	cms_serial_fact(w->ev, e->item, &envelope_recipient_ski, &part);
	return true;
}

/* KeyAgreeRecipientInfo: several may share one agreement. */
static void
agreement_read(struct envelope *e, const struct der *recipient)
{
	struct cms_walk *w = e->w;
	struct der_iter it, keys, inside;
	struct der d, list;

	e->agreement = true;
	der_enter(&it, w->ev, recipient);
	/* Some writers take the tag for an explicit one. */
	if (cms_take(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &d))
		der_enter(&it, w->ev, &d);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_INTEGER, &d) ||
	    !cms_need(w, &it, DER_CONTEXT, 0, &d))
		return;
	cms_take(w, &it, DER_CONTEXT, 1, &d);	/* ukm */
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &d))
		return;
	cms_algorithm_fact(w->ev, e->item, &envelope_key_algorithm, &d);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &list))
		return;
	der_enter(&keys, w->ev, &list);
	while (cms_take(w, &keys, DER_UNIVERSAL, DER_SEQUENCE, &d)) {
		der_enter(&inside, w->ev, &d);
		if (!identifier_read(e, &inside))
			return;
	}
	cms_finish(w, &keys);
}

/* KeyTransRecipientInfo, or one of key agreement. */
static void
recipient_read(struct envelope *e, const struct der *recipient)
{
	struct cms_walk *w = e->w;
	struct der_iter it;
	struct der version, algorithm, key;

	if (der_is(recipient, DER_CONTEXT, 1))
		agreement_read(e, recipient);
	if (!der_is(recipient, DER_UNIVERSAL, DER_SEQUENCE))
		return;
	der_enter(&it, w->ev, recipient);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_INTEGER, &version) ||
	    !identifier_read(e, &it) ||
	    !cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &algorithm))
		return;
	cms_algorithm_fact(w->ev, e->item, &envelope_key_algorithm,
	    &algorithm);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_OCTET_STRING, &key) ||
	    key.cut || e->nrecipients == RECIPIENTS_MAX)
		return;
	e->recipients[e->nrecipients].algorithm = algorithm;
	e->recipients[e->nrecipients++].wrapped = key;
}

static void
encrypted_read(struct envelope *e, const struct der *info)
{
	struct cms_walk *w = e->w;
	struct der_iter it;
	struct der type, algorithm, content;
	uint8_t *joined;
	size_t n;

	der_enter(&it, w->ev, info);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_OID, &type) ||
	    !cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &algorithm))
		return;
	cms_algorithm_fact(w->ev, e->item, &envelope_cipher, &algorithm);
	if (!cms_take(w, &it, DER_CONTEXT, 0, &content) || content.cut ||
	    !der_octets(w->ev, &content, &joined, &n))
		return;
	free(joined);
	ev_derive(w->ev, e->item, &envelope_length, value_int((int64_t)n),
	    der_span(&content), NULL, 0, NULL);
	e->cipher = algorithm;
	e->content = content;
	cms_finish(w, &it);
}

/* ---- opening ---- */

/* One whole SEQUENCE or SET: garbage is hardly ever that. */
static bool
is_der(const uint8_t *p, size_t n)
{
	size_t octets, len = 0, i;

	if (n < 2 || (p[0] != 0x30 && p[0] != 0x31))
		return false;
	if (p[1] < 0x80)
		return p[1] == n - 2;
	octets = p[1] & 0x7f;
	if (octets == 0)	/* BER: ends with 00 00 */
		return n >= 4 && p[n - 1] == 0 && p[n - 2] == 0;
	if (octets > 4 || octets > n - 2)
		return false;
	for (i = 0; i < octets; i++)
		len = len << 8 | p[2 + i];
	return len == n - 2 - octets;
}

/* The answer to a challenge seals a bare secret. */
static bool
is_secret(const struct envelope *e, size_t n)
{
	return e->item->parent->kind == ITEM_CHALLENGE && n > 0 &&
	    n <= SECRET_MAX;
}

/*
 * The content by a key that fits a recipient; NULL: none does.  *ret_why: a
 * key fits, but the content cannot be had.
 */
static uint8_t *
transport_try(struct envelope *e, const struct key *key, const uint8_t *content,
    size_t n, size_t *ret_n, const char **ret_why)
{
	uint8_t cek[OPEN_KEY_MAX], *joined, *out = NULL;
	struct open_oaep oaep;
	size_t i, len, cek_n;
	bool is_oaep, fits;
	struct der oid;
	struct der_iter it;
	char dotted[OID_SIZE];

	for (i = 0; i < e->nrecipients && out == NULL; i++) {
		der_enter(&it, e->ev, &e->recipients[i].algorithm);
		if (!der_next(&it, &oid) || !der_oid(&oid, dotted, OID_SIZE))
			continue;
		is_oaep = strcmp(dotted, "1.2.840.113549.1.1.7") == 0;
		if ((!is_oaep && strcmp(dotted, "1.2.840.113549.1.1.1") != 0) ||
		    (is_oaep && !open_oaep_read(e->ev,
		    &e->recipients[i].algorithm, &oaep)) ||
		    !der_octets(e->ev, &e->recipients[i].wrapped, &joined,
		    &len))
			continue;
		fits = open_transport(key, is_oaep ? &oaep : NULL,
		    joined != NULL ? joined :
		    der_bytes(&e->recipients[i].wrapped), len, cek, &cek_n);
		free(joined);
		if (fits)
			out = open_content(e->ev, &e->cipher, cek, cek_n,
			    content, n, ret_n, ret_why);
		OPENSSL_cleanse(cek, sizeof(cek));
	}
	return out;
}

static bool
openings_left(struct envelope *e)
{
	if (e->item->number <= ev_limits(e->ev)->verifications)
		return true;
	ev_limit(e->ev, der_span(&e->outer), "verifications", "more than %llu "
	    "envelopes; the rest is not opened",
	    (unsigned long long)ev_limits(e->ev)->verifications);
	return false;
}

/* The key that opens it, and what is inside; or NULL. */
static const struct key *
open_with(struct envelope *e, const struct key_ring *ring,
    const uint8_t *content, size_t n, uint8_t **ret_p, size_t *ret_n)
{
	struct span whole = der_span(&e->outer);
	const struct key *key;
	const char *why;
	uint8_t *p;
	size_t i;

	for (i = 0; i < ring->n; i++) {
		key = &ring->v[i];
		why = NULL;
		p = transport_try(e, key, content, n, ret_n, &why);
		if (p == NULL && e->agreement && !e->outer.cut)
			p = open_agreement(key, ev_bytes(e->ev, whole),
			    whole.len, ret_n);
		if (p != NULL && (is_der(p, *ret_n) ||
		    is_secret(e, *ret_n))) {
			*ret_p = p;
			return key;
		}
		if (p != NULL)
			why = "what comes out is no DER";
		if (p != NULL)
			OPENSSL_cleanse(p, *ret_n);
		free(p);
		if (why != NULL)
			ev_problem(e->ev, PROBLEM_NOTED, whole, "the key of "
			    "%s fits the envelope, but %s", key->file, why);
	}
	return NULL;
}

static void
envelope_open(struct envelope *e)
{
	const struct key_ring *ring = keys_of(e->ev);
	const struct key *key = NULL;
	struct span at = der_span(&e->content);
	uint8_t *joined = NULL, *p = NULL;
	size_t n = 0, len;

	if (ring != NULL && openings_left(e) &&
	    der_octets(e->ev, &e->content, &joined, &len))
		key = open_with(e, ring, joined != NULL ? joined :
		    der_bytes(&e->content), len, &p, &n);
	free(joined);
	ev_derive(e->ev, e->item, &envelope_opened, value_bool(key != NULL),
	    at, NULL, 0, NULL);
	if (key == NULL)
		return;
	ev_derive(e->ev, e->item, &envelope_opened_by, value_str(key->file),
	    at, NULL, 0, NULL);
	ev_artifact(e->item, ARTIFACT_OPENED);
	ev_step(e->ev, at, "decrypted", is_der(p, n) ? NULL : HINT_SECRET,
	    e->item, p, n);
}

/* ---- the message ---- */

static void
content_read(struct envelope *e, const struct der *content)
{
	struct cms_walk *w = e->w;
	struct der_iter it, inside;
	struct der seq, d, recipients;
	uint64_t n = 0;

	der_enter(&it, w->ev, content);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &seq))
		return;
	der_enter(&it, w->ev, &seq);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_INTEGER, &d))
		return;
	cms_take(w, &it, DER_CONTEXT, 0, &d);	/* originatorInfo */
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_SET, &recipients))
		return;
	der_enter(&inside, w->ev, &recipients);
	while (der_next(&inside, &d)) {
		if (n++ == ev_limits(w->ev)->cms_recipients) {
			ev_limit(w->ev, der_span(&recipients),
			    "cms_recipients", "more than %llu recipients of a "
			    "message are not read",
			    (unsigned long long)(n - 1));
			break;
		}
		recipient_read(e, &d);
	}
	if (cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &d))
		encrypted_read(e, &d);
	cms_finish(w, &it);
	if (e->content.blob != NULL)
		envelope_open(e);
}

static int
envelope_bid(const struct evidence *ev, const struct blob *b)
{
	int arc;

	(void)ev;
	return cms_looks_like(b->p, b->n, &arc) == 2 && arc == 3 ? 97 : 0;
}

static void
envelope_read(struct evidence *ev, struct blob *b)
{
	struct cms_walk w = { .ev = ev, .blob = b, .broken = SPAN_NONE };
	struct envelope e = { .w = &w, .ev = ev };
	struct der content;
	char type[OID_SIZE];

	ev_input_kind(ev, b, "pkcs7");
	if (b->n > ev_limits(ev)->cms_bytes) {
		ev_limit(ev, blob_span(b), "cms_bytes", "a message of %zu "
		    "bytes is not read", b->n);
		return;
	}
	cms_content_info(&w, blob_span(b), &e.outer, type, &content);
	if (content.blob != NULL) {
		e.item = ev_item(ev, ITEM_ENVELOPE,
		    cms_parent(ITEM_ENVELOPE, b->item), der_span(&e.outer));
		content_read(&e, &content);
		cms_parts_enveloped(ev, b, e.item, &e.outer);
	}
	if (w.broken.blob != BLOB_NONE)
		ev_damage(ev, w.broken, "the enveloped data are damaged (%s)",
		    damage_kind(b, w.cut));
}

const struct parser parser_envelope = {
	.name = "envelope", .bid = envelope_bid, .read = envelope_read,
	.fields = fields
};
