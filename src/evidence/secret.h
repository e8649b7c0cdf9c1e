/*
 * What is secret or personal in the bytes of a case, by the names that stand
 * before it; and how a report shows such text: with stars.
 * Relies on arena.h.
 */
#ifndef EVIDENCE_SECRET_H
#define EVIDENCE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/arena.h"

/* SECRET(NAME, "name in reports", "word of tokens", letter case counts) */
#define SECRETS(S)							\
	S(COOKIE, "cookie", "cookie", true)				\
	S(AUTHORIZATION, "authorization", "auth", true)			\
	S(TOKEN, "token", "token", true)				\
	S(PASSWORD, "password", "secret", true)				\
	S(PRIVATE_KEY, "private-key", "key", true)			\
	S(USER, "user", "user", false)					\
	S(MACHINE, "machine", "machine", false)				\
	S(DOMAIN, "domain", "domain", false)				\
	S(IP, "ip-address", "", false)					\
	S(MAC, "mac-address", "", false)				\
	S(SID, "sid", "", false)					\
	S(GUID, "guid", "", false)					\
	S(SERIAL, "serial-number", "serial", false)			\
	S(HARDWARE, "hardware-hash", "hash", true)			\
	S(KEY, "ek-key", "key", true)					\
	S(DIGEST, "digest", "digest", true)				\
	S(SIGNATURE, "signature", "", true)

enum secret_kind {
#define S(ID, name, word, exact) SECRET_##ID,
	SECRETS(S)
#undef S
	SECRET_COUNT
};

/* ---- secret_names.c: which names stand before a secret ---- */

/* SECRET_COUNT: none.  Letter case, blanks and punctuation do not count. */
enum secret_kind key_kind(const char *p, size_t n);
enum secret_kind header_kind(const char *p, size_t n);
/* A name of every machine, or a word: it names nobody. */
bool	secret_is_common(const uint8_t *p, size_t n);

/* ---- secret_guid.c ---- */

/* "tenant", "device" or "user" as the words before `at` say; else NULL. */
const char *secret_guid(const char *p, size_t at);

/* ---- secret_text.c ---- */

/*
 * Marks in hidden[0..n-1] what opens doors: cookies, credentials, passwords,
 * tokens; true: there is some.
 */
bool	secret_mark(const uint8_t *p, size_t n, bool *hidden);
/* The text with stars in their place; p itself where there is none. */
const char *secret_hide(struct arena *, const char *p, size_t n);
/* May the value of a header field be shown? */
bool	secret_header(const char *name);

#endif
