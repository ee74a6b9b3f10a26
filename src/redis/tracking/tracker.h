#ifndef TRACKER_H
#define TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "redis/wire/breaker.h"
#include "store/cache/cache.h"

/*
 * Client-side caching (redis.io, client-side caching, broadcasting mode): the
 * thread that keeps invalidation of the cache working.  It owns two links.  One
 * receives invalidations (redis/tracking/invalidations.h).  The other has
 * enabled CLIENT TRACKING, and periodically writes a probe key whose
 * invalidation must arrive on the first.  If it does not, the cache is flushed
 * and not used, and both links are reopened.
 */
struct tracker;

struct tracker_options {
	struct breaker *breaker;
	struct cache *cache;
	const struct str *prefixes; /* key_prefix of each site; copied */
	size_t prefix_count;	    /* at least 1 */
	/* how long a probe that arrived is proof; sent three times as often */
	int64_t proof_ms;
};

/*
 * Starts the thread and makes the cache trust it (cache_trust).  Breaker and
 * cache outlive it.  NULL with errno.
 */
struct tracker *tracker_open(const struct tracker_options *options);

/*
 * For --check-config: enables tracking and probes once, without a thread.
 * False: why says what was refused, or that no invalidation came within
 * proof_ms.
 */
bool tracker_try(const struct tracker_options *options, char *why, size_t size);

/*
 * Stops the thread and joins it.  Waits for what it is doing: at most two
 * connects and two commands, or a probe (proof_ms).
 */
void tracker_close(struct tracker *tracker);

#endif
