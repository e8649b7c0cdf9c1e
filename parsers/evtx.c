/*
 * Reads event logs of Windows (.evtx): chunks, records, also those of damaged
 * chunks; what a record says is put together by decode/binxml.c.
 * Relies on libevtx, through a range of memory, for the log as a whole and
 * for records that binxml.c gives up; zlib has the check sums.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "decode/binxml.h"
#include "decode/parser.h"
#include "evidence/cursor.h"

#ifdef HAVE_EVTX
#include <libbfio.h>
#include <libevtx.h>
#endif
#ifdef WITH_ASAN
#include <sanitizer/lsan_interface.h>
#endif

#define FILE_HEAD	4096
#define CHUNK		65536
#define CHUNK_HEAD	512
#define RECORD_HEAD	24
#define FLAG_DIRTY	1	/* copied while Windows wrote it */
#define LIBRARY_BYTES	134217728	/* of a log that libevtx gets, copied */
#define LIBRARY_FAILURES 100	/* it reads a chunk anew each time it fails */

#ifdef HAVE_EVTX

/* The same log as libevtx sees it. */
struct library {
	uint8_t		*copy;
	libbfio_handle_t *bytes;
	libevtx_file_t	*file;
	int		 nrecords, nrecovered;
	unsigned int	 failures;
	uint64_t	*ids;		/* by index; NULL: not yet asked */
};

struct reader {
	struct evidence	*ev;
	struct blob	*blob;
	struct library	 library;
	struct event	 event;
	struct event_log log;
	size_t		 lost;		/* records that nobody could read */
	struct span	 lost_at;
	const char	*lost_why;
	bool		 dirty, stop;
};

/* ---- libevtx ---- */

/* libevtx 20181227 does not free all of what it could not read. */
static void
leaks_expected(bool begin)
{
#ifdef WITH_ASAN
	if (begin)
		__lsan_disable();
	else
		__lsan_enable();
#else
	(void)begin;
#endif
}

static void
library_close(struct library *l)
{
	if (l->file != NULL) {
		(void)libevtx_file_close(l->file, NULL);
		(void)libevtx_file_free(&l->file, NULL);
	}
	if (l->bytes != NULL)
		(void)libbfio_handle_free(&l->bytes, NULL);
	free(l->ids);
	free(l->copy);
	*l = (struct library){ 0 };
}

/*
 * On a copy of whole chunks, with one more behind them: libbfio 20170123 reads
 * past the end of a range where a read crosses it.
 */
static void
library_open(struct library *l, const struct blob *b)
{
	size_t chunks, n;
	bool good;

	*l = (struct library){ 0 };
	if (b->n <= FILE_HEAD || b->n > LIBRARY_BYTES)
		return;
	chunks = (b->n - FILE_HEAD + CHUNK - 1) / CHUNK;
	n = FILE_HEAD + chunks * CHUNK;
	l->copy = calloc(1, n + CHUNK);
	if (l->copy == NULL)
		return;
	memcpy(l->copy, b->p, b->n);
	leaks_expected(true);
	good = libbfio_memory_range_initialize(&l->bytes, NULL) == 1 &&
	    libbfio_memory_range_set(l->bytes, l->copy, n, NULL) == 1 &&
	    libevtx_file_initialize(&l->file, NULL) == 1 &&
	    libevtx_file_open_file_io_handle(l->file, l->bytes,
	    libevtx_get_access_flags_read(), NULL) == 1 &&
	    libevtx_file_get_number_of_records(l->file, &l->nrecords, NULL) ==
	    1 && libevtx_file_get_number_of_recovered_records(l->file,
	    &l->nrecovered, NULL) == 1;
	leaks_expected(false);
	if (!good)
		library_close(l);
}

static libevtx_record_t *
library_record(struct library *l, int index)
{
	libevtx_record_t *record = NULL;
	int good;

	if (l->failures >= LIBRARY_FAILURES)
		return NULL;
	leaks_expected(true);
	good = index < l->nrecords ?
	    libevtx_file_get_record_by_index(l->file, index, &record, NULL) :
	    libevtx_file_get_recovered_record_by_index(l->file,
	    index - l->nrecords, &record, NULL);
	leaks_expected(false);
	l->failures += good != 1;
	return good == 1 ? record : NULL;
}

/* Index of the record with that id, or -1. */
static int
library_find(struct library *l, uint64_t id)
{
	int n = l->nrecords + l->nrecovered, i;
	libevtx_record_t *record;

	if (l->file == NULL || n <= 0)
		return -1;
	if (l->ids == NULL) {
		l->ids = calloc((size_t)n, sizeof(*l->ids));
		for (i = 0; l->ids != NULL && i < n; i++) {
			record = library_record(l, i);
			if (record == NULL)
				continue;
			(void)libevtx_record_get_identifier(record,
			    &l->ids[i], NULL);
			(void)libevtx_record_free(&record, NULL);
		}
	}
	for (i = 0; l->ids != NULL && i < n; i++)
		if (l->ids[i] == id)
			return i;
	return -1;
}

/* What libevtx makes of the record, as XML in the arena; NULL: nothing. */
static char *
library_xml(struct reader *r, uint64_t id, size_t *ret_n)
{
	int index = library_find(&r->library, id);
	libevtx_record_t *record;
	char *xml = NULL;
	size_t n = 0;

	*ret_n = 0;
	record = index < 0 ? NULL : library_record(&r->library, index);
	if (record == NULL)
		return NULL;
	leaks_expected(true);
	if (libevtx_record_get_utf8_xml_string_size(record, &n, NULL) == 1 &&
	    n > 1 && n < 16 * CHUNK) {
		xml = arena_alloc(ev_arena(r->ev), n);
		if (libevtx_record_get_utf8_xml_string(record, (uint8_t *)xml,
		    n, NULL) != 1)
			xml = NULL;
	}
	(void)libevtx_record_free(&record, NULL);
	leaks_expected(false);
	*ret_n = xml == NULL ? 0 : n - 1;
	return xml;
}

/* ---- records ---- */

/* Finds an ASCII value's UTF-16 in the record, so that it is cited there. */
static void
value_locate(const struct reader *r, struct event_value *v, size_t off,
    size_t n)
{
	struct event_value found = { 0 };
	size_t i, k;

	if (v->n < 3 || v->npieces > 0 || n < 2 * v->n)
		return;
	for (i = off; i <= off + n - 2 * v->n; i++) {
		for (k = 0; k < v->n && (uint8_t)v->p[k] < 0x80 &&
		    r->blob->p[i + 2 * k] == (uint8_t)v->p[k] &&
		    r->blob->p[i + 2 * k + 1] == 0; k++)
			continue;
		if (k == v->n)
			break;
	}
	if (i > off + n - 2 * v->n)
		return;
	event_value_add(&found, v->p, v->n, blob_part(r->blob, i, 2 * v->n),
	    PIECE_UTF16);
	free(v->p);
	free(v->pieces);
	*v = found;
}

/* The record as libevtx has it; false: it has not either. */
static bool
record_second(struct reader *r, uint64_t id, size_t off, size_t n)
{
	struct text t = { .blob = r->blob };
	size_t i;

	t.p = library_xml(r, id, &t.n);
	if (t.p == NULL)
		return false;
	event_reset(&r->event);
	r->event.at = blob_part(r->blob, off, n);
	if (event_xml_read(r->ev, &t, 0, t.n, false, &r->event) != NULL)
		return false;
	for (i = 0; i < EVENT_SLOTS; i++)
		value_locate(r, &r->event.slots[i], off, n);
	for (i = 0; i < r->event.ndata; i++) {
		value_locate(r, &r->event.data[i].name, off, n);
		value_locate(r, &r->event.data[i].value, off, n);
	}
	return true;
}

/* The time of writing in a record's head: 100 ns since 1601. */
static void
record_time(struct reader *r, uint64_t ticks, struct span at)
{
	char text[40];

	if (ticks < UINT64_C(116444736000000000) ||
	    ticks > UINT64_C(2650467743999999999))
		return;
	time_format((int64_t)(ticks / 10) - INT64_C(11644473600000000), text);
	event_value_add(&r->event.slots[EVENT_TIME], text, strlen(text), at,
	    PIECE_WHOLE);
}

/* n bytes of a whole record at off. */
static void
record_read(struct reader *r, struct span chunk, size_t off, size_t n)
{
	uint64_t id = 0, ticks = 0;
	struct cursor c;
	const char *why;

	if (r->log.records >= ev_limits(r->ev)->event_records) {
		ev_limit(r->ev, blob_part(r->blob, off, n), "event_records",
		    "only the first %zu events of a log are looked at",
		    r->log.records);
		r->stop = true;
		return;
	}
	cursor_init_span(&c, r->blob, blob_part(r->blob, off, n));
	(void)(cursor_skip(&c, 8) && cursor_u64le(&c, &id) &&
	    cursor_u64le(&c, &ticks));
	event_reset(&r->event);
	r->event.at = blob_part(r->blob, off, n);
	why = binxml_read(r->ev, r->blob, chunk, off + RECORD_HEAD,
	    n - RECORD_HEAD - 4, &r->event);
	if (why == NULL && r->event.slots[EVENT_PROVIDER].n == 0)
		why = "it names no provider";
	if (why != NULL && !record_second(r, id, off, n)) {
		if (r->lost++ == 0) {
			r->lost_at = blob_part(r->blob, off, n);
			r->lost_why = why;
		}
		/* What was understood of it is kept. */
		if (r->event.slots[EVENT_PROVIDER].n == 0 ||
		    r->event.slots[EVENT_ID].n == 0) {
			r->log.records++;
			return;
		}
	}
	if (r->event.slots[EVENT_TIME].n == 0)
		record_time(r, ticks, blob_part(r->blob, off + 16, 8));
	event_add(r->ev, &r->event, &r->log);
}

/* Does a record begin at off?  Its size, at the end once more, or 0. */
static size_t
record_size(const struct reader *r, size_t off, size_t end)
{
	uint32_t magic, size, again;
	struct cursor c;

	cursor_init_span(&c, r->blob, blob_part(r->blob, off, end - off));
	if (!cursor_u32le(&c, &magic) || magic != 0x2a2a ||
	    !cursor_u32le(&c, &size) || size < RECORD_HEAD + 4 ||
	    size > end - off || !cursor_skip(&c, size - 12) ||
	    !cursor_u32le(&c, &again) || again != size)
		return 0;
	return size;
}

/* ---- chunks ---- */

static bool
all_zero(const struct blob *b, size_t off, size_t end)
{
	while (off < end && b->p[off] == 0)
		off++;
	return off >= end;
}

/* What is wrong with the chunk's head, or NULL; *ret_end: of its records. */
static const char *
chunk_check(const struct reader *r, size_t off, size_t n, size_t *ret_end)
{
	const uint8_t *p = r->blob->p + off;
	uint32_t end, data_crc, head_crc, found;
	struct cursor c;

	*ret_end = n;
	if (n < CHUNK_HEAD)
		return "it is cut inside of its head";
	if (memcmp(p, "ElfChnk", 8) != 0)
		return "it has no head";
	cursor_init_span(&c, r->blob, blob_part(r->blob, off, CHUNK_HEAD));
	(void)(cursor_skip(&c, 48) && cursor_u32le(&c, &end) &&
	    cursor_u32le(&c, &data_crc) && cursor_skip(&c, 68) &&
	    cursor_u32le(&c, &head_crc));
	found = (uint32_t)crc32(0, p, 120);
	found = (uint32_t)crc32(found, p + 128, CHUNK_HEAD - 128);
	if (found != head_crc)
		return "the check sum of its head does not fit";
	if (end < CHUNK_HEAD || end > CHUNK)
		return "its head says an impossible end";
	if (end > n)
		return "it is cut";
	*ret_end = end;
	if ((uint32_t)crc32(0, p + CHUNK_HEAD, end - CHUNK_HEAD) != data_crc)
		return "the check sum of its records does not fit";
	return NULL;
}

static void
chunk_read(struct reader *r, size_t off, size_t n, size_t number)
{
	struct span chunk = blob_part(r->blob, off, n);
	size_t end, at, size, before = r->lost, gap = SIZE_MAX, gaps = 0;
	const char *why;

	if (all_zero(r->blob, off, off + n))
		return;
	why = chunk_check(r, off, n, &end);
	end += off;
	for (at = off + CHUNK_HEAD; at < end && !r->stop; ) {
		size = record_size(r, at, end);
		if (size > 0) {
			record_read(r, chunk, at, size);
			at += size;
			continue;
		}
		if (all_zero(r->blob, at, end))
			break;
		if (gap == SIZE_MAX)
			gap = at;
		gaps++;
		/* The next one that is whole. */
		for (at++; at < end && (r->blob->p[at] != '*' ||
		    record_size(r, at, end) == 0); at++)
			continue;
	}
	/* A log that Windows had open may be behind its check sums. */
	if (why != NULL && r->dirty && gap == SIZE_MAX && r->lost == before) {
		ev_problem(r->ev, PROBLEM_NOTED, chunk, "chunk %zu of the "
		    "event log: %s; the log was copied while it was written",
		    number, why);
		return;
	}
	if (why != NULL)
		ev_damage(r->ev, chunk, "chunk %zu of the event log is "
		    "damaged: %s; what is whole in it was read", number, why);
	if (gap != SIZE_MAX)
		ev_damage(r->ev, blob_part(r->blob, gap, end - gap < 4096 ?
		    end - gap : 4096), "chunk %zu of the event log has no "
		    "whole record at %zu place%s; the others were read",
		    number, gaps, gaps == 1 ? "" : "s");
}

/* ---- the log ---- */

static void
head_check(struct reader *r)
{
	const struct blob *b = r->blob;
	uint32_t flags, crc;
	struct cursor c;
	uint16_t major, minor, chunks;
	uint64_t want;

	cursor_init(&c, b);
	if (!cursor_skip(&c, 36) || !cursor_u16le(&c, &minor) ||
	    !cursor_u16le(&c, &major) || !cursor_skip(&c, 2) ||
	    !cursor_u16le(&c, &chunks) || !cursor_skip(&c, 76) ||
	    !cursor_u32le(&c, &flags) || !cursor_u32le(&c, &crc)) {
		ev_damage(r->ev, blob_span(b), "the event log is cut inside "
		    "of its head: it has %zu bytes", b->n);
		return;
	}
	if ((uint32_t)crc32(0, b->p, 120) != crc) {
		ev_damage(r->ev, blob_part(b, 0, 128), "the check sum of the "
		    "event log's head does not fit");
		return;
	}
	r->dirty = (flags & FLAG_DIRTY) != 0;
	if (major != 3)
		ev_problem(r->ev, PROBLEM_NOTED, blob_part(b, 36, 4),
		    "the event log is of version %u.%u, known is 3.x",
		    (unsigned int)major, (unsigned int)minor);
	want = FILE_HEAD + (uint64_t)chunks * CHUNK;
	if (!r->dirty && b->n < want)
		ev_damage(r->ev, blob_part(b, 42, 2), "the event log is cut: "
		    "it has %zu bytes, want %llu for its %u chunks", b->n,
		    (unsigned long long)want, (unsigned int)chunks);
}

static void
evtx_read(struct evidence *ev, struct blob *b)
{
	struct reader *r = calloc(1, sizeof(*r));
	size_t off, n, number = 0;

	if (r == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	r->ev = ev;
	r->blob = b;
	ev_input_kind(ev, b, "evtx");
	library_open(&r->library, b);
	head_check(r);
	for (off = FILE_HEAD; off < b->n && !r->stop; off += n) {
		n = b->n - off < CHUNK ? b->n - off : CHUNK;
		chunk_read(r, off, n, ++number);
	}
	if (r->lost > 0)
		ev_damage(ev, r->lost_at, "%zu record%s of the event log "
		    "cannot be read as a whole; in the first %s", r->lost,
		    r->lost == 1 ? "" : "s", r->lost_why);
	event_log_end(ev, b, &r->log);
	event_free(&r->event);
	library_close(&r->library);
	free(r);
}

#else	/* !HAVE_EVTX */

static void
evtx_read(struct evidence *ev, struct blob *b)
{
	ev_input_kind(ev, b, "evtx");
	ev_problem(ev, PROBLEM_UNREADABLE, blob_span(b), "this program was "
	    "built without libevtx: event logs (.evtx) are not read; an "
	    "export of wevtutil qe /f:xml is");
}

#endif

static int
evtx_bid(const struct evidence *ev, const struct blob *b)
{
	(void)ev;
	return b->n >= 8 && memcmp(b->p, "ElfFile", 8) == 0 ? 100 : 0;
}

static const struct field *const fields[] = { NULL };

const struct parser parser_evtx = {
	.name = "evtx", .bid = evtx_bid, .read = evtx_read, .fields = fields
};
