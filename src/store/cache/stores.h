#ifndef STORES_H
#define STORES_H

#include "config/conf.h"
#include "store/cache/cache.h"
#include "store/store.h"

/*
 * Decorator of the ports: sessions, generations, accounts and user rows come
 * from the cache if they are there.  A hit equals the answer that Redis would
 * give now: the time and the remaining TTLs are advanced.
 *
 * Every write invalidates the entry before it returns, so this process never
 * reads its own old value.
 */
struct caching_stores;

/*
 * Opens the ports for one worker and one site, like the stores behind.  All
 * three arguments outlive them.  Sets on_ended of behind->sessions.  NULL: no
 * memory.
 */
struct caching_stores *caching_stores_open(
    struct cache *cache, const struct conf *conf, const struct stores *behind);
void caching_stores_close(struct caching_stores *caching_stores);

/* The ports, valid until caching_stores_close. */
const struct stores *caching_stores_get(
    const struct caching_stores *caching_stores);

#endif
