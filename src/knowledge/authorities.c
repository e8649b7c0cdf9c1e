/*
 * AIK authorities: what the service's list held at a given time, replayed
 * from the dated changes of that list; and the parts of an authority's host
 * name.  Relies on data/authorities.tsv, authority-events.tsv and lists.tsv.
 */
#include "knowledge/table.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DAY	(INT64_C(86400) * 1000000)

const char *const authority_state_names[] = {
	[AUTHORITY_LISTED] = "yes",
	[AUTHORITY_REMOVED] = "removed",
	[AUTHORITY_NO] = "no",
	[AUTHORITY_NOT_YET] = "not-yet",
	[AUTHORITY_NEWER_THAN_LIST] = "newer-than-list",
	[AUTHORITY_UNKNOWN] = "unknown",
	NULL
};

void
authority_list(struct list_info *ret)
{
	struct table t;
	struct row row;
	size_t off = 0;

	memset(ret, 0, sizeof(*ret));
	ret->source = (struct str){ "", 0 };
	table_open(&t, "data/lists.tsv", "list\tfrom\tto\tsource\n");
	while (table_next(&t, &off, &row)) {
		if (!str_is(row.col[0], "authorities"))
			continue;
		ret->from = str_time(row.col[1]);
		ret->to = str_time(row.col[2]);
		ret->source = row.col[3];
	}
}

/* How far the log reaches; the last day counts to its end. */
static void
list_dates(int64_t *ret_from, int64_t *ret_to)
{
	struct list_info list;

	authority_list(&list);
	*ret_from = list.from;
	*ret_to = list.to;
}

/* What the replay knows after each change. */
struct replay {
	bool	 any;			/* a change was seen */
	bool	 listed_at, listed_end;	/* at the time asked for; at the end */
	bool	 started;		/* had been listed by then */
	int64_t	 since, until;		/* of the period around that time */
	int64_t	 first_added, last_removed;
	int64_t	 next_added;		/* first addition after that time */
};

static void
replay_change(struct replay *r, int64_t date, struct str action,
    int64_t when)
{
	bool ends = str_is(action, "remove") || str_is(action, "rename-away");
	bool begins = str_is(action, "add") || str_is(action, "rename-here");
	bool past = when == 0 || date <= when;

	/* A log that does not begin with an addition: listed before it. */
	if (!r->any && !begins) {
		r->listed_at = r->listed_end = true;
		r->started = true;
	}
	r->any = true;
	if (ends) {
		r->last_removed = date;
		if (past) {
			r->listed_at = false;
			r->until = date;
		} else if (r->listed_at && r->until == 0)
			r->until = date;
		r->listed_end = false;
		return;
	}
	if (begins && r->first_added == 0)
		r->first_added = date;
	/* Taken out and put back on one day: it was never gone. */
	if (r->until == date)
		r->until = 0;
	if (past) {
		if (!r->listed_at && r->last_removed != date)
			r->since = date;
		if (!r->listed_at)
			r->until = 0;
		r->listed_at = r->started = true;
	} else if (r->next_added == 0 && !r->listed_at)
		r->next_added = date;
	r->listed_end = true;
}

void
authority_at(const char *prefix, const char *form, const char *id,
    int64_t when, struct authority_info *ret)
{
	struct replay r = { .any = false };
	struct table t;
	struct row row;
	char text[192], key[192];
	size_t off, n;
	bool listed = false;

	memset(ret, 0, sizeof(*ret));
	ret->prefix = ret->issuer = (struct str){ "", 0 };
	list_dates(&ret->log_start, &ret->list_date);

	(void)snprintf(text, sizeof(text), "%s\t%s\t%s\t", prefix, form, id);
	(void)lower_copy(key, sizeof(key), text, strlen(text));
	n = strlen(key);

	table_open(&t, "data/authorities.tsv",
	    "prefix\tform\tid\tstate\tissuer\n");
	off = table_seek(&t, key, n);
	if (n > 0 && table_at(&t, off, key, n) &&
	    table_next(&t, &off, &row)) {
		ret->known = true;
		ret->prefix = row.col[0];
		listed = str_is(row.col[3], "listed");
		ret->issuer = row.col[4];
	}
	table_open(&t, "data/authority-events.tsv",
	    "prefix\tform\tid\tdate\tstep\taction\n");
	off = table_seek(&t, key, n);
	while (ret->known && table_at(&t, off, key, n) &&
	    table_next(&t, &off, &row))
		replay_change(&r, str_time(row.col[3]), row.col[5], when);
	/* In the list without a word in its log: it was there before. */
	if (!r.any && listed)
		r.listed_at = r.listed_end = r.started = true;

	ret->since = r.since;
	ret->until = r.until;
	ret->first_added = r.first_added;
	ret->last_removed = r.last_removed;
	if (when != 0 && when >= ret->list_date + DAY)
		ret->state = AUTHORITY_NEWER_THAN_LIST;
	else if (when != 0 && when < ret->log_start)
		ret->state = AUTHORITY_UNKNOWN;
	else if (!ret->known)
		ret->state = AUTHORITY_NO;
	else if (r.listed_at)
		ret->state = AUTHORITY_LISTED;
	else if (r.started)
		ret->state = AUTHORITY_REMOVED;
	else {
		ret->state = AUTHORITY_NOT_YET;
		ret->since = r.next_added;
	}
}

bool
authority_by_id(const char *id, size_t index, struct authority_name *ret)
{
	struct table t;
	struct row row;
	size_t off = 0, n = strlen(id);

	memset(ret, 0, sizeof(*ret));
	table_open(&t, "data/authorities.tsv",
	    "prefix\tform\tid\tstate\tissuer\n");
	while (n > 0 && table_next(&t, &off, &row)) {
		if (!str_same(row.col[2], id, n) || index-- > 0)
			continue;
		ret->prefix = row.col[0];
		ret->form = row.col[1];
		ret->id = row.col[2];
		ret->issuer = row.col[4];
		return (true);
	}
	return (false);
}

bool
authority_change_get(const struct authority_name *name, size_t index,
    struct authority_change *ret)
{
	struct table t;
	struct row row;
	char key[192];
	size_t off, n;

	memset(ret, 0, sizeof(*ret));
	(void)snprintf(key, sizeof(key), "%.*s\t%.*s\t%.*s\t",
	    (int)name->prefix.n, name->prefix.p, (int)name->form.n,
	    name->form.p, (int)name->id.n, name->id.p);
	n = strlen(key);
	table_open(&t, "data/authority-events.tsv",
	    "prefix\tform\tid\tdate\tstep\taction\n");
	off = table_seek(&t, key, n);
	while (table_at(&t, off, key, n) && table_next(&t, &off, &row)) {
		if (index-- > 0)
			continue;
		ret->date = row.col[3];
		ret->action = row.col[5];
		return (true);
	}
	return (false);
}

static bool
is_hex(char c)
{
	return ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
}

bool
aik_host_parse(const char *p, size_t n, struct aik_host *ret)
{
	static const char *const domains[] = {
		".microsoftaik.azure.net", ".microsoftaik-int.azure-int.net"
	};
	char host[128];
	const char *mark = NULL, *from, *id;
	size_t len, i;

	memset(ret, 0, sizeof(*ret));
	/* A port, a final dot. */
	for (i = n; i > 0 && p[i - 1] >= '0' && p[i - 1] <= '9'; i--)
		;
	if (i > 0 && i < n && p[i - 1] == ':')
		n = i - 1;
	if (n > 0 && p[n - 1] == '.')
		n--;
	if (!lower_copy(host, sizeof(host), p, n) || strlen(host) != n)
		return (false);
	for (i = 0; i < 2; i++) {
		len = strlen(domains[i]);
		if (n > len && strcmp(host + n - len, domains[i]) == 0) {
			n -= len;
			host[n] = '\0';
			ret->test = i == 1;
			break;
		}
	}
	if ((mark = strstr(host, "-keyid-")) != NULL) {
		memcpy(ret->form, "keyid", 6);
		id = mark + 7;
	} else if ((mark = strstr(host, "-nameid-")) != NULL) {
		memcpy(ret->form, "nameid", 7);
		id = mark + 8;
	} else
		goto no;
	/* Names of AIK CAs, not of hosts, may have a region before it. */
	for (from = mark; from > host && from[-1] != '-'; from--)
		;
	if (from != host && i < 2)
		goto no;
	len = (size_t)(mark - from);
	if (len < 2 || len >= sizeof(ret->prefix))
		goto no;
	for (i = 0; i < len; i++) {
		if (from[i] < 'a' || from[i] > 'z')
			goto no;
	}
	memcpy(ret->prefix, from, len);
	len = strlen(id);
	if (len < 8 || len >= sizeof(ret->id))
		goto no;
	for (i = 0; i < len; i++) {
		if (!is_hex(id[i]))
			goto no;
	}
	memcpy(ret->id, id, len);
	return (true);
no:
	memset(ret, 0, sizeof(*ret));
	return (false);
}
