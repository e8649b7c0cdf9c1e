/*
 * What a batch keeps of a case in columns: the rows of a table of cases, of
 * their inputs, findings, codes, certificates, attempts and requests.  A
 * reporter writes them in the worker; who reads them trusts no byte.
 * Relies on report.h.
 */
#ifndef BATCH_ROW_H
#define BATCH_ROW_H

#include "report/report.h"

/* ROW_TABLE(NAME, "name", "column", ...): a '#' marks a number. */
#define ROW_TABLES(T)							\
	T(CASE, "cases", "case_id", "outcome", "cause", "confidence",	\
	    "stage", "code", "vendor", "ca", "firmware", "tpm_version",	\
	    "windows_build", "host", "authority", "time",		\
	    "transaction_id", "request_ids", "client_request_ids",	\
	    "sentence", "next_step", "tool_version", "rules_sha256")	\
	T(INPUT, "inputs", "path", "kind", "#size", "sha256", "state",	\
	    "problem")							\
	T(FINDING, "findings", "rule", "kind", "severity",		\
	    "confidence", "#overtaken", "codes", "title", "input",	\
	    "member", "#offset", "#length", "field", "value")		\
	T(CODE, "codes", "code", "symbol", "meaning", "input", "member", \
	    "#offset", "#length")					\
	T(CERTIFICATE, "certificates", "sha256", "role", "subject",	\
	    "issuer", "vendor", "key", "serial", "ski", "not_before",	\
	    "not_after")						\
	T(ATTEMPT, "attempts", "source", "outcome", "failed_stage",	\
	    "host", "vendor", "authority", "issuer", "time",		\
	    "transaction_id", "#last")					\
	T(REQUEST, "requests", "#attempt", "stage", "state", "time",	\
	    "host", "#http_status", "code", "request_id",		\
	    "client_request_id")

enum row_table {
#define T(ID, ...) ROW_##ID,
	ROW_TABLES(T)
#undef T
	ROW_TABLE_COUNT
};

#define ROW_COLUMNS	24		/* more than any table has */
#define ROW_RECORDS	1000		/* of one table in one case */
#define ROW_CELL_BYTES	2000		/* of one value */
#define ROW_BYTES	((size_t)16 << 20)	/* of a case */

struct row_table_info {
	const char	*name;
	const char	*columns[ROW_COLUMNS];
	size_t		 ncolumns;
};
extern const struct row_table_info	row_tables[ROW_TABLE_COUNT];

/* Not in the list of formats: it is for batches alone. */
extern const struct reporter	row_reporter;

struct row_cell {
	const char	*p;		/* NUL-terminated and safe to show, */
	size_t		 n;		/* once row_next() made it so */
	bool		 number;
	int64_t		 value;
};

struct row_reader {
	const uint8_t	*p;
	size_t		 n, at;
	bool		 bad;
};

/*
 * The next record; its cells are in the arena, absent ones have n 0.  False
 * at the end, and where the bytes are not those of a row (`bad`).
 */
bool	row_next(struct row_reader *, struct arena *, enum row_table *,
	    struct row_cell cells[ROW_COLUMNS]);
/* Is this a whole row: one record of the case first, then others? */
bool	row_sound(const uint8_t *p, size_t n);

#endif
