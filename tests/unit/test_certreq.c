/*
 * The output of certreq, events and notes in three languages and every
 * encoding, quoted and broken and cut; every value read is compared with the
 * bytes that its citation cuts out of the file.  Relies on the parsers.
 */
#include "evidence/text_scan.h"
#include "parsers/fields.h"
#include "tests/unit/text_make.h"

#define HOST	"IFX-KeyId-18b1af70b93f991972f362556a9a3fbf4bb24e0d"
#define URL	"https://" HOST ".microsoftaik.azure.net/templates/Aik/scep"
#define MESSAGE	"No valid TPM EK/Platform certificate provided in the TPM " \
	"identity request message"
#define TPM	"TPM-Version:2.0 -Level:0-Revision:1.38-VendorID:'IFX '-" \
	"Firmware:458837.298516480\n"
#define HEAD	TPM HOST "\nCN=Infineon OPTIGA(TM) RSA CA 029, O=Infineon " \
	"Technologies AG, C=DE\n" URL "\n"
#define HTTP400	"HTTP/1.1 400 Bad Request\nDate: Wed, 29 Mar 2023 08:00:01 " \
	"GMT\nContent-Length: 96\nX-MS-Request-Id: 51e9fc23-e1eb-4b6f-8569-" \
	"6ee6f19a344f\nx-ms-client-request-id: 0a0b0c0d-e1eb-4b6f-8569-" \
	"6ee6f19a344f\n\n"
#define FAILED	HEAD "Submit(Request): Bad Request\n{\"Message\":\"" MESSAGE \
	"\"}\n" HTTP400 "Bad request (400). 0x80190190 (-2145844848 " \
	"HTTP_E_STATUS_BAD_REQUEST)\n"
#define SUCCESS	HEAD "AES128\nSHA256\nPkiStatus(0): SCEPDispositionSuccess\n" \
	"EnrollStatus(1): Enrolled\nThe operation completed successfully. " \
	"0x0 (WIN32: 0)\nThumbprint: 00112233445566778899aabbccddeeff00112233" \
	"\nEnrollDone\nSubmit(ChallengeAnswer): OK\nHTTP/1.1 200 OK\n" \
	"Date: Wed, 29 Mar 2023 09:00:01 GMT\n\nEnrollStage = 120\n" \
	"GetCACaps = 211ms\nSubmit(Request) = 1211ms\nTotal = 4188ms\n\n" \
	"New Certificate:\n  Serial Number: 33\n  NotBefore: 31.05.24 6:51\n" \
	"\n-----BEGIN CERTIFICATE-----\nMIIBAgME\nBQYHCAk=\n" \
	"-----END CERTIFICATE-----\n\nKey = TestAIK-1122334455667788\n"
#define EVENT(sentence, method, stage, words)				\
	sentence "\n\nGetCACaps: Not Found\n{\"Message\":\"The authority \\\"" \
	"ifx.microsoftaik.azure.net\\\" does not exist.\"}\nHTTP/1.1 404 Not "\
	"Found\nDate: Wed, 29 Mar 2023 08:00:01 GMT\n\n\n" method ": GET(47ms)"\
	"\n" stage ": GetCACaps\n" words " 0x80190194 (-2145844844 "	\
	"HTTP_E_STATUS_NOT_FOUND)\n"
#define ENGLISH	EVENT("SCEP Certificate enrollment initialization for "	\
	"WORKGROUP\\CLIENT1$ via " URL " failed:", "Method", "Stage",	\
	"Not found (404).")
#define GERMAN	EVENT("Fehler bei der Initialisierung der SCEP-"	\
	"Zertifikatregistrierung f\xc3\xbcr MY GROUP\\CLIENT1$ \xc3\xbc" "ber " \
	URL ":", "Methode", "Phase", "Nicht gefunden (404).")
#define RUSSIAN	EVENT("\xd0\x9e\xd1\x88\xd0\xb8\xd0\xb1\xd0\xba\xd0\xb0 "   \
	"\xd1\x80\xd0\xb5\xd0\xb3\xd0\xb8\xd1\x81\xd1\x82\xd1\x80\xd0\xb0" \
	"\xd1\x86\xd0\xb8\xd0\xb8 SCEP \xd0\xb4\xd0\xbb\xd1\x8f WORKGROUP\\" \
	"CLIENT1$ \xd1\x87\xd0\xb5\xd1\x80\xd0\xb5\xd0\xb7 " URL ":",	\
	"\xd0\x9c\xd0\xb5\xd1\x82\xd0\xbe\xd0\xb4",			\
	"\xd0\xa1\xd1\x82\xd0\xb0\xd0\xb4\xd0\xb8\xd1\x8f",		\
	"\xd0\x9d\xd0\xb5 \xd0\xbd\xd0\xb0\xd0\xb9\xd0\xb4\xd0\xb5\xd0\xbd" \
	"\xd0\xbe (404).")
#define RECORD(id)							\
	"Log Name:      Application\nSource:        Microsoft-Windows-"	\
	"CertificateServicesClient-CertEnroll\nDate:          2023-03-29T"	\
	"08:00:02.5Z\nEvent ID:      " id "\nLevel:         Error\n"	\
	"Description:\n"

extern const struct parser parser_certreq, parser_note;

/* The parsers of text only: what they hand on to others stays unread. */
static void
read_all(struct evidence *ev)
{
	struct blob *b;
	int certreq, note;

	while ((b = ev_blob_take(ev)) != NULL) {
		certreq = parser_certreq.bid(ev, b);
		note = parser_note.bid(ev, b);
		if (certreq > note)
			parser_certreq.read(ev, b);
		else if (note > 0)
			parser_note.read(ev, b);
	}
}

struct given {
	struct bytes	 bytes;
	struct evidence	*ev;
	struct blob	*blob;
	enum text_encoding encoding;
};

static struct given
given_bytes(struct bytes b, enum text_encoding e, const char *name)
{
	struct given g = { .bytes = b, .encoding = e };

	g.ev = evidence_of(b, name, &g.blob);
	read_all(g.ev);
	return g;
}

static struct given
given(const char *text)
{
	return given_bytes(make_str(text, TEXT_UTF8, false), TEXT_UTF8,
	    "a.txt");
}

static void
given_end(struct given *g)
{
	evidence_free(g->ev);
	free(g->bytes.p);
}

/* ---- citations ---- */

static bool
span_says(const struct given *g, const struct fact *f)
{
	const struct value *v = &f->value;
	const uint8_t *p = ev_bytes(g->ev, f->at);
	char text[512];
	struct bytes b;
	uint32_t digit;
	int64_t number;
	size_t i, n = 0;
	bool good;

	if (p == NULL)
		return false;
	if (v->type == VALUE_TEXT) {
		b = make(v->p, v->n, g->encoding, false);
		good = b.n == f->at.len && memcmp(b.p, p, b.n) == 0;
		free(b.p);
		return good;
	}
	for (i = 0; i < f->at.len && n + 1 < sizeof(text); i++)
		if (p[i] != 0)
			text[n++] = (char)p[i];
	text[n] = '\0';
	switch (v->type) {
	case VALUE_INT:
		return strtoll(text, NULL, 10) == v->number;
	case VALUE_CODE:
		if (text[0] == '-' || (text[0] != '0' && n == 10))
			return (uint32_t)strtoll(text, NULL, 10) == v->number;
		return (int64_t)strtoull(text, NULL, 16) == v->number;
	case VALUE_TIME:
		return (text_time(text, n, &number) == n ||
		    text_http_date(text, n, &number) == n) &&
		    number == v->number;
	case VALUE_BYTES:
		for (i = 0; i < v->n; i++)
			if (text_hex(text + 2 * i, 2, &digit) != 2 ||
			    digit != (uint8_t)v->p[i])
				return false;
		return n == 2 * v->n;
	default:
		return false;
	}
}

static bool
spans_say(const struct given *g)
{
	static const enum item_kind of[] = {
		ITEM_RUN, ITEM_NOTE, ITEM_ARTICLE
	};
	const struct item *it;
	const struct fact *f;
	size_t i;

	for (i = 0; i < sizeof(of) / sizeof(*of); i++)
		for (it = ev_first(g->ev, of[i]); it != NULL; it = it->next)
			for (f = it->facts; f != NULL; f = f->next)
				if (!f->derived && !span_says(g, f)) {
					printf("# %s is not its bytes\n",
					    f->field->name);
					return false;
				}
	return true;
}

/* ---- shorthands ---- */

static size_t
count(const struct given *g, enum item_kind kind)
{
	const struct item *it;
	size_t n = 0;

	for (it = ev_first(g->ev, kind); it != NULL; it = it->next)
		n++;
	return n;
}

static size_t
count_facts(const struct item *it, const struct field *field)
{
	const struct fact *f;
	size_t n = 0;

	for (f = it == NULL ? NULL : item_fact(it, field); f != NULL;
	    f = fact_next(f))
		n++;
	return n;
}

static bool
says(const struct item *it, const struct field *field, const char *text)
{
	const char *found = it == NULL ? NULL : item_text(it, field);

	if (found != NULL && strcmp(found, text) == 0)
		return true;
	printf("# %s is %s\n", field->name, found != NULL ? found : "absent");
	return false;
}

static bool
numbers(const struct item *it, const struct field *field, int64_t wanted)
{
	int64_t found = it == NULL ? -999 : item_number(it, field, -999);

	if (found == wanted)
		return true;
	printf("# %s is %lld\n", field->name, (long long)found);
	return false;
}

static bool
times(const struct item *it, const struct field *field, const char *wanted)
{
	const struct fact *f = it == NULL ? NULL : item_fact(it, field);
	char text[40] = "absent";

	if (f != NULL)
		time_format(f->value.number, text);
	if (strcmp(text, wanted) == 0)
		return true;
	printf("# %s is %s\n", field->name, text);
	return false;
}

static const char *
kind_of(const struct given *g)
{
	return ev_input_of(g->ev, g->blob)->kind;
}

/* ---- certreq ---- */

static void
failed_run(void)
{
	struct given g = given("Local System User context\n" FAILED
	    "\nEnrollStage = 90\nTotal = 3257ms\n");
	const struct item *run = ev_first(g.ev, ITEM_RUN);

	tap_ok(count(&g, ITEM_RUN) == 1 && count(&g, ITEM_NOTE) == 0,
	    "one run and nothing else");
	tap_is_text(kind_of(&g), "certreq", "the input is certreq's");
	tap_ok(says(run, &run_source, "certreq"), "source");
	tap_ok(says(run, &run_vendor, "IFX"), "vendor without its blank");
	tap_ok(says(run, &run_tpm_version, "2.0"), "TPM version");
	tap_ok(says(run, &run_firmware, "7.85.4555.0"), "firmware");
	tap_ok(says(run, &run_authority, HOST), "authority");
	tap_ok(says(run, &run_ek_issuer, "CN=Infineon OPTIGA(TM) RSA CA 029, "
	    "O=Infineon Technologies AG, C=DE"), "EK issuer");
	tap_ok(says(run, &run_url, URL), "URL");
	tap_ok(says(run, &run_host, "ifx-keyid-18b1af70b93f991972f362556a9a3"
	    "fbf4bb24e0d.microsoftaik.azure.net"), "host in lower case");
	tap_ok(says(run, &run_operation, "Submit(Request)") &&
	    says(run, &run_reason, "Bad Request"), "operation and reason");
	tap_ok(says(run, &run_message, MESSAGE), "message");
	tap_ok(numbers(run, &run_http_status, 400), "HTTP status");
	tap_ok(times(run, &run_date, "2023-03-29T08:00:01Z"), "date");
	tap_ok(says(run, &run_request_id,
	    "51e9fc23-e1eb-4b6f-8569-6ee6f19a344f") &&
	    says(run, &run_client_request_id,
	    "0a0b0c0d-e1eb-4b6f-8569-6ee6f19a344f"), "request ids");
	tap_ok(numbers(run, &run_code, 0x80190190) &&
	    says(run, &run_symbol, "HTTP_E_STATUS_BAD_REQUEST"), "code");
	tap_ok(numbers(run, &run_total_ms, 3257), "total");
	tap_ok(!item_truth(run, &run_cut, true), "not cut");
	tap_ok(count_facts(run, &run_event) == 0 &&
	    count_facts(run, &run_event_time) == 0, "nothing of an event");
	tap_ok(spans_say(&g), "every citation is its value");
	given_end(&g);
}

static void
success_run(void)
{
	struct given g = given(SUCCESS);
	const struct item *run = ev_first(g.ev, ITEM_RUN);
	const struct blob *b = ev_blob(g.ev, 1);

	tap_ok(count(&g, ITEM_RUN) == 1 && count(&g, ITEM_NOTE) == 0,
	    "success: one run");
	tap_ok(numbers(run, &run_code, 0) && count_facts(run, &run_code) == 1,
	    "success is code 0");
	tap_ok(numbers(run, &run_pki_status, 0) &&
	    numbers(run, &run_enroll_status, 1), "status words");
	tap_ok(count_facts(run, &run_operation) == 1 &&
	    says(run, &run_operation, "Submit(ChallengeAnswer)"),
	    "timing lines are no operations");
	tap_ok(says(run, &run_key_name, "TestAIK-1122334455667788"), "key");
	tap_ok(count_facts(run, &run_thumbprint) == 1, "thumbprint");
	tap_ok(ev_blob_count(g.ev) == 2 && b->kind == BLOB_STEP && b->n == 11 &&
	    b->p[0] == 0x30 && b->item == run && blob_hint_is(b, HINT_CERT),
	    "the certificate goes to its parser");
	tap_ok(spans_say(&g), "citations of a success");
	given_end(&g);
}

static void
encodings(void)
{
	static const struct {
		const char	*name, *text, *machine;
		enum text_encoding encoding;
		bool		 bom;
	} cases[] = {
		{ "English", ENGLISH, "WORKGROUP\\CLIENT1$", TEXT_UTF8, true },
		{ "English", ENGLISH, "WORKGROUP\\CLIENT1$", TEXT_UTF16LE,
		    true },
		{ "German", GERMAN, "MY GROUP\\CLIENT1$", TEXT_UTF8, false },
		{ "German", GERMAN, "MY GROUP\\CLIENT1$", TEXT_UTF16LE, false },
		{ "German", GERMAN, "MY GROUP\\CLIENT1$", TEXT_UTF16BE, true },
		{ "German", GERMAN, "MY GROUP\\CLIENT1$", TEXT_CP850, false },
		{ "German", GERMAN, "MY GROUP\\CLIENT1$", TEXT_CP1252, false },
		{ "Russian", RUSSIAN, "WORKGROUP\\CLIENT1$", TEXT_UTF8, false },
		{ "Russian", RUSSIAN, "WORKGROUP\\CLIENT1$", TEXT_UTF16BE,
		    false },
		{ "Russian", RUSSIAN, "WORKGROUP\\CLIENT1$", TEXT_CP866,
		    false },
		{ "Russian", RUSSIAN, "WORKGROUP\\CLIENT1$", TEXT_CP1251,
		    false },
	};
	const struct item *run;
	struct given g;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		g = given_bytes(make_str(cases[i].text, cases[i].encoding,
		    cases[i].bom), cases[i].encoding, "a.txt");
		run = ev_first(g.ev, ITEM_RUN);
		tap_ok(count(&g, ITEM_RUN) == 1 && count(&g, ITEM_NOTE) == 0 &&
		    says(run, &run_source, "event") &&
		    says(run, &run_url, URL) &&
		    says(run, &run_machine, cases[i].machine) &&
		    says(run, &run_method, "GET") &&
		    numbers(run, &run_method_ms, 47) &&
		    says(run, &run_stage, "GetCACaps") &&
		    says(run, &run_operation, "GetCACaps") &&
		    says(run, &run_reason, "Not Found") &&
		    says(run, &run_message, "The authority \\\"ifx.microsoft"
		    "aik.azure.net\\\" does not exist.") &&
		    numbers(run, &run_code, 0x80190194) &&
		    count_facts(run, &run_event) == 0 &&
		    strcmp(kind_of(&g), "event-text") == 0 && spans_say(&g),
		    "%s event, %s", cases[i].name,
		    text_encoding_name(cases[i].encoding));
		given_end(&g);
	}
}

/* ---- what people do to text ---- */

/* Puts `mark` before each line; blank lines go if so wanted. */
static char *
quote(const char *text, const char *mark, bool drop_blank)
{
	char *to = malloc(strlen(text) * (strlen(mark) + 2) + 1), *end = to;
	const char *p, *stop;

	for (p = text; *p != '\0'; p = *stop == '\0' ? stop : stop + 1) {
		stop = p + strcspn(p, "\n");
		if (drop_blank && stop == p)
			continue;
		end += sprintf(end, "%s%.*s\n", mark, (int)(stop - p), p);
	}
	return to;
}

static void
people(void)
{
	static const char *const marks[] = {
		"> ", ">> > ", "| ", "\t", "\xe2\x80\xa2 ", "* ", "- ",
		"\xc2\xa0\xc2\xa0", "12. "
	};
	static const char *const texts[] = { FAILED, ENGLISH };
	const struct item *run;
	struct given g;
	size_t i, j;
	char *text;

	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		for (j = 0; j < 2; j++) {
			text = quote(texts[j], marks[i], i % 2 == 0);
			g = given(text);
			run = ev_first(g.ev, ITEM_RUN);
			tap_ok(count(&g, ITEM_RUN) == 1 &&
			    count(&g, ITEM_NOTE) == 0 &&
			    numbers(run, &run_code, j == 0 ? 0x80190190 :
			    0x80190194) && says(run, &run_operation, j == 0 ?
			    "Submit(Request)" : "GetCACaps") &&
			    numbers(run, &run_http_status, j == 0 ? 400 : 404)
			    && spans_say(&g), "%s marked with \"%s\"",
			    j == 0 ? "certreq" : "event", marks[i]);
			given_end(&g);
			free(text);
		}

	g = given("SCEP Certificate enrollment initialization for INTRA\\X$ "
	    "via " URL " failed: GetCACaps Method: GET(47ms) Stage: GetCACaps "
	    "A security error occurred 0x80072f8f (WinHttp: 12175 "
	    "ERROR_WINHTTP_SECURE_FAILURE)");
	run = ev_first(g.ev, ITEM_RUN);
	tap_ok(count(&g, ITEM_RUN) == 1 && says(run, &run_source, "event") &&
	    says(run, &run_operation, "GetCACaps") &&
	    says(run, &run_stage, "GetCACaps") &&
	    numbers(run, &run_code, 0x80072f8f) &&
	    says(run, &run_symbol, "ERROR_WINHTTP_SECURE_FAILURE") &&
	    count_facts(run, &run_reason) == 0 && spans_say(&g),
	    "an event on one line");
	given_end(&g);

	g = given("> " HOST "\n> Submit(Request): Bad Request\n> {\"Message\":"
	    "\"No valid TPM EK/Platform certificate provided in the TPM\n"
	    "> identity request message\"}\n> HTTP/1.1 400 Bad Request\n"
	    "> Bad request (400). 0x80190190\n> (-2145844848\n> HTTP_E_STATUS_"
	    "BAD_REQUEST)\n");
	run = ev_first(g.ev, ITEM_RUN);
	tap_ok(count(&g, ITEM_RUN) == 1 && says(run, &run_message, MESSAGE) &&
	    item_fact(run, &run_message)->derived &&
	    numbers(run, &run_code, 0x80190190) &&
	    says(run, &run_symbol, "HTTP_E_STATUS_BAD_REQUEST") &&
	    spans_say(&g), "lines that a mailer broke");
	given_end(&g);

	g = given("Submit(Request): Bad Request\n{\xe2\x80\x9cMessage\xe2\x80"
	    "\x9d:\xe2\x80\x9c" MESSAGE "\xe2\x80\x9d}\nBad request (400). "
	    "0x80190190 (-2145844848 HTTP_E_STATUS_BAD_REQUEST)\n");
	run = ev_first(g.ev, ITEM_RUN);
	tap_ok(says(run, &run_message, MESSAGE) && spans_say(&g),
	    "curly quotes");
	given_end(&g);

	g = given("GetCACaps: Not Found\n{\"Message\":\"The authority \"x\" "
	    "does not exist.\"}\nHTTP/1.1 404 Not Found\n");
	run = ev_first(g.ev, ITEM_RUN);
	tap_ok(says(run, &run_message, "The authority \"x\" does not exist.")
	    && spans_say(&g), "quotes that lost their backslash");
	given_end(&g);
}

/* ---- events ---- */

static void
events(void)
{
	const struct item *run, *note;
	struct given g;

	g = given(RECORD("86") ENGLISH);
	run = ev_first(g.ev, ITEM_RUN);
	tap_ok(count(&g, ITEM_RUN) == 1 && count(&g, ITEM_NOTE) == 0 &&
	    numbers(run, &run_event, 86) &&
	    times(run, &run_event_time, "2023-03-29T08:00:02.5Z") &&
	    times(run, &run_date, "2023-03-29T08:00:01Z") && spans_say(&g),
	    "an event with its head");
	given_end(&g);

	g = given(RECORD("86") ENGLISH RECORD("87") GERMAN "Log Name:      "
	    "Microsoft-Windows-ModernDeployment-Diagnostics-Provider/Autopilot"
	    "\nDate: 2023-03-29T08:01:00Z\nEvent ID: 171\nDescription:\n"
	    "AutopilotManager failed to set TPM identity confirmed. HRESULT = "
	    "0x81039001\n" "Log Name: Microsoft-Windows-ModernDeployment-"
	    "Diagnostics-Provider/Autopilot\nDate: 2023-03-29T08:02:00Z\n"
	    "Event ID: 177\nDescription:\nTPM attestation retry 3 of 3, "
	    "0x81039023\n");
	run = ev_first(g.ev, ITEM_RUN);
	note = ev_first(g.ev, ITEM_NOTE);
	tap_ok(count(&g, ITEM_RUN) == 2 && numbers(run, &run_event, 86) &&
	    numbers(run->next, &run_event, 87) &&
	    says(run->next, &run_machine, "MY GROUP\\CLIENT1$"),
	    "two events are two runs");
	tap_ok(count(&g, ITEM_NOTE) == 2 && numbers(note, &note_event, 171) &&
	    numbers(note, &note_code, 0x81039001) &&
	    says(note, &note_kind, "event") &&
	    times(note, &note_time, "2023-03-29T08:01:00Z") &&
	    numbers(note->next, &note_code, 0x81039023) &&
	    times(note->next, &note_time, "2023-03-29T08:02:00Z") &&
	    spans_say(&g), "two Autopilot events are two notes");
	given_end(&g);

	g = given("<Event xmlns='http://schemas.microsoft.com/win/2004/08/"
	    "events/event'><System><Provider Name='Microsoft-Windows-"
	    "CertificateServicesClient-CertEnroll'/><EventID Qualifiers='49754"
	    "'>86</EventID><TimeCreated SystemTime='2023-03-29T08:00:02.5000"
	    "000Z'/></System><EventData><Data Name='Context'>WORKGROUP\\X$"
	    "</Data><Data Name='Url'>" URL "</Data><Data Name='MessageText'>"
	    "GetCACaps: Not Found\n{&quot;Message&quot;:&quot;gone&quot;}\n"
	    "HTTP/1.1 404 Not Found\n</Data><Data Name='Method'>GET(47ms)"
	    "</Data><Data Name='Stage'>GetCACaps</Data><Data Name='ErrorCode'>"
	    "Not found (404). 0x80190194 (-2145844844 HTTP_E_STATUS_NOT_FOUND)"
	    "</Data></EventData></Event>");
	run = ev_first(g.ev, ITEM_RUN);
	tap_ok(count(&g, ITEM_RUN) == 1 && numbers(run, &run_event, 86) &&
	    says(run, &run_source, "event") && says(run, &run_url, URL) &&
	    says(run, &run_machine, "WORKGROUP\\X$") &&
	    says(run, &run_message, "gone") &&
	    says(run, &run_reason, "Not Found") &&
	    says(run, &run_stage, "GetCACaps") &&
	    numbers(run, &run_code, 0x80190194) &&
	    times(run, &run_event_time, "2023-03-29T08:00:02.5Z") &&
	    spans_say(&g), "an event as XML");
	given_end(&g);

	g = given("Log Name: Application\nDate: 29.03.2023 10:00:02\n"
	    "Event ID: 86\nDescription:\n" ENGLISH "Event Xml:\n<Event xmlns="
	    "\"http://schemas.microsoft.com/win/2004/08/events/event\">\n"
	    "  <System>\n    <EventID Qualifiers=\"49754\">86</EventID>\n"
	    "    <TimeCreated SystemTime=\"2023-03-29T08:00:02.5000000Z\" />\n"
	    "  </System>\n  <EventData>\n    <Data Name=\"Url\">" URL "</Data>"
	    "\n    <Data Name=\"ErrorCode\">0x80190194 (-2145844844 HTTP_E_"
	    "STATUS_NOT_FOUND)</Data>\n  </EventData>\n</Event>\n");
	run = ev_first(g.ev, ITEM_RUN);
	tap_ok(count(&g, ITEM_RUN) == 1 && count(&g, ITEM_NOTE) == 0 &&
	    count_facts(run, &run_code) == 1 &&
	    times(run, &run_event_time, "2023-03-29T08:00:02.5Z"),
	    "the same event as text and as XML is one run");
	given_end(&g);

	g = given("SCEP Certificate enrollment initialization for INTRA\\rudi "
	    "via https://ndes01.intra.example/certsrv/mscep/mscep.dll/"
	    "pkiclient.exe failed:\n\nGetCACaps\nMethod: GET(47ms)\nStage: "
	    "GetCACaps\nA security error occurred 0x80072f8f (WinHttp: 12175 "
	    "ERROR_WINHTTP_SECURE_FAILURE)\n");
	tap_ok(count(&g, ITEM_RUN) == 0 && count(&g, ITEM_NOTE) == 0,
	    "an enrolment with another service is none of ours");
	given_end(&g);

	g = given(EVENT("SCEP Certificate enrollment for Local system via " URL
	    " failed:", "Method", "Stage", "Not found.") "\n2023-03-30T09:00:"
	    "00Z: seen again\n");
	run = ev_first(g.ev, ITEM_RUN);
	tap_ok(count_facts(run, &run_event_time) == 0 &&
	    count_facts(run, &run_machine) == 0 &&
	    times(ev_first(g.ev, ITEM_NOTE), &note_time,
	    "2023-03-30T09:00:00Z"), "a later time is not the event's");
	given_end(&g);
}

/* ---- several, cut, empty ---- */

static void
several(void)
{
	const struct item *run, *note;
	const struct fact *cut;
	struct given g;
	size_t i;

	g = given("Hello, the red screen shows 0x81039001.\nHere is certreq:\n"
	    "\n" FAILED "\nA day later:\n\n" SUCCESS "\nThanks\n");
	run = ev_first(g.ev, ITEM_RUN);
	note = ev_first(g.ev, ITEM_NOTE);
	tap_ok(count(&g, ITEM_RUN) == 2 &&
	    numbers(run, &run_code, 0x80190190) &&
	    numbers(run->next, &run_code, 0) &&
	    times(run->next, &run_date, "2023-03-29T09:00:01Z"),
	    "two outputs are two runs");
	tap_ok(numbers(note, &note_code, 0x81039001) &&
	    says(note, &note_kind, "note") && spans_say(&g) &&
	    count_facts(note, &note_code) == 1,
	    "words around them are notes");
	given_end(&g);

	g = given(FAILED FAILED FAILED);
	tap_is_number((long long)count(&g, ITEM_RUN), 3, "three in a row");
	given_end(&g);

	g = given(HEAD "AES128\nSHA256\n");
	run = ev_first(g.ev, ITEM_RUN);
	cut = run == NULL ? NULL : item_fact(run, &run_cut);
	tap_ok(cut != NULL && cut->value.truth && cut->at.len == 6 &&
	    count(&g, ITEM_NOTE) == 0 && memcmp(ev_bytes(g.ev, cut->at), "SHA256", 6) == 0,
	    "a cut output cites its last line");
	given_end(&g);

	/* Any cut of an output leaves a run that says only what stands. */
	for (i = strlen(TPM); i < strlen(FAILED); i += 7) {
		g = given_bytes(make(FAILED, i, TEXT_UTF8, false), TEXT_UTF8,
		    "a.txt");
		run = ev_first(g.ev, ITEM_RUN);
		if (count(&g, ITEM_RUN) != 1 || !spans_say(&g) ||
		    (count(&g, ITEM_NOTE) != 0 && !numbers(ev_first(g.ev,
		    ITEM_NOTE), &note_code, 0x80190190)) ||
		    (item_fact(run, &run_code) != NULL &&
		    item_number(run, &run_code, 0) != 0x80190190))
			break;
		given_end(&g);
	}
	tap_ok(i >= strlen(FAILED), "cut after any byte (%zu)", i);

	g = given_bytes(make_str("", TEXT_UTF8, false), TEXT_UTF8,
	    "x/CERTREQ_ENROLLAIK_OUTPUT.TXT");
	run = ev_first(g.ev, ITEM_RUN);
	cut = run == NULL ? NULL : item_fact(run, &run_cut);
	tap_ok(cut != NULL && cut->value.truth && cut->at.len == 0 &&
	    cut->at.off == 0 && says(run, &run_source, "certreq"),
	    "the cabinet's empty file is a cut run");
	given_end(&g);
	g = given_bytes(make_str("", TEXT_UTF8, false), TEXT_UTF8, "a.txt");
	tap_ok(count(&g, ITEM_RUN) == 0 && g.blob->parser == NULL,
	    "another empty file is nothing");
	given_end(&g);
	g = given_bytes(make_str("\r\n", TEXT_UTF16LE, true), TEXT_UTF16LE,
	    "CertReq_enrollaik_Output.txt");
	tap_ok(count(&g, ITEM_RUN) == 1 && item_truth(ev_first(g.ev, ITEM_RUN),
	    &run_cut, false), "nor is one with a mark and a line end");
	given_end(&g);

	g = given("C:\\> certreq -enrollaik -config\nCertificate Request "
	    "Processor: The parameter is incorrect. 0x80070057 (WIN32: 87 "
	    "ERROR_INVALID_PARAMETER)\n");
	run = ev_first(g.ev, ITEM_RUN);
	tap_ok(says(run, &run_source, "certreq") &&
	    numbers(run, &run_code, 0x80070057), "a command and its error");
	given_end(&g);
}

/* ---- notes ---- */

static void
notes(void)
{
	char *big = malloc(8192);
	const struct item *note;
	struct given g;

	g = given("Red screen 0x81039001, then 0x0x800705b4; exit code "
	    "-2145844848. Log: 80190194 and 801c0003! Also 2149122449. Not: "
	    "0x12345, 80190193-1234, 0x8019019012, 2149122999, x80190191.\n");
	note = ev_first(g.ev, ITEM_NOTE);
	tap_ok(count(&g, ITEM_NOTE) == 1 && count(&g, ITEM_RUN) == 0 &&
	    count_facts(note, &note_code) == 6 && spans_say(&g),
	    "codes in all their forms (%zu)", count_facts(note, &note_code));
	tap_ok(says(note, &note_kind, "note") && note->artifacts ==
	    ARTIFACT(NOTE) && strcmp(kind_of(&g), "text") == 0, "of a note");
	given_end(&g);

	g = given("We saw 0x80190190 on " URL " today. Does GetCACaps work? "
	    "PkiStatus is 2, says the vendor.\n");
	tap_ok(count(&g, ITEM_RUN) == 0 && numbers(ev_first(g.ev, ITEM_NOTE),
	    &note_code, 0x80190190), "prose with names is no run");
	given_end(&g);

	g = given("{\"Message\":\"" MESSAGE "\"}\nHTTP/1.1 400 Bad Request\n");
	tap_ok(count(&g, ITEM_RUN) == 0 && count(&g, ITEM_NOTE) == 1,
	    "a message alone is no run");
	given_end(&g);

	g = given("From: A <a@example.org>\nTo: B <b@example.org>\nSubject: "
	    "error\nDate: Wed, 29 Mar 2023 10:00:00 +0200\n\nSee below.\n\n"
	    "> the device says 0x81039001\n");
	note = ev_first(g.ev, ITEM_NOTE);
	tap_ok(says(note, &note_kind, "mail") &&
	    numbers(note, &note_code, 0x81039001) && spans_say(&g) &&
	    strcmp(kind_of(&g), "mail") == 0, "a mail with a quoted code");
	given_end(&g);

	g = given("From: A <a@example.org>\nSubject: error\n\n> on the screen "
	    "0x81039001\n>\n> " TPM "> GetCACaps: Not Found\n> Not found (404)."
	    " 0x80190194 (-2145844844 HTTP_E_STATUS_NOT_FOUND)\n");
	tap_ok(count(&g, ITEM_RUN) == 1 && numbers(ev_first(g.ev, ITEM_NOTE),
	    &note_code, 0x81039001), "a mail that quotes certreq");
	given_end(&g);

	memset(big, 'a', 8191);
	big[8191] = '\0';
	memcpy(big + 5000, " 0x81039001 ", 12);
	g = given(big);
	tap_ok(count(&g, ITEM_NOTE) == 0 && count(&g, ITEM_ARTICLE) == 1 &&
	    numbers(ev_first(g.ev, ITEM_ARTICLE), &article_code, 0x81039001)
	    && spans_say(&g), "longer text is an article");
	given_end(&g);
	memset(big + 5000, 'b', 12);
	g = given(big);
	tap_ok(count(&g, ITEM_NOTE) == 0 && count(&g, ITEM_ARTICLE) == 0,
	    "without codes it is nothing");
	given_end(&g);
	free(big);

	g = given("<!DOCTYPE html><html><body>0x81039001 " ENGLISH "</body>"
	    "</html>");
	tap_ok(count(&g, ITEM_NOTE) == 0 && count(&g, ITEM_RUN) == 0 &&
	    count(&g, ITEM_ARTICLE) == 1, "a page is an article");
	given_end(&g);

	g = given("Event 204: join failed 0x801c0003, {\"Code\":"
	    "\"AuthorizationError\",\"SubCode\":\"MsaTicketTpmValidationFailed"
	    "\"}\nBootstrapStatus: TPM attestation failed (hr = undefined)\n");
	note = ev_first(g.ev, ITEM_NOTE);
	tap_ok(says(note, &note_subcode, "MsaTicketTpmValidationFailed") &&
	    says(note, &note_phrase, "TPM attestation failed") &&
	    spans_say(&g), "sub-code and phrase");
	given_end(&g);

	g = given("Log Name: System\nSource: Microsoft-Windows-WindowsUpdate"
	    "Client\nEvent ID: 20\nDescription:\nfailed with 0x800705b4\n");
	tap_ok(count(&g, ITEM_NOTE) == 0 && count(&g, ITEM_ARTICLE) == 1,
	    "an event of another program is no symptom");
	given_end(&g);
}

static void
bodies(void)
{
	struct bytes b = make_str("note 0x81039001 " ENGLISH, TEXT_UTF8, false);
	struct evidence *ev;
	struct blob *blob, *body;
	struct item *response;

	ev = evidence_of(b, "a.saz", &blob);
	(void)ev_blob_take(ev);
	response = ev_item(ev, ITEM_RESPONSE, blob->item, blob_span(blob));
	body = ev_slice(ev, blob_span(blob), "body", HINT_TEXT, response);
	read_all(ev);
	tap_ok(body != NULL && ev_first(ev, ITEM_RUN) == NULL &&
	    ev_first(ev, ITEM_NOTE) == NULL &&
	    ev_first(ev, ITEM_ARTICLE) != NULL, "a body is an article");
	evidence_free(ev);
	free(b.p);
}

/* ---- hostile ---- */

static struct given
repeated(const char *unit, size_t times_, enum text_encoding e)
{
	size_t n = strlen(unit);
	char *p = malloc(n * times_ + 1);
	struct bytes b;
	size_t i;

	for (i = 0; i < times_; i++)
		memcpy(p + i * n, unit, n);
	b = make(p, n * times_, e, false);
	free(p);
	return given_bytes(b, e, "a.txt");
}

static void
hostile(void)
{
	static const char *const units[] = {
		"GetCACaps: Not Found\n", "0x80190190 (", "{\"Message\":\"",
		"-----BEGIN CERTIFICATE-----\n", TPM, URL "\n",
		"POST(1ms)\n<", "<Event ", "Log Name: x\n", "HTTP/1.1 400 ",
		"> > > > ", "PkiStatus(", "%n%s", "\r\r\r\r", "2023-03-29T08:",
		"GET(1ms) a: b ", "-KeyId-", "Event Xml:\n<Event >\n",
		"EnrollStatus(1): \n", "\"Message\":\"", "Key = \n", "8019019",
		"SubCode", HOST "\n"
	};
	struct given g;
	size_t i, j;
	uint8_t *p;
	uint32_t seed = 1;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		g = repeated(units[i], 300000 / strlen(units[i]),
		    i % 3 == 2 ? TEXT_UTF16LE : TEXT_UTF8);
		given_end(&g);
	}
	tap_ok(true, "long repetitions end");
	g = repeated("a line of a long text 0x81039001\n", 100000, TEXT_UTF8);
	tap_ok(count(&g, ITEM_ARTICLE) == 1, "100,000 lines");
	given_end(&g);
	for (i = 0; i < 300; i++) {
		struct bytes b = make_str(i % 2 == 0 ? FAILED "\n" SUCCESS :
		    RECORD("86") ENGLISH, i % 3 == 0 ? TEXT_UTF16LE :
		    TEXT_UTF8, i % 5 == 0);

		for (j = 0; j < 20; j++) {
			seed = seed * 1103515245 + 12345;
			p = &b.p[(seed >> 8) % b.n];
			*p = (uint8_t)(i % 7 == 0 ? 0 : seed >> 24);
		}
		g = given_bytes(b, TEXT_UTF8, "a.txt");
		given_end(&g);
	}
	tap_ok(true, "damaged texts are read");
}

int
main(void)
{
	failed_run();
	success_run();
	encodings();
	people();
	events();
	several();
	notes();
	bodies();
	hostile();
	return tap_done();
}
