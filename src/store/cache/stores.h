#ifndef STORES_H
#define STORES_H

#include "config/conf.h"
#include "store/cache/cache.h"
#include "store/store.h"

/*
 * Stores in front of stores: sessions, generations, accounts and user rows out
 * of the cache where they are in it.  A hit says what the ports behind would
 * say now: the clock of Redis, and what a key has left to live, go on.
 *
 * What these ports write they forget before they return, so that this process
 * at least never sees what it was before.
 */
struct caching_stores;

/*
 * One worker's and one site's, as the stores behind; all three outlive it.
 * NULL: no memory.
 */
struct caching_stores *caching_stores_open(
    struct cache *cache, const struct conf *conf, const struct stores *behind);
void caching_stores_close(struct caching_stores *caching_stores);

const struct stores *caching_stores_get(
    const struct caching_stores *caching_stores);

#endif
