/*
 * Containers of files that other lines make: ZIP as Intune writes it, the
 * cabinet of Windows' MDM diagnostics, stored in one folder, and RAR.
 * Relies on zip.c and rar.c; MS-CAB for the cabinet, which is uncompressed and whose
 * blocks have no checksums.
 */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define	CONTAINERS	16
#define	BLOCK		32768

struct member {
	char		*name;
	struct buf	 content;
};

struct container {
	const struct line *line;
	const char	*name, *kind;
	struct member	*v;
	size_t		 n;
};

static struct container	all[CONTAINERS];
static size_t		nall;

void
container_add_line(const struct line *l)
{
	if (nall == CONTAINERS)
		die("line %u: too many containers", l->number);
	all[nall].line = l;
	all[nall].kind = l->verb;
	all[nall].name = option(l, "file", strcmp(l->verb, "cab") == 0 ?
	    "mdm.cab" : strcmp(l->verb, "zip") == 0 ? "logs.zip" :
	    "logs.rar");
	nall++;
}

static void
member_add(struct container *c, const char *name, const struct buf *content)
{
	struct member *m;

	c->v = realloc(c->v, (c->n + 1) * sizeof(*c->v));
	if (c->v == NULL)
		die("out of memory");
	m = &c->v[c->n++];
	memset(m, 0, sizeof(*m));
	m->name = xstrdup(name);
	buf_add(&m->content, content);
}

/* Puts the file into the container that its line names with in=. */
bool
container_take(const struct line *l, const char *name,
    const struct buf *content)
{
	const char *in = option(l, "in", NULL);
	size_t i;

	if (in == NULL)
		return false;
	for (i = 0; i < nall; i++)
		if (strcmp(all[i].name, in) == 0)
			break;
	if (i == nall)
		die("line %u: no container \"%s\" before it", l->number, in);
	member_add(&all[i], name, content);
	return true;
}

static void
cab_make(struct buf *b, const struct container *c)
{
	struct buf data = { NULL, 0, 0 };
	size_t i, files, first, at, n, blocks;

	for (i = 0, files = 0; i < c->n; i++) {
		files += 16 + strlen(c->v[i].name) + 1;
		buf_add(&data, &c->v[i].content);
	}
	blocks = (data.n + BLOCK - 1) / BLOCK;
	first = 36 + 8 + files;
	/* CFHEADER */
	buf_str(b, "MSCF");
	buf_le(b, 0, 4);
	buf_le(b, first + 8 * blocks + data.n, 4);
	buf_le(b, 0, 4);
	buf_le(b, 36 + 8, 4);
	buf_le(b, 0, 4);
	buf_le(b, 3, 1);
	buf_le(b, 1, 1);
	buf_le(b, 1, 2);
	buf_le(b, c->n, 2);
	buf_le(b, 0, 2);
	buf_le(b, 0x1234, 2);
	buf_le(b, 0, 2);
	/* CFFOLDER */
	buf_le(b, first, 4);
	buf_le(b, blocks, 2);
	buf_le(b, 0, 2);
	/* CFFILE */
	for (i = 0, at = 0; i < c->n; i++) {
		buf_le(b, c->v[i].content.n, 4);
		buf_le(b, at, 4);
		buf_le(b, 0, 2);
		buf_le(b, 0x567d, 2);
		buf_le(b, 0x4125, 2);
		buf_le(b, 0x20, 2);
		buf_put(b, c->v[i].name, strlen(c->v[i].name) + 1);
		at += c->v[i].content.n;
	}
	/* CFDATA */
	for (at = 0; at < data.n; at += n) {
		n = data.n - at < BLOCK ? data.n - at : BLOCK;
		buf_le(b, 0, 4);
		buf_le(b, n, 2);
		buf_le(b, n, 2);
		buf_put(b, data.p + at, n);
	}
	buf_free(&data);
}

static void
zip_make(struct buf *b, const struct container *c, const struct scenario *s)
{
	struct zip z;
	size_t k;

	memset(&z, 0, sizeof(z));
	z.style = 'B';
	z.when = s->time;
	for (k = 0; k < c->n; k++)
		zip_entry(&z, c->v[k].name, &c->v[k].content);
	zip_end(&z, "");
	*b = z.out;
}

/* rar, or rar4; locked=headers or locked=data: as such archives look. */
static void
rar_make(struct buf *b, const struct container *c)
{
	struct files f = { .n = c->n };
	char locked = option(c->line, "locked", "\0")[0];
	size_t i;

	f.names = xcalloc(c->n, sizeof(*f.names));
	f.v = xcalloc(c->n, sizeof(*f.v));
	for (i = 0; i < c->n; i++) {
		f.names[i] = c->v[i].name;
		f.v[i] = c->v[i].content;
	}
	if (strcmp(c->kind, "rar4") == 0)
		rar4_make(b, &f, locked);
	else
		rar5_make(b, &f, locked);
	free(f.names);
	free(f.v);
}

/* From the last to the first, so that a container may stand in another. */
void
containers_write(const struct scenario *s, const char *dir)
{
	struct buf out;
	size_t i;

	for (i = nall; i-- > 0; ) {
		memset(&out, 0, sizeof(out));
		if (strcmp(all[i].kind, "cab") == 0)
			cab_make(&out, &all[i]);
		else if (strcmp(all[i].kind, "zip") == 0)
			zip_make(&out, &all[i], s);
		else
			rar_make(&out, &all[i]);
		if (!container_take(all[i].line, all[i].name, &out))
			buf_write_file(&out, dir, all[i].name);
	}
}
