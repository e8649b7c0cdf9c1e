/*
 * Values: making, comparing, showing; times without the C library's zones.
 * Relies on evidence.h.
 */
#include <stdio.h>
#include <string.h>

#include "evidence/evidence.h"
#include "evidence/secret.h"

struct value
value_bool(bool truth)
{
	return (struct value){ .type = VALUE_BOOL, .truth = truth };
}

struct value
value_int(int64_t number)
{
	return (struct value){ .type = VALUE_INT, .number = number };
}

struct value
value_time(int64_t us)
{
	return (struct value){ .type = VALUE_TIME, .number = us };
}

struct value
value_code(uint32_t code)
{
	return (struct value){ .type = VALUE_CODE, .number = code };
}

struct value
value_text(const char *p, size_t n)
{
	return (struct value){ .type = VALUE_TEXT, .p = p, .n = n };
}

struct value
value_str(const char *p)
{
	return value_text(p, strlen(p));
}

struct value
value_bytes(const void *p, size_t n)
{
	return (struct value){ .type = VALUE_BYTES, .p = p, .n = n };
}

bool
value_equal(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case VALUE_BOOL:
		return a->truth == b->truth;
	case VALUE_INT: case VALUE_TIME: case VALUE_CODE:
		return a->number == b->number;
	case VALUE_TEXT: case VALUE_BYTES:
		return a->n == b->n &&
		    (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
	}
	return false;
}

#define US	INT64_C(1000000)

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

int64_t
time_make(int y, int mon, int d, int h, int m, int s)
{
	return (((days_from_civil(y, mon, d) * 24 + h) * 60 + m) * 60 + s) * US;
}

void
time_format(int64_t us, char buf[40])
{
	int64_t days, rest, era, doe, yoe, doy, mp, y;
	int n, frac;

	days = us / (86400 * US);
	rest = us % (86400 * US);
	if (rest < 0) {
		rest += 86400 * US;
		days--;
	}
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	y = yoe + era * 400 + (mp >= 10);
	n = snprintf(buf, 40, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)y,
	    (int)(mp < 10 ? mp + 3 : mp - 9), (int)(doy - (153 * mp + 2) / 5 + 1),
	    (int)(rest / (3600 * US)), (int)(rest / (60 * US) % 60),
	    (int)(rest / US % 60));
	if (n < 0 || n > 30)
		n = 30;
	frac = (int)(rest % US);
	if (frac != 0) {
		n += snprintf(buf + n, 40 - (size_t)n, ".%06d", frac);
		while (buf[n - 1] == '0')
			n--;
	}
	buf[n] = 'Z';
	buf[n + 1] = '\0';
}

static const char *
show_hex(struct evidence *ev, const struct value *v)
{
	static const char digits[] = "0123456789abcdef";
	char *to = arena_alloc(ev_arena(ev), 2 * v->n + 1);
	size_t i;

	for (i = 0; i < v->n; i++) {
		to[2 * i] = digits[(unsigned char)v->p[i] >> 4];
		to[2 * i + 1] = digits[(unsigned char)v->p[i] & 15];
	}
	return to;
}

static const char *
show_int(struct evidence *ev, const struct field *field, int64_t number,
    bool names)
{
	const struct named *t;

	if (names && field != NULL && field->named != NULL)
		for (t = field->named; t->name != NULL; t++)
			if (t->value == number)
				return arena_printf(ev_arena(ev), "%s (%lld)",
				    t->name, (long long)number);
	return arena_printf(ev_arena(ev), "%lld", (long long)number);
}

const char *
value_show(struct evidence *ev, const struct field *field,
    const struct value *v, bool names, size_t *ret_n)
{
	const char *s = "";
	char buf[40];

	switch (v->type) {
	case VALUE_TEXT:
		*ret_n = v->n;
		return secret_hide(ev_arena(ev), v->p, v->n);
	case VALUE_BOOL:
		s = v->truth ? "true" : "false";
		break;
	case VALUE_INT:
		s = show_int(ev, field, v->number, names);
		break;
	case VALUE_TIME:
		time_format(v->number, buf);
		s = arena_text(ev_arena(ev), buf, strlen(buf));
		break;
	case VALUE_CODE:
		s = arena_printf(ev_arena(ev), "0x%08x",
		    (unsigned int)v->number);
		break;
	case VALUE_BYTES:
		s = show_hex(ev, v);
		break;
	}
	*ret_n = strlen(s);
	return s;
}
