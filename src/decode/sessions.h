/*
 * The sessions of a capture, put together from files or members by their
 * names, whoever holds them: [folder/]raw/12_c.txt.  Relies on evidence.h.
 */
#ifndef DECODE_SESSIONS_H
#define DECODE_SESSIONS_H

#include "evidence/evidence.h"

enum part { PART_C, PART_S, PART_M, PART_W, PART_G, PART_COUNT };

struct part_name {
	const char	*folder;	/* what stands before raw/ */
	size_t		 nfolder;
	unsigned long	 number;
	enum part	 part;
};

/* [folder/]raw/<1 to 9 digits>_<c|s|m|w|g>.<txt|xml>, in any case. */
bool	part_name_parse(const char *p, size_t n, struct part_name *);
/* The same without raw/, as files are named when they are given one by one. */
bool	part_name_bare(const char *p, size_t n, struct part_name *);
/* What Fiddler adds for people and for ZIP programs, by its base name. */
bool	part_name_extra(const char *name);

struct session_part {
	const char	*name;		/* NULL: the session has none */
	bool		 closed;	/* nothing could be read of it */
	uint8_t		*p;		/* malloc(3)ed, or NULL */
	size_t		 n, full;
	struct blob	*blob;		/* it is an input; p is NULL then */
};

struct session {
	const char	*folder;
	size_t		 nfolder;
	unsigned long	 number;
	struct session_part parts[PART_COUNT];
	bool		 other;		/* its host is not of the enrolment */
};

struct sessions {
	struct session	*p;
	size_t		 n, max;
	size_t		*slots;		/* hash table: session + 1 */
	size_t		 nslots;
};

void	sessions_clear(struct sessions *);
/* Index of the session that the name belongs to; made if it is new. */
size_t	sessions_find(struct sessions *, const struct part_name *);
/* By folder and number; indices are no longer what sessions_find() said. */
void	sessions_sort(struct sessions *);

/* Does a request show that its host is not of the enrolment? */
bool	session_is_other(struct evidence *, const struct blob *archive,
	    const uint8_t *p, size_t n);
/*
 * Adds all as items below the archive and queues their parts: the metadata
 * first, which says what became of the bodies.  True: something can be read.
 */
bool	sessions_add(struct evidence *, struct sessions *,
	    struct item *archive, const struct blob *, const char *how);

#endif
