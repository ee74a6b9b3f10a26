#ifndef HASH_POOL_H
#define HASH_POOL_H

/*
 * Threads of low priority for password hashes, which take 50 to 300 ms of a
 * processor each: a storm of logins must not stop the checks.  Whoever calls
 * holds a place of PLACE_HASH, and there are as many threads as places, so a
 * thread is always free.
 */
struct hash_pool;

/* NULL with errno. */
struct hash_pool *hash_pool_open(int threads);
void hash_pool_close(struct hash_pool *pool);

/* Runs work(arg) on a thread of the pool and returns when it is done. */
void hash_pool_run(struct hash_pool *pool, void (*work)(void *), void *arg);

#endif
