/*
 * The cases of a batch, and what makes one the same as before: the digest of
 * its content, and the key of everything that its result depends on.
 * Relies on case.h and listing.h.
 */
#ifndef BATCH_CASES_H
#define BATCH_CASES_H

#include "batch/case.h"

struct cases {
	char	**v;			/* paths, in the order of the batch */
	size_t	  n, room;
};

struct stat;

/*
 * What an operand stands for: a file is a case; of a folder each file in it,
 * or, with `folders`, each folder in it and the files beside those.
 */
void	cases_add(struct cases *, const char *operand, bool folders,
	    const struct stat *skip, size_t nskip);
/*
 * One case a line of a file ("-": standard input), a folder too; with `nul`
 * they end with NUL in place of a line feed.  -1: said.
 */
int	cases_read(struct cases *, const char *file, bool nul);
/* One more, as it is. */
void	cases_add_one(struct cases *, const char *path);
/* The place stays, its path is not needed any more. */
void	cases_forget(struct cases *, size_t index);
void	cases_clear(struct cases *);

/* The program's version, and which of the libraries it has. */
extern const char	cases_version[];
/*
 * SHA-256 over all that changes results but the case itself: the program's
 * version, rules, options and the tables of a folder, or NULL.
 */
void	cases_settings(const struct case_job *, const char *version,
	    const char *tables, uint8_t ret[32]);
/*
 * Reads all inputs of a case: the digest of their content as the report's
 * case.id has it, and the key under which its result is stored, ""
 * where it holds something that can be read only once.
 */
void	case_digest(const struct case_job *, const char *path,
	    const uint8_t settings[32], char ret_content[65],
	    char ret_key[65]);

#endif
