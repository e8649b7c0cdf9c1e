/*
 * The values of options: words, numbers, severities, times and lists of them;
 * a mistake says what was found and what was wanted.
 * Relies on option_table.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "option_table.h"

int
option_true(struct options *o, const struct option_info *info,
    const char *arg)
{
	(void)arg;
	*(bool *)((char *)o + info->at) = true;
	return OPTION_SET;
}

int
option_text(struct options *o, const struct option_info *info,
    const char *arg)
{
	*(const char **)((char *)o + info->at) = arg;
	return OPTION_SET;
}

int
words_place(const char *words, const char *word, const char **ret_want)
{
	static char want[128];
	const char *p = words, *end;
	size_t n = strlen(word), len;
	int i;

	want[0] = '\0';
	*ret_want = want;
	for (i = 0; *p != '\0'; i++, p = *end == '|' ? end + 1 : end) {
		end = p + strcspn(p, "|");
		len = (size_t)(end - p);
		if (len == n && memcmp(p, word, n) == 0)
			return i;
		snprintf(want + strlen(want), sizeof(want) - strlen(want),
		    "%s%.*s", i == 0 ? "" : *end == '|' ? ", " : " or ",
		    (int)len, p);
	}
	return -1;
}

int
option_word(const struct option_info *info, const char *word)
{
	const char *want;
	int i = words_place(info->argument, word, &want);

	if (i == -1)
		log_error("--%s: \"%s\", want %s", info->name, word, want);
	return i;
}

int
option_number(const struct option_info *info, const char *word, uint64_t most,
    uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(word, &end, 10);
	if (errno == 0 && *word >= '0' && *word <= '9' && *end == '\0' &&
	    *ret >= 1 && *ret <= most)
		return 0;
	log_error("--%s: \"%s\", want a number from 1 to %llu",
	    info->name, word, (unsigned long long)most);
	return -1;
}

int
option_severity(const struct option_info *info, const char *word,
    enum severity *ret)
{
	int i;

	for (i = SEVERITY_NOTE; i <= SEVERITY_ERROR; i++)
		if (strcmp(word, severity_names[i]) == 0) {
			*ret = (enum severity)i;
			return 0;
		}
	log_error("--%s: \"%s\" is no severity, want note, warning or error",
	    info->name, word);
	return -1;
}

void *
option_list_add(void *list, size_t n, size_t size)
{
	list = reallocarray(list, n + 1, size);
	if (list == NULL) {
		log_error("out of memory");
		exit(EXIT_INCOMPLETE);
	}
	return list;
}

int
option_words_add(const char ***words, size_t *n, const char *word)
{
	*words = option_list_add(*words, *n, sizeof(**words));
	(*words)[(*n)++] = word;
	return OPTION_SET;
}

/* n digits; false if there are fewer. */
static bool
digits(const char **p, int n, int *ret)
{
	for (*ret = 0; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*ret = *ret * 10 + (**p - '0');
	}
	return true;
}

bool
options_time(const char *text, int64_t *ret_us)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31 };
	int y, mon, d, h = 0, m = 0, s = 0, zh, zm, sign, last;
	int64_t us = 0, unit;
	const char *p = text;

	*ret_us = 0;
	if (!digits(&p, 4, &y) || *p++ != '-' || !digits(&p, 2, &mon) ||
	    *p++ != '-' || !digits(&p, 2, &d) || mon < 1 || mon > 12)
		return false;
	last = days[mon - 1] + (mon == 2 &&
	    ((y % 4 == 0 && y % 100 != 0) || y % 400 == 0));
	if (d < 1 || d > last)
		return false;
	if (*p == 'T' || *p == 't' || *p == ' ') {
		p++;
		if (!digits(&p, 2, &h) || *p++ != ':' || !digits(&p, 2, &m) ||
		    *p++ != ':' || !digits(&p, 2, &s) || h > 23 || m > 59 ||
		    s > 60)
			return false;
		if (*p == '.')
			for (p++, unit = 100000; *p >= '0' && *p <= '9'; p++) {
				us += (*p - '0') * unit;
				unit /= 10;
			}
		if (*p == '+' || *p == '-') {
			sign = *p++ == '+' ? 1 : -1;
			if (!digits(&p, 2, &zh) || *p++ != ':' ||
			    !digits(&p, 2, &zm) || zh > 23 || zm > 59)
				return false;
			us -= sign * INT64_C(60000000) * (zh * 60 + zm);
		} else if (*p == 'Z' || *p == 'z')
			p++;
		else
			return false;
	}
	if (*p != '\0')
		return false;
	*ret_us = time_make(y, mon, d, h, m, s) + us;
	return true;
}
