/*
 * What TPM a certificate is of, or is asked for: the TCG attributes of a name
 * as facts.  Relies on der.h.
 */
#ifndef DECODE_TPM_ID_H
#define DECODE_TPM_ID_H

#include "evidence/der.h"

/* kinds certificate, pkcs10 */
extern const struct field	tpm_manufacturer;	/* TEXT "id:49465800" */
extern const struct field	tpm_model;		/* TEXT */
extern const struct field	tpm_version;		/* TEXT "id:0007..." */
extern const struct field	tpm_vendor;		/* TEXT "IFX", derived */

/* The first attribute of each kind counts. */
void	tpm_id_read(struct evidence *, struct item *, const struct der *name);

#endif
