/*
 * aiktriage fields: the vocabulary that rules may use, by kind of item.
 * Relies on the tables that parsers and correlators export.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "correlate/correlator.h"
#include "log.h"
#include "options.h"

#define COLUMNS		80
#define NAME_WIDTH	28
#define TYPE_WIDTH	6

extern const struct command	command_fields;

static const char *const	types[] = {
	[VALUE_BOOL] = "bool", [VALUE_INT] = "int", [VALUE_TIME] = "time",
	[VALUE_TEXT] = "text", [VALUE_BYTES] = "bytes", [VALUE_CODE] = "code",
};

/* Words of the text from column `at` on, later lines indented to it. */
static void
print_wrapped(const char *text, int at, int indent)
{
	bool first = true;
	size_t n;

	for (; *text != '\0'; text += n + strspn(text + n, " ")) {
		n = strcspn(text, " ");
		if (!first && at + 1 + (int)n > COLUMNS - 1) {
			printf("\n%*s", indent, "");
			at = indent;
		} else if (!first) {
			putchar(' ');
			at++;
		}
		printf("%.*s", (int)n, text);
		at += (int)n;
		first = false;
	}
	putchar('\n');
}

static const char *
name_of(const struct field *f, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", f->name, f->keyed ? "[\"KEY\"]" : "",
	    f->repeated ? " ..." : "");
	return buf;
}

static void
print_text(const struct field *const *f, size_t n)
{
	const struct named *nm;
	char name[80];
	unsigned int k;
	size_t i;
	int at;

	for (k = 0; k < ITEM_KIND_COUNT; k++) {
		printf("%s%s: ", k > 0 ? "\n" : "", kinds[k].name);
		print_wrapped(kinds[k].help, (int)strlen(kinds[k].name) + 2, 4);
		for (i = 0; i < n; i++) {
			if (!(f[i]->kinds & UINT32_C(1) << k))
				continue;
			at = printf("  %-*s %-*s", NAME_WIDTH,
			    name_of(f[i], name, sizeof(name)), TYPE_WIDTH,
			    types[f[i]->type]);
			if (at > 2 + NAME_WIDTH + 1 + TYPE_WIDTH) {
				putchar('\n');
				at = printf("  %*s", NAME_WIDTH + 1 +
				    TYPE_WIDTH, "");
			}
			print_wrapped(f[i]->help, at, at);
			for (nm = f[i]->named; nm != NULL && nm->name != NULL;
			    nm++)
				printf("%*s%lld %s\n", 2 + NAME_WIDTH + 1 +
				    TYPE_WIDTH + 2, "", (long long)nm->value,
				    nm->name);
		}
	}
	puts("\n... marks fields that an item may have several of.");
}

static void
print_json(const struct field *const *f, size_t n)
{
	json_t *all = json_array(), *o, *list;
	const struct named *nm;
	unsigned int k;
	size_t i;

	for (i = 0; i < n; i++) {
		o = json_pack("{s:s, s:s, s:s, s:b, s:b, s:b}",
		    "name", f[i]->name, "type", types[f[i]->type],
		    "help", f[i]->help, "keyed", (int)f[i]->keyed,
		    "repeated", (int)f[i]->repeated,
		    "personal", (int)f[i]->personal);
		list = json_array();
		for (k = 0; k < ITEM_KIND_COUNT; k++)
			if (f[i]->kinds & UINT32_C(1) << k)
				json_array_append_new(list,
				    json_string(kinds[k].name));
		json_object_set_new(o, "kinds", list);
		list = json_array();
		for (k = 0; k < ARTIFACT_COUNT; k++)
			if (f[i]->artifacts & UINT32_C(1) << k)
				json_array_append_new(list, json_pack(
				    "{s:s, s:s, s:s}", "name",
				    artifacts[k].name, "ask", artifacts[k].ask,
				    "command", artifacts[k].command));
		json_object_set_new(o, "artifacts", list);
		if (f[i]->named != NULL) {
			list = json_object();
			for (nm = f[i]->named; nm->name != NULL; nm++)
				json_object_set_new(list, nm->name,
				    json_integer(nm->value));
			json_object_set_new(o, "values", list);
		}
		json_array_append_new(all, o);
	}
	json_dumpf(all, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
	putchar('\n');
	json_decref(all);
}

/* For tools/mkman.sh: the list of aiktriage-fields(7). */
static void
print_mdoc(const struct field *const *f, size_t n)
{
	const struct named *nm;
	const char *comma;
	unsigned int k;
	size_t i;

	for (k = 0; k < ITEM_KIND_COUNT; k++) {
		printf(".Ss %s\n", kinds[k].name);
		print_wrapped(kinds[k].help, 0, 0);
		puts(".Bl -tag -width 4n");
		for (i = 0; i < n; i++) {
			if (!(f[i]->kinds & UINT32_C(1) << k))
				continue;
			printf(".It Va %s Pq %s%s%s\n", f[i]->name,
			    types[f[i]->type], f[i]->keyed ? ", keyed" : "",
			    f[i]->repeated ? ", repeated" : "");
			print_wrapped(f[i]->help, 0, 0);
			if (f[i]->named != NULL) {
				puts(".br\nValues:");
				for (nm = f[i]->named; nm->name != NULL; nm++)
					printf(".Cm %s Pq %lld\n", nm->name,
					    (long long)nm->value);
			}
			if (f[i]->artifacts == 0)
				continue;
			puts(".br\nHeld by:");
			comma = "";
			for (int a = 0; a < ARTIFACT_COUNT; a++)
				if (f[i]->artifacts & UINT32_C(1) << a) {
					printf("%s%s", comma,
					    artifacts[a].name);
					comma = ", ";
				}
			puts(".");
		}
		puts(".El");
	}
}

static int
run(int argc, char **argv)
{
	const struct field *const *f;
	struct options o;
	size_t n;
	int status;

	status = options_parse(&o, &command_fields, argc, argv);
	if (status != -1)
		goto out;
	status = EXIT_USAGE;
	if (o.npaths > 0) {
		log_error("fields takes no arguments");
		goto out;
	}
	f = fields_all(&n);
	status = EXIT_COMPLETE;
	if (o.format == NULL || strcmp(o.format, "text") == 0)
		print_text(f, n);
	else if (strcmp(o.format, "json") == 0)
		print_json(f, n);
	else
		print_mdoc(f, n);
out:
	options_clear(&o);
	return status;
}

const struct command command_fields = {
	.name = "fields",
	.usage = "",
	.help = "list the vocabulary that rules may use",
	.formats = "text|json|mdoc",
	.operands = "",
	.options = OPTIONS_FORMAT,
	.run = run
};
