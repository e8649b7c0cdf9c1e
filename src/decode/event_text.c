/*
 * Composes of an event the text that the Event Viewer would show.
 * Relies on ev_compose(), so that every value keeps its own bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/event.h"
#include "decode/parser.h"
#include "knowledge/knowledge.h"

static void
put(struct event_value *to, const char *text)
{
	event_value_add(to, text, strlen(text), SPAN_NONE, PIECE_WHOLE);
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
	event_value_add(to, hex, strlen(hex), event_value_span(&d->value),
	    PIECE_WHOLE);
	return true;
}

/* A value by its name, else by its place; NULL: there is none. */
static const struct event_value *
data_find(const struct event *e, const char *name, size_t place)
{
	const struct event_value *v = event_data_named(e, name);
	size_t i;

	if (v != NULL || place >= e->ndata)
		return v;
	for (i = 0; i < e->ndata; i++)
		if (e->data[i].name.n > 0)
			return NULL;
	return &e->data[place].value;
}

static bool
is_enrolment(const struct event *e)
{
	int64_t id = event_value_number(&e->slots[EVENT_ID]);

	return event_value_holds(&e->slots[EVENT_PROVIDER], "CertEnroll") &&
	    id >= 86 && id <= 88;
}

/* The three sentences of the events 86, 87 and 88. */
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
	int64_t id = event_value_number(&e->slots[EVENT_ID]);
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
			event_value_join(to, v);
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
			event_value_join(to, &d->name);
			put(to, ": ");
		}
		if (!put_code(to, d))
			event_value_join(to, &d->value);
		put(to, "\n");
	}
	if (!any)
		event_value_join(to, &e->message);
	put(to, "\n");
}

void
event_compose(struct evidence *ev, const struct event *e)
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
		event_value_join(&text, &e->slots[head[i].slot]);
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
