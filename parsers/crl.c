/*
 * Reads a certificate revocation list: whose it is, when it was made and how
 * many it revokes.  Which certificate named its address, and whether that one
 * stands in it, downloads.c tells.  Relies on decode/crl.h; RFC 5280, 5.
 */
#include "decode/crl.h"
#include "decode/parser.h"
#include "parsers/fields.h"

#define F(id, n, t, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(FILE) | KIND(RESPONSE) | KIND(STORE_ELEMENT),	\
	    __VA_ARGS__ }

F(crl_issuer, "crl.issuer", TEXT, .help =
    "who issued the revocation list that stands here");
F(crl_this_update, "crl.this_update", TIME, .help =
    "when that list was made");
F(crl_next_update, "crl.next_update", TIME, .help =
    "when the next one is due");
F(crl_entries, "crl.entries", INT, .help =
    "how many certificates it revokes");

static const struct field *const fields[] = {
	&crl_issuer, &crl_this_update, &crl_next_update, &crl_entries, NULL
};

static int
crl_bid(const struct evidence *ev, const struct blob *b)
{
	struct crl_parts crl;

	return crl_walk(ev, b, blob_span(b), &crl) ? 90 : 0;
}

static void
time_add(struct evidence *ev, struct item *it, const struct field *field,
    const struct der *d)
{
	int64_t us;

	if (der_time(d, &us))
		ev_fact(ev, it, field, value_time(us), der_span(d));
}

static void
crl_read(struct evidence *ev, struct blob *b)
{
	static const enum item_kind kinds_of[] = {
		ITEM_STORE_ELEMENT, ITEM_RESPONSE, ITEM_FILE
	};
	struct item *it = NULL;
	struct crl_parts crl;
	const char *name;
	size_t i, n, entries;

	if (!crl_walk(ev, b, blob_span(b), &crl))
		return;
	for (i = 0; i < 3 && it == NULL; i++)
		it = item_up(b->item, kinds_of[i]);
	if (it == NULL || item_fact(it, &crl_issuer) != NULL)
		return;
	ev_input_kind(ev, b, "certificate");
	if (der_name(ev, &crl.issuer, &name, &n))
		ev_fact(ev, it, &crl_issuer, value_text(name, n),
		    der_span(&crl.issuer));
	time_add(ev, it, &crl_this_update, &crl.this_update);
	if (crl.has_next)
		time_add(ev, it, &crl_next_update, &crl.next_update);
	crl_find(ev, &crl, NULL, 0, &entries);
	ev_derive(ev, it, &crl_entries, value_int((int64_t)entries),
	    der_span(crl.has_revoked ? &crl.revoked : &crl.whole), NULL, 0,
	    NULL);
	if (crl.whole.cut)
		ev_damage(ev, der_span(&crl.whole), "the revocation list is "
		    "cut");
}

const struct parser parser_crl = {
	.name = "crl", .bid = crl_bid, .read = crl_read, .fields = fields
};
