/*
 * Opens a container that is no capture and lays out its members as files for
 * all parsers.  Relies on decode/container.h.
 */
#include "decode/container.h"
#include "decode/parser.h"
#include "parsers/fields.h"

struct archive_read {
	struct evidence	*ev;
	const struct blob *blob;
	struct item	*archive;
};

static size_t
want_all(void *ctx, const struct container_entry *e)
{
	(void)ctx;
	(void)e;
	return SIZE_MAX;
}

static void
got_member(void *ctx, const struct container_entry *e,
    enum container_state state, uint8_t *p, size_t n, size_t full)
{
	struct archive_read *r = ctx;

	if (!e->directory)
		archive_file(r->ev, r->archive, r->blob, e, state, p, n, full);
}

static int
archive_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return container_magic(b) ? 60 : 0;
}

static void
archive_read(struct evidence *ev, struct blob *b)
{
	static const struct container_ops ops = {
		.select = want_all, .got = got_member
	};
	struct archive_read r = { .ev = ev, .blob = b };
	struct container_result result;

	ev_input_kind(ev, b, "archive");
	if (b->depth >= ev_limits(ev)->depth) {
		ev_limit(ev, blob_span(b), "depth", "a container inside %u "
		    "others is not opened", b->depth);
		return;
	}
	r.archive = archive_item(ev, b);
	container_walk(ev, b, &ops, &r, &result);
	archive_facts(ev, r.archive, b, &result);
}

static const struct field *const archive_fields[] = {
	&archive_format_f, &archive_comment, &archive_members, &archive_locked,
	&archive_damaged, NULL
};

const struct parser parser_archive = {
	.name = "archive", .bid = archive_bid, .read = archive_read,
	.fields = archive_fields
};
