/*
 * What the enrolment code itself reports of a run: event parameter %3, which
 * certreq prints too, and its error lines.
 * Relies on the tokens that no language changes: operations, JSON, HTTP
 * lines, hexadecimal codes and their symbols.
 */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	MS	(SECOND / 1000)

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

void
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
uint32_t
code_of(const struct attempt *a, const struct line *l)
{
	static const struct {
		const char	*outcome;
		uint32_t	 code;
	} connects[] = {
		{ "dns", 0x80072ee7 },
		{ "dns-worded", 0x80072ee7 },
		{ "dns-coded", 0x80072ee7 },
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

void
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
void
message(struct buf *b, const struct scenario *s, const struct attempt *a,
    enum language lang, uint32_t code)
{
	static const char *const operations[STEPS] = {
		"GetCACaps", "GetCACertChain", "Submit(Request)",
		"Submit(ChallengeAnswer)",
	};
	const struct exchange *x;

	if (a->nexchanges == 0) {
		if (a->connect == NULL || strcmp(a->connect, "local") != 0)
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
