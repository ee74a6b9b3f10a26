#ifndef CALL_H
#define CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/places.h"
#include "base/str.h"

/* A value of Redis that was read together with another one. */
struct read_ahead {
	struct str key;	  /* absent: none was */
	struct str value; /* absent: the key does not exist */
	int64_t ttl_ms;	  /* PTTL of the key */
};

/*
 * The context of one request, passed down through every layer.  The worker owns
 * it; a store keeps no pointer to it after its function returns.
 */
struct call {
	struct arena *arena;	     /* results are allocated here */
	int64_t deadline_ms;	     /* clock_ms; no wait exceeds it */
	int64_t lease_wait_until_ms; /* clock_ms; until then a lease (Scaling
					Memcache at Facebook) held by another
					request is waited for */
	/*
	 * The worker's places (base/places.h).  NULL: the thread needs none
	 * (redis/refresher.h, sessgatectl).
	 */
	struct place_claims *claims;
	bool has_asked; /* Redis was asked; whoever wants to know clears it */
	/*
	 * The handler reads the row of the session's user: Redis is asked for
	 * both at once, and the row waits in ahead for redis/users.c.
	 */
	bool wants_row;
	struct read_ahead ahead;
	/*
	 * store/cache/stores.c: the cache state at the request's first lookup
	 */
	struct cache_snapshot *snapshot;
};

/* A copy of call whose deadline is deadline_ms, if that is earlier. */
static inline struct call
call_until(const struct call *call, int64_t deadline_ms)
{
	struct call shorter = *call;

	if (shorter.deadline_ms > deadline_ms)
		shorter.deadline_ms = deadline_ms;
	return shorter;
}

#endif
