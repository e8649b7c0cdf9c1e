/*
 * Opening CMS enveloped data with a private key: the content key by key
 * transport or agreement, and the content.  Nothing is given out that a
 * check did not prove.  Relies on keys.h, der.h; RFC 5652 6, RFC 8017 7.
 */
#ifndef DECODE_OPEN_H
#define DECODE_OPEN_H

#include "decode/keys.h"
#include "evidence/der.h"

#define OPEN_KEY_MAX	64	/* bytes of a content key */

/* RSAES-OAEP-params; digests as OpenSSL names them. */
struct open_oaep {
	const char	*digest, *mask;
	const uint8_t	*label;
	size_t		 label_n;
};
/* Of an AlgorithmIdentifier; false where its parameters are not known. */
bool	open_oaep_read(const struct evidence *, const struct der *algorithm,
	    struct open_oaep *);

/*
 * The content key from its wrapped form; oaep NULL: PKCS#1 v1.5, whose
 * padding is looked at byte by byte, because libcrypto may answer a wrong key
 * with random bytes.  false: not this key.
 */
bool	open_transport(const struct key *, const struct open_oaep *,
	    const uint8_t *wrapped, size_t n, uint8_t ret[OPEN_KEY_MAX],
	    size_t *ret_n);

/*
 * The content; from malloc(3).  NULL with *ret_why where it cannot be had:
 * the cipher is unknown, the key has another size, the padding is wrong.
 */
uint8_t	*open_content(const struct evidence *, const struct der *algorithm,
	    const uint8_t *key, size_t key_n, const uint8_t *content, size_t n,
	    size_t *ret_n, const char **ret_why);

/* The content of a whole ContentInfo by key agreement; from malloc(3). */
uint8_t	*open_agreement(const struct key *, const uint8_t *p, size_t n,
	    size_t *ret_n);

#endif
