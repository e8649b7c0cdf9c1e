/*
 * A reader of the embedded tab-separated tables: "#" comments, one line of
 * column names, then rows, sorted as bytes where they are searched.  Nothing
 * is parsed ahead and nothing is kept: a row is looked up in the text itself.
 * Relies on knowledge.h.
 */
#ifndef KNOWLEDGE_TABLE_H
#define KNOWLEDGE_TABLE_H

#include "knowledge/knowledge.h"

#define TABLE_COLUMNS	16

struct table {
	const char	*p;		/* rows only */
	size_t		 n;
};

struct row {
	struct str	 col[TABLE_COLUMNS];
	size_t		 ncol;
};

/*
 * Opens an embedded table by name ("data/codes.tsv") and checks its first
 * line against the expected one.  A table that is missing or has other
 * columns is a mistake of the build, not of the input: the program ends.
 */
void	table_open(struct table *, const char *name, const char *columns);

/*
 * Puts a table in the place of an embedded one; the bytes stay the caller's.
 * Returns those that stood there since an earlier call, or NULL.
 */
const char *table_replace(const char *name, const char *p, size_t n);

/* The row at *off, which moves to the next one; false at the end. */
bool	table_next(const struct table *, size_t *off, struct row *);

/* The next row with that text in a column (from 0), case ignored. */
bool	table_next_with(const struct table *, size_t *off, size_t column,
	    const char *text, size_t n, struct row *);

/*
 * Offset of the first row that does not sort before key (n bytes), for tables
 * sorted by whole lines.  A key that ends with a tab finds a whole column.
 */
size_t	table_seek(const struct table *, const char *key, size_t n);

/* Does the row at off start with the key? */
bool	table_at(const struct table *, size_t off, const char *key, size_t n);

/* Column names line and what comes after it; false if there is none. */
bool	table_head(const char *p, size_t n, struct str *ret_names,
	    struct str *ret_rows);

/* "2023-04-03" or "2023-02-08T15:28:15Z" in microseconds UTC; 0 if empty. */
int64_t	str_time(struct str);
/* Decimal or 0x hex; 0 if there is none. */
uint32_t str_code(struct str);
/* Equal as hex, case and leading zero octets ignored. */
bool	str_same_number(struct str, const char *hex);
/* Lower-case copy; false where it does not fit (then buf is empty). */
bool	lower_copy(char *buf, size_t size, const char *p, size_t n);

#endif
