/*
 * Certificates of a case: the TPM vendor's CAs with the public facts of
 * cas.tsv on keys of the pool, the EK, and the AIK service's own PKI.
 * Relies on x509.c for the parts.
 */
#include "x509.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char	*vendor;
	const char	*id;
} vendor_ids[] = {
	{ "AMD", "414D4400" },
	{ "IFX", "49465800" },
	{ "INTC", "494E5443" },
	{ "NSM", "4E534D20" },
	{ "NTC", "4E544300" },
	{ "NTZ", "4E545A00" },
	{ "STM", "53544D20" },
};

const char *
vendor_id(const char *vendor)
{
	size_t i;

	for (i = 0; i < COUNT(vendor_ids); i++)
		if (strcmp(vendor_ids[i].vendor, vendor) == 0)
			return vendor_ids[i].id;
	die("no vendor id of %s", vendor);
}

/*
 * GeneralNames with one directoryName of tpmManufacturer, tpmModel and
 * tpmVersion: three RDNs, or one of three values as Nuvoton writes it.
 */
void
tpm_san(struct buf *b, const struct device *d)
{
	bool one = strcmp(d->ca->vendor, "NTC") == 0;
	size_t names, dir, seq, rdn = 0, atv;
	char value[3][64];
	unsigned i;

	snprintf(value[0], sizeof(value[0]), "id:%s",
	    vendor_id(d->ca->vendor));
	snprintf(value[1], sizeof(value[1]), "%s", d->model);
	snprintf(value[2], sizeof(value[2]), "id:%s", d->version);
	names = der_begin(b, 0x30);
	dir = der_begin(b, 0xa4);
	seq = der_begin(b, 0x30);
	for (i = 0; i < 3; i++) {
		if (!one || i == 0)
			rdn = der_begin(b, 0x31);
		atv = der_begin(b, 0x30);
		der_oid(b, i == 0 ? "2.23.133.2.1" : i == 1 ? "2.23.133.2.2" :
		    "2.23.133.2.3");
		der_str(b, 0x0c, value[i]);
		der_end(b, atv);
		if (!one || i == 2)
			der_end(b, rdn);
	}
	der_end(b, seq);
	der_end(b, dir);
	der_end(b, names);
}

static void
cert_serial(struct cert *c, const char *label, unsigned index, size_t n)
{
	uint8_t serial[20];

	rng_bytes(label, index, serial, n);
	serial[0] = 0x33;
	memset(serial + 1, 0, 2);
	der_int_bytes(&c->serial, serial, n, false);
}

struct ca *
ca_find(const char *id)
{
	static struct ca *cas[32];
	static size_t ncas;
	char path[4096], row[2048], *column[11], *save, *p;
	struct buf exts = { NULL, 0, 0 };
	uint8_t serial[20];
	struct ca *ca;
	size_t i, n;
	FILE *f;

	for (i = 0; i < ncas; i++)
		if (strcmp(cas[i]->id, id) == 0)
			return cas[i];
	snprintf(path, sizeof(path), "%s/cas.tsv", forge_dir);
	f = fopen(path, "r");
	if (f == NULL)
		die("%s: cannot be read", path);
	for (;;) {
		if (fgets(row, sizeof(row), f) == NULL)
			die("%s: no CA %s", path, id);
		row[strcspn(row, "\n")] = '\0';
		for (n = 0, p = strtok_r(row, "\t", &save);
		    p != NULL && n < COUNT(column);
		    p = strtok_r(NULL, "\t", &save))
			column[n++] = p;
		if (n == COUNT(column) && strcmp(column[0], id) == 0)
			break;
	}
	fclose(f);
	ca = xcalloc(1, sizeof(*ca));
	ca->id = xstrdup(column[0]);
	ca->vendor = xstrdup(column[1]);
	if (strcmp(column[2], "-") != 0)
		ca->issuer = ca_find(column[2]);
	ca->cert.text = xstrdup(column[3]);
	name_put(&ca->cert.name, column[3], column[9]);
	n = hex_get(column[4], serial, sizeof(serial));
	der_int_bytes(&ca->cert.serial, serial, n, false);
	if (!time_parse(column[5], &ca->cert.not_before, NULL) ||
	    !time_parse(column[6], &ca->cert.not_after, NULL))
		die("%s: %s: not a time", path, id);
	cert_key(&ca->cert, key_load(column[10]), xstrdup(column[10]));
	hex_get(column[7], ca->cert.ski, sizeof(ca->cert.ski));
	ca->aia = strcmp(column[8], "-") != 0 ? xstrdup(column[8]) : NULL;
	if (ca->aia != NULL)
		ext_aia(&exts, ca->aia);
	ext_ski(&exts, ca->cert.ski);
	ext_key_usage(&exts, 0x06, 1, true);
	ext_basic(&exts, true, ca->issuer != NULL ? 0 : -1);
	if (ca->issuer != NULL) {
		if (strcmp(ca->vendor, "IFX") == 0)
			ext_oids(&exts, OID_POLICIES, false,
			    "1.2.276.0.68.1.20.1", true);
		ext_aki(&exts, ca->issuer->cert.ski);
		ext_oids(&exts, OID_EKU, false, "2.23.133.8.1", false);
	}
	cert_sign(&ca->cert, ca->issuer != NULL ? &ca->issuer->cert : NULL,
	    &exts, false);
	buf_free(&exts);
	if (ncas == COUNT(cas))
		die("more than %zu CAs in one case", COUNT(cas));
	cas[ncas++] = ca;
	return ca;
}

/* The EK certificate: empty subject, critical SAN, AKI without SKI. */
void
ek_make(struct device *d, int64_t capture)
{
	struct buf exts = { NULL, 0, 0 }, v = { NULL, 0, 0 };
	const struct cert *issuer = &d->ca->cert;
	size_t a, b, c, e;
	uint8_t serial[8];
	const char *key = d->ek_key != NULL ? d->ek_key :
	    d->index == 0 ? "ek" : "ek-2";

	cert_key(&d->ek, key_load(key), key);
	rng_bytes("ek serial", d->index, serial, sizeof(serial));
	serial[0] = (serial[0] & 0x7f) | 0x40;
	der_int_bytes(&d->ek.serial, serial, 4, false);
	der_tlv(&d->ek.name, 0x30, NULL, 0);
	d->ek.not_before = issuer->not_before + 40 * 86400 * SECOND;
	if (d->ek.not_before > capture)
		d->ek.not_before = issuer->not_before + 86400 * SECOND;
	if (d->ek.not_before > capture)
		d->ek.not_before = issuer->not_before;
	d->ek.not_after = d->ek.not_before + INT64_C(15) * 31556952 * SECOND;
	if (d->ek.not_after > issuer->not_after)
		d->ek.not_after = issuer->not_after;
	if (d->ek_not_after != 0)
		d->ek.not_after = d->ek_not_after;
	ext_key_usage(&exts, 0x20, 5, true);
	tpm_san(&v, d);
	extension(&exts, OID_SAN, true, &v);
	ext_basic(&exts, false, -1);
	if (strcmp(d->ca->vendor, "IFX") == 0)
		ext_oids(&exts, OID_POLICIES, false, "1.2.276.0.68.1.20.1",
		    true);
	ext_aki(&exts, issuer->ski);
	ext_oids(&exts, OID_EKU, false, "2.23.133.8.1", false);
	v.n = 0;
	a = der_begin(&v, 0x30);
	b = der_begin(&v, 0x30);
	der_oid(&v, "2.23.133.2.16");
	c = der_begin(&v, 0x31);
	e = der_begin(&v, 0x30);
	der_str(&v, 0x0c, "2.0");
	der_uint(&v, 0);
	der_uint(&v, 138);
	der_end(&v, e);
	der_end(&v, c);
	der_end(&v, b);
	der_end(&v, a);
	extension(&exts, OID_DIRECTORY, false, &v);
	cert_sign(&d->ek, issuer, &exts, false);
	buf_free(&exts);
	buf_free(&v);
}

static void
ra_make(struct cert *c, const struct service *s, const char *cn,
    const char *key, unsigned usage, unsigned unused, unsigned n)
{
	struct buf exts = { NULL, 0, 0 };
	char url[256], guid[37], lower[80], text[64];
	size_t i;

	snprintf(text, sizeof(text), "CN=%s", cn);
	c->text = xstrdup(text);
	name_put(&c->name, text, "utf8");
	cert_key(c, key_load(key), key);
	cert_serial(c, "ra serial", n, 19);
	c->not_before = s->aik_ca.not_before + 26 * 3600 * SECOND;
	c->not_after = s->aik_ca.not_after;
	ext_key_usage(&exts, usage, unused, true);
	ext_oids(&exts, OID_EKU, false, "1.3.6.1.4.1.311.21.36", false);
	ext_basic(&exts, false, -1);
	ext_ski(&exts, c->ski);
	ext_aki(&exts, s->aik_ca.ski);
	snprintf(lower, sizeof(lower), "%s%s%s-keyid-%s", s->region,
	    s->region[0] ? "-" : "", s->vendor, s->id);
	for (i = 0; lower[i] != '\0'; i++)
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] |= 0x20;
	rng_guid("ra aia", n, guid);
	snprintf(url, sizeof(url),
	    "http://azcsprodeusaikpublish.blob.core.windows.net/%s/%s.cer",
	    lower, guid);
	ext_aia(&exts, url);
	cert_sign(c, &s->aik_ca, &exts, false);
	buf_free(&exts);
}

/*
 * Root, AIK CA and RA certificates of one authority. id: 40 hex digits.
 * The regional names end with the generation of 2024.
 */
void
service_make(struct service *s, const char *vendor, const char *id,
    int64_t capture)
{
	static const struct {
		const char *until, *from, *to, *region;
	} generations[] = {
		{ "2021-06-07T00:00:00Z", "2018-12-07T19:21:08Z",
		    "2024-12-07T19:21:08Z", "EUS" },
		{ "2024-06-28T00:00:00Z", "2021-06-06T18:07:43Z",
		    "2027-06-06T18:07:43Z", "EUS" },
		{ "9999-01-01T00:00:00Z", "2024-06-27T18:51:54Z",
		    "2030-06-27T18:51:54Z", "" },
	};
	struct buf exts = { NULL, 0, 0 };
	uint8_t root_serial[16];
	char cn[96], *p;
	int64_t until;
	size_t i;

	for (i = 0; i + 1 < COUNT(generations); i++)
		if (time_parse(generations[i].until, &until, NULL) &&
		    capture < until)
			break;
	snprintf(s->region, sizeof(s->region), "%s", generations[i].region);
	snprintf(s->vendor, sizeof(s->vendor), "%s", vendor);
	snprintf(s->id, sizeof(s->id), "%s", id);
	for (p = s->id; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'f')
			*p &= ~0x20;

	s->root.text = "C=US, ST=Washington, L=Redmond, "
	    "O=Microsoft Corporation, "
	    "CN=Microsoft TPM Root Certificate Authority 2014";
	name_put(&s->root.name, s->root.text, "printable");
	cert_key(&s->root, key_load("service-root"), "service-root");
	hex_get("7a8c0ace2f486217e294d1ae55c152ec7174a456", s->root.ski, 20);
	rng_bytes("service root serial", 0, root_serial, sizeof(root_serial));
	root_serial[0] &= 0x7f;
	der_int_bytes(&s->root.serial, root_serial, sizeof(root_serial), false);
	time_parse("2014-12-10T21:31:19Z", &s->root.not_before, NULL);
	time_parse("2039-12-10T21:39:28Z", &s->root.not_after, NULL);
	ext_key_usage(&exts, 0x86, 1, false);
	ext_basic(&exts, true, -1);
	ext_ski(&exts, s->root.ski);
	cert_sign(&s->root, NULL, &exts, false);

	snprintf(cn, sizeof(cn), "CN=%s%s%s-KEYID-%s", s->region,
	    s->region[0] ? "-" : "", vendor, s->id);
	s->aik_ca.text = xstrdup(cn);
	name_put(&s->aik_ca.name, cn, "printable");
	cert_key(&s->aik_ca, key_load("aik-ca"), "aik-ca");
	cert_serial(&s->aik_ca, "aik ca serial", 0, 19);
	time_parse(generations[i].from, &s->aik_ca.not_before, NULL);
	time_parse(generations[i].to, &s->aik_ca.not_after, NULL);
	exts.n = 0;
	ext_key_usage(&exts, 0x84, 2, true);
	ext_oids(&exts, OID_EKU, false,
	    "1.3.6.1.4.1.311.21.36 2.23.133.8.3", false);
	ext_oids(&exts, OID_POLICIES, false, "1.3.6.1.4.1.311.21.31", true);
	ext_basic(&exts, true, 0);
	ext_ski(&exts, s->aik_ca.ski);
	ext_aki(&exts, s->root.ski);
	ext_crldp(&exts, "http://www.microsoft.com/pkiops/crl/Microsoft%20TPM"
	    "%20Root%20Certificate%20Authority%202014.crl");
	ext_aia(&exts, "http://www.microsoft.com/pkiops/certs/Microsoft%20TPM"
	    "%20Root%20Certificate%20Authority%202014.crt");
	cert_sign(&s->aik_ca, &s->root, &exts, false);
	buf_free(&exts);

	ra_make(&s->ra_signing, s, "RA Signing Certificate", "ra-signing",
	    0x80, 7, 0);
	ra_make(&s->ra_encryption, s, "RA Encryption Certificate",
	    "ra-encryption", 0x20, 5, 1);
	ra_make(&s->stale, s, "RA Encryption Certificate", "ra-encryption",
	    0x20, 5, 2);
}

/* Self-signed, AKI then SKI, 16 random octets of serial, maybe negative. */
void
scep_signer_make(struct cert *c, unsigned n, int64_t client_time)
{
	static const char *const keys[] = { "scep-1", "scep-2", "scep-3" };
	const char *key = keys[(n - 1) % COUNT(keys)];
	struct buf exts = { NULL, 0, 0 };
	uint8_t serial[16];

	c->text = "CN=SCEP Protocol Certificate";
	name_put(&c->name, c->text, "utf8");
	cert_key(c, key_load(key), key);
	rng_bytes("scep serial", n, serial, sizeof(serial));
	if (serial[0] == 0 || serial[0] == 0xff)
		serial[0] = 0x5b;
	der_int_bytes(&c->serial, serial, sizeof(serial), true);
	c->not_before = client_time - client_time % SECOND;
	c->not_after = c->not_before + INT64_C(365) * 86400 * SECOND;
	ext_aki(&exts, c->ski);
	ext_ski(&exts, c->ski);
	cert_sign(c, NULL, &exts, false);
	buf_free(&exts);
}

/* What the Request store holds while a request is out: not really signed. */
void
dummy_make(struct cert *c, const struct device *d, const char *name,
    int64_t client_time)
{
	struct buf exts = { NULL, 0, 0 };
	uint8_t serial[16];
	char text[96];

	snprintf(text, sizeof(text), "CN=%s", name);
	c->text = xstrdup(text);
	name_put(&c->name, text, "utf8");
	cert_key(c, d->aik, "aik");
	rng_bytes("dummy serial", d->index, serial, sizeof(serial));
	serial[0] = (serial[0] & 0x7f) | 1;
	der_int_bytes(&c->serial, serial, sizeof(serial), false);
	c->not_before = client_time - client_time % SECOND;
	c->not_after = c->not_before + INT64_C(365) * 86400 * SECOND;
	ext_ski(&exts, c->ski);
	cert_sign(c, NULL, &exts, true);
	buf_free(&exts);
}

void
aik_certificate_make(struct cert *c, const struct device *d, unsigned n,
    int64_t server_time)
{
	struct buf exts = { NULL, 0, 0 }, v = { NULL, 0, 0 };

	der_tlv(&c->name, 0x30, NULL, 0);
	cert_key(c, d->aik, d->index == 0 ? "aik" : "aik-2");
	cert_serial(c, "aik serial", n, 16);
	c->not_before = server_time - server_time % SECOND - 600 * SECOND;
	c->not_after = d->service.aik_ca.not_after;
	ext_key_usage(&exts, 0x80, 7, true);
	ext_basic(&exts, false, -1);
	ext_oids(&exts, OID_POLICIES, true, "1.3.6.1.4.1.311.21.31", true);
	ext_oids(&exts, OID_EKU, false, "2.23.133.8.3", false);
	tpm_san(&v, d);
	extension(&exts, OID_SAN, true, &v);
	ext_aki(&exts, d->service.aik_ca.ski);
	ext_ski(&exts, c->ski);
	cert_sign(c, &d->service.aik_ca, &exts, false);
	buf_free(&exts);
	buf_free(&v);
}

/* Degenerate SignedData: certificates and nobody who signs. */
void
certs_only(struct buf *b, const struct cert *const *certs, size_t n)
{
	size_t info = der_begin(b, 0x30), content, data, part, i;

	der_oid(b, "1.2.840.113549.1.7.2");
	content = der_begin(b, 0xa0);
	data = der_begin(b, 0x30);
	der_uint(b, 1);
	der_tlv(b, 0x31, NULL, 0);
	part = der_begin(b, 0x30);
	der_oid(b, "1.2.840.113549.1.7.1");
	der_end(b, part);
	part = der_begin(b, 0xa0);
	for (i = 0; i < n; i++)
		buf_add(b, &certs[i]->der);
	der_end(b, part);
	der_tlv(b, 0x31, NULL, 0);
	der_end(b, data);
	der_end(b, content);
	der_end(b, info);
}
