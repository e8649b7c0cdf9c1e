/*
 * The events of a case and their exports: the Event Viewer's text, XML of
 * wevtutil and the Event Viewer, CSV of the Event Viewer and Get-WinEvent.
 * Relies on message.c for what the enrolment's events say.
 */
#include "event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	MS	(SECOND / 1000)

static struct datum *
datum_add(struct record *r, const char *name, const char *text)
{
	struct datum *d = &r->data[r->ndata++];

	d->name = name;
	d->type = DATA_TEXT;
	if (text != NULL)
		buf_str(&d->text, text);
	return d;
}

static void
datum_number(struct record *r, const char *name, enum data_type type,
    uint32_t number)
{
	struct datum *d = datum_add(r, name, NULL);

	d->type = type;
	d->number = number;
}

/* ---- kinds of records ---- */

static void
trim(struct buf *b)
{
	while (b->n > 0 && b->p[b->n - 1] == '\n')
		b->n--;
}

/* Events 86, 87 and 88: six strings, and the sentence of text.c. */
static void
scep_record(struct record *r, const struct scenario *s, const struct line *l)
{
	const struct attempt *a = option_attempt(s, l);
	static const char *const stages[STEPS] = {
		"GetCACaps", "GetCACertChain", "SubmitRequest",
		"SubmitChallengeAnswer",
	};
	const struct exchange *x = NULL;
	uint32_t code = code_of(a, l);
	char text[160];

	r->provider = "Microsoft-Windows-CertificateServicesClient-CertEnroll";
	r->guid = "54164045-7c50-4905-963f-e5bc1eef0cca";
	r->source = "CertEnroll";
	r->channel = "Application";
	r->id = (unsigned)option_long(l, "id", 86);
	r->qualifiers = r->id == 88 ? 16986 : 49754;
	r->level = r->id == 88 ? 4 : 2;
	r->when = a->start;
	if (a->nexchanges > 0) {
		x = &a->exchanges[a->nexchanges - 1];
		r->when = x->start + (x->ms + 20) * MS;
	}
	snprintf(text, sizeof(text), "WORKGROUP\\%s$", a->device->machine);
	datum_add(r, "Context", option(l, "context", text));
	snprintf(text, sizeof(text), "https://%s/templates/Aik/scep", a->host);
	datum_add(r, "Url", text);
	message(&datum_add(r, "MessageText", NULL)->text, s, a, r->lang, code);
	trim(&r->data[2].text);
	snprintf(text, sizeof(text), "%s(%dms)",
	    x != NULL && x->step >= STEP_REQUEST ? "POST" : "GET",
	    x != NULL ? x->ms : 15);
	datum_add(r, "Method", text);
	datum_add(r, "Stage", x != NULL ? stages[x->step] : "GetCACaps");
	if (r->id != 88) {
		error_line(&datum_add(r, "ErrorCode", NULL)->text, code,
		    r->lang);
		trim(&r->data[5].text);
	}
	text_sentence(&r->message, r->lang, r->id, r->data[0].text.p,
	    r->data[0].text.n, r->data[1].text.p, r->data[1].text.n);
	buf_str(&r->message, "\n\n");
	buf_add(&r->message, &r->data[2].text);
	buf_printf(&r->message, "\n%s: ", text_label(r->lang, true));
	buf_add(&r->message, &r->data[3].text);
	buf_printf(&r->message, "\n%s: ", text_label(r->lang, false));
	buf_add(&r->message, &r->data[4].text);
	if (r->id != 88) {
		buf_str(&r->message, "\n");
		buf_add(&r->message, &r->data[5].text);
	}
}

static void
autopilot_record(struct record *r, const struct scenario *s,
    const struct line *l)
{
	uint32_t code = (uint32_t)strtoul(option(l, "code", "0x81039001"),
	    NULL, 0);

	(void)s;
	r->provider = "Microsoft-Windows-ModernDeployment-Diagnostics-"
	    "Provider";
	r->guid = "bab3ad92-fb96-5902-450b-b8421bdec7bd";
	r->channel = "Microsoft-Windows-ModernDeployment-Diagnostics-Provider/"
	    "Autopilot";
	r->id = (unsigned)option_long(l, "id", 171);
	r->level = 2;
	datum_number(r, "HRESULT", strcmp(option(l, "number", "hex"),
	    "signed") == 0 ? DATA_INT32 : DATA_HEX32, code);
	buf_printf(&r->message, "AutopilotManager failed to set TPM identity "
	    "confirmed. HRESULT = 0x%08X", (unsigned)code);
}

static void
join_record(struct record *r, const struct scenario *s, const struct line *l)
{
	uint32_t code = (uint32_t)strtoul(option(l, "code", "0x801c0003"),
	    NULL, 0);
	char id[37];

	rng_guid("activity", (unsigned)s->nattempts, id);
	r->provider = "Microsoft-Windows-User Device Registration";
	r->guid = "23b8d46b-67dd-40a3-b636-d43e50552c6d";
	r->channel = "Microsoft-Windows-User Device Registration/Admin";
	r->id = (unsigned)option_long(l, "id", 204);
	r->level = 2;
	datum_number(r, "ExitCode", DATA_HEX32, code);
	datum_add(r, "ActivityId", id);
	datum_number(r, "HttpStatus", DATA_UINT32, 400);
	buf_printf(&datum_add(r, "ServerResponse", NULL)->text,
	    "{\"Code\":\"AuthorizationError\",\"SubCode\":\"%s\","
	    "\"Message\":\"The TPM attestation of the device is not "
	    "valid.\"}", option(l, "subcode", "MsaTicketTpmValidationFailed"));
	buf_printf(&r->message, "The get join response operation callback "
	    "failed with exit code: Unknown HResult Error code: 0x%08x.\n"
	    "Activity Id: %s\nThe server returned HTTP status: 400\n"
	    "Server response was: ", (unsigned)code, id);
	buf_add(&r->message, &r->data[3].text);
}

static void
tpm_record(struct record *r, const struct scenario *s, const struct line *l)
{
	(void)s;
	r->provider = "TPM";
	r->guid = "1b6b0772-251b-4d42-917d-faca166bc059";
	r->channel = "System";
	r->id = (unsigned)option_long(l, "id", 15);
	r->level = 2;
	datum_number(r, "ErrorCode", DATA_UINT32,
	    (uint32_t)strtoul(option(l, "code", "0x8028400f"), NULL, 0));
	buf_printf(&r->message, "The device driver for the Trusted Platform "
	    "Module (TPM) encountered a non-recoverable error in the TPM "
	    "hardware. Error: %s", option(l, "code", "0x8028400f"));
}

static void
boot_record(struct record *r, const struct scenario *s, const struct line *l)
{
	unsigned build = 0, revision = 0;

	sscanf(option_device(s, l)->windows, "10.0.%u.%u", &build, &revision);
	r->provider = "Microsoft-Windows-Kernel-General";
	r->guid = "a68ca8b7-004f-d7b6-a698-07e2de0f1f5d";
	r->channel = "System";
	r->id = 12;
	r->level = 4;
	datum_number(r, "MajorVersion", DATA_UINT32, 10);
	datum_number(r, "MinorVersion", DATA_UINT32, 0);
	datum_number(r, "BuildVersion", DATA_UINT32,
	    (uint32_t)option_long(l, "build", build));
	datum_number(r, "QfeVersion", DATA_UINT32,
	    (uint32_t)option_long(l, "revision", revision));
	datum_number(r, "ServiceVersion", DATA_UINT32, 0);
	datum_number(r, "BootMode", DATA_UINT32, 0);
	buf_str(&r->message, "The operating system started.");
}

/* What every log is full of. */
static void
noise_record(struct record *r, unsigned n)
{
	static const struct {
		const char	*provider, *guid, *channel, *name, *text;
		unsigned	 id, level;
	} kinds[] = {
		{ "Microsoft-Windows-Security-SPP",
		    "e23b33b0-c8c9-472c-a5f9-f2bdfea0f156", "Application",
		    "Date", "2123-03-05T11:44:10Z", 16384, 4 },
		{ "ESENT", NULL, "Application", NULL,
		    "svchost (1384,R,98) TILEREPOSITORYS-1-5-18: Error -1023 "
		    "(0xfffffc01) occurred while opening logfile", 455, 2 },
		{ "Microsoft-Windows-RestartManager",
		    "0888e5ef-9b98-4695-979d-e92ce4247224", "Application",
		    "RmSessionId", "0", 10000, 4 },
		{ "Microsoft-Windows-CertificateServicesClient-AutoEnrollment",
		    "f0db7ef8-b6f3-4005-9937-feb77b9e1b43", "Application",
		    "Context", "local system", 2, 4 },
	};
	const char *text = kinds[n % COUNT(kinds)].text;

	n %= COUNT(kinds);
	r->provider = kinds[n].provider;
	r->guid = kinds[n].guid;
	r->channel = kinds[n].channel;
	r->id = kinds[n].id;
	r->level = kinds[n].level;
	datum_add(r, kinds[n].name, text);
	buf_str(&r->message, text);
}

static const struct {
	const char	*name;
	void		(*make)(struct record *, const struct scenario *,
			    const struct line *);
} kinds[] = {
	{ "scep", scep_record },
	{ "autopilot", autopilot_record },
	{ "join", join_record },
	{ "tpm", tpm_record },
	{ "boot", boot_record },
};

static struct record *
record_add(struct records *all, const struct scenario *s,
    const struct line *l)
{
	struct record *r;

	all->v = realloc(all->v, (all->n + 1) * sizeof(*all->v));
	if (all->v == NULL)
		die("out of memory");
	r = &all->v[all->n++];
	memset(r, 0, sizeof(*r));
	r->lang = language_of(l);
	r->computer = s->ndevices > 0 ? option_device(s, l)->machine :
	    "AIK-TEST-01";
	r->when = s->time + option_long(l, "after", 400) * SECOND +
	    (int64_t)rng_below("event", (unsigned)all->n, 999) * 1000 + 7;
	return r;
}

static int
by_time(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return x->when < y->when ? -1 : x->when > y->when;
}

void
records_make(struct records *all, const struct scenario *s,
    const struct line *of)
{
	const char *log = option(of, "log", "");
	const struct line *l;
	struct record *r;
	long count, n;
	size_t i, k;

	memset(all, 0, sizeof(*all));
	for (i = 0; i < s->nlines; i++) {
		l = &s->lines[i];
		if (strcmp(l->verb, "record") != 0 ||
		    strcmp(option(l, "log", ""), log) != 0)
			continue;
		if (strcmp(option(l, "kind", "scep"), "noise") == 0) {
			count = option_long(l, "count", 1);
			for (n = 0; n < count; n++) {
				r = record_add(all, s, l);
				r->when += (n - count) * 7 * SECOND;
				noise_record(r, (unsigned)n);
			}
			continue;
		}
		for (k = 0; k < COUNT(kinds); k++)
			if (strcmp(kinds[k].name, option(l, "kind", "scep")) ==
			    0)
				break;
		if (k == COUNT(kinds))
			die("line %u: no kind of record \"%s\"", l->number,
			    option(l, "kind", ""));
		kinds[k].make(record_add(all, s, l), s, l);
	}
	if (all->n > 1)
		qsort(all->v, all->n, sizeof(*all->v), by_time);
}

void
records_free(struct records *all)
{
	size_t i, k;

	for (i = 0; i < all->n; i++) {
		for (k = 0; k < all->v[i].ndata; k++)
			buf_free(&all->v[i].data[k].text);
		buf_free(&all->v[i].message);
	}
	free(all->v);
	memset(all, 0, sizeof(*all));
}

/* ---- exports ---- */

static void
crlf(struct buf *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->p[i] == '\n')
			buf_insert(b, i++, "\r", 1);
}

static void
time_put(struct buf *b, int64_t when, unsigned digits)
{
	int t[7];

	time_civil(when, t);
	buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%06d%.*sZ", t[0], t[1],
	    t[2], t[3], t[4], t[5], (int)(when % SECOND), (int)digits - 6,
	    "000");
}

static void
datum_put(struct buf *b, const struct datum *d)
{
	switch (d->type) {
	case DATA_TEXT:
		buf_add(b, &d->text);
		break;
	case DATA_HEX32:
		buf_printf(b, "0x%x", (unsigned)d->number);
		break;
	case DATA_INT32:
		buf_printf(b, "%d", (int)d->number);
		break;
	case DATA_UINT32:
		buf_printf(b, "%u", (unsigned)d->number);
		break;
	}
}

static void
xml_put(struct buf *b, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		switch (p[i]) {
		case '&':
			buf_str(b, "&amp;");
			break;
		case '<':
			buf_str(b, "&lt;");
			break;
		case '>':
			buf_str(b, "&gt;");
			break;
		default:
			buf_byte(b, p[i]);
		}
}

static void
record_xml(struct buf *b, const struct record *r, size_t number, bool viewer)
{
	struct buf value = { NULL, 0, 0 };
	size_t i;

	buf_str(b, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/"
	    "events/event'><System>");
	buf_printf(b, "<Provider Name='%s'", r->provider);
	if (r->guid != NULL)
		buf_printf(b, " Guid='{%s}'", r->guid);
	if (r->source != NULL)
		buf_printf(b, " EventSourceName='%s'", r->source);
	buf_printf(b, "/><EventID Qualifiers='%u'>%u</EventID><Version>0"
	    "</Version><Level>%u</Level><Task>0</Task><Opcode>0</Opcode>"
	    "<Keywords>0x80000000000000</Keywords><TimeCreated SystemTime='",
	    r->qualifiers, r->id, r->level);
	time_put(b, r->when, 9);
	buf_printf(b, "'/><EventRecordID>%zu</EventRecordID><Correlation/>"
	    "<Execution ProcessID='0' ThreadID='0'/><Channel>%s</Channel>"
	    "<Computer>%s</Computer><Security/></System><EventData>", number,
	    r->channel, r->computer);
	for (i = 0; i < r->ndata; i++) {
		if (r->data[i].name != NULL)
			buf_printf(b, "<Data Name='%s'>", r->data[i].name);
		else
			buf_str(b, "<Data>");
		value.n = 0;
		datum_put(&value, &r->data[i]);
		xml_put(b, value.p, value.n);
		buf_str(b, "</Data>");
	}
	buf_str(b, "</EventData>");
	if (viewer) {
		buf_str(b, "<RenderingInfo Culture='en-US'><Message>");
		xml_put(b, r->message.p, r->message.n);
		buf_printf(b, "</Message><Level>%s</Level></RenderingInfo>",
		    text_level(r->lang, r->level));
	}
	buf_str(b, "</Event>");
	buf_free(&value);
}

void
event_xml(struct buf *b, const struct scenario *s, const struct line *l)
{
	bool viewer = strcmp(option(l, "style", "viewer"), "viewer") == 0;
	struct records all;
	size_t i;

	records_make(&all, s, l);
	if (viewer)
		buf_str(b, "<?xml version=\"1.0\" encoding=\"utf-8\" "
		    "standalone=\"yes\"?>\n<Events>");
	for (i = 0; i < all.n; i++) {
		record_xml(b, &all.v[i], 1000 + i, viewer);
		if (!viewer)
			buf_str(b, "\n");
	}
	if (viewer)
		buf_str(b, "</Events>");
	crlf(b);
	text_encode(b, option(l, "encoding", "utf-8"),
	    strcmp(option(l, "bom", "no"), "yes") == 0);
	records_free(&all);
}

static void
quoted(struct buf *b, const uint8_t *p, size_t n)
{
	size_t i;

	buf_byte(b, '"');
	for (i = 0; i < n; i++) {
		if (p[i] == '"')
			buf_byte(b, '"');
		buf_byte(b, p[i]);
	}
	buf_byte(b, '"');
}

void
event_csv(struct buf *b, const struct scenario *s, const struct line *l)
{
	bool viewer = strcmp(option(l, "style", "viewer"), "viewer") == 0;
	const struct record *r;
	struct records all;
	int t[7];
	size_t i;

	records_make(&all, s, l);
	if (viewer)
		buf_str(b, text_columns(language_of(l)));
	else
		buf_str(b, "#TYPE System.Diagnostics.Eventing.Reader."
		    "EventLogRecord\n\"Message\",\"Id\",\"Version\","
		    "\"Qualifiers\",\"Level\",\"RecordId\",\"ProviderName\","
		    "\"LogName\",\"ProcessId\",\"MachineName\","
		    "\"TimeCreated\",\"LevelDisplayName\"\n");
	for (i = 0; i < all.n; i++) {
		r = &all.v[i];
		time_civil(r->when, t);
		if (viewer) {
			buf_printf(b, "%s,%02d/%02d/%04d %02d:%02d:%02d,%s,%u,"
			    "None,", text_level(r->lang, r->level), t[1],
			    t[2], t[0], t[3], t[4], t[5], r->provider, r->id);
			quoted(b, r->message.p, r->message.n);
			buf_str(b, "\n");
			continue;
		}
		quoted(b, r->message.p, r->message.n);
		buf_printf(b, ",\"%u\",\"0\",\"%u\",\"%u\",\"%zu\",\"%s\","
		    "\"%s\",\"4\",\"%s\",\"%d/%d/%d %d:%02d:%02d %s\","
		    "\"%s\"\n", r->id, r->qualifiers, r->level, 1000 + i,
		    r->provider, r->channel, r->computer, t[1], t[2], t[0],
		    t[3] % 12 ? t[3] % 12 : 12, t[4], t[5],
		    t[3] < 12 ? "AM" : "PM", text_level(r->lang, r->level));
	}
	crlf(b);
	text_encode(b, option(l, "encoding", "utf-8"),
	    strcmp(option(l, "bom", "no"), "yes") == 0);
	records_free(&all);
}

/* The Event Viewer's "copy as text", or wevtutil qe /f:text. */
void
event_text(struct buf *b, const struct scenario *s, const struct line *l)
{
	bool wevtutil = strcmp(option(l, "style", "viewer"), "wevtutil") == 0;
	const struct record *r;
	struct records all;
	size_t i;

	records_make(&all, s, l);
	for (i = 0; i < all.n; i++) {
		r = &all.v[i];
		if (wevtutil) {
			buf_printf(b, "Event[%zu]:\n  Log Name: %s\n  Source: "
			    "%s\n  Date: ", i, r->channel, r->provider);
			time_put(b, r->when, 7);
			buf_printf(b, "\n  Event ID: %u\n  Task: N/A\n  "
			    "Level: %s\n  Opcode: Info\n  Keyword: Classic\n"
			    "  User: S-1-5-18\n  User Name: NT AUTHORITY\\"
			    "SYSTEM\n  Computer: %s\n  Description: \n",
			    r->id, text_level(r->lang, r->level), r->computer);
		} else
			text_head(b, r->lang, r->channel, r->provider,
			    r->when, r->id, r->level, r->computer);
		buf_add(b, &r->message);
		buf_str(b, "\n\n");
	}
	crlf(b);
	text_encode(b, option(l, "encoding", "utf-8"),
	    strcmp(option(l, "bom", "no"), "yes") == 0);
	records_free(&all);
}
