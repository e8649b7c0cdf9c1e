/*
 * The completion for fish: one line an option.
 * Relies on completion.h.
 */
#include <string.h>

#include "completion.h"

static const char head[] =
    "# Completion of aiktriage for fish; made by: aiktriage completion fish\n"
    "# Put it into ~/.config/fish/completions/aiktriage.fish\n"
    "\n"
    "function __aiktriage_command\n"
    "    set -l words (commandline -opc)\n"
    "    if set -q words[2]; and contains -- $words[2] $__aiktriage_commands\n"
    "        echo $words[2]\n"
    "    else\n"
    "        echo analyze\n"
    "    end\n"
    "end\n"
    "\n"
    "function __aiktriage_is\n"
    "    test (__aiktriage_command) = $argv[1]\n"
    "end\n"
    "\n"
    "function __aiktriage_first\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n"
    "\n"
    "# The first word behind the command that is no option, or nothing.\n"
    "function __aiktriage_verb\n"
    "    set -l words (commandline -opc)\n"
    "    for word in $words[3..-1]\n"
    "        if not string match -q -- '-*' $word\n"
    "            echo $word\n"
    "            return\n"
    "        end\n"
    "    end\n"
    "end\n"
    "\n"
    "function __aiktriage_verb_is\n"
    "    test \"$(__aiktriage_verb)\" = \"$argv[1]\"\n"
    "end\n"
    "\n"
    "function __aiktriage_rules\n"
    "    set -l words (commandline -opc)\n"
    "    $words[1] rules list 2> /dev/null |\n"
    "        awk '$1 ~ /^[a-z0-9-]+$/ { print $1 }'\n"
    "end\n"
    "\n"
    "function __aiktriage_limits\n"
    "    set -l words (commandline -opc)\n"
    "    $words[1] analyze --limits list 2> /dev/null |\n"
    "        awk '{ print $1 \"=\" }'\n"
    "    echo list\n"
    "end\n"
    "\n"
    "function __aiktriage_outputs\n"
    "    set -l token (commandline -ct | string replace -r -- "
    "'^--output=|^-o' '')\n"
    "    if string match -q '*:*' -- $token\n"
    "        set -l parts (string split -m 1 : -- $token)\n"
    "        for path in (__fish_complete_path $parts[2])\n"
    "            echo $parts[1]:$path\n"
    "        end\n"
    "    else\n"
    "        string join \\n -- $argv:\n"
    "    end\n"
    "end\n"
    "\n"
    "set -g __aiktriage_commands";

static void
quoted(FILE *f, const char *s)
{
	fputc('\'', f);
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('\'', f);
}

/* What stands behind an option or a word: -x takes no files, -r does. */
static const struct complete_act acts[] = {
	[COMPLETE_NOTHING] = { " -x", NULL },
	[COMPLETE_WORDS] = { " -x -a '", "'" },
	[COMPLETE_FILE] = { " -r -F", NULL },
	[COMPLETE_FOLDER] = { " -x -a '(__fish_complete_directories)'", NULL },
	[COMPLETE_OUTPUT] = { " -x -a '(__aiktriage_outputs ", ")'" },
	[COMPLETE_RULE] = { " -x -a '(__aiktriage_rules)'", NULL },
	[COMPLETE_LIMIT] = { " -x -a '(__aiktriage_limits)'", NULL },
};

static void
options_write(FILE *f, const struct command *command)
{
	const struct option_info *all[OPTIONS_MAX];
	size_t i, n = options_of(command->options, all);
	struct complete_value v;

	for (i = 0; i < n; i++) {
		fprintf(f, "complete -c aiktriage -n '__aiktriage_is %s' -l %s",
		    command->name, all[i]->name);
		if (all[i]->letter != 0)
			fprintf(f, " -s %c", all[i]->letter);
		if (all[i]->argument != NULL) {
			complete_value(command, all[i], &v);
			complete_act(f, &acts[v.kind], v.words);
		}
		fputs(" -d ", f);
		quoted(f, all[i]->help);
		fputc('\n', f);
	}
}

static void
operands_write(FILE *f, const struct command *command)
{
	enum complete_kind next;
	char word[32];
	size_t i;

	if (command->operands == NULL)
		return;
	fprintf(f, "complete -c aiktriage -n '__aiktriage_is %s' -f\n",
	    command->name);
	for (i = 0; complete_operand(command, i, word, &next); i++) {
		fprintf(f, "complete -c aiktriage -n '__aiktriage_is %s; and "
		    "__aiktriage_verb_is \"\"' -a %s\n", command->name, word);
		if (next == COMPLETE_NOTHING)
			continue;
		fprintf(f, "complete -c aiktriage -n '__aiktriage_is %s; and "
		    "__aiktriage_verb_is %s'", command->name, word);
		complete_act(f, &acts[next], "");
		fputc('\n', f);
	}
}

void
completion_fish(FILE *f)
{
	size_t i;

	fputs(head, f);
	for (i = 0; commands[i] != NULL; i++)
		fprintf(f, " %s", commands[i]->name);
	fputs("\n\n", f);
	for (i = 0; commands[i] != NULL; i++) {
		fprintf(f, "complete -c aiktriage -n __aiktriage_first -a %s "
		    "-d ", commands[i]->name);
		quoted(f, commands[i]->help);
		fputc('\n', f);
	}
	for (i = 0; commands[i] != NULL; i++) {
		operands_write(f, commands[i]);
		options_write(f, commands[i]);
	}
}
