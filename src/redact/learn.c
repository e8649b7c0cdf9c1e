/*
 * What the reading of the case knows already: facts that name persons and
 * machines, and which certificates are those of an EK.
 * Relies on the facts' names alone, so that no parser has to be asked.
 */
#include <stdlib.h>
#include <string.h>

#include "redact/internal.h"

static const struct personal {
	const char	*field;
	enum secret_kind kind;
} personal[] = {
	{ "autopilot.registration", SECRET_GUID },
	{ "autopilot.tenant_domain", SECRET_DOMAIN },
	{ "autopilot.tenant_id", SECRET_GUID },
	{ "device.machine", SECRET_MACHINE },
	{ "device_hash.serial", SECRET_SERIAL },
	{ "dsreg.device_id", SECRET_GUID },
	{ "dsreg.device_name", SECRET_MACHINE },
	{ "dsreg.tenant_id", SECRET_GUID },
	{ "dsreg.tenant_name", SECRET_DOMAIN },
	{ "event.computer", SECRET_MACHINE },
	{ "pkcs10.machine", SECRET_MACHINE },
	{ "pkcs10.user", SECRET_USER },
	{ "run.machine", SECRET_MACHINE },
	{ "store.machine", SECRET_MACHINE },
	{ NULL, SECRET_COUNT }
};

static void
text_learn(struct redactor *r, const char *p, size_t n, enum secret_kind kind)
{
	struct place place = { "", "", "", 0, 0 };
	struct leaf l;

	leaf_init(&l, r, &place, NULL, (const uint8_t *)p, n);
	redact_value(&l, 0, n, kind);
	leaf_clear(&l);
}

static const struct fact *
fact_named(const struct item *it, const char *name)
{
	const struct fact *f;

	for (f = it->facts; f != NULL; f = f->next)
		if (strcmp(f->field->name, name) == 0)
			return f;
	return NULL;
}

/* ---- serial numbers that stay ---- */

static void
keep(struct redactor *r, const struct fact *f)
{
	const uint8_t *p;
	size_t n;

	if (f == NULL || f->value.type != VALUE_BYTES)
		return;
	p = (const uint8_t *)f->value.p;
	for (n = f->value.n; n > 1 && *p == 0; n--)
		p++;
	r->kept = grow(r->kept, &r->room_kept, r->nkept, sizeof(*r->kept));
	r->kept[r->nkept++] = (struct value_list){ p, n };
}

bool
redact_kept(const struct redactor *r, const uint8_t *p, size_t n)
{
	static const uint8_t none[32];
	uint8_t bytes[32] = { 0 };
	size_t i, digits = 0, k;
	int v;

	for (i = n; i-- > 0 && digits < 2 * sizeof(bytes);) {
		v = p[i] >= '0' && p[i] <= '9' ? p[i] - '0' :
		    (p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f' ?
		    (p[i] | 0x20) - 'a' + 10 : -1;
		if (v < 0 && p[i] != ' ' && p[i] != ':')
			return false;
		if (v < 0)
			continue;
		bytes[sizeof(bytes) - 1 - digits / 2] |=
		    (uint8_t)(digits % 2 == 0 ? v : v << 4);
		digits++;
	}
	for (i = 0; i < r->nkept; i++) {
		k = r->kept[i].n;
		if (k <= sizeof(bytes) && memcmp(bytes + sizeof(bytes) - k,
		    r->kept[i].p, k) == 0 &&
		    memcmp(bytes, none, sizeof(bytes) - k) == 0)
			return true;
	}
	return false;
}

/* An EK's certificate as a tool lists it: it has no subject. */
static void
listed_learn(struct redactor *r, const struct item *it)
{
	static const struct { const char *field; enum secret_kind kind; }
	    of[] = {
		{ "listed.serial", SECRET_SERIAL },
		{ "listed.thumbprint", SECRET_DIGEST }
	};
	const struct fact *subject = fact_named(it, "listed.subject"), *f;
	const uint8_t *p;
	size_t i, n;

	if (subject != NULL && subject->value.n > 0 && memmem(
	    subject->value.p, subject->value.n, "CN=", 3) != NULL) {
		keep(r, fact_named(it, "listed.serial"));
		return;
	}
	for (i = 0; i < 2; i++) {
		f = fact_named(it, of[i].field);
		if (f == NULL || f->value.type != VALUE_BYTES)
			continue;
		p = (const uint8_t *)f->value.p;
		n = f->value.n;
		if (n > 0 && *p == 0) {
			p++;
			n--;
		}
		if (n >= 4)
			(void)secret_of(r, of[i].kind, p, n, true);
	}
}

static void
facts_learn(struct redactor *r, const struct item *it)
{
	const struct fact *f;
	size_t i;

	for (f = it->facts; f != NULL; f = f->next) {
		if (strcmp(f->field->name, "ekinfo.key_hash") == 0 &&
		    f->value.n >= 16)
			(void)secret_of(r, SECRET_DIGEST, (const uint8_t *)
			    f->value.p, f->value.n, true);
		if (f->value.type != VALUE_TEXT)
			continue;
		for (i = 0; personal[i].field != NULL; i++)
			if (strcmp(personal[i].field, f->field->name) == 0)
				text_learn(r, f->value.p, f->value.n,
				    personal[i].kind);
	}
}

void
redact_learn(struct redactor *r)
{
	const struct item *it;
	const struct fact *role;
	const uint8_t *p;
	unsigned int kind;

	for (kind = 0; kind < ITEM_KIND_COUNT; kind++)
		for (it = ev_first(r->ev, kind); it != NULL; it = it->next) {
			facts_learn(r, it);
			if (kind == ITEM_LISTED)
				listed_learn(r, it);
			role = kind == ITEM_CERTIFICATE ? fact_named(it,
			    "cert.role") : NULL;
			p = role != NULL && role->value.n == 2 &&
			    memcmp(role->value.p, "ek", 2) == 0 ?
			    ev_bytes(r->ev, it->at) : NULL;
			if (kind == ITEM_CERTIFICATE && p == NULL)
				keep(r, fact_named(it, "cert.serial"));
			if (p != NULL)
				redact_learn_certificate(r, p, it->at.len);
		}
}

/* ---- names of files ---- */

static bool
name_with(struct redactor *r, const struct place *place, char *name,
    enum secret_kind kind)
{
	size_t n = strlen(name);
	struct leaf l;
	bool changed;

	leaf_init(&l, r, place, NULL, (const uint8_t *)name, n);
	if (kind != SECRET_COUNT)
		redact_value(&l, 0, n, kind);
	redact_text(&l, NULL, 0);
	changed = memcmp(l.p, name, n) != 0;
	memcpy(name, l.p, n);
	leaf_clear(&l);
	return changed;
}

bool
redact_name(struct redactor *r, const struct place *place, char *name)
{
	struct place of = *place;

	of.via = "name";
	of.base = 0;
	return name_with(r, &of, name, SECRET_COUNT);
}

void
redact_user(struct redactor *r, const struct place *place, char *name)
{
	struct place of = *place;

	of.via = "owner";
	of.base = 0;
	(void)name_with(r, &of, name, SECRET_USER);
}

const char *
redact_shown(struct redactor *r, const char *name)
{
	struct place none = { "", "", "", 0, 0 };
	char *own = arena_text(r->arena, name, strlen(name));

	if (r->learning)
		return own;
	r->quiet = true;
	(void)name_with(r, &none, own, SECRET_COUNT);
	r->quiet = false;
	return own;
}
