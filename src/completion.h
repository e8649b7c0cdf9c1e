/*
 * What a shell may complete, as the tables of commands and options say it,
 * and the scripts that are written from them.  Relies on option_table.h.
 */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "option_table.h"

enum complete_kind {
	COMPLETE_NOTHING,	/* no argument, or one that nobody can guess */
	COMPLETE_WORDS,		/* one of `words` */
	COMPLETE_FILE,
	COMPLETE_FOLDER,
	COMPLETE_OUTPUT,	/* one of `words`, a colon and a file */
	COMPLETE_RULE,		/* the id of a rule */
	COMPLETE_LIMIT		/* the name of a limit and = */
};

struct complete_value {
	enum complete_kind kind;
	char		 words[256];	/* with blanks between */
};

/* The value of an option of this command. */
void	complete_value(const struct command *, const struct option_info *,
	    struct complete_value *);
/* What stands for the i-th operand word and follows it; false at the end. */
bool	complete_operand(const struct command *, size_t i, char word[32],
	    enum complete_kind *ret_next);

/* What a script does for a kind; the words stand before `after`, if any. */
struct complete_act {
	const char	*before, *after;
};
void	complete_act(FILE *, const struct complete_act *, const char *words);
/* The options with values as branches of bash's and zsh's "case". */
void	complete_branches(FILE *, const struct command *,
	    const struct complete_act acts[]);

/* The scripts. */
void	completion_bash(FILE *);
void	completion_zsh(FILE *);
void	completion_fish(FILE *);

#endif
