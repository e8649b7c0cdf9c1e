/*
 * What in free text names a person or a machine, by its form or by the word
 * before it.
 * Relies on nothing.
 */
#ifndef REPORT_PRIVATE_FORM_H
#define REPORT_PRIVATE_FORM_H

#include <stdbool.h>
#include <stddef.h>

struct private_form {
	size_t		 skip;	/* bytes that stay: "user: " */
	size_t		 n;	/* bytes that name somebody */
	const char	*kind;	/* what the token is called */
};

/* Letters and digits, '-', '_', and all that is not ASCII. */
bool	private_word(char);
/* Does a name begin at `at`, or a label with one behind it? */
bool	private_form(const char *, size_t n, size_t at, struct private_form *);

#endif
