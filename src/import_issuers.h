/*
 * CA certificates of TPM vendors in a TrustedTpm.cab, as rows of issuers.tsv
 * and reissues.tsv.  Relies on knowledge/change_log.h.
 */
#ifndef IMPORT_ISSUERS_H
#define IMPORT_ISSUERS_H

#include "evidence/evidence.h"
#include "knowledge/change_log.h"

#define ISSUERS_COLUMNS	"ski\tnot_before\tsha256\tvendor\tkind\tcn\tsubject\t" \
	"issuer\tserial\tnot_after\taki\tname_sha1\tkey\taia\tsource\n"
#define REISSUES_COLUMNS "ski\tnew_serial\tvendor\tcn\told_serial\t"	\
	"old_not_before\told_not_after\tnew_not_before\tnew_not_after\t"	\
	"loaded\tsource\n"

struct lines {
	const char	**v;		/* in the arena; the list from malloc */
	size_t		 n;
};
void	lines_add(struct lines *, const char *line);

/* Files that the log names, with the day of their last addition. */
struct log_files {
	struct log_file {
		const char	*name;
		int64_t		 date;
	}		*v;
	size_t		 n;
};
void	log_files_add(struct arena *, struct log_files *,
	    const struct log_change *);

struct issuers {
	struct lines	 rows, reissues, notes;
	struct issuer_row *v;		/* all of them, for look-ups */
	size_t		 n, nnew, nreissues;
};

/* Those in use and those of the cab; `to` dates what the log does not. */
void	issuers_read(struct evidence *, const struct log_files *, int64_t to,
	    struct issuers *);
void	issuers_clear(struct issuers *);
/* The subject of the CA of an authority's key, "" if it is not known. */
const char *issuers_subject(const struct issuers *, const char *key);

/* "2023-04-03" */
const char *day_text(struct arena *, int64_t us);

#endif
