/*
 * Reads private keys in the forms in which people keep them, with candidate
 * passwords where they are locked.  Relies on libcrypto; RFC 5208, 5915,
 * 7292, 7468, 8017.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "decode/keys.h"
#include "decode/open.h"

/* The file that is being read. */
struct loading {
	struct key_ring	*ring;
	const char	*file;
	const char *const *passwords;
	size_t		 npasswords;
	size_t		 found;
	bool		 locked;	/* a password is wanted, none fits */
	bool		 full;
};

/* The i-th candidate: none, then the empty one, then those of the user. */
#define CANDIDATES(l)	((l)->npasswords + 2)

static const char *
candidate(const struct loading *l, size_t i)
{
	return i == 0 ? NULL : i == 1 ? "" : l->passwords[i - 2];
}

/* libcrypto asks for a password; without one there is none. */
static int
on_password(char *buf, int size, int writing, void *arg)
{
	const char *password = arg;
	size_t n;

	(void)writing;
	if (password == NULL || size < 0)
		return -1;
	n = strlen(password);
	if (n > (size_t)size)
		return -1;
	memcpy(buf, password, n);
	return (int)n;
}

static void
key_add(struct loading *l, EVP_PKEY *pkey)
{
	struct key *to;

	if (l->ring->n == KEYS_MAX) {
		l->full = true;
		EVP_PKEY_free(pkey);
		return;
	}
	to = &l->ring->v[l->ring->n];
	to->pkey = pkey;
	to->file = strdup(l->file);
	if (to->file == NULL) {
		EVP_PKEY_free(pkey);
		return;
	}
	l->ring->n++;
	l->found++;
}

/* ---- PEM ---- */

/* One block from its BEGIN to behind its END line. */
static void
pem_block(struct loading *l, const char *p, size_t n)
{
	EVP_PKEY *pkey = NULL;
	size_t i;
	BIO *in;

	if (n > INT32_MAX)
		return;
	for (i = 0; i < CANDIDATES(l) && pkey == NULL; i++) {
		in = BIO_new_mem_buf(p, (int)n);
		if (in == NULL)
			return;
		pkey = PEM_read_bio_PrivateKey(in, NULL, on_password,
		    (void *)(uintptr_t)candidate(l, i));
		BIO_free(in);
	}
	if (pkey != NULL)
		key_add(l, pkey);
	else if (memmem(p, n, "ENCRYPTED", 9) != NULL)
		l->locked = true;
}

static void
pem_read(struct loading *l, const char *p, size_t n)
{
	static const char begin[] = "-----BEGIN ", end[] = "-----END ";
	const char *at = p, *line, *stop, *left = p + n;

	while ((at = memmem(at, (size_t)(left - at), begin,
	    sizeof(begin) - 1)) != NULL) {
		line = memchr(at, '\n', (size_t)(left - at));
		if (line == NULL)
			break;
		stop = memmem(line, (size_t)(left - line), end,
		    sizeof(end) - 1);
		if (stop == NULL)
			break;
		stop = memchr(stop, '\n', (size_t)(left - stop));
		stop = stop == NULL ? left : stop + 1;
		if (memmem(at, (size_t)(line - at), "PRIVATE KEY", 11) != NULL)
			pem_block(l, at, (size_t)(stop - at));
		at = stop;
	}
}

/* ---- DER ---- */

static bool
pkcs12_read(struct loading *l, const uint8_t *p, size_t n)
{
	const unsigned char *at = p;
	PKCS12 *p12 = d2i_PKCS12(NULL, &at, (long)n);
	EVP_PKEY *pkey = NULL;
	X509 *cert = NULL;
	bool opened = false;
	size_t i;

	if (p12 == NULL)
		return false;
	for (i = 0; i < CANDIDATES(l) && !opened; i++)
		opened = PKCS12_parse(p12, candidate(l, i), &pkey, &cert,
		    NULL) == 1;
	X509_free(cert);
	PKCS12_free(p12);
	if (pkey != NULL)
		key_add(l, pkey);
	else if (!opened)
		l->locked = true;
	return true;
}

static bool
pkcs8_encrypted_read(struct loading *l, const uint8_t *p, size_t n)
{
	const unsigned char *at = p;
	X509_SIG *sig = d2i_X509_SIG(NULL, &at, (long)n);
	PKCS8_PRIV_KEY_INFO *info = NULL;
	EVP_PKEY *pkey = NULL;
	const char *password;
	size_t i;

	if (sig == NULL)
		return false;
	for (i = 1; i < CANDIDATES(l) && info == NULL; i++) {
		password = candidate(l, i);
		info = PKCS8_decrypt(sig, password, (int)strlen(password));
	}
	if (info != NULL)
		pkey = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	X509_SIG_free(sig);
	if (pkey != NULL)
		key_add(l, pkey);
	else
		l->locked = true;
	return true;
}

static void
der_read(struct loading *l, const uint8_t *p, size_t n)
{
	const unsigned char *at = p;
	EVP_PKEY *pkey;

	if (n < 2 || p[0] != 0x30)
		return;
	if (pkcs12_read(l, p, n))
		return;
	pkey = d2i_AutoPrivateKey(NULL, &at, (long)n);
	if (pkey != NULL)
		key_add(l, pkey);
	else
		(void)pkcs8_encrypted_read(l, p, n);
}

const char *
keys_add(struct key_ring *ring, const char *path, const uint8_t *p, size_t n,
    const char *const *passwords, size_t npasswords)
{
	const char *slash = strrchr(path, '/');
	struct loading l = { .ring = ring, .passwords = passwords,
	    .npasswords = npasswords,
	    .file = slash != NULL ? slash + 1 : path };

	if (n > KEY_FILE_BYTES)
		return "is too large for a file of keys";
	if (memmem(p, n, "-----BEGIN ", 11) != NULL)
		pem_read(&l, (const char *)p, n);
	else
		der_read(&l, p, n);
	ERR_clear_error();
	if (l.full)
		return "holds more keys than can be tried";
	if (l.locked)
		return npasswords > 0 ?
		    "is locked, and no password of --password-file opens it" :
		    "is locked; give its password with --password-file";
	if (l.found == 0)
		return "holds no private key; want PEM, DER, PKCS#8 or "
		    "PKCS#12";
	return NULL;
}

void
keys_clear(struct key_ring *ring)
{
	while (ring->n > 0) {
		EVP_PKEY_free(ring->v[--ring->n].pkey);
		free(ring->v[ring->n].file);
	}
}

/* ---- the keys of a case ---- */

static const struct evidence *ring_of;
static const struct key_ring *ring_given;

void
keys_give(struct evidence *ev, const struct key_ring *ring)
{
	ring_of = ev;
	ring_given = ring;
}

const struct key_ring *
keys_of(const struct evidence *ev)
{
	return ev == ring_of && ring_given != NULL && ring_given->n > 0 ?
	    ring_given : NULL;
}

/* What is made here opens nothing: libcrypto loads what it needs. */
void
keys_warm(const struct key_ring *ring)
{
	uint8_t block[1024] = { 0 }, key[OPEN_KEY_MAX];
	const char *const digests[] = { "sha1", "sha256" };
	struct open_oaep oaep = { "sha1", "sha1", NULL, 0 };
	size_t i, k, n;

	for (i = 0; i < ring->n; i++) {
		(void)open_transport(&ring->v[i], NULL, block, sizeof(block),
		    key, &n);
		for (k = 0; k < 2; k++) {
			oaep.digest = oaep.mask = digests[k];
			n = (size_t)EVP_PKEY_get_size(ring->v[i].pkey);
			if (n <= sizeof(block))
				(void)open_transport(&ring->v[i], &oaep,
				    block, n, key, &n);
		}
		n = (size_t)EVP_PKEY_get_size(ring->v[i].pkey);
		if (n <= sizeof(block))
			(void)open_transport(&ring->v[i], NULL, block, n, key,
			    &n);
	}
	ERR_clear_error();
}
