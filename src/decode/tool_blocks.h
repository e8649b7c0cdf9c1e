/*
 * Finds the outputs of Windows' tools in a text that may hold several of them
 * and other people's words.  Relies on tool_lines.h.
 */
#ifndef DECODE_TOOL_BLOCKS_H
#define DECODE_TOOL_BLOCKS_H

#include "decode/tool_lines.h"

enum tool_kind {
	TOOL_TPMTOOL, TOOL_GET_TPM, TOOL_WIN32_TPM, TOOL_EK_INFO, TOOL_TPM_HLI,
	TOOL_TPM_INFO, TOOL_DSREGCMD, TOOL_CERTUTIL, TOOL_SCRIPT, TOOL_VER,
	TOOL_KINDS
};

/* The hint under which a slice goes to the parser of its format. */
extern const char *const	tool_hints[TOOL_KINDS];
#define HINT_TPMTOOL	"text/vnd.aiktriage.tpmtool"
#define HINT_GET_TPM	"text/vnd.aiktriage.get-tpm"
#define HINT_WIN32_TPM	"text/vnd.aiktriage.win32-tpm"
#define HINT_EK_INFO	"text/vnd.aiktriage.ek-info"
#define HINT_TPM_HLI	"text/vnd.aiktriage.tpm-hli"
#define HINT_TPM_INFO	"text/vnd.aiktriage.tpm-info"
#define HINT_DSREGCMD	"text/vnd.aiktriage.dsregcmd"
#define HINT_CERTUTIL	"text/vnd.aiktriage.certutil"
#define HINT_SCRIPT	"text/vnd.aiktriage.script"
#define HINT_VER	"text/vnd.aiktriage.ver"
/* What stands around the blocks: for the parsers of runs and notes. */
#define HINT_REST	"text/vnd.aiktriage.rest"

/* Lines first to end - 1, in the order of the text and without overlap. */
struct tool_block {
	enum tool_kind	 kind;
	size_t		 first, end;
};

struct tool_blocks {
	struct tool_block *p;		/* in the arena */
	size_t		 n;
};

/* Could there be any?  Looks for words of the tools in any encoding. */
bool	tool_blocks_likely(const struct blob *);
void	tool_blocks_find(struct evidence *, const struct text *,
	    struct tool_blocks *ret_blocks);
/*
 * A line that says nothing by itself where it stands beside a block: blank,
 * ruled, a prompt with the command of a tool.
 */
bool	tool_filler(const struct text *, size_t line);
/* The member that Windows itself names so, whatever stands in it. */
bool	tool_named(const struct blob *, const char *name);

#endif
