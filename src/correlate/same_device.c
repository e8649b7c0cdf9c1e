/*
 * Tells which attempts are of one device, and which is the last of each: one
 * device's success says nothing about another's failure.
 * Relies on attempts.c, chain.c and authority.c.
 */
#include <stdlib.h>

#include "correlate/attempt.h"

FIELD(attempt_device, "attempt.device", INT, KIND(ATTEMPT), 0,
    "which of the case's devices made the attempt, counted from 1");
FIELD(attempt_last, "attempt.last", BOOL, KIND(ATTEMPT), 0,
    "no later attempt of the same device is in evidence");

/* Later than: by time where both have one; texts without a time come first. */
static bool
later(const struct attempt *a, const struct attempt *b)
{
	if ((a->time == 0) != (b->time == 0))
		return a->time != 0;
	if (a->time != b->time)
		return a->time > b->time;
	return a->item->number > b->item->number;
}

static bool
differ(const struct fact *a, const struct fact *b)
{
	return a != NULL && b != NULL && !value_equal(&a->value, &b->value);
}

/* What names a device; NULL where it is not known. */
struct names {
	const struct fact *vendor, *id, *issuer, *machine;
	const struct item *ek;
	bool		 root;		/* the id is a root's */
};

static struct names
names_of(const struct attempt *a)
{
	return (struct names){ .vendor = item_fact(a->item, &attempt_vendor),
	    .id = item_fact(a->item, &attempt_id),
	    .issuer = item_fact(a->item, &ek_issuer_ski),
	    .machine = attempt_machine(a), .ek = a->ek,
	    .root = item_truth(a->item, &authority_is_root, false) };
}

/*
 * What cannot be of one chip: another vendor, EK certificate, EK issuer or
 * machine name.  Another authority is so too, unless one of the ids is that
 * of a root: then the device may have got its chain wrong.  A machine that
 * keeps its name may have got a new EK certificate with new firmware.
 */
static bool
apart(const struct names *a, const struct names *b)
{
	if (differ(a->vendor, b->vendor) || differ(a->machine, b->machine))
		return true;
	if (one_machine(a->machine, b->machine))
		return false;
	if (a->ek != NULL && b->ek != NULL)
		return !certificate_same(a->ek, b->ek);
	return differ(a->issuer, b->issuer) ||
	    (differ(a->id, b->id) && !a->root && !b->root);
}

static bool
nameless(const struct names *n)
{
	return n->id == NULL && n->issuer == NULL && n->ek == NULL &&
	    n->machine == NULL;
}

struct owner {
	struct names	 names;
	size_t		 last;		/* place of its latest attempt */
};

struct owned {
	struct attempt	*attempt;
	size_t		 device;	/* from 1; 0: not yet known */
};

/* A device's first attempts need not name all; later ones add to it. */
static void
learn(struct owner *o, const struct names *n)
{
	if (one_machine(o->names.machine, n->machine) && n->id != NULL &&
	    differ(o->names.id, n->id)) {
		o->names = *n;		/* with its new firmware */
		return;
	}
	if (o->names.vendor == NULL)
		o->names.vendor = n->vendor;
	if (o->names.id == NULL || (o->names.root && n->id != NULL)) {
		o->names.id = n->id;
		o->names.root = n->root;
	}
	if (o->names.issuer == NULL)
		o->names.issuer = n->issuer;
	if (o->names.machine == NULL)
		o->names.machine = n->machine;
	if (o->names.ek == NULL)
		o->names.ek = n->ek;
}

/* Gives each attempt that names something the latest device it agrees with. */
static void
tell_apart(struct owned *all, size_t n, struct owner *owners)
{
	size_t i, d, best, devices = 0;
	struct names names;

	for (i = 0; i < n; i++) {
		names = names_of(all[i].attempt);
		if (nameless(&names))
			continue;
		best = devices;
		for (d = 0; d < devices; d++)
			if (!apart(&owners[d].names, &names) &&
			    (best == devices ||
			    owners[d].last > owners[best].last))
				best = d;
		if (best == devices)
			owners[devices++] = (struct owner){ .names = names };
		learn(&owners[best], &names);
		owners[best].last = i;
		all[i].device = best + 1;
	}
}

/* An attempt that names nothing goes with the nearest in time. */
static void
give_rest(struct owned *all, size_t n)
{
	size_t i, before = 0, after = n;

	for (i = 0; i < n; i++) {
		if (all[i].device != 0) {
			before = i + 1;
			continue;
		}
		if (after <= i || after == n)
			for (after = i + 1; after < n &&
			    all[after].device == 0; after++)
				continue;
		if (before > 0 && (after >= n || i + 1 - before <= after - i))
			all[i].device = all[before - 1].device;
		else
			all[i].device = after < n ? all[after].device : 1;
	}
}

static void
say(struct evidence *ev, const struct owned *o, bool last)
{
	struct item *it = o->attempt->item;
	const struct fact *why[4];

	why[0] = item_fact(it, &attempt_source);
	why[1] = item_fact(it, &attempt_id);
	why[2] = item_fact(it, &ek_issuer_ski);
	why[3] = attempt_machine(o->attempt);
	ev_derive(ev, it, &attempt_device, value_int((int64_t)o->device),
	    SPAN_NONE, why, 4, NULL);
	ev_derive(ev, it, &attempt_last, value_bool(last), SPAN_NONE, why, 1,
	    NULL);
}

static int
by_time(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;

	return later(x->attempt, y->attempt) ? 1 : -1;
}

static void
run(struct evidence *ev, int64_t as_of)
{
	struct arena *a = ev_arena(ev);
	struct owner *owners;
	struct owned *all;
	struct item *it;
	bool *seen;
	size_t n = 0, i;

	(void)as_of;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		n++;
	all = arena_alloc(a, (n + 1) * sizeof(*all));
	owners = arena_alloc(a, (n + 1) * sizeof(*owners));
	seen = arena_alloc(a, (n + 2) * sizeof(*seen));
	n = 0;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		all[n++].attempt = it->attempt;
	if (n > 1)
		qsort(all, n, sizeof(*all), by_time);
	tell_apart(all, n, owners);
	give_rest(all, n);
	for (i = n; i-- > 0;) {
		say(ev, &all[i], !seen[all[i].device]);
		seen[all[i].device] = true;
	}
}

static const struct field *const fields[] = {
	&attempt_device, &attempt_last, NULL
};

const struct correlator correlator_same_device = {
	.name = "same_device", .run = run, .fields = fields
};
