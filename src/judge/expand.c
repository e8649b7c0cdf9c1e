/*
 * Puts the values of an item into the texts of a rule.
 * Relies on evidence.h for the values' spelling; a reporter escapes them.
 */
#include <string.h>

#include "correlate/correlator.h"
#include "judge/internal.h"

#define VALUES_SHOWN	4

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool
placeholder_parse(const char *p, size_t n, struct placeholder *ret)
{
	size_t i = 1;

	*ret = (struct placeholder){ .name = p + 1 };
	while (i < n && is_name(p[i]))
		i++;
	ret->name_n = i - 1;
	if (i + 1 < n && p[i] == '[' && p[i + 1] == '"') {
		ret->key = p + i + 2;
		for (i += 2; i < n && p[i] != '"' && p[i] != '}'; i++)
			ret->key_n++;
		if (n - i < 2 || p[i] != '"' || p[i + 1] != ']')
			return false;
		i += 2;
	}
	if (n - i > 5 && memcmp(p + i, ":date", 5) == 0) {
		ret->date = true;
		i += 5;
	}
	if (i < n && p[i] == '|') {
		ret->otherwise = p + i + 1;
		for (i++; i < n && p[i] != '}'; i++)
			ret->otherwise_n++;
	}
	if (i >= n || p[i] != '}' || ret->name_n == 0)
		return false;
	ret->n = i + 1;
	return true;
}

struct text_out {
	struct arena	*arena;
	char		*p;
	size_t		 n, room;
};

static void
put(struct text_out *out, const char *p, size_t n)
{
	char *more;

	if (out->room - out->n <= n) {
		out->room = (out->n + n + 64) * 2;
		more = arena_alloc(out->arena, out->room);
		if (out->n > 0)
			memcpy(more, out->p, out->n);
		out->p = more;
	}
	if (n > 0)
		memcpy(out->p + out->n, p, n);
	out->n += n;
}

/* Was the same value shown before this one? */
static bool
shown(const struct fact *first, const struct fact *f)
{
	for (; first != f; first = field_again(first))
		if (value_equal(&first->value, &f->value))
			return true;
	return false;
}

static void
put_value(struct text_out *out, struct evidence *ev, const struct item *it,
    const struct placeholder *ph)
{
	const struct field *field = field_find(ph->name, ph->name_n);
	const struct fact *first, *f;
	unsigned int count = 0;
	const char *text;
	char *key = NULL, *k;
	size_t n;

	if (ph->key != NULL) {
		key = arena_text(out->arena, ph->key, ph->key_n);
		for (k = key; *k != '\0'; k++)
			if (*k >= 'A' && *k <= 'Z')
				*k += 'a' - 'A';
	}
	first = field == NULL ? NULL : field_seen(it, field, key);
	if (first == NULL) {
		if (ph->otherwise != NULL)
			put(out, ph->otherwise, ph->otherwise_n);
		else
			put(out, "(not known)", 11);
		return;
	}
	for (f = first; f != NULL; f = field_again(f)) {
		if (shown(first, f))
			continue;
		if (count == VALUES_SHOWN) {
			put(out, " ...", 4);
			break;
		}
		if (count++ > 0)
			put(out, ", ", 2);
		text = value_show(ev, field, &f->value, true, &n);
		if (ph->date && n > 10)
			n = 10;
		put(out, text, n);
	}
}

const char *
text_expand(struct evidence *ev, const struct item *it, const char *text)
{
	struct text_out out = { .arena = ev_arena(ev) };
	size_t n = strlen(text), i = 0, start;
	struct placeholder ph;

	while (i < n) {
		if (text[i] == '{' &&
		    placeholder_parse(text + i, n - i, &ph)) {
			put_value(&out, ev, it, &ph);
			i += ph.n;
			continue;
		}
		for (start = i++; i < n && text[i] != '{';)
			i++;
		put(&out, text + start, i - start);
	}
	put(&out, "", 1);
	return out.p;
}
