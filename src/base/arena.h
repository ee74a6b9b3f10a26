#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

#include "base/str.h"

/*
 * The memory of one request: allocated piece by piece, freed all at once.  Each
 * worker owns one arena as long as it runs.  An arena is not shared between
 * threads.
 *
 * Memory from an arena is zeroed, aligned for any type, and valid until the
 * next arena_reset.  arena_reset wipes it, so that passwords and tokens of one
 * request are gone before the next.
 *
 * arena_alloc never returns NULL.  The limits on parameters, body and stored
 * values bound the memory of one request (a few hundred KiB).  If the kernel
 * refuses even that, the process writes "out of memory" to fd 2 and exits with
 * 71 (EX_OSERR), and its supervisor restarts it: an answer made without memory
 * could only be wrong.
 */
struct arena;

/* Opens an arena, which the caller owns (arena_close).  NULL: no memory. */
struct arena *arena_open(void);

/*
 * Writes "out of memory" to fd 2 and exits with 71 (EX_OSERR).  It is for code
 * that allocates outside an arena (json-c, OpenSSL) and that could only give a
 * wrong answer without memory.
 */
_Noreturn void arena_exhausted(void);

/* Wipes and frees the arena.  May be NULL. */
void arena_close(struct arena *arena);

/* Wipes and releases everything allocated since the last reset. */
void arena_reset(struct arena *arena);

/*
 * Returns zeroed memory of size bytes, valid until the next reset.  Never NULL.
 */
void *arena_alloc(struct arena *arena, size_t size);

/* Returns a copy, followed by a NUL byte; STR_NONE if s is STR_NONE. */
struct str arena_dup(struct arena *arena, struct str s);

/*
 * Returns a copy as a C string, for foreign libraries.  s must hold no NUL
 * byte.
 */
char *arena_cstr(struct arena *arena, struct str s);

#endif
