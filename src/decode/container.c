/*
 * Walks the members of ZIP, 7z, CAB, tar and RAR archives in memory, goes on
 * after a damaged member, and tells a missing password from a wrong one.
 * Relies on libarchive, whose message texts are the only way to tell.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/container.h"

/* Header reads that all reopenings of one archive may cost together. */
#define REOPEN_HEADERS	2000000
/* What an archive may give whose members share bytes (a ZIP bomb). */
#define OVERLAP_BYTES	((uint64_t)64 << 20)
/* How far container_any_name() looks. */
#define LOOK_MEMBERS	64
#define LOOK_BYTES	((uint64_t)16 << 20)

enum magic_kind {
	MAGIC_NONE, MAGIC_ZIP, MAGIC_7ZIP, MAGIC_CAB, MAGIC_RAR, MAGIC_RAR5,
	MAGIC_TAR, MAGIC_FILTER
};

static const struct magic {
	enum magic_kind	 kind;
	size_t		 off, n;
	const char	*bytes;
} magics[] = {
	{ MAGIC_ZIP, 0, 4, "PK\3\4" },
	{ MAGIC_ZIP, 0, 4, "PK\5\6" },
	{ MAGIC_7ZIP, 0, 6, "7z\xbc\xaf\x27\x1c" },
	{ MAGIC_CAB, 0, 8, "MSCF\0\0\0\0" },
	{ MAGIC_RAR, 0, 7, "Rar!\x1a\x07\0" },
	{ MAGIC_RAR5, 0, 8, "Rar!\x1a\x07\1\0" },
	{ MAGIC_TAR, 257, 5, "ustar" },
	{ MAGIC_FILTER, 0, 3, "\x1f\x8b\x08" },
	{ MAGIC_FILTER, 0, 3, "BZh" },
	{ MAGIC_FILTER, 0, 6, "\xfd" "7zXZ\0" },
	{ MAGIC_FILTER, 0, 4, "\x28\xb5\x2f\xfd" },
	{ MAGIC_NONE, 0, 0, NULL }
};

static const struct format_name {
	int		 format;
	const char	*name;
} format_names[] = {
	{ ARCHIVE_FORMAT_ZIP, "zip" },
	{ ARCHIVE_FORMAT_7ZIP, "7zip" },
	{ ARCHIVE_FORMAT_CAB, "cab" },
	{ ARCHIVE_FORMAT_TAR, "tar" },
	{ ARCHIVE_FORMAT_RAR, "rar" },
	{ ARCHIVE_FORMAT_RAR_V5, "rar" },
	{ ARCHIVE_FORMAT_RAW, "compressed" },
	{ 0, NULL }
};

/* One case a process: its passwords. */
static const struct evidence *passwords_of;
static const char *const *passwords;
static size_t		 npasswords;

void
container_passwords(struct evidence *ev, const char *const *list, size_t n)
{
	passwords_of = ev;
	passwords = list;
	npasswords = n;
}

static enum magic_kind
blob_magic(const struct blob *b)
{
	const struct magic *m;
	struct zip_audit audit;

	for (m = magics; m->bytes != NULL; m++)
		if (b->n >= m->off + m->n &&
		    memcmp(b->p + m->off, m->bytes, m->n) == 0)
			return m->kind;
	/* A ZIP may have something before it; its directory must be right. */
	if (zip_audit(b, &audit) && audit.entries > 0)
		return MAGIC_ZIP;
	return MAGIC_NONE;
}

bool
container_magic(const struct blob *b)
{
	return blob_magic(b) != MAGIC_NONE;
}

/* ---- one opened archive ---- */

struct content {
	uint8_t		*p;
	size_t		 n, size;
	bool		 more;		/* bytes were left unread */
};

/* Bytes are read in order, so what is skipped is unpacked as well. */
static bool
is_stream(enum magic_kind kind)
{
	return kind != MAGIC_ZIP && kind != MAGIC_7ZIP;
}

static struct archive *
archive_open(const struct blob *b, enum magic_kind kind, bool streaming,
    const char *const *pw, size_t npw)
{
	struct archive *a = archive_read_new();
	size_t i;

	if (a == NULL)
		return NULL;
	/* libarchive asks the time zone for every member. */
	setenv("TZ", "UTC0", 0);
	switch (kind) {
	case MAGIC_ZIP:
		archive_read_support_format_zip_streamable(a);
		if (!streaming)
			archive_read_support_format_zip_seekable(a);
		break;
	case MAGIC_7ZIP:
		archive_read_support_format_7zip(a);
		break;
	case MAGIC_CAB:
		archive_read_support_format_cab(a);
		break;
	case MAGIC_RAR:
		archive_read_support_format_rar(a);
		break;
	case MAGIC_RAR5:
		archive_read_support_format_rar5(a);
		break;
	case MAGIC_FILTER:
		archive_read_support_filter_gzip(a);
		archive_read_support_filter_bzip2(a);
		archive_read_support_filter_xz(a);
		archive_read_support_filter_zstd(a);
		archive_read_support_format_raw(a);
		archive_read_support_format_tar(a);
		break;
	default:
		archive_read_support_format_tar(a);
	}
	for (i = 0; i < npw; i++)
		if (*pw[i] != '\0')
			archive_read_add_passphrase(a, pw[i]);
	if (archive_read_open_memory(a, b->p, b->n) != ARCHIVE_OK) {
		archive_read_free(a);
		return NULL;
	}
	return a;
}

static const char *
error_text(struct archive *a)
{
	const char *text = archive_error_string(a);

	return text != NULL ? text : "no reason given";
}

static enum container_state
error_state(struct archive *a, bool encrypted)
{
	static const struct word {
		const char	*text;
		enum container_state state;
	} words[] = {
		{ "Incorrect passphrase", CONTAINER_WRONG_PASSWORD },
		{ "Passphrase required", CONTAINER_LOCKED },
		{ "nsupported", CONTAINER_UNSUPPORTED },
		{ "not supported", CONTAINER_UNSUPPORTED },
		{ "unavailable", CONTAINER_UNSUPPORTED },
		{ "ncrypt", CONTAINER_LOCKED },
		{ "runcated", CONTAINER_CUT },
		{ NULL, CONTAINER_OK }
	};
	const struct word *w;

	for (w = words; w->text != NULL; w++)
		if (strstr(error_text(a), w->text) != NULL)
			return w->state;
	return encrypted ? CONTAINER_WRONG_PASSWORD : CONTAINER_DAMAGED;
}

/* Room for n bytes at off; what was never written is zero. */
static void
content_grow(struct content *c, size_t n)
{
	size_t size = c->size == 0 ? 4096 : c->size;

	if (n > c->size) {
		while (size < n)
			size = size > SIZE_MAX / 2 ? n : 2 * size;
		c->p = realloc(c->p, size);
		if (c->p == NULL) {
			fputs("aiktriage: out of memory\n", stderr);
			_Exit(3);
		}
		c->size = size;
	}
	if (n > c->n) {
		memset(c->p + c->n, 0, n - c->n);
		c->n = n;
	}
}

/*
 * Reads a member up to `want` bytes.  A stream is read to the member's end
 * all the same, and what that unpacks is taken from *left.
 */
static int
content_read(struct archive *a, bool stream, size_t want, uint64_t *left,
    struct content *c)
{
	const void *p;
	size_t n, take;
	la_int64_t off;
	int r;

	for (;;) {
		r = archive_read_data_block(a, &p, &n, &off);
		if (r == ARCHIVE_EOF)
			return ARCHIVE_OK;
		if (r < ARCHIVE_WARN)
			return r;
		if (off < 0)
			return ARCHIVE_FATAL;
		if (n > *left) {
			*left = 0;
			c->more = true;
			return ARCHIVE_OK;
		}
		*left -= n;
		if ((uint64_t)off >= want || n > want - (size_t)off)
			c->more = true;
		if ((uint64_t)off < want) {
			take = n < want - (size_t)off ? n : want - (size_t)off;
			content_grow(c, (size_t)off + take);
			if (take > 0)
				memcpy(c->p + off, p, take);
		}
		if (r == ARCHIVE_WARN)
			return r;
		if (c->more && !stream)
			return ARCHIVE_OK;
	}
}

/* ---- the walk ---- */

struct walk {
	struct evidence	*ev;
	const struct blob *blob;
	const struct container_ops *ops;
	void		*ctx;
	enum magic_kind	 kind;
	bool		 streaming;	/* a ZIP read without its directory */
	const char *const *pw;
	size_t		 npw;
	struct archive	*a;
	size_t		 next;		/* index of the next member to give */
	uint64_t	 left;		/* bytes that may be unpacked */
	uint64_t	 headers;	/* that reopenings may still read */
	size_t		 locked, wrong, damaged;
};

static const char *
entry_name(struct walk *w, struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);
	char *own, *p;

	if (name == NULL)
		name = archive_entry_pathname_utf8(e);
	if (name == NULL)
		return arena_printf(ev_arena(w->ev), "member-%zu", w->next);
	if (archive_format(w->a) == ARCHIVE_FORMAT_RAW)
		name = "content";
	if (strchr(name, '\\') == NULL || is_stream(w->kind))
		return name;
	own = arena_text(ev_arena(w->ev), name, strlen(name));
	for (p = own; *p != '\0'; p++)
		if (*p == '\\')
			*p = '/';
	return own;
}

/* Each password alone: the one byte that ZipCrypto checks can be fooled. */
static bool
read_with_each(struct walk *w, size_t want, struct content *c)
{
	struct archive_entry *e;
	struct archive *a;
	size_t j, i;
	int r;

	for (j = 0; j < w->npw && w->headers > w->next; j++) {
		w->headers -= w->next + 1;
		a = archive_open(w->blob, w->kind, w->streaming, w->pw + j, 1);
		if (a == NULL)
			return false;
		r = ARCHIVE_OK;
		for (i = 0; i <= w->next && r >= ARCHIVE_WARN &&
		    r != ARCHIVE_EOF; i++)
			r = archive_read_next_header(a, &e);
		c->n = 0;
		c->more = false;
		if (r >= ARCHIVE_WARN && r != ARCHIVE_EOF &&
		    content_read(a, false, want, &w->left, c) == ARCHIVE_OK) {
			archive_read_free(a);
			return true;
		}
		archive_read_free(a);
	}
	c->n = 0;
	return false;
}

/* locked: one that nobody wanted is encrypted, and there is no password. */
static void
say_state(struct walk *w, const char *name, enum container_state state,
    bool locked, const char *reason)
{
	struct span at = blob_span(w->blob);

	switch (state) {
	case CONTAINER_LOCKED:
		w->locked++;
		break;
	case CONTAINER_WRONG_PASSWORD:
		w->wrong++;
		break;
	case CONTAINER_CUT:
	case CONTAINER_DAMAGED:
		w->damaged++;
		ev_problem(w->ev, PROBLEM_PARTIAL, at,
		    "member %s is %s: %s", name, state == CONTAINER_CUT ?
		    "cut short" : "damaged", reason);
		break;
	case CONTAINER_UNSUPPORTED:
		ev_problem(w->ev, PROBLEM_PARTIAL, at,
		    "member %s cannot be unpacked: %s", name, reason);
		break;
	default:
		w->locked += locked;
	}
}

/* Reads one member and gives it; false when the archive must be reopened. */
static bool
give_entry(struct walk *w, struct archive_entry *e)
{
	struct container_entry entry = { .index = w->next };
	struct content c = { .p = NULL };
	enum container_state state = CONTAINER_LISTED;
	size_t want = 0, full, most = (size_t)ev_limits(w->ev)->body_bytes;
	bool asked_all, stream = is_stream(w->kind);
	const char *reason = "";
	int r = ARCHIVE_OK;

	entry.name = entry_name(w, e);
	entry.directory = archive_entry_filetype(e) != AE_IFREG;
	entry.encrypted = archive_entry_is_data_encrypted(e) == 1;
	entry.declared = archive_entry_size_is_set(e) ?
	    archive_entry_size(e) : -1;
	if (!entry.directory)
		want = w->ops->select(w->ctx, &entry);
	asked_all = want > most;
	if (asked_all)
		want = most;
	if (want > 0 && entry.encrypted && w->npw == 0) {
		state = CONTAINER_LOCKED;
	} else if (want > 0 && w->left == 0) {
		state = CONTAINER_LIMIT;
	} else if (want > 0 || stream) {
		r = content_read(w->a, stream, want, &w->left, &c);
		if (r != ARCHIVE_OK && want > 0)
			state = error_state(w->a, entry.encrypted);
		else if (want > 0)
			state = c.more && (asked_all || w->left == 0) ?
			    CONTAINER_LIMIT : CONTAINER_OK;
		if (r != ARCHIVE_OK)
			reason = arena_printf(ev_arena(w->ev), "%s",
			    error_text(w->a));
		if (state == CONTAINER_WRONG_PASSWORD && w->npw > 1 &&
		    w->kind == MAGIC_ZIP && read_with_each(w, want, &c))
			state = CONTAINER_OK;
		if (state == CONTAINER_WRONG_PASSWORD)
			c.n = 0;
	}
	if (state == CONTAINER_LIMIT || w->left == 0)
		ev_limit(w->ev, blob_span(w->blob), w->left == 0 ?
		    "total_bytes" : "body_bytes", "member %s is kept to "
		    "%zu bytes", entry.name, c.n);
	say_state(w, entry.name, state, entry.encrypted && w->npw == 0, reason);
	full = c.n;
	if ((c.more || state == CONTAINER_CUT || state == CONTAINER_DAMAGED) &&
	    entry.declared > 0 && (uint64_t)entry.declared > full)
		full = (size_t)entry.declared;
	else if (c.more)
		full = c.n + 1;
	if (c.n == 0) {
		free(c.p);
		c.p = NULL;
	}
	w->ops->got(w->ctx, &entry, state, c.p, c.n, full);
	return r > ARCHIVE_FATAL;
}

/* Fatal errors end the reading of a stream; a ZIP is opened again. */
enum walk_end { WALK_DONE, WALK_REOPEN, WALK_BROKEN };

static enum walk_end
walk_entries(struct walk *w)
{
	bool good = true;
	struct archive_entry *e;
	size_t i;
	int r;

	for (i = 0; good; i++) {
		r = archive_read_next_header(w->a, &e);
		if (r == ARCHIVE_EOF)
			return WALK_DONE;
		if (r < ARCHIVE_WARN)
			return WALK_BROKEN;
		if (i < w->next) {
			if (w->headers-- == 0)
				return WALK_BROKEN;
			continue;
		}
		if (w->next >= ev_limits(w->ev)->members) {
			ev_limit(w->ev, blob_span(w->blob), "members",
			    "more than %zu members; the rest is not listed",
			    w->next);
			return WALK_DONE;
		}
		good = give_entry(w, e);
		w->next++;
		if (w->left == 0 && is_stream(w->kind))
			return WALK_DONE;
	}
	return w->kind == MAGIC_ZIP ? WALK_REOPEN : WALK_BROKEN;
}

static void
say_audit(struct walk *w, const struct zip_audit *audit)
{
	struct evidence *ev = w->ev;
	struct span at = blob_span(w->blob);
	size_t before = audit->junk_before, after = audit->junk_after;

	if (audit->truncated)
		ev_problem(ev, PROBLEM_PARTIAL, at, "the ZIP's directory is "
		    "missing: the file is cut short; complete members are "
		    "read");
	if (audit->overlapping > 0)
		ev_problem(ev, PROBLEM_PARTIAL, at, "%zu members share bytes "
		    "with others, as in a ZIP bomb; little is unpacked",
		    audit->overlapping);
	if (audit->mismatched > 0)
		ev_problem(ev, PROBLEM_NOTED, at, "%zu members have another "
		    "name in the directory than before their content",
		    audit->mismatched);
	if (audit->duplicates > 0)
		ev_problem(ev, PROBLEM_NOTED, at, "%zu members have the name "
		    "of an earlier one", audit->duplicates);
	if (before > 0)
		ev_problem(ev, PROBLEM_NOTED, blob_part(w->blob, 0, before),
		    "%zu bytes stand before the ZIP", before);
	if (after > 0)
		ev_problem(ev, PROBLEM_NOTED, blob_part(w->blob,
		    w->blob->n - after, after), "%zu bytes stand after the "
		    "ZIP", after);
}

static void
say_end(struct walk *w, enum walk_end end, const char *reason, size_t entries)
{
	struct evidence *ev = w->ev;
	struct span at = blob_span(w->blob);

	if (end == WALK_BROKEN && w->next == 0)
		ev_problem(ev, strstr(reason, "ncrypt") != NULL ?
		    PROBLEM_LOCKED : PROBLEM_UNREADABLE, at,
		    "no member of this archive could be read: %s", reason);
	else if (end == WALK_BROKEN && w->damaged == 0)
		ev_problem(ev, PROBLEM_PARTIAL, at, "the archive could be "
		    "read up to member %zu: %s", w->next, reason);
	else if (entries > w->next && w->next < ev_limits(ev)->members)
		ev_problem(ev, PROBLEM_PARTIAL, at, "the ZIP's directory has "
		    "%zu members, %zu of them could be listed", entries,
		    w->next);
	if (w->locked > 0)
		ev_problem(ev, PROBLEM_LOCKED, at, w->npw == 0 ?
		    "%zu members need a password and none was given" :
		    "%zu members are locked in a way that no password opens",
		    w->locked);
	if (w->wrong > 0)
		ev_problem(ev, PROBLEM_LOCKED, at, "no given password opens "
		    "%zu of the members, or they are damaged", w->wrong);
}

void
container_walk(struct evidence *ev, const struct blob *b,
    const struct container_ops *ops, void *ctx, struct container_result *ret)
{
	struct walk w = { .ev = ev, .blob = b, .ops = ops, .ctx = ctx,
	    .kind = blob_magic(b), .left = ev_bytes_left(ev),
	    .headers = REOPEN_HEADERS };
	struct zip_audit audit = { .entries = 0 };
	enum walk_end end;
	const char *reason;

	if (ev == passwords_of) {
		w.pw = passwords;
		w.npw = npasswords;
	}
	if (w.kind == MAGIC_ZIP && zip_audit(b, &audit)) {
		/* libarchive would list all of it before the first member. */
		w.streaming = audit.truncated ||
		    audit.entries > ev_limits(ev)->members;
		if (audit.overlapping > 0 && w.left > OVERLAP_BYTES)
			w.left = OVERLAP_BYTES;
		if (!ops->again)
			say_audit(&w, &audit);
	}
	do {
		/* Each opening reads the whole directory. */
		w.headers -= audit.entries < w.headers ? audit.entries :
		    w.headers;
		w.a = archive_open(b, w.kind, w.streaming, w.pw, w.npw);
		end = w.a == NULL ? WALK_BROKEN : walk_entries(&w);
		reason = w.a == NULL ? "it cannot be opened" :
		    arena_printf(ev_arena(ev), "%s", error_text(w.a));
		if (w.a != NULL)
			archive_read_free(w.a);
		w.a = NULL;
	} while (end == WALK_REOPEN);
	if (!ops->again)
		say_end(&w, end, reason, audit.entries);
	ret->members = w.next;
	ret->locked = w.locked > 0 || w.wrong > 0;
	ret->damaged = w.damaged > 0 || audit.truncated || end == WALK_BROKEN;
}

const char *
container_format(struct evidence *ev, const struct blob *b)
{
	const struct format_name *f;
	enum magic_kind kind = blob_magic(b);
	const char *name = NULL;
	struct archive_entry *e;
	struct archive *a;

	(void)ev;
	a = archive_open(b, kind, false, NULL, 0);
	if (a == NULL)
		return kind == MAGIC_ZIP ? "zip" : NULL;
	archive_read_next_header(a, &e);
	for (f = format_names; f->name != NULL; f++)
		if (f->format == (archive_format(a) & ARCHIVE_FORMAT_BASE_MASK)
		    || f->format == archive_format(a))
			name = f->name;
	archive_read_free(a);
	return kind == MAGIC_ZIP ? "zip" : name;
}

bool
container_any_name(const struct blob *b, bool (*match)(const char *, size_t))
{
	enum magic_kind kind = blob_magic(b);
	struct content none = { .p = NULL };
	uint64_t left = LOOK_BYTES;
	struct archive_entry *e;
	struct archive *a;
	const char *name;
	bool found = false;
	int i, r;

	if (kind == MAGIC_ZIP)
		return zip_any_name(b, match);
	if (kind == MAGIC_NONE ||
	    (a = archive_open(b, kind, false, NULL, 0)) == NULL)
		return false;
	for (i = 0; i < LOOK_MEMBERS && !found && left > 0; i++) {
		r = archive_read_next_header(a, &e);
		if (r == ARCHIVE_EOF || r < ARCHIVE_WARN)
			break;
		name = archive_entry_pathname(e);
		found = name != NULL && match(name, strlen(name));
		if (!found && is_stream(kind) &&
		    content_read(a, true, 0, &left, &none) < ARCHIVE_WARN)
			break;
	}
	archive_read_free(a);
	return found;
}
