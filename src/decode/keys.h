/*
 * The private keys that the user gave (--key): loaded before a worker gives
 * up its rights, asked by the parser of envelopes.
 * Relies on evidence.h and libcrypto.
 */
#ifndef DECODE_KEYS_H
#define DECODE_KEYS_H

#include <openssl/evp.h>

#include "evidence/evidence.h"

#define KEY_FILE_BYTES	((size_t)1 << 20)
#define KEYS_MAX	64

struct key {
	EVP_PKEY	*pkey;
	char		*file;		/* its name without folders */
};

struct key_ring {
	struct key	 v[KEYS_MAX];
	size_t		 n;
};

/*
 * Adds the private keys of a file: PEM (also encrypted, also several), DER of
 * PKCS#1, SEC 1 or PKCS#8 (also encrypted), PKCS#12.  Returns NULL, or why
 * there are none.
 */
const char	*keys_add(struct key_ring *, const char *path,
		    const uint8_t *p, size_t n, const char *const *passwords,
		    size_t npasswords);
void		 keys_clear(struct key_ring *);
/* Uses each key once, so that nothing is loaded later. */
void		 keys_warm(const struct key_ring *);

/* The keys of a case; not copied.  One case a process. */
void		 keys_give(struct evidence *, const struct key_ring *);
/* NULL without. */
const struct key_ring *keys_of(const struct evidence *);

#endif
