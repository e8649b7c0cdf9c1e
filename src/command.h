/* One subcommand of the program.  Exit statuses as REPORT: 0 to 3. */
#ifndef COMMAND_H
#define COMMAND_H

enum {
	EXIT_COMPLETE = 0, EXIT_FOUND = 1, EXIT_USAGE = 2, EXIT_INCOMPLETE = 3
};

struct command {
	const char	*name;
	const char	*usage;		/* "FILE..." */
	const char	*help;		/* one line */
	/* What a shell may complete: "a|b" words, each with what follows it
	   ("show ID"); NULL: files; "": nothing. */
	const char	*operands;
	const char	*formats;	/* that --format takes, "a|b"; NULL:
					   those of reports */
	unsigned int	 options;	/* the groups that it takes: OPTIONS_
					   of options.h */
	int		 (*run)(int argc, char **argv);	/* argv[0]: name */
};

extern const struct command *const	commands[];	/* NULL-terminated */

#endif
