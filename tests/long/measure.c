/*
 * measure [-o FILE] COMMAND...: runs the command and adds one line to FILE
 * (or standard error): wall, user and system seconds, and the kilobytes that
 * the largest of its processes had in memory at a time.
 * Relies on wait4(2), whose figures include all descendants that were waited
 * for.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	struct timespec begin, end;
	struct rusage used;
	FILE *out = stderr;
	int i = 1, status;
	pid_t pid;

	if (argc > 2 && strcmp(argv[1], "-o") == 0) {
		out = fopen(argv[2], "a");
		i = 3;
	}
	if (out == NULL || i >= argc) {
		fprintf(stderr, "usage: measure [-o FILE] COMMAND...\n");
		return 125;
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	pid = fork();
	if (pid == 0) {
		execvp(argv[i], argv + i);
		fprintf(stderr, "measure: %s: %s\n", argv[i],
		    strerror(errno));
		_exit(127);
	}
	if (pid == -1 || wait4(pid, &status, 0, &used) == -1) {
		fprintf(stderr, "measure: %s\n", strerror(errno));
		return 125;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	fprintf(out, "%.4f %.4f %.4f %ld\n", (double)(end.tv_sec -
	    begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
	    seconds(used.ru_utime), seconds(used.ru_stime), used.ru_maxrss);
	fclose(out);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}
