/*
 * Walks the members of ZIP, 7z, CAB, tar, cpio and RAR archives in memory,
 * goes on after a damaged member, and says what was damaged, locked or too
 * much.  Relies on container_open.h.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "decode/container.h"
#include "decode/container_open.h"

/* Header reads that all reopenings of one archive may cost together. */
#define REOPEN_HEADERS	2000000
/* What an archive may give whose members share bytes (a ZIP bomb). */
#define OVERLAP_BYTES	((uint64_t)64 << 20)
/* How far container_any_name() looks. */
#define LOOK_MEMBERS	4096
#define LOOK_BYTES	((uint64_t)16 << 20)

static const struct format_name {
	int		 format;
	const char	*name;
} format_names[] = {
	{ ARCHIVE_FORMAT_ZIP, "zip" },
	{ ARCHIVE_FORMAT_7ZIP, "7zip" },
	{ ARCHIVE_FORMAT_CAB, "cab" },
	{ ARCHIVE_FORMAT_TAR, "tar" },
	{ ARCHIVE_FORMAT_CPIO, "cpio" },
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

bool
container_magic(const struct blob *b)
{
	return container_kind(b) != MAGIC_NONE;
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
	const struct rar_member *rar;	/* of a RAR, by their index */
	size_t		 nrar;
};

/* Does libarchive decrypt what this kind of container holds? */
static bool
can_open(enum magic_kind kind)
{
	return kind == MAGIC_ZIP;
}

/* What was compressed had the name of the file without its ending. */
static const char *
content_name(struct walk *w)
{
	static const char *const endings[] = {
		".gz", ".bz2", ".xz", ".zst", NULL
	};
	const char *base = strrchr(w->blob->name, '/');
	size_t i, n, k;

	base = base != NULL ? base + 1 : w->blob->name;
	n = strlen(base);
	for (i = 0; endings[i] != NULL; i++) {
		k = strlen(endings[i]);
		if (n > k && strcasecmp(base + n - k, endings[i]) == 0)
			return arena_text(ev_arena(w->ev), base, n - k);
	}
	return "content";
}

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
		return content_name(w);
	if (strchr(name, '\\') == NULL || container_is_stream(w->kind))
		return name;
	own = arena_text(ev_arena(w->ev), name, strlen(name));
	for (p = own; *p != '\0'; p++)
		if (*p == '\\')
			*p = '/';
	return own;
}

/* As Windows counts: 100 ns since 1601. */
static uint64_t
entry_mtime(struct archive_entry *e)
{
	const int64_t epoch = 11644473600, unit = 10000000;
	int64_t seconds = archive_entry_mtime(e);

	if (!archive_entry_mtime_is_set(e) || seconds <= -epoch ||
	    seconds >= INT64_MAX / unit - epoch)
		return 0;
	return (uint64_t)((seconds + epoch) * unit +
	    archive_entry_mtime_nsec(e) / 100);
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
		a = container_open(w->blob, w->kind, w->streaming, w->pw + j, 1);
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

/* The sum in the head of a RAR's member, where it has one. */
static bool
sum_fits(const struct walk *w, const struct content *c)
{
	const struct rar_member *m = w->rar + w->next;
	uLong sum = crc32(0, NULL, 0);
	size_t at, n;

	if (w->next >= w->nrar || !m->has_crc || c->n == 0)
		return true;
	for (at = 0; at < c->n; at += n) {
		n = c->n - at < 1 << 30 ? c->n - at : 1 << 30;
		sum = crc32(sum, c->p + at, (uInt)n);
	}
	return sum == m->crc;
}

/* Reads one member and gives it; false when the archive must be reopened. */
static bool
give_entry(struct walk *w, struct archive_entry *e)
{
	struct container_entry entry = { .index = w->next };
	struct content c = { .p = NULL };
	enum container_state state = CONTAINER_LISTED;
	size_t want = 0, full, most = (size_t)ev_limits(w->ev)->body_bytes;
	bool asked_all, stream = container_is_stream(w->kind);
	const char *reason = "";
	int r = ARCHIVE_OK;

	entry.name = entry_name(w, e);
	entry.directory = archive_entry_filetype(e) != AE_IFREG;
	entry.special = entry.directory && archive_entry_filetype(e) !=
	    AE_IFDIR;
	entry.encrypted = archive_entry_is_data_encrypted(e) == 1 ||
	    (w->next < w->nrar && w->rar[w->next].locked);
	entry.declared = archive_entry_size_is_set(e) ?
	    archive_entry_size(e) : -1;
	entry.mtime = entry_mtime(e);
	if (!entry.directory)
		want = w->ops->select(w->ctx, &entry);
	asked_all = want > most;
	if (asked_all)
		want = most;
	if (want > 0 && entry.encrypted && (w->npw == 0 ||
	    !can_open(w->kind))) {
		state = CONTAINER_LOCKED;
	} else if (want > 0 && w->left == 0) {
		state = CONTAINER_LIMIT;
	} else if (want > 0 || stream) {
		r = content_read(w->a, stream, want, &w->left, &c);
		if (r != ARCHIVE_OK && want > 0)
			state = container_error_state(w->a, entry.encrypted);
		else if (want > 0)
			state = c.more && (asked_all || w->left == 0) ?
			    CONTAINER_LIMIT : CONTAINER_OK;
		if (r != ARCHIVE_OK)
			reason = arena_printf(ev_arena(w->ev), "%s",
			    container_error(w->a));
		if (state == CONTAINER_OK && !c.more && !sum_fits(w, &c)) {
			state = CONTAINER_DAMAGED;
			reason = "its CRC-32 is another";
		}
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
			if (w->headers == 0)
				return WALK_BROKEN;
			w->headers--;
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
		if (w->left == 0 && container_is_stream(w->kind))
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

/* libarchive says only in words that the heads are encrypted. */
static bool
is_sealed(const char *reason)
{
	return strstr(reason, "ncrypt") != NULL;
}

static void
say_end(struct walk *w, enum walk_end end, const char *reason, size_t entries)
{
	struct evidence *ev = w->ev;
	struct span at = blob_span(w->blob);

	if (end == WALK_BROKEN && w->next == 0 && is_sealed(reason))
		ev_problem(ev, PROBLEM_LOCKED, at, "even the names of the "
		    "members are encrypted, and no password opens them here "
		    "(%s): unpack the archive and give its members", reason);
	else if (end == WALK_BROKEN && w->next == 0)
		ev_problem(ev, PROBLEM_UNREADABLE, at,
		    "no member of this archive could be read: %s", reason);
	else if (end == WALK_BROKEN && w->headers == 0)
		ev_problem(ev, PROBLEM_PARTIAL, at, "too many members are "
		    "damaged; those after number %zu are not read", w->next);
	else if (end == WALK_BROKEN && w->damaged == 0)
		ev_problem(ev, PROBLEM_PARTIAL, at, "the archive could be "
		    "read up to member %zu: %s", w->next, reason);
	else if (entries > w->next && w->next < ev_limits(ev)->members)
		ev_problem(ev, PROBLEM_PARTIAL, at, "the ZIP's directory has "
		    "%zu members, %zu of them could be listed", entries,
		    w->next);
	if (w->locked > 0 && !can_open(w->kind))
		ev_problem(ev, PROBLEM_LOCKED, at, "%zu member%s locked, and "
		    "no password opens them here: unpack the archive and give "
		    "its members", w->locked, w->locked == 1 ? " is" :
		    "s are");
	else if (w->locked > 0)
		ev_problem(ev, PROBLEM_LOCKED, at, w->npw == 0 ?
		    "%zu member%s a password and none was given" :
		    "%zu member%s another way to be opened than a password",
		    w->locked, w->locked == 1 ? " needs" : "s need");
	if (w->wrong > 0)
		ev_problem(ev, PROBLEM_LOCKED, at, "no given password opens "
		    "%zu of the members, or they are damaged", w->wrong);
}

void
container_walk(struct evidence *ev, const struct blob *b,
    const struct container_ops *ops, void *ctx, struct container_result *ret)
{
	struct walk w = { .ev = ev, .blob = b, .ops = ops, .ctx = ctx,
	    .kind = container_kind(b), .left = ev_bytes_left(ev),
	    .headers = REOPEN_HEADERS };
	struct zip_audit audit = { .entries = 0 };
	enum walk_end end;
	const char *reason;

	if (ev == passwords_of) {
		w.pw = passwords;
		w.npw = npasswords;
	}
	if (w.kind == MAGIC_RAR || w.kind == MAGIC_RAR5)
		w.rar = rar_members(ev_arena(ev), b, w.kind == MAGIC_RAR5,
		    (size_t)ev_limits(ev)->members, &w.nrar);
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
		w.a = container_open(b, w.kind, w.streaming, w.pw, w.npw);
		end = w.a == NULL ? WALK_BROKEN : walk_entries(&w);
		reason = w.a == NULL ? "it cannot be opened" :
		    arena_printf(ev_arena(ev), "%s", container_error(w.a));
		if (w.a != NULL)
			archive_read_free(w.a);
		w.a = NULL;
	} while (end == WALK_REOPEN);
	if (!ops->again)
		say_end(&w, end, reason, audit.entries);
	ret->members = w.next;
	ret->locked = w.locked > 0 || w.wrong > 0 || (end == WALK_BROKEN &&
	    w.next == 0 && is_sealed(reason));
	ret->damaged = w.damaged > 0 || audit.truncated ||
	    (end == WALK_BROKEN && !ret->locked);
}

const char *
container_format(struct evidence *ev, const struct blob *b)
{
	const struct format_name *f;
	enum magic_kind kind = container_kind(b);
	const char *name = NULL;
	struct archive_entry *e;
	struct archive *a;

	(void)ev;
	a = container_open(b, kind, false, NULL, 0);
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
	enum magic_kind kind = container_kind(b);
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
	    (a = container_open(b, kind, false, NULL, 0)) == NULL)
		return false;
	for (i = 0; i < LOOK_MEMBERS && !found && left > 0; i++) {
		r = archive_read_next_header(a, &e);
		if (r == ARCHIVE_EOF || r < ARCHIVE_WARN)
			break;
		name = archive_entry_pathname(e);
		found = name != NULL && match(name, strlen(name));
		if (!found && container_is_stream(kind) &&
		    content_read(a, true, 0, &left, &none) < ARCHIVE_WARN)
			break;
	}
	archive_read_free(a);
	return found;
}
