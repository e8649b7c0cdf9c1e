/*
 * Runs a fuzzer without libFuzzer: each file as it is, cut short, and with
 * changes that a fixed sequence of numbers chooses, so that every run does
 * the same.  Usage: fuzz_x ROUNDS FILE...  Relies on fuzz.h; speaks TAP.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define FILE_MAX	((size_t)1 << 24)

static uint64_t	state;

/* xorshift64 of Marsaglia. */
static size_t
number(size_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below == 0 ? 0 : (size_t)(state % below);
}

static uint8_t *
file_read(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(FILE_MAX);

	if (f == NULL || p == NULL)
		err(1, "%s", path);
	*ret_n = fread(p, 1, FILE_MAX, f);
	fclose(f);
	return p;
}

/* A copy of exactly n bytes, so that an overrun is seen. */
static void
one(const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);

	if (copy == NULL)
		err(1, NULL);
	if (n > 0)
		memcpy(copy, p, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static void
change(uint8_t *p, size_t n)
{
	static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xff, '\n', '{', '<' };
	size_t i, many = 1 + number(6), at, len;

	for (i = 0; i < many && n > 0; i++) {
		at = number(n);
		switch (number(4)) {
		case 0:
			p[at] ^= (uint8_t)(1 << number(8));
			break;
		case 1:
			p[at] = odd[number(sizeof(odd))];
			break;
		case 2:
			len = number(n - at < 64 ? n - at : 64);
			memmove(p + number(n - len), p + at, len);
			break;
		case 3:
			len = number(n - at < 16 ? n - at : 16);
			memset(p + at, odd[number(sizeof(odd))], len);
			break;
		}
	}
}

int
main(int argc, char **argv)
{
	uint8_t *p, *changed;
	int i, round, rounds;
	size_t n;

	if (argc < 2)
		errx(2, "usage: %s ROUNDS FILE...", argv[0]);
	rounds = atoi(argv[1]);
	printf("1..%d\n", argc - 2);
	for (i = 2; i < argc; i++) {
		state = 88172645463325252;
		printf("# %s\n", argv[i]);
		fflush(stdout);
		p = file_read(argv[i], &n);
		one(p, n);
		changed = malloc(n > 0 ? n : 1);
		if (changed == NULL)
			err(1, NULL);
		for (round = 0; round < rounds; round++) {
			if (n > 0)
				memcpy(changed, p, n);
			if (round % 3 == 0)
				one(p, number(n));
			else {
				change(changed, n);
				one(changed, n);
			}
		}
		free(changed);
		free(p);
		printf("ok %d - %s\n", i - 1, strrchr(argv[i], '/') != NULL ?
		    strrchr(argv[i], '/') + 1 : argv[i]);
		fflush(stdout);
	}
	return 0;
}
