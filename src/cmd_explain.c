/*
 * aiktriage explain: what a code means, in every reading that it has, with
 * what to do first.  Relies on the embedded table of codes alone.
 */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "knowledge/knowledge.h"
#include "log.h"
#include "options.h"

#define READINGS	CODE_READINGS
#define SHOWN		16		/* readings in text; JSON has all */
#define PARTS		8
#define COLUMNS		80
#define INDENT		14

extern const struct command	command_explain;

/* One code as it was asked for. */
struct question {
	char		 text[128];
	const char	*kind;		/* what it was said to be, or NULL */
	bool		 number;	/* else a symbol */
	bool		 decimal;	/* small and written in decimal */
	uint32_t	 code;
	struct code_info all[READINGS];
	size_t		 n;
};

/* ---- what was asked ---- */

static bool
all_of(const char *s, int (*is)(int))
{
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (!is((unsigned char)*s))
			return false;
	return true;
}

/*
 * Hex with or without 0x, decimal with or without a sign.  Eight digits
 * without 0x are hex, as people copy them; 64-bit forms lose their sign
 * extension.
 */
static bool
number_parse(const char *s, uint32_t *ret, bool *ret_decimal)
{
	unsigned long long v;
	bool minus = false, hex = false;
	char *end;

	*ret = 0;
	*ret_decimal = false;
	while (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		hex = true;
		s += 2;
	}
	if (!hex && (*s == '-' || *s == '+')) {
		minus = *s == '-';
		s++;
		if (!all_of(s, isdigit))
			return false;
	}
	if (!all_of(s, isxdigit))
		return false;
	if (!hex && !minus && !all_of(s, isdigit)) {
		/* Letters: a number only if it looks like one. */
		if (!isdigit((unsigned char)*s) && strlen(s) != 8 &&
		    strlen(s) != 16)
			return false;
		hex = true;
	} else if (!hex && !minus && strlen(s) == 8 && *s != '0')
		hex = true;
	errno = 0;
	v = strtoull(s, &end, hex ? 16 : 10);
	if (errno != 0 || *end != '\0')
		return false;
	if (hex && v > UINT32_MAX) {
		if (v >> 32 != UINT32_MAX)
			return false;
	} else if (v > (minus ? UINT64_C(0x80000000) : UINT32_MAX))
		return false;
	*ret = minus ? (uint32_t)0 - (uint32_t)v : (uint32_t)v;
	*ret_decimal = !hex && *ret < 0x10000;
	return true;
}

static bool
is_tpm(const struct code_info *i)
{
	return i->kind.n >= 3 && strncmp(i->kind.p, "TPM", 3) == 0;
}

/*
 * A small number: those with a meaning first (404 is HTTP's rather than the
 * Win32 error of that number); in decimal no TPM response code, which people
 * write in hex, unless it is nothing else.
 */
static void
question_rank(struct question *q)
{
	struct code_info kept[READINGS];
	size_t i, n = 0, others = 0;

	for (i = 0; i < q->n; i++)
		others += !q->decimal ? 0 : !is_tpm(&q->all[i]);
	for (int pass = 0; pass < 2; pass++)
		for (i = 0; i < q->n; i++)
			if ((q->all[i].meaning.n > 0) == (pass == 0) &&
			    (others == 0 || !is_tpm(&q->all[i])))
				kept[n++] = q->all[i];
	memcpy(q->all, kept, n * sizeof(kept[0]));
	q->n = n;
}

/* A name: what else its number is comes after it. */
static void
question_by_name(struct question *q)
{
	struct code_info more[READINGS];
	size_t i, n;

	q->n = code_by_symbol(q->text, q->all, READINGS);
	if (q->n == 0)
		return;
	if (q->n > READINGS)
		q->n = READINGS;
	q->code = q->all[0].code;
	n = code_lookup(q->code, more, READINGS);
	for (i = 0; i < n && i < READINGS && q->n < READINGS; i++)
		if (more[i].symbol.p != q->all[0].symbol.p &&
		    (q->code >= 0x10000 || str_same(more[i].kind,
		    q->all[0].kind.p, q->all[0].kind.n)))
			q->all[q->n++] = more[i];
}

/* Words before a number that say of which kind it is. */
static const struct {
	const char	*word, *kind;
} named[] = {
	{ "failInfo", "SCEP failInfo" }, { "pkiStatus", "SCEP pkiStatus" },
	{ "messageType", "SCEP messageType" },
	{ "EnrollStatus", "EnrollStatus" }, { "HTTP", "HTTP" },
	{ "status", "HTTP" }, { "Win32", "Win32" }, { "WinHttp", "Win32" },
	{ "WinInet", "Win32" }, { "Winsock", "Win32" },
	{ "HRESULT", "HRESULT" }, { "NTSTATUS", "NTSTATUS" },
	{ "OMA-DM", "OMA-DM" }, { "TPM_RC", "TPM 2.0" }
};

/* The kind that a word of n bytes names, with or without a colon. */
static const char *
kind_named(const char *p, size_t n)
{
	size_t i;

	if (n > 0 && (p[n - 1] == ':' || p[n - 1] == '='))
		n--;
	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strlen(named[i].word) == n &&
		    strncasecmp(named[i].word, p, n) == 0)
			return named[i].kind;
	return NULL;
}

/*
 * A number of a kind that was named: that kind alone.  HTTP/1.1's status and
 * numbers that the kind does not have are looked up as any other.
 */
static bool
question_by_kind(struct question *q)
{
	uint32_t code = q->code;

	if (strcmp(q->kind, "TPM 2.0") == 0)
		return false;
	if (strcmp(q->kind, "Win32") == 0 && code >> 16 == 0x8007)
		code &= 0xffff;
	q->n = code_lookup_kind(code, q->kind, q->all, READINGS);
	if (q->n > READINGS)
		q->n = READINGS;
	if (q->n > 0)
		q->code = code;
	return q->n > 0;
}

static void
question_ask(struct question *q)
{
	q->number = number_parse(q->text, &q->code, &q->decimal);
	if (!q->number) {
		question_by_name(q);
		return;
	}
	if (q->kind != NULL && question_by_kind(q))
		return;
	q->n = code_lookup(q->code, q->all, READINGS);
	if (q->n > READINGS)
		q->n = READINGS;
	if (q->code < 0x10000)
		question_rank(q);
}

/* ---- text ---- */

/* Words after a label, broken at COLUMNS; going on after a line of its own. */
static void
paragraph(const char *label, const char *text)
{
	size_t column, n;

	printf("  %-*s", INDENT - 2, label);
	column = INDENT;
	while (*text != '\0') {
		n = strcspn(text, " ");
		if (column > INDENT && column + 1 + n > COLUMNS - 1) {
			printf("\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			putchar(' ');
			column++;
		}
		fwrite(text, 1, n, stdout);
		column += n;
		text += n;
		while (*text == ' ')
			text++;
	}
	putchar('\n');
}

static void
paragraph_str(const char *label, struct str s)
{
	char buf[1024];

	if (s.n == 0)
		return;
	snprintf(buf, sizeof(buf), "%.*s", (int)s.n, s.p);
	paragraph(label, buf);
}

/* The number taken apart, unless it is one of SCEP's or the like. */
static void
show_parts(const struct question *q)
{
	struct code_part parts[PARTS];
	size_t n, i;

	if (q->kind != NULL && q->n > 0 && q->code < 0x10000 &&
	    !str_is(q->all[0].kind, "Win32"))
		return;
	n = code_parts(q->code, q->all, q->n, parts, PARTS);
	for (i = 0; i < n; i++)
		paragraph(parts[i].label, parts[i].text);
}

/* "SYMBOL (KIND NUMBER; SOURCE): meaning", the meaning if it is another. */
static void
show_also(const struct question *q, const struct code_info *i, bool first)
{
	char buf[1024], number[16] = "";
	bool other = i->meaning.n > 0 &&
	    !str_same(i->meaning, q->all[0].meaning.p, q->all[0].meaning.n);

	if (str_is(i->kind, "HTTP") || str_is(i->kind, "Win32"))
		snprintf(number, sizeof(number), " %u",
		    (unsigned int)i->code);
	else if (i->code != q->code && str_is(i->kind, "HRESULT"))
		snprintf(number, sizeof(number), " 0x%08x",
		    (unsigned int)i->code);
	snprintf(buf, sizeof(buf), "%.*s%s(%.*s%s; %.*s)%s%.*s",
	    (int)i->symbol.n, i->symbol.p, i->symbol.n > 0 ? " " : "",
	    (int)i->kind.n, i->kind.p, number, (int)i->source.n, i->source.p,
	    other ? ": " : "", other ? (int)i->meaning.n : 0, i->meaning.p);
	paragraph(first ? "also" : "", buf);
}

static void
show_text(const struct question *q)
{
	const struct code_info *best = &q->all[0];
	char head[96];

	if (q->n == 0 && !q->number) {
		printf("%s  not known\n", q->text);
		return;
	}
	snprintf(head, sizeof(head), "0x%08x  %d", (unsigned int)q->code,
	    (int)(int32_t)q->code);
	if (q->n == 0) {
		printf("%s  not known\n", head);
		show_parts(q);
		return;
	}
	if (best->symbol.n == 0)
		printf("%s  (no public name)\n", head);
	else if (strlen(head) + 2 + best->symbol.n > COLUMNS - 1)
		printf("%s\n  %.*s\n", head, (int)best->symbol.n,
		    best->symbol.p);
	else
		printf("%s  %.*s\n", head, (int)best->symbol.n,
		    best->symbol.p);
	show_parts(q);
	if (!str_is(best->kind, "HRESULT") && !str_is(best->kind, "NTSTATUS"))
		paragraph_str("read as", best->kind);
	paragraph_str("meaning", best->meaning);
	paragraph_str("first step", best->first_step);
	paragraph_str("source", best->source);
	for (size_t i = 1; i < q->n && i < SHOWN; i++)
		show_also(q, &q->all[i], i == 1);
	if (q->n > SHOWN) {
		snprintf(head, sizeof(head), "and %zu more, which --json "
		    "lists", q->n - SHOWN);
		paragraph("", head);
	}
}

/* ---- JSON ---- */

static void
set_str(json_t *object, const char *key, struct str s)
{
	if (s.n > 0)
		json_object_set_new(object, key, json_stringn(s.p, s.n));
}

static json_t *
code_json(uint32_t code)
{
	return json_sprintf("0x%08x", (unsigned int)code);
}

static json_t *
show_json(const struct question *q)
{
	uint32_t facility = q->code >> 16 & 0x7ff;
	json_t *object = json_object(), *readings, *reading;
	struct code_part parts[PARTS];
	size_t n, i;

	json_object_set_new(object, "input",
	    json_stringn(q->text, strlen(q->text)));
	json_object_set_new(object, "known", json_boolean(q->n > 0));
	if (!q->number && q->n == 0)
		return object;
	json_object_set_new(object, "code", code_json(q->code));
	json_object_set_new(object, "unsigned", json_integer(q->code));
	json_object_set_new(object, "signed",
	    json_integer((int32_t)q->code));
	if (q->code >= 0x10000) {
		json_object_set_new(object, "severity",
		    json_string(q->code >> 31 != 0 ? "failure" : "success"));
		json_object_set_new(object, "facility",
		    json_integer(facility));
		set_str(object, "facility_name", code_facility(facility));
		json_object_set_new(object, "value",
		    json_integer(q->code & 0xffff));
	}
	readings = json_array();
	n = code_parts(q->code, q->all, q->n, parts, PARTS);
	for (i = 0; i < n; i++)
		json_array_append_new(readings, json_sprintf("%s%s%s",
		    parts[i].label, *parts[i].label != '\0' ? ": " : "",
		    parts[i].text));
	json_object_set_new(object, "parts", readings);
	readings = json_array();
	for (i = 0; i < q->n; i++) {
		reading = json_object();
		json_object_set_new(reading, "code",
		    code_json(q->all[i].code));
		set_str(reading, "kind", q->all[i].kind);
		set_str(reading, "symbol", q->all[i].symbol);
		set_str(reading, "meaning", q->all[i].meaning);
		set_str(reading, "first_step", q->all[i].first_step);
		set_str(reading, "source", q->all[i].source);
		json_array_append_new(readings, reading);
	}
	json_object_set_new(object, "readings", readings);
	return object;
}

/* ---- the command ---- */

/*
 * Explains each word of one argument; true if all are known.  *kind is what
 * the word before said ("failInfo"), which may be the argument before.
 */
static bool
argument_explain(const char *p, json_t *answers, bool *first,
    const char **kind)
{
	static const char apart[] = " \t\r\n,;()[]\"'";
	struct question q;
	bool known = true;
	size_t n;

	for (p += strspn(p, apart); *p != '\0'; p += strspn(p, apart)) {
		n = strcspn(p, apart);
		if (kind_named(p, n) != NULL || (n == 1 && *p == ':')) {
			*kind = kind_named(p, n);
			p += n;
			continue;
		}
		memset(&q, 0, sizeof(q));
		q.kind = *kind;
		*kind = NULL;
		snprintf(q.text, sizeof(q.text), "%.*s",
		    n < sizeof(q.text) ? (int)n : (int)sizeof(q.text) - 1, p);
		p += n;
		question_ask(&q);
		known = known && q.n > 0;
		if (answers != NULL)
			json_array_append_new(answers, show_json(&q));
		else {
			if (!*first)
				putchar('\n');
			show_text(&q);
		}
		*first = false;
	}
	return known;
}

/*
 * Negative numbers are operands, so they get a blank before them, which
 * getopt_long(3) takes for no option and the words are cut at anyway.
 */
static char **
arguments_guard(int argc, char **argv)
{
	char **guarded = calloc((size_t)argc + 1, sizeof(*guarded));
	size_t n;

	for (int i = 0; guarded != NULL && i < argc; i++) {
		bool negative = i > 0 && argv[i][0] == '-' &&
		    isdigit((unsigned char)argv[i][1]);

		n = strlen(argv[i]) + 2;
		if ((guarded[i] = malloc(n)) == NULL)
			break;
		snprintf(guarded[i], n, "%s%s", negative ? " " : "", argv[i]);
	}
	if (guarded == NULL || guarded[argc - 1] == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	return guarded;
}

static int
run(int argc, char **argv)
{
	char **guarded = arguments_guard(argc, argv);
	json_t *answers = NULL;
	const char *kind = NULL;
	struct options o;
	bool known = true, first = true;
	int rc;

	rc = options_parse(&o, &command_explain, argc, guarded);
	if (rc != -1)
		goto out;
	if (o.npaths == 0) {
		options_help(&command_explain, stderr);
		rc = EXIT_USAGE;
		goto out;
	}
	if (o.format != NULL && strcmp(o.format, "json") == 0)
		answers = json_array();
	for (size_t i = 0; i < o.npaths; i++)
		known &= argument_explain(o.paths[i], answers, &first,
		    &kind);
	if (first) {
		log_error("explain: no code given");
		rc = EXIT_USAGE;
		goto out;
	}
	if (answers != NULL) {
		json_dumpf(answers, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
		putchar('\n');
	}
	rc = known ? EXIT_COMPLETE : EXIT_FOUND;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("standard output: %s", strerror(errno));
		rc = EXIT_INCOMPLETE;
	}
out:
	json_decref(answers);
	options_clear(&o);
	for (int i = 0; i < argc; i++)
		free(guarded[i]);
	free(guarded);
	return rc;
}

const struct command command_explain = {
	.name = "explain", .usage = "CODE...",
	.help = "say what an error code means, by number or name",
	.formats = "text|json",
	.operands = "",
	.options = OPTIONS_FORMAT,
	.run = run
};
