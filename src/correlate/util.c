/*
 * What several correlators need: comparing facts, telling certificates apart,
 * and the sessions of a capture in order.  Relies on attempt.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

bool
fact_equal(const struct fact *a, const struct fact *b)
{
	return a != NULL && b != NULL && value_equal(&a->value, &b->value);
}

bool
fact_same_id(const struct fact *a, const struct fact *b)
{
	return a != NULL && b != NULL && a->value.type == VALUE_TEXT &&
	    b->value.type == VALUE_TEXT && a->value.n == b->value.n &&
	    strncasecmp(a->value.p, b->value.p, a->value.n) == 0;
}

bool
fact_is(const struct fact *f, const char *s)
{
	return f != NULL && f->value.type == VALUE_TEXT &&
	    f->value.n == strlen(s) && memcmp(f->value.p, s, f->value.n) == 0;
}

bool
fact_holds(const struct fact *f, const char *s)
{
	size_t n = strlen(s), i;

	if (f == NULL || f->value.type != VALUE_TEXT)
		return false;
	for (i = 0; i + n <= f->value.n; i++)
		if (strncasecmp(f->value.p + i, s, n) == 0)
			return true;
	return false;
}

const char *
fact_hex(struct evidence *ev, const struct fact *f)
{
	size_t n;

	if (f == NULL || f->value.type != VALUE_BYTES)
		return "";
	return value_show(ev, f->field, &f->value, false, &n);
}

struct value
value_from(const char *p, size_t n)
{
	return value_text(p, n);
}

struct value
hex_value(struct evidence *ev, struct str hex)
{
	unsigned char *to = arena_alloc(ev_arena(ev), hex.n / 2 + 1);
	size_t i;
	int c, v;

	for (i = 0; i < hex.n / 2 * 2; i++) {
		c = hex.p[i];
		v = c >= '0' && c <= '9' ? c - '0' :
		    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		    c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
		to[i / 2] = (unsigned char)(to[i / 2] << 4 | v);
	}
	return value_bytes(to, hex.n / 2);
}

bool
aik_ca_name(const struct fact *cn, struct aik_host *ret)
{
	const char *dash;

	if (cn == NULL)
		return false;
	if (aik_host_parse(cn->value.p, cn->value.n, ret))
		return true;
	/* The region of the first generation: EUS-, NCU-, WUS- ... */
	dash = memchr(cn->value.p, '-', cn->value.n);
	return dash != NULL && dash - cn->value.p == 3 &&
	    aik_host_parse(dash + 1, cn->value.n - 4, ret);
}

bool
item_within(const struct item *it, const struct item *above)
{
	while (it != NULL && it != above)
		it = it->parent;
	return it != NULL;
}

bool
certificate_same(const struct item *a, const struct item *b)
{
	return fact_equal(item_fact(a, &cert_sha256), item_fact(b, &cert_sha256));
}

/* Is a the later of two certificates of one CA? */
bool
validity_later(int64_t a_before, int64_t a_after, int64_t b_before, int64_t b_after)
{
	return a_before > b_before || (a_before == b_before &&
	    a_after > b_after);
}

bool
certificate_twin(const struct item *a, const struct item *b)
{
	return a != b && !certificate_same(a, b) &&
	    fact_equal(item_fact(a, &cert_ski), item_fact(b, &cert_ski)) &&
	    fact_equal(item_fact(a, &cert_subject),
	    item_fact(b, &cert_subject)) &&
	    !fact_equal(item_fact(a, &cert_serial),
	    item_fact(b, &cert_serial)) &&
	    item_fact(a, &cert_not_before) != NULL &&
	    item_fact(b, &cert_not_before) != NULL &&
	    item_fact(a, &cert_not_after) != NULL &&
	    item_fact(b, &cert_not_after) != NULL;
}

bool
certificate_later(const struct item *a, const struct item *b)
{
	return validity_later(item_number(a, &cert_not_before, 0),
	    item_number(a, &cert_not_after, 0),
	    item_number(b, &cert_not_before, 0),
	    item_number(b, &cert_not_after, 0));
}

bool
certificate_issued(const struct item *issuer, const struct item *cert)
{
	const struct fact *aki = item_fact(cert, &cert_aki);
	const struct fact *ski = item_fact(issuer, &cert_ski);
	bool names = fact_equal(item_fact(issuer, &cert_subject_sha1),
	    item_fact(cert, &cert_issuer_sha1));

	/* Two encodings of one name exist: the key id then decides. */
	if (aki != NULL && ski != NULL)
		return fact_equal(aki, ski) && (names || fact_equal(
		    item_fact(issuer, &cert_subject),
		    item_fact(cert, &cert_issuer)));
	return names;
}

static int
by_time(const void *a, const void *b)
{
	const struct exchange *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->session->number < y->session->number ? -1 :
	    x->session->number > y->session->number;
}

static int
by_session(const void *a, const void *b)
{
	const struct exchange *x = a, *y = b;

	return x->session->number < y->session->number ? -1 :
	    x->session->number > y->session->number;
}

const struct fact *
attempt_machine(const struct attempt *a)
{
	const struct fact *f = NULL;
	size_t i;

	for (i = 0; i < a->nruns && f == NULL; i++)
		f = item_fact(a->runs[i], &run_machine);
	if (f == NULL && a->store != NULL)
		f = item_fact(a->store, &store_machine);
	return f;
}

bool
one_machine(const struct fact *a, const struct fact *b)
{
	return a != NULL && b != NULL && value_equal(&a->value, &b->value) &&
	    !fact_holds(a, "MINWINPC");
}

/* The exchange of a session in a table that is sorted by number. */
static struct exchange *
exchange_of(struct exchange *x, size_t n, struct item *it)
{
	const struct item *session = item_up(it, ITEM_SESSION);
	struct exchange key = { .session = (struct item *)session };

	return session == NULL ? NULL :
	    bsearch(&key, x, n, sizeof(*x), by_session);
}

/* The first message of a body, or its repaired form. */
static void
sounder(struct item **message, struct item *other)
{
	if (*message == NULL || (item_truth(*message, &cms_damaged, false) &&
	    !item_truth(other, &cms_damaged, false)))
		*message = other;
}

/* "100 Continue" says nothing yet. */
static bool
is_interim(const struct item *response)
{
	int64_t status = item_number(response, &http_status, 0);

	return status >= 100 && status < 200 && status != 101;
}

struct exchange *
exchanges_of(struct evidence *ev, const struct item *archive, size_t *ret_n)
{
	struct exchange *x, *e;
	struct item *it;
	const char *s;
	size_t n = 0;
	bool timed = true;

	*ret_n = 0;
	for (it = ev_first(ev, ITEM_SESSION); it != NULL; it = it->next)
		n += it->parent == archive;
	x = arena_alloc(ev_arena(ev), (n + 1) * sizeof(*x));
	for (it = ev_first(ev, ITEM_SESSION); it != NULL; it = it->next) {
		if (it->parent != archive)
			continue;
		e = &x[(*ret_n)++];
		*e = (struct exchange){ .session = it, .host = "",
		    .operation = "",
		    .begin = item_number(it, &session_begin, 0),
		    .end = item_number(it, &session_end, 0) };
		timed = timed && e->begin != 0;
	}
	for (it = ev_first(ev, ITEM_REQUEST); it != NULL; it = it->next) {
		if ((e = exchange_of(x, n, it)) == NULL || e->request != NULL)
			continue;
		e->request = it;
		if ((s = item_text(it, &request_host)) != NULL)
			e->host = s;
		if ((s = item_text(it, &request_operation)) != NULL)
			e->operation = s;
		e->connect = fact_is(item_fact(it, &request_method), "CONNECT");
	}
	for (it = ev_first(ev, ITEM_RESPONSE); it != NULL; it = it->next)
		if ((e = exchange_of(x, n, it)) != NULL &&
		    (e->response == NULL || is_interim(e->response)))
			e->response = it;
	for (it = ev_first(ev, ITEM_PKI_MESSAGE); it != NULL; it = it->next) {
		if ((e = exchange_of(x, n, it)) == NULL)
			continue;
		if (it->parent == e->request)
			sounder(&e->sent, it);
		if (it->parent == e->response)
			sounder(&e->answer, it);
	}
	if (timed)
		qsort(x, n, sizeof(*x), by_time);
	return x;
}
