/*
 * What container.c needs of libarchive: opening by magic, reading a member
 * within a budget, and what a message means.  Relies on container.h.
 */
#ifndef DECODE_CONTAINER_OPEN_H
#define DECODE_CONTAINER_OPEN_H

#include <archive.h>

#include "decode/container.h"

enum magic_kind {
	MAGIC_NONE, MAGIC_ZIP, MAGIC_7ZIP, MAGIC_CAB, MAGIC_RAR, MAGIC_RAR5,
	MAGIC_TAR, MAGIC_CPIO, MAGIC_FILTER
};

struct content {
	uint8_t		*p;
	size_t		 n, size;
	bool		 more;		/* bytes were left unread */
};

enum magic_kind	 container_kind(const struct blob *);
/* Bytes are read in order, so what is skipped is unpacked as well. */
bool		 container_is_stream(enum magic_kind);
/* streaming: a ZIP is read without its directory. */
struct archive	*container_open(const struct blob *, enum magic_kind,
		    bool streaming, const char *const *pw, size_t npw);
/* libarchive's words of the last error; never NULL. */
const char	*container_error(struct archive *);
/* It sets no error number: the words are all there is. */
enum container_state container_error_state(struct archive *, bool encrypted);
/*
 * Reads a member up to `want` bytes.  A stream is read to the member's end
 * all the same, and what that unpacks is taken from *left.  Returns
 * libarchive's status.
 */
int		 content_read(struct archive *, bool stream, size_t want,
		    uint64_t *left, struct content *);

/* rar_audit.c: what the heads of a RAR say of its members, up to max. */
struct rar_member {
	bool		 locked, has_crc;
	uint32_t	 crc;		/* CRC-32 of the whole content */
};
struct rar_member *rar_members(struct arena *, const struct blob *, bool rar5,
		    size_t max, size_t *ret_n);

#endif
