/*
 * Finds times in which something was seen much more often than before.  Each
 * day or week is compared with those before it, in two ways, and only what is
 * too much in both is told; see "Outbreaks" in aiktriage-batch(1).
 * Relies on cluster.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batch/cluster.h"
#include "command.h"
#include "log.h"

#define LEAST		5	/* devices of an outbreak */
#define FACTOR		3.0	/* times what was expected */
#define CHANCE		0.001	/* of one false outbreak in a batch */
#define BEFORE_BINS	4	/* that were not empty, */
#define BEFORE_DEVICES	20	/* and devices that they hold */
#define DAYS_MOST	92	/* of a batch that is looked at by days */
#define WINDOW_DAYS	28	/* bins that a bin is compared with */
#define WINDOW_WEEKS	13

/* The devices of a group in one bin. */
struct count {
	size_t		 group;
	int64_t		 bin;
	size_t		 n;
	bool		 marked;	/* too many */
	double		 expected, p;
};

struct counts {
	struct count	*v;
	size_t		 n;
};

struct search {
	struct sighting	*all;
	size_t		 n;
	enum bin_kind	 kind;
	int64_t		 window;
	struct counts	 volume;	/* of all cases; group 0 */
	double		 tests;
	struct rate_jump *jumps;
	size_t		 njumps, room;
};

static void *
memory(void *p)
{
	if (p == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	return p;
}

static int
by_day(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

static int
by_cluster(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;

	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->device > y->device) - (x->device < y->device);
}

static int
by_stem(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;

	if (x->stem != y->stem)
		return x->stem < y->stem ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (x->device > y->device) - (x->device < y->device);
}

static int
by_bin(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	return (x->bin > y->bin) - (x->bin < y->bin);
}

/* Weeks are told by the number of their Monday. */
static int64_t
bin_of(const struct search *s, int64_t day)
{
	return s->kind == BIN_DAY ? day : (calendar_monday(day) + 3) / 7;
}

static int64_t
bin_day(const struct search *s, int64_t bin)
{
	return s->kind == BIN_DAY ? bin : bin * 7 - 3;
}

static int
device_order(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* How many different devices; sorts them. */
static size_t
different(uint64_t *devices, size_t n)
{
	size_t i, found = 0;

	qsort(devices, n, sizeof(*devices), device_order);
	for (i = 0; i < n; i++)
		found += i == 0 || devices[i] != devices[i - 1];
	return found;
}

/* Devices by group and bin of what is sorted by group and day. */
static struct counts
counts_of(const struct search *s, bool stem)
{
	struct counts counts = { memory(calloc(s->n + 1,
	    sizeof(struct count))), 0 };
	uint64_t *devices = memory(calloc(s->n + 1, sizeof(*devices)));
	size_t i, k, group;
	int64_t bin;

	for (i = 0; i < s->n; i = k) {
		group = stem ? s->all[i].stem : s->all[i].cluster;
		bin = bin_of(s, s->all[i].day);
		for (k = i; k < s->n && group == (stem ? s->all[k].stem :
		    s->all[k].cluster) && bin_of(s, s->all[k].day) == bin; k++)
			devices[k - i] = s->all[k].device;
		counts.v[counts.n++] = (struct count){ .group = group,
		    .bin = bin, .n = different(devices, k - i) };
	}
	free(devices);
	return counts;
}

/* The sums of the bins, from what counts_of() gave for clusters. */
static struct counts
volume_of(const struct counts *counts)
{
	struct counts sum = { memory(calloc(counts->n + 1,
	    sizeof(struct count))), 0 };
	size_t i;

	if (counts->n > 0)
		memcpy(sum.v, counts->v, counts->n * sizeof(*sum.v));
	qsort(sum.v, counts->n, sizeof(*sum.v), by_bin);
	for (i = 0; i < counts->n; i++)
		if (sum.n > 0 && sum.v[sum.n - 1].bin == sum.v[i].bin)
			sum.v[sum.n - 1].n += sum.v[i].n;
		else
			sum.v[sum.n++] = sum.v[i];
	return sum;
}

/*
 * n devices were seen in an exposure that is 1 - q of both; the chance that
 * the rest holds c or more of the same rate.  The rate is known from the n
 * alone (Poisson, with the prior of one device in it), so that the count
 * follows the negative binomial distribution.
 */
double
rate_tail(size_t c, size_t n, double q)
{
	double r = (double)n + 1, k = (double)c, term, sum = 0;
	unsigned int i;

	if (q <= 0)
		return c == 0 ? 1 : 0;
	if (q >= 1)
		return 1;
	term = exp(lgamma(k + r) - lgamma(k + 1) - lgamma(r) + k * log(q) +
	    r * log1p(-q));
	/* The terms fall from the expected count on, where c is above it. */
	for (i = 0; i < 100000 && term > sum * 1e-12; i++) {
		sum += term;
		term *= (k + r) / (k + 1) * q;
		k++;
	}
	return sum > 1 ? 1 : sum;
}

/* Is the count of a bin too much after those before it? */
static void
judge(const struct search *s, const struct count *group, size_t i,
    struct count *at)
{
	const struct counts *all = &s->volume;
	size_t before = 0, others = 0, bins = 0, own, here = 0, k, m = 0;
	double by_time, by_share, q_time, q_share;

	for (k = 0; k < all->n && all->v[k].bin <= at->bin; k++) {
		if (all->v[k].bin < at->bin - s->window)
			continue;
		if (all->v[k].bin == at->bin) {
			here = all->v[k].n;
			break;
		}
		while (m < i && group[m].bin < all->v[k].bin)
			m++;
		own = m < i && group[m].bin == all->v[k].bin ?
		    group[m].n : 0;
		/* What was too much is no measure of what comes after. */
		if (own > 0 && group[m].marked)
			continue;
		bins++;
		before += own;
		others += all->v[k].n - own;
	}
	if (bins < BEFORE_BINS || before + others < BEFORE_DEVICES)
		return;
	here = here > at->n ? here - at->n : 0;
	by_time = 1.0 / (double)bins;
	by_share = (double)(here + 1) / (double)(others + 1);
	q_time = by_time / (1 + by_time);
	q_share = by_share / (1 + by_share);
	at->expected = (double)(before + 1) * fmax(by_time, by_share);
	at->p = fmax(rate_tail(at->n, before, q_time),
	    rate_tail(at->n, before, q_share)) * s->tests;
	at->marked = at->p < CHANCE && (double)at->n >= FACTOR * at->expected;
}

/* The day with the most, and the devices of the whole time. */
static void
outbreak_measure(const struct search *s, struct rate_jump *jump)
{
	struct outbreak *o = &jump->outbreak;
	uint64_t *devices = memory(calloc(s->n + 1, sizeof(*devices)));
	uint64_t *today = memory(calloc(s->n + 1, sizeof(*today)));
	size_t i, n = 0, here = 0, found;

	for (i = 0; i < s->n; i++) {
		if ((jump->stem ? s->all[i].stem : s->all[i].cluster) !=
		    jump->group || s->all[i].day < o->from ||
		    s->all[i].day > o->to)
			continue;
		devices[n++] = s->all[i].device;
		today[here++] = s->all[i].device;
		if (i + 1 < s->n && s->all[i + 1].day == s->all[i].day &&
		    (jump->stem ? s->all[i + 1].stem :
		    s->all[i + 1].cluster) == jump->group)
			continue;
		found = different(today, here);
		if (found > o->peak_devices) {
			o->peak = s->all[i].day;
			o->peak_devices = found;
		}
		here = 0;
	}
	o->devices = different(devices, n);
	free(today);
	free(devices);
}

/* Bins that follow each other are one outbreak. */
static void
jump_add(struct search *s, const struct count *at, bool stem)
{
	struct rate_jump *last = s->njumps > 0 ? &s->jumps[s->njumps - 1] :
	    NULL;
	int exponent = at->p < 1e-99 ? -99 : (int)floor(log10(at->p));
	int64_t day = bin_day(s, at->bin);

	if (last == NULL || last->group != at->group || last->stem != stem ||
	    last->outbreak.to + 1 != day) {
		if (s->njumps == s->room) {
			s->room = s->room == 0 ? 16 : 2 * s->room;
			s->jumps = memory(reallocarray(s->jumps, s->room,
			    sizeof(*s->jumps)));
		}
		last = &s->jumps[s->njumps++];
		*last = (struct rate_jump){ at->group, stem,
		    { .kind = s->kind, .from = day } };
	}
	last->outbreak.to = bin_day(s, at->bin + 1) - 1;
	last->outbreak.expected += at->expected;
	if (exponent + 1 < last->outbreak.p_exponent)
		last->outbreak.p_exponent = exponent + 1;
}

static void
groups_judge(struct search *s, bool stem, const size_t *members_of_stem)
{
	struct counts counts = counts_of(s, stem);
	size_t i, first = 0;

	for (i = 0; i < counts.n; i++) {
		if (counts.v[i].group != counts.v[first].group)
			first = i;
		if (counts.v[i].group == NO_CLUSTER ||
		    counts.v[i].n < LEAST ||
		    (stem && members_of_stem[counts.v[i].group] < 2))
			continue;
		judge(s, counts.v + first, i - first, &counts.v[i]);
		if (counts.v[i].marked)
			jump_add(s, &counts.v[i], stem);
	}
	free(counts.v);
}

/* Days where nearly all stand in a few months, else weeks. */
static void
kind_choose(struct search *s)
{
	size_t few = s->n / 20;

	qsort(s->all, s->n, sizeof(*s->all), by_day);
	s->kind = s->n > 0 && s->all[s->n - 1 - few].day - s->all[few].day <
	    DAYS_MOST ? BIN_DAY : BIN_WEEK;
	s->window = s->kind == BIN_DAY ? WINDOW_DAYS : WINDOW_WEEKS;
}

size_t
outbreaks_find(struct sighting *all, size_t n, size_t nclusters,
    size_t nstems, const size_t *members_of_stem, struct rate_jump **ret)
{
	struct search s = { .all = all, .n = n };
	struct counts counts;
	size_t i;

	kind_choose(&s);
	qsort(all, n, sizeof(*all), by_cluster);
	counts = counts_of(&s, false);
	s.volume = volume_of(&counts);
	free(counts.v);
	s.tests = (double)(nclusters + nstems) * (double)s.volume.n;
	groups_judge(&s, false, members_of_stem);
	for (i = 0; i < s.njumps; i++)
		outbreak_measure(&s, &s.jumps[i]);
	qsort(all, n, sizeof(*all), by_stem);
	groups_judge(&s, true, members_of_stem);
	for (; i < s.njumps; i++)
		outbreak_measure(&s, &s.jumps[i]);
	free(s.volume.v);
	*ret = s.jumps;
	return s.njumps;
}
