/*
 * Recipients and ciphers of public messages against the truth that their
 * index states.  Relies on ../shared/data/scep/INDEX.md; skipped without it.
 */
#include <ctype.h>

#include "parsers/fields.h"
#include "sample.h"

static const struct {
	const char	*theirs, *ours;
} ciphers[] = {
	{ "AES128-CBC", "aes-128-cbc" }, { "AES192-CBC", "aes-192-cbc" },
	{ "AES256-CBC", "aes-256-cbc" }, { "DES-EDE3-CBC", "des-ede3-cbc" },
	{ "DES-CBC", "des-cbc" }, { "RC2-CBC", "rc2-cbc" }, { "RC4", "rc4" },
};

/* One of the values of a repeated field; leading zeros do not count. */
static bool
has_value(struct evidence *ev, const struct field *field, const char *wanted)
{
	const struct item *it;
	const struct fact *f;
	const char *found;
	size_t n;

	while (wanted[0] == '0' && wanted[1] != '\0')
		wanted++;
	for (it = ev_first(ev, ITEM_ENVELOPE); it != NULL; it = it->next)
		for (f = item_fact(it, field); f != NULL; f = fact_next(f)) {
			found = value_show(ev, field, &f->value, false, &n);
			while (found[0] == '0' && found[1] != '\0')
				found++;
			if (strcmp(found, wanted) == 0)
				return true;
		}
	return false;
}

static size_t
wrong(const char *path, const char *what, const char *wanted)
{
	printf("# %s: no %s %s\n", path, what, wanted);
	return 1;
}

/* "ktri[ias ... sn=HEX] rsaEncryption ek=256B; AES128-CBC 3408B" */
static size_t
truth_line(struct evidence *ev, const char *path, const char *line)
{
	const char *p;
	char word[128], number[32];
	size_t i, n, bad = 0;

	/* what stands before is of the signer */
	if (strstr(line, "ktri[") != NULL)
		line = strstr(line, "ktri[");
	for (p = line; (p = strstr(p, " sn=")) != NULL; p += n) {
		p += 4;
		n = strcspn(p, "]");
		snprintf(word, sizeof(word), "%.*s", (int)(n < 100 ? n : 100),
		    p);
		if (!has_value(ev, &envelope_recipient_serial, word))
			bad += wrong(path, "recipient", word);
	}
	if (strstr(line, "RSAES-OAEP ek=") != NULL &&
	    !has_value(ev, &envelope_key_algorithm, "rsaesOaep"))
		bad += wrong(path, "key transport", "rsaesOaep");
	if (strstr(line, "rsaEncryption ek=") != NULL &&
	    !has_value(ev, &envelope_key_algorithm, "rsaEncryption"))
		bad += wrong(path, "key transport", "rsaEncryption");
	for (i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		snprintf(word, sizeof(word), "; %s ", ciphers[i].theirs);
		p = strstr(line, word);
		if (p == NULL)
			continue;
		if (!has_value(ev, &envelope_cipher, ciphers[i].ours))
			bad += wrong(path, "cipher", ciphers[i].ours);
		p += strlen(word);
		for (n = 0; n < 20 && isdigit((unsigned char)p[n]); n++)
			number[n] = p[n];
		number[n] = '\0';
		/* no content has no length */
		if (n > 0 && p[n] == 'B' && strcmp(number, "0") != 0 &&
		    !has_value(ev, &envelope_length, number))
			bad += wrong(path, "length", number);
	}
	return bad;
}

static size_t
check(const char *root, const char *file, const char *line, size_t *count)
{
	char path[8400];
	struct evidence *ev;
	uint8_t *p;
	size_t n, bad;

	snprintf(path, sizeof(path), "%.4000s/%.4000s", root, file);
	p = sample_read(path, &n);
	if (p == NULL)
		return 0;
	ev = sample_evidence(file, p, n);
	bad = truth_line(ev, file, line);
	++*count;
	evidence_free(ev);
	free(p);
	return bad;
}

int
main(void)
{
	const char *root = sample_shared("scep");
	char path[8400], *line = NULL, file[512] = "", *end;
	size_t size = 0, bad = 0, count = 0;
	FILE *f;

	if (root == NULL) {
		tap_ok(true, "recipients and ciphers "
		    "# SKIP ../shared/data/scep is not here");
		return tap_done();
	}
	snprintf(path, sizeof(path), "%.4000s/INDEX.md", root);
	f = fopen(path, "r");
	while (f != NULL && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "### ", 4) == 0)
			snprintf(file, sizeof(file), "%.500s", line + 4);
		else if (strncmp(line, "- recipient / cipher: ", 22) == 0)
			bad += check(root, file, line, &count);
		else if (strncmp(line, "| ", 2) == 0 &&
		    strstr(line, "ktri[") != NULL) {
			end = strstr(line + 2, " |");
			snprintf(file, sizeof(file), "cms/%.*s",
			    end == NULL ? 0 : (int)(end - line - 2), line + 2);
			bad += check(root, file, line, &count);
		}
	}
	free(line);
	if (f != NULL)
		fclose(f);
	tap_ok(bad == 0 && count > 10, "recipients and ciphers of %zu "
	    "messages, %zu differences", count, bad);
	return tap_done();
}
