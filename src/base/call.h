#ifndef CALL_H
#define CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/places.h"
#include "base/str.h"

/*
 * A value that Redis returned together with another one, before it was asked
 * for.
 */
struct read_ahead {
	struct str key;	  /* absent: no value was read ahead */
	struct str value; /* absent: the key does not exist */
	int64_t ttl_ms;	  /* PTTL of the key */
};

/*
 * The context of one request, passed down through every layer.  The worker owns
 * it; a store keeps no pointer to it after its function returns.
 */
struct call {
	struct arena *arena; /* results are allocated here */
	int64_t deadline_ms; /* clock_ms; no wait exceeds it */
	/*
	 * clock_ms; until then a request waits for a lease (Scaling Memcache at
	 * Facebook) that another one holds
	 */
	int64_t lease_wait_until_ms;
	/*
	 * The worker's places (base/places.h).  NULL: the thread needs none
	 * (redis/refresher.h, sessgatectl).
	 */
	struct place_claims *claims;
	bool has_asked; /* a store was asked; guard_session clears it first */
	/*
	 * True if the handler reads the row of the session's user.  Redis is
	 * then asked for session and row at once, and `ahead` keeps the row for
	 * redis/users.c.
	 */
	bool wants_row;
	struct read_ahead ahead;
	/*
	 * The state of the cache at the first lookup of the request, set by
	 * store/cache/entries.c; NULL before.
	 */
	struct cache_snapshot *snapshot;
};

/* Returns a copy of call whose deadline is deadline_ms, if that is earlier. */
static inline struct call
call_until(const struct call *call, int64_t deadline_ms)
{
	struct call shorter = *call;

	if (shorter.deadline_ms > deadline_ms)
		shorter.deadline_ms = deadline_ms;
	return shorter;
}

#endif
