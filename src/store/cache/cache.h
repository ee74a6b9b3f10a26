#ifndef CACHE_H
#define CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * The process-wide cache of values of Redis, by their keys in Redis; shared by
 * all sites and workers.  A value is an opaque byte string packed by the
 * caller.
 *
 * Client-side caching: redis/tracking/tracker.h calls cache_forget for every
 * key that Redis reports as changed.  A value read before a change must not be
 * stored after it, so a request proceeds like this:
 *
 *	struct cache_snapshot snapshot = cache_snapshot(cache, clock_ms());
 *	value = cache_find(cache, &snapshot, arena, key);  - a hit; else
 *	... read all of it from Redis ...
 *	cache_keep(cache, &snapshot, key, value, ttl_ms);
 *
 * All functions are thread-safe, except cache_trust and cache_close.
 */
struct cache;

enum { CACHE_SHARDS = 16 };

/*
 * Opens an empty cache.  bytes bounds its memory, age_ms the age of a value.
 * The bound of the age differs from key to key, by up to an eighth.  NULL: no
 * memory, or no randomness for the hash seed.
 */
struct cache *cache_open(int64_t bytes, int64_t age_ms);
void cache_close(struct cache *cache);

/* The memory in use, in bytes, overhead included. */
size_t cache_bytes(struct cache *cache);

/*
 * Sets the callback that says whether tracking is alive and every invalidation
 * received before now_ms (clock_ms) has been applied.  While there is none,
 * lookups miss and nothing is stored.  To be called before any lookup.
 */
void cache_trust(struct cache *cache,
    bool (*is_current)(void *arg, int64_t now_ms), void *arg);

/*
 * Snapshot of a request: the state of the cache at its first lookup, and the
 * invalidation counters of the shards at its first miss.
 */
struct cache_snapshot {
	int64_t now_ms;
	bool is_current;
	bool has_missed;
	uint64_t invalidations[CACHE_SHARDS]; /* counts at the first miss */
};

/* Takes the snapshot, before the first lookup.  now_ms: clock_ms. */
struct cache_snapshot cache_snapshot(struct cache *cache, int64_t now_ms);

/* A copy of the value in the arena; STR_NONE: not cached. */
struct str cache_find(struct cache *cache, struct cache_snapshot *snapshot,
    struct arena *arena, struct str key);

/*
 * Stores a value that Redis returned after cache_find missed.  It expires
 * ttl_ms after the snapshot, or at its bound of age if that is sooner.
 * ttl_ms below 0: the key does not expire; 0: nothing is stored.  Nothing is
 * stored either if a key of the same shard was invalidated since the first
 * miss: the value may be older than that change.
 */
void cache_keep(struct cache *cache, const struct cache_snapshot *snapshot,
    struct str key, struct str value, int64_t ttl_ms);

/* Invalidates a key that was changed, or may have been. */
void cache_forget(struct cache *cache, struct str key);

/* Invalidates everything. */
void cache_flush(struct cache *cache);

#endif
