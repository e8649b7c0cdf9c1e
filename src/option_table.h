/*
 * The table that options.c works from: each file of options exports a list of
 * what it knows, and each option has a function that takes its value.
 * Relies on options.h.
 */
#ifndef OPTION_TABLE_H
#define OPTION_TABLE_H

#include "options.h"

/* What a setter answers. */
enum { OPTION_MISTAKE = -1, OPTION_SET, OPTION_END };

/*
 * One option.  The argument's word tells a reader and the shell's completion
 * what may stand there: "a|b" for one of some words, FILE, PATH, DIR or CAB
 * for files, FORMAT, FORMAT:PATH, SEVERITY, ID (of a rule) and NAME=VALUE (of
 * a limit) for what the program itself can list; anything else is free.
 */
struct option_info {
	unsigned int	 groups;	/* that hold it */
	char		 letter;	/* or 0 */
	const char	*name;		/* NULL ends a list */
	const char	*argument;	/* NULL: takes none */
	const char	*help;
	/* OPTION_MISTAKE when the value is wrong, which was said; OPTION_END
	   when all that was asked for is done. */
	int		 (*set)(struct options *, const struct option_info *,
			    const char *);
	size_t		 at;		/* for the setters below: offsetof()
					   in struct options */
};

/* In the order of --help. */
extern const struct option_info	options_report_list[];
extern const struct option_info	options_rules_list[];
extern const struct option_info	options_case_list[];
extern const struct option_info	options_more_list[];
extern const struct option_info	options_batch_list[];
extern const struct option_info	options_common_list[];

#define OPTIONS_MAX	96	/* of all lists together */

/* The options of these groups and the common ones, in the order of --help. */
size_t	options_of(unsigned int groups, const struct option_info **ret);

/* Setters: the bool becomes true, the text is the argument. */
int	option_true(struct options *, const struct option_info *,
	    const char *);
int	option_text(struct options *, const struct option_info *,
	    const char *);

/*
 * For setters.  -1: the mistake was said.  option_word() gives the place of a
 * word in the option's own "a|b|c", option_number() a number from 1 up.
 */
int	option_word(const struct option_info *, const char *word);
/* In "a|b|c"; -1 with "a, b or c" in text that is kept until the next call. */
int	words_place(const char *words, const char *word, const char **ret_want);
int	option_number(const struct option_info *, const char *word,
	    uint64_t most, uint64_t *ret);
int	option_severity(const struct option_info *, const char *word,
	    enum severity *ret);
/* The list with room for one more; ends the program without memory. */
void	*option_list_add(void *list, size_t n, size_t size);
int	option_words_add(const char ***words, size_t *n, const char *word);

/* Says that this is no format of reports, and which there are; -1. */
int	options_format_unknown(const char *);

/* After the whole line: loads tables and keys; -1: said. */
int	options_case_finish(struct options *);

#endif
