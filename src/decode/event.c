/*
 * Puts the values of an event together as its elements come, each with the
 * bytes that it was read from.
 * Relies on text_scan.h for numbers and words in them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "decode/event.h"

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

void
event_value_join(struct event_value *to, const struct event_value *v)
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

/* ---- what it says ---- */

bool
event_value_is(const struct event_value *v, const char *text)
{
	return v->n == strlen(text) && strncasecmp(v->p, text, v->n) == 0;
}

bool
event_value_holds(const struct event_value *v, const char *word)
{
	return v->n > 0 && text_find(v->p, v->n, word) < v->n;
}

int64_t
event_value_number(const struct event_value *v)
{
	int64_t number;

	return v->n > 0 && text_digits(v->p, v->n, &number) == v->n ? number :
	    -1;
}

struct span
event_value_span(const struct event_value *v)
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

const struct event_value *
event_data_named(const struct event *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->ndata; i++)
		if (event_value_is(&e->data[i].name, name))
			return &e->data[i].value;
	return NULL;
}
