/*
 * Conditions: every operator and type, three values, what is cited, and the
 * mistakes that are refused with their place.
 * Relies on judged.h.
 */
#include "judged.h"

static struct judged	j;
static struct item	*attempt, *stage, *response;

static enum tri
value_of(const char *text, struct item *it, uint32_t *missing)
{
	const struct expr *e = expr_from_text(ev_arena(j.ev), text, it->kind,
	    stderr);

	if (missing != NULL)
		*missing = 0;
	return e == NULL ? (enum tri)9 : expr_eval(e, j.ev, it, missing);
}

static void
is(const char *text, struct item *it, enum tri wanted)
{
	tap_is_number((long long)value_of(text, it, NULL), (long long)wanted,
	    text);
}

static void
test_operators(void)
{
	is("stage.state == \"failed\"", stage, TRI_TRUE);
	is("stage.state == \"FAILED\"", stage, TRI_TRUE);
	is("stage.state != \"failed\"", stage, TRI_FALSE);
	is("stage.state != \"ok\"", stage, TRI_TRUE);
	is("stage.state starts \"fai\"", stage, TRI_TRUE);
	is("stage.state ends \"LED\"", stage, TRI_TRUE);
	is("stage.state contains \"ile\"", stage, TRI_TRUE);
	is("stage.state contains \"\"", stage, TRI_TRUE);
	is("stage.state contains \"failed \"", stage, TRI_FALSE);
	is("stage.state like \"f*d\"", stage, TRI_TRUE);
	is("stage.state like \"F?i*e?\"", stage, TRI_TRUE);
	is("stage.state like \"*a*l*x\"", stage, TRI_FALSE);
	is("stage.state like \"*\"", stage, TRI_TRUE);
	is("stage.state like \"faile\"", stage, TRI_FALSE);
	is("stage.state in {\"ok\", \"failed\"}", stage, TRI_TRUE);
	is("stage.state in {\"ok\"}", stage, TRI_FALSE);
	is("stage.duration == 5000", stage, TRI_TRUE);
	is("stage.duration > 4999 and stage.duration < 5001", stage,
	    TRI_TRUE);
	is("stage.duration >= 5000 and stage.duration <= 5000", stage,
	    TRI_TRUE);
	is("stage.duration > 5000 or stage.duration < 5000", stage,
	    TRI_FALSE);
	is("clock.skew < -5m", attempt, TRI_TRUE);
	is("clock.skew < -10m", attempt, TRI_FALSE);
	is("clock.skew > -2h and clock.skew > -180d and clock.skew < -30s",
	    attempt, TRI_TRUE);
	is("attempt.time >= 2023-03-29", attempt, TRI_TRUE);
	is("attempt.time < 2023-03-30", attempt, TRI_TRUE);
	is("attempt.time == 2023-03-29T08:00:00Z", attempt, TRI_TRUE);
	is("ek_issuer.serial == \"00AB12\"", attempt, TRI_TRUE);
	is("ek_issuer.serial != \"00ab\"", attempt, TRI_TRUE);
	is("stage.code == 0x80190190", stage, TRI_TRUE);
	is("stage.code in {0x80072ee7, 0x80190190}", stage, TRI_TRUE);
	is("rejected_ek", attempt, TRI_TRUE);
	is("rejected_ek == true", attempt, TRI_TRUE);
	is("rejected_ek == false", attempt, TRI_FALSE);
	is("attempt.failed_stage", attempt, TRI_TRUE);
	is("not attempt.failed_stage", attempt, TRI_FALSE);
	is("ek_issuer.not_before < ek_issuer.not_after", attempt, TRI_TRUE);
	is("ek_issuer.not_before == ek_issuer.not_after", attempt, TRI_FALSE);
	is("header[\"Content-Type\"] starts \"application/json\"", response,
	    TRI_TRUE);
	is("header[\"content-type\"]", response, TRI_TRUE);
	is("(rejected_ek or not rejected_ek) and not (rejected_ek and not "
	    "rejected_ek)", attempt, TRI_TRUE);
}

static void
test_repeated(void)
{
	/* The attempt's stage has 0x80190190 and 0x80072ee7. */
	is("stage.code == 0x80072ee7", stage, TRI_TRUE);
	is("stage.code != 0x80072ee7", stage, TRI_FALSE);
	is("stage.code != 0x80090016", stage, TRI_TRUE);
	is("count(stage where stage.state == \"failed\") > 0", attempt,
	    TRI_TRUE);
	is("count(stage where stage.state == \"failed\") > 1", attempt,
	    TRI_FALSE);
	is("count(stage) == 2", attempt, TRI_TRUE);
	is("count(stage) == 2", ev_case(j.ev), TRI_TRUE);
	is("count(attempt where rejected_ek) == 1", ev_case(j.ev), TRI_TRUE);
	is("count(device) == 0", ev_case(j.ev), TRI_TRUE);
	/* Outward: the stage sees its attempt. */
	is("rejected_ek and stage.state == \"failed\"", stage, TRI_TRUE);
}

static void
test_unknown(void)
{
	uint32_t missing;

	/* Nobody read an EK issuer for this attempt. */
	is("ek_issuer.reissued", attempt, TRI_UNKNOWN);
	is("not ek_issuer.reissued", attempt, TRI_UNKNOWN);
	is("rejected_ek and ek_issuer.reissued", attempt, TRI_UNKNOWN);
	is("rejected_ek or ek_issuer.reissued", attempt, TRI_TRUE);
	is("not rejected_ek and ek_issuer.reissued", attempt, TRI_FALSE);
	is("not rejected_ek or ek_issuer.reissued", attempt, TRI_UNKNOWN);
	is("ek_issuer.name != \"x\"", attempt, TRI_UNKNOWN);
	value_of("rejected_ek and ek_issuer.reissued", attempt, &missing);
	tap_is_number(missing, ARTIFACT(EK_ISSUER), "what is missing");
	value_of("(not rejected_ek and recipient_stale) or ek_issuer.known",
	    attempt, &missing);
	tap_is_number(missing, ARTIFACT(EK_ISSUER),
	    "what a false branch lacks does not matter");
	/* Answers were read for the attempt: absent is false. */
	attempt->artifacts |= ARTIFACT(ANSWER);
	is("stage.request_id", stage, TRI_FALSE);
	is("stage.request_id != \"x\"", stage, TRI_FALSE);
	is("stage.request_id == stage.client_request_id", stage, TRI_FALSE);
	/* No artifact could hold it: false. */
	is("evidence.contradicted", ev_case(j.ev), TRI_FALSE);
	is("count(stage where ek_issuer.known) > 0", attempt, TRI_UNKNOWN);
	is("count(stage where ek_issuer.known) > 2", attempt, TRI_FALSE);
}

static void
cites(const char *text, struct item *it, size_t facts, size_t absent)
{
	struct support s = { .arena = ev_arena(j.ev) };
	const struct expr *e = expr_from_text(ev_arena(j.ev), text, it->kind,
	    stderr);

	if (e != NULL)
		expr_support(e, j.ev, it, &s);
	tap_ok(s.n == facts && s.nabsent == absent,
	    "%s cites %zu facts and %zu gaps", text, facts, absent);
	if (s.n != facts || s.nabsent != absent)
		printf("# cites %zu and %zu\n", s.n, s.nabsent);
}

static void
test_support(void)
{
	cites("rejected_ek", attempt, 1, 0);
	cites("rejected_ek and attempt.outcome == \"failed\"", attempt, 2, 0);
	cites("rejected_ek or attempt.outcome == \"ok\"", attempt, 1, 0);
	cites("not (attempt.outcome == \"ok\")", attempt, 1, 0);
	cites("not stage.request_id", stage, 0, 1);
	cites("stage.code == 0x80190190", stage, 1, 0);
	cites("stage.code != 0x80090016", stage, 2, 0);
	cites("ek_issuer.not_before < ek_issuer.not_after", attempt, 2, 0);
	cites("count(stage where stage.state == \"failed\") > 0", attempt, 1,
	    0);
}

static void
refused(const char *text, enum item_kind kind, const char *wanted)
{
	struct caught c;
	const struct expr *e = expr_from_text(ev_arena(j.ev), text, kind,
	    caught_open(&c));
	const char *said = caught_text(&c);

	tap_ok(e == NULL && strstr(said, wanted) != NULL, "%s: %s", text,
	    wanted);
	if (e != NULL || strstr(said, wanted) == NULL)
		printf("# said %s\n", said);
	free(c.text);
}

static void
test_refused(void)
{
	refused("", ITEM_ATTEMPT, "1:1: a condition is missing");
	refused("rejected_ek and", ITEM_ATTEMPT, "1:16: a condition");
	refused("rejected_ek rejected_ek", ITEM_ATTEMPT, "1:13: and, or");
	refused("(rejected_ek", ITEM_ATTEMPT, "wants ) here");
	refused("rejectedek", ITEM_ATTEMPT, "did you mean rejected_ek?");
	refused("stage.nam", ITEM_STAGE, "did you mean stage.name?");
	refused("xyzzy.plugh", ITEM_STAGE, "1:1: there is no field");
	refused("stage.name == 5", ITEM_STAGE, "1:15: stage.name is text");
	refused("stage.name ==", ITEM_STAGE, "wants something to compare");
	refused("stage.name < \"x\"", ITEM_STAGE, "does not compare such");
	refused("stage.name == GetCACaps", ITEM_STAGE,
	    "there is no field GetCACaps");
	refused("attempt.time == 5", ITEM_ATTEMPT, "a time like");
	refused("attempt.time > 5m", ITEM_ATTEMPT, "a time like");
	refused("attempt.time > 2023-02-30", ITEM_ATTEMPT, "a time is like");
	refused("clock.skew > \"5\"", ITEM_ATTEMPT, "clock.skew is a number");
	refused("clock.skew > 5x", ITEM_ATTEMPT, "neither a number");
	refused("rejected_ek == 1", ITEM_ATTEMPT, "true or false");
	refused("rejected_ek < true", ITEM_ATTEMPT, "does not compare such");
	refused("stage.code == 5", ITEM_STAGE, "a code like 0x80190190");
	refused("stage.code == 0x801901900", ITEM_STAGE, "at most 8");
	refused("stage.code == 0xzz", ITEM_STAGE, "8 hex digits");
	refused("stage.code contains 0x1", ITEM_STAGE, "does not compare");
	refused("ek_issuer.serial == \"0g\"", ITEM_ATTEMPT, "hex digits");
	refused("ek_issuer.serial == ek_issuer.name", ITEM_ATTEMPT,
	    "ek_issuer.serial is bytes, but ek_issuer.name is text");
	refused("stage.name == \"x", ITEM_STAGE, "no closing");
	refused("stage.name = \"x\"", ITEM_STAGE, "equality is written ==");
	refused("rejected_ek && rejected_ek", ITEM_ATTEMPT, "write and, or");
	refused("!rejected_ek", ITEM_ATTEMPT, "negation is written not");
	refused("stage.name == \"x\"", ITEM_ATTEMPT, "cannot be seen from");
	refused("ek_issuer.known", ITEM_ARCHIVE, "cannot be seen from");
	refused("header == \"x\"", ITEM_RESPONSE, "wants a key");
	refused("http.reason[\"x\"]", ITEM_RESPONSE, "takes no key");
	refused("count(stag) > 0", ITEM_ATTEMPT, "a kind of item");
	refused("count(archive) > 0", ITEM_ATTEMPT, "no archive stands below");
	refused("count(stage) > 0x1", ITEM_ATTEMPT, "with a number");
	refused("count(stage)", ITEM_ATTEMPT, "wants == != <");
	refused("count(stage where rejected) > 0", ITEM_ATTEMPT,
	    "1:19: there is no field rejected");
	refused("stage.name in {}", ITEM_STAGE, "wants text in");
	refused("stage.name in {\"a\" \"b\"}", ITEM_STAGE, "wants } here");
	refused("stage.name ==\n  5", ITEM_STAGE, "text:2:3:");
	refused("rejected_ek @", ITEM_ATTEMPT, "1:13: this character");
	refused("stage.name == 'x'", ITEM_STAGE, "texts stand in \"");
	refused("stage.name == \"\\n\"", ITEM_STAGE, "stands only before");
	refused("clock.skew > 99999999999999999999", ITEM_ATTEMPT,
	    "this number is too large");
	refused("rejected_ek in {true}", ITEM_ATTEMPT,
	    "1:16: rejected_ek is yes or no: in makes no sense");
	refused("header[5] == \"x\"", ITEM_RESPONSE,
	    "1:8: header wants a key in quotes");
	refused("header[\"x\" == \"x\"", ITEM_RESPONSE, "a key wants ]");
	refused("stage.name in \"x\"", ITEM_STAGE, "in wants { here");
	refused("count stage > 0", ITEM_ATTEMPT, "count wants ( here");
	refused("scep.pki_status == Pendin", ITEM_PKI_MESSAGE,
	    "a number or one of");
	refused("not not not not not not not not not not not not not not not "
	    "not not not not not not not not not not not not not not not not "
	    "not not not not not not not not not not not not not not not not "
	    "not not not not not not not not not not not not not not not not "
	    "not rejected_ek", ITEM_ATTEMPT, "more than 64 levels");
	refused("rejected_ek and or rejected_ek", ITEM_ATTEMPT,
	    "1:17: a condition is missing here: found or");
}

static void
test_nesting(void)
{
	char deep[400];
	struct caught c;

	memset(deep, '(', 200);
	strcpy(deep + 200, "rejected_ek");
	tap_ok(expr_from_text(ev_arena(j.ev), deep, ITEM_ATTEMPT,
	    caught_open(&c)) == NULL && strstr(caught_text(&c),
	    "more than 64 levels") != NULL, "nesting has an end");
	free(c.text);
}

int
main(void)
{
	struct item *file, *other;

	judged_init(&j);
	attempt = judged_attempt(&j, "failed", "PKIOperation-request", 29);
	judged_fact(&j, attempt, &rejected_ek, value_bool(true));
	judged_fact(&j, attempt, &clock_skew, value_int(-301));
	judged_fact(&j, attempt, &ek_issuer_serial,
	    value_bytes("\x00\xab\x12", 3));
	judged_fact(&j, attempt, &ek_issuer_not_before,
	    value_time(time_make(2023, 2, 8, 9, 31, 26)));
	judged_fact(&j, attempt, &ek_issuer_not_after,
	    value_time(time_make(2058, 1, 1, 0, 0, 0)));
	stage = ev_item(j.ev, ITEM_STAGE, attempt, SPAN_NONE);
	judged_fact(&j, stage, &stage_name,
	    value_str("PKIOperation-request"));
	judged_fact(&j, stage, &stage_state, value_str("failed"));
	judged_fact(&j, stage, &stage_duration, value_int(5000));
	judged_fact(&j, stage, &stage_code, value_code(0x80190190));
	judged_fact(&j, stage, &stage_code, value_code(0x80072ee7));
	other = ev_item(j.ev, ITEM_STAGE, attempt, SPAN_NONE);
	judged_fact(&j, other, &stage_name, value_str("GetCACaps"));
	judged_fact(&j, other, &stage_state, value_str("ok"));
	file = ev_item(j.ev, ITEM_FILE, ev_case(j.ev), SPAN_NONE);
	response = ev_item(j.ev, ITEM_RESPONSE, file, SPAN_NONE);
	ev_fact_keyed(j.ev, response, &http_header, "Content-Type",
	    value_str("application/json; charset=utf-8"),
	    blob_part(j.blob, 0, 4));
	test_operators();
	test_repeated();
	test_unknown();
	test_support();
	test_refused();
	test_nesting();
	evidence_free(j.ev);
	return tap_done();
}
