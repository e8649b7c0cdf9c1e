/*
 * What the other SCEP requests ask for, opened: the certificate or CRL of an
 * issuer and serial number, the state of a request by two names; and anything
 * else that a key opened and no other parser knows.
 * Relies on der.h; RFC 8894 3.3.3 to 3.3.5.
 */
#include <string.h>

#include "decode/cms.h"
#include "decode/parser.h"
#include "parsers/fields.h"

#define OPENED	ARTIFACT(OPENED)

#define FIELD(id, dotted, kind_of_value, ...)				\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_##kind_of_value, .kinds = KIND(ENVELOPE),	\
	    .artifacts = OPENED, __VA_ARGS__ }

FIELD(scep_query_issuer, "scep_query.issuer", TEXT,
    .help = "issuer that a GetCert, GetCRL or CertPoll asks for");
FIELD(scep_query_serial, "scep_query.serial", BYTES,
    .help = "serial number that a GetCert or GetCRL asks for");
FIELD(scep_query_subject, "scep_query.subject", TEXT, .personal = true,
    .help = "subject that a CertPoll asks for");

static const struct field *const fields[] = {
	&scep_query_issuer, &scep_query_serial, &scep_query_subject, NULL
};

/* SEQUENCE OF SET OF SEQUENCE { OID, value }; an empty one, too. */
static bool
is_name(const struct evidence *ev, const struct der *d)
{
	struct der_iter it;
	struct der rdn, attribute, oid;

	if (!der_is(d, DER_UNIVERSAL, DER_SEQUENCE) || d->cut)
		return false;
	der_enter(&it, ev, d);
	while (it.off < it.end) {
		struct der_iter inside;

		if (!der_want(&it, DER_UNIVERSAL, DER_SET, &rdn))
			return false;
		der_enter(&inside, ev, &rdn);
		if (!der_want(&inside, DER_UNIVERSAL, DER_SEQUENCE,
		    &attribute))
			return false;
		der_enter(&inside, ev, &attribute);
		if (!der_want(&inside, DER_UNIVERSAL, DER_OID, &oid))
			return false;
	}
	return true;
}

static bool
query_walk(const struct evidence *ev, const struct blob *b,
    struct der *ret_issuer, struct der *ret_other)
{
	struct der_iter it;
	struct der whole;

	if (!der_at(ev, b, blob_span(b), &whole) ||
	    !der_is(&whole, DER_UNIVERSAL, DER_SEQUENCE) || whole.cut)
		return false;
	der_enter(&it, ev, &whole);
	return der_next(&it, ret_issuer) && is_name(ev, ret_issuer) &&
	    ret_issuer->len > 0 && der_next(&it, ret_other) &&
	    (der_is(ret_other, DER_UNIVERSAL, DER_INTEGER) ||
	    is_name(ev, ret_other)) && it.off == it.end;
}

static int
query_bid(const struct evidence *ev, const struct blob *b)
{
	struct der issuer, other;

	if (b->kind != BLOB_STEP || b->item->kind != ITEM_ENVELOPE)
		return 0;
	return query_walk(ev, b, &issuer, &other) ? 60 : 16;
}

static void
query_read(struct evidence *ev, struct blob *b)
{
	struct der issuer, other;

	if (!query_walk(ev, b, &issuer, &other)) {
		ev_problem(ev, PROBLEM_NOTED, blob_span(b), "a key opened "
		    "%zu bytes of no kind that is known; aiktriage decode "
		    "--key shows them", b->n);
		return;
	}
	cms_name_fact(ev, b->item, &scep_query_issuer, &issuer);
	if (der_is(&other, DER_UNIVERSAL, DER_INTEGER))
		cms_serial_fact(ev, b->item, &scep_query_serial, &other);
	else
		cms_name_fact(ev, b->item, &scep_query_subject, &other);
}

const struct parser parser_scep_query = {
	.name = "scep_query", .bid = query_bid, .read = query_read,
	.fields = fields
};
