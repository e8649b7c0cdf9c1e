/*
 * What could not be read and which limits were reached: each problem with its
 * place, and what it makes of its input.  Relies on internal.h.
 */
#include <stdarg.h>
#include <string.h>

#include "evidence/evidence.h"
#include "evidence/internal.h"

/*
 * Mere notes have a number of their own: too many of them are no gap in the
 * coverage, and they do not crowd out what is one.
 */
static void
problem_add(struct evidence *ev, enum problem_level level, struct span at,
    const char *text)
{
	size_t *n = level == PROBLEM_NOTED ? &ev->nnotes : &ev->nproblems;
	struct problem *p;
	struct input *in;

	if (at.blob != BLOB_NONE) {
		in = &ev->inputs[ev_blob(ev, at.blob)->input];
		if (level == PROBLEM_UNREADABLE)
			in->state = INPUT_UNREADABLE;
		else if (level != PROBLEM_NOTED && in->state == INPUT_READ)
			in->state = INPUT_PARTIAL;
	}
	if ((*n)++ == ev->limits.problems) {
		if (level != PROBLEM_NOTED)
			level = PROBLEM_LIMIT;
		text = "problems: more of them are not noted one by one";
	} else if (*n > ev->limits.problems)
		return;
	p = arena_alloc(ev->arena, sizeof(*p));
	*p = (struct problem){ .level = level, .at = at, .text = text };
	*ev->problems_last = p;
	ev->problems_last = &p->next;
}

void
ev_problem(struct evidence *ev, enum problem_level level, struct span at,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_add(ev, level, at, arena_vprintf(ev->arena, fmt, ap));
	va_end(ap);
}

void
ev_damage(struct evidence *ev, struct span at, const char *fmt, ...)
{
	const struct blob *b = ev_blob(ev, at.blob);
	bool held = item_up(b->item, ITEM_ARCHIVE) != NULL;
	va_list ap;

	while (b->kind == BLOB_SLICE || b->kind == BLOB_STEP ||
	    b->kind == BLOB_COMPOSED)
		b = ev_blob(ev, b->from.blob);
	va_start(ap, fmt);
	problem_add(ev, b->kind == BLOB_INPUT && !held ? PROBLEM_PARTIAL :
	    PROBLEM_NOTED, at, arena_vprintf(ev->arena, fmt, ap));
	va_end(ap);
}

void
ev_limit(struct evidence *ev, struct span at, const char *name,
    const char *fmt, ...)
{
	const struct problem *p;
	const char *text;
	size_t n = strlen(name);
	va_list ap;

	for (p = ev->problems; p != NULL; p = p->next)
		if (p->level == PROBLEM_LIMIT &&
		    strncmp(p->text, name, n) == 0 && p->text[n] == ':')
			return;
	va_start(ap, fmt);
	text = arena_vprintf(ev->arena, fmt, ap);
	va_end(ap);
	problem_add(ev, PROBLEM_LIMIT, at,
	    arena_printf(ev->arena, "%s: %s", name, text));
}

const struct problem *
ev_problems(const struct evidence *ev)
{
	return ev->problems;
}
