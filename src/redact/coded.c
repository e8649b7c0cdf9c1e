/*
 * Runs of base64 and of hexadecimal digits inside text: what they stand for
 * is worked on as bytes of its own, and written back in the same letters,
 * lines and blanks.
 * Relies on blob.c for what the bytes are.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence/text_scan.h"
#include "redact/internal.h"

#define RUN_MIN		12	/* letters of base64 */
#define HEX_MIN		4	/* bytes of hexadecimal: a serial number */
#define DEPTH_MAX	12

/* In the form for URLs, too. */
static int
value64(uint8_t c)
{
	return c == '-' ? 62 : c == '_' ? 63 : text_base64_digit(c);
}

/* ---- what was decoded ---- */

/* Bytes that say what they are; others are only searched. */
static bool
is_something(const uint8_t *p, size_t n)
{
	size_t i, printable = 0;

	if (n < 8)
		return false;
	if (is_container(p, n) || is_http(p, n) || is_evtx(p, n))
		return true;
	/* DER, or something around a certificate */
	for (i = 0; i + 64 < n && i < 4096; i++)
		if (p[i] == 0x30 && (p[i + 1] == 0x82 || i == 0) &&
		    p[i + 1] >= 0x80 && p[i + 4] == 0x30)
			return true;
	for (i = 0; i < n && i < 256; i++)
		printable += (p[i] >= 0x20 && p[i] < 0x7f) || p[i] == '\t' ||
		    p[i] == '\n' || p[i] == '\r' || p[i] >= 0xc2 ||
		    (p[i] == 0 && n > 16);
	return printable * 100 >= i * 90;
}

/*
 * Works on the n decoded bytes.  NULL: nothing of them changes, or they
 * cannot be examined.
 */
static uint8_t *
inner(struct leaf *l, const char *how, const uint8_t *p, size_t n,
    size_t *ret_n)
{
	struct redactor *r = l->r;
	struct place place = *l->place;
	uint8_t *q;

	place.depth++;
	if (place.depth > DEPTH_MAX)
		return NULL;
	place.via = *place.via == '\0' ? how : arena_printf(r->arena,
	    "%s, %s", place.via, how);
	r->guesses++;
	q = redact_blob(r, &place, "", p, n, USE_CODED, ret_n);
	r->guesses--;
	if (q != NULL && *ret_n == n && memcmp(p, q, n) == 0) {
		free(q);
		q = NULL;
	}
	return q;
}

/* Known secrets in bytes that say nothing; true: some were replaced. */
static bool
search(struct leaf *l, const uint8_t *p, size_t n, uint8_t *q, size_t off,
    size_t len)
{
	struct leaf inside;
	struct place place = *l->place;
	bool changed = false;
	size_t before = l->r->nreplaced, after, i;

	leaf_init(&inside, l->r, &place, NULL, p, n);
	inside.binary = true;
	leaf_known(&inside);
	if (leaf_changed(&inside)) {
		memcpy(q, inside.p, n);
		changed = true;
	}
	leaf_clear(&inside);
	/* They are said with the place of the run. */
	after = l->r->nreplaced;
	l->r->nreplaced = before;
	for (i = before; i < after; i++)
		leaf_say(l, l->r->replaced[i].kind, off, len);
	return changed;
}

/* ---- base64 ---- */

static const char	letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789+/";

static uint8_t
letter(unsigned int v, bool url)
{
	return url && v >= 62 ? (v == 62 ? '-' : '_') : (uint8_t)letters[v];
}

struct run64 {
	size_t		*at;		/* of each letter, in the leaf */
	size_t		 n;
	size_t		 end;		/* after it, with its "=" */
	size_t		 line;		/* letters of a line, 0: one line */
	size_t		 feed;		/* bytes of a line's end */
	bool		 url;
};

/* A line's end inside a run, with what stands before the next letter. */
static size_t
line_end(const struct leaf *l, size_t at)
{
	size_t n = 0;

	if (at < l->n && l->orig[at] == '\r')
		n++;
	if (at + n < l->n && l->orig[at + n] == '\n')
		n++;
	else
		return 0;
	return n;
}

static void
run64_read(const struct leaf *l, size_t off, struct run64 *run)
{
	size_t at = off, feed, first = 0;

	run->n = run->line = run->feed = 0;
	run->url = false;
	for (;;) {
		while (at < l->n && value64(l->orig[at]) >= 0) {
			run->url |= l->orig[at] == '-' || l->orig[at] == '_';
			run->at[run->n++] = at++;
		}
		feed = line_end(l, at);
		/* Lines go on where they are as long as the first. */
		if (feed == 0 || run->n < 40 || at + feed >= l->n ||
		    value64(l->orig[at + feed]) < 0)
			break;
		if (first == 0) {
			first = run->n;
			run->feed = feed;
		}
		if (first % 4 != 0 || run->n % first != 0)
			break;
		at += feed;
	}
	run->line = first;
	for (run->end = at; run->end < l->n && run->end < at + 2 &&
	    l->orig[run->end] == '='; run->end++)
		continue;
}

static uint8_t *
run64_decode(const struct leaf *l, const struct run64 *run, size_t skip,
    size_t *ret_n)
{
	uint8_t *p = malloc(run->n + 4);
	uint32_t v = 0;
	size_t i, k = 0;

	if (p == NULL)
		abort();
	for (i = skip; i < run->n; i++) {
		v = v << 6 | (uint32_t)value64(l->orig[run->at[i]]);
		switch ((i - skip) % 4) {
		case 1:
			p[k++] = (uint8_t)(v >> 4);
			break;
		case 2:
			p[k++] = (uint8_t)(v >> 2);
			break;
		case 3:
			p[k++] = (uint8_t)v;
			break;
		default:
			break;
		}
	}
	*ret_n = k;
	return p;
}

/* The same number of letters; those that did not change stay. */
static void
run64_write(struct leaf *l, const struct run64 *run, size_t skip,
    const uint8_t *p, size_t n)
{
	size_t i, bit, byte;
	unsigned int v;

	for (i = skip; i < run->n; i++) {
		bit = (i - skip) * 6;
		byte = bit / 8;
		v = byte < n ? (unsigned int)p[byte] << 8 : 0;
		if (byte + 1 < n)
			v |= p[byte + 1];
		v = v >> (10 - bit % 8) & 63;
		if (byte + 1 >= n && bit % 8 > 2)	/* unused bits stay */
			v |= (unsigned int)value64(l->orig[run->at[i]]) &
			    ((1u << (bit % 8 - 2)) - 1);
		if ((unsigned int)value64(l->orig[run->at[i]]) == v ||
		    l->done[run->at[i]])
			continue;
		l->p[run->at[i]] = letter(v, run->url);
		l->done[run->at[i]] = 1;
	}
}

/* Other bytes, in lines like those before. */
static void
run64_edit(struct leaf *l, const struct run64 *run, const uint8_t *p,
    size_t n)
{
	uint8_t *q = malloc(n * 2 + 64 + (n / 16 + 2) * 2);
	size_t i, k = 0, column = 0;

	if (q == NULL)
		abort();
	for (i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ?
		    (uint32_t)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);
		unsigned int j, m = n - i > 2 ? 4 : n - i == 2 ? 3 : 2;

		if (run->line > 0 && column == run->line) {
			if (run->feed == 2)
				q[k++] = '\r';
			q[k++] = '\n';
			column = 0;
		}
		for (j = 0; j < 4; j++)
			if (j < m)
				q[k++] = letter(v >> (18 - 6 * j) & 63,
				    run->url);
			else if (!run->url)
				q[k++] = '=';
		column += 4;
	}
	leaf_edit(l, run->at[0], run->end - run->at[0], q, k);
}

static void
base64(struct leaf *l, const struct run64 *run)
{
	size_t off = run->at[0], n, got, skip;
	uint8_t *p, *q;

	p = run64_decode(l, run, 0, &n);
	if (run->n % 4 != 1 && is_something(p, n)) {
		q = inner(l, "base64", p, n, &got);
		if (q != NULL && got == n)
			run64_write(l, run, 0, q, n);
		else if (q != NULL && leaf_free(l, off, run->end - off))
			run64_edit(l, run, q, got);
		free(q);
	}
	free(p);
	if (l->r->learning)
		return;
	for (skip = 0; skip < 4 && skip < run->n; skip++) {
		p = run64_decode(l, run, skip, &n);
		q = malloc(n + 1);
		if (q == NULL)
			abort();
		if (leaf_free(l, off, run->end - off) &&
		    search(l, p, n, q, off, run->end - off))
			run64_write(l, run, skip, q, n);
		free(q);
		free(p);
	}
}

/* ---- hexadecimal ---- */

/* Between two bytes: one of these, or a folded line of a .reg file. */
static size_t
between(const struct leaf *l, size_t at)
{
	size_t n = 0, k;

	if (at < l->n && strchr(" :-,\t", l->orig[at]) != NULL &&
	    l->orig[at] != '\0')
		n = 1;
	k = at + n;
	if (k < l->n && l->orig[k] == '\\')
		k++;
	if (line_end(l, k) > 0 && (k > at)) {
		k += line_end(l, k);
		while (k < l->n && l->orig[k] == ' ')
			k++;
		n = k - at;
	}
	return n;
}

static size_t
hexadecimal(struct leaf *l, size_t off, size_t *places, uint8_t *p)
{
	size_t at = off, n = 0, got, i, gap = SIZE_MAX, k;
	uint8_t *q;

	while (at + 1 < l->n && text_hex_digit(l->orig[at]) >= 0 &&
	    text_hex_digit(l->orig[at + 1]) >= 0) {
		places[n] = at;
		p[n++] = (uint8_t)(text_hex_digit(l->orig[at]) << 4 |
		    text_hex_digit(l->orig[at + 1]));
		at += 2;
		k = between(l, at);
		if (n == 1)
			gap = k;
		if ((gap == 0) != (k == 0) || k == 0) {
			if (gap != 0)
				break;
			continue;
		}
		if (at + k + 1 >= l->n || text_hex_digit(l->orig[at + k]) < 0 ||
		    text_hex_digit(l->orig[at + k + 1]) < 0)
			break;
		at += k;
	}
	if (n < HEX_MIN)
		return at > off ? at - off : 1;
	q = NULL;
	if (is_something(p, n)) {
		q = inner(l, "hex", p, n, &got);
		if (q != NULL && got != n) {
			free(q);
			q = NULL;
		}
	}
	if (q == NULL && !l->r->learning) {
		q = malloc(n + 1);
		if (q != NULL && !(leaf_free(l, off, at - off) &&
		    search(l, p, n, q, off, at - off))) {
			free(q);
			q = NULL;
		}
	}
	for (i = 0; q != NULL && i < n; i++) {
		static const char small[] = "0123456789abcdef",
		    large[] = "0123456789ABCDEF";
		bool up = false;

		if (p[i] == q[i] || !leaf_free(l, places[i], 2))
			continue;
		for (k = 0; k < n && !up; k++)
			up = (l->orig[places[k]] >= 'A' &&
			    l->orig[places[k]] <= 'F') ||
			    (l->orig[places[k] + 1] >= 'A' &&
			    l->orig[places[k] + 1] <= 'F');
		l->p[places[i]] = (uint8_t)(up ? large : small)[q[i] >> 4];
		l->p[places[i] + 1] = (uint8_t)(up ? large : small)[q[i] & 15];
		memset(l->done + places[i], 1, 2);
	}
	free(q);
	return at - off;
}

/* ---- URL escapes ---- */

static bool
is_escaped(const struct leaf *l, size_t at)
{
	return l->n - at > 2 && l->orig[at] == '%' &&
	    text_hex_digit(l->orig[at + 1]) >= 0 &&
	    text_hex_digit(l->orig[at + 2]) >= 0;
}

/* A word with escapes in a text that is no form. */
static void
escaped_words(struct leaf *l)
{
	size_t i, start, end;
	struct view v;

	if (l->r->learning)
		return;
	for (i = 0; i < l->n; i++) {
		if (!is_escaped(l, i))
			continue;
		for (start = i; start > 0 && !l->done[start - 1] &&
		    value64(l->orig[start - 1]) >= 0; start--)
			continue;
		for (end = i; end < l->n && !l->done[end] &&
		    (value64(l->orig[end]) >= 0 || is_escaped(l, end) ||
		    strchr(".~+", l->orig[end]) != NULL); end++)
			if (is_escaped(l, end))
				end += 2;
		if (end > i && view_open(&v, l, start, end - start, VIEW_URL,
		    0)) {
			redact_patterns(&v.leaf);
			leaf_known(&v.leaf);
			view_close(&v);
		}
		i = end > i ? end - 1 : i;
	}
}

/* What is free between others and has escapes of JSON or XML in it. */
static void
escaped_parts(struct leaf *l, const char *mark, enum view_kind kind)
{
	size_t start, end;
	struct view v;

	for (start = 0; start < l->n; start = end + 1) {
		for (end = start; end < l->n && !l->done[end]; end++)
			continue;
		if (end - start < 6 || memmem(l->orig + start, end - start,
		    mark, strlen(mark)) == NULL ||
		    !view_open(&v, l, start, end - start, kind, 0))
			continue;
		redact_patterns(&v.leaf);
		leaf_known(&v.leaf);
		view_close(&v);
	}
}

void
redact_coded(struct leaf *l)
{
	struct run64 run;
	uint8_t *bytes = malloc(l->n / 2 + 1);
	size_t i, n;
	int before;

	escaped_words(l);
	if (!l->r->learning) {
		escaped_parts(l, "\\u0", VIEW_JSON);
		escaped_parts(l, "&#", VIEW_XML);
	}
	run.at = malloc((l->n + 1) * sizeof(*run.at));
	if (run.at == NULL || bytes == NULL)
		abort();
	for (i = 0; i < l->n; i += n) {
		n = 1;
		if (value64(l->orig[i]) < 0 || (i > 0 && l->orig[i - 1] == '%'))
			continue;
		run64_read(l, i, &run);
		n = run.end - i > 0 ? run.end - i : 1;
		if (run.n >= RUN_MIN)
			base64(l, &run);
	}
	for (i = 0; i < l->n; i += n) {
		n = 1;
		before = i > 0 ? value64(l->orig[i - 1]) : -1;
		if (text_hex_digit(l->orig[i]) >= 0 &&
		    (before < 0 || before > 61))
			n = hexadecimal(l, i, run.at, bytes);
		else if (value64(l->orig[i]) >= 0)
			while (i + n < l->n && value64(l->orig[i + n]) >= 0)
				n++;
	}
	free(bytes);
	free(run.at);
}
