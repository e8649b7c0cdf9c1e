/*
 * Tells the clusters of a batch: as JSON, and in a few lines on standard
 * error.  Relies on cluster.h.
 */
#include <stdlib.h>
#include <string.h>

#include "batch/cluster.h"
#include "batch/summary.h"
#include "log.h"

#define SAID		5	/* clusters and outbreaks on standard error */
#define SAID_LEAST	2	/* cases of a cluster that is worth a line */

/* "CAUSE at STAGE, CODE, VENDOR, CA, firmware FAMILY" of what is known. */
char *
cluster_text(const struct cluster *cluster, bool stem)
{
	static const char *const before[SIGNATURE_COUNT] = {
		[SIGNATURE_CAUSE] = "", [SIGNATURE_STAGE] = " at ",
		[SIGNATURE_CODE] = ", ", [SIGNATURE_VENDOR] = ", ",
		[SIGNATURE_CA] = ", ", [SIGNATURE_FAMILY] = ", firmware "
	};
	size_t i, n = stem ? SIGNATURE_STEM : SIGNATURE_COUNT, size = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);

	if (f == NULL)
		abort();
	(void)fputs(*cluster->part[SIGNATURE_CAUSE] != '\0' ?
	    cluster->part[SIGNATURE_CAUSE] : "no cause", f);
	for (i = SIGNATURE_CAUSE + 1; i < n; i++)
		if (*cluster->part[i] != '\0')
			(void)fprintf(f, "%s%s", before[i],
			    cluster->part[i]);
	if (fclose(f) != 0)
		abort();
	return text;
}

static void
put_time(FILE *f, const char *name, int64_t us)
{
	char buf[40];

	time_format(us, buf);
	(void)fprintf(f, ",\"%s\":\"%s\"", name, buf);
}

static void
put_day(FILE *f, const char *name, int64_t day)
{
	char buf[16];

	calendar_day_text(day, buf);
	(void)fprintf(f, ",\"%s\":\"%s\"", name, buf);
}

static void
put_signature(FILE *f, const struct cluster *cluster, size_t n)
{
	const char *comma = "";
	size_t i;

	(void)fputs(",\"signature\":{", f);
	for (i = 0; i < n; i++) {
		if (*cluster->part[i] == '\0')
			continue;
		(void)fprintf(f, "%s\"%s\":", comma, signature_names[i]);
		json_quote(f, cluster->part[i]);
		comma = ",";
	}
	(void)fputc('}', f);
}

static void
put_cluster(FILE *f, const struct clusters *c, const struct cluster *cluster)
{
	size_t all = clusters_distinct(c);

	(void)fprintf(f, "{\"id\":\"%s\"", cluster->id);
	put_signature(f, cluster, SIGNATURE_COUNT);
	(void)fprintf(f, ",\"cases\":%zu,\"share_percent\":%.1f,"
	    "\"duplicates\":%zu,\"devices_known\":%zu,\"position\":%llu",
	    cluster->cases, all == 0 ? 0.0 : 100.0 *
	    (double)cluster->cases / (double)all, cluster->duplicates,
	    cluster->devices, (unsigned long long)cluster->position);
	if (cluster->timed > 0) {
		put_time(f, "first_seen", cluster->first);
		put_time(f, "last_seen", cluster->last);
	}
	if (cluster->cases == 1)
		(void)fputs(",\"alone\":true", f);
	if (cluster->near != NULL)
		(void)fprintf(f, ",\"near\":{\"cluster\":\"%s\","
		    "\"differs_in\":\"%s\"}", cluster->near->id,
		    signature_names[cluster->near_part]);
	if (cluster->outbreak != NULL)
		(void)fprintf(f, ",\"outbreak\":%u",
		    cluster->outbreak->number);
	(void)fputc('}', f);
}

static void
put_outbreak(FILE *f, const struct outbreak *o)
{
	(void)fprintf(f, "{\"number\":%u", o->number);
	if (!o->stem)
		(void)fprintf(f, ",\"cluster\":\"%s\"", o->cluster->id);
	put_signature(f, o->cluster, o->stem ? SIGNATURE_STEM :
	    SIGNATURE_COUNT);
	(void)fprintf(f, ",\"by\":\"%s\"", o->kind == BIN_DAY ? "day" :
	    "week");
	put_day(f, "from", o->from);
	put_day(f, "to", o->to);
	(void)fprintf(f, ",\"devices\":%zu,\"expected\":%.1f,"
	    "\"chance_below\":\"1e%d\"", o->devices, o->expected,
	    o->p_exponent);
	put_day(f, "peak", o->peak);
	(void)fprintf(f, ",\"peak_devices\":%zu}", o->peak_devices);
}

void
clusters_json(const struct clusters *c, FILE *f)
{
	size_t n, nmembers, noutbreaks, i, lone = 0, none = 0;
	const struct cluster *const *v = clusters_list(c, &n);
	const struct member *members = clusters_members(c, &nmembers);
	const struct outbreak *outbreaks = clusters_outbreaks(c,
	    &noutbreaks);
	const char *comma;

	for (i = 0; i < nmembers; i++)
		none += members[i].cluster == NULL;
	for (i = 0; i < n; i++)
		lone += v[i]->cases == 1;
	(void)fprintf(f, "{\"schema\":\"aiktriage-clusters/1\",\"cases\":%zu,"
	    "\"distinct\":%zu,\"without_failure\":%zu,\"alone\":%zu,\n"
	    "\"outbreaks\":[", nmembers, clusters_distinct(c), none, lone);
	for (comma = "\n", i = 0; i < noutbreaks; i++, comma = ",\n") {
		(void)fputs(comma, f);
		put_outbreak(f, &outbreaks[i]);
	}
	(void)fputs("],\n\"clusters\":[", f);
	for (comma = "\n", i = 0; i < n; i++, comma = ",\n") {
		(void)fputs(comma, f);
		put_cluster(f, c, v[i]);
	}
	(void)fputs("],\n\"duplicates\":[", f);
	for (comma = "\n", i = 0; i < nmembers; i++) {
		if (members[i].duplicate_of == 0)
			continue;
		(void)fprintf(f, "%s{\"position\":%llu,\"duplicate_of\":%llu,"
		    "\"by\":\"%s\"}", comma,
		    (unsigned long long)members[i].position,
		    (unsigned long long)members[i].duplicate_of,
		    members[i].duplicate_by);
		comma = ",\n";
	}
	(void)fputs("]}\n", f);
}

static void
say_outbreak(const struct outbreak *o)
{
	char *text = cluster_text(o->cluster, o->stem);
	char from[16], to[16], peak[16];

	calendar_day_text(o->from, from);
	calendar_day_text(o->to, to);
	calendar_day_text(o->peak, peak);
	log_warn("OUTBREAK %s to %s: %s: %zu devices, %.1f expected; %zu on "
	    "%s", from, to, text, o->devices, o->expected, o->peak_devices,
	    peak);
	free(text);
}

void
clusters_say(const struct clusters *c)
{
	size_t n, nmembers, noutbreaks, i, twice = 0, lone = 0;
	const struct cluster *const *v = clusters_list(c, &n);
	const struct member *members = clusters_members(c, &nmembers);
	const struct outbreak *outbreaks = clusters_outbreaks(c,
	    &noutbreaks);
	char *text;

	for (i = 0; i < nmembers; i++)
		twice += members[i].duplicate_of != 0;
	for (i = 0; i < n; i++)
		lone += v[i]->cases == 1;
	if (twice > 0)
		log_warn("%zu of them %s sent before and %s not counted "
		    "again", twice, twice == 1 ? "was" : "were",
		    twice == 1 ? "is" : "are");
	for (i = 0; i < noutbreaks && i < SAID; i++)
		say_outbreak(&outbreaks[i]);
	for (i = 0; i < n && i < SAID && v[i]->cases >= SAID_LEAST; i++) {
		text = cluster_text(v[i], false);
		log_warn("%zu cases: %s", v[i]->cases, text);
		free(text);
	}
	if (n > i)
		log_warn("%zu more %s of failures, %zu with a single case",
		    n - i, n - i == 1 ? "cluster" : "clusters", lone);
}
