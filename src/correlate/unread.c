/*
 * Members of containers that nothing could read: they are named, so that
 * nobody takes silence for a look.  Relies on the worklist having ended.
 */
#include <string.h>

#include "correlate/correlator.h"
#include "parsers/fields.h"

#define NAMES	8	/* that are said one by one */

FIELD(file_unread, "file.unread", BOOL, KIND(FILE), 0,
    "the member is present, and nothing here reads what it is");
FIELD(archive_unread, "archive.unread", INT, KIND(ARCHIVE), 0,
    "members that are present and not read");

struct list {
	struct item	*archive;
	const struct fact *why;
	const char	*names;
	size_t		 n;
};

/* Of what the container itself could not give, a problem tells already. */
static bool
is_unread(const struct blob *b)
{
	return b->kind == BLOB_MEMBER && b->parser == NULL && b->n > 0 &&
	    b->hint == NULL && b->item->kind == ITEM_FILE &&
	    b->item->parent != NULL && b->item->parent->kind == ITEM_ARCHIVE;
}

static void
list_add(struct evidence *ev, struct list *l, const struct blob *b)
{
	l->archive = b->item->parent;
	l->why = ev_derive(ev, b->item, &file_unread, value_bool(true),
	    blob_span(b), NULL, 0, NULL);
	if (l->n < NAMES)
		l->names = arena_printf(ev_arena(ev), "%s%s%.80s",
		    l->n == 0 ? "" : l->names, l->n == 0 ? "" : ", ", b->name);
	l->n++;
}

static void
list_say(struct evidence *ev, const struct list *l)
{
	ev_derive(ev, l->archive, &archive_unread, value_int((int64_t)l->n),
	    SPAN_NONE, &l->why, 1, NULL);
	ev_problem(ev, PROBLEM_NOTED, l->archive->at, "%zu member%s present "
	    "and not read: %s%s", l->n, l->n == 1 ? " is" : "s are", l->names,
	    l->n > NAMES ? ", ..." : "");
}

static void
run(struct evidence *ev, int64_t as_of)
{
	const struct item *last = ev_last(ev, ITEM_ARCHIVE);
	const struct blob *b;
	struct list *lists;
	size_t i;

	(void)as_of;
	if (last == NULL)
		return;
	lists = arena_alloc(ev_arena(ev), last->number * sizeof(*lists));
	for (i = 0; i < last->number; i++)
		lists[i] = (struct list){ 0 };
	for (i = 0; i < ev_blob_count(ev); i++) {
		b = ev_blob(ev, (uint32_t)i);
		if (is_unread(b))
			list_add(ev, &lists[b->item->parent->number - 1], b);
	}
	for (i = 0; i < last->number; i++)
		if (lists[i].n > 0)
			list_say(ev, &lists[i]);
}

static const struct field *const fields[] = {
	&archive_unread, &file_unread, NULL
};

const struct correlator correlator_unread = {
	.name = "unread", .run = run, .fields = fields
};
