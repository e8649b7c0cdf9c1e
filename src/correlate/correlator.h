/*
 * A correlator links items and computes facts that rules judge.  It runs once
 * over the whole case, after all parsers, in the order of the list in
 * Makefile.am.  Relies on evidence.h, knowledge.h and parsers/fields.h.
 */
#ifndef CORRELATE_CORRELATOR_H
#define CORRELATE_CORRELATOR_H

#include "evidence/evidence.h"

/* A field of a correlator; after the help come further initialisers. */
#define FIELD(id, name_, type_, kinds_, artifacts_, ...)		\
	const struct field id = { .name = name_, .type = VALUE_##type_,	\
	    .kinds = kinds_, .artifacts = artifacts_, .help = __VA_ARGS__ }

struct correlator {
	const char	*name;
	void		 (*run)(struct evidence *, int64_t as_of);
	const struct field *const *fields;	/* NULL-terminated */
};

extern const struct correlator *const	correlators[];	/* NULL-terminated */

/* as_of: --as-of in us UTC, or 0 for the capture's own time. */
void	correlate_run(struct evidence *, int64_t as_of);

/* All fields of all parsers and correlators, sorted by name. */
const struct field *const *fields_all(size_t *ret_n);
const struct field	*field_find(const char *name, size_t n);
/* The known name that is most like this one, or NULL. */
const char		*field_suggest(const char *name, size_t n);

#endif
