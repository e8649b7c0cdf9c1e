/*
 * Chains of certificates as of a time: every path from a certificate of the
 * enrolment to a root, through certificates of the case and those that the
 * user gives with --certs; what is missing and where it can be had.
 * Relies on attempt.h and signatures.h; RFC 5280 6.1, without revocation.
 */
#include <stdio.h>
#include <string.h>

#include "correlate/attempt.h"
#include "correlate/signatures.h"

#define PATHS_MAX	64
#define SHOWN_MAX	8	/* paths that are written out */
#define LENGTH_MAX	10
#define EDGES_MAX	512	/* signatures that are remembered */

FIELD(chain_complete, "chain.complete", BOOL, KIND(CERTIFICATE), 0,
    "is there a path from the certificate to a root, in the case or the "
    "certificates of --certs, with every signature right");
FIELD(chain_paths, "chain.paths", INT, KIND(CERTIFICATE), 0,
    "how many paths lead up from it, 64 at most");
FIELD(chain_path, "chain.path", TEXT, KIND(CERTIFICATE), 0,
    "path by common names, with what is wrong on it", .repeated = true);
FIELD(chain_missing, "chain.missing", TEXT, KIND(CERTIFICATE), 0,
    "name of an issuer that is nowhere", .repeated = true);
FIELD(chain_missing_aia, "chain.missing_aia", TEXT, KIND(CERTIFICATE), 0,
    "where that issuer's certificate can be fetched", .repeated = true);
FIELD(chain_expired, "chain.expired", TEXT, KIND(CERTIFICATE), 0,
    "member of a path that was not valid at the time", .repeated = true);
FIELD(chain_broken, "chain.broken", TEXT, KIND(CERTIFICATE), 0,
    "certificate whose signature does not verify with the key of the issuer "
    "that it names", .repeated = true);
FIELD(chain_given, "chain.given", BOOL, KIND(CERTIFICATE), 0,
    "does a complete path need a certificate of --certs");
FIELD(chain_time, "chain.time", TIME, KIND(CERTIFICATE), 0,
    "time as of which the paths were judged");

struct node {
	struct evidence	*ev;		/* the case, or what was given */
	const struct item *item;
	const struct fact *sha256, *subject, *issuer, *ski, *aki;
	bool		 given;
};

struct search {
	struct evidence	*ev;
	struct node	*v;
	size_t		 n;
	int64_t		 when;
	struct { size_t cert, issuer; enum signature_state state; }
			 edges[EDGES_MAX];
	size_t		 nedges;
	uint64_t	 left;		/* of limits.verifications */
	/* of one certificate */
	struct item	*leaf;
	size_t		 path[LENGTH_MAX];
	size_t		 paths;
	bool		 complete, complete_without;
	bool		 unsure;	/* a signature could not be checked */
};

/* certificate_names() of two nodes. */
static bool
names(const struct node *issuer, const struct node *cert)
{
	return fact_equal(issuer->subject, cert->issuer) &&
	    (cert->aki == NULL || issuer->ski == NULL ||
	    fact_equal(cert->aki, issuer->ski));
}

static enum signature_state
edge_check(struct search *s, size_t cert, size_t issuer)
{
	enum signature_state state;
	size_t i;

	for (i = 0; i < s->nedges; i++)
		if (s->edges[i].cert == cert && s->edges[i].issuer == issuer)
			return s->edges[i].state;
	/* verified already */
	if (fact_equal(item_fact(s->v[cert].item, &cert_signature_by),
	    item_fact(s->v[issuer].item, &cert_sha1)))
		return SIGNATURE_VALID;
	if (s->left == 0) {
		ev_limit(s->ev, s->leaf->at, "verifications", "more than %llu "
		    "signatures of certificates on paths; the rest is not "
		    "verified", (unsigned long long)
		    ev_limits(s->ev)->verifications);
		return SIGNATURE_UNABLE;
	}
	s->left--;
	state = certificate_verify(s->v[cert].ev, s->v[issuer].ev,
	    s->v[cert].item, s->v[issuer].item);
	if (s->nedges < EDGES_MAX) {
		s->edges[s->nedges].cert = cert;
		s->edges[s->nedges].issuer = issuer;
		s->edges[s->nedges++].state = state;
	}
	return state;
}

static const char *
node_name(struct search *s, size_t i)
{
	const struct fact *f = item_fact(s->v[i].item, &cert_cn);

	if (f == NULL)
		f = item_fact(s->v[i].item, &cert_subject);
	if (f == NULL || f->value.n == 0)
		return "(no name)";
	return arena_text(ev_arena(s->ev), f->value.p, f->value.n);
}

/* A text once; what it stands on is the leaf's digest. */
static void
say(struct search *s, const struct field *field, const char *text)
{
	const struct fact *why = item_fact(s->leaf, &cert_sha256), *f;

	for (f = item_fact(s->leaf, field); f != NULL; f = fact_next(f))
		if (fact_is(f, text))
			return;
	ev_derive(s->ev, s->leaf, field, value_str(text), SPAN_NONE, &why, 1,
	    NULL);
}

static bool
in_time(const struct search *s, size_t i)
{
	const struct item *it = s->v[i].item;

	return s->when == 0 ||
	    (s->when >= item_number(it, &cert_not_before, INT64_MIN) &&
	    s->when <= item_number(it, &cert_not_after, INT64_MAX));
}

static void
path_end(struct search *s, size_t length, const char *end)
{
	const char *text = "";
	bool given = false;
	size_t i;

	s->paths++;
	for (i = 0; i < length; i++) {
		given |= s->v[s->path[i]].given;
		text = arena_printf(ev_arena(s->ev), "%s%s%s%s%s", text,
		    i > 0 ? " < " : "", node_name(s, s->path[i]),
		    s->v[s->path[i]].given ? " (given)" : "",
		    in_time(s, s->path[i]) ? "" : " (not valid then)");
		if (!in_time(s, s->path[i]))
			say(s, &chain_expired, node_name(s, s->path[i]));
	}
	if (end == NULL) {
		s->complete = true;
		if (!given)
			s->complete_without = true;
	}
	if (s->paths <= SHOWN_MAX)
		say(s, &chain_path, end != NULL ? arena_printf(
		    ev_arena(s->ev), "%s < %s", text, end) : text);
}

static void
missing(struct search *s, size_t at)
{
	const struct fact *issuer = item_fact(s->v[at].item, &cert_issuer);
	const struct fact *f;

	if (issuer != NULL)
		say(s, &chain_missing, arena_text(ev_arena(s->ev),
		    issuer->value.p, issuer->value.n));
	for (f = item_fact(s->v[at].item, &cert_aia); f != NULL;
	    f = fact_next(f))
		say(s, &chain_missing_aia, arena_text(ev_arena(s->ev),
		    f->value.p, f->value.n));
}

static bool
on_path(const struct search *s, size_t length, size_t i)
{
	while (length > 0)
		if (s->path[--length] == i)
			return true;
	return false;
}

static void
climb(struct search *s, size_t length)
{
	size_t at = s->path[length - 1], i;
	enum signature_state state;
	bool found = false, named = false, unsure = false;

	if (s->paths >= PATHS_MAX)
		return;
	if (names(&s->v[at], &s->v[at])) {
		state = edge_check(s, at, at);
		if (state == SIGNATURE_INVALID)
			say(s, &chain_broken, node_name(s, at));
		else if (state == SIGNATURE_UNABLE)
			s->unsure = true;
		path_end(s, length, state == SIGNATURE_VALID ? NULL :
		    state == SIGNATURE_INVALID ?
		    "(its own signature is not right)" :
		    "(its own signature cannot be checked)");
		return;
	}
	for (i = 0; i < s->n && length < LENGTH_MAX; i++) {
		if (!names(&s->v[i], &s->v[at]) || on_path(s, length, i))
			continue;
		named = true;
		state = edge_check(s, at, i);
		if (state == SIGNATURE_UNABLE) {
			/* neither right nor wrong: nobody is accused */
			s->unsure = unsure = true;
			continue;
		}
		if (state != SIGNATURE_VALID)
			continue;
		found = true;
		s->path[length] = i;
		climb(s, length + 1);
	}
	if (found)
		return;
	if (unsure)
		path_end(s, length, "(a signature cannot be checked)");
	else if (named) {
		say(s, &chain_broken, node_name(s, at));
		path_end(s, length, "(no key verifies it)");
	} else {
		missing(s, at);
		path_end(s, length, "(missing)");
	}
}

/* Certificates whose chain somebody has to trust. */
static bool
has_chain(const struct item *cert)
{
	static const char *const roles[] = {
		"ek", "ek-intermediate", "aik", "aik-ca", "ra-signing",
		"ra-encryption", "platform"
	};
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (fact_is(item_fact(cert, &cert_role), roles[i]))
			return true;
	return false;
}

static void
collect(struct search *s, struct evidence *ev, bool given)
{
	struct item *it;
	size_t i;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next) {
		const struct fact *sha256 = item_fact(it, &cert_sha256);

		if (sha256 == NULL)
			continue;
		for (i = 0; i < s->n; i++)
			if (fact_equal(s->v[i].sha256, sha256))
				break;
		if (i == s->n)
			s->v[s->n++] = (struct node){ .ev = ev, .item = it,
			    .sha256 = sha256, .given = given,
			    .subject = item_fact(it, &cert_subject_normal),
			    .issuer = item_fact(it, &cert_issuer_normal),
			    .ski = item_fact(it, &cert_ski),
			    .aki = item_fact(it, &cert_aki) };
	}
}

static size_t
count(const struct evidence *ev)
{
	const struct item *it;
	size_t n = 0;

	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		n++;
	return n;
}

static void
leaf_read(struct search *s, struct item *leaf)
{
	const struct fact *why = item_fact(leaf, &cert_sha256);
	size_t i;

	if (why == NULL)
		return;
	for (i = 0; i < s->n && !fact_equal(s->v[i].sha256, why); i++)
		continue;
	if (i == s->n)
		return;
	s->leaf = leaf;
	s->paths = 0;
	s->complete = s->complete_without = s->unsure = false;
	s->path[0] = i;
	climb(s, 1);
	if (s->complete || !s->unsure)
		ev_derive(s->ev, leaf, &chain_complete,
		    value_bool(s->complete), SPAN_NONE, &why, 1, NULL);
	ev_derive(s->ev, leaf, &chain_paths, value_int((int64_t)s->paths),
	    SPAN_NONE, &why, 1, NULL);
	if (s->complete && !s->complete_without)
		ev_derive(s->ev, leaf, &chain_given, value_bool(true),
		    SPAN_NONE, &why, 1, NULL);
	if (s->when != 0)
		ev_derive(s->ev, leaf, &chain_time, value_time(s->when),
		    SPAN_NONE, &why, 1, NULL);
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct evidence *given = ev_given(ev);
	struct search *s = arena_alloc(ev_arena(ev), sizeof(*s));
	struct item *it;
	const struct item *attempt;
	size_t total;

	s->ev = ev;
	s->left = ev_limits(ev)->verifications;
	s->when = as_of;
	for (attempt = ev_first(ev, ITEM_ATTEMPT); attempt != NULL;
	    attempt = attempt->next)
		if (as_of == 0 && attempt->attempt->time != 0)
			s->when = attempt->attempt->time;
	total = count(ev) + (given != NULL ? count(given) : 0);
	s->v = arena_alloc(ev_arena(ev), (total + 1) * sizeof(*s->v));
	collect(s, ev, false);
	if (given != NULL)
		collect(s, given, true);
	for (it = ev_first(ev, ITEM_CERTIFICATE); it != NULL; it = it->next)
		if (has_chain(it))
			leaf_read(s, it);
}

static const struct field *const fields[] = {
	&chain_complete, &chain_paths, &chain_path, &chain_missing,
	&chain_missing_aia, &chain_expired, &chain_broken, &chain_given,
	&chain_time, NULL
};

const struct correlator correlator_paths = {
	.name = "paths", .run = run, .fields = fields
};
