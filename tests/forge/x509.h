/*
 * The parts of a certificate, for the files that make whole ones.
 * Relies on forge.h.
 */
#ifndef FORGE_X509_H
#define FORGE_X509_H

#include "forge.h"

#define	OID_SKI		"2.5.29.14"
#define	OID_KEY_USAGE	"2.5.29.15"
#define	OID_SAN		"2.5.29.17"
#define	OID_BASIC	"2.5.29.19"
#define	OID_CRLDP	"2.5.29.31"
#define	OID_POLICIES	"2.5.29.32"
#define	OID_AKI		"2.5.29.35"
#define	OID_EKU		"2.5.29.37"
#define	OID_DIRECTORY	"2.5.29.9"
#define	OID_AIA		"1.3.6.1.5.5.7.1.1"

void	 name_put(struct buf *, const char *text, const char *strings);
void	 extension(struct buf *list, const char *oid, bool critical,
	    const struct buf *value);
void	 ext_key_usage(struct buf *list, unsigned octet, unsigned unused,
	    bool critical);
void	 ext_basic(struct buf *list, bool ca, int path);
void	 ext_ski(struct buf *list, const uint8_t ski[20]);
void	 ext_aki(struct buf *list, const uint8_t ski[20]);
void	 ext_oids(struct buf *list, const char *ext, bool critical,
	    const char *oids, bool policies);
void	 ext_aia(struct buf *list, const char *url);
void	 ext_crldp(struct buf *list, const char *url);
void	 cert_key(struct cert *, EVP_PKEY *, const char *key_name);
void	 cert_sign(struct cert *, const struct cert *issuer,
	    const struct buf *exts, bool void_signature);

/* With the serial of `revoked` in it, or of none. */
void	 crl_make(struct buf *, const struct cert *issuer,
	    const struct cert *revoked, int64_t when);

#endif
