/*
 * Who opens the attempt's TLS on its way: by the issuer of the certificate
 * that its tunnel showed to the capture, or by a page in HTML where the
 * service sends JSON or DER.  The root of a program that captures is none.
 * Relies on attempts.c and rules/data/inspection.tsv.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

#define SHOWN	ARTIFACT(SERVER_CERTIFICATE)
#define TABLE	"rules/data/inspection.tsv"

FIELD(tls_inspected, "tls.inspected", BOOL, KIND(ATTEMPT), SHOWN,
    "the certificate of the AIK host is one of a product that opens TLS; "
    "false: one of the service's own CAs");
FIELD(tls_issuer, "tls.issuer", TEXT, KIND(ATTEMPT), SHOWN,
    "issuer of the certificate that the AIK host showed");
FIELD(tls_issuer_unknown, "tls.issuer_unknown", BOOL, KIND(ATTEMPT), SHOWN,
    "that issuer is neither one of the service's nor a known product");
FIELD(tls_product, "tls.product", TEXT, KIND(ATTEMPT),
    SHOWN | ARTIFACT(ANSWER), "product that opens TLS on its way");
FIELD(tls_block_page, "tls.block_page", BOOL, KIND(ATTEMPT),
    ARTIFACT(CAPTURE), "the attempt failed with a page in HTML that came "
    "through TLS in the place of the service's answer");

/*
 * The issuer in a tunnel of the attempt, else in another one to its host: a
 * text of certreq has none of its own.
 */
static const struct fact *
issuer_of(struct evidence *ev, const struct attempt *at)
{
	const struct fact *f = NULL, *host = item_fact(at->item,
	    &attempt_host), *to;
	const struct item *it;
	size_t i;

	for (i = at->nexchanges; i-- > 0 && f == NULL;)
		f = item_fact(at->exchanges[i]->session, &connect_issuer);
	for (it = ev_first(ev, ITEM_SESSION); it != NULL && f == NULL;
	    it = it->next) {
		to = item_fact(it, &connect_host);
		if (host != NULL && to != NULL && fact_equal(host, to) &&
		    (at->archive == NULL || it->parent == at->archive))
			f = item_fact(it, &connect_issuer);
	}
	return f;
}

/* Returns whether the service's own certificate was seen. */
static bool
certificate(struct evidence *ev, struct item *to, const struct fact *issuer)
{
	struct inspection_info who;

	if (issuer == NULL)
		return false;
	ev_artifact(to, ARTIFACT_SERVER_CERTIFICATE);
	ev_derive(ev, to, &tls_issuer, issuer->value, SPAN_NONE, &issuer, 1,
	    NULL);
	if (!inspection_find(issuer->value.p, issuer->value.n, &who)) {
		ev_derive(ev, to, &tls_issuer_unknown, value_bool(true),
		    SPAN_NONE, &issuer, 1, TABLE);
		return false;
	}
	if (who.kind == INSPECTION_TOOL)
		return false;
	ev_derive(ev, to, &tls_inspected,
	    value_bool(who.kind == INSPECTION_INSPECTOR), SPAN_NONE, &issuer,
	    1, TABLE);
	if (who.kind == INSPECTION_INSPECTOR)
		ev_derive(ev, to, &tls_product,
		    value_from(who.product.p, who.product.n), SPAN_NONE,
		    &issuer, 1, TABLE);
	return who.kind == INSPECTION_SERVER;
}

/* What the attempt failed with came through TLS, and is a page. */
static void
page(struct evidence *ev, struct item *to, bool genuine)
{
	const struct fact *stage = item_fact(to, &attempt_failed_stage);
	const struct fact *vendor = item_fact(to, &http_proxy_vendor);
	const struct fact *maker = item_fact(to, &http_made_by);
	const struct fact *why[3] = { item_fact(to, &http_content),
	    item_fact(to, &http_status), NULL };
	int64_t status = item_number(to, &http_status, 0);
	bool is;

	if (stage == NULL)
		return;
	if (fact_is(stage, "dns") || fact_is(stage, "connect") ||
	    fact_is(stage, "tls")) {
		ev_derive(ev, to, &tls_block_page, value_bool(false),
		    SPAN_NONE, &stage, 1, NULL);
		return;
	}
	if (why[0] == NULL)
		return;
	if (!fact_is(maker, "proxy"))
		vendor = NULL;		/* the mark is of one who passed it on */
	is = fact_is(why[0], "html") && !fact_is(maker, "fiddler") &&
	    !fact_is(maker, "server") && status != 407;
	/*
	 * The service's front ends have pages, too: 400, 404, 503 ...; but
	 * none of them calls a page a success.
	 */
	if (is && vendor == NULL)
		is = status < 400 || (!genuine && (status == 401 ||
		    status == 403 || status == 451));
	/* Who says 502 or 504 blocks nothing: it did not get through itself. */
	if (status == 502 || status == 504)
		is = false;
	if (is)
		why[2] = vendor;
	ev_derive(ev, to, &tls_block_page, value_bool(is), SPAN_NONE, why, 3,
	    NULL);
	if (is && vendor != NULL && item_fact(to, &tls_product) == NULL)
		ev_derive(ev, to, &tls_product, vendor->value, SPAN_NONE,
		    &vendor, 1, NULL);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		page(ev, it, certificate(ev, it, issuer_of(ev, it->attempt)));
}

static const struct field *const fields[] = {
	&tls_inspected, &tls_issuer, &tls_issuer_unknown, &tls_product,
	&tls_block_page, NULL
};

const struct correlator correlator_tls = {
	.name = "tls", .run = run, .fields = fields
};
