/*
 * Certificates: one made here with OpenSSL in the shapes that TPM vendors
 * use, and the public ones of ../shared where they are.
 * Relies on libcrypto for making and on INDEX.tsv for the truth.
 */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "decode/cert_more.h"
#include "decode/tpm_id.h"
#include "parsers/fields.h"
#include "sample.h"

/* ---- made certificates ---- */

static EVP_PKEY	*key;

static void
extension(X509 *x, int nid, int critical, const uint8_t *der, size_t n)
{
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;

	ASN1_OCTET_STRING_set(value, der, (int)n);
	e = X509_EXTENSION_create_by_NID(NULL, nid, critical, value);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(value);
}

/* An EK certificate with an empty subject; the SAN is given in hex. */
static uint8_t *
make(const char *san, const char *serial, size_t *ret_n)
{
	static const char *eku = "300706056781050801";
	static const char *aki = "3006 8004 01020304";
	uint8_t buf[300], *der = NULL;
	X509 *x = X509_new();
	X509_NAME *name = X509_NAME_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	size_t n;
	int len;

	X509_set_version(x, 2);
	n = sample_hex(serial, buf);
	ASN1_STRING_set(number, buf, (int)n);
	X509_set_serialNumber(x, number);
	X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
	    (const unsigned char *)"Maker, Inc", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)"Maker CA", -1, -1, 0);
	X509_set_issuer_name(x, name);
	ASN1_TIME_set_string(X509_getm_notBefore(x), "230208000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(x), "20530208000000Z");
	X509_set_pubkey(x, key);
	n = sample_hex(san, buf);
	extension(x, NID_subject_alt_name, 1, buf, n);
	n = sample_hex(aki, buf);
	extension(x, NID_authority_key_identifier, 0, buf, n);
	n = sample_hex(eku, buf);
	extension(x, NID_ext_key_usage, 0, buf, n);
	X509_sign(x, key, EVP_sha256());
	len = i2d_X509(x, &der);
	X509_NAME_free(name);
	ASN1_INTEGER_free(number);
	X509_free(x);
	*ret_n = (size_t)len;
	return der;
}

/* GeneralNames { [4] Name } with three RDNs, or all three in one. */
static const char san_three[] = "303e a43c 303a "
    "3116 3014 0605 6781050201 0c0b 69643a3439343635383030 "
    "310e 300c 0605 6781050202 0c03 534c42 "
    "3110 300e 0605 6781050203 0c05 69643a3133";
static const char san_one[] = "303a a438 3036 3134 "
    "300e 0605 6781050203 0c05 69643a3732 "
    "300c 0605 6781050202 0c03 4e5043 "
    "3014 0605 6781050201 0c0b 69643a3445353434333030";

static void
made(const char *san, const char *vendor, const char *model,
    const char *version)
{
	struct evidence *ev;
	struct item *it;
	uint8_t *p;
	size_t n;

	p = make(san, "0102", &n);
	ev = sample_evidence("ek.cer", p, n);
	it = ev_first(ev, ITEM_CERTIFICATE);
	tap_is_text(sample_kind(ev), "certificate", "input kind");
	tap_is_text(sample_show(ev, it, &cert_subject), "", "no subject");
	tap_is_text(sample_show(ev, it, &cert_issuer),
	    "O=Maker, Inc, CN=Maker CA", "issuer");
	tap_is_text(sample_show(ev, it, &cert_serial), "0102", "serial");
	tap_is_text(sample_show(ev, it, &cert_not_before),
	    "2023-02-08T00:00:00Z", "notBefore");
	tap_is_text(sample_show(ev, it, &cert_not_after),
	    "2053-02-08T00:00:00Z", "notAfter");
	tap_is_text(sample_show(ev, it, &cert_aki), "01020304", "AKI");
	tap_is_text(sample_show(ev, it, &cert_eku), "2.23.133.8.1", "EKU");
	tap_is_text(sample_show(ev, it, &cert_key), "RSA 2048", "key");
	tap_is_text(sample_show(ev, it, &cert_ca), "false", "no CA");
	tap_is_text(sample_show(ev, it, &cert_signature),
	    "sha256WithRSAEncryption", "signature");
	tap_is_text(sample_show(ev, it, &tpm_vendor), vendor, "vendor");
	tap_is_text(sample_show(ev, it, &tpm_model), model, "model");
	tap_is_text(sample_show(ev, it, &tpm_version), version, "version");
	tap_ok(it->artifacts & ARTIFACT(EK_CERTIFICATE), "EK is marked");
	tap_ok(item_fact(it, &cert_cn) == NULL &&
	    item_fact(it, &cert_ski) == NULL, "what is absent has no fact");
	tap_ok(sample_bad_spans(ev, ITEM_CERTIFICATE, true) == 0,
	    "every read fact cites its element");
	evidence_free(ev);
	sample_torture("ek.cer", p, n, 200);
	OPENSSL_free(p);
}

static void
cut(void)
{
	struct evidence *ev;
	struct item *it;
	size_t n;
	uint8_t *p = make(san_three, "0102", &n);

	ev = sample_evidence("ek.cer", p, n - 1);
	it = ev_first(ev, ITEM_CERTIFICATE);
	tap_is_text(sample_show(ev, it, &tpm_vendor), "IFX",
	    "a cut certificate is read");
	tap_ok(item_fact(it, &cert_sha1) == NULL, "and has no thumbprint");
	tap_ok(ev_inputs(ev, &n)->state == INPUT_PARTIAL, "it is partial");
	evidence_free(ev);
	OPENSSL_free(p);
	p = make(san_three, "0102", &n);
	p = OPENSSL_realloc(p, n + 3);
	memcpy(p + n, "\r\n", 3);
	ev = sample_evidence("ek.cer", p, n + 2);
	tap_ok(item_fact(ev_first(ev, ITEM_CERTIFICATE), &cert_sha1) != NULL &&
	    ev_problems(ev) != NULL && ev_inputs(ev, &n)->state == INPUT_READ,
	    "bytes behind it are noted");
	evidence_free(ev);
	OPENSSL_free(p);
}

/* ---- PEM ---- */

static void
pem(void)
{
	size_t n, used = 0, i;
	uint8_t *p = make(san_three, "0102", &n), *wide;
	char *text = malloc(3 * n + 400);
	unsigned char *base64 = malloc(2 * n + 100);
	struct evidence *ev;
	struct citation c;
	int len = EVP_EncodeBlock(base64, p, (int)n);

	used += (size_t)sprintf(text, "Bag Attributes\r\n"
	    "-----BEGIN CERTIFICATE-----\r\n");
	for (i = 0; i < (size_t)len; i += 64)
		used += (size_t)sprintf(text + used, "%.64s\r\n", base64 + i);
	used += (size_t)sprintf(text + used, "-----END CERTIFICATE-----\r\n");
	ev = sample_evidence("ek.pem", (uint8_t *)text, used);
	tap_is_text(sample_kind(ev), "certificate", "PEM: kind");
	tap_is_text(sample_show(ev, ev_first(ev, ITEM_CERTIFICATE),
	    &cert_issuer), "O=Maker, Inc, CN=Maker CA", "PEM: read");
	tap_ok(ev_first(ev, ITEM_CERTIFICATE) != NULL && ev_cite(ev,
	    ev_first(ev, ITEM_CERTIFICATE)->at, &c) && c.nvia == 1 &&
	    strcmp(c.via[0], "base64") == 0 && c.offset == 0 &&
	    c.length == n, "PEM: cited through base64");
	evidence_free(ev);
	wide = malloc(2 * used + 2);
	for (i = 0; i < used; i++) {
		wide[2 + 2 * i] = (uint8_t)text[i];
		wide[3 + 2 * i] = 0;
	}
	wide[0] = 0xff;
	wide[1] = 0xfe;
	ev = sample_evidence("ek.pem", wide, 2 * used + 2);
	tap_is_text(sample_show(ev, ev_first(ev, ITEM_CERTIFICATE),
	    &cert_issuer), "O=Maker, Inc, CN=Maker CA", "PEM in UTF-16");
	evidence_free(ev);
	ev = sample_evidence("ek.b64", base64, (size_t)len);
	tap_is_text(sample_show(ev, ev_first(ev, ITEM_CERTIFICATE),
	    &cert_issuer), "O=Maker, Inc, CN=Maker CA", "bare base64");
	evidence_free(ev);
	sample_torture("ek.pem", (uint8_t *)text, used, 200);
	free(wide);
	free(text);
	free(base64);
	OPENSSL_free(p);
}

/* ---- public certificates ---- */

static char *
column(char **line)
{
	return strsep(line, "\t");
}

/* Does the column hold each value of the fields, and nothing else? */
static bool
listed(struct evidence *ev, const char *column,
    const struct field *const *fields, size_t nfields)
{
	const struct item *it = ev_first(ev, ITEM_CERTIFICATE);
	const struct fact *f;
	const char *value, *at;
	size_t i, n, left = 0;

	for (at = column; *at != '\0'; at++)
		left += *at != ' ';
	for (i = 0; i < nfields; i++)
		for (f = item_fact(it, fields[i]); f != NULL;
		    f = fact_next(f)) {
			value = value_show(ev, fields[i], &f->value, false,
			    &n);
			if (strstr(column, value) == NULL)
				return false;
			for (; *value != '\0'; value++)
				left -= *value != ' ';
			if (fields[i] == &cert_ocsp)
				left -= strlen("OCSP:");
		}
	return left == 0;
}

/* Compares one row of INDEX.tsv; returns the number of differences. */
static size_t
row(const char *root, char *line, bool torture)
{
	static const struct field *const wanted_fields[] = {
		NULL, NULL, NULL, &cert_subject, &cert_issuer, &cert_serial,
		&cert_not_before, &cert_not_after, &cert_ski, &cert_aki
	};
	static const struct field *const places[] = { &cert_aia, &cert_ocsp };
	static const struct field *const critical[] = { &cert_critical };
	char path[8400], *wanted;
	struct evidence *ev = NULL;
	uint8_t *p = NULL;
	size_t i, n = 0, bad = 0;
	const char *found;

	for (i = 0; i < 13 && (wanted = column(&line)) != NULL; i++) {
		if (i == 0) {
			snprintf(path, sizeof(path), "%.4000s/%.4000s",
			    root, wanted);
			p = sample_read(path, &n);
			if (p == NULL)
				return 0;
			ev = sample_evidence(path, p, n);
			continue;
		}
		if ((i == 10 && !listed(ev, wanted, places, 2)) ||
		    (i == 12 && !listed(ev, wanted, critical, 1))) {
			printf("# %s: not %s\n", path, wanted);
			bad++;
		}
		if (i >= 10 || wanted_fields[i] == NULL)
			continue;
		found = sample_show(ev, ev_first(ev, ITEM_CERTIFICATE),
		    wanted_fields[i]);
		if (strcmp(found, wanted) != 0) {
			printf("# %s %s\n#  found  %s\n#  wanted %s\n", path,
			    wanted_fields[i]->name, found, wanted);
			bad++;
		}
	}
	if (sample_bad_spans(ev, ITEM_CERTIFICATE, true) != 0) {
		printf("# %s: spans\n", path);
		bad++;
	}
	if (strcmp(sample_kind(ev), "certificate") != 0)
		bad++;
	evidence_free(ev);
	if (torture)
		sample_torture(path, p, n, 20);
	free(p);
	return bad;
}

static void
public_certificates(void)
{
	const char *root = sample_shared("certs");
	char path[8400], *line = NULL;
	size_t size = 0, bad = 0, rows = 0;
	FILE *f;

	if (root == NULL) {
		tap_ok(true, "public certificates "
		    "# SKIP ../shared/data/certs is not here");
		return;
	}
	snprintf(path, sizeof(path), "%.4000s/INDEX.tsv", root);
	f = fopen(path, "r");
	if (f == NULL || getline(&line, &size, f) < 0) {
		tap_ok(false, "INDEX.tsv can be read");
		return;
	}
	while (getline(&line, &size, f) > 0)
		bad += row(root, line, rows++ % 16 == 0);
	free(line);
	fclose(f);
	tap_ok(bad == 0 && rows > 400, "%zu certificates of INDEX.tsv, %zu "
	    "differences", rows, bad);
}

int
main(void)
{
	key = EVP_RSA_gen(2048);
	made(san_three, "IFX", "SLB", "id:13");
	made(san_one, "NTC", "NPC", "id:72");
	cut();
	pem();
	public_certificates();
	EVP_PKEY_free(key);
	return tap_done();
}
