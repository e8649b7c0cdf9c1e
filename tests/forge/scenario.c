/*
 * Reads a scenario: lines of a verb and key=value options, values in double
 * quotes where they hold blanks (README.md documents every verb and key).
 * Relies on pki.c to build what the device lines name.
 */
#include "forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
option(const struct line *l, const char *key, const char *otherwise)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->options[i].key, key) == 0)
			return l->options[i].value;
	return otherwise;
}

long
option_long(const struct line *l, const char *key, long otherwise)
{
	const char *v = option(l, key, NULL);

	return v != NULL ? strtol(v, NULL, 0) : otherwise;
}

struct attempt *
option_attempt(const struct scenario *s, const struct line *l)
{
	long n = option_long(l, "try", (long)s->nattempts);

	if (n < 1 || (size_t)n > s->nattempts)
		die("line %u: no try %ld", l->number, n);
	return &s->attempts[n - 1];
}

struct device *
option_device(const struct scenario *s, const struct line *l)
{
	const char *name = option(l, "device", "");
	size_t i;

	for (i = 0; i < s->ndevices; i++)
		if (strcmp(s->devices[i].name, name) == 0)
			return &s->devices[i];
	die("line %u: no device \"%s\"", l->number, name);
}

/* One token, with the escapes \n, \t, \" and \\ inside quotes. */
static char *
token(const char **at, unsigned number)
{
	struct buf b = { NULL, 0, 0 };
	const char *p = *at;
	bool quoted = false;

	for (; *p != '\0' && (quoted || (*p != ' ' && *p != '\t')); p++) {
		if (*p == '"') {
			quoted = !quoted;
			continue;
		}
		if (*p == '\\' && quoted) {
			p++;
			if (*p == 'n')
				buf_byte(&b, '\n');
			else if (*p == 't')
				buf_byte(&b, '\t');
			else
				buf_byte(&b, (uint8_t)*p);
			continue;
		}
		buf_byte(&b, (uint8_t)*p);
	}
	if (quoted)
		die("line %u: a quote is not closed", number);
	buf_byte(&b, 0);
	while (*p == ' ' || *p == '\t')
		p++;
	*at = p;
	return (char *)b.p;
}

static void
line_read(struct scenario *s, const char *text, unsigned number)
{
	struct line *l;
	struct option *o;
	char *t, *eq;

	while (*text == ' ' || *text == '\t')
		text++;
	if (*text == '\0' || *text == '#')
		return;
	s->lines = realloc(s->lines, (s->nlines + 1) * sizeof(*s->lines));
	if (s->lines == NULL)
		die("out of memory");
	l = &s->lines[s->nlines++];
	memset(l, 0, sizeof(*l));
	l->number = number;
	l->verb = token(&text, number);
	while (*text != '\0') {
		t = token(&text, number);
		eq = strchr(t, '=');
		if (eq == NULL)
			die("line %u: \"%s\" is not key=value", number, t);
		*eq = '\0';
		l->options = realloc(l->options,
		    (l->n + 1) * sizeof(*l->options));
		if (l->options == NULL)
			die("out of memory");
		o = &l->options[l->n++];
		o->key = t;
		o->value = eq + 1;
	}
}

static void
case_set(struct scenario *s, const struct line *l)
{
	const char *time = option(l, "time", "");

	s->seed = option(l, "seed", "forge");
	if (!time_parse(time, &s->time, &s->zone))
		die("line %u: time=\"%s\", want 2023-03-29T14:05:10+02:00",
		    l->number, time);
	s->skew = option_long(l, "skew", 0) * SECOND;
	rng_seed(s->seed);
	rng_openssl();
}

static void
device_set(struct scenario *s, struct device *d, const struct line *l)
{
	char id[41];

	d->name = option(l, "name", "");
	d->ca = ca_find(option(l, "ca", "ifx-rsa-042-2023"));
	d->machine = option(l, "machine", "AIK-TEST-01");
	d->model = option(l, "model", "SLB 9670 TPM2.0");
	d->version = option(l, "version", "0755");
	d->firmware = option(l, "firmware", "7.85.4555.0");
	d->windows = option(l, "windows", "10.0.19045.2728");
	d->branch = option(l, "branch", "vb_release_svc_prod3");
	d->ek_certificate = option(l, "ek_certificate", NULL);
	d->ek_chain = option(l, "ek_chain", "full");
	d->ek_key = option(l, "ek_key", NULL);
	if (option(l, "ek_not_after", NULL) != NULL &&
	    !time_parse(option(l, "ek_not_after", NULL), &d->ek_not_after,
	    NULL))
		die("line %u: ek_not_after is not a time", l->number);
	d->host_vendor = option(l, "host_vendor", d->ca->vendor);
	d->host_id = option(l, "host_id", NULL);
	if (d->host_id == NULL) {
		hex_put(d->ca->cert.ski, 20, false, id);
		d->host_id = xstrdup(id);
	}
	d->aik = key_load(d->index == 0 ? "aik" : "aik-2");
	spki_of(d->aik, &d->aik_spki);
	ek_make(d, s->time - s->skew);
	service_make(&d->service, d->host_vendor, d->host_id,
	    s->time - s->skew);
}

void
scenario_parse(struct scenario *s, char *text, const char *name)
{
	unsigned number = 0;
	size_t i, n;
	char *end;

	for (; text != NULL; text = end) {
		end = strchr(text, '\n');
		if (end != NULL)
			*end++ = '\0';
		line_read(s, text, ++number);
	}
	if (s->nlines == 0 || strcmp(s->lines[0].verb, "case") != 0)
		die("%s: the first line is not a case line", name);
	case_set(s, &s->lines[0]);
	for (i = n = 0; i < s->nlines; i++)
		n += strcmp(s->lines[i].verb, "device") == 0;
	s->devices = xcalloc(n, sizeof(*s->devices));
	for (i = 0; i < s->nlines; i++)
		if (strcmp(s->lines[i].verb, "device") == 0) {
			s->devices[s->ndevices].index = (unsigned)s->ndevices;
			device_set(s, &s->devices[s->ndevices++],
			    &s->lines[i]);
		}
	attempts_make(s);
}

void
scenario_read(struct scenario *s, const char *path)
{
	struct buf b = { NULL, 0, 0 };

	buf_read_file(&b, path);
	buf_byte(&b, 0);
	scenario_parse(s, (char *)b.p, path);
	buf_free(&b);
}
