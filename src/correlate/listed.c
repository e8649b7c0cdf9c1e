/*
 * The EK's issuing CA of an attempt where no certificate is there in bytes:
 * a tool's list of it in words is enough to find it in the table of vendors'
 * CAs, if serial, name, validity and the id of the host agree.  That much is
 * consistent, and no proof.  Relies on chain.c and joins.c.
 */
#include <string.h>

#include "correlate/attempt.h"
#include "knowledge/knowledge.h"

#define ISSUERS		"rules/data/issuers.tsv"
#define WHERE		"listed in words"
#define DAY		(INT64_C(86400) * 1000000)

/* A row of the table that a list names, and what it says of it. */
struct found {
	struct issuer_info info;
	const struct fact *why[5];	/* serial, name, both ends, key id */
};

/* The CA that the host's id names; index from 0. */
static bool
named_by_id(const struct attempt *at, size_t index, struct issuer_info *ret)
{
	const char *id = item_text(at->item, &attempt_id);

	if (id == NULL)
		return false;
	return fact_is(item_fact(at->item, &attempt_form), "nameid") ?
	    issuer_by_name(id, index, ret) : issuer_by_ski(id, index, ret);
}

/* Two numbers in hex, whatever zeros stand before them. */
static bool
same_number(struct str a, const char *b)
{
	while (a.n > 2 && a.p[0] == '0' && a.p[1] == '0') {
		a.p += 2;
		a.n -= 2;
	}
	while (strncmp(b, "00", 2) == 0 && b[2] != '\0')
		b += 2;
	return str_same(a, b, strlen(b));
}

/*
 * A date in anybody's language holds the year; at the turn of the year that of
 * the next zone.
 */
static bool
holds_year(const struct fact *date, int64_t us)
{
	static const int64_t near[] = { 0, -DAY, DAY };
	char text[40];
	size_t i;

	for (i = 0; date != NULL && i < 3; i++) {
		time_format(us + near[i], text);
		text[4] = '\0';
		if (fact_holds(date, text))
			return true;
	}
	return false;
}

/* "CN=PRG-SSP, O=...": the whole of the name, not the start of another. */
static bool
holds_name(const struct fact *name, struct str cn)
{
	const char *p, *at;
	size_t left;

	if (name == NULL || cn.n == 0)
		return false;
	p = name->value.p;
	left = name->value.n;
	while ((at = memmem(p, left, cn.p, cn.n)) != NULL) {
		left -= (size_t)(at - p) + cn.n;
		p = at + cn.n;
		if (left == 0 || strchr(",+;\"\r\n", *p) != NULL)
			return true;
	}
	return false;
}

static bool
is_row(struct evidence *ev, const struct item *listed,
    const struct issuer_info *info, struct found *ret)
{
	const struct fact *ski = item_fact(listed, &listed_ski);

	*ret = (struct found){ .info = *info, .why = {
		item_fact(listed, &listed_serial),
		item_fact(listed, &listed_subject),
		item_fact(listed, &listed_not_before),
		item_fact(listed, &listed_not_after), ski } };
	return ret->why[0] != NULL &&
	    same_number(info->serial, fact_hex(ev, ret->why[0])) &&
	    holds_name(ret->why[1], info->cn) &&
	    holds_year(ret->why[2], info->not_before) &&
	    holds_year(ret->why[3], info->not_after) &&
	    (ski == NULL || info->ski.n == 0 || str_is(info->ski,
	    fact_hex(ev, ski)));
}

/* The one certificate of that CA that is listed; of two, nobody knows. */
static bool
find(struct evidence *ev, const struct attempt *at, struct found *ret)
{
	struct issuer_info info;
	struct item *it;
	struct found one;
	size_t i;
	bool any = false;

	for (it = ev_first(ev, ITEM_LISTED); it != NULL; it = it->next)
		for (i = 0; named_by_id(at, i, &info); i++) {
			if (!is_row(ev, it, &info, &one))
				continue;
			if (any && !str_same(one.info.serial,
			    ret->info.serial.p, ret->info.serial.n))
				return false;
			if (!any)
				*ret = one;
			any = true;
		}
	return any;
}

static void
derive(struct evidence *ev, const struct attempt *at,
    const struct field *field, struct value v, const struct found *f)
{
	ev_derive(ev, at->item, field, v, SPAN_NONE,
	    (const struct fact **)(uintptr_t)f->why, 5, ISSUERS);
}

static void
derive_expired(struct evidence *ev, const struct attempt *at,
    const struct found *f, int64_t when)
{
	const struct fact *why[3] = { item_fact(at->item, &attempt_time),
	    f->why[0], f->why[3] };
	bool expired = when < f->info.not_before || when > f->info.not_after;

	if (when == 0)
		return;
	ev_derive(ev, at->item, &ek_chain_expired, value_bool(expired),
	    SPAN_NONE, why, 3, ISSUERS);
	if (expired)
		ev_derive(ev, at->item, &ek_chain_expired_name,
		    value_from(f->info.subject.p, f->info.subject.n),
		    SPAN_NONE, why, 3, ISSUERS);
}

static void
identify(struct evidence *ev, const struct attempt *at, const struct found *f,
    int64_t when)
{
	const struct issuer_info *info = &f->info;

	ev_artifact(at->item, ARTIFACT_EK_ISSUER);
	derive(ev, at, &ek_issuer_name, value_from(info->cn.p, info->cn.n), f);
	if (info->ski.n > 0)
		derive(ev, at, &ek_issuer_ski, hex_value(ev, info->ski), f);
	derive(ev, at, &ek_issuer_serial, hex_value(ev, info->serial), f);
	derive(ev, at, &ek_issuer_not_before, value_time(info->not_before), f);
	derive(ev, at, &ek_issuer_not_after, value_time(info->not_after), f);
	derive(ev, at, &ek_issuer_known, value_bool(true), f);
	derive(ev, at, &ek_issuer_where, value_str(WHERE), f);
	derive_expired(ev, at, f, when);
	join_add(ev, "consistent", "serial, name and validity of a CA "
	    "certificate that a tool lists, and the host's id", f->why[0],
	    item_fact(at->item, &attempt_id));
}

/* The EK certificate in words: its issuer has the name that the id names. */
static void
named(struct evidence *ev, const struct attempt *at)
{
	const struct fact *why[2] = { NULL, item_fact(at->item, &attempt_id) };
	struct issuer_info info;
	struct item *it;

	if (!named_by_id(at, 0, &info))
		return;
	for (it = ev_first(ev, ITEM_LISTED); it != NULL; it = it->next) {
		why[0] = item_fact(it, &listed_issuer);
		if (fact_is(item_fact(it, &listed_list), "certutil") ||
		    !holds_name(why[0], info.cn))
			continue;
		join_add(ev, "consistent", "the issuer of the EK certificate "
		    "that a tool lists, and the host's id", why[0], why[1]);
		if (item_fact(at->item, &ek_issuer_name) == NULL)
			ev_derive(ev, at->item, &ek_issuer_name,
			    value_from(info.cn.p, info.cn.n), SPAN_NONE, why,
			    2, ISSUERS);
		return;
	}
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct attempt *at;
	struct found found;
	struct item *it;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next) {
		at = it->attempt;
		if (at->ek_issuer != NULL)
			continue;
		if (find(ev, at, &found))
			identify(ev, at, &found, as_of != 0 ? as_of :
			    at->time);
		named(ev, at);
	}
}

/* Those of chain.c. */
static const struct field *const fields[] = { NULL };

const struct correlator correlator_listed = {
	.name = "listed", .run = run, .fields = fields
};
