/*
 * What a stored result depends on: everything that may change it makes
 * another key, and nothing else does.
 * Relies on cases_settings().
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "batch/cases.h"
#include "decode/keys.h"
#include "tap.h"

static char	folder[] = "/tmp/aiktriage-cases.XXXXXX";

static void
file_make(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		abort();
}

static struct rules *
rules_make(bool more)
{
	struct rules *rules = rules_new();

	if (rules_load_embedded(rules, stderr) == -1 ||
	    (more && rules_load_dir(rules, folder, stderr) == -1) ||
	    rules_finish(rules, stderr) == -1)
		abort();
	return rules;
}

static bool
same(const struct case_job *a, const struct case_job *b)
{
	uint8_t x[32], y[32];

	cases_settings(a, cases_version, NULL, x);
	cases_settings(b, cases_version, NULL, y);
	return memcmp(x, y, sizeof(x)) == 0;
}

/* Each of the limits, but that of the wall clock. */
static void
limits_check(const struct case_job *job)
{
	const struct limit *l;
	struct case_job other;
	char text[96];

	for (l = limits_table; l->name != NULL; l++) {
		other = *job;
		snprintf(text, sizeof(text), "%s=%llu", l->name,
		    (unsigned long long)l->value + 1);
		if (limits_set(&other.limits, text) == -1)
			abort();
		if (strcmp(l->name, "wall_s") == 0)
			tap_ok(same(job, &other), "%s changes no result that is "
			    "kept", l->name);
		else
			tap_ok(!same(job, &other), "limit %s", l->name);
	}
}

static void
options_check(const struct case_job *job)
{
	static const char *const some[] = { "a", "bc" }, *const glued[] = {
	    "ab", "c" };
	struct case_job other = *job, another = *job;

	other.as_of = 1;
	tap_ok(!same(job, &other), "--as-of");
	other = *job;
	other.min_severity = SEVERITY_ERROR;
	tap_ok(!same(job, &other), "--min-severity");
	other = *job;
	other.fail_on_set = true;
	other.fail_on = SEVERITY_NOTE;
	tap_ok(!same(job, &other), "--fail-on");
	another = other;
	another.fail_on = SEVERITY_ERROR;
	tap_ok(!same(&another, &other), "--fail-on of another severity");
	other = *job;
	other.verbose = true;
	tap_ok(!same(job, &other), "-v");
	other = another = *job;
	other.only = another.why = some;
	other.nonly = another.nwhy = 2;
	tap_ok(!same(job, &other), "--only");
	tap_ok(!same(job, &another), "--why");
	tap_ok(!same(&other, &another), "which are not the same");
	other = another = *job;
	other.passwords = some;
	another.passwords = glued;
	other.npasswords = another.npasswords = 2;
	tap_ok(!same(job, &other), "passwords");
	tap_ok(!same(&other, &another), "others of the same letters");
	other = *job;
	other.columns = 132;
	other.paths = (char **)(uintptr_t)some;
	other.npaths = 2;
	tap_ok(same(job, &other), "the width and the case itself are none");
}

static void
keys_check(const struct case_job *job)
{
	static char name[] = "a.pem";
	struct case_job other = *job, another = *job;
	struct key_ring *ring = calloc(3, sizeof(*ring));
	EVP_PKEY *first = EVP_EC_gen("P-256"), *second = EVP_EC_gen("P-256");

	if (ring == NULL || first == NULL || second == NULL)
		abort();
	ring[1].n = ring[2].n = 1;
	ring[1].v[0] = (struct key){ first, name };
	ring[2].v[0] = (struct key){ second, name };
	other.keys = &ring[0];
	tap_ok(same(job, &other), "no key is none");
	other.keys = &ring[1];
	tap_ok(!same(job, &other), "--key");
	another.keys = &ring[2];
	tap_ok(!same(&another, &other), "of another key");
	EVP_PKEY_free(first);
	EVP_PKEY_free(second);
	free(ring);
}

/* The content of files that options name counts, not where they stand. */
static void
files_check(const struct case_job *job)
{
	struct case_job other = *job;
	const char *certs[] = { folder };
	uint8_t a[32], b[32], c[32];
	struct rules *rules;

	other.certs = certs;
	other.ncerts = 1;
	file_make("x.tsv", "one\n");
	cases_settings(&other, cases_version, NULL, a);
	cases_settings(job, cases_version, folder, b);
	tap_ok(memcmp(a, b, 32) != 0, "--certs and --data of a folder differ");
	file_make("x.tsv", "two\n");
	cases_settings(&other, cases_version, NULL, c);
	tap_ok(memcmp(a, c, 32) != 0, "--certs: the content counts");
	cases_settings(job, cases_version, folder, c);
	tap_ok(memcmp(b, c, 32) != 0, "--data: the content counts");
	file_make("x.tsv", "one\n");
	cases_settings(job, cases_version, folder, c);
	tap_ok(memcmp(b, c, 32) == 0, "and only that");
	cases_settings(job, "0.0.1", NULL, a);
	cases_settings(job, "0.0.2", NULL, b);
	tap_ok(memcmp(a, b, 32) != 0, "the program's version");
	file_make("more.rule", "on run\nwhen run.code == 0x80190190\n"
	    "kind context\ntitle T\nwhy W\nfix F\nsee https://example.com/\n"
	    "fires note-only\nsilent dns-failure\n");
	rules = rules_make(true);
	other = *job;
	other.rules = rules;
	tap_ok(!same(job, &other), "a rule more");
	rules_free(rules);
}

int
main(void)
{
	struct rules *rules;
	struct case_job job;
	char path[128];

	if (mkdtemp(folder) == NULL)
		abort();
	tap_plan(0);
	rules = rules_make(false);
	case_job_init(&job);
	job.rules = rules;
	tap_ok(same(&job, &job), "the same is the same");
	options_check(&job);
	limits_check(&job);
	keys_check(&job);
	files_check(&job);
	rules_free(rules);
	snprintf(path, sizeof(path), "%s/x.tsv", folder);
	(void)unlink(path);
	snprintf(path, sizeof(path), "%s/more.rule", folder);
	(void)unlink(path);
	(void)rmdir(folder);
	return tap_done();
}
