/*
 * Puts the values of an event together, chooses the events that matter, and
 * composes of each the text that the Event Viewer would show.
 * Relies on ev_compose(), so that every value keeps its own bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/event.h"
#include "decode/parser.h"
#include "knowledge/knowledge.h"

#define VALUE_BYTES	262144	/* of one value; a record has 64 KiB */
#define DATA_MAX	512	/* values of one event */

enum section { SECTION_NONE, SECTION_SYSTEM, SECTION_DATA, SECTION_USER,
    SECTION_RENDERING };

/* ---- growing ---- */

static void *
grow(void *p, size_t *room, size_t want, size_t size)
{
	if (want <= *room)
		return p;
	*room = want * 2;
	p = realloc(p, *room * size);
	if (p == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	return p;
}

void
event_value_add(struct event_value *v, const char *p, size_t n,
    struct span from, enum piece_unit unit)
{
	if (n == 0 || n > VALUE_BYTES - v->n)
		return;
	/* Bytes that are no text became U+FFFD. */
	if (unit == PIECE_SAME && n != from.len)
		unit = PIECE_WHOLE;
	v->p = grow(v->p, &v->room, v->n + n, 1);
	memcpy(v->p + v->n, p, n);
	if (from.blob != BLOB_NONE) {
		v->pieces = grow(v->pieces, &v->pieces_room, v->npieces + 1,
		    sizeof(*v->pieces));
		v->pieces[v->npieces++] = (struct piece){ v->n, n, from, unit };
	}
	v->n += n;
}

enum piece_unit
event_unit(const struct text *t)
{
	switch (t->encoding) {
	case TEXT_ASCII:
	case TEXT_UTF8:
		return PIECE_SAME;
	case TEXT_UTF16LE:
	case TEXT_UTF16BE:
		return PIECE_UTF16;
	default:
		return PIECE_BYTE;
	}
}

static void
value_reset(struct event_value *v)
{
	v->n = v->npieces = 0;
}

static void
value_free(struct event_value *v)
{
	free(v->p);
	free(v->pieces);
	*v = (struct event_value){ 0 };
}

static bool
value_is(const struct event_value *v, const char *text)
{
	return v->n == strlen(text) && strncasecmp(v->p, text, v->n) == 0;
}

void
event_reset(struct event *e)
{
	size_t i;

	for (i = 0; i < EVENT_SLOTS; i++)
		value_reset(&e->slots[i]);
	value_reset(&e->message);
	e->ndata = 0;
	e->target = NULL;
	e->depth = 0;
	e->section = SECTION_NONE;
	e->at = SPAN_NONE;
	e->leaf[0] = '\0';
}

void
event_free(struct event *e)
{
	size_t i;

	for (i = 0; i < EVENT_SLOTS; i++)
		value_free(&e->slots[i]);
	value_free(&e->message);
	for (i = 0; i < e->data_room; i++) {
		value_free(&e->data[i].name);
		value_free(&e->data[i].value);
	}
	free(e->data);
	*e = (struct event){ 0 };
}

/* ---- elements ---- */

static struct event_data *
data_new(struct event *e)
{
	size_t before = e->data_room;
	struct event_data *d;

	if (e->ndata == DATA_MAX)
		return NULL;
	e->data = grow(e->data, &e->data_room, e->ndata + 1,
	    sizeof(*e->data));
	if (e->data_room > before)
		memset(e->data + before, 0,
		    (e->data_room - before) * sizeof(*e->data));
	d = &e->data[e->ndata++];
	value_reset(&d->name);
	value_reset(&d->value);
	return d;
}

/* Where the text of an element of <System> goes. */
static const struct {
	const char	*element, *attribute;
	enum event_slot	 slot;
} system_slots[] = {
	{ "Provider", "Name", EVENT_PROVIDER },
	{ "EventID", NULL, EVENT_ID },
	{ "Level", NULL, EVENT_LEVEL },
	{ "TimeCreated", "SystemTime", EVENT_TIME },
	{ "Channel", NULL, EVENT_CHANNEL },
	{ "Computer", NULL, EVENT_COMPUTER },
};

static struct event_value *
system_target(struct event *e, const char *attribute)
{
	size_t i;

	for (i = 0; i < sizeof(system_slots) / sizeof(*system_slots); i++)
		if (strcmp(e->leaf, system_slots[i].element) == 0 &&
		    (attribute == NULL) == (system_slots[i].attribute ==
		    NULL) && (attribute == NULL || strcmp(attribute,
		    system_slots[i].attribute) == 0))
			return &e->slots[system_slots[i].slot];
	return NULL;
}

static bool
named(const char *p, size_t n, const char *name)
{
	return n == strlen(name) && memcmp(p, name, n) == 0;
}

void
event_start(struct event *e, const char *name, size_t n)
{
	const char *colon = memchr(name, ':', n);
	struct event_data *d;

	if (colon != NULL) {
		n -= (size_t)(colon + 1 - name);
		name = colon + 1;
	}
	snprintf(e->leaf, sizeof(e->leaf), "%.*s", (int)n, name);
	e->target = NULL;
	e->depth++;
	if (e->depth == 2) {
		e->section = named(name, n, "System") ? SECTION_SYSTEM :
		    named(name, n, "EventData") ? SECTION_DATA :
		    named(name, n, "UserData") ? SECTION_USER :
		    named(name, n, "RenderingInfo") ? SECTION_RENDERING :
		    SECTION_NONE;
		return;
	}
	if (e->depth < 3)
		return;
	switch (e->section) {
	case SECTION_SYSTEM:
		e->target = system_target(e, NULL);
		break;
	case SECTION_RENDERING:
		if (named(name, n, "Message"))
			e->target = &e->message;
		break;
	case SECTION_DATA:
	case SECTION_USER:
		if ((e->section == SECTION_USER && e->depth == 3) ||
		    (d = data_new(e)) == NULL)
			break;
		if (!named(name, n, "Data"))
			event_value_add(&d->name, name, n, SPAN_NONE,
			    PIECE_WHOLE);
		e->target = &d->value;
		break;
	}
}

void
event_attribute(struct event *e, const char *name, size_t n)
{
	char copy[32];

	snprintf(copy, sizeof(copy), "%.*s", (int)n, name);
	e->target = NULL;
	if (e->section == SECTION_SYSTEM && e->depth == 3)
		e->target = system_target(e, copy);
	else if (e->section == SECTION_DATA && e->depth > 2 &&
	    e->ndata > 0 && strcmp(copy, "Name") == 0)
		e->target = &e->data[e->ndata - 1].name;
}

void
event_attribute_end(struct event *e)
{
	e->target = NULL;
	if (e->section == SECTION_SYSTEM && e->depth == 3)
		e->target = system_target(e, NULL);
	else if ((e->section == SECTION_DATA && e->depth > 2) ||
	    (e->section == SECTION_USER && e->depth > 3))
		e->target = e->ndata > 0 ? &e->data[e->ndata - 1].value :
		    NULL;
	else if (e->section == SECTION_RENDERING &&
	    strcmp(e->leaf, "Message") == 0)
		e->target = &e->message;
}

void
event_text(struct event *e, const char *p, size_t n, struct span from,
    enum piece_unit unit)
{
	if (e->target != NULL)
		event_value_add(e->target, p, n, from, unit);
}

void
event_end(struct event *e)
{
	e->target = NULL;
	e->leaf[0] = '\0';
	if (e->depth > 0)
		e->depth--;
}

/* ---- which events matter ---- */

static bool
value_holds(const struct event_value *v, const char *word)
{
	return v->n > 0 && text_find(v->p, v->n, word) < v->n;
}

static int64_t
value_number(const struct event_value *v)
{
	int64_t number;

	return v->n > 0 && text_digits(v->p, v->n, &number) == v->n ? number :
	    -1;
}

static bool
holds(const struct event *e, const char *word)
{
	size_t i;

	for (i = 0; i < e->ndata; i++)
		if (value_holds(&e->data[i].value, word))
			return true;
	return value_holds(&e->message, word);
}

static bool
is_enrolment(const struct event *e)
{
	int64_t id = value_number(&e->slots[EVENT_ID]);

	return value_holds(&e->slots[EVENT_PROVIDER], "CertEnroll") &&
	    id >= 86 && id <= 88;
}

static bool
event_matters(const struct event *e)
{
	const struct event_value *source = &e->slots[EVENT_PROVIDER];
	int64_t id = value_number(&e->slots[EVENT_ID]);

	if (!event_source_matters(source->p, source->n))
		return false;
	if (value_holds(source, "CertEnroll"))
		return id == 64 || id == 65 || (id >= 85 && id <= 88);
	/* Shells say much; of interest is what they say of attestation. */
	if (value_holds(source, "Shell-Core") ||
	    value_holds(source, "CloudExperienceHost"))
		return holds(e, "attestation");
	if (value_holds(source, "ModernDeployment"))
		return e->slots[EVENT_CHANNEL].n == 0 ||
		    value_holds(&e->slots[EVENT_CHANNEL], "Autopilot");
	return true;
}

/* ---- the text ---- */

static void
put(struct event_value *to, const char *text)
{
	event_value_add(to, text, strlen(text), SPAN_NONE, PIECE_WHOLE);
}

static void
put_value(struct event_value *to, const struct event_value *v)
{
	size_t at = to->n, before = to->npieces, i;

	event_value_add(to, v->p, v->n, SPAN_NONE, PIECE_WHOLE);
	if (to->n == at)
		return;
	to->pieces = grow(to->pieces, &to->pieces_room, before + v->npieces,
	    sizeof(*to->pieces));
	for (i = 0; i < v->npieces; i++) {
		to->pieces[before + i] = v->pieces[i];
		to->pieces[before + i].off += at;
	}
	to->npieces += v->npieces;
}

/* All pieces of a value as one span. */
static struct span
value_span(const struct event_value *v)
{
	struct span all = SPAN_NONE;
	size_t i, end;

	for (i = 0; i < v->npieces; i++) {
		const struct span *s = &v->pieces[i].from;

		if (all.blob == BLOB_NONE) {
			all = *s;
			continue;
		}
		end = all.off + all.len;
		if (s->off + s->len > end)
			end = s->off + s->len;
		if (s->off < all.off)
			all.off = s->off;
		all.len = end - all.off;
	}
	return all;
}

/*
 * An HRESULT that the event holds as a decimal number, in the form that
 * people and tools write: its name says so, or it is a known failure's.
 */
static bool
put_code(struct event_value *to, const struct event_data *d)
{
	static const char *const names[] = {
		"HRESULT", "ErrorCode", "ExitCode", "Result", "Error", "hr",
		"Status", "Code"
	};
	const char *p = d->value.p;
	size_t n = d->value.n, sign, i;
	struct code_info info;
	bool known = false;
	int64_t number;
	char hex[16];

	if (n < 9 || n > 11)
		return false;
	sign = p[0] == '-';
	if (text_digits(p + sign, n - sign, &number) != n - sign)
		return false;
	if (sign)
		number = INT64_C(4294967296) - number;
	if (number < INT64_C(0x80000000) || number > INT64_C(0xffffffff))
		return false;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		known |= d->name.n > 0 && text_find(d->name.p, d->name.n,
		    names[i]) < d->name.n;
	if (!known && code_lookup((uint32_t)number, &info, 1) == 0)
		return false;
	snprintf(hex, sizeof(hex), "0x%08x", (unsigned int)number);
	event_value_add(to, hex, strlen(hex), value_span(&d->value),
	    PIECE_WHOLE);
	return true;
}

/* A value by its name, else by its place; NULL: there is none. */
static const struct event_value *
data_find(const struct event *e, const char *name, size_t place)
{
	bool names = false;
	size_t i;

	for (i = 0; i < e->ndata; i++) {
		names |= e->data[i].name.n > 0;
		if (value_is(&e->data[i].name, name))
			return &e->data[i].value;
	}
	return !names && place < e->ndata ? &e->data[place].value : NULL;
}

/* The three sentences of the enrolment's events: aik-flow's template. */
static void
put_enrolment(struct event_value *to, const struct event *e)
{
	static const struct {
		const char	*before, *name;
	} parts[] = {
		{ " for ", "Context" }, { " via ", "Url" },
		{ NULL, "MessageText" }, { "\nMethod: ", "Method" },
		{ "\nStage: ", "Stage" }, { "\n", "ErrorCode" },
	};
	int64_t id = value_number(&e->slots[EVENT_ID]);
	const struct event_value *v;
	size_t i;

	put(to, "SCEP Certificate enrollment");
	if (id == 86)
		put(to, " initialization");
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		v = data_find(e, parts[i].name, i);
		if (parts[i].before == NULL)
			put(to, id == 88 ? " succeeded:\n\n" :
			    " failed:\n\n");
		else if (v != NULL)
			put(to, parts[i].before);
		if (v != NULL)
			put_value(to, v);
	}
	put(to, "\n");
}

static void
put_data(struct event_value *to, const struct event *e)
{
	const struct event_data *d;
	bool any = false;
	size_t i;

	for (i = 0; i < e->ndata; i++) {
		d = &e->data[i];
		if (d->value.n == 0)
			continue;
		any = true;
		if (d->name.n > 0) {
			put_value(to, &d->name);
			put(to, ": ");
		}
		if (!put_code(to, d))
			put_value(to, &d->value);
		put(to, "\n");
	}
	if (!any)
		put_value(to, &e->message);
	put(to, "\n");
}

static void
compose(struct evidence *ev, const struct event *e)
{
	static const struct {
		const char	*label;
		enum event_slot	 slot;
	} head[] = {
		{ "Log Name:      ", EVENT_CHANNEL },
		{ "\nSource:        ", EVENT_PROVIDER },
		{ "\nDate:          ", EVENT_TIME },
		{ "\nEvent ID:      ", EVENT_ID },
		{ "\nLevel:         ", EVENT_LEVEL },
		{ "\nComputer:      ", EVENT_COMPUTER },
	};
	struct event_value text = { 0 };
	size_t i;

	for (i = 0; i < sizeof(head) / sizeof(*head); i++) {
		put(&text, head[i].label);
		put_value(&text, &e->slots[head[i].slot]);
	}
	put(&text, "\nDescription:\n");
	if (is_enrolment(e) && e->ndata > 0)
		put_enrolment(&text, e);
	else
		put_data(&text, e);
	(void)ev_compose(ev, e->at, "event", HINT_EVENT, NULL,
	    (uint8_t *)text.p, text.n, text.pieces, text.npieces);
	free(text.pieces);
}

/* ---- the log ---- */

static void
other_count(struct event_log *log, const struct event *e)
{
	const struct event_value *v = &e->slots[EVENT_PROVIDER];
	struct event_other *o;
	size_t i;

	for (i = 0; i < log->nothers; i++) {
		o = &log->others[i];
		if (strlen(o->name) == v->n && memcmp(o->name, v->p, v->n) ==
		    0) {
			o->n++;
			return;
		}
	}
	if (i == EVENT_OTHERS || v->n == 0 || memchr(v->p, '\0', v->n) != NULL)
		return;
	o = &log->others[log->nothers++];
	o->name = strndup(v->p, v->n);
	if (o->name == NULL) {
		log->nothers--;
		return;
	}
	o->n = 1;
	o->at = v->npieces > 0 ? value_span(v) : e->at;
}

static const struct event_value *
data_named(const struct event *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->ndata; i++)
		if (value_is(&e->data[i].name, name))
			return &e->data[i].value;
	return NULL;
}

/* Windows started: the event tells the kernel's build and its revision. */
static void
boot_keep(struct event_log *log, const struct event *e)
{
	const struct event_value *source = &e->slots[EVENT_PROVIDER];
	const struct event_value *time = &e->slots[EVENT_TIME];
	const struct event_value *build, *revision;
	struct event_boot boot = { .build = 0 };

	if (!value_is(source, "Microsoft-Windows-Kernel-General") ||
	    value_number(&e->slots[EVENT_ID]) != 12 || time->n == 0 ||
	    (build = data_named(e, "BuildVersion")) == NULL ||
	    (revision = data_named(e, "QfeVersion")) == NULL ||
	    build->npieces == 0 || revision->npieces == 0)
		return;
	boot.build = value_number(build);
	boot.revision = value_number(revision);
	boot.build_at = value_span(build);
	boot.revision_at = value_span(revision);
	snprintf(boot.time, sizeof(boot.time), "%.*s", (int)time->n, time->p);
	/* Times of one log are of one form, so they compare as texts. */
	if (boot.build > 0 && boot.revision > 0 &&
	    strcmp(boot.time, log->boot.time) >= 0)
		log->boot = boot;
}

static void
boot_facts(struct evidence *ev, struct item *it, const struct event_boot *boot)
{
	if (boot->build == 0)
		return;
	ev_artifact(it, ARTIFACT_BUILD);
	ev_fact(ev, it, &eventlog_build, value_int(boot->build),
	    boot->build_at);
	ev_fact(ev, it, &eventlog_revision, value_int(boot->revision),
	    boot->revision_at);
}

void
event_add(struct evidence *ev, struct event *e, struct event_log *log)
{
	log->records++;
	boot_keep(log, e);
	if (!event_matters(e)) {
		other_count(log, e);
		return;
	}
	if (log->taken == ev_limits(ev)->text_records) {
		ev_limit(ev, e->at, "text_records", "only the first %zu "
		    "events of a log that matter are read", log->taken);
		return;
	}
	log->taken++;
	compose(ev, e);
}

void
event_log_end(struct evidence *ev, const struct blob *b,
    struct event_log *log)
{
	struct item *it = item_up(b->item, ITEM_FILE);
	struct fact *f;
	size_t i;

	if (it != NULL && item_fact(it, &eventlog_records) == NULL) {
		ev_artifact(it, ARTIFACT_EVENT);
		boot_facts(ev, it, &log->boot);
		ev_derive(ev, it, &eventlog_records,
		    value_int((int64_t)log->records), blob_span(b), NULL, 0,
		    NULL);
		ev_derive(ev, it, &eventlog_unread,
		    value_int((int64_t)(log->records - log->taken)),
		    blob_span(b), NULL, 0, NULL);
		for (i = 0; i < log->nothers; i++) {
			f = ev_fact_keyed(ev, it, &eventlog_other,
			    log->others[i].name,
			    value_int((int64_t)log->others[i].n),
			    log->others[i].at);
			f->derived = true;
		}
	}
	for (i = 0; i < log->nothers; i++)
		free(log->others[i].name);
	log->nothers = 0;
}
