/*
 * Names of object identifiers: algorithms, curves, content types.
 * Relies on der.h.
 */
#ifndef EVIDENCE_OID_H
#define EVIDENCE_OID_H

#include "evidence/der.h"

#define OID_SIZE	384	/* enough for any that der_oid() accepts */

/* "sha256", "aes-128-cbc", "rsaEncryption"; NULL for an unknown one. */
const char	*oid_name(const char *dotted);
/*
 * A name for people from a larger table, else OpenSSL's long name, else NULL.
 * It may last only until the next call.
 */
const char	*oid_label(const char *dotted);
/* The name, else the dotted text, in buf; "?" if it is no identifier. */
const char	*oid_show(const struct der *, char buf[OID_SIZE]);
/* OpenSSL's digest name that a signature algorithm fixes, or NULL. */
const char	*oid_signature_digest(const char *dotted);

#endif
