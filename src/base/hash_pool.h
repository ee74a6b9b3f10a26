#ifndef HASH_POOL_H
#define HASH_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/places.h"

/*
 * Threads for password hashes, which take 50 to 300 ms of a processor each: a
 * storm of logins must not stop the checks.  They have a lower priority than
 * the workers, but not by much: where processors are shared by priority alone
 * and other programs use all of them, a login must still end in time.
 *
 * The jobs of a site begin in the order of their arrival.  Of several sites
 * each keeps at most its share of the threads busy (base/fair_queue.h).
 */
struct hash_pool;

/* Work for the threads that compute password hashes. */
struct hash_job {
	void (*work)(void *arg);
	/* Frees arg, its secrets wiped: called where nobody waits any more. */
	void (*discard)(void *arg);
	void *arg;
	int site;	     /* whose job it is (struct place_claims) */
	int64_t start_by_ms; /* clock_ms; not begun by then: not done */
	int64_t done_by_ms;  /* clock_ms, not before start_by_ms; waited for
				until then */
};

/* For so many sites.  NULL with errno. */
struct hash_pool *hash_pool_open(int threads, int sites);
/* Is nothing being computed, for whoever waits or for nobody?  NULL: so. */
bool hash_pool_is_idle(struct hash_pool *pool);
/* Waits for what is being computed. */
void hash_pool_close(struct hash_pool *pool);

/*
 * True: it is done, and job->arg is the caller's; false: not in time, and
 * job->arg was or will be discarded.  pool: a struct hash_pool.
 */
bool hash_pool_run(
    void *pool, struct place_claims *claims, const struct hash_job *job);

#endif
