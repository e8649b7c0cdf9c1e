/*
 * aiktriage completion: a script for the shell, made from the tables of
 * commands and options.  Rules and limits are asked of the program when they
 * are completed, so that the script need not be made again for new ones.
 * Relies on completion.h.
 */
#include <stdio.h>
#include <string.h>

#include "completion.h"
#include "log.h"

extern const struct command	command_completion;

/* "a|b|c" with blanks. */
static void
words_of(const char *list, char *ret, size_t size)
{
	char *p;

	snprintf(ret, size, "%s", list);
	for (p = ret; *p != '\0'; p++)
		if (*p == '|')
			*p = ' ';
}

static void
formats_of(const struct command *command, char *ret, size_t size)
{
	size_t i, n = 0;

	if (command->formats != NULL) {
		words_of(command->formats, ret, size);
		return;
	}
	*ret = '\0';
	for (i = 0; reporters[i] != NULL && n < size; i++)
		n += (size_t)snprintf(ret + n, size - n, "%s%s",
		    i > 0 ? " " : "", reporters[i]->name);
}

static void
severities(char *ret, size_t size)
{
	size_t n = 0;
	int i;

	for (i = SEVERITY_NOTE; i <= SEVERITY_ERROR && n < size; i++)
		n += (size_t)snprintf(ret + n, size - n, "%s%s",
		    i > SEVERITY_NOTE ? " " : "", severity_names[i]);
}

/* Of the words that option_table.h tells. */
static enum complete_kind
kind_of(const char *argument)
{
	static const struct {
		const char *argument;
		enum complete_kind kind;
	} kinds_of[] = {
		{ "FILE", COMPLETE_FILE }, { "PATH", COMPLETE_FILE },
		{ "CAB", COMPLETE_FILE }, { "DIR", COMPLETE_FOLDER },
		{ "FORMAT", COMPLETE_WORDS }, { "SEVERITY", COMPLETE_WORDS },
		{ "FORMAT:PATH", COMPLETE_OUTPUT }, { "ID", COMPLETE_RULE },
		{ "NAME=VALUE", COMPLETE_LIMIT }
	};
	size_t i;

	for (i = 0; i < sizeof(kinds_of) / sizeof(kinds_of[0]); i++)
		if (strcmp(argument, kinds_of[i].argument) == 0)
			return kinds_of[i].kind;
	return strchr(argument, '|') != NULL ? COMPLETE_WORDS :
	    COMPLETE_NOTHING;
}

void
complete_value(const struct command *command, const struct option_info *info,
    struct complete_value *ret)
{
	ret->kind = info->argument == NULL ? COMPLETE_NOTHING :
	    kind_of(info->argument);
	ret->words[0] = '\0';
	if (ret->kind == COMPLETE_OUTPUT ||
	    (ret->kind == COMPLETE_WORDS &&
	    strcmp(info->argument, "FORMAT") == 0))
		formats_of(command, ret->words, sizeof(ret->words));
	else if (ret->kind == COMPLETE_WORDS &&
	    strcmp(info->argument, "SEVERITY") == 0)
		severities(ret->words, sizeof(ret->words));
	else if (ret->kind == COMPLETE_WORDS)
		words_of(info->argument, ret->words, sizeof(ret->words));
}

bool
complete_operand(const struct command *command, size_t i, char word[32],
    enum complete_kind *ret_next)
{
	const char *p = command->operands;
	size_t n, len;

	for (; p != NULL && *p != '\0' && i > 0; i--) {
		p += strcspn(p, "|");
		p += *p == '|';
	}
	if (p == NULL || *p == '\0')
		return false;
	n = strcspn(p, "|");
	for (len = 0; len < n && p[len] != ' '; len++)
		continue;
	snprintf(word, 32, "%.*s", (int)len, p);
	*ret_next = COMPLETE_NOTHING;
	if (len < n) {
		char next[32];

		snprintf(next, sizeof(next), "%.*s", (int)(n - len - 1),
		    p + len + 1);
		*ret_next = kind_of(next);
	}
	return true;
}

void
complete_act(FILE *f, const struct complete_act *act, const char *words)
{
	fputs(act->before, f);
	if (act->after != NULL)
		fprintf(f, "%s%s", words, act->after);
}

void
complete_branches(FILE *f, const struct command *command,
    const struct complete_act acts[])
{
	const struct option_info *all[OPTIONS_MAX];
	size_t i, n = options_of(command->options, all);
	struct complete_value v;

	for (i = 0; i < n; i++) {
		if (all[i]->argument == NULL)
			continue;
		complete_value(command, all[i], &v);
		fprintf(f, "\t%s:--%s", command->name, all[i]->name);
		if (all[i]->letter != 0)
			fprintf(f, "|%s:-%c", command->name, all[i]->letter);
		fputs(")\n", f);
		complete_act(f, &acts[v.kind], v.words);
		fputs("\t\treturn\n\t\t;;\n", f);
	}
}

static const struct {
	const char *name;
	void (*write)(FILE *);
} shells[] = {
	{ "bash", completion_bash },
	{ "zsh", completion_zsh },
	{ "fish", completion_fish },
};

static int
run(int argc, char **argv)
{
	struct options o;
	size_t i;
	int status;

	status = options_parse(&o, &command_completion, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	for (i = 0; o.npaths == 1 && i < sizeof(shells) / sizeof(shells[0]);
	    i++)
		if (strcmp(shells[i].name, o.paths[0]) == 0) {
			shells[i].write(stdout);
			status = EXIT_COMPLETE;
			goto out;
		}
	if (o.npaths == 1)
		log_error("completion knows bash, zsh and fish, not \"%s\"",
		    o.paths[0]);
	else
		log_error("completion wants bash, zsh or fish");
out:
	options_clear(&o);
	return status;
}

const struct command command_completion = {
	.name = "completion",
	.usage = "bash|zsh|fish",
	.help = "write a script that completes commands and options",
	.operands = "bash|zsh|fish",
	.run = run
};
