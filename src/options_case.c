/*
 * Options of how a case is read: passwords, keys, limits, the time to judge
 * at, certificates, tables and the sandbox.
 * Relies on option_table.h, key_file.h and knowledge/knowledge.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "key_file.h"
#include "knowledge/knowledge.h"
#include "log.h"
#include "option_table.h"

#define PASSWORD_BYTES	((size_t)1 << 20)

/* One candidate a line; the descriptor is closed. */
static int
passwords_read(struct options *o, int fd, const char *name)
{
	char *text, *line, *next;
	size_t n = 0;
	ssize_t got;

	text = malloc(PASSWORD_BYTES + 1);
	if (text == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	while (n < PASSWORD_BYTES) {
		got = read(fd, text + n, PASSWORD_BYTES - n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1) {
			log_error("%s: %s", name, strerror(errno));
			free(text);
			close(fd);
			return -1;
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	close(fd);
	text[n] = '\0';
	for (line = text; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		if (*line == '\0')
			continue;
		o->passwords = option_list_add(o->passwords, o->npasswords,
		    sizeof(*o->passwords));
		o->passwords[o->npasswords] = strdup(line);
		if (o->passwords[o->npasswords++] == NULL) {
			log_error("out of memory");
			exit(EXIT_INCOMPLETE);
		}
	}
	explicit_bzero(text, n);
	free(text);
	return 0;
}

static int
set_password_file(struct options *o, const struct option_info *info,
    const char *arg)
{
	int fd = open(arg, O_RDONLY | O_CLOEXEC);

	(void)info;
	if (fd == -1) {
		log_error("%s: %s", arg, strerror(errno));
		return OPTION_MISTAKE;
	}
	return passwords_read(o, fd, arg);
}

static int
set_password_fd(struct options *o, const struct option_info *info,
    const char *arg)
{
	char *end;
	long n;

	(void)info;
	errno = 0;
	n = strtol(arg, &end, 10);
	if (errno != 0 || *arg == '\0' || *end != '\0' || n < 0 ||
	    n > INT_MAX) {
		log_error("--password-fd: \"%s\" is no descriptor", arg);
		return OPTION_MISTAKE;
	}
	return passwords_read(o, (int)n, "--password-fd");
}

static int
set_key(struct options *o, const struct option_info *info, const char *arg)
{
	(void)info;
	return option_words_add(&o->key_files, &o->nkey_files, arg);
}

static void
limits_list(void)
{
	const struct limit *l;

	for (l = limits_table; l->name != NULL; l++)
		printf("%-20s %12llu  %s\n", l->name,
		    (unsigned long long)l->value, l->why);
}

static int
set_limits(struct options *o, const struct option_info *info, const char *arg)
{
	(void)info;
	if (strcmp(arg, "list") == 0) {
		limits_list();
		return OPTION_END;
	}
	if (limits_set(&o->limits, arg) == -1) {
		log_error("--limits: \"%s\" is no NAME=VALUE of "
		    "aiktriage(1)", arg);
		return OPTION_MISTAKE;
	}
	return OPTION_SET;
}

static int
set_as_of(struct options *o, const struct option_info *info, const char *arg)
{
	(void)info;
	if (!options_time(arg, &o->as_of)) {
		log_error("--as-of: \"%s\", want a time like "
		    "2023-03-29T08:00:00Z", arg);
		return OPTION_MISTAKE;
	}
	return OPTION_SET;
}

static int
set_certs(struct options *o, const struct option_info *info, const char *arg)
{
	(void)info;
	if (access(arg, R_OK) == -1) {
		log_error("--certs: %s: %s", arg, strerror(errno));
		return OPTION_MISTAKE;
	}
	return option_words_add(&o->certs, &o->ncerts, arg);
}

const struct option_info options_case_list[] = {
	{ OPTIONS_CASE, 0, "password-file", "FILE",
	    "passwords to try on locked archives, one a line",
	    set_password_file, 0 },
	{ OPTIONS_CASE, 0, "password-fd", "N",
	    "the same, from a descriptor that is open", set_password_fd, 0 },
	{ OPTIONS_CASE, 0, "key", "FILE",
	    "open what is sealed for this private key; may be repeated",
	    set_key, 0 },
	{ OPTIONS_CASE, 0, "limits", "NAME=VALUE",
	    "change a limit (k, M, G may follow); \"list\" shows all",
	    set_limits, 0 },
	{ OPTIONS_CASE, 0, "as-of", "TIME",
	    "judge as of this time (RFC 3339), not the capture's",
	    set_as_of, 0 },
	{ OPTIONS_CASE, 0, "require-sandbox", NULL,
	    "do nothing where the worker cannot be confined",
	    option_true, offsetof(struct options, require_sandbox) },
	{ OPTIONS_CASE, 0, "certs", "PATH",
	    "certificates for building chains, a file or folder; may be "
	    "repeated", set_certs, 0 },
	{ OPTIONS_CASE, 0, "data", "DIR",
	    "use the authority tables that --import wrote there",
	    option_text, offsetof(struct options, data) },
	{ .name = NULL }
};

/* ---- after the whole line ---- */

/*
 * The tables that are used in place of the built-in ones: those of --data,
 * else of the user's own folder if it is there.
 */
static int
data_load(struct options *o)
{
	const char *home = getenv("XDG_DATA_HOME"), *tail = "";
	char path[4096], why[512];

	if (o->data == NULL && (home == NULL || *home != '/')) {
		home = getenv("HOME");
		tail = "/.local/share";
	}
	if (o->data != NULL)
		snprintf(path, sizeof(path), "%s", o->data);
	else if (home == NULL || *home != '/')
		return 0;
	else {
		snprintf(path, sizeof(path), "%s%s/aiktriage/data", home,
		    tail);
		if (access(path, F_OK) == -1)
			return 0;
	}
	snprintf(o->tables, sizeof(o->tables), "%s", path);
	if (knowledge_load(path, why, sizeof(why)))
		return 0;
	log_error("%s", why);
	return -1;
}

int
options_case_finish(struct options *o)
{
	if (data_load(o) == -1)
		return -1;
	if (o->nkey_files == 0)
		return 0;
	case_warm();		/* old files need the legacy provider */
	o->keys = key_files_load(o->key_files, o->nkey_files,
	    (const char *const *)o->passwords, o->npasswords);
	return o->keys != NULL ? 0 : -1;
}

void
options_job(const struct options *o, const struct rules *rules,
    struct case_job *job)
{
	case_job_init(job);
	job->paths = o->paths;
	job->npaths = o->npaths;
	job->certs = o->certs;
	job->ncerts = o->ncerts;
	job->rules = rules;
	job->limits = o->limits;
	job->as_of = o->as_of;
	job->fail_on = o->fail_on;
	job->fail_on_set = o->fail_on_set;
	job->min_severity = o->min_severity;
	job->only = o->only;
	job->nonly = o->nonly;
	job->why = o->why;
	job->nwhy = o->nwhy;
	job->verbose = o->verbose;
	job->csv_bom = o->csv_bom;
	job->require_sandbox = o->require_sandbox;
	job->passwords = (const char *const *)o->passwords;
	job->npasswords = o->npasswords;
	job->keys = o->keys;
}
