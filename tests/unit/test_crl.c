/*
 * Revocation lists and RARs: the parts of a list, an entry that is there and
 * one that is not, what is no list; and cuts and changes of both.
 * Relies on the samples and sample.h.
 */
#include "decode/crl.h"
#include "parsers/fields.h"
#include "tests/unit/sample.h"

static struct evidence	*ev;
static struct crl_parts	 crl;

static bool
walk_bytes(const uint8_t *p, size_t n)
{
	evidence_free(ev);
	ev = sample_evidence("x.bin", p, n);
	return crl_walk(ev, ev_blob(ev, 0), blob_span(ev_blob(ev, 0)), &crl);
}

static bool
walk(const char *hex)
{
	static uint8_t bytes[256];	/* the evidence reads them later */

	return walk_bytes(bytes, sample_hex(hex, bytes));
}

static uint8_t *
sample_of(const char *name, size_t *ret_n)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];

	snprintf(path, sizeof(path), "%s/samples/%s", srcdir != NULL ?
	    srcdir : ".", name);
	return sample_read(path, ret_n);
}

static void
lists(void)
{
	/* { { 1, {}, {}, 221201104730Z, { { 10, 221201104730Z } } } } */
	static const char one[] = "302e 302c 020101 3000 3000"
	    "170d3232313230313130343733305a"
	    "3014 3012 02010a 170d3232313230313130343733305a";
	size_t n;

	tap_ok(walk(one) && crl.has_revoked && !crl.has_next,
	    "a list without signature and next update");
	tap_ok(crl_find(ev, &crl, (const uint8_t *)"\n", 1, &n).len == 3 &&
	    n == 1, "a serial that stands in it");
	tap_ok(crl_find(ev, &crl, (const uint8_t *)"\v", 1, &n).blob ==
	    BLOB_NONE, "one that does not");
	tap_ok(!walk("3008 3006 020101 3000 3000"), "no time, no list");
	tap_ok(!walk("3003 020101") && !walk("30"), "other sequences");
}

static void
files(void)
{
	size_t n;
	uint8_t *p = sample_of("downloads-tied/other.crl", &n);
	const struct item *it;

	tap_ok(walk_bytes(p, n), "the list of a sample");
	it = ev_first(ev, ITEM_FILE);
	tap_is_text(sample_show(ev, it, &crl_this_update),
	    "2022-11-30T10:47:30Z", "when it was made");
	tap_is_text(sample_show(ev, it, &crl_entries), "1", "its entries");
	tap_is_text(sample_kind(ev), "certificate", "kind of the input");
	sample_torture("other.crl", p, n, 300);
	free(p);
	p = sample_of("packed-with-rar/case.rar", &n);
	sample_torture("case.rar", p, n, 300);
	free(p);
	p = sample_of("packed-with-rar/locked.rar", &n);
	sample_torture("locked.rar", p, n, 300);
	free(p);
	tap_ok(true, "cut and changed");
}

int
main(void)
{
	lists();
	files();
	evidence_free(ev);
	return tap_done();
}
