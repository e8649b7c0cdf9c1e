/*
 * The second half of an AIK enrolment, opened: the service's TPM challenge
 * with its state, and the device's answer with the secret.
 * Relies on decode/tpm.h and decode/cms.h; MS-WCCE 2.2.2.7, RFC 8894.
 */
#include <string.h>

#include "decode/cms.h"
#include "decode/parser.h"
#include "decode/tpm.h"
#include "parsers/fields.h"

#define OPENED	ARTIFACT(OPENED)
#define MS	"1.3.6.1.4.1.311.21."
#define OID_CHALLENGE	MS "28"
#define OID_STATE	MS "34"
#define OID_ANSWER	MS "35"

static const struct named platforms[] = {
	{ 1, "TPM 1.2" }, { 2, "TPM 2.0" }, { 0, NULL }
};

#define FIELD(id, dotted, kind_of_value, ...)				\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##kind_of_value, .kinds = KIND(CHALLENGE),	\
	    .artifacts = OPENED, __VA_ARGS__ }

FIELD(challenge_kind, "challenge.kind", TEXT,
    .help = "challenge of the service, or answer of the device");
FIELD(challenge_attribute, "challenge.attribute", TEXT, .repeated = true,
    .help = "type of an attribute, an object identifier");
FIELD(challenge_server_state, "challenge.server_state", BYTES,
    .help = "state of the server, which the answer returns (21.34)");
FIELD(challenge_version, "challenge.version", INT,
    .help = "version of the challenge: 1");
FIELD(challenge_platform, "challenge.platform", INT, .named = platforms,
    .help = "kind of TPM that the challenge is for");
FIELD(challenge_length, "challenge.length", INT,
    .help = "bytes of the challenge for the TPM");
FIELD(challenge_opaque, "challenge.opaque", INT,
    .help = "bytes of Microsoft's key blob behind it");
FIELD(challenge_integrity_hmac, "challenge.integrity_hmac", BYTES,
    .help = "HMAC over the credential (integrityHMAC)");
FIELD(challenge_enc_identity, "challenge.enc_identity", BYTES,
    .help = "the credential, encrypted (encIdentity)");
FIELD(challenge_encrypted_secret, "challenge.encrypted_secret", BYTES,
    .help = "the seed, encrypted to the EK (TPM2B_ENCRYPTED_SECRET)");
FIELD(challenge_secret, "challenge.secret", BYTES, .personal = true,
    .help = "the secret that the TPM found in the challenge");

static const struct field *const fields[] = {
	&challenge_kind, &challenge_attribute, &challenge_server_state,
	&challenge_version, &challenge_platform, &challenge_length,
	&challenge_opaque, &challenge_integrity_hmac,
	&challenge_enc_identity, &challenge_encrypted_secret,
	&challenge_secret, NULL
};

/* ---- the challenge for the TPM ---- */

static const struct place {
	const char	*path;
	const struct field *field;
} places[] = {
	{ "version", &challenge_version },
	{ "platform", &challenge_platform },
	{ "cbChallenge", &challenge_length },
	{ "cbOpaque", &challenge_opaque },
	{ "challenge.credentialBlob.integrityHMAC",
	    &challenge_integrity_hmac },
	{ "challenge.credentialBlob.encIdentity", &challenge_enc_identity },
	{ "challenge.secret", &challenge_encrypted_secret },
};

static void
tach_read(struct evidence *ev, const struct blob *b, struct item *item,
    struct span at)
{
	const struct tpm_node *node;
	struct tpm_tree tree;
	size_t i;

	if (!tpm_read(ev, b, at, TPM_TACH, &tree))
		ev_damage(ev, tree.broken, "the challenge is cut or damaged: "
		    "%s", tree.why);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		node = tpm_find(&tree, places[i].path);
		if (node == NULL || node->group)
			continue;
		ev_fact(ev, item, places[i].field,
		    places[i].field->type == VALUE_INT ?
		    value_int((int64_t)node->number) :
		    value_bytes(ev_bytes(ev, node->at), node->at.len),
		    node->at);
	}
}

/* ---- the attributes around it ---- */

/* SEQUENCE { OID of ours, SET }, at the start of a SET. */
static bool
attribute_at(const struct evidence *ev, struct der_iter *it, struct der *oid,
    struct der *set)
{
	struct der_iter inside;
	struct der d;

	oid->blob = set->blob = NULL;
	if (!der_want(it, DER_UNIVERSAL, DER_SEQUENCE, &d))
		return false;
	der_enter(&inside, ev, &d);
	if (!der_want(&inside, DER_UNIVERSAL, DER_OID, oid))
		oid->blob = NULL;
	if (oid->blob == NULL ||
	    !der_want(&inside, DER_UNIVERSAL, DER_SET, set))
		set->blob = NULL;
	return true;
}

static void
value_read(struct evidence *ev, const struct blob *b, struct item *item,
    const struct der *oid, const struct der *value)
{
	enum tpm_structure which;

	if (der_oid_is(oid, OID_ANSWER)) {
		ev_slice(ev, der_span(value), "answer to the challenge",
		    HINT_CMS, item);
		return;
	}
	if (!der_is(value, DER_UNIVERSAL, DER_OCTET_STRING) ||
	    value->constructed || value->cut)
		return;
	/* The type of the challenge is not published; its magic is. */
	if (tpm_looks_like(der_bytes(value), value->len, &which) &&
	    which == TPM_TACH)
		tach_read(ev, b, item, der_body(value));
	else if (der_oid_is(oid, OID_STATE))
		ev_fact(ev, item, &challenge_server_state,
		    value_bytes(der_bytes(value), value->len),
		    der_span(value));
}

static void
attributes_read(struct evidence *ev, struct blob *b, const struct der *whole)
{
	struct item *item = ev_item(ev, ITEM_CHALLENGE,
	    cms_parent(ITEM_CHALLENGE, b->item), der_span(whole));
	struct cms_walk w = { .ev = ev, .blob = b, .broken = SPAN_NONE };
	struct der_iter it, parts, inside;
	struct der attribute, oid, set, value, answer = { 0 };
	char dotted[OID_SIZE];
	uint64_t n = 0;

	ev_artifact(item, ARTIFACT_OPENED);
	der_enter(&it, ev, whole);
	while (n++ < ev_limits(ev)->cms_attributes &&
	    cms_take(&w, &it, DER_UNIVERSAL, DER_SEQUENCE, &attribute)) {
		der_enter(&parts, ev, &attribute);
		if (!cms_need(&w, &parts, DER_UNIVERSAL, DER_OID, &oid) ||
		    !der_oid(&oid, dotted, OID_SIZE))
			continue;
		ev_fact(ev, item, &challenge_attribute, value_str(dotted),
		    der_span(&oid));
		if (der_oid_is(&oid, OID_ANSWER))
			answer = oid;
		if (!cms_need(&w, &parts, DER_UNIVERSAL, DER_SET, &set))
			continue;
		der_enter(&inside, ev, &set);
		while (der_next(&inside, &value)) {
			if (value.cut)
				cms_broken(&w, der_span(&value));
			value_read(ev, b, item, &oid, &value);
		}
		cms_finish(&w, &inside);
		cms_finish(&w, &parts);
	}
	ev_derive(ev, item, &challenge_kind, value_str(answer.blob != NULL ?
	    "answer" : "challenge"), der_span(answer.blob != NULL ? &answer :
	    whole), NULL, 0, NULL);
	if (whole->cut || it.off < it.end)
		cms_broken(&w, der_span(whole));
	if (w.broken.blob != BLOB_NONE)
		ev_damage(ev, w.broken, "the challenge's attributes are cut "
		    "or damaged");
}

/* ---- all forms ---- */

/* A SET of attributes of Microsoft's enrolment. */
static bool
is_set(const struct evidence *ev, const struct blob *b, struct der *ret)
{
	struct der_iter it;
	struct der oid, set;
	char dotted[OID_SIZE];

	if (b->n < 4 || b->p[0] != 0x31 || !der_at(ev, b, blob_span(b), ret))
		return false;
	der_enter(&it, ev, ret);
	while (attribute_at(ev, &it, &oid, &set))
		if (oid.blob != NULL && set.blob != NULL &&
		    der_oid(&oid, dotted, OID_SIZE) &&
		    strncmp(dotted, MS, strlen(MS)) == 0)
			return true;
	return false;
}

static bool
is_tach(const struct blob *b)
{
	enum tpm_structure which;

	return tpm_looks_like(b->p, b->n, &which) && which == TPM_TACH;
}

static int
challenge_bid(const struct evidence *ev, const struct blob *b)
{
	struct der whole;

	/* The hint alone could be a server's Content-Type. */
	if (blob_hint_is(b, HINT_SECRET) && b->item->kind == ITEM_ENVELOPE)
		return 100;
	if (is_tach(b))
		return 96;
	return is_set(ev, b, &whole) ? 85 : 0;
}

static void
challenge_read(struct evidence *ev, struct blob *b)
{
	struct item *item;
	struct der whole;

	if (blob_hint_is(b, HINT_SECRET) && b->item->kind == ITEM_ENVELOPE) {
		item = item_up(b->item, ITEM_CHALLENGE);
		if (item != NULL)
			ev_fact(ev, item, &challenge_secret,
			    value_bytes(b->p, b->n), blob_span(b));
		return;
	}
	ev_input_kind(ev, b, "scep");
	if (is_tach(b)) {
		item = ev_item(ev, ITEM_CHALLENGE,
		    cms_parent(ITEM_CHALLENGE, b->item), blob_span(b));
		ev_artifact(item, ARTIFACT_OPENED);
		ev_derive(ev, item, &challenge_kind, value_str("challenge"),
		    blob_part(b, 0, 4), NULL, 0, NULL);
		tach_read(ev, b, item, blob_span(b));
	} else if (is_set(ev, b, &whole)) {
		attributes_read(ev, b, &whole);
	}
}

const struct parser parser_challenge = {
	.name = "challenge", .bid = challenge_bid, .read = challenge_read,
	.fields = fields
};
