/*
 * Certificates of the CAs that issue EK certificates, and which of them were
 * re-issued with the same key.  Relies on data/issuers.tsv and reissues.tsv,
 * both sorted by key identifier.
 */
#include "knowledge/table.h"

#include <string.h>

enum {
	SKI, NOT_BEFORE, SHA256, VENDOR, KIND, CN, SUBJECT, ISSUER, SERIAL,
	NOT_AFTER, AKI, NAME_SHA1, KEY, AIA, SOURCE
};
enum {
	R_SKI, R_NEW_SERIAL, R_VENDOR, R_CN, R_OLD_SERIAL, R_OLD_NOT_BEFORE,
	R_OLD_NOT_AFTER, R_NEW_NOT_BEFORE, R_NEW_NOT_AFTER, R_LOADED, R_SOURCE
};

static void
issuers_open(struct table *t)
{
	table_open(t, "data/issuers.tsv", "ski\tnot_before\tsha256\tvendor\t"
	    "kind\tcn\tsubject\tissuer\tserial\tnot_after\taki\tname_sha1\t"
	    "key\taia\tsource\n");
}

static void
issuer_read(const struct row *row, struct issuer_info *ret)
{
	ret->vendor = row->col[VENDOR];
	ret->kind = row->col[KIND];
	ret->subject = row->col[SUBJECT];
	ret->issuer = row->col[ISSUER];
	ret->cn = row->col[CN];
	ret->serial = row->col[SERIAL];
	ret->not_before = str_time(row->col[NOT_BEFORE]);
	ret->not_after = str_time(row->col[NOT_AFTER]);
	ret->ski = row->col[SKI];
	ret->aki = row->col[AKI];
	ret->name_sha1 = row->col[NAME_SHA1];
	ret->key = row->col[KEY];
	ret->aia = row->col[AIA];
	ret->sha256 = row->col[SHA256];
	ret->source = row->col[SOURCE];
}

/* The key identifier as the first column; false where it cannot be one. */
static bool
ski_key(char *buf, size_t size, const char *ski, size_t *ret_n)
{
	size_t n = strlen(ski);

	if (n == 0 || n + 2 > size || !lower_copy(buf, size, ski, n))
		return (false);
	buf[n] = '\t';
	buf[n + 1] = '\0';
	*ret_n = n + 1;
	return (true);
}

bool
issuer_by_ski(const char *ski_hex, size_t index, struct issuer_info *ret)
{
	struct table t;
	struct row row;
	char key[160];
	size_t off, n;

	memset(ret, 0, sizeof(*ret));
	if (!ski_key(key, sizeof(key), ski_hex, &n))
		return (false);
	issuers_open(&t);
	off = table_seek(&t, key, n);
	while (table_at(&t, off, key, n) && table_next(&t, &off, &row)) {
		if (index-- == 0) {
			issuer_read(&row, ret);
			return (true);
		}
	}
	return (false);
}

/*
 * The next row with that text, lower-case hex, in a column that is not
 * sorted: digests are so rare that looking for one anywhere is quickest.
 */
static bool
issuer_next_with(const struct table *t, size_t *off, size_t column,
    const char *hex, size_t n, struct row *row)
{
	const char *p, *line;

	while (n > 0 && *off < t->n &&
	    (p = memmem(t->p + *off, t->n - *off, hex, n)) != NULL) {
		line = memrchr(t->p, '\n', (size_t)(p - t->p));
		*off = line == NULL ? 0 : (size_t)(line + 1 - t->p);
		if (!table_next(t, off, row))
			return (false);
		if (str_same(row->col[column], hex, n))
			return (true);
	}
	return (false);
}

/* The index'th row with that text in a column. */
static bool
issuer_scan(size_t column, const char *text, size_t index,
    struct issuer_info *ret)
{
	struct table t;
	struct row row;
	char hex[160];
	size_t off = 0, n = strlen(text);

	memset(ret, 0, sizeof(*ret));
	if (!lower_copy(hex, sizeof(hex), text, n))
		return (false);
	issuers_open(&t);
	while (issuer_next_with(&t, &off, column, hex, n, &row)) {
		if (index-- == 0) {
			issuer_read(&row, ret);
			return (true);
		}
	}
	return (false);
}

bool
issuer_by_name(const char *name_sha1_hex, size_t index,
    struct issuer_info *ret)
{
	return (issuer_scan(NAME_SHA1, name_sha1_hex, index, ret));
}

bool
issuer_signs_cas(struct str ski)
{
	struct table t;
	struct row row;
	size_t off = 0;

	issuers_open(&t);
	while (issuer_next_with(&t, &off, AKI, ski.p, ski.n, &row)) {
		if (str_is(row.col[KIND], "intermediate") &&
		    !str_same(row.col[SKI], ski.p, ski.n))
			return (true);
	}
	return (false);
}

bool
issuer_by_sha256(const char *sha256_hex, struct issuer_info *ret)
{
	return (issuer_scan(SHA256, sha256_hex, 0, ret));
}

/* serial NULL: any pair of that key. */
static bool
reissue_search(const char *ski_hex, const char *serial,
    struct reissue_info *ret)
{
	struct table t;
	struct row row;
	char key[160];
	size_t off, n;

	memset(ret, 0, sizeof(*ret));
	if (!ski_key(key, sizeof(key), ski_hex, &n))
		return (false);
	table_open(&t, "data/reissues.tsv", "ski\tnew_serial\tvendor\tcn\t"
	    "old_serial\told_not_before\told_not_after\tnew_not_before\t"
	    "new_not_after\tloaded\tsource\n");
	off = table_seek(&t, key, n);
	while (table_at(&t, off, key, n) && table_next(&t, &off, &row)) {
		if (serial != NULL &&
		    !str_same_number(row.col[R_NEW_SERIAL], serial))
			continue;
		ret->vendor = row.col[R_VENDOR];
		ret->cn = row.col[R_CN];
		ret->ski = row.col[R_SKI];
		ret->old_serial = row.col[R_OLD_SERIAL];
		ret->new_serial = row.col[R_NEW_SERIAL];
		ret->old_not_before = str_time(row.col[R_OLD_NOT_BEFORE]);
		ret->old_not_after = str_time(row.col[R_OLD_NOT_AFTER]);
		ret->new_not_before = str_time(row.col[R_NEW_NOT_BEFORE]);
		ret->new_not_after = str_time(row.col[R_NEW_NOT_AFTER]);
		ret->loaded = str_time(row.col[R_LOADED]);
		ret->source = row.col[R_SOURCE];
		return (true);
	}
	return (false);
}

bool
reissue_find(const char *ski_hex, const char *serial_hex,
    struct reissue_info *ret)
{
	return (reissue_search(ski_hex, serial_hex, ret));
}

bool
reissue_by_ski(const char *ski_hex, struct reissue_info *ret)
{
	return (reissue_search(ski_hex, NULL, ret));
}
