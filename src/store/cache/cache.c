/* Shards: each is a map with a lock and an invalidation counter. */
#include "config.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "secret/secret.h"
#include "base/siphash.h"
#include "store/cache/cache.h"
#include "store/cache/lru.h"

enum {
	LINE_BYTES = 64, /* cache line of the processor */
	AGE_PARTS = 8	 /* bounds of age differ by up to 1/8 */
};

/*
 * Aligned to a cache line, so that shards do not slow each other (false
 * sharing).
 */
struct shard {
	alignas(LINE_BYTES) pthread_mutex_t lock;
	struct lru *lru;		/* guarded by the lock */
	_Atomic uint64_t invalidations; /* written under the lock */
};

struct cache {
	unsigned char seed[SIPHASH_SEED];
	int64_t age_ms;
	bool (*is_current)(void *arg, int64_t now_ms);
	void *arg;
	struct shard shards[CACHE_SHARDS];
};

/*
 * Locks and returns a key's shard, and sets *hash.  Bits 32 to 35 of the hash
 * choose the shard, since the map uses the lowest ones.
 */
static struct shard *
shard_lock(struct cache *cache, struct str key, uint64_t *hash)
{
	struct shard *shard;

	*hash = siphash(cache->seed, key);
	shard = &cache->shards[*hash >> 32 & (CACHE_SHARDS - 1)];
	pthread_mutex_lock(&shard->lock);
	return shard;
}

static void
shard_unlock(struct shard *shard)
{
	pthread_mutex_unlock(&shard->lock);
}

struct cache *
cache_open(int64_t bytes, int64_t age_ms)
{
	struct cache *cache = aligned_alloc(LINE_BYTES, sizeof(*cache));
	bool is_whole;

	if (cache == NULL)
		return NULL;
	memset(cache, 0, sizeof(*cache));
	is_whole = secret_random(cache->seed, sizeof(cache->seed));
	cache->age_ms = age_ms;
	for (int i = 0; i < CACHE_SHARDS; i++) {
		struct shard *shard = &cache->shards[i];

		pthread_mutex_init(&shard->lock, NULL);
		shard->lru = lru_open((size_t)(bytes / CACHE_SHARDS));
		is_whole = is_whole && shard->lru != NULL;
	}
	if (is_whole)
		return cache;
	cache_close(cache);
	return NULL;
}

void
cache_close(struct cache *cache)
{
	if (cache == NULL)
		return;
	for (int i = 0; i < CACHE_SHARDS; i++) {
		lru_close(cache->shards[i].lru);
		pthread_mutex_destroy(&cache->shards[i].lock);
	}
	free(cache);
}

size_t
cache_bytes(struct cache *cache)
{
	size_t bytes = 0;

	for (int i = 0; i < CACHE_SHARDS; i++) {
		struct shard *shard = &cache->shards[i];

		pthread_mutex_lock(&shard->lock);
		bytes += lru_bytes(shard->lru);
		shard_unlock(shard);
	}
	return bytes;
}

void
cache_trust(struct cache *cache, bool (*is_current)(void *arg, int64_t now_ms),
    void *arg)
{
	cache->is_current = is_current;
	cache->arg = arg;
}

struct cache_snapshot
cache_snapshot(struct cache *cache, int64_t now_ms)
{
	return (struct cache_snapshot){
		.now_ms = now_ms,
		.is_current = cache->is_current != NULL &&
			      cache->is_current(cache->arg, now_ms),
	};
}

/*
 * Notes the counters, before Redis is asked: an invalidation from here on makes
 * the answer outdated.
 */
static void
note_miss(struct cache *cache, struct cache_snapshot *snapshot)
{
	if (snapshot->has_missed)
		return;
	for (int i = 0; i < CACHE_SHARDS; i++)
		snapshot->invalidations[i] =
		    atomic_load(&cache->shards[i].invalidations);
	snapshot->has_missed = true;
}

struct str
cache_find(struct cache *cache, struct cache_snapshot *snapshot,
    struct arena *arena, struct str key)
{
	struct shard *shard;
	struct str value;
	uint64_t hash;

	if (!snapshot->is_current)
		return STR_NONE;
	shard = shard_lock(cache, key, &hash);
	value = lru_find(shard->lru, arena, hash, key, snapshot->now_ms);
	shard_unlock(shard);
	if (str_is_none(value))
		note_miss(cache, snapshot);
	return value;
}

/*
 * The bound of age of a value.  It differs by the hash of the key, so that
 * values stored together (those of all active users after a restart) do not
 * expire together.
 */
static int64_t
age_of(const struct cache *cache, uint64_t hash)
{
	int64_t part_ms = cache->age_ms / AGE_PARTS;

	return cache->age_ms -
	       (int64_t)((hash >> 40) % (uint64_t)(part_ms + 1));
}

void
cache_keep(struct cache *cache, const struct cache_snapshot *snapshot,
    struct str key, struct str value, int64_t ttl_ms)
{
	struct shard *shard;
	uint64_t hash;
	int64_t age_ms;

	if (!snapshot->has_missed || str_is_none(value) || ttl_ms == 0)
		return;
	shard = shard_lock(cache, key, &hash);
	age_ms = age_of(cache, hash);
	if (ttl_ms < 0 || ttl_ms > age_ms)
		ttl_ms = age_ms;
	if (atomic_load(&shard->invalidations) ==
	    snapshot->invalidations[shard - cache->shards])
		lru_put(
		    shard->lru, hash, key, value, snapshot->now_ms + ttl_ms);
	shard_unlock(shard);
}

void
cache_forget(struct cache *cache, struct str key)
{
	uint64_t hash;
	struct shard *shard = shard_lock(cache, key, &hash);

	atomic_fetch_add(&shard->invalidations, 1);
	lru_forget(shard->lru, hash, key);
	shard_unlock(shard);
}

void
cache_flush(struct cache *cache)
{
	for (int i = 0; i < CACHE_SHARDS; i++) {
		struct shard *shard = &cache->shards[i];

		pthread_mutex_lock(&shard->lock);
		atomic_fetch_add(&shard->invalidations, 1);
		lru_clear(shard->lru);
		pthread_mutex_unlock(&shard->lock);
	}
}
