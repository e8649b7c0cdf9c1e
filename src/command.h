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
	unsigned int	 options;	/* the groups that it takes: OPTIONS_
					   of options.h */
	int		 (*run)(int argc, char **argv);	/* argv[0]: name */
};

extern const struct command *const	commands[];	/* NULL-terminated */

#endif
