/*
 * CMS enveloped data: for whom it is, how the key is wrapped, the cipher and
 * how long the content is; nothing is decrypted.
 * Relies on decode/cms.h; RFC 5652 6.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/cms.h"
#include "decode/damage.h"
#include "decode/parser.h"
#include "evidence/oid.h"
#include "parsers/fields.h"

#define MESSAGE		(ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER))

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

static const struct field *const fields[] = {
	&envelope_recipient_issuer, &envelope_recipient_serial,
	&envelope_key_algorithm, &envelope_cipher, &envelope_length, NULL
};

/* KeyTransRecipientInfo by issuer and serial; other forms have no facts. */
static void
recipient_read(struct cms_walk *w, struct item *item,
    const struct der *recipient)
{
	struct der_iter it, inside;
	struct der version, id, name, serial, algorithm, key;

	if (!der_is(recipient, DER_UNIVERSAL, DER_SEQUENCE))
		return;
	der_enter(&it, w->ev, recipient);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_INTEGER, &version))
		return;
	if (cms_take(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &id)) {
		der_enter(&inside, w->ev, &id);
		if (!cms_need(w, &inside, DER_UNIVERSAL, DER_SEQUENCE, &name))
			return;
		cms_name_fact(w->ev, item, &envelope_recipient_issuer, &name);
		if (!cms_need(w, &inside, DER_UNIVERSAL, DER_INTEGER, &serial))
			return;
		cms_serial_fact(w->ev, item, &envelope_recipient_serial,
		    &serial);
	} else if (!cms_need(w, &it, DER_CONTEXT, 0, &id)) {
		return;
	}
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &algorithm))
		return;
	cms_algorithm_fact(w->ev, item, &envelope_key_algorithm, &algorithm);
	cms_need(w, &it, DER_UNIVERSAL, DER_OCTET_STRING, &key);
}

static void
encrypted_read(struct cms_walk *w, struct item *item, const struct der *info)
{
	struct der_iter it;
	struct der type, algorithm, content;
	uint8_t *joined;
	size_t n;

	der_enter(&it, w->ev, info);
	if (!cms_need(w, &it, DER_UNIVERSAL, DER_OID, &type) ||
	    !cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &algorithm))
		return;
	cms_algorithm_fact(w->ev, item, &envelope_cipher, &algorithm);
	if (!cms_take(w, &it, DER_CONTEXT, 0, &content) || content.cut ||
	    !der_octets(w->ev, &content, &joined, &n))
		return;
	free(joined);
	ev_derive(w->ev, item, &envelope_length, value_int((int64_t)n),
	    der_span(&content), NULL, 0, NULL);
	cms_finish(w, &it);
}

static void
content_read(struct cms_walk *w, struct item *item, const struct der *content)
{
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
		recipient_read(w, item, &d);
	}
	if (cms_need(w, &it, DER_UNIVERSAL, DER_SEQUENCE, &d))
		encrypted_read(w, item, &d);
	cms_finish(w, &it);
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
	struct der outer, content;
	char type[OID_SIZE];

	ev_input_kind(ev, b, "pkcs7");
	if (b->n > ev_limits(ev)->cms_bytes) {
		ev_limit(ev, blob_span(b), "cms_bytes", "a message of %zu "
		    "bytes is not read", b->n);
		return;
	}
	cms_content_info(&w, blob_span(b), &outer, type, &content);
	if (content.blob != NULL)
		content_read(&w, ev_item(ev, ITEM_ENVELOPE,
		    cms_parent(ITEM_ENVELOPE, b->item), der_span(&outer)),
		    &content);
	if (w.broken.blob != BLOB_NONE)
		ev_damage(ev, w.broken, "the enveloped data are damaged (%s)",
		    damage_kind(b, w.cut));
}

const struct parser parser_envelope = {
	.name = "envelope", .bid = envelope_bid, .read = envelope_read,
	.fields = fields
};
