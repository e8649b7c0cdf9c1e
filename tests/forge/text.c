/*
 * Texts that people paste or tools write: certreq's output, events 86 to 88,
 * the Autopilot event and short notes, in three languages.
 * Relies on message.c for what stands inside them.
 */
#include "text.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	MS	(SECOND / 1000)

static const char *const language_names[LANGUAGES] = { "en", "de", "ru" };

static const struct words {
	const char	*init, *enrol, *done;	/* printf: context, URL */
	const char	*method, *stage;
	const char	*log, *source, *date, *id, *level, *error, *info;
	const char	*description;
} words[LANGUAGES] = {
	{ "SCEP Certificate enrollment initialization for %s via %s failed:",
	    "SCEP Certificate enrollment for %s via %s failed:",
	    "SCEP Certificate enrollment for %s via %s succeeded:",
	    "Method", "Stage", "Log Name", "Source", "Date", "Event ID",
	    "Level", "Error", "Information", "Description" },
	{ "Fehler bei der Initialisierung der SCEP-Zertifikatregistrierung "
	    "für %s über %s:",
	    "Fehler bei der SCEP-Zertifikatregistrierung für %s über %s:",
	    "Die SCEP-Zertifikatregistrierung für %s über %s war erfolgreich:",
	    "Methode", "Phase", "Protokollname", "Quelle", "Datum",
	    "Ereignis-ID", "Ebene", "Fehler", "Informationen",
	    "Beschreibung" },
	{ "Ошибка инициализации регистрации сертификата SCEP для %s через "
	    "%s:", "Ошибка регистрации сертификата SCEP для %s через %s:",
	    "Регистрация сертификата SCEP для %s через %s выполнена:",
	    "Метод", "Стадия", "Имя журнала", "Источник", "Дата",
	    "Код события", "Уровень", "Ошибка", "Сведения", "Описание" },
};

/* printf forms: the context, the URL. */
void
text_sentence(struct buf *b, enum language lang, unsigned id,
    const void *context, size_t ncontext, const void *url, size_t nurl)
{
	const char *form = id == 86 ? words[lang].init : id == 87 ?
	    words[lang].enrol : words[lang].done, *at;

	at = strstr(form, "%s");
	buf_put(b, form, (size_t)(at - form));
	buf_put(b, context, ncontext);
	form = at + 2;
	at = strstr(form, "%s");
	buf_put(b, form, (size_t)(at - form));
	buf_put(b, url, nurl);
	buf_str(b, at + 2);
}

const char *
text_label(enum language lang, bool method)
{
	return method ? words[lang].method : words[lang].stage;
}

const char *
text_level(enum language lang, unsigned level)
{
	static const char *const warnings[LANGUAGES] = {
		"Warning", "Warnung", "Предупреждение"
	};

	return level == 2 ? words[lang].error : level == 3 ? warnings[lang] :
	    words[lang].info;
}

/* The first line of the Event Viewer's CSV. */
const char *
text_columns(enum language lang)
{
	static const char *const columns[LANGUAGES] = {
		"Level,Date and Time,Source,Event ID,Task Category\n",
		"Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie"
		"\n",
		"Уровень,Дата и время,Источник,Код события,Категория задачи"
		"\n",
	};

	return columns[lang];
}

enum language
language_of(const struct line *l)
{
	const char *lang = option(l, "lang", "en");
	unsigned i;

	for (i = 0; i < LANGUAGES; i++)
		if (strcmp(language_names[i], lang) == 0)
			return (enum language)i;
	die("line %u: no language \"%s\"", l->number, lang);
}

static void
head(struct buf *b, const struct words *w, const char *log,
    const char *source, int64_t when, unsigned id, const char *level)
{
	int t[7];

	time_civil(when, t);
	buf_printf(b, "%s:      %s\n%s:        %s\n%s:          "
	    "%04d-%02d-%02dT%02d:%02d:%02dZ\n%s:      %u\n%s:         %s\n",
	    w->log, log, w->source, source, w->date, t[0], t[1], t[2], t[3],
	    t[4], t[5], w->id, id, w->level, level);
}

/* The head of an event as the Event Viewer copies it, with the machine. */
void
text_head(struct buf *b, enum language lang, const char *log,
    const char *source, int64_t when, unsigned id, unsigned level,
    const char *computer)
{
	static const char *const computers[LANGUAGES] = {
		"Computer", "Computer", "Компьютер"
	};

	head(b, &words[lang], log, source, when, id, text_level(lang, level));
	buf_printf(b, "%s:      %s\n%s:\n", computers[lang], computer,
	    words[lang].description);
}

static void
drop_blank_lines(struct buf *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->n; i++)
		if (b->p[i] != '\n' || (n > 0 && b->p[n - 1] != '\n'))
			b->p[n++] = b->p[i];
	b->n = n;
}

static void
timings(struct buf *b, const struct attempt *a)
{
	static const char *const names[STEPS] = {
		"GetCACaps", "GetCACertChain", "Submit(Request)",
		"Submit(ChallengeAnswer)",
	};
	int total = 900;
	size_t i;

	buf_printf(b, "EnrollStage = %d\n",
	    a->nexchanges == 0 ? 10 : 30 * (int)a->nexchanges);
	for (i = 0; i < a->nexchanges; i++) {
		buf_printf(b, "%s = %dms\n", names[i], a->exchanges[i].ms);
		total += a->exchanges[i].ms;
	}
	buf_printf(b, "Total = %dms\n", total);
}

void
pem_put(struct buf *b, const struct buf *der)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p;
	long n;

	if (bio == NULL ||
	    PEM_write_bio(bio, "CERTIFICATE", "", der->p, (long)der->n) <= 0)
		die("PEM failed");
	n = BIO_get_mem_data(bio, &p);
	buf_put(b, p, (size_t)n);
	BIO_free(bio);
}

static void
local_date(struct buf *b, const char *label, int64_t us)
{
	int t[7];

	time_civil(us, t);
	buf_printf(b, "  %s: %02d/%02d/%04d %d:%02d %s\n", label, t[2], t[1],
	    t[0], t[3] % 12 ? t[3] % 12 : 12, t[4], t[3] < 12 ? "am" : "pm");
}

/* The issuer's name from its last RDN to its first, as Windows prints it. */
static void
issuer_name(struct buf *b, const char *text)
{
	char *copy = xstrdup(text), *at;

	while ((at = strrchr(copy, ',')) != NULL && at[1] == ' ') {
		buf_printf(b, "%s, ", at + 2);
		*at = '\0';
	}
	buf_printf(b, "%s\n", copy);
	free(copy);
}

/* Cuts the text after the line that is text, as a killed tool does. */
static void
cut_after(struct buf *b, const char *text)
{
	size_t i, n = strlen(text);

	for (i = 0; i + n < b->n; i++)
		if ((i == 0 || b->p[i - 1] == '\n') &&
		    memcmp(b->p + i, text, n) == 0 && b->p[i + n] == '\n') {
			b->n = i + n + 1;
			return;
		}
	die("there is no line \"%s\" to cut after", text);
}

static void
crlf(struct buf *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->p[i] == '\n')
			buf_insert(b, i++, "\r", 1);
}

void
text_finish(struct buf *b, const struct line *l)
{
	if (strcmp(option(l, "blank_lines", "yes"), "no") == 0)
		drop_blank_lines(b);
	if (option(l, "before", NULL) != NULL)
		buf_insert(b, 0, option(l, "before", NULL),
		    strlen(option(l, "before", NULL)));
	if (option(l, "after_text", NULL) != NULL)
		buf_str(b, option(l, "after_text", NULL));
	if (option(l, "cut_after", NULL) != NULL)
		cut_after(b, option(l, "cut_after", NULL));
	if (strcmp(option(l, "eol", "crlf"), "crlf") == 0)
		crlf(b);
	text_encode(b, option(l, "encoding", "utf-8"),
	    strcmp(option(l, "bom", "no"), "yes") == 0);
}

static void
new_certificate(struct buf *b, const struct attempt *a)
{
	const struct device *d = a->device;
	uint8_t id[8];
	char hex[41];

	hex_put(a->aik.serial.p + 2, a->aik.serial.n - 2, false, hex);
	buf_printf(b, "\nNew Certificate:\n  Serial Number: %s\n"
	    "  Subject: EMPTY (Directory Address:TPMVersion=id:%s, "
	    "TPMModel=%s, TPMManufacturer=id:%s)\n", hex, d->version, d->model,
	    vendor_id(d->ca->vendor));
	local_date(b, "NotBefore", a->aik.not_before);
	local_date(b, "NotAfter", a->aik.not_after);
	buf_str(b, "  ");
	thumbprint(b, &a->aik);
	buf_str(b, "\n");
	pem_put(b, &a->aik.der);
	rng_bytes("container", a->n, id, sizeof(id));
	hex_put(id, sizeof(id), false, hex);
	buf_printf(b, "\nKey = TestAIK-%s\n", hex);
}

void
text_certreq(struct buf *b, const struct scenario *s, const struct line *l)
{
	const struct attempt *a = option_attempt(s, l);
	const struct device *d = a->device;
	const char *bare = option(l, "bare", "no");
	enum language lang = language_of(l);
	uint32_t code = code_of(a, l);
	unsigned v[4] = { 0, 0, 0, 0 };

	if (strcmp(option(l, "empty", "no"), "yes") == 0)
		return;
	sscanf(d->firmware, "%u.%u.%u.%u", &v[0], &v[1], &v[2], &v[3]);
	if (strcmp(bare, "no") != 0) {
		if (strcmp(bare, "tpm") == 0)
			buf_printf(b, "Local System User context\n"
			    "TPM-Version:2.0 -Level:0-Revision:1.38-"
			    "VendorID:'%-4s'-Firmware:%u.%u\n", d->ca->vendor,
			    v[0] << 16 | v[1], v[2] << 16 | v[3]);
		buf_str(b, "Certificate Request Processor: ");
		error_line(b, code, lang);
		text_finish(b, l);
		return;
	}
	buf_printf(b, "Local System User context\n"
	    "TPM-Version:2.0 -Level:0-Revision:1.38-VendorID:'%-4s'-"
	    "Firmware:%u.%u\n", d->ca->vendor, v[0] << 16 | v[1],
	    v[2] << 16 | v[3]);
	buf_printf(b, "%s-KeyId-%s\n", d->host_vendor, d->host_id);
	issuer_name(b, d->ca->cert.text);
	buf_printf(b, "https://%s/templates/Aik/scep\n", a->host);
	if (a->nexchanges > STEP_REQUEST ||
	    option(l, "cut_after", NULL) != NULL)
		buf_str(b, "AES128\nSHA256\n");
	message(b, s, a, lang, code);
	if (code != 0)
		error_line(b, code, lang);
	buf_str(b, "\n");
	timings(b, a);
	if (a->pki_status == 0) {
		new_certificate(b, a);
	} else if (code != 0) {
		buf_str(b, "\nCertificate Request Processor: ");
		error_line(b, code, lang);
	}
	text_finish(b, l);
}

/* The frame in which the Event Viewer copies an event as text. */
static void
frame(struct buf *b, const struct words *w, const char *log,
    const char *source, int64_t when, unsigned id, bool error)
{
	head(b, w, log, source, when, id, error ? w->error : w->info);
	buf_printf(b, "%s:\n", w->description);
}

void
text_event(struct buf *b, const struct scenario *s, const struct line *l)
{
	const struct attempt *a = option_attempt(s, l);
	enum language lang = language_of(l);
	const struct words *w = &words[lang];
	uint32_t code = code_of(a, l);
	unsigned id = (unsigned)option_long(l, "id", 86);
	const char *header = id == 86 ? w->init : id == 87 ? w->enrol : w->done;
	const struct exchange *x = NULL;
	static const char *const stages[STEPS] = {
		"GetCACaps", "GetCACertChain", "SubmitRequest",
		"SubmitChallengeAnswer",
	};
	char context[64], url[160];
	int64_t when = a->start;

	if (a->nexchanges > 0) {
		x = &a->exchanges[a->nexchanges - 1];
		when = x->start + (x->ms + 20) * MS;
	}
	if (strcmp(option(l, "frame", "yes"), "yes") == 0)
		frame(b, w, "Application",
		    "Microsoft-Windows-CertificateServicesClient-CertEnroll",
		    when, id, id != 88);
	snprintf(context, sizeof(context), "WORKGROUP\\%s$",
	    a->device->machine);
	snprintf(url, sizeof(url), "https://%s/templates/Aik/scep", a->host);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_printf(b, header, option(l, "context", context), url);
#pragma GCC diagnostic pop
	buf_str(b, "\n\n");
	message(b, s, a, lang, code);
	if (x == NULL)
		buf_str(b, "\n");
	buf_printf(b, "%s: %s(%dms)\n%s: %s\n", w->method,
	    x != NULL && x->step >= STEP_REQUEST ? "POST" : "GET",
	    x != NULL ? x->ms : 15, w->stage,
	    x != NULL ? stages[x->step] : "GetCACaps");
	if (id != 88)
		error_line(b, code, lang);
	text_finish(b, l);
}

void
text_autopilot(struct buf *b, const struct scenario *s, const struct line *l)
{
	enum language lang = language_of(l);
	int64_t when = s->time - s->skew + option_long(l, "after", 400) *
	    SECOND;

	frame(b, &words[lang], "Microsoft-Windows-ModernDeployment-"
	    "Diagnostics-Provider/Autopilot", "Microsoft-Windows-"
	    "ModernDeployment-Diagnostics-Provider", when,
	    (unsigned)option_long(l, "id", 171), true);
	buf_printf(b, "AutopilotManager failed to set TPM identity confirmed. "
	    "HRESULT = %s\n", option(l, "code", "0x81039001"));
	text_finish(b, l);
}

void
text_note(struct buf *b, const struct scenario *s, const struct line *l)
{
	(void)s;
	buf_str(b, option(l, "text", ""));
	buf_str(b, "\n");
	text_finish(b, l);
}
