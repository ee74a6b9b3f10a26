#ifndef HASH_POOL_H
#define HASH_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/places.h"

/*
 * Threads that compute password hashes.  One hash takes 50 to 300 ms of a
 * processor, and many logins at once must not delay the session checks.  So the
 * threads run as SCHED_BATCH (sched(7)): they do not preempt a worker, but keep
 * their share of the processors, because a login must end in time on a busy
 * host, too.
 *
 * The jobs of a site start in the order of their arrival.  Each of several
 * sites keeps at most its share of the threads busy (base/fair_queue.h).
 */
struct hash_pool;

/* One password hash to compute. */
struct hash_job {
	void (*work)(void *arg);
	/*
	 * Wipes and frees arg.  The pool calls it if the caller of
	 * hash_pool_run has given up.
	 */
	void (*discard)(void *arg);
	void *arg;
	int site;	     /* the site's number (struct place_claims) */
	int64_t start_by_ms; /* clock_ms; a job that has not started by then is
				dropped */
	int64_t done_by_ms;  /* clock_ms, at least start_by_ms; hash_pool_run
				waits for a started job until then */
};

/* Opens a pool for so many sites.  NULL with errno. */
struct hash_pool *hash_pool_open(int threads, int sites);
/*
 * True if no hash is being computed, not even one whose caller has given up.
 * pool may be NULL.
 */
bool hash_pool_is_idle(struct hash_pool *pool);
/*
 * Waits for all jobs that are queued or running, then frees the pool.  No call
 * of hash_pool_run may be in progress.  pool may be NULL.
 */
void hash_pool_close(struct hash_pool *pool);

/*
 * Runs the job on a thread of the pool and waits for it, after
 * place_before_wait(claims).  True: it is done, and the caller owns job->arg.
 * False: it was not done in time, or there is no memory; the pool frees
 * job->arg with job->discard.  pool is a struct hash_pool.
 */
bool hash_pool_run(
    void *pool, struct place_claims *claims, const struct hash_job *job);

#endif
