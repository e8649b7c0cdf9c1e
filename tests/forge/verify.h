/*
 * What verify.c asks of verify_tpm.c.
 * Relies on forge.h.
 */
#ifndef FORGE_VERIFY_H
#define FORGE_VERIFY_H

#include "forge.h"

bool	 statement_holds(const uint8_t *, size_t, EVP_PKEY *aik);
bool	 challenge_holds(const struct buf *plain);

#endif
