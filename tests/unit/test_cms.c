/*
 * CMS and SCEP messages: made here with OpenSSL, and public ones of
 * ../shared where they are; OpenSSL's own verdict is the cross-check.
 * Relies on libcrypto and on scep/INDEX.md for the truth.
 */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "parsers/fields.h"
#include "sample.h"

static EVP_PKEY	*key;
static X509	*cert, *other;

struct attribute {
	const char	*oid;
	int		 type;
	const char	*p;
	int		 n;
};

#define PKI	"2.16.840.1.113733.1.9."
#define TEXT(oid, text)	{ oid, V_ASN1_PRINTABLESTRING, text, -1 }

static const struct attribute request[] = {
	TEXT(PKI "2", "19"), TEXT(PKI "7", "b45527d1b193d65bea4d"),
	{ PKI "5", V_ASN1_OCTET_STRING, "0123456789abcdef", 16 },
	{ NULL, 0, NULL, 0 }
};
static const struct attribute failure[] = {
	TEXT(PKI "2", "3"), TEXT(PKI "3", "2"), TEXT(PKI "4", "2"),
	TEXT("1.3.6.1.4.1.311.21.33", "-2145844848"),
	{ "1.3.6.1.4.1.311.21.38", V_ASN1_UTF8STRING, "No valid EK", -1 },
	{ "1.3.6.1.5.5.7.24.1", V_ASN1_UTF8STRING, "no", -1 },
	{ PKI "7", V_ASN1_PRINTABLESTRING, "\x01\x02\xff\x00", 4 },
	{ PKI "6", V_ASN1_OCTET_STRING, "01234567", 8 },
	{ NULL, 0, NULL, 0 }
};
static const struct attribute odd[] = {
	{ PKI "2", V_ASN1_UTF8STRING, "41", -1 }, TEXT(PKI "3", "x"),
	TEXT(PKI "4", "99999999999999999999"), TEXT(PKI "2", "19"),
	{ NULL, 0, NULL, 0 }
};

static X509 *
certificate(const char *cn, const char *serial)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_NAME_new();
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	BIGNUM *bn = NULL;

	BN_hex2bn(&bn, serial);
	BN_to_ASN1_INTEGER(bn, number);
	BN_free(bn);
	X509_set_version(x, 2);
	X509_set_serialNumber(x, number);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	    (const unsigned char *)cn, -1, -1, 0);
	X509_set_subject_name(x, name);
	X509_set_issuer_name(x, name);
	ASN1_TIME_set_string(X509_getm_notBefore(x), "230329000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(x), "240329000000Z");
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	X509_NAME_free(name);
	ASN1_INTEGER_free(number);
	return x;
}

/* A pkiMessage around an envelope, as Windows makes it. */
static uint8_t *
message(const struct attribute *a, const EVP_MD *md, bool stream,
    size_t *ret_n)
{
	unsigned int flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP;
	STACK_OF(X509) *to = sk_X509_new_null();
	BIO *plain = BIO_new_mem_buf("certificate request", -1);
	BIO *content = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	CMS_ContentInfo *inner, *outer;
	CMS_SignerInfo *si;
	uint8_t *der;
	char *p;
	long n;

	if (stream)
		flags |= CMS_STREAM;
	sk_X509_push(to, other);
	inner = CMS_encrypt(to, plain, EVP_aes_128_cbc(), CMS_BINARY);
	i2d_CMS_bio(content, inner);
	outer = CMS_sign(NULL, NULL, NULL, content, flags);
	si = CMS_add1_signer(outer, cert, key, md, flags);
	CMS_add1_cert(outer, other);
	for (; a->oid != NULL; a++) {
		ASN1_OBJECT *o = OBJ_txt2obj(a->oid, 1);

		CMS_signed_add1_attr_by_OBJ(si, o, a->type, a->p,
		    a->n < 0 ? (int)strlen(a->p) : a->n);
		ASN1_OBJECT_free(o);
	}
	if (stream) {
		i2d_CMS_bio_stream(out, outer, content, (int)flags);
	} else {
		CMS_final(outer, content, NULL, flags);
		i2d_CMS_bio(out, outer);
	}
	n = BIO_get_mem_data(out, &p);
	der = malloc((size_t)n);
	memcpy(der, p, (size_t)n);
	*ret_n = (size_t)n;
	CMS_ContentInfo_free(inner);
	CMS_ContentInfo_free(outer);
	sk_X509_free(to);
	BIO_free(plain);
	BIO_free(content);
	BIO_free(out);
	return der;
}

static size_t
bad_spans(struct evidence *ev)
{
	return sample_bad_spans(ev, ITEM_PKI_MESSAGE, true) +
	    sample_bad_spans(ev, ITEM_ENVELOPE, true) +
	    sample_bad_spans(ev, ITEM_CERTIFICATE, true);
}

static void
requests(void)
{
	struct evidence *ev;
	struct item *m, *e, *c;
	size_t n;
	uint8_t *p = message(request, EVP_sha256(), false, &n);

	ev = sample_evidence("request.der", p, n);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	e = ev_first(ev, ITEM_ENVELOPE);
	tap_is_text(sample_kind(ev), "scep", "input kind");
	tap_is_text(sample_show(ev, m, &cms_signed), "true", "signed");
	tap_is_text(sample_show(ev, m, &cms_digest), "sha256", "digest");
	tap_is_text(sample_show(ev, m, &cms_digest_valid), "true",
	    "digest is right");
	tap_is_text(sample_show(ev, m, &cms_signature_valid), "true",
	    "signature is right");
	tap_is_text(sample_show(ev, m, &cms_signer_issuer),
	    "CN=SCEP Protocol Certificate", "signer's issuer");
	tap_is_text(sample_show(ev, m, &cms_signer_serial), "b4",
	    "signer's serial, negative");
	tap_is_text(sample_show(ev, m, &cms_damaged), "false", "not damaged");
	tap_is_text(sample_show(ev, m, &cms_certificates), "2",
	    "certificates");
	tap_is_text(sample_show(ev, m, &scep_message_type), "19",
	    "messageType");
	tap_is_text(sample_show(ev, m, &scep_transaction_id),
	    "b45527d1b193d65bea4d", "transactionID");
	tap_is_text(sample_show(ev, m, &scep_sender_nonce),
	    "30313233343536373839616263646566", "senderNonce");
	tap_is_text(sample_show(ev, e, &envelope_recipient_issuer),
	    "CN=RA Encryption", "recipient");
	tap_is_text(sample_show(ev, e, &envelope_recipient_serial), "330003",
	    "recipient's serial");
	tap_is_text(sample_show(ev, e, &envelope_cipher), "aes-128-cbc",
	    "cipher");
	tap_is_text(sample_show(ev, e, &envelope_length), "32",
	    "length of the content");
	tap_is_text(sample_show(ev, e, &envelope_key_algorithm),
	    "rsaEncryption", "key transport");
	for (c = ev_first(ev, ITEM_CERTIFICATE); c != NULL; c = c->next)
		if (strcmp(sample_show(ev, c, &cert_serial), "b4") == 0)
			break;
	tap_is_text(sample_show(ev, m, &cms_signer_sha1),
	    sample_show(ev, c, &cert_sha1), "the signer's certificate");
	tap_ok(e->parent == m && ev_first(ev, ITEM_CERTIFICATE)->parent == m,
	    "parents");
	tap_ok(m->artifacts & ARTIFACT(PKI_MESSAGE), "marked as read");
	tap_ok(bad_spans(ev) == 0, "every read fact cites its element");
	evidence_free(ev);
	sample_torture("request.der", p, n, 300);
	free(p);
}

static void
streams(void)
{
	struct evidence *ev;
	struct item *m;
	struct citation c;
	size_t n;
	uint8_t *p = message(request, EVP_sha1(), true, &n);

	ev = sample_evidence("stream.ber", p, n);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	tap_ok(p[1] == 0x80, "a BER message");
	tap_is_text(sample_show(ev, m, &cms_digest_valid), "true",
	    "BER: digest over the joined segments");
	tap_is_text(sample_show(ev, m, &cms_signature_valid), "true",
	    "BER: signature");
	tap_ok(ev_first(ev, ITEM_ENVELOPE) != NULL && ev_cite(ev,
	    ev_first(ev, ITEM_ENVELOPE)->at, &c), "BER: envelope");
	tap_ok(bad_spans(ev) == 0, "BER: spans");
	evidence_free(ev);
	sample_torture("stream.ber", p, n, 300);
	free(p);
}

static void
answers(void)
{
	struct evidence *ev;
	struct item *m;
	const struct problem *q;
	size_t n, noted = 0;
	uint8_t *p = message(failure, EVP_sha256(), false, &n);

	ev = sample_evidence("failure.der", p, n);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	tap_is_text(sample_show(ev, m, &scep_pki_status), "2", "pkiStatus");
	tap_is_text(sample_show(ev, m, &scep_fail_info), "2", "failInfo");
	tap_is_text(sample_show(ev, m, &scep_error), "0x80190190",
	    "the HRESULT of 21.33");
	tap_is_text(sample_show(ev, m, &scep_server_message), "No valid EK",
	    "21.38");
	tap_is_text(sample_show(ev, m, &scep_fail_info_text), "no",
	    "failInfoText");
	tap_is_text(sample_show(ev, m, &scep_transaction_id), "0102ff00",
	    "a raw transactionID in hex");
	tap_is_text(sample_show(ev, m, &scep_recipient_nonce),
	    "3031323334353637", "a nonce of 8 bytes");
	tap_ok(m->artifacts & ARTIFACT(PKI_ANSWER), "an answer is marked");
	tap_ok(bad_spans(ev) == 0, "answer: spans");
	evidence_free(ev);
	free(p);
	p = message(odd, EVP_sha256(), false, &n);
	ev = sample_evidence("odd.der", p, n);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	for (q = ev_problems(ev); q != NULL; q = q->next)
		noted++;
	tap_ok(item_fact(m, &scep_message_type) != NULL &&
	    fact_next(item_fact(m, &scep_message_type)) == NULL,
	    "one messageType of two");
	tap_ok(item_fact(m, &scep_pki_status) == NULL &&
	    item_fact(m, &scep_fail_info) == NULL && noted >= 3,
	    "what is no number is noted");
	evidence_free(ev);
	free(p);
}

/* Offset of the last occurrence, or of the first one. */
static size_t
find(const uint8_t *p, size_t n, const void *what, size_t len)
{
	const uint8_t *at = memmem(p, n, what, len);

	return at != NULL ? (size_t)(at - p) : n;
}

static void
damage(void)
{
	static const uint8_t digest_oid[] = {
		0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04
	};
	struct evidence *ev;
	struct item *m;
	size_t n, at, i, used = 0;
	uint8_t *p = message(request, EVP_sha256(), false, &n), *text;

	p[n - 5] ^= 1;
	ev = sample_evidence("x", p, n);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	tap_is_text(sample_show(ev, m, &cms_signature_valid), "false",
	    "a changed signature");
	tap_is_text(sample_show(ev, m, &cms_digest_valid), "true",
	    "leaves the digest right");
	tap_is_text(sample_show(ev, m, &cms_damaged), "false",
	    "and the structure");
	evidence_free(ev);
	p[n - 5] ^= 1;
	at = find(p, n, digest_oid, sizeof(digest_oid)) +
	    sizeof(digest_oid) + 8;
	p[at] ^= 1;
	ev = sample_evidence("x", p, n);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	tap_is_text(sample_show(ev, m, &cms_digest_valid), "false",
	    "a changed messageDigest");
	tap_is_text(sample_show(ev, m, &cms_signature_valid), "false",
	    "is a changed attribute");
	evidence_free(ev);
	p[at] ^= 1;
	ev = sample_evidence("x", p, n - 10);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	tap_is_text(sample_show(ev, m, &cms_damaged), "true", "cut");
	tap_is_text(sample_show(ev, m, &cms_damage), "cut", "kind: cut");
	tap_is_text(sample_show(ev, m, &scep_message_type), "19",
	    "cut: the attributes are read");
	tap_is_text(sample_show(ev, m, &cms_signature_valid), "",
	    "cut: the signature is not judged");
	tap_ok(ev_inputs(ev, &i)->state == INPUT_PARTIAL, "cut: partial");
	evidence_free(ev);
	text = malloc(3 * n);
	for (i = 0; i < n; i++) {
		if (p[i] < 0x80) {
			text[used++] = p[i];
		} else {
			memcpy(text + used, "\xef\xbf\xbd", 3);
			used += 3;
		}
	}
	ev = sample_evidence("x", text, used);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	tap_is_text(sample_show(ev, m, &cms_damage), "text", "kind: text");
	evidence_free(ev);
	memcpy(text, "\xef\xbb\xbf", 3);
	memcpy(text + 3, p, n);
	ev = sample_evidence("x", text, n + 3);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	tap_is_text(sample_show(ev, m, &cms_signature_valid), "true",
	    "a byte order mark in front is passed over");
	evidence_free(ev);
	free(text);
	free(p);
}

static void
certificates_only(void)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	struct evidence *ev;
	struct item *m;
	CMS_ContentInfo *cms;
	uint8_t *p = NULL;
	int n;

	sk_X509_push(certs, cert);
	sk_X509_push(certs, other);
	cms = CMS_sign(NULL, NULL, certs, NULL, CMS_PARTIAL | CMS_DETACHED);
	n = i2d_CMS_ContentInfo(cms, &p);
	ev = sample_evidence("chain.p7b", p, (size_t)n);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	tap_is_text(sample_kind(ev), "pkcs7", "certs-only: kind");
	tap_is_text(sample_show(ev, m, &cms_signed), "false",
	    "certs-only: not signed");
	tap_is_text(sample_show(ev, m, &cms_certificates), "2",
	    "certs-only: certificates");
	tap_ok(m->artifacts & ARTIFACT(CA_CHAIN), "certs-only: marked");
	evidence_free(ev);
	OPENSSL_free(p);
	CMS_ContentInfo_free(cms);
	sk_X509_free(certs);
}

/* ---- public messages ---- */

/* What OpenSSL says of the first signer: 1 right, 0 not, -1 cannot say. */
static int
openssl_verdict(const uint8_t *p, size_t n)
{
	const uint8_t *q = p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &q, (long)n);
	BIO *out = BIO_new(BIO_s_null());
	int verdict = -1;

	if (cms != NULL && OBJ_obj2nid(CMS_get0_type(cms)) ==
	    NID_pkcs7_signed)
		verdict = CMS_verify(cms, NULL, NULL, NULL, out,
		    CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY);
	CMS_ContentInfo_free(cms);
	BIO_free(out);
	ERR_clear_error();
	return verdict;
}

/* The fields of an INDEX.md line "- SCEP: name value; name value". */
static size_t
scep_line(struct evidence *ev, const char *path, char *line)
{
	static const struct {
		const char *name;
		const struct field *field;
	} names[] = {
		{ "messageType ", &scep_message_type },
		{ "pkiStatus ", &scep_pki_status },
		{ "failInfo ", &scep_fail_info },
		{ "transactionID ", &scep_transaction_id },
		{ "senderNonce ", &scep_sender_nonce },
		{ "recipientNonce ", &scep_recipient_nonce },
		{ "1.3.6.1.4.1.311.21.38=", &scep_server_message },
	};
	const struct item *m = ev_first(ev, ITEM_PKI_MESSAGE);
	const char *found;
	char *part, *value;
	size_t i, bad = 0;

	line[strcspn(line, "\n")] = '\0';
	while ((part = strsep(&line, ";")) != NULL) {
		while (*part == ' ')
			part++;
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			if (strncmp(part, names[i].name,
			    strlen(names[i].name)) != 0)
				continue;
			value = part + strlen(names[i].name);
			if (strncmp(value, "hex:", 4) == 0)
				value += 4;
			if (strcmp(value, "None") == 0)
				*value = '\0';	/* an empty set */
			if (strcmp(value, "020103 ?") == 0)
				strcpy(value, "3");	/* an INTEGER */
			if (i == 0)
				value[strcspn(value, " ")] = '\0';
			found = sample_show(ev, m, names[i].field);
			/* INDEX.md has the last one of two, we the first */
			if (strcmp(found, value) == 0 || (i == 0 &&
			    strstr(path, "odd_attr_duplicate") != NULL))
				continue;
			printf("# %s %s\n#  found  %s\n#  wanted %s\n", path,
			    names[i].name, found, value);
			bad++;
		}
	}
	return bad;
}

/* Facts against the line, and against OpenSSL's verdict. */
static size_t
public_message(const char *path, char *scep, bool torture)
{
	struct evidence *ev;
	struct item *m;
	size_t n, bad = 0;
	uint8_t *p = sample_read(path, &n);
	const char *found;
	int verdict;

	if (p == NULL)
		return 0;
	ev = sample_evidence(path, p, n);
	m = ev_first(ev, ITEM_PKI_MESSAGE);
	if (scep != NULL)
		bad += scep_line(ev, path, scep);
	if (bad_spans(ev) > 0) {
		printf("# %s: spans\n", path);
		bad++;
	}
	verdict = openssl_verdict(p, n);
	found = sample_show(ev, m, &cms_signature_valid);
	/* of an unknown digest algorithm OpenSSL guesses the digest */
	if (verdict == 1 && item_truth(m, &cms_signed, false) &&
	    strchr(sample_show(ev, m, &cms_digest), '.') == NULL &&
	    strcmp(found, "true") != 0) {
		printf("# %s: OpenSSL verifies it, found %s\n", path, found);
		bad++;
	}
	if (verdict == 1 && m != NULL &&
	    !item_truth(m, &cms_digest_valid, true)) {
		printf("# %s: OpenSSL finds the digest right\n", path);
		bad++;
	}
	evidence_free(ev);
	if (torture)
		sample_torture(path, p, n, 40);
	free(p);
	return bad;
}

/* Every file of a folder, without a line of truth. */
static void
public_folder(const char *part)
{
	const char *root = sample_shared(part);
	char path[5000], base[4096];
	struct dirent *e;
	size_t bad = 0, files = 0;
	DIR *d;

	if (root == NULL || (d = opendir(root)) == NULL) {
		tap_ok(true, "%s # SKIP ../shared/data is not here", part);
		return;
	}
	snprintf(base, sizeof(base), "%s", root);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", base, e->d_name);
		bad += public_message(path, NULL, files++ % 4 == 0);
	}
	closedir(d);
	tap_ok(bad == 0, "%zu files of %s, %zu differences", files, part, bad);
}

static void
public_index(void)
{
	const char *root = sample_shared("scep");
	char base[4096], path[8400], *line = NULL;
	size_t size = 0, bad = 0, messages = 0;
	FILE *f;

	path[0] = '\0';
	snprintf(base, sizeof(base), "%s", root != NULL ? root : "");
	snprintf(path, sizeof(path), "%s/INDEX.md", base);
	if (root == NULL || (f = fopen(path, "r")) == NULL) {
		tap_ok(true, "INDEX.md # SKIP ../shared/data is not here");
		return;
	}
	while (getline(&line, &size, f) > 0) {
		if (strncmp(line, "### ", 4) == 0) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(path, sizeof(path), "%s/%.4000s", base,
			    line + 4);
		} else if (strncmp(line, "- SCEP: ", 8) == 0) {
			bad += public_message(path, line + 8, true);
			messages++;
		}
	}
	free(line);
	fclose(f);
	tap_ok(bad == 0 && messages > 20, "%zu messages of INDEX.md, %zu "
	    "differences", messages, bad);
}

int
main(void)
{
	key = EVP_RSA_gen(2048);
	cert = certificate("SCEP Protocol Certificate", "-4C");
	other = certificate("RA Encryption", "330003");
	requests();
	streams();
	answers();
	damage();
	certificates_only();
	public_index();
	public_folder("scep/cms");
	public_folder("scep/odd");
	public_folder("scep/synthetic/damaged");
	public_folder("scep/synthetic/parts");
	X509_free(cert);
	X509_free(other);
	EVP_PKEY_free(key);
	return tap_done();
}
