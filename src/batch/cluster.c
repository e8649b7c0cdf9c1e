/*
 * Puts the failures of a batch together by their signatures, and finds the
 * cases that were sent twice and those that stand alone.
 * Relies on cluster.h, tsearch(3) and OpenSSL's SHA-256.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "batch/cluster.h"
#include "command.h"
#include "log.h"

const char *const signature_names[SIGNATURE_COUNT] = {
#define S(ID, name) [SIGNATURE_##ID] = name,
	SIGNATURE_PARTS(S)
#undef S
};

#define SMALL_PART	10	/* of a big cluster, for what is near it */

struct node {
	uint8_t		 key[16];
	size_t		 index;		/* of a cluster, stem or member */
};

struct seen {				/* of a member, for later */
	size_t		 cluster;	/* or NO_CLUSTER */
	int64_t		 us;
	bool		 timed;
	uint64_t	 device;	/* 0: not known */
	bool		 transaction;	/* it has one */
};

struct clusters {
	struct arena	*arena;
	void		*by_signature, *by_stem, *by_attempt;	/* tsearch */
	struct cluster	**v;		/* in the order in which they came */
	struct cluster	**sorted;
	size_t		 n, room, nstems;
	struct member	*members;
	struct seen	*seen;
	size_t		 nmembers, members_room, distinct;
	struct outbreak	*outbreaks;
	size_t		 noutbreaks;
};

static void *
grown(void *p, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return p;
	*room = *room == 0 ? 256 : 2 * *room;
	p = reallocarray(p, *room, size);
	if (p == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	return p;
}

struct clusters *
clusters_new(void)
{
	struct clusters *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	c->arena = arena_new();
	return c;
}

static void
node_free(void *node)
{
	(void)node;			/* it is the arena's */
}

void
clusters_free(struct clusters *c)
{
	if (c == NULL)
		return;
	tdestroy(c->by_signature, node_free);
	tdestroy(c->by_stem, node_free);
	tdestroy(c->by_attempt, node_free);
	free(c->v);
	free(c->sorted);
	free(c->members);
	free(c->seen);
	free(c->outbreaks);
	arena_free(c->arena);
	free(c);
}

/* ---- keys ---- */

static int
node_compare(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return memcmp(x->key, y->key, sizeof(x->key));
}

/* Of texts with their lengths, so that no two lists are one. */
static void
key_make(const char *const *texts, size_t n, uint8_t ret[16])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t md[32];
	uint64_t len;
	size_t i;

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		abort();
	for (i = 0; i < n; i++) {
		len = strlen(texts[i]);
		if (EVP_DigestUpdate(ctx, &len, sizeof(len)) != 1 ||
		    EVP_DigestUpdate(ctx, texts[i], (size_t)len) != 1)
			abort();
	}
	if (EVP_DigestFinal_ex(ctx, md, NULL) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	memcpy(ret, md, 16);
}

/* The node of a key; a new one has `index`. */
static const struct node *
node_of(struct clusters *c, void **tree, const uint8_t key[16], size_t index)
{
	struct node **found, *node = arena_alloc(c->arena, sizeof(*node));

	memcpy(node->key, key, sizeof(node->key));
	node->index = index;
	found = tsearch(node, tree, node_compare);
	if (found == NULL)
		abort();
	return *found;
}

static const struct node *
node_find(void *const *tree, const uint8_t key[16])
{
	struct node wanted;
	struct node **found;

	memcpy(wanted.key, key, sizeof(wanted.key));
	found = tfind(&wanted, tree, node_compare);
	return found != NULL ? *found : NULL;
}

static uint64_t
number_of(const char *text)
{
	uint8_t key[16];
	uint64_t n;

	key_make(&text, 1, key);
	memcpy(&n, key, sizeof(n));
	return n == 0 ? 1 : n;
}

/* ---- signatures ---- */

/*
 * HTTP_E_STATUS_BAD_REQUEST and a bare 400 are one failure, as Windows tells
 * it and as it stands in a capture.
 */
static const char *
code_of(struct clusters *c, const struct row_cell *cells)
{
	const char *code = cells[CASE_CODE].p;
	unsigned long n = strtoul(code, NULL, 16);

	if ((n & 0xffff0000) == 0x80190000 && (n & 0xffff) >= 400 &&
	    (n & 0xffff) < 600)
		return arena_printf(c->arena, "HTTP %lu", n & 0xffff);
	if (*code != '\0' || cells[CASE_HTTP_STATUS].n == 0 ||
	    cells[CASE_HTTP_STATUS].value < 400)
		return code;
	return arena_printf(c->arena, "HTTP %s", cells[CASE_HTTP_STATUS].p);
}

/* False: no failure was seen. */
static bool
signature_make(struct clusters *c, const struct row_cell *cells,
    const char *ret_part[SIGNATURE_COUNT])
{
	ret_part[SIGNATURE_CAUSE] = cells[CASE_CAUSE].p;
	ret_part[SIGNATURE_STAGE] = cells[CASE_STAGE].p;
	ret_part[SIGNATURE_CODE] = code_of(c, cells);
	ret_part[SIGNATURE_VENDOR] = cells[CASE_VENDOR].p;
	ret_part[SIGNATURE_CA] = cells[CASE_CA].n > 0 ? cells[CASE_CA].p :
	    cells[CASE_AUTHORITY].p;
	ret_part[SIGNATURE_FAMILY] = cells[CASE_FAMILY].p;
	return strcmp(cells[CASE_OUTCOME].p, "succeeded") != 0 &&
	    (cells[CASE_CAUSE].n > 0 || cells[CASE_STAGE].n > 0 ||
	    *ret_part[SIGNATURE_CODE] != '\0');
}

static size_t
cluster_of(struct clusters *c, uint64_t position,
    const struct row_cell *cells)
{
	const char *part[SIGNATURE_COUNT];
	const struct node *node;
	struct cluster *cluster;
	uint8_t key[16], stem[16];
	size_t i;

	if (!signature_make(c, cells, part))
		return NO_CLUSTER;
	key_make(part, SIGNATURE_COUNT, key);
	node = node_of(c, &c->by_signature, key, c->n);
	if (node->index < c->n)
		return node->index;
	key_make(part, SIGNATURE_STEM, stem);
	c->v = grown(c->v, c->n, &c->room, sizeof(struct cluster *));
	cluster = arena_alloc(c->arena, sizeof(*cluster));
	for (i = 0; i < 8; i++)
		snprintf(cluster->id + 2 * i, 3, "%02x", key[i]);
	for (i = 0; i < SIGNATURE_COUNT; i++)
		cluster->part[i] = arena_printf(c->arena, "%s", part[i]);
	cluster->stem = node_of(c, &c->by_stem, stem, c->nstems)->index;
	if (cluster->stem == c->nstems)
		c->nstems++;
	cluster->position = position;
	c->v[c->n] = cluster;
	return c->n++;
}

/* ---- cases that were sent twice ---- */

/*
 * The earlier case of the same attempt: by its transaction; where one of both
 * has none, by its request ids; else by its bytes, where they tell a time.
 * Different devices are never the same.
 */
static void
duplicate_find(struct clusters *c, const struct row_cell *cells,
    struct member *member, const struct seen *seen)
{
	static const enum case_column columns[] = { CASE_TRANSACTION,
	    CASE_REQUEST_IDS, CASE_CLIENT_REQUEST_IDS, CASE_ID };
	const struct node *node;
	const struct seen *other;
	uint8_t key[16];
	const char *texts[2];
	size_t i, index;

	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		texts[0] = row_column(ROW_CASE, columns[i]);
		texts[1] = cells[columns[i]].p;
		if (cells[columns[i]].n == 0 ||
		    (columns[i] == CASE_ID && !seen->timed))
			continue;
		key_make(texts, 2, key);
		index = c->nmembers;
		node = node_find(&c->by_attempt, key);
		if (node == NULL) {
			(void)node_of(c, &c->by_attempt, key, index);
			continue;
		}
		other = &c->seen[node->index];
		if (member->duplicate_of != 0 || (seen->device != 0 &&
		    other->device != 0 && seen->device != other->device) ||
		    (columns[i] != CASE_TRANSACTION &&
		    columns[i] != CASE_ID && seen->transaction &&
		    other->transaction))
			continue;
		member->duplicate_of = c->members[node->index].position;
		member->duplicate_by = texts[0];
	}
}

void
clusters_add(struct clusters *c, uint64_t position,
    const struct row_cell cells[ROW_COLUMNS])
{
	struct member member = { .position = position };
	struct seen seen = { .cluster = cluster_of(c, position, cells) };
	struct cluster *cluster;
	size_t room = c->members_room;

	seen.timed = calendar_time(cells[CASE_TIME].p, &seen.us);
	seen.transaction = cells[CASE_TRANSACTION].n > 0;
	if (cells[CASE_DEVICE].n > 0)
		seen.device = number_of(cells[CASE_DEVICE].p);
	duplicate_find(c, cells, &member, &seen);
	c->members = grown(c->members, c->nmembers, &c->members_room,
	    sizeof(*c->members));
	c->seen = grown(c->seen, c->nmembers, &room, sizeof(*c->seen));
	if (seen.cluster != NO_CLUSTER) {
		cluster = c->v[seen.cluster];
		member.cluster = cluster;
		if (member.duplicate_of != 0)
			cluster->duplicates++;
		else
			cluster->cases++;
		if (seen.timed && member.duplicate_of == 0) {
			if (cluster->timed == 0 || seen.us < cluster->first)
				cluster->first = seen.us;
			if (cluster->timed == 0 || seen.us > cluster->last)
				cluster->last = seen.us;
			cluster->timed++;
		}
	}
	c->distinct += member.duplicate_of == 0;
	c->members[c->nmembers] = member;
	c->seen[c->nmembers++] = seen;
}

/* ---- after the last ---- */

/* The largest first, then by their parts. */
static int
by_size(const void *a, const void *b)
{
	const struct cluster *x = *(const struct cluster *const *)a;
	const struct cluster *y = *(const struct cluster *const *)b;
	size_t i;
	int order;

	if (x->cases != y->cases)
		return x->cases > y->cases ? -1 : 1;
	for (i = 0; i < SIGNATURE_COUNT; i++) {
		order = strcmp(x->part[i], y->part[i]);
		if (order != 0)
			return order;
	}
	return 0;
}

/* In how many parts two signatures differ, and the last of these. */
static size_t
differ(const struct cluster *a, const struct cluster *b,
    enum signature_part *ret_part)
{
	size_t i, n = 0;

	for (i = 0; i < SIGNATURE_COUNT; i++)
		if (strcmp(a->part[i], b->part[i]) != 0) {
			*ret_part = (enum signature_part)i;
			n++;
		}
	return n;
}

/* The largest of the big ones that a small one is nearly of. */
static void
near_find(struct clusters *c)
{
	enum signature_part part = SIGNATURE_CAUSE;
	struct cluster *small;
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		small = c->v[i];
		for (k = 0; k < c->n && c->sorted[k]->cases >= CLUSTER_BIG &&
		    c->sorted[k]->cases >= SMALL_PART * small->cases; k++)
			if (differ(small, c->sorted[k], &part) == 1) {
				small->near = c->sorted[k];
				small->near_part = part;
				break;
			}
	}
}

static int
by_device(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;

	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	return (x->device > y->device) - (x->device < y->device);
}

static void
devices_count(struct clusters *c)
{
	struct sighting *v = calloc(c->nmembers + 1, sizeof(*v));
	size_t i, n = 0;

	if (v == NULL)
		abort();
	for (i = 0; i < c->nmembers; i++)
		if (c->seen[i].cluster != NO_CLUSTER &&
		    c->seen[i].device != 0)
			v[n++] = (struct sighting){
				.cluster = c->seen[i].cluster,
				.device = c->seen[i].device
			};
	qsort(v, n, sizeof(*v), by_device);
	for (i = 0; i < n; i++)
		if (i == 0 || by_device(&v[i - 1], &v[i]) != 0)
			c->v[v[i].cluster]->devices++;
	free(v);
}

static bool
overlap(const struct outbreak *a, const struct outbreak *b)
{
	return a->from <= b->to && b->from <= a->to;
}

/*
 * One story is told once: of a stem where several clusters have a part in it,
 * of a cluster where nearly all is its own.
 */
static bool
is_told(const struct clusters *c, const struct rate_jump *jump,
    const struct rate_jump *all, size_t n)
{
	const struct rate_jump *stem, *own;
	size_t i, k;
	bool whole;

	for (i = 0; i < n; i++) {
		stem = &all[i];
		if (!stem->stem || !overlap(&stem->outbreak,
		    &jump->outbreak) || stem->group != (jump->stem ?
		    jump->group : c->v[jump->group]->stem))
			continue;
		for (whole = true, k = 0; k < n; k++) {
			own = &all[k];
			if (!own->stem && c->v[own->group]->stem ==
			    stem->group && overlap(&own->outbreak,
			    &stem->outbreak) && own->outbreak.devices * 10 >=
			    stem->outbreak.devices * 9)
				whole = false;
		}
		if (jump->stem)
			return !whole;
		if (whole)
			return true;
	}
	return false;
}

static int
by_chance(const void *a, const void *b)
{
	const struct outbreak *x = a, *y = b;

	if (x->p_exponent != y->p_exponent)
		return x->p_exponent < y->p_exponent ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->devices != y->devices)
		return x->devices > y->devices ? -1 : 1;
	return by_size(&x->cluster, &y->cluster);
}

/* A cluster has the mark of the worst outbreak that it had a part in. */
static void
outbreaks_mark(struct clusters *c)
{
	const struct outbreak *o;
	struct cluster *cluster;
	size_t i, k;
	int64_t day;

	for (i = 0; i < c->noutbreaks; i++) {
		o = &c->outbreaks[i];
		for (k = 0; k < c->nmembers; k++) {
			if (!c->seen[k].timed ||
			    c->seen[k].cluster == NO_CLUSTER)
				continue;
			cluster = c->v[c->seen[k].cluster];
			day = calendar_day(c->seen[k].us);
			if (cluster->outbreak == NULL && day >= o->from &&
			    day <= o->to && (o->stem ? cluster->stem ==
			    o->cluster->stem : cluster == o->cluster))
				cluster->outbreak = o;
		}
	}
}

static void
outbreaks_add(struct clusters *c)
{
	struct sighting *v = calloc(c->nmembers + 1, sizeof(*v));
	size_t *of_stem = calloc(c->nstems + 1, sizeof(*of_stem));
	const struct cluster **largest = calloc(c->nstems + 1,
	    sizeof(struct cluster *));
	struct rate_jump *jumps;
	const struct seen *seen;
	size_t i, n = 0;

	if (v == NULL || of_stem == NULL || largest == NULL)
		abort();
	for (i = 0; i < c->n; i++) {
		of_stem[c->sorted[i]->stem]++;
		if (largest[c->sorted[i]->stem] == NULL)
			largest[c->sorted[i]->stem] = c->sorted[i];
	}
	for (i = 0; i < c->nmembers; i++) {
		seen = &c->seen[i];
		if (!seen->timed || c->members[i].duplicate_of != 0)
			continue;
		/* One that is not known is taken for one of its own. */
		v[n++] = (struct sighting){ seen->cluster,
		    seen->cluster == NO_CLUSTER ? NO_CLUSTER :
		    c->v[seen->cluster]->stem, calendar_day(seen->us),
		    seen->device != 0 ? seen->device : i };
	}
	n = outbreaks_find(v, n, c->n, c->nstems, of_stem, &jumps);
	c->outbreaks = calloc(n + 1, sizeof(*c->outbreaks));
	if (c->outbreaks == NULL)
		abort();
	for (i = 0; i < n; i++) {
		if (is_told(c, &jumps[i], jumps, n))
			continue;
		c->outbreaks[c->noutbreaks] = jumps[i].outbreak;
		c->outbreaks[c->noutbreaks].stem = jumps[i].stem;
		c->outbreaks[c->noutbreaks++].cluster = jumps[i].stem ?
		    largest[jumps[i].group] : c->v[jumps[i].group];
	}
	qsort(c->outbreaks, c->noutbreaks, sizeof(*c->outbreaks), by_chance);
	for (i = 0; i < c->noutbreaks; i++)
		c->outbreaks[i].number = (unsigned int)i + 1;
	free(jumps);
	free(largest);
	free(of_stem);
	free(v);
}

void
clusters_finish(struct clusters *c)
{
	size_t i;

	c->sorted = calloc(c->n + 1, sizeof(struct cluster *));
	if (c->sorted == NULL)
		abort();
	if (c->n > 0)
		memcpy(c->sorted, c->v, c->n * sizeof(struct cluster *));
	qsort(c->sorted, c->n, sizeof(struct cluster *), by_size);
	for (i = 0; i < c->n; i++)
		c->sorted[i]->number = i + 1;
	near_find(c);
	devices_count(c);
	outbreaks_add(c);
	outbreaks_mark(c);
}

/* ---- what was found ---- */

const struct cluster *const *
clusters_list(const struct clusters *c, size_t *ret_n)
{
	*ret_n = c->n;
	return (const struct cluster *const *)c->sorted;
}

const struct member *
clusters_members(const struct clusters *c, size_t *ret_n)
{
	*ret_n = c->nmembers;
	return c->members;
}

const struct outbreak *
clusters_outbreaks(const struct clusters *c, size_t *ret_n)
{
	*ret_n = c->noutbreaks;
	return c->outbreaks;
}

size_t
clusters_distinct(const struct clusters *c)
{
	return c->distinct;
}
