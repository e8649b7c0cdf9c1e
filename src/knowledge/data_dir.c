/*
 * Newer tables of authorities and issuers out of a folder, in the place of
 * the embedded ones: read and checked once, before anything is looked up.
 * Relies on table.h; nothing of a folder is used unless all of it is good.
 */
#include "knowledge/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TABLE_BYTES	((off_t)64 << 20)

/* The tables that a folder may hold; those of one list belong together. */
static const struct {
	const char	*name;
	bool		 needed;
} tables[] = {
	{ "authorities.tsv", true }, { "authority-events.tsv", true },
	{ "issuers.tsv", false }, { "lists.tsv", true },
	{ "reissues.tsv", false }
};
#define NTABLES		(sizeof(tables) / sizeof(tables[0]))

/* Names as the look-ups know them. */
static const char *const	names[NTABLES] = {
	"data/authorities.tsv", "data/authority-events.tsv",
	"data/issuers.tsv", "data/lists.tsv", "data/reissues.tsv"
};

/* The bytes of a file, from malloc(3); NULL with errno. */
static char *
file_bytes(const char *path, size_t *ret_n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = 0;
	struct stat st;
	char *p = NULL;
	ssize_t got;

	*ret_n = 0;
	if (fd == -1)
		return (NULL);
	if (fstat(fd, &st) == -1)
		error = errno;
	else if (!S_ISREG(st.st_mode))
		error = EINVAL;
	else if (st.st_size > TABLE_BYTES)
		error = EFBIG;
	else if ((p = malloc((size_t)st.st_size + 1)) == NULL)
		error = errno;
	while (error == 0 && *ret_n < (size_t)st.st_size) {
		got = read(fd, p + *ret_n, (size_t)st.st_size - *ret_n);
		if (got == -1 && errno != EINTR)
			error = errno;
		else if (got == 0)
			break;
		else if (got > 0)
			*ret_n += (size_t)got;
	}
	(void)close(fd);
	if (error != 0) {
		free(p);
		p = NULL;
		errno = error;
	}
	return (p);
}

static int
row_compare(const char *a, size_t na, const char *b, size_t nb)
{
	int d = memcmp(a, b, na < nb ? na : nb);

	return (d != 0 ? d : (na > nb) - (na < nb));
}

/* What is wrong with the rows: look-ups rely on it; NULL if nothing is. */
static const char *
rows_fault(struct str rows, size_t columns, size_t *ret_line)
{
	const char *last = NULL, *p = rows.p, *end = rows.p + rows.n, *nl;
	size_t last_n = 0, n, tabs;

	for (*ret_line = 1; p < end; p = nl + 1, ++*ret_line) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			return ("the last line has no end");
		n = (size_t)(nl - p);
		if (n > 0 && *p == '#')
			return ("a comment stands among the rows");
		tabs = 0;
		for (size_t i = 0; i < n; i++) {
			tabs += p[i] == '\t';
			if (p[i] != '\t' && ((unsigned char)p[i] < 0x20 ||
			    (unsigned char)p[i] > 0x7e))
				return ("a byte is no printable ASCII");
		}
		if (tabs + 1 != columns)
			return ("it has another number of columns");
		if (last != NULL && row_compare(last, last_n, p, n) >= 0)
			return ("it does not sort after the row before");
		last = p;
		last_n = n;
	}
	return (NULL);
}

static size_t
columns_count(struct str names_line)
{
	size_t n = 1;

	for (size_t i = 0; i < names_line.n; i++)
		n += names_line.p[i] == '\t';
	return (n);
}

/* A table with the columns of the embedded one, and rows in order. */
static bool
table_check(const char *path, const char *name, struct str file, char *why,
    size_t size)
{
	const struct embedded *e = embedded_find(name);
	struct str want, rows, have, have_rows;
	const char *fault;
	size_t line;

	if (!table_head(e->p, e->n, &want, &rows) ||
	    !table_head(file.p, file.n, &have, &have_rows) ||
	    !str_same(have, want.p, want.n)) {
		(void)snprintf(why, size, "%s: the columns are not \"%.*s\"",
		    path, (int)want.n - 1, want.p);
		return (false);
	}
	fault = rows_fault(have_rows, columns_count(want), &line);
	if (fault != NULL)
		(void)snprintf(why, size, "%s: row %zu: %s", path, line,
		    fault);
	return (fault == NULL);
}

bool
knowledge_load(const char *dir, char *why, size_t size)
{
	struct str files[NTABLES] = { { NULL, 0 } };
	const char *old;
	char path[4352];
	size_t i, n;
	bool good = true;

	for (i = 0; good && i < NTABLES; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir,
		    tables[i].name);
		files[i].p = file_bytes(path, &n);
		files[i].n = n;
		if (files[i].p == NULL && (errno != ENOENT ||
		    tables[i].needed)) {
			(void)snprintf(why, size, "%s: %s", path,
			    errno == EINVAL ? "is no file" : strerror(errno));
			good = false;
		} else if (files[i].p != NULL)
			good = table_check(path, names[i], files[i], why,
			    size);
	}
	for (i = 0; i < NTABLES; i++) {
		old = files[i].p;
		if (good && old != NULL)
			old = table_replace(names[i], old, files[i].n);
		free((void *)(uintptr_t)old);
	}
	return (good);
}
