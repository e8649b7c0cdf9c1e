/*
 * The reader of TPM structures and Microsoft's little-endian wrappers around
 * them.  Relies on decode/tpm_read.h; MS-WCCE 2.2.2.5, and the key blob of the
 * Platform Crypto Provider.
 */
#include <string.h>

#include "decode/tpm_read.h"

/* ---- the reader ---- */

void
tpm_bad(struct tpm_reader *r, const char *why)
{
	if (r->bad)
		return;
	r->bad = true;
	r->tree->why = why;
	r->tree->broken = (struct span){ r->c.blob->id, r->c.off,
	    cursor_left(&r->c) };
}

static struct tpm_node *
node_add(struct tpm_reader *r, const char *name, const char *type, size_t off,
    size_t n)
{
	struct tpm_tree *t = r->tree;
	struct arena *a = ev_arena(r->ev);
	struct tpm_node *v;

	if (t->n == r->room) {
		if (t->n >= TPM_NODES_MAX) {
			tpm_bad(r, "it has too many fields");
			return NULL;
		}
		r->room = r->room == 0 ? 64 : 2 * r->room;
		v = arena_alloc(a, r->room * sizeof(*v));
		if (t->n > 0)
			memcpy(v, t->v, t->n * sizeof(*v));
		t->v = v;
	}
	v = &t->v[t->n++];
	*v = (struct tpm_node){ .name = name, .type = type, .depth = r->depth,
	    .path = arena_printf(a, "%s%s", r->prefix, name),
	    .at = { r->c.blob->id, off, n } };
	return v;
}

static uint64_t
number(struct tpm_reader *r, const char *name, const char *type,
    unsigned int octets, bool little, tpm_meaning *meaning)
{
	struct tpm_node *node;
	const uint8_t *p;
	uint64_t v = 0;
	unsigned int i;

	if (r->bad)
		return 0;
	p = cursor_take(&r->c, octets);
	if (p == NULL) {
		tpm_bad(r, arena_printf(ev_arena(r->ev), "it ends before "
		    "%s%s", r->prefix, name));
		return 0;
	}
	for (i = 0; i < octets; i++)
		v = v << 8 | p[little ? octets - 1 - i : i];
	node = node_add(r, name, type, r->c.off - octets, octets);
	if (node == NULL)
		return 0;
	node->is_number = true;
	node->number = v;
	node->meaning = meaning != NULL ? meaning(r->ev, v) : NULL;
	return v;
}

uint64_t
tpm_big(struct tpm_reader *r, const char *name, const char *type,
    unsigned int octets, tpm_meaning *meaning)
{
	return number(r, name, type, octets, false, meaning);
}

uint64_t
tpm_little(struct tpm_reader *r, const char *name, const char *type,
    tpm_meaning *meaning)
{
	return number(r, name, type, 4, true, meaning);
}

void
tpm_bytes(struct tpm_reader *r, const char *name, const char *type, uint64_t n)
{
	size_t left = cursor_left(&r->c);

	if (r->bad)
		return;
	if (n > left) {
		tpm_bad(r, arena_printf(ev_arena(r->ev), "%s%s has %llu bytes, "
		    "but only %zu are left", r->prefix, name,
		    (unsigned long long)n, left));
		return;
	}
	node_add(r, name, type, r->c.off, (size_t)n);
	cursor_skip(&r->c, (size_t)n);
}

void
tpm_buffer(struct tpm_reader *r, const char *name, const char *type)
{
	uint64_t n = tpm_big(r, arena_printf(ev_arena(r->ev), "%s.size", name),
	    "UINT16", 2, NULL);

	tpm_bytes(r, name, type, n);
}

struct tpm_group
tpm_enter(struct tpm_reader *r, const char *name, const char *type)
{
	struct tpm_group g = { .node = SIZE_MAX, .end = r->c.end,
	    .off = r->c.off, .prefix = r->prefix };
	struct tpm_node *node;

	if (r->bad)
		return g;
	node = node_add(r, name, type, r->c.off, 0);
	if (node == NULL)
		return g;
	node->group = true;
	g.node = r->tree->n - 1;
	r->prefix = arena_printf(ev_arena(r->ev), "%s%s.", r->prefix, name);
	r->depth++;
	return g;
}

struct tpm_group
tpm_enter_sized(struct tpm_reader *r, const char *name, const char *type,
    uint64_t n)
{
	struct tpm_group g = tpm_enter(r, name, type);

	if (r->bad || g.node == SIZE_MAX)
		return g;
	if (n > cursor_left(&r->c))
		tpm_bad(r, arena_printf(ev_arena(r->ev), "%s has %llu bytes, "
		    "but only %zu are left", r->tree->v[g.node].path,
		    (unsigned long long)n, cursor_left(&r->c)));
	else
		r->c.end = r->c.off + (size_t)n;
	return g;
}

/* A sized structure has to be filled: what is left over is damage. */
void
tpm_leave(struct tpm_reader *r, const struct tpm_group *g)
{
	struct tpm_node *node;

	if (g->node == SIZE_MAX)
		return;
	node = &r->tree->v[g->node];
	if (r->c.end != g->end && !r->bad && cursor_left(&r->c) > 0)
		tpm_bad(r, arena_printf(ev_arena(r->ev), "%zu bytes are left "
		    "over in %s", cursor_left(&r->c), node->path));
	node->at.len = r->bad ? r->c.end - g->off : r->c.off - g->off;
	r->c.end = g->end;
	r->prefix = g->prefix;
	r->depth--;
}

/* ---- Microsoft's key blob ---- */

/* PCP_20_KEY_BLOB: sizes of parts that follow the header in this order. */
static const struct part {
	const char	*size, *name, *type;
} key_parts[] = {
	{ "cbPublic", "public", "TPM2B_PUBLIC" },
	{ "cbPrivate", "private", "TPM2B_PRIVATE" },
	{ "cbMigrationPublic", "migrationPublic", "TPM2B_PUBLIC" },
	{ "cbMigrationPrivate", "migrationPrivate", "TPM2B_PRIVATE" },
	{ "cbPolicyDigestList", "policyDigestList", "TPML_DIGEST" },
	{ "cbPCRBinding", "pcrBinding", "BYTE[]" },
	{ "cbPCRDigest", "pcrDigest", "TPM2B_DIGEST" },
	{ "cbEncryptedSecret", "encryptedSecret", "BYTE[]" },
	{ "cbTpm12HostageBlob", "tpm12HostageBlob", "BYTE[]" },
};

#define KEY_PARTS	(sizeof(key_parts) / sizeof(key_parts[0]))

/* The header is as long as it says; newer ones have fields after ours. */
static void
header_rest(struct tpm_reader *r, size_t start, uint64_t size)
{
	size_t have = r->c.off - start;

	if (!r->bad && size > have)
		tpm_bytes(r, "headerRest", "BYTE[]", size - have);
	else if (!r->bad && size < have)
		tpm_bad(r, "its header is too short");
}

static void
key_blob_read(struct tpm_reader *r)
{
	struct tpm_group g = tpm_enter(r, "keyBlob", "PCP_20_KEY_BLOB");
	size_t start = r->c.off, i;
	uint64_t header, kind, sizes[KEY_PARTS];

	tpm_little(r, "magic", "DWORD", NULL);
	header = tpm_little(r, "cbHeader", "DWORD", NULL);
	kind = tpm_little(r, "pcpType", "DWORD", tpm_name_platform);
	tpm_little(r, "flags", "DWORD", NULL);
	if (kind == 1) {
		sizes[0] = tpm_little(r, "cbTpmKey", "ULONG", NULL);
		header_rest(r, start, header);
		tpm_bytes(r, "tpmKey", "TPM_KEY12", sizes[0]);
		tpm_leave(r, &g);
		return;
	}
	for (i = 0; i < KEY_PARTS; i++)
		sizes[i] = tpm_little(r, key_parts[i].size, "ULONG", NULL);
	header_rest(r, start, header);
	for (i = 0; i < KEY_PARTS && !r->bad; i++) {
		if (i == 0 && sizes[i] > 0) {
			struct tpm_group in = tpm_enter_sized(r, "parts",
			    "BYTE[]", sizes[i]);

			tpm_public_read(r);
			tpm_leave(r, &in);
		} else if (sizes[i] > 0) {
			tpm_bytes(r, key_parts[i].name, key_parts[i].type,
			    sizes[i]);
		}
	}
	tpm_leave(r, &g);
}

/* ---- the statement ---- */

/* PCP_KEY_ATTESTATION_BLOB */
static void
key_attestation_read(struct tpm_reader *r)
{
	struct tpm_group g = tpm_enter(r, "keyAttestation",
	    "PCP_KEY_ATTESTATION_BLOB"), in;
	size_t start = r->c.off;
	uint64_t header, platform, attest, signature, blob;

	tpm_little(r, "magic", "DWORD", NULL);
	platform = tpm_little(r, "platform", "DWORD", tpm_name_platform);
	header = tpm_little(r, "headerSize", "DWORD", NULL);
	attest = tpm_little(r, "cbKeyAttest", "DWORD", NULL);
	signature = tpm_little(r, "cbSignature", "DWORD", NULL);
	blob = tpm_little(r, "cbKeyBlob", "DWORD", NULL);
	header_rest(r, start, header);
	if (platform == 2) {
		in = tpm_enter_sized(r, "keyAttest", "BYTE[]", attest);
		tpm_attest_read(r);
		tpm_leave(r, &in);
	} else {
		tpm_bytes(r, "keyAttest", "TPM_CERTIFY_INFO", attest);
	}
	tpm_bytes(r, "signature", "BYTE[]", signature);
	if (blob > 0 && cursor_peek(&r->c, 4) != NULL &&
	    memcmp(cursor_peek(&r->c, 4), "PCPM", 4) == 0) {
		in = tpm_enter_sized(r, "opaque", "BYTE[]", blob);
		key_blob_read(r);
		tpm_leave(r, &in);
	} else if (blob > 0) {
		tpm_bytes(r, "keyBlob", "BYTE[]", blob);
	}
	tpm_leave(r, &g);
}

/* TPM_IDENTITY_CONTENTS (TPM 1.2), or only the signature over it. */
static void
identity_read(struct tpm_reader *r)
{
	static const uint8_t start[] = { 1, 1, 0, 0, 0, 0, 0, 0x79 };
	const uint8_t *p = cursor_peek(&r->c, sizeof(start));

	if (p == NULL || memcmp(p, start, sizeof(start)) != 0) {
		tpm_bytes(r, "signature", "signature over "
		    "TPM_IDENTITY_CONTENTS", cursor_left(&r->c));
		return;
	}
	tpm_bytes(r, "ver", "TPM_STRUCT_VER", 4);
	tpm_big(r, "ordinal", "TPM_COMMAND_CODE", 4, NULL);
	tpm_bytes(r, "labelPrivCADigest", "TPM_CHOSENID_HASH", 20);
	tpm_bytes(r, "identityPubKey", "TPM_PUBKEY", cursor_left(&r->c));
}

/* A part whose layout its first bytes tell, else its size alone. */
static void
part_read(struct tpm_reader *r, const char *name, uint64_t n)
{
	const uint8_t *p = cursor_peek(&r->c, 4);
	struct tpm_group g;

	if (r->bad || n == 0)
		return;
	if (p != NULL && n >= 4 && memcmp(p, "KADS", 4) == 0) {
		g = tpm_enter_sized(r, name, "BYTE[]", n);
		key_attestation_read(r);
		tpm_leave(r, &g);
	} else if (p != NULL && n >= 4 && memcmp(p, "PCPM", 4) == 0) {
		g = tpm_enter_sized(r, name, "BYTE[]", n);
		key_blob_read(r);
		tpm_leave(r, &g);
	} else {
		tpm_bytes(r, name, "BYTE[]", n);
	}
}

static void
statement_read(struct tpm_reader *r)
{
	uint64_t header, platform, binding, attestation, opaque;
	size_t start = r->c.off;
	struct tpm_group g;

	tpm_little(r, "magic", "DWORD", NULL);
	tpm_little(r, "version", "DWORD", NULL);
	platform = tpm_little(r, "platform", "DWORD", tpm_name_platform);
	header = tpm_little(r, "headerSize", "DWORD", NULL);
	binding = tpm_little(r, "cbIdBinding", "DWORD", NULL);
	attestation = tpm_little(r, "cbKeyAttestation", "DWORD", NULL);
	opaque = tpm_little(r, "cbAIKOpaque", "DWORD", NULL);
	header_rest(r, start, header);
	if (binding > 0) {
		g = tpm_enter_sized(r, "idBinding", "BYTE[]", binding);
		if (platform == 2) {
			tpm_public_read(r);
			tpm_creation_read(r);
			tpm_attest_sized_read(r);
			tpm_signature_read(r);
		} else {
			identity_read(r);
		}
		tpm_leave(r, &g);
	}
	part_read(r, "keyAttestation", attestation);
	part_read(r, "aikOpaque", opaque);
}

/* ---- the challenge ---- */

static void
challenge_read(struct tpm_reader *r)
{
	uint64_t header, platform, challenge, opaque;
	size_t start = r->c.off;
	struct tpm_group g;

	tpm_little(r, "magic", "DWORD", NULL);
	tpm_little(r, "version", "DWORD", NULL);
	platform = tpm_little(r, "platform", "DWORD", tpm_name_platform);
	header = tpm_little(r, "headerSize", "DWORD", NULL);
	challenge = tpm_little(r, "cbChallenge", "DWORD", NULL);
	opaque = tpm_little(r, "cbOpaque", "DWORD", NULL);
	header_rest(r, start, header);
	if (challenge > 0 && platform == 2) {
		g = tpm_enter_sized(r, "challenge", "BYTE[]", challenge);
		tpm_id_object_read(r);
		tpm_buffer(r, "secret", "TPM2B_ENCRYPTED_SECRET");
		tpm_leave(r, &g);
	} else if (challenge > 0) {
		tpm_bytes(r, "challenge", "BYTE[]", challenge);
	}
	part_read(r, "opaque", opaque);
}

/* ---- the outside ---- */

static void
secret_read(struct tpm_reader *r)
{
	tpm_buffer(r, "secret", "TPM2B_ENCRYPTED_SECRET");
}

static const struct {
	const char	*name;
	void		(*read)(struct tpm_reader *);
	char		 magic[5];
	size_t		 least;		/* bytes of the header */
} structures[TPM_STRUCTURES] = {
	[TPM_KAST] = { "KAST, a TPM attestation statement", statement_read,
	    "KAST", 28 },
	[TPM_TACH] = { "TACH, a TPM attestation challenge", challenge_read,
	    "TACH", 24 },
	[TPM_KADS] = { "KADS, a key attestation", key_attestation_read,
	    "KADS", 24 },
	[TPM_PCPM] = { "PCPM, a key blob of the Platform Crypto Provider",
	    key_blob_read, "PCPM", 20 },
	[TPM_PUBLIC] = { "TPM2B_PUBLIC", tpm_public_read, "", 0 },
	[TPM_CREATION_DATA] = { "TPM2B_CREATION_DATA", tpm_creation_read, "",
	    0 },
	[TPM_ATTEST] = { "TPMS_ATTEST", tpm_attest_read, "", 0 },
	[TPM_SIGNATURE] = { "TPMT_SIGNATURE", tpm_signature_read, "", 0 },
	[TPM_ID_OBJECT] = { "TPM2B_ID_OBJECT", tpm_id_object_read, "", 0 },
	[TPM_ENCRYPTED_SECRET] = { "TPM2B_ENCRYPTED_SECRET", secret_read, "",
	    0 },
};

const char *
tpm_structure_name(enum tpm_structure which)
{
	return structures[which].name;
}

bool
tpm_looks_like(const uint8_t *p, size_t n, enum tpm_structure *ret)
{
	int i;

	*ret = TPM_STRUCTURES;
	for (i = 0; i < TPM_STRUCTURES; i++) {
		if (structures[i].least == 0 || n < structures[i].least ||
		    memcmp(p, structures[i].magic, 4) != 0)
			continue;
		/* "KAST..." as text has no small numbers here. */
		if (p[6] != 0 || p[7] != 0 || p[10] != 0 || p[11] != 0)
			continue;
		*ret = (enum tpm_structure)i;
		return true;
	}
	/* TPM_GENERATED_VALUE and a type of attestation */
	if (n >= 6 && memcmp(p, "\xff\x54\x43\x47\x80", 5) == 0) {
		*ret = TPM_ATTEST;
		return true;
	}
	return false;
}

bool
tpm_read(struct evidence *ev, const struct blob *b, struct span at,
    enum tpm_structure which, struct tpm_tree *ret)
{
	struct tpm_reader r = { .ev = ev, .tree = ret, .prefix = "" };

	*ret = (struct tpm_tree){ .broken = SPAN_NONE };
	cursor_init_span(&r.c, b, at);
	structures[which].read(&r);
	return !r.bad;
}

const struct tpm_node *
tpm_find(const struct tpm_tree *t, const char *path)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (strcmp(t->v[i].path, path) == 0)
			return &t->v[i];
	return NULL;
}
