/*
 * Makes many cases in one go, several at a time: a file of scenarios, one
 * after another, each in a child of its own, so that the keys are read once
 * and no case sees what was before it.  Relies on fork(2).
 */
#include "forge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void __attribute__((noreturn))
one(char *text, const char *file, const char *dir)
{
	struct scenario s;
	char path[4096], *name;

	memset(&s, 0, sizeof(s));
	name = xstrdup(text);
	name[strcspn(name, "\n")] = '\0';
	die_where = name;
	scenario_parse(&s, text, file);
	if (option(&s.lines[0], "to", NULL) == NULL)
		die("the case has no to=NAME");
	snprintf(path, sizeof(path), "%s/%s", dir,
	    option(&s.lines[0], "to", NULL));
	if (mkdir(path, 0777) == -1)
		die("%s: %s", path, strerror(errno));
	case_write(&s, path);
	_exit(0);
}

/* One of them has ended; true: well. */
static bool
reap(void)
{
	int status;

	while (wait(&status) == -1)
		if (errno != EINTR)
			die("wait: %s", strerror(errno));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Where the next scenario begins, or NULL; blank lines may come before it. */
static char *
next_case(char *text)
{
	for (; text != NULL; text = strchr(text, '\n')) {
		text += strspn(text, "\n");
		if (strncmp(text, "case ", 5) == 0)
			return text;
	}
	return NULL;
}

int
many(const char *jobs, const char *file, const char *dir)
{
	struct buf b = { NULL, 0, 0 };
	long most = strtol(jobs, NULL, 10), busy = 0;
	char *text, *next;
	bool good = true;
	pid_t pid;

	buf_read_file(&b, file);
	buf_byte(&b, 0);
	if (mkdir(dir, 0777) == -1 && errno != EEXIST)
		die("%s: %s", dir, strerror(errno));
	keys_load();
	for (text = next_case((char *)b.p); good && text != NULL;
	    text = next) {
		next = next_case(text + 1);
		if (busy >= most) {
			good = reap();
			busy--;
		}
		pid = fork();
		if (pid == -1)
			die("fork: %s", strerror(errno));
		if (pid == 0) {
			if (next != NULL)
				next[-1] = '\0';
			one(text, file, dir);
		}
		busy++;
	}
	for (; busy > 0; busy--)
		good &= reap();
	buf_free(&b);
	return good ? 0 : 1;
}
