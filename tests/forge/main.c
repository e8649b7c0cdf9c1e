/*
 * forge [--root DIR] [--keys DIR] SCENARIO DIR writes a case; damage, pack,
 * compare and verify are its subcommands for tests.
 * Relies on every other file of the forge; README.md documents each form.
 */
#include "forge.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
	const char	*verb;
	void		(*make)(struct buf *, const struct scenario *,
			    const struct line *);
	const char	*file;
} makers[] = {
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

static const char *const quiet_verbs[] = {
	"case", "device", "try", "session", "store", "zip", "cab", "record",
};

static void
key_write(const char *dir, const char *name, EVP_PKEY *key)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.pem", dir, name);
	f = fopen(path, "w");
	if (f == NULL ||
	    !PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) ||
	    fclose(f) != 0)
		die("%s: cannot be written", path);
}

/* The keys that open the case's envelopes. */
static void
keys_write(const struct scenario *s, const char *dir)
{
	char name[32];
	size_t i;

	if (s->ndevices > 0)
		key_write(dir, "ra-encryption",
		    s->devices[0].service.ra_encryption.key);
	for (i = 0; i < s->nattempts; i++) {
		snprintf(name, sizeof(name), "scep-signer-%u",
		    s->attempts[i].n);
		key_write(dir, name, s->attempts[i].signer.key);
	}
}

/* Into the folder of the case, or into a container of it. */
static void
file_write(const struct buf *b, const char *dir, const struct line *l,
    const char *name)
{
	if (!container_take(l, name, b))
		buf_write_file(b, dir, name);
}

static void
case_write(const struct scenario *s, const char *dir)
{
	struct buf b = { NULL, 0, 0 };
	const struct line *l;
	char name[41], path[256];
	size_t i, k;

	for (i = 0; i < s->nlines; i++) {
		l = &s->lines[i];
		b.n = 0;
		if (strcmp(l->verb, "zip") == 0 ||
		    strcmp(l->verb, "cab") == 0) {
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
		for (k = 0; k < COUNT(makers); k++)
			if (strcmp(makers[k].verb, l->verb) == 0)
				break;
		if (k < COUNT(makers)) {
			makers[k].make(&b, s, l);
			file_write(&b, dir, l,
			    option(l, "file", makers[k].file));
			continue;
		}
		for (k = 0; k < COUNT(quiet_verbs); k++)
			if (strcmp(quiet_verbs[k], l->verb) == 0)
				break;
		if (k == COUNT(quiet_verbs))
			die("line %u: no verb \"%s\"", l->number, l->verb);
	}
	containers_write(s, dir);
	buf_free(&b);
}

/* The forge ends with its case: what lives that long is not freed. */
const char	*__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

int
main(int argc, char **argv)
{
	const char *keys = NULL;
	struct scenario s;
	int i = 1;

	for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
		if (strcmp(argv[i], "--keys") == 0)
			keys = argv[i + 1];
		else if (strcmp(argv[i], "--root") == 0)
			forge_dir = argv[i + 1];
		else
			break;
	}
	if (i < argc && strcmp(argv[i], "damage") == 0)
		return damage(argc - i - 1, argv + i + 1);
	if (i < argc && strcmp(argv[i], "pack") == 0)
		return pack(argc - i - 1, argv + i + 1);
	if (argc - i == 3 && strcmp(argv[i], "compare") == 0)
		return compare(argv[i + 1], argv[i + 2]);
	if (argc - i == 3 && strcmp(argv[i], "verify") == 0)
		return verify(argv[i + 1], argv[i + 2]);
	if (argc - i != 2) {
		fprintf(stderr, "usage: forge [--root DIR] [--keys DIR] "
		    "SCENARIO DIR\n"
		    "       forge damage KIND[=ARGUMENT] IN OUT\n"
		    "       forge pack KIND OUT FILE...\n"
		    "       forge compare DIR DIR\n"
		    "       forge [--root DIR] verify KEY-DIR SAZ\n");
		return 2;
	}
	memset(&s, 0, sizeof(s));
	scenario_read(&s, argv[i]);
	mkdir(argv[i + 1], 0777);
	case_write(&s, argv[i + 1]);
	if (keys != NULL) {
		mkdir(keys, 0777);
		keys_write(&s, keys);
		truth_write(keys);
	}
	return 0;
}
