/*
 * Serialized certificate store elements, as Windows keeps them in the files
 * of SystemCertificates, in the registry's Blob values and in .sst files.
 * Relies on cursor.h for every byte and on libcrypto for thumbprints;
 * MS-OSHARED 2.3.2.5, MS-GPEF 2.2.1.1.1, wincrypt.h.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/parser.h"
#include "evidence/cursor.h"
#include "evidence/signature.h"
#include "evidence/text_scan.h"
#include "parsers/fields.h"

#define REQUEST	ARTIFACT(REQUEST_FILE)

#define FIELD(id, dotted, kind_of_value, ...)				\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##kind_of_value, .kinds = KIND(STORE_ELEMENT), \
	    .artifacts = REQUEST, __VA_ARGS__ }

FIELD(store_property, "store.property", INT, .repeated = true,
    .help = "id of a property that the element has");
FIELD(store_sha1, "store.sha1", BYTES,
    .help = "thumbprint that the element states (property 3)");
FIELD(store_thumbprint, "store.thumbprint", BYTES,
    .help = "SHA-1 of the element's certificate");
FIELD(store_name_matches, "store.name_matches", BOOL,
    .help = "is the file's name the thumbprint of its certificate");
FIELD(store_container, "store.container", TEXT, .personal = true,
    .help = "key container (property 2)");
FIELD(store_provider, "store.provider", TEXT,
    .help = "key provider (property 2)");
FIELD(store_machine, "store.machine", TEXT, .personal = true,
    .help = "machine that made the request (property 71)");
FIELD(store_friendly_name, "store.friendly_name", TEXT,
    .help = "friendly name (property 11)");
FIELD(store_ra_signing, "store.ra_signing", BYTES,
    .help = "SHA-1 of the RA's signing certificate (property 109)");
FIELD(store_ra_encryption, "store.ra_encryption", BYTES,
    .help = "SHA-1 of the RA's encryption certificate (property 110)");
FIELD(store_ca, "store.ca", BYTES,
    .help = "SHA-1 of the SCEP CA's certificate (property 111)");
FIELD(store_scep_signer, "store.scep_signer", BYTES,
    .help = "SHA-1 of the certificate that signs the SCEP messages "
	"(property 112)");
FIELD(store_scep_nonce, "store.scep_nonce", BYTES,
    .help = "nonce of the SCEP request (property 113)");
FIELD(store_scep_algorithms, "store.scep_algorithms", TEXT,
    .help = "cipher and digest of the SCEP messages (property 114)");
FIELD(store_scep_flags, "store.scep_flags", INT,
    .help = "SCEP flags (property 115)");
FIELD(store_scep_guid, "store.scep_guid", TEXT,
    .help = "SCEP identifier (property 116)");

static const struct field *const fields[] = {
	&store_property, &store_sha1, &store_thumbprint, &store_name_matches,
	&store_container, &store_provider, &store_machine,
	&store_friendly_name, &store_ra_signing, &store_ra_encryption,
	&store_ca, &store_scep_signer, &store_scep_nonce,
	&store_scep_algorithms, &store_scep_flags, &store_scep_guid, NULL
};

enum {
	RECORD_CERTIFICATE = 0x20, RECORD_CRL = 0x21, RECORD_CTL = 0x22,
	RECORD_KEY = 0x23,
	RECORD_HEAD = 12,
	KEY_PROV_INFO_HEAD = 28
};

struct record {
	uint32_t	 id, encoding, size;
	struct span	 id_at, data;	/* data may be less than size: cut */
	bool		 cut;
};

/* An element that is being read. */
struct element {
	struct evidence	*ev;
	const struct blob *blob;
	struct item	*item;		/* NULL before its first record */
	size_t		 start;
	bool		 sst;
	uint8_t		 seen[0x10000 / 8];
};

/* ---- records ---- */

static bool
record_take(struct cursor *c, struct record *r)
{
	size_t n;

	*r = (struct record){ 0 };
	r->id_at = (struct span){ c->blob->id, c->off, 4 };
	if (cursor_left(c) < RECORD_HEAD || !cursor_u32le(c, &r->id) ||
	    !cursor_u32le(c, &r->encoding) || !cursor_u32le(c, &r->size))
		return false;
	n = cursor_left(c);
	r->cut = r->size > n;
	if (!r->cut)
		n = r->size;
	r->data = (struct span){ c->blob->id, c->off, n };
	cursor_skip(c, n);
	return true;
}

/* A certificate, CRL, CTL or key identifier is the last of an element. */
static bool
record_ends(const struct record *r)
{
	return r->id >= RECORD_CERTIFICATE && r->id <= RECORD_KEY;
}

/* Where the zeros at the end of the blob begin. */
static size_t
zeros_from(const struct blob *b)
{
	size_t n = b->n;

	while (n > 0 && b->p[n - 1] == 0)
		n--;
	return n;
}

/* ---- text: UTF-16LE ---- */

static size_t
put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/*
 * Text up to its NUL (or the end), as a fact that cites exactly the
 * characters.  A lone surrogate becomes U+FFFD.
 */
static void
utf16_fact(struct element *e, const struct field *field, struct span at)
{
	const uint8_t *p = ev_bytes(e->ev, at);
	size_t i, max = (size_t)ev_limits(e->ev)->value_bytes, n = 0;
	uint32_t c, low;
	char *text;

	if (p == NULL)
		return;
	text = malloc(max + 4);
	if (text == NULL)
		return;
	for (i = 0; at.len - i >= 2 && n + 4 <= max; i += 2) {
		c = p[i] | (uint32_t)p[i + 1] << 8;
		if (c == 0)
			break;
		if (c >= 0xd800 && c < 0xe000) {
			low = at.len - i >= 4 ?
			    p[i + 2] | (uint32_t)p[i + 3] << 8 : 0;
			if (c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) +
				    (low - 0xdc00);
				i += 2;
			} else {
				c = 0xfffd;
			}
		}
		n += put_utf8(text + n, c);
	}
	if (at.len - i < 2)
		ev_problem(e->ev, PROBLEM_NOTED, at, "%s has no NUL at its "
		    "end", field->name);
	at.len = i;
	ev_fact(e->ev, e->item, field, value_text(text, n), at);
	free(text);
}

/* ---- properties ---- */

static void
bytes_fact(struct element *e, const struct field *field, struct span at)
{
	const uint8_t *p = ev_bytes(e->ev, at);

	if (p != NULL)
		ev_fact(e->ev, e->item, field, value_bytes(p, at.len), at);
}

static void
sha1_fact(struct element *e, const struct field *field, struct span at)
{
	bytes_fact(e, field, at);
	if (at.len != 20)
		ev_problem(e->ev, PROBLEM_NOTED, at, "%s has %zu bytes, want "
		    "20", field->name, at.len);
}

static void
number_fact(struct element *e, const struct field *field, struct span at)
{
	struct cursor c;
	uint32_t v;

	cursor_init_span(&c, e->blob, at);
	if (at.len == 4 && cursor_u32le(&c, &v))
		ev_fact(e->ev, e->item, field, value_int(v), at);
	else
		ev_problem(e->ev, PROBLEM_NOTED, at, "%s has %zu bytes, want "
		    "4", field->name, at.len);
}

/* A string of CRYPT_KEY_PROV_INFO; its offset counts from the value. */
static void
provider_string(struct element *e, const struct field *field, struct span at,
    uint32_t off)
{
	if (off == 0)
		return;		/* NULL */
	if (off >= at.len) {
		ev_problem(e->ev, PROBLEM_NOTED, at, "%s stands at %u of a "
		    "property of %zu bytes", field->name, off, at.len);
		return;
	}
	at.off += off;
	at.len -= off;
	utf16_fact(e, field, at);
}

/* CRYPT_KEY_PROV_INFO, always in its 32-bit layout. */
static void
provider_read(struct element *e, const struct field *unused, struct span at)
{
	uint32_t container, provider;
	struct cursor c;

	(void)unused;
	cursor_init_span(&c, e->blob, at);
	if (at.len < KEY_PROV_INFO_HEAD) {
		ev_problem(e->ev, PROBLEM_NOTED, at, "the key provider "
		    "information has %zu bytes, want 28 or more", at.len);
		if (at.len < 8)
			return;
	}
	if (!cursor_u32le(&c, &container) || !cursor_u32le(&c, &provider))
		return;
	provider_string(e, &store_container, at, container);
	provider_string(e, &store_provider, at, provider);
}

static void
certificates_read(struct element *e, const struct field *unused,
    struct span at)
{
	(void)unused;
	if (at.len > 0)
		ev_slice(e->ev, at, "store property 108", HINT_CMS, e->item);
}

/* What is kept of which property; ids alone of all others. */
static const struct property {
	uint32_t	 id;
	const struct field *field;
	void		 (*read)(struct element *, const struct field *,
	    struct span);
} properties[] = {
	{ 2, NULL, provider_read },
	{ 3, &store_sha1, sha1_fact },
	{ 11, &store_friendly_name, utf16_fact },
	{ 71, &store_machine, utf16_fact },
	{ 108, NULL, certificates_read },
	{ 109, &store_ra_signing, sha1_fact },
	{ 110, &store_ra_encryption, sha1_fact },
	{ 111, &store_ca, sha1_fact },
	{ 112, &store_scep_signer, sha1_fact },
	{ 113, &store_scep_nonce, bytes_fact },
	{ 114, &store_scep_algorithms, utf16_fact },
	{ 115, &store_scep_flags, number_fact },
	{ 116, &store_scep_guid, utf16_fact },
};

static void
property_read(struct element *e, const struct record *r)
{
	size_t i;

	if (r->id < 0x10000) {
		if (e->seen[r->id / 8] & 1 << r->id % 8) {
			ev_problem(e->ev, PROBLEM_NOTED, r->data, "a second "
			    "property %u; the first one counts", r->id);
			return;
		}
		e->seen[r->id / 8] |= (uint8_t)(1 << r->id % 8);
	}
	ev_fact(e->ev, e->item, &store_property, value_int(r->id), r->id_at);
	if (r->encoding != 1)
		ev_problem(e->ev, PROBLEM_NOTED, r->id_at, "property %u has "
		    "encoding %u, want 1", r->id, r->encoding);
	for (i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (properties[i].id == r->id)
			break;
	if (i == sizeof(properties) / sizeof(properties[0]))
		return;
	/* Of a cut property only what stands on its own is read. */
	if (!r->cut || r->id == 2 || r->id == 108)
		properties[i].read(e, properties[i].field, r->data);
}

/* ---- the certificate ---- */

/*
 * A file of a store has the thumbprint as its name, without extension; and so
 * has a key of the registry.
 */
static void
name_check(struct element *e, const struct fact *thumbprint)
{
	const struct fact *from[2] = { NULL, thumbprint };
	const struct item *file = item_up(e->item, ITEM_FILE);
	const struct item *key = item_up(e->item, ITEM_KEY);
	uint8_t named[20];
	size_t i;

	from[0] = key != NULL ? item_fact(key, &registry_name) :
	    file != NULL ? item_fact(file, &file_name) : NULL;
	if (from[0] == NULL || from[0]->value.n != 40)
		return;
	for (i = 0; i < 20; i++) {
		int high = text_hex_digit((uint8_t)from[0]->value.p[2 * i]);
		int low = text_hex_digit((uint8_t)from[0]->value.p[2 * i +
		    1]);

		if (high < 0 || low < 0)
			return;
		named[i] = (uint8_t)(high << 4 | low);
	}
	ev_derive(e->ev, e->item, &store_name_matches,
	    value_bool(memcmp(named, thumbprint->value.p, 20) == 0),
	    SPAN_NONE, from, 2, NULL);
}

static void
certificate_read(struct element *e, const struct record *r)
{
	const struct fact *thumbprint, *stated;
	const uint8_t *p = ev_bytes(e->ev, r->data);
	uint8_t digest[DIGEST_MAX];
	size_t n;

	if (r->data.len > 0)
		ev_slice(e->ev, r->data, "certificate of the store element",
		    HINT_CERT, e->item);
	if (r->cut || p == NULL || !digest_bytes("sha1", p, r->data.len,
	    digest, &n))
		return;
	thumbprint = ev_derive(e->ev, e->item, &store_thumbprint,
	    value_bytes(digest, n), r->data, NULL, 0, NULL);
	stated = item_fact(e->item, &store_sha1);
	if (stated != NULL && !value_equal(&stated->value,
	    &thumbprint->value))
		ev_problem(e->ev, PROBLEM_NOTED, stated->at, "property 3 is "
		    "not the SHA-1 of the element's certificate");
	name_check(e, thumbprint);
}

/* ---- elements ---- */

static void
element_begin(struct element *e, size_t off)
{
	e->start = off;
	e->item = ev_item(e->ev, ITEM_STORE_ELEMENT, e->blob->item,
	    blob_part(e->blob, off, e->blob->n - off));
	ev_artifact(e->item, ARTIFACT_REQUEST_FILE);
	memset(e->seen, 0, sizeof(e->seen));
}

/* The record that ends an element: its certificate, CRL, CTL or key. */
static void
element_end(struct element *e, const struct record *r, size_t end)
{
	if (r->id == RECORD_CERTIFICATE)
		certificate_read(e, r);
	else if (r->id == RECORD_CTL && r->data.len > 0)
		ev_slice(e->ev, r->data, "trust list of the store element",
		    HINT_CMS, e->item);
	e->item->at = blob_part(e->blob, e->start, end - e->start);
	e->item = NULL;
}

/* One element, or the groups of a .sst file; `max` records are read. */
static void
elements_read(struct element *e, struct cursor *c, uint64_t max)
{
	struct item *last = NULL;
	struct record r;
	uint64_t n = 0;
	size_t off, zeros = zeros_from(e->blob);

	while (cursor_left(c) > 0) {
		off = c->off;
		if (off >= zeros) {
			/* the end of a .sst file, or slack behind one */
			c->off = c->end;
			break;
		}
		if (n++ == max) {
			ev_limit(e->ev, blob_span(e->blob), "store_records",
			    "more than %llu records are not read",
			    (unsigned long long)max);
			break;
		}
		if (!record_take(c, &r)) {
			ev_damage(e->ev, blob_part(e->blob, off,
			    cursor_left(c)), "%zu bytes follow the last "
			    "record", e->blob->n - off);
			break;
		}
		if (r.id == 0) {
			ev_damage(e->ev, r.id_at, "a record with id 0 stands "
			    "before the end");
			break;
		}
		if (last != NULL && !e->sst)
			ev_problem(e->ev, PROBLEM_NOTED, r.id_at, "record %u "
			    "stands behind the end of the element", r.id);
		/* In an element alone these are its own all the same. */
		if (last != NULL && !e->sst && !record_ends(&r))
			e->item = last;
		else if (e->item == NULL)
			element_begin(e, off);
		if (r.cut)
			ev_damage(e->ev, r.data, "record %u is cut: it has "
			    "%zu bytes, want %u", r.id, r.data.len, r.size);
		if (record_ends(&r)) {
			last = e->item;
			element_end(e, &r, c->off);
		} else {
			property_read(e, &r);
			if (e->item == last)
				e->item = NULL;
		}
	}
	if (e->item != NULL)
		ev_damage(e->ev, blob_part(e->blob, e->start, c->off -
		    e->start), "the store element ends without a certificate");
}

/* ---- the parser ---- */

static bool
is_sst(const struct blob *b)
{
	return b->n >= 8 && memcmp(b->p, "\0\0\0\0CERT", 8) == 0;
}

static int
store_bid(const struct evidence *ev, const struct blob *b)
{
	struct cursor c;
	struct record r, next;

	(void)ev;
	if (is_sst(b))
		return 95;
	cursor_init(&c, b);
	if (!record_take(&c, &r) || r.id == 0 || r.id >= 0x10000)
		return 0;
	if (r.encoding != 1)
		return !r.cut && r.encoding == 0x10001 ? 70 : 0;
	if (r.cut)	/* of the ids that wincrypt.h knows */
		return r.id <= 127 ? 60 : 0;
	if (!record_take(&c, &next))
		return r.id <= 127 ? 80 : 40;
	return next.id < 0x10000 ? 90 : 60;
}

static void
store_read(struct evidence *ev, struct blob *b)
{
	const struct limits *limits = ev_limits(ev);
	bool sst = is_sst(b);
	struct element e = { .ev = ev, .blob = b, .sst = sst };
	struct cursor c;

	ev_input_kind(ev, b, sst ? "sst" : "request-store");
	if (b->n > (sst ? limits->body_bytes : limits->store_bytes)) {
		ev_limit(ev, blob_span(b), sst ? "body_bytes" : "store_bytes",
		    "a store of %zu bytes is not read", b->n);
		return;
	}
	cursor_init(&c, b);
	if (sst)
		cursor_skip(&c, 8);
	elements_read(&e, &c, sst ? 25 * limits->store_records :
	    limits->store_records);
}

const struct parser parser_store = {
	.name = "store", .bid = store_bid, .read = store_read, .fields = fields
};
