/*
 * The items and facts that every reader of a container makes: the archive
 * itself and a file for each member.  Relies on container.h.
 */
#include <string.h>

#include "decode/container.h"
#include "decode/parser.h"

#define HELD	ARTIFACT(CAPTURE)

const struct field archive_format_f = {
	.name = "archive.format", .type = VALUE_TEXT, .kinds = KIND(ARCHIVE),
	.artifacts = HELD,
	.help = "format of the container: zip, 7zip, cab, tar, cpio, rar, "
	    "compressed, mail; of sessions in other forms: har, text, folder"
};
const struct field archive_comment = {
	.name = "archive.comment", .type = VALUE_TEXT, .kinds = KIND(ARCHIVE),
	.artifacts = HELD,
	.help = "comment of a ZIP: Fiddler writes its version there"
};
const struct field archive_members = {
	.name = "archive.members", .type = VALUE_INT, .kinds = KIND(ARCHIVE),
	.artifacts = HELD, .help = "members that were found in the container"
};
const struct field archive_locked = {
	.name = "archive.locked", .type = VALUE_BOOL, .kinds = KIND(ARCHIVE),
	.artifacts = HELD,
	.help = "did some members stay closed for want of a password?"
};
const struct field archive_damaged = {
	.name = "archive.damaged", .type = VALUE_BOOL, .kinds = KIND(ARCHIVE),
	.artifacts = HELD,
	.help = "is the container, or a member of it, damaged or cut short?"
};

extern const struct field file_name;

struct item *
archive_item(struct evidence *ev, const struct blob *b)
{
	struct item *archive = ev_item(ev, ITEM_ARCHIVE,
	    item_up(b->item, ITEM_FILE), blob_span(b));
	const char *format = container_format(ev, b);
	struct zip_audit audit;
	struct span at;

	if (format == NULL)
		return archive;
	ev_derive(ev, archive, &archive_format_f, value_str(format),
	    blob_span(b), NULL, 0, NULL);
	if (strcmp(format, "zip") != 0 || !zip_audit(b, &audit) ||
	    audit.comment.len == 0)
		return archive;
	at = audit.comment;
	if (at.len > ev_limits(ev)->value_bytes)
		at.len = (size_t)ev_limits(ev)->value_bytes;
	ev_fact(ev, archive, &archive_comment, value_text((const char *)
	    b->p + at.off, at.len), at);
	return archive;
}

void
archive_facts(struct evidence *ev, struct item *archive, const struct blob *b,
    const struct container_result *r)
{
	struct span at = blob_span(b);

	ev_derive(ev, archive, &archive_members,
	    value_int((int64_t)r->members), at, NULL, 0, NULL);
	ev_derive(ev, archive, &archive_locked, value_bool(r->locked), at,
	    NULL, 0, NULL);
	ev_derive(ev, archive, &archive_damaged, value_bool(r->damaged), at,
	    NULL, 0, NULL);
}

const char *
archive_how(struct evidence *ev, const struct item *archive)
{
	const char *format = item_text(archive, &archive_format_f);

	return arena_printf(ev_arena(ev), "%s member",
	    format != NULL ? format : "archive");
}

void
archive_file(struct evidence *ev, struct item *archive, const struct blob *b,
    const struct container_entry *e, enum container_state state, uint8_t *p,
    size_t n, size_t full)
{
	const char *base = strrchr(e->name, '/');
	struct item *file = ev_item(ev, ITEM_FILE, archive, SPAN_NONE);
	const struct blob *member;

	member = ev_member(ev, b, e->name, archive_how(ev, archive),
	    n == 0 && state != CONTAINER_OK ? HINT_NONE : NULL, file, p, n,
	    full);
	file->at = blob_span(member != NULL ? member : b);
	ev_derive(ev, file, &file_name, value_str(base != NULL ? base + 1 :
	    e->name), file->at, NULL, 0, "the name of the member");
}
