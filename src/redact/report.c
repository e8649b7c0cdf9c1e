/*
 * What was replaced, by kind and place, never the values: for people a table
 * and a line for each member, as JSON every single one.
 * Relies on report/escape.h, because names come from the input.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "redact/internal.h"

static int
by_place(const void *a, const void *b)
{
	const struct replaced *x = a, *y = b;
	int d;

	if ((d = strcmp(x->input, y->input)) != 0 ||
	    (d = strcmp(x->member, y->member)) != 0 ||
	    (d = strcmp(x->via, y->via)) != 0)
		return d;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static void
sorted(struct redactor *r)
{
	if (r->nreplaced > 0)
		qsort(r->replaced, r->nreplaced, sizeof(*r->replaced),
		    by_place);
}

static size_t
values_of(const struct redactor *r, enum secret_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < r->secrets.n; i++)
		n += r->secrets.v[i]->kind == kind;
	return n;
}

/* ---- JSON ---- */

static void
set(json_t *o, const char *key, const char *text)
{
	(void)json_object_set_new(o, key, json_text(text, strlen(text)));
}

static void
report_json(struct redactor *r, FILE *f)
{
	json_t *root = json_object(), *list = json_array(), *kinds_of =
	    json_object(), *o;
	size_t i, count[SECRET_COUNT] = { 0 };
	char *text;

	for (i = 0; i < r->nreplaced; i++) {
		const struct replaced *p = &r->replaced[i];

		count[p->kind]++;
		o = json_object();
		set(o, "kind", secret_infos[p->kind].name);
		set(o, "input", p->input);
		set(o, "member", p->member);
		set(o, "via", p->via);
		(void)json_object_set_new(o, "offset",
		    json_integer((json_int_t)p->off));
		(void)json_object_set_new(o, "length",
		    json_integer((json_int_t)p->n));
		(void)json_array_append_new(list, o);
	}
	for (i = 0; i < SECRET_COUNT; i++)
		if (count[i] > 0) {
			o = json_object();
			(void)json_object_set_new(o, "places",
			    json_integer((json_int_t)count[i]));
			if (i != SECRET_SIGNATURE)
				(void)json_object_set_new(o, "values",
				    json_integer((json_int_t)values_of(r,
				    (enum secret_kind)i)));
			(void)json_object_set_new(kinds_of,
			    secret_infos[i].name, o);
		}
	(void)json_object_set_new(root, "replaced", list);
	(void)json_object_set_new(root, "kinds", kinds_of);
	list = json_array();
	for (i = 0; i < r->nremarks; i++) {
		o = json_object();
		set(o, "what", r->remarks[i].what);
		set(o, "input", r->remarks[i].input);
		set(o, "member", r->remarks[i].member);
		set(o, "why", r->remarks[i].text);
		(void)json_array_append_new(list, o);
	}
	(void)json_object_set_new(root, "remarks", list);
	(void)json_object_set_new(root, "sealed_envelopes",
	    json_integer((json_int_t)r->sealed));
	(void)json_object_set_new(root, "signatures_removed",
	    json_integer((json_int_t)r->signatures));
	set(root, "schema", "aiktriage-redact/1");
	/* Without its end: the parent adds what the second reading says. */
	text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
	if (text == NULL)
		abort();
	(void)fwrite(text, 1, strlen(text) - 1, f);
	free(text);
	json_decref(root);
}

/* ---- text ---- */

static void
name_text(struct redactor *r, const char *text, FILE *f)
{
	size_t n;

	fputs(escape_text(r->arena, text, strlen(text), &n), f);
}

static void
place_text(struct redactor *r, const char *input, const char *member, FILE *f)
{
	name_text(r, input, f);
	if (*member != '\0') {
		fputs(": ", f);
		name_text(r, member, f);
	}
}

static void
report_text(struct redactor *r, FILE *f)
{
	size_t i, k, count[SECRET_COUNT] = { 0 };
	const struct replaced *p, *last = NULL;

	for (i = 0; i < r->nreplaced; i++)
		count[r->replaced[i].kind]++;
	fprintf(f, "%zu replacements, each by a token of the same length\n%s",
	    r->nreplaced, r->nreplaced > 0 ? "\n" : "");
	for (i = 0; i < SECRET_COUNT; i++) {
		if (count[i] == 0)
			continue;
		fprintf(f, "  %-16s %6zu places", secret_infos[i].name,
		    count[i]);
		if (i != SECRET_SIGNATURE)
			fprintf(f, ", %zu values", values_of(r,
			    (enum secret_kind)i));
		fputc('\n', f);
	}
	if (r->nreplaced > 0)
		fputs("\nwhere (offset+length):\n", f);
	for (i = 0; i < r->nreplaced; i = k) {
		p = &r->replaced[i];
		if (last == NULL || strcmp(last->input, p->input) != 0 ||
		    strcmp(last->member, p->member) != 0 ||
		    strcmp(last->via, p->via) != 0) {
			fputs("  ", f);
			place_text(r, p->input, p->member, f);
			if (*p->via != '\0') {
				fputs(" (", f);
				name_text(r, p->via, f);
				fputc(')', f);
			}
			fputc('\n', f);
		}
		last = p;
		fprintf(f, "    %s %zu+%zu", secret_infos[p->kind].name,
		    p->off, p->n);
		for (k = i + 1; k < r->nreplaced && r->replaced[k].kind ==
		    p->kind && strcmp(r->replaced[k].input, p->input) == 0 &&
		    strcmp(r->replaced[k].member, p->member) == 0 &&
		    strcmp(r->replaced[k].via, p->via) == 0; k++)
			fprintf(f, "%s%zu+%zu", (k - i) % 4 == 0 ?
			    "\n      " : " ", r->replaced[k].off,
			    r->replaced[k].n);
		fputc('\n', f);
	}
	if (r->nremarks > 0)
		fputs("\nnot as it was:\n", f);
	for (i = 0; i < r->nremarks; i++) {
		fprintf(f, "  %s: ", r->remarks[i].what);
		place_text(r, r->remarks[i].input, r->remarks[i].member, f);
		fprintf(f, ": %s\n", r->remarks[i].text);
	}
	if (r->signatures > 0)
		fprintf(f, "\n%zu signatures cannot verify any more: what they "
		    "sign was changed.\nThey were overwritten by words that "
		    "say so.\n", r->signatures);
	if (r->sealed > 0)
		fprintf(f, "\n%zu encrypted envelopes stay as they are: only "
		    "the holder of their recipient's\nkey can read what they "
		    "hold of this device.\n", r->sealed);
}

void
redact_report(struct redactor *r, FILE *f)
{
	sorted(r);
	if (r->order->json)
		report_json(r, f);
	else
		report_text(r, f);
}

/* ---- the manifest ---- */

void
redact_manifest(struct redactor *r, FILE *f)
{
	json_t *root = json_object(), *o = json_object();
	size_t i, count[SECRET_COUNT] = { 0 };
	char *text;

	for (i = 0; i < r->nreplaced; i++)
		count[r->replaced[i].kind]++;
	for (i = 0; i < SECRET_COUNT; i++)
		if (count[i] > 0)
			(void)json_object_set_new(o, secret_infos[i].name,
			    json_integer((json_int_t)count[i]));
	(void)json_object_set_new(root, "replaced", o);
	set(root, "schema", "aiktriage-redaction/1");
	(void)json_object_set_new(root, "sealed_envelopes",
	    json_integer((json_int_t)r->sealed));
	(void)json_object_set_new(root, "signatures_removed",
	    json_integer((json_int_t)r->signatures));
	set(root, "tool", "aiktriage " VERSION);
	text = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
	if (text == NULL)
		abort();
	fprintf(f, "%s\n", text);
	free(text);
	json_decref(root);
}
