/*
 * Compares two case directories by content: the same names, the same bytes,
 * and of archives the same members with the same bytes.
 * Relies on libarchive to read, not on the forge's own ZIP writer.
 */
#include "forge.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned	differences;

static void
differ(const char *where, const char *what)
{
	printf("%s: %s\n", where, what);
	differences++;
}

static struct archive *
open_zip(const struct buf *b)
{
	struct archive *a = archive_read_new();

	archive_read_support_format_zip(a);
	if (archive_read_open_memory(a, b->p, b->n) != ARCHIVE_OK)
		die("not an archive: %s", archive_error_string(a));
	return a;
}

static void
read_member(struct archive *a, struct buf *ret)
{
	uint8_t block[8192];
	la_ssize_t n;

	ret->n = 0;
	while ((n = archive_read_data(a, block, sizeof(block))) > 0)
		buf_put(ret, block, (size_t)n);
	if (n < 0)
		die("member unreadable: %s", archive_error_string(a));
}

static void
compare_zips(const char *name, const struct buf *x, const struct buf *y)
{
	struct archive *a = open_zip(x), *b = open_zip(y);
	struct buf p = { NULL, 0, 0 }, q = { NULL, 0, 0 };
	struct archive_entry *e, *f;
	int more, also;

	for (;;) {
		more = archive_read_next_header(a, &e);
		also = archive_read_next_header(b, &f);
		if (more != ARCHIVE_OK || also != ARCHIVE_OK)
			break;
		if (strcmp(archive_entry_pathname(e),
		    archive_entry_pathname(f)) != 0) {
			differ(name, archive_entry_pathname(e));
			break;
		}
		read_member(a, &p);
		read_member(b, &q);
		if (p.n != q.n || (p.n > 0 && memcmp(p.p, q.p, p.n) != 0))
			differ(name, archive_entry_pathname(e));
	}
	if (more != also)
		differ(name, "another number of members");
	buf_free(&p);
	buf_free(&q);
	archive_read_free(a);
	archive_read_free(b);
}

static void
compare_files(const char *a, const char *b, const char *name)
{
	struct buf x = { NULL, 0, 0 }, y = { NULL, 0, 0 };
	char path[2][4096];

	snprintf(path[0], sizeof(path[0]), "%s/%s", a, name);
	snprintf(path[1], sizeof(path[1]), "%s/%s", b, name);
	buf_read_file(&x, path[0]);
	buf_read_file(&y, path[1]);
	if (x.n >= 4 && y.n >= 4 && memcmp(x.p, "PK\3\4", 4) == 0 &&
	    memcmp(y.p, "PK\3\4", 4) == 0)
		compare_zips(name, &x, &y);
	else if (x.n != y.n || (x.n > 0 && memcmp(x.p, y.p, x.n) != 0))
		differ(name, "other bytes");
	buf_free(&x);
	buf_free(&y);
}

static int
no_dots(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

int
compare(const char *a, const char *b)
{
	struct dirent **x, **y;
	int n, m, i, j;

	n = scandir(a, &x, no_dots, alphasort);
	m = scandir(b, &y, no_dots, alphasort);
	if (n < 0 || m < 0)
		die("%s: not a directory", n < 0 ? a : b);
	for (i = j = 0; i < n || j < m;) {
		int order = i == n ? 1 : j == m ? -1 :
		    strcmp(x[i]->d_name, y[j]->d_name);

		if (order == 0)
			compare_files(a, b, x[i]->d_name);
		else
			differ(order < 0 ? x[i]->d_name : y[j]->d_name,
			    order < 0 ? "only in the first" :
			    "only in the second");
		i += order <= 0;
		j += order >= 0;
	}
	while (n > 0)
		free(x[--n]);
	while (m > 0)
		free(y[--m]);
	free(x);
	free(y);
	return differences > 0;
}
