/*
 * Reads what Get-TpmEndorsementKeyInfo prints: whether Windows knows an EK,
 * and the lists of its certificates, which may be empty.
 * Relies on tool_blocks.h to have found it in its text.
 */
#include <string.h>

#include "decode/parser.h"
#include "decode/tool_blocks.h"
#include "knowledge/knowledge.h"
#include "parsers/fields.h"

#define EK	ARTIFACT(EK_INFO)

#define F(id, n, t, k, ...)						\
	const struct field id = { .name = n, .type = VALUE_##t,		\
	    .kinds = KIND(k), .artifacts = EK, __VA_ARGS__ }

F(ekinfo_present, "ekinfo.present", BOOL, TOOL, .help =
    "IsPresent: does Windows know the endorsement key");
F(ekinfo_key_hash, "ekinfo.key_hash", BYTES, TOOL, .personal = true, .help =
    "PublicKeyHash: it tells this device from all others");
F(ekinfo_manufacturer_count, "ekinfo.manufacturer_count", INT, TOOL, .help =
    "certificates under ManufacturerCertificates: those in the TPM itself");
F(ekinfo_additional_count, "ekinfo.additional_count", INT, TOOL, .help =
    "certificates under AdditionalCertificates: those that were fetched");
F(listed_list, "listed.list", TEXT, LISTED, .help =
    "the list it stands in: manufacturer, additional, certutil");
F(listed_subject, "listed.subject", TEXT, LISTED, .personal = true, .help =
    "subject, as the tool prints it");
F(listed_issuer, "listed.issuer", TEXT, LISTED, .help =
    "issuer, as the tool prints it");
F(listed_serial, "listed.serial", BYTES, LISTED, .help = "serial number");
F(listed_not_before, "listed.not_before", TEXT, LISTED, .help =
    "start of its validity, in the words of the user's language");
F(listed_not_after, "listed.not_after", TEXT, LISTED, .help =
    "end of its validity, in the same words");
F(listed_thumbprint, "listed.thumbprint", BYTES, LISTED, .help =
    "SHA-1 of the certificate");
F(listed_manufacturer, "listed.manufacturer", TEXT, LISTED, .help =
    "TPMManufacturer (2.23.133.2.1) in its subject: id:49465800");
F(listed_model, "listed.model", TEXT, LISTED, .help =
    "TPMModel (2.23.133.2.2) in its subject");
F(listed_version, "listed.version", TEXT, LISTED, .help =
    "TPMVersion (2.23.133.2.3) in its subject");
F(listed_vendor, "listed.vendor", TEXT, LISTED, .help =
    "TCG id of that manufacturer");
F(listed_key, "listed.key", TEXT, LISTED, .help =
    "kind and length of its key, where the tool prints it");
F(listed_ski, "listed.ski", BYTES, LISTED, .help =
    "subject key identifier, where the tool prints it");
F(listed_aki, "listed.aki", BYTES, LISTED, .help =
    "authority key identifier, where the tool prints it");

static const struct field *const fields[] = {
	&ekinfo_present, &ekinfo_key_hash, &ekinfo_manufacturer_count,
	&ekinfo_additional_count, &listed_list, &listed_subject,
	&listed_issuer, &listed_serial, &listed_not_before, &listed_not_after,
	&listed_thumbprint, &listed_manufacturer, &listed_model,
	&listed_version, &listed_vendor, &listed_key, &listed_ski,
	&listed_aki, NULL
};

static const struct tool_key	keys[] = {
	{ "IsPresent", &ekinfo_present, NULL },
	{ "PublicKeyHash", &ekinfo_key_hash, NULL },
	{ NULL, NULL, NULL }
};

static const struct list {
	const char	*key, *name;
	const struct field *count;
} lists[] = {
	{ "ManufacturerCertificates", "manufacturer",
	    &ekinfo_manufacturer_count },
	{ "AdditionalCertificates", "additional", &ekinfo_additional_count },
};

static const struct label {
	const char	*name;
	const struct field *field;
} labels[] = {
	{ "[Subject]", &listed_subject }, { "[Issuer]", &listed_issuer },
	{ "[Serial Number]", &listed_serial },
	{ "[Not Before]", &listed_not_before },
	{ "[Not After]", &listed_not_after },
	{ "[Thumbprint]", &listed_thumbprint },
};
#define LABELS	(sizeof(labels) / sizeof(labels[0]))

/* A list that is being read. */
struct reader {
	struct evidence	*ev;
	const struct text *t;
	struct item	*tool, *item;	/* item: of a certificate, or NULL */
	const struct field *field;	/* whose value comes, or NULL */
	size_t		 off, end;	/* of the value so far; end 0: none */
	int64_t		 count;
};

/* ---- attributes of the subject ---- */

static void
attribute(struct reader *r, const struct field *field, const char *oid,
    const char *name)
{
	const char *p = r->t->p + r->off;
	size_t n = r->end - r->off, at, len;

	at = text_find(p, n, oid);
	len = strlen(oid);
	if (at >= n) {
		at = text_find(p, n, name);
		len = strlen(name);
	}
	if (at >= n)
		return;
	at += len;
	for (len = 0; at + len < n && strchr(",+\r\n)", p[at + len]) == NULL;
	    len++)
		continue;
	while (len > 0 && p[at + len - 1] == ' ')
		len--;
	if (len > 0)
		ev_fact(r->ev, r->item, field, value_text(p + at, len),
		    text_span(r->t, r->off + at, len));
}

/* "id:49465800" names a vendor of the table. */
static void
vendor(struct reader *r)
{
	const struct fact *f = item_fact(r->item, &listed_manufacturer);
	struct vendor_info info;

	if (f != NULL && vendor_by_attribute(f->value.p, f->value.n, &info))
		ev_derive(r->ev, r->item, &listed_vendor,
		    value_text(info.id.p, info.id.n), SPAN_NONE, &f, 1,
		    "rules/data/vendors.tsv");
}

/* ---- the list ---- */

static void
value_end(struct reader *r)
{
	struct text_part v = { r->off, r->end - r->off };

	if (r->item == NULL || r->field == NULL || r->end == 0)
		return;
	if (item_fact(r->item, r->field) == NULL) {
		if (r->field->type == VALUE_TEXT)
			tool_text(r->ev, r->item, r->t, r->field, v.off, v.n);
		else
			tool_fact(r->ev, r->item, r->t, r->field, v);
		if (r->field == &listed_subject) {
			attribute(r, &listed_manufacturer, "2.23.133.2.1=",
			    "TPMManufacturer=");
			attribute(r, &listed_model, "2.23.133.2.2=",
			    "TPMModel=");
			attribute(r, &listed_version, "2.23.133.2.3=",
			    "TPMVersion=");
			vendor(r);
		}
	}
	r->end = 0;
	r->field = NULL;
}

/* One line of a list, without the braces around it. */
static void
line_read(struct reader *r, size_t off, size_t end, const char *list)
{
	const char *p = r->t->p;
	size_t i;

	while (end > off && (p[end - 1] == ' ' || p[end - 1] == '}' ||
	    p[end - 1] == '\t'))
		end--;
	while (off < end && (p[off] == ',' || text_blank(p + off, end - off) >
	    0))
		off++;
	if (off == end)
		return;
	for (i = 0; i < LABELS; i++)
		if (text_starts(p + off, end - off, labels[i].name))
			break;
	if (i == LABELS) {
		if (r->field != NULL && r->end == 0)
			r->off = off;
		if (r->field != NULL)
			r->end = end;
		return;
	}
	value_end(r);
	if (labels[i].field == &listed_subject || r->item == NULL) {
		r->item = ev_item(r->ev, ITEM_LISTED, r->tool,
		    text_span(r->t, off, strlen(labels[i].name)));
		ev_derive(r->ev, r->item, &listed_list, value_str(list),
		    text_span(r->t, off, strlen(labels[i].name)), NULL, 0,
		    NULL);
		r->count++;
	}
	r->field = labels[i].field;
}

/* The list behind the key of this line; it may go on for many lines. */
static void
list_read(struct reader *r, size_t line, struct text_part value,
    const struct list *list)
{
	const struct text *t = r->t;
	size_t from = value.off, to, depth = 0, i, end;
	bool closed = false;

	if (value.n == 0 || t->p[from] != '{')
		return;
	for (to = from; to < t->n && !closed; to++) {
		if (t->p[to] == '{')
			depth++;
		else if (t->p[to] == '}')
			closed = --depth == 0;
	}
	r->item = NULL;
	r->field = NULL;
	r->end = 0;
	r->count = 0;
	for (i = line; i < t->nlines && t->lines[i].off < to; i++) {
		struct text_part part = text_content(&t->lines[i]);

		end = t->lines[i].off + t->lines[i].n;
		if (end > to)
			end = to;
		if (i == line)
			line_read(r, from + 1, end, list->name);
		else if (part.off < end)
			line_read(r, part.off, end, list->name);
	}
	value_end(r);
	if (closed && (r->count > 0 || to - from <= 2))
		ev_derive(r->ev, r->tool, list->count, value_int(r->count),
		    text_span(t, from, to - from), NULL, 0, NULL);
}

static int
ekinfo_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return blob_hint_is(b, HINT_EK_INFO) ? 99 : 0;
}

static void
ekinfo_read(struct evidence *ev, struct blob *b)
{
	struct reader r = { .ev = ev };
	struct tool_line l;
	struct text t;
	size_t i, j;

	if (!text_decode(ev, b, &t))
		return;
	r.t = &t;
	for (i = 0; i < t.nlines; i++) {
		if (!tool_line_read(&t, i, &l))
			continue;
		if (r.tool == NULL && (tool_key_is(&t, l.key, "IsPresent") ||
		    tool_key_is(&t, l.key, "PublicKey") ||
		    tool_key_is(&t, l.key, "PublicKeyHash") ||
		    tool_key_is(&t, l.key, lists[0].key) ||
		    tool_key_is(&t, l.key, lists[1].key))) {
			r.tool = tool_item(ev, b, "ek-info", blob_span(b),
			    text_span(&t, l.key.off, l.key.n));
			tool_facts(ev, r.tool, &t, i, t.nlines, keys);
		}
		for (j = 0; r.tool != NULL && j < 2; j++)
			if (tool_key_is(&t, l.key, lists[j].key) &&
			    item_fact(r.tool, lists[j].count) == NULL)
				list_read(&r, i, l.value, &lists[j]);
	}
	/* A list that was cut says nothing of what it would have held. */
	if (r.tool != NULL && (item_fact(r.tool, &ekinfo_manufacturer_count) !=
	    NULL || item_truth(r.tool, &ekinfo_present, true) == false))
		ev_artifact(r.tool, ARTIFACT_EK_INFO);
	ev_input_kind(ev, b, "ek-info");
}

const struct parser parser_ekinfo = {
	.name = "ekinfo", .bid = ekinfo_bid, .read = ekinfo_read,
	.fields = fields
};
