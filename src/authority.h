/*
 * What is known of an AIK authority or of a CA that issues EK certificates,
 * gathered from the tables as one JSON object and shown as text; and new
 * tables out of a newer TrustedTpm.cab.
 * Relies on knowledge/knowledge.h and jansson.
 */
#ifndef AUTHORITY_H
#define AUTHORITY_H

#include <jansson.h>

#include "knowledge/knowledge.h"
#include "options.h"

/* What is asked for: a host, a key identifier, or what a certificate names. */
struct authority_question {
	const char	*input;		/* as it was given */
	const char	*prefix;	/* of the host, lower case; "" not known */
	const char	*vendor;	/* TCG id; "" not known */
	const char	*keyid;		/* lower-case hex; "" none */
	const char	*nameid;
	int64_t		 as_of;		/* us UTC; 0: at the list's end */
};

/* All that is known; `certificate` is taken over, or NULL. */
json_t	*authority_answer(const struct authority_question *,
	    json_t *certificate);
/* The same for people. */
void	 authority_text(const json_t *answer, FILE *);

/* --import CAB --to DIR; the exit status. */
int	 authority_import(const struct options *);

#endif
