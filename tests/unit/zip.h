/*
 * Containers for tests: ZIPs written by hand, so that each byte can be wrong,
 * and others through libarchive.  Relies on zlib's crc32 and libarchive.
 */
#ifndef TESTS_UNIT_ZIP_H
#define TESTS_UNIT_ZIP_H

#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct zip {
	uint8_t		*p;
	size_t		 n;
	uint8_t		 central[65536];
	size_t		 ncentral;
	size_t		 entries;
	const char	*comment;
};

static void
zip_put(uint8_t *p, size_t *n, uint64_t v, size_t bytes)
{
	for (; bytes > 0; bytes--, v >>= 8)
		p[(*n)++] = (uint8_t)v;
}

/* The directory's record of a member at `off`; 4.3.12. */
static void
zip_central(struct zip *z, const char *name, unsigned int method,
    uint32_t crc, size_t packed, size_t plain, size_t off)
{
	uint8_t *p = z->central;
	size_t *n = &z->ncentral;

	zip_put(p, n, 0x02014b50, 4);
	zip_put(p, n, 20, 2);
	zip_put(p, n, 20, 2);
	zip_put(p, n, 0, 2);
	zip_put(p, n, method, 2);
	zip_put(p, n, 0, 4);
	zip_put(p, n, crc, 4);
	zip_put(p, n, packed, 4);
	zip_put(p, n, plain, 4);
	zip_put(p, n, strlen(name), 2);
	zip_put(p, n, 0, 12);
	zip_put(p, n, off, 4);
	memcpy(p + *n, name, strlen(name));
	*n += strlen(name);
	z->entries++;
}

/* A member, deflated if it asks for that. */
static void
zip_add(struct zip *z, const char *name, const void *data, size_t ndata,
    bool deflated)
{
	uint32_t crc = (uint32_t)crc32(0, data, (uInt)ndata);
	size_t off = z->n, packed = ndata;
	z_stream s = { .next_in = (Bytef *)(uintptr_t)data,
	    .avail_in = (uInt)ndata };

	z->p = realloc(z->p, z->n + 2 * ndata + 1024);
	z->n += 30 + strlen(name);
	if (deflated) {
		s.next_out = z->p + z->n;
		s.avail_out = (uInt)(2 * ndata + 512);
		deflateInit2(&s, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
		deflate(&s, Z_FINISH);
		deflateEnd(&s);
		packed = s.total_out;
	} else if (ndata > 0)
		memcpy(z->p + z->n, data, ndata);
	z->n = off;
	zip_put(z->p, &z->n, 0x04034b50, 4);
	zip_put(z->p, &z->n, 20, 2);
	zip_put(z->p, &z->n, 0, 2);
	zip_put(z->p, &z->n, deflated ? 8 : 0, 2);
	zip_put(z->p, &z->n, 0, 4);
	zip_put(z->p, &z->n, crc, 4);
	zip_put(z->p, &z->n, packed, 4);
	zip_put(z->p, &z->n, ndata, 4);
	zip_put(z->p, &z->n, strlen(name), 2);
	zip_put(z->p, &z->n, 0, 2);
	memcpy(z->p + z->n, name, strlen(name));
	z->n += strlen(name) + packed;
	zip_central(z, name, deflated ? 8 : 0, crc, packed, ndata, off);
}

__attribute__((unused)) static void
zip_text(struct zip *z, const char *name, const char *text)
{
	zip_add(z, name, text, strlen(text), strlen(text) > 100);
}

/* The directory and its end. */
static void
zip_end(struct zip *z)
{
	const char *comment = z->comment != NULL ? z->comment : "";
	size_t at = z->n;

	z->p = realloc(z->p, z->n + z->ncentral + strlen(comment) + 32);
	memcpy(z->p + z->n, z->central, z->ncentral);
	z->n += z->ncentral;
	zip_put(z->p, &z->n, 0x06054b50, 4);
	zip_put(z->p, &z->n, 0, 4);
	zip_put(z->p, &z->n, z->entries, 2);
	zip_put(z->p, &z->n, z->entries, 2);
	zip_put(z->p, &z->n, z->ncentral, 4);
	zip_put(z->p, &z->n, at, 4);
	zip_put(z->p, &z->n, strlen(comment), 2);
	memcpy(z->p + z->n, comment, strlen(comment));
	z->n += strlen(comment);
}

/*
 * Members "<prefix>0" ... with 2,000 letters each, by libarchive; options as
 * "zip:encryption=aes256".  Returns the bytes.
 */
__attribute__((unused)) static uint8_t *
container_make(const char *format, const char *filter, const char *options,
    const char *password, int members, size_t *ret_n)
{
	static uint8_t buf[1 << 20];
	struct archive *a = archive_write_new();
	struct archive_entry *e;
	char name[32], data[2000];
	uint8_t *p;
	int i;

	*ret_n = 0;
	archive_write_set_format_by_name(a, format);
	if (filter != NULL)
		archive_write_add_filter_by_name(a, filter);
	if (password != NULL)
		archive_write_set_passphrase(a, password);
	if ((options != NULL && archive_write_set_options(a, options) !=
	    ARCHIVE_OK) || archive_write_open_memory(a, buf, sizeof(buf),
	    ret_n) != ARCHIVE_OK) {
		archive_write_free(a);
		return NULL;
	}
	for (i = 0; i < members; i++) {
		snprintf(name, sizeof(name), "member%d", i);
		memset(data, 'a' + i, sizeof(data));
		e = archive_entry_new();
		archive_entry_set_pathname(e, name);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, 0644);
		archive_entry_set_size(e, sizeof(data));
		archive_write_header(a, e);
		archive_write_data(a, data, sizeof(data));
		archive_entry_free(e);
	}
	archive_write_close(a);
	archive_write_free(a);
	p = malloc(*ret_n);
	memcpy(p, buf, *ret_n);
	return p;
}

#endif
