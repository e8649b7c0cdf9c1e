/*
 * The reader behind decode/tpm.h, for the files tpm*.c alone: a cursor, the
 * path of the structure that it is in, and the nodes so far.
 */
#ifndef DECODE_TPM_READ_H
#define DECODE_TPM_READ_H

#include "decode/tpm.h"
#include "evidence/cursor.h"

#define TPM_NODES_MAX	4096

struct tpm_reader {
	struct evidence	*ev;
	struct cursor	 c;
	struct tpm_tree	*tree;
	size_t		 room;
	const char	*prefix;	/* "idBinding." or "" */
	unsigned int	 depth;
	bool		 bad;		/* nothing more is read */
};

typedef const char *tpm_meaning(struct evidence *, uint64_t);

/* What is missing or wrong here; the first one counts. */
void	 tpm_bad(struct tpm_reader *, const char *why);
/* A number of 1, 2, 4 or 8 bytes; 0 where it is not there. */
uint64_t tpm_big(struct tpm_reader *, const char *name, const char *type,
	    unsigned int octets, tpm_meaning *);
uint64_t tpm_little(struct tpm_reader *, const char *name, const char *type,
	    tpm_meaning *);
/* n bytes as one field. */
void	 tpm_bytes(struct tpm_reader *, const char *name, const char *type,
	    uint64_t n);
/* TPM2B: the size, then the buffer as one field. */
void	 tpm_buffer(struct tpm_reader *, const char *name, const char *type);

/* Where a structure began, for its end. */
struct tpm_group {
	size_t		 node, end, off;
	const char	*prefix;
};
struct tpm_group tpm_enter(struct tpm_reader *, const char *name,
	    const char *type);
/* The same for a structure of n bytes, which must fill them. */
struct tpm_group tpm_enter_sized(struct tpm_reader *, const char *name,
	    const char *type, uint64_t n);
void	 tpm_leave(struct tpm_reader *, const struct tpm_group *);

/* tpm20.c; each reads one structure at the cursor. */
void	 tpm_public_read(struct tpm_reader *);
void	 tpm_creation_read(struct tpm_reader *);
void	 tpm_attest_sized_read(struct tpm_reader *);
void	 tpm_attest_read(struct tpm_reader *);
void	 tpm_signature_read(struct tpm_reader *);
void	 tpm_id_object_read(struct tpm_reader *);

tpm_meaning tpm_name_alg, tpm_name_curve, tpm_name_attest, tpm_name_platform,
	    tpm_name_magic, tpm_name_exponent, tpm_name_yes,
	    tpm_name_locality, tpm_name_firmware, tpm_name_clock,
	    tpm_name_object;

#endif
