/*
 * A list of blocks, each filled from its start.  With ARENA_MALLOC (sanitizer
 * builds) every allocation is a block of its own, so that overruns are
 * detected.
 */
#include "config.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"

#ifdef ARENA_MALLOC
#define BLOCK_SIZE 0
#else
#define BLOCK_SIZE (16 * 1024) /* a check takes 5 KiB, a page needs more */
#endif

struct block {
	struct block *older;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

/* A list, newest block first.  arena_reset keeps the oldest block. */
struct arena {
	struct block *newest;
};

void
arena_exhausted(void)
{
	static const char words[] = "sessgate: out of memory\n";
	ssize_t ignored = write(2, words, sizeof(words) - 1);

	(void)ignored;
	_exit(EX_OSERR);
}

static struct block *
block_open(size_t size, struct block *older)
{
	struct block *block = calloc(1, sizeof(*block) + size);

	if (block == NULL)
		arena_exhausted();
	block->older = older;
	block->size = size;
	return block;
}

struct arena *
arena_open(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena != NULL)
		arena->newest = block_open(BLOCK_SIZE, NULL);
	return arena;
}

void
arena_reset(struct arena *arena)
{
	struct block *block = arena->newest;

	while (block->older != NULL) {
		struct block *older = block->older;

		explicit_bzero(block->bytes, block->used);
		free(block);
		block = older;
	}
	explicit_bzero(block->bytes, block->used);
	block->used = 0;
	arena->newest = block;
}

void
arena_close(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	free(arena->newest);
	free(arena);
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t rounded = (size + align - 1) / align * align;
	struct block *block = arena->newest;
	void *memory;

#ifdef ARENA_MALLOC
	rounded = size; /* not rounded, so that the sanitizer detects an overrun
			   by one byte */
#endif
	if (block->size - block->used < rounded || BLOCK_SIZE == 0) {
		size_t wanted = rounded > BLOCK_SIZE ? rounded : BLOCK_SIZE;

		block = block_open(wanted, block);
		arena->newest = block;
	}
	memory = block->bytes + block->used;
	block->used += rounded;
	return memory;
}

char *
arena_cstr(struct arena *arena, struct str s)
{
	char *copy = arena_alloc(arena, s.len + 1);

	if (s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

struct str
arena_dup(struct arena *arena, struct str s)
{
	if (str_is_none(s))
		return STR_NONE;
	return (struct str){ arena_cstr(arena, s), s.len };
}
