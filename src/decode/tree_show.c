/*
 * What structures of the tree mean, in words beside their values: names,
 * keys, nonces, numbers in strings, HRESULTs, TPM vendors.
 * Relies on tree_types.h, cert.h and knowledge.h.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "decode/tree_types.h"
#include "evidence/cert.h"
#include "knowledge/knowledge.h"

/* An implicit tag is seen through. */
static struct der
plain(const struct tree_node *n, uint32_t tag)
{
	struct der d = n->der;

	d.class = DER_UNIVERSAL;
	d.tag = tag;
	return d;
}

void
show_name(struct tree *t, struct tree_node *n)
{
	struct der d = plain(n, DER_SEQUENCE);
	const char *text;
	size_t len;

	if (der_name(t->ev, &d, &text, &len))
		n->meaning = len > 0 ? text : "empty";
}

/* The identifier that the structure begins with. */
static const struct tree_node *
first_oid(const struct tree_node *n)
{
	return n->first != NULL && n->first->oid != NULL ? n->first : NULL;
}

void
show_oid_name(struct tree *t, struct tree_node *n)
{
	const struct tree_node *oid = first_oid(n);

	(void)t;
	if (oid != NULL)
		n->meaning = oid->meaning != NULL ? oid->meaning : oid->oid;
}

void
show_extension(struct tree *t, struct tree_node *n)
{
	const struct tree_node *c;

	show_oid_name(t, n);
	for (c = n->first; c != NULL && n->meaning != NULL; c = c->next)
		if (c->name != NULL && strcmp(c->name, "critical") == 0 &&
		    c->value != NULL && strcmp(c->value, "TRUE") == 0)
			n->meaning = arena_printf(ev_arena(t->ev),
			    "%s, critical", n->meaning);
}

void
show_spki(struct tree *t, struct tree_node *n)
{
	struct der d = plain(n, DER_SEQUENCE);
	struct cert_key key;

	if (cert_key_read(t->ev, &d, &key))
		n->meaning = arena_printf(ev_arena(t->ev), "%s", key.text);
}

void
show_certificate(struct tree *t, struct tree_node *n)
{
	struct cert_parts c;
	const char *text;
	size_t len;

	if (cert_walk(t->ev, n->blob, (struct span){ n->blob->id, n->off,
	    n->head + n->len + n->tail }, &c) < 2 || !CERT_HAS(c.subject) ||
	    !der_name(t->ev, &c.subject, &text, &len))
		return;
	n->meaning = len > 0 ? text : "empty subject";
}

/* An AIK may not sign foreign data: its request carries a bare digest. */
void
show_request(struct tree *t, struct tree_node *n)
{
	const struct tree_node *algorithm = n->first != NULL ?
	    n->first->next : NULL;

	(void)t;
	if (algorithm != NULL && algorithm->first != NULL &&
	    algorithm->first->oid != NULL && strncmp(algorithm->first->oid,
	    "2.16.840.1.101.3.4.2.", 21) == 0)
		n->meaning = "carries a digest in place of a signature";
}

void
show_serial(struct tree *t, struct tree_node *n)
{
	const uint8_t *p = der_bytes(&n->der);

	if (n->der.len == 0)
		return;
	tree_hex_number(t, n);
	n->meaning = p[0] & 0x80 ? "negative" : NULL;
}

void
show_length(struct tree *t, struct tree_node *n)
{
	n->meaning = arena_printf(ev_arena(t->ev), "%zu bytes", n->der.len);
}

void
show_ciphertext(struct tree *t, struct tree_node *n)
{
	n->meaning = arena_printf(ev_arena(t->ev), "%zu bytes, sealed",
	    n->der.len);
}

void
show_nonce(struct tree *t, struct tree_node *n)
{
	show_length(t, n);
	if (n->der.len != 16)
		tree_note(t, n, "a nonce of %zu bytes, want 16", n->der.len);
}

void
show_iv(struct tree *t, struct tree_node *n)
{
	if (!n->der.constructed && n->der.len > 0)
		n->meaning = arena_printf(ev_arena(t->ev),
		    "initialisation vector, %zu bytes", n->der.len);
}

void
show_ip(struct tree *t, struct tree_node *n)
{
	const uint8_t *p = der_bytes(&n->der);

	if (n->der.len == 4)
		n->meaning = arena_printf(ev_arena(t->ev), "%u.%u.%u.%u",
		    p[0], p[1], p[2], p[3]);
	else if (n->der.len == 8)
		n->meaning = arena_printf(ev_arena(t->ev),
		    "%u.%u.%u.%u mask %u.%u.%u.%u", p[0], p[1], p[2], p[3],
		    p[4], p[5], p[6], p[7]);
}

/* "id:49465800" as the vendor, "id:00070055" as numbers. */
void
show_tpm_id(struct tree *t, struct tree_node *n)
{
	struct vendor_info vendor;
	unsigned int high, low;
	char hex[9] = "";

	if (n->value == NULL || n->value_n != 11 ||
	    strncasecmp(n->value, "id:", 3) != 0)
		return;
	memcpy(hex, n->value + 3, 8);
	if (n->parent != NULL && n->parent->first != NULL &&
	    n->parent->first->oid != NULL &&
	    strcmp(n->parent->first->oid, "2.23.133.2.1") == 0) {
		if (vendor_by_attribute(n->value, n->value_n, &vendor))
			n->meaning = arena_printf(ev_arena(t->ev),
			    "%.*s, %.*s", (int)vendor.id.n, vendor.id.p,
			    (int)vendor.name.n, vendor.name.p);
	} else if (sscanf(hex, "%4x%4x", &high, &low) == 2)
		n->meaning = arena_printf(ev_arena(t->ev), "%u.%u", high, low);
}

/* Decimal text, or an INTEGER that tree_value() wrote as such. */
static bool
number_of(const struct tree_node *n, int64_t *ret)
{
	size_t i = n->value_n > 0 && n->value[0] == '-' ? 1 : 0;
	int64_t v = 0;

	if (n->value == NULL || n->hex || n->value_n - i == 0 ||
	    n->value_n - i > 11)
		return false;
	*ret = 0;
	for (; i < n->value_n; i++) {
		if (n->value[i] < '0' || n->value[i] > '9')
			return false;
		v = v * 10 + (n->value[i] - '0');
	}
	*ret = n->value[0] == '-' ? -v : v;
	return true;
}

void
show_number(struct tree *t, struct tree_node *n, const struct named *names)
{
	int64_t v;

	if (!number_of(n, &v)) {
		tree_note(t, n, "not a decimal number");
		return;
	}
	for (; names->name != NULL; names++)
		if (names->value == v) {
			n->meaning = names->name;
			return;
		}
	tree_note(t, n, "%lld is not defined", (long long)v);
}

void
show_hresult(struct tree *t, struct tree_node *n)
{
	struct code_info info;
	int64_t v;

	if (!number_of(n, &v) || v < INT32_MIN || v > UINT32_MAX) {
		tree_note(t, n, "not an HRESULT in decimal");
		return;
	}
	if (code_lookup((uint32_t)v, &info, 1) > 0)
		n->meaning = arena_printf(ev_arena(t->ev), "0x%08x %.*s",
		    (unsigned int)(uint32_t)v, (int)info.symbol.n,
		    info.symbol.p);
	else
		n->meaning = arena_printf(ev_arena(t->ev), "0x%08x",
		    (unsigned int)(uint32_t)v);
}

void
show_transaction(struct tree *t, struct tree_node *n)
{
	size_t i;

	for (i = 0; i < n->der.len && n->value != NULL; i++)
		if (der_bytes(&n->der)[i] < 0x20 ||
		    der_bytes(&n->der)[i] > 0x7e) {
			tree_note(t, n, "not printable");
			tree_hex(t, n, der_bytes(&n->der), n->der.len);
			return;
		}
}
