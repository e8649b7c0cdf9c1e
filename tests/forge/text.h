/*
 * What text.c and message.c share.
 * Relies on forge.h.
 */
#ifndef FORGE_TEXT_H
#define FORGE_TEXT_H

#include "forge.h"

enum language { EN, DE, RU, LANGUAGES };

enum language language_of(const struct line *);
void	 text_sentence(struct buf *, enum language, unsigned id,
	    const void *context, size_t, const void *url, size_t);
const char *text_label(enum language, bool method);
const char *text_level(enum language, unsigned level);
const char *text_columns(enum language);
void	 text_head(struct buf *, enum language, const char *log,
	    const char *source, int64_t when, unsigned id, unsigned level,
	    const char *computer);
/* What the line asks for around a text: ends of lines, encoding, cuts. */
void	 text_finish(struct buf *, const struct line *);
void	 error_line(struct buf *, uint32_t code, enum language);
uint32_t code_of(const struct attempt *, const struct line *);
void	 thumbprint(struct buf *, const struct cert *);
void	 message(struct buf *, const struct scenario *,
	    const struct attempt *, enum language, uint32_t code);

/* tools.c: a name from its last RDN on, and a date, as Windows prints them. */
void	 tool_name_reversed(struct buf *, const char *text);
void	 tool_date(struct buf *, int64_t us);

/* script.c: logs of test scripts */
void	 script_columns(struct buf *, const struct device *,
	    const struct line *);
void	 script_spoken(struct buf *, const struct device *,
	    const struct line *);
void	 script_sheet(struct buf *, const struct device *,
	    const struct line *);
void	 script_sheet_end(struct buf *, const struct device *,
	    const struct line *);
void	 script_profile(struct buf *, const struct device *,
	    const struct line *);

#endif
