/*
 * Reads mails and mailboxes with parts or encodings: what was written is text
 * for the other parsers, attachments are files.  A mail of plain text alone
 * is left to those who read text.  Relies on decode/mime.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/container.h"
#include "decode/mime.h"
#include "decode/parser.h"
#include "parsers/fields.h"

#define LEVELS		16	/* parts inside parts */

struct mail {
	struct evidence	*ev;
	struct blob	*blob;
	struct item	*archive;
	size_t		 parts, attachments;
	bool		 full;
};

/* The start of the next line from off on. */
static size_t
line_next(const struct blob *b, size_t off, size_t end)
{
	const uint8_t *nl = off < end ? memchr(b->p + off, '\n', end - off) :
	    NULL;

	return nl != NULL ? (size_t)(nl - b->p) + 1 : end;
}

static bool
starts(const struct blob *b, size_t off, size_t end, const char *text)
{
	size_t n = strlen(text);

	return off <= end && end - off >= n &&
	    memcmp(b->p + off, text, n) == 0;
}

/* ---- parts ---- */

static struct span
trim_end(const struct blob *b, struct span at)
{
	if (at.len > 0 && b->p[at.off + at.len - 1] == '\n')
		at.len--;
	if (at.len > 0 && b->p[at.off + at.len - 1] == '\r')
		at.len--;
	return at;
}

static void
attachment_add(struct mail *m, const struct mime_head *h, struct span body)
{
	struct container_entry e = { .index = m->attachments++, .name = h->name,
	    .declared = -1 };
	uint8_t *p;
	size_t n;

	if (e.name == NULL || *e.name == '\0')
		e.name = strcmp(h->type, "message/rfc822") == 0 ?
		    "message.eml" : arena_printf(ev_arena(m->ev), "part-%zu",
		    m->attachments);
	if (body.len > ev_limits(m->ev)->body_bytes) {
		ev_limit(m->ev, body, "body_bytes", "an attachment of %zu "
		    "bytes is not read", body.len);
		body.len = 0;
	}
	p = mime_decode(h->encoding, m->blob->p + body.off, body.len, &n);
	archive_file(m->ev, m->archive, m->blob, &e, CONTAINER_OK, p, n, n);
}

/* What was written, as it stands or decoded. */
static void
text_add(struct mail *m, const struct mime_head *h, struct span body)
{
	const char *hint = strcmp(h->type, "text/html") == 0 ? "text/html" :
	    HINT_TEXT;
	uint8_t *p;
	size_t n;

	if (body.len == 0 || body.len > ev_limits(m->ev)->text_bytes)
		return;
	if (h->encoding == MIME_PLAIN) {
		ev_slice(m->ev, body, "mail text", hint, m->blob->item);
		return;
	}
	p = mime_decode(h->encoding, m->blob->p + body.off, body.len, &n);
	if (p != NULL)
		ev_step(m->ev, body, h->encoding == MIME_BASE64 ? "base64" :
		    "quoted-printable", hint, m->blob->item, p, n);
}

/* A part's place; false when there is none any more. */
static bool
part_next(const struct blob *b, size_t *off, size_t end, const char *boundary,
    struct span *ret)
{
	size_t n = strlen(boundary), line, start = SIZE_MAX;

	for (line = *off; line < end; line = line_next(b, line, end)) {
		if (!starts(b, line, end, "--") ||
		    !starts(b, line + 2, end, boundary))
			continue;
		if (start != SIZE_MAX) {
			*ret = trim_end(b, blob_part(b, start, line - start));
			*off = line;
			return true;
		}
		if (starts(b, line + 2 + n, end, "--"))
			return false;
		start = line_next(b, line, end);
	}
	/* The mail is cut short: what is there is the part. */
	*off = end;
	*ret = blob_part(b, start == SIZE_MAX ? end : start, start ==
	    SIZE_MAX ? 0 : end - start);
	return start != SIZE_MAX && start < end;
}

static void	part_read(struct mail *, struct span, unsigned int level,
		    bool skip_html);

static void
multipart_read(struct mail *m, const struct mime_head *h, struct span body,
    unsigned int level)
{
	bool plain = false;
	struct mime_head head;
	struct span part;
	size_t off, end = body.off + body.len;

	/* Of alternatives the plain one is read. */
	if (strcmp(h->type, "multipart/alternative") == 0)
		for (off = body.off; part_next(m->blob, &off, end, h->boundary,
		    &part);)
			plain |= mime_head_parse(m->ev, m->blob, part,
			    &head) && strcmp(head.type, "text/plain") == 0;
	for (off = body.off; !m->full && part_next(m->blob, &off, end,
	    h->boundary, &part);)
		part_read(m, part, level + 1, plain);
}

static void
part_read(struct mail *m, struct span at, unsigned int level, bool skip_html)
{
	struct mime_head h;
	struct span body;

	if (m->parts++ >= ev_limits(m->ev)->members || level > LEVELS) {
		ev_limit(m->ev, at, level > LEVELS ? "depth" : "members",
		    "a mail has too many parts; the rest is not read");
		m->full = true;
		return;
	}
	if (!mime_head_parse(m->ev, m->blob, at, &h))
		return;
	body = blob_part(m->blob, h.body, at.off + at.len - h.body);
	if (strncmp(h.type, "multipart/", 10) == 0 && h.boundary != NULL &&
	    *h.boundary != '\0')
		multipart_read(m, &h, body, level);
	else if (strncmp(h.type, "text/", 5) != 0 || h.attachment ||
	    (h.name != NULL && *h.name != '\0'))
		attachment_add(m, &h, body);
	else if (!skip_html || strcmp(h.type, "text/html") != 0)
		text_add(m, &h, body);
}

/* ---- mails and mailboxes ---- */

/* A mailbox: each mail begins with "From " at a line's start (RFC 4155). */
static bool
is_mailbox(const struct blob *b)
{
	return starts(b, 0, b->n, "From ");
}

static size_t
mailbox_next(const struct blob *b, size_t off)
{
	size_t line;
	bool blank = false;

	for (line = line_next(b, off, b->n); line < b->n;
	    line = line_next(b, line, b->n)) {
		if (blank && starts(b, line, b->n, "From "))
			return line;
		blank = b->p[line] == '\n' || starts(b, line, b->n, "\r\n");
	}
	return b->n;
}

static int
mail_bid(const struct evidence *ev, const struct blob *b)
{
	struct mime_head h;
	size_t off = 0, most = b->n < 65536 ? b->n : 65536;

	if (b->item->kind != ITEM_FILE || b->n < 16 ||
	    (b->hint != NULL && !blob_hint_is(b, "message/rfc822")))
		return 0;
	if (is_mailbox(b))
		off = line_next(b, 0, b->n);
	else if (!((b->p[0] | 0x20) >= 'a' && (b->p[0] | 0x20) <= 'z'))
		return 0;
	if (off >= most || !mime_head_parse((struct evidence *)(uintptr_t)ev,
	    b, blob_part(b, off, most - off), &h) || h.mail < 1 ||
	    h.body >= b->n)
		return 0;
	if (off > 0)
		return h.mail > 1 || h.mime ? 90 : 0;
	if (!h.mime || (h.mail < 2 && h.boundary == NULL))
		return 0;
	return h.boundary != NULL || h.encoding != MIME_PLAIN ||
	    strncmp(h.type, "text/", 5) != 0 ? 90 : 0;
}

static void
mail_read(struct evidence *ev, struct blob *b)
{
	struct mail m = { .ev = ev, .blob = b };
	struct container_result result = { .members = 0 };
	size_t off, next;

	ev_input_kind(ev, b, "mail");
	if (b->depth >= ev_limits(ev)->depth) {
		ev_limit(ev, blob_span(b), "depth", "a mail inside %u "
		    "containers is not opened", b->depth);
		return;
	}
	m.archive = ev_item(ev, ITEM_ARCHIVE, b->item, blob_span(b));
	ev_derive(ev, m.archive, &archive_format_f, value_str("mail"),
	    blob_span(b), NULL, 0, NULL);
	if (!is_mailbox(b))
		part_read(&m, blob_span(b), 0, false);
	else
		for (off = 0; off < b->n && !m.full; off = next) {
			next = mailbox_next(b, off);
			off = line_next(b, off, b->n);
			part_read(&m, blob_part(b, off, next - off), 0, false);
		}
	result.members = m.attachments;
	archive_facts(ev, m.archive, b, &result);
}

static const struct field *const mail_fields[] = { NULL };

const struct parser parser_mail = {
	.name = "mail", .bid = mail_bid, .read = mail_read,
	.fields = mail_fields
};
