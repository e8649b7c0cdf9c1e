/*
 * The certificates of the case, one row for each SHA-256, linked to their
 * issuers inside the case.  Relies on the facts of parsers/x509.c and of the
 * roles correlator.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "decode/tpm_id.h"
#include "parsers/fields.h"
#include "report/model.h"

#define CHAIN_MAX	8

static bool
str_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* What only one of its places says (a role, say) is taken from that one. */
static void
fill(struct evidence *ev, struct str *s, const struct item *item,
    const struct field *field)
{
	if (str_empty(*s))
		*s = item_show(ev, item, field);
}

static void
row_fill(struct evidence *ev, struct row_certificate *row, struct item *item)
{
	struct str	role = item_show(ev, item, &cert_role);

	if (str_empty(row->role) || str_equal(row->role, str_of("other")))
		row->role = role;
	fill(ev, &row->vendor, item, &cert_vendor);
	fill(ev, &row->vendor, item, &tpm_vendor);
	list_add(ev_arena(ev), &row->items, item);
}

static void
certificate_row(struct model *model, struct item *item)
{
	struct evidence		*ev = model->ev;
	struct arena		*arena = ev_arena(ev);
	struct row_certificate	*row;
	struct str		 id = item_show(ev, item, &cert_sha256);
	size_t			 i;

	if (str_empty(id))
		return;
	for (i = 0; i < model->certificates.n; i++) {
		row = model->certificates.v[i];
		if (strcmp(row->id, id.p) == 0) {
			row_fill(ev, row, item);
			return;
		}
	}
	row = arena_alloc(arena, sizeof(*row));
	row->at = item;
	row->id = id.p;
	row->number = (unsigned int)model->certificates.n + 1;
	row->subject = item_show(ev, item, &cert_subject);
	row->cn = item_show(ev, item, &cert_cn);
	row->issuer = item_show(ev, item, &cert_issuer);
	row->key = item_show(ev, item, &cert_key);
	row->serial = item_show(ev, item, &cert_serial);
	row->sha1 = item_show(ev, item, &cert_sha1);
	row->ski = item_show(ev, item, &cert_ski);
	row->aki = item_show(ev, item, &cert_aki);
	row->subject_sha1 = item_show(ev, item, &cert_subject_sha1);
	row->issuer_sha1 = item_show(ev, item, &cert_issuer_sha1);
	row->tpm_manufacturer = item_show(ev, item, &tpm_manufacturer);
	row->tpm_model = item_show(ev, item, &tpm_model);
	row->tpm_version = item_show(ev, item, &tpm_version);
	row->not_before = item_count(item, &cert_not_before);
	row->not_after = item_count(item, &cert_not_after);
	row_fill(ev, row, item);
	list_add(arena, &model->certificates, row);
}

/* Issuer name is the subject, and the key ids agree where both are given. */
static bool
issued_by(const struct row_certificate *row, const struct row_certificate *ca)
{
	if (!str_empty(row->issuer_sha1) && !str_empty(ca->subject_sha1)) {
		if (!str_equal(row->issuer_sha1, ca->subject_sha1))
			return false;
	} else if (!str_equal(row->issuer, ca->subject))
		return false;
	if (str_empty(row->subject) && str_empty(row->issuer))
		return false;
	return str_empty(row->aki) || str_empty(ca->ski) ||
	    str_equal(row->aki, ca->ski);
}

/* Of several (re-issues), the one that stands beside it, else the first. */
static const struct row_certificate *
issuer_find(const struct model *model, const struct row_certificate *row)
{
	const struct row_certificate	*best = NULL, *ca;
	size_t				 i, k;

	for (i = 0; i < model->certificates.n; i++) {
		ca = model->certificates.v[i];
		if (ca == row || !issued_by(row, ca))
			continue;
		if (best == NULL)
			best = ca;
		for (k = 0; k < ca->items.n; k++)
			if (((struct item *)ca->items.v[k])->parent ==
			    row->at->parent)
				return ca;
	}
	return best;
}

/* What every certificate has and this one does not; NULL: nothing. */
static const char *
certificate_lacks(struct arena *arena, const struct row_certificate *row)
{
	const struct {
		bool		 lacks;
		const char	*what;
	} parts[] = {
		{ str_empty(row->serial), "serial" },
		{ row->not_before == ABSENT, "notBefore" },
		{ row->not_after == ABSENT, "notAfter" },
		{ str_empty(row->key), "key" },
		{ str_empty(row->sha1), "SHA-1" },
	};
	const char	*text = NULL;
	size_t		 i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].lacks)
			text = arena_printf(arena, "%s%s%s",
			    text == NULL ? "" : text,
			    text == NULL ? "" : ", ", parts[i].what);
	return text;
}

static void
certificate_problems(struct model *model, struct row_certificate *row)
{
	struct arena	*arena = ev_arena(model->ev);
	const char	*lacks;

	if ((lacks = certificate_lacks(arena, row)) != NULL)
		list_add_text(arena, &row->problems, arena_printf(arena,
		    "incomplete: without %s", lacks));
	if (model->time == ABSENT)
		return;
	if (row->not_before != ABSENT && row->not_before > model->time)
		list_add_text(arena, &row->problems, arena_printf(arena,
		    "not yet valid at the time of the capture: from %s",
		    time_text(arena, row->not_before)));
	if (row->not_after != ABSENT && row->not_after < model->time)
		list_add_text(arena, &row->problems, arena_printf(arena,
		    "expired before the capture: on %s",
		    time_text(arena, row->not_after)));
}

void
model_certificates(struct model *model)
{
	const struct row_certificate	*up;
	struct row_certificate		*row;
	struct item			*item;
	size_t				 i;

	for (item = ev_first(model->ev, ITEM_CERTIFICATE); item != NULL;
	    item = item->next)
		certificate_row(model, item);
	for (i = 0; i < model->certificates.n; i++) {
		row = model->certificates.v[i];
		if (!str_equal(row->subject, row->issuer) ||
		    str_empty(row->subject))
			row->up = issuer_find(model, row);
		certificate_problems(model, row);
	}
	/* Names may form a ring. */
	for (i = 0; i < model->certificates.n; i++) {
		row = model->certificates.v[i];
		for (up = row->up; up != NULL && up != row &&
		    row->chain.n < CHAIN_MAX; up = up->up)
			list_add(ev_arena(model->ev), &row->chain,
			    (void *)(uintptr_t)up);
	}
}

const struct row_certificate *
model_certificate(const struct model *model, const struct item *item)
{
	struct str	id;
	size_t		i;

	if (item == NULL || item->kind != ITEM_CERTIFICATE)
		return NULL;
	id = item_show(model->ev, item, &cert_sha256);
	for (i = 0; i < model->certificates.n; i++) {
		const struct row_certificate *row = model->certificates.v[i];

		if (str_equal(str_of(row->id), id))
			return row;
	}
	return NULL;
}
