/*
 * Options of rules, and the rules that they ask for: the built-in ones, those
 * of the user's own folder and those of --rules.
 * Relies on option_table.h and judge/judge.h.
 */
#include <dirent.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "option_table.h"

static int
set_rules(struct options *o, const struct option_info *info, const char *arg)
{
	(void)info;
	return option_words_add(&o->rule_dirs, &o->nrule_dirs, arg);
}

const struct option_info options_rules_list[] = {
	{ OPTIONS_RULES, 0, "rules", "DIR",
	    "add the rule files of a directory; may be repeated",
	    set_rules, 0 },
	{ OPTIONS_RULES, 0, "no-default-rules", NULL,
	    "use only the rules of --rules",
	    option_true, offsetof(struct options, no_default_rules) },
	{ .name = NULL }
};

static int
ids_check(const struct rules *rules, const char *option, const char **ids,
    size_t n)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (rules_find(rules, ids[i]) == NULL) {
			log_error("--%s: there is no rule \"%s\"; see "
			    "aiktriage rules list", option, ids[i]);
			rc = -1;
		}
	return rc;
}

/*
 * The user's own folder of rules, by the XDG Base Directory Specification:
 * $XDG_CONFIG_HOME, if it is absolute, else $HOME/.config.  False where it
 * holds no rule.
 */
static bool
own_rules(char *path, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	struct dirent *d;
	bool some = false;
	size_t n;
	DIR *dir;

	if (config != NULL && *config == '/')
		n = (size_t)snprintf(path, size, "%s/aiktriage/rules",
		    config);
	else if (home != NULL && *home == '/')
		n = (size_t)snprintf(path, size, "%s/.config/aiktriage/rules",
		    home);
	else
		return false;
	if (n >= size || (dir = opendir(path)) == NULL)
		return false;
	while (!some && (d = readdir(dir)) != NULL) {
		n = strlen(d->d_name);
		some = n > 5 && d->d_name[0] != '.' &&
		    strcmp(d->d_name + n - 5, ".rule") == 0;
	}
	closedir(dir);
	return some;
}

struct rules *
options_rules(const struct options *o)
{
	struct rules *rules = rules_new();
	char own[PATH_MAX];
	int bad = 0;
	size_t i;

	if (!o->no_default_rules && rules_load_embedded(rules, stderr) == -1)
		bad = 1;
	if (!o->no_default_rules && own_rules(own, sizeof(own)) &&
	    rules_load_dir(rules, own, stderr) == -1)
		bad = 1;
	for (i = 0; i < o->nrule_dirs; i++)
		if (rules_load_dir(rules, o->rule_dirs[i], stderr) == -1)
			bad = 1;
	if (bad == 0 && rules_finish(rules, stderr) == -1)
		bad = 1;
	if (bad == 0 && (ids_check(rules, "only", o->only, o->nonly) == -1 ||
	    ids_check(rules, "why", o->why, o->nwhy) == -1))
		bad = 1;
	if (bad) {
		rules_free(rules);
		return NULL;
	}
	return rules;
}
