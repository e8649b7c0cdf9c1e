/*
 * The completion for bash: a function that needs nothing but bash itself.
 * Relies on completion.h.
 */
#include <string.h>

#include "completion.h"

/* bash splits words at = and :, so the option may stand two words before. */
static const char head[] =
    "# Completion of aiktriage for bash; made by: aiktriage completion bash\n"
    "# Read it with: . FILE, or put it into\n"
    "# ~/.local/share/bash-completion/completions/aiktriage\n"
    "\n"
    "_aiktriage_words()\n"
    "{\n"
    "\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
    "}\n"
    "\n"
    "_aiktriage_files()\n"
    "{\n"
    "\tcompopt -o filenames 2> /dev/null\n"
    "\tmapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
    "}\n"
    "\n"
    "_aiktriage_rules()\n"
    "{\n"
    "\t_aiktriage_words \"$(\"$program\" rules list 2> /dev/null |\n"
    "\t    awk '$1 ~ /^[a-z0-9-]+$/ { print $1 }')\"\n"
    "}\n"
    "\n"
    "_aiktriage_limits()\n"
    "{\n"
    "\tcompopt -o nospace 2> /dev/null\n"
    "\t_aiktriage_words \"list $(\"$program\" analyze --limits list \\\n"
    "\t    2> /dev/null | awk '{ print $1 \"=\" }')\"\n"
    "}\n"
    "\n"
    "_aiktriage_outputs()\n"
    "{\n"
    "\tif [ -n \"$behind\" ]; then\n"
    "\t\t_aiktriage_files -f\n"
    "\t\treturn\n"
    "\tfi\n"
    "\tcompopt -o nospace 2> /dev/null\n"
    "\t_aiktriage_words \"$1\"\n"
    "\tCOMPREPLY=(\"${COMPREPLY[@]/%/:}\")\n"
    "}\n"
    "\n"
    "_aiktriage()\n"
    "{\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} command=analyze verb= i\n"
    "\tlocal program=${COMP_WORDS[0]/#\\~/$HOME} at=$COMP_CWORD\n"
    "\tlocal option= behind=\n"
    "\n"
    "\tCOMPREPLY=()\n"
    "\tcase $cur in\n"
    "\t=|:)\n"
    "\t\t[ \"$cur\" = : ] && behind=1\n"
    "\t\tcur=\n"
    "\t\t;;\n"
    "\t*)\n"
    "\t\tat=$((at - 1))\n"
    "\t\t[ \"${COMP_WORDS[at]}\" = : ] && behind=1\n"
    "\t\t;;\n"
    "\tesac\n"
    "\t[ -n \"$behind\" ] && at=$((at - 2))\n"
    "\t[ \"$at\" -gt 0 ] && [ \"${COMP_WORDS[at]}\" = = ] && at=$((at - 1))\n"
    "\t[ \"$at\" -gt 0 ] && option=${COMP_WORDS[at]}\n"
    "\tif [ \"$COMP_CWORD\" -gt 1 ]; then\n"
    "\t\tcase ${COMP_WORDS[1]} in\n";

static const char middle[] =
    ")\n"
    "\t\t\tcommand=${COMP_WORDS[1]}\n"
    "\t\t\t;;\n"
    "\t\tesac\n"
    "\t\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
    "\t\t\tcase ${COMP_WORDS[i]} in\n"
    "\t\t\t-*)\n"
    "\t\t\t\t;;\n"
    "\t\t\t*)\n"
    "\t\t\t\tverb=${COMP_WORDS[i]}\n"
    "\t\t\t\tbreak\n"
    "\t\t\t\t;;\n"
    "\t\t\tesac\n"
    "\t\tdone\n"
    "\tfi\n"
    "\tcase $command:$option in\n";

static const char after_values[] =
    "\tesac\n"
    "\tcase $cur in\n"
    "\t-*)\n"
    "\t\tcase $command in\n";

static const char after_options[] =
    "\t\tesac\n"
    "\t\treturn\n"
    "\t\t;;\n"
    "\tesac\n"
    "\tcase $command:$verb in\n";

static const struct complete_act acts[] = {
	[COMPLETE_NOTHING] = { "\t\t:\n", NULL },
	[COMPLETE_WORDS] = { "\t\t_aiktriage_words '", "'\n" },
	[COMPLETE_FILE] = { "\t\t_aiktriage_files -f\n", NULL },
	[COMPLETE_FOLDER] = { "\t\t_aiktriage_files -d\n", NULL },
	[COMPLETE_OUTPUT] = { "\t\t_aiktriage_outputs '", "'\n" },
	[COMPLETE_RULE] = { "\t\t_aiktriage_rules\n", NULL },
	[COMPLETE_LIMIT] = { "\t\t_aiktriage_limits\n", NULL },
};

static void
names(FILE *f, const struct command *command)
{
	const struct option_info *all[OPTIONS_MAX];
	size_t i, n = options_of(command->options, all);

	fprintf(f, "\t\t%s)\n\t\t\t_aiktriage_words '", command->name);
	for (i = 0; i < n; i++)
		fprintf(f, "%s--%s", i > 0 ? " " : "", all[i]->name);
	fputs("'\n\t\t\t;;\n", f);
}

static void
operands(FILE *f, const struct command *command)
{
	enum complete_kind next;
	char word[32];
	size_t i;

	if (command->operands == NULL)
		return;
	fprintf(f, "\t%s:)\n\t\t_aiktriage_words '", command->name);
	for (i = 0; complete_operand(command, i, word, &next); i++)
		fprintf(f, "%s%s", i > 0 ? " " : "", word);
	fputs("'\n\t\t;;\n", f);
	for (i = 0; complete_operand(command, i, word, &next); i++) {
		fprintf(f, "\t%s:%s)\n", command->name, word);
		complete_act(f, &acts[next], "");
		fputs("\t\t;;\n", f);
	}
	fprintf(f, "\t%s:*)\n\t\t;;\n", command->name);
}

void
completion_bash(FILE *f)
{
	size_t i;

	fputs(head, f);
	fputs("\t\t", f);
	for (i = 0; commands[i] != NULL; i++)
		fprintf(f, "%s%s", i > 0 ? "|" : "", commands[i]->name);
	fputs(middle, f);
	for (i = 0; commands[i] != NULL; i++)
		complete_branches(f, commands[i], acts);
	fputs(after_values, f);
	for (i = 0; commands[i] != NULL; i++)
		names(f, commands[i]);
	fputs(after_options, f);
	for (i = 0; commands[i] != NULL; i++)
		operands(f, commands[i]);
	fputs("\t*)\n\t\t_aiktriage_files -f\n\t\t;;\n\tesac\n"
	    "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	    "\t\tmapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -W '",
	    f);
	for (i = 0; commands[i] != NULL; i++)
		fprintf(f, "%s%s", i > 0 ? " " : "", commands[i]->name);
	fputs("' \\\n\t\t    -- \"$cur\")\n\tfi\n}\n\n"
	    "complete -F _aiktriage aiktriage\n", f);
}
