/*
 * What the parts of the HTML report share: where they write, and the excerpts
 * of bytes that their claims link to.  Relies on model.h and escape.h.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/html_page.h"
#include "report/model.h"

#define EXCERPTS_MAX	2000	/* more claims stand without a link */

/* Bytes that are cited, once however many claims rest on them. */
struct excerpt {
	struct span	 span;		/* in the member's or step's own bytes */
	struct span	 first;		/* as it was cited first */
	struct citation	 at;
	struct list	 claims;	/* struct proof */
	size_t		 number;	/* from 1, in the order of citing */
	bool		 minor;		/* no finding rests on it */
};

struct html {
	FILE		*f;
	struct model	*model;
	struct list	 excerpts;	/* struct excerpt */
	struct list	 hidden;	/* struct span: not to be shown */
	struct list	 trees;		/* html_place.c */
	size_t		 tree_bytes;	/* of which they were made */
};

void	html_string(const struct html *, struct str);
/* html_table() with the columns as further arguments. */
#define HTML_TABLE(html, label, ...) do {				\
	static const char *const columns_[] = { __VA_ARGS__ };		\
	html_table((html)->f, (label), columns_,			\
	    sizeof(columns_) / sizeof(columns_[0]));			\
} while (0)
/* printf(3) of our own words; %s are not escaped. */
void	html_raw(const struct html *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* "<code>VALUE</code>", isolated from the text around it. */
void	html_code(const struct html *, struct str);
/* The first n characters of a text, with an ellipsis where it goes on. */
struct str html_short(const struct html *, struct str, size_t n);

/* ---- html_cite.c ---- */

/* A link to the excerpt of these bytes; the citation is its text. */
void	html_cite(struct html *, const struct proof *);
/* The same with a value of an item as its text; no link where no byte has it. */
void	html_value(struct html *, const struct item *, const struct field *,
	    struct str);
/* A link of that text to bytes that no fact was read from, with a claim. */
void	html_bytes(struct html *, struct span, const char *claim, struct str);
/*
 * "<ul>" of proofs: citation, field, value; gaps too.  Long lists are folded,
 * or in a summary cut and end with a link to the whole one.
 */
void	html_proofs(struct html *, const struct list *, const char *whole);

/* ---- html_hex.c, html_place.c ---- */

void	html_excerpts(struct html *);
/* "SignedData / certificates[2] / ...", "header Date, line 5"; or NULL. */
const char *html_place(struct html *, struct span);

/* ---- html_findings.c ---- */

/* Proofs of a link of the chain; first what the links before did not show. */
struct list html_link_proofs(const struct html *, size_t link);
void	html_chain(struct html *);
void	html_others(const struct html *);
void	html_findings(struct html *);

/* ---- html_attempts.c, html_sequence.c ---- */

void	html_attempts(struct html *);
/* The diagram of an attempt, which has that number. */
void	html_sequence(const struct html *, const struct row_attempt *,
	    size_t number);
/* Did it fail, or the attempt because it is missing? */
bool	html_stage_bad(const struct row_attempt *, const struct row_stage *);
/* "12:07:38.947 UTC"; "" where it is not known. */
const char *html_clock(struct arena *, int64_t us);

/* ---- html_chains.c, html_certificates.c ---- */

void	html_chains(struct html *);
void	html_certificates(struct html *);

/* ---- why_html.c ---- */

/* The rule's conditions with their values, folded. */
void	html_why(struct html *, const char *id);
/* Those of --why. */
void	html_why_asked(struct html *);

/* ---- html_sessions.c ---- */

/* The sessions of each capture, drawn and listed. */
void	html_sessions(struct html *);

/* ---- html_tables.c ---- */

void	html_timeline(struct html *);
void	html_codes(struct html *);
void	html_joins(struct html *);
void	html_inputs(struct html *);
void	html_coverage(struct html *);

#endif
