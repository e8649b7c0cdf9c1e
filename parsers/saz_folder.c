/*
 * Puts the sessions of a capture together that somebody has unpacked: files
 * named raw/12_c.txt and so on are given one by one or as a folder.
 * Relies on decode/sessions.h; what the files hold decides, not their names.
 */
#include <string.h>
#include <strings.h>

#include "decode/container.h"
#include "decode/parser.h"
#include "decode/sessions.h"
#include "parsers/fields.h"

extern const struct parser parser_saz_folder;

/* The first line of a text, to its end or a bound. */
static size_t
first_line(const struct blob *b)
{
	size_t n = b->n < 65536 ? b->n : 65536;
	const uint8_t *nl = memchr(b->p, '\n', n);

	return nl != NULL ? (size_t)(nl - b->p) : n;
}

static bool
is_part(const struct blob *b, enum part part)
{
	size_t i, n = first_line(b);

	switch (part) {
	case PART_C:
		for (i = 0; i < n && b->p[i] >= 'A' && b->p[i] <= 'Z'; i++)
			continue;
		return i > 0 && i < n && b->p[i] == ' ' &&
		    memmem(b->p, n, " HTTP/", 6) != NULL;
	case PART_S:
		return n > 5 && memcmp(b->p, "HTTP/", 5) == 0;
	case PART_M:
		return memmem(b->p, b->n < 4096 ? b->n : 4096, "<Session ",
		    9) != NULL;
	default:
		return false;
	}
}

static bool
name_of(const struct blob *b, struct part_name *ret)
{
	size_t n = strlen(b->name);

	/* A second file of that name was given: "1_c.txt#2". */
	return b->kind == BLOB_INPUT && (part_name_parse(b->name, n, ret) ||
	    part_name_bare(b->name, n, ret));
}

static int
folder_bid(const struct evidence *ev, const struct blob *b)
{
	struct part_name name;

	(void)ev;
	return name_of(b, &name) && is_part(b, name.part) ? 96 : 0;
}

/* The file is ours, and nobody else shall read it. */
static void
take(struct evidence *ev, struct blob *b)
{
	b->queued = false;
	b->parser = &parser_saz_folder;
	if (b->n == 0)
		ev_input_of(ev, b)->state = INPUT_READ;
	ev_input_kind(ev, b, "saz");
}

static bool
same_folder(const struct part_name *a, const struct part_name *b)
{
	return a->nfolder == b->nfolder &&
	    memcmp(a->folder, b->folder, a->nfolder) == 0;
}

/* _index.htm and [Content_Types].xml stand beside raw/. */
static bool
is_extra(const struct blob *b, const struct part_name *of)
{
	return part_name_extra(b->name) && strlen(b->name) > of->nfolder &&
	    memcmp(b->name, of->folder, of->nfolder) == 0 &&
	    strchr(b->name + of->nfolder, '/') == NULL;
}

static size_t
collect(struct evidence *ev, struct blob *first, const struct part_name *of,
    struct sessions *all)
{
	const struct input *inputs;
	struct session_part *m;
	struct part_name name;
	struct blob *b;
	size_t n, i, at, found = 0;

	inputs = ev_inputs(ev, &n);
	for (i = 0; i < n; i++) {
		b = ev_blob(ev, inputs[i].blob);
		if (b != first && b->parser != NULL)
			continue;
		if (is_extra(b, of))
			take(ev, b);
		if (!name_of(b, &name) || !same_folder(&name, of) ||
		    inputs[i].state == INPUT_UNREADABLE)
			continue;
		at = sessions_find(all, &name);
		m = &all->p[at].parts[name.part];
		found++;
		if (m->name != NULL) {
			ev_problem(ev, PROBLEM_NOTED, blob_span(b), "is the "
			    "same part of session %lu as %s, which is read",
			    name.number, m->name);
			take(ev, b);
			continue;
		}
		*m = (struct session_part){ .name = b->name, .n = b->n,
		    .full = b->n, .blob = b };
		take(ev, b);
	}
	return found;
}

static void
folder_read(struct evidence *ev, struct blob *b)
{
	struct sessions all = { .p = NULL };
	struct container_result result = { .members = 0 };
	const struct blob *request;
	struct part_name name;
	struct item *archive;
	struct session *s;

	if (!name_of(b, &name))
		return;
	archive = ev_item(ev, ITEM_ARCHIVE, b->item, blob_span(b));
	ev_derive(ev, archive, &archive_format_f, value_str("folder"),
	    blob_span(b), NULL, 0, "the names of the files");
	result.members = collect(ev, b, &name, &all);
	archive_facts(ev, archive, b, &result);
	sessions_sort(&all);
	for (s = all.p; s < all.p + all.n; s++) {
		request = s->parts[PART_C].blob;
		s->other = request != NULL && session_is_other(ev, b,
		    request->p, request->n);
	}
	if (sessions_add(ev, &all, archive, b, "file"))
		ev_artifact(archive, ARTIFACT_CAPTURE);
	sessions_clear(&all);
}

static const struct field *const folder_fields[] = { NULL };

const struct parser parser_saz_folder = {
	.name = "saz-folder", .bid = folder_bid, .read = folder_read,
	.fields = folder_fields
};
