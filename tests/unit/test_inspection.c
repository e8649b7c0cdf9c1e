/*
 * Who signs TLS certificates, and the defects of Windows: what the tables say
 * and how they are searched.
 * Relies on the embedded tables; prints TAP.
 */
#include <stdio.h>
#include <string.h>

#include "knowledge/knowledge.h"

static int	count, failures;

static void
ok(bool good, const char *name)
{
	failures += !good;
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++count, name);
}

static const struct issuer {
	const char	*name, *product;
	enum inspection_kind kind;
} issuers[] = {
	{ "CN=Zscaler Intermediate Root CA (zscaler.net), O=Zscaler Inc.",
	    "Zscaler", INSPECTION_INSPECTOR },
	{ "O=Cisco, CN=Cisco Umbrella Secondary SubCA ams-SG",
	    "Cisco Umbrella", INSPECTION_INSPECTOR },
	{ "CN=ca.example.goskope.com", "Netskope", INSPECTION_INSPECTOR },
	{ "cn=fg201ft, o=fortinet, ou=certificate authority", "Fortinet",
	    INSPECTION_INSPECTOR },
	{ "CN=DO_NOT_TRUST_FiddlerRoot, O=DO_NOT_TRUST", "Fiddler",
	    INSPECTION_TOOL },
	{ "CN=Microsoft Azure RSA TLS Issuing CA 04, O=Microsoft Corporation",
	    "Microsoft", INSPECTION_SERVER },
	{ "CN=DigiCert SHA2 Secure Server CA, O=DigiCert Inc, C=US",
	    "DigiCert", INSPECTION_SERVER },
	/* Who names both is no server. */
	{ "CN=Zscaler, O=Microsoft Corporation", "Zscaler",
	    INSPECTION_INSPECTOR },
	{ "CN=Symantec Class 3 Secure Server CA - G4, O=Symantec Corporation",
	    NULL, INSPECTION_SERVER },
	{ "CN=Contoso Issuing CA 3", NULL, INSPECTION_SERVER },
	{ "", NULL, INSPECTION_SERVER },
};
#define ISSUERS	(sizeof(issuers) / sizeof(issuers[0]))

int
main(void)
{
	struct inspection_info who;
	struct defect_info d;
	const struct issuer *is;
	size_t i;
	bool found, sound = true;

	printf("1..%zu\n", ISSUERS + 3);
	for (is = issuers; is < issuers + ISSUERS; is++) {
		found = inspection_find(is->name, strlen(is->name), &who);
		ok(is->product == NULL ? !found : found &&
		    str_is(who.product, is->product) && who.kind == is->kind &&
		    who.source.n > 0, is->name);
	}
	for (i = 0; defect_get(i, &d); i++)
		sound = sound && d.kb.n > 0 && d.from <= d.to &&
		    d.below > 0 && d.sign.n > 0 && d.what.n > 0 &&
		    d.source.n > 0;
	ok(i >= 3, "defects of Windows are known");
	ok(sound, "each has its builds, its sign and its source");
	for (i = 0; defect_get(i, &d) && !str_is(d.kb, "KB5013943"); i++)
		continue;
	ok(str_is(d.kb, "KB5013943") && d.from == 22000 && d.below == 675,
	    "0x81039023 was put right in 22000.675");
	return failures != 0;
}
