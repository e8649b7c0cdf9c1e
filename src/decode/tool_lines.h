/*
 * Lines "Key: Value" as Windows' tools print them, quoted or not, and tables
 * that make facts of them.  Relies on text.h.
 */
#ifndef DECODE_TOOL_LINES_H
#define DECODE_TOOL_LINES_H

#include "evidence/text_scan.h"

/* "-TPM Present: True", "TpmReady : True": both without blanks around. */
struct tool_line {
	struct text_part key, value;	/* value.n 0: none */
	bool		 dash;		/* a hyphen stands before the key */
};

/* Has the line a colon with a key of letters before it? */
bool	tool_line_read(const struct text *, size_t line, struct tool_line *);
/* ASCII case is ignored. */
bool	tool_key_is(const struct text *, struct text_part key, const char *);

/* What of a text's line becomes a fact of which field. */
struct tool_key {
	const char	*name;
	const struct field *field;
	void		 (*read)(struct evidence *, struct item *,
			    const struct text *, const struct field *,
			    struct text_part value);	/* NULL: by its type */
};

/*
 * Facts of all lines from `first` to before `end` that the table (ended by a
 * NULL name) knows; the first of two counts, unless the field is repeated.
 */
void	tool_facts(struct evidence *, struct item *, const struct text *,
	    size_t first, size_t end, const struct tool_key *);
/* The first line that the table knows; false: none. */
bool	tool_first(const struct text *, const struct tool_key *,
	    size_t *ret_line, struct tool_line *ret);
/* One value, by the type of its field; NULL where it is none of that type. */
const struct fact *tool_fact(struct evidence *, struct item *,
	    const struct text *, const struct field *, struct text_part value);
/* A value and what a tool wrapped onto the lines after it, as one text. */
const struct fact *tool_text(struct evidence *, struct item *,
	    const struct text *, const struct field *, size_t off, size_t n);

/* True, Yes, False, No, alone: 1 or 0; else -1. */
int	tool_truth(const char *p, size_t n);
/* "10.0.19045.2728" at p: its length, or 0; ret: build and revision. */
size_t	tool_build(const char *p, size_t n, int64_t *ret_build,
	    int64_t *ret_revision);
/* Hex digits with blanks or colons between, as bytes; how many. */
size_t	tool_hex(const char *p, size_t n, uint8_t *ret, size_t max);

/* The item `tool` of a blob, with its name and the bytes that tell it. */
struct item *tool_item(struct evidence *, const struct blob *,
	    const char *name, struct span at, struct span told_by);
extern const struct field	tool_name;	/* TEXT */
extern const struct field	tool_code;	/* CODE repeated */
extern const struct field	tool_build_f;	/* TEXT "10.0.19045.2728" */
extern const struct field	tool_build_number;	/* INT 19045 */
extern const struct field	tool_build_revision;	/* INT 2728 */
/* The three facts of a build that stands at off. */
void	tool_build_facts(struct evidence *, struct item *,
	    const struct text *, struct text_part value);

#endif
