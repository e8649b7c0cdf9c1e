/*
 * Event logs: the values of each record with their names, then all runs of
 * text, in place; after that the sums of the chunks that changed are made
 * anew.
 * Relies on decode/binxml.h and zlib.  Sums that were wrong stay wrong.
 */
#include <string.h>

#include <zlib.h>

#include "decode/binxml.h"
#include "redact/internal.h"

#define FILE_HEAD	4096
#define CHUNK		65536
#define CHUNK_HEAD	512
#define RECORD_HEAD	24

static uint32_t
get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static void
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

bool
is_evtx(const uint8_t *p, size_t n)
{
	return n > FILE_HEAD && memcmp(p, "ElfFile", 8) == 0;
}

/* ---- values ---- */

/* Where a value stands, if it is one run of the log's bytes. */
static void
value(struct leaf *l, const struct event_value *v, const char *key,
    size_t key_n)
{
	struct view view;
	const struct piece *piece;
	size_t i;

	for (i = 0; i < v->npieces; i++) {
		piece = &v->pieces[i];
		if (piece->unit != PIECE_UTF16 || piece->from.blob ==
		    BLOB_NONE || piece->from.len < 2 ||
		    !view_open(&view, l, piece->from.off, piece->from.len,
		    VIEW_UTF16LE, 0))
			continue;
		redact_text(&view.leaf, key, key_n);
		view_close(&view);
	}
}

static void
record(struct leaf *l, struct evidence *ev, const struct blob *b,
    struct span chunk, size_t off, size_t n, struct event *event)
{
	size_t i;

	event_reset(event);
	event->at = (struct span){ b->id, off, n };
	(void)binxml_read(ev, b, chunk, off + RECORD_HEAD,
	    n - RECORD_HEAD - 4, event);
	value(l, &event->slots[EVENT_COMPUTER], "Computer", 8);
	for (i = 0; i < event->ndata; i++)
		value(l, &event->data[i].value, event->data[i].name.p,
		    event->data[i].name.n);
	value(l, &event->message, NULL, 0);
}

static void
records(struct leaf *l)
{
	static const uint8_t none[32];
	struct evidence *ev = evidence_new(ev_limits(l->r->ev));
	struct blob *b = ev_input(ev, "log", false, l->orig, l->n, none);
	struct event event = { .ndata = 0 };
	size_t chunk, end, at, n;

	b->queued = false;
	for (chunk = FILE_HEAD; chunk + CHUNK_HEAD <= l->n; chunk += CHUNK) {
		end = l->n - chunk < CHUNK ? l->n : chunk + CHUNK;
		for (at = chunk + CHUNK_HEAD; at + RECORD_HEAD + 8 < end;) {
			n = memcmp(l->orig + at, "\x2a\x2a\0\0", 4) == 0 ?
			    get32(l->orig + at + 4) : 0;
			if (n < RECORD_HEAD + 8 || n > end - at) {
				at += 8;
				continue;
			}
			record(l, ev, b, (struct span){ b->id, chunk,
			    end - chunk }, at, n, &event);
			at += n;
		}
	}
	event_free(&event);
	evidence_free(ev);
}

/* ---- sums ---- */

static uint32_t
head_sum(const uint8_t *p)
{
	return (uint32_t)crc32(crc32(0, p, 120), p + 128, 384);
}

static void
chunk_sums(const uint8_t *old, uint8_t *p, size_t n)
{
	uint32_t end = n >= CHUNK_HEAD ? get32(old + 48) : 0;

	if (n < CHUNK_HEAD || memcmp(old, "ElfChnk", 8) != 0)
		return;
	if (end > CHUNK_HEAD && end <= n && get32(old + 52) ==
	    (uint32_t)crc32(0, old + CHUNK_HEAD, end - CHUNK_HEAD))
		put32(p + 52, (uint32_t)crc32(0, p + CHUNK_HEAD,
		    end - CHUNK_HEAD));
	if (get32(old + 124) == head_sum(old))
		put32(p + 124, head_sum(p));
}

void
redact_evtx(struct leaf *l)
{
	size_t at, n;

	records(l);
	redact_binary(l);
	for (at = FILE_HEAD; at < l->n && !l->r->learning; at += CHUNK) {
		n = l->n - at < CHUNK ? l->n - at : CHUNK;
		if (memcmp(l->orig + at, l->p + at, n) != 0)
			chunk_sums(l->orig + at, l->p + at, n);
	}
}
