/*
 * Verdicts over evidence made by hand: the outcome, which cause stands, the
 * chain to it, what a success overtook, and what was left open.
 * Relies on judged.h and the built-in rules.
 */
#include "judged.h"

static struct rules	*built_in;

static const struct finding *
finding_of(const struct judgement *jd, const char *id)
{
	size_t i;

	for (i = 0; i < jd->nfindings; i++)
		if (strcmp(jd->findings[i]->rule->id, id) == 0)
			return jd->findings[i];
	return NULL;
}

static const struct coverage *
coverage_of(const struct judgement *jd, const char *id)
{
	size_t i;

	for (i = 0; i < jd->ncoverage; i++)
		if (strcmp(jd->coverage[i].rule, id) == 0)
			return &jd->coverage[i];
	return NULL;
}

static bool
listed(const char **list, size_t n, const char *id)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(list[i], id) == 0)
			return true;
	return false;
}

static const char *
cause_of(const struct judgement *jd)
{
	return jd->verdict.cause == NULL ? NULL : jd->verdict.cause->rule->id;
}

static void
chain_is(const struct judgement *jd, const char *wanted)
{
	char text[512] = "";
	size_t i;

	for (i = 0; i < jd->verdict.nchain; i++) {
		strcat(text, i > 0 ? " " : "");
		strcat(text, jd->verdict.chain[i]->rule->id);
	}
	tap_is_text(text, wanted, "the chain");
}

static void
rejected(struct judged *j, struct item *at)
{
	judged_fact(j, at, &http_status, value_int(400));
	judged_fact(j, at, &service_message, value_str(
	    "No valid TPM EK/Platform certificate provided"));
	judged_fact(j, at, &rejected_ek, value_bool(true));
	at->artifacts |= ARTIFACT(ANSWER) | ARTIFACT(CAPTURE) |
	    ARTIFACT(TIME);
}

static void
issuer(struct judged *j, struct item *at, bool reissued, bool young)
{
	at->artifacts |= ARTIFACT(EK_ISSUER) | ARTIFACT(PKI_MESSAGE);
	judged_fact(j, at, &ek_issuer_name, value_str("Some CA 042"));
	judged_fact(j, at, &ek_issuer_reissued, value_bool(reissued));
	judged_fact(j, at, &ek_issuer_not_before,
	    value_time(time_make(2023, 2, 8, 0, 0, 0)));
	if (!reissued)
		return;
	judged_fact(j, at, &ek_issuer_old_not_before,
	    value_time(time_make(2018, 8, 20, 0, 0, 0)));
	judged_fact(j, at, &ek_issuer_young, value_bool(young));
}

static void
symptom(struct judged *j, uint32_t code)
{
	judged_fact(j, ev_case(j->ev), &symptom_code, value_code(code));
}

static void
test_seed(void)
{
	struct judgement *jd;
	struct judged j;
	struct item *at;
	const struct finding *f;

	judged_init(&j);
	symptom(&j, 0x81039001);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 28);
	rejected(&j, at);
	issuer(&j, at, true, true);
	judged_fact(&j, at, &stage_code, value_code(0x80190190));
	at = judged_attempt(&j, "failed", "PKIOperation-request", 29);
	rejected(&j, at);
	issuer(&j, at, true, true);
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.outcome, OUTCOME_FAILED, "the case failed");
	tap_is_text(cause_of(jd), "ek-issuer-renewed", "by the re-issue");
	tap_is_number(jd->verdict.confidence, CONFIDENCE_MEDIUM,
	    "no incident: medium");
	chain_is(jd, "attestation-retries-exhausted ek-certificate-rejected "
	    "ek-issuer-renewed");
	tap_ok(strstr(jd->verdict.sentence, "most likely") != NULL &&
	    strstr(jd->verdict.sentence, "fault of the device") != NULL,
	    "the sentence: %s", jd->verdict.sentence);
	f = finding_of(jd, "ek-certificate-rejected");
	tap_ok(f != NULL && f->item == at && f->same != NULL &&
	    f->same->same == NULL, "one finding, the last attempt's first");
	tap_ok(f != NULL && f->ncodes == 1 && f->codes[0] == 0x80190190,
	    "it shows the code that the other try's text gave");
	tap_is_number(coverage_of(jd, "device-join-refused")->state,
	    STATE_SILENT, "another symptom is silent");
	evidence_free(j.ev);
}

static void
test_never_reissued(void)
{
	struct judgement *jd;
	struct judged j;
	struct item *at;

	judged_init(&j);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 29);
	rejected(&j, at);
	issuer(&j, at, false, false);
	jd = judge_run(j.ev, built_in);
	tap_is_text(cause_of(jd), "ek-certificate-rejected",
	    "a mechanism stands in where no cause is proven");
	tap_is_number(coverage_of(jd, "ek-issuer-renewed")->state,
	    STATE_SILENT, "the CA is not accused");
	tap_ok(listed(jd->verdict.excluded, jd->verdict.nexcluded,
	    "ek-issuer-renewed"), "it is excluded");
	chain_is(jd, "ek-certificate-rejected");
	evidence_free(j.ev);
}

static void
test_cannot_say(void)
{
	struct judgement *jd;
	struct judged j;
	struct item *at;
	const struct coverage *c;

	judged_init(&j);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 0);
	rejected(&j, at);
	at->artifacts = ARTIFACT(ANSWER) | ARTIFACT(CERTREQ);
	jd = judge_run(j.ev, built_in);
	c = coverage_of(jd, "ek-issuer-renewed");
	tap_is_number(c->state, STATE_CANNOT_SAY, "without its certificate");
	tap_ok((c->missing & ARTIFACT(EK_ISSUER)) != 0,
	    "the EK issuer is asked for");
	tap_ok(listed(jd->verdict.undecided, jd->verdict.nundecided,
	    "ek-issuer-renewed"), "it is undecided");
	tap_ok(strstr(jd->verdict.next_step, "issuing CA") != NULL,
	    "the next step asks: %s", jd->verdict.next_step);
	evidence_free(j.ev);
}

static void
test_overtaken(void)
{
	struct judgement *jd;
	const struct fact *code;
	struct judged j;
	struct item *at, *note;

	judged_init(&j);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 28);
	rejected(&j, at);
	issuer(&j, at, true, true);
	at = judged_attempt(&j, "succeeded", NULL, 29);
	issuer(&j, at, true, true);
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.outcome, OUTCOME_SUCCEEDED,
	    "the last attempt counts");
	tap_is_text(cause_of(jd), NULL, "no cause after a success");
	tap_ok(finding_of(jd, "ek-certificate-rejected")->overtaken,
	    "what was before is overtaken");
	evidence_free(j.ev);

	judged_init(&j);
	at = judged_attempt(&j, "succeeded", NULL, 28);
	judged_fact(&j, ev_case(j.ev), &symptom_after_success,
	    value_bool(true));
	note = ev_item(j.ev, ITEM_NOTE, j.blob->item, SPAN_NONE);
	judged_fact(&j, note, &note_time,
	    value_time(time_make(2023, 3, 29, 9, 0, 0)));
	code = judged_fact(&j, note, &note_code, value_code(0x81039001));
	ev_derive(j.ev, ev_case(j.ev), &symptom_code, code->value, SPAN_NONE,
	    &code, 1, NULL);
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.outcome, OUTCOME_FAILED,
	    "a symptom after the success");
	tap_is_text(cause_of(jd), NULL, "proves no cause");
	evidence_free(j.ev);

	judged_init(&j);
	at = judged_attempt(&j, "succeeded", NULL, 28);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 29);
	rejected(&j, at);
	issuer(&j, at, true, true);
	jd = judge_run(j.ev, built_in);
	tap_is_text(cause_of(jd), "ek-issuer-renewed",
	    "a success before does not count");
	evidence_free(j.ev);
}

static void
test_order(void)
{
	struct judgement *jd;
	struct judged j;
	struct item *at;

	/* DNS failed first; the last attempt met another fault. */
	judged_init(&j);
	at = judged_attempt(&j, "failed", "dns", 27);
	judged_fact(&j, at, &stage_code, value_code(0x80072ee7));
	at = judged_attempt(&j, "failed", "PKIOperation-request", 29);
	judged_fact(&j, at, &http_status, value_int(429));
	at->artifacts |= ARTIFACT(ANSWER) | ARTIFACT(TIME);
	jd = judge_run(j.ev, built_in);
	tap_is_text(cause_of(jd), "service-throttled",
	    "the last failed attempt's cause comes first");
	tap_ok(jd->verdict.nalternatives == 1 &&
	    strcmp(jd->verdict.alternatives[0].rule, "name-not-resolved") ==
	    0, "the other one is an alternative");
	evidence_free(j.ev);

	/* A cause that cannot break the stage at which the attempt failed. */
	judged_init(&j);
	at = judged_attempt(&j, "failed", "GetCACaps", 29);
	issuer(&j, at, true, true);
	judged_fact(&j, at, &ek_chain_expired, value_bool(true));
	judged_fact(&j, at, &ek_chain_expired_name, value_str("CN=x"));
	jd = judge_run(j.ev, built_in);
	tap_ok(finding_of(jd, "ek-chain-expired") != NULL, "it is found");
	tap_is_text(cause_of(jd), NULL,
	    "but cannot have broken another stage");
	evidence_free(j.ev);
}

/* "Not listed" holds up to the list's date only. */
static void
test_newer_than_list(void)
{
	struct judgement *jd;
	struct judged j;
	struct item *at;

	judged_init(&j);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 29);
	rejected(&j, at);
	issuer(&j, at, false, false);
	judged_fact(&j, at, &ek_issuer_listed, value_str("newer-than-list"));
	judged_fact(&j, at, &authority_list_date,
	    value_time(time_make(2022, 11, 21, 0, 0, 0)));
	jd = judge_run(j.ev, built_in);
	tap_ok(listed(jd->verdict.undecided, jd->verdict.nundecided,
	    "ek-issuer-not-trusted") && !listed(jd->verdict.excluded,
	    jd->verdict.nexcluded, "ek-issuer-not-trusted"),
	    "a list that ends before excludes nothing");
	tap_ok(jd->verdict.open != NULL && strstr(jd->verdict.open,
	    "a list of the service's authorities") != NULL, "and it is said: %s",
	    jd->verdict.open);
	evidence_free(j.ev);
}

static void
of_device(struct judged *j, struct item *at, int64_t number)
{
	judged_fact(j, at, &attempt_device, value_int(number));
}

static void
test_devices(void)
{
	struct judgement *jd;
	struct judged j;
	struct item *at;

	/* Another device succeeds later. */
	judged_init(&j);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 28);
	rejected(&j, at);
	issuer(&j, at, true, true);
	of_device(&j, at, 1);
	at = judged_attempt(&j, "succeeded", NULL, 29);
	of_device(&j, at, 2);
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.outcome, OUTCOME_FAILED,
	    "another device's success overtakes nothing");
	tap_is_text(cause_of(jd), "ek-issuer-renewed", "the cause stands");
	tap_ok(!finding_of(jd, "ek-certificate-rejected")->overtaken,
	    "and so does its mechanism");
	tap_ok(strstr(jd->verdict.sentence, "of 2 devices; 1 of them "
	    "succeeded") != NULL, "it is said: %s", jd->verdict.sentence);
	evidence_free(j.ev);

	/* Its own success does, whatever fails elsewhere before. */
	judged_init(&j);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 27);
	rejected(&j, at);
	of_device(&j, at, 1);
	at = judged_attempt(&j, "succeeded", NULL, 28);
	of_device(&j, at, 1);
	at = judged_attempt(&j, "failed", "dns", 29);
	judged_fact(&j, at, &stage_code, value_code(0x80072ee7));
	of_device(&j, at, 2);
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.outcome, OUTCOME_FAILED, "one failed");
	tap_is_text(cause_of(jd), "name-not-resolved", "by its own cause");
	tap_ok(finding_of(jd, "ek-certificate-rejected")->overtaken,
	    "the other one is overtaken");
	evidence_free(j.ev);

	/* All succeeded in the end. */
	judged_init(&j);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 26);
	rejected(&j, at);
	of_device(&j, at, 1);
	at = judged_attempt(&j, "succeeded", NULL, 27);
	of_device(&j, at, 2);
	at = judged_attempt(&j, "succeeded", NULL, 28);
	of_device(&j, at, 1);
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.outcome, OUTCOME_SUCCEEDED,
	    "each device succeeded in the end");
	evidence_free(j.ev);
}

static void
test_confidence(void)
{
	struct judgement *jd;
	struct judged j;
	struct item *at;
	int day;

	/* The same uncertain thing three times is as uncertain as once. */
	judged_init(&j);
	for (day = 27; day < 30; day++) {
		at = judged_attempt(&j, "failed", "PKIOperation-request", day);
		rejected(&j, at);
		issuer(&j, at, true, true);
	}
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.confidence, CONFIDENCE_MEDIUM,
	    "repetition proves nothing more");
	tap_is_text(jd->verdict.capped, NULL, "and lowers nothing");
	evidence_free(j.ev);

	/* Pieces that contradict each other carry less. */
	judged_init(&j);
	at = judged_attempt(&j, "failed", "dns", 29);
	judged_fact(&j, at, &stage_code, value_code(0x80072ee7));
	judged_fact(&j, ev_case(j.ev), &evidence_contradicted,
	    value_bool(true));
	jd = judge_run(j.ev, built_in);
	tap_is_text(cause_of(jd), "name-not-resolved", "a sure cause");
	tap_is_number(jd->verdict.confidence, CONFIDENCE_MEDIUM,
	    "is less sure in mixed evidence");
	tap_ok(jd->verdict.capped != NULL, "and it is said why");
	tap_is_number(jd->verdict.cause->confidence, CONFIDENCE_HIGH,
	    "the rule's own is kept");
	evidence_free(j.ev);

	/* So does a damaged input. */
	judged_init(&j);
	at = judged_attempt(&j, "failed", "dns", 29);
	judged_fact(&j, at, &stage_code, value_code(0x80072ee7));
	ev_input_of(j.ev, j.blob)->state = INPUT_PARTIAL;
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.confidence, CONFIDENCE_MEDIUM,
	    "a damaged input carries less");
	evidence_free(j.ev);
}

/* The service's fault is not the device's, nor the other way round. */
static void
test_fault(void)
{
	struct judgement *jd;
	struct judged j;
	struct item *at;

	judged_init(&j);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 29);
	rejected(&j, at);
	at->artifacts |= ARTIFACT(EK_ISSUER);
	judged_fact(&j, at, &incident_matches, value_bool(true));
	judged_fact(&j, at, &incident_what, value_str("What happened"));
	jd = judge_run(j.ev, built_in);
	tap_is_text(cause_of(jd), "service-incident", "an incident alone");
	tap_ok(strstr(jd->verdict.sentence, "fault of the device") != NULL,
	    "is no fault of the device: %s", jd->verdict.sentence);
	evidence_free(j.ev);

	judged_init(&j);
	at = judged_attempt(&j, "failed", "PKIOperation-request", 29);
	rejected(&j, at);
	at->artifacts |= ARTIFACT(EK_ISSUER);
	judged_fact(&j, at, &incident_matches, value_bool(true));
	judged_fact(&j, at, &incident_what, value_str("What happened"));
	judged_fact(&j, at, &ek_chain_expired, value_bool(true));
	judged_fact(&j, at, &ek_chain_expired_name, value_str("CN=x"));
	jd = judge_run(j.ev, built_in);
	tap_is_text(cause_of(jd), "ek-chain-expired",
	    "what the bytes show comes before a table's dates");
	tap_ok(strstr(jd->verdict.sentence, "fault of the device") == NULL,
	    "and the service is not blamed: %s", jd->verdict.sentence);
	tap_ok(jd->verdict.nalternatives == 1 &&
	    strcmp(jd->verdict.alternatives[0].rule, "service-incident") == 0,
	    "the incident is an alternative");
	tap_ok(jd->verdict.open != NULL &&
	    strstr(jd->verdict.open, "excluded") != NULL,
	    "what else was looked at is said: %s", jd->verdict.open);
	evidence_free(j.ev);
}

static void
test_nothing(void)
{
	struct judgement *jd;
	struct judged j;
	const struct finding *f;
	size_t i, bare = 0;

	judged_init(&j);
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.outcome, OUTCOME_UNDETERMINED,
	    "an empty case");
	tap_ok(*jd->verdict.sentence != '\0' &&
	    *jd->verdict.next_step != '\0', "still says something");
	evidence_free(j.ev);

	judged_init(&j);
	symptom(&j, 0x81039001);
	jd = judge_run(j.ev, built_in);
	tap_is_number(jd->verdict.outcome, OUTCOME_FAILED, "a symptom alone");
	tap_is_text(cause_of(jd), NULL, "gives no cause");
	tap_is_number(jd->verdict.nchain, 0, "and no chain");
	for (i = 0; i < jd->nfindings; i++)
		for (f = jd->findings[i]; f != NULL; f = f->same)
			bare += f->n == 0 && f->gap == NULL;
	tap_is_number((long long)bare, 0, "every finding cites or names a gap");
	evidence_free(j.ev);
}

/* Rules of one's own: gaps, variants, titles. */
static void
test_own(void)
{
	static const char text[] = "on attempt\nwhen not service.message\n"
	    "kind quality\nwhy w\nfix f {attempt.outcome}\nfires a\nsilent b\n"
	    "title {attempt.time:date}, {attempt.host|nowhere}, "
	    "{attempt.id}\nsee https://e.example/\n";
	struct rules *rs = rules_new();
	struct judgement *jd;
	struct judged j;
	struct item *at;

	rules_load_text(rs, "own.rule", text, sizeof(text) - 1, stderr);
	rules_finish(rs, stderr);
	judged_init(&j);
	at = judged_attempt(&j, "failed", NULL, 29);
	at->artifacts |= service_message.artifacts;
	jd = judge_run(j.ev, rs);
	tap_is_number((long long)jd->nfindings, 1, "an absence can be found");
	if (jd->nfindings == 1) {
		tap_ok(jd->findings[0]->n == 0 &&
		    strstr(jd->findings[0]->gap, "service.message") != NULL,
		    "and names the gap");
		tap_is_text(jd->findings[0]->title,
		    "2023-03-29, nowhere, (not known)", "values in a title");
		tap_is_text(jd->findings[0]->fix[0], "f failed",
		    "and in a fix");
	}
	evidence_free(j.ev);
	rules_free(rs);
}

int
main(void)
{
	built_in = rules_new();
	if (rules_load_embedded(built_in, stderr) != 0 ||
	    rules_finish(built_in, stderr) != 0)
		return 1;
	test_seed();
	test_never_reissued();
	test_cannot_say();
	test_overtaken();
	test_order();
	test_newer_than_list();
	test_devices();
	test_confidence();
	test_fault();
	test_nothing();
	test_own();
	rules_free(built_in);
	return tap_done();
}
