/*
 * Ties downloads of CA certificates and revocation lists to the certificates
 * that named their addresses (AIA and CRL distribution points).
 * Relies on the captures' sessions.  RFC 5280 4.2.1.13, 4.2.2.1.
 */
#include <string.h>
#include <strings.h>

#include "correlate/attempt.h"
#include "correlate/device.h"
#include "decode/crl.h"

#define DOWNLOADS	20000	/* requests that are compared */

FIELD(aia_fetched, "aia.fetched", BOOL, KIND(CERTIFICATE), ARTIFACT(CAPTURE),
    "the issuer's certificate was fetched from an address that this one "
    "names, and came");
FIELD(aia_url, "aia.url", TEXT, KIND(CERTIFICATE), ARTIFACT(CAPTURE),
    "the address of that download");
FIELD(aia_status, "aia.status", INT, KIND(CERTIFICATE), ARTIFACT(CAPTURE),
    "HTTP status of that download");
FIELD(aia_is_issuer, "aia.is_issuer", BOOL, KIND(CERTIFICATE),
    ARTIFACT(CAPTURE), "what came did issue this certificate, by names and "
    "key ids");
FIELD(crl_fetched, "crl.fetched", BOOL, KIND(CERTIFICATE), ARTIFACT(CAPTURE),
    "a revocation list was fetched from an address that this one names, and "
    "came");
FIELD(crl_url, "crl.url", TEXT, KIND(CERTIFICATE), ARTIFACT(CAPTURE),
    "the address of that download");
FIELD(crl_status, "crl.status", INT, KIND(CERTIFICATE), ARTIFACT(CAPTURE),
    "HTTP status of that download");

FIELD(crl_revoked, "crl.revoked", BOOL, KIND(CERTIFICATE), ARTIFACT(CAPTURE),
    "the certificate's serial stands in that list, which its issuer made");

/* A GET that was answered; host and path as in an absolute URL. */
struct download {
	const char	*host, *path;
	size_t		 npath;
	const struct item *response;
	const struct fact *url, *status;
};

/* "http://host:80/path" in its parts; false for what is no such URL. */
static bool
url_split(const char *p, size_t n, const char **ret_host, size_t *ret_nhost,
    const char **ret_path, size_t *ret_npath)
{
	size_t at = n > 7 && strncasecmp(p, "http://", 7) == 0 ? 7 :
	    n > 8 && strncasecmp(p, "https://", 8) == 0 ? 8 : 0, i;

	if (at == 0)
		return false;
	for (i = at; i < n && p[i] != '/' && p[i] != ':' && p[i] != '?'; i++)
		continue;
	*ret_host = p + at;
	*ret_nhost = i - at;
	while (i < n && p[i] != '/' && p[i] != '?')
		i++;
	*ret_path = p + i;
	*ret_npath = n - i;
	return *ret_nhost > 0;
}

static bool
download_of(const struct exchange *x, struct download *ret)
{
	const char *host;
	size_t nhost;

	if (x->request == NULL || x->response == NULL || x->connect ||
	    *x->host == '\0')
		return false;
	ret->url = item_fact(x->request, &request_url);
	ret->status = item_fact(x->response, &http_status);
	if (ret->url == NULL || ret->status == NULL)
		return false;
	ret->host = x->host;
	ret->response = x->response;
	if (!url_split(ret->url->value.p, ret->url->value.n, &host, &nhost,
	    &ret->path, &ret->npath)) {
		ret->path = ret->url->value.p;
		ret->npath = ret->url->value.n;
	}
	return true;
}

static struct download *
downloads_all(struct evidence *ev, size_t *ret_n)
{
	struct download *d = NULL;
	const struct item *archive;
	const struct exchange *x;
	size_t n, i, room = 0;

	*ret_n = 0;
	for (archive = ev_first(ev, ITEM_ARCHIVE); archive != NULL;
	    archive = archive->next) {
		x = exchanges_of(ev, archive, &n);
		if (d == NULL && n > 0) {
			room = n < DOWNLOADS ? n : DOWNLOADS;
			d = arena_alloc(ev_arena(ev), room * sizeof(*d));
		}
		for (i = 0; i < n && *ret_n < room; i++)
			if (download_of(&x[i], &d[*ret_n]))
				++*ret_n;
	}
	return d;
}

static const struct download *
download_find(const struct download *d, size_t n, const struct fact *named)
{
	const struct download *best = NULL;
	const char *host, *path;
	size_t nhost, npath, i;

	if (!url_split(named->value.p, named->value.n, &host, &nhost, &path,
	    &npath))
		return NULL;
	for (i = 0; i < n; i++)
		if (strlen(d[i].host) == nhost &&
		    strncasecmp(d[i].host, host, nhost) == 0 &&
		    d[i].npath == npath && memcmp(d[i].path, path, npath) == 0)
			best = best == NULL ||
			    best->status->value.number != 200 ? &d[i] : best;
	return best;
}

/* Of the list that came: does the certificate stand in it? */
static void
revoked(struct evidence *ev, struct item *cert, const struct item *response)
{
	const struct fact *why[4] = { item_fact(cert, &cert_serial),
	    item_fact(cert, &cert_issuer), item_fact(response, &crl_issuer),
	    item_fact(response, &crl_entries) };
	const struct blob *b;
	struct crl_parts crl;
	struct span at, whole;
	size_t n;

	if (why[0] == NULL || why[3] == NULL || !fact_equal(why[1], why[2]) ||
	    (b = ev_blob(ev, why[2]->at.blob)) == NULL)
		return;
	whole = blob_span(b);
	if (!crl_walk(ev, b, whole, &crl) || crl.whole.cut)
		return;
	at = crl_find(ev, &crl, (const uint8_t *)why[0]->value.p,
	    why[0]->value.n, &n);
	ev_derive(ev, cert, &crl_revoked, value_bool(at.blob != BLOB_NONE),
	    at, why, 4, NULL);
}

static void
tie(struct evidence *ev, struct item *cert, const struct field *names,
    const struct field *fetched, const struct field *url,
    const struct field *status, const struct download *d, size_t n)
{
	const struct download *found = NULL;
	const struct fact *named, *why[3], *body;
	const struct item *it;
	bool came;

	for (named = item_fact(cert, names); named != NULL && found == NULL;
	    named = fact_next(named)) {
		found = download_find(d, n, named);
		if (found != NULL)
			why[0] = named;
	}
	if (found == NULL)
		return;
	why[1] = found->status;
	why[2] = found->url;
	body = item_fact(found->response, &http_content);
	/* A body that the capture did not keep says nothing. */
	if (body == NULL && found->status->value.number == 200)
		return;
	came = found->status->value.number == 200 && (fetched == &aia_fetched ?
	    !fact_is(body, "html") : fact_is(body, "crl"));
	ev_derive(ev, cert, fetched, value_bool(came), SPAN_NONE, why, 3,
	    NULL);
	ev_derive(ev, cert, url, why[0]->value, SPAN_NONE, why, 1, NULL);
	ev_derive(ev, cert, status, found->status->value, SPAN_NONE, &why[1],
	    1, NULL);
	if (fetched != &aia_fetched) {
		revoked(ev, cert, found->response);
		return;
	}
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		if (!item_within(it, found->response))
			continue;
		why[1] = item_fact(it, &cert_subject);
		ev_derive(ev, cert, &aia_is_issuer,
		    value_bool(certificate_issued(it, cert)), SPAN_NONE, why,
		    2, NULL);
		return;
	}
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct download *d;
	struct item *it;
	size_t n;

	(void)as_of;
	d = downloads_all(ev, &n);
	if (n == 0)
		return;
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		tie(ev, it, &cert_aia, &aia_fetched, &aia_url, &aia_status, d,
		    n);
		tie(ev, it, &cert_crl, &crl_fetched, &crl_url, &crl_status, d,
		    n);
	}
}

static const struct field *const fields[] = {
	&aia_fetched, &aia_is_issuer, &aia_status, &aia_url, &crl_fetched,
	&crl_revoked, &crl_status, &crl_url, NULL
};

const struct correlator correlator_downloads = {
	.name = "downloads", .run = run, .fields = fields
};
