/*
 * Serialized certificate store elements and .sst files as nodes: records,
 * what each property holds, then the certificate.
 * Relies on tree.h; MS-OSHARED 2.3.2.5, wincrypt.h.
 */
#include <stdio.h>
#include <string.h>

#include "decode/tree.h"

enum { HEAD = 12, SST_HEAD = 8 };

/* What a property's bytes are. */
enum form { BYTES, TEXT, DER, NUMBER, FILETIME, KEY_PROV, ENROLLMENT, CEP,
    BACKED_UP, RETRY, BOOLEAN, CLASS };

static const struct property {
	uint32_t	 id;
	const char	*name;
	enum form	 form;
} properties[] = {
	{ 1, "KEY_PROV_HANDLE", BYTES }, { 2, "KEY_PROV_INFO", KEY_PROV },
	{ 3, "SHA1_HASH", BYTES }, { 4, "MD5_HASH", BYTES },
	{ 5, "KEY_CONTEXT", BYTES }, { 6, "KEY_SPEC", NUMBER },
	{ 7, "IE30_RESERVED", BYTES }, { 8, "PUBKEY_HASH_RESERVED", BYTES },
	{ 9, "ENHKEY_USAGE", DER }, { 10, "NEXT_UPDATE_LOCATION", DER },
	{ 11, "FRIENDLY_NAME", TEXT }, { 12, "PVK_FILE", TEXT },
	{ 13, "DESCRIPTION", TEXT }, { 14, "ACCESS_STATE", NUMBER },
	{ 15, "SIGNATURE_HASH", BYTES }, { 16, "SMART_CARD_DATA", BYTES },
	{ 17, "EFS", BYTES }, { 18, "FORTEZZA_DATA", BYTES },
	{ 19, "ARCHIVED", BYTES }, { 20, "KEY_IDENTIFIER", BYTES },
	{ 21, "AUTO_ENROLL", TEXT }, { 22, "PUBKEY_ALG_PARA", DER },
	{ 23, "CROSS_CERT_DIST_POINTS", DER },
	{ 24, "ISSUER_PUBLIC_KEY_MD5_HASH", BYTES },
	{ 25, "SUBJECT_PUBLIC_KEY_MD5_HASH", BYTES },
	{ 26, "ENROLLMENT", ENROLLMENT }, { 27, "DATE_STAMP", FILETIME },
	{ 28, "ISSUER_SERIAL_NUMBER_MD5_HASH", BYTES },
	{ 29, "SUBJECT_NAME_MD5_HASH", BYTES },
	{ 30, "EXTENDED_ERROR_INFO", TEXT },
	{ 32, "certificate", DER }, { 33, "CRL", DER }, { 34, "CTL", DER },
	{ 35, "key identifier", BYTES },
	{ 64, "RENEWAL", BYTES }, { 65, "ARCHIVED_KEY_HASH", BYTES },
	{ 66, "AUTO_ENROLL_RETRY", RETRY },
	{ 67, "AIA_URL_RETRIEVED", BYTES },
	{ 68, "AUTHORITY_INFO_ACCESS", DER }, { 69, "BACKED_UP", BACKED_UP },
	{ 70, "OCSP_RESPONSE", DER }, { 71, "REQUEST_ORIGINATOR", TEXT },
	{ 72, "SOURCE_LOCATION", TEXT }, { 73, "SOURCE_URL", TEXT },
	{ 74, "NEW_KEY", BYTES }, { 75, "OCSP_CACHE_PREFIX", TEXT },
	{ 76, "SMART_CARD_ROOT_INFO", BYTES },
	{ 77, "NO_AUTO_EXPIRE_CHECK", BYTES },
	{ 78, "NCRYPT_KEY_HANDLE", BYTES },
	{ 79, "HCRYPTPROV_OR_NCRYPT_KEY_HANDLE", BYTES },
	{ 80, "SUBJECT_INFO_ACCESS", DER },
	{ 81, "CA_OCSP_AUTHORITY_INFO_ACCESS", DER },
	{ 82, "CA_DISABLE_CRL", BYTES },
	{ 83, "ROOT_PROGRAM_CERT_POLICIES", DER },
	{ 84, "ROOT_PROGRAM_NAME_CONSTRAINTS", DER },
	{ 85, "SUBJECT_OCSP_AUTHORITY_INFO_ACCESS", DER },
	{ 86, "SUBJECT_DISABLE_CRL", BYTES }, { 87, "CEP", CEP },
	{ 89, "SIGN_HASH_CNG_ALG", TEXT }, { 90, "SCARD_PIN_ID", BYTES },
	{ 91, "SCARD_PIN_INFO", BYTES },
	{ 92, "SUBJECT_PUB_KEY_BIT_LENGTH", NUMBER },
	{ 93, "PUB_KEY_CNG_ALG_BIT_LENGTH", TEXT },
	{ 94, "ISSUER_PUB_KEY_BIT_LENGTH", NUMBER },
	{ 95, "ISSUER_CHAIN_SIGN_HASH_CNG_ALG", TEXT },
	{ 96, "ISSUER_CHAIN_PUB_KEY_CNG_ALG_BIT_LENGTH", TEXT },
	{ 97, "NO_EXPIRE_NOTIFICATION", BYTES },
	{ 98, "AUTH_ROOT_SHA256_HASH", BYTES },
	{ 99, "NCRYPT_KEY_HANDLE_TRANSFER", BYTES },
	{ 100, "HCRYPTPROV_TRANSFER", BYTES },
	{ 101, "SMART_CARD_READER", TEXT },
	{ 102, "SEND_AS_TRUSTED_ISSUER", BOOLEAN },
	{ 103, "KEY_REPAIR_ATTEMPTED", FILETIME },
	{ 104, "DISALLOWED_FILETIME", FILETIME },
	{ 105, "ROOT_PROGRAM_CHAIN_POLICIES", DER },
	{ 106, "SMART_CARD_READER_NON_REMOVABLE", BOOLEAN },
	{ 107, "SHA256_HASH", BYTES }, { 108, "SCEP_SERVER_CERTS", DER },
	{ 109, "SCEP_RA_SIGNATURE_CERT", BYTES },
	{ 110, "SCEP_RA_ENCRYPTION_CERT", BYTES },
	{ 111, "SCEP_CA_CERT", BYTES }, { 112, "SCEP_SIGNER_CERT", BYTES },
	{ 113, "SCEP_NONCE", BYTES },
	{ 114, "SCEP_ENCRYPT_HASH_CNG_ALG", TEXT },
	{ 115, "SCEP_FLAGS", NUMBER }, { 116, "SCEP_GUID", TEXT },
	{ 117, "SERIALIZABLE_KEY_CONTEXT", BYTES },
	{ 118, "ISOLATED_KEY", BYTES }, { 119, "SERIAL_CHAIN", BYTES },
	{ 120, "KEY_CLASSIFICATION", CLASS },
	{ 121, "OCSP_MUST_STAPLE", BYTES },
	{ 122, "DISALLOWED_ENHKEY_USAGE", DER },
	{ 123, "NONCOMPLIANT_ROOT_URL", TEXT },
	{ 124, "PIN_SHA256_HASH", BYTES }, { 125, "CLR_DELETE_KEY", BYTES },
	{ 126, "NOT_BEFORE_FILETIME", FILETIME },
	{ 127, "NOT_BEFORE_ENHKEY_USAGE", DER },
	{ 0x1000, "STORE_LOCALIZED_NAME", TEXT },
};

static const struct property *
property_find(uint32_t id)
{
	size_t i;

	for (i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (properties[i].id == id)
			return &properties[i];
	return NULL;
}

static uint32_t
u32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static struct tree_node *
dword(struct tree *t, struct tree_node *n, size_t off, const char *name)
{
	uint32_t v = u32(n->blob->p + off);

	return tree_field(t, n, off, 4, "DWORD", name, arena_printf(
	    ev_arena(t->ev), v > 0xffff ? "0x%08x" : "%u", (unsigned int)v));
}

/* UTF-16LE up to a NUL or the end; the field covers the NUL. */
static size_t
utf16(struct tree *t, struct tree_node *n, size_t off, size_t end,
    const char *name)
{
	const uint8_t *p = n->blob->p;
	struct tree_node *f;
	char *text, *to;
	size_t stop = off;
	bool ended = false;
	uint32_t c, low;

	while (end - stop >= 2 && !ended) {
		ended = p[stop] == 0 && p[stop + 1] == 0;
		stop += 2;
	}
	text = to = arena_alloc(ev_arena(t->ev), (stop - off) * 2 + 4);
	for (size_t i = off; i + 2 <= stop - (ended ? 2 : 0); i += 2) {
		c = p[i] | (uint32_t)p[i + 1] << 8;
		if (c >= 0xd800 && c < 0xdc00 && i + 4 <= stop) {
			low = p[i + 2] | (uint32_t)p[i + 3] << 8;
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) +
				    (low - 0xdc00);
				i += 2;
			}
		}
		if (c >= 0xd800 && c < 0xe000)
			c = 0xfffd;
		if (c < 0x80)
			*to++ = (char)c;
		else if (c < 0x800) {
			*to++ = (char)(0xc0 | c >> 6);
			*to++ = (char)(0x80 | (c & 0x3f));
		} else if (c < 0x10000) {
			*to++ = (char)(0xe0 | c >> 12);
			*to++ = (char)(0x80 | (c >> 6 & 0x3f));
			*to++ = (char)(0x80 | (c & 0x3f));
		} else {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
			*to++ = (char)(0x80 | (c >> 6 & 0x3f));
			*to++ = (char)(0x80 | (c & 0x3f));
		}
	}
	f = tree_field(t, n, off, stop - off, "UTF-16LE", name, text);
	if (!ended)
		tree_note(t, f, "no NUL ends it");
	return stop;
}

static void
filetime(struct tree *t, struct tree_node *n, size_t off, const char *name)
{
	uint64_t v = u32(n->blob->p + off) |
	    (uint64_t)u32(n->blob->p + off + 4) << 32;
	struct tree_node *f = tree_field(t, n, off, 8, "FILETIME", name,
	    arena_printf(ev_arena(t->ev), "%llu", (unsigned long long)v));
	char text[40];

	/* 1970 to 2200 in units of 100 ns since 1601 */
	if (v < UINT64_C(116444736000000000) ||
	    v > UINT64_C(189024192000000000))
		return;
	time_format((int64_t)(v / 10) - INT64_C(11644473600000000), text);
	f->meaning = arena_printf(ev_arena(t->ev), "%s", text);
}

/* ---- properties of several fields ---- */

/* CRYPT_KEY_PROV_INFO in its 32-bit layout. */
static void
key_prov(struct tree *t, struct tree_node *n, size_t off, size_t end)
{
	static const char *const names[] = {
		"containerOffset", "providerOffset", "provType", "flags",
		"parameters", "parametersOffset", "keySpec"
	};
	const uint8_t *p = n->blob->p + off;
	struct tree_node *f;
	uint32_t at[2], value;
	size_t i, to = off + 28, next;

	if (end - off < 28) {
		tree_rest(t, n, off, end, "shorter than its 28 bytes of head");
		return;
	}
	at[0] = u32(p);
	at[1] = u32(p + 4);
	for (i = 0; i < 7; i++) {
		f = dword(t, n, off + i * 4, names[i]);
		value = u32(p + i * 4);
		if (i < 2 && value == 0)
			f->meaning = "none";
		else if (i == 2)
			f->meaning = value == 0 ? "CNG" : value == 1 ?
			    "PROV_RSA_FULL" : value == 12 ?
			    "PROV_RSA_SCHANNEL" : value == 24 ?
			    "PROV_RSA_AES" : NULL;
		else if (i == 3 && (value & 0x60) != 0)
			f->meaning = (value & 0x60) == 0x60 ?
			    "CRYPT_MACHINE_KEYSET, CRYPT_SILENT" :
			    value & 0x20 ? "CRYPT_MACHINE_KEYSET" :
			    "CRYPT_SILENT";
		else if (i == 6)
			f->meaning = value == 0 || value == UINT32_MAX ?
			    "CNG" : value == 1 ? "AT_KEYEXCHANGE" :
			    value == 2 ? "AT_SIGNATURE" : NULL;
	}
	/* strings in the order in which they stand */
	while (to < end) {
		const char *name = NULL;

		next = end;
		for (i = 0; i < 2; i++)
			if (at[i] >= 28 && at[i] < end - off &&
			    off + at[i] >= to && off + at[i] < next) {
				next = off + at[i];
				name = i == 0 ? "container" : "provider";
			}
		if (name == NULL)
			break;
		tree_rest(t, n, to, next, "a gap between the strings");
		to = utf16(t, n, next, end, name);
		if (to == next)
			break;
	}
	tree_rest(t, n, to, end, "not claimed by the head");
}

static void
enrollment(struct tree *t, struct tree_node *n, size_t off, size_t end)
{
	static const char *const names[] = {
		"caDnsName", "caName", "friendlyName"
	};
	size_t i, size;

	if (end - off >= 4) {
		dword(t, n, off, "requestId");
		off += 4;
	}
	for (i = 0; i < 3 && end - off >= 4; i++) {
		size = u32(n->blob->p + off);
		dword(t, n, off, "length");
		off += 4;
		if (size > (end - off) / 2)
			size = (end - off) / 2;
		if (size > 0) {
			size_t stop = utf16(t, n, off, off + size * 2,
			    names[i]);

			tree_rest(t, n, stop, off + size * 2,
			    "after the NUL");
		}
		off += size * 2;
	}
	tree_rest(t, n, off, end, "not claimed");
}

static void
cep(struct tree *t, struct tree_node *n, size_t off, size_t end)
{
	static const char *const numbers[] = {
		"version", "propertyFlags", "authentication", "urlFlags",
		"cesAuthentication"
	};
	static const char *const texts[] = {
		"url", "id", "cesUrl", "requestId"
	};
	size_t i;

	for (i = 0; i < 5 && end - off >= 4; i++, off += 4)
		dword(t, n, off, numbers[i]);
	for (i = 0; i < 4 && end - off >= 2; i++)
		off = utf16(t, n, off, end, texts[i]);
	tree_rest(t, n, off, end, "not claimed");
}

static void
property_read(struct tree *t, struct tree_node *n, enum form form,
    size_t off, size_t end)
{
	static const char *const classes[] = {
		"other", "virtual smart card", "physical smart card",
		"Passport", "Passport remote", "Passport smart card",
		"hardware", "software", "self-signed"
	};
	struct tree_node *f;
	size_t len = end - off;

	if (len == 0)
		return;
	switch (form) {
	case TEXT:
		off = utf16(t, n, off, end, "text");
		break;
	case DER:
		tree_elements(t, n, n->blob, off, end, NULL, NULL);
		return;
	case NUMBER: case BOOLEAN: case CLASS:
		if (len < 4)
			break;
		f = dword(t, n, off, "number");
		if (form == CLASS && u32(n->blob->p + off) < 9)
			f->meaning = classes[u32(n->blob->p + off)];
		off += 4;
		break;
	case FILETIME:
		if (len < 8)
			break;
		filetime(t, n, off, "time");
		off += 8;
		break;
	case KEY_PROV:
		key_prov(t, n, off, end);
		return;
	case ENROLLMENT:
		enrollment(t, n, off, end);
		return;
	case CEP:
		cep(t, n, off, end);
		return;
	case BACKED_UP:
		if (len < 10)
			break;
		tree_field(t, n, off, 2, "VARIANT_BOOL", "backedUp",
		    n->blob->p[off] != 0 ? "TRUE" : "FALSE");
		if (len > 10)
			tree_field(t, n, off + 2, len - 10, "bytes",
			    "padding", NULL);
		filetime(t, n, end - 8, "time");
		return;
	case RETRY:
		if (len < 16)
			break;
		dword(t, n, off, "size");
		dword(t, n, off + 4, "retries");
		filetime(t, n, off + 8, "time");
		off += 16;
		break;
	case BYTES:
		f = tree_field(t, n, off, len, "bytes", "value", NULL);
		f->meaning = arena_printf(ev_arena(t->ev), "%zu bytes", len);
		return;
	}
	tree_rest(t, n, off, end, "%zu bytes that the property has no place "
	    "for", end - off);
}

/* ---- records ---- */

static void
records_read(struct tree *t, struct tree_node *parent, size_t off, size_t end)
{
	const uint8_t *p = parent->blob->p;
	const struct property *property;
	struct tree_node *n, *f;
	uint32_t id, encoding;
	size_t size, have, i;

	while (off < end && t->nodes < t->max_nodes) {
		for (i = off; i < end && p[i] == 0; i++)
			continue;
		if (i == end) {
			n = tree_rest(t, parent, off, end, "%zu zero bytes: "
			    "%s", end - off, end - off == HEAD ?
			    "the end of the store" : "the end, or slack");
			n->name = "end";
			return;
		}
		if (end - off < HEAD)
			break;
		id = u32(p + off);
		encoding = u32(p + off + 4);
		size = u32(p + off + 8);
		have = size > end - off - HEAD ? end - off - HEAD : size;
		property = property_find(id);
		n = tree_add(t, parent, TREE_FIELD, parent->blob, off,
		    HEAD + have);
		n->label = id >= 32 && id <= 35 ? "context" : "property";
		n->name = property != NULL ? property->name : "unknown";
		n->meaning = arena_printf(ev_arena(t->ev), "id %u",
		    (unsigned int)id);
		dword(t, n, off, "propId");
		f = dword(t, n, off + 4, "encodingType");
		if (encoding == 1)
			f->meaning = "X509_ASN_ENCODING";
		else
			tree_note(t, f, "it is 1 everywhere else");
		dword(t, n, off + 8, "cbData");
		if (have < size)
			tree_note(t, n, "cut: it states %zu bytes, %zu are "
			    "here", size, have);
		property_read(t, n, property != NULL ? property->form : BYTES,
		    off + HEAD, off + HEAD + have);
		off += HEAD + have;
	}
	if (t->nodes >= t->max_nodes)
		tree_rest(t, parent, off, end, "too many records: not read "
		    "from byte %zu on", off);
	else
		tree_rest(t, parent, off, end, "%zu bytes that are no whole "
		    "record at %zu", end - off, off);
}

static bool
store_looks(const uint8_t *p, size_t n)
{
	return n >= HEAD && u32(p + 4) == 1 && u32(p) != 0 &&
	    u32(p) < 0x10000 && u32(p + 8) < 0x1000000 && p[0] != 0x30;
}

static bool
sst_looks(const uint8_t *p, size_t n)
{
	return n >= SST_HEAD && memcmp(p, "\0\0\0\0CERT", SST_HEAD) == 0;
}

static void
sst_read(struct tree *t, struct tree_node *parent, const struct blob *b,
    size_t off, size_t end)
{
	(void)b;
	dword(t, parent, off, "version");
	tree_field(t, parent, off + 4, 4, "magic", "fileType", "CERT");
	records_read(t, parent, off + SST_HEAD, end);
}

static void
store_read(struct tree *t, struct tree_node *parent, const struct blob *b,
    size_t off, size_t end)
{
	(void)b;
	records_read(t, parent, off, end);
}

const struct tree_layout	tree_store = {
	"certificate store element", store_looks, store_read
};
const struct tree_layout	tree_sst = {
	"certificate store (.sst)", sst_looks, sst_read
};
