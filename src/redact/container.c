/*
 * Archives: every member is worked on and the archive is written anew in its
 * own kind.
 * Relies on decode/container.h and libarchive, which writes tar and cpio;
 * zip.c, cab.c, sevenz.c and rar.c write the others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "decode/container.h"
#include "decode/container_open.h"
#include "redact/internal.h"
#include "redact/out.h"

bool
is_container(const uint8_t *p, size_t n)
{
	struct blob b = { .p = p, .n = n };

	return n > 4 && container_magic(&b);
}

static const char *
inner_name(struct redactor *r, const struct place *place, const char *name)
{
	name = redact_shown(r, name);
	return *place->member == '\0' ? name : arena_printf(r->arena,
	    "%s!/%s", place->member, name);
}

/* What is cited in a member: from its own start. */
static struct place
inside(struct redactor *r, const struct place *place, const char *name)
{
	struct place inner = *place;

	inner.member = inner_name(r, place, name);
	inner.via = "";
	inner.base = 0;
	inner.depth++;
	return inner;
}

/* ---- ZIP, 7-Zip, CAB, RAR ---- */

struct reading {
	struct redactor	*r;
	const struct place *place;
	struct members	 members;
	enum magic_kind	 kind;
	bool		 opened;	/* a password did */
	bool		 damaged;	/* a member is */
};

static size_t
want(void *ctx, const struct container_entry *e)
{
	(void)ctx;
	(void)e;
	return SIZE_MAX;
}

static void
got(void *ctx, const struct container_entry *e, enum container_state state,
    uint8_t *p, size_t n, size_t full)
{
	struct reading *read = ctx;
	struct redactor *r = read->r;
	struct members *m = &read->members;
	struct place place = inside(r, read->place, e->name);

	m->v = grow(m->v, &m->room, m->n, sizeof(*m->v));
	m->v[m->n] = (struct member){ .name = strdup(e->name), .p = p,
	    .n = n, .directory = e->directory, .mtime = e->mtime,
	    .damaged = state == CONTAINER_DAMAGED || state == CONTAINER_CUT };
	dos_time(e->mtime, &m->v[m->n].date, &m->v[m->n].time);
	read->damaged |= m->v[m->n].damaged;
	read->opened |= e->encrypted && state == CONTAINER_OK;
	if (state == CONTAINER_LOCKED || state == CONTAINER_WRONG_PASSWORD ||
	    state == CONTAINER_UNSUPPORTED || state == CONTAINER_LIMIT) {
		m->v[m->n].gone = true;
		remark_add(r, &place, "left-out", state == CONTAINER_LIMIT ?
		    "a limit ended its reading" : state ==
		    CONTAINER_UNSUPPORTED ? "it cannot be unpacked" :
		    "it is locked");
	} else if (e->special && read->kind != MAGIC_ZIP) {
		m->v[m->n].gone = true;
		remark_add(r, &place, "left-out",
		    "a link or a device, it has no content");
	}
	(void)full;
	m->n++;
}

static void
members_free(struct members *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		free(m->v[i].name);
		free(m->v[i].p);
	}
	free(m->v);
}

/* Works on each; those that are left out go. */
static void
members_redact(struct redactor *r, const struct place *place,
    struct members *m)
{
	struct member *v;
	struct place inner;
	uint8_t *q;
	size_t i, k = 0, n;

	for (i = 0; i < m->n; i++) {
		v = &m->v[i];
		inner = inside(r, place, v->name);
		q = NULL;
		if (!v->gone && !v->directory) {
			q = redact_blob(r, &inner, v->name, v->p != NULL ?
			    v->p : (const uint8_t *)"", v->n, USE_MEMBER, &n);
			v->gone = q == NULL;
			free(v->p);
			v->p = q;
			v->n = q != NULL ? n : 0;
		}
		if (v->gone) {
			free(v->name);
			free(v->p);
			continue;
		}
		v->renamed = redact_name(r, &inner, v->name);
		m->v[k++] = *v;
	}
	m->n = k;
}

static bool
any_damaged(const struct members *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].damaged)
			return true;
	return false;
}

/* A sum that is wrong needs something that it is the sum of. */
static void
damage_keep(struct redactor *r, const struct place *place, struct members *m)
{
	struct place inner;
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (!m->v[i].damaged || m->v[i].directory || m->v[i].n > 0)
			continue;
		inner = inside(r, place, m->v[i].name);
		remark_add(r, &inner, "blanked",
		    "damaged, and nothing of it could be read: one zero byte");
		free(m->v[i].p);
		m->v[i].p = calloc(1, 1);
		if (m->v[i].p == NULL)
			abort();
		m->v[i].n = 1;
	}
}

static uint8_t *
redact_members(struct redactor *r, const struct place *place,
    const struct blob *b, struct evidence *ev, enum magic_kind kind,
    size_t *ret_n)
{
	static const struct container_ops ops = {
		.select = want, .got = got, .again = true
	};
	struct reading read = { .r = r, .place = place, .kind = kind };
	struct members *m = &read.members;
	struct container_result result;
	uint8_t *out;

	container_walk(ev, b, &ops, &read, &result);
	if (kind == MAGIC_ZIP)
		zip_look(b->p, b->n, m);
	else if (m->n == 0 && result.locked) {
		remark_add(r, place, "left-out", "it is locked");
		return NULL;
	} else
		m->cut = result.damaged && !read.damaged;
	members_redact(r, place, m);
	/* One that was damaged went: that there was one stays. */
	if (read.damaged && kind != MAGIC_ZIP && !any_damaged(m))
		m->cut = true;
	if (kind == MAGIC_7ZIP || kind == MAGIC_RAR || kind == MAGIC_RAR5)
		damage_keep(r, place, m);
	if (read.opened)
		remark_add(r, place, "unlocked",
		    "it is written without its password");
	switch (kind) {
	case MAGIC_CAB:
		out = cab_write(m, ret_n);
		break;
	case MAGIC_7ZIP:
		out = sevenz_write(m, ret_n);
		break;
	case MAGIC_RAR:
	case MAGIC_RAR5:
		out = rar_write(m, kind == MAGIC_RAR5, ret_n);
		break;
	default:
		out = zip_write(m, ret_n);
	}
	members_free(m);
	if (out == NULL)
		remark_add(r, place, "left-out",
		    "it is too large to be written");
	return out;
}

/* ---- tar and cpio ---- */

struct sink {
	uint8_t		*p;
	size_t		 n, room;
};

static la_ssize_t
sink_write(struct archive *a, void *ctx, const void *p, size_t n)
{
	struct sink *s = ctx;

	(void)a;
	if (s->room - s->n < n) {
		s->room = 2 * s->room + n + 65536;
		s->p = realloc(s->p, s->room);
		if (s->p == NULL)
			abort();
	}
	memcpy(s->p + s->n, p, n);
	s->n += n;
	return (la_ssize_t)n;
}

static void
entry_copy(struct redactor *r, const struct place *place, struct archive *in,
    struct archive_entry *e, struct archive *out)
{
	const char *old = archive_entry_pathname(e);
	char *name = strdup(old != NULL ? old : "member"), *user;
	struct place inner = inside(r, place, name);
	struct content c = { .p = NULL };
	uint8_t *q = NULL;
	size_t n = 0;
	bool file = archive_entry_filetype(e) == AE_IFREG;

	if (name == NULL)
		abort();
	if (file && content_read(in, false, (size_t)
	    ev_limits(r->ev)->body_bytes, &r->left, &c) >= ARCHIVE_WARN &&
	    !c.more) {
		q = redact_blob(r, &inner, name, c.p != NULL ? c.p :
		    (const uint8_t *)"", c.n, USE_MEMBER, &n);
	} else if (file)
		remark_add(r, &inner, "left-out", "it could not be read");
	(void)redact_name(r, &inner, name);
	archive_entry_set_pathname(e, name);
	user = archive_entry_uname(e) != NULL ?
	    strdup(archive_entry_uname(e)) : NULL;
	if (user != NULL) {
		redact_user(r, &inner, user);
		archive_entry_set_uname(e, user);
	}
	if (file)
		archive_entry_set_size(e, (la_int64_t)n);
	if ((!file || q != NULL) && archive_write_header(out, e) >=
	    ARCHIVE_WARN && n > 0)
		(void)archive_write_data(out, q, n);
	free(user);
	free(q);
	free(c.p);
	free(name);
}

static uint8_t *
redact_stream(struct redactor *r, const struct place *place,
    const struct blob *b, enum magic_kind kind, size_t *ret_n)
{
	struct archive *in = container_open(b, kind, false, NULL, 0);
	struct archive *out = archive_write_new();
	struct archive_entry *e;
	struct sink sink = { .p = NULL };
	bool open = false;

	if (in == NULL || out == NULL)
		abort();
	while (archive_read_next_header(in, &e) >= ARCHIVE_WARN &&
	    archive_format(in) != 0) {
		if (!open) {
			open = true;
			if (archive_write_set_format(out,
			    archive_format(in)) != ARCHIVE_OK)
				(void)archive_write_set_format_ustar(out);
			/* As bytes: iconv would open files. */
			(void)archive_write_set_options(out,
			    "hdrcharset=BINARY");
			(void)archive_write_set_bytes_in_last_block(out, 1);
			(void)archive_write_open(out, &sink, NULL, sink_write,
			    NULL);
		}
		entry_copy(r, place, in, e, out);
	}
	(void)archive_write_close(out);
	archive_write_free(out);
	archive_read_free(in);
	*ret_n = sink.n;
	return sink.p != NULL ? sink.p : calloc(1, 1);
}

/* ---- one compressed file ---- */

static uint8_t *
redact_filter(struct redactor *r, const struct place *place,
    const struct blob *b, size_t *ret_n)
{
	static const struct filter {
		size_t		 n;
		const char	*magic, *how;
		int		 (*read)(struct archive *);
		int		 (*write)(struct archive *);
	} filters[] = {
		{ 2, "\x1f\x8b", "gunzip", archive_read_support_filter_gzip,
		    archive_write_add_filter_gzip },
		{ 3, "BZh", "bunzip2", archive_read_support_filter_bzip2,
		    archive_write_add_filter_bzip2 },
		{ 5, "\xfd" "7zXZ", "unxz", archive_read_support_filter_xz,
		    archive_write_add_filter_xz },
		{ 4, "\x28\xb5\x2f\xfd", "unzstd",
		    archive_read_support_filter_zstd,
		    archive_write_add_filter_zstd }
	};
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	struct content c = { .p = NULL };
	struct place inner = *place;
	uint8_t *q = NULL, *out = NULL;
	size_t i, n;

	if (a == NULL)
		abort();
	for (i = 0; i < 3 && memcmp(b->p, filters[i].magic, filters[i].n) !=
	    0; i++)
		continue;
	inner.member = inner_name(r, place, "content");
	inner.via = "";
	inner.base = 0;
	inner.depth++;
	if (filters[i].read(a) >= ARCHIVE_WARN &&
	    archive_read_support_format_raw(a) == ARCHIVE_OK &&
	    archive_read_open_memory(a, b->p, b->n) == ARCHIVE_OK &&
	    archive_read_next_header(a, &e) == ARCHIVE_OK &&
	    content_read(a, true, (size_t)ev_limits(r->ev)->body_bytes,
	    &r->left, &c) >= ARCHIVE_WARN && !c.more && c.p != NULL)
		q = redact_blob(r, &inner, "", c.p, c.n, USE_MEMBER, &n);
	else
		remark_add(r, place, "left-out", "it cannot be unpacked");
	if (q != NULL && n == c.n && memcmp(q, c.p, n) == 0) {
		out = malloc(b->n);
		if (out == NULL)
			abort();
		memcpy(out, b->p, b->n);
		*ret_n = b->n;
	} else if (q != NULL)
		out = filter_encode(filters[i].write, q, n, ret_n);
	free(q);
	free(c.p);
	archive_read_free(a);
	return out;
}

uint8_t *
redact_container(struct redactor *r, const struct place *place,
    const uint8_t *p, size_t n, size_t *ret_n)
{
	static const uint8_t none[32];
	struct evidence *ev = evidence_new(ev_limits(r->ev));
	struct blob *b = ev_input(ev, "archive", false, p, n, none);
	enum magic_kind kind = container_kind(b);
	uint8_t *out;

	b->queued = false;
	container_passwords(ev, r->order->passwords, r->order->npasswords);
	switch (kind) {
	case MAGIC_TAR:
	case MAGIC_CPIO:
		out = redact_stream(r, place, b, kind, ret_n);
		break;
	case MAGIC_FILTER:
		out = redact_filter(r, place, b, ret_n);
		break;
	default:
		out = redact_members(r, place, b, ev, kind, ret_n);
	}
	evidence_free(ev);
	return out;
}
