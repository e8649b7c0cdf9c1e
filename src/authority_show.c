/*
 * An answer about an AIK authority: gathered from the tables as JSON, then
 * shown as text.  Relies on authority.h and report/escape.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "authority.h"
#include "report/escape.h"

#define DOMAIN	".microsoftaik.azure.net"
#define INDENT	14
#define COLUMNS	80

/* ---- JSON ---- */

static void
set_str(json_t *object, const char *key, struct str s)
{
	if (s.n > 0)
		(void)json_object_set_new(object, key, json_text(s.p, s.n));
}

static void
set_text(json_t *object, const char *key, const char *text)
{
	if (*text != '\0')
		(void)json_object_set_new(object, key, json_text(text,
		    strlen(text)));
}

/* A day, or with its time where it has one. */
static void
set_time(json_t *object, const char *key, int64_t us)
{
	time_t t = (time_t)(us / 1000000);
	char text[32];
	struct tm tm;

	if (us == 0 || gmtime_r(&t, &tm) == NULL)
		return;
	(void)strftime(text, sizeof(text), us % INT64_C(86400000000) == 0 ?
	    "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%SZ", &tm);
	set_text(object, key, text);
}

static void
str_copy(char *buf, size_t size, struct str s)
{
	(void)snprintf(buf, size, "%.*s", (int)s.n, s.p);
}

/* ---- gathering ---- */

struct gathering {
	const struct authority_question *q;
	json_t		*hosts, *issuers, *reissues, *incidents, *families;
	struct vendor_info vendor;
	bool		 by_key, by_name;	/* how issuers were found */
	bool		 known;
};

/* One host: what the list says of it. */
static void
host_add(struct gathering *g, const char *prefix, const char *form,
    const char *id)
{
	json_t *host = json_object(), *changes = json_array(), *change;
	struct authority_change c;
	struct authority_info info;
	struct authority_name name = {
		{ prefix, strlen(prefix) }, { form, strlen(form) },
		{ id, strlen(id) }, { "", 0 }
	};

	authority_at(prefix, form, id, g->q->as_of, &info);
	(void)json_object_set_new(host, "host", json_sprintf("%s-%s-%s%s",
	    prefix, form, id, DOMAIN));
	set_text(host, "prefix", prefix);
	set_text(host, "form", form);
	set_text(host, "id", id);
	set_text(host, "listed", authority_state_names[info.state]);
	set_time(host, "since", info.since);
	set_time(host, "until", info.until);
	set_time(host, "first_added", info.first_added);
	set_time(host, "last_removed", info.last_removed);
	set_str(host, "issuer", info.issuer);
	for (size_t i = 0; authority_change_get(&name, i, &c); i++) {
		change = json_object();
		set_str(change, "date", c.date);
		set_str(change, "action", c.action);
		(void)json_array_append_new(changes, change);
	}
	(void)json_object_set_new(host, "changes", changes);
	(void)json_array_append_new(g->hosts, host);
	g->known = g->known || info.known;
}

/*
 * Hosts of that form and id: those of the list, and the one asked for.
 * `own`: the vendor's host is told of even if no list has it.
 */
static void
hosts_gather(struct gathering *g, const char *form, const char *id, bool own)
{
	struct authority_name name;
	char prefix[16], wanted[16];
	bool asked = false, any = false;

	if (*id == '\0')
		return;
	str_copy(wanted, sizeof(wanted), g->vendor.prefix);
	if (*g->q->prefix != '\0')
		(void)snprintf(wanted, sizeof(wanted), "%s", g->q->prefix);
	for (size_t i = 0; authority_by_id(id, i, &name); i++) {
		if (!str_is(name.form, form))
			continue;
		str_copy(prefix, sizeof(prefix), name.prefix);
		host_add(g, prefix, form, id);
		asked = asked || strcmp(prefix, wanted) == 0;
		any = true;
	}
	if (own && *wanted != '\0' && !asked &&
	    (!any || *g->q->prefix != '\0'))
		host_add(g, wanted, form, id);
}

static void
families_gather(struct gathering *g, const struct issuer_info *info)
{
	struct family_info family;
	json_t *object, *had;
	size_t i, k;
	bool twice;

	for (i = 0; family_find(info->vendor, info->cn, i, &family); i++) {
		twice = false;
		json_array_foreach(g->families, k, had)
			twice = twice || str_is(family.what,
			    json_string_value(json_object_get(had, "what")));
		if (twice)
			continue;
		object = json_object();
		set_str(object, "what", family.what);
		set_str(object, "source", family.source);
		(void)json_array_append_new(g->families, object);
	}
}

static void
reissue_gather(struct gathering *g, const struct issuer_info *info)
{
	struct reissue_info r;
	char ski[160], serial[160];
	json_t *object;

	str_copy(ski, sizeof(ski), info->ski);
	str_copy(serial, sizeof(serial), info->serial);
	if (!reissue_find(ski, serial, &r))
		return;
	object = json_object();
	set_str(object, "cn", r.cn);
	set_str(object, "old_serial", r.old_serial);
	set_time(object, "old_not_before", r.old_not_before);
	set_time(object, "old_not_after", r.old_not_after);
	set_str(object, "new_serial", r.new_serial);
	set_time(object, "new_not_before", r.new_not_before);
	set_time(object, "new_not_after", r.new_not_after);
	set_time(object, "loaded", r.loaded);
	set_str(object, "source", r.source);
	(void)json_array_append_new(g->reissues, object);
}

static void
issuer_add(struct gathering *g, const struct issuer_info *info)
{
	json_t *object, *had;
	char vendor[16];
	size_t i;

	json_array_foreach(g->issuers, i, had)
		if (str_is(info->sha256,
		    json_string_value(json_object_get(had, "sha256"))))
			return;
	object = json_object();
	set_str(object, "vendor", info->vendor);
	set_str(object, "kind", info->kind);
	set_str(object, "cn", info->cn);
	set_str(object, "subject", info->subject);
	set_str(object, "issuer", info->issuer);
	set_str(object, "serial", info->serial);
	set_time(object, "not_before", info->not_before);
	set_time(object, "not_after", info->not_after);
	set_str(object, "ski", info->ski);
	set_str(object, "name_sha1", info->name_sha1);
	set_str(object, "key", info->key);
	set_str(object, "aia", info->aia);
	set_str(object, "sha256", info->sha256);
	set_str(object, "source", info->source);
	(void)json_array_append_new(g->issuers, object);
	g->known = true;
	str_copy(vendor, sizeof(vendor), info->vendor);
	if (g->vendor.id.n == 0)
		(void)vendor_by_id(vendor, strlen(vendor), &g->vendor);
	reissue_gather(g, info);
	families_gather(g, info);
}

static void
issuers_gather(struct gathering *g)
{
	struct issuer_info info;
	size_t i;

	for (i = 0; issuer_by_ski(g->q->keyid, i, &info); i++)
		issuer_add(g, &info);
	g->by_key = i > 0;
	for (i = 0; issuer_by_name(g->q->nameid, i, &info); i++)
		issuer_add(g, &info);
	g->by_name = i > 0;
}

/* Is one of the blank-separated ids one that was found? */
static bool
ids_name(struct str ids, const json_t *issuers)
{
	const json_t *issuer;
	const char *ski;
	size_t i, at;

	json_array_foreach(issuers, i, issuer) {
		ski = json_string_value(json_object_get(issuer, "ski"));
		for (at = 0; ski != NULL && at + strlen(ski) <= ids.n; at++)
			if (memcmp(ids.p + at, ski, strlen(ski)) == 0)
				return true;
	}
	return false;
}

static void
incidents_gather(struct gathering *g)
{
	struct incident_info info;
	json_t *object;

	for (size_t i = 0; incident_get(i, &info); i++) {
		if (info.cas.n > 0 ? !ids_name(info.cas, g->issuers) :
		    info.vendor.n == 0 || !str_same(info.vendor,
		    g->vendor.id.p, g->vendor.id.n))
			continue;
		object = json_object();
		set_str(object, "id", info.id);
		set_time(object, "from", info.from);
		/* Its last day, not the last microsecond of that. */
		set_time(object, "to", info.to + 1 - INT64_C(86400000000));
		set_str(object, "what", info.what);
		set_str(object, "source", info.source);
		(void)json_array_append_new(g->incidents, object);
	}
}

static void
set_list(json_t *object, const char *key, json_t *list)
{
	if (json_array_size(list) > 0)
		(void)json_object_set(object, key, list);
	json_decref(list);
}

json_t *
authority_answer(const struct authority_question *q, json_t *certificate)
{
	struct gathering g = { .q = q };
	json_t *answer = json_object(), *vendor, *list;
	struct list_info dates;
	bool either;

	g.hosts = json_array();
	g.issuers = json_array();
	g.reissues = json_array();
	g.incidents = json_array();
	g.families = json_array();
	if (*q->vendor != '\0')
		(void)vendor_by_id(q->vendor, strlen(q->vendor), &g.vendor);
	if (g.vendor.id.n == 0 && *q->prefix != '\0')
		(void)vendor_by_prefix(q->prefix, strlen(q->prefix),
		    &g.vendor);
	issuers_gather(&g);
	/* An identifier alone may be of either form. */
	either = strcmp(q->keyid, q->nameid) == 0;
	hosts_gather(&g, "keyid", q->keyid, !either || g.by_key);
	hosts_gather(&g, "nameid", q->nameid, either ? g.by_name && !g.by_key :
	    *q->keyid == '\0');
	incidents_gather(&g);

	set_text(answer, "input", q->input);
	(void)json_object_set_new(answer, "known", json_boolean(g.known));
	if (certificate != NULL)
		(void)json_object_set_new(answer, "certificate", certificate);
	if (g.vendor.id.n > 0) {
		vendor = json_object();
		set_str(vendor, "id", g.vendor.id);
		set_str(vendor, "name", g.vendor.name);
		set_str(vendor, "hex", g.vendor.hex);
		(void)json_object_set_new(answer, "vendor", vendor);
	}
	set_list(answer, "hosts", g.hosts);
	set_list(answer, "issuers", g.issuers);
	set_list(answer, "reissues", g.reissues);
	set_list(answer, "incidents", g.incidents);
	set_list(answer, "families", g.families);
	authority_list(&dates);
	list = json_object();
	set_time(list, "from", dates.from);
	set_time(list, "to", dates.to);
	set_str(list, "source", dates.source);
	set_time(list, "as_of", q->as_of);
	(void)json_object_set_new(answer, "list", list);
	return answer;
}

/* ---- text ---- */

/* Words after a label, broken at COLUMNS. */
static void
paragraph(FILE *f, const char *label, const char *text)
{
	struct arena *arena = arena_new();
	size_t column = INDENT, n, len;

	text = escape_text(arena, text, strlen(text), &len);
	(void)fprintf(f, "  %-*s", INDENT - 2, label);
	while (*text != '\0') {
		n = strcspn(text, " ");
		if (column > INDENT && column + 1 + n > COLUMNS - 1) {
			(void)fprintf(f, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			(void)fputc(' ', f);
			column++;
		}
		(void)fwrite(text, 1, n, f);
		column += n;
		text += n;
		while (*text == ' ')
			text++;
	}
	(void)fputc('\n', f);
	arena_free(arena);
}

static const char *
get(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s != NULL ? s : "";
}

static void
labelled(FILE *f, const char *label, const json_t *object, const char *key)
{
	if (*get(object, key) != '\0')
		paragraph(f, label, get(object, key));
}

/* "listed since 2019-05-09", "removed on 2022-03-15, listed since ..." */
static void
host_text(FILE *f, const json_t *host, const json_t *list)
{
	const char *state = get(host, "listed"), *since = get(host, "since");
	json_t *changes = json_object_get(host, "changes"), *change;
	char text[4096];
	size_t i, n;

	paragraph(f, "host", get(host, "host"));
	if (strcmp(state, "yes") == 0)
		(void)snprintf(text, sizeof(text), "listed since %s%s",
		    *since != '\0' ? "" : "before ",
		    *since != '\0' ? since : get(list, "from"));
	else if (strcmp(state, "removed") == 0)
		(void)snprintf(text, sizeof(text), "removed on %s; listed "
		    "since %s%s", get(host, "until"),
		    *since != '\0' ? "" : "before ",
		    *since != '\0' ? since : get(list, "from"));
	else if (strcmp(state, "not-yet") == 0)
		(void)snprintf(text, sizeof(text), "not yet listed then; "
		    "first listed on %s", since);
	else if (strcmp(state, "newer-than-list") == 0)
		(void)snprintf(text, sizeof(text), "not known: the time is "
		    "after the list's end");
	else if (strcmp(state, "unknown") == 0)
		(void)snprintf(text, sizeof(text), "not known: the time is "
		    "before the list's log");
	else
		(void)snprintf(text, sizeof(text), "not in the list, and not "
		    "in its log");
	if (strcmp(state, "removed") != 0 && *get(host, "until") != '\0') {
		n = strlen(text);
		(void)snprintf(text + n, sizeof(text) - n, "; removed on %s",
		    get(host, "until"));
	}
	paragraph(f, "authority", text);
	labelled(f, "EK issuer", host, "issuer");
	*text = '\0';
	json_array_foreach(changes, i, change) {
		n = strlen(text);
		(void)snprintf(text + n, sizeof(text) - n, "%s%s %s",
		    n > 0 ? ", " : "", get(change, "date"),
		    get(change, "action"));
	}
	if (*text != '\0')
		paragraph(f, "changes", text);
}

static void
certificate_text(FILE *f, const json_t *cert)
{
	char text[512];

	labelled(f, "role", cert, "role");
	labelled(f, "subject", cert, "subject");
	labelled(f, "issued by", cert, "issuer");
	labelled(f, "serial", cert, "serial");
	(void)snprintf(text, sizeof(text), "%s to %s", get(cert,
	    "not_before"), get(cert, "not_after"));
	paragraph(f, "valid", text);
	labelled(f, "SHA-256", cert, "sha256");
	labelled(f, "key id", cert, "keyid");
	labelled(f, "", cert, "keyid_host");
	labelled(f, "name id", cert, "nameid");
	labelled(f, "", cert, "nameid_host");
	labelled(f, "note", cert, "note");
}

void
authority_text(const json_t *answer, FILE *f)
{
	const json_t *vendor = json_object_get(answer, "vendor"), *o;
	const json_t *list = json_object_get(answer, "list");
	struct arena *arena = arena_new();
	const char *input = get(answer, "input");
	char text[2048];
	size_t i, n;

	input = escape_text(arena, input, strlen(input), &n);
	(void)fprintf(f, "%s%s\n", input,
	    json_is_true(json_object_get(answer, "known")) ? "" :
	    "  not known");
	arena_free(arena);
	if ((o = json_object_get(answer, "certificate")) != NULL)
		certificate_text(f, o);
	if (vendor != NULL) {
		(void)snprintf(text, sizeof(text), "%s (%s%s%s)",
		    get(vendor, "name"), get(vendor, "id"),
		    *get(vendor, "hex") != '\0' ? ", tpmManufacturer " : "",
		    get(vendor, "hex"));
		paragraph(f, "vendor", text);
	}
	json_array_foreach(json_object_get(answer, "hosts"), i, o)
		host_text(f, o, list);
	json_array_foreach(json_object_get(answer, "issuers"), i, o) {
		(void)snprintf(text, sizeof(text), "%s, %s, serial %s, %.10s "
		    "to %.10s, %s", get(o, "cn"), get(o, "kind"),
		    get(o, "serial"), get(o, "not_before"),
		    get(o, "not_after"), get(o, "key"));
		paragraph(f, "certificate", text);
	}
	json_array_foreach(json_object_get(answer, "reissues"), i, o) {
		(void)snprintf(text, sizeof(text), "serial %s took the place "
		    "of %s with the same name and key: valid %.10s to %.10s "
		    "instead of %.10s to %.10s%s%s", get(o, "new_serial"),
		    get(o, "old_serial"), get(o, "new_not_before"),
		    get(o, "new_not_after"), get(o, "old_not_before"),
		    get(o, "old_not_after"), *get(o, "loaded") != '\0' ?
		    "; in the service's list since " : "", get(o, "loaded"));
		paragraph(f, "re-issued", text);
	}
	json_array_foreach(json_object_get(answer, "incidents"), i, o) {
		(void)snprintf(text, sizeof(text), "%s, %s to %s: %s (%s)",
		    get(o, "id"), get(o, "from"), get(o, "to"),
		    get(o, "what"), get(o, "source"));
		paragraph(f, "incident", text);
	}
	json_array_foreach(json_object_get(answer, "families"), i, o) {
		(void)snprintf(text, sizeof(text), "%s (%s)", get(o, "what"),
		    get(o, "source"));
		paragraph(f, i == 0 ? "chips" : "", text);
	}
	(void)snprintf(text, sizeof(text), "%s to %s, %s%s%s",
	    get(list, "from"), get(list, "to"), get(list, "source"),
	    *get(list, "as_of") != '\0' ? "; as of " : "",
	    get(list, "as_of"));
	paragraph(f, "list", text);
}
