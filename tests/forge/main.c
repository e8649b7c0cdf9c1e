/*
 * forge [--root DIR] [--keys DIR] SCENARIO DIR writes a case; many, damage,
 * pack, compare and verify are its subcommands for tests.
 * Relies on every other file of the forge; README.md documents each form.
 */
#include "forge.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
	if (argc - i == 4 && strcmp(argv[i], "many") == 0)
		return many(argv[i + 1], argv[i + 2], argv[i + 3]);
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
		    "       forge [--root DIR] many JOBS SCENARIOS DIR\n"
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
