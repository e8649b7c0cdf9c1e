/*
 * Proves that each condition of each rule is needed: puts true and false in
 * its place, takes each "not" away, and looks whether a sample that the rule
 * names (fires, silent, unknown) would tell the difference.
 * Usage: mutation [-al] SAMPLES [RULE-DIR [ID]]; writes TAP, a test for each
 * rule.  With -l values are also left out of lists; with -a all samples are
 * shown that would tell, were they named.
 * Relies on the samples being read once, in this process.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/case.h"
#include "judge/expr.h"
#include "log.h"

struct sample {
	const char	*name;
	struct evidence	*ev;
};

struct mutation {
	struct arena	*arena;
	const struct rule *rule;
	struct sample	*samples;	/* all */
	size_t		 nsamples;
	const struct confidence_case *level;	/* whose condition; or NULL */
	size_t		 made, survived;
	bool		 lists;		/* values of lists too */
	bool		 all;		/* hints */
};

/* ---- samples ---- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct sample *)a)->name,
	    ((const struct sample *)b)->name);
}

static struct sample *
samples_read(const char *dir, size_t *ret_n)
{
	struct sample *all = NULL;
	struct dirent *d;
	char path[4096], *paths[1] = { path };
	size_t n = 0;
	DIR *list = opendir(dir);
	struct stat st;

	while (list != NULL && (d = readdir(list)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);
		if (d->d_name[0] == '.' || stat(path, &st) == -1 ||
		    !S_ISDIR(st.st_mode) ||
		    strcmp(d->d_name, "scenarios") == 0)
			continue;
		all = reallocarray(all, n + 1, sizeof(*all));
		if (all == NULL)
			abort();
		all[n].name = strdup(d->d_name);
		all[n].ev = evidence_new(&limits_default);
		if (case_evidence(all[n].ev, paths, 1, 0) == -1)
			exit(99);
		n++;
	}
	if (list != NULL)
		closedir(list);
	if (n > 0)
		qsort(all, n, sizeof(*all), by_name);
	*ret_n = n;
	return all;
}

static bool
named(const struct rule *rule, const char *sample)
{
	size_t i;

	for (i = 0; i < rule->nfires; i++)
		if (strcmp(rule->fires[i], sample) == 0)
			return true;
	for (i = 0; i < rule->nsilent; i++)
		if (strcmp(rule->silent[i], sample) == 0)
			return true;
	for (i = 0; i < rule->nunknown; i++)
		if (strcmp(rule->unknown[i], sample) == 0)
			return true;
	return false;
}

/* ---- what a condition does to a sample ---- */

/* Of all items the furthest: true is fired, unknown is cannot-say. */
static enum tri
state(const struct rule *rule, const struct expr *when, struct evidence *ev)
{
	const struct item *it;
	enum tri t, most = TRI_FALSE;

	for (it = ev_first(ev, rule->on); it != NULL; it = it->next) {
		t = expr_eval(when, ev, it, NULL);
		if (t > most)
			most = t;
	}
	return most;
}

/* The level with `changed` in the place of one level's condition. */
static enum confidence
level_of(const struct mutation *m, const struct expr *changed,
    struct evidence *ev, const struct item *it)
{
	const struct confidence_case *c;
	const struct expr *when;
	size_t i;

	for (i = 0; i < m->rule->nconfidences; i++) {
		c = &m->rule->confidences[i];
		when = c == m->level && changed != NULL ? changed : c->when;
		if (when == NULL || expr_eval(when, ev, it, NULL) == TRI_TRUE)
			return c->level;
	}
	return CONFIDENCE_LOW;
}

static bool
differs(const struct mutation *m, const struct expr *changed,
    struct evidence *ev)
{
	const struct item *it;

	if (m->level == NULL)
		return state(m->rule, m->rule->when, ev) !=
		    state(m->rule, changed, ev);
	for (it = ev_first(ev, m->rule->on); it != NULL; it = it->next)
		if (expr_eval(m->rule->when, ev, it, NULL) == TRI_TRUE &&
		    level_of(m, changed, ev, it) != level_of(m, NULL, ev, it))
			return true;
	return false;
}

/* ---- changed conditions ---- */

static const struct expr	always = { .op = EXPR_COUNT,
    .comparison = COMPARE_GE, .kind = ITEM_CASE };
static const struct expr	never = { .op = EXPR_COUNT,
    .comparison = COMPARE_LT, .kind = ITEM_CASE };

/* The tree with `to` where `from` stands. */
static const struct expr *
with(struct arena *a, const struct expr *e, const struct expr *from,
    const struct expr *to)
{
	struct expr *copy;

	if (e == NULL || e == from)
		return e == NULL ? NULL : to;
	copy = arena_alloc(a, sizeof(*copy));
	*copy = *e;
	copy->left = with(a, e->left, from, to);
	copy->right = with(a, e->right, from, to);
	return copy;
}

static void
show(const struct expr *e)
{
	switch (e->op) {
	case EXPR_AND:
	case EXPR_OR:
		printf("(");
		show(e->left);
		printf(e->op == EXPR_AND ? " and " : " or ");
		show(e->right);
		printf(")");
		break;
	case EXPR_NOT:
		printf("not ");
		show(e->left);
		break;
	case EXPR_FIELD:
	case EXPR_COMPARE:
	case EXPR_IN:
	case EXPR_COUNT:
		printf("%s", e->text);
		break;
	}
}

static void
try(struct mutation *m, const struct expr *whole, const struct expr *e,
    const struct expr *to, const char *what)
{
	const struct expr *changed = with(m->arena, whole, e, to);
	size_t i, hints = 0;

	m->made++;
	for (i = 0; i < m->nsamples; i++)
		if (named(m->rule, m->samples[i].name) &&
		    differs(m, changed, m->samples[i].ev))
			return;
	m->survived++;
	printf("# %s%s: ", m->rule->file,
	    m->level != NULL ? ", confidence" : "");
	show(e);
	printf(" %s\n", what);
	/* Samples that would tell, were they named. */
	for (i = 0; i < m->nsamples && (m->all || hints < 4); i++)
		if (differs(m, changed, m->samples[i].ev)) {
			printf("%s%s", hints++ == 0 ? "#   would tell: " :
			    ", ", m->samples[i].name);
			printf(" (%s)", m->level != NULL ? "fires" :
			    (const char *[]){ "silent", "unknown", "fires" }
			    [state(m->rule, m->rule->when,
			    m->samples[i].ev)]);
		}
	if (hints > 0)
		printf("\n");
}

/* True in an "or" makes the whole true, false in an "and" false. */
static void
walk(struct mutation *m, const struct expr *whole, const struct expr *e,
    const struct expr *parent)
{
	struct expr *less;
	struct value *values;
	char what[64];
	size_t i;

	if (e == NULL)
		return;
	if (parent == NULL || parent->op == EXPR_AND ||
	    parent->op == EXPR_COUNT)
		try(m, whole, e, &always, "may be true");
	if (parent == NULL || parent->op == EXPR_OR ||
	    parent->op == EXPR_COUNT)
		try(m, whole, e, &never, "may be false");
	if (e->op == EXPR_NOT)
		try(m, whole, e, e->left, "may lack its not");
	for (i = 0; m->lists && e->op == EXPR_IN && e->nvalues > 1 &&
	    i < e->nvalues; i++) {
		less = arena_alloc(m->arena, sizeof(*less));
		values = arena_alloc(m->arena, e->nvalues * sizeof(*values));
		memcpy(values, e->values, i * sizeof(*values));
		memcpy(values + i, e->values + i + 1,
		    (e->nvalues - i - 1) * sizeof(*values));
		*less = *e;
		less->values = values;
		less->nvalues--;
		snprintf(what, sizeof(what), "may lack value %zu", i + 1);
		try(m, whole, e, less, what);
	}
	walk(m, whole, e->left, e);
	walk(m, whole, e->right, e);
}

static void
mutate(struct mutation *m)
{
	size_t i;

	m->made = m->survived = 0;
	m->level = NULL;
	walk(m, m->rule->when, m->rule->when, NULL);
	for (i = 0; i < m->rule->nconfidences; i++) {
		m->level = &m->rule->confidences[i];
		if (m->level->when != NULL)
			walk(m, m->level->when, m->level->when, NULL);
	}
}

int
main(int argc, char **argv)
{
	struct rules *rules = rules_new();
	struct mutation m = { .arena = arena_new() };
	size_t i, n = 0, made = 0, survived = 0;
	int c;

	while ((c = getopt(argc, argv, "al")) != -1) {
		m.lists |= c == 'l';
		m.all |= c == 'a';
	}
	argc -= optind;
	argv += optind;
	if (argc < 1 || argc > 3) {
		fprintf(stderr,
		    "usage: mutation [-al] SAMPLES [RULE-DIR [ID]]\n");
		return 2;
	}
	log_level_set(LOG_QUIET);
	case_warm();
	if ((argc == 1 ? rules_load_embedded(rules, stderr) :
	    rules_load_dir(rules, argv[1], stderr)) == -1 ||
	    rules_finish(rules, stderr) == -1)
		return 2;
	m.samples = samples_read(argv[0], &m.nsamples);
	for (i = 0; (m.rule = rules_get(rules, i)) != NULL; i++) {
		if (argc == 3 && strcmp(argv[2], m.rule->id) != 0)
			continue;
		mutate(&m);
		printf("%s %zu - %s%s%s: %zu of %zu changes are noticed\n",
		    m.survived > 0 ? "not ok" : "ok", ++n, m.rule->id,
		    m.rule->variant != NULL ? " " : "",
		    m.rule->variant != NULL ? m.rule->variant : "",
		    m.made - m.survived, m.made);
		made += m.made;
		survived += m.survived;
	}
	printf("1..%zu\n# %zu changes, %zu are not noticed\n", n, made,
	    survived);
	for (i = 0; i < m.nsamples; i++) {
		evidence_free(m.samples[i].ev);
		free((void *)(uintptr_t)m.samples[i].name);
	}
	free(m.samples);
	arena_free(m.arena);
	rules_free(rules);
	return survived > 0;
}
