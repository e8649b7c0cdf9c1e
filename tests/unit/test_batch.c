/*
 * The worker of a case: what it may do, and what the parent says when it
 * crashes, loops, grows or calls what the sandbox refuses.
 * Relies on batch/ and on the callback of commands to misbehave in the child.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "batch/case.h"
#include "batch/listing.h"
#include "options.h"
#include "tap.h"

#if defined(WITH_ASAN) || defined(WITH_GCOV)
#define CONFINED	0
#else
#define CONFINED	1
#endif

#ifdef HAVE_SECCOMP
#define HAVE_FILTER	1
#else
#define HAVE_FILTER	0
#endif

static char	folder[] = "/tmp/aiktriage-batch.XXXXXX";

static void
file_make(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		abort();
}

/* ---- what the child does ---- */

static int
emit_digest(struct evidence *ev, const struct judgement *j, FILE *to,
    void *arg)
{
	const struct input *inputs;
	size_t n, i;

	(void)j;
	(void)arg;
	inputs = ev_inputs(ev, &n);
	for (i = 0; i < n; i++)
		fprintf(to, "%s %llu %02x;", inputs[i].path,
		    (unsigned long long)inputs[i].size, inputs[i].sha256[0]);
	return 0;
}

static int
emit_crash(struct evidence *ev, const struct judgement *j, FILE *to, void *arg)
{
	(void)ev;
	(void)j;
	(void)to;
	(void)arg;
	abort();
}

static int
emit_loop(struct evidence *ev, const struct judgement *j, FILE *to, void *arg)
{
	volatile unsigned int n = 0;

	(void)ev;
	(void)j;
	(void)to;
	(void)arg;
	for (;;)
		n++;
	return 0;
}

static int
emit_open(struct evidence *ev, const struct judgement *j, FILE *to, void *arg)
{
	(void)ev;
	(void)j;
	(void)to;
	return open(arg, O_RDONLY) == -1;
}

static int
emit_connect(struct evidence *ev, const struct judgement *j, FILE *to,
    void *arg)
{
	(void)ev;
	(void)j;
	(void)to;
	(void)arg;
	return socket(AF_INET, SOCK_STREAM, 0) == -1;
}

static int
emit_fork(struct evidence *ev, const struct judgement *j, FILE *to, void *arg)
{
	(void)ev;
	(void)j;
	(void)to;
	(void)arg;
	return fork() == -1;
}

static int
emit_grow(struct evidence *ev, const struct judgement *j, FILE *to, void *arg)
{
	int i;

	(void)j;
	(void)to;
	(void)arg;
	for (i = 0; i < 4096; i++)
		memset(arena_alloc(ev_arena(ev), 1 << 20), 1, 1 << 20);
	return 0;
}

/* ---- running it ---- */

static char	output[1024];

static int
run(case_emit *emit, void *arg, uint64_t wall_s, struct case_result *result)
{
	char *paths[] = { folder };
	struct case_job job;
	ssize_t n;
	int rc;

	case_job_init(&job);
	job.paths = paths;
	job.npaths = 1;
	job.limits.wall_s = wall_s;
	job.limits.memory_bytes = UINT64_C(1) << 30;
	job.emit = emit;
	job.emit_arg = arg;
	job.emit_fd = memfd_create("test", MFD_CLOEXEC);
	rc = case_run(&job, result);
	n = pread(job.emit_fd, output, sizeof(output) - 1, 0);
	output[n > 0 ? n : 0] = '\0';
	close(job.emit_fd);
	return rc;
}

static void
ends(case_emit *emit, void *arg, uint64_t wall_s, const char *why,
    const char *name)
{
	struct case_result result;

	tap_ok(run(emit, arg, wall_s, &result) == 0, "%s: has a result", name);
	tap_is_number(result.exit_status, 3, "its status is 3");
	if (!tap_ok(strstr(result.died, why) != NULL, "it says \"%s\"", why))
		printf("# %s\n", result.died);
}

static void
test_listing(void)
{
	struct listing l;
	char path[160];

	listing_init(&l, 100);
	listing_add(&l, folder);
	snprintf(path, sizeof(path), "%s/a", folder);
	listing_add(&l, path);
	listing_add(&l, path);
	listing_finish(&l);
	tap_is_number((long long)l.n, 4, "two files and one named twice");
	tap_is_text(strchr(l.v[0].shown, '/'), "/a", "sorted");
	tap_is_text(strchr(l.v[1].shown, '/'), "/b", "by name");
	tap_is_text(l.v[2].shown, "a", "a named file is its last component");
	tap_is_text(l.v[3].shown, "a#2", "a clash is numbered");
	tap_ok(!l.v[0].named && l.v[2].named, "named or found");
	listing_clear(&l);

	listing_init(&l, 1);
	listing_add(&l, folder);
	tap_ok(l.full && l.n == 1, "a limit of files");
	listing_clear(&l);
}

static void
test_time(void)
{
	static const struct {
		const char	*text;
		bool		 good;
		int64_t		 seconds;
	} times[] = {
		{ "1970-01-01", true, 0 },
		{ "2023-03-29T08:00:00Z", true, 1680076800 },
		{ "2023-03-29T10:00:00+02:00", true, 1680076800 },
		{ "2024-02-29", true, 1709164800 },
		{ "2023-02-29", false, 0 },
		{ "2023-13-01", false, 0 },
		{ "2023-03-29T08:00:00", false, 0 },
		{ "2023-03-29T24:00:00Z", false, 0 },
		{ "yesterday", false, 0 },
		{ "", false, 0 }
	};
	int64_t us;
	size_t i;
	bool good;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		good = options_time(times[i].text, &us);
		tap_ok(good == times[i].good && us == times[i].seconds *
		    1000000, "time \"%s\"", times[i].text);
	}
}

int
main(void)
{
	struct case_result result;
	char secret[] = "/etc/passwd", path[160];

	if (mkdtemp(folder) == NULL)
		abort();
	file_make("b", "two");
	file_make("a", "one");
	tap_plan(0);
	test_listing();
	test_time();
	case_warm();

	tap_ok(run(emit_digest, NULL, 60, &result) == 0, "a case is run");
	tap_is_number(result.exit_status, 0, "with status 0");
	tap_is_text(result.died, "", "to its end");
	tap_ok(strstr(output, "/a 3 76;") != NULL &&
	    strstr(output, "/b 3 3f;") != NULL, "sizes and digests are right");

	ends(emit_crash, NULL, 60, "crashed: ", "a crash");
	ends(emit_loop, NULL, 1, "more than 1 seconds", "a loop");
	if (CONFINED) {
		ends(emit_grow, NULL, 60, "memory", "growing");
		if (HAVE_FILTER) {
			ends(emit_open, secret, 60, "system call",
			    "opening a file");
			ends(emit_connect, NULL, 60, "system call",
			    "a socket");
			ends(emit_fork, NULL, 60, "system call", "a fork");
		}
	}
	snprintf(path, sizeof(path), "%s/a", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/b", folder);
	unlink(path);
	rmdir(folder);
	return tap_done();
}
