/*
 * How the services answered that give firmware TPMs their EK certificates:
 * ekop.intel.com, ftpm.amd.com, ekcert.spserv.microsoft.com.
 * Relies on the captures' sessions and on roles.c for what a certificate is.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "correlate/device.h"
#include "knowledge/knowledge.h"

#define CAPTURED	ARTIFACT(CAPTURE)

FIELD(ek_service_host, "ek_service.host", TEXT, KIND(DEVICE), CAPTURED,
    "host of an EK certificate service that the device asked",
    .repeated = true);
FIELD(ek_service_status, "ek_service.status", INT, KIND(DEVICE), CAPTURED,
    "HTTP status of the answer that counts: a failure, else the last");
FIELD(ek_service_answer, "ek_service.answer", TEXT, KIND(DEVICE), CAPTURED,
    "what came: certificate, error, page, other, unreachable, refused (by a "
    "proxy)");
FIELD(ek_service_failed, "ek_service.failed", BOOL, KIND(DEVICE), CAPTURED,
    "an EK service did not give what was asked, and none gave an EK "
    "certificate");
FIELD(ek_service_lost_in, "ek_service.lost_in", TEXT, KIND(SESSION), 0,
    "where the way to an EK service ended, if this is the answer that counts: "
    "name, connection or timeout");
FIELD(ek_service_unreached, "ek_service.unreached", TEXT, KIND(SESSION), 0,
    "host of that EK service");
FIELD(ek_service_reason, "ek_service.reason", TEXT, KIND(DEVICE), CAPTURED,
    "how that is known, in words");

/* One answer, as far as it matters. */
struct answer {
	const struct fact *host, *status, *why;
	struct item	*session;
	const char	*what;		/* of ek_service.answer */
	bool		 failed;
};

/* A certificate that stands in the response; an EK's own comes first. */
static const struct item *
certificate_in(struct evidence *ev, const struct item *response)
{
	const struct item *it, *any = NULL;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		if (!item_within(it, response))
			continue;
		if (fact_is(item_fact(it, &cert_role), "ek"))
			return it;
		any = it;
	}
	return any;
}

static bool
answer_of(struct evidence *ev, const struct exchange *x, struct answer *ret,
    bool *ret_ek)
{
	const struct fact *made, *content;
	const struct item *cert;
	int64_t status;

	*ret = (struct answer){ .host = item_fact(x->request, &request_host),
	    .session = x->session };
	if (x->response == NULL || ret->host == NULL)
		return false;
	ret->status = item_fact(x->response, &http_status);
	if (ret->status == NULL)
		return false;
	status = ret->status->value.number;
	made = item_fact(x->response, &http_made_by);
	if (x->connect && status < 300) {
		ret->why = item_fact(x->session, &connect_failed);
		ret->what = "unreachable";
		ret->failed = ret->why != NULL && ret->why->value.truth;
		return ret->failed;
	}
	ret->failed = true;
	ret->why = ret->status;
	if (fact_is(made, "fiddler")) {
		ret->what = "unreachable";
		if ((ret->why = item_fact(x->response, &http_winsock)) == NULL)
			ret->why = item_fact(x->response, &http_error_text);
		if (ret->why == NULL)
			ret->why = made;
		return true;
	}
	if (fact_is(made, "proxy") || status == 407) {
		ret->what = "refused";
		return status != 407 || x->connect;
	}
	if (status >= 400) {
		ret->what = "error";
		return true;
	}
	if ((cert = certificate_in(ev, x->response)) != NULL) {
		ret->what = "certificate";
		ret->why = item_fact(cert, &cert_role);
		ret->failed = false;
		*ret_ek |= fact_is(ret->why, "ek");
		return true;
	}
	if (status >= 300)
		return false;
	content = item_fact(x->response, &http_content);
	ret->what = fact_is(content, "html") ? "page" : "other";
	ret->failed = fact_is(content, "html");
	ret->why = content;
	return content != NULL;
}

static const char *
reason_of(struct evidence *ev, const struct answer *a)
{
	int64_t status = a->status->value.number;
	const char *host = a->host->value.p;

	if (strcmp(a->what, "unreachable") == 0)
		return arena_printf(ev_arena(ev), "%s was not reached", host);
	if (strcmp(a->what, "refused") == 0)
		return arena_printf(ev_arena(ev), "a proxy refused the way to "
		    "%s with %lld", host, (long long)status);
	if (strcmp(a->what, "page") == 0)
		return arena_printf(ev_arena(ev), "a page stands where the "
		    "answer of %s belongs", host);
	return arena_printf(ev_arena(ev), "%s answered %lld", host,
	    (long long)status);
}

/* By the socket error of the capture tool; some tell it in words only. */
static const char *
lost_in(const struct answer *a)
{
	if (a->why != NULL && a->why->field == &http_error_text)
		return fact_holds(a->why, "DNS") ? "name" : NULL;
	if (a->why == NULL || a->why->field != &http_winsock)
		return NULL;
	switch (a->why->value.number) {
	case 0x2af9:
	case 0x2afa:
	case 0x2afb:
	case 0x2afc:
		return "name";
	case 0x274c:
		return "timeout";
	default:
		return "connection";
	}
}

static void
host_add(struct evidence *ev, const struct fact *host)
{
	const struct fact *f;

	for (f = item_fact(device_of(ev), &ek_service_host); f != NULL;
	    f = fact_next(f))
		if (fact_equal(f, host))
			return;
	ev_derive(ev, device_of(ev), &ek_service_host, host->value, SPAN_NONE,
	    &host, 1, NULL);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct answer a, counts = { 0 };
	const struct fact *why[3];
	const struct exchange *x;
	const struct item *archive;
	const char *lost;
	bool ek = false;
	size_t n, i;

	(void)as_of;
	for (archive = ev_first(ev, ITEM_ARCHIVE); archive != NULL;
	    archive = archive->next) {
		x = exchanges_of(ev, archive, &n);
		for (i = 0; i < n; i++) {
			if (x[i].request == NULL ||
			    host_scope(x[i].host) != HOST_EK_SERVICE)
				continue;
			if (!answer_of(ev, &x[i], &a, &ek))
				continue;
			host_add(ev, a.host);
			/* The last failure, else the last answer. */
			if (counts.host == NULL || a.failed || !counts.failed)
				counts = a;
		}
	}
	if (counts.host == NULL)
		return;
	ev_artifact(device_of(ev), ARTIFACT_CAPTURE);
	why[0] = counts.status;
	why[1] = counts.why == counts.status ? NULL : counts.why;
	why[2] = counts.host;
	ev_derive(ev, device_of(ev), &ek_service_status, counts.status->value,
	    SPAN_NONE, why, 1, NULL);
	ev_derive(ev, device_of(ev), &ek_service_answer,
	    value_str(counts.what), SPAN_NONE, why, 2, NULL);
	ev_derive(ev, device_of(ev), &ek_service_failed,
	    value_bool(counts.failed && !ek), SPAN_NONE, why, 3, NULL);
	if (!counts.failed || ek)
		return;
	ev_derive(ev, device_of(ev), &ek_service_reason, value_str(reason_of(
	    ev, &counts)), SPAN_NONE, why, 3, NULL);
	if ((lost = lost_in(&counts)) == NULL)
		return;
	ev_derive(ev, counts.session, &ek_service_lost_in, value_str(lost),
	    SPAN_NONE, &counts.why, 1, NULL);
	ev_derive(ev, counts.session, &ek_service_unreached,
	    counts.host->value, SPAN_NONE, &counts.host, 1, NULL);
}

static const struct field *const fields[] = {
	&ek_service_answer, &ek_service_failed, &ek_service_host,
	&ek_service_lost_in, &ek_service_reason, &ek_service_status,
	&ek_service_unreached, NULL
};

const struct correlator correlator_ek_service = {
	.name = "ek_service", .run = run, .fields = fields
};
