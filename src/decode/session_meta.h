/*
 * What a session's metadata means: values in Fiddler's forms, and the flags
 * that have a field of their own.  Relies on evidence.h.
 */
#ifndef DECODE_SESSION_META_H
#define DECODE_SESSION_META_H

#include "evidence/evidence.h"

/* Digits of the base and nothing else. */
bool	meta_number(const char *p, size_t n, unsigned int base, int64_t *);
/* A time in UTC; false where there is no zone, or it did not happen. */
bool	meta_time(const char *p, size_t n, int64_t *);
/* The field that a flag's value goes to, or NULL. */
const struct field *session_flag_meaning(const char *name);

#endif
