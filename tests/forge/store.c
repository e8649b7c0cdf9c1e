/*
 * A request-store element: the serialized property list that Windows keeps of
 * an enrolment on its way, named by the thumbprint of its certificate.
 * Relies on the layout of MS-OSHARED 2.3.2.5 and wincrypt.h's property ids.
 */
#include "forge.h"

#include <stdio.h>
#include <string.h>

static void
record(struct buf *b, unsigned id, const void *p, size_t n)
{
	buf_le(b, id, 4);
	buf_le(b, 1, 4);
	buf_le(b, n, 4);
	buf_put(b, p, n);
}

static void
utf16(struct buf *b, const char *ascii)
{
	for (; *ascii != '\0'; ascii++)
		buf_le(b, (uint8_t)*ascii, 2);
	buf_le(b, 0, 2);
}

static void
record_text(struct buf *b, unsigned id, const char *ascii)
{
	struct buf v = { NULL, 0, 0 };

	utf16(&v, ascii);
	record(b, id, v.p, v.n);
	buf_free(&v);
}

/* CRYPT_KEY_PROV_INFO as stored: offsets from the start of the value. */
static void
record_key(struct buf *b, const char *container)
{
	static const char provider[] = "Microsoft Platform Crypto Provider";
	struct buf v = { NULL, 0, 0 };

	buf_le(&v, 28, 4);
	buf_le(&v, 28 + 2 * (strlen(container) + 1), 4);
	buf_le(&v, 0, 4);
	buf_le(&v, 0x20, 4);
	buf_le(&v, 0, 4);
	buf_le(&v, 0, 4);
	buf_le(&v, 0, 4);
	utf16(&v, container);
	utf16(&v, provider);
	record(b, 2, v.p, v.n);
	buf_free(&v);
}

static void
record_thumbprint(struct buf *b, unsigned id, const struct cert *c)
{
	uint8_t hash[20];

	sha1(c->der.p, c->der.n, hash);
	record(b, id, hash, sizeof(hash));
}

/*
 * join=signer: the certificate is the run's SCEP signer; join=hash: a dummy,
 * and property 112 is the signer's SHA-1; join=nonce: a dummy, and property
 * 113 is the senderNonce; join=none: nothing that a capture could match.
 */
void
store_make(struct buf *b, const struct scenario *s, const struct line *l,
    char ret_name[41])
{
	const struct attempt *a = option_attempt(s, l);
	const char *join = option(l, "join", "signer");
	const struct service *service = &a->device->service;
	const struct cert *c = &a->signer;
	char container[48], guid[37], braced[40];
	struct cert dummy;
	uint8_t id[8], name[20];

	memset(&dummy, 0, sizeof(dummy));
	rng_bytes("container", a->n, id, sizeof(id));
	strcpy(container, "TestAIK-");
	hex_put(id, sizeof(id), false, container + 8);
	if (strcmp(join, "signer") != 0) {
		dummy_make(&dummy, a->device, container, a->start);
		c = &dummy;
	}
	record_key(b, container);
	record(b, 20, c->ski, sizeof(c->ski));
	if (strcmp(option(l, "chain", "yes"), "yes") == 0) {
		record(b, 108, a->chain.p, a->chain.n);
		record_thumbprint(b, 109, &service->ra_signing);
		record_thumbprint(b, 110, &service->ra_encryption);
		record_thumbprint(b, 111, &service->aik_ca);
	}
	if (strcmp(join, "hash") == 0)
		record_thumbprint(b, 112, &a->signer);
	if (strcmp(join, "nonce") == 0)
		record(b, 113, a->sender, sizeof(a->sender));
	record_text(b, 114, "AES128/SHA256");
	record(b, 115, "\x01\0\0\0", 4);
	rng_guid("scep guid", a->n, guid);
	snprintf(braced, sizeof(braced), "{%s}", guid);
	record_text(b, 116, braced);
	record_thumbprint(b, 3, c);
	record(b, 0x20, c->der.p, c->der.n);
	sha1(c->der.p, c->der.n, name);
	hex_put(name, sizeof(name), true, ret_name);
}
