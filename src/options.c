/*
 * Reads the command line of a command from the lists of options; a mistake is
 * said with the nearest right word and ends the program with status 2.
 * Relies on option_table.h and getopt_long(3).
 */
#include <assert.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text_scan.h"
#include "key_file.h"
#include "log.h"
#include "option_table.h"

#define LONG_ONLY	256	/* an option without a letter has this and its
				   number for getopt_long(3) */

static int
set_help(struct options *o, const struct option_info *info, const char *arg)
{
	(void)info;
	(void)arg;
	options_help(o->command, stdout);
	return OPTION_END;
}

const struct option_info options_common_list[] = {
	{ OPTIONS_COMMON, 0, "quiet", NULL,
	    "no warnings, no report on standard output unless asked",
	    option_true, offsetof(struct options, quiet) },
	{ OPTIONS_COMMON, 'v', "verbose", NULL, "say all",
	    option_true, offsetof(struct options, verbose) },
	{ OPTIONS_COMMON, 'h', "help", NULL, "show this help", set_help, 0 },
	{ .name = NULL }
};

static const struct option_info *const lists[] = {
	options_report_list, options_rules_list, options_case_list,
	options_more_list, options_batch_list, options_common_list
};

size_t
options_of(unsigned int groups, const struct option_info **ret)
{
	const struct option_info *info;
	size_t i, n = 0;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (info = lists[i]; info->name != NULL; info++)
			if (info->groups & (groups | OPTIONS_COMMON)) {
				assert(n < OPTIONS_MAX);
				ret[n++] = info;
			}
	return n;
}

/* ---- help and mistakes ---- */

#define HELP_COLUMNS	80

void
help_row(FILE *to, unsigned int column, const char *left, const char *text)
{
	unsigned int at = (unsigned int)fprintf(to, "  %s", left);
	size_t n;

	if (at >= column) {
		fprintf(to, "\n");
		at = 0;
	}
	fprintf(to, "%*s", (int)(column - at), "");
	for (at = column; *text != '\0'; text += n + (text[n] == ' ')) {
		n = strcspn(text, " ");
		if (at > column && at + 1 + n > HELP_COLUMNS) {
			fprintf(to, "\n%*s", (int)column, "");
			at = column;
		}
		at += (unsigned int)fprintf(to, "%s%.*s",
		    at > column ? " " : "", (int)n, text);
	}
	fputc('\n', to);
}

void
options_help(const struct command *command, FILE *to)
{
	const struct option_info *all[OPTIONS_MAX], *o;
	size_t i, n = options_of(command->options, all);
	const char *argument;
	char left[64];

	fprintf(to, "usage: aiktriage %s [OPTIONS] %s\n%s\n\noptions:\n",
	    command->name, command->usage, command->help);
	for (i = 0; i < n; i++) {
		o = all[i];
		argument = o->argument != NULL ? o->argument : "";
		if (strcmp(argument, "FORMAT") == 0 &&
		    command->formats != NULL)
			argument = command->formats;
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    o->letter != 0 ? '-' : ' ',
		    o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 ? ", " : "  ", o->name,
		    *argument != '\0' ? " " : "", argument);
		help_row(to, 33, left, o->help);
	}
}

/* "--fromat=x" and "-x" as they were given. */
static void
unknown_option(const char *given, const struct option_info *const *all,
    size_t n)
{
	const struct option_info *best = NULL;
	size_t d, i, least = 4;
	char word[WORD_MAX];

	snprintf(word, sizeof(word), "%s", given);
	word[strcspn(word, "=")] = '\0';
	for (i = 0; i < n && strncmp(word, "--", 2) == 0; i++) {
		d = word_distance(word + 2, strlen(word + 2),
		    all[i]->name, strlen(all[i]->name));
		if (d < least) {
			least = d;
			best = all[i];
		}
	}
	if (best != NULL)
		log_error("unknown option %s; did you mean --%s?", word,
		    best->name);
	else
		log_error("unknown option %s; --help lists them", word);
}

/* What getopt_long(3) could not take: `c` is its answer. */
static void
mistake(int c, char **argv, const struct option_info *const *all, size_t n)
{
	const char *given = argv[optind > 1 ? optind - 1 : 1];
	char letter[3] = { '-', (char)optopt, '\0' };

	if (c == ':')
		log_error("%s wants a value", argv[optind - 1]);
	else if (optopt >= LONG_ONLY)	/* known, but was given a value */
		log_error("%s takes no value", given);
	else
		unknown_option(optopt != 0 ? letter : given, all, n);
}

/* ---- the whole line ---- */

/* The names of all options as getopt_long(3) wants them. */
static void
getopt_tables(const struct option_info *const *all, size_t n,
    struct option *longs, char *shorts)
{
	size_t i;

	*shorts++ = ':';
	for (i = 0; i < n; i++) {
		longs[i] = (struct option){ all[i]->name,
		    all[i]->argument != NULL ? required_argument : no_argument,
		    NULL, LONG_ONLY + (int)i };
		if (all[i]->letter == 0)
			continue;
		*shorts++ = all[i]->letter;
		if (all[i]->argument != NULL)
			*shorts++ = ':';
	}
	longs[n] = (struct option){ NULL, 0, NULL, 0 };
	*shorts = '\0';
}

/* Is the format of --format one of the command's? */
static int
format_check(const struct options *o)
{
	const char *want;

	if (o->format == NULL)
		return 0;
	if (o->command->formats == NULL)
		return reporter_find(o->format) != NULL ? 0 :
		    options_format_unknown(o->format);
	if (words_place(o->command->formats, o->format, &want) != -1)
		return 0;
	log_error("%s has no format \"%s\", want %s", o->command->name,
	    o->format, want);
	return -1;
}

int
options_parse(struct options *o, const struct command *command, int argc,
    char **argv)
{
	const struct option_info *all[OPTIONS_MAX];
	size_t i, n = options_of(command->options, all);
	struct option longs[OPTIONS_MAX + 1];
	char shorts[2 * OPTIONS_MAX + 2];
	int c, rc;

	*o = (struct options){ .command = command, .limits = limits_default };
	getopt_tables(all, n, longs, shorts);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == ':' || c == '?') {
			mistake(c, argv, all, n);
			return EXIT_USAGE;
		}
		for (i = 0; c < LONG_ONLY && all[i]->letter != c; i++)
			continue;
		if (c >= LONG_ONLY)
			i = (size_t)(c - LONG_ONLY);
		rc = all[i]->set(o, all[i], optarg);
		if (rc != OPTION_SET)
			return rc == OPTION_END ? EXIT_COMPLETE : EXIT_USAGE;
	}
	o->paths = argv + optind;
	o->npaths = (size_t)(argc - optind);
	log_level_set(o->quiet ? LOG_QUIET :
	    o->verbose ? LOG_VERBOSE : LOG_NORMAL);
	if (format_check(o) == -1)
		return EXIT_USAGE;
	if ((command->options & OPTIONS_CASE) != 0 &&
	    options_case_finish(o) == -1)
		return EXIT_USAGE;
	return -1;
}

void
options_clear(struct options *o)
{
	size_t i;

	for (i = 0; i < o->npasswords; i++) {
		explicit_bzero(o->passwords[i], strlen(o->passwords[i]));
		free(o->passwords[i]);
	}
	free(o->passwords);
	key_files_free(o->keys);
	free(o->key_files);
	free(o->outputs);
	free(o->rule_dirs);
	free(o->only);
	free(o->certs);
	free(o->why);
	*o = (struct options){ .limits = limits_default };
}
