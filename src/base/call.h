#ifndef CALL_H
#define CALL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/places.h"

/*
 * What travels with a request through every layer.  The worker owns it; a
 * store may keep nothing of it past the call.
 */
struct call {
	struct arena *arena;	     /* memory of the answer */
	int64_t deadline_ms;	     /* clock_ms; every wait takes it */
	int64_t lease_wait_until_ms; /* until then it may wait for another's
					lease */
	/*
	 * Where places for slow work are taken; NULL: a thread that needs none
	 * (redis/refresher.h).
	 */
	struct place_claims *claims;
	/* store/cache/stores.c's: what was so when the request first looked */
	struct cache_snapshot *snapshot;
};

/* The call, with an earlier deadline if deadline_ms is one. */
static inline struct call
call_until(const struct call *call, int64_t deadline_ms)
{
	struct call shorter = *call;

	if (shorter.deadline_ms > deadline_ms)
		shorter.deadline_ms = deadline_ms;
	return shorter;
}

#endif
