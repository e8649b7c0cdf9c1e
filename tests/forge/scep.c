/*
 * SCEP pkiMessages of the AIK enrolment (RFC 8894 with Microsoft's types) and
 * the AIK request inside them.
 * Relies on der.c for the shape; the RSA key transport pads by hand so that
 * the padding is seeded too.
 */
#include "forge.h"

#include <openssl/rsa.h>

#include <stdio.h>
#include <string.h>

#define	OID_DATA	"1.2.840.113549.1.7.1"
#define	OID_SIGNED	"1.2.840.113549.1.7.2"
#define	OID_ENVELOPED	"1.2.840.113549.1.7.3"
#define	OID_RSA		"1.2.840.113549.1.1.1"
#define	OID_SHA256	"2.16.840.1.101.3.4.2.1"
#define	OID_AES128	"2.16.840.1.101.3.4.1.2"
#define	OID_SCEP	"2.16.840.1.113733.1.9."
#define	OID_MS		"1.3.6.1.4.1.311."

/* RSAES-PKCS1-v1_5 (RFC 8017, 7.2.1) with padding from the seed. */
static void
key_transport(struct buf *ret, EVP_PKEY *key, const char *label, unsigned n,
    const uint8_t *secret, size_t len)
{
	uint8_t block[256], out[256];
	size_t i, out_len = sizeof(out);
	EVP_PKEY_CTX *ctx;

	if (EVP_PKEY_get_size(key) != sizeof(block))
		die("a recipient's key is not RSA 2048");
	rng_bytes(label, n, block, sizeof(block));
	for (i = 0; i < sizeof(block); i++)
		if (block[i] == 0)
			block[i] = 0x5a;
	block[0] = 0;
	block[1] = 2;
	block[sizeof(block) - len - 1] = 0;
	memcpy(block + sizeof(block) - len, secret, len);
	ctx = EVP_PKEY_CTX_new(key, NULL);
	if (ctx == NULL || EVP_PKEY_encrypt_init(ctx) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) <= 0 ||
	    EVP_PKEY_encrypt(ctx, out, &out_len, block, sizeof(block)) <= 0)
		die("key transport failed");
	EVP_PKEY_CTX_free(ctx);
	buf_put(ret, out, out_len);
}

/* The issuer Name is taken from the certificate itself, as it must match. */
static void
issuer_and_serial(struct buf *b, const struct cert *c)
{
	const uint8_t *p = c->der.p;
	struct buf name = { NULL, 0, 0 };
	size_t at = 0, mark, len, octets, skip;
	unsigned depth;

	/* SEQUENCE, SEQUENCE: in; [0], INTEGER, SEQUENCE: over; then Name */
	for (depth = 0; depth < 6; depth++) {
		len = p[at + 1];
		octets = 0;
		if (len & 0x80) {
			octets = len & 0x7f;
			len = 0;
			for (skip = 0; skip < octets; skip++)
				len = len << 8 | p[at + 2 + skip];
		}
		if (depth == 5)
			buf_put(&name, p + at, 2 + octets + len);
		at += 2 + octets + (depth < 2 ? 0 : len);
	}
	mark = der_begin(b, 0x30);
	buf_add(b, &name);
	buf_add(b, &c->serial);
	der_end(b, mark);
	buf_free(&name);
}

/* ContentInfo of EnvelopedData: AES-128-CBC, one recipient by key transport. */
void
envelope(struct buf *b, const struct cert *to, const char *label, unsigned n,
    const struct buf *content)
{
	struct buf wrapped = { NULL, 0, 0 }, cipher = { NULL, 0, 0 };
	size_t info, explicit, data, set, ktri, part, alg;
	uint8_t key[16], iv[16];
	EVP_CIPHER_CTX *ctx;
	char name[64];
	int got, more;

	snprintf(name, sizeof(name), "%s key", label);
	rng_bytes(name, n, key, sizeof(key));
	snprintf(name, sizeof(name), "%s iv", label);
	rng_bytes(name, n, iv, sizeof(iv));
	snprintf(name, sizeof(name), "%s padding", label);
	key_transport(&wrapped, to->key, name, n, key, sizeof(key));
	cipher.p = xcalloc(content->n + 32, 1);
	ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL || !EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL,
	    key, iv) || !EVP_EncryptUpdate(ctx, cipher.p, &got, content->p,
	    (int)content->n) ||
	    !EVP_EncryptFinal_ex(ctx, cipher.p + got, &more))
		die("content cannot be encrypted");
	EVP_CIPHER_CTX_free(ctx);
	cipher.n = (size_t)(got + more);

	info = der_begin(b, 0x30);
	der_oid(b, OID_ENVELOPED);
	explicit = der_begin(b, 0xa0);
	data = der_begin(b, 0x30);
	der_uint(b, 0);
	set = der_begin(b, 0x31);
	ktri = der_begin(b, 0x30);
	der_uint(b, 0);
	issuer_and_serial(b, to);
	der_alg(b, OID_RSA, true);
	der_tlv(b, 0x04, wrapped.p, wrapped.n);
	der_end(b, ktri);
	der_end(b, set);
	part = der_begin(b, 0x30);
	der_oid(b, OID_DATA);
	alg = der_begin(b, 0x30);
	der_oid(b, OID_AES128);
	der_tlv(b, 0x04, iv, sizeof(iv));
	der_end(b, alg);
	der_tlv(b, 0x80, cipher.p, cipher.n);
	der_end(b, part);
	der_end(b, data);
	der_end(b, explicit);
	der_end(b, info);
	buf_free(&wrapped);
	buf_free(&cipher);
}

/* Attribute with one value, already in DER. */
static void
attribute(struct buf *b, const char *oid, const struct buf *value)
{
	size_t mark = der_begin(b, 0x30), set;

	der_oid(b, oid);
	set = der_begin(b, 0x31);
	buf_add(b, value);
	der_end(b, set);
	der_end(b, mark);
}

static void
attribute_text(struct buf *list, size_t *n, const char *oid, const char *text)
{
	struct buf v = { NULL, 0, 0 };

	if (text == NULL)
		return;
	der_str(&v, 0x13, text);
	attribute(&list[(*n)++], oid, &v);
	buf_free(&v);
}

static void
attribute_octets(struct buf *list, size_t *n, const char *oid,
    const uint8_t *octets, size_t len)
{
	struct buf v = { NULL, 0, 0 };

	if (octets == NULL)
		return;
	der_tlv(&v, 0x04, octets, len);
	attribute(&list[(*n)++], oid, &v);
	buf_free(&v);
}

/* content NULL: eContent is left out, as a failure has none. */
void
pki_message(struct buf *b, const struct cert *signer,
    const struct cert *const *certs, size_t ncerts,
    const struct scep_attrs *a, const struct buf *content)
{
	struct buf attrs[10], v = { NULL, 0, 0 }, set = { NULL, 0, 0 };
	struct buf signature = { NULL, 0, 0 };
	size_t info, explicit, data, part, mark, i, n = 0;
	uint8_t digest[32];

	memset(attrs, 0, sizeof(attrs));
	sha256(content != NULL ? content->p : NULL,
	    content != NULL ? content->n : 0, digest);
	der_oid(&v, OID_DATA);
	attribute(&attrs[n++], "1.2.840.113549.1.9.3", &v);
	attribute_octets(attrs, &n, "1.2.840.113549.1.9.4", digest,
	    sizeof(digest));
	attribute_text(attrs, &n, OID_SCEP "2", a->type);
	attribute_text(attrs, &n, OID_SCEP "3", a->status);
	attribute_text(attrs, &n, OID_SCEP "4", a->fail_info);
	attribute_octets(attrs, &n, OID_SCEP "5", a->sender, 16);
	attribute_octets(attrs, &n, OID_SCEP "6", a->recipient, 16);
	attribute_text(attrs, &n, OID_SCEP "7", a->transaction);
	attribute_text(attrs, &n, OID_MS "21.33", a->error);
	der_set_of(&set, 0x31, attrs, n);
	key_sign(signer->key, "SHA256", set.p, set.n, &signature);

	info = der_begin(b, 0x30);
	der_oid(b, OID_SIGNED);
	explicit = der_begin(b, 0xa0);
	data = der_begin(b, 0x30);
	der_uint(b, 1);
	mark = der_begin(b, 0x31);
	der_alg(b, OID_SHA256, true);
	der_end(b, mark);
	part = der_begin(b, 0x30);
	der_oid(b, OID_DATA);
	if (content != NULL) {
		mark = der_begin(b, 0xa0);
		der_tlv(b, 0x04, content->p, content->n);
		der_end(b, mark);
	}
	der_end(b, part);
	part = der_begin(b, 0xa0);
	for (i = 0; i < ncerts; i++)
		buf_add(b, &certs[i]->der);
	der_end(b, part);
	part = der_begin(b, 0x31);
	mark = der_begin(b, 0x30);
	der_uint(b, 1);
	issuer_and_serial(b, signer);
	der_alg(b, OID_SHA256, true);
	buf_byte(b, 0xa0);
	buf_put(b, set.p + 1, set.n - 1);
	der_alg(b, OID_RSA, true);
	der_tlv(b, 0x04, signature.p, signature.n);
	der_end(b, mark);
	der_end(b, part);
	der_end(b, data);
	der_end(b, explicit);
	der_end(b, info);
	for (i = 0; i < n; i++)
		buf_free(&attrs[i]);
	buf_free(&v);
	buf_free(&set);
	buf_free(&signature);
}

/*
 * EndorsementKeyInfo (MS-WCCE): the EK's public key, its certificate or NULL,
 * and up to three CA certificates.
 */
static void
ek_info(struct buf *b, const struct device *d)
{
	size_t mark = der_begin(b, 0x30);
	const struct ca *ca;

	uint8_t digest[32];
	unsigned n = 0;

	sha256(d->ek.spki.p, d->ek.spki.n, digest);
	truth_text("ek_info.key", "RSA %d", EVP_PKEY_get_bits(d->ek.key));
	truth_bytes("ek_info.key_sha256", digest, sizeof(digest));
	buf_add(b, &d->ek.spki);
	if (d->ek_certificate != NULL &&
	    strcmp(d->ek_certificate, "none") == 0)
		der_null(b);
	else {
		buf_add(b, &d->ek.der);
		truth_cert(&d->ek);
		n++;
		for (ca = d->ca; ca != NULL && ca->issuer != NULL;
		    ca = ca->issuer) {
			buf_add(b, &ca->cert.der);
			truth_cert(&ca->cert);
			n++;
		}
	}
	der_end(b, mark);
	truth_text("ek_info.certificate", n > 0 ? "true" : "false");
	truth_text("ek_info.certificates", "%u", n);
}

/* Microsoft's attributes in the order in which Windows writes them. */
static void
request_attributes(struct buf *b, const struct device *d,
    const struct cert *signer, const char *process, unsigned n)
{
	static const char provider[] = "Microsoft Platform Crypto Provider";
	struct buf v = { NULL, 0, 0 }, w = { NULL, 0, 0 };
	uint8_t hash[20], ski[20];
	size_t mark, inner;
	char text[128];

	snprintf(text, sizeof(text), "%s.2", d->windows);
	if (strchr(strchr(strchr(text, '.') + 1, '.') + 1, '.') != NULL)
		strcpy(strchr(strchr(strchr(text, '.') + 1, '.') + 1, '.'),
		    ".2");
	der_str(&v, 0x16, text);
	truth_text("pkcs10.os_version", "%s", text);
	attribute(b, OID_MS "13.2.3", &v);

	v.n = 0;
	sha1(signer->der.p, signer->der.n, hash);
	der_tlv(&v, 0x04, hash, sizeof(hash));
	truth_bytes("pkcs10.signer_hash", hash, sizeof(hash));
	attribute(b, OID_MS "21.42", &v);

	v.n = 0;
	mark = der_begin(&v, 0x30);
	der_uint(&v, 5);
	der_str(&v, 0x0c, d->machine);
	snprintf(text, sizeof(text), "WORKGROUP\\%s$", d->machine);
	der_str(&v, 0x0c, text);
	truth_text("pkcs10.user", "%s", text);
	snprintf(text, sizeof(text), "%s.exe", process);
	der_str(&v, 0x0c, text);
	truth_text("pkcs10.client", "5");
	truth_text("pkcs10.machine", "%s", d->machine);
	truth_text("pkcs10.process", "%s", text);
	truth_text("pkcs10.ksp", "%s", provider);
	truth_text("pkcs10.csp", "%s", provider);
	truth_text("pkcs10.csp_key_spec", "0");
	truth_text("pkcs10.key_affinity", "true");
	der_end(&v, mark);
	attribute(b, OID_MS "21.20", &v);

	v.n = 0;
	der_bmp(&v, provider);
	attribute(b, OID_MS "21.25", &v);

	v.n = 0;
	mark = der_begin(&v, 0x30);
	der_uint(&v, 0);
	der_bmp(&v, provider);
	der_bits(&v, NULL, 0, 0);
	der_end(&v, mark);
	attribute(b, OID_MS "13.2.2", &v);

	v.n = 0;
	mark = der_begin(&v, 0x30);
	inner = der_begin(&v, 0x30);
	der_oid(&v, "2.5.29.17");
	tpm_san(&w, d);
	truth_text("tpm.manufacturer", "id:%s", vendor_id(d->ca->vendor));
	truth_text("tpm.model", "%s", d->model);
	truth_text("tpm.version", "id:%s", d->version);
	der_tlv(&v, 0x04, w.p, w.n);
	der_end(&v, inner);
	inner = der_begin(&v, 0x30);
	der_oid(&v, OID_MS "21.41");
	der_tlv(&v, 0x04, "\x05\x00", 2);
	der_end(&v, inner);
	inner = der_begin(&v, 0x30);
	der_oid(&v, "2.5.29.14");
	sha1(d->aik_spki.p + 24, d->aik_spki.n - 24, ski);
	w.n = 0;
	der_tlv(&w, 0x04, ski, sizeof(ski));
	truth_bytes("pkcs10.ski", ski, sizeof(ski));
	der_tlv(&v, 0x04, w.p, w.n);
	der_end(&v, inner);
	der_end(&v, mark);
	attribute(b, "1.2.840.113549.1.9.14", &v);

	v.n = w.n = 0;
	kast_make(&w, d, n);
	truth_text("pkcs10.statement", "%zu", w.n);
	der_tlv(&v, 0x04, w.p, w.n);
	attribute(b, OID_MS "21.24", &v);

	v.n = w.n = 0;
	ek_info(&w, d);
	envelope(&v, &d->service.ra_encryption, "ek info", n, &w);
	attribute(b, OID_MS "21.23", &v);
	buf_free(&v);
	buf_free(&w);
}

/* PKCS#10 whose signature is only the SHA-256 of what would be signed. */
void
aik_request(struct buf *b, const struct device *d, const struct cert *signer,
    const char *process, unsigned n)
{
	struct buf info = { NULL, 0, 0 };
	size_t mark, attrs;
	uint8_t hash[32];

	mark = der_begin(&info, 0x30);
	der_uint(&info, 0);
	der_tlv(&info, 0x30, NULL, 0);
	buf_add(&info, &d->aik_spki);
	attrs = der_begin(&info, 0xa0);
	request_attributes(&info, d, signer, process, n);
	der_end(&info, attrs);
	der_end(&info, mark);
	sha256(info.p, info.n, hash);
	mark = der_begin(b, 0x30);
	buf_add(b, &info);
	der_alg(b, OID_SHA256, true);
	der_bits(b, hash, sizeof(hash), 0);
	der_end(b, mark);
	buf_free(&info);
}
