/*
 * What text.c and message.c share.
 * Relies on forge.h.
 */
#ifndef FORGE_TEXT_H
#define FORGE_TEXT_H

#include "forge.h"

enum language { EN, DE, RU, LANGUAGES };

void	 error_line(struct buf *, uint32_t code, enum language);
uint32_t code_of(const struct attempt *, const struct line *);
void	 thumbprint(struct buf *, const struct cert *);
void	 message(struct buf *, const struct scenario *,
	    const struct attempt *, enum language, uint32_t code);

#endif
