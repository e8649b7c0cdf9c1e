/*
 * What a certificate says beside its names, times and keys: usages, policies
 * with their qualifiers, places of revocation lists, alternative names, and
 * what the TCG adds.  Relies on evidence/cert.h.
 */
#ifndef DECODE_CERT_MORE_H
#define DECODE_CERT_MORE_H

#include "evidence/cert.h"

/* Adds the facts to an item of kind certificate. */
void	cert_more_read(struct evidence *, struct item *,
	    const struct cert_parts *);

/* CERT_MORE(X): X(identifier) for each field. */
#define CERT_MORE(X)							\
	X(cert_version) X(cert_key_usage) X(cert_path_length)		\
	X(cert_ocsp) X(cert_policy_cps)					\
	X(cert_policy_notice) X(cert_san) X(cert_name_constraints)	\
	X(cert_no_end) X(cert_critical) X(cert_extension)		\
	X(cert_subject_normal) X(cert_issuer_normal)			\
	X(tpm_spec_family) X(tpm_spec_level) X(tpm_spec_revision)	\
	X(tpm_assertion) X(platform_manufacturer) X(platform_model)	\
	X(platform_version)

#define X(id) extern const struct field id;
CERT_MORE(X)
#undef X

#endif
