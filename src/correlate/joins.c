/*
 * Which pieces of evidence belong together, how that is known, and which ones
 * contradict each other.  Joins request files to attempts; texts were joined
 * by attempts.c and are told here.  Relies on attempts.c and roles.c.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

FIELD(join_a, "join.a", TEXT, KIND(JOIN), 0, "one piece of evidence");
FIELD(join_b, "join.b", TEXT, KIND(JOIN), 0, "the other one");
FIELD(join_grade, "join.grade", TEXT, KIND(JOIN), 0,
    "proven, consistent, time-only or contradicted");
FIELD(join_by, "join.by", TEXT, KIND(JOIN), 0, "how it is known");
FIELD(evidence_contradicted, "evidence.contradicted", BOOL, KIND(CASE), 0,
    "pieces of the case belong to different devices");
FIELD(evidence_contradiction, "evidence.contradiction", TEXT, KIND(CASE), 0,
    "how two pieces contradict each other", .repeated = true);

#define NEAR_US	(INT64_C(900) * 1000000)

/* Input and member that the span stands in. */
static const char *
place(struct evidence *ev, struct span at)
{
	struct citation c;

	if (!ev_cite(ev, at, &c))
		return "?";
	return *c.member == '\0' ? c.input->path : arena_printf(ev_arena(ev),
	    "%s!/%s", c.input->path, c.member);
}

/* Where a fact was read: its own span, or that of what it was made of. */
static struct span
read_at(const struct fact *f)
{
	while (f->at.blob == BLOB_NONE && f->nfrom > 0)
		f = f->from[0];
	return f->at;
}

void
join_add(struct evidence *ev, const char *grade, const char *by,
    const struct fact *a, const struct fact *b)
{
	const char *of_a = place(ev, read_at(a)), *of_b = place(ev, read_at(b));
	const struct fact *why[2] = { a, b };
	struct item *it;

	/* What one file tells of itself needs no join. */
	if (strcmp(grade, "consistent") == 0 && strcmp(of_a, of_b) == 0)
		return;
	it = ev_item(ev, ITEM_JOIN, ev_case(ev), SPAN_NONE);
	ev_derive(ev, it, &join_a, value_str(of_a), SPAN_NONE, why, 2, NULL);
	ev_derive(ev, it, &join_b, value_str(of_b), SPAN_NONE, why, 2, NULL);
	ev_derive(ev, it, &join_grade, value_str(grade), SPAN_NONE, why, 2,
	    NULL);
	ev_derive(ev, it, &join_by, value_str(by), SPAN_NONE, why, 2, NULL);
}

void
join_contradict(struct evidence *ev, const char *text, const struct fact *a,
    const struct fact *b)
{
	const struct fact *why[2] = { a, b };
	struct item *all = ev_case(ev);

	join_add(ev, "contradicted", text, a, b);
	if (item_fact(all, &evidence_contradicted) == NULL)
		ev_derive(ev, all, &evidence_contradicted, value_bool(true),
		    SPAN_NONE, why, 2, NULL);
	ev_derive(ev, all, &evidence_contradiction, value_str(text), SPAN_NONE,
	    why, 2, NULL);
}

/* ---- request files ---- */

/* The signer certificate of the attempt's requests. */
static const struct fact *
signer_of(const struct attempt *at, const struct field *field,
    const struct fact *like)
{
	const struct fact *f;
	size_t i;

	for (i = 0; i < at->nexchanges; i++)
		if (at->exchanges[i]->sent != NULL) {
			f = item_fact(at->exchanges[i]->sent, field);
			if (fact_equal(f, like))
				return f;
		}
	return NULL;
}

/* Three ways in which a request file names its attempt. */
static const struct way {
	const struct field *of_store, *of_message;
	const char	*by;
} ways[] = {
	{ &store_thumbprint, &cms_signer_sha1,
	    "the certificate of record 0x20 signed the request" },
	{ &store_scep_signer, &cms_signer_sha1,
	    "property 112 is the SHA-1 of the request's signer" },
	{ &store_scep_nonce, &scep_sender_nonce,
	    "property 113 is the request's senderNonce" },
};
#define NWAYS	(sizeof(ways) / sizeof(*ways))

/* The fact of the attempt's message that the way finds, or NULL. */
static const struct fact *
found_by(const struct way *w, const struct item *store, const struct item *at)
{
	return signer_of(at->attempt, w->of_message,
	    item_fact(store, w->of_store));
}

/* How many ways find the attempt; where at is NULL: find any. */
static size_t
ways_to(struct evidence *ev, const struct item *store, const struct item *at)
{
	const struct item *it;
	size_t i, n = 0;

	for (i = 0; i < NWAYS; i++) {
		it = at != NULL ? at : ev_first(ev, ITEM_ATTEMPT);
		while (it != NULL && found_by(&ways[i], store, it) == NULL)
			it = at != NULL ? NULL : it->next;
		n += it != NULL;
	}
	return n;
}

/*
 * The attempt that most ways find.  Tries may share a signer; but where no
 * attempt fits all ways that find one, the file names two.
 */
static struct attempt *
prove(struct evidence *ev, const struct item *store)
{
	const struct fact *fits = NULL, *f, *g;
	struct attempt *best = NULL;
	struct item *it;
	size_t i, n, most = 0;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		if ((n = ways_to(ev, store, it)) > most) {
			most = n;
			best = it->attempt;
		}
	if (best == NULL)
		return NULL;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		for (i = 0; i < NWAYS; i++) {
			g = found_by(&ways[i], store, it);
			if (g == NULL || ways_to(ev, store, it) < most)
				continue;
			f = item_fact(store, ways[i].of_store);
			join_add(ev, "proven", ways[i].by, f, g);
			if (it->attempt == best && fits == NULL)
				fits = f;
		}
	if (most == ways_to(ev, store, NULL))
		return best;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		for (i = 0; i < NWAYS; i++)
			if (found_by(&ways[i], store, best->item) == NULL &&
			    (g = found_by(&ways[i], store, it)) != NULL) {
				join_contradict(ev, "the request "
				    "file names two attempts", fits, g);
				return best;
			}
	return best;
}

/* The AIK CA that a request file's own certificates name. */
static const struct fact *
store_authority(struct evidence *ev, const struct item *store,
    struct aik_host *ret)
{
	const struct item *it;
	const struct fact *f;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		f = item_fact(it, &cert_cn);
		if (item_within(it, store) && aik_ca_name(f, ret))
			return f;
	}
	return NULL;
}

static bool
same_id(const struct attempt *at, const struct aik_host *h)
{
	const char *id = item_text(at->item, &attempt_id);

	return id != NULL && strcmp(id, h->id) == 0;
}

static void
join_store(struct evidence *ev, struct item *store)
{
	const struct fact *authority, *f, *nearest = NULL, *host = NULL;
	const struct fact *thumb = item_fact(store, &store_thumbprint);
	struct attempt *best;
	struct aik_host h;
	struct item *it, *cert;
	bool same = false;
	int64_t made;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		if (it->attempt->store == store)
			return;
	if ((best = prove(ev, store)) != NULL) {
		best->store = store;
		best->item->artifacts |= store->artifacts;
		return;
	}
	authority = store_authority(ev, store, &h);
	for (cert = ev_first(ev, ITEM_CERTIFICATE); cert != NULL &&
	    cert->parent != store; cert = cert->next)
		continue;
	made = cert == NULL ? 0 : item_number(cert, &cert_not_before, 0);
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		f = item_fact(it, &attempt_host);
		if (f != NULL && authority != NULL) {
			host = f;
			same = same || same_id(it->attempt, &h);
		}
		if (made != 0 && it->attempt->time != 0 &&
		    made <= it->attempt->time &&
		    it->attempt->time - made < NEAR_US)
			nearest = item_fact(it, &attempt_time);
	}
	if (authority != NULL && host != NULL && !same)
		join_contradict(ev, "the request file names another AIK "
		    "authority than the attempt asked", authority, host);
	else if (authority != NULL && host != NULL)
		join_add(ev, "consistent", "both name the same AIK authority; "
		    "signer and nonce are of another run", authority, host);
	else if (nearest != NULL && thumb != NULL)
		join_add(ev, "time-only", "the dummy certificate was made within "
		    "fifteen minutes before the attempt", thumb, nearest);
}

/* ---- texts ---- */

static const struct fact *
like(struct evidence *ev, const struct attempt *at, const struct field *field,
    const struct fact *id)
{
	const struct fact *f;
	const struct item *it;

	for (it = ev_first(ev, ITEM_STAGE); id != NULL && it != NULL;
	    it = it->next)
		if (it->parent == at->item)
			for (f = item_fact(it, field); f != NULL;
			    f = fact_next(f))
				if (fact_same_id(f, id) && f->nfrom > 0 &&
				    f->from[0] != id)
					return f->from[0];
	return NULL;
}

static const struct fact *
host_of_run(const struct item *run)
{
	const struct fact *f = item_fact(run, &run_host);

	return f != NULL ? f : item_fact(run, &run_authority);
}

static void
join_run(struct evidence *ev, struct attempt *at, const struct item *run)
{
	const struct fact *f, *g, *host;

	if (at->nexchanges == 0 && run == at->runs[0])
		return;
	if ((g = like(ev, at, &stage_request_id,
	    f = item_fact(run, &run_request_id))) != NULL) {
		join_add(ev, "proven", "the same x-ms-request-id", f, g);
		return;
	}
	if ((g = like(ev, at, &stage_client_request_id,
	    f = item_fact(run, &run_client_request_id))) != NULL) {
		join_add(ev, "proven", "the same x-ms-client-request-id", f, g);
		return;
	}
	f = host_of_run(run);
	host = item_fact(at->item, &attempt_host);
	if (f != NULL && host != NULL && host != f)
		join_add(ev, "consistent", "the same AIK authority at the same "
		    "time", f, host);
}

/* Did the capture of `of`, or `of` itself, ask for this authority, too? */
static bool
asked_too(struct evidence *ev, const struct item *of, const char *id)
{
	const struct item *it;
	const char *other;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		other = item_text(it, &attempt_id);
		if ((it == of || (of->attempt->archive != NULL &&
		    it->attempt->archive == of->attempt->archive)) &&
		    other != NULL && strcmp(other, id) == 0)
			return true;
	}
	return false;
}

/* Do two attempts ask different authorities?  Only across files. */
static void
compare_attempts(struct evidence *ev)
{
	const struct item *it, *first = NULL;
	const struct fact *f, *g;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		f = item_fact(it, &attempt_host);
		if (f == NULL)
			continue;
		if (first == NULL) {
			first = it;
			continue;
		}
		/* One capture is one machine's, whatever it asks. */
		if (it->attempt->archive != NULL &&
		    it->attempt->archive == first->attempt->archive)
			continue;
		/* Told by its machine's name: a new EK certificate. */
		if (one_machine(attempt_machine(it->attempt),
		    attempt_machine(first->attempt)))
			continue;
		g = item_fact(first, &attempt_host);
		if (!asked_too(ev, first, item_text(it, &attempt_id)) &&
		    !asked_too(ev, it, item_text(first, &attempt_id))) {
			join_contradict(ev, "two pieces ask different AIK "
			    "authorities", g, f);
			return;
		}
	}
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct item *it;
	size_t i;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		for (i = 0; i < it->attempt->nruns; i++)
			join_run(ev, it->attempt, it->attempt->runs[i]);
	for (it = ev_first(ev, ITEM_STORE_ELEMENT); it != NULL; it = it->next)
		join_store(ev, it);
	compare_attempts(ev);
}

static const struct field *const fields[] = {
	&join_a, &join_b, &join_grade, &join_by, &evidence_contradicted,
	&evidence_contradiction, NULL
};

const struct correlator correlator_joins = {
	.name = "joins", .run = run, .fields = fields
};
