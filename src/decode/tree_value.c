/*
 * What an element's bytes say: its label, its value as text, and oddities of
 * its encoding.  Relies on tree.h; X.690.
 */
#include <stdio.h>
#include <string.h>

#include "decode/tree.h"

static const char *const universal[] = {
	[1] = "BOOLEAN", [2] = "INTEGER", [3] = "BIT STRING",
	[4] = "OCTET STRING", [5] = "NULL", [6] = "OBJECT IDENTIFIER",
	[7] = "ObjectDescriptor", [8] = "EXTERNAL", [9] = "REAL",
	[10] = "ENUMERATED", [11] = "EMBEDDED PDV", [12] = "UTF8String",
	[13] = "RELATIVE-OID", [16] = "SEQUENCE", [17] = "SET",
	[18] = "NumericString", [19] = "PrintableString",
	[20] = "TeletexString", [21] = "VideotexString", [22] = "IA5String",
	[23] = "UTCTime", [24] = "GeneralizedTime", [25] = "GraphicString",
	[26] = "VisibleString", [27] = "GeneralString",
	[28] = "UniversalString", [30] = "BMPString"
};
#define UNIVERSALS	(sizeof(universal) / sizeof(universal[0]))

const char *
tree_tag_name(struct tree *t, const struct der *d)
{
	static const char *const classes[] = {
		"UNIVERSAL ", "APPLICATION ", "", "PRIVATE "
	};

	if (d->class == DER_UNIVERSAL && d->tag < UNIVERSALS &&
	    universal[d->tag] != NULL)
		return universal[d->tag];
	return arena_printf(ev_arena(t->ev), "[%s%u]", classes[d->class],
	    (unsigned int)d->tag);
}

static void
value_set(struct tree_node *n, const char *text)
{
	n->value = text;
	n->value_n = strlen(text);
}

void
tree_hex_number(struct tree *t, struct tree_node *n)
{
	tree_hex(t, n, der_bytes(&n->der), n->der.len);
	n->value = arena_printf(ev_arena(t->ev), "0x%s", n->value);
	n->value_n += 2;
}

static const char *
name_of(const struct named *names, int64_t v)
{
	for (; names != NULL && names->name != NULL; names++)
		if (names->value == v)
			return names->name;
	return NULL;
}

static void
integer_value(struct tree *t, struct tree_node *n,
    const struct tree_type *type)
{
	const uint8_t *p = der_bytes(&n->der);
	struct der d = n->der;
	size_t len = d.len, bits;
	int64_t v;
	uint8_t top;

	if (len == 0) {
		tree_note(t, n, "an INTEGER has at least one byte");
		return;
	}
	if (len > 1 && ((p[0] == 0 && (p[1] & 0x80) == 0) ||
	    (p[0] == 0xff && (p[1] & 0x80) != 0)))
		tree_note(t, n, "not minimal: strict readers refuse it");
	d.class = DER_UNIVERSAL;
	d.tag = DER_INTEGER;
	if (der_int(&d, &v) && len <= 8) {
		value_set(n, arena_printf(ev_arena(t->ev), "%lld",
		    (long long)v));
		if (type != NULL && type->named != NULL)
			n->meaning = name_of(type->named, v);
		return;
	}
	tree_hex_number(t, n);
	if (p[0] & 0x80) {
		n->meaning = "negative";
		return;
	}
	while (len > 1 && *p == 0) {
		p++;
		len--;
	}
	bits = (len - 1) * 8;
	for (top = *p; top != 0; top >>= 1)
		bits++;
	n->meaning = arena_printf(ev_arena(t->ev), "%zu bits", bits);
}

static void
bits_value(struct tree *t, struct tree_node *n, const struct tree_type *type)
{
	const uint8_t *p = der_bytes(&n->der);
	const char *text = "", *name;
	size_t len = n->der.len, i;
	unsigned int unused;

	if (len == 0) {
		tree_note(t, n, "a BIT STRING has at least one byte");
		return;
	}
	unused = p[0];
	tree_hex(t, n, p + 1, len - 1);
	if (unused > 7 || (len == 1 && unused != 0))
		tree_note(t, n, "%u unused bits of %zu bytes", unused,
		    len - 1);
	else if (unused > 0 && (p[len - 1] & ((1u << unused) - 1)) != 0)
		tree_note(t, n, "unused bits are not zero");
	if (type == NULL || type->named == NULL) {
		if (unused > 0)
			n->meaning = arena_printf(ev_arena(t->ev),
			    "%u unused bits", unused);
		return;
	}
	for (i = 0; i < (len - 1) * 8 && i < 64; i++) {
		if (!(p[1 + i / 8] & 0x80 >> i % 8))
			continue;
		name = name_of(type->named, (int64_t)i);
		text = arena_printf(ev_arena(t->ev), "%s%s%s", text,
		    *text != '\0' ? ", " : "", name != NULL ? name :
		    arena_printf(ev_arena(t->ev), "bit %zu", i));
	}
	n->meaning = *text != '\0' ? text : "no bit set";
}

static void
oid_value(struct tree *t, struct tree_node *n)
{
	struct der d = n->der;
	char dotted[OID_SIZE];
	const char *name;

	d.class = DER_UNIVERSAL;
	d.tag = DER_OID;
	if (!der_oid(&d, dotted, sizeof(dotted))) {
		tree_note(t, n, "not an object identifier");
		tree_hex(t, n, der_bytes(&n->der), n->der.len);
		return;
	}
	n->oid = arena_text(ev_arena(t->ev), dotted, strlen(dotted));
	value_set(n, n->oid);
	name = oid_label(dotted);
	if (name != NULL)
		n->meaning = arena_text(ev_arena(t->ev), name, strlen(name));
}

static void
time_value(struct tree *t, struct tree_node *n, uint32_t tag)
{
	struct der d = n->der;
	char text[40];
	int64_t us;

	n->value = (const char *)der_bytes(&n->der);
	n->value_n = n->der.len;
	d.class = DER_UNIVERSAL;
	d.tag = tag;
	if (!der_time(&d, &us)) {
		tree_note(t, n, "no time with a zone");
		return;
	}
	time_format(us, text);
	n->meaning = arena_printf(ev_arena(t->ev), "%s%s", text,
	    strncmp(text, "9999-12-31", 10) == 0 ? " (no end)" : "");
	if (n->der.len == 0 || der_bytes(&n->der)[n->der.len - 1] != 'Z')
		tree_note(t, n, "a zone that is not Z: no DER");
}

static bool
printable(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] < 0x20 || p[i] > 0x7e)
			return false;
	return n > 0;
}

static void
octets_value(struct tree *t, struct tree_node *n)
{
	const uint8_t *p = der_bytes(&n->der);
	size_t len = n->der.len;

	tree_hex(t, n, p, len);
	if (len >= 4 && len <= 128 && printable(p, len))
		n->meaning = arena_printf(ev_arena(t->ev), "\"%.*s\"",
		    (int)len, (const char *)p);
}

void
tree_value(struct tree *t, struct tree_node *n, uint32_t tag,
    const struct tree_type *type)
{
	struct der d = n->der;
	const char *p;
	size_t len;

	switch (tag) {
	case DER_BOOLEAN:
		if (d.len != 1) {
			tree_note(t, n, "a BOOLEAN has one byte, not %zu",
			    d.len);
			tree_hex(t, n, der_bytes(&d), d.len);
			break;
		}
		value_set(n, der_bytes(&d)[0] != 0 ? "TRUE" : "FALSE");
		if (der_bytes(&d)[0] != 0 && der_bytes(&d)[0] != 0xff)
			tree_note(t, n, "TRUE as %02x: no DER",
			    der_bytes(&d)[0]);
		break;
	case DER_INTEGER:
	case DER_ENUMERATED:
		integer_value(t, n, type);
		break;
	case DER_BIT_STRING:
		bits_value(t, n, type);
		break;
	case DER_NULL:
		if (d.len != 0) {
			tree_note(t, n, "a NULL with %zu bytes", d.len);
			tree_hex(t, n, der_bytes(&d), d.len);
		}
		break;
	case DER_OID:
		oid_value(t, n);
		break;
	case DER_UTC_TIME:
	case DER_GENERALIZED_TIME:
		time_value(t, n, tag);
		break;
	case DER_UTF8_STRING: case DER_NUMERIC_STRING:
	case DER_PRINTABLE_STRING: case DER_T61_STRING: case DER_IA5_STRING:
	case DER_VISIBLE_STRING: case DER_UNIVERSAL_STRING:
	case DER_BMP_STRING: case 21: case 25: case 27:
		d.class = DER_UNIVERSAL;
		d.tag = tag == 21 || tag == 25 || tag == 27 ?
		    (uint32_t)DER_IA5_STRING : tag;
		if (der_text(t->ev, &d, &p, &len)) {
			n->value = p;
			n->value_n = len;
		} else
			octets_value(t, n);
		break;
	default:
		octets_value(t, n);
		break;
	}
	if (type != NULL && type->show != NULL)
		type->show(t, n);
}
