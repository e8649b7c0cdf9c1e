/*
 * Names of persons and machines on their way into what others get: each is
 * replaced by a token, the same one wherever it stands.
 * Relies on evidence.h and knowledge.h.
 */
#ifndef REPORT_PRIVATE_H
#define REPORT_PRIVATE_H

#include "evidence/evidence.h"
#include "knowledge/knowledge.h"

struct private_names;

/* The names that the evidence itself tells: machines, users, serials. */
struct private_names	*private_new(struct evidence *);
/* What the service finds its records by: it stays. */
void	private_keep(struct private_names *, struct str);
/*
 * The text with tokens in place of those names.  In free text from outside
 * also in place of what looks like one (private_form.h), and of what such a
 * text told before.
 */
struct str	private_hide(struct private_names *, struct str, bool free_text);

#endif
