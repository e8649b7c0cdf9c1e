/*
 * Bump allocation in blocks that double up to 1 MiB.
 * Relies on malloc(3); without memory the process ends.
 */
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/arena.h"

#define BLOCK_FIRST	((size_t)16 << 10)
#define BLOCK_MAX	((size_t)1 << 20)

struct block {
	struct block	*next;
	size_t		 used, size;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block	*blocks;
	size_t		 block_size;
	size_t		 total;
};

static void *
memory_or_end(size_t n)
{
	void *p = malloc(n);

	if (p == NULL) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	return p;
}

struct arena *
arena_new(void)
{
	struct arena *a = memory_or_end(sizeof(*a));

	*a = (struct arena){ .block_size = BLOCK_FIRST };
	return a;
}

void
arena_free(struct arena *a)
{
	struct block *b, *next;

	if (a == NULL)
		return;
	for (b = a->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

static struct block *
block_add(struct arena *a, size_t n)
{
	struct block *b;
	size_t size = a->block_size;

	if (n > size)
		size = n;
	else if (a->block_size < BLOCK_MAX)
		a->block_size *= 2;
	if (size > SIZE_MAX - sizeof(*b))
		size = SIZE_MAX - sizeof(*b);	/* malloc will refuse it */
	b = memory_or_end(sizeof(*b) + size);
	b->used = 0;
	b->size = size;
	/* A block for one large piece stands behind the one in use. */
	if (n == size && a->blocks != NULL) {
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		b->next = a->blocks;
		a->blocks = b;
	}
	return b;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	struct block *b = a->blocks;
	void *p;

	if (n > SIZE_MAX - align) {
		fputs("aiktriage: out of memory\n", stderr);
		_Exit(3);
	}
	n = (n + align - 1) / align * align;
	if (n == 0)
		n = align;
	if (b == NULL || n > b->size - b->used)
		b = block_add(a, n);
	p = b->data + b->used;
	b->used += n;
	a->total += n;
	return memset(p, 0, n);
}

void *
arena_copy(struct arena *a, const void *p, size_t n)
{
	void *to = arena_alloc(a, n);

	if (n > 0)
		memcpy(to, p, n);
	return to;
}

char *
arena_text(struct arena *a, const char *p, size_t n)
{
	char *to = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(to, p, n);
	return to;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *to;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return arena_text(a, "", 0);
	to = arena_alloc(a, (size_t)n + 1);
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	return to;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *to;

	va_start(ap, fmt);
	to = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return to;
}

size_t
arena_size(const struct arena *a)
{
	return a->total;
}
