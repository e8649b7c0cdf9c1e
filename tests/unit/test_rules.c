/*
 * Rule files: what is read from them, and what is refused with its place; the
 * built-in rules are loaded, complete and in the catalogue's order.
 * Relies on judged.h.
 */
#include <limits.h>

#include "judged.h"
#include "judge/internal.h"

#define HEAD	"on attempt\nwhen rejected_ek\nkind cause\n"
#define REST	"why because\nfix do it\nfires a\nsilent b\n"		\
		"see https://example.com/\n"
#define WHOLE	HEAD "title It was {attempt.host|so}\n" REST

/* Mistakes that no text of a file can show. */
static void
refused_files(void)
{
	static const char nul[] = "on attempt\nwh\0en\n";
	struct rules *rs = rules_new();
	struct caught c;
	FILE *err = caught_open(&c);

	tap_is_number(rules_load_text(rs, "x.rule", nul, sizeof(nul) - 1,
	    err), -1, "a NUL byte is refused");
	tap_is_number(rules_load_text(rs, "dir/Bad_Name.rule", WHOLE,
	    strlen(WHOLE), err), -1, "a name that is no id is refused");
	tap_is_number(rules_load_dir(rs, "/nonexistent/rules", err), -1,
	    "a folder that is not there is refused");
	tap_ok(strstr(caught_text(&c), "x.rule:2:3: a NUL byte") != NULL,
	    "the place of the NUL is said");
	tap_ok(strstr(c.text, "Bad_Name.rule:1:1: the file's name") != NULL,
	    "the bad name is said");
	tap_ok(strstr(c.text, "/nonexistent/rules: ") != NULL,
	    "the missing folder is said");
	free(c.text);
	rules_free(rs);
}

static void
refused(const char *name, const char *text, const char *wanted)
{
	struct rules *rs = rules_new();
	struct caught c;
	FILE *err = caught_open(&c);
	int bad = rules_load_text(rs, "dir/some-rule.rule", text,
	    strlen(text), err);
	const char *said;

	if (bad == 0)
		bad = rules_finish(rs, err);
	said = caught_text(&c);
	tap_ok(bad == -1 && strstr(said, wanted) != NULL, "refused: %s", name);
	if (bad == 0 || strstr(said, wanted) == NULL)
		printf("# said %s\n", said);
	free(c.text);
	rules_free(rs);
}

static void
test_refused(void)
{
	refused("an unknown key", WHOLE "colour red\n",
	    "dir/some-rule.rule:10:1: there is no key colour");
	refused("no when", "on attempt\nkind cause\ntitle x\n" REST,
	    "when is missing");
	refused("no title", HEAD REST, "title is missing");
	refused("no why", HEAD "title x\nfix y\nfires a\nsilent b\n"
	    "see https://e.com/\n", "why is missing");
	refused("no fix", HEAD "title x\nwhy y\nfires a\nsilent b\n"
	    "see https://e.com/\n", "fix is missing");
	refused("no source", HEAD "title x\nwhy y\nfix z\nfires a\nsilent b\n",
	    "see is missing");
	refused("no firing sample", HEAD "title x\nwhy y\nfix z\nsilent b\n"
	    "see https://e.com/\n", "fires is missing");
	refused("no silent sample", HEAD "title x\nwhy y\nfix z\nfires b\n"
	    "see https://e.com/\n", "silent is missing");
	refused("a key twice", WHOLE "why again\n", "why stands here twice");
	refused("a key without a value", WHOLE "decide\n",
	    "decide has no value");
	refused("an unknown kind of item", "on martian\nwhen rejected_ek\n"
	    "kind cause\ntitle x\n" REST, ":1:4: there is no kind of item");
	refused("an unknown kind", "on attempt\nwhen rejected_ek\n"
	    "kind guess\ntitle x\n" REST, ":3:6: kind is one of symptom");
	refused("a field that does not exist", "on attempt\n"
	    "when rejected_e\nkind cause\ntitle x\n" REST,
	    ":2:6: there is no field rejected_e (did you mean rejected_ek?)");
	refused("a condition with a rest", "on attempt\n"
	    "when rejected_ek )\nkind cause\ntitle x\n" REST, ":2:18:");
	refused("an unknown field in a title", HEAD "title x {attemp.host}\n"
	    REST, "did you mean attempt.host?");
	refused("a field out of reach in a title", HEAD
	    "title x {stage.name}\n" REST, "cannot be seen from attempt");
	refused("an open brace", HEAD "title x {attempt.host\n" REST,
	    "after { stand");
	refused("a date that is none", HEAD "title x {attempt.host:date}\n"
	    REST, "attempt.host is no time");
	refused("an unknown id", WHOLE "explains martians\n",
	    "martians is the id of no rule");
	refused("a rule that explains itself", WHOLE "explains some-rule\n",
	    "comes back to the rule itself");
	refused("confidence without an end", WHOLE
	    "confidence high when rejected_ek\n", "otherwise low");
	refused("an unknown level", WHOLE "confidence huge\n",
	    "high, medium or low wanted");
	refused("an unknown stage", WHOLE "stage lunch\n",
	    "wants a stage of an attempt");
	refused("a source that is no address", WHOLE "see hearsay\n",
	    "wants an address");
	refused("an unknown cited field", WHOLE "cites attempt.hos\n",
	    "did you mean attempt.host?");
	refused("a line that continues nothing", "  on attempt\n" WHOLE,
	    ":1:3: a line that goes on");
	refused("an empty file", "", "when is missing");
	refused("a bad id", WHOLE "id Some_Rule\n", "is made of a-z");
	refused("a key with a typing mistake", WHOLE "explain x\n",
	    ":10:1: there is no key explain (did you mean explains?)");
	refused("a kind of item with one", "on atempt\nwhen rejected_ek\n"
	    "kind cause\ntitle x\n" REST, ":1:4: there is no kind of item "
	    "atempt (did you mean attempt?)");
	refused("a kind with one", "on attempt\nwhen rejected_ek\n"
	    "kind cuase\ntitle x\n" REST, "not cuase (did you mean cause?)");
	refused("an id with one", WHOLE "explains ek-certificate-rejectd\n",
	    ":10:10: ek-certificate-rejectd is the id of no rule (did you "
	    "mean ek-certificate-rejected?)");
	refused("the example of the issue", "on pki_message\n"
	    "when scep.pkistatus == 2\nkind cause\ntitle x\n" REST,
	    ":2:6: there is no field scep.pkistatus (did you mean "
	    "scep.pki_status?)");
	refused("a severity that is none", WHOLE "severity fatal\n",
	    ":10:10: severity is one of note, warning, error");
	refused("a witness that is none", WHOLE "witness me\n",
	    ":10:9: witness is one of attempt, device, date");
	refused("a fault that is none", WHOLE "fault mine\n",
	    ":10:7: fault is one of service, device, network");
	refused("something after otherwise", WHOLE
	    "confidence otherwise low; high when rejected_ek\n",
	    ":10:27: nothing stands after otherwise");
	refused("too many levels", WHOLE "confidence low when rejected_ek; "
	    "low when rejected_ek; low when rejected_ek; low when rejected_ek;"
	    " low when rejected_ek; low when rejected_ek; low when "
	    "rejected_ek; low when rejected_ek; otherwise low\n",
	    "more than 8 levels");
	refused("levels without ; between", WHOLE
	    "confidence high when rejected_ek medium\n", "; or the end");
	refused("an unknown field in a level", WHOLE
	    "confidence high when rejected_e; otherwise low\n",
	    ":10:22: there is no field rejected_e (did you mean");
	refused("a key where the field has none", HEAD
	    "title x {attempt.host[\"a\"]}\n" REST, "takes no key");
	refused("a cited field out of reach", WHOLE "cites stage.name\n",
	    ":10:7: stage.name cannot be seen from attempt");
	refused("a sample that is no name", WHOLE "unknown ../x\n",
	    ":10:9: unknown wants a sample here, not ../x");
	refused("a sample that fires and does not", WHOLE "silent a\n",
	    ":10:8: a stands under fires already");
	refused("a sample twice", WHOLE "unknown c, d, c\n",
	    ":10:15: c stands under unknown already");
	refused("a variant that is none", WHOLE "variant A B\n",
	    "variant is made of a-z");
}

static void
test_read(void)
{
	static const char text[] =
	    "# a comment\n"
	    "on          attempt\n"
	    "when        rejected_ek and\n"
	    "            ek_issuer.known\n"
	    "kind        mechanism\n"
	    "confidence  high when ek_issuer.known; medium when rejected_ek;\n"
	    "            otherwise low\n"
	    "title       A title\n"
	    "            of two lines\n"
	    "why         because\n"
	    "fix         first\n"
	    "\n"
	    "# between\n"
	    "fix         second\n"
	    "explains    attestation-failed, request-rejected\n"
	    "cites       attempt.host ek_issuer.serial\n"
	    "stage       GetCACaps, PKIOperation-request\n"
	    "see         https://a.example/x#y http://b.example/\n"
	    "fires       one two\n"
	    "silent      three\n"
	    "unknown     four\r\n"
	    "decide      more\n";
	struct rules *rs = rules_new();
	const struct rule *r;
	int bad = rules_load_text(rs, "x/own-rule.rule", text,
	    sizeof(text) - 1, stderr);

	tap_is_number(bad, 0, "a whole rule is read");
	tap_is_number(rules_finish(rs, stderr), 0, "the set is sound");
	r = rules_get(rs, 0);
	if (r == NULL)
		return;
	tap_is_text(r->id, "own-rule", "the id is the file's name");
	tap_is_text(r->title, "A title of two lines", "lines are joined");
	tap_is_number(r->nfix, 2, "fix stands twice");
	tap_is_text(r->fix[1], "second", "the second fix");
	tap_is_number(r->nexplains, 2, "two ids are explained");
	tap_is_number(r->ncites, 2, "two fields are cited");
	tap_is_text(r->stage, "GetCACaps, PKIOperation-request", "stages");
	tap_is_number(r->nsee, 2, "two addresses");
	tap_is_text(r->see[0], "https://a.example/x#y", "with its #");
	tap_is_number(r->nfires, 2, "two samples fire");
	tap_is_text(r->unknown[0], "four", "CR at a line's end is blank");
	tap_is_number(r->severity, SEVERITY_ERROR, "severity by kind");
	tap_is_number(r->nconfidences, 3, "three levels");
	tap_is_number(r->confidences[1].level, CONFIDENCE_MEDIUM, "medium");
	tap_ok(r->confidences[2].when == NULL, "otherwise has no condition");
	tap_is_number(strlen(rules_sha256(rs)), 64, "the set has a digest");
	rules_free(rs);
}

static int
load(struct rules *rs, const char *file, const char *text, FILE *err)
{
	return rules_load_text(rs, file, text, strlen(text), err);
}

static void
test_variants(void)
{
	struct rules *rs = rules_new();
	struct caught c;
	FILE *err = caught_open(&c);

	tap_is_number(load(rs, "a/x.rule", WHOLE "variant one\n", err), 0,
	    "a variant");
	tap_is_number(load(rs, "a/y.rule", WHOLE "id x\nvariant two\n", err),
	    0, "another of the same id");
	tap_is_number(load(rs, "a/z.rule", WHOLE "id x\nvariant two\n", err),
	    -1, "the same variant again is refused");
	tap_is_number(load(rs, "b/x.rule", WHOLE, err), -1,
	    "the id again without a variant is refused");
	tap_is_number(load(rs, "a/w.rule", "on attempt\nwhen rejected_ek\n"
	    "kind symptom\ntitle x\nid x\nvariant three\n" REST, err), -1,
	    "a variant of another kind is refused");
	tap_ok(strstr(caught_text(&c), "stands in a/x.rule too") != NULL,
	    "and it is said where the other is");
	free(c.text);
	rules_free(rs);
}

static void
test_cycle(void)
{
	struct rules *rs = rules_new();
	struct caught c;
	FILE *err = caught_open(&c);

	load(rs, "a/one.rule", WHOLE "explains two\n", err);
	load(rs, "a/two.rule", WHOLE "explains three\n", err);
	load(rs, "a/three.rule", WHOLE "explains one\n", err);
	tap_is_number(rules_finish(rs, err), -1, "a cycle of three");
	tap_ok(strstr(caught_text(&c), "comes back") != NULL, "is said");
	free(c.text);
	rules_free(rs);
}

static void
test_built_in(void)
{
	static const char *const needed[] = {
		"attestation-retries-exhausted", "ek-certificate-rejected",
		"ek-issuer-renewed", "request-carries-ek-chain",
		"authority-not-found", "authority-removed",
		"authority-never-listed", "attestation-succeeded",
		"certreq-cut-short", "capture-not-decrypted",
		"capture-without-attestation", "capture-incomplete",
		"evidence-mixed", "name-not-resolved", "service-error",
	};
	struct rules *rs = rules_new();
	const struct rule *r;
	int last = -1, row;
	bool order = true, all = true;
	size_t i;

	tap_is_number(rules_load_embedded(rs, stderr), 0,
	    "the built-in rules are read");
	tap_is_number(rules_finish(rs, stderr), 0, "and are a sound set");
	for (i = 0; (r = rules_get(rs, i)) != NULL; i++) {
		/* Ids beyond the contract's come after all of it. */
		row = catalogue_row(r->id);
		order = order && (row < 0 || row >= last);
		last = row < 0 ? INT_MAX : row;
	}
	tap_ok(i >= 20, "%zu rules", i);
	tap_ok(order, "in the order of the catalogue");
	for (i = 0; catalogue[i] != NULL; i++)
		all = all && rules_find(rs, catalogue[i]) != NULL;
	if (!all)
		printf("# not every id of the catalogue has a rule yet\n");
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		tap_ok(rules_find(rs, needed[i]) != NULL, "%s", needed[i]);
	rules_free(rs);
	rs = rules_new();
	load(rs, "own/ek-issuer-renewed.rule", WHOLE, stderr);
	tap_ok(rules_load_rest(rs, stderr) == 0 &&
	    rules_finish(rs, stderr) == 0 &&
	    strcmp(rules_find(rs, "ek-issuer-renewed")->file,
	    "own/ek-issuer-renewed.rule") == 0,
	    "own rules take the place of built-in ones");
	rules_free(rs);
}

int
main(void)
{
	test_refused();
	refused_files();
	test_read();
	test_variants();
	test_cycle();
	test_built_in();
	return tap_done();
}
