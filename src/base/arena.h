#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

#include "base/str.h"

/*
 * The memory of one request: taken piece by piece, given back all at once.
 * A worker owns one for its life; no arena is shared between threads.
 *
 * Memory from an arena is zeroed, aligned for any type, and lives until the
 * next arena_reset.  arena_reset wipes it, so that passwords and tokens of
 * one request are gone before the next.
 *
 * arena_alloc never returns NULL.  What one request can ask for is bounded by
 * the limits on parameters, body and stored values (a few hundred KiB); where
 * the kernel refuses even that the process says so and exits with 71, for its
 * supervisor to start anew: an answer without memory could only be wrong.
 */
struct arena;

struct arena *arena_open(void);

/*
 * Says that there is no memory and exits with 71: for those who need memory
 * that is not an arena's, and would have to answer without it.
 */
_Noreturn void arena_exhausted(void);

/* Takes NULL too. */
void arena_close(struct arena *arena);

void arena_reset(struct arena *arena);

void *arena_alloc(struct arena *arena, size_t size);

/* A copy with a NUL behind it; an absent s stays absent. */
struct str arena_dup(struct arena *arena, struct str s);

/* The same for a library's border: a C string.  s holds no NUL. */
char *arena_cstr(struct arena *arena, struct str s);

#endif
