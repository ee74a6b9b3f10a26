#ifndef ENDS_H
#define ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * The last ends of sessions that this process has asked Redis for, and claims
 * of one-time codes, in memory.  Replication is asynchronous: a new primary may
 * lack what the old one has acknowledged, and then the session, or the code,
 * would be valid again.  So the prober repeats them on each server that it
 * finds (redis/discovery/repeat.h).
 *
 * A ring of ENDS_MAX entries; the oldest are overwritten.  Shared by all
 * threads.
 */
struct ends;

enum { ENDS_MAX = 4096, ENDS_YOUNG_MS = 60000 };

/*
 * One end: a session that is deleted, a generation that is replaced, or a claim
 * that is written if its key is absent.
 */
struct end {
	struct str key;
	struct str text;  /* the new value; STR_NONE: the key is deleted */
	struct str old;	  /* the value to replace; STR_NONE: no key */
	struct str ttl_s; /* the TTL of the new value, in seconds */
};

/* Opens an empty ring.  NULL: no memory. */
struct ends *ends_open(void);
void ends_close(struct ends *ends);

/*
 * Notes an end.  To be called before Redis is asked: so each end that a server
 * acknowledges is already noted when that server is left.  Copies *end; nothing
 * is noted if memory is short, or if ends is NULL.
 */
void ends_note(struct ends *ends, const struct end *end);

/*
 * An end is owed if Redis was asked for it, or was to be, and has not
 * acknowledged it.  Set and clear whether any is; ends may be NULL.
 */
void ends_owe(struct ends *ends);
void ends_settle(struct ends *ends);
bool ends_are_owed(const struct ends *ends);

/*
 * Finds the first end, from *number on, that is younger than ENDS_YOUNG_MS, and
 * copies it to the arena.  *number becomes the number after it.  False: there
 * is no further end, or ends is NULL.
 */
bool ends_next(
    struct ends *ends, struct arena *arena, uint64_t *number, struct end *end);

#endif
