/*
 * Facts for the parts of a CMS message that nothing else reads, so that a
 * change of any byte shows: versions, algorithms, digests of the parts, and
 * of the frame that holds them.  Relies on decode/cms.h.
 */
#ifndef DECODE_CMS_PARTS_H
#define DECODE_CMS_PARTS_H

#include "decode/cms.h"

/* Of a SignedData in its ContentInfo; kind pki_message. */
void	cms_parts_signed(struct evidence *, const struct blob *,
	    struct item *, const struct der *outer);
/* Of an EnvelopedData; kind envelope. */
void	cms_parts_enveloped(struct evidence *, const struct blob *,
	    struct item *, const struct der *outer);

extern const struct field	cms_version, cms_digest_algorithm,
				cms_content_type, cms_content_sha256,
				cms_crls, cms_signer_version,
				cms_signature_algorithm, cms_signature_sha256,
				cms_attribute_type, cms_attributes_sha256,
				cms_unsigned_type, cms_frame_sha256;
extern const struct field	envelope_version, envelope_content_type,
				envelope_iv, envelope_sha256,
				envelope_key_sha256, envelope_frame_sha256;

#endif
