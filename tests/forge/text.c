/*
 * Texts that people paste or tools write: certreq's output, events 86 to 88,
 * the Autopilot event and short notes, in three languages.
 * Relies on the fixed tokens that no language changes: operations, JSON,
 * HTTP lines, hexadecimal codes and their symbols.
 */
#include "forge.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	MS	(SECOND / 1000)

enum language { EN, DE, RU, LANGUAGES };

static const char *const language_names[LANGUAGES] = { "en", "de", "ru" };

static const struct {
	uint32_t	 code;
	const char	*text[LANGUAGES];
	const char	*tail;		/* inside the parenthesis */
} errors[] = {
	{ 0, { "The operation completed successfully.",
	    "Der Vorgang wurde erfolgreich beendet.",
	    "Операция успешно завершена." }, "WIN32: 0" },
	{ 0x80190190, { "Bad request (400).", "Ungültige Anforderung (400).",
	    "Неверный запрос (400)." }, "-2145844848 HTTP_E_STATUS_BAD_REQUEST"
	},
	{ 0x80190194, { "Not found (404).", "Nicht gefunden (404).",
	    "Не найдено (404)." }, "-2145844844 HTTP_E_STATUS_NOT_FOUND" },
	{ 0x80190197, { "Proxy authentication required (407).",
	    "Proxyauthentifizierung erforderlich (407).",
	    "Требуется проверка подлинности прокси (407)." },
	    "-2145844841 HTTP_E_STATUS_PROXY_AUTH_REQ" },
	{ 0x801901ad, { "Too many requests (429).",
	    "Zu viele Anforderungen (429).", "Слишком много запросов (429)." },
	    "-2145844819" },
	{ 0x801901f4, { "Internal server error (500).",
	    "Interner Serverfehler (500).",
	    "Внутренняя ошибка сервера (500)." },
	    "-2145844748 HTTP_E_STATUS_SERVER_ERROR" },
	{ 0x801901f7, { "Service unavailable (503).",
	    "Dienst nicht verfügbar (503).", "Служба недоступна (503)." },
	    "-2145844745 HTTP_E_STATUS_SERVICE_UNAVAIL" },
	{ 0x80070490, { "Element not found.", "Element nicht gefunden.",
	    "Элемент не найден." }, "WIN32: 1168 ERROR_NOT_FOUND" },
	{ 0x80070542, { "Either a required impersonation level was not "
	    "provided, or the provided impersonation level is invalid.",
	    "Die erforderliche Impersonationsebene fehlt oder ist "
	    "unzulässig.", "Недопустимый уровень олицетворения." },
	    "WIN32: 1346 ERROR_BAD_IMPERSONATION_LEVEL" },
	{ 0x8009000f, { "Object already exists.",
	    "Das Objekt ist bereits vorhanden.", "Объект уже существует." },
	    "-2146893809 NTE_EXISTS" },
	{ 0x80090016, { "Keyset does not exist",
	    "Der Schlüsselsatz ist nicht vorhanden.",
	    "Набор ключей не существует." }, "-2146893802 NTE_BAD_KEYSET" },
	{ 0x8028400f, { "A compatible TPM device cannot be found on this "
	    "computer.", "Auf diesem Computer wurde kein kompatibles TPM "
	    "gefunden.", "Совместимый модуль TPM не найден." },
	    "-2144845809 TBS_E_TPM_NOT_FOUND" },
	{ 0x80280921, { "The TPM is in DA lockout mode.",
	    "Das TPM ist gesperrt.", "Модуль TPM заблокирован." },
	    "-2144859871 TPM_20_E_LOCKOUT" },
	{ 0x80072ee2, { "The operation timed out",
	    "Das Zeitlimit für den Vorgang wurde erreicht",
	    "Время ожидания операции истекло" },
	    "WinHttp: 12002 ERROR_WINHTTP_TIMEOUT" },
	{ 0x80072efd, { "A connection with the server could not be "
	    "established", "Die Serververbindung konnte nicht hergestellt "
	    "werden", "Не удалось установить связь с сервером" },
	    "WinHttp: 12029 ERROR_WINHTTP_CANNOT_CONNECT" },
	{ 0x80072f8f, { "A security error occurred",
	    "Ein Sicherheitsfehler ist aufgetreten",
	    "Произошла ошибка безопасности" },
	    "WinHttp: 12175 ERROR_WINHTTP_SECURE_FAILURE" },
	{ 0x80190193, { "Forbidden (403).", "Unzulässig (403).",
	    "Запрещено (403)." }, "-2145844845 HTTP_E_STATUS_FORBIDDEN" },
	{ 0x80072ee7, { "The server name or address could not be resolved",
	    "Der Servername oder die Serveradresse konnte nicht verarbeitet "
	    "werden", "Не удалось разрешить имя или адрес сервера" },
	    "WinHttp: 12007 ERROR_WINHTTP_NAME_NOT_RESOLVED" },
	{ 0x80070057, { "The parameter is incorrect.",
	    "Falscher Parameter.", "Параметр задан неверно." },
	    "WIN32: 87 ERROR_INVALID_PARAMETER" },
	{ 0x802800a5, { "TPM 2.0: Structure is the wrong size or the object "
	    "does not fit.", "TPM 2.0: Das Objekt passt nicht.",
	    "TPM 2.0: объект не подходит." }, "-2144862043" },
};

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

static enum language
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
error_line(struct buf *b, uint32_t code, enum language lang)
{
	size_t i;

	for (i = 0; i < COUNT(errors); i++)
		if (errors[i].code == code) {
			buf_printf(b, "%s 0x%x (%s)\n", errors[i].text[lang],
			    (unsigned)code, errors[i].tail);
			return;
		}
	buf_printf(b, "Error 0x%x (%d)\n", (unsigned)code, (int)code);
}

/* What the client's own code reports for the run. */
static uint32_t
code_of(const struct attempt *a, const struct line *l)
{
	static const struct {
		const char	*outcome;
		uint32_t	 code;
	} connects[] = {
		{ "dns", 0x80072ee7 },
		{ "connection-refused", 0x80072efd },
		{ "connection-timeout", 0x80072ee2 },
		{ "proxy-407", 0x80190197 },
	};
	const struct exchange *x;
	size_t i;

	if (option(l, "code", NULL) != NULL)
		return (uint32_t)strtoul(option(l, "code", NULL), NULL, 0);
	for (i = 0; a->connect != NULL && i < COUNT(connects); i++)
		if (strcmp(connects[i].outcome, a->connect) == 0)
			return connects[i].code;
	if (a->nexchanges == 0)
		return 0;
	x = &a->exchanges[a->nexchanges - 1];
	if (x->status >= 400)
		return 0x80190000 + (uint32_t)x->status;
	if (a->pki_status == 2 && a->error != NULL)
		return (uint32_t)strtol(a->error, NULL, 10);
	return 0;
}

static void
http_block(struct buf *b, const struct scenario *s, const struct exchange *x)
{
	char date[40];

	time_http(x->start + x->ms * MS - s->skew, date, sizeof(date));
	buf_printf(b, "HTTP/1.1 %d %s\nDate: %s\nContent-Length: %zu\n"
	    "Content-Type: %s\nX-Content-Type-Options: nosniff\n"
	    "Strict-Transport-Security: max-age=31536000;includeSubDomains\n"
	    "x-ms-request-id: %s\n", x->status, x->reason, date, x->answer.n,
	    x->type, x->request_id);
	buf_str(b, "\n");
}

static void
thumbprint(struct buf *b, const struct cert *c)
{
	char hex[41];
	uint8_t hash[20];

	sha1(c->der.p, c->der.n, hash);
	hex_put(hash, sizeof(hash), false, hex);
	buf_printf(b, "Thumbprint: %s\n", hex);
}

static const char *
fail_info_name(const char *number)
{
	static const char *const names[] = {
		"SCEPFailBadAlgorithm", "SCEPFailBadMessageCheck",
		"SCEPFailBadRequest", "SCEPFailBadTime", "SCEPFailBadCertId",
	};
	unsigned long n = strtoul(number, NULL, 10);

	return n < COUNT(names) ? names[n] : "SCEPFailUnknown";
}

/* Event parameter %3: what the same code prints for certreq and events. */
static void
message(struct buf *b, const struct scenario *s, const struct attempt *a,
    enum language lang, uint32_t code)
{
	static const char *const operations[STEPS] = {
		"GetCACaps", "GetCACertChain", "Submit(Request)",
		"Submit(ChallengeAnswer)",
	};
	const struct exchange *x;

	if (a->nexchanges == 0) {
		buf_str(b, "GetCACaps\n");
		return;
	}
	x = &a->exchanges[a->nexchanges - 1];
	if (x->status == 0) {
		buf_printf(b, "%s\n", operations[x->step]);
		return;
	}
	if (a->pki_status == 0) {
		buf_str(b, "PkiStatus(0): SCEPDispositionSuccess\n"
		    "EnrollStatus(1): Enrolled\n");
		error_line(b, 0, lang);
		thumbprint(b, &a->aik);
		buf_str(b, "EnrollDone\n");
	} else if (a->pki_status == 2) {
		buf_printf(b, "PkiStatus(2): SCEPDispositionFailure\n"
		    "FailInfo(%s): %s\nEnrollStatus(256): EnrollDenied\n",
		    a->fail_info, fail_info_name(a->fail_info));
		error_line(b, code, lang);
	} else if (a->pki_status == 11)
		buf_str(b, "PkiStatus(11): SCEPDispositionPendingChallenge\n"
		    "EnrollStatus(32): EnrollPending\n");
	buf_printf(b, "%s: %s\n", operations[x->step], x->reason);
	if (x->status != 200 && x->answer.n > 0) {
		buf_add(b, &x->answer);
		buf_str(b, "\n");
	}
	http_block(b, s, x);
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

static void
finish(struct buf *b, const struct line *l)
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
	enum language lang = language_of(l);
	uint32_t code = code_of(a, l);
	unsigned v[4] = { 0, 0, 0, 0 };

	if (strcmp(option(l, "empty", "no"), "yes") == 0)
		return;
	if (strcmp(option(l, "bare", "no"), "yes") == 0) {
		buf_str(b, "Certificate Request Processor: ");
		error_line(b, code, lang);
		finish(b, l);
		return;
	}
	sscanf(d->firmware, "%u.%u.%u.%u", &v[0], &v[1], &v[2], &v[3]);
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
	finish(b, l);
}

/* The frame in which the Event Viewer copies an event as text. */
static void
frame(struct buf *b, const struct words *w, const char *log,
    const char *source, int64_t when, unsigned id, bool error)
{
	int t[7];

	time_civil(when, t);
	buf_printf(b, "%s:      %s\n%s:        %s\n%s:          "
	    "%04d-%02d-%02dT%02d:%02d:%02dZ\n%s:      %u\n%s:         %s\n"
	    "%s:\n", w->log, log, w->source, source, w->date, t[0], t[1], t[2],
	    t[3], t[4], t[5], w->id, id, w->level, error ? w->error : w->info,
	    w->description);
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
	finish(b, l);
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
	finish(b, l);
}

void
text_note(struct buf *b, const struct scenario *s, const struct line *l)
{
	(void)s;
	buf_str(b, option(l, "text", ""));
	buf_str(b, "\n");
	finish(b, l);
}
