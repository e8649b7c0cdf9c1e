/*
 * What the attempts of the case, device by device, say of its outcome.
 * Relies on correlate/same_device.c; without its facts on the asked authority.
 */
#include <stdlib.h>
#include <string.h>

#include "correlate/attempt.h"
#include "judge/internal.h"

const char *
attempt_state(const struct item *attempt)
{
	return attempt == NULL ? NULL : item_text(attempt, &attempt_outcome);
}

bool
attempt_is(const struct item *attempt, const char *state)
{
	const char *s = attempt_state(attempt);

	return s != NULL && strcmp(s, state) == 0;
}

/* Those without a time come first; equals as the correlators found them. */
static int
by_time(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a;
	const struct item *y = *(struct item *const *)b;
	int64_t s = item_number(x, &attempt_time, INT64_MIN);
	int64_t t = item_number(y, &attempt_time, INT64_MIN);

	if (s != t)
		return s < t ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

struct item **
attempts_ordered(struct evidence *ev, size_t *ret_n)
{
	struct item *it, **list;
	size_t n = 0;

	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		n++;
	list = arena_alloc(ev_arena(ev), (n + 1) * sizeof(*list));
	n = 0;
	for (it = ev_first(ev, ITEM_ATTEMPT); it != NULL; it = it->next)
		list[n++] = it;
	if (n > 1)
		qsort(list, n, sizeof(*list), by_time);
	*ret_n = n;
	return list;
}

bool
attempt_same_device(const struct item *a, const struct item *b)
{
	const struct fact *x = item_fact(a, &attempt_device);
	const struct fact *y = item_fact(b, &attempt_device);

	if (x == NULL || y == NULL) {
		/* A chip keeps its EK issuer. */
		x = item_fact(a, &attempt_id);
		y = item_fact(b, &attempt_id);
	}
	return x == NULL || y == NULL || value_equal(&x->value, &y->value);
}

bool
attempt_overtaken(struct item **attempts, size_t n, const struct item *at)
{
	size_t i;

	for (i = 0; i < n && attempts[i] != at; i++)
		continue;
	for (i++; i < n; i++)
		if (attempt_is(attempts[i], "succeeded") &&
		    attempt_same_device(attempts[i], at))
			return true;
	return false;
}

struct item *
attempt_last_failed(struct item **attempts, size_t n)
{
	struct item *last = NULL;
	size_t i;

	for (i = n; i-- > 0;) {
		if (!attempt_is(attempts[i], "failed"))
			continue;
		if (!attempt_overtaken(attempts, n, attempts[i]))
			return attempts[i];
		if (last == NULL)
			last = attempts[i];
	}
	return last;
}

const struct item *
attempt_last_of_device(struct item **attempts, size_t n,
    const struct item *at)
{
	size_t k;

	for (k = n; k-- > 0 && attempts[k] != at;)
		if (attempt_same_device(attempts[k], at))
			return attempts[k];
	return at;
}

enum outcome
attempts_outcome(struct item **attempts, size_t n)
{
	size_t i;

	/* One device's success says nothing about another's failure. */
	for (i = 0; i < n; i++)
		if (attempt_is(attempts[i], "failed") &&
		    !attempt_is(attempt_last_of_device(attempts, n,
		    attempts[i]), "succeeded"))
			return OUTCOME_FAILED;
	return n > 0 && attempt_is(attempts[n - 1], "succeeded") ?
	    OUTCOME_SUCCEEDED : OUTCOME_UNDETERMINED;
}

size_t
attempts_devices(struct item **attempts, size_t n, const char *state)
{
	size_t i, k, devices = 0;

	for (i = 0; i < n; i++) {
		for (k = 0; k < i; k++)
			if (attempt_same_device(attempts[k], attempts[i]))
				break;
		devices += k == i && (state == NULL ||
		    attempt_is(attempt_last_of_device(attempts, n,
		    attempts[i]), state));
	}
	return devices;
}
