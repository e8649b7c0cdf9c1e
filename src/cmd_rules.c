/*
 * aiktriage rules: lists and shows the rules, and checks those of a folder,
 * by themselves (lint) and on the samples that they name (test).
 * Relies on judge.h and, for samples, on batch/case.h.
 */
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "options.h"

#define COLUMNS		80

extern const struct command	command_rules;

/* ---- list ---- */

/* The title with "..." for what a case puts in, cut at `width`. */
static void
print_title(const char *title, size_t width)
{
	char text[256];
	size_t n = 0;

	for (; *title != '\0' && n + 4 < sizeof(text); title++) {
		if (*title != '{') {
			text[n++] = *title;
			continue;
		}
		memcpy(text + n, "...", 3);
		n += 3;
		while (title[1] != '\0' && *title != '}')
			title++;
	}
	text[n] = '\0';
	if (n > width)
		memcpy(text + width - 3, "...", 4);
	puts(text);
}

static void
list_text(const struct rules *rules)
{
	const struct rule *r;
	char id[160];
	size_t i;
	int at;

	for (i = 0; (r = rules_get(rules, i)) != NULL; i++) {
		snprintf(id, sizeof(id), "%s%s%s", r->id,
		    r->variant != NULL ? " " : "",
		    r->variant != NULL ? r->variant : "");
		at = printf("%-30s %-9s %-8s ", id, rule_kind_names[r->kind],
		    kinds[r->on].name);
		if (at >= COLUMNS - 12) {
			putchar('\n');
			at = printf("%50s", "");
		}
		print_title(r->title, (size_t)(COLUMNS - 1 - at));
	}
}

static json_t *
texts(const char **list, size_t n)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(a, json_string(list[i]));
	return a;
}

static json_t *
rule_json(const struct rule *r)
{
	json_t *o;

	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", r->id,
	    "kind", rule_kind_names[r->kind],
	    "severity", severity_names[r->severity],
	    "on", kinds[r->on].name, "title", r->title, "why", r->why);
	if (r->variant != NULL)
		json_object_set_new(o, "variant", json_string(r->variant));
	json_object_set_new(o, "fix", texts(r->fix, r->nfix));
	json_object_set_new(o, "see", texts(r->see, r->nsee));
	json_object_set_new(o, "explains", texts(r->explains, r->nexplains));
	json_object_set_new(o, "fires", texts(r->fires, r->nfires));
	json_object_set_new(o, "silent", texts(r->silent, r->nsilent));
	json_object_set_new(o, "unknown", texts(r->unknown, r->nunknown));
	json_object_set_new(o, "file", json_string(r->file));
	return o;
}

static void
list_json(const struct rules *rules)
{
	json_t *all = json_array();
	const struct rule *r;
	size_t i;

	for (i = 0; (r = rules_get(rules, i)) != NULL; i++)
		json_array_append_new(all, rule_json(r));
	json_dumpf(all, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
	putchar('\n');
	json_decref(all);
}

static int
do_list(const struct options *o)
{
	struct rules *rules;

	if (o->npaths != 1) {
		log_error("rules list takes no arguments");
		return EXIT_USAGE;
	}
	if ((rules = options_rules(o)) == NULL)
		return EXIT_USAGE;
	if (o->format != NULL && strcmp(o->format, "json") == 0)
		list_json(rules);
	else
		list_text(rules);
	rules_free(rules);
	return EXIT_COMPLETE;
}

/* ---- show ---- */

/*
 * Folders that samples are looked for in, in this order: beside the rule,
 * that of the command line or of the source tree, the installed one.
 */
static bool
sample_find(const char *rule_file, const char *samples, const char *name,
    char path[PATH_MAX])
{
	const char *slash = strrchr(rule_file, '/');
	struct stat st;

	snprintf(path, PATH_MAX, "%.*ssamples/%s", slash == NULL ? 0 :
	    (int)(slash - rule_file + 1), rule_file, name);
	if (stat(path, &st) == 0)
		return true;
	snprintf(path, PATH_MAX, "%s/%s", samples, name);
	if (stat(path, &st) == 0)
		return true;
	snprintf(path, PATH_MAX, "%s/samples/%s", PKGDATADIR, name);
	return stat(path, &st) == 0;
}

static void
show_samples(const struct rule *r, const char *what, const char **names,
    size_t n)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < n; i++)
		printf("  %-11s %s\n", what, sample_find(r->file, "samples",
		    names[i], path) ? path : names[i]);
}

static void
show(const struct rule *r)
{
	printf("%s%s%s: a %s, severity %s\n", r->id,
	    r->variant != NULL ? ", variant " : "",
	    r->variant != NULL ? r->variant : "", rule_kind_names[r->kind],
	    severity_names[r->severity]);
	printf("%s:\n\n", r->file);
	fwrite(r->source, 1, r->source_n, stdout);
	if (r->source_n > 0 && r->source[r->source_n - 1] != '\n')
		putchar('\n');
	printf("\nsamples:\n");
	show_samples(r, "fires", r->fires, r->nfires);
	show_samples(r, "silent", r->silent, r->nsilent);
	show_samples(r, "cannot say", r->unknown, r->nunknown);
}

static int
do_show(const struct options *o)
{
	const struct rule *r;
	struct rules *rules;
	json_t *all;
	size_t i, k, n = 0;
	int status = EXIT_COMPLETE;
	bool json = o->format != NULL && strcmp(o->format, "json") == 0;

	if (o->npaths < 2) {
		log_error("rules show wants the ID of a rule; see aiktriage "
		    "rules list");
		return EXIT_USAGE;
	}
	if ((rules = options_rules(o)) == NULL)
		return EXIT_USAGE;
	all = json_array();
	for (k = 1; k < o->npaths; k++) {
		if (rules_find(rules, o->paths[k]) == NULL) {
			log_error("there is no rule \"%s\"; see aiktriage "
			    "rules list", o->paths[k]);
			status = EXIT_FOUND;
		}
		for (i = 0; (r = rules_get(rules, i)) != NULL; i++) {
			if (strcmp(r->id, o->paths[k]) != 0)
				continue;
			if (json)
				json_array_append_new(all, rule_json(r));
			else {
				if (n++ > 0)
					putchar('\n');
				show(r);
			}
		}
	}
	if (json) {
		json_dumpf(all, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
		putchar('\n');
	}
	json_decref(all);
	rules_free(rules);
	return status;
}

/* ---- lint and test ---- */

/*
 * The rules of a folder with the built-in ones beside them, less those whose
 * ids the folder has; or the built-in ones alone.
 */
static struct rules *
load(const char *dir)
{
	struct rules *rules = rules_new();
	int bad;

	if (dir == NULL)
		bad = rules_load_embedded(rules, stderr);
	else {
		bad = rules_load_dir(rules, dir, stderr);
		if (rules_load_rest(rules, stderr) != 0)
			bad = -1;
	}
	if (rules_finish(rules, stderr) != 0)
		bad = -1;
	if (bad != 0) {
		rules_free(rules);
		return NULL;
	}
	return rules;
}

/* Does the rule come from that folder?  NULL: every rule does. */
static bool
is_of(const struct rule *r, const char *dir)
{
	size_t n;

	if (dir == NULL)
		return true;
	n = strlen(dir);
	return strncmp(r->file, dir, n) == 0 && r->file[n] == '/';
}

static int
do_lint(const struct options *o)
{
	struct rules *rules;
	const struct rule *r;
	size_t i, n = 0;

	if (o->npaths != 2) {
		log_error("rules lint wants one folder");
		return EXIT_USAGE;
	}
	if ((rules = load(o->paths[1])) == NULL)
		return EXIT_FOUND;
	for (i = 0; (r = rules_get(rules, i)) != NULL; i++)
		n += is_of(r, o->paths[1]);
	if (!o->quiet)
		printf("%zu rules, nothing to complain about\n", n);
	rules_free(rules);
	return EXIT_COMPLETE;
}

/* What a sample did to each rule, by the rule's place in the set. */
struct trial {
	char		*path;
	unsigned char	*states;	/* NULL: the sample could not be read */
	struct trial	*next;
};

struct test {
	const struct options *o;
	const struct rules *rules;
	const char	*samples;
	struct trial	*trials;
	size_t		 checks, failed;
};

/* In the child: one byte for each rule. */
static int
emit_states(struct evidence *ev, const struct judgement *jd, FILE *to,
    void *arg)
{
	const struct rules *rules = arg;
	const struct finding *f;
	const struct rule *r;
	enum rule_state state;
	size_t i, k;

	(void)ev;
	for (i = 0; (r = rules_get(rules, i)) != NULL; i++) {
		state = STATE_NOT_APPLICABLE;
		for (k = 0; k < jd->ncoverage; k++)
			if (strcmp(jd->coverage[k].rule, r->id) == 0)
				state = jd->coverage[k].state;
		/* The id may have fired by another variant. */
		if (state == STATE_FIRED) {
			state = STATE_SILENT;
			for (k = 0; k < jd->nfindings; k++)
				for (f = jd->findings[k]; f != NULL;
				    f = f->same)
					if (f->rule == r)
						state = STATE_FIRED;
		}
		if (fputc('0' + (int)state, to) == EOF)
			return -1;
	}
	return 0;
}

static void
trial_run(struct test *t, struct trial *trial)
{
	struct case_result result;
	struct case_job job;
	size_t n = rules_count(t->rules), i;
	char *paths[1] = { trial->path };
	int fd;

	options_job(t->o, t->rules, &job);
	fd = memfd_create("states", MFD_CLOEXEC);
	if (fd == -1) {
		log_error("no memory file: %s", strerror(errno));
		return;
	}
	job.paths = paths;
	job.npaths = 1;
	job.emit = emit_states;
	job.emit_arg = (void *)t->rules;
	job.emit_fd = fd;
	trial->states = calloc(n + 1, 1);
	if (trial->states == NULL || case_run(&job, &result) == -1 ||
	    pread(fd, trial->states, n, 0) != (ssize_t)n) {
		log_error("%s could not be analysed", trial->path);
		free(trial->states);
		trial->states = NULL;
	}
	for (i = 0; trial->states != NULL && i < n; i++)
		trial->states[i] = (unsigned char)(trial->states[i] - '0');
	close(fd);
}

/* NULL: there is no such sample. */
static const struct trial *
trial_of(struct test *t, const struct rule *r, const char *sample)
{
	struct trial *trial;
	char path[PATH_MAX];

	if (!sample_find(r->file, t->samples, sample, path))
		return NULL;
	for (trial = t->trials; trial != NULL; trial = trial->next)
		if (strcmp(trial->path, path) == 0)
			return trial;
	trial = calloc(1, sizeof(*trial));
	if (trial == NULL || (trial->path = strdup(path)) == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	trial->next = t->trials;
	t->trials = trial;
	trial_run(t, trial);
	return trial;
}

static void
check(struct test *t, size_t i, const char *sample, const char *verb,
    unsigned int wanted)
{
	const struct rule *r = rules_get(t->rules, i);
	const struct trial *trial = trial_of(t, r, sample);
	bool ok = trial != NULL && trial->states != NULL &&
	    (wanted & 1u << trial->states[i]) != 0;

	printf("%s %zu - %s%s%s %s %s", ok ? "ok" : "not ok", ++t->checks,
	    r->id, r->variant != NULL ? " " : "",
	    r->variant != NULL ? r->variant : "", verb, sample);
	if (trial == NULL)
		printf(": there is no such sample in %s", t->samples);
	else if (trial->states == NULL)
		printf(": cannot be analysed");
	else if (!ok)
		printf(": is %s", rule_state_names[trial->states[i]]);
	putchar('\n');
	t->failed += !ok;
}

static void
check_rule(struct test *t, size_t i)
{
	const struct rule *r = rules_get(t->rules, i);
	size_t k;

	for (k = 0; k < r->nfires; k++)
		check(t, i, r->fires[k], "fires", 1u << STATE_FIRED);
	for (k = 0; k < r->nsilent; k++)
		check(t, i, r->silent[k], "is silent on",
		    1u << STATE_SILENT | 1u << STATE_NOT_APPLICABLE);
	for (k = 0; k < r->nunknown; k++)
		check(t, i, r->unknown[k], "cannot judge",
		    1u << STATE_CANNOT_SAY);
}

static int
do_test(const struct options *o)
{
	const char *dir = o->npaths > 1 ? o->paths[1] : NULL;
	struct test t = { .o = o };
	char beside[PATH_MAX];
	struct rules *rules;
	struct trial *trial;
	struct stat st;
	size_t i, n = 0;

	if (o->npaths > 3) {
		log_error("rules test wants a folder of rules and one of "
		    "samples");
		return EXIT_USAGE;
	}
	t.samples = "samples";
	if (o->npaths == 3)
		t.samples = o->paths[2];
	else if (dir != NULL) {
		snprintf(beside, sizeof(beside), "%s/../../samples", dir);
		if (stat(beside, &st) == 0)
			t.samples = beside;
	}
	if (o->npaths == 3 && stat(t.samples, &st) == -1) {
		log_error("%s: %s", t.samples, strerror(errno));
		return EXIT_USAGE;
	}
	if ((rules = load(dir)) == NULL)
		return EXIT_FOUND;
	t.rules = rules;
	case_warm();
	for (i = 0; i < rules_count(rules); i++) {
		const struct rule *r = rules_get(rules, i);

		if (is_of(r, dir))
			n += r->nfires + r->nsilent + r->nunknown;
	}
	printf("1..%zu\n", n);
	fflush(stdout);
	for (i = 0; i < rules_count(rules); i++)
		if (is_of(rules_get(rules, i), dir))
			check_rule(&t, i);
	while ((trial = t.trials) != NULL) {
		t.trials = trial->next;
		free(trial->states);
		free(trial->path);
		free(trial);
	}
	rules_free(rules);
	return t.failed > 0 ? EXIT_FOUND : EXIT_COMPLETE;
}

/* ---- the command ---- */

static const struct {
	const char	*name;
	int		 (*run)(const struct options *);
} verbs[] = {
	{ "list", do_list }, { "show", do_show }, { "lint", do_lint },
	{ "test", do_test },
};

static int
run(int argc, char **argv)
{
	struct options o;
	size_t i, n;
	int status;

	status = options_parse(&o, &command_rules, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	/* A folder's name with a slash at its end is the same folder. */
	for (i = 1; i < o.npaths; i++)
		for (n = strlen(o.paths[i]); n > 1 &&
		    o.paths[i][n - 1] == '/'; n--)
			o.paths[i][n - 1] = '\0';
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (o.npaths > 0 && strcmp(verbs[i].name, o.paths[0]) == 0) {
			status = verbs[i].run(&o);
			goto out;
		}
	log_error(o.npaths == 0 ? "rules wants list, show ID, lint DIR or "
	    "test [DIR [SAMPLES]]" : "rules knows list, show, lint and test, "
	    "not \"%s\"", o.npaths > 0 ? o.paths[0] : "");
out:
	options_clear(&o);
	return status;
}

const struct command command_rules = {
	.name = "rules",
	.usage = "list|show|lint|test ...",
	.help = "list, show or check the rules",
	.formats = "text|json",
	.operands = "list|show ID|lint DIR|test DIR",
	.options = OPTIONS_RULES | OPTIONS_FORMAT,
	.run = run
};
