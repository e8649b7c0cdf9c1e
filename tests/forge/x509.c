/*
 * The parts of a certificate: names, extensions, keys and the signature.
 * Relies on der.c for every byte and on libcrypto for keys and signatures.
 */
#include "x509.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char	*forge_dir = "tests/forge";

static const struct {
	const char	*name;
	const char	*oid;
} name_types[] = {
	{ "CN", "2.5.4.3" },
	{ "C", "2.5.4.6" },
	{ "L", "2.5.4.7" },
	{ "ST", "2.5.4.8" },
	{ "O", "2.5.4.10" },
	{ "OU", "2.5.4.11" },
};

static struct {
	char		*name;
	EVP_PKEY	*key;
} keys[32];
static size_t	nkeys;

/* A copy, whose blinding draws from the case's randomness as it is used. */
static EVP_PKEY *
key_copy(EVP_PKEY *key)
{
	key = EVP_PKEY_dup(key);
	if (key == NULL)
		die("a key cannot be copied");
	return key;
}

EVP_PKEY *
key_load(const char *name)
{
	char path[4096];
	EVP_PKEY *key;
	size_t i;
	FILE *f;

	for (i = 0; i < nkeys; i++)
		if (strcmp(keys[i].name, name) == 0)
			return key_copy(keys[i].key);
	snprintf(path, sizeof(path), "%s/keys/%s.pem", forge_dir, name);
	f = fopen(path, "r");
	if (f == NULL)
		die("%s: no such key", path);
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	if (key == NULL)
		die("%s: not a private key", path);
	if (nkeys == COUNT(keys))
		die("more than %zu keys", nkeys);
	keys[nkeys].name = xstrdup(name);
	keys[nkeys++].key = key;
	return key_copy(key);
}

void
keys_load(void)
{
	char path[4096], *end;
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "%s/keys", forge_dir);
	d = opendir(path);
	if (d == NULL)
		die("%s: cannot be read", path);
	while ((entry = readdir(d)) != NULL) {
		end = strrchr(entry->d_name, '.');
		if (end == NULL || strcmp(end, ".pem") != 0)
			continue;
		*end = '\0';
		EVP_PKEY_free(key_load(entry->d_name));
	}
	closedir(d);
}

static void
digest(const EVP_MD *md, const void *p, size_t n, uint8_t *ret)
{
	unsigned len;

	if (!EVP_Digest(p, n, ret, &len, md, NULL))
		die("digest failed");
}

void
sha1(const void *p, size_t n, uint8_t ret[20])
{
	digest(EVP_sha1(), p, n, ret);
}

void
sha256(const void *p, size_t n, uint8_t ret[32])
{
	digest(EVP_sha256(), p, n, ret);
}

void
spki_of(EVP_PKEY *key, struct buf *ret)
{
	unsigned char *p = NULL;
	int n;

	n = i2d_PUBKEY(key, &p);
	if (n <= 0)
		die("public key cannot be encoded");
	buf_put(ret, p, (size_t)n);
	OPENSSL_free(p);
}

void
key_sign(EVP_PKEY *key, const char *md, const void *p, size_t n,
    struct buf *ret)
{
	EVP_MD_CTX *ctx;
	uint8_t out[1024];
	size_t len = sizeof(out);

	ctx = EVP_MD_CTX_new();
	if (ctx == NULL ||
	    EVP_DigestSignInit_ex(ctx, NULL, md, NULL, NULL, key, NULL) != 1 ||
	    EVP_DigestSign(ctx, out, &len, p, n) != 1)
		die("signature failed");
	EVP_MD_CTX_free(ctx);
	buf_put(ret, out, len);
}

/*
 * "C=DE, O=Example, CN=Name", or "CN=Name + O=Example" for one RDN of several
 * values; strings: printable, utf8 (countryName printable), utf8all.
 */
void
name_put(struct buf *b, const char *text, const char *strings)
{
	size_t name = der_begin(b, 0x30), rdn = 0, atv, i, len;
	bool open = false, utf8;
	char value[256];

	while (*text != '\0') {
		for (i = 0; i < COUNT(name_types); i++) {
			len = strlen(name_types[i].name);
			if (strncmp(text, name_types[i].name, len) == 0 &&
			    text[len] == '=')
				break;
		}
		if (i == COUNT(name_types))
			die("%s: unknown attribute of a name", text);
		text += strlen(name_types[i].name) + 1;
		for (len = 0; text[len] != '\0' && strncmp(text + len, ", ", 2)
		    != 0 && strncmp(text + len, " + ", 3) != 0; len++)
			;
		snprintf(value, sizeof(value), "%.*s", (int)len, text);
		text += len;
		utf8 = strcmp(strings, "utf8all") == 0 ||
		    (strcmp(strings, "utf8") == 0 &&
		    strcmp(name_types[i].name, "C") != 0);
		if (!open)
			rdn = der_begin(b, 0x31);
		atv = der_begin(b, 0x30);
		der_oid(b, name_types[i].oid);
		der_str(b, utf8 ? 0x0c : 0x13, value);
		der_end(b, atv);
		open = strncmp(text, " + ", 3) == 0;
		if (!open)
			der_end(b, rdn);
		if (*text != '\0')
			text += open ? 3 : 2;
	}
	der_end(b, name);
}

void
extension(struct buf *list, const char *oid, bool critical,
    const struct buf *value)
{
	size_t mark = der_begin(list, 0x30);

	der_oid(list, oid);
	if (critical)
		der_bool(list, true);
	der_tlv(list, 0x04, value->p, value->n);
	der_end(list, mark);
}

void
ext_key_usage(struct buf *list, unsigned octet, unsigned unused, bool critical)
{
	struct buf v = { NULL, 0, 0 };
	uint8_t bits = (uint8_t)octet;

	der_bits(&v, &bits, 1, unused);
	extension(list, OID_KEY_USAGE, critical, &v);
	buf_free(&v);
}

void
ext_basic(struct buf *list, bool ca, int path)
{
	struct buf v = { NULL, 0, 0 };
	size_t mark = der_begin(&v, 0x30);

	if (ca)
		der_bool(&v, true);
	if (path >= 0)
		der_uint(&v, (uint64_t)path);
	der_end(&v, mark);
	extension(list, OID_BASIC, true, &v);
	buf_free(&v);
}

void
ext_ski(struct buf *list, const uint8_t ski[20])
{
	struct buf v = { NULL, 0, 0 };

	der_tlv(&v, 0x04, ski, 20);
	extension(list, OID_SKI, false, &v);
	buf_free(&v);
}

void
ext_aki(struct buf *list, const uint8_t ski[20])
{
	struct buf v = { NULL, 0, 0 };
	size_t mark = der_begin(&v, 0x30);

	der_tlv(&v, 0x80, ski, 20);
	der_end(&v, mark);
	extension(list, OID_AKI, false, &v);
	buf_free(&v);
}

/* oids: separated by blanks */
void
ext_oids(struct buf *list, const char *ext, bool critical, const char *oids,
    bool policies)
{
	struct buf v = { NULL, 0, 0 };
	size_t mark = der_begin(&v, 0x30), one = 0;
	char *copy = xstrdup(oids), *save = NULL, *oid;

	for (oid = strtok_r(copy, " ", &save); oid != NULL;
	    oid = strtok_r(NULL, " ", &save)) {
		if (policies)
			one = der_begin(&v, 0x30);
		der_oid(&v, oid);
		if (policies)
			der_end(&v, one);
	}
	der_end(&v, mark);
	extension(list, ext, critical, &v);
	free(copy);
	buf_free(&v);
}

void
ext_aia(struct buf *list, const char *url)
{
	struct buf v = { NULL, 0, 0 };
	bool ocsp = strncmp(url, "OCSP:", 5) == 0;
	size_t all = der_begin(&v, 0x30), one = der_begin(&v, 0x30);

	der_oid(&v, ocsp ? "1.3.6.1.5.5.7.48.1" : "1.3.6.1.5.5.7.48.2");
	der_str(&v, 0x86, ocsp ? url + 5 : url);
	der_end(&v, one);
	der_end(&v, all);
	extension(list, OID_AIA, false, &v);
	buf_free(&v);
}

void
ext_crldp(struct buf *list, const char *url)
{
	struct buf v = { NULL, 0, 0 };
	size_t all = der_begin(&v, 0x30), one = der_begin(&v, 0x30);
	size_t point = der_begin(&v, 0xa0), full = der_begin(&v, 0xa0);

	der_str(&v, 0x86, url);
	der_end(&v, full);
	der_end(&v, point);
	der_end(&v, one);
	der_end(&v, all);
	extension(list, OID_CRLDP, false, &v);
	buf_free(&v);
}

/*
 * Signs and finishes c, whose name, serial, spki, key and validity are set.
 * issuer NULL: self-signed; void_signature: the digest stands in for the
 * signature, as for a key that may not sign foreign data.
 */
void
cert_sign(struct cert *c, const struct cert *issuer, const struct buf *exts,
    bool void_signature)
{
	EVP_PKEY *key = issuer != NULL ? issuer->key : c->key;
	bool ec = !void_signature && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
	const char *alg = void_signature ? "2.16.840.1.101.3.4.2.1" : ec ?
	    "1.2.840.10045.4.3.2" : "1.2.840.113549.1.1.11";
	struct buf tbs = { NULL, 0, 0 }, sig = { NULL, 0, 0 };
	size_t all, v, e;
	uint8_t hash[32];

	all = der_begin(&tbs, 0x30);
	v = der_begin(&tbs, 0xa0);
	der_uint(&tbs, 2);
	der_end(&tbs, v);
	buf_add(&tbs, &c->serial);
	der_alg(&tbs, alg, !ec);
	buf_add(&tbs, issuer != NULL ? &issuer->name : &c->name);
	v = der_begin(&tbs, 0x30);
	der_time(&tbs, c->not_before);
	der_time(&tbs, c->not_after);
	der_end(&tbs, v);
	buf_add(&tbs, &c->name);
	buf_add(&tbs, &c->spki);
	v = der_begin(&tbs, 0xa3);
	e = der_begin(&tbs, 0x30);
	buf_add(&tbs, exts);
	der_end(&tbs, e);
	der_end(&tbs, v);
	der_end(&tbs, all);
	if (void_signature) {
		sha256(tbs.p, tbs.n, hash);
		buf_put(&sig, hash, sizeof(hash));
	} else
		key_sign(key, "SHA256", tbs.p, tbs.n, &sig);
	c->der.n = 0;
	all = der_begin(&c->der, 0x30);
	buf_add(&c->der, &tbs);
	der_alg(&c->der, alg, !ec);
	der_bits(&c->der, sig.p, sig.n, 0);
	der_end(&c->der, all);
	buf_free(&tbs);
	buf_free(&sig);
}

/* The 160-bit SHA-1 of the key bits (RFC 5280, 4.2.1.2, method 1). */
void
cert_key(struct cert *c, EVP_PKEY *key, const char *key_name)
{
	X509_PUBKEY *pub = NULL;
	const unsigned char *bits;
	int n;

	c->key = key;
	c->key_name = key_name;
	spki_of(key, &c->spki);
	if (!X509_PUBKEY_set(&pub, key) ||
	    !X509_PUBKEY_get0_param(NULL, &bits, &n, NULL, pub))
		die("public key cannot be encoded");
	sha1(bits, (size_t)n, c->ski);
	X509_PUBKEY_free(pub);
}

/* A list of revoked certificates (RFC 5280, 5.1); revoked NULL: of none. */
void
crl_make(struct buf *b, const struct cert *issuer, const struct cert *revoked,
    int64_t when)
{
	struct buf tbs = { NULL, 0, 0 }, sig = { NULL, 0, 0 };
	size_t all, list, entry;

	all = der_begin(&tbs, 0x30);
	der_uint(&tbs, 1);
	der_alg(&tbs, "1.2.840.113549.1.1.11", true);
	buf_add(&tbs, &issuer->name);
	der_time(&tbs, when - 86400 * SECOND);
	der_time(&tbs, when + 90 * 86400 * SECOND);
	if (revoked != NULL) {
		list = der_begin(&tbs, 0x30);
		entry = der_begin(&tbs, 0x30);
		buf_add(&tbs, &revoked->serial);
		der_time(&tbs, when - 2 * 86400 * SECOND);
		der_end(&tbs, entry);
		der_end(&tbs, list);
	}
	der_end(&tbs, all);
	key_sign(issuer->key, "SHA256", tbs.p, tbs.n, &sig);
	all = der_begin(b, 0x30);
	buf_add(b, &tbs);
	der_alg(b, "1.2.840.113549.1.1.11", true);
	der_bits(b, sig.p, sig.n, 0);
	der_end(b, all);
	buf_free(&tbs);
	buf_free(&sig);
}
