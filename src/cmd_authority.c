/*
 * aiktriage authority: what is known, offline, of an AIK authority or of the
 * CA that issued an EK certificate, by host, key identifier or certificate.
 * Certificates are read by the worker as all untrusted input is.
 * Relies on authority.h, options.h and batch/case.h.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "authority.h"
#include "correlate/attempt.h"
#include "decode/tpm_id.h"
#include "log.h"
#include "report/escape.h"
#include "report/model.h"

extern const struct command	command_authority;

/* What was asked, and how it is answered. */
struct asking {
	bool		 json;
	bool		 first;		/* nothing was written yet */
	bool		 unknown;	/* something is not known */
	int64_t		 as_of;
	const char	*input;
};

static void
answer_write(struct asking *a, json_t *answer, FILE *f)
{
	if (!json_is_true(json_object_get(answer, "known")))
		a->unknown = true;
	if (a->json) {
		if (!a->first)
			(void)fputs(",\n", f);
		(void)json_write(answer, false, f);
	} else {
		if (!a->first)
			(void)fputc('\n', f);
		authority_text(answer, f);
	}
	a->first = false;
	json_decref(answer);
}

/* ---- certificates, in the worker ---- */

/* The host in the name of an AIK CA: its last CN. */
static bool
host_of_name(const char *name, struct aik_host *ret)
{
	const char *cn = NULL, *p = name;
	size_t n;

	while (p != NULL && (p = strstr(p, "CN=")) != NULL) {
		p += 3;
		cn = p;
	}
	if (cn == NULL)
		return false;
	n = strcspn(cn, ",+ ");
	return aik_host_parse(cn, n, ret);
}

static void
set(json_t *object, const char *key, struct str s)
{
	if (s.n > 0)
		(void)json_object_set_new(object, key, json_text(s.p, s.n));
}

static const char *
text_of(struct evidence *ev, const struct item *cert,
    const struct field *field)
{
	struct str s = item_show(ev, cert, field);

	return arena_text(ev_arena(ev), s.n > 0 ? s.p : "", s.n);
}

/* The identifiers, and the hosts that they make with the vendor's prefix. */
static void
set_ids(json_t *object, const struct authority_question *q)
{
	const char *const ids[] = { q->keyid, q->nameid };
	static const char *const forms[] = { "keyid", "nameid" };
	struct vendor_info vendor;
	char prefix[16] = "", key[32];
	size_t i;

	if (*q->prefix != '\0')
		(void)snprintf(prefix, sizeof(prefix), "%s", q->prefix);
	else if (vendor_by_id(q->vendor, strlen(q->vendor), &vendor))
		(void)snprintf(prefix, sizeof(prefix), "%.*s",
		    (int)vendor.prefix.n, vendor.prefix.p);
	for (i = 0; i < 2; i++) {
		if (*ids[i] == '\0')
			continue;
		(void)json_object_set_new(object, forms[i],
		    json_string(ids[i]));
		(void)snprintf(key, sizeof(key), "%s_host", forms[i]);
		if (*prefix != '\0')
			(void)json_object_set_new(object, key, json_sprintf(
			    "%s-%s-%s.microsoftaik.azure.net", prefix,
			    forms[i], ids[i]));
	}
}

/*
 * Whose authority a certificate leads to: an EK's issuer, a CA itself, the
 * AIK CA that the name says.
 */
static void
certificate_answer(struct evidence *ev, const struct item *cert,
    struct asking *a, FILE *f)
{
	const char *role = text_of(ev, cert, &cert_role);
	bool ca = item_truth(cert, &cert_ca, false);
	struct authority_question q = { .input = a->input, .prefix = "",
	    .keyid = "", .nameid = "", .as_of = a->as_of };
	struct aik_host host;
	json_t *object = json_object();
	struct issuer_info info;

	set(object, "role", item_show(ev, cert, &cert_role));
	set(object, "subject", item_show(ev, cert, &cert_subject));
	set(object, "issuer", item_show(ev, cert, &cert_issuer));
	set(object, "serial", item_show(ev, cert, &cert_serial));
	set(object, "not_before", item_show(ev, cert, &cert_not_before));
	set(object, "not_after", item_show(ev, cert, &cert_not_after));
	set(object, "sha256", item_show(ev, cert, &cert_sha256));
	q.vendor = text_of(ev, cert, &cert_vendor);
	if (*q.vendor == '\0')
		q.vendor = text_of(ev, cert, &tpm_vendor);
	if ((strcmp(role, "aik") == 0 && host_of_name(text_of(ev, cert,
	    &cert_issuer), &host)) || (strcmp(role, "aik-ca") == 0 &&
	    host_of_name(text_of(ev, cert, &cert_subject), &host))) {
		q.prefix = host.prefix;
		if (strcmp(host.form, "keyid") == 0)
			q.keyid = host.id;
		else
			q.nameid = host.id;
	} else {
		q.keyid = text_of(ev, cert, ca ? &cert_ski : &cert_aki);
		q.nameid = text_of(ev, cert, ca ? &cert_subject_sha1 :
		    &cert_issuer_sha1);
	}
	set_ids(object, &q);
	if (!ca && strcmp(role, "ek") == 0 && *q.keyid != '\0' &&
	    !issuer_by_ski(q.keyid, 0, &info))
		(void)json_object_set_new(object, "note", json_string("the "
		    "issuer is in no table; if it is made on the chip (Intel "
		    "on-die CA, Pluton), the host has the key id of the "
		    "project's CA above it"));
	answer_write(a, authority_answer(&q, object), f);
}

/* The first byte says whether all is known; the rest is for the user. */
static int
certificates_emit(struct evidence *ev, const struct judgement *judgement,
    FILE *f, void *arg)
{
	struct asking *a = arg;
	const struct item *cert, *had;
	char *text = NULL;
	size_t n = 0;
	FILE *all = open_memstream(&text, &n);

	(void)judgement;
	if (all == NULL)
		return -1;
	a->unknown = ev_first(ev, ITEM_CERTIFICATE) == NULL;
	for (cert = ev_first(ev, ITEM_CERTIFICATE); cert != NULL;
	    cert = cert->next) {
		for (had = ev_first(ev, ITEM_CERTIFICATE); had != cert;
		    had = had->next)
			if (fact_equal(item_fact(had, &cert_sha256),
			    item_fact(cert, &cert_sha256)))
				break;
		if (had == cert)
			certificate_answer(ev, cert, a, all);
	}
	if (fclose(all) == 0) {
		(void)fputc(a->unknown ? '?' : '!', f);
		(void)fwrite(text, 1, n, f);
	}
	free(text);
	return ferror(f) ? -1 : 0;
}

/* What the worker wrote, behind its first byte. */
static int
answers_copy(struct asking *a, int fd)
{
	char buffer[65536], known = '?';
	off_t at = 1;
	ssize_t got;

	if (pread(fd, &known, 1, 0) != 1 || known != '!')
		a->unknown = true;
	while ((got = pread(fd, buffer, sizeof(buffer), at)) != 0) {
		if (got == -1) {
			if (errno == EINTR)
				continue;
			log_error("the answer cannot be read: %s",
			    strerror(errno));
			return -1;
		}
		(void)fwrite(buffer, 1, (size_t)got, stdout);
		at += got;
		a->first = false;
	}
	return 0;
}

static int
file_answer(struct asking *a, const struct options *o, char *path)
{
	struct options one = *o;
	struct case_result result;
	struct case_job job;
	struct asking child = *a;
	int fd = memfd_create("authority", MFD_CLOEXEC), status;
	bool empty;

	if (fd == -1) {
		log_error("no memory file: %s", strerror(errno));
		return EXIT_INCOMPLETE;
	}
	one.paths = &path;
	one.npaths = 1;
	options_job(&one, NULL, &job);
	child.input = path;
	job.emit = certificates_emit;
	job.emit_arg = &child;
	job.emit_fd = fd;
	case_warm();
	status = EXIT_USAGE;
	if (case_run(&job, &result) == 0) {
		status = result.exit_status;
		if (result.died[0] != '\0')
			log_error("%s", result.died);
		empty = lseek(fd, 0, SEEK_END) <= 1;
		if (empty && result.died[0] == '\0')
			log_error("%s: there is no certificate in it", path);
		if (!empty && answers_copy(a, fd) == -1)
			status = EXIT_INCOMPLETE;
		a->unknown = a->unknown || empty;
	}
	(void)close(fd);
	return status;
}

/* ---- hosts and key identifiers ---- */

/* "https://HOST/templates/..." and "HOST:443" to the host. */
static size_t
host_cut(const char **p)
{
	const char *scheme = strstr(*p, "://");

	if (scheme != NULL)
		*p = scheme + 3;
	return strcspn(*p, "/?#");
}

/* Hex digits with blanks, colons or dashes between them; false if others. */
static bool
hex_read(const char *p, char *buf, size_t size)
{
	size_t n = 0;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	for (; *p != '\0'; p++) {
		if (*p == ' ' || *p == ':' || *p == '-')
			continue;
		if (!isxdigit((unsigned char)*p) || n + 1 >= size)
			return false;
		buf[n++] = (char)tolower((unsigned char)*p);
	}
	buf[n] = '\0';
	return n >= 32;
}

/* True if it is a host or an identifier, which was answered then. */
static bool
name_answer(struct asking *a, const char *input)
{
	struct authority_question q = { .input = input, .prefix = "",
	    .vendor = "", .keyid = "", .nameid = "", .as_of = a->as_of };
	struct aik_host host;
	const char *p = input;
	size_t n = host_cut(&p);
	char id[160];

	if (aik_host_parse(p, n, &host)) {
		q.prefix = host.prefix;
		if (strcmp(host.form, "keyid") == 0)
			q.keyid = host.id;
		else
			q.nameid = host.id;
	} else if (hex_read(input, id, sizeof(id)))
		q.keyid = q.nameid = id;
	else
		return false;
	answer_write(a, authority_answer(&q, NULL), stdout);
	return true;
}

/* ---- the command ---- */

static int
list_show(const struct asking *a)
{
	struct list_info list;
	char from[40], to[40];
	json_t *object;

	authority_list(&list);
	time_format(list.from, from);
	time_format(list.to, to);
	if (!a->json) {
		printf("%.10s to %.10s  %.*s\n", from, to,
		    (int)list.source.n, list.source.p);
		return EXIT_COMPLETE;
	}
	object = json_pack("{s:s%, s:s%, s:s%}", "from", from, (size_t)10,
	    "to", to, (size_t)10, "source", list.source.p, list.source.n);
	(void)json_write(object, false, stdout);
	json_decref(object);
	return EXIT_COMPLETE;
}

static int
answers(struct asking *a, const struct options *o)
{
	int status = EXIT_COMPLETE, one;
	size_t i;

	if (a->json)
		puts("[");
	for (i = 0; i < o->npaths; i++) {
		if (access(o->paths[i], F_OK) == -1) {
			if (name_answer(a, o->paths[i]))
				continue;
			log_error("\"%s\" is no host, no key identifier and "
			    "no file", o->paths[i]);
			one = EXIT_USAGE;
		} else {
			(void)fflush(stdout);
			one = file_answer(a, o, o->paths[i]);
		}
		if (one > status)
			status = one;
	}
	if (a->json)
		puts("]");
	if (status == EXIT_COMPLETE && a->unknown)
		status = EXIT_FOUND;
	return status;
}

static int
run(int argc, char **argv)
{
	struct asking a = { .first = true };
	struct options o;
	int status;

	status = options_parse(&o, &command_authority, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	a.json = o.format != NULL && strcmp(o.format, "json") == 0;
	a.as_of = o.as_of;
	if ((o.import != NULL) != (o.to != NULL))
		log_error("--import CAB and --to DIR belong together");
	else if (o.import != NULL && o.npaths > 0)
		log_error("--import takes one CAB, and no operands");
	else if (o.import != NULL)
		status = authority_import(&o);
	else if (o.list_date)
		status = list_show(&a);
	else if (o.npaths == 0)
		log_error("authority wants a HOST, KEYID or CERT; aiktriage "
		    "authority --help says more");
	else
		status = answers(&a, &o);
out:
	options_clear(&o);
	return status;
}

const struct command	command_authority = {
	.name = "authority",
	.usage = "HOST|KEYID|CERT...",
	.help = "what is known of an AIK authority or EK issuer",
	.formats = "text|json",
	.options = OPTIONS_CASE | OPTIONS_FORMAT | OPTIONS_AUTHORITY,
	.run = run,
};
