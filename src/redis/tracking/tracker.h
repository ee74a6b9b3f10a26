#ifndef TRACKER_H
#define TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "redis/wire/breaker.h"
#include "store/cache/cache.h"

/*
 * The thread that sees to it that Redis tells this process what was changed.
 * It owns two links: one is told (redis/tracking/invalidations.h); the other
 * has told Redis to do so, and writes a probe again and again that must come
 * back on the first. Where that fails the cache is emptied and not used, and
 * both links are made anew.
 */
struct tracker;

struct tracker_options {
	struct breaker *breaker;
	struct cache *cache;
	const struct str *prefixes; /* key_prefix of each site; read at once */
	size_t prefix_count;	    /* 1 at least */
	int64_t
	    proof_ms; /* an older proof is none; asked for thrice as often */
};

/*
 * From now on the cache trusts it.  Breaker and cache outlive it.  NULL with
 * errno.
 */
struct tracker *tracker_open(const struct tracker_options *options);

/*
 * For --check-config: does all that once, without a thread.  False: why says
 * what is refused, or that no invalidation came within proof_ms.
 */
bool tracker_try(const struct tracker_options *options, char *why, size_t size);

/* Stops the thread and waits for it: proof_ms at most, and a connect. */
void tracker_close(struct tracker *tracker);

#endif
