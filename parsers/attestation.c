/*
 * TPM attestation statements: every field under the TCG's name, and what the
 * statement proves by itself.  Relies on decode/tpm.h and decode/tpm_check.h;
 * MS-WCCE 2.2.2.5, TPM 2.0 Library Part 2.
 */
#include <string.h>

#include "decode/cms.h"
#include "decode/parser.h"
#include "decode/tpm_check.h"
#include "parsers/fields.h"

#define OPENED	ARTIFACT(OPENED)

static const struct named platforms[] = {
	{ 1, "TPM 1.2" }, { 2, "TPM 2.0" }, { 0, NULL }
};

#define FIELD(id, dotted, kind_of_value, ...)				\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##kind_of_value, .kinds = KIND(ATTESTATION),	\
	    .artifacts = OPENED, __VA_ARGS__ }

FIELD(kast_version, "kast.version", INT,
    .help = "version of the statement: 1");
FIELD(kast_platform, "kast.platform", INT, .named = platforms,
    .help = "kind of TPM that the statement is of");
FIELD(kast_id_binding, "kast.id_binding", INT,
    .help = "bytes of the part that binds the key to the TPM");
FIELD(kast_key_attestation, "kast.key_attestation", INT,
    .help = "bytes of the part that attests another key; 0 for an AIK");
FIELD(kast_aik_opaque, "kast.aik_opaque", INT,
    .help = "bytes of Microsoft's key blob; 0 for an AIK");
FIELD(kast_key_attestation_sha256, "kast.key_attestation_sha256", BYTES,
    .help = "SHA-256 of that part");
FIELD(kast_aik_opaque_sha256, "kast.aik_opaque_sha256", BYTES,
    .help = "SHA-256 of the key blob");
FIELD(public_type, "public.type", TEXT,
    .help = "type of the attested key: RSA, ECC");
FIELD(public_name_alg, "public.name_alg", TEXT,
    .help = "hash of the attested key's name (nameAlg)");
FIELD(public_object_attributes, "public.object_attributes", CODE,
    .help = "TPMA_OBJECT of the attested key");
FIELD(public_attribute, "public.attribute", TEXT, .repeated = true,
    .help = "an attribute of the attested key that is set: restricted, sign");
FIELD(public_auth_policy, "public.auth_policy", BYTES,
    .help = "policy digest of the attested key (authPolicy)");
FIELD(public_policy, "public.policy", TEXT,
    .help = "what the policy digest is known as");
FIELD(public_policy_known, "public.policy_known", BOOL,
    .help = "is the policy that of the AIKs of Windows");
FIELD(public_symmetric, "public.symmetric", TEXT,
    .help = "symmetric algorithm of the attested key; none for an AIK");
FIELD(public_scheme, "public.scheme", TEXT,
    .help = "signing scheme of the attested key: RSASSA");
FIELD(public_scheme_hash, "public.scheme_hash", TEXT,
    .help = "hash of that scheme");
FIELD(public_key_bits, "public.key_bits", INT,
    .help = "bits of an RSA key");
FIELD(public_exponent, "public.exponent", INT,
    .help = "exponent of an RSA key; 0 stands for 65537");
FIELD(public_curve, "public.curve", TEXT,
    .help = "curve of an EC key");
FIELD(public_kdf, "public.kdf", TEXT,
    .help = "key derivation of an EC key");
FIELD(public_unique, "public.unique", BYTES,
    .help = "modulus of the attested key (unique)");
FIELD(public_x, "public.x", BYTES,
    .help = "x of an attested EC key");
FIELD(public_y, "public.y", BYTES,
    .help = "y of an attested EC key");
FIELD(creation_pcr_banks, "creation.pcr_banks", INT,
    .help = "how many banks of PCRs were selected at the key's creation");
FIELD(creation_pcr_digest, "creation.pcr_digest", BYTES,
    .help = "digest of the selected PCRs (pcrDigest)");
FIELD(creation_locality, "creation.locality", TEXT,
    .help = "locality of the command that made the key");
FIELD(creation_parent_name_alg, "creation.parent_name_alg", TEXT,
    .help = "hash of the parent's name (parentNameAlg)");
FIELD(creation_parent_name, "creation.parent_name", BYTES,
    .help = "name of the key's parent");
FIELD(creation_parent_qualified_name, "creation.parent_qualified_name", BYTES,
    .help = "qualified name of the key's parent");
FIELD(creation_outside_info, "creation.outside_info", BYTES,
    .help = "what the caller gave at the key's creation (outsideInfo)");
FIELD(attest_magic, "attest.magic", CODE,
    .help = "0xff544347 (TPM_GENERATED_VALUE) where a TPM made it");
FIELD(attest_magic_valid, "attest.magic_valid", BOOL,
    .help = "is the magic that of a TPM");
FIELD(attest_type, "attest.type", TEXT,
    .help = "what is attested: creation, certify, quote");
FIELD(attest_qualified_signer, "attest.qualified_signer", BYTES,
    .help = "qualified name of the signing key");
FIELD(attest_extra_data, "attest.extra_data", BYTES,
    .help = "data that the caller gave (extraData)");
FIELD(attest_clock, "attest.clock", INT,
    .help = "milliseconds that the TPM was powered");
FIELD(attest_reset_count, "attest.reset_count", INT,
    .help = "resets of the TPM since it was cleared");
FIELD(attest_restart_count, "attest.restart_count", INT,
    .help = "restarts of the TPM since the last reset");
FIELD(attest_safe, "attest.safe", BOOL,
    .help = "was the clock never ahead of this value");
FIELD(attest_firmware_version, "attest.firmware_version", TEXT,
    .help = "firmware of the TPM, as four numbers");
FIELD(attest_object_name, "attest.object_name", BYTES,
    .help = "name of the attested key, as the TPM says");
FIELD(attest_creation_hash, "attest.creation_hash", BYTES,
    .help = "hash of the creation data, as the TPM says");
FIELD(attest_signature_alg, "attest.signature_alg", TEXT,
    .help = "signature scheme: RSASSA, ECDSA");
FIELD(attest_signature_hash, "attest.signature_hash", TEXT,
    .help = "hash of the signature");
FIELD(attest_signature, "attest.signature", BYTES,
    .help = "signature of the attestation; of ECDSA r");
FIELD(attest_signature_s, "attest.signature_s", BYTES,
    .help = "s of an ECDSA signature");
FIELD(attest_name_matches, "attest.name_matches", BOOL,
    .help = "is the attested name that of the public area");
FIELD(attest_creation_matches, "attest.creation_matches", BOOL,
    .help = "is the attested creation hash that of the creation data");
FIELD(attest_signature_valid, "attest.signature_valid", BOOL,
    .help = "does the signature verify with the attested key itself");

static const struct field *const fields[] = {
	&kast_version, &kast_platform, &kast_id_binding,
	&kast_key_attestation, &kast_aik_opaque,
	&kast_key_attestation_sha256, &kast_aik_opaque_sha256, &public_type,
	&public_name_alg, &public_object_attributes, &public_attribute,
	&public_auth_policy, &public_policy, &public_policy_known,
	&public_symmetric, &public_scheme, &public_scheme_hash,
	&public_key_bits, &public_exponent, &public_curve, &public_kdf,
	&public_unique, &public_x, &public_y, &creation_pcr_banks,
	&creation_pcr_digest, &creation_locality, &creation_parent_name_alg,
	&creation_parent_name, &creation_parent_qualified_name,
	&creation_outside_info, &attest_magic, &attest_magic_valid,
	&attest_type, &attest_qualified_signer, &attest_extra_data,
	&attest_clock, &attest_reset_count, &attest_restart_count,
	&attest_safe, &attest_firmware_version, &attest_object_name,
	&attest_creation_hash, &attest_signature_alg, &attest_signature_hash,
	&attest_signature, &attest_signature_s, &attest_name_matches,
	&attest_creation_matches, &attest_signature_valid, NULL
};

/* Where a field stands, behind "idBinding." if the statement has that. */
static const struct place {
	const char	*path;
	const struct field *field;
} places[] = {
	{ "version", &kast_version },
	{ "platform", &kast_platform },
	{ "cbIdBinding", &kast_id_binding },
	{ "cbKeyAttestation", &kast_key_attestation },
	{ "cbAIKOpaque", &kast_aik_opaque },
	{ "public.type", &public_type },
	{ "public.nameAlg", &public_name_alg },
	{ "public.objectAttributes", &public_object_attributes },
	{ "public.authPolicy", &public_auth_policy },
	{ "public.parameters.symmetric", &public_symmetric },
	{ "public.parameters.scheme", &public_scheme },
	{ "public.parameters.scheme.hashAlg", &public_scheme_hash },
	{ "public.parameters.keyBits", &public_key_bits },
	{ "public.parameters.exponent", &public_exponent },
	{ "public.parameters.curveID", &public_curve },
	{ "public.parameters.kdf", &public_kdf },
	{ "public.unique", &public_unique },
	{ "public.unique.x", &public_x },
	{ "public.unique.y", &public_y },
	{ "creationData.pcrSelect.count", &creation_pcr_banks },
	{ "creationData.pcrDigest", &creation_pcr_digest },
	{ "creationData.locality", &creation_locality },
	{ "creationData.parentNameAlg", &creation_parent_name_alg },
	{ "creationData.parentName", &creation_parent_name },
	{ "creationData.parentQualifiedName",
	    &creation_parent_qualified_name },
	{ "creationData.outsideInfo", &creation_outside_info },
	{ "attest.magic", &attest_magic },
	{ "attest.type", &attest_type },
	{ "attest.qualifiedSigner", &attest_qualified_signer },
	{ "attest.extraData", &attest_extra_data },
	{ "attest.clockInfo.clock", &attest_clock },
	{ "attest.clockInfo.resetCount", &attest_reset_count },
	{ "attest.clockInfo.restartCount", &attest_restart_count },
	{ "attest.clockInfo.safe", &attest_safe },
	{ "attest.firmwareVersion", &attest_firmware_version },
	{ "attest.attested.objectName", &attest_object_name },
	{ "attest.attested.creationHash", &attest_creation_hash },
	{ "signature.sigAlg", &attest_signature_alg },
	{ "signature.hash", &attest_signature_hash },
	{ "signature.sig", &attest_signature },
	{ "signature.signatureR", &attest_signature },
	{ "signature.signatureS", &attest_signature_s },
};

#define PLACES	(sizeof(places) / sizeof(places[0]))
#define BINDING	"idBinding."

/* A number as the field wants it: as itself, or what it means. */
static void
node_fact(struct evidence *ev, struct item *item, const struct field *field,
    const struct tpm_node *node)
{
	struct value v;

	switch (field->type) {
	case VALUE_INT:
		if (!node->is_number || node->number > INT64_MAX)
			return;
		v = value_int((int64_t)node->number);
		break;
	case VALUE_CODE:
		v = value_code((uint32_t)node->number);
		break;
	case VALUE_BOOL:
		if (node->number > 1)
			return;
		v = value_bool(node->number == 1);
		break;
	case VALUE_TEXT:
		v = value_str(node->meaning != NULL ? node->meaning :
		    arena_printf(ev_arena(ev), "0x%04llx",
		    (unsigned long long)node->number));
		break;
	default:
		if (node->group || node->is_number)
			return;
		v = value_bytes(ev_bytes(ev, node->at), node->at.len);
	}
	ev_fact(ev, item, field, v, node->at);
}

static void
nodes_read(struct evidence *ev, struct item *item, const struct tpm_tree *t)
{
	const struct tpm_node *node;
	const char *path;
	size_t i, k;

	for (i = 0; i < t->n; i++) {
		node = &t->v[i];
		path = node->path;
		if (strncmp(path, BINDING, strlen(BINDING)) == 0)
			path += strlen(BINDING);
		for (k = 0; k < PLACES; k++)
			if (strcmp(places[k].path, path) == 0)
				node_fact(ev, item, places[k].field, node);
	}
}

/* ---- what follows from them ---- */

static void
attributes_add(struct evidence *ev, struct item *item)
{
	const struct fact *f = item_fact(item, &public_object_attributes);
	unsigned int i;

	for (i = 0; f != NULL && i < TPM_OBJECT_BITS; i++)
		if (f->value.number & INT64_C(1) << i &&
		    tpm_object_bits[i] != NULL)
			ev_derive(ev, item, &public_attribute,
			    value_str(tpm_object_bits[i]), f->at, &f, 1,
			    NULL);
}

static void
policy_add(struct evidence *ev, struct item *item)
{
	const struct fact *f = item_fact(item, &public_auth_policy);
	const char *name;

	if (f == NULL)
		return;
	name = tpm_policy((const uint8_t *)f->value.p, f->value.n);
	if (name != NULL)
		ev_derive(ev, item, &public_policy, value_str(name), f->at,
		    &f, 1, NULL);
	ev_derive(ev, item, &public_policy_known, value_bool(name != NULL &&
	    strncmp(name, "AIK", 3) == 0), f->at, &f, 1, NULL);
}

static void
check_add(struct evidence *ev, struct item *item, const struct field *field,
    enum signature_state state, const struct field *of)
{
	const struct fact *f = item_fact(item, of);

	if (state != SIGNATURE_UNABLE && f != NULL)
		ev_derive(ev, item, field, value_bool(state ==
		    SIGNATURE_VALID), f->at, &f, 1, NULL);
}

/* Parts that are not read field by field. */
static void
digest_add(struct evidence *ev, struct item *item, const struct tpm_tree *t,
    const char *path, const struct field *field)
{
	const struct tpm_node *node = tpm_find(t, path);
	uint8_t digest[DIGEST_MAX];
	size_t n;

	if (node != NULL && digest_bytes("sha256", ev_bytes(ev, node->at),
	    node->at.len, digest, &n))
		ev_derive(ev, item, field, value_bytes(digest, n), node->at,
		    NULL, 0, NULL);
}

static void
checks_add(struct evidence *ev, struct item *item, const struct tpm_tree *t)
{
	const struct fact *f = item_fact(item, &attest_magic);
	const struct tpm_node *binding = tpm_find(t, "idBinding");
	struct tpm_checks checks;

	digest_add(ev, item, t, "keyAttestation",
	    &kast_key_attestation_sha256);
	digest_add(ev, item, t, "aikOpaque", &kast_aik_opaque_sha256);
	attributes_add(ev, item);
	policy_add(ev, item);
	if (f != NULL)
		ev_derive(ev, item, &attest_magic_valid,
		    value_bool(f->value.number == INT64_C(0xff544347)), f->at,
		    &f, 1, NULL);
	if (item->number > ev_limits(ev)->verifications)
		return;
	tpm_check(ev, t, binding != NULL ? BINDING : "", &checks);
	check_add(ev, item, &attest_name_matches, checks.name,
	    &attest_object_name);
	check_add(ev, item, &attest_creation_matches, checks.creation,
	    &attest_creation_hash);
	check_add(ev, item, &attest_signature_valid, checks.signature,
	    &attest_signature);
	f = item_fact(item, &attest_signature);
	if (f != NULL && checks.signature == SIGNATURE_UNABLE)
		ev_problem(ev, PROBLEM_NOTED, f->at, "the signature of the "
		    "attestation is not checkable: %s", checks.why);
}

/* ---- the statement ---- */

static bool
is_statement(const struct blob *b, enum tpm_structure *ret)
{
	return tpm_looks_like(b->p, b->n, ret) &&
	    (*ret == TPM_KAST || *ret == TPM_ATTEST);
}

static int
attestation_bid(const struct evidence *ev, const struct blob *b)
{
	enum tpm_structure which;

	(void)ev;
	return is_statement(b, &which) ? which == TPM_KAST ? 96 : 75 : 0;
}

static void
attestation_read(struct evidence *ev, struct blob *b)
{
	enum tpm_structure which;
	struct tpm_tree tree;
	struct item *item;
	size_t end = 0, i;

	if (!is_statement(b, &which))
		return;
	ev_input_kind(ev, b, "scep");
	item = ev_item(ev, ITEM_ATTESTATION,
	    cms_parent(ITEM_ATTESTATION, b->item), blob_span(b));
	ev_artifact(item, ARTIFACT_OPENED);
	if (!tpm_read(ev, b, blob_span(b), which, &tree))
		ev_damage(ev, tree.broken, "the attestation statement is cut "
		    "or damaged: %s", tree.why);
	nodes_read(ev, item, &tree);
	checks_add(ev, item, &tree);
	for (i = 0; i < tree.n; i++)
		if (tree.v[i].at.off + tree.v[i].at.len > end)
			end = tree.v[i].at.off + tree.v[i].at.len;
	if (tree.broken.blob == BLOB_NONE && end < b->n)
		ev_problem(ev, PROBLEM_NOTED, blob_part(b, end, b->n - end),
		    "%zu bytes follow the end of the attestation statement",
		    b->n - end);
}

const struct parser parser_attestation = {
	.name = "attestation", .bid = attestation_bid,
	.read = attestation_read, .fields = fields
};
