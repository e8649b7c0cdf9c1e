/*
 * Opens containers by their magic and reads members within a budget.
 * Relies on libarchive, whose message texts are the only way to tell a
 * missing password, a wrong one and damage apart.
 */
#include <archive.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/container_open.h"

static const struct magic {
	enum magic_kind	 kind;
	size_t		 off, n;
	const char	*bytes;
} magics[] = {
	{ MAGIC_ZIP, 0, 4, "PK\3\4" },
	{ MAGIC_ZIP, 0, 4, "PK\5\6" },
	{ MAGIC_7ZIP, 0, 6, "7z\xbc\xaf\x27\x1c" },
	{ MAGIC_CAB, 0, 8, "MSCF\0\0\0\0" },
	{ MAGIC_RAR, 0, 7, "Rar!\x1a\x07\0" },
	{ MAGIC_RAR5, 0, 8, "Rar!\x1a\x07\1\0" },
	{ MAGIC_TAR, 257, 5, "ustar" },
	{ MAGIC_CPIO, 0, 6, "070701" },
	{ MAGIC_CPIO, 0, 6, "070702" },
	{ MAGIC_CPIO, 0, 6, "070707" },
	{ MAGIC_FILTER, 0, 3, "\x1f\x8b\x08" },
	{ MAGIC_FILTER, 0, 3, "BZh" },
	{ MAGIC_FILTER, 0, 6, "\xfd" "7zXZ\0" },
	{ MAGIC_FILTER, 0, 4, "\x28\xb5\x2f\xfd" },
	{ MAGIC_NONE, 0, 0, NULL }
};

/* Tapes of before 1988 have no magic, but a sum over their first header. */
static bool
is_old_tar(const struct blob *b)
{
	uint32_t sum = 0, said = 0;
	size_t i;

	if (b->n < 1024 || b->p[0] == '\0' || b->n % 512 != 0)
		return false;
	for (i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : b->p[i];
	for (i = 148; i < 156 && b->p[i] == ' '; i++)
		continue;
	if (b->p[i] < '0' || b->p[i] > '7')
		return false;
	for (; i < 156 && b->p[i] >= '0' && b->p[i] <= '7'; i++)
		said = said << 3 | (b->p[i] - '0');
	return said == sum;
}

enum magic_kind
container_kind(const struct blob *b)
{
	const struct magic *m;
	struct zip_audit audit;

	for (m = magics; m->bytes != NULL; m++)
		if (b->n >= m->off + m->n &&
		    memcmp(b->p + m->off, m->bytes, m->n) == 0)
			return m->kind;
	if (is_old_tar(b))
		return MAGIC_TAR;
	/* A ZIP may have something before it; its directory must be right. */
	if (zip_audit(b, &audit) && audit.entries > 0)
		return MAGIC_ZIP;
	return MAGIC_NONE;
}

bool
container_is_stream(enum magic_kind kind)
{
	return kind != MAGIC_ZIP && kind != MAGIC_7ZIP;
}

/*
 * Only what libarchive does itself: where it was built without a library it
 * would start a program, which a worker may not.
 */
static void
open_filters(struct archive *a)
{
	if (archive_zlib_version() != NULL)
		archive_read_support_filter_gzip(a);
	if (archive_bzlib_version() != NULL)
		archive_read_support_filter_bzip2(a);
	if (archive_liblzma_version() != NULL)
		archive_read_support_filter_xz(a);
	if (archive_libzstd_version() != NULL)
		archive_read_support_filter_zstd(a);
}

struct archive *
container_open(const struct blob *b, enum magic_kind kind, bool streaming,
    const char *const *pw, size_t npw)
{
	struct archive *a = archive_read_new();
	size_t i;

	if (a == NULL)
		return NULL;
	/* libarchive asks the time zone for every member. */
	setenv("TZ", "UTC0", 0);
	switch (kind) {
	case MAGIC_ZIP:
		archive_read_support_format_zip_streamable(a);
		if (!streaming)
			archive_read_support_format_zip_seekable(a);
		break;
	case MAGIC_7ZIP:
		archive_read_support_format_7zip(a);
		break;
	case MAGIC_CAB:
		archive_read_support_format_cab(a);
		break;
	case MAGIC_RAR:
		archive_read_support_format_rar(a);
		break;
	case MAGIC_RAR5:
		archive_read_support_format_rar5(a);
		break;
	case MAGIC_FILTER:
		open_filters(a);
		archive_read_support_format_raw(a);
		archive_read_support_format_tar(a);
		archive_read_support_format_cpio(a);
		break;
	case MAGIC_CPIO:
		archive_read_support_format_cpio(a);
		break;
	default:
		archive_read_support_format_tar(a);
	}
	for (i = 0; i < npw; i++)
		if (*pw[i] != '\0')
			archive_read_add_passphrase(a, pw[i]);
	if (archive_read_open_memory(a, b->p, b->n) != ARCHIVE_OK) {
		archive_read_free(a);
		return NULL;
	}
	return a;
}

const char *
container_error(struct archive *a)
{
	const char *text = archive_error_string(a);

	return text != NULL ? text : "no reason given";
}

enum container_state
container_error_state(struct archive *a, bool encrypted)
{
	static const struct word {
		const char	*text;
		enum container_state state;
	} words[] = {
		{ "Incorrect passphrase", CONTAINER_WRONG_PASSWORD },
		{ "Passphrase required", CONTAINER_LOCKED },
		{ "nsupported", CONTAINER_UNSUPPORTED },
		{ "not supported", CONTAINER_UNSUPPORTED },
		{ "unavailable", CONTAINER_UNSUPPORTED },
		{ "ncrypt", CONTAINER_LOCKED },
		{ "runcated", CONTAINER_CUT },
		{ "failed (-5)", CONTAINER_CUT },	/* Z_BUF_ERROR */
		{ NULL, CONTAINER_OK }
	};
	const struct word *w;

	for (w = words; w->text != NULL; w++)
		if (strstr(container_error(a), w->text) != NULL)
			return w->state;
	return encrypted ? CONTAINER_WRONG_PASSWORD : CONTAINER_DAMAGED;
}

/* Room for n bytes at off; what was never written is zero. */
static void
content_grow(struct content *c, size_t n)
{
	/* Most members come in one block, and there may be very many. */
	size_t size = c->size == 0 ? n : c->size;

	if (n > c->size) {
		while (size < n)
			size = size > SIZE_MAX / 2 ? n : 2 * size;
		c->p = realloc(c->p, size);
		if (c->p == NULL) {
			fputs("aiktriage: out of memory\n", stderr);
			_Exit(3);
		}
		c->size = size;
	}
	if (n > c->n) {
		memset(c->p + c->n, 0, n - c->n);
		c->n = n;
	}
}

int
content_read(struct archive *a, bool stream, size_t want, uint64_t *left,
    struct content *c)
{
	const void *p;
	size_t n, take;
	la_int64_t off;
	int r;

	for (;;) {
		r = archive_read_data_block(a, &p, &n, &off);
		if (r == ARCHIVE_EOF)
			return ARCHIVE_OK;
		if (r < ARCHIVE_WARN)
			return r;
		if (off < 0)
			return ARCHIVE_FATAL;
		if (n > *left) {
			*left = 0;
			c->more = true;
			return ARCHIVE_OK;
		}
		*left -= n;
		if ((uint64_t)off >= want || n > want - (size_t)off)
			c->more = true;
		if ((uint64_t)off < want) {
			take = n < want - (size_t)off ? n : want - (size_t)off;
			content_grow(c, (size_t)off + take);
			if (take > 0)
				memcpy(c->p + off, p, take);
		}
		if (r == ARCHIVE_WARN)
			return r;
		if (c->more && !stream)
			return ARCHIVE_OK;
	}
}
