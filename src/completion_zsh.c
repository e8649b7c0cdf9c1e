/*
 * The completion for zsh, with what each option does beside it.
 * Relies on completion.h and, when it runs, on zsh's compinit.
 */
#include <string.h>

#include "completion.h"

static const char head[] =
    "#compdef aiktriage\n"
    "# Completion of aiktriage for zsh; made by: aiktriage completion zsh\n"
    "# Put it into a folder of $fpath as _aiktriage.\n"
    "\n"
    "_aiktriage_rules()\n"
    "{\n"
    "\tlocal -a ids\n"
    "\n"
    "\tids=(${(f)\"$($words[1] rules list 2> /dev/null |\n"
    "\t    awk '$1 ~ /^[a-z0-9-]+$/ { print $1 }')\"})\n"
    "\tcompadd -a ids\n"
    "}\n"
    "\n"
    "_aiktriage_limits()\n"
    "{\n"
    "\tlocal -a limits\n"
    "\n"
    "\tlimits=(${(f)\"$($words[1] analyze --limits list 2> /dev/null |\n"
    "\t    awk '{ print $1 \"=\" }')\"})\n"
    "\tcompadd -S '' -a limits\n"
    "\tcompadd list\n"
    "}\n"
    "\n"
    "_aiktriage_outputs()\n"
    "{\n"
    "\tif compset -P '*:'; then\n"
    "\t\t_files\n"
    "\telse\n"
    "\t\tcompadd -S : \"$@\"\n"
    "\tfi\n"
    "}\n"
    "\n"
    "_aiktriage()\n"
    "{\n"
    "\tlocal command=analyze option= verb= i\n"
    "\tlocal -a known options\n"
    "\n"
    "\tif [[ $PREFIX == --*=* ]]; then\n"
    "\t\toption=${PREFIX%%=*}\n"
    "\t\tcompset -P '*='\n"
    "\telif ((CURRENT > 2)) || [[ $words[CURRENT-1] == -* ]]; then\n"
    "\t\toption=$words[CURRENT-1]\n"
    "\tfi\n"
    "\tknown=(\n";

static const char middle[] =
    "\t)\n"
    "\tif ((CURRENT > 2)); then\n"
    "\t\tfor i in $known; do\n"
    "\t\t\t[[ ${i%%:*} == $words[2] ]] && command=$words[2]\n"
    "\t\tdone\n"
    "\t\tfor ((i = 3; i < CURRENT; i++)); do\n"
    "\t\t\tif [[ $words[i] != -* ]]; then\n"
    "\t\t\t\tverb=$words[i]\n"
    "\t\t\t\tbreak\n"
    "\t\t\tfi\n"
    "\t\tdone\n"
    "\tfi\n"
    "\tcase $command:$option in\n";

static const char after_values[] =
    "\tesac\n"
    "\tif [[ $PREFIX == -* ]]; then\n"
    "\t\tcase $command in\n";

static const char after_options[] =
    "\t\tesac\n"
    "\t\t_describe -o option options\n"
    "\t\treturn\n"
    "\tfi\n"
    "\tcase $command:$verb in\n";

static const char tail[] =
    "\t*)\n"
    "\t\t((CURRENT == 2)) && _describe command known\n"
    "\t\t_files\n"
    "\t\t;;\n"
    "\tesac\n"
    "}\n"
    "\n"
    "if [[ $funcstack[1] == _aiktriage ]]; then\n"
    "\t_aiktriage \"$@\"\n"
    "else\n"
    "\tcompdef _aiktriage aiktriage\n"
    "fi\n";

/* 'NAME:HELP'; a colon of the help's own is told by a backslash. */
static void
described(FILE *f, const char *indent, const char *prefix, const char *name,
    const char *help)
{
	fprintf(f, "%s'%s%s:", indent, prefix, name);
	for (; *help != '\0'; help++) {
		if (*help == '\'')
			fputs("'\\'", f);
		else if (*help == ':' || *help == '\\')
			fputc('\\', f);
		fputc(*help, f);
	}
	fputs("'\n", f);
}

static const struct complete_act acts[] = {
	[COMPLETE_NOTHING] = { "\t\t_message value\n", NULL },
	[COMPLETE_WORDS] = { "\t\tcompadd ", "\n" },
	[COMPLETE_FILE] = { "\t\t_files\n", NULL },
	[COMPLETE_FOLDER] = { "\t\t_files -/\n", NULL },
	[COMPLETE_OUTPUT] = { "\t\t_aiktriage_outputs ", "\n" },
	[COMPLETE_RULE] = { "\t\t_aiktriage_rules\n", NULL },
	[COMPLETE_LIMIT] = { "\t\t_aiktriage_limits\n", NULL },
};

static void
names(FILE *f, const struct command *command)
{
	const struct option_info *all[OPTIONS_MAX];
	size_t i, n = options_of(command->options, all);

	fprintf(f, "\t\t%s)\n\t\t\toptions=(\n", command->name);
	for (i = 0; i < n; i++)
		described(f, "\t\t\t\t", "--", all[i]->name, all[i]->help);
	fputs("\t\t\t)\n\t\t\t;;\n", f);
}

static void
operands(FILE *f, const struct command *command)
{
	enum complete_kind next;
	char word[32];
	size_t i;

	if (command->operands == NULL)
		return;
	fprintf(f, "\t%s:)\n\t\t%s", command->name,
	    *command->operands != '\0' ? "compadd" : "_message argument");
	for (i = 0; complete_operand(command, i, word, &next); i++)
		fprintf(f, " %s", word);
	fputs("\n\t\t;;\n", f);
	for (i = 0; complete_operand(command, i, word, &next); i++) {
		fprintf(f, "\t%s:%s)\n", command->name, word);
		complete_act(f, &acts[next], "");
		fputs("\t\t;;\n", f);
	}
}

void
completion_zsh(FILE *f)
{
	size_t i;

	fputs(head, f);
	for (i = 0; commands[i] != NULL; i++)
		described(f, "\t\t", "", commands[i]->name, commands[i]->help);
	fputs(middle, f);
	for (i = 0; commands[i] != NULL; i++)
		complete_branches(f, commands[i], acts);
	fputs(after_values, f);
	for (i = 0; commands[i] != NULL; i++)
		names(f, commands[i]);
	fputs(after_options, f);
	for (i = 0; commands[i] != NULL; i++)
		operands(f, commands[i]);
	fputs(tail, f);
}
