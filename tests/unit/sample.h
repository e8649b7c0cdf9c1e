/*
 * What the tests of parsers share: bytes into evidence, checks that hold for
 * every fact, and damage made from a seed.
 * Relies on tap.h, evidence.h and all registered parsers.
 */
#ifndef TESTS_UNIT_SAMPLE_H
#define TESTS_UNIT_SAMPLE_H

#include <dirent.h>
#include <stdint.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "decode/parser.h"
#include "evidence/der.h"
#include "tap.h"

/* A file as malloc(3)ed bytes; NULL if it cannot be read. */
__attribute__((unused)) static uint8_t *
sample_read(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = NULL;
	size_t n = 0;
	struct stat st;

	*ret_n = 0;
	if (f == NULL)
		return NULL;
	if (fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode)) {
		p = malloc((size_t)st.st_size + 1);
		if (p != NULL)
			n = fread(p, 1, (size_t)st.st_size, f);
	}
	fclose(f);
	*ret_n = n;
	return p;
}

/* The evidence of one input, all parsers run; p must outlive it. */
__attribute__((unused)) static struct evidence *
sample_evidence(const char *path, const uint8_t *p, size_t n)
{
	static const uint8_t sha256[32];
	struct evidence *ev = evidence_new(&limits_default);

	ev_input(ev, path, true, p, n, sha256);
	worklist_run(ev);
	return ev;
}

__attribute__((unused)) static const char *
sample_kind(const struct evidence *ev)
{
	size_t n;

	return ev_inputs(ev, &n)[0].kind;
}

/* Value of the first item of a kind; "" where there is none. */
__attribute__((unused)) static const char *
sample_show(struct evidence *ev, const struct item *it,
    const struct field *field)
{
	const struct fact *f = it != NULL ? item_fact(it, field) : NULL;
	size_t n;

	return f == NULL ? "" : value_show(ev, field, &f->value, false, &n);
}

/*
 * Every read fact must cite bytes that exist; with `der`, exactly one whole
 * element, and a value of BYTES must be that element's contents.
 */
__attribute__((unused)) static size_t
sample_bad_spans(struct evidence *ev, enum item_kind kind, bool der)
{
	const struct item *it;
	const struct fact *f;
	struct der d;
	size_t bad = 0;

	for (it = ev_first(ev, kind); it != NULL; it = it->next) {
		for (f = it->facts; f != NULL; f = f->next) {
			if (f->at.blob != BLOB_NONE &&
			    ev_bytes(ev, f->at) == NULL)
				bad++;
			if (f->derived || !der)
				continue;
			if (!der_at(ev, ev_blob(ev, f->at.blob), f->at, &d) ||
			    der_span(&d).len != f->at.len)
				bad++;
			else if (f->value.type == VALUE_BYTES &&
			    !d.constructed && (d.len != f->value.n ||
			    memcmp(der_bytes(&d), f->value.p, d.len) != 0))
				bad++;
		}
	}
	return bad;
}

static uint64_t	sample_seed = 88172645463325252u;

__attribute__((unused)) static uint64_t
sample_random(void)
{
	sample_seed ^= sample_seed << 13;
	sample_seed ^= sample_seed >> 7;
	sample_seed ^= sample_seed << 17;
	return sample_seed;
}

/* Cuts at every 1/50 and flips bytes; the sanitizers do the judging. */
__attribute__((unused)) static void
sample_torture(const char *name, const uint8_t *p, size_t n, int flips)
{
	uint8_t *copy;
	size_t i, j, len;

	for (i = 0; i < 50; i++) {
		len = n * i / 50;
		copy = malloc(len > 0 ? len : 1);
		memcpy(copy, p, len);
		evidence_free(sample_evidence(name, copy, len));
		free(copy);
	}
	for (i = 0; i < (size_t)flips && n > 0; i++) {
		copy = malloc(n);
		memcpy(copy, p, n);
		for (j = 0; j <= i % 4; j++)
			copy[sample_random() % n] = (uint8_t)sample_random();
		evidence_free(sample_evidence(name, copy, n));
		free(copy);
	}
}

/* The folder of third-party samples, or NULL. */
__attribute__((unused)) static const char *
sample_shared(const char *part)
{
	static char path[4096];
	const char *srcdir = getenv("srcdir");
	struct stat st;

	snprintf(path, sizeof(path), "%s/../shared/data/%s",
	    srcdir != NULL ? srcdir : ".", part);
	return stat(path, &st) == 0 ? path : NULL;
}

/* Hex text as bytes; for short constants in tests. */
__attribute__((unused)) static size_t
sample_hex(const char *hex, uint8_t *to)
{
	unsigned int v;
	size_t n = 0;

	for (; *hex != '\0'; hex += 2) {
		while (*hex == ' ')
			hex++;
		if (sscanf(hex, "%2x", &v) != 1)
			break;
		to[n++] = (uint8_t)v;
	}
	return n;
}

#endif
