/*
 * The form of a row: records of cells, each value with its length and cut
 * where it is too long, read again with every length checked.
 * Relies on row.h and escape.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch/row.h"
#include "report/escape.h"
#include "report/model.h"

const struct row_table_info row_tables[ROW_TABLE_COUNT] = {
#define COUNT(...)							\
	(sizeof((const char *const []){ __VA_ARGS__ }) / sizeof(char *))
#define T(ID, name, ...) [ROW_##ID] = { name, { __VA_ARGS__ },		\
	COUNT(__VA_ARGS__) },
	ROW_TABLES(T)
#undef T
};

/* ---- writing ---- */

/* Begins a record; false when there are enough of its kind. */
bool
row_begin(struct row *row, enum row_table table)
{
	if (row->records[table] == ROW_RECORDS)
		return false;
	row->records[table]++;
	(void)fputc((int)table, row->f);
	return true;
}

/* As JSON has them, too: what is no UTF-8 becomes U+FFFD. */
void
row_put(struct row *row, struct str s)
{
	char cell[ROW_CELL_BYTES];
	size_t i, len, n = 0;
	int32_t c;

	for (i = 0; i < s.n; i += len) {
		len = character_next(s.p + i, s.n - i, &c);
		if (n + (c == CHARACTER_BAD ? 3 : len) > sizeof(cell))
			break;
		memcpy(cell + n, c == CHARACTER_BAD ? "\xef\xbf\xbd" :
		    s.p + i, c == CHARACTER_BAD ? 3 : len);
		n += c == CHARACTER_BAD ? 3 : len;
	}
	(void)fputc((int)(n & 0xff), row->f);
	(void)fputc((int)(n >> 8), row->f);
	if (n > 0)
		(void)fwrite(cell, 1, n, row->f);
}

void
row_put_text(struct row *row, const char *s)
{
	row_put(row, str_of(s));
}

void
row_put_number(struct row *row, int64_t n)
{
	row_put_text(row, n == ABSENT ? "" : arena_printf(row->arena, "%lld",
	    (long long)n));
}

const char *
row_firmware_family(struct arena *arena, struct str vendor,
    struct str firmware)
{
	size_t i, dot[3] = { 0 }, n = 0;

	for (i = 0; i < firmware.n && n < 3; i++)
		if (firmware.p[i] == '.')
			dot[n++] = i;
		else if (firmware.p[i] < '0' || firmware.p[i] > '9')
			return "";
	if (n == 0)
		return "";
	if (n == 1)
		dot[1] = firmware.n;
	if (n < 3)
		dot[2] = firmware.n;
	if (str_is(vendor, "AMD") && n >= 2)
		return arena_printf(arena, "%.*s.*%.*s", (int)dot[0],
		    firmware.p, (int)(dot[2] - dot[1]), firmware.p + dot[1]);
	return arena_printf(arena, "%.*s", (int)dot[1], firmware.p);
}

void
row_put_escalation(struct row *row, const char *text, size_t n)
{
	const char *end;
	size_t len;

	for (; n > 0; text += len, n -= len) {
		end = memchr(text, '\n', n);
		len = end != NULL ? (size_t)(end - text) : n;
		if (len > 0 && row_begin(row, ROW_ESCALATION))
			row_put(row, (struct str){ text, len });
		len += end != NULL;
	}
}

const char *
row_column(enum row_table table, size_t column)
{
	const char *name = row_tables[table].columns[column];

	return name + (*name == '#');
}

/* ---- reading ---- */

static bool
cell_next(struct row_reader *r, const char **ret_p, size_t *ret_n)
{
	size_t n;

	if (r->n - r->at < 2)
		return false;
	n = r->p[r->at] | (size_t)r->p[r->at + 1] << 8;
	r->at += 2;
	if (n > ROW_CELL_BYTES || n > r->n - r->at)
		return false;
	*ret_p = (const char *)r->p + r->at;
	*ret_n = n;
	r->at += n;
	return true;
}

static bool
cell_number(struct row_cell *cell)
{
	char *end;

	errno = 0;
	cell->value = strtoll(cell->p, &end, 10);
	return errno == 0 && *end == '\0' && end != cell->p;
}

bool
row_next(struct row_reader *r, struct arena *arena, enum row_table *ret_table,
    struct row_cell cells[ROW_COLUMNS])
{
	const struct row_table_info *info;
	const char *p;
	size_t n, i;

	if (r->bad || r->at == r->n)
		return false;
	r->bad = true;
	if (r->p[r->at] >= ROW_TABLE_COUNT)
		return false;
	*ret_table = (enum row_table)r->p[r->at++];
	info = &row_tables[*ret_table];
	for (i = 0; i < info->ncolumns; i++) {
		if (!cell_next(r, &p, &n))
			return false;
		cells[i] = (struct row_cell){ "", 0, false, 0 };
		if (n == 0)
			continue;
		cells[i].p = escape_text(arena, p, n, &cells[i].n);
		if (*info->columns[i] == '#') {
			cells[i].number = true;
			if (!cell_number(&cells[i]))
				return false;
		}
	}
	r->bad = false;
	return true;
}

bool
row_sound(const uint8_t *p, size_t n)
{
	struct row_reader r = { .p = p, .n = n };
	struct row_cell cells[ROW_COLUMNS];
	struct arena *arena = arena_new();
	enum row_table table;
	size_t records = 0;
	bool good = n <= ROW_BYTES;

	while (good && row_next(&r, arena, &table, cells)) {
		good = (table == ROW_CASE) == (records == 0) &&
		    records < (size_t)ROW_RECORDS * ROW_TABLE_COUNT;
		records++;
	}
	arena_free(arena);
	return good && !r.bad && records > 0;
}
