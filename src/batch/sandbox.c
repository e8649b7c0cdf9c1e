/*
 * Confines a worker in three independent layers: resource limits, Landlock
 * (no path can be opened, no port used) and a list of system calls beyond
 * which the worker ends.  Relies on raw system calls, because the C library
 * has no names for Landlock, and on libseccomp.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_SECCOMP
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#endif

#include "batch/sandbox.h"

/*
 * A sanitizer and gcov open files when they report, so that they would be
 * killed in place of saying what they found.
 */
#if defined(WITH_ASAN) || defined(WITH_GCOV)
#define CONFINED	0
#else
#define CONFINED	1
#endif

/* ---- limits ---- */

static bool
limit(int what, uint64_t soft, uint64_t hard)
{
	struct rlimit old, new = { (rlim_t)soft, (rlim_t)hard };

	/* One that is lower already stays. */
	if (getrlimit((__rlimit_resource_t)what, &old) == 0 &&
	    old.rlim_max != RLIM_INFINITY) {
		if (new.rlim_max > old.rlim_max)
			new.rlim_max = old.rlim_max;
		if (new.rlim_cur > new.rlim_max)
			new.rlim_cur = new.rlim_max;
	}
	return setrlimit((__rlimit_resource_t)what, &new) == 0;
}

bool
sandbox_limits(const struct limits *l, unsigned int spare)
{
	bool good = true;

	/* SIGXCPU first, so that the parent can tell why; then SIGKILL. */
	good &= limit(RLIMIT_CPU, l->cpu_s, l->cpu_s + 2);
	good &= limit(RLIMIT_FSIZE, l->output_bytes, l->output_bytes);
	good &= limit(RLIMIT_CORE, 0, 0);
	if (CONFINED) {
		good &= limit(RLIMIT_AS, l->memory_bytes, l->memory_bytes);
		good &= limit(RLIMIT_NOFILE, spare, spare);
	}
	return good;
}

/* ---- Landlock: linux/landlock.h, whose age would decide what we know ---- */

struct ruleset {
	uint64_t	 fs, net, scoped;
};

#define LANDLOCK_CREATE		444
#define LANDLOCK_RESTRICT	446
#define LANDLOCK_ASK_VERSION	1

/* Returns NULL, or why there is none. */
static const char *
landlock_enter(void)
{
	struct ruleset all = { 0, 0, 0 };
	size_t size;
	long abi;
	int fd;

	abi = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_ASK_VERSION);
	if (abi < 1)
		return errno == ENOSYS ? "not in this kernel" :
		    errno == EOPNOTSUPP ? "switched off" : strerror(errno);
	/* Every right that this version knows is handled, none is granted. */
	all.fs = abi >= 5 ? 0xffff : abi >= 3 ? 0x7fff : abi == 2 ? 0x3fff :
	    0x1fff;
	all.net = abi >= 4 ? 3 : 0;
	all.scoped = abi >= 6 ? 3 : 0;
	size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	fd = (int)syscall(LANDLOCK_CREATE, &all, size, 0);
	if (fd == -1)
		return strerror(errno);
	if (syscall(LANDLOCK_RESTRICT, fd, 0) == -1) {
		close(fd);
		return strerror(errno);
	}
	close(fd);
	return NULL;
}

/* ---- system calls ---- */

#ifdef HAVE_SECCOMP
/* What reading memory, answering and ending need; nothing opens or forks. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(recvmsg),
	SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(lseek), SCMP_SYS(_llseek),
	SCMP_SYS(close), SCMP_SYS(mmap2), SCMP_SYS(munmap),
	SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	SCMP_SYS(getrandom), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	SCMP_SYS(time), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(sched_yield), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigreturn),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
	SCMP_SYS(getrusage), SCMP_SYS(sysinfo), SCMP_SYS(exit),
	SCMP_SYS(exit_group)
};

/* What stdio asks of a descriptor and does without. */
static const int refused[] = {
	SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(newfstatat),
	SCMP_SYS(statx), SCMP_SYS(ioctl), SCMP_SYS(fcntl), SCMP_SYS(fcntl64)
};

/* Of a 64-bit argument, for BPF's 32-bit loads. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF	4
#else
#define LOW_HALF	0
#endif

/* Made once, before the first fork: a worker only hands it to the kernel. */
static struct sock_fprog	filter;
static const char		*no_filter = "not made";

static int
filter_rules(scmp_filter_ctx ctx)
{
	size_t i;
	int rc;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
		/* A call that this processor does not have. */
		if (rc != 0 && rc != -EDOM && rc != -EINVAL)
			return rc;
	}
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		(void)seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), refused[i],
		    0);
	/* Memory, but never executable (PROT_EXEC is 4). */
	rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, 4, 0));
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
		    1, SCMP_A2(SCMP_CMP_MASKED_EQ, 4, 0));
	/* abort(3); own_signals() sees to it that it is of itself. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill),
		    0);
	return rc;
}

/* The filter as the kernel takes it. */
static const char *
filter_make(struct sock_fprog *ret)
{
	/* A trap rather than a kill: the worker says which call it was. */
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);
	struct sock_filter *code = NULL;
	const char *why = "no filter could be made";
	int fd = memfd_create("filter", MFD_CLOEXEC), rc;
	struct stat st;

	if (ctx == NULL || fd == -1)
		goto out;
	rc = filter_rules(ctx);
	if (rc == 0)
		rc = seccomp_export_bpf(ctx, fd);
	if (rc != 0) {
		why = strerror(-rc);
		goto out;
	}
	if (fstat(fd, &st) == -1 || st.st_size <= 0 ||
	    (size_t)st.st_size / sizeof(*code) > BPF_MAXINSNS ||
	    (code = malloc((size_t)st.st_size)) == NULL ||
	    pread(fd, code, (size_t)st.st_size, 0) != st.st_size)
		goto out;
	*ret = (struct sock_fprog){ (unsigned short)((size_t)st.st_size /
	    sizeof(*code)), code };
	code = NULL;
	why = NULL;
out:
	free(code);
	if (fd != -1)
		close(fd);
	seccomp_release(ctx);
	return why;
}

/* Signals go to this process alone, whose number the filter cannot know. */
static bool
own_signals(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[0]) + LOW_HALF),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};
	struct sock_fprog own = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &own) == 0;
}

void
sandbox_prepare(void)
{
	if (CONFINED && filter.filter == NULL)
		no_filter = filter_make(&filter);
}

static const char *
seccomp_enter(void)
{
	if (filter.filter == NULL)
		return no_filter;
	return own_signals() && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
	    &filter) == 0 ? NULL : strerror(errno);
}

void
sandbox_call_name(int number, char *ret_name, size_t size)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE,
	    number);

	snprintf(ret_name, size, "%s", name != NULL ? name : "");
	free(name);
}
#else
void
sandbox_prepare(void)
{
}

static const char *
seccomp_enter(void)
{
	return "not built in";
}

void
sandbox_call_name(int number, char *ret_name, size_t size)
{
	(void)number;
	snprintf(ret_name, size, "%s", "");
}
#endif

/* ---- all of it ---- */

static void
absent(char *list, size_t size, const char *layer, const char *why)
{
	size_t n = strlen(list);

	if (why != NULL && n < size)
		snprintf(list + n, size - n, "%s%s (%s)", n > 0 ? ", " : "",
		    layer, why);
}

bool
sandbox_enter(char *ret_absent, size_t size)
{
	*ret_absent = '\0';
	if (!CONFINED) {
		absent(ret_absent, size, "all layers",
		    "built for tests with a sanitizer or gcov");
		return false;
	}
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		absent(ret_absent, size, "no-new-privs", strerror(errno));
	absent(ret_absent, size, "landlock", landlock_enter());
	absent(ret_absent, size, "seccomp", seccomp_enter());
	return *ret_absent == '\0';
}
