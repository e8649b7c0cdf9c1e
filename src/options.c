/*
 * Reads the command line of a command from one table of options; a mistake is
 * said with the nearest right word and ends the program with status 2.
 * Relies on options.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "correlate/correlator.h"
#include "evidence/evidence.h"
#include "key_file.h"
#include "knowledge/knowledge.h"
#include "log.h"
#include "options.h"

#define PASSWORD_BYTES	((size_t)1 << 20)

enum {
	OPT_AS_OF = 256, OPT_AT, OPT_CERTS, OPT_COLOR, OPT_FAIL_ON, OPT_FORCE, OPT_FORMAT,
	OPT_JSON, OPT_LIMITS, OPT_MIN_SEVERITY, OPT_NO_DEFAULT_RULES, OPT_ONLY,
	OPT_PASSWORD_FD, OPT_PASSWORD_FILE, OPT_QUIET, OPT_REQUIRE_SANDBOX,
	OPT_RULES, OPT_WHY, OPT_KEY,
	OPT_DATA, OPT_IMPORT, OPT_TO, OPT_LIST_DATE,
	OPT_CASE, OPT_FILES_FROM, OPT_TIMEOUT, OPT_STATE, OPT_DB, OPT_SHARD,
	OPT_PROGRESS
};

static const struct option_info {
	int		 id;		/* a letter, or OPT_ */
	unsigned int	 groups;
	const char	*name;
	const char	*argument;	/* NULL: takes none */
	const char	*help;
} infos[] = {
	{ OPT_FORMAT, OPTIONS_FORMAT, "format", "FORMAT",
	    "write the report in this format to standard output" },
	{ OPT_JSON, OPTIONS_FORMAT, "json", NULL, "the same as --format=json" },
	{ 'o', OPTIONS_REPORT | OPTIONS_OUTPUT, "output", "FORMAT:PATH",
	    "write a report to a file, too; may be repeated" },
	{ OPT_FORCE, OPTIONS_REPORT | OPTIONS_AUTHORITY | OPTIONS_OUTPUT,
	    "force", NULL,
	    "replace output files that exist" },
	{ OPT_COLOR, OPTIONS_REPORT, "color", "auto|always|never",
	    "colour in the text report; NO_COLOR turns auto off" },
	{ OPT_ONLY, OPTIONS_REPORT, "only", "ID",
	    "show only this rule's findings; may be repeated" },
	{ OPT_MIN_SEVERITY, OPTIONS_REPORT, "min-severity", "SEVERITY",
	    "show findings from note, warning or error on" },
	{ OPT_FAIL_ON, OPTIONS_REPORT, "fail-on", "SEVERITY",
	    "end with status 1 for findings from this severity on" },
	{ OPT_WHY, OPTIONS_REPORT, "why", "ID",
	    "show this rule's conditions with values; may be repeated" },
	{ OPT_RULES, OPTIONS_RULES, "rules", "DIR",
	    "add the rule files of a directory; may be repeated" },
	{ OPT_NO_DEFAULT_RULES, OPTIONS_RULES, "no-default-rules", NULL,
	    "use only the rules of --rules" },
	{ OPT_PASSWORD_FILE, OPTIONS_CASE, "password-file", "FILE",
	    "passwords to try on locked archives, one a line" },
	{ OPT_PASSWORD_FD, OPTIONS_CASE, "password-fd", "N",
	    "the same, from a descriptor that is open" },
	{ OPT_KEY, OPTIONS_CASE, "key", "FILE",
	    "open what is sealed for this private key; may be repeated" },
	{ OPT_LIMITS, OPTIONS_CASE, "limits", "NAME=VALUE",
	    "change a limit (k, M, G may follow); \"list\" shows all" },
	{ OPT_AS_OF, OPTIONS_CASE, "as-of", "TIME",
	    "judge as of this time (RFC 3339), not the capture's" },
	{ OPT_REQUIRE_SANDBOX, OPTIONS_CASE, "require-sandbox", NULL,
	    "do nothing where the worker cannot be confined" },
	{ OPT_CERTS, OPTIONS_CASE, "certs", "PATH",
	    "certificates for building chains, a file or folder; may be "
	    "repeated" },
	{ OPT_DATA, OPTIONS_CASE, "data", "DIR",
	    "use the authority tables that --import wrote there" },
	{ OPT_LIST_DATE, OPTIONS_AUTHORITY, "list-date", NULL,
	    "show how far the lists reach" },
	{ OPT_IMPORT, OPTIONS_AUTHORITY, "import", "CAB",
	    "make tables from a newer TrustedTpm.cab" },
	{ OPT_TO, OPTIONS_AUTHORITY, "to", "DIR",
	    "where --import writes them" },
	{ OPT_CASE, OPTIONS_BATCH, "case", "file|dir",
	    "what of a folder is a case: each file or each folder" },
	{ OPT_FILES_FROM, OPTIONS_BATCH, "files-from", "FILE",
	    "cases from a list, one a line; - is standard input" },
	{ '0', OPTIONS_BATCH, "null", NULL,
	    "names in the list end with NUL" },
	{ 'j', OPTIONS_BATCH, "jobs", "N",
	    "cases that are worked on at a time; all processors" },
	{ OPT_TIMEOUT, OPTIONS_BATCH, "timeout", "SECONDS",
	    "for one case; the same as --limits wall_s=SECONDS" },
	{ OPT_STATE, OPTIONS_BATCH, "state", "DIR",
	    "keep results there and do not do them again" },
	{ OPT_DB, OPTIONS_DB, "db", "FILE",
	    "write a database of SQLite" },
	{ OPT_SHARD, OPTIONS_BATCH, "shard", "K/N",
	    "only the cases of part K of N (from 1), by their content" },
	{ OPT_PROGRESS, OPTIONS_BATCH, "progress", "auto|bar|json|none",
	    "how far it is, on standard error" },
	{ OPT_AT, OPTIONS_DECODE, "at", "MEMBER[@OFFSET]",
	    "decode what stands at this place of the case" },
	{ OPT_QUIET, OPTIONS_COMMON, "quiet", NULL,
	    "no warnings, no report on standard output unless asked" },
	{ 'v', OPTIONS_COMMON, "verbose", NULL, "say all" },
	{ 'h', OPTIONS_COMMON, "help", NULL, "show this help" },
};
#define NINFOS	(sizeof(infos) / sizeof(infos[0]))

/* ---- help and mistakes ---- */

void
options_help(const struct command *command, unsigned int groups, FILE *to)
{
	const struct option_info *o;
	char left[64];

	fprintf(to, "usage: aiktriage %s [OPTIONS] %s\n%s\n\noptions:\n",
	    command->name, command->usage, command->help);
	for (o = infos; o < infos + NINFOS; o++) {
		if (!(o->groups & (groups | OPTIONS_COMMON)))
			continue;
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    o->id < 256 ? '-' : ' ', o->id < 256 ? o->id : ' ',
		    o->id < 256 ? ", " : "  ", o->name,
		    o->argument != NULL ? " " : "",
		    o->argument != NULL ? o->argument : "");
		fprintf(to, "  %-30s %s\n", left, o->help);
	}
}

/* Changes between two words; both are short. */
static unsigned int
distance(const char *a, const char *b)
{
	unsigned int row[64], diagonal, above;
	size_t na = strlen(a), nb = strlen(b), i, j;

	if (nb >= sizeof(row) / sizeof(row[0]))
		return UINT_MAX;
	for (j = 0; j <= nb; j++)
		row[j] = (unsigned int)j;
	for (i = 1; i <= na; i++) {
		diagonal = row[0];
		row[0] = (unsigned int)i;
		for (j = 1; j <= nb; j++) {
			above = row[j];
			row[j] = diagonal + (a[i - 1] != b[j - 1]);
			if (above + 1 < row[j])
				row[j] = above + 1;
			if (row[j - 1] + 1 < row[j])
				row[j] = row[j - 1] + 1;
			diagonal = above;
		}
	}
	return row[nb];
}

/* "--fromat=x" and "-x" as they were given. */
static void
unknown_option(const char *given, unsigned int groups)
{
	const struct option_info *o, *best = NULL;
	unsigned int d, least = 4;
	char word[64];

	snprintf(word, sizeof(word), "%s", given);
	word[strcspn(word, "=")] = '\0';
	if (strncmp(word, "--", 2) == 0)
		for (o = infos; o < infos + NINFOS; o++) {
			if (!(o->groups & (groups | OPTIONS_COMMON)))
				continue;
			d = distance(word + 2, o->name);
			if (d < least) {
				least = d;
				best = o;
			}
		}
	if (best != NULL)
		log_error("unknown option %s; did you mean --%s?", word,
		    best->name);
	else
		log_error("unknown option %s; --help lists them", word);
}

/* ---- values ---- */

static void *
list_add(void *list, size_t n, size_t size)
{
	list = reallocarray(list, n + 1, size);
	if (list == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	return list;
}

static int
severity_parse(const char *option, const char *word, enum severity *ret)
{
	int i;

	for (i = SEVERITY_NOTE; i <= SEVERITY_ERROR; i++)
		if (strcmp(word, severity_names[i]) == 0) {
			*ret = (enum severity)i;
			return 0;
		}
	log_error("--%s: \"%s\" is no severity, want note, warning or error",
	    option, word);
	return -1;
}

/* n digits; false if there are fewer. */
static bool
digits(const char **p, int n, int *ret)
{
	for (*ret = 0; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*ret = *ret * 10 + (**p - '0');
	}
	return true;
}

bool
options_time(const char *text, int64_t *ret_us)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31 };
	int y, mon, d, h = 0, m = 0, s = 0, zh, zm, sign, last;
	int64_t us = 0, unit;
	const char *p = text;

	*ret_us = 0;
	if (!digits(&p, 4, &y) || *p++ != '-' || !digits(&p, 2, &mon) ||
	    *p++ != '-' || !digits(&p, 2, &d) || mon < 1 || mon > 12)
		return false;
	last = days[mon - 1] + (mon == 2 &&
	    ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
	if (d < 1 || d > last)
		return false;
	if (*p == 'T' || *p == 't' || *p == ' ') {
		p++;
		if (!digits(&p, 2, &h) || *p++ != ':' || !digits(&p, 2, &m) ||
		    *p++ != ':' || !digits(&p, 2, &s) || h > 23 || m > 59 ||
		    s > 60)
			return false;
		if (*p == '.')
			for (p++, unit = 100000; *p >= '0' && *p <= '9'; p++) {
				us += (*p - '0') * unit;
				unit /= 10;
			}
		if (*p == '+' || *p == '-') {
			sign = *p++ == '+' ? 1 : -1;
			if (!digits(&p, 2, &zh) || *p++ != ':' ||
			    !digits(&p, 2, &zm) || zh > 23 || zm > 59)
				return false;
			us -= sign * INT64_C(60000000) * (zh * 60 + zm);
		} else if (*p == 'Z' || *p == 'z')
			p++;
		else
			return false;
	}
	if (*p != '\0')
		return false;
	*ret_us = time_make(y, mon, d, h, m, s) + us;
	return true;
}

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
		o->passwords = list_add(o->passwords, o->npasswords,
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

int
options_format_unknown(const char *word)
{
	char all[256] = "";
	size_t i, len;

	for (i = 0; reporters[i] != NULL; i++) {
		len = strlen(all);
		snprintf(all + len, sizeof(all) - len, "%s%s",
		    i > 0 ? ", " : "", reporters[i]->name);
	}
	log_error("\"%s\" is no format; there are %s", word, all);
	return -1;
}

static int
output_add(struct options *o, const char *arg)
{
	const char *colon = strchr(arg, ':');
	const struct reporter *r;
	char name[32];

	if (colon == NULL || colon[1] == '\0') {
		log_error("-o %s: want FORMAT:PATH, like json:report.json",
		    arg);
		return -1;
	}
	snprintf(name, sizeof(name), "%.*s", colon - arg < (int)sizeof(name) ?
	    (int)(colon - arg) : (int)sizeof(name) - 1, arg);
	r = reporter_find(name);
	if (r == NULL)
		return options_format_unknown(name);
	o->outputs = list_add(o->outputs, o->noutputs, sizeof(*o->outputs));
	o->outputs[o->noutputs++] = (struct options_output){ r, colon + 1 };
	return 0;
}

/* A number from 1 up to a most; -1: said. */
static int
number_parse(const char *option, const char *word, uint64_t most,
    uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(word, &end, 10);
	if (errno == 0 && *word >= '0' && *word <= '9' && *end == '\0' &&
	    *ret >= 1 && *ret <= most)
		return 0;
	log_error("--%s: \"%s\", want a number from 1 to %llu", option, word,
	    (unsigned long long)most);
	return -1;
}

/* "2/4" is the second of four. */
static int
shard_parse(struct options *o, const char *arg)
{
	const char *slash = strchr(arg, '/');
	char k[24];

	snprintf(k, sizeof(k), "%.*s", slash != NULL && slash - arg < 20 ?
	    (int)(slash - arg) : 0, arg);
	if (slash == NULL) {
		log_error("--shard: \"%s\", want K/N", arg);
		return -1;
	}
	if (number_parse("shard", slash + 1, 1000000, &o->shards) == -1 ||
	    number_parse("shard", k, o->shards, &o->shard) == -1)
		return -1;
	o->shard--;
	return 0;
}

static int
progress_parse(struct options *o, const char *arg)
{
	static const char *const words[] = { "auto", "bar", "json", "none" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(arg, words[i]) == 0) {
			o->progress = (enum progress_kind)i;
			return 0;
		}
	log_error("--progress: \"%s\", want auto, bar, json or none", arg);
	return -1;
}

static int
option_set(struct options *o, int id, const char *arg)
{
	uint64_t count;
	char *end;
	long n;
	int fd;

	switch (id) {
	case OPT_FORMAT:
		o->format = arg;
		return 0;
	case OPT_JSON:
		o->format = "json";
		return 0;
	case 'o':
		return output_add(o, arg);
	case OPT_FORCE:
		o->force = true;
		return 0;
	case OPT_COLOR:
		if (strcmp(arg, "auto") == 0)
			o->color = COLOR_AUTO;
		else if (strcmp(arg, "always") == 0)
			o->color = COLOR_ALWAYS;
		else if (strcmp(arg, "never") == 0)
			o->color = COLOR_NEVER;
		else {
			log_error("--color: \"%s\", want auto, always or "
			    "never", arg);
			return -1;
		}
		return 0;
	case OPT_ONLY:
		o->only = list_add(o->only, o->nonly, sizeof(*o->only));
		o->only[o->nonly++] = arg;
		return 0;
	case OPT_WHY:
		o->why = list_add(o->why, o->nwhy, sizeof(*o->why));
		o->why[o->nwhy++] = arg;
		return 0;
	case OPT_MIN_SEVERITY:
		return severity_parse("min-severity", arg, &o->min_severity);
	case OPT_FAIL_ON:
		o->fail_on_set = true;
		return severity_parse("fail-on", arg, &o->fail_on);
	case OPT_RULES:
		o->rule_dirs = list_add(o->rule_dirs, o->nrule_dirs,
		    sizeof(*o->rule_dirs));
		o->rule_dirs[o->nrule_dirs++] = arg;
		return 0;
	case OPT_NO_DEFAULT_RULES:
		o->no_default_rules = true;
		return 0;
	case OPT_PASSWORD_FILE:
		fd = open(arg, O_RDONLY | O_CLOEXEC);
		if (fd == -1) {
			log_error("%s: %s", arg, strerror(errno));
			return -1;
		}
		return passwords_read(o, fd, arg);
	case OPT_PASSWORD_FD:
		errno = 0;
		n = strtol(arg, &end, 10);
		if (errno != 0 || *arg == '\0' || *end != '\0' || n < 0 ||
		    n > INT_MAX) {
			log_error("--password-fd: \"%s\" is no descriptor",
			    arg);
			return -1;
		}
		return passwords_read(o, (int)n, "--password-fd");
	case OPT_KEY:
		o->key_files = list_add(o->key_files, o->nkey_files,
		    sizeof(*o->key_files));
		o->key_files[o->nkey_files++] = arg;
		return 0;
	case OPT_LIMITS:
		if (limits_set(&o->limits, arg) == -1) {
			log_error("--limits: \"%s\" is no NAME=VALUE of "
			    "aiktriage(1)", arg);
			return -1;
		}
		return 0;
	case OPT_AS_OF:
		if (!options_time(arg, &o->as_of)) {
			log_error("--as-of: \"%s\", want a time like "
			    "2023-03-29T08:00:00Z", arg);
			return -1;
		}
		return 0;
	case OPT_CERTS:
		if (access(arg, R_OK) == -1) {
			log_error("--certs: %s: %s", arg, strerror(errno));
			return -1;
		}
		o->certs = list_add(o->certs, o->ncerts, sizeof(*o->certs));
		o->certs[o->ncerts++] = arg;
		return 0;
	case OPT_AT:
		o->at = arg;
		return 0;
	case OPT_DATA:
		o->data = arg;
		return 0;
	case OPT_IMPORT:
		o->import = arg;
		return 0;
	case OPT_TO:
		o->to = arg;
		return 0;
	case OPT_LIST_DATE:
		o->list_date = true;
		return 0;
	case OPT_CASE:
		o->case_folders = strcmp(arg, "dir") == 0;
		if (o->case_folders || strcmp(arg, "file") == 0)
			return 0;
		log_error("--case: \"%s\", want file or dir", arg);
		return -1;
	case OPT_FILES_FROM:
		o->files_from = arg;
		return 0;
	case '0':
		o->nul = true;
		return 0;
	case 'j':
		if (number_parse("jobs", arg, 1024, &count) == -1)
			return -1;
		o->jobs = (unsigned int)count;
		return 0;
	case OPT_TIMEOUT:
		return number_parse("timeout", arg, 1000000,
		    &o->limits.wall_s);
	case OPT_STATE:
		o->state = arg;
		return 0;
	case OPT_DB:
		o->db = arg;
		return 0;
	case OPT_SHARD:
		return shard_parse(o, arg);
	case OPT_PROGRESS:
		return progress_parse(o, arg);
	case OPT_REQUIRE_SANDBOX:
		o->require_sandbox = true;
		return 0;
	case OPT_QUIET:
		o->quiet = true;
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	}
	return -1;
}

static void
limits_list(void)
{
	const struct limit *l;

	for (l = limits_table; l->name != NULL; l++)
		printf("%-20s %12llu  %s\n", l->name,
		    (unsigned long long)l->value, l->why);
}

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

/* ---- the whole line ---- */

int
options_parse(struct options *o, const struct command *command,
    unsigned int groups, int argc, char **argv)
{
	struct option longs[NINFOS + 1] = { { NULL, 0, NULL, 0 } };
	const struct option_info *info;
	char shorts[16] = ":";
	size_t n = 0;
	int c;

	*o = (struct options){ .limits = limits_default };
	groups |= OPTIONS_COMMON;
	for (info = infos; info < infos + NINFOS; info++) {
		if (!(info->groups & groups))
			continue;
		longs[n++] = (struct option){ info->name,
		    info->argument != NULL ? required_argument : no_argument,
		    NULL, info->id };
		if (info->id < 256)
			snprintf(shorts + strlen(shorts),
			    sizeof(shorts) - strlen(shorts), "%c%s", info->id,
			    info->argument != NULL ? ":" : "");
	}
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h') {
			options_help(command, groups, stdout);
			return EXIT_COMPLETE;
		}
		if (c == OPT_LIMITS && strcmp(optarg, "list") == 0) {
			limits_list();
			return EXIT_COMPLETE;
		}
		if (c == ':') {
			log_error("%s wants a value", argv[optind - 1]);
			return EXIT_USAGE;
		}
		if (c == '?') {
			const char *given = argv[optind > 1 ? optind - 1 : 1];
			char letter[3] = { '-', (char)optopt, '\0' };

			/* A known long option that was given a value. */
			if (optopt >= 256)
				log_error("%s takes no value", given);
			else
				unknown_option(optopt != 0 ? letter : given,
				    groups);
			return EXIT_USAGE;
		}
		if (option_set(o, c, optarg) == -1)
			return EXIT_USAGE;
	}
	o->paths = argv + optind;
	o->npaths = (size_t)(argc - optind);
	log_level_set(o->quiet ? LOG_QUIET :
	    o->verbose ? LOG_VERBOSE : LOG_NORMAL);
	if ((groups & OPTIONS_CASE) != 0 && data_load(o) == -1)
		return EXIT_USAGE;
	/* After all of the line: a password may stand behind its key. */
	if (o->nkey_files > 0) {
		case_warm();	/* old files need the legacy provider */
		o->keys = key_files_load(o->key_files, o->nkey_files,
		    (const char *const *)o->passwords, o->npasswords);
		if (o->keys == NULL)
			return EXIT_USAGE;
	}
	return -1;
}

void
options_clear(struct options *o)
{
	size_t i;

	for (i = 0; i < o->npasswords; i++) {
		explicit_bzero(o->passwords[i], strlen(o->passwords[i]));
		free(o->passwords[i]);
	}
	free(o->passwords);
	key_files_free(o->keys);
	free(o->key_files);
	free(o->outputs);
	free(o->rule_dirs);
	free(o->only);
	free(o->certs);
	free(o->why);
	*o = (struct options){ .limits = limits_default };
}

static int
ids_check(const struct rules *rules, const char *option, const char **ids,
    size_t n)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < n; i++)
		if (rules_find(rules, ids[i]) == NULL) {
			log_error("--%s: there is no rule \"%s\"; see "
			    "aiktriage rules list", option, ids[i]);
			rc = -1;
		}
	return rc;
}

/*
 * The user's own folder of rules, by the XDG Base Directory Specification:
 * $XDG_CONFIG_HOME, if it is absolute, else $HOME/.config.  False where it
 * holds no rule.
 */
static bool
own_rules(char *path, size_t size)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	struct dirent *d;
	bool some = false;
	size_t n;
	DIR *dir;

	if (config != NULL && *config == '/')
		n = (size_t)snprintf(path, size, "%s/aiktriage/rules",
		    config);
	else if (home != NULL && *home == '/')
		n = (size_t)snprintf(path, size, "%s/.config/aiktriage/rules",
		    home);
	else
		return false;
	if (n >= size || (dir = opendir(path)) == NULL)
		return false;
	while (!some && (d = readdir(dir)) != NULL) {
		n = strlen(d->d_name);
		some = n > 5 && d->d_name[0] != '.' &&
		    strcmp(d->d_name + n - 5, ".rule") == 0;
	}
	closedir(dir);
	return some;
}

struct rules *
options_rules(const struct options *o)
{
	struct rules *rules = rules_new();
	char own[PATH_MAX];
	int bad = 0;
	size_t i;

	if (!o->no_default_rules && rules_load_embedded(rules, stderr) == -1)
		bad = 1;
	if (!o->no_default_rules && own_rules(own, sizeof(own)) &&
	    rules_load_dir(rules, own, stderr) == -1)
		bad = 1;
	for (i = 0; i < o->nrule_dirs; i++)
		if (rules_load_dir(rules, o->rule_dirs[i], stderr) == -1)
			bad = 1;
	if (bad == 0 && rules_finish(rules, stderr) == -1)
		bad = 1;
	if (bad == 0 && (ids_check(rules, "only", o->only, o->nonly) == -1 ||
	    ids_check(rules, "why", o->why, o->nwhy) == -1))
		bad = 1;
	if (bad) {
		rules_free(rules);
		return NULL;
	}
	return rules;
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
	job->require_sandbox = o->require_sandbox;
	job->passwords = (const char *const *)o->passwords;
	job->npasswords = o->npasswords;
	job->keys = o->keys;
}
