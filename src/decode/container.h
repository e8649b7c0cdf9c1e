/*
 * Members of containers through libarchive, in memory and never on disk, with
 * a read-only look at a ZIP's central directory for what libarchive hides
 * (comment, overlaps, encryption).  Relies on libarchive and evidence.h.
 */
#ifndef DECODE_CONTAINER_H
#define DECODE_CONTAINER_H

#include "evidence/evidence.h"

/* Lives until the call that was given it returns. */
struct container_entry {
	size_t		 index;		/* from 0 */
	const char	*name;		/* '/' as separator; bytes as found */
	bool		 directory;	/* or a link, a device: no content */
	bool		 special;	/* a link or a device */
	bool		 encrypted;
	int64_t		 declared;	/* size, -1 unknown; never trusted */
	uint64_t	 mtime;		/* a FILETIME; 0: none is said */
};

/*
 * select: how many bytes of the member are wanted: 0 none (only listed),
 * SIZE_MAX all (up to limits.body_bytes).
 * got: the bytes, taken over from malloc(3) by the callee (NULL if none), n
 * of `full`; `full` is n unless more were left unread.  `state` says what
 * became of it.
 */
enum container_state {
	CONTAINER_OK, CONTAINER_LISTED, CONTAINER_CUT, CONTAINER_DAMAGED,
	CONTAINER_LOCKED, CONTAINER_WRONG_PASSWORD, CONTAINER_UNSUPPORTED,
	CONTAINER_LIMIT
};

struct container_ops {
	size_t	(*select)(void *, const struct container_entry *);
	void	(*got)(void *, const struct container_entry *,
		    enum container_state, uint8_t *p, size_t n, size_t full);
	bool	 again;		/* a second walk: says only what is new */
};

/* "zip", "7zip", "cab", "tar" ... of the first entry, in the arena; or NULL. */
const char *container_format(struct evidence *, const struct blob *);

/* Quick look at the magic: does libarchive have a chance? */
bool	container_magic(const struct blob *);

/* Has one of the first members a name that matches? */
bool	container_any_name(const struct blob *,
	    bool (*match)(const char *, size_t));

struct container_result {
	size_t		 members;
	bool		 locked;	/* some stayed closed */
	bool		 damaged;	/* some, or the container, are cut */
};

/*
 * Walks all members.  Damage, locks and limits are said with ev_problem();
 * one bad member does not end the walk.
 */
void	container_walk(struct evidence *, const struct blob *,
	    const struct container_ops *, void *ctx,
	    struct container_result *);

/* An item `archive` with what its bytes say at once: format, comment. */
struct item *archive_item(struct evidence *, const struct blob *);
/* What the walk has shown. */
void	archive_facts(struct evidence *, struct item *archive,
	    const struct blob *, const struct container_result *);
/*
 * A member as an item `file` with its name and its bytes, which are taken
 * over from malloc(3), for all parsers to bid for.
 */
void	archive_file(struct evidence *, struct item *archive,
	    const struct blob *, const struct container_entry *,
	    enum container_state, uint8_t *p, size_t n, size_t full);
/* "zip member" */
const char *archive_how(struct evidence *, const struct item *archive);

/* What the ZIP auditor saw; false if it is no ZIP at all. */
struct zip_audit {
	struct span	 comment;	/* the archive's comment, len 0: none */
	size_t		 entries;
	size_t		 encrypted, overlapping, duplicates, mismatched;
	size_t		 junk_before, junk_after;
	bool		 truncated;	/* no end-of-central-directory record
					   with a directory before it */
};
bool	zip_audit(const struct blob *, struct zip_audit *);
/* Names of the directory, else of the local headers, until one matches. */
bool	zip_any_name(const struct blob *, bool (*match)(const char *, size_t));

/* Passwords to try, one after another (--password-file); not copied. */
void	container_passwords(struct evidence *, const char *const *, size_t);

#endif
