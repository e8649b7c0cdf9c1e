/*
 * Reads certificates as certutil -dump and -store print them.
 * Relies on tool_blocks.h to have found them; the words before the colons are
 * English in the dumps that are known, and others are passed over.
 */
#include <string.h>

#include "decode/parser.h"
#include "decode/tool_blocks.h"
#include "parsers/fields.h"

static const struct field *const fields[] = { NULL };

struct reader {
	struct evidence	*ev;
	const struct text *t;
	struct item	*tool, *item;	/* item: NULL before a certificate */
	struct text_part heading;	/* whose lines come, n 0: none */
	bool		 numbered;	/* "=== Certificate 0 ===" opened it */
	bool		 x509;		/* "X509 Certificate:" was seen in it */
};

static void
begin(struct reader *r, struct text_part at)
{
	struct span span = text_span(r->t, at.off, at.n);

	if (r->tool == NULL)
		r->tool = tool_item(r->ev, r->t->blob, "certutil",
		    blob_span(r->t->blob), span);
	r->item = ev_item(r->ev, ITEM_LISTED, r->tool, span);
	ev_derive(r->ev, r->item, &listed_list, value_str("certutil"), span,
	    NULL, 0, NULL);
	r->heading.n = 0;
}

static void
once(struct reader *r, const struct field *field, struct text_part v)
{
	if (r->item != NULL && item_fact(r->item, field) == NULL)
		tool_fact(r->ev, r->item, r->t, field, v);
}

/* "Public Key Length: 2048 bits", "Cert Hash(sha1): ..." */
static void
value_read(struct reader *r, const struct tool_line *l)
{
	static const struct {
		const char	*key;
		const struct field *field;
	} keys[] = {
		{ "Serial Number", &listed_serial },
		{ "NotBefore", &listed_not_before },
		{ "NotAfter", &listed_not_after },
		{ "Issuer", &listed_issuer }, { "Subject", &listed_subject },
		{ "Cert Hash(sha1)", &listed_thumbprint },
		{ "Public Key Length", &listed_key },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (tool_key_is(r->t, l->key, keys[i].key))
			break;
	r->heading.n = 0;
	if (i < sizeof(keys) / sizeof(*keys) && l->value.n > 0)
		once(r, keys[i].field, l->value);
	else
		r->heading = l->key;
}

/* What stands alone below "Issuer:" or the name of an extension. */
static void
below_read(struct reader *r, size_t line)
{
	const struct text *t = r->t;
	struct text_part v = text_content(&t->lines[line]);
	const char *p = t->p + v.off;
	size_t at;

	if (v.n == 0 || r->item == NULL)
		return;
	at = text_find(p, v.n, "KeyID=");
	if (at < v.n) {
		v.off += at + 6;
		v.n -= at + 6;
		once(r, &listed_aki, v);
		return;
	}
	if (r->heading.n == 0)
		return;
	if (tool_key_is(t, r->heading, "Issuer"))
		once(r, &listed_issuer, v);
	else if (tool_key_is(t, r->heading, "Subject"))
		once(r, &listed_subject, v);
	else if (text_find(t->p + r->heading.off, r->heading.n,
	    "Subject Key Identifier") < r->heading.n)
		once(r, &listed_ski, v);
}

static void
line_read(struct reader *r, size_t line)
{
	const struct text *t = r->t;
	struct text_part part = text_content(&t->lines[line]);
	const char *p = t->p + part.off;
	struct tool_line l;
	bool ruled = text_starts(p, part.n, "====") && text_find(p, part.n,
	    "= Certificate ") < part.n;

	if (ruled || (text_starts(p, part.n, "X509 Certificate:") &&
	    (r->item == NULL || !r->numbered || r->x509))) {
		begin(r, part);
		r->numbered = ruled;
		r->x509 = !ruled;
		return;
	}
	if (text_starts(p, part.n, "X509 Certificate:")) {
		r->x509 = true;
		return;
	}
	/* Extensions: "2.5.29.14: Flags = 0, Length = 16", name below. */
	if (text_find(p, part.n, "Flags = ") < part.n) {
		r->heading.n = 0;
		return;
	}
	if (text_starts(p, part.n, "Subject Key Identifier")) {
		r->heading = part;
		return;
	}
	if (r->item != NULL && tool_line_read(t, line, &l) &&
	    text_find(p, part.n, "KeyID=") == part.n)
		value_read(r, &l);
	else
		below_read(r, line);
}

static int
certutil_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return blob_hint_is(b, HINT_CERTUTIL) ? 99 : 0;
}

static void
certutil_read(struct evidence *ev, struct blob *b)
{
	struct reader r = { .ev = ev };
	struct text t;
	size_t i;

	if (!text_decode(ev, b, &t))
		return;
	r.t = &t;
	for (i = 0; i < t.nlines; i++)
		line_read(&r, i);
}

const struct parser parser_certutil = {
	.name = "certutil", .bid = certutil_bid, .read = certutil_read,
	.fields = fields
};
