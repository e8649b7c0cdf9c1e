/*
 * Reads an input's bytes and enters it into the evidence, with the reason
 * where there are none.  Relies on worker.h and OpenSSL's SHA-256.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "batch/worker.h"
#include "decode/parser.h"

#define READ_FIRST	((size_t)64 << 10)
#define READ_WATCHED	((size_t)4 << 20)	/* at a time */

int
input_read(int fd, uint64_t size, uint64_t max, struct meter *meter,
    struct input_bytes *ret)
{
	size_t room, want, n = 0;
	uint8_t *p, *larger;
	ssize_t got;
	int error = 0;

	*ret = (struct input_bytes){ NULL, 0, false };
	if (max > SIZE_MAX / 4)
		max = SIZE_MAX / 4;
	/* One more than its size, so that its end is seen without growing. */
	room = size == 0 ? READ_FIRST : (size_t)(size < max ? size : max) + 1;
	p = malloc(room);
	while (p != NULL) {
		if (n == room) {
			room *= 2;
			larger = realloc(p, room);
			if (larger == NULL)
				free(p);
			p = larger;
			continue;
		}
		want = room - n;
		if (meter != NULL && want > READ_WATCHED)
			want = READ_WATCHED;
		got = read(fd, p + n, want);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			error = errno;
		if (got <= 0)
			break;
		n += (size_t)got;
		if (meter != NULL)
			meter->bytes += (uint64_t)got;
		if (n > max) {
			ret->more = true;
			n = (size_t)max;
			break;
		}
	}
	if (p == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(WORKER_MEMORY);
	}
	if (error != 0) {
		free(p);
		return error;
	}
	/* Exactly as long as its bytes: an overrun is then seen in tests. */
	larger = realloc(p, n > 0 ? n : 1);
	ret->p = larger != NULL ? larger : p;
	ret->n = n;
	return 0;
}

void
input_sha256(const void *p, size_t n, uint8_t sha256[32])
{
	if (EVP_Digest(p, n, sha256, NULL, EVP_sha256(), NULL) != 1)
		memset(sha256, 0, 32);
}

void
input_add(struct evidence *ev, const struct listed *in, int error,
    const struct input_bytes *bytes, const uint8_t sha256[32])
{
	struct blob *b;

	b = ev_input(ev, in->shown, in->named, bytes->p, bytes->n, sha256);
	/* An empty file may still say something by a name that Windows gave. */
	if (error != 0 || in->odd != NULL)
		b->queued = false;	/* there is nothing to bid for */
	if (in->odd != NULL) {
		ev_problem(ev, PROBLEM_NOTED, blob_span(b), "%s", in->odd);
		ev_input_of(ev, b)->state = INPUT_SKIPPED;
	} else if (error != 0)
		ev_problem(ev, PROBLEM_UNREADABLE, blob_span(b),
		    "could not be read: %s", strerror(error));
	else if (bytes->n == 0) {
		ev_problem(ev, PROBLEM_NOTED, blob_span(b), "is empty");
		ev_input_of(ev, b)->state = INPUT_SKIPPED;
	}
	if (bytes->more)
		ev_limit(ev, blob_span(b), "input_bytes", "only the first "
		    "%zu bytes of the file are read", bytes->n);
}

void
inputs_settle(struct evidence *ev)
{
	const struct input *inputs;
	struct blob *b;
	size_t n, i;

	inputs = ev_inputs(ev, &n);
	for (i = 0; i < n; i++) {
		b = ev_blob(ev, inputs[i].blob);
		if (inputs[i].state != INPUT_READ || b->parser != NULL)
			continue;
		if (inputs[i].named)
			ev_problem(ev, PROBLEM_NOTED, blob_span(b),
			    "was not understood: nothing in its %zu bytes is "
			    "known", b->n);
		ev_input_of(ev, b)->state = INPUT_SKIPPED;
	}
}

int
inputs_exit_status(const struct evidence *ev)
{
	const struct problem *p;
	const struct input *inputs;
	size_t n, i;

	for (p = ev_problems(ev); p != NULL; p = p->next)
		if (p->level != PROBLEM_NOTED)
			return 3;
	inputs = ev_inputs(ev, &n);
	for (i = 0; i < n; i++)
		if (inputs[i].state == INPUT_PARTIAL ||
		    inputs[i].state == INPUT_UNREADABLE ||
		    (inputs[i].state == INPUT_SKIPPED && inputs[i].named))
			return 3;
	return 0;
}
