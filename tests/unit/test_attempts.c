/*
 * How sessions, copies of captures, texts and request files become attempts.
 * Relies on captures made by hand and on the sample ifx-ca042-renewed.
 */
#include <ctype.h>

#include "correlate/attempt.h"
#include "sample.h"
#include "zip.h"

#define ID	"5d0815951f5f60638a69e7252f3ec4becd7554b2"
#define HOST	"ifx-keyid-" ID ".microsoftaik.azure.net"
#define SCEP	"https://" HOST "/templates/Aik/scep"
#define SAMPLE	"ifx-ca042-renewed"

static struct evidence	*ev;
static void		*kept[8];	/* bytes that the evidence reads */
static size_t		 nkept;

static void
finish(void)
{
	evidence_free(ev);
	ev = NULL;
	while (nkept > 0)
		free(kept[--nkept]);
}

static void
begin(void)
{
	finish();
	ev = evidence_new(&limits_default);
}

static uint8_t *
keep(uint8_t *p)
{
	kept[nkept++] = p;
	return p;
}

/* A file of the sample, until the next begin(). */
static uint8_t *
sample_file(const char *name, size_t *ret_n)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/" SAMPLE "/%s", getenv("SAMPLES"),
	    name);
	return keep(sample_read(path, ret_n));
}

static void
give(const char *name, const uint8_t *p, size_t n)
{
	static const uint8_t sha256[32];

	ev_input(ev, name, true, p, n, sha256);
}

static void
end(void)
{
	worklist_run(ev);
	correlate_run(ev, 0);
}

static size_t
count(enum item_kind kind)
{
	struct item *it = ev_last(ev, kind);

	return it != NULL ? it->number : 0;
}

static size_t
grades(const char *grade)
{
	const struct item *it;
	size_t n = 0;

	for (it = ev_first(ev, ITEM_JOIN); it != NULL; it = it->next)
		n += fact_is(item_fact(it, &join_grade), grade);
	return n;
}

/* ---- captures made by hand ---- */

/* One session: at second `at`, of the run `client`, answered with `id`. */
static void
session(struct zip *z, int number, int at, const char *operation,
    const char *client, const char *id)
{
	char name[32], text[1024];

	snprintf(name, sizeof(name), "raw/%d_c.txt", number);
	snprintf(text, sizeof(text), "%s " SCEP "?operation=%s HTTP/1.1\r\n"
	    "Host: " HOST "\r\nx-ms-client-request-id: %s\r\n\r\n",
	    strcmp(operation, "PKIOperation") == 0 ? "POST" : "GET", operation,
	    client);
	zip_text(z, name, text);
	snprintf(name, sizeof(name), "raw/%d_s.txt", number);
	snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nDate: Wed, 29 Mar 2023 "
	    "12:05:%02d GMT\r\nx-ms-request-id: %s\r\nContent-Length: 1\r\n"
	    "Content-Type: text/plain\r\n\r\nA", strcmp(operation,
	    "PKIOperation") == 0 ? "400 Bad Request" : "200 OK", at, id);
	zip_text(z, name, text);
	snprintf(name, sizeof(name), "raw/%d_m.xml", number);
	snprintf(text, sizeof(text), "<Session SID=\"%d\" BitFlags=\"1\">"
	    "<SessionTimers ClientBeginRequest=\"2023-03-29T12:05:%02dZ\" "
	    "ClientDoneResponse=\"2023-03-29T12:05:%02dZ\" /></Session>",
	    number, at, at);
	zip_text(z, name, text);
}

/* Two runs at once: their steps take turns. */
static void
turns(struct zip *z, const char *a, const char *b)
{
	memset(z, 0, sizeof(*z));
	session(z, 1, 1, "GetCACaps", a, "i-1");
	session(z, 2, 2, "GetCACaps", b, "i-2");
	session(z, 3, 3, "GetCACertChain", a, "i-3");
	session(z, 4, 4, "GetCACertChain", b, "i-4");
	session(z, 5, 5, "PKIOperation", a, "i-5");
	session(z, 6, 6, "PKIOperation", b, "i-6");
	zip_end(z);
}

static void
sessions(void)
{
	struct zip z;

	begin();
	turns(&z, "run-a", "run-b");
	give("a.saz", keep(z.p), z.n);
	end();
	tap_is_number((long long)count(ITEM_ATTEMPT), 2,
	    "two runs that take turns are two attempts, by the client's id");
	begin();
	turns(&z, "run", "run");
	give("a.saz", keep(z.p), z.n);
	end();
	tap_is_number((long long)count(ITEM_ATTEMPT), 2,
	    "and by the order of the steps");
	begin();
	turns(&z, "run-a", "run-b");
	give("a.saz", keep(z.p), z.n);
	give("copy of a.saz", z.p, z.n);
	end();
	tap_is_number((long long)count(ITEM_ATTEMPT), 2,
	    "a copy of the capture adds no attempt");
}

/* A capture that no password opens says nothing of what was not in it. */
static void
locked(void)
{
	struct zip z;
	size_t i;

	begin();
	turns(&z, "run-a", "run-b");
	for (i = 0; i + 8 < z.n; i++)	/* flag 1: encrypted */
		if (memcmp(z.p + i, "PK\3\4", 4) == 0)
			z.p[i + 6] |= 1;
		else if (memcmp(z.p + i, "PK\1\2", 4) == 0)
			z.p[i + 8] |= 1;
	give("a.saz", keep(z.p), z.n);
	end();
	tap_ok(item_fact(ev_first(ev, ITEM_ARCHIVE), &capture_sessions) == NULL,
	    "sessions that cannot be read are not counted");
}

/* ---- texts ---- */

static void
texts(void)
{
	static const char bare[] = "C:\\>certreq -enrollaik -config \"\"\r\n"
	    SCEP "\r\nProxy. 0x80190197 (-2145844841 "
	    "HTTP_E_STATUS_PROXY_AUTH_REQ)\r\n";
	const struct item *at;
	uint8_t *saz, *text;
	size_t nsaz, ntext, i;

	begin();
	give("certreq.txt", (const uint8_t *)bare, sizeof(bare) - 1);
	end();
	at = ev_first(ev, ITEM_ATTEMPT);
	tap_is_text(sample_show(ev, at, &stage_code), "0x80190197",
	    "a code without a stage is the attempt's");

	begin();
	saz = sample_file("capture.saz", &nsaz);
	text = sample_file("certreq.txt", &ntext);
	for (i = 0; i + 70 < ntext; i++)
		if (memcmp(text + i, "x-ms-request-id: ", 17) == 0)
			break;
	for (i += 17; i < ntext && text[i] != '\r'; i++)
		text[i] = (uint8_t)toupper(text[i]);
	give("capture.saz", saz, nsaz);
	give("certreq.txt", text, ntext);
	end();
	tap_is_number((long long)count(ITEM_ATTEMPT), 3,
	    "a request id in capitals joins");
	tap_is_number((long long)grades("proven"), 1, "and proves it");
}

/* The texts of one line each, and what has to be read in them. */
static void
lines(void)
{
	static const struct {
		const char	*text;
		enum item_kind	 kind;
		const struct field *field;
		const char	*want;
	} cases[] = {
		{ "The screen says 2164494337.\n", ITEM_NOTE, &note_code,
		    "0x81039001" },
		{ "Order 2164494338 of Monday\n", ITEM_NOTE, &note_code, "" },
		{ SCEP "\nSubmit(Request): Bad Request\n{\"Message\":\"No "
		    "valid TPM EK/Platform certificate\"}\nBad request (400). "
		    "0x80190190 (-2145844848)\n", ITEM_ATTEMPT, &rejected_ek,
		    "true" },
		{ SCEP "\r\nSubmit(Request): Bad Request\r\n{\"Code\":"
		    "\"BadRequest\",\"Message\":\"No, said it\",\"Inner\":"
		    "null}\r\nHTTP/1.1 400 Bad Request\r\n\r\nBad request "
		    "(400). 0x80190190 (-2145844848 HTTP_E_STATUS_BAD_REQUEST)"
		    "\r\n", ITEM_RUN, &run_message, "No, said it" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin();
		give("x.txt", (const uint8_t *)cases[i].text,
		    strlen(cases[i].text));
		end();
		tap_is_text(sample_show(ev, ev_first(ev, cases[i].kind),
		    cases[i].field), cases[i].want, cases[i].field->name);
	}
}

/* A message that ends with its archive was not damaged on its way. */
static void
cuts(void)
{
	const struct item *it;
	size_t n = 100000, cut, wrong = 0, tool = 0;
	uint8_t *saz;

	for (cut = 10000; cut < n; cut += 2503) {
		begin();
		saz = sample_file("capture.saz", &n);
		give("capture.saz", saz, cut);
		end();
		for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL;
		    it = it->next) {
			tool += item_truth(it, &damaged_by_tool, false);
			wrong += item_truth(it, &message_damaged, false) &&
			    !item_truth(it, &damaged_by_tool, false);
		}
	}
	tap_is_number((long long)wrong, 0, "a cut archive damages no message");
	tap_ok(tool > 0, "though messages were cut");
}

/* ---- request files ---- */

static size_t
record(uint8_t *to, unsigned int id, const void *p, size_t n)
{
	const uint8_t head[12] = { (uint8_t)id, 0, 0, 0, 1, 0, 0, 0,
	    (uint8_t)n, (uint8_t)(n >> 8), 0, 0 };

	memcpy(to, head, 12);
	memcpy(to + 12, p, n);
	return 12 + n;
}

/* An element whose properties 112 and 113 name the attempts a and b. */
static void
element(unsigned int a, unsigned int b, const char *what)
{
	static uint8_t	 made[8192];
	const struct item *it, *message[4] = { NULL };
	const struct fact *signer, *nonce, *cert;
	const uint8_t *der;
	uint8_t *saz;
	size_t n = 0, used;

	begin();
	saz = sample_file("capture.saz", &n);
	give("capture.saz", saz, n);
	end();
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		if (it->number < 4)
			message[it->number] = it->attempt->request;
	if (message[a] == NULL || message[b] == NULL) {
		tap_ok(false, "%s: the sample has the requests", what);
		return;
	}
	signer = item_fact(message[a], &cms_signer_sha1);
	nonce = item_fact(message[b], &scep_sender_nonce);
	cert = item_fact(ev_first(ev, ITEM_CERTIFICATE), &cert_sha256);
	der = ev_bytes(ev, cert->at);
	used = record(made, 112, signer->value.p, signer->value.n);
	used += record(made + used, 113, nonce->value.p, nonce->value.n);
	used += record(made + used, 32, der, cert->at.len);
	begin();
	saz = sample_file("capture.saz", &n);
	give("capture.saz", saz, n);
	give("request", made, used);
	end();
	tap_is_number((long long)grades("proven"), 2, what);
	tap_is_number((long long)grades("contradicted"), a != b,
	    a != b ? "and that is a contradiction" : "and that fits");
}

/* ---- messages by hand ---- */

extern const struct correlator correlator_exchange;

/* A message in a file of its own; with an id, or with nothing in it. */
static struct item *
message(struct blob *b, const char *id)
{
	struct item *file = ev_item(ev, ITEM_FILE, ev_case(ev), SPAN_NONE);
	struct item *it = ev_item(ev, ITEM_PKI_MESSAGE, file, blob_span(b));

	if (id != NULL)
		ev_fact(ev, it, &scep_transaction_id, value_str(id),
		    blob_span(b));
	return it;
}

/* The last exchange has nothing to compare; the first one decides. */
static void
consistency(const char *id, const char *other, const char *want)
{
	static const uint8_t byte[1], sha256[32];
	struct exchange x[2] = { { .host = "" }, { .host = "" } };
	struct exchange *both[2] = { &x[0], &x[1] };
	struct attempt at = { .exchanges = both, .nexchanges = 2 };
	struct blob *b;

	begin();
	b = ev_input(ev, "x", true, byte, 1, sha256);
	at.item = ev_item(ev, ITEM_ATTEMPT, ev_case(ev), SPAN_NONE);
	at.item->attempt = &at;
	x[0].sent = message(b, id);
	x[0].answer = message(b, other);
	x[1].sent = message(b, NULL);
	x[1].answer = message(b, NULL);
	correlator_exchange.run(ev, 0);
	tap_is_text(sample_show(ev, at.item, &exchange_inconsistent), want,
	    "ids of an exchange, and none in the next");
}

int
main(void)
{
	if (getenv("SAMPLES") == NULL)
		tap_skip_all("SAMPLES is not set");
	sessions();
	locked();
	texts();
	lines();
	cuts();
	element(2, 2, "properties 112 and 113 of one attempt");
	element(1, 2, "properties 112 and 113 of two attempts");
	consistency("a", "a", "false");
	consistency("a", "b", "true");
	consistency("a", NULL, "");
	finish();
	return tap_done();
}
