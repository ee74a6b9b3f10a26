#ifndef ENDS_H
#define ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * The last ends of sessions that this process has asked Redis for, and claims
 * of one-time codes, in memory.  Replication is asynchronous: a new primary may
 * lack what the old one has acknowledged, and the session, or the code, would
 * be valid again.  So the prober repeats them on each server that it finds
 * (redis/where/repeat.h).
 *
 * A ring of ENDS_MAX; the oldest are overwritten.  Shared by all threads.
 */
struct ends;

enum { ENDS_MAX = 4096, ENDS_YOUNG_MS = 60000 };

/*
 * One end: a session that is deleted, a generation that is replaced, or a claim
 * that is written where there is none.
 */
struct end {
	struct str key;
	struct str text;   /* the new value; none: the key is deleted */
	struct str old;	   /* the value that it replaces; none: no key */
	struct str life_s; /* the TTL of the new value */
};

/* NULL: no memory. */
struct ends *ends_open(void);
void ends_close(struct ends *ends);

/*
 * Notes an end.  To be called before Redis is asked: so every end that a former
 * server acknowledges is known when that server is left.  Copies *end; where
 * memory is short nothing is noted.  ends NULL: does nothing.
 */
void ends_note(struct ends *ends, const struct end *end);

/*
 * Finds the first end from *number on that is younger than ENDS_YOUNG_MS, and
 * copies it to the arena.  *number becomes the number behind it.  False: there
 * is none any more, or ends is NULL.
 */
bool ends_next(
    struct ends *ends, struct arena *arena, uint64_t *number, struct end *end);

#endif
