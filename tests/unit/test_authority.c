/*
 * The change log of TrustedTpm.cab, tables out of a folder, chips by CA name.
 * Relies on the library alone; writes to a folder of its own.
 */
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/evidence.h"
#include "knowledge/change_log.h"
#include "knowledge/table.h"

/* ---- the change log ---- */

static char	seen[8192];

static void __attribute__((format(printf, 1, 2)))
see(const char *format, ...)
{
	size_t n = strlen(seen);
	va_list ap;

	va_start(ap, format);
	vsnprintf(seen + n, sizeof(seen) - n, format, ap);
	va_end(ap);
}

static void
on_change(void *ctx, const struct log_change *c)
{
	char date[40];

	(void)ctx;
	time_format(c->date, date);
	see("%zu %.10s %s %.*s\n", c->line, date, log_action_names[c->action],
	    (int)c->file.n, c->file.p);
}

static void
on_odd(void *ctx, size_t line, struct str text, const char *why)
{
	(void)ctx;
	(void)text;
	see("%zu odd: %s\n", line, why);
}

/* What is read of a log, line by line. */
static void
log_is(const char *text, const char *want, const char *name)
{
	static const struct change_log_ops ops = {
		.change = on_change, .odd = on_odd
	};
	/* Without a NUL behind it, so that reading on is seen. */
	char *copy = malloc(strlen(text) + 1);

	if (copy == NULL)
		abort();
	memcpy(copy, text, strlen(text));
	copy = realloc(copy, strlen(text) > 0 ? strlen(text) : 1);
	*seen = '\0';
	change_log_read(copy, strlen(text), &ops, NULL);
	free(copy);
	if (strcmp(seen, want) != 0)
		printf("# found:\n# %s\n", seen);
	tap_ok(strcmp(seen, want) == 0, "%s", name);
}

#define ID	"0d9969519b979d32ee4b803165664e9cc86f9d0d"

static void
test_log(void)
{
	log_is("3-April-2023\r\nAdded the following:\r\n\tA.crt\r\n\tB C.crt",
	    "3 2023-04-03 add A.crt\n4 2023-04-03 add B C.crt\n",
	    "a heading and files below it");
	log_is("07-Nov-2017: Removed X.cer, Y.cer; Z.cer\n",
	    "1 2017-11-07 remove X.cer\n1 2017-11-07 remove Y.cer\n"
	    "1 2017-11-07 remove Z.cer\n", "all in one line");
	log_is("2024-05-05\n- Removed a.cer\n- Added a.cer\n",
	    "2 2024-05-05 remove a.cer\n3 2024-05-05 add a.cer\n",
	    "bullets and an ISO date");
	log_is("1 June 2024\nRenamed AMD-KEYID-" ID ".cer to MSFT-KEYID-" ID
	    ".cer\n", "2 2024-06-01 rename-away AMD-KEYID-" ID ".cer\n"
	    "2 2024-06-01 rename-here MSFT-KEYID-" ID ".cer\n", "renamed");
	log_is("8-Mar-2022\nRenewed:\nEUS-AMD-KeyId-" ID "\n",
	    "3 2022-03-08 renew EUS-AMD-KeyId-" ID "\n",
	    "an authority without the ending of a file");
	log_is("8-Mar-2022\nAdded certificate AIK\\EUS-AMD-KeyId-" ID ".cer\n",
	    "2 2022-03-08 add EUS-AMD-KeyId-" ID ".cer\n",
	    "a folder and a word before it");
	log_is("The log\n\n----\n8-Mar-2022\n====\n", "",
	    "what stands before the first date is no change");
	log_is("Added A.cer\n", "1 odd: no date stands above it\n", "no date");
	log_is("8-Mar-2022\nA.cer\n", "2 odd: it does not say what was "
	    "done\n", "no action");
	log_is("8-Mar-2022\nRemoved revoked certs\nAdded A.cer\n",
	    "2 odd: it names no file\n3 2022-03-08 add A.cer\n",
	    "an action without a file");
	log_is("8-Mar-2022\nNo longer needed\n",
	    "2 odd: neither a date, an action nor a file\n", "other words");
	log_is("8-Mar-2022\nRemoved the old ones", "2 odd: it names no file\n",
	    "the last line names no file");
#define NEITHER	" odd: neither a date, an action nor a file\n"
	log_is("8-Mar-2022\n31-Foo-2022\n99-May-2022\n8-Mar-2022x\n8-Ma-2022\n"
	    "1-May-99\n", "2" NEITHER "3" NEITHER "4" NEITHER "5" NEITHER
	    "6" NEITHER, "what is no date");
	log_is("", "", "nothing");
	log_is("\n\n\r\n \t\n", "", "blank lines");
}

static void
test_file(void)
{
	static const struct {
		const char	*name;
		bool		 is;
		const char	*prefix, *form;
	} files[] = {
		{ "EUS-IFX-KEYID-" ID ".cer", true, "ifx", "keyid" },
		{ "ifx-keyid-" ID "_2.crt", true, "ifx", "keyid" },
		{ "NTC-NameId-" ID "_new.cer", true, "ntc", "nameid" },
		{ "AMD-KEYID-" ID " (1).cer", true, "amd", "keyid" },
		{ "AMD-KEYID-" ID, true, "amd", "keyid" },
		{ "AMD-KEYID-" ID "xyz.cer", false, NULL, NULL },
		{ "AMD-KEYID-12.cer", false, NULL, NULL },
		{ "PRG-RN.crt", false, NULL, NULL },
		{ "", false, NULL, NULL },
	};
	struct aik_host host;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		bool is = aik_file_parse(files[i].name,
		    strlen(files[i].name), &host);

		tap_ok(is == files[i].is && (!is || (strcmp(host.prefix,
		    files[i].prefix) == 0 && strcmp(host.form,
		    files[i].form) == 0 && strcmp(host.id, ID) == 0)),
		    "\"%s\" is %san authority's", files[i].name,
		    files[i].is ? "" : "not ");
	}
}

/* ---- chips ---- */

static void
test_families(void)
{
	struct family_info f;
	struct str ntc = { "NTC", 3 }, amd = { "AMD", 3 };
	struct str root = { "Nuvoton TPM Root CA 1111", 24 };
	struct str rn = { "PRG-RN", 6 }, rnx = { "PRG-RNX", 7 };
	size_t n = 0;

	tap_ok(family_find(ntc, root, 0, &f) && f.source.n > 0 &&
	    !family_find(amd, root, 0, &f), "chips by vendor and name");
	while (family_find(amd, rn, n, &f))
		n++;
	tap_ok(n == 3, "PRG-RN has %zu lines", n);
	tap_ok(family_find(amd, rnx, 0, &f) && !family_find(amd, rnx, 1, &f),
	    "PRG-RNX has the family's alone");
}

/* ---- tables out of a folder ---- */

#define AUTHORITIES "prefix\tform\tid\tstate\tissuer\n"
#define EVENTS	"prefix\tform\tid\tdate\tstep\taction\n"
#define LISTS	"list\tfrom\tto\tsource\n"

static char	folder[] = "/tmp/test_authority.XXXXXX";

static void
put(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		perror(path);
}

static void
refused(const char *want, const char *name)
{
	char why[512] = "";
	bool good = knowledge_load(folder, why, sizeof(why));

	if (good || strstr(why, want) == NULL)
		printf("# found: %s\n", why);
	tap_ok(!good && strstr(why, want) != NULL, "%s", name);
}

static void
test_folder(void)
{
	struct authority_info info;
	struct authority_name who;
	struct authority_change c;
	struct list_info list;
	char why[512] = "";
	char path[256];
	static const char *const files[] = {
		"authorities.tsv", "authority-events.tsv", "lists.tsv"
	};

	if (mkdtemp(folder) == NULL) {
		tap_ok(false, "a folder for tables");
		return;
	}
	refused("authorities.tsv: No such file", "an empty folder");
	put("authorities.tsv", "prefix\tform\n");
	refused("the columns are not", "other columns");
	put("authorities.tsv", "");
	refused("the columns are not", "an empty table");
	put("authorities.tsv", AUTHORITIES "b\tkeyid\tx\tlisted\t\n"
	    "a\tkeyid\tx\tlisted\t\n");
	refused("row 2: it does not sort", "rows out of order");
	put("authorities.tsv", AUTHORITIES "b\tkeyid\tx\tlisted\n");
	refused("row 1: it has another number", "a missing column");
	put("authorities.tsv", AUTHORITIES "b\tkeyid\tx\tlisted\t");
	refused("row 1: the last line has no end", "a cut table");
	put("authorities.tsv", AUTHORITIES "b\tkeyid\tx\tlisted\t\033[2J\n");
	refused("row 1: a byte is no printable", "control characters");
	authority_list(&list);
	tap_ok(list.to == time_make(2024, 11, 21, 0, 0, 0),
	    "the built-in list is in use");

	put("authorities.tsv", "# made\n" AUTHORITIES "ifx\tkeyid\t" ID
	    "\tremoved\tCN=Made\n");
	put("authority-events.tsv", EVENTS "ifx\tkeyid\t" ID
	    "\t2025-01-01\t1\tadd\nifx\tkeyid\t" ID "\t2025-02-01\t1\tremove\n");
	put("lists.tsv", LISTS "authorities\t2025-01-01\t2025-06-01\tmade\n");
	tap_ok(knowledge_load(folder, why, sizeof(why)), "good tables");
	authority_list(&list);
	tap_ok(list.to == time_make(2025, 6, 1, 0, 0, 0) &&
	    str_is(list.source, "made"), "its list is in use");
	authority_at("ifx", "keyid", ID, 0, &info);
	tap_ok(info.state == AUTHORITY_REMOVED &&
	    str_is(info.issuer, "CN=Made"), "its authority is in use");
	tap_ok(authority_by_id(ID, 0, &who) && !authority_by_id(ID, 1, &who),
	    "there is one of that id");
	tap_ok(authority_by_id(ID, 0, &who) &&
	    authority_change_get(&who, 1, &c) && str_is(c.action, "remove") &&
	    !authority_change_get(&who, 2, &c), "with two changes");
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

int
main(void)
{
	tap_plan(0);
	test_log();
	test_file();
	test_families();
	test_folder();
	return tap_done();
}
