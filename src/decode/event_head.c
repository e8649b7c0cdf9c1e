/*
 * The head of an event: the labels of the Event Viewer's text, of wevtutil's
 * and Get-WinEvent's in several languages, and the sources that matter.
 * Relies on text_scan.h.
 */
#include <string.h>
#include <strings.h>

#include "decode/event.h"

#define HEAD_LINES	24	/* of a record, up to its description */

#define HELD	ARTIFACT(EVENT)
#define SAID	(KIND(RUN) | KIND(NOTE))

static const struct named levels[] = {
	{ 0, "Always" }, { 1, "Critical" }, { 2, "Error" }, { 3, "Warning" },
	{ 4, "Information" }, { 5, "Verbose" }, { 0, NULL }
};

const struct field event_channel = {
	.name = "event.channel", .type = VALUE_TEXT, .kinds = SAID,
	.artifacts = HELD, .help = "log that the event was written to"
};
const struct field event_provider = {
	.name = "event.provider", .type = VALUE_TEXT, .kinds = SAID,
	.artifacts = HELD, .help = "source of the event"
};
const struct field event_level = {
	.name = "event.level", .type = VALUE_INT, .kinds = SAID,
	.artifacts = HELD, .named = levels, .help = "level of the event"
};
const struct field event_computer = {
	.name = "event.computer", .type = VALUE_TEXT, .kinds = SAID,
	.artifacts = HELD, .personal = true,
	.help = "machine whose log the event stood in"
};
const struct field eventlog_records = {
	.name = "eventlog.records", .type = VALUE_INT, .kinds = KIND(FILE),
	.artifacts = HELD, .help = "events that an event log or its export "
	    "holds, as far as it could be read"
};
const struct field eventlog_unread = {
	.name = "eventlog.unread", .type = VALUE_INT, .kinds = KIND(FILE),
	.artifacts = HELD,
	.help = "of these, events that say nothing of the attestation"
};
const struct field eventlog_other = {
	.name = "eventlog.other", .type = VALUE_INT, .kinds = KIND(FILE),
	.artifacts = HELD, .keyed = true,
	.help = "how many of the unread ones a source wrote: "
	    "eventlog.other[\"esent\"]"
};

const struct field eventlog_build = {
	.name = "eventlog.build", .type = VALUE_INT, .kinds = KIND(FILE),
	.artifacts = ARTIFACT(BUILD), .help = "build of the kernel at the last "
	    "start in the log (Kernel-General 12): 19041 up to 19045's"
};
const struct field eventlog_revision = {
	.name = "eventlog.revision", .type = VALUE_INT, .kinds = KIND(FILE),
	.artifacts = ARTIFACT(BUILD),
	.help = "revision of that build"
};

/* ---- labels ---- */

/* UTF-8; English first, then German, Russian, French, Spanish, Italian ... */
static const struct label {
	const char	*text;
	enum event_slot	 slot;
} labels[] = {
	{ "Log Name", EVENT_CHANNEL }, { "LogName", EVENT_CHANNEL },
	{ "Protokollname", EVENT_CHANNEL },
	{ "Имя журнала", EVENT_CHANNEL },
	{ "Nom du journal", EVENT_CHANNEL },
	{ "Nombre de registro", EVENT_CHANNEL },
	{ "Nome registro", EVENT_CHANNEL }, { "Logboeknaam", EVENT_CHANNEL },
	{ "Nome do Log", EVENT_CHANNEL },
	{ "Nazwa dziennika", EVENT_CHANNEL },
	{ "Source", EVENT_PROVIDER }, { "ProviderName", EVENT_PROVIDER },
	{ "Provider", EVENT_PROVIDER }, { "Quelle", EVENT_PROVIDER },
	{ "Источник", EVENT_PROVIDER }, { "Origen", EVENT_PROVIDER },
	{ "Origine", EVENT_PROVIDER }, { "Bron", EVENT_PROVIDER },
	{ "Fonte", EVENT_PROVIDER }, { "Źródło", EVENT_PROVIDER },
	{ "Date and Time", EVENT_TIME }, { "TimeCreated", EVENT_TIME },
	{ "Datum und Uhrzeit", EVENT_TIME }, { "Дата и время", EVENT_TIME },
	{ "Date et heure", EVENT_TIME }, { "Fecha y hora", EVENT_TIME },
	{ "Event ID", EVENT_ID }, { "EventID", EVENT_ID }, { "Id", EVENT_ID },
	{ "Ereignis-ID", EVENT_ID }, { "Код события", EVENT_ID },
	{ "ID de l’événement", EVENT_ID }, { "Id. del evento", EVENT_ID },
	{ "Level", EVENT_LEVEL }, { "LevelDisplayName", EVENT_LEVEL },
	{ "Ebene", EVENT_LEVEL }, { "Уровень", EVENT_LEVEL },
	{ "Niveau", EVENT_LEVEL }, { "Nivel", EVENT_LEVEL },
	{ "Livello", EVENT_LEVEL }, { "Nível", EVENT_LEVEL },
	{ "Poziom", EVENT_LEVEL },
	{ "Computer", EVENT_COMPUTER }, { "MachineName", EVENT_COMPUTER },
	{ "Компьютер", EVENT_COMPUTER }, { "Ordinateur", EVENT_COMPUTER },
	{ "Equipo", EVENT_COMPUTER }, { "Computador", EVENT_COMPUTER },
	{ "Komputer", EVENT_COMPUTER },
};

static const struct {
	const char	*word;
	int64_t		 level;
} level_words[] = {
	{ "Critical", 1 }, { "Kritisch", 1 }, { "Критический", 1 },
	{ "Critique", 1 }, { "Crítico", 1 },
	{ "Error", 2 }, { "Fehler", 2 }, { "Ошибка", 2 }, { "Erreur", 2 },
	{ "Errore", 2 }, { "Fout", 2 }, { "Erro", 2 }, { "Błąd", 2 },
	{ "Warning", 3 }, { "Warnung", 3 }, { "Предупреждение", 3 },
	{ "Avertissement", 3 }, { "Advertencia", 3 }, { "Avviso", 3 },
	{ "Waarschuwing", 3 }, { "Aviso", 3 }, { "Ostrzeżenie", 3 },
	{ "Information", 4 }, { "Informationen", 4 }, { "Сведения", 4 },
	{ "Informations", 4 }, { "Información", 4 }, { "Informazioni", 4 },
	{ "Informatie", 4 }, { "Informações", 4 }, { "Informacje", 4 },
	{ "Verbose", 5 }, { "Ausführlich", 5 }, { "Подробности", 5 },
};

int
event_label(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < sizeof(labels) / sizeof(*labels); i++)
		if (strlen(labels[i].text) == n &&
		    strncasecmp(labels[i].text, p, n) == 0)
			return (int)labels[i].slot;
	return -1;
}

static bool
level_read(const char *p, size_t n, int64_t *ret)
{
	size_t i;

	if (n == 1 && *p >= '0' && *p <= '5') {
		*ret = *p - '0';
		return true;
	}
	for (i = 0; i < sizeof(level_words) / sizeof(*level_words); i++)
		if (strlen(level_words[i].word) == n &&
		    strncasecmp(level_words[i].word, p, n) == 0) {
			*ret = level_words[i].level;
			return true;
		}
	return false;
}

/* ---- the head of a record ---- */

/* "Label:   value" of a line; false: it is none. */
static bool
line_read(const struct text *t, size_t line, int *ret_slot,
    struct text_part *ret_value)
{
	struct text_part part = text_content(&t->lines[line]);
	const char *p = t->p + part.off, *colon;
	size_t n, from;

	colon = memchr(p, ':', part.n < 64 ? part.n : 64);
	if (colon == NULL)
		return false;
	n = from = (size_t)(colon - p);
	/* No-break spaces too stand before a French colon. */
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\xa0' ||
	    p[n - 1] == '\xc2'))
		n--;
	*ret_slot = event_label(p, n);
	if (*ret_slot < 0)
		return false;
	from++;
	from += text_blanks(p + from, part.n - from);
	*ret_value = (struct text_part){ part.off + from, part.n - from };
	return true;
}

/* The value of <Channel>, of <Provider Name='...'> in XML amid a text. */
static struct text_part
element_value(const struct text *t, size_t off, size_t end, const char *mark,
    const char *stops)
{
	struct text_part none = { 0, 0 };
	size_t n = end - off, at, i;

	at = text_find(t->p + off, n, mark);
	if (at >= n)
		return none;
	at += strlen(mark);
	for (i = at; i < n && strchr(stops, t->p[off + i]) == NULL &&
	    t->p[off + i] != '\n'; i++)
		continue;
	return i < n ? (struct text_part){ off + at, i - at } : none;
}

static void
xml_slots(const struct text *t, size_t off, size_t end,
    struct text_part slots[EVENT_SLOTS])
{
	static const struct {
		const char	*mark, *stops;
		enum event_slot	 slot;
	} marks[] = {
		{ "<Channel>", "<", EVENT_CHANNEL },
		{ "<Provider Name=\"", "\"", EVENT_PROVIDER },
		{ "<Provider Name='", "'", EVENT_PROVIDER },
		{ "<Level>", "<", EVENT_LEVEL },
		{ "<Computer>", "<", EVENT_COMPUTER },
	};
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (slots[marks[i].slot].n == 0)
			slots[marks[i].slot] = element_value(t, off, end,
			    marks[i].mark, marks[i].stops);
}

static void
slots_find(const struct text *t, size_t off, size_t end,
    struct text_part slots[EVENT_SLOTS])
{
	size_t line, stop;
	struct text_part value;
	int slot;

	memset(slots, 0, EVENT_SLOTS * sizeof(*slots));
	if (t->nlines == 0 || off >= end)
		return;
	line = text_line_at(t, off);
	value = text_content(&t->lines[line]);
	if (value.n > 0 && t->p[value.off] == '<') {
		xml_slots(t, off, end, slots);
		return;
	}
	if (!text_event_record(t->p + value.off, value.n))
		return;
	for (stop = line + HEAD_LINES; line < stop && line < t->nlines &&
	    t->lines[line].off < end; line++)
		if (line_read(t, line, &slot, &value) && slots[slot].n == 0)
			slots[slot] = value;
}

void
event_head_facts(struct evidence *ev, struct item *it, const struct text *t,
    size_t off, size_t end)
{
	static const struct {
		const struct field *field;
		enum event_slot	 slot;
	} facts[] = {
		{ &event_channel, EVENT_CHANNEL },
		{ &event_provider, EVENT_PROVIDER },
		{ &event_computer, EVENT_COMPUTER },
	};
	struct text_part slots[EVENT_SLOTS], *part;
	int64_t level;
	size_t i;

	slots_find(t, off, end, slots);
	for (i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		part = &slots[facts[i].slot];
		if (part->n > 0)
			ev_fact(ev, it, facts[i].field, value_text(t->p +
			    part->off, part->n), text_span(t, part->off,
			    part->n));
	}
	part = &slots[EVENT_LEVEL];
	if (part->n == 0 || !level_read(t->p + part->off, part->n, &level))
		return;
	if (part->n == 1)
		ev_fact(ev, it, &event_level, value_int(level),
		    text_span(t, part->off, part->n));
	else
		ev_derive(ev, it, &event_level, value_int(level),
		    text_span(t, part->off, part->n), NULL, 0, NULL);
}

struct text_part
event_head_source(const struct text *t, size_t off, size_t end)
{
	struct text_part slots[EVENT_SLOTS];

	slots_find(t, off, end, slots);
	return slots[EVENT_PROVIDER];
}

/* ---- sources ---- */

bool
event_source_matters(const char *p, size_t n)
{
	static const char *const parts[] = {
		"CertificateServicesClient-CertEnroll",
		"User Device Registration",
		"ModernDeployment-Diagnostics-Provider",
		"DeviceManagement-Enterprise-Diagnostics-Provider",
		"TPM-WMI", "Shell-Core", "CloudExperienceHost"
	};
	static const char *const names[] = {
		"CertEnroll", "TPM", "Microsoft-Windows-TPM"
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == n && strncasecmp(names[i], p, n) == 0)
			return true;
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (n > 0 && text_find(p, n, parts[i]) < n)
			return true;
	return false;
}
