/*
 * Bytes of no text: runs of letters in them, in one byte or two, are worked
 * on as text, DER as DER, and known secrets are found in every form.
 * Relies on text.c and der.c.
 */
#include <string.h>

#include "redact/internal.h"

#define RUN_MIN		4	/* letters that make a run of text */

static bool
is_print(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\r' || c == '\n';
}

/* A letter in two bytes: of Latin, Greek, Cyrillic and other scripts. */
static bool
is_wide(uint8_t low, uint8_t high)
{
	return high == 0 ? is_print(low) || low >= 0xa0 :
	    high >= 1 && high <= 6;
}

static void
as_text(struct leaf *l, size_t off, size_t n, enum view_kind kind)
{
	struct place place = *l->place;
	struct view v;

	if (!leaf_free(l, off, n) || !view_open(&v, l, off, n, kind, 0))
		return;
	place.depth += 4;
	v.leaf.place = &place;
	l->r->guesses++;
	redact_text(&v.leaf, NULL, 0);
	l->r->guesses--;
	v.leaf.place = l->place;
	view_close(&v);
}

static void
wide_runs(struct leaf *l, bool big)
{
	size_t i, n, ascii;

	for (i = 0; i + 1 < l->n; i += n > 0 ? n : 1) {
		for (n = ascii = 0; i + n + 1 < l->n &&
		    is_wide(l->orig[i + n + big], l->orig[i + n + !big]);
		    n += 2)
			ascii += l->orig[i + n + !big] == 0;
		/* Most of it has to be Latin: others are chance. */
		if (n < 2 * RUN_MIN)
			n = 0;
		else if (ascii * 4 >= n / 2 || n >= 16)
			as_text(l, i, n, big ? VIEW_UTF16BE : VIEW_UTF16LE);
	}
}

static void
narrow_runs(struct leaf *l)
{
	size_t i, n;

	for (i = 0; i < l->n; i += n > 0 ? n : 1) {
		for (n = 0; i + n < l->n && is_print(l->orig[i + n]); n++)
			continue;
		if (n > RUN_MIN)
			as_text(l, i, n, VIEW_PLAIN);
	}
}

void
redact_binary(struct leaf *l)
{
	l->binary = true;
	if (l->r->learning)
		redact_learn_der(l, 0, l->n);
	redact_learn_blob(l);
	leaf_known(l);
	wide_runs(l, false);
	wide_runs(l, true);
	narrow_runs(l);
	if (!l->r->learning)
		redact_der(l, 0, l->n);
}
