#ifndef CACHE_H
#define CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * What the process keeps of Redis, by the names that keys have there; one for
 * all sites and workers.  A value is whatever bytes its owner packed.
 *
 * It is right because somebody tells of every change (redis/tracking/tracker.h
 *calls cache_forget), and because of what happens around a question to Redis:
 *
 *	struct cache_snapshot look = cache_snapshot(cache, clock_ms());
 *	value = cache_find(cache, &look, arena, key);	- a hit; else
 *	... ask Redis, what was not found and all else ...
 *	cache_keep(cache, &look, key, value, life_ms);
 *
 * Any thread may call.
 */
struct cache;

enum { CACHE_SHARDS = 16 };

/*
 * At most so many bytes, and nothing that is older than age_ms.  NULL: no
 * memory, or no randomness for the seed.
 */
struct cache *cache_open(int64_t bytes, int64_t age_ms);
void cache_close(struct cache *cache);

/*
 * Who knows whether all that was told before now_ms (clock_ms) has been
 * forgotten, and whether changes are told at all.  To be set before anybody
 * looks; without it nothing is found and nothing is kept.
 */
void cache_trust(struct cache *cache,
    bool (*is_current)(void *arg, int64_t now_ms), void *arg);

/* What was so when somebody began to look, and when nothing was found first. */
struct cache_snapshot {
	int64_t now_ms;
	bool is_current;
	bool has_missed;
	uint64_t generations[CACHE_SHARDS]; /* then: how often each forgot */
};

/* now_ms: clock_ms.  To be had before the cache is read. */
struct cache_snapshot cache_snapshot(struct cache *cache, int64_t now_ms);

/* A copy of the value in the arena, or STR_NONE. */
struct str cache_find(struct cache *cache, struct cache_snapshot *snapshot,
    struct arena *arena, struct str key);

/*
 * Keeps what Redis said after cache_find had found nothing, for life_ms from
 * the look at most; below 0: it has no end of its own.  Not kept where anything
 * near it was forgotten since then: the value may be the one from before that
 * change.
 */
void cache_keep(struct cache *cache, const struct cache_snapshot *snapshot,
    struct str key, struct str value, int64_t life_ms);

/* The key was changed, or may have been. */
void cache_forget(struct cache *cache, struct str key);

/* Everything may have been. */
void cache_flush(struct cache *cache);

#endif
