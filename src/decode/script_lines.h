/*
 * The lines that public test scripts for the attestation print, told by the
 * words that each of them begins with; a text that only quotes one of them
 * holds no log.  Relies on tool_blocks.h.
 */
#ifndef DECODE_SCRIPT_LINES_H
#define DECODE_SCRIPT_LINES_H

#include "decode/tool_blocks.h"

/* The forms in which a script writes its log. */
enum script_form {
	SCRIPT_NONE,
	SCRIPT_COLUMNS,		/* time [LEVEL] Area | Check | State | ... */
	SCRIPT_SPOKEN,		/* sentences, each a line */
	SCRIPT_SHEET,		/* "TPM INFO TOOL": headings, "Key: value" */
	SCRIPT_PROFILE		/* "AUTOPILOT DIAGNOSTICS": "Key: value" */
};

/* What a sentence tells. */
enum script_says {
	SAYS_READY, SAYS_EK, SAYS_EK_PRESENT, SAYS_VULNERABLE, SAYS_CAPABLE,
	SAYS_ENROLLED, SAYS_ISSUED, SAYS_AUTHORITY, SAYS_TPM_PRESENT,
	SAYS_TPM_READY, SAYS_TPM_OWNED, SAYS_COUNT,
	SAYS_NOTHING = SAYS_COUNT	/* it only belongs to a log */
};

struct script_phrase {
	const char	*words;
	enum script_says says;
	bool		 truth;
};

/* The phrase that p begins with (columns: that it holds), or NULL. */
const struct script_phrase *script_phrase(enum script_form, const char *p,
	    size_t n, size_t *ret_off);
/* What a line says behind the time and "WARNING:" that may stand before. */
struct text_part script_content(const struct text *, size_t line);
/* What column of a line (from 0), without blanks around; n 0: none. */
struct text_part script_column(const struct text *, size_t line,
	    size_t column);

/* Does a log begin in this line, of which form, and where does it end? */
bool	script_block(const struct text *, size_t from,
	    struct tool_block *ret);
enum script_form script_form(const struct text *, size_t line);

#endif
