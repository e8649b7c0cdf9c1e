/*
 * The program's entry: finds the command, or takes the first one (analyze)
 * where the first argument names none.  Relies on the table of commands that
 * is made from Makefile.am.
 */
#include <archive.h>
#include <jansson.h>
#include <libxml/xmlversion.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#ifdef HAVE_BROTLI
#include <brotli/decode.h>
#endif
#ifdef HAVE_EVTX
#include <libevtx.h>
#endif
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif
#ifdef HAVE_SQLITE
#include <sqlite3.h>
#endif

#include "command.h"
#include "knowledge/knowledge.h"
#include "log.h"
#include "options.h"

static void
usage(FILE *to)
{
	char left[80];
	size_t i;

	fputs("usage: aiktriage [COMMAND] [OPTIONS] ARGUMENT...\n\n"
	    "Finds out why the attestation of a Windows device's TPM failed, "
	    "from captures,\nrequest files and texts, and cites the bytes "
	    "that show it.\n\ncommands:\n", to);
	for (i = 0; commands[i] != NULL; i++) {
		snprintf(left, sizeof(left), "%-10s %s", commands[i]->name,
		    commands[i]->usage);
		help_row(to, 34, left, commands[i]->help);
	}
	fprintf(to, "\nWithout a command it is %s.  aiktriage COMMAND --help "
	    "lists its options;\naiktriage(1) says it all.\n",
	    commands[0]->name);
}

static void
version(void)
{
	puts("aiktriage " PACKAGE_VERSION);
	printf("rules and tables %s\n", embedded_sha256);
	printf("libxml2 %s\n", LIBXML_DOTTED_VERSION);
	printf("%s\n", OpenSSL_version(OPENSSL_VERSION));
	printf("zlib %s\n", zlibVersion());
	printf("%s\n", archive_version_details());
	if (archive_libzstd_version() == NULL)
		puts("without zstd: nothing that Zstandard compressed is "
		    "read");
	if (archive_liblzma_version() == NULL)
		puts("without liblzma: nothing that xz compressed is read");
	if (archive_bzlib_version() == NULL)
		puts("without bzip2: nothing that bzip2 compressed is read");
	printf("jansson %s\n", jansson_version_str());
#ifdef HAVE_BROTLI
	printf("brotli %u.%u.%u\n", BrotliDecoderVersion() >> 24,
	    BrotliDecoderVersion() >> 12 & 0xfff,
	    BrotliDecoderVersion() & 0xfff);
#else
	puts("without brotli: bodies with Content-Encoding: br are not read");
#endif
#ifdef HAVE_EVTX
	printf("libevtx %s\n", libevtx_get_version());
#else
	puts("without libevtx: event logs (.evtx) are not read");
#endif
#ifdef HAVE_SECCOMP
	printf("libseccomp %u.%u.%u\n", seccomp_version()->major,
	    seccomp_version()->minor, seccomp_version()->micro);
#else
	puts("without libseccomp: system calls of workers are not filtered");
#endif
#ifdef HAVE_SQLITE
	printf("SQLite %s\n", sqlite3_libversion());
#else
	puts("without SQLite: batches write no database");
#endif
}

static const struct command *
command_find(const char *name)
{
	size_t i;

	for (i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* A word that is a command but for two neighbours swapped or one slip. */
static const struct command *
command_nearly(const char *word)
{
	size_t i, head, tail, n = strlen(word), len;

	for (i = 0; commands[i] != NULL; i++) {
		const char *name = commands[i]->name;

		len = strlen(name);
		if (n + 1 < len || len + 1 < n || n < 3)
			continue;
		for (head = 0; head < n && word[head] == name[head]; head++)
			continue;
		for (tail = 0; tail < n - head && tail < len - head &&
		    word[n - 1 - tail] == name[len - 1 - tail]; tail++)
			continue;
		if (n - head - tail <= 1 && len - head - tail <= 1)
			return commands[i];
		if (n == len && n - head - tail == 2 &&
		    word[head] == name[head + 1] &&
		    word[head + 1] == name[head])
			return commands[i];
	}
	return NULL;
}

/* What was printed must have arrived. */
static int
finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("standard output could not be written");
		return status == EXIT_COMPLETE ? EXIT_INCOMPLETE : status;
	}
	return status;
}

int
main(int argc, char **argv)
{
	const struct command *command;
	static char first[16];

	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    (strcmp(argv[1], "help") == 0 && argc == 2)) {
		usage(stdout);
		return finish(EXIT_COMPLETE);
	}
	if (strcmp(argv[1], "--version") == 0) {
		version();
		return finish(EXIT_COMPLETE);
	}
	command = command_find(argv[1]);
	if (command != NULL)
		return finish(command->run(argc - 1, argv + 1));
	command = command_nearly(argv[1]);
	if (command != NULL && access(argv[1], F_OK) == -1) {
		log_error("there is no command and no file \"%s\"; did you "
		    "mean %s?", argv[1], command->name);
		return EXIT_USAGE;
	}
	command = commands[0];
	snprintf(first, sizeof(first), "%s", command->name);
	argv[0] = first;
	return finish(command->run(argc, argv));
}
