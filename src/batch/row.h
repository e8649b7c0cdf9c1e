/*
 * What a batch keeps of a case in columns: the rows of a table of cases, of
 * their inputs, findings, codes, certificates, attempts and requests.  A
 * reporter writes them in the worker, or they are made from the report's line
 * again; who reads them trusts no byte.  Relies on report.h.
 */
#ifndef BATCH_ROW_H
#define BATCH_ROW_H

#include "knowledge/knowledge.h"
#include "report/report.h"

/*
 * The columns that are also used by name: C(ID, "column").  A '#' marks a
 * number.
 */
#define CASE_COLUMNS(C)							\
	C(CASE_ID, "case_id") C(CASE_OUTCOME, "outcome")		\
	C(CASE_CAUSE, "cause") C(CASE_CONFIDENCE, "confidence")		\
	C(CASE_STAGE, "stage") C(CASE_CODE, "code")			\
	C(CASE_HTTP_STATUS, "#http_status") C(CASE_VENDOR, "vendor")	\
	C(CASE_CA, "ca") C(CASE_FIRMWARE, "firmware")			\
	C(CASE_FAMILY, "firmware_family")				\
	C(CASE_TPM_VERSION, "tpm_version")				\
	C(CASE_WINDOWS_BUILD, "windows_build") C(CASE_HOST, "host")	\
	C(CASE_AUTHORITY, "authority") C(CASE_DEVICE, "device")		\
	C(CASE_TIME, "time") C(CASE_WEEK, "week")			\
	C(CASE_TRANSACTION, "transaction_id")				\
	C(CASE_REQUEST_IDS, "request_ids")				\
	C(CASE_CLIENT_REQUEST_IDS, "client_request_ids")		\
	C(CASE_SENTENCE, "sentence") C(CASE_NEXT_STEP, "next_step")	\
	C(CASE_TOOL_VERSION, "tool_version")				\
	C(CASE_RULES_SHA256, "rules_sha256")
#define INPUT_COLUMNS(C)						\
	C(INPUT_PATH, "path") C(INPUT_KIND, "kind")			\
	C(INPUT_SIZE, "#size") C(INPUT_SHA256, "sha256")		\
	C(INPUT_STATE, "state") C(INPUT_PROBLEM, "problem")
#define FINDING_COLUMNS(C)						\
	C(FINDING_RULE, "rule") C(FINDING_KIND, "kind")			\
	C(FINDING_SEVERITY, "severity")					\
	C(FINDING_CONFIDENCE, "confidence")				\
	C(FINDING_OVERTAKEN, "#overtaken") C(FINDING_CHAIN, "#chain")	\
	C(FINDING_CODES, "codes") C(FINDING_TITLE, "title")		\
	C(FINDING_INPUT, "input") C(FINDING_MEMBER, "member")		\
	C(FINDING_OFFSET, "#offset") C(FINDING_LENGTH, "#length")	\
	C(FINDING_VIA, "via") C(FINDING_FIELD, "field")			\
	C(FINDING_VALUE, "value")

#define PROOF_COLUMNS(C)						\
	C(PROOF_RULE, "rule") C(PROOF_INPUT, "input")			\
	C(PROOF_MEMBER, "member") C(PROOF_OFFSET, "#offset")		\
	C(PROOF_LENGTH, "#length") C(PROOF_VIA, "via")			\
	C(PROOF_FIELD, "field") C(PROOF_VALUE, "value")

#define C(ID, name)	ID,
enum case_column { CASE_COLUMNS(C) CASE_COLUMN_COUNT };
enum row_input_column { INPUT_COLUMNS(C) INPUT_COLUMN_COUNT };
enum finding_column { FINDING_COLUMNS(C) FINDING_COLUMN_COUNT };
enum proof_column { PROOF_COLUMNS(C) PROOF_COLUMN_COUNT };
#undef C

/* T(ID, "name", "column", ...) */
#define ROW_COLUMN(ID, name)	name,
#define ROW_TABLES(T)							\
	T(CASE, "cases", CASE_COLUMNS(ROW_COLUMN))			\
	T(INPUT, "inputs", INPUT_COLUMNS(ROW_COLUMN))			\
	T(FINDING, "findings", FINDING_COLUMNS(ROW_COLUMN))		\
	T(CODE, "codes", "code", "symbol", "meaning", "input", "member", \
	    "#offset", "#length", "via")				\
	T(CERTIFICATE, "certificates", "sha256", "role", "subject",	\
	    "issuer", "vendor", "key", "serial", "ski", "not_before",	\
	    "not_after")						\
	T(ATTEMPT, "attempts", "source", "outcome", "failed_stage",	\
	    "host", "vendor", "authority", "issuer", "time",		\
	    "transaction_id", "#last")					\
	T(REQUEST, "requests", "#attempt", "stage", "state", "time",	\
	    "host", "#http_status", "code", "request_id",		\
	    "client_request_id")					\
	T(PROOF, "proofs", PROOF_COLUMNS(ROW_COLUMN))			\
	T(ESCALATION, "escalations", "line")

enum row_table {
#define T(ID, ...) ROW_##ID,
	ROW_TABLES(T)
#undef T
	ROW_TABLE_COUNT
};

#define ROW_COLUMNS	32		/* more than any table has */
#define ROW_RECORDS	1000		/* of one table in one case */
#define ROW_PROOFS	8		/* of one link of the chain */
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
/* The name of a column without its mark. */
const char	*row_column(enum row_table, size_t column);
/* Is this a whole row: one record of the case first, then others? */
bool	row_sound(const uint8_t *p, size_t n);

/* ---- for those who write rows ---- */

struct row {
	FILE		*f;
	struct arena	*arena;
	size_t		 records[ROW_TABLE_COUNT];
};

/* Begins a record; false when there are enough of its kind. */
bool	row_begin(struct row *, enum row_table);
/* The next cell: whole characters, no more than fit into a cell. */
void	row_put(struct row *, struct str);
void	row_put_text(struct row *, const char *);
/* "" for ABSENT. */
void	row_put_number(struct row *, int64_t);
/* Of "7.63.3353.0" what changes behaviour: "7.63", of AMD's "3.*.0". */
const char *row_firmware_family(struct arena *, struct str vendor,
	    struct str firmware);
/* The lines of an escalation block. */
void	row_put_escalation(struct row *, const char *text, size_t n);

/* ---- row_json.c ---- */

/* Of a line of a batch what does not stand in the report itself. */
struct row_line {
	uint64_t	 position;
	char		*path;
	int		 exit_status;
	char		*died;		/* "" */
	enum outcome	 outcome;
	uint8_t		*row;		/* cases, inputs, findings, proofs, lines;
					   as the worker wrote them */
	size_t		 row_n;
};
/* The columns of `cases` that the line tells beside the report. */
bool	row_beside(enum case_column);
/* From a line of NDJSON; false: it is none (ret_why). */
bool	row_line_read(const char *line, size_t n, struct row_line *,
	    char *ret_why, size_t why_size);
void	row_line_clear(struct row_line *);

#endif
