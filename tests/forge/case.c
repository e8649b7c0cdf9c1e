/*
 * Writes the files of one case: the table of all that a scenario may make.
 * Relies on every file of the forge that makes one kind of them.
 */
#include "forge.h"

#include <stdio.h>
#include <string.h>

static const struct maker makers[] = {
	{ "saz", saz_make, "capture.saz" },
	{ "har", har_make, "capture.har" },
	{ "sessions", sessions_text, "sessions.txt" },
	{ "mail", mail_make, "mail.eml" },
	{ "certreq", text_certreq, "certreq.txt" },
	{ "event", text_event, "event.txt" },
	{ "autopilot", text_autopilot, "autopilot.txt" },
	{ "events", event_text, "events.txt" },
	{ "event-xml", event_xml, "events.xml" },
	{ "event-csv", event_csv, "events.csv" },
	{ "evtx", evtx_make, "Application.evtx" },
	{ "note", text_note, "note.txt" },
	{ "message", message_make, "message.p7m" },
	{ "certificate", certificate_make, "certificate.cer" },
	{ "tool", tools_make, "tool.txt" },
	{ "noise", noise_file_make, "noise.bin" },
	{ "mdm-report", mdm_report_make, "MDMDiagReport.xml" },
	{ "device-hash", device_hash_make, "DeviceHash_MADE-0001.csv" },
	{ "autopilot-file", autopilot_file_make,
	    "AutopilotDDSZTDFile.json" },
	{ "registry", registry_make, "MdmDiagReport_RegistryDump.reg" },
};

const struct maker *
maker_find(const char *verb, size_t n)
{
	size_t i;

	for (i = 0; i < COUNT(makers); i++)
		if (strlen(makers[i].verb) == n &&
		    memcmp(makers[i].verb, verb, n) == 0)
			return &makers[i];
	return NULL;
}

static const char *const quiet_verbs[] = {
	"case", "device", "try", "session", "store", "zip", "cab", "rar",
	"rar4", "record",
	"damage",
};

/* Into the folder of the case, or into a container of it. */
static void
file_write(const struct buf *b, const char *dir, const struct line *l,
    const char *name)
{
	if (!container_take(l, name, b))
		buf_write_file(b, dir, name);
}

/* What was written is spoilt. */
static void
file_damage(const struct line *l, const char *dir)
{
	const char *kind = option(l, "kind", "");
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir,
	    option(l, "file", "capture.saz"));
	if (!damage_file(kind, path, path))
		die("line %u: no damage \"%s\"", l->number, kind);
}

void
case_write(const struct scenario *s, const char *dir)
{
	struct buf b = { NULL, 0, 0 };
	const struct maker *maker;
	const struct line *l;
	char name[41], path[256];
	size_t i, k;

	for (i = 0; i < s->nlines; i++) {
		l = &s->lines[i];
		b.n = 0;
		if (strcmp(l->verb, "zip") == 0 ||
		    strcmp(l->verb, "cab") == 0 ||
		    strncmp(l->verb, "rar", 3) == 0) {
			container_add_line(l);
			continue;
		}
		if (strcmp(l->verb, "store") == 0) {
			store_make(&b, s, l, name);
			snprintf(path, sizeof(path), "%s%s",
			    option(l, "folder", ""), name);
			file_write(&b, dir, l, option(l, "file", path));
			continue;
		}
		maker = maker_find(l->verb, strlen(l->verb));
		if (maker != NULL) {
			maker->make(&b, s, l);
			file_write(&b, dir, l, option(l, "file", maker->file));
			continue;
		}
		for (k = 0; k < COUNT(quiet_verbs); k++)
			if (strcmp(quiet_verbs[k], l->verb) == 0)
				break;
		if (k == COUNT(quiet_verbs))
			die("line %u: no verb \"%s\"", l->number, l->verb);
	}
	containers_write(s, dir);
	for (i = 0; i < s->nlines; i++)
		if (strcmp(s->lines[i].verb, "damage") == 0)
			file_damage(&s->lines[i], dir);
	buf_free(&b);
}
