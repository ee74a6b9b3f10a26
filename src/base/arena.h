#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

#include "base/str.h"

/*
 * The memory of one request: allocated piece by piece, freed all at once.  Each
 * worker owns one arena as long as it runs; threads share none.
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

/* A new arena, owned by the caller (arena_close).  NULL: no memory. */
struct arena *arena_open(void);

/*
 * Writes "out of memory" to fd 2 and exits with 71 (EX_OSERR).  For code whose
 * memory is not an arena's (json-c, OpenSSL) and which could only give a wrong
 * answer without it.
 */
_Noreturn void arena_exhausted(void);

/* Wipes and frees the arena.  NULL is allowed. */
void arena_close(struct arena *arena);

/* Wipes and releases everything allocated since the last reset. */
void arena_reset(struct arena *arena);

/* Zeroed memory of size bytes, until the next reset.  Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy, followed by a NUL byte.  If s is absent, so is the result. */
struct str arena_dup(struct arena *arena, struct str s);

/* A copy as a C string, for foreign libraries.  s must hold no NUL byte. */
char *arena_cstr(struct arena *arena, struct str s);

#endif
