/*
 * Hostile variants of a file, made when a test wants them: cut, damaged,
 * wrapped in junk, locked with a password, or nothing but noise.
 * Relies on libarchive to write the encrypted archives.
 */
#include "forge.h"

#include <archive.h>
#include <archive_entry.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static unsigned
le16(const uint8_t *p)
{
	return (unsigned)(p[0] | p[1] << 8);
}

/* cut=PERCENT: keeps that part of the file */
static void
cut(struct buf *b, const char *arg)
{
	b->n = b->n * strtoul(arg, NULL, 10) / 100;
}

/* cut-octets=N: drops the last N octets */
static void
cut_octets(struct buf *b, const char *arg)
{
	size_t n = strtoul(arg, NULL, 10);

	b->n = n < b->n ? b->n - n : 0;
}

static void
empty(struct buf *b, const char *arg)
{
	(void)arg;
	b->n = 0;
}

static void
junk_before(struct buf *b, const char *arg)
{
	uint8_t junk[700];

	rng_seed(arg);
	rng_bytes("junk", 0, junk, sizeof(junk));
	junk[0] = 'J';
	buf_insert(b, 0, junk, sizeof(junk));
}

static void
junk_after(struct buf *b, const char *arg)
{
	uint8_t junk[700];

	rng_seed(arg);
	rng_bytes("junk", 1, junk, sizeof(junk));
	buf_put(b, junk, sizeof(junk));
}

/* random=SEED: as many octets, none of them the file's */
static void
noise(struct buf *b, const char *arg)
{
	rng_seed(arg);
	rng_bytes("random", 0, b->p, b->n);
}

/* The local header of the member, or SIZE_MAX. */
static size_t
member_find(const struct buf *b, const char *name)
{
	size_t at, n = strlen(name);

	for (at = 0; at + 30 + n <= b->n; at++)
		if (le32(b->p + at) == 0x04034b50 &&
		    le16(b->p + at + 26) == n &&
		    memcmp(b->p + at + 30, name, n) == 0)
			return at;
	die("no member %s", name);
}

/* bad-crc=MEMBER: the data inflates, the check sum is wrong */
static void
bad_crc(struct buf *b, const char *arg)
{
	size_t at = member_find(b, arg), n = strlen(arg);

	b->p[at + 14] ^= 0x55;
	for (at = 0; at + 46 + n <= b->n; at++)
		if (le32(b->p + at) == 0x02014b50 &&
		    le16(b->p + at + 28) == n &&
		    memcmp(b->p + at + 46, arg, n) == 0)
			b->p[at + 16] ^= 0x55;
}

/* bad-data=MEMBER: the compressed data is damaged in its middle */
static void
bad_data(struct buf *b, const char *arg)
{
	size_t at = member_find(b, arg), packed = le32(b->p + at + 18), start;

	start = at + 30 + le16(b->p + at + 26) + le16(b->p + at + 28);
	if (packed == 0xffffffff)	/* Zip64: the second size of 0x0001 */
		packed = le32(b->p + start - 8);
	if (packed < 8 || packed > b->n - start)
		die("%s: too small to be damaged", arg);
	memset(b->p + start + packed / 2, 0xff, 4);
}

/* no-directory: a ZIP that ends before its central directory */
static void
no_directory(struct buf *b, const char *arg)
{
	size_t at;

	(void)arg;
	for (at = 0; at + 4 <= b->n; at++)
		if (le32(b->p + at) == 0x02014b50) {
			b->n = at;
			return;
		}
	die("there is no central directory");
}

static void
encrypt(struct buf *b, const char *password, const char *method)
{
	struct archive *in = archive_read_new(), *out = archive_write_new();
	struct archive_entry *entry;
	size_t used = 0, room = b->n * 2 + (1 << 20);
	uint8_t *p = xcalloc(room, 1), block[8192];
	la_ssize_t n;

	archive_read_support_format_zip(in);
	archive_write_set_format_zip(out);
	if (archive_read_open_memory(in, b->p, b->n) != ARCHIVE_OK ||
	    archive_write_set_options(out, method) != ARCHIVE_OK ||
	    archive_write_set_passphrase(out, password) != ARCHIVE_OK ||
	    archive_write_open_memory(out, p, room, &used) != ARCHIVE_OK)
		die("%s: %s", method, archive_error_string(out));
	while (archive_read_next_header(in, &entry) == ARCHIVE_OK) {
		if (archive_write_header(out, entry) != ARCHIVE_OK)
			die("%s: %s", method, archive_error_string(out));
		while ((n = archive_read_data(in, block, sizeof(block))) > 0)
			archive_write_data(out, block, (size_t)n);
	}
	archive_write_close(out);
	archive_write_free(out);
	archive_read_free(in);
	free(b->p);
	b->p = p;
	b->n = used;
	b->cap = room;
}

static void
zipcrypto(struct buf *b, const char *arg)
{
	encrypt(b, arg, "zip:encryption=zipcrypt");
}

static void
aes128(struct buf *b, const char *arg)
{
	encrypt(b, arg, "zip:encryption=aes128");
}

static void
aes256(struct buf *b, const char *arg)
{
	encrypt(b, arg, "zip:encryption=aes256");
}

static const struct {
	const char	*name;
	void		(*make)(struct buf *, const char *);
} kinds[] = {
	{ "aes128", aes128 },
	{ "aes256", aes256 },
	{ "bad-crc", bad_crc },
	{ "bad-data", bad_data },
	{ "cut", cut },
	{ "cut-octets", cut_octets },
	{ "empty", empty },
	{ "junk-after", junk_after },
	{ "junk-before", junk_before },
	{ "no-directory", no_directory },
	{ "random", noise },
	{ "zipcrypto", zipcrypto },
};

/* False: there is no such KIND[=ARGUMENT]. */
static bool
kind_find(const char *kind, size_t *ret_i, const char **ret_arg)
{
	size_t i, n;

	for (i = 0; i < COUNT(kinds); i++) {
		n = strlen(kinds[i].name);
		if (strncmp(kind, kinds[i].name, n) == 0 &&
		    (kind[n] == '\0' || kind[n] == '=')) {
			*ret_i = i;
			*ret_arg = kind[n] != '\0' ? kind + n + 1 : "1";
			return true;
		}
	}
	return false;
}

bool
damage_file(const char *kind, const char *in, const char *out)
{
	struct buf b = { NULL, 0, 0 };
	const char *arg;
	size_t i;

	if (!kind_find(kind, &i, &arg))
		return false;
	buf_read_file(&b, in);
	kinds[i].make(&b, arg);
	buf_write_file(&b, NULL, out);
	buf_free(&b);
	return true;
}

/* argv: KIND[=ARGUMENT] IN OUT */
int
damage(int argc, char **argv)
{
	size_t i;

	if (argc == 3 && damage_file(argv[0], argv[1], argv[2]))
		return 0;
	fprintf(stderr, "usage: forge damage KIND[=ARGUMENT] IN OUT\nkinds:");
	for (i = 0; i < COUNT(kinds); i++)
		fprintf(stderr, " %s", kinds[i].name);
	fputc('\n', stderr);
	return 2;
}
