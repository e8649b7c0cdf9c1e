/*
 * Archives that redact writes, read again: 7-Zip and RAR of both versions,
 * empty, with odd names, empty files, folders, times, damage, many members.
 * Relies on the library and on container.h to read.
 */
#include <locale.h>

#include "decode/container.h"
#include "redact/internal.h"
#include "redact/out.h"
#include "sample.h"

#define MANY	5000
/* 2023-03-29 15:11:21 UTC, an odd second. */
#define TIME	(((uint64_t)1680102681 + 11644473600) * 10000000)

struct again {
	const struct members *m;
	const char	*kind;
	size_t		 n, names, bytes, times, folders, damaged;
};

static size_t
ask(void *ctx, const struct container_entry *e)
{
	(void)ctx;
	(void)e;
	return SIZE_MAX;
}

/* Without the '/' that may end a folder's. */
static size_t
length(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && name[n - 1] == '/' ? n - 1 : n;
}

static void
got(void *ctx, const struct container_entry *e, enum container_state state,
    uint8_t *p, size_t n, size_t full)
{
	struct again *a = ctx;
	const struct member *v = &a->m->v[a->n];

	(void)full;
	if (a->n++ < a->m->n) {
		a->names += length(v->name) == length(e->name) &&
		    memcmp(e->name, v->name, length(v->name)) == 0;
		a->bytes += n == v->n && (n == 0 || memcmp(p, v->p, n) == 0);
		a->times += e->mtime == v->mtime;
		a->folders += e->directory == v->directory;
		a->damaged += state == CONTAINER_DAMAGED;
	}
	free(p);
}

/* The problems that reading says; -1: it is not what was written. */
static int
read_again(const char *kind, const struct members *m, const uint8_t *p,
    size_t n, struct again *ret)
{
	static const struct container_ops ops = { .select = ask, .got = got };
	static const uint8_t none[32];
	struct evidence *ev = evidence_new(&limits_default);
	struct blob *b = ev_input(ev, kind, true, p, n, none);
	struct container_result result;
	const struct problem *q;
	int problems = 0;

	*ret = (struct again){ .m = m, .kind = kind };
	container_walk(ev, b, &ops, ret, &result);
	for (q = ev_problems(ev); q != NULL; q = q->next) {
		printf("# %s: %s\n", kind, q->text);
		problems++;
	}
	evidence_free(ev);
	return ret->n == m->n && ret->names == m->n && ret->bytes == m->n &&
	    ret->times == m->n && ret->folders == m->n ? problems : -1;
}

static const char *const written_kinds[] = { "7z", "rar4", "rar5" };

static uint8_t *
write_kind(size_t kind, const struct members *m, size_t *ret_n)
{
	return kind == 0 ? sevenz_write(m, ret_n) : rar_write(m, kind == 2,
	    ret_n);
}

static int
both(size_t kind, const struct members *m, struct again *ret)
{
	size_t n = 0;
	uint8_t *p = write_kind(kind, m, &n);
	int rc;

	if (p == NULL)
		return -1;
	rc = read_again(written_kinds[kind], m, p, n, ret);
	free(p);
	return rc;
}

static struct member
member(const char *name, const char *text)
{
	struct member v = { .name = (char *)(uintptr_t)name,
	    .p = (uint8_t *)(uintptr_t)text, .n = text != NULL ?
	    strlen(text) : 0, .directory = text == NULL, .mtime = TIME };

	/* 15:11:20, and RAR says that it is a second later. */
	v.date = 43 << 9 | 3 << 5 | 29;
	v.time = 15 << 11 | 11 << 5 | 10;
	return v;
}

static void
test_kind(size_t kind)
{
	static struct member v[MANY];
	static char names[MANY][24];
	struct members m = { .v = v, .n = 0 };
	struct again a;
	size_t i;

	printf("# %s\n", written_kinds[kind]);
	tap_is_number(both(kind, &m, &a), 0, "empty");
	v[m.n++] = member("folder", NULL);
	v[m.n++] = member("folder/one.txt", "one");
	v[m.n++] = member("folder/empty.txt", "");
	v[m.n++] = member("folder/deep/J\xc3\xbcrgen \xe2\x82\xac.txt", "two");
	v[m.n++] = member("\xf0\x9f\x94\x91\xf0\x9f\x94\x92.key", "three");
	v[m.n++] = member("\xd0\x98\xd1\x80\xd0\xb8", "four");
	v[m.n++] = member("A name with spaces, and more than eight", "5");
	tap_is_number(both(kind, &m, &a), 0, "names, folders, times, bytes");
	for (i = 1; i < m.n; i += 2)
		v[i].mtime = 0;
	(void)both(kind, &m, &a);
	tap_ok(a.times >= m.n / 2, "some without a time");
	v[1].damaged = true;
	(void)both(kind, &m, &a);
	tap_ok(a.damaged == 1 && a.bytes == m.n, "one stays damaged");
	v[0].name = (char *)(uintptr_t)"folder/";
	m.n = 1;
	tap_is_number(both(kind, &m, &a), 0, "only a folder");
	v[0] = member("empty", "");
	tap_is_number(both(kind, &m, &a), 0, "only an empty file");
	m.cut = true;
	tap_ok(both(kind, &m, &a) == (kind == 0 ? 0 : 1),
	    "one that was cut behind it");
	m.n = 0;
	tap_is_number(both(kind, &m, &a), 1, "one that was cut before all");
	m.cut = false;
	for (i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "d%zu/f%zu", i / 100, i);
		v[i] = member(names[i], i % 3 == 0 ? "" : names[i]);
	}
	m.n = MANY;
	tap_is_number(both(kind, &m, &a), 0, "many members");
}

/* What no writer can put into its kind. */
static void
test_too_large(void)
{
	static char name[70000];
	struct member v = member(name, "x");
	struct members m = { .v = &v, .n = 1 };
	size_t n;

	memset(name, 'n', sizeof(name) - 1);
	tap_ok(rar_write(&m, false, &n) == NULL && n == 0,
	    "a name that is too long for RAR");
	tap_ok(rar_write(&m, true, &n) == NULL && n == 0, "and for RAR 5");
	v.name = (char *)(uintptr_t)"x";
	v.n = (size_t)UINT32_MAX + 1;
	tap_ok(rar_write(&m, false, &n) == NULL && n == 0,
	    "a member that is too large for RAR");
}

static void
test_numbers(void)
{
	struct out o = { .n = 0 };
	uint16_t date, time;

	tap_ok(!out_utf16(&o, "a\xc0\x80\xff", 4) && o.n == 8 &&
	    memcmp(o.p, "a\0\xfd\xff\xfd\xff\xfd\xff", 8) == 0,
	    "what is no UTF-8 has a character of its own");
	o.n = 0;
	tap_ok(!out_utf16(&o, "\xed\xa0\x80", 3), "nor is half a character");
	tap_ok(!out_utf16(&o, "\xe2\x82", 2), "nor one that is cut");
	o.n = 0;
	tap_ok(out_utf16(&o, "\xf0\x9f\x94\x91", 4) && o.n == 4 &&
	    memcmp(o.p, "\x3d\xd8\x11\xdd", 4) == 0, "two units for one");
	free(o.p);
	dos_time(0, &date, &time);
	tap_ok(date == 0x21 && time == 0, "no time is 1980");
	dos_time(UINT64_MAX, &date, &time);
	tap_ok(date == 0x21 && time == 0, "nor is one far away");
	dos_time(TIME, &date, &time);
	tap_ok(date == (43 << 9 | 3 << 5 | 29) &&
	    time == (15 << 11 | 11 << 5 | 10), "a time of DOS");
	tap_ok(out_crc((const uint8_t *)"123456789", 9) == 0xcbf43926,
	    "the sum of the nine digits");
}

int
main(void)
{
	size_t i;

	setenv("TZ", "UTC0", 1);
	(void)setlocale(LC_CTYPE, "C.UTF-8");	/* names of 7-Zip */
	for (i = 0; i < 3; i++)
		test_kind(i);
	test_too_large();
	test_numbers();
	return tap_done();
}
