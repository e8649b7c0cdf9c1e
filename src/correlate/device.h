/*
 * The item `device` and what correlators add to it.
 * Relies on correlator.h.
 */
#ifndef CORRELATE_DEVICE_H
#define CORRELATE_DEVICE_H

#include "correlate/correlator.h"

/* The one of the case; made at its first use. */
struct item	*device_of(struct evidence *);
/* Adds a value that the device does not have yet. */
void		 device_add(struct evidence *, const struct field *,
		    struct value, const struct fact *why);

/* device.c */
extern const struct field	device_tpm_revision;	/* TEXT "1.59" */
extern const struct field	device_tpm_level;	/* TEXT "0" */
extern const struct field	device_client_build;	/* TEXT, a hint */

/* device.c: kind attempt, what this attempt tells of its device */
extern const struct field	attempt_firmware;	/* TEXT */
extern const struct field	attempt_tpm_version;	/* TEXT */
extern const struct field	attempt_client_build;	/* TEXT, a hint */

/* tpm_state.c: kinds device, case */
extern const struct field	device_tpm_present;	/* BOOL */
extern const struct field	device_ready;		/* BOOL for attestation */
extern const struct field	device_not_ready;	/* TEXT repeated: why */
extern const struct field	device_vulnerable;	/* BOOL */
extern const struct field	device_flaw;		/* TEXT of the table */
extern const struct field	device_locked_out;	/* BOOL */
extern const struct field	device_ek_certificate;	/* BOOL */
extern const struct field	device_virtual;		/* BOOL */
extern const struct field	device_ek_key;		/* TEXT repeated */
extern const struct field	device_ek_rsa3072_only;	/* BOOL */
extern const struct field	device_build;		/* INT 19045 */
extern const struct field	device_revision;	/* INT 2728 */
extern const struct field	device_aik_error;	/* CODE */
extern const struct field	device_model;		/* TEXT */

/* ek_service.c: kind device */
extern const struct field	ek_service_host;	/* TEXT repeated */
extern const struct field	ek_service_status;	/* INT */
extern const struct field	ek_service_answer;	/* TEXT */
extern const struct field	ek_service_failed;	/* BOOL */
extern const struct field	ek_service_reason;	/* TEXT */

/* defects.c: kind case */
extern const struct field	defect_sign;		/* TEXT "ek-missing" */
extern const struct field	defect_matches;		/* BOOL */
extern const struct field	defect_kb;		/* TEXT "KB5013943" */
extern const struct field	defect_fixed_in;	/* TEXT "10.0.22000.675" */
extern const struct field	defect_what;		/* TEXT */
extern const struct field	defect_source;		/* TEXT */

/* other_tpm.c: kind tool */
extern const struct field	tool_other_tpm;		/* BOOL; never false */

/* downloads.c: kind certificate */
extern const struct field	aia_fetched;		/* BOOL */
extern const struct field	aia_status;		/* INT */
extern const struct field	aia_url;		/* TEXT */
extern const struct field	aia_is_issuer;		/* BOOL */

#endif
