/*
 * Makes the libraries ready in the parent: whatever they open or load at
 * their first use must be open and loaded before a worker gives up its
 * rights.  Relies on every library that the parsers use.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <iconv.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include "batch/case.h"
#include "batch/sandbox.h"
#include "log.h"

/* A ZIP of one deflated member whose name is not ASCII. */
static const unsigned char zip[] = {
	0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x00, 0x08, 0x08, 0x00, 0x00,
	0x00, 0x21, 0x00, 0xd5, 0x68, 0xd6, 0xcf, 0x05, 0x00, 0x00, 0x00,
	0x10, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0xc3, 0xa9, 0x4b,
	0x4c, 0x44, 0x05, 0x00, 0x50, 0x4b, 0x01, 0x02, 0x14, 0x03, 0x14,
	0x00, 0x00, 0x08, 0x08, 0x00, 0x00, 0x00, 0x21, 0x00, 0xd5, 0x68,
	0xd6, 0xcf, 0x05, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x02,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x80, 0x01, 0x00, 0x00, 0x00, 0x00, 0xc3, 0xa9, 0x50, 0x4b, 0x05,
	0x06, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x30, 0x00,
	0x00, 0x00, 0x25, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static void
warm_archive(void)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char buffer[64];

	if (a == NULL)
		return;
	archive_read_support_format_zip(a);
	if (archive_read_open_memory(a, zip, sizeof(zip)) == ARCHIVE_OK)
		while (archive_read_next_header(a, &entry) == ARCHIVE_OK) {
			(void)archive_entry_pathname(entry);
			(void)archive_entry_pathname_utf8(entry);
			while (archive_read_data(a, buffer,
			    sizeof(buffer)) > 0)
				continue;
		}
	archive_read_free(a);
}

/* Converters that stay open: closed ones are unloaded again. */
static void
warm_iconv(void)
{
	static const char *const names[] = {
		"UTF-16LE", "UTF-16BE", "UTF-16", "CP437", "CP850", "CP1252",
		"CP932", "EUC-JP", "ISO-8859-1"
	};
	static iconv_t open[2 * sizeof(names) / sizeof(names[0])];
	size_t i, n = 0;

	if (open[0] != NULL)
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		open[n++] = iconv_open("UTF-8", names[i]);
		open[n++] = iconv_open(names[i], "UTF-8");
	}
}

/* Makes, signs, writes, reads and verifies with a key of each kind. */
static void
warm_certificate(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *again;
	X509 *x = X509_new(), *read = NULL;
	const unsigned char *p;
	unsigned char *der = NULL;
	int n;

	if (key != NULL && x != NULL && X509_set_pubkey(x, key) == 1 &&
	    X509_sign(x, key, EVP_sha256()) > 0 &&
	    (n = i2d_X509(x, &der)) > 0) {
		p = der;
		read = d2i_X509(NULL, &p, n);
		again = read != NULL ? X509_get0_pubkey(read) : NULL;
		if (again != NULL)
			(void)X509_verify(read, again);
	}
	OPENSSL_free(der);
	X509_free(read);
	X509_free(x);
	EVP_PKEY_free(key);
}

/* An RSA key of a number that is no product: good enough to be loaded. */
static void
warm_rsa(void)
{
	unsigned char number[256], signature[256] = { 0 };
	unsigned char *der = NULL;
	const unsigned char *p;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY *key = NULL, *again = NULL;
	BIGNUM *n, *e = BN_new();
	int len;

	memset(number, 0xa5, sizeof(number));
	n = BN_bin2bn(number, sizeof(number), NULL);
	if (build == NULL || ctx == NULL || md == NULL || n == NULL ||
	    e == NULL || BN_set_word(e, 65537) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) != 1)
		goto out;
	params = OSSL_PARAM_BLD_to_param(build);
	if (params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1 ||
	    (len = i2d_PUBKEY(key, &der)) <= 0)
		goto out;
	p = der;
	again = d2i_PUBKEY(NULL, &p, len);
	if (again != NULL &&
	    EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, again) == 1)
		(void)EVP_DigestVerify(md, signature, sizeof(signature),
		    number, sizeof(number));
out:
	OPENSSL_free(der);
	EVP_PKEY_free(again);
	EVP_PKEY_free(key);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	EVP_MD_CTX_free(md);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
}

static OSSL_PROVIDER	*providers[2];

static void
providers_unload(void)
{
	OSSL_PROVIDER_unload(providers[1]);
	OSSL_PROVIDER_unload(providers[0]);
}

static void
warm_openssl(void)
{
	static const char *const digests[] = {
		"MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"
	};
	static const char *const ciphers[] = {
		"AES-128-CBC", "AES-192-CBC", "AES-256-CBC", "DES-EDE3-CBC",
		"DES-CBC", "RC2-40-CBC", "RC2-CBC"
	};
	size_t i;

	OPENSSL_init_crypto(OPENSSL_INIT_ADD_ALL_CIPHERS |
	    OPENSSL_INIT_ADD_ALL_DIGESTS |
	    OPENSSL_INIT_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_LOAD_CONFIG, NULL);
	/* With one named, the default is not loaded by itself any more. */
	providers[0] = OSSL_PROVIDER_load(NULL, "default");
	providers[1] = OSSL_PROVIDER_load(NULL, "legacy");
	atexit(providers_unload);
	/* A fetched method is kept in the library's store. */
	for (i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		EVP_MD_free(EVP_MD_fetch(NULL, digests[i], NULL));
	for (i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
		EVP_CIPHER_free(EVP_CIPHER_fetch(NULL, ciphers[i], NULL));
	warm_certificate();
	warm_rsa();
	ERR_clear_error();
}

static int
by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* glibc's qsort asks once for the memory of the machine. */
static void
warm_libc(void)
{
	static uint64_t v[1024];
	struct tm tm;
	time_t t = 0;
	size_t i;

	for (i = 0; i < 1024; i++)
		v[i] = 1023 - i;
	qsort(v, 1024, sizeof(v[0]), by_value);
	(void)localtime_r(&t, &tm);
	(void)mktime(&tm);
	(void)strerror(ENOENT);
}

/* In the C locale libarchive would convert names with iconv. */
static void
warm_locale(void)
{
	static const char *const names[] = {
		"C.UTF-8", "C.utf8", "en_US.UTF-8", "POSIX.UTF-8"
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (setlocale(LC_CTYPE, names[i]) != NULL)
			return;
	log_info("there is no UTF-8 locale: names of archive members that "
	    "are not ASCII may be lost");
}

void
case_warm(void)
{
	static bool done;
	xmlDocPtr doc;

	if (done)
		return;
	done = true;
	warm_locale();
	/* libarchive asks for the zone at every member of a ZIP. */
	setenv("TZ", "UTC0", 1);
	tzset();
	warm_libc();
	warm_iconv();
	json_object_seed(0);
	json_decref(json_object());
	warm_openssl();
	xmlInitParser();
	doc = xmlReadMemory("<a b='&amp;'/>", 14, "", "UTF-8",
	    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlFreeDoc(doc);
	warm_archive();
	sandbox_prepare();
}
