/*
 * Containers: every format, damage in the middle and at the end, passwords,
 * what the auditor sees, limits.  Relies on ZIPs made by hand (zip.h).
 */
#include "decode/container.h"
#include "sample.h"
#include "zip.h"

#define MEMBERS	100

static struct seen {
	size_t		 n;
	char		 names[MEMBERS][64];
	enum container_state states[MEMBERS];
	size_t		 sizes[MEMBERS], full[MEMBERS];
	char		 first[MEMBERS];
} seen;
static size_t		 wanted;
static struct limits	 test_limits;
static const char	*const *passwords;
static size_t		 npasswords;
static enum problem_level worst;
static char		 problems[4096];

static size_t
ask(void *ctx, const struct container_entry *e)
{
	(void)ctx;
	(void)e;
	return wanted;
}

static void
got(void *ctx, const struct container_entry *e, enum container_state state,
    uint8_t *p, size_t n, size_t full)
{
	struct seen *s = ctx;

	if (s->n < MEMBERS) {
		snprintf(s->names[s->n], sizeof(s->names[0]), "%s", e->name);
		s->states[s->n] = state;
		s->sizes[s->n] = n;
		s->full[s->n] = full;
		s->first[s->n] = n > 0 ? (char)p[0] : 0;
		s->n++;
	}
	free(p);
}

static struct container_result
walk(const uint8_t *p, size_t n)
{
	static const struct container_ops ops = { .select = ask, .got = got };
	static const uint8_t sha256[32];
	struct evidence *ev = evidence_new(&test_limits);
	struct blob *b = ev_input(ev, "x.zip", true, p, n, sha256);
	struct container_result result;
	const struct problem *q;

	container_passwords(ev, passwords, npasswords);
	memset(&seen, 0, sizeof(seen));
	container_walk(ev, b, &ops, &seen, &result);
	worst = PROBLEM_NOTED;
	problems[0] = '\0';
	for (q = ev_problems(ev); q != NULL; q = q->next) {
		worst = q->level > worst ? q->level : worst;
		snprintf(problems + strlen(problems), sizeof(problems) -
		    strlen(problems), "%s\n", q->text);
	}
	evidence_free(ev);
	return result;
}

/* All members read, with their letters. */
static bool
all_good(size_t members, size_t size)
{
	size_t i;

	if (seen.n != members)
		return false;
	for (i = 0; i < members; i++)
		if (seen.states[i] != CONTAINER_OK || seen.sizes[i] != size ||
		    seen.first[i] != (char)('a' + i))
			return false;
	return true;
}

static void
formats(void)
{
	static const struct {
		const char	*format, *filter;
	} cases[] = {
		{ "zip", NULL }, { "7zip", NULL }, { "ustar", NULL },
		{ "pax", NULL }, { "ustar", "gzip" }, { "ustar", "bzip2" },
		{ "ustar", "xz" }, { "ustar", "zstd" }
	};
	struct container_result r;
	size_t i, n;
	uint8_t *p;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		p = container_make(cases[i].format, cases[i].filter, NULL,
		    NULL, 5, &n);
		r = walk(p, n);
		if (!tap_ok(all_good(5, 2000) && r.members == 5 &&
		    !r.damaged && !r.locked && *problems == '\0',
		    "%s, %s", cases[i].format, cases[i].filter != NULL ?
		    cases[i].filter : "no filter"))
			printf("# %zu members, %s", seen.n, problems);
		r = walk(p, n / 2);
		tap_ok(r.damaged && worst >= PROBLEM_PARTIAL, "its half");
		free(p);
	}
	p = container_make("raw", "gzip", NULL, NULL, 1, &n);
	walk(p, n);
	tap_ok(all_good(1, 2000) && strcmp(seen.names[0], "content") == 0,
	    "one compressed file");
	free(p);
}

static struct zip
zip_of(size_t members, bool deflated)
{
	struct zip z = { .comment = "a comment" };
	char name[32], data[3000];
	size_t i, j;

	for (i = 0; i < members; i++) {
		snprintf(name, sizeof(name), "raw/%zu_c.txt", i);
		for (j = 0; j < sizeof(data); j++)
			data[j] = (char)('a' + sample_random() % 17);
		data[0] = (char)('a' + i);
		zip_add(&z, name, data, sizeof(data), deflated);
	}
	zip_end(&z);
	return z;
}

static void
damage(void)
{
	struct zip z = zip_of(5, true), s = zip_of(5, false);
	struct container_result r;
	uint8_t *copy = malloc(z.n > s.n ? z.n : s.n);
	size_t part = (z.n - z.ncentral - 31) / 5;

	memcpy(copy, z.p, z.n);
	memset(copy + 2 * part + 60, 0xff, part / 2);
	r = walk(copy, z.n);
	tap_ok(seen.n == 5 && seen.states[2] == CONTAINER_DAMAGED && r.damaged &&
	    seen.states[1] == CONTAINER_OK && seen.states[3] == CONTAINER_OK &&
	    seen.states[4] == CONTAINER_OK && worst == PROBLEM_PARTIAL,
	    "one damaged member of five");
	memcpy(copy, s.p, s.n);
	copy[100] ^= 1;
	r = walk(copy, s.n);
	tap_ok(seen.n == 5 && seen.states[0] == CONTAINER_DAMAGED &&
	    seen.sizes[0] == 3000 && seen.states[1] == CONTAINER_OK &&
	    worst == PROBLEM_PARTIAL, "a wrong checksum keeps the bytes");
	r = walk(z.p, z.n - 40);
	tap_ok(seen.n == 5 && all_good(5, 3000) && r.damaged &&
	    worst == PROBLEM_PARTIAL, "no end of the directory");
	r = walk(z.p, 3 * part + part / 2);
	tap_ok(seen.n == 4 && seen.states[2] == CONTAINER_OK &&
	    seen.states[3] == CONTAINER_CUT && seen.sizes[3] < 3000 &&
	    r.damaged, "cut in the fourth member");
	r = walk((const uint8_t *)"PK\3\4", 4);
	tap_ok(seen.n == 0 && worst == PROBLEM_UNREADABLE, "four bytes");
	free(copy);
	free(z.p);
	free(s.p);
}

static void
audit_of(const char *name, const uint8_t *p, size_t n,
    const struct zip_audit *want)
{
	struct blob b = { .p = p, .n = n };
	struct zip_audit a;
	bool ok = zip_audit(&b, &a);

	if (!tap_ok(ok && a.entries == want->entries &&
	    a.overlapping == want->overlapping &&
	    a.duplicates == want->duplicates &&
	    a.mismatched == want->mismatched &&
	    a.encrypted == want->encrypted &&
	    a.junk_before == want->junk_before &&
	    a.junk_after == want->junk_after &&
	    a.truncated == want->truncated, "auditor: %s", name))
		printf("# entries %zu overlapping %zu duplicates %zu "
		    "mismatched %zu encrypted %zu before %zu after %zu "
		    "truncated %d\n", a.entries, a.overlapping, a.duplicates,
		    a.mismatched, a.encrypted, a.junk_before, a.junk_after,
		    a.truncated);
}

static void
audits(void)
{
	struct zip z = zip_of(3, false), o = { .comment = "" };
	uint8_t *p = malloc(z.n + 2000);
	struct blob b = { .p = z.p, .n = z.n };
	struct zip_audit a;
	size_t i;

	audit_of("a good ZIP", z.p, z.n, &(struct zip_audit){ .entries = 3 });
	tap_ok(zip_audit(&b, &a) && a.comment.len == 9 && memcmp(z.p +
	    a.comment.off, "a comment", 9) == 0, "the comment's place");
	memset(p, 'x', z.n + 2000);
	memcpy(p + 1000, z.p, z.n);
	audit_of("junk around", p, z.n + 2000, &(struct zip_audit){
	    .entries = 3, .junk_before = 1000, .junk_after = 1000 });
	walk(p, z.n + 2000);
	tap_ok(all_good(3, 3000) && worst == PROBLEM_NOTED,
	    "which hides nothing");
	memcpy(p, z.p, z.n);
	p[30 + 4] = '7';
	audit_of("two names", p, z.n, &(struct zip_audit){ .entries = 3,
	    .mismatched = 1 });
	audit_of("cut", z.p, z.n - 40, &(struct zip_audit){ .truncated = true });
	b.p = (const uint8_t *)"plain text";
	b.n = 10;
	tap_ok(!zip_audit(&b, &a) && !container_magic(&b), "no ZIP");
	/* Ten records for one member's bytes. */
	zip_text(&o, "a", "hello");
	for (i = 0; i < 9; i++)
		zip_central(&o, "a", 0, (uint32_t)crc32(0, (const Bytef *)
		    "hello", 5), 5, 5, 0);
	zip_end(&o);
	audit_of("overlaps", o.p, o.n, &(struct zip_audit){ .entries = 10,
	    .overlapping = 9, .duplicates = 9 });
	walk(o.p, o.n);
	tap_ok(worst == PROBLEM_PARTIAL && strstr(problems, "ZIP bomb") != NULL,
	    "overlaps are said");
	free(z.p);
	free(o.p);
	free(p);
}

static void
password(const char *name, const char *options)
{
	static const char *const wrong[] = { "no" }, *const right[] = { "yes" };
	static const char *const many[] = { "", "a", "b", "c", "d", "yes" };
	struct container_result r;
	size_t n;
	uint8_t *p = container_make("zip", NULL, options, "yes", 5, &n);

	if (p == NULL) {
		tap_ok(true, "%s # SKIP libarchive cannot write it", name);
		return;
	}
	npasswords = 0;
	r = walk(p, n);
	tap_ok(r.locked && worst == PROBLEM_LOCKED && seen.n == 5 &&
	    seen.states[0] == CONTAINER_LOCKED && strstr(problems,
	    "none was given") != NULL, "%s: no password", name);
	passwords = wrong;
	npasswords = 1;
	r = walk(p, n);
	tap_ok(r.locked && worst == PROBLEM_LOCKED && seen.n == 5 &&
	    seen.states[0] == CONTAINER_WRONG_PASSWORD && strstr(problems,
	    "no given password") != NULL, "%s: a wrong one", name);
	passwords = right;
	r = walk(p, n);
	tap_ok(!r.locked && all_good(5, 2000) && *problems == '\0',
	    "%s: the right one", name);
	passwords = many;
	npasswords = 6;
	r = walk(p, n);
	tap_ok(!r.locked && all_good(5, 2000), "%s: one of six", name);
	passwords = NULL;
	npasswords = 0;
	free(p);
}

static void
limits(void)
{
	struct zip z = zip_of(5, true);

	wanted = 10;
	walk(z.p, z.n);
	tap_ok(seen.n == 5 && seen.sizes[4] == 10 && seen.full[4] == 3000 &&
	    seen.states[4] == CONTAINER_OK && *problems == '\0',
	    "only the first ten bytes");
	wanted = 0;
	walk(z.p, z.n);
	tap_ok(seen.n == 5 && seen.states[4] == CONTAINER_LISTED,
	    "only the names");
	wanted = SIZE_MAX;
	limits_set(&test_limits, "body_bytes=1000");
	walk(z.p, z.n);
	tap_ok(seen.n == 5 && seen.sizes[4] == 1000 && worst == PROBLEM_LIMIT &&
	    seen.states[4] == CONTAINER_LIMIT, "members of 1,000 bytes");
	test_limits = limits_default;
	limits_set(&test_limits, "members=3");
	walk(z.p, z.n);
	tap_ok(seen.n == 3 && worst == PROBLEM_LIMIT, "three members");
	test_limits = limits_default;
	free(z.p);
}

static bool
is_c(const char *name, size_t n)
{
	return n > 4 && memcmp(name + n - 6, "_c.txt", 6) == 0;
}

static void
names(void)
{
	struct zip z = zip_of(3, true);
	struct blob b = { .p = z.p, .n = z.n };
	size_t n;
	uint8_t *p;

	tap_ok(container_any_name(&b, is_c), "a name in the directory");
	b.n -= 40;
	tap_ok(container_any_name(&b, is_c), "in a local header");
	p = container_make("7zip", NULL, NULL, NULL, 3, &n);
	b = (struct blob){ .p = p, .n = n };
	tap_ok(!container_any_name(&b, is_c), "not in a 7z");
	free(p);
	free(z.p);
}

static void
torture(void)
{
	static const char *const formats_of[] = { "zip", "7zip", "ustar" };
	struct zip z = zip_of(3, true);
	size_t i, n;
	uint8_t *p;

	sample_torture("x.zip", z.p, z.n, 400);
	free(z.p);
	for (i = 0; i < 3; i++) {
		p = container_make(formats_of[i], i == 2 ? "gzip" : NULL, NULL,
		    NULL, 3, &n);
		sample_torture("x", p, n, 200);
		free(p);
	}
	tap_ok(true, "damaged containers do no harm");
}

int
main(void)
{
	wanted = SIZE_MAX;
	test_limits = limits_default;
	formats();
	damage();
	audits();
	password("ZipCrypto", "zip:encryption=traditional");
	password("AES-128", "zip:encryption=aes128");
	password("AES-256", "zip:encryption=aes256");
	limits();
	names();
	torture();
	return tap_done();
}
