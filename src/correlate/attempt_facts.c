/*
 * Facts of an attempt that are the same for every kind of witness: the asked
 * authority, the time, the messages.  Relies on attempts.h.
 */
#include <string.h>

#include "correlate/attempts.h"
#include "knowledge/knowledge.h"

FIELD(attempt_source, "attempt.source", TEXT, KIND(ATTEMPT), 0,
    "what witnesses the attempt: capture, message, certreq, event, store",
    .repeated = true);
FIELD(attempt_host, "attempt.host", TEXT, KIND(ATTEMPT), ARTIFACT(AUTHORITY),
    "the AIK host that was asked, in lower case");
FIELD(attempt_vendor, "attempt.vendor", TEXT, KIND(ATTEMPT),
    ARTIFACT(AUTHORITY), "TCG id of the TPM's vendor in the host's name");
FIELD(attempt_form, "attempt.form", TEXT, KIND(ATTEMPT), ARTIFACT(AUTHORITY),
    "keyid or nameid: what the host's id is made of");
FIELD(attempt_id, "attempt.id", TEXT, KIND(ATTEMPT), ARTIFACT(AUTHORITY),
    "the id in the host's name, lower-case hex");
FIELD(attempt_time, "attempt.time", TIME, KIND(ATTEMPT), ARTIFACT(TIME),
    "time of the attempt: the server's Date, else the client's clock");
FIELD(attempt_time_source, "attempt.time_source", TEXT, KIND(ATTEMPT),
    ARTIFACT(TIME), "server, client or text");
FIELD(attempt_transaction, "attempt.transaction", TEXT, KIND(ATTEMPT),
    ARTIFACT(PKI_MESSAGE) | ARTIFACT(PKI_ANSWER), "the SCEP transaction id");

/* The AIK CA that the request file's certificates name. */
static const struct fact *
store_authority_fact(struct evidence *ev, const struct attempt *a,
    struct aik_host *h)
{
	const struct item *it;
	const struct fact *f;

	for (it = ev_first(ev, ITEM_CERTIFICATE); a->store != NULL &&
	    it != NULL; it = it->next) {
		f = item_fact(it, &cert_cn);
		if (item_within(it, a->store) && aik_ca_name(f, h))
			return f;
	}
	return NULL;
}

/* The AIK CA that issued the certificate which the request is sealed to. */
static const struct fact *
recipient_authority_fact(struct evidence *ev, const struct attempt *a,
    struct aik_host *h)
{
	const struct item *it;
	const struct fact *f;
	struct value cn;

	for (it = ev_first(ev, ITEM_ENVELOPE); a->request != NULL &&
	    it != NULL; it = it->next) {
		if (it->parent != a->request)
			continue;
		f = item_fact(it, &envelope_recipient_issuer);
		cn = value_text("", 0);
		if (f != NULL) {
			const char *p = memmem(f->value.p, f->value.n, "CN=",
			    3);

			if (p != NULL)
				cn = value_text(p + 3, f->value.n -
				    (size_t)(p + 3 - f->value.p));
		}
		if (aik_ca_name(&(struct fact){ .value = cn }, h))
			return f;
	}
	return NULL;
}

static void
attempt_authority(struct evidence *ev, struct attempt *a)
{
	const struct fact *f = NULL;
	struct vendor_info vendor;
	struct aik_host h;
	size_t i;

	f = attempt_asked_host(a);
	for (i = 0; i < a->nruns && f == NULL; i++)
		f = run_asked_host(a->runs[i]);
	if (f != NULL && !aik_host_parse(f->value.p, f->value.n, &h))
		return;
	if (f == NULL && (f = recipient_authority_fact(ev, a, &h)) == NULL &&
	    (f = store_authority_fact(ev, a, &h)) == NULL)
		return;
	ev_artifact(a->item, ARTIFACT_AUTHORITY);
	ev_derive(ev, a->item, &attempt_host, value_str(arena_printf(
	    ev_arena(ev), "%s-%s-%s.%s", h.prefix, h.form, h.id, h.test ?
	    "microsoftaik-int.azure-int.net" : "microsoftaik.azure.net")),
	    SPAN_NONE, &f, 1, NULL);
	ev_derive(ev, a->item, &attempt_form, value_str(h.form), SPAN_NONE, &f,
	    1, NULL);
	ev_derive(ev, a->item, &attempt_id, value_str(h.id), SPAN_NONE, &f, 1,
	    NULL);
	if (vendor_by_prefix(h.prefix, strlen(h.prefix), &vendor))
		ev_derive(ev, a->item, &attempt_vendor,
		    value_from(vendor.id.p, vendor.id.n), SPAN_NONE, &f, 1,
		    "rules/data/vendors.tsv");
}

static void
attempt_when(struct evidence *ev, struct attempt *a)
{
	const struct fact *f = NULL;
	const char *source = "server";
	size_t i;

	for (i = a->nexchanges; i-- > 0 && f == NULL;)
		if (a->exchanges[i]->response != NULL &&
		    !fact_is(item_fact(a->exchanges[i]->response,
		    &http_made_by), "fiddler"))
			f = item_fact(a->exchanges[i]->response, &http_date);
	for (i = 0; i < a->nruns && f == NULL; i++)
		f = item_fact(a->runs[i], &run_date);
	if (f == NULL)
		source = "client";
	for (i = 0; i < a->nexchanges && f == NULL; i++)
		f = item_fact(a->exchanges[i]->session, &session_begin);
	for (i = 0; i < a->nruns && f == NULL; i++) {
		f = item_fact(a->runs[i], &run_event_time);
		source = "text";
	}
	if (f == NULL)
		return;
	a->time = f->value.number;
	ev_artifact(a->item, ARTIFACT_TIME);
	ev_derive(ev, a->item, &attempt_time, f->value, SPAN_NONE, &f, 1, NULL);
	ev_derive(ev, a->item, &attempt_time_source, value_str(source),
	    SPAN_NONE, &f, 1, NULL);
}

static void
attempt_messages(struct evidence *ev, struct attempt *a)
{
	const struct fact *f = NULL;
	size_t i;

	if (a->request != NULL) {
		f = item_fact(a->request, &scep_transaction_id);
		if (f != NULL)
			ev_artifact(a->item, ARTIFACT_PKI_MESSAGE);
	}
	if (a->answer != NULL) {
		ev_artifact(a->item, ARTIFACT_PKI_ANSWER);
		if (f == NULL)
			f = item_fact(a->answer, &scep_transaction_id);
	}
	if (a->ca_chain != NULL)
		ev_artifact(a->item, ARTIFACT_CA_CHAIN);
	for (i = 0; i < a->nexchanges; i++)
		if (exchange_status(a->exchanges[i]) != 0 &&
		    !a->exchanges[i]->connect)
			ev_artifact(a->item, ARTIFACT_ANSWER);
	if (f != NULL)
		ev_derive(ev, a->item, &attempt_transaction, f->value,
		    SPAN_NONE, &f, 1, NULL);
}

void
attempt_facts(struct evidence *ev, struct attempt *a)
{
	attempt_authority(ev, a);
	attempt_when(ev, a);
	attempt_messages(ev, a);
}
