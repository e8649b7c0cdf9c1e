/*
 * Reads what certreq -enrollaik and the events 86, 87 and 88 say of enrolment
 * runs, in any language, quoted or not, several in one text.
 * Relies on run_tokens.h for the tokens and run_group.h for what is one run.
 */
#include <string.h>

#include "decode/event.h"
#include "decode/parser.h"
#include "decode/run_group.h"
#include "parsers/fields.h"

#define NOTE_BYTES	4096	/* longer text around the runs is an article */
#define CERTIFICATES	8	/* of one run */

#define SAID		(ARTIFACT(CERTREQ) | ARTIFACT(EVENT))
/* What correlators also tell of the attempt has a field of both kinds. */
#define FIELD(id, n, t, k, a, ...)					\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = k, .artifacts = a, __VA_ARGS__ }
#define F(id, n, t, a, ...)						\
	FIELD(id, n, t, KIND(RUN), a, __VA_ARGS__)
#define FA(id, n, t, a, ...)						\
	FIELD(id, n, t, KIND(RUN) | KIND(ATTEMPT), a, __VA_ARGS__)
/* Those that the attempt gets a copy of. */
#define A(id, n, t, a, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(RUN) | KIND(ATTEMPT), .artifacts = a, __VA_ARGS__ }

static const struct named dispositions[] = {
	{ -1, "Unknown" }, { 0, "Success" }, { 2, "Failure" },
	{ 3, "Pending" }, { 11, "PendingChallenge" }, { 0, NULL }
};
static const struct named fail_infos[] = {
	{ -1, "Unknown" }, { 0, "BadAlgorithm" }, { 1, "BadMessageCheck" },
	{ 2, "BadRequest" }, { 3, "BadTime" }, { 4, "BadCertId" }, { 0, NULL }
};
static const struct named enroll_statuses[] = {
	{ 1, "Enrolled" }, { 32, "Pending" }, { 256, "EnrollDenied" },
	{ 0, NULL }
};

F(run_source, "run.source", TEXT, SAID, .help =
    "who says it: certreq, or event (86, 87, 88)");
A(run_event, "run.event", INT, ARTIFACT(EVENT), .help =
    "id of the event, where the text gives it: 86, 87 or 88");
F(run_url, "run.url", TEXT, SAID | ARTIFACT(AUTHORITY), .help =
    "URL of the enrolment");
F(run_host, "run.host", TEXT, SAID | ARTIFACT(AUTHORITY), .help =
    "host of the URL, lower case");
F(run_authority, "run.authority", TEXT, ARTIFACT(CERTREQ) |
    ARTIFACT(AUTHORITY), .help = "the authority's name as certreq prints it");
F(run_ek_issuer, "run.ek_issuer", TEXT, ARTIFACT(CERTREQ), .help =
    "name of the EK certificate's issuer as certreq prints it");
F(run_vendor, "run.vendor", TEXT, ARTIFACT(CERTREQ), .help =
    "manufacturer of the TPM, as its TCG text id");
F(run_firmware, "run.firmware", TEXT, ARTIFACT(CERTREQ), .help =
    "firmware version of the TPM, from the two numbers of certreq");
F(run_tpm_version, "run.tpm_version", TEXT, ARTIFACT(CERTREQ), .help =
    "version of the TPM specification: 2.0 or 1.2");
F(run_tpm_revision, "run.tpm_revision", TEXT, ARTIFACT(CERTREQ), .help =
    "revision of the TPM specification: 1.38, 1.59");
A(run_operation, "run.operation", TEXT, SAID, .repeated = true, .help =
    "operation that a line names: GetCACaps, Submit(Request) ...");
F(run_reason, "run.reason", TEXT, SAID | ARTIFACT(ANSWER), .repeated = true,
    .help = "what stands after the operation: OK, Not Found ...");
A(run_http_status, "run.http_status", INT, SAID | ARTIFACT(ANSWER), .help =
    "HTTP status of the last exchange");
A(run_pki_status, "run.pki_status", INT, SAID | ARTIFACT(ANSWER),
    .repeated = true, .named = dispositions, .help =
    "pkiStatus of the service's answer");
A(run_fail_info, "run.fail_info", INT, SAID | ARTIFACT(ANSWER),
    .named = fail_infos, .help = "failInfo of the service's answer");
A(run_enroll_status, "run.enroll_status", INT, SAID,
    .named = enroll_statuses, .help = "what became of the enrolment");
A(run_code, "run.code", CODE, SAID, .repeated = true, .help =
    "error code of the run; 0 is success");
A(run_symbol, "run.symbol", TEXT, SAID, .repeated = true, .help =
    "symbol in the parenthesis after a code");
F(run_method, "run.method", TEXT, SAID, .help =
    "HTTP method of the last request");
F(run_method_ms, "run.method_ms", INT, SAID, .help =
    "milliseconds that the last request took");
F(run_stage, "run.stage", TEXT, SAID, .help =
    "stage at which the run ended, in Windows' words");
F(run_message, "run.message", TEXT, SAID | ARTIFACT(ANSWER), .help =
    "the service's own message");
F(run_date, "run.date", TIME, SAID | ARTIFACT(TIME), .help =
    "the server's Date in the last answer");
F(run_event_time, "run.event_time", TIME, ARTIFACT(EVENT) | ARTIFACT(TIME),
    .help = "time of the event, where the text gives it with its zone");
F(run_content_type, "run.content_type", TEXT, SAID | ARTIFACT(ANSWER), .help =
    "media type of the last answer");
F(run_request_id, "run.request_id", TEXT, SAID | ARTIFACT(ANSWER), .help =
    "x-ms-request-id of the last answer");
F(run_client_request_id, "run.client_request_id", TEXT, SAID |
    ARTIFACT(ANSWER), .help = "x-ms-client-request-id of the last exchange");
F(run_thumbprint, "run.thumbprint", BYTES, SAID, .help =
    "SHA-1 of the AIK certificate that came");
F(run_key_name, "run.key_name", TEXT, ARTIFACT(CERTREQ), .help =
    "name of the key that certreq made");
F(run_total_ms, "run.total_ms", INT, ARTIFACT(CERTREQ), .help =
    "milliseconds of the whole run");
A(run_cut, "run.cut", BOOL, ARTIFACT(CERTREQ), .help =
    "certreq's output ends before any outcome");
F(run_machine, "run.machine", TEXT, ARTIFACT(EVENT), .personal = true,
    .help = "account of the machine in an event's first sentence");

static const struct field *const fields[] = {
	&run_authority, &run_client_request_id, &run_code, &run_content_type,
	&run_cut,
	&run_date, &run_ek_issuer, &run_enroll_status, &run_event,
	&run_event_time, &run_fail_info, &run_firmware, &run_host,
	&run_http_status, &run_key_name, &run_machine, &run_message,
	&run_method, &run_method_ms, &run_operation, &run_pki_status,
	&run_reason, &run_request_id, &run_source, &run_stage, &run_symbol,
	&run_thumbprint, &run_total_ms, &run_tpm_revision,
	&run_tpm_version, &run_url, &run_vendor, NULL
};

/* What every function here works on. */
struct reader {
	struct evidence	*ev;
	struct blob	*blob;
	const struct text *t;
	struct run_groups *groups;
};

static struct span
part_span(const struct reader *r, struct text_part part)
{
	return text_span(r->t, part.off, part.n);
}

static struct fact *
part_fact(struct reader *r, struct item *it, const struct field *field,
    struct text_part part)
{
	if (part.n == 0)
		return NULL;
	return ev_fact(r->ev, it, field,
	    value_text(r->t->p + part.off, part.n), part_span(r, part));
}

/* A text that a mailer may have broken: its line ends become one blank. */
static void
unbroken_fact(struct reader *r, struct item *it, const struct field *field,
    struct text_part part)
{
	const char *p = r->t->p + part.off;
	char *to;
	size_t i, n = 0, skip;

	if (part.n == 0)
		return;
	if (memchr(p, '\n', part.n) == NULL) {
		part_fact(r, it, field, part);
		return;
	}
	to = arena_alloc(ev_arena(r->ev), part.n);
	for (i = 0; i < part.n; ) {
		skip = p[i] == '\r' || p[i] == '\n' ? text_soft_blanks(p + i,
		    part.n - i) : 0;
		if (skip > 0) {
			while (n > 0 && to[n - 1] == ' ')
				n--;
			to[n++] = ' ';
			i += skip;
		} else
			to[n++] = p[i++];
	}
	ev_derive(r->ev, it, field, value_text(to, n), part_span(r, part),
	    NULL, 0, "line ends taken out");
}

/* ---- the head ---- */

/* "458837.298516480" as 7.85.4555.0: two 32-bit numbers. */
static void
firmware(struct reader *r, struct item *it, struct text_part part)
{
	const char *p = r->t->p + part.off;
	size_t n, m;
	int64_t a, b;

	n = text_digits(p, part.n, &a);
	if (n == 0 || n >= part.n || p[n] != '.')
		return;
	m = text_digits(p + n + 1, part.n - n - 1, &b);
	if (m == 0 || n + 1 + m != part.n || a > UINT32_MAX || b > UINT32_MAX)
		return;
	ev_derive(r->ev, it, &run_firmware, value_str(arena_printf(
	    ev_arena(r->ev), "%u.%u.%u.%u", (unsigned int)(a >> 16),
	    (unsigned int)(a & 0xffff), (unsigned int)(b >> 16),
	    (unsigned int)(b & 0xffff))), part_span(r, part), NULL, 0,
	    "high and low half of each number");
}

/* "-Revision:1.59" in the line that begins with TPM-Version. */
static void
revision(struct reader *r, struct item *it, const struct run_token *k)
{
	static const char name[] = "Revision:";
	const char *p = r->t->p;
	size_t end = k->at.off + k->at.n, from, n;

	from = k->at.off + text_find(p + k->at.off, k->at.n, name);
	if (from >= end)
		return;
	from += sizeof(name) - 1;
	for (n = 0; from + n < end && (text_is_digit(p[from + n]) ||
	    p[from + n] == '.'); n++)
		continue;
	part_fact(r, it, &run_tpm_revision, (struct text_part){ from, n });
}

/* The line after the authority names the EK's issuer. */
static void
ek_issuer(struct reader *r, struct item *it, const struct run_token *k)
{
	const struct text *t = r->t;
	struct text_part line;
	size_t i;

	for (i = k->last_line + 1; i < t->nlines && i < k->last_line + 4; i++) {
		line = text_content(&t->lines[i]);
		if (line.n == 0)
			continue;
		if (line.n <= 512 && memchr(t->p + line.off, '=', line.n) !=
		    NULL && !text_starts(t->p + line.off, line.n, "http"))
			part_fact(r, it, &run_ek_issuer, line);
		return;
	}
}

static void
host(struct reader *r, struct item *it, const struct run_token *k)
{
	const struct fact *url = part_fact(r, it, &run_url, k->value);
	char *name = arena_text(ev_arena(r->ev), r->t->p + k->second.off,
	    k->second.n);
	size_t i;

	for (i = 0; i < k->second.n; i++)
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] += 32;
	ev_derive(r->ev, it, &run_host, value_text(name, k->second.n),
	    part_span(r, k->second), &url, 1, NULL);
	ev_artifact(it, ARTIFACT_AUTHORITY);
}

/* ---- what happened ---- */

static void
number_fact(struct reader *r, struct item *it, const struct field *field,
    const struct run_token *k, struct text_part part)
{
	ev_fact(r->ev, it, field, field->type == VALUE_CODE ?
	    value_code((uint32_t)k->number) : field->type == VALUE_TIME ?
	    value_time(k->number) : value_int(k->number), part_span(r, part));
}

static void
thumbprint(struct reader *r, struct item *it, const struct run_token *k)
{
	const char *p = r->t->p + k->value.off;
	char bytes[20];
	size_t i, n = 0;
	uint32_t digit;

	for (i = 0; i < k->value.n && n < 40; i++) {
		if (text_hex(p + i, 1, &digit) == 0)
			continue;
		bytes[n / 2] = (char)(n % 2 == 0 ? digit << 4 :
		    (uint8_t)bytes[n / 2] | digit);
		n++;
	}
	if (n == 40)
		ev_fact(r->ev, it, &run_thumbprint, value_bytes(bytes, 20),
		    part_span(r, k->value));
}

static void
certificate(struct reader *r, struct item *it, const struct run_token *k)
{
	struct span at = part_span(r, k->value);
	uint8_t *der;
	size_t n;

	der = text_base64(r->t->p + k->value.off, k->value.n, &n);
	if (der == NULL)
		ev_problem(r->ev, PROBLEM_NOTED, at,
		    "the lines between BEGIN and END CERTIFICATE are no "
		    "base64");
	else
		ev_step(r->ev, at, "base64", HINT_CERT, it, der, n);
}

/* Of most tokens the last one counts: it is of the last exchange. */
static const struct plain {
	enum run_token_kind kind;
	const struct field *text, *number, *second;
	bool	 all;		/* every one is a fact */
	bool	 first;		/* the first one is */
} plain[] = {
	{ TOKEN_AUTHORITY, .text = &run_authority, .first = true },
	{ TOKEN_OPERATION, .text = &run_operation, .second = &run_reason,
	    .all = true },
	{ TOKEN_PKI_STATUS, .number = &run_pki_status, .all = true },
	{ TOKEN_FAIL_INFO, .number = &run_fail_info },
	{ TOKEN_ENROLL_STATUS, .number = &run_enroll_status },
	{ TOKEN_HTTP, .number = &run_http_status },
	{ TOKEN_DATE, .number = &run_date },
	{ TOKEN_CONTENT_TYPE, .text = &run_content_type },
	{ TOKEN_REQUEST_ID, .text = &run_request_id },
	{ TOKEN_CLIENT_REQUEST_ID, .text = &run_client_request_id },
	{ TOKEN_METHOD, .text = &run_method },
	{ TOKEN_STAGE, .text = &run_stage },
	{ TOKEN_CODE, .number = &run_code, .second = &run_symbol,
	    .all = true },
	{ TOKEN_BARE_CODE, .number = &run_code, .all = true },
	{ TOKEN_TOTAL, .number = &run_total_ms },
	{ TOKEN_KEY, .text = &run_key_name },
};

static void
plain_facts(struct reader *r, struct item *it, const struct run_group *g)
{
	const struct run_token *k;
	size_t i, j;

	for (i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		const struct plain *a = &plain[i];

		for (j = g->first; j <= g->last; j++) {
			k = &r->groups->tokens.p[j];
			if (k->kind != a->kind || !r->groups->used[j] ||
			    (!a->all && k != (a->first ?
			    g->first_of[a->kind] : g->last_of[a->kind])))
				continue;
			if (a->text != NULL)
				part_fact(r, it, a->text, k->value);
			if (a->number != NULL)
				number_fact(r, it, a->number, k, k->value);
			if (a->second != NULL)
				part_fact(r, it, a->second, k->second);
		}
	}
}

/* The bytes that tell certreq's output from an event's text. */
static void
source(struct reader *r, struct item *it, const struct run_group *g)
{
	ev_derive(r->ev, it, &run_source, value_str(g->event ? "event" :
	    "certreq"), part_span(r, g->told_by->at), NULL, 0, NULL);
	ev_artifact(it, g->event ? ARTIFACT_EVENT : ARTIFACT_CERTREQ);
}

/* Did certreq get to any outcome? */
static void
cut(struct reader *r, struct item *it, const struct run_group *g)
{
	static const struct field *const outcomes[] = {
		&run_code, &run_enroll_status, &run_key_name, &run_thumbprint
	};
	const struct fact *f = NULL, *status;
	size_t i;

	for (i = 0; i < sizeof(outcomes) / sizeof(*outcomes) && f == NULL; i++)
		f = item_fact(it, outcomes[i]);
	status = item_fact(it, &run_http_status);
	if (f == NULL && status != NULL && status->value.number >= 400)
		f = status;
	if (f == NULL && g->last_of[TOKEN_PEM] != NULL)
		return;
	if (f != NULL)
		ev_derive(r->ev, it, &run_cut, value_bool(false), SPAN_NONE,
		    &f, 1, NULL);
	else
		ev_derive(r->ev, it, &run_cut, value_bool(true), part_span(r,
		    text_last_line(r->t, g->end_line)), NULL, 0, NULL);
}

static void
run_read(struct reader *r, const struct run_group *g)
{
	const struct run_token *k;
	size_t from = r->t->lines[g->from_line].off, i, certificates = 0;
	struct item *it;

	it = ev_item(r->ev, ITEM_RUN, r->blob->item, text_span(r->t, from,
	    r->groups->tokens.p[g->last].at.off +
	    r->groups->tokens.p[g->last].at.n - from));
	source(r, it, g);
	if ((k = g->first_of[TOKEN_TPM]) != NULL) {
		part_fact(r, it, &run_tpm_version, k->value);
		part_fact(r, it, &run_vendor, k->second);
		firmware(r, it, k->third);
		revision(r, it, k);
	}
	if ((k = g->first_of[TOKEN_AUTHORITY]) != NULL)
		ek_issuer(r, it, k);
	if ((k = g->first_of[TOKEN_URL]) != NULL) {
		host(r, it, k);
		if (g->event)
			part_fact(r, it, &run_machine,
			    run_machine_find(r->t, k));
	}
	plain_facts(r, it, g);
	if ((k = g->last_of[TOKEN_METHOD]) != NULL)
		number_fact(r, it, &run_method_ms, k, k->second);
	if ((k = g->last_of[TOKEN_MESSAGE]) != NULL)
		unbroken_fact(r, it, &run_message, k->value);
	if ((k = g->first_of[TOKEN_THUMBPRINT]) != NULL)
		thumbprint(r, it, k);
	if (g->event_id != NULL)
		number_fact(r, it, &run_event, g->event_id,
		    g->event_id->value);
	if (g->event_time != NULL)
		number_fact(r, it, &run_event_time, g->event_time,
		    g->event_time->value);
	if (g->event)
		event_head_facts(r->ev, it, r->t, from,
		    r->groups->tokens.p[g->last].at.off);
	for (i = g->first; i <= g->last; i++)
		if (r->groups->tokens.p[i].kind == TOKEN_PEM &&
		    r->groups->used[i] && certificates++ < CERTIFICATES)
			certificate(r, it, &r->groups->tokens.p[i]);
	if (g->last_of[TOKEN_HTTP] != NULL || g->last_of[TOKEN_MESSAGE] != NULL)
		ev_artifact(it, ARTIFACT_ANSWER);
	if (g->last_of[TOKEN_AUTHORITY] != NULL)
		ev_artifact(it, ARTIFACT_AUTHORITY);
	if (g->last_of[TOKEN_DATE] != NULL || g->event_time != NULL)
		ev_artifact(it, ARTIFACT_TIME);
	if (!g->event)
		cut(r, it, g);
}

/* ---- the file ---- */

/* A name that Windows itself gives, in the MDM cabinet. */
static bool
named_by_windows(const struct blob *b)
{
	static const char name[] = "CertReq_enrollaik_Output.txt";
	const char *slash = strrchr(b->name, '/'), *back = strrchr(b->name,
	    '\\');

	slash = slash == NULL ? b->name : slash + 1;
	if (back != NULL && back >= slash)
		slash = back + 1;
	return (b->kind == BLOB_INPUT || b->kind == BLOB_MEMBER) &&
	    strlen(slash) == sizeof(name) - 1 &&
	    text_starts(slash, sizeof(name) - 1, name);
}

/* The file that Windows made says nothing: certreq was killed. */
static void
silent_run(struct reader *r)
{
	struct text_part last = text_last_line(r->t, r->t->nlines);
	struct span at = last.n > 0 ? part_span(r, last) : blob_span(r->blob);
	struct item *it = ev_item(r->ev, ITEM_RUN, r->blob->item,
	    blob_span(r->blob));

	ev_derive(r->ev, it, &run_source, value_str("certreq"), at, NULL, 0,
	    "the file's name");
	ev_derive(r->ev, it, &run_cut, value_bool(true), at, NULL, 0, NULL);
	ev_artifact(it, ARTIFACT_CERTREQ);
}

/* Hands on what is no part of a run: lines that nobody covered. */
static void
around(struct reader *r)
{
	const struct text *t = r->t;
	const bool *covered = r->groups->covered;
	const char *hint;
	size_t total = 0, i, from, to;

	for (i = 0; i < t->nlines; i++)
		if (!covered[i])
			total += text_content(&t->lines[i]).n;
	hint = total > NOTE_BYTES ? HINT_ARTICLE : HINT_NOTE;
	for (i = 0; i < t->nlines; i = to) {
		bool says = false;

		for (from = i; from < t->nlines && covered[from]; from++)
			continue;
		for (to = from; to < t->nlines && !covered[to]; to++)
			says |= text_content(&t->lines[to]).n > 0;
		if (says)
			ev_slice(r->ev, text_span(t, t->lines[from].off,
			    (to < t->nlines ? t->lines[to].off : t->n) -
			    t->lines[from].off), "text around the runs", hint,
			    NULL);
	}
}

static int
certreq_bid(const struct evidence *ev, const struct blob *b)
{
	int likely;

	(void)ev;
	if (b->item->kind != ITEM_FILE || blob_hint_is(b, HINT_NOTE) ||
	    blob_hint_is(b, HINT_ARTICLE))
		return 0;
	if (blob_hint_is(b, HINT_EVENT))
		return run_tokens_likely(b) > 0 ? 97 : 0;
	if (named_by_windows(b) && (b->n == 0 || text_bid(b) > 0))
		return 95;
	if (text_bid(b) == 0)
		return 0;
	likely = run_tokens_likely(b);
	if (likely == 2 && b->p[0] != '{' && b->p[0] != '[')
		return 86;
	return likely > 0 ? 15 : 0;
}

static void
certreq_read(struct evidence *ev, struct blob *b)
{
	struct run_groups groups;
	struct text t;
	struct reader r = { .ev = ev, .blob = b, .t = &t, .groups = &groups };
	bool named = named_by_windows(b), event = false, certreq = false;
	size_t i;

	if (!text_decode(ev, b, &t))
		return;
	if (text_is_html(&t)) {
		ev_input_kind(ev, b, "text");
		ev_slice(ev, blob_span(b), "page", HINT_ARTICLE, NULL);
		return;
	}
	run_groups_find(&t, named, &groups);
	if (groups.tokens.more || groups.n > ev_limits(ev)->text_records)
		ev_limit(ev, blob_span(b), "text_records",
		    "a text holds more runs or tokens than are read");
	for (i = 0; i < groups.n && i < ev_limits(ev)->text_records; i++)
		if (!groups.p[i].foreign) {
			run_read(&r, &groups.p[i]);
			event |= groups.p[i].event;
			certreq |= !groups.p[i].event;
		}
	if (named && !event && !certreq) {
		silent_run(&r);
		certreq = true;
	} else
		around(&r);
	ev_input_kind(ev, b, certreq ? "certreq" : event ? "event-text" :
	    text_mail_head(&t) > 0 ? "mail" : "text");
	run_groups_clear(&groups);
}

const struct parser parser_certreq = {
	.name = "certreq", .bid = certreq_bid, .read = certreq_read,
	.fields = fields
};
