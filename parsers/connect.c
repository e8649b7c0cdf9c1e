/*
 * Reads the text that Fiddler writes as the bodies of a CONNECT tunnel: what
 * was agreed in the TLS handshake, whose certificate the server showed, or why
 * it failed.  It relies on the English keys alone; dates and the names of
 * extensions are in the user's language.
 */
#include <string.h>
#include <strings.h>

#include "decode/parser.h"
#include "evidence/text_scan.h"
#include "parsers/fields.h"

#define IN_TUNNEL	(KIND(SESSION) | KIND(STAGE) | KIND(ATTEMPT))
#define HELD		(ARTIFACT(TLS) | ARTIFACT(CAPTURE))

#define F(id, dotted, of, ...)						\
	const struct field id = { .name = dotted, .type = VALUE_##of,	\
	    .kinds = IN_TUNNEL, .artifacts = HELD, __VA_ARGS__ }

F(connect_version, "connect.version", TEXT, .help =
    "TLS version that the server chose: Tls12, 3.3 (TLS/1.2)");
F(connect_cipher, "connect.cipher", TEXT, .help =
    "cipher that the server chose");
F(connect_subject, "connect.subject", TEXT, .help =
    "subject of the certificate that the server showed");
F(connect_issuer, "connect.issuer", TEXT, .help =
    "issuer of that certificate");
F(connect_serial, "connect.serial", TEXT, .help =
    "serial number of that certificate");
F(connect_not_before, "connect.not_before", TEXT, .help =
    "its first day, as Fiddler wrote it in the user's language");
F(connect_not_after, "connect.not_after", TEXT, .help =
    "its last day, in the same way");
F(connect_names, "connect.names", TEXT, .help =
    "the hosts that it is for");
F(connect_thumbprint, "connect.thumbprint", BYTES, .help =
    "SHA-1 of that certificate");
F(connect_decrypted, "connect.decrypted", BOOL, .help =
    "did Fiddler decrypt what went through?");
F(connect_failed, "connect.failed", BOOL, .help =
    "did the TLS handshake fail?");
F(connect_failure, "connect.failure", TEXT, .help =
    "what Fiddler says of the failure");

struct tunnel {
	struct evidence	*ev;
	const struct blob *blob;
	struct item	*session;
	bool		 read;		/* anything was understood */
};

/* "Key: value" lines of either generation, before the certificate. */
static const struct key {
	const char	*key;
	const struct field *field;
} keys[] = {
	{ "Secure Protocol:", &connect_version },
	{ "Version:", &connect_version },
	{ "Cipher:", &connect_cipher },
	{ "CipherSuite:", &connect_cipher },
	{ "Cipher Suite:", &connect_cipher },
	{ NULL, NULL }
};

static const struct key blocks[] = {
	{ "[Subject]", &connect_subject },
	{ "[Issuer]", &connect_issuer },
	{ "[Serial Number]", &connect_serial },
	{ "[Not Before]", &connect_not_before },
	{ "[Not After]", &connect_not_after },
	{ "[Thumbprint]", &connect_thumbprint },
	{ "[SubjectAltNames]", &connect_names },
	{ NULL, NULL }
};

static bool
starts(const struct blob *b, struct span at, const char *text)
{
	size_t n = strlen(text);

	return at.len >= n && memcmp(b->p + at.off, text, n) == 0;
}

static bool
holds(const struct blob *b, struct span at, const char *text)
{
	return memmem(b->p + at.off, at.len, text, strlen(text)) != NULL;
}

static struct span
trim(const struct blob *b, struct span at)
{
	while (at.len > 0 && strchr(" \t\r", b->p[at.off]) != NULL) {
		at.off++;
		at.len--;
	}
	while (at.len > 0 && strchr(" \t\r", b->p[at.off + at.len - 1]) !=
	    NULL)
		at.len--;
	return at;
}

static bool
next_line(const struct blob *b, size_t *off, struct span *ret)
{
	if (!blob_line(b, off, ret))
		return false;
	*ret = trim(b, *ret);
	return true;
}

static void
add_thumbprint(struct tunnel *t, struct span at)
{
	uint8_t bytes[20];
	int high, low;
	size_t i;

	if (at.len != 2 * sizeof(bytes))
		return;
	for (i = 0; i < sizeof(bytes); i++) {
		high = text_hex_digit(t->blob->p[at.off + 2 * i]);
		low = text_hex_digit(t->blob->p[at.off + 2 * i + 1]);
		if (high < 0 || low < 0)
			return;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	ev_fact(t->ev, t->session, &connect_thumbprint,
	    value_bytes(bytes, sizeof(bytes)), at);
}

static void
add_text(struct tunnel *t, const struct field *field, struct span at)
{
	if (at.len == 0 || item_fact(t->session, field) != NULL)
		return;
	if (at.len > ev_limits(t->ev)->value_bytes)
		at.len = (size_t)ev_limits(t->ev)->value_bytes;
	t->read = true;
	if (field == &connect_thumbprint)
		add_thumbprint(t, at);
	else
		ev_fact(t->ev, t->session, field, value_text((const char *)
		    t->blob->p + at.off, at.len), at);
}

static void
add_truth(struct tunnel *t, const struct field *field, bool truth,
    struct span at)
{
	t->read = true;
	if (item_fact(t->session, field) == NULL)
		ev_derive(t->ev, t->session, field, value_bool(truth), at,
		    NULL, 0, NULL);
}

/* What Fiddler says of the tunnel as a whole. */
static void
read_sentence(struct tunnel *t, struct span line)
{
	const struct blob *b = t->blob;

	if (starts(b, line, "Encrypted HTTPS traffic flows through this "
	    "CONNECT tunnel"))
		add_truth(t, &connect_decrypted, true, line);
	else if (starts(b, line, "This is a CONNECT tunnel"))
		add_truth(t, &connect_decrypted, false, line);
	else if (holds(b, line, "fiddler.network.https> HTTPS handshake") ||
	    (holds(b, line, "it failed to send any data") &&
	    holds(b, line, "CONNECT"))) {
		add_text(t, &connect_failure, line);
		add_truth(t, &connect_failed, true, line);
	}
}

static void
read_block(struct tunnel *t, struct span line, size_t *off)
{
	const struct key *k;
	struct span value;
	size_t n;

	for (k = blocks; k->key != NULL; k++)
		if (starts(t->blob, line, k->key))
			break;
	if (k->key == NULL)
		return;
	n = strlen(k->key);
	value = trim(t->blob, (struct span){ line.blob, line.off + n,
	    line.len - n });
	/* The value stands on the next line; on this one in Everywhere's. */
	if (value.len == 0 && !next_line(t->blob, off, &value))
		return;
	add_text(t, k->field, value);
}

static int
connect_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return blob_hint_is(b, HINT_CONNECT) ? 95 : 0;
}

static void
connect_read(struct evidence *ev, struct blob *b)
{
	struct tunnel t = { .ev = ev, .blob = b,
	    .session = item_up(b->item, ITEM_SESSION) };
	bool request = b->item->kind == ITEM_REQUEST, certificate = false;
	const struct key *k;
	struct span line, agreed = SPAN_NONE;
	size_t off = 0, n;

	if (t.session == NULL)
		return;
	while (next_line(b, &off, &line)) {
		read_sentence(&t, line);
		if (starts(b, line, "== Server Certificate")) {
			certificate = true;
			agreed = line;
		}
		if (certificate)
			read_block(&t, line, &off);
		/* What the client offered was not agreed. */
		for (k = keys; !certificate && !request && k->key != NULL;
		    k++) {
			if (!starts(b, line, k->key))
				continue;
			n = strlen(k->key);
			add_text(&t, k->field, trim(b, (struct span){ b->id,
			    line.off + n, line.len - n }));
			/* Fiddler shook hands itself where it says this. */
			if (k->key[0] == 'S')
				agreed = line;
		}
	}
	if (agreed.blob != BLOB_NONE)
		add_truth(&t, &connect_failed, false, agreed);
	if (t.read)
		ev_artifact(t.session, ARTIFACT_TLS);
}

static const struct field *const connect_fields[] = {
	&connect_version, &connect_cipher, &connect_subject, &connect_issuer,
	&connect_serial, &connect_not_before, &connect_not_after,
	&connect_names, &connect_thumbprint, &connect_decrypted,
	&connect_failed, &connect_failure, NULL
};

const struct parser parser_connect = {
	.name = "connect", .bid = connect_bid, .read = connect_read,
	.fields = connect_fields
};
