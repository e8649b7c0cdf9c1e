/*
 * Checks a forged capture with libcrypto's own CMS: every signature, every
 * envelope, the AIK request's hash, and what verify_tpm.c checks.
 * Relies on nothing that wrote the capture but the keys.
 */
#include "verify.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	MAX_KEYS	16

static EVP_PKEY	*keys[MAX_KEYS];
static size_t	 nkeys;
static unsigned	 good, bad;

static void
verdict(const char *member, const char *what, bool ok)
{
	printf("%s %s: %s\n", ok ? "good" : "BAD", member, what);
	if (ok)
		good++;
	else
		bad++;
	ERR_clear_error();
}

static void
keys_read(const char *dir)
{
	struct dirent *e;
	char path[4096];
	FILE *f;
	DIR *d;

	d = opendir(dir);
	if (d == NULL)
		die("%s: not a directory", dir);
	while ((e = readdir(d)) != NULL && nkeys < MAX_KEYS) {
		if (strstr(e->d_name, ".pem") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		f = fopen(path, "r");
		if (f == NULL)
			continue;
		keys[nkeys] = PEM_read_PrivateKey(f, NULL, NULL, NULL);
		nkeys += keys[nkeys] != NULL;
		fclose(f);
	}
	closedir(d);
}

/* A whole DER value and nothing behind it. */
static bool
is_der(const uint8_t *p, long n)
{
	const unsigned char *at = p;
	long len;
	int tag, class;

	if (n < 2 || ASN1_get_object(&at, &len, &tag, &class, n) & 0x80)
		return false;
	return len == n - (at - p) && (tag == V_ASN1_SEQUENCE ||
	    tag == V_ASN1_SET);
}

static CMS_ContentInfo *
cms_read(const uint8_t *p, size_t n)
{
	const unsigned char *at = p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)n);

	if (cms != NULL && at != p + n) {
		CMS_ContentInfo_free(cms);
		return NULL;
	}
	return cms;
}

/* any: the content needs not be DER (a bare secret) */
static bool
open_envelope(const uint8_t *p, size_t n, bool any, struct buf *ret)
{
	CMS_ContentInfo *cms;
	bool ok = false;
	size_t i;
	char *data;
	long len;
	BIO *out;

	for (i = 0; i < nkeys && !ok; i++) {
		cms = cms_read(p, n);
		out = BIO_new(BIO_s_mem());
		if (cms != NULL && CMS_decrypt(cms, keys[i], NULL, NULL, out,
		    CMS_DEBUG_DECRYPT | CMS_BINARY) == 1) {
			len = BIO_get_mem_data(out, &data);
			if (any || is_der((uint8_t *)data, len)) {
				ret->n = 0;
				buf_put(ret, data, (size_t)len);
				ok = true;
			}
		}
		BIO_free(out);
		CMS_ContentInfo_free(cms);
		ERR_clear_error();
	}
	return ok;
}

/* First value of the attribute, or NULL. */
static ASN1_TYPE *
attribute_value(X509_REQ *req, const char *dotted)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(dotted, 1);
	int i = X509_REQ_get_attr_by_OBJ(req, oid, -1);

	ASN1_OBJECT_free(oid);
	return i < 0 ? NULL :
	    X509_ATTRIBUTE_get0_type(X509_REQ_get_attr(req, i), 0);
}

static void
check_request(const char *member, const struct buf *plain)
{
	const unsigned char *at = plain->p;
	X509_REQ *req = d2i_X509_REQ(NULL, &at, (long)plain->n);
	struct buf info = { NULL, 0, 0 };
	const ASN1_BIT_STRING *sig;
	const X509_ALGOR *alg;
	unsigned char *tbs = NULL;
	uint8_t hash[32];
	ASN1_TYPE *v;
	int n;

	verdict(member, "holds an AIK request", req != NULL);
	if (req == NULL)
		return;
	X509_REQ_get0_signature(req, &sig, &alg);
	n = i2d_re_X509_REQ_tbs(req, &tbs);
	sha256(tbs, (size_t)n, hash);
	verdict(member, "its hash stands for a signature",
	    sig->length == 32 && memcmp(sig->data, hash, 32) == 0);
	OPENSSL_free(tbs);
	v = attribute_value(req, "1.3.6.1.4.1.311.21.24");
	verdict(member, "its attestation statement holds", v != NULL &&
	    v->type == V_ASN1_OCTET_STRING &&
	    statement_holds(v->value.octet_string->data,
	    (size_t)v->value.octet_string->length,
	    X509_REQ_get0_pubkey(req)));
	v = attribute_value(req, "1.3.6.1.4.1.311.21.23");
	verdict(member, "its EK info opens", v != NULL &&
	    v->type == V_ASN1_SEQUENCE &&
	    open_envelope(v->value.sequence->data,
	    (size_t)v->value.sequence->length, false, &info));
	buf_free(&info);
	X509_REQ_free(req);
}

static void
check_signed(const char *member, CMS_ContentInfo *cms)
{
	struct buf plain = { NULL, 0, 0 };
	BIO *out = BIO_new(BIO_s_mem()), *none = NULL;
	ASN1_OCTET_STRING **content = CMS_get0_content(cms);
	char *data;
	long n;
	bool ok;

	if (content == NULL || *content == NULL)
		none = BIO_new_mem_buf("", 0);
	ok = CMS_verify(cms, NULL, NULL, none, out,
	    CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1;
	verdict(member, "signature", ok);
	n = BIO_get_mem_data(out, &data);
	if (ok && none == NULL) {
		ok = open_envelope((uint8_t *)data, (size_t)n, false, &plain);
		verdict(member, "envelope opens", ok);
		if (ok && memmem(plain.p, plain.n, "KAST", 4) != NULL)
			check_request(member, &plain);
		if (ok && memmem(plain.p, plain.n, "TACH", 4) != NULL)
			verdict(member, "its challenge can be answered",
			    challenge_holds(&plain));
	}
	BIO_free(out);
	BIO_free(none);
	buf_free(&plain);
}

static void
check_member(const char *member, const struct buf *b)
{
	const uint8_t *body = memmem(b->p, b->n, "\r\n\r\n", 4);
	STACK_OF(CMS_SignerInfo) *signers;
	CMS_ContentInfo *cms;
	size_t n;

	if (body == NULL)
		return;
	body += 4;
	n = b->n - (size_t)(body - b->p);
	/* A message begins with its type, a certificate with a SEQUENCE. */
	if (n < 64 || body[0] != 0x30 || body[1] != 0x82 || body[4] != 0x06)
		return;
	cms = cms_read(body, n);
	verdict(member, "a whole CMS message", cms != NULL);
	if (cms == NULL)
		return;
	signers = CMS_get0_SignerInfos(cms);
	if (signers != NULL && sk_CMS_SignerInfo_num(signers) > 0)
		check_signed(member, cms);
	CMS_ContentInfo_free(cms);
}

int
verify(const char *key_dir, const char *saz)
{
	struct buf b = { NULL, 0, 0 }, m = { NULL, 0, 0 };
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	uint8_t block[8192];
	const char *name;
	la_ssize_t n;

	keys_read(key_dir);
	buf_read_file(&b, saz);
	archive_read_support_format_zip(a);
	if (archive_read_open_memory(a, b.p, b.n) != ARCHIVE_OK)
		die("%s: %s", saz, archive_error_string(a));
	while (archive_read_next_header(a, &e) == ARCHIVE_OK) {
		name = archive_entry_pathname(e);
		if (strstr(name, "_c.txt") == NULL &&
		    strstr(name, "_s.txt") == NULL)
			continue;
		m.n = 0;
		while ((n = archive_read_data(a, block, sizeof(block))) > 0)
			buf_put(&m, block, (size_t)n);
		check_member(name, &m);
	}
	archive_read_free(a);
	while (nkeys > 0)
		EVP_PKEY_free(keys[--nkeys]);
	buf_free(&b);
	buf_free(&m);
	printf("%u good, %u bad\n", good, bad);
	return bad > 0;
}
