/*
 * The ids of all findings in their order, which decides between equals, and
 * the stages of an attempt in theirs.  Relies on nothing; aiktriage-causes(7)
 * says what each id means.
 */
#include <string.h>

#include "judge/internal.h"

const char *const	catalogue[] = {
	"attestation-retries-exhausted",
	"oobe-wait-expired",
	"attestation-failed",
	"device-join-refused",
	"ek-certificate-rejected",
	"request-rejected",
	"ek-issuer-renewed",
	"ek-issuer-not-trusted",
	"ek-rsa3072-unsupported",
	"windows-defect",
	"service-incident",
	"authority-not-found",
	"authority-removed",
	"authority-never-listed",
	"authority-not-yet-listed",
	"authority-is-root",
	"authority-mismatch",
	"ek-service-failed",
	"ek-certificate-missing",
	"ek-chain-expired",
	"ek-chain-incomplete",
	"request-carries-ek-chain",
	"firmware-refused",
	"tpm-vulnerable-firmware",
	"scep-refused",
	"scep-challenge-unanswered",
	"scep-parse-failure",
	"scep-recipient-stale",
	"scep-message-damaged",
	"scep-exchange-inconsistent",
	"service-error",
	"service-throttled",
	"ecc-aik-unsupported",
	"name-not-resolved",
	"connection-failed",
	"connection-timed-out",
	"tls-failed",
	"tls-inspected",
	"proxy-authentication",
	"proxy-refused",
	"proxy-alters-body",
	"clock-wrong",
	"tpm-not-found",
	"tpm-not-ready",
	"tpm-version-12",
	"tpm-virtual",
	"tpm-locked-out",
	"tpm-object-unbound",
	"aik-key-lost",
	"aik-key-exists",
	"caller-not-system",
	"config-argument-lost",
	"certreq-cut-short",
	"attestation-succeeded",
	"capture-not-decrypted",
	"capture-without-attestation",
	"capture-incomplete",
	"evidence-mixed",
	"sessions-with-errors",
	NULL
};

const char *const	stage_names[] = {
	"dns", "connect", "tls", "GetCACaps", "GetCACertChain",
	"PKIOperation-request", "challenge", "challenge-answer", "certificate",
	NULL
};

int
catalogue_row(const char *id)
{
	int i;

	for (i = 0; catalogue[i] != NULL; i++)
		if (strcmp(catalogue[i], id) == 0)
			return i;
	return -1;
}

int
stage_row(const char *p, size_t n)
{
	int i;

	for (i = 0; stage_names[i] != NULL; i++)
		if (strlen(stage_names[i]) == n &&
		    memcmp(stage_names[i], p, n) == 0)
			return i;
	return -1;
}
