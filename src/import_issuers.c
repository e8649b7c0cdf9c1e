/*
 * Vendors' CA certificates out of a TrustedTpm.cab: rows of those that the
 * table in use does not have, and pairs of one name and key that differ in
 * serial and validity.  Relies on import_issuers.h and parsers/fields.h.
 */
#include "import_issuers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "correlate/attempt.h"
#include "knowledge/table.h"
#include "report/model.h"

/* Columns of a row as texts. */
enum {
	SKI, NOT_BEFORE, SHA256, VENDOR, KIND, CN, SUBJECT, ISSUER, SERIAL,
	NOT_AFTER, AKI, NAME_SHA1, KEY, AIA, SOURCE, NCOLUMNS
};

struct issuer_row {
	const char	*col[NCOLUMNS];
	const char	*file;		/* of the cab; NULL: was in the table */
};

void
log_files_add(struct arena *arena, struct log_files *files,
    const struct log_change *change)
{
	if (change->action == LOG_REMOVE ||
	    change->action == LOG_RENAME_AWAY)
		return;
	files->v = reallocarray(files->v, files->n + 1, sizeof(*files->v));
	if (files->v == NULL)
		abort();
	files->v[files->n].name = arena_text(arena, change->file.p,
	    change->file.n);
	files->v[files->n++].date = change->date;
}

static int64_t
loaded(const struct log_files *files, const char *name, int64_t to)
{
	int64_t date = 0;
	size_t i;

	for (i = 0; i < files->n; i++)
		if (strcasecmp(files->v[i].name, name) == 0 &&
		    files->v[i].date > date)
			date = files->v[i].date;
	return date != 0 ? date : to;
}

static struct issuer_row *
row_new(struct issuers *all)
{
	all->v = reallocarray(all->v, all->n + 1, sizeof(*all->v));
	if (all->v == NULL)
		abort();
	memset(&all->v[all->n], 0, sizeof(*all->v));
	return &all->v[all->n++];
}

/* ---- the table in use ---- */

static void
rows_before(struct arena *arena, struct issuers *all)
{
	struct issuer_row *r;
	struct table t;
	struct row row;
	size_t off = 0, start, i;

	table_open(&t, "data/issuers.tsv", ISSUERS_COLUMNS);
	for (start = 0; table_next(&t, &off, &row); start = off) {
		r = row_new(all);
		for (i = 0; i < NCOLUMNS; i++)
			r->col[i] = arena_text(arena, row.col[i].p,
			    row.col[i].n);
		lines_add(&all->rows, arena_text(arena, t.p + start,
		    off - start - 1));
	}
	table_open(&t, "data/reissues.tsv", REISSUES_COLUMNS);
	off = 0;
	for (start = 0; table_next(&t, &off, &row); start = off)
		lines_add(&all->reissues, arena_text(arena, t.p + start,
		    off - start - 1));
}

/* ---- certificates of the cab ---- */

/* Printable ASCII without tabs, as the tables want it. */
static const char *
plain(struct evidence *ev, const struct item *cert, const struct field *field)
{
	struct str s = item_show(ev, cert, field);
	char *text = arena_text(ev_arena(ev), s.n > 0 ? s.p : "", s.n);
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)text[i] < 0x20 ||
		    (unsigned char)text[i] > 0x7e)
			text[i] = '?';
	return text;
}

/* Intel's CAs are all called "www.intel.com": their OU tells them apart. */
static const char *
common_name(struct evidence *ev, const struct item *cert)
{
	const char *cn = plain(ev, cert, &cert_cn), *subject, *ou;

	subject = plain(ev, cert, &cert_subject);
	ou = strstr(subject, "OU=");
	if (strcmp(cn, "www.intel.com") != 0 || ou == NULL)
		return *cn != '\0' ? cn : subject;
	return arena_text(ev_arena(ev), ou + 3, strcspn(ou + 3, ","));
}

/* The vendor by the CA above it, else by the cab's folder. */
static const char *
vendor_of(struct evidence *ev, const struct issuers *all,
    const char *aki, const char *member)
{
	static const struct {
		const char	*folder, *id;
	} folders[] = {
		{ "AMD", "AMD" }, { "Atmel", "ATML" }, { "Infineon", "IFX" },
		{ "Intel", "INTC" }, { "Microsoft", "MSFT" },
		{ "NationZ", "NTZ" }, { "Nuvoton", "NTC" }, { "QC", "QCOM" },
		{ "Qualcomm", "QCOM" }, { "STMicro", "STM" }
	};
	struct vendor_info vendor;
	size_t i, n;

	for (i = 0; *aki != '\0' && i < all->n; i++)
		if (strcmp(all->v[i].col[SKI], aki) == 0)
			return all->v[i].col[VENDOR];
	n = strcspn(member, "/\\");
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strlen(folders[i].folder) == n && strncasecmp(member,
		    folders[i].folder, n) == 0)
			return folders[i].id;
	if (vendor_by_id(member, n, &vendor))
		return arena_text(ev_arena(ev), vendor.id.p, vendor.id.n);
	return NULL;
}

static bool
row_known(const struct issuers *all, const char *sha256)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (strcmp(all->v[i].col[SHA256], sha256) == 0)
			return true;
	return false;
}

/* A CA certificate that is no AIK CA's and not in the table. */
static void
certificate_read(struct evidence *ev, struct item *cert, int64_t to,
    struct issuers *all)
{
	struct item *file = item_up(cert, ITEM_FILE);
	const char *sha256 = plain(ev, cert, &cert_sha256), *vendor, *member;
	struct aik_host host;
	struct citation at;
	struct issuer_row row = { .file = "" }, *r;
	const char *cn = plain(ev, cert, &cert_cn);

	if (!item_truth(cert, &cert_ca, false) || *sha256 == '\0' ||
	    row_known(all, sha256) || aik_file_parse(cn, strlen(cn), &host))
		return;
	member = ev_cite(ev, cert->at, &at) ? at.member : "";
	row.col[AKI] = plain(ev, cert, &cert_aki);
	vendor = vendor_of(ev, all, row.col[AKI], member);
	if (vendor == NULL) {
		lines_add(&all->notes, arena_printf(ev_arena(ev), "  %s: the "
		    "vendor is not known", member));
		return;
	}
	if (file != NULL && item_text(file, &file_name) != NULL)
		row.file = item_text(file, &file_name);
	row.col[SKI] = plain(ev, cert, &cert_ski);
	row.col[NOT_BEFORE] = plain(ev, cert, &cert_not_before);
	row.col[SHA256] = sha256;
	row.col[VENDOR] = vendor;
	row.col[KIND] = item_truth(cert, &cert_self_issued, false) ? "root" :
	    "intermediate";
	row.col[CN] = common_name(ev, cert);
	row.col[SUBJECT] = plain(ev, cert, &cert_subject);
	row.col[ISSUER] = plain(ev, cert, &cert_issuer);
	row.col[SERIAL] = plain(ev, cert, &cert_serial);
	row.col[NOT_AFTER] = plain(ev, cert, &cert_not_after);
	row.col[NAME_SHA1] = plain(ev, cert, &cert_subject_sha1);
	row.col[KEY] = plain(ev, cert, &cert_key);
	row.col[AIA] = plain(ev, cert, &cert_aia);
	row.col[SOURCE] = arena_printf(ev_arena(ev), "TrustedTpm.cab of %s",
	    day_text(ev_arena(ev), to));
	if (strlen(row.col[NOT_BEFORE]) != 20 || *row.col[NAME_SHA1] == '\0') {
		lines_add(&all->notes, arena_printf(ev_arena(ev), "  %s: it "
		    "could not be read as a whole", member));
		return;
	}
	r = row_new(all);
	*r = row;
	all->nnew++;
	lines_add(&all->rows, arena_printf(ev_arena(ev), "%s\t%s\t%s\t%s\t%s"
	    "\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", r->col[0], r->col[1],
	    r->col[2], r->col[3], r->col[4], r->col[5], r->col[6], r->col[7],
	    r->col[8], r->col[9], r->col[10], r->col[11], r->col[12],
	    r->col[13], r->col[14]));
}

/* ---- re-issues ---- */

static int
later(const struct issuer_row *a, const struct issuer_row *b)
{
	int d = strcmp(a->col[NOT_BEFORE], b->col[NOT_BEFORE]);

	return d != 0 ? d : strcmp(a->col[NOT_AFTER], b->col[NOT_AFTER]);
}

/* Is there a line for this certificate's key and serial? */
static bool
reissue_known(struct arena *arena, const struct issuers *all,
    const struct issuer_row *r)
{
	const char *start = arena_printf(arena, "%s\t%s\t", r->col[SKI],
	    r->col[SERIAL]);
	size_t i;

	for (i = 0; i < all->reissues.n; i++)
		if (strncmp(all->reissues.v[i], start, strlen(start)) == 0)
			return true;
	return false;
}

/* A new certificate against the latest older one of the same name and key. */
static void
reissue_find_row(struct evidence *ev, const struct log_files *files,
    int64_t to, struct issuers *all, const struct issuer_row *r)
{
	const struct issuer_row *old = NULL, *o;
	size_t i;

	for (i = 0; *r->col[SKI] != '\0' && i < all->n; i++) {
		o = &all->v[i];
		if (strcmp(o->col[SKI], r->col[SKI]) == 0 &&
		    strcmp(o->col[NAME_SHA1], r->col[NAME_SHA1]) == 0 &&
		    strcmp(o->col[SERIAL], r->col[SERIAL]) != 0 &&
		    later(r, o) > 0 && (old == NULL || later(o, old) > 0))
			old = o;
	}
	if (old == NULL || reissue_known(ev_arena(ev), all, r))
		return;
	all->nreissues++;
	lines_add(&all->reissues, arena_printf(ev_arena(ev), "%s\t%s\t%s\t%s"
	    "\t%s\t%s\t%s\t%s\t%s\t%s\tTrustedTpm.cab, version.txt of %s",
	    r->col[SKI], r->col[SERIAL], r->col[VENDOR], r->col[CN],
	    old->col[SERIAL], old->col[NOT_BEFORE], old->col[NOT_AFTER],
	    r->col[NOT_BEFORE], r->col[NOT_AFTER], day_text(ev_arena(ev),
	    loaded(files, r->file, to)), day_text(ev_arena(ev), to)));
}

void
issuers_read(struct evidence *ev, const struct log_files *files, int64_t to,
    struct issuers *all)
{
	struct item *cert;
	size_t i, n;

	rows_before(ev_arena(ev), all);
	n = all->n;
	for (cert = ev_first(ev, ITEM_CERTIFICATE); cert != NULL;
	    cert = cert->next)
		certificate_read(ev, cert, to, all);
	for (i = n; i < all->n; i++)
		reissue_find_row(ev, files, to, all, &all->v[i]);
}

void
issuers_clear(struct issuers *all)
{
	free(all->rows.v);
	free(all->reissues.v);
	free(all->notes.v);
	free(all->v);
	memset(all, 0, sizeof(*all));
}

const char *
issuers_subject(const struct issuers *all, const char *key)
{
	const char *id = strrchr(key, '\t');
	bool name = strstr(key, "\tnameid\t") != NULL;
	size_t i;

	for (i = 0; id != NULL && i < all->n; i++)
		if (strcmp(all->v[i].col[name ? NAME_SHA1 : SKI], id + 1) == 0)
			return all->v[i].col[SUBJECT];
	return "";
}
