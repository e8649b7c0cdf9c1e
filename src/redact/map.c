/*
 * The private map: a line for each value, "TOKEN TAB KIND TAB VALUE", bytes
 * as hexadecimal after "hex:", and in texts a backslash before what would end
 * a line or a field.
 * Relies on secret.c; digests and signatures are not kept, they follow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact/internal.h"

#define HEAD	REDACT_MAP_MARK ": token, kind, value. Keep it secret.\n"

static void
put(FILE *f, const uint8_t *p, size_t n, bool binary)
{
	size_t i;

	if (binary)
		fputs("hex:", f);
	for (i = 0; i < n; i++)
		if (binary)
			fprintf(f, "%02x", p[i]);
		else if (p[i] < 0x20 || p[i] == '\\' || p[i] == 0x7f ||
		    (i == 0 && p[i] == '#'))
			fprintf(f, "\\x%02x", p[i]);
		else
			fputc(p[i], f);
}

char *
map_write(struct redactor *r, size_t *ret_n)
{
	const struct secret *s;
	char *text = NULL;
	size_t i;
	FILE *f = open_memstream(&text, ret_n);

	if (f == NULL)
		abort();
	fputs(HEAD, f);
	for (i = 0; i < r->secrets.n; i++) {
		s = r->secrets.v[i];
		if (s->kind == SECRET_SIGNATURE || s->followed)
			continue;
		put(f, s->token, s->n, s->binary);
		fprintf(f, "\t%s\t", secret_infos[s->kind].name);
		put(f, s->value, s->n, s->binary);
		fputc('\n', f);
	}
	if (fclose(f) != 0)
		abort();
	return text;
}

static int
hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes of a field; false: it is not one of ours. */
static bool
get(struct redactor *r, const uint8_t *p, size_t n, uint8_t **ret,
    size_t *ret_n, bool *ret_binary)
{
	uint8_t *q = arena_alloc(r->arena, n + 1);
	size_t i, k = 0, step;

	*ret_binary = n > 4 && memcmp(p, "hex:", 4) == 0;
	for (i = *ret_binary ? 4 : 0; i < n; i += step) {
		step = *ret_binary ? 2 : p[i] == '\\' ? 4 : 1;
		if (n - i < step)
			return false;
		if (step == 1)
			q[k++] = p[i];
		else if (hex(p[i + step - 2]) < 0 || hex(p[i + step - 1]) < 0)
			return false;
		else
			q[k++] = (uint8_t)(hex(p[i + step - 2]) << 4 |
			    hex(p[i + step - 1]));
	}
	*ret = q;
	*ret_n = k;
	return k > 0;
}

int
map_read(struct redactor *r, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n, *line, *stop, *kind, *value;
	uint8_t *a, *b;
	size_t an, bn, k;
	bool ab, bb;

	if (n < strlen(REDACT_MAP_MARK) || memcmp(p, REDACT_MAP_MARK,
	    strlen(REDACT_MAP_MARK)) != 0)
		return -1;
	for (line = p; line < end; line = stop + 1) {
		stop = memchr(line, '\n', (size_t)(end - line));
		if (stop == NULL)
			return -1;
		if (*line == '#' || stop == line)
			continue;
		kind = memchr(line, '\t', (size_t)(stop - line));
		value = kind != NULL ? memchr(kind + 1, '\t', (size_t)(stop -
		    kind) - 1) : NULL;
		if (value == NULL)
			return -1;
		for (k = 0; k < SECRET_COUNT; k++)
			if (strlen(secret_infos[k].name) == (size_t)(value -
			    kind) - 1 && memcmp(secret_infos[k].name, kind + 1,
			    (size_t)(value - kind) - 1) == 0)
				break;
		if (k == SECRET_COUNT || !get(r, line, (size_t)(kind - line),
		    &a, &an, &ab) || !get(r, value + 1, (size_t)(stop - value) -
		    1, &b, &bn, &bb) || an != bn || ab != bb)
			return -1;
		secret_known(r, (enum secret_kind)k, b, a, an, ab);
	}
	return 0;
}
