/*
 * Writes the rows of compare_rows.h: in the order of the protocol, in each
 * stage first what was sent, then what came back.  A table says what is noise.
 * Relies on the attempts correlator and escape.h.
 */
#include "report/compare_rows.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "report/escape.h"

#define VALUES_MAX	64	/* of one field */

/*
 * What differs between any two runs of the same story: times, ids, nonces,
 * sizes, digests, one-time certificates; and what another row says already.  A
 * '*' at either end of a name stands for anything.
 */
static const char *const	noise[] = {
	"*.sha256", "*.time", "*_sha256", "*_time", "attempt.client_build",
	"attempt.device", "attempt.failed_stage", "attempt.firmware",
	"attempt.host", "attempt.last", "attempt.outcome", "attempt.source",
	"attempt.time_source", "attempt.tpm_version", "attempt.transaction",
	"authority.first_added",
	"authority.list_date", "clock.skew", "cms.signer_issuer",
	"cms.signer_serial", "cms.signer_sha1", "connect.host",
	"connect.subject", "connect.thumbprint", "ek_issuer.loaded",
	"ek_issuer.old_*", "envelope.iv", "envelope.length",
	"envelope.opened*", "envelope.opens_with", "envelope.recipient",
	"envelope.recipient_serial", "envelope.recipient_ski", "evidence.*",
	"http.body", "http.body_length", "http.date", "incident.source",
	"incident.what", "join.*", "request.host", "request.url",
	"run.event", "scep.recipient_nonce", "scep.sender_nonce",
	"scep.transaction_id", "session.*", "stage.client_request_id",
	"stage.duration", "stage.item", "stage.name", "stage.request_id",
	"symptom.*", NULL
};

/* What of a certificate is compared. */
static const char *const	certificate_fields[] = {
	"cert.aki", "cert.ca", "cert.eku", "cert.issuer", "cert.key",
	"cert.not_after", "cert.not_before", "cert.policy", "cert.serial",
	"cert.signature", "cert.ski", "cert.subject", "cert.vendor",
	"tpm.*", NULL
};

/* Of header["..."], by key. */
static const char *const	header_noise[] = {
	"age", "client-request-id", "content-length", "cookie", "date",
	"etag", "expires", "host", "last-modified", "platformtype",
	"request-id", "server-timing", "set-cookie", "x-azure-ref",
	"x-ms-client-request-id", "x-ms-correlation-request-id",
	"x-ms-request-id", "x-ms-routing-request-id", NULL
};

/* These say how the case was watched, rather than what happened. */
static const char *const	minor[] = {
	"connect.*", "ek_issuer.where", "header", "http.made_by",
	"http.reason", "request.method", "request.scope", "run.*",
	"stage.code", NULL
};

/*
 * Of certificates that are made for one run or one device, and of those of
 * the service, which it renews: an EK CA's own are what matters.
 */
static const char *const	one_time[] = {
	"cert.aki", "cert.not_after", "cert.not_before", "cert.serial",
	"cert.ski", "cert.subject", NULL
};
static const char *const	renewed[] = {
	"cert.aki", "cert.not_after", "cert.not_before", "cert.serial",
	"cert.ski", NULL
};

static const char *const	run_roles[] = {
	"aik", "ek", "other", "scep-signer", "tls", NULL
};
static const char *const	service_roles[] = {
	"aik-ca", "aik-root", "ra-encryption", "ra-signing", NULL
};

static bool
in_list(const char *const *list, const char *name)
{
	size_t n, len = strlen(name);

	for (; *list != NULL; list++) {
		n = strlen(*list);
		if (**list == '*' ? n - 1 <= len &&
		    strcmp(*list + 1, name + len - (n - 1)) == 0 :
		    (*list)[n - 1] == '*' ?
		    strncmp(*list, name, n - 1) == 0 :
		    strcmp(*list, name) == 0)
			return true;
	}
	return false;
}

static bool
certificate_noise(const char *role, const char *field)
{
	return !in_list(certificate_fields, field) ||
	    (in_list(run_roles, role) && in_list(one_time, field)) ||
	    (in_list(service_roles, role) && in_list(renewed, field));
}

/* ---- rows ---- */

struct row {
	enum compare_weight weight;
	const char	*stage, *part, *field;
	const char	*values[VALUES_MAX];
	size_t		 nvalues;
	const struct fact *fact;
	struct row	*next;
};

struct dump {
	struct evidence	*ev;
	struct arena	*arena;
	struct row	*first, *last;
	size_t		 n;
};

static const char *
clean(struct dump *d, const char *p, size_t n)
{
	const char *text;
	size_t len;

	text = escape_text(d->arena, p, n > COMPARE_TEXT_MAX / 4 ?
	    COMPARE_TEXT_MAX / 4 : n, &len);
	return len > COMPARE_TEXT_MAX - 1 ? arena_text(d->arena, text,
	    COMPARE_TEXT_MAX - 1) : text;
}

static void
add(struct dump *d, enum compare_weight weight, const char *stage,
    const char *part, const char *field, const char *value,
    const struct fact *fact)
{
	struct row *r;
	size_t i;

	for (r = d->first; r != NULL; r = r->next)
		if (strcmp(r->stage, stage) == 0 &&
		    strcmp(r->part, part) == 0 && strcmp(r->field, field) == 0)
			break;
	if (r == NULL) {
		if (d->n == COMPARE_ROWS_MAX)
			return;
		r = arena_alloc(d->arena, sizeof(*r));
		*r = (struct row){ .weight = weight, .stage = stage,
		    .part = part, .field = field, .fact = fact };
		if (d->last == NULL)
			d->first = r;
		else
			d->last->next = r;
		d->last = r;
		d->n++;
	}
	for (i = 0; i < r->nvalues; i++)
		if (strcmp(r->values[i], value) == 0)
			return;
	if (r->nvalues < VALUES_MAX)
		r->values[r->nvalues++] = value;
}

static void
add_fact(struct dump *d, const char *stage, const char *part,
    const struct fact *f, const char *prefix)
{
	const char *name = f->field->name, *p, *row;
	enum compare_weight weight = in_list(minor, name) ? COMPARE_MINOR :
	    COMPARE_MATTERS;
	size_t n;

	if (f->field->personal || in_list(noise, name) ||
	    (f->key != NULL && in_list(header_noise, f->key)))
		return;
	row = arena_printf(d->arena, "%s%s%s%s%s", prefix, name,
	    f->key == NULL ? "" : "[\"", f->key == NULL ? "" : f->key,
	    f->key == NULL ? "" : "\"]");
	p = value_show(d->ev, f->field, &f->value, false, &n);
	add(d, weight, stage, part, clean(d, row, strlen(row)),
	    clean(d, p, n), f);
}

static bool
seen(const struct dump *d, const char *stage, const char *field)
{
	const struct row *r;

	for (r = d->first; r != NULL; r = r->next)
		if (strcmp(r->stage, stage) == 0 &&
		    strcmp(r->field, field) == 0)
			return true;
	return false;
}

static void
add_item(struct dump *d, const char *stage, const char *part,
    const struct item *it)
{
	const struct fact *f;

	for (f = it == NULL ? NULL : it->facts; f != NULL; f = f->next)
		/* What the stage itself says need not be said again. */
		if (strcmp(part, "stage") == 0 || f->key != NULL ||
		    !seen(d, stage, f->field->name) ||
		    f->field->repeated)
			add_fact(d, stage, part, f, "");
}

/* ---- parts of a case ---- */

static bool
within(const struct item *it, const struct item *above)
{
	for (; it != NULL; it = it->parent)
		if (it == above)
			return true;
	return false;
}

static void
add_certificates(struct dump *d, const char *stage, const char *part,
    const struct item *in)
{
	const struct item *it;
	const struct fact *f;
	const char *role, *prefix;

	for (it = ev_first(d->ev, ITEM_CERTIFICATE); in != NULL && it != NULL;
	    it = it->next) {
		if (!within(it, in))
			continue;
		role = item_text(it, &cert_role);
		if (role == NULL)
			role = "other";
		prefix = arena_printf(d->arena, "%s: ", role);
		for (f = it->facts; f != NULL; f = f->next)
			if (!certificate_noise(role, f->field->name))
				add_fact(d, stage, part, f, prefix);
	}
}

static void
add_message(struct dump *d, const char *stage, const char *part,
    const struct item *message)
{
	const struct item *it;
	bool sent = strcmp(part, "message sent") == 0;

	add_item(d, stage, part, message);
	add_certificates(d, stage, sent ? "certificates sent" :
	    "certificates received", message);
	for (it = ev_first(d->ev, ITEM_ENVELOPE); message != NULL &&
	    it != NULL; it = it->next)
		if (it->parent == message)
			add_item(d, stage, sent ? "envelope sent" :
			    "envelope received", it);
}

/* Which stage an exchange belongs to; NULL: a tunnel, or nothing of ours. */
static const char *
exchange_stage(const struct exchange *x)
{
	if (x->connect)
		return NULL;
	if (strcmp(x->operation, "GetCACaps") == 0)
		return "GetCACaps";
	if (strcmp(x->operation, "GetCACertChain") == 0)
		return "GetCACertChain";
	if (strcmp(x->operation, "PKIOperation") != 0)
		return NULL;
	return x->sent != NULL && item_number(x->sent, &scep_message_type,
	    0) == 41 ? "challenge-answer" : "PKIOperation-request";
}

static const struct item *
stage_item_of(const struct dump *d, const struct attempt *a, const char *name)
{
	const struct item *it;
	const char *s;

	for (it = ev_first(d->ev, ITEM_STAGE); it != NULL; it = it->next) {
		s = item_text(it, &stage_name);
		if (it->parent == a->item && s != NULL &&
		    strcmp(s, name) == 0)
			return it;
	}
	return NULL;
}

/*
 * Facts of the attempt by the beginning of their names.  Where a field is
 * absent and an artifact that holds it was read, that is a value too.
 */
static void
add_group(struct dump *d, const char *stage, const char *part,
    const struct item *it, const char *prefix)
{
	const struct field *const *all, *field;
	const struct fact *f;
	uint32_t lacking;
	size_t i, n;

	all = fields_all(&n);
	for (i = 0; i < n; i++) {
		field = all[i];
		if ((field->kinds & UINT32_C(1) << it->kind) == 0 ||
		    strncmp(field->name, prefix, strlen(prefix)) != 0 ||
		    in_list(noise, field->name) || field->personal)
			continue;
		f = item_fact(it, field);
		for (; f != NULL; f = fact_next(f))
			add_fact(d, stage, part, f, "");
		lacking = field->artifacts & ~it->artifacts;
		if (item_fact(it, field) == NULL && field->artifacts != 0 &&
		    (field->needs_all ? lacking == 0 :
		    lacking != field->artifacts))
			add(d, COMPARE_MATTERS, stage, part, field->name,
			    COMPARE_ABSENT, NULL);
	}
}

static void
add_stage(struct dump *d, const struct attempt *a, const char *name)
{
	const struct item *it = stage_item_of(d, a, name);
	const struct exchange *x = NULL;
	const char *state = "not reached", *s;
	const struct fact *f = NULL;
	size_t i;

	for (i = 0; i < a->nexchanges; i++)
		if ((s = exchange_stage(a->exchanges[i])) != NULL &&
		    strcmp(s, name) == 0)
			x = a->exchanges[i];
	if (strcmp(name, "PKIOperation-request") == 0) {
		/* What tells a CA from its like comes first. */
		add_group(d, name, "EK issuer", a->item, "ek_issuer.name");
		add_group(d, name, "EK issuer", a->item, "ek_issuer.serial");
		add_group(d, name, "EK issuer", a->item, "ek_issuer.");
		add_group(d, name, "EK issuer", a->item, "ek_chain.");
		if (a->ek != NULL)
			add_certificates(d, name, "EK certificate", a->ek);
	}
	if (x != NULL) {
		add_item(d, name, "request", x->request);
		add_message(d, name, "message sent", x->sent);
	} else if (strcmp(name, "PKIOperation-request") == 0)
		add_message(d, name, "message sent", a->request);
	if (it != NULL && (f = item_fact(it, &stage_state)) != NULL)
		state = clean(d, f->value.p, f->value.n);
	add(d, COMPARE_MATTERS, name, "stage", "stage.state", state, f);
	add_item(d, name, "stage", it);
	if (x != NULL) {
		add_item(d, name, "response", x->response);
		add_message(d, name, "message received", x->answer);
	} else if (strcmp(name, "GetCACertChain") == 0)
		add_message(d, name, "message received", a->ca_chain);
}

/* The last attempt of a device that failed, else the last of all. */
static const struct attempt *
attempt_chosen(struct evidence *ev)
{
	const struct item *it, *best = NULL;
	bool failed, best_failed = false;
	const char *s;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		if (!item_truth(it, &attempt_last, false))
			continue;
		s = item_text(it, &attempt_outcome);
		failed = s != NULL && strcmp(s, "failed") == 0;
		if (best == NULL || failed > best_failed ||
		    (failed == best_failed &&
		    it->attempt->time >= best->attempt->time)) {
			best = it;
			best_failed = failed;
		}
	}
	return best == NULL ? NULL : best->attempt;
}

static void
add_summary(struct dump *d, const struct judgement *jd)
{
	const struct verdict *v = &jd->verdict;
	const struct fact *f = v->cause != NULL && v->cause->n > 0 ?
	    v->cause->because[0] : NULL;

	add(d, COMPARE_SUMMARY, "", "verdict", "verdict.outcome",
	    outcome_names[v->outcome], f);
	add(d, COMPARE_SUMMARY, "", "verdict", "verdict.cause",
	    v->cause == NULL ? COMPARE_ABSENT : clean(d, v->cause->rule->id,
	    strlen(v->cause->rule->id)), f);
}

/* Seconds differ always; more than five minutes break things. */
static void
add_clock(struct dump *d, const struct attempt *a)
{
	const struct fact *f = item_fact(a->item, &clock_skew);

	if (f != NULL)
		add(d, COMPARE_MATTERS, "", "clock", "clock.skew",
		    f->value.number > 300 || f->value.number < -300 ?
		    "more than five minutes" : "within five minutes", f);
}

static void
add_device(struct dump *d)
{
	const struct item *it = ev_first(d->ev, ITEM_DEVICE);

	if (it != NULL)
		add_item(d, "", "device", it);
	for (it = ev_first(d->ev, ITEM_JOIN); it != NULL; it = it->next) {
		const struct fact *f = item_fact(it, &join_by);
		const char *grade = item_text(it, &join_grade);

		if (f != NULL && grade != NULL)
			add(d, COMPARE_MINOR, "", "joins", arena_printf(
			    d->arena, "join (%s)", grade),
			    clean(d, f->value.p, f->value.n), f);
	}
}

/* ---- writing ---- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Where the value, or what it was computed from, was read. */
static const char *
place(struct dump *d, const struct fact *f)
{
	const char *text;
	struct citation c;
	size_t i;

	for (i = 0; f != NULL && f->at.blob == BLOB_NONE && i < 16; i++)
		f = f->nfrom > 0 ? f->from[0] : NULL;
	if (f == NULL || !ev_cite(d->ev, f->at, &c))
		return "";
	text = arena_printf(d->arena, "%s%s%s@%zu+%zu", c.input->path,
	    *c.member == '\0' ? "" : "!/", c.member, c.offset, c.length);
	for (i = 0; i < c.nvia; i++)
		text = arena_printf(d->arena, "%s%s%s%s", text,
		    i == 0 ? " (" : ", ", c.via[i],
		    i + 1 == c.nvia ? ")" : "");
	return clean(d, text, strlen(text));
}

static void
row_write(struct dump *d, struct row *r, FILE *f)
{
	const char *text = "";
	size_t i;

	qsort(r->values, r->nvalues, sizeof(*r->values), by_text);
	for (i = 0; i < r->nvalues && strlen(text) < COMPARE_TEXT_MAX; i++)
		text = arena_printf(d->arena, "%s%s%s", text,
		    i == 0 ? "" : "; ", r->values[i]);
	(void)fprintf(f, "%c\t%s\t%s\t%s\t%.*s\t%s\n", (int)r->weight,
	    r->stage, r->part, r->field, COMPARE_TEXT_MAX - 1, text,
	    place(d, r->fact));
}

int
compare_rows_emit(struct evidence *ev, const struct judgement *jd, FILE *f,
    void *arg)
{
	static const char *const stages[] = { "dns", "connect", "tls",
	    "GetCACaps", "GetCACertChain", "PKIOperation-request",
	    "challenge", "challenge-answer", "certificate" };
	struct dump d = { .ev = ev, .arena = ev_arena(ev) };
	const struct attempt *a = attempt_chosen(ev);
	struct row *r;
	size_t i;

	(void)arg;
	if (jd != NULL)
		add_summary(&d, jd);
	if (a != NULL) {
		add_group(&d, "", "authority", a->item, "attempt.");
		add_group(&d, "", "authority", a->item, "authority.");
		add_clock(&d, a);
		for (i = 0; i < sizeof(stages) / sizeof(*stages); i++)
			add_stage(&d, a, stages[i]);
	}
	add_device(&d);
	(void)fprintf(f, "%s\n", COMPARE_MAGIC);
	for (r = d.first; r != NULL; r = r->next)
		row_write(&d, r, f);
	(void)fprintf(f, "end\t%zu\n", d.n);
	return ferror(f) ? -1 : 0;
}
