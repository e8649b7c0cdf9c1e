/*
 * The three formats over evidence made by hand: proof down to the bytes read,
 * determinism, hostile strings, cases without a judgement.  With a folder as
 * its argument it also writes the reports there, to look at them.
 * Relies on report.h and the fields of parsers and correlators.
 */
#include <jansson.h>
#include <locale.h>

#include "correlate/attempt.h"
#include "parsers/fields.h"
#include "report/escape.h"
#include "report/model.h"
#include "tap.h"

#define EVIL	"\"><script>alert(1)</script>\x1b[31m\xe2\x80\xae\x9b'"
#define MESSAGE	"No valid TPM EK/Platform certificate provided in the TPM " \
		"identity request message."
#define HOST	"ifx-keyid-3d1ddc4b2f6b2f1e0a1e0d52d2a2c0a1b2c3d4e5"	\
		".microsoftaik.azure.net"

static const uint8_t	request[] =
	"POST /templates/Aik/scep HTTP/1.1\r\nHost: " HOST "\r\n"
	"x-ms-client-request-id: 11111111-2222-3333-4444-555555555555\r\n\r\n"
	"\x30\x82\x01\x00\x02\x08\x5a\x11\x22\x33\x44\x55\x66\x77"
	"\x17\x0d" "230208093126Z" "\x17\x0d" "361231235959Z";
static const uint8_t	answer[] =
	"HTTP/1.1 400 Bad Request\r\nDate: Wed, 29 Mar 2023 08:00:01 GMT\r\n"
	"x-ms-request-id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\r\n\r\n"
	"{\"Message\":\"" MESSAGE "\"}";
static const uint8_t	note[] = "The red screen said 0x81039001. " EVIL;

struct made {
	struct evidence	*ev;
	struct blob	*saz, *c, *s, *note;
	struct item	*attempt, *cert, *message;
	const struct fact *code, *status, *text, *serial, *from, *reissued;
};

static struct span
find(const struct blob *b, const char *what, size_t n)
{
	const uint8_t	*p = memmem(b->p, b->n, what, n);

	if (p == NULL)
		abort();
	return blob_part(b, (size_t)(p - b->p), n);
}

static struct blob *
member(struct made *m, const char *name, const uint8_t *p, size_t n)
{
	uint8_t	*copy = malloc(n);

	memcpy(copy, p, n);
	return ev_member(m->ev, m->saz, name, "zip member", "-",
	    NULL, copy, n, n);
}

static void
make_stage(struct made *m, const char *name, const char *state, int64_t time,
    bool failed)
{
	struct item		*stage;
	const struct fact	*from[] = { m->status };

	stage = ev_item(m->ev, ITEM_STAGE, m->attempt, SPAN_NONE);
	ev_derive(m->ev, stage, &stage_name, value_str(name), SPAN_NONE, from,
	    1, NULL);
	ev_derive(m->ev, stage, &stage_state, value_str(state), SPAN_NONE,
	    from, 1, NULL);
	if (time == 0)
		return;
	ev_derive(m->ev, stage, &stage_time, value_time(time), SPAN_NONE, from,
	    1, NULL);
	ev_derive(m->ev, stage, &stage_duration, value_int(212), SPAN_NONE,
	    from, 1, NULL);
	ev_derive(m->ev, stage, &stage_item, value_str("session 12"),
	    SPAN_NONE, from, 1, NULL);
	if (!failed) {
		ev_derive(m->ev, stage, &http_status, value_int(200),
		    SPAN_NONE, from, 1, NULL);
		return;
	}
	ev_copy(m->ev, stage, m->status);
	ev_copy(m->ev, stage, m->text);
	ev_derive(m->ev, stage, &stage_request_id,
	    value_str("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"), SPAN_NONE,
	    from, 1, NULL);
	ev_derive(m->ev, stage, &stage_client_request_id,
	    value_str("11111111-2222-3333-4444-555555555555"), SPAN_NONE,
	    from, 1, NULL);
}

static void
make_attempt(struct made *m)
{
	const struct fact	*from[] = { m->serial, m->from };
	int64_t			 t = time_make(2023, 3, 29, 8, 0, 1);
	struct evidence		*ev = m->ev;
	struct item		*a;

	m->attempt = a = ev_item(ev, ITEM_ATTEMPT, ev_case(ev), SPAN_NONE);
#define SET(field, value) \
	ev_derive(ev, a, &field, value, SPAN_NONE, from, 2, NULL)
	SET(attempt_host, value_str(HOST));
	SET(attempt_vendor, value_str("IFX"));
	SET(attempt_form, value_str("keyid"));
	SET(attempt_id,
	    value_str("3d1ddc4b2f6b2f1e0a1e0d52d2a2c0a1b2c3d4e5"));
	SET(attempt_outcome, value_str("failed"));
	SET(attempt_failed_stage, value_str("PKIOperation-request"));
	SET(attempt_time, value_time(t));
	SET(authority_state_f, value_str("yes"));
	SET(authority_since, value_time(time_make(2019, 5, 9, 0, 0, 0)));
	SET(authority_list_date, value_time(time_make(2024, 11, 21, 0, 0, 0)));
	SET(ek_issuer_name, value_str(
	    "Infineon OPTIGA(TM) RSA Manufacturing CA 042"));
	SET(ek_issuer_serial, value_bytes("\x5a\x11\x22\x33\x44\x55\x66\x77",
	    8));
	SET(ek_issuer_old_serial, value_bytes("\x07\x6a\x01", 3));
	SET(ek_issuer_not_before, value_time(
	    time_make(2023, 2, 8, 9, 31, 26)));
	SET(ek_issuer_not_after, value_time(
	    time_make(2036, 12, 31, 23, 59, 59)));
	SET(ek_issuer_old_not_before, value_time(
	    time_make(2017, 7, 1, 0, 0, 0)));
	SET(ek_issuer_old_not_after, value_time(
	    time_make(2032, 7, 1, 0, 0, 0)));
	m->reissued = ev_derive(ev, a, &ek_issuer_reissued, value_bool(true),
	    SPAN_NONE, from, 2, "rules/data/reissues.tsv");
#undef SET
	make_stage(m, "dns", "not-captured", 0, false);
	make_stage(m, "GetCACaps", "ok", t - 3000000, false);
	make_stage(m, "GetCACertChain", "ok", t - 2000000, false);
	make_stage(m, "PKIOperation-request", "failed", t, true);
	make_stage(m, "challenge", "missing", 0, false);
}

static void
make_certificate(struct made *m)
{
	struct span	 at = find(m->c, "\x02\x08\x5a\x11", 4);
	struct evidence	*ev = m->ev;

	m->message = ev_item(ev, ITEM_PKI_MESSAGE, ev_item(ev, ITEM_REQUEST,
	    m->saz->item, blob_span(m->c)), SPAN_NONE);
	m->cert = ev_item(ev, ITEM_CERTIFICATE, m->message, at);
	at.len = 10;
	m->serial = ev_fact(ev, m->cert, &cert_serial,
	    value_bytes(m->c->p + at.off + 2, 8), at);
	at = find(m->c, "\x17\x0d" "230208", 8);
	at.len = 15;
	m->from = ev_fact(ev, m->cert, &cert_not_before,
	    value_time(time_make(2023, 2, 8, 9, 31, 26)), at);
	at.off += 15;
	ev_fact(ev, m->cert, &cert_not_after,
	    value_time(time_make(2036, 12, 31, 23, 59, 59)), at);
	ev_fact(ev, m->cert, &cert_subject, value_str("C=DE, O=Infineon "
	    "Technologies AG, CN=" EVIL), at);
	ev_fact(ev, m->cert, &cert_issuer, value_str("C=DE, CN=Root"), at);
	ev_fact(ev, m->cert, &cert_key, value_str("RSA 2048"), at);
	ev_fact(ev, m->cert, &cert_cn, value_str(
	    "Infineon OPTIGA(TM) RSA Manufacturing CA 042"), at);
	at = blob_part(m->c, at.off - 25, 40);
	ev_derive(ev, m->cert, &cert_sha256, value_bytes(
	    "0123456789abcdef0123456789abcdef", 32), at, NULL, 0, NULL);
	ev_derive(ev, m->cert, &cert_sha1, value_bytes(
	    "0123456789abcdef0123", 20), at, NULL, 0, NULL);
	ev_derive(ev, m->cert, &cert_role, value_str("ek-intermediate"), at,
	    &m->serial, 1, NULL);
}

static void
make_join(struct made *m)
{
	const struct fact	*from[] = { m->serial };
	struct item		*join;

	join = ev_item(m->ev, ITEM_JOIN, ev_case(m->ev), SPAN_NONE);
	ev_derive(m->ev, join, &join_a, value_str("raw/12_c.txt"), SPAN_NONE,
	    from, 1, NULL);
	ev_derive(m->ev, join, &join_b, value_str("request file"), SPAN_NONE,
	    from, 1, NULL);
	ev_derive(m->ev, join, &join_grade, value_str("proven"), SPAN_NONE,
	    from, 1, NULL);
	ev_derive(m->ev, join, &join_by, value_str("property 112 is the SHA-1 "
	    "of the signer's certificate"), SPAN_NONE, from, 1, NULL);
}

static void
make(struct made *m)
{
	static const uint8_t	sha[2][32] = { { 0xab }, { 0xcd } };
	struct item		*n, *response;

	m->ev = evidence_new(&limits_default);
	m->saz = ev_input(m->ev, "capture.saz", true, (const uint8_t *)"PK\3\4",
	    4, sha[0]);
	ev_input_kind(m->ev, m->saz, "saz");
	m->note = ev_input(m->ev, "note.txt", true, note, sizeof(note) - 1,
	    sha[1]);
	m->c = member(m, "raw/12_c.txt", request, sizeof(request) - 1);
	m->s = member(m, "raw/12_s.txt", answer, sizeof(answer) - 1);
	n = ev_item(m->ev, ITEM_NOTE, m->note->item, blob_span(m->note));
	m->code = ev_fact(m->ev, n, &note_code, value_code(0x81039001),
	    find(m->note, "0x81039001", 10));
	response = ev_item(m->ev, ITEM_RESPONSE, m->saz->item,
	    blob_span(m->s));
	m->status = ev_fact(m->ev, response, &http_status, value_int(400),
	    find(m->s, "400", 3));
	m->text = ev_fact(m->ev, response, &service_message,
	    value_str(MESSAGE), find(m->s, MESSAGE, strlen(MESSAGE)));
	make_certificate(m);
	make_attempt(m);
	make_join(m);
	ev_problem(m->ev, PROBLEM_PARTIAL, blob_part(m->c, 3, 1),
	    "ends early %s", EVIL);
}

/* ---- the judgement ---- */

static const char	*explains_symptom[] = { "attestation-retries-exhausted" };
static const char	*explains_mechanism[] = { "ek-certificate-rejected" };
static const char	*fixes[] = { "Send the escalation block." };
static const char	*sees[] = { "https://example.com/kb?a=1&b=2",
				    "javascript:alert(1)" };
static const struct rule	rules_made[] = {
	{ .id = "attestation-retries-exhausted", .kind = RULE_SYMPTOM,
	    .severity = SEVERITY_ERROR, .file = "causes/a.rule" },
	{ .id = "ek-certificate-rejected", .kind = RULE_MECHANISM,
	    .severity = SEVERITY_ERROR, .file = "causes/b.rule",
	    .explains = explains_symptom, .nexplains = 1 },
	{ .id = "ek-issuer-renewed", .kind = RULE_CAUSE,
	    .severity = SEVERITY_ERROR, .file = "causes/c.rule",
	    .explains = explains_mechanism, .nexplains = 1,
	    .fix = fixes, .nfix = 1, .see = sees, .nsee = 2,
	    .source = "on attempt\nwhen \"<b>\"\n", .source_n = 22 },
	{ .id = "capture-incomplete", .kind = RULE_QUALITY,
	    .severity = SEVERITY_WARNING, .file = "causes/d.rule" },
};

struct judged {
	struct judgement	 judgement;
	struct finding		 findings[4];
	struct finding		*list[4];
	const struct finding	*chain[3];
	const struct fact	*because[3][4];
	uint32_t		 codes[1];
	struct coverage		 coverage[2];
};

static void
judge(struct judged *j, const struct made *m)
{
	static const char	*fix[] = { "Send the escalation block to " EVIL };
	size_t			 i;

	memset(j, 0, sizeof(*j));
	for (i = 0; i < 4; i++) {
		j->findings[i].rule = &rules_made[i];
		j->findings[i].confidence = CONFIDENCE_MEDIUM;
		j->list[i] = &j->findings[i];
	}
	j->codes[0] = 0x81039001;
	j->because[0][0] = m->code;
	j->because[1][0] = item_fact(ev_first(m->ev, ITEM_STAGE),
	    &stage_state);
	j->because[1][1] = m->text;
	j->because[1][2] = m->status;
	j->because[2][0] = m->reissued;
	j->findings[0].because = j->because[0];
	j->findings[0].n = 1;
	j->findings[0].title = "Windows gave up: attestation retries "
	    "exhausted (0x81039001)";
	j->findings[0].codes = j->codes;
	j->findings[0].ncodes = 1;
	j->findings[1].because = j->because[1];
	j->findings[1].n = 3;
	j->findings[1].title = "The service refused the EK certificate "
	    "with HTTP 400";
	j->findings[2].because = j->because[2];
	j->findings[2].n = 1;
	j->findings[2].title = "The EK-issuing CA Infineon OPTIGA(TM) RSA "
	    "Manufacturing CA 042 was re-issued on 2023-02-08; the service "
	    "most likely still knew only its predecessor " EVIL;
	j->findings[2].why = "Same subject and key, later validity.";
	j->findings[2].fix = fix;
	j->findings[3].gap = "no response to session 13 <b>";
	j->findings[3].title = "The capture has gaps";
	for (i = 0; i < 3; i++)
		j->chain[i] = &j->findings[i];
	j->coverage[0] = (struct coverage){ "ek-issuer-renewed", STATE_FIRED,
	    0 };
	j->coverage[1] = (struct coverage){ "tpm-not-ready", STATE_CANNOT_SAY,
	    ARTIFACT(TPMTOOL) };
	j->judgement = (struct judgement){
		.findings = j->list, .nfindings = 4,
		.coverage = j->coverage, .ncoverage = 2,
		.verdict = {
			.outcome = OUTCOME_FAILED,
			.cause = &j->findings[2],
			.confidence = CONFIDENCE_MEDIUM,
			.sentence = j->findings[2].title,
			.next_step = fix[0],
			.chain = j->chain, .nchain = 3
		}
	};
}

static char *
render(const char *format, struct evidence *ev,
    const struct judgement *judgement, bool verbose, unsigned int columns)
{
	struct report	 report = { .ev = ev, .judgement = judgement,
			    .verbose = verbose, .columns = columns };
	char		*text = NULL;
	size_t		 n = 0;
	FILE		*f = open_memstream(&text, &n);

	if (f == NULL || reporter_find(format)->write(&report, f) != 0 ||
	    fclose(f) != 0)
		abort();
	return text;
}

static bool
raw_hidden(const char *text)
{
	int32_t	c;
	size_t	i, n = strlen(text);

	for (i = 0; i < n;) {
		i += character_next(text + i, n - i, &c);
		if (c < 0 || (c != '\n' && c != '\t' && character_hidden(c)))
			return true;
	}
	return false;
}

static size_t
widest(const char *text)
{
	size_t	n, most = 0;

	for (; *text != '\0'; text += n + (text[n] != '\0')) {
		n = strcspn(text, "\n");
		if (text_width(text, n) > most)
			most = text_width(text, n);
	}
	return most;
}

static void
test_json(const struct made *m, const struct judged *j)
{
	char		*text, *again;
	json_t		*root, *because;
	json_error_t	 error;
	const char	*member_name, *value;
	json_int_t	 offset;

	text = render("json", m->ev, &j->judgement, false, 80);
	again = render("json", m->ev, &j->judgement, true, 100);
	tap_ok(strcmp(text, again) == 0, "the same bytes again");
	tap_ok(!raw_hidden(text), "no control or bidirectional character");
	root = json_loads(text, 0, &error);
	tap_ok(root != NULL, "jansson reads it");
	because = json_object_get(json_array_get(json_object_get(root,
	    "findings"), 2), "because");
	tap_is_number((long long)json_array_size(because), 2,
	    "a computed fact is taken apart to the two that were read");
	member_name = json_string_value(json_object_get(json_array_get(because,
	    0), "member"));
	tap_is_text(member_name, "raw/12_c.txt", "the member");
	offset = json_integer_value(json_object_get(json_array_get(because,
	    0), "offset"));
	tap_ok(memcmp(request + offset, "\x02\x08\x5a", 3) == 0,
	    "the offset is the INTEGER's");
	tap_is_text(json_string_value(json_object_get(json_array_get(because,
	    0), "value")), "5a11223344556677", "the value in hex");
	tap_is_text(json_string_value(json_array_get(json_object_get(
	    json_array_get(because, 0), "for"), 0)),
	    "ek_issuer.reissued=true", "what it supports");
	because = json_object_get(json_array_get(json_object_get(root,
	    "findings"), 1), "because");
	tap_is_number((long long)json_array_size(because), 2,
	    "no fact twice");
	value = json_string_value(json_object_get(json_array_get(
	    json_object_get(json_array_get(json_object_get(root, "findings"),
	    3), "because"), 0), "gap"));
	tap_is_text(value, "no response to session 13 <b>", "a gap");
	json_decref(root);
	free(again);
	free(text);
}

static void
test_text(const struct made *m, const struct judged *j)
{
	static const unsigned int	columns[] = { 60, 80, 132 };
	char				*text;
	size_t				 i;

	for (i = 0; i < 3; i++) {
		text = render("text", m->ev, &j->judgement, true, columns[i]);
		/* The escalation block is pasted as it stands. */
		tap_ok(widest(text) <= (columns[i] < 80 ? 80 : columns[i]),
		    "%u columns: widest %zu", columns[i], widest(text));
		tap_ok(!raw_hidden(text), "nothing hidden is shown");
		free(text);
	}
	text = render("text", m->ev, &j->judgement, false, 80);
	tap_ok(strstr(text, "capture.saz!/raw/12_s.txt@9+3") != NULL,
	    "a citation by member and offset");
	tap_ok(strstr(text, "\\x1b[31m\\u202e\\x9b") != NULL,
	    "what would be hidden is escaped");
	free(text);
}

static void
test_html(const struct made *m, const struct judged *j)
{
	char	*text = render("html", m->ev, &j->judgement, true, 80);
	char	*script = strstr(text, "<script");

	tap_ok(script != NULL && strstr(script + 1, "<script") == NULL &&
	    strncmp(script, "<script>\"use strict\";", 21) == 0,
	    "no script but the page's own");
	tap_ok(strstr(text, "href=\"javascript") == NULL, "no javascript link");
	tap_ok(strstr(text, "&lt;script&gt;") != NULL, "markup is escaped");
	tap_ok(!raw_hidden(text), "nothing hidden is shown");
	tap_ok(strstr(text, "default-src 'none'") != NULL, "a strict policy");
	tap_ok(strstr(text, "<mark>34") != NULL, "the cited bytes are marked");
	free(text);
}

static void
test_unjudged(void)
{
	static const char *const formats[] = { "text", "json", "html" };
	static const uint8_t	sha[32] = { 1 };
	struct evidence		*ev = evidence_new(&limits_default);
	struct blob		*b;
	char			*text;
	size_t			 i;

	b = ev_input(ev, "broken.saz", true, (const uint8_t *)"", 0, sha);
	ev_problem(ev, PROBLEM_UNREADABLE, blob_span(b),
	    "the worker ended by signal 11");
	for (i = 0; i < 3; i++) {
		text = render(formats[i], ev, NULL, false, 80);
		tap_ok(strstr(text, "undetermined") != NULL &&
		    strstr(text, "signal 11") != NULL,
		    "%s of a case that nobody judged", formats[i]);
		free(text);
	}
	evidence_free(ev);
}

static void
write_out(const char *folder, const struct made *m, const struct judged *j)
{
	static const char *const formats[] = { "text", "json", "html" };
	char	*text, path[4096];
	FILE	*f;
	size_t	 i;

	for (i = 0; i < 3; i++) {
		text = render(formats[i], m->ev, &j->judgement, false, 80);
		(void)snprintf(path, sizeof(path), "%s/report.%s", folder,
		    formats[i]);
		if ((f = fopen(path, "w")) == NULL)
			abort();
		(void)fputs(text, f);
		(void)fclose(f);
		free(text);
	}
}

int
main(int argc, char **argv)
{
	struct made	m = { 0 };
	struct judged	j;

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	json_object_seed(1);
	make(&m);
	judge(&j, &m);
	test_json(&m, &j);
	test_text(&m, &j);
	test_html(&m, &j);
	test_unjudged();
	if (argc > 1)
		write_out(argv[1], &m, &j);
	evidence_free(m.ev);
	return tap_done();
}
