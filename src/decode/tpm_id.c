/*
 * Reads the attributes of a name that tell a TPM's maker, model and firmware,
 * and names the maker.  Relies on knowledge/knowledge.h for its vendors; TCG EK
 * Credential Profile 3.1.2.
 */
#include "decode/tpm_id.h"
#include "knowledge/knowledge.h"

#define FIELD(id, dotted, ...)						\
	const struct field id = { .name = dotted,			\
	    .type = VALUE_TEXT, .kinds = KIND(CERTIFICATE) | KIND(PKCS10), \
	    .artifacts = ARTIFACT(EK_CERTIFICATE) | ARTIFACT(OPENED),	\
	    __VA_ARGS__ }

FIELD(tpm_manufacturer, "tpm.manufacturer",
    .help = "TPM manufacturer attribute, as id:HEX");
FIELD(tpm_model, "tpm.model",
    .help = "TPM model attribute");
FIELD(tpm_version, "tpm.version",
    .help = "TPM version attribute: the firmware, as id:HEX");
FIELD(tpm_vendor, "tpm.vendor",
    .help = "TCG vendor id of the TPM manufacturer: IFX, NTC, AMD");

static const struct {
	const char	*oid;
	const struct field *field;
} kinds_of[] = {
	{ "2.23.133.2.1", &tpm_manufacturer },
	{ "2.23.133.2.2", &tpm_model },
	{ "2.23.133.2.3", &tpm_version },
};

#define KINDS	(sizeof(kinds_of) / sizeof(kinds_of[0]))

static void
attribute_read(struct evidence *ev, struct item *item, const struct der *oid,
    const struct der *value)
{
	struct vendor_info info;
	const struct fact *fact;
	const char *text;
	size_t i, n;

	for (i = 0; i < KINDS; i++)
		if (der_oid_is(oid, kinds_of[i].oid))
			break;
	if (i == KINDS || item_fact(item, kinds_of[i].field) != NULL ||
	    value->cut || !der_text(ev, value, &text, &n))
		return;
	fact = ev_fact(ev, item, kinds_of[i].field, value_text(text, n),
	    der_span(value));
	if (i == 0 && vendor_by_attribute(fact->value.p, fact->value.n, &info))
		ev_derive(ev, item, &tpm_vendor, value_text(info.id.p,
		    info.id.n), SPAN_NONE, &fact, 1, "rules/data/vendors.tsv");
}

/*
 * Each attribute is an RDN of its own (Infineon, STM, Intel), or all stand in
 * one (Nuvoton).
 */
void
tpm_id_read(struct evidence *ev, struct item *item, const struct der *name)
{
	struct der_iter rdns, attributes, parts;
	struct der rdn, attribute, oid, value;

	der_enter(&rdns, ev, name);
	while (der_next(&rdns, &rdn)) {
		der_enter(&attributes, ev, &rdn);
		while (der_next(&attributes, &attribute)) {
			der_enter(&parts, ev, &attribute);
			if (der_next(&parts, &oid) && der_next(&parts, &value))
				attribute_read(ev, item, &oid, &value);
		}
	}
}
