/*
 * Certificates of the case that have one subject and one key: what the newer
 * one says otherwise than the one before it, field by field.
 * Relies on attempt.h, signatures.h and evidence/cert.h.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "correlate/signatures.h"
#include "evidence/cert.h"

#define SHOWN	160	/* bytes of a value that is shown */

FIELD(cert_predecessor, "cert.predecessor", BYTES, KIND(CERTIFICATE), 0,
    "SHA-1 of the certificate of the same subject and key before it, in the "
    "case");
FIELD(cert_differs, "cert.differs", TEXT, KIND(CERTIFICATE), 0,
    "field that differs from the predecessor's: name, old and new value",
    .repeated = true);

/* In the order in which a person compares them. */
static const struct field *const compared[] = {
	&cert_version, &cert_serial, &cert_signature, &cert_issuer,
	&cert_not_before, &cert_not_after, &cert_subject, &cert_key,
	&cert_ski, &cert_aki, &cert_ca, &cert_path_length, &cert_key_usage,
	&cert_eku, &cert_policy, &cert_policy_cps, &cert_san, &cert_aia,
	&cert_crl, &cert_ocsp, &cert_name_constraints, &cert_extension,
	&cert_critical
};

struct twin {
	struct item	*item;
	const struct fact *sha256, *subject;
	struct der	 spki;
	int64_t		 from, to;
	size_t		 first;		/* the same certificate before it */
	const struct twin *before;
};

/* All values of a field as one text. */
static const char *
values_text(struct evidence *ev, const struct item *it,
    const struct field *field)
{
	const struct fact *f;
	const char *text = "", *value;
	size_t n, count = 0;

	for (f = item_fact(it, field); f != NULL && count < 32;
	    f = fact_next(f), count++) {
		value = value_show(ev, field, &f->value, true, &n);
		text = arena_printf(ev_arena(ev), "%s%s%.*s", text,
		    count > 0 ? ", " : "", (int)(n < SHOWN ? n : SHOWN),
		    value);
	}
	return count > 0 ? text : "none";
}

static void
differ(struct evidence *ev, struct item *it, const struct item *old)
{
	const struct fact *why[2] = {
		item_fact(it, &cert_sha256), item_fact(old, &cert_sha256)
	};
	const char *was, *is;
	bool any = false;
	size_t i;

	if (item_fact(old, &cert_sha1) != NULL)
		ev_derive(ev, it, &cert_predecessor,
		    item_fact(old, &cert_sha1)->value, SPAN_NONE, why, 2,
		    NULL);
	for (i = 0; i < sizeof(compared) / sizeof(compared[0]); i++) {
		was = values_text(ev, old, compared[i]);
		is = values_text(ev, it, compared[i]);
		if (strcmp(was, is) == 0)
			continue;
		any = true;
		ev_derive(ev, it, &cert_differs, value_str(arena_printf(
		    ev_arena(ev), "%s: %s -> %s", compared[i]->name, was,
		    is)), SPAN_NONE, why, 2, NULL);
	}
	if (!fact_equal(item_fact(it, &cert_subject_sha1),
	    item_fact(old, &cert_subject_sha1)) ||
	    !fact_equal(item_fact(it, &cert_issuer_sha1),
	    item_fact(old, &cert_issuer_sha1))) {
		any = true;
		ev_derive(ev, it, &cert_differs,
		    value_str("encoding of the names"), SPAN_NONE, why, 2,
		    NULL);
	}
	if (!any)
		ev_derive(ev, it, &cert_differs,
		    value_str("encoding or signature alone"), SPAN_NONE, why,
		    2, NULL);
}

static bool
same_key(const struct twin *a, const struct twin *b)
{
	return CERT_HAS(a->spki) && CERT_HAS(b->spki) &&
	    a->spki.len == b->spki.len && memcmp(der_bytes(&a->spki),
	    der_bytes(&b->spki), a->spki.len) == 0;
}

/* Later by its start, else its end, else its place in the case. */
static bool
is_later(const struct twin *a, const struct twin *b)
{
	if (a->from != b->from)
		return a->from > b->from;
	if (a->to != b->to)
		return a->to > b->to;
	return a > b;
}

static void
twin_read(struct evidence *ev, struct item *it, struct twin *t)
{
	const struct blob *b = ev_blob(ev, it->at.blob);
	struct cert_parts parts;

	*t = (struct twin){ .item = it,
	    .sha256 = item_fact(it, &cert_sha256),
	    .subject = item_fact(it, &cert_subject_normal),
	    .from = item_number(it, &cert_not_before, 0),
	    .to = item_number(it, &cert_not_after, 0) };
	if (b->p != NULL && cert_walk(ev, b, it->at, &parts) >= 2)
		t->spki = parts.spki;
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct twin *v;
	struct item *it;
	size_t i, k, n = 0;

	(void)as_of;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		n++;
	v = arena_alloc(ev_arena(ev), (n + 1) * sizeof(*v));
	n = 0;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		twin_read(ev, it, &v[n]);
		if (v[n].sha256 == NULL || v[n].subject == NULL)
			continue;
		v[n].first = n;
		for (k = 0; k < n; k++)
			if (fact_equal(v[k].sha256, v[n].sha256)) {
				v[n].first = v[k].first;
				break;
			}
		n++;
	}
	for (i = 0; i < n; i++) {
		if (v[i].first != i)
			continue;
		for (k = 0; k < n; k++)
			if (v[k].first == k && k != i &&
			    fact_equal(v[k].subject, v[i].subject) &&
			    same_key(&v[k], &v[i]) && is_later(&v[i], &v[k]) &&
			    (v[i].before == NULL ||
			    is_later(&v[k], v[i].before)))
				v[i].before = &v[k];
	}
	for (i = 0; i < n; i++)
		if (v[v[i].first].before != NULL)
			differ(ev, v[i].item, v[v[i].first].before->item);
}

static const struct field *const fields[] = {
	&cert_predecessor, &cert_differs, NULL
};

const struct correlator correlator_twins = {
	.name = "twins", .run = run, .fields = fields
};
